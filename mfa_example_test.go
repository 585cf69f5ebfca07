package auth_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// The secret goes into a QR code, and nowhere else.
func ExampleSetUpTOTP() {
	ctx, _, s := anaSignedIn(authtest.Config{MFA: authtest.MFAOptional})

	setup, err := auth.SetUpTOTP(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	uri := setup.SetupURI("My App & Co", "ana@example.com")
	fmt.Println(strings.Replace(uri, setup.SharedSecret, "SECRET", 1))
	fmt.Println("in a log:", setup)
	// Output:
	// otpauth://totp/My%20App%20%26%20Co:ana%40example.com?secret=SECRET&issuer=My%20App%20%26%20Co
	// in a log: auth.SetUpTOTPOutput{…}
}

// The first code of the app proves that it has the secret. The next sign-in asks
// for one once the person prefers it.
func ExampleVerifyTOTPSetup() {
	ctx, pool, s := anaSignedIn(authtest.Config{MFA: authtest.MFAOptional})

	setup, err := auth.SetUpTOTP(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	code, err := totp.GenerateCode(setup.SharedSecret, time.Now()) // what the app shows
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.VerifyTOTPSetup(ctx, s, auth.VerifyTOTPSetupInput{Code: code, FriendlyDeviceName: "Ana's phone"}); err != nil {
		log.Fatal(err)
	}
	if _, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferencePreferred}); err != nil {
		log.Fatal(err)
	}
	out, err := auth.SignIn(ctx, pool.NewSession("another browser"), auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.NextStep.Step)
	// Output: CONFIRM_SIGN_IN_WITH_TOTP_CODE
}

// What is not named stays as it is.
func ExampleUpdateMFAPreference() {
	ctx, _, s := anaSignedIn(authtest.Config{MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail, authtest.MFAFactorTOTP}})

	if _, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred}); err != nil {
		log.Fatal(err)
	}
	_, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceEnabled})
	fmt.Println("without an app:", auth.CodeOf(err))
	out, err := auth.FetchMFAPreference(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Enabled, out.Preferred)
	// Output:
	// without an app: auth: MFANotSetUp
	// [EMAIL] EMAIL
}

// Its JSON is what Amplify returns to a page.
func ExampleFetchMFAPreference() {
	ctx, _, s := anaSignedIn(authtest.Config{MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS}})

	if _, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferencePreferred}); err != nil {
		log.Fatal(err)
	}
	out, err := auth.FetchMFAPreference(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
	// Output: {"enabled":["SMS"],"preferred":"SMS"}
}

// What the person could begin a sign-in with.
func ExampleFetchAuthFactors() {
	ctx, _, s := anaSignedIn(authtest.Config{FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP}})

	out, err := auth.FetchAuthFactors(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.FirstFactors)
	// Output: [PASSWORD EMAIL_OTP]
}
