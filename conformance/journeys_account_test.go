package conformance

func accountJourneys() []*journey {
	return []*journey{
		{name: "attributes", client: rolePlain, play: userAttributes},
		{name: "attributes-with-code", client: rolePlain, inbox: true, play: attributesWithCode},
		{name: "change-password", client: rolePlain, needs: []string{"Policies"}, play: changePassword},
		{name: "deletion", client: rolePlain, play: deletion},
		{name: "administrator", client: rolePlain, play: administrator},
	}
}

func userAttributes(r *run) {
	ana := r.confirmed("ana")
	access, _ := r.signIn("sign in", ana)
	update := func(what string, c certainty, namesAndValues ...string) {
		r.call(what, c, "UpdateUserAttributes", bearer(access, m{"UserAttributes": attributes(namesAndValues...)}))
	}
	remove := func(what string, c certainty, names ...string) {
		r.call(what, c, "DeleteUserAttributes", bearer(access, m{"UserAttributeNames": names}))
	}
	r.call("look", documented, "GetUser", bearer(access, m{}))
	update("a name", documented, "name", ana.name)
	update("a number", documented, "phone_number", ana.phone)
	update("a number that is none", observed, "phone_number", "555")
	update("an address that is none", observed, "email", "nobody")
	update("the id itself", observed, "sub", newUUID())
	update("an attribute that the pool has not", inferred, "custom:x", "1")
	update("verified by the person's own word", reported, "email_verified", "true")
	update("an empty value", documented, "name", "")
	update("a birthday that is none", inferred, "birthdate", "yesterday")
	r.call("look at the changes", documented, "GetUser", bearer(access, m{}))
	changed := r.person("changed")
	update("another address", documented, "email", changed.email)
	r.call("look at the new address", documented, "GetUser", bearer(access, m{}))
	r.call("wrong code", observed, "VerifyUserAttribute", bearer(access, m{"AttributeName": "email", "Code": "000000"}))
	r.call("a code for what cannot be verified", observed, "GetUserAttributeVerificationCode", bearer(access, m{"AttributeName": "name"}))
	r.call("a code for a number, without SMS", inferred, "GetUserAttributeVerificationCode", bearer(access, m{"AttributeName": "phone_number"}))
	r.call("verify what cannot be verified", inferred, "VerifyUserAttribute", bearer(access, m{"AttributeName": "name", "Code": "000000"}))
	remove("no number", documented, "phone_number")
	remove("no number twice", inferred, "phone_number")
	remove("what the pool has not", inferred, "custom:x")
	remove("not the id", inferred, "sub")
	r.call("look once more", documented, "GetUser", bearer(access, m{}))

	r.call("an administrator changes the address", observed, "AdminUpdateUserAttributes", r.onUser(ana, m{"UserAttributes": attributes("email", ana.email)}))
	r.call("look at the address", observed, "AdminGetUser", r.onUser(ana, m{}))
	r.call("an administrator verifies the address", documented, "AdminUpdateUserAttributes", r.onUser(ana, m{"UserAttributes": attributes("email_verified", "true")}))
	r.call("an administrator deletes an attribute", documented, "AdminDeleteUserAttributes", r.onUser(ana, m{"UserAttributeNames": []string{"name"}}))
	r.call("an administrator sets what the pool has not", inferred, "AdminUpdateUserAttributes", r.onUser(ana, m{"UserAttributes": attributes("custom:x", "1")}))
	r.call("sign in with the changes", documented, "InitiateAuth", r.byPassword(ana, ana.password))
}

func attributesWithCode(r *run) {
	ana, changed := r.confirmed("ana"), r.person("changed")
	access, _ := r.signIn("sign in", ana)
	r.call("another address", documented, "UpdateUserAttributes", bearer(access, m{"UserAttributes": attributes("email", changed.email)}))
	code := r.code(ana)
	r.call("verify", documented, "VerifyUserAttribute", bearer(access, m{"AttributeName": "email", "Code": code}))
	r.call("verify again", observed, "VerifyUserAttribute", bearer(access, m{"AttributeName": "email", "Code": code}))
	r.call("look", documented, "GetUser", bearer(access, m{}))
	r.call("a code for what is verified", reported, "GetUserAttributeVerificationCode", bearer(access, m{"AttributeName": "email"}))
}

