package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

const password = "Correct-horse-1"

// A site is the back end on a server, and the pool behind it.
type site struct {
	*httptest.Server
	pool *authtest.Pool
}

func newSite(t *testing.T, cfg authtest.Config) site {
	t.Helper()
	pool := authtest.NewPool(t, cfg)
	client, err := auth.NewClient(t.Context(), auth.Config{
		UserPoolID: pool.PoolID(), ClientID: pool.ClientID(), Issuer: pool.Issuer(), HTTPClient: pool.HTTPClient(),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(newBackend(client).routes())
	t.Cleanup(server.Close)
	return site{server, pool}
}

// A browser keeps cookies.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
}

func (s site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, s.URL, &http.Client{Transport: s.Client().Transport, Jar: jar}}
}

type object = map[string]any

// do sends a request and returns the answer, an object or a list of them.
func (b *browser) do(status int, method, path string, body any) (answer object, list []object) {
	b.t.Helper()
	var text io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		text = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, text)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Ana's browser")
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != status {
		b.t.Fatalf("%s %s: got %d %s, want %d", method, path, res.StatusCode, data, status)
	}
	if got := res.Header.Get("Cache-Control"); got != "no-store" {
		b.t.Errorf("%s %s: Cache-Control is %q", method, path, got)
	}
	if bytes.HasPrefix(data, []byte("[")) {
		err = json.Unmarshal(data, &list)
	} else {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil {
		b.t.Fatalf("%s %s: %v: %s", method, path, err, data)
	}
	return answer, list
}

func (b *browser) post(status int, path string, body any) object {
	b.t.Helper()
	answer, _ := b.do(status, http.MethodPost, path, body)
	return answer
}

func (b *browser) get(status int, path string) object {
	b.t.Helper()
	answer, _ := b.do(status, http.MethodGet, path, nil)
	return answer
}

func (b *browser) list(path string) []object {
	b.t.Helper()
	_, list := b.do(http.StatusOK, http.MethodGet, path, nil)
	return list
}

// nextStep is the next step of a sign-in.
func nextStep(t *testing.T, answer object) string {
	t.Helper()
	next, _ := answer["nextStep"].(object)
	step, _ := next["signInStep"].(string)
	return step
}

func (b *browser) signIn(name, password string) {
	b.t.Helper()
	if got := nextStep(b.t, b.post(http.StatusOK, "/sign-in", object{"username": name, "password": password})); got != "DONE" {
		b.t.Fatalf("next step of the sign-in: got %s", got)
	}
}

