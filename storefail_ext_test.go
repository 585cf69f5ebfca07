package auth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Behavior 67: whichever call of the store fails, in whichever function, before
// or after it did its work: the function says so or does without it, what it
// leaves behind is whole, and no tokens are left that nobody holds.
func TestStoreThatFailsOnce(t *testing.T) {
	t.Parallel()
	for _, f := range functions() {
		for _, done := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s/done=%t", f.name, done), func(t *testing.T) {
				for n := 1; ; n++ {
					st := f.stage(t)
					issued := len(st.wire.issued())
					failed := false
					st.store.script(func(c storeCall, do func() error) error {
						if c.n != n {
							return do()
						}
						failed = true
						if done {
							do()
						}
						return errStore
					})
					out, err := f.call(t.Context(), st)
					st.store.script(nil)
					if !failed {
						break
					}
					at := fmt.Sprintf("call %d", n)
					if (out == nil) != (err != nil) {
						t.Errorf("%s: got %v and error %v, want one of them", at, out, err)
					}
					if err != nil {
						if e, ok := errors.AsType[*auth.Error](err); !ok || e.Op == "" || e.Code == "" {
							t.Errorf("%s: got the error %#v, want an *auth.Error with operation and code", at, err)
						}
						if !errors.Is(err, errStore) {
							t.Errorf("%s: got %v, want the store's error", at, err)
						}
					}
					f.checkOutcome(t, st, at, issued, err)
				}
			})
		}
	}
}

// holds reports whether the store has the refresh token.
func (st *stage) holds(refreshToken string) bool {
	for _, b := range st.store.bundles() {
		if b.RefreshToken == refreshToken {
			return true
		}
	}
	return false
}

// A store that fails from some call on, until the function has given up: when
// it works again, whoever was signed in is, and nobody else, and no tokens of a
// sign-in are left that nobody holds.
func TestStoreThatKeepsFailing(t *testing.T) {
	t.Parallel()
	for _, f := range functions() {
		bubble(t, f.name, func(t *testing.T) {
			for n := 1; ; n++ {
				st := f.stage(t)
				issued := len(st.wire.issued())
				st.store.script(func(c storeCall, do func() error) error {
					if c.n < n {
						return do()
					}
					return errStore
				})
				start := time.Now()
				_, err := f.call(t.Context(), st)
				if d := time.Since(start); d > 30*time.Second {
					t.Errorf("call %d: gave up after %v", n, d)
				}
				if st.store.count() < n {
					break
				}
				st.store.script(nil)
				if f.before && !f.gone && err != nil && !st.holds(st.wire.issued()[len(st.wire.issued())-1]) {
					// The token was rotated and what came for it could not be kept.
					_, err := auth.FetchAuthSession(t.Context(), st.session, auth.FetchAuthSessionInput{})
					wantCode(t, err, auth.ErrSessionExpired)
					continue
				}
				f.checkOutcome(t, st, fmt.Sprintf("call %d", n), issued, err)
			}
		})
	}
}

// Under rotation a refresh waits for the store for a while: giving up would lose
// the session.
func TestRotatedTokenSurvivesAStoreThatFailsForAWhile(t *testing.T) {
	t.Parallel()
	bubble(t, "2s", func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{RotateRefreshTokens: true}), newFaultyStore()
		sub := addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		time.Sleep(time.Hour)
		outage := time.Now().Add(2 * time.Second)
		store.script(func(c storeCall, do func() error) error {
			if c.method == "Save" && time.Now().Before(outage) {
				return errStore
			}
			return do()
		})
		if got := fetch(t, s).UserSub; got != sub {
			t.Errorf("sub: got %q, want %q", got, sub)
		}
		mustBeAlive(t, pool, store)
	})
}

// checkOutcome checks what a call has left behind: somebody is signed in or
// nobody is, with everything that belongs to it.
func (f function) checkOutcome(t *testing.T, st *stage, at string, issued int, err error) {
	t.Helper()
	signedIn := f.before
	if err == nil {
		signedIn = f.after
	}
	if _, exists := st.pool.User(secretName); f.gone && err != nil && !exists {
		return // the tokens that may be left open nothing
	}
	for _, in := range []auth.FetchAuthSessionInput{{}, forced()} {
		as, fetchErr := auth.FetchAuthSession(t.Context(), st.session, in)
		switch code := auth.CodeOf(fetchErr); {
		case signedIn && (fetchErr != nil || as.UserSub == ""):
			t.Errorf("%s: after %v nobody is signed in: %v", at, err, fetchErr)
		case !signedIn && code != auth.ErrNotSignedIn && code != auth.ErrSessionExpired:
			t.Errorf("%s: after %v somebody is signed in, or worse: %v", at, err, fetchErr)
		}
	}
	if !signedIn {
		if n := len(st.store.bundles()); n != 0 {
			t.Errorf("%s: after %v the store holds the tokens of %d sessions", at, err, n)
		}
		for _, token := range st.wire.issued()[min(issued, len(st.wire.issued())):] {
			if refreshable(t, st.pool, token) {
				t.Errorf("%s: after %v a refresh token is good that nobody holds", at, err)
			}
		}
	}
}
