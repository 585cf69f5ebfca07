package authtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// The service's exceptions, and the texts that many operations share.
const (
	aliasExists       = "AliasExistsException"
	codeMismatchCode  = "CodeMismatchException"
	deviceKeyExists   = "DeviceKeyExistsException"
	enableTOTP        = "EnableSoftwareTokenMFAException"
	expired           = "ExpiredCodeException"
	invalid           = "InvalidParameterException"
	invalidLambda     = "InvalidLambdaResponseException"
	invalidPool       = "InvalidUserPoolConfigurationException"
	limit             = "LimitExceededException"
	noTOTP            = "SoftwareTokenMFANotFoundException"
	notAuthorizedCode = "NotAuthorizedException"
	notConfirmed      = "UserNotConfirmedException"
	notFound          = "ResourceNotFoundException"
	passwordHistory   = "PasswordHistoryPolicyViolationException"
	passwordInvalid   = "InvalidPasswordException"
	resetRequired     = "PasswordResetRequiredException"
	unauthorized      = "UnauthorizedException"
	userLambda        = "UserLambdaValidationException"
	userMissing       = "UserNotFoundException"
	usernameExists    = "UsernameExistsException"

	textIncorrect    = "Incorrect username or password."
	textNoClient     = "User pool client other does not exist."
	textNoUser       = "User does not exist."
	textCombination  = "Username/client id combination not found."
	textWrongCode    = "Invalid verification code provided, please try again."
	textExpired      = "Invalid code provided, please request a code again."
	textLimit        = "Attempt limit exceeded, please try after some time."
	textSession      = "Invalid session for the user."
	textNoContact    = "Cannot reset password for the user as there is no registered/verified email or phone_number"
	textNoDevice     = "Device does not exist."
	textNullTokens   = "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null"
	textUnauthorized = "A client attempted to write unauthorized attribute"
	textPolicy       = "Password did not conform with policy: "
	textSchema       = "Attributes did not conform to the schema: "
	textContactsOnly = "Invalid attribute name. Only phone_number and email can be verified."

	// unpublished stands for a text that was never published: the pool has one
	// of its own.
	unpublished = "*"
)

// A badInput is a request that a pool must refuse.
type badInput struct {
	mistake       string
	body          m // strings like "$access" stand for what the pool's setUp returned
	code, message string
}

// badInputs are the bad inputs of one operation to one of [badInputPools].
type badInputs struct {
	pool, operation string
	inputs          []badInput
}

// A badInputPool is a pool that bad inputs are sent to. setUp puts users in
// and returns what the requests refer to.
type badInputPool struct {
	config Config
	setUp  func(t *testing.T, p *Pool) map[string]string
}

func everyBadInput() []badInputs {
	return slices.Concat(badSignUps(), badSignIns(), badAccountRequests())
}

// TestBadInput pins exception and text of what can be wrong with a request,
// operation by operation. What TestBadTokens, TestSecretHash, TestValidation
// and TestCompleteWebAuthnRegistrationRefuses pin is not repeated. A refused
// request changes nothing about any user but that it counts as an attempt.
func TestBadInput(t *testing.T) {
	t.Parallel()
	pools := badInputPools()
	for _, tt := range everyBadInput() {
		t.Run(tt.operation+"/"+tt.pool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool, ok := pools[tt.pool]
				if !ok {
					t.Fatalf("there is no pool %q", tt.pool)
				}
				p := newPool(t, pool.config)
				values := pool.setUp(t, p)
				for _, in := range tt.inputs {
					forgetAttempts(p)
					refuses(t, p, tt.operation, fill(t, in.body, values).(m), in)
				}
			})
		})
	}
}

