package authtest

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pquerna/otp/hotp"

	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
)

// takePeople takes over users, grants and sessions.
func (parts *poolParts) takePeople(state *poolState) error {
	people := &people{poolParts: parts, bySerial: make(map[uint64]*user), gone: make(map[uint64]*user)}
	users := newDirectory(parts.cfg)
	var aliases, passkeys nameTable
	for i := range state.Users {
		u, err := people.user(&state.Users[i])
		switch {
		case err != nil:
		case people.bySerial[u.serial] != nil || u.serial == 0:
			err = errors.New("the serial number is missing, or another user's")
		case users.byName[users.fold(u.username)] != nil || users.bySub[u.sub] != nil:
			err = errors.New("the username or the sub is another user's")
		}
		if err == nil {
			err = claimAll(u, &aliases, &passkeys)
		}
		if err != nil {
			return fmt.Errorf("users[%d]: %w", i, err)
		}
		people.bySerial[u.serial] = u
		users.list(u)
		parts.users = append(parts.users, u)
	}
	slices.SortFunc(parts.users, bySerial)
	if err := people.takeGrants(state.Grants); err != nil {
		return err
	}
	return people.takeSessions(state.Sessions)
}

// claimAll claims what only one user can have.
func claimAll(u *user, aliases, passkeys *nameTable) error {
	for _, key := range u.aliases {
		if err := aliases.claim("alias "+key.attribute, key.value); err != nil {
			return err
		}
	}
	for _, k := range u.passkeys {
		if err := passkeys.claim("passkey", k.credentialID()); err != nil {
			return err
		}
	}
	return nil
}

// people makes users of their states, and finds those that are referred to.
type people struct {
	*poolParts
	bySerial map[uint64]*user
	gone     map[uint64]*user
}

// named returns the user with a serial number, or one who has been deleted.
func (p *people) named(serial uint64) *user {
	if u := p.bySerial[serial]; u != nil {
		return u
	}
	if p.gone[serial] == nil {
		p.gone[serial] = &user{serial: serial, deleted: true, attributes: make(map[string]string)}
	}
	return p.gone[serial]
}

func (p *people) user(s *userEntry) (*user, error) {
	u := &user{
		username: s.Username, sub: s.Sub, status: s.Status, enabled: s.Enabled, created: s.Created, modified: s.Modified,
		attributes: writable(s.Attributes), pending: writable(s.Pending), temporaryExpires: s.TemporaryExpires,
		codes: make(map[codePurpose]*issuedCode), attempts: make(map[limitedAction][]time.Time),
		passwordLock: s.PasswordLock.restored(), mfaLock: s.MFALock.restored(), serial: s.Serial, risk: s.Risk,
		inbox: s.Inbox, delivered: max(s.delivered, uint64(len(s.Inbox))),
	}
	if u.username == "" || u.sub == "" {
		return nil, errors.New("the username or the sub is missing")
	}
	if len(u.inbox) > maxInbox {
		return nil, errors.New("there are more messages than an inbox holds")
	}
	if err := p.takeSecrets(u, s); err != nil {
		return nil, err
	}
	for i := range s.Events {
		e := s.Events[i].restored()
		if e.id == "" || len(u.events) >= maxAuthEvents || len(u.events) > 0 && e.serial <= u.events[len(u.events)-1].serial {
			return nil, fmt.Errorf("events[%d]: the id is missing, the order is wrong, or there are too many", i)
		}
		u.events = append(u.events, e)
	}
	for purpose, c := range s.Codes {
		u.codes[purpose] = &issuedCode{value: c.Value, attribute: c.Attribute, destination: c.Destination, expires: c.Expires}
	}
	maps.Copy(u.attempts, s.Attempts)
	for _, name := range s.Groups {
		g := p.administration.groups[name]
		if g == nil {
			return nil, fmt.Errorf("there is no group %q", name)
		}
		if err := u.join(g); err != nil {
			return nil, errors.New(err.message)
		}
	}
	for _, i := range s.Identities {
		u.identities = append(u.identities, identity{userID: i.UserID, provider: i.Provider, kind: i.Type, linked: i.Linked, primary: i.Primary})
	}
	for _, a := range s.Aliases {
		u.aliases = append(u.aliases, aliasKey{a.Attribute, a.Value})
	}
	return u, nil
}

// writable is a map that can be written to.
func writable(m map[string]string) map[string]string {
	if m == nil {
		return make(map[string]string)
	}
	return m
}

