package authtest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withUserAuth begins a choice-based sign-in of ana.
func withUserAuth(parameters ...string) m {
	given := m{"USERNAME": "ana"}
	for i := 0; i < len(parameters); i += 2 {
		given[parameters[i]] = parameters[i+1]
	}
	return m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": given}
}

// askPasskey prefers a passkey and returns the session and the options.
func askPasskey(t testing.TB, p *Pool) (session string, options m) {
	t.Helper()
	return asked(t, ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "WEB_AUTHN")))
}

func asked(t testing.TB, a answer) (session string, options m) {
	t.Helper()
	if a.str("ChallengeName") != "WEB_AUTHN" {
		t.Fatalf("got challenge %s", a.str("ChallengeName"))
	}
	return a.str("Session"), decode(t, []byte(a.str("ChallengeParameters", "CREDENTIAL_REQUEST_OPTIONS")))
}

// use signs in with a passkey of an authenticator.
func use(t testing.TB, a *Authenticator, options m) string {
	t.Helper()
	credential, err := a.Get(encode(t, options))
	if err != nil {
		t.Fatal(err)
	}
	return string(credential)
}

// withCredential answers WEB_AUTHN.
func withCredential(session, credential string) m {
	return respond("WEB_AUTHN", session, m{"USERNAME": "ana", "CREDENTIAL": credential})
}

// resigned is use with a change to what is signed.
func resigned(t testing.TB, a *Authenticator, options m, change func(*assertionResponse)) string {
	t.Helper()
	var document authenticationResponse
	if err := json.Unmarshal([]byte(use(t, a, options)), &document); err != nil {
		t.Fatal(err)
	}
	r := &document.Response
	change(r)
	client := sha256.Sum256(r.ClientDataJSON)
	digest := sha256.Sum256(slices.Concat(r.AuthenticatorData, client[:]))
	var err error
	i := slices.IndexFunc(a.passkeys, func(k *ownPasskey) bool { return slices.Equal(k.id, document.ID) })
	if r.Signature, err = a.passkeys[i].key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
		t.Fatal(err)
	}
	return string(encode(t, document))
}

func TestPasskeySignIn(t *testing.T) {
	t.Parallel()
	for _, rsa := range []bool{false, true} {
		p, access := passkeyPool(t, Config{Devices: &DeviceTracking{}})
		a := NewAuthenticator(thePage)
		a.RSA = rsa
		id := register(t, p, access, a)["id"]
		for range 3 {
			started := ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "WEB_AUTHN"))
			if diff := cmp.Diff([]any{"PASSWORD_SRP", "PASSWORD", "WEB_AUTHN"}, started.body["AvailableChallenges"]); diff != "" {
				t.Errorf("available challenges (-want +got):\n%s", diff)
			}
			session, options := asked(t, started)
			want := m{
				"challenge": options["challenge"], "timeout": 180000.0, "rpId": theDomain, "userVerification": "preferred",
				"allowCredentials": []any{m{"type": "public-key", "id": id, "transports": []any{"internal"}}},
			}
			if diff := cmp.Diff(want, options); diff != "" || options["challenge"] == "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			credential := use(t, a, options)
			signedIn := ok(t, p, "RespondToAuthChallenge", withCredential(session, credential))
			if _, claims := parseToken(t, p, result(t, signedIn, "AccessToken")); claims["username"] != "ana" {
				t.Errorf("signed %v in", claims["username"])
			}
			if signedIn.str("AuthenticationResult", "NewDeviceMetadata", "DeviceKey") != "" {
				t.Error("a passkey confirms no device")
			}
			fails(t, p, "RespondToAuthChallenge", withCredential(session, credential), "NotAuthorizedException",
				"Invalid session for the user, session can only be used once.")
		}
		// The id is there as a choice, too.
		chosen := ok(t, p, "InitiateAuth", withUserAuth())
		session, options := asked(t, ok(t, p, "RespondToAuthChallenge",
			respond("SELECT_CHALLENGE", chosen.str("Session"), m{"USERNAME": "ana", "ANSWER": "WEB_AUTHN"})))
		result(t, ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options))), "IdToken")
	}
}

