package tokens_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// jwksHost stands for the host that publishes the key set.
type jwksHost struct {
	mu      sync.Mutex
	fetches int
	answer  func(*http.Request) (*http.Response, error)
}

func (h *jwksHost) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.fetches++
	answer := h.answer
	h.mu.Unlock()
	return answer(r)
}

func (h *jwksHost) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fetches
}

func (h *jwksHost) serve(answer func(*http.Request) (*http.Response, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

func (h *jwksHost) publish(text string) {
	h.serve(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, text), nil })
}

// publishAfter answers with a delay, or when the request is given up.
func (h *jwksHost) publishAfter(delay time.Duration, text string) {
	h.serve(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(delay):
			return respond(http.StatusOK, text), nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})
}

func (h *jwksHost) fail() {
	h.serve(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
}

func respond(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: make(http.Header)}
}

// newRemoteKeys returns a key source and the host it asks.
func newRemoteKeys(t *testing.T) (*tokens.RemoteKeys, *jwksHost) {
	t.Helper()
	host := new(jwksHost)
	host.publish(poolJWKS())
	keys, err := tokens.NewRemoteKeys(tokens.RemoteKeysConfig{
		URL: testIssuer + "/.well-known/jwks.json", HTTPClient: &http.Client{Transport: host},
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, host
}

func wantFetches(t *testing.T, h *jwksHost, want int) {
	t.Helper()
	if got := h.count(); got != want {
		t.Errorf("got %d fetches, want %d", got, want)
	}
}

func wantKey(t *testing.T, keys tokens.KeySource, kid string) *rsa.PublicKey {
	t.Helper()
	key, err := keys.Key(t.Context(), kid)
	if err != nil {
		t.Fatalf("key %s: %v", kid, err)
	}
	return key
}

func wantNoKey(t *testing.T, keys tokens.KeySource, kid string, want tokens.ErrorCode) {
	t.Helper()
	key, err := keys.Key(t.Context(), kid)
	if key != nil {
		t.Errorf("key %s: a key was returned", kid)
	}
	wantCode(t, err, want)
}

func TestRemoteKeysFetchOnceWhenNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		wantFetches(t, host, 0)
		host.publishAfter(time.Second, poolJWKS())
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { wantKey(t, keys, testKID) })
		}
		wg.Wait()
		wantFetches(t, host, 1)
		for range 100 {
			wantKey(t, keys, testKID)
		}
		wantFetches(t, host, 1)
	})
}

func TestRemoteKeysConcurrentUnknownKeyIDs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		wantKey(t, keys, testKID)
		time.Sleep(tokens.DefaultKeyCooldown)
		host.publishAfter(time.Second, jwks(publicJWK("new", &foreignKey().PublicKey)))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { wantKey(t, keys, "new") })
			wg.Go(func() { wantNoKey(t, keys, "never", tokens.ErrUnknownKey) })
		}
		wg.Wait()
		wantFetches(t, host, 2)
		wantNoKey(t, keys, testKID, tokens.ErrUnknownKey) // withdrawn
	})
}

// TestRemoteKeysFlood presents tokens with key ids out of the air for ten
// minutes. They must neither cause more fetches than the cooldown allows nor
// keep a new key from being found.
func TestRemoteKeysFlood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		v := newVerifier(t, func(c *tokens.Config) { c.Keys = keys })
		good := mint(goodAccess(time.Now()))
		start := time.Now()
		forged := func(kid string) string {
			return base64URL(object{"kid": kid, "alg": "RS256"}.String()) + good[strings.IndexByte(good, '.'):]
		}
		rotated := goodHeader().edit(object{"kid": "rotated"}).String()
		for n := 0; time.Since(start) < 10*time.Minute; n++ {
			if n == 5000 {
				host.publish(jwks(publicJWK(testKID, &signingKey().PublicKey), publicJWK("rotated", &signingKey().PublicKey)))
			}
			_, err := v.VerifyAccess(t.Context(), forged("k"+strconv.Itoa(n)))
			wantCode(t, err, tokens.ErrUnknownKey)
			if _, err := v.VerifyAccess(t.Context(), good); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond)
		}
		if got, most := host.count(), 1+int(10*time.Minute/tokens.DefaultKeyCooldown); got > most || got < most/2 {
			t.Errorf("got %d fetches, want some %d at most", got, most)
		}
		if _, err := v.VerifyAccess(t.Context(), sign(signingKey(), rotated, goodAccess(time.Now()).String())); err != nil {
			t.Errorf("new key: %v", err)
		}
	})
}

func TestRemoteKeysRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		before := wantKey(t, keys, testKID)
		time.Sleep(tokens.DefaultKeyRefresh - time.Second)
		wantKey(t, keys, testKID)
		wantFetches(t, host, 1)

		// The caller who finds the set old does not wait for the new one.
		time.Sleep(time.Second)
		host.publishAfter(2*time.Second, poolJWKS())
		asked := time.Now()
		wantKey(t, keys, testKID)
		if waited := time.Since(asked); waited != 0 {
			t.Errorf("waited %v for a refresh", waited)
		}
		time.Sleep(3 * time.Second)
		wantFetches(t, host, 2)
		if after := wantKey(t, keys, testKID); after != before {
			t.Error("an unchanged key has a new pointer")
		}
		wantFetches(t, host, 2)
	})
}

// TestRemoteKeysAfterIdleness has a key withdrawn while nobody asks: the next
// token signed with it must not slip through before the set is refreshed.
func TestRemoteKeysAfterIdleness(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		wantKey(t, keys, testKID)
		time.Sleep(30 * 24 * time.Hour)
		host.publishAfter(time.Second, jwks(publicJWK("new", &foreignKey().PublicKey)))
		wantNoKey(t, keys, testKID, tokens.ErrUnknownKey)
		wantKey(t, keys, "new")
		wantFetches(t, host, 2)
	})
}

// TestRemoteKeysOutage keeps the host away for three days of steady traffic.
func TestRemoteKeysOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		wantKey(t, keys, testKID)
		host.serve(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		for range 3 * 24 * 60 {
			time.Sleep(time.Minute)
			asked := time.Now()
			wantKey(t, keys, testKID)
			if waited := time.Since(asked); waited != 0 {
				t.Fatalf("waited %v in an outage", waited)
			}
		}
		// Whether this key exists cannot be told now.
		wantNoKey(t, keys, "new", tokens.ErrKeysUnavailable)
		if got, most := host.count(), 3*24*60+2; got > most || got < most-65 {
			t.Errorf("got %d fetches in an outage, want one a minute after the first hour", got)
		}

		host.publish(jwks(publicJWK("new", &foreignKey().PublicKey)))
		time.Sleep(tokens.DefaultKeyCooldown)
		wantKey(t, keys, "new")
	})
}

func TestRemoteKeysFirstFetchFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		host.fail()
		start := time.Now()
		wantNoKey(t, keys, testKID, tokens.ErrKeysUnavailable)
		wantNoKey(t, keys, testKID, tokens.ErrKeysUnavailable)
		wantFetches(t, host, 1)
		if time.Since(start) != 0 {
			t.Error("waited for nothing")
		}

		// Repeated after 1, 2, 4, 8, 10, 10 ... seconds.
		var at []time.Duration
		for last := 1; len(at) < 6; time.Sleep(100 * time.Millisecond) {
			wantNoKey(t, keys, testKID, tokens.ErrKeysUnavailable)
			if n := host.count(); n > last {
				at, last = append(at, time.Since(start)), n
			}
		}
		if got, want := fmt.Sprint(at), "[1s 3s 7s 15s 25s 35s]"; got != want {
			t.Errorf("got fetches after %s, want %s", got, want)
		}

		host.publish(poolJWKS())
		time.Sleep(tokens.DefaultKeyCooldown)
		wantKey(t, keys, testKID)
	})
}

// TestRemoteKeysWaiterLeaves has the caller who caused a fetch give up.
func TestRemoteKeysWaiterLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		host.publishAfter(3*time.Second, poolJWKS())
		v := newVerifier(t, func(c *tokens.Config) { c.Keys = keys })
		token := mint(goodAccess(time.Now()))
		start := time.Now()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := v.VerifyAccess(ctx, token)
		wantCode(t, err, tokens.ErrKeysUnavailable, secretsOf(token)...)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not match the context's error", err)
		}
		if isCode(err, tokens.ErrInvalid) {
			t.Errorf("%v blames the token", err)
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("waited %v, want 1s", waited)
		}

		// The fetch goes on for those who are still there.
		if _, err := v.VerifyAccess(t.Context(), token); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v, want 3s", waited)
		}
		wantFetches(t, host, 1)

		// While the keys are there, a context is not looked at.
		if _, err := v.VerifyAccess(ctx, token); err != nil {
			t.Error(err)
		}
	})
}

// TestRemoteKeysStaleWaiterLeaves: who would wait for a refresh but has no
// time left gets the key that is there.
func TestRemoteKeysStaleWaiterLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		wantKey(t, keys, testKID)
		time.Sleep(3 * tokens.DefaultKeyRefresh)
		host.publishAfter(4*time.Second, poolJWKS())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := keys.Key(ctx, testKID); err != nil {
			t.Error(err)
		}
		time.Sleep(4 * time.Second)
	})
}

