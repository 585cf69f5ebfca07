package main

import (
	"bufio"
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// served returns a sandbox with the default pool, and its log.
func served(t *testing.T, hosts ...string) (*sandbox, *bytes.Buffer) {
	t.Helper()
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := addDefaultPool(server); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return newSandbox(t.Context(), &state{server: server}, about{endpoint: "http://192.0.2.7:9229", address: "192.0.2.7", storage: "memory"}, hosts, log), &text
}

func request(t *testing.T, method, url, body string, header ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func answerTo(h http.Handler, r *http.Request) (status int, header http.Header, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestRouting(t *testing.T) {
	t.Parallel()
	s, _ := served(t)
	const origin = "http://localhost:3000"
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		body   string // a part
		open   bool   // to pages of every origin
	}{
		{"a browser", request(t, "GET", "http://127.0.0.1/", "", "Accept", browserAccept), 200, "<!DOCTYPE html>", false},
		{"a browser's HEAD", request(t, "HEAD", "http://127.0.0.1/?x=1", "", "Accept", browserAccept), 200, "", false},
		{"a program", request(t, "GET", "http://127.0.0.1/", "", "Accept", "*/*"), 404, "404", true},
		{"an operation", request(t, "POST", "http://127.0.0.1/", "{}", "Accept", browserAccept,
			"X-Amz-Target", "AWSCognitoIdentityProviderService.GetUser", "Content-Type", "application/x-amz-json-1.1"), 400, "__type", true},
		{"an operation from a front end", request(t, "POST", "http://127.0.0.1/", "{}", "Origin", origin, "Sec-Fetch-Site", "cross-site",
			"X-Amz-Target", "AWSCognitoIdentityProviderService.GetUser", "Content-Type", "application/x-amz-json-1.1"), 400, "__type", true},
		{"an operation by another name", request(t, "POST", "http://cognito.test/", "{}",
			"X-Amz-Target", "AWSCognitoIdentityProviderService.GetUser", "Content-Type", "application/x-amz-json-1.1"), 400, "__type", true},
		{"a preflight", request(t, "OPTIONS", "http://127.0.0.1/", "", "Origin", origin, "Access-Control-Request-Method", "POST"), 200, "", true},
		{"a key set", request(t, "GET", "http://cognito.test/eu-west-1_sandbox01/.well-known/jwks.json", ""), 200, `"keys"`, true},
		{"the control API", request(t, "GET", "http://127.0.0.1/_sandbox/health", ""), 200, `"status":"ok"`, false},
		{"the control API without a slash", request(t, "GET", "http://127.0.0.1/_sandbox", ""), 307, "", false},
		{"a file of the page", request(t, "GET", "http://127.0.0.1/_sandbox/page/style.css", ""), 200, "color-scheme", false},
		{"nothing", request(t, "GET", "http://127.0.0.1/_sandbox2", ""), 404, "", true},
	} {
		status, header, body := answerTo(s, tt.r)
		if status != tt.status || !strings.Contains(body, tt.body) {
			t.Errorf("%s: got %d %.100s", tt.name, status, body)
		}
		if allowed := header.Get("Access-Control-Allow-Origin"); (allowed == "*") != tt.open {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", tt.name, allowed)
		}
	}
}

// TestGuard is about who may use the control API and the page: not pages of
// other origins, and nobody by a foreign name.
func TestGuard(t *testing.T) {
	t.Parallel()
	s, _ := served(t, "sandbox", "fd00::1")
	for _, tt := range []struct {
		name    string
		host    string
		header  []string
		read    int // status of a GET
		changed int // status of a POST
	}{
		{"a program", "127.0.0.1:9229", nil, 200, 200},
		{"localhost", "LocalHost.:9229", nil, 200, 200},
		{"another loopback address", "127.1.2.3", nil, 200, 200},
		{"IPv6", "[::1]:9229", nil, 200, 200},
		{"a further name", "Sandbox:9229", nil, 200, 200},
		{"a further address", "[fd00::1]:9229", nil, 200, 200},
		{"the page itself", "127.0.0.1:9229", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:9229"}, 200, 200},
		{"typed in", "127.0.0.1:9229", []string{"Sec-Fetch-Site", "none"}, 200, 200},
		{"a page of another site", "127.0.0.1:9229", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 200, 403},
		{"a page of another port", "localhost:9229", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000"}, 200, 403},
		{"an old browser", "127.0.0.1:9229", []string{"Origin", "https://evil.example"}, 200, 403},
		{"a sandboxed page", "127.0.0.1:9229", []string{"Origin", "null"}, 200, 403},
		{"DNS rebinding", "evil.example:9229", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://evil.example:9229"}, 421, 421},
		{"a name that begins well", "localhost.evil.example", nil, 421, 421},
		{"the address that it listens at", "192.0.2.7:9229", nil, 200, 200},
		{"another address", "192.0.2.1", nil, 421, 421},
		{"no host", "", nil, 421, 421},
	} {
		for _, step := range []struct {
			what string
			r    *http.Request
			want int
		}{
			{"reading the control API", request(t, "GET", "/_sandbox/messages", "", tt.header...), tt.read},
			{"reading the page", request(t, "GET", "/", "", append([]string{"Accept", browserAccept}, tt.header...)...), tt.read},
			{"changing by the control API", request(t, "POST", "/_sandbox/clock", `{"advance":"1s"}`, append([]string{"Content-Type", "application/json"}, tt.header...)...), tt.changed},
			{"changing by the page", request(t, "POST", "/_sandbox/page/clock", "advance=1s", append([]string{"Content-Type", "application/x-www-form-urlencoded"}, tt.header...)...), tt.changed},
		} {
			step.r.Host = tt.host
			status, header, _ := answerTo(s, step.r)
			if step.what == "changing by the page" && step.want == http.StatusOK {
				step.want = http.StatusSeeOther
			}
			if status != step.want {
				t.Errorf("%s, %s: got status %d, want %d", tt.name, step.what, status, step.want)
			}
			if got := header.Get("Cross-Origin-Resource-Policy"); got != "same-origin" {
				t.Errorf("%s, %s: Cross-Origin-Resource-Policy is %q", tt.name, step.what, got)
			}
		}
	}
}

// TestLogHasNoSecrets plants secrets in everything that a request has.
func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	s, log := served(t)
	answerTo(s, request(t, "POST", "http://127.0.0.1/?token=planted", `{"ClientId":"planted","Username":"planted","Password":"planted"}`,
		"X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp", "Content-Type", "application/x-amz-json-1.1", "Authorization", "planted"))
	answerTo(s, request(t, "POST", "http://127.0.0.1/", "{}", "X-Amz-Target", "planted.planted secret=planted"))
	answerTo(s, request(t, "GET", "http://127.0.0.1/_sandbox/pools/eu-west-1_sandbox01/users/planted", ""))
	answerTo(s, request(t, "GET", "http://127.0.0.1/_sandbox/messages?user=planted", ""))
	answerTo(s, request(t, "GET", "http://127.0.0.1/?search=planted", "", "Accept", browserAccept, "Cookie", "planted"))
	answerTo(s, request(t, "POST", "http://127.0.0.1/_sandbox/page/pools/x/users/planted", "action=planted", "Content-Type", "application/x-www-form-urlencoded"))
	if strings.Contains(log.String(), "planted") {
		t.Errorf("the log has a secret:\n%s", log)
	}
	for _, want := range []string{
		"level=INFO msg=request part=service method=POST operation=SignUp status=400 code=ResourceNotFoundException",
		"level=DEBUG msg=request part=control method=GET status=404", "part=page method=GET status=200",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}

func TestWelcome(t *testing.T) {
	t.Parallel()
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	say := func(a about) string {
		var text strings.Builder
		welcome(&text, server, a)
		return text.String()
	}
	if text := say(about{endpoint: "http://x"}); strings.Contains(text, "Amplify") || strings.Contains(text, "OTHER MACHINES") {
		t.Errorf("without pools:\n%s", text)
	}
	if err := addDefaultPool(server); err != nil {
		t.Fatal(err)
	}
	secret := server.NewPool(authtest.Config{Name: "with secret", ClientSecret: "012345678901234567890123"})
	text := say(about{endpoint: "http://x", storage: "memory", open: true})
	for _, want := range []string{
		"NOT FOR PRODUCTION", "OTHER MACHINES CAN REACH IT", "  Endpoint   http://x\n", "  State      memory\n",
		"  Pool id    us-east-1_sandbox01  (sandbox)\n", "  Client id  " + defaultClientID + "\n", secret.PoolID() + "  (with secret)",
		"userPoolId: 'us-east-1_sandbox01'", "userPoolClientId: '" + defaultClientID + "'", "userPoolEndpoint: 'http://x'",
		"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://x\n", "AWS_REGION=us-east-1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, secret.ClientSecret()) {
		t.Error("it tells the secret")
	}
	if got := publicClient(secret); strings.Contains(got, secret.ClientID()) {
		t.Errorf("Amplify is told of a client with a secret: %s", got)
	}
}

// TestWaitingEnds sees that nobody waits for a sandbox that stops.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		stopping, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := newSandbox(stopping, &state{server: server}, about{}, nil, slog.New(slog.DiscardHandler))
		start := time.Now()
		status, _, body := answerTo(s, request(t, "GET", "http://localhost/_sandbox/messages?wait=1m", ""))
		if status != http.StatusOK || !strings.Contains(body, `"messages":[]`) || time.Since(start) != time.Second {
			t.Errorf("got %d %s after %v", status, body, time.Since(start))
		}
	})
}

// TestFeedTellsOfChanges counts what the page is told of: everything that the
// service was asked, and what was changed by the control API, not what was read.
func TestFeedTellsOfChanges(t *testing.T) {
	t.Parallel()
	s, _ := served(t)
	server := httptest.NewServer(s)
	defer server.Close()
	events, err := server.Client().Get(server.URL + "/_sandbox/page/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	lines := bufio.NewScanner(events.Body)
	version := func(want string) {
		t.Helper()
		for lines.Scan() {
			if got, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if got != want {
					t.Errorf("got version %s, want %s", got, want)
				}
				return
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
	}
	version("0")
	answerTo(s, request(t, "GET", "http://127.0.0.1/eu-west-1_sandbox01/.well-known/jwks.json", ""))
	version("1")
	answerTo(s, request(t, "GET", "http://127.0.0.1/_sandbox/health", ""))
	answerTo(s, request(t, "GET", "http://127.0.0.1/", "", "Accept", browserAccept))
	answerTo(s, request(t, "POST", "http://127.0.0.1/_sandbox/clock", `{"advance":"1s"}`, "Content-Type", "application/json"))
	version("2")
}
