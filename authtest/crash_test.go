package authtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

// A wanderer does things at random to a server that keeps its state in a
// storage. Most of them make sense.
type wanderer struct {
	t       *testing.T
	random  *rand.Rand
	s       *Server
	storage *memoryStorage
	key     *Authenticator

	access, refresh []string
	challenges      []pending
	devices         []m // bodies that confirm devices
	done            map[string]int
}

// pending is a challenge that waits to be answered.
type pending struct {
	name, session, user string
	options             m
}

func newWanderer(t *testing.T, seed uint64) *wanderer {
	w := &wanderer{
		t: t, random: rand.New(rand.NewPCG(seed, seed)), storage: &memoryStorage{left: true}, done: make(map[string]int),
		key: NewAuthenticator("https://app." + theDomain),
	}
	w.s = newServer(t, ServerConfig{Storage: w.storage})
	w.furnish()
	return w
}

const wanderedPool = "eu-west-1_AbC123def"

// furnish makes the pool that most things are done to.
func (w *wanderer) furnish() {
	p := w.s.NewPool(Config{
		PoolID: wanderedPool, ClientID: "client1", Devices: &DeviceTracking{}, CustomAttributes: []string{"plan"},
		ExplicitAuthFlows: []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser}, RotateRefreshTokens: true, RefreshGracePeriod: time.Minute,
		MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS, MFAFactorEmail},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorWebAuthn},
		Passkeys:     &Passkeys{RelyingPartyID: theDomain}, AliasAttributes: []string{"email", "preferred_username"},
		PasswordPolicy: &PasswordPolicy{}, RequireVerificationBeforeUpdate: []string{"email"},
		AutoVerifiedAttributes: []string{"email", "phone_number"},
	})
	for _, operation := range []string{"CreateResourceServer", "CreateUserPoolDomain", "CreateIdentityProvider"} {
		w.admin(operation)
	}
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123", Groups: []string{"g"}})
}

func (w *wanderer) pool() *Pool {
	p, ok := w.s.Pool(wanderedPool)
	if !ok {
		w.furnish()
		p, _ = w.s.Pool(wanderedPool)
	}
	return p
}

// wanderers are the users that may be there.
var wanderers = []string{"ana", "bob", "carla", "dora"}

func pick1[T any](w *wanderer, from []T) (picked T) {
	if len(from) > 0 {
		picked = from[w.random.IntN(len(from))]
	}
	return picked
}

// name is a user who is there, if possible.
func (w *wanderer) name() string {
	name := pick1(w, wanderers)
	if _, found := w.pool().User(name); !found {
		name = "ana"
	}
	return name
}

func (w *wanderer) send(operation string, body m) answer {
	a := postTo(w.t, &http.Client{Transport: withSignature{w.s.Transport()}}, operation, body)
	if a.status >= 500 {
		w.t.Fatalf("%s: %s", operation, a.raw)
	}
	if a.status == http.StatusOK {
		w.done[operation]++
	}
	for list, name := range map[*[]string]string{&w.access: "AccessToken", &w.refresh: "RefreshToken"} {
		if token := a.str("AuthenticationResult", name); token != "" {
			*list = append(*list, token)
		}
	}
	if name := a.str("ChallengeName"); name != "" {
		c := pending{name: name, session: a.str("Session"), user: a.str("ChallengeParameters", "USER_ID_FOR_SRP")}
		if options := a.str("ChallengeParameters", "CREDENTIAL_REQUEST_OPTIONS"); options != "" {
			if err := json.Unmarshal([]byte(options), &c.options); err != nil {
				w.t.Fatal(err)
			}
		}
		w.challenges = append(w.challenges, c)
	}
	if key := a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceKey"); key != "" {
		v := srp.NewVerifier(a.str("AuthenticationResult", "NewDeviceMetadata", "DeviceGroupKey"), key, "secret")
		confirm := m{
			"AccessToken": a.str("AuthenticationResult", "AccessToken"), "DeviceKey": key,
			"DeviceSecretVerifierConfig": m{"PasswordVerifier": v.ValueBase64(), "Salt": v.SaltBase64()},
		}
		w.devices = append(w.devices, confirm)
		if w.random.IntN(2) > 0 {
			w.send("ConfirmDevice", confirm)
		}
	}
	return a
}