// takeSecrets takes over what a user signs in with.
func (p *people) takeSecrets(u *user, s *userEntry) (err error) {
	if u.password, err = s.Password.restored(); err != nil {
		return fmt.Errorf("password: %w", err)
	}
	for i, former := range s.Former {
		c, err := former.restored()
		if err != nil || c == nil {
			return fmt.Errorf("former[%d]: it is no password", i)
		}
		u.former = append(u.former, c)
	}
	for _, factor := range s.MFA.Enabled {
		u.mfa.enable(factor)
	}
	u.mfa.smsOption, u.mfa.passkeys, u.mfa.preferred = s.MFA.SMSOption, s.MFA.Passkeys, s.MFA.Preferred
	if u.mfa.totp, err = s.MFA.TOTP.restored(); err != nil {
		return err
	}
	if u.mfa.pendingTOTP, err = s.MFA.PendingTOTP.restored(); err != nil {
		return err
	}
	for i := range s.Devices {
		d, err := s.Devices[i].restored()
		if err != nil {
			return fmt.Errorf("devices[%d]: %w", i, err)
		}
		if u.devices == nil {
			u.devices = make(map[string]*trackedDevice)
		}
		u.devices[d.key] = d
	}
	for i := range s.Passkeys {
		k := &s.Passkeys[i]
		if len(k.ID) == 0 {
			return fmt.Errorf("passkeys[%d]: the id is missing", i)
		}
		u.passkeys = append(u.passkeys, &passkey{
			id: k.ID, key: k.Key, transports: k.Transports, attachment: k.Attachment, backupEligible: k.BackupEligible,
			relyingParty: k.RelyingParty, created: k.Created, counter: k.Counter,
		})
	}
	if r := s.Registration; r != nil {
		u.registration = &passkeyRegistration{client: p.client(r.Client), challenge: r.Challenge, expires: r.Expires}
	}
	return nil
}

func (s *credentialState) restored() (*credential, error) {
	if s == nil {
		return nil, nil
	}
	c := &credential{}
	if len(s.Salt) != len(c.salt) || len(s.Hash) != len(c.hash) {
		return nil, errors.New("the salt or the hash has the wrong length")
	}
	copy(c.salt[:], s.Salt)
	copy(c.hash[:], s.Hash)
	verifier, err := restoreVerifier(s.VerifierSalt, s.Verifier)
	if err != nil {
		return nil, err
	}
	c.verifier = *verifier
	return c, nil
}

func restoreVerifier(salt, value []byte) (*srp.Verifier, error) {
	given := srp.Verifier{Salt: salt, Value: value}
	v, err := srp.ParseVerifier(given.SaltBase64(), given.ValueBase64())
	if err != nil {
		return nil, err
	}
	return &v, nil
}

func (s *totpState) restored() (*totpSecret, error) {
	if s == nil {
		return nil, nil
	}
	if _, err := hotp.GenerateCode(s.Secret, 0); err != nil {
		return nil, errors.New("the secret of an authenticator app is none")
	}
	return &totpSecret{secret: s.Secret, used: s.Used, name: s.Name}, nil
}

func (s *deviceState) restored() (*trackedDevice, error) {
	d := &trackedDevice{
		key: s.Key, group: s.Group, name: s.Name, remembered: s.Remembered, created: s.Created, modified: s.Modified, authenticated: s.Authenticated,
	}
	if s.Key == "" {
		return nil, errors.New("the key is missing")
	}
	if s.Verifier == nil {
		return d, nil
	}
	var err error
	d.verifier, err = restoreVerifier(s.Salt, s.Verifier)
	return d, err
}

func (s lockoutState) restored() lockout {
	return lockout{failures: s.Failures, last: s.Last, until: s.Until}
}

// restoredDevice returns the user's device with a key, or one that has been
// forgotten.
func (u *user) restoredDevice(key string) *trackedDevice {
	if key == "" {
		return nil
	}
	if d := u.devices[key]; d != nil {
		return d
	}
	return &trackedDevice{key: key}
}

// simulated reports whether a session can be about a user who does not exist.
func simulated(purpose sessionPurpose) bool {
	switch purpose {
	case wire.ChallengeSelectChallenge, wire.ChallengePassword, wire.ChallengeEmailOTP, wire.ChallengeSMSOTP, wire.ChallengeCustom:
		return true
	default:
		return false
	}
}

