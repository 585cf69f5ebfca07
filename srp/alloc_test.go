package srp

import (
	"encoding/base64"
	"testing"
	"time"
)

// signIn returns the client side of a sign-in, from nothing to the proof, with a
// secret block as long as real ones.
func signIn(tb testing.TB) func() {
	tb.Helper()
	const group, id, password = "AbC123def", "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f", "Pa55w0rd!"
	server, err := NewServer(NewVerifier(group, id, password))
	if err != nil {
		tb.Fatal(err)
	}
	ch := Challenge{
		Group: group, ID: id, Salt: server.Salt(), B: server.B(),
		SecretBlock: base64.StdEncoding.EncodeToString(randomBytes(1150)),
	}
	now := time.Now()
	return func() {
		client := NewClient()
		if client.A() == "" {
			tb.Fatal("no A")
		}
		if _, err := client.Prove(ch, password, now); err != nil {
			tb.Fatal(err)
		}
	}
}

func TestSignInAllocates(t *testing.T) {
	const limit = 60
	if got := testing.AllocsPerRun(5, signIn(t)); got > limit {
		t.Errorf("the client side of a sign-in allocates %v times, want at most %d", got, limit)
	} else {
		t.Logf("%v allocations", got)
	}
}