func (w *wanderer) admin(operation string) {
	bodies := adminBodies()
	bodies["CreateIdentityProvider"]["ProviderName"] = pick1(w, []string{"Okta", "Entra"})
	bodies["CreateGroup"]["GroupName"] = pick1(w, []string{"g", "h"})
	bodies["CreateUserPoolDomain"] = m{"Domain": "people"}
	bodies["CreateResourceServer"]["Identifier"] = "server"
	// The walk has to go on afterwards.
	bodies["UpdateUserPoolClient"]["ExplicitAuthFlows"] = []AuthFlow{AllowUserSRP, AllowUserPassword, AllowUser}
	bodies["UpdateUserPool"]["AutoVerifiedAttributes"] = []string{"email"}
	bodies["SetUserPoolMfaConfig"]["MfaConfiguration"] = "OPTIONAL"
	body := bodies[operation]
	body["UserPoolId"] = wanderedPool
	if body["Username"] != nil {
		body["Username"] = w.name()
	}
	w.send(operation, body)
}

// adminUser does something to a user.
func (w *wanderer) adminUser() {
	name := w.name()
	body := map[string]m{
		"AdminConfirmSignUp": {}, "AdminDeleteUser": {}, "AdminDisableUser": {}, "AdminEnableUser": {}, "AdminResetUserPassword": {},
		"AdminUserGlobalSignOut": {}, "AdminGetUser": {}, "AdminListDevices": {},
		"AdminSetUserPassword":      {"Password": testPassword, "Permanent": w.random.IntN(3) > 0},
		"AdminSetUserMFAPreference": {"EmailMfaSettings": m{"Enabled": w.random.IntN(2) > 0}, "SMSMfaSettings": m{"Enabled": w.random.IntN(2) > 0}},
		"AdminUpdateUserAttributes": {"UserAttributes": []m{
			{"Name": "email", "Value": pick1(w, wanderers) + "@example.com"}, {"Name": "email_verified", "Value": "true"}, {"Name": "custom:plan", "Value": "x"},
		}},
		"AdminDeleteUserAttributes": {"UserAttributeNames": []string{"custom:plan"}},
		"AdminSetUserSettings":      {"MFAOptions": []m{}},
		"AdminCreateUser":           {"MessageAction": "RESEND"},
	}
	operation := pick1(w, slices.Sorted(maps.Keys(body)))
	body[operation]["Username"], body[operation]["UserPoolId"] = name, wanderedPool
	w.send(operation, body[operation])
}

// account does something with an access token.
func (w *wanderer) account() {
	access := pick1(w, w.access[max(0, len(w.access)-3):]) // older ones are revoked or expired
	if access == "" {
		return
	}
	_, claims := parseToken(w.t, w.pool(), access)
	name, _ := claims["username"].(string)
	bodies := tokenRequests()
	bodies["ChangePassword"] = m{"PreviousPassword": testPassword, "ProposedPassword": testPassword}
	bodies["UpdateUserAttributes"] = m{"UserAttributes": []m{
		{"Name": pick1(w, []string{"email", "name", "preferred_username"}), "Value": pick1(w, wanderers) + "@example.com"},
	}}
	bodies["VerifyUserAttribute"]["Code"] = w.lastCode(name)
	bodies["VerifySoftwareToken"]["UserCode"] = w.totp(name)
	bodies["ConfirmDevice"] = m{}
	maps.Copy(bodies["ConfirmDevice"], pick1(w, w.devices))
	if key, ok := pick1(w, w.devices)["DeviceKey"].(string); ok {
		bodies["ForgetDevice"]["DeviceKey"], bodies["UpdateDeviceStatus"]["DeviceKey"] = key, key
	}
	bodies["SetUserMFAPreference"] = m{"SoftwareTokenMfaSettings": m{"Enabled": w.random.IntN(2) > 0}}
	operation := pick1(w, slices.Sorted(maps.Keys(bodies)))
	if bodies[operation]["AccessToken"] == nil {
		bodies[operation]["AccessToken"] = access
	}
	if w.send(operation, bodies[operation]); operation == "AssociateSoftwareToken" {
		w.send("VerifySoftwareToken", m{"AccessToken": access, "UserCode": w.totp(name)})
	} else if strings.HasSuffix(operation, "VerificationCode") || operation == "UpdateUserAttributes" {
		w.send("VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": w.lastCode(name)})
	}
}

