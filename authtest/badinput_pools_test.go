package authtest

import (
	"errors"
	"testing"
	"time"
)

// badInputPools are the pools that bad inputs are sent to, by name.
func badInputPools() map[string]badInputPool {
	allFactors := []MFAFactor{MFAFactorSMS, MFAFactorTOTP, MFAFactorEmail}
	flows := []AuthFlow{AllowUserPassword, AllowUserSRP, AllowCustom, AllowRefreshToken, AllowAdminUserPassword}
	passkeys := []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}
	return map[string]badInputPool{
		"plain": {Config{
			PoolID: "eu-west-1_AbC123def", ExplicitAuthFlows: flows, MFA: MFAOptional, MFAFactors: allFactors, Devices: &DeviceTracking{},
			RequiredAttributes: []string{"email"}, CustomAttributes: []string{"plan"},
			WriteAttributes: []string{"email", "phone_number", "birthdate", "updated_at", "custom:plan", "custom:other"},
		}, setUpPlain},
		"hiding users":        {Config{ExplicitAuthFlows: flows, PreventUserExistenceErrors: true}, setUpStates},
		"no flows":            {Config{ExplicitAuthFlows: []AuthFlow{}}, setUpNobody},
		"no self-service":     {Config{ExplicitAuthFlows: flows, AdminCreateUserOnly: true, AccountRecovery: []RecoveryOption{RecoveryAdminOnly}}, setUpStates},
		"nothing verified":    {Config{ExplicitAuthFlows: flows, AutoVerifiedAttributes: []string{}}, setUpStates},
		"username is email":   {Config{ExplicitAuthFlows: flows, UsernameAttributes: []string{"email"}}, setUpEmail},
		"username is phone":   {Config{UsernameAttributes: []string{"phone_number"}}, setUpNobody},
		"username is contact": {Config{UsernameAttributes: []string{"email", "phone_number"}}, setUpNobody},
		"verified first": {Config{
			ExplicitAuthFlows: flows, UsernameAttributes: []string{"email"}, RequireVerificationBeforeUpdate: []string{"email"},
		}, setUpPending},
		"aliases":            {Config{ExplicitAuthFlows: flows, AliasAttributes: []string{"email", "phone_number", "preferred_username"}}, setUpAliases},
		"history":            {Config{ExplicitAuthFlows: flows, PasswordPolicy: &PasswordPolicy{HistorySize: 2}}, setUpHistory},
		"MFA required":       {Config{ExplicitAuthFlows: flows, MFA: MFARequired, MFAFactors: allFactors[1:2]}, setUpRequired},
		"MFA by e-mail only": {Config{ExplicitAuthFlows: flows, MFA: MFARequired, MFAFactors: allFactors[2:], AccountRecovery: []RecoveryOption{RecoveryEmail}}, setUpEmail},
		"MFA by e-mail": {Config{
			ExplicitAuthFlows: flows, MFA: MFARequired, MFAFactors: allFactors[2:], UsernameAttributes: []string{"email", "phone_number"},
		}, setUpEmailMFA},
		"MFA off":       {Config{ExplicitAuthFlows: flows}, setUpStates},
		"rotation":      {Config{ExplicitAuthFlows: flows[:1], RotateRefreshTokens: true}, setUpRotated},
		"no revocation": {Config{ExplicitAuthFlows: flows, DisableTokenRevocation: true}, setUpStates},
		"choice": {Config{
			ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword}, FirstFactors: passkeys, Passkeys: &Passkeys{RelyingPartyID: theDomain},
		}, setUpChoice},
		"no relying party": {Config{ExplicitAuthFlows: flows, FirstFactors: passkeys}, setUpStates},
		"protected":        {Config{ExplicitAuthFlows: flows, AdvancedSecurityMode: AdvancedSecurityEnforced}, setUpProtected},
		"triggers":         {Config{ExplicitAuthFlows: flows, Triggers: badTriggers()}, setUpStates},
	}
}

func setUpNobody(*testing.T, *Pool) map[string]string { return nil }

