package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// withUserAuth is a pool whose app client gives sign-up a session.
var withUserAuth = authtest.Config{ExplicitAuthFlows: everyFlow}

func wantSignedIn(t testing.TB, out *auth.SignInOutput, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	want := &auth.SignInOutput{IsSignedIn: true, NextStep: auth.SignInNextStep{Step: auth.SignInStepDone}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Fatalf("output (-want +got):\n%s", diff)
	}
}

// wantUser fails the test unless the session is that of the user, who began
// with loginID and flow.
func wantUser(t testing.TB, s *auth.Session, pool *authtest.Pool, name, loginID string, flow auth.AuthFlow) {
	t.Helper()
	got, err := auth.GetCurrentUser(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	user, _ := pool.User(name)
	want := &auth.AuthUser{
		Username: user.Name, UserID: user.Sub,
		SignInDetails: auth.SignInDetails{LoginID: loginID, AuthFlow: flow},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("current user (-want +got):\n%s", diff)
	}
}

// Behavior 74: the session that confirmation returned signs in, and neither a
// password nor a code is asked for.
func TestAutoSignInBySession(t *testing.T) {
	t.Parallel()
	pool := newPool(t, withUserAuth)
	s := newSession(t, pool, "s")
	signUp(t, s, "ana", andAutoSignIn)
	out := confirmSignUp(t, s, pool, "ana")
	want := &auth.ConfirmSignUpOutput{
		IsSignUpComplete: true, NextStep: auth.SignUpNextStep{Step: auth.SignUpStepCompleteAutoSignIn},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	in, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
	wantSignedIn(t, in, err)
	wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUser)
}

// Behavior 35: a preferred first factor does not keep the session from being
// sent.
func TestAutoSignInBySessionWithAPreference(t *testing.T) {
	t.Parallel()
	pool := newPool(t, withUserAuth)
	s, wire := recorded(t, pool, func(cfg *auth.Config) {
		cfg.AuthFlow, cfg.PreferredChallenge = auth.AuthFlowUser, "PASSWORD_SRP"
	})
	signUp(t, s, "ana", andAutoSignIn)
	confirmSignUp(t, s, pool, "ana")
	in, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
	wantSignedIn(t, in, err)
	seen := wire.exchanges()
	want := object{
		"ClientId": pool.ClientID(), "AuthFlow": "USER_AUTH", "AuthParameters": object{"USERNAME": "ana"}, "Session": seen[1].got["Session"],
	}
	if diff := cmp.Diff(want, seen[2].sent); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// An app client without USER_AUTH gives no session. The password is not kept,
// so it has to be handed in again.
func TestAutoSignInByPassword(t *testing.T) {
	t.Parallel()
	for _, flow := range []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword} {
		t.Run(string(flow), func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			s := sessionOf(t, newClient(t, pool, func(cfg *auth.Config) { cfg.AuthFlow = flow }), "s")
			signUp(t, s, "ana", andAutoSignIn)
			out := confirmSignUp(t, s, pool, "ana")
			want := auth.SignUpNextStep{Step: auth.SignUpStepCompleteAutoSignIn, PasswordRequired: true}
			if diff := cmp.Diff(want, out.NextStep); diff != "" {
				t.Errorf("next step (-want +got):\n%s", diff)
			}

			_, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
			wantProblem(t, err, auth.ErrAutoSignInUnavailable, "password is needed")
			_, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: "mistyped"})
			wantCode(t, err, auth.ErrNotAuthorized)
			in, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
			wantSignedIn(t, in, err)
			wantUser(t, s, pool, "ana", "ana", flow)
		})
	}
}

// What the pool asks for after the password is answered as after SignIn.
func TestAutoSignInContinues(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFARequired})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana", andAutoSignIn)
	confirmSignUp(t, s, pool, "ana")
	out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
	if err != nil {
		t.Fatal(err)
	}
	if out.NextStep.Step != auth.SignInStepContinueWithTOTPSetup {
		t.Fatalf("next step: got %s", out.NextStep.Step)
	}
	out, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: pool.TOTP("ana")})
	wantSignedIn(t, out, err)
	_, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
	wantProblem(t, err, auth.ErrAutoSignInUnavailable, "no sign-up")
}

