package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// An amplifyError is an error that @aws-amplify/auth makes itself, and what
// this package has for it: an error, which the row brings about, or a reason
// why there is none.
type amplifyError struct {
	name   string // in Amplify
	reason string

	code    auth.ErrorCode
	field   string // for rejected input
	provoke func(*testing.T) error
}

// here is a session of a pool that has ana and whatever sign-in there is.
func here(t *testing.T, changes ...func(*auth.Config)) *auth.Session {
	t.Helper()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	return sessionOf(t, newClient(t, pool, changes...), "s")
}

// atMFASelection is a session whose sign-in waits for the choice of a second
// factor.
func atMFASelection(t *testing.T) *auth.Session {
	t.Helper()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor})
	pool.AddUser(factorUser)
	s := newSession(t, pool, "s")
	out, err := begin(t, s, "ana", thePassword, "")
	wantStep(t, out, err, auth.SignInStepContinueWithMFASelection)
	return s
}

// edited is a session of a pool with ana, whose answers are changed on the way.
func edited(t *testing.T, cfg authtest.Config, edit func(op string, got object)) (*auth.Session, *authtest.Pool) {
	t.Helper()
	pool := newPool(t, cfg)
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	s, wire := recorded(t, pool)
	wire.edit = func(op string, _, got object) { edit(op, got) }
	return s, pool
}

// without takes a member out of the tokens that operations answer with.
func without(member string, ops ...string) func(string, object) {
	return func(op string, got object) {
		if result, ok := got["AuthenticationResult"].(object); ok && slices.Contains(ops, op) {
			delete(result, member)
		}
	}
}

func configured(t *testing.T, change func(*auth.Config)) error {
	t.Helper()
	cfg := goodConfig()
	change(&cfg)
	_, err := auth.NewClient(t.Context(), cfg)
	return err
}

func signInError(t *testing.T, s *auth.Session, in auth.SignInInput) error {
	t.Helper()
	_, err := auth.SignIn(t.Context(), s, in)
	return err
}

