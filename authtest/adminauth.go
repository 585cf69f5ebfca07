package authtest

import (
	"sync"

	"github.com/cognitokit/auth/internal/wire"
)

type httpHeader struct {
	Name  string `aws:"headerName"`
	Value string `aws:"headerValue"`
}

type contextData struct {
	IPAddress   string       `aws:"IpAddress,,required"`
	ServerName  string       `aws:"ServerName,,required"`
	ServerPath  string       `aws:"ServerPath,,required"`
	HTTPHeaders []httpHeader `aws:"HttpHeaders,,required"`
	EncodedData string       `aws:"EncodedData"`
}

type adminInitiateAuthRequest struct {
	UserPoolID        string             `aws:"UserPoolId,UserPoolId,required"`
	ClientID          string             `aws:"ClientId,ClientId,required"`
	AuthFlow          string             `aws:"AuthFlow,AuthFlow,required"`
	AuthParameters    map[string]string  `aws:"AuthParameters"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	ContextData       *contextData       `aws:"ContextData"`
	Session           string             `aws:"Session,Session"`
}

// adminFlows are the flows of AdminInitiateAuth.
var adminFlows = sync.OnceValue(func() map[string]flow {
	return map[string]flow{
		wire.FlowAdminUserPassword: {AllowAdminUserPassword, msgAuthFlowDisabled, []string{wire.ParamUsername, wire.ParamPassword}, startPassword},
		wire.FlowAdminNoSRP:        {AllowAdminUserPassword, msgAuthFlowDisabled, []string{wire.ParamUsername, wire.ParamPassword}, startPassword},
		wire.FlowUserSRP:           flows()[wire.FlowUserSRP],
		wire.FlowCustom:            flows()[wire.FlowCustom],
		wire.FlowUser:              flows()[wire.FlowUser],
		wire.FlowRefreshToken:      flows()[wire.FlowRefreshToken],
		wire.FlowRefreshTokenOld:   flows()[wire.FlowRefreshToken],
	}
})

func adminInitiateAuth(c *call, r *adminInitiateAuthRequest) (*authResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.initiate(client, adminFlows(), &initiateAuthRequest{AuthFlow: r.AuthFlow, AuthParameters: r.AuthParameters, Session: r.Session})
}

type adminRespondRequest struct {
	UserPoolID         string             `aws:"UserPoolId,UserPoolId,required"`
	ClientID           string             `aws:"ClientId,ClientId,required"`
	ChallengeName      string             `aws:"ChallengeName,ChallengeName,required"`
	ChallengeResponses map[string]string  `aws:"ChallengeResponses"`
	Session            string             `aws:"Session,Session"`
	AnalyticsMetadata  *analyticsMetadata `aws:"AnalyticsMetadata"`
	ContextData        *contextData       `aws:"ContextData"`
	ClientMetadata     map[string]string  `aws:"ClientMetadata"`
}

func adminRespondToAuthChallenge(c *call, r *adminRespondRequest) (*authResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.respond(client, &respondRequest{ChallengeName: r.ChallengeName, Session: r.Session, ChallengeResponses: r.ChallengeResponses})
}
