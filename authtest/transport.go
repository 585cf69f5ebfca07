package authtest

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Transport returns a [http.RoundTripper] that takes every request to the
// pool, whatever its host, in the caller's goroutine. No network is involved,
// so it works inside a testing/synctest bubble.
func (p *Pool) Transport() http.RoundTripper { return transport{p} }

// HTTPClient returns a client on [Pool.Transport].
func (p *Pool) HTTPClient() *http.Client { return &http.Client{Transport: p.Transport()} }

type transport struct{ handler http.Handler }

var errConnectionBroken = errors.New("authtest: connection broken: unexpected EOF")

func (t transport) RoundTrip(r *http.Request) (_ *http.Response, err error) {
	if r.Body == nil || r.Host == "" {
		r = r.WithContext(r.Context())
		r.Host = cmp.Or(r.Host, r.URL.Host)
		if r.Body == nil {
			r.Body = http.NoBody
		}
	}
	defer r.Body.Close()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	// A handler that panics with ErrAbortHandler has broken the connection.
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if aborted, ok := v.(error); !ok || !errors.Is(aborted, http.ErrAbortHandler) {
			panic(v)
		}
		if err = r.Context().Err(); err == nil {
			err = errConnectionBroken
		}
	}()
	rec := &recorder{header: make(http.Header)}
	t.handler.ServeHTTP(rec, r)
	return rec.response(r), nil
}

// A recorder is a response in the making.
type recorder struct {
	header http.Header
	sent   http.Header // header as it was at WriteHeader
	status int
	body   bytes.Buffer
}

func (rec *recorder) Header() http.Header { return rec.header }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status, rec.sent = status, rec.header.Clone()
	}
}

func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(b)
}

func (rec *recorder) response(r *http.Request) *http.Response {
	rec.WriteHeader(http.StatusOK)
	body := rec.body.Bytes()
	if r.Method == http.MethodHead {
		body = nil
	}
	rec.sent.Set("Content-Length", strconv.Itoa(rec.body.Len()))
	return &http.Response{
		Status:        strconv.Itoa(rec.status) + " " + http.StatusText(rec.status),
		StatusCode:    rec.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        rec.sent,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(rec.body.Len()),
		Request:       r,
	}
}
