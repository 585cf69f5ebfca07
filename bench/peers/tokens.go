package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
	"github.com/cognitokit/auth/tokens"
)

// A tokenVerifier checks an access token whole: signature by a key of the set,
// issuer, app client, use and times. It reads the claims into a struct and
// returns the subject.
type tokenVerifier func(ctx context.Context, raw string) (subject string, err error)

var (
	errWrongClient = errors.New("token of another app client")
	errWrongUse    = errors.New("not an access token")
)

// checkUse is what the peers leave to their callers.
func checkUse(clientID, use string) error {
	switch {
	case clientID != appClient:
		return errWrongClient
	case use != "access":
		return errWrongUse
	}
	return nil
}

// ourVerifier is package tokens, with a cache of the given size.
func ourVerifier(keySetURL string, cacheSize int) (tokenVerifier, error) {
	v, err := tokens.NewVerifier(tokens.Config{
		Issuer: poolIssuer, ClientIDs: []string{appClient}, JWKSURL: keySetURL, CacheSize: cacheSize,
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, raw string) (string, error) {
		claims, err := v.VerifyAccess(ctx, raw)
		return claims.Subject(), err
	}, nil
}

// golangJWTClaims is how a program on golang-jwt writes the claims down.
type golangJWTClaims struct {
	jwt.RegisteredClaims

	Groups   []string `json:"cognito:groups"`
	ClientID string   `json:"client_id"`
	TokenUse string   `json:"token_use"`
	Scope    string   `json:"scope"`
	Username string   `json:"username"`
}

func golangJWTVerifier(ctx context.Context, keySetURL string) (tokenVerifier, error) {
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{keySetURL})
	if err != nil {
		return nil, err
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(poolIssuer), jwt.WithExpirationRequired())
	return func(_ context.Context, raw string) (string, error) {
		var claims golangJWTClaims
		if _, err := parser.ParseWithClaims(raw, &claims, keys.Keyfunc); err != nil {
			return "", err
		}
		return claims.Subject, checkUse(claims.ClientID, claims.TokenUse)
	}, nil
}

func goOIDCVerifier(ctx context.Context, keySetURL string) tokenVerifier {
	v := oidc.NewVerifier(poolIssuer, oidc.NewRemoteKeySet(ctx, keySetURL), &oidc.Config{
		SupportedSigningAlgs: []string{oidc.RS256},
		SkipClientIDCheck:    true, // access tokens have no aud
	})
	return func(ctx context.Context, raw string) (string, error) {
		token, err := v.Verify(ctx, raw)
		if err != nil {
			return "", err
		}
		var claims accessClaims
		if err := token.Claims(&claims); err != nil {
			return "", err
		}
		return claims.Subject, checkUse(claims.ClientID, claims.TokenUse)
	}
}

func jwxVerifier(ctx context.Context, keySetURL string) (tokenVerifier, error) {
	keys, err := jwk.Fetch(ctx, keySetURL)
	if err != nil {
		return nil, err
	}
	return func(_ context.Context, raw string) (string, error) {
		token, err := jwxjwt.Parse([]byte(raw), jwxjwt.WithKeySet(keys), jwxjwt.WithIssuer(poolIssuer),
			jwxjwt.WithRequiredClaim(jwxjwt.ExpirationKey))
		if err != nil {
			return "", err
		}
		var claims accessClaims
		for name, field := range map[string]any{
			"client_id": &claims.ClientID, "token_use": &claims.TokenUse, "scope": &claims.Scope, "username": &claims.Username,
		} {
			if err := token.Get(name, field); err != nil {
				return "", err
			}
		}
		subject, _ := token.Subject()
		return subject, checkUse(claims.ClientID, claims.TokenUse)
	}, nil
}

// tokensInTurn is how many different tokens are checked in turn.
const tokensInTurn = 64

// tokenBench is a key set, and tokens that its keys have signed.
type tokenBench struct {
	signer    signer
	keySetURL string
	tokens    [tokensInTurn]string
	subjects  [tokensInTurn]string
	parts     [tokensInTurn]struct{ signed, signature []byte }
}

