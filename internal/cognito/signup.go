package cognito

import (
	"context"
	"maps"
	"slices"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// SignUpInput is what [Client.SignUp] takes.
type SignUpInput struct {
	Username string

	// Password may be empty where the pool lets people sign in without one.
	Password string

	// Attributes are the new user's attributes by name.
	Attributes map[string]string

	// ValidationData is handed to the pre sign-up trigger alone.
	ValidationData map[string]string

	CallOptions
}

// SignUpOutput is what [Client.SignUp] returns.
type SignUpOutput struct {
	// Confirmed is true if a trigger confirmed the user already.
	Confirmed bool

	// UserSub is the new user's sub.
	UserSub string

	// Delivery is where the confirmation code went, nil if none was sent.
	Delivery *Delivery

	// Session continues the attempt in [Client.ConfirmSignUp]. It is empty
	// unless the app client allows choice-based sign-in (USER_AUTH).
	Session string
}

// SignUp registers a user (operation SignUp).
func (c *Client) SignUp(ctx context.Context, in SignUpInput) (SignUpOutput, error) {
	out, err := call(ctx, c, operation{name: "SignUp"}, &idp.SignUpInput{
		ClientId:        &c.clientID,
		SecretHash:      optional(c.secretHash(in.Username)),
		Username:        &in.Username,
		Password:        optional(in.Password),
		UserAttributes:  attributes(in.Attributes),
		ValidationData:  attributes(in.ValidationData),
		ClientMetadata:  in.metadata(),
		UserContextData: in.userContext(),
	}, c.api.SignUp)
	if err != nil {
		return SignUpOutput{}, err
	}
	return SignUpOutput{
		Confirmed: out.UserConfirmed,
		UserSub:   deref(out.UserSub),
		Delivery:  newDelivery(out.CodeDeliveryDetails),
		Session:   deref(out.Session),
	}, nil
}

// ConfirmSignUpInput is what [Client.ConfirmSignUp] takes.
type ConfirmSignUpInput struct {
	Username string
	Code     string

	// ForceAliasCreation takes an e-mail address or phone number over from
	// another user who has it as an alias.
	ForceAliasCreation bool

	// Session is the one of [SignUpOutput], if any.
	Session string

	CallOptions
}

// ConfirmSignUpOutput is what [Client.ConfirmSignUp] returns.
type ConfirmSignUpOutput struct {
	// Session signs the user in without a further factor, if sent with
	// USER_AUTH. It is empty unless the app client allows that flow.
	Session string
}

// ConfirmSignUp redeems the code of a sign-up (operation ConfirmSignUp).
func (c *Client) ConfirmSignUp(ctx context.Context, in ConfirmSignUpInput) (ConfirmSignUpOutput, error) {
	out, err := call(ctx, c, operation{name: "ConfirmSignUp"}, &idp.ConfirmSignUpInput{
		ClientId:           &c.clientID,
		SecretHash:         optional(c.secretHash(in.Username)),
		Username:           &in.Username,
		ConfirmationCode:   &in.Code,
		ForceAliasCreation: in.ForceAliasCreation,
		Session:            optional(in.Session),
		ClientMetadata:     in.metadata(),
		UserContextData:    in.userContext(),
	}, c.api.ConfirmSignUp)
	if err != nil {
		return ConfirmSignUpOutput{}, err
	}
	return ConfirmSignUpOutput{Session: deref(out.Session)}, nil
}

// ResendConfirmationCodeInput is what [Client.ResendConfirmationCode] takes.
type ResendConfirmationCodeInput struct {
	Username string

	CallOptions
}

// ResendConfirmationCode sends a new code for a sign-up and voids the earlier
// ones (operation ResendConfirmationCode). The delivery may be nil.
func (c *Client) ResendConfirmationCode(ctx context.Context, in ResendConfirmationCodeInput) (*Delivery, error) {
	out, err := call(ctx, c, operation{name: "ResendConfirmationCode"}, &idp.ResendConfirmationCodeInput{
		ClientId:        &c.clientID,
		SecretHash:      optional(c.secretHash(in.Username)),
		Username:        &in.Username,
		ClientMetadata:  in.metadata(),
		UserContextData: in.userContext(),
	}, c.api.ResendConfirmationCode)
	if err != nil {
		return nil, err
	}
	return newDelivery(out.CodeDeliveryDetails), nil
}

// attributes returns the list form of m, in the order of names so that equal
// requests have equal bytes, and nil for an empty map.
func attributes(m map[string]string) []types.AttributeType {
	if len(m) == 0 {
		return nil
	}
	list := make([]types.AttributeType, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		list = append(list, types.AttributeType{Name: &name, Value: &value})
	}
	return list
}
