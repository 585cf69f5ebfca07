package authtest

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestAdminCreateUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the bubble's clock starts at 2000-01-01
		p := newPool(t, Config{PoolID: "eu-west-1_AbC123def", ExplicitAuthFlows: passwordFlow, RequiredAttributes: []string{"name"}})
		const op = "AdminCreateUser"
		email := `"UserAttributes":[{"Name":"email","Value":"ana@example.com"},{"Name":"email_verified","Value":"true"}]`
		a := admin(t, p, op, `"Username":"ana","DesiredDeliveryMediums":["EMAIL"],`+email+`}`)
		created := a.body["User"].(map[string]any)
		attributes := created["Attributes"].([]any)
		delete(created, "Attributes")
		want := map[string]any{
			"Username": "ana", "Enabled": true, "UserStatus": "FORCE_CHANGE_PASSWORD",
			"UserCreateDate": 946684800.0, "UserLastModifiedDate": 946684800.0,
		}
		if diff := cmp.Diff(want, created); diff != "" {
			t.Errorf("User (-want +got):\n%s", diff)
		}
		if len(attributes) != 3 {
			t.Errorf("attributes: got %v", attributes)
		}
		message := p.Inbox("ana")[0]
		if message.Kind != MessageInvitation || message.Medium != MediumEmail {
			t.Errorf("message: got %v", message)
		}
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", message.Code)), "NEW_PASSWORD_REQUIRED")

		adminFails(t, p, op, `"Username":"ana"}`, "UsernameExistsException", "User account already exists")
		adminFails(t, p, op, `"Username":"bob","TemporaryPassword":"short1"}`, "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
		adminFails(t, p, op, `"Username":"bob","MessageAction":"RESEND"}`, "UserNotFoundException", "User does not exist.")
		admin(t, p, op, `"Username":"bob","TemporaryPassword":"Tempor4ry!"}`)
		if inbox := p.Inbox("bob"); len(inbox) > 0 {
			t.Error("a user without contact got a message")
		}
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("bob", "Tempor4ry!")), "NEW_PASSWORD_REQUIRED")
		admin(t, p, op, `"Username":"carla","MessageAction":"SUPPRESS","DesiredDeliveryMediums":["EMAIL"],`+strings.Replace(email, "ana@", "carla@", 1)+`}`)
		if inbox := p.Inbox("carla"); len(inbox) > 0 {
			t.Error("a suppressed message was sent")
		}

		admin(t, p, op, `"Username":"ana","MessageAction":"RESEND","DesiredDeliveryMediums":["EMAIL"]}`)
		renewed := p.Code("ana")
		fails(t, p, "InitiateAuth", withPassword("ana", message.Code), "NotAuthorizedException", "Incorrect username or password.")
		ok(t, p, "InitiateAuth", withPassword("ana", renewed))
		ok(t, p, "RespondToAuthChallenge", respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": testPassword, "userAttributes.name": "Ana"}))
		a = postSigned(t, p, op, `"Username":"ana","MessageAction":"RESEND"}`)
		if a.code() != "UnsupportedUserStateException" {
			t.Errorf("RESEND to a confirmed user: got %q", a.code())
		}
	})
}

func TestAdminStates(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	ok(t, p, "SignUp", signUpBody("new", "new@example.com"))
	const ana, fresh = `"Username":"ana"}`, `"Username":"new"}`

	adminFails(t, p, "AdminConfirmSignUp", ana, "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
	adminFails(t, p, "AdminResetUserPassword", fresh, "NotAuthorizedException", "User password cannot be reset in the current state.")
	admin(t, p, "AdminConfirmSignUp", fresh)
	ok(t, p, "InitiateAuth", withPassword("new", testPassword))
	fails(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "new"}, "InvalidParameterException",
		"Cannot reset password for the user as there is no registered/verified email or phone_number")

	admin(t, p, "AdminDisableUser", ana)
	fails(t, p, "InitiateAuth", withPassword("ana", testPassword), "NotAuthorizedException", "User is disabled.")
	admin(t, p, "AdminEnableUser", ana)
	ok(t, p, "InitiateAuth", withPassword("ana", testPassword))

	admin(t, p, "AdminResetUserPassword", ana)
	fails(t, p, "InitiateAuth", withPassword("ana", testPassword), "PasswordResetRequiredException", "Password reset required for the user")
	ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": "An0ther one"})
	ok(t, p, "InitiateAuth", withPassword("ana", "An0ther one"))

	adminFails(t, p, "AdminSetUserPassword", `"Username":"ana","Password":"nodigits"}`, "InvalidPasswordException",
		"Password did not conform with policy: Password must have uppercase characters")
	admin(t, p, "AdminSetUserPassword", `"Username":"ana","Password":"Tempor4ry!"}`)
	wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", "Tempor4ry!")), "NEW_PASSWORD_REQUIRED")
	admin(t, p, "AdminSetUserPassword", `"Username":"ana","Password":"Perman3nt!","Permanent":true}`)
	ok(t, p, "InitiateAuth", withPassword("ana", "Perman3nt!"))

	a := admin(t, p, "AdminGetUser", ana)
	u, _ := p.User("ana")
	if a.str("UserStatus") != "CONFIRMED" || a.body["Enabled"] != true || a.str("Username") != "ana" {
		t.Errorf("AdminGetUser: got %s", a.raw)
	}
	// Administrators may name the sub.
	if b := admin(t, p, "AdminGetUser", `"Username":"`+u.Sub+`"}`); b.raw != a.raw {
		t.Errorf("by sub: got %s, want %s", b.raw, a.raw)
	}
	admin(t, p, "AdminDeleteUser", ana)
	for _, operation := range []string{"AdminGetUser", "AdminDeleteUser", "AdminDisableUser", "AdminEnableUser", "AdminUserGlobalSignOut", "AdminConfirmSignUp", "AdminResetUserPassword"} {
		adminFails(t, p, operation, ana, "UserNotFoundException", "User does not exist.")
	}
}

