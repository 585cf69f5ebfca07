package authtest

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A UserStatus is the state of a user's account, spelled as the service does.
type UserStatus string

// The states of an account.
const (
	StatusUnconfirmed         UserStatus = "UNCONFIRMED"
	StatusConfirmed           UserStatus = "CONFIRMED"
	StatusResetRequired       UserStatus = "RESET_REQUIRED"
	StatusForceChangePassword UserStatus = "FORCE_CHANGE_PASSWORD"
	StatusExternalProvider    UserStatus = "EXTERNAL_PROVIDER" // of users whom an identity provider signs in
)

// Attributes that mean something to the pool itself.
const (
	attrSub               = "sub"
	attrEmail             = "email"
	attrPhone             = "phone_number"
	attrPreferredUsername = "preferred_username"
	attrIdentities        = "identities"
	verifiedSuffix        = "_verified"
	customPrefix          = "custom:"
)

// A user is an account. The pool's lock guards it.
type user struct {
	username   string // what the pool calls the user; equal to sub in pools with username attributes
	sub        string
	status     UserStatus
	enabled    bool
	created    time.Time
	modified   time.Time
	attributes map[string]string // without sub
	pending    map[string]string // contacts that come into force once they are verified

	password         *credential   // nil for users who never had one
	former           []*credential // before password, newest first; as many as the policy looks at
	temporaryExpires time.Time     // zero for permanent passwords

	mfa          mfaState
	devices      map[string]*trackedDevice // by key
	passkeys     []*passkey                // oldest first
	registration *passkeyRegistration      // of a passkey, if one has begun
	codes        map[codePurpose]*issuedCode
	attempts     map[limitedAction][]time.Time
	passwordLock lockout
	mfaLock      lockout
	events       []*authEvent // oldest first
	risk         RiskLevel    // of the user's sign-ins
	inbox        []Message
	delivered    uint64 // messages so far; inbox has the last of them
	groups       map[string]*group
	identities   []identity // of external providers, oldest first
	serial       uint64     // the user's place in the order of users
	aliases      []aliasKey // under which the directory lists the user
	deleted      bool
	saved        *mark
}

func (u *user) verified(attribute string) bool {
	return u.attributes[attribute+verifiedSuffix] == "true"
}

func (u *user) setVerified(attribute string) { u.attributes[attribute+verifiedSuffix] = "true" }

// contact reports whether the user has a contact that has been verified.
func (u *user) verifiedContact(attribute string) bool {
	return u.attributes[attribute] != "" && u.verified(attribute)
}

// An attribute is an attribute of a user on the wire.
type attribute struct {
	Name  string `json:"Name" aws:"Name,AttributeName,required"`
	Value string `json:"Value" aws:"Value,AttributeValue"`
}

// list returns the attributes that the client may read, sub first.
func (u *user) list(reads func(string) bool) []attribute {
	attributes := []attribute{{attrSub, u.sub}}
	for _, name := range slices.Sorted(maps.Keys(u.attributes)) {
		if reads(name) {
			attributes = append(attributes, attribute{name, u.attributes[name]})
		}
	}
	if len(u.identities) > 0 && reads(attrIdentities) {
		attributes = append(attributes, attribute{attrIdentities, u.identitiesAttribute()})
	}
	return attributes
}

// An aliasKey is a value that signs a user in instead of the username.
type aliasKey struct {
	attribute string
	value     string
}

// A directory holds the users of a pool under all the names they go by.
type directory struct {
	foldCase           bool
	usernameAttributes []string
	aliasAttributes    []string

	ordered []*user // by serial
	serials uint64

	byName  map[string]*user
	bySub   map[string]*user
	byAlias map[aliasKey]*user

	watch *watch
}

func newDirectory(cfg Config) directory {
	return directory{
		foldCase:           cfg.CaseInsensitiveUsernames,
		usernameAttributes: cfg.UsernameAttributes,
		aliasAttributes:    cfg.AliasAttributes,
		byName:             make(map[string]*user),
		bySub:              make(map[string]*user),
		byAlias:            make(map[aliasKey]*user),
	}
}

