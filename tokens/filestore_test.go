package tokens

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestFileLockHonorsContext keeps the lock of a record, in this store and in
// another one on the same directory, while others want it.
func TestFileLockHonorsContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	holder, err := NewFileStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewFileStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := holder.lock(t.Context(), fileName("k"))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*FileStore{"same store": holder, "other store": other} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := s.Save(ctx, "k", Record{}, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: Save: got %v, want the context's error", name, err)
		}
		if err := s.Delete(ctx, "k", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: Delete: got %v, want the context's error", name, err)
		}
		cancel()
	}
	unlock()
	for _, s := range []*FileStore{other, holder} {
		rev, err := s.Save(t.Context(), "k", Record{}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), "k", rev); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileWriteCleansUp lets the last step of a write fail.
func TestFileWriteCleansUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := NewFileStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := fileName("k")
	if err := os.MkdirAll(filepath.Join(dir, name, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.write(name, &file{Version: fileVersion}); err == nil {
		t.Fatal("no error")
	}
	left, err := filepath.Glob(filepath.Join(dir, tempPattern))
	if err != nil || len(left) > 0 {
		t.Errorf("got %q, %v; want no temporary file left", left, err)
	}
}
