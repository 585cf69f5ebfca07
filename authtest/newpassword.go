package authtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// requireNewPassword asks a user who signed in with a temporary password for
// one of their own, and for the required attributes that are missing. It
// comes before every second factor.
func (c *call) requireNewPassword(a attempt) (*authResponse, *apiError) {
	if a.user.temporaryExpired(c.now) {
		return nil, notAuthorized(msgTemporaryExpired)
	}
	missing := []string{}
	for _, name := range c.missingAttributes(a.user) {
		missing = append(missing, wire.ParamUserAttributePrefix+name)
	}
	shown := make(map[string]string)
	for name, value := range a.user.attributes {
		if a.client.reads(name) {
			shown[name] = value
		}
	}
	return c.challenge(wire.ChallengeNewPasswordRequired, &session{attempt: a}, map[string]string{
		wire.ChallengeParamRequiredAttributes: jsonText(missing),
		wire.ChallengeParamUserAttributes:     jsonText(shown),
	}), nil
}

// missingAttributes are the required attributes that the user does not have.
func (c *call) missingAttributes(u *user) []string {
	return slices.DeleteFunc(slices.Clone(c.pool.cfg.RequiredAttributes), func(name string) bool {
		return u.attributes[name] != ""
	})
}

func jsonText(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic("authtest: encoding challenge parameters: " + err.Error())
	}
	return string(b)
}

func answerNewPassword(c *call, s *session, responses map[string]string) (*authResponse, *apiError) {
	given, err := c.givenAttributes(s, responses)
	if err != nil {
		return nil, err
	}
	password := responses[wire.ParamNewPassword]
	if err := c.checkNewPassword(s.user, password); err != nil {
		return nil, err
	}
	if err := c.checkLeaked(s.client, filterPasswordChange, password); err != nil {
		return nil, err
	}
	s.spent = true
	for _, a := range given {
		c.setAttribute(s.user, a.Name, a.Value)
	}
	c.setPassword(s.user, password)
	c.confirm(s.user)
	return c.secondFactor(s.withNewPassword())
}

// givenAttributes returns the attributes that come with a new password.
// Those that already have a value must not be among them, those that are
// required and missing must.
func (c *call) givenAttributes(s *session, responses map[string]string) ([]attribute, *apiError) {
	var given []attribute
	for _, key := range slices.Sorted(maps.Keys(responses)) {
		if name, ok := strings.CutPrefix(key, wire.ParamUserAttributePrefix); ok {
			given = append(given, attribute{name, responses[key]})
		}
	}
	for _, a := range given {
		if s.user.attributes[a.Name] != "" {
			return nil, notAuthorized(fmt.Sprintf(msgAttributeProvided, a.Name))
		}
	}
	if err := c.pool.checkSchema(given); err != nil {
		return nil, err
	}
	if err := s.client.checkWritable(given); err != nil {
		return nil, err
	}
	values := attributeMap(given)
	for _, name := range c.missingAttributes(s.user) {
		if values[name] == "" {
			return nil, invalidParameter(fmt.Sprintf(msgAttributeMissing, name))
		}
	}
	return given, nil
}

// setAttribute gives an attribute a value, an empty one removing it. A new
// contact is not verified, and replaces one that waits to be.
func (c *call) setAttribute(u *user, name, value string) {
	changed := u.attributes[name] != value
	if value == "" {
		delete(u.attributes, name)
	} else {
		u.attributes[name] = value
	}
	if slices.Contains(contacts, name) {
		if changed || u.pending[name] != "" {
			delete(u.codes, verifyPurpose(name))
		}
		delete(u.pending, name)
		switch {
		case !changed:
		case value == "":
			delete(u.attributes, name+verifiedSuffix)
		default:
			u.attributes[name+verifiedSuffix] = "false"
		}
	}
	u.modified = c.now
	c.pool.users.reindex(u)
}
