package tokens

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// AccessClaims are the claims of an access token that was verified. The value
// is small, immutable and safe for concurrent use: whatever a caller does with
// it or with a slice it returned, no other caller sees a change. The zero value
// has no claims; it is what comes with an error. Printing it shows nothing of
// the user.
type AccessClaims struct{ c *claims }

// IDClaims are the claims of an ID token that was verified. The value is
// small, immutable and safe for concurrent use: whatever a caller does with it
// or with a slice it returned, no other caller sees a change. The zero value
// has no claims; it is what comes with an error, and what stands for an absent
// ID token. Printing it shows nothing of the user.
type IDClaims struct{ c *claims }

// claims is what was read from one verified token. It is shared by all callers
// who present the token again and therefore never changed.
type claims struct {
	raw string // the verified payload; most strings below are parts of it

	issuer, subject, username, clientID, use string
	jwtID, originJTI, eventID                string
	scope, deviceKey                         string // access token
	email, phone, nonce, preferredRole       string // ID token

	audience, groups, roles []string

	expires, issued, notBefore, authTime int64 // seconds since 1970
	present                              fields

	emailVerified, phoneVerified bool // ID token
}

func (a AccessClaims) get() *claims { return orNone(a.c) }
func (i IDClaims) get() *claims     { return orNone(i.c) }

func orNone(c *claims) *claims {
	if c == nil {
		return new(claims)
	}
	return c
}

func (c *claims) time(f fields, seconds int64) time.Time {
	if !c.present.has(f) {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// IsZero reports whether there are no claims at all.
func (a AccessClaims) IsZero() bool { return a.c == nil }

// Subject returns sub: the user's stable id, or the app client's for a token
// of the client credentials grant.
func (a AccessClaims) Subject() string { return a.get().subject }

// Username returns the user's real name in the pool, which equals the subject
// in pools that sign in by attribute. It is empty in a token of the client
// credentials grant.
func (a AccessClaims) Username() string { return a.get().username }

// ClientID returns the app client that the token was issued to.
func (a AccessClaims) ClientID() string { return a.get().clientID }

// Issuer returns iss.
func (a AccessClaims) Issuer() string { return a.get().issuer }

// Audience returns a copy of aud, which access tokens have only with resource
// binding or from a trigger. The verifier does not check it.
func (a AccessClaims) Audience() []string { return slices.Clone(a.get().audience) }

// Groups returns a copy of cognito:groups; see also [AccessClaims.HasGroup].
func (a AccessClaims) Groups() []string { return slices.Clone(a.get().groups) }

// HasGroup reports whether the user is in the group.
func (a AccessClaims) HasGroup(name string) bool { return slices.Contains(a.get().groups, name) }

// Scopes returns the scopes in the token's order; see also
// [AccessClaims.HasScope]. A token that came from the user pool API has
// exactly aws.cognito.signin.user.admin.
func (a AccessClaims) Scopes() []string { return strings.Fields(a.get().scope) }

// HasScope reports whether the token has the scope.
func (a AccessClaims) HasScope(name string) bool {
	for scope := range strings.FieldsSeq(a.get().scope) {
		if scope == name {
			return true
		}
	}
	return false
}

// IssuedAt returns iat, the time of issue by the service's clock.
func (a AccessClaims) IssuedAt() time.Time { return a.get().time(claimIssued, a.get().issued) }

// ExpiresAt returns exp, by the service's clock.
func (a AccessClaims) ExpiresAt() time.Time { return a.get().time(claimExpires, a.get().expires) }

// NotBefore returns nbf, which is absent from the tokens of user pools as a
// rule; absent is the zero time.
func (a AccessClaims) NotBefore() time.Time { return a.get().time(claimNotBefore, a.get().notBefore) }

// AuthTime returns auth_time, when the user signed in; a refresh keeps it.
// Absent is the zero time.
func (a AccessClaims) AuthTime() time.Time { return a.get().time(claimAuthTime, a.get().authTime) }

// JWTID returns jti, which is the token's own.
func (a AccessClaims) JWTID() string { return a.get().jwtID }

// OriginJTI returns origin_jti, which all tokens of one sign-in and its
// refreshes share. It is empty where the app client cannot revoke tokens.
func (a AccessClaims) OriginJTI() string { return a.get().originJTI }

// EventID returns event_id, the authentication event.
func (a AccessClaims) EventID() string { return a.get().eventID }

// DeviceKey returns device_key, which is present only in pools that remember
// devices.
func (a AccessClaims) DeviceKey() string { return a.get().deviceKey }

// RequireScopes returns an error that matches [ErrScope], and names the first
// missing scope, unless the token has all of them.
func (a AccessClaims) RequireScopes(names ...string) error {
	for _, name := range names {
		if !a.HasScope(name) {
			return &Error{Op: "access token", Code: ErrScope, detail: fmt.Sprintf("%q", name)}
		}
	}
	return nil
}

// RequireGroups returns an error that matches [ErrGroup], and names the first
// missing group, unless the user is in all of them.
func (a AccessClaims) RequireGroups(names ...string) error {
	return a.get().requireGroups("access token", names)
}

// Decode stores the claims in the value that v points to, as [json.Unmarshal]
// does; that is how custom claims are read. Claims whose names differ only in
// upper and lower case are refused with [ErrMalformed], since encoding/json
// would not tell them apart.
func (a AccessClaims) Decode(v any) error { return a.get().decode("access token", v) }

// Format writes the type's name only.
func (AccessClaims) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "tokens.AccessClaims(redacted)")
}

