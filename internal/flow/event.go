package flow

// An Event is what happened since the last step. The set is closed.
type Event interface{ event() }

type (
	// Begin starts an attempt.
	Begin struct {
		Flow      string // one of the Flow constants of this package
		Username  string // as typed
		Password  string
		Preferred string            // USER_AUTH: the first factor to try, or ""
		Devices   map[string]string // keys of the remembered devices, by the names of their users
		Session   string            // USER_AUTH: the session that sign-up returned, or ""
	}
	// Answer is the person's answer to the step asked last.
	Answer struct {
		Response           string
		Attributes         map[string]string // with AwaitNewPassword
		Raw                map[string]string // with AwaitUnknown
		FriendlyDeviceName string            // with AwaitTOTPSetup
	}
	// Reply is the service's answer to a Send or Prove.
	Reply struct {
		Done      bool // it carried tokens
		Challenge string
		Session   string
		Params    map[string]string
		Available []string // AvailableChallenges
	}
	// SecretIssued is the service's answer to an Associate.
	SecretIssued struct{ Secret, Session string }
	// SecretVerified is the service's answer to a Verify.
	SecretVerified struct{ Session string }
	// Refused says that the service refused the last request, or, with an
	// empty code, that no answer came.
	Refused struct{ Code, Message string }
)

func (Begin) event()          {}
func (Answer) event()         {}
func (Reply) event()          {}
func (SecretIssued) event()   {}
func (SecretVerified) event() {}
func (Refused) event()        {}

// Flows a sign-in can begin with. The custom flow has two names, as in
// Amplify; on the wire both are CUSTOM_AUTH.
const (
	UserSRP          = "USER_SRP_AUTH"
	UserPassword     = "USER_PASSWORD_AUTH"
	User             = "USER_AUTH"
	CustomWithSRP    = "CUSTOM_WITH_SRP"
	CustomWithoutSRP = "CUSTOM_WITHOUT_SRP"
)
