package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
)

// A DeviceOutcome says what became of the device that a pool with device
// tracking gave a sign-in (Cognito operation ConfirmDevice).
type DeviceOutcome struct {
	_ [0]func()

	// NeedsRemembering is set in pools that remember devices only when the
	// person says so: the device is confirmed, and asked for its second factor
	// until it is remembered (UpdateDeviceStatus).
	NeedsRemembering bool

	// Err is why the device could not be confirmed; the person is signed in all
	// the same, until the tokens expire: the service does not refresh those of an
	// unconfirmed device. It is an *Error.
	Err error
}

// A Device is a device that the pool knows of a person. Its JSON is Amplify's.
type Device struct {
	_ [0]func()

	ID         string            `json:"id"`             // the device key
	Name       string            `json:"name,omitempty"` // ClientContext.DeviceName of the sign-in that registered it
	Attributes map[string]string `json:"attributes"`     // what the service notes, as "device_status" and "last_ip_used"

	CreateDate            time.Time `json:"createDate,omitzero"`            // when a sign-in registered it
	LastModifiedDate      time.Time `json:"lastModifiedDate,omitzero"`      // when it was confirmed, or its status changed
	LastAuthenticatedDate time.Time `json:"lastAuthenticatedDate,omitzero"` // when it last signed the person in

	Current bool `json:"-"` // this session's tokens were issued to it
}

func newDevice(d cognito.Device, cur *signedIn) Device {
	return Device{
		ID: d.Key, Name: d.Attributes["device_name"], Attributes: d.Attributes,
		CreateDate: d.Created, LastModifiedDate: d.Modified, LastAuthenticatedDate: d.Authenticated,
		Current: cur.deviceKey() == d.Key,
	}
}

// deviceKey is the key of the device that the tokens were issued to, "" where
// there is none.
func (cur *signedIn) deviceKey() string {
	if d := cur.bundle.Device; d != nil {
		return d.Key
	}
	return ""
}

// FetchDevicesOutput is the output of [FetchDevices]. Its JSON is Amplify's: an
// array of devices.
type FetchDevicesOutput struct {
	_ [0]func()

	Devices []Device
}

// MarshalJSON implements [json.Marshaler].
func (o FetchDevicesOutput) MarshalJSON() ([]byte, error) {
	if o.Devices == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(o.Devices)
}

// FetchDevices returns all devices of the person who is signed in (Cognito
// operation ListDevices, as often as there are pages of 60). [AllDevices] does
// the same one page at a time.
//
// Errors: those of [FetchAuthSession]; [ErrInvalidUserPoolConfiguration] where
// the pool does not track devices, [ErrInvalidParameter],
// [ErrMissingScope], [ErrPasswordResetRequired], [ErrUserNotConfirmed],
// [ErrUserNotFound], [ErrTooManyRequests]; [ErrUnexpectedResponse] for a list
// that does not end.
func FetchDevices(ctx context.Context, s *Session) (*FetchDevicesOutput, error) {
	out := &FetchDevicesOutput{}
	for d, err := range devices(ctx, s, opFetchDevices) {
		if err != nil {
			return nil, err
		}
		out.Devices = append(out.Devices, d)
	}
	return out, nil
}

// AllDevices returns the devices of the person who is signed in, asking for a
// page when the one before is used up (Cognito operation ListDevices). The
// iterator may be used again and then asks again; it ends with the first error,
// one of those of [FetchDevices].
func AllDevices(ctx context.Context, s *Session) iter.Seq2[Device, error] {
	return devices(ctx, s, opFetchDevices)
}

func devices(ctx context.Context, s *Session, op string) iter.Seq2[Device, error] {
	return pages(s, op, func(next string) (page[Device], error) {
		type answer struct {
			devices []cognito.Device
			next    string
		}
		out, cur, err := authorized(ctx, s, op, func(ctx context.Context, cur *signedIn) (answer, error) {
			list, next, err := s.client.api.ListDevices(ctx, cur.bundle.AccessToken, next)
			return answer{list, next}, err
		})
		if err != nil {
			return page[Device]{}, err
		}
		list := make([]Device, len(out.devices))
		for i, d := range out.devices {
			list[i] = newDevice(d, cur)
		}
		return page[Device]{list, out.next, cur.bundle.Subject}, nil
	})
}

