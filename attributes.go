package auth

import (
	"context"
	"encoding/json"

	"github.com/cognitokit/auth/internal/cognito"
)

// FetchUserAttributesOutput is the output of [FetchUserAttributes]. Its JSON is
// Amplify's: an object of names and values.
type FetchUserAttributesOutput struct {
	_ [0]func()

	// Attributes are those that the app client may read, "sub" among them.
	// Values are text, as the service keeps them: "email_verified" is "true" or
	// "false".
	Attributes map[string]string
}

// MarshalJSON implements [json.Marshaler].
func (o FetchUserAttributesOutput) MarshalJSON() ([]byte, error) { return marshalMap(o.Attributes) }

// marshalMap writes a nil map as an empty object.
func marshalMap[V any](m map[string]V) ([]byte, error) {
	if m == nil {
		m = map[string]V{}
	}
	return json.Marshal(m)
}

// FetchUserAttributes returns the attributes of the person who is signed in, as
// the service has them now (Cognito operation GetUser). The ID token shows them
// as they were when it was issued; see [FetchAuthSession].
//
// Errors: those of [FetchUser].
func FetchUserAttributes(ctx context.Context, s *Session) (*FetchUserAttributesOutput, error) {
	user, err := s.getUser(ctx, opFetchAttributes)
	if err != nil {
		return nil, err
	}
	return &FetchUserAttributesOutput{Attributes: user.Attributes}, nil
}

// UpdateUserAttributesInput is the input of [UpdateUserAttributes].
type UpdateUserAttributesInput struct {
	_ [0]func()

	UserAttributes map[string]string // required: new values by name; an empty value removes the attribute

	ClientMetadata map[string]string // for the CustomMessage trigger
}

// UpdateUserAttributesOutput is the output of [UpdateUserAttributes]. Its JSON
// is Amplify's: an object with what became of each attribute.
type UpdateUserAttributesOutput struct {
	_ [0]func()

	Attributes map[string]UpdateUserAttributeOutput // by name, one for each that was given

	// ClaimsStale says that the tokens do not show what was set: FetchAuthSession
	// with ForceRefresh gets tokens that do, of a value that waits for its code
	// once that is redeemed.
	ClaimsStale bool
}

// MarshalJSON implements [json.Marshaler].
func (o UpdateUserAttributesOutput) MarshalJSON() ([]byte, error) { return marshalMap(o.Attributes) }

// UpdateUserAttributeOutput says what became of one attribute.
type UpdateUserAttributeOutput struct {
	_ [0]func()

	// IsUpdated is false where the service sent a code to the new address or
	// number. What holds until the code is redeemed is the pool's setting
	// "keep original attribute value active when an update is pending"
	// (AttributesRequireVerificationBeforeUpdate): with it the old value, else
	// the new one, unverified.
	IsUpdated bool                        `json:"isUpdated"`
	NextStep  UpdateUserAttributeNextStep `json:"nextStep"`
}

