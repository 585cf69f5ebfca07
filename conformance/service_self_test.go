package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// The tests in this file put authtest in the place of the service, so that the
// way to the service is tested without one.

// TestEveryJourneyToAService takes all journeys that can be taken to a real
// pool, at its pace. authtest does not differ from itself, and nobody is left.
func TestEveryJourneyToAService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		like := readTemplate(t)
		target, _ := newAuthtest(t, like)
		t.Cleanup(func() { nobodyIsLeft(t, target) }) // after examine's own
		target.code, target.pace, target.settle = nil, 100*time.Millisecond, 3*time.Second
		r := examine(t, target, like, examination{lockout: true})
		if len(r.differences) > 0 {
			t.Error(r)
		}
		for _, note := range r.notes {
			if !strings.HasSuffix(note, "it needs the codes that people get") && !strings.HasPrefix(note, knownFile+": no difference is left") {
				t.Error(note)
			}
		}
		t.Logf("%d requests, %d messages", r.requests, r.mails)
		if r.requests > requestBudget*2/3 {
			t.Errorf("%d requests are too near to the budget", r.requests)
		}
		if r.mails > 20 { // a pool that sends by itself may send 50 a day
			t.Errorf("%d messages are too many", r.mails)
		}
	})
}

// nobodyIsLeft checks that the pools of a target have no users.
func nobodyIsLeft(t *testing.T, target *target) {
	t.Helper()
	for role, client := range target.clients {
		a, err := target.api.call(context.WithoutCancel(t.Context()), "ListUsers", m{"UserPoolId": client.pool})
		if err != nil {
			t.Fatal(err)
		}
		if users, _ := a.body["Users"].([]any); a.status != http.StatusOK || len(users) > 0 {
			t.Errorf("%s: %d %s, %d users are left", role, a.status, a.code(), len(users))
		}
	}
}

// A deviator is a service that differs from authtest.
type deviator struct {
	next   http.Handler
	change func(operation string, a *answer)
}

func (d deviator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	d.next.ServeHTTP(rec, r)
	a, err := readAnswer(rec.Result())
	if err != nil {
		panic(err)
	}
	operation, _ := operationOf(r)
	d.change(operation, &a)
	maps.Copy(w.Header(), a.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.status)
	if a.body != nil {
		w.Write([]byte(jsonText(a.body)))
		return
	}
	w.Write(a.raw)
}

// TestDifferencesOfAService points the journeys at a service on the network
// that differs in all the ways that there are.
func TestDifferencesOfAService(t *testing.T) {
	t.Parallel()
	like := readTemplate(t)
	target, server := loopbackTarget(t, like, func(operation string, a *answer) {
		switch {
		case a.code() == "UserNotFoundException":
			a.status = http.StatusNotFound
			a.header.Set("X-Amzn-Errortype", "UserNotFoundException")
		case a.str("message") == "Incorrect username or password.":
			a.body["message"] = "Incorrect username or password"
			a.header.Set("X-Amzn-Errormessage", "Incorrect username or password")
		case operation == "RevokeToken" && a.status == http.StatusOK:
			a.body, a.raw = nil, nil
		case operation == "InitiateAuth" && a.status == http.StatusOK:
			if result, ok := a.body["AuthenticationResult"].(m); ok {
				delete(result, "TokenType")
				result["Color"] = "blue"
				result["ExpiresIn"] = 300
			}
		}
	})
	r := examine(t, target, like, examination{wanted: regexp.MustCompile(`^(sign-in|revoke)$`)})
	for _, want := range []difference{
		{Journey: "sign-in", Step: "nobody has the name", What: "status", Want: "400", Got: "404"},
		{Journey: "sign-in", Step: "nobody has the name", What: "header.X-Amzn-Errortype", Want: usual, Got: `"UserNotFoundException"`},
		{Journey: "sign-in", Step: "wrong password", What: "body.message", Want: `"Incorrect username or password."`, Got: `"Incorrect username or password"`},
		{Journey: "sign-in", Step: "sign in", What: "body.AuthenticationResult.TokenType", Want: `"Bearer"`, Got: nothing},
		{Journey: "sign-in", Step: "sign in", What: "body.AuthenticationResult.Color", Want: nothing, Got: `"<string>"`},
		{Journey: "sign-in", Step: "sign in", What: "body.AuthenticationResult.ExpiresIn", Want: "3600", Got: "300"},
		{Journey: "revoke", Step: "revoke", What: "body", Want: "an object", Got: nothing},
	} {
		if !slices.ContainsFunc(r.differences, func(got difference) bool {
			got.Certainty, got.Why = "", ""
			return got == want
		}) {
			t.Errorf("not seen: %+v", want)
		}
	}
	t.Log(r)
	printed := r.String()
	for _, want := range []string{"2 journeys", "wrong password", "body.message", "O  ", "(and ", "404"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the report does not say %q:\n%s", want, printed)
		}
	}
	for _, request := range server.Requests() {
		if signature := request.Header.Get("Authorization"); signed(request.Operation) != strings.HasPrefix(signature, "AWS4-HMAC-SHA256 Credential=AKIDCONFORMANCE/") {
			t.Errorf("%s: Authorization is %q", request.Operation, signature)
		}
	}
}

