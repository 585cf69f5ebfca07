//go:build race

package auth_test

// raceDetector makes the tests that repeat themselves thousands of times do so
// less often: the race detector slows them down by an order of magnitude.
const raceDetector = true
