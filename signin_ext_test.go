package auth_test

import (
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// eachFlow runs a test for both flows that begin with a password.
func eachFlow(t *testing.T, test func(*testing.T, auth.AuthFlow)) {
	t.Helper()
	for _, flow := range []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword} {
		t.Run(string(flow), func(t *testing.T) {
			t.Parallel()
			test(t, flow)
		})
	}
}

// begin is SignIn with what most tests give.
func begin(t testing.TB, s *auth.Session, name, password string, flow auth.AuthFlow) (*auth.SignInOutput, error) {
	t.Helper()
	return auth.SignIn(t.Context(), s, auth.SignInInput{Username: name, Password: password, AuthFlow: flow})
}

// wantNextStep fails the test unless the sign-in waits for exactly this.
func wantNextStep(t testing.TB, out *auth.SignInOutput, err error, want auth.SignInNextStep) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&auth.SignInOutput{NextStep: want}, out); diff != "" {
		t.Fatalf("output (-want +got):\n%s", diff)
	}
}

// wantNothing fails the test unless the session is neither signed in nor in
// the middle of a sign-in.
func wantNothing(t testing.TB, s *auth.Session) {
	t.Helper()
	_, err := auth.GetCurrentUser(t.Context(), s)
	wantCode(t, err, auth.ErrNotSignedIn)
	_, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: "123456"})
	wantCode(t, err, auth.ErrNoSignIn)
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", thePassword, flow)
		wantSignedIn(t, out, err)
		wantUser(t, s, pool, "ana", "ana", flow)
		_, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: "123456"})
		wantCode(t, err, auth.ErrNoSignIn)
	})
}

func TestSRPIsTheDefault(t *testing.T) {
	t.Parallel()
	pool := authtest.NewPool(t, authtest.Config{})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s := pool.NewSession("s")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword})
	wantSignedIn(t, out, err)
	wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUserSRP)
	for _, r := range pool.Requests() {
		if params, ok := r.Body["AuthParameters"].(object); ok && params["PASSWORD"] != nil {
			t.Error("the password was sent")
		}
	}
}

// Behavior 16: passwords are hashed as typed, byte for byte.
func TestSRPTakesPasswordsAsTyped(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "p\u00e4ssw\u00f6rd", "pa\u0308sswo\u0308rd" // look the same
	for _, password := range []string{composed, decomposed, "correct horse 😀 battery", "日本語パスワード", `"\'` + "`${}"} {
		pool := newPool(t, authtest.Config{})
		pool.AddUser(authtest.User{Name: "ana", Password: password})
		s := newSession(t, pool, "s")
		if password == composed {
			_, err := begin(t, s, "ana", decomposed, auth.AuthFlowUserSRP)
			wantCode(t, err, auth.ErrNotAuthorized)
		}
		out, err := begin(t, s, "ana", password, auth.AuthFlowUserSRP)
		wantSignedIn(t, out, err)
	}
}

// Behavior 22: a wrong password leaves nothing behind.
func TestSignInWrongPassword(t *testing.T) {
	t.Parallel()
	eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", "mistyped", flow)
		wantProblem(t, err, auth.ErrNotAuthorized, "Incorrect username or password.")
		if out != nil {
			t.Errorf("there is an output with the error: %+v", out)
		}
		wantNothing(t, s)
		out, err = begin(t, s, "ana", thePassword, flow)
		wantSignedIn(t, out, err)
	})
}

// An attempt that fails at its first request replaces the one before it all the
// same: whoever starts again means it.
func TestSignInReplacesAnAttempt(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, TOTP: true})
	addUser(t, pool, "bob")
	s := newSession(t, pool, "s")
	out, err := begin(t, s, "ana", thePassword, "")
	wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepConfirmWithTOTPCode})
	_, err = begin(t, s, "bob", "mistyped", "")
	wantCode(t, err, auth.ErrNotAuthorized)
	wantNothing(t, s)

	out, err = begin(t, s, "ana", thePassword, "")
	wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepConfirmWithTOTPCode})
	out, err = begin(t, s, "bob", thePassword, "")
	wantSignedIn(t, out, err)
	_, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: pool.TOTP("ana")})
	wantCode(t, err, auth.ErrNoSignIn)
	wantUser(t, s, pool, "bob", "bob", auth.AuthFlowUserPassword)
}