// loopbackTarget is authtest on the network, changed, and found by environment
// variables.
func loopbackTarget(t *testing.T, like *template, change func(operation string, a *answer)) (*target, *authtest.Server) {
	t.Helper()
	server := authtest.NewServer(t, authtest.ServerConfig{ExpectUnknown: true})
	network := httptest.NewServer(deviator{server, change})
	t.Cleanup(network.Close)
	variables := deployTo(t, like, server)
	variables[envEndpoint] = network.URL
	target, err := newTarget("service", func(name string) string { return variables[name] }, staticCredentials())
	if err != nil {
		t.Fatal(err)
	}
	target.api.transport = network.Client().Transport
	return target, server
}

// TestJourneyThatStops takes a journey to a service that does not let it go on:
// what was not reached is a difference, and nobody is left all the same.
func TestJourneyThatStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		like := readTemplate(t)
		target, server := newAuthtest(t, like)
		t.Cleanup(func() { nobodyIsLeft(t, target) })
		target.code = nil
		server.Inject(authtest.Fault{Operation: "AssociateSoftwareToken", Code: "InternalErrorException", Status: http.StatusInternalServerError, Times: 1000})
		r := examine(t, target, like, examination{wanted: regexp.MustCompile(`^(totp|sdk-totp)$`)})
		for _, want := range []struct{ journey, step, what string }{
			{"totp", "the secret", "status"},
			{"totp", "right code", "step"},
			{"totp", "end", "stopped"},
			{"sdk-totp", "the secret, outcome", "outcome.error"},
			{"sdk-totp", "right code, outcome", "step"},
			{"sdk-totp", "end", "stopped"},
		} {
			if !slices.ContainsFunc(r.differences, func(d difference) bool {
				return d.Journey == want.journey && d.Step == want.step && d.What == want.what
			}) {
				t.Errorf("not seen: %v\n%s", want, r)
			}
		}
	})
}

// TestAnotherPool looks at a pool that is not as the template says.
func TestAnotherPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		like := readTemplate(t)
		changed := readTemplate(t)
		properties := changed.properties(envPool)
		properties["MfaConfiguration"] = "OFF"
		delete(properties, "EnabledMfas")
		delete(changed.Outputs, "HidingClientId")
		delete(changed.Resources, "HidingClient")
		server := authtest.NewServer(t, authtest.ServerConfig{ExpectUnknown: true})
		variables := deployTo(t, changed, server)
		target, err := newTarget("service", func(name string) string { return variables[name] }, staticCredentials())
		if err != nil {
			t.Fatal(err)
		}
		target.api.transport = server.Transport()
		r := examine(t, target, like, examination{wanted: regexp.MustCompile(`^(totp|srp-hiding|lockout|change-password)$`)})
		if len(r.transcripts) != 1 || r.transcripts[0].Journey != "change-password" || len(r.differences) > 0 {
			t.Error("only the change of a password fits this pool")
		}
		printed := r.String()
		for _, want := range []string{
			"AUTH_TEST_CLIENT_ID is not as in ../docs/conformance-pool.json: EnabledMfas, MfaConfiguration",
			"totp: not on this pool: the pool is not as in the template: EnabledMfas",
			"srp-hiding: not on this pool: set AUTH_TEST_USER_POOL_ID and AUTH_TEST_HIDING_CLIENT_ID",
			"lockout: not on this pool: it locks an account; -lockout allows it",
		} {
			if !strings.Contains(printed, want) {
				t.Errorf("the report does not say %q:\n%s", want, printed)
			}
		}
	})
}

