package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds the body of a request.
const maxBody = 1 << 20

// read returns the body of a request, which says that it is JSON.
func read(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, bodyTooLarge(tooLarge)
	}
	if err != nil {
		return nil, badRequest("the body could not be read to its end")
	}
	return body, checkMedia(r)
}

func bodyTooLarge(err *http.MaxBytesError) *problem {
	return &problem{
		status: http.StatusRequestEntityTooLarge, Code: "TooLarge", Message: fmt.Sprintf("the body is larger than %d bytes", err.Limit),
	}
}

// checkMedia refuses a body that does not say that it is JSON, as forms cannot.
func checkMedia(r *http.Request) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return &problem{status: http.StatusUnsupportedMediaType, Code: "UnsupportedMediaType", Message: "the Content-Type must be application/json"}
	}
	return nil
}

// decode reads a body strictly: one JSON value, and no member that value has
// not.
func decode(r *http.Request, value any) error {
	body, err := read(r)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(value); err != nil {
		return badRequest(explain(body, err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return badRequest("the body has something behind its JSON value")
	}
	return nil
}

// explain says what is wrong with a body, and where.
func explain(body []byte, err error) string {
	text := strings.TrimPrefix(err.Error(), "json: ")
	var offset int64
	switch syntax, mismatch := (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil); {
	case errors.Is(err, io.EOF):
		return "the body is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the body ends too early"
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		offset, text = mismatch.Offset, explainMismatch(mismatch)
	default:
		return text // it has no place
	}
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := 1 + bytes.Count(before, []byte{'\n'})
	column := len(before) - 1 - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d: %s", line, column, text)
}

func explainMismatch(e *json.UnmarshalTypeError) string {
	what := "the body"
	if e.Field != "" {
		what = strconv.Quote(e.Field)
	}
	article := "a "
	if e.Value == "array" || e.Value == "object" {
		article = "an "
	}
	return what + " cannot be " + article + e.Value
}

// empty refuses a body where there is nothing to say: a call that means
// something by one would be disappointed.
func empty(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(bytes.TrimSpace(body)) > 0 && !bytes.Equal(bytes.TrimSpace(body), []byte("{}")) {
		return badRequest("the request has no body")
	}
	return nil
}

// A query reads the parameters of a request and remembers what is wrong with
// them.
type query struct {
	values url.Values
	known  []string
	err    error
}

func queryOf(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.err = badRequest("the query is malformed")
	}
	return q
}

func (q *query) fail(name, want string) {
	if q.err == nil {
		q.err = badRequest("the parameter " + name + " must be " + want)
	}
}

func (q *query) text(name string) string {
	q.known = append(q.known, name)
	if len(q.values[name]) > 1 {
		q.fail(name, "given once")
	}
	return q.values.Get(name)
}

// number reads a number from 0 to most; absent stands for a parameter that is
// not given.
func (q *query) number(name string, absent, most int64) int64 {
	text := q.text(name)
	if text == "" {
		return absent
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most {
		q.fail(name, fmt.Sprintf("a number from 0 to %d", most))
		return absent
	}
	return n
}

// duration reads a time as in "10s".
func (q *query) duration(name string, most time.Duration) time.Duration {
	text := q.text(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		q.fail(name, fmt.Sprintf("a duration as in 10s, at most %v", most))
		return 0
	}
	return d
}

// done returns the first thing that is wrong, a parameter that nobody asked for
// included.
func (q *query) done() error {
	for name := range q.values {
		if q.err == nil && !slices.Contains(q.known, name) {
			q.err = badRequest("there is no parameter " + strconv.Quote(name) + "; there are: " + strings.Join(q.known, ", "))
		}
	}
	return q.err
}
