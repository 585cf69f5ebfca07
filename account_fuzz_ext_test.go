package auth_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// Whatever people send to the functions that manage accounts: either it is
// refused as input and nothing goes out, or exactly what was given does, once.
func FuzzAccountInput(f *testing.F) {
	for _, seed := range [][4]string{
		{"ana", "Ana", "123456", thePassword},
		{"email", "ana@example.com", "000000", "pass word"},
		{"email", badText, "12\xff", thePassword},
		{"phone_number", "+12065550184", "1\u0660", "\u00a0\u2028\u2029"},
		{"custom:plan", "", "12\xff", badText},
		{"", long257, " ", ""},
		{"PREFERRED", "ENABLED", "DISABLED", "NOT_PREFERRED"},
		{"ENABLED", "PREFERRED", "\x00", "<&>\"\\\u007f"},
		{long129, "e\u0301", "\u0085", long257},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	pool := newPool(f, authtest.Config{})
	addUser(f, pool, "ana")
	s, w := recorded(f, pool)
	signIn(f, s, "ana")
	token := string(fetch(f, s).Tokens.AccessToken)
	w.answer = func(op string, _ object) (object, bool) { return object{}, op != "GetUser" }
	id := pool.ClientID()

	f.Fuzz(func(t *testing.T, name, value, code, password string) {
		ctx := t.Context()
		preference := func(p string) object {
			switch p {
			case "ENABLED", "PREFERRED", "NOT_PREFERRED":
				setting := object{"Enabled": true}
				if p != "ENABLED" {
					setting["PreferredMfa"] = p == "PREFERRED"
				}
				return setting
			}
			return object{"Enabled": false}
		}
		mfa := object{"AccessToken": token}
		for member, p := range map[string]string{
			"SMSMfaSettings": name, "SoftwareTokenMfaSettings": value, "EmailMfaSettings": code, "WebAuthnMfaSettings": password,
		} {
			if p != "" {
				mfa[member] = preference(p)
			}
		}
		change := object{"AccessToken": token, "ProposedPassword": value}
		if password != "" {
			change["PreviousPassword"] = password
		}
		app := object{"AccessToken": token, "UserCode": code}
		if value != "" {
			app["FriendlyDeviceName"] = value
		}
		for _, tt := range []struct {
			call func() error
			want request
		}{
			{
				func() error {
					_, err := auth.ResetPassword(ctx, s, auth.ResetPasswordInput{Username: name})
					return err
				},
				request{"ForgotPassword", object{"ClientId": id, "Username": name}},
			},
			{
				func() error {
					_, err := auth.ConfirmResetPassword(ctx, s, auth.ConfirmResetPasswordInput{Username: name, ConfirmationCode: code, NewPassword: password})
					return err
				},
				request{"ConfirmForgotPassword", object{"ClientId": id, "Username": name, "ConfirmationCode": code, "Password": password}},
			},
			{
				func() error {
					_, err := auth.UpdatePassword(ctx, s, auth.UpdatePasswordInput{OldPassword: password, NewPassword: value})
					return err
				},
				request{"ChangePassword", change},
			},
			{
				func() error {
					_, err := auth.UpdateUserAttributes(ctx, s, auth.UpdateUserAttributesInput{UserAttributes: map[string]string{name: value}})
					return err
				},
				request{"UpdateUserAttributes", object{"AccessToken": token, "UserAttributes": []any{object{"Name": name, "Value": value}}}},
			},
			{
				func() error {
					_, err := auth.DeleteUserAttributes(ctx, s, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{name, value}})
					return err
				},
				request{"DeleteUserAttributes", object{"AccessToken": token, "UserAttributeNames": []any{name, value}}},
			},
			{
				func() error {
					_, err := auth.SendUserAttributeVerificationCode(ctx, s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: name})
					return err
				},
				request{"GetUserAttributeVerificationCode", object{"AccessToken": token, "AttributeName": name}},
			},
			{
				func() error {
					_, err := auth.ConfirmUserAttribute(ctx, s, auth.ConfirmUserAttributeInput{UserAttributeKey: name, ConfirmationCode: code})
					return err
				},
				request{"VerifyUserAttribute", object{"AccessToken": token, "AttributeName": name, "Code": code}},
			},
			{
				func() error {
					_, err := auth.VerifyTOTPSetup(ctx, s, auth.VerifyTOTPSetupInput{Code: code, FriendlyDeviceName: value})
					return err
				},
				request{"VerifySoftwareToken", app},
			},
			{
				func() error {
					_, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{
						SMS: auth.MFAPreference(name), TOTP: auth.MFAPreference(value),
						Email: auth.MFAPreference(code), WebAuthn: auth.MFAPreference(password),
					})
					return err
				},
				request{"SetUserMFAPreference", mfa},
			},
		} {
			w.mu.Lock()
			w.seen = nil
			w.mu.Unlock()
			err := tt.call()
			var got []request
			for _, x := range w.exchanges() {
				got = append(got, request{x.op, x.sent})
			}
			want := []request{tt.want}
			if others := []string{name, value, code}; tt.want.Op == "SetUserMFAPreference" &&
				slices.Contains(others, "ENABLED") && !slices.Contains(others, "PREFERRED") {
				want = slices.Insert(want, 0, request{"GetUser", object{"AccessToken": token}})
			}
			if errors.Is(err, auth.ErrInvalidInput) {
				problemsOf(t, err) // each is an *auth.Error with a reason
				want = nil
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: requests after %v (-want +got):\n%s", tt.want.Op, err, diff)
			}
		}
	})
}
