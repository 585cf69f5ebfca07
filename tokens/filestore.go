package tokens

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	fileVersion   = 1
	fileSuffix    = ".json"
	tempPattern   = "tmp-*"
	lockStripes   = 16
	maxFileBytes  = 64 << 20
	lockFirstWait = time.Millisecond
	lockMaxWait   = 32 * time.Millisecond
)

// FileStore is a [Store] in a directory, one file for each record, for
// command-line programs and for a few processes on one host. It is safe for
// concurrent use by several goroutines and several processes, on local file
// systems of Unix and Windows; it has no goroutines and needs no closing.
//
// Directory and files are for the owner only (modes 0700 and 0600). A file's
// name is a hash of the record's key, so that a key that is a secret, such as
// a cookie's value, is not in the directory; the data is there in the clear. A
// record is written to a new file, synced and renamed, so that a crash leaves
// the old one or the new one. Locks of the operating system guard the
// comparison of revisions, and a process that dies leaves none behind.
//
// An expired record is removed when it is asked for, or by
// [FileStore.RemoveExpired].
type FileStore struct {
	dir string

	// Goroutines of this process wait here, so that of each process only one
	// has to try for the file lock.
	stripes [lockStripes]chan struct{}
}

// file is what is stored of a record.
type file struct {
	Version  int       `json:"version"`
	Revision Revision  `json:"revision"`
	Expires  time.Time `json:"expires,omitzero"`
	Data     []byte    `json:"data"`
}

// NewFileStore returns a store in the directory, which is created if it is
// absent. It fails if the directory can be written by others than its owner.
func NewFileStore(dir string) (*FileStore, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("tokens: file store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("tokens: file store: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("tokens: file store: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("tokens: file store: directory %s can be written by others (mode %v)", dir, info.Mode().Perm())
	}
	s := &FileStore{dir: dir}
	for i := range s.stripes {
		s.stripes[i] = make(chan struct{}, 1)
	}
	return s, nil
}

// Load implements [Store].
func (s *FileStore) Load(ctx context.Context, key string) (Record, Revision, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, "", err
	}
	name := fileName(key)
	f, err := s.load(ctx, name)
	if err != nil {
		return Record{}, "", err
	}
	if expired(f.Expires, time.Now()) {
		if err := s.removeIfExpired(ctx, name); err != nil {
			return Record{}, "", err
		}
		return Record{}, "", ErrNotFound
	}
	return Record{Data: f.Data, Expires: f.Expires}, f.Revision, nil
}

// load reads a file without regard to its expiry.
func (s *FileStore) load(ctx context.Context, name string) (*file, error) {
	// Elsewhere a rename never disturbs a reader; Windows does not rename over
	// a file that is open.
	if runtime.GOOS == "windows" {
		unlock, err := s.lock(ctx, name)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	return s.read(name)
}

// Save implements [Store].
func (s *FileStore) Save(ctx context.Context, key string, rec Record, prev Revision) (Revision, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	name := fileName(key)
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return "", err
	}
	defer unlock()
	current, err := s.revision(name)
	if err != nil {
		return "", err
	}
	if current != prev {
		return "", ErrConflict
	}
	f := &file{Version: fileVersion, Revision: Revision(rand.Text()), Expires: rec.Expires.UTC(), Data: rec.Data}
	if err := s.write(name, f); err != nil {
		return "", err
	}
	return f.Revision, nil
}

// Delete implements [Store]. A file that is damaged is removed whatever prev is.
func (s *FileStore) Delete(ctx context.Context, key string, prev Revision) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := fileName(key)
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	current, err := s.revision(name)
	switch {
	case errors.Is(err, errDamaged):
	case err != nil:
		return err
	case current == "":
		return nil
	case current != prev:
		return ErrConflict
	}
	return s.remove(name)
}

