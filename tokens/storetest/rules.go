package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// rule is one promise of the interface. check returns what is wrong.
type rule struct {
	name  string
	check func(ctx context.Context, s tokens.Store) error
}

func rules() []rule {
	return []rule{
		{"absent record", absentRecord},
		{"round trip", roundTrip},
		{"any bytes", anyBytes},
		{"large record", largeRecord},
		{"odd keys", oddKeys},
		{"update", update},
		{"create once", createOnce},
		{"stale save", staleSave},
		{"save of an absent record", saveAbsent},
		{"delete", deleteRecord},
		{"delete twice", deleteTwice},
		{"stale delete", staleDelete},
		{"revisions do not come back", revisionsDoNotComeBack},
		{"expired when saved", expiredWhenSaved},
		{"expires later", expiresLater},
		{"expired is absent", expiredIsAbsent},
		{"never expires", neverExpires},
		{"data is copied in", dataIsCopiedIn},
		{"data is copied out", dataIsCopiedOut},
		{"ended context", endedContext},
		{"errors are discreet", errorsAreDiscreet},
		{"one creates", oneCreates},
		{"no update is lost", noUpdateIsLost},
		{"no torn reads", noTornReads},
	}
}

func newKey() string { return "storetest/" + rand.Text() }

func record(text string) tokens.Record { return tokens.Record{Data: []byte(text)} }

// wantRecord loads the record and compares it and, unless empty, its revision.
func wantRecord(ctx context.Context, s tokens.Store, key, data string, rev tokens.Revision) error {
	got, gotRev, err := s.Load(ctx, key)
	switch {
	case err != nil:
		return fmt.Errorf("Load: %w", err)
	case !bytes.Equal(got.Data, []byte(data)):
		return fmt.Errorf("Load: got %d bytes %.40q, want %d bytes %.40q", len(got.Data), got.Data, len(data), data)
	case gotRev == "":
		return errors.New("Load: the revision of a record is empty")
	case rev != "" && gotRev != rev:
		return fmt.Errorf("Load: got revision %q, want that of the last Save, %q", gotRev, rev)
	}
	return nil
}

func wantAbsent(ctx context.Context, s tokens.Store, key string) error {
	got, rev, err := s.Load(ctx, key)
	switch {
	case err == nil:
		return fmt.Errorf("Load: got a record of %d bytes, want ErrNotFound", len(got.Data))
	case !errors.Is(err, tokens.ErrNotFound):
		return fmt.Errorf("Load: got %w, want ErrNotFound", err)
	case len(got.Data) > 0 || rev != "":
		return errors.New("Load: a record came with ErrNotFound")
	}
	return nil
}

func wantConflict(what string, err error) error {
	switch {
	case err == nil:
		return fmt.Errorf("%s: no error, want ErrConflict", what)
	case !errors.Is(err, tokens.ErrConflict):
		return fmt.Errorf("%s: got %w, want ErrConflict", what, err)
	}
	return nil
}

// create saves a new record.
func create(ctx context.Context, s tokens.Store, key string, rec tokens.Record) (tokens.Revision, error) {
	rev, err := s.Save(ctx, key, rec, "")
	if err != nil {
		return "", fmt.Errorf("Save of a new record: %w", err)
	}
	if rev == "" {
		return "", errors.New("Save: the new revision is empty")
	}
	return rev, nil
}

// all returns the first error of steps that are run one after the other.
func all(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func absentRecord(ctx context.Context, s tokens.Store) error {
	return wantAbsent(ctx, s, newKey())
}

func roundTrip(ctx context.Context, s tokens.Store) error {
	key, expires := newKey(), time.Now().Add(time.Hour)
	rev, err := create(ctx, s, key, tokens.Record{Data: []byte("data"), Expires: expires})
	if err != nil {
		return err
	}
	if err := wantRecord(ctx, s, key, "data", rev); err != nil {
		return err
	}
	got, _, err := s.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("second Load: %w", err)
	}
	if off := got.Expires.Sub(expires).Abs(); off > time.Second {
		return fmt.Errorf("Load: got an expiry that is %v off", off)
	}
	return wantRecord(ctx, s, key, "data", rev)
}

