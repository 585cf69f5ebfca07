package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/cognitokit/auth"
)

// An exchange is a request, the way to answer it, and the session of whoever
// sent it.
type exchange struct {
	w http.ResponseWriter
	r *http.Request
	s *auth.Session
}

// An endpoint answers a request, or says why it does not.
type endpoint func(exchange) error

// handler finds the session, and answers what went wrong.
func (b *backend) handler(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 128<<10)
		s, err := b.session(w, r)
		if err == nil {
			err = e(exchange{w, r, s})
		}
		if err != nil {
			fail(w, r, err)
		}
	})
}

// fail answers with the code of an error, for the page, and a sentence for the
// person. Neither says more than the person may know.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errBody) {
		write(w, http.StatusBadRequest, map[string]string{"error": "BadRequest"})
		return
	}
	status := auth.HTTPStatus(err)
	if status >= http.StatusInternalServerError {
		slog.ErrorContext(r.Context(), "request failed", "path", r.Pattern, "error", err) // shows no secrets
	}
	code := auth.CodeOf(err)
	write(w, status, map[string]string{"error": string(code), "message": code.RecoverySuggestion()})
}

// write answers with JSON that no cache keeps.
func write(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(out); err != nil {
		slog.Debug("answer not written", "error", err)
	}
}

// errBody says that a body is not the JSON that the path takes.
var errBody = errors.New("the body is not what this path takes")

// form makes an endpoint of a function that takes the body of the request.
func form[In any](f func(exchange, In) error) endpoint {
	return func(x exchange) error {
		var in In
		d := json.NewDecoder(x.r.Body)
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			return errBody
		}
		return f(x, in)
	}
}

// ask makes an endpoint of a function of package auth that takes nothing but the
// session.
func ask[Out any](f func(context.Context, *auth.Session) (*Out, error)) endpoint {
	return func(x exchange) error {
		out, err := f(x.r.Context(), x.s)
		return answer(x, out, err)
	}
}

// answer hands on what a function of package auth returned.
func answer[Out any](x exchange, out *Out, err error) error {
	if err != nil {
		return err
	}
	write(x.w, http.StatusOK, out)
	return nil
}