// RemoveExpired removes the files of all expired records, which otherwise stay
// until somebody asks for them, and what a crash may have left. Programs whose
// keys are not used again (one for each browser, say) call it now and then.
func (s *FileStore) RemoveExpired(ctx context.Context) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return plainError(err)
	}
	var problems []error
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case strings.HasSuffix(name, fileSuffix):
			err = s.removeIfExpired(ctx, name)
		case isTemporary(name):
			err = s.removeLeftover(entry)
		default:
			continue
		}
		if err != nil && !errors.Is(err, errDamaged) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// removeIfExpired looks again under the lock: meanwhile the record may have
// been created anew.
func (s *FileStore) removeIfExpired(ctx context.Context, name string) error {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.read(name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || !expired(f.Expires, time.Now()) {
		return err
	}
	return s.remove(name)
}

func (s *FileStore) removeLeftover(entry fs.DirEntry) error {
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return plainError(err)
	}
	if time.Since(info.ModTime()) < time.Hour {
		return nil
	}
	return s.remove(entry.Name())
}

var errDamaged = errors.New("tokens: file store: a record is damaged")

// revision returns that of the record in a file, or the empty one if there is
// no record or it has expired.
func (s *FileStore) revision(name string) (Revision, error) {
	f, err := s.read(name)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if expired(f.Expires, time.Now()) {
		return "", nil
	}
	return f.Revision, nil
}

func (s *FileStore) read(name string) (*file, error) {
	r, err := os.Open(filepath.Join(s.dir, name)) //nolint:gosec // the name is a hash
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, plainError(err)
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, plainError(err)
	}
	f := new(file)
	if len(data) > maxFileBytes || json.Unmarshal(data, f) != nil || f.Version != fileVersion || f.Revision == "" {
		return nil, errDamaged
	}
	return f, nil
}

// write replaces a file as a whole.
func (s *FileStore) write(name string, f *file) (err error) {
	data, err := json.Marshal(f)
	if err != nil {
		return errors.New("tokens: file store: the expiry is out of range")
	}
	if len(data) > maxFileBytes {
		return &Error{Op: "file store", Code: ErrTooLarge}
	}
	// CreateTemp gives mode 0600.
	tmp, err := os.CreateTemp(s.dir, tempPattern)
	if err != nil {
		return plainError(err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
			err = plainError(err)
		}
	}()
	if _, err := tmp.Write(data); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), filepath.Join(s.dir, name)); err != nil {
		return err
	}
	s.syncDir()
	return nil
}

func (s *FileStore) remove(name string) error {
	if err := os.Remove(filepath.Join(s.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return plainError(err)
	}
	s.syncDir()
	return nil
}

// syncDir makes a rename or removal durable where directories can be synced.
// That some file systems refuse it does not make the change less visible.
func (s *FileStore) syncDir() {
	if d, err := os.Open(s.dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// lock excludes all who work on the same file, in this process and in others.
func (s *FileStore) lock(ctx context.Context, name string) (unlock func(), err error) {
	stripe := stripeOf(name)
	select {
	case s.stripes[stripe] <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leave := func() { <-s.stripes[stripe] }
	f, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("lock-%x", stripe)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		leave()
		return nil, plainError(err)
	}
	// Closing the file gives its lock back.
	release := func() {
		_ = f.Close()
		leave()
	}
	for wait := lockFirstWait; ; wait = min(2*wait, lockMaxWait) {
		ok, err := tryLock(f)
		if ok {
			return release, nil
		}
		if err != nil {
			release()
			return nil, fmt.Errorf("tokens: file store: lock: %w", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			release()
			return nil, ctx.Err()
		}
	}
}

// fileName hides the key and fits every file system.
func fileName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) + fileSuffix
}

func stripeOf(name string) int { return strings.IndexByte("0123456789abcdef", name[0]) }

func isTemporary(name string) bool {
	ok, _ := filepath.Match(tempPattern, name)
	return ok
}

// plainError takes the path out of an error: it says nothing to a user, and
// the hash in it would tie a log to a session.
func plainError(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("tokens: file store: %s: %w", pe.Op, pe.Err)
	}
	if le, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("tokens: file store: %s: %w", le.Op, le.Err)
	}
	return fmt.Errorf("tokens: file store: %w", err)
}
