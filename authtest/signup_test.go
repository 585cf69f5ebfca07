package authtest

import (
	"testing"
)

func TestSignUpJourney(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserPassword}})
	a := ok(t, p, "SignUp", m{"ClientId": "client1", "Username": "ana", "Password": "Passw0rd!",
		"UserAttributes": []m{{"Name": "email", "Value": "ana@example.com"}}})
	if got := a.str("CodeDeliveryDetails", "Destination"); got != "a***@e***" {
		t.Errorf("destination: got %q", got)
	}
	if a.str("UserSub") == "" || a.body["UserConfirmed"] != false {
		t.Errorf("got %s", a.raw)
	}
	signIn := m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": "Passw0rd!"}}
	fails(t, p, "InitiateAuth", signIn, "UserNotConfirmedException", "User is not confirmed.")
	ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana")})
	a = ok(t, p, "InitiateAuth", signIn)
	for _, name := range []string{"AccessToken", "IdToken", "RefreshToken", "TokenType"} {
		if a.str("AuthenticationResult", name) == "" {
			t.Errorf("no %s in %s", name, a.raw)
		}
	}
}
