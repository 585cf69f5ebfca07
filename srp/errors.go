package srp

import "errors"

// Errors of this package, to be matched with [errors.Is]. What is wrapped
// around them says which value was at fault, never what it was; only the
// identifier of a user pool is quoted.
var (
	// ErrMalformed: a value is not in the form the protocol gives it:
	// hexadecimal, base64, a timestamp, the identifier of a user pool.
	ErrMalformed = errors.New("srp: malformed value")

	// ErrPublicValue: A, B or a verifier is not a number between 1 and N−1, or
	// a verifier is 1 or N−1. RFC 5054 sections 2.5.3 and 2.5.4 have both sides
	// abort on zero modulo N, with which anyone could complete the exchange.
	ErrPublicValue = errors.New("srp: public value out of range")

	// ErrScrambler: u, the hash of A and B, is zero, on which SRP-6 has the
	// client abort. It does not happen by chance.
	ErrScrambler = errors.New("srp: scrambling parameter is zero")

	// ErrIdentity: a challenge does not say for whom it is. Cognito names the
	// user in USER_ID_FOR_SRP, which is not always the name that was typed.
	ErrIdentity = errors.New("srp: challenge without group or ID")

	// ErrUsed: the Client has made its proof already.
	ErrUsed = errors.New("srp: client already used")

	// ErrProof: the signature is not that of somebody who knows the password.
	ErrProof = errors.New("srp: proof does not match")
)