// LogValue returns the type's name only.
func (AccessClaims) LogValue() slog.Value { return slog.StringValue("tokens.AccessClaims(redacted)") }

// IsZero reports whether there are no claims at all.
func (i IDClaims) IsZero() bool { return i.c == nil }

// Subject returns sub, the user's stable id.
func (i IDClaims) Subject() string { return i.get().subject }

// Username returns cognito:username, the user's real name in the pool, which
// equals the subject in pools that sign in by attribute.
func (i IDClaims) Username() string { return i.get().username }

// ClientID returns the app client that the token was issued to: the first
// value of aud, and with Cognito the only one.
func (i IDClaims) ClientID() string { return i.get().clientID }

// Issuer returns iss.
func (i IDClaims) Issuer() string { return i.get().issuer }

// Audience returns a copy of aud, all of whose values are configured app
// clients.
func (i IDClaims) Audience() []string { return slices.Clone(i.get().audience) }

// Groups returns a copy of cognito:groups; see also [IDClaims.HasGroup].
func (i IDClaims) Groups() []string { return slices.Clone(i.get().groups) }

// HasGroup reports whether the user is in the group.
func (i IDClaims) HasGroup(name string) bool { return slices.Contains(i.get().groups, name) }

// Roles returns a copy of cognito:roles, the ARNs of the groups' IAM roles.
func (i IDClaims) Roles() []string { return slices.Clone(i.get().roles) }

// PreferredRole returns cognito:preferred_role.
func (i IDClaims) PreferredRole() string { return i.get().preferredRole }

// Email returns the e-mail address, verified or not; see
// [IDClaims.EmailVerified].
func (i IDClaims) Email() string { return i.get().email }

// EmailVerified reports whether the e-mail address is verified.
func (i IDClaims) EmailVerified() bool { return i.get().emailVerified }

// PhoneNumber returns the phone number, verified or not; see
// [IDClaims.PhoneNumberVerified].
func (i IDClaims) PhoneNumber() string { return i.get().phone }

// PhoneNumberVerified reports whether the phone number is verified.
func (i IDClaims) PhoneNumberVerified() bool { return i.get().phoneVerified }

// Nonce returns the nonce of the authorization request; see
// [IDClaims.CheckNonce].
func (i IDClaims) Nonce() string { return i.get().nonce }

// IssuedAt returns iat, the time of issue by the service's clock.
func (i IDClaims) IssuedAt() time.Time { return i.get().time(claimIssued, i.get().issued) }

// ExpiresAt returns exp, by the service's clock.
func (i IDClaims) ExpiresAt() time.Time { return i.get().time(claimExpires, i.get().expires) }

// NotBefore returns nbf, which is absent from the tokens of user pools as a
// rule; absent is the zero time.
func (i IDClaims) NotBefore() time.Time { return i.get().time(claimNotBefore, i.get().notBefore) }

// AuthTime returns auth_time, when the user signed in; a refresh keeps it.
// Absent is the zero time.
func (i IDClaims) AuthTime() time.Time { return i.get().time(claimAuthTime, i.get().authTime) }

// JWTID returns jti, which is the token's own.
func (i IDClaims) JWTID() string { return i.get().jwtID }

// OriginJTI returns origin_jti, which all tokens of one sign-in and its
// refreshes share. It is empty where the app client cannot revoke tokens.
func (i IDClaims) OriginJTI() string { return i.get().originJTI }

// EventID returns event_id, the authentication event.
func (i IDClaims) EventID() string { return i.get().eventID }

// CheckNonce returns an error that matches [ErrNonce] unless the token carries
// exactly the nonce sent with the authorization request (OpenID Connect Core
// section 3.1.3.7). An empty nonce never matches.
func (i IDClaims) CheckNonce(sent string) error {
	if sent == "" || i.get().nonce != sent {
		return &Error{Op: "id token", Code: ErrNonce}
	}
	return nil
}

// RequireGroups returns an error that matches [ErrGroup], and names the first
// missing group, unless the user is in all of them.
func (i IDClaims) RequireGroups(names ...string) error {
	return i.get().requireGroups("id token", names)
}

// Decode stores the claims in the value that v points to, as [json.Unmarshal]
// does; that is how attributes and custom claims are read. Claims whose names
// differ only in upper and lower case are refused with [ErrMalformed], since
// encoding/json would not tell them apart.
func (i IDClaims) Decode(v any) error { return i.get().decode("id token", v) }

// Format writes the type's name only.
func (IDClaims) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "tokens.IDClaims(redacted)") }

// LogValue returns the type's name only.
func (IDClaims) LogValue() slog.Value { return slog.StringValue("tokens.IDClaims(redacted)") }

func (c *claims) requireGroups(op string, names []string) error {
	for _, name := range names {
		if !slices.Contains(c.groups, name) {
			return &Error{Op: op, Code: ErrGroup, detail: fmt.Sprintf("%q", name)}
		}
	}
	return nil
}

func (c *claims) decode(op string, v any) error {
	if c.raw == "" {
		return fmt.Errorf("tokens: decode %s: there are no claims", op)
	}
	if foldsTogether(c.raw) {
		return &Error{Op: op, Code: ErrMalformed, detail: "claims differ only in case"}
	}
	err := json.Unmarshal([]byte(c.raw), v)
	if err == nil {
		return nil
	}
	// The text of this error may quote a number from the token.
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("tokens: decode %s: claim %q does not fit %v", op, te.Field, te.Type)
	}
	return fmt.Errorf("tokens: decode %s: %w", op, err)
}
