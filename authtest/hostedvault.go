package authtest

import (
	"container/list"
	"crypto/sha256"
	"time"
)

// A vault keeps what strings stand for that only their holders know, such as
// cookies and authorization codes. It does not keep the strings. All that is in
// a vault lives for the same time; beyond its limit the oldest is forgotten.
type vault[T any] struct {
	lifetime time.Duration
	limit    int
	entries  map[vaultKey]*list.Element
	order    list.List // of vaultEntry[T], oldest first
}

type vaultKey [sha256.Size]byte

type vaultEntry[T any] struct {
	key     vaultKey
	value   T
	expires time.Time
}

func newVault[T any](lifetime time.Duration, limit int) *vault[T] {
	return &vault[T]{lifetime: lifetime, limit: limit, entries: make(map[vaultKey]*list.Element)}
}

// put keeps a value for whoever has the text.
func (v *vault[T]) put(text string, value T, now time.Time) {
	for front := v.order.Front(); front != nil; front = v.order.Front() {
		if len(v.entries) < v.limit && now.Before(front.Value.(vaultEntry[T]).expires) {
			break
		}
		v.forget(front)
	}
	key := vaultKey(sha256.Sum256([]byte(text)))
	if old := v.entries[key]; old != nil {
		v.forget(old)
	}
	v.entries[key] = v.order.PushBack(vaultEntry[T]{key, value, now.Add(v.lifetime)})
}

// get returns the value of a text, and whether it has one.
func (v *vault[T]) get(text string, now time.Time) (value T, ok bool) {
	element := v.entries[sha256.Sum256([]byte(text))]
	if element == nil {
		return value, false
	}
	entry := element.Value.(vaultEntry[T])
	if !now.Before(entry.expires) {
		return value, false
	}
	return entry.value, true
}

// take is get for values that can be had once.
func (v *vault[T]) take(text string, now time.Time) (value T, ok bool) {
	value, ok = v.get(text, now)
	if element := v.entries[sha256.Sum256([]byte(text))]; element != nil {
		v.forget(element)
	}
	return value, ok
}

func (v *vault[T]) forget(element *list.Element) {
	delete(v.entries, element.Value.(vaultEntry[T]).key)
	v.order.Remove(element)
}
