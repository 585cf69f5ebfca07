package authtest

import (
	"net/http"

	"github.com/cognitokit/auth/internal/wire"
)

// revokeEndpoint serves the revocation endpoint (RFC 7009). A token that is
// nobody's counts as revoked.
func revokeEndpoint(x *exchange) *reply {
	client, refusal := x.authenticateClient(http.StatusUnauthorized)
	if refusal != nil {
		return refusal
	}
	token := x.form.Get("token")
	if token == "" || x.repeated() {
		return refuseProgram(http.StatusBadRequest, oauthInvalidRequest, "")
	}
	request := map[string]any{"ClientId": client.id, "Token": token}
	x.locked(func(*call) {
		if secret := client.secret(); secret != "" {
			request["ClientSecret"] = secret
		}
	})
	_, err := operate[empty](x, "RevokeToken", request)
	switch {
	case err == nil || err.code == wire.ExceptionInvalidParameter: // no token at all
		return &reply{status: http.StatusOK}
	case err.code == wire.ExceptionUnsupportedTokenType:
		return refuseProgram(http.StatusBadRequest, oauthUnsupportedTokenType, "")
	default:
		// Revocation is off, or the token is another client's (inferred).
		return refuseProgram(http.StatusBadRequest, oauthInvalidRequest, "")
	}
}
