package boltstore

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cognitokit/auth/authtest"
)

var _ authtest.Storage = (*Store)(nil)

const (
	// variableServe makes the test binary a server with a store in its working
	// directory, until its input ends or it is killed.
	variableServe = "BOLTSTORE_SERVE"

	// variableKills is how often TestKilled kills the server.
	variableKills = "BOLTSTORE_KILLS"
)

func TestMain(m *testing.M) {
	if os.Getenv(variableServe) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const (
	poolID   = "eu-west-1_AbC123def"
	clientID = "client1"
	password = "Passw0rd!"
)

// serve serves the pool of a store, and prints where.
func serve() error {
	store, err := Open(".")
	if err != nil {
		return err
	}
	s, err := authtest.NewStandaloneServer(authtest.ServerConfig{Storage: store})
	if err != nil {
		return err
	}
	if len(s.Pools()) == 0 {
		_, err := s.AddPool(authtest.Config{
			PoolID: poolID, ClientID: clientID, RotateRefreshTokens: true, ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword},
		})
		if err != nil {
			return err
		}
	}
	fmt.Println(s.Start())
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Close()
	return errors.Join(err, store.Close())
}

// A process is a server in a process of its own.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
}

func start(t *testing.T, dir string) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(t.Context(), binary)}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = dir, append(os.Environ(), variableServe+"=1"), os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server has not started: %v, %v", err, p.cmd.Wait())
	}
	p.url = strings.TrimSpace(line)
	return p
}

// kill ends the process as a power cut would, but for the disk.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err == nil {
		t.Fatal("the server ended by itself")
	}
}

// An account is a user of the pool to whom things are done, with what the
// server has acknowledged of them.
type account struct {
	client *http.Client
	name   string
	number int // another one comes after a deletion
	steps  int

	exists         bool
	value          int // of an attribute
	access         string
	valid, revoked []string // refresh tokens
	deleted        []string // usernames

	doubt doubt
}

// A doubt is a change that was under way when the server was killed: it may have
// been made or not.
type doubt struct {
	operation string
	value     int
	token     string
}

type answer struct {
	Type                 string `json:"__type"`
	Message              string `json:"message"`
	AuthenticationResult struct{ AccessToken, RefreshToken string }
	UserAttributes       []struct{ Name, Value string }
}

var errGone = errors.New("the server is gone")

// post sends an operation. The error is that there was no answer.
func (u *account) post(url, operation string, body map[string]any) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
	res, err := u.client.Do(r)
	if err != nil {
		return answer{}, errGone
	}
	defer res.Body.Close()
	body2, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, errGone
	}
	var a answer
	if len(body2) > 0 {
		err = json.Unmarshal(body2, &a)
	}
	return a, err
}

func (u *account) username() string { return u.name + strconv.Itoa(u.number) }

// change makes a change, and remembers it when it has been acknowledged.
func (u *account) change(url string, d doubt, body map[string]any, made func(answer)) error {
	u.doubt = d
	a, err := u.post(url, d.operation, body)
	if err == nil && a.Type != "" {
		err = fmt.Errorf("%s: %s: %s", d.operation, a.Type, a.Message)
	}
	if err != nil {
		return err
	}
	made(a)
	u.doubt = doubt{}
	return nil
}

// step makes the next change.
func (u *account) step(url string) error {
	u.steps++
	admin := map[string]any{"UserPoolId": poolID, "Username": u.username()}
	switch {
	case !u.exists:
		admin["MessageAction"] = "SUPPRESS"
		return u.change(url, doubt{operation: "AdminCreateUser"}, admin, func(answer) { u.exists, u.value = true, 0 })
	case len(u.valid) < 2:
		admin["Password"], admin["Permanent"] = password, true
		if err := u.change(url, doubt{operation: "AdminSetUserPassword"}, admin, func(answer) {}); err != nil {
			return err
		}
		return u.change(url, doubt{operation: "InitiateAuth"}, map[string]any{
			"ClientId": clientID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": map[string]any{"USERNAME": u.username(), "PASSWORD": password},
		}, func(a answer) {
			u.access, u.valid = a.AuthenticationResult.AccessToken, append(u.valid, a.AuthenticationResult.RefreshToken)
		})
	case u.steps%17 == 0:
		return u.change(url, doubt{operation: "AdminDeleteUser"}, admin, func(answer) { u.goOn() })
	case u.steps%5 == 0:
		token := u.valid[0] // the newest is the one that the access token came with
		return u.change(url, doubt{operation: "RevokeToken", token: token}, map[string]any{"ClientId": clientID, "Token": token}, func(answer) {
			u.valid, u.revoked = u.valid[1:], append(u.revoked, token)
		})
	default:
		value := u.value + 1
		return u.change(url, doubt{operation: "UpdateUserAttributes", value: value}, map[string]any{
			"AccessToken": u.access, "UserAttributes": []map[string]any{{"Name": "name", "Value": strconv.Itoa(value)}},
		}, func(answer) { u.value = value })
	}
}

