package authtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/cognitokit/auth/tokens"
)

// form sends a form to an endpoint of the domain, with Basic authentication if
// id is not empty.
func form(t testing.TB, p *Pool, path, id, secret string, values url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.DomainURL()+path, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id != "" {
		r.SetBasicAuth(id, secret)
	}
	res, err := used(p.HTTPClient()).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, res)
}

// codeFor signs ana in and returns the code that the application gets.
func codeFor(t testing.TB, p *Pool, query url.Values) string {
	t.Helper()
	got := visit(t, p).open(pathAuthorize, query).submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(query.Get("redirect_uri"))
	if got.Get("code") == "" {
		t.Fatalf("got %v, want a code", got)
	}
	return got.Get("code")
}

// exchanging are the parameters of an ordinary exchange of a code, changed by
// pairs.
func exchanging(code string, pairs ...string) url.Values {
	v := url.Values{"grant_type": {"authorization_code"}, "client_id": {"client1"}, "code": {code}, "redirect_uri": {testCallback}}
	for i := 0; i < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}

func anaPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	p := hostedPool(t, cfg)
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com", Phone: "+12065550100",
		Attributes: map[string]string{"given_name": "Ana", "address": "here"}})
	return p
}

// TestTokenRefuses checks every way in which the token endpoint says no.
func TestTokenRefuses(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{Clients: []AppClient{
		{ClientID: "confidential", ClientSecret: testSecret, OAuth: &OAuth{CallbackURLs: []string{testCallback}}},
		{ClientID: "implicit", OAuth: &OAuth{CallbackURLs: []string{testCallback}, Flows: []OAuthFlow{OAuthFlowImplicit}}, ExplicitAuthFlows: []AuthFlow{AllowUserSRP}},
		{ClientID: "machine", ClientSecret: testSecret, OAuth: &OAuth{Flows: []OAuthFlow{OAuthFlowClientCredentials}, Scopes: []string{"server/read", "gone/read", "openid"}}, ExplicitAuthFlows: []AuthFlow{AllowUserSRP}},
	}})
	admin(t, p, "CreateResourceServer", `"Identifier":"server","Name":"S","Scopes":[{"ScopeName":"read","ScopeDescription":"r"},{"ScopeName":"write","ScopeDescription":"w"}]}`)
	fresh := func() string { return codeFor(t, p, asking()) }
	used := fresh()
	if a := form(t, p, pathToken, "", "", exchanging(used)); a.status != http.StatusOK {
		t.Fatalf("got %d %s, want tokens", a.status, a.raw)
	}
	verifier := strings.Repeat("v", 50)
	bound := func() string {
		return codeFor(t, p, asking("code_challenge", oauth2.S256ChallengeFromVerifier(verifier), "code_challenge_method", "S256"))
	}
	for _, tt := range []struct {
		name       string
		id, secret string // Basic authentication
		values     url.Values
		status     int
		want       string
	}{
		{"nothing", "", "", url.Values{}, 400, `{"error":"invalid_request"}`},
		{"no grant type", "", "", exchanging(fresh(), "grant_type", ""), 400, `{"error":"invalid_request"}`},
		{"other grant type", "", "", exchanging(fresh(), "grant_type", "password"), 400, `{"error":"unsupported_grant_type"}`},
		{"no client", "", "", exchanging(fresh(), "client_id", ""), 400, `{"error":"invalid_request"}`},
		{"unknown client", "", "", exchanging(fresh(), "client_id", "nobody"), 400, `{"error":"invalid_client"}`},
		{"no secret", "", "", exchanging(fresh(), "client_id", "confidential"), 400, `{"error":"invalid_client"}`},
		{"wrong secret", "", "", exchanging(fresh(), "client_id", "confidential", "client_secret", "x"), 400, `{"error":"invalid_client"}`},
		{"wrong secret in the header", "confidential", "x", exchanging(fresh(), "client_id", ""), 400, `{"error":"invalid_client"}`},
		{"secret of a client without", "", "", exchanging(fresh(), "client_secret", testSecret), 400, `{"error":"invalid_client"}`},
		{"two clients", "confidential", testSecret, exchanging(fresh()), 400, `{"error":"invalid_client"}`},
		{"no code", "", "", exchanging("", "code", ""), 400, `{"error":"invalid_request"}`},
		{"no redirect URI", "", "", exchanging(fresh(), "redirect_uri", ""), 400, `{"error":"invalid_request"}`},
		{"other redirect URI", "", "", exchanging(fresh(), "redirect_uri", testCallback+"/"), 400, `{"error":"unauthorized_client","error_description":"invalid_redirect"}`},
		{"other registered redirect URI", "", "", exchanging(fresh(), "redirect_uri", "myapp://callback"), 400, `{"error":"unauthorized_client","error_description":"invalid_redirect"}`},
		{"code that never was", "", "", exchanging("00000000-0000-4000-8000-000000000000"), 400, `{"error":"invalid_grant"}`},
		{"code used before", "", "", exchanging(used), 400, `{"error":"invalid_grant"}`},
		{"code of another client", "confidential", testSecret, exchanging(fresh(), "client_id", ""), 400, `{"error":"invalid_grant"}`},
		{"no verifier", "", "", exchanging(bound()), 400, `{"error":"invalid_grant"}`},
		{"wrong verifier", "", "", exchanging(bound(), "code_verifier", verifier+"v"), 400, `{"error":"invalid_grant"}`},
		{"challenge for a verifier", "", "", exchanging(bound(), "code_verifier", oauth2.S256ChallengeFromVerifier(verifier)), 400, `{"error":"invalid_grant"}`},
		{"client without the code grant", "", "", exchanging(fresh(), "client_id", "implicit"), 400, `{"error":"unauthorized_client"}`},
		{"repeated parameter", "", "", url.Values{"grant_type": {"authorization_code"}, "client_id": {"client1", "client1"}, "code": {used}, "redirect_uri": {testCallback}}, 400, `{"error":"invalid_request"}`},

		{"no refresh token", "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}}, 400, `{"error":"invalid_request"}`},
		{"refresh token that never was", "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {"x"}}, 400, `{"error":"invalid_grant"}`},
		{"refresh token with blanks", "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {"x y"}}, 400, `{"error":"invalid_grant"}`},
		{"client that does not refresh", "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"implicit"}, "refresh_token": {"x"}}, 400, `{"error":"unauthorized_client"}`},

		{"person's client as a machine", "", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {"client1"}}, 400, `{"error":"unauthorized_client"}`},
		{"machine without a secret", "", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {"machine"}}, 400, `{"error":"invalid_client"}`},
		{"scope that the client may not have", "machine", testSecret, url.Values{"grant_type": {"client_credentials"}, "scope": {"server/write"}}, 400, `{"error":"invalid_scope"}`},
		{"scope that no server has", "machine", testSecret, url.Values{"grant_type": {"client_credentials"}, "scope": {"gone/read"}}, 400, `{"error":"invalid_scope"}`},
		{"person's scope", "machine", testSecret, url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}}, 400, `{"error":"invalid_scope"}`},
		{"metadata that is no JSON", "machine", testSecret, url.Values{"grant_type": {"client_credentials"}, "aws_client_metadata": {"x"}}, 400, `{"error":"invalid_request"}`},
		{"machine with a code", "machine", testSecret, exchanging(fresh(), "client_id", ""), 400, `{"error":"unauthorized_client"}`},
		{"machine that refreshes", "machine", testSecret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, 400, `{"error":"unauthorized_client"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := form(t, p, pathToken, tt.id, tt.secret, tt.values)
			if a.status != tt.status || a.raw != tt.want {
				t.Errorf("got %d %s\nwant %d %s", a.status, a.raw, tt.status, tt.want)
			}
			if a.header.Get("Content-Type") != "application/json;charset=UTF-8" || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
				t.Errorf("got headers %v", a.header)
			}
			if a.header.Get("X-Amz-Cognito-Request-Id") == "" || a.header.Get("X-Amzn-Requestid") != "" || a.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("got headers %v", a.header)
			}
		})
	}
}

// TestCodeHasOneTry checks that a code that was tried in vain is spent.
func TestCodeHasOneTry(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	verifier := oauth2.GenerateVerifier()
	code := codeFor(t, p, asking("code_challenge", oauth2.S256ChallengeFromVerifier(verifier), "code_challenge_method", "S256"))
	for _, guess := range []string{oauth2.GenerateVerifier(), verifier} {
		if a := form(t, p, pathToken, "", "", exchanging(code, "code_verifier", guess)); a.raw != `{"error":"invalid_grant"}` {
			t.Fatalf("got %d %s, want invalid_grant", a.status, a.raw)
		}
	}
}

func TestCodesExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := anaPool(t, Config{})
		early, late := codeFor(t, p, asking()), codeFor(t, p, asking())
		time.Sleep(codeValidity - time.Second)
		if a := form(t, p, pathToken, "", "", exchanging(early)); a.status != http.StatusOK {
			t.Errorf("in time: got %d %s, want tokens", a.status, a.raw)
		}
		time.Sleep(time.Second)
		if a := form(t, p, pathToken, "", "", exchanging(late)); a.raw != `{"error":"invalid_grant"}` {
			t.Errorf("too late: got %d %s, want invalid_grant", a.status, a.raw)
		}
	})
}

// TestTokensOfScopes checks what is in the tokens of the code grant.
func TestTokensOfScopes(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{CustomAttributes: []string{"plan"}, Domain: "scopes"})
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"custom:plan","Value":"gold"}]}`)
	always := []string{"at_hash", "aud", "auth_time", "cognito:username", "event_id", "exp", "iat", "iss", "jti", "nonce", "origin_jti", "sub", "token_use"}
	for _, tt := range []struct {
		scope      string
		attributes []string // nil for no ID token
	}{
		{"openid", []string{"address", "custom:plan", "email", "email_verified", "given_name", "phone_number", "phone_number_verified"}},
		{"openid " + adminScope, []string{"address", "custom:plan", "email", "email_verified", "given_name", "phone_number", "phone_number_verified"}},
		{"openid profile", []string{"custom:plan", "given_name"}},
		{"openid email", []string{"email", "email_verified"}},
		{"openid phone", []string{"phone_number", "phone_number_verified"}},
		{"openid email profile phone", []string{"custom:plan", "email", "email_verified", "given_name", "phone_number", "phone_number_verified"}},
		{adminScope, nil},
	} {
		a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", tt.scope, "nonce", "n1"))))
		_, access := parseToken(t, p, a.str("access_token"))
		if access["scope"] != tt.scope || access["version"] != 2.0 || access["username"] != "ana" || access["client_id"] != "client1" {
			t.Errorf("%s: got access token %v", tt.scope, access)
		}
		if (a.str("id_token") == "") != (tt.attributes == nil) || a.str("refresh_token") == "" || a.str("token_type") != "Bearer" || a.body["expires_in"] != 3600.0 {
			t.Errorf("%s: got answer with %v", tt.scope, keysOf(a.body))
		}
		if tt.attributes == nil {
			continue
		}
		_, id := parseToken(t, p, a.str("id_token"))
		want := slices.Sorted(slices.Values(append(slices.Clone(always), tt.attributes...)))
		if diff := cmp.Diff(want, keysOf(id)); diff != "" {
			t.Errorf("%s: claims of the ID token (-want +got):\n%s", tt.scope, diff)
		}
		if id["nonce"] != "n1" || id["at_hash"] != accessTokenHash(a.str("access_token")) {
			t.Errorf("%s: got nonce %v and at_hash %v", tt.scope, id["nonce"], id["at_hash"])
		}
	}
}

