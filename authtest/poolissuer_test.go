package authtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
)

// TestIssuerConfiguration gives a pool the newer form of the issuer and the
// older one back. An SDK that is told of it believes the tokens.
func TestIssuerConfiguration(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	id := createPool(t, client, &cip.CreateUserPoolInput{
		IssuerConfiguration: &types.IssuerConfigurationType{Type: types.IssuerTypeUpdated},
		KeyConfiguration:    &types.KeyConfigurationType{KeyType: types.EncryptionKeyTypeCustomerManagedKey, KmsKeyArn: aws.String("arn:aws:kms:eu-west-1:123456789012:key/a")},
	}).Id
	app := must[cip.CreateUserPoolClientOutput](t)(client.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})).UserPoolClient
	pool := described(t, client, id)
	if pool.IssuerConfiguration.Type != types.IssuerTypeUpdated || pool.KeyConfiguration.KeyType != types.EncryptionKeyTypeCustomerManagedKey ||
		*pool.KeyConfiguration.KmsKeyArn != "arn:aws:kms:eu-west-1:123456789012:key/a" {
		t.Errorf("described as %v and %v", pool.IssuerConfiguration, pool.KeyConfiguration)
	}
	p, _ := s.Pool(*id)
	p.AddUser(User{Name: "ana", Password: testPassword})
	original, updated := "https://cognito-idp.eu-west-1.amazonaws.com/"+*id, "https://issuer-cognito-idp.eu-west-1.amazonaws.com/"+*id

	var access string
	signIn := func(issuer string) error {
		t.Helper()
		c, err := auth.NewClient(t.Context(), auth.Config{UserPoolID: *id, ClientID: *app.ClientId, Issuer: issuer, HTTPClient: s.HTTPClient(), AWS: &aws.Config{}})
		if err != nil {
			t.Fatal(err)
		}
		session, err := auth.NewSession(c, "s")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.SignIn(t.Context(), session, auth.SignInInput{Username: "ana", Password: testPassword}); err != nil {
			return err
		}
		out, err := auth.FetchAuthSession(t.Context(), session, auth.FetchAuthSessionInput{})
		if err != nil {
			return err
		}
		access = string(out.Tokens.AccessToken)
		if got := out.Tokens.AccessClaims.Issuer(); got != out.Tokens.IDClaims.Issuer() || issuer != "" && got != issuer {
			t.Errorf("the issuer is %s, want %s", got, issuer)
		}
		return nil
	}
	if err := signIn(updated); err != nil {
		t.Errorf("an SDK that knows the issuer: %v", err)
	}
	if err := signIn(""); err == nil {
		t.Error("an SDK that expects the other issuer believes the tokens")
	}

	discovered := func() string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Issuer()+"/.well-known/openid-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.HTTPClient().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var document struct {
			Issuer  string `json:"issuer"`
			JWKSURI string `json:"jwks_uri"`
		}
		if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
			t.Fatal(err)
		}
		if document.JWKSURI != document.Issuer+"/.well-known/jwks.json" {
			t.Errorf("the keys of %s are at %s", document.Issuer, document.JWKSURI)
		}
		return document.Issuer
	}
	if diff := cmp.Diff([]string{updated, updated, updated}, []string{p.Issuer(), p.Summary().Issuer, discovered()}); diff != "" {
		t.Errorf("issuers (-want +got):\n%s", diff)
	}

	// The state says it too.
	var state bytes.Buffer
	if err := s.Export(&state); err != nil {
		t.Fatal(err)
	}
	other := newServer(t, ServerConfig{})
	importInto(t, other, state.String())
	if got := other.Pools()[0].Issuer(); got != updated {
		t.Errorf("after an import the issuer is %s", got)
	}

	// What an update leaves out returns to its default. Tokens of before are
	// still good.
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: id}))
	pool = described(t, client, id)
	if p.Issuer() != original || discovered() != original || pool.IssuerConfiguration != nil || pool.KeyConfiguration != nil {
		t.Errorf("the issuer is %s, in the document %s, described as %v", p.Issuer(), discovered(), pool.IssuerConfiguration)
	}
	ok(t, p, "GetUser", m{"AccessToken": access})
	if a := postTo(t, s.HTTPClient(), "GetUser", m{"AccessToken": access}); a.status != http.StatusOK {
		t.Errorf("an older token, through the server: %s", a.raw)
	}
	if err := signIn(""); err != nil {
		t.Errorf("after the update: %v", err)
	}
}

// TestIssuerThatWasChosen keeps an issuer that is not of the service's form.
func TestIssuerThatWasChosen(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{IssuerBase: "http://127.0.0.1:9229"})
	id := createPool(t, sdk(s.Transport()), &cip.CreateUserPoolInput{IssuerConfiguration: &types.IssuerConfigurationType{Type: types.IssuerTypeUpdated}}).Id
	p, _ := s.Pool(*id)
	if want := "http://127.0.0.1:9229/" + *id; p.Issuer() != want {
		t.Errorf("the issuer is %s, want %s", p.Issuer(), want)
	}
}

// TestBadIssuerConfiguration sends values that the service does not know.
func TestBadIssuerConfiguration(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	for _, tt := range []struct {
		name, message string
		member        m
	}{
		{"issuer", "1 validation error detected: Value 'updated' at 'issuerConfiguration.type' failed to satisfy constraint: Member must satisfy enum value set: [ORIGINAL, UPDATED]",
			m{"IssuerConfiguration": m{"Type": "updated"}}},
		{"key", "1 validation error detected: Value 'MINE' at 'keyConfiguration.keyType' failed to satisfy constraint: Member must satisfy enum value set: [AWS_OWNED_KEY, CUSTOMER_MANAGED_KEY]",
			m{"KeyConfiguration": m{"KeyType": "MINE"}}},
		{"ARN", "2 validation errors detected: Value 'x' at 'keyConfiguration.kmsKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern: " + adminShapes()["Arn"].pattern +
			"; Value 'x' at 'keyConfiguration.kmsKeyArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
			m{"KeyConfiguration": m{"KmsKeyArn": "x"}}},
	} {
		tt.member["PoolName"] = "x"
		if a := postTo(t, &http.Client{Transport: withSignature{s.Transport()}}, "CreateUserPool", tt.member); a.code() != invalid || a.message() != tt.message {
			t.Errorf("%s: got %s %q, want %q", tt.name, a.code(), a.message(), tt.message)
		}
	}
}
