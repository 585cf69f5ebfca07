package cognito

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// MFASetting is what a user wants of one second factor.
type MFASetting struct {
	Enabled bool `json:"Enabled"`

	// Preferred is nil to say nothing about the preference.
	Preferred *bool `json:"PreferredMfa,omitempty"`
}

// MFAPreferenceInput is what [Client.SetUserMFAPreference] takes. The factors
// that are nil stay as they are.
type MFAPreferenceInput struct {
	AccessToken string      `json:"AccessToken"`
	SMS         *MFASetting `json:"SMSMfaSettings,omitempty"`
	TOTP        *MFASetting `json:"SoftwareTokenMfaSettings,omitempty"`
	Email       *MFASetting `json:"EmailMfaSettings,omitempty"`
	WebAuthn    *MFASetting `json:"WebAuthnMfaSettings,omitempty"`
}

// SetUserMFAPreference enables, disables and prefers second factors of a
// signed-in user (operation SetUserMFAPreference).
func (c *Client) SetUserMFAPreference(ctx context.Context, in MFAPreferenceInput) error {
	body, err := json.Marshal(in)
	if err != nil {
		return &ServiceError{Op: "SetUserMFAPreference", Code: CodeNotSent, Err: err}
	}
	_, err = call(ctx, c, operation{name: "SetUserMFAPreference", repeatable: true},
		&idp.SetUserMFAPreferenceInput{AccessToken: &in.AccessToken},
		func(ctx context.Context, api *idp.SetUserMFAPreferenceInput, options ...func(*idp.Options)) (*idp.SetUserMFAPreferenceOutput, error) {
			return c.api.SetUserMFAPreference(ctx, api, append(options, withBody(body))...)
		})
	return err
}

// withBody replaces the body of a request. The AWS client leaves out members
// that are false, and so cannot say that a factor is not preferred, as
// different from saying nothing about it.
func withBody(body []byte) func(*idp.Options) {
	replace := middleware.SerializeMiddlewareFunc("ExplicitBody", func(
		ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
	) (middleware.SerializeOutput, middleware.Metadata, error) {
		request, ok := in.Request.(*smithyhttp.Request)
		if !ok {
			return middleware.SerializeOutput{}, middleware.Metadata{}, fmt.Errorf("cognito: unknown request type %T", in.Request)
		}
		request, err := request.SetStream(bytes.NewReader(body))
		if err != nil {
			return middleware.SerializeOutput{}, middleware.Metadata{}, err
		}
		in.Request = request
		return next.HandleSerialize(ctx, in)
	})
	return func(o *idp.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Serialize.Add(replace, middleware.After)
		})
	}
}

// AuthFactors is what [Client.GetUserAuthFactors] returns.
type AuthFactors struct {
	// First are the factors that a choice-based sign-in can begin with, such as
	// "PASSWORD".
	First []string

	// MFA and PreferredMFA are as in [User].
	MFA          []string
	PreferredMFA string
}

// GetUserAuthFactors returns what a signed-in user can sign in with (operation
// GetUserAuthFactors).
func (c *Client) GetUserAuthFactors(ctx context.Context, accessToken string) (AuthFactors, error) {
	out, err := call(ctx, c, operation{name: "GetUserAuthFactors", repeatable: true}, &idp.GetUserAuthFactorsInput{
		AccessToken: &accessToken,
	}, c.api.GetUserAuthFactors)
	if err != nil {
		return AuthFactors{}, err
	}
	return AuthFactors{
		First:        texts(out.ConfiguredUserAuthFactors),
		MFA:          out.UserMFASettingList,
		PreferredMFA: deref(out.PreferredMfaSetting),
	}, nil
}

func texts(factors []types.AuthFactorType) []string {
	list := make([]string, len(factors))
	for i, f := range factors {
		list[i] = string(f)
	}
	return list
}
