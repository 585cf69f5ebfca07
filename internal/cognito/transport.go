package cognito

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxAnswer is the largest answer that is read. An honest one, with three
// tokens full of claims, stays below a twentieth of it.
const maxAnswer = 1 << 20

var errTooLarge = errors.New("answer of more than 1 MiB")

var errNotJSON = errors.New("success without a JSON object")

// exchange is the transport's record of one call. Attempts follow one another
// in the goroutine of the caller.
type exchange struct {
	attempts       int
	last           answer
	maybeProcessed bool
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

func exchangeFrom(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// answer is what came of one attempt.
type answer struct {
	// failure is CodeNetwork, CodeTooLarge or CodeMalformed if there is no whole
	// answer to speak of.
	failure string

	// sent says that the request may have left this host.
	sent bool

	status    int
	requestID string

	// Of an answer that reports an error.
	code    string
	message string

	// snippet is the beginning of an answer that is not Cognito's.
	snippet string
}

// maybeProcessed reports whether the service may have acted on the request
// although the attempt failed.
func (a answer) maybeProcessed() bool {
	switch {
	case a.failure != "":
		return a.sent
	case a.throttled(), a.status == http.StatusNotImplemented:
		return false
	default:
		return a.status >= http.StatusInternalServerError
	}
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// transport is the HTTP client under the AWS client.
//
// It gives net/http the body as bytes, so that nobody closes it under the
// connection's writer and a connection that died before the first byte can be
// replaced, and it reads each answer whole before returning it. With a reader
// of its own the AWS client loses about one answer in sixty of a server that
// answers at once.
type transport struct {
	client *http.Client
	log    *slog.Logger
}

func newTransport(client *http.Client, log *slog.Logger) *transport {
	own := *client
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &transport{client: &own, log: log}
}

// Do sends one attempt and notes in the exchange what came of it.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	x := exchangeFrom(req.Context())
	x.attempts++
	start := time.Now()
	res, a, err := t.roundTrip(req)
	x.last = a
	x.maybeProcessed = x.maybeProcessed || a.maybeProcessed()
	t.logAttempt(req, x.attempts, a, time.Since(start))
	return res, err
}

func (t *transport) roundTrip(req *http.Request) (*http.Response, answer, error) {
	body, err := readAll(req.Body)
	if err != nil {
		return nil, answer{failure: CodeNetwork}, err
	}
	var conn connTrace
	out := req.Clone(httptrace.WithClientTrace(req.Context(), conn.trace()))
	out.Header.Set("Cache-Control", "no-store")
	out.Body = io.NopCloser(bytes.NewReader(body))
	out.ContentLength = int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }

	res, err := t.client.Do(out)
	if err != nil {
		return nil, answer{failure: CodeNetwork, sent: conn.maybeSent(err)}, withoutURL(err)
	}
	defer res.Body.Close()
	a := answer{sent: true, status: res.StatusCode, requestID: requestID(res.Header)}
	text, err := readBounded(res)
	switch {
	case errors.Is(err, errTooLarge):
		a.failure = CodeTooLarge
		return nil, a, err
	case err != nil:
		a.failure = CodeNetwork
		return nil, a, err
	case !isSuccess(res.StatusCode):
		text = a.readError(res.Header, text, body)
	case !isObject(text):
		a.failure, a.snippet = CodeMalformed, snippet(text, body)
		return nil, a, errNotJSON
	}
	res.Body = io.NopCloser(bytes.NewReader(text))
	res.ContentLength = int64(len(text))
	return res, a, nil
}

// logAttempt tells the logger of one attempt.
func (t *transport) logAttempt(req *http.Request, attempt int, a answer, elapsed time.Duration) {
	if !t.log.Enabled(req.Context(), slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("op", strings.TrimPrefix(req.Header.Get("X-Amz-Target"), wire.TargetPrefix)),
		slog.Int("attempt", attempt),
		slog.Duration("elapsed", elapsed),
	}
	if a.status != 0 {
		attrs = append(attrs, slog.Int("status", a.status), slog.String("request_id", a.requestID))
	}
	if code := a.failure + a.code; code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	t.log.LogAttrs(req.Context(), slog.LevelDebug, "cognito request", attrs...)
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

// readBounded reads the body of res whole, or fails with errTooLarge.
func readBounded(res *http.Response) ([]byte, error) {
	if res.ContentLength > maxAnswer {
		return nil, errTooLarge
	}
	var buf bytes.Buffer
	if res.ContentLength > 0 {
		buf.Grow(int(res.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if n > maxAnswer {
		return nil, errTooLarge
	}
	return buf.Bytes(), nil
}

// withoutURL drops the layer that repeats the address.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// isObject reports whether text begins like a JSON object, or is empty as for
// operations without output.
func isObject(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) == 0 || text[0] == '{'
}

// connTrace observes whether a request got a connection.
type connTrace struct {
	wanted, got atomic.Bool // the hooks can run in the dialing goroutine
}

func (c *connTrace) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Store(true) },
	}
}

// maybeSent reports whether the request that failed with err may have left this
// host. A round tripper that does not report connections is believed only if
// the error says that none was made.
func (c *connTrace) maybeSent(err error) bool {
	if c.wanted.Load() {
		return c.got.Load()
	}
	dial, ok := errors.AsType[*net.OpError](err)
	return (!ok || dial.Op != "dial") && !untrusted(err)
}

// untrusted reports whether err is about the certificate of the other side.
func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// readError notes the error that an answer reports, and returns a body that
// the AWS client makes the same error of.
func (a *answer) readError(header http.Header, text, request []byte) []byte {
	a.code, a.message = parseError(header, text)
	if a.code == "" {
		a.code = CodeHTTP
	}
	header.Set("X-Amzn-Errortype", a.code)
	if json.Valid(text) && len(text) > 0 && isObject(text) {
		return text
	}
	a.snippet = snippet(text, request)
	return []byte("{}")
}

// parseError returns the code and message of an answer that reports an error,
// as far as they can be told. The header goes before the body, __type before
// code; a namespace and what follows a colon or comma are dropped.
func parseError(header http.Header, text []byte) (code, message string) {
	var body struct {
		Type    lenientString `json:"__type"`
		Code    lenientString `json:"code"`
		Message lenientString `json:"message"` // also matches Message
	}
	_ = json.Unmarshal(text, &body) // leaves what is no JSON object empty
	for _, raw := range []string{header.Get("X-Amzn-Errortype"), string(body.Type), string(body.Code)} {
		if code = bareCode(raw); code != "" {
			break
		}
	}
	message = string(body.Message)
	if message == "" && code != "" {
		message = header.Get("X-Amzn-Errormessage")
	}
	return code, message
}

// lenientString is a string, or empty for a value of another type.
type lenientString string

func (s *lenientString) UnmarshalJSON(b []byte) error {
	var v string
	if json.Unmarshal(b, &v) == nil {
		*s = lenientString(v)
	}
	return nil
}

// bareCode returns the name in the spelling of an error type, empty if it holds
// none. Codes are printed, so nothing but a name passes.
func bareCode(raw string) string {
	if i := strings.IndexAny(raw, ",:"); i >= 0 {
		raw = raw[:i]
	}
	raw = raw[strings.LastIndexAny(raw, "#.")+1:]
	raw = strings.TrimSpace(raw)
	if len(raw) > 128 {
		return ""
	}
	for i, r := range raw {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return ""
		}
	}
	return raw
}

// requestID returns the service's id of a request.
func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Requestid", "X-Amz-Request-Id"} {
		if id := cleanID(h.Get(name)); id != "" {
			return id
		}
	}
	return ""
}

// cleanID returns id, or nothing if it does not look like one: ids are printed.
func cleanID(id string) string {
	for _, r := range id {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	if len(id) > 64 {
		return ""
	}
	return id
}
