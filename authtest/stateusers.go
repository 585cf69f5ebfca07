package authtest

import (
	"maps"
	"slices"
	"time"
)

// A userRecord is a user without messages.
type userRecord struct {
	Serial           uint64                        `json:"serial"` // the user's place in the order of users
	Username         string                        `json:"username"`
	Sub              string                        `json:"sub"`
	Status           UserStatus                    `json:"status"`
	Enabled          bool                          `json:"enabled"`
	Created          time.Time                     `json:"created"`
	Modified         time.Time                     `json:"modified"`
	Attributes       map[string]string             `json:"attributes"`
	Pending          map[string]string             `json:"pending,omitempty"`
	Password         *credentialState              `json:"password,omitempty"`
	Former           []*credentialState            `json:"former,omitempty"`
	TemporaryExpires time.Time                     `json:"temporaryExpires,omitzero"`
	MFA              mfaFactorsState               `json:"mfa"`
	Devices          []deviceState                 `json:"devices,omitempty"`
	Passkeys         []passkeyState                `json:"passkeys,omitempty"`
	Registration     *registrationState            `json:"registration,omitempty"`
	Codes            map[codePurpose]codeState     `json:"codes,omitempty"`
	Attempts         map[limitedAction][]time.Time `json:"attempts,omitempty"`
	PasswordLock     lockoutState                  `json:"passwordLock,omitzero"`
	MFALock          lockoutState                  `json:"mfaLock,omitzero"`
	Events           []eventState                  `json:"events,omitempty"` // oldest first
	Risk             RiskLevel                     `json:"risk,omitempty"`
	Groups           []string                      `json:"groups,omitempty"`
	Identities       []identityState               `json:"identities,omitempty"`
	Aliases          []aliasState                  `json:"aliases,omitempty"`
}

// A credentialState is a password, of which only a salted hash and an SRP
// verifier are known.
type credentialState struct {
	Salt         []byte `json:"salt"`
	Hash         []byte `json:"hash"`
	VerifierSalt []byte `json:"verifierSalt"`
	Verifier     []byte `json:"verifier"`
}

type mfaFactorsState struct {
	Enabled     []MFAFactor `json:"enabled,omitempty"`
	SMSOption   bool        `json:"smsOption,omitempty"`
	Passkeys    bool        `json:"passkeys,omitempty"`
	Preferred   MFAFactor   `json:"preferred,omitempty"`
	TOTP        *totpState  `json:"totp,omitempty"`
	PendingTOTP *totpState  `json:"pendingTotp,omitempty"`
}

type totpState struct {
	Secret string  `json:"secret"`
	Used   []int64 `json:"used,omitempty"`
	Name   string  `json:"name,omitempty"`
}

type deviceState struct {
	Key           string    `json:"key"`
	Group         string    `json:"group"`
	Name          string    `json:"name,omitempty"`
	Salt          []byte    `json:"salt,omitempty"`
	Verifier      []byte    `json:"verifier,omitempty"` // none until the device is confirmed
	Remembered    bool      `json:"remembered,omitempty"`
	Created       time.Time `json:"created"`
	Modified      time.Time `json:"modified"`
	Authenticated time.Time `json:"authenticated"`
}

type passkeyState struct {
	ID             []byte    `json:"id"`
	Key            []byte    `json:"key"`
	Transports     []string  `json:"transports"`
	Attachment     string    `json:"attachment,omitempty"`
	BackupEligible bool      `json:"backupEligible,omitempty"`
	RelyingParty   string    `json:"relyingParty"`
	Created        time.Time `json:"created"`
	Counter        uint32    `json:"counter"`
}

type registrationState struct {
	Client    clientRef `json:"client"`
	Challenge string    `json:"challenge"`
	Expires   time.Time `json:"expires"`
}

type codeState struct {
	Value       string    `json:"value"`
	Attribute   string    `json:"attribute"`
	Destination string    `json:"destination"`
	Expires     time.Time `json:"expires"`
}

