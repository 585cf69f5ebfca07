package control

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/authtest"
)

// A fixture is a server with a pool and its control API.
type fixture struct {
	t      testing.TB
	server *authtest.Server
	pool   *authtest.Pool
	api    *API
}

const (
	poolID   = "eu-west-1_people"
	clientID = "client1"
	password = "Correct-horse-1"
)

func newFixture(t testing.TB) *fixture {
	t.Helper()
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	pool := server.NewPool(authtest.Config{
		PoolID: poolID, ClientID: clientID, ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword},
		MFA: authtest.MFAOptional,
	})
	return &fixture{t, server, pool, New(server, Config{Endpoint: "http://sandbox.test", Storage: "memory"})}
}

// call asks the control API.
func (f *fixture) call(method, path, body string) (status int, header http.Header, text string) {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), method, Prefix+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	f.api.ServeHTTP(w, r)
	res := w.Result()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(raw)
}

// get decodes what the control API answers.
func get[T any](f *fixture, method, path, body string) T {
	f.t.Helper()
	status, header, text := f.call(method, path, body)
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil || status != http.StatusOK || header.Get("Content-Type") != "application/json" {
		f.t.Fatalf("%s %s: got %d %s, %v", method, path, status, text, err)
	}
	return value
}

// operate sends an operation to the service.
func (f *fixture) operate(operation, body string) (code string) {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	return strings.TrimSuffix(w.Header().Get("X-Amzn-Errortype"), ":")
}

func (f *fixture) signUp(name string) {
	f.t.Helper()
	if code := f.operate("SignUp", `{"ClientId":"client1","Username":"`+name+`","Password":"`+password+`","UserAttributes":[{"Name":"email","Value":"`+name+`@example.com"}]}`); code != "" {
		f.t.Fatalf("SignUp: got %s", code)
	}
}

