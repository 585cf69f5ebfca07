package authtest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const newPassword = "Abcdef1!"

func (b *browser) signUp(pairs ...string) *browser {
	b.t.Helper()
	return b.open(pathSignUp, asking()).on("Create an account", "").
		submit(pathSignUp, append([]string{"password", newPassword, "confirm_password", newPassword}, pairs...)...)
}

func TestSignUpOnPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		cfg   Config
		asks  []string // fields of the page
		given []string
		user  string
	}{
		{"username", Config{}, []string{"username", "attribute.email"}, []string{"username", "ana", "attribute.email", "ana@example.com"}, "ana"},
		{"with a secret", Config{ClientSecret: testSecret}, []string{"username", "attribute.email"},
			[]string{"username", "ana", "attribute.email", "ana@example.com"}, "ana"},
		{"e-mail address", Config{UsernameAttributes: []string{"email"}, RequiredAttributes: []string{"given_name", "birthdate"}},
			[]string{"username", "attribute.given_name", "attribute.birthdate"},
			[]string{"username", "ana@example.com", "attribute.given_name", "Ana", "attribute.birthdate", "1990-01-01"}, "ana@example.com"},
		{"phone number", Config{UsernameAttributes: []string{"phone_number"}, AutoVerifiedAttributes: []string{"phone_number"}},
			[]string{"username"}, []string{"username", "+12065550100"}, "+12065550100"},
		{"e-mail address or phone number", Config{UsernameAttributes: []string{"email", "phone_number"}, AutoVerifiedAttributes: []string{"email", "phone_number"}},
			[]string{"username"}, []string{"username", "+12065550100"}, "+12065550100"},
		{"aliases", Config{AliasAttributes: []string{"email", "preferred_username"}}, []string{"username", "attribute.email"},
			[]string{"username", "ana", "attribute.email", "ana@example.com"}, "ana"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := hostedPool(t, tt.cfg)
			b := visit(t, p).open(pathLogin, asking()).on("Sign in", "")
			if !strings.Contains(b.page, pathSignUp) {
				t.Error("the login page does not lead here")
			}
			b.open(pathSignUp, asking())
			if got, want := strings.Count(b.page, `id="field-`), len(tt.asks)+2; got != want {
				t.Errorf("the page has %d fields, want %d:\n%s", got, want, b.page)
			}
			for _, name := range tt.asks {
				if !strings.Contains(b.page, `name="`+name+`"`) {
					t.Errorf("the page does not ask for %s", name)
				}
			}
			b.signUp(tt.given...).on("Confirm your account", "")
			b.submit(pathConfirm, "code", "000000").on("Confirm your account", "Invalid verification code provided, please try again.")
			b.submit(pathResend).on("Confirm your account", "")
			if !strings.HasPrefix(b.notice(), "We sent a new code to ") {
				t.Errorf("got notice %q", b.notice())
			}
			b.submit(pathConfirm, "code", " "+p.Code(tt.user)+" ")
			if got := b.goneTo(testCallback); got.Get("code") == "" {
				t.Errorf("got %v, want a code", got)
			}
			if u, _ := p.User(tt.user); u.Status != StatusConfirmed {
				t.Errorf("got status %s", u.Status)
			}
		})
	}
}

func TestSignUpOnPagesRefuses(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	p.AddUser(User{Name: "bob", Password: "correct horse"})
	const title = "Create an account"
	b := visit(t, p)
	b.signUp("username", "ana", "attribute.email", "ana@example.com", "confirm_password", "other").on(title, "The passwords are not the same.")
	if !strings.Contains(b.page, `value="ana@example.com"`) || strings.Contains(b.page, newPassword) {
		t.Errorf("the page has forgotten what was typed, or not the password:\n%s", b.page)
	}
	b.signUp("username", "ana", "attribute.email", "ana@example.com", "password", "abc", "confirm_password", "abc").
		on(title, "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6")
	b.signUp("username", "bob", "attribute.email", "bob@example.com").on(title, "User already exists")
	b.signUp("username", "ana", "attribute.email", "nonsense").on(title, "Invalid email address format.")
	b.signUp("username", "ana", "attribute.email", "ana@example.com", "attribute.custom:x", "y").
		on(title, "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.")

	closed := hostedPool(t, Config{AdminCreateUserOnly: true})
	b = visit(t, closed).open(pathLogin, asking())
	if strings.Contains(b.page, pathSignUp) {
		t.Error("the login page leads to sign-up")
	}
	b.open(pathSignUp, asking()).on("Sign in", "SignUp is not permitted for this user pool")
}

