package tokens

// ErrorCode says what went wrong. Codes are errors themselves and are matched
// with [errors.Is]; use [errors.AsType] with *[Error] to switch over them.
type ErrorCode string

// Refusals of a token. [ErrInvalid] matches each of them.
const (
	// ErrInvalid matches every code of this group and of the next one, and is
	// never reported itself.
	ErrInvalid ErrorCode = "invalid token"
	// ErrMalformed: not three parts of canonical base64url (RFC 7515 section 2),
	// not strict JSON (RFC 7493), a duplicate member, a claim of the wrong type
	// or a required claim missing.
	ErrMalformed ErrorCode = "malformed"
	// ErrTooLarge: a token longer than Config.MaxTokenBytes; also a bundle, a
	// key set or a file beyond the bound that is documented there.
	ErrTooLarge ErrorCode = "too large"
	// ErrAlgorithm: the header's alg is not exactly RS256.
	ErrAlgorithm ErrorCode = "algorithm is not RS256"
	// ErrCritical: the header has a crit parameter (RFC 7515 section 4.1.11).
	ErrCritical ErrorCode = "critical header parameters are not supported"
	// ErrUnknownKey: no kid in the header, or none that the key set holds.
	ErrUnknownKey ErrorCode = "signing key is not in the key set"
	// ErrSignature: the signature does not verify.
	ErrSignature ErrorCode = "signature does not verify"
	// ErrIssuer: iss is not Config.Issuer.
	ErrIssuer ErrorCode = "issuer is not the configured one"
	// ErrTokenUse: token_use is that of the other kind of token.
	ErrTokenUse ErrorCode = "token_use does not fit"
	// ErrClient: client_id (access token) or aud (ID token) is not one of
	// Config.ClientIDs.
	ErrClient ErrorCode = "app client is not a configured one"
	// ErrExpired: exp has passed.
	ErrExpired ErrorCode = "expired"
	// ErrNotYetValid: nbf or iat lies in the future. User pools issue tokens
	// that are valid at once, so a host that sees this has a clock that is behind.
	ErrNotYetValid ErrorCode = "not yet valid"
	// ErrNonce: the ID token's nonce is not the one sent with the request.
	ErrNonce ErrorCode = "nonce does not match"
)

// Refusals of a whole bundle. [ErrInvalid] matches each of them.
const (
	// ErrBundle: the stored form of a bundle cannot be read, or a part that
	// every bundle has is missing.
	ErrBundle ErrorCode = "bundle is not readable"
	// ErrMixed: the tokens of a bundle, or its Subject and Username, do not
	// belong to one user, one app client and one sign-in.
	ErrMixed ErrorCode = "tokens do not belong together"
)

// Lack of rights.
const (
	// ErrScope: a required scope is missing.
	ErrScope ErrorCode = "missing scope"
	// ErrGroup: a required group is missing.
	ErrGroup ErrorCode = "missing group"
)

// ErrKeysUnavailable means that the key set could not be fetched, so that the
// token was neither accepted nor refused. Trying again later may succeed.
const ErrKeysUnavailable ErrorCode = "key set is not available"

// Results of a [Store].
const (
	// ErrNotFound: there is no record under the key, or it has expired.
	ErrNotFound ErrorCode = "no such record"
	// ErrConflict: the record's revision is no longer the given one.
	ErrConflict ErrorCode = "record was changed meanwhile"
)

// Error returns the code's text.
func (c ErrorCode) Error() string { return "tokens: " + string(c) }

// refusal reports whether ErrInvalid covers the code.
func (c ErrorCode) refusal() bool {
	switch c {
	case ErrMalformed, ErrTooLarge, ErrAlgorithm, ErrCritical, ErrUnknownKey, ErrSignature,
		ErrIssuer, ErrTokenUse, ErrClient, ErrExpired, ErrNotYetValid, ErrNonce, ErrBundle, ErrMixed:
		return true
	default:
		return false
	}
}

// Error is the error of this package's checks. Its text never contains a token
// or a claim of a user.
type Error struct {
	Op   string    // what was checked: "access token", "id token", "bundle", "key set", "file store"
	Code ErrorCode // what to switch on
	Err  error     // cause, or nil

	detail string // what exactly, in words of this package only
}

// Error returns what was checked, the code and the cause.
func (e *Error) Error() string {
	text := "tokens: " + e.Op + ": " + string(e.Code)
	if e.detail != "" {
		text += ": " + e.detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error's code, or [ErrInvalid] where the
// code is a refusal.
func (e *Error) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && (code == e.Code || code == ErrInvalid && e.Code.refusal())
}

// unreadable is the internal verdict of the readers: what is wrong with a
// text, in constant words.
type unreadable string

func (u unreadable) Error() string { return string(u) }
