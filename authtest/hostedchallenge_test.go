package authtest

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// gone signs in on whatever page the browser is on and checks that the tokens
// are the user's.
func (b *browser) gone(p *Pool, username string) {
	b.t.Helper()
	code := b.goneTo(testCallback).Get("code")
	a := form(b.t, p, pathToken, "", "", exchanging(code))
	if a.status != http.StatusOK {
		b.t.Fatalf("got %d %s, want tokens", a.status, a.str("error"))
	}
	if _, claims := parseToken(b.t, p, a.str("access_token")); claims["username"] != username {
		b.t.Fatalf("got tokens of %v, want %s", claims["username"], username)
	}
}

func (b *browser) login(username, password string) *browser {
	b.t.Helper()
	return b.open(pathAuthorize, asking()).submit(pathLogin, "username", username, "password", password)
}

func TestSecondFactors(t *testing.T) {
	t.Parallel()
	all := []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail}
	for _, tt := range []struct {
		name  string
		user  User
		wrong string
		code  func(p *Pool) string
	}{
		{"authenticator app", User{TOTP: true}, "Invalid code received for user", func(p *Pool) string { return p.TOTP("ana") }},
		{"text message", User{SMSMFA: true}, "Invalid code or auth state for the user.", func(p *Pool) string { return p.Code("ana") }},
		{"e-mail", User{EmailMFA: true}, "Invalid code or auth state for the user.", func(p *Pool) string { return p.Code("ana") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: all})
			u := tt.user
			u.Name, u.Password, u.Email, u.Phone = "ana", "correct horse", "ana@example.com", "+12065550100"
			p.AddUser(u)
			b := visit(t, p).login("ana", "correct horse").on("Enter your code", "")
			b.submit(pathChallenge, "code", "000000").on("Enter your code", tt.wrong)
			code := tt.code(p)
			b.submit(pathChallenge, "code", " "+code[:3]+" "+code[3:]).gone(p, "ana")
		})
	}
}

func TestChoosingASecondFactor(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS}})
	p.AddUser(User{Name: "ana", Password: "correct horse", Phone: "+12065550100", TOTP: true, SMSMFA: true})
	const title = "How do you want to confirm that it is you?"
	b := visit(t, p).login("ana", "correct horse").on(title, "")
	for _, label := range []string{"Authenticator app", "Text message"} {
		if !strings.Contains(b.page, label) {
			t.Errorf("the page has no %q:\n%s", label, b.page)
		}
	}
	b.submit(pathChallenge, "answer", "EMAIL_OTP").on(title, "Invalid MFA method: it is not among the methods the user can choose")
	b.submit(pathChallenge, "answer", "SMS_MFA").on("Enter your code", "")
	b.submit(pathChallenge, "code", p.Code("ana")).gone(p, "ana")
}

// TestSendingACodeAgain checks that a new code takes the place of the old one.
func TestSendingACodeAgain(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS}})
	p.AddUser(User{Name: "ana", Password: "correct horse", Phone: "+12065550100", SMSMFA: true})
	b := visit(t, p).login("ana", "correct horse")
	first := *b
	old := p.Code("ana")
	b.submit(pathSendAgain).on("Enter your code", "")
	if b.notice() != "We sent a new code." || len(p.Inbox("ana")) != 2 {
		t.Fatalf("got notice %q and %d messages", b.notice(), len(p.Inbox("ana")))
	}
	if old != p.Code("ana") {
		b.submit(pathChallenge, "code", old).on("Enter your code", "Invalid code or auth state for the user.")
	}
	b.submit(pathChallenge, "code", p.Code("ana")).gone(p, "ana")
	first.submit(pathChallenge, "code", old).on("Sign in", "Invalid session for the user, session is expired.")
}

