package interop

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/cognitokit/auth/authtest"
)

func TestAmplifyFlows(t *testing.T) {
	t.Parallel()
	runWitness(t, "amplify-flows.test.mjs", flowConfigs())
}

func TestIdentityJSFlows(t *testing.T) {
	t.Parallel()
	runWitness(t, "identity-flows.test.mjs", flowConfigs())
}

// flowConfigs are the pools of the scripts about flows.
func flowConfigs() map[string]authtest.Config {
	choice := []authtest.AuthFlow{authtest.AllowUser, authtest.AllowUserSRP, authtest.AllowRefreshToken}
	all := []authtest.AuthFlow{
		authtest.AllowUser, authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowCustom, authtest.AllowRefreshToken,
	}
	factors := []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS, authtest.MFAFactorEmail}
	return map[string]authtest.Config{
		"choice": {
			ExplicitAuthFlows: choice,
			FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorSMSOTP},
		},
		"passkeys": {
			ExplicitAuthFlows: choice,
			FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
			Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com", UserVerification: authtest.UserVerificationRequired},
		},
		"custom":     {Triggers: puzzle()},
		"choose":     {MFA: authtest.MFAOptional, MFAFactors: factors},
		"setup":      {MFA: authtest.MFARequired, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorEmail}},
		"totpSetup":  {MFA: authtest.MFARequired},
		"emailSetup": {MFA: authtest.MFARequired, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail}},

		"devices": {
			ExplicitAuthFlows: all, MFA: authtest.MFAOptional, MFAFactors: factors,
			Devices: &authtest.DeviceTracking{}, Triggers: puzzle(),
		},
		"trusting": {MFA: authtest.MFAOptional, Devices: &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true}},
		"asking":   {Devices: &authtest.DeviceTracking{RememberOnRequest: true}},
	}
}

// maxMistakes is how often an answer to the puzzle may be wrong.
const maxMistakes = 2

// puzzle are triggers that ask for two sums, one after the other, after the
// password if the client begins with it. A wrong answer is asked for anew,
// until there are too many.
func puzzle() authtest.Triggers {
	return authtest.Triggers{
		DefineAuthChallenge: func(e *authtest.DefineAuthChallengeEvent) error {
			solved, mistakes, proved := 0, 0, true
			for _, r := range e.Request.Session {
				switch {
				case r.ChallengeName == "SRP_A":
					proved = false
				case r.ChallengeName == "PASSWORD_VERIFIER":
					proved = r.ChallengeResult
				case r.ChallengeName == "CUSTOM_CHALLENGE" && r.ChallengeResult:
					solved++
				case r.ChallengeName == "CUSTOM_CHALLENGE":
					mistakes++
				}
			}
			switch {
			case mistakes > maxMistakes:
				e.Response.FailAuthentication = true
			case !proved:
				e.Response.ChallengeName = "PASSWORD_VERIFIER"
			case solved == 2:
				e.Response.IssueTokens = true
			default:
				e.Response.ChallengeName = "CUSTOM_CHALLENGE"
			}
			return nil
		},
		CreateAuthChallenge: func(e *authtest.CreateAuthChallengeEvent) error {
			n := len(e.Request.Session)
			e.Response.PublicChallengeParameters = map[string]string{"sum": fmt.Sprintf("%d+17", n)}
			e.Response.PrivateChallengeParameters = map[string]string{"answer": strconv.Itoa(n + 17)}
			e.Response.ChallengeMetadata = "SUM"
			return nil
		},
		VerifyAuthChallenge: func(e *authtest.VerifyAuthChallengeEvent) error {
			if e.Request.ClientMetadata["mood"] == "bad" {
				return errors.New("not today")
			}
			e.Response.AnswerCorrect = e.Request.ChallengeAnswer == e.Request.PrivateChallengeParameters["answer"]
			return nil
		},
	}
}
