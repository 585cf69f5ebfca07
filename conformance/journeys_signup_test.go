package conformance

func signUpJourneys() []*journey {
	return []*journey{
		{name: "sign-up", client: rolePlain, play: signUp},
		{name: "sign-up-passwords", client: rolePlain, needs: []string{"Policies"}, play: signUpPasswords},
		{name: "sign-up-with-code", client: rolePlain, inbox: true, play: signUpWithCode},
	}
}

// signUp is as much of a sign-up as goes without reading e-mails.
func signUp(r *run) {
	ana, bob := r.person("ana"), r.person("bob")
	withMail := m{"Password": ana.password, "UserAttributes": attributes("email", ana.email)}
	r.call("sign up", documented, "SignUp", r.public(ana, withMail))
	r.call("the name is taken", observed, "SignUp", r.public(ana, withMail))
	r.call("sign in before confirmation", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("wrong password before confirmation", observed, "InitiateAuth", r.byPassword(ana, ana.wrong))
	r.call("another code", documented, "ResendConfirmationCode", r.public(ana, m{}))
	r.call("wrong code", observed, "ConfirmSignUp", r.public(ana, m{"ConfirmationCode": "000000"}))
	r.call("forgotten before confirmation", observed, "ForgotPassword", r.public(ana, m{}))
	r.call("look at the account", documented, "AdminGetUser", r.onUser(ana, m{}))
	r.call("an administrator confirms", documented, "AdminConfirmSignUp", r.onUser(ana, m{}))
	r.call("an administrator confirms again", observed, "AdminConfirmSignUp", r.onUser(ana, m{}))
	r.call("confirm a confirmed account", observed, "ConfirmSignUp", r.public(ana, m{"ConfirmationCode": "000000"}))
	r.call("another code for a confirmed account", observed, "ResendConfirmationCode", r.public(ana, m{}))
	r.call("look at the confirmed account", documented, "AdminGetUser", r.onUser(ana, m{}))
	r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))

	nobody := r.person("nobody")
	r.call("confirm an account that does not exist", observed, "ConfirmSignUp", r.public(nobody, m{"ConfirmationCode": "000000"}))
	r.call("another code for an account that does not exist", observed, "ResendConfirmationCode", r.public(nobody, m{}))
	r.call("an administrator confirms an account that does not exist", observed, "AdminConfirmSignUp", r.onUser(nobody, m{}))

	r.call("sign up without an address", observed, "SignUp", r.public(bob, m{"Password": bob.password}))
	r.call("another code without an address", inferred, "ResendConfirmationCode", r.public(bob, m{}))

	eve := r.person("eve")
	r.call("an attribute that the pool has not", observed, "SignUp", r.public(eve, m{"Password": eve.password, "UserAttributes": attributes("custom:x", "1")}))
	r.call("an address that is none", observed, "SignUp", r.public(eve, m{"Password": eve.password, "UserAttributes": attributes("email", "nobody")}))
	r.call("a number that is none", observed, "SignUp", r.public(eve, m{"Password": eve.password, "UserAttributes": attributes("phone_number", "555")}))
	r.call("the id itself", inferred, "SignUp", r.public(eve, m{"Password": eve.password, "UserAttributes": attributes("sub", newUUID())}))
	r.call("no password", inferred, "SignUp", r.public(eve, m{}))
}

func signUpPasswords(r *run) {
	ana := r.person("ana")
	for _, bad := range []struct {
		what, password string
		certainty      certainty
	}{
		{"too short", "Aa1!xyz", observed},
		{"no upper case", "aa1!wxyz", observed},
		{"no lower case", "AA1!WXYZ", observed},
		{"no digit", "Aaa!wxyz", observed},
		{"no symbol", "Aa11wxyz", observed},
		{"nothing of it", ".......", inferred},
		{"a letter that is not Latin for the upper case", "Äaa1!wxyz", documented},
		{"a space within", "Aa1 wxyz", documented},
	} {
		r.call(bad.what, bad.certainty, "SignUp", r.public(ana, m{"Password": bad.password}))
	}
}

// signUpWithCode is a sign-up whose messages are read.
func signUpWithCode(r *run) {
	ana := r.person("ana")
	r.call("sign up", documented, "SignUp", r.public(ana, m{"Password": ana.password, "UserAttributes": attributes("email", ana.email)}))
	first := r.code(ana)
	r.call("another code", documented, "ResendConfirmationCode", r.public(ana, m{}))
	second := r.code(ana)
	if first != second { // one time in a million
		r.call("the code that was replaced", inferred, "ConfirmSignUp", r.public(ana, m{"ConfirmationCode": first}))
	}
	confirmed := r.call("confirm", documented, "ConfirmSignUp", r.public(ana, m{"ConfirmationCode": second}))
	r.call("the same code again", observed, "ConfirmSignUp", r.public(ana, m{"ConfirmationCode": second}))
	r.call("look at the account", documented, "AdminGetUser", r.onUser(ana, m{}))
	if session := confirmed.str("Session"); session != "" {
		request := r.start("USER_AUTH", m{"USERNAME": ana.name})
		request["Session"] = session
		r.call("go on to sign in", documented, "InitiateAuth", request)
		r.call("go on to sign in again", inferred, "InitiateAuth", request)
	}
	r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
}
