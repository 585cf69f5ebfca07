package authtest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Paths of a domain: those of the service, as far as it has published them.
const (
	pathAuthorize     = "/oauth2/authorize"
	pathToken         = "/oauth2/token"
	pathUserInfo      = "/oauth2/userInfo"
	pathRevoke        = "/oauth2/revoke"
	pathLogin         = "/login"
	pathLogout        = "/logout"
	pathSignUp        = "/signup"
	pathConfirm       = "/confirm"
	pathResend        = "/resendcode"
	pathForgot        = "/forgotPassword"
	pathConfirmForgot = "/confirmforgotPassword"
	pathConfirmUser   = "/confirmUser"
	pathAddPasskey    = "/passkeys/add"
	pathError         = "/error"

	pathChallenge = "/challenge" // ours
	pathSendAgain = "/challenge/resend"
	pathProvider  = "/provider"
	pathAssets    = "/managed-login/"
)

// An endpoint is what a domain does at a path, by method.
type endpoint map[string]func(x *exchange) *reply

// endpoints are what every domain has.
var endpoints = sync.OnceValue(func() map[string]endpoint {
	table := map[string]endpoint{
		pathAuthorize:     {http.MethodGet: authorize},
		pathToken:         {http.MethodPost: tokenEndpoint},
		pathUserInfo:      {http.MethodGet: userInfo, http.MethodPost: userInfo},
		pathRevoke:        {http.MethodPost: revokeEndpoint},
		pathLogin:         {http.MethodGet: showLogin, http.MethodPost: inForm(submitLogin)},
		pathLogout:        {http.MethodGet: logout},
		pathSignUp:        {http.MethodGet: showSignUp, http.MethodPost: inForm(submitSignUp)},
		pathConfirm:       {http.MethodGet: toLogin, http.MethodPost: inForm(submitConfirmation)},
		pathConfirmUser:   {http.MethodGet: confirmUser},
		pathResend:        {http.MethodGet: toLogin, http.MethodPost: inForm(submitResend)},
		pathForgot:        {http.MethodGet: showForgot, http.MethodPost: inForm(submitForgot)},
		pathConfirmForgot: {http.MethodGet: toLogin, http.MethodPost: inForm(submitReset)},
		pathChallenge:     {http.MethodGet: toLogin, http.MethodPost: inForm(submitAnswer)},
		pathSendAgain:     {http.MethodGet: toLogin, http.MethodPost: inForm(submitAgain)},
		pathAddPasskey:    {http.MethodGet: showAddPasskey, http.MethodPost: inForm(submitAddPasskey)},
		pathProvider:      {http.MethodGet: showProvider, http.MethodPost: inForm(submitProvider)},
		pathError:         {http.MethodGet: errorPage},
	}
	table["/confirmForgotPassword"] = table[pathConfirmForgot]
	return table
})

// isDomainPath reports whether domains have something at a path.
func isDomainPath(path string) bool {
	return endpoints()[path] != nil || strings.HasPrefix(path, pathAssets)
}

// managedLogin is what a pool knows of the browsers at its domain. The pool's
// lock guards it.
type managedLogin struct {
	logins *vault[browserLogin]
	codes  *vault[*authorizationCode]
	steps  *vault[*step]
	resets *vault[passwordReset]
}

// How long things live, as documented.
const (
	loginValidity        = time.Hour
	codeValidity         = 5 * time.Minute
	managedMFAValidity   = 3 * time.Minute
	managedResetValidity = 8 * time.Minute
)

// maxVault bounds each kind of things that browsers can start any number of.
const maxVault = 10000

func newManagedLogin() managedLogin {
	return managedLogin{
		logins: newVault[browserLogin](loginValidity, maxVault),
		codes:  newVault[*authorizationCode](codeValidity, maxVault),
		steps:  newVault[*step](managedMFAValidity, maxVault),
		resets: newVault[passwordReset](managedResetValidity, maxVault),
	}
}

// An exchange is a request to a domain on its way through. Its handlers do not
// have the pool locked: most of what they do is to call the operations that an
// application's own pages would call.
type exchange struct {
	pool    *Pool
	r       *http.Request
	query   url.Values
	form    url.Values
	client  *appClient // whose user is at the browser, or that asks for tokens; nil until it is known
	browser string     // what the browser's cookie against forged requests says
	cookies []*http.Cookie

	trail // of all calls so far: handlers go on with what one of them has found
}

// A reply is the answer to an exchange: a redirect, a page, or JSON.
type reply struct {
	status   int
	location string
	page     *page
	json     any // nil for an empty body
	header   http.Header
	code     string // of an error, for [Request.Code]
}

func redirect(location string) *reply {
	return &reply{status: http.StatusFound, location: location}
}

// operate runs an operation of the user pool API for a page: with the checks,
// the limits and the triggers that it has for everybody.
func operate[Response any](x *exchange, name string, request map[string]any) (*Response, *apiError) {
	body, err := json.Marshal(request)
	if err != nil {
		panic("authtest: encoding a request: " + err.Error())
	}
	c := x.call()
	response, apiErr := operations[name].handle(c, body)
	x.trail = c.trail
	if apiErr != nil {
		x.giveUp(apiErr)
		return nil, apiErr
	}
	return response.(*Response), nil
}

// call returns a call of managed login.
func (x *exchange) call() *call {
	return &call{pool: x.pool, request: x.r, now: x.pool.now(), app: x.client, managed: true, trail: x.trail}
}

