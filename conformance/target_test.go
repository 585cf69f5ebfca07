package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A role is what an app client of the template is for.
type role string

// The roles. The first four are app clients of one pool.
const (
	rolePlain    role = "plain"
	roleHiding   role = "hiding"   // PreventUserExistenceErrors
	roleSecret   role = "secret"   // has a client secret
	roleRotating role = "rotating" // RefreshTokenRotation
	roleDevices  role = "devices"  // of a pool that tracks devices
	roleMFA      role = "mfa"      // of a pool that requires a second factor
)

// Variables of the environment that name the pools under test.
const (
	envPool     = "AUTH_TEST_USER_POOL_ID"
	envClient   = "AUTH_TEST_CLIENT_ID"
	envSecret   = "AUTH_TEST_CLIENT_SECRET"
	envRegion   = "AUTH_TEST_REGION"
	envEndpoint = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" // of AWS's own making
)

// roleVariables are the variables that name the app client of a role, and its
// pool if that is another one.
type roleVariables struct {
	role         role
	pool, client string
}

func roleTable() []roleVariables {
	return []roleVariables{
		{rolePlain, envPool, envClient},
		{roleHiding, envPool, "AUTH_TEST_HIDING_CLIENT_ID"},
		{roleSecret, envPool, "AUTH_TEST_SECRET_CLIENT_ID"},
		{roleRotating, envPool, "AUTH_TEST_ROTATING_CLIENT_ID"},
		{roleDevices, "AUTH_TEST_DEVICE_USER_POOL_ID", "AUTH_TEST_DEVICE_CLIENT_ID"},
		{roleMFA, "AUTH_TEST_MFA_USER_POOL_ID", "AUTH_TEST_MFA_CLIENT_ID"},
	}
}

// An appClient is an app client under test.
type appClient struct {
	pool, id, secret string
	unlike           []string // settings of the template that it or its pool does not have
}

// A target is a service to be looked at.
type target struct {
	name    string
	api     api
	clients map[role]*appClient
	region  string
	prefix  string // usernames begin with it

	// pace is the time between requests, settle how long to wait until what was
	// revoked is known to be. Both are zero for targets that are nobody else's.
	pace, settle time.Duration

	// code returns the code that was last sent to a user of a pool; nil if
	// nobody can read messages there.
	code func(pool, user string) string
}

var errNotConfigured = errors.New("no pool of the service is configured: set " + envPool + " and " + envClient +
	", and AWS credentials as the AWS SDKs read them; docs/conformance.md says how to make a pool")

// clientsIn reads the app clients under test from the environment.
func clientsIn(getenv func(string) string) (map[role]*appClient, error) {
	if getenv(envPool) == "" && getenv(envClient) == "" {
		return nil, errNotConfigured
	}
	clients := make(map[role]*appClient)
	for _, v := range roleTable() {
		pool, id := getenv(v.pool), getenv(v.client)
		switch {
		case pool != "" && id != "":
			clients[v.role] = &appClient{pool: pool, id: id}
		case id != "" || pool != "" && v.role == rolePlain:
			return nil, fmt.Errorf("%s and %s go together", v.pool, v.client)
		}
	}
	if plain := clients[rolePlain]; plain != nil {
		plain.secret = getenv(envSecret)
	}
	return clients, nil
}

// regionIn is the region of the pools.
func regionIn(getenv func(string) string) string {
	region, _, _ := strings.Cut(getenv(envPool), "_")
	return cmp.Or(getenv(envRegion), region)
}

// endpointIn is where the pools are.
func endpointIn(getenv func(string) string) string {
	domain, region := "amazonaws.com", regionIn(getenv)
	if strings.HasPrefix(region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return strings.TrimSuffix(cmp.Or(getenv(envEndpoint), "https://cognito-idp."+region+"."+domain), "/") + "/"
}

// newTarget makes a target of what the environment names.
func newTarget(name string, getenv func(string) string, credentials aws.CredentialsProvider) (*target, error) {
	clients, err := clientsIn(getenv)
	if err != nil {
		return nil, err
	}
	return &target{
		name: name, clients: clients, region: regionIn(getenv), prefix: newPrefix(),
		api: api{endpoint: endpointIn(getenv), region: regionIn(getenv), credentials: credentials},
	}, nil
}

// look asks the service for what the environment does not say: the secrets of
// app clients, and whether clients and pools are as in the template.
func (t *target) look(ctx context.Context, like *template) error {
	for _, v := range roleTable() {
		c := t.clients[v.role]
		if c == nil {
			continue
		}
		var parts [3]m
		for i, q := range []struct {
			operation, member string
			body              m
		}{
			{"DescribeUserPoolClient", "UserPoolClient", m{"UserPoolId": c.pool, "ClientId": c.id}},
			{"DescribeUserPool", "UserPool", m{"UserPoolId": c.pool}},
			{"GetUserPoolMfaConfig", "", m{"UserPoolId": c.pool}},
		} {
			a, err := t.api.call(ctx, q.operation, q.body)
			if err != nil {
				return fmt.Errorf("%s: %w", q.operation, err)
			}
			if a.status != 200 {
				return fmt.Errorf("%s: %d %s: %s", q.operation, a.status, a.code(), a.str("message"))
			}
			if parts[i] = a.body; q.member != "" {
				parts[i], _ = a.body[q.member].(m)
			}
		}
		secret, _ := parts[0]["ClientSecret"].(string)
		c.secret = cmp.Or(c.secret, secret)
		c.unlike = slices.Concat(
			lacking(like.properties(v.client), clientAsTemplate(parts[0])),
			lacking(like.properties(v.pool), poolAsTemplate(parts[1], parts[2])),
		)
	}
	return nil
}
