package conformance

func factorJourneys() []*journey {
	return []*journey{
		{name: "totp", client: rolePlain, needs: []string{"EnabledMfas", "MfaConfiguration"}, play: totp},
		{name: "mfa-preference", client: rolePlain, needs: []string{"EnabledMfas", "MfaConfiguration"}, play: mfaPreference},
		{name: "mfa-set-up", client: roleMFA, needs: []string{"EnabledMfas", "MfaConfiguration"}, play: mfaSetUp},
	}
}

// setUpTOTP registers an authenticator app with an access token, as a part of
// the preparations.
func (r *run) setUpTOTP(what, access string) *authenticatorApp {
	a := r.call(what+", the secret", documented, "AssociateSoftwareToken", bearer(access, m{}))
	app := r.app(r.need(a, "SecretCode"))
	r.call(what+", the first code", documented, "VerifySoftwareToken", bearer(access, m{"UserCode": r.totp(app)}))
	return app
}

// totp sets an authenticator app up and signs in with it.
func totp(r *run) {
	ana := r.confirmed("ana")
	access, _ := r.signIn("sign in", ana)
	on := bearer(access, m{"SoftwareTokenMfaSettings": m{"Enabled": true, "PreferredMfa": true}})
	r.call("a first code before a secret", inferred, "VerifySoftwareToken", bearer(access, m{"UserCode": "000000"}))
	r.call("turn on what is not set up", observed, "SetUserMFAPreference", on)
	a := r.call("the secret", documented, "AssociateSoftwareToken", bearer(access, m{}))
	app := r.app(r.need(a, "SecretCode"))
	r.call("turn on what is not verified", observed, "SetUserMFAPreference", on)
	r.call("wrong first code", observed, "VerifySoftwareToken", bearer(access, m{"UserCode": app.wrongCode()}))
	r.call("a first code that is none", inferred, "VerifySoftwareToken", bearer(access, m{"UserCode": "x"}))
	const name = "conformance phone"
	r.scrub.know(name, "name of the app")
	r.call("the first code", documented, "VerifySoftwareToken", bearer(access, m{"UserCode": r.totp(app), "FriendlyDeviceName": name}))
	r.call("verified is not turned on", documented, "GetUser", bearer(access, m{}))
	r.call("sign in before it is turned on", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("turn on", documented, "SetUserMFAPreference", on)
	r.call("it is turned on", documented, "GetUser", bearer(access, m{}))
	r.call("it is turned on, for administrators", documented, "AdminGetUser", r.onUser(ana, m{}))

	challenge := r.call("sign in with it", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	session := r.need(challenge, "Session")
	answer := func(session, code string) m {
		return r.respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": ana.name, "SOFTWARE_TOKEN_MFA_CODE": code})
	}
	r.call("wrong code", observed, "RespondToAuthChallenge", answer(session, app.wrongCode()))
	r.call("a code that is none", inferred, "RespondToAuthChallenge", answer(session, "x"))
	r.call("no code", observed, "RespondToAuthChallenge", r.respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": ana.name}))
	r.call("no name", inferred, "RespondToAuthChallenge", r.respond("SOFTWARE_TOKEN_MFA", session, m{"SOFTWARE_TOKEN_MFA_CODE": "000000"}))
	code := r.totp(app)
	r.call("right code", documented, "RespondToAuthChallenge", answer(session, code))
	r.call("the session again", observed, "RespondToAuthChallenge", answer(session, code))
	challenge = r.call("sign in again", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("the code again", observed, "RespondToAuthChallenge", answer(r.need(challenge, "Session"), code))
	r.call("a new code, same session", observed, "RespondToAuthChallenge", answer(r.need(challenge, "Session"), r.totp(app)))

	choice := r.call("no codes and passkeys first", documented, "InitiateAuth", r.start("USER_AUTH", m{"USERNAME": ana.name}))
	r.call("no codes and passkeys first, the password", documented, "RespondToAuthChallenge",
		r.respond("PASSWORD", choice.str("Session"), m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	r.call("turn off", documented, "SetUserMFAPreference", bearer(access, m{"SoftwareTokenMfaSettings": m{"Enabled": false, "PreferredMfa": false}}))
	r.call("it is turned off", documented, "GetUser", bearer(access, m{}))
	r.call("sign in without it", documented, "InitiateAuth", r.byPassword(ana, ana.password))
}

// mfaPreference asks for second factors that cannot be.
func mfaPreference(r *run) {
	ana := r.confirmed("ana")
	access, _ := r.signIn("sign in", ana)
	prefer := func(what string, c certainty, members m) {
		r.call(what, c, "SetUserMFAPreference", bearer(access, members))
	}
	on, off := m{"Enabled": true, "PreferredMfa": true}, m{"Enabled": false, "PreferredMfa": false}
	prefer("nothing", inferred, m{})
	prefer("SMS without a number", observed, m{"SMSMfaSettings": on})
	prefer("an app that is off and not there", observed, m{"SoftwareTokenMfaSettings": off})
	prefer("SMS off", inferred, m{"SMSMfaSettings": off})
	r.call("look at the factors", documented, "GetUserAuthFactors", bearer(access, m{}))
	app := r.setUpTOTP("an app", access)
	prefer("preferred but not enabled", inferred, m{"SoftwareTokenMfaSettings": m{"Enabled": false, "PreferredMfa": true}})
	prefer("enabled and not preferred", documented, m{"SoftwareTokenMfaSettings": m{"Enabled": true, "PreferredMfa": false}})
	r.call("look at the account", documented, "GetUser", bearer(access, m{}))
	r.call("look at the factors again", documented, "GetUserAuthFactors", bearer(access, m{}))
	r.call("sign in with it", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("an administrator turns it off", documented, "AdminSetUserMFAPreference", r.onUser(ana, m{"SoftwareTokenMfaSettings": off}))
	r.call("an administrator turns it on", documented, "AdminSetUserMFAPreference", r.onUser(ana, m{"SoftwareTokenMfaSettings": on}))
	r.call("look once more", documented, "GetUser", bearer(access, m{}))

	again := r.call("another secret", documented, "AssociateSoftwareToken", bearer(access, m{}))
	challenge := r.call("sign in while an app is replaced", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("the app of before", documented, "RespondToAuthChallenge",
		r.respond("SOFTWARE_TOKEN_MFA", r.need(challenge, "Session"), m{"USERNAME": ana.name, "SOFTWARE_TOKEN_MFA_CODE": r.totp(app)}))
	r.need(again, "SecretCode")
	prefer("e-mail in a pool without", reported, m{"EmailMfaSettings": on})
	r.call("look at what the pool has not", reported, "GetUser", bearer(access, m{}))
	r.call("sign in with what the pool has not", reported, "InitiateAuth", r.byPassword(ana, ana.password))
}

// mfaSetUp signs in where nobody does without a second factor.
func mfaSetUp(r *run) {
	ana := r.confirmed("ana")
	challenge := r.call("sign in", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	first := r.need(challenge, "Session")
	answer := func(session string) m { return r.respond("MFA_SETUP", session, m{"USERNAME": ana.name}) }
	r.call("nothing set up", inferred, "RespondToAuthChallenge", answer(first))
	a := r.call("the secret", documented, "AssociateSoftwareToken", m{"Session": first})
	app, second := r.app(r.need(a, "SecretCode")), r.need(a, "Session")
	r.call("the secret, with the session of before", observed, "AssociateSoftwareToken", m{"Session": first})
	r.call("wrong first code", observed, "VerifySoftwareToken", m{"Session": second, "UserCode": app.wrongCode()})
	r.call("neither token nor session", inferred, "AssociateSoftwareToken", m{})
	r.call("a session that is none", observed, "AssociateSoftwareToken", m{"Session": "12345678901234567890"})
	r.call("a session for an access token", observed, "AssociateSoftwareToken", m{"AccessToken": "12345678901234567890"})
	verified := r.call("the first code", documented, "VerifySoftwareToken", m{"Session": second, "UserCode": r.totp(app)})
	third := r.need(verified, "Session")
	r.call("the session of before", observed, "RespondToAuthChallenge", answer(second))
	done := r.call("set up", observed, "RespondToAuthChallenge", answer(third))
	r.call("look at the account", documented, "GetUser", bearer(r.need(done, "AuthenticationResult", "AccessToken"), m{}))
	challenge = r.call("sign in again", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("a code", documented, "RespondToAuthChallenge",
		r.respond("SOFTWARE_TOKEN_MFA", r.need(challenge, "Session"), m{"USERNAME": ana.name, "SOFTWARE_TOKEN_MFA_CODE": r.totp(app)}))
	r.call("turn off what has to be on", inferred, "SetUserMFAPreference",
		bearer(done.str("AuthenticationResult", "AccessToken"), m{"SoftwareTokenMfaSettings": m{"Enabled": false, "PreferredMfa": false}}))
	r.call("sign in all the same", inferred, "InitiateAuth", r.byPassword(ana, ana.password))

	bob := r.person("bob")
	r.create(bob)
	challenge = r.call("with a temporary password", observed, "InitiateAuth", r.byPassword(bob, bob.password))
	r.call("a new password first", observed, "RespondToAuthChallenge",
		r.respond("NEW_PASSWORD_REQUIRED", r.need(challenge, "Session"), m{"USERNAME": bob.name, "NEW_PASSWORD": r.password("new password")}))
}
