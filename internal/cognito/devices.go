package cognito

import (
	"context"
	"time"

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

// Device is a device that the pool knows of a user.
type Device struct {
	Key string

	// Attributes are what the service notes of it, such as "device_name".
	Attributes map[string]string

	Created       time.Time
	Modified      time.Time
	Authenticated time.Time // when it last signed in
}

// GetDevice returns a device of a signed-in user (operation GetDevice).
func (c *Client) GetDevice(ctx context.Context, accessToken, key string) (Device, error) {
	const name = "GetDevice"
	out, err := call(ctx, c, operation{name: name, repeatable: true}, &idp.GetDeviceInput{
		AccessToken: &accessToken,
		DeviceKey:   &key,
	}, c.api.GetDevice)
	switch {
	case err != nil:
		return Device{}, err
	case out.Device == nil:
		return Device{}, malformed(name, out.ResultMetadata)
	}
	return newDevice(*out.Device), nil
}

// maxDevicePage is as many devices as the service lists at once.
const maxDevicePage = 60

// ListDevices returns a page of a user's devices and what the next page goes
// by, empty after the last (operation ListDevices). next is empty for the first
// page.
func (c *Client) ListDevices(ctx context.Context, accessToken, next string) ([]Device, string, error) {
	out, err := call(ctx, c, operation{name: "ListDevices", repeatable: true}, &idp.ListDevicesInput{
		AccessToken:     &accessToken,
		Limit:           new(int32(maxDevicePage)),
		PaginationToken: optional(next),
	}, c.api.ListDevices)
	if err != nil {
		return nil, "", err
	}
	var list []Device
	for _, d := range out.Devices {
		list = append(list, newDevice(d))
	}
	return list, deref(out.PaginationToken), nil
}

func newDevice(d types.DeviceType) Device {
	return Device{
		Key:           deref(d.DeviceKey),
		Attributes:    attributeMap(d.DeviceAttributes),
		Created:       moment(d.DeviceCreateDate),
		Modified:      moment(d.DeviceLastModifiedDate),
		Authenticated: moment(d.DeviceLastAuthenticatedDate),
	}
}

// UpdateDeviceStatusInput is what [Client.UpdateDeviceStatus] takes.
type UpdateDeviceStatusInput struct {
	AccessToken string
	DeviceKey   string
	Remembered  bool
}

// UpdateDeviceStatus has the pool remember a device, or no longer (operation
// UpdateDeviceStatus).
func (c *Client) UpdateDeviceStatus(ctx context.Context, in UpdateDeviceStatusInput) error {
	status := types.DeviceRememberedStatusTypeNotRemembered
	if in.Remembered {
		status = types.DeviceRememberedStatusTypeRemembered
	}
	_, err := call(ctx, c, operation{name: "UpdateDeviceStatus", repeatable: true}, &idp.UpdateDeviceStatusInput{
		AccessToken:            &in.AccessToken,
		DeviceKey:              &in.DeviceKey,
		DeviceRememberedStatus: status,
	}, c.api.UpdateDeviceStatus)
	return err
}

// ForgetDevice removes a device of a signed-in user (operation ForgetDevice).
func (c *Client) ForgetDevice(ctx context.Context, accessToken, key string) error {
	_, err := call(ctx, c, operation{name: "ForgetDevice"}, &idp.ForgetDeviceInput{
		AccessToken: &accessToken,
		DeviceKey:   &key,
	}, c.api.ForgetDevice)
	return err
}
