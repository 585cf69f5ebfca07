// Package measure times things beside each other on a machine that is not
// quiet. Everything to be compared runs once in each of many short rounds, in
// an order that is drawn anew for each, and what is told is the median of the
// ratios within the rounds: a neighbor that takes the processor for a while
// slows a round as a whole, and nobody gains from always being first.
package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"
)

// A Candidate is one of the things that are compared.
type Candidate struct {
	// Name tells it from the others of its plan.
	Name string

	// Run does the thing n times, one after the other or in any other way that
	// Name speaks of.
	Run func(n int) error
}

// Each makes the Run of a [Candidate] of a function that does the thing once.
func Each(once func() error) func(n int) error {
	return func(n int) error {
		for range n {
			if err := once(); err != nil {
				return err
			}
		}
		return nil
	}
}

// A Plan says how to compare.
type Plan struct {
	// Rounds is how often every candidate runs.
	Rounds int

	// Slice is about how long a candidate runs in each round; at least once.
	// Zero means exactly once, and is for looking at single calls.
	Slice time.Duration

	// Rand draws the orders.
	Rand *rand.Rand

	// Clock is what times are read from; nil is the one on the wall.
	Clock func() time.Duration
}

// Times are the seconds that each candidate took for doing its thing once, by
// its name, round by round.
type Times map[string][]float64

// Ratio describes how the candidates' times compare within the rounds.
func (t Times) Ratio(of, to string) Spread { return Describe(Ratios(t[of], t[to])) }

// Run measures the candidates beside each other. It fails when a candidate
// does, or the context ends.
func (p Plan) Run(ctx context.Context, candidates ...Candidate) (Times, error) {
	if p.Clock == nil {
		start := time.Now()
		p.Clock = func() time.Duration { return time.Since(start) }
	}
	repeat := make(map[string]int, len(candidates))
	for _, c := range candidates {
		n, err := p.calibrate(c)
		if err != nil {
			return nil, err
		}
		repeat[c.Name] = n
	}
	times := make(Times, len(candidates))
	order := slices.Clone(candidates)
	for range p.Rounds {
		Shuffle(p.Rand, order)
		for _, c := range order {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if p.Slice > 0 {
				// One candidate's garbage is not another's work.
				runtime.GC()
			}
			n := repeat[c.Name]
			took, err := p.timed(c, n)
			if err != nil {
				return nil, err
			}
			times[c.Name] = append(times[c.Name], took.Seconds()/float64(n))
		}
	}
	return times, nil
}

// calibrate finds out how often a candidate does its thing in a slice. It also
// warms up: what happens once in a process is not part of the measurement.
func (p Plan) calibrate(c Candidate) (int, error) {
	if _, err := p.timed(c, 1); err != nil || p.Slice == 0 {
		return 1, err
	}
	for n := 1; ; n *= 2 {
		took, err := p.timed(c, n)
		if err != nil {
			return 0, err
		}
		if took >= p.Slice/2 {
			return max(1, int(float64(n)*p.Slice.Seconds()/took.Seconds())), nil
		}
	}
}

func (p Plan) timed(c Candidate, n int) (time.Duration, error) {
	start := p.Clock()
	if err := c.Run(n); err != nil {
		return 0, fmt.Errorf("%s: %w", c.Name, err)
	}
	return p.Clock() - start, nil
}

// Shuffle puts a list into an order drawn from all orders with equal
// probability.
func Shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}