func changePassword(r *run) {
	ana := r.confirmed("ana")
	access, token := r.signIn("sign in", ana)
	change := func(what string, c certainty, previous, proposed string) {
		r.call(what, c, "ChangePassword", bearer(access, m{"PreviousPassword": previous, "ProposedPassword": proposed}))
	}
	changed := r.password("new password")
	change("wrong password", observed, ana.wrong, changed)
	change("a weak one", observed, ana.password, "Aa1!wxy")
	r.call("no password before", inferred, "ChangePassword", bearer(access, m{"ProposedPassword": changed}))
	change("change", documented, ana.password, changed)
	r.settle()
	r.call("the access token of before", inferred, "GetUser", bearer(access, m{}))
	r.call("the refresh token of before", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))
	r.call("the password of before", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("the new password", documented, "InitiateAuth", r.byPassword(ana, changed))
	change("the same once more", documented, changed, changed)

	r.call("an administrator sets a weak one", documented, "AdminSetUserPassword", r.onUser(ana, m{"Password": "Aa1!wxy", "Permanent": true}))
	r.call("an administrator sets a temporary one", documented, "AdminSetUserPassword", r.onUser(ana, m{"Password": ana.password, "Permanent": false}))
	r.call("sign in with the temporary one", documented, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("an administrator sets nobody's", observed, "AdminSetUserPassword", r.onUser(r.person("nobody"), m{"Password": ana.password, "Permanent": true}))
}

// deletion deletes an account, and does what its owner's clients may do then.
func deletion(r *run) {
	ana := r.confirmed("ana")
	access, token := r.signIn("sign in", ana)
	other, _ := r.signIn("sign in elsewhere", ana)
	r.call("delete", documented, "DeleteUser", bearer(access, m{}))
	r.settle()
	r.call("delete again", inferred, "DeleteUser", bearer(access, m{}))
	r.call("look", inferred, "GetUser", bearer(other, m{}))
	r.call("change an attribute", inferred, "UpdateUserAttributes", bearer(other, m{"UserAttributes": attributes("name", ana.name)}))
	r.call("sign out", inferred, "GlobalSignOut", bearer(other, m{}))
	r.call("refresh", inferred, "InitiateAuth", r.refreshing(ana, m{"REFRESH_TOKEN": token}))
	r.call("refresh, the newer way", inferred, "GetTokensFromRefreshToken", r.renewing(token))
	r.call("revoke", inferred, "RevokeToken", r.revoking(token))
	r.call("sign in again", observed, "InitiateAuth", r.byPassword(ana, ana.password))
	r.call("an administrator looks", observed, "AdminGetUser", r.onUser(ana, m{}))
	r.call("an administrator deletes", observed, "AdminDeleteUser", r.onUser(ana, m{}))

	bob := r.confirmed("bob")
	access, _ = r.signIn("sign in as bob", bob)
	r.call("an administrator deletes bob", documented, "AdminDeleteUser", r.onUser(bob, m{}))
	r.settle()
	r.call("look as bob", inferred, "GetUser", bearer(access, m{}))
}

// administrator creates and manages an account.
func administrator(r *run) {
	ana, nobody := r.person("ana"), r.person("nobody")
	r.call("create", documented, "AdminCreateUser", r.onUser(ana, m{
		"TemporaryPassword": ana.password, "MessageAction": "SUPPRESS", "UserAttributes": attributes("email", ana.email),
	}))
	r.call("a weak temporary password", documented, "AdminCreateUser", r.onUser(nobody, m{"TemporaryPassword": "Aa1!wxy", "MessageAction": "SUPPRESS"}))
	r.call("an attribute that the pool has not", inferred, "AdminCreateUser", r.onUser(nobody, m{
		"TemporaryPassword": nobody.password, "MessageAction": "SUPPRESS", "UserAttributes": attributes("custom:x", "1"),
	}))
	r.call("look", documented, "AdminGetUser", r.onUser(ana, m{}))
	r.call("confirm what is confirmed", observed, "AdminConfirmSignUp", r.onUser(ana, m{}))
	r.call("reset a temporary password", observed, "AdminResetUserPassword", r.onUser(ana, m{}))
	r.call("a permanent password", documented, "AdminSetUserPassword", r.onUser(ana, m{"Password": ana.password, "Permanent": true}))
	r.call("look at the status", documented, "AdminGetUser", r.onUser(ana, m{}))
	r.call("no groups", documented, "AdminListGroupsForUser", r.onUser(ana, m{}))
	r.call("reset without a verified address", observed, "AdminResetUserPassword", r.onUser(ana, m{}))
	for _, q := range []struct{ what, operation string }{
		{"look at nobody", "AdminGetUser"}, {"disable nobody", "AdminDisableUser"}, {"enable nobody", "AdminEnableUser"},
		{"delete nobody", "AdminDeleteUser"}, {"reset nobody", "AdminResetUserPassword"}, {"nobody's groups", "AdminListGroupsForUser"},
	} {
		r.call(q.what, observed, q.operation, r.onUser(nobody, m{}))
	}
	r.call("a pool that does not exist", observed, "AdminGetUser", m{"UserPoolId": r.target.region + "_000000000", "Username": ana.name})
}
