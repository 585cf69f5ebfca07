package tokens

import (
	"context"
	"time"
)

// BundleStore keeps bundles in a [Store] and verifies each one on its way in
// and on its way out: a bundle that was tampered with, that belongs to another
// user pool or app client, or that mixes two users is neither saved nor
// returned. It is safe for concurrent use.
type BundleStore struct {
	store    Store
	verifier *Verifier
}

// NewBundleStore returns a layer over the store that trusts the verifier.
func NewBundleStore(s Store, v *Verifier) *BundleStore {
	return &BundleStore{store: s, verifier: v}
}

// Load returns the bundle under key with its claims and revision, or an error
// matching [ErrNotFound].
//
// The revision also comes with a bundle that is refused ([ErrInvalid]), so that
// the caller can delete or replace it. [ErrKeysUnavailable] says nothing about
// the bundle.
func (s *BundleStore) Load(ctx context.Context, key string) (Bundle, *Verified, Revision, error) {
	rec, rev, err := s.store.Load(ctx, key)
	if err != nil {
		return Bundle{}, nil, "", err
	}
	b, err := ParseBundle(rec.Data)
	if err != nil {
		return Bundle{}, nil, rev, err
	}
	verified, err := s.verifier.VerifyBundle(ctx, b)
	if err != nil {
		return Bundle{}, nil, rev, err
	}
	return b, verified, rev, nil
}

// Save verifies the bundle and replaces the one under key, if the revision is
// still prev; see [Store]. The record ceases to exist at the given time, or
// never with the zero time.
func (s *BundleStore) Save(ctx context.Context, key string, b Bundle, expires time.Time, prev Revision) (Revision, error) {
	data, err := b.Encode()
	if err != nil {
		return "", err
	}
	if _, err := s.verifier.VerifyBundle(ctx, b); err != nil {
		return "", err
	}
	return s.store.Save(ctx, key, Record{Data: data, Expires: expires}, prev)
}

// Delete removes the bundle under key, whether it is valid or not, if the
// revision is still prev; see [Store].
func (s *BundleStore) Delete(ctx context.Context, key string, prev Revision) error {
	return s.store.Delete(ctx, key, prev)
}
