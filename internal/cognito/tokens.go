package cognito

import (
	"context"
	"errors"
	"net/http"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/middleware"

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
// Where that operation is not offered, which is the case with most emulators,
// InitiateAuth with REFRESH_TOKEN_AUTH takes its place, and is asked first from
// then on until it fails.
func (c *Client) Refresh(ctx context.Context, in RefreshInput) (AuthResult, error) {
	// The older way needs a hash with a secret, and nothing but the user's name
	// makes it.
	canFallBack := c.secret == "" || in.HashUsername != ""
	if canFallBack && c.legacyRefresh.Load() {
		r, err := c.refreshLegacy(ctx, in)
		if err != nil {
			// Perhaps it was not the service that did not know the operation.
			c.legacyRefresh.Store(false)
		}
		return r, err
	}
	const name = "GetTokensFromRefreshToken"
	out, err := call(ctx, c, operation{name: name}, &idp.GetTokensFromRefreshTokenInput{
		ClientId:       &c.clientID,
		ClientSecret:   optional(c.secret),
		RefreshToken:   &in.RefreshToken,
		DeviceKey:      optional(in.DeviceKey),
		ClientMetadata: in.metadata(),
	}, c.api.GetTokensFromRefreshToken)
	if err == nil {
		if r := newAuthResult(out.AuthenticationResult); r != nil {
			return *r, nil
		}
		return AuthResult{}, malformed(name, out.ResultMetadata)
	}
	if !canFallBack || !c.lacksOperation(err) {
		return AuthResult{}, err
	}
	r, err := c.refreshLegacy(ctx, in)
	if err != nil {
		return AuthResult{}, err
	}
	c.legacyRefresh.Store(true)
	return r, nil
}

func (c *Client) refreshLegacy(ctx context.Context, in RefreshInput) (AuthResult, error) {
	params := map[string]string{wire.ParamRefreshToken: in.RefreshToken}
	if in.DeviceKey != "" {
		params[wire.ParamDeviceKey] = in.DeviceKey
	}
	// The request has no USERNAME for InitiateAuth to make the hash from.
	if hash := c.secretHash(in.HashUsername); hash != "" {
		params[wire.ParamSecretHash] = hash
	}
	r, err := c.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowRefreshToken, Params: params, CallOptions: in.CallOptions})
	switch {
	case err != nil:
		return AuthResult{}, err
	case r.Result == nil: // a challenge, which no refresh can answer
		return AuthResult{}, malformed("InitiateAuth", middleware.Metadata{})
	}
	return *r.Result, nil
}

// lacksOperation reports whether err says that the other side does not offer
// the operation that it was asked for. That is:
//
//   - an exception that says so,
//   - HTTP 501, whatever the body,
//   - HTTP 404 or 405 without an exception, from a custom endpoint. AWS answers
//     unknown operations with an exception; its 404 would be a proxy's fault,
//     and then the older operation could end a session that rotates tokens.
//
// HTTP 500, with which some emulators answer, is left out: so does an outage,
// and then the refresh token may be spent.
func (c *Client) lacksOperation(err error) bool {
	e, ok := errors.AsType[*ServiceError](err)
	if !ok {
		return false
	}
	switch e.Code {
	case wire.ExceptionUnknownOperation, wire.ExceptionUnsupportedOperation, wire.ExceptionFeatureUnavailableInTier:
		return true
	case CodeHTTP:
		if e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed {
			return c.endpoint != ""
		}
	}
	return e.Status == http.StatusNotImplemented
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
