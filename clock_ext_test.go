package auth_test

import (
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Behavior 68: with a service clock that differs by 10 minutes, people can sign
// in, also by proof of the password, and what expires does so when the service
// says.
func TestClocksThatDiffer(t *testing.T) {
	t.Parallel()
	const life = 20 * time.Minute
	for _, skew := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute, 1500 * time.Millisecond, -1500 * time.Millisecond} {
		for _, flow := range []auth.AuthFlow{auth.AuthFlowUserSRP, auth.AuthFlowUserPassword} {
			bubble(t, skew.String()+"/"+string(flow), func(t *testing.T) {
				pool := newPool(t, authtest.Config{ClockSkew: skew, AccessTokenValidity: life})
				addUser(t, pool, "ana")
				s := sessionOf(t, newClient(t, pool, func(cfg *auth.Config) { cfg.AuthFlow = flow }), "1")
				signIn(t, s, "ana")
				for round := range 3 {
					as := fetch(t, s)
					if n := refreshes(pool); n != round {
						t.Fatalf("got %d refreshes, want %d", n, round)
					}
					// Whole seconds and the tolerance for transport take off a little.
					if left := time.Until(as.ExpiresAt); left > life+2*time.Second || left < life-3*time.Second {
						t.Errorf("expires in %v, want %v", left, life)
					}
					time.Sleep(life - 9*time.Second)
					if fetch(t, s); refreshes(pool) != round {
						t.Error("refreshed 9s before the expiry")
					}
					time.Sleep(9 * time.Second)
				}
			})
		}
	}
}

// An answer that takes long is no difference between clocks: the tokens in it
// are that much older, and are refreshed in time.
func TestSlowAnswersAreNoClockDifference(t *testing.T) {
	t.Parallel()
	const life, delay = 10 * time.Minute, 20 * time.Second
	for _, skew := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute} {
		bubble(t, skew.String(), func(t *testing.T) {
			pool := newPool(t, authtest.Config{AccessTokenValidity: life, ClockSkew: skew})
			addUser(t, pool, "ana")
			w := newWitness(pool)
			s := sessionOf(t, newClient(t, pool, w.on()), "1")
			w.onAnswer(func(op string) {
				if op == opRefresh || op == "InitiateAuth" {
					time.Sleep(delay)
				}
			})
			signIn(t, s, "ana")
			for range 2 {
				issued := time.Now().Add(-delay)
				as := fetch(t, s)
				if d := as.ExpiresAt.Sub(issued.Add(life)); d > 2*time.Second {
					t.Errorf("expires %v later than the service says", d)
				}
				time.Sleep(time.Until(issued.Add(life)))
				asked := refreshes(pool)
				if fetch(t, s); refreshes(pool) == asked {
					t.Error("a token that has expired was handed out")
				}
			}
		})
	}
}

// The clock offset is the record's: a host with a clock of its own does not
// spoil it for the others.
func TestOffsetIsLearnedAgainWithEachRefresh(t *testing.T) {
	t.Parallel()
	bubble(t, "refresh", func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{ClockSkew: -10 * time.Minute}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		key, b := store.bundle(t)
		if d := b.ClockOffset + 10*time.Minute; d.Abs() > 2*time.Second {
			t.Errorf("offset after the sign-in: got %v", b.ClockOffset)
		}
		b.ClockOffset = 0
		store.putBundle(t, key, b)
		if _, err := auth.FetchAuthSession(t.Context(), s, forced()); err != nil {
			t.Fatal(err)
		}
		if _, b = store.bundle(t); (b.ClockOffset + 10*time.Minute).Abs() > 2*time.Second {
			t.Errorf("offset after the refresh: got %v", b.ClockOffset)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { fetch(t, s) })
		}
		wg.Wait()
		if n := refreshes(pool); n != 1 {
			t.Errorf("got %d refreshes, want 1", n)
		}
	})
}
