package auth_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// choicePool returns a pool where people choose their first factor, with ana.
func choicePool(t testing.TB, cfg authtest.Config) *authtest.Pool {
	t.Helper()
	cfg.ExplicitAuthFlows = []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken}
	if cfg.FirstFactors == nil {
		cfg.FirstFactors = []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorSMSOTP}
	}
	pool := authtest.NewPool(t, cfg)
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Phone: "+15555550123"})
	return pool
}

// lastAuth returns what the last InitiateAuth or RespondToAuthChallenge carried,
// without what differs from run to run.
func lastAuth(t testing.TB, pool *authtest.Pool) object {
	t.Helper()
	requests := requestsFor(pool, "InitiateAuth", "RespondToAuthChallenge")
	if len(requests) == 0 {
		t.Fatal("no request was sent")
	}
	sent := object{"operation": requests[len(requests)-1].Operation}
	for name, value := range requests[len(requests)-1].Body {
		switch name {
		case "ClientId":
		case "Session":
			sent[name] = value != ""
		case "AuthParameters", "ChallengeResponses":
			params := object{}
			for k, v := range value.(map[string]any) {
				switch k {
				case "SRP_A", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "TIMESTAMP":
					v = true
				}
				params[k] = v
			}
			sent[name] = params
		default:
			sent[name] = value
		}
	}
	return sent
}

func wantLast(t testing.TB, pool *authtest.Pool, want object) {
	t.Helper()
	if diff := cmp.Diff(want, lastAuth(t, pool)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func wantStep(t testing.TB, out *auth.SignInOutput, err error, want auth.SignInStep) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if out.NextStep.Step != want || out.IsSignedIn != (want == auth.SignInStepDone) {
		t.Fatalf("got step %s (signed in: %t), want %s", out.NextStep.Step, out.IsSignedIn, want)
	}
}

func choose(t testing.TB, s *auth.Session, answer string) (*auth.SignInOutput, error) {
	t.Helper()
	return auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: answer})
}

// Behaviors 26, 28, 29 and 33.
func TestUserAuthOffersAChoice(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser})
	wantStep(t, out, err, auth.SignInStepContinueWithFirstFactor)
	wantLast(t, pool, object{"operation": "InitiateAuth", "AuthFlow": "USER_AUTH", "AuthParameters": object{"USERNAME": "ana"}})
	if diff := cmp.Diff([]string{"PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"}, out.NextStep.AvailableChallenges); diff != "" {
		t.Errorf("available challenges (-want +got):\n%s", diff)
	}
	before := len(pool.Requests())
	for _, factor := range []string{"WEB_AUTHN", "email_otp", "nonsense"} {
		_, err := choose(t, s, factor)
		wantCode(t, err, auth.ErrInvalidPreferredChallenge)
		if !errors.Is(err, auth.ErrInvalidInput) {
			t.Errorf("%s: got %v, want ErrInvalidInput too", factor, err)
		}
	}
	out, err = choose(t, s, "PASSWORD")
	wantStep(t, out, err, auth.SignInStepConfirmWithPassword)
	if got := len(pool.Requests()); got != before {
		t.Errorf("the choices sent %d requests, want none", got-before)
	}
	_, err = choose(t, s, "wrong")
	wantCode(t, err, auth.ErrNotAuthorized)
	out, err = choose(t, s, thePassword)
	wantStep(t, out, err, auth.SignInStepDone)
	wantLast(t, pool, object{
		"operation": "RespondToAuthChallenge", "ChallengeName": "SELECT_CHALLENGE", "Session": true,
		"ChallengeResponses": object{"USERNAME": "ana", "ANSWER": "PASSWORD", "PASSWORD": thePassword},
	})
}

