package authtest

import (
	"cmp"
	"slices"
	"time"
)

// clientMembers are the settings of an app client as they are on the wire: in
// requests to create and to update one, which have them all in common, and in
// descriptions. [AppClient] has what the client behaves by.
type clientMembers struct {
	RefreshTokenValidity                     int                     `aws:"RefreshTokenValidity,RefreshTokenValidity"`
	AccessTokenValidity                      int                     `aws:"AccessTokenValidity,TokenValidity" json:",omitempty"`
	IDTokenValidity                          int                     `aws:"IdTokenValidity,TokenValidity" json:"IdTokenValidity,omitempty"`
	TokenValidityUnits                       *tokenValidityUnits     `aws:"TokenValidityUnits" json:",omitempty"`
	ReadAttributes                           []string                `aws:"ReadAttributes,ClientPermission" json:",omitempty"`
	WriteAttributes                          []string                `aws:"WriteAttributes,ClientPermission" json:",omitempty"`
	ExplicitAuthFlows                        []string                `aws:"ExplicitAuthFlows,ExplicitAuthFlow" json:",omitempty"`
	SupportedIdentityProviders               []string                `aws:"SupportedIdentityProviders,ProviderName" json:",omitempty"`
	CallbackURLs                             []string                `aws:"CallbackURLs,RedirectUrls" json:",omitempty"`
	LogoutURLs                               []string                `aws:"LogoutURLs,RedirectUrls" json:",omitempty"`
	DefaultRedirectURI                       string                  `aws:"DefaultRedirectURI,RedirectUrl" json:",omitempty"`
	AllowedOAuthFlows                        []OAuthFlow             `aws:"AllowedOAuthFlows,OAuthFlows" json:",omitempty"`
	AllowedOAuthScopes                       []string                `aws:"AllowedOAuthScopes,ScopeList" json:",omitempty"`
	AllowedOAuthFlowsUserPoolClient          bool                    `aws:"AllowedOAuthFlowsUserPoolClient"`
	AnalyticsConfiguration                   *analyticsConfiguration `aws:"AnalyticsConfiguration" json:",omitempty"`
	PreventUserExistenceErrors               string                  `aws:"PreventUserExistenceErrors,PreventUserExistenceErrors" json:",omitempty"`
	EnableTokenRevocation                    *bool                   `aws:"EnableTokenRevocation"`
	EnablePropagateAdditionalUserContextData bool                    `aws:"EnablePropagateAdditionalUserContextData"`
	AuthSessionValidity                      int                     `aws:"AuthSessionValidity,AuthSessionValidity"`
	RefreshTokenRotation                     *refreshTokenRotation   `aws:"RefreshTokenRotation" json:",omitempty"`
}

type tokenValidityUnits struct {
	AccessToken  string `aws:"AccessToken,TimeUnit" json:",omitempty"`
	IDToken      string `aws:"IdToken,TimeUnit" json:"IdToken,omitempty"`
	RefreshToken string `aws:"RefreshToken,TimeUnit" json:",omitempty"`
}

type analyticsConfiguration struct {
	ApplicationID  string `aws:"ApplicationId,HexString" json:"ApplicationId,omitempty"`
	ApplicationArn string `aws:"ApplicationArn,Arn" json:",omitempty"`
	RoleArn        string `aws:"RoleArn,Arn" json:",omitempty"`
	ExternalID     string `aws:"ExternalId" json:"ExternalId,omitempty"`
	UserDataShared bool   `aws:"UserDataShared"`
}

type refreshTokenRotation struct {
	Feature                 string `aws:"Feature,Feature,required"`
	RetryGracePeriodSeconds int    `aws:"RetryGracePeriodSeconds,RetryGracePeriod"`
}

const (
	featureEnabled  = "ENABLED"
	existenceLegacy = "LEGACY"
)

// withDefaults returns the settings with what the service says where nothing
// was said.
func (m clientMembers) withDefaults() clientMembers {
	if m.RefreshTokenValidity == 0 {
		m.RefreshTokenValidity = 30
		if m.TokenValidityUnits != nil {
			units := *m.TokenValidityUnits
			units.RefreshToken = "days"
			m.TokenValidityUnits = &units
		}
	}
	setDefault(&m.AuthSessionValidity, 3)
	if m.EnableTokenRevocation == nil {
		m.EnableTokenRevocation = new(true)
	}
	return m
}

// lengthOf is the length of a time unit. Empty stands for the one that the
// service takes for a token when nothing is said.
func lengthOf(unit, otherwise string) time.Duration {
	switch cmp.Or(unit, otherwise) {
	case "seconds":
		return time.Second
	case "minutes":
		return time.Minute
	case "hours":
		return time.Hour
	default:
		return 24 * time.Hour
	}
}

// lifetimes are how long the tokens live that the settings describe.
func (m *clientMembers) lifetimes() (access, id, refresh time.Duration) {
	units := m.TokenValidityUnits
	if units == nil {
		units = &tokenValidityUnits{}
	}
	access, id = time.Hour, time.Hour
	if n := m.AccessTokenValidity; n > 0 {
		access = time.Duration(n) * lengthOf(units.AccessToken, "hours")
	}
	if n := m.IDTokenValidity; n > 0 {
		id = time.Duration(n) * lengthOf(units.IDToken, "hours")
	}
	return access, id, time.Duration(m.RefreshTokenValidity) * lengthOf(units.RefreshToken, "days")
}

