package tokens

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// algorithm is the only one that user pools sign with.
const algorithm = "RS256"

// Verifier checks the tokens of one user pool. It is immutable, safe for
// concurrent use and meant to be shared by the whole program: it holds the key
// set and remembers the tokens it has checked.
type Verifier struct {
	config Config
	cache  *cache // nil: nothing is remembered
}

// NewVerifier returns a verifier, or all problems of the configuration. It
// does no I/O: keys are fetched when the first token is checked.
func NewVerifier(cfg Config) (*Verifier, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	v := &Verifier{config: cfg}
	if cfg.CacheSize > 0 {
		v.cache = newCache(cfg.CacheSize)
	}
	return v, nil
}

// VerifyAccess checks an access token and returns its claims. An ID token is
// refused with [ErrTokenUse].
//
// All failures are *[Error]. The context bounds waiting for the key set and
// nothing else: it is not looked at while the keys are there.
func (v *Verifier) VerifyAccess(ctx context.Context, raw string) (AccessClaims, error) {
	c, err := v.verify(ctx, raw, useAccess, true)
	if err != nil {
		return AccessClaims{}, err
	}
	return AccessClaims{c}, nil
}

// VerifyID checks an ID token and returns its claims. An access token is
// refused with [ErrTokenUse]. Where the token answers an authorization request
// with a nonce, [IDClaims.CheckNonce] has to follow.
//
// All failures are *[Error]. The context bounds waiting for the key set and
// nothing else: it is not looked at while the keys are there.
func (v *Verifier) VerifyID(ctx context.Context, raw string) (IDClaims, error) {
	c, err := v.verify(ctx, raw, useID, true)
	if err != nil {
		return IDClaims{}, err
	}
	return IDClaims{c}, nil
}

// verify checks a token, its times only if timely.
func (v *Verifier) verify(ctx context.Context, raw string, use tokenUse, timely bool) (*claims, error) {
	if len(raw) > v.config.MaxTokenBytes {
		return nil, &Error{Op: use.String(), Code: ErrTooLarge}
	}
	var key cacheKey
	if v.cache != nil {
		key = hashToken(raw)
		if c := v.recall(ctx, key); c != nil {
			if err := v.check(c, use, timely); err != nil {
				return nil, err
			}
			return c, nil
		}
	}

	kid, publicKey, payload, err := v.open(ctx, raw, use)
	if err != nil {
		return nil, err
	}
	c, err := readClaims(payload, use)
	if err != nil {
		return nil, &Error{Op: use.String(), Code: ErrMalformed, Err: err}
	}
	if err := v.check(c, use, timely); err != nil {
		return nil, err
	}
	if v.cache != nil {
		v.cache.put(&cacheEntry{key: key, kid: kid, publicKey: publicKey, claims: c})
	}
	return c, nil
}

// recall finds a token that was checked before, if the key that signed it is
// still in the key set. A key source that cannot say so now does not vouch for
// the token either: it is then checked from the start, and fails there.
func (v *Verifier) recall(ctx context.Context, key cacheKey) *claims {
	e := v.cache.get(key)
	if e == nil {
		return nil
	}
	publicKey, err := v.config.Keys.Key(ctx, e.kid)
	same := publicKey == e.publicKey || usable(publicKey) && publicKey.Equal(e.publicKey)
	if err != nil || !same {
		return nil
	}
	return e.claims
}

// open checks the header and the signature and returns the payload.
func (v *Verifier) open(ctx context.Context, raw string, use tokenUse) (kid string, key *rsa.PublicKey, payload string, err error) {
	refuse := func(code ErrorCode, detail string) (string, *rsa.PublicKey, string, error) {
		return "", nil, "", &Error{Op: use.String(), Code: code, detail: detail}
	}

	headerPart, rest, ok := strings.Cut(raw, ".")
	payloadPart, signaturePart, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 {
		return refuse(ErrMalformed, "not three parts")
	}
	headerText, ok := decodeBase64(headerPart)
	if !ok {
		return refuse(ErrMalformed, "header is not base64url")
	}
	h, err := readHeader(string(headerText))
	switch {
	case err != nil:
		return refuse(ErrMalformed, "header: "+err.Error())
	case h.alg != algorithm:
		return refuse(ErrAlgorithm, "")
	case h.critical:
		return refuse(ErrCritical, "")
	case h.kid == "":
		return refuse(ErrUnknownKey, "no kid")
	case len(h.kid) > maxKeyID:
		return refuse(ErrUnknownKey, "kid is too long")
	}
	signature, ok := decodeBase64(signaturePart)
	if !ok {
		return refuse(ErrMalformed, "signature is not base64url")
	}
	claimsText, ok := decodeBase64(payloadPart)
	if !ok {
		return refuse(ErrMalformed, "payload is not base64url")
	}

	key, err = v.config.Keys.Key(ctx, h.kid)
	if err != nil {
		return "", nil, "", keyError(use, err)
	}
	if !usable(key) {
		return refuse(ErrUnknownKey, "the key is not usable")
	}
	signed := raw[:len(headerPart)+1+len(payloadPart)]
	if err := jwt.SigningMethodRS256.Verify(signed, signature, key); err != nil {
		return refuse(ErrSignature, "")
	}
	return h.kid, key, string(claimsText), nil
}

// keyError gives the failure of a key source its place. Whatever is neither
// of its two documented errors leaves the question open, like an outage.
func keyError(use tokenUse, err error) error {
	if errors.Is(err, ErrUnknownKey) {
		return &Error{Op: use.String(), Code: ErrUnknownKey}
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Code == ErrKeysUnavailable {
		err = e.Err
	}
	return &Error{Op: use.String(), Code: ErrKeysUnavailable, Err: err}
}

// check compares the claims with the configuration and the clock. It runs for
// every token, remembered ones included.
func (v *Verifier) check(c *claims, use tokenUse, timely bool) error {
	switch {
	case c.issuer != v.config.Issuer:
		return &Error{Op: use.String(), Code: ErrIssuer}
	case c.use != string(use):
		return &Error{Op: use.String(), Code: ErrTokenUse}
	case !v.knowsClient(c, use):
		return &Error{Op: use.String(), Code: ErrClient}
	case !timely:
		return nil
	}
	now := time.Now()
	switch {
	case !now.Before(time.Unix(c.expires, 0).Add(v.config.Leeway)):
		return &Error{Op: use.String(), Code: ErrExpired}
	case now.Add(v.config.Leeway).Before(time.Unix(max(c.notBefore, c.issued), 0)):
		return &Error{Op: use.String(), Code: ErrNotYetValid}
	}
	return nil
}

// knowsClient looks at client_id in an access token and at aud in an ID token,
// each value of which has to be trusted (OpenID Connect Core section 3.1.3.7).
func (v *Verifier) knowsClient(c *claims, use tokenUse) bool {
	if use == useAccess {
		return slices.Contains(v.config.ClientIDs, c.clientID)
	}
	for _, client := range c.audience {
		if !slices.Contains(v.config.ClientIDs, client) {
			return false
		}
	}
	return len(c.audience) > 0
}

// hashToken computes the cache's key in pieces, which spares a copy of the
// token on the heap.
func hashToken(raw string) cacheKey {
	var piece [512]byte
	h := sha256.New()
	for len(raw) > 0 {
		n := copy(piece[:], raw)
		h.Write(piece[:n])
		raw = raw[n:]
	}
	var key cacheKey
	h.Sum(key[:0])
	return key
}
