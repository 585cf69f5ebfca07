package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// An accountCall is a function that acts for whoever is signed in, where it
// succeeds.
type accountCall struct {
	function, op string
	before       func(testing.TB, *auth.Session)
	call         func(context.Context, *authtest.Pool, *auth.Session) error
}

// accountPool is a pool where ana can call all of them.
func accountPool(t testing.TB, changes ...func(*authtest.Config)) *authtest.Pool {
	t.Helper()
	cfg := authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor}
	for _, change := range changes {
		change(&cfg)
	}
	pool := newPool(t, cfg)
	addUser(t, pool, "ana")
	return pool
}

func rotating(cfg *authtest.Config) { cfg.RotateRefreshTokens = true }

// simple is the account call of a function that needs nothing before.
func simple(function, op string, call func(context.Context, *auth.Session) error) accountCall {
	return accountCall{function: function, op: op, call: func(ctx context.Context, _ *authtest.Pool, s *auth.Session) error { return call(ctx, s) }}
}

var accountCalls = []accountCall{
	simple("UpdatePassword", "ChangePassword", refusing(auth.UpdatePassword, auth.UpdatePasswordInput{OldPassword: thePassword, NewPassword: betterPassword})),
	simple("FetchUser", "GetUser", asking(auth.FetchUser)),
	simple("FetchUserAttributes", "GetUser", asking(auth.FetchUserAttributes)),
	simple("UpdateUserAttributes", "UpdateUserAttributes", refusing(auth.UpdateUserAttributes, auth.UpdateUserAttributesInput{
		UserAttributes: map[string]string{"name": "Ana"},
	})),
	simple("DeleteUserAttributes", "DeleteUserAttributes", refusing(auth.DeleteUserAttributes, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name"}})),
	simple("SendUserAttributeVerificationCode", "GetUserAttributeVerificationCode", refusing(auth.SendUserAttributeVerificationCode, auth.SendUserAttributeVerificationCodeInput{
		UserAttributeKey: "email",
	})),
	{
		function: "ConfirmUserAttribute", op: "VerifyUserAttribute",
		before: func(t testing.TB, s *auth.Session) { t.Helper(); sendCode(t, s, "email") },
		call: func(ctx context.Context, pool *authtest.Pool, s *auth.Session) error {
			_, err := auth.ConfirmUserAttribute(ctx, s, auth.ConfirmUserAttributeInput{UserAttributeKey: "email", ConfirmationCode: pool.Code("ana")})
			return err
		},
	},
	simple("DeleteUser", "DeleteUser", asking(auth.DeleteUser)),
	simple("SetUpTOTP", "AssociateSoftwareToken", asking(auth.SetUpTOTP)),
	{
		function: "VerifyTOTPSetup", op: "VerifySoftwareToken",
		before: func(t testing.TB, s *auth.Session) { t.Helper(); setUpTOTP(t, s) },
		call: func(ctx context.Context, pool *authtest.Pool, s *auth.Session) error {
			_, err := auth.VerifyTOTPSetup(ctx, s, auth.VerifyTOTPSetupInput{Code: pool.TOTP("ana")})
			return err
		},
	},
	simple("UpdateMFAPreference", "SetUserMFAPreference", refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred})),
	simple("FetchMFAPreference", "GetUser", asking(auth.FetchMFAPreference)),
	simple("FetchAuthFactors", "GetUserAuthFactors", asking(auth.FetchAuthFactors)),
}

// theAccountCall returns the call of a function.
func theAccountCall(function string) accountCall {
	return accountCalls[slices.IndexFunc(accountCalls, func(c accountCall) bool { return c.function == function })]
}

// prepared signs ana in where the call succeeds, and returns how many requests
// that took.
func (c accountCall) prepared(t testing.TB, pool *authtest.Pool, s *auth.Session) (sent int) {
	t.Helper()
	signIn(t, s, "ana")
	if c.before != nil {
		c.before(t, s)
	}
	return len(operations(pool))
}

// On behalf of a session that has expired nothing is sent.
func TestAccountOfAnExpiredSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := accountPool(t)
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		pool.FailNext(opRefresh, auth.ErrNotAuthorized)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		sent := len(operations(pool))
		for _, c := range accountCalls {
			wantCode(t, sessionCalls()[c.function](t.Context(), s), auth.ErrSessionExpired)
		}
		if extra := operations(pool)[sent:]; len(extra) != 0 {
			t.Errorf("requests: %v", extra)
		}
	})
}