func (w *wanderer) lastCode(name string) string {
	inbox := w.pool().messagesOf(name)
	if len(inbox) == 0 {
		return "123456"
	}
	return inbox[len(inbox)-1].Code
}

// messagesOf is Inbox without the demand that there is such a user.
func (p *Pool) messagesOf(name string) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.users.findAny(name); u != nil {
		return slices.Clone(u.inbox)
	}
	return nil
}

func (w *wanderer) totp(name string) string {
	p := w.pool()
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.users.findAny(name); u != nil {
		for _, secret := range []*totpSecret{u.mfa.pendingTOTP, u.mfa.totp} {
			if secret != nil {
				return secret.code(p.now().Unix() / totpStep)
			}
		}
	}
	return "123456"
}

// signUp signs up, or goes on with one.
func (w *wanderer) signUp() {
	name := pick1(w, wanderers)
	body := map[string]m{
		"SignUp":                 signUpBody(name, name+"@example.com"),
		"ConfirmSignUp":          {"ConfirmationCode": w.lastCode(name), "ForceAliasCreation": true},
		"ResendConfirmationCode": {},
		"ForgotPassword":         {},
		"ConfirmForgotPassword":  {"ConfirmationCode": w.lastCode(name), "Password": testPassword},
		"AdminCreateUser":        {"UserPoolId": wanderedPool, "UserAttributes": []m{{"Name": "email", "Value": name + "@example.com"}}, "DesiredDeliveryMediums": []string{"EMAIL"}},
	}
	operation := pick1(w, slices.Sorted(maps.Keys(body)))
	body[operation]["Username"] = name
	if operation != "AdminCreateUser" {
		body[operation]["ClientId"] = "client1"
	}
	if w.send(operation, body[operation]); operation == "ForgotPassword" && w.random.IntN(2) > 0 {
		w.send("ConfirmForgotPassword", m{"ClientId": "client1", "Username": name, "ConfirmationCode": w.lastCode(name), "Password": testPassword})
	}
}

// signIn begins a sign-in, or refreshes one.
func (w *wanderer) signIn() {
	name := w.name()
	switch w.random.IntN(6) {
	case 0:
		w.send("InitiateAuth", withPassword(name, pick1(w, []string{testPassword, "wrong"})))
	case 1:
		client := srp.NewClient()
		if a := w.send("InitiateAuth", startWithSRP(name, client.A())); a.str("ChallengeName") == "PASSWORD_VERIFIER" {
			w.send("RespondToAuthChallenge", prove(w.t, client, w.pool(), a, testPassword, nil))
		}
	case 2:
		w.send("InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{
			"USERNAME": name, "PREFERRED_CHALLENGE": pick1(w, []string{"EMAIL_OTP", "WEB_AUTHN", "PASSWORD", "NONE"}), "PASSWORD": testPassword,
		}})
	case 3:
		w.send("GetTokensFromRefreshToken", refreshBy("", pick1(w, w.refresh)))
	case 4:
		w.send("RevokeToken", m{"ClientId": "client1", "Token": pick1(w, w.refresh)})
	default:
		w.answer()
	}
}

