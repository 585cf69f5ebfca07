package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

// benchSignIn measures a whole sign-in with client and pool in one process:
// everything a person's sign-in costs but the network.
func benchSignIn(ctx context.Context, s *suite) ([]row, error) {
	const (
		ours     = "sign-in, SDK and authtest"
		textbook = "math/big both sides, two RS256"
	)
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		return nil, err
	}
	defer pool.Close() //nolint:contextcheck // it has no use for one
	pool.AddUser(authtest.User{Name: "ana", Password: srpPassword})
	client := pool.Client() //nolint:contextcheck // it has no use for one

	tokenSigner, err := newSigner()
	if err != nil {
		return nil, err
	}
	user := newTextbookUser(srpPool, srpUser, srpPassword)

	r, err := s.measure(ctx,
		measure.Candidate{Name: ours, Run: measure.Each(func() error { return signIn(ctx, client, "ana") })},
		measure.Candidate{Name: textbook, Run: measure.Each(func() error { return textbookSignIn(user, tokenSigner) })},
	)
	if err != nil {
		return nil, err
	}
	return []row{r.row(ours, textbook, 0.57)}, nil
}

var errNotSignedIn = errors.New("not signed in")

// signIn signs a user in, in a session of its own.
func signIn(ctx context.Context, client *auth.Client, name string) error {
	session, err := auth.NewSession(client, rand.Text())
	if err != nil {
		return err
	}
	out, err := auth.SignIn(ctx, session, auth.SignInInput{Username: name, Password: srpPassword})
	if err != nil {
		return err
	}
	if !out.IsSignedIn {
		return errNotSignedIn
	}
	return nil
}

// textbookSignIn is what a sign-in cannot do without, done the usual way.
func textbookSignIn(user textbookUser, tokenSigner signer) error {
	client := newTextbookClient()
	server := newTextbookServer(user)
	proof, err := client.prove(server.challenge(), srpPassword, time.Now())
	if err != nil {
		return err
	}
	if err := server.check(client.a(), proof); err != nil {
		return err
	}
	access, id := newClaims(time.Now())
	if _, err := tokenSigner.sign(access); err != nil {
		return err
	}
	_, err = tokenSigner.sign(id)
	return err
}
