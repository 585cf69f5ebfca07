package authtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

// exportOf returns the state of a server as a text.
func exportOf(t testing.TB, s *Server) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Export(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func importInto(t testing.TB, s *Server, state string) {
	t.Helper()
	if err := s.Import(strings.NewReader(state)); err != nil {
		t.Fatal(err)
	}
}

// furnished returns a server with two pools that have some of everything, and
// the second pool.
func furnished(t testing.TB) (*Server, *Pool) {
	t.Helper()
	s := newServer(t, ServerConfig{})
	administered(t, s)
	p := s.NewPool(Config{
		PoolID: "eu-west-1_AbC123def", ClientID: "client2", Devices: &DeviceTracking{},
		ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser, AllowRefreshToken},
		MFA:               MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorWebAuthn},
		Passkeys:     &Passkeys{RelyingPartyID: theDomain}, AliasAttributes: []string{"email"},
		PasswordPolicy: &PasswordPolicy{HistorySize: 3}, RequireVerificationBeforeUpdate: []string{"email"},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123", Groups: []string{"admins"}})
	p.AddUser(User{Name: "totp", Password: testPassword, TOTP: true})
	p.AddUser(User{Name: "mail", Password: testPassword, Email: "mail@example.com", EmailMFA: true})
	p.AddUser(User{Name: "key", Email: "key@example.com"})
	p.AddUser(User{Name: "temporary", Password: testPassword, Status: StatusForceChangePassword})
	return s, p
}

// as2 changes a request of client1 into one of client2.
func as2(body m) m {
	body["ClientId"] = "client2"
	return body
}

// TestImportedSignIns goes on with every kind of sign-in, and with what they
// gave, in another server. A password that is being proved is the exception.
func TestImportedSignIns(t *testing.T) {
	t.Parallel()
	s, p := furnished(t)
	key := NewAuthenticator("https://app." + theDomain)
	p.AddPasskey("key", key)

	device := srp.NewClient()
	a := ok(t, p, "RespondToAuthChallenge", as2(prove(t, device, p, ok(t, p, "InitiateAuth", as2(startWithSRP("ana", device.A()))), testPassword, nil)))
	access, refresh := result(t, a, "AccessToken"), result(t, a, "RefreshToken")
	deviceKey, group := a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceKey"), a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceGroupKey")
	verifier := srp.NewVerifier(group, deviceKey, "secret")
	ok(t, p, "ConfirmDevice", m{"AccessToken": access, "DeviceKey": deviceKey, "DeviceSecretVerifierConfig": m{"PasswordVerifier": verifier.ValueBase64(), "Salt": verifier.SaltBase64()}})
	ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "new@example.com"}}})
	ok(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": "An0ther one"})
	revoked := ok(t, p, "InitiateAuth", as2(withPassword("ana", "An0ther one")))
	ok(t, p, "RevokeToken", m{"ClientId": "client2", "Token": result(t, revoked, "RefreshToken")})

	totp := wantChallenge(t, ok(t, p, "InitiateAuth", as2(withPassword("totp", testPassword))), "SOFTWARE_TOKEN_MFA")
	mail := wantChallenge(t, ok(t, p, "InitiateAuth", as2(withPassword("mail", testPassword))), "EMAIL_OTP")
	temporary := wantChallenge(t, ok(t, p, "InitiateAuth", as2(withPassword("temporary", testPassword))), "NEW_PASSWORD_REQUIRED")
	passkey, options := asked(t, ok(t, p, "InitiateAuth", m{
		"ClientId": "client2", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "key", "PREFERRED_CHALLENGE": "WEB_AUTHN"},
	}))
	ok(t, p, "SignUp", as2(signUpBody("new", "someone@example.com")))
	proving := srp.NewClient()
	proof := as2(prove(t, proving, p, ok(t, p, "InitiateAuth", as2(startWithSRP("ana", proving.A()))), "An0ther one", nil))

	state := exportOf(t, s)
	for _, secret := range []string{testPassword, "An0ther one", refresh, access} {
		if strings.Contains(state, secret) {
			t.Errorf("the state has %.9q…", secret)
		}
	}
	other := newServer(t, ServerConfig{})
	importInto(t, other, state)
	if diff := cmp.Diff(state, exportOf(t, other)); diff != "" {
		t.Errorf("the state is another (-exported +imported):\n%s", diff)
	}
	q, found := other.Pool("eu-west-1_AbC123def")
	if !found {
		t.Fatal("the pool is not there")
	}
	fails(t, q, "RespondToAuthChallenge", proof, "NotAuthorizedException", "Incorrect username or password.")
	ok(t, q, "GetUser", m{"AccessToken": access})
	result(t, ok(t, q, "InitiateAuth", m{
		"ClientId": "client2", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": m{"REFRESH_TOKEN": refresh, "DEVICE_KEY": deviceKey},
	}), "AccessToken")
	fails(t, q, "GetUser", m{"AccessToken": result(t, revoked, "AccessToken")}, "NotAuthorizedException", "Access Token has been revoked")
	ok(t, q, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": q.Code("ana")})
	fails(t, q, "ChangePassword", m{"AccessToken": access, "PreviousPassword": "An0ther one", "ProposedPassword": testPassword},
		"PasswordHistoryPolicyViolationException", "Password has previously been used")
	for _, r := range []m{
		respond("SOFTWARE_TOKEN_MFA", totp, m{"USERNAME": "totp", "SOFTWARE_TOKEN_MFA_CODE": q.TOTP("totp")}),
		respond("EMAIL_OTP", mail, m{"USERNAME": "mail", "EMAIL_OTP_CODE": q.Code("mail")}),
		respond("NEW_PASSWORD_REQUIRED", temporary, m{"USERNAME": "temporary", "NEW_PASSWORD": "An0ther one"}),
		respond("WEB_AUTHN", passkey, m{"USERNAME": "key", "CREDENTIAL": use(t, key, options)}),
	} {
		if a := ok(t, q, "RespondToAuthChallenge", as2(r)); a.str("ChallengeName") != "" {
			t.Errorf("%v: got another challenge, %s", r["ChallengeName"], a.str("ChallengeName"))
		}
	}
	ok(t, q, "ConfirmSignUp", m{"ClientId": "client2", "Username": "new", "ConfirmationCode": q.Code("new")})
	result(t, signInSRP2(t, q, "ana", "An0ther one"), "AccessToken")
}

