package authtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// loopback is the pool's server on a real socket, if it has one.
type loopback struct {
	mu     sync.Mutex
	server *http.Server
	url    string
	done   chan struct{}
}

// Start serves the pool at a loopback address, for other processes and other
// languages, and returns its URL without a slash at the end. A pool that has
// been started answers with the URL it has. [Pool.Close] stops it.
//
// Tokens name the configured issuer, not this URL; see [Config].Issuer.
func (p *Pool) Start() string {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.server.server != nil {
		return p.server.url
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.misuse("start: %v", err)
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener)
	}()
	p.server.server, p.server.done = server, done
	p.server.url = "http://" + listener.Addr().String()
	return p.server.url
}

// Close stops what [Pool.Start] started and waits for its requests to end,
// for a short while. It can be called more than once. Everything else about a
// pool needs no closing.
func (p *Pool) Close() {
	p.server.mu.Lock()
	server, done := p.server.server, p.server.done
	p.server.server = nil
	p.server.mu.Unlock()
	if server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
	<-done
}
