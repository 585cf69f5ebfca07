package main

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestCompareServers compares our server with itself: the peer is not there
// wherever the tests are.
func TestCompareServers(t *testing.T) {
	ours, err := ownServer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{rounds: 2, slice: time.Millisecond, calls: 3, rand: rand.New(rand.NewPCG(1, 1))}
	rows, err := compareServers(t.Context(), s, ours, ours)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 7 {
		t.Errorf("%d rows, want 7", len(rows))
	}
	for _, row := range rows {
		if row.Ours <= 0 || row.Theirs <= 0 || row.Ratio.Median <= 0 {
			t.Errorf("row without figures: %+v", row)
		}
	}
}

func TestServerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	if s, err := (poolServer{name: "nothing", command: func(int) []string { return []string{"nothing/of/the/kind"} }}).start(t.Context()); err == nil {
		s.stop()
		t.Error("a program that is not there has started")
	}
}
