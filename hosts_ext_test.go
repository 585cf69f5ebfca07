package auth_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/tokens"
)

// Several clients on one store are several hosts behind one load balancer. The
// pools below rotate refresh tokens without a grace period: a token that is
// spent twice is refused, and one that is spent and not stored is a session
// lost.

// A peer is a host: a client with its own ways to the store and to the pool.
type peer struct {
	client *auth.Client
	store  *faultyStore
	wire   *witness
}

func newPeer(t testing.TB, pool *authtest.Pool, shared tokens.Store) *peer {
	t.Helper()
	h := &peer{store: newFaultyStore(), wire: newWitness(pool)}
	h.store.store = shared
	h.client = newClient(t, pool, h.store.on(), h.wire.on())
	return h
}

func newPeers(t testing.TB, pool *authtest.Pool, n int) []*peer {
	t.Helper()
	shared := tokens.NewMemoryStore(0)
	hosts := make([]*peer, n)
	for i := range hosts {
		hosts[i] = newPeer(t, pool, shared)
	}
	return hosts
}

func (h *peer) session(t testing.TB, id string) *auth.Session {
	t.Helper()
	return sessionOf(t, h.client, id)
}

func (h *peer) fetch(t testing.TB, id string, in auth.FetchAuthSessionInput) (*auth.AuthSession, error) {
	t.Helper()
	return auth.FetchAuthSession(t.Context(), h.session(t, id), in)
}

// jitter returns a duration below most that seems random and is the same in
// each run.
func jitter(most time.Duration, seed ...any) time.Duration {
	h := fnv.New64a()
	fmt.Fprintln(h, seed...)
	return time.Duration(h.Sum64() % uint64(most))
}

// mustBeAlive fails the test unless the one session in the store can be
// refreshed, which spends its refresh token.
func mustBeAlive(t testing.TB, pool *authtest.Pool, store *faultyStore) {
	t.Helper()
	if _, b := store.bundle(t); !refreshable(t, pool, b.RefreshToken) {
		t.Error("the session's refresh token is dead")
	}
}

// mustBeDead fails the test if a refresh token that the pool has issued is
// still good.
func mustBeDead(t testing.TB, pool *authtest.Pool, hosts ...*peer) {
	t.Helper()
	for _, h := range hosts {
		for i, token := range h.wire.issued() {
			if refreshable(t, pool, token) {
				t.Errorf("refresh token %d of %d is still good", i+1, len(h.wire.issued()))
			}
		}
	}
}

// Behavior 61: hundreds of times over, of hosts that refresh one session at the
// same time, one spends the refresh token, and the others find its result. No
// session is lost and no caller sees an error, whatever takes how long.
func TestHostsRefreshingOneSessionConcurrentSafe(t *testing.T) {
	t.Parallel()
	for grace, rounds := range map[time.Duration]int{0: 300, time.Minute: 60} {
		bubble(t, fmt.Sprintf("grace=%v", grace), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: true, RefreshGracePeriod: grace, RefreshTokenValidity: 24 * 365 * time.Hour})
			sub := addUser(t, pool, "ana")
			hosts := newPeers(t, pool, 4)
			signIn(t, hosts[0].session(t, "1"), "ana")
			refused := 0
			for round := range rounds {
				time.Sleep(2 * time.Hour)
				for i, h := range hosts {
					h.store.script(func(c storeCall, do func() error) error {
						time.Sleep(jitter(80*time.Millisecond, round, i, c.n, "before"))
						err := do()
						time.Sleep(jitter(80*time.Millisecond, round, i, c.n, "after"))
						return err
					})
					h.wire.onRequest(func(op string, _ map[string]any) { time.Sleep(jitter(150*time.Millisecond, round, i, op, "to")) })
					h.wire.onAnswer(func(op string) { time.Sleep(jitter(150*time.Millisecond, round, i, op, "from")) })
				}
				var wg sync.WaitGroup
				for i, h := range hosts {
					for reader := range 3 {
						wg.Go(func() {
							time.Sleep(jitter(200*time.Millisecond, round, i, reader))
							in := auth.FetchAuthSessionInput{ForceRefresh: round%10 == 9 && reader == 0}
							as, err := h.fetch(t, "1", in)
							if err != nil || as.UserSub != sub {
								t.Errorf("round %d, host %d: got %v, %v", round, i, as, err)
							} else if left := time.Until(as.ExpiresAt); left <= 0 {
								t.Errorf("round %d, host %d: tokens expired %v ago", round, i, -left)
							}
						})
					}
				}
				wg.Wait()
				if t.Failed() {
					return
				}
				requests := requestsFor(pool, opRefresh)
				for _, r := range requests[max(0, len(requests)-len(hosts)):] {
					if r.Code == wire.ExceptionRefreshTokenReuse {
						refused++
					}
				}
			}
			if grace == 0 && refused < rounds/10 {
				t.Errorf("only %d refusals in %d rounds: nobody raced", refused, rounds)
			}
			mustBeAlive(t, pool, hosts[0].store)
		})
	}
}

