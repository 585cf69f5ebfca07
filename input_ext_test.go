package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A problem is one thing that is wrong with an input or a configuration.
type problem struct {
	Field string
	Code  auth.ErrorCode
}

// problemsOf returns what an error says, which may be several errors joined.
func problemsOf(t testing.TB, err error) []problem {
	t.Helper()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []problem
		for _, e := range joined.Unwrap() {
			all = append(all, problemsOf(t, e)...)
		}
		return all
	}
	e, ok := errors.AsType[*auth.Error](err)
	if !ok {
		t.Fatalf("got error %v, want an *auth.Error", err)
	}
	if e.Field != "" && e.Message == "" {
		t.Errorf("nothing is said about %s", e.Field)
	}
	return []problem{{e.Field, e.Code}}
}

// invalid are fields that are empty or malformed, and nothing worse.
func invalid(fields ...string) []problem {
	var all []problem
	for _, f := range fields {
		all = append(all, problem{f, auth.ErrInvalidInput})
	}
	return all
}

const badText = "caf\xe9" // Latin-1, not UTF-8

var (
	badContext = auth.ClientContext{IPAddress: "203.0.113.7:4711"}
	long129    = strings.Repeat("é", 129)
	long257    = strings.Repeat("é", 257)
)

// A badInput is a call that has to be refused.
type badInput struct {
	name string
	call func(context.Context, *auth.Session) error
	want []problem
}

// refusing makes a call of a function whose output does not matter.
func refusing[In, Out any](f func(context.Context, *auth.Session, In) (*Out, error), in In) func(context.Context, *auth.Session) error {
	return func(ctx context.Context, s *auth.Session) error {
		_, err := f(ctx, s, in)
		return err
	}
}

