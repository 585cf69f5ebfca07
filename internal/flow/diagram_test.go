package flow

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cognitokit/auth/internal/wire"
)

var update = flag.Bool("update", false, "write docs/sign-in.md")

const docFile = "../../docs/sign-in.md"

// A transition is one arrow of the diagram.
type transition struct{ from, on, to string }

// sample is an event with the words the diagram has for it.
type sample struct {
	label string
	event Event
}

// node names a state for the diagram: states within one call that wait for the
// service are one node, because the person does not see them apart.
func node(s State) string {
	switch s := s.(type) {
	case AwaitCode, AwaitNewPassword, AwaitMFAChoice, AwaitSetupChoice, AwaitTOTPSetup, AwaitEmailSetup, AwaitFactorChoice,
		AwaitPassword, AwaitWebAuthn, AwaitCustom, AwaitUnknown:
		return strings.TrimPrefix(fmt.Sprintf("%T", s), "flow.")
	case sent, associating, verifying:
		return "Service"
	}
	return "Over"
}

// outcome names where an effect leads.
func outcome(a Attempt, e Effect) string {
	switch e := e.(type) {
	case Finish:
		return "SignedIn"
	case Divert:
		if e.To == ConfirmSignUp {
			return "ConfirmSignUpFirst"
		}
		return "ResetPasswordFirst"
	}
	return node(a.State)
}

// transitions walks every kind of event through every state.
func transitions() []transition {
	seen := map[transition]bool{}
	params := map[string]string{
		"USER_ID_FOR_SRP": userID, "SALT": "aa", "SRP_B": "bb", "SECRET_BLOCK": "cc", "CREDENTIAL_REQUEST_OPTIONS": "{}",
		"MFAS_CAN_CHOOSE": `["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`, "MFAS_CAN_SETUP": `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`,
		"requiredAttributes": `["userAttributes.name"]`,
	}
	setup := func(factor string) map[string]string {
		p := maps.Clone(params)
		p["MFAS_CAN_SETUP"] = `["` + factor + `"]`
		return p
	}
	available := []string{"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"}
	waiting := []Waiting{
		AwaitCode{Challenge: "SMS_MFA"}, AwaitNewPassword{Missing: []string{"name"}}, AwaitMFAChoice{Options: []string{"SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}},
		AwaitSetupChoice{Options: []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}}, AwaitTOTPSetup{}, AwaitEmailSetup{}, AwaitFactorChoice{Options: available},
		AwaitPassword{Challenge: "PASSWORD", Options: available}, AwaitWebAuthn{Options: available}, AwaitCustom{}, AwaitUnknown{Challenge: "NEWEST"},
	}
	answers := []sample{
		{"answer", Answer{Response: "123456", Raw: map[string]string{"K": "V"}, Attributes: map[string]string{"name": "Ana"}}},
		{"an address", Answer{Response: "a@b.c"}},
		{"SMS", Answer{Response: "SMS"}},
		{"TOTP", Answer{Response: "TOTP"}},
		{"EMAIL", Answer{Response: "EMAIL"}},
		{"PASSWORD or PASSWORD_SRP", Answer{Response: "PASSWORD"}},
		{"EMAIL_OTP, SMS_OTP or WEB_AUTHN", Answer{Response: "EMAIL_OTP"}},
		{"a credential", Answer{Response: "{}"}},
	}
	replies := []sample{{"tokens", Reply{Done: true}}}
	for _, c := range challenges() {
		replies = append(replies, sample{c, Reply{Challenge: c, Session: "S", Params: params, Available: available}})
	}
	replies = append(replies,
		sample{"MFA_SETUP, e-mail only", Reply{Challenge: "MFA_SETUP", Session: "S", Params: setup("EMAIL_OTP")}},
		sample{"UserNotConfirmedException", Refused{Code: wire.ExceptionUserNotConfirmed}},
		sample{"PasswordResetRequiredException", Refused{Code: wire.ExceptionPasswordResetRequired}},
	)
	add := func(from, on string, a Attempt, e Effect) {
		if _, refused := e.(Fail); !refused {
			seen[transition{from, on, outcome(a, e)}] = true
		}
	}
	for _, f := range []string{UserSRP, UserPassword, User, CustomWithSRP, CustomWithoutSRP} {
		a, e := Step(Attempt{State: Start{}}, Begin{Flow: f, Username: typed, Password: "pw"})
		add("Start", "SignIn", a, e)
	}
	for _, w := range waiting {
		for i, s := range answers {
			a, e := Step(Attempt{State: w, Session: "S"}, s.event)
			add(node(w), s.label, a, e)
			if _, refused := e.(Fail); i == 0 && !refused {
				break // the state takes any text
			}
		}
		back, effect := Step(Attempt{State: sent{back: w, effect: Send{Challenge: "X"}}}, Refused{Code: wire.ExceptionCodeMismatch})
		add("Service", "wrong: ask again", back, effect)
	}
	for _, r := range replies {
		a, e := Step(Attempt{State: sent{effect: Send{Flow: User}}, Device: "dev"}, r.event)
		add("Service", r.label, a, e)
	}
	a, e := Step(Attempt{State: associating{}}, SecretIssued{Secret: "S"})
	add("Service", "MFA_SETUP, a secret for the app", a, e)
	over, refuse := Step(Attempt{State: sent{effect: Send{Flow: User}}}, Refused{Code: wire.ExceptionNotAuthorized})
	add("Service", "refused for good", over, refuse)

	list := slices.Collect(maps.Keys(seen))
	slices.SortFunc(list, func(a, b transition) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.on, b.on))
	})
	return list
}

