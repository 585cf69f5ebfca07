package authtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDomainURL(t *testing.T) {
	t.Parallel()
	if got := newPool(t, Config{}).DomainURL(); got != "" {
		t.Errorf("no domain: got %q", got)
	}
	p := hostedPool(t, Config{PoolID: "us-west-2_AbC123def"})
	if got := p.DomainURL(); got != "https://people.auth.us-west-2.amazoncognito.com" {
		t.Errorf("got %q", got)
	}
	if base := p.Start(); p.DomainURL() != base {
		t.Errorf("started: got %q, want %q", p.DomainURL(), base)
	}
	p.Close()
	if got := p.DomainURL(); got != "https://people.auth.us-west-2.amazoncognito.com" {
		t.Errorf("closed: got %q", got)
	}
	if got := newPool(t, Config{}).DomainURL(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestDomainNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"People", "-a", "a-", "a.b", "my-aws", "cognito", "amazonas"} {
		if _, err := New(Config{Domain: name}); err == nil {
			t.Errorf("%q: got no error", name)
		}
	}
	s := newServer(t, ServerConfig{})
	s.NewPool(Config{Domain: "people"})
	if _, err := s.AddPool(Config{Domain: "people"}); err == nil {
		t.Error("a second pool has the domain")
	}
}

// TestDomainOnServer checks that requests find the pool whose domain they are
// for.
func TestDomainOnServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	oauth := OAuth{CallbackURLs: []string{testCallback}}
	one := s.NewPool(Config{Domain: "one", ClientID: "client1", OAuth: &oauth})
	s.NewPool(Config{})
	address := func(host string) string { return "http://" + host + pathLogin + "?" + asking().Encode() }
	title := func(host string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address(host), nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &browser{t: t, client: s.HTTPClient()}
		return b.send(r).title()
	}
	for _, host := range []string{"one.auth.eu-west-1.amazoncognito.com", "one.localhost:8080", "ONE.localhost", "localhost:8080", "127.0.0.1", "pool.test"} {
		if got := title(host); got != "Sign in" {
			t.Errorf("%s with one domain: got page %q", host, got)
		}
	}
	two := s.NewPool(Config{Domain: "two", ClientID: "client2", OAuth: &oauth})
	for host, want := range map[string]string{
		"one.auth.eu-west-1.amazoncognito.com": "Sign in",
		"one.localhost:8080":                   "Sign in",
		"two.localhost:8080":                   "Error", // which does not have the client
		"two.auth.eu-west-1.amazoncognito.com": "Error",
		"two.auth.us-east-1.amazoncognito.com": "",
		"localhost:8080":                       "",
		"three.localhost":                      "",
	} {
		if got := title(host); got != want {
			t.Errorf("%s with two domains: got page %q, want %q", host, got, want)
		}
	}
	base, err := url.Parse(s.Start())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := one.DomainURL(), "http://one.localhost:"+base.Port(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	admin(t, two, "DeleteUserPoolDomain", `"Domain":"two"}`)
	if got, want := one.DomainURL(), base.String(); got != want {
		t.Errorf("with one domain left: got %q, want %q", got, want)
	}
	if got := title("localhost:8080"); got != "Sign in" {
		t.Errorf("with one domain left: got page %q", got)
	}
	if got := two.DomainURL(); got != "" {
		t.Errorf("without a domain: got %q", got)
	}
}

// TestDomainOfAnOperation checks that domains that operations give a pool are
// as good.
func TestDomainOfAnOperation(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{OAuth: &OAuth{CallbackURLs: []string{testCallback}}})
	p.AddUser(User{Name: "ana", Password: "correct horse"})
	b := newBrowser(t, p.HTTPClient(), "https://people.auth.eu-west-1.amazoncognito.com")
	if b.open(pathAuthorize, asking()); b.status != http.StatusNotFound {
		t.Errorf("without a domain: got %d", b.status)
	}
	admin(t, p, "CreateUserPoolDomain", `"Domain":"people"}`)
	b.open(pathAuthorize, asking()).submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(testCallback)
}

// TestDiscovery checks that the provider's configuration names the endpoints
// of the domain, where whoever asks can reach them.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	one := s.NewPool(Config{Domain: "one", PoolID: "eu-west-1_one"})
	s.NewPool(Config{PoolID: "eu-west-1_none"})
	ask := func(host, id string) map[string]any {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/"+id+discoverySuffix, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.HTTPClient().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return readAnswer(t, res).body
	}
	const domain = "https://one.auth.eu-west-1.amazoncognito.com"
	want := m{
		"authorization_endpoint": domain + "/oauth2/authorize", "end_session_endpoint": domain + "/logout",
		"id_token_signing_alg_values_supported": []any{"RS256"}, "issuer": one.Issuer(), "jwks_uri": one.Issuer() + "/.well-known/jwks.json",
		"response_types_supported": []any{"code", "token"}, "revocation_endpoint": domain + "/oauth2/revoke",
		"scopes_supported": []any{"openid", "email", "phone", "profile"}, "subject_types_supported": []any{"public"},
		"token_endpoint": domain + "/oauth2/token", "token_endpoint_auth_methods_supported": []any{"client_secret_basic", "client_secret_post"},
		"userinfo_endpoint": domain + "/oauth2/userInfo",
	}
	if diff := cmp.Diff(want, ask("cognito-idp.eu-west-1.amazonaws.com", "eu-west-1_one")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ask("localhost:8080", "eu-west-1_one")["token_endpoint"]; got != "http://localhost:8080/oauth2/token" {
		t.Errorf("on loopback: got %v", got)
	}
	if got := ask("localhost:8080", "eu-west-1_one")["jwks_uri"]; got != "http://localhost:8080/eu-west-1_one/.well-known/jwks.json" {
		t.Errorf("the key set on loopback: got %v", got)
	}
	if got := ask("localhost:8080", "eu-west-1_none"); got["token_endpoint"] != nil || got["issuer"] == nil {
		t.Errorf("without a domain: got %v", got)
	}
	s.NewPool(Config{Domain: "two"})
	if got := ask("localhost:8080", "eu-west-1_one")["token_endpoint"]; got != "http://one.localhost:8080/oauth2/token" {
		t.Errorf("on loopback with two domains: got %v", got)
	}
	var d discovery
	if err := json.Unmarshal([]byte(jsonText(want)), &d); err != nil {
		t.Fatal(err)
	}
}
