package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cognitokit/auth/internal/wire"
)

// maxAnswer bounds the answers that are read.
const maxAnswer = 1 << 20

// An api sends operations as they are on the wire.
type api struct {
	endpoint    string
	region      string
	transport   http.RoundTripper
	credentials aws.CredentialsProvider
}

// An answer is an answer of the service as it is on the wire.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   m // nil if there is none
}

// code is the type of an error.
func (a answer) code() string { return a.str("__type") }

// str returns the string at a path of members, "" if there is none.
func (a answer) str(path ...string) string {
	var value any = a.body
	for _, name := range path {
		object, _ := value.(m)
		value = object[name]
	}
	text, _ := value.(string)
	return text
}

// signed reports whether an operation needs AWS credentials.
func signed(operation string) bool {
	return strings.HasPrefix(operation, "Admin") || strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "Create") ||
		strings.HasPrefix(operation, "SetUserPool") || strings.HasPrefix(operation, "GetUserPool") || strings.HasPrefix(operation, "List") && strings.HasPrefix(operation, "ListUser")
}

// call sends an operation, signed if it has to be, and returns whatever answer
// comes back.
func (a *api) call(ctx context.Context, operation string, body any) (answer, error) {
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		text = string(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.endpoint, strings.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", wire.ContentType)
	r.Header.Set("X-Amz-Target", wire.TargetPrefix+operation)
	if signed(operation) {
		if err := a.sign(ctx, r, text); err != nil {
			return answer{}, err
		}
	}
	return a.do(r)
}

func (a *api) sign(ctx context.Context, r *http.Request, body string) error {
	credentials, err := a.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("AWS credentials: %w", err)
	}
	hash := sha256.Sum256([]byte(body))
	return v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "cognito-idp", a.region, time.Now())
}

func (a *api) do(r *http.Request) (answer, error) {
	res, err := (&http.Client{Transport: a.transport}).Do(r)
	if err != nil {
		return answer{}, err
	}
	return readAnswer(res)
}

func readAnswer(res *http.Response) (answer, error) {
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	return answer{status: res.StatusCode, header: res.Header, raw: raw, body: jsonObject(raw)}, nil
}

// An exchange is a request to the service's API and its answer.
type exchange struct {
	operation string
	request   []byte
	answer    answer
}

// A wiretap hands on what passes through it.
type wiretap struct {
	next http.RoundTripper
	tell func(exchange)
}

func (w wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	operation, ok := operationOf(r)
	if !ok {
		return w.next.RoundTrip(r)
	}
	body, err := takeBody(r)
	if err != nil {
		return nil, err
	}
	res, err := w.next.RoundTrip(withBody(r, body))
	if err != nil {
		return nil, err
	}
	a, err := readAnswer(res)
	if err != nil {
		return nil, err
	}
	w.tell(exchange{operation, body, a})
	res.Body = io.NopCloser(bytes.NewReader(a.raw))
	return res, nil
}

// operationOf returns the operation that a request is for, false for what goes
// elsewhere than to the API.
func operationOf(r *http.Request) (string, bool) {
	if r.Method != http.MethodPost {
		return "", false
	}
	return strings.TrimPrefix(r.Header.Get("X-Amz-Target"), wire.TargetPrefix), true
}

// takeBody reads the body of a request to its end.
func takeBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = errors.New("a request that large is none of ours")
	}
	return body, err
}

// withBody returns a copy of a request whose body has been taken, with the body.
func withBody(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return r
}

func jsonText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// jsonObject returns a JSON object decoded, nil for anything else.
func jsonObject(text []byte) m {
	var object m
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	return object
}
