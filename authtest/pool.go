package authtest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cognitokit/auth"
)

// A Pool is a user pool with its app clients. It is an [http.Handler] that
// speaks the service's protocol; use its methods to reach it as a client, to
// put users in, to read their messages and to script failures.
//
// A Pool is safe for concurrent use. It starts no goroutine except in
// [Pool.Start] and for [Triggers]: everything that expires does so when it is
// next looked at, so a pool works inside a testing/synctest bubble.
type Pool struct {
	cfg  Config     // of what can change while the pool is served, the lock guards the changes
	tb   testing.TB // nil for pools made with New
	home *Server    // that serves the pool among others; nil for a pool by itself

	// secret keys what the pool hands out and must recognize later, and what
	// it makes up about users who do not exist.
	secret [32]byte

	mu     sync.Mutex // guards what follows, up to the next blank line
	serial uint64     // the pool's place in the order of its server's pools
	epoch  uint64     // counts how often the state was replaced as a whole
	watch  *watch
	saved  *mark
	administration
	clients  map[string]*appClient
	users    directory
	posted   []posted // what the users' inboxes have, oldest first
	sessions sessionTable
	grants   grantTable
	verified tokenMemory
	managedLogin

	importing     atomic.Bool // whether an import job is to be done; see settle
	updatedIssuer atomic.Bool // whether the issuer is of the newer form; see chooseIssuer

	clock   clock
	faults  faultScript
	history history
	outbox  outbox
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
	p := makePool(cfg)
	for _, description := range cfg.clients() {
		p.clients[description.ClientID] = newAppClient(description, p.now())
	}
	return p, nil
}

// makePool returns a pool without app clients.
func makePool(cfg Config) *Pool {
	p := &Pool{cfg: cfg}
	rand.Read(p.secret[:])
	p.administration = newAdministration(cfg, p.now())
	p.clients = make(map[string]*appClient)
	p.users = newDirectory(cfg)
	p.sessions = newSessionTable(p.secret)
	p.grants = newGrantTable(maxGrants)
	p.managedLogin = newManagedLogin()
	return p
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

// ClientID returns the id of the first app client.
func (p *Pool) ClientID() string { return p.cfg.ClientID }

// ClientSecret returns the secret of the first app client, empty if it has
// none.
func (p *Pool) ClientSecret() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.clients[p.cfg.ClientID]; c != nil {
		return c.secret()
	}
	return ""
}

// Issuer returns the iss claim of the pool's tokens.
func (p *Pool) Issuer() string {
	if p.updatedIssuer.Load() {
		return updatedIssuer(p.cfg.PoolID)
	}
	return p.cfg.Issuer
}

// mac authenticates a text that the pool hands out, and derives what has to be
// the same whenever it is asked for. Texts begin with what they are for.
func (p *Pool) mac(text string) []byte {
	mac := hmac.New(sha256.New, p.secret[:])
	io.WriteString(mac, text)
	return mac.Sum(nil)
}

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
