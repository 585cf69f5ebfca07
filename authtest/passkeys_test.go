package authtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Passkeys in the tests belong to theDomain and are used on thePage.
const (
	theDomain = "example.com"
	thePage   = "https://app.example.com"
)

// passkeyPool returns a pool where people sign in with passwords and passkeys,
// with ana, and an access token of hers.
func passkeyPool(t testing.TB, cfg Config) (p *Pool, access string) {
	t.Helper()
	cfg.ExplicitAuthFlows = []AuthFlow{AllowUser, AllowUserPassword, AllowUserSRP}
	if cfg.FirstFactors == nil {
		cfg.FirstFactors = []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}
	}
	if cfg.Passkeys == nil {
		cfg.Passkeys = &Passkeys{RelyingPartyID: theDomain}
	}
	p = newPool(t, cfg)
	p.AddUser(User{Name: "ana", Password: testPassword})
	return p, accessToken(t, p, "ana")
}

// accessToken signs a user of testPassword in.
func accessToken(t testing.TB, p *Pool, name string) string {
	t.Helper()
	return result(t, ok(t, p, "InitiateAuth", withPassword(name, testPassword)), "AccessToken")
}

// startRegistration returns the creation options.
func startRegistration(t testing.TB, p *Pool, access string) m {
	t.Helper()
	options, isObject := ok(t, p, "StartWebAuthnRegistration", m{"AccessToken": access}).body["CredentialCreationOptions"].(m)
	if !isObject {
		t.Fatal("the options are no JSON object")
	}
	return options
}

