package authtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// memoryStorage is a storage that is lost with the test.
type memoryStorage struct {
	mu      sync.Mutex
	values  map[string][]byte
	batches int
	refuse  error // what Apply returns, without doing anything
	left    bool  // whether pools are neither audited nor reloaded
}

func (s *memoryStorage) Load(each func(key string, value []byte) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range s.values {
		if err := each(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (s *memoryStorage) Apply(changes map[string][]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	if len(changes) == 0 {
		return errors.New("there is nothing to apply")
	}
	if s.values == nil {
		s.values = make(map[string][]byte)
	}
	for key, value := range changes {
		if value == nil {
			delete(s.values, key)
		} else {
			s.values[key] = value
		}
	}
	s.batches++
	return nil
}

// snapshot is what a crash at this moment would leave.
func (s *memoryStorage) snapshot() *memoryStorage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &memoryStorage{values: maps.Clone(s.values), left: s.left}
}

// watched makes a pool keep its state in a storage that [audit] looks into.
func watched(p *Pool) {
	p.observe(newWatch(newJournal(&memoryStorage{})))
	p.storeAll(make(map[string][]byte))
}

// storeAll adds all that the pool has to its journal, on top of changes.
func (p *Pool) storeAll(changes map[string][]byte) (ticket uint64) {
	if p.watch == nil {
		return 0
	}
	p.collect(changes)
	return p.watch.journal.add(changes)
}

// audit fails the test if the storage, with what is about to be written there,
// has anything else than what the pool has in memory: then an operation has
// changed something that it has not touched.
func audit(t testing.TB, p *Pool) {
	t.Helper()
	if p.watch == nil {
		return
	}
	j := p.watch.journal
	j.writing <- struct{}{}
	defer func() { <-j.writing }()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watch.closed {
		return
	}
	has := make(map[string][]byte)
	j.mu.Lock() // a server's pools share the journal
	pending := maps.Clone(j.pending)
	j.mu.Unlock()
	for _, values := range []map[string][]byte{j.storage.(*memoryStorage).snapshot().values, pending} {
		for key, value := range values {
			if value == nil {
				delete(has, key)
			} else if belongs(key, p) {
				has[key] = value
			}
		}
	}
	wants := make(map[string][]byte)
	for r := range p.records {
		if state := r.recordState(p); state != nil {
			wants[r.recordKey(p)] = encodeRecord(state)
		}
		if u, ok := r.(*user); ok {
			for i, m := range u.inbox {
				wants[messageKey(p, u, u.delivered-uint64(len(u.inbox)-i))] = encodeRecord(m.stored())
			}
		}
	}
	if !maps.EqualFunc(wants, has, bytes.Equal) {
		t.Errorf("the storage is not what the pool is (-pool +storage):\n%s", cmp.Diff(texts(wants), texts(has)))
	}
}

func belongs(key string, p *Pool) bool {
	key += "/"
	for _, kind := range []string{kindPool, kindClient, kindGroup, kindImport, kindUser, kindMessage, kindGrant, kindSession} {
		if len(key) > len(kind) && key[:len(kind)+1] == kind+"/" {
			rest := key[len(kind)+1:]
			return len(rest) > len(p.cfg.PoolID) && rest[:len(p.cfg.PoolID)+1] == p.cfg.PoolID+"/"
		}
	}
	return false
}

func texts(values map[string][]byte) map[string]string {
	out := make(map[string]string, len(values))
	for key, value := range values {
		out[key] = string(value)
	}
	return out
}

// reload replaces the state of a pool with what its export says. Whatever an
// export leaves out is missing from then on. Proofs of passwords are not part
// of the state, and go over as they are.
func reload(t testing.TB, p *Pool) {
	t.Helper()
	var ticket uint64
	defer func() { _ = p.watchedBy().wait(ticket) }()
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.exported()
	text := encodeRecord(before)
	var state poolState
	if err := decodeState(text, &state); err != nil {
		t.Fatal(err)
	}
	var names nameTable
	parts, err := (&Server{cfg: ServerConfig{Region: p.region()}}).partsOfPool(&state, &names)
	if err != nil {
		t.Fatalf("the pool cannot read what it has exported: %v", err)
	}
	var proofs []*session
	for s := range p.sessions.all {
		if !s.survives() {
			proofs = append(proofs, s)
		}
	}
	changes := make(map[string][]byte)
	p.unstore(changes)
	login, clients := p.managedLogin, p.clients
	p.install(parts)
	for _, s := range proofs {
		s.moveTo(p)
	}
	p.takeLogins(login, clients)
	after := encodeRecord(p.exported())
	if !bytes.Equal(text, after) {
		var a, b any
		_, _ = json.Unmarshal(text, &a), json.Unmarshal(after, &b)
		t.Errorf("an import changes the state (-before +after):\n%s", cmp.Diff(a, b))
	}
	ticket = p.storeAll(changes)
}

func (p *Pool) watchedBy() *journal { return (&call{pool: p}).journal() }

// takeLogins goes on with what browsers have begun, which is not part of the
// state either.
func (p *Pool) takeLogins(login managedLogin, clients map[string]*appClient) {
	p.managedLogin = login
	for element := login.logins.order.Front(); element != nil; element = element.Next() {
		entry := element.Value.(vaultEntry[browserLogin])
		entry.value.user = p.sameUser(entry.value.user)
		element.Value = entry
	}
	for element := login.codes.order.Front(); element != nil; element = element.Next() {
		code := element.Value.(vaultEntry[*authorizationCode]).value
		code.client, code.login.user = p.sameClient(code.client, clients), p.sameUser(code.login.user)
	}
	for element := login.steps.order.Front(); element != nil; element = element.Next() {
		step := element.Value.(vaultEntry[*step]).value
		step.client = p.sameClient(step.client, clients)
	}
	for element := login.resets.order.Front(); element != nil; element = element.Next() {
		entry := element.Value.(vaultEntry[passwordReset])
		entry.value.client = p.sameClient(entry.value.client, clients)
		element.Value = entry
	}
}

// sameUser is what has become of a user, and sameClient of an app client, when
// the state was replaced.
func (p *Pool) sameUser(u *user) *user {
	if u != nil && !u.deleted && p.users.bySub[u.sub] != nil {
		return p.users.bySub[u.sub]
	}
	return u
}

func (p *Pool) sameClient(c *appClient, before map[string]*appClient) *appClient {
	if c != nil && before[c.id] == c {
		return p.clients[c.id]
	}
	return c
}

// moveTo makes the session of a proof one of a pool whose state was replaced.
func (s *session) moveTo(p *Pool) {
	if u := s.user; u != nil && !u.deleted {
		s.user = p.users.bySub[u.sub]
		if s.srp.credential == u.password {
			s.srp.credential = s.user.password
		}
		if d := s.device; d != nil && u.devices[d.key] == d {
			s.device = s.user.devices[d.key]
		}
	}
	if c := p.clients[s.client.id]; c != nil && !s.client.deleted {
		s.client = c
	}
	p.sessions.list(s)
}

// probes know which pools are in use at the moment.
var probes sync.Map // of *sync.RWMutex, by *Pool

// inUse notes that a pool is being used until done is called. If nobody else
// uses it then, its state is audited and reloaded.
func inUse(p *Pool) (done func()) {
	v, _ := probes.LoadOrStore(p, new(sync.RWMutex))
	mu := v.(*sync.RWMutex)
	mu.RLock()
	return func() {
		mu.RUnlock()
		if j := p.watchedBy(); j != nil {
			if s, ok := j.storage.(*memoryStorage); !ok || s.left {
				return
			}
		}
		if p.tb != nil && mu.TryLock() {
			defer mu.Unlock()
			p.tb.Helper()
			audit(p.tb, p)
			reload(p.tb, p)
		}
	}
}

// used returns a client that says of every request which pools are in use.
func used(client *http.Client) *http.Client {
	c := *client
	if _, ok := c.Transport.(usingTransport); !ok {
		c.Transport = usingTransport{c.Transport}
	}
	return &c
}

type usingTransport struct{ http.RoundTripper }

func (t usingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := t.RoundTripper
	if signing, ok := inner.(withSignature); ok {
		inner = signing.RoundTripper
	}
	if own, ok := inner.(transport); ok {
		switch handler := own.handler.(type) {
		case *Pool:
			defer inUse(handler)()
		case *Server:
			for _, p := range handler.Pools() {
				defer inUse(p)()
			}
		}
	}
	return t.RoundTripper.RoundTrip(r)
}

// newServer returns a server that keeps its state in a storage that is audited.
func newServer(t testing.TB, cfg ServerConfig) *Server {
	t.Helper()
	if cfg.Storage == nil {
		cfg.Storage = &memoryStorage{}
	}
	return NewServer(t, cfg)
}
