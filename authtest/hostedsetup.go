package authtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image/png"
	"net/url"
	"slices"

	"github.com/pquerna/otp"

	"github.com/cognitokit/auth/internal/wire"
)

// beginSetup begins to set up a second factor. Where there is one choice only,
// it is taken.
func (x *exchange) beginSetup(a *authorization, s *step) *reply {
	var factors []MFAFactor
	if json.Unmarshal([]byte(s.parameters[wire.ChallengeParamMFAsCanSetup]), &factors) == nil && len(factors) == 1 {
		return x.chooseSetup(a, s, factors[0])
	}
	return shown(x.challengePage(s))
}

// setupPage makes the page of a set-up, as far as it has come.
func (x *exchange) setupPage(p *page, s *step) {
	switch s.factor {
	case MFAFactorTOTP:
		p.template, p.Title, p.Submit = "totp", "Set up an authenticator app", "Verify"
		p.Secret, p.Picture = s.secret, x.pool.pictureOf(s.user, s.secret)
		p.Fields = []field{codeField("Code from the app"), {Name: fieldDevice, Label: "Name of the device", Type: "text", Autocomplete: "off", Optional: true}}
	case MFAFactorSMS:
		p.Title, p.Submit = "Set up text messages", "Send a code"
		p.Fields = []field{{Name: fieldPhone, Label: "Phone number", Type: "tel", Autocomplete: "tel", InputMode: "tel", Hint: phoneHint}}
	case MFAFactorEmail:
		p.Title, p.Submit = "Set up e-mail messages", "Send a code"
		p.Fields = []field{{Name: fieldEmail, Label: "E-mail address", Type: "email", Autocomplete: "email", InputMode: "email"}}
	default:
		p.Title, p.Submit = "Set up a second factor", ""
		p.Text = "From now on you confirm your sign-in in a second way."
		p.Choices = factorChoices(s.parameters[wire.ChallengeParamMFAsCanSetup])
	}
}

// pictureOf draws the secret of an authenticator app as a QR code.
func (p *Pool) pictureOf(account, secret string) template.URL {
	p.mu.Lock()
	issuer := p.cfg.Name
	p.mu.Unlock()
	address := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account,
		RawQuery: url.Values{"secret": {secret}, "issuer": {issuer}}.Encode(),
	}
	key, err := otp.NewKeyFromURL(address.String())
	if err != nil {
		panic("authtest: QR code: " + err.Error())
	}
	const side = 240 // pixels
	picture, err := key.Image(side, side)
	if err != nil {
		return "" // too long for a QR code: the secret is on the page
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic("authtest: QR code: " + err.Error())
	}
	//nolint:gosec // G203: base64 has nothing to escape
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}

// chooseSetup begins to set up a factor.
func (x *exchange) chooseSetup(a *authorization, s *step, factor MFAFactor) *reply {
	chosen := *s
	switch factor {
	case MFAFactorTOTP:
		response, err := operate[associateSoftwareTokenResponse](x, "AssociateSoftwareToken", map[string]any{"Session": s.session})
		if err != nil {
			return x.answered(a, s, nil, err)
		}
		chosen.session, chosen.secret = response.Session, response.SecretCode
	case MFAFactorSMS, MFAFactorEmail:
	default:
		return shownAgain(x.challengePage(s), invalidParameter(msgMFAChoice))
	}
	chosen.factor = factor
	return shown(x.challengePage(&chosen))
}

// answerSetup serves the forms of set-ups.
func (x *exchange) answerSetup(a *authorization, s *step) *reply {
	switch s.factor {
	case MFAFactorTOTP:
		request := map[string]any{"Session": s.session, "UserCode": x.form.Get(fieldCode)}
		if name := x.form.Get(fieldDevice); name != "" {
			request["FriendlyDeviceName"] = name
		}
		verified, err := operate[verifySoftwareTokenResponse](x, "VerifySoftwareToken", request)
		if err != nil {
			return x.answered(a, s, nil, err)
		}
		done := *s
		done.session = verified.Session
		return x.respond(a, &done, nil)
	case MFAFactorEmail:
		return x.respond(a, s, map[string]string{wire.ParamEmail: x.form.Get(fieldEmail)})
	case MFAFactorSMS:
		var response *authResponse
		var err *apiError
		x.locked(func(c *call) { response, err = c.setUpSMS(s, x.form.Get(fieldPhone)) })
		return x.answered(a, s, response, err)
	default:
		return x.chooseSetup(a, s, MFAFactor(x.form.Get(fieldAnswer)))
	}
}

// setUpSMS sends a code to a phone number that is to become a second factor.
// Managed login can do that, the API cannot.
func (c *call) setUpSMS(s *step, number string) (*authResponse, *apiError) {
	old, err := c.session(s.client, s.session, wire.ChallengeMFASetup)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(old.choices, MFAFactorSMS):
		return nil, invalidParameter(msgMFAChoice)
	case !isPhone(number):
		return nil, invalidParameter(msgPhoneFormat)
	}
	if other := c.pool.users.owner(attrPhone, number); other != nil && other != old.user {
		return nil, fail(wire.ExceptionAliasExists, fmt.Sprintf(msgAliasExists, attrPhone))
	}
	old.spent = true
	return c.challengeMessage(&session{attempt: old.attempt, contact: number, settingUp: true}, wire.ChallengeSMSMFA, attrPhone)
}
