package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// bubble runs f as a subtest in a synctest bubble, where time passes only while
// everybody waits for it. The bubble fails a test that leaves a goroutine
// behind.
func bubble(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, f)
	})
}

// forced is the input that asks for new tokens.
func forced() auth.FetchAuthSessionInput { return auth.FetchAuthSessionInput{ForceRefresh: true} }

// Behavior 57: an access or ID token that expires within 5 s is refreshed, and
// none before.
func TestFetchAuthSessionRefreshesWhatExpires(t *testing.T) {
	t.Parallel()
	const life = 10 * time.Minute
	tests := []struct {
		name       string
		access, id time.Duration
		after      time.Duration
		want       int
	}{
		{"fresh", life, time.Hour, 0, 0},
		{"just before the last 5 s", life, time.Hour, life - 5*time.Second - 1, 0},
		{"5 s before the access token expires", life, time.Hour, life - 5*time.Second, 1},
		{"at the expiry of the access token", life, time.Hour, life, 1},
		{"long after", life, time.Hour, 24 * time.Hour, 1},
		{"just before the ID token's last 5 s", time.Hour, life, life - 5*time.Second - 1, 0},
		{"5 s before the ID token expires", time.Hour, life, life - 5*time.Second, 1},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool := newPool(t, authtest.Config{AccessTokenValidity: tt.access, IDTokenValidity: tt.id})
			sub := addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			signIn(t, s, "ana")
			before := fetch(t, s)
			time.Sleep(tt.after)

			got := fetch(t, s)
			if n := refreshes(pool); n != tt.want {
				t.Fatalf("got %d refreshes, want %d", n, tt.want)
			}
			if same := got.Tokens.AccessToken == before.Tokens.AccessToken; same != (tt.want == 0) {
				t.Errorf("same access token: got %t", same)
			}
			if got.UserSub != sub {
				t.Errorf("sub: got %q, want %q", got.UserSub, sub)
			}
			if left := time.Until(got.ExpiresAt); left <= 5*time.Second || left > min(tt.access, tt.id) {
				t.Errorf("expires in %v", left)
			}
			// Whoever asks next has no need to.
			if again := fetch(t, s); again.Tokens.AccessToken != got.Tokens.AccessToken || refreshes(pool) != tt.want {
				t.Errorf("the next call: %d refreshes, same token %t", refreshes(pool), again.Tokens.AccessToken == got.Tokens.AccessToken)
			}
		})
	}
}

// Behavior 57: GetCurrentUser, too, refreshes what has expired, once.
func TestGetCurrentUserRefreshesWhatExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		sub := addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		for hour := range 3 {
			got, err := auth.GetCurrentUser(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			want := &auth.AuthUser{
				Username: "ana", UserID: sub,
				SignInDetails: auth.SignInDetails{LoginID: "ana", AuthFlow: auth.AuthFlowUserPassword},
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(auth.AuthUser{}, auth.SignInDetails{})); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if n := refreshes(pool); n != hour {
				t.Errorf("after %d hours: got %d refreshes", hour, n)
			}
			time.Sleep(time.Hour)
		}
	})
}

func TestForceRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		seen := map[auth.JWT]bool{fetch(t, s).Tokens.AccessToken: true}
		for range 3 {
			got, err := auth.FetchAuthSession(t.Context(), s, forced())
			if err != nil {
				t.Fatal(err)
			}
			if seen[got.Tokens.AccessToken] {
				t.Error("ForceRefresh returned tokens that were there before")
			}
			seen[got.Tokens.AccessToken] = true
			if fetch(t, s).Tokens.AccessToken != got.Tokens.AccessToken {
				t.Error("the new tokens are not the session's")
			}
		}
		if n := refreshes(pool); n != 3 {
			t.Errorf("got %d refreshes, want 3", n)
		}
	})
}

// skipped is the input that reads the tokens as they are.
func skipped() auth.FetchAuthSessionInput { return auth.FetchAuthSessionInput{SkipRefresh: true} }

