package authtest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Trigger sources of tokens.
const (
	sourceTokensAuthentication = "TokenGeneration_Authentication"
	sourceTokensNewPassword    = "TokenGeneration_NewPasswordChallenge"
	sourceTokensDevice         = "TokenGeneration_AuthenticateDevice"
	sourceTokensManaged        = "TokenGeneration_HostedAuth"
	sourceTokensMachine        = "TokenGeneration_ClientCredentials"
	// The service's documentation says of GetTokensFromRefreshToken both that
	// it has this source and that it has the one of a sign-in.
	sourceTokensRefresh = "TokenGeneration_RefreshTokens"
)

// A GroupConfiguration is which groups a user is in, and which IAM roles come
// with them.
type GroupConfiguration struct {
	GroupsToOverride   []string `json:"groupsToOverride"`   // the cognito:groups claim
	IAMRolesToOverride []string `json:"iamRolesToOverride"` // the cognito:roles claim
	PreferredRole      string   `json:"preferredRole"`      // the cognito:preferred_role claim
}

// MarshalJSON marshals the configuration as the service sends it: lists are
// never null, a missing role is.
func (g GroupConfiguration) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		GroupsToOverride   []string `json:"groupsToOverride"`
		IAMRolesToOverride []string `json:"iamRolesToOverride"`
		PreferredRole      *string  `json:"preferredRole"`
	}{append([]string{}, g.GroupsToOverride...), append([]string{}, g.IAMRolesToOverride...), null(g.PreferredRole)})
}

// clone returns a copy that the trigger does not have.
func (g *GroupConfiguration) clone() *GroupConfiguration {
	if g == nil {
		return nil
	}
	return &GroupConfiguration{slices.Clone(g.GroupsToOverride), slices.Clone(g.IAMRolesToOverride), g.PreferredRole}
}

