package authtest

import (
	"fmt"
)

type mfaSettings struct {
	Enabled      bool `aws:"Enabled"`
	PreferredMFA bool `aws:"PreferredMfa"`
}

type mfaPreferences struct {
	SMS      *mfaSettings
	TOTP     *mfaSettings
	Email    *mfaSettings
	Passkeys *passkeyMFASettings
}

type passkeyMFASettings struct {
	Enabled bool `aws:"Enabled"`
}

type setUserMFAPreferenceRequest struct {
	SMS         *mfaSettings        `aws:"SMSMfaSettings"`
	TOTP        *mfaSettings        `aws:"SoftwareTokenMfaSettings"`
	Email       *mfaSettings        `aws:"EmailMfaSettings"`
	Passkeys    *passkeyMFASettings `aws:"WebAuthnMfaSettings"`
	AccessToken string              `aws:"AccessToken,AccessToken,required"`
}

func setUserMFAPreference(c *call, r *setUserMFAPreferenceRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.setMFAPreference(g.user, mfaPreferences{r.SMS, r.TOTP, r.Email, r.Passkeys})
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
		}
		if s.PreferredMFA {
			preferred = factor
		}
	}
	if c.pool.cfg.MFA == MFARequired && !u.mfa.leaves(settings) {
		return nil, invalidParameter(msgCannotDisableMFA)
	}
	if err := c.checkPasskeyMFA(u, settings, given.Passkeys); err != nil {
		return nil, err
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
	if given.Passkeys != nil {
		u.mfa.passkeys = given.Passkeys.Enabled
	}
	u.modified = c.now
	return &empty{}, nil
}

// leaves reports whether a change that disables a factor leaves the user with
// another one.
func (m *mfaState) leaves(settings map[MFAFactor]*mfaSettings) bool {
	disabled, left := false, false
	for _, factor := range factorOrder {
		s := settings[factor]
		disabled = disabled || s != nil && !s.Enabled && m.uses(factor)
		left = left || s == nil && m.uses(factor) || s != nil && s.Enabled
	}
	return left || !disabled
}

// checkPasskeyMFA refuses to leave a user with passkeys as the only second
// factor. Another one has to be enabled in the same request as they are, even
// if it is enabled already (observed).
func (c *call) checkPasskeyMFA(u *user, others map[MFAFactor]*mfaSettings, passkeys *passkeyMFASettings) *apiError {
	given, left := false, false
	for _, factor := range factorOrder {
		s := others[factor]
		given = given || s != nil && s.Enabled
		left = left || s == nil && u.mfa.uses(factor)
	}
	switch {
	case passkeys == nil && u.mfa.passkeys && !given && !left:
		return invalidParameter(msgPasskeyMFAAlone)
	case passkeys == nil || !passkeys.Enabled:
		return nil
	case !c.pool.passkeyMFA():
		return invalidParameter(msgPasskeyMFADisabled)
	case len(u.passkeys) == 0:
		return invalidParameter(msgNoPasskeyForMFA)
	case !given:
		return invalidParameter(msgPasskeyMFAAlone)
	default:
		return nil
	}
}
