package conformance

import (
	"encoding/json"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth"
)

// sdk returns a session of package auth on the journey's app client.
func (r *run) sdk(id string, changes ...func(*auth.Config)) *auth.Session {
	cfg := auth.Config{
		UserPoolID: r.client.pool, ClientID: r.client.id, ClientSecret: r.client.secret,
		HTTPClient: &http.Client{Transport: r.api.transport},
		AWS:        &aws.Config{Region: r.target.region, BaseEndpoint: aws.String(r.api.endpoint)},
	}
	for _, change := range changes {
		change(&cfg)
	}
	client, err := auth.NewClient(r.ctx, cfg)
	if err != nil {
		r.stop("auth.NewClient: %v", err)
	}
	session, err := auth.NewSession(client, id)
	if err != nil {
		r.stop("auth.NewSession: %v", err)
	}
	return session
}

// act takes a step with a function of package auth, and writes down what it
// returns.
func (r *run) act(what string, c certainty, f func() (any, error)) {
	end := r.begin(what, c)
	out, err := f()
	end()
	s := step{What: what + ", outcome", Certainty: c}
	if err != nil {
		s.Outcome = m{"error": string(auth.CodeOf(err))}
	} else {
		s.Outcome = r.outcome(out)
	}
	r.made.Steps = append(r.made.Steps, s)
}

// outcome is an output of package auth as JSON, scrubbed.
func (r *run) outcome(out any) any {
	text, err := json.Marshal(out)
	if err != nil {
		r.stop("output: %v", err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		r.stop("output: %v", err)
	}
	if value == nil {
		return m{}
	}
	return r.scrub.value(inOutcome, "", value)
}
