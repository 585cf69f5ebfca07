package authtest

import (
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

// answeredSRP is an exchange up to the client's right answer.
type answeredSRP struct {
	server               *srpServer
	clientA              string
	block                []byte
	timestamp, signature string
}

func answerSRP(t *testing.T) answeredSRP {
	t.Helper()
	const password = "correct horse"
	client := srp.NewClient()
	server := newSRPServer(srp.NewVerifier("pool1", "ana", password))
	block := []byte("what the pool wants back")
	proof, err := client.Prove(srp.Challenge{
		Group: "pool1", ID: "ana", Salt: server.challengeSalt(), B: server.challengeB(),
		SecretBlock: base64.StdEncoding.EncodeToString(block),
	}, password, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return answeredSRP{server: server, clientA: client.A(), block: block, timestamp: proof.Timestamp, signature: proof.Signature}
}

func TestSRPServerChecks(t *testing.T) {
	t.Parallel()
	a := answerSRP(t)
	tests := []struct {
		name   string
		change func(a *answeredSRP, group, id *string)
		want   bool
	}{
		{"right", func(*answeredSRP, *string, *string) {}, true},
		{"A in upper case with a sign byte", func(a *answeredSRP, _, _ *string) { a.clientA = "00" + strings.ToUpper(a.clientA) }, true},
		{"other group", func(_ *answeredSRP, group, _ *string) { *group = "pool2" }, false},
		{"other id", func(_ *answeredSRP, _, id *string) { *id = "bob" }, false},
		{"other A", func(a *answeredSRP, _, _ *string) { a.clientA = "2" }, false},
		{"A of zero", func(a *answeredSRP, _, _ *string) { a.clientA = "0" }, false},
		{"A of N", func(a *answeredSRP, _, _ *string) { a.clientA = srpPrime }, false},
		{"A above N", func(a *answeredSRP, _, _ *string) { a.clientA = strings.Repeat("f", 768) }, false},
		{"A that is no number", func(a *answeredSRP, _, _ *string) { a.clientA = "x" }, false},
		{"other block", func(a *answeredSRP, _, _ *string) { a.block = nil }, false},
		{"other timestamp", func(a *answeredSRP, _, _ *string) { a.timestamp += " " }, false},
		{"no signature", func(a *answeredSRP, _, _ *string) { a.signature = "" }, false},
		{"short signature", func(a *answeredSRP, _, _ *string) { a.signature = a.signature[:40] }, false},
		{"signature that is not base64", func(a *answeredSRP, _, _ *string) { a.signature = "?" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed, group, id := a, "pool1", "ana"
			tt.change(&changed, &group, &id)
			got := changed.server.checks(group, id, changed.clientA, changed.block, changed.timestamp, changed.signature)
			if got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

// Whoever sends N or 0 as A wants the shared secret to be zero, which needs no
// password.
func TestSRPServerRefusesKnownSecrets(t *testing.T) {
	t.Parallel()
	s := newSRPServer(srp.NewVerifier("pool1", "ana", "correct horse"))
	for _, clientA := range []string{"0", srpPrime} {
		a, _ := new(big.Int).SetString(clientA, 16)
		u := hashedNumber(signPadded(a), signPadded(s.public))
		proof := srpProof("pool1", "ana", nil, "then", u, new(big.Int))
		if s.checks("pool1", "ana", clientA, nil, "then", base64.StdEncoding.EncodeToString(proof)) {
			t.Errorf("A of %.8s… lets anybody in", clientA)
		}
	}
}

func TestSRPGroupPower(t *testing.T) {
	t.Parallel()
	group := theGroup()
	greatest := new(big.Int).Lsh(big.NewInt(1), srpSecretBits)
	greatest.Sub(greatest, big.NewInt(1))
	for _, b := range []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(1 << 62), newSRPServer(srp.NewVerifier("p", "i", "w")).secret, greatest} {
		want := new(big.Int).Exp(big.NewInt(2), b, group.n)
		if diff := cmp.Diff(want.Text(16), group.power(b).Text(16)); diff != "" {
			t.Errorf("2 to the %v (-want +got):\n%s", b, diff)
		}
	}
}
