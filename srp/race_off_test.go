//go:build !race

package srp

// handshakes is how many random exchanges the tests go through.
const handshakes = 1000
