package conformance

import (
	"maps"
	"net/http"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

func protocolJourneys() []*journey {
	return []*journey{{name: "protocol", client: rolePlain, play: protocol}}
}

// protocol looks at what all operations have in common.
func protocol(r *run) {
	ana := r.confirmed("ana")
	r.call("unknown operation", inferred, unknownOperation, m{})
	r.call("body that is no JSON", inferred, "InitiateAuth", "{")
	r.call("body that is a list", inferred, "InitiateAuth", "[]")
	r.call("number for a string", inferred, "InitiateAuth", m{"ClientId": 1, "AuthFlow": "USER_PASSWORD_AUTH"})
	r.call("string for an object", inferred, "InitiateAuth", m{"ClientId": r.client.id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": "x"})
	r.send("no signature", inferred, "AdminGetUser", r.onUser(ana, m{}), nil)
	r.send("preflight of a browser", observed, http.MethodOptions, nil, http.Header{
		"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"POST"},
		"Access-Control-Request-Headers": {"content-type,x-amz-target,x-amz-user-agent"},
	})
	r.send("request of a browser", observed, "InitiateAuth", r.byPassword(ana, ana.wrong), http.Header{"Origin": {"https://app.example.com"}})
}

// send takes a step with an operation, or a method, that is not signed, and
// writes down all headers that mean something to clients.
func (r *run) send(what string, c certainty, operation string, body m, header http.Header) {
	if r.replays {
		header = nil // a browser's headers change nothing there
	}
	method, text := http.MethodPost, ""
	if operation == http.MethodOptions {
		method = operation
	} else {
		text = jsonText(body)
	}
	request, err := http.NewRequestWithContext(r.ctx, method, r.api.endpoint, strings.NewReader(text))
	if err != nil {
		r.stop("%v", err)
	}
	maps.Copy(request.Header, header)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", wire.ContentType)
		request.Header.Set("X-Amz-Target", wire.TargetPrefix+operation)
	}
	a, err := r.api.do(request)
	if err != nil {
		r.stop("%s: no answer: %v", what, err)
	}
	s := step{What: what, Certainty: c, Operation: operation, Status: a.status, Headers: r.scrub.header(clientHeaders(a.header))}
	if a.body != nil {
		s.Body = r.scrub.value(inAnswer, "", a.body)
	}
	r.made.Steps = append(r.made.Steps, s)
}

// clientHeaders are the headers that clients read.
func clientHeaders(all http.Header) http.Header {
	read := make(http.Header)
	for name := range all {
		if strings.HasPrefix(name, "Access-Control-") || strings.HasPrefix(name, "X-Amzn-") || name == "Content-Type" || name == "Strict-Transport-Security" {
			read[name] = all[name]
		}
	}
	return read
}