// cookie returns the value of a cookie.
func (b *browser) cookie(name string) string {
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(r.URL) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func TestFromSignUpToDeletion(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{MFA: authtest.MFAOptional})
	b := s.browser(t)
	answer := b.post(http.StatusOK, "/sign-up", object{"username": "ana", "password": password, "email": "ana@example.com"})
	if got := answer["nextStep"].(object)["codeDeliveryDetails"].(object)["destination"]; got != "a***@e***" {
		t.Errorf("destination: got %v", got)
	}
	b.post(http.StatusOK, "/sign-up/resend", object{"username": "ana"})
	b.post(http.StatusOK, "/sign-up/confirm", object{"username": "ana", "code": s.pool.Code("ana")})
	b.signIn("ana", password)
	if got := b.get(http.StatusOK, "/account")["Username"]; got != "ana" {
		t.Errorf("account: got %v", got)
	}

	// A second factor.
	setup := b.post(http.StatusOK, "/account/totp", nil)
	code, err := totp.GenerateCode(setup["secret"].(string), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if uri := setup["uri"].(string); !strings.HasPrefix(uri, "otpauth://totp/Example%20%26%20Co:ana?") {
		t.Errorf("uri: got %s", uri)
	}
	b.post(http.StatusOK, "/account/totp/verify", object{"code": code})
	if got := b.get(http.StatusOK, "/account/mfa")["preferred"]; got != "TOTP" {
		t.Errorf("preferred factor: got %v", got)
	}
	b.post(http.StatusOK, "/sign-out", object{})
	b.get(http.StatusUnauthorized, "/account")
	if got := nextStep(t, b.post(http.StatusOK, "/sign-in", object{"username": "ana", "password": password})); got != "CONFIRM_SIGN_IN_WITH_TOTP_CODE" {
		t.Errorf("next step: got %s", got)
	}
	b.get(http.StatusUnauthorized, "/account")
	b.post(http.StatusBadRequest, "/sign-in/confirm", object{"response": other(s.pool.TOTP("ana"))})
	if got := nextStep(t, b.post(http.StatusOK, "/sign-in/confirm", object{"response": s.pool.TOTP("ana")})); got != "DONE" {
		t.Errorf("next step: got %s", got)
	}

	// Attributes.
	changed, _ := b.do(http.StatusOK, http.MethodPatch, "/account/attributes", object{"email": "ana.b@example.com"})
	if got := changed["email"].(object)["nextStep"].(object)["updateAttributeStep"]; got != "CONFIRM_ATTRIBUTE_WITH_CODE" {
		t.Errorf("next step of the address: got %v", got)
	}
	b.post(http.StatusOK, "/account/attributes/email/code", nil)
	b.post(http.StatusOK, "/account/attributes/email/confirm", object{"code": s.pool.Code("ana")})
	b.post(http.StatusOK, "/password", object{"oldPassword": password, "newPassword": "Better-horse-2"})
	b.do(http.StatusOK, http.MethodPut, "/account/mfa", object{"totp": "DISABLED"})

	b.do(http.StatusOK, http.MethodDelete, "/account", nil)
	b.get(http.StatusUnauthorized, "/account")
	b.post(http.StatusUnauthorized, "/sign-in", object{"username": "ana", "password": "Better-horse-2"})
}

// other returns another code of the same length.
func other(code string) string {
	return string(rune('0'+(code[0]-'0'+1)%10)) + code[1:]
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{PreventUserExistenceErrors: true})
	s.pool.AddUser(authtest.User{Name: "ana", Password: password, Email: "ana@example.com"})
	b := s.browser(t)
	// Somebody who does not exist gets the same kind of answer.
	for _, name := range []string{"ana", "nobody"} {
		if got := b.post(http.StatusOK, "/password/reset", object{"username": name})["nextStep"].(object)["resetPasswordStep"]; got != "CONFIRM_RESET_PASSWORD_WITH_CODE" {
			t.Errorf("%s: next step: got %v", name, got)
		}
	}
	code := s.pool.Code("ana")
	wrong := b.post(http.StatusBadRequest, "/password/reset/confirm", object{"username": "ana", "code": other(code), "newPassword": "Better-horse-2"})
	nobody := b.post(http.StatusBadRequest, "/password/reset/confirm", object{"username": "nobody", "code": code, "newPassword": "Better-horse-2"})
	if wrong["error"] != nobody["error"] || wrong["message"] != nobody["message"] {
		t.Errorf("a wrong code is answered with %v, and nobody's with %v", wrong, nobody)
	}
	b.post(http.StatusOK, "/password/reset/confirm", object{"username": "ana", "code": code, "newPassword": "Better-horse-2"})
	b.signIn("ana", "Better-horse-2")
}

