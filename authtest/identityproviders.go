package authtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxProviders bounds the identity providers of a pool.
const maxProviders = 300

// An identityProvider is an external identity provider. The pool keeps what is
// said of it and signs nobody in with it.
type identityProvider struct {
	name              string
	kind              string // ProviderType
	details           map[string]string
	mapping           map[string]string
	identifiers       []string
	created, modified time.Time
}

const (
	providerSAML = "SAML"
	providerOIDC = "OIDC"
)

type providerDescription struct {
	UserPoolID       string `json:"UserPoolId"`
	ProviderName     string
	ProviderType     string
	ProviderDetails  map[string]string
	AttributeMapping map[string]string
	IdpIdentifiers   []string
	CreationDate     epoch
	LastModifiedDate epoch
}

type providerResponse struct {
	IdentityProvider providerDescription
}

func (p *Pool) describeProvider(i *identityProvider) *providerResponse {
	return &providerResponse{providerDescription{
		UserPoolID: p.cfg.PoolID, ProviderName: i.name, ProviderType: i.kind,
		ProviderDetails: i.details, AttributeMapping: i.mapping, IdpIdentifiers: i.identifiers,
		CreationDate: epoch(i.created), LastModifiedDate: epoch(i.modified),
	}}
}

// hasProvider reports whether the pool has an identity provider.
func (p *Pool) hasProvider(name string) bool { return p.providers[name] != nil }

type createIdentityProviderRequest struct {
	UserPoolID       string            `aws:"UserPoolId,UserPoolId,required"`
	ProviderName     string            `aws:"ProviderName,NewProviderName,required"`
	ProviderType     string            `aws:"ProviderType,ProviderType,required"`
	ProviderDetails  map[string]string `aws:"ProviderDetails,ProviderDetails,required"`
	AttributeMapping map[string]string `aws:"AttributeMapping,Mapping"`
	IdpIdentifiers   []string          `aws:"IdpIdentifiers,IdpIdentifiers"`
}

// createIdentityProvider keeps a provider, and makes the group of those who
// sign in with it.
func createIdentityProvider(c *call, r *createIdentityProviderRequest) (*providerResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	social := r.ProviderType != providerSAML && r.ProviderType != providerOIDC
	switch {
	case social && r.ProviderName != r.ProviderType:
		return nil, invalidParameter(fmt.Sprintf(msgProviderType, r.ProviderName, r.ProviderType))
	case r.ProviderName == providerCognito || c.pool.hasProvider(r.ProviderName):
		return nil, fail(wire.ExceptionDuplicateProvider, fmt.Sprintf(msgProviderExists, r.ProviderName))
	case len(c.pool.providers) >= maxProviders:
		return nil, fail(wire.ExceptionLimitExceeded, msgProviderLimit)
	}
	provider := &identityProvider{
		name: r.ProviderName, kind: r.ProviderType, details: r.ProviderDetails, mapping: r.AttributeMapping,
		identifiers: r.IdpIdentifiers, created: c.now, modified: c.now,
	}
	if err := c.checkProvider(provider); err != nil {
		return nil, err
	}
	c.pool.providers[provider.name] = provider
	c.pool.addProviderGroup(provider, c.now)
	return c.pool.describeProvider(provider), nil
}

// requiredDetails are the ProviderDetails that each kind of provider needs.
// One of the names in a line will do.
func requiredDetails(kind string) [][]string {
	switch kind {
	case providerSAML:
		return [][]string{{"MetadataURL", "MetadataFile"}}
	case providerOIDC:
		return [][]string{{"client_id"}, {"attributes_request_method"}, {"oidc_issuer"}, {"authorize_scopes"}}
	case "SignInWithApple":
		return [][]string{{"client_id"}, {"team_id"}, {"key_id"}, {"private_key"}, {"authorize_scopes"}}
	default:
		return [][]string{{"client_id"}, {"client_secret"}, {"authorize_scopes"}}
	}
}

// checkProvider checks what can be told of a provider without asking it.
func (c *call) checkProvider(i *identityProvider) *apiError {
	for _, names := range requiredDetails(i.kind) {
		if !slices.ContainsFunc(names, func(name string) bool { return i.details[name] != "" }) {
			return invalidParameter(fmt.Sprintf(msgProviderDetail, names[0]))
		}
	}
	for name := range i.mapping {
		if name != "username" && c.pool.attribute(name) == nil {
			return invalidParameter(fmt.Sprintf(msgProviderMapping, name))
		}
	}
	for _, other := range c.pool.providers {
		for _, identifier := range i.identifiers {
			if other.name != i.name && slices.Contains(other.identifiers, identifier) {
				return fail(wire.ExceptionDuplicateProvider, fmt.Sprintf(msgIdentifierExists, identifier))
			}
		}
	}
	return nil
}

