package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// ConfirmDeviceInput is what [Client.ConfirmDevice] takes.
type ConfirmDeviceInput struct {
	AccessToken string

	// DeviceKey is the key of [NewDevice].
	DeviceKey string

	// DeviceName is the user's name for the device, optional.
	DeviceName string

	// Salt and Verifier are base64 of the sign-padded big-endian numbers.
	Salt     string
	Verifier string
}

// ConfirmDeviceOutput is what [Client.ConfirmDevice] returns.
type ConfirmDeviceOutput struct {
	// UserConfirmationNecessary is true if the pool remembers a device only
	// when its user wants it to.
	UserConfirmationNecessary bool
}

// ConfirmDevice registers the secret of a new device (operation
// ConfirmDevice).
func (c *Client) ConfirmDevice(ctx context.Context, in ConfirmDeviceInput) (ConfirmDeviceOutput, error) {
	out, err := call(ctx, c, operation{name: "ConfirmDevice"}, &idp.ConfirmDeviceInput{
		AccessToken: &in.AccessToken,
		DeviceKey:   &in.DeviceKey,
		DeviceName:  optional(in.DeviceName),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{
			Salt:             &in.Salt,
			PasswordVerifier: &in.Verifier,
		},
	}, c.api.ConfirmDevice)
	if err != nil {
		return ConfirmDeviceOutput{}, err
	}
	return ConfirmDeviceOutput{UserConfirmationNecessary: out.UserConfirmationNecessary}, nil
}
