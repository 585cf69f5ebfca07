package authtest

import (
	"strings"
	"testing"
)

func TestValidation(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExpectUnknown: true})
	const one, invalid, serial = "1 validation error detected: ", "InvalidParameterException", "SerializationException"
	tests := []struct {
		name, operation, body, code, message string
	}{
		{"missing", "ConfirmSignUp", `{"ClientId":"c","ConfirmationCode":"1"}`, invalid,
			one + "Value at 'username' failed to satisfy constraint: Member must not be null"},
		{"null", "ConfirmSignUp", `{"ClientId":"c","Username":null,"ConfirmationCode":"1"}`, invalid,
			one + "Value at 'username' failed to satisfy constraint: Member must not be null"},
		{"missing, not sensitive", "ConfirmSignUp", `{"ClientId":"c","Username":"u"}`, invalid,
			one + "Value null at 'confirmationCode' failed to satisfy constraint: Member must not be null"},
		{"several missing", "SignUp", `{}`, invalid,
			"2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null"},
		{"short password", "SignUp", `{"ClientId":"c","Username":"u","Password":"short"}`, invalid,
			one + "Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6"},
		{"password that ends with a space", "SignUp", `{"ClientId":"c","Username":"u","Password":"secret "}`, invalid,
			one + `Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`},
		{"long password", "SignUp", `{"ClientId":"c","Username":"u","Password":"` + strings.Repeat("é", 257) + `"}`, invalid,
			one + "Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256"},
		{"empty username", "SignUp", `{"ClientId":"c","Username":""}`, invalid,
			"2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: " +
				`[\p{L}\p{M}\p{S}\p{N}\p{P}]+; Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1`},
		{"username with a space", "SignUp", `{"ClientId":"c","Username":"a b"}`, invalid,
			one + `Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`},
		{"code with a space", "ConfirmSignUp", `{"ClientId":"c","Username":"u","ConfirmationCode":"12 34"}`, invalid,
			one + `Value '12 34' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\S]+`},
		{"user code", "VerifySoftwareToken", `{"Session":"12345678901234567890","UserCode":"Aaaa"}`, invalid,
			"2 validation errors detected: Value at 'userCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+; " +
				"Value at 'userCode' failed to satisfy constraint: Member must have length greater than or equal to 6"},
		{"short session", "RespondToAuthChallenge", `{"ClientId":"c","ChallengeName":"SMS_MFA","Session":"short"}`, invalid,
			one + "Value at 'session' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"enum", "InitiateAuth", `{"ClientId":"c","AuthFlow":"PASSWORD"}`, invalid,
			one + "Value 'PASSWORD' at 'authFlow' failed to satisfy constraint: Member must satisfy enum value set: " +
				"[USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]"},
		{"nested", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[{"Name":"a"},{"Name":""},{"Value":"x"}]}`, invalid,
			"3 validation errors detected: Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must satisfy regular expression pattern: " +
				`[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+; Value '' at 'userAttributes.2.member.name' failed to satisfy constraint: Member must have length greater than or equal to 1; ` +
				"Value null at 'userAttributes.3.member.name' failed to satisfy constraint: Member must not be null"},
		{"null in a list", "SignUp", `{"ClientId":"c","Username":"u","UserAttributes":[null]}`, invalid,
			one + "Value null at 'userAttributes.1.member' failed to satisfy constraint: Member must not be null"},
		{"token", "GetUser", `{"AccessToken":"a b"}`, invalid,
			one + "Value at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+"},
		{"no JSON", "SignUp", `{`, serial, ""},
		{"empty", "SignUp", ``, serial, ""},
		{"two documents", "SignUp", `{}{}`, serial, ""},
		{"list for a structure", "SignUp", `[]`, serial, "Start of list found where not expected"},
		{"number for a string", "SignUp", `{"ClientId":1}`, serial, "NUMBER_VALUE can not be converted to String"},
		{"structure for a string", "SignUp", `{"ClientId":{}}`, serial, "Start of structure or map found where not expected."},
		{"list for a string", "SignUp", `{"ClientId":[]}`, serial, "Start of list found where not expected"},
		{"boolean for a string", "SignUp", `{"ClientId":true}`, serial, "TRUE_VALUE can not be converted to String"},
		{"string for a boolean", "ConfirmSignUp", `{"ForceAliasCreation":"true"}`, serial, "STRING_VALUE can not be converted to Boolean"},
		{"string for a list", "SignUp", `{"UserAttributes":"x"}`, serial, "Expected list, structure or map"},
		{"string for a map", "SignUp", `{"ClientMetadata":"x"}`, serial, "Expected list, structure or map"},
		{"number in a map", "SignUp", `{"ClientMetadata":{"a":1}}`, serial, "NUMBER_VALUE can not be converted to String"},
		{"unknown", "SignUp", `{"Clientid":"c","UserAttributes":[{"name":"a"}]}`, serial, `authtest: unknown member "userAttributes.1.member.name", "Clientid"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fails(t, p, tt.operation, tt.body, tt.code, tt.message)
		})
	}
}

// TestShapes checks that patterns match what they must.
func TestShapes(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"AccessToken": {"a-b_c=d.e09AZ"},
		"ClientId":    {"1example23456789", "a+b_c"},
		"DeviceKey":   {"eu-west-1_a1b2c3d4-0000-4000-8000-0123456789ab"},
		"Password":    {"correct horse", "pässwört"},
		"SecretHash":  {"aA0+/="},
		"UserPoolId":  {"eu-west-1_AbC123def"},
		"Username":    {"ana@example.com", "\u540d\u524d", "a+b"},
	}
	for name, values := range tests {
		for _, value := range values {
			if found := shapes()[name].violations("x", value); len(found) > 0 {
				t.Errorf("%s: %q: %v", name, value, found)
			}
		}
	}
}
