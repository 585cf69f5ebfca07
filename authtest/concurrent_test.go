package authtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cognitokit/auth/srp"
)

// TestOneAnswerConcurrentSafe answers one challenge from many sides at once.
// Exactly one of them may succeed.
func TestOneAnswerConcurrentSafe(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", EmailMFA: true})
	client := srp.NewClient()
	proof := prove(t, client, p, ok(t, p, "InitiateAuth", startWithSRP("ana", client.A())), testPassword, nil)
	session := race(t, p, "RespondToAuthChallenge", proof).str("Session")
	race(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
}

// race sends the same request several times at once and returns the one
// success.
func race(t *testing.T, p *Pool, operation string, body m) answer {
	t.Helper()
	var wg sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		wg.Go(func() { answers[i] = post(t, p, operation, body) })
	}
	wg.Wait()
	var succeeded []answer
	for _, a := range answers {
		if a.status == 200 {
			succeeded = append(succeeded, a)
		}
	}
	if len(succeeded) != 1 {
		t.Fatalf("%s: %d of %d succeeded, want 1", operation, len(succeeded), len(answers))
	}
	return succeeded[0]
}

// TestPoolConcurrentSafe lets many users do everything at once.
func TestPoolConcurrentSafe(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword}, RotateRefreshTokens: true, AliasAttributes: []string{"email"}})
	var wg sync.WaitGroup
	var signedIn atomic.Int32
	for i := range 6 {
		wg.Go(func() {
			name, email := fmt.Sprintf("user%d", i), fmt.Sprintf("user%d@example.com", i)
			ok(t, p, "SignUp", signUpWith(name, m{"Name": "email", "Value": email}))
			ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": name, "ConfirmationCode": p.Code(name)})
			a := signInSRP(t, p, email, testPassword, nil)
			_, claims := parseToken(t, p, result(t, a, "AccessToken"))
			if claims["username"] != name {
				t.Errorf("%s got a token of %v", name, claims["username"])
			}
			a = ok(t, p, "GetTokensFromRefreshToken", refreshBy("", result(t, a, "RefreshToken")))
			access := result(t, a, "AccessToken")
			ok(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": "An0ther one"})
			ok(t, p, "InitiateAuth", withPassword(name, "An0ther one"))
			ok(t, p, "GlobalSignOut", m{"AccessToken": access})
			p.Requests()
			p.User(name)
			signedIn.Add(1)
		})
	}
	wg.Wait()
	if got := signedIn.Load(); got != 6 {
		t.Errorf("%d of 6 users got through", got)
	}
}
