package srp

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// saltSize is the length in bytes of the salts that this package draws.
const saltSize = 16

// deviceSecretSize is the number of random bytes in a device's secret.
const deviceSecretSize = 40

// NewDeviceSecret returns a fresh secret for a device to be confirmed: 40
// random bytes in base64. It takes the place of the password in the device's
// [Verifier] and in its proofs, and never leaves the client.
func NewDeviceSecret() string {
	b := make([]byte, deviceSecretSize)
	rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// Verifier is what a server keeps instead of a password. ConfirmDevice takes
// one for a device. Whoever has it can search for the password offline, so it
// prints as its name alone.
type Verifier struct {
	// Salt and Value (v, or gˣ) are numbers in big-endian two's complement, as
	// short as possible: the form that DeviceSecretVerifierConfig has in base64.
	Salt, Value []byte
}

// NewVerifier makes a verifier with a fresh salt of 16 bytes. For a user, group
// is the name of the pool (see [PoolName]) and id the one that challenges will
// carry in USER_ID_FOR_SRP; for a device they are its DeviceGroupKey and
// DeviceKey, and password is its secret.
func NewVerifier(group, id, password string) Verifier {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return newVerifier(group, id, password, salt)
}

func newVerifier(group, id, password string, salt []byte) Verifier {
	x := privateKey(group, id, password, salt)
	v := new(modp.Element).ExpBase2(x[:]).Bytes()
	return Verifier{Salt: signPad(salt), Value: signPad(v[:])}
}

// ParseVerifier reads the members Salt and PasswordVerifier of
// DeviceSecretVerifierConfig. It takes the numbers with or without leading zero
// bytes and returns them in the form that Verifier describes. Errors are
// [ErrMalformed] and, for a value that would let anybody in, [ErrPublicValue].
func ParseVerifier(saltBase64, valueBase64 string) (Verifier, error) {
	salt, err := parseBase64("the salt", saltBase64)
	if err != nil {
		return Verifier{}, err
	}
	value, err := parseBase64("the verifier", valueBase64)
	if err != nil {
		return Verifier{}, err
	}
	v := Verifier{Salt: signPad(salt), Value: signPad(value)}
	if _, err := v.element(); err != nil {
		return Verifier{}, err
	}
	return v, nil
}

// SaltBase64 returns the salt in base64.
func (v Verifier) SaltBase64() string { return base64.StdEncoding.EncodeToString(v.Salt) }

// ValueBase64 returns the value in base64.
func (v Verifier) ValueBase64() string { return base64.StdEncoding.EncodeToString(v.Value) }

// element returns the value as a number, if the verifier is fit for use.
func (v Verifier) element() (*modp.Element, error) {
	if len(v.Salt) == 0 || len(v.Salt) > maxSalt+1 {
		return nil, fmt.Errorf("%w: length of the salt", ErrMalformed)
	}
	var z, one, minusOne modp.Element
	if !z.SetBytes(v.Value) {
		return nil, fmt.Errorf("%w: the verifier is not below the modulus", ErrPublicValue)
	}
	one.SetBytes([]byte{1})
	minusOne.Sub(&minusOne, &one)
	if z.IsZero() || z.Equal(&one) || z.Equal(&minusOne) {
		return nil, fmt.Errorf("%w: the verifier is trivial", ErrPublicValue)
	}
	return &z, nil
}
