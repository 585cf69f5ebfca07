package auth_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// setUpTOTP begins to set an authenticator app up and returns its secret.
func setUpTOTP(t testing.TB, s *auth.Session) string {
	t.Helper()
	out, err := auth.SetUpTOTP(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return out.SharedSecret
}

// appCode is what an app with the secret shows.
func appCode(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func verifyTOTP(t testing.TB, s *auth.Session, code string) error {
	t.Helper()
	out, err := auth.VerifyTOTPSetup(t.Context(), s, auth.VerifyTOTPSetupInput{Code: code})
	if (out == nil) != (err != nil) {
		t.Errorf("got %v besides %v", out, err)
	}
	return err
}

func prefer(t testing.TB, s *auth.Session, in auth.UpdateMFAPreferenceInput) {
	t.Helper()
	if _, err := auth.UpdateMFAPreference(t.Context(), s, in); err != nil {
		t.Fatal(err)
	}
}

func wantPreference(t testing.TB, s *auth.Session, preferred auth.MFAType, enabled ...auth.MFAType) {
	t.Helper()
	out, err := auth.FetchMFAPreference(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&auth.FetchMFAPreferenceOutput{Enabled: enabled, Preferred: preferred}, out); diff != "" {
		t.Errorf("preference (-want +got):\n%s", diff)
	}
}

// The whole life of an authenticator app: set up, tried with a wrong code,
// preferred, asked for, replaced, disabled.
func TestTOTPFromSetUpToDisabling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		steps := func() auth.SignInStep {
			t.Helper()
			out, err := begin(t, newSession(t, pool, "to try"), "ana", thePassword, "")
			if err != nil {
				t.Fatal(err)
			}
			return out.NextStep.Step
		}
		answers := func(secret string) error {
			t.Helper()
			time.Sleep(time.Minute) // for a code that was not used
			other := newSession(t, pool, "to try")
			out, err := begin(t, other, "ana", thePassword, "")
			wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
			_, err = choose(t, other, appCode(t, secret))
			return err
		}

		wantCode(t, verifyTOTP(t, s, "123456"), auth.ErrSoftwareTokenMFANotFound) // nothing was begun
		_, err := auth.UpdateMFAPreference(t.Context(), s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceEnabled})
		wantCode(t, err, auth.ErrMFANotSetUp)
		first := setUpTOTP(t, s)
		_, err = auth.UpdateMFAPreference(t.Context(), s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceEnabled})
		wantCode(t, err, auth.ErrMFANotSetUp) // nor was it verified
		wantCode(t, verifyTOTP(t, s, wrongCode(appCode(t, first))), auth.ErrEnableSoftwareTokenMFA)
		if err := verifyTOTP(t, s, appCode(t, first)); err != nil {
			t.Fatal(err)
		}
		wantPreference(t, s, "")
		if got := steps(); got != auth.SignInStepDone {
			t.Errorf("before it is enabled: got step %s", got)
		}
		prefer(t, s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferencePreferred})
		wantPreference(t, s, auth.MFATypeTOTP, auth.MFATypeTOTP)
		if err := answers(first); err != nil {
			t.Fatal(err)
		}

		// A second app takes the place of the first when it has been verified.
		second := setUpTOTP(t, s)
		if first == second {
			t.Fatal("the second app got the secret of the first")
		}
		if err := answers(first); err != nil {
			t.Errorf("the first app, while the second is set up: %v", err)
		}
		wantCode(t, verifyTOTP(t, s, wrongCode(appCode(t, second))), auth.ErrEnableSoftwareTokenMFA)
		if err := answers(first); err != nil {
			t.Errorf("the first app, after a wrong code of the second: %v", err)
		}
		if err := verifyTOTP(t, s, appCode(t, second)); err != nil {
			t.Fatal(err)
		}
		wantCode(t, answers(first), auth.ErrCodeMismatch)
		if err := answers(second); err != nil {
			t.Errorf("the second app: %v", err)
		}

		prefer(t, s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceDisabled})
		wantPreference(t, s, "")
		if got := steps(); got != auth.SignInStepDone {
			t.Errorf("after it was disabled: got step %s", got)
		}
	})
}

