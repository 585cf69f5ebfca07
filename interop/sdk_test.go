package interop

import (
	"testing"

	"github.com/cognitokit/auth/authtest"
)

func TestAWSSDK(t *testing.T) {
	t.Parallel()
	runAtServer(t, "aws-sdk.test.mjs", sdkConfigs())
}

func TestAWSSDKAdministration(t *testing.T) {
	t.Parallel()
	runAtServer(t, "aws-sdk-admin.test.mjs", nil)
}

func TestJWTVerify(t *testing.T) {
	t.Parallel()
	runAtServer(t, "jwt-verify.test.mjs", map[string]authtest.Config{
		"one":   {ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword, authtest.AllowRefreshToken}},
		"other": {ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword, authtest.AllowRefreshToken}},
	})
}

// TestSRPHelper is about people who type their e-mail addresses, which are not
// what takes part in SRP.
func TestSRPHelper(t *testing.T) {
	t.Parallel()
	runAtServer(t, "cognito-srp-helper.test.mjs", map[string]authtest.Config{
		"people": {UsernameAttributes: []string{"email"}, Devices: &authtest.DeviceTracking{}},
	})
}

// sdkConfigs are the pools of the script about people's own operations.
func sdkConfigs() map[string]authtest.Config {
	flows := []authtest.AuthFlow{authtest.AllowUserPassword, authtest.AllowUserSRP, authtest.AllowRefreshToken}
	return map[string]authtest.Config{
		"plain":  {ExplicitAuthFlows: flows, AutoVerifiedAttributes: []string{"email", "phone_number"}},
		"hiding": {ExplicitAuthFlows: flows, PreventUserExistenceErrors: true},
		"secret": {ExplicitAuthFlows: flows, ClientSecret: "0123456789abcdefghijklmnopqrstuvwxyz"},
		"mfa": {
			ExplicitAuthFlows: flows, MFA: authtest.MFAOptional,
			MFAFactors: []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS, authtest.MFAFactorEmail},
		},
		"required": {ExplicitAuthFlows: flows, MFA: authtest.MFARequired},
		"rotating": {ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserPassword}, RotateRefreshTokens: true},
		"choice": {
			ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
			FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
		},
		"custom":  {Triggers: puzzle()},
		"devices": {ExplicitAuthFlows: flows, Devices: &authtest.DeviceTracking{RememberOnRequest: true}},
	}
}