// TestSignUpLeadsToSetup checks that whoever signs up has to set a second
// factor up where the pool requires one.
func TestSignUpLeadsToSetup(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{MFA: MFARequired})
	b := visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com")
	b.submit(pathConfirm, "code", p.Code("ana")).on("Set up an authenticator app", "")
	b.submit(pathChallenge, "code", p.TOTP("ana")).gone(p, "ana")
}

func TestSignUpConfirmedByTrigger(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
		e.Response.AutoConfirmUser = true
		return nil
	}}})
	visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com").gone(p, "ana")
}

func TestSignUpThatAnAdministratorConfirms(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{AutoVerifiedAttributes: []string{}})
	b := visit(t, p).signUp("username", "ana").on("Sign in", "")
	if b.notice() != "Your account has been created. An administrator has to confirm it." {
		t.Errorf("got notice %q", b.notice())
	}
	admin(t, p, "AdminConfirmSignUp", `"Username":"ana"}`)
	b.submit(pathLogin, "username", "ana", "password", newPassword).gone(p, "ana")
}

// TestConfirmingLater checks the way from the login page of whoever has not
// confirmed the account, who has to sign in afterwards.
func TestConfirmingLater(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com")
	b := visit(t, p).login("ana", newPassword).on("Confirm your account", "User is not confirmed.")
	b.submit(pathConfirm, "code", p.Code("ana")).on("Sign in", "")
	if b.notice() != "Your account is confirmed. You can sign in." || !strings.Contains(b.page, `value="ana"`) {
		t.Errorf("got notice %q", b.notice())
	}
	b.submit(pathLogin, "password", newPassword).gone(p, "ana")
}

// TestSlowSignUp checks that a sign-up that took too long to sign in with can
// still be confirmed.
func TestSlowSignUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hostedPool(t, Config{})
		b := visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com")
		time.Sleep(loginValidity)
		b.submit(pathConfirm, "code", p.Code("ana")).on("Sign in", "")
		if u, _ := p.User("ana"); u.Status != StatusConfirmed {
			t.Errorf("got status %s", u.Status)
		}
	})
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{{}, {ClientSecret: testSecret}} {
		p := hostedPool(t, cfg)
		p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
		const title = "Reset your password"
		b := visit(t, p).open(pathForgot, asking("login_hint", "ana")).on("Forgot your password?", "")
		b.submit(pathForgot, "username", "nobody").on("Forgot your password?", "Username/client id combination not found.")
		b.submit(pathForgot, "username", "ana").on(title, "")
		if !strings.Contains(b.page, "a***@e***") {
			t.Errorf("the page does not say where the code went:\n%s", b.page)
		}
		b.submit(pathConfirmForgot, "code", p.Code("ana"), "password", newPassword, "confirm_password", "x").on(title, "The passwords are not the same.")
		b.submit(pathConfirmForgot, "code", "000000", "password", newPassword, "confirm_password", newPassword).
			on(title, "Invalid verification code provided, please try again.")
		b.submit(pathConfirmForgot, "code", p.Code("ana"), "password", newPassword, "confirm_password", newPassword).on("Sign in", "")
		if b.notice() != "Your password has been changed. You can sign in." {
			t.Errorf("got notice %q", b.notice())
		}
		b.submit(pathLogin, "password", newPassword).goneTo(testCallback)
	}
}

func TestForgottenPasswordOfNobody(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{PreventUserExistenceErrors: true})
	b := visit(t, p).open(pathForgot, asking()).submit(pathForgot, "username", "nobody").on("Reset your password", "")
	b.submit(pathConfirmForgot, "code", "000000", "password", newPassword, "confirm_password", newPassword).
		on("Reset your password", "Invalid verification code provided, please try again.")
	visit(t, p).login("nobody", "x").on("Sign in", "Incorrect username or password.")
}

// TestResetsExpire checks that the page for a reset lives for eight minutes,
// less than its code.
func TestResetsExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hostedPool(t, Config{})
		p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
		b := visit(t, p).open(pathForgot, asking()).submit(pathForgot, "username", "ana")
		time.Sleep(managedResetValidity)
		b.submit(pathConfirmForgot, "code", p.Code("ana"), "password", newPassword, "confirm_password", newPassword).
			on("Forgot your password?", "Invalid code provided, please request a code again.")
	})
}

// TestResetByAnAdministrator checks that whoever has to reset the password is
// led there.
func TestResetByAnAdministrator(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	admin(t, p, "AdminResetUserPassword", `"Username":"ana"}`)
	b := visit(t, p).login("ana", "correct horse").on("Forgot your password?", "Password reset required for the user")
	b.submit(pathForgot).on("Reset your password", "")
	b.submit(pathConfirmForgot, "code", p.Code("ana"), "password", newPassword, "confirm_password", newPassword).on("Sign in", "")
}
