// Package tokens checks the tokens of an Amazon Cognito user pool and keeps
// them: a [Verifier] for access and ID tokens, the key set it checks them with,
// the [Bundle] that one sign-in yields, and the [Store] that holds bundles.
//
//	issuer, err := tokens.PoolIssuer("eu-west-1_AbC123def")
//	verifier, err := tokens.NewVerifier(tokens.Config{Issuer: issuer, ClientIDs: []string{"1example23456789"}})
//	claims, err := verifier.VerifyAccess(ctx, bearer)
//
// # What is checked
//
// A token is accepted only if it is signed with RS256 by a key of the pool's
// key set and its issuer, its token_use, its app client and its times are the
// expected ones. Access and ID tokens have different Go types, so that neither
// can be taken for the other. Nothing in a token chooses how it is checked: the
// algorithm is fixed, and the header parameters that offer keys (jku, jwk, x5u,
// x5c) are never looked at.
//
// The cryptography is golang-jwt's RS256 method over crypto/rsa. Its parser is
// not used: it lets duplicate members and line breaks inside base64 pass and
// reads claims before it has checked the signature. The reader here is
// stricter, and several times faster; golang-jwt's parser is its oracle in the
// tests, where everything accepted here must be accepted there.
//
// A check without network access cannot see that a token was revoked.
//
// # Keys
//
// The key set is fetched when it is first needed and kept. A key id that it
// does not hold makes it look again, at a bounded rate; the set is also
// refreshed from time to time by the requests that use it. No goroutine
// outlives a fetch, and fetched keys are kept while the pool cannot be reached.
// See [RemoteKeys].
//
// # Errors
//
// Every failure has an [ErrorCode] to test for with [errors.Is]. [ErrInvalid]
// matches all refusals that are the token's own fault (HTTP status 401);
// [ErrKeysUnavailable] is an outage (503), [ErrScope] and [ErrGroup] are a lack
// of rights (403). No error text contains a token, a claim of a user or a
// record's key.
package tokens
