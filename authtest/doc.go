// Package authtest is an Amazon Cognito user pool in memory, for tests and
// demonstrations.
//
// A [Pool] speaks the service's protocol and behaves as the service does, as
// far as that is documented or was observed: SRP and passkeys are verified,
// tokens are signed with RS256 and listed in a key set, codes are delivered
// into an [Pool.Inbox] and expire, attempts are limited, errors have the
// service's types and texts. What the pool does not know it refuses, and fails
// the test.
//
//	pool := authtest.NewPool(t, authtest.Config{})
//	pool.AddUser(authtest.User{Name: "ana", Password: "correct horse"})
//
// [Pool.Transport] reaches the pool without a network, so that a whole
// sign-in runs inside a testing/synctest bubble; [Pool.Start] serves it at a
// loopback address for other processes.
//
// A [Server] is the service's endpoint with any number of pools, for programs
// that have several and for those that make them: it serves the operations on
// pools and app clients too.
//
// # Imports of users
//
// A file of users is put at the URL that CreateUserImportJob answers with, in
// the pool itself. A job that was started is done before anybody looks at the
// pool's users again.
//
// # Managed login
//
// [Config].Domain gives a pool a domain, with the OAuth 2.0 and OpenID Connect
// endpoints and the pages that people sign in at. They are reached by
// [Pool.DomainURL] through the transport, and on loopback in a browser. A page
// stands for external providers, where whoever sits at the browser says whom
// the provider would sign in. With [ConfirmWithLink] the e-mails after sign-ups
// have links to there: see [Message].
//
// # Triggers
//
// [Triggers] are the pool's Lambda triggers as Go functions, which get the
// service's events at the service's moments. [LambdaTriggers] makes triggers of
// functions in other processes, as "sam local start-lambda" serves them.
//
// # Threat protection
//
// [Config].AdvancedSecurityMode makes a pool record authentication events.
// [Pool.SetUserRisk] and [Pool.AddCompromisedPasswords] script what the service
// would find out by itself, and risk configurations what becomes of it.
//
// # Failures
//
// [Pool.Inject] scripts failures: throttling, server errors, answers lost
// after the pool has acted on the request, pages of proxies, latency.
// [Config].ClockSkew sets the pool's clock apart from ours.
//
// # State
//
// [Server.Export] writes the state of a server, [Server.Import] takes one back,
// and [Server.Seed] makes pools of a file that people write. With a [Storage],
// a server outlives its process: whatever it has answered is still so when it
// is started again. Triggers that are Go functions are not part of the state,
// so pools that come from a storage have none.
//
// # Not for production
//
// The keys that sign a pool's tokens are published with this package. A
// verifier that trusts them outside tests trusts everybody.
package authtest
