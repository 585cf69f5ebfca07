package auth_test

import (
	"encoding/base32"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// answer is ConfirmSignIn with nothing but a response.
func answer(t testing.TB, s *auth.Session, response string) (*auth.SignInOutput, error) {
	t.Helper()
	return auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: response})
}

// wantInput fails the test unless err refuses an input field with the code, and
// with ErrInvalidInput.
func wantInput(t testing.TB, err error, code auth.ErrorCode, field string) {
	t.Helper()
	wantCode(t, err, code)
	if e, _ := errors.AsType[*auth.Error](err); e.Field != field || !errors.Is(err, auth.ErrInvalidInput) {
		t.Errorf("got %v for field %q, want ErrInvalidInput for %s", err, e.Field, field)
	}
}

// factorUser has every second factor there is.
var factorUser = authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Phone: thePhone, TOTP: true, SMSMFA: true, EmailMFA: true}

// A factor is a second factor and what the person sees of it.
type factor struct {
	name    string
	user    authtest.User
	step    auth.SignInNextStep
	code    func(*authtest.Pool) string
	message string // of the service, for a wrong code
}

var factors = []factor{
	{
		"SMS", authtest.User{Phone: thePhone, SMSMFA: true},
		auth.SignInNextStep{
			Step:                auth.SignInStepConfirmWithSMSCode,
			CodeDeliveryDetails: &auth.CodeDeliveryDetails{Destination: "+*******0184", DeliveryMedium: "SMS"},
		},
		func(pool *authtest.Pool) string { return pool.Code("ana") }, "Invalid code or auth state for the user.",
	},
	{
		"e-mail", authtest.User{Email: "ana@example.com", EmailMFA: true},
		auth.SignInNextStep{
			Step:                auth.SignInStepConfirmWithEmailCode,
			CodeDeliveryDetails: &auth.CodeDeliveryDetails{Destination: "a***@e***", DeliveryMedium: "EMAIL"},
		},
		func(pool *authtest.Pool) string { return pool.Code("ana") }, "Invalid code or auth state for the user.",
	},
	{
		"app", authtest.User{TOTP: true},
		auth.SignInNextStep{Step: auth.SignInStepConfirmWithTOTPCode},
		func(pool *authtest.Pool) string { return pool.TOTP("ana") }, "Invalid code received for user",
	},
}

// start signs ana in as far as her second factor.
func (f factor) start(t testing.TB, cfg authtest.Config) (*auth.Session, *authtest.Pool) {
	t.Helper()
	cfg.MFA, cfg.MFAFactors = authtest.MFAOptional, everyFactor
	pool := newPool(t, cfg)
	user := f.user
	user.Name, user.Password = "ana", thePassword
	pool.AddUser(user)
	s := newSession(t, pool, "s")
	out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
	wantNextStep(t, out, err, f.step)
	return s, pool
}

// Behavior 39: after a wrong code the attempt is as it was.
func TestCodes(t *testing.T) {
	t.Parallel()
	for _, f := range factors {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s, pool := f.start(t, authtest.Config{})
			for range 3 {
				out, err := answer(t, s, wrongCode(f.code(pool)))
				wantProblem(t, err, auth.ErrCodeMismatch, f.message)
				if out != nil {
					t.Errorf("there is an output with the error: %+v", out)
				}
			}
			_, err := auth.GetCurrentUser(t.Context(), s)
			wantCode(t, err, auth.ErrNotSignedIn)
			out, err := answer(t, s, f.code(pool))
			wantSignedIn(t, out, err)
			wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUserSRP)

			// The answer is spent, and the session is signed in.
			_, err = answer(t, s, "123456")
			wantCode(t, err, auth.ErrNoSignIn)
		})
	}
}

