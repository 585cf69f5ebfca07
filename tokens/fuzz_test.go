package tokens_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/cognitokit/auth/tokens"
)

// golangJWT is the oracle of the verifier: golang-jwt with every check on that
// it has. Whatever the verifier accepts, it has to accept, with the same claims.
func golangJWT(token string) (jwt.MapClaims, error) {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithStrictDecoding(), jwt.WithIssuer(testIssuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(tokens.DefaultLeeway))
	claims := make(jwt.MapClaims)
	_, err := parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != testKID {
			return nil, errors.New("unknown key")
		}
		return &signingKey().PublicKey, nil
	})
	return claims, err
}

// FuzzVerify replaces a part of a good token by any text. Nothing but the
// token that the pool signed may be accepted, and no error may quote it.
func FuzzVerify(f *testing.F) {
	now := time.Now()
	access, id := mint(goodAccess(now)), mint(goodID(now))
	for _, seed := range []struct {
		from, to uint16
		text     string
	}{
		{0, 0, ""}, {0, 0, "Bearer "}, {0, 1, "f"}, {0, 65535, ""}, {0, 65535, "."}, {0, 65535, "a.b.c"}, {65535, 65535, "="}, {65535, 65535, "\n"},
		{65535, 65535, "."}, {20, 40, ""}, {0, 48, base64URL(`{"alg":"none"}`)}, {0, 65535, sign(foreignKey(), goodHeader().String(), "{}")},
	} {
		f.Add(seed.from, seed.to, seed.text, false)
		f.Add(seed.from, seed.to, seed.text, true)
	}
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, from, to uint16, text string, useID bool) {
		token := access
		if useID {
			token = id
		}
		start := min(int(from), len(token))
		end := max(start, min(int(to), len(token)))
		token = token[:start] + text + token[end:]
		a, aerr := v.VerifyAccess(t.Context(), token)
		i, ierr := v.VerifyID(t.Context(), token)
		if a.IsZero() != (aerr != nil) || i.IsZero() != (ierr != nil) {
			t.Fatal("claims and error do not fit")
		}
		if aerr == nil && token != access || ierr == nil && token != id {
			t.Fatal("a token was accepted that nobody signed")
		}
		for _, err := range []error{aerr, ierr} {
			if err == nil {
				continue
			}
			if !isCode(err, tokens.ErrInvalid) {
				t.Fatalf("got %v, want a refusal", err)
			}
			for part := range strings.SplitSeq(token, ".") {
				if len(part) > 30 && strings.Contains(err.Error(), part) {
					t.Fatal("the error quotes the token")
				}
			}
		}
	})
}

// FuzzVerifySigned signs any header and payload with the pool's key. What is
// accepted has to be accepted by golang-jwt too, and to mean the same there.
func FuzzVerifySigned(f *testing.F) {
	now := time.Now()
	head := goodHeader().String()
	for _, payload := range []string{
		goodAccess(now).String(), goodID(now).String(), goodAccess(now.Add(-24 * time.Hour)).String(), goodAccess(now.Add(24 * time.Hour)).String(),
		goodAccess(now).edit(object{"nbf": now.Add(time.Hour).Unix()}).String(), "{}", "null", "",
		goodAccess(now).edit(object{"client_id": nil, "aud": []string{testClient}}).String(), `{"sub":"a","sub":"b"}`,
	} {
		f.Add(head, payload)
	}
	f.Add(`{"alg":"RS256","kid":"`+testKID+`","crit":["x"]}`, goodAccess(now).String())
	f.Add(`{"alg":"RS256","kid":"`+testKID+`","typ":"JWT"}`, goodAccess(now).String())
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, header, payload string) {
		token := sign(signingKey(), header, payload)
		a, aerr := v.VerifyAccess(t.Context(), token)
		i, ierr := v.VerifyID(t.Context(), token)
		if aerr != nil && ierr != nil {
			return
		}
		if aerr == nil && ierr == nil {
			t.Fatal("accepted as both kinds")
		}
		claims, err := golangJWT(token)
		if err != nil {
			t.Fatalf("accepted, but golang-jwt says %v", err)
		}
		subject, groups, expires := a.Subject(), a.Groups(), a.ExpiresAt()
		if ierr == nil {
			subject, groups, expires = i.Subject(), i.Groups(), i.ExpiresAt()
		}
		if sub, err := claims.GetSubject(); err != nil || sub != subject {
			t.Errorf("got subject %q, golang-jwt has %q, %v", subject, sub, err)
		}
		if exp, err := claims.GetExpirationTime(); err != nil || !exp.Equal(expires) {
			t.Errorf("got expiry %v, golang-jwt has %v, %v", expires, exp, err)
		}
		var list []string
		items, _ := claims["cognito:groups"].([]any)
		for _, item := range items {
			list = append(list, item.(string))
		}
		if !slices.Equal(list, groups) {
			t.Errorf("got groups %q, golang-jwt has %q", groups, list)
		}
	})
}

// TestGolangJWTAgrees runs the oracle on the good tokens, so that the fuzz
// target is known to compare something.
func TestGolangJWTAgrees(t *testing.T) {
	t.Parallel()
	for _, token := range []string{mint(goodAccess(time.Now())), mint(goodID(time.Now()))} {
		if claims, err := golangJWT(token); err != nil || claims["sub"] != testSubject {
			t.Errorf("got %v, %v", claims["sub"], err)
		}
	}
}

