package srp

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// PoolName returns what a user pool is called in the exchange: the part of its
// identifier after the region, "AbC123def" for "eu-west-1_AbC123def". Anything
// that is not a region, one underscore, and letters and digits is
// [ErrMalformed].
func PoolName(userPoolID string) (string, error) {
	region, name, ok := strings.Cut(userPoolID, "_")
	if !ok || region == "" || name == "" || strings.ContainsFunc(region, notInRegion) || strings.ContainsFunc(name, notAlphanumeric) {
		return "", fmt.Errorf("%w: user pool %q", ErrMalformed, userPoolID)
	}
	return name, nil
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

func notInRegion(r rune) bool { return r != '-' && notAlphanumeric(r) }

// Client is the client's half of one exchange. It holds the ephemeral secret,
// so it is for one attempt and for one goroutine, and it is made by
// [NewClient]. It prints as its name alone.
type Client struct {
	ephemeral func() *ephemeral // made by hide
}

// ephemeral is a secret exponent and its public value. A client's secret is nil
// once it has been used.
type ephemeral struct {
	secret []byte
	public modp.Element
}

// NewClient starts an exchange. It draws a secret of 256 bits and computes A,
// so it may well be called while the person is still typing.
func NewClient() *Client {
	a := make([]byte, ephemeralSize)
	rand.Read(a)
	return newClient(a)
}

// newClient starts an exchange with the secret a, which it keeps.
func newClient(a []byte) *Client {
	e := &ephemeral{secret: a}
	e.public.ExpBase2(a)
	return &Client{hide(e)}
}

// A returns the client's public value as SRP_A carries it: lower-case
// hexadecimal without padding.
func (c *Client) A() string {
	b := c.ephemeral().public.Bytes()
	return formatHex(b[:])
}

// Challenge is what the service asks with PASSWORD_VERIFIER or
// DEVICE_PASSWORD_VERIFIER. It prints as its name alone.
type Challenge struct {
	// Group is the name of the user pool (see [PoolName]), for a device its
	// DeviceGroupKey.
	Group string
	// ID is USER_ID_FOR_SRP, which is not always the name that was typed; for a
	// device its DeviceKey.
	ID string
	// Salt is SALT, in hexadecimal.
	Salt string
	// B is SRP_B, in hexadecimal.
	B string
	// SecretBlock is SECRET_BLOCK, in base64 of either alphabet.
	SecretBlock string
}

// Proof is the answer to a [Challenge]. It prints as its name alone.
type Proof struct {
	// SecretBlock goes into PASSWORD_CLAIM_SECRET_BLOCK. It is that of the
	// challenge, byte for byte.
	SecretBlock string
	// Timestamp goes into TIMESTAMP.
	Timestamp string
	// Signature goes into PASSWORD_CLAIM_SIGNATURE, in base64.
	Signature string
}

// Prove answers a challenge. now goes into the proof; the service compares it
// with its own clock, so a caller who knows that theirs is off corrects it
// beforehand.
//
// A challenge that no honest service would send is refused before anything is
// computed from the password, with [ErrIdentity], [ErrMalformed],
// [ErrPublicValue] or [ErrScrambler]; the client may then answer another one.
// Once a proof has been made the secret is gone, and the client returns
// [ErrUsed]: one secret must not answer two challenges. Whether the password is
// right only the service can tell.
func (c *Client) Prove(ch Challenge, password string, now time.Time) (Proof, error) {
	e := c.ephemeral()
	if e.secret == nil {
		return Proof{}, ErrUsed
	}
	if ch.Group == "" || ch.ID == "" {
		return Proof{}, ErrIdentity
	}
	salt, err := parseSalt(ch.Salt)
	if err != nil {
		return Proof{}, err
	}
	b, err := parsePublic("B", ch.B)
	if err != nil {
		return Proof{}, err
	}
	block, err := parseBase64("the secret block", ch.SecretBlock)
	if err != nil {
		return Proof{}, err
	}
	u := scrambler(&e.public, b)
	if err := checkScrambler(u); err != nil {
		return Proof{}, err
	}

	x := privateKey(ch.Group, ch.ID, password, salt)
	s := clientSecret(e.secret, b, u, x)
	clear(e.secret)
	e.secret = nil
	timestamp := FormatTimestamp(now)
	signature := sign(sessionKey(u, s), ch.Group, ch.ID, block, timestamp)
	return Proof{
		SecretBlock: ch.SecretBlock,
		Timestamp:   timestamp,
		Signature:   base64.StdEncoding.EncodeToString(signature),
	}, nil
}