// create makes a passkey for creation options.
func create(t testing.TB, a *Authenticator, options m) m {
	t.Helper()
	credential, err := a.Create(encode(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, credential)
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, text []byte) m {
	t.Helper()
	var object m
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// register registers a new passkey.
func register(t testing.TB, p *Pool, access string, a *Authenticator) (credential m) {
	t.Helper()
	credential = create(t, a, startRegistration(t, p, access))
	ok(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": credential})
	return credential
}

// edited returns a document with the member at a path, names and a value at
// the end, changed, or without it if the value is nil.
func edited(t testing.TB, document m, path ...any) m {
	t.Helper()
	document = maps.Clone(document)
	name := path[0].(string)
	switch {
	case len(path) > 2:
		document[name] = edited(t, document[name].(m), path[1:]...)
	case path[1] == nil:
		delete(document, name)
	default:
		document[name] = path[1]
	}
	return document
}

// withClientData returns a credential with other client data.
func withClientData(t testing.TB, credential m, path ...any) m {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(credential["response"].(m)["clientDataJSON"].(string))
	if err != nil {
		t.Fatal(err)
	}
	data := edited(t, decode(t, text), path...)
	return edited(t, credential, "response", "clientDataJSON", encodeBytes(encode(t, data)))
}

// withAuthenticatorData returns a registration with other authenticator data.
func withAuthenticatorData(t testing.TB, credential m, change func([]byte) []byte) m {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(credential["response"].(m)["authenticatorData"].(string))
	if err != nil {
		t.Fatal(err)
	}
	data = change(data)
	credential = edited(t, credential, "response", "authenticatorData", encodeBytes(data))
	return edited(t, credential, "response", "attestationObject", encodeBytes(attestationObject(data)))
}

func TestStartWebAuthnRegistration(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	first := register(t, p, access, NewAuthenticator(thePage))
	options := startRegistration(t, p, access)
	challenge, _ := options["challenge"].(string)
	if raw, err := base64.RawURLEncoding.DecodeString(challenge); err != nil || len(raw) != 16 {
		t.Errorf("challenge: got %q", challenge)
	}
	u, _ := p.User("ana")
	want := m{
		"authenticatorSelection": m{"requireResidentKey": true, "residentKey": "required", "userVerification": "preferred"},
		"challenge":              challenge,
		"excludeCredentials":     []any{m{"id": first["id"], "type": "public-key"}},
		"pubKeyCredParams":       []any{m{"alg": -7.0, "type": "public-key"}, m{"alg": -257.0, "type": "public-key"}},
		"rp":                     m{"id": theDomain, "name": theDomain},
		"timeout":                60000.0,
		"user":                   m{"displayName": "ana", "id": encodeBytes([]byte(u.Sub)), "name": "ana"},
	}
	if diff := cmp.Diff(want, options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if again := startRegistration(t, p, access)["challenge"]; again == challenge {
		t.Error("the challenge repeats")
	}
}

//nolint:tparallel // a user has one registration at a time
func TestCompleteWebAuthnRegistrationRefuses(t *testing.T) {
	t.Parallel()
	const invalid = "InvalidParameterException"
	type change func(testing.TB, m) m
	set := func(path ...any) change {
		return func(t testing.TB, c m) m { t.Helper(); return edited(t, c, path...) }
	}
	clientData := func(path ...any) change {
		return func(t testing.TB, c m) m { t.Helper(); return withClientData(t, c, path...) }
	}
	data := func(f func([]byte) []byte) change {
		return func(t testing.TB, c m) m { t.Helper(); return withAuthenticatorData(t, c, f) }
	}
	flag := func(bits byte) change {
		return data(func(b []byte) []byte { b[32] ^= bits; return b })
	}
	// The key's members begin with {1: 2, 3: -7, -1: 1, …}, after 37 bytes
	// of data, 16 of AAGUID, 2 of length and 20 of id.
	key := func(at int, value byte) change {
		return data(func(b []byte) []byte { b[75+at] = value; return b })
	}
	tests := []struct {
		name   string
		change change
		code   string
	}{
		{"empty", func(testing.TB, m) m { return m{} }, invalid},
		{"no id", set("id", nil), invalid},
		{"no raw id", set("rawId", nil), invalid},
		{"two ids", set("id", "AAAA"), invalid},
		{"id with padding", set("id", "AAAA=="), invalid},
		{"type", set("type", "password"), invalid},
		{"no response", set("response", nil), invalid},
		{"response of another type", set("response", "x"), invalid},
		{"no client data", set("response", "clientDataJSON", nil), invalid},
		{"client data that is no JSON", set("response", "clientDataJSON", "AAAA"), invalid},
		{"no attestation", set("response", "attestationObject", nil), invalid},
		{"attestation that is no CBOR", set("response", "attestationObject", "____"), invalid},
		{"no authenticator data", set("response", "authenticatorData", nil), invalid},
		{"no transports", set("response", "transports", nil), invalid},
		{"no algorithm", set("response", "publicKeyAlgorithm", nil), invalid},
		{"signs in", clientData("type", "webauthn.get"), invalid},
		{"inside another page", clientData("crossOrigin", true), invalid},
		{"nobody there", flag(flagUserPresent), invalid},
		{"backed up, but cannot be", flag(0x10), invalid},
		{"no credential data", data(func(b []byte) []byte { b[32] &^= flagAttested; return b[:37] }), invalid},
		{"data cut short", data(func(b []byte) []byte { return b[:40] }), invalid},
		{"another id in the data", data(func(b []byte) []byte { b[55] ^= 1; return b }), invalid},
		{"key of no type", key(2, 9), invalid},
		{"key not on the curve", data(func(b []byte) []byte { b[len(b)-1] ^= 1; return b }), invalid},
		{"challenge of nobody", clientData("challenge", "AAAA"), "WebAuthnChallengeNotFoundException"},
		{"no challenge", clientData("challenge", nil), "WebAuthnChallengeNotFoundException"},
		{"page of another domain", clientData("origin", "https://example.org"), "WebAuthnOriginNotAllowedException"},
		{"page of a longer domain", clientData("origin", "https://notexample.com"), "WebAuthnOriginNotAllowedException"},
		{"page of the domain above", clientData("origin", "https://com"), "WebAuthnOriginNotAllowedException"},
		{"page without TLS", clientData("origin", "http://app.example.com"), "WebAuthnOriginNotAllowedException"},
		{"page that is no URL", clientData("origin", "https://[app.example.com"), "WebAuthnOriginNotAllowedException"},
		{"app", clientData("origin", "android:apk-key-hash:AAAA"), "WebAuthnOriginNotAllowedException"},
		{"no page", clientData("origin", nil), "WebAuthnOriginNotAllowedException"},
		{"passkey of a part of the domain", data(func(b []byte) []byte {
			hash := sha256.Sum256([]byte("app.example.com"))
			copy(b, hash[:])
			return b
		}), "WebAuthnRelyingPartyMismatchException"},
		{"algorithm ES384", data(func(b []byte) []byte { // -35 takes two bytes: 38 22
			return slices.Concat(b[:75+4], []byte{0x38, 0x22}, b[75+5:])
		}), "WebAuthnCredentialNotSupportedException"},
		{"curve P-384", key(6, 2), invalid},
		{"key of another algorithm", data(func(b []byte) []byte { // -257 takes three bytes: 39 01 00
			return slices.Concat(b[:75+4], []byte{0x39, 0x01, 0x00}, b[75+5:])
		}), invalid},
		{"RSA key for ES256", data(func(b []byte) []byte {
			rsa := cborHead(nil, cborMap, 4)
			for _, member := range [][2]int{{1, 3}, {3, algES256}} {
				rsa = cborInt(cborInt(rsa, member[0]), member[1])
			}
			rsa = cborByteString(cborInt(rsa, -1), bytes.Repeat([]byte{0xff}, 256))
			return append(b[:75:75], cborByteString(cborInt(rsa, -2), []byte{1, 0, 1})...)
		}), invalid},
		{"key that takes forever", data(func(b []byte) []byte {
			rsa := cborHead(nil, cborMap, 4)
			for _, member := range [][2]int{{1, 3}, {3, algRS256}} {
				rsa = cborInt(cborInt(rsa, member[0]), member[1])
			}
			rsa = cborByteString(cborInt(rsa, -1), bytes.Repeat([]byte{0xff}, 16384))
			return append(b[:75:75], cborByteString(cborInt(rsa, -2), []byte{0x7f, 0xff, 0xff, 0xff})...)
		}), "WebAuthnCredentialNotSupportedException"},
	}
	p, access := passkeyPool(t, Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			good := create(t, NewAuthenticator(thePage), startRegistration(t, p, access))
			bad := post(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": tt.change(t, good)})
			if bad.code() != tt.code || tt.code == invalid && bad.message() != "Credential data is not valid" {
				t.Errorf("got %d %s: %q, want %s", bad.status, bad.code(), bad.message(), tt.code)
			}
			// A refusal leaves the registration as it was.
			ok(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": good})
			ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": good["id"]})
		})
	}
	t.Run("no object", func(t *testing.T) {
		startRegistration(t, p, access)
		for _, document := range []any{"{}", 1, true, []any{}, "", m{"a": []any{m{}}}} {
			fails(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": document}, invalid, "Credential data is not valid")
		}
		fails(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": nil}, invalid,
			"1 validation error detected: Value null at 'credential' failed to satisfy constraint: Member must not be null")
	})
}

// A registration is good for one passkey, for a while, until the next one
// begins, and for the client that began it.
func TestRegistrationEnds(t *testing.T) {
	t.Parallel()
	const gone = "WebAuthnChallengeNotFoundException"
	p, access := passkeyPool(t, Config{})
	complete := func(access string, credential m) string {
		return post(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": credential}).code()
	}
	a := NewAuthenticator(thePage)
	if got := complete(access, m{}); got != gone {
		t.Errorf("before it began: got %q", got)
	}
	first := create(t, a, startRegistration(t, p, access))
	second := create(t, a, startRegistration(t, p, access))
	if got := complete(access, first); got != gone {
		t.Errorf("when another has begun: got %q", got)
	}
	if got := complete(access, second); got != "" {
		t.Errorf("got %q", got)
	}
	if got := complete(access, second); got != gone {
		t.Errorf("again: got %q", got)
	}
	// The same passkey for another user, as a thief of client data might try.
	p.AddUser(User{Name: "bob", Password: testPassword})
	bob := accessToken(t, p, "bob")
	stolen := withClientData(t, second, "challenge", startRegistration(t, p, bob)["challenge"])
	fails(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": bob, "Credential": stolen}, "InvalidParameterException", "Credential data is not valid")

	third := create(t, NewAuthenticator(thePage), startRegistration(t, p, access))
	p.mu.Lock()
	p.users.find("ana").registration.client = &appClient{}
	p.mu.Unlock()
	if got := complete(access, third); got != "WebAuthnClientMismatchException" {
		t.Errorf("for another client: got %q", got)
	}
}

func TestRegistrationExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, access := passkeyPool(t, Config{})
		credential := create(t, NewAuthenticator(thePage), startRegistration(t, p, access))
		time.Sleep(registrationValidity)
		if got := post(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": credential}).code(); got != "WebAuthnChallengeNotFoundException" {
			t.Errorf("got %q", got)
		}
	})
}

func TestPasskeysNotEnabled(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		cfg  Config
		code string
	}{
		{"neither", Config{}, "WebAuthnNotEnabledException"},
		{"no first factor", Config{Passkeys: &Passkeys{RelyingPartyID: theDomain}}, "WebAuthnNotEnabledException"},
		{"no relying party", Config{FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}}, "WebAuthnConfigurationMissingException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.ExplicitAuthFlows = passwordFlow
			p := newPool(t, tt.cfg)
			p.AddUser(User{Name: "ana", Password: testPassword})
			access := accessToken(t, p, "ana")
			for operation, body := range map[string]m{
				"StartWebAuthnRegistration":    {"AccessToken": access},
				"CompleteWebAuthnRegistration": {"AccessToken": access, "Credential": m{}},
			} {
				if got := post(t, p, operation, body).code(); got != tt.code {
					t.Errorf("%s: got %q, want %s", operation, got, tt.code)
				}
			}
			ok(t, p, "ListWebAuthnCredentials", m{"AccessToken": access})
		})
	}
}

// Passkeys that stand for a second factor can be registered where they are no
// first one.
func TestPasskeysEnabledAsSecondFactor(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: true}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	register(t, p, accessToken(t, p, "ana"), NewAuthenticator(thePage))
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		passkeys Passkeys
		origin   string
		want     bool
	}{
		{Passkeys{RelyingPartyID: theDomain}, "https://example.com", true},
		{Passkeys{RelyingPartyID: theDomain}, "https://example.com:8443", true},
		{Passkeys{RelyingPartyID: theDomain}, "https://a.b.example.com", true},
		{Passkeys{RelyingPartyID: theDomain}, "http://example.com", false},
		{Passkeys{RelyingPartyID: theDomain}, "https://example.com@example.org", false},
		{Passkeys{RelyingPartyID: theDomain}, "http://localhost", false},
		{Passkeys{RelyingPartyID: "localhost"}, "http://localhost", true},
		{Passkeys{RelyingPartyID: "localhost"}, "http://localhost:3000", true},
		{Passkeys{RelyingPartyID: "localhost"}, "https://localhost:3000", true},
		{Passkeys{RelyingPartyID: "localhost"}, "http://app.localhost:3000", true},
		{Passkeys{RelyingPartyID: "localhost"}, "http://notlocalhost", false},
		{Passkeys{RelyingPartyID: theDomain, Origins: []string{"https://app.example.com"}}, "https://app.example.com", true},
		{Passkeys{RelyingPartyID: theDomain, Origins: []string{"https://app.example.com"}}, "https://app.example.com:8443", false},
		{Passkeys{RelyingPartyID: theDomain, Origins: []string{"https://app.example.com"}}, "https://example.com", false},
		{Passkeys{RelyingPartyID: theDomain, Origins: []string{"android:apk-key-hash:x"}}, "android:apk-key-hash:x", true},
		{Passkeys{RelyingPartyID: theDomain, Origins: []string{}}, "https://example.com", false},
	}
	for _, tt := range tests {
		if got := tt.passkeys.allows(tt.origin); got != tt.want {
			t.Errorf("%+v allows %s: %t", tt.passkeys, tt.origin, got)
		}
	}
}