// restoredTOTP returns the user's secret of an authenticator app that a session
// is about, or one that has been replaced.
func (u *user) restoredTOTP(secret string) (*totpSecret, error) {
	for _, own := range []*totpSecret{u.mfa.pendingTOTP, u.mfa.totp} {
		if own != nil && own.secret == secret {
			return own, nil
		}
	}
	return (&totpState{Secret: secret}).restored()
}

// restoredPasskey returns the user's passkey with an id, or one that has been
// deleted.
func (u *user) restoredPasskey(id []byte) *passkey {
	if k := u.passkey(id); k != nil {
		return k
	}
	return &passkey{id: id}
}

// A restoredGrant is a grant with its refresh tokens.
type restoredGrant struct {
	*grant
	tokens map[refreshKey]time.Time // when they were replaced
}

func (p *people) takeGrants(states []grantState) error {
	var names nameTable
	for i := range states {
		s := &states[i]
		g := restoredGrant{&grant{
			client: p.client(s.Client), user: p.named(s.User), authTime: s.AuthTime, eventID: s.EventID, originID: s.OriginID,
			expires: s.Expires, revoked: s.Revoked, serial: s.Serial,
		}, make(map[refreshKey]time.Time)}
		g.device = g.user.restoredDevice(s.Device)
		if o := s.OAuth; o != nil {
			g.oauth = &oauthScope{scopes: o.Scopes, resource: o.Resource, nonce: o.Nonce}
		}
		err := names.claim("grant", s.EventID)
		for _, r := range s.Refresh {
			if len(r.Hash) != len(refreshKey{}) {
				err = errors.New("the hash of a refresh token has the wrong length")
				break
			}
			key := refreshKey(r.Hash)
			g.refresh, g.tokens[key] = append(g.refresh, key), r.Rotated
			err = cmp.Or(err, names.claim("refresh token", hex.EncodeToString(r.Hash)))
		}
		if err != nil {
			return fmt.Errorf("grants[%d]: %w", i, err)
		}
		p.grants = append(p.grants, g)
	}
	slices.SortStableFunc(p.grants, func(a, b restoredGrant) int { return cmp.Compare(a.serial, b.serial) })
	return nil
}

func (p *people) takeSessions(states []sessionState) error {
	var names nameTable
	for i := range states {
		s, err := p.session(&states[i])
		if err == nil {
			err = names.claim("session", states[i].ID)
		}
		if err != nil {
			return fmt.Errorf("sessions[%d]: %w", i, err)
		}
		p.sessions = append(p.sessions, s)
	}
	slices.SortStableFunc(p.sessions, func(a, b *session) int { return cmp.Compare(a.serial, b.serial) })
	return nil
}

func (p *people) session(state *sessionState) (*session, error) {
	s := &session{
		attempt: attempt{
			client: p.client(state.Client), name: state.Name, event: state.Event, factors: state.Factors, provedPassword: state.ProvedPassword,
			changedPassword: state.ChangedPassword, deviceProven: state.DeviceProven, custom: state.Custom, clientA: state.ClientA, results: state.Results,
		},
		purpose: state.Purpose, issued: state.Issued, expires: state.Expires, spent: state.Spent, stale: state.Stale, managed: state.Managed,
		code: state.Code, contact: state.Contact, settingUp: state.SettingUp, choices: state.Choices, first: state.First,
		private: state.Private, metadata: state.Metadata, serial: state.Serial,
	}
	id, err := hex.DecodeString(state.ID)
	if err != nil || len(id) != len(s.id) {
		return nil, errors.New("the id is none")
	}
	s.id = sessionID(id)
	if state.User != 0 {
		s.user = p.named(state.User)
		s.device = s.user.restoredDevice(state.Device)
	} else if !simulated(s.purpose) || state.TOTP != "" || state.Passkey != nil {
		return nil, errors.New("the user is missing")
	}
	if state.TOTP != "" {
		if s.totp, err = s.user.restoredTOTP(state.TOTP); err != nil {
			return nil, err
		}
	}
	if c := state.Passkey; c != nil {
		s.passkey = &passkeyCeremony{challenge: c.Challenge, verify: c.Verify}
		for _, id := range c.Allowed {
			s.passkey.allowed = append(s.passkey.allowed, s.user.restoredPasskey(id))
		}
	}
	return s, nil
}
