// Direct signs a user in with the AWS SDK alone, as far as one request goes:
// the program that program/ours is compared with.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	out, err := idp.NewFromConfig(cfg).InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: aws.String(os.Getenv("CLIENT_ID")),
		AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{
			"USERNAME": os.Getenv("USERNAME"), "PASSWORD": os.Getenv("PASSWORD"),
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(out.ChallengeName)
	return nil
}