// Behavior 76: AutoSignIn without a sign-up to follow is refused, with the
// reason and without a request.
func TestAutoSignInUnavailable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config authtest.Config
		before func(*testing.T, *authtest.Pool, *auth.Session)
		reason string
	}{
		{"no sign-up", withUserAuth, func(*testing.T, *authtest.Pool, *auth.Session) {}, "no sign-up of this session asked for it"},
		{
			"not asked for", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana")
				confirmSignUp(t, s, pool, "ana")
			},
			"no sign-up of this session asked for it",
		},
		{
			"asked for by an earlier sign-up", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana", andAutoSignIn)
				signUp(t, s, "bob")
				confirmSignUp(t, s, pool, "bob")
			},
			"no sign-up of this session asked for it",
		},
		{
			"in another session", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, _ *auth.Session) {
				other := newSession(t, pool, "other")
				signUp(t, other, "ana", andAutoSignIn)
				confirmSignUp(t, other, pool, "ana")
			},
			"no sign-up of this session asked for it",
		},
		{
			"not confirmed", withUserAuth,
			func(t *testing.T, _ *authtest.Pool, s *auth.Session) { signUp(t, s, "ana", andAutoSignIn) },
			"not confirmed",
		},
		{
			"somebody else confirmed", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, newSession(t, pool, "other"), "bob")
				signUp(t, s, "ana", andAutoSignIn)
				if out := confirmSignUp(t, s, pool, "bob"); out.NextStep.Step != auth.SignUpStepDone {
					t.Errorf("next step of bob: got %s, want DONE", out.NextStep.Step)
				}
			},
			"not confirmed",
		},
		{
			"no session and no password", authtest.Config{},
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana", andAutoSignIn)
				confirmSignUp(t, s, pool, "ana")
			},
			"password is needed",
		},
		{
			"done already", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana", andAutoSignIn)
				confirmSignUp(t, s, pool, "ana")
				out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
				wantSignedIn(t, out, err)
			},
			"no sign-up of this session asked for it",
		},
		{
			"signed out in between", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana", andAutoSignIn)
				confirmSignUp(t, s, pool, "ana")
				signOut(t, s, auth.SignOutInput{})
			},
			"no sign-up of this session asked for it",
		},
		{
			"signed in in between", withUserAuth,
			func(t *testing.T, pool *authtest.Pool, s *auth.Session) {
				signUp(t, s, "ana", andAutoSignIn)
				confirmSignUp(t, s, pool, "ana")
				signIn(t, s, "ana")
			},
			"no sign-up of this session asked for it",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, tt.config)
			s := newSession(t, pool, "s")
			tt.before(t, pool, s)
			sent := len(operations(pool))
			out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
			wantProblem(t, err, auth.ErrAutoSignInUnavailable, tt.reason)
			if out != nil {
				t.Errorf("there is an output with the error: %+v", out)
			}
			if extra := operations(pool)[sent:]; len(extra) != 0 {
				t.Errorf("requests were sent: %v", extra)
			}
		})
	}
}

func TestAutoSignInAlreadySignedIn(t *testing.T) {
	t.Parallel()
	pool := newPool(t, withUserAuth)
	addUser(t, pool, "bob")
	s := newSession(t, pool, "s")
	signIn(t, s, "bob")
	signUp(t, s, "ana", andAutoSignIn)
	confirmSignUp(t, s, pool, "ana")
	_, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
	wantCode(t, err, auth.ErrAlreadySignedIn)
	wantUser(t, s, pool, "bob", "bob", auth.AuthFlowUserPassword)
}

// The service's session is good for minutes. After that the password is, if it
// is at hand.
func TestAutoSignInAfterItsSessionExpired(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", thePassword} {
		t.Run("password="+password, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool := newPool(t, withUserAuth)
				s := newSession(t, pool, "s")
				signUp(t, s, "ana", andAutoSignIn)
				confirmSignUp(t, s, pool, "ana")
				time.Sleep(4 * time.Minute)
				out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: password})
				if password == "" {
					wantProblem(t, err, auth.ErrAutoSignInUnavailable, "does not accept")
					if !auth.IsRemote(err) {
						t.Error("the service's refusal is not reachable")
					}
					_, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
					wantProblem(t, err, auth.ErrAutoSignInUnavailable, "password is needed")
					out, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
				}
				wantSignedIn(t, out, err)
				wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUserPassword)
			})
		})
	}
}

// Somebody who clicks twice is signed in once, and nothing is left to sign in
// with: the click that came too late does not bring the sign-up back.
func TestAutoSignInTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, withUserAuth)
		s := newSession(t, pool, "s")
		signUp(t, s, "ana", andAutoSignIn)
		confirmSignUp(t, s, pool, "ana")
		pool.Inject(authtest.Fault{Operation: "InitiateAuth", Delay: time.Second})
		late := make(chan error, 1)
		go func() {
			_, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
			late <- err
		}()
		synctest.Wait()
		out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
		wantSignedIn(t, out, err)
		wantCode(t, <-late, auth.ErrAutoSignInUnavailable)
		wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUser)

		if _, err := auth.RenewSession(t.Context(), s, "another"); err != nil {
			t.Fatal(err)
		}
		_, err = auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
		wantProblem(t, err, auth.ErrAutoSignInUnavailable, "no sign-up")
	})
}

