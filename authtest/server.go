package authtest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A ServerConfig describes a [Server]. Its zero value is the service in
// eu-west-1.
type ServerConfig struct {
	// Region is the region of the endpoint, with which the ids of its pools
	// begin; empty for eu-west-1.
	Region string

	// IssuerBase, if set, is the beginning of the issuers of pools whose
	// configuration names none: they are IssuerBase/<pool id>. Empty for the
	// service's own form.
	IssuerBase string

	// LambdaEndpoint is the base URL of Lambda's Invoke API, as in
	// [LambdaConfig]. The functions that LambdaConfig of CreateUserPool and
	// UpdateUserPool names are invoked there; without it they are described
	// and not run.
	LambdaEndpoint string

	// ClockSkew is how far the clock of the server, and of the pools whose
	// configuration says nothing, is ahead of ours (negative: behind).
	ClockSkew time.Duration

	// ExpectUnknown keeps a test that sends unknown operations or members on
	// purpose from failing.
	ExpectUnknown bool
}

// A Server is the service's endpoint of a region: many pools at one address.
// It is an [http.Handler] that takes every request to the pool it means, and
// that serves the operations on pools as a whole, such as CreateUserPool.
//
// A Server is safe for concurrent use. Like a [Pool] it starts no goroutine
// except in [Server.Start].
type Server struct {
	cfg ServerConfig
	tb  testing.TB // nil for servers made with NewStandaloneServer

	// front serves what belongs to no pool. It is an empty pool that nothing
	// can name, so it refuses every request as the service does where a pool,
	// a client, a token or a session is not known. Its history and its faults
	// are the server's.
	front *Pool

	mu    sync.RWMutex // guards what follows; nothing else is locked under it
	pools []*Pool      // oldest first
	index index

	clock  clock
	server loopback
}

// An index finds the pool that a request means.
type index struct {
	byID     map[string]*Pool
	byClient map[string]*Pool
	byDomain map[string]*Pool
	byTag    map[sessionTag]*Pool
}

// NewStandaloneServer returns a server without pools for a program that is not
// a test.
func NewStandaloneServer(cfg ServerConfig) (*Server, error) {
	setDefault(&cfg.Region, defaultRegion)
	cfg.IssuerBase = strings.TrimSuffix(cfg.IssuerBase, "/")
	if err := problemsOf("server", cfg.check); err != nil {
		return nil, err
	}
	front := Config{PoolID: newPoolID(cfg.Region), ClockSkew: cfg.ClockSkew, ExpectUnknown: cfg.ExpectUnknown}
	front, err := front.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, front: makePool(front), index: index{
		byID: make(map[string]*Pool), byClient: make(map[string]*Pool), byDomain: make(map[string]*Pool), byTag: make(map[sessionTag]*Pool),
	}}
	s.front.home = s
	return s, nil
}

var regionPattern = regexp.MustCompile(`\A[a-z0-9-]+\z`)

func (c ServerConfig) check(check checker) {
	check(regionPattern.MatchString(c.Region) && len(c.Region) <= 32, "Region must look like eu-west-1")
	check(c.IssuerBase == "" || isBaseURL(c.IssuerBase), "IssuerBase must be an absolute URL")
	check(c.LambdaEndpoint == "" || isBaseURL(c.LambdaEndpoint), "LambdaEndpoint must be an absolute URL")
}

func isBaseURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && u.Host != ""
}

