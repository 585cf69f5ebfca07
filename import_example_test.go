package auth_test

import (
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A program has tokens that another part of the system was issued. They are
// verified, and the session goes on from there.
func ExampleImportTokens() {
	ctx, pool, s := anaSignedIn(authtest.Config{})

	issued, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
	if err != nil {
		log.Fatal(err)
	}

	imported := pool.NewSession("another session")
	_, err = auth.ImportTokens(ctx, imported, auth.ImportTokensInput{AccessToken: string(issued.Tokens.AccessToken) + "x"})
	fmt.Println("tampered with:", auth.CodeOf(err))
	as, err := auth.ImportTokens(ctx, imported, auth.ImportTokensInput{
		AccessToken: string(issued.Tokens.AccessToken), IDToken: string(issued.Tokens.IDToken),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("as issued:", as.Tokens.AccessClaims.Username())
	// Output:
	// tampered with: auth: InvalidTokens
	// as issued: ana
}