// Forced refreshes race even where tokens are fresh.
func TestHostsForcingRefreshesConcurrentSafe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		sub := addUser(t, pool, "ana")
		hosts := newPeers(t, pool, 3)
		signIn(t, hosts[0].session(t, "1"), "ana")
		for i, h := range hosts {
			h.store.script(func(c storeCall, do func() error) error {
				time.Sleep(jitter(50*time.Millisecond, i, c.n))
				return do()
			})
			h.wire.onAnswer(func(string) { time.Sleep(jitter(50*time.Millisecond, i, time.Now())) })
		}
		var wg sync.WaitGroup
		for i, h := range hosts {
			wg.Go(func() {
				for n := range 50 {
					as, err := h.fetch(t, "1", forced())
					if err != nil || as.UserSub != sub {
						t.Errorf("host %d, refresh %d: got %v, %v", i, n, as, err)
						return
					}
				}
			})
		}
		wg.Wait()
		mustBeAlive(t, pool, hosts[0].store)
	})
}

// The same on files, with processes' own locks and the real clock.
func TestHostsOnAFileStoreConcurrentSafe(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
	sub := addUser(t, pool, "ana")
	dir := t.TempDir()
	hosts := make([]*peer, 3)
	for i := range hosts {
		files, err := tokens.NewFileStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		hosts[i] = newPeer(t, pool, files)
	}
	signIn(t, hosts[0].session(t, "1"), "ana")
	var wg sync.WaitGroup
	for i, h := range hosts {
		wg.Go(func() {
			for n := range 10 {
				as, err := h.fetch(t, "1", forced())
				if err != nil || as.UserSub != sub {
					t.Errorf("host %d, refresh %d: got %v, %v", i, n, as, err)
					return
				}
			}
		})
	}
	wg.Wait()
	mustBeAlive(t, pool, hosts[0].store)
}

// The host that spent the token takes so long to save that the other believes
// the refusal and marks the session. The mark gives way.
func TestMarkGivesWayToALateWinner(t *testing.T) {
	t.Parallel()
	for _, slow := range []struct {
		name string
		wait func(winner *peer)
	}{
		{"slow store", func(winner *peer) {
			winner.store.script(func(c storeCall, do func() error) error {
				if c.method == "Save" {
					time.Sleep(5 * time.Second)
				}
				return do()
			})
		}},
		{"slow answer", func(winner *peer) { winner.wire.onAnswer(func(string) { time.Sleep(20 * time.Second) }) }},
	} {
		bubble(t, slow.name, func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
			sub := addUser(t, pool, "ana")
			hosts := newPeers(t, pool, 2)
			winner, loser := hosts[0], hosts[1]
			signIn(t, winner.session(t, "1"), "ana")
			time.Sleep(time.Hour)
			slow.wait(winner)
			var wg sync.WaitGroup
			wg.Go(func() {
				as, err := winner.fetch(t, "1", auth.FetchAuthSessionInput{})
				if err != nil || as.UserSub != sub {
					t.Errorf("winner: got %v, %v", as, err)
				}
			})
			time.Sleep(time.Second)
			_, err := loser.fetch(t, "1", auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrSessionExpired)
			if n := len(winner.store.bundles()); n != 0 {
				t.Errorf("%d sessions have tokens after the refusal", n)
			}
			wg.Wait()
			as, err := loser.fetch(t, "1", auth.FetchAuthSessionInput{})
			if err != nil || as.UserSub != sub {
				t.Errorf("loser after the winner has saved: got %v, %v", as, err)
			}
			mustBeAlive(t, pool, winner.store)
		})
	}
}