// TestRepeatedInput sends requests as often as the plain pool takes them, right
// or wrong, and once more.
func TestRepeatedInput(t *testing.T) {
	t.Parallel()
	user := func(name string, members m) m {
		members["ClientId"], members["Username"] = "client1", name
		return members
	}
	with := func(token string, members m) m {
		members["AccessToken"] = token
		return members
	}
	const locked = "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds."
	tests := []struct {
		operation     string
		allowed       int
		body          m
		code, message string
	}{
		{"ConfirmSignUp", 15, user("new", m{"ConfirmationCode": "x"}), limit, textLimit},
		{"ResendConfirmationCode", 5, user("new", m{}), limit, textLimit},
		{"ForgotPassword", 5, user("ana", m{}), limit, textLimit},
		{"ConfirmForgotPassword", 5, user("bob", m{"ConfirmationCode": "x", "Password": testPassword}), limit, textLimit},
		{"ChangePassword", 5, with("$access", m{"PreviousPassword": "not the one", "ProposedPassword": "An0ther one"}), limit, textLimit},
		{"GetUserAttributeVerificationCode", 5, with("$access", m{"AttributeName": "email"}), limit, textLimit},
		{"VerifyUserAttribute", 15, with("$bob", m{"AttributeName": "email", "Code": "x"}), limit, textLimit},
		{"InitiateAuth", 5, withPassword("ana", "x"), notAuthorizedCode, "Password attempts exceeded"},
		{"RespondToAuthChallenge", 5, respond("SOFTWARE_TOKEN_MFA", "$totp", m{"USERNAME": "tom", "SOFTWARE_TOKEN_MFA_CODE": "x"}), notAuthorizedCode, locked},
	}
	for _, tt := range tests {
		t.Run(tt.operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				pool := badInputPools()["plain"]
				p := newPool(t, pool.config)
				body := fill(t, tt.body, pool.setUp(t, p)).(m)
				forgetAttempts(p)
				for range tt.allowed {
					if a := postAny(t, p, tt.operation, body); a.message() == tt.message {
						t.Fatalf("refused too early: %s", a.message())
					}
				}
				refuses(t, p, tt.operation, body, badInput{"once more", body, tt.code, tt.message})
			})
		})
	}
}

// refuses sends a request that must be refused and must change nothing.
func refuses(t *testing.T, p *Pool, operation string, body m, in badInput) {
	t.Helper()
	before := stateOf(p)
	a := postAny(t, p, operation, body)
	if a.code() != in.code || a.message() != in.message && (in.message != unpublished || a.message() == "") {
		t.Errorf("%s: got %d %s: %q\nwant %s: %q", in.mistake, a.status, a.code(), a.message(), in.code, in.message)
	}
	if diff := cmp.Diff(before, stateOf(p)); diff != "" {
		t.Errorf("%s: the refused request changed (-before +after):\n%s", in.mistake, diff)
	}
}

// postAny sends an operation, signed if it has to be.
func postAny(t testing.TB, p *Pool, operation string, body m) answer {
	t.Helper()
	changes := map[string]string{"X-Amz-Target": "AWSCognitoIdentityProviderService." + operation}
	if operations[operation].signed {
		changes["Authorization"] = "AWS4-HMAC-SHA256 Credential=x"
	}
	return send(t, p, "POST", "/", jsonText(body), changes)
}

// fill returns a value with the strings that begin with a dollar replaced.
func fill(t *testing.T, value any, values map[string]string) any {
	t.Helper()
	switch v := value.(type) {
	case string:
		name, ok := strings.CutPrefix(v, "$")
		if !ok {
			return v
		}
		if values[name] == "" {
			t.Fatalf("there is no value %s", v)
		}
		return values[name]
	case m:
		filled := m{}
		for name, member := range v {
			filled[name] = fill(t, member, values)
		}
		return filled
	default:
		return v
	}
}

// A userState is what a refused request must leave alone.
type userState struct {
	User     map[string]any
	Pending  map[string]string
	Password string
	Factors  string
	Devices  []string
	Passkeys []string
	Codes    map[codePurpose]string
	Messages int
	Tokens   int // that have not been revoked
}

func stateOf(p *Pool) map[string]userState {
	states := make(map[string]userState)
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, u := range p.users.byName {
		s := userState{
			User: map[string]any{
				"name": u.username, "sub": u.sub, "status": u.status, "enabled": u.enabled, "modified": u.modified,
				"attributes": maps.Clone(u.attributes), "aliases": fmt.Sprint(u.aliases),
			},
			Pending:  maps.Clone(u.pending),
			Password: fmt.Sprintf("%p, after %p", u.password, u.former),
			Factors:  fmt.Sprintf("%v %t preferred %q, TOTP %p %p", u.mfa.settings(), u.mfa.smsOption, u.mfa.preferred, u.mfa.totp, u.mfa.pendingTOTP),
			Codes:    make(map[codePurpose]string),
			Messages: len(u.inbox),
		}
		for _, d := range u.deviceList() {
			s.Devices = append(s.Devices, fmt.Sprintf("%s %q %p %s", d.key, d.name, d.verifier, d.status()))
		}
		for _, k := range u.passkeys {
			s.Passkeys = append(s.Passkeys, k.credentialID())
		}
		if u.registration != nil {
			s.Passkeys = append(s.Passkeys, "being made for "+u.registration.challenge)
		}
		for purpose, code := range u.codes {
			s.Codes[purpose] = code.value
		}
		for g := range p.grants.byUser[u] {
			if !g.revoked {
				s.Tokens++
			}
		}
		states[name] = s
	}
	return states
}