// validationErrors are the errors of Amplify's own checks of input.
var validationErrors = []amplifyError{
	{name: "EmptySignInUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		return signInError(t, here(t), auth.SignInInput{Password: thePassword})
	}},
	{name: "EmptySignInPassword", code: auth.ErrInvalidInput, field: "Password", provoke: func(t *testing.T) error {
		s := here(t)
		var errs []error
		for _, in := range []auth.SignInInput{
			{AuthFlow: auth.AuthFlowUserSRP},
			{AuthFlow: auth.AuthFlowUserPassword},
			{AuthFlow: auth.AuthFlowCustomWithSRP},
			{AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD"},
			{AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD_SRP"},
		} {
			in.Username = "ana"
			errs = append(errs, signInError(t, s, in))
		}
		return errors.Join(errs...)
	}},
	{name: "CustomAuthSignInPassword", code: auth.ErrCustomAuthSignInPassword, field: "Password", provoke: func(t *testing.T) error {
		return signInError(t, here(t), auth.SignInInput{Username: "ana", Password: thePassword, AuthFlow: auth.AuthFlowCustomWithoutSRP})
	}},
	// Amplify looks into its configuration; here the service says what is on offer.
	{name: "InvalidPreferredChallenge", code: auth.ErrInvalidPreferredChallenge, field: "ChallengeResponse", provoke: func(t *testing.T) error {
		s := choicePool(t, authtest.Config{}).NewSession("s")
		out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser})
		wantStep(t, out, err, auth.SignInStepContinueWithFirstFactor)
		_, err = choose(t, s, "WEB_AUTHN")
		return err
	}},
	{name: "EmptySignUpUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		_, err := auth.SignUp(t.Context(), here(t), auth.SignUpInput{Password: thePassword})
		return err
	}},
	{name: "EmptySignUpPassword", code: auth.ErrInvalidInput, field: "Password", provoke: func(t *testing.T) error {
		_, err := auth.SignUp(t.Context(), here(t), auth.SignUpInput{Username: "bob"})
		return err
	}},
	{name: "EmptyConfirmSignUpUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmSignUp(t.Context(), here(t), auth.ConfirmSignUpInput{ConfirmationCode: "123456"})
		return err
	}},
	{name: "EmptyConfirmSignUpCode", code: auth.ErrInvalidInput, field: "ConfirmationCode", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmSignUp(t.Context(), here(t), auth.ConfirmSignUpInput{Username: "ana"})
		return err
	}},
	// Amplify has the name, and throws EmptySignUpUsername.
	{name: "EmptyresendSignUpCodeUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		_, err := auth.ResendSignUpCode(t.Context(), here(t), auth.ResendSignUpCodeInput{})
		if err != nil && !strings.Contains(err.Error(), "resend sign up code") { // Behavior 78
			t.Errorf("%v does not name its operation", err)
		}
		return err
	}},
	{name: "EmptyChallengeResponse", code: auth.ErrInvalidInput, field: "ChallengeResponse", provoke: func(t *testing.T) error {
		s, _ := factors[0].start(t, authtest.Config{})
		_, err := choose(t, s, "")
		return err
	}},
	{name: "IncorrectMFAMethod", code: auth.ErrIncorrectMFAMethod, field: "ChallengeResponse", provoke: func(t *testing.T) error {
		_, err := choose(t, atMFASelection(t), "sms")
		return err
	}},
	{name: "EmptyResetPasswordUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		_, err := auth.ResetPassword(t.Context(), here(t), auth.ResetPasswordInput{})
		return err
	}},
	{name: "EmptyConfirmResetPasswordUsername", code: auth.ErrInvalidInput, field: "Username", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmResetPassword(t.Context(), here(t), auth.ConfirmResetPasswordInput{ConfirmationCode: "123456", NewPassword: thePassword})
		return err
	}},
	{name: "EmptyConfirmResetPasswordNewPassword", code: auth.ErrInvalidInput, field: "NewPassword", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmResetPassword(t.Context(), here(t), auth.ConfirmResetPasswordInput{Username: "ana", ConfirmationCode: "123456"})
		return err
	}},
	{name: "EmptyConfirmResetPasswordConfirmationCode", code: auth.ErrInvalidInput, field: "ConfirmationCode", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmResetPassword(t.Context(), here(t), auth.ConfirmResetPasswordInput{Username: "ana", NewPassword: thePassword})
		return err
	}},
	// Amplify wants the old password too, which people without one do not have.
	{name: "EmptyUpdatePassword", code: auth.ErrInvalidInput, field: "NewPassword", provoke: func(t *testing.T) error {
		_, err := auth.UpdatePassword(t.Context(), here(t), auth.UpdatePasswordInput{OldPassword: thePassword})
		return err
	}},
	{name: "EmptyVerifyTOTPSetupCode", code: auth.ErrInvalidInput, field: "Code", provoke: func(t *testing.T) error {
		_, err := auth.VerifyTOTPSetup(t.Context(), here(t), auth.VerifyTOTPSetupInput{})
		return err
	}},
	{name: "EmptyConfirmUserAttributeCode", code: auth.ErrInvalidInput, field: "ConfirmationCode", provoke: func(t *testing.T) error {
		_, err := auth.ConfirmUserAttribute(t.Context(), here(t), auth.ConfirmUserAttributeInput{UserAttributeKey: "email"})
		return err
	}},
}

// Reasons that rows share.
const (
	noRedirect     = "there is no signing in with a redirect"
	noIdentityPool = "identity pools are not this package's"
	noWiring       = "a client has all its parts when NewClient returns it"
	noHalfMade     = "package srp makes the salt, the password and the verifier of a device in one step"
)

