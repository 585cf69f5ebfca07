package authtest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"github.com/cognitokit/auth/internal/wire"
)

// A passkeyRegistration is one that has begun. A user has one at a time.
type passkeyRegistration struct {
	client    *appClient
	challenge string
	expires   time.Time
}

const (
	// maxPasskeys is the most passkeys that a user can have.
	maxPasskeys = 20

	// registrationTimeout is what the browser is told, registrationValidity
	// how long the pool remembers; the service's own was never published.
	registrationTimeout  = time.Minute
	registrationValidity = 5 * time.Minute

	// maxPublicKey bounds a passkey's key, so that checking signatures takes
	// no time to speak of: 1,100 bytes hold an RSA key of 8,192 bits.
	maxPublicKey = 1100
)

// newPasskeyChallenge returns 16 random bytes, as many as the service sends.
func newPasskeyChallenge() string {
	var b [16]byte
	rand.Read(b[:])
	return encodeBytes(b[:])
}

// The creation options, in the order of the API reference's examples.
type (
	creationOptions struct {
		AuthenticatorSelection authenticatorSelection         `json:"authenticatorSelection"`
		Challenge              string                         `json:"challenge"`
		ExcludeCredentials     []credentialReference          `json:"excludeCredentials"`
		PubKeyCredParams       []protocol.CredentialParameter `json:"pubKeyCredParams"`
		RP                     relyingParty                   `json:"rp"`
		Timeout                int64                          `json:"timeout"` // milliseconds
		User                   passkeyUser                    `json:"user"`
	}
	authenticatorSelection struct {
		RequireResidentKey bool             `json:"requireResidentKey"`
		ResidentKey        string           `json:"residentKey"`
		UserVerification   UserVerification `json:"userVerification"`
	}
	credentialReference struct {
		Type       string   `json:"type"`
		ID         string   `json:"id"`
		Transports []string `json:"transports,omitzero"`
	}
	relyingParty struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	passkeyUser struct {
		DisplayName string `json:"displayName"`
		ID          string `json:"id"`
		Name        string `json:"name"`
	}
)

const publicKeyType = string(protocol.PublicKeyCredentialType)

// passkeysEnabled returns the pool's configuration, or why passkeys cannot be
// registered.
func (c *call) passkeysEnabled() (*Passkeys, *apiError) {
	p := c.pool.cfg.Passkeys
	switch first := slices.Contains(c.pool.cfg.FirstFactors, FirstFactorWebAuthn); {
	case !first && (p == nil || !p.MultiFactor):
		return nil, fail(wire.ExceptionWebAuthnNotEnabled, msgPasskeysDisabled)
	case p == nil:
		return nil, fail(wire.ExceptionWebAuthnConfigurationMissing, msgNoRelyingParty)
	default:
		return p, nil
	}
}

type startWebAuthnRegistrationRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken,required"`
}

type startWebAuthnRegistrationResponse struct {
	CredentialCreationOptions *creationOptions
}

func startWebAuthnRegistration(c *call, r *startWebAuthnRegistrationRequest) (*startWebAuthnRegistrationResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	options, err := c.startRegistration(g.client, g.user)
	if err != nil {
		return nil, err
	}
	return &startWebAuthnRegistrationResponse{options}, nil
}

// startRegistration begins a registration, which ends the one before it.
func (c *call) startRegistration(client *appClient, u *user) (*creationOptions, *apiError) {
	p, err := c.passkeysEnabled()
	if err != nil {
		return nil, err
	}
	if len(u.passkeys) >= maxPasskeys {
		return nil, fail(wire.ExceptionLimitExceeded, msgPasskeyLimit)
	}
	u.registration = &passkeyRegistration{client: client, challenge: newPasskeyChallenge(), expires: c.now.Add(registrationValidity)}
	options := &creationOptions{
		AuthenticatorSelection: authenticatorSelection{
			RequireResidentKey: true, ResidentKey: string(protocol.ResidentKeyRequirementRequired), UserVerification: p.UserVerification,
		},
		Challenge:          u.registration.challenge,
		ExcludeCredentials: []credentialReference{},
		PubKeyCredParams:   passkeyAlgorithms(),
		RP:                 relyingParty{p.RelyingPartyID, p.RelyingPartyID},
		Timeout:            registrationTimeout.Milliseconds(),
		User:               passkeyUser{u.username, encodeBytes(u.handle()), u.username},
	}
	for _, k := range u.passkeys {
		options.ExcludeCredentials = append(options.ExcludeCredentials, credentialReference{Type: publicKeyType, ID: k.credentialID()})
	}
	return options, nil
}

// handle is what authenticators know a user by.
func (u *user) handle() []byte { return []byte(u.sub) }

type completeWebAuthnRegistrationRequest struct {
	AccessToken string          `aws:"AccessToken,AccessToken,required"`
	Credential  json.RawMessage `aws:"Credential,,required"`
}