// A reader meets the mark of a loser at the very moment the winner writes over
// it: the reader sees one or the other, and never a damaged record.
func TestReaderMeetsAMarkThatGivesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		sub := addUser(t, pool, "ana")
		hosts := newPeers(t, pool, 3)
		winner, loser, reader := hosts[0], hosts[1], hosts[2]
		signIn(t, winner.session(t, "1"), "ana")
		fetch(t, reader.session(t, "1")) // has the keys from now on
		time.Sleep(time.Hour)
		saved := make(chan struct{})
		proceed := make(chan struct{})
		winner.store.script(func(c storeCall, do func() error) error {
			if c.method == "Save" {
				<-proceed
			}
			return do()
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			defer close(saved)
			if _, err := winner.fetch(t, "1", auth.FetchAuthSessionInput{}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		_, err := loser.fetch(t, "1", auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrSessionExpired)
		reader.store.script(func(c storeCall, do func() error) error {
			err := do()
			if c.n == 1 { // it has read the mark
				close(proceed)
				<-saved
			}
			return err
		})
		as, err := reader.fetch(t, "1", auth.FetchAuthSessionInput{})
		switch {
		case err == nil && as.UserSub == sub, auth.CodeOf(err) == auth.ErrSessionExpired:
		default:
			t.Errorf("got %v, %v; want the tokens or ErrSessionExpired", as, err)
		}
		wg.Wait()
	})
}

// The host that spent the token dies with the answer. Nobody can save the
// session, but everybody is told what it is.
func TestWinnerDies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		addUser(t, pool, "ana")
		h := newPeers(t, pool, 1)[0]
		signIn(t, h.session(t, "1"), "ana")
		time.Sleep(time.Hour)
		pool.Inject(authtest.Fault{Operation: opRefresh, DropResponse: true})
		_, err := h.fetch(t, "1", auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrNetwork)
		if e, _ := errors.AsType[*auth.Error](err); !e.MaybeProcessed {
			t.Error("MaybeProcessed is not set")
		}
		for range 2 {
			_, err = h.fetch(t, "1", auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrSessionExpired)
		}
	})
}

// A sign-out during a refresh is final: what the refresh brings is revoked, and
// the session does not come back.
func TestSignOutDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		for _, global := range []bool{false, true} {
			for _, stage := range []string{"before the service sees it", "before the answer arrives", "before it is saved"} {
				for _, other := range []bool{true, false} {
					bubble(t, fmt.Sprintf("rotation=%t/global=%t/%s/otherHost=%t", rotate, global, stage, other), func(t *testing.T) {
						pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
						addUser(t, pool, "ana")
						hosts := newPeers(t, pool, 2)
						signIn(t, hosts[0].session(t, "1"), "ana")
						held := 0
						hold := func(here string) {
							if here == stage && held == 0 {
								held++
								time.Sleep(3 * time.Second)
							}
						}
						hosts[0].wire.onRequest(func(op string, _ map[string]any) {
							if op == opRefresh {
								hold("before the service sees it")
							}
						})
						hosts[0].wire.onAnswer(func(op string) {
							if op == opRefresh {
								hold("before the answer arrives")
							}
						})
						hosts[0].store.script(func(c storeCall, do func() error) error {
							if c.method == "Save" {
								hold("before it is saved")
							}
							return do()
						})
						var wg sync.WaitGroup
						wg.Go(func() {
							as, err := hosts[0].fetch(t, "1", forced())
							if err == nil {
								t.Errorf("the refresh brought tokens of %s", as.UserSub)
								return
							}
							if code := auth.CodeOf(err); code != auth.ErrNotSignedIn && code != auth.ErrSessionExpired {
								t.Errorf("the refresh: got %v", err)
							}
						})
						time.Sleep(time.Second)
						by := hosts[0]
						if other {
							by = hosts[1]
						}
						out, err := auth.SignOut(t.Context(), by.session(t, "1"), auth.SignOutInput{Global: global})
						if err != nil || !out.WasSignedIn || !out.Revoked {
							t.Errorf("sign out: got %+v, %v", out, err)
						}
						wg.Wait()
						_, err = hosts[1].fetch(t, "1", auth.FetchAuthSessionInput{})
						wantCode(t, err, auth.ErrNotSignedIn)
						if left := hosts[0].store.records(); len(left) != 0 {
							t.Errorf("%d records stayed", len(left))
						}
						mustBeDead(t, pool, hosts...)
					})
				}
			}
		}
	}
}

