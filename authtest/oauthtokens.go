package authtest

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// An oauthScope is what a grant of a domain's endpoints covers.
type oauthScope struct {
	scopes   []string
	resource string
	nonce    string // for the first ID token; empty when it has been used
}

// oauthGrant makes a grant of a login, as far as its user may still have one.
func (c *call) oauthGrant(a *authorization, login browserLogin) (*grant, *apiError) {
	switch {
	case login.user.deleted:
		return nil, notAuthorized(msgIncorrect)
	case !login.user.enabled:
		return nil, notAuthorized(msgUserDisabled)
	case !a.client.readsAll(a.scopes):
		return nil, notAuthorized(msgUnreadableScope)
	}
	g := c.newGrant(attempt{client: a.client, user: login.user})
	g.authTime = login.at
	g.oauth = &oauthScope{a.scopes, a.resource, a.nonce}
	c.pool.grants.add(g)
	return g, nil
}

// readsAll reports whether a client can read all attributes of the scopes. That
// of profile is as much of the profile as the client can read.
func (c *appClient) readsAll(scopes []string) bool {
	for _, s := range []struct{ scope, attribute string }{{scopeEmail, attrEmail}, {scopePhone, attrPhone}} {
		if slices.Contains(scopes, s.scope) && (!c.reads(s.attribute) || !c.reads(s.attribute+verifiedSuffix)) {
			return false
		}
	}
	return true
}

// profileAttributes are the attributes of the scope profile besides those that
// pools define.
var profileAttributes = []string{
	"birthdate", "family_name", "gender", "given_name", "locale", "middle_name", "name", "nickname", "picture", "preferred_username",
	"profile", "updated_at", "website", "zoneinfo",
}

// shows reports whether scopes let an attribute be seen in ID tokens and at the
// userInfo endpoint. openid by itself, or beside scopes that say nothing about
// attributes, lets all of them.
func shows(scopes []string, attribute string) bool {
	has := func(scope string) bool { return slices.Contains(scopes, scope) }
	if !has(scopeEmail) && !has(scopePhone) && !has(scopeProfile) {
		return true
	}
	switch attribute {
	case attrEmail, attrEmail + verifiedSuffix:
		return has(scopeEmail)
	case attrPhone, attrPhone + verifiedSuffix:
		return has(scopePhone)
	case attrIdentities:
		return true
	default:
		return has(scopeProfile) && (slices.Contains(profileAttributes, attribute) || strings.HasPrefix(attribute, customPrefix))
	}
}

// scopes are what the access tokens of a grant cover.
func (g *grant) scopes() []string {
	if g.oauth == nil {
		return []string{adminScope}
	}
	return g.oauth.scopes
}

// hasIDToken reports whether a grant has ID tokens.
func (g *grant) hasIDToken() bool {
	return g.oauth == nil || slices.Contains(g.oauth.scopes, scopeOpenID)
}

// shows reports whether the ID tokens of a grant have an attribute.
func (g *grant) shows(attribute string) bool {
	return g.client.reads(attribute) && (g.oauth == nil || shows(g.oauth.scopes, attribute))
}

// accessTokenVersion is the version of the access tokens of a domain's
// endpoints (observed; those of the API have none).
const accessTokenVersion = 2

// accessTokenHash is the at_hash of an access token (OpenID Connect Core, section
// 3.1.3.6).
func accessTokenHash(accessToken string) string {
	sum := sha256.Sum256([]byte(accessToken))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// machineClaims are the claims of the access token of a machine: an app client
// that acts for itself.
func (c *call) machineClaims(client *appClient, scopes []string) accessClaims {
	issued := c.now.Unix()
	return accessClaims{
		AuthTime:  issued,
		ClientID:  client.id,
		ExpiresAt: issued + int64(client.accessValidity/time.Second),
		IssuedAt:  issued,
		Issuer:    c.pool.Issuer(),
		ID:        randomUUID(),
		Scope:     strings.Join(scopes, " "),
		Subject:   client.id,
		Use:       "access",
		Version:   accessTokenVersion,
	}
}
