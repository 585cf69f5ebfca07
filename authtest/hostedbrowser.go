package authtest

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"time"
)

// The cookies of a domain, named as the service's.
const (
	cookieLogin = "cognito"
	cookieCSRF  = "XSRF-TOKEN"
)

// A browserLogin is a browser that has signed in at the domain.
type browserLogin struct {
	user     *user
	provider string // by which it signed in
	at       time.Time
}

// signIn remembers a browser's login and gives the application what it asked
// for. A login before it is over. One that gets nothing is not remembered, so
// that somebody else can sign in.
func (x *exchange) signIn(a *authorization, u *user, provider string) *reply {
	login := browserLogin{user: u, provider: provider, at: x.pool.now()}
	answer := x.authorized(a, login)
	if answer.code != "" {
		return answer
	}
	text := newSecret()
	x.locked(func(c *call) {
		c.pool.logins.take(cookieValue(x.r, cookieLogin), c.now)
		c.pool.logins.put(text, login, c.now)
	})
	x.setCookie(cookieLogin, text, loginValidity)
	return answer
}

// signOut ends the browser's login.
func (x *exchange) signOut() {
	x.locked(func(c *call) { c.pool.logins.take(cookieValue(x.r, cookieLogin), c.now) })
	x.setCookie(cookieLogin, "", -1)
}

// setCookie sets a cookie that scripts cannot read. It goes over plain HTTP to
// this machine only, and there in any case: with TLS and without, it is the
// same login. A lifetime of 0 is the browser's own.
func (x *exchange) setCookie(name, value string, lifetime time.Duration) {
	x.cookies = append(x.cookies, &http.Cookie{ //nolint:gosec // G124: Secure is not a constant
		Name: name, Value: value, Path: "/", MaxAge: int(lifetime / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: !isLoopback(x.r.Host),
	})
}

func cookieValue(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// csrfToken is what the forms on a browser's pages have to come back with. It
// gives the browser a cookie if it has none.
func (x *exchange) csrfToken() string {
	if x.browser == "" {
		x.browser = newSecret()
		x.setCookie(cookieCSRF, x.browser, 0)
	}
	return base64.RawURLEncoding.EncodeToString(x.pool.mac("form\x00" + x.browser))
}

// inForm makes a handler of the forms on pages. Those that come from elsewhere
// are refused.
func inForm(handle func(*exchange, *authorization) *reply) func(*exchange) *reply {
	return func(x *exchange) *reply {
		a, refusal := x.authorization()
		if refusal != nil {
			return refusal
		}
		if x.browser == "" || subtle.ConstantTimeCompare([]byte(x.form.Get(fieldCSRF)), []byte(x.csrfToken())) != 1 {
			return &reply{status: http.StatusForbidden, page: x.loginPage(a, "").alert("This page has expired. Please try again."), code: "csrf"}
		}
		return handle(x, a)
	}
}

// toLogin sends a browser that has lost its way to the login page.
func toLogin(x *exchange) *reply { return redirect(x.link(pathLogin)) }

// link is the address of another page for the same authorization.
func (x *exchange) link(path string) string {
	if x.r.URL.RawQuery == "" {
		return path
	}
	return path + "?" + x.r.URL.RawQuery
}
