package authtest

import (
	"strings"
	"sync"

	"github.com/cognitokit/auth/internal/wire"
)

type respondRequest struct {
	ClientID           string             `aws:"ClientId,ClientId,required"`
	ChallengeName      string             `aws:"ChallengeName,ChallengeName,required"`
	Session            string             `aws:"Session,Session"`
	ChallengeResponses map[string]string  `aws:"ChallengeResponses"`
	AnalyticsMetadata  *analyticsMetadata `aws:"AnalyticsMetadata"`
	UserContextData    *userContextData   `aws:"UserContextData"`
	ClientMetadata     map[string]string  `aws:"ClientMetadata"`
}

// A challenge is a challenge that can be answered with a session.
type challenge struct {
	purposes []sessionPurpose // sessions that may answer it
	required []string         // ChallengeResponses besides USERNAME
	answer   func(c *call, s *session, responses map[string]string) (*authResponse, *apiError)
}

// challenges are the challenges that the pool puts to people, by name. The
// password proof is apart: it needs no session.
var challenges = sync.OnceValue(func() map[string]challenge {
	// Who was asked for a passkey can take another factor instead.
	choosing := []sessionPurpose{wire.ChallengeSelectChallenge, wire.ChallengeWebAuthn}
	return map[string]challenge{
		wire.ChallengeNewPasswordRequired: {[]sessionPurpose{wire.ChallengeNewPasswordRequired}, []string{wire.ParamNewPassword}, answerNewPassword},
		wire.ChallengeSMSMFA:              {[]sessionPurpose{wire.ChallengeSMSMFA}, []string{wire.ParamSMSMFACode}, answerSMS},
		wire.ChallengeEmailOTP:            {[]sessionPurpose{wire.ChallengeEmailOTP}, []string{wire.ParamEmailOTPCode}, answerEmail},
		wire.ChallengeSoftwareTokenMFA:    {[]sessionPurpose{wire.ChallengeSoftwareTokenMFA}, []string{wire.ParamSoftwareTokenMFACode}, answerTOTP},
		wire.ChallengeSelectMFAType:       {[]sessionPurpose{wire.ChallengeSelectMFAType}, []string{wire.ParamAnswer}, answerSelectMFA},
		wire.ChallengeMFASetup:            {[]sessionPurpose{wire.ChallengeMFASetup, purposeTOTPVerified}, nil, answerMFASetup},

		wire.ChallengeSelectChallenge: {choosing, []string{wire.ParamAnswer}, answerFactorChoice},
		wire.ChallengePassword:        {[]sessionPurpose{wire.ChallengePassword, wire.ChallengeSelectChallenge, wire.ChallengeWebAuthn}, []string{wire.ParamPassword}, answerPassword},
		wire.ChallengePasswordSRP:     {choosing, []string{wire.ParamSRPA}, answerPasswordSRP},
		wire.ChallengeSMSOTP:          {[]sessionPurpose{wire.ChallengeSMSOTP}, []string{wire.ParamSMSOTPCode}, answerSMSOTP},
		wire.ChallengeWebAuthn:        {[]sessionPurpose{wire.ChallengeWebAuthn}, []string{wire.ParamCredential}, answerPasskey},
		wire.ChallengeCustom:          {[]sessionPurpose{wire.ChallengeCustom}, []string{wire.ParamAnswer}, answerCustom},

		wire.ChallengeDeviceSRPAuth: {[]sessionPurpose{wire.ChallengeDeviceSRPAuth}, []string{wire.ParamSRPA, wire.ParamDeviceKey}, answerDeviceSRP},
		wire.ChallengeDevicePasswordVerifier: {
			[]sessionPurpose{wire.ChallengeDevicePasswordVerifier},
			[]string{wire.ParamClaimSignature, wire.ParamClaimSecretBlock, wire.ParamTimestamp, wire.ParamDeviceKey}, answerDeviceProof,
		},
	}
})

// isChallengeResponse reports whether ChallengeResponses of some challenge have
// the key.
func isChallengeResponse(name string) bool {
	switch name {
	case wire.ParamUsername, wire.ParamSecretHash, wire.ParamDeviceKey, wire.ParamAnswer, wire.ParamPassword, wire.ParamSRPA,
		wire.ParamCredential, wire.ParamNewPassword, wire.ParamEmail, paramEmailLower, wire.ParamSMSMFACode, wire.ParamSMSOTPCode,
		wire.ParamEmailOTPCode, wire.ParamSoftwareTokenMFACode, wire.ParamClaimSignature, wire.ParamClaimSecretBlock, wire.ParamTimestamp:
		return true
	default:
		return strings.HasPrefix(name, wire.ParamUserAttributePrefix)
	}
}

// paramEmailLower is how the service's documentation spells the address of
// MFA_SETUP; its clients send it in upper case.
const paramEmailLower = "email"

func respondToAuthChallenge(c *call, r *respondRequest) (*authResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.respond(client, r)
}

func (c *call) respond(client *appClient, r *respondRequest) (*authResponse, *apiError) {
	return c.concluded(c.answer(client, r))
}

// answer is respond without what becomes of the authentication event.
func (c *call) answer(client *appClient, r *respondRequest) (*authResponse, *apiError) {
	if err := checkParameterNames("ChallengeResponses", r.ChallengeResponses, isChallengeResponse); err != nil {
		return nil, err
	}
	username := r.ChallengeResponses[wire.ParamUsername]
	if username == "" {
		return nil, missingParameter(wire.ParamUsername)
	}
	if err := client.checkSecretHash(username, r.ChallengeResponses[wire.ParamSecretHash]); err != nil {
		return nil, err
	}
	if r.ChallengeName == wire.ChallengePasswordVerifier {
		return c.answerPasswordVerifier(client, r.Session, r.ChallengeResponses)
	}
	if r.Session == "" {
		return nil, missingParameter("Session")
	}
	// A challenge that the pool never puts to anybody has no purposes, so
	// every session is invalid for it.
	ch := challenges()[r.ChallengeName]
	s, err := c.session(client, r.Session, ch.purposes...)
	if err != nil {
		return nil, err
	}
	if !c.belongsTo(s, username) {
		return nil, notAuthorized(msgSessionInvalid)
	}
	c.observe(&s.attempt)
	if s.user != nil && !s.user.enabled {
		return nil, notAuthorized(msgUserDisabled)
	}
	for _, name := range ch.required {
		if r.ChallengeResponses[name] == "" {
			return nil, missingParameter(name)
		}
	}
	if s.device == nil {
		if err := c.nameDevice(&s.attempt, r.ChallengeResponses[wire.ParamDeviceKey]); err != nil {
			return nil, err
		}
	}
	return ch.answer(c, s, r.ChallengeResponses)
}

// challenge puts a challenge to the user of an attempt. s holds what the
// answer will be checked against.
func (c *call) challenge(name string, s *session, parameters map[string]string) *authResponse {
	s.purpose = sessionPurpose(name)
	parameters[wire.ChallengeParamUserIDForSRP] = c.displayName(s.attempt)
	return &authResponse{ChallengeName: name, ChallengeParameters: parameters, Session: c.startSession(s)}
}
