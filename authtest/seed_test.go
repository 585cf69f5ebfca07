package authtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// problemsIn are the texts of the problems that a seed file has.
func problemsIn(text string) []string {
	_, err := ParseSeed(strings.NewReader(text))
	if err == nil {
		return nil
	}
	problems := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems = joined.Unwrap()
	}
	var texts []string
	for _, problem := range problems {
		e, ok := errors.AsType[*SeedError](problem)
		if !ok {
			texts = append(texts, "not a SeedError: "+problem.Error())
			continue
		}
		texts = append(texts, strings.TrimPrefix(e.Error(), "authtest: seed: "))
	}
	return texts
}

// TestSeedNames pins what fields are called in seed files.
func TestSeedNames(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typ  reflect.Type
		want string
	}{
		"pool": {reflect.TypeFor[Config](), `accountRecovery adminCreateUserOnly advancedSecurityMode aliasAttributes autoVerifiedAttributes caseInsensitiveUsernames
			clockSkew customAttributes defaultEmailOption devices domain firstFactors issuer mfa mfaFactors name passkeys passwordPolicy poolId requireVerificationBeforeUpdate
			requiredAttributes usernameAttributes`},
		"client": {reflect.TypeFor[AppClient](), `accessTokenValidity authSessionValidity clientId clientName clientSecret disableTokenRevocation
			explicitAuthFlows idTokenValidity oauth preventUserExistenceErrors readAttributes refreshGracePeriod refreshTokenValidity
			rotateRefreshTokens writeAttributes`},
		"oauth":   {reflect.TypeFor[OAuth](), "callbackUrls defaultRedirectUri flows identityProviders logoutUrls scopes"},
		"passkey": {reflect.TypeFor[Passkeys](), "multiFactor origins relyingPartyId userVerification"},
		"device":  {reflect.TypeFor[DeviceTracking](), "challengeRequiredOnNewDevice rememberOnRequest"},
		"policy": {reflect.TypeFor[PasswordPolicy](), `historySize minimumLength requireLowercase requireNumbers requireSymbols requireUppercase
			temporaryValidityDays`},
		"group": {reflect.TypeFor[Group](), "description name precedence roleArn"},
		"user": {reflect.TypeFor[User](), `attributes disabled email emailMfa groups name passkeyMfa password phone preferredMfa smsMfa status sub
			totp`},
	} {
		got := slices.Sorted(maps.Keys(seedFields(tt.typ)))
		if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSeed reads everything that a seed can have, and makes a server of it.
func TestSeed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/seed.json")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := ParseSeed(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	want := &Seed{Pools: []PoolSeed{
		{
			Config: Config{
				PoolID: "eu-west-1_sandbox01", Name: "people", Domain: "people", Issuer: "http://localhost:9229/eu-west-1_sandbox01", ClockSkew: -90 * time.Second,
				MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorEmail, MFAFactorSMS},
				FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, AliasAttributes: []string{"email"},
				AutoVerifiedAttributes: []string{"email"}, DefaultEmailOption: ConfirmWithLink, RequireVerificationBeforeUpdate: []string{"email"}, RequiredAttributes: []string{"email"},
				CustomAttributes: []string{"plan"}, AccountRecovery: []RecoveryOption{RecoveryEmail}, CaseInsensitiveUsernames: true,
				PasswordPolicy: &PasswordPolicy{MinimumLength: 10, RequireNumbers: true}, Devices: &DeviceTracking{RememberOnRequest: true},
				Passkeys: &Passkeys{RelyingPartyID: "localhost", Origins: []string{"http://localhost:5173"}, UserVerification: UserVerificationRequired},
			},
			Clients: []AppClient{
				{
					ClientID: "webapp", ClientName: "Web", ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser},
					RotateRefreshTokens: true, RefreshGracePeriod: 30 * time.Second,
					AccessTokenValidity: 15 * time.Minute, IDTokenValidity: 90 * time.Minute, RefreshTokenValidity: 7 * 24 * time.Hour,
					AuthSessionValidity: 5 * time.Minute, PreventUserExistenceErrors: true, ReadAttributes: []string{"email", "custom:plan"},
				},
				{
					ClientID: "backend", ClientSecret: "abcdefghijklmnopqrstuvwx", DisableTokenRevocation: true,
					OAuth: &OAuth{
						CallbackURLs: []string{"https://app.example.com/callback"}, LogoutURLs: []string{"https://app.example.com/"},
						DefaultRedirectURI: "https://app.example.com/callback", Flows: []OAuthFlow{OAuthFlowCode}, Scopes: []string{"openid"},
						IdentityProviders: []string{"COGNITO"},
					},
				},
			},
			Groups: []Group{{Name: "admins", Description: "They can do everything.", RoleARN: "arn:aws:iam::123456789012:role/admins", Precedence: new(1)}},
			Users: []User{
				{
					Name: "ana", Sub: "11111111-2222-4333-8444-555555555555", Password: "correct horse", Email: "ana@example.com", Phone: "+15555550123",
					Attributes: map[string]string{"given_name": "Ana", "custom:plan": "gold", "phone_number_verified": "false"},
					Groups:     []string{"admins", "testers"}, TOTP: true, SMSMFA: true, EmailMFA: true, PreferredMFA: MFAFactorTOTP,
				},
				{Name: "bob", Password: "Temporary1", Status: StatusForceChangePassword, Disabled: true, Email: "bob@example.com"},
			},
		},
		{Config: Config{UsernameAttributes: []string{"email"}}, Users: []User{{Email: "carla@example.com"}}},
	}}
	if diff := cmp.Diff(want, seed, cmpopts.IgnoreFields(Config{}, "Triggers")); diff != "" {
		t.Errorf("seed (-want +got):\n%s", diff)
	}

	s := newServer(t, ServerConfig{})
	if err := s.Seed(seed); err != nil {
		t.Fatal(err)
	}
	pools := s.Pools()
	if len(pools) != 2 || pools[0].PoolID() != "eu-west-1_sandbox01" || pools[0].ClientID() != "webapp" || pools[1].ClientID() == "" {
		t.Fatalf("got pools %v", pools)
	}
	ana, _ := pools[0].User("ana")
	if diff := cmp.Diff([]string{"admins", "testers"}, ana.Groups); diff != "" {
		t.Errorf("ana's groups (-want +got):\n%s", diff)
	}
	a := admin(t, pools[0], "DescribeUserPoolClient", `"ClientId":"webapp"}`)
	if name := a.str("UserPoolClient", "ClientName"); name != "Web" {
		t.Errorf("the first client is called %q", name)
	}
	challenge := ok(t, pools[0], "InitiateAuth", m{
		"ClientId": "webapp", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana@example.com", "PASSWORD": "correct horse"},
	})
	wantChallenge(t, challenge, "SOFTWARE_TOKEN_MFA")
	if _, found := pools[1].User("carla@example.com"); !found {
		t.Error("carla is not there")
	}

	before := exportOf(t, s)
	for name, tt := range map[string]struct {
		seed *Seed
		want string
	}{
		"again":        {seed, "authtest: seed: the server has a pool or a client with the id, or a domain of the name, already"},
		"twice":        {&Seed{Pools: []PoolSeed{{}, {Config: Config{ClientID: "x"}}, {Config: Config{ClientID: "x"}}}}, "authtest: seed: pools[2]: the seed has a pool or a client with the id already"},
		"other region": {&Seed{Pools: []PoolSeed{{Config: Config{PoolID: "us-east-1_x"}}}}, "authtest: seed: pools[0]: authtest: config: PoolID must begin with eu-west-1_"},
		"group":        {&Seed{Pools: []PoolSeed{{Groups: []Group{{}}}}}, "authtest: seed: pools[0]: groups[0]: Name must be 1 to 128 letters, digits and symbols"},
		"user":         {&Seed{Pools: []PoolSeed{{Users: []User{{Name: "a"}, {Name: "a"}}}}}, "authtest: seed: pools[0]: users[1]: User already exists"},
	} {
		if err := s.Seed(tt.seed); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got error %v, want %s", name, err, tt.want)
		}
	}
	if after := exportOf(t, s); after != before {
		t.Error("a seed that failed has changed the server")
	}
	for _, shown := range []string{fmt.Sprint(*seed), fmt.Sprintf("%+v", seed.Pools[0]), fmt.Sprintf("%#v", seed)} {
		if strings.Contains(shown, "correct horse") || strings.Contains(shown, "abcdefghijklmnopqrstuvwx") {
			t.Errorf("a seed prints as %s", shown)
		}
	}
}

