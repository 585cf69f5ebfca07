package tokens

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of [RemoteKeysConfig].
const (
	// DefaultKeyRefresh is the age at which a key set is fetched again.
	DefaultKeyRefresh = time.Hour
	// DefaultKeyCooldown is the least time between two fetches.
	DefaultKeyCooldown = 10 * time.Second
	// DefaultKeyTimeout bounds one fetch from its first byte to its last.
	DefaultKeyTimeout = 5 * time.Second
)

// firstRetry is the pause after one failed fetch; it doubles with each further
// one until it reaches the cooldown.
const firstRetry = time.Second

// RemoteKeysConfig configures [NewRemoteKeys]. Only URL is required.
type RemoteKeysConfig struct {
	// URL is where the JWK set is; https, except on loopback.
	URL string

	// HTTPClient fetches it; by default one on [http.DefaultTransport].
	// A copy is used
	// that follows no redirects.
	HTTPClient *http.Client

	// Refresh is the age at which the set is fetched again although it has all
	// the keys asked for, so that a withdrawn key is noticed. Zero means
	// [DefaultKeyRefresh].
	Refresh time.Duration

	// Cooldown is the least time between two fetches, however many unknown key
	// ids are asked for. Zero means [DefaultKeyCooldown].
	Cooldown time.Duration

	// Timeout bounds one fetch. Zero means [DefaultKeyTimeout].
	Timeout time.Duration
}

// RemoteKeys is a [KeySource] that fetches a JWK set over HTTP. It is safe for
// concurrent use and needs no closing.
//
// The set is fetched when a key is first asked for. Known keys are answered
// from memory without a lock. A set older than Refresh is fetched again by the
// next caller, who does not wait for it, unless nobody has asked for so long
// that the set is twice as old: then it does. An unknown key id causes a fetch
// if the last one was at least Cooldown ago; failed fetches are repeated sooner,
// after 1 s, 2 s, 4 s and so on up to Cooldown. There is one fetch at a time;
// all who need it wait for it, each no longer than its own context. The
// fetch itself is bound to none of the callers and ends after Timeout at the
// latest. If it fails, the keys that are there stay, without limit.
type RemoteKeys struct {
	config RemoteKeysConfig
	client *http.Client

	current atomic.Pointer[keyState]

	mu     sync.Mutex
	flight chan struct{} // nil: no fetch is under way
}

// keyState is what is known of the key set at one time. It is immutable.
type keyState struct {
	keys     *KeySet // nil: none fetched yet
	err      error   // why the last fetch failed
	failures int     // fetches failed in a row

	refresh  time.Time // when the keys are due to be fetched again
	wait     time.Time // when callers have to wait for that
	earliest time.Time // when an unknown key id may cause a fetch
}

// NewRemoteKeys returns a key source for the URL. It does no I/O.
func NewRemoteKeys(cfg RemoteKeysConfig) (*RemoteKeys, error) {
	var problems []error
	if err := checkFetchURL(cfg.URL); err != nil {
		problems = append(problems, fmt.Errorf("tokens: config: JWKS URL: %w", err))
	}
	for _, d := range []struct {
		field string
		value *time.Duration
		unset time.Duration
	}{
		{"Refresh", &cfg.Refresh, DefaultKeyRefresh},
		{"Cooldown", &cfg.Cooldown, DefaultKeyCooldown},
		{"Timeout", &cfg.Timeout, DefaultKeyTimeout},
	} {
		if *d.value < 0 {
			problems = append(problems, fmt.Errorf("tokens: config: %s: must not be negative", d.field))
		}
		*d.value = cmp.Or(*d.value, d.unset)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	client := *cmp.Or(cfg.HTTPClient, new(http.Client))
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	k := &RemoteKeys{config: cfg, client: &client}
	k.current.Store(new(keyState))
	return k, nil
}

// Key returns the key with that id. It fails with an error matching
// [ErrUnknownKey] if the set does not have it, and with one matching
// [ErrKeysUnavailable] if that cannot be told, because the last fetch failed or
// the context ended; the context's error is then its cause.
func (k *RemoteKeys) Key(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	now := time.Now()
	state := k.current.Load()
	key := state.key(kid)
	if key != nil && now.Before(state.refresh) {
		return key, nil
	}
	// No fetch starts before this time, so none is under way either.
	if !now.Before(state.earliest) {
		flight := k.fetch(ctx, now)
		if key != nil && now.Before(state.wait) {
			return key, nil
		}
		if flight != nil {
			select {
			case <-flight:
			case <-ctx.Done():
				if key != nil {
					return key, nil
				}
				return nil, &Error{Op: "key set", Code: ErrKeysUnavailable, Err: ctx.Err()}
			}
		}
		state = k.current.Load()
		key = state.key(kid)
	}
	switch {
	case key != nil:
		return key, nil
	case state.err != nil:
		return nil, &Error{Op: "key set", Code: ErrKeysUnavailable, Err: state.err}
	default:
		return nil, &Error{Op: "key set", Code: ErrUnknownKey}
	}
}

// fetch starts a fetch if one is allowed at that time, and returns a channel
// that is closed when it has ended and current is replaced; nil means that none
// is under way.
func (k *RemoteKeys) fetch(ctx context.Context, now time.Time) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.flight != nil {
		return k.flight
	}
	before := k.current.Load()
	if now.Before(before.earliest) {
		return nil
	}
	flight := make(chan struct{})
	k.flight = flight
	// One caller giving up must not lose the keys that others wait for.
	ctx = context.WithoutCancel(ctx)
	go func() {
		keys, err := k.get(ctx)
		after := k.next(before, keys, err)

		k.mu.Lock()
		defer k.mu.Unlock()
		k.current.Store(after)
		k.flight = nil
		close(flight)
	}()
	return flight
}

// next returns the state after a fetch that has just ended.
func (k *RemoteKeys) next(before *keyState, keys *KeySet, err error) *keyState {
	now := time.Now()
	after := &keyState{keys: keys, err: err, wait: now.Add(2 * k.config.Refresh)}
	if err == nil {
		after.keys = keys.reusing(before.keys)
		after.earliest = now.Add(min(k.config.Cooldown, k.config.Refresh))
		after.refresh = now.Add(k.config.Refresh)
		return after
	}
	after.keys = before.keys
	after.failures = before.failures + 1
	after.earliest = now.Add(min(k.config.Cooldown, firstRetry<<min(before.failures, 16)))
	after.refresh = after.earliest
	return after
}

// get fetches and reads the key set.
func (k *RemoteKeys) get(ctx context.Context) (*KeySet, error) {
	ctx, cancel := context.WithTimeout(ctx, k.config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.config.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := k.client.Do(req)
	if err != nil {
		// The URL around the cause may have a query that is not for logs.
		if ue, ok := errors.AsType[*url.Error](err); ok {
			err = ue.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxSetBytes+1))
	if err != nil {
		return nil, err
	}
	keys, err := ParseKeySet(body)
	if err != nil {
		return nil, err
	}
	if keys.Len() == 0 {
		return nil, errors.New("no usable key")
	}
	return keys, nil
}

func (s *keyState) key(kid string) *rsa.PublicKey {
	if s.keys == nil {
		return nil
	}
	return s.keys.keys[kid]
}
