package authtest

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestForgedForms checks that forms are of use only to the browser that has
// them.
func TestForgedForms(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	const expired = "This page has expired. Please try again."
	signIn := url.Values{"username": {"ana"}, "password": {"correct horse"}}
	address := pathLogin + "?" + asking().Encode()

	visit(t, p).post(address, signIn).on("Sign in", expired) // from elsewhere
	b := visit(t, p).open(pathLogin, asking())
	b.post(address, signIn).on("Sign in", expired) // without the token
	if b.status != http.StatusForbidden {
		t.Errorf("got status %d, want 403", b.status)
	}
	stolen := visit(t, p).open(pathLogin, asking()) // with somebody else's
	stolen.page = b.page
	stolen.submit(pathLogin, "username", "ana", "password", "correct horse").on("Sign in", expired)
	b.submit(pathLogin, "username", "ana", "password", "correct horse").goneTo(testCallback) // the page that says so works
	for path, e := range endpoints() {
		if e[http.MethodPost] == nil || strings.HasPrefix(path, "/oauth2/") {
			continue
		}
		b.post(path+"?"+asking().Encode(), signIn).on("Sign in", expired)
	}
}

// TestStepsAreBoundToTheBrowser checks that a page's challenge is of no use in
// another browser, and neither for another client.
func TestStepsAreBoundToTheBrowser(t *testing.T) {
	t.Parallel()
	second := OAuth{CallbackURLs: []string{testCallback}}
	p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS}, Clients: []AppClient{{ClientID: "client2", OAuth: &second}}})
	p.AddUser(User{Name: "ana", Password: "correct horse", Phone: "+12065550100", SMSMFA: true, Email: "ana@example.com"})
	stepPattern := regexp.MustCompile(`name="step" value="([^"]+)"`)
	b := visit(t, p).login("ana", "correct horse").on("Enter your code", "")
	step, code := firstMatch(stepPattern, b.page), p.Code("ana")

	thief := visit(t, p).login("ana", "correct horse").on("Enter your code", "")
	thief.submit(pathChallenge, "step", step, "code", code).on("Sign in", "Invalid session for the user, session is expired.")
	other := *b
	other.page = strings.ReplaceAll(b.page, "client_id=client1", "client_id=client2")
	other.submit(pathChallenge, "code", code).on("Sign in", "Invalid session for the user, session is expired.")
	b.submit(pathChallenge, "code", code).gone(p, "ana")

	b = visit(t, p).open(pathForgot, asking()).submit(pathForgot, "username", "ana").on("Reset your password", "")
	reset := firstMatch(regexp.MustCompile(`name="reset" value="([^"]+)"`), b.page)
	thief = visit(t, p).open(pathForgot, asking()).submit(pathForgot, "username", "ana").on("Reset your password", "")
	thief.submit(pathConfirmForgot, "reset", reset, "code", p.Code("ana"), "password", newPassword, "confirm_password", newPassword).
		on("Forgot your password?", "Invalid code provided, please request a code again.")
}

// TestSessionsDoNotCross checks that sessions of managed login are not for the
// API, nor the other way round.
func TestSessionsDoNotCross(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS}, ExplicitAuthFlows: []AuthFlow{AllowUserPassword}})
	p.AddUser(User{Name: "ana", Password: "correct horse", Phone: "+12065550100", SMSMFA: true})
	visit(t, p).login("ana", "correct horse").on("Enter your code", "")
	p.mu.Lock()
	var s *session
	for _, found := range p.sessions.byID {
		s = found
	}
	text := encodeBytes(p.sessions.seal(s.id, s.expires))
	p.mu.Unlock()
	fails(t, p, "RespondToAuthChallenge", m{"ClientId": "client1", "ChallengeName": "SMS_MFA", "Session": text,
		"ChallengeResponses": m{"USERNAME": "ana", "SMS_MFA_CODE": p.Code("ana")}}, "NotAuthorizedException", "Invalid session for the user.")
	a := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": "ana", "PASSWORD": "correct horse"}})
	x := &exchange{pool: p}
	_, err := operate[authResponse](x, "RespondToAuthChallenge", m{"ClientId": "client1", "ChallengeName": "SMS_MFA", "Session": a.str("Session"),
		"ChallengeResponses": m{"USERNAME": "ana", "SMS_MFA_CODE": p.Code("ana")}})
	if err == nil || err.message != msgSessionInvalid {
		t.Errorf("got %v, want %s", err, msgSessionInvalid)
	}
}