// accountInputs are those of the functions that manage an account. They are
// refused before anybody looks who is signed in.
func accountInputs() []badInput {
	attributes := func(name, value string) func(context.Context, *auth.Session) error {
		return refusing(auth.UpdateUserAttributes, auth.UpdateUserAttributesInput{UserAttributes: map[string]string{name: value}})
	}
	credential := func(text string) func(context.Context, *auth.Session) error {
		return refusing(auth.FinishWebAuthnRegistration, auth.FinishWebAuthnRegistrationInput{Credential: json.RawMessage(text)})
	}
	imported := func(in auth.ImportTokensInput) func(context.Context, *auth.Session) error {
		return refusing(auth.ImportTokens, in)
	}
	return []badInput{
		{"ResetPassword/empty", refusing(auth.ResetPassword, auth.ResetPasswordInput{}), invalid("Username")},
		{"ResetPassword/all", refusing(auth.ResetPassword, auth.ResetPasswordInput{Username: "a b", ClientContext: badContext}), invalid("Username", "ClientContext.IPAddress")},
		{"ConfirmResetPassword/empty", refusing(auth.ConfirmResetPassword, auth.ConfirmResetPasswordInput{}), invalid("Username", "ConfirmationCode", "NewPassword")},
		{
			"ConfirmResetPassword/all", refusing(auth.ConfirmResetPassword, auth.ConfirmResetPasswordInput{
				Username: long129, ConfirmationCode: "1 2", NewPassword: long257, ClientContext: badContext,
			}), invalid("Username", "ConfirmationCode", "NewPassword", "ClientContext.IPAddress"),
		},
		{"UpdatePassword/empty", refusing(auth.UpdatePassword, auth.UpdatePasswordInput{}), invalid("NewPassword")},
		{"UpdatePassword/all", refusing(auth.UpdatePassword, auth.UpdatePasswordInput{OldPassword: badText, NewPassword: badText}), invalid("OldPassword", "NewPassword")},

		{"UpdateUserAttributes/empty", refusing(auth.UpdateUserAttributes, auth.UpdateUserAttributesInput{}), invalid("UserAttributes")},
		{"UpdateUserAttributes/no name", attributes("", "x"), invalid("UserAttributes")},
		{"UpdateUserAttributes/long name", attributes(strings.Repeat("n", 33), "x"), invalid("UserAttributes")},
		{"UpdateUserAttributes/name not UTF-8", attributes(badText, "x"), invalid("UserAttributes")},
		{"UpdateUserAttributes/long value", attributes("name", strings.Repeat("é", 2049)), invalid("UserAttributes[name]")},
		{"UpdateUserAttributes/value not UTF-8", attributes("custom:plan", badText), invalid("UserAttributes[custom:plan]")},
		{
			"UpdateUserAttributes/several", refusing(auth.UpdateUserAttributes, auth.UpdateUserAttributesInput{
				UserAttributes: map[string]string{"nickname": badText, "name": badText, "email": "ana@example.com"},
			}), invalid("UserAttributes[name]", "UserAttributes[nickname]"),
		},
		{"DeleteUserAttributes/empty", refusing(auth.DeleteUserAttributes, auth.DeleteUserAttributesInput{}), invalid("UserAttributeKeys")},
		{"DeleteUserAttributes/no name", refusing(auth.DeleteUserAttributes, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name", ""}}), invalid("UserAttributeKeys")},
		{"SendUserAttributeVerificationCode/empty", refusing(auth.SendUserAttributeVerificationCode, auth.SendUserAttributeVerificationCodeInput{}), invalid("UserAttributeKey")},
		{
			"SendUserAttributeVerificationCode/other",
			refusing(auth.SendUserAttributeVerificationCode, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "name"}), invalid("UserAttributeKey"),
		},
		{"ConfirmUserAttribute/empty", refusing(auth.ConfirmUserAttribute, auth.ConfirmUserAttributeInput{}), invalid("UserAttributeKey", "ConfirmationCode")},

		{"VerifyTOTPSetup/empty", refusing(auth.VerifyTOTPSetup, auth.VerifyTOTPSetupInput{}), invalid("Code")},
		{"VerifyTOTPSetup/all", refusing(auth.VerifyTOTPSetup, auth.VerifyTOTPSetupInput{Code: "12345a", FriendlyDeviceName: badText}), invalid("Code", "FriendlyDeviceName")},
		{"UpdateMFAPreference/empty", refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{}), invalid("SMS")},
		{"UpdateMFAPreference/unknown", refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{Email: "ON"}), invalid("Email")},
		{
			"UpdateMFAPreference/two preferred",
			refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferencePreferred, Email: auth.MFAPreferencePreferred}), invalid("Email"),
		},
		{
			"UpdateMFAPreference/passkeys preferred",
			refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{WebAuthn: auth.MFAPreferencePreferred}), invalid("WebAuthn"),
		},

		{"FetchDevice/id", refusing(auth.FetchDevice, auth.FetchDeviceInput{DeviceID: "no key"}), invalid("DeviceID")},
		{"RememberDevice/id", refusing(auth.RememberDevice, auth.RememberDeviceInput{DeviceID: "nokey"}), invalid("DeviceID")},
		{"ForgetDevice/id", refusing(auth.ForgetDevice, auth.ForgetDeviceInput{DeviceID: "eu-west-1_UPPER"}), invalid("DeviceID")},

		{"FinishWebAuthnRegistration/empty", credential(""), invalid("Credential")},
		{"FinishWebAuthnRegistration/no JSON", credential("{"), invalid("Credential")},
		{"FinishWebAuthnRegistration/no object", credential("[]"), invalid("Credential")},
		{"FinishWebAuthnRegistration/null", credential("null"), invalid("Credential")},
		{"FinishWebAuthnRegistration/two", credential(aCredential + aCredential), invalid("Credential")},
		{"FinishWebAuthnRegistration/no id", credential(strings.Replace(aCredential, `"id"`, `"i"`, 1)), invalid("Credential")},
		{"FinishWebAuthnRegistration/an assertion", credential(strings.Replace(aCredential, "attestationObject", "signature", 1)), invalid("Credential")},
		{"FinishWebAuthnRegistration/not UTF-8", credential(strings.Replace(aCredential, "public-key", badText, 1)), invalid("Credential")},
		{"FinishWebAuthnRegistration/long", credential(strings.Replace(aCredential, "public-key", strings.Repeat("x", 64<<10), 1)), invalid("Credential")},
		{"ListWebAuthnCredentials/page", refusing(auth.ListWebAuthnCredentials, auth.ListWebAuthnCredentialsInput{PageSize: 21, NextToken: badText}), invalid("PageSize", "NextToken")},
		{"ListWebAuthnCredentials/negative", refusing(auth.ListWebAuthnCredentials, auth.ListWebAuthnCredentialsInput{PageSize: -1}), invalid("PageSize")},
		{"DeleteWebAuthnCredential/empty", refusing(auth.DeleteWebAuthnCredential, auth.DeleteWebAuthnCredentialInput{}), invalid("CredentialID")},

		{"ImportTokens/empty", imported(auth.ImportTokensInput{}), invalid("AccessToken")},
		{"ImportTokens/ID token alone", imported(auth.ImportTokensInput{IDToken: "a.b.c", RefreshToken: "r"}), invalid("IDToken")},
		{"ImportTokens/refresh token", imported(auth.ImportTokensInput{RefreshToken: "r r", LoginID: "a b"}), invalid("RefreshToken", "LoginID")},
		{
			"ImportTokens/device", imported(auth.ImportTokensInput{RefreshToken: "r", Device: &auth.DeviceCredentials{Secret: "s"}}),
			invalid("Device.Key", "Device.GroupKey"),
		},
		{"FetchAuthSession/both", refusing(auth.FetchAuthSession, auth.FetchAuthSessionInput{ForceRefresh: true, SkipRefresh: true}), invalid("SkipRefresh")},
	}
}

