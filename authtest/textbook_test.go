package authtest

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/big"
	"testing"

	"github.com/cognitokit/auth/srp"
)

// This file is a client of its own, written from the protocol's description
// with math/big: the pool must not merely agree with package srp.

const primeHex = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
	"ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
	"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f" +
	"83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
	"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510" +
	"15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
	"abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c" +
	"bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff"

// textbook is a client that is given what it would otherwise choose.
type textbook struct {
	n, a, public *big.Int
}

func newTextbook(secret string) *textbook {
	n, _ := new(big.Int).SetString(primeHex, 16)
	a := new(big.Int).SetBytes([]byte(secret))
	return &textbook{n: n, a: a, public: new(big.Int).Exp(big.NewInt(2), a, n)}
}

// pad is the two's complement form of a positive number.
func pad(i *big.Int) []byte {
	b := i.Bytes()
	if len(b) > 0 && b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}

func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// respond answers a challenge with a timestamp as it is.
func (c *textbook) respond(t testing.TB, p *Pool, challenge answer, password, timestamp string) m {
	t.Helper()
	group, err := srp.PoolName(p.PoolID())
	if err != nil {
		t.Fatal(err)
	}
	id := challenge.str("ChallengeParameters", "USER_ID_FOR_SRP")
	number := func(name string) *big.Int {
		i, ok := new(big.Int).SetString(challenge.str("ChallengeParameters", name), 16)
		if !ok {
			t.Fatalf("%s is no number", name)
		}
		return i
	}
	g, b := big.NewInt(2), number("SRP_B")
	k := new(big.Int).SetBytes(hashOf(pad(c.n), pad(g)))
	u := new(big.Int).SetBytes(hashOf(pad(c.public), pad(b)))
	x := new(big.Int).SetBytes(hashOf(pad(number("SALT")), hashOf([]byte(group+id+":"+password))))

	base := new(big.Int).Sub(b, k.Mul(k, new(big.Int).Exp(g, x, c.n)))
	base.Mod(base, c.n)
	s := base.Exp(base, new(big.Int).Add(c.a, x.Mul(u, x)), c.n)
	key, err := hkdf.Key(sha256.New, pad(s), pad(u), "Caldera Derived Key", 16)
	if err != nil {
		t.Fatal(err)
	}
	text := challenge.str("ChallengeParameters", "SECRET_BLOCK")
	block, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, group+id)
	mac.Write(block)
	io.WriteString(mac, timestamp)
	return m{"ClientId": "client1", "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": m{
		"USERNAME": id, "PASSWORD_CLAIM_SECRET_BLOCK": text, "TIMESTAMP": timestamp,
		"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	}}
}
