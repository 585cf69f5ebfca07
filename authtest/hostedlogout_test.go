package authtest

import (
	"net/url"
	"testing"
)

func TestLogout(t *testing.T) {
	t.Parallel()
	const other = "https://other.example.com/bye"
	p := anaPool(t, Config{Clients: []AppClient{
		{ClientID: "other", OAuth: &OAuth{CallbackURLs: []string{"https://other.example.com/"}, LogoutURLs: []string{other}}},
	}})
	allScopes := url.QueryEscape("openid email phone profile " + adminScope)
	for _, tt := range []struct {
		name  string
		query url.Values
		want  string
		stays bool // whether the browser is still signed in
	}{
		{"to a sign-out URL", url.Values{"client_id": {"client1"}, "logout_uri": {testLogout}, "state": {"s1"}}, testLogout, false},
		{"to a sign-out URL rather than to sign in", asking("logout_uri", testLogout), testLogout, false},
		{"of another client", url.Values{"client_id": {"other"}, "logout_uri": {other}}, other, false},
		{"to sign in again", asking("scope", "openid", "nonce", "n1", "identity_provider", "COGNITO"),
			"/login?client_id=client1&nonce=n1&redirect_uri=" + url.QueryEscape(testCallback) + "&response_type=code&scope=openid&state=s1", false},
		{"to sign in again with all scopes", asking(),
			"/login?client_id=client1&redirect_uri=" + url.QueryEscape(testCallback) + "&response_type=code&scope=" + allScopes + "&state=s1", false},
		{"nothing", url.Values{}, "/error?error=Required+parameters+missing", true},
		{"no client", url.Values{"logout_uri": {testLogout}}, "/error?error=Required+parameters+missing", true},
		{"unknown client", url.Values{"client_id": {"nobody"}, "logout_uri": {testLogout}}, "/error?error=Client+does+not+exist", true},
		{"nowhere", url.Values{"client_id": {"client1"}}, "/error?error=Required+parameters+missing&client_id=client1", true},
		{"sign-out URL of another", url.Values{"client_id": {"client1"}, "logout_uri": {other}}, "/error?error=Required+parameters+missing&client_id=client1", true},
		{"callback as sign-out URL", url.Values{"client_id": {"client1"}, "logout_uri": {testCallback}}, "/error?error=Required+parameters+missing&client_id=client1", true},
		{"sign-out URL and more", url.Values{"client_id": {"client1"}, "logout_uri": {testLogout + "/"}}, "/error?error=Required+parameters+missing&client_id=client1", true},
		{"unregistered beside a callback", asking("logout_uri", "https://evil.example.com/"), "/error?error=Required+parameters+missing&client_id=client1", true},
		{"other callback", asking("redirect_uri", "https://evil.example.com/"), "/error?error=redirect_mismatch&client_id=client1", true},
		{"no response type", asking("response_type", ""), testCallback + "?state=s1&error=invalid_request", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana", "password", "correct horse")
			b.goneTo(testCallback)
			if got := b.location(pathLogout, tt.query); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if got := b.location(pathAuthorize, asking("prompt", "none")); (got != testCallback+"?state=s1&error=login_required") != tt.stays {
				t.Errorf("afterwards the browser is sent to %s", got)
			}
		})
	}
}