func TestRemoteKeysBadAnswers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"status 500":  func(*http.Request) (*http.Response, error) { return respond(500, poolJWKS()), nil },
		"status 404":  func(*http.Request) (*http.Response, error) { return respond(404, poolJWKS()), nil },
		"page":        func(*http.Request) (*http.Response, error) { return respond(200, "<html>"), nil },
		"empty set":   func(*http.Request) (*http.Response, error) { return respond(200, jwks()), nil },
		"no key ours": func(*http.Request) (*http.Response, error) { return respond(200, `{"keys":[{"kty":"EC"}]}`), nil },
		"redirect": func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "attacker.example" {
				return respond(200, poolJWKS()), nil
			}
			resp := respond(302, "")
			resp.Header.Set("Location", "http://attacker.example/jwks.json")
			return resp, nil
		},
		"cut short": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.MultiReader(strings.NewReader(poolJWKS()), failingReader{}))}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				keys, host := newRemoteKeys(t)
				host.serve(answer)
				wantNoKey(t, keys, testKID, tokens.ErrKeysUnavailable)
				wantFetches(t, host, 1)

				// Keys that are there survive such answers.
				host.publish(poolJWKS())
				time.Sleep(time.Minute)
				wantKey(t, keys, testKID)
				host.serve(answer)
				time.Sleep(3 * tokens.DefaultKeyRefresh)
				wantKey(t, keys, testKID)
				wantFetches(t, host, 3)
			})
		})
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// newPipeClient returns a client that speaks HTTP with the handler over pipes
// in memory, which time in a synctest bubble stands still for.
func newPipeClient(t *testing.T, handler http.HandlerFunc) *http.Client {
	t.Helper()
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(listener) })
	transport := &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		listener.conns <- far
		return near, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		wg.Wait()
	})
	return &http.Client{Transport: transport}
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// TestRemoteKeysSlowAndEndlessBodies reads from hosts that never finish.
func TestRemoteKeysSlowAndEndlessBodies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		body func(w io.Writer, done <-chan struct{})
		most time.Duration
	}{
		{name: "no answer", most: tokens.DefaultKeyTimeout, body: func(_ io.Writer, done <-chan struct{}) { <-done }},
		{name: "a byte a second", most: tokens.DefaultKeyTimeout, body: func(w io.Writer, done <-chan struct{}) {
			for _, c := range []byte(poolJWKS()) {
				if _, err := w.Write([]byte{c}); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-time.After(time.Second):
				case <-done:
					return
				}
			}
		}},
		{name: "endless", most: 0, body: func(w io.Writer, _ <-chan struct{}) {
			for {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<10)); err != nil {
					return
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newPipeClient(t, func(w http.ResponseWriter, r *http.Request) { tt.body(w, r.Context().Done()) })
				v := newVerifier(t, func(c *tokens.Config) { c.Keys, c.HTTPClient = nil, client })
				start := time.Now()
				_, err := v.VerifyAccess(t.Context(), mint(goodAccess(time.Now())))
				wantCode(t, err, tokens.ErrKeysUnavailable)
				if took := time.Since(start); took != tt.most {
					t.Errorf("took %v, want %v", took, tt.most)
				}
			})
		})
	}
}

func TestNewRemoteKeysErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url string
		ok  bool
	}{
		{"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def/.well-known/jwks.json", true},
		{"https://internal.example/jwks?pool=a", true},
		{"http://localhost:9229/jwks.json", true},
		{"http://127.0.0.1:9229/jwks.json", true},
		{"http://127.9.9.9/jwks.json", true},
		{"http://[::1]:9229/jwks.json", true},
		{"http://cognito-idp.eu-west-1.amazonaws.com/jwks.json", false},
		{"http://localhost.example/jwks.json", false},
		{"http://127.0.0.1.example/jwks.json", false},
		{"http://10.0.0.1/jwks.json", false},
		{"https://user:password@example.com/jwks.json", false},
		{"https://example.com/jwks.json#keys", false},
		{"file:///etc/jwks.json", false},
		{"/jwks.json", false},
		{"", false},
		{"https://%zz/", false},
	} {
		keys, err := tokens.NewRemoteKeys(tokens.RemoteKeysConfig{URL: tt.url})
		if (err == nil) != tt.ok || (keys != nil) != tt.ok {
			t.Errorf("%s: got %v, want it accepted: %t", tt.url, err, tt.ok)
		}
	}
	_, err := tokens.NewRemoteKeys(tokens.RemoteKeysConfig{Refresh: -1, Cooldown: -1, Timeout: -1})
	for _, field := range []string{"URL", "Refresh", "Cooldown", "Timeout"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

// TestRemoteKeysErrorText keeps the query of a URL, which may hold a secret,
// out of errors.
func TestRemoteKeysErrorText(t *testing.T) {
	t.Parallel()
	keys, err := tokens.NewRemoteKeys(tokens.RemoteKeysConfig{
		URL: "https://example.com/jwks?token=planted",
		HTTPClient: &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("connection refused")
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = keys.Key(t.Context(), testKID)
	wantCode(t, err, tokens.ErrKeysUnavailable, "planted", testKID)
	if got, want := err.Error(), "tokens: key set: key set is not available: connection refused"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
