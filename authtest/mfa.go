package authtest

import (
	"crypto/subtle"
	"fmt"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// mfaState is what a user has registered as second factors.
type mfaState struct {
	enabled     map[MFAFactor]bool
	smsOption   bool // whether SetUserSettings enabled SMS, which settings does not list
	passkeys    bool // whether passkeys stand for the second factor
	preferred   MFAFactor
	totp        *totpSecret // verified
	pendingTOTP *totpSecret // handed out last, not verified
}

func (m *mfaState) enable(factor MFAFactor) {
	if m.enabled == nil {
		m.enabled = make(map[MFAFactor]bool)
	}
	m.enabled[factor] = true
}

func (m *mfaState) disable(factor MFAFactor) {
	delete(m.enabled, factor)
	if m.preferred == factor {
		m.preferred = ""
	}
	if factor == MFAFactorSMS {
		m.smsOption = false
	}
}

// uses reports whether the user has enabled a factor, in whichever way.
func (m *mfaState) uses(factor MFAFactor) bool {
	return m.enabled[factor] || factor == MFAFactorSMS && m.smsOption
}

// settings returns the enabled factors in the order of the service's lists.
func (m *mfaState) settings() []MFAFactor {
	var list []MFAFactor
	for _, factor := range factorOrder {
		if m.enabled[factor] {
			list = append(list, factor)
		}
	}
	if m.passkeys {
		list = append(list, mfaPasskeys)
	}
	return list
}

// mfaPasskeys is what the service lists among a user's second factors when
// passkeys stand for them. No challenge has the name.
const mfaPasskeys MFAFactor = "WEB_AUTHN_MFA"

// factorOrder is the order in which challenges list factors.
var factorOrder = []MFAFactor{MFAFactorSMS, MFAFactorTOTP, MFAFactorEmail}

// messageFactors are the factors that send a code, with the contact they need.
var messageFactors = []struct {
	factor    MFAFactor
	attribute string
}{{MFAFactorSMS, attrPhone}, {MFAFactorEmail, attrEmail}}

// messageFactor is the factor that sends codes to a contact.
func messageFactor(attribute string) MFAFactor {
	if attribute == attrPhone {
		return MFAFactorSMS
	}
	return MFAFactorEmail
}

// offers reports whether the pool has a second factor.
func (p *Pool) offers(factor MFAFactor) bool {
	return p.cfg.MFA != MFAOff && slices.Contains(p.cfg.MFAFactors, factor)
}

// canUse reports whether the user has what a factor needs.
func (u *user) canUse(factor MFAFactor) bool {
	switch factor {
	case MFAFactorTOTP:
		return u.mfa.totp != nil
	case MFAFactorSMS:
		return u.attributes[attrPhone] != ""
	default:
		return u.attributes[attrEmail] != ""
	}
}

// secondFactor goes on after the first factor: with tokens, or with the
// challenge that the pool's and the user's settings ask for.
func (c *call) secondFactor(a attempt) (*authResponse, *apiError) {
	demanded, err := c.assess(a)
	if err != nil {
		return nil, err
	}
	if c.pool.cfg.MFA == MFAOff || c.replacesMFA(a) && !demanded {
		return c.next(a)
	}
	factors := c.factorsOf(a.user)
	if demanded {
		factors = c.factorsAtRisk(a.user)
	}
	if preferred := a.user.mfa.preferred; slices.Contains(factors, preferred) {
		return c.challengeFactor(a, preferred)
	}
	switch {
	case len(factors) == 1:
		return c.challengeFactor(a, factors[0])
	case len(factors) > 1:
		return c.challenge(wire.ChallengeSelectMFAType, &session{attempt: a, choices: factors},
			map[string]string{wire.ChallengeParamMFAsCanChoose: jsonText(factors)}), nil
	case c.pool.cfg.MFA == MFAOptional && !demanded:
		return c.next(a)
	default:
		return c.setUpFactor(a)
	}
}

// next goes on when the password, and the second factor if there is one, are
// done: a custom sign-in is the triggers' to end.
func (c *call) next(a attempt) (*authResponse, *apiError) {
	if a.custom {
		return c.defineChallenge(a)
	}
	return c.finish(a)
}

// factorsOf returns the factors that a user can be asked for. In optional
// pools those are the ones the user enabled. In required pools a verified
// authenticator app counts as it is, and so does every contact, verified or
// not, except the one that passwords are recovered by.
func (c *call) factorsOf(u *user) []MFAFactor {
	var factors []MFAFactor
	for _, factor := range factorOrder {
		if !c.pool.offers(factor) || !u.canUse(factor) {
			continue
		}
		if c.pool.cfg.MFA == MFAOptional && !u.mfa.uses(factor) || c.pool.cfg.MFA == MFARequired && c.pool.reserved(factor) {
			continue
		}
		factors = append(factors, factor)
	}
	return factors
}

// reserved reports whether a factor goes to the contact that the pool recovers
// passwords by.
func (p *Pool) reserved(factor MFAFactor) bool {
	if len(p.cfg.AccountRecovery) == 0 {
		return false
	}
	primary := p.cfg.AccountRecovery[0]
	return factor == MFAFactorEmail && primary == RecoveryEmail || factor == MFAFactorSMS && primary == RecoveryPhone
}

// setUpFactor asks a user without any factor to set one up.
func (c *call) setUpFactor(a attempt) (*authResponse, *apiError) {
	for _, f := range messageFactors {
		if c.pool.offers(f.factor) && c.pool.reserved(f.factor) && a.user.attributes[f.attribute] != "" {
			return nil, fail(wire.ExceptionInvalidUserPoolConfiguration, msgNoUsableFactor)
		}
	}
	var choices []MFAFactor
	for _, factor := range factorOrder {
		if c.pool.offers(factor) && !c.pool.reserved(factor) {
			choices = append(choices, factor)
		}
	}
	return c.challenge(wire.ChallengeMFASetup, &session{attempt: a, choices: choices},
		map[string]string{wire.ChallengeParamMFAsCanSetup: jsonText(choices)}), nil
}

// challengeFactor asks for one factor.
func (c *call) challengeFactor(a attempt, factor MFAFactor) (*authResponse, *apiError) {
	switch factor {
	case MFAFactorTOTP:
		parameters := map[string]string{}
		if name := a.user.mfa.totp.name; name != "" {
			parameters[wire.ChallengeParamFriendlyDeviceName] = name
		}
		return c.challenge(wire.ChallengeSoftwareTokenMFA, &session{attempt: a}, parameters), nil
	case MFAFactorSMS:
		return c.challengeMessage(&session{attempt: a, contact: a.user.attributes[attrPhone]}, wire.ChallengeSMSMFA, attrPhone)
	default:
		return c.challengeMessage(&session{attempt: a, contact: a.user.attributes[attrEmail]}, wire.ChallengeEmailOTP, attrEmail)
	}
}

// challengeMessage sends a code and asks for it. The code lives as long as
// the session.
func (c *call) challengeMessage(s *session, name, attribute string) (*authResponse, *apiError) {
	s.code = randomString(codeDigits, digits)
	details, err := c.deliver(s.user, MessageAuthentication, attribute, s.contact, s.code)
	if err != nil {
		return nil, err
	}
	return c.challenge(name, s, map[string]string{
		wire.ChallengeParamDeliveryMedium:      string(details.DeliveryMedium),
		wire.ChallengeParamDeliveryDestination: details.Destination,
	}), nil
}

func answerSMS(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	return c.answerMessage(s, wire.ChallengeSMSMFA, attrPhone, responses[wire.ParamSMSMFACode])
}

func answerEmail(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	return c.answerMessage(s, wire.ChallengeEmailOTP, attrEmail, responses[wire.ParamEmailOTPCode])
}

func answerSMSOTP(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	return c.answerMessage(s, wire.ChallengeSMSOTP, attrPhone, responses[wire.ParamSMSOTPCode])
}

// answerMessage checks a code that was sent. A right one proves the contact it
// was sent to, which may be one that is only now being set up.
func (c *call) answerMessage(s *session, name, attribute, code string) (*authResponse, *apiError) {
	u := s.user
	if u == nil {
		return nil, codeMismatch(msgWrongOTP)
	}
	if u.mfaLock.locked(c.now) {
		return nil, notAuthorized(msgMFALocked)
	}
	right := subtle.ConstantTimeCompare([]byte(s.code), []byte(code)) == 1
	if !s.first { // the service has no name for the other
		c.observed.note(proofMFA, right)
	}
	if !right {
		u.mfaLock.fail(c.now)
		return nil, codeMismatch(msgWrongOTP)
	}
	if u.attributes[attribute] != s.contact {
		c.setAttribute(u, attribute, s.contact)
	}
	u.mfaLock.succeed()
	s.spent = true
	u.setVerified(attribute)
	c.pool.users.reindex(u)
	if s.settingUp {
		u.mfa.enable(messageFactor(attribute))
	}
	if s.first && u.status == StatusUnconfirmed {
		c.confirm(u)
	}
	return c.next(s.attempt.with(name, true, ""))
}

func answerTOTP(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	u := s.user
	if u.mfa.totp == nil {
		return nil, fail(wire.ExceptionSoftwareTokenMFANotFound, msgTOTPMissing)
	}
	if u.mfaLock.locked(c.now) {
		return nil, notAuthorized(msgMFALocked)
	}
	outcome := u.mfa.totp.check(responses[wire.ParamSoftwareTokenMFACode], c.now)
	c.observed.note(proofMFA, outcome == totpRight)
	switch outcome {
	case totpUsed:
		return nil, fail(wire.ExceptionExpiredCode, msgTOTPUsed)
	case totpWrong:
		u.mfaLock.fail(c.now)
		return nil, codeMismatch(msgWrongTOTP)
	default:
		u.mfaLock.succeed()
		s.spent = true
		return c.next(s.attempt.with(wire.ChallengeSoftwareTokenMFA, true, ""))
	}
}

// emailMFA is what the API reference calls EMAIL_OTP in SELECT_MFA_TYPE.
const emailMFA = "EMAIL_MFA"

func answerSelectMFA(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	factor := MFAFactor(responses[wire.ParamAnswer])
	if factor == emailMFA {
		factor = MFAFactorEmail
	}
	if !slices.Contains(s.choices, factor) || !s.user.canUse(factor) {
		return nil, invalidParameter(msgMFAChoice)
	}
	s.spent = true
	return c.challengeFactor(s.attempt, factor)
}

// answerMFASetup ends a set-up: with the session of a verified authenticator
// app, or with an address to send a code to.
func answerMFASetup(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	if s.purpose == purposeTOTPVerified {
		s.spent = true
		return c.next(s.attempt)
	}
	address := responses[wire.ParamEmail]
	if address == "" {
		address = responses[paramEmailLower]
	}
	switch {
	case address == "":
		return nil, invalidParameter(msgTOTPNotVerified)
	case !slices.Contains(s.choices, MFAFactorEmail):
		return nil, invalidParameter(msgMFAChoice)
	case !isEmail(address):
		return nil, invalidParameter(msgEmailFormat)
	}
	if other := c.pool.users.owner(attrEmail, address); other != nil && other != s.user {
		return nil, fail(wire.ExceptionAliasExists, fmt.Sprintf(msgAliasExists, attrEmail))
	}
	s.spent = true
	return c.challengeMessage(&session{attempt: s.attempt, contact: address, settingUp: true}, wire.ChallengeEmailOTP, attrEmail)
}