// goOn goes on with another user after one was deleted.
func (u *account) goOn() {
	u.deleted = append(u.deleted, u.username())
	u.exists, u.valid, u.access = false, nil, ""
	u.number++
}

// check compares what the server has with what it has acknowledged, and
// settles the doubt.
func (u *account) check(t *testing.T, url string) {
	t.Helper()
	ask := func(operation string, body map[string]any) answer {
		a, err := u.post(url, operation, body)
		if err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
		return a
	}
	get := func(name string) (a answer, found bool) {
		a = ask("AdminGetUser", map[string]any{"UserPoolId": poolID, "Username": name})
		if a.Type != "" && a.Type != "UserNotFoundException" {
			t.Fatalf("%s: %s: %s", name, a.Type, a.Message)
		}
		return a, a.Type == ""
	}
	refresh := func(token string) (a answer, valid bool) {
		a = ask("GetTokensFromRefreshToken", map[string]any{"ClientId": clientID, "RefreshToken": token})
		return a, a.Type == ""
	}
	d := u.doubt
	u.doubt = doubt{}
	// The last ones will do: those before were looked at in earlier rounds.
	u.deleted, u.revoked = last(10, u.deleted), last(10, u.revoked)
	for _, name := range u.deleted {
		if _, found := get(name); found {
			t.Errorf("%s was deleted and is there", name)
		}
	}
	for _, token := range u.revoked {
		if _, valid := refresh(token); valid {
			t.Errorf("%s: a token that was revoked is valid", u.username())
		}
	}
	found, exists := get(u.username())
	switch {
	case exists && d.operation == "AdminCreateUser":
		u.exists, u.value = true, 0
	case !exists && d.operation == "AdminDeleteUser":
		u.goOn()
	case exists != u.exists:
		t.Errorf("%s is there: %t, want %t", u.username(), exists, u.exists)
	}
	if !u.exists {
		return
	}
	value := 0
	for _, attribute := range found.UserAttributes {
		if attribute.Name == "name" {
			value, _ = strconv.Atoi(attribute.Value)
		}
	}
	if value != u.value && (d.operation != "UpdateUserAttributes" || value != d.value) {
		t.Errorf("%s: the attribute is %d, want %d, or %d because of %s", u.username(), value, u.value, d.value, d.operation)
	}
	u.value = value
	var valid []string
	for _, token := range u.valid {
		switch a, ok := refresh(token); {
		case ok:
			u.access, valid = a.AuthenticationResult.AccessToken, append(valid, a.AuthenticationResult.RefreshToken)
		case token == d.token:
			u.revoked = append(u.revoked, token)
		default:
			t.Errorf("%s: a token that was given is refused: %s: %s", u.username(), a.Type, a.Message)
		}
	}
	u.valid = valid
}

// TestKilled kills a server over and over while accounts change. Everything
// that it has acknowledged is there when it is started again.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := 20
	if text := os.Getenv(variableKills); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	users := make([]*account, 6)
	for i := range users {
		users[i] = &account{client: &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}, name: string(rune('a' + i))}
	}
	for round := range kills {
		server := start(t, dir)
		for _, u := range users {
			u.check(t, server.url)
		}
		if t.Failed() {
			t.Fatalf("after %d kills", round)
		}
		// Each round has a death of its own, the first of them at once.
		load(t, users, server.url, round*37%60, func() { server.kill(t) })
	}
}

// load makes changes to all accounts at once, and kills the server in the midst
// of them when some have been acknowledged.
func load(t *testing.T, users []*account, url string, changes int, kill func()) {
	t.Helper()
	var left atomic.Int64
	left.Store(int64(changes))
	enough := make(chan struct{})
	if changes == 0 {
		close(enough)
	}
	var wg sync.WaitGroup
	for _, u := range users {
		wg.Go(func() {
			defer u.client.CloseIdleConnections()
			for {
				err := u.step(url)
				if err != nil {
					if !errors.Is(err, errGone) {
						t.Error(err)
					}
					return
				}
				if left.Add(-1) == 0 {
					close(enough)
				}
			}
		})
	}
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		wg.Wait()
	}()
	select {
	case <-enough:
	case <-idle: // they have all failed
	}
	kill()
	<-idle
}

func last(n int, list []string) []string { return list[max(0, len(list)-n):] }