//nolint:tparallel // the cases use one authenticator, whose counter goes on
func TestPasskeySignInRefuses(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	stranger := NewAuthenticator(thePage)
	startBob := startRegistration(t, p, access)
	if _, err := stranger.Create(encode(t, startBob)); err != nil {
		t.Fatal(err)
	}
	p.AddUser(User{Name: "bob", Password: testPassword})
	bobs := NewAuthenticator(thePage)
	p.AddPasskey("bob", bobs)

	type change func(testing.TB, m) string
	document := func(path ...any) change {
		return func(t testing.TB, options m) string {
			t.Helper()
			return string(encode(t, edited(t, decode(t, []byte(use(t, a, options))), path...)))
		}
	}
	signed := func(f func(*assertionResponse)) change {
		return func(t testing.TB, options m) string { t.Helper(); return resigned(t, a, options, f) }
	}
	clientData := func(path ...any) change {
		return signed(func(r *assertionResponse) {
			r.ClientDataJSON = encode(t, edited(t, decode(t, r.ClientDataJSON), path...))
		})
	}
	data := func(f func([]byte)) change {
		return signed(func(r *assertionResponse) { f(r.AuthenticatorData) })
	}
	other := func(a *Authenticator) change {
		return func(t testing.TB, options m) string {
			t.Helper()
			return use(t, a, edited(t, options, "allowCredentials", nil))
		}
	}
	tests := []struct {
		name   string
		change change
	}{
		{"no JSON", func(testing.TB, m) string { return "WEB_AUTHN" }},
		{"no object", func(testing.TB, m) string { return "[]" }},
		{"empty", func(testing.TB, m) string { return "{}" }},
		{"two documents", func(t testing.TB, options m) string { c := use(t, a, options); return c + c }},
		{"no id", document("id", nil)},
		{"another raw id", document("rawId", "AAAA")},
		{"another type", document("type", "password")},
		{"no signature", document("response", "signature", nil)},
		{"another signature", document("response", "signature", encodeBytes([]byte("no signature")))},
		{"no data", document("response", "authenticatorData", nil)},
		{"no client data", document("response", "clientDataJSON", nil)},
		{"somebody else's handle", document("response", "userHandle", encodeBytes([]byte("bob")))},
		{"client data that was not signed", func(t testing.TB, options m) string {
			return string(encode(t, withClientData(t, decode(t, []byte(use(t, a, options))), "crossOrigin", nil)))
		}},
		{"inside another page", clientData("crossOrigin", true)},
		{"another challenge", clientData("challenge", "AAAA")},
		{"another page", clientData("origin", "https://example.org")},
		{"a registration", clientData("type", "webauthn.create")},
		{"of another domain", data(func(b []byte) { b[0] ^= 1 })},
		{"nobody there", data(func(b []byte) { b[32] &^= flagUserPresent })},
		{"backed up, which it cannot be", data(func(b []byte) { b[32] |= 0x18 })},
		{"counter that stands still", data(func(b []byte) { binary.BigEndian.PutUint32(b[33:], binary.BigEndian.Uint32(b[33:])-1) })},
		{"counter that starts again", data(func(b []byte) { binary.BigEndian.PutUint32(b[33:], 0) })},
		{"passkey that was never registered", other(stranger)},
		{"somebody else's passkey", other(bobs)},
	}
	session, options := askPasskey(t, p)
	ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options))) // counter 1
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			session, options := askPasskey(t, p)
			fails(t, p, "RespondToAuthChallenge", withCredential(session, tt.change(t, options)), "NotAuthorizedException", "Incorrect username or password.")
			// The session waits for a right one.
			ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)))
		})
	}
	t.Run("on a page that is not on the list", func(t *testing.T) {
		p, access := passkeyPool(t, Config{Passkeys: &Passkeys{RelyingPartyID: theDomain, Origins: []string{thePage}}})
		a := NewAuthenticator(thePage)
		register(t, p, access, a)
		elsewhere := &Authenticator{origin: "https://blog.example.com", passkeys: a.passkeys}
		session, options := askPasskey(t, p)
		fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, elsewhere, options)), "NotAuthorizedException", "Incorrect username or password.")
		ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)))
	})
	t.Run("none", func(t *testing.T) {
		session, _ := askPasskey(t, p)
		fails(t, p, "RespondToAuthChallenge", respond("WEB_AUTHN", session, m{"USERNAME": "ana"}), "InvalidParameterException",
			"Missing required parameter CREDENTIAL")
	})
	t.Run("without a handle", func(t *testing.T) {
		session, options := askPasskey(t, p)
		ok(t, p, "RespondToAuthChallenge", withCredential(session, document("response", "userHandle", nil)(t, options)))
	})
	t.Run("for another session", func(t *testing.T) {
		_, options := askPasskey(t, p)
		session, _ := askPasskey(t, p)
		fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)), "NotAuthorizedException", "Incorrect username or password.")
	})
	t.Run("before it was asked for", func(t *testing.T) {
		_, options := askPasskey(t, p)
		chosen := ok(t, p, "InitiateAuth", withUserAuth())
		fails(t, p, "RespondToAuthChallenge", respond("SELECT_CHALLENGE", chosen.str("Session"),
			m{"USERNAME": "ana", "ANSWER": "WEB_AUTHN", "CREDENTIAL": use(t, a, options)}), "NotAuthorizedException", "Incorrect username or password.")
	})
}

