package authtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cognitokit/auth"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   Fault
		status  int
		code    string
		type_   string
		broken  bool
		created bool // whether the sign-up happened
	}{
		{name: "throttle", fault: Throttle(), status: 400, code: "TooManyRequestsException", type_: "application/x-amz-json-1.1"},
		{name: "status", fault: Fault{Code: "TooManyRequestsException", Status: 429}, status: 429, code: "TooManyRequestsException", type_: "application/x-amz-json-1.1"},
		{name: "server error", fault: Fault{Code: "InternalErrorException"}, status: 500, code: "InternalErrorException", type_: "application/x-amz-json-1.1"},
		{name: "page", fault: Fault{HTML: true}, status: 503, type_: "text/html; charset=utf-8"},
		{name: "page of a firewall", fault: Fault{HTML: true, Status: 403}, status: 403, type_: "text/html; charset=utf-8"},
		{name: "dropped request", fault: Fault{DropRequest: true}, broken: true},
		{name: "dropped response", fault: Fault{DropResponse: true}, broken: true, created: true},
		{name: "delay", fault: Fault{Delay: time.Minute}, status: 200, type_: "application/x-amz-json-1.1", created: true},
		{name: "nothing", fault: Fault{}, status: 200, type_: "application/x-amz-json-1.1", created: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPool(t, Config{})
				p.Inject(tt.fault)
				start := time.Now()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/",
					strings.NewReader(`{"ClientId":"client1","Username":"ana","Password":"Passw0rd!"}`))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/x-amz-json-1.1")
				r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")
				res, err := p.HTTPClient().Do(r)
				if (err != nil) != tt.broken {
					t.Fatalf("got error %v", err)
				}
				if got := time.Since(start); got != tt.fault.Delay {
					t.Errorf("took %v, want %v", got, tt.fault.Delay)
				}
				if !tt.broken {
					defer res.Body.Close()
					if res.StatusCode != tt.status || res.Header.Get("Content-Type") != tt.type_ {
						t.Errorf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
					}
					body, err := io.ReadAll(res.Body)
					if err != nil {
						t.Fatal(err)
					}
					if tt.fault.HTML && !strings.HasPrefix(string(body), "<html>") {
						t.Errorf("page: got %s", body)
					}
				}
				if _, created := p.User("ana"); created != tt.created {
					t.Errorf("user created: got %t, want %t", created, tt.created)
				}
				wantStatus := tt.status
				if tt.created {
					wantStatus = 200
				}
				if got := p.Requests(); len(got) != 1 || got[0].Status != wantStatus || got[0].Code != tt.code {
					t.Errorf("recorded: got %v, status %d", got, got[0].Status)
				}
				// A fault hits once unless it says otherwise.
				ok(t, p, "SignUp", signUpBody("bob", "bob@example.com"))
			})
		})
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	p.AddUser(User{Name: "bob", Password: testPassword})
	code := func(name string) string { return post(t, p, "InitiateAuth", withPassword(name, testPassword)).code() }

	p.FailNext("RespondToAuthChallenge", auth.ErrTooManyRequests)
	p.FailNext("InitiateAuth", auth.ErrForbidden)
	p.Inject(Fault{Operation: "InitiateAuth", Code: "InternalErrorException", Times: 2, Match: func(r Request) bool {
		parameters, _ := r.Body["AuthParameters"].(map[string]any)
		return parameters["USERNAME"] == "bob"
	}})
	for i, want := range []string{"ForbiddenException", "", "", "InternalErrorException", "InternalErrorException", ""} {
		name := "ana"
		if i > 2 {
			name = "bob"
		}
		if got := code(name); got != want {
			t.Errorf("request %d: got %q, want %q", i, got, want)
		}
	}
	remove := p.Inject(Fault{Code: "InternalErrorException", Times: -1})
	for range 10 {
		if got := code("ana"); got != "InternalErrorException" {
			t.Fatalf("got %q", got)
		}
	}
	remove()
	remove()
	if got := code("ana"); got != "" {
		t.Errorf("after its removal: got %q", got)
	}
}

func TestDelayEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{})
		p.Inject(Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://pool.test/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		res, err := p.HTTPClient().Do(r)
		if err == nil {
			res.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

// TestFaultsOfDocuments breaks the documents that are fetched with GET.
func TestFaultsOfDocuments(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	for _, operation := range []string{OperationJWKS, OperationDiscovery} {
		p.Inject(Fault{Operation: operation, Code: "InternalErrorException"})
	}
	for _, name := range []string{"jwks.json", "openid-configuration"} {
		if a := get(t, p, p.Issuer()+"/.well-known/"+name); a.status != 500 {
			t.Errorf("%s: got %d", name, a.status)
		}
		if a := get(t, p, p.Issuer()+"/.well-known/"+name); a.status != 200 || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s", name, a.status, a.header.Get("Content-Type"))
		}
	}
}

func TestFaultScript(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddFault(Fault{Operation: "GetUser", Times: 2})
	p.Inject(Throttle())
	removeLast := p.Inject(Fault{Operation: "SignUp", Times: -1})
	want := func(step string, want ...ScriptedFault) {
		t.Helper()
		if diff := cmp.Diff(want, p.Faults(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	throttle := Throttle()
	throttle.Times = 1
	signUp := Fault{Operation: "SignUp", Times: -1}
	want("at first", ScriptedFault{Fault{Operation: "GetUser", Times: 2}, 1, 0}, ScriptedFault{throttle, 2, 0}, ScriptedFault{signUp, 3, 0})
	post(t, p, "GetUser", m{})
	post(t, p, "SignUp", m{})
	post(t, p, "SignUp", m{})
	want("after three requests", ScriptedFault{Fault{Operation: "GetUser", Times: 1}, 1, 1}, ScriptedFault{signUp, 3, 1})
	if !p.RemoveFault(1) || p.RemoveFault(1) {
		t.Error("a fault is removed other than once")
	}
	removeLast()
	removeLast()
	want("at the end")

	s := newServer(t, ServerConfig{})
	s.AddFault(Throttle())
	if f := s.Faults(); len(f) != 1 || !s.RemoveFault(f[0].ID) || len(s.Faults()) != 0 {
		t.Errorf("the server's script has %v", f)
	}
}

func TestFaultSelects(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{})
	signIn := func(p *Pool, name string) string {
		return postTo(t, s.HTTPClient(), "InitiateAuth", m{
			"ClientId": p.ClientID(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": name, "PASSWORD": testPassword},
		}).code()
	}
	for _, tt := range []struct {
		name  string
		fault Fault
		hit   func() string
		spare func() string
	}{
		{
			"operation", Fault{Operation: "InitiateAuth"},
			func() string { return signIn(pools[0], "ana") },
			func() string { return post(t, pools[0], "GetUser", m{"AccessToken": "x"}).code() },
		},
		{
			"pool", Fault{UserPoolID: pools[0].PoolID()},
			func() string { return signIn(pools[0], "ana") }, func() string { return signIn(pools[1], "ana") },
		},
		{
			"client", Fault{ClientID: pools[1].ClientID()},
			func() string { return signIn(pools[1], "ana") }, func() string { return signIn(pools[0], "ana") },
		},
		{
			"user", Fault{Username: "ben"},
			func() string { return signIn(pools[0], "ben") }, func() string { return signIn(pools[0], "ana") },
		},
		{
			"user of a sign-up", Fault{Username: "eve"},
			func() string { return post(t, pools[0], "SignUp", m{"Username": "eve"}).code() },
			func() string { return post(t, pools[0], "SignUp", m{"Username": "dan"}).code() },
		},
	} {
		tt.fault.Code = "ScriptedException"
		remove := s.Inject(tt.fault)
		if got := tt.spare(); got == "ScriptedException" {
			t.Errorf("%s: hit another request", tt.name)
		}
		if got := tt.hit(); got != "ScriptedException" {
			t.Errorf("%s: got %q", tt.name, got)
		}
		remove()
	}
}
