package authtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// FuzzImport changes one value of a state into anything else. What is refused
// changes nothing, and what is taken can be had again and be lived with.
func FuzzImport(f *testing.F) {
	state := wanderedState(f)
	values := countValues(f, state)
	for i, replacement := range []string{"null", "1", `"a"`, "[]", `{"a":[]}`, `"2000-01-01T00:00:00Z"`} {
		f.Add(uint(10*i), replacement)
	}
	f.Fuzz(func(t *testing.T, n uint, replacement string) {
		var value any
		if json.Unmarshal([]byte(replacement), &value) == nil {
			importChanged(t, state, int(n%uint(values)), value)
		}
	})
}

// TestImportWithoutOne takes the values of a state away, one at a time.
func TestImportWithoutOne(t *testing.T) {
	t.Parallel()
	state := wanderedState(t)
	for n := range countValues(t, state) {
		importChanged(t, state, n, nil)
	}
}

// importChanged imports a state with another value in one place.
func importChanged(t *testing.T, state string, n int, value any) {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(state), &doc); err != nil {
		t.Fatal(err)
	}
	s, err := NewStandaloneServer(ServerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Import(strings.NewReader(jsonText(replaceValue(doc, value, &n)))); err != nil {
		if len(s.Pools()) > 0 {
			t.Errorf("a state that was refused (%v) has been taken", err)
		}
		return
	}
	taken := exportOf(t, s)
	if err := s.Import(strings.NewReader(taken)); err != nil {
		t.Fatalf("a state that was exported is refused: %v", err)
	}
	if exportOf(t, s) != taken {
		t.Error("a state is another when it is imported and exported again")
	}
	client := &http.Client{Transport: withSignature{s.Transport()}}
	for _, p := range s.Pools() {
		for operation, body := range map[string]m{
			"ListUsers": {"UserPoolId": p.PoolID()}, "DescribeUserPool": {"UserPoolId": p.PoolID()}, "GetUserPoolMfaConfig": {"UserPoolId": p.PoolID()},
			"AdminGetUser":              {"UserPoolId": p.PoolID(), "Username": "ana"},
			"AdminListUserAuthEvents":   {"UserPoolId": p.PoolID(), "Username": "ana"},
			"DescribeRiskConfiguration": {"UserPoolId": p.PoolID()},
			"AdminListDevices":          {"UserPoolId": p.PoolID(), "Username": "ana"},
			"InitiateAuth":              withPassword("ana", testPassword),
			"SignUp":                    signUpBody("new", "new@example.com"),
			"DescribeUserPoolClient":    {"UserPoolId": p.PoolID(), "ClientId": "client1"},
		} {
			if a := postTo(t, client, operation, body); a.status >= http.StatusInternalServerError {
				t.Errorf("%s: %s", operation, a.raw)
			}
		}
	}
}

// wanderedState is a small state with something of everything.
func wanderedState(f testing.TB) string {
	f.Helper()
	s := newServer(f, ServerConfig{})
	p := s.NewPool(Config{
		PoolID: wanderedPool, ClientID: "client1", ClientSecret: "", ExplicitAuthFlows: passwordFlow, Devices: &DeviceTracking{},
		MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorEmail}, AliasAttributes: []string{"email"},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain},
		AdvancedSecurityMode: AdvancedSecurityEnforced,
		Domain:               "people",
	})
	signed := &http.Client{Transport: withSignature{s.Transport()}}
	for _, operation := range []string{"SetUICustomization", "CreateManagedLoginBranding", "CreateTerms", "SetLogDeliveryConfiguration"} {
		body := adminBodies()[operation]
		body["UserPoolId"] = p.PoolID()
		if a := postTo(f, signed, operation, body); a.code() != "" {
			f.Fatalf("%s: %s", operation, a.raw)
		}
	}
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Groups: []string{"g"}})
	if err := p.AddCompromisedPasswords("x"); err != nil {
		f.Fatal(err)
	}
	setRisk(f, p, cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover("NO_ACTION", true)})
	if err := p.SetUserRisk("ana", RiskHigh); err != nil {
		f.Fatal(err)
	}
	p.AddPasskey("ana", NewAuthenticator("https://app."+theDomain))
	access, _, _ := signIn(f, p)
	ok(f, p, "AssociateSoftwareToken", m{"AccessToken": access})
	event := p.users.find("ana").events[0].id
	admin(f, p, "AdminUpdateAuthEventFeedback", `"Username":"ana","FeedbackValue":"Valid","EventId":"`+event+`"}`)
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com", EmailMFA: true})
	ok(f, p, "InitiateAuth", withPassword("bob", testPassword))
	importerOf(f, p).create()
	return exportOf(f, s)
}

// replaceValue replaces the value that left counts down to.
func replaceValue(doc, value any, left *int) any {
	if *left == 0 {
		*left--
		return value
	}
	*left--
	switch doc := doc.(type) {
	case m:
		for _, name := range slices.Sorted(maps.Keys(doc)) {
			if *left < 0 {
				break
			}
			doc[name] = replaceValue(doc[name], value, left)
		}
	case []any:
		for i := range doc {
			if *left < 0 {
				break
			}
			doc[i] = replaceValue(doc[i], value, left)
		}
	}
	return doc
}

// countValues returns how many values there are in a document.
func countValues(f testing.TB, text string) int {
	f.Helper()
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		f.Fatal(err)
	}
	const many = 1 << 20
	left := many
	replaceValue(doc, nil, &left)
	return many - left
}
