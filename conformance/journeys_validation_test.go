package conformance

import "strings"

func validationJourneys() []*journey {
	return []*journey{
		{name: "validation", client: rolePlain, play: validation},
		{name: "validation-of-tokens", client: rolePlain, play: validationOfTokens},
		{name: "validation-for-administrators", client: rolePlain, play: validationForAdministrators},
	}
}

// validation sends what the service's model does not allow.
func validation(r *run) {
	ana, client := r.person("ana"), r.client.id
	long := ana.name + strings.Repeat("x", 200)
	r.call("SignUp, nothing", inferred, "SignUp", m{})
	r.call("SignUp, null", inferred, "SignUp", m{"ClientId": client, "Username": nil, "Password": nil})
	r.call("SignUp, a name that is too long", observed, "SignUp", m{"ClientId": client, "Username": long, "Password": ana.password})
	r.call("SignUp, a name with a space", observed, "SignUp", m{"ClientId": client, "Username": ana.name + " x", "Password": ana.password})
	r.call("SignUp, no name", inferred, "SignUp", m{"ClientId": client, "Username": "", "Password": ana.password})
	r.call("SignUp, a short password", observed, "SignUp", m{"ClientId": client, "Username": ana.name, "Password": "Aa1!x"})
	r.call("SignUp, a password that begins with a space", inferred, "SignUp", m{"ClientId": client, "Username": ana.name, "Password": " Aa1!wxyz"})
	r.call("SignUp, a long password", inferred, "SignUp", m{"ClientId": client, "Username": ana.name, "Password": "Aa1!" + strings.Repeat("x", 300)})
	r.call("SignUp, a client id that is none", inferred, "SignUp", m{"ClientId": "-", "Username": ana.name, "Password": ana.password})
	r.call("SignUp, an attribute without a name", inferred, "SignUp", m{"ClientId": client, "Username": ana.name, "Password": ana.password, "UserAttributes": []m{{"Value": "x"}}})
	r.call("SignUp, an attribute with a long name", inferred, "SignUp", m{"ClientId": client, "Username": ana.name, "Password": ana.password,
		"UserAttributes": attributes(strings.Repeat("x", 40), "x")})
	r.call("SignUp, several mistakes", inferred, "SignUp", m{"ClientId": "-", "Username": ana.name + " x", "Password": "x"})
	r.call("ConfirmSignUp, nothing", inferred, "ConfirmSignUp", m{})
	r.call("ConfirmSignUp, a code with a space", inferred, "ConfirmSignUp", m{"ClientId": client, "Username": ana.name, "ConfirmationCode": "1 2"})
	r.call("ConfirmSignUp, an empty code", inferred, "ConfirmSignUp", m{"ClientId": client, "Username": ana.name, "ConfirmationCode": ""})
	r.call("ResendConfirmationCode, nothing", inferred, "ResendConfirmationCode", m{})
	r.call("ForgotPassword, nothing", inferred, "ForgotPassword", m{})
	r.call("ConfirmForgotPassword, nothing", inferred, "ConfirmForgotPassword", m{})
	r.call("ConfirmForgotPassword, a short password", observed, "ConfirmForgotPassword", m{"ClientId": client, "Username": ana.name, "ConfirmationCode": "000000", "Password": "x"})
	r.call("InitiateAuth, nothing", inferred, "InitiateAuth", m{})
	r.call("InitiateAuth, a flow that does not exist", observed, "InitiateAuth", m{"ClientId": client, "AuthFlow": "MAGIC"})
	r.call("RespondToAuthChallenge, nothing", inferred, "RespondToAuthChallenge", m{})
	r.call("RespondToAuthChallenge, a challenge that does not exist", observed, "RespondToAuthChallenge", m{"ClientId": client, "ChallengeName": "MAGIC"})
	r.call("RespondToAuthChallenge, a short session", inferred, "RespondToAuthChallenge", r.respond("SMS_MFA", "x", m{"USERNAME": ana.name}))
	r.call("RespondToAuthChallenge, no responses", inferred, "RespondToAuthChallenge", m{"ClientId": client, "ChallengeName": "SMS_MFA"})
	r.call("GetTokensFromRefreshToken, nothing", inferred, "GetTokensFromRefreshToken", m{})
	r.call("RevokeToken, nothing", inferred, "RevokeToken", m{})
	r.call("VerifySoftwareToken, nothing", inferred, "VerifySoftwareToken", m{})
	r.call("VerifySoftwareToken, letters", inferred, "VerifySoftwareToken", m{"Session": "12345678901234567890", "UserCode": "Aaaa"})
	r.call("AssociateSoftwareToken, a short session", inferred, "AssociateSoftwareToken", m{"Session": "x"})
}

