package tokens_test

import (
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
)

func number(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

// TestHostileJWKS reads key sets in which one key is good and the others must
// not be taken, or not disturb.
func TestHostileJWKS(t *testing.T) {
	t.Parallel()
	good := publicJWK("good", &signingKey().PublicKey)
	other := publicJWK("bad", &foreignKey().PublicKey)
	bit := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	odd := func(bits uint) string { return number(new(big.Int).Or(bit(bits-1), big.NewInt(1))) }
	even := new(big.Int).AndNot(foreignKey().N, big.NewInt(1))

	tests := []struct {
		name  string
		other object
		taken bool
	}{
		{name: "plain", other: other, taken: true},
		{name: "no use and alg", other: other.edit(object{"use": nil, "alg": nil}), taken: true},
		{name: "key_ops verify", other: other.edit(object{"use": nil, "key_ops": []string{"verify"}}), taken: true},
		{name: "zero before the modulus", other: other.edit(object{"n": base64URL("\x00" + string(foreignKey().N.Bytes()))}), taken: true},
		{name: "more members", other: other.edit(object{"x5c": []string{"MII="}, "x5t": "abc", "d": "AQAB"}), taken: true},
		{name: "largest modulus", other: other.edit(object{"n": odd(8192)}), taken: true},

		{name: "unknown type", other: object{"kty": "OKP", "kid": "bad", "crv": "Ed25519", "x": "AAAA"}},
		{name: "elliptic curve", other: object{"kty": "EC", "kid": "bad", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
		{name: "symmetric", other: object{"kty": "oct", "kid": "bad", "k": "AAAA"}},
		{name: "type missing", other: other.edit(object{"kty": nil})},
		{name: "type in small letters", other: other.edit(object{"kty": "rsa"})},
		{name: "kid missing", other: other.edit(object{"kid": nil})},
		{name: "kid empty", other: other.edit(object{"kid": ""})},
		{name: "kid too long", other: other.edit(object{"kid": strings.Repeat("k", 257)})},
		{name: "kid a number", other: other.edit(object{"kid": 7})},
		{name: "for encryption", other: other.edit(object{"use": "enc"})},
		{name: "use a number", other: other.edit(object{"use": 1})},
		{name: "key_ops encrypt", other: other.edit(object{"key_ops": []any{"encrypt", 1}})},
		{name: "key_ops empty", other: other.edit(object{"key_ops": []string{}})},
		{name: "key_ops a string", other: other.edit(object{"key_ops": "verify"})},
		{name: "for RS512", other: other.edit(object{"alg": "RS512"})},
		{name: "for PS256", other: other.edit(object{"alg": "PS256"})},
		{name: "modulus missing", other: other.edit(object{"n": nil})},
		{name: "modulus zero", other: other.edit(object{"n": "AA"})},
		{name: "modulus tiny", other: other.edit(object{"n": odd(512)})},
		{name: "modulus a bit too small", other: other.edit(object{"n": odd(2047)})},
		{name: "modulus a bit too large", other: other.edit(object{"n": odd(8193)})},
		{name: "modulus huge", other: other.edit(object{"n": odd(100_000)})},
		{name: "modulus even", other: other.edit(object{"n": number(even)})},
		{name: "modulus padded", other: other.edit(object{"n": pad(number(foreignKey().N))})},
		{name: "modulus with a line break", other: other.edit(object{"n": "\n" + number(foreignKey().N)})},
		{name: "exponent missing", other: other.edit(object{"e": nil})},
		{name: "exponent 0", other: other.edit(object{"e": "AA"})},
		{name: "exponent 1", other: other.edit(object{"e": "AQ"})},
		{name: "exponent 2", other: other.edit(object{"e": "Ag"})},
		{name: "exponent 3", other: other.edit(object{"e": "Aw"})},
		{name: "exponent even", other: other.edit(object{"e": number(big.NewInt(1 << 16))})},
		{name: "exponent large", other: other.edit(object{"e": number(big.NewInt(1<<32 + 1))})},
		{name: "exponent huge", other: other.edit(object{"e": strings.Repeat("_", 1000)})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, err := tokens.ParseKeySet([]byte(jwks(tt.other, good)))
			if err != nil {
				t.Fatal(err)
			}
			key, err := set.Key(t.Context(), "good")
			if err != nil || !key.Equal(&signingKey().PublicKey) {
				t.Errorf("the good key is gone: %v", err)
			}
			key, err = set.Key(t.Context(), "bad")
			if tt.taken != (key != nil) || tt.taken != (err == nil) {
				t.Errorf("got key %v, error %v; want it taken: %t", key != nil, err, tt.taken)
			}
			if !tt.taken && !isCode(err, tokens.ErrUnknownKey) {
				t.Errorf("got error %v, want ErrUnknownKey", err)
			}
			if want := map[bool]int{true: 2, false: 1}[tt.taken]; set.Len() != want {
				t.Errorf("got %d keys, want %d", set.Len(), want)
			}
		})
	}
}

func TestJWKSDuplicateKeyID(t *testing.T) {
	t.Parallel()
	one, two := publicJWK("k", &signingKey().PublicKey), publicJWK("k", &foreignKey().PublicKey)
	last := publicJWK("last", &signingKey().PublicKey)
	for name, text := range map[string]string{
		"two":                 jwks(one, two, last),
		"three, two the same": jwks(one, two, one, last),
	} {
		set, err := tokens.ParseKeySet([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := set.Key(t.Context(), "k"); !isCode(err, tokens.ErrUnknownKey) {
			t.Errorf("%s: got %v for an ambiguous key id, want ErrUnknownKey", name, err)
		}
		if set.Len() != 1 {
			t.Errorf("%s: got %d keys, want the one that is not ambiguous", name, set.Len())
		}
	}
	set, err := tokens.ParseKeySet([]byte(jwks(one, one)))
	if err != nil || set.Len() != 1 {
		t.Errorf("the same key twice: got %v, want one key", err)
	}
}

func TestParseKeySetErrors(t *testing.T) {
	t.Parallel()
	good := publicJWK("k", &signingKey().PublicKey)
	many := func(n int) string {
		var keys []object
		for i := range n {
			keys = append(keys, object{"kty": "EC", "kid": strconv.Itoa(i)})
		}
		return jwks(keys...)
	}
	tests := []struct {
		name, text string
		want       tokens.ErrorCode // "" for no error
	}{
		{"empty set", jwks(), ""},
		{"members beside", `{"x":{"y":[1,2.5e3,null,true]},"keys":[]}`, ""},
		{"keys that are none", `{"keys":[null,1,"x",[],{}]}`, ""},
		{"as many keys as may be", many(64), ""},
		{"too many keys", many(65), tokens.ErrMalformed},
		{"nothing", "", tokens.ErrMalformed},
		{"no object", `[]`, tokens.ErrMalformed},
		{"no keys", `{}`, tokens.ErrMalformed},
		{"keys no list", `{"keys":{}}`, tokens.ErrMalformed},
		{"keys twice", `{"keys":[],"keys":[]}`, tokens.ErrMalformed},
		{"member of a key twice", `{"keys":[{"kid":"a","kid":"b"}]}`, tokens.ErrMalformed},
		{"cut short", jwks(good)[:300], tokens.ErrMalformed},
		{"more after it", jwks(good) + "x", tokens.ErrMalformed},
		{"a page", "<html></html>", tokens.ErrMalformed},
		{"too large", `{"keys":[],"x":"` + strings.Repeat("x", 64<<10) + `"}`, tokens.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, err := tokens.ParseKeySet([]byte(tt.text))
			if tt.want == "" {
				if err != nil || set.Len() != 0 {
					t.Errorf("got %v, want an empty set", err)
				}
				return
			}
			wantCode(t, err, tt.want)
			if set != nil {
				t.Error("a set came with the error")
			}
		})
	}
}

// TestUnusableKeyFromSource has a key source of the program's own hand out
// keys that must not be used.
func TestUnusableKeyFromSource(t *testing.T) {
	t.Parallel()
	token := mint(goodAccess(time.Now()))
	public := signingKey().PublicKey
	for name, key := range map[string]*rsa.PublicKey{
		"nil":           nil,
		"no modulus":    {E: 65537},
		"tiny modulus":  {N: big.NewInt(3233), E: 65537},
		"exponent 1":    {N: public.N, E: 1},
		"even exponent": {N: public.N, E: 65538},
		"negative":      {N: new(big.Int).Neg(public.N), E: 65537},
	} {
		v := newVerifier(t, func(c *tokens.Config) { c.Keys = fixedKey(key) })
		_, err := v.VerifyAccess(t.Context(), token)
		t.Log(name)
		wantCode(t, err, tokens.ErrUnknownKey, secretsOf(token)...)
	}
}
