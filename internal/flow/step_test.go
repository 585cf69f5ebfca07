package flow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

// allowInternal lets cmp look into states of one call.
var allowInternal = cmp.AllowUnexported(sent{}, associating{}, Attempt{})

const (
	typed  = "ana@example.com"
	userID = "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f"
)

var passwordVerifier = Reply{Challenge: wire.ChallengePasswordVerifier, Params: map[string]string{
	"USER_ID_FOR_SRP": userID, "USERNAME": userID, "SALT": "aa", "SRP_B": "bb", "SECRET_BLOCK": "Y2M=",
}}

// play runs events from the start and returns every effect.
func play(t *testing.T, events ...Event) (Attempt, []Effect) {
	t.Helper()
	a := Attempt{State: Start{}}
	var effects []Effect
	for _, e := range events {
		var effect Effect
		a, effect = Step(a, e)
		effects = append(effects, effect)
	}
	return a, effects
}

func TestStep(t *testing.T) {
	t.Parallel()
	srp := Begin{Flow: UserSRP, Username: typed, Password: "pw"}
	tests := []struct {
		name   string
		events []Event
		want   Effect // of the last event
		state  State
	}{
		{
			"behavior 10: USER_SRP_AUTH sends USERNAME and SRP_A alone", []Event{srp},
			Send{Flow: "USER_SRP_AUTH", Params: map[string]string{"USERNAME": typed}, SRPA: true}, nil,
		},
		{
			"behaviors 10, 11 and 17: the proof is for USER_ID_FOR_SRP and needs no session", []Event{srp, passwordVerifier},
			Prove{ID: userID, Salt: "aa", B: "bb", Block: "Y2M=", Send: Send{
				Challenge: "PASSWORD_VERIFIER", Params: map[string]string{"USERNAME": userID},
			}}, nil,
		},
		{
			"behavior 18: USER_ID_FOR_SRP is missing", []Event{srp, Reply{Challenge: "PASSWORD_VERIFIER", Params: map[string]string{"SALT": "aa"}}},
			Fail{&Error{Reason: ReasonEmptyUserID, Detail: "PASSWORD_VERIFIER without USER_ID_FOR_SRP"}}, Over{},
		},
		{"tokens end it", []Event{srp, passwordVerifier, Reply{Done: true}}, Finish{}, Over{}},
		{"behavior 22: a refused proof ends it", []Event{srp, passwordVerifier, Refused{Code: wire.ExceptionNotAuthorized}}, Refuse{}, Over{}},
		{"behavior 20", []Event{srp, Refused{Code: wire.ExceptionUserNotConfirmed}}, Divert{ConfirmSignUp}, Over{}},
		{"behavior 21", []Event{srp, passwordVerifier, Refused{Code: wire.ExceptionPasswordResetRequired}}, Divert{ResetPassword}, Over{}},
		{
			"the password flow sends the password", []Event{Begin{Flow: UserPassword, Username: typed, Password: "pw"}},
			Send{Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": typed, "PASSWORD": "pw"}}, nil,
		},
		{
			"behavior 24: CUSTOM_WITH_SRP says so", []Event{Begin{Flow: CustomWithSRP, Username: typed, Password: "pw"}},
			Send{Flow: "CUSTOM_AUTH", Params: map[string]string{"USERNAME": typed, "CHALLENGE_NAME": "SRP_A"}, SRPA: true}, nil,
		},
		{
			"behavior 26: USER_AUTH without preference", []Event{Begin{Flow: User, Username: typed}},
			Send{Flow: "USER_AUTH", Params: map[string]string{"USERNAME": typed}}, nil,
		},
		{
			"behavior 34: preferred PASSWORD", []Event{Begin{Flow: User, Username: typed, Password: "pw", Preferred: "PASSWORD"}},
			Send{Flow: "USER_AUTH", Params: map[string]string{"USERNAME": typed, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "pw"}}, nil,
		},
		{
			"behavior 35: preferred PASSWORD_SRP keeps the sign-up session", []Event{Begin{Flow: User, Username: typed, Preferred: "PASSWORD_SRP", Session: "S"}},
			Send{Flow: "USER_AUTH", Session: "S", Params: map[string]string{"USERNAME": typed, "PREFERRED_CHALLENGE": "PASSWORD_SRP"}, SRPA: true}, nil,
		},
		{
			"behavior 31: the e-mail code goes out as EMAIL_OTP_CODE",
			[]Event{Begin{Flow: User, Username: typed, Preferred: "EMAIL_OTP"}, Reply{Challenge: "EMAIL_OTP", Session: "S1"}, Answer{Response: "12345678"}},
			Send{Challenge: "EMAIL_OTP", Session: "S1", Params: map[string]string{"USERNAME": typed, "EMAIL_OTP_CODE": "12345678"}}, nil,
		},
		{
			"behavior 32: SMS_OTP", []Event{srp, Reply{Challenge: "SMS_OTP", Session: "S1"}, Answer{Response: "1"}},
			Send{Challenge: "SMS_OTP", Session: "S1", Params: map[string]string{"USERNAME": typed, "SMS_OTP_CODE": "1"}}, nil,
		},
		{
			"behavior 32: SMS_MFA", []Event{srp, Reply{Challenge: "SMS_MFA", Session: "S1"}, Answer{Response: "1"}},
			Send{Challenge: "SMS_MFA", Session: "S1", Params: map[string]string{"USERNAME": typed, "SMS_MFA_CODE": "1"}}, nil,
		},
		{
			"where the code went", []Event{srp, Reply{Challenge: "SMS_MFA", Session: "S1", Params: map[string]string{
				"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******1234",
			}}},
			Ask{Delivery: &Delivery{Destination: "+*******1234", Medium: "SMS"}}, AwaitCode{Challenge: "SMS_MFA"},
		},
		{
			"behavior 39: a wrong code leaves the state", []Event{srp, Reply{Challenge: "SOFTWARE_TOKEN_MFA", Session: "S1"}, Answer{Response: "1"}, Refused{Code: wire.ExceptionCodeMismatch}},
			Refuse{}, AwaitCode{Challenge: "SOFTWARE_TOKEN_MFA"},
		},
		{
			"no answer leaves the state", []Event{srp, Reply{Challenge: "SOFTWARE_TOKEN_MFA", Session: "S1"}, Answer{Response: "1"}, Refused{}},
			Refuse{}, AwaitCode{Challenge: "SOFTWARE_TOKEN_MFA"},
		},
		{
			"a spent session ends it", []Event{
				srp, Reply{Challenge: "SOFTWARE_TOKEN_MFA", Session: "S1"}, Answer{Response: "1"},
				Refused{Code: wire.ExceptionNotAuthorized, Message: "Invalid session for the user, session can only be used once."},
			}, Refuse{}, Over{},
		},
		{
			"behavior 40: the new session replaces the old one",
			[]Event{srp, Reply{Challenge: "SELECT_MFA_TYPE", Session: "S1", Params: map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA","NEW_MFA"]`}}, Answer{Response: "SMS"}, Reply{Challenge: "SMS_MFA", Session: "S2"}, Answer{Response: "1"}},
			Send{Challenge: "SMS_MFA", Session: "S2", Params: map[string]string{"USERNAME": typed, "SMS_MFA_CODE": "1"}}, nil,
		},
		{
			"behavior 41: sms is not SMS", []Event{srp, Reply{Challenge: "SELECT_MFA_TYPE", Session: "S1", Params: map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA"]`}}, Answer{Response: "sms"}},
			Fail{&Error{Reason: ReasonMFAMethod, Field: "ChallengeResponse", Detail: "not one of the second factors on offer"}}, AwaitMFAChoice{Options: []string{"SMS_MFA"}},
		},
		{
			"behavior 41: SMS is SMS_MFA", []Event{srp, Reply{Challenge: "SELECT_MFA_TYPE", Session: "S1", Params: map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA"]`}}, Answer{Response: "SMS"}},
			Send{Challenge: "SELECT_MFA_TYPE", Session: "S1", Params: map[string]string{"USERNAME": typed, "ANSWER": "SMS_MFA"}}, nil,
		},
		{
			"behavior 42: a choice of set-up", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`}}},
			Ask{}, AwaitSetupChoice{Options: []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}},
		},
		{
			"behavior 42: TOTP associates with the session", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`}}, Answer{Response: "TOTP"}},
			Associate{Session: "S1"}, nil,
		},
		{
			"behavior 43: the code is verified with the newest session", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}, SecretIssued{Secret: "ABC", Session: "S2"}, Answer{Response: "123456", FriendlyDeviceName: "phone"}},
			Verify{Session: "S2", Code: "123456", FriendlyDeviceName: "phone"}, nil,
		},
		{
			"behavior 43: then MFA_SETUP with the session from it", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}, SecretIssued{Secret: "ABC", Session: "S2"}, Answer{Response: "123456"}, SecretVerified{Session: "S3"}},
			Send{Challenge: "MFA_SETUP", Session: "S3", Params: map[string]string{"USERNAME": typed}}, nil,
		},
		{
			"a wrong set-up code can be tried again", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA"]`}}, SecretIssued{Secret: "ABC", Session: "S2"}, Answer{Response: "123456"}, Refused{Code: wire.ExceptionEnableSoftwareTokenMFA}},
			Refuse{}, AwaitTOTPSetup{},
		},
		{
			"behavior 44: the address goes out as EMAIL", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["EMAIL_OTP"]`}}, Answer{Response: "a@b.c"}},
			Send{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"USERNAME": typed, "EMAIL": "a@b.c"}}, nil,
		},
		{
			"SMS alone cannot be set up here", []Event{srp, Reply{Challenge: "MFA_SETUP", Session: "S1", Params: map[string]string{"MFAS_CAN_SETUP": `["SMS_MFA"]`}}},
			Fail{&Error{Reason: ReasonNoUsableSetup, Detail: "none of the second factors can be set up while signing in"}}, Over{},
		},
		{
			"behavior 45: missing attributes lose their prefix", []Event{srp, Reply{Challenge: "NEW_PASSWORD_REQUIRED", Session: "S1", Params: map[string]string{"requiredAttributes": `["userAttributes.name"]`}}},
			Ask{}, AwaitNewPassword{Missing: []string{"name"}},
		},
		{
			"behavior 45: the answer adds it", []Event{srp, Reply{Challenge: "NEW_PASSWORD_REQUIRED", Session: "S1", Params: map[string]string{"requiredAttributes": `["userAttributes.name"]`}}, Answer{Response: "new", Attributes: map[string]string{"name": "Ana", "nickname": ""}}},
			Send{Challenge: "NEW_PASSWORD_REQUIRED", Session: "S1", Params: map[string]string{"USERNAME": typed, "NEW_PASSWORD": "new", "userAttributes.name": "Ana"}}, nil,
		},
		{
			"a missing attribute is named before any request", []Event{srp, Reply{Challenge: "NEW_PASSWORD_REQUIRED", Session: "S1", Params: map[string]string{"requiredAttributes": `["userAttributes.name"]`}}, Answer{Response: "new"}},
			Fail{&Error{Reason: ReasonInvalidAnswer, Field: "UserAttributes", Detail: "name is required"}}, AwaitNewPassword{Missing: []string{"name"}},
		},
		{
			"behavior 46: an unknown challenge is passed on", []Event{srp, Reply{Challenge: "FACE", Session: "S1", Params: map[string]string{"HINT": "smile"}}},
			Ask{Info: map[string]string{"HINT": "smile"}}, AwaitUnknown{Challenge: "FACE"},
		},
		{
			"behavior 46: and answered raw", []Event{srp, Reply{Challenge: "FACE", Session: "S1"}, Answer{Raw: map[string]string{"FACE_DATA": "x"}}},
			Send{Challenge: "FACE", Session: "S1", Params: map[string]string{"USERNAME": typed, "FACE_DATA": "x"}}, nil,
		},
		{
			"behavior 28: PASSWORD is chosen without a request", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"PASSWORD", "EMAIL_OTP"}}, Answer{Response: "PASSWORD"}},
			Ask{}, AwaitPassword{Challenge: "PASSWORD", Options: []string{"PASSWORD", "EMAIL_OTP"}},
		},
		{
			"behavior 29: the password goes out with SELECT_CHALLENGE", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"PASSWORD"}}, Answer{Response: "PASSWORD"}, Answer{Response: "pw"}},
			Send{Challenge: "SELECT_CHALLENGE", Session: "S1", Params: map[string]string{"USERNAME": typed, "ANSWER": "PASSWORD", "PASSWORD": "pw"}}, nil,
		},
		{
			"behavior 30: PASSWORD_SRP sends SRP_A", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"PASSWORD_SRP"}}, Answer{Response: "PASSWORD_SRP"}, Answer{Response: "pw"}},
			Send{Challenge: "SELECT_CHALLENGE", Session: "S1", Params: map[string]string{"USERNAME": typed, "ANSWER": "PASSWORD_SRP"}, SRPA: true}, nil,
		},
		{
			"behavior 33: a factor that is not on offer", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"PASSWORD"}}, Answer{Response: "EMAIL_OTP"}},
			Fail{&Error{Reason: ReasonFactor, Field: "ChallengeResponse", Detail: "not one of the first factors on offer"}}, AwaitFactorChoice{Options: []string{"PASSWORD"}},
		},
		{
			"behavior 27: the list survives a second selection", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"PASSWORD", "WEB_AUTHN"}}, Answer{Response: "WEB_AUTHN"}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S2"}},
			Ask{}, AwaitFactorChoice{Options: []string{"PASSWORD", "WEB_AUTHN"}},
		},
		{
			"behavior 36: a passkey's options go out, its credential comes in", []Event{Begin{Flow: User, Username: typed, Preferred: "WEB_AUTHN"}, Reply{Challenge: "WEB_AUTHN", Session: "S1", Params: map[string]string{"CREDENTIAL_REQUEST_OPTIONS": `{"challenge":"x"}`}}, Answer{Response: `{"id":"y"}`}},
			Send{Challenge: "WEB_AUTHN", Session: "S1", Params: map[string]string{"USERNAME": typed, "CREDENTIAL": `{"id":"y"}`}}, nil,
		},
		{
			"behavior 37: another factor instead of the passkey", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"EMAIL_OTP", "WEB_AUTHN"}}, Answer{Response: "WEB_AUTHN"}, Reply{Challenge: "WEB_AUTHN", Session: "S2", Params: map[string]string{"CREDENTIAL_REQUEST_OPTIONS": `{}`}}, Answer{Response: "EMAIL_OTP"}},
			Send{Challenge: "SELECT_CHALLENGE", Session: "S2", Params: map[string]string{"USERNAME": typed, "ANSWER": "EMAIL_OTP"}}, nil,
		},
		{
			"behavior 38: device SRP after USER_AUTH", []Event{Begin{Flow: User, Username: typed, Devices: map[string]string{typed: "dev"}}, Reply{Challenge: "DEVICE_SRP_AUTH", Session: "S1"}},
			Send{Challenge: "DEVICE_SRP_AUTH", Session: "S1", Params: map[string]string{"USERNAME": typed, "DEVICE_KEY": "dev"}, SRPA: true}, nil,
		},
		{
			"the device proves itself", []Event{Begin{Flow: User, Username: typed, Devices: map[string]string{typed: "dev"}}, Reply{Challenge: "DEVICE_SRP_AUTH", Session: "S1"}, Reply{Challenge: "DEVICE_PASSWORD_VERIFIER", Session: "S2", Params: map[string]string{"SALT": "aa", "SRP_B": "bb", "SECRET_BLOCK": "cc"}}},
			Prove{Device: true, ID: "dev", Salt: "aa", B: "bb", Block: "cc", Send: Send{Challenge: "DEVICE_PASSWORD_VERIFIER", Session: "S2", Params: map[string]string{"USERNAME": typed, "DEVICE_KEY": "dev"}}}, nil,
		},
		{
			"a device is found under the name that the service gives", []Event{Begin{Flow: UserSRP, Username: typed, Devices: map[string]string{userID: "dev"}}, passwordVerifier},
			Prove{ID: userID, Salt: "aa", B: "bb", Block: "Y2M=", Send: Send{
				Challenge: "PASSWORD_VERIFIER", Params: map[string]string{"USERNAME": userID, "DEVICE_KEY": "dev"},
			}}, nil,
		},
		{
			"the first code of USER_AUTH can be sent again", []Event{Begin{Flow: User, Username: typed}, Reply{Challenge: "SELECT_CHALLENGE", Session: "S1", Available: []string{"EMAIL_OTP"}}, Answer{Response: "EMAIL_OTP"}, Reply{Challenge: "EMAIL_OTP", Session: "S2"}},
			Ask{Delivery: &Delivery{}}, AwaitCode{Challenge: "EMAIL_OTP", First: true},
		},
		{
			"a code after a password cannot", []Event{Begin{Flow: User, Username: typed, Preferred: "PASSWORD", Password: "pw"}, Reply{Challenge: "EMAIL_OTP", Session: "S2"}},
			Ask{Delivery: &Delivery{}}, AwaitCode{Challenge: "EMAIL_OTP"},
		},
		{
			"behavior 52: a forgotten device is dropped and the request repeated without it", []Event{Begin{Flow: UserPassword, Username: typed, Password: "pw", Devices: map[string]string{typed: "dev"}}, Refused{Code: wire.ExceptionResourceNotFound, Message: "Device does not exist."}},
			ForgetDevice{Key: "dev", Next: Send{Flow: "USER_PASSWORD_AUTH", Params: map[string]string{"USERNAME": typed, "PASSWORD": "pw"}}}, nil,
		},
		{
			"behavior 53: once", []Event{Begin{Flow: UserPassword, Username: typed, Password: "pw", Devices: map[string]string{typed: "dev"}}, Refused{Code: wire.ExceptionResourceNotFound, Message: "Device does not exist."}, Refused{Code: wire.ExceptionResourceNotFound, Message: "Device does not exist."}},
			Refuse{}, Over{},
		},
		{
			"behavior 56: a refused device proof drops the device", []Event{Begin{Flow: User, Username: typed, Devices: map[string]string{typed: "dev"}}, Reply{Challenge: "DEVICE_SRP_AUTH", Session: "S1"}, Refused{Code: wire.ExceptionNotAuthorized}},
			ForgetDevice{Key: "dev", Next: Refuse{}}, Over{},
		},
		{"an empty answer", []Event{srp, Reply{Challenge: "SMS_MFA", Session: "S1"}, Answer{}}, Fail{&Error{Reason: ReasonInvalidAnswer, Field: "ChallengeResponse", Detail: "required"}}, AwaitCode{Challenge: "SMS_MFA"}},
		{"neither tokens nor a challenge", []Event{srp, Reply{}}, Fail{&Error{Reason: ReasonProtocol, Detail: "neither tokens nor a challenge"}}, Over{}},
		{"an event after the end", []Event{srp, Reply{Done: true}, Answer{Response: "1"}}, Fail{&Error{Reason: ReasonExpired, Detail: "the attempt is over"}}, Over{}},
		{
			"a custom challenge is the trigger's to end", []Event{Begin{Flow: CustomWithoutSRP, Username: typed}, Reply{Challenge: "CUSTOM_CHALLENGE", Session: "S1", Params: map[string]string{"q": "2+2"}}, Answer{Response: "5"}, Refused{Code: wire.ExceptionNotAuthorized}},
			Refuse{}, Over{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, effects := play(t, tt.events...)
			if diff := cmp.Diff(tt.want, effects[len(effects)-1]); diff != "" {
				t.Errorf("effect (-want +got):\n%s", diff)
			}
			if tt.state == nil {
				return
			}
			if diff := cmp.Diff(tt.state, a.State, allowInternal); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

// Behavior 48: every state that waits survives the trip through a store.
func TestAttemptRoundTrip(t *testing.T) {
	t.Parallel()
	for _, state := range waitingStates() {
		a := Attempt{Flow: UserSRP, LoginID: typed, Username: userID, Session: "S", Device: "dev", State: state}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var got Attempt
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(a, got, allowInternal); diff != "" {
			t.Errorf("%T (-want +got):\n%s", state, diff)
		}
	}
}

func waitingStates() []Waiting {
	list := []string{"A", "B"}
	return []Waiting{
		AwaitCode{Challenge: "SMS_MFA"}, AwaitNewPassword{Missing: list}, AwaitMFAChoice{Options: list}, AwaitSetupChoice{Options: list},
		AwaitTOTPSetup{}, AwaitEmailSetup{}, AwaitFactorChoice{Options: list}, AwaitPassword{Challenge: "PASSWORD", Options: list},
		AwaitWebAuthn{Options: list}, AwaitCustom{}, AwaitUnknown{Challenge: "X"},
	}
}

func TestAttemptRefusesForeignJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `null`, `[]`, `{"v":2,"state":"custom","data":{}}`, `{"v":1,"state":"sent","data":{}}`,
		`{"v":1,"state":"code","data":[]}`, `{"v":1,"state":"code"}`,
	} {
		var a Attempt
		if err := a.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was accepted as %v", text, a)
		}
	}
	if _, err := json.Marshal(Attempt{State: Over{}}); err == nil {
		t.Error("an attempt that is over was written")
	}
}

// Step is total: whatever happens in whatever state, it answers, and a state it
// leaves behind either waits, is within the call, or is over.
func TestStepIsTotal(t *testing.T) {
	t.Parallel()
	states := []State{nil, Start{}, Over{}, sent{effect: Send{}}, sent{effect: Prove{}}, associating{}, verifying{}}
	for _, w := range waitingStates() {
		states = append(states, w)
	}
	events := []Event{
		Begin{}, Begin{Flow: UserSRP, Username: typed}, Answer{}, Answer{Response: "x"}, Answer{Response: "{}"}, Answer{Raw: map[string]string{"a": "b"}},
		Reply{}, Reply{Done: true}, passwordVerifier, SecretIssued{}, SecretIssued{Secret: "s"}, SecretVerified{}, Refused{},
	}
	for _, c := range challenges() {
		events = append(events, Reply{Challenge: c}, Reply{Challenge: c, Session: "S", Params: map[string]string{"MFAS_CAN_SETUP": "{", "MFAS_CAN_CHOOSE": "[1]", "requiredAttributes": "x"}})
	}
	for _, s := range states {
		for _, e := range events {
			a, effect := Step(Attempt{State: s, Device: "dev"}, e)
			if effect == nil {
				t.Errorf("%T in %T: no effect", e, s)
			}
			if a.State == nil {
				t.Errorf("%T in %T: no state", e, s)
			}
		}
	}
}

func challenges() []string {
	return []string{
		"PASSWORD_VERIFIER", "SMS_MFA", "EMAIL_OTP", "SMS_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", "NEW_PASSWORD_REQUIRED",
		"SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "WEB_AUTHN", "CUSTOM_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "NEWEST",
	}
}

// The machine is pure: it never changes what it was given.
func TestStepLeavesItsInputsAlone(t *testing.T) {
	t.Parallel()
	params := map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA"]`, "USERNAME": "u"}
	available := []string{"PASSWORD"}
	raw := map[string]string{"a": "b"}
	paramsBefore, availableBefore, rawBefore := maps.Clone(params), slices.Clone(available), maps.Clone(raw)
	for _, c := range challenges() {
		a, _ := play(t, Begin{Flow: User, Username: typed}, Reply{Challenge: c, Session: "S", Params: params, Available: available}, Answer{Response: "SMS", Raw: raw, Attributes: raw})
		_ = a
	}
	if !maps.Equal(params, paramsBefore) || !slices.Equal(available, availableBefore) || !maps.Equal(raw, rawBefore) {
		t.Error("an input was changed")
	}
}

func TestAttemptPrintsNothingSecret(t *testing.T) {
	t.Parallel()
	a := Attempt{Flow: UserSRP, LoginID: "planted-login", Username: "planted-user", Session: "planted-session", Device: "planted-device", State: AwaitCustom{}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, a); strings.Contains(text, "planted") {
			t.Errorf("%s printed %s", verb, text)
		}
	}
}

func FuzzAttempt(f *testing.F) {
	for _, state := range waitingStates() {
		data, _ := json.Marshal(Attempt{Flow: UserSRP, LoginID: typed, Session: "S", State: state})
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Attempt
		if a.UnmarshalJSON(data) != nil {
			return
		}
		again, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var b Attempt
		if err := json.Unmarshal(again, &b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b, allowInternal); diff != "" {
			t.Errorf("round trip (-first +second):\n%s", diff)
		}
		if _, effect := Step(a, Answer{Response: "x"}); effect == nil {
			t.Error("no effect")
		}
	})
}