type lockoutState struct {
	Failures int       `json:"failures"`
	Last     time.Time `json:"last"`
	Until    time.Time `json:"until,omitzero"`
}

type identityState struct {
	UserID   string    `json:"userId"`
	Provider string    `json:"provider"`
	Type     string    `json:"type"`
	Linked   time.Time `json:"linked"`
	Primary  bool      `json:"primary,omitempty"`
}

// An aliasState is a value that signs the user in. Whose it is does not follow
// from the attributes alone: it went from one user to another at some time.
type aliasState struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
}

func (u *user) state() userRecord {
	s := userRecord{
		Serial: u.serial, Username: u.username, Sub: u.sub, Status: u.status, Enabled: u.enabled,
		Created: u.created.UTC(), Modified: u.modified.UTC(), Attributes: u.attributes, Pending: u.pending,
		Password: u.password.state(), TemporaryExpires: u.temporaryExpires.UTC(), MFA: u.mfa.state(),
		Registration: u.registration.state(), PasswordLock: u.passwordLock.state(), MFALock: u.mfaLock.state(),
		Groups: slices.Sorted(maps.Keys(u.groups)), Risk: u.risk,
	}
	for _, e := range u.events {
		s.Events = append(s.Events, e.state())
	}
	for _, former := range u.former {
		s.Former = append(s.Former, former.state())
	}
	for _, d := range u.deviceList() {
		s.Devices = append(s.Devices, d.state())
	}
	for _, k := range u.passkeys {
		s.Passkeys = append(s.Passkeys, passkeyState{k.id, k.key, k.transports, k.attachment, k.backupEligible, k.relyingParty, k.created.UTC(), k.counter})
	}
	for purpose, code := range u.codes {
		if code == nil { // that could not be sent
			continue
		}
		if s.Codes == nil {
			s.Codes = make(map[codePurpose]codeState)
		}
		s.Codes[purpose] = codeState{code.value, code.attribute, code.destination, code.expires.UTC()}
	}
	for action, times := range u.attempts {
		if s.Attempts == nil {
			s.Attempts = make(map[limitedAction][]time.Time)
		}
		for _, t := range times {
			s.Attempts[action] = append(s.Attempts[action], t.UTC())
		}
	}
	for _, i := range u.identities {
		s.Identities = append(s.Identities, identityState{i.userID, i.provider, i.kind, i.linked.UTC(), i.primary})
	}
	for _, key := range u.aliases {
		s.Aliases = append(s.Aliases, aliasState{key.attribute, key.value})
	}
	return s
}

func (c *credential) state() *credentialState {
	if c == nil {
		return nil
	}
	return &credentialState{c.salt[:], c.hash[:], c.verifier.Salt, c.verifier.Value}
}

func (m *mfaState) state() mfaFactorsState {
	return mfaFactorsState{
		Enabled: slices.Sorted(maps.Keys(m.enabled)), SMSOption: m.smsOption, Passkeys: m.passkeys, Preferred: m.preferred,
		TOTP: m.totp.state(), PendingTOTP: m.pendingTOTP.state(),
	}
}

func (s *totpSecret) state() *totpState {
	if s == nil {
		return nil
	}
	return &totpState{s.secret, s.used, s.name}
}

func (d *trackedDevice) state() deviceState {
	s := deviceState{
		Key: d.key, Group: d.group, Name: d.name, Remembered: d.remembered,
		Created: d.created.UTC(), Modified: d.modified.UTC(), Authenticated: d.authenticated.UTC(),
	}
	if d.verifier != nil {
		s.Salt, s.Verifier = d.verifier.Salt, d.verifier.Value
	}
	return s
}

func (r *passkeyRegistration) state() *registrationState {
	if r == nil {
		return nil
	}
	return &registrationState{r.client.ref(), r.challenge, r.expires.UTC()}
}

func (l lockout) state() lockoutState {
	return lockoutState{l.failures, l.last.UTC(), l.until.UTC()}
}

// stored is a message as the state has it.
func (m Message) stored() Message {
	m.Time = m.Time.UTC()
	return m
}
