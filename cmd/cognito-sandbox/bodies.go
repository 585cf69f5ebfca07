package main

import (
	"io"
	"net/http"
	"time"
)

// bodyLimit is how long a client may take to send a body.
const bodyLimit = 30 * time.Second

// timingBodies ends requests whose bodies do not arrive in time, and nothing
// else: a limit of the server's would also end those that wait for a message or
// follow the page.
func timingBodies(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			body := &timedBody{ReadCloser: r.Body, conn: http.NewResponseController(w)}
			r.Body = body
			_ = body.conn.SetReadDeadline(time.Now().Add(limit)) // no connection, no limit
		}
		next.ServeHTTP(w, r)
	})
}

// A timedBody lifts the limit when it has been read to the end. The limit
// holds for what is left of a body too, which the server reads.
type timedBody struct {
	io.ReadCloser

	conn *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}
