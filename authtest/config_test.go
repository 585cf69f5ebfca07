package authtest

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if a.PoolID() == b.PoolID() || a.ClientID() == b.ClientID() {
		t.Error("two pools have the same ids")
	}
	if len(a.PoolID()) != len("eu-west-1_AbC123def") || len(a.ClientID()) != 26 || a.ClientSecret() != "" {
		t.Errorf("got %s and %s", a.PoolID(), a.ClientID())
	}
}

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"pool id", Config{PoolID: "pool"}, "PoolID"},
		{"client id", Config{ClientID: "a b"}, "ClientID"},
		{"client secret", Config{ClientSecret: "short"}, "ClientSecret"},
		{"issuer", Config{Issuer: "/relative"}, "Issuer"},
		{"MFA mode", Config{MFA: "SOMETIMES"}, `MFA: unknown value "SOMETIMES"`},
		{"factor", Config{MFAFactors: []MFAFactor{"PIGEON"}}, `MFAFactors: unknown value "PIGEON"`},
		{"no factors", Config{MFA: MFARequired, MFAFactors: []MFAFactor{}}, "MFA needs MFAFactors"},
		{"flow", Config{ExplicitAuthFlows: []AuthFlow{"USER_SRP_AUTH"}}, "ExplicitAuthFlows"},
		{"rotation and refresh flow", Config{RotateRefreshTokens: true, ExplicitAuthFlows: []AuthFlow{AllowRefreshToken}}, "exclude each other"},
		{"both kinds of names", Config{UsernameAttributes: []string{"email"}, AliasAttributes: []string{"email"}}, "exclude each other"},
		{"username attribute", Config{UsernameAttributes: []string{"name"}}, "UsernameAttributes"},
		{"alias attribute", Config{AliasAttributes: []string{"name"}}, "AliasAttributes"},
		{"verified attribute", Config{AutoVerifiedAttributes: []string{"name"}}, "AutoVerifiedAttributes"},
		{"required attribute", Config{RequiredAttributes: []string{"custom:x"}}, "RequiredAttributes"},
		{"recovery", Config{AccountRecovery: []RecoveryOption{RecoveryAdminOnly, RecoveryEmail}}, "stands alone"},
		{"access token", Config{AccessTokenValidity: time.Minute}, "AccessTokenValidity"},
		{"ID token", Config{IDTokenValidity: 25 * time.Hour}, "IDTokenValidity"},
		{"refresh token", Config{RefreshTokenValidity: time.Minute}, "RefreshTokenValidity"},
		{"session", Config{AuthSessionValidity: time.Minute}, "AuthSessionValidity"},
		{"grace", Config{RefreshGracePeriod: time.Hour}, "RefreshGracePeriod"},
		{"policy", Config{PasswordPolicy: &PasswordPolicy{MinimumLength: 5}}, "MinimumLength"},
		{"history", Config{PasswordPolicy: &PasswordPolicy{HistorySize: 25}}, "HistorySize"},
		{"verified before update", Config{AutoVerifiedAttributes: []string{"email"}, RequireVerificationBeforeUpdate: []string{"phone_number"}}, `"phone_number" is not among AutoVerifiedAttributes`},
		{"temporary", Config{PasswordPolicy: &PasswordPolicy{TemporaryValidityDays: -1}}, "TemporaryValidityDays"},
	}
	all := Config{PoolID: "x", ClientID: " ", MFA: "x"}
	if _, err := New(all); err == nil || strings.Count(err.Error(), "authtest: config: ") != 3 {
		t.Errorf("several problems: got %v", err)
	}
	for _, tt := range tests {
		p, err := New(tt.config)
		if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	lax := PasswordPolicy{MinimumLength: 6}
	strict := PasswordPolicy{MinimumLength: 8, RequireUppercase: true, RequireLowercase: true, RequireNumbers: true, RequireSymbols: true}
	tests := []struct {
		policy   PasswordPolicy
		password string
		want     string
	}{
		{lax, "abcdef", ""},
		{lax, "äöü", msgTooShort},
		{strict, "Passw0rd!", ""},
		{strict, "Passw0rd rd", ""},
		{strict, " Passw0rd ", msgNoSymbol},
		{strict, "ÄÖÜpassw0rd!", msgNoUppercase},
		{strict, "PASSW0RDäöü!", msgNoLowercase},
		{strict, "Password٣!", msgNoNumber},
		{strict, "p", msgTooShort},
	}
	for _, tt := range tests {
		got := ""
		if err := tt.policy.check(tt.password); err != nil {
			got = strings.TrimPrefix(err.message, msgPolicy)
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.password, got, tt.want)
		}
	}
	for _, symbol := range policySymbols {
		if err := strict.check("Passw0rd" + string(symbol)); err != nil {
			t.Errorf("%q is not taken for a symbol", symbol)
		}
	}
	for range 100 {
		if err := strict.check(temporaryPassword(&strict)); err != nil {
			t.Fatalf("a temporary password breaks the policy: %s", err.message)
		}
	}
}

func TestRandomString(t *testing.T) {
	t.Parallel()
	counts := make(map[rune]int)
	for _, r := range randomString(100000, digits) {
		counts[r]++
	}
	for _, r := range digits {
		// Ten standard deviations: this fails for a biased generator only.
		if counts[r] < 9000 || counts[r] > 11000 {
			t.Errorf("%c: got %d of 100000", r, counts[r])
		}
	}
}

// TestMisuse checks that helpers fail the test that asks them for what there is
// not.
func TestMisuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(p *Pool)
		want string
	}{
		{"Inbox", func(p *Pool) { p.Inbox("nobody") }, "authtest: Inbox: no such user"},
		{"Code", func(p *Pool) { p.Code("ana") }, "authtest: Code: the user has no messages"},
		{"TOTP of nobody", func(p *Pool) { p.TOTP("nobody") }, "authtest: TOTP: no such user"},
		{"TOTP", func(p *Pool) { p.TOTP("ana") }, "authtest: TOTP: the user has no authenticator app"},
		{"AddUser twice", func(p *Pool) { p.AddUser(User{Name: "ana"}) }, "authtest: AddUser: User already exists"},
		{"AddUser without name", func(p *Pool) { p.AddUser(User{}) }, "authtest: AddUser: Name is missing"},
		{"AddUser in a state", func(p *Pool) { p.AddUser(User{Name: "x", Status: "HAPPY"}) }, `authtest: AddUser: unknown Status "HAPPY"`},
		{"AddUser with a factor", func(p *Pool) { p.AddUser(User{Name: "x", TOTP: true}) },
			"authtest: AddUser: SOFTWARE_TOKEN_MFA is not among the pool's MFAFactors, or its MFA is off"},
		{"NewSession", func(p *Pool) { p.NewSession("") }, "authtest: NewSession: "},
	}
	for _, tt := range tests {
		tb := &fakeTB{TB: t}
		p := NewPool(tb, Config{})
		p.AddUser(User{Name: "ana"})
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, errFatal) {
					t.Errorf("%s: the test went on", tt.name)
				}
			}()
			tt.do(p)
		}()
		if len(tb.errors) != 1 || !strings.HasPrefix(tb.errors[0], tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, tb.errors, tt.want)
		}
	}

	tb := &fakeTB{TB: t}
	func() {
		defer func() { _ = recover() }()
		NewPool(tb, Config{PoolID: "x"})
	}()
	if len(tb.errors) != 1 {
		t.Errorf("bad config: got %q", tb.errors)
	}
	p, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Inbox("nobody") != nil || p.Code("nobody") != "" || p.TOTP("nobody") != "" {
		t.Error("a program got something for nobody")
	}
}
