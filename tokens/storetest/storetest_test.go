package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/tokens"
)

// fault is one way in which a store can break the interface.
type fault string

// faultyStore is a right store with one fault.
type faultyStore struct {
	fault fault

	mu      sync.Mutex
	records map[string]saved
	writes  int
}

type saved struct {
	rec    tokens.Record
	rev    tokens.Revision
	writes int // of this record
}

func newFaultyStore(f fault) *faultyStore {
	return &faultyStore{fault: f, records: make(map[string]saved)}
}

func (s *faultyStore) name(key string) string {
	switch s.fault {
	case "keys folded":
		return strings.ToLower(key)
	case "keys cleaned":
		return path.Clean(key)
	case "keys cut":
		return key[:min(len(key), 255)]
	case "keys end at zero":
		key, _, _ = strings.Cut(key, "\x00")
	}
	return key
}

func (s *faultyStore) expired(key string) bool {
	r, ok := s.records[key]
	return ok && !r.rec.Expires.IsZero() && !time.Now().Before(r.rec.Expires)
}

// enter and pause let other goroutines in, as a round trip to a backend does.
func (s *faultyStore) enter() {
	time.Sleep(time.Millisecond)
	s.mu.Lock()
}

func (s *faultyStore) pause() {
	s.mu.Unlock()
	s.enter()
}

func (s *faultyStore) fail(code tokens.ErrorCode, key string) error {
	if s.fault == "keys in errors" {
		return fmt.Errorf("%s: %w", key, code)
	}
	return code
}

func (s *faultyStore) Load(ctx context.Context, key string) (tokens.Record, tokens.Revision, error) {
	if ctx.Err() != nil && s.fault != "context ignored by Load" {
		return tokens.Record{}, "", ctx.Err()
	}
	s.enter()
	defer s.mu.Unlock()
	name := s.name(key)
	r, ok := s.records[name]
	if s.expired(name) && s.fault != "expiry ignored by Load" {
		ok = false
	}
	if !ok {
		switch s.fault {
		case "absent without error":
			return tokens.Record{}, "", nil
		case "absent with an error of its own":
			return tokens.Record{}, "", errors.New("no rows")
		case "absent with a revision":
			return tokens.Record{}, "0", tokens.ErrNotFound
		}
		return tokens.Record{}, "", s.fail(tokens.ErrNotFound, key)
	}
	if s.fault != "data shared with Load" {
		r.rec.Data = slices.Clone(r.rec.Data)
	}
	switch s.fault {
	case "revision lost":
		r.rev = ""
	case "revision drawn by Load":
		s.writes++
		r.rev = tokens.Revision(strconv.Itoa(s.writes))
	}
	return r.rec, r.rev, nil
}

func (s *faultyStore) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (tokens.Revision, error) {
	if ctx.Err() != nil && s.fault != "context ignored by Save" {
		return "", ctx.Err()
	}
	s.enter()
	defer s.mu.Unlock()
	name := s.name(key)
	old, exists := s.records[name]
	if s.expired(name) && s.fault != "expiry ignored by Save" {
		old, exists = saved{}, false
		if s.fault == "expired record updated" && prev == s.records[name].rev {
			prev = ""
		}
	}
	conflict := old.rev != prev
	switch s.fault {
	case "prev ignored by Save":
		conflict = false
	case "create overwrites":
		conflict = conflict && prev != ""
	case "absent record updated":
		conflict = conflict && exists
	case "prev compared by length":
		conflict = len(old.rev) != len(prev)
	}
	if conflict {
		if s.fault == "conflict with an error of its own" {
			return "", errors.New("0 rows affected")
		}
		return "", s.fail(tokens.ErrConflict, key)
	}
	if s.fault == "compared before the lock" {
		s.pause()
	}

	s.writes++
	rev := tokens.Revision(fmt.Sprintf("%06d", s.writes))
	switch s.fault {
	case "revision counts the record's writes":
		rev = tokens.Revision(strconv.Itoa(old.writes + 1))
	case "revision is a hash":
		sum := sha256.Sum256(rec.Data)
		rev = tokens.Revision(fmt.Sprintf("%x", sum[:]))
	case "revision empty":
		rev = ""
	case "expiry dropped":
		rec.Expires = time.Time{}
	case "expiry in local days":
		if !rec.Expires.IsZero() {
			rec.Expires = rec.Expires.Truncate(24 * time.Hour).Add(24 * time.Hour)
		}
	case "expiry kept":
		if rec.Expires.IsZero() {
			rec.Expires = old.rec.Expires
		}
	case "expiry for all":
		if rec.Expires.IsZero() {
			rec.Expires = time.Now().Add(time.Hour)
		}
	case "data cut":
		rec.Data = rec.Data[:min(len(rec.Data), 64<<10-1)]
	case "data trimmed":
		rec.Data = bytes.TrimSpace(rec.Data)
	case "data appended":
		rec.Data = append(slices.Clone(rec.Data), old.rec.Data[min(len(rec.Data), len(old.rec.Data)):]...)
	}
	if s.fault != "data shared with Save" {
		rec.Data = slices.Clone(rec.Data)
	}
	if s.fault == "written in halves" && exists {
		half := saved{rec: rec, rev: rev}
		half.rec.Data = slices.Concat(rec.Data[:len(rec.Data)/2], old.rec.Data[len(old.rec.Data)/2:])
		s.records[name] = half
		s.pause()
	}
	if s.fault == "deleted before written" && exists {
		delete(s.records, name)
		s.pause()
	}
	s.records[name] = saved{rec, rev, old.writes + 1}
	return rev, nil
}

