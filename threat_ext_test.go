package auth_test

import (
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// guarded is a pool whose threat protection acts: on high risks as said, and on
// passwords that others know.
func guarded(t testing.TB, action string) *authtest.Pool {
	t.Helper()
	pool := newPool(t, authtest.Config{
		AdvancedSecurityMode: authtest.AdvancedSecurityEnforced, MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail},
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowRefreshToken},
	})
	addUser(t, pool, "ana")
	asAdmin(t, pool, "SetRiskConfiguration", object{
		"AccountTakeoverRiskConfiguration":        object{"Actions": object{"HighAction": object{"EventAction": action, "Notify": false}}},
		"CompromisedCredentialsRiskConfiguration": object{"Actions": object{"EventAction": "BLOCK"}},
	})
	return pool
}

// A sign-in that the service takes for somebody else's is refused without a
// code of its own, or needs a second factor, as any other sign-in would.
func TestRiskySignIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action string
		code   auth.ErrorCode
		step   auth.SignInStep
	}{
		{"BLOCK", auth.ErrNotAuthorized, ""},
		{"MFA_IF_CONFIGURED", "", auth.SignInStepConfirmWithEmailCode},
		{"NO_ACTION", "", auth.SignInStepDone},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			pool := guarded(t, tt.action)
			if err := pool.SetUserRisk("ana", authtest.RiskHigh); err != nil {
				t.Fatal(err)
			}
			s := pool.NewSession("1")
			out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword})
			if tt.code != "" {
				wantCode(t, err, tt.code)
				return
			}
			if err != nil || out.NextStep.Step != tt.step {
				t.Fatalf("got %v, %v", out, err)
			}
			if tt.step == auth.SignInStepDone {
				return
			}
			out, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: pool.Code("ana")})
			if err != nil || !out.IsSignedIn {
				t.Fatalf("with the code: got %v, %v", out, err)
			}
		})
	}
}

// A password that others know signs nobody in where it is sent, and is no new
// password: a reset is the way out.
func TestCompromisedPassword(t *testing.T) {
	t.Parallel()
	pool := guarded(t, "NO_ACTION")
	if err := pool.AddCompromisedPasswords(thePassword); err != nil {
		t.Fatal(err)
	}
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword, AuthFlow: auth.AuthFlowUserPassword})
	if err != nil || out.NextStep.Step != auth.SignInStepResetPassword {
		t.Fatalf("got %v, %v", out, err)
	}
	if _, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"}); err != nil {
		t.Fatal(err)
	}
	confirm := auth.ConfirmResetPasswordInput{Username: "ana", ConfirmationCode: pool.Code("ana"), NewPassword: thePassword}
	_, err = auth.ConfirmResetPassword(t.Context(), s, confirm)
	wantProblem(t, err, auth.ErrPasswordCompromised, "security reasons")
	confirm.NewPassword = thePassword + "2"
	if _, err := auth.ConfirmResetPassword(t.Context(), s, confirm); err != nil {
		t.Fatal(err)
	}
	out, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: confirm.NewPassword})
	if err != nil || !out.IsSignedIn {
		t.Fatalf("with the new password: got %v, %v", out, err)
	}
}