// client is the app client that the settings describe.
func (m *clientMembers) client(id, name string) AppClient {
	access, idToken, refresh := m.lifetimes()
	c := AppClient{
		ClientID: id, ClientName: name,
		ExplicitAuthFlows:   m.flows(),
		AccessTokenValidity: access, IDTokenValidity: idToken, RefreshTokenValidity: refresh,
		AuthSessionValidity:        time.Duration(m.AuthSessionValidity) * time.Minute,
		DisableTokenRevocation:     !*m.EnableTokenRevocation,
		PreventUserExistenceErrors: m.PreventUserExistenceErrors == featureEnabled,
	}
	if r := m.RefreshTokenRotation; r != nil && r.Feature == featureEnabled {
		c.RotateRefreshTokens, c.RefreshGracePeriod = true, time.Duration(r.RetryGracePeriodSeconds)*time.Second
	}
	if len(m.ReadAttributes) > 0 {
		c.ReadAttributes = m.ReadAttributes
	}
	if len(m.WriteAttributes) > 0 {
		c.WriteAttributes = m.WriteAttributes
	}
	return c
}

// oauth is what the settings say of managed login.
func (m *clientMembers) oauth() OAuth {
	return OAuth{
		CallbackURLs: m.CallbackURLs, LogoutURLs: m.LogoutURLs, DefaultRedirectURI: m.DefaultRedirectURI,
		Flows: m.AllowedOAuthFlows, Scopes: m.AllowedOAuthScopes, IdentityProviders: m.SupportedIdentityProviders,
	}
}

// legacyFlows are the flows of clients that were made before the ALLOW_ names,
// beside those that all such clients have.
var legacyFlows = map[string]AuthFlow{
	"ADMIN_NO_SRP_AUTH":      AllowAdminUserPassword,
	"USER_PASSWORD_AUTH":     AllowUserPassword,
	legacyCustomAuthFlowOnly: AllowCustom,
}

const legacyCustomAuthFlowOnly = "CUSTOM_AUTH_FLOW_ONLY"

// customOnly reports whether the client can do nothing but custom sign-in.
func (m *clientMembers) customOnly() bool {
	return slices.Contains(m.ExplicitAuthFlows, legacyCustomAuthFlowOnly)
}

// flows are the flows that the settings allow.
func (m *clientMembers) flows() []AuthFlow {
	if len(m.ExplicitAuthFlows) == 0 {
		flows := []AuthFlow{AllowUserSRP, AllowCustom}
		if r := m.RefreshTokenRotation; r == nil || r.Feature != featureEnabled {
			flows = append(flows, AllowRefreshToken)
		}
		return flows
	}
	var flows []AuthFlow
	legacy := false
	for _, name := range m.ExplicitAuthFlows {
		if flow, ok := legacyFlows[name]; ok {
			flows, legacy = append(flows, flow), true
		} else {
			flows = append(flows, AuthFlow(name))
		}
	}
	switch {
	case m.customOnly():
		flows = []AuthFlow{AllowCustom, AllowRefreshToken}
	case legacy:
		flows = append(flows, AllowUserSRP, AllowCustom, AllowRefreshToken)
	}
	return flows
}

// membersOfClient describes an app client that was not made by a request.
func membersOfClient(c AppClient) clientMembers {
	units := &tokenValidityUnits{}
	m := clientMembers{
		ReadAttributes: c.ReadAttributes, WriteAttributes: c.WriteAttributes,
		PreventUserExistenceErrors: existenceLegacy,
		EnableTokenRevocation:      new(!c.DisableTokenRevocation),
		AuthSessionValidity:        int(c.AuthSessionValidity / time.Minute),
		TokenValidityUnits:         units,
	}
	m.AccessTokenValidity, units.AccessToken = inUnits(c.AccessTokenValidity, "hours")
	m.IDTokenValidity, units.IDToken = inUnits(c.IDTokenValidity, "hours")
	m.RefreshTokenValidity, units.RefreshToken = inUnits(c.RefreshTokenValidity, "days")
	for _, flow := range c.ExplicitAuthFlows {
		m.ExplicitAuthFlows = append(m.ExplicitAuthFlows, string(flow))
	}
	if c.PreventUserExistenceErrors {
		m.PreventUserExistenceErrors = featureEnabled
	}
	if c.RotateRefreshTokens {
		m.RefreshTokenRotation = &refreshTokenRotation{featureEnabled, int(c.RefreshGracePeriod / time.Second)}
	}
	if o := c.OAuth; o != nil {
		m.AllowedOAuthFlowsUserPoolClient = true
		m.CallbackURLs, m.LogoutURLs, m.DefaultRedirectURI = o.CallbackURLs, o.LogoutURLs, o.DefaultRedirectURI
		m.AllowedOAuthFlows, m.AllowedOAuthScopes, m.SupportedIdentityProviders = o.Flows, o.Scopes, o.IdentityProviders
	}
	return m
}

// inUnits writes a duration in the largest unit that has it as a whole number,
// beginning with the one that is understood anyway.
func inUnits(d time.Duration, largest string) (n int, unit string) {
	for _, unit := range []string{largest, "hours", "minutes"} {
		if length := lengthOf(unit, ""); d%length == 0 {
			return int(d / length), unit
		}
	}
	return int(d / time.Second), "seconds"
}
