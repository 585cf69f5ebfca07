package authtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Request is a request that the pool received, with what it answered. It
// prints without the values of its body; the fields hold them.
type Request struct {
	Operation  string         // as in "InitiateAuth" or "POST /oauth2/token", or [OperationJWKS]
	Body       map[string]any // the decoded JSON body, or the parameters at a domain; nil if it was no JSON object
	Header     http.Header    // as it was sent
	Time       time.Time      // on the pool's clock
	UserPoolID string         // the pool it was for; empty if a [Server] has none that it means
	ID         int64          // grows from request to request of a pool or [Server]; 0 in [Fault.Match]

	// What the pool answered. The status is 0 for a request whose connection
	// was broken by a [Fault], and in [Fault.Match].
	Status int
	Code   string // the error's code; empty for success

	size int
}

// atDomain reports whether the request was to the pool's domain.
func (r Request) atDomain() bool { return strings.Contains(r.Operation, " /") }

type outcome struct {
	status int
	code   string
}

func outcomeOf(e *apiError) outcome {
	if e == nil {
		return outcome{status: http.StatusOK}
	}
	return outcome{status: e.httpStatus(), code: e.code}
}

func (r *Request) decode(body []byte) {
	r.size = len(body)
	if json.Unmarshal(body, &r.Body) != nil {
		r.Body = nil
	}
}

// shownMembers are the members whose values say what a request is about and
// can hold nothing that is anybody's secret.
var shownMembers = map[string]bool{
	"AuthFlow": true, "ChallengeName": true, "ClientId": true, "UserPoolId": true, "MessageAction": true,
	"client_id": true, "grant_type": true, "response_type": true,
}

// Format prints the operation and the members of the body, their values
// hidden.
func (r Request) Format(f fmt.State, _ rune) {
	var b strings.Builder
	b.WriteString(r.Operation)
	if r.Body != nil {
		b.WriteByte(' ')
		writeMasked(&b, r.Body, false)
	}
	const most = 2 << 10
	text := b.String()
	if len(text) > most {
		text = text[:most] + "…"
	}
	io.WriteString(f, text)
}

func writeMasked(b *strings.Builder, value any, show bool) {
	switch v := value.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Quote(name) + ": ")
			writeMasked(b, v[name], shownMembers[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeMasked(b, item, false)
		}
		b.WriteByte(']')
	case string:
		if !show {
			v = "***"
		}
		b.WriteString(strconv.Quote(v))
	case bool, nil:
		fmt.Fprint(b, v)
	default:
		b.WriteString("***")
	}
}

// Requests returns the requests received so far, oldest first. A pool keeps
// the last 1,000 of them, or fewer if they are large.
func (p *Pool) Requests() []Request { return p.history.list() }

func (h *history) list() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.requests)
}

const (
	maxHistory      = 1000
	maxHistoryBytes = 4 << 20
)

// A history holds the last requests.
type history struct {
	mu       sync.Mutex
	requests []Request
	bytes    int
	last     int64 // the number of the last request
}

func (p *Pool) record(r Request, o outcome) {
	r = p.named(r)
	r.Status, r.Code = o.status, o.code
	if p.home != nil && p.home.front != p {
		r = p.home.front.history.add(r)
	}
	p.history.add(r)
}

// named returns a request with the pool it is for.
func (p *Pool) named(r Request) Request {
	if p.home == nil || p.home.front != p {
		r.UserPoolID = p.cfg.PoolID
	}
	return r
}

// clear forgets all requests.
func (h *history) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests, h.bytes = nil, 0
}

// add lists a request, and numbers it if that has not been done: most often by
// the time in microseconds, so that numbers grow also from one process to the
// next.
func (h *history) add(r Request) Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.ID == 0 {
		h.last = max(h.last+1, time.Now().UnixMicro())
		r.ID = h.last
	}
	h.requests = append(h.requests, r)
	h.bytes += r.size
	for len(h.requests) > maxHistory || h.bytes > maxHistoryBytes {
		h.bytes -= h.requests[0].size
		h.requests[0] = Request{}
		h.requests = h.requests[1:]
	}
	return r
}
