package auth

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/flow"
)

// Every state that waits for the person maps to one step with exactly the
// payload that the step's comment documents, in Amplify's JSON.
func TestNextStepPayloads(t *testing.T) {
	t.Parallel()
	ask := flow.Ask{
		Delivery: &flow.Delivery{Destination: "a***@e***", Medium: "EMAIL"}, Secret: "JBSWY3DP",
		Info: map[string]string{"question": "2+2"}, WebAuthnOptions: `{"challenge":"x"}`,
	}
	const code = `,"codeDeliveryDetails":{"destination":"a***@e***","deliveryMedium":"EMAIL"}}`
	tests := []struct {
		state flow.State
		want  string
	}{
		{flow.AwaitCode{Challenge: "SMS_MFA"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_SMS_CODE"` + code},
		{flow.AwaitCode{Challenge: "SMS_OTP"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_SMS_CODE"` + code},
		{flow.AwaitCode{Challenge: "EMAIL_OTP"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_EMAIL_CODE"` + code},
		{flow.AwaitCode{Challenge: "SOFTWARE_TOKEN_MFA"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_TOTP_CODE"}`},
		{flow.AwaitNewPassword{Missing: []string{"name"}}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED","missingAttributes":["name"]}`},
		{flow.AwaitNewPassword{Missing: []string{}}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED","missingAttributes":[]}`},
		{flow.AwaitMFAChoice{Options: []string{"SMS_MFA", "EMAIL_OTP"}}, `{"signInStep":"CONTINUE_SIGN_IN_WITH_MFA_SELECTION","allowedMFATypes":["SMS","EMAIL"]}`},
		{flow.AwaitSetupChoice{Options: []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}}, `{"signInStep":"CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION","allowedMFATypes":["TOTP","EMAIL"]}`},
		{flow.AwaitTOTPSetup{}, `{"signInStep":"CONTINUE_SIGN_IN_WITH_TOTP_SETUP","totpSetupDetails":{"sharedSecret":"JBSWY3DP"}}`},
		{flow.AwaitEmailSetup{}, `{"signInStep":"CONTINUE_SIGN_IN_WITH_EMAIL_SETUP"}`},
		{flow.AwaitFactorChoice{Options: []string{"PASSWORD"}}, `{"signInStep":"CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION","availableChallenges":["PASSWORD"]}`},
		{flow.AwaitPassword{Challenge: "PASSWORD"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_PASSWORD"}`},
		{flow.AwaitWebAuthn{}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_WEB_AUTHN","webAuthnOptions":{"challenge":"x"}}`},
		{flow.AwaitCustom{}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE","additionalInfo":{"question":"2+2"}}`},
		{flow.AwaitUnknown{Challenge: "FACE"}, `{"signInStep":"CONFIRM_SIGN_IN_WITH_UNKNOWN_CHALLENGE","additionalInfo":{"question":"2+2"},"challengeName":"FACE"}`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%T", tt.state), func(t *testing.T) {
			t.Parallel()
			next := nextStep(tt.state, ask)
			got, err := json.Marshal(next)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			var back SignInNextStep
			if err := json.Unmarshal(got, &back); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(next, back) {
				t.Errorf("%+v came back as %+v", next, back)
			}
		})
	}
}

// The steps are a contract with front ends: fourteen of Amplify's and two of
// ours, and the spelling never changes.
func TestSignInStepsAreAmplifys(t *testing.T) {
	t.Parallel()
	want := []SignInStep{
		"CONFIRM_SIGN_IN_WITH_SMS_CODE", "CONFIRM_SIGN_IN_WITH_TOTP_CODE", "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
		"CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE", "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED", "CONFIRM_SIGN_IN_WITH_PASSWORD",
		"CONTINUE_SIGN_IN_WITH_MFA_SELECTION", "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION", "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
		"CONTINUE_SIGN_IN_WITH_TOTP_SETUP", "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION", "CONFIRM_SIGN_UP", "RESET_PASSWORD", "DONE",
		"CONFIRM_SIGN_IN_WITH_WEB_AUTHN", "CONFIRM_SIGN_IN_WITH_UNKNOWN_CHALLENGE",
	}
	got := []SignInStep{
		SignInStepConfirmWithSMSCode, SignInStepConfirmWithTOTPCode, SignInStepConfirmWithEmailCode,
		SignInStepConfirmWithCustomChallenge, SignInStepConfirmWithNewPassword, SignInStepConfirmWithPassword,
		SignInStepContinueWithMFASelection, SignInStepContinueWithMFASetupChoice, SignInStepContinueWithEmailSetup,
		SignInStepContinueWithTOTPSetup, SignInStepContinueWithFirstFactor, SignInStepConfirmSignUp, SignInStepResetPassword, SignInStepDone,
		SignInStepConfirmWithWebAuthn, SignInStepConfirmWithUnknownChallenge,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestOutputsMarshalAsAmplifys(t *testing.T) {
	t.Parallel()
	d := &CodeDeliveryDetails{Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email"}
	const payload = "eyJzdWIiOiIxIn0" // {"sub":"1"}
	tests := []struct {
		output any
		want   string
	}{
		{&SignInOutput{IsSignedIn: true, NextStep: SignInNextStep{Step: SignInStepDone}}, `{"isSignedIn":true,"nextStep":{"signInStep":"DONE"}}`},
		{&SignUpOutput{UserID: "1", NextStep: SignUpNextStep{Step: SignUpStepConfirmSignUp, CodeDeliveryDetails: d}}, `{"isSignUpComplete":false,"userId":"1","nextStep":{"signUpStep":"CONFIRM_SIGN_UP","codeDeliveryDetails":{"destination":"a***@e***","deliveryMedium":"EMAIL","attributeName":"email"}}}`},
		{&ConfirmSignUpOutput{IsSignUpComplete: true, NextStep: SignUpNextStep{Step: SignUpStepDone}}, `{"isSignUpComplete":true,"nextStep":{"signUpStep":"DONE"}}`},
		{&ResendSignUpCodeOutput{CodeDeliveryDetails: *d}, `{"destination":"a***@e***","deliveryMedium":"EMAIL","attributeName":"email"}`},
		{&AuthUser{Username: "ana", UserID: "1", SignInDetails: SignInDetails{LoginID: "a@e.x", AuthFlow: AuthFlowUserSRP}}, `{"username":"ana","userId":"1","signInDetails":{"loginId":"a@e.x","authFlowType":"USER_SRP_AUTH"}}`},
		{&AuthSession{Tokens: AuthTokens{AccessToken: "h." + payload + ".signature", IDToken: "h." + payload + ".signature"}, UserSub: "1"}, `{"tokens":{"accessToken":{"payload":{"sub":"1"}},"idToken":{"payload":{"sub":"1"}}},"userSub":"1"}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(tt.output)
		if err != nil {
			t.Errorf("%T: %v", tt.output, err)
			continue
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%T (-want +got):\n%s", tt.output, diff)
		}
	}
}

func TestJWTShowsNoToken(t *testing.T) {
	t.Parallel()
	token := JWT("header.eyJzdWIiOiIxIn0.planted-signature")
	session := AuthSession{Tokens: AuthTokens{AccessToken: token, IDToken: token}}
	for _, v := range []any{token, session, &session, session.Tokens, []JWT{token}, map[string]JWT{"t": token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "planted") || strings.Contains(text, "eyJ") {
				t.Errorf("%s of %T printed %s", verb, v, text)
			}
		}
		text, err := json.Marshal(v)
		if err != nil || strings.Contains(string(text), "planted") {
			t.Errorf("JSON of %T: %s, %v", v, text, err)
		}
	}
	if _, err := json.Marshal(JWT("no token at all")); err == nil {
		t.Error("rubbish was marshaled")
	}
}

// Behavior 86.
func TestSetupURI(t *testing.T) {
	t.Parallel()
	d := TOTPSetupDetails{SharedSecret: "JBSWY3DPEHPK3PXP"}
	tests := []struct{ app, account, want string }{
		{"My App & Co", "ana+1@example.com", "otpauth://totp/My%20App%20%26%20Co:ana%2B1%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=My%20App%20%26%20Co"},
		{"App", "", "otpauth://totp/App?secret=JBSWY3DPEHPK3PXP&issuer=App"},
		{"Bücher: 100%", "é", "otpauth://totp/B%C3%BCcher%3A%20100%25:%C3%A9?secret=JBSWY3DPEHPK3PXP&issuer=B%C3%BCcher%3A%20100%25"},
	}
	for _, tt := range tests {
		if got := d.SetupURI(tt.app, tt.account); got != tt.want {
			t.Errorf("SetupURI(%q, %q) = %s, want %s", tt.app, tt.account, got, tt.want)
		}
	}
}
