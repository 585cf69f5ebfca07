package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitokit/auth/internal/wire"
)

// AssociateSoftwareTokenInput is what [Client.AssociateSoftwareToken] takes:
// the access token of a signed-in user, or the session of an MFA_SETUP
// challenge.
type AssociateSoftwareTokenInput struct {
	AccessToken string
	Session     string
}

// AssociateSoftwareTokenOutput is what [Client.AssociateSoftwareToken] returns.
type AssociateSoftwareTokenOutput struct {
	// SecretCode is the base32 secret for the authenticator app.
	SecretCode string

	// Session goes into [Client.VerifySoftwareToken] if one was given.
	Session string
}

// AssociateSoftwareToken begins the set-up of an authenticator app (operation
// AssociateSoftwareToken). Each call makes a new secret.
func (c *Client) AssociateSoftwareToken(ctx context.Context, in AssociateSoftwareTokenInput) (AssociateSoftwareTokenOutput, error) {
	const name = "AssociateSoftwareToken"
	out, err := call(ctx, c, operation{name: name}, &idp.AssociateSoftwareTokenInput{
		AccessToken: optional(in.AccessToken),
		Session:     optional(in.Session),
	}, c.api.AssociateSoftwareToken)
	if err != nil {
		return AssociateSoftwareTokenOutput{}, err
	}
	if deref(out.SecretCode) == "" {
		return AssociateSoftwareTokenOutput{}, malformed(name, out.ResultMetadata)
	}
	return AssociateSoftwareTokenOutput{SecretCode: *out.SecretCode, Session: deref(out.Session)}, nil
}

// VerifySoftwareTokenInput is what [Client.VerifySoftwareToken] takes: the
// access token of a signed-in user, or the session that
// [Client.AssociateSoftwareToken] returned.
type VerifySoftwareTokenInput struct {
	AccessToken string
	Session     string

	// Code is what the authenticator app shows.
	Code string

	// FriendlyDeviceName is the user's name for the app, optional.
	FriendlyDeviceName string
}

// VerifySoftwareTokenOutput is what [Client.VerifySoftwareToken] returns.
type VerifySoftwareTokenOutput struct {
	// Session answers the MFA_SETUP challenge if one was given.
	Session string
}

// VerifySoftwareToken ends the set-up of an authenticator app (operation
// VerifySoftwareToken). The service says in two ways that the code was wrong;
// both are an error with the code EnableSoftwareTokenMFAException.
func (c *Client) VerifySoftwareToken(ctx context.Context, in VerifySoftwareTokenInput) (VerifySoftwareTokenOutput, error) {
	const name = "VerifySoftwareToken"
	out, err := call(ctx, c, operation{name: name}, &idp.VerifySoftwareTokenInput{
		AccessToken:        optional(in.AccessToken),
		Session:            optional(in.Session),
		UserCode:           &in.Code,
		FriendlyDeviceName: optional(in.FriendlyDeviceName),
	}, c.api.VerifySoftwareToken)
	if err != nil {
		return VerifySoftwareTokenOutput{}, err
	}
	switch out.Status {
	case types.VerifySoftwareTokenResponseTypeSuccess:
		return VerifySoftwareTokenOutput{Session: deref(out.Session)}, nil
	case types.VerifySoftwareTokenResponseTypeError:
		return VerifySoftwareTokenOutput{}, answered(name, wire.ExceptionEnableSoftwareTokenMFA, out.ResultMetadata)
	default:
		return VerifySoftwareTokenOutput{}, malformed(name, out.ResultMetadata)
	}
}
