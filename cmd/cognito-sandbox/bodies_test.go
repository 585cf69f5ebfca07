package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// TestSlowBody sends requests whose bodies do not come, come, or come and are
// answered late.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	const limit = 100 * time.Millisecond
	late := make(chan struct{}, 2)
	server := httptest.NewServer(timingBodies(limit, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path == "/late" {
			select {
			case <-late:
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		}
		w.WriteHeader(http.StatusTeapot)
	})))
	t.Cleanup(server.Close)
	const end = " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
	for _, tt := range []struct {
		name, sent string
		answered   bool
	}{
		{"in time", "POST /" + end + "{}", true},
		{"answered late", "POST /late" + end + "{}", true},
		{"never", "POST /" + end + "{", false},
		{"no body", "GET /late HTTP/1.1\r\nHost: x\r\n\r\n", true},
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, tt.sent); err != nil {
			t.Fatal(err)
		}
		if tt.name == "answered late" || tt.name == "no body" {
			after := time.AfterFunc(3*limit, func() { late <- struct{}{} })
			defer after.Stop()
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		answered := err == nil && res.StatusCode == http.StatusTeapot
		if err == nil {
			res.Body.Close()
		}
		if answered != tt.answered || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: got %v, error %v", tt.name, res, err)
		}
	}
}
