package cognito

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/cognitokit/auth/internal/wire"
)

// The secrets that the tests below plant, one for each place.
const (
	leakUser    = "planted-user@example.com"
	leakPass    = "planted Pa55w0rd <&>"
	leakCode    = "424242"
	leakAccess  = "planted-access-token"
	leakRefresh = "planted-refresh-token-which-is-longer-than-a-word"
	leakSession = "planted-session"
	leakSecret  = "plantedclientsecret"
	leakDevice  = "planted-device-key"
	leakValue   = "planted-attribute"
	leakPasskey = "planted-passkey"
)

var planted = []string{
	leakUser, leakPass, leakCode, leakAccess, leakRefresh, leakSession, leakSecret, leakDevice, leakValue, leakPasskey,
}

// leakCredential is a passkey of a browser.
func leakCredential() json.RawMessage {
	return json.RawMessage(`{"id":"` + leakPasskey + `","response":{"transports":["` + leakValue + `"]}}`)
}

// leakInputs are inputs and outputs full of secrets.
func leakInputs() []any {
	options := CallOptions{ClientMetadata: map[string]string{"k": leakValue}, UserContext: UserContext{IPAddress: leakValue, EncodedData: leakValue}}
	result := AuthResult{AccessToken: leakAccess, IDToken: leakAccess, RefreshToken: leakRefresh, NewDevice: &NewDevice{Key: leakDevice}}
	return []any{
		Config{UserPoolID: testPool, ClientSecret: leakSecret},
		options,
		options.UserContext,
		Delivery{Destination: leakUser},
		SignUpInput{Username: leakUser, Password: leakPass, Attributes: map[string]string{"email": leakValue}, CallOptions: options},
		SignUpOutput{UserSub: leakUser, Session: leakSession},
		ConfirmSignUpInput{Username: leakUser, Code: leakCode, Session: leakSession, CallOptions: options},
		ConfirmSignUpOutput{Session: leakSession},
		ResendConfirmationCodeInput{Username: leakUser, CallOptions: options},
		AuthRequest{Session: leakSession, Params: map[string]string{"USERNAME": leakUser, "PASSWORD": leakPass}, CallOptions: options},
		AuthResponse{Session: leakSession, Params: map[string]string{"USERNAME": leakUser}, Result: &result},
		result,
		AssociateSoftwareTokenInput{AccessToken: leakAccess, Session: leakSession},
		AssociateSoftwareTokenOutput{SecretCode: leakCode, Session: leakSession},
		VerifySoftwareTokenInput{AccessToken: leakAccess, Session: leakSession, Code: leakCode},
		VerifySoftwareTokenOutput{Session: leakSession},
		RefreshInput{RefreshToken: leakRefresh, HashUsername: leakUser, DeviceKey: leakDevice, CallOptions: options},
		ConfirmDeviceInput{AccessToken: leakAccess, DeviceKey: leakDevice, Salt: leakValue, Verifier: leakValue},
		User{Username: leakUser, Attributes: map[string]string{"email": leakValue}},
		ForgotPasswordInput{Username: leakUser, CallOptions: options},
		ConfirmForgotPasswordInput{Username: leakUser, Code: leakCode, Password: leakPass, CallOptions: options},
		ChangePasswordInput{AccessToken: leakAccess, Previous: leakPass, Proposed: leakPass},
		UpdateUserAttributesInput{AccessToken: leakAccess, Attributes: map[string]string{"email": leakValue}, CallOptions: options},
		DeleteUserAttributesInput{AccessToken: leakAccess, Names: []string{leakValue}},
		AttributeCodeInput{AccessToken: leakAccess, Name: leakValue, CallOptions: options},
		VerifyUserAttributeInput{AccessToken: leakAccess, Name: leakValue, Code: leakCode},
		MFAPreferenceInput{AccessToken: leakAccess, SMS: &MFASetting{Enabled: true}},
		UpdateDeviceStatusInput{AccessToken: leakAccess, DeviceKey: leakDevice},
		Device{Key: leakDevice, Attributes: map[string]string{"device_name": leakValue}},
		CompleteWebAuthnRegistrationInput{AccessToken: leakAccess, Credential: leakCredential()},
		ListWebAuthnCredentialsInput{AccessToken: leakAccess, Next: leakSession},
		DeleteWebAuthnCredentialInput{AccessToken: leakAccess, CredentialID: leakPasskey},
		WebAuthnCredential{ID: leakPasskey, FriendlyName: leakValue, Transports: []string{leakValue}},
		verbatim{text: leakCredential()},
	}
}

