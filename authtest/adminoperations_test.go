package authtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// adminBodies are requests of administrators on a pool with the group "g", the
// user "ana", the client "client1", the resource server "server", the domain
// "people" and the provider "Okta". They have everything but UserPoolId.
func adminBodies() map[string]m {
	user := m{"ProviderName": "Okta", "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "1"}
	return map[string]m{
		"AddCustomAttributes":             {"CustomAttributes": []m{{"Name": "x", "AttributeDataType": "Number", "NumberAttributeConstraints": m{"MinValue": "1"}}}},
		"AddUserPoolClientSecret":         {"ClientId": "client1"},
		"AdminAddUserToGroup":             {"Username": "ana", "GroupName": "g"},
		"AdminDisableProviderForUser":     {"User": user},
		"AdminLinkProviderForUser":        {"SourceUser": user, "DestinationUser": m{"ProviderName": "Cognito", "ProviderAttributeValue": "ana"}},
		"AdminListGroupsForUser":          {"Username": "ana", "Limit": 1},
		"AdminRemoveUserFromGroup":        {"Username": "ana", "GroupName": "g"},
		"CreateGroup":                     {"GroupName": "h", "Precedence": 1, "RoleArn": roleARN},
		"CreateIdentityProvider":          {"ProviderName": "Entra", "ProviderType": "SAML", "ProviderDetails": m{"MetadataURL": "x"}, "AttributeMapping": m{"email": "mail"}, "IdpIdentifiers": []string{"x"}},
		"CreateManagedLoginBranding":      {"ClientId": "client1", "Settings": m{"a": m{"b": 1}}, "Assets": []m{{"Category": "FORM_LOGO", "ColorMode": "DARK", "Extension": "PNG", "Bytes": "AAAA"}}},
		"CreateTerms":                     {"ClientId": "client1", "TermsName": "terms-of-use", "TermsSource": "LINK", "Enforcement": "NONE", "Links": m{"cognito:default": "https://example.com"}},
		"CreateResourceServer":            {"Identifier": "x", "Name": "x", "Scopes": []m{{"ScopeName": "read", "ScopeDescription": "x"}}},
		"CreateUserImportJob":             {"JobName": "x", "CloudWatchLogsRoleArn": roleARN},
		"CreateUserPoolClient":            {"ClientName": "x", "GenerateSecret": true, "TokenValidityUnits": m{"AccessToken": "minutes"}, "CallbackURLs": []string{"app://x"}, "AllowedOAuthScopes": []string{"server/read"}},
		"CreateUserPoolDomain":            {"Domain": "login.example.com", "CustomDomainConfig": m{"CertificateArn": certificateARN}},
		"DeleteGroup":                     {"GroupName": "g"},
		"DeleteIdentityProvider":          {"ProviderName": "Okta"},
		"DeleteManagedLoginBranding":      {"ManagedLoginBrandingId": noUUID},
		"DeleteResourceServer":            {"Identifier": "server"},
		"DeleteTerms":                     {"TermsId": noUUID},
		"DeleteUserPool":                  {},
		"DeleteUserPoolClient":            {"ClientId": "client1"},
		"DeleteUserPoolClientSecret":      {"ClientId": "client1", "ClientSecretId": "x"},
		"DeleteUserPoolDomain":            {"Domain": "people"},
		"DescribeIdentityProvider":        {"ProviderName": "Okta"},
		"DescribeManagedLoginBranding":    {"ManagedLoginBrandingId": noUUID, "ReturnMergedResources": true},
		"DescribeResourceServer":          {"Identifier": "server"},
		"DescribeTerms":                   {"TermsId": noUUID},
		"DescribeUserImportJob":           {"JobId": "import-x"},
		"DescribeUserPool":                {},
		"DescribeUserPoolClient":          {"ClientId": "client1"},
		"GetCSVHeader":                    {},
		"GetGroup":                        {"GroupName": "g"},
		"GetIdentityProviderByIdentifier": {"IdpIdentifier": "x"},
		"GetSigningCertificate":           {},
		"GetLogDeliveryConfiguration":     {},
		"GetUICustomization":              {"ClientId": "client1"},
		"GetUserPoolMfaConfig":            {},
		"ListGroups":                      {"Limit": 1},
		"ListIdentityProviders":           {"MaxResults": 1},
		"ListResourceServers":             {"MaxResults": 1},
		"ListTerms":                       {"MaxResults": 1},
		"ListUserImportJobs":              {"MaxResults": 1},
		"ListUserPoolClients":             {"MaxResults": 1},
		"ListUserPoolClientSecrets":       {"ClientId": "client1"},
		"ListUsers":                       {"Filter": `username = "ana"`, "AttributesToGet": []string{"sub"}, "Limit": 1},
		"ListUsersInGroup":                {"GroupName": "g", "Limit": 1},
		"SetLogDeliveryConfiguration":     {"LogConfigurations": []m{{"EventSource": "userNotification", "LogLevel": "ERROR", "CloudWatchLogsConfiguration": m{"LogGroupArn": logGroupARN}}}},
		"SetUICustomization":              {"ClientId": "client1", "CSS": ".label-customizable { color: red }", "ImageFile": "iVBORw0KGgo="},
		"SetUserPoolMfaConfig":            {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": m{"Enabled": true}, "WebAuthnConfiguration": m{"RelyingPartyId": "example.com"}},
		"UpdateGroup":                     {"GroupName": "g", "Description": "x"},
		"StartUserImportJob":              {"JobId": "import-x"},
		"StopUserImportJob":               {"JobId": "import-x"},
		"UpdateIdentityProvider":          {"ProviderName": "Okta", "IdpIdentifiers": []string{"y"}},
		"UpdateManagedLoginBranding":      {"ManagedLoginBrandingId": noUUID, "UseCognitoProvidedValues": true},
		"UpdateResourceServer":            {"Identifier": "server", "Name": "x"},
		"UpdateTerms":                     {"TermsId": noUUID, "Links": m{"cognito:default": "https://example.com"}},
		"UpdateUserPool":                  {"Policies": m{"PasswordPolicy": m{"MinimumLength": 6}}, "AccountRecoverySetting": m{"RecoveryMechanisms": []m{{"Name": "verified_email", "Priority": 1}}}},
		"UpdateUserPoolClient":            {"ClientId": "client1", "ExplicitAuthFlows": []string{"ADMIN_NO_SRP_AUTH"}},
		"UpdateUserPoolDomain":            {"Domain": "people", "ManagedLoginVersion": 2},

		"DescribeManagedLoginBrandingByClient": {"ClientId": "client1"},
	}
}

// noUUID has the form of an id, and is none.
const noUUID = "00000000-0000-4000-8000-000000000000"

// administered returns a server with a pool as [adminBodies] have it.
func administered(t testing.TB, s *Server) *Pool {
	t.Helper()
	p := s.NewPool(Config{ClientID: "client1", ClientSecret: "abcdefghijklmnopqrstuvwx"})
	p.AddUser(User{Name: "ana", Groups: []string{"g"}})
	for operation, body := range map[string]m{
		"CreateResourceServer":   {"Identifier": "server", "Name": "x", "Scopes": []m{{"ScopeName": "read", "ScopeDescription": "x"}}},
		"CreateUserPoolDomain":   {"Domain": "people"},
		"CreateIdentityProvider": {"ProviderName": "Okta", "ProviderType": "SAML", "ProviderDetails": m{"MetadataURL": "x"}},
	} {
		body["UserPoolId"] = p.PoolID()
		if a := postTo(t, &http.Client{Transport: withSignature{s.Transport()}}, operation, body); a.code() != "" {
			t.Fatalf("%s: %s", operation, a.raw)
		}
	}
	return p
}

// TestAdminOperations sends each request to its pool, to another one, and
// without a signature.
func TestAdminOperations(t *testing.T) {
	t.Parallel()
	// Those that fail, as the pool is made, and how.
	refusals := map[string]string{
		"AdminDisableProviderForUser":     "UserNotFoundException",
		"DeleteManagedLoginBranding":      "ResourceNotFoundException",
		"DeleteUserPool":                  "InvalidParameterException",
		"DeleteUserPoolClientSecret":      "ResourceNotFoundException",
		"DescribeUserImportJob":           "ResourceNotFoundException",
		"GetIdentityProviderByIdentifier": "ResourceNotFoundException",
		"UpdateManagedLoginBranding":      "ResourceNotFoundException",
		"DeleteTerms":                     "ResourceNotFoundException",
		"DescribeTerms":                   "ResourceNotFoundException",
		"UpdateTerms":                     "ResourceNotFoundException",

		"DescribeManagedLoginBranding":         "ResourceNotFoundException",
		"DescribeManagedLoginBrandingByClient": "ResourceNotFoundException",
		"StartUserImportJob":                   "ResourceNotFoundException",
		"StopUserImportJob":                    "ResourceNotFoundException",
	}
	for operation, body := range adminBodies() {
		s := newServer(t, ServerConfig{})
		p := administered(t, s)
		unsigned, signed := s.HTTPClient(), &http.Client{Transport: withSignature{s.Transport()}}
		body["UserPoolId"] = "eu-west-1_other"
		if a := postTo(t, signed, operation, body); a.code() != "ResourceNotFoundException" || a.message() != "User pool eu-west-1_other does not exist." {
			t.Errorf("%s in no pool: got %s: %s", operation, a.code(), a.message())
		}
		body["UserPoolId"] = p.PoolID()
		if a := postTo(t, unsigned, operation, body); a.code() != "MissingAuthenticationTokenException" {
			t.Errorf("%s without a signature: got %q", operation, a.code())
		}
		if a := postTo(t, signed, operation, body); a.code() != refusals[operation] {
			t.Errorf("%s: got %s: %s", operation, a.code(), a.message())
		}
	}
}

// FuzzServer sends anything to the operations of a server. Whatever it is, the
// answer is a JSON object and no server error, and a pool that is listed can be
// described.
func FuzzServer(f *testing.F) {
	for operation, body := range adminBodies() {
		body["UserPoolId"] = "POOL"
		text, err := json.Marshal(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(operation, string(text))
	}
	for _, operation := range slices.Sorted(maps.Keys(operations)) {
		f.Add(operation, `{"UserPoolId":"POOL","Username":"ana","ClientId":"client1","Session":"12345678901234567890","AccessToken":"a.b.c"}`)
	}
	f.Add("CreateUserPool", `{"PoolName":"x","Schema":[{"Name":"name","Required":true},{"Name":"x","AttributeDataType":"String"}],"UserPoolTags":{"a":"b"},"LambdaConfig":{"PreSignUp":"`+lambdaARN+`"}}`)
	f.Add("UpdateUserPool", `{"UserPoolId":"POOL","IssuerConfiguration":{"Type":"UPDATED"},"KeyConfiguration":{"KeyType":"AWS_OWNED_KEY"}}`)
	f.Add("TagResource", `{"ResourceArn":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/POOL","Tags":{"a":"b"}}`)
	f.Add("DescribeUserPoolDomain", `{"Domain":"people"}`)
	f.Add("UpdateUserPoolDomain", `{"UserPoolId":"POOL","Domain":"people","Routing":{"Failover":{"PrimaryRoute53HealthCheckId":"x","SecondaryRegion":"eu-central-1"}}}`)
	f.Fuzz(func(t *testing.T, operation, body string) {
		s, err := NewStandaloneServer(ServerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		p := administered(t, s)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://server.test/", strings.NewReader(strings.ReplaceAll(body, "POOL", p.PoolID())))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		res, err := withSignature{s.Transport()}.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if a := readAnswer(t, res); a.status >= 500 || (a.status == http.StatusOK) != (a.code() == "") {
			t.Errorf("got %d: %s", a.status, a.raw)
		}
		for _, p := range s.Pools() {
			p.mu.Lock()
			description, err := json.Marshal(p.describe())
			p.mu.Unlock()
			if err != nil || !json.Valid(description) {
				t.Errorf("pool %s cannot be described: %v", p.PoolID(), err)
			}
		}
	})
}
