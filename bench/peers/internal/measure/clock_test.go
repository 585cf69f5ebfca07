package measure

import (
	"errors"
	"testing"
	"time"
)

func TestProcessorTime(t *testing.T) {
	t.Parallel()
	clock, err := ProcessorTime()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := clock()
	deadline := time.Now().Add(10 * time.Second)
	for clock() < before+20*time.Millisecond {
		if time.Now().After(deadline) {
			t.Fatal("the clock stands still while the process works")
		}
	}
}

// TestPlanUsesItsClock runs a plan by a clock on which everything takes as long
// as it says.
func TestPlanUsesItsClock(t *testing.T) {
	t.Parallel()
	var now time.Duration
	work := func(name string, d time.Duration) Candidate {
		return Candidate{Name: name, Run: func(n int) error { now += time.Duration(n) * d; return nil }}
	}
	plan := Plan{Rounds: 5, Slice: time.Hour, Rand: seeded(), Clock: func() time.Duration { return now }}
	times, err := plan.Run(t.Context(), work("slow", time.Minute), work("fast", time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if got := times.Ratio("slow", "fast").Median; got != 60 {
		t.Errorf("ratio = %v, want 60", got)
	}
}
