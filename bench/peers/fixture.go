package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

const (
	poolIssuer = "https://cognito-idp.eu-west-1.amazonaws.com/" + srpPoolID
	appClient  = "1h57kf5cpq17m0eml12example"
	tokenKeyID = "9kq2hJkH0vNq0cXl1mZ4m8Qe0Zb8o2Wc5s9bT1xJxUE="
)

// accessClaims are the claims of an access token as the service issues it to a
// user with a device and two groups.
type accessClaims struct {
	Subject   string   `json:"sub"`
	DeviceKey string   `json:"device_key,omitempty"`
	Groups    []string `json:"cognito:groups,omitempty"`
	Issuer    string   `json:"iss"`
	Version   int      `json:"version"`
	ClientID  string   `json:"client_id"`
	OriginJTI string   `json:"origin_jti"`
	EventID   string   `json:"event_id"`
	TokenUse  string   `json:"token_use"`
	Scope     string   `json:"scope"`
	AuthTime  int64    `json:"auth_time"`
	ExpiresAt int64    `json:"exp"`
	IssuedAt  int64    `json:"iat"`
	JWTID     string   `json:"jti"`
	Username  string   `json:"username"`
}

// idClaims are those of an ID token.
type idClaims struct {
	Subject       string `json:"sub"`
	EmailVerified bool   `json:"email_verified"`
	Issuer        string `json:"iss"`
	Username      string `json:"cognito:username"`
	OriginJTI     string `json:"origin_jti"`
	Audience      string `json:"aud"`
	EventID       string `json:"event_id"`
	TokenUse      string `json:"token_use"`
	AuthTime      int64  `json:"auth_time"`
	ExpiresAt     int64  `json:"exp"`
	IssuedAt      int64  `json:"iat"`
	JWTID         string `json:"jti"`
	Email         string `json:"email"`
}

// newID returns a random id in the form of a UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// newClaims returns the claims of the two tokens of one sign-in.
func newClaims(now time.Time) (accessClaims, idClaims) {
	subject, origin, event := newID(), newID(), newID()
	issued, expires := now.Unix(), now.Add(time.Hour).Unix()
	return accessClaims{
			Subject: subject, DeviceKey: "eu-west-1_" + newID(), Groups: []string{"administrators", "editors"},
			Issuer: poolIssuer, Version: 2, ClientID: appClient, OriginJTI: origin, EventID: event,
			TokenUse: "access", Scope: "aws.cognito.signin.user.admin",
			AuthTime: issued, ExpiresAt: expires, IssuedAt: issued, JWTID: newID(), Username: subject,
		}, idClaims{
			Subject: subject, EmailVerified: true, Issuer: poolIssuer, Username: subject, OriginJTI: origin,
			Audience: appClient, EventID: event, TokenUse: "id",
			AuthTime: issued, ExpiresAt: expires, IssuedAt: issued, JWTID: newID(), Email: "ana@example.com",
		}
}

// signer signs tokens as a pool does.
type signer struct{ key *rsa.PrivateKey }

func newSigner() (signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return signer{key}, err
}

// sign returns a token with the claims.
func (s signer) sign(claims any) (string, error) {
	header, err := json.Marshal(struct {
		KeyID     string `json:"kid"`
		Algorithm string `json:"alg"`
	}{tokenKeyID, "RS256"})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// keySet is the JWK set that tokens are verified with.
func (s signer) keySet() ([]byte, error) {
	var e [8]byte
	binary.BigEndian.PutUint64(e[:], uint64(s.key.E))
	return json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": tokenKeyID,
		"n": base64.RawURLEncoding.EncodeToString(s.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(e[5:]),
	}}})
}

// serveKeys serves a key set over loopback until the context ends.
func serveKeys(ctx context.Context, keys []byte) (url string, err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Write(keys)
		}),
	}
	go server.Serve(listener) // until it is closed
	context.AfterFunc(ctx, func() { server.Close() })
	return "http://" + listener.Addr().String() + "/.well-known/jwks.json", nil
}
