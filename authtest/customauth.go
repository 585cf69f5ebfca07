package authtest

import (
	"maps"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// paramChallengeNameReference is how the API reference spells CHALLENGE_NAME.
const paramChallengeNameReference = "ChallengeName"

// startCustom serves CUSTOM_AUTH. With SRP_A the trigger learns of it as a
// challenge that was met, and has to ask for the proof.
func startCustom(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	u, err := c.identify(client, r.AuthParameters)
	if err != nil {
		return nil, err
	}
	t := c.pool.cfg.Triggers
	if t.DefineAuthChallenge == nil || t.CreateAuthChallenge == nil || t.VerifyAuthChallenge == nil {
		return nil, invalidParameter(msgNoCustomTrigger)
	}
	a := attempt{client: client, user: u, name: r.AuthParameters[wire.ParamUsername], custom: true}
	c.observe(&a)
	if u != nil && !u.enabled {
		return nil, notAuthorized(msgUserDisabled)
	}
	if err := c.nameDevice(&a, r.AuthParameters[wire.ParamDeviceKey]); err != nil {
		return nil, err
	}
	first := r.AuthParameters[wire.ParamChallengeName]
	if first == "" {
		first = r.AuthParameters[paramChallengeNameReference]
	}
	if first != wire.SRPAChallengeName {
		return c.defineChallenge(a)
	}
	if a.clientA = r.AuthParameters[wire.ParamSRPA]; a.clientA == "" {
		return nil, missingParameter(wire.ParamSRPA)
	}
	return c.defineChallenge(a.with(wire.SRPAChallengeName, true, ""))
}

// with returns the attempt with one more step that is done. Attempts that are
// not custom keep no list.
func (a attempt) with(challenge string, met bool, metadata string) attempt {
	if a.custom {
		a.results = append(slices.Clone(a.results), ChallengeResult{challenge, met, metadata})
	}
	return a
}

// defineChallenge lets the trigger decide what comes next.
func (c *call) defineChallenge(a attempt) (*authResponse, *apiError) {
	event, err := run(c, "DefineAuthChallenge", c.pool.cfg.Triggers.DefineAuthChallenge, func() *DefineAuthChallengeEvent {
		event := &DefineAuthChallengeEvent{TriggerEvent: c.triggerEvent(sourceDefine, c.displayName(a))}
		event.Request.UserAttributes = c.triggerAttributes(a.user)
		event.Request.Session = append([]ChallengeResult{}, a.results...)
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		event.Request.UserNotFound = a.user == nil
		return event
	})
	if err != nil {
		return nil, err
	}
	switch next := event.Response; {
	case next.FailAuthentication:
		return nil, notAuthorized(msgIncorrect)
	case next.IssueTokens && a.user == nil:
		return nil, notAuthorized(msgIncorrect)
	case next.IssueTokens:
		return c.finish(a)
	case next.ChallengeName == wire.ChallengeCustom:
		return c.createChallenge(a)
	case next.ChallengeName == wire.ChallengePasswordVerifier && a.clientA != "":
		return c.challengePassword(a, a.clientA, true)
	default:
		return nil, lambdaOutput()
	}
}

// createChallenge lets the trigger make a challenge.
func (c *call) createChallenge(a attempt) (*authResponse, *apiError) {
	event, err := run(c, "CreateAuthChallenge", c.pool.cfg.Triggers.CreateAuthChallenge, func() *CreateAuthChallengeEvent {
		event := &CreateAuthChallengeEvent{TriggerEvent: c.triggerEvent(sourceCreate, c.displayName(a))}
		event.Request.UserAttributes = c.triggerAttributes(a.user)
		event.Request.ChallengeName = wire.ChallengeCustom
		event.Request.Session = append([]ChallengeResult{}, a.results...)
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		event.Request.UserNotFound = a.user == nil
		return event
	})
	if err != nil {
		return nil, err
	}
	parameters := map[string]string{}
	maps.Copy(parameters, event.Response.PublicChallengeParameters)
	parameters[wire.ChallengeParamUsername] = c.displayName(a)
	s := &session{
		attempt: a, purpose: wire.ChallengeCustom,
		private: maps.Clone(event.Response.PrivateChallengeParameters), metadata: event.Response.ChallengeMetadata,
	}
	return &authResponse{ChallengeName: wire.ChallengeCustom, ChallengeParameters: parameters, Session: c.startSession(s)}, nil
}

// answerCustom lets the trigger judge an answer. Right or wrong, the session is
// spent: what comes next has a new one.
func answerCustom(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	s.spent = true
	event, err := run(c, "VerifyAuthChallengeResponse", c.pool.cfg.Triggers.VerifyAuthChallenge, func() *VerifyAuthChallengeEvent {
		event := &VerifyAuthChallengeEvent{TriggerEvent: c.triggerEvent(sourceVerify, c.displayName(s.attempt))}
		event.Request.UserAttributes = c.triggerAttributes(s.user)
		event.Request.PrivateChallengeParameters = maps.Clone(s.private)
		event.Request.ChallengeAnswer = responses[wire.ParamAnswer]
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		event.Request.UserNotFound = s.user == nil
		return event
	})
	if err != nil {
		return nil, err
	}
	if s.user != nil && (s.user.deleted || !s.user.enabled) {
		return nil, notAuthorized(msgIncorrect)
	}
	return c.defineChallenge(s.attempt.with(wire.ChallengeCustom, event.Response.AnswerCorrect, s.metadata))
}

// displayName is what the pool calls the user of an attempt.
func (c *call) displayName(a attempt) string {
	if a.user != nil {
		return a.user.username
	}
	return c.simulatedID(a.name)
}