// TestBadInputIsComplete finds operations that no bad input is sent to.
func TestBadInputIsComplete(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, b := range everyBadInput() {
		tested[b.operation] = true
		if _, ok := operations[b.operation]; !ok {
			t.Errorf("%s is not served", b.operation)
		}
	}
	for name, op := range operations {
		if !op.signed && !tested[name] {
			t.Errorf("no bad input for %s", name)
		}
	}
}

// TestUnsigned sends operations of administrators without AWS credentials.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	for name, op := range operations {
		if op.signed {
			fails(t, p, name, m{"UserPoolId": p.PoolID(), "Username": "ana"}, "MissingAuthenticationTokenException", "Missing Authentication Token")
		}
	}
}

// tokenRequests are good requests, but for the access token, of the operations
// that one authorizes.
func tokenRequests() map[string]m {
	key := "eu-west-1_a1b2c3d4-0000-4000-8000-0123456789ab"
	return map[string]m{
		"AssociateSoftwareToken":           {},
		"ChangePassword":                   {"PreviousPassword": testPassword, "ProposedPassword": "An0ther one"},
		"CompleteWebAuthnRegistration":     {"Credential": m{}},
		"ConfirmDevice":                    {"DeviceKey": key},
		"DeleteUser":                       {},
		"DeleteUserAttributes":             {"UserAttributeNames": []string{"name"}},
		"DeleteWebAuthnCredential":         {"CredentialId": "AAAA"},
		"ForgetDevice":                     {"DeviceKey": key},
		"GetDevice":                        {"DeviceKey": key},
		"GetUser":                          {},
		"GetUserAttributeVerificationCode": {"AttributeName": "email"},
		"GetUserAuthFactors":               {},
		"GlobalSignOut":                    {},
		"ListDevices":                      {},
		"ListWebAuthnCredentials":          {},
		"SetUserMFAPreference":             {"SMSMfaSettings": m{"Enabled": true}},
		"SetUserSettings":                  {"MFAOptions": []m{}},
		"StartWebAuthnRegistration":        {},
		"UpdateDeviceStatus":               {"DeviceKey": key, "DeviceRememberedStatus": "remembered"},
		"UpdateUserAttributes":             {"UserAttributes": []m{{"Name": "name", "Value": "Ana"}}},
		"VerifySoftwareToken":              {"UserCode": "123456"},
		"VerifyUserAttribute":              {"AttributeName": "email", "Code": "1"},
	}
}

// TestBadTokens sends all kinds of tokens that are no good to every operation
// that takes one.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{
			ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, Devices: &DeviceTracking{},
			FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain},
		})
		access := make(map[string]string)
		for _, name := range []string{"old", "ana", "gone", "off", "out", "reset"} {
			p.AddUser(User{Name: name, Password: testPassword, Email: name + "@example.com", Phone: "+15555550123"})
			access[name] = accessToken(t, p, name)
			if name == "old" {
				time.Sleep(time.Hour)
			}
		}
		ok(t, p, "DeleteUser", m{"AccessToken": access["gone"]})
		ok(t, p, "GlobalSignOut", m{"AccessToken": access["out"]})
		admin(t, p, "AdminDisableUser", `"Username":"off"}`)
		admin(t, p, "AdminResetUserPassword", `"Username":"reset"}`)
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(access["ana"], claims); err != nil {
			t.Fatal(err)
		}
		claims["scope"] = "openid"
		unscoped := accessKey().sign(claims)
		parts := strings.Split(access["ana"], ".")
		tests := []struct{ name, token, code, message string }{
			{"no token", "nonsense", notAuthorizedCode, "Invalid Access Token"},
			{"ID token", result(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "IdToken"), notAuthorizedCode, "Invalid Access Token"},
			{"tampered with", parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), notAuthorizedCode, "Could not verify signature for Access Token"},
			{"expired", access["old"], notAuthorizedCode, "Access Token has expired"},
			{"without scope", unscoped, notAuthorizedCode, "Access Token does not have required scopes"},
			{"signed out", access["out"], notAuthorizedCode, "Access Token has been revoked"},
			{"disabled user's", access["off"], notAuthorizedCode, "Access Token has been revoked"},
			{"deleted user's", access["gone"], notAuthorizedCode, "Access Token has been revoked"},
			{"password to be reset", access["reset"], resetRequired, "Password reset required for the user"},
		}
		for operation, body := range tokenRequests() {
			for _, tt := range tests {
				body["AccessToken"] = tt.token
				refuses(t, p, operation, body, badInput{mistake: operation + ", " + tt.name, code: tt.code, message: tt.message})
			}
		}
	})
}
