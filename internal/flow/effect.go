package flow

import "fmt"

// An Effect is what the driver has to do next. The set is closed.
type Effect interface{ effect() }

// Effects whose outcome is the next event.
type (
	// Send is an InitiateAuth (Flow set) or a RespondToAuthChallenge
	// (Challenge set).
	Send struct {
		Flow      string
		Challenge string
		Session   string
		Params    map[string]string // without SECRET_HASH, which is the driver's
		SRPA      bool              // add SRP_A of a fresh SRP client, and keep the client for the Prove that follows
	}
	// Prove is a Send that needs a password proof first: of the person's
	// password, or of the device's secret.
	Prove struct {
		Device bool
		ID     string // USER_ID_FOR_SRP or the device key
		Salt   string
		B      string
		Block  string // SECRET_BLOCK
		Send   Send   // lacks the proof's parameters
	}
	// Associate asks for an authenticator app's secret (AssociateSoftwareToken).
	Associate struct{ Session string }
	// Verify proves an authenticator app (VerifySoftwareToken).
	Verify struct{ Session, Code, FriendlyDeviceName string }
	// ForgetDevice drops the record of the device with Key, then performs Next.
	ForgetDevice struct {
		Key  string
		Next Effect
	}
)

// Effects that end the call.
type (
	// Ask puts the attempt's state, which is Waiting, to the person.
	Ask struct {
		Delivery        *Delivery
		Secret          string            // with AwaitTOTPSetup
		Info            map[string]string // with AwaitCustom, AwaitUnknown
		WebAuthnOptions string            // with AwaitWebAuthn: JSON
	}
	// Finish says that the last reply carried tokens.
	Finish struct{}
	// Divert says that something else must be done before signing in.
	Divert struct{ To Diversion }
	// Refuse says that the service's refusal is the outcome.
	Refuse struct{}
	// Fail says that the machine refuses.
	Fail struct{ Err *Error }
)

func (Send) effect()         {}
func (Prove) effect()        {}
func (Associate) effect()    {}
func (Verify) effect()       {}
func (ForgetDevice) effect() {}
func (Ask) effect()          {}
func (Finish) effect()       {}
func (Divert) effect()       {}
func (Refuse) effect()       {}
func (Fail) effect()         {}

// Delivery says where a code went.
type Delivery struct{ Destination, Medium string }

// A Diversion is what must be done before signing in.
type Diversion int

// The diversions.
const (
	ConfirmSignUp Diversion = iota + 1
	ResetPassword
)

// A Reason says why the machine refused.
type Reason int

// The reasons.
const (
	ReasonInvalidAnswer Reason = iota + 1 // the answer is empty or malformed; Field names the input
	ReasonMFAMethod                       // not one of the second factors on offer
	ReasonFactor                          // not one of the first factors on offer
	ReasonNoUsableSetup                   // a second factor must be set up, and none can be here
	ReasonEmptyUserID                     // PASSWORD_VERIFIER without USER_ID_FOR_SRP
	ReasonProtocol                        // the service answered what its API does not allow
	ReasonExpired                         // the attempt is over
)

// An Error is a refusal of the machine. Detail never repeats what was given.
type Error struct {
	Reason Reason
	Field  string
	Detail string
}

// Error returns the detail.
func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("flow: %s: %s", e.Field, e.Detail)
	}
	return "flow: " + e.Detail
}