// With SkipRefresh the tokens are read as they are, whether or not they have
// expired, and whoever is refreshing them.
func TestSkipRefresh(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after time.Duration
		alone bool // without a refresh token
	}{{"fresh", 0, false}, {"expiring", time.Hour - 5*time.Second, false}, {"expired", 24 * time.Hour, false}, {"expired for good", 24 * time.Hour, true}} {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{RotateRefreshTokens: true}), newFaultyStore()
			sub := addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			key, b := store.bundle(t)
			if tt.alone {
				b.RefreshToken = ""
				store.putBundle(t, key, b)
			}
			want := fetch(t, s)
			time.Sleep(tt.after)
			sent := len(operations(pool))
			read := func(when string) {
				t.Helper()
				got, err := auth.FetchAuthSession(t.Context(), s, skipped())
				if err != nil {
					t.Fatalf("%s: %v", when, err)
				}
				if got.Tokens.AccessToken != want.Tokens.AccessToken || got.Tokens.IDToken != want.Tokens.IDToken || got.UserSub != sub ||
					!got.ExpiresAt.Equal(want.ExpiresAt) || got.Tokens.AccessClaims.Username() != "ana" {
					t.Errorf("%s: got %v, want %v", when, got, want)
				}
			}
			read("at rest")
			if n := len(operations(pool)) - sent; n != 0 {
				t.Errorf("%d requests were sent", n)
			}
			if tt.alone {
				_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
				wantCode(t, err, auth.ErrSessionExpired)
				read("after a refresh that could not be")
				return
			}
			pool.Inject(authtest.Fault{Operation: opRefresh, Delay: 10 * time.Second})
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
			start := time.Now()
			read("during a refresh")
			if d := time.Since(start); d != 0 {
				t.Errorf("the reader waited %v for the refresh", d)
			}
			wg.Wait()
			if got, err := auth.FetchAuthSession(t.Context(), s, skipped()); err != nil || got.Tokens.AccessToken == want.Tokens.AccessToken {
				t.Errorf("after the refresh: got %v, %v, want the new tokens", got, err)
			}
		})
	}
}

// SkipRefresh trusts the store no more than anybody.
func TestSkipRefreshRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		c := newClient(t, pool, store.on())
		s := sessionOf(t, c, "1")
		_, err := auth.FetchAuthSession(t.Context(), s, skipped())
		wantCode(t, err, auth.ErrNotSignedIn)
		signIn(t, s, "ana")
		sent := len(operations(pool))
		_, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{SkipRefresh: true, ForceRefresh: true})
		wantInput(t, err, auth.ErrInvalidInput, "SkipRefresh")

		key, b := store.bundle(t)
		good := b
		b.AccessToken = tamper(b.AccessToken)
		store.putBundle(t, key, b)
		_, err = auth.FetchAuthSession(t.Context(), s, skipped())
		wantCode(t, err, auth.ErrInvalidTokens)
		if _, after := store.bundle(t); !after.Equal(b) || len(operations(pool)) != sent {
			t.Errorf("the record was touched, or %d requests were sent", len(operations(pool))-sent)
		}
		store.putBundle(t, key, good)

		over := pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, HTML: true, Times: -1})
		_, err = auth.FetchAuthSession(t.Context(), sessionOf(t, newClient(t, pool, store.on()), "1"), skipped())
		wantCode(t, err, auth.ErrKeysUnavailable)
		over()

		pool.FailNext(opRefresh, auth.ErrNotAuthorized)
		_, err = auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		_, err = auth.FetchAuthSession(t.Context(), s, skipped())
		wantCode(t, err, auth.ErrSessionExpired)
	})
}

// A refresh that was under way before the call cannot show what was changed
// before the call.
func TestForceRefreshDoesNotJoinAnEarlierOne(t *testing.T) {
	t.Parallel()
	for _, first := range []struct {
		name string
		in   auth.FetchAuthSessionInput
	}{{"a refresh because of expiry", auth.FetchAuthSessionInput{}}, {"a forced one", forced()}} {
		bubble(t, first.name, func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			signIn(t, s, "ana")
			time.Sleep(2 * time.Hour)
			began := time.Now()
			pool.Inject(authtest.Fault{Operation: opRefresh, Delay: 3 * time.Second, Times: -1})

			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := auth.FetchAuthSession(t.Context(), s, first.in); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(time.Second)
			called := time.Now()
			for range 20 {
				wg.Go(func() {
					got, err := auth.FetchAuthSession(t.Context(), s, forced())
					if err != nil {
						t.Error(err)
						return
					}
					// The pool stamps its tokens 3 s after it got the request.
					if asked := got.Tokens.AccessClaims.IssuedAt().Add(-3 * time.Second); asked.Before(called) {
						t.Errorf("tokens were asked for %v after the first refresh began, the call was made 1s after it", asked.Sub(began))
					}
				})
			}
			// Readers in between must not pass the old refresh off as a new one.
			for range 20 {
				wg.Go(func() { fetch(t, s) })
			}
			wg.Wait()
			if n := refreshes(pool); n != 2 {
				t.Errorf("got %d refreshes for one and a crowd that came later, want 2", n)
			}
		})
	}
}

