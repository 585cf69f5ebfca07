package tokens_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
	"github.com/cognitokit/auth/tokens/storetest"
)

func newFileStore(t *testing.T, dir string) *tokens.FileStore {
	t.Helper()
	s, err := tokens.NewFileStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFileStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) tokens.Store {
		t.Helper()
		return newFileStore(t, filepath.Join(t.TempDir(), "new", "tokens"))
	})
}

// TestFileStoreTwice shares one directory between two stores, as two
// processes do.
func TestFileStoreTwice(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) tokens.Store {
		t.Helper()
		dir := t.TempDir()
		return &alternatingStore{stores: [2]tokens.Store{newFileStore(t, dir), newFileStore(t, dir)}}
	})
}

// alternatingStore sends each call to the other store than the one before.
type alternatingStore struct {
	stores [2]tokens.Store
	mu     sync.Mutex
	calls  int
}

func (s *alternatingStore) next() tokens.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	return s.stores[s.calls%2]
}

func (s *alternatingStore) Load(ctx context.Context, key string) (tokens.Record, tokens.Revision, error) {
	return s.next().Load(ctx, key)
}

func (s *alternatingStore) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (tokens.Revision, error) {
	return s.next().Save(ctx, key, rec, prev)
}

func (s *alternatingStore) Delete(ctx context.Context, key string, prev tokens.Revision) error {
	return s.next().Delete(ctx, key, prev)
}

