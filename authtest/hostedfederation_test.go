package authtest

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// federatedPool returns a pool with two providers and the pool's own users.
func federatedPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	cfg.OAuth = &OAuth{IdentityProviders: []string{"COGNITO", "Google", "Acme"}}
	p := hostedPool(t, cfg)
	p.AddIdentityProvider(IdentityProvider{Name: "Google", AttributeMapping: map[string]string{"email": "email", "given_name": "first_name", "username": "sub"}})
	p.AddIdentityProvider(IdentityProvider{Name: "Acme", Type: "SAML", Identifiers: []string{"acme.example.com"}, AttributeMapping: map[string]string{"email": "mail", "email_verified": "mail_verified"}})
	return p
}

func TestFederatedSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := federatedPool(t, Config{})
		created := time.Now()
		b := visit(t, p).open(pathAuthorize, asking("identity_provider", "Google", "login_hint", "ana@example.com")).on("Sign in with Google", "")
		if !strings.Contains(b.page, `value="ana@example.com"`) {
			t.Errorf("the page does not say whom the application means:\n%s", b.page)
		}
		b.submit(pathProvider, "subject", " ").on("Sign in with Google", "Missing required parameter sub")
		b.submit(pathProvider, "subject", "123", "claim.email", "ana@example.com", "claim.first_name", "Ana")
		a := form(t, p, pathToken, "", "", exchanging(b.goneTo(testCallback).Get("code")))
		_, id := parseToken(t, p, a.str("id_token"))
		want := []any{m{
			"userId": "123", "providerName": "Google", "providerType": "Google", "issuer": nil, "primary": "true",
			"dateCreated": strconv.FormatInt(created.UnixMilli(), 10),
		}}
		if diff := cmp.Diff(want, id["identities"]); diff != "" {
			t.Errorf("identities (-want +got):\n%s", diff)
		}
		if id["cognito:username"] != "Google_123" || id["email"] != "ana@example.com" || id["email_verified"] != false || id["given_name"] != "Ana" {
			t.Errorf("got ID token %v", id)
		}
		group := p.PoolID() + "_Google"
		if diff := cmp.Diff([]any{group}, id["cognito:groups"]); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		if u, _ := p.User("Google_123"); u.Status != StatusExternalProvider || u.Sub != id["sub"] {
			t.Errorf("got user %v", u)
		}

		// Again, and with other claims.
		time.Sleep(time.Hour)
		b = visit(t, p).open(pathLogin, asking()).on("Sign in", "")
		if !strings.Contains(b.page, "Continue with Google") || !strings.Contains(b.page, "Continue with Acme") {
			t.Errorf("the login page does not lead to the providers:\n%s", b.page)
		}
		b.open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "123", "claim.email", "new@example.com")
		a = form(t, p, pathToken, "", "", exchanging(b.goneTo(testCallback).Get("code")))
		_, again := parseToken(t, p, a.str("id_token"))
		if again["sub"] != id["sub"] || again["email"] != "new@example.com" || again["given_name"] != "Ana" || again["auth_time"] == id["auth_time"] {
			t.Errorf("got ID token %v", again)
		}
	})
}