// answer answers a challenge that was put.
func (w *wanderer) answer() {
	c := pick1(w, w.challenges)
	if c.name == "" {
		return
	}
	parameters := m{"USERNAME": c.user, "NEW_PASSWORD": testPassword}
	switch c.name {
	case "EMAIL_OTP", "SMS_MFA", "SMS_OTP":
		parameters[c.name+"_CODE"] = w.lastCode(c.user)
	case "SOFTWARE_TOKEN_MFA":
		parameters["SOFTWARE_TOKEN_MFA_CODE"] = w.totp(c.user)
	case "WEB_AUTHN":
		if credential, err := w.key.Get(encode(w.t, c.options)); err == nil {
			parameters["CREDENTIAL"] = string(credential)
		}
	case "SELECT_CHALLENGE":
		parameters["ANSWER"] = pick1(w, []string{"EMAIL_OTP", "PASSWORD", "WEB_AUTHN"})
	case "SELECT_MFA_TYPE":
		parameters["ANSWER"] = pick1(w, []string{"EMAIL_OTP", "SMS_MFA"})
	case "PASSWORD":
		parameters["PASSWORD"] = testPassword
	}
	w.send("RespondToAuthChallenge", respond(c.name, c.session, parameters))
}

// program does something without a request.
func (w *wanderer) program() {
	p := w.pool()
	switch w.random.IntN(10) {
	case 0:
		if name := pick1(w, wanderers); w.missing(name) {
			p.AddUser(User{Name: name, Password: testPassword, Email: name + "@example.org", TOTP: w.random.IntN(2) > 0, Groups: []string{"h"}})
		}
	case 1:
		p.addToGroups(w.name(), []string{fmt.Sprint("group", w.random.IntN(5))})
	case 2:
		p.AddClient(AppClient{})
	case 3:
		w.addPasskey(p)
	case 4:
		p.AdvanceClock(time.Duration(w.random.Int64N(int64(20 * time.Minute))))
	case 5:
		w.s.NewPool(Config{}).AddUser(User{Name: "eva", Password: testPassword})
	case 6:
		state := exportOf(w.t, w.s)
		if w.random.IntN(2) > 0 {
			w.check(w.s.Reset())
		}
		importInto(w.t, w.s, state)
	case 7:
		if w.random.IntN(20) == 0 {
			w.check(w.s.Reset())
			w.furnish()
		}
	case 8:
		w.importUsers(p)
	default:
		w.send("CreateUserPool", m{"PoolName": "x", "UserPoolTags": m{"a": "b"}})
	}
	w.done["program"]++
}

// importUsers goes on with an import, or begins one.
func (w *wanderer) importUsers(p *Pool) {
	job := pick1(w, slices.Sorted(maps.Keys(p.imports)))
	if job == "" || w.random.IntN(2) > 0 {
		a := w.send("CreateUserImportJob", m{"UserPoolId": wanderedPool, "JobName": "x", "CloudWatchLogsRoleArn": roleARN})
		job = a.str("UserImportJob", "JobId")
		file := importCSV(p, named(pick1(w, wanderers)), named(pick1(w, wanderers)))
		importer{t: w.t, http: w.s.HTTPClient()}.upload(http.MethodPut, a.str("UserImportJob", "PreSignedUrl"), file)
	}
	operation := pick1(w, []string{"StartUserImportJob", "StartUserImportJob", "StopUserImportJob", "DescribeUserImportJob"})
	w.send(operation, m{"UserPoolId": wanderedPool, "JobId": job})
}

func (w *wanderer) addPasskey(p *Pool) {
	if problem := p.addPasskey(w.name(), w.key); problem == "" {
		w.done["passkey"]++
	}
}

func (w *wanderer) missing(name string) bool {
	_, byName := w.pool().User(name)
	_, byMail := w.pool().User(name + "@example.org")
	return !byName && !byMail
}