// Behavior 9: what cannot be right is refused before anything is sent, all of
// it at once, by the name of the field.
func TestInputs(t *testing.T) {
	t.Parallel()
	signUp := func(in auth.SignUpInput) func(context.Context, *auth.Session) error {
		return func(ctx context.Context, s *auth.Session) error { _, err := auth.SignUp(ctx, s, in); return err }
	}
	confirmUp := func(in auth.ConfirmSignUpInput) func(context.Context, *auth.Session) error {
		return func(ctx context.Context, s *auth.Session) error { _, err := auth.ConfirmSignUp(ctx, s, in); return err }
	}
	signIn := func(in auth.SignInInput) func(context.Context, *auth.Session) error {
		return func(ctx context.Context, s *auth.Session) error { _, err := auth.SignIn(ctx, s, in); return err }
	}
	resend := func(in auth.ResendSignUpCodeInput) func(context.Context, *auth.Session) error {
		return func(ctx context.Context, s *auth.Session) error {
			_, err := auth.ResendSignUpCode(ctx, s, in)
			return err
		}
	}
	tests := []badInput{
		{"SignUp/empty", signUp(auth.SignUpInput{}), invalid("Username")},
		{"SignUp/space", signUp(auth.SignUpInput{Username: "ana b"}), invalid("Username")},
		{"SignUp/line", signUp(auth.SignUpInput{Username: "ana\n"}), invalid("Username")},
		{"SignUp/wide space", signUp(auth.SignUpInput{Username: "ana\u00a0"}), invalid("Username")},
		{"SignUp/control", signUp(auth.SignUpInput{Username: "ana\x00"}), invalid("Username")},
		{"SignUp/invisible", signUp(auth.SignUpInput{Username: "ana\u200b"}), invalid("Username")},
		{"SignUp/long", signUp(auth.SignUpInput{Username: long129}), invalid("Username")},
		{"SignUp/not UTF-8", signUp(auth.SignUpInput{Username: badText, Password: badText}), invalid("Username", "Password")},
		{"SignUp/all", signUp(auth.SignUpInput{Password: long257, ClientContext: badContext}), invalid("Username", "Password", "ClientContext.IPAddress")},

		{"ConfirmSignUp/empty", confirmUp(auth.ConfirmSignUpInput{}), invalid("Username", "ConfirmationCode")},
		{"ConfirmSignUp/code", confirmUp(auth.ConfirmSignUpInput{Username: "ana"}), invalid("ConfirmationCode")},
		{"ConfirmSignUp/space", confirmUp(auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "123 456"}), invalid("ConfirmationCode")},
		{"ConfirmSignUp/long", confirmUp(auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: strings.Repeat("1", 2049)}), invalid("ConfirmationCode")},
		{
			"ConfirmSignUp/all", confirmUp(auth.ConfirmSignUpInput{Username: " ", ConfirmationCode: "\t", ClientContext: badContext}),
			invalid("Username", "ConfirmationCode", "ClientContext.IPAddress"),
		},

		{"ResendSignUpCode/empty", resend(auth.ResendSignUpCodeInput{}), invalid("Username")},
		{"ResendSignUpCode/all", resend(auth.ResendSignUpCodeInput{ClientContext: badContext}), invalid("Username", "ClientContext.IPAddress")},

		{"SignIn/empty", signIn(auth.SignInInput{}), invalid("Username", "Password")},
		{"SignIn/SRP without password", signIn(auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUserSRP}), invalid("Password")},
		{"SignIn/password flow without", signIn(auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUserPassword}), invalid("Password")},
		{"SignIn/custom with SRP without", signIn(auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowCustomWithSRP}), invalid("Password")},
		{
			"SignIn/custom without SRP with", signIn(auth.SignInInput{Username: "ana", Password: "x", AuthFlow: auth.AuthFlowCustomWithoutSRP}),
			[]problem{{"Password", auth.ErrCustomAuthSignInPassword}}, // Behavior 23
		},
		{
			"SignIn/choice of password without", signIn(auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD"}),
			invalid("Password"),
		},
		{
			"SignIn/choice of SRP without", signIn(auth.SignInInput{Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "PASSWORD_SRP"}),
			invalid("Password"),
		},
		{"SignIn/choice with password", signIn(auth.SignInInput{Username: "ana", Password: "x", AuthFlow: auth.AuthFlowUser}), invalid("Password")},
		{
			"SignIn/preference without choice", signIn(auth.SignInInput{Username: "ana", Password: "x", PreferredChallenge: "EMAIL_OTP"}),
			invalid("PreferredChallenge"),
		},
		{"SignIn/unknown flow", signIn(auth.SignInInput{Username: "ana", AuthFlow: "MAGIC"}), invalid("AuthFlow")},
		{"SignIn/long", signIn(auth.SignInInput{Username: long129, Password: long257}), invalid("Username", "Password")},
		{"SignIn/not UTF-8", signIn(auth.SignInInput{Username: badText, Password: badText}), invalid("Username", "Password")},
		{
			"SignIn/all", signIn(auth.SignInInput{PreferredChallenge: "EMAIL_OTP", ClientContext: badContext}),
			invalid("Username", "PreferredChallenge", "Password", "ClientContext.IPAddress"),
		},

		{
			"AutoSignIn/address", func(ctx context.Context, s *auth.Session) error {
				_, err := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{ClientContext: badContext})
				return err
			}, invalid("ClientContext.IPAddress"),
		},
		{
			"ConfirmSignIn/all", func(ctx context.Context, s *auth.Session) error {
				_, err := auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: badText, ClientContext: badContext})
				return err
			}, invalid("ChallengeResponse", "ClientContext.IPAddress"),
		},
		{
			"ResendSignInCode/address", func(ctx context.Context, s *auth.Session) error {
				_, err := auth.ResendSignInCode(ctx, s, auth.ResendSignInCodeInput{ClientContext: badContext})
				return err
			}, invalid("ClientContext.IPAddress"),
		},
	}
	for _, tt := range append(tests, accountInputs()...) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			err := tt.call(t.Context(), newSession(t, pool, "s"))
			if diff := cmp.Diff(tt.want, problemsOf(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if !errors.Is(err, auth.ErrInvalidInput) || auth.IsRemote(err) {
				t.Errorf("%v is not ErrInvalidInput", err)
			}
			if sent := pool.Requests(); len(sent) != 0 {
				t.Errorf("requests were sent: %v", sent)
			}
		})
	}
}

