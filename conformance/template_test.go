package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth/authtest"
)

// A template is the CloudFormation template of the pools under test. It is in
// JSON so that the pools of authtest can be made from it too.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties m
	}
	Outputs map[string]struct {
		Description string // the variable that takes the value
		Value       struct{ Ref string }
	}
}

const templateFile = "../docs/conformance-pool.json"

func readTemplate(t testing.TB) *template {
	t.Helper()
	data, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	var read template
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

// properties returns those of the resource that a variable names.
func (t *template) properties(variable string) m {
	for _, output := range t.Outputs {
		if output.Description == variable {
			return t.Resources[output.Value.Ref].Properties
		}
	}
	return nil
}

// The types of the template's resources.
const (
	typePool   = "AWS::Cognito::UserPool"
	typeClient = "AWS::Cognito::UserPoolClient"
)

// deploy makes the pools of the template and returns the variables that name
// them. It sends what CloudFormation sends: second factors and passkeys are no
// members of CreateUserPool.
func (t *template) deploy(ctx context.Context, a *api) (map[string]string, error) {
	ids := make(map[string]string)
	for _, kind := range []string{typePool, typeClient} {
		for _, name := range slices.Sorted(maps.Keys(t.Resources)) {
			resource := t.Resources[name]
			if resource.Type != kind {
				continue
			}
			create := createPool
			if kind == typeClient {
				create = createClient
			}
			id, err := create(ctx, a, resource.Properties, ids)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			ids[name] = id
		}
	}
	variables := make(map[string]string)
	for _, output := range t.Outputs {
		variables[output.Description] = ids[output.Value.Ref]
	}
	return variables, nil
}

func createPool(ctx context.Context, a *api, properties m, _ map[string]string) (string, error) {
	request, factors := m{}, m{}
	for name, value := range properties {
		switch name {
		case "UserPoolName":
			request["PoolName"] = value
		case "MfaConfiguration":
			factors[name] = value
		case "EnabledMfas":
			for _, factor := range value.([]any) {
				if factor != "SOFTWARE_TOKEN_MFA" {
					return "", fmt.Errorf("EnabledMfas: %v cannot be read or needs a role", factor)
				}
				factors["SoftwareTokenMfaConfiguration"] = m{"Enabled": true}
			}
		case "WebAuthnRelyingPartyID", "WebAuthnUserVerification":
			passkeys, _ := factors["WebAuthnConfiguration"].(m)
			if passkeys == nil {
				passkeys = m{}
				factors["WebAuthnConfiguration"] = passkeys
			}
			passkeys[map[string]string{"WebAuthnRelyingPartyID": "RelyingPartyId", "WebAuthnUserVerification": "UserVerification"}[name]] = value
		default:
			request[name] = value
		}
	}
	answer, err := succeed(ctx, a, "CreateUserPool", request)
	if err != nil {
		return "", err
	}
	id := answer.str("UserPool", "Id")
	factors["UserPoolId"] = id
	_, err = succeed(ctx, a, "SetUserPoolMfaConfig", factors)
	return id, err
}

func createClient(ctx context.Context, a *api, properties m, ids map[string]string) (string, error) {
	request := maps.Clone(properties)
	ref, _ := properties["UserPoolId"].(m)
	pool, _ := ref["Ref"].(string)
	request["UserPoolId"] = ids[pool]
	answer, err := succeed(ctx, a, "CreateUserPoolClient", request)
	return answer.str("UserPoolClient", "ClientId"), err
}

func succeed(ctx context.Context, a *api, operation string, body m) (answer, error) {
	answer, err := a.call(ctx, operation, body)
	if err == nil && answer.status != 200 {
		err = fmt.Errorf("%s: %d %s: %s", operation, answer.status, answer.code(), answer.str("message"))
	}
	return answer, err
}

// poolAsTemplate describes a pool in the words of the template.
func poolAsTemplate(pool, factors m) m {
	described := maps.Clone(pool)
	if described == nil {
		described = m{}
	}
	var enabled []any
	if totp, _ := factors["SoftwareTokenMfaConfiguration"].(m); totp["Enabled"] == true {
		enabled = append(enabled, "SOFTWARE_TOKEN_MFA")
	}
	passkeys, _ := factors["WebAuthnConfiguration"].(m)
	described["EnabledMfas"] = enabled
	described["MfaConfiguration"] = factors["MfaConfiguration"]
	described["WebAuthnRelyingPartyID"] = passkeys["RelyingPartyId"]
	described["WebAuthnUserVerification"] = passkeys["UserVerification"]
	return described
}

// clientAsTemplate describes an app client in the words of the template.
func clientAsTemplate(client m) m {
	described := maps.Clone(client)
	if described == nil {
		described = m{}
	}
	_, described["GenerateSecret"] = client["ClientSecret"]
	return described
}

// lacking names the properties of a template that a description does not have.
// Names, and references to other resources, are anybody's own.
func lacking(properties, described m) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		switch name {
		case "UserPoolName", "ClientName", "UserPoolId":
			continue
		}
		if !contains(described[name], properties[name]) {
			names = append(names, name)
		}
	}
	for _, name := range []string{"DeviceConfiguration", "AliasAttributes", "UsernameAttributes", "GenerateSecret"} { // change everything
		if value := described[name]; properties[name] == nil && value != nil && value != false {
			names = append(names, name)
		}
	}
	return names
}

// contains reports whether a description says at least what a template does.
// The order of lists means nothing.
func contains(described, wanted any) bool {
	switch w := wanted.(type) {
	case m:
		d, _ := described.(m)
		for name, value := range w {
			if !contains(d[name], value) {
				return false
			}
		}
		return true
	case []any:
		d, _ := described.([]any)
		return len(d) == len(w) && !slices.ContainsFunc(w, func(item any) bool {
			return !slices.ContainsFunc(d, func(other any) bool { return contains(other, item) })
		})
	default:
		return described == wanted
	}
}

// staticCredentials are those that authtest, which believes everybody, is
// asked with.
func staticCredentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDCONFORMANCE", SecretAccessKey: "none", Source: "conformance"}, nil
	})
}

// newAuthtest returns a target in authtest, its pools made from the template,
// and the server.
func newAuthtest(t *testing.T, like *template) (*target, *authtest.Server) {
	t.Helper()
	server := authtest.NewServer(t, authtest.ServerConfig{ExpectUnknown: true})
	variables := deployTo(t, like, server)
	target, err := newTarget("authtest", func(name string) string { return variables[name] }, staticCredentials())
	if err != nil {
		t.Fatal(err)
	}
	target.api.transport = server.Transport()
	target.code = func(pool, user string) string {
		p, ok := server.Pool(pool)
		if !ok {
			t.Fatalf("there is no pool %s", pool)
		}
		return p.Code(user)
	}
	if err := target.look(t.Context(), like); err != nil {
		t.Fatal(err)
	}
	for role, client := range target.clients {
		if len(client.unlike) > 0 {
			t.Errorf("the pool made for %s is not as the template says: %v", role, client.unlike)
		}
	}
	return target, server
}

// deployTo makes the pools of a template in a server.
func deployTo(t *testing.T, like *template, server *authtest.Server) map[string]string {
	t.Helper()
	a := &api{endpoint: "https://pool.test/", region: server.Region(), transport: server.Transport(), credentials: staticCredentials()}
	variables, err := like.deploy(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return variables
}
