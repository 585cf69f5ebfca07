package auth_test

import (
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Attributes come from the service, not from the tokens, so they are up to date.
func ExampleFetchUserAttributes() {
	ctx, _, s := anaSignedIn(authtest.Config{})

	out, err := auth.FetchUserAttributes(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Attributes["email"], "verified:", out.Attributes["email_verified"])
	// Output: ana@example.com verified: true
}

// A new e-mail address has to be confirmed; a new name is not.
// Until the next refresh the tokens show the old values.
func ExampleUpdateUserAttributes() {
	ctx, _, s := anaSignedIn(authtest.Config{})

	out, err := auth.UpdateUserAttributes(ctx, s, auth.UpdateUserAttributesInput{
		UserAttributes: map[string]string{"name": "Ana B.", "email": "ana.b@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"name", "email"} {
		fmt.Println(name, out.Attributes[name].NextStep.Step)
	}
	if out.ClaimsStale {
		as, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{ForceRefresh: true})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("the tokens now say", as.Tokens.IDClaims.Email())
	}
	// Output:
	// name DONE
	// email CONFIRM_ATTRIBUTE_WITH_CODE
	// the tokens now say ana.b@example.com
}

// The service forgets the value.
func ExampleDeleteUserAttributes() {
	ctx, _, s := anaSignedIn(authtest.Config{})

	if _, err := auth.DeleteUserAttributes(ctx, s, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"nickname"}}); err != nil {
		log.Fatal(err)
	}
	out, err := auth.FetchUserAttributes(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	nickname, exists := out.Attributes["nickname"]
	fmt.Printf("%q %t", nickname, exists)
	// Output: "" false
}

// The person did not get the first code.
func ExampleSendUserAttributeVerificationCode() {
	ctx, _, s := anaSignedIn(authtest.Config{})

	out, err := auth.SendUserAttributeVerificationCode(ctx, s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "email"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.DeliveryMedium, out.Destination)
	// Output: EMAIL a***@e***
}

// The code went to the new address; tokens show it after a refresh.
func ExampleConfirmUserAttribute() {
	ctx, pool, s := anaSignedIn(authtest.Config{})

	if _, err := auth.UpdateUserAttributes(ctx, s, auth.UpdateUserAttributesInput{
		UserAttributes: map[string]string{"email": "ana.b@example.com"},
	}); err != nil {
		log.Fatal(err)
	}
	if _, err := auth.ConfirmUserAttribute(ctx, s, auth.ConfirmUserAttributeInput{
		UserAttributeKey: "email", ConfirmationCode: pool.Code("ana"),
	}); err != nil {
		log.Fatal(err)
	}
	as, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{ForceRefresh: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(as.Tokens.IDClaims.Email(), as.Tokens.IDClaims.EmailVerified())
	// Output: ana.b@example.com true
}