func TestRefreshSendsClientMetadata(t *testing.T) {
	t.Parallel()
	for _, in := range []auth.FetchAuthSessionInput{
		{ClientMetadata: map[string]string{"tenant": "blue"}},
		{ClientMetadata: map[string]string{"tenant": "blue"}, ForceRefresh: true},
		{},
	} {
		synctest.Test(t, func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			signIn(t, s, "ana")
			time.Sleep(time.Hour)
			if _, err := auth.FetchAuthSession(t.Context(), s, in); err != nil {
				t.Fatal(err)
			}
			requests := requestsFor(pool, opRefresh)
			if len(requests) != 1 {
				t.Fatalf("got %d refreshes, want 1", len(requests))
			}
			var want any
			if in.ClientMetadata != nil {
				want = map[string]any{"tenant": "blue"}
			}
			if diff := cmp.Diff(want, requests[0].Body["ClientMetadata"]); diff != "" {
				t.Errorf("ClientMetadata (-want +got):\n%s", diff)
			}
		})
	}
}

// bySRP makes a client prove passwords, without which pools register no device.
func bySRP(cfg *auth.Config) { cfg.AuthFlow = auth.AuthFlowUserSRP }

// Behavior 55: a session of a tracked device names it when it refreshes, also
// after the refresh before, after signing in again with the device, and where
// the older operation serves. The service refuses the token otherwise.
func TestRefreshNamesTheDevice(t *testing.T) {
	t.Parallel()
	for _, legacy := range []bool{false, true} {
		bubble(t, fmt.Sprintf("legacy=%t", legacy), func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{Devices: &authtest.DeviceTracking{}}), newFaultyStore()
			addUser(t, pool, "ana")
			if legacy {
				pool.Inject(authtest.Fault{Operation: opRefresh, Code: wire.ExceptionUnknownOperation, Times: -1})
			}
			s := sessionOf(t, newClient(t, pool, store.on(), bySRP), "1").OnDevice("laptop")
			var device string
			for range 2 {
				signIn(t, s, "ana")
				_, b := store.bundle(t)
				if b.Device == nil || device != "" && b.Device.Key != device {
					t.Fatalf("the session's device: got %v", b.Device)
				}
				device = b.Device.Key
				for range 2 {
					time.Sleep(time.Hour)
					fetch(t, s)
				}
				signOut(t, s, auth.SignOutInput{})
			}
			named := 0
			for _, r := range pool.Requests() {
				params, _ := r.Body["AuthParameters"].(map[string]any)
				switch {
				case r.Operation == opRefresh && r.Body["DeviceKey"] == device:
					named++
				case r.Body["AuthFlow"] == wire.FlowRefreshToken && params[wire.ParamDeviceKey] == device:
					named++
				}
			}
			if n := refreshes(pool); named != n || n < 4 {
				t.Errorf("%d of %d refreshes name the device", named, n)
			}
		})
	}
}

// Where GetTokensFromRefreshToken is not offered, InitiateAuth takes its place
// and is remembered; the secret hash is made of the user's name in the pool.
func TestRefreshFallsBack(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "0123456789abcdefghijklmnop"} {
		synctest.Test(t, func(t *testing.T) {
			pool := newPool(t, authtest.Config{ClientSecret: secret, UsernameAttributes: []string{"email"}})
			sub := pool.AddUser(authtest.User{Name: "ana@example.com", Password: thePassword})
			pool.Inject(authtest.Fault{Operation: opRefresh, Code: wire.ExceptionUnknownOperation, Times: -1})
			s := newSession(t, pool, "1")
			signIn(t, s, "ana@example.com")
			for range 3 {
				time.Sleep(time.Hour)
				if got := fetch(t, s).UserSub; got != sub {
					t.Errorf("sub: got %q, want %q", got, sub)
				}
			}
			want := []string{"InitiateAuth", opRefresh, "InitiateAuth", "InitiateAuth", "InitiateAuth"}
			if diff := cmp.Diff(want, operations(pool)); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
		})
	}
}

