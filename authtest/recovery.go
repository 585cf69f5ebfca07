package authtest

import (
	"slices"
)

type forgotPasswordRequest struct {
	ClientID          string             `aws:"ClientId,ClientId,required"`
	SecretHash        string             `aws:"SecretHash,SecretHash"`
	UserContextData   *userContextData   `aws:"UserContextData"`
	Username          string             `aws:"Username,Username,required"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
}

func forgotPassword(c *call, r *forgotPasswordRequest) (*codeDeliveryResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := client.checkSecretHash(r.Username, r.SecretHash); err != nil {
		return nil, err
	}
	u, err := c.findOrMigrate(client, sourceMigrationForgotPassword, r.Username, "")
	if err != nil {
		return nil, err
	}
	contact, err := c.recoveryContact(u)
	if err != nil {
		c.record(u, eventForgotPassword, "", err)
		if client.hideUsers {
			return &codeDeliveryResponse{c.simulatedDelivery(r.Username)}, nil
		}
		return nil, err
	}
	if err := u.attempt(limitReset, c.now); err != nil {
		c.record(u, eventForgotPassword, "", err)
		return nil, err
	}
	details, err := c.sendCode(u, codeReset, MessageForgotPassword, contact, resetCodeValidity)
	c.record(u, eventForgotPassword, "", err)
	return deliveryResponse(details, err)
}

// recoveryContact returns the contact that a reset code goes to, or why the
// user's password cannot be reset. u may be nil.
func (c *call) recoveryContact(u *user) (string, *apiError) {
	switch {
	case u == nil:
		return "", userNotFound(msgClientCombo)
	case !u.enabled:
		return "", notAuthorized(msgUserDisabledReset)
	case u.status == StatusForceChangePassword || u.status == StatusExternalProvider:
		return "", notAuthorized(msgCannotReset)
	case slices.Contains(c.pool.cfg.AccountRecovery, RecoveryAdminOnly):
		return "", notAuthorized(msgContactAdmin)
	}
	for _, option := range c.pool.recoveryOptions() {
		attribute, factor := attrEmail, MFAFactorEmail
		if option == RecoveryPhone {
			attribute, factor = attrPhone, MFAFactorSMS
		}
		if u.verifiedContact(attribute) && !c.servesMFA(u, factor) {
			return attribute, nil
		}
	}
	return "", invalidParameter(msgNoVerifiedContact)
}

// servesMFA reports whether a contact cannot reset the user's password because
// the user's second factor goes there: what proves the one factor must not also
// replace the other. Pools without AccountRecoverySetting send to phones all
// the same.
func (c *call) servesMFA(u *user, factor MFAFactor) bool {
	if factor == MFAFactorSMS && c.pool.cfg.AccountRecovery == nil {
		return false
	}
	return u.mfa.uses(factor) || c.pool.cfg.MFA == MFARequired && slices.Contains(c.factorsOf(u), factor)
}

// recoveryOptions are the ways to reset a password: by phone, else by e-mail,
// where the pool does not say.
func (p *Pool) recoveryOptions() []RecoveryOption {
	if p.cfg.AccountRecovery == nil {
		return []RecoveryOption{RecoveryPhone, RecoveryEmail}
	}
	return p.cfg.AccountRecovery
}

type confirmForgotPasswordRequest struct {
	ClientID          string             `aws:"ClientId,ClientId,required"`
	SecretHash        string             `aws:"SecretHash,SecretHash"`
	Username          string             `aws:"Username,Username,required"`
	ConfirmationCode  string             `aws:"ConfirmationCode,Code,required"`
	Password          string             `aws:"Password,Password,required"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	UserContextData   *userContextData   `aws:"UserContextData"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
}

// confirmForgotPassword sets a new password by the code of a reset. A disabled
// user is answered as one who does not exist.
func confirmForgotPassword(c *call, r *confirmForgotPasswordRequest) (*empty, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := client.checkSecretHash(r.Username, r.SecretHash); err != nil {
		return nil, err
	}
	// Before the user is looked up, so that the answer does not say whether
	// there is one.
	if err := c.pool.cfg.PasswordPolicy.check(r.Password); err != nil {
		return nil, err
	}
	u := c.pool.users.find(r.Username)
	switch {
	case u != nil && u.enabled:
	case client.hideUsers:
		return nil, codeMismatch(msgWrongCode)
	default:
		return nil, userNotFound(msgClientCombo)
	}
	code, err := c.checkReset(client, u, r)
	c.record(u, eventPasswordChange, r.Password, err)
	if err != nil {
		return nil, err
	}
	c.useCode(u, codeReset, code)
	delete(u.attempts, limitReset)
	c.setPassword(u, r.Password)
	c.confirm(u)
	if err := c.postConfirmation(sourceConfirmForgotPassword, u); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

// checkReset checks the code and the new password of a reset.
func (c *call) checkReset(client *appClient, u *user, r *confirmForgotPasswordRequest) (*issuedCode, *apiError) {
	if err := u.attempt(limitReset, c.now); err != nil {
		return nil, err
	}
	code, err := c.checkCode(u, codeReset, r.ConfirmationCode)
	if err != nil {
		return nil, err
	}
	if err := c.checkHistory(u, r.Password); err != nil {
		return nil, err
	}
	return code, c.checkLeaked(client, filterPasswordChange, r.Password)
}
