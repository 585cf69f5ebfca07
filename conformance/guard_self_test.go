package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answering is a service that answers everything alike.
type answering func(operation string, request m) (status int, body string)

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var request m
	json.Unmarshal(body, &request)
	operation, _ := operationOf(r)
	status, text := a(operation, request)
	return respondWith(r, status, http.Header{}, []byte(text)), nil
}

// guarded returns a guard before a service, and an api that goes through it.
func guarded(service answering) (*guard, *api) {
	t := &target{prefix: "ours-", clients: map[role]*appClient{rolePlain: {pool: "eu-west-1_a", id: "client"}}}
	g := newGuard(service, t)
	return g, &api{endpoint: "https://pool.test/", region: "eu-west-1", transport: g, credentials: staticCredentials()}
}

func TestGuardForbids(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		operation string
		body      any
		passes    bool
	}{
		{"a user of the run", "AdminDeleteUser", m{"UserPoolId": "p", "Username": "ours-ana"}, true},
		{"somebody else", "AdminDeleteUser", m{"UserPoolId": "p", "Username": "ana"}, false},
		{"somebody else's sub", "AdminDeleteUser", m{"UserPoolId": "p", "Username": "11111111-2222-3333-4444-555555555555"}, false},
		{"a sub of the run", "AdminDeleteUser", m{"UserPoolId": "p", "Username": "the sub"}, true},
		{"somebody else signs in", "InitiateAuth", m{"AuthParameters": m{"USERNAME": "ana"}}, false},
		{"a user of the run signs in", "InitiateAuth", m{"AuthParameters": m{"USERNAME": "ours-ana"}}, true},
		{"somebody else signs up", "SignUp", m{"ClientId": "client", "Username": "ana"}, false},
		{"nobody", "AdminGetUser", m{}, true},
		{"no JSON", "InitiateAuth", "{", true},
		{"the pool", "DescribeUserPool", m{"UserPoolId": "p"}, true},
		{"the pool is deleted", "DeleteUserPool", m{"UserPoolId": "p"}, false},
		{"the pool is changed", "UpdateUserPool", m{"UserPoolId": "p"}, false},
		{"the client is changed", "UpdateUserPoolClient", m{"UserPoolId": "p", "ClientId": "client"}, false},
		{"second factors are changed", "SetUserPoolMfaConfig", m{"UserPoolId": "p"}, false},
		{"a group is made", "CreateGroup", m{"UserPoolId": "p"}, false},
		{"all users", "ListUsers", m{"UserPoolId": "p"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := false
			_, a := guarded(func(string, m) (int, string) { sent = true; return 200, `{"UserSub":"the sub"}` })
			if _, err := a.call(t.Context(), "SignUp", m{"ClientId": "client", "Username": "ours-ana"}); err != nil {
				t.Fatal(err)
			}
			sent = false
			_, err := a.call(t.Context(), tt.operation, tt.body)
			if sent != tt.passes || errors.Is(err, errForbidden) == tt.passes {
				t.Errorf("sent: %t, %v", sent, err)
			}
		})
	}
}

func TestGuardBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		busy := 3
		g, a := guarded(func(string, m) (int, string) {
			if busy--; busy >= 0 {
				return 400, `{"__type":"TooManyRequestsException"}`
			}
			return 200, "{}"
		})
		g.pace, g.budget = 100*time.Millisecond, 10
		start := time.Now()
		if answer, err := a.call(t.Context(), "GetUser", m{}); err != nil || answer.status != 200 {
			t.Fatalf("a busy service is asked again: got %v, %v", answer.status, err)
		}
		if g.sent != 4 {
			t.Errorf("got %d requests, want 4", g.sent)
		}
		if waited := time.Since(start); waited != 6*time.Second+400*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		for range 6 {
			if _, err := a.call(t.Context(), "GetUser", m{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.call(t.Context(), "GetUser", m{}); !errors.Is(err, errBudget) {
			t.Errorf("got %v, want the end of the budget", err)
		}
	})
}

// TestCleanUp deletes whoever may have been made, goes on after a failure, and
// says who is left.
func TestCleanUp(t *testing.T) {
	t.Parallel()
	var deleted []string
	answers := map[string]string{"ours-stuck": `{"__type":"InternalErrorException"}`, "ours-gone": `{"__type":"UserNotFoundException"}`}
	g, a := guarded(func(operation string, request m) (int, string) {
		name, _ := request["Username"].(string)
		switch {
		case operation == "AdminDeleteUser" && answers[name] != "":
			return 400, answers[name]
		case operation == "AdminDeleteUser":
			deleted = append(deleted, name+" of "+request["UserPoolId"].(string))
			return 200, ""
		case name == "ours-undelivered":
			return 400, `{"__type":"LimitExceededException","message":"Exceeded daily email limit for the operation or the account."}`
		case name == "ours- ":
			return 400, `{"__type":"InvalidParameterException","message":"1 validation error detected: …"}`
		default:
			return 200, `{}`
		}
	})
	for _, name := range []string{"ours-stuck", "ours-undelivered", "ours- "} {
		if _, err := a.call(t.Context(), "SignUp", m{"ClientId": "client", "Username": name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ours-created", "ours-gone"} {
		if _, err := a.call(t.Context(), "AdminCreateUser", m{"UserPoolId": "eu-west-1_b", "Username": name}); err != nil {
			t.Fatal(err)
		}
	}
	g.budget = g.sent // spent
	err := g.cleanUp(context.Background(), a)
	if err == nil || !strings.Contains(err.Error(), "the user ours-stuck of eu-west-1_a is still there") || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(deleted, ", "); got != "ours-undelivered of eu-west-1_a, ours-created of eu-west-1_b" {
		t.Errorf("deleted: %s", got)
	}
	if left := g.left(); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}
