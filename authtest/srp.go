package authtest

import (
	"encoding/base64"
	"regexp"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
)

// purposePasswordProof is the purpose of the sessions that secret blocks
// refer to.
const purposePasswordProof sessionPurpose = "password proof"

// proofWindow is how long a challenge can be answered: the service says that
// it wants the answer within a few seconds, and not how many.
const proofWindow = 30 * time.Second

// timestampTolerance is how far TIMESTAMP may be from the pool's clock. The
// service does not publish whether and how it checks this; what a strict pool
// accepts, a lenient one does too.
const timestampTolerance = 5 * time.Minute

// An srpChallenge is the pool's half of an SRP exchange.
type srpChallenge struct {
	server       *srpServer
	group        string // the pool's name or the device's group key
	id           string // USER_ID_FOR_SRP or the device's key
	clientA      string
	credential   *credential // whose verifier is used; nil if it was made up
	needsSession bool        // whether the answer has to come with the session of the challenge
}

// maxHexA is the length of the longest SRP_A: 3072 bits in hex, with a sign
// byte that some clients write.
const maxHexA = 3072/4 + 2

var hexPattern = regexp.MustCompile(`\A[0-9a-fA-F]+\z`)

// wellFormedA reports whether SRP_A is a number that can be somebody's A.
func wellFormedA(clientA string) bool {
	return len(clientA) <= maxHexA && hexPattern.MatchString(clientA) && strings.Trim(clientA, "0") != ""
}

// startSRP serves USER_SRP_AUTH. Whatever is wrong with the user's account is
// only said to whoever answers; the answer needs no session, because the
// secret block refers to the exchange.
func startSRP(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	if !wellFormedA(r.AuthParameters[wire.ParamSRPA]) {
		return nil, invalidParameter(msgMalformedSRPA)
	}
	u, err := c.identify(client, r.AuthParameters)
	if err != nil {
		return nil, err
	}
	a := attempt{client: client, user: u, name: r.AuthParameters[wire.ParamUsername]}
	c.observe(&a)
	if err := c.preAuthenticate(a); err != nil {
		return nil, err
	}
	if err := c.nameDevice(&a, r.AuthParameters[wire.ParamDeviceKey]); err != nil {
		return nil, err
	}
	return c.challengePassword(a, r.AuthParameters[wire.ParamSRPA], false)
}

// challengePassword asks for a proof of the password. The flows that have a
// session give one here too, and want it back.
func (c *call) challengePassword(a attempt, clientA string, withSession bool) (*authResponse, *apiError) {
	if !wellFormedA(clientA) {
		return nil, invalidParameter(msgMalformedSRPA)
	}
	challenge := srpChallenge{group: c.pool.srpGroup(), clientA: clientA, id: c.displayName(a), needsSession: withSession}
	var verifier srp.Verifier
	if a.user != nil && a.user.password != nil {
		challenge.credential, verifier = a.user.password, a.user.password.verifier
	} else {
		verifier = c.simulatedVerifier(a.name)
	}
	exchange, block := c.startExchange(a, challenge, verifier)
	response := &authResponse{
		ChallengeName: wire.ChallengePasswordVerifier,
		ChallengeParameters: map[string]string{
			wire.ChallengeParamSalt:         exchange.server.challengeSalt(),
			wire.ChallengeParamSRPB:         exchange.server.challengeB(),
			wire.ChallengeParamSecretBlock:  base64.StdEncoding.EncodeToString(block),
			wire.ChallengeParamUserIDForSRP: exchange.id,
			wire.ChallengeParamUsername:     exchange.id,
		},
	}
	if withSession {
		response.Session = c.startSession(&session{attempt: a, purpose: wire.ChallengePasswordVerifier, srp: exchange})
	}
	return response, nil
}

// startExchange begins an SRP exchange and returns the secret block that refers
// to it.
func (c *call) startExchange(a attempt, challenge srpChallenge, v srp.Verifier) (*srpChallenge, []byte) {
	c.unlocked(func() { challenge.server = newSRPServer(v) })
	s := &session{attempt: a, purpose: purposePasswordProof, issued: c.now, expires: c.now.Add(proofWindow), srp: &challenge}
	return s.srp, c.pool.sessions.start(s)
}