// Behavior 30.
func TestUserAuthProvesAPasswordThatWasChosen(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser})
	wantStep(t, out, err, auth.SignInStepContinueWithFirstFactor)
	out, err = choose(t, s, "PASSWORD_SRP")
	wantStep(t, out, err, auth.SignInStepConfirmWithPassword)
	out, err = choose(t, s, thePassword)
	wantStep(t, out, err, auth.SignInStepDone)
	wantLast(t, pool, object{
		"operation": "RespondToAuthChallenge", "ChallengeName": "PASSWORD_VERIFIER", "Session": true,
		"ChallengeResponses": object{"USERNAME": "ana", "PASSWORD_CLAIM_SIGNATURE": true, "PASSWORD_CLAIM_SECRET_BLOCK": true, "TIMESTAMP": true},
	})
}

// Behaviors 31, 32, 34 and the preference for PASSWORD_SRP.
func TestUserAuthTriesThePreferredFactor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		preferred, password string
		step                auth.SignInStep
		first               object
		answer              func(*authtest.Pool) string
		last                object
	}{
		{
			"PASSWORD", thePassword, auth.SignInStepDone,
			object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": thePassword}, nil, nil,
		},
		{"PASSWORD_SRP", thePassword, auth.SignInStepDone, nil, nil, nil},
		{
			"EMAIL_OTP", "", auth.SignInStepConfirmWithEmailCode, object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
			func(p *authtest.Pool) string { return p.Code("ana") }, object{"EMAIL_OTP_CODE": true},
		},
		{
			"SMS_OTP", "", auth.SignInStepConfirmWithSMSCode, object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "SMS_OTP"},
			func(p *authtest.Pool) string { return p.Code("ana") }, object{"SMS_OTP_CODE": true},
		},
		{"NEW_FACTOR", "", auth.SignInStepContinueWithFirstFactor, object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "NEW_FACTOR"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.preferred, func(t *testing.T) {
			t.Parallel()
			pool := choicePool(t, authtest.Config{})
			s := pool.NewSession("1")
			out, err := auth.SignIn(t.Context(), s, auth.SignInInput{
				Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: tt.preferred, Password: tt.password,
			})
			wantStep(t, out, err, tt.step)
			if tt.first != nil {
				wantLast(t, pool, object{"operation": "InitiateAuth", "AuthFlow": "USER_AUTH", "AuthParameters": tt.first})
			}
			if tt.answer == nil {
				return
			}
			if d := out.NextStep.CodeDeliveryDetails; d == nil || d.Destination == "" || d.DeliveryMedium == "" {
				t.Errorf("code delivery: got %+v", d)
			}
			_, err = choose(t, s, "00000000")
			wantCode(t, err, auth.ErrCodeMismatch)
			code := tt.answer(pool)
			if len(code) != 8 {
				t.Errorf("the code has %d digits, want 8", len(code))
			}
			out, err = choose(t, s, code)
			wantStep(t, out, err, auth.SignInStepDone)
			responses := lastAuth(t, pool)["ChallengeResponses"].(object)
			for name := range tt.last {
				if responses[name] != code {
					t.Errorf("responses %v lack the code as %s", responses, name)
				}
			}
		})
	}
}

// Sign-up's session makes the first sign-in passwordless, in a pool without
// passwords from end to end. Behavior 74.
func TestPasswordlessFromSignUpToSignIn(t *testing.T) {
	t.Parallel()
	pool := authtest.NewPool(t, authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorEmailOTP},
	})
	s := pool.NewSession("1")
	if _, err := auth.SignUp(t.Context(), s, auth.SignUpInput{
		Username: "bea", UserAttributes: map[string]string{"email": "bea@example.com"}, AutoSignIn: true,
	}); err != nil {
		t.Fatal(err)
	}
	confirmed, err := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: "bea", ConfirmationCode: pool.Code("bea")})
	if err != nil || confirmed.NextStep.Step != auth.SignUpStepCompleteAutoSignIn || confirmed.NextStep.PasswordRequired {
		t.Fatalf("got %+v, %v", confirmed, err)
	}
	out, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{})
	wantStep(t, out, err, auth.SignInStepDone)
	if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	out, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bea", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP"})
	wantStep(t, out, err, auth.SignInStepConfirmWithEmailCode)
	out, err = choose(t, s, pool.Code("bea"))
	wantStep(t, out, err, auth.SignInStepDone)
}

