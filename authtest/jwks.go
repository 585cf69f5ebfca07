package authtest

import (
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"strings"
)

// Operation names under which [Request] and [Fault] know the documents that
// are fetched with GET.
const (
	OperationJWKS      = "GET jwks.json"
	OperationDiscovery = "GET openid-configuration"
)

const (
	jwksSuffix      = "/.well-known/jwks.json"
	discoverySuffix = "/.well-known/openid-configuration"
)

type jwk struct {
	Algorithm string `json:"alg"`
	Exponent  string `json:"e"`
	KeyID     string `json:"kid"`
	Type      string `json:"kty"`
	Modulus   string `json:"n"`
	Use       string `json:"use"`
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

func publicJWK(k signingKey) jwk {
	return jwk{
		Algorithm: "RS256",
		Exponent:  base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.private.E)).Bytes()),
		KeyID:     k.id,
		Type:      "RSA",
		Modulus:   base64.RawURLEncoding.EncodeToString(k.private.N.Bytes()),
		Use:       "sig",
	}
}

// discovery is an OpenID provider's configuration. Its endpoints are missing
// from that of a pool without a domain.
type discovery struct {
	AuthorizationEndpoint             string   `json:"authorization_endpoint,omitempty"`
	EndSessionEndpoint                string   `json:"end_session_endpoint,omitempty"`
	IDTokenSigningAlgValuesSupported  []string `json:"id_token_signing_alg_values_supported"`
	Issuer                            string   `json:"issuer"`
	JWKSURI                           string   `json:"jwks_uri"`
	ResponseTypesSupported            []string `json:"response_types_supported"`
	RevocationEndpoint                string   `json:"revocation_endpoint,omitempty"`
	ScopesSupported                   []string `json:"scopes_supported"`
	SubjectTypesSupported             []string `json:"subject_types_supported"`
	TokenEndpoint                     string   `json:"token_endpoint,omitempty"`
	TokenEndpointAuthMethodsSupported []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	UserInfoEndpoint                  string   `json:"userinfo_endpoint,omitempty"`
}

// discovery describes the pool to whoever sends a request: all that it names
// can be reached from there, even if the issuer cannot.
func (p *Pool) discovery(r *http.Request) discovery {
	d := discovery{
		IDTokenSigningAlgValuesSupported: []string{"RS256"},
		Issuer:                           p.Issuer(),
		JWKSURI:                          p.keySetURLFor(r),
		ResponseTypesSupported:           []string{"code", "token"},
		ScopesSupported:                  []string{scopeOpenID, scopeEmail, scopePhone, scopeProfile},
		SubjectTypesSupported:            []string{"public"},
	}
	if domain := p.domainURLFor(r); domain != "" {
		d.AuthorizationEndpoint = domain + pathAuthorize
		d.EndSessionEndpoint = domain + pathLogout
		d.RevocationEndpoint = domain + pathRevoke
		d.TokenEndpoint = domain + pathToken
		d.TokenEndpointAuthMethodsSupported = []string{"client_secret_basic", "client_secret_post"}
		d.UserInfoEndpoint = domain + pathUserInfo
	}
	return d
}

// keySetURLFor returns where the key set is for whoever sends a request: below
// the issuer, or here if here is this machine, and the issuer another one.
func (p *Pool) keySetURLFor(r *http.Request) string {
	issuer, err := url.Parse(p.Issuer())
	if err != nil || !isLoopback(r.Host) || isLoopback(issuer.Host) {
		return p.Issuer() + jwksSuffix
	}
	return servedScheme(r) + r.Host + "/" + p.cfg.PoolID + jwksSuffix
}

// wellKnown returns the document at a path and the name of its operation. The
// documents are served below the pool's id, as the service does, and below
// the path of the issuer, which [Config] may set to something else.
func (p *Pool) wellKnown(r *http.Request) (document any, operation string, ok bool) {
	base, suffix, _ := strings.Cut(r.URL.Path, "/.well-known/")
	if base != "/"+p.cfg.PoolID && base != p.issuerPath() {
		return nil, "", false
	}
	switch "/.well-known/" + suffix {
	case jwksSuffix:
		return jwks{Keys: []jwk{publicJWK(idKey()), publicJWK(accessKey())}}, OperationJWKS, true
	case discoverySuffix:
		return p.discovery(r), OperationDiscovery, true
	default:
		return nil, "", false
	}
}

func (p *Pool) issuerPath() string {
	u, err := url.Parse(p.cfg.Issuer)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

// serveWellKnown answers GET and HEAD.
func (p *Pool) serveWellKnown(w http.ResponseWriter, r *http.Request) {
	document, operation, ok := p.wellKnown(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	record := Request{Operation: operation, Header: r.Header.Clone(), Time: p.now()}
	fault := p.takeFault(record)
	if !fault.before(w, r, p, record) {
		return
	}
	p.record(record, outcome{status: http.StatusOK})
	w.Header().Set("Cache-Control", "public, max-age=86400")
	if fault.DropResponse {
		panic(http.ErrAbortHandler)
	}
	writeJSON(w, "application/json", http.StatusOK, document)
}
