package cognito

import (
	"context"
	"maps"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/cognitokit/auth/internal/wire"
)

// AuthRequest is one step of a sign-in: what [Client.InitiateAuth] and
// [Client.RespondToAuthChallenge] take.
type AuthRequest struct {
	// Flow is the flow to begin, for InitiateAuth.
	Flow string

	// Challenge is the challenge to answer, for RespondToAuthChallenge.
	Challenge string

	// Session is the newest session of the attempt. Empty leaves it out.
	Session string

	// Params are the AuthParameters or ChallengeResponses. SECRET_HASH is added
	// to a copy if the app client has a secret and USERNAME is among them.
	Params map[string]string

	CallOptions
}

// AuthResponse is the service's answer to one step: either a challenge or a
// result.
type AuthResponse struct {
	// Challenge is the name of the next challenge, empty if Result is set.
	Challenge string

	// Session continues the attempt. Some challenges have none.
	Session string

	// Params are the parameters of the challenge.
	Params map[string]string

	// Available are the challenges that a USER_AUTH attempt can choose from.
	Available []string

	// Result is set when the person is signed in.
	Result *AuthResult

	// ServerTime is the service's clock when it answered, by the whole second,
	// from the Date header. It is zero if there was none.
	ServerTime time.Time
}

// AuthResult holds the tokens of a sign-in or a refresh.
type AuthResult struct {
	AccessToken string
	IDToken     string

	// RefreshToken is empty after a refresh without rotation: the old one stays
	// good.
	RefreshToken string

	// ExpiresIn is the lifetime of the access token.
	ExpiresIn time.Duration

	// NewDevice is the device that the service made up for this sign-in, nil if
	// the pool does not track devices or knows this one already.
	NewDevice *NewDevice
}

// NewDevice names a device that is not confirmed yet.
type NewDevice struct {
	Key      string
	GroupKey string
}

// InitiateAuth begins a sign-in (operation InitiateAuth). An answer that holds
// neither a challenge nor tokens is an error with [CodeMalformed].
func (c *Client) InitiateAuth(ctx context.Context, in AuthRequest) (AuthResponse, error) {
	const name = "InitiateAuth"
	out, err := call(ctx, c, operation{name: name}, &idp.InitiateAuthInput{
		ClientId:        &c.clientID,
		AuthFlow:        types.AuthFlowType(in.Flow),
		AuthParameters:  c.authParams(in.Params),
		Session:         optional(in.Session),
		ClientMetadata:  in.metadata(),
		UserContextData: in.userContext(),
	}, c.api.InitiateAuth)
	if err != nil {
		return AuthResponse{}, err
	}
	var available []string
	for _, name := range out.AvailableChallenges {
		available = append(available, string(name))
	}
	return newAuthResponse(name, out.ResultMetadata, AuthResponse{
		Challenge: string(out.ChallengeName),
		Session:   deref(out.Session),
		Params:    out.ChallengeParameters,
		Available: available,
		Result:    newAuthResult(out.AuthenticationResult),
	})
}

// RespondToAuthChallenge answers a challenge (operation
// RespondToAuthChallenge). An answer that holds neither a challenge nor tokens
// is an error with [CodeMalformed].
func (c *Client) RespondToAuthChallenge(ctx context.Context, in AuthRequest) (AuthResponse, error) {
	const name = "RespondToAuthChallenge"
	out, err := call(ctx, c, operation{name: name}, &idp.RespondToAuthChallengeInput{
		ClientId:           &c.clientID,
		ChallengeName:      types.ChallengeNameType(in.Challenge),
		ChallengeResponses: c.authParams(in.Params),
		Session:            optional(in.Session),
		ClientMetadata:     in.metadata(),
		UserContextData:    in.userContext(),
	}, c.api.RespondToAuthChallenge)
	if err != nil {
		return AuthResponse{}, err
	}
	return newAuthResponse(name, out.ResultMetadata, AuthResponse{
		Challenge: string(out.ChallengeName),
		Session:   deref(out.Session),
		Params:    out.ChallengeParameters,
		Result:    newAuthResult(out.AuthenticationResult),
	})
}

// authParams returns params with the secret hash added, and never params
// itself if it has to change.
func (c *Client) authParams(params map[string]string) map[string]string {
	if len(params) == 0 {
		return nil
	}
	username, ok := params[wire.ParamUsername]
	if !ok || c.secret == "" {
		return params
	}
	params = maps.Clone(params)
	params[wire.ParamSecretHash] = c.secretHash(username)
	return params
}

func newAuthResponse(op string, m middleware.Metadata, r AuthResponse) (AuthResponse, error) {
	if r.Result == nil && r.Challenge == "" {
		return AuthResponse{}, malformed(op, m)
	}
	r.ServerTime, _ = awsmiddleware.GetServerTime(m)
	return r, nil
}

// newAuthResult returns nil if there is no access token.
func newAuthResult(r *types.AuthenticationResultType) *AuthResult {
	if r == nil || deref(r.AccessToken) == "" {
		return nil
	}
	result := &AuthResult{
		AccessToken:  deref(r.AccessToken),
		IDToken:      deref(r.IdToken),
		RefreshToken: deref(r.RefreshToken),
		ExpiresIn:    time.Duration(r.ExpiresIn) * time.Second,
	}
	if d := r.NewDeviceMetadata; d != nil {
		result.NewDevice = &NewDevice{Key: deref(d.DeviceKey), GroupKey: deref(d.DeviceGroupKey)}
	}
	return result
}
