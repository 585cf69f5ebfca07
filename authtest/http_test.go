package authtest

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// send sends a request with the headers of an operation, some of them changed
// (or, if empty, left out).
func send(t testing.TB, p *Pool, method, path, body string, changes map[string]string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://cognito-idp.eu-west-1.amazonaws.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")
	for name, value := range changes {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	res, err := p.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(raw)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/") && len(raw) > 0 {
		a.body = decodeJSON(t, a.raw)
	}
	return a
}

var uuidPattern = regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z`)

func TestHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ClockSkew: -time.Hour})
		failed := post(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "nobody"})
		succeeded := ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		if failed.status != 400 || failed.raw != `{"__type":"UserNotFoundException","message":"Username/client id combination not found."}` {
			t.Errorf("got %d %s", failed.status, failed.raw)
		}
		// A colon ends the type in the header, and nowhere else.
		if got := failed.header.Get("X-Amzn-Errortype"); got != "UserNotFoundException:" {
			t.Errorf("x-amzn-ErrorType: got %q", got)
		}
		if got := failed.header.Get("X-Amzn-Errormessage"); got != failed.message() {
			t.Errorf("x-amzn-ErrorMessage: got %q", got)
		}
		if got := succeeded.header.Get("X-Amzn-Errortype"); got != "" {
			t.Errorf("x-amzn-ErrorType of a success: got %q", got)
		}
		for _, a := range []answer{failed, succeeded} {
			want := map[string]string{
				"Content-Type":                  "application/x-amz-json-1.1",
				"Date":                          "Fri, 31 Dec 1999 23:00:00 GMT",
				"Access-Control-Allow-Origin":   "*",
				"Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
				"Strict-Transport-Security":     "max-age=31536000; includeSubDomains",
				"Content-Length":                fmt.Sprint(len(a.raw)),
			}
			got := make(map[string]string)
			for name := range want {
				got[name] = a.header.Get(name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if id := a.header.Get("X-Amzn-Requestid"); !uuidPattern.MatchString(id) {
				t.Errorf("x-amzn-RequestId: got %q", id)
			}
		}
	})
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	a := send(t, newPool(t, Config{}), http.MethodOptions, "/", "", map[string]string{
		"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST",
		"Access-Control-Request-Headers": "content-type,x-amz-target,x-amz-user-agent",
	})
	if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != "*" ||
		a.header.Get("Access-Control-Allow-Headers") != "content-type,x-amz-target,x-amz-user-agent" ||
		!strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("got %d %v", a.status, a.header)
	}
}

func TestRouting(t *testing.T) {
	t.Parallel()
	body := `{"ClientId":"client1","Username":"ana","Password":"Passw0rd!"}`
	tests := []struct {
		name, method, path string
		headers            map[string]string
		body               string
		status             int
		code               string
		faulty             bool // whether the test that did this would fail
	}{
		{name: "as it should be", status: 200},
		{name: "charset", headers: map[string]string{"Content-Type": "application/x-amz-json-1.1; charset=UTF-8"}, status: 200},
		{name: "no target", headers: map[string]string{"X-Amz-Target": ""}, status: 400, code: "UnknownOperationException", faulty: true},
		{name: "another service", headers: map[string]string{"X-Amz-Target": "AWSCognitoIdentityService.GetId"}, status: 400, code: "UnknownOperationException", faulty: true},
		{name: "unknown operation", headers: map[string]string{"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUpp"}, status: 400, code: "UnknownOperationException", faulty: true},
		{name: "content type", headers: map[string]string{"Content-Type": "application/json"}, status: 400, code: "UnknownOperationException", faulty: true},
		{name: "no content type", headers: map[string]string{"Content-Type": ""}, status: 400, code: "UnknownOperationException", faulty: true},
		{name: "path", path: "/other", status: 404},
		{name: "method", method: http.MethodPut, status: 404},
		{name: "get", method: http.MethodGet, status: 404},
		{name: "too large", body: `{"ClientId":"` + strings.Repeat("a", maxBody) + `"}`, status: 413, code: "RequestEntityTooLargeException"},
		{name: "unknown member", body: `{"ClientId":"client1","Username":"ana","Pasword":"Passw0rd!"}`, status: 400, code: "SerializationException", faulty: true},
		{name: "member in another case", body: `{"clientId":"client1","Username":"ana","Password":"Passw0rd!"}`, status: 400, code: "SerializationException", faulty: true},
		{name: "unknown nested member", body: `{"ClientId":"client1","Username":"ana","Password":"Passw0rd!","UserAttributes":[{"Nme":"email"}]}`,
			status: 400, code: "SerializationException", faulty: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tb := &fakeTB{TB: t}
			p := NewPool(tb, Config{ClientID: "client1"})
			if tt.method == "" {
				tt.method = http.MethodPost
			}
			if tt.path == "" {
				tt.path = "/"
			}
			if tt.body == "" {
				tt.body = body
			}
			a := send(t, p, tt.method, tt.path, tt.body, tt.headers)
			if a.status != tt.status || a.code() != tt.code {
				t.Errorf("got %d %q, want %d %q", a.status, a.code(), tt.status, tt.code)
			}
			if got := len(tb.errors) > 0; got != tt.faulty {
				t.Errorf("test failed: got %t, want %t: %q", got, tt.faulty, tb.errors)
			}
			if tt.faulty && !strings.HasPrefix(a.message(), "authtest: ") {
				t.Errorf("message: got %q", a.message())
			}
		})
	}
}

// A fakeTB takes note of failures.
type fakeTB struct {
	testing.TB

	mu     sync.Mutex
	errors []string
}

func (tb *fakeTB) Helper() {}

func (tb *fakeTB) Errorf(format string, args ...any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.errors = append(tb.errors, fmt.Sprintf(format, args...))
}

func (tb *fakeTB) Fatal(args ...any) {
	tb.Errorf("%s", fmt.Sprint(args...))
	panic(errFatal)
}

var errFatal = io.ErrClosedPipe // what a fakeTB panics with to get out of a call

func TestUnknownIsExpected(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{TB: t}
	p := NewPool(tb, Config{ClientID: "client1", ExpectUnknown: true})
	for _, operation := range []string{"SignUpp", "SignUp"} {
		if a := post(t, p, operation, m{"ClientId": "client1", "Unknown": 1}); a.status != 400 {
			t.Errorf("got %d", a.status)
		}
	}
	if len(tb.errors) > 0 {
		t.Errorf("the test failed all the same: %q", tb.errors)
	}
}

// TestNothingSecretIsPrinted plants secrets in requests that fail the test,
// and looks for them in what the test says.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{TB: t}
	p := NewPool(tb, Config{ClientID: "client1", ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUser}})
	p.AddUser(User{Name: "planted-name", Password: "planted-password", Email: "planted@example.com"})
	const planted = "planted"
	post(t, p, "Nonsense", m{"AccessToken": planted, "List": []m{{"Name": planted}}, "Map": m{planted + "-is-a-key": 1}, "Number": 12345, "Bool": true})
	post(t, p, "SignUp", m{"ClientId": "client1", "Username": planted, "Password": planted, "Secret": planted})
	post(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAM": planted, "PASSWORD": planted}})
	want := []string{
		`authtest: unknown operation "Nonsense" in request Nonsense {"AccessToken": "***", "Bool": true, "List": [{"Name": "***"}], "Map": {"***": ***}, "Number": ***}`,
		`authtest: unknown member "Secret" in request SignUp {"ClientId": "client1", "Password": "***", "Secret": "***", "Username": "***"}`,
		`authtest: unknown AuthParameters ["USERNAM"] in request InitiateAuth {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"PASSWORD": "***", "USERNAM": "***"}, "ClientId": "client1"}`,
	}
	want[0] = strings.Replace(want[0], `"Map": {"***": ***}`, `"Map": {"planted-is-a-key": ***}`, 1)
	if diff := cmp.Diff(want, tb.errors); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}

	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "planted-name"})
	code := p.Code("planted-name")
	u, _ := p.User("planted-name")
	u.Password = "planted-password"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{p.Inbox("planted-name"), p.Requests()[1:], u, &u} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "planted") || strings.Contains(text, code) {
				t.Errorf("%s of %T: %s", verb, value, text)
			}
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ClockSkew: time.Hour})
		ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		post(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		post(t, p, "SignUp", "{")
		get(t, p, p.Issuer()+"/.well-known/jwks.json")
		want := []Request{
			{Operation: "SignUp", Status: 200},
			{Operation: "SignUp", Status: 400, Code: "UsernameExistsException"},
			{Operation: "SignUp", Status: 400, Code: "SerializationException"},
			{Operation: OperationJWKS, Status: 200},
		}
		got := p.Requests()
		for i := range got {
			if i < 2 && (got[i].Body["Username"] != "ana" || got[i].Header.Get("X-Amz-Target") == "") {
				t.Errorf("request %d: body %v, headers %v", i, got[i].Body["Username"], got[i].Header)
			}
			if i == 2 && got[i].Body != nil {
				t.Error("a body that is no JSON has been decoded")
			}
			if !got[i].Time.Equal(time.Now().Add(time.Hour)) {
				t.Errorf("request %d: time %v", i, got[i].Time)
			}
			got[i] = Request{Operation: got[i].Operation, Status: got[i].Status, Code: got[i].Code}
		}
		if !slices.EqualFunc(got, want, func(a, b Request) bool {
			return a.Operation == b.Operation && a.Status == b.Status && a.Code == b.Code
		}) {
			t.Errorf("got %d requests: %v", len(got), got)
		}
	})
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	for i := range maxHistory + 10 {
		p.record(Request{Operation: fmt.Sprint(i)}, outcome{})
	}
	if got := p.Requests(); len(got) != maxHistory || got[0].Operation != "10" {
		t.Errorf("got %d requests beginning with %v", len(got), got[0])
	}
	for range 100 {
		p.record(Request{Operation: "large", size: maxBody}, outcome{})
	}
	if got := len(p.Requests()); got != maxHistoryBytes/maxBody {
		t.Errorf("got %d large requests, want %d", got, maxHistoryBytes/maxBody)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	base := p.Start()
	if again := p.Start(); again != base {
		t.Errorf("second Start: got %s, want %s", again, base)
	}
	fetch := func() (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/"+p.PoolID()+"/.well-known/jwks.json", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		return transport.RoundTrip(r)
	}
	res, err := fetch()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var set jwks
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil || len(set.Keys) != 2 {
		t.Errorf("got %v, %d keys", err, len(set.Keys))
	}
	p.Inject(Fault{Operation: OperationJWKS, DropResponse: true})
	if res, err := fetch(); err == nil {
		res.Body.Close()
		t.Error("a dropped response arrived")
	}
	p.Close()
	p.Close()
	if res, err := fetch(); err == nil {
		res.Body.Close()
		t.Error("the pool answers after Close")
	}
}

// TestTransportSecurity serves a pool with TLS on this machine, as front ends
// need it: a browser must not take from there that everything else on the
// machine has TLS too.
func TestTransportSecurity(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	for _, tt := range []struct {
		name, url string
		tls       *tls.ConnectionState
		hsts      string
		secure    bool // whether cookies are for TLS alone
	}{
		{"at the service's host", "https://people.auth.eu-west-1.amazoncognito.com", &tls.ConnectionState{}, "max-age=31536000; includeSubDomains", true},
		{"on this machine", "https://localhost:9229", &tls.ConnectionState{}, "", false},
		{"on this machine, by the domain's name", "https://people.localhost:9229", &tls.ConnectionState{}, "", false},
		{"on this machine, by address", "https://127.0.0.1", &tls.ConnectionState{}, "", false},
		{"without TLS", "http://127.0.0.1", nil, "max-age=31536000; includeSubDomains", false}, // browsers do not listen there
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.url+pathLogin+"?"+asking().Encode(), http.NoBody)
		r.TLS = tt.tls
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != tt.hsts {
			t.Errorf("%s: Strict-Transport-Security: got %q", tt.name, got)
		}
		cookies := w.Result().Cookies()
		if len(cookies) == 0 {
			t.Errorf("%s: no cookies; status %d", tt.name, w.Code)
		}
		for _, cookie := range cookies {
			if cookie.Secure != tt.secure {
				t.Errorf("%s: the cookie %s is Secure: %t", tt.name, cookie.Name, cookie.Secure)
			}
		}
	}
}
