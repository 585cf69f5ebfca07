package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// drain is how long requests may take to end when the sandbox stops.
const drain = 5 * time.Second

// serve serves a sandbox until ctx ends.
func (o *options) serve(ctx context.Context, stdout, stderr io.Writer) (err error) {
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: o.level}))
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the server may have done so
	about := describe(listener.Addr())
	state, err := o.open(about) //nolint:contextcheck // it calls none of the triggers that it makes
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.close()) }()
	about.storage = state.where
	certificate, err := o.certificate(o.certificateNames(about, state.server.Pools()))
	if err != nil {
		return err
	}
	welcome(stdout, state.server, about)
	if state.unseeded {
		log.WarnContext(ctx, "the state is an older one, and the seed file was not used: POST /_sandbox/reset begins with it", slog.String("state", state.where))
	}
	waiting, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	httpServer := &http.Server{
		Handler:           tellingTLS(timingBodies(bodyLimit, newSandbox(waiting, state, about, o.hosts, log))),
		ConnContext:       withConn,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	httpServer.RegisterOnShutdown(release)
	dual := &dualListener{Listener: listener, config: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}}
	return serveUntil(ctx, httpServer, dual, drain, log)
}

// describe says where a listener can be reached from this machine.
func describe(addr net.Addr) about {
	var a about
	tcp, ok := addr.(*net.TCPAddr)
	switch {
	case !ok:
		a.endpoint, a.open = "http://"+addr.String(), true
	case tcp.IP.IsUnspecified():
		a.endpoint, a.open = fmt.Sprintf("http://localhost:%d", tcp.Port), true
	default:
		a.endpoint, a.address, a.open = "http://"+tcp.String(), tcp.IP.String(), !tcp.IP.IsLoopback()
	}
	return a
}

// serveUntil serves until ctx ends, and gives requests some time to end then.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, drain time.Duration, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "stopping")
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := server.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		log.WarnContext(ctx, "requests were cut off", slog.Duration("after", drain))
		err = server.Close()
	}
	if failure := <-failed; !errors.Is(failure, http.ErrServerClosed) {
		return failure
	}
	log.InfoContext(ctx, "stopped")
	return err
}
