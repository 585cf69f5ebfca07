package conformance

import "github.com/cognitokit/auth/srp"

func choiceJourneys() []*journey {
	return []*journey{
		{name: "choice", client: rolePlain, needs: []string{"Policies", "EnabledMfas"}, play: signInByChoice},
		{name: "choice-with-code", client: rolePlain, inbox: true, needs: []string{"Policies"}, play: choiceWithCode},
	}
}

// signInByChoice signs in with USER_AUTH as far as no code is needed.
func signInByChoice(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	start := func(p *person, parameters m) m { return r.start("USER_AUTH", with(parameters, m{"USERNAME": p.name})) }
	choice := func(session string, responses m) m {
		return r.respond("SELECT_CHALLENGE", session, with(responses, m{"USERNAME": ana.name}))
	}
	again := func(what string) string {
		return r.need(r.call(what, documented, "InitiateAuth", start(ana, m{})), "Session")
	}

	session := again("sign in")
	r.call("choose what is not offered", inferred, "RespondToAuthChallenge", choice(session, m{"ANSWER": "SMS_OTP"}))
	r.call("choose nothing", inferred, "RespondToAuthChallenge", choice(session, m{}))
	r.call("choose the password, a wrong one", inferred, "RespondToAuthChallenge", choice(session, m{"ANSWER": "PASSWORD", "PASSWORD": ana.wrong}))
	r.call("choose the password", documented, "RespondToAuthChallenge", choice(again("sign in once more"), m{"ANSWER": "PASSWORD", "PASSWORD": ana.password}))

	client := srp.NewClient()
	challenge := r.call("choose SRP", documented, "RespondToAuthChallenge", choice(again("sign in for SRP"), m{"ANSWER": "PASSWORD_SRP", "SRP_A": client.A()}))
	r.call("choose SRP, proof", documented, "RespondToAuthChallenge",
		r.respond("PASSWORD_VERIFIER", r.need(challenge, "Session"), r.passwordProof(client, challenge, ana.password)))

	r.call("answer as if asked for the password", documented, "RespondToAuthChallenge",
		r.respond("PASSWORD", again("sign in to be asked"), m{"USERNAME": ana.name, "PASSWORD": ana.password}))
	r.call("prefer the password", documented, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": ana.password}))
	r.call("prefer the password, a wrong one", observed, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": ana.wrong}))
	r.call("prefer the password, and give none", inferred, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "PASSWORD"}))
	client = srp.NewClient()
	challenge = r.call("prefer SRP", documented, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": client.A()}))
	r.call("prefer SRP, proof", documented, "RespondToAuthChallenge",
		r.respond("PASSWORD_VERIFIER", r.need(challenge, "Session"), r.passwordProof(client, challenge, ana.password)))
	r.call("prefer what the person has not", documented, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "WEB_AUTHN"}))
	r.call("prefer what does not exist", inferred, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "SMOKE_SIGNALS"}))
	otp := r.call("prefer a code", observed, "InitiateAuth", start(ana, m{"PREFERRED_CHALLENGE": "EMAIL_OTP"}))
	wrong := r.respond("EMAIL_OTP", r.need(otp, "Session"), m{"USERNAME": ana.name, "EMAIL_OTP_CODE": "00000000"})
	r.call("prefer a code, a wrong one", observed, "RespondToAuthChallenge", wrong)
	r.call("nobody has the name", documented, "InitiateAuth", start(nobody, m{}))

	bob := r.person("bob")
	r.create(bob)
	r.call("with a temporary password", observed, "InitiateAuth", start(bob, m{}))
}

func choiceWithCode(r *run) {
	ana := r.confirmed("ana")
	otp := r.call("prefer a code", observed, "InitiateAuth", r.start("USER_AUTH", m{"USERNAME": ana.name, "PREFERRED_CHALLENGE": "EMAIL_OTP"}))
	session, code := r.need(otp, "Session"), r.code(ana)
	answer := func(code string) m {
		return r.respond("EMAIL_OTP", session, m{"USERNAME": ana.name, "EMAIL_OTP_CODE": code})
	}
	r.call("wrong code", observed, "RespondToAuthChallenge", answer("x"))
	r.call("wrong code again", observed, "RespondToAuthChallenge", answer("x"))
	r.call("right code", observed, "RespondToAuthChallenge", answer(code))
	r.call("right code again", observed, "RespondToAuthChallenge", answer(code))
}
