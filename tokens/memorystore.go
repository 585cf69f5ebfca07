package tokens

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// DefaultMemoryRecords is the default bound of a [MemoryStore].
const DefaultMemoryRecords = 10_000

// MemoryStore is a [Store] in memory, for tests and for programs of a single
// process whose users may be asked to sign in again after a restart. It is
// safe for concurrent use, has no goroutines and needs no closing.
type MemoryStore struct {
	limit int

	mu      sync.Mutex
	records map[string]*memoryRecord
	expiry  expiryHeap
	writes  uint64 // numbers all states of all records, so that revisions never repeat
}

type memoryRecord struct {
	key   string
	rec   Record
	write uint64
	index int // in the heap
}

// NewMemoryStore returns a store for at most limit records; zero or less means
// [DefaultMemoryRecords]. A new record in a full store displaces the one that
// expires first: attempts to sign in, which live for minutes, go before the
// sessions of users, and records without expiry go last.
func NewMemoryStore(limit int) *MemoryStore {
	if limit <= 0 {
		limit = DefaultMemoryRecords
	}
	return &MemoryStore{limit: limit, records: make(map[string]*memoryRecord)}
}

// Load implements [Store].
func (s *MemoryStore) Load(ctx context.Context, key string) (Record, Revision, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(key)
	if r == nil {
		return Record{}, "", ErrNotFound
	}
	return r.rec.clone(), r.revision(), nil
}

// Save implements [Store].
func (s *MemoryStore) Save(ctx context.Context, key string, rec Record, prev Revision) (Revision, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(key)
	if r.revision() != prev {
		return "", ErrConflict
	}
	if r == nil && len(s.records) >= s.limit {
		s.remove(s.expiry[0])
	}
	if r == nil {
		r = &memoryRecord{key: key}
		s.records[key] = r
	} else {
		heap.Remove(&s.expiry, r.index)
	}
	s.writes++
	r.rec, r.write = rec.clone(), s.writes
	heap.Push(&s.expiry, r)
	return r.revision(), nil
}

// Delete implements [Store].
func (s *MemoryStore) Delete(ctx context.Context, key string, prev Revision) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(key)
	if r == nil {
		return nil
	}
	if r.revision() != prev {
		return ErrConflict
	}
	s.remove(r)
	return nil
}

// find returns the record under key, or nil; an expired one is removed.
func (s *MemoryStore) find(key string) *memoryRecord {
	r := s.records[key]
	if r != nil && expired(r.rec.Expires, time.Now()) {
		s.remove(r)
		return nil
	}
	return r
}

func (s *MemoryStore) remove(r *memoryRecord) {
	heap.Remove(&s.expiry, r.index)
	delete(s.records, r.key)
}

// revision is empty for a record that does not exist.
func (r *memoryRecord) revision() Revision {
	if r == nil {
		return ""
	}
	return Revision(strconv.FormatUint(r.write, 36))
}

func (rec Record) clone() Record {
	rec.Data = slices.Clone(rec.Data)
	return rec
}

// expiryHeap is a heap with the record on top that is to go first.
type expiryHeap []*memoryRecord

func (h expiryHeap) Len() int { return len(h) }

func (h expiryHeap) Less(i, j int) bool {
	order := cmp.Or(cmp.Compare(h[i].lastSecond(), h[j].lastSecond()), cmp.Compare(h[i].write, h[j].write))
	return order < 0
}

func (r *memoryRecord) lastSecond() int64 {
	if r.rec.Expires.IsZero() {
		return math.MaxInt64
	}
	return r.rec.Expires.Unix()
}

func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *expiryHeap) Push(x any) {
	r := x.(*memoryRecord)
	r.index = len(*h)
	*h = append(*h, r)
}

func (h *expiryHeap) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return r
}
