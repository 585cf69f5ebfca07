package cognito

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

// object is a JSON object.
type object = map[string]any

const tokensAnswer = `{"AuthenticationResult":{"AccessToken":"at","IdToken":"it","RefreshToken":"rt","ExpiresIn":3600,` +
	`"TokenType":"Bearer","NewDeviceMetadata":{"DeviceKey":"eu-west-1_dk","DeviceGroupKey":"-gk"}},"ChallengeParameters":{}}`

var tokensResult = AuthResult{
	AccessToken: "at", IDToken: "it", RefreshToken: "rt", ExpiresIn: time.Hour,
	NewDevice: &NewDevice{Key: "eu-west-1_dk", GroupKey: "-gk"},
}

var testOptions = CallOptions{
	ClientMetadata: map[string]string{"campaign": "spring"},
	UserContext:    UserContext{IPAddress: "203.0.113.7", EncodedData: "fingerprint"},
}

// The hashes below were made with OpenSSL:
// printf '%s%s' "$username" "$client_id" | openssl dgst -sha256 -hmac "$secret" -binary | base64.
const (
	typedHash = "nqdjKLKe14UG4cQEAlCxzcJdM9j2bHX0BmuaRQ8JLSU="
	innerHash = "OSrMXw51sMMcMmu1XQggnmu40kn2/cMljvk5dbLfm3M="
	innerName = "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f"
)

// requestTest is a call, the request that it makes, and what it makes of the
// answer.
type requestTest struct {
	name   string
	op     string
	call   func(context.Context, *Client) (any, error)
	body   object // without a secret
	secret object // what a secret adds at the top level
	params string // or the field that a secret adds SECRET_HASH to
	hash   string
	answer string
	want   any
}