// Passkeys of authenticators that do not count are never suspicious.
func TestPasskeyWithoutCounter(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	for range 2 {
		session, options := askPasskey(t, p)
		ok(t, p, "RespondToAuthChallenge", withCredential(session, resigned(t, a, options, func(r *assertionResponse) { binary.BigEndian.PutUint32(r.AuthenticatorData[33:], 0) })))
	}
}

// What changes between the challenge and its answer counts.
func TestPasskeyChangesMeanwhile(t *testing.T) {
	t.Parallel()
	const refused, why = "NotAuthorizedException", "Incorrect username or password."
	tests := []struct {
		name          string
		change        func(t *testing.T, p *Pool, access string, id any)
		code, message string
	}{
		{"passkey deleted", func(t *testing.T, p *Pool, access string, id any) {
			t.Helper()
			p.AddPasskey("ana", NewAuthenticator(thePage))
			ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": id})
		}, refused, why},
		{"second factor set up", func(t *testing.T, p *Pool, access string, _ any) {
			t.Helper()
			p.mu.Lock()
			defer p.mu.Unlock()
			u := p.users.find("ana")
			u.mfa.totp = newTOTPSecret()
			u.mfa.enable(MFAFactorTOTP)
		}, refused, why},
		{"user verification wanted", func(t *testing.T, p *Pool, access string, _ any) {
			t.Helper()
			p.mu.Lock()
			defer p.mu.Unlock()
			p.users.find("ana").mfa.passkeys = true
		}, refused, why},
		{"user disabled", func(t *testing.T, p *Pool, _ string, _ any) {
			t.Helper()
			p.mu.Lock()
			defer p.mu.Unlock()
			p.users.find("ana").enabled = false
		}, refused, "User is disabled."},
		{"user deleted", func(t *testing.T, p *Pool, access string, _ any) {
			t.Helper()
			ok(t, p, "DeleteUser", m{"AccessToken": access})
		}, refused, "Invalid session for the user."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, access := passkeyPool(t, Config{MFA: MFAOptional, Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: true}})
			a := NewAuthenticator(thePage)
			id := register(t, p, access, a)["id"]
			session, options := askPasskey(t, p)
			tt.change(t, p, access, id)
			fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)), tt.code, tt.message)
		})
	}
	t.Run("passkey added", func(t *testing.T) {
		t.Parallel()
		p, _ := passkeyPool(t, Config{})
		a, b := NewAuthenticator(thePage), NewAuthenticator(thePage)
		p.AddPasskey("ana", a)
		session, options := askPasskey(t, p)
		p.AddPasskey("ana", b) // of two, either will do from now on
		fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, b, edited(t, options, "allowCredentials", nil))), refused, why)
		ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)))
		for _, either := range []*Authenticator{a, b, a} {
			session, options := askPasskey(t, p)
			ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, either, options)))
		}
	})
	t.Run("all passkeys deleted before the choice", func(t *testing.T) {
		t.Parallel()
		p, access := passkeyPool(t, Config{})
		id := register(t, p, access, NewAuthenticator(thePage))["id"]
		chosen := ok(t, p, "InitiateAuth", withUserAuth())
		ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": id})
		choice := m{"USERNAME": "ana", "ANSWER": "WEB_AUTHN"}
		if got := post(t, p, "RespondToAuthChallenge", respond("SELECT_CHALLENGE", chosen.str("Session"), choice)).code(); got != "InvalidParameterException" {
			t.Errorf("got %q", got)
		}
		choice = m{"USERNAME": "ana", "ANSWER": "PASSWORD", "PASSWORD": testPassword}
		ok(t, p, "RespondToAuthChallenge", respond("SELECT_CHALLENGE", chosen.str("Session"), choice))
	})
}

