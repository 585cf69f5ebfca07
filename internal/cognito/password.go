package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// ForgotPasswordInput is what [Client.ForgotPassword] takes.
type ForgotPasswordInput struct {
	Username string

	CallOptions
}

// ForgotPassword sends a code that [Client.ConfirmForgotPassword] takes with a
// new password (operation ForgotPassword). The delivery may be nil.
func (c *Client) ForgotPassword(ctx context.Context, in ForgotPasswordInput) (*Delivery, error) {
	out, err := call(ctx, c, operation{name: "ForgotPassword"}, &idp.ForgotPasswordInput{
		ClientId:        &c.clientID,
		SecretHash:      optional(c.secretHash(in.Username)),
		Username:        &in.Username,
		ClientMetadata:  in.metadata(),
		UserContextData: in.userContext(),
	}, c.api.ForgotPassword)
	if err != nil {
		return nil, err
	}
	return newDelivery(out.CodeDeliveryDetails), nil
}

// ConfirmForgotPasswordInput is what [Client.ConfirmForgotPassword] takes.
type ConfirmForgotPasswordInput struct {
	Username string
	Code     string

	// Password is the new one.
	Password string

	CallOptions
}

// ConfirmForgotPassword sets a new password in exchange for the code (operation
// ConfirmForgotPassword).
func (c *Client) ConfirmForgotPassword(ctx context.Context, in ConfirmForgotPasswordInput) error {
	_, err := call(ctx, c, operation{name: "ConfirmForgotPassword"}, &idp.ConfirmForgotPasswordInput{
		ClientId:         &c.clientID,
		SecretHash:       optional(c.secretHash(in.Username)),
		Username:         &in.Username,
		ConfirmationCode: &in.Code,
		Password:         &in.Password,
		ClientMetadata:   in.metadata(),
		UserContextData:  in.userContext(),
	}, c.api.ConfirmForgotPassword)
	return err
}

// ChangePasswordInput is what [Client.ChangePassword] takes.
type ChangePasswordInput struct {
	AccessToken string

	// Previous is empty for a user who has no password yet.
	Previous string

	// Proposed is the new password.
	Proposed string
}

// ChangePassword replaces the password of a signed-in user (operation
// ChangePassword).
func (c *Client) ChangePassword(ctx context.Context, in ChangePasswordInput) error {
	_, err := call(ctx, c, operation{name: "ChangePassword"}, &idp.ChangePasswordInput{
		AccessToken:      &in.AccessToken,
		PreviousPassword: optional(in.Previous),
		ProposedPassword: &in.Proposed,
	}, c.api.ChangePassword)
	return err
}
