package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// UpdateUserAttributesInput is what [Client.UpdateUserAttributes] takes.
type UpdateUserAttributesInput struct {
	AccessToken string

	// Attributes are the new values by name. An empty value removes the
	// attribute.
	Attributes map[string]string

	// The operation takes no UserContext.
	CallOptions
}

// UpdateUserAttributes changes attributes of a signed-in user (operation
// UpdateUserAttributes) and returns where codes went that prove new addresses
// and numbers.
func (c *Client) UpdateUserAttributes(ctx context.Context, in UpdateUserAttributesInput) ([]Delivery, error) {
	out, err := call(ctx, c, operation{name: "UpdateUserAttributes"}, &idp.UpdateUserAttributesInput{
		AccessToken:    &in.AccessToken,
		UserAttributes: attributes(in.Attributes),
		ClientMetadata: in.metadata(),
	}, c.api.UpdateUserAttributes)
	if err != nil {
		return nil, err
	}
	var sent []Delivery
	for _, d := range out.CodeDeliveryDetailsList {
		sent = append(sent, *newDelivery(&d))
	}
	return sent, nil
}

// DeleteUserAttributesInput is what [Client.DeleteUserAttributes] takes.
type DeleteUserAttributesInput struct {
	AccessToken string
	Names       []string
}

// DeleteUserAttributes removes attributes of a signed-in user (operation
// DeleteUserAttributes).
func (c *Client) DeleteUserAttributes(ctx context.Context, in DeleteUserAttributesInput) error {
	_, err := call(ctx, c, operation{name: "DeleteUserAttributes", repeatable: true}, &idp.DeleteUserAttributesInput{
		AccessToken:        &in.AccessToken,
		UserAttributeNames: in.Names,
	}, c.api.DeleteUserAttributes)
	return err
}

// AttributeCodeInput is what [Client.GetUserAttributeVerificationCode] takes.
type AttributeCodeInput struct {
	AccessToken string

	// Name is "email" or "phone_number".
	Name string

	// The operation takes no UserContext.
	CallOptions
}

// GetUserAttributeVerificationCode sends a code that proves an address or
// number of a signed-in user (operation GetUserAttributeVerificationCode). The
// delivery may be nil.
func (c *Client) GetUserAttributeVerificationCode(ctx context.Context, in AttributeCodeInput) (*Delivery, error) {
	out, err := call(ctx, c, operation{name: "GetUserAttributeVerificationCode"}, &idp.GetUserAttributeVerificationCodeInput{
		AccessToken:    &in.AccessToken,
		AttributeName:  &in.Name,
		ClientMetadata: in.metadata(),
	}, c.api.GetUserAttributeVerificationCode)
	if err != nil {
		return nil, err
	}
	return newDelivery(out.CodeDeliveryDetails), nil
}

// VerifyUserAttributeInput is what [Client.VerifyUserAttribute] takes.
type VerifyUserAttributeInput struct {
	AccessToken string
	Name        string
	Code        string
}

// VerifyUserAttribute redeems the code that proves an address or number
// (operation VerifyUserAttribute).
func (c *Client) VerifyUserAttribute(ctx context.Context, in VerifyUserAttributeInput) error {
	_, err := call(ctx, c, operation{name: "VerifyUserAttribute"}, &idp.VerifyUserAttributeInput{
		AccessToken:   &in.AccessToken,
		AttributeName: &in.Name,
		Code:          &in.Code,
	}, c.api.VerifyUserAttribute)
	return err
}
