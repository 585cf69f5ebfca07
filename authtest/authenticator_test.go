package authtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/google/go-cmp/cmp"
)

// The options of theDomain, as the pool writes them.
func createOptions() m {
	return m{
		"challenge": "AAECAwQFBgcICQoLDA0ODw", "rp": m{"id": theDomain, "name": theDomain}, "user": m{"id": "YW5h", "name": "ana", "displayName": "ana"},
		"pubKeyCredParams": []m{{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}},
	}
}

func getOptions() m { return m{"challenge": "AAECAwQFBgcICQoLDA0ODw", "rpId": theDomain} }

func TestAuthenticatorRefuses(t *testing.T) {
	t.Parallel()
	a := NewAuthenticator(thePage)
	own := create(t, a, createOptions())
	required := m{"userVerification": "required"}
	tests := []struct {
		name    string
		a       *Authenticator
		create  bool
		options any
		want    string
	}{
		{"create without JSON", a, true, "x", "reading the options"},
		{"create with padding", a, true, edited(t, createOptions(), "challenge", "AA=="), "reading the options"},
		{"create without challenge", a, true, edited(t, createOptions(), "challenge", nil), "no challenge"},
		{"create without domain", a, true, edited(t, createOptions(), "rp", nil), `may not use passkeys of ""`},
		{"create without user", a, true, edited(t, createOptions(), "user", nil), "no user"},
		{"create for a part of the page's domain only", NewAuthenticator("https://example.com"), true, edited(t, createOptions(), "rp", m{"id": "app.example.com"}), "may not use passkeys"},
		{"create without TLS", NewAuthenticator("http://example.com"), true, createOptions(), "may not use passkeys"},
		{"create on no page", NewAuthenticator("://"), true, createOptions(), "may not use passkeys"},
		{"create for EdDSA", a, true, edited(t, createOptions(), "pubKeyCredParams", []m{{"type": "public-key", "alg": -8}}), "none of the algorithms"},
		{"create with RSA for ES256", &Authenticator{origin: thePage, RSA: true}, true, edited(t, createOptions(), "pubKeyCredParams", []m{{"type": "public-key", "alg": -7}}), "none of the algorithms"},
		{"create unverified", &Authenticator{origin: thePage, SkipUserVerification: true}, true, edited(t, createOptions(), "authenticatorSelection", required), "user verification"},
		{"create again", a, true, edited(t, createOptions(), "excludeCredentials", []m{{"type": "public-key", "id": own["id"]}}), "already"},
		{"get without JSON", a, false, "x", "reading the options"},
		{"get without challenge", a, false, edited(t, getOptions(), "challenge", nil), "no challenge"},
		{"get without domain", a, false, edited(t, getOptions(), "rpId", nil), "may not use passkeys"},
		{"get for another domain", a, false, edited(t, getOptions(), "rpId", "example.org"), "may not use passkeys"},
		{"get for a part of the domain", a, false, edited(t, getOptions(), "rpId", "app.example.com"), "none of the passkeys"},
		{"get another passkey", a, false, edited(t, getOptions(), "allowCredentials", []m{{"type": "public-key", "id": "AAAA"}}), "none of the passkeys"},
		{"get unverified", &Authenticator{origin: thePage, SkipUserVerification: true}, false, edited(t, getOptions(), "userVerification", "required"), "user verification"},
		{"get without passkeys", NewAuthenticator(thePage), false, getOptions(), "none of the passkeys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			do := tt.a.Get
			if tt.create {
				do = tt.a.Create
			}
			credential, err := do(encode(t, tt.options))
			if err == nil || !strings.HasPrefix(err.Error(), "authtest: authenticator: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one about %q", err, tt.want)
			}
			if credential != nil {
				t.Errorf("there is a credential with the error: %s", credential)
			}
		})
	}
}

// The documents have all that WebAuthn Level 3, section 5.1, requires, as
// browsers write it.
func TestAuthenticatorDocuments(t *testing.T) {
	t.Parallel()
	a := NewAuthenticator(thePage)
	bytesOf := func(document m, name string) []byte {
		t.Helper()
		b, err := base64.RawURLEncoding.DecodeString(document["response"].(m)[name].(string))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	shape := func(document m) m {
		response := m{}
		for name, value := range document["response"].(m) {
			if _, isText := value.(string); isText {
				value = "text"
			}
			response[name] = value
		}
		return edited(t, document, "response", response)
	}
	created := create(t, a, createOptions())
	if diff := cmp.Diff(m{
		"id": created["id"], "rawId": created["id"], "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": m{},
		"response": m{
			"clientDataJSON": "text", "authenticatorData": "text", "publicKey": "text", "attestationObject": "text",
			"publicKeyAlgorithm": -7.0, "transports": []any{"internal"},
		},
	}, shape(created)); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if got := string(bytesOf(created, "clientDataJSON")); got != `{"type":"webauthn.create","challenge":"AAECAwQFBgcICQoLDA0ODw","origin":"https://app.example.com","crossOrigin":false}` {
		t.Errorf("client data: got %s", got)
	}
	var attestation struct {
		Format    string         `cbor:"fmt"`
		Statement map[string]any `cbor:"attStmt"`
		Data      []byte         `cbor:"authData"`
	}
	if err := webauthncbor.Unmarshal(bytesOf(created, "attestationObject"), &attestation); err != nil {
		t.Fatal(err)
	}
	if attestation.Format != "none" || len(attestation.Statement) != 0 || !bytes.Equal(attestation.Data, bytesOf(created, "authenticatorData")) {
		t.Errorf("attestation: got %+v", attestation)
	}

	credential, err := a.Get(encode(t, getOptions()))
	if err != nil {
		t.Fatal(err)
	}
	asserted := decode(t, credential)
	if diff := cmp.Diff(m{
		"id": created["id"], "rawId": created["id"], "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": m{},
		"response": m{"clientDataJSON": "text", "authenticatorData": "text", "signature": "text", "userHandle": "text"},
	}, shape(asserted)); diff != "" {
		t.Errorf("asserted (-want +got):\n%s", diff)
	}
	if got := string(bytesOf(asserted, "userHandle")); got != "ana" {
		t.Errorf("handle: got %s", got)
	}
	// Of two passkeys for the domain, the newest signs, unless it is not asked for.
	second := create(t, a, createOptions())
	for want, allow := range map[any]any{second["id"]: nil, created["id"]: []m{{"id": created["id"]}}} {
		credential, err := a.Get(encode(t, edited(t, getOptions(), "allowCredentials", allow)))
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(t, credential)["id"]; got != want {
			t.Errorf("allowing %v: got %v, want %v", allow, got, want)
		}
	}
}

// CBOR against another encoder, at the borders between lengths.
func TestCBOR(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 23, 24, 255, 256, 65535, -1, -24, -25, -256, -257, -65536} {
		want, err := webauthncbor.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if got := cborInt(nil, n); !bytes.Equal(got, want) {
			t.Errorf("%d: got %x, want %x", n, got, want)
		}
	}
	for _, n := range []int{0, 23, 24, 255, 256, 65535} {
		value := bytes.Repeat([]byte("a"), n)
		want, err := webauthncbor.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := cborByteString(nil, value); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: got %x…, want %x…", n, got[:3], want[:3])
		}
		if want, err = webauthncbor.Marshal(string(value)); err != nil {
			t.Fatal(err)
		}
		if got := cborTextString(nil, string(value)); !bytes.Equal(got, want) {
			t.Errorf("%d characters: got %x…, want %x…", n, got[:3], want[:3])
		}
	}
}

