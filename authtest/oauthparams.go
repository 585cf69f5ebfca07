package authtest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Scopes that mean something to the pool itself.
const (
	scopeOpenID  = "openid"
	scopeEmail   = "email"
	scopePhone   = "phone"
	scopeProfile = "profile"
)

// Error codes of OAuth 2.0 (RFC 6749, sections 4.1.2.1 and 5.2) and what the
// service has beside them.
const (
	oauthInvalidRequest       = "invalid_request"
	oauthInvalidClient        = "invalid_client"
	oauthInvalidGrant         = "invalid_grant"
	oauthInvalidScope         = "invalid_scope"
	oauthInvalidToken         = "invalid_token"
	oauthUnauthorizedClient   = "unauthorized_client"
	oauthUnsupportedGrantType = "unsupported_grant_type"
	oauthUnsupportedTokenType = "unsupported_token_type"
	oauthLoginRequired        = "login_required"
	oauthServerError          = "server_error"
)

// An oauthError is an error that is answered to a program, or that goes to an
// application along with the browser.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// An authorizeRequest is the parameters of the authorization endpoint, which
// the login endpoint and the other pages take too.
type authorizeRequest struct {
	clientID, redirectURI, state string

	responseType    string
	scopes          []string // nil if none were asked for
	nonce           string
	challenge       string // code_challenge; only S256 is known
	challengeMethod string
	resource        string
	provider        string // identity_provider
	identifier      string // idp_identifier
	loginHint       string
	prompts         []string
	maxAge          int64 // seconds; negative if there is no limit
	repeated        bool  // whether a parameter was there twice
}

const (
	responseTypeCode  = "code"
	responseTypeToken = "token"
	promptNone        = "none"
	promptLogin       = "login"
)

// parseAuthorizeRequest reads the parameters, unknown ones aside.
func parseAuthorizeRequest(query url.Values) authorizeRequest {
	r := authorizeRequest{
		clientID: query.Get("client_id"), redirectURI: query.Get("redirect_uri"), state: query.Get("state"),
		responseType: query.Get("response_type"), nonce: query.Get("nonce"),
		challenge: query.Get("code_challenge"), challengeMethod: query.Get("code_challenge_method"),
		resource: query.Get("resource"), provider: query.Get("identity_provider"), identifier: query.Get("idp_identifier"),
		loginHint: query.Get("login_hint"), prompts: strings.Fields(query.Get("prompt")), maxAge: -1,
	}
	for scope := range strings.FieldsSeq(query.Get("scope")) {
		if !slices.Contains(r.scopes, scope) {
			r.scopes = append(r.scopes, scope)
		}
	}
	if age, err := strconv.ParseInt(query.Get("max_age"), 10, 32); err == nil {
		r.maxAge = age
	}
	for _, name := range []string{
		"client_id", "redirect_uri", "state", "response_type", "scope", "nonce", "code_challenge", "code_challenge_method", "resource",
		"identity_provider", "idp_identifier", "prompt", "max_age",
	} {
		r.repeated = r.repeated || len(query[name]) > 1
	}
	return r
}

// problem returns what is wrong with the request whatever the client may do.
func (r *authorizeRequest) problem() string {
	switch {
	case r.repeated:
		return oauthInvalidRequest
	case r.responseType != responseTypeCode && r.responseType != responseTypeToken:
		return oauthInvalidRequest
	case (r.challenge == "") != (r.challengeMethod == ""):
		return oauthInvalidRequest
	case r.challenge != "" && (r.challengeMethod != "S256" || !isVerifier(r.challenge)):
		return oauthInvalidRequest
	case slices.Contains(r.prompts, promptNone) && len(r.prompts) > 1:
		return oauthInvalidRequest
	case r.resource != "" && !isResource(r.resource):
		return oauthInvalidRequest
	case isJSONObject(r.state):
		// Documented: state cannot be JSON. What happens then is not, so the
		// request is refused, and without the state (inferred).
		return oauthInvalidRequest
	default:
		return ""
	}
}

func isJSONObject(s string) bool { return strings.HasPrefix(s, "{") && json.Valid([]byte(s)) }

// isVerifier reports whether s has the form of a code verifier, or of a
// challenge (RFC 7636, sections 4.1 and 4.2).
func isVerifier(s string) bool {
	if len(s) < 43 || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		if !isUnreserved(c) {
			return false
		}
	}
	return true
}

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// isResource reports whether a token can be bound to a resource: those are
// https URLs, pages of localhost and schemes of mobile apps.
func isResource(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || u.Fragment != "" {
		return false
	}
	return u.Scheme != "http" && strings.Contains(s, "://") || strings.HasPrefix(s, "http://localhost")
}

// withParameters adds parameters to a redirect URI, in its query or as its
// fragment, in the order given. Those without a value are left out.
func withParameters(uri string, fragment bool, parameters ...[2]string) string {
	var b strings.Builder
	b.WriteString(uri)
	separator := "?"
	switch {
	case fragment:
		separator = "#"
	case strings.Contains(uri, "?"):
		separator = "&"
	}
	for _, p := range parameters {
		if p[1] == "" {
			continue
		}
		b.WriteString(separator + url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1]))
		separator = "&"
	}
	return b.String()
}
