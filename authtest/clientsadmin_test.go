package authtest

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func createClient(t testing.TB, client *cip.Client, p *Pool, in *cip.CreateUserPoolClientInput) *types.UserPoolClientType {
	t.Helper()
	in.UserPoolId = aws.String(p.PoolID())
	if in.ClientName == nil {
		in.ClientName = aws.String("web")
	}
	return must[cip.CreateUserPoolClientOutput](t)(client.CreateUserPoolClient(t.Context(), in)).UserPoolClient
}

func describeClient(t testing.TB, client *cip.Client, p *Pool, id string) *types.UserPoolClientType {
	t.Helper()
	in := &cip.DescribeUserPoolClientInput{UserPoolId: aws.String(p.PoolID()), ClientId: &id}
	return must[cip.DescribeUserPoolClientOutput](t)(client.DescribeUserPoolClient(t.Context(), in)).UserPoolClient
}

func TestCreateUserPoolClient(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	timeless := cmpopts.IgnoreFields(types.UserPoolClientType{}, "ClientId", "CreationDate", "LastModifiedDate")

	app := createClient(t, client, p, &cip.CreateUserPoolClientInput{})
	if diff := cmp.Diff(app, describeClient(t, client, p, *app.ClientId), ignoreSDK()); diff != "" {
		t.Errorf("described another client (-created +described):\n%s", diff)
	}
	want := &types.UserPoolClientType{
		UserPoolId: aws.String(p.PoolID()), ClientName: aws.String("web"), RefreshTokenValidity: 30, AuthSessionValidity: aws.Int32(3),
		EnableTokenRevocation: aws.Bool(true), EnablePropagateAdditionalUserContextData: aws.Bool(false), AllowedOAuthFlowsUserPoolClient: aws.Bool(false),
	}
	if diff := cmp.Diff(want, app, ignoreSDK(), timeless); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]AuthFlow{AllowCustom, AllowRefreshToken, AllowUserSRP}, flowsOf(p, *app.ClientId)); diff != "" {
		t.Errorf("default flows (-want +got):\n%s", diff)
	}

	in := &cip.CreateUserPoolClientInput{
		ClientName: aws.String("all"), ClientSecret: aws.String("abcdefghijklmnopqrstuvwx"),
		AccessTokenValidity: aws.Int32(10), IdTokenValidity: aws.Int32(600), RefreshTokenValidity: 2,
		TokenValidityUnits:         &types.TokenValidityUnitsType{AccessToken: "minutes", IdToken: "seconds", RefreshToken: "hours"},
		ReadAttributes:             []string{"email", "email_verified"},
		WriteAttributes:            []string{"email"},
		ExplicitAuthFlows:          []types.ExplicitAuthFlowsType{"ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH"},
		SupportedIdentityProviders: []string{"COGNITO"},
		CallbackURLs:               []string{"https://app.example/in", "http://localhost:3000", "app://in"}, LogoutURLs: []string{"https://app.example/out"},
		DefaultRedirectURI: aws.String("https://app.example/in"), AllowedOAuthFlows: []types.OAuthFlowType{"code", "implicit"},
		AllowedOAuthScopes: []string{"openid", "email"}, AllowedOAuthFlowsUserPoolClient: true,
		AnalyticsConfiguration:     &types.AnalyticsConfigurationType{ApplicationId: aws.String("abc"), UserDataShared: true},
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled, EnableTokenRevocation: aws.Bool(false),
		EnablePropagateAdditionalUserContextData: aws.Bool(true), AuthSessionValidity: aws.Int32(15),
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: aws.Int32(60)},
	}
	app = createClient(t, client, p, in)
	want = &types.UserPoolClientType{
		UserPoolId: aws.String(p.PoolID()), ClientName: in.ClientName, ClientSecret: in.ClientSecret,
		AccessTokenValidity: in.AccessTokenValidity, IdTokenValidity: in.IdTokenValidity, RefreshTokenValidity: 2, TokenValidityUnits: in.TokenValidityUnits,
		ReadAttributes: in.ReadAttributes, WriteAttributes: in.WriteAttributes, ExplicitAuthFlows: in.ExplicitAuthFlows,
		SupportedIdentityProviders: in.SupportedIdentityProviders, CallbackURLs: in.CallbackURLs, LogoutURLs: in.LogoutURLs, DefaultRedirectURI: in.DefaultRedirectURI,
		AllowedOAuthFlows: in.AllowedOAuthFlows, AllowedOAuthScopes: in.AllowedOAuthScopes, AllowedOAuthFlowsUserPoolClient: aws.Bool(true),
		AnalyticsConfiguration: in.AnalyticsConfiguration, PreventUserExistenceErrors: in.PreventUserExistenceErrors, EnableTokenRevocation: aws.Bool(false),
		EnablePropagateAdditionalUserContextData: aws.Bool(true), AuthSessionValidity: in.AuthSessionValidity, RefreshTokenRotation: in.RefreshTokenRotation,
	}
	if diff := cmp.Diff(want, app, ignoreSDK(), timeless); diff != "" {
		t.Errorf("everything said (-want +got):\n%s", diff)
	}
	got := p.clients[*app.ClientId]
	wanted := AppClient{
		ClientID: *app.ClientId, ClientName: "all", ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword}, RotateRefreshTokens: true, RefreshGracePeriod: time.Minute,
		AccessTokenValidity: 10 * time.Minute, IDTokenValidity: 10 * time.Minute, RefreshTokenValidity: 2 * time.Hour, AuthSessionValidity: 15 * time.Minute,
		DisableTokenRevocation: true, PreventUserExistenceErrors: true, ReadAttributes: in.ReadAttributes, WriteAttributes: in.WriteAttributes,
	}
	members := got.described
	if diff := cmp.Diff(wanted, members.client(*app.ClientId, "all")); diff != "" {
		t.Errorf("behavior (-want +got):\n%s", diff)
	}
	if got.accessValidity != 10*time.Minute || !got.hideUsers || !got.rotate || got.revocable || !got.oauthAllowed || got.oauth.DefaultRedirectURI != *in.DefaultRedirectURI {
		t.Errorf("the client does not behave by its settings: %+v", wanted)
	}

	generated := createClient(t, client, p, &cip.CreateUserPoolClientInput{GenerateSecret: true})
	if n := len(aws.ToString(generated.ClientSecret)); n != 52 {
		t.Errorf("got a secret of %d characters", n)
	}
}