// locked runs f with the pool locked, and what f has put off afterwards.
func (x *exchange) locked(f func(c *call)) {
	c := x.call()
	_, err := locked(c, func() (*empty, *apiError) {
		f(c)
		return nil, nil
	})
	x.trail = c.trail
	if err != nil {
		x.giveUp(err)
	}
	for _, f := range c.deferred {
		f()
	}
}

// An exchangeFailure ends an exchange that cannot go on, wherever it is.
type exchangeFailure struct{ err *apiError }

// giveUp ends the exchange if the pool, and not its user, is the reason of an
// error.
func (x *exchange) giveUp(err *apiError) {
	if err.httpStatus() >= http.StatusInternalServerError {
		panic(exchangeFailure{err})
	}
}

// handled returns the answer of a handler.
func (x *exchange) handled(handle func(*exchange) *reply) (answer *reply) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case exchangeFailure:
			answer = &reply{status: v.err.httpStatus(), code: oauthServerError}
			if x.forPrograms() {
				answer.json = oauthError{Code: oauthServerError, Description: v.err.message}
			} else {
				answer.page = x.failed(v.err.message)
			}
		default:
			panic(v)
		}
	}()
	return handle(x)
}

// serveDomain answers a request to the pool's domain.
func (p *Pool) serveDomain(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Del("X-Amzn-Requestid")
	h.Del("Access-Control-Expose-Headers")
	h.Set("X-Amz-Cognito-Request-Id", randomUUID())
	if p.currentDomainHost() == "" {
		http.Error(w, "authtest: the pool has no domain; Config.Domain gives it one", http.StatusNotFound)
		return
	}
	if strings.HasPrefix(r.URL.Path, pathAssets) {
		p.serveAsset(w, r)
		return
	}
	handle := endpoints()[r.URL.Path][r.Method]
	if handle == nil {
		h.Set("Allow", allowedMethods(r.URL.Path))
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	x, refusal := p.readExchange(w, r)
	record := x.record(p.now())
	fault := p.takeFault(record)
	if !fault.before(w, r, p, record) {
		return
	}
	answer := refusal
	if answer == nil {
		answer = x.handled(handle)
	}
	p.record(record, outcome{status: answer.status, code: answer.code})
	if fault.DropResponse {
		panic(http.ErrAbortHandler)
	}
	x.write(w, answer)
}

func allowedMethods(path string) string {
	methods := []string{http.MethodOptions}
	for method := range endpoints()[path] {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// maxForm bounds the parameters of a request. A sign-up with every attribute
// at its limit stays below.
const maxForm = 128 << 10

// readExchange reads a request, or says why it cannot be read.
func (p *Pool) readExchange(w http.ResponseWriter, r *http.Request) (*exchange, *reply) {
	x := &exchange{pool: p, r: r, query: url.Values{}, form: url.Values{}, browser: cookieValue(r, cookieCSRF)}
	if len(r.URL.RawQuery) > maxForm {
		return x, x.malformed(http.StatusRequestURITooLong)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return x, x.malformed(http.StatusBadRequest)
	}
	x.query = query
	if r.Method != http.MethodPost || r.URL.Path == pathUserInfo {
		return x, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
			panic(http.ErrAbortHandler) // the client is gone
		}
		return x, x.malformed(http.StatusRequestEntityTooLarge)
	}
	form, err := url.ParseQuery(string(body))
	media, _, mediaErr := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaErr != nil || media != "application/x-www-form-urlencoded" {
		return x, x.malformed(http.StatusBadRequest)
	}
	x.form = form
	return x, nil
}

// malformed answers a request that cannot be understood at all.
func (x *exchange) malformed(status int) *reply {
	if x.forPrograms() {
		return &reply{status: status, json: oauthError{Code: oauthInvalidRequest}, code: oauthInvalidRequest}
	}
	return &reply{status: status, page: x.failed(oauthInvalidRequest), code: oauthInvalidRequest}
}

// forPrograms reports whether the endpoint is one that no browser goes to.
func (x *exchange) forPrograms() bool {
	switch x.r.URL.Path {
	case pathToken, pathUserInfo, pathRevoke:
		return true
	default:
		return false
	}
}

// record is what the pool's history has of the exchange.
func (x *exchange) record(now time.Time) Request {
	record := Request{Operation: x.r.Method + " " + x.r.URL.Path, Header: x.r.Header.Clone(), Time: now, Body: make(map[string]any)}
	for _, values := range []url.Values{x.query, x.form} {
		for name, list := range values {
			record.Body[name] = list[0]
			record.size += len(name) + len(list[0])
		}
	}
	return record
}

// write sends an answer.
func (x *exchange) write(w http.ResponseWriter, answer *reply) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "0")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	maps.Copy(h, answer.header)
	if answer.page != nil {
		x.writePage(w, answer)
		return
	}
	if !x.forPrograms() {
		h.Del("Access-Control-Allow-Origin")
		for _, cookie := range x.cookies {
			http.SetCookie(w, cookie)
		}
	}
	switch {
	case answer.location != "":
		// Not http.Redirect, which would write a page around the address.
		h.Set("Location", answer.location)
		w.WriteHeader(answer.status)
	case answer.json != nil:
		writeJSON(w, "application/json;charset=UTF-8", answer.status, answer.json)
	default:
		w.WriteHeader(answer.status)
	}
}

// newSecret makes a string that nobody can guess.
func newSecret() string { return rand.Text() + rand.Text() }
