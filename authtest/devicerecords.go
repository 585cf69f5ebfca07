package authtest

import (
	"slices"

	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
)

// tracksDevices refuses operations about devices in pools that track none.
func (c *call) tracksDevices() *apiError {
	if c.pool.cfg.Devices == nil {
		return fail(wire.ExceptionInvalidUserPoolConfiguration, msgNoDeviceTracking)
	}
	return nil
}

// device returns a confirmed device of a user. Before it is confirmed a device
// is nothing but a key that the pool has made up (inferred).
func (c *call) device(u *user, key string) (*trackedDevice, *apiError) {
	if err := c.tracksDevices(); err != nil {
		return nil, err
	}
	d := u.devices[key]
	if d == nil || d.verifier == nil {
		return nil, resourceNotFound(msgDeviceNotFound)
	}
	return d, nil
}

type deviceVerifier struct {
	PasswordVerifier string `aws:"PasswordVerifier,SensitiveString"`
	Salt             string `aws:"Salt,SensitiveString"`
}

type confirmDeviceRequest struct {
	AccessToken    string          `aws:"AccessToken,AccessToken,required"`
	DeviceKey      string          `aws:"DeviceKey,DeviceKey,required"`
	DeviceVerifier *deviceVerifier `aws:"DeviceSecretVerifierConfig"`
	DeviceName     string          `aws:"DeviceName,DeviceName"`
}

type confirmDeviceResponse struct {
	UserConfirmationNecessary bool
}

// confirmDevice gives a device its verifier.
func confirmDevice(c *call, r *confirmDeviceRequest) (*confirmDeviceResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := c.tracksDevices(); err != nil {
		return nil, err
	}
	d := g.user.devices[r.DeviceKey]
	switch {
	case d == nil:
		return nil, resourceNotFound(msgDeviceNotFound)
	case d.verifier != nil:
		return nil, fail(wire.ExceptionDeviceKeyExists, msgDeviceExists)
	case r.DeviceVerifier == nil:
		return nil, invalidParameter(msgDeviceVerifier)
	}
	v, parseErr := srp.ParseVerifier(r.DeviceVerifier.Salt, r.DeviceVerifier.PasswordVerifier)
	if parseErr != nil {
		return nil, invalidParameter(msgDeviceVerifier)
	}
	d.verifier, d.name, d.modified = &v, r.DeviceName, c.now
	d.remembered = !c.pool.cfg.Devices.RememberOnRequest
	return &confirmDeviceResponse{UserConfirmationNecessary: c.pool.cfg.Devices.RememberOnRequest}, nil
}

type deviceDescription struct {
	DeviceAttributes            []attribute
	DeviceCreateDate            epoch
	DeviceKey                   string
	DeviceLastAuthenticatedDate epoch
	DeviceLastModifiedDate      epoch
}

func (d *trackedDevice) describe() deviceDescription {
	return deviceDescription{
		DeviceAttributes: []attribute{
			{"device_status", "valid"}, {"device_name", d.name}, {"dev:device_remembered_status", d.status()},
		},
		DeviceCreateDate: epoch(d.created), DeviceKey: d.key,
		DeviceLastAuthenticatedDate: epoch(d.authenticated), DeviceLastModifiedDate: epoch(d.modified),
	}
}

const (
	statusRemembered    = "remembered"
	statusNotRemembered = "not_remembered"
)

func (d *trackedDevice) status() string {
	if d.remembered {
		return statusRemembered
	}
	return statusNotRemembered
}

// The access token is optional in the model of GetDevice and ForgetDevice, but
// nothing else could say whose device is meant: without one it is invalid
// (inferred).
type getDeviceRequest struct {
	DeviceKey   string `aws:"DeviceKey,DeviceKey,required"`
	AccessToken string `aws:"AccessToken,AccessToken"`
}

type getDeviceResponse struct {
	Device deviceDescription
}

func getDevice(c *call, r *getDeviceRequest) (*getDeviceResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.getDevice(g.user, r.DeviceKey)
}

func (c *call) getDevice(u *user, key string) (*getDeviceResponse, *apiError) {
	d, err := c.device(u, key)
	if err != nil {
		return nil, err
	}
	return &getDeviceResponse{d.describe()}, nil
}

type listDevicesRequest struct {
	AccessToken     string `aws:"AccessToken,AccessToken,required"`
	Limit           int    `aws:"Limit,DeviceLimit"`
	PaginationToken string `aws:"PaginationToken"`
}

type listDevicesResponse struct {
	Devices         []deviceDescription
	PaginationToken string `json:",omitempty"`
}

const maxDevicePage = 60

func listDevices(c *call, r *listDevicesRequest) (*listDevicesResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.listDevices(g.user, r.Limit, r.PaginationToken)
}

// listDevices lists confirmed devices, oldest first. The pagination token is
// the key of the last device of the page before.
func (c *call) listDevices(u *user, limit int, token string) (*listDevicesResponse, *apiError) {
	if err := c.tracksDevices(); err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = maxDevicePage
	}
	all := slices.DeleteFunc(u.deviceList(), func(d *trackedDevice) bool { return d.verifier == nil })
	if token != "" {
		i := slices.IndexFunc(all, func(d *trackedDevice) bool { return d.key == token })
		if i < 0 {
			return nil, invalidParameter(msgPaginationToken)
		}
		all = all[i+1:]
	}
	response := &listDevicesResponse{Devices: []deviceDescription{}}
	for _, d := range all[:min(limit, len(all))] {
		response.Devices = append(response.Devices, d.describe())
	}
	if len(all) > limit {
		response.PaginationToken = all[limit-1].key
	}
	return response, nil
}

type updateDeviceStatusRequest struct {
	AccessToken            string `aws:"AccessToken,AccessToken,required"`
	DeviceKey              string `aws:"DeviceKey,DeviceKey,required"`
	DeviceRememberedStatus string `aws:"DeviceRememberedStatus,DeviceRememberedStatus"`
}

func updateDeviceStatus(c *call, r *updateDeviceStatusRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.updateDeviceStatus(g.user, r.DeviceKey, r.DeviceRememberedStatus)
}

// updateDeviceStatus leaves the device as it is if no status is given
// (inferred).
func (c *call) updateDeviceStatus(u *user, key, status string) (*empty, *apiError) {
	d, err := c.device(u, key)
	if err != nil {
		return nil, err
	}
	if status != "" {
		d.remembered, d.modified = status == statusRemembered, c.now
	}
	return &empty{}, nil
}

type forgetDeviceRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken"`
	DeviceKey   string `aws:"DeviceKey,DeviceKey,required"`
}

func forgetDevice(c *call, r *forgetDeviceRequest) (*noBody, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.forgetDevice(g.user, r.DeviceKey)
}

func (c *call) forgetDevice(u *user, key string) (*noBody, *apiError) {
	if _, err := c.device(u, key); err != nil {
		return nil, err
	}
	delete(u.devices, key)
	return &noBody{}, nil
}
