package authtest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Errors of requests that name no place which a browser could be sent back to.
// They have a page (observed).
const (
	pageParametersMissing = "Required parameters missing"
	pageClientMissing     = "Client does not exist"
	pageOAuthDisabled     = "Client is not enabled for OAuth2.0 flows."
	pageRedirectMismatch  = "redirect_mismatch"
)

// An authorization is what an application asks for and may have.
type authorization struct {
	authorizeRequest
	client   *appClient
	provider string // that was asked for, under its name; empty for any
}

// An authorizationCode is what an authorization code stands for.
type authorizationCode struct {
	authorization
	login     browserLogin
	overrides *tokenOverrides
}

// authorization reads and checks the request for an authorization that every
// page has in its query, or says what is answered instead.
func (x *exchange) authorization() (*authorization, *reply) {
	a := &authorization{authorizeRequest: parseAuthorizeRequest(x.query)}
	if a.clientID == "" {
		return nil, toErrorPage(pageParametersMissing, "")
	}
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	a.client = x.pool.clients[a.clientID]
	if a.client == nil {
		return nil, toErrorPage(pageClientMissing, "")
	}
	if a.redirectURI == "" {
		a.redirectURI = a.client.oauth.DefaultRedirectURI
	}
	switch {
	case a.redirectURI == "":
		return nil, toErrorPage(pageParametersMissing, "")
	case !a.client.oauthAllowed:
		return nil, toErrorPage(pageOAuthDisabled, a.clientID)
	case !slices.Contains(a.client.oauth.CallbackURLs, a.redirectURI):
		return nil, toErrorPage(pageRedirectMismatch, a.clientID)
	}
	if code := a.problem(); code != "" {
		if isJSONObject(a.state) {
			a.state = ""
		}
		return nil, a.refuse(code, "")
	}
	if !slices.Contains(a.client.oauth.Flows, a.flow()) {
		return nil, a.refuse(oauthInvalidRequest, oauthUnauthorizedClient)
	}
	if a.scopes == nil {
		a.scopes = slices.Clone(a.client.oauth.Scopes)
	}
	if !a.client.mayHave(a.scopes) {
		return nil, a.refuse(oauthInvalidRequest, oauthInvalidScope)
	}
	provider, ok := x.pool.chosenProvider(&a.authorizeRequest)
	if !ok || provider != "" && !slices.Contains(a.client.oauth.IdentityProviders, provider) {
		return nil, a.refuse(oauthInvalidRequest, "")
	}
	a.provider = provider
	x.client = a.client
	return a, nil
}

// flow is the grant that the response type asks for.
func (a *authorization) flow() OAuthFlow {
	if a.responseType == responseTypeToken {
		return OAuthFlowImplicit
	}
	return OAuthFlowCode
}

// mayHave reports whether a client may ask for scopes together. Scopes about
// people's attributes need openid beside them.
func (c *appClient) mayHave(scopes []string) bool {
	for _, scope := range scopes {
		if !slices.Contains(c.oauth.Scopes, scope) {
			return false
		}
		attributes := scope == scopeEmail || scope == scopePhone || scope == scopeProfile
		if attributes && !slices.Contains(scopes, scopeOpenID) {
			return false
		}
	}
	return true
}

// chosenProvider returns the provider that a request names, empty for none, and
// whether the pool has it. It is called with the pool locked.
func (p *Pool) chosenProvider(r *authorizeRequest) (string, bool) {
	switch {
	case r.provider == providerCognito:
		return providerCognito, true
	case r.provider != "":
		return r.provider, p.hasProvider(r.provider)
	case r.identifier == "":
		return "", true
	}
	for _, provider := range p.providers {
		if slices.Contains(provider.identifiers, r.identifier) {
			return provider.name, true
		}
	}
	return "", false
}

// refuse sends the browser back to the application with an error. The live
// service has been seen to say invalid_request of clients and scopes, and what
// is wrong in the description, where its documentation has the description as
// the error; the parameters are in its order.
func (a *authorization) refuse(code, description string) *reply {
	answer := redirect(withParameters(a.redirectURI, a.responseType == responseTypeToken,
		[2]string{"error_description", description}, [2]string{"state", a.state}, [2]string{"error", code}))
	answer.code = code
	return answer
}