// Whoever cancels the prompt takes another factor, over the same session.
func TestPasskeyCanceled(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorWebAuthn}})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "ana@example.com"}}})
	choice := func(session string, responses m) answer {
		t.Helper()
		responses["USERNAME"] = "ana"
		return ok(t, p, "RespondToAuthChallenge", respond("SELECT_CHALLENGE", session, responses))
	}
	session, _ := askPasskey(t, p)
	result(t, choice(session, m{"ANSWER": "PASSWORD", "PASSWORD": testPassword}), "AccessToken")

	session, _ = askPasskey(t, p)
	result(t, ok(t, p, "RespondToAuthChallenge", respond("PASSWORD", session, m{"USERNAME": "ana", "PASSWORD": testPassword})), "AccessToken")

	session, _ = askPasskey(t, p)
	if got := choice(session, m{"ANSWER": "PASSWORD_SRP", "SRP_A": "abc"}).str("ChallengeName"); got != "PASSWORD_VERIFIER" {
		t.Errorf("got %s", got)
	}
	session, _ = askPasskey(t, p)
	code := choice(session, m{"ANSWER": "EMAIL_OTP"})
	result(t, ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", code.str("Session"), m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")})), "AccessToken")

	// Another prompt has another challenge, and the first one is over.
	session, options := askPasskey(t, p)
	again, others := asked(t, choice(session, m{"ANSWER": "WEB_AUTHN"}))
	fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)), "NotAuthorizedException",
		"Invalid session for the user, session can only be used once.")
	result(t, choice(again, m{"ANSWER": "WEB_AUTHN", "CREDENTIAL": use(t, a, others)}), "AccessToken")
}

func TestPasskeyPromptExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, access := passkeyPool(t, Config{AuthSessionValidity: 5 * time.Minute})
		a := NewAuthenticator(thePage)
		register(t, p, access, a)
		session, options := askPasskey(t, p)
		if options["timeout"] != 300000.0 {
			t.Errorf("timeout: got %v", options["timeout"])
		}
		time.Sleep(5 * time.Minute)
		fails(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)), "NotAuthorizedException", "Invalid session for the user, session is expired.")
	})
}

// Of many right answers to one challenge, one signs in.
func TestPasskeyAnswersConcurrentSafe(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	session, options := askPasskey(t, p)
	// Without a counter: with one, that alone would tell the copies.
	credential := resigned(t, a, options, func(r *assertionResponse) { binary.BigEndian.PutUint32(r.AuthenticatorData[33:], 0) })
	var signedIn atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if post(t, p, "RespondToAuthChallenge", withCredential(session, credential)).status == http.StatusOK {
				signedIn.Add(1)
			}
		})
	}
	all.Wait()
	if n := signedIn.Load(); n != 1 {
		t.Errorf("signed in %d times", n)
	}
}

