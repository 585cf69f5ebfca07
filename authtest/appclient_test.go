package authtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAppClients(t *testing.T) {
	t.Parallel()
	const secret = "abcdefghijklmnopqrstuvwx"
	p := newPool(t, Config{
		ExplicitAuthFlows: passwordFlow, ReadAttributes: []string{"name"},
		Clients: []AppClient{{ClientID: "web", ClientSecret: secret, ExplicitAuthFlows: passwordFlow, AccessTokenValidity: 5 * time.Minute}},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	added := p.AddClient(AppClient{ExplicitAuthFlows: passwordFlow})
	if len(added.ClientID) != 26 || added.ClientName != added.ClientID || added.AccessTokenValidity != time.Hour {
		t.Errorf("defaults: got client %q named %q, access tokens %v", added.ClientID, added.ClientName, added.AccessTokenValidity)
	}
	for _, tt := range []struct {
		name, id, secret string
		seconds          float64
		email            any
	}{
		{"first", "client1", "", 3600, nil},
		{"further", "web", secret, 300, "ana@example.com"},
		{"added", added.ClientID, "", 3600, "ana@example.com"},
	} {
		body := asClient(tt.id, withPassword("ana", testPassword))
		if tt.secret != "" {
			hash := p.clients[tt.id].secretHash("ana", tt.secret)
			body["AuthParameters"].(m)["SECRET_HASH"] = hash
		}
		result := ok(t, p, "InitiateAuth", body).body["AuthenticationResult"].(m)
		_, claims := parseToken(t, p, result["IdToken"].(string))
		if result["ExpiresIn"] != tt.seconds || claims["aud"] != tt.id || claims["email"] != tt.email {
			t.Errorf("%s: tokens for %v s, aud %v, email %v", tt.name, result["ExpiresIn"], claims["aud"], claims["email"])
		}
	}
}

func TestAppClientDefaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		in    AppClient
		flows []AuthFlow
		oauth *OAuth
	}{
		{"nothing said", AppClient{}, []AuthFlow{AllowUserSRP, AllowCustom, AllowRefreshToken}, nil},
		{"rotation", AppClient{RotateRefreshTokens: true}, []AuthFlow{AllowUserSRP, AllowCustom}, nil},
		{
			"managed login", AppClient{OAuth: &OAuth{CallbackURLs: []string{"app://signed-in"}}},
			[]AuthFlow{AllowUserSRP, AllowCustom, AllowRefreshToken},
			&OAuth{
				CallbackURLs: []string{"app://signed-in"}, Flows: []OAuthFlow{OAuthFlowCode}, IdentityProviders: []string{"COGNITO"},
				Scopes: []string{"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"},
			},
		},
	}
	for _, tt := range tests {
		got := tt.in.withDefaults()
		if diff := cmp.Diff(tt.flows, got.ExplicitAuthFlows); diff != "" {
			t.Errorf("%s: flows (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.oauth, got.OAuth); diff != "" {
			t.Errorf("%s: OAuth (-want +got):\n%s", tt.name, diff)
		}
		if err := problemsOf("client", got.check); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAppClientProblems(t *testing.T) {
	t.Parallel()
	oauth := func(o OAuth) Config { return Config{OAuth: &o} }
	callback := []string{"https://app.example/in"}
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"further client", Config{Clients: []AppClient{{}, {ClientID: " "}}}, "Clients[1]: ClientID must be"},
		{"two of the same", Config{ClientID: "a", Clients: []AppClient{{ClientID: "a"}}}, "Clients[0]: a client has the ClientID already"},
		{"no callback", oauth(OAuth{}), "OAuth needs CallbackURLs"},
		{"relative callback", oauth(OAuth{CallbackURLs: []string{"/in"}}), `OAuth: "/in" is no absolute URL`},
		{"fragment", oauth(OAuth{CallbackURLs: []string{"https://app.example/#in"}}), "without a fragment"},
		{"logout", oauth(OAuth{CallbackURLs: callback, LogoutURLs: []string{"https:out"}}), `OAuth: "https:out" is no`},
		{"default", oauth(OAuth{CallbackURLs: callback, DefaultRedirectURI: "https://app.example/"}), "must be among the CallbackURLs"},
		{"flow", oauth(OAuth{CallbackURLs: callback, Flows: []OAuthFlow{"token"}}), `OAuth.Flows: unknown value "token"`},
		{"machine among people", oauth(OAuth{CallbackURLs: callback, Flows: []OAuthFlow{OAuthFlowCode, OAuthFlowClientCredentials}}), "stands alone"},
		{"machine without secret", oauth(OAuth{Flows: []OAuthFlow{OAuthFlowClientCredentials}}), "needs a ClientSecret"},
	}
	for _, tt := range tests {
		if _, err := New(tt.config); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}

	for name, description := range map[string]AppClient{"problem": {ClientID: " "}, "taken": {ClientID: "client1"}} {
		tb := &fakeTB{TB: t}
		p := newPool(tb, Config{})
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, errFatal) {
					t.Errorf("%s: the test went on", name)
				}
			}()
			p.AddClient(description)
		}()
	}
}

func TestAppClientPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c := AppClient{ClientID: "web", ClientSecret: "abcdefghijklmnopqrstuvwx"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, []AppClient{c}); strings.Contains(got, c.ClientSecret) {
			t.Errorf("%s: got %s", verb, got)
		}
	}
}