func signInSRP2(t testing.TB, p *Pool, name, password string) answer {
	t.Helper()
	client := srp.NewClient()
	return ok(t, p, "RespondToAuthChallenge", as2(prove(t, client, p, ok(t, p, "InitiateAuth", as2(startWithSRP(name, client.A()))), password, nil)))
}

// TestImportDoesNotRevive imports a state in which things have ended, lazily or
// not. They stay at their end.
func TestImportDoesNotRevive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := furnished(t)
		sign := func(name string) answer { return ok(t, p, "InitiateAuth", as2(withPassword(name, testPassword))) }
		deleted, removed := sign("ana"), sign("ana")
		ok(t, p, "SignUp", as2(signUpBody("late", "late@example.com")))
		code := p.Code("late")
		expired := wantChallenge(t, sign("totp"), "SOFTWARE_TOKEN_MFA")
		spent := wantChallenge(t, sign("mail"), "EMAIL_OTP")
		spend := as2(respond("EMAIL_OTP", spent, m{"USERNAME": "mail", "EMAIL_OTP_CODE": p.Code("mail")}))
		ok(t, p, "RespondToAuthChallenge", spend)
		for range 5 {
			fails(t, p, "InitiateAuth", as2(withPassword("temporary", "wrong")), "NotAuthorizedException", "Incorrect username or password.")
		}
		ok(t, p, "DeleteUser", m{"AccessToken": result(t, deleted, "AccessToken")})
		p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"}) // somebody else
		p.AddClient(AppClient{ClientID: "client3", ExplicitAuthFlows: passwordFlow})
		third := ok(t, p, "InitiateAuth", m{"ClientId": "client3", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": testPassword}})
		admin(t, p, "DeleteUserPoolClient", `"ClientId":"client3"}`)
		time.Sleep(time.Nanosecond)
		p.AddClient(AppClient{ClientID: "client3", ExplicitAuthFlows: passwordFlow})

		again := func() *Pool {
			other := newServer(t, ServerConfig{})
			importInto(t, other, exportOf(t, s))
			q, _ := other.Pool(p.PoolID())
			return q
		}
		q := again()
		fails(t, q, "InitiateAuth", as2(withPassword("temporary", testPassword)), "NotAuthorizedException", "Password attempts exceeded")
		fails(t, q, "RespondToAuthChallenge", spend, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
		fails(t, q, "GetUser", m{"AccessToken": result(t, removed, "AccessToken")}, "NotAuthorizedException", "Access Token has been revoked")
		fails(t, q, "GetUser", m{"AccessToken": result(t, third, "AccessToken")}, "NotAuthorizedException", "Access Token has been revoked")
		fails(t, q, "GetTokensFromRefreshToken", m{"ClientId": "client3", "RefreshToken": result(t, third, "RefreshToken")},
			"NotAuthorizedException", "Invalid Refresh Token")
		time.Sleep(25 * time.Hour)
		q = again()
		fails(t, q, "RespondToAuthChallenge", as2(respond("SOFTWARE_TOKEN_MFA", expired, m{"USERNAME": "totp", "SOFTWARE_TOKEN_MFA_CODE": "123456"})),
			"NotAuthorizedException", "Invalid session for the user, session is expired.")
		fails(t, q, "ConfirmSignUp", m{"ClientId": "client2", "Username": "late", "ConfirmationCode": code},
			"ExpiredCodeException", "Invalid code provided, please request a code again.")
	})
}

