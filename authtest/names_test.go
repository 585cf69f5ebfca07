package authtest

import (
	"testing"
)

func signUpWith(name string, attributes ...m) m {
	return m{"ClientId": "client1", "Username": name, "Password": testPassword, "UserAttributes": attributes}
}

func TestUsernameAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		UsernameAttributes: []string{"email", "phone_number"}, AutoVerifiedAttributes: []string{"email", "phone_number"},
		ExplicitAuthFlows: passwordFlow, CaseInsensitiveUsernames: true,
	})
	fails(t, p, "SignUp", signUpWith("ana"), "InvalidParameterException", "Username should be either an email or a phone number.")
	a := ok(t, p, "SignUp", signUpWith("ana@example.com", m{"Name": "phone_number", "Value": "+15555550123"}))
	if got := a.str("CodeDeliveryDetails", "AttributeName"); got != "phone_number" {
		t.Errorf("with two contacts the code went to %s", got)
	}
	fails(t, p, "SignUp", signUpWith("ANA@example.com"), "UsernameExistsException", "An account with the given email already exists.")
	fails(t, p, "SignUp", signUpWith("+15555550123"), "UsernameExistsException", "An account with the given phone_number already exists.")
	ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana@example.com", "ConfirmationCode": p.Code("ana@example.com")})
	for _, name := range []string{"ana@example.com", "Ana@Example.Com", "+15555550123", a.str("UserSub")} {
		b := ok(t, p, "InitiateAuth", withPassword(name, testPassword))
		_, claims := parseToken(t, p, result(t, b, "AccessToken"))
		if claims["username"] != a.str("UserSub") || claims["sub"] != a.str("UserSub") {
			t.Errorf("%s: username %v, sub %v", name, claims["username"], claims["sub"])
		}
	}

	email := newPool(t, Config{UsernameAttributes: []string{"email"}})
	fails(t, email, "SignUp", signUpWith("+15555550123"), "InvalidParameterException", "Username should be an email.")
	phone := newPool(t, Config{UsernameAttributes: []string{"phone_number"}})
	fails(t, phone, "SignUp", signUpWith("ana@example.com"), "InvalidParameterException", "Username should be a phone number.")
}

func TestAliasAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AliasAttributes: []string{"email", "phone_number", "preferred_username"}, ExplicitAuthFlows: passwordFlow})
	email := m{"Name": "email", "Value": "ana@example.com"}
	fails(t, p, "SignUp", signUpWith("ana@example.com"), "InvalidParameterException",
		"Username cannot be of email format, since user pool is configured for email alias.")
	fails(t, p, "SignUp", signUpWith("+15555550123"), "InvalidParameterException",
		"Username cannot be of phone number format, since user pool is configured for phone number alias.")
	if a := post(t, p, "SignUp", signUpWith("x", m{"Name": "preferred_username", "Value": "y"})); a.code() != "InvalidParameterException" {
		t.Errorf("preferred_username at sign-up: got %q", a.code())
	}
	confirm := func(name string) m {
		return m{"ClientId": "client1", "Username": name, "ConfirmationCode": p.Code(name)}
	}
	ok(t, p, "SignUp", signUpWith("ana", email))
	ok(t, p, "SignUp", signUpWith("bob", email))
	// An alias that is not verified signs nobody in.
	fails(t, p, "InitiateAuth", withPassword("ana@example.com", testPassword), "UserNotFoundException", "User does not exist.")
	ok(t, p, "ConfirmSignUp", confirm("ana"))
	username := func() any {
		_, claims := parseToken(t, p, result(t, ok(t, p, "InitiateAuth", withPassword("ana@example.com", testPassword)), "AccessToken"))
		return claims["username"]
	}
	if got := username(); got != "ana" {
		t.Errorf("the alias is %v's", got)
	}
	fails(t, p, "ConfirmSignUp", confirm("bob"), "AliasExistsException", "An account with the email already exists.")
	forced := confirm("bob")
	forced["ForceAliasCreation"] = true
	ok(t, p, "ConfirmSignUp", forced)
	if got := username(); got != "bob" {
		t.Errorf("after it was forced, the alias is %v's", got)
	}
	if u, _ := p.User("ana"); u.Attributes["email_verified"] != "false" {
		t.Error("the address is verified for its former owner")
	}
	ok(t, p, "InitiateAuth", withPassword("ana", testPassword))

	p.AddUser(User{Name: "carla", Password: testPassword, Attributes: map[string]string{"preferred_username": "cc"}})
	ok(t, p, "InitiateAuth", withPassword("cc", testPassword))
}

func TestCase(t *testing.T) {
	t.Parallel()
	for _, insensitive := range []bool{false, true} {
		p := newPool(t, Config{CaseInsensitiveUsernames: insensitive, ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "Ana", Password: testPassword})
		a := post(t, p, "InitiateAuth", withPassword("aNA", testPassword))
		if (a.code() == "") != insensitive {
			t.Errorf("insensitive %t: got %q", insensitive, a.code())
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ attribute, in, want string }{
		{"email", "test@test.com", "t***@t***"},
		{"email", "é@ü.example", "é***@ü***"},
		{"email", "", "***@***"},
		{"phone_number", "+12065558884", "+*******8884"},
		{"phone_number", "+123", "+123"},
		{"phone_number", "", "+"},
	} {
		if got := mask(tt.attribute, tt.in); got != tt.want {
			t.Errorf("mask(%q): got %q, want %q", tt.in, got, tt.want)
		}
	}
}
