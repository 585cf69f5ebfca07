package auth

import (
	"context"

	"github.com/cognitokit/auth/internal/flow"
)

// ResendSignInCodeInput is the input of [ResendSignInCode].
type ResendSignInCodeInput struct {
	_ [0]func()

	ClientMetadata map[string]string // as for SignIn
	ClientContext  ClientContext
}

// ResendSignInCode sends another sign-in code where the service allows it: when
// the code is the first factor of [AuthFlowUser]. Cognito has no operation for
// it; the sign-in begins again with the same factor (InitiateAuth), so only the
// newest code counts. A code that follows a password cannot be sent again,
// because the password would be needed.
//
// Errors: [ErrCannotResend]; [ErrNoSignIn] and [ErrSignInExpired] as for
// [ConfirmSignIn]; those of [SignIn].
func ResendSignInCode(ctx context.Context, s *Session, in ResendSignInCodeInput) (*SignInOutput, error) {
	if err := begin(s, opResendIn, contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	a, _, err := s.loadAttempt(ctx)
	if err != nil {
		return nil, opError(opResendIn, err)
	}
	code, ok := a.State.(flow.AwaitCode)
	if !ok || !code.First {
		return nil, &Error{Op: opResendIn, Code: ErrCannotResend, Message: "only a code that is the first factor can be sent again"}
	}
	return s.startSignIn(ctx, opResendIn, flow.Begin{
		Flow: flow.User, Username: a.LoginID, Preferred: code.Challenge,
	}, in.ClientMetadata, in.ClientContext)
}
