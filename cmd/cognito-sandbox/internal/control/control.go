// Package control serves the control API of a sandbox: JSON over HTTP that
// reads and does what the methods of [authtest.Server] do, for tests in every
// language.
//
// Whoever can call the API can read every code and be everybody. It answers
// whom it is handed: that requests come from this machine and not from a page
// of somebody else is for the program to see to.
package control

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/cognitokit/auth/authtest"
)

// Prefix begins the paths of the control API. No pool's id and no path of the
// service does.
const Prefix = "/_sandbox/"

// Config says what the control API tells of its sandbox.
type Config struct {
	Endpoint string // the URL at which the sandbox is served
	Storage  string // where its state is, as in "memory"

	// Begin, if not nil, gives a sandbox that was reset what it began with.
	Begin func() error
}

// An API is the control API of a server. It is an [http.Handler] for the paths
// below [Prefix], and safe for concurrent use.
type API struct {
	server *authtest.Server
	cfg    Config
	mux    http.ServeMux
	routes []route
}

// A route is one endpoint of the API.
type route struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary"`

	handle func(*API, *http.Request) (any, error)
	limit  int64 // of the body; 0 for maxBody
}

// New returns the control API of a server.
func New(server *authtest.Server, cfg Config) *API {
	a := &API{server: server, cfg: cfg, routes: allRoutes()}
	for _, r := range a.routes {
		a.mux.HandleFunc(r.Method+" "+Prefix+r.Path, func(w http.ResponseWriter, req *http.Request) {
			req.Body = http.MaxBytesReader(w, req.Body, cmp.Or(r.limit, maxBody))
			body, err := r.handle(a, req)
			answer(w, body, err)
		})
	}
	a.mux.HandleFunc(Prefix, a.refuse)
	return a
}

func allRoutes() []route {
	var all []route
	for _, part := range [][]route{healthRoutes(), poolRoutes(), userRoutes(), messageRoutes(), clockRoutes(), faultRoutes(), requestRoutes(), stateRoutes()} {
		all = append(all, part...)
	}
	return all
}

// ServeHTTP serves the control API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// refuse answers what no route is for.
func (a *API) refuse(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		probe := r.Clone(r.Context())
		probe.Method = method
		if _, pattern := a.mux.Handler(probe); pattern != Prefix {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		answer(w, nil, &problem{status: http.StatusNotFound, Code: "NotFound", Message: "there is nothing here; GET " + Prefix + " lists what there is"})
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	answer(w, nil, &problem{status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed", Message: "the method is " + strings.Join(allowed, " or ")})
}
