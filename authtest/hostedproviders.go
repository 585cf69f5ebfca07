package authtest

import (
	"maps"
	"slices"
)

// An IdentityProvider is an external identity provider, for
// [Pool.AddIdentityProvider].
type IdentityProvider struct {
	// Name is the provider's name, as in "Google" or "Acme". App clients list it
	// among their OAuth.IdentityProviders.
	Name string

	// Type is "Google", "Facebook", "LoginWithAmazon", "SignInWithApple", "OIDC"
	// or "SAML"; empty for the type of the name, "OIDC" if there is none.
	Type string

	// AttributeMapping says which attribute takes which claim, as in
	// {"email": "email", "given_name": "first_name"}.
	AttributeMapping map[string]string

	// Identifiers are other names for requests (idp_identifier).
	Identifiers []string
}

// AddIdentityProvider gives the pool an external identity provider. The pool
// does not talk to it: managed login has a page that stands for it, where
// whoever tests says whom it would sign in. A test fails, and a program panics,
// if the pool cannot have the provider.
func (p *Pool) AddIdentityProvider(i IdentityProvider) {
	if p.tb != nil {
		p.tb.Helper()
	}
	if err := p.addIdentityProvider(i); err != nil {
		p.misuse("AddIdentityProvider: %s", err.message)
	}
}

func (p *Pool) addIdentityProvider(i IdentityProvider) *apiError {
	kind := i.Type
	if kind == "" {
		kind = providerOIDC
		if slices.Contains(shapes()["ProviderType"].enum, i.Name) {
			kind = i.Name
		}
	}
	for shape, value := range map[string]string{"NewProviderName": i.Name, "ProviderType": kind} {
		if problems := shapes()[shape].violations("provider", value); len(problems) > 0 {
			return invalidParameter(problems[0])
		}
	}
	details := make(map[string]string)
	for _, names := range requiredDetails(kind) {
		details[names[0]] = "authtest"
	}
	return p.change(func(c *call) *apiError {
		_, err := createIdentityProvider(c, &createIdentityProviderRequest{
			UserPoolID: p.cfg.PoolID, ProviderName: i.Name, ProviderType: kind, ProviderDetails: details,
			AttributeMapping: maps.Clone(i.AttributeMapping), IdpIdentifiers: slices.Clone(i.Identifiers),
		})
		return err
	})
}
