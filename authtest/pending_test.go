package authtest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const expiredText = "Invalid code provided, please request a code again."

// attributesOf returns what GetUser says about a user, without the sub.
func attributesOf(t testing.TB, p *Pool, access string) map[string]string {
	t.Helper()
	attributes := make(map[string]string)
	for _, item := range ok(t, p, "GetUser", m{"AccessToken": access}).body["UserAttributes"].([]any) {
		a := item.(map[string]any)
		attributes[a["Name"].(string)] = a["Value"].(string)
	}
	delete(attributes, attrSub)
	return attributes
}

// signsIn reports whether a name and the usual password give tokens.
func signsIn(t testing.TB, p *Pool, name string) bool {
	t.Helper()
	return post(t, p, "InitiateAuth", withPassword(name, testPassword)).code() == ""
}

// TestChangeOfVerifiedContact changes an address that signs in, in pools with
// username and alias attributes, with and without
// AttributesRequireVerificationBeforeUpdate.
func TestChangeOfVerifiedContact(t *testing.T) {
	t.Parallel()
	const before, after = "ana@example.com", "new@example.com"
	tests := []struct {
		name              string
		config            Config
		shown, verified   string // by GetUser before the new address is verified
		oldSigns, newSign bool
	}{
		{"username attributes, verified first", Config{UsernameAttributes: []string{"email"}, RequireVerificationBeforeUpdate: []string{"email"}},
			before, "true", true, false},
		{"username attributes, at once", Config{UsernameAttributes: []string{"email"}}, after, "false", false, true},
		{"alias attributes, verified first", Config{AliasAttributes: []string{"email"}, RequireVerificationBeforeUpdate: []string{"email"}},
			before, "true", true, false},
		{"alias attributes, at once", Config{AliasAttributes: []string{"email"}}, after, "false", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.ExplicitAuthFlows = passwordFlow
			p := newPool(t, tt.config)
			user := User{Email: before, Password: testPassword}
			if tt.config.AliasAttributes != nil {
				user.Name = "ana"
			}
			sub := p.AddUser(user)
			access := result(t, ok(t, p, "InitiateAuth", withPassword(before, testPassword)), "AccessToken")

			a := ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": after}}})
			want := []any{map[string]any{"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@e***"}}
			if diff := cmp.Diff(want, a.body["CodeDeliveryDetailsList"]); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
			inbox := p.Inbox(sub)
			if got := inbox[len(inbox)-1].Destination; got != after {
				t.Errorf("the code went to %s", got)
			}
			if diff := cmp.Diff(map[string]string{"email": tt.shown, "email_verified": tt.verified}, attributesOf(t, p, access)); diff != "" {
				t.Errorf("before verification (-want +got):\n%s", diff)
			}
			if got := signsIn(t, p, before); got != tt.oldSigns {
				t.Errorf("before verification the former address signs in: %t", got)
			}
			if got := signsIn(t, p, after); got != tt.newSign {
				t.Errorf("before verification the new address signs in: %t", got)
			}

			ok(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": p.Code(sub)})
			if diff := cmp.Diff(map[string]string{"email": after, "email_verified": "true"}, attributesOf(t, p, access)); diff != "" {
				t.Errorf("after verification (-want +got):\n%s", diff)
			}
			if signsIn(t, p, before) || !signsIn(t, p, after) {
				t.Error("the new address does not sign in alone")
			}
		})
	}
}

// TestPendingContact does other things while a new address waits to be
// verified.
func TestPendingContact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{
			UsernameAttributes: []string{"email", "phone_number"}, AutoVerifiedAttributes: []string{"email", "phone_number"},
			RequireVerificationBeforeUpdate: []string{"email", "phone_number"}, ExplicitAuthFlows: passwordFlow,
		})
		const before, after = "ana@example.com", "new@example.com"
		sub := p.AddUser(User{Email: before, Password: testPassword})
		access := result(t, ok(t, p, "InitiateAuth", withPassword(before, testPassword)), "AccessToken")
		update := func(attributes ...m) {
			t.Helper()
			ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": attributes})
		}
		verify := func(code string) m {
			return m{"AccessToken": access, "AttributeName": "email", "Code": code}
		}
		newEmail := m{"Name": "email", "Value": after}
		shows := func(when string, want map[string]string) {
			t.Helper()
			if diff := cmp.Diff(want, attributesOf(t, p, access)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		old := map[string]string{"email": before, "email_verified": "true"}

		// A phone that the user did not have before waits too.
		update(newEmail, m{"Name": "phone_number", "Value": "+15555550123"})
		shows("pending", old)
		fails(t, p, "VerifyUserAttribute", verify("x"), "CodeMismatchException", "Invalid verification code provided, please try again.")
		time.Sleep(30 * time.Minute)
		a := ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": before})
		if got := a.str("CodeDeliveryDetails", "Destination"); got != "a***@e***" {
			t.Errorf("a reset code goes to %s", got)
		}

		// A further code goes to the new address as well.
		a = ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"})
		if got := a.str("CodeDeliveryDetails", "Destination"); got != "n***@e***" {
			t.Errorf("the second code goes to %s", got)
		}

		// Setting the value that is in force gives the new one up.
		code := p.Code(sub)
		update(m{"Name": "email", "Value": before})
		fails(t, p, "VerifyUserAttribute", verify(code), "ExpiredCodeException", expiredText)
		shows("given up", old)

		// Administrators change at once if they vouch for the value.
		update(newEmail)
		code = p.Code(sub)
		admin(t, p, "AdminUpdateUserAttributes", `"Username":"`+sub+`","UserAttributes":[{"Name":"email_verified","Value":"false"},{"Name":"email","Value":"admin@example.com"}]}`)
		shows("changed by an administrator", old)
		fails(t, p, "VerifyUserAttribute", verify(wrongCode(p.Code(sub))), "CodeMismatchException", "Invalid verification code provided, please try again.")
		admin(t, p, "AdminUpdateUserAttributes", `"Username":"`+sub+`","UserAttributes":[{"Name":"email_verified","Value":"true"},{"Name":"email","Value":"admin@example.com"}]}`)
		shows("vouched for by an administrator", map[string]string{"email": "admin@example.com", "email_verified": "true"})
		fails(t, p, "VerifyUserAttribute", verify(code), "ExpiredCodeException", expiredText)

		// Whoever verifies first has the address.
		update(newEmail)
		p.AddUser(User{Email: after, Password: testPassword})
		fails(t, p, "VerifyUserAttribute", verify(p.Code(sub)), "AliasExistsException", "An account with the given email already exists.")
		shows("taken meanwhile", map[string]string{"email": "admin@example.com", "email_verified": "true"})

		// Removing the attribute removes what waits too.
		update(m{"Name": "email", "Value": "third@example.com"}, m{"Name": "phone_number", "Value": "+15555550199"})
		ok(t, p, "DeleteUserAttributes", m{"AccessToken": access, "UserAttributeNames": []string{"email"}})
		fails(t, p, "VerifyUserAttribute", verify("1"), "ExpiredCodeException", expiredText)
		if a := post(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"}); a.code() != "InvalidParameterException" {
			t.Errorf("a code for a removed address: got %q", a.code())
		}
		ok(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "phone_number", "Code": p.Code(sub)})
		shows("verified", map[string]string{"phone_number": "+15555550199", "phone_number_verified": "true"})
	})
}

