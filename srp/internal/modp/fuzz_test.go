package modp

import (
	"bytes"
	"math/big"
	"testing"
)

// seeds gives a fuzz target pairs of edge values in big-endian form.
func seeds(f *testing.F) {
	numbers := edges(bigR)
	for i, x := range numbers {
		f.Add(x.Bytes(), numbers[(i+5)%len(numbers)].Bytes())
	}
}

// inRange cuts b to the size of a residue and brings it below N.
func inRange(b []byte) *big.Int {
	x := new(big.Int).SetBytes(b[:min(len(b), Size)])
	return x.Mod(x, bigN)
}

func FuzzArithmetic(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := inRange(a), inRange(b)
		ex, ey := fromBig(t, x), fromBig(t, y)
		check := func(name string, got *Element, want *big.Int) {
			t.Helper()
			want.Mod(want, bigN)
			if got.big().Cmp(want) != 0 {
				t.Errorf("%s of %x and %x is %x, want %x", name, x, y, got.big(), want)
			}
		}
		check("sum", new(Element).Add(ex, ey), new(big.Int).Add(x, y))
		check("difference", new(Element).Sub(ex, ey), new(big.Int).Sub(x, y))
		check("product", new(Element).Mul(ex, ey), new(big.Int).Mul(x, y))
		var square Element
		montSquareOf(&square.m, &ex.m)
		square.m.canonical()
		check("square", &square, new(big.Int).Mul(x, x))
	})
}

func FuzzExp(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte{2}, []byte{0, 31})
	f.Add(nBytes()[1:], bytes.Repeat([]byte{0xff}, 32))
	f.Add(new(big.Int).Sub(bigN, big.NewInt(1)).Bytes(), []byte{0x80, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, a, e []byte) {
		x, e := inRange(a), e[:min(len(e), 66)]
		exponent := new(big.Int).SetBytes(e)
		want := new(big.Int).Exp(x, exponent, bigN)
		if got := new(Element).Exp(fromBig(t, x), e).big(); got.Cmp(want) != 0 {
			t.Errorf("%x to %x is %x, want %x", x, e, got, want)
		}
		want.Exp(big.NewInt(2), exponent, bigN)
		if got := new(Element).ExpBase2(e).big(); got.Cmp(want) != 0 {
			t.Errorf("2 to %x is %x, want %x", e, got, want)
		}
	})
}

func FuzzMulAdd(f *testing.F) {
	f.Add([]byte{}, []byte{}, []byte{})
	f.Add(bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0xff}, 32))
	f.Add(bytes.Repeat([]byte{0xff}, 6), bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0xff}, 37))
	f.Fuzz(func(t *testing.T, u, x, a []byte) {
		want := new(big.Int).Mul(new(big.Int).SetBytes(u), new(big.Int).SetBytes(x))
		want.Add(want, new(big.Int).SetBytes(a))
		if got := new(big.Int).SetBytes(MulAdd(u, x, a)); got.Cmp(want) != 0 {
			t.Errorf("%x · %x + %x is %x, want %x", u, x, a, got, want)
		}
	})
}

// FuzzSetBytes holds SetBytes to its bound and to the way back.
func FuzzSetBytes(f *testing.F) {
	f.Add([]byte{})
	f.Add(nBytes())
	f.Add(append([]byte{0}, nBytes()...))
	f.Add(bytes.Repeat([]byte{0xff}, Size+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := new(big.Int).SetBytes(b)
		var z Element
		ok := z.SetBytes(b)
		if want := x.Cmp(bigN) < 0; ok != want {
			t.Fatalf("SetBytes is %v, want %v", ok, want)
		}
		if ok && z.big().Cmp(x) != 0 {
			t.Errorf("%x came back as %x", x, z.big())
		}
	})
}