type providerRequest struct {
	UserPoolID   string `aws:"UserPoolId,UserPoolId,required"`
	ProviderName string `aws:"ProviderName,ProviderName,required"`
}

// provider returns the identity provider that a request names.
func (c *call) provider(poolID, name string) (*identityProvider, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	provider := c.pool.providers[name]
	if provider == nil {
		return nil, resourceNotFound(fmt.Sprintf(msgNoProvider, name))
	}
	return provider, nil
}

func describeIdentityProvider(c *call, r *providerRequest) (*providerResponse, *apiError) {
	provider, err := c.provider(r.UserPoolID, r.ProviderName)
	if err != nil {
		return nil, err
	}
	return c.pool.describeProvider(provider), nil
}

type updateIdentityProviderRequest struct {
	UserPoolID       string            `aws:"UserPoolId,UserPoolId,required"`
	ProviderName     string            `aws:"ProviderName,ProviderName,required"`
	ProviderDetails  map[string]string `aws:"ProviderDetails,ProviderDetails"`
	AttributeMapping map[string]string `aws:"AttributeMapping,Mapping"`
	IdpIdentifiers   []string          `aws:"IdpIdentifiers,IdpIdentifiers"`
}

// updateIdentityProvider replaces what the request has and leaves the rest
// (inferred).
func updateIdentityProvider(c *call, r *updateIdentityProviderRequest) (*providerResponse, *apiError) {
	provider, err := c.provider(r.UserPoolID, r.ProviderName)
	if err != nil {
		return nil, err
	}
	changed := *provider
	if r.ProviderDetails != nil {
		changed.details = r.ProviderDetails
	}
	if r.AttributeMapping != nil {
		changed.mapping = r.AttributeMapping
	}
	if r.IdpIdentifiers != nil {
		changed.identifiers = r.IdpIdentifiers
	}
	changed.modified = c.now
	if err := c.checkProvider(&changed); err != nil {
		return nil, err
	}
	c.pool.providers[changed.name] = &changed
	return c.pool.describeProvider(&changed), nil
}

// deleteIdentityProvider forgets a provider. App clients that list it go on
// listing it (inferred).
func deleteIdentityProvider(c *call, r *providerRequest) (*noBody, *apiError) {
	provider, err := c.provider(r.UserPoolID, r.ProviderName)
	if err != nil {
		return nil, err
	}
	delete(c.pool.providers, provider.name)
	return &noBody{}, nil
}

type listProvidersRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	MaxResults int    `aws:"MaxResults,QueryLimit"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listProvidersResponse struct {
	Providers []listedProvider
	NextToken string `json:",omitempty"`
}

type listedProvider struct {
	ProviderName     string
	ProviderType     string
	CreationDate     epoch
	LastModifiedDate epoch
}

func listIdentityProviders(c *call, r *listProvidersRequest) (*listProvidersResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(c.pool.providers))
	page, next, err := paginate(c, "providers", r.NextToken, cmp.Or(r.MaxResults, maxPage), names, itself)
	if err != nil {
		return nil, err
	}
	response := &listProvidersResponse{Providers: []listedProvider{}, NextToken: next}
	for _, name := range page {
		i := c.pool.providers[name]
		response.Providers = append(response.Providers, listedProvider{i.name, i.kind, epoch(i.created), epoch(i.modified)})
	}
	return response, nil
}

type providerByIdentifierRequest struct {
	UserPoolID    string `aws:"UserPoolId,UserPoolId,required"`
	IdpIdentifier string `aws:"IdpIdentifier,IdpIdentifier,required"`
}

func getIdentityProviderByIdentifier(c *call, r *providerByIdentifierRequest) (*providerResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	for _, provider := range c.pool.providers {
		if slices.Contains(provider.identifiers, r.IdpIdentifier) {
			return c.pool.describeProvider(provider), nil
		}
	}
	return nil, resourceNotFound(fmt.Sprintf(msgNoProvider, r.IdpIdentifier))
}
