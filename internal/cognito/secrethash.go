package cognito

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// secretHash returns the proof that a request comes from the holder of the
// client secret: base64(HMAC-SHA256(secret, username ‖ client id)). It is empty
// without a secret.
//
// The user name must be the very one of the request. It changes within a
// sign-in, from what a person typed to the name that the service prefers, so
// the hash is made anew for each request.
func (c *Client) secretHash(username string) string {
	if c.secret == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write([]byte(username))
	mac.Write([]byte(c.clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
