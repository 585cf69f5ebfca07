package auth_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cognitokit/auth"
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

// checkOutcome checks what a call has left behind: somebody is signed in or
// nobody is, with everything that belongs to it.
func (f function) checkOutcome(t *testing.T, st *stage, at string, issued int, err error) {
	t.Helper()
	signedIn := f.before
	if err == nil {
		signedIn = f.after
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
