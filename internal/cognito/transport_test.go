package cognito

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

func certificatePEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// newLoopbackClient returns a client of a handler behind a real socket.
func newLoopbackClient(tb testing.TB, h http.HandlerFunc) *Client {
	tb.Helper()
	server := httptest.NewServer(h)
	tb.Cleanup(server.Close)
	c := mustNew(tb, Config{AWS: &aws.Config{BaseEndpoint: &server.URL, RetryMaxAttempts: 1}})
	tb.Cleanup(c.HTTPClient().CloseIdleConnections)
	return c
}

// net/http gets the body as bytes with a way to get them again, so that it can
// replace a connection that died before anything was written.
func TestBodyCanBeReplayed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call func(context.Context, *Client) error
		want string
	}{
		{"body of the AWS client", func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, "at")
			return err
		}, `{"AccessToken":"at"}`},
		{"body in its place", func(ctx context.Context, c *Client) error {
			return c.SetUserMFAPreference(ctx, MFAPreferenceInput{AccessToken: "at", SMS: &MFASetting{Preferred: new(false)}})
		}, `{"AccessToken":"at","SMSMfaSettings":{"Enabled":false,"PreferredMfa":false}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", func(r *http.Request) (*http.Response, error) {
				if r.GetBody == nil {
					t.Fatal("no GetBody")
				}
				again, err := r.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(again)
				if err != nil {
					t.Fatal(err)
				}
				if string(body) != tt.want {
					t.Errorf("replayed body = %s, want %s", body, tt.want)
				}
				if r.ContentLength != int64(len(body)) {
					t.Errorf("content length = %d, want %d", r.ContentLength, len(body))
				}
				return reply(http.StatusOK, fullAnswer)(r)
			})
			if err := tt.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What an application put into its AWS configuration sees the body that is
// sent, and may change it.
func TestMiddlewareOfTheApplication(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		install func(cfg *aws.Config, change func(*smithyhttp.Request))
	}{
		{"serialize step", func(cfg *aws.Config, change func(*smithyhttp.Request)) {
			cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
				return s.Serialize.Add(middleware.SerializeMiddlewareFunc("change", func(
					ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
				) (middleware.SerializeOutput, middleware.Metadata, error) {
					change(in.Request.(*smithyhttp.Request))
					return next.HandleSerialize(ctx, in)
				}), middleware.After)
			})
		}},
		{"build step", func(cfg *aws.Config, change func(*smithyhttp.Request)) {
			cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
				return s.Build.Add(middleware.BuildMiddlewareFunc("change", func(
					ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
				) (middleware.BuildOutput, middleware.Metadata, error) {
					change(in.Request.(*smithyhttp.Request))
					return next.HandleBuild(ctx, in)
				}), middleware.After)
			})
		}},
		{"interceptor", func(cfg *aws.Config, change func(*smithyhttp.Request)) {
			cfg.Interceptors.AddAfterSerialization(interceptor(change))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const own, changed = `{"AccessToken":"at","SMSMfaSettings":{"Enabled":false,"PreferredMfa":false}}`, `{"changed":true}`
			var cfg aws.Config
			tt.install(&cfg, func(r *smithyhttp.Request) {
				body := must(io.ReadAll(r.GetStream()))
				if string(body) != own || r.ContentLength != int64(len(own)) {
					t.Errorf("body of %d bytes = %s, want %s", r.ContentLength, body, own)
				}
				*r = *must(r.SetStream(strings.NewReader(changed)))
			})
			s := &service{answers: []answerFunc{reply(http.StatusOK, `{}`)}}
			c := mustNew(t, Config{AWS: &cfg, HTTPClient: &http.Client{Transport: s}})
			err := c.SetUserMFAPreference(t.Context(), MFAPreferenceInput{AccessToken: "at", SMS: &MFASetting{Preferred: new(false)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.requests[0].raw; got != changed {
				t.Errorf("request = %s, want %s", got, changed)
			}
			if got := s.requests[0].header.Get("User-Agent"); !strings.Contains(got, "api/cognitoidentityprovider") {
				t.Errorf("user agent = %q", got)
			}
		})
	}
}

type interceptor func(*smithyhttp.Request)

func (f interceptor) AfterSerialization(_ context.Context, x *smithyhttp.InterceptorContext) error {
	f(x.Request)
	return nil
}

// An answer is read to its end, so the connection serves the next call.
func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	peers := map[string]int{}
	c := newLoopbackClient(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		peers[r.RemoteAddr]++
		n := peers[r.RemoteAddr]
		mu.Unlock()
		if n%2 == 0 { // errors and pages as well
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write(bytes.Repeat([]byte("<p>Blocked</p>"), 10_000))
			return
		}
		_, _ = w.Write([]byte(fullAnswer))
	})
	for i := range 6 {
		if _, err := c.GetUser(t.Context(), "at"); (err != nil) != (i%2 == 1) {
			t.Fatalf("call %d: %v", i, err)
		}
	}
	if diff := cmp.Diff([]int{6}, slicesOf(peers)); diff != "" {
		t.Errorf("calls by connection (-want +got):\n%s", diff)
	}
}

func slicesOf(m map[string]int) []int {
	var list []int
	for v := range maps.Values(m) {
		list = append(list, v)
	}
	return list
}

// A bomb is bounded by what it unpacks to.
func TestCompressedAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body string
		want string
	}{
		{"honest", fullAnswer, ""},
		{"bomb", `{"Session":"` + strings.Repeat("s", 4*maxAnswer) + `"}`, CodeTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newLoopbackClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = z.Write([]byte(tt.body))
				_ = z.Close()
			})
			_, err := c.GetUser(t.Context(), "at")
			if tt.want == "" {
				if err != nil {
					t.Errorf("error = %v", err)
				}
				return
			}
			if e := serviceError(t, err); e.Code != tt.want {
				t.Errorf("error = %v, want %s", e, tt.want)
			}
		})
	}
}

// Over a real transport it is known whether a request got a connection.
func TestMaybeProcessedOverSockets(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	listener.Close()

	start := func(start func(*httptest.Server), h http.HandlerFunc) string {
		server := httptest.NewUnstartedServer(h)
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		start(server)
		t.Cleanup(server.Close)
		return server.URL
	}
	secure := start((*httptest.Server).StartTLS, http.NotFound)
	dropping := start((*httptest.Server).Start, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	halving := start((*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"Session":`))
	})

	tests := []struct {
		name string
		url  string
		want bool
	}{
		{"nobody listens", closed, false},
		{"name that does not resolve", "http://nobody.invalid", false},
		{"untrusted certificate", secure, false},
		{"dropped after the request", dropping, true},
		{"half an answer", halving, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := mustNew(t, Config{AWS: &aws.Config{BaseEndpoint: &tt.url, RetryMaxAttempts: 1}})
			_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana"})
			if e := serviceError(t, err); e.Code != CodeNetwork || e.MaybeProcessed != tt.want {
				t.Errorf("error = %v (%v), maybe processed %t, want %s, %t", e, e.Err, e.MaybeProcessed, CodeNetwork, tt.want)
			}
			if u, ok := errors.AsType[*url.Error](err); ok {
				t.Errorf("the error repeats the address: %v", u)
			}
		})
	}
}