// TestCodeForFormerContact verifies an address by a code that went to the one
// before, in a pool that sends none by itself.
func TestCodeForFormerContact(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, AutoVerifiedAttributes: []string{}})
	p.AddUser(User{Name: "ana", Email: "ana@example.com", Password: testPassword})
	access, _, _ := signIn(t, p)
	ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"})
	a := ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "new@example.com"}}})
	if a.raw != "{}" {
		t.Errorf("a pool that verifies nothing says %s", a.raw)
	}
	fails(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": p.Code("ana")}, "ExpiredCodeException", expiredText)
	if got := attributesOf(t, p, access)["email_verified"]; got != "false" {
		t.Errorf("email_verified: got %q", got)
	}
}

// TestAdminUpdateSendsCode lets an administrator change an address.
func TestAdminUpdateSendsCode(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Email: "ana@example.com", Password: testPassword})
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"email","Value":"new@example.com"}]}`)
	if kinds := inboxKinds(p, "ana"); kinds != "UpdateUserAttribute" {
		t.Errorf("inbox: got %s", kinds)
	}
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"email","Value":"other@example.com"},{"Name":"email_verified","Value":"true"}]}`)
	if kinds := inboxKinds(p, "ana"); kinds != "UpdateUserAttribute" {
		t.Errorf("inbox after an address that the administrator vouches for: got %s", kinds)
	}
}

func TestPreferredUsernameIsUnique(t *testing.T) {
	t.Parallel()
	const exists = "AliasExistsException"
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, AliasAttributes: []string{"preferred_username"}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	p.AddUser(User{Name: "bob", Password: testPassword, Attributes: map[string]string{"preferred_username": "bobby"}})
	access, _, _ := signIn(t, p)
	set := func(value string) m {
		return m{"AccessToken": access, "UserAttributes": []m{{"Name": "preferred_username", "Value": value}}}
	}
	for _, taken := range []string{"bobby", "bob"} {
		fails(t, p, "UpdateUserAttributes", set(taken), exists, "Already found an entry for username "+taken)
		adminFails(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"preferred_username","Value":"`+taken+`"}]}`,
			exists, "Already found an entry for username "+taken)
	}
	ok(t, p, "UpdateUserAttributes", set("annie"))
	ok(t, p, "UpdateUserAttributes", set("annie"))
	if !signsIn(t, p, "annie") || !signsIn(t, p, "bobby") {
		t.Error("a preferred username does not sign in")
	}
}

func TestAdminDeleteUserAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, RequiredAttributes: []string{"name"}, AliasAttributes: []string{"email"}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Attributes: map[string]string{"name": "Ana", "nickname": "A"}})
	const op, invalid = "AdminDeleteUserAttributes", "InvalidParameterException"
	remove := func(names string) string { return `"Username":"ana","UserAttributeNames":[` + names + `]}` }
	adminFails(t, p, op, remove(`"nickname","name"`), invalid, "Invalid user attributes: name: Required attribute cannot be deleted.")
	adminFails(t, p, op, remove(`"sub"`), invalid, "Cannot modify the non-mutable attribute sub")
	adminFails(t, p, op, remove(`"custom:x"`), invalid, "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.")
	adminFails(t, p, op, `"Username":"nobody","UserAttributeNames":["nickname"]}`, "UserNotFoundException", "User does not exist.")
	if a := admin(t, p, op, remove(`"nickname","email_verified"`)); a.raw != "{}" {
		t.Errorf("body: got %s", a.raw)
	}
	u, _ := p.User("ana")
	if diff := cmp.Diff(map[string]string{"name": "Ana", "email": "ana@example.com"}, u.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if signsIn(t, p, "ana@example.com") {
		t.Error("an address that is no longer verified signs in")
	}
}
