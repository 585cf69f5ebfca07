package auth

import (
	"context"
	"errors"

	"github.com/cognitokit/auth/tokens"
)

// SignOutInput is the input of [SignOut].
type SignOutInput struct {
	_ [0]func()

	Global bool // sign the person out everywhere (Cognito operation GlobalSignOut), not only here
}

// SignOutOutput is the output of [SignOut]: what was done. Tokens that were
// revoked still verify off-line until they expire.
type SignOutOutput struct {
	_ [0]func()

	WasSignedIn bool // somebody was signed in to the session

	// SignedOutEverywhere says that all tokens of the person were revoked, as
	// Global asked. GlobalError is why they were not, an *Error.
	SignedOutEverywhere bool
	GlobalError         error

	// Revoked says that the session's own refresh token was revoked, with all
	// others or alone. RevokeError is why it was not, an *Error; nil where there
	// was nothing to revoke.
	Revoked     bool
	RevokeError error
}

// SignOut ends the session: it removes the tokens from the store, then revokes
// the refresh token, and with it the access tokens that came from it (Cognito
// operation RevokeToken). With Global, all of the person's tokens are revoked
// (GlobalSignOut); an expired access token is refreshed first.
//
// Once the tokens are removed the person is signed out here, so what fails after
// that is not an error but reported in the output, step by step, and so are
// tokens that could not be read and therefore not be revoked. Where the person
// cannot be signed out everywhere, the session's own token is still revoked.
// Clients without token revocation issue tokens without origin_jti, for which
// there is nothing to revoke. A session that is not signed in is signed out
// successfully. Device records stay.
//
// Errors: those of the store. The session is then still signed in. RevokeError
// can be [ErrUnauthorized] and [ErrUnsupportedTokenType], GlobalError
// [ErrSessionExpired], [ErrUserNotConfirmed] and [ErrPasswordResetRequired].
func SignOut(ctx context.Context, s *Session, in SignOutInput) (*SignOutOutput, error) {
	if err := begin(s, opSignOut); err != nil {
		return nil, err
	}
	out := &SignOutOutput{}
	if in.Global {
		// Before the record goes: GlobalSignOut needs a valid access token.
		if _, err := s.current(ctx, opSignOut, nil); err != nil && CodeOf(err) != ErrNotSignedIn {
			out.GlobalError = err
		}
	}
	// The tokens go last: as long as there is something to fail, the person is
	// signed in.
	for _, kind := range []string{recordAttempt, recordSignUp} {
		if err := s.forgetRecord(ctx, kind); err != nil {
			return nil, opError(opSignOut, err)
		}
	}
	cur, unread, err := s.remove(ctx, anybody)
	if err != nil {
		return nil, opError(opSignOut, err)
	}
	if cur == nil {
		out.WasSignedIn = errors.Is(unread, tokens.ErrKeysUnavailable)
		out.RevokeError = opError(opSignOut, unread)
		return out, nil
	}
	out.WasSignedIn = true
	s.revoke(ctx, cur, in.Global, out)
	return out, nil
}

// revoke makes the removed tokens worthless and says in out what became of it.
func (s *Session) revoke(ctx context.Context, cur *signedIn, global bool, out *SignOutOutput) {
	if global && out.GlobalError == nil {
		err := s.client.api.GlobalSignOut(ctx, cur.bundle.AccessToken)
		if err == nil {
			out.SignedOutEverywhere, out.Revoked = true, true
			return
		}
		out.GlobalError = opError(opSignOut, err)
	}
	if cur.bundle.RefreshToken == "" || cur.verified.Access.OriginJTI() == "" {
		return
	}
	err := s.client.api.RevokeToken(ctx, cur.bundle.RefreshToken)
	out.Revoked, out.RevokeError = err == nil, opError(opSignOut, err)
}

// anybody is whose tokens a sign-out removes.
func anybody(*signedIn) bool { return true }

// remove takes the session's tokens out of the store and returns them, nil if
// there are none. A refresh that saves new ones meanwhile is waited out by
// looking again, so that no tokens survive a sign-out. A record that does not
// verify is removed all the same; unread says why it did not. Tokens that are not
// whose says stay.
func (s *Session) remove(ctx context.Context, whose func(*signedIn) bool) (cur *signedIn, unread, err error) {
	err = s.overwrite(ctx, recordTokens, func(rev tokens.Revision) error {
		cur, unread = nil, nil
		if rev == "" {
			return nil
		}
		loaded, err := s.load(ctx)
		m, marked := errors.AsType[*mark](err)
		switch {
		case marked && m.MovedTo != "":
			return nil // nobody's tokens; a refresh under way still needs it
		case err == nil && loaded.rev != rev:
			return tokens.ErrConflict
		case err == nil && !whose(loaded):
			return nil
		case err == nil:
			cur = loaded
		case marked, CodeOf(err) == ErrNotSignedIn:
		case errors.Is(err, tokens.ErrInvalid), errors.Is(err, tokens.ErrKeysUnavailable):
			unread = err
		default:
			return err
		}
		err = s.client.cfg.Store.Delete(ctx, s.key(recordTokens), rev)
		if err != nil && !errors.Is(err, tokens.ErrConflict) && s.gone(ctx) {
			return nil
		}
		return err
	})
	return cur, unread, err
}

// gone reports whether the session has no record of tokens. A store that fails
// can have done its work all the same.
func (s *Session) gone(ctx context.Context) bool {
	ctx, cancel := tidying(ctx)
	defer cancel()
	_, _, err := s.client.cfg.Store.Load(ctx, s.key(recordTokens))
	return errors.Is(err, tokens.ErrNotFound)
}
