package measure

import (
	"math"
	"slices"
	"testing"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]float64, 101)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, tt := range []struct {
		name   string
		sample []float64
		p      float64
		want   float64
	}{
		{"one value", []float64{7}, 50, 7},
		{"one value, tail", []float64{7}, 99.9, 7},
		{"odd median", []float64{3, 1, 2}, 50, 2},
		{"even median", []float64{4, 1, 2, 3}, 50, 2.5},
		{"median ignores an outlier", []float64{1, 1e9, 2}, 50, 2},
		{"least", []float64{3, 1, 2}, 0, 1},
		{"greatest", []float64{3, 1, 2}, 100, 3},
		{"below the least", []float64{3, 1, 2}, -1, 1},
		{"above the greatest", []float64{3, 1, 2}, 101, 3},
		{"tenth", hundred, 10, 10},
		{"ninetieth", hundred, 90, 90},
		{"between two values", []float64{10, 20}, 25, 12.5},
		{"tail between two values", hundred, 99.5, 99.5},
	} {
		before := slices.Clone(tt.sample)
		if got := Percentile(tt.sample, tt.p); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: Percentile(_, %v) = %v, want %v", tt.name, tt.p, got, tt.want)
		}
		if !slices.Equal(tt.sample, before) {
			t.Errorf("%s: the sample was reordered", tt.name)
		}
	}
	if got := Percentile(nil, 50); !math.IsNaN(got) {
		t.Errorf("Percentile of nothing is %v, want NaN", got)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	sample := make([]float64, 11)
	for i := range sample {
		sample[i] = float64(10 - i)
	}
	if got, want := Describe(sample), (Spread{Median: 5, P10: 1, P90: 9}); got != want {
		t.Errorf("Describe = %+v, want %+v", got, want)
	}
}

// TestRatiosArePaired is about the point of the method: the median of the
// rounds' ratios is not the ratio of the medians.
func TestRatiosArePaired(t *testing.T) {
	t.Parallel()
	of := []float64{1, 20, 3}
	to := []float64{2, 40, 1}
	if got, want := Ratios(of, to), []float64{0.5, 0.5, 3}; !slices.Equal(got, want) {
		t.Errorf("Ratios = %v, want %v", got, want)
	}
	times := Times{"ours": of, "theirs": to}
	if got := times.Ratio("ours", "theirs").Median; got != 0.5 {
		t.Errorf("median ratio = %v, want 0.5 (the ratio of the medians is 1.5)", got)
	}
}

func TestRatiosOfDifferentRoundsPanic(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("samples of different length were divided")
		}
	}()
	Ratios([]float64{1}, nil)
}
