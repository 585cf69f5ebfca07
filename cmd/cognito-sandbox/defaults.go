package main

import "github.com/cognitokit/auth/authtest"

// The pool that is there when nobody has described another one. Its ids are
// always the same, so that what was pasted somewhere stays right.
const (
	defaultPoolSuffix = "_sandbox01"
	defaultClientID   = "sandbox0client0000000000000"
)

// addDefaultPool gives a server a pool that people sign up to with
// an e-mail address, and that offers what a front end may want to try: SRP,
// passwords, choice of the first factor with codes and passkeys, an
// authenticator app, devices, and managed login.
func addDefaultPool(server *authtest.Server) error {
	_, err := server.AddPool(authtest.Config{
		PoolID:                   server.Region() + defaultPoolSuffix,
		Name:                     "sandbox",
		Domain:                   "sandbox",
		ClientID:                 defaultClientID,
		UsernameAttributes:       []string{"email"},
		CaseInsensitiveUsernames: true,
		ExplicitAuthFlows: []authtest.AuthFlow{
			authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowUser, authtest.AllowCustom,
			authtest.AllowRefreshToken, authtest.AllowAdminUserPassword,
		},
		PreventUserExistenceErrors: true,
		AccountRecovery:            []authtest.RecoveryOption{authtest.RecoveryEmail},
		MFA:                        authtest.MFAOptional,
		MFAFactors:                 []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS},
		FirstFactors:               []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorWebAuthn},
		Passkeys:                   &authtest.Passkeys{RelyingPartyID: "localhost"},
		Devices:                    &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true, RememberOnRequest: true},
		OAuth: &authtest.OAuth{
			CallbackURLs: []string{"http://localhost:3000/", "http://localhost:5173/"},
			LogoutURLs:   []string{"http://localhost:3000/", "http://localhost:5173/"},
		},
	})
	return err
}
