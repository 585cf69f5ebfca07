package authtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

// FuzzAccount sends anything to the operations that manage an account, with
// good credentials. Whatever it is, the answer is no server error, and a
// request that is refused has changed nothing.
func FuzzAccount(f *testing.F) {
	withToken := tokenRequests()
	operations := append(slices.Sorted(maps.Keys(withToken)),
		"AdminDeleteUserAttributes", "AdminForgetDevice", "AdminGetDevice", "AdminListDevices", "AdminSetUserMFAPreference", "AdminSetUserSettings",
		"AdminUpdateDeviceStatus", "AdminUpdateUserAttributes", "ConfirmForgotPassword", "ForgotPassword", "RevokeToken")
	p, access, startAnew := fuzzedAccount(f)

	seed := func(operation string, body any) {
		if i := slices.Index(operations, operation); i >= 0 {
			f.Add(byte(i), jsonText(body))
		}
	}
	for operation, body := range withToken {
		seed(operation, body)
	}
	for _, b := range badAccountRequests() {
		for _, in := range b.inputs {
			seed(b.operation, in.body)
		}
	}
	user := m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "1", "Password": "An0ther one"}
	seed("ConfirmForgotPassword", user)
	seed("ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	seed("UpdateUserAttributes", m{"UserAttributes": []m{{"Name": "email", "Value": "new@example.com"}, {"Name": "phone_number", "Value": ""}}})
	seed("AdminUpdateUserAttributes", m{"UserAttributes": []m{{"Name": "email", "Value": "bob@example.com"}, {"Name": "email_verified", "Value": "true"}}})
	seed("SetUserMFAPreference", m{"SMSMfaSettings": m{"Enabled": true, "PreferredMfa": true}, "EmailMfaSettings": m{"Enabled": true}})
	seed("SetUserSettings", m{"MFAOptions": []m{{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}}})
	seed("GetDevice", m{"DeviceKey": "eu-west-1_0"})

	f.Fuzz(func(t *testing.T, index byte, body string) {
		operation := operations[int(index)%len(operations)]
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &members) == nil && members != nil {
			if _, ok := withToken[operation]; ok {
				members["AccessToken"] = json.RawMessage(jsonText(access))
			} else {
				members["UserPoolId"] = json.RawMessage(jsonText(p.PoolID()))
				if members["Username"] == nil {
					members["Username"] = json.RawMessage(`"ana"`)
				}
			}
			body = jsonText(members)
		}
		startAnew()
		before := stateOf(p)
		a := send(t, p, http.MethodPost, "/", body, map[string]string{
			"X-Amz-Target": "AWSCognitoIdentityProviderService." + operation, "Authorization": "AWS4-HMAC-SHA256 Credential=x",
		})
		switch {
		case a.status >= http.StatusInternalServerError:
			t.Errorf("%s: got %d: %s", operation, a.status, a.raw)
		case a.status == http.StatusOK && a.code() != "":
			t.Errorf("%s: a success says %s", operation, a.raw)
		case a.status != http.StatusOK && a.code() == "":
			t.Errorf("%s: got %d without a type: %s", operation, a.status, a.raw)
		case a.status != http.StatusOK:
			if diff := cmp.Diff(before, stateOf(p)); diff != "" {
				t.Errorf("%s: the refused request changed (-before +after):\n%s", operation, diff)
			}
		}
	})
}

// fuzzedAccount returns a pool with ana, signed in, and bob, and a function
// that makes them what they were at first.
func fuzzedAccount(f *testing.F) (p *Pool, access string, startAnew func()) {
	f.Helper()
	p, err := New(Config{
		PoolID: "eu-west-1_AbC123def", ClientID: "client1", ExplicitAuthFlows: passwordFlow, AccessTokenValidity: 24 * time.Hour,
		MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail},
		AliasAttributes: []string{"email", "preferred_username"}, RequiredAttributes: []string{"name"}, CustomAttributes: []string{"plan"},
		AutoVerifiedAttributes: []string{"email", "phone_number"}, RequireVerificationBeforeUpdate: []string{"email"},
		PasswordPolicy: &PasswordPolicy{HistorySize: 2}, Devices: &DeviceTracking{},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain},
	})
	if err != nil {
		f.Fatal(err)
	}
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com", Attributes: map[string]string{"preferred_username": "bobby"}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123", Attributes: map[string]string{"name": "Ana"}})
	access, _, _ = signIn(f, p)
	ana, bob := *p.users.find("ana"), *p.users.find("bob")
	signedIn := p.grants.order.Front().Value.(*grant)
	device := srp.NewVerifier("-AbC123def", "eu-west-1_0", "a secret")
	secret := newTOTPSecret()
	return p, access, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.users = newDirectory(p.cfg)
		for _, first := range []user{bob, ana} {
			u := first
			u.attributes, u.pending, u.aliases = maps.Clone(first.attributes), map[string]string{}, nil
			u.attempts = make(map[limitedAction][]time.Time)
			u.mfa = mfaState{pendingTOTP: secret}
			code := issuedCode{value: "1", attribute: attrEmail, destination: u.attributes[attrEmail], expires: u.created.Add(24 * time.Hour)}
			u.codes = map[codePurpose]*issuedCode{codeReset: &code, verifyPurpose(attrEmail): &code}
			u.devices = map[string]*trackedDevice{"eu-west-1_0": {key: "eu-west-1_0", verifier: &device}, "eu-west-1_1": {key: "eu-west-1_1"}}
			p.users.add(&u)
		}
		p.grants = newGrantTable(maxGrants)
		p.grants.add(&grant{client: signedIn.client, user: p.users.find("ana"), eventID: signedIn.eventID, expires: signedIn.expires})
	}
}
