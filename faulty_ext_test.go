package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/tokens"
)

// A storeCall is one call of a store, numbered from 1.
type storeCall struct {
	n      int
	method string // "Load", "Save" or "Delete"
	key    string
}

// A faultyStore is a store whose every call a test can hold up or let fail. It
// is safe for concurrent use.
type faultyStore struct {
	store tokens.Store

	mu     sync.Mutex
	around func(c storeCall, do func() error) error
	calls  int
	keys   map[string]bool
}

func newFaultyStore() *faultyStore {
	return &faultyStore{store: tokens.NewMemoryStore(0), keys: make(map[string]bool)}
}

// script makes around decide about each call from now on, and counts them from
// 1 again. do performs the call; around returns what the caller is told. Nil
// lets every call pass.
func (s *faultyStore) script(around func(c storeCall, do func() error) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.around, s.calls = around, 0
}

// count returns the number of calls since the last script.
func (s *faultyStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *faultyStore) call(method, key string, do func() error) error {
	s.mu.Lock()
	s.calls++
	s.keys[key] = true
	around, c := s.around, storeCall{s.calls, method, key}
	s.mu.Unlock()
	if around == nil {
		return do()
	}
	return around(c, do)
}

func (s *faultyStore) Load(ctx context.Context, key string) (rec tokens.Record, rev tokens.Revision, err error) {
	err = s.call("Load", key, func() error {
		var err error
		rec, rev, err = s.store.Load(ctx, key)
		return err
	})
	if err != nil {
		return tokens.Record{}, "", err
	}
	return rec, rev, nil
}

func (s *faultyStore) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (rev tokens.Revision, err error) {
	err = s.call("Save", key, func() error {
		var err error
		rev, err = s.store.Save(ctx, key, rec, prev)
		return err
	})
	if err != nil {
		return "", err
	}
	return rev, nil
}

func (s *faultyStore) Delete(ctx context.Context, key string, prev tokens.Revision) error {
	return s.call("Delete", key, func() error { return s.store.Delete(ctx, key, prev) })
}

// errStore is what a broken store says.
var errStore = errors.New("the store is on fire")

// failing fails every call of one of the methods, or of all if none is given,
// without performing it.
func failing(methods ...string) func(storeCall, func() error) error {
	return func(c storeCall, do func() error) error {
		if len(methods) == 0 || slices.Contains(methods, c.method) {
			return errStore
		}
		return do()
	}
}

// records returns what the store holds under the keys it was ever asked for.
func (s *faultyStore) records() map[string]tokens.Record {
	s.mu.Lock()
	keys := slices.Collect(maps.Keys(s.keys))
	s.mu.Unlock()
	records := make(map[string]tokens.Record)
	for _, key := range keys {
		if rec, _, err := s.store.Load(context.Background(), key); err == nil {
			records[key] = rec
		}
	}
	return records
}

// bundles returns the tokens that the store holds, by key.
func (s *faultyStore) bundles() map[string]tokens.Bundle {
	bundles := make(map[string]tokens.Bundle)
	for key, rec := range s.records() {
		if b, err := tokens.ParseBundle(rec.Data); err == nil {
			bundles[key] = b
		}
	}
	return bundles
}

// bundle returns the only tokens that the store holds.
func (s *faultyStore) bundle(t testing.TB) (key string, b tokens.Bundle) {
	t.Helper()
	bundles := s.bundles()
	if len(bundles) != 1 {
		t.Fatalf("the store holds the tokens of %d sessions, want 1", len(bundles))
	}
	for key, b = range bundles {
	}
	return key, b
}

// put replaces the data under a key, whatever it was.
func (s *faultyStore) put(t testing.TB, key string, data []byte) {
	t.Helper()
	rec, rev, err := s.store.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	rec.Data = data
	if _, err := s.store.Save(t.Context(), key, rec, rev); err != nil {
		t.Fatal(err)
	}
}

// putBundle replaces the tokens under a key without verifying them.
func (s *faultyStore) putBundle(t testing.TB, key string, b tokens.Bundle) {
	t.Helper()
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s.put(t, key, data)
}

// on makes a client use the store.
func (s *faultyStore) on() func(*auth.Config) {
	return func(cfg *auth.Config) { cfg.Store = s }
}

// A witness stands between clients and a pool, and sees what the pool issues.
type witness struct {
	next http.RoundTripper

	mu       sync.Mutex
	request  func(operation string, body map[string]any) // may change the body
	answered func(operation string)
	seen     []string // tokens and sessions
	refresh  []string // refresh tokens only
}

func newWitness(pool *authtest.Pool) *witness { return &witness{next: pool.Transport()} }

// on makes a client go by the witness.
func (w *witness) on() func(*auth.Config) {
	return func(cfg *auth.Config) { cfg.HTTPClient = &http.Client{Transport: w} }
}

// echo answers every request with an error that quotes it, as debugging proxies
// do.
func (w *witness) echo() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next = tripper(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		return &http.Response{
			StatusCode: http.StatusBadGateway, ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"X-Amzn-Errortype": {string(body)}, "X-Amzn-Requestid": {string(body)}},
			Body:   io.NopCloser(bytes.NewReader(body)),
		}, nil
	})
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// onRequest runs before the pool gets a request, onAnswer after it has answered
// and before the client knows.
func (w *witness) onRequest(f func(operation string, body map[string]any)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.request = f
}

func (w *witness) onAnswer(f func(operation string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = f
}

// issued returns the refresh tokens that the pool has issued, oldest first.
func (w *witness) issued() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.refresh)
}

// secrets returns all tokens and sessions that the pool has issued.
func (w *witness) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), wire.TargetPrefix)
	w.mu.Lock()
	next, request, answered := w.next, w.request, w.answered
	w.mu.Unlock()
	if request != nil && r.Method == http.MethodPost {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		request(operation, body)
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	}
	res, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(data))
	w.note(data)
	if answered != nil {
		answered(operation)
	}
	return res, nil
}

func (w *witness) note(data []byte) {
	var answer struct {
		Session              string
		SecretCode           string
		AuthenticationResult struct {
			AccessToken  string
			IDToken      string `json:"IdToken"`
			RefreshToken string
		}
	}
	if json.Unmarshal(data, &answer) != nil {
		return
	}
	result := answer.AuthenticationResult
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, secret := range []string{answer.Session, answer.SecretCode, result.AccessToken, result.IDToken, result.RefreshToken} {
		if secret != "" {
			w.seen = append(w.seen, secret)
		}
	}
	if result.RefreshToken != "" {
		w.refresh = append(w.refresh, result.RefreshToken)
	}
}

// refreshable reports whether the pool still gives tokens for a refresh token.
// With rotation it spends the token.
func refreshable(t testing.TB, pool *authtest.Pool, token string) bool {
	t.Helper()
	body := map[string]string{"ClientId": pool.ClientID(), "RefreshToken": token}
	if secret := pool.ClientSecret(); secret != "" {
		body["ClientSecret"] = secret
	}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", wire.ContentType)
	r.Header.Set("X-Amz-Target", wire.TargetPrefix+opRefresh)
	res, err := pool.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}
