package authtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// loopback is the server of a pool, or of many, on a real socket, if there is
// one.
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
	address, err := p.server.start(p)
	if err != nil {
		p.misuse("start: %v", err)
	}
	return address
}

// Close stops what [Pool.Start] started and waits for its requests to end,
// for a short while. It can be called more than once. Everything else about a
// pool needs no closing.
func (p *Pool) Close() { p.server.close() }

// start serves a handler, unless that is being done already, and returns the
// URL.
func (l *loopback) start(handler http.Handler) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return l.url, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener)
	}()
	l.server, l.done = server, done
	l.url = "http://" + listener.Addr().String()
	return l.url, nil
}

// address returns the URL, empty if nothing is served.
func (l *loopback) address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server == nil {
		return ""
	}
	return l.url
}

func (l *loopback) close() {
	l.mu.Lock()
	server, done := l.server, l.done
	l.server = nil
	l.mu.Unlock()
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
