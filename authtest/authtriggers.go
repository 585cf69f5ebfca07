package authtest

import (
	"maps"

	"github.com/cognitokit/auth/internal/wire"
)

// Trigger sources of sign-in.
const (
	sourcePreAuthentication  = "PreAuthentication_Authentication"
	sourcePostAuthentication = "PostAuthentication_Authentication"
)

// A PreAuthenticationEvent is the event of the pre authentication trigger.
type PreAuthenticationEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		ValidationData map[string]string `json:"validationData"` // ClientMetadata of InitiateAuth
		UserNotFound   bool              `json:"userNotFound,omitempty"`
	} `json:"request"`

	// Response is empty: the function decides nothing but whether to fail.
	Response struct{} `json:"response"`
}

// A PostAuthenticationEvent is the event of the post authentication trigger.
type PostAuthenticationEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		NewDeviceUsed  bool              `json:"newDeviceUsed"`
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is empty: the function decides nothing but whether to fail.
	Response struct{} `json:"response"`
}

// preAuthenticate asks the pre authentication trigger whether somebody may try
// to sign in. It is not asked about users who are locked out.
func (c *call) preAuthenticate(a attempt) *apiError {
	trigger := c.pool.cfg.Triggers.PreAuthentication
	if trigger == nil {
		return nil
	}
	if a.user != nil && a.user.locked(c.now) {
		return notAuthorized(msgAttemptsExceeded)
	}
	_, err := run(c, "PreAuthentication", trigger, func() *PreAuthenticationEvent {
		event := &PreAuthenticationEvent{TriggerEvent: c.triggerEvent(sourcePreAuthentication, c.displayName(a))}
		event.Request.UserAttributes = c.triggerAttributes(a.user)
		event.Request.ValidationData = maps.Clone(c.validation)
		event.Request.UserNotFound = a.user == nil
		return event
	})
	if err != nil {
		return err
	}
	if a.user != nil && a.user.deleted {
		return noSuchUser(a.client)
	}
	return nil
}

// noSuchUser answers a sign-in of somebody whom the pool does not have.
func noSuchUser(client *appClient) *apiError {
	if client.hideUsers {
		return notAuthorized(msgIncorrect)
	}
	return userNotFound(msgUserNotFound)
}

// postAuthenticate tells the post authentication trigger of a sign-in that has
// succeeded.
func (c *call) postAuthenticate(a attempt) *apiError {
	trigger := c.pool.cfg.Triggers.PostAuthentication
	if trigger == nil {
		return nil
	}
	_, err := run(c, "PostAuthentication", trigger, func() *PostAuthenticationEvent {
		event := &PostAuthenticationEvent{TriggerEvent: c.triggerEvent(sourcePostAuthentication, a.user.username)}
		event.Request.UserAttributes = c.triggerAttributes(a.user)
		event.Request.NewDeviceUsed = c.pool.cfg.Devices != nil && a.device == nil
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
	return err
}

// beforeTokens runs the triggers between a sign-in and its tokens, and checks
// after each that the user may still have some.
func (c *call) beforeTokens(a attempt) (*tokenOverrides, *apiError) {
	if err := c.succeeded(a); err != nil {
		return nil, err
	}
	overrides, err := c.preTokenGeneration(a.tokenSource(), a.user, []string{adminScope})
	if err != nil {
		return nil, err
	}
	return overrides, c.stillSignsIn(a)
}

// succeeded runs the trigger that is told of a sign-in.
func (c *call) succeeded(a attempt) *apiError {
	if err := c.stillSignsIn(a); err != nil {
		return err
	}
	if err := c.postAuthenticate(a); err != nil {
		return err
	}
	return c.stillSignsIn(a)
}

// stillSignsIn refuses a sign-in whose user or device has gone meanwhile.
func (c *call) stillSignsIn(a attempt) *apiError {
	switch {
	case a.user.deleted:
		return noSuchUser(a.client)
	case !a.user.enabled:
		return notAuthorized(msgUserDisabled)
	case a.device != nil && a.user.devices[a.device.key] != a.device:
		return resourceNotFound(msgDeviceNotFound)
	default:
		return nil
	}
}

// tokenSource is the trigger source of the tokens that end a sign-in.
func (a attempt) tokenSource() string {
	switch {
	case a.deviceProven:
		return sourceTokensDevice
	case a.changedPassword:
		return sourceTokensNewPassword
	default:
		return sourceTokensAuthentication
	}
}

// withNewPassword returns the attempt of a user who has replaced a temporary
// password.
func (a attempt) withNewPassword() attempt {
	a.changedPassword = true
	return a.with(wire.ChallengeNewPasswordRequired, true, "")
}
