package main

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"sync"
	"time"

	"github.com/cognitokit/auth/srp"
)

// modulus3072 is the prime of RFC 3526 section 4, which RFC 5054 appendix A
// uses for SRP and Cognito with it.
const modulus3072 = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

// srpGroup is what both sides of the textbook exchange know beforehand: N, g
// and k = H(N | g).
type srpGroup struct{ n, g, k *big.Int }

var textbookGroup = sync.OnceValue(func() srpGroup {
	n, ok := new(big.Int).SetString(modulus3072, 16)
	if !ok {
		panic("modulus3072 is not a number")
	}
	g := big.NewInt(2)
	return srpGroup{n: n, g: g, k: hashToNumber(signed(n), signed(g))}
})

// signed is a number the way the exchange hashes it: in two's complement, as
// short as possible.
func signed(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

func hashToNumber(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

func randomNumber(bits int) *big.Int {
	b := make([]byte, bits/8)
	rand.Read(b)
	return new(big.Int).SetBytes(b)
}

// privateKey is x, which stands for the password.
func privateKey(pool, id, password string, salt *big.Int) *big.Int {
	inner := sha256.Sum256([]byte(pool + id + ":" + password))
	return hashToNumber(signed(salt), inner[:])
}

// textbookSignature is the proof of whoever knows the shared secret.
func textbookSignature(pool, id string, block []byte, timestamp string, u, secret *big.Int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, signed(secret), signed(u), "Caldera Derived Key", 16)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(pool + id))
	mac.Write(block)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil), nil
}

// textbookClient is the client's half as every published client computes it:
// three powers by a general algorithm (math/big), with a secret of 1024 bits.
type textbookClient struct{ secret, public *big.Int }

func newTextbookClient() *textbookClient {
	g := textbookGroup()
	a := randomNumber(1024)
	return &textbookClient{secret: a, public: new(big.Int).Exp(g.g, a, g.n)}
}

func (c *textbookClient) a() string { return c.public.Text(16) }

func (c *textbookClient) prove(ch srp.Challenge, password string, now time.Time) (srp.Proof, error) {
	g := textbookGroup()
	salt, ok := new(big.Int).SetString(ch.Salt, 16)
	b, ok2 := new(big.Int).SetString(ch.B, 16)
	if !ok || !ok2 {
		return srp.Proof{}, errors.New("textbook client: salt or B is not hexadecimal")
	}
	block, err := base64.StdEncoding.DecodeString(ch.SecretBlock)
	if err != nil {
		return srp.Proof{}, err
	}
	u := hashToNumber(signed(c.public), signed(b))
	x := privateKey(ch.Group, ch.ID, password, salt)
	base := new(big.Int).Exp(g.g, x, g.n)
	base.Mod(base.Sub(b, base.Mul(base, g.k)), g.n)
	exponent := new(big.Int).Mul(u, x)
	secret := new(big.Int).Exp(base, exponent.Add(exponent, c.secret), g.n)
	timestamp := now.UTC().Format("Mon Jan 2 15:04:05 UTC 2006")
	signature, err := textbookSignature(ch.Group, ch.ID, block, timestamp, u, secret)
	if err != nil {
		return srp.Proof{}, err
	}
	return srp.Proof{
		SecretBlock: ch.SecretBlock,
		Timestamp:   timestamp,
		Signature:   base64.StdEncoding.EncodeToString(signature),
	}, nil
}

// textbookUser is what the server keeps of a user.
type textbookUser struct {
	pool, id       string
	salt, verifier *big.Int
}

func newTextbookUser(pool, id, password string) textbookUser {
	g := textbookGroup()
	salt := randomNumber(128)
	return textbookUser{
		pool: pool, id: id, salt: salt,
		verifier: new(big.Int).Exp(g.g, privateKey(pool, id, password, salt), g.n),
	}
}

// textbookServer is the server's half, with math/big and a secret of 256 bits.
type textbookServer struct {
	user           textbookUser
	secret, public *big.Int
	block          []byte
}

func newTextbookServer(user textbookUser) *textbookServer {
	g := textbookGroup()
	s := &textbookServer{user: user, secret: randomNumber(256), block: make([]byte, secretBlockSize)}
	rand.Read(s.block)
	s.public = new(big.Int).Exp(g.g, s.secret, g.n)
	s.public.Add(s.public, new(big.Int).Mul(g.k, user.verifier))
	s.public.Mod(s.public, g.n)
	return s
}

func (s *textbookServer) challenge() srp.Challenge {
	return srp.Challenge{
		Group: s.user.pool, ID: s.user.id,
		Salt: s.user.salt.Text(16), B: s.public.Text(16),
		SecretBlock: base64.StdEncoding.EncodeToString(s.block),
	}
}

var errProof = errors.New("textbook server: the proof does not match")

func (s *textbookServer) check(clientA string, proof srp.Proof) error {
	g := textbookGroup()
	raw, err := hex.DecodeString(evenHex(clientA))
	if err != nil {
		return err
	}
	a := new(big.Int).SetBytes(raw)
	u := hashToNumber(signed(a), signed(s.public))
	secret := new(big.Int).Exp(s.user.verifier, u, g.n)
	secret.Exp(secret.Mul(secret, a), s.secret, g.n)
	want, err := textbookSignature(s.user.pool, s.user.id, s.block, proof.Timestamp, u, secret)
	if err != nil {
		return err
	}
	got, err := base64.StdEncoding.DecodeString(proof.Signature)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return errProof
	}
	return nil
}

func evenHex(s string) string {
	if len(s)%2 != 0 {
		return "0" + s
	}
	return s
}
