package authtest

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// An OAuthFlow is a grant that an app client may use at the endpoints of
// managed login (AllowedOAuthFlows of CreateUserPoolClient).
type OAuthFlow string

// The grants. Client credentials cannot be combined with the others.
const (
	OAuthFlowCode              OAuthFlow = "code"
	OAuthFlowImplicit          OAuthFlow = "implicit"
	OAuthFlowClientCredentials OAuthFlow = "client_credentials"
)

// OAuth is what an app client may do at the endpoints of managed login.
type OAuth struct {
	// CallbackURLs and LogoutURLs are where browsers may be sent after
	// sign-in and sign-out, compared exactly. DefaultRedirectURI is the
	// callback URL to use where a request names none; empty for none.
	CallbackURLs       []string
	LogoutURLs         []string
	DefaultRedirectURI string

	// Flows are the grants (AllowedOAuthFlows); nil means OAuthFlowCode.
	Flows []OAuthFlow

	// Scopes are the scopes that can be asked for (AllowedOAuthScopes),
	// custom ones as "<resource server>/<scope>". Nil means openid, email,
	// phone, profile and aws.cognito.signin.user.admin.
	Scopes []string

	// IdentityProviders are the ways to sign in
	// (SupportedIdentityProviders); nil means "COGNITO", the pool's own users.
	IdentityProviders []string
}

// An AppClient describes an app client of a pool. [Config] describes the first
// one by fields of its own; further ones are in [Config].Clients or come with
// [Pool.AddClient].
type AppClient struct {
	// ClientID is the client's id; empty for a random one. ClientName is what
	// consoles show; empty for the id.
	ClientID   string
	ClientName string

	// ClientSecret, when set, makes secret hashes mandatory. At least 24
	// letters and digits.
	ClientSecret string

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

	// ReadAttributes and WriteAttributes are what the client may read into
	// GetUser and ID tokens, and write; nil means everything.
	ReadAttributes  []string
	WriteAttributes []string

	// OAuth lets the client use the endpoints of managed login
	// (AllowedOAuthFlowsUserPoolClient); nil for not.
	OAuth *OAuth
}

// Format prints the description's id and nothing else.
func (c AppClient) Format(f fmt.State, _ rune) { io.WriteString(f, "app client "+c.ClientID) }

var wordPattern = regexp.MustCompile(`\A[\w+]+\z`)

func newClientID() string { return randomString(26, lowerLetters+digits) }

// withDefaults returns the description with its defaults filled in.
func (c AppClient) withDefaults() AppClient {
	if c.ClientID == "" {
		c.ClientID = newClientID()
	}
	setDefault(&c.ClientName, c.ClientID)
	setDefault(&c.AccessTokenValidity, time.Hour)
	setDefault(&c.IDTokenValidity, time.Hour)
	setDefault(&c.RefreshTokenValidity, 30*24*time.Hour)
	setDefault(&c.AuthSessionValidity, 3*time.Minute)
	if c.ExplicitAuthFlows == nil {
		c.ExplicitAuthFlows = []AuthFlow{AllowUserSRP, AllowCustom}
		if !c.RotateRefreshTokens {
			c.ExplicitAuthFlows = append(c.ExplicitAuthFlows, AllowRefreshToken)
		}
	}
	if c.OAuth != nil {
		oauth := *c.OAuth
		if oauth.Flows == nil {
			oauth.Flows = []OAuthFlow{OAuthFlowCode}
		}
		if oauth.Scopes == nil {
			oauth.Scopes = slices.Clone(standardScopes)
		}
		if oauth.IdentityProviders == nil {
			oauth.IdentityProviders = []string{providerCognito}
		}
		c.OAuth = &oauth
	}
	return c
}

// providerCognito is what a pool's own users are called among the providers
// of an app client.
const providerCognito = "COGNITO"

// checker collects the problems of a configuration.
type checker func(ok bool, format string, args ...any)

func (check checker) between(name string, d, low, high time.Duration) {
	check(d >= low && d <= high, "%s must be between %v and %v", name, low, high)
}

func checkAll[T ~string](check checker, name string, given []T, known ...T) {
	for _, v := range given {
		check(slices.Contains(known, v), "%s: unknown value %q", name, v)
	}
}

// check reports what is wrong with the description.
func (c AppClient) check(check checker) {
	check(wordPattern.MatchString(c.ClientID) && len(c.ClientID) <= 128, "ClientID must be letters and digits, at most 128")
	check(c.ClientSecret == "" || wordPattern.MatchString(c.ClientSecret) && len(c.ClientSecret) >= 24 && len(c.ClientSecret) <= 64,
		"ClientSecret must be 24 to 64 letters and digits")
	checkAll(check, "ExplicitAuthFlows", c.ExplicitAuthFlows,
		AllowUserSRP, AllowUserPassword, AllowUser, AllowCustom, AllowRefreshToken, AllowAdminUserPassword)
	check(!c.RotateRefreshTokens || !slices.Contains(c.ExplicitAuthFlows, AllowRefreshToken),
		"RotateRefreshTokens and ALLOW_REFRESH_TOKEN_AUTH exclude each other")
	check.between("AccessTokenValidity", c.AccessTokenValidity, 5*time.Minute, 24*time.Hour)
	check.between("IDTokenValidity", c.IDTokenValidity, 5*time.Minute, 24*time.Hour)
	check.between("RefreshTokenValidity", c.RefreshTokenValidity, time.Hour, 3650*24*time.Hour)
	check.between("AuthSessionValidity", c.AuthSessionValidity, 3*time.Minute, 15*time.Minute)
	check.between("RefreshGracePeriod", c.RefreshGracePeriod, 0, time.Minute)
	if c.OAuth != nil {
		c.OAuth.check(check, c.ClientSecret != "")
	}
}

