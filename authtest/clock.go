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
	return time.Now().Add(p.cfg.ClockSkew + time.Duration(p.sharedClock().nanoseconds.Load()))
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
	if err := p.sharedClock().advance(d); err != nil {
		p.misuse("%v", err)
	}
}

// AdvanceClock moves the clocks of the server and of all its pools on, also
// those to come; see [Pool.AdvanceClock]. An error says that d is negative or
// comes to more than a century.
func (s *Server) AdvanceClock(d time.Duration) error { return s.clock.advance(d) }

// Clock returns the time on the server's clock.
func (s *Server) Clock() time.Time { return s.front.now() }