// TestClientWithSecret takes journeys of all kinds to a pool whose first app
// client has a secret: all requests that need one carry its hash or itself.
func TestClientWithSecret(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		like, changed := readTemplate(t), readTemplate(t)
		changed.properties(envClient)["GenerateSecret"] = true
		server := authtest.NewServer(t, authtest.ServerConfig{ExpectUnknown: true})
		variables := deployTo(t, changed, server)
		target, err := newTarget("service", func(name string) string { return variables[name] }, staticCredentials())
		if err != nil {
			t.Fatal(err)
		}
		target.api.transport = server.Transport()
		r := examine(t, target, like, examination{wanted: regexp.MustCompile(`^(sign-up|srp|choice|new-password|totp|refresh|revoke|deletion|sdk-account)$`)})
		for _, d := range r.differences {
			if d.Step != "no name" {
				t.Errorf("%+v", d)
			}
		}
		if note := "AUTH_TEST_CLIENT_ID is not as in ../docs/conformance-pool.json: GenerateSecret"; !strings.Contains(r.String(), note) {
			t.Errorf("the report does not say %q", note)
		}
	})
}

// TestConformanceCommand runs the test of the service as its users do: in a
// process of its own, with variables of the environment.
func TestConformanceCommand(t *testing.T) {
	t.Parallel()
	server := authtest.NewServer(t, authtest.ServerConfig{ExpectUnknown: true})
	variables := deployTo(t, readTemplate(t), server)
	pool := []string{
		envPool + "=" + variables[envPool], envClient + "=" + variables[envClient],
		envEndpoint + "=" + server.Start(), "AWS_ACCESS_KEY_ID=AKIDCONFORMANCE", "AWS_SECRET_ACCESS_KEY=none",
	}
	tests := []struct {
		name        string
		environment []string
		fails       bool
		says        []string
	}{
		{"not configured", nil, false, []string{"SKIP", envPool, envClient, "credentials", "docs/conformance.md"}},
		{"half configured", []string{envClient + "=x"}, true, []string{"AUTH_TEST_USER_POOL_ID and AUTH_TEST_CLIENT_ID go together"}},
		{"configured", pool, false, []string{"PASS", "1 journeys", "0 differences"}},
		{"no such pool", append(slices.Clone(pool), envPool+"=eu-west-1_000000000"), true, []string{"ResourceNotFoundException"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestConformanceOfService$", "-test.v", "-journeys=^validation-for-administrators$")
			cmd.Env = append(withoutVariables(os.Environ()), tt.environment...)
			out, err := cmd.CombinedOutput()
			if _, failed := errors.AsType[*exec.ExitError](err); failed != tt.fails || err != nil && !failed {
				t.Errorf("%v\n%s", err, out)
			}
			for _, want := range tt.says {
				if !bytes.Contains(out, []byte(want)) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
		})
	}
}

// withoutVariables is an environment without what configures this test.
func withoutVariables(environment []string) []string {
	return slices.DeleteFunc(environment, func(v string) bool { return strings.HasPrefix(v, "AUTH_TEST_") || strings.HasPrefix(v, "AWS_") })
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		variables map[string]string
		roles     []role
		problem   string
		endpoint  string
	}{
		{name: "nothing", problem: errNotConfigured.Error()},
		{name: "only others", variables: map[string]string{"AUTH_TEST_MFA_CLIENT_ID": "c"}, problem: errNotConfigured.Error()},
		{name: "no client", variables: map[string]string{envPool: "eu-west-1_a"}, problem: "AUTH_TEST_USER_POOL_ID and AUTH_TEST_CLIENT_ID go together"},
		{name: "no pool", variables: map[string]string{envClient: "c"}, problem: "AUTH_TEST_USER_POOL_ID and AUTH_TEST_CLIENT_ID go together"},
		{
			name: "one client", variables: map[string]string{envPool: "eu-central-1_a", envClient: "c"},
			roles: []role{rolePlain}, endpoint: "https://cognito-idp.eu-central-1.amazonaws.com/",
		},
		{
			name: "another region", variables: map[string]string{envPool: "local_a", envClient: "c", envRegion: "cn-north-1"},
			roles: []role{rolePlain}, endpoint: "https://cognito-idp.cn-north-1.amazonaws.com.cn/",
		},
		{
			name: "several", variables: map[string]string{
				envPool: "eu-west-1_a", envClient: "c", "AUTH_TEST_HIDING_CLIENT_ID": "h",
				"AUTH_TEST_MFA_USER_POOL_ID": "eu-west-1_m", "AUTH_TEST_MFA_CLIENT_ID": "m", envEndpoint: "http://localhost:9229",
			},
			roles: []role{rolePlain, roleHiding, roleMFA}, endpoint: "http://localhost:9229/",
		},
		{
			name: "a client of no pool", variables: map[string]string{envPool: "eu-west-1_a", envClient: "c", "AUTH_TEST_MFA_CLIENT_ID": "m"},
			problem: "AUTH_TEST_MFA_USER_POOL_ID and AUTH_TEST_MFA_CLIENT_ID go together",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, err := newTarget("service", func(name string) string { return tt.variables[name] }, staticCredentials())
			if err != nil || tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Fatalf("got %v, want %q", err, tt.problem)
				}
				return
			}
			if len(target.clients) != len(tt.roles) {
				t.Errorf("got %v, want %v", target.clients, tt.roles)
			}
			for _, role := range tt.roles {
				if target.clients[role] == nil {
					t.Errorf("there is no client for %s", role)
				}
			}
			if target.api.endpoint != tt.endpoint {
				t.Errorf("got %s, want %s", target.api.endpoint, tt.endpoint)
			}
		})
	}
}