// Behavior 86: whatever the app and the account are called, the URI of the QR
// code parses and says it again.
func TestSetUpTOTPURI(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	out, err := auth.SetUpTOTP(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range []string{"My App & Co", "50% off?", "a/b:c#d", "Größe+1", `"quoted"`} {
		for _, account := range []string{"", "ana@example.com", "Ana & Ben"} {
			u, err := url.Parse(out.SetupURI(app, account))
			if err != nil {
				t.Errorf("%q, %q: %v", app, account, err)
				continue
			}
			label := app
			if account != "" {
				label += ":" + account
			}
			got := []string{u.Scheme, u.Host, u.Path, u.Query().Get("secret"), u.Query().Get("issuer"), fmt.Sprint(len(u.Query()))}
			want := []string{"otpauth", "totp", "/" + label, out.SharedSecret, app, "2"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q, %q (-want +got):\n%s", app, account, diff)
			}
		}
	}
	wantJSON(t, out, `{"sharedSecret":"`+out.SharedSecret+`"}`)
}

func TestTOTPThatCannotBeSetUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		config         authtest.Config
		answer         object
		setUp, verify  auth.ErrorCode
		maybeProcessed bool
	}{
		{name: "no second factors", setUp: auth.ErrSoftwareTokenMFANotFound, verify: auth.ErrSoftwareTokenMFANotFound},
		{
			name:   "other factors",
			config: authtest.Config{MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS}},
			setUp:  auth.ErrSoftwareTokenMFANotFound, verify: auth.ErrSoftwareTokenMFANotFound,
		},
		{name: "no secret, no status", answer: object{}, setUp: auth.ErrUnexpectedResponse, verify: auth.ErrUnexpectedResponse},
		{name: "status", answer: object{"Status": "ERROR"}, setUp: auth.ErrUnexpectedResponse, verify: auth.ErrEnableSoftwareTokenMFA},
		{
			name: "at the same time", answer: object{"__type": wire.ExceptionConcurrentModification},
			setUp: auth.ErrConcurrentModification, verify: auth.ErrConcurrentModification,
		},
		{
			name: "another exception", answer: object{"__type": wire.ExceptionCodeMismatch}, setUp: auth.ErrCodeMismatch, verify: auth.ErrCodeMismatch,
		},
	}
	for _, tt := range tests {
		pool := newPool(t, tt.config)
		addUser(t, pool, "ana")
		s, w := recorded(t, pool)
		signIn(t, s, "ana")
		if tt.answer != nil {
			w.answer = func(string, object) (object, bool) { return tt.answer, true }
		}
		t.Run(tt.name, func(t *testing.T) {
			_, err := auth.SetUpTOTP(t.Context(), s)
			wantCode(t, err, tt.setUp)
			wantCode(t, verifyTOTP(t, s, "123456"), tt.verify)
		})
	}
}

// Behavior 87: what is not named is not in the request. ENABLED says nothing
// about being preferred, NOT_PREFERRED says that it is not.
func TestUpdateMFAPreferenceRequests(t *testing.T) {
	t.Parallel()
	settings := map[auth.MFAPreference]object{
		auth.MFAPreferenceEnabled:      {"Enabled": true},
		auth.MFAPreferenceDisabled:     {"Enabled": false},
		auth.MFAPreferencePreferred:    {"Enabled": true, "PreferredMfa": true},
		auth.MFAPreferenceNotPreferred: {"Enabled": true, "PreferredMfa": false},
	}
	type in = auth.UpdateMFAPreferenceInput
	tests := []struct {
		name string
		in   in
		want object
	}{
		{"passkeys on", in{WebAuthn: auth.MFAPreferenceEnabled}, object{"WebAuthnMfaSettings": object{"Enabled": true}}},
		{"passkeys off", in{WebAuthn: auth.MFAPreferenceDisabled}, object{"WebAuthnMfaSettings": object{"Enabled": false}}},
		{
			"all", in{
				SMS: auth.MFAPreferenceNotPreferred, TOTP: auth.MFAPreferencePreferred,
				Email: auth.MFAPreferenceDisabled, WebAuthn: auth.MFAPreferenceEnabled,
			}, object{
				"SMSMfaSettings": settings[auth.MFAPreferenceNotPreferred], "SoftwareTokenMfaSettings": settings[auth.MFAPreferencePreferred],
				"EmailMfaSettings": settings[auth.MFAPreferenceDisabled], "WebAuthnMfaSettings": object{"Enabled": true},
			},
		},
	}
	for preference, setting := range settings {
		tests = append(tests, []struct {
			name string
			in   in
			want object
		}{
			{"SMS " + string(preference), in{SMS: preference}, object{"SMSMfaSettings": setting}},
			{"TOTP " + string(preference), in{TOTP: preference}, object{"SoftwareTokenMfaSettings": setting}},
			{"Email " + string(preference), in{Email: preference}, object{"EmailMfaSettings": setting}},
		}...)
	}
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, w := recorded(t, pool)
	signIn(t, s, "ana")
	w.answer = func(op string, _ object) (object, bool) { return object{}, op == "SetUserMFAPreference" }
	for _, tt := range tests {
		prefer(t, s, tt.in)
		tt.want["AccessToken"] = string(fetch(t, s).Tokens.AccessToken)
		if diff := cmp.Diff(tt.want, w.last("SetUserMFAPreference").sent); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// The preference that is asked for lest it get lost is that of the person it is
// set for, whoever signs in to the session in between.
func TestUpdateMFAPreferenceOfOnePerson(t *testing.T) {
	t.Parallel()
	pool := accountPool(t)
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, Email: "ben@example.com"})
	hosts := newPeers(t, pool, 2)
	here, there := hosts[0].session(t, "1"), hosts[1].session(t, "1")
	signIn(t, here, "ana")
	prefer(t, here, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred})
	hosts[0].wire.onAnswer(func(op string) {
		if op == "GetUser" {
			signOut(t, there, auth.SignOutInput{})
			signIn(t, there, "ben")
		}
	})
	_, err := auth.UpdateMFAPreference(t.Context(), here, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferenceEnabled})
	wantCode(t, err, auth.ErrNotSignedIn)
	wantPreference(t, there, "")
}

