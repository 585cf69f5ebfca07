package interop

import (
	"testing"

	"github.com/cognitokit/auth/authtest"
)

func TestAmplifyAccount(t *testing.T) {
	t.Parallel()
	runWitness(t, "amplify-account.test.mjs", accountConfigs())
}

func TestAmplifyFactors(t *testing.T) {
	t.Parallel()
	runWitness(t, "amplify-factors.test.mjs", factorConfigs())
}

func TestIdentityJSAccount(t *testing.T) {
	t.Parallel()
	runWitness(t, "identity-account.test.mjs", accountConfigs())
}

func TestIdentityJSFactors(t *testing.T) {
	t.Parallel()
	runWitness(t, "identity-factors.test.mjs", factorConfigs())
}

// accountConfigs are the pools of the scripts about attributes, passwords and
// the end of sessions and accounts.
func accountConfigs() map[string]authtest.Config {
	passwords := []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowRefreshToken}
	return map[string]authtest.Config{
		"plain":     {ExplicitAuthFlows: passwords, CustomAttributes: []string{"team"}, AutoVerifiedAttributes: []string{"email", "phone_number"}},
		"demanding": {ExplicitAuthFlows: passwords, RequiredAttributes: []string{"given_name"}, WriteAttributes: []string{"given_name", "nickname"}},
		"careful":   {ExplicitAuthFlows: passwords, AliasAttributes: []string{"email"}, RequireVerificationBeforeUpdate: []string{"email"}},
		"strict":    {ExplicitAuthFlows: passwords, PasswordPolicy: &authtest.PasswordPolicy{HistorySize: 2}},
		"alias":     {ExplicitAuthFlows: passwords, AliasAttributes: []string{"email"}},
		"hiding":    {ExplicitAuthFlows: passwords, PreventUserExistenceErrors: true},
		"adminOnly": {ExplicitAuthFlows: passwords, AccountRecovery: []authtest.RecoveryOption{authtest.RecoveryAdminOnly}},
		"lasting":   {ExplicitAuthFlows: passwords, DisableTokenRevocation: true},
		"choice": {
			ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowUserSRP, authtest.AllowRefreshToken},
			FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
		},
	}
}

// factorConfigs are the pools of the scripts about second factors, devices and
// passkeys.
func factorConfigs() map[string]authtest.Config {
	passwords := []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowRefreshToken}
	factors := []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS, authtest.MFAFactorEmail}
	return map[string]authtest.Config{
		"plain":    {ExplicitAuthFlows: passwords},
		"mfa":      {ExplicitAuthFlows: passwords, MFA: authtest.MFAOptional, MFAFactors: factors},
		"required": {ExplicitAuthFlows: passwords, MFA: authtest.MFARequired},
		"devices":  {ExplicitAuthFlows: passwords, Devices: &authtest.DeviceTracking{}},
		"asking":   {ExplicitAuthFlows: passwords, Devices: &authtest.DeviceTracking{RememberOnRequest: true}},
		"passkeys": {
			ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowUserSRP, authtest.AllowRefreshToken},
			FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
			Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com", UserVerification: authtest.UserVerificationRequired},
		},
	}
}
