package auth

import (
	"bytes"
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
// way to the copy. On failure no copy stays.
func (s *Session) move(ctx context.Context, from, to string) error {
	copied, err := s.copyAndMark(ctx, from, to)
	if err != nil && copied != nil {
		return s.client.takeBack(ctx, from, to, copied, err)
	}
	return err
}

// copyAndMark returns the data of the copy that there may be, also on failure.
// If a refresh ends between the copy and the mark, the copy is stale and made
// again.
func (s *Session) copyAndMark(ctx context.Context, from, to string) (data []byte, err error) {
	store := s.client.cfg.Store
	var made tokens.Revision
	for range maxConflicts {
		if _, err := s.load(ctx); err != nil {
			return data, err
		}
		rec, rev, err := store.Load(ctx, from)
		if err != nil {
			return data, err
		}
		copied, err := store.Save(ctx, to, rec, made)
		if errors.Is(err, tokens.ErrConflict) {
			return nil, &Error{Code: ErrInvalidInput, Field: "newID", Message: "in use", Err: err}
		}
		data = rec.Data
		if err != nil {
			return data, err
		}
		made = copied
		err = s.client.saveMark(ctx, from, mark{MovedTo: to}, movedTrace, rev)
		if !errors.Is(err, tokens.ErrConflict) {
			return data, err
		}
	}
	return data, tokens.ErrConflict
}

// takeBack undoes a move that failed. A store can fail and have done its work
// all the same: a mark that is there has moved the session.
func (c *Client) takeBack(ctx context.Context, from, to string, copied []byte, failure error) error {
	ctx, cancel := tidying(ctx)
	defer cancel()
	if rec, rev, err := c.cfg.Store.Load(ctx, from); err == nil {
		if m := parseMark(rec.Data, rev); m != nil && m.MovedTo == to {
			return nil
		}
	}
	rec, rev, err := c.cfg.Store.Load(ctx, to)
	if err == nil && bytes.Equal(rec.Data, copied) {
		err = c.cfg.Store.Delete(ctx, to, rev)
	}
	if errors.Is(err, tokens.ErrNotFound) {
		return failure
	}
	return errors.Join(failure, err)
}

// movedTrace is longer than any refresh that was under way can take.
const movedTrace = time.Minute
