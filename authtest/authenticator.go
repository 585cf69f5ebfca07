package authtest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// An Authenticator is a browser with an authenticator in it, without either:
// it makes passkeys and signs in with them as navigator.credentials.create and
// get do on a page. Its passkeys live as long as it does.
//
// Set its fields before the first use. It is then safe for concurrent use.
type Authenticator struct {
	// SkipUserVerification makes an authenticator that knows that somebody is
	// there, but not who: a security key without a PIN.
	SkipUserVerification bool

	// RSA makes passkeys sign with RS256 instead of ES256.
	RSA bool

	origin string

	mu       sync.Mutex
	passkeys []*ownPasskey // oldest first
}

// An ownPasskey is a passkey of an authenticator.
type ownPasskey struct {
	id      []byte
	domain  string
	handle  []byte
	key     crypto.Signer
	counter uint32
}

// NewAuthenticator returns an authenticator on a page of an origin, as in
// "https://app.example.com", without any passkeys.
func NewAuthenticator(origin string) *Authenticator { return &Authenticator{origin: origin} }

// Format prints the origin and how many passkeys there are.
func (a *Authenticator) Format(f fmt.State, _ rune) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintf(f, "authenticator on %s with %d passkeys", a.origin, len(a.passkeys))
}

// Flags of authenticator data.
const (
	flagUserPresent  = 0x01
	flagUserVerified = 0x04
	flagAttested     = 0x40
)

// bytesInJSON are bytes as WebAuthn writes them in JSON: base64url without
// padding.
type bytesInJSON []byte

func (b bytesInJSON) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

func (b *bytesInJSON) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.AppendDecode(nil, text)
	return err
}