func (w *wanderer) check(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

// pools does something to the pools themselves.
func (w *wanderer) pools() {
	if w.random.IntN(8) == 0 {
		p := pick1(w, w.s.Pools())
		w.send("DeleteUserPool", m{"UserPoolId": p.PoolID()})
		return
	}
	reads := w.random.IntN(8) == 0
	w.admin(pick1(w, slices.DeleteFunc(slices.Sorted(maps.Keys(adminBodies())), func(s string) bool {
		reading := strings.HasPrefix(s, "Describe") || strings.HasPrefix(s, "List") || strings.HasPrefix(s, "Get")
		return s == "DeleteUserPool" || s == "DeleteUserPoolClient" || reading != reads
	})))
}

// step does one thing.
func (w *wanderer) step() {
	w.pool()
	pick1(w, []func(){w.adminUser, w.account, w.account, w.account, w.signUp, w.signUp, w.signIn, w.signIn, w.signIn, w.answer, w.answer, w.program, w.pools, w.pools})()
}

// crash loses all that is not in the storage, and begins again with what is.
func (w *wanderer) crash() {
	w.t.Helper()
	want := exportOf(w.t, w.s)
	w.storage = w.storage.snapshot()
	w.s = NewServer(w.t, ServerConfig{Storage: w.storage})
	if diff := cmp.Diff(want, exportOf(w.t, w.s)); diff != "" {
		w.t.Fatalf("the crash changed the state (-before +after):\n%s", diff)
	}
}

// TestCrashes does things at random and crashes after some of them. What was
// done before is still there then, and nothing else.
func TestCrashes(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	done := make(map[string]int)
	t.Run("walks", func(t *testing.T) {
		for seed := range uint64(18) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWanderer(t, seed)
					for range 150 {
						w.step()
						if w.random.IntN(3) == 0 {
							w.crash()
						}
					}
					mu.Lock()
					defer mu.Unlock()
					for operation, n := range w.done {
						done[operation] += n
					}
				})
			})
		}
	})
	// What the walks are for has to happen on them.
	for _, operation := range []string{
		"SignUp", "ConfirmSignUp", "ForgotPassword", "ConfirmForgotPassword", "RespondToAuthChallenge", "GetTokensFromRefreshToken", "RevokeToken",
		"ChangePassword", "ConfirmDevice", "UpdateUserAttributes", "VerifyUserAttribute", "AssociateSoftwareToken", "VerifySoftwareToken", "DeleteUser",
		"AdminCreateUser", "AdminDeleteUser", "AdminAddUserToGroup", "DeleteGroup", "UpdateUserPool", "UpdateUserPoolClient", "CreateUserPoolClient",
		"CreateUserPool", "DeleteUserPool", "StartWebAuthnRegistration", "passkey", "StartUserImportJob",
	} {
		if done[operation] == 0 {
			t.Errorf("no walk comes by %s", operation)
		}
	}
}