// Somebody else signs in to the session while it is refreshed: the refresh
// yields, and its tokens are revoked.
func TestAnotherPersonSignsInDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			ben := addUser(t, pool, "ben")
			hosts := newPeers(t, pool, 2)
			signIn(t, hosts[0].session(t, "1"), "ana")
			hosts[0].wire.onAnswer(func(op string) {
				if op == opRefresh {
					time.Sleep(3 * time.Second)
				}
			})
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := hosts[0].fetch(t, "1", forced())
				if code := auth.CodeOf(err); code != auth.ErrNotSignedIn {
					t.Errorf("ana's refresh: got %v, want ErrNotSignedIn", err)
				}
			})
			time.Sleep(time.Second)
			if _, err := auth.SignOut(t.Context(), hosts[1].session(t, "1"), auth.SignOutInput{}); err != nil {
				t.Fatal(err)
			}
			signIn(t, hosts[1].session(t, "1"), "ben")
			wg.Wait()
			for _, h := range hosts {
				as, err := h.fetch(t, "1", auth.FetchAuthSessionInput{})
				if err != nil || as.UserSub != ben {
					t.Errorf("got %v, %v, want ben's tokens", as, err)
				}
			}
			mustBeDead(t, pool, hosts[0]) // all of ana's
			mustBeAlive(t, pool, hosts[1].store)
		})
	}
}

// The store drops the session while a refresh of it is under way, and the same
// person signs in again: the new sign-in stands.
func TestSamePersonSignsInAgainDuringRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		sub := addUser(t, pool, "ana")
		hosts := newPeers(t, pool, 2)
		signIn(t, hosts[0].session(t, "1"), "ana")
		hosts[0].wire.onAnswer(func(op string) {
			if op == opRefresh {
				time.Sleep(3 * time.Second)
			}
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			if as, err := hosts[0].fetch(t, "1", forced()); err != nil || as.UserSub != sub {
				t.Errorf("got %v, %v", as, err)
			}
		})
		time.Sleep(time.Second)
		key, _ := hosts[0].store.bundle(t)
		_, rev, _ := hosts[1].store.Load(t.Context(), key)
		if err := hosts[1].store.Delete(t.Context(), key, rev); err != nil {
			t.Fatal(err)
		}
		signIn(t, hosts[1].session(t, "1"), "ana")
		wg.Wait()
		mustBeDead(t, pool, hosts[0]) // what the overtaken refresh brought is nobody's
		mustBeAlive(t, pool, hosts[1].store)
	})
}

// RenewSession during a refresh: what the refresh brings follows the session to
// its new id.
func TestRenewSessionDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		for _, other := range []bool{true, false} {
			bubble(t, fmt.Sprintf("rotation=%t/otherHost=%t", rotate, other), func(t *testing.T) {
				pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
				sub := addUser(t, pool, "ana")
				hosts := newPeers(t, pool, 2)
				signIn(t, hosts[0].session(t, "planted"), "ana")
				hosts[0].wire.onAnswer(func(op string) {
					if op == opRefresh {
						time.Sleep(3 * time.Second)
					}
				})
				var wg sync.WaitGroup
				wg.Go(func() {
					if as, err := hosts[0].fetch(t, "planted", forced()); err != nil || as.UserSub != sub {
						t.Errorf("the refresh: got %v, %v", as, err)
					}
				})
				time.Sleep(time.Second)
				by := hosts[0]
				if other {
					by = hosts[1]
				}
				moved, err := auth.RenewSession(t.Context(), by.session(t, "planted"), "fresh")
				if err != nil {
					t.Fatal(err)
				}
				// Twice, as the record moves on.
				if _, err := auth.RenewSession(t.Context(), moved, "fresher"); err != nil {
					t.Fatal(err)
				}
				wg.Wait()
				for _, id := range []string{"planted", "fresh"} {
					_, err = hosts[1].fetch(t, id, auth.FetchAuthSessionInput{})
					wantCode(t, err, auth.ErrNotSignedIn)
				}
				as, err := hosts[1].fetch(t, "fresher", auth.FetchAuthSessionInput{})
				if err != nil || as.UserSub != sub {
					t.Errorf("under the new id: got %v, %v", as, err)
				}
				mustBeAlive(t, pool, hosts[0].store)
			})
		}
	}
}

