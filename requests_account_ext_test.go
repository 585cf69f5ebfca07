package auth_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// must fails the test if a call of a function does.
func must[In, Out any](t *testing.T, f func(context.Context, *auth.Session, In) (*Out, error), s *auth.Session, in In) *Out {
	t.Helper()
	out, err := f(t.Context(), s, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mustAsk is must for functions without input.
func mustAsk[Out any](t *testing.T, f func(context.Context, *auth.Session) (*Out, error), s *auth.Session) *Out {
	t.Helper()
	out, err := f(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bearer is the first request of somebody who has signed in with a password, and
// what every request after it has.
func (c script) bearer(op string, takes flags, body object) request {
	c.t.Helper()
	body["AccessToken"] = c.result(0, "AccessToken")
	return c.call(op, takes, body)
}

func (c script) signedIn() request {
	return c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword})
}

// accountJourneys are what a person does with the account.
//
// Behavior 87: factors that are not given are absent from the request.
// Behavior 90: the service gets the browser's credential unchanged.
var accountJourneys = []journey{
	{
		name: "a forgotten password",
		user: authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			must(t, auth.ResetPassword, on(), auth.ResetPasswordInput{Username: "ana", ClientMetadata: o.metadata, ClientContext: o.context})
			must(t, auth.ConfirmResetPassword, on(), auth.ConfirmResetPasswordInput{
				Username: "ana", ConfirmationCode: pool.Code("ana"), NewPassword: "Better-horse-2", ClientMetadata: o.metadata, ClientContext: o.context,
			})
			o.signIn(t, on(), "ana", "Better-horse-2")
			must(t, auth.UpdatePassword, on(), auth.UpdatePasswordInput{OldPassword: "Better-horse-2", NewPassword: "Best-horse-3"})
		},
		want: func(c script) []request {
			return []request{
				c.call("ForgotPassword", named, object{"Username": "ana"}),
				c.call("ConfirmForgotPassword", named, object{"Username": "ana", "ConfirmationCode": c.pool.Code("ana"), "Password": "Better-horse-2"}),
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": "Better-horse-2"}),
				c.call("ChangePassword", 0, object{
					"AccessToken": c.result(2, "AccessToken"), "PreviousPassword": "Better-horse-2", "ProposedPassword": "Best-horse-3",
				}),
			}
		},
	},
	{
		name: "a first password", config: authtest.Config{
			ExplicitAuthFlows: everyFlow, FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP},
		},
		user: authtest.User{Name: "ana", Email: "ana@example.com"},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			must(t, auth.SignIn, on(), auth.SignInInput{
				Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP", ClientMetadata: o.metadata, ClientContext: o.context,
			})
			o.confirm(t, on(), pool.Code("ana"))
			must(t, auth.UpdatePassword, on(), auth.UpdatePasswordInput{NewPassword: thePassword})
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_AUTH", object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"}),
				c.respond("EMAIL_OTP", 0, object{"USERNAME": "ana", "EMAIL_OTP_CODE": c.pool.Code("ana")}),
				c.call("ChangePassword", 0, object{"AccessToken": c.result(1, "AccessToken"), "ProposedPassword": thePassword}),
			}
		},
	},
	{
		name: "attributes",
		user: authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com"},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			must(t, auth.UpdateUserAttributes, on(), auth.UpdateUserAttributesInput{
				UserAttributes: map[string]string{"name": "Ana", "nickname": "", "email": "ana.b@example.com"}, ClientMetadata: o.metadata,
			})
			must(t, auth.SendUserAttributeVerificationCode, on(), auth.SendUserAttributeVerificationCodeInput{
				UserAttributeKey: "email", ClientMetadata: o.metadata,
			})
			must(t, auth.ConfirmUserAttribute, on(), auth.ConfirmUserAttributeInput{UserAttributeKey: "email", ConfirmationCode: pool.Code("ana")})
			must(t, auth.DeleteUserAttributes, on(), auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name", "nickname"}})
			mustAsk(t, auth.FetchUserAttributes, on())
			mustAsk(t, auth.FetchUser, on())
			mustAsk(t, auth.DeleteUser, on())
		},
		want: func(c script) []request {
			return []request{
				c.signedIn(),
				c.bearer("UpdateUserAttributes", metadata, object{"UserAttributes": []any{
					object{"Name": "email", "Value": "ana.b@example.com"}, object{"Name": "name", "Value": "Ana"}, object{"Name": "nickname", "Value": ""},
				}}),
				c.bearer("GetUserAttributeVerificationCode", metadata, object{"AttributeName": "email"}),
				c.bearer("VerifyUserAttribute", 0, object{"AttributeName": "email", "Code": c.seen[3].sent["Code"]}),
				c.bearer("DeleteUserAttributes", 0, object{"UserAttributeNames": []any{"name", "nickname"}}),
				c.bearer("GetUser", 0, object{}),
				c.bearer("GetUser", 0, object{}),
				c.bearer("DeleteUser", 0, object{}),
			}
		},
	},
	{
		name: "second factors", config: authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
		user: authtest.User{Name: "ana", Password: thePassword, Email: "ana@example.com", Phone: thePhone},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			setup := mustAsk(t, auth.SetUpTOTP, on())
			code, err := totp.GenerateCode(setup.SharedSecret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			must(t, auth.VerifyTOTPSetup, on(), auth.VerifyTOTPSetupInput{Code: code, FriendlyDeviceName: "phone"})
			must(t, auth.UpdateMFAPreference, on(), auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferencePreferred})
			must(t, auth.UpdateMFAPreference, on(), auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceEnabled, Email: auth.MFAPreferenceDisabled})
			must(t, auth.UpdateMFAPreference, on(), auth.UpdateMFAPreferenceInput{SMS: auth.MFAPreferenceEnabled, TOTP: auth.MFAPreferenceNotPreferred})
			mustAsk(t, auth.FetchMFAPreference, on())
			mustAsk(t, auth.FetchAuthFactors, on())
		},
		want: func(c script) []request {
			return []request{
				c.signedIn(),
				c.bearer("AssociateSoftwareToken", 0, object{}),
				c.bearer("VerifySoftwareToken", 0, object{"UserCode": c.seen[2].sent["UserCode"], "FriendlyDeviceName": "phone"}),
				c.bearer("SetUserMFAPreference", 0, object{"SoftwareTokenMfaSettings": object{"Enabled": true, "PreferredMfa": true}}),
				c.bearer("GetUser", 0, object{}), // what is preferred would not stay so
				c.bearer("SetUserMFAPreference", 0, object{
					"SoftwareTokenMfaSettings": object{"Enabled": true, "PreferredMfa": true}, "EmailMfaSettings": object{"Enabled": false},
				}),
				c.bearer("GetUser", 0, object{}),
				c.bearer("SetUserMFAPreference", 0, object{
					"SMSMfaSettings": object{"Enabled": true}, "SoftwareTokenMfaSettings": object{"Enabled": true, "PreferredMfa": false},
				}),
				c.bearer("GetUser", 0, object{}),
				c.bearer("GetUserAuthFactors", 0, object{}),
			}
		},
	},
	{
		name: "devices", config: authtest.Config{Devices: &authtest.DeviceTracking{RememberOnRequest: true}},
		user: authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana", thePassword, auth.AuthFlowUserSRP)
			must(t, auth.RememberDevice, on(), auth.RememberDeviceInput{})
			must(t, auth.RememberDevice, on(), auth.RememberDeviceInput{NotRemembered: true})
			must(t, auth.FetchDevice, on(), auth.FetchDeviceInput{})
			mustAsk(t, auth.FetchDevices, on())
			must(t, auth.ForgetDevice, on(), auth.ForgetDeviceInput{})
		},
		want: func(c script) []request {
			token := c.result(1, "AccessToken")
			key := c.result(1, "NewDeviceMetadata").(object)["DeviceKey"]
			onDevice := func(op string, body object) request {
				body["AccessToken"], body["DeviceKey"] = token, key
				return request{op, body}
			}
			return []request{
				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana", "SRP_A": c.srpA(0)}),
				c.proof(1, "ana"),
				{c.seen[2].op, c.seen[2].sent}, // ConfirmDevice has a journey of its own
				onDevice("UpdateDeviceStatus", object{"DeviceRememberedStatus": "remembered"}),
				onDevice("UpdateDeviceStatus", object{"DeviceRememberedStatus": "not_remembered"}),
				onDevice("GetDevice", object{}),
				{"ListDevices", object{"AccessToken": token, "Limit": 60.0}},
				onDevice("ForgetDevice", object{}),
			}
		},
	},
	{
		name: "passkeys", config: authtest.Config{
			FirstFactors: []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
			Passkeys:     &authtest.Passkeys{RelyingPartyID: "example.com"},
		},
		user: authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			credential, err := authtest.NewAuthenticator(theApp).Create(mustAsk(t, auth.BeginWebAuthnRegistration, on()).Options)
			if err != nil {
				t.Fatal(err)
			}
			made := must(t, auth.FinishWebAuthnRegistration, on(), auth.FinishWebAuthnRegistrationInput{Credential: credential})
			must(t, auth.ListWebAuthnCredentials, on(), auth.ListWebAuthnCredentialsInput{PageSize: 5})
			must(t, auth.DeleteWebAuthnCredential, on(), auth.DeleteWebAuthnCredentialInput{CredentialID: made.CredentialID})
		},
		want: func(c script) []request {
			credential := c.seen[2].sent["Credential"].(object)
			return []request{
				c.signedIn(),
				c.bearer("StartWebAuthnRegistration", 0, object{}),
				c.bearer("CompleteWebAuthnRegistration", 0, object{"Credential": credential}),
				c.bearer("ListWebAuthnCredentials", 0, object{"MaxResults": 5.0}),
				c.bearer("DeleteWebAuthnCredential", 0, object{"CredentialId": credential["id"]}),
			}
		},
	},
	{
		name: "tokens from elsewhere", user: authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			issued := must(t, auth.FetchAuthSession, on(), auth.FetchAuthSessionInput{})
			signOut(t, on(), auth.SignOutInput{})
			must(t, auth.ImportTokens, on(), auth.ImportTokensInput{
				AccessToken: string(issued.Tokens.AccessToken), IDToken: string(issued.Tokens.IDToken), ClientMetadata: o.metadata,
			})
		},
		want: func(c script) []request {
			return []request{
				c.signedIn(),
				c.call("RevokeToken", clientID|clientSecret, object{"Token": c.result(0, "RefreshToken")}),
			}
		},
	},
	{
		name: "a refresh token from elsewhere", config: authtest.Config{RotateRefreshTokens: true}, user: authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			body := object{
				"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": pool.ClientID(), "AuthParameters": script{pool: pool}.params(object{"USERNAME": "ana", "PASSWORD": thePassword}),
			}
			var issued struct{ AuthenticationResult struct{ RefreshToken string } }
			if err := json.Unmarshal(call(t, pool, "InitiateAuth", body), &issued); err != nil {
				t.Fatal(err)
			}
			must(t, auth.ImportTokens, on(), auth.ImportTokensInput{RefreshToken: issued.AuthenticationResult.RefreshToken, ClientMetadata: o.metadata})
		},
		want: func(c script) []request {
			return []request{
				c.call("GetTokensFromRefreshToken", clientID|clientSecret|metadata, object{"RefreshToken": c.seen[0].sent["RefreshToken"]}),
			}
		},
	},
}
