package authtest

import (
	"fmt"

	"github.com/cognitokit/auth/internal/wire"
)

// startRefresh serves REFRESH_TOKEN_AUTH. Its secret hash is made of the
// username of the pool, not of what the user once typed: a request has no
// other.
func startRefresh(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	token, err := c.usableRefreshToken(client, r.AuthParameters[wire.ParamRefreshToken], r.AuthParameters[wire.ParamDeviceKey])
	if err != nil {
		return nil, err
	}
	hash := r.AuthParameters[wire.ParamSecretHash]
	switch {
	case len(client.secrets) == 0 && hash == "":
	case hash == "":
		return nil, secretNotReceived(client.id)
	case !client.secretHashMatches(token.grant.user.username, hash):
		return nil, notAuthorized(fmt.Sprintf(msgSecretRefresh, client.id))
	}
	overrides, err := c.preTokenGeneration(sourceTokensRefresh, token.grant.user, token.grant.scopes())
	if err != nil {
		return nil, err
	}
	// The trigger ran without the lock.
	token, err = c.usableRefreshToken(client, r.AuthParameters[wire.ParamRefreshToken], r.AuthParameters[wire.ParamDeviceKey])
	if err != nil {
		return nil, err
	}
	return &authResponse{AuthenticationResult: c.issue(token.grant, overrides), ChallengeParameters: map[string]string{}}, nil
}

// usableRefreshToken returns the refresh token of a text, if tokens can be had
// for it.
func (c *call) usableRefreshToken(client *appClient, text, deviceKey string) (*refreshToken, *apiError) {
	token := c.pool.grants.refreshToken(text)
	switch {
	case token == nil || token.grant.client != client:
		return nil, notAuthorized(msgRefreshInvalid)
	case token.grant.user.deleted:
		return nil, userGone(msgRefreshRevoked)
	case token.grant.revoked:
		return nil, notAuthorized(msgRefreshRevoked)
	case !c.now.Before(token.grant.expires):
		return nil, notAuthorized(msgRefreshExpired)
	case !token.rotated.IsZero() && c.now.Sub(token.rotated) >= client.grace:
		return nil, fail(wire.ExceptionRefreshTokenReuse, msgRefreshReuse)
	}
	if err := c.checkDevice(token.grant, deviceKey); err != nil {
		return nil, err
	}
	return token, nil
}

type getTokensRequest struct {
	RefreshToken   string            `aws:"RefreshToken,AccessToken,required"`
	ClientID       string            `aws:"ClientId,ClientId,required"`
	ClientSecret   string            `aws:"ClientSecret,ClientSecret"`
	DeviceKey      string            `aws:"DeviceKey,DeviceKey"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

type getTokensResponse struct {
	AuthenticationResult *authenticationResult
}

// getTokensFromRefreshToken refreshes with or without rotation. A token that
// replaces another lives for what was left to the first one; within the grace
// period the old one still works, and gives a further token.
func getTokensFromRefreshToken(c *call, r *getTokensRequest) (*getTokensResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if !client.secretMatches(r.ClientSecret) {
		return nil, notAuthorized(fmt.Sprintf(msgSecretUnverified, client.id))
	}
	token, err := c.usableRefreshToken(client, r.RefreshToken, r.DeviceKey)
	if err != nil {
		return nil, err
	}
	overrides, err := c.preTokenGeneration(sourceTokensRefresh, token.grant.user, token.grant.scopes())
	if err != nil {
		return nil, err
	}
	token, err = c.usableRefreshToken(client, r.RefreshToken, r.DeviceKey) // the trigger ran without the lock
	if err != nil {
		return nil, err
	}
	result := c.issue(token.grant, overrides)
	if client.rotate {
		if token.rotated.IsZero() {
			token.rotated = c.now
		}
		result.RefreshToken = c.pool.grants.newRefreshToken(token.grant)
	}
	return &getTokensResponse{result}, nil
}
