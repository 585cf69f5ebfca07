package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestEverythingRuns measures everything for a moment. It says nothing about
// speed, but every candidate has to give right answers first. It is not
// parallel, because allocations are counted for the whole process.
func TestEverythingRuns(t *testing.T) {
	for _, g := range groups() {
		if g.name == "server" {
			continue // wants a peer that has to be installed; see TestCompareServers
		}
		t.Run(g.name, func(t *testing.T) {
			if g.name == "size" && testing.Short() {
				t.Skip("links two programs")
			}
			var stdout, stderr bytes.Buffer
			if err := run(t.Context(), []string{"-quick", "-json", "-only", "^" + g.name + "$"}, &stdout, &stderr); err != nil {
				t.Fatal(err)
			}
			var r report
			if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
				t.Fatalf("%v in\n%s", err, stdout.Bytes())
			}
			if len(r.Rows) == 0 {
				t.Error("nothing was measured")
			}
			for _, row := range r.Rows {
				if row.Group != g.name || row.Ours <= 0 || row.Theirs <= 0 || row.Ratio.Median <= 0 {
					t.Errorf("row without figures: %+v", row)
				}
			}
		})
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		err  error
		want string // part of what is said on standard error
	}{
		{[]string{"-help"}, flag.ErrHelp, "go run ./bench"},
		{[]string{"-frobnicate"}, errUsage, "-frobnicate"},
		{[]string{"srp"}, errUsage, "only flags"},
		{[]string{"-only", "("}, errUsage, "-only"},
		{[]string{"-only", "nothing like that"}, errUsage, "matches nothing"},
		{[]string{"-rounds", "0"}, errUsage, "positive"},
		{[]string{"-slice", "-1ms"}, errUsage, "positive"},
		{[]string{"-calls", "0"}, errUsage, "positive"},
		{[]string{"-blocks", "0"}, errUsage, "positive"},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), tt.args, &stdout, &stderr)
		if !errors.Is(err, tt.err) || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%q: error %v with %q, want %v with %q", tt.args, err, stderr.String(), tt.err, tt.want)
		}
		if stdout.Len() > 0 {
			t.Errorf("%q: wrote %q to standard output", tt.args, stdout.String())
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	forty, none := 40, 0
	r := report{
		Go: "go1.26", System: "plan9/arm", Processors: 2, Rounds: 21, Slice: "30ms", Calls: 2000, Blocks: 5,
		Notes: []string{"Somebody failed."},
		Rows: []row{
			{
				Group: "a", What: "one", Against: "other", Ratio: measure.Spread{Median: 1.2, P10: 1.1, P90: 1.31}, Goal: 1.3,
				Unit: "s", Ours: 36e-6, Theirs: 30e-6, Allocs: &allocs{Ours: 19, Theirs: 9, Goal: &forty},
			},
			{
				Group: "a", What: "two", Against: "other", Ratio: measure.Spread{Median: 0.03, P10: 0.02, P90: 0.04}, Goal: 0.035,
				Unit: "s", Ours: 850e-9, Theirs: 0.03, Allocs: &allocs{Ours: 1, Theirs: 9, Goal: &none},
			},
			{
				Group: "b", What: "µ", Against: "", Ratio: measure.Spread{Median: 118, P10: 100, P90: 200},
				Unit: "B", Ours: 14.5e6, Theirs: 123e3,
			},
		},
	}
	const want = `go1.26 on plan9/arm with 2 processors; 21 rounds of 30ms slices, 5 blocks of 2000 calls

|     | what | against | ratio  | p10–p90       | goal    | met | ours    | theirs  | allocs         |
| --- | ---- | ------- | ------ | ------------- | ------- | --- | ------- | ------- | -------------- |
| a   | one  | other   | 1.200  | 1.100–1.310   | ≤ 1.3   | yes | 36.0 µs | 30.0 µs | 19 to 9 (≤ 40) |
|     | two  | other   | 0.0300 | 0.0200–0.0400 | ≤ 0.035 | no  | 850 ns  | 30.0 ms | 1 to 9 (≤ 0)   |
| b   | µ    |         | 118    | 100–200       |         |     | 14.5 MB | 123 kB  |                |

Somebody failed.
`
	var got strings.Builder
	if err := r.writeTable(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		row       row
		ok, goals bool
	}{
		{"no goal", row{Ratio: measure.Spread{Median: 9}}, true, false},
		{"at the goal", row{Ratio: measure.Spread{Median: 0.38}, Goal: 0.38}, true, true},
		{"over the goal", row{Ratio: measure.Spread{Median: 0.381, P10: 0.3}, Goal: 0.38}, false, true},
		{"ahead", row{Ratio: measure.Spread{Median: 0.99}, Goal: ahead}, true, true},
		{"equal is not ahead", row{Ratio: measure.Spread{Median: 1}, Goal: ahead}, false, true},
		{"no figure", row{Ratio: measure.Spread{Median: math.NaN()}, Goal: 2}, false, true},
		{"counted without goal", row{Allocs: &allocs{Ours: 99}}, true, false},
		{"few allocations", row{Allocs: &allocs{Ours: 60}}.withAllocs(60), true, true},
		{"many allocations", row{Allocs: &allocs{Ours: 61}}.withAllocs(60), false, true},
		{"fast with many", row{Goal: 1.3, Ratio: measure.Spread{Median: 1}, Allocs: &allocs{Ours: 1}}.withAllocs(0), false, true},
	} {
		if ok, goals := tt.row.met(); ok != tt.ok || goals != tt.goals {
			t.Errorf("%s: met = %v with goals %v, want %v and %v", tt.name, ok, goals, tt.ok, tt.goals)
		}
	}
}

func TestWithAllocsLeavesOtherRowsAlone(t *testing.T) {
	t.Parallel()
	plain := row{Allocs: &allocs{Ours: 3}}
	if bound := plain.withAllocs(2); plain.Allocs.Goal != nil || bound.Allocs.Goal == nil {
		t.Errorf("goal of the row %v, of its copy %v", plain.Allocs.Goal, bound.Allocs.Goal)
	}
}

func TestPercentileRow(t *testing.T) {
	t.Parallel()
	blocks := []measure.Times{
		{"ours": {1, 2, 3}, "bare": {1, 1, 1}, "sometimes": {8}},
		{"ours": {1, 4, 9}, "bare": {1, 2, 3}},
		{"ours": {5, 6, 7}, "bare": {2, 6, 9}},
	}
	got := percentileRow(blocks, "ours", "bare", 50, 2)
	want := row{
		What: "ours, p50", Against: "bare", Goal: 2, Unit: "s", Ours: 4, Theirs: 2,
		Ratio: measure.Spread{Median: 2, P10: 1.2, P90: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	if got := percentileRow(blocks, "sometimes", "bare", 99, 0).Ours; got != 8 {
		t.Errorf("a candidate of one block has %v, want 8", got)
	}
}