// The tests of several processes start this test binary again, with what it
// is to do in the environment.
const (
	childTask = "TOKENS_TEST_CHILD_TASK"
	childDir  = "TOKENS_TEST_CHILD_DIR"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" {
		if err := runChild(task, os.Getenv(childDir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const increments = 25

func runChild(task, dir string) error {
	s, err := tokens.NewFileStore(dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	switch task {
	case "increment":
		for range increments {
			if err := increment(ctx, s); err != nil {
				return err
			}
		}
		return nil
	case "write until killed":
		if err := increment(ctx, s); err != nil {
			return err
		}
		fmt.Println("writing")
		for {
			if err := increment(ctx, s); err != nil {
				return err
			}
		}
	default:
		return errors.New("unknown task")
	}
}

// increment adds one to the counter that all processes share.
func increment(ctx context.Context, s tokens.Store) error {
	for {
		rec, rev, err := s.Load(ctx, "counter")
		if err != nil && !errors.Is(err, tokens.ErrNotFound) {
			return err
		}
		n := 0
		if err == nil {
			if n, err = strconv.Atoi(string(rec.Data)); err != nil {
				return err
			}
		}
		_, err = s.Save(ctx, "counter", tokens.Record{Data: []byte(strconv.Itoa(n + 1))}, rev)
		if !errors.Is(err, tokens.ErrConflict) {
			return err
		}
	}
}

func child(t *testing.T, task, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childTask+"="+task, childDir+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestFileStoreProcesses has processes and goroutines count together.
func TestFileStoreProcesses(t *testing.T) {
	t.Parallel()
	const processes = 4
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range processes {
		cmd := child(t, "increment", dir)
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	s := newFileStore(t, dir)
	wg.Go(func() {
		for range increments {
			if err := increment(t.Context(), s); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	rec, _, err := s.Load(t.Context(), "counter")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(rec.Data), strconv.Itoa((processes+1)*increments); got != want {
		t.Errorf("got %s, want %s: updates were lost", got, want)
	}
}

// TestFileStoreKilledProcess kills a process in the middle of its writing. It
// must leave a whole record and no lock.
//
// Behavior 67: a store that fails in the middle of a write shows no mixture.
func TestFileStoreKilledProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newFileStore(t, dir)
	for range 5 {
		cmd := child(t, "write until killed", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if err := increment(ctx, s); err != nil {
			t.Errorf("after the process was killed: %v", err)
		}
		cancel()
	}
}

// files returns the names in the directory, without those of locks.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "lock-") {
			names = append(names, entry.Name())
		}
	}
	return names
}

// TestFileStoreIsPrivate looks at modes and names.
func TestFileStoreIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "tokens")
	s := newFileStore(t, dir)
	const key = "planted-cookie"
	rev := mustSave(t, s, key, time.Time{}, "")
	mustSave(t, s, key, time.Time{}, rev)

	if got := files(t, dir); len(got) != 1 || strings.Contains(got[0], key) {
		t.Errorf("got files %q, want one whose name does not tell the key", got)
	}
	if runtime.GOOS == "windows" {
		return // modes mean nothing there
	}
	if err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %v, want %v", d.Name(), got, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestNewFileStoreErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.NewFileStore(file); err == nil {
		t.Error("a file was taken for a directory")
	}
	if runtime.GOOS == "windows" {
		return
	}
	for mode, ok := range map[fs.FileMode]bool{0o700: true, 0o750: true, 0o755: true, 0o770: false, 0o777: false, 0o702: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.NewFileStore(dir); (err == nil) != ok {
			t.Errorf("mode %v: got %v, want it accepted: %t", mode, err, ok)
		}
	}
}

// TestFileStoreDamage has files that no store has written.
func TestFileStoreDamage(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":         "",
		"no JSON":       "planted",
		"other version": `{"version":2,"revision":"r","data":""}`,
		"no revision":   `{"version":1,"data":"cGxhbnRlZA=="}`,
		"no base64":     `{"version":1,"revision":"r","data":"!"}`,
		"two values":    `{"version":1,"revision":"r","data":""}{}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newFileStore(t, dir)
			rev := mustSave(t, s, "k", time.Time{}, "")
			path := filepath.Join(dir, files(t, dir)[0])
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}

			_, _, loadErr := s.Load(t.Context(), "k")
			_, saveErr := s.Save(t.Context(), "k", tokens.Record{}, rev)
			_, createErr := s.Save(t.Context(), "k", tokens.Record{}, "")
			for _, err := range []error{loadErr, saveErr, createErr} {
				if err == nil || isCode(err, tokens.ErrNotFound) || isCode(err, tokens.ErrConflict) {
					t.Errorf("got %v, want an error that neither blames the caller nor hides the damage", err)
				} else if strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), "planted") {
					t.Errorf("the error's text %q shows too much", err)
				}
			}
			if err := s.RemoveExpired(t.Context()); err != nil {
				t.Errorf("RemoveExpired: %v", err)
			}

			// Deleting is the way out.
			if err := s.Delete(t.Context(), "k", "whatever"); err != nil {
				t.Fatal(err)
			}
			mustSave(t, s, "k", time.Time{}, "")
		})
	}
}

// TestFileStoreRemovesExpired counts files before and after.
func TestFileStoreRemovesExpired(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newFileStore(t, dir)
	past := time.Now().Add(-time.Minute)
	mustSave(t, s, "asked for", past, "")
	mustSave(t, s, "forgotten", past, "")
	mustSave(t, s, "alive", time.Now().Add(time.Hour), "")
	mustSave(t, s, "for ever", time.Time{}, "")
	old, fresh := filepath.Join(dir, "tmp-1"), filepath.Join(dir, "tmp-2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, past, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}

	if got := present(t, s, "asked for"); got != "" {
		t.Errorf("got %s", got)
	}
	if got := len(files(t, dir)); got != 5 {
		t.Errorf("got %d files after one expired record was asked for, want 5", got)
	}
	if err := s.RemoveExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := files(t, dir)
	if len(got) != 3 || !slices.Contains(got, filepath.Base(fresh)) {
		t.Errorf("got files %q, want two records and the fresh temporary file", got)
	}
	if got, want := present(t, s, "forgotten", "alive", "for ever"), "alive for ever"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.RemoveExpired(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// TestFileStoreExpiryOutOfRange saves what cannot be written down.
func TestFileStoreExpiryOutOfRange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newFileStore(t, dir)
	rev := mustSave(t, s, "k", time.Time{}, "")
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) // not representable in JSON
	if _, err := s.Save(t.Context(), "k", tokens.Record{Expires: far}, rev); err == nil {
		t.Error("no error")
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("got files %q, want only the record's", got)
	}
	mustSave(t, s, "k", time.Time{}, rev)
}
