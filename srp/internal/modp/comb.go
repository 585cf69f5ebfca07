package modp

import "sync"

// The comb of Lim and Lee (Crypto '94) for the base 2. A 256-bit exponent is
// cut into combTeeth rows of combBlocks·combColumns bits; column by column, the
// bits that stand below each other in a block select one entry of that block's
// table. So 52 multiplications and 12 squarings do the work of 256 squarings.
//
// Entries are found by reading whole tables, which is why larger ones do not
// pay. These take 48 KiB.
const (
	combTeeth   = windowBits
	combBlocks  = 4
	combColumns = 13
	combRow     = combBlocks * combColumns
	combMaxLen  = 32
)

// combTables holds, in block j at index i, 2 raised to the sum of the powers
// 2^(combRow·t + combColumns·j) over the bits t that are set in i. It is built
// on first use, in about the time of half an Exp, and never changes.
var combTables = sync.OnceValue(func() *[combBlocks][tableSize]words {
	tables := new([combBlocks][tableSize]words)
	power := montOne
	add(&power, &power, &power)
	power.canonical()
	for t := range combTeeth {
		for j := range combBlocks {
			table := &tables[j]
			if t == 0 {
				table[0] = montOne
			}
			tooth := 1 << t
			for i := range tooth {
				montMul(&table[tooth+i], &table[i], &power)
			}
			for range combColumns {
				montSquareOf(&power, &power)
			}
		}
	}
	return tables
})

// ExpBase2 sets z to 2 raised to e, a number in big-endian form. Up to 32
// bytes, it is several times faster than [Element.Exp]; its first call builds
// a table. The time it takes depends on the length of e alone.
func (z *Element) ExpBase2(e []byte) *Element {
	if len(e) > combMaxLen {
		var two Element
		two.SetBytes([]byte{2})
		return z.Exp(&two, e)
	}
	tables := combTables()
	r, w := montOne, words{}
	for k := combColumns - 1; k >= 0; k-- {
		if k != combColumns-1 {
			montSquareOf(&r, &r)
		}
		for j := range tables {
			w.lookup(&tables[j], combIndex(e, combColumns*j+k))
			montMul(&r, &r, &w)
		}
	}
	r.canonical()
	z.m = r
	return z
}

// combIndex gathers the bits pos, pos+combRow, pos+2·combRow … of e.
func combIndex(e []byte, pos int) uint64 {
	var index uint64
	for t := range combTeeth {
		p := pos + t*combRow
		if i := len(e) - 1 - p/8; i >= 0 {
			index |= uint64(e[i]>>(p%8)&1) << t
		}
	}
	return index
}
