package tokens_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// A benchmark here reports how long a check takes as a share of its floor,
// SHA-256 and rsa.VerifyPKCS1v15 on parts that are already decoded. Candidate
// and floor take turns, slice by slice, and the median of the slices' own
// ratios is reported, as a shared machine has no steady speed.

// population is a number of different tokens, as their floor sees them too.
type population struct {
	tokens     []string
	signed     [][]byte
	signatures [][]byte
}

func newPopulation(size int, claims func(i int) object) population {
	var p population
	for i := range size {
		token := mint(claims(i))
		dot := strings.LastIndexByte(token, '.')
		signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
		if err != nil {
			panic(err)
		}
		p.tokens = append(p.tokens, token)
		p.signed = append(p.signed, []byte(token[:dot]))
		p.signatures = append(p.signatures, signature)
	}
	return p
}

func (p population) floor(i int) error {
	i %= len(p.tokens)
	digest := sha256.Sum256(p.signed[i])
	return rsa.VerifyPKCS1v15(&signingKey().PublicKey, crypto.SHA256, digest[:], p.signatures[i])
}

var benchmarkTokens = sync.OnceValue(func() population {
	now := time.Now()
	return newPopulation(64, func(i int) object {
		return goodAccess(now).edit(object{"jti": fmt.Sprintf("%08d-bbbb-4ccc-8ddd-eeeeeeeeeeee", i)})
	})
})

var benchmarkIDTokens = sync.OnceValue(func() population {
	now := time.Now()
	return newPopulation(64, func(i int) object {
		return goodID(now).edit(object{"jti": fmt.Sprintf("%08d-bbbb-4ccc-8ddd-eeeeeeeeeeee", i)})
	})
})

// Tokens in one slice: some 10 ms.
const (
	newSlice  = 200
	seenSlice = 8000
)

// run checks n tokens, the first of them number from.
type run func(from, n int) error

// each is a run in one goroutine.
func each(check func(i int) error) run {
	return func(from, n int) error {
		for i := range n {
			if err := check(from + i); err != nil {
				return err
			}
		}
		return nil
	}
}

// compare lets candidate and base take turns, with so many tokens each, and
// reports the ratio of their times for a token.
func compare(b *testing.B, candidate run, slice int, base run, baseSlice int, unit string) {
	b.Helper()
	timed := func(r run, from, n int) float64 {
		start := time.Now()
		if err := r(from, n); err != nil {
			b.Fatal(err)
		}
		return float64(time.Since(start)) / float64(n)
	}
	timed(base, 0, 64)
	timed(candidate, 0, 64)
	b.ReportAllocs()
	b.ResetTimer()
	var ratios []float64
	for done := 0; done < b.N; done += slice {
		n := min(slice, b.N-done)
		c := timed(candidate, done, n)
		b.StopTimer()
		ratios = append(ratios, c/timed(base, done, min(n, baseSlice)))
		b.StartTimer()
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], unit)
}

// unseen is a verifier that has forgotten each token of a population by the
// time it comes round again.
func unseen(b *testing.B) *tokens.Verifier {
	b.Helper()
	return newVerifier(b, func(c *tokens.Config) { c.CacheSize = 1 })
}

func verifyAccess(b *testing.B, v *tokens.Verifier, p population) func(i int) error {
	b.Helper()
	return func(i int) error {
		_, err := v.VerifyAccess(b.Context(), p.tokens[i%len(p.tokens)])
		return err
	}
}

func BenchmarkVerifyAccessNew(b *testing.B) {
	p := benchmarkTokens()
	compare(b, each(verifyAccess(b, unseen(b), p)), newSlice, each(p.floor), newSlice, "floors/op")
}

func BenchmarkVerifyIDNew(b *testing.B) {
	p, v := benchmarkIDTokens(), unseen(b)
	compare(b, each(func(i int) error {
		_, err := v.VerifyID(b.Context(), p.tokens[i%len(p.tokens)])
		return err
	}), newSlice, each(p.floor), newSlice, "floors/op")
}

func BenchmarkVerifyAccessSeen(b *testing.B) {
	p := benchmarkTokens()
	compare(b, each(verifyAccess(b, newVerifier(b), p)), seenSlice, each(p.floor), newSlice, "floors/op")
}

// BenchmarkTwoGoroutines compares the time for a token in two goroutines with
// that in one. The floor, which shares nothing, shows what the machine has to
// give.
func BenchmarkTwoGoroutines(b *testing.B) {
	p := benchmarkTokens()
	for _, bm := range []struct {
		name  string
		check func(i int) error
		slice int
	}{
		{"floor", p.floor, newSlice},
		{"new", verifyAccess(b, unseen(b), p), newSlice},
		{"seen", verifyAccess(b, newVerifier(b), p), seenSlice},
	} {
		b.Run(bm.name, func(b *testing.B) {
			one := each(bm.check)
			two := func(from, n int) error {
				var (
					wg   sync.WaitGroup
					errs [2]error
				)
				wg.Go(func() { errs[0] = one(from, n/2) })
				wg.Go(func() { errs[1] = one(from+n/2, n-n/2) })
				wg.Wait()
				return errors.Join(errs[:]...)
			}
			compare(b, two, bm.slice, one, bm.slice, "singles/op")
		})
	}
}
