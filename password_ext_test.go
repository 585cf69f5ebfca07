package auth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// betterPassword is what people change thePassword to.
const betterPassword = "Better-horse-2"

// resetPassword asks for a code.
func resetPassword(t testing.TB, s *auth.Session, name string) *auth.ResetPasswordOutput {
	t.Helper()
	out, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: name})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// confirmReset hands the code in.
func confirmReset(t testing.TB, s *auth.Session, name, code, password string) error {
	t.Helper()
	out, err := auth.ConfirmResetPassword(t.Context(), s, auth.ConfirmResetPasswordInput{Username: name, ConfirmationCode: code, NewPassword: password})
	if (out == nil) != (err != nil) {
		t.Errorf("got %v besides %v", out, err)
	}
	return err
}

func updatePassword(t testing.TB, s *auth.Session, old, password string) error {
	t.Helper()
	out, err := auth.UpdatePassword(t.Context(), s, auth.UpdatePasswordInput{OldPassword: old, NewPassword: password})
	if (out == nil) != (err != nil) {
		t.Errorf("got %v besides %v", out, err)
	}
	return err
}

// wantPassword fails the test unless the person signs in with the one password
// and not with the other.
func wantPassword(t testing.TB, pool *authtest.Pool, name, right, wrong string) {
	t.Helper()
	for password, works := range map[string]bool{right: true, wrong: false} {
		if password == "" {
			continue
		}
		_, err := auth.SignIn(t.Context(), newSession(t, pool, "to try"), auth.SignInInput{Username: name, Password: password})
		if works && err != nil {
			t.Errorf("the right password: %v", err)
		} else if !works {
			wantCode(t, err, auth.ErrNotAuthorized)
		}
	}
}

// A forgotten password is replaced by two calls that have nothing in common but
// the name: on two hosts that share nothing, in two sessions, with nobody signed
// in. The old password goes on working until then, and tokens for longer.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	for _, cfg := range []authtest.Config{{}, {ClientSecret: anotherSecret}, {AliasAttributes: []string{"email"}}, {UsernameAttributes: []string{"email"}}} {
		name := "ana"
		if len(cfg.UsernameAttributes)+len(cfg.AliasAttributes) > 0 {
			name = "ana@example.com"
		}
		t.Run(fmt.Sprintf("secret=%t/%s", cfg.ClientSecret != "", name), func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, cfg)
			user := authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"}
			if len(cfg.UsernameAttributes) > 0 {
				user.Name = ""
			}
			pool.AddUser(user)
			elsewhere, store := newSession(t, pool, "elsewhere"), newFaultyStore()
			signIn(t, elsewhere, name)
			asks, confirms := newSession(t, pool, "1"), sessionOf(t, newClient(t, pool, store.on()), "2")

			got := resetPassword(t, asks, name)
			want := &auth.ResetPasswordOutput{NextStep: auth.ResetPasswordNextStep{
				Step:                auth.ResetPasswordStepConfirmWithCode,
				CodeDeliveryDetails: &auth.CodeDeliveryDetails{Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email"},
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			wantPassword(t, pool, name, thePassword, betterPassword)
			code := pool.Code(name)
			if err := confirmReset(t, confirms, name, code, betterPassword); err != nil {
				t.Fatal(err)
			}
			wantPassword(t, pool, name, betterPassword, thePassword)
			_, err := auth.GetCurrentUser(t.Context(), confirms)
			wantCode(t, err, auth.ErrNotSignedIn)
			if n := len(store.records()); n != 0 {
				t.Errorf("%d records were stored", n)
			}
			wantCode(t, confirmReset(t, confirms, name, code, thePassword), auth.ErrExpiredCode)
			fetchForced(t, elsewhere)
			if _, err := auth.FetchUser(t.Context(), elsewhere); err != nil {
				t.Errorf("tokens from before: %v", err)
			}
		})
	}
}

