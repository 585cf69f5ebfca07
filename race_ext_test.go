package auth_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Behavior 58: for 100 readers of one expired session exactly one request goes
// out, and all of them get the same tokens.
func TestReadersOfOneExpiredSessionConcurrentSafe(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool := newPool(t, authtest.Config{RotateRefreshTokens: rotate})
			sub := addUser(t, pool, "ana")
			c := newClient(t, pool)
			signIn(t, sessionOf(t, c, "1"), "ana")
			for round := range 5 {
				time.Sleep(time.Hour)
				if round%2 == 0 { // else the refresh takes no time at all
					pool.Inject(authtest.Fault{Operation: opRefresh, Delay: time.Second})
				}
				got := make([]*auth.AuthSession, 100)
				var wg sync.WaitGroup
				for i := range got {
					wg.Go(func() {
						// Each request of a server makes its own handle.
						s := sessionOf(t, c, "1")
						if i%3 == 0 {
							u, err := auth.GetCurrentUser(t.Context(), s)
							if err != nil || u.UserID != sub {
								t.Errorf("GetCurrentUser: got %v, %v", u, err)
							}
						}
						as, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
						if err != nil {
							t.Error(err)
							return
						}
						got[i] = as
					})
				}
				wg.Wait()
				if t.Failed() {
					return
				}
				for i, as := range got {
					if as.Tokens.AccessToken != got[0].Tokens.AccessToken || as.Tokens.IDToken != got[0].Tokens.IDToken || as.UserSub != sub {
						t.Fatalf("reader %d got other tokens than reader 0", i)
					}
				}
				if n := refreshes(pool); n != round+1 {
					t.Fatalf("round %d: got %d refreshes so far", round, n)
				}
			}
		})
	}
}

// The same with the goroutines of a real scheduler.
func TestForcedAndPlainReadersConcurrentSafe(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
	sub := addUser(t, pool, "ana")
	c := newClient(t, pool)
	signIn(t, sessionOf(t, c, "1"), "ana")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			s := sessionOf(t, c, "1")
			for range 3 {
				as, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{ForceRefresh: i%2 == 0})
				if err != nil || as.UserSub != sub {
					t.Errorf("got %v, %v", as, err)
				}
			}
		})
	}
	wg.Wait()
}

// 100 people on one client, each of whom only ever sees what is theirs: while
// they sign in, read, refresh and sign out all at once, again and again.
func TestPeopleOnOneClientConcurrentSafe(t *testing.T) {
	t.Parallel()
	const people = 100
	pool := newPool(t, authtest.Config{RotateRefreshTokens: true})
	subs := make([]string, people)
	var added sync.WaitGroup
	for i := range subs {
		added.Go(func() { subs[i] = addUser(t, pool, fmt.Sprintf("user%d", i)) })
	}
	added.Wait()
	c := newClient(t, pool)
	for range 3 {
		var wg sync.WaitGroup
		for i, sub := range subs {
			wg.Go(func() {
				name := fmt.Sprintf("user%d", i)
				s := sessionOf(t, c, "session of "+name)
				out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: name, Password: thePassword})
				if err != nil || !out.IsSignedIn {
					t.Errorf("sign in: got %v, %v", out, err)
					return
				}
				for _, in := range []auth.FetchAuthSessionInput{{}, forced(), {}} {
					as, err := auth.FetchAuthSession(t.Context(), s, in)
					if err != nil {
						t.Error(err)
						return
					}
					claims := as.Tokens
					if as.UserSub != sub || claims.AccessClaims.Subject() != sub || claims.IDClaims.Subject() != sub ||
						claims.AccessClaims.Username() != name {
						t.Errorf("%s got the tokens of %s", name, claims.AccessClaims.Username())
					}
				}
				u, err := auth.GetCurrentUser(t.Context(), s)
				if err != nil || u.UserID != sub || u.Username != name || u.SignInDetails.LoginID != name {
					t.Errorf("get current user: got %v, %v", u, err)
				}
				signedOut, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
				if err != nil || !signedOut.Revoked {
					t.Errorf("sign out: got %v, %v", signedOut, err)
				}
			})
		}
		wg.Wait()
	}
}

// Behavior 59: two people whose refreshes overlap get their own tokens, and
// neither waits for the other.
func TestTwoPeopleRefreshingAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		c := newClient(t, pool)
		subs := map[string]string{"ana": addUser(t, pool, "ana"), "ben": addUser(t, pool, "ben")}
		for name := range subs {
			signIn(t, sessionOf(t, c, name), name)
		}
		time.Sleep(time.Hour)
		pool.Inject(authtest.Fault{Operation: opRefresh, Delay: time.Second, Times: -1})
		start := time.Now()
		var wg sync.WaitGroup
		for name, sub := range subs {
			for range 10 {
				wg.Go(func() {
					as, err := auth.FetchAuthSession(t.Context(), sessionOf(t, c, name), auth.FetchAuthSessionInput{})
					if err != nil || as.UserSub != sub || as.Tokens.IDClaims.Subject() != sub {
						t.Errorf("%s: got %v, %v", name, as, err)
					}
				})
			}
		}
		wg.Wait()
		if d := time.Since(start); d != time.Second {
			t.Errorf("two refreshes of 1s took %v", d)
		}
		if n := refreshes(pool); n != 2 {
			t.Errorf("got %d refreshes, want 2", n)
		}
	})
}
