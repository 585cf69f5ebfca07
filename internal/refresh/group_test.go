package refresh

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneFlightPerKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		var flights atomic.Int32
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				got, err := g.Do(t.Context(), "a", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					return int(flights.Add(1)), nil
				})
				if got != 1 || err != nil {
					t.Errorf("got %d, %v, want 1", got, err)
				}
			})
		}
		wg.Wait()
		if len(g.flights) != 0 {
			t.Errorf("%d flights are kept after the landing", len(g.flights))
		}
		// What has landed is not handed out again.
		got, err := g.Do(t.Context(), "a", func(context.Context) (int, error) { return int(flights.Add(1)), nil })
		if got != 2 || err != nil {
			t.Errorf("the next flight: got %d, %v, want 2", got, err)
		}
	})
}

func TestKeysDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[string]
		var wg sync.WaitGroup
		start := time.Now()
		for _, key := range []string{"a", "b", "c"} {
			wg.Go(func() {
				got, err := g.Do(t.Context(), key, func(context.Context) (string, error) {
					time.Sleep(time.Second)
					return key, nil
				})
				if got != key || err != nil {
					t.Errorf("got %q, %v, want %q", got, err, key)
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d != time.Second {
			t.Errorf("three keys took %v, want 1s", d)
		}
	})
}

func TestEveryoneGetsTheError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		want := errors.New("outage")
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := g.Do(t.Context(), "a", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					return 0, want
				})
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			})
		}
		wg.Wait()
	})
}

// The caller who began the flight leaves; the flight goes on for the others.
func TestCallersLeaveAndTheFlightGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		start := time.Now()
		fn := func(ctx context.Context) (int, error) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(3 * time.Second):
				return 7, nil
			}
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := g.Do(impatient, "a", fn); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who leaves: got %v, want the context's error", err)
			}
			if d := time.Since(start); d != time.Second {
				t.Errorf("who leaves after 1s left after %v", d)
			}
		})
		time.Sleep(2 * time.Second)
		got, err := g.Do(t.Context(), "a", func(context.Context) (int, error) { return 0, errors.New("a second flight") })
		if got != 7 || err != nil {
			t.Errorf("who stays: got %d, %v, want 7", got, err)
		}
		wg.Wait()
	})
}

func TestCallerWhoseContextHasEndedBeginsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := g.Do(ctx, "a", func(context.Context) (int, error) {
			t.Error("a flight began")
			return 0, nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
}

func TestFlightHasTheValuesOfItsContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	var g Group[any]
	ctx := context.WithValue(t.Context(), key{}, "trace")
	got, err := g.Do(ctx, "a", func(ctx context.Context) (any, error) { return ctx.Value(key{}), nil })
	if got != "trace" || err != nil {
		t.Errorf("got %v, %v, want the value", got, err)
	}
}

// A flight that hangs ends at the time-out. An honest answer of the service can
// take 15 s and more, as it gives a trigger 5 s three times; that is waited for,
// or a rotated token would be lost.
func TestFlightIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g Group[int]
		start := time.Now()
		_, err := g.Do(t.Context(), "a", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		if d := time.Since(start); d < 20*time.Second || d > time.Minute {
			t.Errorf("the flight ended after %v", d)
		}
	})
}

func TestGroupIsConcurrentSafe(t *testing.T) {
	t.Parallel()
	var g Group[int]
	var wg sync.WaitGroup
	keys := []string{"a", "b", "c", "d"}
	for i := range 64 {
		wg.Go(func() {
			for range 200 {
				key := keys[i%len(keys)]
				got, err := g.Do(t.Context(), key, func(context.Context) (int, error) { return i % len(keys), nil })
				if got != i%len(keys) || err != nil {
					t.Errorf("key %s: got %d, %v", key, got, err)
				}
			}
		})
	}
	wg.Wait()
	if len(g.flights) != 0 {
		t.Errorf("%d flights are kept", len(g.flights))
	}
}