// Where the token is refused, both are asked again.
func TestUpdateMFAPreferenceWithARefusedToken(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{"GetUser", "SetUserMFAPreference"} {
		pool := accountPool(t)
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		prefer(t, s, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred})
		sent := len(operations(pool))
		refuse(pool, refused, refusals[0], 1)
		prefer(t, s, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferenceEnabled})
		want := []string{"GetUser", "SetUserMFAPreference", opRefresh, "GetUser", "SetUserMFAPreference"}
		if refused == "GetUser" {
			want = slices.Delete(want, 1, 2)
		}
		if diff := cmp.Diff(want, operations(pool)[sent:]); diff != "" {
			t.Errorf("operations (-want +got):\n%s", diff)
		}
		wantPreference(t, s, auth.MFATypeEmail, auth.MFATypeEmail)
	}
}

// Preferences that contradict each other, or say nothing, are not sent.
func TestMFAPreferencesThatContradictEachOther(t *testing.T) {
	t.Parallel()
	const (
		enabled, disabled = auth.MFAPreferenceEnabled, auth.MFAPreferenceDisabled
		preferred, not    = auth.MFAPreferencePreferred, auth.MFAPreferenceNotPreferred
	)
	type in = auth.UpdateMFAPreferenceInput
	tests := []struct {
		name string
		in   in
		want []problem
	}{
		{"nothing", in{}, invalid("SMS")},
		{"unknown", in{SMS: "MAYBE", TOTP: "preferred"}, invalid("SMS", "TOTP")},
		{"two preferred", in{SMS: preferred, TOTP: preferred}, invalid("TOTP")},
		{"three preferred", in{SMS: preferred, TOTP: preferred, Email: preferred}, invalid("TOTP", "Email")},
		{"preferred and unknown", in{SMS: preferred, Email: "MAYBE"}, invalid("Email")},
		{"a passkey preferred", in{TOTP: enabled, WebAuthn: preferred}, invalid("WebAuthn")},
		{"a passkey not preferred", in{TOTP: enabled, WebAuthn: not}, invalid("WebAuthn")},
		{"a passkey preferred beside another", in{Email: preferred, WebAuthn: preferred}, invalid("WebAuthn")},
	}
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	for _, tt := range tests {
		out, err := auth.UpdateMFAPreference(t.Context(), s, tt.in)
		if out != nil {
			t.Errorf("%s: got %v", tt.name, out)
		}
		if diff := cmp.Diff(tt.want, problemsOf(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if ops := operations(pool, "SetUserMFAPreference"); len(ops) != 0 {
		t.Errorf("requests: %v", ops)
	}
	_, err := auth.UpdateMFAPreference(t.Context(), s, in{SMS: disabled, TOTP: not, Email: not})
	wantCode(t, err, auth.ErrMFANotSetUp) // the service's to judge
}

// What people prefer is what the next sign-in asks for.
func TestMFAPreferenceDecidesTheSignIn(t *testing.T) {
	t.Parallel()
	const (
		enabled, disabled = auth.MFAPreferenceEnabled, auth.MFAPreferenceDisabled
		preferred, not    = auth.MFAPreferencePreferred, auth.MFAPreferenceNotPreferred
	)
	pool := newPool(t, authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Phone: thePhone})
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	if err := verifyTOTP(t, s, appCode(t, setUpTOTP(t, s))); err != nil {
		t.Fatal(err)
	}
	type in = auth.UpdateMFAPreferenceInput
	sms, app, email := auth.MFATypeSMS, auth.MFATypeTOTP, auth.MFATypeEmail
	// Each line changes what the one before has left.
	for _, tt := range []struct {
		in        in
		enabled   []auth.MFAType
		preferred auth.MFAType
		step      auth.SignInStep
	}{
		{in{Email: enabled}, []auth.MFAType{email}, "", auth.SignInStepConfirmWithEmailCode},
		{in{SMS: enabled, TOTP: enabled}, []auth.MFAType{sms, app, email}, "", auth.SignInStepContinueWithMFASelection},
		{in{SMS: preferred}, []auth.MFAType{sms, app, email}, sms, auth.SignInStepConfirmWithSMSCode},
		{in{SMS: enabled, Email: enabled}, []auth.MFAType{sms, app, email}, sms, auth.SignInStepConfirmWithSMSCode},
		{in{TOTP: preferred}, []auth.MFAType{sms, app, email}, app, auth.SignInStepConfirmWithTOTPCode},
		{in{SMS: not, Email: preferred}, []auth.MFAType{sms, app, email}, email, auth.SignInStepConfirmWithEmailCode},
		{in{Email: not}, []auth.MFAType{sms, app, email}, "", auth.SignInStepContinueWithMFASelection},
		{in{SMS: disabled, TOTP: preferred}, []auth.MFAType{app, email}, app, auth.SignInStepConfirmWithTOTPCode},
		{in{TOTP: disabled}, []auth.MFAType{email}, "", auth.SignInStepConfirmWithEmailCode},
		{in{Email: disabled}, nil, "", auth.SignInStepDone},
	} {
		prefer(t, s, tt.in)
		wantPreference(t, s, tt.preferred, tt.enabled...)
		out, err := begin(t, newSession(t, pool, "to try"), "ana", thePassword, "")
		if err != nil || out.NextStep.Step != tt.step {
			t.Fatalf("%+v: got %+v, %v, want %s", tt.in, out, err, tt.step)
		}
	}
}

// A factor that the person lacks something for has a code of its own.
func TestMFAThatIsNotSetUp(t *testing.T) {
	t.Parallel()
	const enabled = auth.MFAPreferenceEnabled
	type in = auth.UpdateMFAPreferenceInput
	pool := newPool(t, authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: everyFactor,
		Passkeys: &authtest.Passkeys{RelyingPartyID: "example.com", MultiFactor: true},
	})
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
	pool.AddUser(authtest.User{Name: "ben", Password: thePassword, Email: "ben@example.com"})
	for _, tt := range []struct {
		user string
		in   in
	}{
		{"ana", in{SMS: enabled}}, {"ana", in{TOTP: enabled}}, {"ana", in{Email: enabled}},
		{"ana", in{TOTP: auth.MFAPreferenceDisabled}}, {"ben", in{Email: enabled, WebAuthn: enabled}},
	} {
		s := newSession(t, pool, "1")
		signIn(t, s, tt.user)
		_, err := auth.UpdateMFAPreference(t.Context(), s, tt.in)
		wantCode(t, err, auth.ErrMFANotSetUp)
		wantPreference(t, s, "")
	}
}

// A pool that requires a second factor asks for an app as soon as it is
// verified, and does not let the last factor go.
func TestMFAWhereItIsRequired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{MFA: authtest.MFARequired})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		out, err := begin(t, s, "ana", thePassword, "")
		wantStep(t, out, err, auth.SignInStepContinueWithTOTPSetup)
		out, err = choose(t, s, appCode(t, out.NextStep.TOTPSetupDetails.SharedSecret))
		wantStep(t, out, err, auth.SignInStepDone)
		wantPreference(t, s, "", auth.MFATypeTOTP)
		_, err = auth.UpdateMFAPreference(t.Context(), s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceDisabled})
		wantCode(t, err, auth.ErrInvalidParameter)
		wantPreference(t, s, "", auth.MFATypeTOTP)
		time.Sleep(time.Minute)
		secret := setUpTOTP(t, s)
		if err := verifyTOTP(t, s, appCode(t, secret)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		other := newSession(t, pool, "2")
		out, err = begin(t, other, "ana", thePassword, "")
		wantStep(t, out, err, auth.SignInStepConfirmWithTOTPCode)
		out, err = choose(t, other, appCode(t, secret))
		wantStep(t, out, err, auth.SignInStepDone)
	})
}

