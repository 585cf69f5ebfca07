//go:build race

package srp

// handshakes is how many random exchanges the tests go through. The race
// detector makes the arithmetic, which has no concurrency in it, some thirty
// times slower.
const handshakes = 20