// Too many wrong codes lock the account for a moment, not the attempt.
func TestCodesLockout(t *testing.T) {
	t.Parallel()
	for _, f := range factors {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, pool := f.start(t, authtest.Config{})
				for range 5 {
					_, err := answer(t, s, wrongCode(f.code(pool)))
					wantCode(t, err, auth.ErrCodeMismatch)
				}
				_, err := answer(t, s, f.code(pool))
				wantProblem(t, err, auth.ErrPasswordAttemptsExceeded, "User temporarily locked")
				time.Sleep(time.Second)
				out, err := answer(t, s, f.code(pool))
				wantSignedIn(t, out, err)
			})
		})
	}
}

// The service decides how long an attempt lives. Whichever way it ends, the
// person is told to start over, and once it has ended there is nothing left.
func TestCodesExpire(t *testing.T) {
	t.Parallel()
	for _, f := range factors {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, pool := f.start(t, authtest.Config{AuthSessionValidity: 5 * time.Minute})
				time.Sleep(5*time.Minute - time.Second)
				_, err := answer(t, s, wrongCode(f.code(pool)))
				wantCode(t, err, auth.ErrCodeMismatch)
				time.Sleep(2 * time.Second)
				_, err = answer(t, s, f.code(pool))
				wantProblem(t, err, auth.ErrSignInExpired, "session is expired")
				if !errors.Is(err, auth.ErrNotAuthorized) || !auth.IsRemote(err) {
					t.Errorf("%v is not the service's refusal", err)
				}
				wantNothing(t, s)
			})
		})
	}
}

// Behavior 49: what no service accepts any more is not sent.
func TestAttemptsExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, pool := factors[0].start(t, authtest.Config{AuthSessionValidity: 15 * time.Minute})
		time.Sleep(15*time.Minute + time.Second)
		sent := len(operations(pool))
		_, err := answer(t, s, pool.Code("ana"))
		wantCode(t, err, auth.ErrSignInExpired)
		if auth.IsRemote(err) || len(operations(pool)) != sent {
			t.Error("the service was asked")
		}
		time.Sleep(time.Hour)
		_, err = answer(t, s, pool.Code("ana"))
		wantCode(t, err, auth.ErrNoSignIn)
		if !errors.Is(err, auth.ErrSignInExpired) {
			t.Error("the finer code is not also ErrSignInExpired")
		}
	})
}

// A wrong answer does not make an attempt younger.
func TestWrongAnswersDoNotProlongAnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, pool := factors[0].start(t, authtest.Config{AuthSessionValidity: 15 * time.Minute})
		for range 2 {
			time.Sleep(7 * time.Minute)
			_, err := answer(t, s, wrongCode(pool.Code("ana")))
			wantCode(t, err, auth.ErrCodeMismatch)
		}
		time.Sleep(2 * time.Minute)
		sent := len(operations(pool))
		_, err := answer(t, s, pool.Code("ana"))
		wantCode(t, err, auth.ErrSignInExpired)
		if len(operations(pool)) != sent {
			t.Error("the service was asked")
		}
	})
}

