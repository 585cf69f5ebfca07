package cognito

import (
	"context"
	"testing"
)

func TestAccountRequests(t *testing.T) {
	t.Parallel()
	metadata := object{"campaign": "spring"}
	userContext := object{"IpAddress": "203.0.113.7", "EncodedData": "fingerprint"}
	testRequests(t, []requestTest{
		{
			name: "forgot password, everything",
			op:   "ForgotPassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ForgotPassword(ctx, ForgotPasswordInput{Username: "ana@example.com", CallOptions: testOptions})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "ClientMetadata": metadata, "UserContextData": userContext,
			},
			secret: object{"SecretHash": typedHash},
			answer: `{"CodeDeliveryDetails":{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`,
			want:   &Delivery{Destination: "a***@e***", Medium: "EMAIL", Attribute: "email"},
		},
		{
			name: "forgot password, least, nothing delivered",
			op:   "ForgotPassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.ForgotPassword(ctx, ForgotPasswordInput{Username: "ana@example.com"})
			},
			body:   object{"ClientId": testClient, "Username": "ana@example.com"},
			secret: object{"SecretHash": typedHash},
			answer: `{}`,
			want:   (*Delivery)(nil),
		},
		{
			name: "confirm forgotten password, everything",
			op:   "ConfirmForgotPassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.ConfirmForgotPassword(ctx, ConfirmForgotPasswordInput{
					Username: "ana@example.com", Code: "123456", Password: "Pa55w0rd!", CallOptions: testOptions,
				})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "ConfirmationCode": "123456", "Password": "Pa55w0rd!",
				"ClientMetadata": metadata, "UserContextData": userContext,
			},
			secret: object{"SecretHash": typedHash},
			answer: `{}`,
		},
		{
			name: "confirm forgotten password, least",
			op:   "ConfirmForgotPassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.ConfirmForgotPassword(ctx, ConfirmForgotPasswordInput{
					Username: "ana@example.com", Code: "123456", Password: "Pa55w0rd!",
				})
			},
			body: object{
				"ClientId": testClient, "Username": "ana@example.com", "ConfirmationCode": "123456", "Password": "Pa55w0rd!",
			},
			secret: object{"SecretHash": typedHash},
			answer: `{}`,
		},
		{
			name: "change password",
			op:   "ChangePassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.ChangePassword(ctx, ChangePasswordInput{AccessToken: "at", Previous: "Pa55w0rd!", Proposed: "Pa55w0rd?"})
			},
			body:   object{"AccessToken": "at", "PreviousPassword": "Pa55w0rd!", "ProposedPassword": "Pa55w0rd?"},
			answer: `{}`,
		},
		{
			name: "change password, first one",
			op:   "ChangePassword",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.ChangePassword(ctx, ChangePasswordInput{AccessToken: "at", Proposed: "Pa55w0rd?"})
			},
			body:   object{"AccessToken": "at", "ProposedPassword": "Pa55w0rd?"},
			answer: `{}`,
		},
		{
			name: "get user, everything",
			op:   "GetUser",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUser(ctx, "at")
			},
			body: object{"AccessToken": "at"},
			answer: `{"Username":"ana","UserAttributes":[{"Name":"sub","Value":"sub-1"},{"Name":"email_verified","Value":"true"},{"Name":"nickname"}],` +
				`"UserMFASettingList":["SMS_MFA","SOFTWARE_TOKEN_MFA"],"PreferredMfaSetting":"SMS_MFA",` +
				`"MFAOptions":[{"DeliveryMedium":"SMS","AttributeName":"phone_number"}]}`,
			want: User{
				Username: "ana", Attributes: map[string]string{"sub": "sub-1", "email_verified": "true", "nickname": ""},
				MFA: []string{"SMS_MFA", "SOFTWARE_TOKEN_MFA"}, PreferredMFA: "SMS_MFA",
				MFAOptions: []MFAOption{{Medium: "SMS", Attribute: "phone_number"}},
			},
		},
		{
			name: "get user, least",
			op:   "GetUser",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUser(ctx, "at")
			},
			body:   object{"AccessToken": "at"},
			answer: `{"Username":"ana"}`,
			want:   User{Username: "ana", Attributes: map[string]string{}},
		},
		{
			name: "delete user",
			op:   "DeleteUser",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.DeleteUser(ctx, "at")
			},
			body:   object{"AccessToken": "at"},
			answer: ``,
		},
		{
			name: "update attributes, everything",
			op:   "UpdateUserAttributes",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.UpdateUserAttributes(ctx, UpdateUserAttributesInput{
					AccessToken: "at", CallOptions: testOptions,
					Attributes: map[string]string{"phone_number": "+15555550199", "email": "ana@example.com", "nickname": ""},
				})
			},
			body: object{
				"AccessToken": "at",
				"UserAttributes": []any{
					object{"Name": "email", "Value": "ana@example.com"},
					object{"Name": "nickname", "Value": ""},
					object{"Name": "phone_number", "Value": "+15555550199"},
				},
				"ClientMetadata": metadata,
			},
			answer: `{"CodeDeliveryDetailsList":[` +
				`{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"},` +
				`{"Destination":"+*******0199","DeliveryMedium":"SMS","AttributeName":"phone_number"}]}`,
			want: []Delivery{
				{Destination: "a***@e***", Medium: "EMAIL", Attribute: "email"},
				{Destination: "+*******0199", Medium: "SMS", Attribute: "phone_number"},
			},
		},
		{
			name: "update attributes, least, nothing delivered",
			op:   "UpdateUserAttributes",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.UpdateUserAttributes(ctx, UpdateUserAttributesInput{AccessToken: "at", Attributes: map[string]string{"name": "Ana"}})
			},
			body:   object{"AccessToken": "at", "UserAttributes": []any{object{"Name": "name", "Value": "Ana"}}},
			answer: `{}`,
			want:   []Delivery(nil),
		},
		{
			name: "delete attributes",
			op:   "DeleteUserAttributes",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.DeleteUserAttributes(ctx, DeleteUserAttributesInput{AccessToken: "at", Names: []string{"nickname", "custom:x"}})
			},
			body:   object{"AccessToken": "at", "UserAttributeNames": []any{"nickname", "custom:x"}},
			answer: `{}`,
		},
		{
			name: "attribute code, everything",
			op:   "GetUserAttributeVerificationCode",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUserAttributeVerificationCode(ctx, AttributeCodeInput{AccessToken: "at", Name: "email", CallOptions: testOptions})
			},
			body:   object{"AccessToken": "at", "AttributeName": "email", "ClientMetadata": metadata},
			answer: `{"CodeDeliveryDetails":{"Destination":"a***@e***","DeliveryMedium":"EMAIL","AttributeName":"email"}}`,
			want:   &Delivery{Destination: "a***@e***", Medium: "EMAIL", Attribute: "email"},
		},
		{
			name: "attribute code, least, nothing delivered",
			op:   "GetUserAttributeVerificationCode",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.GetUserAttributeVerificationCode(ctx, AttributeCodeInput{AccessToken: "at", Name: "phone_number"})
			},
			body:   object{"AccessToken": "at", "AttributeName": "phone_number"},
			answer: `{}`,
			want:   (*Delivery)(nil),
		},
		{
			name: "verify attribute",
			op:   "VerifyUserAttribute",
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.VerifyUserAttribute(ctx, VerifyUserAttributeInput{AccessToken: "at", Name: "email", Code: "123456"})
			},
			body:   object{"AccessToken": "at", "AttributeName": "email", "Code": "123456"},
			answer: `{}`,
		},
	})
}