// setUpStates adds a user for every state of an account:
//
//	ana       confirmed
//	new       has signed up
//	temp      has a temporary password
//	reset     has to reset the password
//	off       is disabled, offnew before having confirmed
//	mute      has signed up with a phone number alone
//	silent    has no contact
func setUpStates(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "new", Password: testPassword, Email: "new@example.com", Attributes: map[string]string{"email_verified": "false"}, Status: StatusUnconfirmed})
	p.AddUser(User{Name: "temp", Password: testPassword, Email: "temp@example.com", Status: StatusForceChangePassword})
	p.AddUser(User{Name: "reset", Password: testPassword, Email: "reset@example.com", Status: StatusResetRequired})
	p.AddUser(User{Name: "off", Password: testPassword, Email: "off@example.com", Disabled: true})
	p.AddUser(User{Name: "offnew", Password: testPassword, Email: "offnew@example.com", Status: StatusUnconfirmed, Disabled: true})
	p.AddUser(User{Name: "mute", Password: testPassword, Phone: "+15555550123", Status: StatusUnconfirmed})
	p.AddUser(User{Name: "silent", Password: testPassword})
	values := map[string]string{}
	if p.clients["client1"].flows[AllowUserPassword] {
		a := post(t, p, "InitiateAuth", withPassword("ana", testPassword))
		for name, member := range map[string]string{"access": "AccessToken", "id": "IdToken", "refresh": "RefreshToken"} {
			values[name] = a.str("AuthenticationResult", member)
		}
	}
	return values
}

// setUpPlain adds to the states what takes longer to come by: expired and used
// sessions, second factors, a code, a device.
func setUpPlain(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "late", Password: testPassword, Status: StatusForceChangePassword})
	time.Sleep(7 * 24 * time.Hour)
	p.AddUser(User{Name: "tom", Password: testPassword, Email: "tom@example.com", TOTP: true})
	p.AddUser(User{Name: "sam", Password: testPassword, Phone: "+15555550199", SMSMFA: true})
	p.AddUser(User{Name: "eve", Password: testPassword, Email: "eve@example.com", EmailMFA: true})
	p.AddUser(User{Name: "all", Password: testPassword, Email: "all@example.com", Phone: "+15555550177", SMSMFA: true, EmailMFA: true})
	session := func(name, challenge string) string {
		t.Helper()
		return wantChallenge(t, ok(t, p, "InitiateAuth", withPassword(name, testPassword)), challenge)
	}
	expiredSession := session("tom", "SOFTWARE_TOKEN_MFA")
	time.Sleep(3 * time.Minute)
	values := setUpStates(t, p)
	values["expired"] = expiredSession
	values["spent"] = session("tom", "SOFTWARE_TOKEN_MFA")
	used := p.TOTP("tom")
	ok(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", values["spent"], m{"USERNAME": "tom", "SOFTWARE_TOKEN_MFA_CODE": used}))
	values["usedTOTP"] = used
	values["totp"] = session("tom", "SOFTWARE_TOKEN_MFA")
	values["sms"] = session("sam", "SMS_MFA")
	values["email"] = session("eve", "EMAIL_OTP")
	values["select"] = session("all", "SELECT_MFA_TYPE")
	values["newPassword"] = session("temp", "NEW_PASSWORD_REQUIRED")

	// bob has an authenticator app that he has not verified, and a device that
	// he has not confirmed.
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com"})
	values["bob"] = accessToken(t, p, "bob")
	ok(t, p, "AssociateSoftwareToken", m{"AccessToken": values["bob"]})
	ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": values["bob"], "AttributeName": "email"})
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "bob"})
	ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "new"})

	access, _, confirm := signInOnDevice(t, p)
	ok(t, p, "ConfirmDevice", confirm)
	values["deviceAccess"], values["device"] = access, confirm["DeviceKey"].(string)
	_, _, unconfirmed := signInOnDevice(t, p)
	values["newDevice"] = unconfirmed["DeviceKey"].(string)
	return values
}

// setUpProtected adds ana, who has signed in.
func setUpProtected(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword})
	signIn(t, p)
	event := *authEvents(t, p, "ana")[0].EventId
	return map[string]string{"pool": p.PoolID(), "event": event, "token": p.FeedbackToken("ana", event)}
}

func setUpEmail(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana@example.com", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "bob@example.com", Password: testPassword, Email: "bob@example.com"})
	return map[string]string{"access": post(t, p, "InitiateAuth", withPassword("ana@example.com", testPassword)).str("AuthenticationResult", "AccessToken")}
}

