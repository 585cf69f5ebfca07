package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

func ExampleSignIn() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")

	for _, password := range []string{"mistyped", "Correct-horse-1"} {
		out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: password})
		switch {
		case errors.Is(err, auth.ErrPasswordAttemptsExceeded):
			fmt.Println("too many attempts, wait a while")
		case errors.Is(err, auth.ErrNotAuthorized), errors.Is(err, auth.ErrUserNotFound):
			fmt.Println("name or password is wrong")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("next:", out.NextStep.Step)
		}
	}
	// Output:
	// name or password is wrong
	// next: DONE
}

// A sign-in takes as many steps as the pool asks for. A loop like this one, or a
// page for each step, answers them all.
func ExampleSignIn_steps() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{MFA: authtest.MFARequired})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "temporary", Status: authtest.StatusForceChangePassword})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "temporary"})
	for err == nil && !out.IsSignedIn {
		fmt.Println("next:", out.NextStep.Step)
		var answer string
		switch out.NextStep.Step {
		case auth.SignInStepConfirmWithNewPassword:
			answer = "Correct-horse-1"
		case auth.SignInStepContinueWithTOTPSetup, auth.SignInStepConfirmWithTOTPCode:
			answer = pool.TOTP("ana")
		case auth.SignInStepConfirmWithSMSCode, auth.SignInStepConfirmWithEmailCode:
			answer = pool.Code("ana")
		default:
			log.Fatal("there is no page for this step")
		}
		out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: answer})
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// next: CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED
	// next: CONTINUE_SIGN_IN_WITH_TOTP_SETUP
	// next: DONE
}

// Whoever has a temporary password chooses a new one, and fills in what the pool
// requires and the account lacks.
func ExampleSignIn_newPassword() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{RequiredAttributes: []string{"name"}})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "temporary", Status: authtest.StatusForceChangePassword})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "temporary"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step, out.NextStep.MissingAttributes)

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{
		ChallengeResponse: "Correct-horse-1",
		UserAttributes:    map[string]string{"name": "Ana"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// next: CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED [name]
	// next: DONE
}

// An account that is not confirmed yet is a step, not an error.
func ExampleSignIn_notConfirmed() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{
		Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", Status: authtest.StatusUnconfirmed,
	})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	if out.NextStep.Step == auth.SignInStepConfirmSignUp {
		sent, err := auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "ana"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("confirm your account with the code sent to", sent.Destination)
	}
	// Output: confirm your account with the code sent to a***@e***
}

// With AuthFlowUser the person chooses how to sign in.
func ExampleSignIn_firstFactor() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("choose one of", strings.Join(out.NextStep.AvailableChallenges, ", "))

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: "EMAIL_OTP"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step, out.NextStep.CodeDeliveryDetails.Destination)

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: pool.Code("ana")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// choose one of PASSWORD_SRP, PASSWORD, EMAIL_OTP
	// next: CONFIRM_SIGN_IN_WITH_EMAIL_CODE a***@e***
	// next: DONE
}

// A server passes on who is asking, for the pool's threat protection and its
// triggers.
func ExampleClientContext() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")

	if _, err := auth.SignIn(ctx, s, auth.SignInInput{
		Username: "ana", Password: "Correct-horse-1",
		ClientMetadata: map[string]string{"tenant": "acme"},
		ClientContext:  auth.ClientContext{IPAddress: "203.0.113.7"},
	}); err != nil {
		log.Fatal(err)
	}
	for _, request := range pool.Requests() {
		if request.Operation == "RespondToAuthChallenge" {
			fmt.Println(request.Body["UserContextData"], request.Body["ClientMetadata"])
		}
	}
	// Output: map[IpAddress:203.0.113.7] map[tenant:acme]
}

