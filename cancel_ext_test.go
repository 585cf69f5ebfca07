package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// wantCanceled fails the test unless err says that the context has ended. While
// keys were waited for it also says that they are not there.
func wantCanceled(t testing.TB, at string, err, cause error) {
	t.Helper()
	code := auth.CodeOf(err)
	if !errors.Is(err, cause) || code != auth.ErrCanceled && code != auth.ErrKeysUnavailable {
		t.Errorf("%s: got %v with code %q, want ErrCanceled for %v", at, err, code, cause)
	}
}

// unrevoked returns what a sign-out reports beside its error.
func unrevoked(out any) error {
	if out, ok := out.(*auth.SignOutOutput); ok {
		return errors.Join(out.GlobalError, out.RevokeError)
	}
	return nil
}

// A context that has ended before the call: nothing is sent and nothing
// changes.
func TestContextThatHasEnded(t *testing.T) {
	t.Parallel()
	for _, f := range functions() {
		bubble(t, f.name, func(t *testing.T) {
			st := f.stage(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			asked, issued := len(operations(st.pool)), len(st.wire.issued())
			out, err := f.call(ctx, st)
			wantCanceled(t, "call", err, context.Canceled)
			if out != nil {
				t.Errorf("got %v besides the error", out)
			}
			if ops := operations(st.pool)[asked:]; len(ops) != 0 {
				t.Errorf("requests: %v", ops)
			}
			f.checkOutcome(t, st, "afterwards", issued, err)
		})
	}
}

// A context that ends while the service takes its time: the call returns at
// once, with the context's error.
func TestContextThatEndsDuringARequest(t *testing.T) {
	t.Parallel()
	const patience = 2 * time.Second
	for _, f := range functions() {
		if f.local {
			continue
		}
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
			bubble(t, fmt.Sprintf("%s/%v", f.name, cause), func(t *testing.T) {
				st := f.stage(t)
				st.pool.Inject(authtest.Fault{Delay: time.Hour, Times: -1})
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				if errors.Is(cause, context.Canceled) {
					ctx, cancel = context.WithCancel(t.Context())
					time.AfterFunc(patience, cancel)
				}
				defer cancel()
				start := time.Now()
				out, err := f.call(ctx, st)
				if d := time.Since(start); d != patience {
					t.Errorf("returned %v after the context ended", d-patience)
				}
				if err == nil { // a sign-out is done before it revokes
					err = unrevoked(out)
				}
				wantCanceled(t, "call", err, cause)
				time.Sleep(time.Minute) // fetches of keys and refreshes give up later than their callers
			})
		}
	}
}

// A context that ends at any moment, in the middle of whatever: what is left
// behind is whole, and no tokens are left that nobody holds.
func TestContextThatEndsAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, f := range functions() {
		for _, where := range []string{"before the store", "after the store", "before the service", "after the service"} {
			bubble(t, f.name+"/"+where, func(t *testing.T) {
				for n := 1; ; n++ {
					st := f.stage(t)
					issued := len(st.wire.issued())
					ctx, cancel := context.WithCancel(t.Context())
					var mu sync.Mutex
					passed := make(map[string]int)
					pass := func(here string) {
						mu.Lock()
						passed[here]++
						now := here == where && passed[here] == n
						mu.Unlock()
						if now {
							cancel()
							synctest.Wait() // until the caller has left, if it waits for another goroutine
						}
					}
					st.store.script(func(_ storeCall, do func() error) error {
						pass("before the store")
						err := do()
						pass("after the store")
						return err
					})
					st.wire.onRequest(func(string, map[string]any) { pass("before the service") })
					st.wire.onAnswer(func(string) { pass("after the service") })
					out, err := f.call(ctx, st)
					time.Sleep(time.Minute) // a refresh goes on without its caller
					st.store.script(nil)
					st.wire.onRequest(nil)
					st.wire.onAnswer(nil)
					mu.Lock()
					reached := passed[where] >= n
					mu.Unlock()
					cancel()
					if !reached {
						break
					}
					at := fmt.Sprintf("%s, time %d", where, n)
					if (out == nil) != (err != nil) {
						t.Errorf("%s: got %v and error %v, want one of them", at, out, err)
					}
					if err != nil {
						wantCanceled(t, at, err, context.Canceled)
					}
					if report := unrevoked(out); report != nil {
						wantCanceled(t, at, report, context.Canceled)
						issued = len(st.wire.issued()) // they are good, and the caller knows
					}
					f.checkOutcome(t, st, at, issued, err)
				}
			})
		}
	}
}