func (f *fixture) signIn(name string) (code string) {
	f.t.Helper()
	return f.operate("InitiateAuth", `{"ClientId":"client1","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"`+name+`","PASSWORD":"`+password+`"}}`)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.signUp("ana")
	const users = "pools/" + poolID + "/users"
	large := `{"username":"` + strings.Repeat("x", maxBody) + `"}`
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		code, message            string // message is a part of it
	}{
		{"nothing", "GET", "nothing", "", 404, "NotFound", "lists what there is"},
		{"no pool", "GET", "pools/eu-west-1_x", "", 404, "NotFound", "no such pool"},
		{"clients of no pool", "GET", "pools/x/clients", "", 404, "NotFound", "no such pool"},
		{"users of no pool", "GET", "pools/x/users", "", 404, "NotFound", "no such pool"},
		{"user into no pool", "POST", "pools/x/users", "{}", 404, "NotFound", "no such pool"},
		{"user of no pool", "GET", "pools/x/users/ana", "", 404, "NotFound", "no such pool"},
		{"delete in no pool", "DELETE", "pools/x/users/ana", "", 404, "NotFound", "no such pool"},
		{"confirm in no pool", "POST", "pools/x/users/ana/confirm", "", 404, "NotFound", "no such pool"},
		{"password in no pool", "POST", "pools/x/users/ana/set-password", "{}", 404, "NotFound", "no such pool"},
		{"risk in no pool", "POST", "pools/x/users/ana/set-risk", "{}", 404, "NotFound", "no such pool"},
		{"compromised in no pool", "POST", "pools/x/compromised-passwords", "{}", 404, "NotFound", "no such pool"},
		{"compromised what", "POST", "pools/" + poolID + "/compromised-passwords", `{"password":"x"}`, 400, "BadRequest", "password"},
		{"unknown risk", "POST", users + "/ana/set-risk", `{"level":"HIGH"}`, 400, "InvalidParameterException", "unknown level of risk"},
		{"risk of what", "POST", users + "/ana/set-risk", `{"risk":"High"}`, 400, "BadRequest", "risk"},
		{"totp in no pool", "GET", "pools/x/users/ana/totp", "", 404, "NotFound", "no such pool"},
		{"messages of no pool", "GET", "messages?pool=x", "", 404, "NotFound", "no such pool"},
		{"no user", "GET", users + "/eve", "", 404, "NotFound", "no such user"},
		{"confirm nobody", "POST", users + "/eve/confirm", "", 404, "UserNotFoundException", "User does not exist."},
		{"delete nobody", "DELETE", users + "/eve", "", 404, "UserNotFoundException", "User does not exist."},
		{"totp of nobody", "GET", users + "/eve/totp", "", 404, "NotFound", "no such user"},
		{"totp without app", "GET", users + "/ana/totp", "", 404, "NotFound", "no authenticator app"},
		{"no action", "POST", users + "/ana/promote", "", 404, "NotFound", ""},
		{"not to be reset", "POST", users + "/ana/reset-password", "", 400, "NotAuthorizedException", "cannot be reset"},
		{"bad password", "POST", users + "/ana/set-password", `{"password":"x"}`, 400, "InvalidPasswordException", "not long enough"},
		{"wrong method", "PUT", "pools", "", 405, "MethodNotAllowed", "the method is GET"},
		{"wrong method for a user", "PATCH", users + "/ana", "", 405, "MethodNotAllowed", "GET or DELETE"},
		{"user taken", "POST", users, `{"username":"ana"}`, 400, "UsernameExistsException", "already exists"},
		{"no name", "POST", users, `{}`, 400, "InvalidParameterException", "Name is missing"},
		{"empty", "POST", users, " ", 400, "BadRequest", "the body is empty"},
		{"cut off", "POST", users, `{"username":`, 400, "BadRequest", "ends too early"},
		{"no JSON", "POST", users, "{\n\n  x}", 400, "BadRequest", "line 3, column 3: invalid character"},
		{"no object", "POST", users, `[]`, 400, "BadRequest", "line 1, column 1: the body cannot be an array"},
		{"wrong type", "POST", users, `{"username":"eve","groups":"x"}`, 400, "BadRequest", `column 30: "groups" cannot be a string`},
		{"unknown member", "POST", users, `{"userName2":"eve"}`, 400, "BadRequest", `unknown field "userName2"`},
		{"two values", "POST", users, `{"username":"eve"} {}`, 400, "BadRequest", "behind its JSON value"},
		{"too large", "POST", users, large, 413, "TooLarge", "larger than 1048576 bytes"},
		{"needless body", "POST", users + "/ana/confirm", `{"a":1}`, 400, "BadRequest", "has no body"},
		{"unknown parameter", "GET", "messages?to=ana", "", 400, "BadRequest", `no parameter "to"; there are: pool, user, kind, after, limit, wait`},
		{"unknown kind", "GET", "messages?kind=signup", "", 400, "BadRequest", `kind "signup"; there are: SignUp ResendCode ForgotPassword Authentication`},
		{"twice", "GET", "messages?user=ana&user=eve", "", 400, "BadRequest", "user must be given once"},
		{"no number", "GET", "messages?after=x", "", 400, "BadRequest", "after must be a number"},
		{"negative", "GET", "requests?after=-1", "", 400, "BadRequest", "after must be a number"},
		{"large limit", "GET", users + "?limit=1001", "", 400, "BadRequest", "limit must be a number from 0 to 1000"},
		{"no duration", "GET", "messages?wait=5", "", 400, "BadRequest", "wait must be a duration as in 10s, at most 1m0s"},
		{"long wait", "GET", "messages?wait=2m", "", 400, "BadRequest", "wait must be a duration"},
		{"malformed query", "GET", "messages?user=%zz", "", 400, "BadRequest", "malformed"},
		{"clock back", "POST", "clock", `{"advance":"-1h"}`, 400, "BadRequest", "time does not go back"},
		{"clock nowhere", "POST", "clock", `{}`, 400, "BadRequest", "advance must be a duration"},
		{"clock too far", "POST", "clock", `{"advance":"1000000h"}`, 400, "BadRequest", "a century"},
		{"no fault", "DELETE", "faults/7", "", 404, "NotFound", "no such fault"},
		{"fault without number", "DELETE", "faults/x", "", 404, "NotFound", "no such fault"},
		{"fault that does nothing", "POST", "faults", `{"operation":"SignUp"}`, 400, "BadRequest", "must say what happens"},
		{"fault that does two things", "POST", "faults", `{"code":"X","html":true}`, 400, "BadRequest", "only one of"},
		{"fault that drops twice", "POST", "faults", `{"dropRequest":true,"dropResponse":true}`, 400, "BadRequest", "only one of"},
		{"fault with a strange code", "POST", "faults", `{"code":"a b"}`, 400, "BadRequest", "TooManyRequestsException"},
		{"fault with a lonely message", "POST", "faults", `{"html":true,"message":"x"}`, 400, "BadRequest", "message goes with code"},
		{"fault with success", "POST", "faults", `{"code":"X","status":200}`, 400, "BadRequest", "from 400 to 599"},
		{"fault with a lonely status", "POST", "faults", `{"delay":"1s","status":500}`, 400, "BadRequest", "goes with code or html"},
		{"fault for ever", "POST", "faults", `{"delay":"1h"}`, 400, "BadRequest", "at most 10m0s"},
		{"fault with a strange delay", "POST", "faults", `{"delay":"soon"}`, 400, "BadRequest", "delay must be a duration"},
	} {
		status, header, text := f.call(tt.method, tt.path, tt.body)
		var got struct{ Code, Message string }
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: got %q: %v", tt.name, text, err)
			continue
		}
		if status != tt.status || got.Code != tt.code || !strings.Contains(got.Message, tt.message) || header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s\nwant %d %s, %q", tt.name, status, text, tt.status, tt.code, tt.message)
		}
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, Prefix+"clock", strings.NewReader(`{"advance":"1h"}`))
		r.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		f.api.ServeHTTP(w, r)
		if w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: got status %d", media, w.Code)
		}
	}
}

// TestIndex asks for every route that is listed.
func TestIndex(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	index := get[struct {
		Routes []struct{ Method, Path, Summary string }
	}](f, "GET", "", "")
	if len(index.Routes) < 20 {
		t.Fatalf("got %d routes", len(index.Routes))
	}
	for _, r := range index.Routes {
		path, ok := strings.CutPrefix(r.Path, Prefix)
		path = strings.NewReplacer("{pool}", poolID, "{user}", "nobody", "{id}", "1").Replace(path)
		_, _, text := f.call(r.Method, path, "")
		if !ok || r.Summary == "" || strings.Contains(text, "lists what there is") || strings.Contains(text, "MethodNotAllowed") {
			t.Errorf("%s %s: got %s", r.Method, r.Path, text)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := get[Health](f, "GET", "health", "")
	if got.Now.IsZero() {
		t.Error("it has no time")
	}
	got.Now = Health{}.Now
	want := Health{Status: "ok", Endpoint: "http://sandbox.test", Region: "eu-west-1", Storage: "memory", Pools: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

func TestAnswerHidesFailures(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	answer(w, nil, io.ErrClosedPipe)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "pipe") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
