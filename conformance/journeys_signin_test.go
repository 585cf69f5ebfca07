package conformance

func signInJourneys() []*journey {
	return []*journey{
		{name: "sign-in", client: rolePlain, play: signInWithPassword},
		{name: "sign-in-hiding", client: roleHiding, play: signInHiding},
		{name: "sign-in-by-administrator", client: rolePlain, play: signInByAdministrator},
		{name: "new-password", client: rolePlain, needs: []string{"Policies"}, play: newPasswordRequired},
		{name: "accounts-that-cannot-sign-in", client: rolePlain, play: lockedOut},
		{name: "lockout", client: rolePlain, locks: true, play: lockOut},
	}
}

func signInWithPassword(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("wrong password", observed, "InitiateAuth", r.byPassword(ana, ana.wrong))
	r.call("empty password", inferred, "InitiateAuth", r.byPassword(ana, ""))
	r.call("nobody has the name", observed, "InitiateAuth", r.byPassword(nobody, nobody.password))
	r.call("no name", observed, "InitiateAuth", r.start("USER_PASSWORD_AUTH", m{"PASSWORD": ana.password}))
	r.call("no password", observed, "InitiateAuth", r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name}))
	r.call("no parameters", inferred, "InitiateAuth", m{"ClientId": r.client.id, "AuthFlow": "USER_PASSWORD_AUTH"})
	r.call("a parameter that nobody reads", inferred, "InitiateAuth", r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "COLOR": "blue"}))
	r.call("a secret hash that is not needed", inferred, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "SECRET_HASH": "aGFzaA=="}))
	r.call("a device where none are tracked", inferred, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "DEVICE_KEY": r.target.region + "_" + newUUID()}))
	r.call("a flow that the client has not", observed, "InitiateAuth", r.start("CUSTOM_AUTH", m{"USERNAME": ana.name}))
	r.call("a flow for administrators", observed, "InitiateAuth", r.start("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	other := r.byPassword(ana, ana.password)
	other["ClientId"] = "0000000000000000000000000x"
	r.call("a client that does not exist", observed, "InitiateAuth", other)
	r.call("the address, which is no alias", observed, "InitiateAuth", r.start("USER_PASSWORD_AUTH", m{"USERNAME": r.target.prefix + "a@example.com", "PASSWORD": ana.password}))
	a := r.prepare("AdminGetUser", r.onUser(ana, m{}))
	if sub := subOf(a); sub != "" || r.replays {
		r.call("the sub for the name", observed, "InitiateAuth", r.start("USER_PASSWORD_AUTH", m{"USERNAME": sub, "PASSWORD": ana.password}))
	}
}

// subOf finds the sub among the attributes of an answer.
func subOf(a answer) string {
	list, _ := a.body["UserAttributes"].([]any)
	for _, item := range list {
		if attribute, _ := item.(m); attribute["Name"] == "sub" {
			sub, _ := attribute["Value"].(string)
			return sub
		}
	}
	return ""
}

// signInHiding is what an app client says that does not say who exists.
func signInHiding(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	r.call("wrong password", observed, "InitiateAuth", r.byPassword(ana, ana.wrong))
	r.call("nobody has the name", documented, "InitiateAuth", r.byPassword(nobody, nobody.password))
	r.call("the name is taken", documented, "SignUp", r.public(ana, m{"Password": ana.password}))
	r.call("confirm an account that does not exist", reported, "ConfirmSignUp", r.public(nobody, m{"ConfirmationCode": "000000"}))
	r.call("another code for an account that does not exist", documented, "ResendConfirmationCode", r.public(nobody, m{}))
	r.call("another code for a confirmed account", observed, "ResendConfirmationCode", r.public(ana, m{}))
	r.call("forgotten by nobody", documented, "ForgotPassword", r.public(nobody, m{}))
	r.call("a new password for nobody", documented, "ConfirmForgotPassword", r.public(nobody, m{"ConfirmationCode": "000000", "Password": nobody.password}))
	r.call("a new password without a code", documented, "ConfirmForgotPassword", r.public(ana, m{"ConfirmationCode": "000000", "Password": ana.wrong}))

	bob := r.person("bob")
	r.create(bob)
	r.call("forgotten with a temporary password", observed, "ForgotPassword", r.public(bob, m{}))
	r.prepare("AdminDisableUser", r.onUser(ana, m{}))
	r.call("disabled", inferred, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("disabled, wrong password", inferred, "InitiateAuth", r.byPassword(ana, ana.wrong))
	r.call("disabled, forgotten", documented, "ForgotPassword", r.public(ana, m{}))
}

func signInByAdministrator(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	start := func(flow string, parameters m) m {
		return with(r.start(flow, parameters), m{"UserPoolId": r.client.pool})
	}
	tokens := r.call("sign in", documented, "AdminInitiateAuth", start("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	r.call("sign in, as it was called before", documented, "AdminInitiateAuth", start("ADMIN_NO_SRP_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	r.call("wrong password", observed, "AdminInitiateAuth", start("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.wrong}))
	r.call("nobody has the name", observed, "AdminInitiateAuth", start("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": nobody.name, "PASSWORD": nobody.password}))
	r.call("a flow of users", inferred, "AdminInitiateAuth", start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	r.call("a flow that the client has not", inferred, "AdminInitiateAuth", start("CUSTOM_AUTH", m{"USERNAME": ana.name}))
	r.call("refresh", documented, "AdminInitiateAuth",
		with(r.refreshing(ana, m{"REFRESH_TOKEN": r.need(tokens, "AuthenticationResult", "RefreshToken")}), m{"UserPoolId": r.client.pool}))
}

// newPasswordRequired begins with a temporary password.
func newPasswordRequired(r *run) {
	ana := r.person("ana")
	r.call("create", documented, "AdminCreateUser", r.onUser(ana, m{
		"TemporaryPassword": ana.password, "MessageAction": "SUPPRESS",
		"UserAttributes": attributes("email", ana.email, "email_verified", "true"),
	}))
	r.call("create again", reported, "AdminCreateUser", r.onUser(ana, m{"TemporaryPassword": ana.password, "MessageAction": "SUPPRESS"}))
	r.call("wrong password", observed, "InitiateAuth", r.byPassword(ana, ana.wrong))
	challenge := r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	session := r.need(challenge, "Session")
	answer := func(session, password string, more m) m {
		return r.respond("NEW_PASSWORD_REQUIRED", session, with(more, m{"USERNAME": ana.name, "NEW_PASSWORD": password}))
	}
	r.call("no new password", observed, "RespondToAuthChallenge", r.respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": ana.name}))
	r.call("a weak one", inferred, "RespondToAuthChallenge", answer(session, "short", m{}))
	r.call("an attribute that has a value", observed, "RespondToAuthChallenge", answer(session, ana.wrong, m{"userAttributes.email": ana.email}))
	r.call("another challenge's session", inferred, "RespondToAuthChallenge", r.respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": ana.name, "SOFTWARE_TOKEN_MFA_CODE": "000000"}))
	r.call("no session", observed, "RespondToAuthChallenge", answer("", ana.wrong, m{}))
	r.call("a session that is none", observed, "RespondToAuthChallenge", answer("12345678901234567890", ana.wrong, m{}))
	changed := r.password("new password")
	r.call("a new password, and a name", documented, "RespondToAuthChallenge", answer(session, changed, m{"userAttributes.name": ana.name}))
	r.call("the session again", observed, "RespondToAuthChallenge", answer(session, changed, m{}))
	r.call("sign in with the new one", documented, "InitiateAuth", r.byPassword(ana, changed))
	r.call("sign in with the temporary one", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("look at the account", documented, "AdminGetUser", r.onUser(ana, m{}))

	bob := r.person("bob")
	r.create(bob)
	challenge = r.call("sign in with a temporary password", documented, "InitiateAuth", r.byPassword(bob, bob.password))
	r.call("the temporary one for the new one", reported, "RespondToAuthChallenge",
		r.respond("NEW_PASSWORD_REQUIRED", r.need(challenge, "Session"), m{"USERNAME": bob.name, "NEW_PASSWORD": bob.password}))
	r.call("no invitation twice", inferred, "AdminCreateUser", r.onUser(bob, m{"MessageAction": "RESEND"}))
}

// lockedOut tries accounts in all the states in which nobody signs in.
func lockedOut(r *run) {
	ana := r.confirmed("ana")
	access, refresh := r.signIn("sign in", ana)
	r.call("disable", documented, "AdminDisableUser", r.onUser(ana, m{}))
	r.settle()
	r.call("disabled", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("disabled, wrong password", inferred, "InitiateAuth", r.byPassword(ana, ana.wrong))
	r.srpSignIn("disabled, SRP", inferred, ana, ana.password)
	r.call("disabled, forgotten", observed, "ForgotPassword", r.public(ana, m{}))
	r.call("disabled, access token", documented, "GetUser", bearer(access, m{}))
	r.call("disabled, refresh", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh}))
	r.call("look at the disabled account", documented, "AdminGetUser", r.onUser(ana, m{}))
	r.call("enable", documented, "AdminEnableUser", r.onUser(ana, m{}))
	r.settle()
	r.call("enabled, access token from before", documented, "GetUser", bearer(access, m{}))
	r.call("enabled, refresh token from before", documented, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh}))
	r.call("enabled", documented, "InitiateAuth", r.byPassword(ana, ana.password))

	bob := r.confirmed("bob")
	access, refresh = r.signIn("sign in as bob", bob)
	r.call("reset", documented, "AdminResetUserPassword", r.onUser(bob, m{}))
	r.settle()
	r.call("to be reset", documented, "InitiateAuth", r.byPassword(bob, bob.password))
	r.call("to be reset, wrong password", inferred, "InitiateAuth", r.byPassword(bob, bob.wrong))
	r.srpSignIn("to be reset, SRP", inferred, bob, bob.password)
	r.call("to be reset, access token", observed, "GetUser", bearer(access, m{}))
	r.call("to be reset, refresh", inferred, "InitiateAuth", r.refreshing(bob, m{"REFRESH_TOKEN": refresh}))
	r.call("look at the account to be reset", documented, "AdminGetUser", r.onUser(bob, m{}))
	r.call("wrong code", observed, "ConfirmForgotPassword", r.public(bob, m{"ConfirmationCode": "000000", "Password": bob.wrong}))

	eve := r.person("eve")
	r.prepare("SignUp", r.public(eve, m{"Password": eve.password}))
	r.srpSignIn("unconfirmed, SRP", inferred, eve, eve.password)
}

// lockOut fails until the account is locked.
func lockOut(r *run) {
	ana := r.confirmed("ana")
	for _, what := range []string{"first", "second", "third", "fourth", "fifth", "sixth"} {
		r.call(what+" wrong password", documented, "InitiateAuth", r.byPassword(ana, ana.wrong))
	}
	r.call("right password at once", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.sleep(5e9)
	r.call("right password later", documented, "InitiateAuth", r.byPassword(ana, ana.password))
}
