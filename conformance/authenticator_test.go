package conformance

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"
)

// An authenticatorApp makes the codes of RFC 6238.
type authenticatorApp struct {
	secret string
	used   map[int64]bool
}

// app returns the app that has a secret.
func (r *run) app(secret string) *authenticatorApp {
	if r.apps[secret] == nil {
		r.apps[secret] = &authenticatorApp{secret: secret, used: make(map[int64]bool)}
	}
	return r.apps[secret]
}

// totp returns a code of an app that has not been used: this step's, or the
// next one's, which the service takes too. It waits if there is none.
func (r *run) totp(app *authenticatorApp) string {
	for {
		now := time.Now().Unix() / 30
		for _, step := range []int64{now, now + 1} {
			if !app.used[step] {
				app.used[step] = true
				code := app.at(step)
				r.scrub.know(code, "TOTP code")
				return code
			}
		}
		r.sleep(10 * time.Second)
	}
}

func (a *authenticatorApp) at(step int64) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.secret)
	if err != nil {
		return "000000"
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:])&0x7fffffff)%1_000_000)
}

// wrongCode is a code that is none of an app's at the moment.
func (a *authenticatorApp) wrongCode() string {
	now := time.Now().Unix() / 30
	for _, code := range []string{"000000", "111111", "222222", "333333", "444444"} {
		right := false
		for step := now - 2; step <= now+2; step++ {
			right = right || a.at(step) == code
		}
		if !right {
			return code
		}
	}
	return "555555" // one of six is wrong for five steps
}