func completeWebAuthnRegistration(c *call, r *completeWebAuthnRegistrationRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := c.completeRegistration(g.client, g.user, r.Credential); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

// completeRegistration checks the credential that was made for the user's
// registration and keeps its passkey.
func (c *call) completeRegistration(client *appClient, u *user, credential []byte) *apiError {
	p, err := c.passkeysEnabled()
	if err != nil {
		return err
	}
	registration := u.registration
	if registration == nil || !c.now.Before(registration.expires) {
		return fail(wire.ExceptionWebAuthnChallengeNotFound, msgPasskeyChallenge)
	}
	if registration.client != client {
		return fail(wire.ExceptionWebAuthnClientMismatch, msgPasskeyClient)
	}
	var k *passkey
	c.unlocked(func() { k, err = p.register(credential, registration.challenge) })
	if err != nil {
		return err
	}
	return c.keepPasskey(u, registration, k)
}

// keepPasskey ends a registration, unless another credential has ended it
// while this one was checked.
func (c *call) keepPasskey(u *user, registration *passkeyRegistration, k *passkey) *apiError {
	switch {
	case u.registration != registration || u.deleted:
		return fail(wire.ExceptionWebAuthnChallengeNotFound, msgPasskeyChallenge)
	case len(u.passkeys) >= maxPasskeys:
		return fail(wire.ExceptionLimitExceeded, msgPasskeyLimit)
	case c.pool.users.hasPasskey(k.id):
		return invalidParameter(msgCredentialInvalid)
	}
	u.registration = nil
	k.created = c.now
	u.passkeys = append(u.passkeys, k)
	return nil
}

// register checks the credential of a registration (WebAuthn Level 3, section
// 7.1). The document has to be a complete RegistrationResponseJSON: the service
// refuses less, although nothing but the client data and the attestation is
// needed.
func (p *Passkeys) register(document []byte, challenge string) (*passkey, *apiError) {
	invalid := invalidParameter(msgCredentialInvalid)
	credential, err := protocol.ParseCredentialCreationResponseBytes(document)
	if err != nil {
		return nil, invalid
	}
	response := &credential.Raw.AttestationResponse
	if response.Transports == nil || len(response.AuthenticatorData) == 0 || response.PublicKeyAlgorithm == 0 {
		return nil, invalid
	}
	client, data := &credential.Response.CollectedClientData, &credential.Response.AttestationObject.AuthData
	domain := sha256.Sum256([]byte(p.RelyingPartyID))
	unsupported := fail(wire.ExceptionWebAuthnCredentialNotSupported, msgPasskeyNotSupported)
	switch {
	case client.Challenge != challenge:
		return nil, fail(wire.ExceptionWebAuthnChallengeNotFound, msgPasskeyChallenge)
	case !p.allows(client.Origin):
		return nil, fail(wire.ExceptionWebAuthnOriginNotAllowed, msgPasskeyOrigin)
	case !bytes.Equal(data.RPIDHash, domain[:]):
		return nil, fail(wire.ExceptionWebAuthnRelyingPartyMismatch, msgPasskeyRelyingParty)
	case p.UserVerification == UserVerificationRequired && !data.Flags.HasUserVerified():
		return nil, unsupported
	case len(data.AttData.CredentialPublicKey) > maxPublicKey:
		return nil, unsupported
	}
	switch algorithm, ok := passkeyAlgorithm(data.AttData.CredentialPublicKey); {
	case !ok:
		return nil, invalid
	case !slices.ContainsFunc(passkeyAlgorithms(), func(p protocol.CredentialParameter) bool { return p.Algorithm == algorithm }):
		return nil, unsupported
	}
	if _, err := credential.Verify(challenge, p.RelyingPartyID, []string{client.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, p.UserVerification == UserVerificationRequired, true, nil, passkeyAlgorithms(), protocol.AttestationPolicy{}, protocol.SignaturePolicy{}); err != nil {
		return nil, invalid
	}
	if !data.Flags.HasBackupEligible() && data.Flags.HasBackupState() {
		return nil, invalid
	}
	return &passkey{
		id: data.AttData.CredentialID, key: data.AttData.CredentialPublicKey, counter: data.Counter,
		transports: response.Transports, attachment: string(credential.AuthenticatorAttachment),
		backupEligible: data.Flags.HasBackupEligible(), relyingParty: p.RelyingPartyID,
	}, nil
}

// passkeyAlgorithms are the algorithms of signatures that the pool takes.
func passkeyAlgorithms() []protocol.CredentialParameter {
	return []protocol.CredentialParameter{
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
	}
}

// passkeyAlgorithm returns the algorithm of a COSE key, false for a key that is
// none for its algorithm.
func passkeyAlgorithm(cose []byte) (webauthncose.COSEAlgorithmIdentifier, bool) {
	var common webauthncose.PublicKeyData
	if err := webauthncbor.Unmarshal(cose, &common); err != nil {
		return 0, false
	}
	algorithm := webauthncose.COSEAlgorithmIdentifier(common.Algorithm)
	if algorithm != webauthncose.AlgES256 && algorithm != webauthncose.AlgRS256 {
		return algorithm, true
	}
	key, err := webauthncose.ParsePublicKey(cose)
	_, isRSA := key.(webauthncose.RSAPublicKeyData)
	return algorithm, err == nil && isRSA == (algorithm == webauthncose.AlgRS256)
}
