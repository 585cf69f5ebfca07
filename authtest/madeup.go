package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"io"
)

// madeUp derives something about a name that no user has.
func (c *call) madeUp(what, name string) []byte {
	mac := hmac.New(sha256.New, c.pool.secret[:])
	io.WriteString(mac, what+"\x00"+c.pool.users.fold(name))
	return mac.Sum(nil)
}