// Behavior 60: the refresh token that rotation gives is kept in place of the
// old one; without rotation the old one stays.
func TestRefreshTokenIsReplacedOrKept(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{RotateRefreshTokens: rotate}), newFaultyStore()
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			_, first := store.bundle(t)
			last := first
			for range 3 {
				time.Sleep(time.Hour)
				fetch(t, s)
				_, b := store.bundle(t)
				if replaced := b.RefreshToken != last.RefreshToken; replaced != rotate || b.RefreshToken == "" {
					t.Errorf("rotation %t: refresh token replaced %t", rotate, replaced)
				}
				if b.AccessToken == last.AccessToken || b.IDToken == last.IDToken {
					t.Error("access or ID token stayed")
				}
				last = b
			}
			// Everything but the tokens is as the sign-in left it.
			last.AccessToken, last.IDToken, last.RefreshToken = first.AccessToken, first.IDToken, first.RefreshToken
			if !last.Equal(first) {
				t.Error("a refresh changed more than the tokens")
			}
		})
	}
}

// Never another person's tokens, whatever comes back.
func TestRefreshRefusesAnotherPersonsTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		w := newWitness(pool)
		addUser(t, pool, "ana")
		addUser(t, pool, "ben")
		c := newClient(t, pool, store.on(), w.on())
		ana, ben := sessionOf(t, c, "1"), sessionOf(t, c, "2")
		signIn(t, ana, "ana")
		key, before := store.bundle(t)
		signIn(t, ben, "ben")
		stolen := w.issued()[1]
		w.onRequest(func(operation string, body map[string]any) {
			if operation == opRefresh {
				body["RefreshToken"] = stolen
			}
		})
		time.Sleep(time.Hour)
		_, err := auth.FetchAuthSession(t.Context(), ana, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrInvalidTokens)
		if !store.bundles()[key].Equal(before) {
			t.Error("the record was changed")
		}
		w.onRequest(nil)
		if got, want := fetch(t, ana).UserSub, before.Subject; got != want {
			t.Errorf("sub after the refresh that followed: got %q, want %q", got, want)
		}
	})
}

