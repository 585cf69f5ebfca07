package modp

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"filippo.io/bigmod"
)

var (
	bigN = new(big.Int).SetBytes(nBytes())
	bigR = new(big.Int).Lsh(big.NewInt(1), 8*Size)
)

func nBytes() []byte {
	b := Modulus()
	return b[:]
}

// fromBig returns x, which is below N, as an Element.
func fromBig(tb testing.TB, x *big.Int) *Element {
	tb.Helper()
	var z Element
	if !z.SetBytes(x.Bytes()) {
		tb.Fatalf("SetBytes refuses %x", x)
	}
	return &z
}

func (z *Element) big() *big.Int {
	b := z.Bytes()
	return new(big.Int).SetBytes(b[:])
}

func (z *words) big() *big.Int {
	b := z.bytes()
	return new(big.Int).SetBytes(b[:])
}

// wordsOf returns x, which is below 2³⁰⁷², as it is.
func wordsOf(x *big.Int) *words {
	var w words
	mask := new(big.Int).SetUint64(^uint64(0))
	for i := range w {
		w[i] = new(big.Int).And(new(big.Int).Rsh(x, uint(64*i)), mask).Uint64()
	}
	return &w
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// edges returns numbers below limit at which carries, borrows and comparisons
// change their course, and a few random ones.
func edges(limit *big.Int) []*big.Int {
	one := big.NewInt(1)
	power := func(k uint) *big.Int { return new(big.Int).Lsh(one, k) }
	all := []*big.Int{
		new(big.Int), one, big.NewInt(2), big.NewInt(3),
		new(big.Int).SetUint64(^uint64(0)), power(64), power(65),
		new(big.Int).Sub(power(1536), one), power(1536),
		power(3071), new(big.Int).Sub(power(3071), one),
		new(big.Int).Sub(bigR, power(3008)), new(big.Int).Sub(bigR, power(64)), new(big.Int).Sub(bigR, one),
		new(big.Int).Sub(bigR, bigN), new(big.Int).Sub(bigN, power(64)),
		new(big.Int).Rsh(bigN, 1), new(big.Int).Add(new(big.Int).Rsh(bigN, 1), one),
		new(big.Int).Sub(bigN, big.NewInt(2)), new(big.Int).Sub(bigN, one), bigN, new(big.Int).Add(bigN, one),
	}
	// Words that are all ones or all zero, in turn and in halves.
	for _, pattern := range []string{"ffffffffffffffff0000000000000000", "0000000000000000ffffffffffffffff", "00000000000000010000000000000000", "8000000000000000"} {
		x, _ := new(big.Int).SetString(strings.Repeat(pattern, 2*Size/len(pattern)), 16)
		all = append(all, x)
	}
	for range 4 {
		all = append(all, new(big.Int).SetBytes(randomBytes(Size)))
	}
	var below []*big.Int
	for _, x := range all {
		if x.Cmp(limit) < 0 {
			below = append(below, x)
		}
	}
	return below
}

func TestConstants(t *testing.T) {
	t.Parallel()
	// SHA-256 of the 384 bytes of the prime, computed elsewhere.
	sum := sha256.Sum256(nBytes())
	if got, want := hex.EncodeToString(sum[:]), "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"; got != want {
		t.Errorf("SHA-256 of N is %s, want %s", got, want)
	}
	if !bigN.ProbablyPrime(4) || !new(big.Int).Rsh(bigN, 1).ProbablyPrime(4) {
		t.Error("N is not a safe prime")
	}
	if got, want := montOne.big(), new(big.Int).Mod(bigR, bigN); got.Cmp(want) != 0 {
		t.Errorf("montOne is %x, want %x", got, want)
	}
	if got, want := montSquare.big(), new(big.Int).Mod(new(big.Int).Mul(bigR, bigR), bigN); got.Cmp(want) != 0 {
		t.Errorf("montSquare is %x, want %x", got, want)
	}
	if modulus[0] != ^uint64(0) || modulus[limbs-1] != ^uint64(0) {
		t.Error("the lowest and the highest word of N are not all ones, as the reduction needs")
	}
}

// The kernels take any 3072-bit number, also such as are not below N.
func TestMontgomeryAgainstMathBig(t *testing.T) {
	t.Parallel()
	inverse := new(big.Int).ModInverse(bigR, bigN)
	reduced := func(x *big.Int) *big.Int {
		x.Mul(x, inverse)
		return x.Mod(x, bigN)
	}
	numbers := edges(bigR)
	for _, x := range numbers {
		var square words
		montSquareOf(&square, wordsOf(x))
		want := reduced(new(big.Int).Mul(x, x))
		if got := new(big.Int).Mod(square.big(), bigN); got.Cmp(want) != 0 {
			t.Errorf("square of %x is %x, want %x", x, got, want)
		}
		for _, y := range numbers {
			var product words
			montMul(&product, wordsOf(x), wordsOf(y))
			want := reduced(new(big.Int).Mul(x, y))
			if got := new(big.Int).Mod(product.big(), bigN); got.Cmp(want) != 0 {
				t.Errorf("%x · %x is %x, want %x", x, y, got, want)
			}
		}
	}
}

// reduce must carry through every word of the upper half, and do so both when
// the sum stays below 2³⁰⁷² and when it does not.
func TestReduceAgainstMathBig(t *testing.T) {
	t.Parallel()
	inverse := new(big.Int).ModInverse(bigR, bigN)
	for _, low := range edges(bigR) {
		for _, high := range edges(bigR) {
			x := new(big.Int).Add(new(big.Int).Mul(high, bigR), low)
			var wide [2 * limbs]uint64
			copy(wide[:], wordsOf(low)[:])
			copy(wide[limbs:], wordsOf(high)[:])
			var z words
			reduce(&z, &wide)
			want := new(big.Int).Mod(new(big.Int).Mul(x, inverse), bigN)
			if got := new(big.Int).Mod(z.big(), bigN); got.Cmp(want) != 0 {
				t.Errorf("reduction of %x is %x, want %x", x, got, want)
			}
		}
	}
}

// Chance would take some 2⁶⁴ products to make one that is not below N.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, x := range edges(bigR) {
		z := *wordsOf(x)
		z.canonical()
		if got, want := z.big(), new(big.Int).Mod(x, bigN); got.Cmp(want) != 0 {
			t.Errorf("%x became %x, want %x", x, got, want)
		}
	}
}

