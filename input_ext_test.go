package auth_test

import (
	"context"
	"errors"
	"fmt"
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
	tests := []struct {
		name string
		call func(context.Context, *auth.Session) error
		want []problem
	}{
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
	for _, tt := range tests {
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

// A session that was not made by NewSession is refused by every function, before
// it can be somebody else's.
func TestNoSession(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, s := range []*auth.Session{nil, {}} {
		_, signUp := auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana"})
		_, confirmUp := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "1"})
		_, resendUp := auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "ana"})
		_, auto := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{})
		_, signIn := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "x"})
		_, confirm := auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: "1"})
		_, resend := auth.ResendSignInCode(ctx, s, auth.ResendSignInCodeInput{})
		_, signOut := auth.SignOut(ctx, s, auth.SignOutInput{})
		_, fetch := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
		_, user := auth.GetCurrentUser(ctx, s)
		_, renew := auth.RenewSession(ctx, s, "new")
		for _, err := range []error{signUp, confirmUp, resendUp, auto, signIn, confirm, resend, signOut, fetch, user, renew} {
			wantCode(t, err, auth.ErrNoSession)
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
