package authtest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Delivery is a message with the user it went to. It prints without the
// code.
type Delivery struct {
	Message
	UserPoolID string // the pool that sent it
	Username   string // of the user it went to
	Sub        string // of the user it went to
}

// A MessageFilter selects messages. Its zero value selects all.
type MessageFilter struct {
	// UserPoolID is the pool that sent them.
	UserPoolID string

	// User is whom they went to: a username, a sub, or an e-mail address or
	// phone number that they were sent to. Case does not matter.
	User string

	// Kind is why they were sent.
	Kind MessageKind

	// After leaves out the message with this ID and all before it.
	After int64
}

func (f MessageFilter) selects(d Delivery) bool {
	return d.ID > f.After &&
		(f.UserPoolID == "" || f.UserPoolID == d.UserPoolID) &&
		(f.Kind == "" || f.Kind == d.Kind) &&
		(f.User == "" || strings.EqualFold(f.User, d.Username) || strings.EqualFold(f.User, d.Sub) || strings.EqualFold(f.User, d.Destination))
}

// Messages returns the messages that the pool sent and f selects, oldest
// first, of the last thousand.
func (p *Pool) Messages(f MessageFilter) []Delivery { return p.outbox.list(f) }

// Messages returns the messages that the server's pools sent and f selects,
// oldest first, of the last thousand.
func (s *Server) Messages(f MessageFilter) []Delivery { return s.front.outbox.list(f) }

// WaitMessage returns the first message that the pool sent and f selects. It
// waits for one until ctx ends, and returns the context's error then.
//
//	sent, err := pool.WaitMessage(ctx, authtest.MessageFilter{User: "ana", Kind: authtest.MessageSignUp})
func (p *Pool) WaitMessage(ctx context.Context, f MessageFilter) (Delivery, error) {
	return p.outbox.wait(ctx, f)
}

// WaitMessage returns the first message that the server's pools sent and f
// selects; see [Pool.WaitMessage].
func (s *Server) WaitMessage(ctx context.Context, f MessageFilter) (Delivery, error) {
	return s.front.outbox.wait(ctx, f)
}

// maxOutbox bounds the messages that a pool and a server list.
const maxOutbox = 1000

// An outbox lists what was sent last.
type outbox struct {
	mu     sync.Mutex
	sent   []Delivery // by id
	last   int64
	waited chan struct{} // closed when something is sent; nil if nobody waits
}

// maxPosted bounds the messages in the inboxes of all users of a pool together.
const maxPosted = 10_000

// A posted message is one that is in a user's inbox, or has been.
type posted struct {
	to *user
	id int64
}

// receive puts a message into the user's inbox and lists it with what the pool,
// and the server if it has one, have sent.
func (p *Pool) receive(u *user, m Message) {
	d := p.delivery(u, m)
	if p.home != nil {
		d = p.home.front.outbox.add(d)
	}
	d = p.outbox.add(d)
	if len(u.inbox) >= maxInbox {
		u.inbox = slices.Delete(u.inbox, 0, len(u.inbox)-maxInbox+1)
	}
	u.inbox = append(u.inbox, d.Message)
	u.delivered++
	p.posted = append(p.posted, posted{u, d.ID})
	p.boundInboxes()
}

// boundInboxes takes the oldest messages out of inboxes where the pool has too
// many.
func (p *Pool) boundInboxes() {
	for len(p.posted) > maxPosted {
		oldest := p.posted[0]
		p.posted[0] = posted{}
		p.posted = p.posted[1:]
		if u := oldest.to; len(u.inbox) > 0 && u.inbox[0].ID == oldest.id {
			p.watch.touch(u)
			u.inbox = slices.Delete(u.inbox, 0, 1)
		}
	}
}

// repost lists what the inboxes have now.
func (p *Pool) repost() {
	p.posted = nil
	for _, u := range p.users.ordered {
		for _, m := range u.inbox {
			p.posted = append(p.posted, posted{u, m.ID})
		}
	}
	slices.SortStableFunc(p.posted, func(a, b posted) int { return cmp.Compare(a.id, b.id) })
	p.boundInboxes()
}

func (p *Pool) delivery(u *user, m Message) Delivery {
	return Delivery{Message: m, UserPoolID: p.cfg.PoolID, Username: u.username, Sub: u.sub}
}

// add lists a message, and numbers it if that has not been done. Most often the
// number is the time in microseconds, so numbers grow also from one process to
// the next.
func (b *outbox) add(d Delivery) Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d.ID == 0 {
		b.last = max(b.last+1, time.Now().UnixMicro())
		d.ID = b.last
	}
	b.sent = append(b.sent, d)
	if len(b.sent) > maxOutbox {
		b.sent[0] = Delivery{}
		b.sent = b.sent[1:]
	}
	if b.waited != nil {
		close(b.waited)
		b.waited = nil
	}
	return d
}

// replace lists other messages, which have numbers.
func (b *outbox) replace(sent []Delivery) {
	slices.SortStableFunc(sent, func(a, c Delivery) int { return cmp.Compare(a.ID, c.ID) })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = slices.Clone(sent[max(0, len(sent)-maxOutbox):])
	if len(sent) > 0 {
		b.last = max(b.last, sent[len(sent)-1].ID)
	}
	if b.waited != nil {
		close(b.waited)
		b.waited = nil
	}
}

func (b *outbox) list(f MessageFilter) []Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	var selected []Delivery
	for _, d := range b.sent {
		if f.selects(d) {
			selected = append(selected, d)
		}
	}
	return selected
}

// first returns the first message that f selects, or else what is closed when
// there may be one.
func (b *outbox) first(f MessageFilter) (Delivery, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.IndexFunc(b.sent, f.selects); i >= 0 {
		return b.sent[i], nil
	}
	if b.waited == nil {
		b.waited = make(chan struct{})
	}
	return Delivery{}, b.waited
}

func (b *outbox) wait(ctx context.Context, f MessageFilter) (Delivery, error) {
	for {
		d, changed := b.first(f)
		if changed == nil {
			return d, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Delivery{}, ctx.Err()
		}
	}
}
