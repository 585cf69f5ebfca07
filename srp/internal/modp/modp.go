// Package modp computes in the group that Amazon Cognito's variant of SRP
// uses: modulo the 3072-bit prime N of RFC 3526 section 4 (group 15; also RFC
// 5054 appendix A), with 2 as the generator.
//
// There is one modulus, so every size is fixed and every loop has a length
// known beforehand. All operations on an [Element] and on an exponent take the
// same time and touch the same memory whatever their values are: no branch
// and no index depends on them. Lengths of byte slices are not hidden.
//
// The package does not guard against misuse beyond that; it is the engine of
// package srp and of nothing else.
package modp

import "encoding/binary"

// Size is the length in bytes of N and of an Element in fixed-width form.
const Size = 8 * limbs

// Element is a number modulo N. The zero value is the number zero. A method
// whose receiver is named z sets it to its result and returns it; z may be one
// of the arguments.
type Element struct {
	// m is the number in Montgomery form, below N.
	m words
}

// Modulus returns N in big-endian form.
func Modulus() [Size]byte {
	n := modulus
	return n.bytes()
}

// SetBytes sets z to the number whose big-endian form is b, which may have
// leading zero bytes, and reports whether it is below N. If it is not, z is
// left as it was.
func (z *Element) SetBytes(b []byte) bool {
	for len(b) > Size {
		if b[0] != 0 {
			return false
		}
		b = b[1:]
	}
	var wide [Size]byte
	copy(wide[Size-len(b):], b)
	var x, d words
	for i := range x {
		x[i] = binary.BigEndian.Uint64(wide[Size-8*(i+1):])
	}
	n, r := modulus, montSquare
	if sub(&d, &x, &n) == 0 {
		return false
	}
	montMul(&z.m, &x, &r)
	z.m.canonical()
	return true
}

// Bytes returns z in big-endian form.
func (z *Element) Bytes() [Size]byte {
	// This product needs no canonical: it is (m + q·N)/2³⁰⁷² with m below N and q
	// below 2³⁰⁷², and so below N.
	x := words{1}
	montMul(&x, &x, &z.m)
	return x.bytes()
}

// Equal reports whether z and x are the same number.
func (z *Element) Equal(x *Element) bool {
	var diff uint64
	for i := range z.m {
		diff |= z.m[i] ^ x.m[i]
	}
	return diff == 0
}

// IsZero reports whether z is zero.
func (z *Element) IsZero() bool { return z.Equal(new(Element)) }

// Add sets z to x + y.
func (z *Element) Add(x, y *Element) *Element {
	var s, d words
	n := modulus
	carry := add(&s, &x.m, &y.m)
	borrow := sub(&d, &s, &n)
	// x + y is below N only if nothing was carried out and N does not fit.
	z.m.choose(borrow&^carry, &s, &d)
	return z
}

// Sub sets z to x − y.
func (z *Element) Sub(x, y *Element) *Element {
	var d, s words
	n := modulus
	borrow := sub(&d, &x.m, &y.m)
	add(&s, &d, &n)
	z.m.choose(borrow, &s, &d)
	return z
}

// Mul sets z to x·y.
func (z *Element) Mul(x, y *Element) *Element {
	montMul(&z.m, &x.m, &y.m)
	z.m.canonical()
	return z
}

// bytes returns the big-endian form of z.
func (z *words) bytes() [Size]byte {
	var b [Size]byte
	for i, w := range z {
		binary.BigEndian.PutUint64(b[Size-8*(i+1):], w)
	}
	return b
}