func TestSettingUpASecondFactor(t *testing.T) {
	t.Parallel()
	t.Run("authenticator app", func(t *testing.T) {
		t.Parallel()
		p := hostedPool(t, Config{MFA: MFARequired})
		p.AddUser(User{Name: "ana", Password: "correct horse"})
		const title = "Set up an authenticator app"
		b := visit(t, p).login("ana", "correct horse").on(title, "")
		secret := firstMatch(regexp.MustCompile(`class="secret">([A-Z2-7]+)<`), b.page)
		if secret == "" || !strings.Contains(b.page, `src="data:image/png;base64,`) {
			t.Fatalf("the page shows no secret:\n%s", b.page)
		}
		b.submit(pathChallenge, "code", "000000").on(title, "Code mismatch and fail enable Software Token MFA")
		if !strings.Contains(b.page, secret) {
			t.Error("the secret has changed")
		}
		b.submit(pathChallenge, "code", "12").on(title, "1 validation error detected: Value at 'userCode' failed to satisfy constraint: Member must have length greater than or equal to 6")
		b.submit(pathChallenge, "code", p.TOTP("ana"), "device_name", "Pixel").gone(p, "ana")
		if u, _ := p.User("ana"); !u.TOTP {
			t.Error("the app is not the user's second factor")
		}
		again := visit(t, p).login("ana", "correct horse").on("Enter your code", "")
		if !strings.Contains(again.page, "your authenticator app, Pixel.") {
			t.Errorf("the page does not name the device:\n%s", again.page)
		}
	})
	t.Run("choice", func(t *testing.T) {
		t.Parallel()
		p := hostedPool(t, Config{MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail}})
		for _, name := range []string{"ana", "bob", "carl"} {
			p.AddUser(User{Name: name, Password: "correct horse"})
		}
		const title = "Set up a second factor"
		b := visit(t, p).login("ana", "correct horse").on(title, "")
		b.submit(pathChallenge, "answer", "SOMETHING").on(title, "Invalid MFA method: it is not among the methods the user can choose")
		b.submit(pathChallenge, "answer", "EMAIL_OTP").on("Set up e-mail messages", "")
		b.submit(pathChallenge, "email", "nonsense").on("Set up e-mail messages", "Invalid email address format.")
		b.submit(pathChallenge, "email", "ana@example.com").on("Enter your code", "")
		b.submit(pathChallenge, "code", p.Code("ana")).gone(p, "ana")

		b = visit(t, p).login("bob", "correct horse")
		b.submit(pathChallenge, "answer", "SMS_MFA").on("Set up text messages", "")
		b.submit(pathChallenge, "phone_number", "12").on("Set up text messages", "Invalid phone number format.")
		b.submit(pathChallenge, "phone_number", "+12065550101").on("Enter your code", "")
		b.submit(pathSendAgain).submit(pathChallenge, "code", p.Code("bob")).gone(p, "bob")
		if u, _ := p.User("bob"); !u.SMSMFA || u.EmailMFA || u.Phone != "+12065550101" || u.Attributes["phone_number_verified"] != "true" {
			t.Errorf("got %+v", u.Attributes)
		}

		b = visit(t, p).login("carl", "correct horse")
		b.submit(pathChallenge, "answer", "SOFTWARE_TOKEN_MFA").on("Set up an authenticator app", "")
		b.submit(pathChallenge, "code", p.TOTP("carl")).gone(p, "carl")
	})
}

func TestNewPassword(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{RequiredAttributes: []string{"given_name", "birthdate"}, ClientSecret: testSecret})
	p.AddUser(User{Name: "ana", Password: "temporary1", Status: StatusForceChangePassword, Attributes: map[string]string{"birthdate": "1990-01-01"}})
	const title = "Choose a new password"
	b := visit(t, p).login("ana", "temporary1").on(title, "")
	if !strings.Contains(b.page, `name="attribute.given_name"`) || strings.Contains(b.page, `name="attribute.birthdate"`) {
		t.Errorf("the page asks for other attributes:\n%s", b.page)
	}
	b.submit(pathChallenge, "password", "Abcdef1!", "confirm_password", "Abcdef2!", "attribute.given_name", "Ana").on(title, "The passwords are not the same.")
	b.submit(pathChallenge, "password", "short", "confirm_password", "short", "attribute.given_name", "Ana").
		on(title, "Password did not conform with policy: Password not long enough")
	b.submit(pathChallenge, "password", "Abcdef1!", "confirm_password", "Abcdef1!").on(title, "Invalid attributes given, given_name is missing")
	b.submit(pathChallenge, "password", "Abcdef1!", "confirm_password", "Abcdef1!", "attribute.given_name", "Ana")
	code := b.goneTo(testCallback).Get("code")
	if a := form(t, p, pathToken, "client1", testSecret, exchanging(code, "client_id", "")); a.status != http.StatusOK {
		t.Errorf("got %d %s", a.status, a.str("error"))
	}
	if u, _ := p.User("ana"); u.Status != StatusConfirmed || u.Attributes["given_name"] != "Ana" {
		t.Errorf("got %v %v", u.Status, u.Attributes)
	}
}

// factorPool returns a pool where people choose what to sign in with.
func factorPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	cfg.ExplicitAuthFlows = []AuthFlow{AllowUser}
	cfg.FirstFactors = []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorSMSOTP, FirstFactorWebAuthn}
	cfg.Passkeys = &Passkeys{RelyingPartyID: "example.com"}
	return hostedPool(t, cfg)
}

func TestChoosingAFirstFactor(t *testing.T) {
	t.Parallel()
	const title = "How do you want to sign in?"
	p := factorPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com", Phone: "+12065550100"})
	p.AddUser(User{Name: "bob", Password: "correct horse"})
	start := func(name string) *browser {
		b := visit(t, p).open(pathAuthorize, asking())
		if strings.Contains(b.page, `type="password"`) {
			t.Errorf("the page asks for a password:\n%s", b.page)
		}
		return b.submit(pathLogin, "username", name)
	}
	start("nobody").on("Sign in", "User does not exist.")

	b := start("ana").on(title, "")
	b.submit(pathChallenge, "answer", "PASSWORD").on("Enter your password", "")
	b.submit(pathChallenge, "password", "wrong").on("Enter your password", "Incorrect username or password.")
	b.submit(pathChallenge, "password", "correct horse").gone(p, "ana")

	for _, factor := range []string{"EMAIL_OTP", "SMS_OTP"} {
		b = start("ana").submit(pathChallenge, "answer", factor).on("Enter your code", "")
		b.submit(pathChallenge, "code", "00000000").on("Enter your code", "Invalid code or auth state for the user.")
		b.submit(pathSendAgain).on("Enter your code", "")
		b.submit(pathChallenge, "code", p.Code("ana")).gone(p, "ana")
	}
	start("ana").submit(pathChallenge, "answer", "WEB_AUTHN").on(title, "Invalid MFA method: it is not among the methods the user can choose")
	start("bob").on("Enter your password", "") // who has no choice
}

