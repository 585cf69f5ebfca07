package measure

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// sleeper takes the same time at each turn, by the clock of a bubble.
func sleeper(name string, d time.Duration) Candidate {
	return Candidate{Name: name, Run: Each(func() error { time.Sleep(d); return nil })}
}

func TestRunTimesEachCandidate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		plan := Plan{Rounds: 15, Slice: 10 * time.Millisecond, Rand: seeded()}
		times, err := plan.Run(t.Context(),
			sleeper("fast", 100*time.Microsecond),
			sleeper("slow", 3*time.Millisecond),
			sleeper("longer than a slice", 40*time.Millisecond),
		)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]float64{"fast": 100e-6, "slow": 3e-3, "longer than a slice": 40e-3} {
			if got := times[name]; len(got) != 15 {
				t.Errorf("%s: %d rounds, want 15", name, len(got))
			} else if d := Describe(got); d.P10 < want*0.999 || d.P90 > want*1.001 {
				t.Errorf("%s: %+v seconds, want %v", name, d, want)
			}
		}
		if r := times.Ratio("slow", "fast").Median; r < 29.9 || r > 30.1 {
			t.Errorf("slow takes %v times as long as fast, want 30", r)
		}
	})
}

func TestRunFillsTheSlice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var turns []int
		c := Candidate{Name: "c", Run: func(n int) error {
			turns = append(turns, n)
			time.Sleep(time.Duration(n) * time.Millisecond)
			return nil
		}}
		plan := Plan{Rounds: 3, Slice: 30 * time.Millisecond, Rand: seeded()}
		if _, err := plan.Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got, want := turns[len(turns)-3:], []int{30, 30, 30}; !slices.Equal(got, want) {
			t.Errorf("turns of the rounds = %v, want %v", got, want)
		}
	})
}

func TestRunOfSingleCalls(t *testing.T) {
	t.Parallel()
	var turns []int
	c := Candidate{Name: "c", Run: func(n int) error { turns = append(turns, n); return nil }}
	times, err := Plan{Rounds: 5, Rand: seeded()}.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 1, 1, 1, 1, 1}; !slices.Equal(turns, want) { // one to warm up
		t.Errorf("turns = %v, want %v", turns, want)
	}
	if len(times["c"]) != 5 {
		t.Errorf("%d times were kept, want 5", len(times["c"]))
	}
}

// TestRunShufflesEachRound checks that every candidate has one turn in each
// round, and that their order is not always the same.
func TestRunShufflesEachRound(t *testing.T) {
	t.Parallel()
	const names, rounds = "abcd", 100
	var turns strings.Builder
	var candidates []Candidate
	for _, r := range names {
		candidates = append(candidates, Candidate{Name: string(r), Run: func(int) error {
			turns.WriteRune(r)
			return nil
		}})
	}
	if _, err := (Plan{Rounds: rounds, Rand: seeded()}).Run(t.Context(), candidates...); err != nil {
		t.Fatal(err)
	}
	measured := turns.String()[len(names):] // the first turns were to warm up
	orders := make(map[string]int)
	for round := range slices.Chunk([]byte(measured), len(names)) {
		orders[string(round)]++
		slices.Sort(round)
		if string(round) != names {
			t.Errorf("a round had the turns %q, want each of %q once", round, names)
		}
	}
	if len(orders) < 20 { // of 24; seldom less than 23 by chance
		t.Errorf("100 rounds had only %d different orders: %v", len(orders), slices.Sorted(maps.Keys(orders)))
	}
	for i, c := range candidates {
		if string(names[i]) != c.Name {
			t.Error("the caller's list was shuffled")
		}
	}
}

func TestShuffle(t *testing.T) {
	t.Parallel()
	const draws = 6000
	r := seeded()
	count := make(map[[3]int]int)
	for range draws {
		list := [3]int{0, 1, 2}
		Shuffle(r, list[:])
		count[list]++
	}
	if len(count) != 6 {
		t.Fatalf("saw %d of 6 orders", len(count))
	}
	for order, n := range count {
		// Six standard deviations of a binomial with p = 1/6.
		if n < draws/6-175 || n > draws/6+175 {
			t.Errorf("order %v came %d times of %d, want about one in six", order, n, draws)
		}
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	calls := 0
	c := Candidate{Name: "fragile", Run: func(int) error {
		if calls++; calls == 3 {
			return boom
		}
		return nil
	}}
	_, err := Plan{Rounds: 5, Rand: seeded()}.Run(t.Context(), c)
	if !errors.Is(err, boom) || !strings.Contains(err.Error(), "fragile") {
		t.Errorf("error = %v, want boom with the candidate's name", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Plan{Rounds: 5, Rand: seeded()}.Run(ctx, sleeper("c", 0))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want context.Canceled", err)
	}
}

func TestEach(t *testing.T) {
	t.Parallel()
	calls := 0
	stop := errors.New("stop")
	run := Each(func() error {
		if calls++; calls == 3 {
			return stop
		}
		return nil
	})
	if err := run(2); err != nil || calls != 2 {
		t.Errorf("after two: %d calls, error %v", calls, err)
	}
	if err := run(5); !errors.Is(err, stop) || calls != 3 {
		t.Errorf("after the failure: %d calls, error %v", calls, err)
	}
}