func TestRequests(t *testing.T) {
	t.Parallel()
	metadata := object{"campaign": "spring"}
	userContext := object{"IpAddress": "203.0.113.7", "EncodedData": "fingerprint"}
	testRequests(t, []requestTest{
		{
			name: "sign up, everything",
			op:   "SignUp",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SignUp(ctx, SignUpInput{
					Username: "ana@example.com", Password: "Pa55w0rd!",
					Attributes:     map[string]string{"name": "Ana", "email": "ana@example.com", "custom:x": ""},
					ValidationData: map[string]string{"invite": "42"},
					CallOptions:    testOptions,
				})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "Password": "Pa55w0rd!",
				"UserAttributes": []any{
					object{"Name": "custom:x", "Value": ""},
					object{"Name": "email", "Value": "ana@example.com"},
					object{"Name": "name", "Value": "Ana"},
				},
				"ValidationData": []any{object{"Name": "invite", "Value": "42"}},
				"ClientMetadata": metadata, "UserContextData": userContext,
			},
			secret: object{"SecretHash": typedHash},
			answer: `{"UserConfirmed":false,"UserSub":"sub-1","Session":"session-1",` +
				`"CodeDeliveryDetails":{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`,
			want: SignUpOutput{
				UserSub: "sub-1", Session: "session-1",
				Delivery: &Delivery{Destination: "a***@e***", Medium: "EMAIL", Attribute: "email"},
			},
		},
		{
			name: "sign up, without a password",
			op:   "SignUp",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.SignUp(ctx, SignUpInput{
					Username: "ana@example.com", Attributes: map[string]string{},
					CallOptions: CallOptions{ClientMetadata: map[string]string{}},
				})
			},
			body:   object{"ClientId": testClient, "Username": "ana@example.com"},
			secret: object{"SecretHash": typedHash},
			answer: `{"UserConfirmed":true,"UserSub":"sub-1"}`,
			want:   SignUpOutput{Confirmed: true, UserSub: "sub-1"},
		},
		{
			name: "confirm sign-up, everything",
			op:   "ConfirmSignUp",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ConfirmSignUp(ctx, ConfirmSignUpInput{
					Username: "ana@example.com", Code: "123456", ForceAliasCreation: true, Session: "session-1", CallOptions: testOptions,
				})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "ConfirmationCode": "123456",
				"ForceAliasCreation": true, "Session": "session-1", "ClientMetadata": metadata, "UserContextData": userContext,
			},
			secret: object{"SecretHash": typedHash},
			answer: `{"Session":"session-2"}`,
			want:   ConfirmSignUpOutput{Session: "session-2"},
		},
		{
			name: "confirm sign-up, least",
			op:   "ConfirmSignUp",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ConfirmSignUp(ctx, ConfirmSignUpInput{Username: "ana@example.com", Code: "123456"})
			},
			body:   object{"ClientId": testClient, "Username": "ana@example.com", "ConfirmationCode": "123456"},
			secret: object{"SecretHash": typedHash},
			answer: `{}`,
			want:   ConfirmSignUpOutput{},
		},
		{
			name: "resend",
			op:   "ResendConfirmationCode",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ResendConfirmationCode(ctx, ResendConfirmationCodeInput{
					Username:    "ana@example.com",
					CallOptions: CallOptions{UserContext: UserContext{IPAddress: "203.0.113.7"}},
				})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com",
				"UserContextData": object{"IpAddress": "203.0.113.7"},
			},
			secret: object{"SecretHash": typedHash},
			answer: `{"CodeDeliveryDetails":{"Destination":"+*******99","DeliveryMedium":"SMS","AttributeName":"phone_number"}}`,
			want:   &Delivery{Destination: "+*******99", Medium: "SMS", Attribute: "phone_number"},
		},
		{
			name: "resend, nothing delivered",
			op:   "ResendConfirmationCode",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ResendConfirmationCode(ctx, ResendConfirmationCodeInput{Username: "ana@example.com", CallOptions: testOptions})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "ClientMetadata": metadata, "UserContextData": userContext,
			},
			secret: object{"SecretHash": typedHash},
			answer: `{}`,
			want:   (*Delivery)(nil),
		},
		{
			name: "initiate auth",
			op:   "InitiateAuth",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.InitiateAuth(ctx, AuthRequest{
					Flow: wire.FlowUser, Session: "session-1", CallOptions: testOptions,
					Params: map[string]string{"USERNAME": "ana@example.com", "PREFERRED_CHALLENGE": "PASSWORD", "DEVICE_KEY": ""},
				})
			},
			body: object{
				"ClientId": testClient, "AuthFlow": "USER_AUTH", "Session": "session-1",
				"AuthParameters": object{"USERNAME": "ana@example.com", "PREFERRED_CHALLENGE": "PASSWORD", "DEVICE_KEY": ""},
				"ClientMetadata": metadata, "UserContextData": userContext,
			},
			params: "AuthParameters",
			hash:   typedHash,
			answer: `{"ChallengeName":"SELECT_CHALLENGE","Session":"session-2","AvailableChallenges":["PASSWORD","SMS_OTP"],` +
				`"ChallengeParameters":{"K":"v"}}`,
			want: AuthResponse{
				Challenge: "SELECT_CHALLENGE", Session: "session-2", Available: []string{"PASSWORD", "SMS_OTP"},
				Params: map[string]string{"K": "v"},
			},
		},
		{
			name: "initiate auth, no user name to hash",
			op:   "InitiateAuth",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowRefreshToken, Params: map[string]string{"REFRESH_TOKEN": "rt"}})
			},
			body:   object{"ClientId": testClient, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": "rt"}},
			answer: tokensAnswer,
			want:   AuthResponse{Params: map[string]string{}, Result: &tokensResult},
		},
		{
			name: "respond, with the name that the service prefers",
			op:   "RespondToAuthChallenge",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.RespondToAuthChallenge(ctx, AuthRequest{
					Challenge: wire.ChallengePasswordVerifier, CallOptions: testOptions,
					Params: map[string]string{"USERNAME": innerName, "TIMESTAMP": "Tue Apr 2 03:04:05 UTC 2024"},
				})
			},
			body: object{
				"ClientId": testClient, "ChallengeName": "PASSWORD_VERIFIER",
				"ChallengeResponses": object{"USERNAME": innerName, "TIMESTAMP": "Tue Apr 2 03:04:05 UTC 2024"},
				"ClientMetadata":     metadata, "UserContextData": userContext,
			},
			params: "ChallengeResponses",
			hash:   innerHash,
			answer: tokensAnswer,
			want:   AuthResponse{Params: map[string]string{}, Result: &tokensResult},
		},
		{
			name: "respond, with a session",
			op:   "RespondToAuthChallenge",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.RespondToAuthChallenge(ctx, AuthRequest{
					Challenge: wire.ChallengeSMSMFA, Session: "session-1",
					Params: map[string]string{"USERNAME": innerName, "SMS_MFA_CODE": "123456"},
				})
			},
			body: object{
				"ClientId": testClient, "ChallengeName": "SMS_MFA", "Session": "session-1",
				"ChallengeResponses": object{"USERNAME": innerName, "SMS_MFA_CODE": "123456"},
			},
			params: "ChallengeResponses",
			hash:   innerHash,
			answer: `{"ChallengeName":"A_CHALLENGE_OF_TOMORROW","Session":"session-2","ChallengeParameters":{}}`,
			want:   AuthResponse{Challenge: "A_CHALLENGE_OF_TOMORROW", Session: "session-2", Params: map[string]string{}},
		},
		{
			name: "associate, signed in",
			op:   "AssociateSoftwareToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.AssociateSoftwareToken(ctx, AssociateSoftwareTokenInput{AccessToken: "at"})
			},
			body:   object{"AccessToken": "at"},
			answer: `{"SecretCode":"ABCDEFGHIJKLMNOP"}`,
			want:   AssociateSoftwareTokenOutput{SecretCode: "ABCDEFGHIJKLMNOP"},
		},
		{
			name: "associate, signing in",
			op:   "AssociateSoftwareToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.AssociateSoftwareToken(ctx, AssociateSoftwareTokenInput{Session: "session-1"})
			},
			body:   object{"Session": "session-1"},
			answer: `{"SecretCode":"ABCDEFGHIJKLMNOP","Session":"session-2"}`,
			want:   AssociateSoftwareTokenOutput{SecretCode: "ABCDEFGHIJKLMNOP", Session: "session-2"},
		},
		{
			name: "verify, signed in",
			op:   "VerifySoftwareToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.VerifySoftwareToken(ctx, VerifySoftwareTokenInput{AccessToken: "at", Code: "123456"})
			},
			body:   object{"AccessToken": "at", "UserCode": "123456"},
			answer: `{"Status":"SUCCESS"}`,
			want:   VerifySoftwareTokenOutput{},
		},
		{
			name: "verify, signing in",
			op:   "VerifySoftwareToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.VerifySoftwareToken(ctx, VerifySoftwareTokenInput{Session: "session-1", Code: "123456", FriendlyDeviceName: "phone"})
			},
			body:   object{"Session": "session-1", "UserCode": "123456", "FriendlyDeviceName": "phone"},
			answer: `{"Status":"SUCCESS","Session":"session-2"}`,
			want:   VerifySoftwareTokenOutput{Session: "session-2"},
		},
		{
			name: "refresh",
			op:   "GetTokensFromRefreshToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Refresh(ctx, RefreshInput{RefreshToken: "rt", DeviceKey: "eu-west-1_dk", HashUsername: innerName, CallOptions: testOptions})
			},
			body: object{
				"ClientId": testClient, "RefreshToken": "rt", "DeviceKey": "eu-west-1_dk", "ClientMetadata": metadata,
			},
			secret: object{"ClientSecret": testSecret},
			answer: tokensAnswer,
			want:   tokensResult,
		},
		{
			name: "refresh, without rotation",
			op:   "GetTokensFromRefreshToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Refresh(ctx, RefreshInput{RefreshToken: "rt"})
			},
			body:   object{"ClientId": testClient, "RefreshToken": "rt"},
			secret: object{"ClientSecret": testSecret},
			answer: `{"AuthenticationResult":{"AccessToken":"at","IdToken":"it","ExpiresIn":300,"TokenType":"Bearer"}}`,
			want:   AuthResult{AccessToken: "at", IDToken: "it", ExpiresIn: 5 * time.Minute},
		},
		{
			name: "revoke",
			op:   "RevokeToken",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.RevokeToken(ctx, "rt")
			},
			body:   object{"ClientId": testClient, "Token": "rt"},
			secret: object{"ClientSecret": testSecret},
			answer: ``,
		},
		{
			name: "global sign-out",
			op:   "GlobalSignOut",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.GlobalSignOut(ctx, "at")
			},
			body:   object{"AccessToken": "at"},
			answer: `{}`,
		},
		{
			name: "confirm device, everything",
			op:   "ConfirmDevice",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ConfirmDevice(ctx, ConfirmDeviceInput{
					AccessToken: "at", DeviceKey: "eu-west-1_dk", DeviceName: "phone", Salt: "c2FsdA==", Verifier: "dmVy",
				})
			},
			body: object{
				"AccessToken": "at", "DeviceKey": "eu-west-1_dk", "DeviceName": "phone",
				"DeviceSecretVerifierConfig": object{"Salt": "c2FsdA==", "PasswordVerifier": "dmVy"},
			},
			answer: `{"UserConfirmationNecessary":true}`,
			want:   ConfirmDeviceOutput{UserConfirmationNecessary: true},
		},
		{
			name: "confirm device, least",
			op:   "ConfirmDevice",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ConfirmDevice(ctx, ConfirmDeviceInput{AccessToken: "at", DeviceKey: "eu-west-1_dk", Salt: "c2FsdA==", Verifier: "dmVy"})
			},
			body: object{
				"AccessToken": "at", "DeviceKey": "eu-west-1_dk",
				"DeviceSecretVerifierConfig": object{"Salt": "c2FsdA==", "PasswordVerifier": "dmVy"},
			},
			answer: `{}`,
			want:   ConfirmDeviceOutput{},
		},
	})
}

