// Package page serves the page of a sandbox: pools, users, what was sent to
// them and what clients asked, with buttons for what one does by hand. It
// works without JavaScript; with it, it updates itself.
//
// Whoever sees the page can read every code and be everybody. It answers whom
// it is handed: that requests come from this machine and not from a page of
// somebody else is for the program to see to.
package page

import (
	"bytes"
	_ "embed" // the files below
	"html/template"
	"net/http"
	"sync"

	"github.com/cognitokit/auth/authtest"
)

// Prefix begins the paths of what the page is made of and of what its forms
// do. The page itself is at "/".
const Prefix = "/_sandbox/page/"

//go:embed page.html
var layout string

//go:embed style.css
var style string

//go:embed page.js
var script string

//go:embed icon.svg
var icon string

// Config says what the page tells of its sandbox.
type Config struct {
	Endpoint string // the URL at which the sandbox is served
	Storage  string // where its state is, as in "memory"
}

// A Page is the page of a server. It is an [http.Handler] for "/" and the paths
// below [Prefix], and safe for concurrent use.
type Page struct {
	server *authtest.Server
	cfg    Config
	feed   *Feed
	mux    http.ServeMux
}

// New returns the page of a server, which looks again whenever feed says so.
func New(server *authtest.Server, feed *Feed, cfg Config) *Page {
	p := &Page{server: server, cfg: cfg, feed: feed}
	p.mux.HandleFunc("GET /{$}", p.show)
	p.mux.HandleFunc("POST "+Prefix+"pools/{pool}/users/{user}", p.actOnUser)
	p.mux.HandleFunc("POST "+Prefix+"clock", p.advanceClock)
	p.mux.Handle("GET "+Prefix+"events", feed)
	for name, file := range map[string]struct{ media, text string }{
		"style.css": {"text/css; charset=utf-8", style},
		"page.js":   {"text/javascript; charset=utf-8", script},
		"icon.svg":  {"image/svg+xml", icon},
	} {
		p.mux.HandleFunc("GET "+Prefix+name, func(w http.ResponseWriter, _ *http.Request) {
			secure(w.Header(), file.media)
			w.Write([]byte(file.text))
		})
	}
	return p
}

// ServeHTTP serves the page, its files and its forms.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// policy lets nothing onto the page but its own files.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secure(h http.Header, media string) {
	h.Set("Content-Type", media)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// pageTemplate is the page.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(words()).Parse(layout))
})

// show answers with the page that the address describes.
func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	at := placeOf(r.URL.Query())
	v, ok := p.look(at)
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
		v.Alert = "There is no such pool."
	}
	v.Notice = notices[r.URL.Query().Get("done")]
	p.write(w, status, v)
}

func (p *Page) write(w http.ResponseWriter, status int, v *view) {
	var body bytes.Buffer
	if err := pageTemplate().Execute(&body, v); err != nil {
		panic("page: " + err.Error())
	}
	secure(w.Header(), "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}