// Behavior 57: an access token that is about to expire is refreshed, once, and
// then the call is made with the new one.
func TestAccountRefreshesWhatExpires(t *testing.T) {
	t.Parallel()
	const margin = 5 * time.Second
	for _, c := range accountCalls {
		for _, age := range []time.Duration{time.Hour - margin - 1, time.Hour - margin, 3 * time.Hour} {
			bubble(t, fmt.Sprintf("%s/%v", c.function, age), func(t *testing.T) {
				pool, store := accountPool(t, rotating), newFaultyStore()
				s := sessionOf(t, newClient(t, pool, store.on()), "1")
				began := time.Now()
				sent := c.prepared(t, pool, s)
				_, before := store.bundle(t)
				time.Sleep(age - time.Since(began))
				if err := c.call(t.Context(), pool, s); err != nil {
					t.Fatal(err)
				}
				want := []string{c.op}
				if age >= time.Hour-margin {
					want = []string{opRefresh, c.op}
				}
				if diff := cmp.Diff(want, operations(pool)[sent:]); diff != "" {
					t.Errorf("operations (-want +got):\n%s", diff)
				}
				with := requestsFor(pool, c.op)[len(requestsFor(pool, c.op))-1].Body["AccessToken"]
				if fresh := with != before.AccessToken; fresh != (len(want) == 2) {
					t.Errorf("called with a new token: %t", fresh)
				}
			})
		}
	}
}

// refusals are the words with which the service refuses an access token.
var refusals = []string{
	"Access Token has expired", "Access Token has been revoked", "Invalid Access Token", "Could not verify signature for Access Token",
}

// refuse makes the pool refuse an operation's access tokens.
func refuse(pool *authtest.Pool, op, words string, times int) {
	pool.Inject(authtest.Fault{Operation: op, Code: wire.ExceptionNotAuthorized, Message: words, Times: times})
}

// A token that the service refuses, whatever the clocks here say, is replaced
// once and the call made once more.
func TestAccountReplacesARefusedToken(t *testing.T) {
	t.Parallel()
	for _, c := range accountCalls {
		for _, words := range refusals {
			bubble(t, c.function+"/"+words, func(t *testing.T) {
				pool, store := accountPool(t, rotating), newFaultyStore()
				s := sessionOf(t, newClient(t, pool, store.on()), "1")
				sent := c.prepared(t, pool, s)
				_, before := store.bundle(t)
				refuse(pool, c.op, words, 1)
				if err := c.call(t.Context(), pool, s); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{c.op, opRefresh, c.op}, operations(pool)[sent:]); diff != "" {
					t.Errorf("operations (-want +got):\n%s", diff)
				}
				requests := requestsFor(pool, c.op)
				last := requests[len(requests)-2:]
				if last[0].Body["AccessToken"] != before.AccessToken || last[1].Body["AccessToken"] == before.AccessToken {
					t.Error("the repetition was not made with a new token")
				}
				delete(last[0].Body, "AccessToken")
				delete(last[1].Body, "AccessToken")
				if diff := cmp.Diff(last[0].Body, last[1].Body); diff != "" {
					t.Errorf("the repetition is another request (-first +second):\n%s", diff)
				}
			})
		}
	}
}

// A new token that is refused too is an error, and no reason to go on. It is not
// the session's end: whoever gets that code can sign in again.
func TestAccountTokenThatIsRefusedAgain(t *testing.T) {
	t.Parallel()
	for _, words := range refusals {
		bubble(t, words, func(t *testing.T) {
			pool := accountPool(t, rotating)
			s := newSession(t, pool, "1")
			signIn(t, s, "ana")
			refuse(pool, "GetUser", words, -1)
			_, err := auth.FetchUser(t.Context(), s)
			wantProblem(t, err, auth.ErrAccessTokenRefused, words)
			if !errors.Is(err, auth.ErrNotAuthorized) || !auth.IsRemote(err) {
				t.Errorf("%v is not the service's refusal", err)
			}
			if diff := cmp.Diff([]string{"InitiateAuth", "GetUser", opRefresh, "GetUser"}, operations(pool)); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			fetch(t, s)
		})
	}
}

