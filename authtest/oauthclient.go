package authtest

import (
	"net/http"
	"net/url"
	"strings"
)

// refuseProgram answers a program with an error.
func refuseProgram(status int, code, description string) *reply {
	return &reply{status: status, json: oauthError{code, description}, code: code}
}

// authenticateClient returns the app client that a request to the token or the
// revocation endpoint is of: by Basic authentication or by parameters
// (RFC 6749, section 2.3.1). The status of a failure is the endpoint's.
func (x *exchange) authenticateClient(status int) (*appClient, *reply) {
	id, secret, basic := x.basicAuth()
	if !basic {
		id, secret = x.form.Get("client_id"), x.form.Get("client_secret")
	}
	if id == "" {
		return nil, refuseProgram(http.StatusBadRequest, oauthInvalidRequest, "")
	}
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	client := x.pool.clients[id]
	named := x.form.Get("client_id")
	if client == nil || !client.secretMatches(secret) || named != "" && named != id {
		return nil, refuseProgram(status, oauthInvalidClient, "")
	}
	x.client = client
	return client, nil
}

// basicAuth returns the credentials of the Authorization header. Clients may
// have escaped them as in forms; ids and secrets have no character that would
// need it but "+", which some leave as it is.
func (x *exchange) basicAuth() (id, secret string, ok bool) {
	id, secret, ok = x.r.BasicAuth()
	for _, s := range []*string{&id, &secret} {
		if plain, err := url.PathUnescape(*s); err == nil {
			*s = plain
		}
	}
	return id, secret, ok && !strings.ContainsRune(id, 0)
}