func TestElementAgainstMathBig(t *testing.T) {
	t.Parallel()
	operations := map[string]struct {
		ours func(z, x, y *Element) *Element
		big  func(z, x, y *big.Int) *big.Int
	}{
		"add": {(*Element).Add, (*big.Int).Add},
		"sub": {(*Element).Sub, (*big.Int).Sub},
		"mul": {(*Element).Mul, (*big.Int).Mul},
	}
	numbers := edges(bigN)
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, x := range numbers {
				for _, y := range numbers {
					want := op.big(new(big.Int), x, y)
					want.Mod(want, bigN)
					ex, ey := fromBig(t, x), fromBig(t, y)
					if got := op.ours(new(Element), ex, ey).big(); got.Cmp(want) != 0 {
						t.Fatalf("%x and %x: got %x, want %x", x, y, got, want)
					}
					if ex.big().Cmp(x) != 0 || ey.big().Cmp(y) != 0 {
						t.Fatalf("%x and %x: an argument was changed", x, y)
					}
					into := *ex
					if got := op.ours(&into, &into, ey).big(); got.Cmp(want) != 0 {
						t.Fatalf("%x and %x into the first: got %x, want %x", x, y, got, want)
					}
					into = *ey
					if got := op.ours(&into, ex, &into).big(); got.Cmp(want) != 0 {
						t.Fatalf("%x and %x into the second: got %x, want %x", x, y, got, want)
					}
					if got, want := ex.Equal(ey), x.Cmp(y) == 0; got != want {
						t.Fatalf("Equal of %x and %x is %v, want %v", x, y, got, want)
					}
				}
				want := op.big(new(big.Int), x, x)
				want.Mod(want, bigN)
				z := fromBig(t, x)
				if got := op.ours(z, z, z).big(); got.Cmp(want) != 0 {
					t.Fatalf("%x with itself, into itself: got %x, want %x", x, got, want)
				}
			}
		})
	}
}

