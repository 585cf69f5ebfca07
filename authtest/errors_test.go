package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"testing"

	"github.com/cognitokit/auth/srp"
)

// TestErrors pins exception and message of what can go wrong, operation by
// operation, in a pool with these users:
//
//	ana       confirmed
//	new       has signed up
//	temp      has a temporary password
//	reset     has to reset the password
//	off       is disabled
func TestErrors(t *testing.T) {
	t.Parallel()
	const (
		invalid       = "InvalidParameterException"
		notAuthorized = "NotAuthorizedException"
		notFound      = "ResourceNotFoundException"
		noUser        = "UserNotFoundException"
		combination   = "Username/client id combination not found."
		noClient      = "User pool client other does not exist."
		session       = "12345678901234567890"
	)
	auth := func(flow string, parameters m) m {
		return m{"ClientId": "client1", "AuthFlow": flow, "AuthParameters": parameters}
	}
	signUp := func(name, password string, attributes ...m) m {
		return m{"ClientId": "client1", "Username": name, "Password": password, "UserAttributes": attributes}
	}
	email := m{"Name": "email", "Value": "x@example.com"}
	type errorCase struct {
		operation     string
		body          m
		code, message string
	}
	tests := []errorCase{
		{"SignUp", m{"ClientId": "other", "Username": "x", "Password": testPassword}, notFound, noClient},
		{"SignUp", signUp("x", "Passw0r!", email), "", ""},
		{"SignUp", signUp("ana", testPassword, email), "UsernameExistsException", "User already exists"},
		{"SignUp", signUp("new", testPassword, email), "UsernameExistsException", "User already exists"},
		{"SignUp", signUp("y", testPassword), invalid, "Attributes did not conform to the schema: email: The attribute is required"},
		{"SignUp", signUp("y", testPassword, email, m{"Name": "custom:plan", "Value": "1"}), invalid, "Attributes did not conform to the schema: custom:plan: Attribute does not exist in the schema."},
		{"SignUp", signUp("y", testPassword, m{"Name": "email", "Value": "x"}), invalid, "Invalid email address format."},
		{"SignUp", signUp("y", testPassword, email, m{"Name": "phone_number", "Value": "555"}), invalid, "Invalid phone number format."},
		{"SignUp", signUp("y", testPassword, email, m{"Name": "sub", "Value": "1"}), invalid, "Cannot modify the non-mutable attribute sub"},
		{"SignUp", signUp("y", testPassword, email, m{"Name": "email_verified", "Value": "true"}), invalid, "Cannot modify the non-mutable attribute email_verified"},
		{"SignUp", signUp("y", testPassword, email, m{"Name": "name", "Value": "Y"}), notAuthorized, "A client attempted to write unauthorized attribute"},
		{"SignUp", signUp("y", "Passw0!", email), "InvalidPasswordException", "Password did not conform with policy: Password not long enough"},
		{"SignUp", signUp("y", "passw0rd!", email), "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters"},
		{"SignUp", signUp("y", "PASSW0RD!", email), "InvalidPasswordException", "Password did not conform with policy: Password must have lowercase characters"},
		{"SignUp", signUp("y", "Password!", email), "InvalidPasswordException", "Password did not conform with policy: Password must have numeric characters"},
		{"SignUp", signUp("y", "Passw0rdÄ", email), "InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters"},

		{"ConfirmSignUp", m{"ClientId": "other", "Username": "new", "ConfirmationCode": "1"}, notFound, noClient},
		{"ConfirmSignUp", m{"ClientId": "client1", "Username": "nobody", "ConfirmationCode": "1"}, noUser, combination},
		{"ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "1"}, notAuthorized, "User cannot be confirmed. Current status is CONFIRMED"},
		{"ConfirmSignUp", m{"ClientId": "client1", "Username": "temp", "ConfirmationCode": "1"}, notAuthorized, "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"},
		{"ConfirmSignUp", m{"ClientId": "client1", "Username": "new", "ConfirmationCode": "1"}, "CodeMismatchException", "Invalid verification code provided, please try again."},
		{"ConfirmSignUp", m{"ClientId": "client1", "Username": "new", "ConfirmationCode": "1", "Session": session}, notAuthorized, "Invalid session for the user."},

		{"ResendConfirmationCode", m{"ClientId": "other", "Username": "new"}, notFound, noClient},
		{"ResendConfirmationCode", m{"ClientId": "client1", "Username": "nobody"}, noUser, combination},
		{"ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"}, invalid, "User is already confirmed."},
		{"ResendConfirmationCode", m{"ClientId": "client1", "Username": "mute"}, invalid, "Cannot resend codes. Auto verification not turned on."},

		{"InitiateAuth", m{"ClientId": "other", "AuthFlow": "USER_PASSWORD_AUTH"}, notFound, noClient},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"PASSWORD": "x"}), invalid, "Missing required parameter USERNAME"},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "ana"}), invalid, "Missing required parameter PASSWORD"},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "nobody", "PASSWORD": "x"}), noUser, "User does not exist."},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "ana", "PASSWORD": "x"}), notAuthorized, "Incorrect username or password."},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "new", "PASSWORD": "x"}), "UserNotConfirmedException", "User is not confirmed."},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "reset", "PASSWORD": "x"}), "PasswordResetRequiredException", "Password reset required for the user"},
		{"InitiateAuth", auth("USER_PASSWORD_AUTH", m{"USERNAME": "off", "PASSWORD": testPassword}), notAuthorized, "User is disabled."},
		{"InitiateAuth", auth("USER_SRP_AUTH", m{"USERNAME": "ana"}), invalid, "Missing required parameter SRP_A"},
		{"InitiateAuth", auth("USER_SRP_AUTH", m{"SRP_A": "1"}), invalid, "Missing required parameter USERNAME"},
		{"InitiateAuth", auth("REFRESH_TOKEN_AUTH", m{}), invalid, "Missing required parameter REFRESH_TOKEN"},
		{"InitiateAuth", auth("REFRESH_TOKEN", m{"REFRESH_TOKEN": "x"}), notAuthorized, "Invalid Refresh Token"},
		{"InitiateAuth", auth("CUSTOM_AUTH", m{"USERNAME": "ana"}), invalid, "Custom auth lambda trigger is not configured for the user pool."},
		{"InitiateAuth", auth("CUSTOM_AUTH", m{"USERNAME": "nobody"}), noUser, "User does not exist."},
		{"InitiateAuth", auth("USER_AUTH", m{"USERNAME": "ana"}), invalid, "USER_AUTH is not enabled for the client."},
		{"InitiateAuth", auth("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": "ana", "PASSWORD": "x"}), invalid, "Initiate Auth method not supported."},

		{"RespondToAuthChallenge", m{"ClientId": "other", "ChallengeName": "SMS_MFA"}, notFound, noClient},
		{"RespondToAuthChallenge", respond("SMS_MFA", session, m{}), invalid, "Missing required parameter USERNAME"},
		{"RespondToAuthChallenge", respond("SMS_MFA", session, m{"USERNAME": "ana"}), notAuthorized, "Invalid session for the user."},

		{"GetTokensFromRefreshToken", m{"ClientId": "other", "RefreshToken": "x"}, notFound, noClient},
		{"GetTokensFromRefreshToken", m{"ClientId": "client1", "RefreshToken": "x"}, notAuthorized, "Invalid Refresh Token"},

		{"ForgotPassword", m{"ClientId": "other", "Username": "ana"}, notFound, noClient},
		{"ForgotPassword", m{"ClientId": "client1", "Username": "nobody"}, noUser, combination},
		{"ForgotPassword", m{"ClientId": "client1", "Username": "off"}, notAuthorized, "User is disabled"},
		{"ForgotPassword", m{"ClientId": "client1", "Username": "temp"}, notAuthorized, "User password cannot be reset in the current state."},
		{"ForgotPassword", m{"ClientId": "client1", "Username": "new"}, invalid, "Cannot reset password for the user as there is no registered/verified email or phone_number"},

		{"ConfirmForgotPassword", m{"ClientId": "other", "Username": "ana", "ConfirmationCode": "1", "Password": testPassword}, notFound, noClient},
		{"ConfirmForgotPassword", m{"ClientId": "client1", "Username": "nobody", "ConfirmationCode": "1", "Password": testPassword}, noUser, combination},
		{"ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "1", "Password": testPassword}, "ExpiredCodeException", "Invalid code provided, please request a code again."},
		{"ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "1", "Password": "passw0rd!"}, "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters"},

		{"AssociateSoftwareToken", m{"Session": session}, notAuthorized, "Invalid session for the user."},
		{"AssociateSoftwareToken", m{"AccessToken": "AYABsession"}, notAuthorized, "Invalid Access Token"},
		{"AssociateSoftwareToken", m{}, invalid, "Exactly one of AccessToken and Session must be given."},
		{"VerifySoftwareToken", m{"UserCode": "123456"}, invalid, "Exactly one of AccessToken and Session must be given."},
		{"GetUser", m{"AccessToken": "x"}, notAuthorized, "Invalid Access Token"},
		{"ChangePassword", m{"AccessToken": "x", "ProposedPassword": testPassword}, notAuthorized, "Invalid Access Token"},
		{"GlobalSignOut", m{"AccessToken": "x"}, notAuthorized, "Invalid Access Token"},
		{"DeleteUser", m{"AccessToken": "x"}, notAuthorized, "Invalid Access Token"},
		{"SetUserMFAPreference", m{"AccessToken": "x"}, notAuthorized, "Invalid Access Token"},
		{"UpdateUserAttributes", m{"AccessToken": "x", "UserAttributes": []m{}}, notAuthorized, "Invalid Access Token"},
		{"DeleteUserAttributes", m{"AccessToken": "x", "UserAttributeNames": []string{}}, notAuthorized, "Invalid Access Token"},
		{"GetUserAttributeVerificationCode", m{"AccessToken": "x", "AttributeName": "email"}, notAuthorized, "Invalid Access Token"},
		{"VerifyUserAttribute", m{"AccessToken": "x", "AttributeName": "email", "Code": "1"}, notAuthorized, "Invalid Access Token"},
		{"AdminGetUser", m{"UserPoolId": "x", "Username": "ana"}, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	}
	byOperation := make(map[string][]errorCase)
	for _, tt := range tests {
		byOperation[tt.operation] = append(byOperation[tt.operation], tt)
	}
	for operation, tests := range byOperation {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{
				ExplicitAuthFlows:  []AuthFlow{AllowUserPassword, AllowUserSRP, AllowCustom, AllowRefreshToken},
				RequiredAttributes: []string{"email"}, WriteAttributes: []string{"email", "phone_number", "custom:plan"},
			})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			p.AddUser(User{Name: "temp", Password: testPassword, Status: StatusForceChangePassword})
			p.AddUser(User{Name: "reset", Password: testPassword, Status: StatusResetRequired})
			p.AddUser(User{Name: "off", Password: testPassword, Email: "off@example.com", Disabled: true})
			p.AddUser(User{Name: "mute", Password: testPassword, Phone: "+15555550123", Status: StatusUnconfirmed})
			ok(t, p, "SignUp", signUp("new", testPassword, email))
			for i, tt := range tests {
				a := post(t, p, operation, tt.body)
				if a.code() != tt.code || a.message() != tt.message {
					t.Errorf("case %d: got %s: %q\nwant %s: %q", i, a.code(), a.message(), tt.code, tt.message)
				}
			}
		})
	}
}

func TestFlowsNotEnabled(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{}})
	for flow, message := range map[string]string{
		"USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
		"USER_SRP_AUTH":      "USER_SRP_AUTH is not enabled for the client.",
		"CUSTOM_AUTH":        "CUSTOM_AUTH is not enabled for the client.",
		"REFRESH_TOKEN_AUTH": "Auth flow not enabled for this client",
	} {
		fails(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": flow, "AuthParameters": m{"USERNAME": "ana"}}, "InvalidParameterException", message)
	}
}

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
// that hides the difference. That one that does not is part of TestErrors.
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
