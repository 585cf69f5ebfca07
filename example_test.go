package auth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A person signs up, confirms the account with the code that was sent, signs in
// and out.
func Example() {
	ctx := context.Background()

	// A user pool inside this process. For one of yours, make a client with
	// NewClient and a session with NewSession.
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	signUp, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1",
		UserAttributes: map[string]string{"email": "ana@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp.NextStep.Step, signUp.NextStep.CodeDeliveryDetails.Destination)

	confirmed, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(confirmed.NextStep.Step)

	signIn, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signIn.NextStep.Step)

	user, err := auth.GetCurrentUser(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("hello,", user.Username)

	signOut, err := auth.SignOut(ctx, s, auth.SignOutInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tokens revoked:", signOut.Revoked)

	// Output:
	// CONFIRM_SIGN_UP a***@e***
	// DONE
	// DONE
	// hello, ana
	// tokens revoked: true
}
