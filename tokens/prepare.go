package tokens

import (
	"context"
	"errors"
)

// Prepare makes sure that the verifier has a key set, fetching it if there is
// none yet, so that a caller who is about to receive tokens can know beforehand
// that they will be verifiable. It costs nothing once keys are there, and does
// nothing for a [Config.Keys] that offers no Prepare of its own.
//
// It fails with [ErrKeysUnavailable].
func (v *Verifier) Prepare(ctx context.Context) error {
	if keys, ok := v.config.Keys.(interface{ Prepare(context.Context) error }); ok {
		return keys.Prepare(ctx)
	}
	return nil
}

// Prepare fetches the key set if none is there. See [Verifier.Prepare].
func (k *RemoteKeys) Prepare(ctx context.Context) error {
	if k.current.Load().keys != nil {
		return nil
	}
	// No key has the empty id: the question is only whether there is a set.
	if _, err := k.Key(ctx, ""); err != nil && !errors.Is(err, ErrUnknownKey) {
		return err
	}
	return nil
}
