// Package boltstore keeps the state of a sandbox in a file, so that it outlives
// the process, however that ends.
package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// fileName is the database's name in the directory of a store.
const fileName = "sandbox.db"

// lockTimeout is how long to wait for another process to let go of the file.
const lockTimeout = 2 * time.Second

// ErrLocked says that another process uses the directory.
var ErrLocked = errors.New("boltstore: another process uses the directory")

// stateBucket holds every key.
const stateBucket = "state"

// A Store is a storage of authtest in a file. One process at a time can use it.
type Store struct {
	db *bbolt.DB
}

// Open returns the store in a directory, which is made if need be, for the user
// alone: the file holds secrets.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, &bbolt.Options{Timeout: lockTimeout})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, fmt.Errorf("boltstore: open: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(stateBucket))
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("boltstore: open: %w", err), db.Close())
	}
	return &Store{db}, nil
}

// Close lets go of the file.
func (s *Store) Close() error { return s.db.Close() }

// Load calls each with every key that has a value, in the order of keys. The
// value is each's to keep.
func (s *Store) Load(each func(key string, value []byte) error) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(stateBucket)).ForEach(func(key, value []byte) error {
			return each(string(key), append([]byte(nil), value...))
		})
	})
}

// Apply gives keys new values; nil takes a key away. It makes all the changes or
// none, and returns when they are on the disk.
func (s *Store) Apply(changes map[string][]byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(stateBucket))
		for key, value := range changes {
			var err error
			if value == nil {
				err = b.Delete([]byte(key))
			} else {
				err = b.Put([]byte(key), value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
