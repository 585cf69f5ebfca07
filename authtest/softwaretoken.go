package authtest

import (
	"github.com/cognitokit/auth/internal/wire"
)

type associateSoftwareTokenRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken"`
	Session     string `aws:"Session,Session"`
}

type associateSoftwareTokenResponse struct {
	SecretCode string
	Session    string `json:",omitempty"`
}

// associateSoftwareToken hands out a new secret. A verified one stays in use
// until the new one is verified too.
func associateSoftwareToken(c *call, r *associateSoftwareTokenRequest) (*associateSoftwareTokenResponse, *apiError) {
	u, s, err := c.tokenOrSession(r.AccessToken, r.Session, wire.ChallengeMFASetup, purposeVerifyTOTP)
	if err != nil {
		return nil, err
	}
	if !c.pool.offers(MFAFactorTOTP) {
		return nil, fail(wire.ExceptionSoftwareTokenMFANotFound, msgTOTPPoolDisabled)
	}
	secret := newTOTPSecret()
	u.mfa.pendingTOTP = secret
	response := &associateSoftwareTokenResponse{SecretCode: secret.secret}
	if s != nil {
		s.stale = true
		response.Session = c.startSession(&session{attempt: s.attempt, purpose: purposeVerifyTOTP, totp: secret})
	}
	return response, nil
}

// tokenOrSession authorizes an operation that takes either an access token or
// a session. The session is nil for a token.
func (c *call) tokenOrSession(token, text string, purposes ...sessionPurpose) (*user, *session, *apiError) {
	if (token == "") == (text == "") {
		return nil, nil, invalidParameter(msgBothTokenAndSession)
	}
	if token != "" {
		g, err := c.bearer(token)
		if err != nil {
			return nil, nil, err
		}
		return g.user, nil, nil
	}
	s, err := c.session(nil, text, purposes...)
	if err != nil {
		return nil, nil, err
	}
	if !s.user.enabled {
		return nil, nil, notAuthorized(msgUserDisabled)
	}
	return s.user, s, nil
}

type verifySoftwareTokenRequest struct {
	AccessToken        string `aws:"AccessToken,AccessToken"`
	Session            string `aws:"Session,Session"`
	UserCode           string `aws:"UserCode,UserCode,required"`
	FriendlyDeviceName string `aws:"FriendlyDeviceName"`
}

type verifySoftwareTokenResponse struct {
	Session string `json:",omitempty"`
	Status  string
}

// verifySoftwareToken takes the first code of an authenticator app. The app
// then counts as a factor where the pool requires one; elsewhere the user has
// to enable it.
func verifySoftwareToken(c *call, r *verifySoftwareTokenRequest) (*verifySoftwareTokenResponse, *apiError) {
	u, s, err := c.tokenOrSession(r.AccessToken, r.Session, purposeVerifyTOTP)
	if err != nil {
		return nil, err
	}
	secret := u.mfa.pendingTOTP
	if s != nil {
		secret = s.totp
	}
	if secret == nil {
		return nil, fail(wire.ExceptionSoftwareTokenMFANotFound, msgTOTPMissing)
	}
	if secret.check(r.UserCode, c.now) != totpRight {
		return nil, fail(wire.ExceptionEnableSoftwareTokenMFA, msgTOTPSetupCode)
	}
	secret.name = r.FriendlyDeviceName
	u.mfa.totp = secret
	if u.mfa.pendingTOTP == secret {
		u.mfa.pendingTOTP = nil
	}
	if c.pool.cfg.MFA == MFARequired {
		u.mfa.enable(MFAFactorTOTP)
	}
	response := &verifySoftwareTokenResponse{Status: "SUCCESS"}
	if s != nil {
		s.spent = true
		response.Session = c.startSession(&session{attempt: s.attempt, purpose: purposeTOTPVerified})
	}
	return response, nil
}