func anyBytes(ctx context.Context, s tokens.Store) error {
	every := make([]byte, 0, 512)
	for b := range 256 {
		every = append(every, byte(b), byte(255-b))
	}
	for _, data := range []string{"", "\x00", " a\r\n", "\xff\xfe", string(every)} {
		key := newKey()
		rev, err := create(ctx, s, key, record(data))
		if err != nil {
			return err
		}
		if err := wantRecord(ctx, s, key, data, rev); err != nil {
			return err
		}
	}
	return nil
}

func largeRecord(ctx context.Context, s tokens.Store) error {
	key, data := newKey(), strings.Repeat("0123456789abcdef", 64<<10/16)
	rev, err := create(ctx, s, key, record(data))
	if err != nil {
		return err
	}
	return wantRecord(ctx, s, key, data, rev)
}

// oddKeys keeps records under keys that file systems, databases and URLs are
// known to confuse.
func oddKeys(ctx context.Context, s tokens.Store) error {
	unique := rand.Text()
	long := strings.Repeat("k", 1023-len(unique))
	var keys []string
	for _, suffix := range []string{
		"", " ", "a", "A", "\u00e9", "e\u0301", "/", "//", "/.", "/..", "/../a", `\`, `\..\a`, ":", "*", "?", "%", "%2F", "%00", "\x00", "\x00a",
		"\n", "\r\n", "'", `"`, ";--", "{a}", "[a]", "#a", "a.lock", "a.tmp", "a.json", "CON", "\U0001F511", long + "a", long + "b",
	} {
		keys = append(keys, unique+suffix)
	}
	keys = append(keys, "."+unique, "../"+unique, "/"+unique, "~"+unique, "-"+unique)
	for i, key := range keys {
		if _, err := create(ctx, s, key, record(strconv.Itoa(i))); err != nil {
			return fmt.Errorf("key %.60q: %w", key, err)
		}
	}
	for i, key := range keys {
		if err := wantRecord(ctx, s, key, strconv.Itoa(i), ""); err != nil {
			return fmt.Errorf("key %.60q: %w", key, err)
		}
	}
	for i, key := range keys {
		_, rev, err := s.Load(ctx, key)
		if err != nil {
			return fmt.Errorf("key %.60q: Load after other keys were deleted: %w", key, err)
		}
		if err := s.Delete(ctx, key, rev); err != nil {
			return fmt.Errorf("key %.60q: Delete: %w", key, err)
		}
		if i+1 < len(keys) {
			if err := wantRecord(ctx, s, keys[i+1], strconv.Itoa(i+1), ""); err != nil {
				return fmt.Errorf("key %.60q, after %.60q was deleted: %w", keys[i+1], key, err)
			}
		}
	}
	return nil
}