func keysOf(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestUnreadableScope checks that a client that cannot read an attribute of a
// scope gets no tokens for it.
func TestUnreadableScope(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{ReadAttributes: []string{"email", "given_name"}})
	if a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", "openid email")))); a.raw != `{"error":"invalid_grant"}` {
		t.Errorf("email: got %d %s, want invalid_grant", a.status, a.raw)
	}
	a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", "openid profile"))))
	_, id := parseToken(t, p, a.str("id_token"))
	if id["given_name"] != "Ana" || id["email"] != nil {
		t.Errorf("profile: got ID token %v", id)
	}
}

func TestResourceBinding(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	for _, resource := range []string{"https://api.example.com", "http://localhost:8080/", "myapp://api"} {
		a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("resource", resource))))
		if _, access := parseToken(t, p, a.str("access_token")); access["aud"] != resource {
			t.Errorf("got aud %v, want %s", access["aud"], resource)
		}
		refreshed := form(t, p, pathToken, "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {a.str("refresh_token")}})
		if _, access := parseToken(t, p, refreshed.str("access_token")); access["aud"] != resource {
			t.Errorf("refreshed: got aud %v, want %s", access["aud"], resource)
		}
	}
}

// TestRefreshAtTokenEndpoint checks refreshing with and without rotation.
func TestRefreshAtTokenEndpoint(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		p := anaPool(t, Config{RotateRefreshTokens: rotate})
		first := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", "openid email", "nonce", "n1"))))
		refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {first.str("refresh_token")}}
		a := form(t, p, pathToken, "", "", refresh)
		if a.status != http.StatusOK || (a.str("refresh_token") != "") != rotate {
			t.Fatalf("rotation %v: got %d with %v", rotate, a.status, keysOf(a.body))
		}
		_, access := parseToken(t, p, a.str("access_token"))
		_, id := parseToken(t, p, a.str("id_token"))
		if access["scope"] != "openid email" || id["email"] != "ana@example.com" || id["given_name"] != nil || id["nonce"] != nil {
			t.Errorf("rotation %v: got access token %v and ID token %v", rotate, access, id)
		}
		again := form(t, p, pathToken, "", "", refresh)
		if (again.status == http.StatusOK) == rotate {
			t.Errorf("rotation %v: the same token again: got %d %s", rotate, again.status, again.str("error"))
		}
		// The operations of the API know the grant too.
		text := first.str("refresh_token")
		if rotate {
			text = a.str("refresh_token")
		}
		b := ok(t, p, "GetTokensFromRefreshToken", m{"ClientId": "client1", "RefreshToken": text})
		if _, access := parseToken(t, p, b.str("AuthenticationResult", "AccessToken")); access["scope"] != "openid email" {
			t.Errorf("rotation %v: the API gives scope %v", rotate, access["scope"])
		}
	}
}

