package authtest

import (
	"net/url"
	"testing"
)

const (
	testCallback = "https://app.example.com/callback"
	testLogout   = "https://app.example.com/bye"
)

// hostedPool returns a pool with a domain and a client that can do what
// browsers do there.
func hostedPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	if cfg.Domain == "" {
		cfg.Domain = "people"
	}
	if cfg.OAuth == nil {
		cfg.OAuth = &OAuth{Flows: []OAuthFlow{OAuthFlowCode, OAuthFlowImplicit}}
	}
	if cfg.OAuth.CallbackURLs == nil {
		cfg.OAuth.CallbackURLs = []string{testCallback, "myapp://callback"}
		cfg.OAuth.LogoutURLs = []string{testLogout}
	}
	return newPool(t, cfg)
}

// asking are the parameters of an ordinary authorization, changed by pairs.
func asking(pairs ...string) url.Values {
	v := url.Values{"response_type": {"code"}, "client_id": {"client1"}, "redirect_uri": {testCallback}, "state": {"s1"}}
	for i := 0; i < len(pairs); i += 2 {
		if v.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}

func visit(t testing.TB, p *Pool) *browser {
	t.Helper()
	return newBrowser(t, used(p.HTTPClient()), p.DomainURL())
}

func TestManagedLoginWithPassword(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	b := visit(t, p).open(pathAuthorize, asking("nonce", "n1"))
	b.on("Sign in", "")
	b.submit(pathLogin, "username", "ana", "password", "wrong").on("Sign in", "Incorrect username or password.")
	b.submit(pathLogin, "username", "ana", "password", "correct horse")
	got := b.goneTo(testCallback)
	if got.Get("code") == "" || got.Get("state") != "s1" || len(got) != 2 {
		t.Fatalf("got parameters %v, want code and state", got)
	}
}