// The session is renewed and signed out of while a refresh of its old id is
// under way: it stays signed out under every id.
func TestRenewAndSignOutDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			hosts := newPeers(t, pool, 2)
			signIn(t, hosts[0].session(t, "planted"), "ana")
			hosts[0].wire.onAnswer(func(op string) {
				if op == opRefresh {
					time.Sleep(3 * time.Second)
				}
			})
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := hosts[0].fetch(t, "planted", forced())
				if code := auth.CodeOf(err); code != auth.ErrNotSignedIn {
					t.Errorf("the refresh: got %v, want ErrNotSignedIn", err)
				}
			})
			time.Sleep(time.Second)
			moved, err := auth.RenewSession(t.Context(), hosts[1].session(t, "planted"), "fresh")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := auth.SignOut(t.Context(), moved, auth.SignOutInput{}); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			for _, id := range []string{"planted", "fresh"} {
				_, err = hosts[1].fetch(t, id, auth.FetchAuthSessionInput{})
				wantCode(t, err, auth.ErrNotSignedIn)
			}
			if n := len(hosts[0].store.bundles()) + len(hosts[1].store.bundles()); n != 0 {
				t.Errorf("%d sessions have tokens", n)
			}
			mustBeDead(t, pool, hosts...)
		})
	}
}

// Whoever still has the old id cannot end the renewed session with it, not even
// while a refresh of the old id is under way.
func TestSignOutByTheOldIDDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			addUser(t, pool, "ana")
			hosts := newPeers(t, pool, 2)
			signIn(t, hosts[0].session(t, "planted"), "ana")
			hosts[0].wire.onAnswer(func(op string) {
				if op == opRefresh {
					time.Sleep(3 * time.Second)
				}
			})
			var wg sync.WaitGroup
			wg.Go(func() { hosts[0].fetch(t, "planted", forced()) })
			time.Sleep(time.Second)
			if _, err := auth.RenewSession(t.Context(), hosts[1].session(t, "planted"), "fresh"); err != nil {
				t.Fatal(err)
			}
			out, err := auth.SignOut(t.Context(), hosts[1].session(t, "planted"), auth.SignOutInput{Global: true})
			wantSignOut(t, out, err, auth.SignOutOutput{}, "", "")
			wg.Wait()
			if _, err := hosts[1].fetch(t, "fresh", forced()); err != nil {
				t.Errorf("the renewed session: %v", err)
			}
		})
	}
}

// Nor can they by signing in with it.
func TestSignInByTheOldIDDuringRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		ana, mallory := addUser(t, pool, "ana"), addUser(t, pool, "mallory")
		hosts := newPeers(t, pool, 2)
		signIn(t, hosts[0].session(t, "planted"), "ana")
		hosts[0].wire.onAnswer(func(op string) {
			if op == opRefresh {
				time.Sleep(3 * time.Second)
			}
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := hosts[0].fetch(t, "planted", forced())
			if code := auth.CodeOf(err); code != auth.ErrNotSignedIn {
				t.Errorf("the refresh: got %v, want ErrNotSignedIn", err)
			}
		})
		time.Sleep(time.Second)
		renewed(t, hosts[1].session(t, "planted"), "fresh")
		signIn(t, hosts[1].session(t, "planted"), "mallory")
		wg.Wait()
		for id, sub := range map[string]string{"fresh": ana, "planted": mallory} {
			as, err := hosts[1].fetch(t, id, forced())
			if err != nil || as.UserSub != sub {
				t.Errorf("%s: got %v, %v", id, as, err)
			}
		}
	})
}

// A refresh ends between RenewSession's look at the record and its mark: the
// copy under the new id is not the spent one.
func TestRefreshDuringRenewSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
		sub := addUser(t, pool, "ana")
		hosts := newPeers(t, pool, 2)
		signIn(t, hosts[0].session(t, "planted"), "ana")
		saves := 0
		hosts[0].store.script(func(c storeCall, do func() error) error {
			if c.method == "Save" {
				if saves++; saves <= 3 {
					if _, err := hosts[1].fetch(t, "planted", forced()); err != nil {
						t.Error(err)
					}
				}
			}
			return do()
		})
		moved, err := auth.RenewSession(t.Context(), hosts[0].session(t, "planted"), "fresh")
		if err != nil {
			t.Fatal(err)
		}
		as, err := auth.FetchAuthSession(t.Context(), moved, forced())
		if err != nil || as.UserSub != sub {
			t.Errorf("got %v, %v", as, err)
		}
		_, err = hosts[1].fetch(t, "planted", auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrNotSignedIn)
		mustBeAlive(t, pool, hosts[0].store)
	})
}
