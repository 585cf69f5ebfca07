package authtest

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/srp"
)

// DeviceTracking makes a pool remember devices (DeviceConfiguration of
// CreateUserPool).
type DeviceTracking struct {
	// ChallengeRequiredOnNewDevice lets a remembered device stand for the
	// second factor. Otherwise both are asked for.
	ChallengeRequiredOnNewDevice bool

	// RememberOnRequest leaves a confirmed device not remembered until
	// UpdateDeviceStatus says so (DeviceOnlyRememberedOnUserPrompt).
	RememberOnRequest bool
}

// A trackedDevice is a device that signed a user in. It is pending until it is
// confirmed with a verifier.
type trackedDevice struct {
	key, group, name  string
	verifier          *srp.Verifier // nil until confirmed
	remembered        bool
	created, modified time.Time
	authenticated     time.Time
}

// maxDevices bounds the devices of a user; the oldest is forgotten.
const maxDevices = 100

// nameDevice takes note of the device that a client says it is.
func (c *call) nameDevice(a *attempt, key string) *apiError {
	if key == "" || c.pool.cfg.Devices == nil || a.user == nil {
		return nil
	}
	d := a.user.devices[key]
	if d == nil || d.verifier == nil {
		return resourceNotFound(msgDeviceNotFound)
	}
	a.device = d
	return nil
}

// asksDevice reports whether the attempt's device has to prove itself.
func (a attempt) asksDevice() bool { return a.device != nil && a.device.remembered && !a.deviceProven }

// replacesMFA reports whether the attempt's device stands for the second
// factor.
func (c *call) replacesMFA(a attempt) bool {
	return a.asksDevice() && c.pool.cfg.Devices.ChallengeRequiredOnNewDevice
}

// finish ends a sign-in, after a device that is remembered has proved itself.
func (c *call) finish(a attempt) (*authResponse, *apiError) {
	if a.asksDevice() {
		return c.challenge(wire.ChallengeDeviceSRPAuth, &session{attempt: a}, map[string]string{}), nil
	}
	if !c.registersDevice(a) {
		if a.device != nil {
			a.device.authenticated = c.now
		}
		return c.grantTokens(a), nil
	}
	a.device = c.newDevice(a.user)
	response := c.grantTokens(a)
	response.AuthenticationResult.NewDeviceMetadata = &newDeviceMetadata{DeviceGroupKey: a.device.group, DeviceKey: a.device.key}
	return response, nil
}

// registersDevice reports whether a sign-in gives the client a new device:
// only one that has proved the password does (observed).
func (c *call) registersDevice(a attempt) bool {
	return c.pool.cfg.Devices != nil && a.device == nil && a.provedPassword
}

type newDeviceMetadata struct {
	DeviceGroupKey string
	DeviceKey      string
}

func (c *call) newDevice(u *user) *trackedDevice {
	d := &trackedDevice{
		key: c.pool.region() + "_" + randomUUID(), group: "-" + randomString(9, upperLetters+lowerLetters+digits),
		created: c.now, modified: c.now, authenticated: c.now,
	}
	if u.devices == nil {
		u.devices = make(map[string]*trackedDevice)
	}
	for len(u.devices) >= maxDevices {
		delete(u.devices, u.deviceList()[0].key)
	}
	u.devices[d.key] = d
	return d
}

// deviceList returns a user's devices, oldest first.
func (u *user) deviceList() []*trackedDevice {
	list := make([]*trackedDevice, 0, len(u.devices))
	for _, d := range u.devices {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *trackedDevice) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.key, b.key))
	})
	return list
}

// answerDeviceSRP serves DEVICE_SRP_AUTH.
func answerDeviceSRP(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	d := s.device
	if s.user.devices[d.key] != d || d.verifier == nil || responses[wire.ParamDeviceKey] != d.key {
		return nil, resourceNotFound(msgDeviceNotFound)
	}
	clientA := responses[wire.ParamSRPA]
	if !wellFormedA(clientA) {
		return nil, invalidParameter(msgMalformedSRPA)
	}
	s.spent = true
	exchange, block := c.startExchange(s.attempt, srpChallenge{id: d.key, group: d.group, clientA: clientA}, *d.verifier)
	next := &session{attempt: s.attempt, purpose: wire.ChallengeDevicePasswordVerifier, srp: exchange}
	return &authResponse{
		ChallengeName: wire.ChallengeDevicePasswordVerifier,
		ChallengeParameters: map[string]string{
			wire.ChallengeParamSalt:        exchange.server.Salt(),
			wire.ChallengeParamSRPB:        exchange.server.B(),
			wire.ChallengeParamSecretBlock: base64.StdEncoding.EncodeToString(block),
			wire.ChallengeParamDeviceKey:   d.key,
			wire.ChallengeParamUsername:    s.user.username,
		},
		Session: c.startSession(next),
	}, nil
}

