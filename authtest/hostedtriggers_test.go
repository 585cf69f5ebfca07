package authtest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hostedTrace returns a pool whose triggers are observed.
func hostedTrace(t testing.TB, cfg Config) (*Pool, *trace) {
	t.Helper()
	tr := &trace{}
	cfg.Triggers = tr.observe(cfg.Triggers)
	return federatedPool(t, cfg), tr
}

// TestTriggersOfManagedLogin checks which triggers run at which pages, and
// which do not.
func TestTriggersOfManagedLogin(t *testing.T) {
	t.Parallel()
	p, tr := hostedTrace(t, Config{})
	ran := func(name, want string) {
		t.Helper()
		if got := tr.sources(); got != want {
			t.Errorf("%s: got triggers %q, want %q", name, got, want)
		}
	}
	b := visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com")
	ran("sign-up", "PreSignUp_SignUp CustomMessage_SignUp")
	b.submit(pathConfirm, "code", p.Code("ana")).gone(p, "ana")
	ran("confirmation", "PostConfirmation_ConfirmSignUp PreAuthentication_Authentication PostAuthentication_Authentication TokenGeneration_HostedAuth")
	code := b.open(pathAuthorize, asking()).goneTo(testCallback).Get("code")
	ran("silent sign-in", "TokenGeneration_HostedAuth")
	a := form(t, p, pathToken, "", "", exchanging(code))
	ran("exchange", "")
	form(t, p, pathToken, "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {a.str("refresh_token")}})
	ran("refresh", "TokenGeneration_RefreshTokens")
	visit(t, p).login("ana", "wrong").on("Sign in", "Incorrect username or password.")
	ran("wrong password", "PreAuthentication_Authentication")
	visit(t, p).login("ana", newPassword).gone(p, "ana")
	ran("sign-in", "PreAuthentication_Authentication PostAuthentication_Authentication TokenGeneration_HostedAuth")

	google := func() *browser {
		return visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "1", "claim.email", "bo@example.com")
	}
	google().gone(p, "Google_1")
	ran("first sign-in with a provider", "PreSignUp_ExternalProvider PostConfirmation_ConfirmSignUp TokenGeneration_HostedAuth")
	google().gone(p, "Google_1")
	ran("second sign-in with a provider", "PreAuthentication_Authentication PostAuthentication_Authentication TokenGeneration_HostedAuth")
}

