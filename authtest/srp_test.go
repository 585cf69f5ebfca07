package authtest

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

func startWithSRP(name, a string) m {
	return m{"ClientId": "client1", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": m{"USERNAME": name, "SRP_A": a}}
}

// prove answers a password challenge the way a client does. change, if not
// nil, spoils the answer.
func prove(t testing.TB, client *srp.Client, p *Pool, challenge answer, password string, change func(responses m)) m {
	t.Helper()
	group, err := srp.PoolName(p.PoolID())
	if err != nil {
		t.Fatal(err)
	}
	parameter := func(name string) string { return challenge.str("ChallengeParameters", name) }
	proof, err := client.Prove(srp.Challenge{
		Group: group, ID: parameter("USER_ID_FOR_SRP"), Salt: parameter("SALT"), B: parameter("SRP_B"), SecretBlock: parameter("SECRET_BLOCK"),
	}, password, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	responses := m{
		"USERNAME":                    parameter("USER_ID_FOR_SRP"),
		"PASSWORD_CLAIM_SECRET_BLOCK": proof.SecretBlock,
		"PASSWORD_CLAIM_SIGNATURE":    proof.Signature,
		"TIMESTAMP":                   proof.Timestamp,
	}
	if change != nil {
		change(responses)
	}
	return m{"ClientId": "client1", "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
}

// signInSRP walks through a whole exchange and returns the last answer.
func signInSRP(t testing.TB, p *Pool, name, password string, change func(responses m)) answer {
	t.Helper()
	client := srp.NewClient()
	challenge := ok(t, p, "InitiateAuth", startWithSRP(name, client.A()))
	wantChallenge(t, challenge, "PASSWORD_VERIFIER")
	return post(t, p, "RespondToAuthChallenge", prove(t, client, p, challenge, password, change))
}

func TestSRPChallenge(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AliasAttributes: []string{"email"}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	a := ok(t, p, "InitiateAuth", startWithSRP("ana@example.com", srp.NewClient().A()))
	if _, has := a.body["Session"]; has {
		t.Error("USER_SRP_AUTH answered with a Session")
	}
	parameters := a.body["ChallengeParameters"].(map[string]any)
	want := []string{"SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"}
	if diff := cmp.Diff(want, sortedKeys(parameters)); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if parameters["USERNAME"] != "ana" || parameters["USER_ID_FOR_SRP"] != "ana" {
		t.Errorf("the user is called %v and %v", parameters["USERNAME"], parameters["USER_ID_FOR_SRP"])
	}
	if _, err := base64.StdEncoding.DecodeString(parameters["SECRET_BLOCK"].(string)); err != nil {
		t.Errorf("SECRET_BLOCK: %v", err)
	}
	for _, tt := range []struct{ a, message string }{
		{"", "Missing required parameter SRP_A"},
		{"xyz", "Invalid SRP_A value"},
		{"000", "Invalid SRP_A value"},
		{strings.Repeat("f", 771), "Invalid SRP_A value"},
	} {
		fails(t, p, "InitiateAuth", startWithSRP("ana", tt.a), "InvalidParameterException", tt.message)
	}
}

func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }

func TestSRPProof(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		password string
		change   func(responses m)
		code     string
		message  string
	}{
		{name: "right"},
		{name: "wrong password", password: "wrong", code: "NotAuthorizedException", message: msgIncorrect},
		{name: "wrong signature", change: func(r m) { r["PASSWORD_CLAIM_SIGNATURE"] = "AAAA" + r["PASSWORD_CLAIM_SIGNATURE"].(string)[4:] },
			code: "NotAuthorizedException", message: msgIncorrect},
		{name: "no base64", change: func(r m) { r["PASSWORD_CLAIM_SIGNATURE"] = "*" }, code: "NotAuthorizedException", message: msgIncorrect},
		{name: "changed block", change: func(r m) { r["PASSWORD_CLAIM_SECRET_BLOCK"] = "AAAA" + r["PASSWORD_CLAIM_SECRET_BLOCK"].(string)[4:] },
			code: "NotAuthorizedException", message: msgIncorrect},
		{name: "block without base64", change: func(r m) { r["PASSWORD_CLAIM_SECRET_BLOCK"] = "*" }, code: "NotAuthorizedException", message: msgIncorrect},
		{name: "other user", change: func(r m) { r["USERNAME"] = "bob" }, code: "NotAuthorizedException", message: msgIncorrect},
		{name: "alias for the user id", change: func(r m) { r["USERNAME"] = "ana@example.com" }},
		{name: "alias of another user", change: func(r m) { r["USERNAME"] = "bob@example.com" }, code: "NotAuthorizedException", message: msgIncorrect},
		{name: "other timestamp", change: func(r m) { r["TIMESTAMP"] = srp.FormatTimestamp(time.Now().Add(time.Second)) },
			code: "NotAuthorizedException", message: msgIncorrect},
		{name: "no signature", change: func(r m) { delete(r, "PASSWORD_CLAIM_SIGNATURE") },
			code: "InvalidParameterException", message: "Missing required parameter PASSWORD_CLAIM_SIGNATURE"},
		{name: "no block", change: func(r m) { delete(r, "PASSWORD_CLAIM_SECRET_BLOCK") },
			code: "InvalidParameterException", message: "Missing required parameter PASSWORD_CLAIM_SECRET_BLOCK"},
		{name: "no timestamp", change: func(r m) { delete(r, "TIMESTAMP") },
			code: "InvalidParameterException", message: "Missing required parameter TIMESTAMP"},
		{name: "no username", change: func(r m) { delete(r, "USERNAME") },
			code: "InvalidParameterException", message: "Missing required parameter USERNAME"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{AliasAttributes: []string{"email"}})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com"})
			password := testPassword
			if tt.password != "" {
				password = tt.password
			}
			a := signInSRP(t, p, "ana@example.com", password, tt.change)
			if a.code() != tt.code || a.message() != tt.message {
				t.Fatalf("got %q: %s", a.code(), a.message())
			}
			if tt.code == "" {
				result(t, a, "RefreshToken")
			}
		})
	}
}