func (o *OAuth) check(check checker, secret bool) {
	checkAll(check, "OAuth.Flows", o.Flows, OAuthFlowCode, OAuthFlowImplicit, OAuthFlowClientCredentials)
	machine := slices.Contains(o.Flows, OAuthFlowClientCredentials)
	check(!machine || len(o.Flows) == 1, "OAuth.Flows: client_credentials stands alone")
	check(!machine || secret, "OAuth.Flows: client_credentials needs a ClientSecret")
	check(machine || len(o.CallbackURLs) > 0, "OAuth needs CallbackURLs")
	for _, list := range [][]string{o.CallbackURLs, o.LogoutURLs} {
		for _, text := range list {
			check(isRedirectURL(text), "OAuth: %q is no absolute URL without a fragment", text)
		}
	}
	check(o.DefaultRedirectURI == "" || slices.Contains(o.CallbackURLs, o.DefaultRedirectURI),
		"OAuth.DefaultRedirectURI must be among the CallbackURLs")
}

// isRedirectURL reports whether a browser could be sent to an address after
// signing in. Schemes of mobile apps are fine.
func isRedirectURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && u.Fragment == "" && (u.Host != "" || u.Scheme != "http" && u.Scheme != "https")
}

// An appClient is an app client: what a request's ClientId names. The pool's
// lock guards it.
type appClient struct {
	id string // never changes, so it is read without the pool's lock too
	clientSettings

	secrets         []clientSecret     // oldest first; empty for a public client
	risk            *riskConfiguration // nil for the pool's
	uiCustomization *uiCustomization   // nil for that of all clients
	branding        *brandingStyle     // nil for none
	terms           []*terms           // at most one of a name
	created         time.Time
	deleted         bool
	saved           *mark
}

// clientSettings are what UpdateUserPoolClient replaces.
type clientSettings struct {
	name  string
	flows map[AuthFlow]bool

	hideUsers         bool // PreventUserExistenceErrors
	rotate            bool
	grace             time.Duration
	revocable         bool
	accessValidity    time.Duration
	idValidity        time.Duration
	refreshValidity   time.Duration
	sessionValidity   time.Duration
	readable, writing map[string]bool // nil means every attribute

	customOnly bool // CUSTOM_AUTH_FLOW_ONLY

	oauth        OAuth
	oauthAllowed bool // AllowedOAuthFlowsUserPoolClient

	described clientMembers // what descriptions say of all that
	modified  time.Time
}

// A clientSecret is one of the secrets of an app client. While one takes the
// place of another there are two, and both are right.
type clientSecret struct {
	id      string
	value   string
	created time.Time
}

func newAppClient(description AppClient, now time.Time) *appClient {
	c := &appClient{id: description.ClientID, created: now, clientSettings: clientSettings{
		name:            description.ClientName,
		flows:           make(map[AuthFlow]bool),
		hideUsers:       description.PreventUserExistenceErrors,
		rotate:          description.RotateRefreshTokens,
		grace:           description.RefreshGracePeriod,
		revocable:       !description.DisableTokenRevocation,
		accessValidity:  description.AccessTokenValidity,
		idValidity:      description.IDTokenValidity,
		refreshValidity: description.RefreshTokenValidity,
		sessionValidity: description.AuthSessionValidity,
		readable:        nameSet(description.ReadAttributes),
		writing:         nameSet(description.WriteAttributes),
		described:       membersOfClient(description),
		modified:        now,
	}}
	for _, flow := range description.ExplicitAuthFlows {
		c.flows[flow] = true
	}
	if description.OAuth != nil {
		c.oauth, c.oauthAllowed = *description.OAuth, true
	}
	if description.ClientSecret != "" {
		c.addSecret(description.ClientSecret, now)
	}
	return c
}

// secret returns the secret that the client has had for longest, empty if it
// has none.
func (c *appClient) secret() string {
	if len(c.secrets) == 0 {
		return ""
	}
	return c.secrets[0].value
}

// addSecret gives the client a further secret.
func (c *appClient) addSecret(value string, now time.Time) clientSecret {
	stamp := now.UnixMilli()
	if n := len(c.secrets); n > 0 { // two may be given in a moment
		stamp = max(stamp, c.secrets[n-1].created.UnixMilli()+1)
	}
	secret := clientSecret{id: c.id + "--" + strconv.FormatInt(stamp, 10), value: value, created: now}
	c.secrets = append(c.secrets, secret)
	return secret
}

func (c *appClient) reads(attribute string) bool  { return c.readable == nil || c.readable[attribute] }
func (c *appClient) writes(attribute string) bool { return c.writing == nil || c.writing[attribute] }

// nameSet returns the names as a set, nil for nil.
func nameSet(names []string) map[string]bool {
	if names == nil {
		return nil
	}
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// AddClient gives the pool a further app client and returns its description
// with the defaults filled in. A test fails, and a program panics, if the
// description has problems or the pool has a client with the id.
func (p *Pool) AddClient(description AppClient) AppClient {
	if p.tb != nil {
		p.tb.Helper()
	}
	description = description.withDefaults()
	if err := problemsOf("client", description.check); err != nil {
		p.misuse("AddClient: %v", err)
	}
	err := p.change(func(c *call) *apiError {
		if !p.claimClient(description.ClientID) {
			return invalidParameter("there is a client with the id")
		}
		p.putClient(newAppClient(description, c.now))
		return nil
	})
	if err != nil {
		p.misuse("AddClient: %s", err.message)
	}
	return description
}

func (p *Pool) putClient(c *appClient) {
	p.watch.touch(c)
	p.clients[c.id] = c
}