// TestSeedProblems reads files with problems. All are told at once, with their
// lines and fields, and no secrets.
func TestSeedProblems(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"nothing":       {"", []string{"line 1: the file ends too early"}},
		"too early":     {"{\n\"pools\": [\n{\"name\": \"x\"", []string{"line 3: the file ends too early"}},
		"in a text":     {"{\n\"pools\": \"x", []string{"line 2: the file ends too early"}},
		"syntax":        {"{\n  \"pools\": [\n    {,}\n  ]\n}", []string{"line 3: invalid character ','"}},
		"comma":         {"{\n  \"pools\": [{}],\n}", []string{"line 3: invalid character '}' looking for beginning of object key string"}},
		"behind":        {"{\"pools\": [{}]}\n\n,", []string{"line 3: there is something behind the end"}},
		"encoding":      {"{\n\"x\xff\": 1}", []string{"line 2: it is not UTF-8"}},
		"deep":          {strings.Repeat("[\n", 40) + strings.Repeat("]", 40), []string{"line 33: it is nested too deeply"}},
		"twice":         {"{\n\"pools\": [],\n\"pools\": []}", []string{`line 3: there is more than one "pools" in the object`}},
		"kind":          {"\n[]", []string{"line 2: it has to be an object"}},
		"no pools":      {"{}", []string{"line 1: pools: there are none"}},
		"unknown":       {"{\n\"users\": []}", []string{`line 2: unknown field "users"`}},
		"null is empty": {`{"pools": [{"name": null, "users": null, "passkeys": null}]}`, nil},
		"kinds of values": {`{"pools": [{
			"name": 1,
			"mfaFactors": "SMS_MFA",
			"adminCreateUserOnly": "yes",
			"passwordPolicy": {"minimumLength": "8",
				"historySize": 1.5},
			"clockSkew": 5,
			"clients": [{
				"accessTokenValidity": "1 hour",
				"refreshTokenValidity": "d"}],
			"users": [{"attributes": {"name": 1},
				"groups": [true],
				"password": 12345678}, 1],
			"groups": {}
			}]}`, []string{
			"line 2: pools[0].name: it has to be a text",
			"line 3: pools[0].mfaFactors: it has to be a list",
			"line 4: pools[0].adminCreateUserOnly: it has to be true or false",
			"line 5: pools[0].passwordPolicy.minimumLength: it has to be a number",
			"line 6: pools[0].passwordPolicy.historySize: it has to be a whole number",
			`line 7: pools[0].clockSkew: it has to be a duration, as in "90s", "1h30m" or "30d"`,
			`line 9: pools[0].clients[0].accessTokenValidity: it has to be a duration, as in "90s", "1h30m" or "30d"`,
			`line 10: pools[0].clients[0].refreshTokenValidity: it has to be a duration, as in "90s", "1h30m" or "30d"`,
			"line 11: pools[0].users[0].attributes.name: it has to be a text",
			"line 12: pools[0].users[0].groups[0]: it has to be a text",
			"line 13: pools[0].users[0].password: it has to be a text",
			"line 13: pools[0].users[1]: it has to be an object",
			"line 14: pools[0].groups: it has to be a list",
		}},
		"configuration": {`{"pools": [{
			"poolId": "eu-west-1_a b",
			"mfa": "SOMETIMES",
			"aliasAttributes": ["name"],
			"passwordPolicy": {
				"minimumLength": 5},
			"clients": [
				{"clientId": "a",
				"accessTokenValidity": "1s"},
				{"clientId": "b",
				"oauth": {
					"flows": ["code"]}},
				{"clientId": "a"}]
			}]}`, []string{
			"line 2: pools[0].poolId: PoolID must look like eu-west-1_AbC123def",
			`line 3: pools[0].mfa: MFA: unknown value "SOMETIMES"`,
			`line 4: pools[0].aliasAttributes: AliasAttributes: unknown value "name"`,
			"line 6: pools[0].passwordPolicy.minimumLength: PasswordPolicy.MinimumLength must be between 6 and 99",
			"line 9: pools[0].clients[0].accessTokenValidity: AccessTokenValidity must be between 5m0s and 24h0m0s",
			"line 11: pools[0].clients[1].oauth: OAuth needs CallbackURLs",
			"line 13: pools[0].clients[2]: a client has the ClientID already",
		}},
		"a pool without what it needs": {`{"pools": [
			{
				"mfa": "ON",
				"mfaFactors": []}]}`, []string{"line 3: pools[0].mfa: MFA needs MFAFactors"}},
		"exclusive": {`{"pools": [{"poolId": "eu-west-1_a"},
			{"poolId": "eu-west-1_b",
				"clients": [{"clientId": "a"}, {"clientId": "b",
					"explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"], "rotateRefreshTokens": true}]}]}`, []string{
			"line 4: pools[1].clients[1].rotateRefreshTokens: RotateRefreshTokens and ALLOW_REFRESH_TOKEN_AUTH exclude each other",
		}},
		"several pools": {`{"pools": [
			{"poolId": "eu-west-1_a", "domain": "a", "clients": [{"clientId": "a"}]},
			{"poolId": "eu-west-1_a", "domain": "a", "clients": [{"clientId": "a"}, {"clientId": "b"}]},
			{"poolId": "us-east-1_a", "clients": [{"clientId": "b"}]},
			{"poolId": "EU_a"}
			]}`, []string{
			"line 3: pools[1].poolId: there is another pool with it",
			"line 3: pools[1].domain: there is another pool with it",
			"line 3: pools[1].clients[0].clientId: there is another client with it",
			"line 4: pools[2].clients[0].clientId: there is another client with it",
			"line 4: pools[2].poolId: the pools are of several regions",
			"line 5: pools[3].poolId: the pools are of several regions",
			"line 5: pools[3].poolId: it must begin with a region",
		}},
		"people": {`{"pools": [{"aliasAttributes": ["email"], "mfa": "OPTIONAL",
			"groups": [{"name": "a"},
				{"name": "a"},
				{}],
			"users": [
				{"name": "ana", "email": "ana@example.com",
					"password": "secret"},
				{"name": "ana"},
				{"name": "bob",
					"email": "bob",
					"password": "short"},
				{"name": "carla",
					"attributes": {
						"given_name": "Carla",
						"plan": "gold"}},
				{"name": "dora", "status": "ASLEEP"},
				{"name": "eva",
					"smsMfa": true},
				{"name": "fay",
					"preferredMfa": "EMAIL_OTP"},
				{"email": "gil@example.com"},
				{"name": " ",
					"groups": ["a", ""]},
				{"name": "hal@example.com"},
				{"name": "ira", "phone": "0123", "password": " no client "}
			]}]}`, []string{
			"line 3: pools[0].groups[1].name: A group with the name already exists.",
			"line 4: pools[0].groups[2].name: Name must be 1 to 128 letters, digits and symbols",
			"line 8: pools[0].users[1].name: User already exists",
			"line 10: pools[0].users[2].email: Invalid email address format.",
			"line 11: pools[0].users[2].password: no client could send it: it has to have 6 to 256 characters, without a space at either end",
			"line 15: pools[0].users[3].attributes.plan: Attributes did not conform to the schema: plan: Attribute does not exist in the schema.",
			`line 16: pools[0].users[4].status: unknown Status "ASLEEP"`,
			"line 18: pools[0].users[5].smsMfa: SMS_MFA is not among the pool's MFAFactors, or its MFA is off",
			"line 20: pools[0].users[6].preferredMfa: PreferredMFA EMAIL_OTP is not enabled",
			"line 21: pools[0].users[7]: Name is missing",
			"line 22: pools[0].users[8].name: no client could send it: it has to have 1 to 128 characters that can be seen",
			"line 23: pools[0].users[8].groups: Name must be 1 to 128 letters, digits and symbols",
			"line 24: pools[0].users[9].name: Username cannot be of email format, since user pool is configured for email alias.",
			"line 25: pools[0].users[10].password: no client could send it: it has to have 6 to 256 characters, without a space at either end",
			"line 25: pools[0].users[10].phone: Invalid phone number format.",
		}},
	} {
		if diff := cmp.Diff(tt.want, problemsIn(tt.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	many := problemsIn(`{"pools": [{"groups": [` + strings.TrimSuffix(strings.Repeat("{},\n", 500), ",\n") + `]}]}`)
	if len(many) != 101 || many[100] != "line 101: there are more problems from here on" {
		t.Errorf("of many problems %d are told, and %q", len(many), many[len(many)-1])
	}
}

// FuzzParseSeed reads anything. Problems are on lines that there are, and what
// has none a server can have.
func FuzzParseSeed(f *testing.F) {
	text, err := os.ReadFile("testdata/seed.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"pools": [{"users": [{"name": "a", "groups": ["a"]}, {"name": "A"}], "caseInsensitiveUsernames": true}]}`)
	f.Add("{\"pools\": [{\"poolId\": \"a_b\",\n\"clients\": [{}, {\"clientId\": \"x\"}]}, {\"usernameAttributes\": [\"email\"]}]}")
	f.Fuzz(func(t *testing.T, text string) {
		seed, err := ParseSeed(strings.NewReader(text))
		if err != nil {
			lines := strings.Count(text, "\n") + 1
			problems := []error{err}
			if joined, ok := err.(interface{ Unwrap() []error }); ok {
				problems = joined.Unwrap()
			}
			for _, problem := range problems {
				if e, ok := errors.AsType[*SeedError](problem); !ok || e.Line < 1 || e.Line > lines || strings.ContainsAny(e.Message, "\n") {
					t.Errorf("%d lines have the problem %q", lines, problem)
				}
			}
			return
		}
		region := defaultRegion
		for _, p := range seed.Pools {
			if own, _, _ := strings.Cut(p.Config.PoolID, "_"); own != "" {
				region = own
			}
			if len(p.Users) > 20 {
				return // a verifier each takes its time
			}
		}
		s, err := NewStandaloneServer(ServerConfig{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Seed(seed); err != nil {
			t.Errorf("what was parsed cannot be had: %v", err)
		}
	})
}