// authorize serves the authorization endpoint. Who has signed in already goes
// straight back to the application, others to the login page.
func authorize(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	if login, ok := x.login(a); ok {
		return x.authorized(a, login)
	}
	if slices.Contains(a.prompts, promptNone) {
		return a.refuse(oauthLoginRequired, "")
	}
	if provider := x.soleProvider(a); provider != providerCognito {
		return x.toProvider(provider)
	}
	return redirect(pathLogin + "?" + x.r.URL.RawQuery)
}

// login returns the browser's login, if it has one that is good enough for an
// authorization.
func (x *exchange) login(a *authorization) (login browserLogin, ok bool) {
	x.locked(func(c *call) {
		if login, ok = c.pool.logins.get(cookieValue(x.r, cookieLogin), c.now); ok {
			c.pool.users.touch(login.user)
			ok = login.suits(a, c.now)
		}
	})
	return login, ok
}

// suits reports whether a login is good enough for an authorization.
func (login browserLogin) suits(a *authorization, now time.Time) bool {
	switch {
	case login.user.deleted || !login.user.enabled:
		return false
	case slices.Contains(a.prompts, promptLogin):
		return false
	case a.maxAge >= 0 && now.Sub(login.at) > time.Duration(a.maxAge)*time.Second:
		return false
	case a.provider != "" && a.provider != login.provider:
		return false
	default:
		return slices.Contains(a.client.oauth.IdentityProviders, login.provider)
	}
}

// authorized sends the browser back to the application with what it asked for.
// The trigger for tokens runs now, and not when the code is exchanged: people
// have been seen to come back with its error.
func (x *exchange) authorized(a *authorization, login browserLogin) *reply {
	var overrides *tokenOverrides
	var refusal *apiError
	x.locked(func(c *call) {
		overrides, refusal = c.preTokenGeneration(sourceTokensManaged, login.user, a.scopes)
	})
	if refusal != nil {
		return a.refuse(oauthInvalidRequest, refusal.message)
	}
	if a.responseType == responseTypeToken {
		return x.implicit(a, login, overrides)
	}
	code := randomUUID()
	x.locked(func(c *call) { c.pool.codes.put(code, &authorizationCode{*a, login, overrides}, c.now) })
	return redirect(withParameters(a.redirectURI, false, [2]string{"code", code}, [2]string{"state", a.state}))
}

// implicit gives the application its tokens at once, without a refresh token.
func (x *exchange) implicit(a *authorization, login browserLogin, overrides *tokenOverrides) *reply {
	var result *authenticationResult
	var refusal *apiError
	x.locked(func(c *call) {
		var g *grant
		if g, refusal = c.oauthGrant(a, login); refusal == nil {
			result = c.issue(g, overrides)
		}
	})
	if refusal != nil {
		return a.refuse(oauthInvalidRequest, refusal.message)
	}
	return redirect(withParameters(a.redirectURI, true,
		[2]string{"id_token", result.IDToken}, [2]string{"access_token", result.AccessToken},
		[2]string{"expires_in", strconv.Itoa(result.ExpiresIn)}, [2]string{"token_type", result.TokenType}, [2]string{"state", a.state}))
}

// proves reports whether a verifier is the one of the code's challenge
// (RFC 7636, section 4.6). A code without a challenge needs none.
func (code *authorizationCode) proves(verifier string) bool {
	if code.challenge == "" {
		return true
	}
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	return isVerifier(verifier) && subtle.ConstantTimeCompare([]byte(challenge), []byte(code.challenge)) == 1
}

// toErrorPage sends the browser to the page that says what is wrong with a
// request.
func toErrorPage(message, clientID string) *reply {
	answer := redirect(withParameters(pathError, false, [2]string{"error", message}, [2]string{"client_id", clientID}))
	answer.code = message
	return answer
}

// errorPage shows one of the errors that have a page. It shows nothing else
// that an address says.
func errorPage(x *exchange) *reply {
	message := x.query.Get("error")
	switch message {
	case pageParametersMissing, pageClientMissing, pageOAuthDisabled, pageRedirectMismatch:
	default:
		message = oauthInvalidRequest
	}
	return &reply{status: http.StatusBadRequest, page: x.failed(message), code: message}
}
