package auth

import (
	"context"
	"errors"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/tokens"
)

// refresh runs in the session's one flight. Unless the tokens turn out not to be
// stale, it spends the refresh token and makes the new tokens the session's. What
// other hosts do to the record meanwhile decides the rest:
//
//   - A host that refreshed first has the newer tokens: they are adopted, and a
//     rejection of ours is not believed.
//   - A sign-out deleted the record: our new tokens are revoked, the session is
//     not brought back.
//   - A host that lost the race marked the record as rejected before we had
//     saved: the mark names the token it is about, and we write over it.
//   - RenewSession moved the record: the new tokens follow it.
func (s *Session) refresh(ctx context.Context, metadata map[string]string, stale func(*signedIn) bool) (*signedIn, error) {
	old, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	if !stale(old) {
		return old, nil // refreshed between the caller's look and this flight
	}
	if old.bundle.RefreshToken == "" {
		return nil, &Error{Op: opRefresh, Code: ErrSessionExpired, Message: noRefreshToken}
	}
	asked := time.Now()
	result, err := s.client.api.Refresh(ctx, refreshInput(old.bundle, metadata))
	var fresh *signedIn
	if err == nil {
		fresh, err = s.adopt(ctx, old, result, asked)
	} else if refusal := rejection(err); refusal != nil {
		fresh, err = s.rejected(ctx, old, refusal)
	}
	if err != nil {
		return nil, opError(opRefresh, err)
	}
	fresh.asked = asked
	return fresh, nil
}

// refreshInput is the request that trades the refresh token of a bundle, with
// the device that it was issued to.
func refreshInput(b tokens.Bundle, metadata map[string]string) cognito.RefreshInput {
	in := cognito.RefreshInput{
		RefreshToken: b.RefreshToken, HashUsername: b.Username, CallOptions: cognito.CallOptions{ClientMetadata: metadata},
	}
	if b.Device != nil {
		in.DeviceKey = b.Device.Key
	}
	return in
}

// rejection returns err as the refusal of a refresh token that no repetition
// can cure, or nil. Outages, throttling, triggers and a wrong client secret are
// none: they say nothing about the session.
func rejection(err error) *Error {
	e, _ := errors.AsType[*Error](opError(opRefresh, err))
	switch {
	case e.Code == ErrClientSecret:
		return nil
	case errors.Is(e, ErrNotAuthorized):
	case e.Code == ErrRefreshTokenReuse, e.Code == ErrUserNotFound, e.Code == ErrUserNotConfirmed, e.Code == ErrPasswordResetRequired:
	default:
		return nil
	}
	e.Code = ErrSessionExpired
	return e
}

// adopt makes the answer to a refresh the session's.
func (s *Session) adopt(ctx context.Context, old *signedIn, r cognito.AuthResult, asked time.Time) (*signedIn, error) {
	b := old.bundle
	b.AccessToken, b.IDToken = r.AccessToken, r.IDToken
	if r.RefreshToken != "" {
		b.RefreshToken = r.RefreshToken
	}
	verified, err := s.client.verifier.VerifyBundle(ctx, b)
	if err != nil {
		return nil, opError(opRefresh, err)
	}
	if verified.Access.Subject() != old.bundle.Subject {
		// Never another person's tokens, whatever the service says.
		return nil, &Error{Op: opRefresh, Code: ErrInvalidTokens, Message: "the new tokens belong to another user"}
	}
	describe(&b, verified, asked)
	fresh := &signedIn{bundle: b, verified: verified}
	key, prev := s.key(recordTokens), old.rev
	for range maxConflicts {
		rev, err := s.saveFresh(ctx, key, b, prev, r.RefreshToken != "")
		if err == nil {
			fresh.rev = rev
			return fresh, nil
		}
		if !errors.Is(err, tokens.ErrConflict) {
			return nil, opError(opRefresh, err)
		}
		var cur *signedIn
		cur, key, err = s.client.follow(ctx, key)
		m, marked := errors.AsType[*mark](err)
		switch {
		case err == nil && cur.bundle.AccessToken == old.bundle.AccessToken:
			prev = cur.rev // still what we have refreshed, under another revision or id
		case err == nil && cur.verified.Access.OriginJTI() == verified.Access.OriginJTI() && cur.bundle.Subject == b.Subject:
			return cur, nil // another host's result is as good as ours
		case marked && m.rejects(old.bundle.RefreshToken):
			prev = m.rev
		case err == nil, CodeOf(err) == ErrNotSignedIn, marked:
			// Signed out, or signed in again, while we were asking. A token that
			// was not rotated is not ours to revoke: who signed out does that,
			// and it may be good under another id.
			s.revokeQuietly(ctx, r.RefreshToken)
			if err == nil && cur.bundle.Subject == b.Subject {
				return cur, nil
			}
			return nil, &Error{Op: opRefresh, Code: ErrNotSignedIn, Err: err}
		default:
			return nil, opError(opRefresh, err)
		}
	}
	return nil, opError(opRefresh, tokens.ErrConflict)
}