func update(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rev, err := create(ctx, s, key, tokens.Record{Data: []byte("a longer first record"), Expires: time.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	for _, data := range []string{"second", "third", "third"} {
		next, err := s.Save(ctx, key, record(data), rev)
		if err != nil {
			return fmt.Errorf("Save with the current revision: %w", err)
		}
		if next == rev {
			return errors.New("Save: the revision stays the same")
		}
		rev = next
		if err := wantRecord(ctx, s, key, data, rev); err != nil {
			return err
		}
	}
	got, _, err := s.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("Load: %w", err)
	}
	if !got.Expires.IsZero() {
		return errors.New("Save: the expiry of the record before is still there")
	}
	return nil
}

func createOnce(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rev, err := create(ctx, s, key, record("first"))
	if err != nil {
		return err
	}
	_, err = s.Save(ctx, key, record("second"), "")
	return all(
		func() error { return wantConflict("Save of a second new record", err) },
		func() error { return wantRecord(ctx, s, key, "first", rev) },
	)
}

func staleSave(ctx context.Context, s tokens.Store) error {
	key := newKey()
	old, err := create(ctx, s, key, record("first"))
	if err != nil {
		return err
	}
	current, err := s.Save(ctx, key, record("second"), old)
	if err != nil {
		return fmt.Errorf("Save: %w", err)
	}
	for _, prev := range []tokens.Revision{old, current + "x", "x"} {
		_, err = s.Save(ctx, key, record("late"), prev)
		if err := wantConflict("Save with a revision that is not the current one", err); err != nil {
			return err
		}
	}
	return wantRecord(ctx, s, key, "second", current)
}

func saveAbsent(ctx context.Context, s tokens.Store) error {
	never := newKey()
	_, err := s.Save(ctx, never, record("data"), "some revision")
	if err := all(
		func() error { return wantConflict("Save with the revision of a record that never was", err) },
		func() error { return wantAbsent(ctx, s, never) },
	); err != nil {
		return err
	}

	gone := newKey()
	rev, err := create(ctx, s, gone, record("data"))
	if err != nil {
		return err
	}
	if err := s.Delete(ctx, gone, rev); err != nil {
		return fmt.Errorf("Delete: %w", err)
	}
	_, err = s.Save(ctx, gone, record("data"), rev)
	return all(
		func() error { return wantConflict("Save with the revision of a deleted record", err) },
		func() error { return wantAbsent(ctx, s, gone) },
	)
}

func deleteRecord(ctx context.Context, s tokens.Store) error {
	key, other := newKey(), newKey()
	rev, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	if _, err := create(ctx, s, other, record("other")); err != nil {
		return err
	}
	return all(
		func() error { return s.Delete(ctx, key, rev) },
		func() error { return wantAbsent(ctx, s, key) },
		func() error { return wantRecord(ctx, s, other, "other", "") },
		func() error { _, err := create(ctx, s, key, record("again")); return err },
		func() error { return wantRecord(ctx, s, key, "again", "") },
	)
}

func deleteTwice(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rev, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	for range 2 {
		if err := s.Delete(ctx, key, rev); err != nil {
			return fmt.Errorf("Delete: %w", err)
		}
	}
	for _, prev := range []tokens.Revision{"", "some revision"} {
		if err := s.Delete(ctx, newKey(), prev); err != nil {
			return fmt.Errorf("Delete of a record that never was, with revision %q: %w", prev, err)
		}
	}
	return nil
}

func staleDelete(ctx context.Context, s tokens.Store) error {
	key := newKey()
	old, err := create(ctx, s, key, record("first"))
	if err != nil {
		return err
	}
	current, err := s.Save(ctx, key, record("second"), old)
	if err != nil {
		return fmt.Errorf("Save: %w", err)
	}
	for _, prev := range []tokens.Revision{old, current + "x", ""} {
		if err := wantConflict(fmt.Sprintf("Delete with revision %q, which is not the current one", prev), s.Delete(ctx, key, prev)); err != nil {
			return err
		}
	}
	return wantRecord(ctx, s, key, "second", current)
}

// revisionsDoNotComeBack catches revisions that are counters of a record or
// hashes of its data: with these, somebody who slept through a sign-out and a
// new sign-in could replace or delete the new session.
func revisionsDoNotComeBack(ctx context.Context, s tokens.Store) error {
	key := newKey()
	first, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	second, err := s.Save(ctx, key, record("data"), first)
	if err != nil {
		return fmt.Errorf("Save: %w", err)
	}
	if err := s.Delete(ctx, key, second); err != nil {
		return fmt.Errorf("Delete: %w", err)
	}
	current, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	for _, old := range []tokens.Revision{first, second} {
		if old == current {
			return errors.New("Save: a new record has a revision that the deleted one had")
		}
		_, err := s.Save(ctx, key, record("late"), old)
		if err := wantConflict("Save with a revision from before the record was deleted", err); err != nil {
			return err
		}
		if err := wantConflict("Delete with a revision from before the record was deleted", s.Delete(ctx, key, old)); err != nil {
			return err
		}
	}
	return wantRecord(ctx, s, key, "data", current)
}

func expiredWhenSaved(ctx context.Context, s tokens.Store) error {
	key := newKey()
	if _, err := create(ctx, s, key, tokens.Record{Data: []byte("late"), Expires: time.Now().Add(-time.Hour)}); err != nil {
		return err
	}
	return wantAbsent(ctx, s, key)
}

// outlive waits until the store holds no more record under the key, which is
// to expire at that time.
func outlive(ctx context.Context, s tokens.Store, key string, expires time.Time) error {
	for pause := 10 * time.Millisecond; ; {
		err := wantAbsent(ctx, s, key)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if time.Since(expires) > 10*time.Second {
			return fmt.Errorf("10 s after the record's expiry: %w", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

func expiresLater(ctx context.Context, s tokens.Store) error {
	soon, later := newKey(), newKey()
	expires := time.Now().Add(time.Second)
	if _, err := create(ctx, s, soon, tokens.Record{Data: []byte("soon"), Expires: expires}); err != nil {
		return err
	}
	if _, err := create(ctx, s, later, tokens.Record{Data: []byte("later"), Expires: time.Now().Add(time.Hour)}); err != nil {
		return err
	}
	return all(
		func() error { return wantRecord(ctx, s, later, "later", "") },
		func() error { return outlive(ctx, s, soon, expires) },
		func() error { return wantRecord(ctx, s, later, "later", "") },
	)
}

func expiredIsAbsent(ctx context.Context, s tokens.Store) error {
	// Two records that expire, so that each method meets one which no Load
	// has cleaned up.
	saved, deleted, stale, seen := newKey(), newKey(), newKey(), newKey()
	expires := time.Now().Add(time.Second)
	revs := make(map[string]tokens.Revision)
	for _, key := range []string{saved, deleted, stale, seen} {
		rev, err := create(ctx, s, key, tokens.Record{Data: []byte("soon"), Expires: expires})
		if err != nil {
			return err
		}
		revs[key] = rev
	}
	if err := outlive(ctx, s, seen, expires); err != nil {
		return err
	}
	return all(
		func() error {
			_, err := s.Save(ctx, stale, record("late"), revs[stale])
			return wantConflict("Save with the revision of an expired record", err)
		},
		func() error { return wantAbsent(ctx, s, stale) },
		func() error { _, err := create(ctx, s, saved, record("new")); return err },
		func() error { return wantRecord(ctx, s, saved, "new", "") },
		func() error {
			if err := s.Delete(ctx, deleted, "some revision"); err != nil {
				return fmt.Errorf("Delete of an expired record: %w", err)
			}
			return nil
		},
		func() error { return wantAbsent(ctx, s, deleted) },
	)
}

func neverExpires(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rev, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	got, _, err := s.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("Load: %w", err)
	}
	if !got.Expires.IsZero() {
		return fmt.Errorf("Load: a record without expiry expires at %v", got.Expires)
	}
	return wantRecord(ctx, s, key, "data", rev)
}

func dataIsCopiedIn(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rec := record("data")
	rev, err := create(ctx, s, key, rec)
	if err != nil {
		return err
	}
	copy(rec.Data, "XXXX")
	return wantRecord(ctx, s, key, "data", rev)
}

func dataIsCopiedOut(ctx context.Context, s tokens.Store) error {
	key := newKey()
	rev, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	got, _, err := s.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("Load: %w", err)
	}
	copy(got.Data, "XXXX")
	_ = append(got.Data[:1], "YYY"...)
	return wantRecord(ctx, s, key, "data", rev)
}

func endedContext(ctx context.Context, s tokens.Store) error {
	key, unborn := newKey(), newKey()
	rev, err := create(ctx, s, key, record("data"))
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := s.Load(ended, key); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Load with an ended context: got %v, want the context's error", err) //nolint:errorlint // err may be nil
	}
	if _, err := s.Save(ended, key, record("late"), rev); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Save with an ended context: got %v, want the context's error", err) //nolint:errorlint // err may be nil
	}
	if _, err := s.Save(ended, unborn, record("late"), ""); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Save with an ended context: got %v, want the context's error", err) //nolint:errorlint // err may be nil
	}
	if err := s.Delete(ended, key, rev); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("Delete with an ended context: got %v, want the context's error", err) //nolint:errorlint // err may be nil
	}
	return all(
		func() error { return wantRecord(ctx, s, key, "data", rev) },
		func() error { return wantAbsent(ctx, s, unborn) },
	)
}

