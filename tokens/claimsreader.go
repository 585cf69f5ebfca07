package tokens

import "strings"

// tokenUse is the kind of a token, as its token_use claim spells it.
type tokenUse string

const (
	useAccess tokenUse = "access"
	useID     tokenUse = "id"
)

func (u tokenUse) String() string { return string(u) + " token" }

// fields is a set of claims.
type fields uint32

const (
	claimIssuer fields = 1 << iota
	claimSubject
	claimUsername
	claimClientID
	claimAudience
	claimUse
	claimJWTID
	claimOriginJTI
	claimEventID
	claimScope
	claimDeviceKey
	claimGroups
	claimRoles
	claimPreferredRole
	claimEmail
	claimEmailVerified
	claimPhone
	claimPhoneVerified
	claimNonce
	claimExpires
	claimIssued
	claimNotBefore
	claimAuthTime
)

func (f fields) has(one fields) bool { return f&one != 0 }

// required returns the claims that every token of a kind has. Without exp a
// token would be valid for ever.
func (u tokenUse) required() fields {
	all := claimIssuer | claimSubject | claimUse | claimExpires | claimIssued
	if u == useID {
		return all | claimAudience
	}
	return all | claimClientID
}

// readClaims reads the payload of a token that is taken to be of the given
// kind. Claims which that kind does not have are custom claims, whatever their
// name, and may have any type.
func readClaims(payload string, use tokenUse) (*claims, error) {
	r := newJSONReader(payload)
	if r.err == nil && r.peek() != '{' {
		return nil, errType
	}
	c := &claims{raw: payload}
	r.punct('{')
	var others nameSet
	for first := true; r.next(first, '}'); first = false {
		name := r.name()
		field := c.field(name, use)
		if field == 0 {
			others.add(&r, name)
			r.skip()
			continue
		}
		if c.present.has(field) {
			r.fail(errDuplicate)
		}
		c.present |= field
		c.read(&r, field)
	}
	if err := r.end(); err != nil {
		return nil, err
	}

	if use == useID && len(c.audience) > 0 {
		c.clientID = c.audience[0]
	}
	// The use is told first: a token of the other kind lacks other claims too.
	if c.present.has(claimUse) && c.use != string(use) {
		return c, nil
	}
	if c.present&use.required() != use.required() || c.subject == "" {
		return nil, unreadable("a required claim is missing")
	}
	return c, nil
}

// field returns the claim of that name, or 0 for one that is not read here.
func (c *claims) field(name string, use tokenUse) fields {
	switch name {
	case "iss":
		return claimIssuer
	case "sub":
		return claimSubject
	case "aud":
		return claimAudience
	case "token_use":
		return claimUse
	case "jti":
		return claimJWTID
	case "origin_jti":
		return claimOriginJTI
	case "event_id":
		return claimEventID
	case "cognito:groups":
		return claimGroups
	case "exp":
		return claimExpires
	case "iat":
		return claimIssued
	case "nbf":
		return claimNotBefore
	case "auth_time":
		return claimAuthTime
	}
	if use == useAccess {
		switch name {
		case "username":
			return claimUsername
		case "client_id":
			return claimClientID
		case "scope":
			return claimScope
		case "device_key":
			return claimDeviceKey
		}
		return 0
	}
	switch name {
	case "cognito:username":
		return claimUsername
	case "cognito:roles":
		return claimRoles
	case "cognito:preferred_role":
		return claimPreferredRole
	case "email":
		return claimEmail
	case "email_verified":
		return claimEmailVerified
	case "phone_number":
		return claimPhone
	case "phone_number_verified":
		return claimPhoneVerified
	case "nonce":
		return claimNonce
	}
	return 0
}

// read reads the value of one claim.
func (c *claims) read(r *jsonReader, field fields) {
	switch field {
	case claimIssuer:
		c.issuer = r.string()
	case claimSubject:
		c.subject = r.string()
	case claimUsername:
		c.username = r.string()
	case claimClientID:
		c.clientID = r.string()
	case claimUse:
		c.use = r.string()
	case claimJWTID:
		c.jwtID = r.string()
	case claimOriginJTI:
		c.originJTI = r.string()
	case claimEventID:
		c.eventID = r.string()
	case claimScope:
		c.scope = r.string()
	case claimDeviceKey:
		c.deviceKey = r.string()
	case claimPreferredRole:
		c.preferredRole = r.string()
	case claimEmail:
		c.email = r.string()
	case claimPhone:
		c.phone = r.string()
	case claimNonce:
		c.nonce = r.string()
	case claimAudience:
		// One string or several, RFC 7519 section 4.1.3.
		if r.peek() == '"' {
			c.audience = []string{r.string()}
		} else {
			c.audience = r.strings()
		}
	case claimGroups:
		c.groups = r.strings()
	case claimRoles:
		c.roles = r.strings()
	case claimEmailVerified:
		c.emailVerified = r.flag()
	case claimPhoneVerified:
		c.phoneVerified = r.flag()
	case claimExpires:
		c.expires = r.seconds()
	case claimIssued:
		c.issued = r.seconds()
	case claimNotBefore:
		c.notBefore = r.seconds()
	case claimAuthTime:
		c.authTime = r.seconds()
	}
}

// flag reads a boolean or its text: a pre token generation trigger of the
// first version can only set strings.
func (r *jsonReader) flag() bool {
	if r.peek() != '"' {
		return r.bool()
	}
	switch r.string() {
	case "true":
		return true
	case "false":
		return false
	default:
		r.fail(errType)
		return false
	}
}

// foldsTogether reports whether two claims of a payload that has been read
// have names which encoding/json takes for the same.
func foldsTogether(payload string) bool {
	r := newJSONReader(payload)
	r.punct('{')
	var names []string
	for first := true; r.next(first, '}'); first = false {
		name := r.name()
		for _, other := range names {
			if strings.EqualFold(name, other) {
				return true
			}
		}
		names = append(names, name)
		r.skip()
	}
	return false
}
