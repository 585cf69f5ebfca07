package authtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
)

// A record is a part of a pool's state that is stored under a key of its own:
// the pool itself, an app client, a group, an import job, a user, a grant or a
// session.
type record interface {
	recordKey(p *Pool) string

	// recordState returns what to store, nil if there is nothing: the pool has
	// the record no more, or does not store its like. It depends on nothing
	// that changes while the record is not touched.
	recordState(p *Pool) any

	// mark returns what the journal has noted about the record.
	mark() *mark
}

// A mark is what the journal knows of a record.
type mark struct {
	stored bool
	digest [sha256.Size]byte // of the value that is stored
	number uint64            // of the batch with its last change

	firstMessage, nextMessage uint64 // of a user's inbox; the numbers that are stored
}

// A watch knows which records of a pool may have changed: those that have been
// touched. The tables touch what they hand out, take in and let go of. A nil
// watch sees nothing; pools that are stored nowhere have one.
//
// So no operation has to say what it changes, and none can forget to.
type watch struct {
	journal *journal
	closed  bool // the pool has been deleted
	touched map[record]struct{}
	last    uint64 // number of the batch with the pool's last change
}

func newWatch(j *journal) *watch {
	return &watch{journal: j, touched: make(map[record]struct{})}
}

func (w *watch) touch(r record) {
	if w != nil {
		w.touched[r] = struct{}{}
	}
}

// A trail is what a call has seen of a pool's state, and may have changed.
type trail struct {
	begun   bool
	epoch   uint64              // of the state, when the call began
	touched map[record]struct{} // what may have changed; see [call.save]
	ticket  uint64              // number of the last batch of changes that the call made or saw
}

// journal is where the changes of the call go, nil for nowhere.
func (c *call) journal() *journal {
	switch p := c.pool; {
	case p.watch != nil:
		return p.watch.journal
	case p.home != nil:
		return p.home.journal
	default:
		return nil
	}
}

// save adds to the journal whatever has changed of what the call has touched.
// It is called whenever the call is about to let go of the lock: so the
// journal is never behind what others can see. What was touched before the
// call let go of the lock for the first time counts too, because the handler
// still has it in its hands.
//
// The call has to wait for the changes, and for those of others that it has
// seen.
func (c *call) save() {
	w := c.pool.watch
	if w == nil || w.closed {
		return
	}
	if c.touched == nil {
		c.touched = make(map[record]struct{}, len(w.touched))
	}
	maps.Copy(c.touched, w.touched)
	clear(w.touched)
	changes := make(map[string][]byte)
	var changed []*mark
	for r := range c.touched {
		if m := r.mark(); c.pool.compare(r, changes) {
			changed = append(changed, m)
		} else {
			c.ticket = max(c.ticket, m.number)
		}
		if r == record(c.pool) { // it was about the pool as a whole
			c.ticket = max(c.ticket, w.last)
		}
	}
	if len(changes) == 0 {
		return
	}
	w.last = w.journal.add(changes)
	c.ticket = max(c.ticket, w.last)
	for _, m := range changed {
		m.number = w.last
	}
}

// compare puts into changes what is different about a record from what is
// stored of it, and marks it as stored. It reports whether anything is.
func (p *Pool) compare(r record, changes map[string][]byte) (changed bool) {
	m, key, state := r.mark(), r.recordKey(p), r.recordState(p)
	if u, ok := r.(*user); ok {
		changed = p.compareInbox(u, m, changes)
	}
	if state == nil {
		if !m.stored {
			return changed
		}
		m.stored, changes[key] = false, nil
		return true
	}
	value := encodeRecord(state)
	digest := sha256.Sum256(value)
	if m.stored && digest == m.digest {
		return changed
	}
	m.stored, m.digest, changes[key] = true, digest, value
	return true
}

// compareInbox is compare for a user's messages. They have records of their
// own, which never change: most of what there is of a user is messages.
func (p *Pool) compareInbox(u *user, m *mark, changes map[string][]byte) (changed bool) {
	first, next := u.delivered-uint64(len(u.inbox)), u.delivered
	if u.deleted {
		first = next
	}
	for n := m.firstMessage; n < min(first, m.nextMessage); n++ {
		changes[messageKey(p, u, n)] = nil
	}
	for n := max(first, m.nextMessage); n < next; n++ {
		changes[messageKey(p, u, n)] = encodeRecord(u.inbox[n-first].stored())
	}
	changed = first != m.firstMessage || next != m.nextMessage
	m.firstMessage, m.nextMessage = first, next
	return changed
}

func encodeRecord(state any) []byte {
	value, err := json.Marshal(state)
	if err != nil {
		panic("authtest: encoding a record: " + err.Error())
	}
	return value
}

