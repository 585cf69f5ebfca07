package modp

import "math/bits"

// limbs is the number of 64-bit words in a residue.
const limbs = 48

// words is a number below 2³⁰⁷², least significant word first. Between the
// steps of one computation it is a residue modulo N in Montgomery form that
// need not be below N: montMul and montSquareOf take any such value and return
// one, which spares them a comparison. canonical ends a computation.
type words [limbs]uint64

// mulAdd returns t + x·y + c, which always fits two words.
func mulAdd(t, x, y, c uint64) (lo, hi uint64) {
	hi, lo = bits.Mul64(x, y)
	var carry uint64
	lo, carry = bits.Add64(lo, t, 0)
	hi, _ = bits.Add64(hi, 0, carry)
	lo, carry = bits.Add64(lo, c, 0)
	hi, _ = bits.Add64(hi, 0, carry)
	return lo, hi
}

// The loops below take two rows of a product at once and four columns a turn.
// Each column ends in a store, and that matters: the compiler moves every
// multiplication whose operands are ready to the front of its block, and would
// spill the results if there were more of them than registers. It does not
// move the loads of the next column across the store.

// montMul sets z to x·y/2³⁰⁷² modulo N. z may be x or y.
func montMul(z, x, y *words) {
	var t [2 * limbs]uint64
	for i := 0; i < limbs; i += 2 {
		mulRows((*[limbs + 2]uint64)(t[i:]), y, x[i], x[i+1])
	}
	reduce(z, &t)
}

// mulRows adds y·(x0 + x1·2⁶⁴) to t, whose last two words it sets.
func mulRows(t *[limbs + 2]uint64, y *words, x0, x1 uint64) {
	var l, c0, c1 uint64
	t[0], c0 = mulAdd(t[0], x0, y[0], 0)
	l, c0 = mulAdd(t[1], x0, y[1], c0)
	t[1], c1 = mulAdd(l, x1, y[0], 0)
	l, c0 = mulAdd(t[2], x0, y[2], c0)
	t[2], c1 = mulAdd(l, x1, y[1], c1)
	l, c0 = mulAdd(t[3], x0, y[3], c0)
	t[3], c1 = mulAdd(l, x1, y[2], c1)
	for j := 4; j < limbs; j += 4 {
		yy := (*[5]uint64)(y[j-1:])
		tt := (*[4]uint64)(t[j:])
		l, c0 = mulAdd(tt[0], x0, yy[1], c0)
		tt[0], c1 = mulAdd(l, x1, yy[0], c1)
		l, c0 = mulAdd(tt[1], x0, yy[2], c0)
		tt[1], c1 = mulAdd(l, x1, yy[1], c1)
		l, c0 = mulAdd(tt[2], x0, yy[3], c0)
		tt[2], c1 = mulAdd(l, x1, yy[2], c1)
		l, c0 = mulAdd(tt[3], x0, yy[4], c0)
		tt[3], c1 = mulAdd(l, x1, yy[3], c1)
	}
	t[limbs], t[limbs+1] = mulAdd(c0, x1, y[limbs-1], c1)
}

// montSquareOf sets z to x²/2³⁰⁷² modulo N. z may be x.
func montSquareOf(z, x *words) {
	var t [2 * limbs]uint64
	for i := 0; i < limbs-2; i += 2 {
		squareRows((*[limbs + 2]uint64)(t[i:]), x, i)
	}
	const last = limbs - 2
	t[2*last+1], t[2*last+2] = mulAdd(t[2*last+1], x[last], x[last+1], 0)
	doubleAndSquares(&t, x)
	reduce(z, &t)
}

// squareRows adds, to t (which begins at column i of the square), the products
// of x[i] and of x[i+1] with every word of x to the right of each. i is even
// and at most limbs-4.
func squareRows(t *[limbs + 2]uint64, x *words, i int) {
	x0, x1 := x[i], x[i+1]
	var left, l, c0, c1 uint64
	t[i+1], c0 = mulAdd(t[i+1], x0, x1, 0)
	j := i + 2
	if j%4 != 0 {
		left = x[j+1]
		t[j], c0 = mulAdd(t[j], x0, x[j], c0)
		l, c0 = mulAdd(t[j+1], x0, left, c0)
		t[j+1], c1 = mulAdd(l, x1, x[j], 0)
		j += 2
	}
	for ; j <= limbs-4; j += 4 {
		xx := (*[4]uint64)(x[j:])
		tt := (*[4]uint64)(t[j:])
		l, c0 = mulAdd(tt[0], x0, xx[0], c0)
		tt[0], c1 = mulAdd(l, x1, left, c1)
		l, c0 = mulAdd(tt[1], x0, xx[1], c0)
		tt[1], c1 = mulAdd(l, x1, xx[0], c1)
		l, c0 = mulAdd(tt[2], x0, xx[2], c0)
		tt[2], c1 = mulAdd(l, x1, xx[1], c1)
		left = xx[3]
		l, c0 = mulAdd(tt[3], x0, left, c0)
		tt[3], c1 = mulAdd(l, x1, xx[2], c1)
	}
	t[limbs], t[limbs+1] = mulAdd(c0, x1, left, c1)
}

