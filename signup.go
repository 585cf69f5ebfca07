package auth

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/tokens"
)

// SignUpInput is the input of [SignUp].
type SignUpInput struct {
	_ [0]func()

	Username       string            // required; an e-mail address or phone number where the pool signs in with those
	Password       string            // may be empty only in pools with passwordless sign-in
	UserAttributes map[string]string // "email", "phone_number", "name", "custom:…"
	AutoSignIn     bool              // remember the sign-up so that AutoSignIn can follow it

	ValidationData map[string]string // for the PreSignUp trigger, not stored
	ClientMetadata map[string]string // for the PreSignUp, CustomMessage and PostConfirmation triggers
	ClientContext  ClientContext
}

// SignUpOutput is the output of [SignUp]. Its JSON is Amplify's.
type SignUpOutput struct {
	_ [0]func()

	IsSignUpComplete bool           `json:"isSignUpComplete"` // the account is confirmed
	UserID           string         `json:"userId,omitempty"` // the sub of the new user
	NextStep         SignUpNextStep `json:"nextStep"`
}

// SignUp creates an account (Cognito operation SignUp). Usually the service
// sends a code and the next step is [SignUpStepConfirmSignUp]; a PreSignUp
// trigger may confirm the account at once.
//
// With AutoSignIn the session remembers the sign-up, so that after confirmation
// the next step is [SignUpStepCompleteAutoSignIn]. The password is not kept.
//
// Errors: [ErrInvalidInput] for an empty or malformed Username, before any
// request, and for an empty Password where the service wants one;
// [ErrUsernameExists], [ErrInvalidUsername], [ErrInvalidPassword],
// [ErrPasswordCompromised], [ErrInvalidAttribute], [ErrAttributeNotWritable],
// [ErrSignUpNotPermitted], [ErrLimitExceeded] (the account may exist all the
// same), [ErrCodeDeliveryFailure], [ErrUserLambdaValidation],
// [ErrUnexpectedLambda], [ErrInvalidLambdaResponse], [ErrClientSecret],
// [ErrTooManyRequests].
func SignUp(ctx context.Context, s *Session, in SignUpInput) (*SignUpOutput, error) {
	if err := begin(s, opSignUp, nameField(in.Username), newPasswordField("Password", in.Password), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	out, err := s.client.api.SignUp(ctx, cognito.SignUpInput{
		Username: in.Username, Password: in.Password, Attributes: in.UserAttributes, ValidationData: in.ValidationData,
		CallOptions: callOptions(in.ClientMetadata, in.ClientContext),
	})
	if err != nil {
		return nil, signUpError(in, err)
	}
	next := SignUpNextStep{Step: SignUpStepConfirmSignUp, CodeDeliveryDetails: delivery(out.Delivery)}
	if out.Confirmed {
		next.Step = SignUpStepDone
	}
	pending := pendingSignUp{Username: in.Username, Session: out.Session, AutoSignIn: in.AutoSignIn, Confirmed: out.Confirmed}
	if out.Confirmed && in.AutoSignIn {
		next.Step, next.PasswordRequired = SignUpStepCompleteAutoSignIn, out.Session == ""
	}
	// The account exists now. A store that fails here costs the automatic
	// sign-in, which AutoSignIn reports, not the sign-up.
	if err := s.saveSignUp(ctx, pending); err != nil {
		s.client.log.WarnContext(ctx, "auth: sign-up not remembered, automatic sign-in is not available", "error", err)
		if next.Step == SignUpStepCompleteAutoSignIn {
			next = SignUpNextStep{Step: SignUpStepDone}
		}
	}
	return &SignUpOutput{IsSignUpComplete: out.Confirmed, UserID: out.UserSub, NextStep: next}, nil
}

// signUpError names the field when the service wants a password. Only the
// service knows which pools do.
func signUpError(in SignUpInput, err error) error {
	e := opError(opSignUp, err)
	if own, ok := errors.AsType[*Error](e); ok && in.Password == "" && own.Code == ErrInvalidParameter &&
		strings.Contains(own.Message, "'password'") && strings.Contains(own.Message, "must not be null") {
		own.Code, own.Field = ErrInvalidInput, "Password"
	}
	return e
}

// ConfirmSignUpInput is the input of [ConfirmSignUp].
type ConfirmSignUpInput struct {
	_ [0]func()

	Username           string // required
	ConfirmationCode   string // required
	ForceAliasCreation bool   // take an e-mail address or phone number over from the account that signs in with it now; default false: ErrAliasExists

	ClientMetadata map[string]string // for the PostConfirmation trigger
	ClientContext  ClientContext
}

// ConfirmSignUpOutput is the output of [ConfirmSignUp]. Its JSON is Amplify's.
type ConfirmSignUpOutput struct {
	_ [0]func()

	IsSignUpComplete bool           `json:"isSignUpComplete"` // the account is confirmed
	NextStep         SignUpNextStep `json:"nextStep"`
}

// ConfirmSignUp confirms an account with the code that was sent (Cognito
// operation ConfirmSignUp). It works from any session; from the one that
// called [SignUp] with AutoSignIn, the next step is
// [SignUpStepCompleteAutoSignIn].
//
// Errors: [ErrInvalidInput] for an empty field, before any request;
// [ErrCodeMismatch] (the code stays usable), [ErrExpiredCode] (request another
// with [ResendSignUpCode]), [ErrAliasExists], [ErrAlreadyConfirmed],
// [ErrUserNotFound], [ErrTooManyFailedAttempts], [ErrLimitExceeded],
// [ErrUserLambdaValidation], [ErrUnexpectedLambda],
// [ErrInvalidLambdaResponse], [ErrClientSecret], [ErrTooManyRequests].
func ConfirmSignUp(ctx context.Context, s *Session, in ConfirmSignUpInput) (*ConfirmSignUpOutput, error) {
	if err := begin(s, opConfirmUp, nameField(in.Username), codeField("ConfirmationCode", in.ConfirmationCode), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	pending, rev, err := s.loadSignUp(ctx)
	if err != nil || pending.Username != in.Username {
		// Somebody else's sign-up, or none: confirm without its session.
		pending = pendingSignUp{Username: in.Username}
	}
	request := cognito.ConfirmSignUpInput{
		Username: in.Username, Code: in.ConfirmationCode, ForceAliasCreation: in.ForceAliasCreation, Session: pending.Session,
		CallOptions: callOptions(in.ClientMetadata, in.ClientContext),
	}
	out, err := s.client.api.ConfirmSignUp(ctx, request)
	if request.Session != "" && errors.Is(opError(opConfirmUp, err), ErrSignInExpired) {
		// The service's session lives for minutes, the code for a day.
		request.Session = ""
		out, err = s.client.api.ConfirmSignUp(ctx, request)
	}
	if err != nil {
		err = opError(opConfirmUp, err)
		if errors.Is(err, ErrAlreadyConfirmed) && pending.AutoSignIn && !pending.Confirmed {
			// Confirmed by a call whose answer was lost, or elsewhere: AutoSignIn
			// can go on, with the password.
			pending.Session, pending.Confirmed = "", true
			if kept := s.storeSignUp(ctx, pending, rev); kept != nil {
				s.client.log.WarnContext(ctx, "auth: confirmation not remembered, automatic sign-in is not available", "error", kept)
			}
		}
		return nil, err
	}
	next := SignUpNextStep{Step: SignUpStepDone}
	if pending.AutoSignIn {
		pending.Session, pending.Confirmed = out.Session, true
		if err := s.storeSignUp(ctx, pending, rev); err != nil {
			s.client.log.WarnContext(ctx, "auth: confirmation not remembered, automatic sign-in is not available", "error", err)
		} else {
			next = SignUpNextStep{Step: SignUpStepCompleteAutoSignIn, PasswordRequired: out.Session == ""}
		}
	}
	return &ConfirmSignUpOutput{IsSignUpComplete: true, NextStep: next}, nil
}

// ResendSignUpCodeInput is the input of [ResendSignUpCode].
type ResendSignUpCodeInput struct {
	_ [0]func()

	Username string // required

	ClientMetadata map[string]string // for the CustomMessage trigger
	ClientContext  ClientContext
}

// ResendSignUpCodeOutput is the output of [ResendSignUpCode]: where the code
// went. Its JSON is Amplify's.
type ResendSignUpCodeOutput struct {
	_ [0]func()

	CodeDeliveryDetails
}

// ResendSignUpCode sends another confirmation code (Cognito operation
// ResendConfirmationCode). Codes sent before stop working (observed).
//
// Where the app client hides whether users exist, an unknown or already
// confirmed user gets an answer that looks like any other.
//
// Errors: [ErrInvalidInput] for an empty Username, before any request;
// [ErrAlreadyConfirmed], [ErrUserNotFound], [ErrLimitExceeded] (5 an hour),
// [ErrCodeDeliveryFailure], [ErrInvalidParameter], [ErrUserLambdaValidation],
// [ErrUnexpectedLambda], [ErrInvalidLambdaResponse], [ErrClientSecret],
// [ErrTooManyRequests].
func ResendSignUpCode(ctx context.Context, s *Session, in ResendSignUpCodeInput) (*ResendSignUpCodeOutput, error) {
	if err := begin(s, opResend, nameField(in.Username), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	out, err := s.client.api.ResendConfirmationCode(ctx, cognito.ResendConfirmationCodeInput{
		Username: in.Username, CallOptions: callOptions(in.ClientMetadata, in.ClientContext),
	})
	if err != nil {
		return nil, opError(opResend, err)
	}
	result := &ResendSignUpCodeOutput{}
	if d := delivery(out); d != nil {
		result.CodeDeliveryDetails = *d
	}
	return result, nil
}

// pendingSignUp is what AutoSignIn continues from.
type pendingSignUp struct {
	Version    int    `json:"v"`
	Username   string `json:"username"`
	Session    string `json:"session,omitempty"` // the service's; for one sign-in, within the auth session's validity
	AutoSignIn bool   `json:"autoSignIn,omitempty"`
	Confirmed  bool   `json:"confirmed,omitempty"`
}

const pendingSignUpVersion = 1

// signUpLife bounds how long a sign-up is remembered: a confirmation code is
// valid for 24 hours.
const signUpLife = 24 * time.Hour

func (s *Session) loadSignUp(ctx context.Context) (pendingSignUp, tokens.Revision, error) {
	rec, rev, err := s.client.cfg.Store.Load(ctx, s.key(recordSignUp))
	if err != nil {
		return pendingSignUp{}, "", err
	}
	var p pendingSignUp
	if err := json.Unmarshal(rec.Data, &p); err != nil || p.Version != pendingSignUpVersion {
		return pendingSignUp{}, rev, errors.New("the sign-up record is not of this version")
	}
	return p, rev, nil
}

func (s *Session) storeSignUp(ctx context.Context, p pendingSignUp, rev tokens.Revision) error {
	p.Version = pendingSignUpVersion
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = s.client.cfg.Store.Save(ctx, s.key(recordSignUp), tokens.Record{Data: data, Expires: time.Now().Add(signUpLife)}, rev)
	return err
}

// saveSignUp replaces whatever sign-up the session remembered. One that has
// nothing for AutoSignIn or ConfirmSignUp removes it.
func (s *Session) saveSignUp(ctx context.Context, p pendingSignUp) error {
	if p.Session == "" && !p.AutoSignIn {
		return s.forgetRecord(ctx, recordSignUp)
	}
	return s.overwrite(ctx, recordSignUp, func(rev tokens.Revision) error { return s.storeSignUp(ctx, p, rev) })
}

// overwrite calls save with the current revision until it no longer conflicts.
// It is for records where the newest writer is right.
func (s *Session) overwrite(ctx context.Context, kind string, save func(tokens.Revision) error) error {
	var err error
	for range maxConflicts {
		var rev tokens.Revision
		if _, rev, err = s.client.cfg.Store.Load(ctx, s.key(kind)); err != nil && !errors.Is(err, tokens.ErrNotFound) {
			return err
		}
		if err = save(rev); !errors.Is(err, tokens.ErrConflict) {
			return err
		}
	}
	return err
}

// maxConflicts bounds how often a write is tried again. Each conflict is another
// writer's progress; more than a few mean that the store is broken.
const maxConflicts = 8

// forgetRecord deletes one of the session's records, whatever its revision.
func (s *Session) forgetRecord(ctx context.Context, kind string) error {
	return s.overwrite(ctx, kind, func(rev tokens.Revision) error {
		if rev == "" {
			return nil
		}
		return s.client.cfg.Store.Delete(ctx, s.key(kind), rev)
	})
}
