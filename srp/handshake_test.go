package srp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"math/big"
	"math/bits"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp/internal/modp"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func randomInt(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}

// handshake is one exchange with everything that goes into it.
type handshake struct {
	group, id, password string
	salt, a, b, block   []byte
	at                  time.Time
}

func randomHandshake() handshake {
	passwords := []string{"Pa55w0rd!", "", "pässwörd ✓", "e\u0301", "\u00e9", "\xff\xfe not UTF-8", base64.StdEncoding.EncodeToString(randomBytes(40))}
	h := handshake{
		group:    []string{"AbC123def", "-GrOuPkEy"}[randomInt(2)],
		id:       fmt.Sprintf("user-%d", randomInt(1<<20)),
		password: passwords[randomInt(len(passwords))],
		salt:     randomBytes([]int{1, 15, 16, 16, 16, 33}[randomInt(6)]),
		a:        randomBytes(ephemeralSize),
		b:        randomBytes(ephemeralSize),
		block:    randomBytes(1 + randomInt(1200)),
		at:       time.Unix(int64(randomInt(1<<31-1)), 0),
	}
	if randomInt(4) == 0 {
		clear(h.salt[:randomInt(len(h.salt))])
	}
	return h
}

// compare goes through the exchange three times, as client, as server and by
// the textbook, and says where they differ.
func (h handshake) compare(tb testing.TB) error {
	tb.Helper()
	number := func(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
	want := newTextbook(h.group, h.id, h.password, number(h.salt), number(h.a), number(h.b), nil, nil)

	verifier := newVerifier(h.group, h.id, h.password, h.salt)
	if !bytes.Equal(verifier.Salt, twosComplement(want.salt)) || !bytes.Equal(verifier.Value, twosComplement(want.v)) {
		return fmt.Errorf("verifier is %x, %x, want %x, %x", verifier.Salt, verifier.Value, twosComplement(want.salt), twosComplement(want.v))
	}
	server, err := newServer(verifier, h.b)
	if err != nil {
		return err
	}
	if got, want := server.B(), want.publicB.Text(16); got != want {
		return fmt.Errorf("B is %s, want %s", got, want)
	}
	if got, want := server.Salt(), want.salt.Text(16); got != want {
		return fmt.Errorf("the salt is %s, want %s", got, want)
	}
	client := newClient(bytes.Clone(h.a))
	clientA := client.A()
	if want := want.publicA.Text(16); clientA != want {
		return fmt.Errorf("A is %s, want %s", clientA, want)
	}
	proof, err := client.Prove(Challenge{
		Group: h.group, ID: h.id, Salt: server.Salt(), B: server.B(), SecretBlock: base64.StdEncoding.EncodeToString(h.block),
	}, h.password, h.at)
	if err != nil {
		return err
	}
	if got, want := proof.Signature, want.signature(tb, want.clientS(), h.block, proof.Timestamp); got != want {
		return fmt.Errorf("signature is %s, want %s", got, want)
	}
	if err := server.Check(h.group, h.id, clientA, h.block, proof.Timestamp, proof.Signature); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

func TestRandomHandshakes(t *testing.T) {
	t.Parallel()
	n := handshakes
	if testing.Short() || bits.UintSize == 32 {
		n = min(n, 50) // the arithmetic has 64-bit words, which others take long over
	}
	work := make(chan handshake)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for h := range work {
				if err := h.compare(t); err != nil {
					t.Errorf("%v\n%#v", err, h)
				}
			}
		})
	}
	for range n {
		work <- randomHandshake()
	}
	close(work)
	wg.Wait()
}

// Salts that have leading zeros, sign bits or nothing but zeros.
func TestHandshakesWithEdgeSalts(t *testing.T) {
	t.Parallel()
	for _, salt := range [][]byte{
		{0}, {0, 0, 0}, {1}, {0x7f}, {0x80}, {0, 0x80}, {0, 0, 0x80, 0}, {0x0f, 0xff}, {0xff, 0xff},
		make([]byte, maxSalt), bytes.Repeat([]byte{0xff}, maxSalt),
	} {
		t.Run(fmt.Sprintf("%x", salt), func(t *testing.T) {
			t.Parallel()
			h := randomHandshake()
			h.salt = salt
			if err := h.compare(t); err != nil {
				t.Errorf("%v\n%#v", err, h)
			}
		})
	}
}

// Public values at the edges of the range are used as they are, on either side.
func TestEdgePublicValues(t *testing.T) {
	t.Parallel()
	minus := func(d int64) *big.Int { return new(big.Int).Sub(textbookN, big.NewInt(d)) }
	power := func(k uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), k) }
	for name, value := range map[string]*big.Int{
		"1": big.NewInt(1), "2": big.NewInt(2), "255": big.NewInt(255), "2^64-1": new(big.Int).Sub(power(64), big.NewInt(1)),
		"2^3071-1": new(big.Int).Sub(power(3071), big.NewInt(1)), "2^3071": power(3071), "N-2": minus(2), "N-1": minus(1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := randomHandshake()
			a, b, salt := new(big.Int).SetBytes(h.a), new(big.Int).SetBytes(h.b), new(big.Int).SetBytes(h.salt)

			want := newTextbook(h.group, h.id, h.password, salt, a, b, nil, value)
			proof, err := newClient(h.a).Prove(Challenge{
				Group: h.group, ID: h.id, Salt: want.salt.Text(16), B: value.Text(16), SecretBlock: base64.StdEncoding.EncodeToString(h.block),
			}, h.password, h.at)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := proof.Signature, want.signature(t, want.clientS(), h.block, proof.Timestamp); got != want {
				t.Errorf("signature for B is %s, want %s", got, want)
			}

			want = newTextbook(h.group, h.id, h.password, salt, a, b, value, nil)
			server, err := newServer(newVerifier(h.group, h.id, h.password, h.salt), h.b)
			if err != nil {
				t.Fatal(err)
			}
			signature := want.signature(t, want.serverS(), h.block, proof.Timestamp)
			if err := server.Check(h.group, h.id, value.Text(16), h.block, proof.Timestamp, signature); err != nil {
				t.Errorf("check with A: %v", err)
			}
		})
	}
}

// A shared secret may begin with zero bytes and with a set bit.
func TestSharedSecretWithLeadingZeros(t *testing.T) {
	t.Parallel()
	u := [32]byte(randomBytes(32))
	for zeros := range 4 {
		for _, first := range []byte{0x01, 0x7f, 0x80, 0xff} {
			var s [modp.Size]byte
			copy(s[zeros:], randomBytes(modp.Size))
			s[zeros] = first
			book := &textbook{u: new(big.Int).SetBytes(u[:])}
			want := book.key(t, new(big.Int).SetBytes(s[:]))
			if got := sessionKey(u, s); !bytes.Equal(got[:], want) {
				t.Errorf("key of %x… is %x, want %x", s[:8], got, want)
			}
		}
	}
}
