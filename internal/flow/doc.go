// Package flow is the sign-in state machine.
//
// [Step] is a pure function from an attempt and an event to an attempt and an
// effect: no I/O, no clock, no randomness. Whoever drives it performs the
// effect (sends a request, computes a password proof, asks the person) and
// feeds the outcome back as the next event, until the effect is one that ends
// the call: [Ask], [Finish], [Divert] or [Fail].
//
// An [Attempt] between two calls is small, versioned and JSON-serializable. It
// holds the service's Session string, which is a bearer secret of the attempt,
// but no secret of the person: passwords, codes and SRP values pass through
// events and effects of one call and are gone with it.
//
// One rule answers PASSWORD_VERIFIER, DEVICE_SRP_AUTH and
// DEVICE_PASSWORD_VERIFIER wherever they appear, so that no flow can forget
// one of them.
package flow