// TestRefreshOfAPISignIn checks that whoever signed in with the API can refresh
// at the domain, unless the pool remembers devices.
func TestRefreshOfAPISignIn(t *testing.T) {
	t.Parallel()
	for _, devices := range []*DeviceTracking{nil, {}} {
		p := anaPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowRefreshToken}, Devices: devices})
		r := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": "correct horse"}})
		a := form(t, p, pathToken, "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {r.str("AuthenticationResult", "RefreshToken")}})
		if devices != nil {
			if a.status != http.StatusBadRequest || a.str("error") != oauthInvalidGrant {
				t.Errorf("with devices: got %d with %v, want invalid_grant", a.status, keysOf(a.body))
			}
			continue
		}
		_, access := parseToken(t, p, a.str("access_token"))
		if access["scope"] != adminScope || a.str("id_token") == "" || access["version"] != nil {
			t.Errorf("got access token %v", access)
		}
	}
}

// TestScopesGuardTheAPI checks that tokens of the domain are good for the API
// only with its scope.
func TestScopesGuardTheAPI(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", "openid"))))
	fails(t, p, "GetUser", m{"AccessToken": a.str("access_token")}, "NotAuthorizedException", "Access Token does not have required scopes")
	a = form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", adminScope))))
	ok(t, p, "GetUser", m{"AccessToken": a.str("access_token")})
	ok(t, p, "GlobalSignOut", m{"AccessToken": a.str("access_token")})
	fails(t, p, "GetUser", m{"AccessToken": a.str("access_token")}, "NotAuthorizedException", "Access Token has been revoked")
}

