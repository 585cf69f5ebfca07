package authtest

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/big"
	"sync"

	"github.com/cognitokit/auth/srp"
)

// An srpServer is the pool's half of one exchange, computed as RFC 5054
// section 2.6 and the service's ways to hash have it. It is not [srp.Server]
// for two reasons. What checks the proofs of package srp shares no arithmetic
// with it. And a pool of made-up people has nothing to hide from whoever
// measures its time, so it can do with the variable time of math/big and a
// short secret, which saves it a quarter of the work.
type srpServer struct {
	salt             []byte // sign-padded, as verifiers have it
	verifier, secret *big.Int
	public           *big.Int // B
}

// srpSecretBits is the length of the secret b. RFC 5054 section 2.5.4 wants 256
// bits of a server that has secrets.
const srpSecretBits = 128

// srpPrime is N, the prime of RFC 3526 section 4.
const srpPrime = "" +
	"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
	"ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
	"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f" +
	"83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
	"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510" +
	"15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
	"abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c" +
	"bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff"

// srpTeeth is how many bits of b are looked at together when g is raised to b.
const srpTeeth = 4

// An srpGroup is what every exchange begins with: N, k, and powers of g.
type srpGroup struct {
	n, k *big.Int

	// powers has, at i, g to the sum of the 2^(t·srpSecretBits/srpTeeth) over
	// the bits t that are set in i: the comb of Lim and Lee (Crypto '94).
	powers [1 << srpTeeth]*big.Int
}

var theGroup = sync.OnceValue(func() *srpGroup {
	n, ok := new(big.Int).SetString(srpPrime, 16)
	if !ok {
		panic("authtest: srpPrime is not a number")
	}
	g := big.NewInt(2)
	group := &srpGroup{n: n, k: hashedNumber(signPadded(n), signPadded(g))}
	group.powers[0] = big.NewInt(1)
	for t := range srpTeeth {
		tooth := new(big.Int).Lsh(big.NewInt(1), uint(t*srpSecretBits/srpTeeth))
		tooth.Exp(g, tooth, n)
		for i := range 1 << t {
			product := new(big.Int).Mul(group.powers[i], tooth)
			group.powers[1<<t+i] = product.Mod(product, n)
		}
	}
	return group
})

// power returns g to the b, which has srpSecretBits.
func (group *srpGroup) power(b *big.Int) *big.Int {
	const columns = srpSecretBits / srpTeeth
	var product, quotient big.Int
	z := big.NewInt(1)
	for column := columns - 1; column >= 0; column-- {
		i := uint(0)
		for t := range srpTeeth {
			i |= b.Bit(t*columns+column) << t
		}
		quotient.QuoRem(product.Mul(z, z), group.n, z)
		quotient.QuoRem(product.Mul(z, group.powers[i]), group.n, z)
	}
	return z
}

// newSRPServer makes a challenge for whoever v belongs to.
func newSRPServer(v srp.Verifier) *srpServer {
	group := theGroup()
	secret := make([]byte, srpSecretBits/8)
	rand.Read(secret)
	s := &srpServer{salt: v.Salt, verifier: new(big.Int).SetBytes(v.Value), secret: new(big.Int).SetBytes(secret)}
	s.public = group.power(s.secret)
	s.public.Add(s.public, new(big.Int).Mul(group.k, s.verifier))
	s.public.Mod(s.public, group.n)
	return s
}

// challengeB is SRP_B.
func (s *srpServer) challengeB() string { return s.public.Text(16) }

// challengeSalt is SALT.
func (s *srpServer) challengeSalt() string { return new(big.Int).SetBytes(s.salt).Text(16) }

// checks reports whether a proof shows the password behind the verifier. group
// and id are those that the verifier was made for, clientA is well formed.
func (s *srpServer) checks(group, id, clientA string, block []byte, timestamp, signature string) bool {
	shared := theGroup()
	a, ok := new(big.Int).SetString(clientA, 16)
	got, err := base64.StdEncoding.Strict().DecodeString(signature)
	if !ok || err != nil || a.Sign() <= 0 || a.Cmp(shared.n) >= 0 {
		return false
	}
	u := hashedNumber(signPadded(a), signPadded(s.public))
	if u.Sign() == 0 {
		return false
	}
	secret := new(big.Int).Exp(s.verifier, u, shared.n)
	secret.Mul(secret, a)
	secret.Exp(secret, s.secret, shared.n)
	return hmac.Equal(got, srpProof(group, id, block, timestamp, u, secret))
}

// srpProof is the signature of whoever knows the shared secret.
func srpProof(group, id string, block []byte, timestamp string, u, secret *big.Int) []byte {
	key, err := hkdf.Key(sha256.New, signPadded(secret), signPadded(u), "Caldera Derived Key", 16)
	if err != nil {
		panic("authtest: deriving a key: " + err.Error())
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, group+id)
	mac.Write(block)
	io.WriteString(mac, timestamp)
	return mac.Sum(nil)
}

// signPadded is a number as the exchange hashes it: in two's complement, as
// short as possible.
func signPadded(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

func hashedNumber(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}