// Behavior 62: an outage leaves the tokens where they are and is reported as
// what it is.
func TestOutageDuringRefreshLeavesTheSession(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdefghijklmnop"
	fault := func(f authtest.Fault) func(*testing.T, *authtest.Pool) {
		return func(t *testing.T, pool *authtest.Pool) {
			f.Operation, f.Times = opRefresh, -1
			t.Cleanup(pool.Inject(f))
		}
	}
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"no answer", authtest.Fault{DropRequest: true}, auth.ErrNetwork},
		{"answer lost", authtest.Fault{DropResponse: true}, auth.ErrNetwork},
		{"throttled", authtest.Throttle(), auth.ErrTooManyRequests},
		{"limit", authtest.Fault{Code: wire.ExceptionLimitExceeded}, auth.ErrLimitExceeded},
		{"internal error", authtest.Fault{Code: wire.ExceptionInternalError}, auth.ErrInternalError},
		{"page of a proxy", authtest.Fault{HTML: true}, auth.ErrHTTP},
		{"page of a firewall", authtest.Fault{HTML: true, Status: 403}, auth.ErrHTTP},
		{"firewall", authtest.Fault{Code: wire.ExceptionForbidden, Status: 403}, auth.ErrForbidden},
		{"trigger refuses", authtest.Fault{Code: wire.ExceptionUserLambdaValidation, Message: "PreTokenGeneration failed with error no."}, auth.ErrUserLambdaValidation},
		{"trigger fails", authtest.Fault{Code: wire.ExceptionUnexpectedLambda}, auth.ErrUnexpectedLambda},
		{"trigger answers nonsense", authtest.Fault{Code: wire.ExceptionInvalidLambdaResponse}, auth.ErrInvalidLambdaResponse},
		{"app client gone", authtest.Fault{Code: wire.ExceptionResourceNotFound}, auth.ErrResourceNotFound},
		{"parameter", authtest.Fault{Code: wire.ExceptionInvalidParameter}, auth.ErrInvalidParameter},
		{"secret refused", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "Unable to verify secret hash for client x"}, auth.ErrClientSecret},
		{"secret of the old operation refused", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "SecretHash does not match for the client: x"}, auth.ErrClientSecret},
		{"unheard-of exception", authtest.Fault{Code: "BrandNewException"}, "BrandNewException"},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{ClientSecret: secret}), newFaultyStore()
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			key, before := store.bundle(t)
			_, rev, _ := store.store.Load(t.Context(), key)
			time.Sleep(time.Hour)
			fault(tt.fault)(t, pool)

			calls := map[string]func() error{
				"fetch": func() error {
					_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
					return err
				},
				"force":   func() error { _, err := auth.FetchAuthSession(t.Context(), s, forced()); return err },
				"current": func() error { _, err := auth.GetCurrentUser(t.Context(), s); return err },
			}
			for name, call := range calls {
				err := call()
				if err == nil {
					t.Fatalf("%s: no error", name)
				}
				wantCode(t, err, tt.want)
				if errors.Is(err, auth.ErrSessionExpired) {
					t.Errorf("%s: an outage was taken for the session's end", name)
				}
				if _, b := store.bundle(t); !b.Equal(before) {
					t.Errorf("%s: the record was changed", name)
				}
			}
			if _, now, _ := store.store.Load(t.Context(), key); now != rev {
				t.Error("the record was written")
			}
		})
	}

	// Once it is over, the session goes on.
	bubble(t, "over", func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		sub := addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		time.Sleep(time.Hour)
		over := pool.Inject(authtest.Fault{Operation: opRefresh, HTML: true, Times: -1})
		for range 3 {
			_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrHTTP)
		}
		over()
		if got := fetch(t, s).UserSub; got != sub {
			t.Errorf("sub: got %q, want %q", got, sub)
		}
	})
}

// The configured client secret is wrong: nobody is signed out for it.
func TestWrongClientSecretDuringRefreshLeavesTheSession(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"wrong0123456789abcdefghijk", ""} {
		synctest.Test(t, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{ClientSecret: "0123456789abcdefghijklmnop"}), newFaultyStore()
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			_, before := store.bundle(t)
			time.Sleep(time.Hour)
			misconfigured := sessionOf(t, newClient(t, pool, store.on(), func(cfg *auth.Config) { cfg.ClientSecret = secret }), "1")
			_, err := auth.FetchAuthSession(t.Context(), misconfigured, auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrClientSecret)
			if _, b := store.bundle(t); !b.Equal(before) {
				t.Error("the record was changed")
			}
			fetch(t, s)
		})
	}
}

