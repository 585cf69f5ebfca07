package tokens

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"reflect"
	"time"
	"unicode/utf8"
)

// maxBundleBytes is what every Store can hold.
const maxBundleBytes = 64 << 10

// bundleVersion is the version of a bundle's stored form. It changes only if
// older programs could misread what newer ones write; fields that are merely
// new leave it as it is.
const bundleVersion = 1

// Bundle is what one sign-in of one user yields and every refresh replaces:
// the tokens, whose they are, and what a refresh needs. Its parts are only
// valid together, and are stored together.
//
// Printing a bundle shows none of it, and encoding/json refuses it, so that
// no log gets at the tokens by accident; [Bundle.Encode] and [ParseBundle] are
// its stored form. (Package fmt cannot ask a bundle in an unexported field of
// another struct; such a struct has to redact itself.)
type Bundle struct {
	AccessToken  string // what a bundle cannot be without
	IDToken      string // empty where the sign-in asked for none
	RefreshToken string // empty where there is none (implicit grant)

	Subject  string // sub of the tokens
	Username string // the user's real name in the pool

	// Device is the device the tokens were issued to, or nil. The device's
	// secret is not part of the bundle: it outlives the sign-in.
	Device *Device

	// ClockOffset is the service's clock minus ours, known from the time of
	// issue of the tokens. The stored form has whole milliseconds.
	ClockOffset time.Duration

	SignInDetails SignInDetails

	extra extra // what a newer program stored
}

// Device is the device that the service knows a sign-in by.
type Device struct {
	Key      string // DeviceKey
	GroupKey string // DeviceGroupKey

	extra extra
}

// SignInDetails says how a user signed in.
type SignInDetails struct {
	LoginID  string // the name as it was typed
	AuthFlow string // the flow of InitiateAuth, such as USER_SRP_AUTH

	extra extra
}

// extra holds the members of a JSON object that are not known here. It is
// never changed once it is made, as copies of a bundle share it.
type extra map[string]json.RawMessage

// Encode returns the stored form of the bundle: a JSON object with a version,
// together with all members that [ParseBundle] found and did not know. It
// fails with [ErrBundle] if there is no access token or a field is not valid
// UTF-8, and with [ErrTooLarge] beyond 64 KiB.
func (b Bundle) Encode() ([]byte, error) {
	if b.AccessToken == "" {
		return nil, &Error{Op: "bundle", Code: ErrBundle, detail: "no access token"}
	}
	var bad bool
	object := func(extra extra, members map[string]string) map[string]any {
		m := make(map[string]any, len(extra)+len(members)+3)
		for name, raw := range extra {
			m[name] = raw
		}
		for name, value := range members {
			bad = bad || !utf8.ValidString(value)
			if value != "" {
				m[name] = value
			}
		}
		return m
	}

	m := object(b.extra, map[string]string{
		"access_token":  b.AccessToken,
		"id_token":      b.IDToken,
		"refresh_token": b.RefreshToken,
		"subject":       b.Subject,
		"username":      b.Username,
	})
	m["version"] = bundleVersion
	if d := b.Device; d != nil {
		m["device"] = object(d.extra, map[string]string{"key": d.Key, "group_key": d.GroupKey})
	}
	if ms := b.ClockOffset.Milliseconds(); ms != 0 {
		m["clock_offset_ms"] = ms
	}
	d := b.SignInDetails
	if details := object(d.extra, map[string]string{"login_id": d.LoginID, "auth_flow": d.AuthFlow}); len(details) > 0 {
		m["sign_in"] = details
	}
	if bad {
		return nil, &Error{Op: "bundle", Code: ErrBundle, detail: "a field is not valid UTF-8"}
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, &Error{Op: "bundle", Code: ErrBundle, detail: "cannot be encoded"}
	}
	if len(data) > maxBundleBytes {
		return nil, &Error{Op: "bundle", Code: ErrTooLarge}
	}
	return data, nil
}

// ParseBundle reads what [Bundle.Encode] returned, and verifies nothing; see
// [Verifier.VerifyBundle]. It fails with [ErrBundle] if the text is not a
// bundle of a version known here, and with [ErrTooLarge] beyond 64 KiB.
func ParseBundle(data []byte) (Bundle, error) {
	fail := func(detail string) (Bundle, error) {
		return Bundle{}, &Error{Op: "bundle", Code: ErrBundle, detail: detail}
	}
	if len(data) > maxBundleBytes {
		return Bundle{}, &Error{Op: "bundle", Code: ErrTooLarge}
	}
	r := newJSONReader(string(data))
	r.skip()
	if err := r.end(); err != nil {
		return fail(err.Error())
	}
	var members extra
	if err := json.Unmarshal(data, &members); err != nil {
		return fail(errType.Error())
	}

	var version, offset int64
	if err := members.take("version", &version); err != nil || version != bundleVersion {
		return fail("version is not known")
	}
	var (
		b       Bundle
		device  extra
		details extra
	)
	if err := errors.Join(
		members.take("access_token", &b.AccessToken),
		members.take("id_token", &b.IDToken),
		members.take("refresh_token", &b.RefreshToken),
		members.take("subject", &b.Subject),
		members.take("username", &b.Username),
		members.take("clock_offset_ms", &offset),
		members.take("device", &device),
		members.take("sign_in", &details),
	); err != nil {
		return fail(errType.Error())
	}
	if err := errors.Join(
		details.take("login_id", &b.SignInDetails.LoginID),
		details.take("auth_flow", &b.SignInDetails.AuthFlow),
	); err != nil {
		return fail(errType.Error())
	}
	if b.AccessToken == "" {
		return fail("no access token")
	}
	if limit := int64(math.MaxInt64 / time.Millisecond); offset > limit || offset < -limit {
		return fail("clock offset is out of range")
	}
	b.ClockOffset = time.Duration(offset) * time.Millisecond
	if device != nil {
		b.Device = new(Device)
		if err := errors.Join(device.take("key", &b.Device.Key), device.take("group_key", &b.Device.GroupKey)); err != nil {
			return fail(errType.Error())
		}
		b.Device.extra = device.orNil()
	}
	b.SignInDetails.extra = details.orNil()
	b.extra = members.orNil()
	return b, nil
}

