package authtest

import "time"

// administration is what administrators have made of a pool, beyond what it
// behaves by: that is in [Config], app clients and users.
type administration struct {
	created, modified time.Time
	settings          poolSettings
	invitation        *inviteTemplate        // of AdminCreateUserConfig
	emailMFA          *emailMFAConfig        // of SetUserPoolMfaConfig
	passkeySettings   *webAuthnConfiguration // nil if [Config].Passkeys says it all
	schema            []schemaAttribute      // replaced, never changed: answers have it
	risk              *riskConfiguration     // of clients without one of their own; nil for none
	leaked            map[leakKey]bool       // passwords that others know

	groups          map[string]*group
	resourceServers map[string]resourceServer
	providers       map[string]*identityProvider
	imports         map[string]*importJob

	prefixDomain, customDomain *userPoolDomain
	uiCustomization            *uiCustomization // of all clients without one of their own
	logDelivery                []logConfiguration
}

func newAdministration(cfg Config, now time.Time) administration {
	a := administration{
		created: now, modified: now,
		settings:        settingsFor(cfg),
		leaked:          make(map[leakKey]bool),
		schema:          newSchema(cfg),
		groups:          make(map[string]*group),
		resourceServers: make(map[string]resourceServer),
		providers:       make(map[string]*identityProvider),
		imports:         make(map[string]*importJob),
	}
	if cfg.Domain != "" {
		a.prefixDomain = &userPoolDomain{name: cfg.Domain, loginVersion: 2}
	}
	return a
}

// settingsFor are the settings that describe a configuration.
func settingsFor(cfg Config) poolSettings {
	s := poolSettings{VerificationMessageTemplate: &messageTemplate{DefaultEmailOption: cfg.DefaultEmailOption}}
	if cfg.AdvancedSecurityMode != "" && cfg.AdvancedSecurityMode != AdvancedSecurityOff {
		s.UserPoolAddOns, s.UserPoolTier = &userPoolAddOns{AdvancedSecurityMode: string(cfg.AdvancedSecurityMode)}, tierPlus
	}
	return s.withDefaults()
}