// What is refused for another reason than the token is never sent again.
func TestAccountRefusalsThatAreNotRepeated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"password", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "Incorrect username or password."}, auth.ErrNotAuthorized},
		{"no words", authtest.Fault{Code: wire.ExceptionNotAuthorized}, auth.ErrNotAuthorized},
		{"scope", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "Access Token does not have required scopes"}, auth.ErrMissingScope},
		{"disabled", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "User is disabled."}, auth.ErrUserDisabled},
		{"reset", authtest.Fault{Code: wire.ExceptionPasswordResetRequired, Message: "Password reset required for the user"}, auth.ErrPasswordResetRequired},
		{
			"a trigger with the service's words", authtest.Fault{Code: wire.ExceptionUserLambdaValidation, Message: "CustomMessage failed with error Access Token has expired."},
			auth.ErrUserLambdaValidation,
		},
		{"another exception with them", authtest.Fault{Code: wire.ExceptionInvalidParameter, Message: "Access Token has been revoked"}, auth.ErrInvalidParameter},
	}
	for _, c := range accountCalls {
		for _, tt := range tests {
			bubble(t, c.function+"/"+tt.name, func(t *testing.T) {
				pool := accountPool(t)
				s := newSession(t, pool, "1")
				sent := c.prepared(t, pool, s)
				tt.fault.Operation = c.op
				pool.Inject(tt.fault)
				wantCode(t, c.call(t.Context(), pool, s), tt.want)
				if diff := cmp.Diff([]string{c.op}, operations(pool)[sent:]); diff != "" {
					t.Errorf("operations (-want +got):\n%s", diff)
				}
				fetch(t, s) // still signed in
			})
		}
	}
}

// Whoever signed out everywhere else finds out here: the session has ended, and
// the person can sign in again.
func TestAccountAfterASignOutEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range accountCalls {
		bubble(t, c.function, func(t *testing.T) {
			pool, store := accountPool(t), newFaultyStore()
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			sent := c.prepared(t, pool, s)
			asAdmin(t, pool, "AdminUserGlobalSignOut", object{"Username": "ana"})
			wantCode(t, c.call(t.Context(), pool, s), auth.ErrSessionExpired)
			if diff := cmp.Diff([]string{"AdminUserGlobalSignOut", c.op, opRefresh}, operations(pool)[sent:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			wantCode(t, c.call(t.Context(), pool, s), auth.ErrSessionExpired)
			if extra := operations(pool)[sent+3:]; len(extra) != 0 {
				t.Errorf("an expired session asked for %v", extra)
			}
			signIn(t, s, "ana")
			if _, err := auth.FetchUser(t.Context(), s); err != nil {
				t.Errorf("after signing in again: %v", err)
			}
		})
	}
}

// Tokens that nothing can replace end the session too, so that the person can
// sign in again.
func TestAccountTokenWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	for _, words := range refusals {
		bubble(t, words, func(t *testing.T) {
			pool, store := accountPool(t), newFaultyStore()
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			key, b := store.bundle(t)
			b.RefreshToken = ""
			store.putBundle(t, key, b)
			if _, err := auth.FetchUser(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			refuse(pool, "GetUser", words, 1)
			for range 2 {
				_, err := auth.FetchUser(t.Context(), s)
				wantCode(t, err, auth.ErrSessionExpired)
			}
			if diff := cmp.Diff([]string{"InitiateAuth", "GetUser", "GetUser"}, operations(pool)); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			signIn(t, s, "ana")
		})
	}
}

// An outage while a refused token is replaced is reported as what it is, and
// leaves the session as it was.
func TestAccountOutageWhileATokenIsReplaced(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"no answer", authtest.Fault{DropRequest: true}, auth.ErrNetwork},
		{"page", authtest.Fault{HTML: true}, auth.ErrHTTP},
		{"throttled", authtest.Throttle(), auth.ErrTooManyRequests},
		{"trigger", authtest.Fault{Code: wire.ExceptionUserLambdaValidation, Message: "PreTokenGeneration failed with error no."}, auth.ErrUserLambdaValidation},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := accountPool(t), newFaultyStore()
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			_, before := store.bundle(t)
			refuse(pool, "ChangePassword", refusals[0], 1)
			tt.fault.Operation, tt.fault.Times = opRefresh, -1
			repair := pool.Inject(tt.fault)
			err := theAccountCall("UpdatePassword").call(t.Context(), pool, s)
			wantCode(t, err, tt.want)
			if _, b := store.bundle(t); !b.Equal(before) {
				t.Error("the session was changed")
			}
			if n := len(operations(pool, "ChangePassword")); n != 1 {
				t.Errorf("ChangePassword was asked for %d times", n)
			}
			repair()
			if err := theAccountCall("UpdatePassword").call(t.Context(), pool, s); err != nil {
				t.Errorf("after the outage: %v", err)
			}
		})
	}
}

