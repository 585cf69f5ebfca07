package authtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/cognitokit/auth/internal/wire"
)

// FuzzRegistrationCredential sends credentials that browsers, and others, could
// make.
func FuzzRegistrationCredential(f *testing.F) {
	challenge := createOptions()["challenge"].(string)
	passkeys := Passkeys{RelyingPartyID: theDomain}
	for _, rsa := range []bool{false, true} {
		a := NewAuthenticator(thePage)
		a.RSA = rsa
		credential := create(f, a, createOptions())
		for _, document := range []m{
			credential,
			withClientData(f, credential, "origin", "https://example.org"),
			withClientData(f, credential, "challenge", "AAAA"),
			withAuthenticatorData(f, credential, func(b []byte) []byte { return append(b, 0xa0) }),
			withAuthenticatorData(f, credential, func(b []byte) []byte { b[32] |= 0x80; return append(b, 0xa1, 0x61, 'a', 0xf5) }),
			edited(f, credential, "response", "attestationObject", encodeBytes(bytes.Repeat([]byte{0xa1, 0x61, 'a'}, 100))),
			edited(f, credential, "clientExtensionResults", m{"credProps": m{"rk": true}, "prf": nil, "x": []any{1}}),
		} {
			f.Add(encode(f, document))
		}
	}
	for _, text := range []string{"", "{}", "[]", "null", `"x"`, `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, document []byte) { checkRegistration(t, passkeys, document, challenge) })
}

// checkRegistration registers a credential. What is refused has one of the
// exceptions that the operation has; what is accepted was made for the
// challenge, with a key that works.
func checkRegistration(t *testing.T, passkeys Passkeys, document []byte, challenge string) {
	t.Helper()
	k, refusal := passkeys.register(document, challenge)
	if refusal != nil {
		exceptions := []string{
			wire.ExceptionInvalidParameter, wire.ExceptionWebAuthnChallengeNotFound, wire.ExceptionWebAuthnOriginNotAllowed,
			wire.ExceptionWebAuthnRelyingPartyMismatch, wire.ExceptionWebAuthnCredentialNotSupported,
		}
		if k != nil || !slices.Contains(exceptions, refusal.code) || refusal.httpStatus() != http.StatusBadRequest {
			t.Errorf("got %+v and %+v", k, refusal)
		}
		return
	}
	var made registrationResponse
	if err := json.Unmarshal(document, &made); err != nil {
		t.Fatal(err)
	}
	var client struct{ Type, Challenge, Origin string }
	if err := json.Unmarshal(made.Response.ClientDataJSON, &client); err != nil {
		t.Fatal(err)
	}
	if client.Type != "webauthn.create" || client.Challenge != challenge || !passkeys.allows(client.Origin) {
		t.Errorf("accepted %+v", client)
	}
	if algorithm, ok := passkeyAlgorithm(k.key); !ok || algorithm != algES256 && algorithm != algRS256 || len(k.id) == 0 || !bytes.Equal(k.id, made.ID) {
		t.Errorf("accepted %+v with algorithm %d", k, algorithm)
	}
}

// FuzzAttestation is FuzzRegistrationCredential below the JSON.
func FuzzAttestation(f *testing.F) {
	challenge := createOptions()["challenge"].(string)
	passkeys := Passkeys{RelyingPartyID: theDomain}
	credential := create(f, NewAuthenticator(thePage), createOptions())
	var made registrationResponse
	if err := json.Unmarshal(encode(f, credential), &made); err != nil {
		f.Fatal(err)
	}
	client, data := made.Response.ClientDataJSON, made.Response.AuthenticatorData
	f.Add([]byte(client), []byte(made.Response.AttestationObject))
	f.Add([]byte(`{"type":"webauthn.create","challenge":"AAECAwQFBgcICQoLDA0ODw","origin":"https://example.com"}`), attestationObject(append(slices.Clip(data), 0xa0)))
	// The statement of a packed attestation, and of one made of others.
	for _, statement := range []string{"\xa2calg&csigA0", "\xa3calg&csigA0cx5c\x81A0", "\x82\xa2cfmtdnonegattStmt\xa0\xa2cfmtfpackedgattStmt\xa0"} {
		for _, format := range []string{"packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound"} {
			object := cborTextString(cborTextString(cborHead(nil, cborMap, 3), "fmt"), format)
			object = append(cborTextString(object, "attStmt"), statement...)
			f.Add([]byte(client), cborByteString(cborTextString(object, "authData"), data))
		}
	}
	f.Fuzz(func(t *testing.T, client, object []byte) {
		document := edited(t, credential, "response", "clientDataJSON", encodeBytes(client))
		document = edited(t, document, "response", "attestationObject", encodeBytes(object))
		checkRegistration(t, passkeys, encode(t, document), challenge)
	})
}

// knownAuthenticator returns an authenticator that is the same in every
// process, as a fuzzing worker has to have it, and its passkey as a pool keeps
// it.
func knownAuthenticator(tb testing.TB) (a *Authenticator, public *ecdsa.PublicKey, k *passkey) {
	tb.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	cose, err := coseP256(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	a = NewAuthenticator(thePage)
	a.passkeys = []*ownPasskey{{id: []byte("known"), domain: theDomain, handle: []byte("ana"), key: key}}
	return a, &key.PublicKey, &passkey{id: []byte("known"), key: cose}
}

// FuzzSignInCredential sends credentials to sign in with. What is accepted has
// a signature that the standard library accepts, too.
func FuzzSignInCredential(f *testing.F) {
	a, public, k := knownAuthenticator(f)
	good := decode(f, []byte(use(f, a, getOptions())))
	for _, document := range []m{
		good,
		edited(f, good, "response", "userHandle", nil),
		edited(f, good, "response", "signature", "MAYCAQECAQE"),
		edited(f, good, "response", "authenticatorData", "AAAA"),
		edited(f, good, "clientExtensionResults", m{"appid": true}),
		withClientData(f, good, "crossOrigin", true),
		withClientData(f, good, "tokenBinding", m{"status": "present"}),
	} {
		f.Add(encode(f, document))
	}
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, document []byte) { checkSignIn(t, k, public, document) })
}

// FuzzAssertion is FuzzSignInCredential below the JSON.
func FuzzAssertion(f *testing.F) {
	a, public, k := knownAuthenticator(f)
	var made authenticationResponse
	if err := json.Unmarshal([]byte(use(f, a, getOptions())), &made); err != nil {
		f.Fatal(err)
	}
	r := made.Response
	f.Add([]byte(r.ClientDataJSON), []byte(r.AuthenticatorData), []byte(r.Signature), []byte(r.UserHandle))
	f.Add([]byte(r.ClientDataJSON), []byte(r.AuthenticatorData), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, client, data, signature, handle []byte) {
		made.Response = assertionResponse{ClientDataJSON: client, AuthenticatorData: data, Signature: signature, UserHandle: handle}
		checkSignIn(t, k, public, encode(t, made))
	})
}

func checkSignIn(t *testing.T, k *passkey, public *ecdsa.PublicKey, document []byte) {
	t.Helper()
	passkeys := Passkeys{RelyingPartyID: theDomain}
	ceremony := &passkeyCeremony{challenge: getOptions()["challenge"].(string), allowed: []*passkey{k}}
	accepted, _ := passkeys.authenticate(document, ceremony, []byte("ana"))
	if accepted == nil {
		return
	}
	var made authenticationResponse
	if err := json.Unmarshal(document, &made); err != nil {
		t.Fatal(err)
	}
	client := sha256.Sum256(made.Response.ClientDataJSON)
	digest := sha256.Sum256(slices.Concat(made.Response.AuthenticatorData, client[:]))
	if accepted != k || !ecdsa.VerifyASN1(public, digest[:], made.Response.Signature) {
		t.Error("accepted without a signature")
	}
}

// The credential that the fuzz targets above begin with signs in: there is
// something to accept.
func TestKnownAuthenticatorSignsIn(t *testing.T) {
	t.Parallel()
	a, _, k := knownAuthenticator(t)
	passkeys := Passkeys{RelyingPartyID: theDomain}
	ceremony := &passkeyCeremony{challenge: getOptions()["challenge"].(string), allowed: []*passkey{k}}
	if accepted, counter := passkeys.authenticate([]byte(use(t, a, getOptions())), ceremony, []byte("ana")); accepted != k || counter != 1 {
		t.Errorf("got %+v with counter %d", accepted, counter)
	}
}

// FuzzAuthenticator gives authenticators options. What they make of them, the
// pool takes.
func FuzzAuthenticator(f *testing.F) {
	f.Add(encode(f, createOptions()), encode(f, getOptions()))
	f.Add([]byte(`{"rp":{},"user":{},"pubKeyCredParams":[{}]}`), []byte(`{"allowCredentials":[{}]}`))
	f.Add([]byte(`x`), []byte(`[]`))
	f.Fuzz(func(t *testing.T, creation, request []byte) {
		a := NewAuthenticator(thePage)
		credential, err := a.Create(creation)
		if (credential == nil) == (err == nil) {
			t.Fatalf("got %s and %v", credential, err)
		}
		if err == nil {
			var made struct {
				RP struct{ ID string }
			}
			if err := json.Unmarshal(creation, &made); err != nil {
				t.Fatal(err)
			}
			var response registrationResponse
			if err := json.Unmarshal(credential, &response); err != nil {
				t.Fatal(err)
			}
			var client struct{ Challenge string }
			if err := json.Unmarshal(response.Response.ClientDataJSON, &client); err != nil {
				t.Fatal(err)
			}
			passkeys := Passkeys{RelyingPartyID: made.RP.ID}
			if _, refusal := passkeys.register(credential, client.Challenge); refusal != nil {
				t.Errorf("%s: %s", creation, refusal.message)
			}
		}
		if credential, err = a.Get(request); (credential == nil) == (err == nil) {
			t.Fatalf("got %s and %v", credential, err)
		}
	})
}