// take moves a member into the value that v points to. An absent member
// leaves it alone.
func (e extra) take(name string, v any) error {
	raw, ok := e[name]
	if !ok {
		return nil
	}
	delete(e, name)
	return json.Unmarshal(raw, v)
}

func (e extra) orNil() extra {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Equal reports whether two bundles are the same in every part.
func (b Bundle) Equal(other Bundle) bool { return reflect.DeepEqual(b, other) }

// MarshalJSON always fails; see [Bundle].
func (Bundle) MarshalJSON() ([]byte, error) { return nil, errBundleJSON }

// UnmarshalJSON always fails; see [Bundle].
func (*Bundle) UnmarshalJSON([]byte) error { return errBundleJSON }

var errBundleJSON = errors.New("tokens: bundle: use Encode and ParseBundle instead of encoding/json")

// Format writes the type's name only.
func (Bundle) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "tokens.Bundle(redacted)") }

// LogValue returns the type's name only.
func (Bundle) LogValue() slog.Value { return slog.StringValue("tokens.Bundle(redacted)") }

// Format writes the type's name only.
func (Device) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "tokens.Device(redacted)") }

// LogValue returns the type's name only.
func (Device) LogValue() slog.Value { return slog.StringValue("tokens.Device(redacted)") }

// Format writes the type's name only.
func (SignInDetails) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "tokens.SignInDetails(redacted)")
}

// LogValue returns the type's name only.
func (SignInDetails) LogValue() slog.Value {
	return slog.StringValue("tokens.SignInDetails(redacted)")
}

// Verified holds the claims of the tokens of a bundle that was verified.
type Verified struct {
	Access AccessClaims
	ID     IDClaims // IsZero if the bundle has no ID token
}

// Expires returns when the first of the tokens expires, by the service's
// clock: our time plus [Bundle.ClockOffset] is to be compared with it.
func (v *Verified) Expires() time.Time {
	expires := v.Access.ExpiresAt()
	if id := v.ID.ExpiresAt(); !v.ID.IsZero() && id.Before(expires) {
		return id
	}
	return expires
}

// VerifyBundle checks the tokens of a bundle and that they belong together:
// one user, one app client and, where the tokens tell, one sign-in; Subject
// and Username, where set, have to be those of the tokens ([ErrMixed]). The ID
// token may be missing, the access token may not.
//
// Times are not checked. An expired token that is well signed is a reason to
// refresh the bundle, not to distrust it; what may be used is for the caller to
// decide by [Verified.Expires]. The refresh token is opaque to all but the
// service and is not checked either.
func (v *Verifier) VerifyBundle(ctx context.Context, b Bundle) (*Verified, error) {
	if b.AccessToken == "" {
		return nil, &Error{Op: "bundle", Code: ErrBundle, detail: "no access token"}
	}
	access, err := v.verify(ctx, b.AccessToken, useAccess, false)
	if err != nil {
		return nil, err
	}
	if b.Subject != "" && b.Subject != access.subject || b.Username != "" && b.Username != access.username {
		return nil, &Error{Op: "bundle", Code: ErrMixed, detail: "subject or username is not the access token's"}
	}
	verified := &Verified{Access: AccessClaims{access}}
	if b.IDToken == "" {
		return verified, nil
	}
	id, err := v.verify(ctx, b.IDToken, useID, false)
	if err != nil {
		return nil, err
	}
	switch {
	case id.subject != access.subject:
		return nil, &Error{Op: "bundle", Code: ErrMixed, detail: "two subjects"}
	case id.username != access.username:
		return nil, &Error{Op: "bundle", Code: ErrMixed, detail: "two usernames"}
	case id.clientID != access.clientID:
		return nil, &Error{Op: "bundle", Code: ErrMixed, detail: "two app clients"}
	case id.originJTI != "" && access.originJTI != "" && id.originJTI != access.originJTI:
		return nil, &Error{Op: "bundle", Code: ErrMixed, detail: "two sign-ins"}
	}
	verified.ID = IDClaims{id}
	return verified, nil
}
