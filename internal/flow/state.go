package flow

import (
	"encoding/json"
	"fmt"
)

// A State is where an attempt stands. The set is closed.
type State interface{ kind() string }

// A Waiting state waits for the person's answer and survives between calls.
type Waiting interface {
	State
	waiting()
}

// States that wait for the person.
type (
	// AwaitCode waits for a one-time code (SMS_MFA, SMS_OTP, EMAIL_OTP,
	// SOFTWARE_TOKEN_MFA).
	AwaitCode struct {
		Challenge string `json:"challenge"`
		// First says that the code is the first factor, so that starting over
		// sends another one and asks for nothing else.
		First bool `json:"first,omitempty"`
	}
	// AwaitNewPassword waits for a new password (NEW_PASSWORD_REQUIRED).
	AwaitNewPassword struct {
		Missing []string `json:"missing"` // required attributes without the wire's prefix
	}
	// AwaitMFAChoice waits for a second factor to be chosen (SELECT_MFA_TYPE).
	AwaitMFAChoice struct {
		Options []string `json:"options"` // wire names
	}
	// AwaitSetupChoice waits for a second factor to be chosen for set-up
	// (MFA_SETUP with several).
	AwaitSetupChoice struct {
		Options []string `json:"options"` // wire names
	}
	// AwaitTOTPSetup waits for the first code of a new authenticator app.
	AwaitTOTPSetup struct{}
	// AwaitEmailSetup waits for the address to send codes to.
	AwaitEmailSetup struct{}
	// AwaitFactorChoice waits for a first factor to be chosen
	// (SELECT_CHALLENGE).
	AwaitFactorChoice struct {
		Options []string `json:"options"` // wire names
	}
	// AwaitPassword waits for the password after a first factor was chosen
	// (PASSWORD, PASSWORD_SRP).
	AwaitPassword struct {
		Challenge string   `json:"challenge"`
		Options   []string `json:"options,omitempty"` // what else was on offer
	}
	// AwaitWebAuthn waits for a passkey assertion (WEB_AUTHN).
	AwaitWebAuthn struct {
		Options []string `json:"options,omitempty"` // what else was on offer
	}
	// AwaitCustom waits for the answer to a Lambda trigger's challenge
	// (CUSTOM_CHALLENGE).
	AwaitCustom struct{}
	// AwaitUnknown waits for raw responses to a challenge this version does
	// not know.
	AwaitUnknown struct {
		Challenge string `json:"challenge"`
	}
)

// States within one call.
type (
	// Start is the state of an attempt that has not begun.
	Start struct{}
	// sent waits for the service's answer to a request of the sign-in.
	sent struct {
		back    Waiting // where a refused answer leads; nil if the attempt ends with it
		effect  Effect  // the Send or Prove, for the one retry without a forgotten device
		retried bool
	}
	// associating waits for AssociateSoftwareToken.
	associating struct{ back Waiting }
	// verifying waits for VerifySoftwareToken.
	verifying struct{}
	// Over is the state of an attempt that has ended.
	Over struct{}
)

func (AwaitCode) waiting()         {}
func (AwaitNewPassword) waiting()  {}
func (AwaitMFAChoice) waiting()    {}
func (AwaitSetupChoice) waiting()  {}
func (AwaitTOTPSetup) waiting()    {}
func (AwaitEmailSetup) waiting()   {}
func (AwaitFactorChoice) waiting() {}
func (AwaitPassword) waiting()     {}
func (AwaitWebAuthn) waiting()     {}
func (AwaitCustom) waiting()       {}
func (AwaitUnknown) waiting()      {}

func (AwaitCode) kind() string         { return "code" }
func (AwaitNewPassword) kind() string  { return "new-password" }
func (AwaitMFAChoice) kind() string    { return "mfa-choice" }
func (AwaitSetupChoice) kind() string  { return "mfa-setup-choice" }
func (AwaitTOTPSetup) kind() string    { return "totp-setup" }
func (AwaitEmailSetup) kind() string   { return "email-setup" }
func (AwaitFactorChoice) kind() string { return "factor-choice" }
func (AwaitPassword) kind() string     { return "password" }
func (AwaitWebAuthn) kind() string     { return "web-authn" }
func (AwaitCustom) kind() string       { return "custom" }
func (AwaitUnknown) kind() string      { return "unknown" }

func (Start) kind() string       { return "start" }
func (sent) kind() string        { return "sent" }
func (associating) kind() string { return "associating" }
func (verifying) kind() string   { return "verifying" }
func (Over) kind() string        { return "over" }

// unmarshalState reads a waiting state.
func unmarshalState(kind string, data []byte) (State, error) {
	switch kind {
	case AwaitCode{}.kind():
		return decode[AwaitCode](data)
	case AwaitNewPassword{}.kind():
		return decode[AwaitNewPassword](data)
	case AwaitMFAChoice{}.kind():
		return decode[AwaitMFAChoice](data)
	case AwaitSetupChoice{}.kind():
		return decode[AwaitSetupChoice](data)
	case AwaitTOTPSetup{}.kind():
		return decode[AwaitTOTPSetup](data)
	case AwaitEmailSetup{}.kind():
		return decode[AwaitEmailSetup](data)
	case AwaitFactorChoice{}.kind():
		return decode[AwaitFactorChoice](data)
	case AwaitPassword{}.kind():
		return decode[AwaitPassword](data)
	case AwaitWebAuthn{}.kind():
		return decode[AwaitWebAuthn](data)
	case AwaitCustom{}.kind():
		return decode[AwaitCustom](data)
	case AwaitUnknown{}.kind():
		return decode[AwaitUnknown](data)
	}
	return nil, fmt.Errorf("flow: attempt: unknown state %q", kind)
}

func decode[S State](data []byte) (State, error) {
	var s S
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("flow: attempt: state %s: %w", s.kind(), err)
	}
	return s, nil
}
