package authtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// A step is a challenge that a page waits for the answer to. The page has a
// string for it, which is of no use in another browser.
type step struct {
	browser    string
	client     *appClient
	challenge  string
	session    string
	user       string
	parameters map[string]string
	available  []string // other first factors

	factor MFAFactor // that MFA_SETUP is about, if it has been chosen
	secret string    // of the authenticator app that is being set up
}

// keep gives a page a string for a step.
func (x *exchange) keep(p *page, s *step) {
	text := newSecret()
	s.browser = x.browser
	x.locked(func(c *call) { c.pool.steps.put(text, s, c.now) })
	p.hide(fieldStep, text)
}

// step returns the step of a form, nil if there is none or it has taken too
// long.
func (x *exchange) step(a *authorization) *step {
	var found *step
	x.locked(func(c *call) {
		s, ok := c.pool.steps.get(x.form.Get(fieldStep), c.now)
		if ok && s.client == a.client && s.browser == x.browser {
			found = s
		}
	})
	return found
}

// challengePage makes the page of a step.
func (x *exchange) challengePage(s *step) *page {
	p := x.newPage("form", "", pathChallenge)
	p.Submit = "Continue"
	p.Links = []link{{x.link(pathLogin), "Back to sign in"}}
	switch s.challenge {
	case wire.ChallengeSMSMFA, wire.ChallengeSMSOTP, wire.ChallengeEmailOTP:
		p.Title = "Enter your code"
		p.Text = "We sent a code to " + s.parameters[wire.ChallengeParamDeliveryDestination] + "."
		p.Fields = []field{codeField("Code")}
		p.Again = x.link(pathSendAgain)
	case wire.ChallengeSoftwareTokenMFA:
		p.Title = "Enter your code"
		p.Text = "Open your authenticator app."
		if name := s.parameters[wire.ChallengeParamFriendlyDeviceName]; name != "" {
			p.Text = "Open your authenticator app, " + name + "."
		}
		p.Fields = []field{codeField("Code from the app")}
	case wire.ChallengeSelectMFAType:
		p.Title, p.Submit = "How do you want to confirm that it is you?", ""
		p.Choices = factorChoices(s.parameters[wire.ChallengeParamMFAsCanChoose])
	case wire.ChallengeMFASetup:
		x.setupPage(p, s)
	case wire.ChallengeNewPasswordRequired:
		x.newPasswordPage(p, s)
	case wire.ChallengeSelectChallenge:
		p.Title, p.Submit = "How do you want to sign in?", ""
		p.Choices = firstFactorChoices(s.available)
	case wire.ChallengePassword:
		p.Title, p.Submit, p.Account = "Enter your password", "Sign in", s.user
		p.Fields = []field{passwordField("Password", fieldPassword, "current-password")}
	case wire.ChallengeWebAuthn:
		p.template, p.Title, p.Submit = "passkey", "Sign in with a passkey", "Use your passkey"
		p.Options, p.Ceremony = s.parameters[wire.ChallengeParamCredentialRequestOptions], "get"
		p.Choices = firstFactorChoices(slices.DeleteFunc(slices.Clone(s.available), func(name string) bool { return name == wire.ChallengeWebAuthn }))
	default: // devices and triggers: nothing that a page could be made for
		p.Title, p.Alert, p.Submit = "Sign in", "This sign-in cannot go on here.", ""
	}
	x.keep(p, s)
	return p
}

func codeField(label string) field {
	return field{Name: fieldCode, Label: label, Type: "text", Autocomplete: "one-time-code", InputMode: "numeric"}
}

// newPasswordPage asks for a password in place of a temporary one, and for the
// attributes that go with it.
func (x *exchange) newPasswordPage(p *page, s *step) {
	p.Title, p.Submit, p.Account = "Choose a new password", "Change password", s.user
	p.Fields = x.newPasswordFields("New password")
	var missing []string
	if json.Unmarshal([]byte(s.parameters[wire.ChallengeParamRequiredAttributes]), &missing) != nil {
		return
	}
	for _, name := range missing {
		p.Fields = append(p.Fields, attributeField(strings.TrimPrefix(name, wire.ParamUserAttributePrefix)))
	}
}

// newPasswordFields ask for a new password, twice.
func (x *exchange) newPasswordFields(label string) []field {
	first := passwordField(label, fieldPassword, "new-password")
	x.pool.mu.Lock()
	first.Hint = x.pool.cfg.PasswordPolicy.hint()
	x.pool.mu.Unlock()
	return []field{first, passwordField("Repeat the password", fieldRepeated, "new-password")}
}

// newPassword returns the new password of a form, or that it was not the same
// twice.
func (x *exchange) newPassword() (string, *apiError) {
	if x.form.Get(fieldPassword) != x.form.Get(fieldRepeated) {
		return "", invalidPassword("The passwords are not the same.")
	}
	return x.form.Get(fieldPassword), nil
}

// factorChoices are buttons for the second factors of a challenge parameter.
func factorChoices(list string) []choice {
	var factors []MFAFactor
	if json.Unmarshal([]byte(list), &factors) != nil {
		return nil
	}
	var choices []choice
	for _, factor := range factors {
		label := map[MFAFactor]string{MFAFactorTOTP: "Authenticator app", MFAFactorSMS: "Text message", MFAFactorEmail: "E-mail"}[factor]
		choices = append(choices, choice{fieldAnswer, string(factor), label})
	}
	return choices
}

