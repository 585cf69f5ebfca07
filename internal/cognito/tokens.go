package cognito

import (
	"context"
	"errors"
	"net/http"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitokit/auth/internal/wire"
)

// RefreshInput is what [Client.Refresh] takes.
type RefreshInput struct {
	RefreshToken string

	// DeviceKey is the key of the device that the token was issued to. The
	// service refuses the token of a tracked device without it.
	DeviceKey string

	// HashUsername is the user's own name in the pool, the username claim of the
	// access token. It is needed if the app client has a secret and the service
	// only knows the older way to refresh.
	HashUsername string

	// CallOptions apply with the older way as a whole. GetTokensFromRefreshToken
	// takes no UserContext.
	CallOptions
}

// Refresh trades a refresh token for new tokens (operation
// GetTokensFromRefreshToken).
//
// Emulators and proxies that do not know that operation are asked for
// InitiateAuth with REFRESH_TOKEN_AUTH instead, from then on without asking for
// the newer one first. What counts as not knowing is in lacksOperation.
func (c *Client) Refresh(ctx context.Context, in RefreshInput) (AuthResult, error) {
	if c.legacyRefresh.Load() {
		return c.refreshLegacy(ctx, in)
	}
	const name = "GetTokensFromRefreshToken"
	out, err := call(ctx, c, operation{name: name}, &idp.GetTokensFromRefreshTokenInput{
		ClientId:       &c.clientID,
		ClientSecret:   optional(c.secret),
		RefreshToken:   &in.RefreshToken,
		DeviceKey:      optional(in.DeviceKey),
		ClientMetadata: in.metadata(),
	}, c.api.GetTokensFromRefreshToken)
	switch {
	case err == nil:
		if r := newAuthResult(out.AuthenticationResult); r != nil {
			return *r, nil
		}
		return AuthResult{}, malformed(name)
	case !lacksOperation(err) || (c.secret != "" && in.HashUsername == ""):
		return AuthResult{}, err
	}
	c.legacyRefresh.Store(true)
	return c.refreshLegacy(ctx, in)
}

func (c *Client) refreshLegacy(ctx context.Context, in RefreshInput) (AuthResult, error) {
	params := map[string]string{wire.ParamRefreshToken: in.RefreshToken}
	if in.DeviceKey != "" {
		params[wire.ParamDeviceKey] = in.DeviceKey
	}
	// The request has no USERNAME for InitiateAuth to take the hash from.
	if hash := c.secretHash(in.HashUsername); hash != "" {
		params[wire.ParamSecretHash] = hash
	}
	r, err := c.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowRefreshToken, Params: params, CallOptions: in.CallOptions})
	if err != nil {
		return AuthResult{}, err
	}
	if r.Result == nil {
		return AuthResult{}, malformed("InitiateAuth")
	}
	return *r.Result, nil
}

// lacksOperation reports whether err says that the other side does not know
// the operation it was asked for: the front end's UnknownOperationException, or
// 404, 405 or 501 with no exception of Cognito's. An exception with status 404
// is ResourceNotFoundException or UserNotFoundException, which is an answer.
//
// HTTP 500, with which two emulators answer unknown operations, is left out: it
// is also how an outage looks, and then the refresh token may be spent.
func lacksOperation(err error) bool {
	e, ok := errors.AsType[*ServiceError](err)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return e.Code == CodeHTTP || e.Code == wire.ExceptionUnknownOperation
	case http.StatusNotImplemented:
		return true
	default:
		return e.Code == wire.ExceptionUnknownOperation
	}
}

// RevokeToken revokes a refresh token and the access tokens that came from it
// (operation RevokeToken).
func (c *Client) RevokeToken(ctx context.Context, refreshToken string) error {
	_, err := call(ctx, c, operation{name: "RevokeToken", repeatable: true}, &idp.RevokeTokenInput{
		ClientId:     &c.clientID,
		ClientSecret: optional(c.secret),
		Token:        &refreshToken,
	}, c.api.RevokeToken)
	return err
}

// GlobalSignOut revokes all tokens of the user (operation GlobalSignOut).
func (c *Client) GlobalSignOut(ctx context.Context, accessToken string) error {
	_, err := call(ctx, c, operation{name: "GlobalSignOut"}, &idp.GlobalSignOutInput{
		AccessToken: &accessToken,
	}, c.api.GlobalSignOut)
	return err
}