func TestLoginCookie(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, base string
		secure     bool
	}{
		{"at the domain", "https://people.auth.eu-west-1.amazoncognito.com", true},
		{"on loopback", "http://127.0.0.1:1234", false},
		{"on loopback by name", "http://people.localhost:1234", false},
		{"on loopback, version 6", "http://[::1]:1234", false},
		{"elsewhere", "http://pool.test", true},
	} {
		p := anaPool(t, Config{})
		address := tt.base + pathLogin + "?" + asking().Encode()
		cookies := func(r *http.Request) map[string]*http.Cookie {
			res, err := p.Transport().RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			found := make(map[string]*http.Cookie)
			for _, c := range res.Cookies() {
				found[c.Name] = c
			}
			return found
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		forms := cookies(r)[cookieCSRF]
		x := &exchange{pool: p, browser: forms.Value}
		values := url.Values{"username": {"ana"}, "password": {"correct horse"}, fieldCSRF: {x.csrfToken()}}
		r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(values.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(forms)
		login := cookies(r)[cookieLogin]
		if login == nil || login.MaxAge != 3600 || forms.MaxAge != 0 {
			t.Fatalf("%s: got %v and %v", tt.name, login, forms)
		}
		for _, c := range []*http.Cookie{login, forms} {
			if !c.HttpOnly || c.Secure != tt.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: got cookie %v", tt.name, c)
			}
		}
	}
}

// TestLoginLastsAnHour checks that using a login does not make it longer.
func TestLoginLastsAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := anaPool(t, Config{})
		b := visit(t, p).login("ana", "correct horse")
		b.goneTo(testCallback)
		for range 3 {
			time.Sleep(loginValidity/3 - time.Second)
			b.open(pathAuthorize, asking()).gone(p, "ana")
		}
		b.open(pathAuthorize, asking("max_age", "3597")).gone(p, "ana")
		b.open(pathAuthorize, asking("max_age", "3596")).on("Sign in", "")
		time.Sleep(3 * time.Second)
		b.open(pathAuthorize, asking()).on("Sign in", "")
	})
}

// TestAuthTime checks that tokens of a login say when it was.
func TestAuthTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := anaPool(t, Config{})
		b := visit(t, p).login("ana", "correct horse")
		at := time.Now().Unix()
		time.Sleep(time.Minute)
		a := form(t, p, pathToken, "", "", exchanging(b.open(pathAuthorize, asking()).goneTo(testCallback).Get("code")))
		if _, claims := parseToken(t, p, a.str("id_token")); claims["auth_time"] != float64(at) || claims["iat"] != float64(at+60) {
			t.Errorf("got auth_time %v and iat %v, want %d", claims["auth_time"], claims["iat"], at)
		}
	})
}

// TestContinuing checks that the login page offers the login that the browser
// has, and that another takes its place.
func TestContinuing(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	p.AddUser(User{Name: "bob", Password: "correct horse"})
	b := visit(t, p).login("ana", "correct horse")
	b.open(pathLogin, asking()).on("Sign in", "")
	if !strings.Contains(b.page, "Continue as ana") {
		t.Errorf("the page does not offer the login:\n%s", b.page)
	}
	b.submit(pathLogin, "username", "bob", "password", "correct horse").gone(p, "bob")
	b.open(pathAuthorize, asking()).gone(p, "bob")
}

