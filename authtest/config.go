package authtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
)

// An MFAMode says whether a pool asks for a second factor.
type MFAMode string

// The modes, spelled as the service spells MfaConfiguration. The empty mode
// is MFAOff.
const (
	MFAOff      MFAMode = "OFF"
	MFAOptional MFAMode = "OPTIONAL" // users who registered a factor are asked for it
	MFARequired MFAMode = "ON"       // everybody is asked, and set up if need be
)

// An MFAFactor is a second factor, spelled as in challenges.
type MFAFactor string

// The second factors.
const (
	MFAFactorTOTP  MFAFactor = "SOFTWARE_TOKEN_MFA"
	MFAFactorSMS   MFAFactor = "SMS_MFA"
	MFAFactorEmail MFAFactor = "EMAIL_OTP"
)

// An AuthFlow is an authentication flow that an app client may allow
// (ExplicitAuthFlows of CreateUserPoolClient).
type AuthFlow string

// The flows that a client can allow.
const (
	AllowUserSRP           AuthFlow = "ALLOW_USER_SRP_AUTH"
	AllowUserPassword      AuthFlow = "ALLOW_USER_PASSWORD_AUTH"
	AllowUser              AuthFlow = "ALLOW_USER_AUTH"
	AllowCustom            AuthFlow = "ALLOW_CUSTOM_AUTH"
	AllowRefreshToken      AuthFlow = "ALLOW_REFRESH_TOKEN_AUTH"
	AllowAdminUserPassword AuthFlow = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
)

// A RecoveryOption is a way to reset a forgotten password
// (AccountRecoverySetting of CreateUserPool).
type RecoveryOption string

// The recovery options.
const (
	RecoveryEmail     RecoveryOption = "verified_email"
	RecoveryPhone     RecoveryOption = "verified_phone_number"
	RecoveryAdminOnly RecoveryOption = "admin_only"
)

// An EmailOption says how the e-mail after a sign-up confirms the account
// (DefaultEmailOption of VerificationMessageTemplate).
type EmailOption string

// The options. The empty option is ConfirmWithCode.
const (
	ConfirmWithCode EmailOption = "CONFIRM_WITH_CODE"
	ConfirmWithLink EmailOption = "CONFIRM_WITH_LINK" // to the pool's domain, which it must have
)

// A PasswordPolicy is what passwords must satisfy (PasswordPolicy of
// CreateUserPool). Passwords given to [Pool.AddUser] need not.
type PasswordPolicy struct {
	MinimumLength         int  // 6 to 99; 0 means 8
	RequireUppercase      bool // at least one of A to Z
	RequireLowercase      bool // at least one of a to z
	RequireNumbers        bool // at least one of 0 to 9
	RequireSymbols        bool // at least one of ^$*.[]{}()?"!@#%&/\\,><':;|_~`=+- or an inner space
	TemporaryValidityDays int  // how long a temporary password lives; 0 means 7

	// HistorySize is how many of a user's passwords, the current one among
	// them, cannot be the new one (PasswordHistorySize); at most 24.
	HistorySize int
}

