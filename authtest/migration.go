package authtest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// Trigger sources of user migration.
const (
	sourceMigrationAuthentication = "UserMigration_Authentication"
	sourceMigrationForgotPassword = "UserMigration_ForgotPassword"
)

// A UserMigrationEvent is the event of the migrate user trigger. An answer
// without user attributes finds nobody. UserName is the name that the user
// gave.
type UserMigrationEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		Password       string            `json:"password,omitempty"` // empty when it was forgotten
		ValidationData map[string]string `json:"validationData"`     // ClientMetadata of InitiateAuth
		ClientMetadata map[string]string `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is what the function decides.
	Response struct {
		// UserAttributes are the user's. "username" is the name the user gets
		// in the pool, if it is not the one that was given (inferred).
		UserAttributes map[string]string `json:"userAttributes"`

		// FinalUserStatus is StatusConfirmed or StatusResetRequired. Empty is
		// confirmed for who signs in, and to be reset for who has forgotten.
		FinalUserStatus UserStatus `json:"finalUserStatus"`

		MessageAction          string   `json:"messageAction"`          // "SUPPRESS" for no welcome message
		DesiredDeliveryMediums []string `json:"desiredDeliveryMediums"` // of the welcome message: "EMAIL", "SMS"; nil for SMS
		ForceAliasCreation     bool     `json:"forceAliasCreation"`     // take aliases from who has them
		EnableSMSMFA           bool     `json:"enableSMSMFA"`           // ask for a code by SMS, in pools that can
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it.
func (e UserMigrationEvent) MarshalJSON() ([]byte, error) {
	return marshalEvent(e.TriggerEvent, e.Request, e.Response)
}

// identifyOrMigrate is identify for who sends a password: users whom the pool
// does not have may be found elsewhere.
func (c *call) identifyOrMigrate(client *appClient, parameters map[string]string) (*user, *apiError) {
	name, password := parameters[wire.ParamUsername], parameters[wire.ParamPassword]
	if err := client.checkSecretHash(name, parameters[wire.ParamSecretHash]); err != nil {
		return nil, err
	}
	if password != "" {
		if _, err := c.findOrMigrate(client, sourceMigrationAuthentication, name, password); err != nil {
			return nil, err
		}
	}
	return c.identify(client, parameters)
}

// findOrMigrate returns the user of a name, after a migration if need be; nil
// if nobody knows the user.
func (c *call) findOrMigrate(client *appClient, source, name, password string) (*user, *apiError) {
	trigger := c.pool.cfg.Triggers.UserMigration
	if u := c.pool.users.find(name); u != nil || trigger == nil {
		return u, nil
	}
	event, err := run(c, "UserMigration", trigger, func() *UserMigrationEvent {
		event := &UserMigrationEvent{TriggerEvent: c.triggerEvent(source, name)}
		event.Request.Password = password
		event.Request.ValidationData = maps.Clone(c.validation)
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
	if err != nil {
		return nil, err
	}
	if c.pool.users.find(name) == nil { // another request may have been faster
		if err := c.addMigrated(client, migrant{source, name, password}, event); err != nil {
			return nil, err
		}
	}
	return c.pool.users.find(name), nil
}

// A migrant is a user whom the migrate user trigger was asked about.
type migrant struct {
	source   string
	name     string
	password string
}

// addMigrated puts a user whom the migrate user trigger has found into the
// pool, much as AdminCreateUser does: the pre sign-up trigger is asked too
// (observed). The password need not satisfy the policy.
func (c *call) addMigrated(client *appClient, m migrant, event *UserMigrationEvent) *apiError {
	answer := &event.Response
	status, err := m.status(event)
	if err != nil {
		return err
	}
	name := m.name
	var given []attribute
	for _, key := range slices.Sorted(maps.Keys(answer.UserAttributes)) {
		switch value := answer.UserAttributes[key]; {
		case key != "username":
			given = append(given, attribute{key, value})
		case value != "":
			name = value
		}
	}
	if len(given) == 0 || answer.UserAttributes[attrSub] != "" {
		return migrationFailed(client)
	}
	u, err := c.newUser(name, given)
	if err != nil {
		return err
	}
	u.status = status
	if err := c.checkNew(u, answer.ForceAliasCreation); err != nil {
		return err
	}
	if _, err := c.preSignUp(sourceAdminCreateUser, u, given, nil); err != nil {
		return err
	}
	if err := c.checkNew(u, answer.ForceAliasCreation); err != nil { // the trigger ran without the lock
		return err
	}
	if m.password != "" {
		c.setPassword(u, m.password)
	}
	if answer.EnableSMSMFA && c.pool.offers(MFAFactorSMS) && u.canUse(MFAFactorSMS) {
		u.mfa.enable(MFAFactorSMS)
		u.mfa.preferred = MFAFactorSMS
	}
	c.pool.users.add(u)
	if answer.MessageAction == messageSuppress {
		return nil
	}
	// The password is the user's own, and in no message.
	return c.invite(u, "", answer.DesiredDeliveryMediums)
}

// status returns the status that the user gets, or refuses an answer that
// makes no sense.
func (m migrant) status(event *UserMigrationEvent) (UserStatus, *apiError) {
	if action := event.Response.MessageAction; action != "" && action != messageSuppress {
		return "", lambdaOutput()
	}
	switch status := event.Response.FinalUserStatus; {
	case status == StatusConfirmed, status == StatusResetRequired:
		return status, nil
	case status != "":
		return "", lambdaOutput()
	case m.source == sourceMigrationAuthentication:
		return StatusConfirmed, nil
	default:
		return StatusResetRequired, nil
	}
}

// migrationFailed answers for an answer that does not make a user. Clients
// that hide who exists hide this too (inferred).
func migrationFailed(client *appClient) *apiError {
	if client.hideUsers {
		return notAuthorized(msgIncorrect)
	}
	return userNotFound(fmt.Sprintf(msgMigrationFailed, client.id))
}
