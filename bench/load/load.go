package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cognitokit/auth/authtest"
)

const (
	password      = "Correct-h0rse!"
	wrongPassword = "Wrong-h0rse!!"
)

// A load is a pool and those who make requests of it.
type load struct {
	pool     *authtest.Pool
	http     *http.Client
	people   int
	next     atomic.Int64 // the next request
	requests atomic.Int64
	signIns  atomic.Int64
}

// newLoad puts people into a pool.
func newLoad(pool *authtest.Pool, people int) *load {
	l := &load{pool: pool, http: pool.HTTPClient(), people: people}
	for i := range people {
		pool.AddUser(authtest.User{Name: name(i), Password: password, Email: name(i) + "@example.com"})
	}
	return l
}

func name(i int) string { return fmt.Sprintf("user%d", i) }

// run makes requests, n in all.
func (l *load) run(ctx context.Context, clients, n int) error {
	var wg sync.WaitGroup
	errs := make([]error, clients)
	end := l.requests.Load() + int64(n)
	for c := range clients {
		wg.Go(func() {
			for errs[c] == nil && ctx.Err() == nil {
				// A visit is several requests, so the last one goes over the end.
				if l.requests.Load() >= end {
					return
				}
				errs[c] = l.visit(ctx, int(l.next.Add(1)))
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), ctx.Err())
}

// visit is what somebody does: a wrong password, the right one, a look at the
// account, new tokens, and sign-ins and resets that nobody finishes. Of what
// is left behind, some would be for good if the pool did not bound it.
func (l *load) visit(ctx context.Context, i int) error {
	who := name(i % l.people)
	if err := l.refused(ctx, "InitiateAuth", l.passwordFlow(who, wrongPassword)); err != nil {
		return err
	}
	var out struct {
		AuthenticationResult struct{ AccessToken, RefreshToken string }
	}
	if err := l.call(ctx, "InitiateAuth", l.passwordFlow(who, password), &out); err != nil {
		return err
	}
	l.signIns.Add(1)
	tokens := out.AuthenticationResult
	return errors.Join(
		l.call(ctx, "GetUser", m{"AccessToken": tokens.AccessToken}, nil),
		l.call(ctx, "GetTokensFromRefreshToken", m{"ClientId": l.pool.ClientID(), "RefreshToken": tokens.RefreshToken}, nil),
		l.call(ctx, "InitiateAuth", m{
			"ClientId": l.pool.ClientID(), "AuthFlow": "USER_SRP_AUTH",
			"AuthParameters": m{"USERNAME": who, "SRP_A": strings.Repeat("a5", 384)},
		}, nil),
		l.call(ctx, "UpdateUserAttributes", m{"AccessToken": tokens.AccessToken, "UserAttributes": []m{{"Name": "nickname", "Value": who}}}, nil),
		l.limited(ctx, "ForgotPassword", m{"ClientId": l.pool.ClientID(), "Username": who}),
		l.call(ctx, "GetUser", m{"AccessToken": tokens.AccessToken}, nil),
	)
}

func (l *load) passwordFlow(who, secret string) m {
	return m{"ClientId": l.pool.ClientID(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": who, "PASSWORD": secret}}
}

// m is a request as it goes over the wire.
type m map[string]any

// errAccepted is returned when something passes that must not.
var errAccepted = errors.New("a wrong password was accepted")

// refused makes a request that has to fail.
func (l *load) refused(ctx context.Context, operation string, in m) error {
	status, text, err := l.post(ctx, operation, in)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return errAccepted
	case status != http.StatusBadRequest:
		return fmt.Errorf("%s: %d: %s", operation, status, text)
	}
	return nil
}

// limited makes a request that the pool may have had too many of.
func (l *load) limited(ctx context.Context, operation string, in m) error {
	status, text, err := l.post(ctx, operation, in)
	if err == nil && status != http.StatusOK && !bytes.Contains(text, []byte("LimitExceededException")) {
		err = fmt.Errorf("%s: %d: %s", operation, status, text)
	}
	return err
}

// call makes a request that has to succeed, and reads the answer into out if
// that is not nil.
func (l *load) call(ctx context.Context, operation string, in m, out any) error {
	status, text, err := l.post(ctx, operation, in)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s: %d: %s", operation, status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

func (l *load) post(ctx context.Context, operation string, in m) (status int, text []byte, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://pool.example/", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	res, err := l.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	l.requests.Add(1)
	text, err = io.ReadAll(res.Body)
	return res.StatusCode, text, err
}
