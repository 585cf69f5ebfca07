package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A guard keeps a run from doing to a pool what it should not: it lets through
// the operations that the journeys need, and of those that name a user only
// the ones about users of this run. It sends requests one at a time, not too
// fast and not too many, again if the service is too busy, and knows which
// users there are to delete in the end.
type guard struct {
	next   http.RoundTripper
	prefix string
	pools  map[string]string // by app client
	pace   time.Duration     // between requests
	budget int               // how many requests there may be

	mu      sync.Mutex
	ours    map[string]bool // what the service calls users of this run besides their names
	created map[account]bool
	sent    int
	mails   int // messages that the service said it had sent
}

// An account is a user of a pool.
type account struct{ pool, name string }

// requestBudget is more than all journeys together need, and no harm to a pool.
const requestBudget = 1500

// newPrefix returns the beginning of the usernames of a run.
func newPrefix() string { return "conformance-" + newUUID()[:8] + "-" }

func newGuard(next http.RoundTripper, t *target) *guard {
	pools := make(map[string]string)
	for _, c := range t.clients {
		pools[c.id] = c.pool
	}
	return &guard{
		next: next, prefix: t.prefix, pools: pools, pace: t.pace, budget: requestBudget,
		ours: make(map[string]bool), created: make(map[account]bool),
	}
}

// permitted are the operations that a guard lets through. Those on pools only
// look.
var permitted = map[string]bool{
	"DescribeUserPool": true, "DescribeUserPoolClient": true, "GetUserPoolMfaConfig": true,

	"AdminConfirmSignUp": true, "AdminCreateUser": true, "AdminDeleteUser": true, "AdminDeleteUserAttributes": true, "AdminDisableUser": true,
	"AdminEnableUser": true, "AdminForgetDevice": true, "AdminGetDevice": true, "AdminGetUser": true, "AdminInitiateAuth": true, "AdminListDevices": true,
	"AdminListGroupsForUser": true, "AdminResetUserPassword": true, "AdminRespondToAuthChallenge": true, "AdminSetUserMFAPreference": true,
	"AdminSetUserPassword": true, "AdminUpdateUserAttributes": true, "AdminUserGlobalSignOut": true,

	"AssociateSoftwareToken": true, "ChangePassword": true, "CompleteWebAuthnRegistration": true, "ConfirmDevice": true, "ConfirmForgotPassword": true,
	"ConfirmSignUp": true, "DeleteUser": true, "DeleteUserAttributes": true, "DeleteWebAuthnCredential": true, "ForgetDevice": true,
	"ForgotPassword": true, "GetDevice": true, "GetTokensFromRefreshToken": true, "GetUser": true, "GetUserAttributeVerificationCode": true,
	"GetUserAuthFactors": true, "GlobalSignOut": true, "InitiateAuth": true, "ListDevices": true, "ListWebAuthnCredentials": true,
	"ResendConfirmationCode": true, "RespondToAuthChallenge": true, "RevokeToken": true, "SetUserMFAPreference": true, "SignUp": true,
	"StartWebAuthnRegistration": true, "UpdateDeviceStatus": true, "UpdateUserAttributes": true, "VerifySoftwareToken": true, "VerifyUserAttribute": true,

	unknownOperation: true,
}

// unknownOperation is one that the service does not have.
const unknownOperation = "NoSuchOperation"

var (
	errForbidden = errors.New("the guard forbids it")
	errBudget    = errors.New("the run has sent all the requests it may")
)

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	operation, ok := operationOf(r)
	if !ok {
		if r.Method == http.MethodGet || r.Method == http.MethodOptions {
			return g.next.RoundTrip(r)
		}
		return nil, errForbidden
	}
	body, err := takeBody(r)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	request, err := g.check(operation, body)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		if g.sent++; g.sent > g.budget {
			return nil, errBudget
		}
		if err := pause(r.Context(), g.pace); err != nil {
			return nil, err
		}
		added := g.note(operation, request)
		res, err := g.next.RoundTrip(withBody(r, body))
		if err != nil {
			return nil, err
		}
		a, err := readAnswer(res)
		if err != nil {
			return nil, err
		}
		if a.code() == "TooManyRequestsException" && attempt < 5 {
			if err := pause(r.Context(), time.Duration(attempt)*time.Second); err != nil {
				return nil, err
			}
			continue
		}
		if added != nil && strings.Contains(a.str("message"), "validation error") {
			delete(g.created, *added) // nobody can have such a name
		}
		g.learn(a.body)
		res.Body = io.NopCloser(strings.NewReader(string(a.raw)))
		return res, nil
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// check refuses what a run must not do.
func (g *guard) check(operation string, body []byte) (request m, err error) {
	if !permitted[operation] {
		return nil, fmt.Errorf("%s: %w", operation, errForbidden)
	}
	request = jsonObject(body) // nobody can be named by what is none
	names := []any{request["Username"]}
	if parameters, ok := request["AuthParameters"].(m); ok {
		names = append(names, parameters["USERNAME"])
	}
	for _, name := range names {
		text, _ := name.(string)
		if text != "" && !strings.HasPrefix(text, g.prefix) && !g.ours[text] {
			return nil, fmt.Errorf("%s of a user of somebody else: %w", operation, errForbidden)
		}
	}
	return request, nil
}

// note remembers the user that a request may create, and returns it if it was
// not known before: SignUp can fail to deliver its message and have made the
// user all the same.
func (g *guard) note(operation string, request m) *account {
	name, _ := request["Username"].(string)
	pool, _ := request["UserPoolId"].(string)
	if client, _ := request["ClientId"].(string); operation == "SignUp" {
		pool = g.pools[client]
	} else if operation != "AdminCreateUser" {
		return nil
	}
	user := account{pool, name}
	if name == "" || pool == "" || g.created[user] {
		return nil
	}
	g.created[user] = true
	return &user
}

// learn reads in an answer what the service calls users of this run: answers
// are about nobody else.
func (g *guard) learn(answer m) {
	for name, value := range answer {
		switch v := value.(type) {
		case m:
			g.learn(v)
		case []any:
			for _, item := range v {
				if object, ok := item.(m); ok {
					if object["Name"] == "sub" {
						g.learn(m{"sub": object["Value"]})
					}
					g.learn(object)
				}
			}
		case string:
			switch name {
			case "UserSub", "sub", "USER_ID_FOR_SRP", "Username":
				g.ours[v] = true
			case "Destination", "CODE_DELIVERY_DESTINATION":
				g.mails++
			}
		}
	}
}

// left returns the users that there may still be.
func (g *guard) left() []account {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.SortedFunc(maps.Keys(g.created), func(a, b account) int { return strings.Compare(a.pool+a.name, b.pool+b.name) })
}

// cleanUp deletes the users of the run. It goes on when one cannot be deleted,
// and when the budget is spent.
func (g *guard) cleanUp(ctx context.Context, a *api) error {
	users := g.left()
	g.mu.Lock()
	g.budget = g.sent + 5*len(users)
	g.mu.Unlock()
	deleter := *a
	deleter.transport = g
	var errs []error
	for _, user := range users {
		answer, err := deleter.call(ctx, "AdminDeleteUser", m{"UserPoolId": user.pool, "Username": user.name})
		if err == nil && answer.status != http.StatusOK && answer.code() != "UserNotFoundException" {
			err = fmt.Errorf("%d %s: %s", answer.status, answer.code(), answer.str("message"))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("the user %s of %s is still there: %w", user.name, user.pool, err))
			continue
		}
		g.mu.Lock()
		delete(g.created, user)
		g.mu.Unlock()
	}
	return errors.Join(errs...)
}
