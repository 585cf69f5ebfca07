package authtest

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Requests that many tests send.

func withPassword(name, password string) m {
	return m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": name, "PASSWORD": password}}
}

func respond(challenge, session string, responses m) m {
	return m{"ClientId": "client1", "ChallengeName": challenge, "Session": session, "ChallengeResponses": responses}
}

const testPassword = "Passw0rd!"

var passwordFlow = []AuthFlow{AllowUserPassword, AllowRefreshToken}

// signIn signs ana in by password and returns the tokens.
func signIn(t testing.TB, p *Pool) (access, id, refresh string) {
	t.Helper()
	a := ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
	return result(t, a, "AccessToken"), result(t, a, "IdToken"), a.str("AuthenticationResult", "RefreshToken")
}

// result returns a token of an answer that must have it.
func result(t testing.TB, a answer, name string) string {
	t.Helper()
	token := a.str("AuthenticationResult", name)
	if token == "" {
		t.Fatalf("the answer has no %s", name)
	}
	return token
}

func wantChallenge(t testing.TB, a answer, name string) string {
	t.Helper()
	if got := a.str("ChallengeName"); got != name {
		t.Fatalf("challenge: got %q, want %q", got, name)
	}
	return a.str("Session")
}

func TestNewPasswordRequired(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, RequiredAttributes: []string{"name", "email"}, MFA: MFAOptional})
	p.AddUser(User{Name: "ana", Password: "temporary", Email: "ana@example.com", Status: StatusForceChangePassword})

	a := ok(t, p, "InitiateAuth", withPassword("ana", "temporary"))
	session := wantChallenge(t, a, "NEW_PASSWORD_REQUIRED")
	want := map[string]any{
		"USER_ID_FOR_SRP":    "ana",
		"requiredAttributes": `["userAttributes.name"]`,
		"userAttributes":     `{"email":"ana@example.com","email_verified":"true"}`,
	}
	if diff := cmp.Diff(want, a.body["ChallengeParameters"]); diff != "" {
		t.Errorf("ChallengeParameters (-want +got):\n%s", diff)
	}
	answer := func(responses m) m {
		responses["USERNAME"] = "ana"
		return respond("NEW_PASSWORD_REQUIRED", session, responses)
	}
	fails(t, p, "RespondToAuthChallenge", answer(m{"NEW_PASSWORD": testPassword}),
		"InvalidParameterException", "Invalid attributes given, name is missing")
	fails(t, p, "RespondToAuthChallenge", answer(m{"NEW_PASSWORD": testPassword, "userAttributes.name": "Ana", "userAttributes.email": "b@example.com"}),
		"NotAuthorizedException", "Cannot modify an already provided email")
	fails(t, p, "RespondToAuthChallenge", answer(m{"NEW_PASSWORD": "short", "userAttributes.name": "Ana"}),
		"InvalidPasswordException", "Password did not conform with policy: Password not long enough")
	fails(t, p, "RespondToAuthChallenge", answer(m{"userAttributes.name": "Ana"}),
		"InvalidParameterException", "Missing required parameter NEW_PASSWORD")
	a = ok(t, p, "RespondToAuthChallenge", answer(m{"NEW_PASSWORD": testPassword, "userAttributes.name": "Ana"}))
	result(t, a, "AccessToken")
	fails(t, p, "RespondToAuthChallenge", answer(m{"NEW_PASSWORD": testPassword, "userAttributes.name": "Ana"}),
		"NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	if u, _ := p.User("ana"); u.Status != StatusConfirmed || u.Attributes["name"] != "Ana" {
		t.Errorf("user: got %s %q", u.Status, u.Attributes["name"])
	}
}

func TestTemporaryPasswordExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, PasswordPolicy: &PasswordPolicy{TemporaryValidityDays: 2}})
		p.AddUser(User{Name: "ana", Password: "temporary", Status: StatusForceChangePassword})
		time.Sleep(48*time.Hour - time.Second)
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", "temporary")), "NEW_PASSWORD_REQUIRED")
		time.Sleep(time.Second)
		fails(t, p, "InitiateAuth", withPassword("ana", "temporary"),
			"NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
		fails(t, p, "InitiateAuth", withPassword("ana", "wrong"), "NotAuthorizedException", "Incorrect username or password.")
	})
}

