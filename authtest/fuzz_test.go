package authtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// FuzzServeHTTP sends anything to any operation. Whatever it is, the pool
// answers with a JSON object, an error is no server error and names itself
// alike in body and header, and nothing is answered with a value that was
// never asked for.
func FuzzServeHTTP(f *testing.F) {
	p, err := New(Config{
		PoolID: "eu-west-1_AbC123def", ClientID: "client1", MFA: MFAOptional, AliasAttributes: []string{"email"},
		ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser, AllowCustom, AllowRefreshToken, AllowAdminUserPassword},
		FirstFactors:      []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain}, Devices: &DeviceTracking{},
		AdvancedSecurityMode: AdvancedSecurityEnforced,
	})
	if err != nil {
		f.Fatal(err)
	}
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "bob", Password: testPassword, TOTP: true})
	access, _, refresh := signIn(f, p)
	a := ok(f, p, "InitiateAuth", withPassword("bob", testPassword))
	const session = "12345678901234567890"
	event := p.users.find("ana").events[0].id
	seeds := map[string][]m{
		"SignUp":                 {signUpBody("x", "x@example.com"), signUpWith("", m{"Name": ""}, nil)},
		"ConfirmSignUp":          {{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "1", "ForceAliasCreation": true, "Session": session}},
		"InitiateAuth":           {withPassword("ana", "x"), startWithSRP("ana", "12"), refreshBy("InitiateAuth", refresh)},
		"RespondToAuthChallenge": {respond("SOFTWARE_TOKEN_MFA", a.str("Session"), m{"USERNAME": "bob", "SOFTWARE_TOKEN_MFA_CODE": "1"})},
		"GetUser":                {{"AccessToken": access}, {"AccessToken": strings.Repeat(".", 2)}},
		"AssociateSoftwareToken": {{"AccessToken": access}, {"Session": session}},
		"VerifySoftwareToken":    {{"AccessToken": access, "UserCode": "123456"}},
		"SetUserMFAPreference":   {{"AccessToken": access, "SMSMfaSettings": m{"Enabled": true, "PreferredMfa": true}}},
		"ListDevices":            {{"AccessToken": access, "Limit": 5, "PaginationToken": "x"}},
		"UpdateUserAttributes":   {{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "y@example.com"}}}},
		"AdminCreateUser":        {{"UserPoolId": "eu-west-1_AbC123def", "Username": "new", "MessageAction": "RESEND"}},
		"SetRiskConfiguration":   {{"UserPoolId": "eu-west-1_AbC123def", "RiskExceptionConfiguration": m{"BlockedIPRangeList": []string{"192.0.2.0/24"}}}},
		"AdminInitiateAuth":      {{"UserPoolId": "eu-west-1_AbC123def", "ClientId": "client1", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": m{"USERNAME": "ana"}}},

		"AdminUpdateAuthEventFeedback": {{"UserPoolId": "eu-west-1_AbC123def", "Username": "ana", "EventId": event, "FeedbackValue": "Valid"}},
		"UpdateAuthEventFeedback":      {{"UserPoolId": "eu-west-1_AbC123def", "Username": "ana", "EventId": event, "FeedbackToken": "x", "FeedbackValue": "Valid"}},
		"ListWebAuthnCredentials":      {{"AccessToken": access, "MaxResults": 5, "NextToken": "x"}},
		"CompleteWebAuthnRegistration": {{"AccessToken": access, "Credential": m{"id": "AA", "response": m{"transports": []any{nil}}}}},
	}
	for operation, bodies := range seeds {
		for _, body := range bodies {
			text, err := json.Marshal(body)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(operation, string(text))
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(operations)) {
		f.Add(operation, `{"ClientId":"client1","Username":"ana","UserPoolId":"eu-west-1_AbC123def"}`)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
		res, err := p.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		a := readAnswer(t, res)
		switch {
		case a.status == http.StatusOK:
			if a.code() != "" || a.header.Get("X-Amzn-Errortype") != "" {
				t.Errorf("a success says %s", a.raw)
			}
		case a.status >= 500:
			t.Errorf("got %d: %s", a.status, a.raw)
		default:
			if a.code() == "" || a.header.Get("X-Amzn-Errortype") != a.code()+":" {
				t.Errorf("header %q, body %s", a.header.Get("X-Amzn-Errortype"), a.raw)
			}
		}
	})
}

// FuzzReference tampers with a session's reference. Only what the pool made is
// one.
func FuzzReference(f *testing.F) {
	table := newSessionTable([32]byte{})
	f.Add(uint(0), byte(0), uint(0))
	f.Add(uint(700), byte(1), uint(0))
	f.Add(uint(0), byte(0), uint(1))
	f.Fuzz(func(t *testing.T, position uint, flipped byte, missing uint) {
		reference := table.start(&session{})
		reference[position%referenceLength] ^= flipped
		missing %= referenceLength + 1
		s, _, ok := table.open(reference[:referenceLength-missing])
		if intact := flipped == 0 && missing == 0; ok != intact || intact && s == nil {
			t.Errorf("accepted: %t, session: %t", ok, s != nil)
		}
	})
}

// FuzzToken tampers with tokens.
func FuzzToken(f *testing.F) {
	token := accessKey().sign(accessClaims{Username: "ana"})
	f.Add(token)
	f.Add(token[:len(token)-1])
	f.Add("..")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if _, ok := verifyToken(text); ok && text != token {
			t.Error("a token that was never signed has been accepted")
		}
	})
}

// FuzzMask checks that masking hides what it must, whatever the destination.
func FuzzMask(f *testing.F) {
	f.Add("ana@example.com")
	f.Add("+15555550123")
	f.Add("@")
	f.Fuzz(func(t *testing.T, destination string) {
		for _, attribute := range contacts {
			masked := mask(attribute, destination)
			if len([]rune(masked)) > len([]rune(destination))+len("***@***") {
				t.Errorf("%q became longer: %q", destination, masked)
			}
			if attribute == attrEmail && strings.Count(masked, "*") < 6 {
				t.Errorf("%q shows too much: %q", destination, masked)
			}
		}
	})
}