// An answer that is overtaken while its signature is checked does not sign in.
func TestPasskeyAnswerOvertaken(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	a := NewAuthenticator(thePage)
	register(t, p, access, a)
	text, options := askPasskey(t, p)
	responses := map[string]string{"CREDENTIAL": use(t, a, options)}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &call{pool: p, now: p.now()}
	s, refusal := c.session(nil, text, "WEB_AUTHN")
	if refusal != nil {
		t.Fatal(refusal.message)
	}
	s.spent = true
	if response, refusal := answerPasskey(c, s, responses); refusal == nil || refusal.message != msgSessionSpent {
		t.Errorf("got %+v, %+v", response, refusal)
	}
	s.spent = false
	if _, refusal := answerPasskey(c, s, responses); refusal != nil {
		t.Errorf("got %+v", refusal)
	}
}

// Nor does a credential that is overtaken register a passkey.
func TestRegistrationOvertaken(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	startRegistration(t, p, access)
	p.mu.Lock()
	defer p.mu.Unlock()
	c, u := &call{pool: p, now: p.now()}, p.users.find("ana")
	mine := u.registration
	for name, overtake := range map[string]func(){
		"by another credential":   func() { u.registration = nil },
		"by another registration": func() { u.registration = &passkeyRegistration{} },
		"by the user's end":       func() { u.deleted = true },
	} {
		overtake()
		if refusal := c.keepPasskey(u, mine, &passkey{id: []byte(name)}); refusal == nil || refusal.message != msgPasskeyChallenge {
			t.Errorf("%s: got %+v", name, refusal)
		}
		u.registration, u.deleted = mine, false
	}
	if refusal := c.keepPasskey(u, mine, &passkey{id: []byte("in time")}); refusal != nil || len(u.passkeys) != 1 {
		t.Errorf("got %+v and %d passkeys", refusal, len(u.passkeys))
	}
}

// Of many registrations with one challenge, one registers, and an
// authenticator can be used from everywhere.
func TestRegistrationsConcurrentSafe(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{})
	options := startRegistration(t, p, access)
	a := NewAuthenticator(thePage)
	var registered atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			credential, err := a.Create(encode(t, options))
			if err != nil {
				t.Error(err)
				return
			}
			body := m{"AccessToken": access, "Credential": json.RawMessage(credential)}
			if post(t, p, "CompleteWebAuthnRegistration", body).status == http.StatusOK {
				registered.Add(1)
			}
		})
	}
	all.Wait()
	if n := registered.Load(); n != 1 {
		t.Errorf("registered %d passkeys", n)
	}
}

func TestUserVerification(t *testing.T) {
	t.Parallel()
	p, access := passkeyPool(t, Config{Passkeys: &Passkeys{RelyingPartyID: theDomain, UserVerification: UserVerificationRequired}})
	options := startRegistration(t, p, access)
	if got := options["authenticatorSelection"].(m)["userVerification"]; got != "required" {
		t.Errorf("creation options want verification %v", got)
	}
	a := NewAuthenticator(thePage)
	credential := create(t, a, options)
	unverified := withAuthenticatorData(t, credential, func(b []byte) []byte { b[32] &^= flagUserVerified; return b })
	if got := post(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": unverified}).code(); got != "WebAuthnCredentialNotSupportedException" {
		t.Errorf("unverified registration: got %q", got)
	}
	ok(t, p, "CompleteWebAuthnRegistration", m{"AccessToken": access, "Credential": credential})
	session, options := askPasskey(t, p)
	if options["userVerification"] != "required" {
		t.Errorf("request options want verification %v", options["userVerification"])
	}
	unverify := func(r *assertionResponse) { r.AuthenticatorData[32] &^= flagUserVerified }
	fails(t, p, "RespondToAuthChallenge", withCredential(session, resigned(t, a, options, unverify)), "NotAuthorizedException", "Incorrect username or password.")
	ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options)))

	p, access = passkeyPool(t, Config{})
	key := NewAuthenticator(thePage)
	key.SkipUserVerification = true
	register(t, p, access, key)
	session, options = askPasskey(t, p)
	ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, key, options)))
}

