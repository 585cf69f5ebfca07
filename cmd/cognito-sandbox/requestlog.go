package main

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// seenWriter remembers the status of an answer; 0 if there was none.
type seenWriter struct {
	http.ResponseWriter
	status int
}

func (w *seenWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *seenWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for [http.ResponseController].
func (w *seenWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var operationPattern = regexp.MustCompile(`\A[A-Za-z]{1,64}\z`)

// logRequest logs a request that has been answered: what it was and what it
// came to. Nothing of the body is logged, nor of parameters, nor the paths of
// the control API, which name users.
func (s *sandbox) logRequest(r *http.Request, w *seenWriter, part string, start time.Time) {
	level := slog.LevelDebug
	attrs := []slog.Attr{slog.String("part", part), slog.String("method", r.Method)}
	if part == "service" {
		level = slog.LevelInfo
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if operationPattern.MatchString(operation) {
			attrs = append(attrs, slog.String("operation", operation))
		} else {
			attrs = append(attrs, slog.String("path", r.URL.Path))
		}
	}
	attrs = append(attrs, slog.Int("status", w.status))
	if code := strings.TrimSuffix(w.Header().Get("X-Amzn-Errortype"), ":"); code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	attrs = append(attrs, slog.Duration("took", time.Since(start).Round(time.Microsecond)))
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}