func TestDevicesAndPasskeys(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{
		MFA: authtest.MFAOptional, MFAFactors: []authtest.MFAFactor{authtest.MFAFactorSMS},
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUser, authtest.AllowRefreshToken},
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com"},
		Devices:           &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true},
	})
	s.pool.AddUser(authtest.User{Name: "ana", Password: password})
	b := s.browser(t)
	b.signIn("ana", password)
	devices := b.list("/account/devices")
	if len(devices) != 1 || devices[0]["name"] != "Ana's browser" {
		t.Fatalf("devices: got %v", devices)
	}

	phone := authtest.NewAuthenticator("https://app.example.com")
	options, err := json.Marshal(b.post(http.StatusOK, "/account/passkeys/begin", nil)["credentialCreationOptions"])
	if err != nil {
		t.Fatal(err)
	}
	credential, err := phone.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	made := b.post(http.StatusOK, "/account/passkeys/finish", json.RawMessage(credential))
	if list := b.list("/account/passkeys"); len(list) != 1 || list[0]["credentialId"] != made["credentialId"] {
		t.Errorf("passkeys: got %v", list)
	}
	b.post(http.StatusOK, "/sign-out", object{"everywhere": true})

	next := b.post(http.StatusOK, "/sign-in", object{"username": "ana"})["nextStep"].(object)
	options, err = json.Marshal(next["webAuthnOptions"])
	if err != nil {
		t.Fatal(err)
	}
	if credential, err = phone.Get(options); err != nil {
		t.Fatal(err)
	}
	if got := nextStep(t, b.post(http.StatusOK, "/sign-in/confirm", object{"response": string(credential)})); got != "DONE" {
		t.Fatalf("next step: got %s", got)
	}
	b.do(http.StatusOK, http.MethodDelete, "/account/passkeys/"+made["credentialId"].(string), nil)
	b.do(http.StatusOK, http.MethodDelete, "/account/devices/"+devices[0]["id"].(string), nil)
	if list := b.list("/account/devices"); len(list) != 0 {
		t.Errorf("devices left: %v", list)
	}
}

// Signing in changes the id of the session, so that one that was planted in the
// browser before is worth nothing. The device keeps its own.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{})
	s.pool.AddUser(authtest.User{Name: "ana", Password: password})
	victim, attacker := s.browser(t), s.browser(t)
	victim.get(http.StatusUnauthorized, "/account")
	planted, device := victim.cookie(sessionCookie), victim.cookie(deviceCookie)
	victim.signIn("ana", password)
	if planted == "" || victim.cookie(sessionCookie) == planted {
		t.Errorf("the session's id did not change with the sign-in")
	}
	if device == "" || victim.cookie(deviceCookie) != device {
		t.Error("the device's id changed")
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: planted})
	res, err := attacker.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the planted id: got %d", res.StatusCode)
	}
}

// A page of another site cannot make a browser do anything.
func TestCrossSiteRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/sign-out", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{})
	b := s.browser(t)
	for _, body := range []any{[]int{}, "text", object{"username": "ana", "isAdmin": true}, object{"username": strings.Repeat("x", 200<<10)}} {
		if got := b.post(http.StatusBadRequest, "/sign-in", body)["error"]; got != "BadRequest" {
			t.Errorf("got %v", got)
		}
	}
	if got := b.post(http.StatusBadRequest, "/sign-in", object{"username": "a b", "password": "x"})["error"]; got == "" {
		t.Errorf("got no code")
	}
	if sent := s.pool.Requests(); len(sent) != 0 {
		t.Errorf("requests were sent: %v", sent)
	}
}

// An outage is answered as one, and signs nobody out.
func TestOutage(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{})
	s.pool.AddUser(authtest.User{Name: "ana", Password: password})
	b := s.browser(t)
	b.signIn("ana", password)
	s.pool.Inject(authtest.Fault{Operation: "GetUser", HTML: true, Times: 3})
	b.get(http.StatusBadGateway, "/account")
	b.get(http.StatusOK, "/account")
}

// Everybody sees what is theirs.
func TestManyPeopleConcurrentSafe(t *testing.T) {
	t.Parallel()
	s := newSite(t, authtest.Config{})
	var wg sync.WaitGroup
	for i := range 20 {
		name := fmt.Sprintf("user%d", i)
		s.pool.AddUser(authtest.User{Name: name, Password: password})
		b := s.browser(t)
		wg.Go(func() {
			b.signIn(name, password)
			for range 3 {
				if got := b.get(http.StatusOK, "/account")["Username"]; got != name {
					t.Errorf("%s sees the account of %v", name, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestDemo(t *testing.T) {
	t.Parallel()
	client, err := demo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(newBackend(client).routes())
	defer server.Close()
	b := site{Server: server}.browser(t)
	b.signIn("ana", password)
	b.post(http.StatusOK, "/sign-out", object{})
	b.post(http.StatusOK, "/sign-up", object{"username": "ben", "password": password, "email": "ben@example.com"})
	b.signIn("ben", password)
}
