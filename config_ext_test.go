package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
)

// goodConfig is the least that a client needs.
func goodConfig() auth.Config {
	return auth.Config{UserPoolID: "eu-west-1_AbC123def", ClientID: "1example23456789", AWS: &aws.Config{}}
}

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*auth.Config)
		want   []string
	}{
		{"none", func(*auth.Config) {}, nil},
		{"empty", func(cfg *auth.Config) { *cfg = auth.Config{} }, []string{"UserPoolID", "ClientID"}},
		{"pool without region", func(cfg *auth.Config) { cfg.UserPoolID = "AbC123def" }, []string{"UserPoolID"}},
		{"pool without name", func(cfg *auth.Config) { cfg.UserPoolID = "eu-west-1_" }, []string{"UserPoolID"}},
		{"pool that is a path", func(cfg *auth.Config) { cfg.UserPoolID = "evil.example/eu-west-1_x" }, []string{"UserPoolID"}},
		{"client with space", func(cfg *auth.Config) { cfg.ClientID = "a b" }, []string{"ClientID"}},
		{"secret with space", func(cfg *auth.Config) { cfg.ClientSecret = "planted secret" }, []string{"ClientSecret"}},
		{"unknown flow", func(cfg *auth.Config) { cfg.AuthFlow = "USER_MAGIC" }, []string{"AuthFlow"}},
		{"preference without choice", func(cfg *auth.Config) { cfg.PreferredChallenge = "EMAIL_OTP" }, []string{"PreferredChallenge"}},
		{"negative validity", func(cfg *auth.Config) { cfg.RefreshTokenValidity = -1 }, []string{"RefreshTokenValidity"}},
		{"endless leeway", func(cfg *auth.Config) { cfg.Leeway = time.Hour }, []string{"Leeway"}},
		{"no leeway", func(cfg *auth.Config) { cfg.Leeway = -1 }, nil},
		{"relative issuer", func(cfg *auth.Config) { cfg.Issuer = "issuer" }, []string{"Issuer"}},
		{"issuer with slash", func(cfg *auth.Config) { cfg.Issuer = "https://example.com/" }, []string{"Issuer"}},
		{"issuer with query", func(cfg *auth.Config) { cfg.Issuer = "https://example.com?a=b" }, []string{"Issuer"}},
		{"issuer with password", func(cfg *auth.Config) { cfg.Issuer = "https://planted:secret@example.com" }, []string{"Issuer"}},
		{"keys by file", func(cfg *auth.Config) { cfg.JWKSURL = "file:///etc/keys" }, []string{"JWKSURL"}},
		{"keys with password", func(cfg *auth.Config) { cfg.JWKSURL = "https://planted:secret@example.com/keys" }, []string{"JWKSURL"}},
		{
			"all", func(cfg *auth.Config) {
				*cfg = auth.Config{
					UserPoolID: "x", ClientID: "?", ClientSecret: "?", AuthFlow: "?", PreferredChallenge: "?",
					RefreshTokenValidity: -1, Leeway: time.Hour, Issuer: "?", JWKSURL: "?",
				}
			},
			[]string{"UserPoolID", "ClientID", "ClientSecret", "AuthFlow", "PreferredChallenge", "RefreshTokenValidity", "Leeway", "Issuer", "JWKSURL"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := goodConfig()
			tt.change(&cfg)
			client, err := auth.NewClient(t.Context(), cfg)
			if (client == nil) != (err != nil) {
				t.Errorf("got client %v with error %v", client, err)
			}
			if len(tt.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var want []problem
			for _, field := range tt.want {
				want = append(want, problem{field, auth.ErrInvalidConfig})
			}
			if diff := cmp.Diff(want, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if !errors.Is(err, auth.ErrInvalidConfig) || !strings.HasPrefix(err.Error(), "auth: new client: ") {
				t.Errorf("got %v", err)
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "planted") {
				t.Errorf("the error shows a secret: %s", text)
			}
		})
	}
}

// A client and a session print without what they hold.
func TestHandlesPrintNothing(t *testing.T) {
	t.Parallel()
	cfg := goodConfig()
	cfg.ClientSecret = "plantedplantedplantedplanted"
	client, err := auth.NewClient(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := sessionOf(t, client, "planted id").OnDevice("planted device")
	for _, v := range []any{client, s, []any{client, s}, struct{ S *auth.Session }{s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "planted") || strings.Contains(text, fmt.Sprintf("%x", "planted")) {
				t.Errorf("%s printed %s", verb, text)
			}
		}
	}
}
