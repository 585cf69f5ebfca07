package authtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/srp"
)

// newPoolWithTwoClients returns a pool that a second client, client2, shares.
func newPoolWithTwoClients(t testing.TB, cfg Config) *Pool {
	t.Helper()
	p := newPool(t, cfg)
	second := p.cfg.firstClient()
	second.ClientID = "client2"
	p.AddClient(second)
	return p
}

func asClient(id string, body m) m {
	body["ClientId"] = id
	return body
}

// TestOtherClient takes what one client was given to another one.
func TestOtherClient(t *testing.T) {
	t.Parallel()
	p := newPoolWithTwoClients(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowRefreshToken}, MFA: MFAOptional})
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	p.AddUser(User{Name: "bob", Password: testPassword})

	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
	answer := respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("ana")})
	fails(t, p, "RespondToAuthChallenge", asClient("client2", answer), "NotAuthorizedException", "Invalid session for the user.")

	client := srp.NewClient()
	proof := prove(t, client, p, ok(t, p, "InitiateAuth", startWithSRP("bob", client.A())), testPassword, nil)
	fails(t, p, "RespondToAuthChallenge", asClient("client2", proof), "NotAuthorizedException", "Incorrect username or password.")
	a := ok(t, p, "RespondToAuthChallenge", asClient("client1", proof))

	refresh := result(t, a, "RefreshToken")
	for _, operation := range refreshOperations {
		fails(t, p, operation, asClient("client2", refreshBy(operation, refresh)), "NotAuthorizedException", "Invalid Refresh Token")
	}
	if b := post(t, p, "RevokeToken", m{"ClientId": "client2", "Token": refresh}); b.code() != "UnauthorizedException" {
		t.Errorf("RevokeToken: got %q", b.code())
	}
	ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh))
}

// TestPasswordChangedMeanwhile proves a password that was right when the
// exchange began.
func TestPasswordChangedMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: testPassword})
	client := srp.NewClient()
	proof := prove(t, client, p, ok(t, p, "InitiateAuth", startWithSRP("ana", client.A())), testPassword, nil)
	admin(t, p, "AdminSetUserPassword", `"Username":"ana","Password":"An0ther one","Permanent":true}`)
	fails(t, p, "RespondToAuthChallenge", proof, "NotAuthorizedException", "Incorrect username or password.")
}

// TestUserGoneMeanwhile disables and deletes users between two steps.
func TestUserGoneMeanwhile(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional})
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
	answer := respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("ana")})
	admin(t, p, "AdminDisableUser", `"Username":"ana"}`)
	fails(t, p, "RespondToAuthChallenge", answer, "NotAuthorizedException", "User is disabled.")
	admin(t, p, "AdminDeleteUser", `"Username":"ana"}`)
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	fails(t, p, "RespondToAuthChallenge", answer, "NotAuthorizedException", "Invalid session for the user.")
}

