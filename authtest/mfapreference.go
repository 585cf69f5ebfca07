package authtest

import (
	"fmt"
)

type mfaSettings struct {
	Enabled      bool `aws:"Enabled"`
	PreferredMFA bool `aws:"PreferredMfa"`
}

type mfaPreferences struct {
	SMS   *mfaSettings
	TOTP  *mfaSettings
	Email *mfaSettings
}

type setUserMFAPreferenceRequest struct {
	SMS         *mfaSettings `aws:"SMSMfaSettings"`
	TOTP        *mfaSettings `aws:"SoftwareTokenMfaSettings"`
	Email       *mfaSettings `aws:"EmailMfaSettings"`
	AccessToken string       `aws:"AccessToken,AccessToken,required"`
}

func setUserMFAPreference(c *call, r *setUserMFAPreferenceRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.setMFAPreference(g.user, mfaPreferences{SMS: r.SMS, TOTP: r.TOTP, Email: r.Email})
}

// setMFAPreference enables, disables and prefers factors. A block that is not
// given leaves its factor alone; nothing changes if any block is refused. A
// factor that the pool does not offer may be set, and is never asked for.
func (c *call) setMFAPreference(u *user, given mfaPreferences) (*empty, *apiError) {
	settings := map[MFAFactor]*mfaSettings{MFAFactorSMS: given.SMS, MFAFactorTOTP: given.TOTP, MFAFactorEmail: given.Email}
	var preferred MFAFactor
	for _, factor := range factorOrder {
		s := settings[factor]
		if s == nil {
			continue
		}
		switch {
		case factor == MFAFactorTOTP && u.mfa.totp == nil && !s.Enabled:
			return nil, invalidParameter(msgTOTPNotSetUp)
		case factor == MFAFactorTOTP && u.mfa.totp == nil && u.mfa.pendingTOTP != nil:
			return nil, invalidParameter(msgTOTPNotVerified)
		case s.Enabled && !u.canUse(factor):
			return nil, invalidParameter(fmt.Sprintf(msgNoDeliveryConfig, factor))
		case s.PreferredMFA && !s.Enabled:
			return nil, invalidParameter(fmt.Sprintf(msgPreferDisabled, factor))
		case s.PreferredMFA && preferred != "":
			return nil, invalidParameter(msgTwoPreferred)
		case !s.Enabled && c.pool.cfg.MFA == MFARequired && u.mfa.enabled[factor]:
			return nil, invalidParameter(msgCannotDisableMFA)
		}
		if s.PreferredMFA {
			preferred = factor
		}
	}
	for _, factor := range factorOrder {
		switch s := settings[factor]; {
		case s == nil:
		case s.Enabled:
			u.mfa.enable(factor)
			if !s.PreferredMFA && u.mfa.preferred == factor {
				u.mfa.preferred = ""
			}
		default:
			u.mfa.disable(factor)
		}
	}
	if preferred != "" {
		u.mfa.preferred = preferred
	}
	u.modified = c.now
	return &empty{}, nil
}
