package tokens

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"sync"
)

// KeySource finds the public key that signed a token. It is an interface for
// tests and for programs that get their keys in another way; its method set
// will not grow.
type KeySource interface {
	// Key returns the RSA key with that id. It returns an error matching
	// [ErrUnknownKey] where there is none, and one matching
	// [ErrKeysUnavailable] where that cannot be told now. It is called for
	// each token, remembered ones included, from many goroutines, and should
	// return the same pointer for as long as the key does not change. The key
	// is never changed by the caller.
	Key(ctx context.Context, kid string) (*rsa.PublicKey, error)
}

// Bounds of a key set.
const (
	maxKeys      = 64
	maxKeyID     = 256
	minModulus   = 2048
	maxModulus   = 8192
	minExponent  = 1<<16 + 1 // FIPS 186-5 section A.1.1
	maxExponent  = 1<<31 - 1
	maxSetBytes  = 64 << 10
	maxModBase64 = maxModulus/6 + 8
)

// KeySet is an immutable set of RSA public keys by their id.
type KeySet struct{ keys map[string]*rsa.PublicKey }

// ParseKeySet reads a JWK set (RFC 7517 section 5) of at most 64 KiB and 64
// keys. It keeps the keys that can have signed a token of a user pool: of type
// RSA, with an id, an odd modulus of 2048 to 8192 bits, an odd exponent of at
// least 65537, and a use, key_ops and alg that are absent or allow RS256
// signatures. All others are passed over, as section 5 asks, and so are two
// different keys with one id. It fails with [ErrMalformed] or [ErrTooLarge] if
// the text is not a JWK set; a set without a usable key is no error.
func ParseKeySet(data []byte) (*KeySet, error) {
	if len(data) > maxSetBytes {
		return nil, &Error{Op: "key set", Code: ErrTooLarge}
	}
	r := newJSONReader(string(data))
	if r.err == nil && r.peek() != '{' {
		r.fail(errType)
	}
	var (
		list  []jwk
		found bool
		names nameSet
	)
	r.punct('{')
	for first := true; r.next(first, '}'); first = false {
		name := r.name()
		names.add(&r, name)
		if name != "keys" {
			r.skip()
			continue
		}
		found = true
		list = readKeys(&r)
	}
	if err := r.end(); err != nil {
		return nil, &Error{Op: "key set", Code: ErrMalformed, Err: err}
	}
	if !found {
		return nil, &Error{Op: "key set", Code: ErrMalformed, detail: "no keys member"}
	}

	set := &KeySet{keys: make(map[string]*rsa.PublicKey, len(list))}
	ambiguous := make(map[string]bool)
	for _, entry := range list {
		key := entry.rsaKey()
		if key == nil {
			continue
		}
		if other := set.keys[entry.kid]; other != nil && !other.Equal(key) {
			ambiguous[entry.kid] = true
		}
		set.keys[entry.kid] = key
	}
	for kid := range ambiguous {
		delete(set.keys, kid)
	}
	return set, nil
}

// Key returns the key with that id, or an error matching [ErrUnknownKey].
func (s *KeySet) Key(_ context.Context, kid string) (*rsa.PublicKey, error) {
	if key := s.keys[kid]; key != nil {
		return key, nil
	}
	return nil, ErrUnknownKey
}

// reusing returns the set with the pointers of an earlier one for the keys
// that are still the same, so that comparing keys is comparing pointers.
func (s *KeySet) reusing(before *KeySet) *KeySet {
	if before == nil {
		return s
	}
	for kid, key := range s.keys {
		if old := before.keys[kid]; old != nil && old.Equal(key) {
			s.keys[kid] = old
		}
	}
	return s
}

// Len returns the number of keys.
func (s *KeySet) Len() int { return len(s.keys) }

// jwk is what is read of one JSON Web Key (RFC 7517 section 4, RFC 7518
// section 6.3.1).
type jwk struct {
	kty, kid, use, alg, n, e string
	ops                      []string
	hasOps, odd              bool // odd: a member has an unexpected type
}

func readKeys(r *jsonReader) []jwk {
	if r.peek() != '[' {
		r.fail(errType)
		return nil
	}
	var list []jwk
	r.punct('[')
	for first := true; r.next(first, ']'); first = false {
		if r.peek() != '{' {
			r.skip()
			continue
		}
		if len(list) == maxKeys {
			r.fail(unreadable("too many keys"))
			return nil
		}
		list = append(list, readKey(r))
	}
	return list
}

func readKey(r *jsonReader) jwk {
	var k jwk
	text := func() string {
		if r.peek() != '"' {
			k.odd = true
			r.skip()
			return ""
		}
		return r.string()
	}
	var names nameSet
	r.punct('{')
	for first := true; r.next(first, '}'); first = false {
		name := r.name()
		names.add(r, name)
		switch name {
		case "kty":
			k.kty = text()
		case "kid":
			k.kid = text()
		case "use":
			k.use = text()
		case "alg":
			k.alg = text()
		case "n":
			k.n = text()
		case "e":
			k.e = text()
		case "key_ops":
			k.hasOps = true
			if r.peek() == '[' {
				k.ops = readOps(r)
			} else {
				k.odd = true
				r.skip()
			}
		default:
			r.skip()
		}
	}
	return k
}

func readOps(r *jsonReader) []string {
	var ops []string
	r.punct('[')
	for first := true; r.next(first, ']'); first = false {
		if r.peek() != '"' {
			r.skip()
			continue
		}
		ops = append(ops, r.string())
	}
	return ops
}

// rsaKey returns the key, or nil if it is none that may have signed a token.
func (k jwk) rsaKey() *rsa.PublicKey {
	switch {
	case k.odd, k.kty != "RSA", k.kid == "", len(k.kid) > maxKeyID,
		k.use != "" && k.use != "sig", k.alg != "" && k.alg != algorithm,
		k.hasOps && !slices.Contains(k.ops, "verify"), len(k.n) > maxModBase64, len(k.e) > 8:
		return nil
	}
	n, ok := decodeBase64(k.n)
	if !ok {
		return nil
	}
	e, ok := decodeBase64(k.e)
	if !ok {
		return nil
	}
	exponent := new(big.Int).SetBytes(e)
	if !exponent.IsInt64() || exponent.Int64() > maxExponent {
		return nil
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}
	if !usable(key) {
		return nil
	}
	return key
}

// usable reports whether a key may be used to check a signature. A small or
// even modulus or a tiny exponent would let signatures be forged, a huge one
// would make each check slow.
func usable(key *rsa.PublicKey) bool {
	if key == nil || key.N == nil {
		return false
	}
	bits := key.N.BitLen()
	return bits >= minModulus && bits <= maxModulus && key.N.Sign() > 0 && key.N.Bit(0) == 1 &&
		key.E >= minExponent && key.E <= maxExponent && key.E&1 == 1
}

// base64URL is strict: bits that no byte takes up have to be zero.
var base64URL = sync.OnceValue(func() *base64.Encoding { return base64.RawURLEncoding.Strict() })

// decodeBase64 decodes canonical base64url without padding (RFC 7515 section
// 2). The decoder of the standard library passes over line breaks, even a
// strict one; they would give one token many spellings.
func decodeBase64(text string) ([]byte, bool) {
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return nil, false
	}
	data, err := base64URL().DecodeString(text)
	return data, err == nil
}
