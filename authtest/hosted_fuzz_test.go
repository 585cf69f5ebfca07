package authtest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzAuthorize sends the authorization endpoint arbitrary queries. Whatever
// they say, browsers go on at the domain or back to a registered address.
func FuzzAuthorize(f *testing.F) {
	f.Add("")
	f.Add(asking().Encode())
	f.Add(asking("response_type", "token", "scope", "openid", "prompt", "none").Encode())
	f.Add(asking("redirect_uri", "myapp://callback", "prompt", "none", "state", "\r\nLocation: https://evil.example.com").Encode())
	f.Add(asking("redirect_uri", "https://evil.example.com").Encode())
	f.Add(asking("code_challenge", strings.Repeat("a", 43), "code_challenge_method", "S256", "identity_provider", "Google").Encode())
	f.Add("client_id=client1;redirect_uri=x&%zz")
	p := hostedPool(f, Config{})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "https://people.test"+pathAuthorize, nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		location := w.Header().Get("Location")
		switch w.Code {
		case http.StatusBadRequest, http.StatusRequestURITooLong:
			if location != "" {
				t.Errorf("got %d with Location %q", w.Code, location)
			}
		case http.StatusFound:
			if !slices.ContainsFunc([]string{pathLogin + "?", pathError + "?", testCallback + "?", testCallback + "#", "myapp://callback?", "myapp://callback#"},
				func(prefix string) bool { return strings.HasPrefix(location, prefix) }) {
				t.Errorf("got Location %q", location)
			}
			if _, err := url.Parse(location); err != nil && !strings.HasPrefix(location, pathLogin) {
				t.Errorf("got Location %q: %v", location, err)
			}
		default:
			t.Errorf("got status %d", w.Code)
		}
	})
}

// FuzzTokenForm sends the token endpoint arbitrary forms.
func FuzzTokenForm(f *testing.F) {
	f.Add("", "")
	f.Add(exchanging("x").Encode(), "")
	f.Add("grant_type=refresh_token&refresh_token=x", "Basic Y2xpZW50MTo=")
	f.Add("grant_type=client_credentials&scope=a%2Fb+c&aws_client_metadata=%7B%7D", "Basic bWFjaGluZTo=")
	f.Add("grant_type=authorization_code&grant_type=x&%zz", "Basic %%%")
	p := hostedPool(f, Config{})
	f.Fuzz(func(t *testing.T, body, authorization string) {
		r := httptest.NewRequest(http.MethodPost, "https://people.test"+pathToken, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		// Nothing was signed in, so nothing can be had.
		if w.Code != http.StatusBadRequest && w.Code != http.StatusRequestEntityTooLarge || !strings.HasPrefix(w.Body.String(), `{"error":"`) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}

// FuzzPageForms sends the pages arbitrary forms, with the token that makes
// them the browser's own.
func FuzzPageForms(f *testing.F) {
	paths := slices.DeleteFunc(slices.Sorted(maps.Keys(endpoints())), func(path string) bool {
		return endpoints()[path][http.MethodPost] == nil || strings.HasPrefix(path, "/oauth2/")
	})
	for i := range paths {
		f.Add(uint8(i), "username=ana&password=correct+horse&code=123456&confirm_password=correct+horse&attribute.email=x")
	}
	f.Add(uint8(0), "username=%00%ff&username=b&attribute.=&step=x&session=y&reset=z&subject=s")
	p := hostedPool(f, Config{})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com"})
	x := &exchange{pool: p, browser: "browser"}
	token := fieldCSRF + "=" + url.QueryEscape(x.csrfToken())
	f.Fuzz(func(t *testing.T, path uint8, body string) {
		r := httptest.NewRequest(http.MethodPost, "https://people.test"+paths[int(path)%len(paths)]+"?"+asking().Encode(), strings.NewReader(token+"&"+body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: cookieCSRF, Value: "browser"})
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK, http.StatusFound, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("got status %d", w.Code)
		}
		if location := w.Header().Get("Location"); w.Code == http.StatusFound && !strings.HasPrefix(location, testCallback+"?") && !strings.HasPrefix(location, pathLogin+"?") {
			t.Errorf("got Location %q", location)
		}
	})
}

// FuzzConfirmUser opens links that nobody was sent.
func FuzzConfirmUser(f *testing.F) {
	f.Add("")
	f.Add("client_id=client1&user_name=ana&confirmation_code=x")
	f.Add("client_id=client1&user_name=%00%ff&confirmation_code=%3Cscript%3E")
	f.Add("client_id=client1&client_id=client2;user_name=a&%zz")
	p := hostedPool(f, Config{DefaultEmailOption: ConfirmWithLink})
	p.AddUser(User{Name: "ana", Password: "correct horse", Email: "ana@example.com", Status: StatusUnconfirmed})
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, "https://people.test"+pathConfirmUser, nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest && w.Code != http.StatusRequestURITooLong || strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if u, _ := p.User("ana"); u.Status != StatusUnconfirmed {
			t.Errorf("got status %s", u.Status)
		}
	})
}
