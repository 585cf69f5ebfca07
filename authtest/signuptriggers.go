package authtest

import (
	"maps"
	"slices"
)

// Trigger sources of sign-up and confirmation.
const (
	sourceSignUp                = "PreSignUp_SignUp"
	sourceAdminCreateUser       = "PreSignUp_AdminCreateUser"
	sourceExternalSignUp        = "PreSignUp_ExternalProvider"
	sourceConfirmSignUp         = "PostConfirmation_ConfirmSignUp"
	sourceConfirmForgotPassword = "PostConfirmation_ConfirmForgotPassword"
)

// A PreSignUpEvent is the event of the pre sign-up trigger.
type PreSignUpEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		ValidationData map[string]string `json:"validationData"`
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is what the function decides. The service ignores it for
	// users whom an administrator creates.
	Response struct {
		AutoConfirmUser bool `json:"autoConfirmUser"`
		AutoVerifyEmail bool `json:"autoVerifyEmail"`
		AutoVerifyPhone bool `json:"autoVerifyPhone"`
	} `json:"response"`
}

// A PostConfirmationEvent is the event of the post confirmation trigger.
type PostConfirmationEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes map[string]string `json:"userAttributes"`
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is empty: the function decides nothing but whether to fail.
	Response struct{} `json:"response"`
}

// preSignUp asks the pre sign-up trigger about a new user, who is not in the
// pool yet. It returns nil if there is no trigger.
func (c *call) preSignUp(source string, u *user, given, validationData []attribute) (*PreSignUpEvent, *apiError) {
	trigger := c.pool.cfg.Triggers.PreSignUp
	if trigger == nil {
		return nil, nil
	}
	return run(c, "PreSignUp", trigger, func() *PreSignUpEvent {
		event := &PreSignUpEvent{TriggerEvent: c.triggerEvent(source, u.username)}
		event.Request.UserAttributes = maps.Clone(u.attributes)
		// Flags that nobody has set are the pool's own.
		maps.DeleteFunc(event.Request.UserAttributes, func(name, _ string) bool {
			return isVerifiedFlag(name) && !slices.ContainsFunc(given, func(a attribute) bool { return a.Name == name })
		})
		if len(validationData) > 0 {
			event.Request.ValidationData = attributeMap(validationData)
		}
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
}

// runPreSignUp asks the pre sign-up trigger about a user who signs up, and
// does what it says.
func (c *call) runPreSignUp(u *user, r *signUpRequest) *apiError {
	event, err := c.preSignUp(sourceSignUp, u, r.UserAttributes, r.ValidationData)
	if event == nil || err != nil {
		return err
	}
	if event.Response.AutoConfirmUser {
		u.status = StatusConfirmed
	}
	return event.verify(u)
}

// verify verifies the contacts of a new user as the trigger says.
func (event *PreSignUpEvent) verify(u *user) *apiError {
	for _, verify := range []struct {
		wanted    bool
		attribute string
	}{{event.Response.AutoVerifyEmail, attrEmail}, {event.Response.AutoVerifyPhone, attrPhone}} {
		switch {
		case !verify.wanted:
		case u.attributes[verify.attribute] == "":
			return lambdaOutput()
		default:
			u.setVerified(verify.attribute)
		}
	}
	return nil
}

// postConfirmation tells the post confirmation trigger of a user who has been
// confirmed.
func (c *call) postConfirmation(source string, u *user) *apiError {
	trigger := c.pool.cfg.Triggers.PostConfirmation
	if trigger == nil {
		return nil
	}
	_, err := run(c, "PostConfirmation", trigger, func() *PostConfirmationEvent {
		event := &PostConfirmationEvent{TriggerEvent: c.triggerEvent(source, u.username)}
		event.Request.UserAttributes = c.triggerAttributes(u)
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
	return err
}
