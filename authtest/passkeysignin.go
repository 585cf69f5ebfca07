package authtest

import (
	"slices"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/cognitokit/auth/internal/wire"
)

// A passkeyCeremony is what the answer to a WEB_AUTHN challenge is checked
// against.
type passkeyCeremony struct {
	challenge string
	allowed   []*passkey
	verify    bool // whether the authenticator has to verify its user
}

// requestOptions are in the order of the API reference's example.
type requestOptions struct {
	Challenge        string                `json:"challenge"`
	Timeout          int64                 `json:"timeout"` // milliseconds
	RPID             string                `json:"rpId"`
	AllowCredentials []credentialReference `json:"allowCredentials"`
	UserVerification UserVerification      `json:"userVerification"`
}

// needsSecondFactor reports whether a password alone does not sign a user in.
func (c *call) needsSecondFactor(u *user) bool {
	return c.pool.cfg.MFA == MFARequired || len(c.factorsOf(u)) > 0
}

// passkeyMFA reports whether passkeys can stand for the second factor.
func (p *Pool) passkeyMFA() bool { return p.cfg.Passkeys != nil && p.cfg.Passkeys.MultiFactor }

// canUsePasskey reports whether a user can sign in with a passkey. Whoever
// needs a second factor can if a passkey stands for both.
func (c *call) canUsePasskey(u *user) bool {
	if c.pool.cfg.Passkeys == nil || len(u.passkeys) == 0 {
		return false
	}
	return !c.needsSecondFactor(u) || c.pool.passkeyMFA() && u.mfa.passkeys
}

// challengePasskey asks for a passkey, one of those that the user has now.
func (c *call) challengePasskey(a attempt) (*authResponse, *apiError) {
	if !c.canUsePasskey(a.user) {
		return nil, invalidParameter(msgMFAChoice)
	}
	ceremony := &passkeyCeremony{
		challenge: newPasskeyChallenge(), allowed: slices.Clone(a.user.passkeys),
		verify: c.pool.cfg.Passkeys.UserVerification == UserVerificationRequired || a.user.mfa.passkeys,
	}
	options := requestOptions{
		Challenge: ceremony.challenge, Timeout: a.client.sessionValidity.Milliseconds(), RPID: c.pool.cfg.Passkeys.RelyingPartyID,
		UserVerification: UserVerificationPreferred,
	}
	if ceremony.verify {
		options.UserVerification = UserVerificationRequired
	}
	for _, k := range ceremony.allowed {
		options.AllowCredentials = append(options.AllowCredentials, credentialReference{publicKeyType, k.credentialID(), k.transports})
	}
	response := c.challenge(wire.ChallengeWebAuthn, &session{attempt: a, passkey: ceremony},
		map[string]string{wire.ChallengeParamCredentialRequestOptions: jsonText(options)})
	response.AvailableChallenges = a.factors
	return response, nil
}

// answerPasskey serves WEB_AUTHN. Whatever is wrong with the credential, the
// answer is the one to a wrong password, and the session stays: clients whose
// prompt was canceled go on with it to another factor. Neither was published.
func answerPasskey(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	u, ceremony, passkeys := s.user, s.passkey, c.pool.cfg.Passkeys
	if ceremony == nil || passkeys == nil { // a choice that brings a credential for a challenge of its own, or a pool that gave passkeys up
		return nil, notAuthorized(msgIncorrect)
	}
	var k *passkey
	var counter uint32
	c.unlocked(func() {
		k, counter = passkeys.authenticate([]byte(responses[wire.ParamCredential]), ceremony, u.handle())
	})
	switch {
	case s.spent:
		return nil, notAuthorized(msgSessionSpent)
	case k == nil || !slices.Contains(u.passkeys, k) || !k.advances(counter):
		return nil, notAuthorized(msgIncorrect)
	case u.deleted || !u.enabled || !c.canUsePasskey(u) || u.mfa.passkeys && !ceremony.verify:
		return nil, notAuthorized(msgIncorrect)
	}
	s.spent = true
	k.counter = counter
	return c.finish(s.attempt)
}

// advances reports whether a signature counter is what the passkey's only
// authenticator can have: one that does not count, or one that has counted on.
// Anything else hints at a copy of the passkey.
func (k *passkey) advances(counter uint32) bool {
	return counter == 0 && k.counter == 0 || counter > k.counter
}

// authenticate checks the credential of a sign-in (WebAuthn Level 3, section
// 7.2), except for its counter. It returns a nil passkey for one that is not
// right.
func (p *Passkeys) authenticate(document []byte, ceremony *passkeyCeremony, handle []byte) (k *passkey, counter uint32) {
	credential, err := protocol.ParseCredentialRequestResponseBytes(document)
	if err != nil {
		return nil, 0
	}
	i := slices.IndexFunc(ceremony.allowed, func(k *passkey) bool { return slices.Equal(k.id, credential.RawID) })
	if i < 0 {
		return nil, 0
	}
	k = ceremony.allowed[i]
	origin, data := credential.Response.CollectedClientData.Origin, &credential.Response.AuthenticatorData
	if given := credential.Response.UserHandle; len(given) > 0 && !slices.Equal(given, handle) || !p.allows(origin) {
		return nil, 0
	}
	if data.Flags.HasBackupEligible() != k.backupEligible || data.Flags.HasBackupState() && !k.backupEligible {
		return nil, 0
	}
	if err := credential.Verify(ceremony.challenge, p.RelyingPartyID, "", []string{origin}, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, ceremony.verify, true, k.key, protocol.SignaturePolicy{}); err != nil {
		return nil, 0
	}
	return k, data.Counter
}
