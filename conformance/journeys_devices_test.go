package conformance

import "github.com/cognitokit/auth/srp"

func deviceJourneys() []*journey {
	return []*journey{{name: "devices", client: roleDevices, needs: []string{"DeviceConfiguration", "EnabledMfas"}, play: devices}}
}

// devices has a device remembered, signs in with it, and forgets it.
func devices(r *run) {
	ana := r.confirmed("ana")
	tokens := r.srpSignIn("sign in", documented, ana, ana.password)
	access, refresh := r.need(tokens, "AuthenticationResult", "AccessToken"), tokens.str("AuthenticationResult", "RefreshToken")
	key := r.need(tokens, "AuthenticationResult", "NewDeviceMetadata", "DeviceKey")
	group := r.need(tokens, "AuthenticationResult", "NewDeviceMetadata", "DeviceGroupKey")
	secret := srp.NewDeviceSecret()
	verifier := srp.NewVerifier(group, key, secret)
	const name = "conformance browser"
	r.scrub.know(name, "name of the device")
	confirm := bearer(access, m{"DeviceKey": key, "DeviceName": name,
		"DeviceSecretVerifierConfig": m{"Salt": verifier.SaltBase64(), "PasswordVerifier": verifier.ValueBase64()}})
	device := m{"DeviceKey": key}
	unknown := m{"DeviceKey": r.target.region + "_" + newUUID()}

	r.call("look before it is confirmed", inferred, "GetDevice", bearer(access, device))
	r.call("refresh before it is confirmed", documented, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh, "DEVICE_KEY": key}))
	r.call("no verifier", inferred, "ConfirmDevice", bearer(access, device))
	r.call("confirm", documented, "ConfirmDevice", confirm)
	r.call("confirm again", inferred, "ConfirmDevice", confirm)
	r.call("look", documented, "GetDevice", bearer(access, device))
	r.call("list", documented, "ListDevices", bearer(access, m{"Limit": 10}))
	r.call("list, for administrators", documented, "AdminListDevices", r.onUser(ana, m{}))
	r.call("an unknown one", observed, "GetDevice", bearer(access, unknown))
	r.call("refresh", documented, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh, "DEVICE_KEY": key}))
	r.call("refresh without the device", documented, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh}))
	r.call("refresh, the newer way", documented, "GetTokensFromRefreshToken", with(r.renewing(refresh), m{"DeviceKey": key}))
	r.call("sign in from elsewhere", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("sign in with an unknown one", observed, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "DEVICE_KEY": unknown["DeviceKey"]}))

	challenge := r.call("sign in with it", documented, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "DEVICE_KEY": key}))
	r.deviceProof("sign in with it", ana, challenge, group, key, secret)

	app := r.setUpTOTP("an app", access)
	r.call("turn it on", documented, "SetUserMFAPreference", bearer(access, m{"SoftwareTokenMfaSettings": m{"Enabled": true, "PreferredMfa": true}}))
	challenge = r.call("sign in with the device for the code", documented, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "DEVICE_KEY": key}))
	r.deviceProof("sign in with the device for the code", ana, challenge, group, key, secret)
	challenge = r.call("sign in without the device", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("sign in without the device, code", documented, "RespondToAuthChallenge",
		r.respond("SOFTWARE_TOKEN_MFA", r.need(challenge, "Session"), m{"USERNAME": ana.name, "SOFTWARE_TOKEN_MFA_CODE": r.totp(app)}))

	r.call("not remembered", documented, "UpdateDeviceStatus", bearer(access, with(device, m{"DeviceRememberedStatus": "not_remembered"})))
	r.call("sign in with one that is not remembered", documented, "InitiateAuth",
		r.start("USER_PASSWORD_AUTH", m{"USERNAME": ana.name, "PASSWORD": ana.password, "DEVICE_KEY": key}))
	r.call("a status that does not exist", observed, "UpdateDeviceStatus", bearer(access, with(device, m{"DeviceRememberedStatus": "x"})))
	r.call("forget", documented, "ForgetDevice", bearer(access, device))
	r.call("forget again", observed, "ForgetDevice", bearer(access, device))
	r.call("refresh after it is forgotten", documented, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": refresh, "DEVICE_KEY": key}))
	r.call("list what is left", documented, "ListDevices", bearer(access, m{}))
}

// deviceProof answers DEVICE_SRP_AUTH, and then DEVICE_PASSWORD_VERIFIER.
func (r *run) deviceProof(what string, p *person, challenge answer, group, key, secret string) {
	client := srp.NewClient()
	answers := m{"USERNAME": p.name, "DEVICE_KEY": key}
	second := r.call(what+", device", documented, "RespondToAuthChallenge",
		r.respond("DEVICE_SRP_AUTH", r.need(challenge, "Session"), with(answers, m{"SRP_A": client.A()})))
	proof := r.proof(client, second, group, key, secret)
	r.call(what+", proof of the device", documented, "RespondToAuthChallenge",
		r.respond("DEVICE_PASSWORD_VERIFIER", r.need(second, "Session"), with(answers, proof)))
}
