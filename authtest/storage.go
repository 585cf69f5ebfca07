package authtest

import (
	"maps"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/cognitokit/auth/internal/wire"
)

// A Storage keeps the state of a [Server], so that a program goes on after a
// restart, or after a crash, where it was: see [ServerConfig].Storage. Keys are
// printable text; values are JSON, and hold secrets.
//
// A server calls one method at a time. A storage belongs to one server at a
// time.
type Storage interface {
	// Load calls each with every key that has a value, in any order. It ends
	// with the first error, which it returns.
	Load(each func(key string, value []byte) error) error

	// Apply gives keys new values; nil takes a key away. It makes all the
	// changes or none, and when it returns nil they outlive a crash. The
	// server does not change the map or the values afterwards. After an error
	// it does not call Apply again.
	Apply(changes map[string][]byte) error
}

// A journal writes what changes in a server's state to its storage.
//
// Changes are added under the lock of the pool they are in, so that those of
// one record come in their order. Whoever made them waits for them without
// that lock, before he tells anybody. While one batch of changes is written
// the next one gathers: however many wait, each is held up by two writes at
// most.
type journal struct {
	storage Storage
	failure atomic.Pointer[error] // why nothing is written any more

	mu      sync.Mutex        // guards what follows, up to the next blank line
	pending map[string][]byte // the batch that gathers
	number  uint64            // of that batch, beginning with 1

	writing chan struct{} // full while a batch is written; a mutex that testing/synctest understands
	written atomic.Uint64 // number of the last batch that is stored
}

func newJournal(storage Storage) *journal {
	return &journal{storage: storage, pending: make(map[string][]byte), number: 1, writing: make(chan struct{}, 1)}
}

// add puts changes into the batch that gathers, and returns its number.
func (j *journal) add(changes map[string][]byte) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	maps.Copy(j.pending, changes)
	return j.number
}

// addPools is add for changes that have all of some pools. A nil journal takes
// nothing.
func (j *journal) addPools(changes map[string][]byte, pools []*Pool) uint64 {
	if j == nil {
		return 0
	}
	number := j.add(changes)
	for _, p := range pools {
		p.watch.last = number
		for r := range p.records {
			r.mark().number = number
		}
	}
	return number
}

// latest returns the number of the last batch that anything was put into.
func (j *journal) latest() uint64 {
	if j == nil {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.pending) == 0 {
		return j.number - 1
	}
	return j.number
}

// wait returns when a batch is stored, or cannot be. Zero stands for one that
// is. A nil journal has nothing to wait for.
func (j *journal) wait(number uint64) error {
	if j == nil || j.written.Load() >= number {
		return nil
	}
	j.writing <- struct{}{}
	defer func() { <-j.writing }()
	if j.written.Load() >= number {
		return nil
	}
	if err := j.failed(); err != nil {
		return err
	}
	changes, last := j.cut()
	if len(changes) > 0 {
		if err := j.storage.Apply(changes); err != nil {
			j.failure.Store(&err)
			return err
		}
	}
	j.written.Store(last)
	return nil
}

// cut ends the batch that gathers and begins another.
func (j *journal) cut() (changes map[string][]byte, number uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	changes, number = j.pending, j.number
	j.pending = make(map[string][]byte)
	j.number++
	return changes, number
}

// failed returns why the storage failed, nil if it has not. What is in memory
// then may be ahead of what is stored, and nobody can say how much of a write
// that failed is on the disk: so nothing is done any more, by anybody, and the
// truth is what the storage has when it is opened again.
func (j *journal) failed() error {
	if j == nil {
		return nil
	}
	if err := j.failure.Load(); err != nil {
		return *err
	}
	return nil
}

const (
	msgStorageFailed = "authtest: the storage failed"
	msgReplaced      = "authtest: the state was replaced while the request was served"
)

// storageFailed answers whatever cannot be stored. What went wrong may name
// files, and is for [Server.StorageErr] to tell.
func storageFailed() *apiError { return internalError(msgStorageFailed) }

// stateReplaced answers a request that was being served while the state it was
// about was replaced.
func stateReplaced() *apiError { return internalError(msgReplaced) }

func internalError(message string) *apiError {
	return &apiError{code: wire.ExceptionInternalError, message: message, status: http.StatusInternalServerError}
}