func TestPasskeysOnPages(t *testing.T) {
	t.Parallel()
	p := factorPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	authenticator := NewAuthenticator("https://login.example.com")
	options := regexp.MustCompile(`data-options="([^"]*)"`)

	visit(t, p).open(pathAddPasskey, asking()).on("Sign in", "") // signing in comes first
	b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana").submit(pathChallenge, "answer", "PASSWORD")
	b.submit(pathChallenge, "password", "correct horse").gone(p, "ana")
	b.open(pathAddPasskey, asking()).on("Add a passkey", "")
	b.submit(pathAddPasskey, "credential", "{}").on("Add a passkey", "Credential data is not valid")
	credential, err := authenticator.Create([]byte(firstMatch(options, b.page)))
	if err != nil {
		t.Fatal(err)
	}
	b.submit(pathAddPasskey, "credential", string(credential)).gone(p, "ana")

	b = visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana")
	b.submit(pathChallenge, "answer", "WEB_AUTHN").on("Sign in with a passkey", "")
	b.submit(pathChallenge, "credential", "{}").on("Sign in with a passkey", "Incorrect username or password.")
	other := *b
	assertion, err := authenticator.Get([]byte(firstMatch(options, b.page)))
	if err != nil {
		t.Fatal(err)
	}
	b.submit(pathChallenge, "credential", string(assertion)).gone(p, "ana")
	other.submit(pathChallenge, "credential", string(assertion)).on("Sign in", "Invalid session for the user, session is expired.")

	b = visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana").submit(pathChallenge, "answer", "WEB_AUTHN")
	b.submit(pathChallenge, "answer", "EMAIL_OTP", "credential", "").on("Enter your code", "") // another way
	b.submit(pathChallenge, "code", p.Code("ana")).gone(p, "ana")
}

// TestPasskeyOptionsSurviveThePage checks that what the script reads is what
// the pool wrote.
func TestPasskeyOptionsSurviveThePage(t *testing.T) {
	t.Parallel()
	p := factorPool(t, Config{})
	p.AddUser(User{Name: `"><b>&`, Password: "correct horse"})
	p.AddPasskey(`"><b>&`, NewAuthenticator("https://login.example.com"))
	b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", `"><b>&`)
	b.submit(pathChallenge, "answer", "PASSWORD").submit(pathChallenge, "password", "correct horse").goneTo(testCallback)
	b.open(pathAddPasskey, asking()).on("Add a passkey", "")
	text := html.UnescapeString(regexp.MustCompile(`data-options="([^"]*)"`).FindStringSubmatch(b.page)[1])
	var options struct{ User struct{ Name string } }
	if err := json.Unmarshal([]byte(text), &options); err != nil || options.User.Name != `"><b>&` {
		t.Errorf("got %+v, %v", options, err)
	}
	if strings.Contains(b.page, "<b>") {
		t.Errorf("the name is not escaped:\n%s", b.page)
	}
}

// TestChallengesExpire checks that managed login gives three minutes whatever
// the client says.
func TestChallengesExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS}, AuthSessionValidity: 15 * time.Minute})
		p.AddUser(User{Name: "ana", Password: "correct horse", Phone: "+12065550100", SMSMFA: true})
		in := visit(t, p).login("ana", "correct horse")
		inCode := p.Code("ana")
		late := visit(t, p).login("ana", "correct horse")
		lateCode := p.Code("ana")
		time.Sleep(managedMFAValidity - time.Second)
		in.submit(pathChallenge, "code", inCode).gone(p, "ana")
		time.Sleep(time.Second)
		late.submit(pathChallenge, "code", lateCode).on("Sign in", "Invalid session for the user, session is expired.")
	})
}

// TestLockoutOnPages checks that wrong passwords lock the pages and the API together.
func TestLockoutOnPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hostedPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserPassword}})
		p.AddUser(User{Name: "ana", Password: "correct horse"})
		b := visit(t, p).open(pathAuthorize, asking())
		for range lockoutThreshold {
			b.submit(pathLogin, "username", "ana", "password", "wrong").on("Sign in", "Incorrect username or password.")
		}
		b.submit(pathLogin, "username", "ana", "password", "correct horse").on("Sign in", "Password attempts exceeded")
		fails(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": "correct horse"}},
			"NotAuthorizedException", "Password attempts exceeded")
		time.Sleep(time.Second)
		b.submit(pathLogin, "username", "ana", "password", "correct horse").gone(p, "ana")
	})
}