// TestTriggerRefusesAtPage checks that whoever signs in gets to know why a
// trigger refused: on the page while there is something to try again, else at
// the application.
func TestTriggerRefusesAtPage(t *testing.T) {
	t.Parallel()
	no := func() error { return errors.New("no") }
	tests := []struct {
		name     string
		triggers Triggers
		page     string // whether the login page says it, or the application
		external string // what the application gets of a first sign-in with a provider
	}{
		{name: "PreAuthentication", triggers: Triggers{PreAuthentication: failing[PreAuthenticationEvent](no)}, page: "PreAuthentication"},
		{name: "PostAuthentication", triggers: Triggers{PostAuthentication: failing[PostAuthenticationEvent](no)}, page: "PostAuthentication"},
		{name: "PreTokenGeneration", triggers: Triggers{PreTokenGeneration: failing[PreTokenGenerationEvent](no)}, external: "PreTokenGeneration"},
		{name: "PreSignUp", triggers: Triggers{PreSignUp: failing[PreSignUpEvent](no)}, external: "PreSignUp"},
		{name: "PostConfirmation", triggers: Triggers{PostConfirmation: failing[PostConfirmationEvent](no)}, external: "PostConfirmation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := federatedPool(t, Config{Triggers: tt.triggers})
			p.AddUser(User{Name: "ana", Password: newPassword})
			b := visit(t, p).login("ana", newPassword)
			refusal := tt.name + " failed with error no."
			refused := url.Values{"error": {"invalid_request"}, "error_description": {refusal}, "state": {"s1"}}
			switch {
			case tt.page != "":
				b.on("Sign in", refusal)
			case tt.name == "PreTokenGeneration":
				if diff := cmp.Diff(refused, b.goneTo(testCallback)); diff != "" {
					t.Errorf("the application got (-want +got):\n%s", diff)
				}
				b.open(pathAuthorize, asking()).on("Sign in", "") // as somebody else, perhaps
			default:
				b.gone(p, "ana")
			}
			got := visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).
				submit(pathProvider, "subject", "1").goneTo(testCallback)
			if tt.external == "" {
				if got.Get("code") == "" {
					t.Errorf("first sign-in with a provider: got %v", got)
				}
				got = visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).
					submit(pathProvider, "subject", "1").goneTo(testCallback)
			}
			if diff := cmp.Diff(refused, got); diff != "" {
				t.Errorf("with a provider (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTokenTriggerOfManagedLogin changes the tokens of both flows, and looks at
// the scopes that the trigger is told.
func TestTokenTriggerOfManagedLogin(t *testing.T) {
	t.Parallel()
	var told []string
	p := anaPool(t, Config{Triggers: Triggers{PreTokenGenerationV2: func(e *PreTokenGenerationV2Event) error {
		told = append(told, fmt.Sprint(e.TriggerSource, e.Request.Scopes, e.CallerContext.ClientID, e.Version))
		e.Response.ClaimsAndScopeOverrideDetails = &ClaimsAndScopeOverrideDetails{
			IDTokenGeneration:     IDTokenGeneration{ClaimsToAddOrOverride: map[string]any{"tier": 1, "at_hash": "x"}, ClaimsToSuppress: []string{"email"}},
			AccessTokenGeneration: AccessTokenGeneration{ScopesToAdd: []string{"more"}, ScopesToSuppress: []string{"email"}},
		}
		return nil
	}}})
	check := func(access, id string) {
		t.Helper()
		_, claims := parseToken(t, p, id)
		if claims["tier"] != 1.0 || claims["email"] != nil || claims["at_hash"] != accessTokenHash(access) {
			t.Errorf("got ID token %v", claims)
		}
		if _, claims := parseToken(t, p, access); claims["scope"] != "openid more" {
			t.Errorf("got scope %v", claims["scope"])
		}
	}
	a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", "openid email"))))
	check(a.str("access_token"), a.str("id_token"))
	b := form(t, p, pathToken, "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {a.str("refresh_token")}})
	check(b.str("access_token"), b.str("id_token"))
	got := visit(t, p).open(pathAuthorize, asking("response_type", "token", "scope", "openid email")).
		submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(testCallback)
	check(got.Get("access_token"), got.Get("id_token"))
	want := []string{
		"TokenGeneration_HostedAuth[openid email]client12", "TokenGeneration_RefreshTokens[openid email]client12",
		"TokenGeneration_HostedAuth[openid email]client12",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

const machineScope = "https://api.example.com/read"

// machine returns an app client that acts for itself.
func machine() AppClient {
	return AppClient{
		ClientID: "machine", ClientSecret: testSecret,
		OAuth: &OAuth{Flows: []OAuthFlow{OAuthFlowClientCredentials}, Scopes: []string{machineScope}},
	}
}

// machineToken makes the pool have the scope of that client, and asks for its
// token.
func machineToken(t testing.TB, p *Pool) answer {
	t.Helper()
	if a := postSigned(t, p, "DescribeResourceServer", `"Identifier":"https://api.example.com"}`); a.status != http.StatusOK {
		admin(t, p, "CreateResourceServer", `"Identifier":"https://api.example.com","Name":"S","Scopes":[{"ScopeName":"read","ScopeDescription":"r"}]}`)
	}
	return form(t, p, pathToken, "machine", testSecret, url.Values{"grant_type": {"client_credentials"}, "aws_client_metadata": {`{"from":"app"}`}})
}

// TestTokenTriggerOfMachine lets the trigger change the token of a client that
// acts for itself. Version V1_0 is not asked, nor is V2_0.
func TestTokenTriggerOfMachine(t *testing.T) {
	t.Parallel()
	var fail error
	add := func(e *PreTokenGenerationV2Event) error {
		e.Response.ClaimsAndScopeOverrideDetails = &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{
			ClaimsToAddOrOverride: map[string]any{"tenant": e.Request.ClientMetadata["from"]}, ScopesToAdd: []string{"more"},
		}}
		return fail
	}
	for _, tt := range []struct {
		name     string
		triggers Triggers
		want     string
	}{
		{"V3_0", Triggers{PreTokenGenerationV2: asVersion("3", add)}, machineScope + " more app"},
		{"V2_0", Triggers{PreTokenGenerationV2: asVersion("2", add)}, machineScope + " <nil>"},
		{"V1_0", Triggers{PreTokenGeneration: failing[PreTokenGenerationEvent](func() error { return errors.New("no") })}, machineScope + " <nil>"},
	} {
		p := hostedPool(t, Config{Triggers: tt.triggers, Clients: []AppClient{machine()}})
		a := machineToken(t, p)
		_, claims := parseToken(t, p, a.str("access_token"))
		if got := fmt.Sprint(claims["scope"], " ", claims["tenant"]); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
		if tt.name != "V3_0" {
			continue
		}
		fail = errors.New("no")
		a = machineToken(t, p)
		want := m{"error": "invalid_request", "error_description": "PreTokenGeneration failed with error no."}
		if diff := cmp.Diff(want, a.body); diff != "" || a.status != http.StatusBadRequest {
			t.Errorf("refused: got %d (-want +got):\n%s", a.status, diff)
		}
		fail = nil
	}
}

// TestLinkInPreSignUp links an identity in the trigger that its first sign-in
// runs: the next one is of the user whom it is linked to.
func TestLinkInPreSignUp(t *testing.T) {
	t.Parallel()
	var p *Pool
	p = federatedPool(t, Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
		provider, subject, _ := strings.Cut(e.UserName, "_")
		admin(t, p, "AdminLinkProviderForUser", `"DestinationUser":{"ProviderName":"Cognito","ProviderAttributeValue":"ana"},
			"SourceUser":{"ProviderName":"`+provider+`","ProviderAttributeName":"Cognito_Subject","ProviderAttributeValue":"`+subject+`"}}`)
		return nil
	}}})
	p.AddUser(User{Name: "ana", Password: newPassword})
	google := func() *browser {
		return visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "1")
	}
	want := url.Values{"error": {"invalid_request"}, "error_description": {"Already found an entry for username Google_1"}, "state": {"s1"}}
	if diff := cmp.Diff(want, google().goneTo(testCallback)); diff != "" {
		t.Errorf("first sign-in (-want +got):\n%s", diff)
	}
	google().gone(p, "ana")
}

// TestExternalSignUpVerified lets the trigger vouch for an address.
func TestExternalSignUpVerified(t *testing.T) {
	t.Parallel()
	p := federatedPool(t, Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
		e.Response.AutoConfirmUser, e.Response.AutoVerifyEmail = true, true
		return nil
	}}})
	visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "1", "claim.email", "a@example.com").gone(p, "Google_1")
	if u, _ := p.User("Google_1"); u.Attributes["email_verified"] != "true" || u.Status != StatusExternalProvider {
		t.Errorf("got %s with %v", u.Status, u.Attributes)
	}
	visit(t, p).open(pathAuthorize, asking("identity_provider", "Google")).submit(pathProvider, "subject", "2")
	if _, ok := p.User("Google_2"); ok {
		t.Error("an address that is not there has been verified")
	}
}
