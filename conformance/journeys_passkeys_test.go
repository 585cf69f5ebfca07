package conformance

import (
	"encoding/json"

	"github.com/cognitokit/auth/authtest"
)

func passkeyJourneys() []*journey {
	return []*journey{{name: "passkeys", client: rolePlain, needs: []string{"Policies", "WebAuthnRelyingPartyID", "WebAuthnUserVerification"}, play: passkeys}}
}

// relyingParty is that of the template.
const relyingParty = "auth.example.com"

// passkeys registers a passkey and signs in with it. Nothing of that needs a
// browser: the service believes what an authenticator signs.
func passkeys(r *run) {
	r.scrub.know(relyingParty, "relying party")
	ana := r.confirmed("ana")
	access, _ := r.signIn("sign in", ana)
	browser := authtest.NewAuthenticator("https://" + relyingParty)
	complete := func(what string, c certainty, credential any) {
		r.call(what, c, "CompleteWebAuthnRegistration", bearer(access, m{"Credential": credential}))
	}
	r.call("list none", documented, "ListWebAuthnCredentials", bearer(access, m{}))
	complete("complete what was not started", inferred, r.credential(browser, creationOptions))
	r.call("start", documented, "StartWebAuthnRegistration", bearer(access, m{}))
	complete("a credential that is none", observed, m{"id": "x"})
	complete("another challenge", inferred, r.credential(browser, creationOptions))
	started := r.call("start again", documented, "StartWebAuthnRegistration", bearer(access, m{}))
	options, err := json.Marshal(started.body["CredentialCreationOptions"])
	if err != nil {
		r.stop("%v", err)
	}
	credential := r.credential(browser, string(options))
	complete("register", documented, credential)
	complete("register again", inferred, credential)
	listed := r.call("list", documented, "ListWebAuthnCredentials", bearer(access, m{}))
	r.call("look at the factors", documented, "GetUserAuthFactors", bearer(access, m{}))
	r.call("start a third time", documented, "StartWebAuthnRegistration", bearer(access, m{}))

	start := m{"USERNAME": ana.name, "PREFERRED_CHALLENGE": "WEB_AUTHN"}
	r.call("sign in by choice", documented, "InitiateAuth", r.start("USER_AUTH", m{"USERNAME": ana.name}))
	challenge := r.call("sign in with it", documented, "InitiateAuth", r.start("USER_AUTH", start))
	session := r.need(challenge, "Session")
	answer := func(credential string) m {
		return r.respond("WEB_AUTHN", session, m{"USERNAME": ana.name, "CREDENTIAL": credential})
	}
	r.call("no assertion", inferred, "RespondToAuthChallenge", r.respond("WEB_AUTHN", session, m{"USERNAME": ana.name}))
	r.call("an assertion that is none", inferred, "RespondToAuthChallenge", answer("{}"))
	assertion, err := browser.Get([]byte(r.need(challenge, "ChallengeParameters", "CREDENTIAL_REQUEST_OPTIONS")))
	if err != nil {
		r.stop("%v", err)
	}
	r.call("sign in with it, assertion", documented, "RespondToAuthChallenge", answer(string(assertion)))
	r.call("the assertion again", inferred, "RespondToAuthChallenge", answer(string(assertion)))

	id := "x"
	if credentials, _ := listed.body["Credentials"].([]any); len(credentials) == 1 {
		first, _ := credentials[0].(m)
		id, _ = first["CredentialId"].(string)
	}
	r.call("delete", documented, "DeleteWebAuthnCredential", bearer(access, m{"CredentialId": id}))
	r.call("delete again", inferred, "DeleteWebAuthnCredential", bearer(access, m{"CredentialId": id}))
	r.call("list none again", documented, "ListWebAuthnCredentials", bearer(access, m{}))
	r.call("sign in with what is deleted", inferred, "InitiateAuth", r.start("USER_AUTH", start))
}

// creationOptions are options that no service has made.
const creationOptions = `{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","rp":{"id":"` + relyingParty + `","name":"x"},` +
	`"user":{"id":"AAAA","name":"x","displayName":"x"},"pubKeyCredParams":[{"type":"public-key","alg":-7}]}`

// credential makes a passkey for options.
func (r *run) credential(browser *authtest.Authenticator, options string) m {
	text, err := browser.Create([]byte(options))
	if err != nil {
		r.stop("%v", err)
	}
	var credential m
	if err := json.Unmarshal(text, &credential); err != nil {
		r.stop("%v", err)
	}
	return credential
}
