package authtest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// maxResourceServers bounds the resource servers of a pool.
const maxResourceServers = 25

// A resourceServer is a resource server, with the scopes that access to it is
// limited by.
type resourceServer struct {
	UserPoolID string `json:"UserPoolId"`
	Identifier string
	Name       string
	Scopes     []resourceServerScope `json:",omitempty"`
}

type resourceServerScope struct {
	ScopeName        string `aws:"ScopeName,ScopeName,required"`
	ScopeDescription string `aws:"ScopeDescription,ScopeText,required"`
}

// hasCustomScope reports whether a resource server of the pool has a scope.
func (p *Pool) hasCustomScope(identifier, name string) bool {
	server, ok := p.resourceServers[identifier]
	return ok && slices.ContainsFunc(server.Scopes, func(s resourceServerScope) bool { return s.ScopeName == name })
}

type resourceServerResponse struct {
	ResourceServer resourceServer
}

// changeResourceServerRequest is what requests to create and to update a
// resource server are. An update replaces the scopes, none if none are given
// (documented).
type changeResourceServerRequest struct {
	UserPoolID string                `aws:"UserPoolId,UserPoolId,required"`
	Identifier string                `aws:"Identifier,Identifier,required"`
	Name       string                `aws:"Name,ServerName,required"`
	Scopes     []resourceServerScope `aws:"Scopes,Scopes"`
}

func createResourceServer(c *call, r *changeResourceServerRequest) (*resourceServerResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	if _, ok := c.pool.resourceServers[r.Identifier]; ok {
		return nil, invalidParameter(fmt.Sprintf(msgResourceServerExists, r.Identifier))
	}
	if len(c.pool.resourceServers) >= maxResourceServers {
		return nil, fail(wire.ExceptionLimitExceeded, msgResourceServerLimit)
	}
	return c.putResourceServer(r)
}

func updateResourceServer(c *call, r *changeResourceServerRequest) (*resourceServerResponse, *apiError) {
	if _, err := c.resourceServer(r.UserPoolID, r.Identifier); err != nil {
		return nil, err
	}
	return c.putResourceServer(r)
}

func (c *call) putResourceServer(r *changeResourceServerRequest) (*resourceServerResponse, *apiError) {
	seen := make(map[string]bool)
	for _, scope := range r.Scopes {
		if seen[scope.ScopeName] {
			return nil, invalidParameter(fmt.Sprintf(msgScopeTwice, scope.ScopeName))
		}
		seen[scope.ScopeName] = true
	}
	server := resourceServer(*r)
	c.pool.resourceServers[r.Identifier] = server
	return &resourceServerResponse{server}, nil
}

type resourceServerRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Identifier string `aws:"Identifier,Identifier,required"`
}

// resourceServer returns the resource server that a request names.
func (c *call) resourceServer(poolID, identifier string) (resourceServer, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return resourceServer{}, err
	}
	server, ok := c.pool.resourceServers[identifier]
	if !ok {
		return resourceServer{}, resourceNotFound(fmt.Sprintf(msgResourceServerMissing, identifier))
	}
	return server, nil
}

func describeResourceServer(c *call, r *resourceServerRequest) (*resourceServerResponse, *apiError) {
	server, err := c.resourceServer(r.UserPoolID, r.Identifier)
	if err != nil {
		return nil, err
	}
	return &resourceServerResponse{server}, nil
}

func deleteResourceServer(c *call, r *resourceServerRequest) (*noBody, *apiError) {
	if _, err := c.resourceServer(r.UserPoolID, r.Identifier); err != nil {
		return nil, err
	}
	delete(c.pool.resourceServers, r.Identifier)
	return &noBody{}, nil
}

type listResourceServersRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	MaxResults int    `aws:"MaxResults,ResourceServerLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listResourceServersResponse struct {
	ResourceServers []resourceServer
	NextToken       string `json:",omitempty"`
}

func listResourceServers(c *call, r *listResourceServersRequest) (*listResourceServersResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	identifiers := slices.Sorted(maps.Keys(c.pool.resourceServers))
	page, next, err := paginate(c, "resource servers", r.NextToken, r.MaxResults, identifiers, itself)
	if err != nil {
		return nil, err
	}
	response := &listResourceServersResponse{ResourceServers: []resourceServer{}, NextToken: next}
	for _, identifier := range page {
		response.ResourceServers = append(response.ResourceServers, c.pool.resourceServers[identifier])
	}
	return response, nil
}
