// Package auth signs people in with an Amazon Cognito user pool. It is the Go
// counterpart of @aws-amplify/auth and amazon-cognito-identity-js, made for
// programs that serve many people at once: web back ends with their own sign-in
// pages, APIs, and command-line tools.
//
// # Quick start
//
//	client, err := auth.NewClient(ctx, auth.Config{UserPoolID: "eu-west-1_AbC123def", ClientID: "…"})
//	s, err := auth.NewSession(client, id) // one end user: id is a random cookie value, or "default" in a CLI
//	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: name, Password: password})
//	switch out.NextStep.Step {
//	case auth.SignInStepDone:
//	case auth.SignInStepConfirmWithTOTPCode:
//		out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: code})
//	}
//
// Every operation is a function of the same shape: the context first, the
// session second, an input struct third where there is something to give. A
// result is non-nil exactly when the error is nil. There is no package-level
// state, and no function finds a session in a context: leaving one out does not
// compile.
//
// # Steps
//
// A sign-in can take several calls, because the pool can ask for a code, a
// second factor, a new password. Each call returns the next step, named as
// Amplify names it, with what a page needs to show; the outputs marshal to the
// JSON that Amplify's own outputs have. ConfirmSignIn answers the step.
//
// # Sessions and storage
//
// A [Session] is a handle: the client and an id. All state is in [Config.Store],
// under hashes of the id: one record with the tokens, one with a sign-in in
// progress, one with a sign-up that [AutoSignIn] can continue. So the next step
// can be answered on another host, after a restart, and a session is refreshed
// once however many requests need it. Without a Store, sessions live in this
// process's memory. The store sees tokens; protect it as you would passwords.
//
// Passwords and codes are never stored, and nothing secret is ever printed: no
// type of this package shows a token, code, password, username or session id
// under any fmt verb, in an error or in a log.
//
// # Errors
//
// Every error is an [*Error] with an [ErrorCode], or several joined for rejected
// input. Codes are errors: errors.Is(err, [ErrCodeMismatch]). Input is checked
// before anything is sent. [IsRemote] tells the service's answers from this
// side's. [HTTPStatus] and [ErrorCode.RecoverySuggestion] are what a web
// application answers with; docs/errors.md has the table.
//
// Functions list the codes that are their own. Whatever asks the service can
// also return [ErrNetwork], [ErrHTTP], [ErrCanceled], [ErrUnexpectedResponse],
// [ErrResponseTooLarge] and [ErrRequestNotSent], and of the service's codes
// [ErrTooManyRequests], [ErrInternalError], [ErrForbidden], [ErrNotAuthorized],
// [ErrInvalidParameter], [ErrPoolNotFound], [ErrResourceNotFound],
// [ErrOperationNotEnabled] and [ErrUnsupportedOperation]; where a Lambda trigger
// runs, [ErrUserLambdaValidation], [ErrUnexpectedLambda] and
// [ErrInvalidLambdaResponse]; where a message is sent,
// [ErrInvalidSMSRoleAccessPolicy], [ErrInvalidSMSRoleTrustRelationship] and
// [ErrInvalidEmailRoleAccessPolicy]. [ErrInternal] is a store that failed.
//
// Functions that act for whoever is signed in refresh an access token that is
// about to expire, or that the service refuses, and go on with the new one.
// [ErrAccessTokenRefused] is a new one that it refuses too.
//
// Requests that the service may have acted on are not sent again by themselves;
// [Error.MaybeProcessed] says when that leaves a doubt. An outage never signs
// anybody out.
//
// # Testing
//
// Package authtest is a whole user pool inside the test: real SRP, real tokens,
// an inbox for codes, failures on demand, and it works in testing/synctest.
//
// # Compatibility
//
// The module follows semantic versioning; below v1, minor versions may change
// the API. Structs may gain fields: use field names in literals. The values of
// steps and codes, the JSON of outputs and the bytes of stored records do not
// change meaning.
package auth
