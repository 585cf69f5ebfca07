package control

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/authtest"
)

func TestPools(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.server.NewPool(authtest.Config{Name: "other", UsernameAttributes: []string{"email"}})
	pools := get[struct{ Pools []Pool }](f, "GET", "pools", "").Pools
	if len(pools) != 2 || pools[0].ID != poolID || pools[1].Name != "other" || !cmp.Equal(pools[1].UsernameAttributes, []string{"email"}) {
		t.Errorf("got pools %+v", pools)
	}
	pool := get[Pool](f, "GET", "pools/"+poolID, "")
	if diff := cmp.Diff(pools[0], pool); diff != "" {
		t.Errorf("pool (-listed +described):\n%s", diff)
	}
	clients := get[struct{ Clients []Client }](f, "GET", "pools/"+poolID+"/clients", "").Clients
	if diff := cmp.Diff(pool.Clients, clients); diff != "" {
		t.Errorf("clients (-described +listed):\n%s", diff)
	}
	if clients[0].ID != clientID || clients[0].HasSecret || clients[0].CallbackURLs == nil {
		t.Errorf("got client %+v", clients[0])
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const users = "pools/" + poolID + "/users"
	ana := get[User](f, "POST", users, `{
		"username": "ana/ana?", "email": "ana@example.com", "password": "`+password+`", "totp": true, "groups": ["admins"],
		"attributes": {"given_name": "Ana"}
	}`)
	if ana.Username != "ana/ana?" || ana.Sub == "" || ana.Status != "CONFIRMED" || !ana.Enabled || ana.Attributes["given_name"] != "Ana" ||
		!ana.Factors.Password || !cmp.Equal(ana.Factors.SecondFactors, []authtest.MFAFactor{"SOFTWARE_TOKEN_MFA"}) || !cmp.Equal(ana.Groups, []string{"admins"}) {
		t.Errorf("got %+v", ana)
	}
	for _, name := range []string{"ana%2Fana%3F", ana.Sub} {
		if diff := cmp.Diff(ana, get[User](f, "GET", users+"/"+name, "")); diff != "" {
			t.Errorf("%s (-created +described):\n%s", name, diff)
		}
	}
	if code := get[struct{ Code string }](f, "GET", users+"/"+ana.Sub+"/totp", "").Code; len(code) != 6 {
		t.Errorf("got code %q", code)
	}
	for i := range 5 {
		f.signUp("user" + strconv.Itoa(i))
	}
	var names []string
	for after := ""; ; {
		page := get[struct {
			Users []User
			Next  uint64
		}](f, "GET", users+"?search=user&limit=2&after="+after, "")
		for _, u := range page.Users {
			names = append(names, u.Username)
		}
		if page.Next == 0 {
			break
		}
		after = strconv.FormatUint(page.Next, 10)
	}
	if diff := cmp.Diff([]string{"user0", "user1", "user2", "user3", "user4"}, names); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestUserActions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.signUp("ana")
	act := func(action, body string) User {
		return get[User](f, "POST", "pools/"+poolID+"/users/ana/"+action, body)
	}
	signIn := func(want string) {
		t.Helper()
		if got := f.signIn("ana"); got != want {
			t.Errorf("signing in: got %q, want %q", got, want)
		}
	}
	signIn("UserNotConfirmedException")
	if got := act("confirm", "").Status; got != "CONFIRMED" {
		t.Errorf("got status %s", got)
	}
	signIn("")
	if act("disable", "{}").Enabled {
		t.Error("the user is enabled")
	}
	signIn("NotAuthorizedException")
	if !act("enable", "").Enabled {
		t.Error("the user is disabled")
	}
	act("sign-out", "")
	if got := act("set-password", `{"password":"Another-horse-2","temporary":true}`).Status; got != "FORCE_CHANGE_PASSWORD" {
		t.Errorf("got status %s", got)
	}
	signIn("NotAuthorizedException")
	act("set-password", `{"password":"`+password+`"}`)
	signIn("")
	if status, _, text := f.call("DELETE", "pools/"+poolID+"/users/ana", ""); status != http.StatusNoContent || text != "" {
		t.Errorf("deleting: got %d %s", status, text)
	}
	signIn("UserNotFoundException")
}

// TestThreats scripts what threat protection finds.
func TestThreats(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.pool.AddUser(authtest.User{Name: "ana"})
	for _, level := range []authtest.RiskLevel{authtest.RiskHigh, authtest.RiskNone} {
		if got := get[User](f, "POST", "pools/"+poolID+"/users/ana/set-risk", `{"level":"`+string(level)+`"}`).Risk; got != level {
			t.Errorf("got risk %q, want %q", got, level)
		}
	}
	before, _ := f.pool.Account("ana")
	if before.Risk != authtest.RiskNone {
		t.Errorf("got risk %q", before.Risk)
	}
	if status, _, text := f.call("POST", "pools/"+poolID+"/compromised-passwords", `{"passwords":["x","y"]}`); status != http.StatusNoContent || text != "" {
		t.Errorf("compromised passwords: got %d %s", status, text)
	}
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.pool.AddUser(authtest.User{Name: "ana", Email: "ana@example.com"})
	if got := get[User](f, "POST", "pools/"+poolID+"/users/ana/reset-password", "").Status; got != "RESET_REQUIRED" {
		t.Errorf("got status %s", got)
	}
	sent := get[inbox](f, "GET", "messages?kind=ForgotPassword", "")
	if len(sent.Messages) != 1 || sent.Messages[0].Code != f.pool.Code("ana") {
		t.Errorf("got messages %+v", sent)
	}
}

type inbox struct {
	Messages []Message
	Last     int64
}

// TestMessageWithLink signs up where a link confirms, and follows it.
func TestMessageWithLink(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	linked := f.server.NewPool(authtest.Config{ClientID: "client2", Domain: "people", DefaultEmailOption: authtest.ConfirmWithLink})
	f.operate("SignUp", `{"ClientId":"client2","Username":"ana","Password":"`+password+`","UserAttributes":[{"Name":"email","Value":"ana@example.com"}]}`)
	sent := get[inbox](f, "GET", "messages?user=ana", "")
	if len(sent.Messages) != 1 || !strings.Contains(sent.Messages[0].Link, "confirmation_code="+sent.Messages[0].Code) {
		t.Fatalf("got %+v", sent)
	}
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, sent.Messages[0].Link, http.NoBody))
	if u, _ := linked.User("ana"); w.Code != http.StatusOK || u.Status != authtest.StatusConfirmed {
		t.Errorf("got status %d, user %s", w.Code, u.Status)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"ana", "ben", "eve"} {
		f.signUp(name)
	}
	all := get[inbox](f, "GET", "messages", "")
	if len(all.Messages) != 3 || all.Last != all.Messages[2].ID {
		t.Fatalf("got %+v", all)
	}
	ana := all.Messages[0]
	want := Message{
		ID: ana.ID, Pool: poolID, Username: "ana", Sub: ana.Sub, Kind: "SignUp", Medium: "EMAIL", Destination: "ana@example.com", Attribute: "email",
		Code: f.pool.Code("ana"), Subject: f.pool.Inbox("ana")[0].Subject, Body: f.pool.Inbox("ana")[0].Body, Time: ana.Time,
	}
	if diff := cmp.Diff(want, ana); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		query string
		want  []string
		last  int64
	}{
		{"?pool=" + poolID, []string{"ana", "ben", "eve"}, all.Last},
		{"?user=ben%40example.com", []string{"ben"}, all.Messages[1].ID},
		{"?kind=SignUp&limit=2", []string{"ben", "eve"}, all.Last},
		{"?kind=Authentication", nil, 0},
		{"?limit=0", nil, all.Last},
		{fmt.Sprintf("?after=%d", all.Messages[1].ID), []string{"eve"}, all.Last},
		{fmt.Sprintf("?after=%d", all.Last), nil, all.Last},
	} {
		got := get[inbox](f, "GET", "messages"+tt.query, "")
		var names []string
		for _, m := range got.Messages {
			names = append(names, m.Username)
		}
		if !cmp.Equal(names, tt.want) || got.Last != tt.last || got.Messages == nil {
			t.Errorf("%s: got %v, last %d; want %v, last %d", tt.query, names, got.Last, tt.want, tt.last)
		}
	}
}

