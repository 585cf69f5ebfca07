package cognito

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

// calls are all operations by name.
func calls() map[string]func(context.Context, *Client) error {
	return map[string]func(context.Context, *Client) error{
		"SignUp": func(ctx context.Context, c *Client) error {
			_, err := c.SignUp(ctx, SignUpInput{Username: "ana", Password: "pw"})
			return err
		},
		"ConfirmSignUp": func(ctx context.Context, c *Client) error {
			_, err := c.ConfirmSignUp(ctx, ConfirmSignUpInput{Username: "ana", Code: "123456"})
			return err
		},
		"ResendConfirmationCode": func(ctx context.Context, c *Client) error {
			_, err := c.ResendConfirmationCode(ctx, ResendConfirmationCodeInput{Username: "ana"})
			return err
		},
		"InitiateAuth": func(ctx context.Context, c *Client) error {
			_, err := c.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowUserSRP, Params: map[string]string{"USERNAME": "ana"}})
			return err
		},
		"RespondToAuthChallenge": func(ctx context.Context, c *Client) error {
			_, err := c.RespondToAuthChallenge(ctx, AuthRequest{
				Challenge: wire.ChallengeSMSMFA, Params: map[string]string{"USERNAME": "ana"},
			})
			return err
		},
		"AssociateSoftwareToken": func(ctx context.Context, c *Client) error {
			_, err := c.AssociateSoftwareToken(ctx, AssociateSoftwareTokenInput{AccessToken: "at"})
			return err
		},
		"VerifySoftwareToken": func(ctx context.Context, c *Client) error {
			_, err := c.VerifySoftwareToken(ctx, VerifySoftwareTokenInput{AccessToken: "at", Code: "123456"})
			return err
		},
		"GetTokensFromRefreshToken": func(ctx context.Context, c *Client) error {
			_, err := c.Refresh(ctx, RefreshInput{RefreshToken: "rt"})
			return err
		},
		"RevokeToken":   func(ctx context.Context, c *Client) error { return c.RevokeToken(ctx, "rt") },
		"GlobalSignOut": func(ctx context.Context, c *Client) error { return c.GlobalSignOut(ctx, "at") },
		"GetUser": func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, "at")
			return err
		},
		"ConfirmDevice": func(ctx context.Context, c *Client) error {
			_, err := c.ConfirmDevice(ctx, ConfirmDeviceInput{AccessToken: "at", DeviceKey: "dk", Salt: "s", Verifier: "v"})
			return err
		},
		"ForgotPassword": func(ctx context.Context, c *Client) error {
			_, err := c.ForgotPassword(ctx, ForgotPasswordInput{Username: "ana"})
			return err
		},
		"ConfirmForgotPassword": func(ctx context.Context, c *Client) error {
			return c.ConfirmForgotPassword(ctx, ConfirmForgotPasswordInput{Username: "ana", Code: "123456", Password: "pw"})
		},
		"ChangePassword": func(ctx context.Context, c *Client) error {
			return c.ChangePassword(ctx, ChangePasswordInput{AccessToken: "at", Previous: "pw", Proposed: "new pw"})
		},
		"UpdateUserAttributes": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateUserAttributes(ctx, UpdateUserAttributesInput{AccessToken: "at", Attributes: map[string]string{"name": "Ana"}})
			return err
		},
		"DeleteUserAttributes": func(ctx context.Context, c *Client) error {
			return c.DeleteUserAttributes(ctx, DeleteUserAttributesInput{AccessToken: "at", Names: []string{"name"}})
		},
		"GetUserAttributeVerificationCode": func(ctx context.Context, c *Client) error {
			_, err := c.GetUserAttributeVerificationCode(ctx, AttributeCodeInput{AccessToken: "at", Name: "email"})
			return err
		},
		"VerifyUserAttribute": func(ctx context.Context, c *Client) error {
			return c.VerifyUserAttribute(ctx, VerifyUserAttributeInput{AccessToken: "at", Name: "email", Code: "123456"})
		},
		"DeleteUser": func(ctx context.Context, c *Client) error { return c.DeleteUser(ctx, "at") },
		"SetUserMFAPreference": func(ctx context.Context, c *Client) error {
			return c.SetUserMFAPreference(ctx, MFAPreferenceInput{AccessToken: "at", TOTP: &MFASetting{Preferred: new(false)}})
		},
		"GetUserAuthFactors": func(ctx context.Context, c *Client) error {
			_, err := c.GetUserAuthFactors(ctx, "at")
			return err
		},
		"GetDevice": func(ctx context.Context, c *Client) error {
			_, err := c.GetDevice(ctx, "at", "dk")
			return err
		},
		"ListDevices": func(ctx context.Context, c *Client) error {
			_, _, err := c.ListDevices(ctx, "at", "")
			return err
		},
		"UpdateDeviceStatus": func(ctx context.Context, c *Client) error {
			return c.UpdateDeviceStatus(ctx, UpdateDeviceStatusInput{AccessToken: "at", DeviceKey: "dk"})
		},
		"ForgetDevice": func(ctx context.Context, c *Client) error { return c.ForgetDevice(ctx, "at", "dk") },
		"StartWebAuthnRegistration": func(ctx context.Context, c *Client) error {
			_, err := c.StartWebAuthnRegistration(ctx, "at")
			return err
		},
		"CompleteWebAuthnRegistration": func(ctx context.Context, c *Client) error {
			return c.CompleteWebAuthnRegistration(ctx, CompleteWebAuthnRegistrationInput{AccessToken: "at", Credential: json.RawMessage(`{"id":"x"}`)})
		},
		"ListWebAuthnCredentials": func(ctx context.Context, c *Client) error {
			_, _, err := c.ListWebAuthnCredentials(ctx, ListWebAuthnCredentialsInput{AccessToken: "at"})
			return err
		},
		"DeleteWebAuthnCredential": func(ctx context.Context, c *Client) error {
			return c.DeleteWebAuthnCredential(ctx, DeleteWebAuthnCredentialInput{AccessToken: "at", CredentialID: "x"})
		},
	}
}