// TestClientCredentials checks the tokens of machines, and both secrets of a
// client.
func TestClientCredentials(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{Clients: []AppClient{{
		ClientID: "machine", ClientSecret: testSecret,
		OAuth: &OAuth{Flows: []OAuthFlow{OAuthFlowClientCredentials}, Scopes: []string{"https://api.example.com/read", "https://api.example.com/write"}},
	}}})
	admin(t, p, "CreateResourceServer", `"Identifier":"https://api.example.com","Name":"S","Scopes":[{"ScopeName":"read","ScopeDescription":"r"},{"ScopeName":"write","ScopeDescription":"w"}]}`)
	second := admin(t, p, "AddUserPoolClientSecret", `"ClientId":"machine"}`).str("ClientSecretDescriptor", "ClientSecretValue")
	for _, tt := range []struct {
		name, secret, scope, want string
	}{
		{"all scopes", testSecret, "", "https://api.example.com/read https://api.example.com/write"},
		{"one scope", testSecret, "https://api.example.com/write", "https://api.example.com/write"},
		{"the other secret", second, "https://api.example.com/read https://api.example.com/read", "https://api.example.com/read"},
	} {
		values := url.Values{"grant_type": {"client_credentials"}, "aws_client_metadata": {`{"a":"b"}`}}
		if tt.scope != "" {
			values.Set("scope", tt.scope)
		}
		a := form(t, p, pathToken, "machine", tt.secret, values)
		if diff := cmp.Diff([]string{"access_token", "expires_in", "token_type"}, keysOf(a.body)); diff != "" {
			t.Fatalf("%s: got %d (-want +got):\n%s", tt.name, a.status, diff)
		}
		_, claims := parseToken(t, p, a.str("access_token"))
		want := []string{"auth_time", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_use", "version"}
		if diff := cmp.Diff(want, keysOf(claims)); diff != "" {
			t.Errorf("%s: claims (-want +got):\n%s", tt.name, diff)
		}
		if claims["sub"] != "machine" || claims["scope"] != tt.want {
			t.Errorf("%s: got sub %v and scope %v, want %s", tt.name, claims["sub"], claims["scope"], tt.want)
		}
		if got := form(t, p, pathUserInfo, "", "", nil); got.status != http.StatusBadRequest {
			t.Errorf("%s: userInfo without a token: got %d", tt.name, got.status)
		}
	}
}

