package auth

import (
	"context"

	"github.com/cognitokit/auth/internal/cognito"
)

// ResetPasswordInput is the input of [ResetPassword].
type ResetPasswordInput struct {
	_ [0]func()

	Username string // required

	ClientMetadata map[string]string // for the CustomMessage and UserMigration triggers
	ClientContext  ClientContext
}

// ResetPasswordOutput is the output of [ResetPassword]. Its JSON is Amplify's.
type ResetPasswordOutput struct {
	_ [0]func()

	IsPasswordReset bool                  `json:"isPasswordReset"` // false: the service always wants the code
	NextStep        ResetPasswordNextStep `json:"nextStep"`
}

// ResetPassword begins to replace a password that was forgotten (Cognito
// operation ForgotPassword): the service sends a code to the person, and
// [ConfirmResetPassword] takes it with the new password. Nobody has to be signed
// in. The old password goes on working until then.
//
// Where the app client hides whether users exist, an unknown user, and one whose
// password cannot be reset, gets an answer that looks like any other.
//
// Three people cannot be helped this way, and each has an error that says what
// does: [ErrNoVerifiedContact], [ErrPasswordNotResettable] and
// [ErrAdminRecoveryOnly].
//
// Errors: [ErrInvalidInput] for an empty or malformed Username, before any
// request; the three above; [ErrUserNotFound], [ErrUserDisabled],
// [ErrLimitExceeded] (5 to 20 an hour, those of [ConfirmResetPassword]
// included), [ErrCodeDeliveryFailure], [ErrInvalidParameter],
// [ErrUserLambdaValidation], [ErrUnexpectedLambda],
// [ErrInvalidLambdaResponse], [ErrClientSecret], [ErrTooManyRequests].
func ResetPassword(ctx context.Context, s *Session, in ResetPasswordInput) (*ResetPasswordOutput, error) {
	if err := begin(s, opResetPassword, nameField(in.Username), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	sent, err := s.client.api.ForgotPassword(ctx, cognito.ForgotPasswordInput{
		Username: in.Username, CallOptions: callOptions(in.ClientMetadata, in.ClientContext),
	})
	if err != nil {
		return nil, opError(opResetPassword, err)
	}
	return &ResetPasswordOutput{
		NextStep: ResetPasswordNextStep{Step: ResetPasswordStepConfirmWithCode, CodeDeliveryDetails: delivery(sent)},
	}, nil
}

// ConfirmResetPasswordInput is the input of [ConfirmResetPassword].
type ConfirmResetPasswordInput struct {
	_ [0]func()

	Username         string // required, as given to ResetPassword
	ConfirmationCode string // required
	NewPassword      string // required

	ClientMetadata map[string]string // for the PostConfirmation trigger
	ClientContext  ClientContext
}

// ConfirmResetPasswordOutput is the output of [ConfirmResetPassword].
type ConfirmResetPasswordOutput struct {
	_ [0]func()
}

// ConfirmResetPassword sets a new password in exchange for the code that
// [ResetPassword], or an administrator's reset, sent (Cognito operation
// ConfirmForgotPassword). It works from any session and signs nobody in; the
// code is valid for an hour. Tokens issued before stay valid: sign the person out
// everywhere where that matters, with [SignOut] and Global after the next
// sign-in.
//
// A refused password and a wrong code leave the code usable.
//
// Errors: [ErrInvalidInput] for an empty field, before any request;
// [ErrCodeMismatch] (also for an unknown user where the app client hides that),
// [ErrExpiredCode], [ErrInvalidPassword] (see [Error.PasswordPolicy]),
// [ErrPasswordHistoryPolicyViolation], [ErrUserNotFound],
// [ErrUserNotConfirmed], [ErrUserDisabled], [ErrTooManyFailedAttempts],
// [ErrLimitExceeded], [ErrUserLambdaValidation], [ErrUnexpectedLambda],
// [ErrInvalidLambdaResponse], [ErrClientSecret], [ErrTooManyRequests].
func ConfirmResetPassword(ctx context.Context, s *Session, in ConfirmResetPasswordInput) (*ConfirmResetPasswordOutput, error) {
	if err := begin(s, opConfirmReset, nameField(in.Username), codeField("ConfirmationCode", in.ConfirmationCode),
		passwordField("NewPassword", in.NewPassword), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	if err := s.client.api.ConfirmForgotPassword(ctx, cognito.ConfirmForgotPasswordInput{
		Username: in.Username, Code: in.ConfirmationCode, Password: in.NewPassword,
		CallOptions: callOptions(in.ClientMetadata, in.ClientContext),
	}); err != nil {
		return nil, opError(opConfirmReset, err)
	}
	return &ConfirmResetPasswordOutput{}, nil
}

// UpdatePasswordInput is the input of [UpdatePassword].
type UpdatePasswordInput struct {
	_ [0]func()

	OldPassword string // empty only for somebody who has no password yet, having signed up without one
	NewPassword string // required
}

// UpdatePasswordOutput is the output of [UpdatePassword].
type UpdatePasswordOutput struct {
	_ [0]func()
}

// UpdatePassword changes the password of the person who is signed in (Cognito
// operation ChangePassword). Tokens issued before, here and elsewhere, stay
// valid.
//
// Errors: [ErrInvalidInput] for an empty NewPassword, before any request; those
// of [FetchAuthSession], as an access token that is about to expire is refreshed
// first; [ErrNotAuthorized] for a wrong OldPassword, [ErrInvalidParameter] for
// one that is too short for any pool, [ErrInvalidPassword] (see
// [Error.PasswordPolicy]), [ErrPasswordHistoryPolicyViolation],
// [ErrLimitExceeded] (5 an hour), [ErrMissingScope],
// [ErrPasswordResetRequired], [ErrUserNotConfirmed], [ErrUserNotFound],
// [ErrTooManyRequests].
func UpdatePassword(ctx context.Context, s *Session, in UpdatePasswordInput) (*UpdatePasswordOutput, error) {
	if err := begin(s, opUpdatePassword, newPasswordField("OldPassword", in.OldPassword), passwordField("NewPassword", in.NewPassword)); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opUpdatePassword, func(ctx context.Context, cur *signedIn) error {
		return s.client.api.ChangePassword(ctx, cognito.ChangePasswordInput{
			AccessToken: cur.bundle.AccessToken, Previous: in.OldPassword, Proposed: in.NewPassword,
		})
	}); err != nil {
		return nil, err
	}
	return &UpdatePasswordOutput{}, nil
}