// stateErrors are the errors of Amplify about state and configuration, and
// internal ones.
var stateErrors = []amplifyError{
	{name: "UserAlreadyAuthenticatedException", code: auth.ErrAlreadySignedIn, provoke: func(t *testing.T) error {
		s := here(t)
		signIn(t, s, "ana")
		return signInError(t, s, auth.SignInInput{Username: "ana", Password: thePassword})
	}},
	{name: "UserUnAuthenticatedException", code: auth.ErrNotSignedIn, provoke: func(t *testing.T) error {
		_, err := auth.GetCurrentUser(t.Context(), here(t))
		errs := []error{err}
		for _, c := range callers {
			if c.before != nil && !slices.Contains([]string{"SignIn", "AutoSignIn", "ConfirmSignIn", "SignOut"}, c.function) {
				errs = append(errs, c.call(t.Context(), here(t)))
			}
		}
		return errors.Join(errs...)
	}},
	{name: "SignInException", code: auth.ErrNoSignIn, provoke: func(t *testing.T) error {
		_, err := choose(t, here(t), "123456")
		return err
	}},
	{name: "UnexpectedSignInInterruptionException", code: auth.ErrInternal, provoke: func(t *testing.T) error {
		store := newFaultyStore()
		store.script(failing("Save"))
		return signInError(t, here(t, store.on()), auth.SignInInput{Username: "ana", Password: thePassword})
	}},
	{name: "AutoSignInException", code: auth.ErrAutoSignInUnavailable, provoke: func(t *testing.T) error {
		_, err := auth.AutoSignIn(t.Context(), here(t), auth.AutoSignInInput{})
		return err
	}},
	{name: "EmptyUserIdForSRPException", code: auth.ErrEmptyUserIDForSRP, provoke: func(t *testing.T) error {
		s, _ := edited(t, authtest.Config{}, func(_ string, got object) {
			if params, ok := got["ChallengeParameters"].(object); ok {
				delete(params, "USER_ID_FOR_SRP")
			}
		})
		return signInError(t, s, auth.SignInInput{Username: "ana", Password: thePassword, AuthFlow: auth.AuthFlowUserSRP})
	}},
	{name: "DeviceMetadataNotFoundException", code: auth.ErrDeviceUnknown, provoke: func(t *testing.T) error {
		pool, store := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true}), newFaultyStore()
		s, wire := recorded(t, pool, store.on())
		signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
		signOutHere(t, s)
		wire.edit = func(_ string, _, got object) {
			if got["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER" {
				for key := range store.records() {
					_, rev, _ := store.store.Load(t.Context(), key)
					if err := store.store.Delete(t.Context(), key, rev); err != nil {
						t.Error(err)
					}
				}
			}
		}
		signingIn := signInError(t, s, auth.SignInInput{Username: "bea", Password: thePassword})
		s = here(t)
		signIn(t, s, "ana")
		_, remember := auth.RememberDevice(t.Context(), s, auth.RememberDeviceInput{})
		_, forget := auth.ForgetDevice(t.Context(), s, auth.ForgetDeviceInput{})
		return errors.Join(signingIn, remember, forget)
	}},
	{name: "TokenRefreshException", code: auth.ErrSessionExpired, provoke: func(t *testing.T) error {
		store := newFaultyStore()
		s := here(t, store.on())
		signIn(t, s, "ana")
		key, b := store.bundle(t)
		b.RefreshToken = ""
		store.putBundle(t, key, b)
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		return err
	}},
	// Package tokens tests what it refuses; a refresh has the same check.
	{name: "iatNotFoundException", code: auth.ErrInvalidTokens, provoke: func(t *testing.T) error {
		s, _ := edited(t, authtest.Config{}, func(op string, got object) {
			if result, ok := got["AuthenticationResult"].(object); ok && op == opRefresh {
				result["AccessToken"] = result["IdToken"]
			}
		})
		signIn(t, s, "ana")
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		return err
	}},
	{name: "NoSessionFoundException", code: auth.ErrNotSignedIn, provoke: func(t *testing.T) error {
		_, err := auth.FetchAuthSession(t.Context(), here(t), auth.FetchAuthSessionInput{})
		return err
	}},
	{name: "InvalidAuthTokens", code: auth.ErrUnexpectedResponse, provoke: func(t *testing.T) error {
		s, _ := edited(t, authtest.Config{}, without("AccessToken", "InitiateAuth"))
		return signInError(t, s, auth.SignInInput{Username: "ana", Password: thePassword})
	}},
	{name: "InvalidTokens", code: auth.ErrUnexpectedResponse, provoke: func(t *testing.T) error {
		s, _ := edited(t, authtest.Config{}, without("AccessToken", opRefresh))
		signIn(t, s, "ana")
		_, err := auth.FetchAuthSession(t.Context(), s, forced())
		return err
	}},
	{name: "EmptyTokenStoreException", reason: noWiring},
	{name: "EmptyTokenRefresherException", reason: noWiring},
	{name: "KeyValueStorageNotFoundException", reason: noWiring},
	{name: "EmptyBigIntegerRandomPassword", reason: noHalfMade},
	{name: "EmptyBigIntegersaltToHashDevices", reason: noHalfMade},
	{name: "EmptyBigIntegerVerifierDevices", reason: noHalfMade},
	{name: "SetUpTOTPException", code: auth.ErrUnexpectedResponse, provoke: func(t *testing.T) error {
		noSecret := func(_ string, got object) { delete(got, "SecretCode") }
		s, _ := edited(t, authtest.Config{MFA: authtest.MFARequired}, noSecret)
		signingIn := signInError(t, s, auth.SignInInput{Username: "ana", Password: thePassword})
		s, _ = edited(t, authtest.Config{MFA: authtest.MFAOptional}, noSecret)
		signIn(t, s, "ana")
		_, signedIn := auth.SetUpTOTP(t.Context(), s)
		return errors.Join(signingIn, signedIn)
	}},
	{name: "OAuthSignInException", reason: noRedirect},
	{name: "oauthSignInError", reason: noRedirect},
	{name: "OAuthSignOutException", reason: noRedirect},
	{name: "InvalidRedirectException", reason: noRedirect},
	{name: "InvalidOriginException", reason: noRedirect},
	{name: "InvalidPreferredRedirectUrlException", reason: noRedirect},
	{name: "InvalidAppSchemeException", reason: noRedirect},
	{name: "OAuthNotConfigureException", reason: noRedirect},
	{name: "AuthUserPoolException", code: auth.ErrInvalidConfig, field: "UserPoolID", provoke: func(t *testing.T) error {
		return configured(t, func(cfg *auth.Config) { cfg.UserPoolID = "" })
	}},
	{name: "AuthTokenConfigException", code: auth.ErrInvalidConfig, field: "ClientID", provoke: func(t *testing.T) error {
		return configured(t, func(cfg *auth.Config) { cfg.ClientID = "" })
	}},
	{name: "InvalidUserPoolId", code: auth.ErrInvalidConfig, field: "UserPoolID", provoke: func(t *testing.T) error {
		return configured(t, func(cfg *auth.Config) { cfg.UserPoolID = "AbC123def" })
	}},
	{name: "AuthUserPoolAndIdentityPoolException", reason: noIdentityPool},
	{name: "InvalidIdentityPoolIdException", reason: noIdentityPool},
	{name: "GetIdResponseException", reason: noIdentityPool},
	{name: "CredentialsNotFoundException", reason: noIdentityPool},
	{name: "CredentialsException", reason: noIdentityPool},
	{name: "InvalidIdTokenException", reason: noIdentityPool},
	// Amplify finds the user in a context that may be gone; here nobody looks.
	{name: "AmplifyServerContextError", code: auth.ErrNoSession, provoke: func(t *testing.T) error {
		return signInError(t, nil, auth.SignInInput{Username: "ana", Password: thePassword})
	}},
	{name: "NetworkError", code: auth.ErrNetwork, provoke: func(t *testing.T) error {
		pool := newPool(t, authtest.Config{})
		pool.Inject(authtest.Fault{Operation: "SignUp", DropRequest: true})
		_, err := auth.SignUp(t.Context(), newSession(t, pool, "s"), auth.SignUpInput{Username: "ana", Password: thePassword})
		return err
	}},
	{name: "Unknown", code: auth.ErrInternal, provoke: func(t *testing.T) error {
		store := newFaultyStore()
		store.script(failing())
		_, err := auth.GetCurrentUser(t.Context(), here(t, store.on()))
		return err
	}},
}

