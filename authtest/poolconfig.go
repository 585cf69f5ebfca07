package authtest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// configure makes the configuration of a pool that CreateUserPool describes.
// Where nothing is said, it is what the service's API says and not what
// [Config] does.
func (r *createUserPoolRequest) configure() (Config, *apiError) {
	cfg := Config{
		Name:                     r.PoolName,
		AliasAttributes:          r.AliasAttributes,
		UsernameAttributes:       r.UsernameAttributes,
		CaseInsensitiveUsernames: r.UsernameConfiguration != nil && !r.UsernameConfiguration.CaseSensitive,
		MFA:                      cmp.Or(r.MfaConfiguration, MFAOff),
		MFAFactors:               []MFAFactor{},
	}
	if cfg.MFA != MFAOff {
		if r.SmsConfiguration == nil {
			return Config{}, invalidParameter(msgMFANeedsSMS)
		}
		cfg.MFAFactors = []MFAFactor{MFAFactorSMS}
	}
	if len(r.AliasAttributes) > 0 && len(r.UsernameAttributes) > 0 {
		return Config{}, invalidParameter(msgAliasOrUsername)
	}
	for _, a := range r.Schema {
		if a.Required && slices.Contains(standardAttributes, a.Name) {
			cfg.RequiredAttributes = append(cfg.RequiredAttributes, a.Name)
		}
	}
	if err := r.poolMembers.apply(&cfg, &r.poolSettings); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// apply changes a configuration to what a request to create or to update a
// pool says, with the service's defaults for what it leaves out. The policies
// stay as they are then: that much was measured of UpdateUserPool, whose
// documentation says that every setting but the tier returns to its default.
func (m *poolMembers) apply(cfg *Config, settings *poolSettings) *apiError {
	cfg.AutoVerifiedAttributes = m.AutoVerifiedAttributes
	if cfg.AutoVerifiedAttributes == nil {
		cfg.AutoVerifiedAttributes = []string{}
	}
	if slices.Contains(m.AutoVerifiedAttributes, attrPhone) && settings.SmsConfiguration == nil {
		return invalidParameter(msgPhoneNeedsSMS)
	}
	cfg.RequireVerificationBeforeUpdate = nil
	if u := m.UserAttributeUpdateSettings; u != nil {
		for _, name := range u.AttributesRequireVerificationBeforeUpdate {
			if !slices.Contains(cfg.AutoVerifiedAttributes, name) {
				return invalidParameter(fmt.Sprintf(msgVerifyBeforeUpdate, name))
			}
		}
		cfg.RequireVerificationBeforeUpdate = u.AttributesRequireVerificationBeforeUpdate
	}
	cfg.AdminCreateUserOnly = m.AdminCreateUserConfig != nil && m.AdminCreateUserConfig.AllowAdminCreateUserOnly
	cfg.Devices = nil
	if d := m.DeviceConfiguration; d != nil {
		cfg.Devices = &DeviceTracking{ChallengeRequiredOnNewDevice: d.ChallengeRequiredOnNewDevice, RememberOnRequest: d.DeviceOnlyRememberedOnUserPrompt}
	}
	if err := m.applyRecovery(cfg); err != nil {
		return err
	}
	cfg.AdvancedSecurityMode = settings.securityMode()
	if tier := cmp.Or(settings.UserPoolTier, tierEssentials); tier != tierPlus && cfg.AdvancedSecurityMode != AdvancedSecurityOff {
		return fail(wire.ExceptionFeatureUnavailableInTier, fmt.Sprintf(msgTierThreats, tier))
	}
	return m.applyPolicies(cfg, settings)
}

func (m *poolMembers) applyRecovery(cfg *Config) *apiError {
	cfg.AccountRecovery = nil
	if m.AccountRecoverySetting == nil {
		return nil
	}
	mechanisms := slices.SortedFunc(slices.Values(m.AccountRecoverySetting.RecoveryMechanisms), func(a, b recoveryMechanism) int {
		return cmp.Compare(a.Priority, b.Priority)
	})
	for i, mechanism := range mechanisms {
		if i > 0 && mechanism.Priority == mechanisms[i-1].Priority {
			return invalidParameter(msgRecoveryPriority)
		}
		cfg.AccountRecovery = append(cfg.AccountRecovery, mechanism.Name)
	}
	if len(mechanisms) > 1 && slices.Contains(cfg.AccountRecovery, RecoveryAdminOnly) {
		return invalidParameter(msgRecoveryAdminOnly)
	}
	return nil
}

func (m *poolMembers) applyPolicies(cfg *Config, settings *poolSettings) *apiError {
	var policies policiesType
	if m.Policies != nil {
		policies = *m.Policies
	}
	if p := policies.PasswordPolicy; p != nil {
		cfg.PasswordPolicy = &PasswordPolicy{
			MinimumLength: cmp.Or(p.MinimumLength, 8), TemporaryValidityDays: cmp.Or(p.TemporaryPasswordValidityDays, 7),
			RequireUppercase: p.RequireUppercase, RequireLowercase: p.RequireLowercase,
			RequireNumbers: p.RequireNumbers, RequireSymbols: p.RequireSymbols, HistorySize: p.PasswordHistorySize,
		}
	}
	if settings.UserPoolTier == tierLite && cfg.PasswordPolicy != nil && cfg.PasswordPolicy.HistorySize > 0 {
		return fail(wire.ExceptionFeatureUnavailableInTier, msgTierHistory)
	}
	if a := m.AdminCreateUserConfig; a != nil && a.UnusedAccountValidityDays != nil && policies.PasswordPolicy == nil && cfg.PasswordPolicy != nil {
		// The former name of TemporaryPasswordValidityDays.
		policy := *cfg.PasswordPolicy
		policy.TemporaryValidityDays = cmp.Or(*a.UnusedAccountValidityDays, 7)
		cfg.PasswordPolicy = &policy
	}
	if p := policies.SignInPolicy; p != nil && p.AllowedFirstAuthFactors != nil {
		cfg.FirstFactors = p.AllowedFirstAuthFactors
		if len(cfg.FirstFactors) == 1 && cfg.FirstFactors[0] == FirstFactorWebAuthn {
			return invalidParameter(msgWebAuthnAlone)
		}
	}
	passwordOnly := slices.Equal(cfg.FirstFactors, []FirstFactor{FirstFactorPassword}) || cfg.FirstFactors == nil
	if settings.UserPoolTier == tierLite && !passwordOnly {
		return fail(wire.ExceptionFeatureUnavailableInTier, msgTierFirstFactors)
	}
	return nil
}

// describe is the pool as DescribeUserPool tells of it.
func (p *Pool) describe() *userPoolDescription {
	cfg := &p.cfg
	days := cfg.PasswordPolicy.TemporaryValidityDays
	d := &userPoolDescription{
		ID: cfg.PoolID, Name: cfg.Name, Arn: p.arn(), CreationDate: epoch(p.created), LastModifiedDate: epoch(p.modified),
		EstimatedNumberOfUsers: len(p.users.byName),
		SchemaAttributes:       p.schema,
		AutoVerifiedAttributes: cfg.AutoVerifiedAttributes, AliasAttributes: cfg.AliasAttributes, UsernameAttributes: cfg.UsernameAttributes,
		MfaConfiguration:      cfg.MFA,
		UsernameConfiguration: usernameConfiguration{CaseSensitive: !cfg.CaseInsensitiveUsernames},
		Policies: policiesType{
			PasswordPolicy: &passwordPolicyType{
				MinimumLength: cfg.PasswordPolicy.MinimumLength, TemporaryPasswordValidityDays: days,
				RequireUppercase: cfg.PasswordPolicy.RequireUppercase, RequireLowercase: cfg.PasswordPolicy.RequireLowercase,
				RequireNumbers: cfg.PasswordPolicy.RequireNumbers, RequireSymbols: cfg.PasswordPolicy.RequireSymbols,
				PasswordHistorySize: cfg.PasswordPolicy.HistorySize,
			},
			SignInPolicy: &signInPolicyType{AllowedFirstAuthFactors: cfg.FirstFactors},
		},
		AdminCreateUserConfig: adminCreateUserConfigType{
			AllowAdminCreateUserOnly: cfg.AdminCreateUserOnly, UnusedAccountValidityDays: &days, InviteMessageTemplate: p.invitation,
		},
		poolSettings: p.settings,
	}
	if len(cfg.RequireVerificationBeforeUpdate) > 0 {
		d.UserAttributeUpdateSettings = &updateSettings{cfg.RequireVerificationBeforeUpdate}
	}
	if p.prefixDomain != nil {
		d.Domain = p.prefixDomain.name
	}
	if p.customDomain != nil {
		d.CustomDomain = p.customDomain.name
	}
	if cfg.Devices != nil {
		d.DeviceConfiguration = &deviceConfiguration{
			ChallengeRequiredOnNewDevice:     cfg.Devices.ChallengeRequiredOnNewDevice,
			DeviceOnlyRememberedOnUserPrompt: cfg.Devices.RememberOnRequest,
		}
	}
	if len(cfg.AccountRecovery) > 0 {
		d.AccountRecoverySetting = &accountRecoverySetting{}
		for i, option := range cfg.AccountRecovery {
			d.AccountRecoverySetting.RecoveryMechanisms = append(d.AccountRecoverySetting.RecoveryMechanisms, recoveryMechanism{Priority: i + 1, Name: option})
		}
	}
	return d
}