// saveFresh saves what a refresh brought.
func (s *Session) saveFresh(ctx context.Context, key string, b tokens.Bundle, prev tokens.Revision, rotated bool) (rev tokens.Revision, err error) {
	err = insist(ctx, rotated, func() (err error) {
		rev, err = s.client.sessions.Save(ctx, key, b, s.recordExpiry(), prev)
		return err
	})
	return rev, err
}

// insist saves what a refresh token was traded for. With rotation the sign-in is
// lost if that fails, so a store that fails for a moment is given more chances.
func insist(ctx context.Context, rotated bool, save func() error) error {
	for pause := firstPause; ; pause *= 2 {
		err := save()
		if err == nil || errors.Is(err, tokens.ErrConflict) || !rotated || pause > lastSavePause {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// rejected decides what a refused refresh token means. A sibling may have spent
// it and not have saved yet, so the refusal is believed only if the record
// stays as it was for a while. Then a mark takes the tokens' place, under the
// revision they were read at: a winner who is later still writes over it.
func (s *Session) rejected(ctx context.Context, old *signedIn, refusal *Error) (*signedIn, error) {
	for pause := firstPause; ; pause *= 2 {
		cur, err := s.load(ctx)
		switch {
		case CodeOf(err) == ErrNotSignedIn, CodeOf(err) == ErrSessionExpired:
			return nil, refusal
		case err != nil:
			return nil, opError(opRefresh, err)
		case cur.rev != old.rev && cur.bundle.Subject == old.bundle.Subject:
			return cur, nil
		case cur.rev != old.rev:
			return nil, refusal
		case pause > lastPause:
			return nil, s.expire(ctx, old, refusal)
		}
		select {
		case <-ctx.Done():
			return nil, opError(opRefresh, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// expire puts a mark in the tokens' place, so that the person can sign in again,
// and returns the refusal.
func (s *Session) expire(ctx context.Context, old *signedIn, refusal *Error) error {
	err := s.client.saveMark(ctx, s.key(recordTokens), mark{Rejected: hashToken(old.bundle.RefreshToken)}, markLife, old.rev)
	if err != nil && !errors.Is(err, tokens.ErrConflict) {
		s.client.log.WarnContext(ctx, "auth: rejected session not marked", "error", err)
	}
	return refusal
}

const noRefreshToken = "the session has no refresh token"

// Pauses double from one look, or try, to the next.
const (
	firstPause    = 50 * time.Millisecond
	lastPause     = 400 * time.Millisecond  // before a refusal is believed
	lastSavePause = 1600 * time.Millisecond // before a save is given up
)

// markLife is how long a session that could not be refreshed says "expired" and
// not "not signed in".
const markLife = 24 * time.Hour