// validationOfTokens sends requests whose access token is good and whose other
// members are not.
func validationOfTokens(r *run) {
	ana := r.confirmed("ana")
	access, _ := r.signIn("sign in", ana)
	send := func(what string, c certainty, operation string, members m) {
		r.call(operation+", "+what, c, operation, bearer(access, members))
	}
	send("no password", inferred, "ChangePassword", m{})
	send("a short password", observed, "ChangePassword", m{"PreviousPassword": ana.password, "ProposedPassword": "x"})
	send("no attributes", inferred, "UpdateUserAttributes", m{})
	send("a list of none", inferred, "UpdateUserAttributes", m{"UserAttributes": []m{}})
	send("a value that is too long", documented, "UpdateUserAttributes", m{"UserAttributes": attributes("name", strings.Repeat("x", 2049))})
	send("no names", inferred, "DeleteUserAttributes", m{})
	send("no name", observed, "GetUserAttributeVerificationCode", m{})
	send("no code", inferred, "VerifyUserAttribute", m{"AttributeName": "email"})
	send("an empty code", inferred, "VerifyUserAttribute", m{"AttributeName": "email", "Code": ""})
	send("no device", inferred, "GetDevice", m{})
	send("a device key that is none", inferred, "GetDevice", m{"DeviceKey": "x"})
	send("a device where none are tracked", inferred, "GetDevice", m{"DeviceKey": r.target.region + "_0"})
	send("devices where none are tracked", inferred, "ListDevices", m{})
	send("more than can be listed", inferred, "ListDevices", m{"Limit": 61})
	send("fewer than none", inferred, "ListDevices", m{"Limit": -1})
	send("no credential", inferred, "CompleteWebAuthnRegistration", m{})
	send("no credential id", inferred, "DeleteWebAuthnCredential", m{})
	send("more than can be listed", inferred, "ListWebAuthnCredentials", m{"MaxResults": 21})
}

func validationForAdministrators(r *run) {
	ana := r.person("ana")
	r.call("AdminGetUser, nothing", inferred, "AdminGetUser", m{})
	r.call("AdminGetUser, no name", inferred, "AdminGetUser", m{"UserPoolId": r.client.pool})
	r.call("AdminGetUser, a pool id that is none", inferred, "AdminGetUser", m{"UserPoolId": "x", "Username": ana.name})
	r.call("AdminCreateUser, nothing", inferred, "AdminCreateUser", m{})
	r.call("AdminCreateUser, an action that does not exist", inferred, "AdminCreateUser", r.onUser(ana, m{"MessageAction": "SHOUT", "TemporaryPassword": ana.password}))
	r.call("AdminCreateUser, a short password", observed, "AdminCreateUser", r.onUser(ana, m{"MessageAction": "SUPPRESS", "TemporaryPassword": "x"}))
	r.call("AdminSetUserPassword, no password", inferred, "AdminSetUserPassword", r.onUser(ana, m{}))
	r.call("AdminInitiateAuth, nothing", inferred, "AdminInitiateAuth", m{})
	r.call("AdminUpdateUserAttributes, no attributes", inferred, "AdminUpdateUserAttributes", r.onUser(ana, m{}))
}