// What says nothing about the session does not use it up.
func TestAutoSignInTriesAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]authtest.Fault{
		"network": {DropRequest: true},
		"outage":  {Code: string(auth.ErrInternalError)},
		"trigger": {Code: string(auth.ErrUserLambdaValidation)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, withUserAuth)
			s := newSession(t, pool, "s")
			signUp(t, s, "ana", andAutoSignIn)
			confirmSignUp(t, s, pool, "ana")
			fault.Operation = "InitiateAuth"
			pool.Inject(fault)
			if _, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{}); err == nil {
				t.Fatal("the fault was not met")
			}
			out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
			wantSignedIn(t, out, err)
		})
	}
}

// followLink opens the link that was sent to a user.
func followLink(t testing.TB, pool *authtest.Pool, user string) {
	t.Helper()
	inbox := pool.Inbox(user)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, inbox[len(inbox)-1].Link, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := pool.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if u, _ := pool.User(user); res.StatusCode != http.StatusOK || u.Status != authtest.StatusConfirmed {
		t.Fatalf("the link was answered with %d, and %s is %s", res.StatusCode, user, u.Status)
	}
}

// Behavior 77: AutoSignIn waits for a link to be followed, and stops at the
// first result that is another than CONFIRM_SIGN_UP, at the limit, and when the
// context ends.
func TestAutoSignInWaitsForLink(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		config   authtest.Config
		confirm  time.Duration // 0 for never
		cancel   time.Duration // 0 for never
		password string
		want     auth.ErrorCode // "" for signed in
		message  string
		after    time.Duration
		attempts int
	}{
		{name: "followed", confirm: 12 * time.Second, password: thePassword, after: 15 * time.Second, attempts: 4},
		{name: "followed, with a session", config: withUserAuth, confirm: 12 * time.Second, after: 15 * time.Second, attempts: 4},
		{name: "followed before", confirm: time.Nanosecond, password: thePassword, after: 5 * time.Second, attempts: 2},
		{name: "never", password: thePassword, want: auth.ErrAutoSignInUnavailable, message: "in time", after: 175 * time.Second, attempts: 36},
		{name: "given up", cancel: 7 * time.Second, password: thePassword, want: auth.ErrCanceled, after: 7 * time.Second, attempts: 2},
		{name: "wrong password", confirm: 7 * time.Second, password: "mistyped", want: auth.ErrNotAuthorized, after: 10 * time.Second, attempts: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt.config.Domain, tt.config.DefaultEmailOption = "people", authtest.ConfirmWithLink
				pool := newPool(t, tt.config)
				s := newSession(t, pool, "s")
				signUp(t, s, "ana", andAutoSignIn)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()

				type result struct {
					out   *auth.SignInOutput
					err   error
					after time.Duration
				}
				done := make(chan result, 1)
				start := time.Now()
				go func() {
					out, err := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{Password: tt.password, WaitForLink: true})
					done <- result{out, err, time.Since(start)}
				}()
				synctest.Wait()
				if tt.confirm > 0 {
					time.Sleep(tt.confirm)
					followLink(t, pool, "ana")
				}
				if tt.cancel > 0 {
					time.Sleep(tt.cancel)
					cancel()
				}
				got := <-done
				if tt.want == "" {
					wantSignedIn(t, got.out, got.err)
				} else {
					wantProblem(t, got.err, tt.want, tt.message)
				}
				if tt.cancel > 0 && !errors.Is(got.err, context.Canceled) {
					t.Errorf("%v does not say that the context was canceled", got.err)
				}
				if got.after != tt.after {
					t.Errorf("it took %v, want %v", got.after, tt.after)
				}
				if n := len(operations(pool, "InitiateAuth")); n != tt.attempts {
					t.Errorf("%d attempts, want %d", n, tt.attempts)
				}
			})
		})
	}
}

// A confirmation whose answer was lost does not keep the person from being
// signed in.
func TestAutoSignInAfterALostConfirmation(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana", andAutoSignIn)
	pool.Inject(authtest.Fault{Operation: "ConfirmSignUp", DropResponse: true})
	in := auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")}
	_, err := auth.ConfirmSignUp(t.Context(), s, in)
	wantCode(t, err, auth.ErrNetwork)
	_, err = auth.ConfirmSignUp(t.Context(), s, in)
	wantCode(t, err, auth.ErrAlreadyConfirmed)
	out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{Password: thePassword})
	wantSignedIn(t, out, err)
}