// The output marshals to what Amplify's resetPassword returns.
func TestResetPasswordJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		recovery []authtest.RecoveryOption
		user     authtest.User
		want     string
	}{
		{
			"e-mail", nil, authtest.User{Email: "ana@example.com"},
			`{"deliveryMedium":"EMAIL","destination":"a***@e***","attributeName":"email"}`,
		},
		{
			"phone", nil, authtest.User{Email: "ana@example.com", Phone: "+12065558884"},
			`{"deliveryMedium":"SMS","destination":"+*******8884","attributeName":"phone_number"}`,
		},
		{
			"e-mail first", []authtest.RecoveryOption{authtest.RecoveryEmail, authtest.RecoveryPhone},
			authtest.User{Email: "ana@example.com", Phone: "+12065558884"},
			`{"deliveryMedium":"EMAIL","destination":"a***@e***","attributeName":"email"}`,
		},
	}
	for _, tt := range tests {
		pool := newPool(t, authtest.Config{AccountRecovery: tt.recovery})
		tt.user.Name, tt.user.Password = "ana", thePassword
		pool.AddUser(tt.user)
		out := resetPassword(t, newSession(t, pool, "1"), "ana")
		wantJSON(t, out, `{"isPasswordReset":false,"nextStep":{"resetPasswordStep":"CONFIRM_RESET_PASSWORD_WITH_CODE","codeDeliveryDetails":`+tt.want+`}}`)
	}
	// Should the service ever say nothing about the delivery, neither do we.
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, w := recorded(t, pool)
	w.answer = func(string, object) (object, bool) { return object{}, true }
	wantJSON(t, resetPassword(t, s, "ana"), `{"isPasswordReset":false,"nextStep":{"resetPasswordStep":"CONFIRM_RESET_PASSWORD_WITH_CODE"}}`)
}

// wantJSON fails the test unless v marshals to the same JSON.
func wantJSON(t testing.TB, v any, want string) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got, wanted any
	if err := errors.Join(json.Unmarshal(text, &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestResetPasswordWithAWrongClientSecret(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{ClientSecret: anotherSecret})
	addUser(t, pool, "ana")
	for _, secret := range []string{"", "0123456789abcdefghijklmnop"} {
		s := sessionOf(t, newClient(t, pool, func(cfg *auth.Config) { cfg.ClientSecret = secret }), "1")
		_, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"})
		wantCode(t, err, auth.ErrClientSecret)
		wantCode(t, confirmReset(t, s, "ana", "123456", betterPassword), auth.ErrClientSecret)
	}
}

// A wrong code, a refused password and a second code: what still works is the
// newest code.
func TestResetCodeStaysUsable(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	resetPassword(t, s, "ana")
	first := pool.Code("ana")
	wantCode(t, confirmReset(t, s, "ana", wrongCode(first), betterPassword), auth.ErrCodeMismatch)
	resetPassword(t, s, "ana")
	second := pool.Code("ana")
	if first != second { // once in a million it is the same
		wantCode(t, confirmReset(t, s, "ana", first, betterPassword), auth.ErrCodeMismatch)
	}
	wantRule(t, confirmReset(t, s, "ana", second, "better-horse-2"), "Password must have uppercase characters")
	if err := confirmReset(t, s, "ana", second, betterPassword); err != nil {
		t.Fatal(err)
	}
	wantPassword(t, pool, "ana", betterPassword, thePassword)
}

// wantRule fails the test unless err is about a rule of the password policy.
func wantRule(t testing.TB, err error, want string) {
	t.Helper()
	wantCode(t, err, auth.ErrInvalidPassword)
	e, _ := errors.AsType[*auth.Error](err)
	if rule, ok := e.PasswordPolicy(); !ok || !strings.HasPrefix(rule, want) {
		t.Errorf("rule: got %q, %t, want %q", rule, ok, want)
	}
	if strings.Contains(err.Error(), want) {
		t.Errorf("the error shows the service's words: %v", err)
	}
}

// What the pool's policy does not allow is told rule by rule, and changes
// nothing.
func TestPasswordPolicyOfNewPasswords(t *testing.T) {
	t.Parallel()
	tests := []struct{ password, rule string }{
		{"Ab-1", "Member must have length greater than or equal to 6"},
		{" Abcdefg-1", "Member must satisfy regular expression pattern"},
		{"Abcde-1", "Password not long enough"},
		{"abcdefg-1", "Password must have uppercase characters"},
		{"ABCDEFG-1", "Password must have lowercase characters"},
		{"Abcdefg-x", "Password must have numeric characters"},
		{"Abcdefg01", "Password must have symbol characters"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			resetPassword(t, s, "ana")
			wantRule(t, confirmReset(t, s, "ana", pool.Code("ana"), tt.password), tt.rule)
			signIn(t, s, "ana")
			wantRule(t, updatePassword(t, s, thePassword, tt.password), tt.rule)
			wantPassword(t, pool, "ana", thePassword, "")
		})
	}
}