// An account that was never confirmed is confirmed by its first sign-in code.
func TestFirstFactorCodeConfirmsTheAccount(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{})
	pool.AddUser(authtest.User{Name: "cy", Password: thePassword, Email: "cy@example.com", Status: authtest.StatusUnconfirmed})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "cy", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP"})
	wantStep(t, out, err, auth.SignInStepConfirmWithEmailCode)
	out, err = choose(t, s, pool.Code("cy"))
	wantStep(t, out, err, auth.SignInStepDone)
	if u, _ := pool.User("cy"); u.Status != authtest.StatusConfirmed {
		t.Errorf("status is %s", u.Status)
	}
}

func TestResendSignInCode(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{})
	s := pool.NewSession("1")
	_, err := auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
	wantCode(t, err, auth.ErrNoSignIn)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP"})
	wantStep(t, out, err, auth.SignInStepConfirmWithEmailCode)
	first := pool.Code("ana")

	pool.FailNext("InitiateAuth", auth.ErrLimitExceeded)
	_, err = auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
	wantCode(t, err, auth.ErrLimitExceeded)

	out, err = auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
	wantStep(t, out, err, auth.SignInStepConfirmWithEmailCode)
	second := pool.Code("ana")
	if first == second {
		t.Fatal("no other code was sent")
	}
	_, err = choose(t, s, first)
	wantCode(t, err, auth.ErrCodeMismatch)
	out, err = choose(t, s, second)
	wantStep(t, out, err, auth.SignInStepDone)
}

// A refused resend leaves the code that was sent before good.
func TestResendSignInCodeKeepsTheOldOne(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "SMS_OTP"})
	wantStep(t, out, err, auth.SignInStepConfirmWithSMSCode)
	pool.FailNext("InitiateAuth", auth.ErrLimitExceeded)
	_, err = auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
	wantCode(t, err, auth.ErrLimitExceeded)
	out, err = choose(t, s, pool.Code("ana"))
	wantStep(t, out, err, auth.SignInStepDone)
}

func TestSecondFactorCodeCannotBeResent(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS}})
	pool.AddUser(authtest.User{Name: "dan", Password: thePassword, Phone: "+15555550199", SMSMFA: true})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "dan", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD", Password: thePassword})
	wantStep(t, out, err, auth.SignInStepConfirmWithSMSCode)
	_, err = auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
	wantCode(t, err, auth.ErrCannotResend)
	out, err = choose(t, s, pool.Code("dan"))
	wantStep(t, out, err, auth.SignInStepDone)
}

// Unknown users look like any other where the app client hides who exists.
func TestUserAuthHidesWhoExists(t *testing.T) {
	t.Parallel()
	pool := choicePool(t, authtest.Config{PreventUserExistenceErrors: true})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "nobody", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP"})
	wantStep(t, out, err, auth.SignInStepConfirmWithEmailCode)
	_, err = choose(t, s, "12345678")
	wantCode(t, err, auth.ErrCodeMismatch)
	_, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "nobody", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD_SRP", Password: thePassword})
	wantCode(t, err, auth.ErrNotAuthorized)
}

// Behavior 49: the service's session expires, then the attempt itself does.
func TestChoiceExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := choicePool(t, authtest.Config{})
		s := pool.NewSession("1")
		out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser})
		wantStep(t, out, err, auth.SignInStepContinueWithFirstFactor)
		time.Sleep(4 * time.Minute)
		_, err = choose(t, s, "EMAIL_OTP")
		wantCode(t, err, auth.ErrSignInExpired)
		_, err = choose(t, s, "EMAIL_OTP")
		wantCode(t, err, auth.ErrNoSignIn)
	})
}
