package authtest

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestStateHasEveryField names what becomes of every field of what a pool is
// made of. A field that is new has to be put into the state, or here with the
// others that are not.
func TestStateHasEveryField(t *testing.T) {
	t.Parallel()
	// Fields that are not in the state, by what takes their place.
	const (
		elsewhere = "is in a record of its own, or in those of others"
		derived   = "follows from the rest"
		process   = "belongs to the process, not to the state"
		lost      = "is documented to be lost"
	)
	left := map[string]string{
		"Pool.cfg":          "is Config below",
		"Pool.tb":           process,
		"Pool.home":         process,
		"Pool.epoch":        process,
		"Pool.watch":        process,
		"Pool.saved":        process,
		"Pool.clients":      elsewhere,
		"Pool.users":        elsewhere,
		"Pool.sessions":     elsewhere,
		"Pool.grants":       elsewhere,
		"Pool.clock":        "is the server's",
		"Pool.faults":       lost,
		"Pool.managedLogin": lost,
		"Pool.verified":     process,
		"Pool.posted":       derived,
		"Pool.outbox":       "has what the inboxes have",
		"Pool.history":      lost,
		"Pool.server":       process,
		"Pool.shared":       process,
		"Pool.client":       process,
		"Pool.mu":           process,

		"Pool.importing":     derived,
		"Pool.updatedIssuer": derived,

		"administration.groups":  elsewhere,
		"administration.imports": elsewhere,

		"importJob.saved": process,

		"Config.Triggers":      process,
		"Config.ExpectUnknown": process,

		"appClient.deleted": "keeps it out",
		"appClient.saved":   process,

		"group.members": "are known by the users",
		"group.saved":   process,

		"directory.foldCase":           derived,
		"directory.usernameAttributes": derived,
		"directory.aliasAttributes":    derived,
		"directory.ordered":            derived,
		"directory.serials":            derived,
		"directory.byName":             derived,
		"directory.bySub":              derived,
		"directory.byAlias":            derived,
		"directory.watch":              process,

		"user.deleted":   "keeps it out",
		"user.delivered": "is in the keys of messages",
		"user.saved":     process,

		"grantTable.limit":     process,
		"grantTable.events":    derived,
		"grantTable.byRefresh": elsewhere,
		"grantTable.byUser":    derived,
		"grantTable.order":     derived,
		"grantTable.serials":   derived,
		"grantTable.watch":     process,
		"grant.element":        process,
		"grant.saved":          process,
		"refreshToken.grant":   derived,

		"sessionTable.secret":  derived,
		"sessionTable.tag":     derived,
		"sessionTable.byID":    derived,
		"sessionTable.order":   derived,
		"sessionTable.serials": derived,
		"sessionTable.watch":   process,
		"session.srp":          lost,
		"session.element":      process,
		"session.saved":        process,
	}
	// Fields that the state has, by their type: "renamed=name" where the name
	// is another.
	has := map[string]string{
		"Pool":                "secret serial administration",
		"administration":      "created modified settings invitation emailMFA passkeySettings schema risk leaked resourceServers providers prefixDomain customDomain uiCustomization logDelivery",
		"uiCustomization":     "CSS Image Created Modified",
		"brandingStyle":       "ID ProvidedValues Settings Assets Created Modified",
		"brandingAsset":       "Category ColorMode Extension Bytes ResourceID",
		"terms":               "ID Name Source Enforcement Links Created Modified",
		"logConfiguration":    "LogLevel EventSource CloudWatchLogsConfiguration S3Configuration FirehoseConfiguration",
		"userPoolDomain":      "name certificateARN loginVersion routing",
		"identityProvider":    "name kind details mapping identifiers created modified",
		"resourceServer":      "UserPoolID Identifier Name Scopes",
		"appClient":           "id clientSettings secrets risk uiCustomization branding terms created",
		"clientSettings":      "name flows hideUsers rotate grace revocable accessValidity idValidity refreshValidity sessionValidity readable writing customOnly oauth oauthAllowed described modified",
		"clientSecret":        "id value created",
		"group":               "Group created modified",
		"Group":               "Name Description RoleARN Precedence",
		"user":                "username sub status enabled created modified attributes pending password former temporaryExpires mfa devices passkeys registration codes attempts passwordLock mfaLock events risk inbox groups identities serial aliases",
		"importJob":           "serial id name logRole status message file created started completed imported skipped failed",
		"credential":          "salt hash verifier",
		"mfaState":            "enabled smsOption passkeys preferred totp pendingTOTP",
		"totpSecret":          "secret used name",
		"trackedDevice":       "key group name verifier remembered created modified authenticated",
		"passkey":             "id key transports attachment backupEligible relyingParty created counter",
		"passkeyRegistration": "client challenge expires",
		"issuedCode":          "value attribute destination expires",
		"lockout":             "failures last until",
		"identity":            "userID provider kind linked primary",
		"aliasKey":            "attribute value",
		"grant":               "client user authTime eventID originID expires revoked device oauth refresh serial",
		"refreshToken":        "rotated",
		"session":             "attempt purpose issued expires spent stale managed code contact settingUp choices totp first private metadata passkey id serial",
		"attempt":             "client user name event factors provedPassword changedPassword device deviceProven custom clientA results",
		"authEvent":           "serial id kind created response challenges context risk feedback",
		"challengeOutcome":    "ChallengeName ChallengeResponse",
		"eventContext":        "DeviceName IPAddress",
		"eventRisk":           "CompromisedCredentialsDetected RiskDecision RiskLevel",
		"eventFeedback":       "value provider date",
		"riskConfiguration":   "riskMembers Modified",
		"passkeyCeremony":     "challenge allowed verify",
		"oauthScope":          "scopes resource nonce",
		"directory":           "",
		"grantTable":          "",
		"sessionTable":        "",
	}
	for _, value := range []any{
		Pool{}, administration{}, uiCustomization{}, brandingStyle{}, brandingAsset{}, terms{}, logConfiguration{}, userPoolDomain{}, identityProvider{}, resourceServer{}, appClient{}, clientSettings{}, clientSecret{}, group{}, Group{}, importJob{},
		directory{}, user{}, credential{}, mfaState{}, totpSecret{}, trackedDevice{}, passkey{}, passkeyRegistration{}, issuedCode{}, lockout{},
		identity{}, aliasKey{}, grantTable{}, grant{}, refreshToken{}, sessionTable{}, session{}, attempt{}, authEvent{}, challengeOutcome{}, eventContext{}, eventRisk{}, eventFeedback{}, riskConfiguration{}, passkeyCeremony{}, oauthScope{},
	} {
		typ := reflect.TypeOf(value)
		known := strings.Fields(has[typ.Name()])
		for field := range typ.Fields() {
			name := typ.Name() + "." + field.Name
			if _, ok := left[name]; !ok && !slices.Contains(known, field.Name) {
				t.Errorf("what becomes of %s when a state is exported, imported and stored?", name)
			}
			delete(left, name)
			known = slices.DeleteFunc(known, func(s string) bool { return s == field.Name })
		}
		if len(known) > 0 {
			t.Errorf("%s has no fields %v", typ.Name(), known)
		}
	}
	for field := range reflect.TypeFor[Config]().Fields() {
		name := "Config." + field.Name
		_, ofClient := reflect.TypeFor[AppClient]().FieldByName(field.Name)
		state, _ := reflect.TypeFor[configState]().FieldByName(field.Name)
		hidden := len(state.Index) == 1
		if out := ofClient && field.Name != "ClientID" || field.Name == "Clients" || left[name] != ""; out != hidden {
			t.Errorf("%s is hidden from the state: %t, want %t", name, hidden, out)
		}
		delete(left, name)
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("there is no %s", name)
	}
}
