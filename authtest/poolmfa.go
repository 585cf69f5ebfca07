package authtest

import (
	"cmp"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/cognitokit/auth/internal/wire"
)

type smsMFAConfig struct {
	SmsAuthenticationMessage string            `aws:"SmsAuthenticationMessage,SmsMessage" json:",omitempty"`
	SmsConfiguration         *smsConfiguration `aws:"SmsConfiguration" json:",omitempty"`
}

type softwareTokenMFAConfig struct {
	Enabled bool `aws:"Enabled"`
}

type emailMFAConfig struct {
	Message string `aws:"Message,EmailMessage" json:",omitempty"`
	Subject string `aws:"Subject,EmailSubject" json:",omitempty"`
}

type webAuthnConfiguration struct {
	RelyingPartyID      string           `aws:"RelyingPartyId,RelyingPartyId" json:"RelyingPartyId,omitempty"`
	UserVerification    UserVerification `aws:"UserVerification,UserVerification" json:",omitempty"`
	FactorConfiguration string           `aws:"FactorConfiguration,FactorConfiguration" json:",omitempty"`
}

const (
	factorSingle = "SINGLE_FACTOR"
	factorMulti  = "MULTI_FACTOR_WITH_USER_VERIFICATION"
)

// poolMFAConfig is what GetUserPoolMfaConfig answers, and what
// SetUserPoolMfaConfig is given and answers.
type poolMFAConfig struct {
	SmsMfaConfiguration           *smsMFAConfig           `aws:"SmsMfaConfiguration" json:",omitempty"`
	SoftwareTokenMfaConfiguration *softwareTokenMFAConfig `aws:"SoftwareTokenMfaConfiguration" json:",omitempty"`
	EmailMfaConfiguration         *emailMFAConfig         `aws:"EmailMfaConfiguration" json:",omitempty"`
	MfaConfiguration              MFAMode                 `aws:"MfaConfiguration,UserPoolMfa"`
	WebAuthnConfiguration         *webAuthnConfiguration  `aws:"WebAuthnConfiguration" json:",omitempty"`
}

func getUserPoolMFAConfig(c *call, r *userPoolRequest) (*poolMFAConfig, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	return c.pool.mfaConfig(), nil
}

func (p *Pool) mfaConfig() *poolMFAConfig {
	config := &poolMFAConfig{MfaConfiguration: p.cfg.MFA, WebAuthnConfiguration: p.webAuthn()}
	if p.offers(MFAFactorSMS) || p.settings.SmsConfiguration != nil {
		config.SmsMfaConfiguration = &smsMFAConfig{p.settings.SmsAuthenticationMessage, p.settings.SmsConfiguration}
	}
	if p.offers(MFAFactorTOTP) {
		config.SoftwareTokenMfaConfiguration = &softwareTokenMFAConfig{Enabled: true}
	}
	if p.offers(MFAFactorEmail) {
		config.EmailMfaConfiguration = &emailMFAConfig{}
		if p.emailMFA != nil {
			config.EmailMfaConfiguration = p.emailMFA
		}
	}
	return config
}

// webAuthn describes the passkeys of the pool, nil if nothing was said of them.
func (p *Pool) webAuthn() *webAuthnConfiguration {
	if p.cfg.Passkeys == nil {
		return p.passkeySettings
	}
	described := &webAuthnConfiguration{
		RelyingPartyID: p.cfg.Passkeys.RelyingPartyID, UserVerification: p.cfg.Passkeys.UserVerification, FactorConfiguration: factorSingle,
	}
	if p.cfg.Passkeys.MultiFactor {
		described.FactorConfiguration = factorMulti
	}
	return described
}

type setUserPoolMFAConfigRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	poolMFAConfig
}

// setUserPoolMFAConfig replaces the second factors of a pool: a mode that is
// left out is OFF. Passkeys are not among them, and stay as they are when they
// are not mentioned (inferred).
func setUserPoolMFAConfig(c *call, r *setUserPoolMFAConfigRequest) (*poolMFAConfig, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	p := c.pool
	factors, err := r.factors(p)
	if err != nil {
		return nil, err
	}
	if err := r.WebAuthnConfiguration.check(); err != nil {
		return nil, err
	}
	if p.settings.UserPoolTier == tierLite && (r.EmailMfaConfiguration != nil || r.WebAuthnConfiguration != nil) {
		return nil, fail(wire.ExceptionFeatureUnavailableInTier, msgTierMFA)
	}
	if sms := r.SmsMfaConfiguration; sms != nil {
		p.settings.SmsAuthenticationMessage = cmp.Or(sms.SmsAuthenticationMessage, p.settings.SmsAuthenticationMessage)
		p.settings.SmsConfiguration = cmp.Or(sms.SmsConfiguration, p.settings.SmsConfiguration)
	}
	p.emailMFA = r.EmailMfaConfiguration
	p.cfg.MFA, p.cfg.MFAFactors = cmp.Or(r.MfaConfiguration, MFAOff), factors
	if r.WebAuthnConfiguration != nil {
		p.passkeySettings = r.WebAuthnConfiguration
		p.derivePasskeys()
	}
	p.modified = c.now
	return p.mfaConfig(), nil
}

// factors are the second factors that the request turns on.
func (r *poolMFAConfig) factors(p *Pool) ([]MFAFactor, *apiError) {
	factors := []MFAFactor{}
	if r.SmsMfaConfiguration != nil {
		factors = append(factors, MFAFactorSMS)
	}
	if r.SoftwareTokenMfaConfiguration != nil && r.SoftwareTokenMfaConfiguration.Enabled {
		factors = append(factors, MFAFactorTOTP)
	}
	if r.EmailMfaConfiguration != nil {
		factors = append(factors, MFAFactorEmail)
	}
	off := r.MfaConfiguration == "" || r.MfaConfiguration == MFAOff
	switch {
	case off && len(factors) > 0:
		return nil, invalidParameter(msgMFAOffWithFactors)
	case off:
		return factors, nil
	case len(factors) == 0:
		return nil, invalidParameter(msgMFAWithoutFactors)
	case r.SmsMfaConfiguration == nil && p.settings.SmsConfiguration != nil:
		return nil, invalidParameter(msgCannotTurnOffSMS)
	case r.SmsMfaConfiguration != nil && r.SmsMfaConfiguration.SmsConfiguration == nil && p.settings.SmsConfiguration == nil &&
		!slices.Contains(p.cfg.MFAFactors, MFAFactorSMS):
		return nil, invalidParameter(msgMFANeedsSMS)
	default:
		return factors, nil
	}
}

func (w *webAuthnConfiguration) check() *apiError {
	if w != nil && w.RelyingPartyID != "" && protocol.ValidateRPID(w.RelyingPartyID) != nil {
		return invalidParameter(msgRelyingPartyID)
	}
	return nil
}

// derivePasskeys makes the configuration of passkeys from what an administrator
// said of them. Without a relying party it is the pool's domain; without one
// there are no passkeys.
func (p *Pool) derivePasskeys() {
	w := p.passkeySettings
	if w == nil {
		return
	}
	p.cfg.Passkeys = nil
	if id := cmp.Or(w.RelyingPartyID, p.domainHost()); id != "" {
		p.cfg.Passkeys = &Passkeys{
			RelyingPartyID: id, UserVerification: cmp.Or(w.UserVerification, UserVerificationPreferred), MultiFactor: w.FactorConfiguration == factorMulti,
		}
	}
}
