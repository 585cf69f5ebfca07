package flow

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// reply dispatches on the challenge that the service put.
func (a Attempt) reply(s sent, r Reply) (Attempt, Effect) {
	if r.Done {
		a.Session, a.State = "", Over{}
		return a, Finish{}
	}
	// Each answer supersedes the session before it; USER_SRP_AUTH answers
	// PASSWORD_VERIFIER without one.
	a.Session = r.Session
	if name := first(r.Params, wire.ChallengeParamUserIDForSRP, wire.ChallengeParamUsername); name != "" {
		a.Username = name
	}
	if a.Device == "" {
		a.Device = a.known[a.Username]
	}
	switch r.Challenge {
	case "":
		return a.over(&Error{Reason: ReasonProtocol, Detail: "neither tokens nor a challenge"})
	case wire.ChallengePasswordVerifier:
		return a.prove(r, false)
	case wire.ChallengeDeviceSRPAuth:
		if a.Device == "" {
			return a.over(&Error{Reason: ReasonProtocol, Detail: "DEVICE_SRP_AUTH for a device that was not named"})
		}
		b, effect := a.respond(nil, r.Challenge, nil)
		send := effect.(Send)
		send.SRPA = true
		b.State = sent{effect: send}
		return b, send
	case wire.ChallengeDevicePasswordVerifier:
		return a.prove(r, true)
	case wire.ChallengeSMSMFA, wire.ChallengeSMSOTP, wire.ChallengeEmailOTP:
		return a.ask(AwaitCode{Challenge: r.Challenge, First: a.Flow == User && s.passwordless()}, Ask{Delivery: &Delivery{
			Destination: r.Params[wire.ChallengeParamDeliveryDestination],
			Medium:      r.Params[wire.ChallengeParamDeliveryMedium],
		}})
	case wire.ChallengeSoftwareTokenMFA:
		return a.ask(AwaitCode{Challenge: r.Challenge}, Ask{})
	case wire.ChallengeNewPasswordRequired:
		return a.newPassword(r)
	case wire.ChallengeSelectMFAType:
		options, ok := stringList(r.Params[wire.ChallengeParamMFAsCanChoose])
		options = slices.DeleteFunc(options, func(o string) bool { return MFAType(o) == "" })
		if !ok || len(options) == 0 {
			return a.unknown(r)
		}
		return a.ask(AwaitMFAChoice{Options: options}, Ask{})
	case wire.ChallengeMFASetup:
		return a.mfaSetup(r)
	case wire.ChallengeSelectChallenge:
		return a.ask(AwaitFactorChoice{Options: offered(s.back, r)}, Ask{})
	case wire.ChallengePassword, wire.ChallengePasswordSRP:
		return a.ask(AwaitPassword{Challenge: r.Challenge, Options: offered(s.back, r)}, Ask{})
	case wire.ChallengeWebAuthn:
		options := r.Params[wire.ChallengeParamCredentialRequestOptions]
		if !isJSONObject(options) {
			return a.over(&Error{Reason: ReasonProtocol, Detail: "WEB_AUTHN without CREDENTIAL_REQUEST_OPTIONS"})
		}
		return a.ask(AwaitWebAuthn{Options: offered(s.back, r)}, Ask{WebAuthnOptions: options})
	case wire.ChallengeCustom:
		return a.ask(AwaitCustom{}, Ask{Info: r.Params})
	}
	return a.unknown(r)
}

// passwordless reports whether what s answers followed from a request without a
// password: the first one, or the choice of a first factor.
func (s sent) passwordless() bool {
	send, ok := s.effect.(Send)
	_, password := send.Params[wire.ParamPassword]
	return ok && !password && !send.SRPA && (send.Flow != "" || send.Challenge == wire.ChallengeSelectChallenge)
}

// unknown passes a challenge on as it came.
func (a Attempt) unknown(r Reply) (Attempt, Effect) {
	return a.ask(AwaitUnknown{Challenge: r.Challenge}, Ask{Info: r.Params})
}

