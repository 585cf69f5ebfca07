// Quickstart walks one person through the whole journey: sign up, confirm, sign
// in with SRP, set up and answer a second factor, call an API, refresh, and
// sign out.
//
// Without configuration it does so against a user pool inside the process. With
// COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID (and COGNITO_CLIENT_SECRET, if the
// app client has one) it runs against that pool and asks for names, passwords
// and codes on the terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/cognitokit/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		if e, ok := errors.AsType[*auth.Error](err); ok && e.Message != "" {
			fmt.Fprintln(os.Stderr, "the service says:", e.Message)
		}
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	p, cfg, err := meet()
	if err != nil {
		return err
	}
	client, err := auth.NewClient(ctx, cfg)
	if err != nil {
		return err
	}
	// A web back end takes the id from a random cookie. This program serves one
	// person.
	s, err := auth.NewSession(client, "default")
	if err != nil {
		return err
	}
	j := journey{client: client, s: s, person: p}
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Sign up", j.signUp},
		{"Sign in with a password that is never sent (SRP)", j.signIn},
		{"Call an API with the access token", j.callAPI},
		{"Refresh the tokens", j.refresh},
		{"Sign out", j.signOut},
		{"Sign in again", j.signIn},
		{"Sign out everywhere", j.signOutEverywhere},
	} {
		fmt.Printf("\n%s\n", step.title)
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	fmt.Println("\nDone. The same calls serve a web page: see README.md.")
	return nil
}
