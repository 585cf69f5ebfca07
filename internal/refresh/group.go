// Package refresh lets one refresh run at a time per session, here and across
// hosts that share a store.
package refresh

import (
	"context"
	"sync"
	"time"
)

// timeout bounds one flight. It is longer than the service can take, which
// gives a trigger 5 seconds three times, and than the HTTP client waits: a
// request given up while the service rotates the refresh token loses the
// session. Whoever does not want to wait leaves on their own context.
const timeout = 45 * time.Second

// A Group runs one flight per key at a time. The zero value is ready. Nothing
// is kept once a flight has landed.
type Group[T any] struct {
	mu      sync.Mutex
	flights map[string]*flight[T]
}

type flight[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// Do returns what fn returns, run by this caller or by one who came before with
// the same key. The flight has ctx's values but not its cancellation: one
// caller giving up must not lose a token that the others, or the store, wait
// for. Each caller leaves on its own ctx.
//
// The group's goroutine ends with fn, at the latest at the flight's time-out.
func (g *Group[T]) Do(ctx context.Context, key string, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	g.mu.Lock()
	f, ok := g.flights[key]
	if !ok {
		f = &flight[T]{done: make(chan struct{})}
		if g.flights == nil {
			g.flights = make(map[string]*flight[T])
		}
		g.flights[key] = f
		go g.fly(context.WithoutCancel(ctx), key, f, fn)
	}
	g.mu.Unlock()
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

func (g *Group[T]) fly(ctx context.Context, key string, f *flight[T], fn func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer close(f.done)
	defer func() {
		g.mu.Lock()
		delete(g.flights, key)
		g.mu.Unlock()
	}()
	f.value, f.err = fn(ctx)
}