// FuzzParseKeySet reads any text as a key set. A key that comes out has to be
// usable, and the good key must not be lost among others.
func FuzzParseKeySet(f *testing.F) {
	good := publicJWK("good", &signingKey().PublicKey).String()
	for _, seed := range []string{
		"", good, publicJWK("other", &foreignKey().PublicKey).String(), publicJWK("good", &foreignKey().PublicKey).String(),
		`{"kty":"EC"}`, `{"kty":"RSA","kid":"k","n":"AA","e":"AQAB"}`, `null`, `{"kty":7,"key_ops":{}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, other string) {
		_, _ = tokens.ParseKeySet([]byte(other))
		set, err := tokens.ParseKeySet([]byte(`{"keys":[` + other + `,` + good + `]}`))
		if err != nil {
			if set != nil {
				t.Fatal("a set came with an error")
			}
			return
		}
		if set.Len() > 64 {
			t.Fatalf("got %d keys", set.Len())
		}
		key, err := set.Key(context.Background(), "good")
		if err != nil {
			if !strings.Contains(other, "good") && !strings.Contains(other, `\u`) {
				t.Fatalf("the good key is lost: %v", err)
			}
			return
		}
		if bits := key.N.BitLen(); bits < 2048 || bits > 8192 || key.N.Bit(0) == 0 || key.E < 65537 || key.E%2 == 0 {
			t.Fatalf("got a key of %d bits with exponent %d", bits, key.E)
		}
	})
}

// FuzzParseBundle reads any text as a bundle. What is accepted survives
// being written and read again, unknown members included.
func FuzzParseBundle(f *testing.F) {
	full, err := goodBundle(time.Now()).Encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(full), `{"version":1,"access_token":"a"}`, `{"version":1,"access_token":"a","x":{"y":[1e400]},"device":{"z":null}}`,
		`{"version":1,"access_token":"a","device":null,"sign_in":null,"clock_offset_ms":-1}`, `{"version":2}`, `[]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := tokens.ParseBundle(data)
		if err != nil {
			if !isCode(err, tokens.ErrInvalid) || !b.Equal(tokens.Bundle{}) {
				t.Fatalf("got %v", err)
			}
			return
		}
		first, err := b.Encode()
		if isCode(err, tokens.ErrTooLarge) {
			return // escaping can make a text longer
		}
		if err != nil {
			t.Fatal(err)
		}
		again, err := tokens.ParseBundle(first)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, first)
		}
		second, err := again.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if string(first) != string(second) {
			t.Errorf("written once: %s\nand again: %s", first, second)
		}
		if again.AccessToken != b.AccessToken || again.RefreshToken != b.RefreshToken || again.ClockOffset != b.ClockOffset {
			t.Error("a field has changed")
		}
	})
}

// FuzzFileStoreLoad puts any content where a record is expected. It is
// a record or an error, and can always be deleted.
func FuzzFileStoreLoad(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"revision":"r","expires":"2026-01-01T00:00:00Z","data":"AA=="}`, `{"version":1,"revision":"r","data":"AA=="}`,
		`{"version":1,"revision":"","data":""}`, `{"version":2}`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	s, err := tokens.NewFileStore(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		rev, err := s.Save(t.Context(), t.Name(), tokens.Record{}, "")
		if err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(names) != 1 {
			t.Fatalf("got files %q, %v; want one", names, err)
		}
		if err := os.WriteFile(names[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		rec, gotRev, err := s.Load(t.Context(), t.Name())
		if err != nil && (len(rec.Data) > 0 || gotRev != "") || err == nil && gotRev == "" {
			t.Fatalf("got %d bytes with revision %q and error %v", len(rec.Data), gotRev, err)
		}
		if err == nil {
			rev = gotRev
		}
		if err := s.Delete(t.Context(), t.Name(), rev); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Load(t.Context(), t.Name()); !isCode(err, tokens.ErrNotFound) {
			t.Fatalf("after it was deleted: %v", err)
		}
	})
}

// FuzzPoolIssuer checks that an issuer never points anywhere but to AWS.
func FuzzPoolIssuer(f *testing.F) {
	for _, seed := range []string{testPool, "cn-north-1_a", "a.b_c", "x/y_z", "eu-west-1_@b", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		issuer, err := tokens.PoolIssuer(id)
		if err != nil {
			if issuer != "" {
				t.Fatal("an issuer came with an error")
			}
			return
		}
		host, path, _ := strings.Cut(strings.TrimPrefix(issuer, "https://"), "/")
		if path != id || !strings.HasPrefix(host, "cognito-idp.") || !strings.HasSuffix(host, ".amazonaws.com") && !strings.HasSuffix(host, ".amazonaws.com.cn") ||
			strings.ContainsAny(path, "/?#%@") || strings.Count(host, ".") > 4 {
			t.Errorf("got %q for %q", issuer, id)
		}
		if _, err := tokens.NewVerifier(tokens.Config{Issuer: issuer, ClientIDs: []string{testClient}}); err != nil {
			t.Error(err)
		}
	})
}