// TestCodeProvesWhereItWent changes an address after a code was sent to the old
// one.
func TestCodeProvesWhereItWent(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	code := p.Code("ana")
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"email","Value":"other@example.com"}]}`)
	ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": code, "Password": testPassword})
	if u, _ := p.User("ana"); u.Attributes["email_verified"] != "false" {
		t.Error("a code proved an address that it was not sent to")
	}
}

func TestResetForgetsAttempts(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	for range 5 {
		ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
		ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": testPassword})
	}
}

func TestMessageMFALockout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail}})
		p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", EmailMFA: true})
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "EMAIL_OTP")
		answer := func(code string) m {
			return respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": code})
		}
		for range 5 {
			fails(t, p, "RespondToAuthChallenge", answer(wrongCode(p.Code("ana"))), "CodeMismatchException", "Invalid code or auth state for the user.")
		}
		fails(t, p, "RespondToAuthChallenge", answer(p.Code("ana")),
			"NotAuthorizedException", "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.")
		time.Sleep(time.Second)
		ok(t, p, "RespondToAuthChallenge", answer(p.Code("ana")))
	})
}

// TestTakenContacts sets up and changes contacts that sign other users in.
func TestTakenContacts(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		UsernameAttributes: []string{"email", "phone_number"}, ExplicitAuthFlows: passwordFlow,
		MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorEmail},
	})
	p.AddUser(User{Name: "ana@example.com", Email: "ana@example.com", Password: testPassword})
	p.AddUser(User{Name: "+15555550123", Phone: "+15555550123", Password: testPassword})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("+15555550123", testPassword)), "MFA_SETUP")
	fails(t, p, "RespondToAuthChallenge", respond("MFA_SETUP", session, m{"USERNAME": "+15555550123", "EMAIL": "ana@example.com"}),
		"AliasExistsException", "An account with the email already exists.")
	adminFails(t, p, "AdminUpdateUserAttributes", `"Username":"+15555550123","UserAttributes":[{"Name":"email","Value":"ana@example.com"}]}`,
		"AliasExistsException", "An account with the given email already exists.")
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"+15555550123","UserAttributes":[{"Name":"email","Value":"bob@example.com"}]}`)

	aliases := newPool(t, Config{AliasAttributes: []string{"email"}})
	aliases.AddUser(User{Name: "ana", Email: "ana@example.com"})
	const attributes = `"UserAttributes":[{"Name":"email_verified","Value":"true"},{"Name":"email","Value":"ana@example.com"}]`
	adminFails(t, aliases, "AdminCreateUser", `"Username":"bob",`+attributes+`}`, "UsernameExistsException", "An account with the email already exists.")
	admin(t, aliases, "AdminCreateUser", `"Username":"bob","ForceAliasCreation":true,`+attributes+`}`)
	if u, _ := aliases.User("ana@example.com"); u.Name != "bob" {
		t.Errorf("the alias is %s's", u.Name)
	}
	// The flag may come before the address that it is about.
	admin(t, aliases, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"email_verified","Value":"true"},{"Name":"email","Value":"new@example.com"}]}`)
	if u, _ := aliases.User("new@example.com"); u.Name != "ana" {
		t.Error("a new address that was set as verified is not")
	}
}

func TestNewPasswordAttributesAreWritable(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, WriteAttributes: []string{"name"}})
	p.AddUser(User{Name: "ana", Password: "temporary", Status: StatusForceChangePassword})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", "temporary")), "NEW_PASSWORD_REQUIRED")
	answer := func(name string) m {
		return respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": testPassword, "userAttributes." + name: "x"})
	}
	fails(t, p, "RespondToAuthChallenge", answer("nickname"), "NotAuthorizedException", "A client attempted to write unauthorized attribute")
	ok(t, p, "RespondToAuthChallenge", answer("name"))
}

func TestMFACannotBeDisabledWhereRequired(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFARequired})
	p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SOFTWARE_TOKEN_MFA")
	a := ok(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("ana")}))
	off := m{"AccessToken": result(t, a, "AccessToken"), "SoftwareTokenMfaSettings": m{"Enabled": false}}
	if b := post(t, p, "SetUserMFAPreference", off); b.code() != "InvalidParameterException" {
		t.Errorf("got %q", b.code())
	}
}

// TestTokenAlgorithm signs a token whose header names another algorithm than
// the one it is signed with.
func TestTokenAlgorithm(t *testing.T) {
	t.Parallel()
	for algorithm, want := range map[string]bool{"RS256": true, "RS384": false, "none": false, "HS256": false} {
		header := `{"kid":"` + accessKey().id + `","alg":"` + algorithm + `"}`
		signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte("{}"))
		sum := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(nil, accessKey().private, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := verifyToken(signed + "." + base64.RawURLEncoding.EncodeToString(signature)); ok != want {
			t.Errorf("%s: accepted %t, want %t", algorithm, ok, want)
		}
	}
}
