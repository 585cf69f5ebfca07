package control

import (
	"net/http"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func poolRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "pools", Summary: "all pools", handle: (*API).listPools},
		{Method: http.MethodGet, Path: "pools/{pool}", Summary: "a pool, with its app clients", handle: (*API).getPool},
		{Method: http.MethodGet, Path: "pools/{pool}/clients", Summary: "a pool's app clients", handle: (*API).listClients},
	}
}

// A Pool is a user pool.
type Pool struct {
	ID                 string                 `json:"id"`
	Name               string                 `json:"name"`
	Issuer             string                 `json:"issuer"`
	Domain             string                 `json:"domain"` // its prefix; empty if there is none
	Created            time.Time              `json:"created"`
	Users              int                    `json:"users"`
	MFA                authtest.MFAMode       `json:"mfa"`
	MFAFactors         []authtest.MFAFactor   `json:"mfaFactors"`
	FirstFactors       []authtest.FirstFactor `json:"firstFactors"`
	UsernameAttributes []string               `json:"usernameAttributes"`
	AliasAttributes    []string               `json:"aliasAttributes"`
	Clients            []Client               `json:"clients"`
}

// A Client is an app client of a pool.
type Client struct {
	ID                string               `json:"id"`
	Name              string               `json:"name"`
	HasSecret         bool                 `json:"hasSecret"`
	Created           time.Time            `json:"created"`
	ExplicitAuthFlows []authtest.AuthFlow  `json:"explicitAuthFlows"`
	CallbackURLs      []string             `json:"callbackUrls"`
	LogoutURLs        []string             `json:"logoutUrls"`
	OAuthFlows        []authtest.OAuthFlow `json:"oauthFlows"`
	Scopes            []string             `json:"scopes"`
}

func describePool(p *authtest.Pool) Pool {
	s := p.Summary()
	return Pool{
		ID: s.ID, Name: s.Name, Issuer: s.Issuer, Domain: s.Domain, Created: s.Created, Users: s.Users,
		MFA: s.MFA, MFAFactors: list(s.MFAFactors), FirstFactors: list(s.FirstFactors),
		UsernameAttributes: list(s.UsernameAttributes), AliasAttributes: list(s.AliasAttributes), Clients: describeClients(p),
	}
}

func describeClients(p *authtest.Pool) []Client {
	clients := []Client{}
	for _, s := range p.ClientSummaries() {
		clients = append(clients, Client{
			ID: s.ID, Name: s.Name, HasSecret: s.HasSecret, Created: s.Created, ExplicitAuthFlows: list(s.ExplicitAuthFlows),
			CallbackURLs: list(s.CallbackURLs), LogoutURLs: list(s.LogoutURLs), OAuthFlows: list(s.OAuthFlows), Scopes: list(s.Scopes),
		})
	}
	return clients
}

// list returns a list that is JSON's [] if it is empty, and not null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func (a *API) listPools(*http.Request) (any, error) {
	pools := []Pool{}
	for _, p := range a.server.Pools() {
		pools = append(pools, describePool(p))
	}
	return struct {
		Pools []Pool `json:"pools"`
	}{pools}, nil
}

// pool returns the pool that the path names.
func (a *API) pool(r *http.Request) (*authtest.Pool, error) {
	p, ok := a.server.Pool(r.PathValue("pool"))
	if !ok {
		return nil, notFound("pool")
	}
	return p, nil
}

func (a *API) getPool(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	return describePool(p), nil
}

func (a *API) listClients(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	return struct {
		Clients []Client `json:"clients"`
	}{describeClients(p)}, nil
}
