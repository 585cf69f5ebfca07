package main

import (
	"crypto/rand"
	"net"
	"net/http"
	"time"

	"github.com/cognitokit/auth"
)

// The prefix makes browsers insist on Secure, on no Domain and on the whole
// site as path.
const (
	sessionCookie = "__Host-session"
	deviceCookie  = "__Host-device"

	sessionAge = 30 * 24 * time.Hour  // the app client's RefreshTokenValidity
	deviceAge  = 400 * 24 * time.Hour // the longest that browsers keep a cookie
)

// session returns the session of whoever sent the request: the one whose id is
// in their cookie, or a new one.
func (b *backend) session(w http.ResponseWriter, r *http.Request) (*auth.Session, error) {
	s, err := auth.NewSession(b.client, id(w, r, sessionCookie, sessionAge))
	if err != nil {
		return nil, err
	}
	return s.OnDevice(id(w, r, deviceCookie, deviceAge)), nil
}

// id returns the random id in a cookie, and makes one where there is none.
func id(w http.ResponseWriter, r *http.Request, name string, age time.Duration) string {
	if c, err := r.Cookie(name); err == nil && c.Value != "" {
		return c.Value
	}
	id := rand.Text()
	setID(w, name, id, age)
	return id
}

func setID(w http.ResponseWriter, name, id string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: id, MaxAge: int(age.Seconds()),
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// renew gives the session of somebody who has just signed in another id: one
// that was planted in the browser before is then worth nothing.
func renew(x exchange) error {
	id := rand.Text()
	if _, err := auth.RenewSession(x.r.Context(), x.s, id); err != nil {
		return err
	}
	setID(x.w, sessionCookie, id, sessionAge)
	return nil
}

// leave removes the id of a session that has ended. The device's stays.
func leave(x exchange) { setID(x.w, sessionCookie, "", -time.Second) }

// clientContext is what the pool's threat protection and its list of devices may
// know of the browser. Behind a proxy the address is in a header that the proxy
// sets.
func clientContext(r *http.Request) auth.ClientContext {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = ""
	}
	return auth.ClientContext{IPAddress: host, DeviceName: deviceName(r.UserAgent())}
}

// deviceName is at most as long as a person wants to read.
func deviceName(userAgent string) string {
	name := []rune(userAgent)
	return string(name[:min(len(name), 100)])
}
