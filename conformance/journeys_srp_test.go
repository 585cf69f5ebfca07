package conformance

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/cognitokit/auth/srp"
)

func srpJourneys() []*journey {
	return []*journey{
		{name: "srp", client: rolePlain, play: signInWithSRP},
		{name: "srp-hiding", client: roleHiding, play: srpHiding},
		{name: "srp-proofs", client: rolePlain, play: srpProofs},
	}
}

// startSRP asks for a challenge.
func (r *run) startSRP(what string, c certainty, p *person) (*srp.Client, answer) {
	client := srp.NewClient()
	return client, r.call(what, c, "InitiateAuth", r.start("USER_SRP_AUTH", m{"USERNAME": p.name, "SRP_A": client.A()}))
}

// srpSignIn takes two steps: the challenge, and the proof unless there was
// none.
func (r *run) srpSignIn(what string, c certainty, p *person, password string) answer {
	client, challenge := r.startSRP(what, c, p)
	if challenge.str("ChallengeName") != "PASSWORD_VERIFIER" {
		return challenge
	}
	proof := r.passwordProof(client, challenge, password)
	return r.call(what+", proof", c, "RespondToAuthChallenge", r.respond("PASSWORD_VERIFIER", challenge.str("Session"), proof))
}

func signInWithSRP(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	r.srpSignIn("sign in", observed, ana, ana.password)
	r.srpSignIn("wrong password", observed, ana, ana.wrong)
	r.srpSignIn("nobody has the name", observed, nobody, nobody.password)
	start := func(a string) m { return r.start("USER_SRP_AUTH", m{"USERNAME": ana.name, "SRP_A": a}) }
	r.call("no SRP_A", observed, "InitiateAuth", r.start("USER_SRP_AUTH", m{"USERNAME": ana.name}))
	r.call("no name", observed, "InitiateAuth", r.start("USER_SRP_AUTH", m{"SRP_A": "12"}))
	r.call("SRP_A that is no number", observed, "InitiateAuth", start("g"))
	r.call("SRP_A that is zero", inferred, "InitiateAuth", start("0"))
	r.call("SRP_A that is longer than the modulus", inferred, "InitiateAuth", start(strings.Repeat("f", 800)))
}

// srpHiding looks at the challenge to somebody who does not exist: the same id
// and the same salt every time.
func srpHiding(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	r.srpSignIn("wrong password", observed, ana, ana.wrong)
	r.srpSignIn("nobody has the name", documented, nobody, nobody.password)
	r.srpSignIn("nobody has the name still", documented, nobody, nobody.password)
	r.prepare("AdminDisableUser", r.onUser(ana, m{}))
	r.settle()
	r.srpSignIn("disabled", inferred, ana, ana.password)
}

// srpProofs sends proofs with something wrong.
func srpProofs(r *run) {
	ana, bob := r.confirmed("ana"), r.confirmed("bob")
	people := 0
	send := func(what string, c certainty, change func(proof m)) m {
		// Each is of somebody else, so that nobody is locked out.
		people++
		person := r.confirmed(fmt.Sprintf("%d", people))
		client, challenge := r.startSRP(what, observed, person)
		proof := r.passwordProof(client, challenge, person.password)
		change(proof)
		request := r.respond("PASSWORD_VERIFIER", challenge.str("Session"), proof)
		r.call(what+", proof", c, "RespondToAuthChallenge", request)
		return request
	}
	proof := send("right", observed, func(m) {})
	r.call("the same proof again", inferred, "RespondToAuthChallenge", proof)
	send("a signature of nothing", observed, func(proof m) {
		proof["PASSWORD_CLAIM_SIGNATURE"] = base64.StdEncoding.EncodeToString(make([]byte, 32))
	})
	send("a signature that is no base64", inferred, func(proof m) { proof["PASSWORD_CLAIM_SIGNATURE"] = "%%%" })
	send("a secret block of nobody", observed, func(proof m) {
		proof["PASSWORD_CLAIM_SECRET_BLOCK"] = base64.StdEncoding.EncodeToString(make([]byte, 64))
	})
	send("a day with a zero", observed, func(proof m) { proof["TIMESTAMP"] = "Sat Jan 01 00:00:00 UTC 2000" })
	send("another weekday", observed, func(proof m) { proof["TIMESTAMP"] = "Mon Jan 1 00:00:00 UTC 2000" })
	send("no timestamp", observed, func(proof m) { delete(proof, "TIMESTAMP") })
	send("no signature", observed, func(proof m) { delete(proof, "PASSWORD_CLAIM_SIGNATURE") })
	send("no secret block", observed, func(proof m) { delete(proof, "PASSWORD_CLAIM_SECRET_BLOCK") })
	send("no name", observed, func(proof m) { delete(proof, "USERNAME") })
	send("another name", inferred, func(proof m) { proof["USERNAME"] = bob.name })

	client, challenge := r.startSRP("late", documented, ana)
	late := r.respond("PASSWORD_VERIFIER", challenge.str("Session"), r.passwordProof(client, challenge, ana.password))
	r.sleep(40e9)
	r.call("late, proof", documented, "RespondToAuthChallenge", late)
}
