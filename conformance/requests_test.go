package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"time"

	"github.com/cognitokit/auth/srp"
)

// with returns members with others added.
func with(members m, more m) m {
	all := maps.Clone(members)
	maps.Copy(all, more)
	return all
}

// onUser is a request of an administrator about a user.
func (r *run) onUser(p *person, members m) m {
	return with(members, m{"UserPoolId": r.client.pool, "Username": p.name})
}

// public is a request that names the app client and a user.
func (r *run) public(p *person, members m) m {
	request := with(members, m{"ClientId": r.client.id, "Username": p.name})
	if r.client.secret != "" {
		request["SecretHash"] = r.secretHash(p.name)
	}
	return request
}

// secretHash is SECRET_HASH for a name.
func (r *run) secretHash(name string) string {
	mac := hmac.New(sha256.New, []byte(r.client.secret))
	mac.Write([]byte(name + r.client.id))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// start is a request that begins a sign-in.
func (r *run) start(flow string, parameters m) m {
	if name, _ := parameters["USERNAME"].(string); r.client.secret != "" && parameters["SECRET_HASH"] == nil {
		parameters = with(parameters, m{"SECRET_HASH": r.secretHash(name)})
	}
	return m{"ClientId": r.client.id, "AuthFlow": flow, "AuthParameters": parameters}
}

// byPassword is a request to sign in with a password.
func (r *run) byPassword(p *person, password string) m {
	return r.start("USER_PASSWORD_AUTH", m{"USERNAME": p.name, "PASSWORD": password})
}

// refreshing is a request to refresh a person's tokens.
func (r *run) refreshing(p *person, parameters m) m {
	if r.client.secret != "" {
		parameters = with(parameters, m{"SECRET_HASH": r.secretHash(p.name)})
	}
	return m{"ClientId": r.client.id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
}

// renewing is a request of GetTokensFromRefreshToken.
func (r *run) renewing(token string) m { return r.withSecret(m{"RefreshToken": token}) }

// revoking is a request of RevokeToken.
func (r *run) revoking(token string) m { return r.withSecret(m{"Token": token}) }

// withSecret names the app client, and its secret as it is: the two newest
// operations take no hash.
func (r *run) withSecret(members m) m {
	members["ClientId"] = r.client.id
	if r.client.secret != "" {
		members["ClientSecret"] = r.client.secret
	}
	return members
}

// respond is a request that answers a challenge.
func (r *run) respond(challenge, session string, responses m) m {
	if name, _ := responses["USERNAME"].(string); r.client.secret != "" && name != "" && responses["SECRET_HASH"] == nil {
		responses = with(responses, m{"SECRET_HASH": r.secretHash(name)})
	}
	request := m{"ClientId": r.client.id, "ChallengeName": challenge, "ChallengeResponses": responses}
	if session != "" {
		request["Session"] = session
	}
	return request
}

// bearer is a request that an access token authorizes.
func bearer(token string, members m) m { return with(members, m{"AccessToken": token}) }

// signIn signs a person in with the password, as a part of the preparations,
// and returns the tokens. In a replay they are none that the service could
// have issued, which nobody there minds.
func (r *run) signIn(what string, p *person) (access, refresh string) {
	a := r.call(what, documented, "InitiateAuth", r.byPassword(p, p.password))
	return r.need(a, "AuthenticationResult", "AccessToken"), a.str("AuthenticationResult", "RefreshToken")
}

// proof answers a PASSWORD_VERIFIER or DEVICE_PASSWORD_VERIFIER challenge.
func (r *run) proof(client *srp.Client, challenge answer, group, id, password string) m {
	parameters := func(name string) string { return r.need(challenge, "ChallengeParameters", name) }
	proof, err := client.Prove(srp.Challenge{
		Group: group, ID: id, Salt: parameters("SALT"), B: parameters("SRP_B"), SecretBlock: parameters("SECRET_BLOCK"),
	}, password, time.Now())
	if err != nil {
		r.stop("SRP: %v", err)
	}
	return m{
		"PASSWORD_CLAIM_SIGNATURE": proof.Signature, "PASSWORD_CLAIM_SECRET_BLOCK": proof.SecretBlock, "TIMESTAMP": proof.Timestamp,
	}
}

// passwordProof answers a PASSWORD_VERIFIER challenge.
func (r *run) passwordProof(client *srp.Client, challenge answer, password string) m {
	group, err := srp.PoolName(r.client.pool)
	if err != nil {
		r.stop("SRP: %v", err)
	}
	id := r.need(challenge, "ChallengeParameters", "USER_ID_FOR_SRP")
	return with(r.proof(client, challenge, group, id, password), m{"USERNAME": id})
}

// attributes is a list of user attributes.
func attributes(namesAndValues ...string) []m {
	var list []m
	for i := 0; i < len(namesAndValues); i += 2 {
		list = append(list, m{"Name": namesAndValues[i], "Value": namesAndValues[i+1]})
	}
	return list
}
