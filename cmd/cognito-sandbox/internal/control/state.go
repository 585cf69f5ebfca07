package control

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/cognitokit/auth/authtest"
)

func stateRoutes() []route {
	return []route{
		{Method: http.MethodPost, Path: "seed", Summary: "adds the pools of a seed file", handle: (*API).seed, limit: maxSeed},
		{Method: http.MethodGet, Path: "export", Summary: "the whole state, secrets included", handle: (*API).export},
		{Method: http.MethodPost, Path: "import", Summary: "replaces the state by one that was exported", handle: (*API).replace, limit: maxState},
		{Method: http.MethodPost, Path: "reset", Summary: "begins again, as the sandbox first began", handle: (*API).reset},
	}
}

// What authtest takes is bounded by the same numbers.
const (
	maxSeed  = 64 << 20
	maxState = 512 << 20
)

// A SeedProblem is what is wrong with a line of a seed file.
type SeedProblem struct {
	Line    int    `json:"line"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (a *API) seed(r *http.Request) (any, error) {
	if err := checkMedia(r); err != nil {
		return nil, err
	}
	seed, err := authtest.ParseSeed(r.Body)
	if err != nil {
		return nil, unreadable(err, "the seed file is wrong")
	}
	if err := a.server.Seed(seed); err != nil {
		return nil, &problem{status: http.StatusConflict, Code: "Conflict", Message: err.Error()}
	}
	return a.listPools(r)
}

// unreadable says why a body could not be read for what it should be.
func unreadable(err error, what string) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge(tooLarge)
	}
	why := badRequest(what + ": " + err.Error())
	why.Problems = seedProblems(err)
	return why
}

// seedProblems are the problems of a seed file that an error joins.
func seedProblems(err error) []SeedProblem {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []SeedProblem
		for _, err := range joined.Unwrap() {
			all = append(all, seedProblems(err)...)
		}
		return all
	}
	if e, ok := errors.AsType[*authtest.SeedError](err); ok {
		return []SeedProblem{{e.Line, e.Field, e.Message}}
	}
	return nil
}

// raw is an answer that is JSON already.
type raw []byte

func (a *API) export(*http.Request) (any, error) {
	var state bytes.Buffer
	if err := a.server.Export(&state); err != nil {
		return nil, err
	}
	return raw(state.Bytes()), nil
}

func (a *API) replace(r *http.Request) (any, error) {
	if err := checkMedia(r); err != nil {
		return nil, err
	}
	if err := a.server.Import(r.Body); err != nil {
		return nil, unreadable(err, "the state cannot be imported")
	}
	return a.listPools(r)
}

func (a *API) reset(r *http.Request) (any, error) {
	if err := empty(r); err != nil {
		return nil, err
	}
	if err := a.server.Reset(); err != nil {
		return nil, err
	}
	if a.cfg.Begin != nil {
		if err := a.cfg.Begin(); err != nil {
			return nil, err
		}
	}
	return a.listPools(r)
}