// A password that was used before has a code of its own, and leaves the reset's
// code usable.
func TestNewPasswordThatWasUsedBefore(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{PasswordPolicy: &authtest.PasswordPolicy{HistorySize: 2}})
	addUser(t, pool, "ana")
	s := newSession(t, pool, "1")
	signIn(t, s, "ana")
	wantCode(t, updatePassword(t, s, thePassword, thePassword), auth.ErrPasswordHistoryPolicyViolation)
	if err := updatePassword(t, s, thePassword, betterPassword); err != nil {
		t.Fatal(err)
	}
	resetPassword(t, s, "ana")
	code := pool.Code("ana")
	for _, used := range []string{thePassword, betterPassword} {
		wantCode(t, confirmReset(t, s, "ana", code, used), auth.ErrPasswordHistoryPolicyViolation)
	}
	if err := confirmReset(t, s, "ana", code, "Best-horse-3"); err != nil {
		t.Error(err)
	}
}

// So has one that is known from a breach.
func TestNewPasswordsThatAreRefusedForOtherReasons(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault authtest.Fault
		want  auth.ErrorCode
	}{
		{authtest.Fault{Code: wire.ExceptionInvalidPassword, Message: "Provided password cannot be used for security reasons."}, auth.ErrPasswordCompromised},
		{authtest.Fault{Code: wire.ExceptionTooManyFailedAttempts}, auth.ErrTooManyFailedAttempts},
	} {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		for _, op := range []string{"ConfirmForgotPassword", "ChangePassword"} {
			tt.fault.Operation = op
			pool.Inject(tt.fault)
		}
		wantCode(t, confirmReset(t, s, "ana", "123456", betterPassword), tt.want)
		wantCode(t, updatePassword(t, s, thePassword, betterPassword), tt.want)
	}
}

// The code is valid for an hour. One that was never sent is answered as one that
// has expired.
func TestResetCodeExpires(t *testing.T) {
	t.Parallel()
	for age, want := range map[time.Duration]auth.ErrorCode{time.Hour - 1: "", time.Hour: auth.ErrExpiredCode} {
		bubble(t, age.String(), func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "1")
			wantCode(t, confirmReset(t, s, "ana", "123456", betterPassword), auth.ErrExpiredCode)
			resetPassword(t, s, "ana")
			time.Sleep(age)
			err := confirmReset(t, s, "ana", pool.Code("ana"), betterPassword)
			if want == "" && err != nil {
				t.Fatal(err)
			} else if want != "" {
				wantCode(t, err, want)
			}
		})
	}
}

// Five attempts an hour, codes asked for and codes given, are all that the pool
// allows.
func TestResetPasswordLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		for range 2 {
			resetPassword(t, s, "ana")
		}
		code := pool.Code("ana")
		for range 3 {
			wantCode(t, confirmReset(t, s, "ana", wrongCode(code), betterPassword), auth.ErrCodeMismatch)
		}
		_, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"})
		wantCode(t, err, auth.ErrLimitExceeded)
		wantCode(t, confirmReset(t, s, "ana", code, betterPassword), auth.ErrLimitExceeded)
		if n := len(operations(pool)); n != 7 {
			t.Errorf("%d requests: a limit was tried again", n)
		}
		time.Sleep(time.Hour)
		resetPassword(t, s, "ana")
		if err := confirmReset(t, s, "ana", pool.Code("ana"), betterPassword); err != nil {
			t.Error(err)
		}
	})
}

