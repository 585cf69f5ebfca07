package authtest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// bearer returns the grant of an access token, if the token authorizes an
// operation on its user's behalf. It may let go of the pool's lock for a while,
// so handlers call it first.
func (c *call) bearer(token string) (*grant, *apiError) {
	g, scopes, err := c.tokenGrant(token)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(scopes, adminScope):
		return nil, notAuthorized(msgAccessScopes)
	case g.user.status == StatusResetRequired: // observed with GetUser
		return nil, fail(wire.ExceptionPasswordResetRequired, msgResetRequired)
	default:
		c.app = g.client
		return g, nil
	}
}

// tokenGrant returns the grant and the scopes of an access token that is still
// good. It may let go of the pool's lock for a while.
func (c *call) tokenGrant(token string) (*grant, []string, *apiError) {
	if strings.Count(token, ".") != 2 {
		return nil, nil, notAuthorized(msgAccessInvalid)
	}
	payload, ok := c.verified(token)
	if !ok {
		return nil, nil, notAuthorized(msgAccessSignature)
	}
	// An ID token gets this far too.
	var claims accessClaims
	if json.Unmarshal(payload, &claims) != nil || claims.Use != "access" || !c.pool.issued(claims.Issuer) {
		return nil, nil, notAuthorized(msgAccessInvalid)
	}
	if c.now.Unix() >= claims.ExpiresAt {
		return nil, nil, notAuthorized(msgAccessExpired)
	}
	g := c.pool.grants.event(claims.EventID)
	switch {
	case g != nil && g.user.deleted:
		return nil, nil, userGone(msgAccessRevoked)
	case g == nil || g.revoked || g.client.deleted:
		return nil, nil, notAuthorized(msgAccessRevoked)
	default:
		return g, strings.Fields(claims.Scope), nil
	}
}

// userGone answers a token whose user has been deleted as if it were revoked.
// Inferred: UserNotFoundException with "User does not exist." has been
// reported too.
func userGone(revoked string) *apiError { return notAuthorized(revoked) }

type getUserRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken,required"`
}

type getUserResponse struct {
	MFAOptions          []mfaOption `json:",omitempty"`
	PreferredMFASetting MFAFactor   `json:"PreferredMfaSetting,omitempty"`
	UserAttributes      []attribute
	UserMFASettingList  []MFAFactor `json:",omitempty"`
	Username            string
}

func getUser(c *call, r *getUserRequest) (*getUserResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return &getUserResponse{
		MFAOptions:          g.user.mfa.options(),
		PreferredMFASetting: g.user.mfa.preferred,
		UserAttributes:      g.user.list(g.client.reads),
		UserMFASettingList:  g.user.mfa.settings(),
		Username:            g.user.username,
	}, nil
}

type deleteUserRequest struct {
	AccessToken    string            `aws:"AccessToken,AccessToken,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"` // as in changePasswordRequest
}

func deleteUser(c *call, r *deleteUserRequest) (*noBody, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	c.deleteUser(g.user)
	return &noBody{}, nil
}

func (c *call) deleteUser(u *user) {
	c.pool.grants.revokeAll(u)
	c.pool.users.remove(u)
}

type changePasswordRequest struct {
	PreviousPassword string `aws:"PreviousPassword,Password"`
	ProposedPassword string `aws:"ProposedPassword,Password,required"`
	AccessToken      string `aws:"AccessToken,AccessToken,required"`

	// The model has no such member, but amazon-cognito-identity-js sends it.
	// The service ignores it (inferred), and so does the pool.
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// changePassword replaces a password. Tokens stay valid.
func changePassword(c *call, r *changePasswordRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	err = c.checkPasswordChange(g, r)
	c.record(g.user, eventPasswordChange, r.ProposedPassword, err)
	if err != nil {
		return nil, err
	}
	c.setPassword(g.user, r.ProposedPassword)
	return &empty{}, nil
}

func (c *call) checkPasswordChange(g *grant, r *changePasswordRequest) *apiError {
	u := g.user
	if err := u.attempt(limitChange, c.now); err != nil {
		return err
	}
	if !u.knowsPassword(r.PreviousPassword) {
		return notAuthorized(msgIncorrect)
	}
	if err := c.checkNewPassword(u, r.ProposedPassword); err != nil {
		return err
	}
	return c.checkLeaked(g.client, filterPasswordChange, r.ProposedPassword)
}

// knowsPassword reports whether previous is the user's password. A user who
// has none sets the first one by leaving the previous one out.
func (u *user) knowsPassword(previous string) bool {
	if u.password == nil {
		return previous == ""
	}
	return u.password.matches(previous)
}

type globalSignOutRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken,required"`
}

func globalSignOut(c *call, r *globalSignOutRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	c.pool.grants.revokeAll(g.user)
	return &empty{}, nil
}

type revokeTokenRequest struct {
	Token        string `aws:"Token,AccessToken,required"`
	ClientID     string `aws:"ClientId,ClientId,required"`
	ClientSecret string `aws:"ClientSecret,ClientSecret"`
}

// revokeToken ends the grant of a refresh token: the access tokens that came
// from it and its rotations go too. A token that is already revoked, expired
// or unknown is revoked enough.
func revokeToken(c *call, r *revokeTokenRequest) (*empty, *apiError) {
	client, ok := c.pool.clients[r.ClientID]
	if !ok || !client.secretMatches(r.ClientSecret) {
		return nil, fail(wire.ExceptionUnauthorized, msgRevokeSecret)
	}
	if !client.revocable {
		return nil, fail(wire.ExceptionUnsupportedOperation, msgRevocationDisabled)
	}
	if strings.Count(r.Token, ".") == 2 {
		return nil, fail(wire.ExceptionUnsupportedTokenType, msgNotRefreshToken)
	}
	token := c.pool.grants.refreshToken(r.Token)
	switch {
	case token == nil:
	case token.grant.client != client:
		return nil, fail(wire.ExceptionUnauthorized, msgRevokeSecret)
	default:
		token.grant.revoked = true
	}
	return &empty{}, nil
}
