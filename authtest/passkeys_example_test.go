package authtest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// An authenticator does what the browser does between the two calls: it takes
// the options of the step and makes the credential that answers it.
func ExampleAuthenticator() {
	pool, err := authtest.New(authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana"})
	phone := authtest.NewAuthenticator("https://app.example.com")
	pool.AddPasskey("ana", phone)

	s := pool.NewSession("browser-1")
	ctx := context.Background()
	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "WEB_AUTHN"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.NextStep.Step)
	credential, err := phone.Get(out.NextStep.WebAuthnOptions)
	if err != nil {
		log.Fatal(err)
	}
	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: string(credential)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.NextStep.Step)
	// Output:
	// CONFIRM_SIGN_IN_WITH_WEB_AUTHN
	// DONE
}
