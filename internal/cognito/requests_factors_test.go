package cognito

import (
	"context"
	"math"
	"testing"
	"time"
)

// What the service's dates below are.
var (
	created       = time.Date(2016, time.October, 28, 13, 52, 52, 246_000_000, time.UTC)
	modified      = time.Date(2016, time.October, 28, 13, 52, 53, 0, time.UTC)
	authenticated = time.Date(2026, time.May, 1, 0, 0, 0, 1_000_000, time.UTC)
)

// page is what a list returns.
type page[E any] struct {
	List []E
	Next string
}

// Second factors, devices and passkeys.
func TestFactorRequests(t *testing.T) {
	t.Parallel()
	setMFA := func(in MFAPreferenceInput) func(context.Context, *Client) (any, error) {
		in.AccessToken = "at"
		return func(ctx context.Context, c *Client) (any, error) {
			return nil, c.SetUserMFAPreference(ctx, in)
		}
	}
	listDevices := func(next string) func(context.Context, *Client) (any, error) {
		return func(ctx context.Context, c *Client) (any, error) {
			list, next, err := c.ListDevices(ctx, "at", next)
			return page[Device]{list, next}, err
		}
	}
	listPasskeys := func(limit int, next string) func(context.Context, *Client) (any, error) {
		return func(ctx context.Context, c *Client) (any, error) {
			list, next, err := c.ListWebAuthnCredentials(ctx, ListWebAuthnCredentialsInput{AccessToken: "at", Limit: limit, Next: next})
			return page[WebAuthnCredential]{list, next}, err
		}
	}
	testRequests(t, []requestTest{
		{
			// Behavior 87: what is not set is not in the request.
			name:   "MFA preference, TOTP alone",
			op:     "SetUserMFAPreference",
			call:   setMFA(MFAPreferenceInput{TOTP: &MFASetting{Enabled: true, Preferred: new(true)}}),
			body:   object{"AccessToken": "at", "SoftwareTokenMfaSettings": object{"Enabled": true, "PreferredMfa": true}},
			answer: `{}`,
		},
		{
			name: "MFA preference, everything off",
			op:   "SetUserMFAPreference",
			call: setMFA(MFAPreferenceInput{
				SMS: &MFASetting{Preferred: new(false)}, TOTP: &MFASetting{Preferred: new(false)},
				Email: &MFASetting{Preferred: new(false)}, WebAuthn: &MFASetting{},
			}),
			body: object{
				"AccessToken":              "at",
				"SMSMfaSettings":           object{"Enabled": false, "PreferredMfa": false},
				"SoftwareTokenMfaSettings": object{"Enabled": false, "PreferredMfa": false},
				"EmailMfaSettings":         object{"Enabled": false, "PreferredMfa": false},
				"WebAuthnMfaSettings":      object{"Enabled": false},
			},
			answer: `{}`,
		},
		{
			name: "MFA preference, each of its own",
			op:   "SetUserMFAPreference",
			call: setMFA(MFAPreferenceInput{
				SMS: &MFASetting{Enabled: true}, TOTP: &MFASetting{},
				Email: &MFASetting{Enabled: true, Preferred: new(false)}, WebAuthn: &MFASetting{Enabled: true},
			}),
			body: object{
				"AccessToken":              "at",
				"SMSMfaSettings":           object{"Enabled": true},
				"SoftwareTokenMfaSettings": object{"Enabled": false},
				"EmailMfaSettings":         object{"Enabled": true, "PreferredMfa": false},
				"WebAuthnMfaSettings":      object{"Enabled": true},
			},
			answer: `{}`,
		},
		{
			name:   "MFA preference, none",
			op:     "SetUserMFAPreference",
			call:   setMFA(MFAPreferenceInput{}),
			body:   object{"AccessToken": "at"},
			answer: `{}`,
		},
		{
			name: "auth factors, everything",
			op:   "GetUserAuthFactors",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUserAuthFactors(ctx, "at")
			},
			body: object{"AccessToken": "at"},
			answer: `{"Username":"ana","ConfiguredUserAuthFactors":["PASSWORD","A_FACTOR_OF_TOMORROW"],` +
				`"UserMFASettingList":["EMAIL_OTP"],"PreferredMfaSetting":"EMAIL_OTP"}`,
			want: AuthFactors{
				First: []string{"PASSWORD", "A_FACTOR_OF_TOMORROW"}, MFA: []string{"EMAIL_OTP"}, PreferredMFA: "EMAIL_OTP",
			},
		},
		{
			name: "auth factors, none",
			op:   "GetUserAuthFactors",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUserAuthFactors(ctx, "at")
			},
			body:   object{"AccessToken": "at"},
			answer: `{"Username":"ana"}`,
			want:   AuthFactors{First: []string{}},
		},
		{
			name: "get device, everything",
			op:   "GetDevice",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetDevice(ctx, "at", "eu-west-1_dk")
			},
			body: object{"AccessToken": "at", "DeviceKey": "eu-west-1_dk"},
			answer: `{"Device":{"DeviceKey":"eu-west-1_dk","DeviceAttributes":[{"Name":"device_name","Value":"phone"},{"Name":"device_status","Value":"valid"}],` +
				`"DeviceCreateDate":1477662772.246,"DeviceLastModifiedDate":1477662773,"DeviceLastAuthenticatedDate":1.777593600001E9}}`,
			want: Device{
				Key: "eu-west-1_dk", Attributes: map[string]string{"device_name": "phone", "device_status": "valid"},
				Created: created, Modified: modified, Authenticated: authenticated,
			},
		},
		{
			name: "get device, least",
			op:   "GetDevice",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetDevice(ctx, "at", "eu-west-1_dk")
			},
			body:   object{"AccessToken": "at", "DeviceKey": "eu-west-1_dk"},
			answer: `{"Device":{"DeviceKey":"eu-west-1_dk","DeviceCreateDate":null}}`,
			want:   Device{Key: "eu-west-1_dk", Attributes: map[string]string{}},
		},
		{
			name:   "list devices, first page",
			op:     "ListDevices",
			call:   listDevices(""),
			body:   object{"AccessToken": "at", "Limit": 60.},
			answer: `{"Devices":[{"DeviceKey":"eu-west-1_a","DeviceCreateDate":1477662772.246},{"DeviceKey":"eu-west-1_b"}],"PaginationToken":"next-1"}`,
			want: page[Device]{
				List: []Device{
					{Key: "eu-west-1_a", Attributes: map[string]string{}, Created: created},
					{Key: "eu-west-1_b", Attributes: map[string]string{}},
				},
				Next: "next-1",
			},
		},
		{
			name:   "list devices, last page",
			op:     "ListDevices",
			call:   listDevices("next-1"),
			body:   object{"AccessToken": "at", "Limit": 60., "PaginationToken": "next-1"},
			answer: `{"Devices":[]}`,
			want:   page[Device]{},
		},
		{
			name: "remember device",
			op:   "UpdateDeviceStatus",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.UpdateDeviceStatus(ctx, UpdateDeviceStatusInput{AccessToken: "at", DeviceKey: "eu-west-1_dk", Remembered: true})
			},
			body:   object{"AccessToken": "at", "DeviceKey": "eu-west-1_dk", "DeviceRememberedStatus": "remembered"},
			answer: `{}`,
		},
		{
			name: "remember device no longer",
			op:   "UpdateDeviceStatus",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.UpdateDeviceStatus(ctx, UpdateDeviceStatusInput{AccessToken: "at", DeviceKey: "eu-west-1_dk"})
			},
			body:   object{"AccessToken": "at", "DeviceKey": "eu-west-1_dk", "DeviceRememberedStatus": "not_remembered"},
			answer: `{}`,
		},
		{
			name: "forget device",
			op:   "ForgetDevice",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.ForgetDevice(ctx, "at", "eu-west-1_dk")
			},
			body:   object{"AccessToken": "at", "DeviceKey": "eu-west-1_dk"},
			answer: ``,
		},
		{
			name: "start passkey registration",
			op:   "StartWebAuthnRegistration",
			call: func(ctx context.Context, c *Client) (any, error) {
				options, err := c.StartWebAuthnRegistration(ctx, "at")
				return string(options), err
			},
			body:   object{"AccessToken": "at"},
			answer: `{"CredentialCreationOptions":{"challenge":"Y2hhbGxlbmdl"}}`,
			want:   `{"challenge":"Y2hhbGxlbmdl"}`,
		},
		{
			name: "complete passkey registration",
			op:   "CompleteWebAuthnRegistration",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.CompleteWebAuthnRegistration(ctx, CompleteWebAuthnRegistrationInput{
					AccessToken: "at", Credential: []byte(`{"id":"cred-1","clientExtensionResults":{}}`),
				})
			},
			body:   object{"AccessToken": "at", "Credential": object{"id": "cred-1", "clientExtensionResults": object{}}},
			answer: `{}`,
		},
		{
			name: "list passkeys, a page",
			op:   "ListWebAuthnCredentials",
			call: listPasskeys(5, "next-1"),
			body: object{"AccessToken": "at", "MaxResults": 5., "NextToken": "next-1"},
			answer: `{"Credentials":[{"CredentialId":"cred-1","FriendlyCredentialName":"iCloud Keychain","RelyingPartyId":"example.com",` +
				`"AuthenticatorAttachment":"platform","AuthenticatorTransports":["internal","hybrid"],"CreatedAt":1477662772.246},` +
				`{"CredentialId":"cred-2"}],"NextToken":"next-2"}`,
			want: page[WebAuthnCredential]{
				List: []WebAuthnCredential{
					{
						ID: "cred-1", FriendlyName: "iCloud Keychain", RelyingPartyID: "example.com", Attachment: "platform",
						Transports: []string{"internal", "hybrid"}, Created: created,
					},
					{ID: "cred-2"},
				},
				Next: "next-2",
			},
		},
		{
			name:   "list passkeys, last page",
			op:     "ListWebAuthnCredentials",
			call:   listPasskeys(0, ""),
			body:   object{"AccessToken": "at"},
			answer: `{"Credentials":[]}`,
			want:   page[WebAuthnCredential]{},
		},
		{
			name:   "list passkeys, as many as a page holds",
			op:     "ListWebAuthnCredentials",
			call:   listPasskeys(20, ""),
			body:   object{"AccessToken": "at", "MaxResults": 20.},
			answer: `{"Credentials":[]}`,
			want:   page[WebAuthnCredential]{},
		},
		{
			// The service refuses more than 20 rather than to return fewer.
			name:   "list passkeys, more than a page holds",
			op:     "ListWebAuthnCredentials",
			call:   listPasskeys(math.MaxInt, ""),
			body:   object{"AccessToken": "at", "MaxResults": 20.},
			answer: `{"Credentials":[]}`,
			want:   page[WebAuthnCredential]{},
		},
		{
			name: "delete passkey",
			op:   "DeleteWebAuthnCredential",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.DeleteWebAuthnCredential(ctx, DeleteWebAuthnCredentialInput{AccessToken: "at", CredentialID: "cred-1"})
			},
			body:   object{"AccessToken": "at", "CredentialId": "cred-1"},
			answer: `{}`,
		},
	})
}
