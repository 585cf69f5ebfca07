package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/srp"
	"github.com/cognitokit/auth/tokens"
)

// A device is what this side keeps of a remembered device. Its secret proves it
// (DEVICE_SRP_AUTH), in place of a second factor.
type device struct {
	Key      string   `json:"key"`
	GroupKey string   `json:"groupKey"`
	Secret   string   `json:"secret"`
	Username string   `json:"username"` // the user's own name in the pool
	LoginIDs []string `json:"loginIds"` // what the user typed to sign in
}

// Format implements [fmt.Formatter].
func (device) Format(f fmt.State, _ rune) { io.WriteString(f, "auth.device") }

// LogValue implements [slog.LogValuer].
func (device) LogValue() slog.Value { return slog.StringValue("auth.device") }

// isIncomplete reports whether the device cannot prove itself.
func (d device) isIncomplete() bool {
	return d.Key == "" || d.GroupKey == "" || d.Secret == "" || d.Username == ""
}

// isNamed reports whether the device's user signs in with the name.
func (d device) isNamed(loginID string) bool {
	return d.Username == loginID || slices.Contains(d.LoginIDs, loginID)
}

// deviceRecord holds the devices of everybody who signs in on one device id,
// newest first: a computer shared by a family is a device of each of them.
type deviceRecord struct {
	Version int      `json:"v"`
	Devices []device `json:"devices"`
}

const (
	deviceRecordVersion = 1
	maxDevices          = 16 // users of one device id; the oldest gives way
	maxLoginIDs         = 8  // names of one user
	deviceLife          = 10 * 365 * 24 * time.Hour
	confirmTimeout      = 15 * time.Second
)

// loadDevices returns the record. What it holds keeps nobody from signing in: a
// damaged one counts as empty.
func (s *Session) loadDevices(ctx context.Context) (deviceRecord, tokens.Revision, error) {
	none := deviceRecord{Version: deviceRecordVersion}
	rec, rev, err := s.client.cfg.Store.Load(ctx, s.key(recordDevices))
	if errors.Is(err, tokens.ErrNotFound) {
		return none, "", nil
	}
	if err != nil {
		return none, "", err
	}
	r, ok := parseDevices(rec.Data)
	if !ok {
		s.client.log.WarnContext(ctx, "auth: device record is damaged")
		return none, rev, nil
	}
	return r, rev, nil
}

// parseDevices reads a record. Of one that a newer program wrote only the version
// is known.
func parseDevices(data []byte) (r deviceRecord, ok bool) {
	var version struct {
		Number int `json:"v"`
	}
	if json.Unmarshal(data, &version) == nil && version.Number > deviceRecordVersion {
		return deviceRecord{Version: version.Number}, true
	}
	err := json.Unmarshal(data, &r)
	r.Version = deviceRecordVersion
	r.Devices = slices.DeleteFunc(r.Devices, device.isIncomplete)
	return r, err == nil
}

// changeDevices applies change to the record. Other sessions on the same device
// id may change it at the same time.
func (s *Session) changeDevices(ctx context.Context, change func([]device) []device) error {
	var err error = tokens.ErrConflict
	for range maxConflicts {
		r, rev, loadErr := s.loadDevices(ctx)
		if loadErr != nil {
			return loadErr
		}
		if r.Version != deviceRecordVersion {
			return &Error{Code: ErrInternal, Message: "the device record is of another version"}
		}
		r.Devices = change(r.Devices)
		data, marshalErr := json.Marshal(r)
		if marshalErr != nil {
			return marshalErr
		}
		switch {
		case len(r.Devices) > 0:
			rec := tokens.Record{Data: data, Expires: time.Now().Add(deviceLife)}
			_, err = s.client.cfg.Store.Save(ctx, s.key(recordDevices), rec, rev)
		case rev != "":
			err = s.client.cfg.Store.Delete(ctx, s.key(recordDevices), rev)
		default:
			return nil
		}
		if !errors.Is(err, tokens.ErrConflict) {
			return err
		}
	}
	return err
}

// deviceKeys returns the keys of the remembered devices by every name of their
// users.
func (s *Session) deviceKeys(ctx context.Context) (map[string]string, error) {
	r, _, err := s.loadDevices(ctx)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]string)
	for _, d := range slices.Backward(r.Devices) { // newer ones overwrite older ones
		for _, name := range d.LoginIDs {
			keys[name] = d.Key
		}
	}
	for _, d := range r.Devices { // what is somebody's username is no other's alias
		keys[d.Username] = d.Key
	}
	return keys, nil
}

func (s *Session) findDevice(ctx context.Context, is func(device) bool) (*device, error) {
	r, _, err := s.loadDevices(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(r.Devices, is); i >= 0 {
		return &r.Devices[i], nil
	}
	return nil, nil
}

func (s *Session) rememberLocally(ctx context.Context, d device) error {
	return s.changeDevices(ctx, func(devices []device) []device {
		kept := d
		devices = slices.DeleteFunc(devices, func(old device) bool {
			if old.Key == d.Key { // imported once more
				kept.LoginIDs = merged(d.LoginIDs, old.LoginIDs)
			}
			return old.Username == d.Username
		})
		devices = slices.Insert(devices, 0, kept)
		return devices[:min(len(devices), maxDevices)]
	})
}

func (s *Session) forgetLocally(ctx context.Context, key string) error {
	return s.changeDevices(ctx, func(devices []device) []device {
		return slices.DeleteFunc(devices, func(d device) bool { return d.Key == key })
	})
}

// forgetDevicesOf removes the devices of a user.
func (s *Session) forgetDevicesOf(ctx context.Context, username string) error {
	return s.changeDevices(ctx, func(devices []device) []device {
		return slices.DeleteFunc(devices, func(d device) bool { return d.Username == username })
	})
}

// nameDevice adds another name that the device's user signs in with.
func (s *Session) nameDevice(ctx context.Context, key, loginID string) error {
	d, err := s.findDevice(ctx, func(d device) bool { return d.Key == key })
	if err != nil || d == nil || d.isNamed(loginID) {
		return err // as a rule there is nothing to write
	}
	return s.changeDevices(ctx, func(devices []device) []device {
		for i, d := range devices {
			if d.Key == key && !d.isNamed(loginID) {
				devices[i].LoginIDs = merged([]string{loginID}, d.LoginIDs)
			}
		}
		return devices
	})
}

// merged returns the names of a user, newer ones first.
func merged(newer, older []string) []string {
	names := slices.Clone(newer)
	for _, name := range older {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), maxLoginIDs)]
}

// confirmDevice gives the device a secret of its own and keeps it. The secret
// stays here; the service gets a verifier, as for a password. A caller who has
// left does not stop it, as the tokens are saved already and are worth less
// without the device.
func (s *Session) confirmDevice(ctx context.Context, op string, b tokens.Bundle, name string) *DeviceOutcome {
	d := device{
		Key: b.Device.Key, GroupKey: b.Device.GroupKey, Secret: srp.NewDeviceSecret(),
		Username: b.Username, LoginIDs: []string{b.SignInDetails.LoginID},
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
	defer cancel()
	v := srp.NewVerifier(d.GroupKey, d.Key, d.Secret)
	out, err := s.client.api.ConfirmDevice(ctx, cognito.ConfirmDeviceInput{
		AccessToken: b.AccessToken, DeviceKey: d.Key, DeviceName: name, Salt: v.SaltBase64(), Verifier: v.ValueBase64(),
	})
	if err == nil {
		err = s.rememberLocally(ctx, d)
	}
	return &DeviceOutcome{NeedsRemembering: out.UserConfirmationNecessary, Err: opError(op, err)}
}