// What another host has refreshed meanwhile is used as it is.
func TestAccountAdoptsWhatAnotherHostRefreshed(t *testing.T) {
	t.Parallel()
	for _, c := range accountCalls {
		bubble(t, c.function, func(t *testing.T) {
			pool := accountPool(t, rotating)
			hosts := newPeers(t, pool, 2)
			here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
			sent := c.prepared(t, pool, here)
			refuse(pool, c.op, refusals[0], 1)
			var once sync.Once
			hosts[0].wire.onAnswer(func(op string) {
				if op == c.op {
					once.Do(func() {
						if _, err := auth.FetchAuthSession(t.Context(), there, forced()); err != nil {
							t.Error(err)
						}
					})
				}
			})
			if err := c.call(t.Context(), pool, here); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.op, opRefresh, c.op}, operations(pool)[sent:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
		})
	}
}

// Nobody's call is ever made again on behalf of another person, who has signed in
// to the same session since: whoever asked to delete an account meant their own.
func TestAccountNeverActsForSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, c := range accountCalls {
		for _, when := range []string{"after the refusal", "during the refresh"} {
			bubble(t, c.function+"/"+when, func(t *testing.T) {
				pool := accountPool(t)
				sub := addUser(t, pool, "ben")
				hosts := newPeers(t, pool, 2)
				here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
				c.prepared(t, pool, here)
				sent := len(operations(pool, c.op))
				refuse(pool, c.op, refusals[0], 1)
				at := c.op
				if when == "during the refresh" {
					at = opRefresh
				}
				var once sync.Once
				change := func(op string) {
					if op == at {
						once.Do(func() {
							signOut(t, there, auth.SignOutInput{})
							signIn(t, there, "ben")
						})
					}
				}
				if at == opRefresh {
					hosts[0].wire.onRequest(func(op string, _ map[string]any) { change(op) })
				} else {
					hosts[0].wire.onAnswer(change)
				}
				err := c.call(t.Context(), pool, here)
				if !errors.Is(err, auth.ErrNotSignedIn) && !errors.Is(err, auth.ErrSessionExpired) {
					t.Errorf("got %v, want that ana is not signed in", err)
				}
				if n := len(operations(pool, c.op)) - sent; n != 1 {
					t.Errorf("%s was asked for %d times", c.op, n)
				}
				if got := fetch(t, there).UserSub; got != sub {
					t.Errorf("the session belongs to %q, want ben", got)
				}
				if _, err := auth.FetchUser(t.Context(), there); err != nil {
					t.Errorf("ben's account: %v", err)
				}
			})
		}
	}
}