// The code of an authenticator app is good once. The attempt goes on with the
// next one.
func TestTOTPCodeUsedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, pool := factors[2].start(t, authtest.Config{})
		code := pool.TOTP("ana")
		out, err := answer(t, s, code)
		wantSignedIn(t, out, err)

		other := newSession(t, pool, "other")
		out, err = begin(t, other, "ana", thePassword, "")
		wantNextStep(t, out, err, factors[2].step)
		_, err = answer(t, other, code)
		wantProblem(t, err, auth.ErrTOTPCodeUsed, "Your software token has already been used once.")
		time.Sleep(30 * time.Second)
		out, err = answer(t, other, pool.TOTP("ana"))
		wantSignedIn(t, out, err)
	})
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	eachFlow(t, func(t *testing.T, flow auth.AuthFlow) {
		pool := newPool(t, authtest.Config{RequiredAttributes: []string{"email", "name", "birthdate"}})
		pool.AddUser(authtest.User{Name: "ana", Password: "temporary", Email: "ana@example.com", Status: authtest.StatusForceChangePassword})
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", "temporary", flow)
		// Behavior 45: the names have no prefix.
		wantNextStep(t, out, err, auth.SignInNextStep{
			Step: auth.SignInStepConfirmWithNewPassword, MissingAttributes: []string{"name", "birthdate"},
		})
		confirm := func(password string, attributes map[string]string) (*auth.SignInOutput, error) {
			return auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: password, UserAttributes: attributes})
		}
		complete := map[string]string{"name": "Ana", "birthdate": "1990-02-28"}

		sent := len(operations(pool))
		for _, incomplete := range []map[string]string{nil, {"name": "Ana"}, {"name": "Ana", "birthdate": ""}, {"userAttributes.name": "Ana"}} {
			_, err = confirm(thePassword, incomplete)
			wantInput(t, err, auth.ErrInvalidInput, "UserAttributes")
		}
		_, err = confirm("", complete)
		wantInput(t, err, auth.ErrInvalidInput, "ChallengeResponse")
		if extra := operations(pool)[sent:]; len(extra) != 0 {
			t.Errorf("requests were sent: %v", extra)
		}

		_, err = confirm("seven77", complete)
		wantProblem(t, err, auth.ErrInvalidPassword, "Password not long enough")
		_, err = confirm("no-symbol-but-this-1", complete)
		wantProblem(t, err, auth.ErrInvalidPassword, "uppercase")
		_, err = confirm(thePassword, map[string]string{"name": "Ana", "birthdate": "1990-02-28", "email": "other@example.com"})
		wantProblem(t, err, auth.ErrAttributeNotWritable, "Cannot modify an already provided email")

		out, err = confirm(thePassword, complete)
		wantSignedIn(t, out, err)
		if user, _ := pool.User("ana"); user.Attributes["birthdate"] != "1990-02-28" || user.Status != authtest.StatusConfirmed {
			t.Errorf("the account is %s, born %s", user.Status, user.Attributes["birthdate"])
		}
		signOut(t, s, auth.SignOutInput{})
		_, err = begin(t, s, "ana", "temporary", flow)
		wantCode(t, err, auth.ErrNotAuthorized)
		out, err = begin(t, s, "ana", thePassword, flow)
		wantSignedIn(t, out, err)
	})
}

// A new password comes before the second factor, and the step after it is asked
// for in the same attempt.
func TestNewPasswordThenSecondFactor(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFARequired})
	pool.AddUser(authtest.User{Name: "ana", Password: "temporary", Status: authtest.StatusForceChangePassword})
	s := newSession(t, pool, "s")
	out, err := begin(t, s, "ana", "temporary", auth.AuthFlowUserSRP)
	wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepConfirmWithNewPassword, MissingAttributes: []string{}})
	out, err = answer(t, s, thePassword)
	if err != nil || out.NextStep.Step != auth.SignInStepContinueWithTOTPSetup {
		t.Fatalf("got %+v, %v", out, err)
	}
	out, err = answer(t, s, pool.TOTP("ana"))
	wantSignedIn(t, out, err)
}

// Behavior 41: the choice is one of those on offer, in Amplify's spelling.
func TestMFASelection(t *testing.T) {
	t.Parallel()
	for i, choice := range []auth.MFAType{auth.MFATypeSMS, auth.MFATypeEmail, auth.MFATypeTOTP} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor})
			pool.AddUser(factorUser)
			s := newSession(t, pool, "s")
			out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
			wantNextStep(t, out, err, auth.SignInNextStep{
				Step:            auth.SignInStepContinueWithMFASelection,
				AllowedMFATypes: []auth.MFAType{auth.MFATypeSMS, auth.MFATypeTOTP, auth.MFATypeEmail},
			})
			sent := len(operations(pool))
			for _, bad := range []string{"sms", "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "PIGEON", " TOTP"} {
				_, err := answer(t, s, bad)
				wantInput(t, err, auth.ErrIncorrectMFAMethod, "ChallengeResponse")
			}
			if extra := operations(pool)[sent:]; len(extra) != 0 {
				t.Errorf("requests were sent: %v", extra)
			}
			out, err = answer(t, s, string(choice))
			wantNextStep(t, out, err, factors[i].step)
			out, err = answer(t, s, factors[i].code(pool))
			wantSignedIn(t, out, err)
		})
	}
}

