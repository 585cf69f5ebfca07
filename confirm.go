package auth

import (
	"context"

	"github.com/cognitokit/auth/internal/flow"
)

// ConfirmSignInInput is the input of [ConfirmSignIn].
type ConfirmSignInInput struct {
	_ [0]func()

	// ChallengeResponse is the answer to the step: a code, a new password, an
	// MFAType, an e-mail address, as the step's constant says. Required except
	// for SignInStepConfirmWithUnknownChallenge.
	ChallengeResponse string

	UserAttributes     map[string]string // with SignInStepConfirmWithNewPassword: at least MissingAttributes
	ChallengeResponses map[string]string // with SignInStepConfirmWithUnknownChallenge: the raw responses, USERNAME and SECRET_HASH excepted
	FriendlyDeviceName string            // with SignInStepContinueWithTOTPSetup: a name for the authenticator app

	ClientMetadata map[string]string // for the triggers that the answer runs; goes with every request of this call
	ClientContext  ClientContext
}

// ConfirmSignIn answers the step that [SignIn], or ConfirmSignIn before it,
// returned (Cognito operation RespondToAuthChallenge; AssociateSoftwareToken
// and VerifySoftwareToken while an authenticator app is set up). It works on
// any host that shares the store.
//
// After a wrong code or a refused password the attempt stays as it was: ask the
// person again.
//
// Errors: [ErrInvalidInput], [ErrIncorrectMFAMethod] and
// [ErrInvalidPreferredChallenge] for an answer that cannot be right, before any
// request; [ErrNoSignIn] when there is nothing to answer; [ErrSignInExpired]
// when the attempt is expired, was answered already, or another took its place;
// [ErrCodeMismatch], [ErrExpiredCode], [ErrTOTPCodeUsed],
// [ErrEnableSoftwareTokenMFA] (wrong code of an app being set up),
// [ErrInvalidPassword], [ErrPasswordHistoryPolicyViolation],
// [ErrInvalidAttribute] and [ErrAttributeNotWritable] with a new password,
// [ErrPasswordAttemptsExceeded], [ErrMFAMethodNotFound],
// [ErrSoftwareTokenMFANotFound],
// [ErrNoUsableMFASetup], [ErrAliasExists], and those of [SignIn].
func ConfirmSignIn(ctx context.Context, s *Session, in ConfirmSignInInput) (*SignInOutput, error) {
	if err := begin(s, opConfirmIn, responseField(in.ChallengeResponse), contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	a, rev, err := s.loadAttempt(ctx)
	if err != nil {
		return nil, opError(opConfirmIn, err)
	}
	before := a
	r := newAttemptRun(s, opConfirmIn, in.ChallengeResponse, in.ClientMetadata, in.ClientContext)
	a, effect := flow.Step(a, flow.Answer{
		Response: in.ChallengeResponse, Attributes: in.UserAttributes, Raw: in.ChallengeResponses,
		FriendlyDeviceName: in.FriendlyDeviceName,
	})
	a, effect = r.drive(ctx, a, effect)
	out, err := r.conclude(ctx, a, effect)
	if kept := s.settleAttempt(ctx, before, a, effect, rev); kept != nil {
		if _, asked := effect.(flow.Ask); asked {
			return nil, opError(opConfirmIn, kept)
		}
		// What remains cannot be answered any more and expires by itself.
		s.client.log.WarnContext(ctx, "auth: sign-in attempt not removed", "error", kept)
	}
	if err != nil {
		return nil, opError(opConfirmIn, err)
	}
	return out, nil
}