// TestStorageFails lets a storage fail. Whoever asked for the change is told,
// and so is everybody after that; what is stored is what was there before.
func TestStorageFails(t *testing.T) {
	t.Parallel()
	storage := &memoryStorage{left: true}
	s := newServer(t, ServerConfig{Storage: storage})
	p := s.NewPool(Config{ClientID: "client1", ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	access, _, refresh := signIn(t, p)
	before := exportOf(t, s)
	full := errors.New("no space left on device")
	storage.refuse = full

	const message = "authtest: the storage failed"
	failed := func(operation string, body m) {
		t.Helper()
		a := postTo(t, &http.Client{Transport: withSignature{s.Transport()}}, operation, body)
		if a.status != http.StatusInternalServerError || a.code() != "InternalErrorException" || a.message() != message {
			t.Errorf("%s: got %d %s", operation, a.status, a.raw)
		}
	}
	if a := postTo(t, s.HTTPClient(), "GetUser", m{"AccessToken": access}); a.code() != "" { // changes nothing
		t.Errorf("GetUser: %s", a.raw)
	}
	if err := s.StorageErr(); err != nil {
		t.Errorf("the storage failed too early: %v", err)
	}
	failed("RevokeToken", m{"ClientId": "client1", "Token": refresh})
	failed("GetUser", m{"AccessToken": access})
	failed("ListUsers", m{"UserPoolId": p.PoolID()})
	failed("ListUserPools", m{"MaxResults": 1})
	failed("CreateUserPool", m{"PoolName": "x"})
	if err := s.StorageErr(); !errors.Is(err, full) {
		t.Errorf("got storage error %v", err)
	}
	for what, err := range map[string]error{
		"AdvanceClock": s.AdvanceClock(time.Hour), "Reset": s.Reset(), "Import": s.Import(strings.NewReader(before)),
		"AddPool": func() error { _, err := s.AddPool(Config{}); return err }(),
	} {
		if !errors.Is(err, full) {
			t.Errorf("%s: got error %v", what, err)
		}
	}

	storage.refuse = nil
	failed("GetUser", m{"AccessToken": access})
	again := newServer(t, ServerConfig{Storage: storage})
	if diff := cmp.Diff(before, exportOf(t, again)); diff != "" {
		t.Errorf("what is stored (-before +after):\n%s", diff)
	}
	q, _ := again.Pool(p.PoolID())
	ok(t, q, "GetUser", m{"AccessToken": access})
	result(t, ok(t, q, "InitiateAuth", refreshBy("InitiateAuth", refresh)), "AccessToken")
}

// blockingStorage lets nobody write until it is told to.
type blockingStorage struct {
	memoryStorage
	entered chan struct{}
	gate    chan error
}

func (s *blockingStorage) Apply(changes map[string][]byte) error {
	s.entered <- struct{}{}
	if err := <-s.gate; err != nil {
		return err
	}
	return s.memoryStorage.Apply(changes)
}

// TestAnswersWaitForStorage holds a write up. Nobody hears of what it is about
// before it is done, others do; and those who wait share the next one.
func TestAnswersWaitForStorage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		storage := &blockingStorage{entered: make(chan struct{}, 100), gate: make(chan error, 100)}
		for range 50 {
			storage.gate <- nil
		}
		s := newServer(t, ServerConfig{Storage: storage})
		p := s.NewPool(Config{ClientID: "client1", ExplicitAuthFlows: passwordFlow})
		names := []string{"ana", "bob", "carla", "dora"}
		tokens := make(map[string]string)
		for _, name := range names {
			p.AddUser(User{Name: name, Password: testPassword})
			tokens[name] = result(t, postTo(t, s.HTTPClient(), "InitiateAuth", withPassword(name, testPassword)), "AccessToken")
		}
		for len(storage.gate) > 0 {
			<-storage.gate
		}
		for len(storage.entered) > 0 {
			<-storage.entered
		}
		answered := make(chan string, 100)
		start := func(what, operation string, body m) {
			go func() {
				a := postTo(t, s.HTTPClient(), operation, body)
				answered <- what + " " + a.code()
			}()
			synctest.Wait()
		}
		received := func() []string {
			var got []string
			for len(answered) > 0 {
				got = append(got, <-answered)
			}
			slices.Sort(got)
			return got
		}
		change := func(name string) m {
			return m{"AccessToken": tokens[name], "UserAttributes": []m{{"Name": "name", "Value": name}}}
		}
		start("change ana", "UpdateUserAttributes", change("ana"))
		start("read bob", "GetUser", m{"AccessToken": tokens["bob"]})
		start("read ana", "GetUser", m{"AccessToken": tokens["ana"]})
		start("change bob", "UpdateUserAttributes", change("bob"))
		start("change carla", "UpdateUserAttributes", change("carla"))
		start("change dora", "UpdateUserAttributes", change("dora"))
		if diff := cmp.Diff([]string{"read bob "}, received()); diff != "" {
			t.Errorf("while the first write is held up (-want +got):\n%s", diff)
		}
		storage.gate <- nil
		synctest.Wait()
		if diff := cmp.Diff([]string{"change ana ", "read ana "}, received()); diff != "" {
			t.Errorf("while the second write is held up (-want +got):\n%s", diff)
		}
		storage.gate <- nil
		synctest.Wait()
		if diff := cmp.Diff([]string{"change bob ", "change carla ", "change dora "}, received()); diff != "" {
			t.Errorf("after the second write (-want +got):\n%s", diff)
		}
		if n := len(storage.entered); n != 2 {
			t.Errorf("%d writes, want 2", n)
		}
	})
}

