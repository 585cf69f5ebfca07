package tokens

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Store keeps records under keys. Package storetest proves an implementation.
//
// A key is any non-empty valid UTF-8 string of up to 1024 bytes; keys that
// differ in a single byte, upper and lower case included, are different. Data is any
// byte string, of at least up to 64 KiB; it is copied in and out, never
// shared. All methods are safe for concurrent use and, where records are
// shared between processes, across these.
//
// Whatever a method changes it changes at once and whole: a reader sees the
// record before or after, nothing in between. With a context that has ended
// before the call, a method changes nothing and returns an error matching the
// context's. Errors name neither keys nor data. The method set will not
// grow; what else a store can do, it offers beside.
type Store interface {
	// Load returns the record under key and its revision, or an error matching
	// ErrNotFound when there is none or it has expired.
	Load(ctx context.Context, key string) (Record, Revision, error)

	// Save replaces the record under key if its revision is still prev, and
	// returns the new revision. Otherwise it changes nothing and returns an
	// error matching ErrConflict. The empty revision means "no record yet": of
	// several who create one record, one succeeds. An expired record counts as
	// absent.
	Save(ctx context.Context, key string, rec Record, prev Revision) (Revision, error)

	// Delete removes the record under key if its revision is still prev.
	// Otherwise it changes nothing and returns an error matching ErrConflict. A
	// record that is absent already is success.
	Delete(ctx context.Context, key string, prev Revision) error
}

// Record is what a [Store] keeps. Printing it shows none of its data.
type Record struct {
	// Data is opaque to the store.
	Data []byte

	// Expires is when the record ceases to exist. The zero time means never.
	// A store may round it to whole seconds.
	Expires time.Time
}

// Revision identifies one state of one record. It is never empty for a record
// that exists, and a revision that a record had once never comes back, not
// even after the record was deleted and created anew.
type Revision string

// expired reports whether a record with that expiry is gone.
func expired(expires, now time.Time) bool {
	return !expires.IsZero() && !now.Before(expires)
}

// Format writes the type's name only.
func (Record) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "tokens.Record(redacted)") }

// LogValue returns the type's name only.
func (Record) LogValue() slog.Value { return slog.StringValue("tokens.Record(redacted)") }