// People whom no code can help, each with the error that says what does. An app
// client that hides who exists gives all of them an answer that looks like any
// other, and sends nothing.
func TestResetPasswordDeadEnds(t *testing.T) {
	t.Parallel()
	person := func(change func(*authtest.User)) *authtest.User {
		u := &authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"}
		change(u)
		return u
	}
	tests := []struct {
		name    string
		config  authtest.Config
		user    *authtest.User
		reset   auth.ErrorCode
		confirm auth.ErrorCode // with users hidden
	}{
		{"unknown", authtest.Config{}, nil, auth.ErrUserNotFound, auth.ErrCodeMismatch},
		{"disabled", authtest.Config{}, person(func(u *authtest.User) { u.Disabled = true }), auth.ErrUserDisabled, auth.ErrCodeMismatch},
		{"no contact", authtest.Config{}, person(func(u *authtest.User) { u.Email = "" }), auth.ErrNoVerifiedContact, auth.ErrExpiredCode},
		{
			"unverified contact", authtest.Config{}, person(func(u *authtest.User) { u.Attributes = map[string]string{"email_verified": "false"} }),
			auth.ErrNoVerifiedContact, auth.ErrExpiredCode,
		},
		{
			"not the pool's contact", authtest.Config{AccountRecovery: []authtest.RecoveryOption{authtest.RecoveryPhone}}, person(func(*authtest.User) {}),
			auth.ErrNoVerifiedContact, auth.ErrExpiredCode,
		},
		{
			"contact of the second factor", authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
			person(func(u *authtest.User) { u.EmailMFA = true }), auth.ErrNoVerifiedContact, auth.ErrExpiredCode,
		},
		{
			"temporary password", authtest.Config{}, person(func(u *authtest.User) { u.Status = authtest.StatusForceChangePassword }),
			auth.ErrPasswordNotResettable, auth.ErrExpiredCode,
		},
		{
			"administrators only", authtest.Config{AccountRecovery: []authtest.RecoveryOption{authtest.RecoveryAdminOnly}}, person(func(*authtest.User) {}),
			auth.ErrAdminRecoveryOnly, auth.ErrExpiredCode,
		},
	}
	for _, tt := range tests {
		for _, hidden := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/hidden=%t", tt.name, hidden), func(t *testing.T) {
				t.Parallel()
				cfg := tt.config
				cfg.PreventUserExistenceErrors = hidden
				pool := newPool(t, cfg)
				if tt.user != nil {
					pool.AddUser(*tt.user)
				}
				s := newSession(t, pool, "1")
				out, err := auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"})
				if !hidden {
					wantCode(t, err, tt.reset)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				where := out.NextStep.CodeDeliveryDetails
				if out.NextStep.Step != auth.ResetPasswordStepConfirmWithCode || where == nil || where.DeliveryMedium != "EMAIL" || where.AttributeName != "email" || len(where.Destination) != len("a***@e***") {
					t.Errorf("the answer looks like no other: %+v with %+v", out, where)
				}
				if tt.user != nil && len(pool.Inbox("ana")) != 0 {
					t.Error("a message was sent")
				}
				wantCode(t, confirmReset(t, s, "ana", "123456", betterPassword), tt.confirm)
			})
		}
	}
}

// A temporary password that has expired is the last dead end. Signing in says
// so, and only an administrator helps.
func TestExpiredTemporaryPassword(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Status: authtest.StatusForceChangePassword})
		s := newSession(t, pool, "1")
		out, err := begin(t, s, "ana", thePassword, "")
		wantStep(t, out, err, auth.SignInStepConfirmWithNewPassword)
		time.Sleep(7 * 24 * time.Hour)
		_, err = begin(t, s, "ana", thePassword, "")
		wantCode(t, err, auth.ErrTemporaryPasswordExpired)
		_, err = auth.ResetPassword(t.Context(), s, auth.ResetPasswordInput{Username: "ana"})
		wantCode(t, err, auth.ErrPasswordNotResettable)
		asAdmin(t, pool, "AdminCreateUser", object{
			"Username": "ana", "MessageAction": "RESEND", "TemporaryPassword": betterPassword, "DesiredDeliveryMediums": []string{"EMAIL"},
		})
		out, err = begin(t, s, "ana", pool.Code("ana"), "")
		wantStep(t, out, err, auth.SignInStepConfirmWithNewPassword)
	})
}

// An administrator's reset makes signing in a step, not an error: the code is
// already there, and a new one can be asked for.
func TestPasswordResetByAnAdministrator(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s, elsewhere := newSession(t, pool, "1"), newSession(t, pool, "elsewhere")
		signIn(t, elsewhere, "ana")
		asAdmin(t, pool, "AdminResetUserPassword", object{"Username": "ana"})
		// Whoever is signed in stays so, and can do nothing to the account.
		_, err := auth.FetchUser(t.Context(), elsewhere)
		wantCode(t, err, auth.ErrPasswordResetRequired)
		for _, flow := range []auth.AuthFlow{auth.AuthFlowUserPassword, auth.AuthFlowUserSRP} {
			out, err := begin(t, s, "ana", thePassword, flow)
			wantNextStep(t, out, err, auth.SignInNextStep{Step: auth.SignInStepResetPassword})
		}
		wantNothing(t, s)
		if again {
			resetPassword(t, s, "ana")
		}
		if err := confirmReset(t, s, "ana", pool.Code("ana"), betterPassword); err != nil {
			t.Fatal(err)
		}
		wantPassword(t, pool, "ana", betterPassword, thePassword)
		if _, err := auth.FetchUser(t.Context(), elsewhere); err != nil {
			t.Errorf("elsewhere: %v", err)
		}
	}
}

