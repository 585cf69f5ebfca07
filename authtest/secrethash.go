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
	case len(c.secrets) == 0 && given == "":
		return nil
	case given == "":
		return secretNotReceived(c.id)
	case !c.secretHashMatches(username, given):
		return notAuthorized(fmt.Sprintf(msgSecretUnverified, c.id))
	default:
		return nil
	}
}

// secretHashMatches reports whether a secret hash was made with one of the
// client's secrets.
func (c *appClient) secretHashMatches(username, given string) bool {
	matches := 0
	for _, secret := range c.secrets {
		matches |= subtle.ConstantTimeCompare([]byte(c.secretHash(username, secret.value)), []byte(given))
	}
	return matches == 1
}

func (c *appClient) secretHash(username, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, username+c.id)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// secretMatches checks a secret that a request carries as it is. A client
// without a secret must not send one.
func (c *appClient) secretMatches(given string) bool {
	if len(c.secrets) == 0 {
		return given == ""
	}
	matches := 0
	for _, secret := range c.secrets {
		matches |= subtle.ConstantTimeCompare([]byte(secret.value), []byte(given))
	}
	return matches == 1
}
