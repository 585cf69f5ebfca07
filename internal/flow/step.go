package flow

import (
	"maps"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// Step takes an attempt from one state to the next. It is total: an event that
// does not belong to the state ends in [Fail], never in a panic.
func Step(a Attempt, e Event) (Attempt, Effect) {
	switch e := e.(type) {
	case Begin:
		if _, ok := a.State.(Start); ok || a.State == nil {
			return begin(e)
		}
	case Answer:
		if w, ok := a.State.(Waiting); ok {
			return a.answer(w, e)
		}
	case Reply:
		if s, ok := a.State.(sent); ok {
			return a.reply(s, e)
		}
	case SecretIssued:
		if _, ok := a.State.(associating); ok {
			return a.secretIssued(e)
		}
	case SecretVerified:
		if _, ok := a.State.(verifying); ok {
			a.Session = e.Session
			return a.send(nil, Send{Challenge: wire.ChallengeMFASetup, Params: map[string]string{wire.ParamUsername: a.Username}})
		}
	case Refused:
		return a.refused(e)
	}
	if _, ok := a.State.(Over); ok {
		return a.fail(&Error{Reason: ReasonExpired, Detail: "the attempt is over"})
	}
	return a.over(&Error{Reason: ReasonProtocol, Detail: "the event does not belong to the state"})
}

// begin makes the first request.
func begin(b Begin) (Attempt, Effect) {
	a := Attempt{Flow: b.Flow, LoginID: b.Username, Username: b.Username, Device: b.Devices[b.Username], State: Start{}, known: b.Devices}
	s := Send{Flow: b.Flow, Session: b.Session, Params: map[string]string{wire.ParamUsername: b.Username}}
	switch b.Flow {
	case UserSRP:
		s.SRPA = true
	case UserPassword:
		s.Params[wire.ParamPassword] = b.Password
	case CustomWithSRP:
		s.Flow, s.SRPA = wire.FlowCustom, true
		s.Params[wire.ParamChallengeName] = wire.SRPAChallengeName
	case CustomWithoutSRP:
		s.Flow = wire.FlowCustom
	case User:
		if b.Preferred != "" {
			s.Params[wire.ParamPreferredChallenge] = b.Preferred
		}
		switch b.Preferred {
		case wire.ChallengePassword:
			s.Params[wire.ParamPassword] = b.Password
		case wire.ChallengePasswordSRP:
			s.SRPA = true
		}
	default:
		return a.over(&Error{Reason: ReasonInvalidAnswer, Field: "AuthFlow", Detail: "not a flow of this version"})
	}
	if a.Device != "" {
		s.Params[wire.ParamDeviceKey] = a.Device
	}
	return a.send(nil, s)
}

// send moves to the state that waits for the answer to s. InitiateAuth brings
// its own session, everything else the attempt's.
func (a Attempt) send(back Waiting, s Send) (Attempt, Effect) {
	if s.Challenge != "" {
		s.Session = a.Session
	}
	a.State = sent{back: back, effect: s}
	return a, s
}

// respond answers challenge with the name, the device's key and what extra
// says.
func (a Attempt) respond(back Waiting, challenge string, extra map[string]string) (Attempt, Effect) {
	params := map[string]string{wire.ParamUsername: a.Username}
	if a.Device != "" && takesDeviceKey(challenge) {
		params[wire.ParamDeviceKey] = a.Device
	}
	maps.Copy(params, extra)
	return a.send(back, Send{Challenge: challenge, Params: params})
}

// takesDeviceKey reports whether an answer to challenge carries DEVICE_KEY. The
// API reference allows it for every challenge; Amplify sends it with these, so
// these are known to work.
func takesDeviceKey(challenge string) bool {
	switch challenge {
	case wire.ChallengePasswordVerifier, wire.ChallengeCustom, wire.ChallengeSMSMFA, wire.ChallengeSoftwareTokenMFA,
		wire.ChallengeEmailOTP, wire.ChallengeSMSOTP, wire.ChallengeDeviceSRPAuth, wire.ChallengeDevicePasswordVerifier:
		return true
	}
	return false
}

// ask waits for the person.
func (a Attempt) ask(w Waiting, what Ask) (Attempt, Effect) {
	a.State = w
	return a, what
}

// fail refuses and leaves the attempt as it is.
func (a Attempt) fail(err *Error) (Attempt, Effect) { return a, Fail{err} }

// over refuses and ends the attempt.
func (a Attempt) over(err *Error) (Attempt, Effect) {
	a.State = Over{}
	return a, Fail{err}
}

// refused decides what a refusal by the service means for the attempt.
func (a Attempt) refused(r Refused) (Attempt, Effect) {
	switch s := a.State.(type) {
	case sent:
		return a.sentRefused(s, r)
	case associating:
		return a.back(s.back, r)
	case verifying:
		return a.back(AwaitTOTPSetup{}, r)
	}
	return a.over(&Error{Reason: ReasonProtocol, Detail: "a refusal without a request"})
}

func (a Attempt) sentRefused(s sent, r Refused) (Attempt, Effect) {
	challenge := s.challenge()
	deviceStep := challenge == wire.ChallengeDeviceSRPAuth || challenge == wire.ChallengeDevicePasswordVerifier
	switch {
	case deviceStep && (r.Code == wire.ExceptionNotAuthorized || deviceGone(r)):
		// The device's secret no longer counts. Without its record the next
		// sign-in asks for the second factor instead of failing here again.
		key := a.Device
		a.Device, a.known, a.State = "", nil, Over{}
		return a, ForgetDevice{Key: key, Next: Refuse{}}
	case deviceGone(r) && a.Device != "" && !s.retried:
		key := a.Device
		a.Device, a.known = "", nil
		again := withoutDevice(s.effect)
		a.State = sent{back: s.back, effect: again, retried: true}
		return a, ForgetDevice{Key: key, Next: again}
	}
	return a.back(s.back, r)
}

// back returns to the state that can be answered again, or ends the attempt.
func (a Attempt) back(w Waiting, r Refused) (Attempt, Effect) {
	switch r.Code {
	case wire.ExceptionUserNotConfirmed:
		a.State = Over{}
		return a, Divert{ConfirmSignUp}
	case wire.ExceptionPasswordResetRequired:
		a.State = Over{}
		return a, Divert{ResetPassword}
	}
	_, custom := w.(AwaitCustom)
	if w == nil || sessionSpent(r) || custom && r.Code == wire.ExceptionNotAuthorized {
		a.State = Over{}
		return a, Refuse{}
	}
	a.State = w
	return a, Refuse{}
}

// challenge returns the challenge that s answers, "" for InitiateAuth.
func (s sent) challenge() string {
	switch e := s.effect.(type) {
	case Send:
		return e.Challenge
	case Prove:
		return e.Send.Challenge
	}
	return ""
}

// withoutDevice returns e without DEVICE_KEY.
func withoutDevice(e Effect) Effect {
	strip := func(s Send) Send {
		s.Params = maps.Clone(s.Params)
		delete(s.Params, wire.ParamDeviceKey)
		return s
	}
	switch e := e.(type) {
	case Send:
		return strip(e)
	case Prove:
		e.Send = strip(e.Send)
		return e
	}
	return e
}

// deviceGone tells the one ResourceNotFoundException that is about the device.
// Only the text tells it apart (observed, facts of all Amplify clients).
func deviceGone(r Refused) bool {
	return r.Code == wire.ExceptionResourceNotFound && strings.Contains(r.Message, "Device does not exist")
}

// sessionSpent tells the NotAuthorizedException after which no answer can
// succeed any more. The text is observed; if it changes, the attempt stays
// until it expires and each answer is refused, which is safe.
func sessionSpent(r Refused) bool {
	return r.Code == wire.ExceptionNotAuthorized && strings.Contains(r.Message, "Invalid session for the user")
}