// UpdateUserAttributes changes attributes of the person who is signed in
// (Cognito operation UpdateUserAttributes). Custom attributes have names as
// "custom:plan". All are changed or none.
//
// A new e-mail address or phone number that the pool verifies gets a code, which
// [ConfirmUserAttribute] takes.
//
// Errors: [ErrInvalidInput] for names and values that no pool takes, before any
// request; those of [FetchAuthSession]; [ErrInvalidAttribute] for an attribute
// that the pool does not have or of the wrong form, [ErrAttributeImmutable],
// [ErrAttributeRequired] for an empty value, [ErrAttributeNotWritable],
// [ErrAliasExists], [ErrCodeDeliveryFailure], [ErrCodeMismatch],
// [ErrExpiredCode], [ErrMissingScope], [ErrPasswordResetRequired],
// [ErrUserNotConfirmed], [ErrUserNotFound], [ErrUserLambdaValidation],
// [ErrUnexpectedLambda], [ErrInvalidLambdaResponse], [ErrTooManyRequests].
func UpdateUserAttributes(ctx context.Context, s *Session, in UpdateUserAttributesInput) (*UpdateUserAttributesOutput, error) {
	if err := begin(s, opUpdateAttributes, attributeFields("UserAttributes", in.UserAttributes, true)...); err != nil {
		return nil, err
	}
	sent, cur, err := authorized(ctx, s, opUpdateAttributes, func(ctx context.Context, cur *signedIn) ([]cognito.Delivery, error) {
		return s.client.api.UpdateUserAttributes(ctx, cognito.UpdateUserAttributesInput{
			AccessToken: cur.bundle.AccessToken, Attributes: in.UserAttributes, CallOptions: callOptions(in.ClientMetadata, ClientContext{}),
		})
	})
	if err != nil {
		return nil, err
	}
	out := &UpdateUserAttributesOutput{
		Attributes: make(map[string]UpdateUserAttributeOutput, len(in.UserAttributes)), ClaimsStale: !cur.shows(in.UserAttributes),
	}
	for name := range in.UserAttributes {
		out.Attributes[name] = UpdateUserAttributeOutput{IsUpdated: true, NextStep: UpdateUserAttributeNextStep{Step: UpdateUserAttributeStepDone}}
	}
	for _, d := range sent {
		if _, given := out.Attributes[d.Attribute]; given {
			out.Attributes[d.Attribute] = UpdateUserAttributeOutput{NextStep: UpdateUserAttributeNextStep{
				Step: UpdateUserAttributeStepConfirmWithCode, CodeDeliveryDetails: delivery(&d),
			}}
		}
	}
	return out, nil
}

// DeleteUserAttributesInput is the input of [DeleteUserAttributes].
type DeleteUserAttributesInput struct {
	_ [0]func()

	UserAttributeKeys []string // required: their names
}

// DeleteUserAttributesOutput is the output of [DeleteUserAttributes].
type DeleteUserAttributesOutput struct {
	_ [0]func()

	ClaimsStale bool `json:"-"` // the tokens still show an attribute that is gone; as in UpdateUserAttributesOutput
}

// DeleteUserAttributes removes attributes of the person who is signed in
// (Cognito operation DeleteUserAttributes).
//
// Errors: [ErrInvalidInput] for names that no pool takes, before any request;
// those of [FetchAuthSession]; [ErrInvalidAttribute] for an attribute that the
// pool does not have, [ErrAttributeRequired], [ErrAttributeImmutable],
// [ErrAttributeNotWritable], [ErrMissingScope], [ErrPasswordResetRequired],
// [ErrUserNotConfirmed], [ErrUserNotFound], [ErrTooManyRequests].
func DeleteUserAttributes(ctx context.Context, s *Session, in DeleteUserAttributesInput) (*DeleteUserAttributesOutput, error) {
	gone := make(map[string]string, len(in.UserAttributeKeys))
	for _, name := range in.UserAttributeKeys {
		gone[name] = ""
	}
	if err := begin(s, opDeleteAttributes, attributeFields("UserAttributeKeys", gone, true)...); err != nil {
		return nil, err
	}
	cur, err := authorize(ctx, s, opDeleteAttributes, func(ctx context.Context, cur *signedIn) error {
		return s.client.api.DeleteUserAttributes(ctx, cognito.DeleteUserAttributesInput{
			AccessToken: cur.bundle.AccessToken, Names: in.UserAttributeKeys,
		})
	})
	if err != nil {
		return nil, err
	}
	return &DeleteUserAttributesOutput{ClaimsStale: !cur.shows(gone)}, nil
}

// SendUserAttributeVerificationCodeInput is the input of
// [SendUserAttributeVerificationCode].
type SendUserAttributeVerificationCodeInput struct {
	_ [0]func()

	UserAttributeKey string // required: "email" or "phone_number"

	ClientMetadata map[string]string // for the CustomMessage trigger
}

