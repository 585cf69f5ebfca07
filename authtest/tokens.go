package authtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"time"
)

// authenticationResult is the answer of a finished sign-in or refresh.
type authenticationResult struct {
	AccessToken  string
	ExpiresIn    int
	IDToken      string `json:"IdToken,omitempty"` // only grants of a domain can be without
	RefreshToken string `json:",omitempty"`
	TokenType    string

	NewDeviceMetadata *newDeviceMetadata `json:",omitempty"`
}

const adminScope = "aws.cognito.signin.user.admin"

// accessClaims are the claims of an access token.
type accessClaims struct {
	Audience  string   `json:"aud,omitempty"`
	AuthTime  int64    `json:"auth_time"`
	ClientID  string   `json:"client_id"`
	DeviceKey string   `json:"device_key,omitempty"`
	EventID   string   `json:"event_id,omitempty"`
	ExpiresAt int64    `json:"exp"`
	Groups    []string `json:"cognito:groups,omitempty"`
	IssuedAt  int64    `json:"iat"`
	Issuer    string   `json:"iss"`
	ID        string   `json:"jti"`
	OriginID  string   `json:"origin_jti,omitempty"`
	Scope     string   `json:"scope"`
	Subject   string   `json:"sub"`
	Use       string   `json:"token_use"`
	Username  string   `json:"username,omitempty"`
	Version   int      `json:"version,omitempty"`
}

// issue makes the access and ID token of a grant, changed as a trigger wants
// them. They are signed after the handler, without the pool's lock.
func (c *call) issue(g *grant, overrides *tokenOverrides) *authenticationResult {
	issued := c.now.Unix()
	groups := g.user.groupConfiguration()
	access := accessClaims{
		AuthTime:  g.authTime.Unix(),
		ClientID:  g.client.id,
		EventID:   g.eventID,
		ExpiresAt: issued + int64(g.client.accessValidity/time.Second),
		Groups:    groups.GroupsToOverride,
		IssuedAt:  issued,
		Issuer:    c.pool.Issuer(),
		ID:        randomUUID(),
		OriginID:  g.originID,
		Scope:     strings.Join(g.scopes(), " "),
		Subject:   g.user.sub,
		Use:       "access",
		Username:  g.user.username,
	}
	if g.device != nil {
		access.DeviceKey = g.device.key
	}
	id := map[string]any{
		"aud":              g.client.id,
		"auth_time":        g.authTime.Unix(),
		"cognito:username": g.user.username,
		"event_id":         g.eventID,
		"exp":              issued + int64(g.client.idValidity/time.Second),
		"iat":              issued,
		"iss":              c.pool.Issuer(),
		"jti":              randomUUID(),
		"sub":              g.user.sub,
		"token_use":        "id",
	}
	if g.originID != "" {
		id["origin_jti"] = g.originID
	}
	maps.Insert(id, g.user.idClaims(g.shows))
	groups.claim(id, true)
	if o := g.oauth; o != nil {
		access.Version, access.Audience = accessTokenVersion, o.resource
		if o.nonce != "" {
			id["nonce"], o.nonce = o.nonce, ""
		}
	}

	result := &authenticationResult{ExpiresIn: int(g.client.accessValidity / time.Second), TokenType: "Bearer"}
	c.afterUnlock(func() {
		var signing sync.WaitGroup
		signing.Go(func() { result.AccessToken = accessKey().sign(overrides.accessClaims(access)) })
		if g.oauth != nil {
			signing.Wait()
			id["at_hash"] = accessTokenHash(result.AccessToken)
		}
		if g.hasIDToken() {
			result.IDToken = idKey().sign(overrides.idClaims(id))
		}
		signing.Wait()
	})
	return result
}

// idClaims yields the attributes that an ID token carries: those that it shows,
// verified flags as booleans.
func (u *user) idClaims(shows func(attribute string) bool) func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		if len(u.identities) > 0 && !yield(attrIdentities, u.identityClaims()) {
			return
		}
		for name, value := range u.attributes {
			if !shows(name) {
				continue
			}
			var claim any = value
			switch {
			case isVerifiedFlag(name):
				claim = value == "true"
			case name == "address":
				claim = map[string]string{"formatted": value}
			}
			if !yield(name, claim) {
				return
			}
		}
	}
}

// sign returns claims as a JWT. Its header holds the key id and the
// algorithm, and no type: that is how the service writes it.
func (k signingKey) sign(claims any) string {
	header, err := json.Marshal(struct {
		KeyID     string `json:"kid"`
		Algorithm string `json:"alg"`
	}{k.id, "RS256"})
	if err != nil {
		panic("authtest: encoding a token header: " + err.Error())
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic("authtest: encoding claims: " + err.Error())
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, sum[:])
	if err != nil {
		panic("authtest: signing a token: " + err.Error())
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// maxVerified bounds the tokens that a pool remembers to have verified.
const maxVerified = 1000

// A tokenMemory knows the digests of the tokens that were verified last.
type tokenMemory struct {
	known  map[[sha256.Size]byte]struct{}
	oldest [][sha256.Size]byte
}

func (m *tokenMemory) add(digest [sha256.Size]byte) {
	if m.known == nil {
		m.known = make(map[[sha256.Size]byte]struct{})
	}
	if _, ok := m.known[digest]; ok {
		return
	}
	if len(m.oldest) == maxVerified {
		delete(m.known, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
	m.known[digest] = struct{}{}
	m.oldest = append(m.oldest, digest)
}

// verified is verifyToken, which it calls once for a token that comes again and
// again. It lets go of the pool's lock meanwhile.
func (c *call) verified(token string) (payload []byte, ok bool) {
	digest := sha256.Sum256([]byte(token))
	if _, known := c.pool.verified.known[digest]; known {
		payload, err := base64.RawURLEncoding.Strict().DecodeString(strings.Split(token, ".")[1])
		return payload, err == nil
	}
	c.unlocked(func() { payload, ok = verifyToken(token) })
	if ok {
		c.pool.verified.add(digest)
	}
	return payload, ok
}

// verifyToken returns the payload of a JWT that one of the pool's keys has
// signed.
func verifyToken(token string) ([]byte, bool) {
	signed, signatureText, ok := cutLast(token, ".")
	headerText, payloadText, ok2 := strings.Cut(signed, ".")
	if !ok || !ok2 {
		return nil, false
	}
	var header struct {
		KeyID     string `json:"kid"`
		Algorithm string `json:"alg"`
	}
	headerJSON, err := base64.RawURLEncoding.Strict().DecodeString(headerText)
	if err != nil || json.Unmarshal(headerJSON, &header) != nil || header.Algorithm != "RS256" {
		return nil, false
	}
	var key signingKey
	switch header.KeyID {
	case accessKey().id:
		key = accessKey()
	case idKey().id:
		key = idKey()
	default:
		return nil, false
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(signatureText)
	if err != nil {
		return nil, false
	}
	sum := sha256.Sum256([]byte(signed))
	if rsa.VerifyPKCS1v15(&key.private.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(payloadText)
	return payload, err == nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