func TestSetBytes(t *testing.T) {
	t.Parallel()
	ones := bytes.Repeat([]byte{0xff}, Size)
	plus := func(x *big.Int, d int64) []byte { return new(big.Int).Add(x, big.NewInt(d)).Bytes() }
	tests := []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"empty", nil, true},
		{"zero", []byte{0}, true},
		{"one", []byte{1}, true},
		{"N-1", plus(bigN, -1), true},
		{"N-1 with a sign byte", append([]byte{0}, plus(bigN, -1)...), true},
		{"N-1 with many zeros", append(make([]byte, 1000), plus(bigN, -1)...), true},
		{"N", nBytes(), false},
		{"N with a sign byte", append([]byte{0}, nBytes()...), false},
		{"N+1", plus(bigN, 1), false},
		{"2^3072-1", ones, false},
		{"2^3072", plus(new(big.Int).SetBytes(ones), 1), false},
		{"one far above", append([]byte{1}, make([]byte, 2*Size)...), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z := fromBig(t, big.NewInt(7))
			if got := z.SetBytes(tt.in); got != tt.ok {
				t.Fatalf("SetBytes is %v, want %v", got, tt.ok)
			}
			want := new(big.Int).SetBytes(tt.in)
			if !tt.ok {
				want.SetInt64(7)
			}
			if got := z.big(); got.Cmp(want) != 0 {
				t.Errorf("the element is %x, want %x", got, want)
			}
			if got, want := z.IsZero(), want.Sign() == 0; got != want {
				t.Errorf("IsZero is %v, want %v", got, want)
			}
		})
	}
}

func exponents() map[string][]byte {
	m := map[string][]byte{
		"empty":            nil,
		"zero byte":        {0},
		"one":              {1},
		"31":               {31},
		"32":               {32},
		"leading zeros":    append(make([]byte, 31), 3),
		"top bit only":     append([]byte{0x80}, make([]byte, 31)...),
		"zeros":            make([]byte, 32),
		"ones":             bytes.Repeat([]byte{0xff}, 32),
		"random":           randomBytes(32),
		"33 bytes":         randomBytes(33),
		"ones of 64 bytes": bytes.Repeat([]byte{0xff}, 64),
		"random 64 bytes":  randomBytes(64),
		"random 129 bytes": randomBytes(129),
	}
	for n := 2; n < 32; n += 7 {
		m[fmt.Sprintf("random %d bytes", n)] = randomBytes(n)
	}
	return m
}

func TestExpAgainstMathBigAndBigmod(t *testing.T) {
	t.Parallel()
	m, err := bigmod.NewModulus(nBytes())
	if err != nil {
		t.Fatal(err)
	}
	bases := []*big.Int{
		new(big.Int), new(big.Int).Sub(bigN, big.NewInt(1)),
		new(big.Int).Mod(new(big.Int).SetBytes(randomBytes(Size)), bigN),
	}
	for name, e := range exponents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, base := range bases {
				x := fromBig(t, base)
				got := new(Element).Exp(x, e).big()
				want := new(big.Int).Exp(base, new(big.Int).SetBytes(e), bigN)
				if got.Cmp(want) != 0 {
					t.Errorf("math/big: %x to %x is %x, want %x", base, e, got, want)
				}
				nat, err := bigmod.NewNat().SetBytes(base.FillBytes(make([]byte, Size)), m)
				if err != nil {
					t.Fatal(err)
				}
				want.SetBytes(bigmod.NewNat().Exp(nat, e, m).Bytes(m))
				if got.Cmp(want) != 0 {
					t.Errorf("bigmod: %x to %x is %x, want %x", base, e, got, want)
				}
				if x.Exp(x, e).big().Cmp(got) != 0 {
					t.Errorf("%x to %x into itself differs", base, e)
				}
			}
			got := new(Element).ExpBase2(e).big()
			want := new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(e), bigN)
			if got.Cmp(want) != 0 {
				t.Errorf("2 to %x is %x, want %x", e, got, want)
			}
		})
	}
}

func TestCombTables(t *testing.T) {
	t.Parallel()
	for j, table := range combTables() {
		for i := range table {
			e := new(big.Int)
			for tooth := range combTeeth {
				if i>>tooth&1 == 1 {
					e.SetBit(e, combRow*tooth+combColumns*j, 1)
				}
			}
			got := (&Element{table[i]}).big()
			if want := new(big.Int).Exp(big.NewInt(2), e, bigN); got.Cmp(want) != 0 {
				t.Errorf("entry %d of block %d is %x, want %x", i, j, got, want)
			}
		}
	}
}