// A store that hangs does not hold anybody whose context has ended, except for
// the seconds in which a failure is tidied up.
func TestContextThatEndsWhileTheStoreHangs(t *testing.T) {
	t.Parallel()
	for _, f := range functions() {
		for _, method := range []string{"Load", "Save", "Delete"} {
			bubble(t, f.name+"/"+method, func(t *testing.T) {
				st := f.stage(t)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				hanging := &hangingStore{faultyStore: st.store, method: method}
				st.client = newClient(t, st.pool, func(cfg *auth.Config) { cfg.Store = hanging }, st.wire.on())
				st.session = sessionOf(t, st.client, secretSession).OnDevice(secretDevice)
				start := time.Now()
				_, err := f.call(ctx, st)
				if d := time.Since(start); d > 15*time.Second {
					t.Errorf("returned %v after the context ended", d-time.Second)
				}
				if err != nil {
					wantCanceled(t, "call", err, context.DeadlineExceeded)
				}
				time.Sleep(time.Minute) // a refresh gives up later than its caller
			})
		}
	}
}

// A hangingStore is a store of which one method only ends with the context.
type hangingStore struct {
	*faultyStore

	method string
}

func (s *hangingStore) Load(ctx context.Context, key string) (tokens.Record, tokens.Revision, error) {
	if s.method == "Load" {
		<-ctx.Done()
	}
	return s.faultyStore.Load(ctx, key)
}

func (s *hangingStore) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (tokens.Revision, error) {
	if s.method == "Save" {
		<-ctx.Done()
	}
	return s.faultyStore.Save(ctx, key, rec, prev)
}

func (s *hangingStore) Delete(ctx context.Context, key string, prev tokens.Revision) error {
	if s.method == "Delete" {
		<-ctx.Done()
	}
	return s.faultyStore.Delete(ctx, key, prev)
}

// The caller of a refresh leaves when the service has already rotated the
// token: the new one is kept for whoever comes next.
func TestCanceledCallerDoesNotLoseTheRotatedToken(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 3} {
		bubble(t, fmt.Sprintf("others=%d", others), func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{RotateRefreshTokens: true}), newFaultyStore()
			w := newWitness(pool)
			sub := addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on(), w.on()), "1")
			signIn(t, s, "ana")
			_, before := store.bundle(t)
			time.Sleep(time.Hour)
			w.onAnswer(func(string) { time.Sleep(20 * time.Second) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
				wantCanceled(t, "who leaves", err, context.DeadlineExceeded)
			})
			synctest.Wait() // it began the refresh
			for range others {
				wg.Go(func() {
					if as, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{}); err != nil || as.UserSub != sub {
						t.Errorf("who stays: got %v, %v", as, err)
					}
				})
			}
			wg.Wait()
			time.Sleep(30 * time.Second)
			_, after := store.bundle(t)
			if after.RefreshToken == before.RefreshToken || after.RefreshToken != w.issued()[1] {
				t.Error("the rotated token was not stored")
			}
			w.onAnswer(nil)
			fetch(t, s)
			if n := refreshes(pool); n != 1 {
				t.Errorf("got %d refreshes, want 1", n)
			}
			mustBeAlive(t, pool, store)
		})
	}
}
