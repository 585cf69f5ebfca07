package authtest

import (
	"fmt"
	"sync/atomic"
	"time"
)

// A clock is how far time was advanced, in nanoseconds.
type clock struct{ nanoseconds atomic.Int64 }

// maxAdvance bounds how far a clock can be advanced in all.
const maxAdvance = 100 * 365 * 24 * time.Hour

func (c *clock) advanced() time.Duration { return time.Duration(c.nanoseconds.Load()) }

func (c *clock) advance(d time.Duration) error {
	for {
		old := c.nanoseconds.Load()
		if d < 0 || d > maxAdvance-time.Duration(old) {
			return fmt.Errorf("authtest: the clock can be advanced, by a century in all, but not by %v", d)
		}
		if c.nanoseconds.CompareAndSwap(old, old+int64(d)) {
			return nil
		}
	}
}

// now is the time on the pool's clock.
func (p *Pool) now() time.Time {
	return time.Now().Add(p.cfg.ClockSkew + p.sharedClock().advanced())
}

// sharedClock is the clock that the pool has together with its server.
func (p *Pool) sharedClock() *clock {
	if p.home != nil {
		return &p.home.clock
	}
	return &p.clock
}

// AdvanceClock moves the pool's clock on, as if time had passed: codes and
// tokens expire, lockouts end. A pool of a [Server] takes the others with it. A
// test fails, and a program panics, where [Server.AdvanceClock] has an error.
func (p *Pool) AdvanceClock(d time.Duration) {
	if p.tb != nil {
		p.tb.Helper()
	}
	advance := p.clock.advance
	if p.home != nil {
		advance = p.home.AdvanceClock
	}
	if err := advance(d); err != nil {
		p.misuse("%v", err)
	}
}

// AdvanceClock moves the clocks of the server and of all its pools on, also
// those to come; see [Pool.AdvanceClock]. An error says that d is negative or
// comes to more than a century, or that the storage failed.
func (s *Server) AdvanceClock(d time.Duration) error {
	ticket, err := s.advanceClock(d)
	if err != nil {
		return err
	}
	return s.commit(ticket)
}

// advanceClock is AdvanceClock without the wait for the storage.
func (s *Server) advanceClock(d time.Duration) (ticket uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.clock.advance(d); err != nil || s.journal == nil {
		return 0, err
	}
	return s.journal.add(map[string][]byte{kindServer: encodeRecord(s.record())}), nil
}

// Clock returns the time on the server's clock.
func (s *Server) Clock() time.Time { return s.front.now() }
