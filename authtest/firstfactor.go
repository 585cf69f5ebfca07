package authtest

import (
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// A FirstFactor is a factor that a sign-in with USER_AUTH can begin with,
// spelled as the service spells AllowedFirstAuthFactors.
type FirstFactor string

// The first factors.
const (
	FirstFactorPassword FirstFactor = "PASSWORD" // with and without SRP
	FirstFactorEmailOTP FirstFactor = "EMAIL_OTP"
	FirstFactorSMSOTP   FirstFactor = "SMS_OTP"
	FirstFactorWebAuthn FirstFactor = "WEB_AUTHN" // passkeys
)

// firstFactorDigits is the length of a code that is a first factor. Codes that
// are second factors, or confirm something, have six digits.
const firstFactorDigits = 8

// firstFactors returns the challenges that a user can choose from: what the
// pool allows, as far as the user has what it takes. Whoever has to give a
// second factor, or to change a temporary password, needs a password first.
func (c *call) firstFactors(u *user) []string {
	var list []string
	allowed := func(f FirstFactor) bool { return slices.Contains(c.pool.cfg.FirstFactors, f) }
	if allowed(FirstFactorPassword) && u.password != nil && u.status != StatusUnconfirmed {
		list = append(list, wire.ChallengePasswordSRP, wire.ChallengePassword)
	}
	if u.status == StatusForceChangePassword {
		return list
	}
	if allowed(FirstFactorWebAuthn) && u.status != StatusUnconfirmed && c.canUsePasskey(u) {
		list = append(list, wire.ChallengeWebAuthn)
	}
	if c.needsSecondFactor(u) {
		return list
	}
	if allowed(FirstFactorEmailOTP) && u.attributes[attrEmail] != "" {
		list = append(list, wire.ChallengeEmailOTP)
	}
	if allowed(FirstFactorSMSOTP) && u.attributes[attrPhone] != "" {
		list = append(list, wire.ChallengeSMSOTP)
	}
	return list
}

// startUserAuth serves USER_AUTH: the preferred factor if there is one and the
// user has it, else a choice.
func startUserAuth(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	if r.Session != "" {
		return c.continueSignUp(client, r)
	}
	identify := c.identify
	if r.AuthParameters[wire.ParamPreferredChallenge] == wire.ChallengePassword {
		identify = c.identifyOrMigrate
	}
	u, err := identify(client, r.AuthParameters)
	if err != nil {
		return nil, err
	}
	a := attempt{client: client, user: u, name: r.AuthParameters[wire.ParamUsername]}
	c.observe(&a)
	if err := c.preAuthenticate(a); err != nil {
		return nil, err
	}
	if u == nil {
		if a.factors = c.simulatedFactors(); len(a.factors) == 0 {
			return nil, notAuthorized(msgIncorrect)
		}
	} else {
		refusal := c.admit(client, u)
		if refusal != nil && !c.mayUseCode(u) {
			return nil, refusal
		}
		if a.factors = c.firstFactors(u); len(a.factors) == 0 {
			if refusal != nil {
				return nil, refusal
			}
			return nil, notAuthorized(msgIncorrect)
		}
	}
	if err := c.nameDevice(&a, r.AuthParameters[wire.ParamDeviceKey]); err != nil {
		return nil, err
	}
	preferred := r.AuthParameters[wire.ParamPreferredChallenge]
	if !slices.Contains(a.factors, preferred) {
		return c.offerFactors(a), nil
	}
	return c.beginFactor(a, preferred, r.AuthParameters, nil)
}

// mayUseCode reports whether a user whom a password does not admit can sign in
// with a code: who has not confirmed, and who was imported and never had a
// password (documented).
func (c *call) mayUseCode(u *user) bool {
	return u.enabled && !u.locked(c.now) && (u.status == StatusUnconfirmed || u.status == StatusResetRequired && u.password == nil)
}

// simulatedFactors is what a user who does not exist is offered: what any user
// could have.
func (c *call) simulatedFactors() []string {
	return c.firstFactors(&user{
		password: &credential{}, status: StatusConfirmed,
		attributes: map[string]string{attrEmail: "a", attrPhone: "a"},
	})
}

// offerFactors lets the user choose.
func (c *call) offerFactors(a attempt) *authResponse {
	response := c.challenge(wire.ChallengeSelectChallenge, &session{attempt: a}, map[string]string{})
	response.AvailableChallenges = a.factors
	return response
}

// beginFactor goes on with the factor that was chosen, in one step where the
// parameters have all it takes. from is the session that the choice answers,
// nil for a preference.
func (c *call) beginFactor(a attempt, factor string, parameters map[string]string, from *session) (*authResponse, *apiError) {
	answered := func() {
		if from != nil {
			from.spent = true
		}
	}
	switch factor {
	case wire.ChallengePassword:
		password := parameters[wire.ParamPassword]
		if password == "" && from == nil {
			return nil, missingParameter(wire.ParamPassword)
		}
		if password == "" {
			answered()
			return c.challenge(wire.ChallengePassword, &session{attempt: a}, map[string]string{}), nil
		}
		if a.user == nil {
			u, err := c.findOrMigrate(a.client, sourceMigrationAuthentication, a.name, password)
			switch {
			case err != nil:
				return nil, err
			case from != nil && from.spent: // the trigger ran without the lock
				return nil, notAuthorized(msgSessionSpent)
			case u == nil:
				return nil, notAuthorized(msgIncorrect)
			}
			if err := c.admit(a.client, u); err != nil {
				return nil, err
			}
			a.user = u
			c.observe(&a)
		}
		if err := c.takePassword(a, password); err != nil {
			return nil, err
		}
		answered()
		return c.afterPassword(a)
	case wire.ChallengePasswordSRP:
		if parameters[wire.ParamSRPA] == "" {
			return nil, missingParameter(wire.ParamSRPA)
		}
		answered()
		return c.challengePassword(a, parameters[wire.ParamSRPA], true)
	case wire.ChallengeWebAuthn:
		if from != nil && parameters[wire.ParamCredential] != "" {
			return answerPasskey(c, from, parameters)
		}
		response, err := c.challengePasskey(a)
		if err == nil {
			answered()
		}
		return response, err
	case wire.ChallengeSMSOTP:
		answered()
		return c.challengeFirstCode(a, wire.ChallengeSMSOTP, attrPhone)
	default:
		answered()
		return c.challengeFirstCode(a, wire.ChallengeEmailOTP, attrEmail)
	}
}

// challengeFirstCode sends a code that is the only factor.
func (c *call) challengeFirstCode(a attempt, name, attribute string) (*authResponse, *apiError) {
	s := &session{attempt: a, code: randomString(firstFactorDigits, digits), first: true}
	parameters := map[string]string{}
	if a.user != nil {
		s.contact = a.user.attributes[attribute]
		details, err := c.deliver(a.user, MessageAuthentication, attribute, s.contact, s.code)
		if err != nil {
			return nil, err
		}
		parameters[wire.ChallengeParamDeliveryMedium] = string(details.DeliveryMedium)
		parameters[wire.ChallengeParamDeliveryDestination] = details.Destination
	} else {
		parameters[wire.ChallengeParamDeliveryMedium] = string(medium(attribute))
		parameters[wire.ChallengeParamDeliveryDestination] = mask(attribute, c.simulatedContact(attribute, a.name))
	}
	response := c.challenge(name, s, parameters)
	response.AvailableChallenges = a.factors
	return response, nil
}

// simulatedContact makes up where a user who does not exist would get a code.
func (c *call) simulatedContact(attribute, name string) string {
	made := c.madeUp("contact", name)
	if attribute == attrPhone {
		number := []byte("+1555555")
		for _, b := range made[:4] {
			number = append(number, '0'+b%10)
		}
		return string(number)
	}
	if isEmail(name) {
		return name
	}
	return string('a'+made[0]%26) + "@" + string('a'+made[1]%26)
}

// answerFactorChoice serves SELECT_CHALLENGE.
func answerFactorChoice(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	factor := responses[wire.ParamAnswer]
	if !slices.Contains(s.factors, factor) {
		return nil, invalidParameter(msgMFAChoice)
	}
	return c.beginFactor(s.attempt, factor, responses, s)
}

// answerPassword serves PASSWORD, also as the answer to a choice.
func answerPassword(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	if !slices.Contains(s.factors, wire.ChallengePassword) {
		return nil, invalidParameter(msgMFAChoice)
	}
	return c.beginFactor(s.attempt, wire.ChallengePassword, responses, s)
}

// answerPasswordSRP serves PASSWORD_SRP, also as the answer to a choice.
func answerPasswordSRP(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	if !slices.Contains(s.factors, wire.ChallengePasswordSRP) {
		return nil, invalidParameter(msgMFAChoice)
	}
	return c.beginFactor(s.attempt, wire.ChallengePasswordSRP, responses, s)
}

// continueSignUp signs in with the session of a confirmed sign-up: the code
// that confirmed the account stands for a factor.
func (c *call) continueSignUp(client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	if _, err := c.identify(client, r.AuthParameters); err != nil {
		return nil, err
	}
	s, err := c.session(client, r.Session, purposeConfirmed, purposeSignUp)
	if err != nil {
		return nil, err
	}
	if !c.belongsTo(s, r.AuthParameters[wire.ParamUsername]) {
		return nil, notAuthorized(msgSessionInvalid)
	}
	s.spent = true // the trigger runs without the lock
	c.observe(&s.attempt)
	if err := c.preAuthenticate(s.attempt); err != nil {
		return nil, err
	}
	if err := c.admit(client, s.user); err != nil {
		s.spent = false
		return nil, err
	}
	if c.managed { // asks for a second factor all the same
		return c.secondFactor(s.attempt)
	}
	return c.finish(s.attempt)
}
