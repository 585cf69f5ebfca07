package tokens_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// TestAttacks presents tokens that must be refused, each for its own reason.
// The transport fails the test if anything but the pool's own key set is
// fetched.
func TestAttacks(t *testing.T) {
	t.Parallel()
	now := time.Now()
	access, id, head := goodAccess(now), goodID(now), goodHeader()
	good := mint(access)
	parts := strings.Split(good, ".")
	attacker := publicJWK("attacker", &foreignKey().PublicKey)
	withHeader := func(changes object) string { return sign(signingKey(), head.edit(changes).String(), access.String()) }
	withClaims := func(changes object) string { return mint(access.edit(changes)) }
	payload := access.String()
	inPayload := func(member string) string { return sign(signingKey(), head.String(), "{"+member+","+payload[1:]) }

	tests := []struct {
		name  string
		token string
		asID  bool
		want  tokens.ErrorCode
	}{
		// The algorithm is the verifier's choice.
		{name: "alg none, no signature", token: base64URL(`{"alg":"none"}`) + "." + parts[1] + ".", want: tokens.ErrAlgorithm},
		{name: "alg none, with kid and signature", token: withHeader(object{"alg": "none"}), want: tokens.ErrAlgorithm},
		{name: "alg None", token: withHeader(object{"alg": "None"}), want: tokens.ErrAlgorithm},
		{name: "alg empty", token: withHeader(object{"alg": ""}), want: tokens.ErrAlgorithm},
		{name: "alg absent", token: withHeader(object{"alg": nil}), want: tokens.ErrAlgorithm},
		{name: "alg rs256", token: withHeader(object{"alg": "rs256"}), want: tokens.ErrAlgorithm},
		{name: "alg a list", token: withHeader(object{"alg": []string{"RS256"}}), want: tokens.ErrMalformed},
		{name: "HS256 with the public key as PEM", token: hs256(parts[1], publicPEM(&signingKey().PublicKey)), want: tokens.ErrAlgorithm},
		{name: "HS256 with the modulus", token: hs256(parts[1], signingKey().N.Bytes()), want: tokens.ErrAlgorithm},
		{name: "HS256 signature under RS256", token: hs256Signature(parts[0]+"."+parts[1], publicPEM(&signingKey().PublicKey)), want: tokens.ErrSignature},
		{name: "RS384", token: rs384(head.edit(object{"alg": "RS384"}).String(), payload), want: tokens.ErrAlgorithm},
		{name: "RS384 signature under RS256", token: rs384(head.String(), payload), want: tokens.ErrSignature},
		{name: "PS256", token: ps256(head.edit(object{"alg": "PS256"}).String(), payload), want: tokens.ErrAlgorithm},
		{name: "PS256 signature under RS256", token: ps256(head.String(), payload), want: tokens.ErrSignature},

		// The key is one of the pool's.
		{name: "kid missing", token: withHeader(object{"kid": nil}), want: tokens.ErrUnknownKey},
		{name: "kid empty", token: withHeader(object{"kid": ""}), want: tokens.ErrUnknownKey},
		{name: "kid a number", token: withHeader(object{"kid": 1}), want: tokens.ErrMalformed},
		{name: "kid too long", token: withHeader(object{"kid": strings.Repeat("k", 257)}), want: tokens.ErrUnknownKey},
		{name: "kid foreign", token: sign(foreignKey(), head.edit(object{"kid": "attacker"}).String(), payload), want: tokens.ErrUnknownKey},
		{name: "kid of the pool, key foreign", token: sign(foreignKey(), head.String(), payload), want: tokens.ErrSignature},
		{name: "jwk", token: sign(foreignKey(), head.edit(object{"kid": "attacker", "jwk": attacker}).String(), payload), want: tokens.ErrUnknownKey},
		{name: "jwk, kid of the pool", token: sign(foreignKey(), head.edit(object{"jwk": attacker.edit(object{"kid": testKID})}).String(), payload), want: tokens.ErrSignature},
		{name: "jku", token: sign(foreignKey(), head.edit(object{"kid": "attacker", "jku": "https://attacker.example/jwks.json"}).String(), payload), want: tokens.ErrUnknownKey},
		{name: "jku, kid of the pool", token: sign(foreignKey(), head.edit(object{"jku": "https://attacker.example/jwks.json"}).String(), payload), want: tokens.ErrSignature},
		{name: "x5u", token: sign(foreignKey(), head.edit(object{"x5u": "https://attacker.example/chain.pem"}).String(), payload), want: tokens.ErrSignature},
		{name: "x5c", token: sign(foreignKey(), head.edit(object{"x5c": []string{"TUlJQg=="}}).String(), payload), want: tokens.ErrSignature},

		{name: "crit", token: withHeader(object{"crit": []string{"exp"}, "exp": 1}), want: tokens.ErrCritical},
		{name: "crit empty", token: withHeader(object{"crit": []string{}}), want: tokens.ErrCritical},
		{name: "crit null", token: sign(signingKey(), `{"crit":null,`+head.String()[1:], payload), want: tokens.ErrCritical},
		{name: "unencoded payload", token: withHeader(object{"crit": []string{"b64"}, "b64": false}), want: tokens.ErrCritical},

		// The claims are those of this pool, client and kind.
		{name: "ID token as access token", token: mint(id), want: tokens.ErrTokenUse},
		{name: "access token as ID token", token: good, asID: true, want: tokens.ErrTokenUse},
		{name: "ID token with client_id as access token", token: mint(id.edit(object{"client_id": testClient})), want: tokens.ErrTokenUse},
		{name: "access token with aud as ID token", token: withClaims(object{"aud": testClient}), asID: true, want: tokens.ErrTokenUse},
		{name: "token_use missing", token: withClaims(object{"token_use": nil}), want: tokens.ErrMalformed},
		{name: "token_use refresh", token: withClaims(object{"token_use": "refresh"}), want: tokens.ErrTokenUse},
		{name: "issuer of another pool", token: withClaims(object{"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other1234"}), want: tokens.ErrIssuer},
		{name: "issuer of another region", token: withClaims(object{"iss": strings.Replace(testIssuer, ".eu-west-1.", ".eu-west-2.", 1)}), want: tokens.ErrIssuer},
		{name: "issuer with more at its end", token: withClaims(object{"iss": testIssuer + "/"}), want: tokens.ErrIssuer},
		{name: "issuer in capitals", token: withClaims(object{"iss": strings.ToUpper(testIssuer)}), want: tokens.ErrIssuer},
		{name: "issuer missing", token: withClaims(object{"iss": nil}), want: tokens.ErrMalformed},
		{name: "issuer a list", token: withClaims(object{"iss": []string{testIssuer}}), want: tokens.ErrMalformed},
		{name: "issuer and key of another pool", token: sign(foreignKey(), head.edit(object{"kid": "attacker"}).String(), access.edit(object{"iss": testIssuer + "x"}).String()), want: tokens.ErrUnknownKey},
		{name: "client of somebody else", token: withClaims(object{"client_id": foreignClient}), want: tokens.ErrClient},
		{name: "client only in aud", token: withClaims(object{"client_id": nil, "aud": testClient}), want: tokens.ErrMalformed},
		{name: "client foreign, aud ours", token: withClaims(object{"client_id": foreignClient, "aud": testClient}), want: tokens.ErrClient},
		{name: "audience of somebody else", token: mint(id.edit(object{"aud": foreignClient})), asID: true, want: tokens.ErrClient}, // Behavior 66: aud of another client
		{name: "audience ours and foreign", token: mint(id.edit(object{"aud": []string{testClient, foreignClient}})), asID: true, want: tokens.ErrClient},
		{name: "audience an empty list", token: mint(id.edit(object{"aud": []string{}})), asID: true, want: tokens.ErrClient},
		{name: "audience missing", token: mint(id.edit(object{"aud": nil})), asID: true, want: tokens.ErrMalformed},
		{name: "subject missing", token: withClaims(object{"sub": nil}), want: tokens.ErrMalformed},
		{name: "subject empty", token: withClaims(object{"sub": ""}), want: tokens.ErrMalformed},

		// The time is right.
		{name: "expired", token: withClaims(object{"exp": now.Add(-time.Minute).Unix()}), want: tokens.ErrExpired},
		{name: "exp missing", token: withClaims(object{"exp": nil}), want: tokens.ErrMalformed},
		{name: "exp null", token: sign(signingKey(), head.String(), `{"exp":null,`+access.edit(object{"exp": nil}).String()[1:]), want: tokens.ErrMalformed},
		{name: "exp text", token: withClaims(object{"exp": "9999999999"}), want: tokens.ErrMalformed},
		{name: "exp fraction", token: withClaims(object{"exp": 9999999999.5}), want: tokens.ErrMalformed},
		{name: "exp negative", token: withClaims(object{"exp": -1}), want: tokens.ErrMalformed},
		{name: "exp beyond all bounds", token: sign(signingKey(), head.String(), `{"exp":99999999999999999999,`+access.edit(object{"exp": nil}).String()[1:]), want: tokens.ErrMalformed},
		{name: "exp after the year 9999", token: withClaims(object{"exp": int64(253402300800)}), want: tokens.ErrMalformed},
		{name: "not yet valid", token: withClaims(object{"nbf": now.Add(time.Hour).Unix()}), want: tokens.ErrNotYetValid},
		{name: "issued in the future", token: withClaims(object{"iat": now.Add(time.Hour).Unix()}), want: tokens.ErrNotYetValid},
		{name: "iat missing", token: withClaims(object{"iat": nil}), want: tokens.ErrMalformed},

		// One reading only.
		{name: "duplicate claim", token: inPayload(`"sub":"other"`), want: tokens.ErrMalformed},
		{name: "duplicate claim, one name escaped", token: inPayload(`"\u0073ub":"other"`), want: tokens.ErrMalformed},
		{name: "duplicate custom claim", token: inPayload(`"custom:a":"1","custom:a":"2"`), want: tokens.ErrMalformed},
		{name: "duplicate member inside a claim", token: inPayload(`"custom:a":[{"x":1,"x":2}]`), want: tokens.ErrMalformed},
		{name: "duplicate kid", token: sign(signingKey(), `{"kid":"other",`+head.String()[1:], payload), want: tokens.ErrMalformed},
		{name: "duplicate alg", token: sign(signingKey(), `{"alg":"none",`+head.String()[1:], payload), want: tokens.ErrMalformed},
		{name: "more after the claims", token: sign(signingKey(), head.String(), payload+"{}"), want: tokens.ErrMalformed},
		{name: "claims in a list", token: sign(signingKey(), head.String(), "["+payload+"]"), want: tokens.ErrMalformed},
		{name: "claims not UTF-8", token: inPayload("\"custom:a\":\"\xff\""), want: tokens.ErrMalformed},
		{name: "half of a surrogate pair", token: inPayload(`"custom:a":"\ud800"`), want: tokens.ErrMalformed},
		{name: "nested too deep", token: inPayload(`"custom:a":` + strings.Repeat("[", 50) + strings.Repeat("]", 50)), want: tokens.ErrMalformed},
		{name: "groups a string", token: withClaims(object{"cognito:groups": "admin"}), want: tokens.ErrMalformed},
		{name: "groups with a number", token: withClaims(object{"cognito:groups": []any{"admin", 1}}), want: tokens.ErrMalformed},
		{name: "username an object", token: withClaims(object{"username": object{}}), want: tokens.ErrMalformed},

		// The text has one spelling.
		{name: "oversize", token: withClaims(object{"custom:a": strings.Repeat("a", 16<<10)}), want: tokens.ErrTooLarge},
		{name: "oversize garbage", token: strings.Repeat("a", 1<<20), want: tokens.ErrTooLarge},
		{name: "empty", token: "", want: tokens.ErrMalformed},
		{name: "dots", token: "..", want: tokens.ErrMalformed},
		{name: "five parts", token: good + ".a.b", want: tokens.ErrMalformed},
		{name: "a fourth part", token: good + ".", want: tokens.ErrMalformed},
		{name: "no signature", token: parts[0] + "." + parts[1] + ".", want: tokens.ErrSignature},
		{name: "no payload", token: parts[0] + ".." + parts[2], want: tokens.ErrSignature},
		{name: "scheme before it", token: "Bearer " + good, want: tokens.ErrMalformed},
		{name: "space after it", token: good + " ", want: tokens.ErrMalformed},
		{name: "padded signature", token: good + "==", want: tokens.ErrMalformed},
		{name: "padded header", token: pad(parts[0]) + "." + parts[1] + "." + parts[2], want: tokens.ErrMalformed},
		{name: "unused bits set in the signature", token: parts[0] + "." + parts[1] + "." + setUnusedBit(t, parts[2]), want: tokens.ErrMalformed},
		{name: "line break in the signature", token: parts[0] + "." + parts[1] + "." + parts[2][:8] + "\n" + parts[2][8:], want: tokens.ErrMalformed},
		{name: "line break at the end", token: good + "\r\n", want: tokens.ErrMalformed},
		{name: "line break in the payload", token: parts[0] + "." + parts[1][:8] + "\r" + parts[1][8:] + "." + parts[2], want: tokens.ErrMalformed},
		{name: "line break in the header", token: parts[0][:4] + "\n" + parts[0][4:] + "." + parts[1] + "." + parts[2], want: tokens.ErrMalformed},
		{name: "standard alphabet", token: parts[0] + "." + parts[1] + "." + strings.NewReplacer("-", "+", "_", "/").Replace(ensureURLAlphabet(t, parts[2])), want: tokens.ErrMalformed},
		{name: "zeros before the signature", token: parts[0] + "." + parts[1] + "." + "AAAA" + parts[2], want: tokens.ErrSignature},
	}

	v := newVerifier(t, func(c *tokens.Config) {
		c.Keys = nil
		c.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if got, want := r.URL.String(), testIssuer+"/.well-known/jwks.json"; got != want {
				t.Errorf("fetched %s, want only %s", got, want)
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(poolJWKS()))}, nil
		})}
	})
	if _, err := v.VerifyAccess(t.Context(), good); err != nil {
		t.Fatalf("the token that all attacks are made from is refused: %v", err)
	}
	if _, err := v.VerifyID(t.Context(), mint(id)); err != nil {
		t.Fatalf("the token that all attacks are made from is refused: %v", err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // nothing that was refused is remembered
				var err error
				if tt.asID {
					var got tokens.IDClaims
					if got, err = v.VerifyID(t.Context(), tt.token); !got.IsZero() {
						t.Error("claims were returned")
					}
				} else {
					var got tokens.AccessClaims
					if got, err = v.VerifyAccess(t.Context(), tt.token); !got.IsZero() {
						t.Error("claims were returned")
					}
				}
				wantCode(t, err, tt.want, secretsOf(tt.token)...)
				wantFamily(t, err)
			}
		})
	}
}

