package authtest

import (
	"io"
	"net/http"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// A Fault is a scripted failure. Which requests it hits is said by the fields
// down to Times; what happens to them by the other fields, of which Delay and
// DropResponse also go together with a regular answer.
//
// The zero value of the second group does nothing to a request but count it.
type Fault struct {
	// Operation is the operation to hit, as in "RespondToAuthChallenge" or
	// "POST /oauth2/token", [OperationJWKS], [OperationDiscovery] or
	// [OperationUserImport]; empty hits them all.
	Operation string

	// UserPoolID, ClientID and Username further select requests: by the pool
	// they are for, and by the app client and the user that they name.
	UserPoolID string
	ClientID   string
	Username   string

	// Match, if not nil, further selects requests. It must not call the pool.
	Match func(Request) bool

	// Times is how many requests to hit: 0 means one, a negative number all
	// until the fault is removed.
	Times int

	// Delay holds the request up before it is processed. It ends early, and
	// with it the request, when the request's context does.
	Delay time.Duration

	// Code answers with an error instead of processing the request, as in
	// "TooManyRequestsException", or in "invalid_grant" at a domain. Message is
	// its text.
	Code    string
	Message string

	// Status is the HTTP status of Code or HTML; 0 means 500 for
	// InternalErrorException, 503 for HTML and 400 otherwise.
	Status int

	// HTML answers with a page instead of processing the request, as proxies
	// and firewalls do.
	HTML bool

	// DropRequest breaks the connection before the request is processed,
	// DropResponse after: the pool has changed, but nobody is told.
	DropRequest  bool
	DropResponse bool
}

// Throttle returns a fault that refuses a request for exceeding the account's
// rate.
func Throttle() Fault {
	return Fault{Code: wire.ExceptionTooManyRequests, Message: msgRateExceeded}
}

// Inject adds a fault to the pool's script and returns a function that removes
// it. Of several faults that match a request the one injected first is taken.
func (p *Pool) Inject(f Fault) (remove func()) {
	id := p.faults.add(f).ID
	return func() { p.faults.remove(id) }
}

// takeFault returns what is to happen to a request; the zero Fault if nothing.
func (p *Pool) takeFault(r Request) Fault {
	r = p.named(r)
	if p.home != nil && p.home.front != p {
		if f, ok := p.home.front.faults.take(r); ok {
			return f
		}
	}
	f, _ := p.faults.take(r)
	return f
}

// before does what happens before a request is processed, and reports whether
// it is to be processed at all; if not, it has been answered and recorded.
func (f *Fault) before(w http.ResponseWriter, r *http.Request, p *Pool, record Request) bool {
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			p.record(record, outcome{})
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Date", p.now().UTC().Format(http.TimeFormat))
	}
	switch {
	case f.DropRequest:
		p.record(record, outcome{})
		panic(http.ErrAbortHandler)
	case f.HTML:
		p.record(record, f.outcome())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(f.outcome().status)
		io.WriteString(w, "<html><head><title>503 Service Unavailable</title></head><body>The service is not available.</body></html>\n")
		return false
	case f.Code != "":
		p.record(record, f.outcome())
		if record.atDomain() {
			writeJSON(w, "application/json;charset=UTF-8", f.outcome().status, oauthError{f.Code, f.Message})
		} else {
			writeError(w, &apiError{code: f.Code, message: f.Message, status: f.outcome().status})
		}
		return false
	default:
		return true
	}
}

// outcome is what a request came to that the fault kept from being processed.
func (f *Fault) outcome() outcome {
	status := f.Status
	switch {
	case status != 0:
	case f.HTML:
		status = http.StatusServiceUnavailable
	case f.Code == wire.ExceptionInternalError:
		status = http.StatusInternalServerError
	default:
		status = http.StatusBadRequest
	}
	return outcome{status: status, code: f.Code}
}
