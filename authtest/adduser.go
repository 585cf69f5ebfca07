package authtest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// A User is a user to put into a pool with [Pool.AddUser], or one that
// [Pool.User] found there. It prints without the password.
type User struct {
	// Name is the username. In pools with username attributes it may be left
	// empty: the e-mail address or phone number stands for it.
	Name string

	// Sub is the user's sub; empty for a random one.
	Sub string

	// Password is the user's password, or the temporary one of a user in
	// StatusForceChangePassword. It need not satisfy the pool's policy.
	// Empty for a user who cannot sign in with a password.
	Password string

	// Email and Phone are contacts of the user, verified unless Attributes
	// says otherwise.
	Email string
	Phone string

	// Attributes are further attributes, as in "given_name" or
	// "email_verified".
	Attributes map[string]string

	// Status is the state of the account; empty for StatusConfirmed.
	Status   UserStatus
	Disabled bool

	// Groups are the groups the user is in. Those that the pool does not have
	// are made.
	Groups []string

	// TOTP, SMSMFA and EmailMFA enable a second factor of the user, the
	// first with an authenticator app whose codes [Pool.TOTP] shows.
	// PreferredMFA is the one that is asked for when there are several.
	TOTP         bool
	SMSMFA       bool
	EmailMFA     bool
	PreferredMFA MFAFactor

	// PasskeyMFA lets a passkey with user verification stand for both
	// factors, in pools where it can. The user needs another second factor
	// too. Add the passkey with [Pool.AddPasskey].
	PasskeyMFA bool
}

// Format prints the user without the password.
func (u User) Format(f fmt.State, _ rune) {
	io.WriteString(f, "user "+u.Sub+" "+string(u.Status))
}

// AddUser puts a user into the pool and returns the sub. A test fails, and a
// program panics, if the pool cannot have such a user.
func (p *Pool) AddUser(u User) string {
	if p.tb != nil {
		p.tb.Helper()
	}
	added, err := p.addUser(u)
	if err != nil {
		p.misuse("AddUser: %s", err.message)
	}
	return added.sub
}

func (p *Pool) addUser(in User) (*user, *apiError) {
	attributes := make([]attribute, 0, len(in.Attributes)+4)
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		attributes = append(attributes, attribute{name, in.Attributes[name]})
	}
	for _, contact := range []attribute{{attrEmail, in.Email}, {attrPhone, in.Phone}} {
		if contact.Value == "" {
			continue
		}
		attributes = append(attributes, contact)
		if flag := contact.Name + verifiedSuffix; in.Attributes[flag] == "" {
			attributes = append(attributes, attribute{flag, "true"})
		}
	}
	name := in.Name
	if name == "" && len(p.cfg.UsernameAttributes) > 0 {
		if name = in.Email; name == "" {
			name = in.Phone
		}
	}
	var added *user
	err := p.change(func(c *call) (err *apiError) {
		added, err = c.addUser(name, attributes, in)
		return err
	})
	return added, err
}

func (c *call) addUser(name string, attributes []attribute, in User) (*user, *apiError) {
	u, err := c.newUser(name, attributes)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, invalidParameter("Name is missing")
	}
	if in.Sub != "" {
		if u.username == u.sub {
			u.username = in.Sub
		}
		u.sub = in.Sub
	}
	if err := c.checkNameFree(u, msgUserExists); err != nil {
		return nil, err
	}
	switch in.Status {
	case "":
		u.status = StatusConfirmed
	case StatusConfirmed, StatusUnconfirmed, StatusResetRequired, StatusForceChangePassword:
		u.status = in.Status
	default:
		return nil, invalidParameter(fmt.Sprintf("unknown Status %q", in.Status))
	}
	u.enabled = !in.Disabled
	if in.Password != "" {
		c.setPassword(u, in.Password)
		if u.status == StatusForceChangePassword {
			u.temporaryExpires = c.now.Add(c.pool.temporaryValidity())
		}
	}
	if err := c.addFactors(u, in); err != nil {
		return nil, err
	}
	if err := c.joinGroups(u, in.Groups); err != nil {
		u.leaveAll()
		return nil, err
	}
	c.pool.users.add(u)
	return u, nil
}

// addFactors enables the second factors of a new user.
func (c *call) addFactors(u *user, in User) *apiError {
	if in.TOTP {
		u.mfa.totp = newTOTPSecret()
	}
	for _, f := range []struct {
		wanted bool
		factor MFAFactor
	}{{in.TOTP, MFAFactorTOTP}, {in.SMSMFA, MFAFactorSMS}, {in.EmailMFA, MFAFactorEmail}} {
		if !f.wanted {
			continue
		}
		if !c.pool.offers(f.factor) {
			return invalidParameter(fmt.Sprintf("%s is not among the pool's MFAFactors, or its MFA is off", f.factor))
		}
		if !u.canUse(f.factor) {
			return invalidParameter(fmt.Sprintf(msgNoDeliveryConfig, f.factor))
		}
		u.mfa.enable(f.factor)
	}
	if in.PreferredMFA != "" && !u.mfa.enabled[in.PreferredMFA] {
		return invalidParameter(fmt.Sprintf("PreferredMFA %s is not enabled", in.PreferredMFA))
	}
	u.mfa.preferred = in.PreferredMFA
	if in.PasskeyMFA && !c.pool.passkeyMFA() {
		return invalidParameter(msgPasskeyMFADisabled)
	}
	if in.PasskeyMFA && len(u.mfa.enabled) == 0 {
		return invalidParameter(msgPasskeyMFAAlone)
	}
	u.mfa.passkeys = in.PasskeyMFA
	return nil
}

// User returns the user of a username, alias or sub as it is now, without
// password, and whether there is one.
func (p *Pool) User(name string) (User, bool) {
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users.findAny(name)
	if u == nil {
		return User{}, false
	}
	return u.export(), true
}

// temporaryExpired reports whether a temporary password has not been changed
// in time.
func (u *user) temporaryExpired(now time.Time) bool {
	return !u.temporaryExpires.IsZero() && !now.Before(u.temporaryExpires)
}