func TestListWebAuthnCredentials(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, access := passkeyPool(t, Config{})
		list := func(body m) (ids []string, next string) {
			t.Helper()
			body["AccessToken"] = access
			a := ok(t, p, "ListWebAuthnCredentials", body)
			for _, c := range a.body["Credentials"].([]any) {
				ids = append(ids, c.(m)["CredentialId"].(string))
			}
			return ids, a.str("NextToken")
		}
		if ids, next := list(m{}); len(ids) != 0 || next != "" {
			t.Errorf("got %v %q", ids, next)
		}
		a := NewAuthenticator(thePage)
		credential := register(t, p, access, a)
		b := ok(t, p, "ListWebAuthnCredentials", m{"AccessToken": access})
		want := m{"Credentials": []any{m{
			"AuthenticatorAttachment": "platform", "AuthenticatorTransports": []any{"internal"}, "CreatedAt": float64(time.Now().UnixMilli()) / 1000,
			"CredentialId": credential["id"], "FriendlyCredentialName": "Passkey", "RelyingPartyId": theDomain,
		}}}
		if diff := cmp.Diff(want, b.body); diff != "" {
			t.Errorf("list (-want +got):\n%s", diff)
		}
		all := []string{credential["id"].(string)}
		for len(all) < maxPasskeys {
			// Each from a device of its own: one that has a passkey of the user makes no other.
			all = append(all, register(t, p, access, NewAuthenticator(thePage))["id"].(string))
		}
		for _, body := range []m{{}, {"MaxResults": maxPasskeys}} {
			if ids, next := list(body); !slices.Equal(ids, all) || next != "" {
				t.Errorf("%v: got %v %q, want %v", body, ids, next, all)
			}
		}
		var paged []string
		next := ""
		for pages := 0; pages == 0 || next != ""; pages++ {
			body := m{"MaxResults": 8}
			if next != "" {
				body["NextToken"] = next
			}
			var ids []string
			ids, next = list(body)
			if paged = append(paged, ids...); pages > 3 || len(ids) > 8 {
				t.Fatalf("page %d has %d passkeys", pages, len(ids))
			}
		}
		if !slices.Equal(paged, all) {
			t.Errorf("by pages: got %v, want %v", paged, all)
		}
		fails(t, p, "ListWebAuthnCredentials", m{"AccessToken": access, "NextToken": "AAAA"}, "InvalidParameterException", "Invalid pagination token given")

		full := post(t, p, "StartWebAuthnRegistration", m{"AccessToken": access})
		if full.code() != "LimitExceededException" {
			t.Errorf("with 20 passkeys: got %q", full.code())
		}
		ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": all[7]})
		if ids, _ := list(m{"MaxResults": 0}); !slices.Equal(ids, slices.Delete(all, 7, 8)) {
			t.Errorf("got %v, want %v", ids, all)
		}
		// Two registrations can race for the last place.
		last := create(t, a, edited(t, startRegistration(t, p, access), "excludeCredentials", nil))
		p.mu.Lock()
		u := p.users.find("ana")
		u.passkeys = append(u.passkeys, &passkey{id: []byte("late")})
		p.mu.Unlock()
		if got := post(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": last}).code(); got != "LimitExceededException" {
			t.Errorf("after a race for the last place: got %q", got)
		}
	})
}

