package authtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAuthorizeRefuses checks what becomes of authorizations that cannot be:
// those that name no place to go back to end on a page, all others go there.
func TestAuthorizeRefuses(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{Clients: []AppClient{
		{ClientID: "api"},
		{ClientID: "codeonly", OAuth: &OAuth{CallbackURLs: []string{testCallback}, Scopes: []string{"openid", "email", "server/read"}}},
		{ClientID: "default", OAuth: &OAuth{CallbackURLs: []string{"https://default.example.com/"}, DefaultRedirectURI: "https://default.example.com/"}},
		{ClientID: "query", OAuth: &OAuth{CallbackURLs: []string{testCallback + "?a=b"}}},
	}})
	challenge := strings.Repeat("a", 43)
	back := func(parameters string) string { return testCallback + "?" + parameters }
	for _, tt := range []struct {
		name  string
		query url.Values
		want  string
	}{
		{"nothing", url.Values{}, "/error?error=Required+parameters+missing"},
		{"no client", asking("client_id", ""), "/error?error=Required+parameters+missing"},
		{"no redirect URI", asking("redirect_uri", ""), "/error?error=Required+parameters+missing"},
		{"unknown client", asking("client_id", "nobody"), "/error?error=Client+does+not+exist"},
		{"client without OAuth", asking("client_id", "api"), "/error?error=Client+is+not+enabled+for+OAuth2.0+flows.&client_id=api"},
		{"other redirect URI", asking("redirect_uri", "https://evil.example.com/"), "/error?error=redirect_mismatch&client_id=client1"},
		{"slash at the end", asking("redirect_uri", testCallback+"/"), "/error?error=redirect_mismatch&client_id=client1"},
		{"other case", asking("redirect_uri", strings.ToUpper(testCallback)), "/error?error=redirect_mismatch&client_id=client1"},
		{"further query", asking("redirect_uri", testCallback+"?a=b"), "/error?error=redirect_mismatch&client_id=client1"},
		{"no response type", asking("response_type", ""), back("state=s1&error=invalid_request")},
		{"other response type", asking("response_type", "id_token"), back("state=s1&error=invalid_request")},
		{"without state", asking("response_type", "", "state", ""), back("error=invalid_request")},
		{"grant of others", asking("client_id", "codeonly", "response_type", "token"),
			testCallback + "#error_description=unauthorized_client&state=s1&error=invalid_request"},
		{"scope of others", asking("client_id", "codeonly", "scope", "openid phone"),
			back("error_description=invalid_scope&state=s1&error=invalid_request")},
		{"scope that nobody has", asking("scope", "openid offline_access"), back("error_description=invalid_scope&state=s1&error=invalid_request")},
		{"scope in the implicit flow", asking("scope", "nothing", "response_type", "token"),
			testCallback + "#error_description=invalid_scope&state=s1&error=invalid_request"},
		{"email without openid", asking("scope", "email"), back("error_description=invalid_scope&state=s1&error=invalid_request")},
		{"challenge without method", asking("code_challenge", challenge), back("state=s1&error=invalid_request")},
		{"method without challenge", asking("code_challenge_method", "S256"), back("state=s1&error=invalid_request")},
		{"plain challenge", asking("code_challenge", challenge, "code_challenge_method", "plain"), back("state=s1&error=invalid_request")},
		{"short challenge", asking("code_challenge", challenge[1:], "code_challenge_method", "S256"), back("state=s1&error=invalid_request")},
		{"odd challenge", asking("code_challenge", "+"+challenge, "code_challenge_method", "S256"), back("state=s1&error=invalid_request")},
		{"JSON as state", asking("state", `{"a":1}`), back("error=invalid_request")},
		{"unknown provider", asking("identity_provider", "Google"), back("state=s1&error=invalid_request")},
		{"unknown identifier", asking("idp_identifier", "acme"), back("state=s1&error=invalid_request")},
		{"resource that is no URL", asking("resource", "acme"), back("state=s1&error=invalid_request")},
		{"resource on the network in the clear", asking("resource", "http://api.example.com"), back("state=s1&error=invalid_request")},
		{"silently without login", asking("prompt", "none"), back("state=s1&error=login_required")},
		{"silently and with a form", asking("prompt", "none login"), back("state=s1&error=invalid_request")},
		{"callback with a query", asking("client_id", "query", "redirect_uri", testCallback+"?a=b", "prompt", "none"),
			testCallback + "?a=b&state=s1&error=login_required"},
		{"default redirect URI", asking("client_id", "default", "redirect_uri", "", "prompt", "none"),
			"https://default.example.com/?state=s1&error=login_required"},
		{"repeated parameter", url.Values{"response_type": {"code"}, "client_id": {"client1"}, "redirect_uri": {testCallback}, "scope": {"openid", "email"}},
			back("error=invalid_request")},
		{"app", asking("redirect_uri", "myapp://callback", "prompt", "none"), "myapp://callback?state=s1&error=login_required"},
	} {
		for _, path := range []string{pathAuthorize, pathLogin} {
			if path == pathLogin && tt.query.Get("prompt") == "none" {
				continue // that page has been asked for
			}
			t.Run(tt.name+" at "+path, func(t *testing.T) {
				t.Parallel()
				if got := locationOf(t, p, path+"?"+tt.query.Encode()); got != tt.want {
					t.Errorf("got %s\nwant %s", got, tt.want)
				}
			})
		}
	}
}