// Behavior 58: many calls at once on a session that needs new tokens cost one
// refresh.
func TestAccountCallsOnOneSessionConcurrentSafe(t *testing.T) {
	t.Parallel()
	const callers = 50
	tests := []struct {
		name     string
		prepare  func(pool *authtest.Pool, token string)
		requests int
	}{
		{"expired", func(*authtest.Pool, string) { time.Sleep(2 * time.Hour) }, callers},
		{"refused", func(pool *authtest.Pool, token string) {
			pool.Inject(authtest.Fault{
				Operation: "GetUser", Code: wire.ExceptionNotAuthorized, Message: refusals[1], Times: -1,
				Match: func(r authtest.Request) bool { return r.Body["AccessToken"] == token },
			})
		}, 2 * callers},
	}
	for _, tt := range tests {
		for _, rotate := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s/rotation=%t", tt.name, rotate), func(t *testing.T) {
				pool, store := accountPool(t, func(cfg *authtest.Config) { cfg.RotateRefreshTokens = rotate }), newFaultyStore()
				w := newWitness(pool)
				c := newClient(t, pool, store.on(), w.on())
				signIn(t, sessionOf(t, c, "1"), "ana")
				_, b := store.bundle(t)
				tt.prepare(pool, b.AccessToken)
				// Some answers come while the refresh is under way.
				var mu sync.Mutex
				n := 0
				w.onAnswer(func(op string) {
					mu.Lock()
					n++
					pause := jitter(time.Second, n)
					mu.Unlock()
					if op == opRefresh {
						pause = 500 * time.Millisecond
					}
					time.Sleep(pause)
				})
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						user, err := auth.FetchUser(t.Context(), sessionOf(t, c, "1"))
						if err != nil || user.Username != "ana" {
							t.Errorf("got %v, %v", user, err)
						}
					})
				}
				wg.Wait()
				if n := refreshes(pool); n != 1 {
					t.Errorf("got %d refreshes, want 1", n)
				}
				if n := len(operations(pool, "GetUser")); n != tt.requests {
					t.Errorf("got %d requests, want %d", n, tt.requests)
				}
			})
		}
	}
}

// 100 people on one client change and read their accounts, all at once, and none
// of them ever sees or changes what is another's.
func TestAccountsOfManyPeopleConcurrentSafe(t *testing.T) {
	t.Parallel()
	const people = 100
	pool := newPool(t, authtest.Config{CustomAttributes: []string{"plan"}})
	var added sync.WaitGroup
	for i := range people {
		added.Go(func() { addUser(t, pool, fmt.Sprintf("user%d", i)) })
	}
	added.Wait()
	c := newClient(t, pool)
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			name := fmt.Sprintf("user%d", i)
			s := sessionOf(t, c, "session of "+name)
			signIn(t, s, name)
			for round := range 2 {
				mine := map[string]string{"name": name, "custom:plan": fmt.Sprintf("%s's %d", name, round)}
				out, err := auth.UpdateUserAttributes(t.Context(), s, auth.UpdateUserAttributesInput{UserAttributes: mine})
				if err != nil || !out.ClaimsStale {
					t.Errorf("update: got %v, %v", out, err)
					return
				}
				if round == 1 {
					fetchForced(t, s)
				}
				user, err := auth.FetchUser(t.Context(), s)
				if err != nil {
					t.Error(err)
					return
				}
				want := map[string]string{
					"sub": fetch(t, s).UserSub, "email": name + "@example.com", "email_verified": "true",
					"name": name, "custom:plan": mine["custom:plan"],
				}
				if diff := cmp.Diff(want, user.Attributes); diff != "" || user.Username != name {
					t.Errorf("%s sees %s (-want +got):\n%s", name, user.Username, diff)
				}
			}
			if _, err := auth.UpdatePassword(t.Context(), s, auth.UpdatePasswordInput{OldPassword: thePassword, NewPassword: betterPassword}); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				if out, err := auth.DeleteUser(t.Context(), s); err != nil || out.CleanupError != nil {
					t.Errorf("delete: got %v, %v", out, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range people {
		name := fmt.Sprintf("user%d", i)
		user, exists := pool.User(name)
		if exists != (i%2 == 1) || exists && user.Attributes["custom:plan"] != name+"'s 1" {
			t.Errorf("%s: exists %t with plan %q", name, exists, user.Attributes["custom:plan"])
		}
	}
}

// fetchForced refreshes the tokens.
func fetchForced(t testing.TB, s *auth.Session) *auth.AuthSession {
	t.Helper()
	as, err := auth.FetchAuthSession(t.Context(), s, forced())
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// A context that ends while a refused token is replaced ends the call; the
// refresh goes on for those who wait.
func TestAccountContextThatEndsWhileATokenIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := accountPool(t, rotating)
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		refuse(pool, "GetUser", refusals[0], 1)
		pool.Inject(authtest.Fault{Operation: opRefresh, Delay: 3 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := auth.FetchUser(ctx, s)
		wantCanceled(t, "call", err, context.DeadlineExceeded)
		time.Sleep(5 * time.Second)
		if _, err := auth.FetchUser(t.Context(), s); err != nil {
			t.Error(err)
		}
		if n := refreshes(pool); n != 1 {
			t.Errorf("got %d refreshes, want 1", n)
		}
	})
}