// What people type is never in the text that refuses it.
func TestInputErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	const planted = "planted"
	pool := newPool(t, authtest.Config{})
	s := newSession(t, pool, "s")
	_, up := auth.SignUp(t.Context(), s, auth.SignUpInput{Username: planted + " ", Password: planted + "\xff"})
	_, confirm := auth.ConfirmSignUp(t.Context(), s, auth.ConfirmSignUpInput{Username: planted + "\n", ConfirmationCode: planted + " "})
	_, in := auth.SignIn(t.Context(), s, auth.SignInInput{Username: planted + " ", Password: planted, AuthFlow: planted, ClientContext: auth.ClientContext{IPAddress: planted}})
	for _, err := range []error{up, confirm, in} {
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, planted) {
			t.Errorf("the error shows what was typed: %s", text)
		}
	}
}

// What looks odd and is right is let through.
func TestOddInputsAreSent(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{PasswordPolicy: &authtest.PasswordPolicy{}})
	for _, name := range []string{"Åsa-øre", "e\u0301", "日本", "a+b@example.com", "o'neill", "<b>", "😀", strings.Repeat("é", 128)} {
		s := newSession(t, pool, name)
		in := auth.SignUpInput{Username: name, Password: "pass word", UserAttributes: map[string]string{"email": "a@example.com"}, ClientContext: auth.ClientContext{IPAddress: "2001:db8::1"}}
		if _, err := auth.SignUp(t.Context(), s, in); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		confirmSignUp(t, s, pool, name)
		out, err := begin(t, s, name, "pass word", auth.AuthFlowUserSRP)
		wantSignedIn(t, out, err)
	}
}

