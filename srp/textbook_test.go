package srp

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// textbook is the exchange written down with math/big and the HKDF of the
// standard library, sharing nothing with the package but the modulus.
type textbook struct {
	group, id, password string
	salt                *big.Int
	a, b                *big.Int
	x, v, kv            *big.Int
	publicA, publicB, u *big.Int
}

var (
	textbookN = func() *big.Int {
		n := modp.Modulus()
		return new(big.Int).SetBytes(n[:])
	}()
	textbookG = big.NewInt(2)
)

// twosComplement is the shortest form of a non-negative number that has room
// for a sign bit.
func twosComplement(x *big.Int) []byte {
	return x.FillBytes(make([]byte, x.BitLen()/8+1))
}

func textbookHash(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

func textbookK() *big.Int {
	return textbookHash(twosComplement(textbookN), twosComplement(textbookG))
}

func textbookExp(base, e *big.Int) *big.Int { return new(big.Int).Exp(base, e, textbookN) }

// newTextbook goes through the exchange up to u. The public values may be
// given; they are computed where they are nil.
func newTextbook(group, id, password string, salt, a, b, publicA, publicB *big.Int) *textbook {
	t := &textbook{group: group, id: id, password: password, salt: salt, a: a, b: b, publicA: publicA, publicB: publicB}
	inner := sha256.Sum256([]byte(group + id + ":" + password))
	t.x = textbookHash(twosComplement(salt), inner[:])
	t.v = textbookExp(textbookG, t.x)
	t.kv = new(big.Int).Mul(textbookK(), t.v)
	if t.publicA == nil {
		t.publicA = textbookExp(textbookG, a)
	}
	if t.publicB == nil {
		t.publicB = new(big.Int).Add(t.kv, textbookExp(textbookG, b))
		t.publicB.Mod(t.publicB, textbookN)
	}
	t.u = textbookHash(twosComplement(t.publicA), twosComplement(t.publicB))
	return t
}

func (t *textbook) clientS() *big.Int {
	base := new(big.Int).Sub(t.publicB, t.kv)
	base.Mod(base, textbookN)
	return textbookExp(base, new(big.Int).Add(t.a, new(big.Int).Mul(t.u, t.x)))
}

func (t *textbook) serverS() *big.Int {
	return textbookExp(new(big.Int).Mul(t.publicA, textbookExp(t.v, t.u)), t.b)
}

func (t *textbook) key(tb testing.TB, s *big.Int) []byte {
	tb.Helper()
	key, err := hkdf.Key(sha256.New, twosComplement(s), twosComplement(t.u), "Caldera Derived Key", 16)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// signature is the proof of whoever has computed s.
func (t *textbook) signature(tb testing.TB, s *big.Int, secretBlock []byte, timestamp string) string {
	tb.Helper()
	mac := hmac.New(sha256.New, t.key(tb, s))
	mac.Write([]byte(t.group + t.id + string(secretBlock) + timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