func flowsOf(p *Pool, id string) []AuthFlow {
	var flows []AuthFlow
	for _, flow := range []AuthFlow{AllowAdminUserPassword, AllowCustom, AllowRefreshToken, AllowUser, AllowUserPassword, AllowUserSRP} {
		if p.clients[id].flows[flow] {
			flows = append(flows, flow)
		}
	}
	return flows
}

func TestLegacyAuthFlows(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	for _, tt := range []struct {
		given []types.ExplicitAuthFlowsType
		want  []AuthFlow
	}{
		{[]types.ExplicitAuthFlowsType{"ADMIN_NO_SRP_AUTH"}, []AuthFlow{AllowAdminUserPassword, AllowCustom, AllowRefreshToken, AllowUserSRP}},
		{[]types.ExplicitAuthFlowsType{"USER_PASSWORD_AUTH"}, []AuthFlow{AllowCustom, AllowRefreshToken, AllowUserPassword, AllowUserSRP}},
		{[]types.ExplicitAuthFlowsType{"CUSTOM_AUTH_FLOW_ONLY"}, []AuthFlow{AllowCustom, AllowRefreshToken}},
		{[]types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}, []AuthFlow{AllowUserSRP}},
	} {
		app := createClient(t, client, p, &cip.CreateUserPoolClientInput{ExplicitAuthFlows: tt.given})
		if diff := cmp.Diff(tt.want, flowsOf(p, *app.ClientId)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.given, diff)
		}
		if diff := cmp.Diff(tt.given, app.ExplicitAuthFlows); diff != "" {
			t.Errorf("%v described as (-want +got):\n%s", tt.given, diff)
		}
		if tt.given[0] == "CUSTOM_AUTH_FLOW_ONLY" {
			fails(t, p, "InitiateAuth", m{"ClientId": *app.ClientId, "AuthFlow": "USER_SRP_AUTH"}, "InvalidParameterException", "Only custom auth (lambda driven) is enabled for this client.")
		}
	}
}