// fullAnswer succeeds for every operation.
const fullAnswer = `{"UserSub":"sub","UserConfirmed":true,"Session":"s","SecretCode":"ABCDEFGHIJKLMNOP","Status":"SUCCESS",` +
	`"Username":"ana","UserAttributes":[],"AuthenticationResult":{"AccessToken":"at"},"Device":{},"CredentialCreationOptions":{}}`

// operations yields the methods of the client that call the service.
func operations() []reflect.Method {
	var list []reflect.Method
	for m := range reflect.TypeFor[*Client]().Methods() {
		if m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]() {
			list = append(list, m)
		}
	}
	return list
}

// What the tests say of every operation they say of new ones too.
func TestEveryOperationIsTested(t *testing.T) {
	t.Parallel()
	var want []string
	for _, m := range operations() {
		want = append(want, m.Name)
	}
	leaking := slices.Sorted(maps.Keys(leakCalls()))
	if diff := cmp.Diff(want, leaking); diff != "" {
		t.Errorf("leakCalls (-methods +calls):\n%s", diff)
	}
	want[slices.Index(want, "Refresh")] = "GetTokensFromRefreshToken"
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(calls()))); diff != "" {
		t.Errorf("calls (-operations +calls):\n%s", diff)
	}
}

// What goes in and comes out of an operation prints as its type alone, but for
// outputs that hold no more than settings.
func TestEveryInputAndOutputIsTested(t *testing.T) {
	t.Parallel()
	tested := map[reflect.Type]bool{
		reflect.TypeFor[AuthFactors]():         true,
		reflect.TypeFor[ConfirmDeviceOutput](): true,
	}
	for _, v := range leakInputs() {
		tested[reflect.TypeOf(v)] = true
	}
	for _, m := range operations() {
		for _, types := range []func() iter.Seq[reflect.Type]{m.Type.Ins, m.Type.Outs} {
			for typ := range types() {
				if typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
					typ = typ.Elem()
				}
				if typ.Kind() == reflect.Struct && typ != reflect.TypeFor[Client]() && !tested[typ] {
					t.Errorf("%v of %s is not among leakInputs", typ, m.Name)
				}
			}
		}
	}
}
