package auth

import (
	"context"
	"errors"
)

// authorized calls the service on behalf of the person who is signed in, and
// returns the tokens it was called with. An access token that is about to expire
// is refreshed first.
//
// A token that the service refuses all the same, as expired or revoked, is
// refreshed once and the call made again, for the same person: a request that was
// refused for its token has done nothing. If the refresh is refused too, the
// session has ended, with all the care that [Session.refresh] takes before it
// believes so.
func authorized[T any](
	ctx context.Context, s *Session, op string, call func(context.Context, *signedIn) (T, error),
) (T, *signedIn, error) {
	var none T
	cur, err := s.current(ctx, op, nil)
	if err != nil {
		return none, nil, err
	}
	out, err := call(ctx, cur)
	if refusesToken(err) {
		if cur, err = s.replaced(ctx, op, cur); err != nil {
			return none, nil, err
		}
		if out, err = call(ctx, cur); refusesToken(err) {
			return none, nil, refusedAgain(op, err)
		}
	}
	if err != nil {
		return none, nil, opError(op, err)
	}
	return out, cur, nil
}

// authorize is authorized for operations that return nothing.
func authorize(ctx context.Context, s *Session, op string, call func(context.Context, *signedIn) error) (*signedIn, error) {
	_, cur, err := authorized(ctx, s, op, func(ctx context.Context, cur *signedIn) (struct{}, error) {
		return struct{}{}, call(ctx, cur)
	})
	return cur, err
}

// refusesToken reports whether the service turned a request away for its access
// token alone. That is told from texts that were observed; should they change,
// the refusal is the caller's to see, and nothing else happens.
func refusesToken(err error) bool {
	switch CodeOf(opError("", err)) {
	case ErrAccessTokenRefused, ErrSessionExpired:
		return true
	}
	return false
}

// refusedAgain is the error for new tokens that are refused too. Whatever the
// service says of them, the session has tokens and has not ended: the next
// refresh will tell.
func refusedAgain(op string, err error) error {
	e, _ := errors.AsType[*Error](opError(op, err))
	e.Code = ErrAccessTokenRefused
	return e
}

// replaced returns other tokens of the same person than the refused ones: those
// that somebody else has refreshed meanwhile, or new ones. However many callers
// were refused, one refresh serves them all.
func (s *Session) replaced(ctx context.Context, op string, refused *signedIn) (*signedIn, error) {
	if refused.bundle.RefreshToken == "" {
		return nil, s.expire(ctx, refused, &Error{Op: op, Code: ErrSessionExpired, Message: noRefreshToken})
	}
	isRefused := func(cur *signedIn) bool { return cur.bundle.AccessToken == refused.bundle.AccessToken }
	for {
		cur, err := s.client.flights.Do(ctx, s.key(recordTokens), func(ctx context.Context) (*signedIn, error) {
			return s.refresh(ctx, nil, func(cur *signedIn) bool { return isRefused(cur) || cur.expired() })
		})
		switch {
		case err != nil:
			return nil, opError(op, err)
		case cur.bundle.Subject != refused.bundle.Subject:
			return nil, somebodyElse(op)
		case !isRefused(cur): // else a refresh was joined that found nothing to do
			return cur, nil
		}
	}
}

// somebodyElse is the error for a session that another person has signed in to
// while something was under way. Nothing is done on behalf of another person than
// the one who asked.
func somebodyElse(op string) error {
	return &Error{Op: op, Code: ErrNotSignedIn, Message: "somebody else has signed in to the session"}
}

// shows reports whether the tokens show these values of attributes, "" standing
// for none. Tokens show to an app client only what it may read; what they do not
// show as text counts as different, for which the cure is a refresh too many.
func (cur *signedIn) shows(attributes map[string]string) bool {
	if cur.verified.ID.IsZero() {
		return false
	}
	var claims map[string]any
	if err := cur.verified.ID.Decode(&claims); err != nil {
		return false
	}
	for name, value := range attributes {
		claim, shown := claims[name]
		text, isText := claim.(string)
		if text != value || shown && !isText {
			return false
		}
	}
	return true
}
