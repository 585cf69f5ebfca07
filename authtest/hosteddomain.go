package authtest

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// DomainURL returns the URL of the pool's domain, without a slash at the end:
// where the pages of managed login and the OAuth endpoints are. It is empty if
// the pool has none, neither by [Config].Domain nor by CreateUserPoolDomain.
//
// It is the service's own form, for [Pool.Transport], unless the pool or its
// server has been started: then it is an address on loopback. Domains of
// several pools at one address are told apart by their host,
// "<prefix>.localhost", which browsers resolve, and not every other client.
func (p *Pool) DomainURL() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.domainURL()
}

// domainURL is [Pool.DomainURL] of a pool that is locked.
func (p *Pool) domainURL() string {
	host := p.domainHost()
	if host == "" {
		return ""
	}
	if own := p.server.address(); own != "" {
		return own
	}
	if p.home != nil {
		if shared, ok := strings.CutPrefix(p.home.server.address(), "http://"); ok {
			return "http://" + p.localDomain(shared)
		}
	}
	return "https://" + host
}

// domainURLFor is [Pool.DomainURL] for whoever sends a request: whoever has
// reached the pool on loopback finds the domain there.
func (p *Pool) domainURLFor(r *http.Request) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch host := p.domainHost(); {
	case host == "":
		return ""
	case !isLoopback(r.Host):
		return "https://" + host
	default:
		return p.localDomainURL(r)
	}
}

// localDomainURL is where whoever sends a request on loopback finds the domain.
// The pool has to be locked.
func (p *Pool) localDomainURL(r *http.Request) string {
	return servedScheme(r) + p.localDomain(r.Host)
}

// servedScheme is what URLs begin with at the address that a request came to.
func servedScheme(r *http.Request) string {
	if r.TLS != nil {
		return "https://"
	}
	return "http://"
}

func (p *Pool) currentDomainHost() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.domainHost()
}

// localDomain is the host of the pool's domain at a loopback address. The pool
// has to be locked.
func (p *Pool) localDomain(address string) string {
	if p.home == nil || p.home.poolAtHost(address) == p {
		return address
	}
	name := p.domainHost()
	if p.prefixDomain != nil {
		name = p.prefixDomain.name
	}
	name += localSuffix
	if _, port, err := net.SplitHostPort(address); err == nil {
		name = net.JoinHostPort(name, port)
	}
	return name
}

const localSuffix = ".localhost"

// isLoopback reports whether a Host header names this machine.
func isLoopback(host string) bool {
	name := hostName(host)
	if address, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return address.IsLoopback()
	}
	return within(name, "localhost")
}

// hostName is a Host header without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// poolOfHost returns the pool whose domain a host is, nil if it is nobody's.
func (s *Server) poolOfHost(host string) *Pool {
	name := strings.ToLower(hostName(host))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, suffix := range []string{"", domainSuffix(s.cfg.Region), localSuffix} {
		if domain, ok := strings.CutSuffix(name, suffix); ok && s.index.byDomain[domain] != nil {
			return s.index.byDomain[domain]
		}
	}
	return nil
}

// poolAtHost is poolOfHost where a host that is nobody's is that of the only
// pool with a domain, if there is just one.
func (s *Server) poolAtHost(host string) *Pool {
	if p := s.poolOfHost(host); p != nil {
		return p
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var only *Pool
	for _, p := range s.index.byDomain {
		if only != nil && p != only {
			return nil
		}
		only = p
	}
	return only
}
