package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/authtest"
)

const seedFile = `{"pools": [{
  "poolId": "eu-west-1_seeded", "clients": [{"clientId": "seeded"}],
  "users": [{"name": "eve", "password": "correct horse", "email": "eve@example.com"}]
}]}`

type poolList struct{ Pools []Pool }

func (l poolList) ids() []string {
	var ids []string
	for _, p := range l.Pools {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestSeed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if got := get[poolList](f, "POST", "seed", seedFile).ids(); !cmp.Equal(got, []string{poolID, "eu-west-1_seeded"}) {
		t.Errorf("got pools %v", got)
	}
	if got := get[User](f, "GET", "pools/eu-west-1_seeded/users/eve", ""); got.Email != "eve@example.com" {
		t.Errorf("got user %+v", got)
	}
	if status, _, text := f.call("POST", "seed", seedFile); status != http.StatusConflict || !strings.Contains(text, `"code":"Conflict"`) {
		t.Errorf("a second time: got %d %s", status, text)
	}
}

// TestSeedProblems sees that every problem is told with its line.
func TestSeedProblems(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	status, _, text := f.call("POST", "seed", "{\"pools\": [\n{\"poolId\": 7},\n{\"nonsense\": true}]}")
	var got problem
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusBadRequest || got.Code != "BadRequest" || len(got.Problems) != 2 {
		t.Fatalf("got %d %s, error %v", status, text, err)
	}
	for i, p := range got.Problems {
		if p.Line != i+2 || p.Field == "" || p.Message == "" || !strings.Contains(got.Message, p.Message) {
			t.Errorf("got problem %+v in %q", p, got.Message)
		}
	}
	for name, want := range map[string]int{"": 415, "{": 400} {
		status, _, text := f.call("POST", "seed", name)
		if status != want {
			t.Errorf("%q: got %d %s", name, status, text)
		}
	}
}

// TestExportImport takes a state from one sandbox to another.
func TestExportImport(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t)
	from.signUp("ana")
	to.signUp("ben")
	get[Clock](from, "POST", "clock", `{"advance":"1h"}`)
	status, header, state := from.call("GET", "export", "")
	if status != http.StatusOK || header.Get("Content-Type") != "application/json" || !json.Valid([]byte(state)) {
		t.Fatalf("got %d %s", status, state)
	}
	if got := get[poolList](to, "POST", "import", state).ids(); !cmp.Equal(got, []string{poolID}) {
		t.Errorf("got pools %v", got)
	}
	if got := get[User](to, "GET", "pools/"+poolID+"/users/ana", ""); got.Status != "UNCONFIRMED" {
		t.Errorf("got user %+v", got)
	}
	if status, _, _ := to.call("GET", "pools/"+poolID+"/users/ben", ""); status != http.StatusNotFound {
		t.Errorf("the user of before is there, with status %d", status)
	}
	if diff := cmp.Diff(get[inbox](from, "GET", "messages", ""), get[inbox](to, "GET", "messages", "")); diff != "" {
		t.Errorf("messages (-exported +imported):\n%s", diff)
	}
	if got := get[Clock](to, "GET", "clock", "").Ahead; got != "1h0m0s" {
		t.Errorf("the clock is ahead by %s", got)
	}
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"nothing": {"", 415}, "no state": {"{}", 400}, "cut off": {state[:len(state)/2], 400},
		"of another version": {strings.Replace(state, `"version": 1`, `"version": 2`, 1), 400},
	} {
		if status, _, text := to.call("POST", "import", tt.body); status != tt.status {
			t.Errorf("%s: got %d %s", name, status, text)
		}
	}
	if status, _, _ := to.call("GET", "pools/"+poolID+"/users/ana", ""); status != http.StatusOK {
		t.Errorf("after failed imports the user is there with status %d", status)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.signUp("ana")
	get[Clock](f, "POST", "clock", `{"advance":"1h"}`)
	get[ScriptedFault](f, "POST", "faults", `{"html":true}`)
	if got := get[poolList](f, "POST", "reset", "").ids(); len(got) != 0 {
		t.Errorf("got pools %v", got)
	}
	for path, want := range map[string]string{
		"messages": `{"messages":[],"last":0}`, "faults": `{"faults":[]}`, "requests": `{"requests":[],"last":0}`,
	} {
		if _, _, text := f.call("GET", path, ""); strings.TrimSpace(text) != want {
			t.Errorf("%s: got %s", path, text)
		}
	}
	if got := get[Clock](f, "GET", "clock", "").Ahead; got != "0s" {
		t.Errorf("the clock is ahead by %s", got)
	}

	f.api.cfg.Begin = func() error {
		f.server.NewPool(authtest.Config{PoolID: "eu-west-1_again"})
		return nil
	}
	if got := get[poolList](f, "POST", "reset", "{}").ids(); !cmp.Equal(got, []string{"eu-west-1_again"}) {
		t.Errorf("got pools %v", got)
	}
	f.api.cfg.Begin = func() error { return errors.New("planted") }
	if status, _, text := f.call("POST", "reset", ""); status != http.StatusInternalServerError || strings.Contains(text, "planted") {
		t.Errorf("got %d %s", status, text)
	}
}

// brokenStorage takes what a server begins with, and nothing more.
type brokenStorage struct{ broken bool }

func (*brokenStorage) Load(func(string, []byte) error) error { return nil }

func (s *brokenStorage) Apply(map[string][]byte) error {
	if s.broken {
		return errors.New("planted")
	}
	return nil
}

// TestStorageFails sees what is told of a disk that is full.
func TestStorageFails(t *testing.T) {
	t.Parallel()
	storage := &brokenStorage{}
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{Storage: storage})
	if err != nil {
		t.Fatal(err)
	}
	pool := server.NewPool(authtest.Config{PoolID: poolID})
	f := &fixture{t, server, pool, New(server, Config{})}
	pool.AddUser(authtest.User{Name: "ana"})
	if got := get[Health](f, "GET", "health", "").Status; got != "ok" {
		t.Errorf("got status %q", got)
	}
	storage.broken = true
	for _, path := range []string{"pools/" + poolID + "/users/ana/disable", "pools/" + poolID + "/users/ana/enable", "reset"} {
		if status, _, text := f.call("POST", path, ""); status != http.StatusInternalServerError || strings.Contains(text, "planted") {
			t.Errorf("%s: got %d %s", path, status, text)
		}
	}
	if status, _, text := f.call("GET", "health", ""); status != http.StatusServiceUnavailable || !strings.Contains(text, `"status":"failed"`) {
		t.Errorf("health: got %d %s", status, text)
	}
}