// A Config describes a pool and its app clients. The zero Config is a pool as
// the service makes it when nothing is said, with two differences that make
// sign-up work out of the box: e-mail addresses are verified by a code, and
// ids are made up.
type Config struct {
	// PoolID is "<region>_<nine letters and digits>"; empty for a random one
	// in eu-west-1. The part after "_" takes part in SRP.
	PoolID string

	// Name is what consoles show; empty for the pool's id.
	Name string

	// Domain is the prefix of the pool's domain, as in "my-app" of
	// my-app.auth.eu-west-1.amazoncognito.com; empty for none. The pages of
	// managed login and the OAuth endpoints are there; see [Pool.DomainURL].
	Domain string

	// ClientID, ClientSecret and the fields down to OAuth that [AppClient] has
	// too describe the first app client. Clients are further ones.
	ClientID     string
	ClientSecret string
	OAuth        *OAuth
	Clients      []AppClient

	// Issuer is the iss claim of tokens; empty for the service's own form,
	// https://cognito-idp.<region>.amazonaws.com/<PoolID>. Key set and OIDC
	// discovery are served below its path. IssuerConfiguration of CreateUserPool
	// and UpdateUserPool chooses among the service's own forms, and nothing else.
	Issuer string

	// MFA says whether a second factor is asked for; empty for MFAOff.
	// MFAFactors are the factors the pool offers; nil means MFAFactorTOTP.
	MFA        MFAMode
	MFAFactors []MFAFactor

	// ExplicitAuthFlows are the flows the client may use. Nil means SRP,
	// custom and refresh, the service's default; the last is left out when
	// refresh tokens rotate, as the two exclude each other.
	ExplicitAuthFlows []AuthFlow

	// RotateRefreshTokens gives a new refresh token with every refresh;
	// the old one then lives for RefreshGracePeriod, at most 60 seconds.
	RotateRefreshTokens bool
	RefreshGracePeriod  time.Duration

	// Lifetimes; zero means one hour, one hour, 30 days, and 3 minutes.
	AccessTokenValidity  time.Duration // 5 minutes to 24 hours
	IDTokenValidity      time.Duration // 5 minutes to 24 hours
	RefreshTokenValidity time.Duration // 1 hour to 10 years
	AuthSessionValidity  time.Duration // 3 to 15 minutes

	// DisableTokenRevocation issues tokens without origin_jti and refuses
	// RevokeToken, as app clients made before revocation existed do.
	DisableTokenRevocation bool

	// PreventUserExistenceErrors hides which users exist (ENABLED). False is
	// LEGACY, the default of the service's API.
	PreventUserExistenceErrors bool

	// PasswordPolicy; nil means at least eight characters with upper case,
	// lower case, a digit and a symbol. Otherwise only what it says.
	PasswordPolicy *PasswordPolicy

	// UsernameAttributes ("email", "phone_number") make people sign up with
	// one of these, the service choosing the username. AliasAttributes
	// ("email", "phone_number", "preferred_username") let them sign in with
	// these besides their username. The two exclude each other.
	UsernameAttributes []string
	AliasAttributes    []string

	// CaseInsensitiveUsernames makes usernames, and e-mail addresses and
	// preferred usernames that sign people in, equal whatever their case.
	CaseInsensitiveUsernames bool

	// AutoVerifiedAttributes ("email", "phone_number") get a code at sign-up.
	// Nil means "email"; an empty slice means none, so that only an
	// administrator can confirm.
	AutoVerifiedAttributes []string

	// DefaultEmailOption is what e-mails that confirm a sign-up have: a code
	// or a link. UpdateUserPool can change it.
	DefaultEmailOption EmailOption

	// RequireVerificationBeforeUpdate ("email", "phone_number") keeps the
	// value of these in force, when they are changed, until the new one is
	// verified (AttributesRequireVerificationBeforeUpdate of
	// UserAttributeUpdateSettings). They must be auto-verified.
	RequireVerificationBeforeUpdate []string

	// RequiredAttributes must be given at sign-up.
	RequiredAttributes []string

	// CustomAttributes are the pool's custom attributes, with or without
	// their "custom:" prefix.
	CustomAttributes []string

	// ReadAttributes and WriteAttributes are what the client may read into
	// GetUser and ID tokens, and write; nil means everything.
	ReadAttributes  []string
	WriteAttributes []string

	// AccountRecovery lists the ways to reset a forgotten password in order
	// of priority. Nil means by phone, else by e-mail.
	AccountRecovery []RecoveryOption

	// AdminCreateUserOnly refuses SignUp.
	AdminCreateUserOnly bool

	// FirstFactors are what a sign-in with USER_AUTH can begin with
	// (AllowedFirstAuthFactors). Nil means the password.
	FirstFactors []FirstFactor

	// Devices makes the pool remember devices; nil for not.
	Devices *DeviceTracking

	// AdvancedSecurityMode is what threat protection does; empty for
	// AdvancedSecurityOff. [Pool.SetUserRisk] and
	// [Pool.AddCompromisedPasswords] give it something to find.
	AdvancedSecurityMode AdvancedSecurityMode

	// Passkeys configures WEB_AUTHN; nil for no relying party, without which
	// no passkey can be registered.
	Passkeys *Passkeys

	// Triggers are the pool's Lambda triggers.
	Triggers Triggers

	// ClockSkew is how far the pool's clock is ahead of ours (negative:
	// behind).
	ClockSkew time.Duration

	// ExpectUnknown keeps a test that sends unknown operations or members on
	// purpose from failing. They are answered with an error all the same.
	ExpectUnknown bool
}

const defaultRegion = "eu-west-1"

// newPoolID returns a random pool id.
func newPoolID(region string) string {
	return region + "_" + randomString(9, upperLetters+lowerLetters+digits)
}

var poolIDPattern = regexp.MustCompile(`\A[\w-]+_[0-9a-zA-Z]+\z`)

