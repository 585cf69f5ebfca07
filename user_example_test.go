package auth_test

import (
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Everything the service knows of the person.
func ExampleFetchUser() {
	ctx, _, s := anaSignedIn(authtest.Config{MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail}})

	if _, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred}); err != nil {
		log.Fatal(err)
	}
	user, err := auth.FetchUser(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Username, user.Attributes["email"], user.UserMFASettingList, user.PreferredMFASetting)
	// Output: ana ana@example.com [EMAIL_OTP] EMAIL_OTP
}

// The account is gone, and with it the session.
func ExampleDeleteUser() {
	ctx, _, s := anaSignedIn(authtest.Config{})

	out, err := auth.DeleteUser(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	if out.CleanupError != nil {
		log.Print(out.CleanupError)
	}
	_, err = auth.GetCurrentUser(ctx, s)
	fmt.Println("afterwards:", auth.CodeOf(err))
	_, err = auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	fmt.Println("to sign in again:", auth.CodeOf(err))
	// Output:
	// afterwards: auth: UserUnAuthenticatedException
	// to sign in again: auth: UserNotFoundException
}