// Create makes a passkey. It takes a PublicKeyCredentialCreationOptionsJSON,
// such as StartWebAuthnRegistration returns, and returns a
// RegistrationResponseJSON for CompleteWebAuthnRegistration (WebAuthn Level 3,
// section 5.1).
//
// It refuses what browsers refuse: options that lack something, a domain that
// the origin does not belong to, algorithms and user verification that the
// authenticator does not have, and a second passkey where the options exclude
// the first.
func (a *Authenticator) Create(optionsJSON []byte) (credentialJSON []byte, err error) {
	var options struct {
		Challenge bytesInJSON `json:"challenge"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID bytesInJSON `json:"id"`
		} `json:"user"`
		PubKeyCredParams []struct {
			Alg int `json:"alg"`
		} `json:"pubKeyCredParams"`
		ExcludeCredentials []struct {
			ID bytesInJSON `json:"id"`
		} `json:"excludeCredentials"`
		AuthenticatorSelection struct {
			UserVerification UserVerification `json:"userVerification"`
		} `json:"authenticatorSelection"`
	}
	if err := json.Unmarshal(optionsJSON, &options); err != nil {
		return nil, fmt.Errorf("authtest: authenticator: reading the options: %w", err)
	}
	alg := algES256
	if a.RSA {
		alg = algRS256
	}
	if len(options.User.ID) == 0 {
		return nil, errors.New("authtest: authenticator: the options name no user")
	}
	offered := false
	for _, p := range options.PubKeyCredParams {
		offered = offered || p.Alg == alg
	}
	if !offered {
		return nil, errors.New("authtest: authenticator: none of the algorithms is known")
	}
	if err := a.checkPage(options.Challenge, options.RP.ID, options.AuthenticatorSelection.UserVerification); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, excluded := range options.ExcludeCredentials {
		if slices.ContainsFunc(a.passkeys, func(k *ownPasskey) bool { return slices.Equal(k.id, excluded.ID) }) {
			return nil, errors.New("authtest: authenticator: it has a passkey of this user already")
		}
	}
	key, cose, err := newPasskeyKey(alg)
	if err != nil {
		return nil, fmt.Errorf("authtest: authenticator: making a key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("authtest: authenticator: encoding a key: %w", err)
	}
	k := &ownPasskey{id: make([]byte, 20), domain: options.RP.ID, handle: options.User.ID, key: key}
	rand.Read(k.id)
	a.passkeys = append(a.passkeys, k)
	data := a.authenticatorData(k, flagAttested)
	data = append(data, make([]byte, 16)...) // no AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), cose...)
	return json.Marshal(registrationResponse{
		ID: k.id, RawID: k.id, Type: publicKeyType, AuthenticatorAttachment: "platform",
		Response: attestationResponse{
			ClientDataJSON:     a.clientData("webauthn.create", options.Challenge),
			AuthenticatorData:  data,
			Transports:         []string{"internal"},
			PublicKey:          public,
			PublicKeyAlgorithm: alg,
			AttestationObject:  attestationObject(data),
		},
	})
}

type (
	registrationResponse struct {
		ID                      bytesInJSON         `json:"id"`
		RawID                   bytesInJSON         `json:"rawId"`
		Type                    string              `json:"type"`
		AuthenticatorAttachment string              `json:"authenticatorAttachment"`
		ClientExtensionResults  struct{}            `json:"clientExtensionResults"`
		Response                attestationResponse `json:"response"`
	}
	attestationResponse struct {
		ClientDataJSON     bytesInJSON `json:"clientDataJSON"`
		AuthenticatorData  bytesInJSON `json:"authenticatorData"`
		Transports         []string    `json:"transports"`
		PublicKey          bytesInJSON `json:"publicKey"`
		PublicKeyAlgorithm int         `json:"publicKeyAlgorithm"`
		AttestationObject  bytesInJSON `json:"attestationObject"`
	}
	authenticationResponse struct {
		ID                      bytesInJSON       `json:"id"`
		RawID                   bytesInJSON       `json:"rawId"`
		Type                    string            `json:"type"`
		AuthenticatorAttachment string            `json:"authenticatorAttachment"`
		ClientExtensionResults  struct{}          `json:"clientExtensionResults"`
		Response                assertionResponse `json:"response"`
	}
	assertionResponse struct {
		ClientDataJSON    bytesInJSON `json:"clientDataJSON"`
		AuthenticatorData bytesInJSON `json:"authenticatorData"`
		Signature         bytesInJSON `json:"signature"`
		UserHandle        bytesInJSON `json:"userHandle"`
	}
)

// Get signs in with a passkey. It takes a PublicKeyCredentialRequestOptionsJSON,
// such as SignInNextStep.WebAuthnOptions of package auth, and returns an
// AuthenticationResponseJSON for ConfirmSignIn (WebAuthn Level 3, section 5.1).
// Of several passkeys that fit it takes the newest.
//
// It refuses what browsers refuse: options that lack something, a domain that
// the origin does not belong to, user verification that the authenticator does
// not have, and passkeys that it does not have.
func (a *Authenticator) Get(optionsJSON []byte) (credentialJSON []byte, err error) {
	var options struct {
		Challenge        bytesInJSON `json:"challenge"`
		RPID             string      `json:"rpId"`
		AllowCredentials []struct {
			ID bytesInJSON `json:"id"`
		} `json:"allowCredentials"`
		UserVerification UserVerification `json:"userVerification"`
	}
	if err := json.Unmarshal(optionsJSON, &options); err != nil {
		return nil, fmt.Errorf("authtest: authenticator: reading the options: %w", err)
	}
	if err := a.checkPage(options.Challenge, options.RPID, options.UserVerification); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range slices.Backward(a.passkeys) {
		allowed := len(options.AllowCredentials) == 0
		for _, c := range options.AllowCredentials {
			allowed = allowed || slices.Equal(c.ID, k.id)
		}
		if k.domain == options.RPID && allowed {
			return a.sign(k, options.Challenge)
		}
	}
	return nil, errors.New("authtest: authenticator: it has none of the passkeys asked for")
}

func (a *Authenticator) sign(k *ownPasskey, challenge []byte) ([]byte, error) {
	k.counter++
	client, data := a.clientData("webauthn.get", challenge), a.authenticatorData(k, 0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(slices.Concat(data, hash[:]))
	signature, err := k.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("authtest: authenticator: signing: %w", err)
	}
	return json.Marshal(authenticationResponse{
		ID: k.id, RawID: k.id, Type: publicKeyType, AuthenticatorAttachment: "platform",
		Response: assertionResponse{ClientDataJSON: client, AuthenticatorData: data, Signature: signature, UserHandle: k.handle},
	})
}

// checkPage makes the checks that a browser makes for the page.
func (a *Authenticator) checkPage(challenge []byte, domain string, verification UserVerification) error {
	switch {
	case len(challenge) == 0:
		return errors.New("authtest: authenticator: the options have no challenge")
	case !mayUse(a.origin, domain):
		return fmt.Errorf("authtest: authenticator: pages of %s may not use passkeys of %q", a.origin, domain)
	case a.SkipUserVerification && verification == UserVerificationRequired:
		return errors.New("authtest: authenticator: user verification is required, and skipped")
	default:
		return nil
	}
}

func (a *Authenticator) clientData(ceremony string, challenge []byte) []byte {
	return []byte(jsonText(struct {
		Type        string      `json:"type"`
		Challenge   bytesInJSON `json:"challenge"`
		Origin      string      `json:"origin"`
		CrossOrigin bool        `json:"crossOrigin"`
	}{ceremony, challenge, a.origin, false}))
}

// authenticatorData begins authenticator data (WebAuthn Level 3, section 6.1).
func (a *Authenticator) authenticatorData(k *ownPasskey, flags byte) []byte {
	flags |= flagUserPresent
	if !a.SkipUserVerification {
		flags |= flagUserVerified
	}
	hash := sha256.Sum256([]byte(k.domain))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), k.counter)
}
