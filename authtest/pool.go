package authtest

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth"
)

// A Pool is a user pool with one app client. It is an [http.Handler] that
// speaks the service's protocol; use its methods to reach it as a client, to
// put users in, to read their messages and to script failures.
//
// A Pool is safe for concurrent use. It starts no goroutine except in
// [Pool.Start] and for [Triggers]: everything that expires does so when it is
// next looked at, so a pool works inside a testing/synctest bubble.
type Pool struct {
	cfg Config
	tb  testing.TB // nil for pools made with New

	// secret keys what the pool hands out and must recognize later, and what
	// it makes up about users who do not exist.
	secret [32]byte

	mu       sync.Mutex // guards what follows, up to the next blank line
	clients  map[string]*appClient
	users    directory
	sessions sessionTable
	grants   grantTable

	faults  faultScript
	history history
	server  loopback

	shared sync.Once // makes client
	client *auth.Client
}

// New returns a pool for a program that is not a test, such as a
// demonstration. It returns all problems of cfg at once.
func New(cfg Config) (*Pool, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pool{cfg: cfg}
	rand.Read(p.secret[:])
	p.clients = map[string]*appClient{cfg.ClientID: newAppClient(cfg)}
	p.users = newDirectory(cfg)
	p.sessions = newSessionTable(p.secret)
	p.grants = newGrantTable(maxGrants)
	return p, nil
}

// NewPool returns a pool for a test. The test fails at once if cfg has
// problems, and later if a client sends an operation or a member that the
// pool does not know; the failure shows the request without its values. The
// pool is closed when the test ends.
func NewPool(tb testing.TB, cfg Config) *Pool {
	tb.Helper()
	p, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	p.tb = tb
	tb.Cleanup(p.Close)
	return p
}

// PoolID returns the id of the pool.
func (p *Pool) PoolID() string { return p.cfg.PoolID }

// ClientID returns the id of the app client.
func (p *Pool) ClientID() string { return p.cfg.ClientID }

// ClientSecret returns the secret of the app client, empty if it has none.
func (p *Pool) ClientSecret() string { return p.cfg.ClientSecret }

// Issuer returns the iss claim of the pool's tokens.
func (p *Pool) Issuer() string { return p.cfg.Issuer }

// now is the time on the pool's clock.
func (p *Pool) now() time.Time { return time.Now().Add(p.cfg.ClockSkew) }

// misuse reports that a test asked the pool for something it cannot do. It
// does not return: in a program that is not a test it panics.
func (p *Pool) misuse(format string, args ...any) {
	message := "authtest: " + fmt.Sprintf(format, args...)
	if p.tb == nil {
		panic(message)
	}
	p.tb.Helper()
	p.tb.Fatal(message)
}

// An appClient is an app client: what a request's ClientId names.
type appClient struct {
	id     string
	secret string
	flows  map[AuthFlow]bool

	hideUsers         bool // PreventUserExistenceErrors
	rotate            bool
	grace             time.Duration
	revocable         bool
	accessValidity    time.Duration
	idValidity        time.Duration
	refreshValidity   time.Duration
	sessionValidity   time.Duration
	readable, writing map[string]bool // nil means every attribute
}

func newAppClient(cfg Config) *appClient {
	c := &appClient{
		id:              cfg.ClientID,
		secret:          cfg.ClientSecret,
		flows:           make(map[AuthFlow]bool),
		hideUsers:       cfg.PreventUserExistenceErrors,
		rotate:          cfg.RotateRefreshTokens,
		grace:           cfg.RefreshGracePeriod,
		revocable:       !cfg.DisableTokenRevocation,
		accessValidity:  cfg.AccessTokenValidity,
		idValidity:      cfg.IDTokenValidity,
		refreshValidity: cfg.RefreshTokenValidity,
		sessionValidity: cfg.AuthSessionValidity,
		readable:        nameSet(cfg.ReadAttributes),
		writing:         nameSet(cfg.WriteAttributes),
	}
	for _, flow := range cfg.ExplicitAuthFlows {
		c.flows[flow] = true
	}
	return c
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
