package conformance

import (
	"strings"
	"time"
)

func tokenJourneys() []*journey {
	return []*journey{
		{name: "refresh", client: rolePlain, play: refresh},
		{name: "refresh-rotating", client: roleRotating, needs: []string{"RefreshTokenRotation"}, play: refreshRotating},
		{name: "revoke", client: rolePlain, play: revoke},
		{name: "sign-out-everywhere", client: rolePlain, play: signOutEverywhere},
		{name: "access-tokens", client: rolePlain, play: accessTokens},
	}
}

func refresh(r *run) {
	ana := r.confirmed("ana")
	_, token := r.signIn("sign in", ana)
	start := func(token string) m { return r.refreshing(ana, m{"REFRESH_TOKEN": token}) }
	newer := r.renewing
	r.sleep(2 * time.Second)
	r.call("refresh", documented, "InitiateAuth", start(token))
	r.call("refresh, as it was called before", documented, "InitiateAuth", with(r.refreshing(ana, m{"REFRESH_TOKEN": token}), m{"AuthFlow": "REFRESH_TOKEN"}))
	r.call("refresh, the newer way", documented, "GetTokensFromRefreshToken", newer(token))
	r.call("refresh with a name", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token, "USERNAME": ana.name}))
	r.call("no token", observed, "InitiateAuth", r.refreshing(ana, m{}))
	r.call("a token that is none", observed, "InitiateAuth", start("x"))
	r.call("a token that is none, the newer way", inferred, "GetTokensFromRefreshToken", newer("x"))
	r.prepare("AdminUpdateUserAttributes", r.onUser(ana, m{"UserAttributes": attributes("name", ana.name)}))
	r.settle()
	r.call("refresh after a change", documented, "InitiateAuth", start(token))
	r.call("an administrator changes the password", documented, "AdminSetUserPassword", r.onUser(ana, m{"Password": ana.wrong, "Permanent": true}))
	r.settle()
	r.call("refresh after a new password", inferred, "InitiateAuth", start(token))
	if other := r.target.clients[roleHiding]; other != nil {
		r.call("a token of another client", observed, "InitiateAuth", with(start(token), m{"ClientId": other.id}))
		r.call("a token of another client, the newer way", inferred, "GetTokensFromRefreshToken", m{"ClientId": other.id, "RefreshToken": token})
	}
}

// refreshRotating gets a new refresh token each time; the template gives the
// old one no time to live on.
func refreshRotating(r *run) {
	ana := r.confirmed("ana")
	access, first := r.signIn("sign in", ana)
	newer := r.renewing
	r.call("the older way", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": first}))
	r.sleep(2 * time.Second)
	second := r.call("refresh", documented, "GetTokensFromRefreshToken", newer(first))
	r.settle()
	r.call("the token that was replaced", reported, "GetTokensFromRefreshToken", newer(first))
	third := r.call("the token that replaced it", inferred, "GetTokensFromRefreshToken", newer(r.need(second, "AuthenticationResult", "RefreshToken")))
	r.call("the first access token", inferred, "GetUser", bearer(access, m{}))
	if last := third.str("AuthenticationResult", "RefreshToken"); last != "" {
		r.call("revoke", documented, "RevokeToken", r.revoking(last))
		r.settle()
		r.call("the revoked one", observed, "GetTokensFromRefreshToken", newer(last))
		r.call("the first access token after that", documented, "GetUser", bearer(access, m{}))
	}
}

func revoke(r *run) {
	ana := r.confirmed("ana")
	tokens := r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	access, token := r.need(tokens, "AuthenticationResult", "AccessToken"), tokens.str("AuthenticationResult", "RefreshToken")
	other, _ := r.signIn("sign in elsewhere", ana)
	request := r.revoking
	r.call("an access token", inferred, "RevokeToken", request(access))
	r.call("an ID token", inferred, "RevokeToken", request(tokens.str("AuthenticationResult", "IdToken")))
	r.call("no token at all", inferred, "RevokeToken", request("x"))
	if client := r.target.clients[roleHiding]; client != nil {
		r.call("as another client", inferred, "RevokeToken", m{"ClientId": client.id, "Token": token})
	}
	r.call("as a client that does not exist", inferred, "RevokeToken", m{"ClientId": "0000000000000000000000000x", "Token": token})
	r.call("revoke", documented, "RevokeToken", request(token))
	r.settle()
	r.call("revoke again", documented, "RevokeToken", request(token))
	r.call("refresh", observed, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))
	r.call("refresh, the newer way", inferred, "GetTokensFromRefreshToken", r.renewing(token))
	r.call("its access token", documented, "GetUser", bearer(access, m{}))
	r.call("the other access token", documented, "GetUser", bearer(other, m{}))
}

func signOutEverywhere(r *run) {
	ana := r.confirmed("ana")
	access, token := r.signIn("sign in", ana)
	other, _ := r.signIn("sign in elsewhere", ana)
	r.call("sign out", documented, "GlobalSignOut", bearer(access, m{}))
	r.settle()
	r.call("sign out again", observed, "GlobalSignOut", bearer(access, m{}))
	r.call("refresh", observed, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))
	r.call("refresh, the newer way", inferred, "GetTokensFromRefreshToken", r.renewing(token))
	r.call("revoke what is revoked", documented, "RevokeToken", r.revoking(token))
	r.call("elsewhere", documented, "GetUser", bearer(other, m{}))
	access, token = r.signIn("sign in again", ana)
	r.call("an administrator signs out", documented, "AdminUserGlobalSignOut", r.onUser(ana, m{}))
	r.settle()
	r.call("after that", documented, "GetUser", bearer(access, m{}))
	r.call("refresh after that", observed, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))
	r.call("an administrator signs nobody out", observed, "AdminUserGlobalSignOut", r.onUser(r.person("nobody"), m{}))
}

// accessTokens sends what is no access token, to operations that want one.
func accessTokens(r *run) {
	ana := r.confirmed("ana")
	tokens := r.call("sign in", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	access, id := r.need(tokens, "AuthenticationResult", "AccessToken"), r.need(tokens, "AuthenticationResult", "IdToken")
	r.call("an ID token", observed, "GetUser", bearer(id, m{}))
	r.call("a refresh token", inferred, "GetUser", bearer(tokens.str("AuthenticationResult", "RefreshToken"), m{}))
	r.call("no token", observed, "GetUser", m{})
	r.call("an empty token", inferred, "GetUser", bearer("", m{}))
	r.call("a word", observed, "GetUser", bearer("x", m{}))
	r.call("three words", inferred, "GetUser", bearer("x.y.z", m{}))
	r.call("a space", observed, "GetUser", bearer("x y", m{}))
	header, rest, _ := strings.Cut(access, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	r.call("a token without its signature", inferred, "GetUser", bearer(header+"."+claims+".", m{}))
	r.call("a token with another's signature", observed, "GetUser", bearer(header+"."+claims+"."+id[strings.LastIndexByte(id, '.')+1:], m{}))
	r.call("a token with other claims", observed, "GetUser", bearer(header+"."+strings.Split(id, ".")[1]+"."+signature, m{}))
	r.call("the token", documented, "GetUser", bearer(access, m{}))
}