// A PreTokenGenerationEvent is the event of version V1_0 of the pre token
// generation trigger.
type PreTokenGenerationEvent struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes     map[string]string  `json:"userAttributes"`
		GroupConfiguration GroupConfiguration `json:"groupConfiguration"`
		ClientMetadata     map[string]string  `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is what the function decides; nil leaves the tokens as they are.
	Response struct {
		ClaimsOverrideDetails *ClaimsOverrideDetails `json:"claimsOverrideDetails"`
	} `json:"response"`
}

// ClaimsOverrideDetails are changes to the ID token. Suppression wins over
// addition, and what the pool vouches for cannot be changed.
type ClaimsOverrideDetails struct {
	ClaimsToAddOrOverride map[string]string `json:"claimsToAddOrOverride,omitempty"` // new values by name
	ClaimsToSuppress      []string          `json:"claimsToSuppress,omitempty"`      // names

	// GroupOverrideDetails replace the user's groups and roles, in the access
	// token too. Nil leaves them; an empty one takes them away.
	GroupOverrideDetails *GroupConfiguration `json:"groupOverrideDetails,omitempty"`
}

// UnmarshalJSON unmarshals what a function answered, where a null for the
// groups takes them away.
func (d *ClaimsOverrideDetails) UnmarshalJSON(b []byte) error {
	type plain ClaimsOverrideDetails
	return unmarshalOverrides(b, (*plain)(d), &d.GroupOverrideDetails)
}

// A PreTokenGenerationV2Event is the event of versions V2_0 and V3_0 of the
// pre token generation trigger.
type PreTokenGenerationV2Event struct {
	TriggerEvent

	// Request is what the service tells the function.
	Request struct {
		UserAttributes     map[string]string  `json:"userAttributes"`
		Scopes             []string           `json:"scopes"`
		GroupConfiguration GroupConfiguration `json:"groupConfiguration"`
		ClientMetadata     map[string]string  `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is what the function decides; nil leaves the tokens as they are.
	Response struct {
		ClaimsAndScopeOverrideDetails *ClaimsAndScopeOverrideDetails `json:"claimsAndScopeOverrideDetails"`
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it: a machine is in no
// groups, which is not the same as an empty list of them.
func (e PreTokenGenerationV2Event) MarshalJSON() ([]byte, error) {
	type plain PreTokenGenerationV2Event
	if e.TriggerSource != sourceTokensMachine {
		return json.Marshal(plain(e))
	}
	var machine struct {
		plain

		Request struct {
			UserAttributes     map[string]string   `json:"userAttributes"`
			Scopes             []string            `json:"scopes"`
			GroupConfiguration *GroupConfiguration `json:"groupConfiguration"`
			ClientMetadata     map[string]string   `json:"clientMetadata,omitempty"`
		} `json:"request"`
	}
	machine.plain = plain(e)
	machine.Request.UserAttributes, machine.Request.Scopes = e.Request.UserAttributes, e.Request.Scopes
	machine.Request.ClientMetadata = e.Request.ClientMetadata
	return json.Marshal(machine)
}

// ClaimsAndScopeOverrideDetails are changes to both tokens.
type ClaimsAndScopeOverrideDetails struct {
	IDTokenGeneration     IDTokenGeneration     `json:"idTokenGeneration,omitzero"`
	AccessTokenGeneration AccessTokenGeneration `json:"accessTokenGeneration,omitzero"`

	// GroupOverrideDetails replace the user's groups and roles. Nil leaves
	// them; an empty one takes them away.
	GroupOverrideDetails *GroupConfiguration `json:"groupOverrideDetails,omitempty"`
}

// UnmarshalJSON unmarshals what a function answered, where a null for the
// groups takes them away.
func (d *ClaimsAndScopeOverrideDetails) UnmarshalJSON(b []byte) error {
	type plain ClaimsAndScopeOverrideDetails
	return unmarshalOverrides(b, (*plain)(d), &d.GroupOverrideDetails)
}

// An IDTokenGeneration is changes to the ID token. Claims have any values that
// JSON has.
type IDTokenGeneration struct {
	ClaimsToAddOrOverride map[string]any `json:"claimsToAddOrOverride,omitempty"` // new values by name
	ClaimsToSuppress      []string       `json:"claimsToSuppress,omitempty"`      // names
}

// An AccessTokenGeneration is changes to the access token. Claims have any
// values that JSON has; scopes have no blanks.
type AccessTokenGeneration struct {
	ClaimsToAddOrOverride map[string]any `json:"claimsToAddOrOverride,omitempty"` // new values by name
	ClaimsToSuppress      []string       `json:"claimsToSuppress,omitempty"`      // names
	ScopesToAdd           []string       `json:"scopesToAdd,omitempty"`           // besides those of the sign-in
	ScopesToSuppress      []string       `json:"scopesToSuppress,omitempty"`      // of either
}

// unmarshalOverrides unmarshals overrides into a type without methods. groups
// is where their groups are.
func unmarshalOverrides(b []byte, into any, groups **GroupConfiguration) error {
	if err := json.Unmarshal(b, into); err != nil {
		return err
	}
	var members struct {
		GroupOverrideDetails json.RawMessage `json:"groupOverrideDetails"`
	}
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	if string(members.GroupOverrideDetails) == "null" {
		*groups = &GroupConfiguration{}
	}
	return nil
}

// A claimOverride is how the claims of one token change.
type claimOverride struct {
	add      map[string]json.RawMessage
	suppress []string
}

// tokenOverrides are how the tokens of a sign-in or refresh change.
type tokenOverrides struct {
	id, access       claimOverride
	scopesToAdd      []string
	scopesToSuppress []string
	groups           *GroupConfiguration
}

// namePreTokenGeneration is what errors call the trigger.
const namePreTokenGeneration = "PreTokenGeneration"

// Versions of the trigger's event. Only the latter is there for machines.
const (
	lambdaEventV2 = "2"
	lambdaEventV3 = "3"
)

// preTokenGeneration asks the pre token generation trigger what to change in
// tokens of scopes. It returns nil if there is none, or nothing to change.
func (c *call) preTokenGeneration(source string, u *user, scopes []string) (*tokenOverrides, *apiError) {
	if trigger := c.pool.cfg.Triggers.PreTokenGeneration; trigger != nil {
		event, err := run(c, namePreTokenGeneration, trigger, func() *PreTokenGenerationEvent {
			event := &PreTokenGenerationEvent{TriggerEvent: c.triggerEvent(source, u.username)}
			event.Request.UserAttributes = c.triggerAttributes(u)
			event.Request.GroupConfiguration = u.groupConfiguration()
			event.Request.ClientMetadata = maps.Clone(c.metadata)
			return event
		})
		if err != nil || event.Response.ClaimsOverrideDetails == nil {
			return nil, err
		}
		return event.Response.ClaimsOverrideDetails.overrides()
	}
	trigger := c.pool.cfg.Triggers.PreTokenGenerationV2
	if trigger == nil {
		return nil, nil
	}
	return c.askForOverrides(trigger, func() *PreTokenGenerationV2Event {
		event := &PreTokenGenerationV2Event{TriggerEvent: c.triggerEvent(source, u.username)}
		event.Version = lambdaEventV2
		event.Request.UserAttributes = c.triggerAttributes(u)
		event.Request.Scopes = slices.Clone(scopes)
		event.Request.GroupConfiguration = u.groupConfiguration()
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
}

// machineTokenGeneration asks the trigger what to change in the token of an app
// client that acts for itself. Version V1_0 is not asked.
func (c *call) machineTokenGeneration(scopes []string) (*tokenOverrides, *apiError) {
	trigger := c.pool.cfg.Triggers.PreTokenGenerationV2
	if trigger == nil {
		return nil, nil
	}
	return c.askForOverrides(trigger, func() *PreTokenGenerationV2Event {
		event := &PreTokenGenerationV2Event{TriggerEvent: c.triggerEvent(sourceTokensMachine, "ClientCredentials")}
		event.Version = lambdaEventV3
		event.Request.UserAttributes = map[string]string{}
		event.Request.Scopes = slices.Clone(scopes)
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
}

// askForOverrides runs a trigger that can change access tokens.
func (c *call) askForOverrides(trigger func(*PreTokenGenerationV2Event) error, newEvent func() *PreTokenGenerationV2Event) (*tokenOverrides, *apiError) {
	event, err := run(c, namePreTokenGeneration, trigger, newEvent)
	if err != nil || event.Response.ClaimsAndScopeOverrideDetails == nil {
		return nil, err
	}
	return event.Response.ClaimsAndScopeOverrideDetails.overrides()
}

func (d *ClaimsOverrideDetails) overrides() (*tokenOverrides, *apiError) {
	claims := make(map[string]any, len(d.ClaimsToAddOrOverride))
	for name, value := range d.ClaimsToAddOrOverride {
		claims[name] = value
	}
	added, err := rawClaims(claims)
	return &tokenOverrides{id: claimOverride{added, slices.Clone(d.ClaimsToSuppress)}, groups: d.GroupOverrideDetails.clone()}, err
}

func (d *ClaimsAndScopeOverrideDetails) overrides() (*tokenOverrides, *apiError) {
	id, err := rawClaims(d.IDTokenGeneration.ClaimsToAddOrOverride)
	if err != nil {
		return nil, err
	}
	access, err := rawClaims(d.AccessTokenGeneration.ClaimsToAddOrOverride)
	if err != nil {
		return nil, err
	}
	for _, scope := range d.AccessTokenGeneration.ScopesToAdd {
		if scope == "" || strings.ContainsAny(scope, " \t\r\n") { // what is answered was not published
			return nil, lambdaOutput()
		}
	}
	return &tokenOverrides{
		id:               claimOverride{id, slices.Clone(d.IDTokenGeneration.ClaimsToSuppress)},
		access:           claimOverride{access, slices.Clone(d.AccessTokenGeneration.ClaimsToSuppress)},
		scopesToAdd:      slices.Clone(d.AccessTokenGeneration.ScopesToAdd),
		scopesToSuppress: slices.Clone(d.AccessTokenGeneration.ScopesToSuppress),
		groups:           d.GroupOverrideDetails.clone(),
	}, nil
}

// rawClaims returns claims as JSON has them, or refuses those that it cannot
// have.
func rawClaims(claims map[string]any) (map[string]json.RawMessage, *apiError) {
	raw := make(map[string]json.RawMessage, len(claims))
	for name, value := range claims {
		b, err := json.Marshal(value)
		if err != nil {
			return nil, lambdaOutput()
		}
		raw[name] = b
	}
	return raw, nil
}

// The claims of groups.
const (
	claimGroups        = "cognito:groups"
	claimRoles         = "cognito:roles"
	claimPreferredRole = "cognito:preferred_role"
)

// isProtectedClaim reports whether a claim is the pool's to vouch for: triggers
// cannot change it.
func isProtectedClaim(name string) bool {
	switch name {
	case "acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities",
		"iss", "jti", "nbf", "nonce", "origin_jti", "scope", "sub", "token_use", "username", "version":
		return true
	default:
		return strings.HasPrefix(name, "cognito:")
	}
}

// apply changes claims. Attributes that begin with "dev:" can only be
// suppressed, and so can groups; the roles go with them.
func (o *claimOverride) apply(claims map[string]any) {
	for name, value := range o.add {
		if !isProtectedClaim(name) && !strings.HasPrefix(name, "dev:") {
			claims[name] = value
		}
	}
	for _, name := range o.suppress {
		switch {
		case name == claimGroups:
			delete(claims, claimGroups)
			delete(claims, claimRoles)
			delete(claims, claimPreferredRole)
		case !isProtectedClaim(name):
			delete(claims, name)
		}
	}
}

// setGroups replaces the claims of groups. Only ID tokens have roles.
func (o *tokenOverrides) setGroups(claims map[string]any, withRoles bool) {
	if o.groups == nil {
		return
	}
	delete(claims, claimGroups)
	delete(claims, claimRoles)
	delete(claims, claimPreferredRole)
	o.groups.claim(claims, withRoles)
}

// claim puts groups into claims. Without groups there are no roles either.
func (g *GroupConfiguration) claim(claims map[string]any, withRoles bool) {
	if len(g.GroupsToOverride) == 0 {
		return
	}
	claims[claimGroups] = g.GroupsToOverride
	if withRoles && len(g.IAMRolesToOverride) > 0 {
		claims[claimRoles] = g.IAMRolesToOverride
	}
	if withRoles && g.PreferredRole != "" {
		claims[claimPreferredRole] = g.PreferredRole
	}
}

// idClaims changes the claims of an ID token.
func (o *tokenOverrides) idClaims(claims map[string]any) map[string]any {
	if o != nil {
		o.setGroups(claims, true)
		o.id.apply(claims)
	}
	return claims
}

// accessClaims changes the claims of an access token. One that names its own
// client may get an aud.
func (o *tokenOverrides) accessClaims(access accessClaims) any {
	if o == nil {
		return access
	}
	claims := make(map[string]any)
	if err := json.Unmarshal([]byte(jsonText(access)), &claims); err != nil {
		panic("authtest: decoding claims: " + err.Error())
	}
	o.setGroups(claims, false)
	o.access.apply(claims)
	if aud := o.access.add["aud"]; string(aud) == jsonText(access.ClientID) && !slices.Contains(o.access.suppress, "aud") {
		claims["aud"] = access.ClientID
	}
	scopes := strings.Fields(access.Scope)
	for _, scope := range o.scopesToAdd {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	scopes = slices.DeleteFunc(scopes, func(scope string) bool { return slices.Contains(o.scopesToSuppress, scope) })
	if claims["scope"] = strings.Join(scopes, " "); len(scopes) == 0 {
		delete(claims, "scope")
	}
	return claims
}