// diagram draws the transitions, one arrow for each pair of states.
func diagram() string {
	type pair struct{ from, to string }
	labels := map[pair][]string{}
	for _, t := range transitions() {
		p := pair{t.from, t.to}
		labels[p] = append(labels[p], t.on)
	}
	pairs := slices.SortedFunc(maps.Keys(labels), func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> Start\n")
	for _, p := range pairs {
		fmt.Fprintf(&b, "    %s --> %s : %s\n", p.from, p.to, strings.Join(labels[p], " / "))
	}
	for _, end := range []string{"SignedIn", "ConfirmSignUpFirst", "ResetPasswordFirst", "Over"} {
		fmt.Fprintf(&b, "    %s --> [*]\n", end)
	}
	return b.String()
}

// stepTable says for every state what the person sees and what answers it.
const stepTable = `| State | Challenge on the wire | signInStep | With it | Answer |
| --- | --- | --- | --- | --- |
| AwaitCode | SMS_MFA, SMS_OTP | CONFIRM_SIGN_IN_WITH_SMS_CODE | codeDeliveryDetails | the code |
| AwaitCode | EMAIL_OTP | CONFIRM_SIGN_IN_WITH_EMAIL_CODE | codeDeliveryDetails | the code |
| AwaitCode | SOFTWARE_TOKEN_MFA | CONFIRM_SIGN_IN_WITH_TOTP_CODE | | the code of the authenticator app |
| AwaitNewPassword | NEW_PASSWORD_REQUIRED | CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED | missingAttributes | the new password, and UserAttributes |
| AwaitMFAChoice | SELECT_MFA_TYPE | CONTINUE_SIGN_IN_WITH_MFA_SELECTION | allowedMFATypes | SMS, TOTP or EMAIL |
| AwaitSetupChoice | MFA_SETUP | CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION | allowedMFATypes | TOTP or EMAIL |
| AwaitTOTPSetup | MFA_SETUP | CONTINUE_SIGN_IN_WITH_TOTP_SETUP | totpSetupDetails | the app's first code |
| AwaitEmailSetup | MFA_SETUP | CONTINUE_SIGN_IN_WITH_EMAIL_SETUP | | the address |
| AwaitFactorChoice | SELECT_CHALLENGE | CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION | availableChallenges | one of them |
| AwaitPassword | PASSWORD, PASSWORD_SRP | CONFIRM_SIGN_IN_WITH_PASSWORD | | the password |
| AwaitWebAuthn | WEB_AUTHN | CONFIRM_SIGN_IN_WITH_WEB_AUTHN | webAuthnOptions | the browser's credential as JSON, or another factor |
| AwaitCustom | CUSTOM_CHALLENGE | CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE | additionalInfo | what the triggers expect |
| AwaitUnknown | any other | CONFIRM_SIGN_IN_WITH_UNKNOWN_CHALLENGE | challengeName, additionalInfo | ChallengeResponses |
| SignedIn | | DONE | | |
| ConfirmSignUpFirst | | CONFIRM_SIGN_UP | | ConfirmSignUp, then SignIn |
| ResetPasswordFirst | | RESET_PASSWORD | | reset the password, then SignIn |
`

func document() string {
	return "# The sign-in state machine\n\n" +
		"Generated from `internal/flow` by `go test ./internal/flow -run Document -update`; a test keeps it current.\n\n" +
		"`SignIn` starts an attempt and `ConfirmSignIn` answers the state it waits in. `Service` stands for the requests within\n" +
		"one call: password proofs (PASSWORD_VERIFIER), device proofs (DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER) and the\n" +
		"set-up of an authenticator app need no person and are answered there, wherever they appear. Between two calls the\n" +
		"attempt lives in the store, so any host that shares it can answer.\n\n" +
		"```mermaid\n" + diagram() + "```\n\n## Steps\n\n" + stepTable +
		"\nA refused answer leaves the attempt in its state, except that a spent or expired session, a custom challenge that\n" +
		"the triggers end, and a refused proof end it.\n"
}

func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	want := document()
	if *update {
		if err := os.WriteFile(docFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/sign-in.md is out of date: run go test ./internal/flow -run Document -update")
	}
	for _, w := range waitingStates() {
		if !strings.Contains(stepTable, "| "+node(w)+" |") {
			t.Errorf("the table of steps lacks %s", node(w))
		}
	}
}