func TestPageHeaders(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	for _, path := range []string{pathLogin, pathSignUp, pathForgot, pathError} {
		b := visit(t, p).open(path, asking())
		want := map[string]string{
			"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Access-Control-Allow-Origin": "", "X-Amzn-Requestid": "",
		}
		for name, value := range want {
			if got := b.header.Get(name); got != value {
				t.Errorf("%s: got %s %q, want %q", path, name, got, value)
			}
		}
		policy := b.header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "style-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !slices.Contains(strings.Split(policy, "; "), rule) {
				t.Errorf("%s: the policy %q has no %q", path, policy, rule)
			}
		}
		if !strings.Contains(b.header.Get("Cache-Control"), "no-store") || b.header.Get("X-Amz-Cognito-Request-Id") == "" {
			t.Errorf("%s: got headers %v", path, b.header)
		}
		if strings.Contains(b.page, "<script>") || strings.Contains(b.page, "style=") || regexp.MustCompile(`\son\w+=`).MatchString(b.page) {
			t.Errorf("%s: the page has something inline:\n%s", path, b.page)
		}
	}
}

// TestPagesAreAccessible checks what every page has to have for people who do
// not see or point.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{RequiredAttributes: []string{"birthdate", "website", "address", "gender"}})
	inputs := regexp.MustCompile(`<input id="([^"]*)" name="([^"]*)" type="([^"]*)"[^>]*>`)
	for _, path := range []string{pathLogin, pathSignUp, pathForgot} {
		b := visit(t, p).open(path, asking())
		if !strings.Contains(b.page, `<html lang="en">`) || strings.Count(b.page, "<h1>") != 1 || strings.Count(b.page, "autofocus") != 1 {
			t.Errorf("%s: got page\n%s", path, b.page)
		}
		found := inputs.FindAllStringSubmatch(b.page, -1)
		if len(found) == 0 {
			t.Errorf("%s: the page has no field", path)
		}
		for _, f := range found {
			if !strings.Contains(b.page, `<label for="`+f[1]+`" `) {
				t.Errorf("%s: %s has no label", path, f[2])
			}
			if f[2] != "attribute.website" && !strings.Contains(f[0], "autocomplete=") {
				t.Errorf("%s: %s has no autocomplete", path, f[2])
			}
		}
	}
}

