package authtest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth"
)

// Client returns a new client of the pool's app client, with a store of its
// own, over [Pool.Transport]. The changes, if any, are made to its
// configuration first. The environment and the shared AWS configuration have
// no part in it. A test fails, and a program panics, if the changes make a
// configuration that [auth.NewClient] refuses.
func (p *Pool) Client(changes ...func(*auth.Config)) *auth.Client {
	if p.tb != nil {
		p.tb.Helper()
	}
	cfg := auth.Config{
		UserPoolID:   p.PoolID(),
		ClientID:     p.ClientID(),
		ClientSecret: p.ClientSecret(),
		Issuer:       p.Issuer(),
		HTTPClient:   p.HTTPClient(),
		AWS:          &aws.Config{},
	}
	for _, change := range changes {
		change(&cfg)
	}
	client, err := auth.NewClient(context.Background(), cfg)
	if err != nil {
		p.misuse("Client: %v", err)
	}
	return client
}

// NewSession returns the session with an id on a client that all sessions of
// the pool share: the same id is the same session. A test fails, and a program
// panics, if the id is empty.
func (p *Pool) NewSession(id string) *auth.Session {
	if p.tb != nil {
		p.tb.Helper()
	}
	p.shared.Do(func() { p.client = p.Client() })
	session, err := auth.NewSession(p.client, id)
	if err != nil {
		p.misuse("NewSession: %v", err)
	}
	return session
}

// FailNext answers the next request of an operation with an error of the
// service, as in p.FailNext("InitiateAuth", auth.ErrTooManyRequests).
func (p *Pool) FailNext(operation string, code auth.ErrorCode) {
	p.Inject(Fault{Operation: operation, Code: string(code), Message: "scripted failure"})
}