// TestOAuth2Client signs in with the client that most Go programs use, over a
// socket, and verifies what it gets.
func TestOAuth2Client(t *testing.T) {
	t.Parallel()
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		p := anaPool(t, Config{ClientSecret: testSecret})
		base := p.Start()
		if p.DomainURL() != base {
			t.Fatalf("got domain %s, want %s", p.DomainURL(), base)
		}
		endpoint := discovered(t, p, base)
		endpoint.AuthStyle = style
		cfg := oauth2.Config{ClientID: "client1", ClientSecret: testSecret, Endpoint: endpoint, RedirectURL: testCallback, Scopes: []string{"openid", "email", adminScope}}
		verifier := oauth2.GenerateVerifier()
		address, err := url.Parse(cfg.AuthCodeURL("s1", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", "n1")))
		if err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t, http.DefaultClient, base)
		got := b.open(address.Path, address.Query()).submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(testCallback)
		if got.Get("state") != "s1" {
			t.Fatalf("got %v", got)
		}
		token, err := cfg.Exchange(t.Context(), got.Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		v := verifierOf(t, p)
		access, err := v.VerifyAccess(t.Context(), token.AccessToken)
		if err != nil || access.Username() != "ana" || access.RequireScopes("openid", "email", adminScope) != nil {
			t.Errorf("access token: got %v, %v", access, err)
		}
		idText, _ := token.Extra("id_token").(string)
		id, err := v.VerifyID(t.Context(), idText)
		if err != nil || id.CheckNonce("n1") != nil || id.Email() != "ana@example.com" {
			t.Errorf("ID token: got %v, %v", id, err)
		}
		token.Expiry = time.Now().Add(-time.Minute)
		if refreshed, err := cfg.TokenSource(t.Context(), token).Token(); err != nil || refreshed.AccessToken == token.AccessToken {
			t.Errorf("refresh: got %v, %v", refreshed, err)
		}
	}
}

// discovered returns the endpoints that the pool's configuration names.
func discovered(t testing.TB, p *Pool, base string) oauth2.Endpoint {
	t.Helper()
	res, err := http.Get(base + "/" + p.PoolID() + discoverySuffix)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var d discovery
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return oauth2.Endpoint{AuthURL: d.AuthorizationEndpoint, TokenURL: d.TokenEndpoint}
}

func verifierOf(t testing.TB, p *Pool) *tokens.Verifier {
	t.Helper()
	v, err := tokens.NewVerifier(tokens.Config{Issuer: p.Issuer(), ClientIDs: []string{p.ClientID()}, HTTPClient: p.HTTPClient()})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOAuth2ClientCredentials(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{Clients: []AppClient{{
		ClientID: "machine", ClientSecret: testSecret, OAuth: &OAuth{Flows: []OAuthFlow{OAuthFlowClientCredentials}, Scopes: []string{"server/read"}},
	}}})
	admin(t, p, "CreateResourceServer", `"Identifier":"server","Name":"S","Scopes":[{"ScopeName":"read","ScopeDescription":"r"}]}`)
	cfg := clientcredentials.Config{ClientID: "machine", ClientSecret: testSecret, TokenURL: p.DomainURL() + pathToken, Scopes: []string{"server/read"}}
	token, err := cfg.Token(context.WithValue(t.Context(), oauth2.HTTPClient, p.HTTPClient()))
	if err != nil || token.RefreshToken != "" {
		t.Fatalf("got %v, %v", token, err)
	}
}