// TestMessagesWait waits for a message that comes, for one that does not, and
// not at all where there is one.
func TestMessagesWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.signUp("ana")
		start := time.Now()
		if got := get[inbox](f, "GET", "messages?user=ana&wait=30s", ""); len(got.Messages) != 1 || time.Since(start) != 0 {
			t.Errorf("got %d messages after %v", len(got.Messages), time.Since(start))
		}
		time.AfterFunc(5*time.Second, func() { f.signUp("ben") })
		if got := get[inbox](f, "GET", "messages?user=ben&wait=30s", ""); len(got.Messages) != 1 || time.Since(start) != 5*time.Second {
			t.Errorf("got %d messages after %v", len(got.Messages), time.Since(start))
		}
		if got := get[inbox](f, "GET", "messages?user=eve&wait=30s", ""); len(got.Messages) != 0 || time.Since(start) != 35*time.Second {
			t.Errorf("got %d messages after %v", len(got.Messages), time.Since(start))
		}
	})
}

// TestMessagesWaitEndsWithRequest sees that nobody waits for a client that is
// gone.
func TestMessagesWaitEndsWithRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, Prefix+"messages?wait=1m", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		answer := func() (any, error) { return f.api.listMessages(r) }
		if _, err := answer(); err != nil || time.Since(start) != time.Second {
			t.Errorf("got error %v after %v", err, time.Since(start))
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		for _, want := range []string{"1h0m0s", "1h1m30s"} {
			body := map[string]string{"1h0m0s": "1h", "1h1m30s": "90s"}[want]
			if got := get[Clock](f, "POST", "clock", `{"advance":"`+body+`"}`); got.Ahead != want {
				t.Errorf("got %+v, want %s", got, want)
			}
		}
		if got := get[Clock](f, "GET", "clock", ""); got.Ahead != "1h1m30s" || !got.Now.Equal(time.Now().Add(61*time.Minute+30*time.Second)) {
			t.Errorf("got %+v at %v", got, time.Now())
		}
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.pool.AddUser(authtest.User{Name: "ana", Password: password})
	list := func() []ScriptedFault { return get[struct{ Faults []ScriptedFault }](f, "GET", "faults", "").Faults }
	first := get[ScriptedFault](f, "POST", "faults", `{"operation":"InitiateAuth","code":"TooManyRequestsException","message":"Rate exceeded","status":429,"times":2}`)
	second := get[ScriptedFault](f, "POST", "faults", `{"pool":"eu-west-1_other","clientId":"c","username":"u","delay":"1m30s","dropResponse":true,"times":-1}`)
	want := []ScriptedFault{
		{ID: first.ID, Fault: Fault{Operation: "InitiateAuth", Code: "TooManyRequestsException", Message: "Rate exceeded", Status: 429, Times: 2}},
		{ID: second.ID, Fault: Fault{Pool: "eu-west-1_other", ClientID: "c", Username: "u", Delay: "1m30s", DropResponse: true, Times: -1}},
	}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if got := f.signIn("ana"); got != "TooManyRequestsException" {
		t.Errorf("got %q", got)
	}
	want[0].Times, want[0].Hits = 1, 1
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("faults after a hit (-want +got):\n%s", diff)
	}
	if status, _, _ := f.call("DELETE", fmt.Sprintf("faults/%d", first.ID), ""); status != http.StatusNoContent {
		t.Errorf("removing: got status %d", status)
	}
	if got := f.signIn("ana"); got != "" {
		t.Errorf("got %q", got)
	}
	for _, fault := range []string{`{"html":true}`, `{"dropRequest":true}`, `{"html":true,"status":403}`} {
		get[ScriptedFault](f, "POST", "faults", fault)
	}
	if got := len(list()); got != 4 {
		t.Errorf("got %d faults", got)
	}
	if status, _, _ := f.call("DELETE", "faults", ""); status != http.StatusNoContent || len(list()) != 0 {
		t.Errorf("removing all: got status %d, %d are left", status, len(list()))
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range maxFaults {
		f.server.Inject(authtest.Throttle())
	}
	if status, _, text := f.call("POST", "faults", `{"html":true}`); status != http.StatusBadRequest {
		t.Errorf("got %d %s", status, text)
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.signUp("ana")
	f.signIn("ana")
	f.operate("GetUser", `{"AccessToken":"x"}`)
	type history struct {
		Requests []Request
		Last     int64
	}
	all := get[history](f, "GET", "requests", "")
	for i := range all.Requests {
		r := &all.Requests[i]
		if r.ID == 0 || r.Time.IsZero() {
			t.Errorf("got %+v", r)
		}
	}
	var got []string
	for _, r := range all.Requests {
		got = append(got, fmt.Sprintf("%s %s %d %s", r.Operation, r.Pool, r.Status, r.Code))
	}
	want := []string{
		"SignUp " + poolID + " 200 ", "InitiateAuth " + poolID + " 400 UserNotConfirmedException", "GetUser  400 NotAuthorizedException",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if text := all.Requests[0].Text; text != `SignUp {"ClientId": "client1", "Password": "***", "UserAttributes": [{"Name": "***", "Value": "***"}], "Username": "***"}` {
		t.Errorf("got text %s", text)
	}
	for query, want := range map[string]int{
		"?pool=" + poolID: 2, "?operation=SignUp": 1, "?limit=1": 1, "?pool=other": 0,
		fmt.Sprintf("?after=%d", all.Requests[0].ID): 2,
	} {
		if got := get[history](f, "GET", "requests"+query, ""); len(got.Requests) != want || got.Requests == nil {
			t.Errorf("%s: got %d requests, want %d", query, len(got.Requests), want)
		}
	}
}
