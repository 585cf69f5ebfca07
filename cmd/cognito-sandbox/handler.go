package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/cmd/cognito-sandbox/internal/control"
	"github.com/cognitokit/auth/cmd/cognito-sandbox/internal/page"
)

// A sandbox is all that is served at the endpoint.
type sandbox struct {
	service http.Handler
	page    http.Handler
	control http.Handler
	feed    *page.Feed
	log     *slog.Logger
}

// newSandbox puts the page and the control API in front of a server. They let
// go of whoever waits for something when ctx ends.
func newSandbox(ctx context.Context, state *state, about about, hosts []string, log *slog.Logger) *sandbox {
	feed := page.NewFeed()
	if about.address != "" {
		hosts = append(slices.Clone(hosts), about.address)
	}
	inFront := func(h http.Handler) http.Handler { return guarded(hosts, until(ctx, h)) }
	return &sandbox{
		service: state.server,
		page:    inFront(page.New(state.server, feed, page.Config{Endpoint: about.endpoint, Storage: about.storage})),
		control: inFront(control.New(state.server, control.Config{Endpoint: about.endpoint, Storage: about.storage, Begin: state.begin})),
		feed:    feed,
		log:     log,
	}
}

// until ends the requests of a handler with ctx too.
func until(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		both, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		next.ServeHTTP(w, r.WithContext(both)) //nolint:contextcheck // it is the request's
	})
}

func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := &seenWriter{ResponseWriter: w}
	part, name := s.partOf(r)
	defer s.logRequest(r, seen, name, time.Now())
	if part == s.service || r.Method != http.MethodGet && r.Method != http.MethodHead {
		defer s.feed.Changed()
	}
	part.ServeHTTP(seen, r)
}

// partOf returns whom a request is for. The service has nothing that browsers
// would ask for at "/".
func (s *sandbox) partOf(r *http.Request) (part http.Handler, name string) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, page.Prefix), path == "/" && isPageRequest(r):
		return s.page, "page"
	case strings.HasPrefix(path, control.Prefix), path+"/" == control.Prefix:
		return s.control, "control"
	default:
		return s.service, "service"
	}
}

func isPageRequest(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}