// errorsAreDiscreet looks for keys, which are often the secret of a cookie,
// and data in the text of errors.
func errorsAreDiscreet(ctx context.Context, s tokens.Store) error {
	key, data := newKey(), rand.Text()
	_, _, absent := s.Load(ctx, key)
	if _, err := create(ctx, s, key, record(data)); err != nil {
		return err
	}
	_, create := s.Save(ctx, key, record(data), "")
	_, save := s.Save(ctx, key, record(data), "some revision")
	for _, err := range []error{absent, create, save, s.Delete(ctx, key, "some revision")} {
		if err == nil {
			return errors.New("no error where there should be one")
		}
		for _, secret := range []string{key, strings.TrimPrefix(key, "storetest/"), data} {
			if strings.Contains(err.Error(), secret) {
				return errors.New("an error's text shows the key or the data")
			}
		}
	}
	return nil
}

// Numbers that are large enough for a race to show, and small enough for a
// store on the other side of a network.
const (
	contenders = 16
	turns      = 8
)

// compete runs the function in many goroutines at once and returns their errors.
func compete(f func(i int) error) []error {
	var wg sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, contenders)
	for i := range contenders {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func oneCreates(ctx context.Context, s tokens.Store) error {
	for range turns {
		key := newKey()
		winner := -1
		for i, err := range compete(func(i int) error {
			_, err := s.Save(ctx, key, record(strconv.Itoa(i)), "")
			return err
		}) {
			switch {
			case err == nil && winner >= 0:
				return errors.New("Save: two goroutines have created the same record")
			case err == nil:
				winner = i
			case !errors.Is(err, tokens.ErrConflict):
				return fmt.Errorf("Save: got %w, want ErrConflict", err)
			}
		}
		if winner < 0 {
			return errors.New("Save: nobody has created the record")
		}
		if err := wantRecord(ctx, s, key, strconv.Itoa(winner), ""); err != nil {
			return fmt.Errorf("the record of the one who created it: %w", err)
		}
	}
	return nil
}

func noUpdateIsLost(ctx context.Context, s tokens.Store) error {
	key := newKey()
	if _, err := create(ctx, s, key, record("0")); err != nil {
		return err
	}
	// Somebody succeeds whenever somebody else fails, so nobody fails for ever.
	increment := func() error {
		for range contenders * turns {
			got, rev, err := s.Load(ctx, key)
			if err != nil {
				return fmt.Errorf("Load: %w", err)
			}
			n, err := strconv.Atoi(string(got.Data))
			if err != nil {
				return fmt.Errorf("Load: got data %.40q that nobody saved", got.Data)
			}
			if _, err = s.Save(ctx, key, record(strconv.Itoa(n+1)), rev); !errors.Is(err, tokens.ErrConflict) {
				return err
			}
		}
		return errors.New("Save: conflicts although nobody succeeds")
	}
	if err := errors.Join(compete(func(int) error {
		for range turns {
			if err := increment(); err != nil {
				return err
			}
		}
		return nil
	})...); err != nil {
		return err
	}
	return wantRecord(ctx, s, key, strconv.Itoa(contenders*turns), "")
}

// noTornReads has one goroutine replace a record by ones of different content
// and length while others read it.
func noTornReads(ctx context.Context, s tokens.Store) error {
	key := newKey()
	content := func(i int) string { return strings.Repeat(string(rune('a'+i%26)), 1+1000*(i%5)) }
	rev, err := create(ctx, s, key, record(content(0)))
	if err != nil {
		return err
	}
	return errors.Join(compete(func(i int) error {
		for n := range 4 * turns {
			if i == 0 {
				next, err := s.Save(ctx, key, record(content(n)), rev)
				if err != nil {
					return fmt.Errorf("Save: %w", err)
				}
				rev = next
				continue
			}
			got, _, err := s.Load(ctx, key)
			if err != nil {
				return fmt.Errorf("Load during Save: %w", err)
			}
			if len(got.Data) == 0 || len(got.Data)%1000 != 1 || len(bytes.Trim(got.Data, string(got.Data[:1]))) > 0 {
				return errors.New("Load: got a mixture of two records")
			}
		}
		return nil
	})...)
}
