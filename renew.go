package auth

import (
	"context"
	"errors"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// RenewSession gives the session another id and returns the session under it.
// The old id stops working at once. Call it after every sign-in on a server,
// with a fresh random id for the cookie: an id that somebody planted before the
// sign-in is then worth nothing (session fixation).
//
// Errors: [ErrNotSignedIn]; [ErrInvalidInput] if newID is empty or in use;
// those of the store, after which the old id still works.
func RenewSession(ctx context.Context, s *Session, newID string) (*Session, error) {
	if err := begin(s, opRenew); err != nil {
		return nil, err
	}
	moved, err := NewSession(s.client, newID)
	if err != nil || newID == s.id {
		return nil, &Error{Op: opRenew, Code: ErrInvalidInput, Field: "newID", Message: "must be another id than the session's, and not empty"}
	}
	moved.device = s.device
	if err := s.move(ctx, s.key(recordTokens), moved.key(recordTokens)); err != nil {
		return nil, opError(opRenew, err)
	}
	return moved, nil
}

// move copies the tokens and leaves a mark, which leads a refresh that is under
// way to the copy. If a refresh has just ended instead, the copy is stale and
// made again. On failure no copy stays.
func (s *Session) move(ctx context.Context, from, to string) (err error) {
	store := s.client.cfg.Store
	var copied tokens.Revision
	defer func() {
		if err != nil && copied != "" {
			err = errors.Join(err, store.Delete(context.WithoutCancel(ctx), to, copied))
		}
	}()
	for range maxConflicts {
		if _, err := s.load(ctx); err != nil {
			return err
		}
		rec, rev, err := store.Load(ctx, from)
		if err != nil {
			return err
		}
		made, err := store.Save(ctx, to, rec, copied)
		if errors.Is(err, tokens.ErrConflict) {
			return &Error{Code: ErrInvalidInput, Field: "newID", Message: "in use", Err: err}
		}
		if err != nil {
			return err
		}
		copied = made
		if err := s.client.saveMark(ctx, from, mark{MovedTo: to}, movedTrace, rev); !errors.Is(err, tokens.ErrConflict) {
			return err
		}
	}
	return tokens.ErrConflict
}

// movedTrace is longer than any refresh that was under way can take.
const movedTrace = time.Minute
