package authtest

func badAccountRequests() []badInputs {
	const unknownSession, unknownDevice = "12345678901234567890", "eu-west-1_a1b2c3d4-0000-4000-8000-0123456789ab"
	with := func(token string, body m) m {
		body["AccessToken"] = token
		return body
	}
	set := func(token, name, value string) m {
		return with(token, m{"UserAttributes": []any{m{"Name": name, "Value": value}}})
	}
	remove := func(token, name string) m { return with(token, m{"UserAttributeNames": []any{name}}) }
	forgot := func(name string) m { return m{"ClientId": "client1", "Username": name} }
	confirm := func(name, code, password string) m {
		return m{"ClientId": "client1", "Username": name, "ConfirmationCode": code, "Password": password}
	}
	change := func(token, previous, proposed string) m {
		return with(token, m{"PreviousPassword": previous, "ProposedPassword": proposed})
	}
	on, off, preferred := m{"Enabled": true}, m{"Enabled": false}, m{"Enabled": true, "PreferredMfa": true}
	admin := func(body m) m {
		body["UserPoolId"] = "eu-west-1_AbC123def"
		if body["Username"] == nil {
			body["Username"] = "ana"
		}
		return body
	}
	const nullDevice = "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'deviceKey' failed to satisfy constraint: Member must not be null"
	feedback := func(name, event, token, value string) m {
		return m{"UserPoolId": "$pool", "Username": name, "EventId": event, "FeedbackToken": token, "FeedbackValue": value}
	}
	return []badInputs{
		{"protected", "UpdateAuthEventFeedback", []badInput{
			{"nothing", m{"UserPoolId": "$pool", "Username": "ana"}, invalid, "3 validation errors detected: Value null at 'eventId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'feedbackToken' failed to satisfy constraint: Member must not be null; Value null at 'feedbackValue' failed to satisfy constraint: Member must not be null"},
			{"unknown user", feedback("nobody", "$event", "$token", "Valid"), userMissing, textNoUser},
			{"unknown pool", m{"UserPoolId": "eu-west-1_Other", "Username": "ana", "EventId": "x", "FeedbackToken": "x", "FeedbackValue": "Valid"}, notFound, "User pool eu-west-1_Other does not exist."},
			{"other token", feedback("ana", "$event", "x", "Valid"), notAuthorizedCode, unpublished},
			{"token of another event", feedback("ana", "other", "$token", "Valid"), notAuthorizedCode, unpublished},
			{"no event id", feedback("ana", "a b", "$token", "Valid"), invalid, "1 validation error detected: Value 'a b' at 'eventId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+-]+"},
			{"unknown value", feedback("ana", "$event", "$token", "valid"), invalid, "1 validation error detected: Value 'valid' at 'feedbackValue' failed to satisfy constraint: Member must satisfy enum value set: [Valid, Invalid]"},
		}},
		{"plain", "UpdateAuthEventFeedback", []badInput{
			{"no threat protection", m{"UserPoolId": "eu-west-1_AbC123def", "Username": "ana", "EventId": "x", "FeedbackToken": "x", "FeedbackValue": "Valid"}, noAddOn, unpublished},
		}},

		{"plain", "GetUser", []badInput{
			{"nothing", m{}, invalid, textNullTokens},
			{"token with a space", with("a b", m{}), invalid,
				"1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+"},
		}},
		{"plain", "DeleteUser", []badInput{{"nothing", m{}, invalid, textNullTokens}}},
		{"plain", "GetUserAuthFactors", []badInput{{"nothing", m{}, invalid, textNullTokens}}},

		{"plain", "ChangePassword", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'proposedPassword' failed to satisfy constraint: Member must not be null; " +
				"Value at 'accessToken' failed to satisfy constraint: Member must not be null"},
			{"no previous password", with("$access", m{"ProposedPassword": "An0ther one"}), notAuthorizedCode, textIncorrect},
			{"wrong previous password", change("$access", "not the one", "An0ther one"), notAuthorizedCode, textIncorrect},
			{"short password", change("$access", testPassword, "short"), invalid,
				"1 validation error detected: Value at 'proposedPassword' failed to satisfy constraint: Member must have length greater than or equal to 6"},
			{"weak password", change("$access", testPassword, "an0ther one"), passwordInvalid, textPolicy + "Password must have uppercase characters"},
		}},
		{"history", "ChangePassword", []badInput{
			{"current password", change("$access", "An0ther one", "An0ther one"), passwordHistory, passwordUsed},
			{"former password", change("$access", "An0ther one", testPassword), passwordHistory, passwordUsed},
		}},

		{"plain", "ForgotPassword", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "Username": "ana"}, notFound, textNoClient},
			{"unknown user", forgot("nobody"), userMissing, textCombination},
			{"disabled user", forgot("off"), notAuthorizedCode, "User is disabled"},
			{"temporary password", forgot("temp"), notAuthorizedCode, "User password cannot be reset in the current state."},
			{"unverified contact", forgot("new"), invalid, textNoContact},
			{"no contact", forgot("silent"), invalid, textNoContact},
			{"nothing but the second factor's contact", forgot("eve"), invalid, textNoContact},
		}},
		{"no self-service", "ForgotPassword", []badInput{
			{"anybody", forgot("ana"), notAuthorizedCode, "Contact administrator to reset password."},
		}},

		{"plain", "ConfirmForgotPassword", []badInput{
			{"nothing", m{}, invalid, "4 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'confirmationCode' failed to satisfy constraint: Member must not be null; " +
				"Value at 'password' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "Username": "ana", "ConfirmationCode": "1", "Password": testPassword}, notFound, textNoClient},
			{"unknown user", confirm("nobody", "1", testPassword), userMissing, textCombination},
			{"disabled user", confirm("off", "1", testPassword), userMissing, textCombination},
			{"code that was never sent", confirm("ana", "1", testPassword), expired, textExpired},
			{"wrong code", confirm("bob", "x", testPassword), codeMismatchCode, textWrongCode},
			{"weak password", confirm("bob", "1", "passw0rd!"), passwordInvalid, textPolicy + "Password must have uppercase characters"},
		}},
		{"hiding users", "ConfirmForgotPassword", []badInput{
			{"unknown user", confirm("nobody", "1", testPassword), codeMismatchCode, textWrongCode},
			{"disabled user", confirm("off", "1", testPassword), codeMismatchCode, textWrongCode},
			{"code that was never sent", confirm("ana", "1", testPassword), expired, textExpired},
			{"weak password of a user", confirm("ana", "1", "passw0rd!"), passwordInvalid, textPolicy + "Password must have uppercase characters"},
			{"weak password of nobody", confirm("nobody", "1", "passw0rd!"), passwordInvalid, textPolicy + "Password must have uppercase characters"},
		}},
		{"history", "ConfirmForgotPassword", []badInput{
			{"former password", confirm("ana", "$code", testPassword), passwordHistory, passwordUsed},
			{"former password, wrong code", confirm("ana", "x", testPassword), codeMismatchCode, textWrongCode},
		}},

		{"plain", "UpdateUserAttributes", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value null at 'userAttributes' failed to satisfy constraint: Member must not be null; " +
				"Value at 'accessToken' failed to satisfy constraint: Member must not be null"},
			{"unknown attribute", set("$access", "custom:other", "1"), invalid, textSchema + "custom:other: Attribute does not exist in the schema."},
			{"address", set("$access", "email", "x"), invalid, "Invalid email address format."},
			{"number", set("$access", "phone_number", "555"), invalid, "Invalid phone number format."},
			{"birthdate", set("$access", "birthdate", "x"), invalid, unpublished},
			{"sub", set("$access", "sub", "1"), invalid, "Cannot modify the non-mutable attribute sub"},
			{"verified by the user", set("$access", "email_verified", "true"), invalid, "Cannot modify the non-mutable attribute email_verified"},
			{"attribute of another client", set("$access", "name", "X"), notAuthorizedCode, textUnauthorized},
			{"required attribute", set("$access", "email", ""), invalid, "Invalid user attributes: email: Required attribute cannot be deleted."},
			{"one bad, one good", with("$access", m{"UserAttributes": []any{m{"Name": "birthdate", "Value": "2000-01-01"}, m{"Name": "email", "Value": "x"}}}), invalid, "Invalid email address format."},
		}},
		{"username is email", "UpdateUserAttributes", []badInput{
			{"address of somebody", set("$access", "email", "bob@example.com"), aliasExists, "An account with the given email already exists."},
		}},
		{"aliases", "UpdateUserAttributes", []badInput{
			{"alias of somebody", set("$access", "preferred_username", "annie"), aliasExists, "Already found an entry for username annie"},
			{"username of somebody", set("$access", "preferred_username", "bob"), aliasExists, "Already found an entry for username bob"},
		}},

		{"plain", "DeleteUserAttributes", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value null at 'userAttributeNames' failed to satisfy constraint: Member must not be null; " +
				"Value at 'accessToken' failed to satisfy constraint: Member must not be null"},
			{"unknown attribute", remove("$access", "custom:other"), invalid, textSchema + "custom:other: Attribute does not exist in the schema."},
			{"sub", remove("$access", "sub"), invalid, "Cannot modify the non-mutable attribute sub"},
			{"required attribute", remove("$access", "email"), invalid, "Invalid user attributes: email: Required attribute cannot be deleted."},
			{"attribute of another client", remove("$access", "name"), notAuthorizedCode, textUnauthorized},
		}},

		{"plain", "GetUserAttributeVerificationCode", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'attributeName' failed to satisfy constraint: Member must not be null"},
			{"no contact", with("$access", m{"AttributeName": "name"}), invalid, textContactsOnly},
			{"contact that the user has not", with("$access", m{"AttributeName": "phone_number"}), invalid, unpublished},
		}},

		{"plain", "VerifyUserAttribute", []badInput{
			{"nothing", m{}, invalid, "3 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'attributeName' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'code' failed to satisfy constraint: Member must not be null"},
			{"no contact", with("$bob", m{"AttributeName": "name", "Code": "1"}), invalid, textContactsOnly},
			{"wrong code", with("$bob", m{"AttributeName": "email", "Code": "x"}), codeMismatchCode, textWrongCode},
			{"code that was never sent", with("$access", m{"AttributeName": "email", "Code": "x"}), expired, textExpired},
		}},
		{"verified first", "VerifyUserAttribute", []badInput{
			{"address that became somebody's", with("$access", m{"AttributeName": "email", "Code": "$code"}), aliasExists, "An account with the given email already exists."},
		}},

		{"plain", "AssociateSoftwareToken", []badInput{
			{"neither token nor session", m{}, invalid, unpublished},
			{"token and session", with("$access", m{"Session": unknownSession}), invalid, unpublished},
			{"unknown session", m{"Session": unknownSession}, notAuthorizedCode, textSession},
			{"session of another challenge", m{"Session": "$totp"}, notAuthorizedCode, textSession},
			{"session that has expired", m{"Session": "$expired"}, notAuthorizedCode, "Invalid session for the user, session is expired."},
			{"session as a token", with("AYABsession", m{}), notAuthorizedCode, "Invalid Access Token"},
		}},
		{"MFA off", "AssociateSoftwareToken", []badInput{
			{"pool without the factor", with("$access", m{}), noTOTP, "Software Token MFA has not been enabled by the userPool"},
		}},
		{"MFA required", "AssociateSoftwareToken", []badInput{
			{"session that was replaced", m{"Session": "$replaced"}, notAuthorizedCode, textSession},
			{"disabled meanwhile", m{"Session": "$off"}, notAuthorizedCode, "User is disabled."},
		}},

		{"plain", "VerifySoftwareToken", []badInput{
			{"nothing", m{}, invalid, "1 validation error detected: Value at 'userCode' failed to satisfy constraint: Member must not be null"},
			{"code that is no number", with("$bob", m{"UserCode": "abcdef"}), invalid,
				"1 validation error detected: Value at 'userCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9]+"},
			{"neither token nor session", m{"UserCode": "123456"}, invalid, unpublished},
			{"no secret", with("$access", m{"UserCode": "123456"}), noTOTP, "Software Token MFA does not exist for the user."},
			{"unknown session", m{"Session": unknownSession, "UserCode": "123456"}, notAuthorizedCode, textSession},
		}},
		{"MFA required", "VerifySoftwareToken", []badInput{
			{"wrong code", m{"Session": "$associated", "UserCode": "$wrongTOTP"}, enableTOTP, "Code mismatch and fail enable Software Token MFA"},
			{"session of the challenge", m{"Session": "$setUp", "UserCode": "000000"}, notAuthorizedCode, textSession},
		}},

		{"plain", "SetUserMFAPreference", []badInput{
			{"nothing", m{}, invalid, textNullTokens},
			{"app that was never set up", with("$access", m{"SoftwareTokenMfaSettings": on}), invalid, "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"},
			{"app that was never set up, off", with("$access", m{"SoftwareTokenMfaSettings": off}), invalid, "User has not set up software token mfa"},
			{"app that is not verified", with("$bob", m{"SoftwareTokenMfaSettings": preferred}), invalid, "User has not verified software token mfa"},
			{"no phone", with("$access", m{"SMSMfaSettings": on}), invalid, "User does not have delivery config set to turn on SMS_MFA"},
			{"preferred and off", with("$access", m{"EmailMfaSettings": m{"Enabled": false, "PreferredMfa": true}}), invalid, unpublished},
			{"one good, one bad", with("$access", m{"EmailMfaSettings": preferred, "SMSMfaSettings": on}), invalid, "User does not have delivery config set to turn on SMS_MFA"},
			{"passkeys in a pool without", with("$access", m{"WebAuthnMfaSettings": on}), invalid, unpublished},
		}},
		{"MFA required", "SetUserMFAPreference", []badInput{
			{"last factor off", with("$access", m{"SoftwareTokenMfaSettings": off}), invalid, unpublished},
		}},

		{"plain", "SetUserSettings", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'mFAOptions' failed to satisfy constraint: Member must not be null"},
			{"unknown medium", with("$access", m{"MFAOptions": []any{m{"AttributeName": "phone_number", "DeliveryMedium": "POST"}}}), invalid,
				"1 validation error detected: Value 'POST' at 'mFAOptions.1.member.deliveryMedium' failed to satisfy constraint: Member must satisfy enum value set: [SMS, EMAIL]"},
			{"e-mail", with("$access", m{"MFAOptions": []any{m{"AttributeName": "email", "DeliveryMedium": "EMAIL"}}}), invalid, unpublished},
			{"no phone", with("$access", m{"MFAOptions": []any{m{"AttributeName": "phone_number", "DeliveryMedium": "SMS"}}}), invalid, "User does not have delivery config set to turn on SMS_MFA"},
		}},

		{"plain", "ConfirmDevice", []badInput{
			{"nothing", m{}, invalid, nullDevice},
			{"key", with("$access", m{"DeviceKey": "x"}), invalid,
				"1 validation error detected: Value 'x' at 'deviceKey' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-f-]+"},
			{"unknown device", with("$access", m{"DeviceKey": unknownDevice}), notFound, textNoDevice},
			{"device of another user", with("$bob", m{"DeviceKey": "$device"}), notFound, textNoDevice},
			{"confirmed device", with("$deviceAccess", m{"DeviceKey": "$device"}), deviceKeyExists, unpublished},
			{"no verifier", with("$deviceAccess", m{"DeviceKey": "$newDevice"}), invalid, unpublished},
			{"verifier", with("$deviceAccess", m{"DeviceKey": "$newDevice", "DeviceSecretVerifierConfig": m{"PasswordVerifier": "x", "Salt": "x"}}), invalid, unpublished},
		}},
		{"plain", "GetDevice", []badInput{
			{"no token", m{"DeviceKey": "$device"}, notAuthorizedCode, "Invalid Access Token"},
			{"no key", m{"AccessToken": "$access"}, invalid, "1 validation error detected: Value null at 'deviceKey' failed to satisfy constraint: Member must not be null"},
			{"unknown device", with("$access", m{"DeviceKey": unknownDevice}), notFound, textNoDevice},
			{"device of another user", with("$bob", m{"DeviceKey": "$device"}), notFound, textNoDevice},
		}},
		{"plain", "ListDevices", []badInput{
			{"nothing", m{}, invalid, textNullTokens},
			{"limit", with("$access", m{"Limit": 61}), invalid, "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"},
			{"pagination token", with("$access", m{"PaginationToken": "x"}), invalid, unpublished},
		}},
		{"plain", "UpdateDeviceStatus", []badInput{
			{"nothing", m{}, invalid, nullDevice},
			{"status", with("$access", m{"DeviceKey": "$device", "DeviceRememberedStatus": "yes"}), invalid,
				"1 validation error detected: Value 'yes' at 'deviceRememberedStatus' failed to satisfy constraint: Member must satisfy enum value set: [remembered, not_remembered]"},
			{"unknown device", with("$access", m{"DeviceKey": unknownDevice}), notFound, textNoDevice},
			{"device that is not confirmed", with("$deviceAccess", m{"DeviceKey": "$newDevice", "DeviceRememberedStatus": "remembered"}), notFound, textNoDevice},
		}},
		{"plain", "ForgetDevice", []badInput{
			{"no token", m{"DeviceKey": "$device"}, notAuthorizedCode, "Invalid Access Token"},
			{"unknown device", with("$access", m{"DeviceKey": unknownDevice}), notFound, textNoDevice},
			{"device of another user", with("$bob", m{"DeviceKey": "$device"}), notFound, textNoDevice},
		}},
		{"MFA off", "ConfirmDevice", []badInput{{"pool without devices", with("$access", m{"DeviceKey": unknownDevice}), invalidPool, unpublished}}},
		{"MFA off", "GetDevice", []badInput{{"pool without devices", with("$access", m{"DeviceKey": unknownDevice}), invalidPool, unpublished}}},
		{"MFA off", "ListDevices", []badInput{{"pool without devices", with("$access", m{}), invalidPool, unpublished}}},
		{"MFA off", "UpdateDeviceStatus", []badInput{{"pool without devices", with("$access", m{"DeviceKey": unknownDevice}), invalidPool, unpublished}}},
		{"MFA off", "ForgetDevice", []badInput{{"pool without devices", with("$access", m{"DeviceKey": unknownDevice}), invalidPool, unpublished}}},

		{"choice", "StartWebAuthnRegistration", []badInput{
			{"nothing", m{}, invalid, textNullTokens},
			{"too many passkeys", with("$full", m{}), limit, unpublished},
		}},
		{"plain", "StartWebAuthnRegistration", []badInput{{"not enabled", with("$access", m{}), "WebAuthnNotEnabledException", unpublished}}},
		{"no relying party", "StartWebAuthnRegistration", []badInput{{"not configured", with("$access", m{}), "WebAuthnConfigurationMissingException", unpublished}}},
		{"choice", "CompleteWebAuthnRegistration", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'credential' failed to satisfy constraint: Member must not be null"},
			{"not started", with("$access", m{"Credential": m{}}), "WebAuthnChallengeNotFoundException", unpublished},
		}},
		{"plain", "CompleteWebAuthnRegistration", []badInput{{"not enabled", with("$access", m{"Credential": m{}}), "WebAuthnNotEnabledException", unpublished}}},
		{"choice", "ListWebAuthnCredentials", []badInput{
			{"nothing", m{}, invalid, textNullTokens},
			{"number", with("$full", m{"MaxResults": 21}), invalid, "1 validation error detected: Value '21' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 20"},
			{"token of a page", with("$full", m{"NextToken": "x"}), invalid, unpublished},
		}},
		{"choice", "DeleteWebAuthnCredential", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null; " +
				"Value at 'credentialId' failed to satisfy constraint: Member must not be null"},
			{"unknown passkey", with("$full", m{"CredentialId": "AAAA"}), notFound, unpublished},
		}},

		{"history", "AdminSetUserPassword", []badInput{
			{"former password", m{"UserPoolId": "$pool", "Username": "ana", "Password": testPassword}, passwordHistory, passwordUsed},
		}},
		{"plain", "AdminDeleteUserAttributes", []badInput{
			{"unknown user", admin(m{"Username": "nobody", "UserAttributeNames": []any{"custom:plan"}}), userMissing, textNoUser},
			{"required attribute", admin(m{"UserAttributeNames": []any{"custom:plan", "email"}}), invalid, "Invalid user attributes: email: Required attribute cannot be deleted."},
			{"sub", admin(m{"UserAttributeNames": []any{"sub"}}), invalid, "Cannot modify the non-mutable attribute sub"},
		}},
		{"plain", "AdminSetUserSettings", []badInput{
			{"unknown user", admin(m{"Username": "nobody", "MFAOptions": []any{}}), userMissing, textNoUser},
			{"no phone", admin(m{"MFAOptions": []any{m{"AttributeName": "phone_number", "DeliveryMedium": "SMS"}}}), invalid, "User does not have delivery config set to turn on SMS_MFA"},
		}},
		{"plain", "AdminGetDevice", []badInput{
			{"unknown pool", m{"UserPoolId": "eu-west-1_other", "Username": "ana", "DeviceKey": "$device"}, notFound, "User pool eu-west-1_other does not exist."},
			{"unknown user", admin(m{"Username": "nobody", "DeviceKey": "$device"}), userMissing, textNoUser},
			{"unknown device", admin(m{"DeviceKey": unknownDevice}), notFound, textNoDevice},
		}},
		{"plain", "AdminListDevices", []badInput{
			{"unknown user", admin(m{"Username": "nobody"}), userMissing, textNoUser},
			{"pagination token", admin(m{"PaginationToken": "x"}), invalid, unpublished},
		}},
		{"plain", "AdminForgetDevice", []badInput{
			{"unknown user", admin(m{"Username": "nobody", "DeviceKey": "$device"}), userMissing, textNoUser},
			{"device of another user", admin(m{"Username": "bob", "DeviceKey": "$device"}), notFound, textNoDevice},
		}},
		{"plain", "AdminUpdateDeviceStatus", []badInput{
			{"unknown user", admin(m{"Username": "nobody", "DeviceKey": "$device"}), userMissing, textNoUser},
			{"unknown device", admin(m{"DeviceKey": unknownDevice, "DeviceRememberedStatus": "remembered"}), notFound, textNoDevice},
		}},
	}
}
