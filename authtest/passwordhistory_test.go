package authtest

import (
	"fmt"
	"testing"
)

const passwordUsed = "Password has previously been used"

// TestPasswordHistory tries a user's former passwords wherever a new one can
// be set.
func TestPasswordHistory(t *testing.T) {
	t.Parallel()
	const exception = "PasswordHistoryPolicyViolationException"
	password := func(i int) string { return fmt.Sprintf("Passw0rd!%d", i) }
	p := newPool(t, Config{
		ExplicitAuthFlows: passwordFlow,
		PasswordPolicy:    &PasswordPolicy{HistorySize: 3},
	})
	p.AddUser(User{Name: "ana", Password: password(1), Email: "ana@example.com"})
	access := result(t, ok(t, p, "InitiateAuth", withPassword("ana", password(1))), "AccessToken")
	change := func(previous, proposed int) m {
		return m{"AccessToken": access, "PreviousPassword": password(previous), "ProposedPassword": password(proposed)}
	}
	fails(t, p, "ChangePassword", change(1, 1), exception, passwordUsed)
	ok(t, p, "ChangePassword", change(1, 2))
	ok(t, p, "ChangePassword", change(2, 3))
	forgetAttempts(p)

	for i := range 3 {
		fails(t, p, "ChangePassword", change(3, i+1), exception, passwordUsed)
		adminFails(t, p, "AdminSetUserPassword", `"Username":"ana","Permanent":true,"Password":"`+password(i+1)+`"}`, exception, passwordUsed)
	}
	// Without a right code there is nothing to learn about former passwords.
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	code := p.Code("ana")
	confirm := func(code string, i int) m {
		return m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": code, "Password": password(i)}
	}
	fails(t, p, "ConfirmForgotPassword", confirm(wrongCode(code), 1), "CodeMismatchException", "Invalid verification code provided, please try again.")
	fails(t, p, "ConfirmForgotPassword", confirm(code, 1), exception, passwordUsed)
	ok(t, p, "ConfirmForgotPassword", confirm(code, 4))

	// The first one is no longer among the last three.
	admin(t, p, "AdminSetUserPassword", `"Username":"ana","Password":"`+password(1)+`"}`)
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", password(1))), "NEW_PASSWORD_REQUIRED")
	renew := func(i int) m {
		return respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": password(i)})
	}
	fails(t, p, "RespondToAuthChallenge", renew(4), exception, passwordUsed)
	ok(t, p, "RespondToAuthChallenge", renew(2))
}

func TestPasswordHistoryOff(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1} {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, PasswordPolicy: &PasswordPolicy{HistorySize: size}})
		p.AddUser(User{Name: "ana", Password: testPassword})
		access, _, _ := signIn(t, p)
		a := post(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": testPassword})
		if refused := a.message() == passwordUsed; refused != (size > 0) {
			t.Errorf("HistorySize %d: the current password again: got %q", size, a.code())
		}
		ok(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": "An0ther one"})
		ok(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": "An0ther one", "ProposedPassword": testPassword})
		if u := p.users.find("ana"); len(u.former) > 0 {
			t.Errorf("HistorySize %d: the pool keeps %d passwords that it never looks at", size, len(u.former))
		}
	}
}

// TestFirstPassword sets the password of a user who has none.
func TestFirstPassword(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword}, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP}})
	p.AddUser(User{Name: "ana", Email: "ana@example.com"})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", m{
		"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
	}), "EMAIL_OTP")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
	first := m{"AccessToken": result(t, a, "AccessToken"), "ProposedPassword": testPassword}
	with := func(previous string) m {
		return m{"AccessToken": first["AccessToken"], "ProposedPassword": testPassword, "PreviousPassword": previous}
	}
	fails(t, p, "ChangePassword", with("a password"), "NotAuthorizedException", "Incorrect username or password.")
	ok(t, p, "ChangePassword", first)
	signIn(t, p)
	fails(t, p, "ChangePassword", first, "NotAuthorizedException", "Incorrect username or password.")
	ok(t, p, "ChangePassword", with(testPassword))
}

// forgetAttempts lets everybody start counting attempts anew.
func forgetAttempts(p *Pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.users.byName {
		clear(u.attempts)
		u.passwordLock, u.mfaLock = lockout{}, lockout{}
	}
}
