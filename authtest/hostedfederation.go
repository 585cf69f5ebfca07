package authtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// A page stands for external identity providers: the pool talks to none, and
// has whoever sits at the browser say whom one would sign in.
const (
	fieldSubject = "subject"
	prefixClaim  = "claim."

	claimSubject    = "sub"
	mappingUsername = "username"
)

// soleProvider is the provider that an authorization can only be signed in
// with: the one that it asks for, or that the client has. It is COGNITO if
// there is a choice.
func (x *exchange) soleProvider(a *authorization) string {
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	if a.provider != "" {
		return a.provider
	}
	if list := a.client.oauth.IdentityProviders; len(list) == 1 && x.pool.hasProvider(list[0]) {
		return list[0]
	}
	return providerCognito
}

// toProvider sends the browser to a provider.
func (x *exchange) toProvider(name string) *reply { return redirect(x.providerLink(name)) }

func (x *exchange) providerLink(name string) string {
	query := maps.Clone(x.query)
	query.Del("idp_identifier")
	query.Set("identity_provider", name)
	return pathProvider + "?" + query.Encode()
}

// federation returns the provider that an authorization asks for.
func (x *exchange) federation(a *authorization) (*identityProvider, *reply) {
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	provider := x.pool.providers[a.provider]
	if provider == nil {
		return nil, redirect(x.link(pathLogin))
	}
	return provider, nil
}

// showProvider serves the page of a provider.
func showProvider(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	provider, refusal := x.federation(a)
	if refusal != nil {
		return refusal
	}
	return shown(x.providerPage(provider, func(name string) string {
		if name == prefixClaim+provider.mapping[attrEmail] {
			return a.loginHint
		}
		return ""
	}))
}

// providerPage asks what the provider would say of somebody.
func (x *exchange) providerPage(provider *identityProvider, given func(name string) string) *page {
	p := x.newPage("form", "Sign in with "+provider.name, pathProvider)
	p.Text = "This page stands for " + provider.name + ", which the test pool does not talk to. Say whom it would sign in."
	p.Submit = "Continue"
	p.Fields = []field{{Name: fieldSubject, Label: "Subject (sub)", Type: "text", Autocomplete: "off", Value: given(fieldSubject)}}
	for _, claim := range provider.claims() {
		f := field{Name: prefixClaim + claim, Label: claim, Type: "text", Autocomplete: "off", Optional: true, Value: given(prefixClaim + claim)}
		if claim == attrEmail {
			f.Type, f.InputMode = "email", "email"
		}
		p.Fields = append(p.Fields, f)
	}
	return p
}

// claims are the claims that the provider's mapping makes attributes of.
func (i *identityProvider) claims() []string {
	var claims []string
	for _, claim := range i.mapping {
		if claim != "" && claim != claimSubject && !slices.Contains(claims, claim) {
			claims = append(claims, claim)
		}
	}
	slices.Sort(claims)
	return claims
}

// submitProvider serves the form of that page.
func submitProvider(x *exchange, a *authorization) *reply {
	provider, refusal := x.federation(a)
	if refusal != nil {
		return refusal
	}
	subject := strings.TrimSpace(x.form.Get(fieldSubject))
	if subject == "" {
		return shownAgain(x.providerPage(provider, x.form.Get), missingParameter("sub"))
	}
	claims := map[string]string{claimSubject: subject}
	for _, claim := range provider.claims() {
		claims[claim] = x.form.Get(prefixClaim + claim)
	}
	var u *user
	var err *apiError
	x.locked(func(c *call) { u, err = c.federatedUser(provider, claims) })
	if err != nil {
		return a.refuse(oauthInvalidRequest, err.message)
	}
	return x.signIn(a, u, provider.name)
}

// federatedUser returns the user whom a provider has signed in: the one that
// the identity is linked to, or one of its own, who is made at the first
// sign-in and updated at every other.
func (c *call) federatedUser(provider *identityProvider, claims map[string]string) (*user, *apiError) {
	attributes := provider.attributes(claims)
	if err := c.pool.checkSchema(attributes); err != nil {
		return nil, err
	}
	subject := claims[claimSubject]
	_, u := c.pool.users.identity(provider.name, subject)
	if u == nil {
		return c.newFederatedUser(provider, subject, attributes)
	}
	a := attempt{client: c.app, user: u, name: u.username}
	if err := c.preAuthenticate(a); err != nil {
		return nil, err
	}
	if !u.enabled {
		return nil, notAuthorized(msgUserDisabled)
	}
	for _, a := range attributes {
		if current := u.attributes[a.Name]; current != a.Value && !c.pool.mutable(a.Name) && current != "" {
			return nil, invalidParameter("user." + a.Name + ": Attribute cannot be updated.")
		}
	}
	for _, a := range attributes {
		c.setFederatedAttribute(u, a)
	}
	c.pool.users.reindex(u)
	return u, c.succeeded(a)
}

// attributes are the attributes that the provider's mapping makes of claims.
func (i *identityProvider) attributes(claims map[string]string) []attribute {
	var attributes []attribute
	for _, name := range slices.Sorted(maps.Keys(i.mapping)) {
		if value := claims[i.mapping[name]]; name != mappingUsername && value != "" {
			attributes = append(attributes, attribute{name, value})
		}
	}
	return attributes
}

// setFederatedAttribute takes an attribute over from a provider. A contact is
// verified if the provider says so.
func (c *call) setFederatedAttribute(u *user, a attribute) {
	if isVerifiedFlag(a.Name) {
		u.attributes[a.Name] = a.Value
		u.modified = c.now
		return
	}
	c.setAttribute(u, a.Name, a.Value)
}

// newFederatedUser makes the user of an identity that signs in for the first
// time, with the triggers of a sign-up and not those of a sign-in (documented).
// A trigger that links the identity to another user is too late for this
// sign-in. The messages about that and about missing attributes are the
// service's (observed).
func (c *call) newFederatedUser(provider *identityProvider, subject string, attributes []attribute) (*user, *apiError) {
	u := c.emptyUser(provider.name + "_" + subject)
	u.status = StatusExternalProvider
	u.attributes = attributeMap(attributes)
	u.flagContacts()
	var missing []string
	for _, name := range c.pool.cfg.RequiredAttributes {
		if u.attributes[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, invalidParameter("attributes required: [" + strings.Join(missing, ", ") + "]")
	}
	event, err := c.preSignUp(sourceExternalSignUp, u, attributes, nil)
	if err != nil {
		return nil, err
	}
	if event != nil {
		if err := event.verify(u); err != nil {
			return nil, err
		}
	}
	if _, linked := c.pool.users.identity(provider.name, subject); linked != nil || c.pool.users.find(u.username) != nil {
		return nil, fail(wire.ExceptionUsernameExists, fmt.Sprintf(msgIdentityExists, u.username))
	}
	u.identities = []identity{{userID: subject, provider: provider.name, kind: provider.kind, linked: c.now, primary: true}}
	c.pool.users.add(u)
	c.pool.addProviderGroup(provider, c.now)
	if err := u.join(c.pool.groups[c.pool.providerGroup(provider)]); err != nil {
		return nil, err
	}
	if err := c.postConfirmation(sourceConfirmSignUp, u); err != nil {
		return nil, err
	}
	return u, c.stillSignsIn(attempt{client: c.app, user: u})
}
