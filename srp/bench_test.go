package srp

import (
	"math/big"
	"slices"
	"testing"
	"time"
)

// threePowers is what other clients spend their time on: with math/big and a
// secret of 1024 bits, gᵃ, gˣ and (B − k·gˣ) to a + u·x.
func threePowers() func() {
	number := func(n int) *big.Int { return new(big.Int).SetBytes(randomBytes(n)) }
	a, x, u := number(128), number(32), number(32)
	base := textbookExp(textbookG, number(32))
	e := new(big.Int).Add(a, new(big.Int).Mul(u, x))
	return func() {
		textbookExp(textbookG, a)
		textbookExp(textbookG, x)
		textbookExp(base, e)
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// BenchmarkClient measures the client side of a sign-in. What it reports as
// ratio is the median, over the rounds, of its time relative to that of
// threePowers in the same round; the goal is at most 0.38.
func BenchmarkClient(b *testing.B) {
	client, base := signIn(b), threePowers()
	client()
	took := func(f func()) float64 {
		start := time.Now()
		f()
		return float64(time.Since(start).Nanoseconds())
	}
	var times, ratios []float64
	for b.Loop() {
		var ours, theirs float64
		if len(times)%2 == 0 {
			ours, theirs = took(client), took(base)
		} else {
			theirs, ours = took(base), took(client)
		}
		times = append(times, ours)
		ratios = append(ratios, ours/theirs)
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(times), "ns/op")
	b.ReportMetric(testing.AllocsPerRun(3, client), "allocs/op")
}

func BenchmarkNewClient(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewClient()
	}
}

func BenchmarkServer(b *testing.B) {
	const group, id, password, timestamp = "AbC123def", "user", "Pa55w0rd!", "Tue Apr 2 03:04:05 UTC 2024"
	verifier := NewVerifier(group, id, password)
	block := randomBytes(1150)
	clientA := NewClient().A()
	b.ReportAllocs()
	for b.Loop() {
		server, err := NewServer(verifier)
		if err != nil {
			b.Fatal(err)
		}
		if err := server.Check(group, id, clientA, block, timestamp, "QUJD"); err == nil {
			b.Fatal("a made-up proof is accepted")
		}
	}
}

func BenchmarkNewVerifier(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewVerifier("AbC123def", "user", "Pa55w0rd!")
	}
}
