package auth_test

import (
	"context"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// anaSignedIn returns a pool with one user, and her session on her laptop.
// Examples of what is done for somebody who is signed in begin with it.
func anaSignedIn(cfg authtest.Config) (context.Context, *authtest.Pool, *auth.Session) {
	ctx := context.Background()
	pool, err := authtest.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", Phone: "+12065550184"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{
		Username: "ana", Password: "Correct-horse-1", ClientContext: auth.ClientContext{DeviceName: "Ana's laptop"},
	}); err != nil {
		log.Fatal(err)
	}
	return ctx, pool, s
}