func leakCalls() map[string]func(context.Context, *Client) error {
	options := CallOptions{ClientMetadata: map[string]string{"k": leakValue}}
	return map[string]func(context.Context, *Client) error{
		"SignUp": func(ctx context.Context, c *Client) error {
			_, err := c.SignUp(ctx, SignUpInput{Username: leakUser, Password: leakPass, Attributes: map[string]string{"name": leakValue}, CallOptions: options})
			return err
		},
		"ConfirmSignUp": func(ctx context.Context, c *Client) error {
			_, err := c.ConfirmSignUp(ctx, ConfirmSignUpInput{Username: leakUser, Code: leakCode, Session: leakSession})
			return err
		},
		"ResendConfirmationCode": func(ctx context.Context, c *Client) error {
			_, err := c.ResendConfirmationCode(ctx, ResendConfirmationCodeInput{Username: leakUser, CallOptions: options})
			return err
		},
		"InitiateAuth": func(ctx context.Context, c *Client) error {
			_, err := c.InitiateAuth(ctx, AuthRequest{
				Flow: wire.FlowUserPassword, Session: leakSession, Params: map[string]string{"USERNAME": leakUser, "PASSWORD": leakPass},
			})
			return err
		},
		"RespondToAuthChallenge": func(ctx context.Context, c *Client) error {
			_, err := c.RespondToAuthChallenge(ctx, AuthRequest{
				Challenge: wire.ChallengeSMSMFA, Session: leakSession, Params: map[string]string{"USERNAME": leakUser, "SMS_MFA_CODE": leakCode},
			})
			return err
		},
		"AssociateSoftwareToken": func(ctx context.Context, c *Client) error {
			_, err := c.AssociateSoftwareToken(ctx, AssociateSoftwareTokenInput{Session: leakSession})
			return err
		},
		"VerifySoftwareToken": func(ctx context.Context, c *Client) error {
			_, err := c.VerifySoftwareToken(ctx, VerifySoftwareTokenInput{AccessToken: leakAccess, Code: leakCode})
			return err
		},
		"Refresh": func(ctx context.Context, c *Client) error {
			_, err := c.Refresh(ctx, RefreshInput{RefreshToken: leakRefresh, DeviceKey: leakDevice, HashUsername: leakUser, CallOptions: options})
			return err
		},
		"RevokeToken":   func(ctx context.Context, c *Client) error { return c.RevokeToken(ctx, leakRefresh) },
		"GlobalSignOut": func(ctx context.Context, c *Client) error { return c.GlobalSignOut(ctx, leakAccess) },
		"GetUser": func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, leakAccess)
			return err
		},
		"ConfirmDevice": func(ctx context.Context, c *Client) error {
			_, err := c.ConfirmDevice(ctx, ConfirmDeviceInput{AccessToken: leakAccess, DeviceKey: leakDevice, Salt: leakValue, Verifier: leakValue})
			return err
		},
		"ForgotPassword": func(ctx context.Context, c *Client) error {
			_, err := c.ForgotPassword(ctx, ForgotPasswordInput{Username: leakUser, CallOptions: options})
			return err
		},
		"ConfirmForgotPassword": func(ctx context.Context, c *Client) error {
			return c.ConfirmForgotPassword(ctx, ConfirmForgotPasswordInput{
				Username: leakUser, Code: leakCode, Password: leakPass, CallOptions: options,
			})
		},
		"ChangePassword": func(ctx context.Context, c *Client) error {
			return c.ChangePassword(ctx, ChangePasswordInput{AccessToken: leakAccess, Previous: leakPass, Proposed: leakPass + leakValue})
		},
		"UpdateUserAttributes": func(ctx context.Context, c *Client) error {
			_, err := c.UpdateUserAttributes(ctx, UpdateUserAttributesInput{
				AccessToken: leakAccess, Attributes: map[string]string{"email": leakUser, "name": leakValue}, CallOptions: options,
			})
			return err
		},
		"DeleteUserAttributes": func(ctx context.Context, c *Client) error {
			return c.DeleteUserAttributes(ctx, DeleteUserAttributesInput{AccessToken: leakAccess, Names: []string{leakValue}})
		},
		"GetUserAttributeVerificationCode": func(ctx context.Context, c *Client) error {
			_, err := c.GetUserAttributeVerificationCode(ctx, AttributeCodeInput{AccessToken: leakAccess, Name: leakValue, CallOptions: options})
			return err
		},
		"VerifyUserAttribute": func(ctx context.Context, c *Client) error {
			return c.VerifyUserAttribute(ctx, VerifyUserAttributeInput{AccessToken: leakAccess, Name: leakValue, Code: leakCode})
		},
		"DeleteUser": func(ctx context.Context, c *Client) error { return c.DeleteUser(ctx, leakAccess) },
		"SetUserMFAPreference": func(ctx context.Context, c *Client) error {
			return c.SetUserMFAPreference(ctx, MFAPreferenceInput{AccessToken: leakAccess, SMS: &MFASetting{Enabled: true}})
		},
		"GetUserAuthFactors": func(ctx context.Context, c *Client) error {
			_, err := c.GetUserAuthFactors(ctx, leakAccess)
			return err
		},
		"GetDevice": func(ctx context.Context, c *Client) error {
			_, err := c.GetDevice(ctx, leakAccess, leakDevice)
			return err
		},
		"ListDevices": func(ctx context.Context, c *Client) error {
			_, _, err := c.ListDevices(ctx, leakAccess, leakSession)
			return err
		},
		"UpdateDeviceStatus": func(ctx context.Context, c *Client) error {
			return c.UpdateDeviceStatus(ctx, UpdateDeviceStatusInput{AccessToken: leakAccess, DeviceKey: leakDevice})
		},
		"ForgetDevice": func(ctx context.Context, c *Client) error { return c.ForgetDevice(ctx, leakAccess, leakDevice) },
		"StartWebAuthnRegistration": func(ctx context.Context, c *Client) error {
			_, err := c.StartWebAuthnRegistration(ctx, leakAccess)
			return err
		},
		"CompleteWebAuthnRegistration": func(ctx context.Context, c *Client) error {
			return c.CompleteWebAuthnRegistration(ctx, CompleteWebAuthnRegistrationInput{AccessToken: leakAccess, Credential: leakCredential()})
		},
		"ListWebAuthnCredentials": func(ctx context.Context, c *Client) error {
			_, _, err := c.ListWebAuthnCredentials(ctx, ListWebAuthnCredentialsInput{AccessToken: leakAccess, Next: leakSession})
			return err
		},
		"DeleteWebAuthnCredential": func(ctx context.Context, c *Client) error {
			return c.DeleteWebAuthnCredential(ctx, DeleteWebAuthnCredentialInput{AccessToken: leakAccess, CredentialID: leakPasskey})
		},
	}
}