// A redirect would send a password to a place that nobody configured, and a
// cookie jar would tell one person's requests from another's.
func TestNoRedirectsNoCookies(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Cookie"); got != "" {
			t.Errorf("cookie = %q, want none", got)
		}
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "ana"})
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(address, []*http.Cookie{{Name: "who", Value: "ben"}})
	given := &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	c := mustNew(t, Config{HTTPClient: given, AWS: &aws.Config{BaseEndpoint: &server.URL}})
	for range 2 {
		_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana", Password: "Pa55w0rd!"})
		if e := serviceError(t, err); e.Code != CodeHTTP || e.Status != http.StatusTemporaryRedirect {
			t.Errorf("error = %v, status %d, want %s, 307", e, e.Status, CodeHTTP)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d redirects followed", n)
	}
	if given.Jar != jar {
		t.Error("the given client was changed")
	}
	c.HTTPClient().CloseIdleConnections()
}

// The parameters of one request are the caller's map, in use by others perhaps.
func TestParamsAreNotChanged(t *testing.T) {
	t.Parallel()
	c, s := newTestClient(t, testSecret, reply(http.StatusOK, fullAnswer))
	params := map[string]string{"USERNAME": "ana@example.com", "SECRET_HASH": "wrong"}
	want := maps.Clone(params)
	for _, call := range []func(AuthRequest) (AuthResponse, error){
		func(r AuthRequest) (AuthResponse, error) { return c.InitiateAuth(t.Context(), r) },
		func(r AuthRequest) (AuthResponse, error) { return c.RespondToAuthChallenge(t.Context(), r) },
	} {
		if _, err := call(AuthRequest{Flow: wire.FlowUserSRP, Challenge: wire.ChallengeSMSMFA, Params: params}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, params); diff != "" {
			t.Errorf("parameters (-want +got):\n%s", diff)
		}
	}
	for i, field := range []string{"AuthParameters", "ChallengeResponses"} {
		got, ok := s.requests[i].body[field].(object)
		if !ok || got["SECRET_HASH"] != typedHash {
			t.Errorf("%s = %v, want the right hash", field, got)
		}
	}
}

func TestServerTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header []string
		want   time.Time
	}{
		{"given", []string{"Date", "Tue, 02 Apr 2024 03:04:05 GMT"}, time.Date(2024, 4, 2, 3, 4, 5, 0, time.UTC)},
		{"none", nil, time.Time{}},
		{"broken", []string{"Date", "yesterday"}, time.Time{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", reply(http.StatusOK, fullAnswer, tt.header...))
			for _, call := range []func(AuthRequest) (AuthResponse, error){
				func(r AuthRequest) (AuthResponse, error) { return c.InitiateAuth(t.Context(), r) },
				func(r AuthRequest) (AuthResponse, error) { return c.RespondToAuthChallenge(t.Context(), r) },
			} {
				out, err := call(AuthRequest{Flow: wire.FlowUserSRP, Challenge: wire.ChallengeSMSMFA})
				if err != nil {
					t.Fatal(err)
				}
				if !out.ServerTime.Equal(tt.want) {
					t.Errorf("server time = %v, want %v", out.ServerTime, tt.want)
				}
			}
		})
	}
}

// One client serves many people at once.
func TestClientConcurrentSafe(t *testing.T) {
	t.Parallel()
	c := newLoopbackClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		// {"AccessToken":"at-7"} comes back as {"Username":"at-7", …}.
		_, _ = w.Write(bytes.Replace(body, []byte("AccessToken"), []byte("Username"), 1))
	})
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			token := "at-" + string(rune('A'+i))
			got, err := c.GetUser(t.Context(), token)
			if err != nil || got.Username != token {
				t.Errorf("GetUser(%s) = %q, %v", token, got.Username, err)
			}
		})
	}
	wg.Wait()
}