// prove asks for a password proof.
func (a Attempt) prove(r Reply, device bool) (Attempt, Effect) {
	challenge, id := r.Challenge, r.Params[wire.ChallengeParamUserIDForSRP]
	if device {
		id = a.Device
		if id == "" {
			return a.over(&Error{Reason: ReasonProtocol, Detail: "DEVICE_PASSWORD_VERIFIER for a device that was not named"})
		}
	} else if id == "" {
		return a.over(&Error{Reason: ReasonEmptyUserID, Detail: "PASSWORD_VERIFIER without USER_ID_FOR_SRP"})
	}
	b, effect := a.respond(nil, challenge, nil)
	p := Prove{
		Device: device, ID: id,
		Salt:  r.Params[wire.ChallengeParamSalt],
		B:     r.Params[wire.ChallengeParamSRPB],
		Block: r.Params[wire.ChallengeParamSecretBlock],
		Send:  effect.(Send),
	}
	b.State = sent{effect: p}
	return b, p
}

// newPassword reads NEW_PASSWORD_REQUIRED. Names come with a prefix that
// answers need and people do not.
func (a Attempt) newPassword(r Reply) (Attempt, Effect) {
	missing := []string{}
	if raw, ok := r.Params[wire.ChallengeParamRequiredAttributes]; ok && raw != "" {
		if missing, ok = stringList(raw); !ok {
			return a.over(&Error{Reason: ReasonProtocol, Detail: "requiredAttributes is not a list of strings"})
		}
	}
	for i, name := range missing {
		missing[i] = strings.TrimPrefix(name, wire.ParamUserAttributePrefix)
	}
	return a.ask(AwaitNewPassword{Missing: missing}, Ask{})
}

// mfaSetup reads MFA_SETUP. SMS cannot be set up while signing in: the service
// wants the phone number to be added by other means.
func (a Attempt) mfaSetup(r Reply) (Attempt, Effect) {
	options, ok := stringList(r.Params[wire.ChallengeParamMFAsCanSetup])
	if !ok {
		return a.unknown(r)
	}
	options = slices.DeleteFunc(options, func(o string) bool {
		return o != wire.ChallengeSoftwareTokenMFA && o != wire.ChallengeEmailOTP
	})
	switch len(options) {
	case 0:
		return a.over(&Error{Reason: ReasonNoUsableSetup, Detail: "none of the second factors can be set up while signing in"})
	case 1:
		return a.setUp(nil, options[0])
	}
	return a.ask(AwaitSetupChoice{Options: options}, Ask{})
}

// setUp starts setting up one second factor.
func (a Attempt) setUp(back Waiting, factor string) (Attempt, Effect) {
	if factor == wire.ChallengeEmailOTP {
		return a.ask(AwaitEmailSetup{}, Ask{})
	}
	a.State = associating{back: back}
	return a, Associate{Session: a.Session}
}

func (a Attempt) secretIssued(e SecretIssued) (Attempt, Effect) {
	if e.Session != "" {
		a.Session = e.Session
	}
	if e.Secret == "" {
		return a.over(&Error{Reason: ReasonProtocol, Detail: "no secret for the authenticator app"})
	}
	return a.ask(AwaitTOTPSetup{}, Ask{Secret: e.Secret})
}

// offered returns the first factors on offer: those the reply names, else those
// named before it.
func offered(before Waiting, r Reply) []string {
	if len(r.Available) > 0 {
		return slices.Clone(r.Available)
	}
	switch w := before.(type) {
	case AwaitFactorChoice:
		return slices.Clone(w.Options)
	case AwaitPassword:
		return slices.Clone(w.Options)
	case AwaitWebAuthn:
		return slices.Clone(w.Options)
	}
	return []string{}
}

// first returns the value of the first key that has one.
func first(m map[string]string, keys ...string) string {
	for _, k := range keys {
		if m[k] != "" {
			return m[k]
		}
	}
	return ""
}

// stringList reads a JSON array of strings, which challenge parameters carry as
// a string.
func stringList(s string) ([]string, bool) {
	var list []string
	if err := json.Unmarshal([]byte(s), &list); err != nil || list == nil {
		return nil, false
	}
	return list, true
}

func isJSONObject(s string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(s), &object) == nil && object != nil
}
