package srp

import (
	"crypto/hmac"
	"crypto/rand"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// Server is the server's half of one exchange: one challenge to one user or
// device. It is made by [NewServer], does not change, and may be used from
// several goroutines. It prints as its name alone.
type Server struct {
	challenge func() *serverChallenge // made by hide
}

type serverChallenge struct {
	ephemeral ephemeral
	verifier  modp.Element
	salt      []byte
}

// NewServer makes a challenge for whoever v belongs to. Errors are
// [ErrMalformed] for a salt that is empty or too long and [ErrPublicValue] for
// a value that is out of range.
func NewServer(v Verifier) (*Server, error) {
	b := make([]byte, ephemeralSize)
	rand.Read(b)
	return newServer(v, b)
}

// newServer makes a challenge with the secret b, which it keeps.
func newServer(v Verifier, b []byte) (*Server, error) {
	value, err := v.element()
	if err != nil {
		return nil, err
	}
	c := &serverChallenge{verifier: *value, salt: signPad(v.Salt)}
	c.ephemeral.secret = b
	public := &c.ephemeral.public
	public.Add(timesK(value), public.ExpBase2(b))
	return &Server{hide(c)}, nil
}

// B returns the server's public value as SRP_B carries it: lower-case
// hexadecimal without padding.
func (s *Server) B() string {
	b := s.challenge().ephemeral.public.Bytes()
	return formatHex(b[:])
}

// Salt returns the salt as SALT carries it: lower-case hexadecimal without
// padding.
func (s *Server) Salt() string { return formatHex(s.challenge().salt) }

// Check reports whether a client that sent SRP_A = clientA knows the password:
// nil if it does, [ErrProof] if it does not. group and id are those the
// verifier was made for; secretBlock is what was sent as SECRET_BLOCK, decoded;
// timestamp and signature are TIMESTAMP and PASSWORD_CLAIM_SIGNATURE of the
// answer. Values that no honest client sends are [ErrMalformed],
// [ErrPublicValue] or [ErrScrambler].
//
// Check does not know what time it is, nor how often it has been asked: the
// caller compares the timestamp with the clock ([ParseTimestamp]), compares the
// secret block with the one it sent, and limits attempts. The service itself
// tells a client about none of these differences.
func (s *Server) Check(group, id, clientA string, secretBlock []byte, timestamp, signature string) error {
	a, err := parsePublic("A", clientA)
	if err != nil {
		return err
	}
	if _, err := ParseTimestamp(timestamp); err != nil {
		return err
	}
	got, err := parseBase64("the signature", signature)
	if err != nil {
		return err
	}
	c := s.challenge()
	u := scrambler(a, &c.ephemeral.public)
	if err := checkScrambler(u); err != nil {
		return err
	}
	key := sessionKey(u, serverSecret(c.ephemeral.secret, a, &c.verifier, u))
	if want := sign(key, group, id, secretBlock, timestamp); !hmac.Equal(got, want) {
		return ErrProof
	}
	return nil
}
