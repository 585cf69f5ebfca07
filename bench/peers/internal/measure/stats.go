package measure

import (
	"math"
	"slices"
)

// Spread is what is told of a sample: its middle, and the values that nine
// tenths of it are above and below.
type Spread struct {
	Median float64 `json:"median"`
	P10    float64 `json:"p10"`
	P90    float64 `json:"p90"`
}

// Describe returns the spread of a sample. All of it is NaN for an empty one.
func Describe(sample []float64) Spread {
	return Spread{
		Median: Percentile(sample, 50),
		P10:    Percentile(sample, 10),
		P90:    Percentile(sample, 90),
	}
}

// Percentile returns the value that p percent of a sample are at or below,
// interpolating between the two nearest where it falls between them, so that
// the 0th is the least, the 50th the median and the 100th the greatest. The
// order of the sample does not matter and is kept. It is NaN for an empty
// sample.
func Percentile(sample []float64, p float64) float64 {
	if len(sample) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(sample))
	at := min(max(p, 0), 100) / 100 * float64(len(sorted)-1)
	below, part := math.Modf(at)
	i := int(below)
	if part == 0 {
		return sorted[i]
	}
	return sorted[i] + part*(sorted[i+1]-sorted[i])
}

// Ratios divides two samples pair by pair. They have the same length.
func Ratios(of, to []float64) []float64 {
	if len(of) != len(to) {
		panic("measure: samples of different rounds")
	}
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	return ratios
}
