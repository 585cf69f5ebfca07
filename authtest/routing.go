package authtest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// ServeHTTP serves the user pool API at "/", and the key sets and OIDC
// discovery documents of all pools below their ids and the paths of their
// issuers, whatever the host. The pages and endpoints of a pool's domain are
// where its host is: that of the service, "<prefix>.localhost", or any if no
// other pool has a domain.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isOperation(r) {
		s.poolAt(r).serve(w, r, nil)
		return
	}
	in := readOperation(w, r)
	s.poolOf(in.record.Body).serve(w, r, in)
}

// poolAt returns the pool whose documents or pages a request is for, or that
// gets a file: by the host of its domain, its id in the path, or the path of
// its issuer.
func (s *Server) poolAt(r *http.Request) *Pool {
	if isDomainPath(r.URL.Path) {
		return s.orFront(s.poolAtHost(r.Host))
	}
	if id, ok := strings.CutPrefix(r.URL.Path, pathImports); ok {
		id, _, _ = strings.Cut(id, "/")
		p, _ := s.Pool(id)
		return s.orFront(p)
	}
	base, _, _ := strings.Cut(r.URL.Path, "/.well-known/")
	if p, ok := s.Pool(strings.TrimPrefix(base, "/")); ok {
		return p
	}
	for _, p := range s.Pools() {
		if p.issuerPath() == base {
			return p
		}
	}
	return s.front
}

// poolOf returns the pool that the body of a request means: the one it names,
// or the one that has the client, or that the access token or the session is
// of. What is in them is not believed here; the pool will look.
func (s *Server) poolOf(body map[string]any) *Pool {
	text := func(member string) string { value, _ := body[member].(string); return value }
	s.mu.RLock()
	defer s.mu.RUnlock()
	if id := text("UserPoolId"); id != "" {
		return s.orFront(s.index.byID[id])
	}
	if id := text("ClientId"); id != "" {
		return s.orFront(s.index.byClient[id])
	}
	if token := text("AccessToken"); token != "" {
		return s.orFront(s.poolOfToken(token))
	}
	if arn := text("ResourceArn"); arn != "" {
		_, id, _ := strings.Cut(arn, ":userpool/")
		return s.orFront(s.index.byID[id])
	}
	if domain := text("Domain"); domain != "" {
		return s.orFront(s.index.byDomain[domain])
	}
	if tag, ok := tagOf(text("Session")); ok {
		return s.orFront(s.index.byTag[tag])
	}
	return s.front
}

func (s *Server) orFront(p *Pool) *Pool {
	if p == nil {
		return s.front
	}
	return p
}

// poolOfToken returns the pool of an access token, which names its client; the
// issuer tells if the client has been deleted.
func (s *Server) poolOfToken(token string) *Pool {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	var claims struct {
		ClientID string `json:"client_id"`
		Issuer   string `json:"iss"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return nil
	}
	if p := s.index.byClient[claims.ClientID]; p != nil {
		return p
	}
	for _, p := range s.pools {
		if p.issued(claims.Issuer) {
			return p
		}
	}
	return nil
}
