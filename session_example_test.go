package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Tokens are verified, and refreshed when they are about to expire. The access
// token is what APIs want.
func ExampleFetchAuthSession() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}

	session, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
	switch {
	case errors.Is(err, auth.ErrNotSignedIn), errors.Is(err, auth.ErrSessionExpired):
		fmt.Println("sign in first")
		return
	case err != nil:
		log.Fatal(err) // an outage: the person stays signed in
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/orders", http.NoBody)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+string(session.Tokens.AccessToken))

	fmt.Println("scopes:", session.Tokens.AccessClaims.Scopes())
	fmt.Println("e-mail:", session.Tokens.IDClaims.Email())
	fmt.Println("expires within the hour:", time.Until(session.ExpiresAt) <= time.Hour)
	// Output:
	// scopes: [aws.cognito.signin.user.admin]
	// e-mail: ana@example.com
	// expires within the hour: true
}

// Whatever has changed about the person since the tokens were issued, such as
// groups, is in new ones.
func ExampleFetchAuthSession_forceRefresh() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}

	before, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
	if err != nil {
		log.Fatal(err)
	}
	after, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{ForceRefresh: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("same person:", before.UserSub == after.UserSub)
	fmt.Println("same token:", before.Tokens.AccessToken == after.Tokens.AccessToken)
	// Output:
	// same person: true
	// same token: false
}

// A token is a secret, so it prints as a placeholder. Its text is string(t), and
// its JSON is the payload alone, as Amplify's.
func ExampleJWT() {
	token := auth.JWT("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
	fmt.Println(token)
	text, err := json.Marshal(token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	fmt.Println("Bearer " + string(token))
	// Output:
	// [JWT]
	// {"payload":{"sub":"1"}}
	// Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
}

func ExampleGetCurrentUser() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{AliasAttributes: []string{"email"}})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	_, err = auth.GetCurrentUser(ctx, s)
	fmt.Println("nobody is signed in:", errors.Is(err, auth.ErrNotSignedIn))

	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana@example.com", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}
	user, err := auth.GetCurrentUser(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Username, "signed in as", user.SignInDetails.LoginID, "by", user.SignInDetails.AuthFlow)
	// Output:
	// nobody is signed in: true
	// ana signed in as ana@example.com by USER_SRP_AUTH
}

// An id that somebody may have planted in the browser before the sign-in must
// not become that of a signed-in session: give the session another one, and the
// cookie with it.
func ExampleRenewSession() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("an id from before the sign-in")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}

	renewed, err := auth.RenewSession(ctx, s, "a fresh random value") // crypto/rand.Text()
	if err != nil {
		log.Fatal(err)
	}
	_, err = auth.GetCurrentUser(ctx, s)
	fmt.Println("the old id:", auth.CodeOf(err))
	user, err := auth.GetCurrentUser(ctx, renewed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the new id:", user.Username)
	// Output:
	// the old id: auth: UserUnAuthenticatedException
	// the new id: ana
}

// The person is signed out here whatever happens to the revocation.
func ExampleSignOut() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}

	out, err := auth.SignOut(ctx, s, auth.SignOutInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("was signed in:", out.WasSignedIn)
	fmt.Println("refresh token revoked:", out.Revoked)
	// Output:
	// was signed in: true
	// refresh token revoked: true
}

// Global signs the person out of all devices. Whether that worked is in the
// output.
func ExampleSignOut_global() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	laptop, phone := pool.NewSession("laptop"), pool.NewSession("phone")
	for _, s := range []*auth.Session{laptop, phone} {
		if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
			log.Fatal(err)
		}
	}

	out, err := auth.SignOut(ctx, laptop, auth.SignOutInput{Global: true})
	if err != nil {
		log.Fatal(err)
	}
	if !out.SignedOutEverywhere {
		fmt.Println("signed out here only:", out.GlobalError)
	}
	_, err = auth.FetchAuthSession(ctx, phone, auth.FetchAuthSessionInput{ForceRefresh: true})
	fmt.Println("the phone has to sign in again:", errors.Is(err, auth.ErrSessionExpired))
	// Output: the phone has to sign in again: true
}
