package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
)

// Major types of CBOR (RFC 8949, section 3.1).
const (
	cborNegative = 1
	cborBytes    = 2
	cborText     = 3
	cborMap      = 5
)

// cborHead begins a CBOR item: its major type and its value, length or number
// of members, which is less than 65,536.
func cborHead(b []byte, major byte, n int) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 256:
		return append(b, major|24, byte(n))
	default:
		return append(b, major|25, byte(n>>8), byte(n))
	}
}

// cborInt writes a number, which may be negative.
func cborInt(b []byte, n int) []byte {
	if n < 0 {
		return cborHead(b, cborNegative, -1-n)
	}
	return cborHead(b, 0, n)
}

func cborByteString(b, value []byte) []byte {
	return append(cborHead(b, cborBytes, len(value)), value...)
}

func cborTextString(b []byte, value string) []byte {
	return append(cborHead(b, cborText, len(value)), value...)
}

// COSE's names of the algorithms (RFC 9053, section 2.1; RFC 8812, section 2).
const (
	algES256 = -7
	algRS256 = -257
)

// newPasskeyKey makes a key for an algorithm, and writes its public half as
// COSE does (RFC 9053, section 7.1.1; RFC 8230, section 4).
func newPasskeyKey(alg int) (key crypto.Signer, cose []byte, err error) {
	if alg == algRS256 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, nil, err
		}
		cose := cborHead(nil, cborMap, 4)
		for _, member := range [][2]int{{1, 3}, {3, algRS256}} {
			cose = cborInt(cborInt(cose, member[0]), member[1])
		}
		cose = cborByteString(cborInt(cose, -1), key.N.Bytes())
		return key, cborByteString(cborInt(cose, -2), big.NewInt(int64(key.E)).Bytes()), nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	cose, err = coseP256(&private.PublicKey)
	return private, cose, err
}

func coseP256(public *ecdsa.PublicKey) ([]byte, error) {
	point, err := public.Bytes() // 0x04 ‖ x ‖ y
	if err != nil {
		return nil, err
	}
	cose := cborHead(nil, cborMap, 5)
	for _, member := range [][2]int{{1, 2}, {3, algES256}, {-1, 1}} {
		cose = cborInt(cborInt(cose, member[0]), member[1])
	}
	cose = cborByteString(cborInt(cose, -2), point[1:33])
	return cborByteString(cborInt(cose, -3), point[33:]), nil
}

// attestationObject wraps authenticator data without any attestation (WebAuthn
// Level 3, section 8.7).
func attestationObject(data []byte) []byte {
	b := cborHead(nil, cborMap, 3)
	b = cborTextString(cborTextString(b, "fmt"), "none")
	b = cborHead(cborTextString(b, "attStmt"), cborMap, 0)
	return cborByteString(cborTextString(b, "authData"), data)
}