// Every row of Amplify's error tables has a counterpart or a reason.
func TestAmplifyErrors(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, row := range slices.Concat(validationErrors, stateErrors) {
		if seen[row.name] || (row.reason == "") == (row.provoke == nil) {
			t.Errorf("%s: want one row with a counterpart or a reason", row.name)
		}
		seen[row.name] = true
		if row.provoke == nil {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			problems := problemsOf(t, row.provoke(t))
			for _, p := range problems {
				if p != (problem{row.field, row.code}) {
					t.Errorf("got %s for field %q, want %s for %q", p.Code, p.Field, row.code, row.field)
				}
			}
			if len(problems) == 0 {
				t.Error("no error came of it")
			}
		})
	}
}

// What the service's errors mean to Amplify they mean here, or better.
func TestAmplifyTreatments(t *testing.T) {
	t.Parallel()
	// How to get to where an operation of the service can be met.
	ops := map[string]func(*testing.T) (*authtest.Pool, func() (*auth.SignInOutput, error)){
		"InitiateAuth": func(t *testing.T) (*authtest.Pool, func() (*auth.SignInOutput, error)) {
			t.Helper()
			pool := newPool(t, authtest.Config{})
			s := newSession(t, pool, "s")
			return pool, func() (*auth.SignInOutput, error) { return begin(t, s, "ana", thePassword, "") }
		},
		"RespondToAuthChallenge": func(t *testing.T) (*authtest.Pool, func() (*auth.SignInOutput, error)) {
			t.Helper()
			s, pool := factors[0].start(t, authtest.Config{})
			return pool, func() (*auth.SignInOutput, error) { return choose(t, s, "123456") }
		},
	}
	for exception, step := range map[auth.ErrorCode]auth.SignInStep{
		auth.ErrUserNotConfirmed: auth.SignInStepConfirmSignUp, auth.ErrPasswordResetRequired: auth.SignInStepResetPassword,
	} {
		for op, prepare := range ops {
			t.Run(string(exception)+" of "+op+" is a step", func(t *testing.T) {
				t.Parallel()
				pool, call := prepare(t)
				pool.FailNext(op, exception)
				out, err := call()
				wantStep(t, out, err, step)
			})
		}
	}
	t.Run("ResourceNotFoundException of a device drops it", func(t *testing.T) {
		t.Parallel()
		pool := devicePool(t, authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true})
		s := pool.NewSession("1")
		signInWith(t, pool, s, "bea", auth.AuthFlowUserSRP)
		signOutHere(t, s)
		pool.Inject(authtest.Fault{Operation: "InitiateAuth", Code: string(auth.ErrResourceNotFound), Message: "Device does not exist."})
		out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "bea", Password: thePassword})
		wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
	})
	for _, exception := range []auth.ErrorCode{
		auth.ErrNotAuthorized, auth.ErrUserNotFound, auth.ErrPasswordResetRequired, auth.ErrUserNotConfirmed, auth.ErrRefreshTokenReuse,
	} {
		t.Run(string(exception)+" of a refresh ends the session", func(t *testing.T) {
			t.Parallel()
			theCaller("FetchAuthSession", opRefresh).meet(t, authtest.Fault{Code: string(exception)}, func(t *testing.T, err error, _ *recorder) {
				wantCode(t, err, auth.ErrSessionExpired)
			})
		})
	}
}
