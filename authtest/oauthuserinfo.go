package authtest

import (
	"net/http"
	"slices"
	"strings"
)

// What the userInfo endpoint says about tokens.
const (
	msgUserInfoRequest = "Bad OAuth2 request at UserInfo Endpoint"
	msgUserInfoToken   = "Access token is expired, disabled, or deleted, or the user has globally signed out."
	msgUserInfoScope   = "Access token does not contain openid scope"
)

// userInfo serves the userInfo endpoint (OpenID Connect Core, section 5.3): the
// attributes that the scopes of an access token show. All values are strings.
func userInfo(x *exchange) *reply {
	scheme, token, ok := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return refuseUserInfo(http.StatusBadRequest, oauthInvalidRequest, msgUserInfoRequest)
	}
	var claims map[string]string
	refusal := msgUserInfoToken
	x.locked(func(c *call) {
		g, scopes, err := c.tokenGrant(strings.TrimSpace(token))
		switch {
		case err != nil || !g.user.enabled:
		case !slices.Contains(scopes, scopeOpenID):
			refusal = msgUserInfoScope
		default:
			claims = map[string]string{"username": g.user.username}
			for _, a := range g.user.list(func(name string) bool { return g.client.reads(name) && shows(scopes, name) }) {
				claims[a.Name] = a.Value
			}
		}
	})
	if claims == nil {
		return refuseUserInfo(http.StatusUnauthorized, oauthInvalidToken, refusal)
	}
	return &reply{status: http.StatusOK, json: claims}
}

// refuseUserInfo answers in a header, as documented, and in the body, as
// observed.
func refuseUserInfo(status int, code, description string) *reply {
	answer := refuseProgram(status, code, description)
	answer.header = http.Header{"Www-Authenticate": {`error="` + code + `", error_description="` + description + `"`}}
	return answer
}
