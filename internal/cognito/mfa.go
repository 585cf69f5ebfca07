package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
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

	// WebAuthn cannot be preferred: the service knows no such member of it.
	WebAuthn *MFASetting `json:"WebAuthnMfaSettings,omitempty"`
}

// SetUserMFAPreference enables, disables and prefers second factors of a
// signed-in user (operation SetUserMFAPreference).
//
// The body is made of in itself: the AWS client leaves out members that are
// false, and so cannot tell "not preferred" from nothing said about it.
func (c *Client) SetUserMFAPreference(ctx context.Context, in MFAPreferenceInput) error {
	op := operation{name: "SetUserMFAPreference", repeatable: true, body: in}
	_, err := call(ctx, c, op, &idp.SetUserMFAPreferenceInput{AccessToken: &in.AccessToken}, c.api.SetUserMFAPreference)
	return err
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
