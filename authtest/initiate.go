package authtest

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cognitokit/auth/internal/wire"
)

type initiateAuthRequest struct {
	AuthFlow          string             `aws:"AuthFlow,AuthFlow,required"`
	AuthParameters    map[string]string  `aws:"AuthParameters"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
	ClientID          string             `aws:"ClientId,ClientId,required"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	UserContextData   *userContextData   `aws:"UserContextData"`
	Session           string             `aws:"Session,Session"`
}

// authResponse is the answer of the operations that sign in: either tokens or
// a challenge.
type authResponse struct {
	AuthenticationResult *authenticationResult `json:",omitempty"`
	AvailableChallenges  []string              `json:",omitempty"`
	ChallengeName        string                `json:",omitempty"`
	ChallengeParameters  map[string]string
	Session              string `json:",omitempty"`

	signedIn *user // of managed login, where a sign-in does not end with tokens
}

// A flow is an authentication flow that the pool serves.
type flow struct {
	allowed  AuthFlow // what the client must allow
	disabled string   // what is answered if it does not
	required []string // AuthParameters
	start    func(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError)
}

// flows are the flows of InitiateAuth, adminFlows those of AdminInitiateAuth.
var flows = sync.OnceValue(func() map[string]flow {
	return map[string]flow{
		wire.FlowUserPassword:    {AllowUserPassword, msgPasswordFlowDisabled, []string{wire.ParamUsername, wire.ParamPassword}, startPassword},
		wire.FlowUserSRP:         {AllowUserSRP, fmt.Sprintf(msgFlowDisabled, wire.FlowUserSRP), []string{wire.ParamUsername, wire.ParamSRPA}, startSRP},
		wire.FlowCustom:          {AllowCustom, fmt.Sprintf(msgFlowDisabled, wire.FlowCustom), []string{wire.ParamUsername}, startCustom},
		wire.FlowRefreshToken:    {AllowRefreshToken, msgAuthFlowDisabled, []string{wire.ParamRefreshToken}, startRefresh},
		wire.FlowRefreshTokenOld: {AllowRefreshToken, msgAuthFlowDisabled, []string{wire.ParamRefreshToken}, startRefresh},
		wire.FlowUser:            {AllowUser, fmt.Sprintf(msgFlowDisabled, wire.FlowUser), []string{wire.ParamUsername}, startUserAuth},
	}
})

func initiateAuth(c *call, r *initiateAuthRequest) (*authResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.initiate(client, flows(), r)
}

func (c *call) initiate(client *appClient, flows map[string]flow, r *initiateAuthRequest) (*authResponse, *apiError) {
	if err := checkParameterNames("AuthParameters", r.AuthParameters, isAuthParameter); err != nil {
		return nil, err
	}
	f, ok := flows[r.AuthFlow]
	if !ok {
		return nil, invalidParameter(msgFlowNotSupported)
	}
	if client.customOnly && !client.flows[f.allowed] && !c.managed {
		return nil, invalidParameter(msgOnlyCustomAuth)
	}
	if !client.flows[f.allowed] && !c.managed { // managed login needs no flow of the API
		return nil, invalidParameter(f.disabled)
	}
	for _, name := range f.required {
		if r.AuthParameters[name] == "" {
			return nil, missingParameter(name)
		}
	}
	// Only the triggers that begin a sign-in get this metadata, as validation data.
	c.validation, c.metadata = c.metadata, nil
	return c.concluded(f.start(c, client, r))
}

// isAuthParameter reports whether AuthParameters of some flow have the key.
func isAuthParameter(name string) bool {
	switch name {
	case wire.ParamUsername, wire.ParamPassword, wire.ParamSRPA, wire.ParamSecretHash, wire.ParamDeviceKey,
		wire.ParamRefreshToken, wire.ParamPreferredChallenge, wire.ParamChallengeName, paramChallengeNameReference:
		return true
	default:
		return false
	}
}

// checkParameterNames refuses keys that no flow or challenge has. The service
// ignores them, but they are mistakes.
func checkParameterNames(member string, given map[string]string, known func(string) bool) *apiError {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !known(name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	what := fmt.Sprintf("unknown %s %q", member, unknown)
	return &apiError{code: wire.ExceptionInvalidParameter, message: "authtest: " + what, fault: what}
}

// identify finds the user who wants to sign in, and checks the secret hash.
// The user is nil for one who does not exist when the client hides that.
func (c *call) identify(client *appClient, parameters map[string]string) (*user, *apiError) {
	username := parameters[wire.ParamUsername]
	if err := client.checkSecretHash(username, parameters[wire.ParamSecretHash]); err != nil {
		return nil, err
	}
	u := c.pool.users.find(username)
	if u == nil && !client.hideUsers {
		return nil, userNotFound(msgUserNotFound)
	}
	return u, nil
}

// admit refuses a user who may not sign in whatever the password. Unconfirmed
// users are told so before their password is looked at.
func (c *call) admit(client *appClient, u *user) *apiError {
	switch {
	case u.locked(c.now):
		return notAuthorized(msgAttemptsExceeded)
	case !u.enabled:
		return notAuthorized(msgUserDisabled)
	case u.status == StatusUnconfirmed:
		return fail(wire.ExceptionUserNotConfirmed, msgNotConfirmed)
	case u.status == StatusResetRequired && client.hideUsers:
		return notAuthorized(msgIncorrect)
	case u.status == StatusResetRequired:
		return fail(wire.ExceptionPasswordResetRequired, msgResetRequired)
	default:
		return nil
	}
}

func startPassword(c *call, client *appClient, r *initiateAuthRequest) (*authResponse, *apiError) {
	u, err := c.identifyOrMigrate(client, r.AuthParameters)
	if err != nil {
		return nil, err
	}
	a := attempt{client: client, user: u, name: r.AuthParameters[wire.ParamUsername]}
	c.observe(&a)
	if err := c.preAuthenticate(a); err != nil {
		return nil, err
	}
	if u == nil {
		return nil, notAuthorized(msgIncorrect)
	}
	if err := c.admit(client, u); err != nil {
		return nil, err
	}
	if err := c.takePassword(a, r.AuthParameters[wire.ParamPassword]); err != nil {
		return nil, err
	}
	if err := c.nameDevice(&a, r.AuthParameters[wire.ParamDeviceKey]); err != nil {
		return nil, err
	}
	return c.afterPassword(a)
}

// countPassword takes note of a right or wrong password.
func (c *call) countPassword(u *user, right bool) *apiError {
	c.observed.note(proofPassword, right)
	if !right {
		u.passwordLock.fail(c.now)
		return notAuthorized(msgIncorrect)
	}
	u.passwordLock.succeed()
	return nil
}

// afterPassword goes on after a right password.
func (c *call) afterPassword(a attempt) (*authResponse, *apiError) {
	if a.user.status == StatusForceChangePassword {
		return c.requireNewPassword(a)
	}
	return c.secondFactor(a)
}