// A passkey stands for both factors once the person wants that, which takes
// another factor beside it.
func TestPasskeyAsASecondFactor(t *testing.T) {
	t.Parallel()
	pool, a := passkeyPool(t, func(cfg *authtest.Config) {
		cfg.MFA, cfg.MFAFactors = authtest.MFAOptional, everyFactor
		cfg.Passkeys.MultiFactor = true
	})
	s := passkeySession(t, pool)
	out, err := confirmPasskey(t, s, usePasskey(t, a, askPasskey(t, s)))
	wantSignedIn(t, out, err)
	_, err = auth.UpdateMFAPreference(t.Context(), s, auth.UpdateMFAPreferenceInput{WebAuthn: auth.MFAPreferenceEnabled})
	wantProblem(t, err, auth.ErrInvalidParameter, "additional MFA setting")
	prefer(t, s, auth.UpdateMFAPreferenceInput{Email: auth.MFAPreferencePreferred, WebAuthn: auth.MFAPreferenceEnabled})
	wantPreference(t, s, auth.MFATypeEmail, auth.MFATypeEmail, auth.MFATypeWebAuthn)

	other := passkeySession(t, pool)
	out, err = confirmPasskey(t, other, usePasskey(t, a, askPasskey(t, other)))
	wantSignedIn(t, out, err)
	prefer(t, other, auth.UpdateMFAPreferenceInput{WebAuthn: auth.MFAPreferenceDisabled})
	wantPreference(t, other, auth.MFATypeEmail, auth.MFATypeEmail)
}