func (d *directory) fold(name string) string {
	if d.foldCase {
		return strings.ToLower(name)
	}
	return name
}

// find returns the user who signs in with name: the username or an alias, but
// not the sub.
func (d *directory) find(name string) *user {
	u := d.byName[d.fold(name)]
	for _, attribute := range d.signInAttributes() {
		if u == nil {
			u = d.byAlias[aliasKey{attribute, d.fold(name)}]
		}
	}
	return d.touch(u)
}

// touch returns a user who may be changed now, or nil for nil.
func (d *directory) touch(u *user) *user {
	if u != nil {
		d.watch.touch(u)
	}
	return u
}

// findAny is find for administrators, who may also name the sub.
func (d *directory) findAny(name string) *user {
	if u := d.find(name); u != nil {
		return u
	}
	return d.touch(d.bySub[name])
}

// signInAttributes are the attributes whose values sign people in.
func (d *directory) signInAttributes() []string {
	if len(d.usernameAttributes) > 0 {
		return d.usernameAttributes
	}
	return d.aliasAttributes
}

// owner returns the user whom an attribute's value signs in.
func (d *directory) owner(attribute, value string) *user {
	return d.touch(d.byAlias[aliasKey{attribute, d.fold(value)}])
}

func (d *directory) add(u *user) {
	d.serials++
	u.serial = d.serials
	d.list(d.touch(u))
	d.reindex(u)
}

// list puts a user behind those with lower serial numbers.
func (d *directory) list(u *user) {
	d.ordered = append(d.ordered, u)
	d.byName[d.fold(u.username)] = u
	d.bySub[u.sub] = u
}

func (d *directory) remove(u *user) {
	d.touch(u).deleted = true
	u.leaveAll()
	if i, ok := slices.BinarySearchFunc(d.ordered, u, bySerial); ok {
		d.ordered = slices.Delete(d.ordered, i, i+1)
	}
	delete(d.byName, d.fold(u.username))
	delete(d.bySub, u.sub)
	for _, key := range u.aliases {
		delete(d.byAlias, key)
	}
	u.aliases = nil
}

// reindex lists a user under the aliases that the current attributes give.
// An alias that was another user's is taken over, and no longer verified
// there: whoever must not take one over has asked [directory.owner] before.
func (d *directory) reindex(u *user) {
	for _, key := range u.aliases {
		delete(d.byAlias, key)
	}
	u.aliases = u.aliases[:0]
	for _, attribute := range d.signInAttributes() {
		value := u.attributes[attribute]
		if value == "" || !d.signsIn(u, attribute) {
			continue
		}
		key := aliasKey{attribute, d.fold(value)}
		if other := d.touch(d.byAlias[key]); other != nil && other != u {
			other.aliases = slices.DeleteFunc(other.aliases, func(k aliasKey) bool { return k == key })
			if attribute != attrPreferredUsername {
				other.attributes[attribute+verifiedSuffix] = "false"
			}
		}
		d.byAlias[key] = u
		u.aliases = append(u.aliases, key)
	}
}

// taken returns the user who has a value of an attribute that nobody else can
// have, nil if u can.
func (d *directory) taken(u *user, attribute, value string) *user {
	var other *user
	switch {
	case slices.Contains(d.usernameAttributes, attribute):
		other = d.owner(attribute, value)
	case attribute == attrPreferredUsername && slices.Contains(d.aliasAttributes, attribute):
		other = d.find(value) // there is no verification that could decide whose it is
	}
	if other == u {
		return nil
	}
	return other
}

// signsIn reports whether the user's attribute signs in: username attributes
// always do, contacts used as aliases once they are verified.
func (d *directory) signsIn(u *user, attribute string) bool {
	return len(d.usernameAttributes) > 0 || attribute == attrPreferredUsername || u.verified(attribute)
}