// TestImportKeepsPools takes a state back in the server that it is of.
func TestImportKeepsPools(t *testing.T) {
	t.Parallel()
	s, p := furnished(t)
	first := s.Pools()[0]
	url := p.Start()
	state := exportOf(t, s)

	p.AddUser(User{Name: "bob"})
	admin(t, p, "AdminDeleteUser", `"Username":"ana"}`)
	extra := s.NewPool(Config{ClientID: "client9"})
	extraURL := extra.Start()
	importInto(t, s, state)
	if diff := cmp.Diff(state, exportOf(t, s)); diff != "" {
		t.Errorf("the state is another (-before +after):\n%s", diff)
	}
	if q, _ := s.Pool(p.PoolID()); q != p || !slices.Equal(s.Pools(), []*Pool{first, p}) {
		t.Errorf("the pools are others: %v", s.Pools())
	}
	if _, found := p.User("bob"); found {
		t.Error("bob is still there")
	}
	ok(t, p, "InitiateAuth", as2(withPassword("ana", testPassword)))
	if again := p.Start(); again != url {
		t.Errorf("the pool is served at %s, want %s", again, url)
	}
	if res, err := http.Get(extraURL); err == nil {
		res.Body.Close()
		t.Error("a pool that is no more is still served")
	}
	a := postTo(t, s.HTTPClient(), "InitiateAuth", m{"ClientId": "client9", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": m{"USERNAME": "x", "SRP_A": "12"}})
	if a.message() != "User pool client client9 does not exist." {
		t.Errorf("the client of a pool that is no more: %s", a.raw)
	}

	// What cannot change while a pool is served makes another one of it.
	changed := strings.ReplaceAll(state, `"UsernameAttributes": null`, `"UsernameAttributes": []`)
	if changed == state {
		t.Fatal("nothing was changed")
	}
	importInto(t, s, changed)
	if q, _ := s.Pool(p.PoolID()); q == p {
		t.Error("the pool is the same")
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	s, p := furnished(t)
	ok(t, p, "InitiateAuth", as2(withPassword("ana", testPassword)))
	s.Inject(Fault{HTML: true})
	if err := s.AdvanceClock(time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exportOf(t, newServer(t, ServerConfig{})), exportOf(t, s)); diff != "" {
		t.Errorf("it is not as a new server (-new +reset):\n%s", diff)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("there are %d requests", n)
	}
	s.NewPool(Config{PoolID: p.PoolID(), ClientID: "client2"})
	a := postTo(t, s.HTTPClient(), "InitiateAuth", as2(withPassword("ana", testPassword)))
	if a.code() != "InvalidParameterException" {
		t.Errorf("got %s", a.raw)
	}
}

// TestImportRefuses spoils a state in one place each. Nothing changes then.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	s, p := furnished(t)
	key := NewAuthenticator("https://app." + theDomain)
	p.AddPasskey("ana", key)
	ok(t, p, "RespondToAuthChallenge", as2(respond("EMAIL_OTP", wantChallenge(t, ok(t, p, "InitiateAuth", as2(withPassword("mail", testPassword))), "EMAIL_OTP"),
		m{"USERNAME": "mail", "EMAIL_OTP_CODE": p.Code("mail")})))
	state := exportOf(t, s)
	member := func(value any, path ...any) any {
		for _, step := range path {
			switch step := step.(type) {
			case string:
				value = value.(m)[step]
			case int:
				value = value.([]any)[step]
			}
		}
		return value
	}
	user := func(doc m, i int) m { return member(doc, "pools", 1, "users", i).(m) }
	for name, tt := range map[string]struct {
		change func(doc m)
		want   string
	}{
		"format":      {func(doc m) { doc["format"] = "x" }, "it is no state of a server"},
		"version":     {func(doc m) { doc["version"] = 2 }, "version 2 is not the version 1 that is understood here"},
		"region":      {func(doc m) { doc["region"] = "us-east-1" }, "the region is us-east-1 and not eu-west-1"},
		"clock":       {func(doc m) { doc["clock"] = -1 }, "clock: -1ns is out of bounds"},
		"unknown":     {func(doc m) { doc["x"] = 1 }, `json: unknown field "x"`},
		"type":        {func(doc m) { doc["pools"] = 1 }, "json: cannot unmarshal number into Go struct field serverState.pools of type []authtest.poolState"},
		"pool id":     {func(doc m) { member(doc, "pools", 1, "config").(m)["PoolID"] = "x" }, `pools[1]: config: "x" is no id of a pool in eu-west-1`},
		"issuer":      {func(doc m) { member(doc, "pools", 1, "config").(m)["Issuer"] = "x" }, "pools[1]: config: the issuer is no absolute URL"},
		"policy":      {func(doc m) { member(doc, "pools", 1, "config").(m)["PasswordPolicy"] = nil }, "pools[1]: config: the password policy is missing or out of bounds"},
		"schema":      {func(doc m) { member(doc, "pools", 1, "schema", 0).(m)["Mutable"] = nil }, "pools[1]: the schema has an attribute without a name, or that says not whether it is mutable"},
		"secret":      {func(doc m) { member(doc, "pools", 1).(m)["secret"] = "AAAA" }, "pools[1]: the secret has the wrong length"},
		"same pool":   {func(doc m) { doc["pools"] = append(doc["pools"].([]any), member(doc, "pools", 1)) }, `pools[2]: there is more than one pool "eu-west-1_AbC123def"`},
		"same client": {func(doc m) { member(doc, "pools", 1, "clients", 0).(m)["id"] = "client1" }, `pools[1]: there is more than one client "client1"`},
		"same domain": {func(doc m) { member(doc, "pools", 1).(m)["prefixDomain"] = m{"name": "people"} }, `pools[1]: there is more than one domain "people"`},
		"same group": {func(doc m) {
			p := member(doc, "pools", 1).(m)
			p["groups"] = append(p["groups"].([]any), m{"name": "admins"})
		}, `pools[1]: there is more than one group "admins"`},
		"group":         {func(doc m) { user(doc, 0)["groups"] = []string{"nobody"} }, `pools[1]: users[0]: there is no group "nobody"`},
		"serial":        {func(doc m) { user(doc, 1)["serial"] = 1 }, "pools[1]: users[1]: the serial number is missing, or another user's"},
		"username":      {func(doc m) { user(doc, 1)["username"] = "ana" }, "pools[1]: users[1]: the username or the sub is another user's"},
		"sub":           {func(doc m) { user(doc, 1)["sub"] = "" }, "pools[1]: users[1]: the username or the sub is missing"},
		"alias":         {func(doc m) { user(doc, 2)["aliases"] = user(doc, 0)["aliases"] }, `pools[1]: users[2]: there is more than one alias email "ana@example.com"`},
		"salt":          {func(doc m) { user(doc, 0)["password"].(m)["salt"] = "AAAA" }, "pools[1]: users[0]: password: the salt or the hash has the wrong length"},
		"verifier":      {func(doc m) { user(doc, 0)["password"].(m)["verifier"] = "AQ==" }, "pools[1]: users[0]: password: srp: public value out of range: the verifier is trivial"},
		"former":        {func(doc m) { user(doc, 0)["former"] = []any{nil} }, "pools[1]: users[0]: former[0]: it is no password"},
		"totp":          {func(doc m) { member(user(doc, 1), "mfa", "totp").(m)["secret"] = "1" }, "pools[1]: users[1]: the secret of an authenticator app is none"},
		"device":        {func(doc m) { user(doc, 0)["devices"] = []m{{"key": ""}} }, "pools[1]: users[0]: devices[0]: the key is missing"},
		"passkey":       {func(doc m) { member(user(doc, 0), "passkeys", 0).(m)["id"] = "" }, "pools[1]: users[0]: passkeys[0]: the id is missing"},
		"same passkey":  {func(doc m) { user(doc, 1)["passkeys"] = user(doc, 0)["passkeys"] }, "pools[1]: users[1]: there is more than one passkey"},
		"inbox":         {func(doc m) { user(doc, 0)["inbox"] = slices.Repeat([]m{{}}, 101) }, "pools[1]: users[0]: there are more messages than an inbox holds"},
		"refresh token": {func(doc m) { member(doc, "pools", 1, "grants", 0, "refresh", 0).(m)["hash"] = "AAAA" }, "pools[1]: grants[0]: the hash of a refresh token has the wrong length"},
		"same grant": {func(doc m) {
			p := member(doc, "pools", 1).(m)
			p["grants"] = append(p["grants"].([]any), p["grants"].([]any)[0])
		}, "pools[1]: grants[1]: there is more than one grant"},
		"session id": {func(doc m) { member(doc, "pools", 1, "sessions", 0).(m)["id"] = "00" }, "pools[1]: sessions[0]: the id is none"},
		"session user": {func(doc m) {
			member(doc, "pools", 1, "sessions", 0).(m)["user"] = 0
			member(doc, "pools", 1, "sessions", 0).(m)["purpose"] = "MFA_SETUP"
		}, "pools[1]: sessions[0]: the user is missing"},
		"session TOTP": {func(doc m) { member(doc, "pools", 1, "sessions", 0).(m)["totp"] = "1" }, "pools[1]: sessions[0]: the secret of an authenticator app is none"},
	} {
		var doc m
		if err := json.Unmarshal([]byte(state), &doc); err != nil {
			t.Fatal(err)
		}
		tt.change(doc)
		err := s.Import(strings.NewReader(jsonText(doc)))
		if err == nil || !strings.HasPrefix(err.Error(), "authtest: import: "+tt.want) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	for text, want := range map[string]string{
		"": "EOF", "{": "unexpected EOF", state + "{}": "there is more than one value", "null": "it is no state of a server",
	} {
		if err := s.Import(strings.NewReader(text)); err == nil || err.Error() != "authtest: import: "+want {
			t.Errorf("%.9q: got error %v, want %s", text, err, want)
		}
	}
	if diff := cmp.Diff(state, exportOf(t, s)); diff != "" {
		t.Errorf("an import that failed has changed the state (-before +after):\n%s", diff)
	}
}

// TestImportIssuer imports pools whose issuer is what their server gives, and
// one whose is not.
func TestImportIssuer(t *testing.T) {
	t.Parallel()
	from := newServer(t, ServerConfig{IssuerBase: "http://localhost:9229"})
	derived, own := from.NewPool(Config{}).PoolID(), from.NewPool(Config{Issuer: "https://issuer.example"}).PoolID()
	state := exportOf(t, from)
	for base, want := range map[string]string{
		"":                      "http://localhost:9229/" + derived,
		"http://localhost:9230": "http://localhost:9230/" + derived,
	} {
		to := newServer(t, ServerConfig{IssuerBase: base})
		importInto(t, to, state)
		p, _ := to.Pool(derived)
		q, _ := to.Pool(own)
		if p.Issuer() != want || q.Issuer() != "https://issuer.example" {
			t.Errorf("base %q: got issuers %s and %s", base, p.Issuer(), q.Issuer())
		}
	}
}

// TestImportInTheMiddle replaces the state while operations and exchanges are
// half done. They do not get to do the other half.
func TestImportInTheMiddle(t *testing.T) {
	t.Parallel()
	s := NewServer(t, ServerConfig{Storage: &memoryStorage{left: true}})
	var state string
	p := s.NewPool(Config{
		ClientID: "client1", Domain: "people", ExplicitAuthFlows: passwordFlow, OAuth: &OAuth{CallbackURLs: []string{testCallback}},
		Triggers: Triggers{PostAuthentication: func(*PostAuthenticationEvent) error {
			importInto(t, s, state)
			return nil
		}},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	state = exportOf(t, s)
	unchanged := func(what string) {
		t.Helper()
		if diff := cmp.Diff(state, exportOf(t, s)); diff != "" {
			t.Errorf("%s changed the new state (-imported +now):\n%s", what, diff)
		}
		audit(t, p)
	}
	if a := postTo(t, s.HTTPClient(), "InitiateAuth", withPassword("ana", testPassword)); a.status != http.StatusInternalServerError || a.message() != msgReplaced {
		t.Errorf("an operation: got %d %s", a.status, a.raw)
	}
	unchanged("an operation")
	b := visit(t, p).open(pathAuthorize, asking()).submit(pathLogin, "username", "ana", "password", testPassword)
	if b.status != http.StatusInternalServerError {
		t.Errorf("a browser: got status %d", b.status)
	}
	unchanged("a browser")

	x := &exchange{pool: p, r: &http.Request{URL: &url.URL{Path: pathToken}}}
	answer := x.handled(func(x *exchange) *reply {
		var u *user
		x.locked(func(c *call) { u = c.pool.users.find("ana") })
		importInto(t, s, state)
		x.locked(func(c *call) { c.pool.grants.add(&grant{user: u, client: c.pool.clients["client1"], eventID: "x"}) })
		return redirect("")
	})
	if answer.status != http.StatusInternalServerError {
		t.Errorf("an exchange: got status %d", answer.status)
	}
	unchanged("an exchange")
}

// TestImportedTOTP goes on with the set-up of an authenticator app. The secret
// that the session is about is the user's own.
func TestImportedTOTP(t *testing.T) {
	t.Parallel()
	s := NewServer(t, ServerConfig{})
	p := s.NewPool(Config{ClientID: "client1", ExplicitAuthFlows: passwordFlow, MFA: MFARequired})
	p.AddUser(User{Name: "ana", Password: testPassword})
	post := func(operation string, body m) answer {
		t.Helper()
		a := postTo(t, s.HTTPClient(), operation, body)
		if a.code() != "" {
			t.Fatalf("%s: %s", operation, a.raw)
		}
		importInto(t, s, exportOf(t, s))
		return a
	}
	session := wantChallenge(t, post("InitiateAuth", withPassword("ana", testPassword)), "MFA_SETUP")
	session = post("AssociateSoftwareToken", m{"Session": session}).str("Session")
	session = post("VerifySoftwareToken", m{"Session": session, "UserCode": p.TOTP("ana")}).str("Session")
	result(t, post("RespondToAuthChallenge", respond("MFA_SETUP", session, m{"USERNAME": "ana"})), "AccessToken")
	if u := p.users.find("ana"); u.mfa.pendingTOTP != nil || u.mfa.totp == nil {
		t.Error("the secret is still waiting to be verified")
	}
}

// TestImportWhileServing replaces the state over and over while sign-ins go on.
// They may be refused for it, but not get anything wrong.
func TestImportWhileServing(t *testing.T) {
	t.Parallel()
	s, p := furnished(t)
	state := exportOf(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 30 {
			if err := s.Import(strings.NewReader(state)); err != nil {
				t.Error(err)
			}
		}
	}()
	served, replaced := 0, 0
	for {
		select {
		case <-done:
			if _, found := p.User("ana"); !found || served == 0 {
				t.Errorf("%d sign-ins went through, %d did not", served, replaced)
			}
			return
		default:
		}
		a := postTo(t, s.HTTPClient(), "InitiateAuth", as2(withPassword("ana", testPassword)))
		switch {
		case a.code() == "":
			a = postTo(t, s.HTTPClient(), "GetUser", m{"AccessToken": result(t, a, "AccessToken")})
			if a.code() != "" && a.message() != "Access Token has been revoked" && a.message() != msgReplaced {
				t.Errorf("GetUser: %s", a.raw)
			}
			served++
		case a.message() == msgReplaced:
			replaced++
		default:
			t.Errorf("InitiateAuth: %s", a.raw)
		}
	}
}
