package authtest

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// pageTemplates are the pages by name, each in the layout.
var pageTemplates = sync.OnceValue(func() map[string]*template.Template {
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		panic("authtest: pages: " + err.Error())
	}
	templates := make(map[string]*template.Template)
	for _, name := range names {
		if name != "pages/layout.html" {
			templates[strings.TrimSuffix(path.Base(name), ".html")] = template.Must(template.ParseFS(pageFiles, "pages/layout.html", name))
		}
	}
	return templates
})

// A page is a page of managed login: a text and a form, and what goes with
// them.
type page struct {
	template string
	Title    string
	Text     string
	Alert    string // what went wrong
	Notice   string // what went well
	PoolID   string

	Stylesheet string // where an administrator's is
	Logo       string

	Action  string // where the form goes
	CSRF    string
	Hidden  []hiddenField
	Account string // whose password a form asks for, for those that keep passwords
	Fields  []field
	Submit  string
	Choices []choice // buttons that submit the form
	Again   string   // where a button sends a code again
	Links   []link
	Terms   []link // that whoever submits the form accepts

	Continue string // where to go on with the login that the browser has
	As       string // whose that is

	Providers []link
	Secret    string       // of an authenticator app
	Picture   template.URL // of the secret
	Options   string       // of a passkey
	Ceremony  string       // "get" or "create"
}

type hiddenField struct{ Name, Value string }

type choice struct{ Name, Value, Label string }

type link struct{ URL, Label string }

// A field is an input of a form.
type field struct {
	Name, Label, Type, Autocomplete, InputMode, Value, Hint string
	Optional                                                bool
}

// Fields of forms that are not attributes.
const (
	fieldCSRF       = "_csrf"
	fieldUsername   = "username"
	fieldPassword   = "password"
	fieldRepeated   = "confirm_password"
	fieldCode       = "code"
	fieldStep       = "step"
	fieldSession    = "session"
	fieldReset      = "reset"
	fieldAnswer     = "answer"
	fieldCredential = "credential"
	fieldPhone      = "phone_number"
	fieldEmail      = "email"
	fieldDevice     = "device_name"

	prefixAttribute = "attribute."
)

// newPage makes a page with a form that goes to a path.
func (x *exchange) newPage(template, title, action string) *page {
	return &page{template: template, Title: title, PoolID: x.pool.cfg.PoolID, Action: x.link(action), CSRF: x.csrfToken()}
}

// failed makes the page that says what is wrong with a request.
func (x *exchange) failed(message string) *page {
	return &page{template: "error", Title: "Error", Alert: message, PoolID: x.pool.cfg.PoolID}
}

func (p *page) alert(message string) *page {
	p.Alert = message
	return p
}

func (p *page) notice(message string) *page {
	p.Notice = message
	return p
}

func (p *page) hide(name, value string) *page {
	p.Hidden = append(p.Hidden, hiddenField{name, value})
	return p
}

func shown(p *page) *reply { return &reply{status: http.StatusOK, page: p} }

// shownAgain shows a page again, with what the pool said about the form.
func shownAgain(p *page, err *apiError) *reply {
	return &reply{status: http.StatusBadRequest, page: p.alert(err.message), code: err.code}
}

// pagePolicy lets nothing onto a page but its styles, its script, its logo and
// pictures that are written into it. It does not say where forms may go:
// browsers apply that to the redirects that follow, and where applications send
// people is theirs to know.
const pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

func (x *exchange) writePage(w http.ResponseWriter, answer *reply) {
	x.customize(answer.page)
	var body bytes.Buffer
	if err := pageTemplates()[answer.page.template].ExecuteTemplate(&body, "layout", answer.page); err != nil {
		panic("authtest: page " + answer.page.template + ": " + err.Error())
	}
	for _, cookie := range x.cookies {
		http.SetCookie(w, cookie)
	}
	h := w.Header()
	h.Del("Access-Control-Allow-Origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self)")
	w.WriteHeader(answer.status)
	w.Write(body.Bytes())
}

// serveAsset serves the style and the script of the pages, and what they have
// of an administrator's.
func (p *Pool) serveAsset(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.NotFound(w, r)
		return
	}
	switch name := strings.TrimPrefix(r.URL.Path, pathAssets); {
	case name == "style.css":
		writePageFile(w, r, "text/css; charset=utf-8", name)
	case name == "passkey.js":
		writePageFile(w, r, "text/javascript; charset=utf-8", name)
	case strings.HasPrefix(name, "custom/"):
		p.serveCustomAsset(w, r)
	default:
		http.NotFound(w, r)
	}
}

func writePageFile(w http.ResponseWriter, r *http.Request, media, name string) {
	content, err := pageFiles.ReadFile("pages/" + name)
	if err != nil {
		panic("authtest: pages: " + err.Error())
	}
	writeAsset(w, r, media, content)
}

func writeAsset(w http.ResponseWriter, r *http.Request, media string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
