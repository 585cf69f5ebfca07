package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"testing"

	"github.com/cognitokit/auth/srp"
)

const testSecret = "0123456789abcdefghijklmnopqrstuvwxyz"

func secretHash(username string) string {
	mac := hmac.New(sha256.New, []byte(testSecret))
	io.WriteString(mac, username+"client1")
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TestSecretHash sends each operation of public clients without, with a wrong,
// and with the right proof of the client's secret.
func TestSecretHash(t *testing.T) {
	t.Parallel()
	const missing, wrong = "Client client1 is configured with secret but SECRET_HASH was not received", "Unable to verify secret hash for client client1"
	member := func(body m, hash string) m {
		if hash != "" {
			body["SecretHash"] = hash
		}
		return body
	}
	parameter := func(body m, in, hash string) m {
		if hash != "" {
			body[in].(m)["SECRET_HASH"] = hash
		}
		return body
	}
	var session, refresh string
	tests := []struct {
		operation string
		username  string // that the hash is made of
		body      func(hash string) m
		wrong     string
	}{
		{"SignUp", "x", func(h string) m {
			return member(signUpBody("x", "x@example.com"), h)
		}, wrong},
		{"ConfirmSignUp", "x", func(h string) m {
			return member(m{"ClientId": "client1", "Username": "x", "ConfirmationCode": "0"}, h)
		}, wrong},
		{"ResendConfirmationCode", "x", func(h string) m {
			return member(m{"ClientId": "client1", "Username": "x"}, h)
		}, wrong},
		{"ForgotPassword", "ana@example.com", func(h string) m {
			return member(m{"ClientId": "client1", "Username": "ana@example.com"}, h)
		}, wrong},
		{"ConfirmForgotPassword", "ana", func(h string) m {
			return member(m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "0", "Password": testPassword}, h)
		}, wrong},
		{"InitiateAuth", "ana@example.com", func(h string) m {
			return parameter(withPassword("ana@example.com", testPassword), "AuthParameters", h)
		}, wrong},
		{"InitiateAuth", "ana", func(h string) m {
			return parameter(startWithSRP("ana", "12"), "AuthParameters", h)
		}, wrong},
		{"RespondToAuthChallenge", "ana", func(h string) m {
			return parameter(respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": "0"}), "ChallengeResponses", h)
		}, wrong},
		{"RespondToAuthChallenge", "ana", func(h string) m {
			return parameter(respond("PASSWORD_VERIFIER", session, m{"USERNAME": "ana"}), "ChallengeResponses", h)
		}, wrong},
		{"InitiateAuth", "ana", func(h string) m {
			return parameter(m{"ClientId": "client1", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": m{"REFRESH_TOKEN": refresh}}, "AuthParameters", h)
		}, "SecretHash does not match for the client: client1"},
	}
	p := newPool(t, Config{
		ClientSecret: testSecret, MFA: MFAOptional, AliasAttributes: []string{"email"},
		ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUserSRP, AllowRefreshToken},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", TOTP: true})
	hashed := parameter(withPassword("ana", testPassword), "AuthParameters", secretHash("ana"))
	session = wantChallenge(t, ok(t, p, "InitiateAuth", hashed), "SOFTWARE_TOKEN_MFA")
	a := ok(t, p, "RespondToAuthChallenge", parameter(
		respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("ana")}), "ChallengeResponses", secretHash("ana")))
	refresh = result(t, a, "RefreshToken")
	for _, tt := range tests {
		fails(t, p, tt.operation, tt.body(""), "NotAuthorizedException", missing)
		fails(t, p, tt.operation, tt.body(secretHash("another")), "NotAuthorizedException", tt.wrong)
		if a := post(t, p, tt.operation, tt.body(secretHash(tt.username))); a.message() == missing || a.message() == tt.wrong {
			t.Errorf("%s: the right hash was refused", tt.operation)
		}
	}
	for _, secret := range []string{"", testSecret + "x"} {
		body := m{"ClientId": "client1", "RefreshToken": refresh}
		revoke := m{"ClientId": "client1", "Token": refresh}
		if secret != "" {
			body["ClientSecret"], revoke["ClientSecret"] = secret, secret
		}
		fails(t, p, "GetTokensFromRefreshToken", body, "NotAuthorizedException", wrong)
		if a := post(t, p, "RevokeToken", revoke); a.code() != "UnauthorizedException" {
			t.Errorf("RevokeToken: got %q", a.code())
		}
	}
	ok(t, p, "GetTokensFromRefreshToken", m{"ClientId": "client1", "RefreshToken": refresh, "ClientSecret": testSecret})
	ok(t, p, "RevokeToken", m{"ClientId": "client1", "Token": refresh, "ClientSecret": testSecret})

	// A client without a secret must not send a hash.
	public := newPool(t, Config{})
	fails(t, public, "SignUp", member(signUpBody("x", "x@example.com"), secretHash("x")), "NotAuthorizedException", wrong)
}

// TestUserExistence asks about users who exist and users who do not, in a pool
// that hides the difference. TestBadInput has those that do not.
func TestUserExistence(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{PreventUserExistenceErrors: true, ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUserSRP}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "silent", Password: testPassword})
	p.AddUser(User{Name: "temp", Password: testPassword, Email: "t@example.com", Status: StatusForceChangePassword})
	p.AddUser(User{Name: "reset", Password: testPassword, Email: "r@example.com", Status: StatusResetRequired})
	p.AddUser(User{Name: "off", Password: testPassword, Email: "o@example.com", Disabled: true})
	ok(t, p, "SignUp", signUpBody("new", "new@example.com"))

	const notAuthorized, incorrect = "NotAuthorizedException", "Incorrect username or password."
	fails(t, p, "InitiateAuth", withPassword("nobody", testPassword), notAuthorized, incorrect)
	fails(t, p, "InitiateAuth", withPassword("ana", "wrong"), notAuthorized, incorrect)
	fails(t, p, "InitiateAuth", withPassword("reset", testPassword), notAuthorized, incorrect)
	fails(t, p, "SignUp", signUpBody("ana", "x@example.com"), "UsernameExistsException", "User already exists")
	if a := post(t, p, "InitiateAuth", startWithSRP("nobody", srp.NewClient().A())); a.str("ChallengeName") != "PASSWORD_VERIFIER" {
		t.Errorf("SRP: got %q", a.raw)
	}

	destinations := make(map[string]string)
	for _, name := range []string{"nobody", "someone@example.com", "+15555550123", "silent", "temp", "off", "ana", "new"} {
		for _, operation := range []string{"ForgotPassword", "ResendConfirmationCode"} {
			a := ok(t, p, operation, m{"ClientId": "client1", "Username": name})
			destinations[name] = a.str("CodeDeliveryDetails", "DeliveryMedium") + " " + a.str("CodeDeliveryDetails", "Destination")
			b := ok(t, p, operation, m{"ClientId": "client1", "Username": name})
			if a.raw != b.raw {
				t.Errorf("%s of %s: got %s, then %s", operation, name, a.raw, b.raw)
			}
		}
	}
	for name, want := range map[string]string{
		"someone@example.com": "EMAIL s***@e***", "+15555550123": "SMS +*******0123", "new": "EMAIL n***@e***",
	} {
		if destinations[name] != want {
			t.Errorf("destination for %s: got %q, want %q", name, destinations[name], want)
		}
	}
	if len(destinations["nobody"]) != len("EMAIL n***@e***") {
		t.Errorf("made-up destination: got %q", destinations["nobody"])
	}
	for _, name := range []string{"silent", "temp", "off"} {
		if inbox := p.Inbox(name); len(inbox) > 0 {
			t.Errorf("%s got a message", name)
		}
	}

	confirm := func(name string) m {
		return m{"ClientId": "client1", "Username": name, "ConfirmationCode": "000000x", "Password": testPassword}
	}
	const mismatch = "Invalid verification code provided, please try again."
	for _, name := range []string{"nobody", "off", "ana"} {
		fails(t, p, "ConfirmForgotPassword", confirm(name), "CodeMismatchException", mismatch)
	}
	fails(t, p, "ConfirmForgotPassword", confirm("silent"), "ExpiredCodeException", "Invalid code provided, please request a code again.")
	fails(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "nobody", "ConfirmationCode": "1"},
		"ExpiredCodeException", "Invalid code provided, please request a code again.")
}
