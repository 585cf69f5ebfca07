package main

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// guarded lets only those through to the page and the control API who mean
// them: whoever calls one by a name that is not this machine's, as a page does
// that had its own name point here, and pages of somebody else that want to
// change something, are refused. Programs on this machine are not held up.
func guarded(hosts []string, next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This is not for pages of other origins.", http.StatusForbidden)
	}))
	protected := foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		if host := hostOf(r); !isLoopback(host) && !slices.Contains(hosts, host) {
			http.Error(w, "The sandbox is not known by this name. Start it with -host to give it a further one.", http.StatusMisdirectedRequest)
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// hostOf returns the name or address that a request was sent to.
func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return canonicalHost(host)
}

func canonicalHost(host string) string {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