// simulatedID makes up the id of a user who does not exist, the same for the
// same name.
func (c *call) simulatedID(name string) string {
	return formatUUID([16]byte(c.madeUp("id", name)))
}

// simulatedVerifier makes up a verifier that no password satisfies. Its salt
// is the same for the same name, as a real user's would be.
func (c *call) simulatedVerifier(name string) srp.Verifier {
	v := srp.NewVerifier(c.pool.srpGroup(), name, randomString(32, lowerLetters))
	salt := c.madeUp("salt", name)
	salt[0] &= 0x7f // a positive number without a sign byte
	v.Salt = salt[:16]
	return v
}

// madeUp derives something about a name that no user has.
func (c *call) madeUp(what, name string) []byte {
	return c.pool.mac(what + "\x00" + c.pool.users.fold(name))
}

// srpGroup is the part of the pool's id that takes part in SRP.
func (p *Pool) srpGroup() string {
	_, group, _ := strings.Cut(p.cfg.PoolID, "_")
	return group
}

// mayProve reports whether an answer with a USERNAME can be the proof that a
// session waits for. USERNAME is USER_ID_FOR_SRP, which is observed where a
// secret hash is made of both. Without a secret it may also be what the person
// has typed, as AWS's sample client and others have it (inferred). The proof
// itself is always of USER_ID_FOR_SRP.
func (c *call) mayProve(s *session, username string) bool {
	return username == s.srp.id || len(s.client.secrets) == 0 && c.belongsTo(s, username)
}

// answerPasswordVerifier checks a password proof. Whatever is wrong with it,
// the answer is the same. A challenge takes one proof: a client that sends the
// same one again, not knowing that it arrived, has to start over.
func (c *call) answerPasswordVerifier(client *appClient, sessionText string, responses map[string]string) (*authResponse, *apiError) {
	for _, name := range []string{wire.ParamClaimSignature, wire.ParamClaimSecretBlock, wire.ParamTimestamp} {
		if responses[name] == "" {
			return nil, missingParameter(name)
		}
	}
	wrong := notAuthorized(msgIncorrect)
	block, err := base64.StdEncoding.Strict().DecodeString(responses[wire.ParamClaimSecretBlock])
	if err != nil {
		return nil, wrong
	}
	s, expires, ok := c.pool.sessions.open(block)
	if !ok || s == nil || s.purpose != purposePasswordProof || s.client != client || s.spent ||
		!c.now.Before(expires) || !c.mayProve(s, responses[wire.ParamUsername]) {
		return nil, wrong
	}
	var waiting *session
	if s.srp.needsSession {
		if sessionText == "" {
			return nil, missingParameter("Session")
		}
		var err *apiError
		if waiting, err = c.session(client, sessionText, wire.ChallengePasswordVerifier); err != nil {
			return nil, err
		}
		if waiting.srp != s.srp {
			return nil, notAuthorized(msgSessionInvalid)
		}
	}
	u := s.user
	c.observe(&s.attempt)
	if u != nil {
		if err := c.admit(client, u); err != nil {
			return nil, err
		}
	}
	a := s.attempt
	if a.device == nil {
		// A device that has been forgotten does not spend the challenge: clients
		// answer it again without the device.
		if err := c.nameDevice(&a, responses[wire.ParamDeviceKey]); err != nil {
			return nil, err
		}
	}
	s.spent = true
	if waiting != nil {
		waiting.spent = true
	}
	var right bool
	c.unlocked(func() { right = c.proves(s.srp, block, responses) })
	if u == nil || u.deleted {
		return nil, wrong
	}
	if err := c.admit(client, u); err != nil {
		return nil, err
	}
	if err := c.countPassword(u, right && s.srp.credential != nil && s.srp.credential == u.password); err != nil {
		return nil, err
	}
	a.provedPassword = true
	return c.afterPassword(a.with(wire.ChallengePasswordVerifier, true, ""))
}

// mayProve reports whether an answer proves the password.
func (c *call) proves(exchange *srpChallenge, block []byte, responses map[string]string) bool {
	timestamp := responses[wire.ParamTimestamp]
	at, err := srp.ParseTimestamp(timestamp)
	if err != nil || at.Sub(c.now).Abs() > timestampTolerance {
		return false
	}
	return exchange.server.checks(exchange.group, exchange.id, exchange.clientA, block, timestamp, responses[wire.ParamClaimSignature])
}
