package srp

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/cognitokit/auth/srp/internal/modp"
)

const (
	// maxSalt is the number of bytes accepted in a salt; Cognito's have 16.
	maxSalt = 64
	// maxBase64 is the number of characters accepted in a base64 value. Secret
	// blocks of about 1700 have been seen.
	maxBase64 = 1 << 16
)

// signPad returns the number whose big-endian form is b in two's complement,
// as short as possible: without leading zero bytes, but with one if the top bit
// would be set otherwise. Zero is a single byte.
//
// The result's length shows how many leading zeros b has. Nothing else does: no
// branch depends on b.
func signPad(b []byte) []byte {
	padded := make([]byte, 1+len(b))
	copy(padded[1:], b)
	skip, leading := 0, 1
	for i, next := range padded[1:] {
		// A leading zero may go unless the byte after it has its top bit set.
		leading &= subtle.ConstantTimeByteEq(padded[i], 0) & int(^next>>7)
		skip += leading
	}
	return padded[skip:]
}

// formatHex returns the number whose big-endian form is b as it goes over the
// wire: lower-case hexadecimal without leading zeros, so possibly of odd length.
func formatHex(b []byte) string {
	digits := strings.TrimLeft(hex.EncodeToString(b), "0")
	if digits == "" {
		return "0"
	}
	return digits
}

// parseHex reads a number in hexadecimal of either case, of odd or even length,
// into big-endian bytes. name is for the error.
func parseHex(name, s string) ([]byte, error) {
	if s == "" {
		return nil, fmt.Errorf("%w: %s is empty", ErrMalformed, name)
	}
	if len(s)%2 != 0 {
		s = "0" + s
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not hexadecimal", ErrMalformed, name)
	}
	return b, nil
}

// parseSalt reads a salt from hexadecimal.
func parseSalt(s string) ([]byte, error) {
	if len(s) > 2*maxSalt {
		return nil, fmt.Errorf("%w: the salt is too long", ErrMalformed)
	}
	return parseHex("the salt", s)
}

// parsePublic reads A or B from hexadecimal and refuses what is not between 1
// and N−1.
func parsePublic(name, s string) (*modp.Element, error) {
	digits := strings.TrimLeft(s, "0")
	if len(digits) > 2*modp.Size {
		return nil, fmt.Errorf("%w: %s is longer than the modulus", ErrPublicValue, name)
	}
	if digits == "" && s != "" {
		return nil, fmt.Errorf("%w: %s is zero", ErrPublicValue, name)
	}
	b, err := parseHex(name, digits)
	if err != nil {
		return nil, err
	}
	var z modp.Element
	if !z.SetBytes(b) {
		return nil, fmt.Errorf("%w: %s is not below the modulus", ErrPublicValue, name)
	}
	return &z, nil
}

// parseBase64 decodes the standard or the URL-safe alphabet, with or without
// padding, and nothing that is not exactly one of these. name is for the error.
func parseBase64(name, s string) ([]byte, error) {
	if s == "" {
		return nil, fmt.Errorf("%w: %s is empty", ErrMalformed, name)
	}
	if len(s) > maxBase64 {
		return nil, fmt.Errorf("%w: %s is too long", ErrMalformed, name)
	}
	raw := s
	if len(s)%4 == 0 {
		raw = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	}
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(raw, "-_") {
		encoding = base64.RawURLEncoding
	}
	b, err := encoding.Strict().DecodeString(raw)
	// The decoder skips line breaks.
	if err != nil || strings.ContainsAny(raw, "\r\n") {
		return nil, fmt.Errorf("%w: %s is not base64", ErrMalformed, name)
	}
	return b, nil
}