func (s *faultyStore) Delete(ctx context.Context, key string, prev tokens.Revision) error {
	if ctx.Err() != nil && s.fault != "context ignored by Delete" {
		return ctx.Err()
	}
	s.enter()
	defer s.mu.Unlock()
	name := s.name(key)
	old, exists := s.records[name]
	if s.expired(name) && s.fault != "expiry ignored by Delete" {
		delete(s.records, name)
		exists = false
	}
	if !exists {
		if s.fault == "delete of nothing fails" {
			return tokens.ErrNotFound
		}
		return nil
	}
	conflict := old.rev != prev
	switch s.fault {
	case "prev ignored by Delete":
		conflict = false
	case "empty prev deletes":
		conflict = conflict && prev != ""
	}
	if conflict {
		return s.fail(tokens.ErrConflict, key)
	}
	switch s.fault {
	case "delete does nothing":
	case "delete takes the longer keys too":
		for other := range s.records {
			if strings.HasPrefix(other, name) {
				delete(s.records, other)
			}
		}
	case "delete takes all":
		clear(s.records)
	default:
		delete(s.records, name)
	}
	return nil
}

// TestRules runs every rule on every broken store. The rules that must
// notice are listed; of the others, only those in which goroutines compete may
// notice too, if they happen to meet in the wrong moment.
func TestRules(t *testing.T) {
	t.Parallel()
	noticed := make(map[string]bool)
	for _, tt := range []struct {
		fault fault
		want  []string
	}{
		{"", nil},
		{"absent without error", []string{
			"absent record", "save of an absent record", "delete", "expired when saved", "expires later", "expired is absent", "ended context", "errors are discreet",
		}},
		{"absent with an error of its own", []string{
			"absent record", "save of an absent record", "delete", "expired when saved", "expires later", "expired is absent", "ended context",
		}},
		{"absent with a revision", []string{
			"absent record", "save of an absent record", "delete", "expired when saved", "expires later", "expired is absent", "ended context",
		}},
		{"revision lost", []string{
			"round trip", "any bytes", "large record", "odd keys", "update", "create once", "stale save", "delete", "stale delete",
			"revisions do not come back", "expires later", "expired is absent", "never expires", "data is copied in", "data is copied out",
			"ended context", "one creates", "no update is lost",
		}},
		{"revision drawn by Load", []string{
			"round trip", "any bytes", "large record", "odd keys", "update", "create once", "stale save", "stale delete",
			"revisions do not come back", "never expires", "data is copied in", "data is copied out", "ended context", "no update is lost",
		}},
		{"revision empty", []string{
			"round trip", "any bytes", "large record", "odd keys", "update", "create once", "stale save", "save of an absent record", "delete",
			"delete twice", "stale delete", "revisions do not come back", "expired when saved", "expires later", "expired is absent", "never expires",
			"data is copied in", "data is copied out", "ended context", "errors are discreet", "one creates", "no update is lost", "no torn reads",
		}},
		{"revision counts the record's writes", []string{"revisions do not come back"}},
		{"revision is a hash", []string{"update", "revisions do not come back"}},
		{"keys folded", []string{"odd keys"}},
		{"keys cleaned", []string{"odd keys"}},
		{"keys cut", []string{"odd keys"}},
		{"keys end at zero", []string{"odd keys"}},
		{"keys in errors", []string{"errors are discreet"}},
		{"data cut", []string{"large record"}},
		{"data trimmed", []string{"any bytes"}},
		{"data appended", []string{"update", "no torn reads"}},
		{"data shared with Load", []string{"data is copied out"}},
		{"data shared with Save", []string{"data is copied in"}},
		{"written in halves", []string{"no torn reads"}},
		{"deleted before written", []string{"no torn reads"}},
		{"compared before the lock", []string{"one creates", "no update is lost"}},
		{"prev ignored by Save", []string{
			"create once", "stale save", "save of an absent record", "revisions do not come back", "expired is absent", "errors are discreet", "one creates",
		}},
		{"create overwrites", []string{"create once", "errors are discreet", "one creates"}},
		{"absent record updated", []string{"save of an absent record", "expired is absent"}},
		{"prev compared by length", []string{"stale save", "revisions do not come back"}},
		{"conflict with an error of its own", []string{
			"create once", "stale save", "save of an absent record", "revisions do not come back", "expired is absent", "one creates", "no update is lost",
		}},
		{"expiry dropped", []string{"round trip", "expired when saved", "expires later", "expired is absent"}},
		{"expiry in local days", []string{"round trip", "expires later", "expired is absent"}},
		{"expiry kept", []string{"update"}},
		{"expiry for all", []string{"update", "never expires"}},
		{"expiry ignored by Load", []string{"expired when saved", "expires later", "expired is absent"}},
		{"expiry ignored by Save", []string{"expired is absent"}},
		{"expired record updated", []string{"expired is absent"}},
		{"expiry ignored by Delete", []string{"expired is absent"}},
		{"delete of nothing fails", []string{"delete twice", "expired is absent"}},
		{"delete does nothing", []string{"save of an absent record", "delete", "revisions do not come back"}},
		{"delete takes the longer keys too", []string{"odd keys"}},
		{"delete takes all", []string{"odd keys", "delete"}},
		{"prev ignored by Delete", []string{"stale delete", "revisions do not come back", "errors are discreet"}},
		{"empty prev deletes", []string{"stale delete"}},
		{"context ignored by Load", []string{"ended context"}},
		{"context ignored by Save", []string{"ended context"}},
		{"context ignored by Delete", []string{"ended context"}},
	} {
		for _, rule := range tt.want {
			noticed[rule] = true
		}
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range rules() {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					if err := r.check(ctx, newFaultyStore(tt.fault)); err != nil {
						t.Logf("%s: %v", r.name, err)
						got = append(got, r.name)
					}
				})
			}
			got = slices.DeleteFunc(got, func(rule string) bool {
				compete := rule == "one creates" || rule == "no update is lost" || rule == "no torn reads"
				return tt.fault != "" && compete && !slices.Contains(tt.want, rule)
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rules that noticed (-want +got):\n%s", diff)
			}
		})
	}
	for _, r := range rules() {
		if !noticed[r.name] {
			t.Errorf("no store here breaks rule %q", r.name)
		}
	}
}

// TestRulesEnd has a store that never answers a rule.
func TestRulesEnd(t *testing.T) {
	t.Parallel()
	for _, r := range rules() {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := r.check(ctx, hangingStore{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want the end of the context", r.name, err)
			}
		})
	}
}

// hangingStore waits for its context.
type hangingStore struct{}

func (hangingStore) Load(ctx context.Context, _ string) (tokens.Record, tokens.Revision, error) {
	<-ctx.Done()
	return tokens.Record{}, "", ctx.Err()
}

func (hangingStore) Save(ctx context.Context, _ string, _ tokens.Record, _ tokens.Revision) (tokens.Revision, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func (hangingStore) Delete(ctx context.Context, _ string, _ tokens.Revision) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestRun runs the rules the way users do.
//
//nolint:tparallel // Run decides what is parallel
func TestRun(t *testing.T) {
	t.Parallel()
	calls := 0
	Run(t, func(*testing.T) tokens.Store {
		calls++
		return tokens.NewMemoryStore(0)
	})
	if calls != len(rules()) {
		t.Errorf("got %d stores made for %d rules", calls, len(rules()))
	}
}
