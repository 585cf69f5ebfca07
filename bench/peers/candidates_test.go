package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp"
)

// TestChecksSeeWrongAnswers is about the checks that candidates go through
// before they are timed: a fast wrong one must not get past them.
func TestChecksSeeWrongAnswers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		client srpClient
	}{
		{"no proof", func(challenge func(string) srp.Challenge, _ string, _ time.Time) (srp.Proof, error) {
			challenge(newTextbookClient().a())
			return srp.Proof{}, nil
		}},
		{"proof of another A", func(challenge func(string) srp.Challenge, password string, now time.Time) (srp.Proof, error) {
			return newTextbookClient().prove(challenge(newTextbookClient().a()), password, now)
		}},
		{"any password", func(challenge func(string) srp.Challenge, _ string, now time.Time) (srp.Proof, error) {
			return textbookSRP(challenge, srpPassword, now)
		}},
	} {
		if err := checkSRP(tt.client, now); err == nil {
			t.Errorf("SRP client with %s passes", tt.name)
		}
	}

	ctx := t.Context()
	b, err := newTokenBench(ctx)
	if err != nil {
		t.Fatal(err)
	}
	right, err := ourVerifier(b.keySetURL, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.check(ctx, right); err != nil {
		t.Errorf("a right verifier: %v", err)
	}
	for _, tt := range []struct {
		name   string
		verify tokenVerifier
	}{
		{"wrong subject", func(ctx context.Context, raw string) (string, error) {
			subject, err := right(ctx, raw)
			return strings.ToUpper(subject), err
		}},
		{"everything refused", func(context.Context, string) (string, error) { return "", errWrongUse }},
		{"expired token accepted", func(ctx context.Context, raw string) (string, error) {
			subject, err := right(ctx, raw)
			if err != nil && strings.HasSuffix(err.Error(), "expired") {
				return subject, nil
			}
			return subject, err
		}},
	} {
		if err := b.check(ctx, tt.verify); err == nil {
			t.Errorf("verifier with %s passes", tt.name)
		}
	}
}

func TestInGoroutines(t *testing.T) {
	t.Parallel()
	var (
		mu   sync.Mutex
		done = make(map[int]int)
	)
	c := inGoroutines("c", 2, func(i int) error {
		mu.Lock()
		defer mu.Unlock()
		done[i]++
		return nil
	})
	if err := c.Run(1000); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if done[i] != 1 {
			t.Errorf("piece %d was done %d times", i, done[i])
		}
	}
	if len(done) != 1000 {
		t.Errorf("%d pieces were done, want 1000", len(done))
	}

	boom := errors.New("boom")
	c = inGoroutines("c", 2, func(i int) error {
		if i == 3 {
			return boom
		}
		return nil
	})
	if err := c.Run(10); !errors.Is(err, boom) {
		t.Errorf("error = %v, want boom", err)
	}
}

// TestTokensHaveTheSizeOfRealOnes keeps the tokens comparable with the
// figures that others publish.
func TestTokensHaveTheSizeOfRealOnes(t *testing.T) {
	t.Parallel()
	s, err := newSigner()
	if err != nil {
		t.Fatal(err)
	}
	access, id := newClaims(time.Now())
	for name, claims := range map[string]any{"access": access, "id": id} {
		raw, err := s.sign(claims)
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) < 1000 || len(raw) > 1400 {
			t.Errorf("%s token has %d bytes, want about 1,200", name, len(raw))
		}
	}
}
