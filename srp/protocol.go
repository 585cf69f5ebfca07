package srp

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// ephemeralSize is the length in bytes of the ephemeral secrets a and b, the
// least that RFC 5054 sections 2.5.3 and 2.5.4 recommend. In this group of about
// 128 bits of security more would not make them harder to find.
const ephemeralSize = 32

// keySize is the length in bytes of the key under which a proof is made.
const keySize = 16

// keyInfo is the info parameter of HKDF.
const keyInfo = "Caldera Derived Key"

// multiplier is k, SHA-256 of N and of the generator, both sign-padded.
var multiplier = [sha256.Size]byte{
	0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9,
	0xf5, 0xb3, 0xa6, 0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
}

// timesK returns k·x.
func timesK(x *modp.Element) *modp.Element {
	k := multiplier
	var z modp.Element
	z.SetBytes(k[:])
	return z.Mul(&z, x)
}

// scrambler returns u, the hash of A and B.
func scrambler(a, b *modp.Element) [sha256.Size]byte {
	wideA, wideB := a.Bytes(), b.Bytes()
	return sha256.Sum256(append(signPad(wideA[:]), signPad(wideB[:])...))
}

// checkScrambler refuses u = 0.
func checkScrambler(u [sha256.Size]byte) error {
	if u == [sha256.Size]byte{} {
		return ErrScrambler
	}
	return nil
}

// privateKey returns x, the hash of the salt and the password.
func privateKey(group, id, password string, salt []byte) [sha256.Size]byte {
	identity := make([]byte, 0, len(group)+len(id)+1+len(password))
	identity = append(append(append(identity, group...), id...), ':')
	identity = append(identity, password...)
	inner := sha256.Sum256(identity)
	clear(identity)
	return sha256.Sum256(append(signPad(salt), inner[:]...))
}

// clientSecret returns S as the client computes it: (B − k·gˣ) raised to
// a + u·x.
func clientSecret(a []byte, b *modp.Element, u, x [sha256.Size]byte) [modp.Size]byte {
	var base modp.Element
	base.Sub(b, timesK(base.ExpBase2(x[:])))
	e := modp.MulAdd(u[:], x[:], a)
	defer clear(e)
	return base.Exp(&base, e).Bytes()
}

// serverSecret returns S as the server computes it: (A·vᵘ) raised to b.
func serverSecret(b []byte, a, v *modp.Element, u [sha256.Size]byte) [modp.Size]byte {
	var s modp.Element
	s.Mul(a, s.Exp(v, u[:]))
	return s.Exp(&s, b).Bytes()
}

// sessionKey derives the key of the proof from u and S: HKDF (RFC 5869) with
// SHA-256 and one block of output.
func sessionKey(u [sha256.Size]byte, s [modp.Size]byte) [keySize]byte {
	extract := hmac.New(sha256.New, signPad(u[:]))
	extract.Write(signPad(s[:]))
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write([]byte(keyInfo + "\x01"))
	return [keySize]byte(expand.Sum(nil))
}

// sign returns the proof: an HMAC under key of what the challenge was about.
func sign(key [keySize]byte, group, id string, secretBlock []byte, timestamp string) []byte {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(group))
	mac.Write([]byte(id))
	mac.Write(secretBlock)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil)
}