// testRequests makes each call without a client secret and with one.
func testRequests(t *testing.T, tests []requestTest) {
	t.Helper()
	for _, tt := range tests {
		for _, secret := range []string{"", testSecret} {
			name := tt.name
			if secret != "" {
				name += ", client secret"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c, s := newTestClient(t, secret, reply(http.StatusOK, tt.answer, "Content-Type", wire.ContentType))
				got, err := tt.call(t.Context(), c)
				if err != nil {
					t.Fatalf("error = %v, want none", err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
				want := maps.Clone(tt.body)
				if secret != "" {
					maps.Copy(want, tt.secret)
					if tt.params != "" {
						params := maps.Clone(want[tt.params].(object))
						params["SECRET_HASH"] = tt.hash
						want[tt.params] = params
					}
				}
				if len(s.requests) != 1 {
					t.Fatalf("%d requests, want 1", len(s.requests))
				}
				if got := s.requests[0].op; got != tt.op {
					t.Errorf("operation = %s, want %s", got, tt.op)
				}
				if diff := cmp.Diff(want, s.requests[0].body); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				// Behavior 1: every operation is a POST with these headers.
				for name, want := range map[string]string{
					"Content-Type":  "application/x-amz-json-1.1",
					"X-Amz-Target":  "AWSCognitoIdentityProviderService." + tt.op,
					"Cache-Control": "no-store",
					"Authorization": "",
				} {
					if got := s.requests[0].header.Get(name); got != want {
						t.Errorf("header %s = %q, want %q", name, got, want)
					}
				}
				if s.requests[0].method != http.MethodPost {
					t.Errorf("method = %s, want POST", s.requests[0].method)
				}
			})
		}
	}
}
