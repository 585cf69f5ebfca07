package auth

import (
	"context"
	"errors"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/tokens"
)

// FetchAuthSessionInput is the input of [FetchAuthSession].
type FetchAuthSessionInput struct {
	_ [0]func()

	ForceRefresh bool // get new tokens even if the present ones are valid: after groups or attributes have changed
	SkipRefresh  bool // get the present tokens even if they have expired: ExpiresAt then lies in the past; not with ForceRefresh

	ClientMetadata map[string]string // for the pre token generation trigger, should a refresh happen
}

// An AuthSession is what [FetchAuthSession] returns. Its JSON is Amplify's.
type AuthSession struct {
	_ [0]func()

	Tokens    AuthTokens `json:"tokens"`
	UserSub   string     `json:"userSub"` // the user's sub
	ExpiresAt time.Time  `json:"-"`       // by this host's clock: when the first of the tokens expires
}

// AuthTokens are verified tokens and their claims. The refresh token is never
// among them.
type AuthTokens struct {
	_ [0]func()

	AccessToken  JWT                 `json:"accessToken"`       // for APIs: the Authorization header
	IDToken      JWT                 `json:"idToken,omitempty"` // empty if the pool issued none
	AccessClaims tokens.AccessClaims `json:"-"`                 // of AccessToken
	IDClaims     tokens.IDClaims     `json:"-"`                 // of IDToken
}

// FetchAuthSession returns the tokens of the person who is signed in. It
// refreshes them first when one has expired, or will within 5 seconds, or when
// ForceRefresh asks for it (Cognito operation GetTokensFromRefreshToken, or
// InitiateAuth with REFRESH_TOKEN_AUTH where that is not offered).
//
// However many callers want one session refreshed at the same time, one request
// is sent; hosts that share a store adopt each other's result. When ctx ends,
// the call returns and the refresh goes on for those who wait, so that a
// rotated refresh token cannot be lost.
//
// With SkipRefresh it only reads what the store has, verified as ever: nothing
// is sent, unless the pool's keys are not there yet.
//
// Errors: [ErrInvalidInput] for SkipRefresh with ForceRefresh; [ErrNotSignedIn];
// [ErrSessionExpired] when the service will not refresh any more, after which the
// tokens are gone and the person has to sign in again; [ErrInvalidTokens] for a
// stored record that fails verification, which is left where it is; every other
// error (network, throttling, a failing trigger, the store) leaves the session as
// it was.
func FetchAuthSession(ctx context.Context, s *Session, in FetchAuthSessionInput) (*AuthSession, error) {
	skip := field{name: "SkipRefresh"}
	if in.SkipRefresh && in.ForceRefresh {
		skip.problem = "contradicts ForceRefresh"
	}
	if err := begin(s, opFetch, skip); err != nil {
		return nil, err
	}
	cur, err := s.fetch(ctx, opFetch, in)
	if err != nil {
		return nil, err
	}
	return cur.authSession(), nil
}

func (s *Session) fetch(ctx context.Context, op string, in FetchAuthSessionInput) (*signedIn, error) {
	switch {
	case in.ForceRefresh:
		return s.refreshed(ctx, op, in.ClientMetadata)
	case in.SkipRefresh:
		cur, err := s.load(ctx)
		return cur, opError(op, err)
	default:
		return s.current(ctx, op, in.ClientMetadata)
	}
}

func (cur *signedIn) authSession() *AuthSession {
	return &AuthSession{
		Tokens: AuthTokens{
			AccessToken: JWT(cur.bundle.AccessToken), AccessClaims: cur.verified.Access,
			IDToken: JWT(cur.bundle.IDToken), IDClaims: cur.verified.ID,
		},
		UserSub: cur.bundle.Subject, ExpiresAt: cur.expires(),
	}
}

// signedIn is a session's tokens as the store held them.
type signedIn struct {
	bundle   tokens.Bundle
	verified *tokens.Verified
	rev      tokens.Revision
	asked    time.Time // when the refresh that found these tokens sent its request; zero if none did
}

// early is how long before its expiry a token counts as expired, so that it
// does not expire on its way to whoever it is for. Amplify uses the same.
const early = 5 * time.Second

// expires returns when the first of the tokens expires, by this host's clock.
func (cur *signedIn) expires() time.Time {
	return cur.verified.Expires().Add(-cur.bundle.ClockOffset)
}

func (cur *signedIn) expired() bool { return !time.Now().Add(early).Before(cur.expires()) }

// load reads and verifies the session's tokens.
func (s *Session) load(ctx context.Context) (*signedIn, error) {
	return s.client.loadTokens(ctx, s.key(recordTokens))
}

// loadTokens reads the record once: between two looks a mark can give way to
// tokens.
func (c *Client) loadTokens(ctx context.Context, key string) (*signedIn, error) {
	rec, rev, err := c.cfg.Store.Load(ctx, key)
	switch {
	case errors.Is(err, tokens.ErrNotFound):
		return nil, &Error{Code: ErrNotSignedIn, Err: err}
	case err != nil:
		return nil, err
	}
	bundle, err := tokens.ParseBundle(rec.Data)
	if err != nil {
		if m := parseMark(rec.Data, rev); m != nil {
			return nil, &Error{Code: m.code(), Err: m}
		}
		return nil, err
	}
	verified, err := c.verifier.VerifyBundle(ctx, bundle)
	if err != nil {
		return nil, err
	}
	return &signedIn{bundle: bundle, verified: verified, rev: rev}, nil
}

