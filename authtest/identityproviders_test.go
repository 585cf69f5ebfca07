package authtest

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func samlProvider(p *Pool, name string, identifiers ...string) *cip.CreateIdentityProviderInput {
	return &cip.CreateIdentityProviderInput{
		UserPoolId: aws.String(p.PoolID()), ProviderName: &name, ProviderType: types.IdentityProviderTypeTypeSaml,
		ProviderDetails: map[string]string{"MetadataURL": "https://idp.example/metadata"}, IdpIdentifiers: identifiers,
	}
}

func TestIdentityProviders(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	in := samlProvider(p, "Okta", "example.com")
	in.AttributeMapping = map[string]string{"email": "mail", "username": "nameid"}
	created := must[cip.CreateIdentityProviderOutput](t)(client.CreateIdentityProvider(t.Context(), in)).IdentityProvider
	want := &types.IdentityProviderType{
		UserPoolId: pool, ProviderName: in.ProviderName, ProviderType: in.ProviderType, ProviderDetails: in.ProviderDetails,
		AttributeMapping: in.AttributeMapping, IdpIdentifiers: in.IdpIdentifiers,
	}
	timeless := cmpopts.IgnoreFields(types.IdentityProviderType{}, "CreationDate", "LastModifiedDate")
	describe := func() *types.IdentityProviderType {
		return must[cip.DescribeIdentityProviderOutput](t)(client.DescribeIdentityProvider(t.Context(), &cip.DescribeIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName})).IdentityProvider
	}
	byIdentifier := func(identifier string) (*types.IdentityProviderType, error) {
		out, err := client.GetIdentityProviderByIdentifier(t.Context(), &cip.GetIdentityProviderByIdentifierInput{UserPoolId: pool, IdpIdentifier: &identifier})
		if err != nil {
			return nil, err
		}
		return out.IdentityProvider, nil
	}
	found, err := byIdentifier("example.com")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*types.IdentityProviderType{"created": created, "described": describe(), "by identifier": found} {
		if diff := cmp.Diff(want, got, ignoreSDK(), timeless); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if p.groups[p.PoolID()+"_Okta"] == nil {
		t.Error("the provider's users have no group")
	}
	createClient(t, client, p, &cip.CreateUserPoolClientInput{SupportedIdentityProviders: []string{"Okta", "COGNITO"}})

	must[cip.UpdateIdentityProviderOutput](t)(client.UpdateIdentityProvider(t.Context(), &cip.UpdateIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName, IdpIdentifiers: []string{"example.org"}}))
	want.IdpIdentifiers = []string{"example.org"}
	if diff := cmp.Diff(want, describe(), ignoreSDK(), timeless); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	const notFound = "ResourceNotFoundException"
	_, err = byIdentifier("example.com")
	refused(t, err, notFound, "Identity provider example.com does not exist.")

	tests := []struct {
		name          string
		change        func(*cip.CreateIdentityProviderInput)
		code, message string
	}{
		{"exists", func(in *cip.CreateIdentityProviderInput) { in.ProviderName = aws.String("Okta") }, "DuplicateProviderException", "A provider with the name Okta already exists."},
		{"the pool itself", func(in *cip.CreateIdentityProviderInput) { in.ProviderName = aws.String("COGNITO") }, "DuplicateProviderException", "A provider with the name COGNITO already exists."},
		{"identifier of another", func(in *cip.CreateIdentityProviderInput) { in.IdpIdentifiers = []string{"example.org"} }, "DuplicateProviderException", "A provider with the identifier example.org already exists."},
		{"social by another name", func(in *cip.CreateIdentityProviderInput) { in.ProviderType = types.IdentityProviderTypeTypeGoogle }, "InvalidParameterException", "Provider Entra cannot be of type Google."},
		{"details", func(in *cip.CreateIdentityProviderInput) { in.ProviderType = types.IdentityProviderTypeTypeOidc }, "InvalidParameterException", "Details not provided for the provider: client_id"},
		{"mapping", func(in *cip.CreateIdentityProviderInput) { in.AttributeMapping = map[string]string{"custom:x": "x"} }, "InvalidParameterException", "Attribute mapping contains an attribute that is not in the schema: custom:x"},
		{"short name", func(in *cip.CreateIdentityProviderInput) { in.ProviderName = aws.String("xy") }, "InvalidParameterException",
			`1 validation error detected: Value 'xy' at 'providerName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^_\p{Z}][\p{L}\p{M}\p{S}\p{N}\p{P}][^_\p{Z}]+`},
	}
	for _, tt := range tests {
		in := samlProvider(p, "Entra")
		tt.change(in)
		_, err := client.CreateIdentityProvider(t.Context(), in)
		t.Run(tt.name, func(t *testing.T) { refused(t, err, tt.code, tt.message) })
	}
	_, err = client.UpdateIdentityProvider(t.Context(), &cip.UpdateIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName, ProviderDetails: map[string]string{"x": "y"}})
	refused(t, err, "InvalidParameterException", "Details not provided for the provider: MetadataURL")

	google := &cip.CreateIdentityProviderInput{
		UserPoolId: pool, ProviderName: aws.String("Google"), ProviderType: types.IdentityProviderTypeTypeGoogle,
		ProviderDetails: map[string]string{"client_id": "x", "client_secret": "y", "authorize_scopes": "email"},
	}
	must[cip.CreateIdentityProviderOutput](t)(client.CreateIdentityProvider(t.Context(), google))
	var names []string
	pages := cip.NewListIdentityProvidersPaginator(client, &cip.ListIdentityProvidersInput{UserPoolId: pool, MaxResults: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, provider := range must[cip.ListIdentityProvidersOutput](t)(pages.NextPage(t.Context())).Providers {
			names = append(names, fmt.Sprint(*provider.ProviderName, " ", provider.ProviderType))
		}
	}
	if diff := cmp.Diff([]string{"Google Google", "Okta SAML"}, names); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	must[cip.DeleteIdentityProviderOutput](t)(client.DeleteIdentityProvider(t.Context(), &cip.DeleteIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName}))
	_, err = client.DeleteIdentityProvider(t.Context(), &cip.DeleteIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName})
	refused(t, err, notFound, "Identity provider Okta does not exist.")
	_, err = client.DescribeIdentityProvider(t.Context(), &cip.DescribeIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName})
	refused(t, err, notFound, "Identity provider Okta does not exist.")
	_, err = client.UpdateIdentityProvider(t.Context(), &cip.UpdateIdentityProviderInput{UserPoolId: pool, ProviderName: in.ProviderName})
	refused(t, err, notFound, "Identity provider Okta does not exist.")
}

