package page

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/cognitokit/auth/authtest"
)

// maxForm bounds a form.
const maxForm = 64 << 10

// notices are what the page says when something was done, by what it was.
var notices = map[string]string{
	"confirm":  "The user is confirmed.",
	"reset":    "The user got a code for a new password.",
	"disable":  "The user is disabled.",
	"enable":   "The user is enabled.",
	"sign-out": "The user is signed out everywhere.",
	"delete":   "The user is deleted.",
	"clock":    "The clock is advanced.",
}

// actOnUser does to a user what a button says.
func (p *Page) actOnUser(w http.ResponseWriter, r *http.Request) {
	at, ok := p.form(w, r)
	if !ok {
		return
	}
	pool, ok := p.server.Pool(r.PathValue("pool"))
	if !ok {
		p.fail(w, http.StatusNotFound, at, "There is no such pool.")
		return
	}
	action := r.PostForm.Get("action")
	if err := act(pool, r.PathValue("user"), action); err != nil {
		refused, ok := errors.AsType[*authtest.Error](err)
		if !ok {
			p.fail(w, http.StatusBadRequest, at, "There is no such action.")
			return
		}
		p.fail(w, http.StatusConflict, at, refused.Message)
		return
	}
	p.succeed(w, r, at, action)
}

var errNoAction = errors.New("page: no such action")

func act(pool *authtest.Pool, user, action string) error {
	switch action {
	case "confirm":
		return pool.ConfirmUser(user)
	case "reset":
		return pool.ResetUserPassword(user)
	case "disable":
		return pool.DisableUser(user)
	case "enable":
		return pool.EnableUser(user)
	case "sign-out":
		return pool.SignOutUser(user)
	case "delete":
		return pool.DeleteUser(user)
	default:
		return errNoAction
	}
}

// advanceClock moves the clock on.
func (p *Page) advanceClock(w http.ResponseWriter, r *http.Request) {
	at, ok := p.form(w, r)
	if !ok {
		return
	}
	d, err := time.ParseDuration(r.PostForm.Get("advance"))
	if err != nil || d <= 0 {
		p.fail(w, http.StatusBadRequest, at, "The clock can be advanced by a time as in 90s, 1h30m or 720h.")
		return
	}
	if err := p.server.AdvanceClock(d); err != nil {
		p.fail(w, http.StatusConflict, at, "The clock cannot be advanced that far.")
		return
	}
	p.succeed(w, r, at, "clock")
}

// form reads a form, and the place it was on.
func (p *Page) form(w http.ResponseWriter, r *http.Request) (at place, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.fail(w, http.StatusBadRequest, place{}, "The form could not be read.")
		return place{}, false
	}
	// A place that makes no sense is the first one.
	values, _ := url.ParseQuery(r.PostForm.Get("at"))
	return placeOf(values), true
}

// succeed sends the browser back to where the form was.
func (p *Page) succeed(w http.ResponseWriter, r *http.Request, at place, what string) {
	query := url.Values{"done": {what}}.Encode()
	if here := at.Query(); here != "" {
		query = here + "&" + query
	}
	secure(w.Header(), "text/html; charset=utf-8")
	http.Redirect(w, r, "/?"+query, http.StatusSeeOther) //nolint:gosec // it stays at "/"
}

// fail shows the page that the form was on, with what went wrong.
func (p *Page) fail(w http.ResponseWriter, status int, at place, message string) {
	v, _ := p.look(at)
	v.Alert = message
	p.write(w, status, v)
}