// TestSecondFactor pins the challenge that follows the password to the
// settings of pool and user.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	allFactors := []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail}
	const email, phone = "ana@example.com", "+12065550184"
	tests := []struct {
		name      string
		config    Config
		user      User
		challenge string // empty for tokens
		parameter string // name=value
		errCode   string
	}{
		{name: "off", config: Config{MFA: MFAOff}, user: User{Email: email, Phone: phone}},
		{name: "optional, none", config: Config{MFA: MFAOptional, MFAFactors: allFactors}, user: User{Email: email, Phone: phone}},
		{name: "optional, TOTP", config: Config{MFA: MFAOptional}, user: User{TOTP: true}, challenge: "SOFTWARE_TOKEN_MFA"},
		{name: "optional, SMS", config: Config{MFA: MFAOptional, MFAFactors: allFactors}, user: User{Phone: phone, SMSMFA: true},
			challenge: "SMS_MFA", parameter: "CODE_DELIVERY_DESTINATION=+*******0184"},
		{name: "optional, email", config: Config{MFA: MFAOptional, MFAFactors: allFactors}, user: User{Email: email, EmailMFA: true},
			challenge: "EMAIL_OTP", parameter: "CODE_DELIVERY_DESTINATION=a***@e***"},
		{name: "optional, several", config: Config{MFA: MFAOptional, MFAFactors: allFactors}, user: User{Email: email, EmailMFA: true, TOTP: true},
			challenge: "SELECT_MFA_TYPE", parameter: `MFAS_CAN_CHOOSE=["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`},
		{name: "optional, preferred", config: Config{MFA: MFAOptional, MFAFactors: allFactors},
			user: User{Email: email, EmailMFA: true, TOTP: true, PreferredMFA: MFAFactorEmail}, challenge: "EMAIL_OTP"},
		{name: "required, TOTP", config: Config{MFA: MFARequired}, user: User{TOTP: true, Email: email}, challenge: "SOFTWARE_TOKEN_MFA"},
		{name: "required, TOTP and contact", config: Config{MFA: MFARequired, MFAFactors: allFactors}, user: User{TOTP: true, Email: email},
			challenge: "SELECT_MFA_TYPE", parameter: `MFAS_CAN_CHOOSE=["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]`},
		{name: "required, unverified contact", config: Config{MFA: MFARequired, MFAFactors: allFactors},
			user: User{Email: email, Attributes: map[string]string{"email_verified": "false"}}, challenge: "EMAIL_OTP"},
		{name: "required, contact without its factor", config: Config{MFA: MFARequired}, user: User{Email: email},
			challenge: "MFA_SETUP", parameter: `MFAS_CAN_SETUP=["SOFTWARE_TOKEN_MFA"]`},
		{name: "required, both contacts", config: Config{MFA: MFARequired, MFAFactors: allFactors}, user: User{Email: email, Phone: phone},
			challenge: "SELECT_MFA_TYPE", parameter: `MFAS_CAN_CHOOSE=["SMS_MFA","EMAIL_OTP"]`},
		{name: "required, one contact for recovery",
			config: Config{MFA: MFARequired, MFAFactors: allFactors, AccountRecovery: []RecoveryOption{RecoveryEmail}},
			user:   User{Email: email, Phone: phone}, challenge: "SMS_MFA"},
		{name: "required, only the contact for recovery",
			config: Config{MFA: MFARequired, MFAFactors: allFactors, AccountRecovery: []RecoveryOption{RecoveryEmail}},
			user:   User{Email: email}, errCode: "InvalidUserPoolConfigurationException"},
		{name: "required, nothing",
			config:    Config{MFA: MFARequired, MFAFactors: allFactors, AccountRecovery: []RecoveryOption{RecoveryEmail}},
			challenge: "MFA_SETUP", parameter: `MFAS_CAN_SETUP=["SMS_MFA","SOFTWARE_TOKEN_MFA"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.ExplicitAuthFlows = passwordFlow
			p := newPool(t, tt.config)
			tt.user.Name, tt.user.Password = "ana", testPassword
			p.AddUser(tt.user)
			a := post(t, p, "InitiateAuth", withPassword("ana", testPassword))
			if a.code() != tt.errCode {
				t.Fatalf("got %s: %s, want %q", a.code(), a.message(), tt.errCode)
			}
			if tt.errCode != "" {
				return
			}
			if tt.challenge == "" {
				result(t, a, "AccessToken")
				return
			}
			if session := wantChallenge(t, a, tt.challenge); session == "" {
				t.Error("no Session")
			}
			if name, want, _ := strings.Cut(tt.parameter, "="); want != "" && a.str("ChallengeParameters", name) != want {
				t.Errorf("%s: got %q, want %q", name, a.str("ChallengeParameters", name), want)
			}
			if got := a.str("ChallengeParameters", "USER_ID_FOR_SRP"); got != "ana" {
				t.Errorf("USER_ID_FOR_SRP: got %q", got)
			}
		})
	}
}

func TestTOTPCodeTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional})
		p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
		answer := func(code string) answer {
			session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
			return post(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": code}))
		}
		var codes []string
		for range 3 {
			code := p.TOTP("ana")
			result(t, answer(code), "AccessToken")
			codes = append(codes, code)
		}
		for _, code := range codes {
			if a := answer(code); a.code() != "ExpiredCodeException" || a.message() != "Your software token has already been used once." {
				t.Errorf("second use: got %s: %s", a.code(), a.message())
			}
		}
		time.Sleep(time.Minute)
		code := p.TOTP("ana")
		time.Sleep(time.Minute)
		if a := answer(code); a.code() != "CodeMismatchException" || a.message() != "Invalid code received for user" {
			t.Errorf("old code: got %s: %s", a.code(), a.message())
		}
		result(t, answer(p.TOTP("ana")), "AccessToken")
	})
}

func TestMFASetupTOTP(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFARequired})
	p.AddUser(User{Name: "ana", Password: testPassword})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "MFA_SETUP")

	fails(t, p, "RespondToAuthChallenge", respond("MFA_SETUP", session, m{"USERNAME": "ana"}),
		"InvalidParameterException", "User has not verified software token mfa")
	a := ok(t, p, "AssociateSoftwareToken", m{"Session": session})
	if a.str("SecretCode") == "" {
		t.Error("no SecretCode")
	}
	setup := a.str("Session")
	// The older session has been superseded.
	fails(t, p, "AssociateSoftwareToken", m{"Session": session}, "NotAuthorizedException", "Invalid session for the user.")
	fails(t, p, "VerifySoftwareToken", m{"Session": setup, "UserCode": wrongCode(p.TOTP("ana"))},
		"EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
	code := p.TOTP("ana")
	a = ok(t, p, "VerifySoftwareToken", m{"Session": setup, "UserCode": code, "FriendlyDeviceName": "phone"})
	if a.str("Status") != "SUCCESS" {
		t.Errorf("Status: got %q", a.str("Status"))
	}
	verified := a.str("Session")
	fails(t, p, "RespondToAuthChallenge", respond("MFA_SETUP", setup, m{"USERNAME": "ana"}),
		"NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	a = ok(t, p, "RespondToAuthChallenge", respond("MFA_SETUP", verified, m{"USERNAME": "ana"}))
	access := result(t, a, "AccessToken")

	a = ok(t, p, "GetUser", m{"AccessToken": access})
	if diff := cmp.Diff([]any{"SOFTWARE_TOKEN_MFA"}, a.body["UserMFASettingList"]); diff != "" {
		t.Errorf("UserMFASettingList (-want +got):\n%s", diff)
	}
	a = ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
	wantChallenge(t, a, "SOFTWARE_TOKEN_MFA")
	if got := a.str("ChallengeParameters", "FRIENDLY_DEVICE_NAME"); got != "phone" {
		t.Errorf("FRIENDLY_DEVICE_NAME: got %q", got)
	}
}

// wrongCode returns a code of the same length that is another one.
func wrongCode(code string) string {
	last := byte('0')
	if code[len(code)-1] == '0' {
		last = '1'
	}
	return code[:len(code)-1] + string(last)
}

func TestMFASetupEmail(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorEmail, MFAFactorTOTP}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "MFA_SETUP")
	fails(t, p, "RespondToAuthChallenge", respond("MFA_SETUP", session, m{"USERNAME": "ana", "EMAIL": "nonsense"}),
		"InvalidParameterException", "Invalid email address format.")
	session = wantChallenge(t, ok(t, p, "RespondToAuthChallenge",
		respond("MFA_SETUP", session, m{"USERNAME": "ana", "EMAIL": "ana@example.com"})), "EMAIL_OTP")
	if u, _ := p.User("ana"); u.Email != "" {
		t.Error("the address is the user's before it was proved")
	}
	fails(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": wrongCode(p.Code("ana"))}),
		"CodeMismatchException", "Invalid code or auth state for the user.")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
	result(t, a, "AccessToken")
	if u, _ := p.User("ana"); u.Email != "ana@example.com" || u.Attributes["email_verified"] != "true" || !u.EmailMFA {
		t.Error("the address is not the user's after it was proved")
	}
}

func TestSelectMFA(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail, MFAFactorTOTP, MFAFactorSMS}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+12065550184", TOTP: true, EmailMFA: true, SMSMFA: true})
	for answer, challenge := range map[string]string{
		"SMS_MFA": "SMS_MFA", "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA", "EMAIL_OTP": "EMAIL_OTP", "EMAIL_MFA": "EMAIL_OTP",
	} {
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SELECT_MFA_TYPE")
		bad := post(t, p, "RespondToAuthChallenge", respond("SELECT_MFA_TYPE", session, m{"USERNAME": "ana", "ANSWER": "PIGEON"}))
		if bad.code() != "InvalidParameterException" {
			t.Errorf("unknown factor: got %s", bad.code())
		}
		request := respond("SELECT_MFA_TYPE", session, m{"USERNAME": "ana", "ANSWER": answer})
		wantChallenge(t, ok(t, p, "RespondToAuthChallenge", request), challenge)
		fails(t, p, "RespondToAuthChallenge", request,
			"NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	}
}

func TestMessageMFAVerifiesContact(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorSMS}})
	p.AddUser(User{Name: "ana", Password: testPassword, Phone: "+12065550184", Attributes: map[string]string{"phone_number_verified": "false"}})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SMS_MFA")
	ok(t, p, "RespondToAuthChallenge", respond("SMS_MFA", session, m{"USERNAME": "ana", "SMS_MFA_CODE": p.Code("ana")}))
	if u, _ := p.User("ana"); u.Attributes["phone_number_verified"] != "true" {
		t.Error("the phone number is not verified")
	}
	message := p.Inbox("ana")[0]
	want := Message{
		Kind: MessageAuthentication, Medium: MediumSMS, Destination: "+12065550184", Attribute: "phone_number",
		Body: "Your authentication code is " + message.Code + ".",
	}
	message.Code, message.Time, message.ID = "", time.Time{}, 0
	if diff := cmp.Diff(want, message); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, AuthSessionValidity: 5 * time.Minute})
		p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
		p.AddUser(User{Name: "bob", Password: testPassword, TOTP: true})
		start := func() string {
			return wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
		}
		answer := func(session, user string) m {
			return respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": user, "SOFTWARE_TOKEN_MFA_CODE": p.TOTP(user)})
		}
		const invalid = "Invalid session for the user."

		session := start()
		if !strings.HasPrefix(session, "AYAB") || len(session) < 1500 || len(session) > 1600 {
			t.Errorf("session: got %d characters starting %q", len(session), session[:4])
		}
		fails(t, p, "RespondToAuthChallenge", answer(session, "bob"), "NotAuthorizedException", invalid)
		fails(t, p, "RespondToAuthChallenge", answer(strings.Repeat("A", 1544), "ana"), "NotAuthorizedException", invalid)
		tampered := session[:700] + flip(session[700:701]) + session[701:]
		fails(t, p, "RespondToAuthChallenge", answer(tampered, "ana"), "NotAuthorizedException", invalid)
		fails(t, p, "RespondToAuthChallenge", respond("SMS_MFA", session, m{"USERNAME": "ana", "SMS_MFA_CODE": "123456"}), "NotAuthorizedException", invalid)
		fails(t, p, "RespondToAuthChallenge", respond("CUSTOM_CHALLENGE", session, m{"USERNAME": "ana", "ANSWER": "x"}), "NotAuthorizedException", invalid)
		fails(t, p, "AssociateSoftwareToken", m{"Session": session}, "NotAuthorizedException", invalid)
		fails(t, p, "RespondToAuthChallenge", m{"ClientId": "client1", "ChallengeName": "SOFTWARE_TOKEN_MFA", "ChallengeResponses": m{"USERNAME": "ana"}},
			"InvalidParameterException", "Missing required parameter Session")
		for range 4 {
			fails(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": wrongCode(p.TOTP("ana"))}),
				"CodeMismatchException", "Invalid code received for user")
		}
		ok(t, p, "RespondToAuthChallenge", answer(session, "ana"))
		fails(t, p, "RespondToAuthChallenge", answer(session, "ana"),
			"NotAuthorizedException", "Invalid session for the user, session can only be used once.")

		session = start()
		time.Sleep(5*time.Minute - time.Second)
		other := start()
		time.Sleep(time.Second)
		fails(t, p, "RespondToAuthChallenge", answer(session, "ana"), "NotAuthorizedException", "Invalid session for the user, session is expired.")
		ok(t, p, "RespondToAuthChallenge", answer(other, "ana"))
	})
}

func flip(s string) string {
	if s == "A" {
		return "B"
	}
	return "A"
}

func TestLockout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword})
		wrong, right := withPassword("ana", "wrong"), withPassword("ana", testPassword)
		const incorrect, exceeded = "Incorrect username or password.", "Password attempts exceeded"
		for range 4 {
			fails(t, p, "InitiateAuth", wrong, "NotAuthorizedException", incorrect)
		}
		for n := range 12 {
			lock := min(time.Second<<n, 15*time.Minute)
			fails(t, p, "InitiateAuth", wrong, "NotAuthorizedException", incorrect)
			time.Sleep(lock - time.Millisecond)
			// Attempts during a lock do not count, right or wrong.
			fails(t, p, "InitiateAuth", wrong, "NotAuthorizedException", exceeded)
			fails(t, p, "InitiateAuth", right, "NotAuthorizedException", exceeded)
			time.Sleep(time.Millisecond)
			if lock == 15*time.Minute {
				break
			}
		}
		// Without an attempt for 15 minutes everything is forgotten.
		for range 4 {
			fails(t, p, "InitiateAuth", wrong, "NotAuthorizedException", incorrect)
		}
		ok(t, p, "InitiateAuth", right)
		for range 4 {
			fails(t, p, "InitiateAuth", wrong, "NotAuthorizedException", incorrect)
		}
		ok(t, p, "InitiateAuth", right)
	})
}

func TestMFALockout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional})
		p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
		answer := func(code string) m {
			return respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": code})
		}
		for range 5 {
			fails(t, p, "RespondToAuthChallenge", answer(wrongCode(p.TOTP("ana"))), "CodeMismatchException", "Invalid code received for user")
		}
		fails(t, p, "RespondToAuthChallenge", answer(p.TOTP("ana")),
			"NotAuthorizedException", "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.")
		fails(t, p, "InitiateAuth", withPassword("ana", testPassword), "NotAuthorizedException", "Password attempts exceeded")
		time.Sleep(time.Second)
		// A right password does not make five more codes free of charge.
		session = wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
		fails(t, p, "RespondToAuthChallenge", answer(wrongCode(p.TOTP("ana"))), "CodeMismatchException", "Invalid code received for user")
		time.Sleep(2*time.Second - time.Millisecond)
		if a := post(t, p, "RespondToAuthChallenge", answer(p.TOTP("ana"))); a.code() != "NotAuthorizedException" {
			t.Errorf("second lock: got %q", a.code())
		}
		time.Sleep(time.Millisecond)
		ok(t, p, "RespondToAuthChallenge", answer(p.TOTP("ana")))
	})
}

func TestSignUpCodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{})
		ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		confirm := func(code string) m {
			return m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": code}
		}
		const wrong, expired = "Invalid verification code provided, please try again.", "Invalid code provided, please request a code again."
		first := p.Code("ana")
		fails(t, p, "ConfirmSignUp", confirm(wrongCode(first)), "CodeMismatchException", wrong)
		a := ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"})
		if got := a.str("CodeDeliveryDetails", "AttributeName"); got != "email" {
			t.Errorf("AttributeName: got %q", got)
		}
		if p.Code("ana") != first {
			fails(t, p, "ConfirmSignUp", confirm(first), "CodeMismatchException", wrong)
		}
		time.Sleep(24 * time.Hour)
		fails(t, p, "ConfirmSignUp", confirm(p.Code("ana")), "ExpiredCodeException", expired)
		ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"})
		ok(t, p, "ConfirmSignUp", confirm(p.Code("ana")))
		fails(t, p, "ConfirmSignUp", confirm(p.Code("ana")), "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
		fails(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"}, "InvalidParameterException", "User is already confirmed.")
		if kinds := inboxKinds(p, "ana"); kinds != "SignUp ResendCode ResendCode" {
			t.Errorf("inbox: got %s", kinds)
		}
	})
}

func signUpBody(name, email string) m {
	return m{"ClientId": "client1", "Username": name, "Password": testPassword, "UserAttributes": []m{{"Name": "email", "Value": email}}}
}

func inboxKinds(p *Pool, name string) string {
	var kinds []string
	for _, message := range p.Inbox(name) {
		kinds = append(kinds, string(message.Kind))
	}
	return strings.Join(kinds, " ")
}

func TestAttemptLimits(t *testing.T) {
	t.Parallel()
	const limit = "Attempt limit exceeded, please try after some time."
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
		ok(t, p, "SignUp", signUpBody("new", "new@example.com"))
		access, _, _ := signIn(t, p)
		tests := []struct {
			operation string
			body      m
			allowed   int
			code      string // what the allowed ones answer
		}{
			{"ConfirmSignUp", m{"ClientId": "client1", "Username": "new", "ConfirmationCode": wrongCode(p.Code("new"))}, 15, "CodeMismatchException"},
			{"ResendConfirmationCode", m{"ClientId": "client1", "Username": "new"}, 5, ""},
			{"ForgotPassword", m{"ClientId": "client1", "Username": "ana"}, 5, ""},
			{"ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "x", "Password": testPassword}, 0, ""},
			{"ChangePassword", m{"AccessToken": access, "PreviousPassword": "wrong one", "ProposedPassword": testPassword}, 5, "NotAuthorizedException"},
			{"GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"}, 5, ""},
			{"VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": "x"}, 15, "CodeMismatchException"},
		}
		for _, tt := range tests {
			for range tt.allowed {
				if a := post(t, p, tt.operation, tt.body); a.code() != tt.code {
					t.Fatalf("%s: got %s: %s, want %q", tt.operation, a.code(), a.message(), tt.code)
				}
			}
			fails(t, p, tt.operation, tt.body, "LimitExceededException", limit)
		}
		time.Sleep(59 * time.Minute)
		fails(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"}, "LimitExceededException", limit)
		time.Sleep(time.Minute)
		ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	})
}

func TestForgotPassword(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: "old password", Email: "ana@example.com", Phone: "+12065550184"})
		forgot := m{"ClientId": "client1", "Username": "ana"}
		confirm := func(code string) m {
			return m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": code, "Password": testPassword}
		}
		fails(t, p, "ConfirmForgotPassword", confirm("123456"), "ExpiredCodeException", "Invalid code provided, please request a code again.")
		a := ok(t, p, "ForgotPassword", forgot)
		if got := a.str("CodeDeliveryDetails", "Destination"); got != "+*******0184" {
			t.Errorf("destination: got %q", got)
		}
		ok(t, p, "InitiateAuth", withPassword("ana", "old password"))
		fails(t, p, "ConfirmForgotPassword", confirm(wrongCode(p.Code("ana"))), "CodeMismatchException", "Invalid verification code provided, please try again.")
		time.Sleep(time.Hour)
		fails(t, p, "ConfirmForgotPassword", confirm(p.Code("ana")), "ExpiredCodeException", "Invalid code provided, please request a code again.")
		ok(t, p, "ForgotPassword", forgot)
		ok(t, p, "ConfirmForgotPassword", confirm(p.Code("ana")))
		ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
		fails(t, p, "InitiateAuth", withPassword("ana", "old password"), "NotAuthorizedException", "Incorrect username or password.")
		fails(t, p, "ConfirmForgotPassword", confirm(p.Code("ana")), "ExpiredCodeException", "Invalid code provided, please request a code again.")
	})
}

func TestRecoveryContact(t *testing.T) {
	t.Parallel()
	const none = "Cannot reset password for the user as there is no registered/verified email or phone_number"
	factors := []MFAFactor{MFAFactorSMS, MFAFactorEmail}
	both := []RecoveryOption{RecoveryPhone, RecoveryEmail}
	tests := []struct {
		name      string
		config    Config
		user      User
		attribute string
		code      string
		message   string
	}{
		{name: "e-mail", user: User{Email: "a@example.com"}, attribute: "email"},
		{name: "phone first", user: User{Email: "a@example.com", Phone: "+15555550123"}, attribute: "phone_number"},
		{name: "priority", config: Config{AccountRecovery: []RecoveryOption{RecoveryEmail, RecoveryPhone}},
			user: User{Email: "a@example.com", Phone: "+15555550123"}, attribute: "email"},
		{name: "not the MFA medium", config: Config{MFA: MFAOptional, MFAFactors: factors, AccountRecovery: both},
			user: User{Email: "a@example.com", Phone: "+15555550123", SMSMFA: true}, attribute: "email"},
		{name: "the MFA medium, nothing said about recovery", config: Config{MFA: MFAOptional, MFAFactors: factors},
			user: User{Email: "a@example.com", Phone: "+15555550123", SMSMFA: true}, attribute: "phone_number"},
		{name: "only the MFA medium", config: Config{MFA: MFAOptional, MFAFactors: factors},
			user: User{Email: "a@example.com", EmailMFA: true}, code: "InvalidParameterException", message: none},
		{name: "the MFA medium where every contact is one", config: Config{MFA: MFARequired, MFAFactors: factors, AccountRecovery: both[1:]},
			user: User{Email: "a@example.com", Phone: "+15555550123"}, attribute: "email"},
		{name: "only the MFA medium where every contact is one",
			config: Config{MFA: MFARequired, MFAFactors: factors, AccountRecovery: []RecoveryOption{RecoveryEmail, RecoveryPhone}},
			user:   User{Phone: "+15555550123"}, code: "InvalidParameterException", message: none},
		{name: "unverified", user: User{Email: "a@example.com", Attributes: map[string]string{"email_verified": "false"}},
			code: "InvalidParameterException", message: none},
		{name: "nothing", code: "InvalidParameterException", message: none},
		{name: "administrators only", config: Config{AccountRecovery: []RecoveryOption{RecoveryAdminOnly}}, user: User{Email: "a@example.com"},
			code: "NotAuthorizedException", message: "Contact administrator to reset password."},
		{name: "temporary password", user: User{Email: "a@example.com", Status: StatusForceChangePassword},
			code: "NotAuthorizedException", message: "User password cannot be reset in the current state."},
		{name: "disabled", user: User{Email: "a@example.com", Disabled: true}, code: "NotAuthorizedException", message: "User is disabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tt.config)
			tt.user.Name, tt.user.Password = "ana", testPassword
			p.AddUser(tt.user)
			a := post(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
			if a.code() != tt.code || a.message() != tt.message || a.str("CodeDeliveryDetails", "AttributeName") != tt.attribute {
				t.Errorf("got %s: %s, %q", a.code(), a.message(), a.str("CodeDeliveryDetails", "AttributeName"))
			}
		})
	}
}

// TestSignUpSession walks from sign-up to tokens by sessions alone.
func TestSignUpSession(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserSRP}, MFA: MFARequired})
	a := ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	ok(t, p, "SignUp", signUpBody("bob", "bob@example.com"))
	session := a.str("Session")
	fails(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "bob", "ConfirmationCode": p.Code("bob"), "Session": session},
		"NotAuthorizedException", "Invalid session for the user.")
	a = ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Session": session})
	signIn := func(name string) m {
		return m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": name}, "Session": a.str("Session")}
	}
	fails(t, p, "InitiateAuth", signIn("bob"), "NotAuthorizedException", "Invalid session for the user.")
	result(t, ok(t, p, "InitiateAuth", signIn("ana")), "RefreshToken")
	fails(t, p, "InitiateAuth", signIn("ana"), "NotAuthorizedException", "Invalid session for the user, session can only be used once.")

	without := newPool(t, Config{})
	a = ok(t, without, "SignUp", signUpBody("ana", "ana@example.com"))
	if strings.Contains(a.raw, "Session") {
		t.Error("a client without USER_AUTH got a session")
	}
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorEmail}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	access, _, _ := signIn(t, p)
	set := func(blocks m) m {
		blocks["AccessToken"] = access
		return blocks
	}
	on, off, preferred := m{"Enabled": true}, m{"Enabled": false}, m{"Enabled": true, "PreferredMfa": true}
	const op, invalid = "SetUserMFAPreference", "InvalidParameterException"
	fails(t, p, op, set(m{"SoftwareTokenMfaSettings": off}), invalid, "User has not set up software token mfa")
	fails(t, p, op, set(m{"SoftwareTokenMfaSettings": on}), invalid, "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")
	fails(t, p, op, set(m{"SMSMfaSettings": on}), invalid, "User does not have delivery config set to turn on SMS_MFA")
	a := ok(t, p, "AssociateSoftwareToken", m{"AccessToken": access})
	if strings.Contains(a.raw, "Session") {
		t.Error("AssociateSoftwareToken with an access token returned a session")
	}
	fails(t, p, op, set(m{"SoftwareTokenMfaSettings": preferred}), invalid, "User has not verified software token mfa")
	a = ok(t, p, "VerifySoftwareToken", m{"AccessToken": access, "UserCode": p.TOTP("ana")})
	if strings.Contains(a.raw, "Session") {
		t.Error("VerifySoftwareToken with an access token returned a session")
	}
	// Verification alone does not enable the factor in an optional pool.
	signIn(t, p)
	if a := post(t, p, op, set(m{"SoftwareTokenMfaSettings": m{"Enabled": false, "PreferredMfa": true}})); a.code() != invalid {
		t.Errorf("disabled and preferred: got %q", a.code())
	}
	if a := post(t, p, op, set(m{"SoftwareTokenMfaSettings": preferred, "EmailMfaSettings": preferred})); a.code() != invalid {
		t.Errorf("two preferred: got %q", a.code())
	}
	ok(t, p, op, set(m{"SoftwareTokenMfaSettings": on, "EmailMfaSettings": preferred}))
	wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "EMAIL_OTP")
	a = ok(t, p, "GetUser", m{"AccessToken": access})
	if a.str("PreferredMfaSetting") != "EMAIL_OTP" {
		t.Errorf("PreferredMfaSetting: got %q", a.str("PreferredMfaSetting"))
	}
	ok(t, p, op, set(m{"EmailMfaSettings": off}))
	wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
	ok(t, p, op, set(m{"SoftwareTokenMfaSettings": off}))
	signIn(t, p)
}

func decodeJSON(t testing.TB, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}
