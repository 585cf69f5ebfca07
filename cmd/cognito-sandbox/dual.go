package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
)

// A dualListener takes connections with TLS and without at one address: its
// clients have one address to know, and those who can speak only one of the
// two, as Amplify's managed login does, find that.
type dualListener struct {
	net.Listener
	config *tls.Config
}

func (l *dualListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &dualConn{Conn: conn, config: l.config}, nil
}

// A dualConn speaks TLS if its client does. It sees that when it is read from,
// with the limits of time that a server has set by then, and not when it is
// accepted, where one slow client would hold up all others.
type dualConn struct {
	net.Conn

	config *tls.Config
	begun  bool                     // whether its client has said something; of the one that reads
	secure atomic.Pointer[tls.Conn] // nil without TLS; others close and write
}

// recordHandshake is what every TLS connection begins with (RFC 8446, 5.1),
// and no request of HTTP.
const recordHandshake = 0x16

func (c *dualConn) Read(p []byte) (int, error) {
	if secure := c.secure.Load(); secure != nil {
		return secure.Read(p)
	}
	n, err := c.Conn.Read(p)
	if c.begun || n == 0 {
		return n, err
	}
	c.begun = true
	if p[0] != recordHandshake || err != nil {
		return n, err
	}
	secure := tls.Server(&replayConn{Conn: c.Conn, first: bytes.Clone(p[:n])}, c.config)
	c.secure.Store(secure)
	return secure.Read(p)
}

func (c *dualConn) Write(p []byte) (int, error) {
	if secure := c.secure.Load(); secure != nil {
		return secure.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *dualConn) Close() error {
	if secure := c.secure.Load(); secure != nil {
		return secure.Close()
	}
	return c.Conn.Close()
}

// CloseWrite lets a server end an answer to a request that it has not read to
// the end, without losing the answer.
func (c *dualConn) CloseWrite() error {
	if secure := c.secure.Load(); secure != nil {
		return secure.CloseWrite()
	}
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// A replayConn is read from the beginning once more.
type replayConn struct {
	net.Conn

	first []byte
}

func (c *replayConn) Read(p []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

type connKey struct{}

// withConn keeps the connection where tellingTLS finds it.
func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// tellingTLS says in requests that they have come by TLS, which a server knows
// of connections of package tls alone.
func tellingTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(*dualConn); ok {
			if secure := conn.secure.Load(); secure != nil {
				state := secure.ConnectionState()
				r.TLS = &state
			}
		}
		next.ServeHTTP(w, r)
	})
}
