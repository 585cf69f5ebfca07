package cognito

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cognitokit/auth/internal/wire"
)

// once keeps a test from waiting for further attempts.
var once = &aws.Config{RetryMaxAttempts: 1}

func newOneAttemptClient(tb testing.TB, answer answerFunc) *Client {
	tb.Helper()
	return mustNew(tb, Config{AWS: once, HTTPClient: &http.Client{Transport: &service{answers: []answerFunc{answer}}}})
}

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	const id = "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f"
	tests := []struct {
		name   string
		answer answerFunc
		want   ServiceError
	}{
		{
			name:   "as the service answers",
			answer: exception("UserNotFoundException", "User does not exist."),
			want:   ServiceError{Code: "UserNotFoundException", Message: "User does not exist.", Status: 400, RequestID: id},
		},
		{
			// Behavior 3: what follows the colon in the header is dropped.
			name:   "header with an address",
			answer: reply(400, `{"message":"m"}`, "x-amzn-errortype", "UserNotFoundException:http://x"),
			want:   ServiceError{Code: "UserNotFoundException", Message: "m", Status: 400},
		},
		{
			name:   "header with a comma",
			answer: reply(400, `{}`, "x-amzn-errortype", "UserNotFoundException,other"),
			want:   ServiceError{Code: "UserNotFoundException", Status: 400},
		},
		{
			name:   "header before body",
			answer: reply(400, `{"__type":"CodeMismatchException"}`, "x-amzn-errortype", "UserNotFoundException"),
			want:   ServiceError{Code: "UserNotFoundException", Status: 400},
		},
		{
			name:   "useless header",
			answer: reply(400, `{"__type":"CodeMismatchException"}`, "x-amzn-errortype", ": ,"),
			want:   ServiceError{Code: "CodeMismatchException", Status: 400},
		},
		{
			// Behavior 4: a namespace in the body, and message in both spellings.
			name:   "namespace",
			answer: reply(400, `{"__type":"com.amazonaws.cognito#CodeMismatchException","message":"m"}`),
			want:   ServiceError{Code: "CodeMismatchException", Message: "m", Status: 400},
		},
		{
			name:   "namespace, capital message",
			answer: reply(400, `{"__type":"com.amazonaws.cognito#CodeMismatchException","Message":"m"}`),
			want:   ServiceError{Code: "CodeMismatchException", Message: "m", Status: 400},
		},
		{
			name:   "package name",
			answer: reply(400, `{"__type":"com.amazonaws.cognito.identity.idp.model.InvalidLambdaResponseException"}`),
			want:   ServiceError{Code: "InvalidLambdaResponseException", Status: 400},
		},
		{
			name:   "code member",
			answer: reply(400, `{"code":"CodeMismatchException","message":"m"}`),
			want:   ServiceError{Code: "CodeMismatchException", Message: "m", Status: 400},
		},
		{
			name:   "message in the header alone",
			answer: reply(400, ``, "x-amzn-errortype", "CodeMismatchException:", "x-amzn-errormessage", "m"),
			want:   ServiceError{Code: "CodeMismatchException", Message: "m", Status: 400},
		},
		{
			name:   "members of other types",
			answer: reply(400, `{"__type":"CodeMismatchException","code":7,"message":{"text":"m"}}`),
			want:   ServiceError{Code: "CodeMismatchException", Status: 400},
		},
		{
			name:   "exception of tomorrow",
			answer: exception("BrandNewException", "m"),
			want:   ServiceError{Code: "BrandNewException", Message: "m", Status: 400, RequestID: id},
		},
		{
			name:   "server fault",
			answer: reply(500, `{"__type":"InternalErrorException"}`),
			want:   ServiceError{Code: "InternalErrorException", Status: 500, MaybeProcessed: true},
		},
		{
			name:   "name that is none",
			answer: reply(400, `{"__type":"no such user: ana@example.com","message":"m"}`),
			want:   ServiceError{Code: CodeHTTP, Message: "m", Status: 400},
		},
		{
			name:   "endless name",
			answer: reply(400, `{"__type":"`+strings.Repeat("A", 129)+`"}`),
			want:   ServiceError{Code: CodeHTTP, Status: 400},
		},
		{
			name:   "request id that is none",
			answer: reply(400, `{"__type":"CodeMismatchException"}`, "x-amzn-requestid", "ana@example.com"),
			want:   ServiceError{Code: "CodeMismatchException", Status: 400},
		},
		{
			name:   "JSON of somebody else",
			answer: reply(403, `{"message":"Forbidden"}`),
			want:   ServiceError{Code: CodeHTTP, Message: "Forbidden", Status: 403},
		},
		{
			name:   "empty",
			answer: reply(502, ``),
			want:   ServiceError{Code: CodeHTTP, Status: 502, MaybeProcessed: true},
		},
		{
			// Behavior 5: an HTML page becomes a typed error with its text.
			name: "page of a firewall",
			answer: reply(403, "<!DOCTYPE html><html><head><title>403 Forbidden</title><style>p { color: red }</style>"+
				"<script>if (a < b) { alert(1) }</script></head>\n<body><!-- a > b --><h1>Blocked</h1><p>Incident <b>id</b>: 18.a1&amp;b</p></body>",
				"content-type", "text/html"),
			want: ServiceError{Code: CodeHTTP, Status: 403, Body: "403 Forbidden Blocked Incident id: 18.a1&b"},
		},
		{
			name:   "page of a proxy",
			answer: reply(503, "<html><body><h1>Service Unavailable</h1></body></html>"),
			want:   ServiceError{Code: CodeHTTP, Status: 503, Body: "Service Unavailable", MaybeProcessed: true},
		},
		{
			name:   "page of a firewall, with the exception in the header",
			answer: reply(403, "<h1>Blocked</h1>", "x-amzn-errortype", "ForbiddenException"),
			want:   ServiceError{Code: "ForbiddenException", Status: 403, Body: "Blocked"},
		},
		{
			name:   "JSON that is no object",
			answer: reply(400, `["__type"]`),
			want:   ServiceError{Code: CodeHTTP, Status: 400, Body: `["__type"]`},
		},
		{
			name:   "redirect",
			answer: reply(307, ``, "location", "https://elsewhere.example/"),
			want:   ServiceError{Code: CodeHTTP, Status: 307},
		},
		{
			name:   "not implemented",
			answer: reply(501, `{"__type":"InternalFailure"}`),
			want:   ServiceError{Code: "InternalFailure", Status: 501},
		},
		{
			name:   "page as a success",
			answer: reply(200, "<h1>Log in to the hotel</h1>", "x-amzn-requestid", id),
			want:   ServiceError{Code: CodeMalformed, Status: 200, RequestID: id, Body: "Log in to the hotel", MaybeProcessed: true},
		},
		{
			name:   "broken JSON as a success",
			answer: reply(200, `{"ChallengeName":"SMS_MFA"`, "x-amzn-requestid", id),
			want:   ServiceError{Code: CodeMalformed, Status: 200, RequestID: id, MaybeProcessed: true},
		},
		{
			name:   "JSON of another shape as a success",
			answer: reply(200, `{"ChallengeName":7}`),
			want:   ServiceError{Code: CodeMalformed, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "neither challenge nor tokens",
			answer: reply(200, `{"ChallengeParameters":{}}`, "x-amzn-requestid", id),
			want:   ServiceError{Code: CodeMalformed, Status: 200, RequestID: id, MaybeProcessed: true},
		},
		{
			name:   "tokens without an access token",
			answer: reply(200, `{"AuthenticationResult":{"IdToken":"it"}}`),
			want:   ServiceError{Code: CodeMalformed, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "empty success",
			answer: reply(200, ``),
			want:   ServiceError{Code: CodeMalformed, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "just too long",
			answer: reply(200, `{"Session":"`+strings.Repeat("s", maxAnswer)+`"}`),
			want:   ServiceError{Code: CodeTooLarge, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "endless",
			answer: endless(200),
			want:   ServiceError{Code: CodeTooLarge, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "endless error page",
			answer: endless(503),
			want:   ServiceError{Code: CodeTooLarge, Status: 503, MaybeProcessed: true},
		},
		{
			name:   "half an answer",
			answer: halfAnswer,
			want:   ServiceError{Code: CodeNetwork, Status: 200, MaybeProcessed: true},
		},
		{
			name:   "connection lost",
			answer: fail(io.ErrUnexpectedEOF),
			want:   ServiceError{Code: CodeNetwork, MaybeProcessed: true},
		},
		{
			name:   "connection refused",
			answer: fail(refused()),
			want:   ServiceError{Code: CodeNetwork},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := newOneAttemptClient(t, tt.answer).RespondToAuthChallenge(t.Context(), AuthRequest{
				Challenge: wire.ChallengeSMSMFA, Params: map[string]string{"USERNAME": "ana"},
			})
			got := serviceError(t, err)
			tt.want.Op = "RespondToAuthChallenge"
			if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreFields(ServiceError{}, "Err")); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if want := "cognito: RespondToAuthChallenge: " + tt.want.Code; err.Error() != want {
				t.Errorf("text = %q, want %q", err, want)
			}
			if diff := cmp.Diff(AuthResponse{}, out); diff != "" {
				t.Errorf("output beside the error (-want +got):\n%s", diff)
			}
		})
	}
}

// endless answers with a body that has no end.
func endless(status int) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		res, err := reply(status, "")(r)
		res.ContentLength = -1
		res.Body = io.NopCloser(zeros{})
		return res, err
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// halfAnswer breaks off within the body.
func halfAnswer(r *http.Request) (*http.Response, error) {
	res, err := reply(http.StatusOK, "")(r)
	res.ContentLength = 100
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"Session":`), brokenReader{}))
	return res, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A log line of an error has what a search needs.
func TestErrorLogValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  *ServiceError
		want string
	}{
		{"answered", &ServiceError{Op: "SignUp", Code: "UsernameExistsException", Status: 400, RequestID: "id-1", Message: "m", Body: "b"},
			"err.op=SignUp err.code=UsernameExistsException err.status=400 err.request_id=id-1\n"},
		{"not answered", &ServiceError{Op: "SignUp", Code: CodeNetwork, Err: io.EOF}, "err.op=SignUp err.code=NetworkError\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var logs strings.Builder
			slog.New(slog.NewTextHandler(&logs, nil)).Info("m", "err", tt.err)
			if _, got, _ := strings.Cut(logs.String(), "msg=m "); got != tt.want {
				t.Errorf("log = %q, want %q", got, tt.want)
			}
		})
	}
}

// The AWS client's own error stays within reach.
func TestErrorUnwrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer answerFunc
	}{
		{"as the service answers", exception("UserNotFoundException", "m")},
		{"package name", reply(400, `{"__type":"com.amazonaws.cognito.idp.model.UserNotFoundException","message":"m"}`, "x-amzn-requestid", "id-1")},
		{"header over a page", reply(400, `<p>`, "x-amzn-errortype", "UserNotFoundException:")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := newOneAttemptClient(t, tt.answer).GetUser(t.Context(), "at")
			if _, ok := errors.AsType[*types.UserNotFoundException](err); !ok {
				t.Errorf("no *types.UserNotFoundException in %v", errors.Unwrap(err))
			}
			if res, ok := errors.AsType[*awshttp.ResponseError](err); !ok || res.HTTPStatusCode() != 400 {
				t.Errorf("no response error with status 400 in %v", errors.Unwrap(err))
			}
			if op, ok := errors.AsType[*smithy.OperationError](err); !ok || op.Operation() != "GetUser" {
				t.Errorf("no operation error in %v", errors.Unwrap(err))
			}
		})
	}
}

// Behavior 8: without a password the field is absent, and what the service
// says about that passes unchanged to the layer that knows the caller's field.
func TestSignUpWithoutPassword(t *testing.T) {
	t.Parallel()
	const message = "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"
	c, s := newTestClient(t, "", exception("InvalidParameterException", message))
	_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana"})
	e := serviceError(t, err)
	if e.Code != wire.ExceptionInvalidParameter || e.Message != message {
		t.Errorf("error = %s with message %q, want InvalidParameterException with %q", e.Code, e.Message, message)
	}
	if diff := cmp.Diff(object{"ClientId": testClient, "Username": "ana"}, s.requests[0].body); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// A refused code has two spellings in the API and one here.
func TestVerifySoftwareTokenStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer, want string
	}{
		{"error", `{"Status":"ERROR","Session":"s"}`, wire.ExceptionEnableSoftwareTokenMFA},
		{"unknown", `{"Status":"MAYBE"}`, CodeMalformed},
		{"none", `{}`, CodeMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", reply(http.StatusOK, tt.answer, "x-amzn-requestid", "id-1"))
			out, err := c.VerifySoftwareToken(t.Context(), VerifySoftwareTokenInput{Session: "s", Code: "123456"})
			if e := serviceError(t, err); e.Code != tt.want || e.Op != "VerifySoftwareToken" || e.RequestID != "id-1" {
				t.Errorf("error = %v, request %q, want code %s", e, e.RequestID, tt.want)
			}
			if out != (VerifySoftwareTokenOutput{}) {
				t.Error("output beside the error")
			}
		})
	}
}

func TestMissingResults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		call func(context.Context, *Client) error
	}{
		{"AssociateSoftwareToken", func(ctx context.Context, c *Client) error {
			_, err := c.AssociateSoftwareToken(ctx, AssociateSoftwareTokenInput{Session: "s"})
			return err
		}},
		{"GetTokensFromRefreshToken", func(ctx context.Context, c *Client) error {
			_, err := c.Refresh(ctx, RefreshInput{RefreshToken: "rt"})
			return err
		}},
		{"GetUser", func(ctx context.Context, c *Client) error {
			_, err := c.GetUser(ctx, "at")
			return err
		}},
		{"GetDevice", func(ctx context.Context, c *Client) error {
			_, err := c.GetDevice(ctx, "at", "dk")
			return err
		}},
		{"StartWebAuthnRegistration", func(ctx context.Context, c *Client) error {
			_, err := c.StartWebAuthnRegistration(ctx, "at")
			return err
		}},
		{"InitiateAuth", func(ctx context.Context, c *Client) error {
			_, err := c.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowUserSRP})
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newTestClient(t, "", reply(http.StatusOK, `{}`))
			if e := serviceError(t, tt.call(t.Context(), c)); e.Code != CodeMalformed || e.Op != tt.name || !e.MaybeProcessed {
				t.Errorf("error = %v, want %s of %s", e, CodeMalformed, tt.name)
			}
		})
	}
}

// A request that fails on this side, in the middleware of an application say,
// is told from one that the service refused.
func TestNotSent(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken middleware")
	tests := []struct {
		name string
		from int // the first attempt that fails
	}{
		{"at once", 1},
		{"at the second attempt", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				cfg := aws.Config{APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
					return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("broken", func(
						ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
					) (middleware.FinalizeOutput, middleware.Metadata, error) {
						if attempts++; attempts >= tt.from {
							return middleware.FinalizeOutput{}, middleware.Metadata{}, broken
						}
						return next.HandleFinalize(ctx, in)
					}), middleware.After)
				}}}
				s := &service{answers: []answerFunc{exception("TooManyRequestsException", "m")}}
				c := mustNew(t, Config{AWS: &cfg, HTTPClient: &http.Client{Transport: s}})
				_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana"})
				if e := serviceError(t, err); e.Code != CodeNotSent || e.MaybeProcessed || !errors.Is(err, broken) {
					t.Errorf("error = %v: %v, maybe processed %t", e, e.Err, e.MaybeProcessed)
				}
				if got := len(s.requests); got != tt.from-1 {
					t.Errorf("%d requests, want %d", got, tt.from-1)
				}
			})
		})
	}
}

func TestSnippetIsBounded(t *testing.T) {
	t.Parallel()
	page := strings.Repeat("<p>ünïcödé wörds</p>", 10_000) + strings.Repeat("<script>x</script>", 10_000)
	got := snippet([]byte(page), nil)
	if n := utf8.RuneCountInString(got); n < snippetLen-20 || n > snippetLen {
		t.Errorf("%d characters, want nearly %d", n, snippetLen)
	}
	if !strings.HasPrefix(got, "ünïcödé wörds ünïcödé") {
		t.Errorf("snippet = %q", got)
	}
}

func TestSnippetHidesTheRequest(t *testing.T) {
	t.Parallel()
	const request = `{"Password":"a<b&\"c\" d/é","Answer":"1  <2","AuthParameters":{"CODE":"123456","LIST":["abc"],"SHORT":"x"},` +
		`"Token":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijklmnopqrstuvwxyz"}`
	tests := []struct {
		name, page, want string
	}{
		{"plain", `pw a<b&"c" d/é end`, "pw … end"},
		{"escaped for HTML", `pw a&lt;b&amp;&#34;c&#34; d/é end`, "pw … end"},
		{"escaped with names", `pw a&lt;b&amp;&quot;c&quot; d/é end`, "pw … end"},
		{"escaped for a query", `pw a%3Cb%26%22c%22+d%2F%C3%A9 end`, "pw … end"},
		{"escaped for a path", `pw a%3Cb&%22c%22%20d%2F%C3%A9 end`, "pw … end"},
		{"escaped for JSON", `pw "a\u003cb\u0026\"c\" d/é" end`, `pw "…" end`},
		{"within a tag", `<p title="123456">code</p>`, "code"},
		{"split by tags", `code 12<b>34</b>56`, "code …"},
		{"spread over lines", "pw a&lt;b&amp;\"c\"\n  d/é end", "pw … end"},
		{"escaped within spaces", "pin 1  &#x3c;2 end", "pin … end"},
		{"part of a token", "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0 end", "token … end"},
		{"nested", "list abc end", "list … end"},
		{"too short to be a secret", "x marks the spot", "x marks the spot"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := snippet([]byte(tt.page), []byte(request)); got != tt.want {
				t.Errorf("snippet(%q) = %q, want %q", tt.page, got, tt.want)
			}
		})
	}
}
