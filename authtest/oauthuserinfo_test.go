package authtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ask sends a request to the userInfo endpoint.
func ask(t testing.TB, p *Pool, method, authorization string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.DomainURL()+pathUserInfo, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := used(p.HTTPClient()).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, res)
}

// tokensFor signs ana in and returns the answer of the token endpoint.
func tokensFor(t testing.TB, p *Pool, scope string) answer {
	t.Helper()
	a := form(t, p, pathToken, "", "", exchanging(codeFor(t, p, asking("scope", scope))))
	if a.status != http.StatusOK {
		t.Fatalf("got %d %s, want tokens", a.status, a.str("error"))
	}
	return a
}

func TestUserInfoShowsScopes(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	sub := func() string { u, _ := p.User("ana"); return u.Sub }()
	for _, tt := range []struct {
		scope string
		want  m
	}{
		{"openid", m{"sub": sub, "username": "ana", "email": "ana@example.com", "email_verified": "true", "phone_number": "+12065550100",
			"phone_number_verified": "true", "given_name": "Ana", "address": "here"}},
		{"openid email", m{"sub": sub, "username": "ana", "email": "ana@example.com", "email_verified": "true"}},
		{"openid phone profile", m{"sub": sub, "username": "ana", "phone_number": "+12065550100", "phone_number_verified": "true", "given_name": "Ana"}},
	} {
		access := tokensFor(t, p, tt.scope).str("access_token")
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			a := ask(t, p, method, "bearer "+access)
			if diff := cmp.Diff(tt.want, a.body); diff != "" || a.status != http.StatusOK {
				t.Errorf("%s %s: got %d (-want +got):\n%s", method, tt.scope, a.status, diff)
			}
		}
	}
}

func TestUserInfoRefuses(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowRefreshToken}})
	api := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": "correct horse"}})
	revoked := tokensFor(t, p, "openid")
	if a := form(t, p, pathRevoke, "", "", url.Values{"client_id": {"client1"}, "token": {revoked.str("refresh_token")}}); a.status != http.StatusOK || a.raw != "" {
		t.Fatalf("revoking: got %d %s", a.status, a.raw)
	}
	good := tokensFor(t, p, "openid")
	const bad = `error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."`
	const scope = `error="invalid_token", error_description="Access token does not contain openid scope"`
	const request = `error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"`
	for _, tt := range []struct {
		name, authorization string
		status              int
		want                string
	}{
		{"no token", "", 400, request},
		{"other scheme", "Basic " + good.str("access_token"), 400, request},
		{"empty token", "Bearer ", 400, request},
		{"nonsense", "Bearer x", 401, bad},
		{"ID token", "Bearer " + good.str("id_token"), 401, bad},
		{"refresh token", "Bearer " + good.str("refresh_token"), 401, bad},
		{"revoked", "Bearer " + revoked.str("access_token"), 401, bad},
		{"of the API", "Bearer " + api.str("AuthenticationResult", "AccessToken"), 401, scope},
		{"without openid", "Bearer " + tokensFor(t, p, adminScope).str("access_token"), 401, scope},
		{"tampered", "Bearer " + strings.TrimSuffix(good.str("access_token"), "A") + "B", 401, bad},
	} {
		a := ask(t, p, http.MethodGet, tt.authorization)
		if got := a.header.Get("WWW-Authenticate"); a.status != tt.status || got != tt.want {
			t.Errorf("%s: got %d %s\nwant %d %s", tt.name, a.status, got, tt.status, tt.want)
		}
		if a.str("error") == "" || a.str("error_description") == "" {
			t.Errorf("%s: got body %s", tt.name, a.raw)
		}
	}
	setEnabled(t, p, false)
	if a := ask(t, p, http.MethodGet, "Bearer "+good.str("access_token")); a.status != 401 {
		t.Errorf("disabled user: got %d", a.status)
	}
}

func TestUserInfoOfExpiredToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := anaPool(t, Config{AccessTokenValidity: 5 * time.Minute})
		access := "Bearer " + tokensFor(t, p, "openid").str("access_token")
		time.Sleep(5*time.Minute - time.Second)
		if a := ask(t, p, http.MethodGet, access); a.status != http.StatusOK {
			t.Errorf("in time: got %d", a.status)
		}
		time.Sleep(time.Second)
		if a := ask(t, p, http.MethodGet, access); a.status != http.StatusUnauthorized {
			t.Errorf("too late: got %d", a.status)
		}
	})
}

func TestRevokeEndpoint(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{Clients: []AppClient{
		{ClientID: "confidential", ClientSecret: testSecret, OAuth: &OAuth{CallbackURLs: []string{testCallback}}},
		{ClientID: "irrevocable", DisableTokenRevocation: true},
	}})
	mine := tokensFor(t, p, "openid "+adminScope)
	for _, tt := range []struct {
		name, id, secret string
		values           url.Values
		status           int
		want             string
	}{
		{"nothing", "", "", url.Values{}, 400, `{"error":"invalid_request"}`},
		{"no token", "", "", url.Values{"client_id": {"client1"}}, 400, `{"error":"invalid_request"}`},
		{"unknown client", "", "", url.Values{"client_id": {"nobody"}, "token": {"x"}}, 401, `{"error":"invalid_client"}`},
		{"no secret", "", "", url.Values{"client_id": {"confidential"}, "token": {"x"}}, 401, `{"error":"invalid_client"}`},
		{"wrong secret", "confidential", "x", url.Values{"token": {"x"}}, 401, `{"error":"invalid_client"}`},
		{"access token", "", "", url.Values{"client_id": {"client1"}, "token": {mine.str("access_token")}}, 400, `{"error":"unsupported_token_type"}`},
		{"client without revocation", "", "", url.Values{"client_id": {"irrevocable"}, "token": {"x"}}, 400, `{"error":"invalid_request"}`},
		{"another client's token", "confidential", testSecret, url.Values{"token": {mine.str("refresh_token")}}, 400, `{"error":"invalid_request"}`},
		{"token that never was", "", "", url.Values{"client_id": {"client1"}, "token": {"x"}}, 200, ""},
		{"token that cannot be", "confidential", testSecret, url.Values{"token": {"x y"}}, 200, ""},
	} {
		if a := form(t, p, pathRevoke, tt.id, tt.secret, tt.values); a.status != tt.status || a.raw != tt.want {
			t.Errorf("%s: got %d %s\nwant %d %s", tt.name, a.status, a.raw, tt.status, tt.want)
		}
	}
	ok(t, p, "GetUser", m{"AccessToken": mine.str("access_token")})
	revoke := url.Values{"client_id": {"client1"}, "token": {mine.str("refresh_token")}}
	for range 2 {
		if a := form(t, p, pathRevoke, "", "", revoke); a.status != http.StatusOK || a.raw != "" {
			t.Errorf("got %d %s, want nothing", a.status, a.raw)
		}
	}
	fails(t, p, "GetUser", m{"AccessToken": mine.str("access_token")}, "NotAuthorizedException", "Access Token has been revoked")
	if a := form(t, p, pathToken, "", "", url.Values{"grant_type": {"refresh_token"}, "client_id": {"client1"}, "refresh_token": {mine.str("refresh_token")}}); a.raw != `{"error":"invalid_grant"}` {
		t.Errorf("refreshing: got %d %s", a.status, a.str("error"))
	}
}
