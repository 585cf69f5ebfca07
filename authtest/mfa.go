package authtest

import "slices"

// mfaState is what a user has registered as second factors.
type mfaState struct {
	enabled     map[MFAFactor]bool
	preferred   MFAFactor
	totp        *totpSecret // verified
	pendingTOTP *totpSecret // handed out last, not verified
}

func (m *mfaState) enable(factor MFAFactor) {
	if m.enabled == nil {
		m.enabled = make(map[MFAFactor]bool)
	}
	m.enabled[factor] = true
}

func (m *mfaState) disable(factor MFAFactor) {
	delete(m.enabled, factor)
	if m.preferred == factor {
		m.preferred = ""
	}
}

// offers reports whether the pool has a second factor.
func (p *Pool) offers(factor MFAFactor) bool {
	return p.cfg.MFA != MFAOff && slices.Contains(p.cfg.MFAFactors, factor)
}

// canUse reports whether the user has what a factor needs.
func (u *user) canUse(factor MFAFactor) bool {
	switch factor {
	case MFAFactorTOTP:
		return u.mfa.totp != nil
	case MFAFactorSMS:
		return u.attributes[attrPhone] != ""
	default:
		return u.attributes[attrEmail] != ""
	}
}