// firstFactorChoices are buttons for first factors.
func firstFactorChoices(available []string) []choice {
	var choices []choice
	for _, name := range available {
		label := map[string]string{
			wire.ChallengePassword: "Password", wire.ChallengeEmailOTP: "Code by e-mail", wire.ChallengeSMSOTP: "Code by text message",
			wire.ChallengeWebAuthn: "Passkey",
		}[name]
		if label != "" {
			choices = append(choices, choice{fieldAnswer, name, label})
		}
	}
	return choices
}

// submitAnswer serves the forms of challenges.
func submitAnswer(x *exchange, a *authorization) *reply {
	s := x.step(a)
	if s == nil {
		return shownAgain(x.loginPage(a, ""), notAuthorized(msgSessionExpired))
	}
	if s.challenge == wire.ChallengeMFASetup {
		return x.answerSetup(a, s)
	}
	if s.challenge == wire.ChallengeWebAuthn && x.form.Get(fieldAnswer) != "" { // another way
		other := *s
		other.challenge = wire.ChallengeSelectChallenge
		s = &other
	}
	responses, err := x.responses(s)
	if err != nil {
		return shownAgain(x.challengePage(s), err)
	}
	return x.respond(a, s, responses)
}

// responses are the ChallengeResponses of a form.
func (x *exchange) responses(s *step) (map[string]string, *apiError) {
	code := strings.Join(strings.Fields(x.form.Get(fieldCode)), "")
	switch s.challenge {
	case wire.ChallengeSMSMFA:
		return map[string]string{wire.ParamSMSMFACode: code}, nil
	case wire.ChallengeSMSOTP:
		return map[string]string{wire.ParamSMSOTPCode: code}, nil
	case wire.ChallengeEmailOTP:
		return map[string]string{wire.ParamEmailOTPCode: code}, nil
	case wire.ChallengeSoftwareTokenMFA:
		return map[string]string{wire.ParamSoftwareTokenMFACode: code}, nil
	case wire.ChallengePassword:
		return map[string]string{wire.ParamPassword: x.form.Get(fieldPassword)}, nil
	case wire.ChallengeWebAuthn:
		return map[string]string{wire.ParamCredential: x.form.Get(fieldCredential)}, nil
	case wire.ChallengeNewPasswordRequired:
		password, err := x.newPassword()
		if err != nil {
			return nil, err
		}
		responses := map[string]string{wire.ParamNewPassword: password}
		for name := range x.form {
			if attribute, ok := strings.CutPrefix(name, prefixAttribute); ok {
				responses[wire.ParamUserAttributePrefix+attribute] = x.form.Get(name)
			}
		}
		return responses, nil
	default:
		return map[string]string{wire.ParamAnswer: x.form.Get(fieldAnswer)}, nil
	}
}

// respond answers a challenge and goes on with whatever comes next.
func (x *exchange) respond(a *authorization, s *step, responses map[string]string) *reply {
	responses = maps.Collect(maps.All(responses)) // never nil
	responses[wire.ParamUsername] = s.user
	x.signHash(a.client, s.user, func(hash string) { responses[wire.ParamSecretHash] = hash })
	response, err := operate[authResponse](x, "RespondToAuthChallenge", map[string]any{
		"ClientId": a.client.id, "ChallengeName": s.challenge, "Session": s.session, "ChallengeResponses": responses,
	})
	return x.answered(a, s, response, err)
}

// answered goes on after an answer. One that was wrong can be given again, as
// long as the session lasts.
func (x *exchange) answered(a *authorization, s *step, response *authResponse, err *apiError) *reply {
	switch {
	case err == nil:
		x.locked(func(c *call) { c.pool.steps.take(x.form.Get(fieldStep), c.now) })
		return x.next(a, response)
	case endsSession(err):
		return shownAgain(x.loginPage(a, ""), err)
	default:
		return shownAgain(x.challengePage(s), err)
	}
}

// endsSession reports whether an error means that a sign-in has to begin again.
func endsSession(err *apiError) bool {
	switch err.message {
	case msgSessionExpired, msgSessionInvalid, msgSessionSpent, msgUserDisabled:
		return true
	default:
		return false
	}
}

// submitAgain sends a code again. The API has no operation for that.
func submitAgain(x *exchange, a *authorization) *reply {
	s := x.step(a)
	if s == nil {
		return shownAgain(x.loginPage(a, ""), notAuthorized(msgSessionExpired))
	}
	var response *authResponse
	var err *apiError
	x.locked(func(c *call) { response, err = c.sendAgain(s) })
	if err != nil {
		return x.answered(a, s, nil, err)
	}
	x.locked(func(c *call) { c.pool.steps.take(x.form.Get(fieldStep), c.now) })
	fresh := *s
	fresh.session, fresh.parameters = response.Session, response.ChallengeParameters
	return &reply{status: http.StatusOK, page: x.challengePage(&fresh).notice("We sent a new code.")}
}

// sendAgain puts the challenge of a step again, with a new code.
func (c *call) sendAgain(s *step) (*authResponse, *apiError) {
	old, err := c.session(s.client, s.session, wire.ChallengeSMSMFA, wire.ChallengeSMSOTP, wire.ChallengeEmailOTP)
	if err != nil {
		return nil, err
	}
	old.stale = true
	attribute := attrEmail
	if old.purpose != wire.ChallengeEmailOTP {
		attribute = attrPhone
	}
	if old.first {
		return c.challengeFirstCode(old.attempt, string(old.purpose), attribute)
	}
	return c.challengeMessage(&session{attempt: old.attempt, contact: old.contact, settingUp: old.settingUp}, string(old.purpose), attribute)
}