// follow is loadTokens under key or, where RenewSession has moved the tokens,
// under the key that they have now.
func (c *Client) follow(ctx context.Context, key string) (*signedIn, string, error) {
	for range maxConflicts {
		cur, err := c.loadTokens(ctx, key)
		m, marked := errors.AsType[*mark](err)
		if !marked || m.MovedTo == "" {
			return cur, key, err
		}
		key = m.MovedTo
	}
	return nil, key, tokens.ErrConflict
}

// anyTokens is which tokens a forced refresh takes for stale.
func anyTokens(*signedIn) bool { return true }

// current returns tokens that have not expired.
func (s *Session) current(ctx context.Context, op string, metadata map[string]string) (*signedIn, error) {
	cur, err := s.load(ctx)
	if err != nil {
		return nil, opError(op, err)
	}
	if !cur.expired() {
		return cur, nil
	}
	fresh, err := s.client.flights.Do(ctx, s.key(recordTokens), func(ctx context.Context) (*signedIn, error) {
		return s.refresh(ctx, metadata, (*signedIn).expired)
	})
	return fresh, opError(op, err)
}

// refreshed returns tokens from a refresh that began after the call, so that
// they show what was changed before it. A flight that was under way already is
// waited for; of all who wait, one begins the next and the others join it.
func (s *Session) refreshed(ctx context.Context, op string, metadata map[string]string) (*signedIn, error) {
	called := time.Now()
	for {
		fresh, err := s.client.flights.Do(ctx, s.key(recordTokens), func(ctx context.Context) (*signedIn, error) {
			return s.refresh(ctx, metadata, anyTokens)
		})
		if err != nil || !fresh.asked.Before(called) {
			return fresh, opError(op, err)
		}
	}
}

// saveTokens verifies what a sign-in was given and makes it the session's.
func (s *Session) saveTokens(ctx context.Context, op string, a flow.Attempt, r *cognito.AuthResult, sent time.Time) (tokens.Bundle, error) {
	b := tokens.Bundle{
		AccessToken: r.AccessToken, IDToken: r.IDToken, RefreshToken: r.RefreshToken,
		SignInDetails: tokens.SignInDetails{LoginID: a.LoginID, AuthFlow: a.Flow},
	}
	err := s.saveBundle(ctx, &b, a, r, sent)
	if err != nil {
		// Nobody will ever hold these tokens: take them back.
		s.revokeQuietly(ctx, r.RefreshToken)
		return tokens.Bundle{}, err
	}
	if err := s.forgetRecord(ctx, recordSignUp); err != nil {
		s.client.log.WarnContext(ctx, "auth: sign-up not forgotten", "op", op, "error", err)
	}
	if a.Device != "" {
		if err := s.nameDevice(ctx, a.Device, a.LoginID); err != nil {
			s.client.log.WarnContext(ctx, "auth: device not named", "op", op, "error", err)
		}
	}
	return b, nil
}

func (s *Session) saveBundle(ctx context.Context, b *tokens.Bundle, a flow.Attempt, r *cognito.AuthResult, sent time.Time) error {
	verified, err := s.client.verifier.VerifyBundle(ctx, *b)
	if err != nil {
		return err
	}
	describe(b, verified, sent)
	// A refresh must name the device that the tokens were issued to.
	switch key := verified.Access.DeviceKey(); {
	case r.NewDevice != nil:
		b.Device = &tokens.Device{Key: r.NewDevice.Key, GroupKey: r.NewDevice.GroupKey}
	case a.Device != "":
		b.Device = &tokens.Device{Key: a.Device}
	case key != "":
		b.Device = &tokens.Device{Key: key}
	}
	return s.saveNew(ctx, *b)
}

// saveNew makes b the session's tokens, whatever was there.
func (s *Session) saveNew(ctx context.Context, b tokens.Bundle) error {
	return s.overwrite(ctx, recordTokens, func(rev tokens.Revision) error {
		_, err := s.client.sessions.Save(ctx, s.key(recordTokens), b, s.recordExpiry(), rev)
		if err != nil && !errors.Is(err, tokens.ErrConflict) && s.holds(ctx, b.AccessToken) {
			return nil
		}
		return err
	})
}

// holds reports whether the session's tokens are the given ones. A store that
// fails can have done its work all the same.
func (s *Session) holds(ctx context.Context, accessToken string) bool {
	ctx, cancel := tidying(ctx)
	defer cancel()
	cur, err := s.load(ctx)
	return err == nil && cur.bundle.AccessToken == accessToken
}

// describe fills in what the tokens say about themselves. They were issued at
// some time after they were asked for. Taking that as the offset of the clocks
// errs, if the service was slow, on the side of tokens that expire early; the
// time of their arrival would err on the other side.
func describe(b *tokens.Bundle, v *tokens.Verified, asked time.Time) {
	b.Subject, b.Username = v.Access.Subject(), v.Access.Username()
	b.ClockOffset = clockOffset(v.Access.IssuedAt(), asked)
}

// recordExpiry is when the store may drop the session.
func (s *Session) recordExpiry() time.Time { return time.Now().Add(s.client.cfg.RefreshTokenValidity) }

func (s *Session) revokeQuietly(ctx context.Context, refreshToken string) {
	if refreshToken == "" {
		return
	}
	ctx, cancel := tidying(ctx)
	defer cancel()
	if err := s.client.api.RevokeToken(ctx, refreshToken); err != nil {
		s.client.log.WarnContext(ctx, "auth: abandoned refresh token not revoked", "error", err)
	}
}

// tidying returns the context for what has to be done after a failure, whether
// or not the caller still waits.
func tidying(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), tidyTimeout)
}

const tidyTimeout = 5 * time.Second