// What is not on offer is refused, though the person has it.
func TestMFASelectionOffersOnlySome(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor})
	user := factorUser
	user.EmailMFA = false
	pool.AddUser(user)
	s := newSession(t, pool, "s")
	if _, err := begin(t, s, "ana", thePassword, ""); err != nil {
		t.Fatal(err)
	}
	_, err := answer(t, s, string(auth.MFATypeEmail))
	wantInput(t, err, auth.ErrIncorrectMFAMethod, "ChallengeResponse")
}

// wantTOTPSetup fails the test unless out shows the secret of an authenticator
// app, and returns it.
func wantTOTPSetup(t testing.TB, out *auth.SignInOutput, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if out.NextStep.TOTPSetupDetails == nil {
		t.Fatalf("step %s has no details", out.NextStep.Step)
	}
	secret := out.NextStep.TOTPSetupDetails.SharedSecret
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil || len(raw) < 20 {
		t.Errorf("the secret is no base32 of 20 bytes: %v", err)
	}
	wantNextStep(t, out, nil, auth.SignInNextStep{
		Step: auth.SignInStepContinueWithTOTPSetup, TOTPSetupDetails: &auth.TOTPSetupDetails{SharedSecret: secret},
	})
	return secret
}

// Behavior 43: the first code proves the app, and the sign-in goes on.
func TestTOTPSetup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{MFA: authtest.MFARequired})
		pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
		wantTOTPSetup(t, out, err)
		sent := len(operations(pool))
		for _, bad := range []string{"", "12345", "1234567", "12345a", "１２３４５６", "TOTP"} {
			_, err = answer(t, s, bad)
			wantInput(t, err, auth.ErrInvalidInput, "ChallengeResponse")
		}
		if extra := operations(pool)[sent:]; len(extra) != 0 {
			t.Errorf("requests were sent: %v", extra)
		}
		_, err = answer(t, s, wrongCode(pool.TOTP("ana")))
		wantProblem(t, err, auth.ErrEnableSoftwareTokenMFA, "Code mismatch and fail enable Software Token MFA")
		out, err = answer(t, s, pool.TOTP("ana"))
		wantSignedIn(t, out, err)

		// From now on the app is asked for.
		signOut(t, s, auth.SignOutInput{})
		time.Sleep(time.Minute)
		out, err = begin(t, s, "ana", thePassword, "")
		wantNextStep(t, out, err, factors[2].step)
		out, err = answer(t, s, pool.TOTP("ana"))
		wantSignedIn(t, out, err)
	})
}

// Behavior 44: an address is proved by a code that goes to it.
func TestEmailSetup(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFARequired, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail}})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s := newSession(t, pool, "s")
	out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserSRP)
	wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepContinueWithEmailSetup})
	sent := len(operations(pool))
	for _, bad := range []string{"", "ana", "123456"} {
		_, err = answer(t, s, bad)
		wantInput(t, err, auth.ErrInvalidInput, "ChallengeResponse")
	}
	if extra := operations(pool)[sent:]; len(extra) != 0 {
		t.Errorf("requests were sent: %v", extra)
	}
	_, err = answer(t, s, "@")
	wantCode(t, err, auth.ErrInvalidAttribute)
	out, err = answer(t, s, "ana@example.com")
	wantNextStep(t, out, err, factors[1].step)
	_, err = answer(t, s, wrongCode(pool.Code("ana")))
	wantCode(t, err, auth.ErrCodeMismatch)
	out, err = answer(t, s, pool.Code("ana"))
	wantSignedIn(t, out, err)
	if user, _ := pool.User("ana"); user.Email != "ana@example.com" || !user.EmailMFA {
		t.Errorf("the address is not the user's second factor: %q, %t", user.Email, user.EmailMFA)
	}
}