// SendUserAttributeVerificationCodeOutput is the output of
// [SendUserAttributeVerificationCode]: where the code went. Its JSON is
// Amplify's.
type SendUserAttributeVerificationCodeOutput struct {
	_ [0]func()

	CodeDeliveryDetails
}

// SendUserAttributeVerificationCode sends a code to the e-mail address or phone
// number of the person who is signed in (Cognito operation
// GetUserAttributeVerificationCode). [ConfirmUserAttribute] takes it, within 24
// hours.
//
// Errors: [ErrInvalidInput] for another attribute, before any request; those of
// [FetchAuthSession]; [ErrInvalidParameter] where there is no such address or
// number, [ErrLimitExceeded] (5 an hour), [ErrCodeDeliveryFailure],
// [ErrMissingScope], [ErrPasswordResetRequired], [ErrUserNotConfirmed],
// [ErrUserNotFound], [ErrUserLambdaValidation], [ErrUnexpectedLambda],
// [ErrInvalidLambdaResponse], [ErrTooManyRequests].
func SendUserAttributeVerificationCode(ctx context.Context, s *Session, in SendUserAttributeVerificationCodeInput) (*SendUserAttributeVerificationCodeOutput, error) {
	if err := begin(s, opSendAttributeCode, contactField(in.UserAttributeKey)); err != nil {
		return nil, err
	}
	sent, _, err := authorized(ctx, s, opSendAttributeCode, func(ctx context.Context, cur *signedIn) (*cognito.Delivery, error) {
		return s.client.api.GetUserAttributeVerificationCode(ctx, cognito.AttributeCodeInput{
			AccessToken: cur.bundle.AccessToken, Name: in.UserAttributeKey, CallOptions: callOptions(in.ClientMetadata, ClientContext{}),
		})
	})
	if err != nil {
		return nil, err
	}
	out := &SendUserAttributeVerificationCodeOutput{}
	if d := delivery(sent); d != nil {
		out.CodeDeliveryDetails = *d
	}
	return out, nil
}

// ConfirmUserAttributeInput is the input of [ConfirmUserAttribute].
type ConfirmUserAttributeInput struct {
	_ [0]func()

	UserAttributeKey string // required: "email" or "phone_number"
	ConfirmationCode string // required
}

// ConfirmUserAttributeOutput is the output of [ConfirmUserAttribute].
type ConfirmUserAttributeOutput struct {
	_ [0]func()

	ClaimsStale bool `json:"-"` // always: neither the new value nor that it is verified is in the tokens
}

// ConfirmUserAttribute redeems the code that [UpdateUserAttributes] or
// [SendUserAttributeVerificationCode] sent (Cognito operation
// VerifyUserAttribute): the address or number is verified, and takes effect if
// it was pending. Where it signs people in and another account had it verified,
// it now signs in this one.
//
// Errors: [ErrInvalidInput] for an empty or malformed field, before any request;
// those of [FetchAuthSession]; [ErrCodeMismatch] (the code stays usable),
// [ErrExpiredCode], [ErrAliasExists], [ErrLimitExceeded] (15 an hour),
// [ErrMissingScope], [ErrPasswordResetRequired], [ErrUserNotConfirmed],
// [ErrUserNotFound], [ErrTooManyRequests].
func ConfirmUserAttribute(ctx context.Context, s *Session, in ConfirmUserAttributeInput) (*ConfirmUserAttributeOutput, error) {
	if err := begin(s, opConfirmAttribute, contactField(in.UserAttributeKey), codeField("ConfirmationCode", in.ConfirmationCode)); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opConfirmAttribute, func(ctx context.Context, cur *signedIn) error {
		return s.client.api.VerifyUserAttribute(ctx, cognito.VerifyUserAttributeInput{
			AccessToken: cur.bundle.AccessToken, Name: in.UserAttributeKey, Code: in.ConfirmationCode,
		})
	}); err != nil {
		return nil, err
	}
	return &ConfirmUserAttributeOutput{ClaimsStale: true}, nil
}
