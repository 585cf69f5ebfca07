package auth_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// wantSignOut compares an output, of its errors the codes.
func wantSignOut(t testing.TB, out *auth.SignOutOutput, err error, want auth.SignOutOutput, revoke, everywhere auth.ErrorCode) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if out.WasSignedIn != want.WasSignedIn || out.Revoked != want.Revoked || out.SignedOutEverywhere != want.SignedOutEverywhere {
		t.Errorf("got %+v, want %+v", *out, want)
	}
	for _, step := range []struct {
		name string
		err  error
		code auth.ErrorCode
	}{{"RevokeError", out.RevokeError, revoke}, {"GlobalError", out.GlobalError, everywhere}} {
		switch {
		case step.code != "":
			wantCode(t, step.err, step.code)
		case step.err != nil:
			t.Errorf("%s: got %v, want none", step.name, step.err)
		}
	}
}

// mustBeSignedOut fails the test unless nobody is signed in and nothing is left.
func mustBeSignedOut(t testing.TB, s *auth.Session, store *faultyStore) {
	t.Helper()
	_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
	wantCode(t, err, auth.ErrNotSignedIn)
	if left := store.records(); len(left) != 0 {
		t.Errorf("%d records stayed", len(left))
	}
}

// Behavior 69: a local sign-out removes the tokens and then revokes the refresh
// token, and no other.
func TestSignOutLocally(t *testing.T) {
	t.Parallel()
	for _, age := range []time.Duration{0, 5 * time.Hour} { // the access token may have expired
		bubble(t, age.String(), func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{ClientSecret: "0123456789abcdefghijklmnop"}), newFaultyStore()
			w := newWitness(pool)
			addUser(t, pool, "ana")
			c := newClient(t, pool, store.on(), w.on())
			s := sessionOf(t, c, "1")
			signIn(t, s, "ana")
			elsewhere := newSession(t, pool, "elsewhere")
			signIn(t, elsewhere, "ana")
			asked := len(operations(pool))
			w.onRequest(func(op string, body map[string]any) {
				if n := len(store.records()); n != 0 {
					t.Errorf("%s is asked for while %d records are there", op, n)
				}
				if body["Token"] != w.issued()[0] {
					t.Errorf("%s is not about the session's refresh token", op)
				}
			})
			time.Sleep(age)

			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
			wantSignOut(t, out, err, auth.SignOutOutput{WasSignedIn: true, Revoked: true}, "", "")
			if diff := cmp.Diff([]string{"RevokeToken"}, operations(pool)[asked:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			mustBeSignedOut(t, s, store)
			if refreshable(t, pool, w.issued()[0]) {
				t.Error("the refresh token is still good")
			}
			if _, err := auth.FetchAuthSession(t.Context(), elsewhere, forced()); err != nil {
				t.Errorf("another session of the person: %v", err)
			}
		})
	}
}

// Behavior 69: tokens without origin_jti cannot be revoked, and nobody tries.
func TestSignOutWithoutRevocation(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{DisableTokenRevocation: true}), newFaultyStore()
	addUser(t, pool, "ana")
	s := sessionOf(t, newClient(t, pool, store.on()), "1")
	signIn(t, s, "ana")
	out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
	wantSignOut(t, out, err, auth.SignOutOutput{WasSignedIn: true}, "", "")
	if diff := cmp.Diff([]string{"InitiateAuth"}, operations(pool)); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	mustBeSignedOut(t, s, store)
}

// everywhere is the output of a global sign-out that did what it should.
var everywhere = auth.SignOutOutput{WasSignedIn: true, SignedOutEverywhere: true, Revoked: true}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		access := string(fetch(t, s).Tokens.AccessToken)
		elsewhere := newSession(t, pool, "elsewhere")
		signIn(t, elsewhere, "ana")
		asked := len(operations(pool))

		out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: true})
		wantSignOut(t, out, err, everywhere, "", "")
		if diff := cmp.Diff([]string{"GlobalSignOut"}, operations(pool)[asked:]); diff != "" {
			t.Errorf("operations (-want +got):\n%s", diff)
		}
		if requestsFor(pool, "GlobalSignOut")[0].Body["AccessToken"] != access {
			t.Error("GlobalSignOut was not sent the session's access token")
		}
		mustBeSignedOut(t, s, store)

		// Elsewhere the tokens pass until they expire, and are not refreshed.
		fetch(t, elsewhere)
		_, err = auth.FetchAuthSession(t.Context(), elsewhere, forced())
		wantCode(t, err, auth.ErrSessionExpired)
	})
}