// A user with a second factor signs in with a passkey if the pool lets
// passkeys stand for both factors, and the user wants that.
func TestPasskeyForBothFactors(t *testing.T) {
	t.Parallel()
	for _, mode := range []MFAMode{MFAOptional, MFARequired} {
		for _, multi := range []bool{false, true} {
			for _, wanted := range []bool{false, true} {
				t.Run(string(mode)+map[bool]string{true: "/multi"}[multi]+map[bool]string{true: "/wanted"}[wanted], func(t *testing.T) {
					t.Parallel()
					if wanted && !multi {
						t.Skip("the pool refuses")
					}
					p := newPool(t, Config{
						MFA: mode, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword},
						Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: multi},
					})
					p.AddUser(User{Name: "ana", Password: testPassword, TOTP: true, PasskeyMFA: wanted})
					a := NewAuthenticator(thePage)
					p.AddPasskey("ana", a)
					offered := []any{"PASSWORD_SRP", "PASSWORD"}
					if wanted {
						offered = append(offered, "WEB_AUTHN")
					}
					if diff := cmp.Diff(offered, ok(t, p, "InitiateAuth", withUserAuth()).body["AvailableChallenges"]); diff != "" {
						t.Errorf("available challenges (-want +got):\n%s", diff)
					}
					byPassword := ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", testPassword))
					if got := byPassword.str("ChallengeName"); got != "SOFTWARE_TOKEN_MFA" {
						t.Errorf("after the password: got %s", got)
					}
					preferred := ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "WEB_AUTHN"))
					if !wanted {
						if got := preferred.str("ChallengeName"); got != "SELECT_CHALLENGE" {
							t.Errorf("for a passkey: got %s", got)
						}
						return
					}
					session, options := asked(t, preferred)
					if options["userVerification"] != "required" {
						t.Errorf("user verification: got %v", options["userVerification"])
					}
					unverify := func(r *assertionResponse) { r.AuthenticatorData[32] &^= flagUserVerified }
					fails(t, p, "RespondToAuthChallenge", withCredential(session, resigned(t, a, options, unverify)), "NotAuthorizedException", "Incorrect username or password.")
					result(t, ok(t, p, "RespondToAuthChallenge", withCredential(session, use(t, a, options))), "AccessToken")
				})
			}
		}
	}
}

