package authtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// tokenResponse is a successful answer of the token endpoint.
type tokenResponse struct {
	IDToken      string `json:"id_token,omitempty"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

func tokensReply(r *authenticationResult) *reply {
	return &reply{status: http.StatusOK, json: tokenResponse{r.IDToken, r.AccessToken, r.RefreshToken, r.ExpiresIn, r.TokenType}}
}

func refuseToken(code string) *reply { return refuseProgram(http.StatusBadRequest, code, "") }

// refuseTrigger answers for a trigger that failed: as people get to know it who
// sign in (inferred).
func refuseTrigger(err *apiError) *reply {
	return refuseProgram(http.StatusBadRequest, oauthInvalidRequest, err.message)
}

// tokenEndpoint serves the token endpoint. Clients that fail to authenticate
// get status 400 too, as documented.
func tokenEndpoint(x *exchange) *reply {
	if x.form.Get("grant_type") == "" || x.repeated() {
		return refuseToken(oauthInvalidRequest)
	}
	client, refusal := x.authenticateClient(http.StatusBadRequest)
	if refusal != nil {
		return refusal
	}
	switch x.form.Get("grant_type") {
	case "authorization_code":
		return x.exchangeCode(client)
	case "refresh_token":
		return x.refresh(client)
	case "client_credentials":
		return x.clientCredentials(client)
	default:
		return refuseToken(oauthUnsupportedGrantType)
	}
}

// repeated reports whether a parameter of the form is there twice.
func (x *exchange) repeated() bool {
	for _, list := range x.form {
		if len(list) > 1 {
			return true
		}
	}
	return false
}

// exchangeCode gives tokens for an authorization code. A client gets one try
// with a code, whatever is wrong with it.
func (x *exchange) exchangeCode(client *appClient) *reply {
	text, redirectURI := x.form.Get("code"), x.form.Get("redirect_uri")
	if text == "" || redirectURI == "" {
		return refuseToken(oauthInvalidRequest)
	}
	var result *authenticationResult
	refusal := refuseToken(oauthInvalidGrant)
	x.locked(func(c *call) {
		if !client.oauthAllowed || !slices.Contains(client.oauth.Flows, OAuthFlowCode) {
			refusal = refuseToken(oauthUnauthorizedClient)
			return
		}
		code, ok := c.pool.codes.take(text, c.now)
		switch {
		case !ok || code.client != client || client.deleted:
			return
		case code.redirectURI != redirectURI:
			refusal = refuseProgram(http.StatusBadRequest, oauthUnauthorizedClient, "invalid_redirect")
			return
		case !code.proves(x.form.Get("code_verifier")):
			return
		}
		g, err := c.oauthGrant(&code.authorization, code.login)
		if err != nil {
			return
		}
		result = c.issue(g, code.overrides)
		result.RefreshToken = c.pool.grants.newRefreshToken(g)
	})
	if result == nil {
		return refusal
	}
	return tokensReply(result)
}

// refresh gives tokens for a refresh token. Whoever signed in at the domain can
// always refresh there; others if the client may refresh at all, and the pool
// does not remember devices (documented).
func (x *exchange) refresh(client *appClient) *reply {
	token := x.form.Get("refresh_token")
	if token == "" {
		return refuseToken(oauthInvalidRequest)
	}
	request := map[string]any{"ClientId": client.id, "RefreshToken": token}
	var refusal *reply
	x.locked(func(c *call) {
		code := client.oauthAllowed && slices.Contains(client.oauth.Flows, OAuthFlowCode)
		if !code && !client.rotate && !client.flows[AllowRefreshToken] {
			refusal = refuseToken(oauthUnauthorizedClient)
			return
		}
		if t := c.pool.grants.refreshToken(token); t != nil && t.grant.oauth == nil && c.pool.cfg.Devices != nil {
			refusal = refuseToken(oauthInvalidGrant)
			return
		}
		if secret := client.secret(); secret != "" {
			request["ClientSecret"] = secret
		}
	})
	if refusal != nil {
		return refusal
	}
	response, err := operate[getTokensResponse](x, "GetTokensFromRefreshToken", request)
	switch {
	case err == nil:
		return tokensReply(response.AuthenticationResult)
	case err.code == wire.ExceptionResourceNotFound:
		return refuseToken(oauthInvalidClient)
	case isTriggerFailure(err):
		return refuseTrigger(err)
	default:
		return refuseToken(oauthInvalidGrant)
	}
}

// clientCredentials gives an access token to a client itself, for scopes of
// resource servers.
func (x *exchange) clientCredentials(client *appClient) *reply {
	var metadata map[string]string // for the trigger
	if text := x.form.Get("aws_client_metadata"); text != "" && json.Unmarshal([]byte(text), &metadata) != nil {
		return refuseToken(oauthInvalidRequest)
	}
	result := &authenticationResult{TokenType: "Bearer"}
	refusal := refuseToken(oauthInvalidScope)
	x.locked(func(c *call) {
		if !client.oauthAllowed || !slices.Contains(client.oauth.Flows, OAuthFlowClientCredentials) {
			refusal = refuseToken(oauthUnauthorizedClient)
			return
		}
		scopes, ok := c.pool.machineScopes(client, strings.Fields(x.form.Get("scope")))
		if !ok {
			return
		}
		c.metadata = metadata
		overrides, err := c.machineTokenGeneration(scopes)
		switch {
		case err != nil:
			refusal = refuseTrigger(err)
			return
		case client.deleted: // the trigger ran without the lock
			refusal = refuseToken(oauthInvalidClient)
			return
		}
		refusal = nil
		result.ExpiresIn = int(client.accessValidity / time.Second)
		claims := c.machineClaims(client, scopes)
		c.afterUnlock(func() { result.AccessToken = accessKey().sign(overrides.accessClaims(claims)) })
	})
	if refusal != nil {
		return refusal
	}
	return tokensReply(result)
}

// machineScopes returns the scopes that a machine gets: those it asks for, or
// all that it may have. They are scopes of resource servers. The documentation
// says that others are ignored; the service has been seen to refuse them.
func (p *Pool) machineScopes(client *appClient, asked []string) ([]string, bool) {
	var allowed []string
	for _, scope := range client.oauth.Scopes {
		if identifier, name, ok := cutLast(scope, "/"); ok && p.hasCustomScope(identifier, name) {
			allowed = append(allowed, scope)
		}
	}
	if len(asked) == 0 {
		return allowed, len(allowed) > 0
	}
	var scopes []string
	for _, scope := range asked {
		if !slices.Contains(allowed, scope) {
			return nil, false
		}
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, true
}