// TestSRPProofWithSecret proves a password for an app client with a secret,
// whose hash and answer have to name the user as the challenge does.
func TestSRPProofWithSecret(t *testing.T) {
	t.Parallel()
	for username, code := range map[string]string{"ana": "", "ana@example.com": "NotAuthorizedException"} {
		p := newPool(t, Config{AliasAttributes: []string{"email"}, ClientID: "client1", ClientSecret: testSecret})
		p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
		client := srp.NewClient()
		start := startWithSRP("ana@example.com", client.A())
		start["AuthParameters"].(m)["SECRET_HASH"] = secretHash("ana@example.com")
		a := post(t, p, "RespondToAuthChallenge", prove(t, client, p, ok(t, p, "InitiateAuth", start), testPassword, func(r m) {
			r["USERNAME"], r["SECRET_HASH"] = username, secretHash(username)
		}))
		if a.code() != code {
			t.Errorf("%s: got %q: %s", username, a.code(), a.message())
		}
	}
}

// TestSRPTimestamps signs timestamps that only look right. The signature is
// made over the text that is sent, so that nothing but its form is wrong.
func TestSRPTimestamps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		ok   bool
	}{
		{"as it should be", "Sat Jan 1 00:00:00 UTC 2000", true},
		{"padded day", "Sat Jan 01 00:00:00 UTC 2000", false},
		{"wrong weekday", "Sun Jan 1 00:00:00 UTC 2000", false},
		{"five minutes ahead", "Sat Jan 1 00:05:00 UTC 2000", true},
		{"more", "Sat Jan 1 00:05:01 UTC 2000", false},
		{"more behind", "Fri Dec 31 23:54:59 UTC 1999", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the bubble's clock starts at 2000-01-01
				p := newPool(t, Config{})
				p.AddUser(User{Name: "ana", Password: testPassword})
				client := newTextbook("a secret of the client that is long enough")
				a := ok(t, p, "InitiateAuth", startWithSRP("ana", client.public.Text(16)))
				request := client.respond(t, p, a, testPassword, tt.text)
				if got := post(t, p, "RespondToAuthChallenge", request); (got.code() == "") != tt.ok {
					t.Errorf("got %q: %s", got.code(), got.message())
				}
			})
		})
	}
}

func TestSRPOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{})
		p.AddUser(User{Name: "ana", Password: testPassword})
		client := srp.NewClient()
		request := prove(t, client, p, ok(t, p, "InitiateAuth", startWithSRP("ana", client.A())), testPassword, nil)
		ok(t, p, "RespondToAuthChallenge", request)
		fails(t, p, "RespondToAuthChallenge", request, "NotAuthorizedException", msgIncorrect)

		client = srp.NewClient()
		challenge := ok(t, p, "InitiateAuth", startWithSRP("ana", client.A()))
		time.Sleep(proofWindow)
		fails(t, p, "RespondToAuthChallenge", prove(t, client, p, challenge, testPassword, nil), "NotAuthorizedException", msgIncorrect)
	})
}

func TestSRPStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		user    User
		code    string
		message string
	}{
		{"unconfirmed, wrong password", User{Password: "other", Status: StatusUnconfirmed}, "UserNotConfirmedException", "User is not confirmed."},
		{"disabled", User{Password: testPassword, Disabled: true}, "NotAuthorizedException", "User is disabled."},
		{"reset required", User{Password: testPassword, Status: StatusResetRequired}, "PasswordResetRequiredException", "Password reset required for the user"},
		{"without a password", User{}, "NotAuthorizedException", msgIncorrect},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{})
			tt.user.Name = "ana"
			p.AddUser(tt.user)
			if a := signInSRP(t, p, "ana", testPassword, nil); a.code() != tt.code || a.message() != tt.message {
				t.Errorf("got %q: %s", a.code(), a.message())
			}
		})
	}
}

func TestSRPNewPassword(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "temporary", Status: StatusForceChangePassword})
	session := wantChallenge(t, signInSRP(t, p, "ana", "temporary", nil), "NEW_PASSWORD_REQUIRED")
	ok(t, p, "RespondToAuthChallenge", respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": testPassword}))
	result(t, signInSRP(t, p, "ana", testPassword, nil), "AccessToken")
	if a := signInSRP(t, p, "ana", "temporary", nil); a.message() != msgIncorrect {
		t.Errorf("old password: got %q", a.message())
	}
}

func TestSRPLockout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{})
		p.AddUser(User{Name: "ana", Password: testPassword})
		for range 5 {
			if a := signInSRP(t, p, "ana", "wrong", nil); a.message() != msgIncorrect {
				t.Fatalf("got %s", a.message())
			}
		}
		if a := signInSRP(t, p, "ana", testPassword, nil); a.message() != "Password attempts exceeded" {
			t.Errorf("got %s", a.message())
		}
		time.Sleep(time.Second)
		result(t, signInSRP(t, p, "ana", testPassword, nil), "AccessToken")
	})
}

// TestSRPUnknownUser checks that a pool that hides who exists answers for
// everybody alike.
func TestSRPUnknownUser(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Sub: "00000000-0000-4000-8000-000000000001", Password: testPassword})
	for _, name := range []string{"nobody", "00000000-0000-4000-8000-000000000001"} {
		fails(t, p, "InitiateAuth", startWithSRP(name, srp.NewClient().A()), "UserNotFoundException", "User does not exist.")
	}

	p = newPool(t, Config{PreventUserExistenceErrors: true})
	p.AddUser(User{Name: "ana", Password: testPassword})
	challenge := func(name string) map[string]any {
		a := ok(t, p, "InitiateAuth", startWithSRP(name, srp.NewClient().A()))
		parameters := maps.Clone(a.body["ChallengeParameters"].(map[string]any))
		delete(parameters, "SRP_B")
		delete(parameters, "SECRET_BLOCK")
		return parameters
	}
	if diff := cmp.Diff(challenge("nobody"), challenge("nobody")); diff != "" {
		t.Errorf("second time (-first +second):\n%s", diff)
	}
	if cmp.Equal(challenge("nobody")["SALT"], challenge("no other")["SALT"]) {
		t.Error("two unknown users have the same salt")
	}
	if got, want := sortedKeys(challenge("nobody")), sortedKeys(challenge("ana")); !cmp.Equal(got, want) {
		t.Errorf("parameters: got %v, want %v", got, want)
	}
	if a := signInSRP(t, p, "nobody", testPassword, nil); a.code() != "NotAuthorizedException" || a.message() != msgIncorrect {
		t.Errorf("got %s: %s", a.code(), a.message())
	}
}
