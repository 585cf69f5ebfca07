package page

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// A fixture is a server with a pool and its page.
type fixture struct {
	t      testing.TB
	server *authtest.Server
	pool   *authtest.Pool
	page   *Page
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	server := authtest.NewServer(t, authtest.ServerConfig{})
	pool := server.NewPool(authtest.Config{PoolID: "eu-west-1_people", Name: "people", ClientID: "client1", MFA: authtest.MFAOptional,
		Domain: "people", OAuth: &authtest.OAuth{CallbackURLs: []string{"http://localhost:3000/"}}})
	return &fixture{t, server, pool, New(server, NewFeed(), Config{Endpoint: "http://127.0.0.1:9229", Storage: "memory"})}
}

func (f *fixture) do(r *http.Request) (status int, header http.Header, text string) {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.page.ServeHTTP(w, r)
	res := w.Result()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(raw)
}

func (f *fixture) get(path string) (status int, header http.Header, text string) {
	f.t.Helper()
	return f.do(httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, path, http.NoBody))
}

func (f *fixture) post(path string, form url.Values) (status int, header http.Header, text string) {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodPost, Prefix+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.do(r)
}

func TestPageShows(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.server.NewPool(authtest.Config{PoolID: "eu-west-1_other", Name: "others"})
	f.pool.AddUser(authtest.User{
		Name: "ana", Sub: "sub-of-ana", Password: "x", Email: "ana@example.com", Phone: "+12065550184", TOTP: true, PreferredMFA: authtest.MFAFactorTOTP,
		Groups: []string{"admins"}, Attributes: map[string]string{"phone_number_verified": "false"},
	})
	f.pool.AddUser(authtest.User{Name: "ben", Sub: "sub-of-ben", Status: authtest.StatusUnconfirmed, Disabled: true})
	if err := f.pool.ResetUserPassword("ana"); err != nil {
		t.Fatal(err)
	}
	code := f.pool.Code("ana")
	status, header, text := f.get("/")
	if status != http.StatusOK {
		t.Fatalf("got status %d", status)
	}
	for _, want := range []string{
		"<title>people · Cognito sandbox</title>", "http://127.0.0.1:9229", "not for production",
		`<a href="/?pool=eu-west-1_people" aria-current="page">`, `<a href="/?pool=eu-west-1_other">`, "2 users",
		"Password reset code", code, "ana@example.com", "password, authenticator app (preferred)", "admins", "not verified", "RESET_REQUIRED",
		`action="/_sandbox/page/pools/eu-west-1_people/users/sub-of-ana"`, `value="reset"`,
		"UNCONFIRMED", "DISABLED", `value="confirm"`, `value="enable"`,
		"No client has called yet.", "client1", "http://people.localhost:9229/login?client_id=client1&amp;redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F&amp;response_type=code",
		"userPoolId: &#39;eu-west-1_people&#39;", "memory",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if got := header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "unsafe") {
		t.Errorf("got policy %q", got)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if _, _, text := f.get("/?pool=eu-west-1_other"); strings.Contains(text, "ana@example.com") || !strings.Contains(text, "Nobody has signed up yet.") {
		t.Error("another pool shows the users of this one")
	}
	if status, _, text := f.get("/?pool=eu-west-1_x"); status != http.StatusNotFound || !strings.Contains(text, "There is no such pool.") {
		t.Errorf("no pool: got status %d", status)
	}
}

// TestPageShowsLinks has a message whose link can be followed from the page.
func TestPageShowsLinks(t *testing.T) {
	t.Parallel()
	server := authtest.NewServer(t, authtest.ServerConfig{})
	pool := server.NewPool(authtest.Config{ClientID: "client1", Domain: "people", DefaultEmailOption: authtest.ConfirmWithLink})
	f := &fixture{t: t, server: server, pool: pool, page: New(server, NewFeed(), Config{})}
	body := `{"ClientId":"client1","Username":"ana","Password":"Correct-horse-1","UserAttributes":[{"Name":"email","Value":"ana@example.com"}]}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:9229/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	want := `<a href="http://127.0.0.1:9229/confirmUser?client_id=client1&amp;user_name=ana&amp;confirmation_code=` + pool.Code("ana") + `" rel="noreferrer">`
	if _, _, text := f.get("/"); !strings.Contains(text, want) {
		t.Errorf("the page does not have %s", want)
	}
}

func TestPageWithoutPools(t *testing.T) {
	t.Parallel()
	server := authtest.NewServer(t, authtest.ServerConfig{})
	f := &fixture{t: t, page: New(server, NewFeed(), Config{})}
	if status, _, text := f.get("/"); status != http.StatusOK || !strings.Contains(text, "There are no pools.") {
		t.Errorf("got status %d", status)
	}
}

// TestPageEscapes plants markup wherever others write.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const markup = `<img src=x onerror=alert(1)>'"&`
	f.pool.AddUser(authtest.User{Name: markup, Email: "ana@example.com", Groups: []string{`<b>"`}})
	if err := f.pool.ResetUserPassword(markup); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+markup)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	server, err := authtest.NewStandaloneServer(authtest.ServerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	server.ServeHTTP(httptest.NewRecorder(), r)
	for _, page := range []*Page{f.page, New(server, NewFeed(), Config{Endpoint: markup, Storage: markup})} {
		f.page = page
		for _, query := range []string{"", "?search=" + url.QueryEscape(markup), "?pool=" + url.QueryEscape(markup), "?done=" + url.QueryEscape(markup)} {
			if _, _, text := f.get("/" + query); strings.Contains(text, "<img") || strings.Contains(text, "<b>\"") {
				t.Errorf("%q: the page has markup of others", query)
			}
		}
	}
}

func TestSearchAndPages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range maxUsers + 5 {
		f.pool.AddUser(authtest.User{Name: "user-" + string(rune('a'+i))})
	}
	shown := func(text string) int { return strings.Count(text, `<li id="user-`) }
	_, _, text := f.get("/?search=USER")
	if shown(text) != maxUsers || !strings.Contains(text, "user-y") {
		t.Fatalf("got %d users on the first page", shown(text))
	}
	_, rest, _ := strings.Cut(text, `<li id="page-next"><a href="`)
	next, _, _ := strings.Cut(rest, `"`)
	_, _, text = f.get(strings.ReplaceAll(next, "&amp;", "&"))
	if shown(text) != 5 || !strings.Contains(text, "user-a") || !strings.Contains(text, `<li id="page-first"><a href="/?pool=eu-west-1_people&amp;search=USER">`) {
		t.Errorf("got %d users on the second page, %q", shown(text), next)
	}
	if _, _, text := f.get("/?search=nobody"); !strings.Contains(text, "No user is found.") || strings.Contains(text, "page-next") {
		t.Error("the page finds somebody")
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.pool.AddUser(authtest.User{Name: "ana", Sub: "s/1", Password: "x", Email: "ana@example.com", Status: authtest.StatusUnconfirmed})
	at := url.Values{"pool": {"eu-west-1_people"}, "search": {"an a"}}.Encode()
	for _, tt := range []struct {
		action   string
		status   authtest.UserStatus
		disabled bool
	}{
		{"confirm", authtest.StatusConfirmed, false},
		{"disable", authtest.StatusConfirmed, true},
		{"enable", authtest.StatusConfirmed, false},
		{"sign-out", authtest.StatusConfirmed, false},
		{"reset", authtest.StatusResetRequired, false},
		{"delete", "", false},
	} {
		status, header, _ := f.post("pools/eu-west-1_people/users/s%2F1", url.Values{"action": {tt.action}, "at": {at}})
		if want := "/?pool=eu-west-1_people&search=an+a&done=" + tt.action; status != http.StatusSeeOther || header.Get("Location") != want {
			t.Errorf("%s: got status %d, location %q", tt.action, status, header.Get("Location"))
		}
		if u, _ := f.pool.User("ana"); u.Status != tt.status || u.Disabled != tt.disabled {
			t.Errorf("%s: got status %s, disabled %t", tt.action, u.Status, u.Disabled)
		}
		if _, _, text := f.get(header.Get("Location")); !strings.Contains(text, `<div id="status" role="status"><p>`) {
			t.Errorf("%s: the page does not say so", tt.action)
		}
	}
}

func TestActionsFail(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.pool.AddUser(authtest.User{Name: "ana"})
	for _, tt := range []struct {
		name, path string
		form       url.Values
		status     int
		alert      string
	}{
		{"no pool", "pools/x/users/ana", url.Values{"action": {"delete"}}, 404, "There is no such pool."},
		{"no user", "pools/eu-west-1_people/users/eve", url.Values{"action": {"delete"}}, 409, "User does not exist."},
		{"refused", "pools/eu-west-1_people/users/ana", url.Values{"action": {"confirm"}}, 409, "Current status is CONFIRMED"},
		{"no action", "pools/eu-west-1_people/users/ana", url.Values{"action": {"promote"}}, 400, "There is no such action."},
		{"nothing said", "pools/eu-west-1_people/users/ana", nil, 400, "There is no such action."},
		{"no time", "clock", url.Values{"advance": {"soon"}}, 400, "The clock can be advanced by"},
		{"back", "clock", url.Values{"advance": {"-1h"}}, 400, "The clock can be advanced by"},
		{"too far", "clock", url.Values{"advance": {"1000000h"}}, 409, "cannot be advanced that far"},
		{"too large", "clock", url.Values{"advance": {strings.Repeat("1", maxForm)}}, 400, "The form could not be read."},
	} {
		status, _, text := f.post(tt.path, tt.form)
		_, alert, _ := strings.Cut(text, `role="alert"><p>`)
		alert, _, _ = strings.Cut(alert, "</p>")
		if status != tt.status || !strings.Contains(alert, tt.alert) {
			t.Errorf("%s: got status %d, alert %q", tt.name, status, alert)
		}
	}
}

func TestClockForm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		if status, header, _ := f.post("clock", url.Values{"advance": {"26h3m"}}); status != http.StatusSeeOther || header.Get("Location") != "/?done=clock" {
			t.Errorf("got status %d, location %q", status, header.Get("Location"))
		}
		if got := time.Until(f.server.Clock()); got != 26*time.Hour+3*time.Minute {
			t.Errorf("the clock is ahead by %v", got)
		}
		if _, _, text := f.get("/"); !strings.Contains(text, "1 day 2 h 3 min ahead") {
			t.Error("the page does not say so")
		}
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, media := range map[string]string{"style.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		status, header, text := f.get(Prefix + name)
		if status != http.StatusOK || header.Get("Content-Type") != media || text == "" {
			t.Errorf("%s: got status %d, %s", name, status, header.Get("Content-Type"))
		}
	}
	if status, _, _ := f.get(Prefix + "page.html"); status != http.StatusNotFound {
		t.Errorf("the template is served with status %d", status)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.Local)
	for _, tt := range []struct{ name, got, want string }{
		{"today", moment(now.Add(-time.Hour), now), "11:00:00"},
		{"yesterday", moment(now.Add(-24*time.Hour), now), "2026-11-25 12:00"},
		{"seconds", ahead(61 * time.Second), "1 min 1 s ahead"},
		{"days", ahead(48 * time.Hour), "2 days ahead"},
		{"an unknown kind", kind("Carrier"), "Carrier"},
		{"SMS", medium(authtest.MediumSMS), "SMS"},
		{"a long name", string(breakable("GetUser<X")), "Get<wbr>User&lt;<wbr>X"},
		{"machine", machine(now.In(time.FixedZone("", 3600))), now.UTC().Format(time.RFC3339)},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
