package cognito

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth/internal/wire"
)

const (
	testPool   = "eu-west-1_AbC123def"
	testClient = "1h57kf5cpq17m0eml12EXAMPLE"
	testSecret = "client-secret-xyz"
)

// service is the other side of a client, in memory: it records what it is sent
// and plays its answers in order, the last one for ever.
type service struct {
	mu       sync.Mutex
	requests []request
	answers  []answerFunc
}

type answerFunc func(*http.Request) (*http.Response, error)

type request struct {
	op     string
	method string
	url    string
	header http.Header
	body   map[string]any
	raw    string // the bytes of body
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.requests = append(s.requests, request{
		op:     strings.TrimPrefix(r.Header.Get("X-Amz-Target"), wire.TargetPrefix),
		method: r.Method,
		url:    r.URL.String(),
		header: r.Header,
		body:   body,
		raw:    string(raw),
	})
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	return next(r)
}

func (s *service) ops() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ops []string
	for _, r := range s.requests {
		ops = append(ops, r.op)
	}
	return ops
}

// newTestClient returns a client of a service that answers with answers.
func newTestClient(tb testing.TB, secret string, answers ...answerFunc) (*Client, *service) {
	tb.Helper()
	s := &service{answers: answers}
	return mustNew(tb, Config{ClientSecret: secret, HTTPClient: &http.Client{Transport: s}}), s
}

// mustNew fills in what the environment must not decide.
func mustNew(tb testing.TB, cfg Config) *Client {
	tb.Helper()
	if cfg.UserPoolID == "" {
		cfg.UserPoolID = testPool
	}
	if cfg.ClientID == "" {
		cfg.ClientID = testClient
	}
	if cfg.AWS == nil {
		cfg.AWS = &aws.Config{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c, err := New(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	return c
}

// reply answers with a status, a body and header pairs.
func reply(status int, body string, header ...string) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{
			StatusCode:    status,
			Status:        http.StatusText(status),
			ProtoMajor:    1,
			ProtoMinor:    1,
			Header:        h,
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       r,
		}, nil
	}
}

// exception answers as the service does when it refuses.
func exception(name, message string) answerFunc {
	body, err := json.Marshal(map[string]string{"__type": name, "message": message})
	if err != nil {
		panic(err)
	}
	return reply(http.StatusBadRequest, string(body), "X-Amzn-Errortype", name+":", "X-Amzn-Errormessage", message,
		"X-Amzn-Requestid", "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f")
}

// fail answers with an error of the transport.
func fail(err error) answerFunc {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// refused is what dialing an address says on which nobody listens.
func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}
}

// serviceError returns err as what every method promises to return.
func serviceError(tb testing.TB, err error) *ServiceError {
	tb.Helper()
	e, ok := err.(*ServiceError) //nolint:errorlint // the promise is about the outermost error
	if !ok {
		tb.Fatalf("error = %v (%T), want a *ServiceError", err, err)
	}
	return e
}