// TestIdentities links an external user to one of the pool.
func TestIdentities(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	p.AddUser(User{Name: "bob"})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	must[cip.CreateIdentityProviderOutput](t)(client.CreateIdentityProvider(t.Context(), samlProvider(p, "Okta")))
	user := func(provider, attribute, value string) *types.ProviderUserIdentifierType {
		return &types.ProviderUserIdentifierType{ProviderName: &provider, ProviderAttributeName: &attribute, ProviderAttributeValue: &value}
	}
	link := func(destination, source *types.ProviderUserIdentifierType) error {
		_, err := client.AdminLinkProviderForUser(t.Context(), &cip.AdminLinkProviderForUserInput{UserPoolId: pool, DestinationUser: destination, SourceUser: source})
		return err
	}
	unlink := func(source *types.ProviderUserIdentifierType) error {
		_, err := client.AdminDisableProviderForUser(t.Context(), &cip.AdminDisableProviderForUserInput{UserPoolId: pool, User: source})
		return err
	}
	ana, okta := user("Cognito", "", "ana"), user("Okta", "Cognito_Subject", "00u1")
	if err := link(ana, okta); err != nil {
		t.Fatal(err)
	}
	_, id, _ := signIn(t, p)
	_, claims := parseToken(t, p, id)
	identities, _ := claims["identities"].([]any)
	if len(identities) != 1 {
		t.Fatalf("identities: got %v", claims["identities"])
	}
	got := identities[0].(m)
	if date, _ := got["dateCreated"].(string); len(date) != 13 {
		t.Errorf("dateCreated: got %v", got["dateCreated"])
	}
	delete(got, "dateCreated")
	if diff := cmp.Diff(m{"userId": "00u1", "providerName": "Okta", "providerType": "SAML", "issuer": nil, "primary": "false"}, got); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	attributes := must[cip.AdminGetUserOutput](t)(client.AdminGetUser(t.Context(), &cip.AdminGetUserInput{UserPoolId: pool, Username: aws.String("ana")})).UserAttributes
	if last := attributes[len(attributes)-1]; *last.Name != "identities" || !strings.HasPrefix(*last.Value, `[{"userId":"00u1"`) {
		t.Errorf("attribute: got %s = %s", *last.Name, *last.Value)
	}

	const invalid = "InvalidParameterException"
	refused(t, link(user("Cognito", "", "bob"), okta), invalid, "SourceUser is already linked to a user.")
	refused(t, link(ana, user("Cognito", "Cognito_Subject", "bob")), invalid, "Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, only as a DestinationUser")
	refused(t, link(okta, okta), invalid, "DestinationUser must be a user of the provider Cognito.")
	refused(t, link(ana, user("Okta", "", "")), invalid, "SourceUser must have a ProviderAttributeName and a ProviderAttributeValue.")
	refused(t, link(ana, user("Google", "Cognito_Subject", "1")), "ResourceNotFoundException", "Identity provider Google does not exist.")
	refused(t, link(user("Cognito", "", "nobody"), user("Okta", "Cognito_Subject", "2")), "UserNotFoundException", "User does not exist.")
	for i := range 4 {
		if err := link(ana, user("Okta", "Cognito_Subject", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, link(ana, user("Okta", "Cognito_Subject", "x")), "LimitExceededException", "The user has as many linked identities as a user can have")
	if err := unlink(okta); err != nil {
		t.Fatal(err)
	}
	refused(t, unlink(okta), "UserNotFoundException", "User does not exist.")
	refused(t, unlink(ana), invalid, "User must be a user of an external provider.")
	if err := link(user("Cognito", "", "bob"), okta); err != nil {
		t.Errorf("linked anew: %v", err)
	}
}

func TestPoolFiles(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{CustomAttributes: []string{"plan"}})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	text := must[cip.GetSigningCertificateOutput](t)(client.GetSigningCertificate(t.Context(), &cip.GetSigningCertificateInput{UserPoolId: pool})).Certificate
	der, err := base64.StdEncoding.DecodeString(aws.ToString(text))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil || certificate.Subject.CommonName != p.PoolID() {
		t.Errorf("got %v, %v", certificate, err)
	}
	header := must[cip.GetCSVHeaderOutput](t)(client.GetCSVHeader(t.Context(), &cip.GetCSVHeaderInput{UserPoolId: pool}))
	want := []string{
		"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "email", "email_verified",
		"gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified", "address", "updated_at", "custom:plan", "cognito:mfa_enabled", "cognito:username",
	}
	if diff := cmp.Diff(want, header.CSVHeader); diff != "" || *header.UserPoolId != p.PoolID() {
		t.Errorf("header of %s (-want +got):\n%s", *header.UserPoolId, diff)
	}
}