// Passkeys stand for the second factor beside another one, never alone.
func TestSetPasskeyMFA(t *testing.T) {
	t.Parallel()
	const invalid = "InvalidParameterException"
	const alone = "WebAuthn MFA requires enabling an additional MFA setting."
	p := newPool(t, Config{
		PoolID: "eu-west-1_AbC123def", MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorEmail}, ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}, Passkeys: &Passkeys{RelyingPartyID: theDomain, MultiFactor: true},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	access := accessToken(t, p, "ana")
	on, off := m{"Enabled": true}, m{"Enabled": false}
	set := func(body m) m { body["AccessToken"] = access; return body }
	settings := func() any {
		t.Helper()
		factors := ok(t, p, "GetUserAuthFactors", m{"AccessToken": access}).body["UserMFASettingList"]
		if diff := cmp.Diff(factors, ok(t, p, "GetUser", m{"AccessToken": access}).body["UserMFASettingList"]); diff != "" {
			t.Errorf("GetUser and GetUserAuthFactors differ:\n%s", diff)
		}
		return factors
	}
	fails(t, p, "SetUserMFAPreference", set(m{"WebAuthnMfaSettings": on, "EmailMfaSettings": on}), invalid,
		"User does not have applicable WebAuthn credentials to enable WebAuthn MFA.")
	if got := settings(); got != nil {
		t.Errorf("after a refusal: %v", got)
	}
	id := register(t, p, access, NewAuthenticator(thePage))["id"]
	fails(t, p, "SetUserMFAPreference", set(m{"WebAuthnMfaSettings": on}), invalid, alone)
	ok(t, p, "SetUserMFAPreference", set(m{"EmailMfaSettings": on}))
	fails(t, p, "SetUserMFAPreference", set(m{"WebAuthnMfaSettings": on}), invalid, alone)
	ok(t, p, "SetUserMFAPreference", set(m{"WebAuthnMfaSettings": on, "EmailMfaSettings": on}))
	if diff := cmp.Diff(any([]any{"EMAIL_OTP", "WEB_AUTHN_MFA"}), settings()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	fails(t, p, "SetUserMFAPreference", set(m{"EmailMfaSettings": off}), invalid, alone)
	ok(t, p, "SetUserMFAPreference", set(m{"EmailMfaSettings": off, "WebAuthnMfaSettings": off}))
	if got := settings(); got != nil {
		t.Errorf("after both were disabled: %v", got)
	}
	admin(t, p, "AdminSetUserMFAPreference", `"Username":"ana","WebAuthnMfaSettings":{"Enabled":true},"EmailMfaSettings":{"Enabled":true}}`)
	if u, _ := p.User("ana"); !u.PasskeyMFA {
		t.Error("User does not show it")
	}
	ok(t, p, "DeleteWebAuthnCredential", m{"AccessToken": access, "CredentialId": id})
	if diff := cmp.Diff(any([]any{"EMAIL_OTP"}), settings()); diff != "" {
		t.Errorf("without passkeys (-want +got):\n%s", diff)
	}

	single, access := passkeyPool(t, Config{MFA: MFAOptional})
	register(t, single, access, NewAuthenticator(thePage))
	fails(t, single, "SetUserMFAPreference", m{"AccessToken": access, "WebAuthnMfaSettings": on}, invalid, msgPasskeyMFADisabled)
	ok(t, single, "SetUserMFAPreference", m{"AccessToken": access, "WebAuthnMfaSettings": off})
}

func TestGetUserAuthFactors(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		MFA: MFAOptional, ExplicitAuthFlows: passwordFlow, Passkeys: &Passkeys{RelyingPartyID: theDomain},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorSMSOTP, FirstFactorWebAuthn},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	p.AddPasskey("ana", NewAuthenticator(thePage))
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com", TOTP: true, PreferredMFA: MFAFactorTOTP})
	p.AddPasskey("bob", NewAuthenticator(thePage))
	access := accessToken(t, p, "ana")
	if diff := cmp.Diff(m{"Username": "ana", "ConfiguredUserAuthFactors": []any{"PASSWORD", "WEB_AUTHN", "EMAIL_OTP"}},
		ok(t, p, "GetUserAuthFactors", m{"AccessToken": access}).body); diff != "" {
		t.Errorf("without a second factor (-want +got):\n%s", diff)
	}
	mfa := ok(t, p, "InitiateAuth", withPassword("bob", testPassword))
	signedIn := ok(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", mfa.str("Session"), m{"USERNAME": "bob", "SOFTWARE_TOKEN_MFA_CODE": p.TOTP("bob")}))
	if diff := cmp.Diff(m{
		"Username": "bob", "ConfiguredUserAuthFactors": []any{"PASSWORD"},
		"PreferredMfaSetting": "SOFTWARE_TOKEN_MFA", "UserMFASettingList": []any{"SOFTWARE_TOKEN_MFA"},
	}, ok(t, p, "GetUserAuthFactors", m{"AccessToken": result(t, signedIn, "AccessToken")}).body); diff != "" {
		t.Errorf("with one (-want +got):\n%s", diff)
	}
	fails(t, p, "GetUserAuthFactors", m{"AccessToken": "a.b.c"}, "NotAuthorizedException", "Could not verify signature for Access Token")
}

// Users who do not exist are not asked for a passkey.
func TestPasskeyOfNobody(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		ExplicitAuthFlows: []AuthFlow{AllowUser}, PreventUserExistenceErrors: true, Passkeys: &Passkeys{RelyingPartyID: theDomain},
		FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn},
	})
	a := ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "WEB_AUTHN"))
	if a.str("ChallengeName") != "SELECT_CHALLENGE" {
		t.Errorf("got %s", a.str("ChallengeName"))
	}
	fails(t, p, "RespondToAuthChallenge", withCredential(a.str("Session"), base64.RawURLEncoding.EncodeToString([]byte("{}"))),
		"NotAuthorizedException", "Invalid session for the user.")
}
