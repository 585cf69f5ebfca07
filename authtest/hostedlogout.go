package authtest

import (
	"maps"
	"slices"
	"strings"
)

// logout serves the logout endpoint: it ends the browser's login, and goes to a
// sign-out URL of the client, or to the login page for somebody else. A request
// that names neither changes nothing (observed). The application's state does
// not come back to a sign-out URL (observed, and documented otherwise).
func logout(x *exchange) *reply {
	clientID, logoutURI := x.query.Get("client_id"), x.query.Get("logout_uri")
	if clientID == "" {
		return toErrorPage(pageParametersMissing, "")
	}
	var known, registered bool
	x.locked(func(c *call) {
		if client := c.pool.clients[clientID]; client != nil {
			known, registered = true, slices.Contains(client.oauth.LogoutURLs, logoutURI)
		}
	})
	switch {
	case !known:
		return toErrorPage(pageClientMissing, "")
	case registered:
		x.signOut()
		return redirect(logoutURI)
	case logoutURI != "" || x.query.Get("redirect_uri") == "":
		return toErrorPage(pageParametersMissing, clientID)
	}
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	x.signOut()
	query := maps.Clone(x.query)
	query.Del("identity_provider")
	query.Del("idp_identifier")
	query.Set("scope", strings.Join(a.scopes, " "))
	return redirect(pathLogin + "?" + query.Encode())
}