func TestFederationSettings(t *testing.T) {
	t.Parallel()
	only := OAuth{CallbackURLs: []string{testCallback}, IdentityProviders: []string{"Google"}}
	p := federatedPool(t, Config{Clients: []AppClient{{ClientID: "only", OAuth: &only}}})
	b := visit(t, p).open(pathAuthorize, asking("idp_identifier", "acme.example.com")).on("Sign in with Acme", "")
	b.submit(pathProvider, "subject", "1", "claim.mail", "ana@example.com", "claim.mail_verified", "true").goneTo(testCallback)
	if u, _ := p.User("Acme_1"); u.Email != "ana@example.com" || u.Attributes["email_verified"] != "true" {
		t.Errorf("got %v", u.Attributes)
	}
	// The login is Acme's, and is good for whoever does not ask for another.
	b.open(pathAuthorize, asking("prompt", "none")).gone(p, "Acme_1")
	b.open(pathAuthorize, asking("identity_provider", "Acme")).gone(p, "Acme_1")
	b.open(pathAuthorize, asking("identity_provider", "Google")).on("Sign in with Google", "")
	b.open(pathAuthorize, asking("identity_provider", "COGNITO")).on("Sign in", "")
	if strings.Contains(b.page, "Continue with Google") {
		t.Error("the page for the pool's own users leads to providers")
	}
	if got := b.open(pathAuthorize, asking("identity_provider", "COGNITO", "prompt", "none")).goneTo(testCallback); got.Get("error") != oauthLoginRequired {
		t.Errorf("got %v", got)
	}
	visit(t, p).open(pathAuthorize, asking("client_id", "only")).on("Sign in with Google", "") // which has no choice
	b = visit(t, p).open(pathLogin, asking("client_id", "only")).on("Sign in", "")
	if strings.Contains(b.page, "password") {
		t.Errorf("the page asks for a password:\n%s", b.page)
	}
	if got := locationOf(t, p, pathAuthorize+"?"+asking("client_id", "only", "identity_provider", "Acme").Encode()); got != testCallback+"?state=s1&error=invalid_request" {
		t.Errorf("provider of other clients: got %s", got)
	}
	if got := locationOf(t, p, pathProvider+"?"+asking().Encode()); !strings.HasPrefix(got, pathLogin) {
		t.Errorf("no provider: got %s", got)
	}
}

func TestFederationRefuses(t *testing.T) {
	t.Parallel()
	p := federatedPool(t, Config{RequiredAttributes: []string{"email", "given_name"}})
	from := func(pairs ...string) map[string][]string {
		return visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, pairs...).goneTo(testCallback)
	}
	refusal := func(description string) map[string][]string {
		return map[string][]string{"error": {"invalid_request"}, "error_description": {description}, "state": {"s1"}}
	}
	for _, tt := range []struct {
		name  string
		given []string
		want  string
	}{
		{"required attributes", []string{"subject", "1"}, "attributes required: [email, given_name]"},
		{"odd attribute", []string{"subject", "1", "claim.email", "x", "claim.first_name", "Ana"}, "Invalid email address format."},
	} {
		if diff := cmp.Diff(refusal(tt.want), from(tt.given...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if got := from("subject", "1", "claim.email", "ana@example.com", "claim.first_name", "Ana"); got["code"] == nil {
		t.Fatalf("got %v", got)
	}
	fails(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "Google_1"}, "NotAuthorizedException", "User password cannot be reset in the current state.")
	visit(t, p).login("Google_1", "x").on("Sign in", "Incorrect username or password.")
	admin(t, p, "AdminDisableUser", `"Username":"Google_1"}`)
	if diff := cmp.Diff(refusal("User is disabled."), from("subject", "1", "claim.email", "ana@example.com", "claim.first_name", "Ana")); diff != "" {
		t.Errorf("disabled (-want +got):\n%s", diff)
	}
}

// TestLinkedIdentity checks that an identity that an administrator has linked
// signs in the user it is linked to.
func TestLinkedIdentity(t *testing.T) {
	t.Parallel()
	p := federatedPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	admin(t, p, "AdminLinkProviderForUser", `"DestinationUser":{"ProviderName":"Cognito","ProviderAttributeValue":"ana"},
		"SourceUser":{"ProviderName":"Google","ProviderAttributeName":"Cognito_Subject","ProviderAttributeValue":"123"}}`)
	b := visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "123", "claim.first_name", "Ana")
	a := form(t, p, pathToken, "", "", exchanging(b.goneTo(testCallback).Get("code")))
	_, id := parseToken(t, p, a.str("id_token"))
	if a.status != http.StatusOK || id["cognito:username"] != "ana" || id["given_name"] != "Ana" || id["email"] != "ana@example.com" {
		t.Errorf("got %d and %v", a.status, id)
	}
	if _, ok := p.User("Google_123"); ok {
		t.Error("the identity has a user of its own")
	}
}

func TestAddIdentityProviderMisuse(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	for _, i := range []IdentityProvider{
		{}, {Name: "Google", Type: "OIDC2"}, {Name: "Acme", Type: "Google"}, {Name: "COGNITO"},
		{Name: "Acme", AttributeMapping: map[string]string{"custom:x": "x"}},
	} {
		if err := p.addIdentityProvider(i); err == nil {
			t.Errorf("%+v: got no error", i)
		}
	}
}
