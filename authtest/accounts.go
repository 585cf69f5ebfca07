package authtest

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// An Account is a user with what the pool knows besides. It prints without the
// password.
type Account struct {
	User
	Created, Modified time.Time // on the pool's clock

	HasPassword   bool        // whether a password can sign the user in
	Passkeys      int         // how many the user has registered
	Devices       int         // how many the pool remembers
	SecondFactors []MFAFactor // that a sign-in can ask for
	Risk          RiskLevel   // that [Pool.SetUserRisk] has set

	// Position is the account's place in the order in which users came. It
	// never changes.
	Position uint64
}

// An AccountQuery selects users. Its zero value selects all.
type AccountQuery struct {
	// Search is part of a username, sub, name, e-mail address, phone number or
	// preferred username. Case does not matter.
	Search string

	// After is the Position of the last account of the page before; 0 for the
	// first page.
	After uint64

	// Newest returns the users that came last first.
	Newest bool

	// Limit is how many accounts to return at most; 0 for all.
	Limit int
}

// Accounts returns the users that q selects, in the order in which they came or,
// if q says so, the other way round.
func (p *Pool) Accounts(q AccountQuery) []Account {
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &call{pool: p, now: p.now()}
	search := strings.ToLower(q.Search)
	var accounts []Account
	for _, u := range p.users.following(q.After, q.Newest) {
		if search != "" && !u.mentions(search) {
			continue
		}
		accounts = append(accounts, c.account(u))
		if len(accounts) == q.Limit {
			break
		}
	}
	return accounts
}

// following are the users behind a position in one order or the other; all for
// position 0.
func (d *directory) following(position uint64, newest bool) iter.Seq2[int, *user] {
	i, found := slices.BinarySearchFunc(d.ordered, position, func(u *user, position uint64) int { return cmp.Compare(u.serial, position) })
	switch {
	case newest && position == 0:
		return slices.Backward(d.ordered)
	case newest:
		return slices.Backward(d.ordered[:i])
	case found:
		return slices.All(d.ordered[i+1:])
	default:
		return slices.All(d.ordered[i:])
	}
}

// searched are the attributes that accounts are searched for in.
var searched = []string{attrEmail, attrPhone, attrPreferredUsername, "name", "given_name", "family_name"}

// mentions reports whether a text in lower case is part of what the user is
// known by.
func (u *user) mentions(text string) bool {
	if strings.Contains(strings.ToLower(u.username), text) || strings.Contains(u.sub, text) {
		return true
	}
	for _, name := range searched {
		if strings.Contains(strings.ToLower(u.attributes[name]), text) {
			return true
		}
	}
	return false
}

// Account returns the user of a username, alias or sub as it is now, and
// whether there is one.
func (p *Pool) Account(name string) (Account, bool) {
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users.findAny(name)
	if u == nil {
		return Account{}, false
	}
	c := &call{pool: p, now: p.now()}
	return c.account(u), true
}

func (c *call) account(u *user) Account {
	a := Account{
		User: u.export(), Created: u.created, Modified: u.modified,
		HasPassword: u.password != nil, Passkeys: len(u.passkeys), Risk: u.risk, Position: u.serial,
	}
	for _, d := range u.devices {
		if d.verifier != nil {
			a.Devices++
		}
	}
	if c.pool.cfg.MFA != MFAOff {
		a.SecondFactors = c.factorsOf(u)
	}
	return a
}

// export is the user as [Pool.User] shows it.
func (u *user) export() User {
	return User{
		Name:         u.username,
		Sub:          u.sub,
		Email:        u.attributes[attrEmail],
		Phone:        u.attributes[attrPhone],
		Attributes:   maps.Clone(u.attributes),
		Status:       u.status,
		Disabled:     !u.enabled,
		Groups:       slices.Sorted(maps.Keys(u.groups)),
		TOTP:         u.mfa.enabled[MFAFactorTOTP],
		SMSMFA:       u.mfa.uses(MFAFactorSMS),
		EmailMFA:     u.mfa.enabled[MFAFactorEmail],
		PreferredMFA: u.mfa.preferred,
		PasskeyMFA:   u.mfa.passkeys,
	}
}