// Behavior 42: with several factors to set up, the person chooses.
func TestMFASetupSelection(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) (*auth.Session, *authtest.Pool) {
		t.Helper()
		pool := newPool(t, authtest.Config{MFA: authtest.MFARequired, MFAFactors: everyFactor})
		pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
		s := newSession(t, pool, "s")
		out, err := begin(t, s, "ana", thePassword, "")
		// SMS cannot be set up while signing in.
		wantNextStep(t, out, err, auth.SignInNextStep{
			Step: auth.SignInStepContinueWithMFASetupChoice, AllowedMFATypes: []auth.MFAType{auth.MFATypeTOTP, auth.MFATypeEmail},
		})
		sent := len(operations(pool))
		for _, bad := range []string{"SMS", "totp", "123456", "ana@example.com"} {
			_, err := answer(t, s, bad)
			wantInput(t, err, auth.ErrIncorrectMFAMethod, "ChallengeResponse")
		}
		if extra := operations(pool)[sent:]; len(extra) != 0 {
			t.Errorf("requests were sent: %v", extra)
		}
		return s, pool
	}
	t.Run("TOTP", func(t *testing.T) {
		t.Parallel()
		s, pool := start(t)
		out, err := answer(t, s, string(auth.MFATypeTOTP))
		wantTOTPSetup(t, out, err)
		out, err = answer(t, s, pool.TOTP("ana"))
		wantSignedIn(t, out, err)
	})
	t.Run("EMAIL", func(t *testing.T) {
		t.Parallel()
		s, pool := start(t)
		out, err := answer(t, s, string(auth.MFATypeEmail))
		wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepContinueWithEmailSetup})
		out, err = answer(t, s, "ana@example.com")
		wantNextStep(t, out, err, factors[1].step)
		out, err = answer(t, s, pool.Code("ana"))
		wantSignedIn(t, out, err)
	})
	t.Run("after an outage", func(t *testing.T) {
		t.Parallel()
		s, pool := start(t)
		pool.FailNext("AssociateSoftwareToken", auth.ErrInternalError)
		_, err := answer(t, s, string(auth.MFATypeTOTP))
		wantCode(t, err, auth.ErrInternalError)
		out, err := answer(t, s, string(auth.MFATypeTOTP))
		wantTOTPSetup(t, out, err)
	})
}

func TestMFASetupImpossible(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFARequired, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS}})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s := newSession(t, pool, "s")
	_, err := begin(t, s, "ana", thePassword, "")
	wantCode(t, err, auth.ErrNoUsableMFASetup)
	wantNothing(t, s)

	pool = newPool(t, authtest.Config{
		MFA: authtest.MFARequired, MFAFactors: everyFactor, AccountRecovery: []authtest.RecoveryOption{authtest.RecoveryEmail},
	})
	addUser(t, pool, "ana")
	_, err = begin(t, newSession(t, pool, "s"), "ana", thePassword, "")
	wantCode(t, err, auth.ErrInvalidUserPoolConfiguration)
}

func TestEmailSetupTakenAddress(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{
		MFA: authtest.MFARequired, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorEmail}, AliasAttributes: []string{"email"},
	})
	addUser(t, pool, "bob")
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s := newSession(t, pool, "s")
	if _, err := begin(t, s, "ana", thePassword, ""); err != nil {
		t.Fatal(err)
	}
	_, err := answer(t, s, "bob@example.com")
	wantCode(t, err, auth.ErrAliasExists)
	out, err := answer(t, s, "ana@example.com")
	wantNextStep(t, out, err, factors[1].step)
}

func TestConfirmSignInWithoutSignIn(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "s")
	_, err := answer(t, s, "123456")
	wantCode(t, err, auth.ErrNoSignIn)
	if !errors.Is(err, auth.ErrSignInExpired) {
		t.Error("the finer code is not also ErrSignInExpired")
	}
	signIn(t, s, "ana")
	_, err = answer(t, s, "123456")
	wantCode(t, err, auth.ErrNoSignIn)
	if n := len(operations(pool)); n != 1 {
		t.Errorf("%d requests, want that of the sign-in", n)
	}
}