// doubleAndSquares turns the sum of the products x[i]·x[j] with i < j into the
// square: twice that sum and every x[i]².
func doubleAndSquares(t *[2 * limbs]uint64, x *words) {
	var carry, top uint64
	for i := 0; i < limbs; i += 2 {
		h0, l0 := bits.Mul64(x[i], x[i])
		h1, l1 := bits.Mul64(x[i+1], x[i+1])
		tt := (*[4]uint64)(t[2*i:])
		t0, t1, t2, t3 := tt[0], tt[1], tt[2], tt[3]
		tt[0], carry = bits.Add64(t0<<1|top, l0, carry)
		tt[1], carry = bits.Add64(t1<<1|t0>>63, h0, carry)
		tt[2], carry = bits.Add64(t2<<1|t1>>63, l1, carry)
		tt[3], carry = bits.Add64(t3<<1|t2>>63, h1, carry)
		top = t3 >> 63
	}
}

// reduce sets z to t/2³⁰⁷² modulo N and destroys t.
//
// It adds the multiple of N that makes the lower half of t zero; the upper
// half is then the result. The sum is below 2³⁰⁷²·(2³⁰⁷² + N), so what can
// stand above the upper half is a single bit; subtracting N when it is set
// brings the result below 2³⁰⁷².
func reduce(z *words, t *[2 * limbs]uint64) {
	n := modulus
	var carry uint64
	for i := 0; i < limbs; i += 2 {
		carry = reduceRows((*[limbs + 2]uint64)(t[i:]), &n, carry)
	}
	mask := -carry
	var borrow uint64
	for j := 0; j < limbs; j += 4 {
		tt := (*[4]uint64)(t[limbs+j:])
		nn := (*[4]uint64)(n[j:])
		zz := (*[4]uint64)(z[j:])
		zz[0], borrow = bits.Sub64(tt[0], nn[0]&mask, borrow)
		zz[1], borrow = bits.Sub64(tt[1], nn[1]&mask, borrow)
		zz[2], borrow = bits.Sub64(tt[2], nn[2]&mask, borrow)
		zz[3], borrow = bits.Sub64(tt[3], nn[3]&mask, borrow)
	}
}

// reduceRows adds n·(q0 + q1·2⁶⁴) to t so that the lowest two words of the sum
// are zero; it leaves those words as they were. carry is what the rows before
// have left to be added to the second last word, and what it returns is for the
// rows after.
//
// As n ≡ −1 modulo 2⁶⁴, a quotient word is the word to be cleared itself, and
// adding q·n[0] to it leaves zero and carries q.
func reduceRows(t *[limbs + 2]uint64, n *words, carry uint64) uint64 {
	var l uint64
	q0 := t[0]
	q1, c0 := mulAdd(t[1], q0, n[1], q0)
	c1 := q1
	l, c0 = mulAdd(t[2], q0, n[2], c0)
	t[2], c1 = mulAdd(l, q1, n[1], c1)
	l, c0 = mulAdd(t[3], q0, n[3], c0)
	t[3], c1 = mulAdd(l, q1, n[2], c1)
	for j := 4; j < limbs; j += 4 {
		nn := (*[5]uint64)(n[j-1:])
		tt := (*[4]uint64)(t[j:])
		l, c0 = mulAdd(tt[0], q0, nn[1], c0)
		tt[0], c1 = mulAdd(l, q1, nn[0], c1)
		l, c0 = mulAdd(tt[1], q0, nn[2], c0)
		tt[1], c1 = mulAdd(l, q1, nn[1], c1)
		l, c0 = mulAdd(tt[2], q0, nn[3], c0)
		tt[2], c1 = mulAdd(l, q1, nn[2], c1)
		l, c0 = mulAdd(tt[3], q0, nn[4], c0)
		tt[3], c1 = mulAdd(l, q1, nn[3], c1)
	}
	l, c1 = mulAdd(c0, q1, n[limbs-1], c1)
	t[limbs], carry = bits.Add64(t[limbs], l, carry)
	t[limbs+1], carry = bits.Add64(t[limbs+1], c1, carry)
	return carry
}

// canonical brings z below N.
func (z *words) canonical() {
	var d words
	n := modulus
	borrow := sub(&d, z, &n)
	z.choose(borrow, z, &d)
}

// choose sets z to x where bit is one and to y where it is zero.
func (z *words) choose(bit uint64, x, y *words) {
	mask := -bit
	for i := range z {
		z[i] = y[i] ^ mask&(x[i]^y[i])
	}
}

// add sets z to x + y and returns the carry.
func add(z, x, y *words) (carry uint64) {
	for i := range z {
		z[i], carry = bits.Add64(x[i], y[i], carry)
	}
	return carry
}

// sub sets z to x − y and returns the borrow.
func sub(z, x, y *words) (borrow uint64) {
	for i := range z {
		z[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	return borrow
}