// FetchDeviceInput is the input of [FetchDevice].
type FetchDeviceInput struct {
	_ [0]func()

	DeviceID string // Device.ID; default the device that the session's tokens were issued to
}

// FetchDeviceOutput is the output of [FetchDevice].
type FetchDeviceOutput struct {
	_ [0]func()

	Device
}

// FetchDevice returns one device of the person who is signed in (Cognito
// operation GetDevice).
//
// Errors: those of [FetchDevices]; [ErrDeviceUnknown] where no DeviceID is given
// and the session has no device; [ErrResourceNotFound] for a device that the
// service does not know.
func FetchDevice(ctx context.Context, s *Session, in FetchDeviceInput) (*FetchDeviceOutput, error) {
	if err := begin(s, opFetchDevice, deviceIDField(in.DeviceID)); err != nil {
		return nil, err
	}
	d, cur, err := authorized(ctx, s, opFetchDevice, func(ctx context.Context, cur *signedIn) (cognito.Device, error) {
		key, err := cur.chooseDevice(in.DeviceID)
		if err != nil {
			return cognito.Device{}, err
		}
		return s.client.api.GetDevice(ctx, cur.bundle.AccessToken, key)
	})
	if err != nil {
		return nil, err
	}
	return &FetchDeviceOutput{Device: newDevice(d, cur)}, nil
}

// chooseDevice returns the device that was asked for, by default the session's.
func (cur *signedIn) chooseDevice(id string) (string, error) {
	if id == "" {
		id = cur.deviceKey()
	}
	if id == "" {
		return "", &Error{Code: ErrDeviceUnknown, Message: "the session's tokens were not issued to a device"}
	}
	return id, nil
}

// RememberDeviceInput is the input of [RememberDevice].
type RememberDeviceInput struct {
	_ [0]func()

	DeviceID string // Device.ID; default the device that the session's tokens were issued to

	// NotRemembered does the opposite: sign-in on the device asks for the second
	// factor again. The device stays registered.
	NotRemembered bool
}

// RememberDeviceOutput is the output of [RememberDevice].
type RememberDeviceOutput struct {
	_ [0]func()
}

// RememberDevice has the pool remember a device of the person who is signed in,
// so that sign-in on it does not ask for the second factor, where the pool is set
// up so (Cognito operation UpdateDeviceStatus). It is needed in pools that
// remember devices only when the person says so; see
// [DeviceOutcome.NeedsRemembering].
//
// Errors: those of [FetchDevice].
func RememberDevice(ctx context.Context, s *Session, in RememberDeviceInput) (*RememberDeviceOutput, error) {
	if err := begin(s, opRememberDevice, deviceIDField(in.DeviceID)); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opRememberDevice, func(ctx context.Context, cur *signedIn) error {
		key, err := cur.chooseDevice(in.DeviceID)
		if err != nil {
			return err
		}
		return s.client.api.UpdateDeviceStatus(ctx, cognito.UpdateDeviceStatusInput{
			AccessToken: cur.bundle.AccessToken, DeviceKey: key, Remembered: !in.NotRemembered,
		})
	}); err != nil {
		return nil, err
	}
	return &RememberDeviceOutput{}, nil
}

// ForgetDeviceInput is the input of [ForgetDevice].
type ForgetDeviceInput struct {
	_ [0]func()

	DeviceID string // Device.ID; default the device that the session's tokens were issued to
}

// ForgetDeviceOutput is the output of [ForgetDevice].
type ForgetDeviceOutput struct {
	_ [0]func()

	// Current says that the forgotten device is this one. The session goes on
	// until its tokens expire: the service refreshes no tokens of a forgotten
	// device, so the person has to sign in again then.
	Current bool `json:"-"`
}