// TestClientSecretIsAskedFor leaves the secrets to the service, as long as the
// environment says none.
func TestClientSecretIsAskedFor(t *testing.T) {
	t.Parallel()
	target, _ := newAuthtest(t, readTemplate(t))
	if secret := target.clients[roleSecret].secret; len(secret) < 24 {
		t.Errorf("got %d characters", len(secret))
	}
	clients, err := clientsIn(func(name string) string {
		return map[string]string{envPool: "p", envClient: "c", envSecret: "s"}[name]
	})
	if err != nil || clients[rolePlain].secret != "s" {
		t.Errorf("got %v, %v", clients, err)
	}
}

// TestTemplateNamesEveryClient compares the outputs of the template with the
// variables that are read.
func TestTemplateNamesEveryClient(t *testing.T) {
	t.Parallel()
	like := readTemplate(t)
	read := make(map[string]bool)
	for _, v := range roleTable() {
		read[v.pool], read[v.client] = true, true
		if like.properties(v.pool) == nil || like.properties(v.client) == nil {
			t.Errorf("the template has no output for %s or %s", v.pool, v.client)
		}
	}
	for name, output := range like.Outputs {
		if !read[output.Description] {
			t.Errorf("output %s: nobody reads %s", name, output.Description)
		}
	}
	text, err := os.ReadFile("../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range read {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("docs/conformance.md does not mention %s", name)
		}
	}
}

func TestLacking(t *testing.T) {
	t.Parallel()
	decode := func(text string) (v m) {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	wanted := decode(`{"UserPoolName":"x","A":{"B":[1,2],"C":"c"},"D":true}`)
	for described, want := range map[string][]string{
		`{"Name":"y","A":{"B":[2,1],"C":"c","E":"more"},"D":true,"F":1}`: nil,
		`{"A":{"B":[1,2,3],"C":"c"},"D":true}`:                           {"A"},
		`{"A":{"B":[1,2],"C":"d"},"D":false}`:                            {"A", "D"},
		`{"A":null,"D":true,"DeviceConfiguration":{}}`:                   {"A", "DeviceConfiguration"},
		`{}`: {"A", "D"},
	} {
		if got := lacking(wanted, decode(described)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", described, got, want)
		}
	}
}