// answerDeviceProof serves DEVICE_PASSWORD_VERIFIER. Whatever is wrong with the
// proof, the answer is the one to a wrong password.
func answerDeviceProof(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	d := s.device
	if s.user.devices[d.key] != d || responses[wire.ParamDeviceKey] != d.key {
		return nil, resourceNotFound(msgDeviceNotFound)
	}
	block, err := base64.StdEncoding.Strict().DecodeString(responses[wire.ParamClaimSecretBlock])
	referred, expires, ok := c.pool.sessions.open(block)
	if err != nil || !ok || referred == nil || referred.srp != s.srp || !c.now.Before(expires) {
		return nil, notAuthorized(msgIncorrect)
	}
	s.spent = true
	var right bool
	c.unlocked(func() { right = c.proves(s.srp, block, responses) })
	if !right || s.user.deleted || !s.user.enabled {
		return nil, notAuthorized(msgIncorrect)
	}
	a := s.attempt
	a.deviceProven = true
	return c.finish(a)
}

// deviceOf returns the device that an operation names.
func (c *call) deviceOf(token, key string) (*grant, *trackedDevice, *apiError) {
	g, err := c.bearer(token)
	if err != nil {
		return nil, nil, err
	}
	if c.pool.cfg.Devices == nil {
		return nil, nil, fail(wire.ExceptionInvalidUserPoolConfiguration, msgNoDeviceTracking)
	}
	d := g.user.devices[key]
	if d == nil {
		return nil, nil, resourceNotFound(msgDeviceNotFound)
	}
	return g, d, nil
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
	_, d, err := c.deviceOf(r.AccessToken, r.DeviceKey)
	if err != nil {
		return nil, err
	}
	if d.verifier != nil {
		return nil, fail(wire.ExceptionDeviceKeyExists, msgDeviceExists)
	}
	if r.DeviceVerifier == nil {
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

type getDeviceRequest struct {
	DeviceKey   string `aws:"DeviceKey,DeviceKey,required"`
	AccessToken string `aws:"AccessToken,AccessToken"`
}

type getDeviceResponse struct {
	Device deviceDescription
}

func getDevice(c *call, r *getDeviceRequest) (*getDeviceResponse, *apiError) {
	_, d, err := c.deviceOf(r.AccessToken, r.DeviceKey)
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

// listDevices lists confirmed devices, oldest first. The pagination token is
// the key of the last device of the page before.
func listDevices(c *call, r *listDevicesRequest) (*listDevicesResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	if c.pool.cfg.Devices == nil {
		return nil, fail(wire.ExceptionInvalidUserPoolConfiguration, msgNoDeviceTracking)
	}
	limit := maxDevicePage
	if r.Limit > 0 {
		limit = r.Limit
	}
	all := slices.DeleteFunc(g.user.deviceList(), func(d *trackedDevice) bool { return d.verifier == nil })
	if r.PaginationToken != "" {
		i := slices.IndexFunc(all, func(d *trackedDevice) bool { return d.key == r.PaginationToken })
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
	_, d, err := c.deviceOf(r.AccessToken, r.DeviceKey)
	if err != nil {
		return nil, err
	}
	d.remembered, d.modified = r.DeviceRememberedStatus == statusRemembered, c.now
	return &empty{}, nil
}

type forgetDeviceRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken"`
	DeviceKey   string `aws:"DeviceKey,DeviceKey,required"`
}

func forgetDevice(c *call, r *forgetDeviceRequest) (*noBody, *apiError) {
	g, d, err := c.deviceOf(r.AccessToken, r.DeviceKey)
	if err != nil {
		return nil, err
	}
	delete(g.user.devices, d.key)
	return &noBody{}, nil
}

// checkDevice refuses to refresh the tokens of a device that is not the one
// they were issued to, is not confirmed, or has been forgotten.
func (c *call) checkDevice(g *grant, key string) *apiError {
	if c.pool.cfg.Devices == nil || g.device == nil {
		return nil
	}
	d := g.user.devices[g.device.key]
	if d != g.device || d.verifier == nil || key != d.key {
		return notAuthorized(msgRefreshInvalid)
	}
	return nil
}

// region is the first part of the pool's id.
func (p *Pool) region() string {
	region, _, _ := strings.Cut(p.cfg.PoolID, "_")
	return region
}