// echoing answers with the request in a page.
func echoing(status int, format string) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		again, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(again)
		if err != nil {
			return nil, err
		}
		return reply(status, strings.ReplaceAll(format, "REQUEST", string(body)))(r)
	}
}

// wrongKind is an answer with members of other types than they should have.
const wrongKind = `{"Session":[MESSAGE],"Username":[MESSAGE],"SecretCode":[MESSAGE],"CodeDeliveryDetails":MESSAGE,` +
	`"CodeDeliveryDetailsList":[MESSAGE],"ConfiguredUserAuthFactors":MESSAGE,"Device":MESSAGE,"Devices":[MESSAGE],` +
	`"CredentialCreationOptions":MESSAGE,"Credentials":[MESSAGE]}`

func leakAnswers() map[string]answerFunc {
	all := strings.Join(planted, " ")
	message, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return map[string]answerFunc{
		"message":                   exception("UserLambdaValidationException", all),
		"type":                      reply(400, `{"__type":"`+leakUser+`","message":`+string(message)+`}`),
		"type in the header":        reply(400, `{}`, "X-Amzn-Errortype", leakUser+":"+leakCode, "X-Amzn-Errormessage", all),
		"request id":                reply(400, `{"__type":"CodeMismatchException"}`, "X-Amzn-Requestid", leakUser),
		"throttled":                 exception("TooManyRequestsException", all),
		"message of the wrong kind": reply(400, `{"__type":"CodeMismatchException","message":[`+string(message)+`]}`),
		"page":                      echoing(403, "<html><title>Blocked</title><pre>REQUEST</pre></html>"),
		"page of a fault":           echoing(503, "<html><title>Busy</title><pre>REQUEST</pre></html>"),
		"array":                     echoing(400, "[REQUEST]"),
		"redirect":                  reply(307, "", "Location", "https://elsewhere.example/?q="+leakAccess),
		"page as a success":         echoing(200, "<pre>REQUEST</pre>"),
		"broken success":            reply(200, `{"Session":`+string(message)+`,`),
		"success without result":    reply(200, `{"Status":"ERROR","Session":`+string(message)+`}`),
		"success of the wrong kind": reply(200, strings.ReplaceAll(wrongKind, "MESSAGE", string(message))),
		"transport":                 fail(errors.New("proxy says " + all)),
		"transport, refused":        fail(fmt.Errorf("%s: %w", all, refused())),
		"too long":                  reply(200, `{"Session":"`+strings.Repeat(leakSession, maxAnswer/8)+`"}`),
	}
}