func TestSignInUnknownUser(t *testing.T) {
	t.Parallel()
	eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
		shown := newPool(t, authtest.Config{})
		s := newSession(t, shown, "s")
		_, err := begin(t, s, "nobody", thePassword, flow)
		wantProblem(t, err, auth.ErrUserNotFound, "User does not exist.")
		wantNothing(t, s)

		hidden := newPool(t, authtest.Config{PreventUserExistenceErrors: true})
		addUser(t, hidden, "ana")
		s = newSession(t, hidden, "s")
		_, unknown := begin(t, s, "nobody", thePassword, flow)
		wantProblem(t, unknown, auth.ErrNotAuthorized, "Incorrect username or password.")
		_, wrong := begin(t, s, "ana", "mistyped", flow)
		if unknown.Error() != wrong.Error() {
			t.Errorf("an unknown user is told from a wrong password: %q, %q", unknown, wrong)
		}
		wantNothing(t, s)
	})
}

func TestSignInDisabledUser(t *testing.T) {
	t.Parallel()
	eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
		pool := newPool(t, authtest.Config{})
		pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Disabled: true})
		s := newSession(t, pool, "s")
		_, err := begin(t, s, "ana", thePassword, flow)
		wantProblem(t, err, auth.ErrUserDisabled, "User is disabled.")
		if !errors.Is(err, auth.ErrNotAuthorized) {
			t.Error("the finer code is not also ErrNotAuthorized")
		}
		wantNothing(t, s)
	})
}

func TestSignInLockout(t *testing.T) {
	t.Parallel()
	for _, flow := range []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword} {
		t.Run(string(flow), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool := newPool(t, authtest.Config{})
				addUser(t, pool, "ana")
				s := newSession(t, pool, "s")
				for range 5 {
					_, err := begin(t, s, "ana", "mistyped", flow)
					wantProblem(t, err, auth.ErrNotAuthorized, "Incorrect")
				}
				_, err := begin(t, s, "ana", thePassword, flow)
				wantProblem(t, err, auth.ErrPasswordAttemptsExceeded, "Password attempts exceeded")
				if !errors.Is(err, auth.ErrNotAuthorized) {
					t.Error("the finer code is not also ErrNotAuthorized")
				}
				time.Sleep(time.Second)
				out, err := begin(t, s, "ana", thePassword, flow)
				wantSignedIn(t, out, err)
			})
		})
	}
}

// Behavior 11: whatever was typed, the proof is over the name that the service
// calls the user.
// Behavior 19: the session is that of the name in the tokens.
func TestSignInByOtherNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config authtest.Config
		user   authtest.User
		typed  string
	}{
		{
			"e-mail alias", authtest.Config{AliasAttributes: []string{"email"}},
			authtest.User{Name: "ana", Email: "ana@example.com"}, "ana@example.com",
		},
		{
			"phone alias", authtest.Config{AliasAttributes: []string{"phone_number"}},
			authtest.User{Name: "ana", Phone: thePhone}, thePhone,
		},
		{
			"preferred username", authtest.Config{AliasAttributes: []string{"preferred_username"}},
			authtest.User{Name: "ana", Attributes: map[string]string{"preferred_username": "queen"}}, "queen",
		},
		{
			"e-mail address for username", authtest.Config{UsernameAttributes: []string{"email"}},
			authtest.User{Email: "ana@example.com"}, "ana@example.com",
		},
		{
			"phone number for username", authtest.Config{UsernameAttributes: []string{"phone_number"}},
			authtest.User{Phone: thePhone}, thePhone,
		},
		{
			"whatever the case", authtest.Config{CaseInsensitiveUsernames: true},
			authtest.User{Name: "Ana"}, "aNA",
		},
	}
	for _, tt := range tests {
		for _, secret := range []string{"", anotherSecret} {
			t.Run(tt.name+"/secret="+secret, func(t *testing.T) {
				t.Parallel()
				eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
					cfg := tt.config
					cfg.ClientSecret = secret
					pool := newPool(t, cfg)
					user := tt.user
					user.Password = thePassword
					sub := pool.AddUser(user)
					s := newSession(t, pool, "s")
					out, err := begin(t, s, tt.typed, thePassword, flow)
					wantSignedIn(t, out, err)
					wantUser(t, s, pool, sub, tt.typed, flow)
					if _, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{ForceRefresh: true}); err != nil {
						t.Errorf("refresh: %v", err)
					}
				})
			})
		}
	}
}