func TestUserPoolClientErrors(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{RequiredAttributes: []string{"email"}, CustomAttributes: []string{"plan"}})
	client := sdk(p.Transport())
	const invalid, oauthFlow = "InvalidParameterException", "InvalidOAuthFlowException"
	secret := "abcdefghijklmnopqrstuvwx"
	units := func(access, refresh types.TimeUnitsType) *types.TokenValidityUnitsType {
		return &types.TokenValidityUnitsType{AccessToken: access, RefreshToken: refresh}
	}
	rotation := &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled}
	callback := []string{"https://app.example"}
	tests := []struct {
		name          string
		in            cip.CreateUserPoolClientInput
		code, message string
	}{
		{"two secrets", cip.CreateUserPoolClientInput{GenerateSecret: true, ClientSecret: &secret}, invalid, "Only one of GenerateSecret and ClientSecret can be set."},
		{"short secret", cip.CreateUserPoolClientInput{ClientSecret: aws.String("x")}, invalid, "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24"},
		{"short access token", cip.CreateUserPoolClientInput{AccessTokenValidity: aws.Int32(4), TokenValidityUnits: units("minutes", "")}, invalid, "Invalid range for token validity."},
		{"long access token", cip.CreateUserPoolClientInput{AccessTokenValidity: aws.Int32(25)}, invalid, "Invalid range for token validity."},
		{"short refresh token", cip.CreateUserPoolClientInput{RefreshTokenValidity: 59, TokenValidityUnits: units("", "minutes")}, invalid, "Invalid range for token validity."},
		{"long refresh token", cip.CreateUserPoolClientInput{RefreshTokenValidity: 3651}, invalid, "Invalid range for token validity."},
		{"access outlives refresh", cip.CreateUserPoolClientInput{AccessTokenValidity: aws.Int32(2), RefreshTokenValidity: 1, TokenValidityUnits: units("", "hours")}, invalid, "Invalid range for token validity."},
		{"flows of two ages", cip.CreateUserPoolClientInput{ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ADMIN_NO_SRP_AUTH", "ALLOW_USER_SRP_AUTH"}}, invalid, "ExplicitAuthFlows with and without the prefix ALLOW_ cannot be combined."},
		{"only custom and another", cip.CreateUserPoolClientInput{ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY"}}, invalid, "CUSTOM_AUTH_FLOW_ONLY cannot be combined with other flows."},
		{"rotation and refresh", cip.CreateUserPoolClientInput{RefreshTokenRotation: rotation, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_REFRESH_TOKEN_AUTH"}}, invalid, "ALLOW_REFRESH_TOKEN_AUTH cannot be combined with refresh token rotation."},
		{"context data without a secret", cip.CreateUserPoolClientInput{EnablePropagateAdditionalUserContextData: aws.Bool(true)}, invalid, "EnablePropagateAdditionalUserContextData needs a client with a secret."},
		{"read", cip.CreateUserPoolClientInput{ReadAttributes: []string{"custom:other"}}, invalid, "Invalid read attributes specified while creating a client"},
		{"write", cip.CreateUserPoolClientInput{WriteAttributes: []string{"email", "custom:other"}}, invalid, "Invalid write attributes specified while creating a client"},
		{"write what nobody writes", cip.CreateUserPoolClientInput{WriteAttributes: []string{"email", "email_verified"}}, invalid, "Invalid write attributes specified while creating a client"},
		{"write without what is required", cip.CreateUserPoolClientInput{WriteAttributes: []string{"custom:plan"}}, invalid, "Invalid write attributes specified while creating a client"},
		{"provider", cip.CreateUserPoolClientInput{SupportedIdentityProviders: []string{"Google"}}, invalid, "The provider Google does not exist for User Pool " + p.PoolID()},
		{"OAuth without anything", cip.CreateUserPoolClientInput{AllowedOAuthFlowsUserPoolClient: true}, invalid, "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."},
		{"no callback", cip.CreateUserPoolClientInput{AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"}, AllowedOAuthScopes: []string{"openid"}}, invalid, "CallbackURLs are required for the code and implicit flows."},
		{"default elsewhere", cip.CreateUserPoolClientInput{CallbackURLs: callback, DefaultRedirectURI: aws.String("https://app.example/")}, invalid, "DefaultRedirectURI must be in CallbackURLs."},
		{"fragment", cip.CreateUserPoolClientInput{CallbackURLs: []string{"https://app.example/#x"}}, invalid, "https://app.example/#x is not an absolute URI without a fragment."},
		{"http", cip.CreateUserPoolClientInput{LogoutURLs: []string{"http://app.example"}}, invalid, "http://app.example cannot use the HTTP protocol."},
		{"scope", cip.CreateUserPoolClientInput{AllowedOAuthScopes: []string{"Cognito"}}, "ScopeDoesNotExistException", "Invalid scope requested: Cognito"},
		{"scope of no server", cip.CreateUserPoolClientInput{AllowedOAuthScopes: []string{"https://api.example/read"}}, "ScopeDoesNotExistException", "Invalid scope requested: https://api.example/read"},
		{"OAuth flow", cip.CreateUserPoolClientInput{AllowedOAuthFlows: []types.OAuthFlowType{"token"}}, invalid,
			"1 validation error detected: Value '[token]' at 'allowedOAuthFlows' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [implicit, client_credentials, code]]"},
		{"machine among people", cip.CreateUserPoolClientInput{GenerateSecret: true, AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials", "code"}}, oauthFlow, "client_credentials flow can not be selected along with code flow or implicit flow."},
		{"machine without a secret", cip.CreateUserPoolClientInput{AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}}, oauthFlow, "client_credentials flow can not be selected if client does not have a client secret."},
		{"machine with a scope of people", cip.CreateUserPoolClientInput{GenerateSecret: true, AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"openid"}}, oauthFlow, "openid is not supported with client_credentials flow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.in.UserPoolId, tt.in.ClientName = aws.String(p.PoolID()), aws.String("web")
			_, err := client.CreateUserPoolClient(t.Context(), &tt.in)
			refused(t, err, tt.code, tt.message)
			listed := must[cip.ListUserPoolClientsOutput](t)(client.ListUserPoolClients(t.Context(), &cip.ListUserPoolClientsInput{UserPoolId: tt.in.UserPoolId}))
			if n := len(listed.UserPoolClients); n != 1 {
				t.Errorf("the pool has %d clients", n)
			}
		})
	}
	_, err := client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: aws.String(p.PoolID()), ClientId: aws.String("client1"), WriteAttributes: []string{"x"}})
	refused(t, err, invalid, "Invalid write attributes specified while updating a client")
	_, err = client.DescribeUserPoolClient(t.Context(), &cip.DescribeUserPoolClientInput{UserPoolId: aws.String(p.PoolID()), ClientId: aws.String("other")})
	refused(t, err, "ResourceNotFoundException", "User pool client other does not exist.")
	lite := newServer(t, ServerConfig{})
	pool := createPool(t, sdk(lite.Transport()), &cip.CreateUserPoolInput{UserPoolTier: types.UserPoolTierTypeLite})
	_, err = sdk(lite.Transport()).CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{UserPoolId: pool.Id, ClientName: aws.String("x"), RefreshTokenRotation: rotation})
	refused(t, err, "FeatureUnavailableInTierException", "ALLOW_USER_AUTH and refresh token rotation are not available in the tier of the user pool")
}

// TestUpdateUserPoolClient updates a client in the middle of a sign-in, which
// goes on.
func TestUpdateUserPoolClient(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	p.AddUser(User{Name: "ana", Password: testPassword, Status: StatusForceChangePassword})
	app := createClient(t, client, p, &cip.CreateUserPoolClientInput{
		GenerateSecret: true, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"}, AccessTokenValidity: aws.Int32(2),
		CallbackURLs: []string{"app://in"}, PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
	})
	hash := p.clients[*app.ClientId].secretHash("ana", *app.ClientSecret)
	a := must[cip.InitiateAuthOutput](t)(client.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		ClientId: app.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "ana", "PASSWORD": testPassword, "SECRET_HASH": hash},
	}))
	updated := must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: app.UserPoolId, ClientId: app.ClientId})).UserPoolClient
	want := &types.UserPoolClientType{
		UserPoolId: app.UserPoolId, ClientName: aws.String("web"), ClientId: app.ClientId, ClientSecret: app.ClientSecret, CreationDate: app.CreationDate,
		RefreshTokenValidity: 30, AuthSessionValidity: aws.Int32(3), EnableTokenRevocation: aws.Bool(true),
		EnablePropagateAdditionalUserContextData: aws.Bool(false), AllowedOAuthFlowsUserPoolClient: aws.Bool(false),
	}
	if diff := cmp.Diff(want, updated, ignoreSDK(), cmpopts.IgnoreFields(types.UserPoolClientType{}, "LastModifiedDate")); diff != "" {
		t.Errorf("after an empty update (-want +got):\n%s", diff)
	}
	done := must[cip.RespondToAuthChallengeOutput](t)(client.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
		ClientId: app.ClientId, ChallengeName: a.ChallengeName, Session: a.Session,
		ChallengeResponses: map[string]string{"USERNAME": "ana", "NEW_PASSWORD": "An0ther one", "SECRET_HASH": hash},
	})).AuthenticationResult
	if done == nil || done.ExpiresIn != 3600 {
		t.Fatalf("got %v", done)
	}
	renamed := must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: app.UserPoolId, ClientId: app.ClientId, ClientName: aws.String("renamed")}))
	if *renamed.UserPoolClient.ClientName != "renamed" {
		t.Errorf("got name %s", *renamed.UserPoolClient.ClientName)
	}

	must[cip.DeleteUserPoolClientOutput](t)(client.DeleteUserPoolClient(t.Context(), &cip.DeleteUserPoolClientInput{UserPoolId: app.UserPoolId, ClientId: app.ClientId}))
	_, err := client.GetUser(t.Context(), &cip.GetUserInput{AccessToken: done.AccessToken})
	refused(t, err, "NotAuthorizedException", "Access Token has been revoked")
	_, err = client.DeleteUserPoolClient(t.Context(), &cip.DeleteUserPoolClientInput{UserPoolId: app.UserPoolId, ClientId: app.ClientId})
	refused(t, err, "ResourceNotFoundException", "User pool client "+*app.ClientId+" does not exist.")
}

