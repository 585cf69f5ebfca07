package tokens

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
)

// cacheKey identifies a token without keeping it.
type cacheKey [sha256.Size]byte

// cacheEntry is a token that was verified once. Everything but used is
// immutable.
type cacheEntry struct {
	key       cacheKey
	kid       string
	publicKey *rsa.PublicKey
	claims    *claims

	used atomic.Bool // since the last newcomer looked for a place
}

// ways is the number of places a token can be in.
const ways = 4

// cache is a bounded set of tokens that were verified. A token's hash selects
// a group of places; within a group the newcomer takes the place of one that
// was not used lately (second chance). Finding a token takes no lock and
// writes to no shared memory but an unset mark, so that one token presented on
// all processors at once does not slow them down.
type cache struct {
	mask   uint64
	groups []group
}

type group struct {
	places [ways]atomic.Pointer[cacheEntry]
	hand   atomic.Uint32 // where the next newcomer begins to look
}

// newCache returns a cache for size entries, rounded up to a power of two.
func newCache(size int) *cache {
	n, mask := 1, uint64(0)
	for n*ways < size {
		n, mask = 2*n, mask<<1|1
	}
	return &cache{mask: mask, groups: make([]group, n)}
}

func (c *cache) group(key *cacheKey) *group {
	return &c.groups[binary.LittleEndian.Uint64(key[:8])&c.mask]
}

// get returns the entry of the key, or nil.
func (c *cache) get(key cacheKey) *cacheEntry {
	g := c.group(&key)
	for i := range g.places {
		if e := g.places[i].Load(); e != nil && e.key == key {
			if !e.used.Load() {
				e.used.Store(true)
			}
			return e
		}
	}
	return nil
}

// put adds an entry, or replaces the one of the same key. Two goroutines that
// put the same token at once may both find a place; the older copy is harmless
// and leaves in its turn.
func (c *cache) put(e *cacheEntry) {
	g := c.group(&e.key)
	for i := range g.places {
		if old := g.places[i].Load(); old == nil || old.key == e.key {
			if g.places[i].CompareAndSwap(old, e) {
				return
			}
		}
	}
	for range 2*ways - 1 {
		place := &g.places[(g.hand.Add(1)-1)%ways]
		if old := place.Load(); old == nil || !old.used.Swap(false) {
			place.Store(e)
			return
		}
	}
	g.places[(g.hand.Add(1)-1)%ways].Store(e)
}