// Behavior 20: an account that is not confirmed is a step, not an error.
// Behavior 21: so is a password that has to be reset.
func TestSignInDiverts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status authtest.UserStatus
		want   auth.SignInStep
	}{
		{authtest.StatusUnconfirmed, auth.SignInStepConfirmSignUp},
		{authtest.StatusResetRequired, auth.SignInStepResetPassword},
	}
	for _, tt := range tests {
		t.Run(string(tt.status), func(t *testing.T) {
			t.Parallel()
			eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
				pool := newPool(t, authtest.Config{})
				pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Status: tt.status})
				s := newSession(t, pool, "s")
				out, err := begin(t, s, "ana", thePassword, flow)
				wantNextStep(t, out, err, auth.SignInNextStep{Step: tt.want})
				wantNothing(t, s)
			})
		})
	}
}

// The step that SignIn names can be taken, and SignIn then succeeds.
func TestSignInAfterConfirmingAtLast(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	signUp(t, s, "ana")
	out, err := begin(t, s, "ana", thePassword, "")
	wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepConfirmSignUp})
	if _, err := auth.ResendSignUpCode(t.Context(), s, auth.ResendSignUpCodeInput{Username: "ana"}); err != nil {
		t.Fatal(err)
	}
	confirmSignUp(t, s, pool, "ana")
	signIn(t, s, "ana")
}

func TestSignInTemporaryPasswordExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		pool.AddUser(authtest.User{Name: "ana", Password: "temporary", Status: authtest.StatusForceChangePassword})
		time.Sleep(8 * 24 * time.Hour)
		_, err := begin(t, newSession(t, pool, "s"), "ana", "temporary", auth.AuthFlowUserSRP)
		wantProblem(t, err, auth.ErrTemporaryPasswordExpired, "Temporary password has expired")
	})
}

func TestSignInFlowNotAllowed(t *testing.T) {
	t.Parallel()
	pool := authtest.NewPool(t, authtest.Config{ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowRefreshToken}})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s := pool.NewSession("s")
	for flow, message := range map[auth.AuthFlow]string{
		auth.AuthFlowUserSRP:      "USER_SRP_AUTH is not enabled for the client.",
		auth.AuthFlowUserPassword: "USER_PASSWORD_AUTH flow not enabled for this client",
	} {
		_, err := begin(t, s, "ana", thePassword, flow)
		wantProblem(t, err, auth.ErrAuthFlowNotEnabled, message)
	}
}

// A session belongs to one person until it is signed out.
func TestSignInAlreadySignedIn(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	addUser(t, pool, "bob")
	s := newSession(t, pool, "s")
	signIn(t, s, "ana")
	sent := len(operations(pool))
	_, err := begin(t, s, "bob", thePassword, "")
	wantCode(t, err, auth.ErrAlreadySignedIn)
	if extra := operations(pool)[sent:]; len(extra) != 0 {
		t.Errorf("requests were sent: %v", extra)
	}
	wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUserPassword)
	signOut(t, s, auth.SignOutInput{})
	out, err := begin(t, s, "bob", thePassword, "")
	wantSignedIn(t, out, err)
}

// Whoever cannot be refreshed any more is signed out, and may sign in.
func TestSignInAfterTheSessionExpired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "s")
		signIn(t, s, "ana")
		asAdmin(t, pool, "AdminUserGlobalSignOut", object{"Username": "ana"})
		time.Sleep(2 * time.Hour)
		out, err := begin(t, s, "ana", thePassword, "")
		wantSignedIn(t, out, err)
	})
}