// A password that is changed is the person's at once. Tokens stay valid, here and
// elsewhere, and nothing has to be refreshed.
func TestUpdatePassword(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, elsewhere := newSession(t, pool, "1"), newSession(t, pool, "elsewhere")
	signIn(t, s, "ana")
	signIn(t, elsewhere, "ana")
	before := fetch(t, s).Tokens.AccessToken
	wantProblem(t, updatePassword(t, s, "Wrong-horse-1", betterPassword), auth.ErrNotAuthorized, "Incorrect username or password.")
	wantPassword(t, pool, "ana", thePassword, betterPassword)
	// The service validates the form of the old one too.
	wantCode(t, updatePassword(t, s, "wrong", betterPassword), auth.ErrInvalidParameter)
	// Who has a password cannot leave it out.
	wantCode(t, updatePassword(t, s, "", betterPassword), auth.ErrNotAuthorized)
	if err := updatePassword(t, s, thePassword, betterPassword); err != nil {
		t.Fatal(err)
	}
	wantPassword(t, pool, "ana", betterPassword, thePassword)
	if n := len(operations(pool, "ChangePassword")); n != 4 {
		t.Errorf("ChangePassword was asked for %d times", n)
	}
	if fetch(t, s).Tokens.AccessToken != before || refreshes(pool) != 0 {
		t.Error("the tokens were refreshed")
	}
	for _, session := range []*auth.Session{s, elsewhere} {
		if _, err := auth.FetchUser(t.Context(), session); err != nil {
			t.Error(err)
		}
		fetchForced(t, session)
	}
}

// Somebody who signed up without a password gives themselves one by leaving the
// old one out, which is then not in the request.
func TestUpdatePasswordOfAPasswordlessUser(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{ExplicitAuthFlows: everyFlow, FirstFactors: everyFirstFactor})
	pool.AddUser(authtest.User{Name: "pia", Email: "pia@example.com"})
	s := sessionOf(t, newClient(t, pool, byChoice), "1")
	if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "pia", PreferredChallenge: "EMAIL_OTP"}); err != nil {
		t.Fatal(err)
	}
	out, err := choose(t, s, pool.Code("pia"))
	wantSignedIn(t, out, err)
	wantRule(t, updatePassword(t, s, "", "short-1"), "Password not long enough")
	wantCode(t, updatePassword(t, s, betterPassword, thePassword), auth.ErrNotAuthorized)
	if err := updatePassword(t, s, "", thePassword); err != nil {
		t.Fatal(err)
	}
	last := requestsFor(pool, "ChangePassword")[2].Body
	if _, sent := last["PreviousPassword"]; sent {
		t.Errorf("a password was sent that there is not: %v", last)
	}
	wantPassword(t, pool, "pia", thePassword, betterPassword)
	wantCode(t, updatePassword(t, s, "", betterPassword), auth.ErrNotAuthorized)
	if err := updatePassword(t, s, thePassword, betterPassword); err != nil {
		t.Error(err)
	}
}

func TestUpdatePasswordLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		addUser(t, pool, "ana")
		s := newSession(t, pool, "1")
		signIn(t, s, "ana")
		for range 5 {
			wantCode(t, updatePassword(t, s, "Wrong-horse-1", betterPassword), auth.ErrNotAuthorized)
		}
		for range 2 {
			wantCode(t, updatePassword(t, s, thePassword, betterPassword), auth.ErrLimitExceeded)
		}
		if n := len(operations(pool, "ChangePassword")); n != 7 {
			t.Errorf("%d requests: a limit was tried again", n)
		}
		time.Sleep(time.Hour)
		if err := updatePassword(t, s, thePassword, betterPassword); err != nil {
			t.Error(err)
		}
	})
}
