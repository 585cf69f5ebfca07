// Package cognito calls the user pool API of Amazon Cognito. It is the only
// importer of the AWS client: requests go in and answers come out as neutral
// types, and every failure is a [*ServiceError].
//
// What it adds to the AWS client:
//
//   - The secret hash of each request, from that request's own user name.
//   - Retries of only what is safe to repeat (see [Client]).
//   - A transport that reads each answer whole and bounded, and understands
//     answers that are not Cognito's: HTML pages of firewalls and proxies.
//   - Silence about secrets. Error texts and log lines name the operation and
//     the code. The types that carry passwords, codes, tokens, sessions or user
//     names print as their type name alone.
//
// Only unsigned operations are used. AWS credentials are never looked up.
package cognito