// asking makes a call of a function without input.
func asking[Out any](f func(context.Context, *auth.Session) (*Out, error)) func(context.Context, *auth.Session) error {
	return func(ctx context.Context, s *auth.Session) error {
		_, err := f(ctx, s)
		return err
	}
}

// first makes a call that ends with the first item of an iterator, or its error.
func first[T any](f func(context.Context, *auth.Session) iter.Seq2[T, error]) func(context.Context, *auth.Session) error {
	return func(ctx context.Context, s *auth.Session) error {
		for _, err := range f(ctx, s) {
			return err
		}
		return nil
	}
}

// sessionFunctions returns the names of the exported functions whose second
// parameter is a session.
func sessionFunctions(t *testing.T) []string {
	t.Helper()
	dirs := allSourceDirs(t)
	root := dirs[slices.IndexFunc(dirs, func(d sourceDir) bool { return d.path == "." })]
	var names []string
	for _, f := range root.code {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || d.Recv != nil || !d.Name.IsExported() || len(d.Type.Params.List) < 2 {
				continue
			}
			if types.ExprString(d.Type.Params.List[1].Type) == "*Session" {
				names = append(names, d.Name.Name)
			}
		}
	}
	if len(names) < 12 {
		t.Fatalf("found only %v", names)
	}
	return names
}

// sessionCalls are calls, with input that is well-formed, of everything that takes
// a session.
func sessionCalls() map[string]func(context.Context, *auth.Session) error {
	return map[string]func(context.Context, *auth.Session) error{
		"SignUp":                            refusing(auth.SignUp, auth.SignUpInput{Username: "ana"}),
		"ConfirmSignUp":                     refusing(auth.ConfirmSignUp, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "1"}),
		"ResendSignUpCode":                  refusing(auth.ResendSignUpCode, auth.ResendSignUpCodeInput{Username: "ana"}),
		"AutoSignIn":                        refusing(auth.AutoSignIn, auth.AutoSignInInput{}),
		"SignIn":                            refusing(auth.SignIn, auth.SignInInput{Username: "ana", Password: "x"}),
		"ConfirmSignIn":                     refusing(auth.ConfirmSignIn, auth.ConfirmSignInInput{ChallengeResponse: "1"}),
		"ResendSignInCode":                  refusing(auth.ResendSignInCode, auth.ResendSignInCodeInput{}),
		"SignOut":                           refusing(auth.SignOut, auth.SignOutInput{}),
		"FetchAuthSession":                  refusing(auth.FetchAuthSession, auth.FetchAuthSessionInput{}),
		"ImportTokens":                      refusing(auth.ImportTokens, auth.ImportTokensInput{RefreshToken: "r"}),
		"GetCurrentUser":                    asking(auth.GetCurrentUser),
		"RenewSession":                      refusing(auth.RenewSession, "new"),
		"ResetPassword":                     refusing(auth.ResetPassword, auth.ResetPasswordInput{Username: "ana"}),
		"ConfirmResetPassword":              refusing(auth.ConfirmResetPassword, auth.ConfirmResetPasswordInput{Username: "ana", ConfirmationCode: "1", NewPassword: "x"}),
		"UpdatePassword":                    refusing(auth.UpdatePassword, auth.UpdatePasswordInput{NewPassword: "x"}),
		"FetchUser":                         asking(auth.FetchUser),
		"FetchUserAttributes":               asking(auth.FetchUserAttributes),
		"UpdateUserAttributes":              refusing(auth.UpdateUserAttributes, auth.UpdateUserAttributesInput{UserAttributes: map[string]string{"name": "Ana"}}),
		"DeleteUserAttributes":              refusing(auth.DeleteUserAttributes, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name"}}),
		"SendUserAttributeVerificationCode": refusing(auth.SendUserAttributeVerificationCode, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "email"}),
		"ConfirmUserAttribute":              refusing(auth.ConfirmUserAttribute, auth.ConfirmUserAttributeInput{UserAttributeKey: "email", ConfirmationCode: "1"}),
		"DeleteUser":                        asking(auth.DeleteUser),
		"SetUpTOTP":                         asking(auth.SetUpTOTP),
		"VerifyTOTPSetup":                   refusing(auth.VerifyTOTPSetup, auth.VerifyTOTPSetupInput{Code: "123456"}),
		"UpdateMFAPreference":               refusing(auth.UpdateMFAPreference, auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferenceEnabled}),
		"FetchMFAPreference":                asking(auth.FetchMFAPreference),
		"FetchAuthFactors":                  asking(auth.FetchAuthFactors),
		"FetchDevices":                      asking(auth.FetchDevices),
		"AllDevices":                        first(auth.AllDevices),
		"FetchDevice":                       refusing(auth.FetchDevice, auth.FetchDeviceInput{}),
		"RememberDevice":                    refusing(auth.RememberDevice, auth.RememberDeviceInput{}),
		"ForgetDevice":                      refusing(auth.ForgetDevice, auth.ForgetDeviceInput{}),
		"CachedDevice":                      refusing(auth.CachedDevice, auth.CachedDeviceInput{}),
		"BeginWebAuthnRegistration":         asking(auth.BeginWebAuthnRegistration),
		"FinishWebAuthnRegistration":        refusing(auth.FinishWebAuthnRegistration, auth.FinishWebAuthnRegistrationInput{Credential: json.RawMessage(aCredential)}),
		"ListWebAuthnCredentials":           refusing(auth.ListWebAuthnCredentials, auth.ListWebAuthnCredentialsInput{}),
		"AllWebAuthnCredentials":            first(auth.AllWebAuthnCredentials),
		"DeleteWebAuthnCredential":          refusing(auth.DeleteWebAuthnCredential, auth.DeleteWebAuthnCredentialInput{CredentialID: "x"}),
	}
}

