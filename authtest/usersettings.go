package authtest

import (
	"fmt"
)

// An mfaOption is SMS as a second factor in the words of SetUserSettings,
// which was there before other factors and SetUserMFAPreference were.
type mfaOption struct {
	AttributeName  string `aws:"AttributeName,AttributeName"`
	DeliveryMedium string `aws:"DeliveryMedium,DeliveryMedium"`
}

// options lists what SetUserSettings has set.
func (m *mfaState) options() []mfaOption {
	if !m.smsOption {
		return nil
	}
	return []mfaOption{{AttributeName: attrPhone, DeliveryMedium: string(MediumSMS)}}
}

type setUserSettingsRequest struct {
	AccessToken string      `aws:"AccessToken,AccessToken,required"`
	MFAOptions  []mfaOption `aws:"MFAOptions,,required"`
}

func setUserSettings(c *call, r *setUserSettingsRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.setMFAOptions(g.user, r.MFAOptions)
}

type adminSetUserSettingsRequest struct {
	UserPoolID string      `aws:"UserPoolId,UserPoolId,required"`
	Username   string      `aws:"Username,Username,required"`
	MFAOptions []mfaOption `aws:"MFAOptions,,required"`
}

func adminSetUserSettings(c *call, r *adminSetUserSettingsRequest) (*empty, *apiError) {
	u, err := c.target(r.UserPoolID, r.Username)
	if err != nil {
		return nil, err
	}
	return c.setMFAOptions(u, r.MFAOptions)
}

// setMFAOptions turns SMS on as a second factor, or off with an empty list.
// What SetUserMFAPreference has enabled it leaves alone (inferred: clients know
// the two apart by whether GetUser lists SMS in MFAOptions or in
// UserMFASettingList).
func (c *call) setMFAOptions(u *user, options []mfaOption) (*empty, *apiError) {
	for _, o := range options {
		if o.AttributeName != attrPhone || o.DeliveryMedium != string(MediumSMS) {
			return nil, invalidParameter(msgOnlySMSOption)
		}
	}
	on := len(options) > 0
	switch {
	case on && !u.canUse(MFAFactorSMS):
		return nil, invalidParameter(fmt.Sprintf(msgNoDeliveryConfig, MFAFactorSMS))
	case !on && u.mfa.smsOption && c.pool.cfg.MFA == MFARequired && len(u.mfa.enabled) == 0:
		return nil, invalidParameter(msgCannotDisableMFA)
	}
	u.mfa.smsOption = on
	u.modified = c.now
	return &empty{}, nil
}
