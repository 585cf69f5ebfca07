package conformance

func recoveryJourneys() []*journey {
	return []*journey{
		{name: "forgotten-password", client: rolePlain, needs: []string{"AccountRecoverySetting"}, play: forgottenPassword},
		{name: "forgotten-password-with-code", client: rolePlain, inbox: true, needs: []string{"AccountRecoverySetting"}, play: forgottenPasswordWithCode},
	}
}

// forgottenPassword is everything but the right code.
func forgottenPassword(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	confirm := func(p *person, password string) m {
		return r.public(p, m{"ConfirmationCode": "000000", "Password": password})
	}
	r.call("a new password without a code", observed, "ConfirmForgotPassword", confirm(ana, ana.wrong))
	r.call("forgotten", documented, "ForgotPassword", r.public(ana, m{}))
	r.call("the password still works", inferred, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("look at the account", inferred, "AdminGetUser", r.onUser(ana, m{}))
	r.call("wrong code", observed, "ConfirmForgotPassword", confirm(ana, ana.wrong))
	r.call("wrong code and a weak password", inferred, "ConfirmForgotPassword", confirm(ana, "Aa1!wxy"))
	r.call("forgotten by nobody", observed, "ForgotPassword", r.public(nobody, m{}))
	r.call("a new password for nobody", observed, "ConfirmForgotPassword", confirm(nobody, nobody.password))

	bob := r.person("bob")
	r.create(bob)
	r.call("forgotten with a temporary password", observed, "ForgotPassword", r.public(bob, m{}))
	r.prepare("AdminSetUserPassword", r.onUser(bob, m{"Password": bob.password, "Permanent": true}))
	r.prepare("AdminUpdateUserAttributes", r.onUser(bob, m{"UserAttributes": attributes("email_verified", "false")}))
	r.settle()
	r.call("forgotten without a verified address", documented, "ForgotPassword", r.public(bob, m{}))
}

func forgottenPasswordWithCode(r *run) {
	ana := r.confirmed("ana")
	access, token := r.signIn("sign in", ana)
	r.call("forgotten", documented, "ForgotPassword", r.public(ana, m{}))
	code := r.code(ana)
	changed := r.password("new password")
	confirm := func(code, password string) m { return r.public(ana, m{"ConfirmationCode": code, "Password": password}) }
	r.call("a weak password", documented, "ConfirmForgotPassword", confirm(code, "Aa1!wxy"))
	r.call("a new password", documented, "ConfirmForgotPassword", confirm(code, changed))
	r.call("the code again", observed, "ConfirmForgotPassword", confirm(code, changed))
	r.call("sign in with the new one", documented, "InitiateAuth", r.byPassword(ana, changed))
	r.call("sign in with the old one", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("the access token of before", inferred, "GetUser", bearer(access, m{}))
	r.call("the refresh token of before", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))

	bob := r.confirmed("bob")
	r.call("an administrator resets", documented, "AdminResetUserPassword", r.onUser(bob, m{}))
	r.call("to be reset", documented, "InitiateAuth", r.byPassword(bob, bob.password))
	r.call("a new password after the reset", documented, "ConfirmForgotPassword", r.public(bob, m{"ConfirmationCode": r.code(bob), "Password": changed}))
	r.call("sign in after the reset", documented, "InitiateAuth", r.byPassword(bob, changed))
}
