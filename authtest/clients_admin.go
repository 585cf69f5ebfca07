package authtest

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxClients bounds the app clients of a pool.
const maxClients = 1000

// A clientDescription is an app client as the service describes it.
type clientDescription struct {
	UserPoolID       string `json:"UserPoolId"`
	ClientName       string
	ClientID         string `json:"ClientId"`
	ClientSecret     string `json:",omitempty"`
	CreationDate     epoch
	LastModifiedDate epoch
	clientMembers
}

type userPoolClientResponse struct {
	UserPoolClient clientDescription
}

func (p *Pool) describeClient(c *appClient) *userPoolClientResponse {
	return &userPoolClientResponse{clientDescription{
		UserPoolID: p.cfg.PoolID, ClientName: c.name, ClientID: c.id, ClientSecret: c.secret(),
		CreationDate: epoch(c.created), LastModifiedDate: epoch(c.modified), clientMembers: c.described,
	}}
}

type createUserPoolClientRequest struct {
	UserPoolID     string `aws:"UserPoolId,UserPoolId,required"`
	ClientName     string `aws:"ClientName,ClientName,required"`
	GenerateSecret bool   `aws:"GenerateSecret"`
	ClientSecret   string `aws:"ClientSecret,ClientSecret"`
	clientMembers
}

func createUserPoolClient(c *call, r *createUserPoolClientRequest) (*userPoolClientResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	if r.GenerateSecret && r.ClientSecret != "" {
		return nil, invalidParameter(msgTwoSecrets)
	}
	if len(c.pool.clients) >= maxClients {
		return nil, fail(wire.ExceptionLimitExceeded, msgClientLimit)
	}
	members := r.clientMembers.withDefaults()
	if err := c.checkClient(&members, r.GenerateSecret || r.ClientSecret != "", "creating"); err != nil {
		return nil, err
	}
	id := newClientID()
	for !c.pool.claimClient(id) {
		id = newClientID()
	}
	client := newAppClient(members.client(id, r.ClientName), c.now)
	client.describedBy(members)
	switch {
	case r.GenerateSecret:
		client.addSecret(newClientSecret(), c.now)
	case r.ClientSecret != "":
		client.addSecret(r.ClientSecret, c.now)
	}
	c.pool.putClient(client)
	return c.pool.describeClient(client), nil
}

// describedBy takes over settings that only requests have.
func (c *appClient) describedBy(m clientMembers) {
	c.described, c.customOnly = m, m.customOnly()
	c.oauth, c.oauthAllowed = m.oauth(), m.AllowedOAuthFlowsUserPoolClient
}

type userPoolClientRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId,required"`
}

// poolClient returns the app client that an administrator's request names.
func (c *call) poolClient(poolID, clientID string) (*appClient, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	client, err := c.client(clientID)
	if err == nil {
		c.pool.watch.touch(client)
	}
	return client, err
}

func describeUserPoolClient(c *call, r *userPoolClientRequest) (*userPoolClientResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.pool.describeClient(client), nil
}

type updateUserPoolClientRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId,required"`
	ClientName string `aws:"ClientName,ClientName"`
	clientMembers
}

// updateUserPoolClient replaces the settings of a client: what the request
// leaves out returns to its default, except the name. Secrets stay.
func updateUserPoolClient(c *call, r *updateUserPoolClientRequest) (*userPoolClientResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	members := r.clientMembers.withDefaults()
	if err := c.checkClient(&members, len(client.secrets) > 0, "updating"); err != nil {
		return nil, err
	}
	name := client.name
	if r.ClientName != "" {
		name = r.ClientName
	}
	updated := newAppClient(members.client(client.id, name), c.now)
	updated.describedBy(members)
	client.clientSettings = updated.clientSettings // sessions and grants point to the client
	return c.pool.describeClient(client), nil
}

// deleteUserPoolClient deletes a client. The tokens that it got are of no more
// use (inferred).
func deleteUserPoolClient(c *call, r *userPoolClientRequest) (*noBody, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	client.deleted = true
	delete(c.pool.clients, client.id)
	c.pool.releaseClient(client.id)
	return &noBody{}, nil
}

type listUserPoolClientsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	MaxResults int    `aws:"MaxResults,MaxResults"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listUserPoolClientsResponse struct {
	UserPoolClients []listedClient
	NextToken       string `json:",omitempty"`
}

type listedClient struct {
	ClientID   string `json:"ClientId"`
	UserPoolID string `json:"UserPoolId"`
	ClientName string
}

func listUserPoolClients(c *call, r *listUserPoolClientsRequest) (*listUserPoolClientsResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(c.pool.clients))
	page, next, err := paginate(c, "clients", r.NextToken, r.MaxResults, ids, itself)
	if err != nil {
		return nil, err
	}
	response := &listUserPoolClientsResponse{UserPoolClients: []listedClient{}, NextToken: next}
	for _, id := range page {
		response.UserPoolClients = append(response.UserPoolClients, listedClient{id, r.UserPoolID, c.pool.clients[id].name})
	}
	return response, nil
}

// checkClient checks the settings of a client in its pool. doing is what the
// service calls the operation in its messages.
func (c *call) checkClient(m *clientMembers, secret bool, doing string) *apiError {
	if err := m.checkFlows(); err != nil {
		return err
	}
	if c.pool.settings.UserPoolTier == tierLite && (slices.Contains(m.ExplicitAuthFlows, string(AllowUser)) || m.rotates()) {
		return fail(wire.ExceptionFeatureUnavailableInTier, msgTierClient)
	}
	access, id, refresh := m.lifetimes()
	within := func(d, low, high time.Duration) bool { return low <= d && d <= high }
	if !within(access, 5*time.Minute, 24*time.Hour) || !within(id, 5*time.Minute, 24*time.Hour) ||
		!within(refresh, time.Hour, 3650*24*time.Hour) || access > refresh || id > refresh {
		return invalidParameter(msgTokenValidity)
	}
	if m.EnablePropagateAdditionalUserContextData && !secret {
		return invalidParameter(msgPropagateSecret)
	}
	if err := c.pool.checkPermissions(m, doing); err != nil {
		return err
	}
	for _, name := range m.SupportedIdentityProviders {
		if name != providerCognito && !c.pool.hasProvider(name) {
			return invalidParameter(fmt.Sprintf(msgProviderMissing, name, c.pool.cfg.PoolID))
		}
	}
	return c.checkOAuth(m, secret)
}

func (m *clientMembers) rotates() bool {
	return m.RefreshTokenRotation != nil && m.RefreshTokenRotation.Feature == featureEnabled
}

func (m *clientMembers) checkFlows() *apiError {
	legacy := 0
	for _, name := range m.ExplicitAuthFlows {
		if _, ok := legacyFlows[name]; ok {
			legacy++
		}
	}
	switch {
	case legacy > 0 && legacy < len(m.ExplicitAuthFlows):
		return invalidParameter(msgMixedFlows)
	case m.customOnly() && legacy > 1:
		return invalidParameter(msgCustomOnlyAlone)
	case m.rotates() && slices.Contains(m.flows(), AllowRefreshToken):
		return invalidParameter(msgRotationAndRefresh)
	default:
		return nil
	}
}

// checkPermissions checks the attributes that a client may read and write.
// What is required at sign-up must be writable.
func (p *Pool) checkPermissions(m *clientMembers, doing string) *apiError {
	for _, name := range m.ReadAttributes {
		if p.attribute(name) == nil {
			return invalidParameter(fmt.Sprintf(msgReadAttributes, doing))
		}
	}
	for _, name := range m.WriteAttributes {
		if !p.inSchema(name) || name == attrSub || isVerifiedFlag(name) {
			return invalidParameter(fmt.Sprintf(msgWriteAttributes, doing))
		}
	}
	for _, name := range p.cfg.RequiredAttributes {
		if len(m.WriteAttributes) > 0 && !slices.Contains(m.WriteAttributes, name) {
			return invalidParameter(fmt.Sprintf(msgWriteAttributes, doing))
		}
	}
	return nil
}

// checkOAuth checks what a client may do at the endpoints of managed login.
// Settings are kept, and checked, even where they are not allowed to work
// (observed).
func (c *call) checkOAuth(m *clientMembers, secret bool) *apiError {
	machine := slices.Contains(m.AllowedOAuthFlows, OAuthFlowClientCredentials)
	switch {
	case m.AllowedOAuthFlowsUserPoolClient && (len(m.AllowedOAuthFlows) == 0 || len(m.AllowedOAuthScopes) == 0):
		return invalidParameter(msgOAuthIncomplete)
	case machine && len(m.AllowedOAuthFlows) > 1:
		return fail(wire.ExceptionInvalidOAuthFlow, msgMachineAmongPeople)
	case machine && !secret:
		return fail(wire.ExceptionInvalidOAuthFlow, msgMachineWithoutSecret)
	case m.AllowedOAuthFlowsUserPoolClient && !machine && len(m.CallbackURLs) == 0:
		return invalidParameter(msgNoCallback)
	case m.DefaultRedirectURI != "" && !slices.Contains(m.CallbackURLs, m.DefaultRedirectURI):
		return invalidParameter(msgDefaultRedirect)
	}
	for _, text := range slices.Concat(m.CallbackURLs, m.LogoutURLs) {
		if err := checkRedirectURL(text); err != nil {
			return err
		}
	}
	for _, scope := range m.AllowedOAuthScopes {
		standard := slices.Contains(standardScopes, scope)
		if machine && standard {
			return fail(wire.ExceptionInvalidOAuthFlow, fmt.Sprintf(msgScopeOfPeople, scope))
		}
		if !standard && !c.pool.hasScope(scope) {
			return fail(wire.ExceptionScopeDoesNotExist, fmt.Sprintf(msgScopeMissing, scope))
		}
	}
	return nil
}

// standardScopes are the scopes of every pool.
var standardScopes = []string{"openid", "email", "phone", "profile", adminScope}

func checkRedirectURL(text string) *apiError {
	u, err := url.Parse(text)
	if err != nil || !isRedirectURL(text) {
		return invalidParameter(fmt.Sprintf(msgRedirectURL, text))
	}
	if host := u.Hostname(); u.Scheme == "http" && host != "localhost" && host != "127.0.0.1" && host != "::1" {
		return invalidParameter(fmt.Sprintf(msgRedirectHTTP, text))
	}
	return nil
}

// hasScope reports whether a scope is one of the pool's resource servers.
func (p *Pool) hasScope(scope string) bool {
	i := strings.LastIndexByte(scope, '/')
	return i >= 0 && p.hasCustomScope(scope[:i], scope[i+1:])
}