// NewServer returns a server without pools for a test. The test fails at once
// if cfg has problems, and later if a client sends an operation or a member
// that the server does not know. The server is closed when the test ends.
func NewServer(tb testing.TB, cfg ServerConfig) *Server {
	tb.Helper()
	s, err := NewStandaloneServer(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.tb, s.front.tb = tb, tb
	tb.Cleanup(s.Close)
	return s
}

// Region returns the region of the endpoint.
func (s *Server) Region() string { return s.cfg.Region }

// NewPool puts a new pool into the server. A test fails, and a program panics,
// if cfg has problems; see [Server.AddPool] for programs that expect them.
func (s *Server) NewPool(cfg Config) *Pool {
	if s.tb != nil {
		s.tb.Helper()
	}
	p, err := s.AddPool(cfg)
	if err != nil {
		s.front.misuse("NewPool: %v", err)
	}
	return p
}

// AddPool puts a new pool into the server. It returns all problems of cfg at
// once, or that another pool has the id of the pool or of one of its clients,
// or its domain.
func (s *Server) AddPool(cfg Config) (*Pool, error) {
	cfg, err := s.complete(cfg).withDefaults()
	if err != nil {
		return nil, err
	}
	if region, _, _ := strings.Cut(cfg.PoolID, "_"); region != s.cfg.Region {
		return nil, fmt.Errorf("authtest: config: PoolID must begin with %s_", s.cfg.Region)
	}
	p := makePool(cfg)
	for _, description := range cfg.clients() {
		p.clients[description.ClientID] = newAppClient(description, p.now())
	}
	if !s.add(p) {
		return nil, fmt.Errorf("authtest: config: the server has a pool or a client with the id, or a domain of the name, already")
	}
	return p, nil
}

// complete fills in what a pool has of its server.
func (s *Server) complete(cfg Config) Config {
	if cfg.PoolID == "" {
		cfg.PoolID = newPoolID(s.cfg.Region)
	}
	if cfg.Issuer == "" && s.cfg.IssuerBase != "" {
		cfg.Issuer = s.cfg.IssuerBase + "/" + cfg.PoolID
	}
	setDefault(&cfg.ClockSkew, s.cfg.ClockSkew)
	cfg.ExpectUnknown = cfg.ExpectUnknown || s.cfg.ExpectUnknown
	return cfg
}

// add lists a pool under all that names it, unless something does already.
// Nobody else knows the pool yet.
func (s *Server) add(p *Pool) bool {
	p.home, p.tb = s, s.tb
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index.byID[p.cfg.PoolID] != nil {
		return false
	}
	for id := range p.clients {
		if s.index.byClient[id] != nil {
			return false
		}
	}
	if domain := p.cfg.Domain; domain != "" {
		if s.index.byDomain[domain] != nil {
			return false
		}
		s.index.byDomain[domain] = p
	}
	for id := range p.clients {
		s.index.byClient[id] = p
	}
	s.index.byID[p.cfg.PoolID] = p
	s.index.byTag[p.sessions.tag] = p
	s.pools = append(s.pools, p)
	return true
}

// claimClient lists a new client's id as the pool's, unless it is taken.
func (p *Pool) claimClient(id string) bool {
	if _, taken := p.clients[id]; taken {
		return false
	}
	return p.home == nil || p.home.claim(p.home.index.byClient, id, p)
}

func (p *Pool) releaseClient(id string) {
	if p.home != nil {
		p.home.release(p.home.index.byClient, id)
	}
}

// claimDomain lists a domain as the pool's, unless it is another's.
func (p *Pool) claimDomain(name string) bool {
	if p.domain(name) != nil {
		return false
	}
	return p.home == nil || p.home.claim(p.home.index.byDomain, name, p)
}

func (p *Pool) releaseDomain(name string) {
	if p.home != nil {
		p.home.release(p.home.index.byDomain, name)
	}
}

func (s *Server) claim(names map[string]*Pool, name string, p *Pool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if names[name] != nil {
		return false
	}
	names[name] = p
	return true
}

func (s *Server) release(names map[string]*Pool, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(names, name)
}

// Pool returns the pool with an id, and whether there is one.
func (s *Server) Pool(id string) (*Pool, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.index.byID[id]
	return p, ok
}

// Pools returns the server's pools, oldest first.
func (s *Server) Pools() []*Pool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.pools)
}

// Start serves the server at a loopback address, for other processes and other
// languages, and returns its URL without a slash at the end. A server that has
// been started answers with the URL it has. [Server.Close] stops it.
func (s *Server) Start() string {
	address, err := s.server.start(s)
	if err != nil {
		s.front.misuse("start: %v", err)
	}
	return address
}

// Close stops what [Server.Start] and the [Pool.Start] of its pools started.
// It can be called more than once.
func (s *Server) Close() {
	s.server.close()
	for _, p := range s.Pools() {
		p.Close()
	}
}

// Transport returns a [http.RoundTripper] that takes every request to the
// server, whatever its host, in the caller's goroutine; see [Pool.Transport].
func (s *Server) Transport() http.RoundTripper { return transport{s} }

// HTTPClient returns a client on [Server.Transport].
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: s.Transport()} }

// Requests returns the requests received so far, those of all pools and those
// that meant none, oldest first; see [Pool.Requests].
func (s *Server) Requests() []Request { return s.front.Requests() }

// Inject adds a fault to the server's script, which comes before those of its
// pools; see [Pool.Inject].
func (s *Server) Inject(f Fault) (remove func()) { return s.front.Inject(f) }