func TestListUserPoolClients(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	want := map[string]string{"client1": "client1"}
	for _, name := range []string{"a", "b", "c", "d"} {
		want[*createClient(t, client, p, &cip.CreateUserPoolClientInput{ClientName: &name}).ClientId] = name
	}
	for _, limit := range []int32{1, 2, 60} {
		got := make(map[string]string)
		pages := cip.NewListUserPoolClientsPaginator(client, &cip.ListUserPoolClientsInput{UserPoolId: aws.String(p.PoolID()), MaxResults: &limit})
		for pages.HasMorePages() {
			for _, app := range must[cip.ListUserPoolClientsOutput](t)(pages.NextPage(t.Context())).UserPoolClients {
				got[*app.ClientId] = *app.ClientName
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
}

// TestDescribeOwnClient describes a client that a test has made.
func TestDescribeOwnClient(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		RotateRefreshTokens: true, RefreshGracePeriod: 10 * time.Second, AccessTokenValidity: 90 * time.Minute, IDTokenValidity: 301 * time.Second,
		RefreshTokenValidity: 36 * time.Hour, OAuth: &OAuth{CallbackURLs: []string{"app://in"}, Scopes: []string{"openid"}},
	})
	want := &types.UserPoolClientType{
		UserPoolId: aws.String(p.PoolID()), ClientId: aws.String("client1"), ClientName: aws.String("client1"),
		AccessTokenValidity: aws.Int32(90), IdTokenValidity: aws.Int32(301), RefreshTokenValidity: 36,
		TokenValidityUnits: &types.TokenValidityUnitsType{AccessToken: "minutes", IdToken: "seconds", RefreshToken: "hours"},
		ExplicitAuthFlows:  []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}, PreventUserExistenceErrors: "LEGACY",
		RefreshTokenRotation:  &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: aws.Int32(10)},
		EnableTokenRevocation: aws.Bool(true), EnablePropagateAdditionalUserContextData: aws.Bool(false), AuthSessionValidity: aws.Int32(3),
		AllowedOAuthFlowsUserPoolClient: aws.Bool(true), AllowedOAuthFlows: []types.OAuthFlowType{"code"}, AllowedOAuthScopes: []string{"openid"},
		CallbackURLs: []string{"app://in"}, SupportedIdentityProviders: []string{"COGNITO"},
	}
	got := describeClient(t, sdk(p.Transport()), p, "client1")
	if diff := cmp.Diff(want, got, ignoreSDK(), cmpopts.IgnoreFields(types.UserPoolClientType{}, "CreationDate", "LastModifiedDate")); diff != "" {
		t.Errorf("client (-want +got):\n%s", diff)
	}
}

