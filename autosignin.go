package auth

import (
	"context"
	"errors"
	"time"

	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/tokens"
)

// AutoSignInInput is the input of [AutoSignIn].
type AutoSignInInput struct {
	_ [0]func()

	Password string // where SignUpNextStep.PasswordRequired says so, else empty

	// WaitForLink is for pools that confirm accounts by a link in an e-mail
	// instead of a code: AutoSignIn tries every 5 seconds until the person has
	// followed the link, for 3 minutes, or until ctx ends.
	WaitForLink bool

	ClientMetadata map[string]string // as for SignIn
	ClientContext  ClientContext
}

const (
	linkPause = 5 * time.Second
	linkLimit = 3 * time.Minute
)

// AutoSignIn signs in the person who has just signed up with AutoSignIn and
// confirmed the account in this session. Where the app client allows USER_AUTH,
// the service gave sign-up a session that replaces any further factor (Cognito
// operation InitiateAuth with Session); elsewhere the password is handed in
// again, because it is never kept.
//
// The service's session is good for one sign-in and for the app client's auth
// session validity, 3 to 15 minutes. If the service refuses it, a Password
// given as well is used instead.
//
// Errors: [ErrAutoSignInUnavailable], whose Message names what is missing or no
// longer usable; else those of [SignIn].
func AutoSignIn(ctx context.Context, s *Session, in AutoSignInInput) (*SignInOutput, error) {
	if err := begin(s, opAutoSignIn, contextField(in.ClientContext)); err != nil {
		return nil, err
	}
	p, rev, err := s.loadSignUp(ctx)
	switch {
	case err != nil && !errors.Is(err, tokens.ErrNotFound):
		return nil, opError(opAutoSignIn, err)
	case err != nil || !p.AutoSignIn:
		return nil, autoSignInUnavailable("no sign-up of this session asked for it", err)
	case !p.Confirmed && !in.WaitForLink:
		return nil, autoSignInUnavailable("the account is not confirmed yet", nil)
	case p.Session == "" && in.Password == "":
		return nil, autoSignInUnavailable("the password is needed: the app client gave no session, or it is spent", nil)
	}
	for deadline := time.Now().Add(linkLimit); ; {
		out, err := s.autoSignInOnce(ctx, &p, rev, in)
		if err != nil || !in.WaitForLink || out.NextStep.Step != SignInStepConfirmSignUp {
			return out, err
		}
		if !time.Now().Add(linkPause).Before(deadline) {
			return nil, autoSignInUnavailable("the account was not confirmed in time", nil)
		}
		select {
		case <-ctx.Done():
			return nil, opError(opAutoSignIn, ctx.Err())
		case <-time.After(linkPause):
		}
	}
}

func autoSignInUnavailable(reason string, err error) error {
	return &Error{Op: opAutoSignIn, Code: ErrAutoSignInUnavailable, Message: reason, Err: err}
}

// autoSignInOnce uses the service's session while it lasts, then the password.
func (s *Session) autoSignInOnce(ctx context.Context, p *pendingSignUp, rev tokens.Revision, in AutoSignInInput) (*SignInOutput, error) {
	if p.Session != "" {
		out, err := s.startSignIn(ctx, opAutoSignIn, flow.Begin{
			Flow: flow.User, Username: p.Username, Session: p.Session,
		}, in.ClientMetadata, in.ClientContext)
		switch {
		case err == nil && (out.IsSignedIn || out.NextStep.Step == SignInStepConfirmSignUp):
			return out, nil
		case err != nil && !errors.Is(err, ErrNotAuthorized):
			return nil, err // the session may be good for another try
		}
		// The session is spent. The sign-up is still good for the password,
		// unless another call has signed in with it or replaced it.
		p.Session = ""
		if kept := s.storeSignUp(ctx, *p, rev); kept != nil && !errors.Is(kept, tokens.ErrConflict) {
			return nil, opError(opAutoSignIn, errors.Join(err, kept))
		}
		if in.Password == "" {
			if err != nil {
				err = autoSignInUnavailable("the service does not accept the sign-up's session any more", err)
			}
			return out, err
		}
	}
	return s.startSignIn(ctx, opAutoSignIn, flow.Begin{
		Flow: string(s.passwordFlow()), Username: p.Username, Password: in.Password,
	}, in.ClientMetadata, in.ClientContext)
}

// passwordFlow returns the flow that a password handed in again is for.
func (s *Session) passwordFlow() AuthFlow {
	switch f := s.client.cfg.AuthFlow; f {
	case AuthFlowUserPassword, AuthFlowCustomWithSRP:
		return f
	}
	return AuthFlowUserSRP
}