// Behavior 71: a global sign-out needs an access token, so an expired one is
// refreshed first.
func TestSignOutEverywhereRefreshesFirst(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{true, false} {
		bubble(t, fmt.Sprintf("rotation=%t", rotate), func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{RotateRefreshTokens: rotate}), newFaultyStore()
			w := newWitness(pool)
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on(), w.on()), "1")
			signIn(t, s, "ana")
			asked := len(operations(pool))
			time.Sleep(2 * time.Hour)
			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: true})
			wantSignOut(t, out, err, everywhere, "", "")
			if diff := cmp.Diff([]string{opRefresh, "GlobalSignOut"}, operations(pool)[asked:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			mustBeSignedOut(t, s, store)
			for _, token := range w.issued() {
				if refreshable(t, pool, token) {
					t.Error("a refresh token is still good")
				}
			}
		})
	}
}

// Behavior 71: where it cannot be refreshed, the output says so; what can be
// done without it, is.
func TestSignOutEverywhereThatCannotRefresh(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.SignOutOutput
		code  auth.ErrorCode
		then  []string
	}{
		{"outage", authtest.Fault{HTML: true}, auth.SignOutOutput{WasSignedIn: true, Revoked: true}, auth.ErrHTTP, []string{opRefresh, "RevokeToken"}},
		{"refused", authtest.Fault{Code: wire.ExceptionNotAuthorized}, auth.SignOutOutput{}, auth.ErrSessionExpired, []string{opRefresh}},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{}), newFaultyStore()
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			asked := len(operations(pool))
			time.Sleep(2 * time.Hour)
			tt.fault.Operation = opRefresh
			pool.Inject(tt.fault)
			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: true})
			wantSignOut(t, out, err, tt.want, "", tt.code)
			if diff := cmp.Diff(tt.then, operations(pool)[asked:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			mustBeSignedOut(t, s, store)
		})
	}
}

// Behavior 70: a revocation that fails is reported, and the person is signed
// out here.
func TestSignOutReportsWhatWasNotRevoked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"no answer", authtest.Fault{DropRequest: true}, auth.ErrNetwork},
		{"throttled", authtest.Throttle(), auth.ErrTooManyRequests},
		{"internal error", authtest.Fault{Code: wire.ExceptionInternalError}, auth.ErrInternalError},
		{"page", authtest.Fault{HTML: true}, auth.ErrHTTP},
		{"not authorized", authtest.Fault{Code: wire.ExceptionNotAuthorized}, auth.ErrNotAuthorized},
		{"unauthorized", authtest.Fault{Code: wire.ExceptionUnauthorized}, auth.ErrUnauthorized},
		{"switched off", authtest.Fault{Code: wire.ExceptionUnsupportedOperation}, auth.ErrUnsupportedOperation},
		{"trigger", authtest.Fault{Code: wire.ExceptionUnexpectedLambda}, auth.ErrUnexpectedLambda},
	}
	for _, tt := range tests {
		for _, global := range []bool{false, true} {
			bubble(t, fmt.Sprintf("%s/global=%t", tt.name, global), func(t *testing.T) {
				pool, store := newPool(t, authtest.Config{}), newFaultyStore()
				addUser(t, pool, "ana")
				s := sessionOf(t, newClient(t, pool, store.on()), "1")
				signIn(t, s, "ana")
				for _, op := range []string{"RevokeToken", "GlobalSignOut"} {
					fault := tt.fault
					fault.Operation, fault.Times = op, -1
					pool.Inject(fault)
				}
				out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: global})
				var failed auth.ErrorCode
				if global {
					failed = tt.want
				}
				wantSignOut(t, out, err, auth.SignOutOutput{WasSignedIn: true}, tt.want, failed)
				mustBeSignedOut(t, s, store)
			})
		}
	}
}

// Where only the sign-out everywhere fails, the session's own refresh token is
// revoked by itself, and dead.
func TestSignOutEverywhereThatFailsRevokesItsOwnToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{"no answer", authtest.Fault{DropRequest: true}, auth.ErrNetwork},
		{"answer lost", authtest.Fault{DropResponse: true}, auth.ErrNetwork},
		{"internal error", authtest.Fault{Code: wire.ExceptionInternalError}, auth.ErrInternalError},
		{"reset required", authtest.Fault{Code: wire.ExceptionPasswordResetRequired}, auth.ErrPasswordResetRequired},
		{"revoked already", authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: "Access Token has been revoked"}, auth.ErrSessionExpired},
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool, store := newPool(t, authtest.Config{}), newFaultyStore()
			w := newWitness(pool)
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on(), w.on()), "1")
			signIn(t, s, "ana")
			asked := len(operations(pool))
			tt.fault.Operation = "GlobalSignOut"
			pool.Inject(tt.fault)
			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: true})
			wantSignOut(t, out, err, auth.SignOutOutput{WasSignedIn: true, Revoked: true}, "", tt.want)
			if diff := cmp.Diff([]string{"GlobalSignOut", "RevokeToken"}, operations(pool)[asked:]); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
			mustBeSignedOut(t, s, store)
			if refreshable(t, pool, w.issued()[0]) {
				t.Error("the refresh token is still good")
			}
		})
	}
}

