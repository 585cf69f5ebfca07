package authtest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func TestResourceServers(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	pool, id := aws.String(p.PoolID()), aws.String("https://api.example")
	scope := func(name string) types.ResourceServerScopeType {
		return types.ResourceServerScopeType{ScopeName: &name, ScopeDescription: aws.String("may " + name)}
	}
	in := &cip.CreateResourceServerInput{UserPoolId: pool, Identifier: id, Name: aws.String("API"), Scopes: []types.ResourceServerScopeType{scope("read"), scope("write")}}
	created := must[cip.CreateResourceServerOutput](t)(client.CreateResourceServer(t.Context(), in)).ResourceServer
	describe := func() *types.ResourceServerType {
		return must[cip.DescribeResourceServerOutput](t)(client.DescribeResourceServer(t.Context(), &cip.DescribeResourceServerInput{UserPoolId: pool, Identifier: id})).ResourceServer
	}
	want := &types.ResourceServerType{UserPoolId: pool, Identifier: id, Name: in.Name, Scopes: in.Scopes}
	for name, got := range map[string]*types.ResourceServerType{"created": created, "described": describe()} {
		if diff := cmp.Diff(want, got, ignoreSDK()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	machine := func(scopes ...string) error {
		_, err := client.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
			UserPoolId: pool, ClientName: aws.String("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
			AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: scopes,
		})
		return err
	}
	if err := machine("https://api.example/read", "https://api.example/write"); err != nil {
		t.Error(err)
	}
	must[cip.UpdateResourceServerOutput](t)(client.UpdateResourceServer(t.Context(), &cip.UpdateResourceServerInput{UserPoolId: pool, Identifier: id, Name: aws.String("renamed")}))
	want.Name, want.Scopes = aws.String("renamed"), nil
	if diff := cmp.Diff(want, describe(), ignoreSDK()); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	refused(t, machine("https://api.example/read"), "ScopeDoesNotExistException", "Invalid scope requested: https://api.example/read")

	const invalid, missing = "InvalidParameterException", "Resource server https://api.example does not exist."
	_, err := client.CreateResourceServer(t.Context(), in)
	refused(t, err, invalid, "A resource server already exists with the identifier https://api.example")
	_, err = client.CreateResourceServer(t.Context(), &cip.CreateResourceServerInput{UserPoolId: pool, Identifier: aws.String("x"), Name: in.Name, Scopes: []types.ResourceServerScopeType{scope("read"), scope("read")}})
	refused(t, err, invalid, "The scope read is given more than once.")
	_, err = client.CreateResourceServer(t.Context(), &cip.CreateResourceServerInput{UserPoolId: pool, Identifier: aws.String("x"), Name: in.Name, Scopes: []types.ResourceServerScopeType{scope("a/b")}})
	refused(t, err, invalid, `1 validation error detected: Value 'a/b' at 'scopes.1.member.scopeName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+`)
	must[cip.DeleteResourceServerOutput](t)(client.DeleteResourceServer(t.Context(), &cip.DeleteResourceServerInput{UserPoolId: pool, Identifier: id}))
	_, err = client.DeleteResourceServer(t.Context(), &cip.DeleteResourceServerInput{UserPoolId: pool, Identifier: id})
	refused(t, err, "ResourceNotFoundException", missing)
	_, err = client.DescribeResourceServer(t.Context(), &cip.DescribeResourceServerInput{UserPoolId: pool, Identifier: id})
	refused(t, err, "ResourceNotFoundException", missing)
	_, err = client.UpdateResourceServer(t.Context(), &cip.UpdateResourceServerInput{UserPoolId: pool, Identifier: id, Name: in.Name})
	refused(t, err, "ResourceNotFoundException", missing)

	var all []string
	for i := range maxResourceServers {
		all = append(all, fmt.Sprintf("server%02d", i))
		must[cip.CreateResourceServerOutput](t)(client.CreateResourceServer(t.Context(), &cip.CreateResourceServerInput{UserPoolId: pool, Identifier: &all[i], Name: in.Name}))
	}
	_, err = client.CreateResourceServer(t.Context(), in)
	refused(t, err, "LimitExceededException", "The user pool has as many resource servers as a pool can have")
	var got []string
	pages := cip.NewListResourceServersPaginator(client, &cip.ListResourceServersInput{UserPoolId: pool, MaxResults: aws.Int32(10)})
	for pages.HasMorePages() {
		for _, server := range must[cip.ListResourceServersOutput](t)(pages.NextPage(t.Context())).ResourceServers {
			got = append(got, *server.Identifier)
		}
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}