// TestEscaping checks that nothing that somebody types becomes part of a page.
func TestEscaping(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>`
	p := anaPool(t, Config{Name: evil})
	for _, b := range []*browser{
		visit(t, p).open(pathLogin, asking("login_hint", evil, "state", evil, "nonce", evil)),
		visit(t, p).open(pathForgot, asking("login_hint", evil)),
		visit(t, p).login(evil, evil),
		visit(t, p).signUp("username", evil, "attribute.email", evil),
		visit(t, p).open(pathError, url.Values{"error": {evil}, "client_id": {evil}}),
	} {
		if strings.Contains(b.page, "<script>") {
			t.Errorf("the page runs a script:\n%s", b.page)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	for _, tt := range []struct {
		path   string
		status int
		media  string
	}{
		{"style.css", 200, "text/css; charset=utf-8"},
		{"passkey.js", 200, "text/javascript; charset=utf-8"},
		{"login.html", 404, "text/plain; charset=utf-8"},
		{"nothing.css", 404, "text/plain; charset=utf-8"},
		{"../hosted.go", 404, "text/plain; charset=utf-8"},
		{"", 404, "text/plain; charset=utf-8"},
	} {
		b := visit(t, p).open(pathAssets+tt.path, nil)
		if b.status != tt.status || b.header.Get("Content-Type") != tt.media {
			t.Errorf("%s: got %d %s", tt.path, b.status, b.header.Get("Content-Type"))
		}
	}
}

func TestTemplatesAreAllUsed(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(pageFiles, "pages/*")
	if err != nil || len(names) != len(pageTemplates())+3 { // the layout, the style and the script
		t.Errorf("got %v and %d templates, %v", names, len(pageTemplates()), err)
	}
}

func TestDomainMethodsAndBodies(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	long := strings.Repeat("a", maxForm)
	for _, tt := range []struct {
		name, method, path, media, body string
		status                          int
		allow                           string
	}{
		{"GET token", "GET", pathToken, "", "", 405, "OPTIONS, POST"},
		{"POST authorize", "POST", pathAuthorize, "application/x-www-form-urlencoded", "", 405, "GET, OPTIONS"},
		{"DELETE login", "DELETE", pathLogin, "", "", 405, "GET, OPTIONS, POST"},
		{"preflight", "OPTIONS", pathToken, "", "", 200, ""},
		{"JSON to token", "POST", pathToken, "application/json", `{"grant_type":"refresh_token"}`, 400, ""},
		{"no media type", "POST", pathToken, "", "grant_type=refresh_token", 400, ""},
		{"broken form", "POST", pathToken, "application/x-www-form-urlencoded", "a=%zz", 400, ""},
		{"semicolons", "POST", pathToken, "application/x-www-form-urlencoded", "a=b;c=d", 400, ""},
		{"large form", "POST", pathToken, "application/x-www-form-urlencoded", "a=" + long, 413, ""},
		{"large form on a page", "POST", pathLogin, "application/x-www-form-urlencoded", "a=" + long, 413, ""},
		{"broken query", "GET", pathLogin + "?a=%zz", "", "", 400, ""},
		{"large query", "GET", pathLogin + "?a=" + long, "", "", 414, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, p.DomainURL()+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if tt.media != "" {
			r.Header.Set("Content-Type", tt.media)
		}
		res, err := p.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tt.status || res.Header.Get("Allow") != tt.allow {
			t.Errorf("%s: got %d, Allow %q; want %d, %q", tt.name, res.StatusCode, res.Header.Get("Allow"), tt.status, tt.allow)
		}
	}
}

// TestDomainInHistory checks that the pool's history has the requests to its
// domain, and that they print without secrets.
func TestDomainInHistory(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	visit(t, p).login("ana", "wrong").submit(pathLogin, "username", "ana", "password", "correct horse")
	form(t, p, pathToken, "", "", exchanging("plantedcode"))
	var got []string
	for _, r := range p.Requests() {
		got = append(got, fmt.Sprintf("%s %d %s", r.Operation, r.Status, r.Code))
		if text := fmt.Sprintf("%v %+v", r, r); strings.Contains(text, "correct horse") || strings.Contains(text, "plantedcode") || strings.Contains(text, "ana") {
			t.Errorf("the request prints as %s", text)
		}
	}
	want := []string{
		"GET /oauth2/authorize 302 ", "GET /login 200 ", "POST /login 400 NotAuthorizedException", "POST /login 302 ",
		"POST /oauth2/token 400 invalid_grant",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	last := p.Requests()[4]
	if last.Body["code"] != "plantedcode" || last.Body["grant_type"] != "authorization_code" {
		t.Errorf("got parameters %v", last.Body)
	}
}

func TestFaultsAtTheDomain(t *testing.T) {
	t.Parallel()
	p := anaPool(t, Config{})
	p.Inject(Fault{Operation: "POST /oauth2/token", Code: "invalid_grant", Message: "scripted", Status: http.StatusTooManyRequests})
	if a := form(t, p, pathToken, "", "", exchanging("x")); a.status != http.StatusTooManyRequests || a.raw != `{"error":"invalid_grant","error_description":"scripted"}` {
		t.Errorf("got %d %s", a.status, a.raw)
	}
	code := codeFor(t, p, asking())
	p.Inject(Fault{Operation: "POST /oauth2/token", DropResponse: true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.DomainURL()+pathToken, strings.NewReader(exchanging(code).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if res, err := p.HTTPClient().Do(r); err == nil {
		res.Body.Close()
		t.Error("got an answer, want a broken connection")
	}
	if a := form(t, p, pathToken, "", "", exchanging(code)); a.raw != `{"error":"invalid_grant"}` {
		t.Errorf("the code was not used: got %d", a.status)
	}
}
