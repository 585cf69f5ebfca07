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

	// Storage, if set, keeps the server's state. The server begins with what
	// the storage has, and answers no request before all that it has changed
	// is stored. If the storage fails, the server serves nothing any more but
	// InternalErrorException: see [Server.StorageErr]. Closing the storage,
	// after the server, is up to whoever opened it.
	Storage Storage
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

	journal *journal // nil without a storage

	whole sync.Mutex // held by whoever has all pools locked

	mu      sync.RWMutex // guards what follows; nothing but the journal is locked under it
	pools   []*Pool      // oldest first
	serials uint64       // of pools
	index   index

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

// NewStandaloneServer returns a server for a program that is not a test. It has
// the pools that its storage has, and no others yet.
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
	s := &Server{cfg: cfg, front: makePool(front), index: newIndex()}
	s.front.home = s
	if cfg.Storage != nil {
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func newIndex() index {
	return index{
		byID: make(map[string]*Pool), byClient: make(map[string]*Pool), byDomain: make(map[string]*Pool), byTag: make(map[sessionTag]*Pool),
	}
}

// has reports whether something is listed under a name of a pool.
func (i *index) has(p *Pool) bool {
	taken := i.byID[p.cfg.PoolID] != nil
	for id := range p.clients {
		taken = taken || i.byClient[id] != nil
	}
	for _, d := range []*userPoolDomain{p.prefixDomain, p.customDomain} {
		taken = taken || d != nil && i.byDomain[d.name] != nil
	}
	return taken
}

// put lists a pool under all that names it.
func (i *index) put(p *Pool) {
	i.byID[p.cfg.PoolID] = p
	i.byTag[p.sessions.tag] = p
	for id := range p.clients {
		i.byClient[id] = p
	}
	for _, d := range []*userPoolDomain{p.prefixDomain, p.customDomain} {
		if d != nil {
			i.byDomain[d.name] = p
		}
	}
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

// NewServer returns a server for a test, as [NewStandaloneServer] does for
// programs. The test fails at once if cfg has problems, and later if a client
// sends an operation or a member that the server does not know. The server is
// closed when the test ends.
func NewServer(tb testing.TB, cfg ServerConfig) *Server {
	tb.Helper()
	s, err := NewStandaloneServer(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.tb, s.front.tb = tb, tb
	for _, p := range s.pools {
		p.tb = tb
	}
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
	p, err := s.build(cfg)
	if err != nil {
		return nil, err
	}
	ticket, added := s.add(p)
	if !added {
		return nil, fmt.Errorf("authtest: config: %s", msgNameTaken)
	}
	if err := s.commit(ticket); err != nil {
		return nil, err
	}
	return p, nil
}

const msgNameTaken = "the server has a pool or a client with the id, or a domain of the name, already"

// build makes a pool that the server could have.
func (s *Server) build(cfg Config) (*Pool, error) {
	cfg, err := s.complete(cfg).withDefaults()
	if err != nil {
		return nil, err
	}
	if region, _, _ := strings.Cut(cfg.PoolID, "_"); region != s.cfg.Region {
		return nil, fmt.Errorf("authtest: config: PoolID must begin with %s_", s.cfg.Region)
	}
	p := makePool(cfg)
	p.home = s // whose clock it has
	p.created, p.modified = p.now(), p.now()
	for _, description := range cfg.clients() {
		p.clients[description.ClientID] = newAppClient(description, p.now())
	}
	return p, nil
}

// complete fills in what a pool has of its server.
func (s *Server) complete(cfg Config) Config {
	if cfg.PoolID == "" {
		cfg.PoolID = newPoolID(s.cfg.Region)
	}
	setDefault(&cfg.Issuer, s.issuerOf(cfg.PoolID))
	setDefault(&cfg.ClockSkew, s.cfg.ClockSkew)
	cfg.ExpectUnknown = cfg.ExpectUnknown || s.cfg.ExpectUnknown
	return cfg
}

// issuerOf is the issuer of a pool whose configuration names none.
func (s *Server) issuerOf(poolID string) string {
	if s.cfg.IssuerBase == "" {
		return defaultIssuer(poolID)
	}
	return s.cfg.IssuerBase + "/" + poolID
}

// add lists pools under all that names them, unless something does already.
// Nobody else knows the pools yet, so their records come before all changes to
// them.
func (s *Server) add(pools ...*Pool) (ticket uint64, added bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(pools, s.index.has) {
		return 0, false
	}
	changes := make(map[string][]byte)
	for _, p := range pools {
		s.adopt(p)
		s.serials++
		p.serial = s.serials
		s.index.put(p)
		s.pools = append(s.pools, p)
		p.collect(changes)
	}
	return s.journal.addPools(changes, pools), true
}

// adopt makes a pool one of the server's.
func (s *Server) adopt(p *Pool) {
	p.home, p.tb = s, s.tb
	if s.journal != nil {
		p.observe(newWatch(s.journal))
	}
}

// commit waits until changes are stored.
func (s *Server) commit(ticket uint64) error {
	if err := s.journal.wait(ticket); err != nil {
		return fmt.Errorf("authtest: storage: %w", err)
	}
	return nil
}

// StorageErr returns why the storage failed, nil if it has not. After it has,
// what the server has in memory may be ahead of what is stored, so it serves
// nothing any more; one that is made with the storage when it works again goes
// on with what is stored.
func (s *Server) StorageErr() error { return s.journal.failed() }

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