// TestStorageFailsAtDomain is TestStorageFails for browsers and for programs at
// a domain.
func TestStorageFailsAtDomain(t *testing.T) {
	t.Parallel()
	storage := &memoryStorage{left: true}
	s := newServer(t, ServerConfig{Storage: storage})
	p := s.NewPool(Config{
		ClientID: "client1", Domain: "people", OAuth: &OAuth{CallbackURLs: []string{testCallback}},
	})
	p.AddUser(User{Name: "ana", Password: "correct horse"})
	code := codeFor(t, p, asking())
	page := visit(t, p).open(pathAuthorize, asking())
	storage.refuse = errors.New("no space left on device")
	a := form(t, p, pathToken, "", "", exchanging(code))
	if a.status != http.StatusInternalServerError || a.str("error") != "server_error" {
		t.Errorf("a program: got %d %s", a.status, a.raw)
	}
	page.submit(pathLogin, "username", "ana", "password", "correct horse")
	if page.status != http.StatusInternalServerError {
		t.Errorf("a browser: got status %d", page.status)
	}
}

// TestNoWriteAfterFailure lets a write fail that others wait behind. None of
// them tries again.
func TestNoWriteAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		storage := &blockingStorage{entered: make(chan struct{}, 100), gate: make(chan error, 100)}
		for range 2 {
			storage.gate <- nil
		}
		s := newServer(t, ServerConfig{Storage: storage})
		p := s.NewPool(Config{})
		written := len(storage.entered)
		results := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := p.CreateUser(User{Name: randomUUID()})
				results <- err
			}()
			synctest.Wait()
		}
		full := errors.New("no space left on device")
		storage.gate <- full
		for range 3 {
			if err := <-results; err == nil || !strings.Contains(err.Error(), msgStorageFailed) {
				t.Errorf("got error %v", err)
			}
		}
		if n := len(storage.entered) - written; n != 1 {
			t.Errorf("%d writes, want 1", n)
		}
	})
}

// TestForgottenIsNotStored lets tables forget what they have no place for. It
// is not in the storage either, and comes back with no restart.
func TestForgottenIsNotStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail}})
		sub := p.AddUser(User{Name: "ana", Password: testPassword})
		p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com", EmailMFA: true})
		for range 3 {
			signIn(t, p)
			p.grants.limit = 2 // a reload makes another table
		}
		signIn(t, p)
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("bob", testPassword)), "EMAIL_OTP")
		time.Sleep(time.Hour)
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("bob", testPassword)), "EMAIL_OTP")
		for range maxInbox {
			p.change(func(c *call) *apiError {
				p.receive(p.users.find("bob"), Message{Code: "1"})
				return nil
			})
		}
		admin(t, p, "AdminDisableUser", `"Username":"`+sub+`"}`)
		audit(t, p)

		stored := p.watchedBy().storage.(*memoryStorage).snapshot()
		counts := make(map[string]int)
		for key := range stored.values {
			kind, _, _ := strings.Cut(key, "/")
			counts[kind]++
		}
		want := map[string]int{"pool": 1, "client": 1, "user": 2, "grant": 2, "session": 1, "message": maxInbox}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}