// No secret is in the text of an error, nor in the log, whatever goes wrong.
func TestNoSecretsInErrorsAndLogs(t *testing.T) {
	t.Parallel()
	for kind, answer := range leakAnswers() {
		for op, call := range leakCalls() {
			t.Run(kind+", "+op, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var logs bytes.Buffer
					text := slog.New(slog.NewTextHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug - 10}))
					c := mustNew(t, Config{
						ClientSecret: leakSecret,
						HTTPClient:   &http.Client{Transport: &service{answers: []answerFunc{answer}}},
						Logger:       text,
						AWS: &aws.Config{ // what an application may have set to watch its other calls
							Logger:        logging.NewStandardLogger(&logs),
							ClientLogMode: ^aws.ClientLogMode(0),
						},
					})
					err := call(t.Context(), c)
					if err == nil {
						// An operation without output has none to be wrong.
						mustNotContain(t, "log", logs.String())
						return
					}
					e := serviceError(t, err)
					mustNotContain(t, "Body", e.Body)
					mustNotContain(t, "Code", e.Code)
					mustNotContain(t, "RequestID", e.RequestID)
					mustPrintNothing(t, err)
					if d, ok := errors.AsType[*smithy.DeserializationError](err); ok && d.Snapshot != nil {
						t.Error("the answer is kept in the error")
					}
					text.Error("call failed", "err", err)
					slog.New(slog.NewJSONHandler(&logs, nil)).Error("call failed", "err", err, "in", []any{err})
					mustNotContain(t, "log", logs.String())
					if !strings.Contains(logs.String(), "op="+e.Op) {
						t.Errorf("log does not name %s:\n%s", e.Op, logs.String())
					}
				})
			})
		}
	}
}

// Inputs, outputs and the client itself print as their type alone.
func TestNoSecretsInValues(t *testing.T) {
	t.Parallel()
	values := append(leakInputs(), mustNew(t, Config{ClientSecret: leakSecret}))
	for _, v := range values {
		t.Run(fmt.Sprintf("%T", v), func(t *testing.T) {
			t.Parallel()
			mustPrintNothing(t, v)
			want := strings.TrimPrefix(fmt.Sprintf("%T", v), "*") + "{…}"
			if got := fmt.Sprint(v); got != want {
				t.Errorf("prints as %q, want %q", got, want)
			}
			for name, handler := range map[string]func(io.Writer) slog.Handler{
				"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
				"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
			} {
				var logs bytes.Buffer
				slog.New(handler(&logs)).Info("m", "v", v)
				mustNotContain(t, "log as "+name, logs.String())
				if !strings.Contains(logs.String(), want) {
					t.Errorf("log as %s = %s, want %s in it", name, logs.String(), want)
				}
			}
		})
	}
}

// mustPrintNothing fails the test if a secret is in the text of v in any
// format.
func mustPrintNothing(tb testing.TB, v any) {
	tb.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		mustNotContain(tb, verb, fmt.Sprintf(verb, v))
		mustNotContain(tb, verb+" within a slice", fmt.Sprintf(verb, []any{v}))
	}
	if err, ok := v.(error); ok {
		mustNotContain(tb, "Error", err.Error())
		text, jsonErr := json.Marshal(err)
		if jsonErr != nil {
			tb.Error(jsonErr)
		}
		mustNotContain(tb, "JSON", string(text))
	}
}

func mustNotContain(tb testing.TB, where, text string) {
	tb.Helper()
	for _, secret := range planted {
		quoted := strings.Trim(fmt.Sprintf("%q", secret), `"`)
		hexed := fmt.Sprintf("%x", secret)
		if strings.Contains(text, secret) || strings.Contains(text, quoted) || strings.Contains(text, hexed) {
			tb.Errorf("%s holds %q: %s", where, secret, text)
		}
	}
}
