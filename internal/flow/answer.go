package flow

import (
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// Names of the inputs that refusals point to.
const (
	fieldResponse   = "ChallengeResponse"
	fieldResponses  = "ChallengeResponses"
	fieldAttributes = "UserAttributes"
)

// answer turns the person's answer into the request that carries it. What can
// be refused here is refused before any request, and the attempt stays as it
// was.
func (a Attempt) answer(w Waiting, in Answer) (Attempt, Effect) {
	if unknown, ok := w.(AwaitUnknown); ok {
		if len(in.Raw) == 0 {
			return a.fail(&Error{Reason: ReasonInvalidAnswer, Field: fieldResponses, Detail: "required for a challenge this version does not know"})
		}
		return a.respond(w, unknown.Challenge, in.Raw)
	}
	if in.Response == "" {
		return a.fail(&Error{Reason: ReasonInvalidAnswer, Field: fieldResponse, Detail: "required"})
	}
	switch w := w.(type) {
	case AwaitCode:
		return a.respond(w, w.Challenge, map[string]string{codeParam(w.Challenge): in.Response})
	case AwaitNewPassword:
		return a.answerNewPassword(w, in)
	case AwaitMFAChoice:
		for _, o := range w.Options {
			if MFAType(o) == in.Response {
				return a.respond(w, wire.ChallengeSelectMFAType, map[string]string{wire.ParamAnswer: o})
			}
		}
		return a.fail(&Error{Reason: ReasonMFAMethod, Field: fieldResponse, Detail: "not one of the second factors on offer"})
	case AwaitSetupChoice:
		for _, o := range w.Options {
			if MFAType(o) == in.Response {
				return a.setUp(w, o)
			}
		}
		return a.fail(&Error{Reason: ReasonMFAMethod, Field: fieldResponse, Detail: "not one of the second factors on offer"})
	case AwaitTOTPSetup:
		if !sixDigits(in.Response) {
			return a.fail(&Error{Reason: ReasonInvalidAnswer, Field: fieldResponse, Detail: "the code of an authenticator app has six digits"})
		}
		a.State = verifying{}
		return a, Verify{Session: a.Session, Code: in.Response, FriendlyDeviceName: in.FriendlyDeviceName}
	case AwaitEmailSetup:
		if !strings.Contains(in.Response, "@") {
			return a.fail(&Error{Reason: ReasonInvalidAnswer, Field: fieldResponse, Detail: "not an e-mail address"})
		}
		return a.respond(w, wire.ChallengeMFASetup, map[string]string{wire.ParamEmail: in.Response})
	case AwaitFactorChoice:
		return a.chooseFactor(w, w.Options, in.Response)
	case AwaitPassword:
		return a.answerPassword(w, in.Response)
	case AwaitWebAuthn:
		if !isJSONObject(in.Response) {
			return a.chooseFactor(w, w.Options, in.Response)
		}
		return a.respond(w, wire.ChallengeWebAuthn, map[string]string{wire.ParamCredential: in.Response})
	case AwaitCustom:
		return a.respond(w, wire.ChallengeCustom, map[string]string{wire.ParamAnswer: in.Response})
	}
	return a.over(&Error{Reason: ReasonProtocol, Detail: "the state takes no answer"})
}

func (a Attempt) answerNewPassword(w AwaitNewPassword, in Answer) (Attempt, Effect) {
	for _, name := range w.Missing {
		if in.Attributes[name] == "" {
			return a.fail(&Error{Reason: ReasonInvalidAnswer, Field: fieldAttributes, Detail: name + " is required"})
		}
	}
	params := map[string]string{wire.ParamNewPassword: in.Response}
	for name, value := range in.Attributes {
		if value != "" {
			params[wire.ParamUserAttributePrefix+name] = value
		}
	}
	return a.respond(w, wire.ChallengeNewPasswordRequired, params)
}

// chooseFactor takes the name of a first factor. A password needs another
// answer before there is anything to send.
func (a Attempt) chooseFactor(w Waiting, options []string, factor string) (Attempt, Effect) {
	if len(options) == 0 { // the service did not say; all it has are on offer
		options = []string{wire.ChallengePassword, wire.ChallengePasswordSRP, wire.ChallengeEmailOTP, wire.ChallengeSMSOTP, wire.ChallengeWebAuthn}
	}
	if !slices.Contains(options, factor) {
		return a.fail(&Error{Reason: ReasonFactor, Field: fieldResponse, Detail: "not one of the first factors on offer"})
	}
	switch factor {
	case wire.ChallengePassword, wire.ChallengePasswordSRP:
		return a.ask(AwaitPassword{Challenge: factor, Options: options}, Ask{})
	}
	return a.respond(w, wire.ChallengeSelectChallenge, map[string]string{wire.ParamAnswer: factor})
}

func (a Attempt) answerPassword(w AwaitPassword, password string) (Attempt, Effect) {
	params := map[string]string{wire.ParamUsername: a.Username, wire.ParamAnswer: w.Challenge}
	if w.Challenge == wire.ChallengePassword {
		params[wire.ParamPassword] = password
	}
	return a.send(w, Send{
		Challenge: wire.ChallengeSelectChallenge, Params: params, SRPA: w.Challenge == wire.ChallengePasswordSRP,
	})
}

// codeParam returns the parameter that carries the code of a challenge.
func codeParam(challenge string) string {
	switch challenge {
	case wire.ChallengeSMSMFA:
		return wire.ParamSMSMFACode
	case wire.ChallengeSMSOTP:
		return wire.ParamSMSOTPCode
	case wire.ChallengeEmailOTP:
		return wire.ParamEmailOTPCode
	}
	return wire.ParamSoftwareTokenMFACode
}

// MFAType returns Amplify's name of a second factor, or "" for a name that is
// not one.
func MFAType(name string) string {
	switch name {
	case wire.ChallengeSMSMFA:
		return "SMS"
	case wire.ChallengeSoftwareTokenMFA:
		return "TOTP"
	case wire.ChallengeEmailOTP:
		return "EMAIL"
	}
	return ""
}

// sixDigits tells VerifySoftwareToken's UserCode.
func sixDigits(s string) bool {
	if len(s) != 6 {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
