package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/tokens"
)

// An Error is what every operation of this package returns when it fails.
//
// Switch on Code, or ask errors.Is(err, [ErrCodeMismatch]): codes are
// themselves errors. The cause stays reachable through Unwrap, so
// context.Canceled, the sentinels of package tokens and the errors of the AWS
// SDK (types.NotAuthorizedException, smithy.APIError) can still be asked for;
// only codes are promised across versions of this module.
//
// Neither Error nor any of the fmt verbs nor JSON shows a password, code, token,
// username or Cognito session string. Message is kept out of the text because
// a Lambda trigger may put anything into it: show it on purpose or not at all.
type Error struct {
	_ [0]func()

	Op        string    // the operation, as in "sign in"
	Code      ErrorCode // what went wrong
	Field     string    // for rejected input: the name of the input or Config field
	Message   string    `json:"-"` // the service's own text, or the reason why input was rejected
	RequestID string    // x-amzn-RequestId of the answer; empty if there was none
	Status    int       // HTTP status of the answer; 0 if there was none
	Err       error     `json:"-"` // the cause, if any

	MaybeProcessed bool // the service may have acted although no proper answer came back: look before repeating
}

// Error returns the operation, the code and, for what this package found
// itself, the field and the reason.
func (e *Error) Error() string {
	text := "auth: "
	if e.Op != "" {
		text += e.Op + ": "
	}
	text += string(e.Code)
	if e.Field != "" {
		text += ": " + e.Field
	}
	if _, ok := errors.AsType[*cognito.ServiceError](e.Err); ok {
		return text // its words and those of its cause can quote what a person typed
	}
	switch {
	case e.Message != "":
		text += ": " + e.Message
	case e.Err != nil:
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error's code, or the coarser code that it
// refines: an error with the code [ErrSessionExpired] is also
// [ErrNotAuthorized].
func (e *Error) Is(target error) bool {
	want, ok := target.(ErrorCode)
	if !ok {
		return false
	}
	for code := e.Code; code != ""; code = code.refines() {
		if code == want {
			return true
		}
	}
	return false
}

// LogValue implements [slog.LogValuer]; it leaves Message out, for the reason
// given at [Error].
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.String("code", string(e.Code))}
	if e.Field != "" {
		attrs = append(attrs, slog.String("field", e.Field))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("requestId", e.RequestID))
	}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	return slog.GroupValue(attrs...)
}

// Format implements [fmt.Formatter]: every verb prints what Error returns.
func (e Error) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// Trigger returns, for an error that a Lambda trigger of the pool raised or
// caused, the trigger's name as Cognito spells it ("PreSignUp"), empty if the
// service does not say it, and a message. It reports false for every other
// error.
//
// The message of [ErrUserLambdaValidation] is the trigger's own and as a rule
// meant for the person. Those of [ErrUnexpectedLambda] and
// [ErrInvalidLambdaResponse] are the service's account of what went wrong, for
// whoever looks after the trigger.
//
// Cognito sends "<Trigger> failed with error <message>." or "<Trigger>
// invocation failed due to error <message>." and appends the dot itself
// (observed); Trigger takes all of that away.
func (e *Error) Trigger() (name, message string, ok bool) {
	var separator string
	switch e.Code {
	case ErrUserLambdaValidation:
		separator = " failed with error "
	case ErrUnexpectedLambda, ErrInvalidLambdaResponse:
		separator = " failed due to error "
	default:
		return "", "", false
	}
	name, message, ok = strings.Cut(e.Message, separator)
	if !ok {
		return "", e.Message, true
	}
	return strings.TrimSuffix(name, " invocation"), strings.TrimSuffix(message, "."), true
}

// PasswordPolicy returns the rule of the pool's policy that a refused password
// breaks, in the service's words ("Password not long enough"), one rule at a
// time even where several are broken. It reports false for every other error,
// and for a password refused without naming a rule.
//
// Cognito sends "Password did not conform with policy: <rule>" (observed), or
// fails the request's validation for what is too short in any pool.
func (e *Error) PasswordPolicy() (rule string, ok bool) {
	if e.Code != ErrInvalidPassword {
		return "", false
	}
	for _, before := range []string{"did not conform with policy: ", notSatisfied} {
		if _, rule, ok = strings.Cut(e.Message, before); ok {
			return rule, true
		}
	}
	return "", false
}