// wantFamily checks that a refusal is the token's fault and no outage.
func wantFamily(t *testing.T, err error) {
	t.Helper()
	if !isCode(err, tokens.ErrInvalid) {
		t.Errorf("%v does not match ErrInvalid", err)
	}
	if isCode(err, tokens.ErrKeysUnavailable) {
		t.Errorf("%v matches ErrKeysUnavailable", err)
	}
}

// TestTruncatedToken cuts a token at every byte.
func TestTruncatedToken(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	token := mint(goodAccess(time.Now()))
	for n := range len(token) {
		if _, err := v.VerifyAccess(t.Context(), token[:n]); !isCode(err, tokens.ErrMalformed) && !isCode(err, tokens.ErrSignature) {
			t.Fatalf("cut to %d bytes of %d: got %v", n, len(token), err)
		}
	}
	if _, err := v.VerifyAccess(t.Context(), token); err != nil {
		t.Errorf("whole: %v", err)
	}
}

// TestAlteredToken changes each byte of a token that is remembered.
func TestAlteredToken(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	token := mint(goodAccess(time.Now()))
	if _, err := v.VerifyAccess(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for n := range len(token) {
		altered := []byte(token)
		if altered[n] == 'A' {
			altered[n] = 'B'
		} else {
			altered[n] = 'A'
		}
		if _, err := v.VerifyAccess(t.Context(), string(altered)); !isCode(err, tokens.ErrInvalid) {
			t.Fatalf("byte %d changed: got %v", n, err)
		}
	}
}

func hs256(payload string, secret []byte) string {
	return hs256Signature(base64URL(`{"alg":"HS256","kid":"`+testKID+`"}`)+"."+payload, secret)
}

func hs256Signature(signed string, secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func publicPEM(key *rsa.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func rs384(header, payload string) string {
	signed := base64URL(header) + "." + base64URL(payload)
	digest := sha512.Sum384([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, signingKey(), crypto.SHA384, digest[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + base64URL(string(signature))
}

func ps256(header, payload string) string {
	signed := base64URL(header) + "." + base64URL(payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPSS(rand.Reader, signingKey(), crypto.SHA256, digest[:], nil)
	if err != nil {
		panic(err)
	}
	return signed + "." + base64URL(string(signature))
}

func pad(part string) string { return part + strings.Repeat("=", 1+(3-len(part)%4)%4) }

// setUnusedBit returns another spelling of the same bytes, which a lenient
// decoder accepts.
func setUnusedBit(t *testing.T, part string) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(part) - 1
	altered := part[:last] + string(alphabet[strings.IndexByte(alphabet, part[last])|1])
	before, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	after, err := base64.RawURLEncoding.DecodeString(altered)
	if err != nil || altered == part || string(before) != string(after) {
		t.Fatal("not another spelling of the same signature")
	}
	return altered
}

func ensureURLAlphabet(t *testing.T, part string) string {
	t.Helper()
	if !strings.ContainsAny(part, "-_") {
		return "-" + part[1:]
	}
	return part
}
