package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
)

// checkSecretHash checks the secret hash of a request for the username it
// names. A client without a secret must not send one.
func (c *appClient) checkSecretHash(username, given string) *apiError {
	switch {
	case c.secret == "" && given == "":
		return nil
	case given == "":
		return secretNotReceived(c.id)
	case c.secret == "" || !c.secretHashMatches(username, given):
		return notAuthorized(fmt.Sprintf(msgSecretUnverified, c.id))
	default:
		return nil
	}
}

func (c *appClient) secretHashMatches(username, given string) bool {
	mac := hmac.New(sha256.New, []byte(c.secret))
	io.WriteString(mac, username+c.id)
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return subtle.ConstantTimeCompare([]byte(want), []byte(given)) == 1
}

// secretMatches checks a secret that a request carries as it is. A client
// without a secret must not send one.
func (c *appClient) secretMatches(given string) bool {
	return subtle.ConstantTimeCompare([]byte(c.secret), []byte(given)) == 1
}
