package authtest

func badSignIns() []badInputs {
	start := func(flow string, parameters m) m {
		return m{"ClientId": "client1", "AuthFlow": flow, "AuthParameters": parameters}
	}
	refresh := func(token string) m { return start("REFRESH_TOKEN_AUTH", m{"REFRESH_TOKEN": token}) }
	answer := func(challenge, session, name string, responses m) m {
		responses["USERNAME"] = name
		return respond(challenge, session, responses)
	}
	const unknownSession = "12345678901234567890"
	return []badInputs{
		{"plain", "InitiateAuth", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value null at 'authFlow' failed to satisfy constraint: Member must not be null; " +
				"Value at 'clientId' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "AuthFlow": "USER_PASSWORD_AUTH"}, notFound, textNoClient},
			{"administrator's flow", start("ADMIN_USER_PASSWORD_AUTH", m{"USERNAME": "ana", "PASSWORD": "x"}), invalid, "Initiate Auth method not supported."},
			{"no username", start("USER_PASSWORD_AUTH", m{"PASSWORD": "x"}), invalid, "Missing required parameter USERNAME"},
			{"no password", start("USER_PASSWORD_AUTH", m{"USERNAME": "ana"}), invalid, "Missing required parameter PASSWORD"},
			{"unknown user", start("USER_PASSWORD_AUTH", m{"USERNAME": "nobody", "PASSWORD": "x"}), userMissing, textNoUser},
			{"wrong password", start("USER_PASSWORD_AUTH", m{"USERNAME": "ana", "PASSWORD": "x"}), notAuthorizedCode, textIncorrect},
			{"unconfirmed user", start("USER_PASSWORD_AUTH", m{"USERNAME": "new", "PASSWORD": "x"}), notConfirmed, "User is not confirmed."},
			{"password to be reset", start("USER_PASSWORD_AUTH", m{"USERNAME": "reset", "PASSWORD": testPassword}), resetRequired, "Password reset required for the user"},
			{"disabled user", start("USER_PASSWORD_AUTH", m{"USERNAME": "off", "PASSWORD": testPassword}), notAuthorizedCode, "User is disabled."},
			{"temporary password that has expired", start("USER_PASSWORD_AUTH", m{"USERNAME": "late", "PASSWORD": testPassword}), notAuthorizedCode,
				"Temporary password has expired and must be reset by an administrator."},
			{"unknown device", start("USER_PASSWORD_AUTH", m{"USERNAME": "ana", "PASSWORD": testPassword, "DEVICE_KEY": "eu-west-1_0"}), notFound, textNoDevice},
			{"no SRP_A", start("USER_SRP_AUTH", m{"USERNAME": "ana"}), invalid, "Missing required parameter SRP_A"},
			{"SRP_A that is no number", start("USER_SRP_AUTH", m{"USERNAME": "ana", "SRP_A": "g"}), invalid, unpublished},
			{"SRP for an unknown user", start("USER_SRP_AUTH", m{"USERNAME": "nobody", "SRP_A": "12"}), userMissing, textNoUser},
			{"no trigger", start("CUSTOM_AUTH", m{"USERNAME": "ana"}), invalid, "Custom auth lambda trigger is not configured for the user pool."},
			{"custom challenge for an unknown user", start("CUSTOM_AUTH", m{"USERNAME": "nobody"}), userMissing, textNoUser},
			{"choice", start("USER_AUTH", m{"USERNAME": "ana"}), invalid, "USER_AUTH is not enabled for the client."},
			{"no refresh token", start("REFRESH_TOKEN_AUTH", m{}), invalid, "Missing required parameter REFRESH_TOKEN"},
			{"unknown refresh token", refresh("x"), notAuthorizedCode, "Invalid Refresh Token"},
			{"access token as a refresh token", refresh("$access"), notAuthorizedCode, "Invalid Refresh Token"},
		}},
		{"hiding users", "InitiateAuth", []badInput{
			{"unknown user", start("USER_PASSWORD_AUTH", m{"USERNAME": "nobody", "PASSWORD": testPassword}), notAuthorizedCode, textIncorrect},
			{"password to be reset", start("USER_PASSWORD_AUTH", m{"USERNAME": "reset", "PASSWORD": testPassword}), notAuthorizedCode, textIncorrect},
			{"disabled user", start("USER_PASSWORD_AUTH", m{"USERNAME": "off", "PASSWORD": testPassword}), notAuthorizedCode, "User is disabled."},
		}},
		{"no flows", "InitiateAuth", []badInput{
			{"password", start("USER_PASSWORD_AUTH", m{"USERNAME": "ana"}), invalid, "USER_PASSWORD_AUTH flow not enabled for this client"},
			{"SRP", start("USER_SRP_AUTH", m{"USERNAME": "ana"}), invalid, "USER_SRP_AUTH is not enabled for the client."},
			{"custom", start("CUSTOM_AUTH", m{"USERNAME": "ana"}), invalid, "CUSTOM_AUTH is not enabled for the client."},
			{"refresh", refresh("x"), invalid, "Auth flow not enabled for this client"},
		}},
		{"aliases", "InitiateAuth", []badInput{
			{"address that is not verified", start("USER_PASSWORD_AUTH", m{"USERNAME": "bob@example.com", "PASSWORD": testPassword}), userMissing, textNoUser},
		}},
		{"triggers", "InitiateAuth", []badInput{
			{"refused by the trigger", start("CUSTOM_AUTH", m{"USERNAME": "new"}), userLambda, "DefineAuthChallenge failed with error Registration from this domain is not allowed.."},
			{"failed by the trigger", start("CUSTOM_AUTH", m{"USERNAME": "ana"}), notAuthorizedCode, textIncorrect},
			{"trigger that decides nothing", start("CUSTOM_AUTH", m{"USERNAME": "silent"}), invalidLambda, "Unrecognizable lambda output"},
		}},
		{"MFA by e-mail only", "InitiateAuth", []badInput{
			{"nothing but the recovery contact", start("USER_PASSWORD_AUTH", m{"USERNAME": "bob@example.com", "PASSWORD": testPassword}), invalidPool, unpublished},
		}},
		{"no flows", "AdminInitiateAuth", []badInput{
			{"unknown pool", m{"UserPoolId": "eu-west-1_other", "ClientId": "client1", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}, notFound, "User pool eu-west-1_other does not exist."},
		}},

		{"plain", "RespondToAuthChallenge", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'challengeName' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "ChallengeName": "SMS_MFA"}, notFound, textNoClient},
			{"no username", respond("SMS_MFA", unknownSession, m{}), invalid, "Missing required parameter USERNAME"},
			{"no session", m{"ClientId": "client1", "ChallengeName": "SMS_MFA", "ChallengeResponses": m{"USERNAME": "ana"}}, invalid, "Missing required parameter Session"},
			{"unknown session", answer("SMS_MFA", unknownSession, "ana", m{}), notAuthorizedCode, textSession},
			{"session of another challenge", answer("SMS_MFA", "$totp", "tom", m{"SMS_MFA_CODE": "1"}), notAuthorizedCode, textSession},
			{"session of another user", answer("SOFTWARE_TOKEN_MFA", "$totp", "ana", m{"SOFTWARE_TOKEN_MFA_CODE": "1"}), notAuthorizedCode, textSession},
			{"session that has expired", answer("SOFTWARE_TOKEN_MFA", "$expired", "tom", m{"SOFTWARE_TOKEN_MFA_CODE": "1"}), notAuthorizedCode, "Invalid session for the user, session is expired."},
			{"session that was used", answer("SOFTWARE_TOKEN_MFA", "$spent", "tom", m{"SOFTWARE_TOKEN_MFA_CODE": "1"}), notAuthorizedCode, "Invalid session for the user, session can only be used once."},
			{"no code", answer("SOFTWARE_TOKEN_MFA", "$totp", "tom", m{}), invalid, "Missing required parameter SOFTWARE_TOKEN_MFA_CODE"},
			{"wrong code of an app", answer("SOFTWARE_TOKEN_MFA", "$totp", "tom", m{"SOFTWARE_TOKEN_MFA_CODE": "x"}), codeMismatchCode, "Invalid code received for user"},
			{"code of an app again", answer("SOFTWARE_TOKEN_MFA", "$totp", "tom", m{"SOFTWARE_TOKEN_MFA_CODE": "$usedTOTP"}), expired, "Your software token has already been used once."},
			{"wrong code by SMS", answer("SMS_MFA", "$sms", "sam", m{"SMS_MFA_CODE": "x"}), codeMismatchCode, "Invalid code or auth state for the user."},
			{"wrong code by e-mail", answer("EMAIL_OTP", "$email", "eve", m{"EMAIL_OTP_CODE": "x"}), codeMismatchCode, "Invalid code or auth state for the user."},
			{"factor that was not offered", answer("SELECT_MFA_TYPE", "$select", "all", m{"ANSWER": "SOFTWARE_TOKEN_MFA"}), invalid, unpublished},
			{"no new password", answer("NEW_PASSWORD_REQUIRED", "$newPassword", "temp", m{}), invalid, "Missing required parameter NEW_PASSWORD"},
			{"weak new password", answer("NEW_PASSWORD_REQUIRED", "$newPassword", "temp", m{"NEW_PASSWORD": "short"}), passwordInvalid, textPolicy + "Password not long enough"},
			{"attribute that has a value", answer("NEW_PASSWORD_REQUIRED", "$newPassword", "temp", m{"NEW_PASSWORD": testPassword, "userAttributes.email": "x@example.com"}), notAuthorizedCode,
				"Cannot modify an already provided email"},
			{"attribute of another client", answer("NEW_PASSWORD_REQUIRED", "$newPassword", "temp", m{"NEW_PASSWORD": testPassword, "userAttributes.name": "X"}), notAuthorizedCode, textUnauthorized},
			{"no proof", answer("PASSWORD_VERIFIER", unknownSession, "ana", m{}), invalid, "Missing required parameter PASSWORD_CLAIM_SIGNATURE"},
			{"proof for nothing", answer("PASSWORD_VERIFIER", unknownSession, "ana", m{"PASSWORD_CLAIM_SIGNATURE": "AA==", "PASSWORD_CLAIM_SECRET_BLOCK": "AA==", "TIMESTAMP": "x"}),
				notAuthorizedCode, textIncorrect},
		}},
		{"MFA required", "RespondToAuthChallenge", []badInput{
			{"no app set up", answer("MFA_SETUP", "$setUp", "bob", m{}), invalid, "User has not verified software token mfa"},
			{"factor that the pool has not", answer("MFA_SETUP", "$setUp", "bob", m{"EMAIL": "bob@example.com"}), invalid, unpublished},
			{"session that was replaced", answer("MFA_SETUP", "$replaced", "bob", m{}), notAuthorizedCode, textSession},
			{"disabled meanwhile", answer("MFA_SETUP", "$off", "off", m{}), notAuthorizedCode, "User is disabled."},
		}},
		{"MFA by e-mail", "RespondToAuthChallenge", []badInput{
			{"address", answer("MFA_SETUP", "$setUp", "+15555550123", m{"EMAIL": "x"}), invalid, "Invalid email address format."},
			{"address of somebody", answer("MFA_SETUP", "$setUp", "+15555550123", m{"EMAIL": "ana@example.com"}), aliasExists, "An account with the email already exists."},
		}},
		{"history", "RespondToAuthChallenge", []badInput{
			{"temporary password again", answer("NEW_PASSWORD_REQUIRED", "$newPassword", "temp", m{"NEW_PASSWORD": testPassword}), passwordHistory, passwordUsed},
		}},
		{"choice", "RespondToAuthChallenge", []badInput{
			{"factor that was not offered", answer("SELECT_CHALLENGE", "$choice", "ana", m{"ANSWER": "EMAIL_OTP"}), invalid, unpublished},
			{"wrong password", answer("SELECT_CHALLENGE", "$choice", "ana", m{"ANSWER": "PASSWORD", "PASSWORD": "x"}), notAuthorizedCode, textIncorrect},
		}},

		{"plain", "GetTokensFromRefreshToken", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'refreshToken' failed to satisfy constraint: Member must not be null; " +
				"Value at 'clientId' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "RefreshToken": "x"}, notFound, textNoClient},
			{"unknown token", m{"ClientId": "client1", "RefreshToken": "x"}, notAuthorizedCode, "Invalid Refresh Token"},
			{"secret that the client has not", m{"ClientId": "client1", "RefreshToken": "$refresh", "ClientSecret": testSecret}, notAuthorizedCode, "Unable to verify secret hash for client client1"},
		}},
		{"rotation", "GetTokensFromRefreshToken", []badInput{
			{"token that was replaced", m{"ClientId": "client1", "RefreshToken": "$refresh"}, "RefreshTokenReuseException", "Refresh token has been invalidated by rotation"},
		}},

		{"plain", "RevokeToken", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'token' failed to satisfy constraint: Member must not be null; " +
				"Value at 'clientId' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "Token": "$refresh"}, unauthorized, unpublished},
			{"secret that the client has not", m{"ClientId": "client1", "Token": "$refresh", "ClientSecret": testSecret}, unauthorized, unpublished},
			{"access token", m{"ClientId": "client1", "Token": "$access"}, "UnsupportedTokenTypeException", unpublished},
			{"ID token", m{"ClientId": "client1", "Token": "$id"}, "UnsupportedTokenTypeException", unpublished},
		}},
		{"no revocation", "RevokeToken", []badInput{
			{"client without revocation", m{"ClientId": "client1", "Token": "$refresh"}, "UnsupportedOperationException", unpublished},
		}},

		{"plain", "GlobalSignOut", []badInput{{"nothing", m{}, invalid, textNullTokens}}},
	}
}
