package auth

import (
	"context"
	"errors"

	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/internal/wire"
)

// SignInInput is the input of [SignIn].
type SignInInput struct {
	_ [0]func()

	Username string   // required: a username, or an e-mail address or phone number where the pool signs in with those
	Password string   // required by the flows that begin with one, else empty
	AuthFlow AuthFlow // default Config.AuthFlow

	// PreferredChallenge is, with AuthFlowUser, the first factor to try:
	// "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP" or "WEB_AUTHN". Default
	// Config.PreferredChallenge. If it is not available to the person, the next
	// step is a choice.
	PreferredChallenge string

	ClientMetadata map[string]string // for the PreAuthentication and UserMigration triggers; SRP answers pass it to the others
	ClientContext  ClientContext
}

// SignInOutput is the output of [SignIn], [ConfirmSignIn] and [AutoSignIn]. Its
// JSON is Amplify's. It holds no tokens: [FetchAuthSession] returns them.
type SignInOutput struct {
	_ [0]func()

	IsSignedIn bool           `json:"isSignedIn"` // the session has tokens
	NextStep   SignInNextStep `json:"nextStep"`

	Device *DeviceOutcome `json:"-"` // set when the sign-in registered a device
}

// SignIn begins a sign-in (Cognito operations InitiateAuth and, for password
// proofs, RespondToAuthChallenge). Either the session is signed in
// ([SignInStepDone]) or NextStep says what the person has to do; answer with
// [ConfirmSignIn], on this host or on any other that shares the store. An
// attempt that was in progress is replaced.
//
// With [AuthFlowUserSRP], the default, the password never leaves the process:
// a proof of it does (SRP-6a as Cognito speaks it).
//
// An account that is not confirmed and a password that has to be reset are
// steps, not errors.
//
// Errors: [ErrInvalidInput] for an empty Username or Password, before any
// request; [ErrAlreadySignedIn]; [ErrNotAuthorized] for a wrong password, and
// for an unknown user where the app client hides that, and its finer codes
// [ErrUserDisabled], [ErrPasswordAttemptsExceeded],
// [ErrTemporaryPasswordExpired], [ErrClientSecret]; [ErrUserNotFound];
// [ErrAuthFlowNotEnabled] if the app client lacks the flow;
// [ErrInvalidUserPoolConfiguration], [ErrUserLambdaValidation],
// [ErrUnexpectedLambda], [ErrInvalidLambdaResponse], [ErrTooManyRequests];
// [ErrSoftwareTokenMFANotFound] and [ErrConcurrentModification] if an
// authenticator app has to be set up and cannot be; [ErrKeysUnavailable] if the
// pool's keys cannot be fetched, found out before the password is used;
// [ErrInvalidTokens] if what the service issued does not verify.
func SignIn(ctx context.Context, s *Session, in SignInInput) (*SignInOutput, error) {
	if err := s.check(opSignIn); err != nil {
		return nil, err
	}
	if in.AuthFlow == "" {
		in.AuthFlow = s.client.cfg.AuthFlow
	}
	if in.PreferredChallenge == "" && in.AuthFlow == AuthFlowUser {
		in.PreferredChallenge = s.client.cfg.PreferredChallenge
	}
	if err := begin(s, opSignIn, nameField(in.Username), authFlowField(in.AuthFlow), preferredField(in.AuthFlow, in.PreferredChallenge),
		firstPasswordField(in), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	return s.startSignIn(ctx, opSignIn, flow.Begin{
		Flow: string(in.AuthFlow), Username: in.Username, Password: in.Password, Preferred: in.PreferredChallenge,
	}, in.ClientMetadata, in.ClientContext)
}

// startSignIn runs the attempt that b begins.
func (s *Session) startSignIn(ctx context.Context, op string, b flow.Begin, metadata map[string]string, c ClientContext) (*SignInOutput, error) {
	if err := s.assertSignedOut(ctx, op); err != nil {
		return nil, err
	}
	// Tokens that cannot be verified would be lost, and the attempt with them:
	// have the keys before the first request.
	if err := s.client.verifier.Prepare(ctx); err != nil {
		return nil, opError(op, err)
	}
	var err error
	if b.Devices, err = s.deviceKeys(ctx); err != nil {
		return nil, opError(op, err)
	}
	r := newAttemptRun(s, op, b.Password, metadata, c)
	a, effect := flow.Step(flow.Attempt{State: flow.Start{}}, b)
	a, effect = r.drive(ctx, a, effect)
	out, err := r.conclude(ctx, a, effect)
	if _, asked := effect.(flow.Ask); asked {
		err = errors.Join(err, s.overwriteAttempt(ctx, a))
	} else if op == opResendIn && err != nil {
		// The code that was sent before still counts.
	} else if forgotten := s.forgetRecord(ctx, recordAttempt); forgotten != nil {
		// An older attempt stays behind. It belongs to this session and expires
		// by itself, so the outcome of this one stands.
		s.client.log.WarnContext(ctx, "auth: earlier sign-in attempt not removed", "error", forgotten)
	}
	if err != nil {
		return nil, opError(op, err)
	}
	return out, nil
}

// assertSignedOut refuses to sign in over somebody. As in Amplify, a session
// whose tokens cannot be refreshed counts as signed out; a store that cannot be
// read tells nothing.
func (s *Session) assertSignedOut(ctx context.Context, op string) error {
	switch _, err := s.current(ctx, op, nil); {
	case err == nil:
		return &Error{Op: op, Code: ErrAlreadySignedIn, Message: "sign out first"}
	case ctx.Err() != nil:
		return opError(op, ctx.Err())
	case CodeOf(err) == ErrInternal:
		return err
	}
	return nil
}

func authFlowField(f AuthFlow) field {
	switch f {
	case "", AuthFlowUserSRP, AuthFlowUserPassword, AuthFlowUser, AuthFlowCustomWithSRP, AuthFlowCustomWithoutSRP:
		return field{}
	}
	return field{name: "AuthFlow", problem: "not a flow of this version"}
}

// preferredField does not know the names that the service may add; it refuses
// only what can have no meaning.
func preferredField(f AuthFlow, preferred string) field {
	if preferred != "" && f != AuthFlowUser {
		return field{name: "PreferredChallenge", problem: "only with AuthFlowUser"}
	}
	return field{}
}

// firstPasswordField checks the password by the flow: it must be there where the
// flow begins with it, and must not where it would go unused, as a caller who
// gave one means it to count.
func firstPasswordField(in SignInInput) field {
	needed := false
	switch in.AuthFlow {
	case AuthFlowUserSRP, AuthFlowUserPassword, AuthFlowCustomWithSRP:
		needed = true
	case AuthFlowUser:
		needed = in.PreferredChallenge == wire.ChallengePassword || in.PreferredChallenge == wire.ChallengePasswordSRP
	}
	switch {
	case needed:
		return passwordField("Password", in.Password)
	case in.Password != "" && in.AuthFlow == AuthFlowCustomWithoutSRP:
		return field{name: "Password", problem: "CUSTOM_WITHOUT_SRP takes none", code: ErrCustomAuthSignInPassword}
	case in.Password != "":
		return field{name: "Password", problem: "not used without PreferredChallenge PASSWORD or PASSWORD_SRP"}
	}
	return field{}
}
