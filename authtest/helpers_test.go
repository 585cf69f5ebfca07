package authtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// An answer is an answer of the pool as it is on the wire.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// code and message are those of an error answer.
func (a answer) code() string    { s, _ := a.body["__type"].(string); return s }
func (a answer) message() string { s, _ := a.body["message"].(string); return s }

// str returns the string at a path of members, "" if there is none.
func (a answer) str(path ...string) string {
	var value any = a.body
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	s, _ := value.(string)
	return s
}

// post sends an operation with a body: text as it is, everything else as JSON.
func post(t testing.TB, p *Pool, operation string, body any) answer {
	t.Helper()
	return postTo(t, p.HTTPClient(), operation, body)
}

func postTo(t testing.TB, client *http.Client, operation string, body any) answer {
	t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	res, err := used(client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, res)
}

func readAnswer(t testing.TB, res *http.Response) answer {
	t.Helper()
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: string(raw)}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			t.Fatalf("body is no JSON object: %v", err)
		}
	}
	return a
}

// ok sends an operation that must succeed.
func ok(t testing.TB, p *Pool, operation string, body any) answer {
	t.Helper()
	a := post(t, p, operation, body)
	if a.status != http.StatusOK {
		t.Fatalf("%s: got %d %s: %s, want success", operation, a.status, a.code(), a.message())
	}
	return a
}

// fails sends an operation that must fail with a type and a message.
func fails(t testing.TB, p *Pool, operation string, body any, code, message string) {
	t.Helper()
	a := post(t, p, operation, body)
	if a.code() != code || a.message() != message {
		t.Fatalf("%s: got %d %s: %q\nwant %s: %q", operation, a.status, a.code(), a.message(), code, message)
	}
}

// m is a JSON object.
type m = map[string]any

func newPool(t testing.TB, cfg Config) *Pool {
	t.Helper()
	if cfg.ClientID == "" {
		cfg.ClientID = "client1"
	}
	p := NewPool(t, cfg)
	watched(p)
	return p
}
