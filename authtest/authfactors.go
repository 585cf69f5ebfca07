package authtest

import (
	"github.com/cognitokit/auth/internal/wire"
)

type getUserAuthFactorsRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken,required"`
}

type getUserAuthFactorsResponse struct {
	ConfiguredUserAuthFactors []FirstFactor
	PreferredMFASetting       MFAFactor   `json:"PreferredMfaSetting,omitempty"`
	UserMFASettingList        []MFAFactor `json:",omitempty"`
	Username                  string
}

// getUserAuthFactors lists what a sign-in with USER_AUTH would offer, the two
// challenges of a password as one.
func getUserAuthFactors(c *call, r *getUserAuthFactorsRequest) (*getUserAuthFactorsResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	response := &getUserAuthFactorsResponse{
		ConfiguredUserAuthFactors: []FirstFactor{},
		PreferredMFASetting:       g.user.mfa.preferred,
		UserMFASettingList:        g.user.mfa.settings(),
		Username:                  g.user.username,
	}
	for _, challenge := range c.firstFactors(g.user) {
		if challenge != wire.ChallengePasswordSRP {
			response.ConfiguredUserAuthFactors = append(response.ConfiguredUserAuthFactors, FirstFactor(challenge))
		}
	}
	return response, nil
}