// After a wrong code the attempt is as it was.
func ExampleConfirmSignIn() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Phone: "+12065550184", SMSMFA: true})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step, out.NextStep.CodeDeliveryDetails.Destination)

	for _, code := range []string{"mistyped", pool.Code("ana")} {
		out, err := auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: code})
		switch {
		case errors.Is(err, auth.ErrCodeMismatch):
			fmt.Println("this code is wrong, try again")
		case errors.Is(err, auth.ErrSignInExpired):
			fmt.Println("this took too long, sign in again")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("next:", out.NextStep.Step)
		}
	}
	// Output:
	// next: CONFIRM_SIGN_IN_WITH_SMS_CODE +*******0184
	// this code is wrong, try again
	// next: DONE
}

func ExampleConfirmSignIn_totp() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{MFA: authtest.MFAOptional})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", TOTP: true})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: pool.TOTP("ana")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// next: CONFIRM_SIGN_IN_WITH_TOTP_CODE
	// next: DONE
}

// A pool that requires a second factor has an authenticator app set up at the
// first sign-in.
func ExampleConfirmSignIn_totpSetup() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{MFA: authtest.MFARequired})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	uri := out.NextStep.TOTPSetupDetails.SetupURI("My App", "ana") // show it as a QR code
	label, _, _ := strings.Cut(uri, "?")
	fmt.Println(label)

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{
		ChallengeResponse:  pool.TOTP("ana"), // the app's first code
		FriendlyDeviceName: "Ana's phone",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// next: CONTINUE_SIGN_IN_WITH_TOTP_SETUP
	// otpauth://totp/My%20App:ana
	// next: DONE
}

// Whoever has several second factors chooses one.
func ExampleConfirmSignIn_mfaSelection() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorEmail},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", TOTP: true, EmailMFA: true})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("choose one of", out.NextStep.AllowedMFATypes)

	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: string(auth.MFATypeEmail)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// choose one of [TOTP EMAIL]
	// next: CONFIRM_SIGN_IN_WITH_EMAIL_CODE
}

// A code that is all a person signs in with can be sent again. One that follows
// a password cannot: the service would want the password again.
func ExampleResendSignInCode() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	if _, err := auth.SignIn(ctx, s, auth.SignInInput{
		Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP",
	}); err != nil {
		log.Fatal(err)
	}
	out, err := auth.ResendSignInCode(ctx, s, auth.ResendSignInCodeInput{})
	switch {
	case errors.Is(err, auth.ErrCannotResend):
		fmt.Println("sign in again")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("another code was sent to", out.NextStep.CodeDeliveryDetails.Destination)
	}
	// Output: another code was sent to a***@e***
}

// A page in JavaScript gets the output as it is: its JSON is Amplify's.
func ExampleSignInOutput() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", EmailMFA: true})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	// Output:
	// {
	//   "isSignedIn": false,
	//   "nextStep": {
	//     "signInStep": "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
	//     "codeDeliveryDetails": {
	//       "destination": "a***@e***",
	//       "deliveryMedium": "EMAIL"
	//     }
	//   }
	// }
}

// In a pool that remembers devices, the output says whether this one is known
// from now on.
func ExampleDeviceOutcome() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{Devices: &authtest.DeviceTracking{}})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	if d := out.Device; d != nil {
		fmt.Println("the device is confirmed:", d.Err == nil)
		fmt.Println("ask the person whether to remember it:", d.NeedsRemembering)
	}
	// Output:
	// the device is confirmed: true
	// ask the person whether to remember it: false
}

// The label of the QR code is the name of the application and of the account.
// Both may hold anything.
func ExampleTOTPSetupDetails_SetupURI() {
	details := auth.TOTPSetupDetails{SharedSecret: "JBSWY3DPEHPK3PXP"}
	fmt.Println(details.SetupURI("My App & Co", "ana@example.com"))
	fmt.Println(details) // prints no secret
	// Output:
	// otpauth://totp/My%20App%20%26%20Co:ana%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=My%20App%20%26%20Co
	// auth.TOTPSetupDetails{…}
}