// Whoever signs out in the middle of a sign-in ends it.
func TestSignOutEndsAnAttempt(t *testing.T) {
	t.Parallel()
	s, pool := factors[0].start(t, authtest.Config{})
	signOut(t, s, auth.SignOutInput{})
	_, err := answer(t, s, pool.Code("ana"))
	wantCode(t, err, auth.ErrNoSignIn)
}

func TestUserDisabledInTheMiddle(t *testing.T) {
	t.Parallel()
	s, pool := factors[0].start(t, authtest.Config{})
	asAdmin(t, pool, "AdminDisableUser", object{"Username": "ana"})
	_, err := answer(t, s, pool.Code("ana"))
	wantCode(t, err, auth.ErrUserDisabled)
}

// Behavior 20, 21: answers can be diverted as sign-ins can.
func TestConfirmSignInDiverts(t *testing.T) {
	t.Parallel()
	for code, want := range map[auth.ErrorCode]auth.SignInStep{
		auth.ErrUserNotConfirmed:      auth.SignInStepConfirmSignUp,
		auth.ErrPasswordResetRequired: auth.SignInStepResetPassword,
	} {
		s, pool := factors[0].start(t, authtest.Config{})
		pool.FailNext("RespondToAuthChallenge", code)
		out, err := answer(t, s, "123456")
		wantNextStep(t, out, err, auth.SignInNextStep{Step: want})
		wantNothing(t, s)
	}
}

// An outage costs an answer, not the attempt. If the answer may have counted,
// the person is told; if it did, the next try finds the attempt spent.
func TestConfirmSignInOutages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault authtest.Fault
		code  auth.ErrorCode
		maybe bool // the service may have acted
		spent bool // it has
	}{
		"throttled":       {authtest.Fault{Code: string(auth.ErrTooManyRequests), Times: 3}, auth.ErrTooManyRequests, false, false},
		"server error":    {authtest.Fault{Code: string(auth.ErrInternalError)}, auth.ErrInternalError, true, false},
		"page of a proxy": {authtest.Fault{HTML: true}, auth.ErrHTTP, true, false},
		"request lost":    {authtest.Fault{DropRequest: true}, auth.ErrNetwork, true, false},
		"answer lost":     {authtest.Fault{DropResponse: true}, auth.ErrNetwork, true, true},
		"trigger":         {authtest.Fault{Code: string(auth.ErrUserLambdaValidation)}, auth.ErrUserLambdaValidation, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, pool := factors[0].start(t, authtest.Config{})
				tt.fault.Operation = "RespondToAuthChallenge"
				pool.Inject(tt.fault)
				_, err := answer(t, s, pool.Code("ana"))
				wantCode(t, err, tt.code)
				if e, _ := errors.AsType[*auth.Error](err); e.MaybeProcessed != tt.maybe {
					t.Errorf("MaybeProcessed: got %t", e.MaybeProcessed)
				}
				out, err := answer(t, s, pool.Code("ana"))
				if tt.spent {
					wantProblem(t, err, auth.ErrSignInExpired, "can only be used once")
					wantNothing(t, s)
					return
				}
				wantSignedIn(t, out, err)
			})
		})
	}
}

// Somebody who clicks twice is signed in once. The click that came too late is
// told that the attempt is over.
func TestDoubleSubmission(t *testing.T) {
	t.Parallel()
	for _, f := range factors {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s, pool := f.start(t, authtest.Config{})
			code := f.code(pool)
			results := make(chan error, 2)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					out, err := answer(t, s, code)
					if err == nil && !out.IsSignedIn {
						err = errors.New("next step " + string(out.NextStep.Step))
					}
					results <- err
				})
			}
			wg.Wait()
			close(results)
			signedIn := 0
			for err := range results {
				switch {
				case err == nil:
					signedIn++
				case !errors.Is(err, auth.ErrSignInExpired):
					t.Errorf("the other submission: %v, want ErrSignInExpired", err)
				}
			}
			if signedIn != 1 {
				t.Errorf("%d submissions signed in, want 1", signedIn)
			}
			wantUser(t, s, pool, "ana", "ana", auth.AuthFlowUserSRP)
		})
	}
}

