package auth_test

import (
	"errors"
	"maps"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// quiz makes CUSTOM_AUTH ask sums: rounds right answers sign in, three wrong
// ones in all end it.
func quiz(rounds int) authtest.Triggers {
	return authtest.Triggers{
		DefineAuthChallenge: func(e *authtest.DefineAuthChallengeEvent) error {
			right, wrong := 0, 0
			for _, r := range e.Request.Session {
				switch {
				case r.ChallengeName != "CUSTOM_CHALLENGE":
				case r.ChallengeResult:
					right++
				default:
					wrong++
				}
			}
			last := ""
			if n := len(e.Request.Session); n > 0 {
				last = e.Request.Session[n-1].ChallengeName
			}
			switch {
			case last == "SRP_A":
				e.Response.ChallengeName = "PASSWORD_VERIFIER"
			case wrong >= 3 || e.Request.UserNotFound:
				e.Response.FailAuthentication = true
			case right >= rounds:
				e.Response.IssueTokens = true
			default:
				e.Response.ChallengeName = "CUSTOM_CHALLENGE"
			}
			return nil
		},
		CreateAuthChallenge: func(e *authtest.CreateAuthChallengeEvent) error {
			n := strconv.Itoa(len(e.Request.Session))
			e.Response.PublicChallengeParameters = map[string]string{"question": n + "+" + n, "hint": e.Request.ClientMetadata["hint"]}
			e.Response.PrivateChallengeParameters = map[string]string{"answer": strconv.Itoa(2 * len(e.Request.Session))}
			e.Response.ChallengeMetadata = "sum"
			return nil
		},
		VerifyAuthChallenge: func(e *authtest.VerifyAuthChallengeEvent) error {
			if e.Request.ChallengeAnswer == "boom" {
				return errors.New("the abacus is broken")
			}
			e.Response.AnswerCorrect = e.Request.ChallengeAnswer == e.Request.PrivateChallengeParameters["answer"]
			return nil
		},
	}
}

func quizPool(t testing.TB, rounds int, cfg authtest.Config) *authtest.Pool {
	t.Helper()
	cfg.Triggers = quiz(rounds)
	cfg.ExplicitAuthFlows = []authtest.AuthFlow{authtest.AllowCustom, authtest.AllowUserSRP, authtest.AllowRefreshToken}
	pool := authtest.NewPool(t, cfg)
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"})
	return pool
}

func TestCustomAuthWithoutSRP(t *testing.T) {
	t.Parallel()
	pool := quizPool(t, 2, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowCustomWithoutSRP})
	wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	wantLast(t, pool, object{"operation": "InitiateAuth", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": object{"USERNAME": "ana"}})
	want := map[string]string{"question": "0+0", "hint": "", "USERNAME": "ana"}
	if diff := cmp.Diff(want, out.NextStep.AdditionalInfo); diff != "" {
		t.Errorf("the trigger's parameters (-want +got):\n%s", diff)
	}
	// A wrong answer is the triggers' to judge: they ask again.
	out, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: "7", ClientMetadata: map[string]string{"hint": "count"}})
	wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	if out.NextStep.AdditionalInfo["question"] != "1+1" || out.NextStep.AdditionalInfo["hint"] != "count" {
		t.Errorf("got %v", out.NextStep.AdditionalInfo)
	}
	out, err = choose(t, s, "2")
	wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	out, err = choose(t, s, "4")
	wantStep(t, out, err, auth.SignInStepDone)
	wantLast(t, pool, object{
		"operation": "RespondToAuthChallenge", "ChallengeName": "CUSTOM_CHALLENGE", "Session": true,
		"ChallengeResponses": object{"USERNAME": "ana", "ANSWER": "4"},
	})
}

func TestCustomAuthEndsWhenTheTriggersSaySo(t *testing.T) {
	t.Parallel()
	pool := quizPool(t, 1, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowCustomWithoutSRP})
	wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	for range 2 {
		out, err = choose(t, s, "wrong")
		wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	}
	_, err = choose(t, s, "wrong")
	wantCode(t, err, auth.ErrNotAuthorized)
	_, err = choose(t, s, "0")
	wantCode(t, err, auth.ErrNoSignIn)
}

func TestCustomAuthTriggerThatFails(t *testing.T) {
	t.Parallel()
	pool := quizPool(t, 1, authtest.Config{})
	s := pool.NewSession("1")
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowCustomWithoutSRP})
	wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
	_, err = choose(t, s, "boom")
	wantCode(t, err, auth.ErrUserLambdaValidation)
	e, _ := errors.AsType[*auth.Error](err)
	if name, message, ok := e.Trigger(); !ok || name != "VerifyAuthChallengeResponse" || message != "the abacus is broken" {
		t.Errorf("Trigger() = %q, %q, %t", name, message, ok)
	}
}

// Behavior 24: and the proof, the second factor and the challenge come in turn.
func TestCustomAuthWithSRP(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]authtest.Config{"without MFA": {}, "with MFA": {MFA: authtest.MFAOptional}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := quizPool(t, 1, cfg)
			pool.AddUser(authtest.User{Name: "bea", Password: thePassword, TOTP: cfg.MFA != ""})
			s := pool.NewSession("1")
			_, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bea", Password: "wrong", AuthFlow: auth.AuthFlowCustomWithSRP})
			wantCode(t, err, auth.ErrNotAuthorized)
			out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bea", Password: thePassword, AuthFlow: auth.AuthFlowCustomWithSRP})
			begun := maps.Clone(requestsFor(pool, "InitiateAuth")[1].Body["AuthParameters"].(map[string]any))
			delete(begun, "SRP_A")
			if diff := cmp.Diff(object{"USERNAME": "bea", "CHALLENGE_NAME": "SRP_A"}, begun); diff != "" {
				t.Errorf("AuthParameters (-want +got):\n%s", diff)
			}
			if cfg.MFA != "" {
				wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
				out, err = choose(t, s, pool.TOTP("bea"))
			}
			wantStep(t, out, err, auth.SignInStepConfirmWithCustomChallenge)
			n := out.NextStep.AdditionalInfo["question"][:1]
			half, _ := strconv.Atoi(n)
			out, err = choose(t, s, strconv.Itoa(2*half))
			wantStep(t, out, err, auth.SignInStepDone)
		})
	}
}

// Behavior 23.
func TestCustomAuthWithoutSRPTakesNoPassword(t *testing.T) {
	t.Parallel()
	pool := quizPool(t, 1, authtest.Config{})
	_, err := auth.SignIn(t.Context(), pool.NewSession("1"), auth.SignInInput{
		Username: "ana", Password: thePassword, AuthFlow: auth.AuthFlowCustomWithoutSRP,
	})
	wantCode(t, err, auth.ErrCustomAuthSignInPassword)
	if e, _ := errors.AsType[*auth.Error](err); e.Field != "Password" {
		t.Errorf("field is %q", e.Field)
	}
	if n := len(operations(pool)); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
