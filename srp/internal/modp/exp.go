package modp

// windowBits is the number of exponent bits that Exp consumes at a time. For
// the 512 bits of a sign-in, 5 takes the fewest multiplications.
const windowBits = 5

// tableSize is the number of entries in a table from which lookup selects.
const tableSize = 1 << windowBits

// Exp sets z to x raised to e, a number in big-endian form. The time it takes
// depends on the length of e alone.
func (z *Element) Exp(x *Element, e []byte) *Element {
	var powers [tableSize]words
	powers[0], powers[1] = montOne, x.m
	for i := 2; i < tableSize; i += 2 {
		montSquareOf(&powers[i], &powers[i/2])
		montMul(&powers[i+1], &powers[i], &x.m)
	}
	r, w := montOne, words{}
	windows := (8*len(e) + windowBits - 1) / windowBits
	for i := windows - 1; i >= 0; i-- {
		if i == windows-1 {
			r.lookup(&powers, window(e, i*windowBits))
			continue
		}
		for range windowBits {
			montSquareOf(&r, &r)
		}
		w.lookup(&powers, window(e, i*windowBits))
		montMul(&r, &r, &w)
	}
	r.canonical()
	z.m = r
	return z
}

// window returns the windowBits bits of e that begin at bit pos, counted from
// the least significant one. Bits above e are zero.
func window(e []byte, pos int) uint64 {
	var w uint64
	if i := len(e) - 1 - pos/8; i >= 0 {
		w = uint64(e[i])
		if i > 0 {
			w |= uint64(e[i-1]) << 8
		}
	}
	return w >> (pos % 8) & (tableSize - 1)
}

// lookup sets z to table[i], reading every entry.
func (z *words) lookup(table *[tableSize]words, i uint64) {
	*z = words{}
	for k := range table {
		// All ones where k is i: both are small, so of the differences less one
		// only that of equal numbers has its top bit set.
		mask := -(((uint64(k) ^ i) - 1) >> 63)
		entry := &table[k]
		for j := 0; j < limbs; j += 4 {
			ee := (*[4]uint64)(entry[j:])
			zz := (*[4]uint64)(z[j:])
			zz[0] |= ee[0] & mask
			zz[1] |= ee[1] & mask
			zz[2] |= ee[2] & mask
			zz[3] |= ee[3] & mask
		}
	}
}

// MulAdd returns u·x + a as a big-endian integer, not reduced modulo anything:
// the exponent of an SRP secret. Its length depends on the lengths of the
// arguments alone: that of u and x together, unless a is longer than both, as
// (2ⁿ−1)·(2ᵐ−1) + (2ⁿ−1) is below 2ⁿ⁺ᵐ.
func MulAdd(u, x, a []byte) []byte {
	n := len(u) + len(x)
	if len(a) > max(len(u), len(x)) {
		n = max(n, len(a)) + 1
	}
	sum := make([]byte, n)
	copy(sum[len(sum)-len(a):], a)
	for i := range u {
		digit := uint32(u[len(u)-1-i])
		var carry uint32
		for j := 0; i+j < len(sum); j++ {
			k := len(sum) - 1 - i - j
			carry += uint32(sum[k])
			if j < len(x) {
				carry += digit * uint32(x[len(x)-1-j])
			}
			sum[k] = byte(carry)
			carry >>= 8
		}
	}
	return sum
}