// Kinds of records, with which their keys begin. The next part of a key is the
// id of the pool, and the rest what names the record in it.
const (
	kindServer  = "server"
	kindPool    = "pool"
	kindClient  = "client"
	kindGroup   = "group"
	kindImport  = "import"
	kindUser    = "user"
	kindMessage = "message"
	kindGrant   = "grant"
	kindSession = "session"
)

func (p *Pool) key(kind, name string) string { return kind + "/" + p.cfg.PoolID + "/" + name }

func messageKey(p *Pool, u *user, n uint64) string {
	return p.key(kindMessage, fmt.Sprintf("%s/%016x", u.serialKey(), n))
}

func (p *Pool) recordKey(*Pool) string        { return kindPool + "/" + p.cfg.PoolID }
func (c *appClient) recordKey(p *Pool) string { return p.key(kindClient, c.id) }
func (g *group) recordKey(p *Pool) string     { return p.key(kindGroup, g.Name) }
func (j *importJob) recordKey(p *Pool) string { return p.key(kindImport, j.id) }
func (u *user) recordKey(p *Pool) string      { return p.key(kindUser, u.serialKey()) }
func (g *grant) recordKey(p *Pool) string     { return p.key(kindGrant, g.eventID) }
func (s *session) recordKey(p *Pool) string   { return p.key(kindSession, hex.EncodeToString(s.id[:])) }

func (p *Pool) recordState(*Pool) any { return p.state() }

func (c *appClient) recordState(p *Pool) any {
	if p.clients[c.id] != c {
		return nil
	}
	return c.state()
}

func (g *group) recordState(p *Pool) any {
	if p.groups[g.Name] != g {
		return nil
	}
	return g.state()
}

func (j *importJob) recordState(p *Pool) any {
	if p.imports[j.id] != j {
		return nil
	}
	return j.state()
}

func (u *user) recordState(*Pool) any {
	if u.deleted {
		return nil
	}
	return u.state()
}

func (g *grant) recordState(p *Pool) any {
	if p.grants.events[g.eventID] != g {
		return nil
	}
	return p.grants.state(g)
}

func (s *session) recordState(p *Pool) any {
	if p.sessions.byID[s.id] != s || !s.survives() {
		return nil
	}
	return s.state()
}

func (p *Pool) mark() *mark      { return marked(&p.saved) }
func (c *appClient) mark() *mark { return marked(&c.saved) }
func (g *group) mark() *mark     { return marked(&g.saved) }
func (j *importJob) mark() *mark { return marked(&j.saved) }
func (u *user) mark() *mark      { return marked(&u.saved) }
func (g *grant) mark() *mark     { return marked(&g.saved) }
func (s *session) mark() *mark   { return marked(&s.saved) }

// marked returns a mark that is made when it is first asked for: pools that
// are stored nowhere have no use for any.
func marked(m **mark) *mark {
	if *m == nil {
		*m = new(mark)
	}
	return *m
}

// records yields all records of a pool.
func (p *Pool) records(yield func(record) bool) {
	if !yield(p) {
		return
	}
	for _, c := range p.clients {
		if !yield(c) {
			return
		}
	}
	for _, g := range p.groups {
		if !yield(g) {
			return
		}
	}
	for _, j := range p.imports {
		if !yield(j) {
			return
		}
	}
	for _, u := range p.users.ordered {
		if !yield(u) {
			return
		}
	}
	for _, g := range p.grants.events {
		if !yield(g) {
			return
		}
	}
	for _, s := range p.sessions.byID {
		if !yield(s) {
			return
		}
	}
}

// observe lets a watch see what is touched from now on. Nobody else knows the
// pool yet.
func (p *Pool) observe(w *watch) {
	p.watch = w
	p.watchTables()
}

// watchTables lets the pool's watch see what its tables touch.
func (p *Pool) watchTables() {
	p.users.watch, p.sessions.watch, p.grants.watch = p.watch, p.watch, p.watch
}

// collect puts the whole pool into changes, and marks it as stored, if it is
// to be.
func (p *Pool) collect(changes map[string][]byte) {
	if p.watch == nil {
		return
	}
	for r := range p.records {
		p.compare(r, changes)
	}
}

// forgetAll takes the whole pool out of the storage. Whoever is still at work
// on the pool stores nothing any more.
func (p *Pool) forgetAll() (ticket uint64) {
	if p.watch == nil {
		return 0
	}
	changes := make(map[string][]byte)
	p.unstore(changes)
	p.watch.closed = true
	return p.watch.journal.add(changes)
}

// unstore puts into changes that there is nothing of the pool.
func (p *Pool) unstore(changes map[string][]byte) {
	for r := range p.records {
		m := r.mark()
		if m.stored {
			changes[r.recordKey(p)] = nil
		}
		if u, ok := r.(*user); ok {
			for n := m.firstMessage; n < m.nextMessage; n++ {
				changes[messageKey(p, u, n)] = nil
			}
		}
		*m = mark{}
	}
}
