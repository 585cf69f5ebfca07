package tokens_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/tokens"
	"github.com/cognitokit/auth/tokens/storetest"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) tokens.Store { return tokens.NewMemoryStore(0) })
}

// present returns which of the keys have records.
func present(t *testing.T, s tokens.Store, keys ...string) string {
	t.Helper()
	var found []string
	for _, key := range keys {
		_, _, err := s.Load(t.Context(), key)
		if err == nil {
			found = append(found, key)
		} else if !isCode(err, tokens.ErrNotFound) {
			t.Fatal(err)
		}
	}
	return strings.Join(found, " ")
}

func mustSave(t *testing.T, s tokens.Store, key string, expires time.Time, prev tokens.Revision) tokens.Revision {
	t.Helper()
	rev, err := s.Save(t.Context(), key, tokens.Record{Data: []byte(key), Expires: expires}, prev)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

// TestMemoryStoreEviction fills a small store. Attempts that live for minutes
// must not push out sessions that live for days.
func TestMemoryStoreEviction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := tokens.NewMemoryStore(3)
		now := time.Now()
		mustSave(t, s, "session", now.Add(30*24*time.Hour), "")
		mustSave(t, s, "forever", time.Time{}, "")
		for i := range 100 {
			mustSave(t, s, "attempt"+strconv.Itoa(i), now.Add(3*time.Minute), "")
		}
		if got, want := present(t, s, "session", "forever", "attempt98", "attempt99"), "session forever attempt99"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}

		// An expired record makes room for a new one.
		time.Sleep(3 * time.Minute)
		mustSave(t, s, "second", now.Add(24*time.Hour), "")
		if got, want := present(t, s, "session", "forever", "attempt99", "second"), "session forever second"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}

		// With sessions only, the one that ends first goes; a new record never.
		mustSave(t, s, "third", now.Add(time.Hour), "")
		if got, want := present(t, s, "session", "forever", "second", "third"), "session forever third"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// TestMemoryStoreUpdateMovesRecord renews a record, which must then go last.
func TestMemoryStoreUpdateMovesRecord(t *testing.T) {
	t.Parallel()
	s := tokens.NewMemoryStore(2)
	now := time.Now()
	rev := mustSave(t, s, "a", now.Add(time.Hour), "")
	mustSave(t, s, "b", now.Add(2*time.Hour), "")
	mustSave(t, s, "a", now.Add(3*time.Hour), rev)
	mustSave(t, s, "c", now.Add(4*time.Hour), "")
	if got, want := present(t, s, "a", "b", "c"), "a c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	// An update of a full store pushes nobody out.
	_, rev, err := s.Load(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	mustSave(t, s, "a", now.Add(time.Hour), rev)
	if got, want := present(t, s, "a", "c"), "a c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMemoryStoreConcurrentSafe(t *testing.T) {
	t.Parallel()
	s := tokens.NewMemoryStore(16)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 200 {
				key := fmt.Sprint((worker + i) % 40)
				rec, rev, err := s.Load(t.Context(), key)
				if err == nil && string(rec.Data) != key {
					t.Errorf("got %q under %q", rec.Data, key)
				}
				_, _ = s.Save(t.Context(), key, tokens.Record{Data: []byte(key), Expires: time.Now().Add(time.Duration(i) * time.Microsecond)}, rev)
				if i%7 == 0 {
					_ = s.Delete(t.Context(), key, rev)
				}
			}
		})
	}
	wg.Wait()
}