// The keys are fetched before the password is used: a sign-in whose tokens
// cannot be verified would be lost.
func TestSignInWithoutKeys(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "s")
	remove := pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, HTML: true, Times: -1})
	_, err := begin(t, s, "ana", thePassword, "")
	wantCode(t, err, auth.ErrKeysUnavailable)
	if got := operations(pool); len(got) != 0 {
		t.Errorf("requests were sent: %v", got)
	}
	remove()
}

// Tokens that do not verify are nobody's: the session stays signed out, and the
// refresh token is taken back.
func TestSignInTokensThatDoNotVerify(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	addUser(t, pool, "bob")
	bob := newSession(t, pool, "bob")
	signIn(t, bob, "bob")
	bobs := string(fetch(t, bob).Tokens.IDToken)

	tests := map[string]func(result object){
		"signature cut": func(result object) {
			token := result["AccessToken"].(string)
			result["AccessToken"] = token[:len(token)-6]
		},
		"another person's ID token": func(result object) { result["IdToken"] = bobs },
		"ID token for access token": func(result object) { result["AccessToken"] = result["IdToken"] },
	}
	for name, tamper := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, wire := recorded(t, pool)
			wire.edit = func(op string, _, got object) {
				if result, ok := got["AuthenticationResult"].(object); ok && op == "InitiateAuth" {
					tamper(result)
				}
			}
			_, err := begin(t, s, "ana", thePassword, "")
			wantCode(t, err, auth.ErrInvalidTokens)
			wantNothing(t, s)
			var ops []string
			for _, x := range wire.exchanges() {
				ops = append(ops, x.op)
			}
			if diff := cmp.Diff([]string{"InitiateAuth", "RevokeToken"}, ops); diff != "" {
				t.Errorf("operations (-want +got):\n%s", diff)
			}
		})
	}
}

// Behavior 18: a password challenge without USER_ID_FOR_SRP is refused before
// a proof over the wrong name is made.
func TestSRPWithoutUserID(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	wire.edit = func(_ string, _, got object) {
		if params, ok := got["ChallengeParameters"].(object); ok {
			delete(params, "USER_ID_FOR_SRP")
		}
	}
	_, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
	wantCode(t, err, auth.ErrEmptyUserIDForSRP)
	if n := len(wire.exchanges()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	wantNothing(t, s)
}

// Behavior 14: SRP_B ≡ 0 mod N, and whatever else no honest service sends, is
// refused before anything is proved to it.
func TestSRPHostileChallenge(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	for name, change := range map[string]object{
		"B is zero":         {"SRP_B": "0"},
		"B is no number":    {"SRP_B": "zz"},
		"no B":              {"SRP_B": ""},
		"salt is no number": {"SALT": "salt"},
		"no secret block":   {"SECRET_BLOCK": "%"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, wire := recorded(t, pool)
			wire.edit = func(_ string, _, got object) {
				if params, ok := got["ChallengeParameters"].(object); ok {
					maps.Copy(params, change)
				}
			}
			_, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
			wantCode(t, err, auth.ErrUnexpectedResponse)
			if n := len(wire.exchanges()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// Behavior 68: SRP's timestamp follows the service's clock, and expiry this
// host's.
func TestSignInWithAWrongClock(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		pool := newPool(t, authtest.Config{ClockSkew: skew})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
		wantSignedIn(t, out, err)
		if left := time.Until(fetch(t, s).ExpiresAt); left < 55*time.Minute || left > 65*time.Minute {
			t.Errorf("skew %v: the tokens expire in %v by this host's clock, want an hour", skew, left)
		}
	}
}

// Two browsers' sign-ins at the same time do not mix, and two of one session
// leave it with one person's tokens.
func TestConcurrentSignIns(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	for _, name := range []string{"ana", "bob"} {
		addUser(t, pool, name)
	}
	s := newSession(t, pool, "s")
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 8 {
		wg.Go(func() {
			_, err := begin(t, s, []string{"ana", "bob"}[i%2], thePassword, "")
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil && !errors.Is(err, auth.ErrAlreadySignedIn) {
			t.Errorf("got %v", err)
		}
	}
	got := fetch(t, s)
	if got.Tokens.AccessClaims.Subject() != got.Tokens.IDClaims.Subject() || got.UserSub != got.Tokens.AccessClaims.Subject() {
		t.Error("the session holds tokens of two people")
	}
}