// locationOf returns where one request to the domain redirects to.
func locationOf(t testing.TB, p *Pool, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.DomainURL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := used(p.HTTPClient()).Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusFound {
		t.Fatalf("got status %d, want a redirect", res.StatusCode)
	}
	return res.Header.Get("Location")
}

func TestErrorPageShowsNothingElse(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	for _, tt := range []struct{ message, want string }{
		{"redirect_mismatch", "redirect_mismatch"},
		{"Required parameters missing", "Required parameters missing"},
		{"Call +1 555 0100 to restore your account", "invalid_request"},
		{"<script>alert(1)</script>", "invalid_request"},
		{"", "invalid_request"},
	} {
		b := visit(t, p).open(pathError, url.Values{"error": {tt.message}, "client_id": {"<b>"}}).on("Error", tt.want)
		if b.status != http.StatusBadRequest || strings.Contains(b.page, "<b>") {
			t.Errorf("%q: got status %d and page\n%s", tt.message, b.status, b.page)
		}
	}
}

// TestAuthorizeLeadsToLogin checks that the login page gets what the
// application said.
func TestAuthorizeLeadsToLogin(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	query := asking("scope", "openid email", "nonce", "n1", "login_hint", "ana@example.com", "lang", "fr", "prompt", "select_account consent")
	if got, want := locationOf(t, p, pathAuthorize+"?"+query.Encode()), pathLogin+"?"+query.Encode(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	b := visit(t, p).open(pathAuthorize, query).on("Sign in", "")
	if !strings.Contains(b.page, `value="ana@example.com"`) {
		t.Errorf("the page does not say whom the application means:\n%s", b.page)
	}
}

// TestSilentSignIn checks who goes straight back to the application.
func TestSilentSignIn(t *testing.T) {
	t.Parallel()
	other := OAuth{CallbackURLs: []string{"https://other.example.com/"}}
	p := hostedPool(t, Config{Clients: []AppClient{{ClientID: "other", OAuth: &other}}})
	p.AddUser(User{Name: "ana", Password: "correct horse"})
	for _, tt := range []struct {
		name   string
		query  url.Values
		before func(b *browser)
		want   string // the error, "login" for the login page, empty for a code
	}{
		{"again", asking(), nil, ""},
		{"asked not to prompt", asking("prompt", "none"), nil, ""},
		{"asked to prompt", asking("prompt", "login"), nil, "login"},
		{"asked for consent, which there is none of", asking("prompt", "consent"), nil, ""},
		{"recent enough", asking("max_age", "60"), nil, ""},
		{"by the pool's users", asking("identity_provider", "COGNITO"), nil, ""},
		{"another client", url.Values{"response_type": {"code"}, "client_id": {"other"}, "redirect_uri": {"https://other.example.com/"}}, nil, ""},
		{"disabled since", asking("prompt", "none"), func(*browser) { setEnabled(t, p, false) }, "login_required"},
		{"disabled and enabled since", asking("prompt", "none"), func(*browser) { setEnabled(t, p, false); setEnabled(t, p, true) }, ""},
		{"signed out everywhere", asking("prompt", "none"), func(*browser) {
			admin(t, p, "AdminUserGlobalSignOut", `"Username":"ana"}`)
		}, ""}, // documented: the login is none of it
	} {
		b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana", "password", "correct horse")
		b.goneTo(testCallback)
		if tt.before != nil {
			tt.before(b)
		}
		b.open(pathAuthorize, tt.query)
		setEnabled(t, p, true)
		if tt.want == "login" {
			b.on("Sign in", "")
			continue
		}
		got := b.goneTo(tt.query.Get("redirect_uri"))
		if got.Get("error") != tt.want || (got.Get("code") == "") == (tt.want == "") {
			t.Errorf("%s: got %v, want error %q", tt.name, got, tt.want)
		}
	}
	visit(t, p).open(pathAuthorize, asking("prompt", "none")).goneTo(testCallback) // nobody else's browser
}

func setEnabled(t testing.TB, p *Pool, enabled bool) {
	t.Helper()
	operation := "AdminDisableUser"
	if enabled {
		operation = "AdminEnableUser"
	}
	admin(t, p, operation, `"Username":"ana"}`)
}

func TestDeletedUserIsNotSignedIn(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse"})
	b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana", "password", "correct horse")
	b.goneTo(testCallback)
	admin(t, p, "AdminDeleteUser", `"Username":"ana"}`)
	b.open(pathAuthorize, asking()).on("Sign in", "")
}

// TestImplicitFlow checks the tokens that an application gets in the fragment.
func TestImplicitFlow(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	for _, tt := range []struct {
		name, scope string
		want        []string
	}{
		{"with openid", "openid", []string{"access_token", "expires_in", "id_token", "state", "token_type"}},
		{"without", adminScope, []string{"access_token", "expires_in", "state", "token_type"}},
	} {
		got := visit(t, p).open(pathAuthorize, asking("response_type", "token", "scope", tt.scope)).
			submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(testCallback)
		var names []string
		for name := range got {
			names = append(names, name)
		}
		slices.Sort(names)
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%s: parameters (-want +got):\n%s", tt.name, diff)
		}
		if got.Get("token_type") != "Bearer" || got.Get("expires_in") != "3600" {
			t.Errorf("%s: got %v", tt.name, got)
		}
		_, claims := parseToken(t, p, got.Get("access_token"))
		if claims["scope"] != tt.scope {
			t.Errorf("%s: got scope %v, want %s", tt.name, claims["scope"], tt.scope)
		}
	}
}
