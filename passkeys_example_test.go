package auth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// The options go to navigator.credentials.create in the browser.
func ExampleBeginWebAuthnRegistration() {
	ctx, _, s := anaSignedIn(authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	})

	begun, err := auth.BeginWebAuthnRegistration(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	var options struct {
		RP   struct{ ID string }
		User struct{ Name string }
	}
	if err := json.Unmarshal(begun.Options, &options); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("a passkey for %s at %s", options.User.Name, options.RP.ID)
	// Output: a passkey for ana at example.com
}

// An authenticator of package authtest stands for the browser.
func ExampleFinishWebAuthnRegistration() {
	ctx, _, s := anaSignedIn(authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	})

	begun, err := auth.BeginWebAuthnRegistration(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	phone := authtest.NewAuthenticator("https://app.example.com")
	credential, err := phone.Create(begun.Options) // JSON.stringify(await navigator.credentials.create(…))
	if err != nil {
		log.Fatal(err)
	}
	made, err := auth.FinishWebAuthnRegistration(ctx, s, auth.FinishWebAuthnRegistrationInput{Credential: credential})
	if err != nil {
		log.Fatal(err)
	}
	list, err := auth.ListWebAuthnCredentials(ctx, s, auth.ListWebAuthnCredentialsInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listed:", list.Credentials[0].CredentialID == made.CredentialID)
	// Output: listed: true
}

// A page of a long list, as Amplify asks for it.
func ExampleListWebAuthnCredentials() {
	ctx, pool, s := anaSignedIn(authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	})

	for range 3 {
		pool.AddPasskey("ana", authtest.NewAuthenticator("https://app.example.com"))
	}
	in := auth.ListWebAuthnCredentialsInput{PageSize: 2}
	for {
		page, err := auth.ListWebAuthnCredentials(ctx, s, in)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("passkeys on this page:", len(page.Credentials))
		if in.NextToken = page.NextToken; in.NextToken == "" {
			break
		}
	}
	// Output:
	// passkeys on this page: 2
	// passkeys on this page: 1
}

// Programs that need all of them leave the pages to the iterator.
func ExampleAllWebAuthnCredentials() {
	ctx, pool, s := anaSignedIn(authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	})

	pool.AddPasskey("ana", authtest.NewAuthenticator("https://app.example.com"))
	for passkey, err := range auth.AllWebAuthnCredentials(ctx, s) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(passkey.RelyingPartyID)
	}
	// Output: example.com
}

// The browser keeps its half until the person removes it there.
func ExampleDeleteWebAuthnCredential() {
	ctx, pool, s := anaSignedIn(authtest.Config{
		FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
	})

	pool.AddPasskey("ana", authtest.NewAuthenticator("https://app.example.com"))
	list, err := auth.ListWebAuthnCredentials(ctx, s, auth.ListWebAuthnCredentialsInput{})
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		_, err := auth.DeleteWebAuthnCredential(ctx, s, auth.DeleteWebAuthnCredentialInput{CredentialID: list.Credentials[0].CredentialID})
		fmt.Println("deleted:", err == nil, "was not there:", errors.Is(err, auth.ErrResourceNotFound))
	}
	// Output:
	// deleted: true was not there: false
	// deleted: false was not there: true
}
