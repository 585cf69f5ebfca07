package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// A JWT is a token's text, a bearer secret: string(t) is what goes into an
// Authorization header. It prints as a placeholder under every fmt verb and in
// logs, and marshals to JSON as Amplify's JWT does: its payload, without the
// signature.
type JWT string

const jwtPlaceholder = "[JWT]"

// String returns a placeholder.
func (JWT) String() string { return jwtPlaceholder }

// Format implements [fmt.Formatter].
func (JWT) Format(f fmt.State, _ rune) { io.WriteString(f, jwtPlaceholder) }

// LogValue implements [slog.LogValuer].
func (JWT) LogValue() slog.Value { return slog.StringValue(jwtPlaceholder) }

// MarshalJSON implements [json.Marshaler].
func (t JWT) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	_, rest, _ := strings.Cut(string(t), ".")
	part, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || !json.Valid(payload) {
		return nil, errors.New("auth: JWT: the payload is not JSON")
	}
	return json.Marshal(map[string]json.RawMessage{"payload": payload})
}
