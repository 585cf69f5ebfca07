package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// A mark takes the place of a session's tokens in the store, to tell hosts that
// are late what has become of them.
type mark struct {
	// Rejected is the SHA-256 of a refresh token that the service refused. The
	// host which did spend that token, and has yet to save what it got, knows
	// by it that the mark is about nothing else.
	Rejected []byte `json:"rejectedToken,omitempty"`

	// MovedTo is the store key that the tokens went to (RenewSession).
	MovedTo string `json:"movedTo,omitempty"`

	rev tokens.Revision
}

// Error makes a mark the cause of the error it stands for.
func (m *mark) Error() string {
	if m.MovedTo != "" {
		return "the session has another id now"
	}
	return "the refresh token was rejected"
}

func (m *mark) code() ErrorCode {
	if m.MovedTo != "" {
		return ErrNotSignedIn
	}
	return ErrSessionExpired
}

func (m *mark) rejects(refreshToken string) bool {
	return bytes.Equal(m.Rejected, hashToken(refreshToken))
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// parseMark reads a record's data as a mark. It returns nil if it is something
// else.
func parseMark(data []byte, rev tokens.Revision) *mark {
	m := &mark{rev: rev}
	if err := json.Unmarshal(data, m); err == nil && (len(m.Rejected) == sha256.Size) != (m.MovedTo != "") {
		return m
	}
	return nil
}

// saveMark puts m in place of the record that is still at prev.
func (c *Client) saveMark(ctx context.Context, key string, m mark, life time.Duration, prev tokens.Revision) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = c.cfg.Store.Save(ctx, key, tokens.Record{Data: data, Expires: time.Now().Add(life)}, prev)
	return err
}