// The names of factors are Amplify's. One that this version does not know is
// passed on as the service spells it, and nothing is remembered from call to
// call.
func TestFetchMFAPreferenceAndAuthFactors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		answer              object
		preference, factors string
	}{
		{"none", object{}, `{}`, `{"firstFactors":[]}`},
		{
			"all", object{
				"UserMFASettingList": []any{"SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA",
				"ConfiguredUserAuthFactors": []any{"PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"},
			},
			`{"enabled":["SMS","TOTP","EMAIL"],"preferred":"TOTP"}`,
			`{"firstFactors":["PASSWORD","EMAIL_OTP","SMS_OTP","WEB_AUTHN"],"enabled":["SMS","TOTP","EMAIL"],"preferred":"TOTP"}`,
		},
		{
			"new ones", object{
				"UserMFASettingList": []any{"WEB_AUTHN_MFA", "MIND_READING"}, "PreferredMfaSetting": "MIND_READING",
				"ConfiguredUserAuthFactors": []any{"PALM"},
			},
			`{"enabled":["WEB_AUTHN_MFA","MIND_READING"],"preferred":"MIND_READING"}`,
			`{"firstFactors":["PALM"],"enabled":["WEB_AUTHN_MFA","MIND_READING"],"preferred":"MIND_READING"}`,
		},
	}
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, w := recorded(t, pool)
	signIn(t, s, "ana")
	for _, tt := range tests {
		tt.answer["Username"], tt.answer["UserAttributes"] = "ana", []any{}
		w.answer = func(string, object) (object, bool) { return tt.answer, true }
		preference, err := auth.FetchMFAPreference(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		factors, err := auth.FetchAuthFactors(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(tt.name, func(t *testing.T) {
			wantJSON(t, preference, tt.preference)
			wantJSON(t, factors, tt.factors)
		})
	}
}

// The factors of a real pool.
func TestFetchAuthFactors(t *testing.T) {
	t.Parallel()
	pool, _ := passkeyPool(t, func(cfg *authtest.Config) {
		cfg.FirstFactors = append(cfg.FirstFactors, authtest.FirstFactorSMSOTP)
	})
	s := passkeySession(t, pool)
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: thePassword, PreferredChallenge: "PASSWORD"})
	wantSignedIn(t, out, err)
	factors := func() []string {
		t.Helper()
		out, err := auth.FetchAuthFactors(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return out.FirstFactors
	}
	before := factors()
	updateAttributes(t, s, map[string]string{"phone_number": thePhone})
	after := factors()
	if len(before) != 3 || len(after) != 4 {
		t.Errorf("got %v and, with a phone number, %v", before, after)
	}
}
