package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

// A suite is how much is measured.
type suite struct {
	rounds int
	slice  time.Duration
	calls  int // in turn, for the tail of one call
	blocks int // of so many calls
	rand   *rand.Rand
	cpu    bool // measure work by the time that processors spend on it, where that makes sense

	notes []string // what a table of ratios cannot say
}

func (s *suite) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// A group is what is measured beside each other.
type group struct {
	name string
	run  func(context.Context, *suite) ([]row, error)
}

// groups returns everything there is to measure, in the order of the table.
func groups() []group {
	return []group{
		{"srp", benchSRP},
		{"tokens", benchTokens},
		{"goroutines", benchGoroutines},
		{"sign-in", benchSignIn},
		{"pool", benchPool},
		{"server", benchServer},
		{"calls", benchCalls},
		{"size", benchSize},
	}
}

// ahead is the goal of a row whose only goal is to need less than the other.
const ahead = 1

// A row compares two ways to do one thing.
type row struct {
	Group   string         `json:"group"`
	What    string         `json:"what"`
	Against string         `json:"against"`
	Ratio   measure.Spread `json:"ratio"`
	// Goal is the greatest ratio wanted, [ahead] for any below 1, and 0 where
	// nothing is: such rows are there to understand the others by.
	Goal float64 `json:"goal,omitempty"`
	// Unit is that of Ours and Theirs: "s" or "B".
	Unit   string  `json:"unit"`
	Ours   float64 `json:"ours"`
	Theirs float64 `json:"theirs"`
	// Allocs are allocations for doing the thing once, where they were counted.
	Allocs *allocs `json:"allocs,omitempty"`
}

// allocs are allocations for doing a thing once, and how many it may take
// where that is a goal.
type allocs struct {
	Ours   int  `json:"ours"`
	Theirs int  `json:"theirs"`
	Goal   *int `json:"goal,omitempty"`
}

// met reports whether the row has goals, and whether it reaches them.
func (r row) met() (ok, hasGoal bool) {
	ok = true
	if r.Goal != 0 {
		hasGoal = true
		ok = r.Ratio.Median <= r.Goal && (r.Goal != ahead || r.Ratio.Median < ahead)
	}
	if r.Allocs != nil && r.Allocs.Goal != nil {
		hasGoal = true
		ok = ok && r.Allocs.Ours <= *r.Allocs.Goal
	}
	return ok, hasGoal
}

// withAllocs makes an upper bound of allocations part of the row's goal.
func (r row) withAllocs(most int) row {
	counted := *r.Allocs
	counted.Goal = &most
	r.Allocs = &counted
	return r
}

// results are the times of candidates and what they allocate.
type results struct {
	times  measure.Times
	allocs map[string]int
}

// row compares two candidates.
func (r results) row(what, against string, goal float64) row {
	row := row{
		What: what, Against: against, Goal: goal, Unit: "s",
		Ratio:  r.times.Ratio(what, against),
		Ours:   measure.Percentile(r.times[what], 50),
		Theirs: measure.Percentile(r.times[against], 50),
	}
	if r.allocs != nil {
		row.Allocs = &allocs{Ours: r.allocs[what], Theirs: r.allocs[against]}
	}
	return row
}

// measure times the candidates beside each other and counts their allocations.
func (s *suite) measure(ctx context.Context, candidates ...measure.Candidate) (results, error) {
	r, err := s.work(ctx, candidates...)
	if err != nil {
		return results{}, err
	}
	r.allocs = make(map[string]int, len(candidates))
	for _, c := range candidates {
		// What fails here has failed in the rounds before.
		once := func() { _ = c.Run(1) }
		r.allocs[c.Name] = int(testing.AllocsPerRun(10, once))
	}
	return r, nil
}

// work times candidates that do nothing but work, one thing after the other.
func (s *suite) work(ctx context.Context, candidates ...measure.Candidate) (results, error) {
	plan := s.plan()
	if s.cpu {
		clock, err := measure.ProcessorTime()
		if err != nil {
			return results{}, fmt.Errorf("processor time: %w", err)
		}
		plan.Clock = clock
	}
	times, err := plan.Run(ctx, candidates...)
	return results{times: times}, err
}

// wall times candidates by the clock on the wall.
func (s *suite) wall(ctx context.Context, candidates ...measure.Candidate) (results, error) {
	times, err := s.plan().Run(ctx, candidates...)
	return results{times: times}, err
}

func (s *suite) plan() measure.Plan {
	return measure.Plan{Rounds: s.rounds, Slice: s.slice, Rand: s.rand}
}