// withDefaults returns the configuration with its defaults filled in, or all
// of its problems.
func (c Config) withDefaults() (Config, error) {
	if c.PoolID == "" {
		c.PoolID = newPoolID(defaultRegion)
	}
	setDefault(&c.Name, c.PoolID)
	first := c.firstClient().withDefaults()
	c.ClientID, c.ExplicitAuthFlows, c.OAuth = first.ClientID, first.ExplicitAuthFlows, first.OAuth
	c.AccessTokenValidity, c.IDTokenValidity = first.AccessTokenValidity, first.IDTokenValidity
	c.RefreshTokenValidity, c.AuthSessionValidity = first.RefreshTokenValidity, first.AuthSessionValidity
	c.Clients = slices.Clone(c.Clients)
	for i := range c.Clients {
		c.Clients[i] = c.Clients[i].withDefaults()
	}
	if c.Issuer == "" {
		c.Issuer = defaultIssuer(c.PoolID)
	}
	c.Issuer = strings.TrimSuffix(c.Issuer, "/")
	setDefault(&c.MFA, MFAOff)
	setDefault(&c.AdvancedSecurityMode, AdvancedSecurityOff)
	if c.MFAFactors == nil {
		c.MFAFactors = []MFAFactor{MFAFactorTOTP}
	}
	if c.Passkeys != nil {
		passkeys := *c.Passkeys
		setDefault(&passkeys.UserVerification, UserVerificationPreferred)
		c.Passkeys = &passkeys
	}
	if c.FirstFactors == nil {
		c.FirstFactors = []FirstFactor{FirstFactorPassword}
	}
	if c.AutoVerifiedAttributes == nil {
		c.AutoVerifiedAttributes = []string{attrEmail}
	}
	policy := PasswordPolicy{RequireUppercase: true, RequireLowercase: true, RequireNumbers: true, RequireSymbols: true}
	if c.PasswordPolicy != nil {
		policy = *c.PasswordPolicy
	}
	setDefault(&policy.MinimumLength, 8)
	setDefault(&policy.TemporaryValidityDays, 7)
	c.PasswordPolicy = &policy
	c.CustomAttributes = slices.Clone(c.CustomAttributes)
	for i, name := range c.CustomAttributes {
		c.CustomAttributes[i] = customPrefix + strings.TrimPrefix(name, customPrefix)
	}
	return c, problemsOf("config", c.check)
}

// firstClient is the app client that the configuration describes by fields of
// its own.
func (c Config) firstClient() AppClient {
	return AppClient{
		ClientID: c.ClientID, ClientName: c.ClientID, ClientSecret: c.ClientSecret, ExplicitAuthFlows: c.ExplicitAuthFlows,
		RotateRefreshTokens: c.RotateRefreshTokens, RefreshGracePeriod: c.RefreshGracePeriod,
		AccessTokenValidity: c.AccessTokenValidity, IDTokenValidity: c.IDTokenValidity,
		RefreshTokenValidity: c.RefreshTokenValidity, AuthSessionValidity: c.AuthSessionValidity,
		DisableTokenRevocation: c.DisableTokenRevocation, PreventUserExistenceErrors: c.PreventUserExistenceErrors,
		ReadAttributes: c.ReadAttributes, WriteAttributes: c.WriteAttributes, OAuth: c.OAuth,
	}
}

// clients are all app clients that the configuration describes.
func (c Config) clients() []AppClient { return append([]AppClient{c.firstClient()}, c.Clients...) }

// problemsOf returns all problems that a check finds in a configuration.
func problemsOf(what string, find func(checker)) error {
	var errs []error
	find(func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("authtest: "+what+": "+format, args...))
		}
	})
	return errors.Join(errs...)
}