// IsRemote reports whether err is an answer of the Cognito service, as opposed
// to something that this package, the network or a proxy on the way found.
func IsRemote(err error) bool {
	e, ok := errors.AsType[*cognito.ServiceError](err)
	return ok && e.Status != 0 && e.Code != cognito.CodeHTTP
}

// CodeOf returns the code of the first [Error] in err's tree, or "" if there
// is none.
func CodeOf(err error) ErrorCode {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// opError gives err, whatever a layer below returned, the operation's name and
// a code. It returns nil for nil.
func opError(op string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := errors.AsType[*Error](err); ok {
		// Ours already. An inner operation's name is the more precise one. The
		// callers of one refresh share its error, so it is never changed.
		outermost := err == error(inner) //nolint:errorlint // identity is the question
		if outermost && inner.Op != "" {
			return inner
		}
		e := *inner
		e.Op = cmp.Or(e.Op, op)
		if !outermost {
			e.Err = err
		}
		return &e
	}
	e := &Error{Op: op, Err: err}
	if se, ok := errors.AsType[*cognito.ServiceError](err); ok {
		e.Code, e.Message, e.RequestID, e.Status = refine(op, se), se.Message, se.RequestID, se.Status
		e.MaybeProcessed = se.MaybeProcessed
		return e
	}
	if fe, ok := errors.AsType[*flow.Error](err); ok {
		e.Code, e.Field, e.Message = flowCode(fe.Reason), fe.Field, fe.Detail
		return e
	}
	switch {
	case errors.Is(err, tokens.ErrNotFound):
		e.Code = ErrNotSignedIn
	case errors.Is(err, tokens.ErrKeysUnavailable):
		e.Code = ErrKeysUnavailable
	case errors.Is(err, tokens.ErrInvalid):
		e.Code = ErrInvalidTokens
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Code = ErrCanceled
	default:
		e.Code = ErrInternal
	}
	return e
}

// flowCode maps what the sign-in state machine refused to a code.
func flowCode(r flow.Reason) ErrorCode {
	switch r {
	case flow.ReasonInvalidAnswer:
		return ErrInvalidInput
	case flow.ReasonMFAMethod:
		return ErrIncorrectMFAMethod
	case flow.ReasonFactor:
		return ErrInvalidPreferredChallenge
	case flow.ReasonNoUsableSetup:
		return ErrNoUsableMFASetup
	case flow.ReasonProtocol:
		return ErrUnexpectedResponse
	case flow.ReasonEmptyUserID:
		return ErrEmptyUserIDForSRP
	case flow.ReasonExpired:
		return ErrSignInExpired
	}
	return ErrUnexpectedResponse
}

// A refinement gives an exception that the service uses for many things the
// finer code that its text tells. Texts are observed, not documented; AWS may
// change them, and then the coarse code is what callers get. No decision about
// security rests on them.
type refinement struct {
	exception ErrorCode
	contains  string
	code      ErrorCode
}

// Sign-ins that threat protection blocks ("... because of security reasons")
// stay ErrNotAuthorized: it can follow a right password, and a code of its own
// would tell that to whoever is guessing.
var refinements = [...]refinement{
	{ErrNotAuthorized, "session can only be used once", ErrSignInExpired},
	{ErrNotAuthorized, "session is expired", ErrSignInExpired},
	{ErrNotAuthorized, "Invalid session for the user", ErrSignInExpired},
	{ErrNotAuthorized, "Password attempts exceeded", ErrPasswordAttemptsExceeded},
	{ErrNotAuthorized, "Too many invalid credentials attempts", ErrPasswordAttemptsExceeded},
	{ErrNotAuthorized, "User is disabled", ErrUserDisabled},
	{ErrNotAuthorized, "Temporary password has expired", ErrTemporaryPasswordExpired},
	{ErrNotAuthorized, "User account has expired", ErrTemporaryPasswordExpired},
	{ErrNotAuthorized, "password cannot be reset in the current state", ErrPasswordNotResettable},
	{ErrNotAuthorized, "Contact administrator to reset password", ErrAdminRecoveryOnly},
	{ErrNotAuthorized, "SECRET_HASH was not received", ErrClientSecret},
	{ErrNotAuthorized, "secret was not received", ErrClientSecret},
	{ErrNotAuthorized, "Unable to verify secret hash", ErrClientSecret},
	{ErrNotAuthorized, "SecretHash does not match", ErrClientSecret},
	{ErrNotAuthorized, "SignUp is not permitted", ErrSignUpNotPermitted},
	{ErrNotAuthorized, "Access Token has been revoked", ErrSessionExpired},
	{ErrNotAuthorized, "Refresh Token has been revoked", ErrSessionExpired},
	{ErrNotAuthorized, "Refresh Token has expired", ErrSessionExpired},
	{ErrNotAuthorized, "Access Token has expired", ErrAccessTokenRefused},
	{ErrNotAuthorized, "Invalid Access Token", ErrAccessTokenRefused},
	{ErrNotAuthorized, "Could not verify signature for Access Token", ErrAccessTokenRefused},
	{ErrNotAuthorized, "does not have required scopes", ErrMissingScope},
	{ErrNotAuthorized, "attempted to write unauthorized attribute", ErrAttributeNotWritable},
	{ErrNotAuthorized, "Cannot modify an already provided", ErrAttributeNotWritable},
	{ErrNotAuthorized, "Current status is CONFIRMED", ErrAlreadyConfirmed},
	{ErrNotAuthorized, "user status is not UNCONFIRMED", ErrAlreadyConfirmed},

	// ResendConfirmationCode uses another exception for the same state.
	{ErrInvalidParameter, "User is already confirmed", ErrAlreadyConfirmed},
	{ErrInvalidParameter, "no registered/verified email or phone_number", ErrNoVerifiedContact},
	{ErrInvalidParameter, "has not set up software token mfa", ErrMFANotSetUp},
	{ErrInvalidParameter, "has not verified software token mfa", ErrMFANotSetUp},
	{ErrInvalidParameter, "does not have delivery config set to turn on", ErrMFANotSetUp},
	{ErrInvalidParameter, "does not have applicable WebAuthn credentials", ErrMFANotSetUp},
	{ErrInvalidParameter, "Username should be ", ErrInvalidUsername},
	{ErrInvalidParameter, "Username cannot be of ", ErrInvalidUsername},
	{ErrInvalidParameter, "Attributes did not conform to the schema", ErrInvalidAttribute},
	{ErrInvalidParameter, "Invalid attributes given", ErrInvalidAttribute},
	{ErrInvalidParameter, "Invalid email address format", ErrInvalidAttribute},
	{ErrInvalidParameter, "Invalid phone number format", ErrInvalidAttribute},
	{ErrInvalidParameter, "Required attribute cannot be deleted", ErrAttributeRequired},
	{ErrInvalidParameter, "Cannot modify the non-mutable attribute", ErrAttributeImmutable},
	{ErrInvalidParameter, "Credential data is not valid", ErrWebAuthnCredentialInvalid},
	{ErrInvalidParameter, "not enabled for this client", ErrAuthFlowNotEnabled},
	{ErrInvalidParameter, "is not enabled for the client", ErrAuthFlowNotEnabled},
	{ErrInvalidParameter, "is enabled for this client", ErrAuthFlowNotEnabled}, // "Only custom auth ..."
	{ErrInvalidParameter, "Initiate Auth method not supported", ErrAuthFlowNotEnabled},
	{ErrInvalidParameter, "Custom auth lambda trigger is not configured", ErrAuthFlowNotEnabled},
	// What is too short, or white space, for any pool fails before the policy is
	// asked. It is the same mistake.
	{ErrInvalidParameter, "'password'" + notSatisfied + "Member must have length", ErrInvalidPassword},
	{ErrInvalidParameter, "'password'" + notSatisfied + "Member must satisfy", ErrInvalidPassword},
	{ErrInvalidParameter, "'proposedPassword'" + notSatisfied + "Member must have length", ErrInvalidPassword},
	{ErrInvalidParameter, "'proposedPassword'" + notSatisfied + "Member must satisfy", ErrInvalidPassword},

	{ErrResourceNotFound, "User pool ", ErrPoolNotFound},
	{ErrInvalidPassword, "cannot be used for security reasons", ErrPasswordCompromised},
	{ErrExpiredCode, "software token has already been used", ErrTOTPCodeUsed},
}

// notSatisfied is how the service's validation of requests goes on after the
// name of a member.
const notSatisfied = " failed to satisfy constraint: "

func refine(op string, se *cognito.ServiceError) ErrorCode {
	code := ErrorCode(se.Code)
	for _, r := range refinements {
		if r.exception == code && strings.Contains(se.Message, r.contains) {
			return r.code
		}
	}
	if code == ErrNotAuthorized && op == opRefresh {
		return ErrSessionExpired
	}
	return code
}
