package authtest

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
)

// A UserVerification says whether an authenticator has to check who uses it,
// as by a fingerprint or a PIN.
type UserVerification string

// The values of UserVerification. The empty one is UserVerificationPreferred.
const (
	UserVerificationRequired  UserVerification = "required"
	UserVerificationPreferred UserVerification = "preferred"
)

// Passkeys configures a pool's passkeys (WebAuthnConfiguration of
// SetUserPoolMfaConfig). People sign in with them if [Config].FirstFactors has
// FirstFactorWebAuthn.
type Passkeys struct {
	// RelyingPartyID is the domain that passkeys belong to, as in
	// "example.com" or "localhost".
	RelyingPartyID string

	// Origins are the pages that passkeys may be made and used on, as in
	// "https://app.example.com". Nil means all that browsers allow for the
	// domain: https pages of the domain and its subdomains, on any port, and
	// http pages if the domain is localhost.
	Origins []string

	// UserVerification is asked of authenticators; empty for
	// UserVerificationPreferred.
	UserVerification UserVerification

	// MultiFactor makes a passkey with user verification stand for the second
	// factor too, for users who want that
	// (MULTI_FACTOR_WITH_USER_VERIFICATION; WebAuthnMfaSettings of
	// SetUserMFAPreference, [User].PasskeyMFA). Otherwise whoever has a second
	// factor cannot sign in with a passkey.
	MultiFactor bool
}

// A passkey is a passkey of a user. Only the counter changes.
type passkey struct {
	id             []byte
	key            []byte // a COSE key
	transports     []string
	attachment     string
	backupEligible bool
	relyingParty   string // the domain it belongs to; the pool's may be another by now
	created        time.Time
	counter        uint32
}

// credentialID is the passkey's id on the wire.
func (k *passkey) credentialID() string { return encodeBytes(k.id) }

// friendlyName is the name that the pool gives a passkey: clients cannot.
func (k *passkey) friendlyName() string {
	if k.attachment == string(protocol.CrossPlatform) {
		return "Roaming passkey"
	}
	return "Passkey"
}

// encodeBytes writes bytes as WebAuthn does in JSON.
func encodeBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// hasPasskey reports whether a credential id is taken, by whomever.
func (d *directory) hasPasskey(id []byte) bool {
	for _, u := range d.byName {
		if u.passkey(id) != nil {
			return true
		}
	}
	return false
}

// passkey returns the user's passkey with a credential id, nil for none.
func (u *user) passkey(id []byte) *passkey {
	for _, k := range u.passkeys {
		if bytes.Equal(k.id, id) {
			return k
		}
	}
	return nil
}

// allows reports whether passkeys may be used on pages of an origin.
func (p *Passkeys) allows(origin string) bool {
	if p.Origins != nil {
		return protocol.IsOriginInHaystack(origin, p.Origins)
	}
	return mayUse(origin, p.RelyingPartyID)
}

// mayUse reports whether browsers let pages of an origin use passkeys of a
// domain.
func mayUse(origin, domain string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	secure := u.Scheme == "https" || u.Scheme == "http" && within(host, "localhost")
	return secure && within(host, domain)
}

func within(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// AddPasskey registers a passkey of an authenticator for a user, as
// StartWebAuthnRegistration and CompleteWebAuthnRegistration do together. A
// test fails, and a program panics, if the pool has no such user or refuses the
// passkey, or the authenticator refuses to make one.
func (p *Pool) AddPasskey(user string, a *Authenticator) {
	if p.tb != nil {
		p.tb.Helper()
	}
	if problem := p.addPasskey(user, a); problem != "" {
		p.misuse("AddPasskey: %s", problem)
	}
}

func (p *Pool) addPasskey(name string, a *Authenticator) (problem string) {
	refusal := p.change(func(c *call) *apiError {
		u := p.users.findAny(name)
		if u == nil {
			return userNotFound("no such user")
		}
		client := p.clients[p.cfg.ClientID]
		options, refusal := c.startRegistration(client, u)
		if refusal != nil {
			return refusal
		}
		var credential []byte
		var err error
		c.unlocked(func() { credential, err = a.Create([]byte(jsonText(options))) })
		if err != nil {
			return invalidParameter(err.Error())
		}
		return c.completeRegistration(client, u, credential)
	})
	if refusal != nil {
		return refusal.message
	}
	return ""
}