func TestAdminOtherPool(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	other := &Pool{cfg: Config{PoolID: "eu-west-1_AbC123def"}}
	for _, operation := range []string{"AdminGetUser", "AdminDeleteUser", "AdminCreateUser", "AdminInitiateAuth", "AdminRespondToAuthChallenge"} {
		members := `"Username":"ana"}`
		switch operation {
		case "AdminInitiateAuth":
			members = `"ClientId":"client1","AuthFlow":"USER_SRP_AUTH"}`
		case "AdminRespondToAuthChallenge":
			members = `"ClientId":"client1","ChallengeName":"SMS_MFA"}`
		}
		body := `{"UserPoolId":"` + other.PoolID() + `",` + members
		a := send(t, p, "POST", "/", body, map[string]string{
			"X-Amz-Target": "AWSCognitoIdentityProviderService." + operation, "Authorization": "AWS4-HMAC-SHA256 Credential=x",
		})
		if a.code() != "ResourceNotFoundException" || a.message() != "User pool eu-west-1_AbC123def does not exist." {
			t.Errorf("%s: got %s: %s", operation, a.code(), a.message())
		}
	}
}

func TestAdminAuth(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowAdminUserPassword}, MFA: MFAOptional})
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	for _, flow := range []string{"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"} {
		a := admin(t, p, "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"`+flow+`","AuthParameters":{"USERNAME":"ana","PASSWORD":"`+testPassword+`"}}`)
		session := wantChallenge(t, a, "SOFTWARE_TOKEN_MFA")
		a = admin(t, p, "AdminRespondToAuthChallenge", `"ClientId":"client1","ChallengeName":"SOFTWARE_TOKEN_MFA","Session":"`+session+
			`","ChallengeResponses":{"USERNAME":"ana","SOFTWARE_TOKEN_MFA_CODE":"`+p.TOTP("ana")+`"}}`)
		result(t, a, "AccessToken")
	}
	adminFails(t, p, "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"USER_PASSWORD_AUTH"}`, "InvalidParameterException", "Initiate Auth method not supported.")
	adminFails(t, newPool(t, Config{}), "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"ADMIN_USER_PASSWORD_AUTH"}`,
		"InvalidParameterException", "Auth flow not enabled for this client")
}

func TestAdminUpdateUserAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AliasAttributes: []string{"email"}, ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddUser(User{Name: "bob", Password: testPassword})
	set := func(user, attributes string) string {
		return `"Username":"` + user + `","UserAttributes":[` + attributes + `]}`
	}
	address := `{"Name":"email","Value":"ana@example.com"}`
	admin(t, p, "AdminUpdateUserAttributes", set("bob", address))
	if u, _ := p.User("ana@example.com"); u.Name != "ana" {
		t.Errorf("an unverified address signs %s in", u.Name)
	}
	// The flag may come before the address that it is about.
	admin(t, p, "AdminUpdateUserAttributes", set("bob", `{"Name":"email_verified","Value":"true"},`+address))
	if u, _ := p.User("ana@example.com"); u.Name != "bob" {
		t.Errorf("the alias is %s's", u.Name)
	}
	if u, _ := p.User("ana"); u.Attributes["email_verified"] != "false" {
		t.Error("the address is still verified for its former owner")
	}
	adminFails(t, p, "AdminUpdateUserAttributes", set("bob", `{"Name":"sub","Value":"x"}`), "InvalidParameterException", "Cannot modify the non-mutable attribute sub")
	admin(t, p, "AdminSetUserMFAPreference", `"Username":"bob","EmailMfaSettings":{"Enabled":true,"PreferredMfa":true}}`)
	if u, _ := p.User("bob"); !u.EmailMFA || u.PreferredMFA != MFAFactorEmail {
		t.Error("the preference was not stored")
	}
}

func TestUserAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		ExplicitAuthFlows: passwordFlow, AliasAttributes: []string{"email"},
		RequiredAttributes: []string{"name"}, CustomAttributes: []string{"custom:plan"},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Attributes: map[string]string{"name": "Ana"}})
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "shared@example.com"})
	access, _, _ := signIn(t, p)
	update := func(attributes ...m) m { return m{"AccessToken": access, "UserAttributes": attributes} }

	a := ok(t, p, "UpdateUserAttributes", update(m{"Name": "custom:plan", "Value": "7"}, m{"Name": "email", "Value": "ana@example.com"}))
	if a.raw != "{}" {
		t.Errorf("nothing to verify: got %s", a.raw)
	}
	a = ok(t, p, "UpdateUserAttributes", update(m{"Name": "email", "Value": "shared@example.com"}))
	if list := a.body["CodeDeliveryDetailsList"].([]any); len(list) != 1 {
		t.Errorf("details: got %v", list)
	}
	// Neither the old nor the new address signs in until it is verified.
	for _, name := range []string{"ana@example.com", "shared@example.com"} {
		if u, _ := p.User(name); u.Name == "ana" {
			t.Errorf("%s signs in", name)
		}
	}
	verify := func(code string) m { return m{"AccessToken": access, "AttributeName": "email", "Code": code} }
	fails(t, p, "VerifyUserAttribute", verify(wrongCode(p.Code("ana"))), "CodeMismatchException", "Invalid verification code provided, please try again.")
	superseded := p.Code("ana")
	a = ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"})
	if a.str("CodeDeliveryDetails", "Destination") != "s***@e***" {
		t.Errorf("details: got %s", a.raw)
	}
	if superseded != p.Code("ana") {
		fails(t, p, "VerifyUserAttribute", verify(superseded), "CodeMismatchException", "Invalid verification code provided, please try again.")
	}
	ok(t, p, "VerifyUserAttribute", verify(p.Code("ana")))
	fails(t, p, "VerifyUserAttribute", verify(p.Code("ana")), "ExpiredCodeException", "Invalid code provided, please request a code again.")
	if u, _ := p.User("shared@example.com"); u.Name != "ana" {
		t.Errorf("the alias is %s's", u.Name)
	}

	const invalid = "InvalidParameterException"
	fails(t, p, "UpdateUserAttributes", update(m{"Name": "name", "Value": ""}), invalid, "Invalid user attributes: name: Required attribute cannot be deleted.")
	fails(t, p, "UpdateUserAttributes", update(m{"Name": "email_verified", "Value": "true"}), invalid, "Cannot modify the non-mutable attribute email_verified")
	fails(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "name"}, invalid, "Invalid attribute name. Only phone_number and email can be verified.")
	fails(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "name", "Code": "1"}, invalid, "Invalid attribute name. Only phone_number and email can be verified.")
	if b := post(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "phone_number"}); b.code() != invalid {
		t.Errorf("without a phone: got %q", b.code())
	}
	remove := func(names ...string) m { return m{"AccessToken": access, "UserAttributeNames": names} }
	fails(t, p, "DeleteUserAttributes", remove("name"), invalid, "Invalid user attributes: name: Required attribute cannot be deleted.")
	fails(t, p, "DeleteUserAttributes", remove("custom:other"), invalid, "Attributes did not conform to the schema: custom:other: Attribute does not exist in the schema.")
	ok(t, p, "DeleteUserAttributes", remove("custom:plan", "email"))
	u, _ := p.User("ana")
	if diff := cmp.Diff(map[string]string{"name": "Ana"}, u.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	access, _, refresh := signIn(t, p)
	change := func(previous, proposed string) m {
		return m{"AccessToken": access, "PreviousPassword": previous, "ProposedPassword": proposed}
	}
	fails(t, p, "ChangePassword", change("not the one", "An0ther one"), "NotAuthorizedException", "Incorrect username or password.")
	fails(t, p, "ChangePassword", m{"AccessToken": access, "ProposedPassword": "An0ther one"}, "NotAuthorizedException", "Incorrect username or password.")
	fails(t, p, "ChangePassword", change(testPassword, "an0ther one"), "InvalidPasswordException", "Password did not conform with policy: Password must have uppercase characters")
	ok(t, p, "ChangePassword", change(testPassword, "An0ther one"))
	ok(t, p, "InitiateAuth", withPassword("ana", "An0ther one"))
	ok(t, p, "GetUser", m{"AccessToken": access})
	ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh))
}
