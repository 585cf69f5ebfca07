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
	if c.managed { // without devices; tokens come later, each time that an application asks for some
		if err := c.succeeded(a); err != nil {
			return nil, err
		}
		return &authResponse{signedIn: a.user, ChallengeParameters: map[string]string{}}, nil
	}
	if a.asksDevice() {
		return c.challenge(wire.ChallengeDeviceSRPAuth, &session{attempt: a}, map[string]string{}), nil
	}
	overrides, err := c.beforeTokens(a)
	if err != nil {
		return nil, err
	}
	if !c.registersDevice(a) {
		if a.device != nil {
			a.device.authenticated = c.now
		}
		return c.grantTokens(a, overrides), nil
	}
	a.device = c.newDevice(a.user)
	response := c.grantTokens(a, overrides)
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
			wire.ChallengeParamSalt:        exchange.server.challengeSalt(),
			wire.ChallengeParamSRPB:        exchange.server.challengeB(),
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