func (c Config) check(check checker) {
	check(poolIDPattern.MatchString(c.PoolID) && len(c.PoolID) <= 55, "PoolID must look like eu-west-1_AbC123def")
	if c.Domain != "" {
		refusal := (&userPoolDomain{name: c.Domain}).check()
		check(refusal == nil, "Domain must be a prefix of lower-case letters, digits and inner hyphens, at most 63, without aws, amazon and cognito")
	}
	c.firstClient().check(check)
	ids := map[string]bool{c.ClientID: true}
	for i, client := range c.Clients {
		client.check(func(ok bool, format string, args ...any) {
			check(ok, "Clients[%d]: "+format, append([]any{i}, args...)...)
		})
		check(!ids[client.ClientID], "Clients[%d]: a client has the ClientID already", i)
		ids[client.ClientID] = true
	}
	u, err := url.Parse(c.Issuer)
	check(err == nil && u.IsAbs() && u.Host != "", "Issuer must be an absolute URL")
	checkAll(check, "AdvancedSecurityMode", []AdvancedSecurityMode{c.AdvancedSecurityMode}, AdvancedSecurityOff, AdvancedSecurityAudit, AdvancedSecurityEnforced)
	checkAll(check, "MFA", []MFAMode{c.MFA}, MFAOff, MFAOptional, MFARequired)
	checkAll(check, "MFAFactors", c.MFAFactors, MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail)
	checkAll(check, "AccountRecovery", c.AccountRecovery, RecoveryEmail, RecoveryPhone, RecoveryAdminOnly)
	checkAll(check, "UsernameAttributes", c.UsernameAttributes, attrEmail, attrPhone)
	checkAll(check, "AliasAttributes", c.AliasAttributes, attrEmail, attrPhone, attrPreferredUsername)
	checkAll(check, "AutoVerifiedAttributes", c.AutoVerifiedAttributes, attrEmail, attrPhone)
	checkAll(check, "DefaultEmailOption", []EmailOption{c.DefaultEmailOption}, "", ConfirmWithCode, ConfirmWithLink)
	for _, name := range c.RequireVerificationBeforeUpdate {
		check(slices.Contains(c.AutoVerifiedAttributes, name), "RequireVerificationBeforeUpdate: %q is not among AutoVerifiedAttributes", name)
	}
	for _, name := range c.RequiredAttributes {
		check(slices.Contains(standardAttributes, name), "RequiredAttributes: unknown value %q", name)
	}
	check(c.Triggers.PreTokenGeneration == nil || c.Triggers.PreTokenGenerationV2 == nil,
		"Triggers: PreTokenGeneration and PreTokenGenerationV2 exclude each other")
	check(len(c.UsernameAttributes) == 0 || len(c.AliasAttributes) == 0, "UsernameAttributes and AliasAttributes exclude each other")
	check(!slices.Contains(c.AccountRecovery, RecoveryAdminOnly) || len(c.AccountRecovery) == 1, "AccountRecovery admin_only stands alone")
	check(c.MFA == MFAOff || len(c.MFAFactors) > 0, "MFA needs MFAFactors")
	checkAll(check, "FirstFactors", c.FirstFactors, FirstFactorPassword, FirstFactorEmailOTP, FirstFactorSMSOTP, FirstFactorWebAuthn)
	check(!slices.Contains(c.FirstFactors, FirstFactorWebAuthn) || len(c.FirstFactors) > 1, "FirstFactors: WEB_AUTHN needs another one beside it")
	if p := c.Passkeys; p != nil {
		check(protocol.ValidateRPID(p.RelyingPartyID) == nil && len(p.RelyingPartyID) <= 127, "Passkeys.RelyingPartyID must be a domain")
		checkAll(check, "Passkeys.UserVerification", []UserVerification{p.UserVerification}, UserVerificationRequired, UserVerificationPreferred)
	}
	check(c.PasswordPolicy.MinimumLength >= 6 && c.PasswordPolicy.MinimumLength <= 99, "PasswordPolicy.MinimumLength must be between 6 and 99")
	check(c.PasswordPolicy.TemporaryValidityDays >= 0 && c.PasswordPolicy.TemporaryValidityDays <= 365, "PasswordPolicy.TemporaryValidityDays must be between 0 and 365")
	check(c.PasswordPolicy.HistorySize >= 0 && c.PasswordPolicy.HistorySize <= 24, "PasswordPolicy.HistorySize must be between 0 and 24")
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// defaultIssuer is the issuer of the service for a pool id.
func defaultIssuer(poolID string) string {
	region, _, _ := strings.Cut(poolID, "_")
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return "https://cognito-idp." + region + "." + domain + "/" + poolID
}

// updatedIssuer is the issuer of the service for a pool whose IssuerConfiguration
// is UPDATED.
func updatedIssuer(poolID string) string {
	return strings.Replace(defaultIssuer(poolID), "https://", "https://issuer-", 1)
}

const (
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits       = "0123456789"
)

// randomString returns n characters of the alphabet, each as likely as the
// others.
func randomString(n int, alphabet string) string {
	out := make([]byte, 0, n)
	limit := byte(256 - 256%len(alphabet) - 1)
	var buf [64]byte
	for len(out) < n {
		rand.Read(buf[:])
		for _, b := range buf {
			if b <= limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// randomUUID returns a random UUID, version 4.
func randomUUID() string {
	var b [16]byte
	rand.Read(b[:])
	return formatUUID(b)
}

func formatUUID(b [16]byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