// setUpPending lets ana change to an address that becomes bob's meanwhile.
func setUpPending(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	sub := p.AddUser(User{Name: "ana@example.com", Password: testPassword, Email: "ana@example.com"})
	access := accessToken(t, p, "ana@example.com")
	ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "bob@example.com"}}})
	p.AddUser(User{Name: "bob@example.com", Password: testPassword, Email: "bob@example.com"})
	return map[string]string{"access": access, "code": p.Code(sub)}
}

// setUpAliases adds bob, who signed up with the address that ana has verified.
func setUpAliases(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Attributes: map[string]string{"preferred_username": "annie"}})
	ok(t, p, "SignUp", signUpBody("bob", "ana@example.com"))
	p.AddUser(User{Name: "carla", Password: testPassword})
	return map[string]string{"code": p.Code("bob"), "access": accessToken(t, p, "carla")}
}

// setUpHistory gives ana a second password, a reset code, and temp a session
// for a new one.
func setUpHistory(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "temp", Password: testPassword, Status: StatusForceChangePassword})
	access := accessToken(t, p, "ana")
	ok(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": "An0ther one"})
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	return map[string]string{
		"access": access, "code": p.Code("ana"), "pool": p.PoolID(),
		"newPassword": wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("temp", testPassword)), "NEW_PASSWORD_REQUIRED"),
	}
}

// setUpRequired brings ana to tokens with her authenticator app, and leaves
// bob and the disabled off to set one up.
func setUpRequired(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
	a := ok(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("ana")}))
	p.AddUser(User{Name: "bob", Password: testPassword})
	p.AddUser(User{Name: "off", Password: testPassword})
	setUp := func(name string) string {
		t.Helper()
		return wantChallenge(t, ok(t, p, "InitiateAuth", withPassword(name, testPassword)), "MFA_SETUP")
	}
	values := map[string]string{"access": result(t, a, "AccessToken"), "replaced": setUp("bob"), "setUp": setUp("bob"), "off": setUp("off")}
	values["associated"] = ok(t, p, "AssociateSoftwareToken", m{"Session": values["replaced"]}).str("Session")
	admin(t, p, "AdminDisableUser", `"Username":"off"}`)
	pending := p.users.find("bob").mfa.pendingTOTP
	for values["wrongTOTP"] = "000000"; pending.check(values["wrongTOTP"], time.Now()) == totpRight; {
		values["wrongTOTP"] = wrongCode(values["wrongTOTP"]) // a code is right only once
	}
	return values
}

// setUpEmailMFA leaves somebody without an address to set one up.
func setUpEmailMFA(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana@example.com", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "+15555550123", Password: testPassword, Phone: "+15555550123"})
	return map[string]string{"setUp": wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("+15555550123", testPassword)), "MFA_SETUP")}
}

// setUpRotated replaces a refresh token.
func setUpRotated(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	p.AddUser(User{Name: "ana", Password: testPassword})
	refresh := result(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "RefreshToken")
	ok(t, p, "GetTokensFromRefreshToken", m{"ClientId": "client1", "RefreshToken": refresh})
	return map[string]string{"refresh": refresh}
}

// setUpChoice gives ana as many passkeys as a user can have.
func setUpChoice(t *testing.T, p *Pool) map[string]string {
	t.Helper()
	for _, name := range []string{"ana", "bob"} {
		p.AddUser(User{Name: name, Password: testPassword})
	}
	for range maxPasskeys {
		p.AddPasskey("ana", NewAuthenticator(thePage))
	}
	choice := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana"}})
	return map[string]string{
		"full": accessToken(t, p, "ana"), "access": accessToken(t, p, "bob"), "choice": wantChallenge(t, choice, "SELECT_CHALLENGE"),
	}
}

// badTriggers do what the username says.
func badTriggers() Triggers {
	return Triggers{
		PreSignUp: func(e *PreSignUpEvent) error {
			e.Response.AutoVerifyPhone = e.UserName == "phoneless"
			return triggerError(e.UserName)
		},
		DefineAuthChallenge: func(e *DefineAuthChallengeEvent) error {
			e.Response.FailAuthentication = e.UserName == "ana"
			return triggerError(e.UserName)
		},
		CreateAuthChallenge: func(*CreateAuthChallengeEvent) error { return nil },
		VerifyAuthChallenge: func(*VerifyAuthChallengeEvent) error { return nil },
	}
}

func triggerError(name string) error {
	if name == "refused" || name == "new" {
		return errors.New("Registration from this domain is not allowed.") //nolint:revive // the text of a Lambda function
	}
	return nil
}