func TestAddPasskeyMisuse(t *testing.T) {
	t.Parallel()
	enabled := Config{FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain}}
	for name, tt := range map[string]struct {
		cfg  Config
		user string
		page string
		want string
	}{
		"no such user": {enabled, "bob", thePage, "no such user"},
		"no passkeys":  {Config{}, "ana", thePage, "not enabled"},
		"another page": {enabled, "ana", "https://example.org", "may not use passkeys"},
		"page not on a list": {Config{
			FirstFactors: enabled.FirstFactors, Passkeys: &Passkeys{RelyingPartyID: theDomain, Origins: []string{"https://example.com"}},
		}, "ana", thePage, "not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := New(tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			p.AddUser(User{Name: "ana"})
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "authtest: AddPasskey: ") || !strings.Contains(got, tt.want) {
					t.Errorf("got panic %q, want one about %q", got, tt.want)
				}
			}()
			p.AddPasskey(tt.user, NewAuthenticator(tt.page))
		})
	}
}

func TestPasskeyMFAMisuse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cfg  Config
		user User
		want string
	}{
		"one factor":    {Config{MFA: MFAOptional, Passkeys: &Passkeys{RelyingPartyID: theDomain}}, User{Name: "ana", TOTP: true, PasskeyMFA: true}, "not a second factor"},
		"nothing else":  {Config{MFA: MFAOptional, Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: true}}, User{Name: "ana", PasskeyMFA: true}, "additional"},
		"as a favorite": {Config{MFA: MFAOptional, Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: true}}, User{Name: "ana", TOTP: true, PasskeyMFA: true, PreferredMFA: mfaPasskeys}, "not enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := New(tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, refusal := p.addUser(tt.user); refusal == nil || !strings.Contains(refusal.message, tt.want) {
				t.Errorf("got %+v, want a refusal about %q", refusal, tt.want)
			}
		})
	}
}

func TestPasskeyConfig(t *testing.T) {
	t.Parallel()
	both := []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{FirstFactors: []FirstFactor{FirstFactorWebAuthn}}, "WEB_AUTHN needs another one"},
		{Config{FirstFactors: []FirstFactor{"FACE"}}, `FirstFactors: unknown value "FACE"`},
		{Config{FirstFactors: both, Passkeys: &Passkeys{}}, "RelyingPartyID must be a domain"},
		{Config{FirstFactors: both, Passkeys: &Passkeys{RelyingPartyID: "https://example.com"}}, "RelyingPartyID must be a domain"},
		{Config{FirstFactors: both, Passkeys: &Passkeys{RelyingPartyID: "example.com:443"}}, "RelyingPartyID must be a domain"},
		{Config{FirstFactors: both, Passkeys: &Passkeys{RelyingPartyID: strings.Repeat("a.", 62) + "test"}}, "RelyingPartyID must be a domain"},
		{Config{FirstFactors: both, Passkeys: &Passkeys{RelyingPartyID: theDomain, UserVerification: "discouraged"}}, `Passkeys.UserVerification: unknown value "discouraged"`},
		{Config{FirstFactors: both, Passkeys: &Passkeys{RelyingPartyID: "localhost"}}, ""},
		{Config{FirstFactors: both}, ""},
	} {
		p, err := New(tt.cfg)
		if got := fmt.Sprint(err); tt.want != "" && !strings.Contains(got, tt.want) || tt.want == "" && err != nil {
			t.Errorf("got %s, want %q", got, tt.want)
		}
		if err == nil && p.cfg.Passkeys != nil && p.cfg.Passkeys.UserVerification != UserVerificationPreferred {
			t.Errorf("user verification: got %q", p.cfg.Passkeys.UserVerification)
		}
		if tt.cfg.Passkeys != nil && tt.want == "" && tt.cfg.Passkeys.UserVerification != "" {
			t.Error("the caller's configuration has been changed")
		}
	}
}