// A key that travels has another name than one that is built in.
func TestFriendlyName(t *testing.T) {
	t.Parallel()
	for attachment, want := range map[any]string{"platform": "Passkey", "cross-platform": "Roaming passkey", "moon": "Passkey", nil: "Passkey"} {
		p, access := passkeyPool(t, Config{})
		credential := create(t, NewAuthenticator(thePage), startRegistration(t, p, access))
		ok(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": edited(t, credential, "authenticatorAttachment", attachment)})
		listed := ok(t, p, "ListWebAuthnCredentials", m{"AccessToken": access}).body["Credentials"].([]any)[0].(m)
		if listed["FriendlyCredentialName"] != want || attachment != "moon" && listed["AuthenticatorAttachment"] != attachment {
			t.Errorf("%v: got %v", attachment, listed)
		}
	}
}

func TestDeleteWebAuthnCredential(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	id := register(t, p, access, NewAuthenticator(thePage))["id"]
	p.AddUser(User{Name: "bob", Password: testPassword})
	for _, body := range []m{
		{"AccessToken": access, "CredentialId": "AAAA"},
		{"AccessToken": accessToken(t, p, "bob"), "CredentialId": id},
	} {
		if got := post(t, p, "DeleteWebAuthnCredential", body).code(); got != "ResourceNotFoundException" {
			t.Errorf("got %q", got)
		}
	}
	ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": id})
	if got := post(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": id}).code(); got != "ResourceNotFoundException" {
		t.Errorf("again: got %q", got)
	}
}

// Numbers are numbers on the wire, within the limits of the model.
func TestNumbers(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{Devices: &DeviceTracking{}})
	for _, tt := range []struct {
		operation, member string
		value             any
		code, message     string
	}{
		{"ListWebAuthnCredentials", "MaxResults", 21, "InvalidParameterException", "1 validation error detected: Value '21' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 20"},
		{"ListDevices", "Limit", -1, "InvalidParameterException", "1 validation error detected: Value '-1' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"ListDevices", "Limit", "5", "SerializationException", "STRING_VALUE can not be converted to Integer"},
		{"ListDevices", "Limit", true, "SerializationException", "TRUE_VALUE can not be converted to Integer"},
		{"ListDevices", "Limit", 1.5, "SerializationException", "NUMBER_VALUE can not be converted to Integer"},
		{"ListDevices", "Limit", m{}, "SerializationException", "Start of structure or map found where not expected."},
	} {
		fails(t, p, tt.operation, m{"AccessToken": access, tt.member: tt.value}, tt.code, tt.message)
	}
	ok(t, p, "ListDevices", m{"AccessToken": access, "Limit": 60})
}

// The requests of a history print without the parts of a passkey.
func TestPasskeyRequestsPrintNothing(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	requests := p.Requests()
	text := requests[len(requests)-1]
	if got := text.Body["Credential"].(m)["id"].(string); got == "" || strings.Contains(fmt.Sprintf("%+v", text), got) {
		t.Errorf("the request prints as %s", fmt.Sprintf("%+v", text))
	}
	if got := fmt.Sprintf("%+v", a); got != "authenticator on https://app.example.com with 1 passkeys" {
		t.Errorf("the authenticator prints as %q", got)
	}
}
