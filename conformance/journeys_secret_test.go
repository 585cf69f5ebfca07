package conformance

import "github.com/cognitokit/auth/srp"

func secretJourneys() []*journey {
	return []*journey{{name: "client-secret", client: roleSecret, needs: []string{"GenerateSecret"}, play: clientSecret}}
}

// clientSecret shows and does not show that the client knows its secret.
func clientSecret(r *run) {
	ana, bob := r.confirmed("ana"), r.person("bob")
	wrong := r.secretHash("somebody else")
	start := func(flow string, parameters m) m {
		return m{"ClientId": r.client.id, "AuthFlow": flow, "AuthParameters": parameters}
	}
	password := m{"USERNAME": ana.name, "PASSWORD": ana.password}
	r.call("sign in without a hash", documented, "InitiateAuth", start("USER_PASSWORD_AUTH", password))
	r.call("sign in with a wrong hash", observed, "InitiateAuth", start("USER_PASSWORD_AUTH", with(password, m{"SECRET_HASH": wrong})))
	tokens := r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("sign up without a hash", documented, "SignUp", m{"ClientId": r.client.id, "Username": bob.name, "Password": bob.password})
	r.call("sign up with a wrong hash", observed, "SignUp", m{"ClientId": r.client.id, "Username": bob.name, "Password": bob.password, "SecretHash": wrong})
	r.call("sign up", documented, "SignUp", r.public(bob, m{"Password": bob.password}))
	for _, q := range []struct {
		what, operation string
		members         m
	}{
		{"confirm", "ConfirmSignUp", m{"ConfirmationCode": "000000"}},
		{"another code", "ResendConfirmationCode", m{}},
		{"forgotten", "ForgotPassword", m{}},
		{"a new password", "ConfirmForgotPassword", m{"ConfirmationCode": "000000", "Password": bob.password}},
	} {
		without := with(q.members, m{"ClientId": r.client.id, "Username": bob.name})
		r.call(q.what+" without a hash", inferred, q.operation, without)
		r.call(q.what+" with a wrong hash", observed, q.operation, with(without, m{"SecretHash": wrong}))
	}

	client := srp.NewClient()
	r.call("SRP without a hash", documented, "InitiateAuth", start("USER_SRP_AUTH", m{"USERNAME": ana.name, "SRP_A": client.A()}))
	challenge := r.call("SRP", documented, "InitiateAuth", r.start("USER_SRP_AUTH", m{"USERNAME": ana.name, "SRP_A": client.A()}))
	proof := r.passwordProof(client, challenge, ana.password)
	r.call("SRP, proof without a hash", inferred, "RespondToAuthChallenge", m{"ClientId": r.client.id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof})
	r.call("SRP, proof with a wrong hash", inferred, "RespondToAuthChallenge", m{"ClientId": r.client.id, "ChallengeName": "PASSWORD_VERIFIER",
		"ChallengeResponses": with(proof, m{"SECRET_HASH": wrong})})

	refresh := m{"REFRESH_TOKEN": r.need(tokens, "AuthenticationResult", "RefreshToken")}
	r.call("refresh without a hash", inferred, "InitiateAuth", start("REFRESH_TOKEN_AUTH", refresh))
	r.call("refresh with a wrong hash", observed, "InitiateAuth", start("REFRESH_TOKEN_AUTH", with(refresh, m{"SECRET_HASH": wrong})))
	r.call("refresh", documented, "InitiateAuth", start("REFRESH_TOKEN_AUTH", with(refresh, m{"SECRET_HASH": r.secretHash(ana.name)})))
	for _, q := range []struct{ what, operation, member string }{
		{"refresh, the newer way", "GetTokensFromRefreshToken", "RefreshToken"},
		{"revoke", "RevokeToken", "Token"},
	} {
		request := m{"ClientId": r.client.id, q.member: refresh["REFRESH_TOKEN"]}
		r.call(q.what+", without the secret", inferred, q.operation, request)
		r.call(q.what+", with a wrong one", inferred, q.operation, with(request, m{"ClientSecret": "thewrongsecretofthisclient"}))
		r.call(q.what, documented, q.operation, with(request, m{"ClientSecret": r.client.secret}))
	}
}
