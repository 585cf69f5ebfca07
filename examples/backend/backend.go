package main

import (
	"net/http"

	"github.com/cognitokit/auth"
)

// A backend answers the requests of a sign-in page. It has no state of its own:
// who is signed in is in the client's store, under the id in a cookie.
type backend struct {
	client *auth.Client
}

func newBackend(client *auth.Client) *backend { return &backend{client} }

// routes are all that a page can do.
func (b *backend) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, e := range map[string]endpoint{
		"POST /sign-up":         form(signUp),
		"POST /sign-up/confirm": form(confirmSignUp),
		"POST /sign-up/resend":  form(resendSignUpCode),

		"POST /sign-in":         form(signIn),
		"POST /sign-in/confirm": form(confirmSignIn),
		"POST /sign-out":        form(signOut),

		"POST /password":               form(updatePassword),
		"POST /password/reset":         form(resetPassword),
		"POST /password/reset/confirm": form(confirmResetPassword),

		"GET /account":                            ask(auth.FetchUser),
		"DELETE /account":                         deleteAccount,
		"PATCH /account/attributes":               form(updateAttributes),
		"POST /account/attributes/{name}/code":    sendAttributeCode,
		"POST /account/attributes/{name}/confirm": form(confirmAttribute),

		"GET /account/mfa":          ask(auth.FetchMFAPreference),
		"PUT /account/mfa":          form(updateMFAPreference),
		"POST /account/totp":        setUpTOTP,
		"POST /account/totp/verify": form(verifyTOTP),

		"GET /account/devices":         ask(auth.FetchDevices),
		"DELETE /account/devices/{id}": forgetDevice,

		"GET /account/passkeys":         passkeys,
		"POST /account/passkeys/begin":  ask(auth.BeginWebAuthnRegistration),
		"POST /account/passkeys/finish": form(finishPasskey),
		"DELETE /account/passkeys/{id}": deletePasskey,
	} {
		mux.Handle(pattern, b.handler(e))
	}
	// Requests that another site's page makes a browser send are refused.
	return http.NewCrossOriginProtection().Handler(mux)
}