// TestClientSecrets rotates a secret: while there are two, both are right.
func TestClientSecrets(t *testing.T) {
	t.Parallel()
	const first = "abcdefghijklmnopqrstuvwx"
	p := newPool(t, Config{ClientSecret: first, ExplicitAuthFlows: passwordFlow, Clients: []AppClient{{ClientID: "public"}}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	client := sdk(p.Transport())
	id, pool := aws.String("client1"), aws.String(p.PoolID())
	works := func(secret string) bool {
		body := withPassword("ana", testPassword)
		body["AuthParameters"].(m)["SECRET_HASH"] = p.clients["client1"].secretHash("ana", secret)
		return post(t, p, "InitiateAuth", body).code() == ""
	}
	generated := must[cip.AddUserPoolClientSecretOutput](t)(client.AddUserPoolClientSecret(t.Context(), &cip.AddUserPoolClientSecretInput{UserPoolId: pool, ClientId: id})).ClientSecretDescriptor
	second := aws.ToString(generated.ClientSecretValue)
	if !works(first) || !works(second) || works("another secret of no client") {
		t.Error("not both secrets are right, or others too")
	}
	_, err := client.AddUserPoolClientSecret(t.Context(), &cip.AddUserPoolClientSecretInput{UserPoolId: pool, ClientId: id})
	refused(t, err, "LimitExceededException", "The client has as many secrets as a client can have")
	list := func() []types.ClientSecretDescriptorType {
		return must[cip.ListUserPoolClientSecretsOutput](t)(client.ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: pool, ClientId: id})).ClientSecrets
	}
	secrets := list()
	if len(secrets) != 2 || *secrets[1].ClientSecretId != *generated.ClientSecretId || secrets[0].ClientSecretValue != nil || secrets[1].ClientSecretValue != nil ||
		!strings.HasPrefix(*secrets[0].ClientSecretId, "client1--") || *secrets[0].ClientSecretId == *secrets[1].ClientSecretId {
		t.Fatalf("got %d secrets", len(secrets))
	}
	remove := func(secret *string) error {
		_, err := client.DeleteUserPoolClientSecret(t.Context(), &cip.DeleteUserPoolClientSecretInput{UserPoolId: pool, ClientId: id, ClientSecretId: secret})
		return err
	}
	if err := remove(secrets[0].ClientSecretId); err != nil {
		t.Fatal(err)
	}
	if works(first) || !works(second) || p.ClientSecret() != second {
		t.Error("the deleted secret is right, or the other is not")
	}
	refused(t, remove(secrets[0].ClientSecretId), "ResourceNotFoundException", "The client secret does not exist.")
	refused(t, remove(secrets[1].ClientSecretId), "InvalidParameterException", "The last secret of a client cannot be deleted.")
	given := must[cip.AddUserPoolClientSecretOutput](t)(client.AddUserPoolClientSecret(t.Context(), &cip.AddUserPoolClientSecretInput{UserPoolId: pool, ClientId: id, ClientSecret: aws.String(first)})).ClientSecretDescriptor
	if given.ClientSecretValue != nil || !works(first) {
		t.Error("a given secret is told, or is not right")
	}
	_, err = client.AddUserPoolClientSecret(t.Context(), &cip.AddUserPoolClientSecretInput{UserPoolId: pool, ClientId: aws.String("public")})
	refused(t, err, "InvalidParameterException", "The client has no secret.")
	_, err = client.ListUserPoolClientSecrets(t.Context(), &cip.ListUserPoolClientSecretsInput{UserPoolId: pool, ClientId: id, NextToken: aws.String("x")})
	refused(t, err, "InvalidParameterException", "Invalid pagination token given")
}
