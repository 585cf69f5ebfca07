package conformance

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// A player answers requests with what a transcript recorded, in order. Where
// the transcript has a placeholder it makes up a value of the kind: tokens are
// signed, and the key set that it serves has their keys. A request for another
// operation than the one recorded breaks the connection.
type player struct {
	steps []step // those with a request, in order
	scrub *scrubber

	mu     sync.Mutex
	next   int
	logins map[string]float64 // auth_time by origin_jti
}

func newPlayer(t *transcript) *player {
	p := &player{logins: make(map[string]float64)}
	for _, s := range t.Steps {
		if s.Operation != "" {
			p.steps = append(p.steps, s)
		}
	}
	return p
}

// replayKey signs the tokens of replays.
var replayKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func (p *player) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	operation, ok := operationOf(r)
	if !ok && strings.HasSuffix(r.URL.Path, "/jwks.json") {
		return respondWith(r, http.StatusOK, http.Header{"Content-Type": {"application/json"}}, p.keySet()), nil
	}
	if r.Body != nil {
		r.Body.Close()
	}
	if r.Method == http.MethodOptions {
		operation = http.MethodOptions
	}
	if p.next == len(p.steps) {
		return nil, fmt.Errorf("replay: %s after the end of the transcript", operation)
	}
	s := p.steps[p.next]
	if s.Operation != operation {
		return nil, fmt.Errorf("replay: %s, but the transcript has %s here (%s)", operation, s.Operation, s.What)
	}
	p.next++
	body, err := p.body(s.Body)
	if err != nil {
		return nil, fmt.Errorf("replay: %s: %w", s.What, err)
	}
	return respondWith(r, s.Status, p.header(&s), body), nil
}

func respondWith(r *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// header is the one that was recorded, or the usual one with what was unusual.
func (p *player) header(s *step) http.Header {
	h := make(http.Header)
	for name, value := range s.Headers {
		text, _ := value.(string)
		h.Set(name, p.fill(text))
	}
	if s.Headers != nil {
		return h
	}
	h.Set("Content-Type", wire.ContentType)
	h.Set("X-Amzn-Requestid", newUUID())
	body, _ := s.Body.(m)
	if code, _ := body["__type"].(string); code != "" {
		h.Set("X-Amzn-Errortype", code+":")
		if message, _ := body["message"].(string); message != "" {
			h.Set("X-Amzn-Errormessage", p.fill(message))
		}
	}
	for name, value := range s.Header {
		h.Del(name)
		if text, _ := value.(string); text != "<missing>" {
			h.Set(name, p.fill(text))
		}
	}
	return h
}

func (p *player) body(recorded any) ([]byte, error) {
	if recorded == nil {
		return nil, nil
	}
	if recorded == any("<no JSON>") {
		return []byte("no JSON"), nil
	}
	value, err := p.value(recorded)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// value puts values in the place of placeholders, in the order in which a
// [scrubber] will see them.
func (p *player) value(recorded any) (any, error) {
	switch v := recorded.(type) {
	case m:
		return p.object(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			value, err := p.value(item)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return list, nil
	case string:
		switch v {
		case placeNumber:
			return 1, nil
		case placeDate:
			return float64(time.Now().UnixMilli()) / 1000, nil
		default:
			return p.fill(v), nil
		}
	default:
		return v, nil
	}
}

func (p *player) object(v m) (any, error) {
	if token, ok := v[markJWT].(string); ok {
		return p.token(token, v)
	}
	if inner, ok := v[markJSON]; ok {
		value, err := p.value(inner)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(value)
		return string(text), err
	}
	if attributes, ok := v[markAttributes].(m); ok {
		list := []any{}
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			value, err := p.value(attributes[name])
			if err != nil {
				return nil, err
			}
			list = append(list, m{"Name": name, "Value": value})
		}
		return list, nil
	}
	object := make(m, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) { // the access token first
		value, err := p.value(v[name])
		if err != nil {
			return nil, err
		}
		object[name] = value
	}
	return object, nil
}

var placeholderPattern = regexp.MustCompile(`<[A-Za-z][\w .,-]*>`)

// fill puts values in the place of the placeholders in a text. What looks like
// one and is none stays.
func (p *player) fill(text string) string {
	return placeholderPattern.ReplaceAllStringFunc(text, func(placeholder string) string {
		if value, ok := p.scrub.values[placeholder]; ok {
			return value
		}
		name, unusual := strings.CutSuffix(strings.Trim(placeholder, "<>"), ", unusual")
		if i := strings.LastIndexByte(name, ' '); i > 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		k, ok := kinds()[name]
		if !ok || k.make == nil {
			return placeholder
		}
		value := k.make()
		if unusual {
			value = "? " + value
		}
		p.scrub.values[placeholder] = value // the scrubber will come to the same
		return value
	})
}

// token signs a token that has the claims of the one recorded.
func (p *player) token(placeholder string, recorded m) (any, error) {
	claims, err := p.claims(recorded["claims"])
	if err != nil {
		return nil, err
	}
	header, err := p.value(recorded["header"])
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, part := range []any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	digest := sha256.Sum256([]byte(strings.Join(parts, ".")))
	signature, err := rsa.SignPKCS1v15(nil, replayKey(), crypto.SHA256, digest[:])
	if err != nil {
		return nil, err
	}
	token := strings.Join(append(parts, base64.RawURLEncoding.EncodeToString(signature)), ".")
	p.scrub.values[placeholder] = token
	return token, nil
}

func (p *player) claims(recorded any) (m, error) {
	value, err := p.value(recorded)
	if err != nil {
		return nil, err
	}
	claims, ok := value.(m)
	if !ok {
		return nil, fmt.Errorf("the claims of a token are no object")
	}
	now := float64(time.Now().Unix())
	origin, _ := claims["origin_jti"].(string)
	for name, value := range claims {
		text, _ := value.(string)
		switch after, relative := strings.CutPrefix(text, placeIssued+"+"); {
		case relative:
			seconds, err := strconv.ParseFloat(after, 64)
			if err != nil {
				return nil, fmt.Errorf("the claim %s is %q", name, text)
			}
			claims[name] = now + seconds
		case text == placeKept:
			claims[name] = p.logins[origin]
		case text == placeTime:
			claims[name] = now
			if name == "auth_time" {
				p.logins[origin] = now
			}
		}
	}
	return claims, nil
}

// keySet has the keys of all tokens of the transcript: clients want to see them
// before they send anything.
func (p *player) keySet() []byte {
	public := &replayKey().PublicKey
	keys := []m{}
	for n := range 10 { // the service has two
		keys = append(keys, m{
			"kid": p.fill(fmt.Sprintf("<kid %d>", n+1)), "alg": "RS256", "kty": "RSA", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		})
	}
	text, err := json.Marshal(m{"keys": keys})
	if err != nil {
		panic(err)
	}
	return text
}
