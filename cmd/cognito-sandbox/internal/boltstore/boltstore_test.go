package boltstore

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func contents(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := make(map[string]string)
	if err := s.Load(func(key string, value []byte) error {
		all[key] = string(value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	want := make(map[string]string)
	for _, changes := range []map[string][]byte{
		{"a": []byte("1"), "b": []byte("2"), "user/ü": []byte("3")},
		{"a": nil, "b": []byte("4"), "gone": nil},
		{"b": []byte{}},
		{},
	} {
		s := open(t, dir) // what was applied outlives the store
		if err := s.Apply(changes); err != nil {
			t.Fatal(err)
		}
		for key, value := range changes {
			if want[key] = string(value); value == nil {
				delete(want, key)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir)
		if diff := cmp.Diff(want, contents(t, s)); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", maps.Keys(changes), diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A batch of changes that cannot be made leaves everything as it was.
func TestApplyIsAtomic(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	defer s.Close()
	if err := s.Apply(map[string][]byte{"a": []byte("1")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(map[string][]byte{"a": []byte("2"), "b": []byte("3"), "": []byte("no key")}); err == nil {
		t.Fatal("an empty key was taken")
	}
	if diff := cmp.Diff(map[string]string{"a": "1"}, contents(t, s)); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
}

func TestLoadEndsWithAnError(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	defer s.Close()
	if err := s.Apply(map[string][]byte{"a": []byte("1"), "b": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	enough, n := errors.New("enough"), 0
	err := s.Load(func(string, []byte) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("got %v after %d keys", err, n)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	defer s.Close()
	if _, err := Open(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a directory in use: got %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, fileName), []byte("not a database, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(other); err == nil {
		t.Error("another kind of file was opened")
	}
}

// The file holds secrets.
func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // permissions are not expressed in a mode there
	}
	dir := filepath.Join(t.TempDir(), "state")
	s := open(t, dir)
	defer s.Close()
	for _, name := range []string{dir, filepath.Join(dir, fileName)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", name, info.Mode())
		}
	}
}