// Behavior 63: when the service will not refresh any more, the tokens go and
// the caller is told that the session has expired; nobody asks again.
func TestRejectedRefreshEndsTheSession(t *testing.T) {
	t.Parallel()
	inject := func(code, message string) func(*testing.T, *authtest.Pool, string) {
		return func(_ *testing.T, pool *authtest.Pool, _ string) {
			pool.Inject(authtest.Fault{Operation: opRefresh, Code: code, Message: message})
		}
	}
	tests := []struct {
		name string
		cfg  authtest.Config
		end  func(t *testing.T, pool *authtest.Pool, refreshToken string)
	}{
		{"expired", authtest.Config{RefreshTokenValidity: time.Hour}, func(t *testing.T, pool *authtest.Pool, token string) {
			if refreshable(t, pool, token) {
				t.Fatal("the refresh token has not expired")
			}
		}},
		{"revoked", authtest.Config{}, func(t *testing.T, pool *authtest.Pool, token string) {
			other := newSession(t, pool, "other")
			signIn(t, other, "ana")
			if _, err := auth.SignOut(t.Context(), other, auth.SignOutInput{Global: true}); err != nil {
				t.Fatal(err)
			}
		}},
		{"spent by somebody else", authtest.Config{RotateRefreshTokens: true}, func(t *testing.T, pool *authtest.Pool, token string) {
			if !refreshable(t, pool, token) {
				t.Fatal("the refresh token is not good")
			}
		}},
		{"disabled", authtest.Config{}, func(t *testing.T, pool *authtest.Pool, _ string) {
			asAdmin(t, pool, "AdminDisableUser", object{"Username": "ana"})
		}},
		{"deleted", authtest.Config{}, func(t *testing.T, pool *authtest.Pool, _ string) {
			asAdmin(t, pool, "AdminDeleteUser", object{"Username": "ana"})
		}},
		{"not authorized", authtest.Config{}, inject(wire.ExceptionNotAuthorized, "Invalid Refresh Token")},
		{"not authorized, without a reason", authtest.Config{}, inject(wire.ExceptionNotAuthorized, "")},
		{"said to be disabled", authtest.Config{}, inject(wire.ExceptionNotAuthorized, "User is disabled.")},
		{"reused", authtest.Config{}, inject(wire.ExceptionRefreshTokenReuse, "")},
		{"said to be deleted", authtest.Config{}, inject(wire.ExceptionUserNotFound, "User does not exist.")},
		{"unconfirmed", authtest.Config{}, inject(wire.ExceptionUserNotConfirmed, "")},
		{"password reset", authtest.Config{}, inject(wire.ExceptionPasswordResetRequired, "")},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := newPool(t, tt.cfg), newFaultyStore()
			sub := addUser(t, pool, "ana")
			c := newClient(t, pool, store.on())
			s := sessionOf(t, c, "1")
			signIn(t, s, "ana")
			_, b := store.bundle(t)
			time.Sleep(time.Hour)
			tt.end(t, pool, b.RefreshToken)
			asked := refreshes(pool)

			_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
			wantCode(t, err, auth.ErrSessionExpired)
			if !errors.Is(err, auth.ErrNotAuthorized) {
				t.Errorf("%v is not ErrNotAuthorized", err)
			}
			if n := refreshes(pool) - asked; n != 1 {
				t.Errorf("got %d refreshes, want 1", n)
			}
			for key, rec := range store.records() {
				for _, token := range []string{b.AccessToken, b.IDToken, b.RefreshToken} {
					if strings.Contains(string(rec.Data), token) {
						t.Errorf("a token is still in the record %s", key)
					}
				}
			}

			// From now on nobody asks, here or on another host.
			asked = len(operations(pool))
			for _, s := range []*auth.Session{s, sessionOf(t, newClient(t, pool, store.on()), "1")} {
				_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
				wantCode(t, err, auth.ErrSessionExpired)
				_, err = auth.FetchAuthSession(t.Context(), s, forced())
				wantCode(t, err, auth.ErrSessionExpired)
				_, err = auth.GetCurrentUser(t.Context(), s)
				wantCode(t, err, auth.ErrSessionExpired)
			}
			if n := len(operations(pool)) - asked; n != 0 {
				t.Errorf("%d requests for a session that has expired", n)
			}

			switch tt.name {
			case "disabled":
				asAdmin(t, pool, "AdminEnableUser", object{"Username": "ana"})
			case "deleted":
				sub = addUser(t, pool, "ana")
			}
			signIn(t, s, "ana")
			if got := fetch(t, s).UserSub; got != sub {
				t.Errorf("sub after signing in again: got %q, want %q", got, sub)
			}
		})
	}
}

// After a day an expired session is as good as none.
func TestExpiredSessionIsForgottenInTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		pool.FailNext(opRefresh, wire.ExceptionNotAuthorized)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		time.Sleep(24*time.Hour - time.Second)
		_, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrSessionExpired)
		time.Sleep(2 * time.Second)
		_, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrNotSignedIn)
		if left := store.records(); len(left) != 0 {
			t.Errorf("%d records stayed", len(left))
		}
	})
}

// Behavior 65: a well-signed expired token is a reason to refresh and nothing
// else: without a refresh token the session has expired.
func TestExpiredTokensWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		key, b := store.bundle(t)
		b.RefreshToken = ""
		store.putBundle(t, key, b)
		fetch(t, s)
		asked := len(operations(pool))
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		time.Sleep(time.Hour)
		_, err = auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrSessionExpired)
		if n := len(operations(pool)) - asked; n != 0 {
			t.Errorf("%d requests, want none", n)
		}
	})
}