func newTokenBench(ctx context.Context) (*tokenBench, error) {
	s, err := newSigner()
	if err != nil {
		return nil, err
	}
	keys, err := s.keySet()
	if err != nil {
		return nil, err
	}
	b := &tokenBench{signer: s}
	if b.keySetURL, err = serveKeys(ctx, keys); err != nil {
		return nil, err
	}
	for i := range b.tokens {
		claims, _ := newClaims(time.Now())
		raw, err := s.sign(claims)
		if err != nil {
			return nil, err
		}
		dot := strings.LastIndexByte(raw, '.')
		b.tokens[i], b.subjects[i] = raw, claims.Subject
		b.parts[i].signed = []byte(raw[:dot])
		if b.parts[i].signature, err = base64.RawURLEncoding.DecodeString(raw[dot+1:]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// check has a verifier accept all tokens and refuse what it must.
func (b *tokenBench) check(ctx context.Context, verify tokenVerifier) error {
	for i, raw := range b.tokens {
		if subject, err := verify(ctx, raw); err != nil || subject != b.subjects[i] {
			return fmt.Errorf("valid token: subject %q, error %w", subject, orAccepted(err))
		}
	}
	forgers, err := newSigner()
	if err != nil {
		return err
	}
	for _, bad := range []struct {
		name   string
		signer signer
		change func(*accessClaims)
	}{
		{"another key", forgers, func(*accessClaims) {}},
		{"another issuer", b.signer, func(c *accessClaims) { c.Issuer += "x" }},
		{"another app client", b.signer, func(c *accessClaims) { c.ClientID = "another" }},
		{"an ID token", b.signer, func(c *accessClaims) { c.TokenUse = "id" }},
		{"expired", b.signer, func(c *accessClaims) { c.ExpiresAt = time.Now().Add(-time.Hour).Unix() }},
	} {
		claims, _ := newClaims(time.Now())
		bad.change(&claims)
		raw, err := bad.signer.sign(claims)
		if err != nil {
			return err
		}
		if _, err := verify(ctx, raw); err == nil {
			return fmt.Errorf("%s: %w", bad.name, errAccepted)
		}
	}
	return nil
}

// candidate checks one token after the other.
func (b *tokenBench) candidate(ctx context.Context, name string, verify tokenVerifier) measure.Candidate {
	return measure.Candidate{Name: name, Run: func(n int) error {
		for i := range n {
			if _, err := verify(ctx, b.tokens[i%tokensInTurn]); err != nil {
				return err
			}
		}
		return nil
	}}
}

// floor is the signature alone, on parts that are already split and decoded.
func (b *tokenBench) floor(i int) error {
	part := &b.parts[i%tokensInTurn]
	digest := sha256.Sum256(part.signed)
	return rsa.VerifyPKCS1v15(&b.signer.key.PublicKey, crypto.SHA256, digest[:], part.signature)
}

const (
	tokenFloor  = "SHA-256 + rsa.VerifyPKCS1v15"
	tokenUnseen = "access token, never seen"
)

// benchTokens measures the check of an access token.
func benchTokens(ctx context.Context, s *suite) ([]row, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	const (
		seen      = "access token, seen before"
		golangJWT = "golang-jwt + keyfunc"
		goOIDC    = "go-oidc"
		jwx       = "jwx, key set"
	)
	b, err := newTokenBench(ctx)
	if err != nil {
		return nil, err
	}
	candidates := []measure.Candidate{{Name: tokenFloor, Run: func(n int) error {
		for i := range n {
			if err := b.floor(i); err != nil {
				return err
			}
		}
		return nil
	}}}
	for _, c := range []struct {
		name string
		make func() (tokenVerifier, error)
	}{
		{tokenUnseen, func() (tokenVerifier, error) { return ourVerifier(b.keySetURL, -1) }},
		{seen, func() (tokenVerifier, error) { return ourVerifier(b.keySetURL, 0) }},
		{golangJWT, func() (tokenVerifier, error) { return golangJWTVerifier(ctx, b.keySetURL) }},
		{goOIDC, func() (tokenVerifier, error) { return goOIDCVerifier(ctx, b.keySetURL), nil }},
		{jwx, func() (tokenVerifier, error) { return jwxVerifier(ctx, b.keySetURL) }},
	} {
		verify, err := c.make()
		if err == nil {
			err = b.check(ctx, verify)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
		candidates = append(candidates, b.candidate(ctx, c.name, verify))
	}
	r, err := s.measure(ctx, candidates...)
	if err != nil {
		return nil, err
	}
	return []row{
		r.row(tokenUnseen, tokenFloor, 1.30).withAllocs(40),
		r.row(tokenUnseen, golangJWT, ahead),
		r.row(tokenUnseen, goOIDC, ahead),
		r.row(tokenUnseen, jwx, ahead),
		r.row(seen, tokenFloor, 0.035).withAllocs(0),
	}, nil
}

// benchGoroutines measures how the check of a token uses a second processor.
func benchGoroutines(ctx context.Context, s *suite) ([]row, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	const (
		one      = "one goroutine"
		two      = "two goroutines verifying, per token"
		floorOne = "one goroutine on the floor"
		floorTwo = "two goroutines on the floor, per token"
	)
	b, err := newTokenBench(ctx)
	if err != nil {
		return nil, err
	}
	verify, err := ourVerifier(b.keySetURL, -1)
	if err != nil {
		return nil, err
	}
	if err := b.check(ctx, verify); err != nil {
		return nil, err
	}
	ours := func(i int) error {
		_, err := verify(ctx, b.tokens[i%tokensInTurn])
		return err
	}
	r, err := s.wall(ctx,
		inGoroutines(one, 1, ours), inGoroutines(two, 2, ours),
		inGoroutines(floorOne, 1, b.floor), inGoroutines(floorTwo, 2, b.floor),
	)
	if err != nil {
		return nil, err
	}
	return []row{
		r.row(two, one, 0.60),
		r.row(floorTwo, floorOne, 0),
	}, nil
}

// inGoroutines shares the work out to several goroutines, who take the next
// piece when they are done with one.
func inGoroutines(name string, goroutines int, work func(i int) error) measure.Candidate {
	return measure.Candidate{Name: name, Run: func(n int) error {
		var next atomic.Int64
		done := make(chan error, goroutines)
		for range goroutines {
			go func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= n {
						done <- nil
						return
					}
					if err := work(i); err != nil {
						done <- err
						return
					}
				}
			}()
		}
		var errs error
		for range goroutines {
			errs = errors.Join(errs, <-done)
		}
		return errs
	}}
}
