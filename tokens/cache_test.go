package tokens

import (
	"crypto/sha256"
	"strconv"
	"sync"
	"testing"
)

func entryNumber(i int) *cacheEntry { return &cacheEntry{key: sha256.Sum256([]byte(strconv.Itoa(i)))} }

func (c *cache) len() int {
	n := 0
	for i := range c.groups {
		for j := range c.groups[i].places {
			if c.groups[i].places[j].Load() != nil {
				n++
			}
		}
	}
	return n
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	for size, most := range map[int]int{1: 4, 4: 4, 5: 8, 100: 128, 4096: 4096} {
		c := newCache(size)
		for i := range 10 * most {
			e := entryNumber(i)
			c.put(e)
			if got := c.get(e.key); got != e {
				t.Fatalf("size %d: entry %d is not there right after it was put", size, i)
			}
		}
		if got := c.len(); got > most || got < size {
			t.Errorf("size %d: got %d entries, want %d to %d", size, got, size, most)
		}
		if e := c.get(sha256.Sum256([]byte("another"))); e != nil {
			t.Errorf("size %d: got an entry for a key that was never put", size)
		}
	}
}

func TestCacheReplacesSameKey(t *testing.T) {
	t.Parallel()
	c := newCache(4)
	for range 10 {
		e := entryNumber(1)
		c.put(e)
		if c.get(e.key) != e || c.len() != 1 {
			t.Fatal("the entry was not replaced")
		}
	}
}

// TestCacheKeepsWhatIsUsed mixes tokens that come again and again with ones
// that come once.
func TestCacheKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	c := newCache(512)
	const regulars = 128
	misses := 0
	for i := range 100_000 {
		c.put(entryNumber(1_000_000 + i))
		regular := entryNumber(i % regulars)
		if c.get(regular.key) == nil {
			misses++
			c.put(regular)
		}
	}
	// Without a second chance there are four times as many.
	if most := 10_000; misses > most {
		t.Errorf("got %d misses of 100000, want %d at most", misses, most)
	}
}

func TestCacheConcurrentSafe(t *testing.T) {
	t.Parallel()
	c := newCache(16)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				e := entryNumber((worker*7 + i) % 64)
				if got := c.get(e.key); got != nil && got.key != e.key {
					t.Error("got another key's entry")
				}
				c.put(e)
			}
		})
	}
	wg.Wait()
	if got := c.len(); got > 16 {
		t.Errorf("got %d entries, want 16 at most", got)
	}
}
