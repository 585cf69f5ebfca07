package auth_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// The tests in files named _ext_test.go use the package as programs do, against
// pools of package authtest.

// thePassword is the password of the users that tests put into pools.
const thePassword = "Correct-horse-1"

// newPool returns a pool whose app client allows whatever sign-in with a
// password there is.
func newPool(t testing.TB, cfg authtest.Config) *authtest.Pool {
	t.Helper()
	if cfg.ExplicitAuthFlows == nil {
		cfg.ExplicitAuthFlows = []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword}
		if !cfg.RotateRefreshTokens {
			cfg.ExplicitAuthFlows = append(cfg.ExplicitAuthFlows, authtest.AllowRefreshToken)
		}
	}
	return authtest.NewPool(t, cfg)
}

// newClient returns a client of the pool. The process's environment has no part
// in it.
func newClient(t testing.TB, pool *authtest.Pool, changes ...func(*auth.Config)) *auth.Client {
	t.Helper()
	cfg := auth.Config{
		UserPoolID: pool.PoolID(), ClientID: pool.ClientID(), ClientSecret: pool.ClientSecret(),
		AuthFlow: auth.AuthFlowUserPassword, Issuer: pool.Issuer(), HTTPClient: pool.HTTPClient(), AWS: &aws.Config{},
	}
	for _, change := range changes {
		change(&cfg)
	}
	c, err := auth.NewClient(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newSession returns a session on a client of its own.
func newSession(t testing.TB, pool *authtest.Pool, id string) *auth.Session {
	t.Helper()
	return sessionOf(t, newClient(t, pool), id)
}

func sessionOf(t testing.TB, c *auth.Client, id string) *auth.Session {
	t.Helper()
	s, err := auth.NewSession(c, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// addUser puts a user with thePassword and an e-mail address into the pool and
// returns the sub.
func addUser(t testing.TB, pool *authtest.Pool, name string) string {
	t.Helper()
	return pool.AddUser(authtest.User{Name: name, Password: thePassword, Email: name + "@example.com"})
}

// signIn signs a user of addUser in.
func signIn(t testing.TB, s *auth.Session, name string) {
	t.Helper()
	out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: name, Password: thePassword})
	if err != nil {
		t.Fatal(err)
	}
	if !out.IsSignedIn {
		t.Fatalf("next step of the sign-in: got %s, want DONE", out.NextStep.Step)
	}
}

// fetch returns the tokens of a session that must have some.
func fetch(t testing.TB, s *auth.Session) *auth.AuthSession {
	t.Helper()
	as, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// wantCode fails the test unless err is an *auth.Error with the code.
func wantCode(t testing.TB, err error, want auth.ErrorCode) {
	t.Helper()
	e, ok := errors.AsType[*auth.Error](err)
	if !ok {
		t.Fatalf("got error %v, want an *auth.Error with code %s", err, want)
	}
	if e.Code != want || !errors.Is(err, want) {
		t.Fatalf("got error %v with code %s, want %s", err, e.Code, want)
	}
}

// operations returns the names of the operations that the pool was asked for,
// oldest first, or only those given. Fetches of keys are not among them.
func operations(pool *authtest.Pool, only ...string) []string {
	var names []string
	for _, r := range requestsFor(pool, only...) {
		names = append(names, r.Operation)
	}
	return names
}

// requestsFor returns the requests for operations, or only those given.
func requestsFor(pool *authtest.Pool, only ...string) []authtest.Request {
	return slices.DeleteFunc(pool.Requests(), func(r authtest.Request) bool {
		return r.Operation == authtest.OperationJWKS || r.Operation == authtest.OperationDiscovery ||
			len(only) > 0 && !slices.Contains(only, r.Operation)
	})
}

// opRefresh is the operation that refreshes tokens.
const opRefresh = "GetTokensFromRefreshToken"

// refreshes counts the requests for new tokens.
func refreshes(pool *authtest.Pool) int {
	legacy := slices.DeleteFunc(requestsFor(pool, "InitiateAuth"), func(r authtest.Request) bool {
		return r.Body["AuthFlow"] != wire.FlowRefreshToken
	})
	return len(requestsFor(pool, opRefresh)) + len(legacy)
}