// A session that was not made by NewSession is refused by every function, before
// it can be somebody else's.
func TestNoSession(t *testing.T) {
	t.Parallel()
	calls := sessionCalls()
	for name, call := range calls {
		for _, s := range []*auth.Session{nil, {}} {
			err := call(t.Context(), s)
			if auth.CodeOf(err) != auth.ErrNoSession {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	// Every function is there: one that takes a session is in the table.
	for _, name := range sessionFunctions(t) {
		if calls[name] == nil {
			t.Errorf("%s is not tried without a session", name)
		}
	}
	for _, bad := range []struct {
		client *auth.Client
		id     string
		field  string
	}{{nil, "s", "client"}, {newClient(t, newPool(t, authtest.Config{})), "", "id"}} {
		s, err := auth.NewSession(bad.client, bad.id)
		wantCode(t, err, auth.ErrNoSession)
		if e, _ := errors.AsType[*auth.Error](err); e.Field != bad.field || s != nil {
			t.Errorf("got field %q and session %v, want %s", e.Field, s, bad.field)
		}
	}
}

// What is done on somebody's behalf is refused where nobody is signed in, and
// nothing is sent.
func TestNobodySignedIn(t *testing.T) {
	t.Parallel()
	without := map[string]auth.ErrorCode{ // what needs nobody, and what it says when it goes wrong all the same
		"SignUp": "", "ConfirmSignUp": "", "ResendSignUpCode": "", "SignIn": "", "ImportTokens": "", "SignOut": "",
		"ResetPassword": "", "ConfirmResetPassword": "",
		"AutoSignIn": auth.ErrAutoSignInUnavailable, "ConfirmSignIn": auth.ErrNoSignIn, "ResendSignInCode": auth.ErrNoSignIn,
	}
	pool := newPool(t, authtest.Config{})
	c := newClient(t, pool)
	for name, call := range sessionCalls() {
		want, free := without[name]
		if free && want == "" {
			continue
		}
		if !free {
			want = auth.ErrNotSignedIn
		}
		err := call(t.Context(), sessionOf(t, c, name))
		if auth.CodeOf(err) != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	if ops := operations(pool); len(ops) != 0 {
		t.Errorf("requests: %v", ops)
	}
}