// An answer that was on its way when the person started again does not
// disturb the new attempt.
func TestSignInOvertakesAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor})
		pool.AddUser(factorUser)
		s := newSession(t, pool, "s")
		if _, err := begin(t, s, "ana", thePassword, ""); err != nil {
			t.Fatal(err)
		}
		pool.Inject(authtest.Fault{Operation: "RespondToAuthChallenge", Delay: time.Second})
		late := make(chan error, 1)
		go func() {
			_, err := answer(t, s, string(auth.MFATypeSMS))
			late <- err
		}()
		synctest.Wait()
		out, err := begin(t, s, "ana", thePassword, "")
		if err != nil || out.NextStep.Step != auth.SignInStepContinueWithMFASelection {
			t.Fatalf("got %+v, %v", out, err)
		}
		wantCode(t, <-late, auth.ErrSignInExpired)
		out, err = answer(t, s, string(auth.MFATypeTOTP))
		wantNextStep(t, out, err, factors[2].step)
		out, err = answer(t, s, pool.TOTP("ana"))
		wantSignedIn(t, out, err)
	})
}

// Behavior 46: a challenge that this version does not know can still be shown
// and answered.
func TestUnknownChallenge(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	var result any
	wire.edit = func(_ string, _, got object) {
		result = got["AuthenticationResult"]
		delete(got, "AuthenticationResult")
		got["ChallengeName"], got["Session"] = "FACE_SCAN", "session-1"
		got["ChallengeParameters"] = object{"USERNAME": "ana", "FRAMES": "3"}
	}
	wire.answer = func(op string, sent object) (object, bool) {
		if op != "RespondToAuthChallenge" {
			return nil, false
		}
		if sent["ChallengeResponses"].(object)["FACE"] != "hers" {
			return object{"__type": "CodeMismatchException", "message": "Look into the camera."}, true
		}
		return object{"AuthenticationResult": result}, true
	}

	out, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserPassword)
	wantNextStep(t, out, err, auth.SignInNextStep{
		Step: auth.SignInStepConfirmWithUnknownChallenge, ChallengeName: "FACE_SCAN",
		AdditionalInfo: map[string]string{"USERNAME": "ana", "FRAMES": "3"},
	})
	_, err = answer(t, s, "her face")
	wantInput(t, err, auth.ErrInvalidInput, "ChallengeResponses")
	confirm := func(face string) (*auth.SignInOutput, error) {
		return auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponses: map[string]string{"FACE": face}})
	}
	_, err = confirm("his")
	wantCode(t, err, auth.ErrCodeMismatch)
	out, err = confirm("hers")
	wantSignedIn(t, out, err)
	seen := wire.exchanges()
	want := object{
		"ClientId": pool.ClientID(), "ChallengeName": "FACE_SCAN", "Session": "session-1",
		"ChallengeResponses": object{"USERNAME": "ana", "FACE": "hers"},
	}
	if diff := cmp.Diff(want, seen[len(seen)-1].sent); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// A code that follows a password cannot be sent again, and the attempt stays.
func TestResendSignInCodeAfterAPassword(t *testing.T) {
	t.Parallel()
	for _, f := range factors {
		s, pool := f.start(t, authtest.Config{})
		sent := len(operations(pool))
		_, err := auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
		wantCode(t, err, auth.ErrCannotResend)
		if len(operations(pool)) != sent {
			t.Error("the service was asked")
		}
		out, err := answer(t, s, f.code(pool))
		wantSignedIn(t, out, err)
		_, err = auth.ResendSignInCode(t.Context(), s, auth.ResendSignInCodeInput{})
		wantCode(t, err, auth.ErrNoSignIn)
	}
}
