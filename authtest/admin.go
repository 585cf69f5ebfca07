package authtest

import (
	"fmt"
)

// adminTarget is what every operation of an administrator names.
type adminTarget struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Username   string `aws:"Username,Username,required"`
}

// checkPool checks that a request means this pool.
func (c *call) checkPool(id string) *apiError {
	if id != c.pool.cfg.PoolID {
		return resourceNotFound(fmt.Sprintf(msgPoolNotFound, id))
	}
	return nil
}

// target returns the user of an administrator's request, who may be named by
// alias and sub too.
func (c *call) target(poolID, username string) (*user, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	u := c.pool.users.findAny(username)
	if u == nil {
		return nil, userNotFound(msgUserNotFound)
	}
	return u, nil
}

// onUser makes an operation that does something to a user and says nothing
// about it.
func onUser[Response any](act func(*call, *user) *apiError) func(*call, *adminTarget) (*Response, *apiError) {
	return func(c *call, r *adminTarget) (*Response, *apiError) {
		u, err := c.target(r.UserPoolID, r.Username)
		if err != nil {
			return nil, err
		}
		if err := act(c, u); err != nil {
			return nil, err
		}
		return new(Response), nil
	}
}

func adminDisable(c *call, u *user) *apiError {
	u.enabled, u.modified = false, c.now
	c.pool.grants.revokeAll(u)
	return nil
}

// adminEnable does not revive the tokens that disabling revoked.
func adminEnable(c *call, u *user) *apiError {
	u.enabled, u.modified = true, c.now
	return nil
}

func adminDelete(c *call, u *user) *apiError {
	c.deleteUser(u)
	return nil
}

func adminGlobalSignOut(c *call, u *user) *apiError {
	c.pool.grants.revokeAll(u)
	return nil
}

type adminGetUserResponse struct {
	Enabled              bool
	MFAOptions           []mfaOption `json:",omitempty"`
	PreferredMFASetting  MFAFactor   `json:"PreferredMfaSetting,omitempty"`
	UserAttributes       []attribute
	UserCreateDate       epoch
	UserLastModifiedDate epoch
	UserMFASettingList   []MFAFactor `json:",omitempty"`
	UserStatus           UserStatus
	Username             string
}

func adminGetUser(c *call, r *adminTarget) (*adminGetUserResponse, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return &adminGetUserResponse{
		Enabled:              u.enabled,
		MFAOptions:           u.mfa.options(),
		PreferredMFASetting:  u.mfa.preferred,
		UserAttributes:       u.list(everything),
		UserCreateDate:       epoch(u.created),
		UserLastModifiedDate: epoch(u.modified),
		UserMFASettingList:   u.mfa.settings(),
		UserStatus:           u.status,
		Username:             u.username,
	}, nil
}

func everything(string) bool { return true }

type adminConfirmSignUpRequest struct {
	UserPoolID     string            `aws:"UserPoolId,UserPoolId,required"`
	Username       string            `aws:"Username,Username,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// adminConfirmSignUp confirms a user without verifying a contact.
func adminConfirmSignUp(c *call, r *adminConfirmSignUpRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	if u.status != StatusUnconfirmed {
		return nil, notAuthorized(fmt.Sprintf(msgCannotConfirm, u.status))
	}
	c.confirm(u)
	if err := c.postConfirmation(sourceConfirmSignUp, u); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

type adminSetUserPasswordRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	Username   string `aws:"Username,Username,required"`
	Password   string `aws:"Password,Password,required"`
	Permanent  bool   `aws:"Permanent"`
}

func adminSetUserPassword(c *call, r *adminSetUserPasswordRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	if err := c.checkNewPassword(u, r.Password); err != nil {
		return nil, err
	}
	if r.Permanent {
		c.setPassword(u, r.Password)
		c.confirm(u)
	} else {
		c.setTemporaryPassword(u, r.Password)
	}
	return &empty{}, nil
}

type adminResetUserPasswordRequest struct {
	UserPoolID     string            `aws:"UserPoolId,UserPoolId,required"`
	Username       string            `aws:"Username,Username,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// adminResetUserPassword makes a user choose a new password by the code that
// it sends.
func adminResetUserPassword(c *call, r *adminResetUserPasswordRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	if u.status == StatusUnconfirmed {
		return nil, notAuthorized(msgCannotReset)
	}
	contact, err := c.recoveryContact(u)
	if err != nil {
		return nil, err
	}
	u.status, u.modified = StatusResetRequired, c.now
	if _, err := c.sendCode(u, codeReset, MessageForgotPassword, contact, resetCodeValidity); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

type adminUpdateUserAttributesRequest struct {
	UserPoolID     string            `aws:"UserPoolId,UserPoolId,required"`
	Username       string            `aws:"Username,Username,required"`
	UserAttributes []attribute       `aws:"UserAttributes,,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// adminUpdateUserAttributes changes attributes. A new contact is not verified,
// and gets a code, unless the same call says that it is; an alias that becomes
// verified is taken from whoever had it.
func adminUpdateUserAttributes(c *call, r *adminUpdateUserAttributesRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	if err := c.checkChange(u, r.UserAttributes, checkNotSub); err != nil {
		return nil, err
	}
	if _, err := c.changeAttributes(u, r.UserAttributes); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

type adminDeleteUserAttributesRequest struct {
	UserPoolID         string   `aws:"UserPoolId,UserPoolId,required"`
	Username           string   `aws:"Username,Username,required"`
	UserAttributeNames []string `aws:"UserAttributeNames,AttributeName,required"`
}

func adminDeleteUserAttributes(c *call, r *adminDeleteUserAttributesRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.deleteAttributes(u, r.UserAttributeNames, checkNotSub)
}

// checkNotSub refuses the one attribute that administrators cannot write.
func checkNotSub(attributes []attribute) *apiError {
	for _, a := range attributes {
		if a.Name == attrSub {
			return invalidParameter(fmt.Sprintf(msgAttributeNotSettable, a.Name))
		}
	}
	return nil
}

type adminSetUserMFAPreferenceRequest struct {
	SMS        *mfaSettings        `aws:"SMSMfaSettings"`
	TOTP       *mfaSettings        `aws:"SoftwareTokenMfaSettings"`
	Email      *mfaSettings        `aws:"EmailMfaSettings"`
	Passkeys   *passkeyMFASettings `aws:"WebAuthnMfaSettings"`
	UserPoolID string              `aws:"UserPoolId,UserPoolId,required"`
	Username   string              `aws:"Username,Username,required"`
}

func adminSetUserMFAPreference(c *call, r *adminSetUserMFAPreferenceRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.setMFAPreference(u, mfaPreferences{r.SMS, r.TOTP, r.Email, r.Passkeys})
}

// userDescription is a user as the operations of administrators describe it.
type userDescription struct {
	Attributes           []attribute
	Enabled              bool
	UserCreateDate       epoch
	UserLastModifiedDate epoch
	UserStatus           UserStatus
	Username             string
}

func (u *user) describe() userDescription {
	return userDescription{
		Attributes:           u.list(everything),
		Enabled:              u.enabled,
		UserCreateDate:       epoch(u.created),
		UserLastModifiedDate: epoch(u.modified),
		UserStatus:           u.status,
		Username:             u.username,
	}
}
