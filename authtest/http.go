package authtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxBody bounds a request body, unless the operation does. The largest other
// request of the model, a sign-up with every attribute at its limit, stays well
// below.
const maxBody = 256 << 10

const exposedHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"

// ServeHTTP serves the user pool API at "/", the key set and OIDC discovery
// document below the issuer's path, what the pool's domain has, and uploads of
// files of users, whatever the host.
func (p *Pool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in *incoming
	if isOperation(r) {
		in = readOperation(w, r)
	}
	p.serve(w, r, in)
}

// isOperation reports whether a request goes to the user pool API.
func isOperation(r *http.Request) bool {
	return r.Method == http.MethodPost && (r.URL.Path == "/" || r.URL.Path == "")
}

// serve answers a request, in being its operation if it is one.
func (p *Pool) serve(w http.ResponseWriter, r *http.Request, in *incoming) {
	h := w.Header()
	h.Set("Date", p.now().UTC().Format(http.TimeFormat))
	h.Set("X-Amzn-Requestid", randomUUID())
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", exposedHeaders)
	if r.TLS == nil || !isLoopback(r.Host) {
		// A browser would ask everything on this machine for TLS, for a year.
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	if in == nil || in.record.Operation != operationStopImport {
		p.settle()
	}
	switch {
	case in != nil:
		p.serveOperation(w, r, in)
	case r.Method == http.MethodOptions:
		p.servePreflight(w, r)
	case isUploadPath(r.URL.Path):
		p.serveUpload(w, r)
	case isDomainPath(r.URL.Path):
		p.serveDomain(w, r)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		p.serveWellKnown(w, r)
	default:
		http.NotFound(w, r)
	}
}

// servePreflight answers a browser that asks whether it may call.
func (p *Pool) servePreflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	methods := "GET, POST, OPTIONS"
	if isUploadPath(r.URL.Path) {
		methods = "PUT, OPTIONS"
	}
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Max-Age", "172800")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	w.WriteHeader(http.StatusOK)
}

// An incoming is the request of an operation, read from the wire.
type incoming struct {
	record Request
	body   []byte
	known  bool // whether there is such an operation
	refuse *apiError
}

// readOperation reads the request of an operation, as far as it is bounded.
func readOperation(w http.ResponseWriter, r *http.Request) *incoming {
	in := &incoming{record: Request{Header: r.Header.Clone()}}
	in.record.Operation, in.known = operationName(r)
	largest := cmp.Or(operations[in.record.Operation].largest, maxBody)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(largest)))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
			panic(http.ErrAbortHandler) // the client is gone
		}
		in.refuse = tooLarge()
		return in
	}
	in.body = body
	in.record.decode(body)
	return in
}

func (p *Pool) serveOperation(w http.ResponseWriter, r *http.Request, in *incoming) {
	record := in.record
	record.Time = p.now()
	if in.refuse != nil {
		p.answerError(w, &record, in.refuse)
		return
	}
	fault := p.takeFault(record)
	if !fault.before(w, r, p, record) {
		return
	}
	if !in.known {
		p.answerError(w, &record, unknownOperation(record.Operation))
		return
	}
	op := operations[record.Operation]
	if op.signed && !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") {
		p.answerError(w, &record, missingSignature())
		return
	}
	c := &call{pool: p, request: r, now: p.now()}
	response, apiErr := op.handle(c, in.body)
	if fault.DropResponse {
		p.record(record, outcomeOf(apiErr))
		panic(http.ErrAbortHandler)
	}
	if apiErr != nil {
		p.answerError(w, &record, apiErr)
		return
	}
	p.record(record, outcome{status: http.StatusOK})
	if _, ok := response.(*noBody); ok {
		w.Header().Set("Content-Type", wire.ContentType)
		w.WriteHeader(http.StatusOK)
		return
	}
	writeJSON(w, wire.ContentType, http.StatusOK, response)
}

// operationName returns the operation that the request's headers name, and
// whether the pool serves it.
func operationName(r *http.Request) (name string, known bool) {
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, wire.TargetPrefix)
	if !ok {
		return target, false
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != wire.ContentType {
		return name + " with Content-Type " + r.Header.Get("Content-Type"), false
	}
	_, known = operations[name]
	return name, known
}

// answerError sends an error answer, and fails the test if the client is at
// fault in a way that no client of the service should be.
func (p *Pool) answerError(w http.ResponseWriter, record *Request, e *apiError) {
	p.record(*record, outcomeOf(e))
	if e.fault != "" {
		p.complain(e.fault, *record)
	}
	writeError(w, e)
}

// complain fails the test, unless it expects to be complained about.
func (p *Pool) complain(what string, record Request) {
	if p.tb == nil || p.cfg.ExpectUnknown {
		return
	}
	p.tb.Helper()
	p.tb.Errorf("authtest: %s in request %v", what, record)
}

// writeError sends the error in the body and, as the service does, in two
// headers, the first with a colon at its end.
func writeError(w http.ResponseWriter, e *apiError) {
	body := map[string]string{"__type": e.code}
	w.Header().Set("X-Amzn-Errortype", e.code+":")
	if e.message != "" {
		body["message"] = e.message
		w.Header().Set("X-Amzn-Errormessage", headerText(e.message))
	}
	writeJSON(w, wire.ContentType, e.httpStatus(), body)
}

// headerText drops what an HTTP header cannot carry.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

func writeJSON(w http.ResponseWriter, contentType string, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic("authtest: encoding an answer: " + err.Error())
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}

// epoch is a time as the service writes it: seconds with a fraction.
type epoch time.Time

func (e epoch) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(e).UnixMilli()) / 1000)
}
