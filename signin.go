package auth

import (
	"context"
	"errors"

	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/tokens"
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

	IsSignedIn bool           `json:"isSignedIn"`
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
// [ErrInvalidParameter] (the app client lacks the flow);
// [ErrInvalidUserPoolConfiguration], [ErrUserLambdaValidation],
// [ErrUnexpectedLambda], [ErrInvalidLambdaResponse], [ErrTooManyRequests];
// [ErrKeysUnavailable] if the pool's keys cannot be fetched, found out before
// the password is used; [ErrInvalidTokens] if what the service issued does not
// verify.
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

// AutoSignInInput is the input of [AutoSignIn].
type AutoSignInInput struct {
	_ [0]func()

	Password string // where SignUpNextStep.PasswordRequired says so, else empty

	ClientMetadata map[string]string // as for SignIn
	ClientContext  ClientContext
}

// AutoSignIn signs in the person who has just signed up with AutoSignIn and
// confirmed the account in this session. Where the app client allows USER_AUTH,
// the service gave sign-up a session that replaces any further factor (Cognito
// operation InitiateAuth with Session); elsewhere the password is handed in
// again, because it is never kept.
//
// The service's session is good for one sign-in and for the app client's auth
// session validity, 3 to 15 minutes. When it is spent, or is refused, the next
// step may be any other; a Password given as well is then used at once.
//
// Errors: [ErrAutoSignInUnavailable], whose Message names what is missing; else
// those of [SignIn].
func AutoSignIn(ctx context.Context, s *Session, in AutoSignInInput) (*SignInOutput, error) {
	if err := begin(s, opAutoSignIn, contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	p, rev, err := s.loadSignUp(ctx)
	unavailable := func(reason string) error {
		return &Error{Op: opAutoSignIn, Code: ErrAutoSignInUnavailable, Message: reason, Err: err}
	}
	switch {
	case err != nil && rev == "" && !errors.Is(err, tokens.ErrNotFound):
		return nil, opError(opAutoSignIn, err)
	case err != nil || !p.AutoSignIn:
		return nil, unavailable("no sign-up of this session asked for it")
	case !p.Confirmed:
		return nil, unavailable("the account is not confirmed yet")
	case p.Session == "" && in.Password == "":
		return nil, unavailable("the password is needed: the app client gave no session")
	}
	password := flow.Begin{Flow: string(s.client.cfg.AuthFlow), Username: p.Username, Password: in.Password}
	if p.Session == "" {
		return s.startSignIn(ctx, opAutoSignIn, password, in.ClientMetadata, in.ClientContext)
	}
	out, err := s.startSignIn(ctx, opAutoSignIn, flow.Begin{
		Flow: flow.User, Username: p.Username, Session: p.Session,
	}, in.ClientMetadata, in.ClientContext)
	if IsRemote(err) || err == nil && !out.IsSignedIn {
		// The session is spent either way; the sign-up is still good for a
		// sign-in with the password.
		p.Session = ""
		if kept := s.saveSignUp(ctx, p); kept != nil {
			return nil, opError(opAutoSignIn, errors.Join(err, kept))
		}
		if in.Password != "" && errors.Is(err, ErrNotAuthorized) {
			return s.startSignIn(ctx, opAutoSignIn, password, in.ClientMetadata, in.ClientContext)
		}
	}
	return out, err
}

// assertSignedOut refuses to sign in over somebody. As in Amplify, a session
// whose tokens cannot be refreshed any more counts as signed out.
func (s *Session) assertSignedOut(ctx context.Context, op string) error {
	switch _, err := s.current(ctx, op, nil); {
	case err == nil:
		return &Error{Op: op, Code: ErrAlreadySignedIn, Message: "sign out first"}
	case ctx.Err() != nil:
		return opError(op, ctx.Err())
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