// Every bit of the exponent has one place in the comb, where it stands for
// itself.
func TestCombIndex(t *testing.T) {
	t.Parallel()
	for bit := range 8 * combMaxLen {
		e := new(big.Int).SetBit(new(big.Int), bit, 1)
		for _, b := range [][]byte{e.Bytes(), e.FillBytes(make([]byte, combMaxLen))} {
			sum := new(big.Int)
			for k := range combColumns {
				for j := range combBlocks {
					index := combIndex(b, combColumns*j+k)
					for tooth := range combTeeth {
						if index>>tooth&1 == 1 {
							sum.Add(sum, new(big.Int).Lsh(big.NewInt(1), uint(combRow*tooth+combColumns*j+k)))
						}
					}
				}
			}
			if sum.Cmp(e) != 0 {
				t.Errorf("the comb takes 2^%d for %x", bit, sum)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	var table [tableSize]words
	for i := range table {
		table[i] = *wordsOf(new(big.Int).SetBytes(randomBytes(Size)))
	}
	for i := range table {
		z := *wordsOf(new(big.Int).Sub(bigR, big.NewInt(1)))
		z.lookup(&table, uint64(i))
		if z != table[i] {
			t.Errorf("entry %d is not what lookup returns", i)
		}
	}
}

func TestMulAddAgainstMathBig(t *testing.T) {
	t.Parallel()
	ones := func(n int) []byte { return bytes.Repeat([]byte{0xff}, n) }
	tests := []struct {
		name    string
		u, x, a []byte
		length  int
	}{
		{"nothing", nil, nil, nil, 0},
		{"zeros", make([]byte, 32), make([]byte, 32), make([]byte, 32), 64},
		{"largest", ones(32), ones(32), ones(32), 64},
		{"largest with a long a", ones(32), ones(32), ones(128), 129},
		{"only a", nil, nil, ones(32), 33},
		{"no a", ones(32), ones(32), nil, 64},
		{"carry above u·x", ones(6), ones(32), ones(37), 39},
		{"carry above a", ones(1), ones(1), ones(37), 38},
		{"random", randomBytes(32), randomBytes(32), randomBytes(32), 64},
		{"uneven", randomBytes(5), randomBytes(32), randomBytes(17), 37},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := MulAdd(tt.u, tt.x, tt.a)
			if len(got) != tt.length {
				t.Errorf("the sum has %d bytes, want %d", len(got), tt.length)
			}
			want := new(big.Int).Mul(new(big.Int).SetBytes(tt.u), new(big.Int).SetBytes(tt.x))
			want.Add(want, new(big.Int).SetBytes(tt.a))
			if new(big.Int).SetBytes(got).Cmp(want) != 0 {
				t.Errorf("got %x, want %x", got, want)
			}
		})
	}
}

func TestComputationsDoNotAllocate(t *testing.T) {
	x := fromBig(t, big.NewInt(3))
	e := randomBytes(32)
	var z Element
	z.ExpBase2(e)
	for name, f := range map[string]func(){
		"Mul":      func() { z.Mul(x, x) },
		"Sub":      func() { z.Sub(x, x) },
		"Exp":      func() { z.Exp(x, e) },
		"ExpBase2": func() { z.ExpBase2(e) },
	} {
		if got := testing.AllocsPerRun(5, f); got != 0 {
			t.Errorf("%s allocates %v times, want 0", name, got)
		}
	}
}

// Importing the package must cost nothing: the comb is built on first use.
func TestNoWorkAtInit(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("init runtime")) {
		t.Fatalf("no trace of initialization:\n%s", out)
	}
	// init <package> @<time> ms, <time> ms clock, <n> bytes, <n> allocs
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[0] != "init" || !strings.HasSuffix(fields[1], "srp/internal/modp") {
			continue
		}
		if n, err := strconv.Atoi(fields[7]); err != nil || n > 1024 {
			t.Errorf("initialization allocates too much: %s", line)
		}
	}
}
