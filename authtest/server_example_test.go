package authtest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitokit/auth/authtest"
)

// A server takes requests to the pool that they mean, and lets infrastructure
// code make pools. Any credentials sign its requests.
func ExampleNewStandaloneServer() {
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		log.Fatal(err)
	}
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: server.Region(), HTTPClient: server.HTTPClient(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
	ctx := context.Background()
	for _, name := range []string{"staff", "customers"} {
		if _, err := client.CreateUserPool(ctx, &cognitoidentityprovider.CreateUserPoolInput{PoolName: &name}); err != nil {
			log.Fatal(err)
		}
	}
	for _, pool := range server.Pools() {
		pool.AddUser(authtest.User{Name: "ana", Email: "ana@example.com", Groups: []string{"editors"}})
		out, err := client.ListUsersInGroup(ctx, &cognitoidentityprovider.ListUsersInGroupInput{
			UserPoolId: aws.String(pool.PoolID()), GroupName: aws.String("editors"),
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(aws.ToString(out.Users[0].Username))
	}
	// Output:
	// ana
	// ana
}
