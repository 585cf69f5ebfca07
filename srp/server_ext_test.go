package srp_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp"
)

// answer is what a client sends back, in the order of Check's parameters.
type answer struct {
	group, id, srpA      string
	block                []byte
	timestamp, signature string
}

func (e exchange) answer(t *testing.T, password string) answer {
	t.Helper()
	client := srp.NewClient()
	proof, err := client.Prove(e.challenge(), password, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return answer{e.group, e.id, client.A(), e.block, proof.Timestamp, proof.Signature}
}

func (a answer) check(s *srp.Server) error {
	return s.Check(a.group, a.id, a.srpA, a.block, a.timestamp, a.signature)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	good := e.answer(t, e.password)
	flipped := []byte(good.signature)
	if flipped[0]++; flipped[0] > 'z' || flipped[0] == '[' || flipped[0] == ':' || flipped[0] == ',' {
		flipped[0] = 'A'
	}
	signature, err := base64.StdEncoding.DecodeString(good.signature)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		edit func(*answer)
		want error
	}{
		{"right", func(*answer) {}, nil},
		{"A in upper case and padded", func(a *answer) { a.srpA = "000" + strings.ToUpper(a.srpA) }, nil},
		{"wrong password", func(a *answer) { *a = e.answer(t, e.password+"!") }, srp.ErrProof},
		{"another group", func(a *answer) { a.group += "x" }, srp.ErrProof},
		{"behavior 11: the name that was typed for the ID", func(a *answer) { a.id = "user@example.com" }, srp.ErrProof},
		{"another secret block", func(a *answer) { a.block = []byte("the secret bloc") }, srp.ErrProof},
		{"no secret block", func(a *answer) { a.block = nil }, srp.ErrProof},
		{"another timestamp", func(a *answer) { a.timestamp = "Tue Apr 2 03:04:05 UTC 2024" }, srp.ErrProof},
		{"another A", func(a *answer) { a.srpA = srp.NewClient().A() }, srp.ErrProof},
		{"signature changed", func(a *answer) { a.signature = string(flipped) }, srp.ErrProof},
		{"signature cut off", func(a *answer) { a.signature = base64.StdEncoding.EncodeToString(signature[:31]) }, srp.ErrProof},
		{"signature longer", func(a *answer) { a.signature = base64.StdEncoding.EncodeToString(append(signature[:32:32], 0)) }, srp.ErrProof},
		{"signature of zeros", func(a *answer) { a.signature = base64.StdEncoding.EncodeToString(make([]byte, 32)) }, srp.ErrProof},
		{"no signature", func(a *answer) { a.signature = "" }, srp.ErrMalformed},
		{"signature not base64", func(a *answer) { a.signature = "!" + a.signature }, srp.ErrMalformed},
		{"behavior 15: day with a leading zero", func(a *answer) { a.timestamp = "Tue Apr 02 03:04:05 UTC 2024" }, srp.ErrMalformed},
		{"wrong weekday", func(a *answer) { a.timestamp = "Wed Apr 2 03:04:05 UTC 2024" }, srp.ErrMalformed},
		{"no timestamp", func(a *answer) { a.timestamp = "" }, srp.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := good
			tt.edit(&a)
			if err := a.check(e.server); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
		})
	}
	for _, tt := range publicValues {
		t.Run("A is "+tt.name, func(t *testing.T) {
			t.Parallel()
			a := good
			a.srpA = tt.value
			if err := a.check(e.server); !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
		})
	}
}

// A proof is for one challenge: another one to the same user refuses it.
func TestProofIsForOneChallenge(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	verifier := srp.NewVerifier(e.group, e.id, e.password)
	var servers [2]*srp.Server
	for i := range servers {
		var err error
		if servers[i], err = srp.NewServer(verifier); err != nil {
			t.Fatal(err)
		}
	}
	if servers[0].B() == servers[1].B() || servers[0].Salt() != servers[1].Salt() {
		t.Fatal("two challenges should differ in B alone")
	}
	e.server = servers[0]
	a := e.answer(t, e.password)
	if err := a.check(servers[0]); err != nil {
		t.Error(err)
	}
	if err := a.check(servers[1]); !errors.Is(err, srp.ErrProof) {
		t.Errorf("the other challenge: %v, want %v", err, srp.ErrProof)
	}
}

func TestServerConcurrentSafe(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	right, wrong := e.answer(t, e.password), e.answer(t, "wrong")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := right.check(e.server); err != nil {
				t.Error(err)
			}
			if err := wrong.check(e.server); !errors.Is(err, srp.ErrProof) {
				t.Errorf("error is %v, want %v", err, srp.ErrProof)
			}
			_, _ = e.server.B(), e.server.Salt()
		})
	}
	wg.Wait()
}
