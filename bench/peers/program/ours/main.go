// Ours signs a user in with the SDK. Its size is what the SDK adds to a
// program.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/cognitokit/auth"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, err := auth.NewClient(ctx, auth.Config{UserPoolID: os.Getenv("USER_POOL_ID"), ClientID: os.Getenv("CLIENT_ID")})
	if err != nil {
		return err
	}
	session, err := auth.NewSession(client, "default")
	if err != nil {
		return err
	}
	out, err := auth.SignIn(ctx, session, auth.SignInInput{
		Username: os.Getenv("USERNAME"), Password: os.Getenv("PASSWORD"), AuthFlow: auth.AuthFlowUserPassword,
	})
	if err != nil {
		return err
	}
	fmt.Println(out.NextStep.Step)
	return nil
}
