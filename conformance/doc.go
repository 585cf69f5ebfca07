// Package conformance compares the user pools of package authtest with the
// service: the same journeys, observed on the wire, against both.
//
// It is made of tests alone. A journey sends requests, raw ones and those of
// package auth, and what comes back is written down with everything scrubbed
// that is different every time: a [transcript]. The transcripts of authtest are
// in testdata/authtest, each step with how certain it is that the service does
// the same, and authtest has to repeat them exactly. A pool of the service, if
// the environment names one, is compared with them, and the differences are
// printed as a table. Whatever was recorded can be replayed, without AWS, for
// package auth to run against.
//
// docs/conformance.md says how to run all that.
package conformance
