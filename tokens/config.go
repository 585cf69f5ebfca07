package tokens

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Defaults of [Config].
const (
	// DefaultLeeway is the tolerance for clocks that differ. Hosts with a
	// synchronized clock are within a small fraction of it.
	DefaultLeeway = 10 * time.Second
	// DefaultCacheSize is the number of checked tokens that are remembered,
	// about 2 KiB each.
	DefaultCacheSize = 4096
	// DefaultMaxTokenBytes is the size up to which a token is looked at. The
	// tokens of a user with many groups and attributes stay far below it.
	DefaultMaxTokenBytes = 16 << 10
)

const (
	maxLeeway     = 10 * time.Minute
	maxCacheSize  = 1 << 24
	maxTokenBytes = 1 << 20
	maxPoolID     = 55 // UserPoolIdType of the service
)

// Config says which tokens a [Verifier] accepts. Issuer and ClientIDs are
// required; every other field has a default that suits a server.
type Config struct {
	// Issuer is the exact value of the iss claim; see [PoolIssuer].
	Issuer string

	// ClientIDs are the app clients whose tokens are accepted: client_id of
	// access tokens, aud of ID tokens.
	ClientIDs []string

	// JWKSURL is where the key set is fetched; by default
	// Issuer + "/.well-known/jwks.json". It must be an https URL, except on
	// loopback.
	JWKSURL string

	// HTTPClient fetches the key set; by default one on
	// [http.DefaultTransport]. A copy is used that follows no redirects.
	HTTPClient *http.Client

	// Keys replaces the key set over HTTP; JWKSURL and HTTPClient must then be
	// empty.
	Keys KeySource

	// Leeway is the tolerance for exp, nbf and iat, at most ten minutes. Zero
	// means [DefaultLeeway], a negative value none.
	Leeway time.Duration

	// CacheSize bounds the number of checked tokens that are remembered. Zero
	// means [DefaultCacheSize], a negative value that none is.
	CacheSize int

	// MaxTokenBytes bounds the length of a token. Zero means
	// [DefaultMaxTokenBytes].
	MaxTokenBytes int
}

// resolve returns the configuration with its defaults, or all of its problems.
func (c Config) resolve() (Config, error) {
	var problems []error
	reject := func(field, format string, args ...any) {
		problems = append(problems, fmt.Errorf("tokens: config: %s: "+format, append([]any{field}, args...)...))
	}

	if c.Issuer == "" {
		reject("Issuer", "must be set")
	} else if u, err := url.Parse(c.Issuer); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && u.Scheme != "http" || strings.HasSuffix(c.Issuer, "/") {
		reject("Issuer", "must be a URL with neither user, query, fragment nor final slash")
	}

	if c.Keys != nil {
		if c.JWKSURL != "" || c.HTTPClient != nil {
			reject("Keys", "excludes JWKSURL and HTTPClient")
		}
	} else if c.JWKSURL != "" || len(problems) == 0 { // a good issuer makes the default
		c.JWKSURL = cmp.Or(c.JWKSURL, c.Issuer+"/.well-known/jwks.json")
		keys, err := NewRemoteKeys(RemoteKeysConfig{URL: c.JWKSURL, HTTPClient: c.HTTPClient})
		if err != nil {
			problems = append(problems, err)
		} else {
			c.Keys = keys
		}
	}

	c.ClientIDs = slices.Clone(c.ClientIDs)
	if len(c.ClientIDs) == 0 {
		reject("ClientIDs", "must name at least one app client")
	}
	if slices.Contains(c.ClientIDs, "") {
		reject("ClientIDs", "must not contain an empty id")
	}

	switch {
	case c.Leeway == 0:
		c.Leeway = DefaultLeeway
	case c.Leeway < 0:
		c.Leeway = 0
	case c.Leeway > maxLeeway:
		reject("Leeway", "must not exceed %v", maxLeeway)
	}

	switch {
	case c.CacheSize == 0:
		c.CacheSize = DefaultCacheSize
	case c.CacheSize < 0:
		c.CacheSize = 0
	case c.CacheSize > maxCacheSize:
		reject("CacheSize", "must not exceed %d", maxCacheSize)
	}

	switch {
	case c.MaxTokenBytes == 0:
		c.MaxTokenBytes = DefaultMaxTokenBytes
	case c.MaxTokenBytes < 0 || c.MaxTokenBytes > maxTokenBytes:
		reject("MaxTokenBytes", "must be between 0 and %d", maxTokenBytes)
	}
	return c, errors.Join(problems...)
}

// PoolIssuer returns the issuer of a user pool's tokens from the pool's id:
// https://cognito-idp.<region>.amazonaws.com/<id>, and amazonaws.com.cn in the
// regions of China. Pools that were given another issuer (IssuerConfiguration)
// have to name it themselves.
func PoolIssuer(userPoolID string) (string, error) {
	region, suffix, ok := strings.Cut(userPoolID, "_")
	digit := func(r rune) bool { return '0' <= r && r <= '9' }
	lower := func(r rune) bool { return 'a' <= r && r <= 'z' }
	upper := func(r rune) bool { return 'A' <= r && r <= 'Z' }
	if !ok || region == "" || suffix == "" || len(userPoolID) > maxPoolID ||
		strings.ContainsFunc(region, func(r rune) bool { return !lower(r) && !digit(r) && r != '-' }) ||
		strings.ContainsFunc(suffix, func(r rune) bool { return !lower(r) && !upper(r) && !digit(r) }) {
		return "", fmt.Errorf("tokens: user pool id %q: want <region>_<letters and digits>", userPoolID)
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	return "https://cognito-idp." + region + "." + domain + "/" + userPoolID, nil
}

// checkFetchURL accepts the URLs from which keys may be fetched: whoever can
// change the answer can sign tokens, so it has to come over TLS or from this host.
func checkFetchURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return unreadable("must be an absolute URL")
	case u.User != nil || u.Fragment != "":
		return unreadable("must have neither user nor fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	default:
		return unreadable("must be an https URL, or an http URL on loopback")
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
