package authtest

func badSignUps() []badInputs {
	email := m{"Name": "email", "Value": "x@example.com"}
	signUp := func(name, password string, attributes ...m) m {
		return m{"ClientId": "client1", "Username": name, "Password": password, "UserAttributes": attributes}
	}
	confirm := func(name, code string) m {
		return m{"ClientId": "client1", "Username": name, "ConfirmationCode": code}
	}
	named := func(name string) m { return m{"ClientId": "client1", "Username": name} }
	return []badInputs{
		{"plain", "SignUp", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null"},
			{"short password", signUp("x", "short", email), invalid,
				"1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6"},
			{"unknown client", m{"ClientId": "other", "Username": "x", "Password": testPassword}, notFound, textNoClient},
			{"taken username", signUp("ana", testPassword, email), usernameExists, "User already exists"},
			{"username that waits to be confirmed", signUp("new", testPassword, email), usernameExists, "User already exists"},
			{"no password", m{"ClientId": "client1", "Username": "x", "UserAttributes": []m{email}}, invalid, unpublished},
			{"required attribute", signUp("x", testPassword), invalid, textSchema + "email: The attribute is required"},
			{"unknown attribute", signUp("x", testPassword, email, m{"Name": "custom:other", "Value": "1"}), invalid, textSchema + "custom:other: Attribute does not exist in the schema."},
			{"address", signUp("x", testPassword, m{"Name": "email", "Value": "x"}), invalid, "Invalid email address format."},
			{"number", signUp("x", testPassword, email, m{"Name": "phone_number", "Value": "555"}), invalid, "Invalid phone number format."},
			{"birthdate", signUp("x", testPassword, email, m{"Name": "birthdate", "Value": "1.1.2000"}), invalid, unpublished},
			{"time of update", signUp("x", testPassword, email, m{"Name": "updated_at", "Value": "now"}), invalid, unpublished},
			{"sub", signUp("x", testPassword, email, m{"Name": "sub", "Value": "1"}), invalid, "Cannot modify the non-mutable attribute sub"},
			{"verified by the user", signUp("x", testPassword, email, m{"Name": "email_verified", "Value": "true"}), invalid, "Cannot modify the non-mutable attribute email_verified"},
			{"attribute of another client", signUp("x", testPassword, email, m{"Name": "name", "Value": "X"}), notAuthorizedCode, textUnauthorized},
			{"length", signUp("x", "Passw0!", email), passwordInvalid, textPolicy + "Password not long enough"},
			{"upper case", signUp("x", "passw0rd!", email), passwordInvalid, textPolicy + "Password must have uppercase characters"},
			{"lower case", signUp("x", "PASSW0RD!", email), passwordInvalid, textPolicy + "Password must have lowercase characters"},
			{"number in the password", signUp("x", "Password!", email), passwordInvalid, textPolicy + "Password must have numeric characters"},
			{"symbol", signUp("x", "Passw0rdÄ", email), passwordInvalid, textPolicy + "Password must have symbol characters"},
		}},
		{"hiding users", "SignUp", []badInput{
			{"taken username", signUp("ana", testPassword, email), usernameExists, "User already exists"},
		}},
		{"no self-service", "SignUp", []badInput{
			{"anybody", signUp("x", testPassword), notAuthorizedCode, "SignUp is not permitted for this user pool"},
		}},
		{"username is email", "SignUp", []badInput{
			{"no address", signUp("x", testPassword), invalid, "Username should be an email."},
			{"taken address", signUp("ana@example.com", testPassword), usernameExists, "An account with the given email already exists."},
		}},
		{"username is phone", "SignUp", []badInput{
			{"no number", signUp("x@example.com", testPassword), invalid, "Username should be a phone number."},
		}},
		{"username is contact", "SignUp", []badInput{
			{"neither", signUp("x", testPassword), invalid, "Username should be either an email or a phone number."},
		}},
		{"aliases", "SignUp", []badInput{
			{"address", signUp("x@example.com", testPassword), invalid, "Username cannot be of email format, since user pool is configured for email alias."},
			{"number", signUp("+15555550123", testPassword), invalid, "Username cannot be of phone number format, since user pool is configured for phone number alias."},
			{"alias before confirmation", signUp("x", testPassword, m{"Name": "preferred_username", "Value": "y"}), invalid, unpublished},
			{"alias of somebody", signUp("annie", testPassword), usernameExists, "User already exists"},
		}},
		{"triggers", "SignUp", []badInput{
			// The service adds a full stop to the function's text.
			{"refused by the trigger", signUp("refused", testPassword, email), userLambda, "PreSignUp failed with error Registration from this domain is not allowed.."},
			{"verified without a number", signUp("phoneless", testPassword, email), invalidLambda, "Unrecognizable lambda output"},
		}},

		{"plain", "ConfirmSignUp", []badInput{
			{"nothing", m{}, invalid, "3 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'confirmationCode' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "Username": "new", "ConfirmationCode": "1"}, notFound, textNoClient},
			{"unknown user", confirm("nobody", "1"), userMissing, textCombination},
			{"confirmed user", confirm("ana", "1"), notAuthorizedCode, "User cannot be confirmed. Current status is CONFIRMED"},
			{"administrator's user", confirm("temp", "1"), notAuthorizedCode, "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"},
			{"wrong code", confirm("new", "x"), codeMismatchCode, textWrongCode},
			{"code that was never sent", confirm("mute", "1"), expired, textExpired},
			{"session of nobody", m{"ClientId": "client1", "Username": "new", "ConfirmationCode": "1", "Session": "12345678901234567890"}, notAuthorizedCode, textSession},
		}},
		{"hiding users", "ConfirmSignUp", []badInput{
			{"unknown user", confirm("nobody", "1"), expired, textExpired},
		}},
		{"aliases", "ConfirmSignUp", []badInput{
			{"address of somebody", confirm("bob", "$code"), aliasExists, "An account with the email already exists."},
		}},

		{"plain", "ResendConfirmationCode", []badInput{
			{"nothing", m{}, invalid, "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must not be null; " +
				"Value at 'username' failed to satisfy constraint: Member must not be null"},
			{"unknown client", m{"ClientId": "other", "Username": "new"}, notFound, textNoClient},
			{"unknown user", named("nobody"), userMissing, textCombination},
			{"disabled user", named("offnew"), userMissing, textCombination},
			{"confirmed user", named("ana"), invalid, "User is already confirmed."},
		}},
		{"nothing verified", "ResendConfirmationCode", []badInput{
			{"nothing to verify", named("new"), invalid, "Cannot resend codes. Auto verification not turned on."},
		}},
	}
}