// ForgetDevice removes a device of the person who is signed in (Cognito
// operation ForgetDevice), and its secret from the store if it is there. Sign-in
// on it asks for the second factor again.
//
// Errors: those of [FetchDevice]. A device of the person that is in the store and
// that the service has forgotten already is no error.
func ForgetDevice(ctx context.Context, s *Session, in ForgetDeviceInput) (*ForgetDeviceOutput, error) {
	if err := begin(s, opForgetDevice, deviceIDField(in.DeviceID)); err != nil {
		return nil, err
	}
	var key string
	cur, err := authorize(ctx, s, opForgetDevice, func(ctx context.Context, cur *signedIn) (err error) {
		if key, err = cur.chooseDevice(in.DeviceID); err != nil {
			return err
		}
		err = s.client.api.ForgetDevice(ctx, cur.bundle.AccessToken, key)
		if CodeOf(opError(opForgetDevice, err)) == ErrResourceNotFound && s.knowsDevice(ctx, key, cur.bundle.Username) {
			return nil // as it should be
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := tidying(ctx)
	defer cancel()
	if err := s.forgetLocally(ctx, key); err != nil {
		// Its secret proves nothing any more, and the next sign-in drops it.
		s.client.log.WarnContext(ctx, "auth: forgotten device not removed", "error", err)
	}
	return &ForgetDeviceOutput{Current: cur.deviceKey() == key}, nil
}

// knowsDevice reports whether the store has the secret of a user's device.
func (s *Session) knowsDevice(ctx context.Context, key, username string) bool {
	d, err := s.findDevice(ctx, func(d device) bool { return d.Key == key && d.Username == username })
	return err == nil && d != nil
}

// CachedDeviceInput is the input of [CachedDevice].
type CachedDeviceInput struct {
	_ [0]func()

	Username string // whose device, by any name they sign in with; default whoever is signed in
}

// DeviceCredentials are what a device proves itself with. [CachedDevice] returns
// them and [ImportTokens] takes them, so that a device can move to another store.
type DeviceCredentials struct {
	_ [0]func()

	Key      string       // the device key
	GroupKey string       // the device group key
	Secret   DeviceSecret // the device password
}

// A DeviceSecret is the secret of a remembered device, in place of which the
// service does not ask for a second factor: string(d) is the secret. It prints as
// a placeholder under every fmt verb, in logs and in JSON.
type DeviceSecret string

const devicePlaceholder = "[device secret]"

// String returns a placeholder.
func (DeviceSecret) String() string { return devicePlaceholder }

// Format implements [fmt.Formatter].
func (DeviceSecret) Format(f fmt.State, _ rune) { io.WriteString(f, devicePlaceholder) }

// LogValue implements [slog.LogValuer].
func (DeviceSecret) LogValue() slog.Value { return slog.StringValue(devicePlaceholder) }

// MarshalJSON implements [json.Marshaler].
func (DeviceSecret) MarshalJSON() ([]byte, error) { return json.Marshal(devicePlaceholder) }

// CachedDevice returns the device that this side keeps for a person, with its
// secret. Few programs need it: sign-in uses the device by itself. Nothing is
// refreshed: tokens that have expired name their person, too.
//
// Errors: [ErrDeviceUnknown] where there is none; where no Username is given
// [ErrNotSignedIn], and [ErrInvalidTokens] and [ErrKeysUnavailable] for a stored
// record that cannot be verified; [ErrSessionExpired] once the service has
// refused to refresh it; [ErrInternal].
func CachedDevice(ctx context.Context, s *Session, in CachedDeviceInput) (*DeviceCredentials, error) {
	if err := begin(s, opCachedDevice); err != nil {
		return nil, err
	}
	match := func(d device) bool { return d.isNamed(in.Username) }
	if in.Username == "" {
		cur, err := s.load(ctx)
		if err != nil {
			return nil, opError(opCachedDevice, err)
		}
		match = func(d device) bool { return d.Username == cur.bundle.Username }
	}
	d, err := s.findDevice(ctx, match)
	if err != nil {
		return nil, opError(opCachedDevice, err)
	}
	if d == nil {
		return nil, &Error{Op: opCachedDevice, Code: ErrDeviceUnknown, Message: "the store has no device of this person"}
	}
	return &DeviceCredentials{Key: d.Key, GroupKey: d.GroupKey, Secret: DeviceSecret(d.Secret)}, nil
}