func TestSignOutOfASessionThatIsNotSignedIn(t *testing.T) {
	t.Parallel()
	for _, global := range []bool{false, true} {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		for range 2 {
			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: global})
			wantSignOut(t, out, err, auth.SignOutOutput{}, "", "")
		}
		if ops := operations(pool); len(ops) != 0 {
			t.Errorf("requests: %v", ops)
		}
		mustBeSignedOut(t, s, store)
	}
}

// A session that has expired is signed out, too: it then says "not signed in".
func TestSignOutOfAnExpiredSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		pool.FailNext(opRefresh, wire.ExceptionNotAuthorized)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrSessionExpired)
		out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
		wantSignOut(t, out, err, auth.SignOutOutput{}, "", "")
		mustBeSignedOut(t, s, store)
	})
}

// A store that fails leaves the person signed in, with tokens that work, and
// with whatever they were about to do.
func TestSignOutWithABrokenStore(t *testing.T) {
	t.Parallel()
	for _, global := range []bool{false, true} {
		for _, method := range []string{"Load", "Delete"} {
			pool, store := newPool(t, authtest.Config{}), newFaultyStore()
			addUser(t, pool, "ana")
			s := sessionOf(t, newClient(t, pool, store.on()), "1")
			signIn(t, s, "ana")
			store.script(failing(method))
			out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{Global: global})
			wantCode(t, err, auth.ErrInternal)
			if out != nil || !errors.Is(err, errStore) {
				t.Errorf("%s fails: got %v, %v, want the store's error alone", method, out, err)
			}
			store.script(nil)
			if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
				t.Errorf("%s fails: the session: %v", method, err)
			}
			if ops := operations(pool, "RevokeToken", "GlobalSignOut"); len(ops) != 0 {
				t.Errorf("%s fails: requests: %v", method, ops)
			}
		}
	}
}

// A record that does not verify is removed, too. Nothing of it is sent, and the
// output tells that nothing was revoked.
func TestSignOutOfADamagedSession(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{}), newFaultyStore()
	addUser(t, pool, "ana")
	s := sessionOf(t, newClient(t, pool, store.on()), "1")
	signIn(t, s, "ana")
	key, b := store.bundle(t)
	b.AccessToken = tampered(b.AccessToken)
	store.putBundle(t, key, b)
	asked := len(operations(pool))
	out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
	wantSignOut(t, out, err, auth.SignOutOutput{}, auth.ErrInvalidTokens, "")
	if ops := operations(pool)[asked:]; len(ops) != 0 {
		t.Errorf("requests: %v", ops)
	}
	mustBeSignedOut(t, s, store)
}

// A host that cannot get the keys cannot tell what to revoke. The person wants
// to leave all the same.
func TestSignOutWithoutKeys(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{}), newFaultyStore()
	addUser(t, pool, "ana")
	signIn(t, sessionOf(t, newClient(t, pool, store.on()), "1"), "ana")
	pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, DropRequest: true, Times: -1})
	s := sessionOf(t, newClient(t, pool, store.on()), "1")
	out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
	wantSignOut(t, out, err, auth.SignOutOutput{WasSignedIn: true}, auth.ErrKeysUnavailable, "")
	mustBeSignedOut(t, s, store)
}

// What was in progress ends with the sign-out.
func TestSignOutForgetsWhatWasInProgress(t *testing.T) {
	t.Parallel()
	pool, store := newPool(t, authtest.Config{MFA: authtest.MFAOptional}), newFaultyStore()
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, TOTP: true})
	s := sessionOf(t, newClient(t, pool, store.on()), "1")
	if _, err := auth.SignUp(t.Context(), s, auth.SignUpInput{
		Username: "ben", Password: thePassword, UserAttributes: map[string]string{"email": "ben@example.com"}, AutoSignIn: true,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword}); err != nil {
		t.Fatal(err)
	}
	out, err := auth.SignOut(t.Context(), s, auth.SignOutInput{})
	wantSignOut(t, out, err, auth.SignOutOutput{}, "", "")
	_, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: pool.TOTP("ana")})
	wantCode(t, err, auth.ErrNoSignIn)
	_, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
	wantCode(t, err, auth.ErrAutoSignInUnavailable)
	mustBeSignedOut(t, s, store)
}
