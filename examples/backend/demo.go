package main

import (
	"context"
	"fmt"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// demo returns a client of a pool inside the process, with one user in it. There
// is nobody who delivers its messages, so a code is always the one it prints.
func demo(ctx context.Context) (*auth.Client, error) {
	pool, err := authtest.New(authtest.Config{
		MFA:               authtest.MFAOptional,
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:          &authtest.Passkeys{RelyingPartyID: "localhost"},
		Devices:           &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true},
		Triggers: authtest.Triggers{PreSignUp: func(e *authtest.PreSignUpEvent) error {
			// Nobody would get the code.
			e.Response.AutoConfirmUser = true
			return nil
		}},
	})
	if err != nil {
		return nil, err
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	fmt.Println("a pool of this process has the user ana with the password Correct-horse-1")
	return auth.NewClient(ctx, auth.Config{
		UserPoolID: pool.PoolID(), ClientID: pool.ClientID(), Issuer: pool.Issuer(), HTTPClient: pool.HTTPClient(),
	})
}
