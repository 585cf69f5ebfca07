package tokens_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
)

const (
	testPool      = "eu-west-1_AbC123def"
	testIssuer    = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def"
	testClient    = "1example23456789"
	secondClient  = "2example23456789"
	foreignClient = "9example23456789"
	testKID       = "kWs+3/example="
	testSubject   = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
	testUsername  = "planted-username"
	testOrigin    = "11111111-bbbb-4ccc-8ddd-eeeeeeeeeeee"
)

// Keys are expensive to make: one that the pool signs with, one that is
// nobody's.
var (
	signingKey = sync.OnceValue(generateKey)
	foreignKey = sync.OnceValue(generateKey)
)

func generateKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// object is a JSON object; edit replaces members in a copy, and removes those
// whose value is nil.
type object map[string]any

func (o object) edit(changes object) object {
	edited := maps.Clone(o)
	for name, value := range changes {
		if value == nil {
			delete(edited, name)
		} else {
			edited[name] = value
		}
	}
	return edited
}

func (o object) String() string {
	text, err := json.Marshal(map[string]any(o))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func goodHeader() object { return object{"kid": testKID, "alg": "RS256"} }

func goodAccess(now time.Time) object {
	return object{
		"sub":            testSubject,
		"cognito:groups": []string{"admin", "editors"},
		"iss":            testIssuer,
		"version":        2,
		"client_id":      testClient,
		"origin_jti":     testOrigin,
		"event_id":       "22222222-bbbb-4ccc-8ddd-eeeeeeeeeeee",
		"device_key":     "eu-west-1_33333333-bbbb-4ccc-8ddd-eeeeeeeeeeee",
		"token_use":      "access",
		"scope":          "aws.cognito.signin.user.admin openid",
		"auth_time":      now.Add(-time.Minute).Unix(),
		"exp":            now.Add(time.Hour).Unix(),
		"iat":            now.Unix(),
		"jti":            "44444444-bbbb-4ccc-8ddd-eeeeeeeeeeee",
		"username":       testUsername,
	}
}

func goodID(now time.Time) object {
	return object{
		"sub":                    testSubject,
		"cognito:groups":         []string{"admin", "editors"},
		"cognito:roles":          []string{"arn:aws:iam::123456789012:role/admin"},
		"cognito:preferred_role": "arn:aws:iam::123456789012:role/admin",
		"iss":                    testIssuer,
		"aud":                    testClient,
		"origin_jti":             testOrigin,
		"event_id":               "22222222-bbbb-4ccc-8ddd-eeeeeeeeeeee",
		"token_use":              "id",
		"auth_time":              now.Add(-time.Minute).Unix(),
		"exp":                    now.Add(time.Hour).Unix(),
		"iat":                    now.Unix(),
		"jti":                    "55555555-bbbb-4ccc-8ddd-eeeeeeeeeeee",
		"cognito:username":       testUsername,
		"email":                  "planted@example.com",
		"email_verified":         true,
		"phone_number":           "+15555550100",
		"phone_number_verified":  false,
		"custom:tenant":          "planted-tenant",
		"nonce":                  "planted-nonce",
	}
}

func base64URL(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// sign returns a token of these two texts, whatever they say, signed with
// RS256.
func sign(key *rsa.PrivateKey, header, payload string) string {
	signed := base64URL(header) + "." + base64URL(payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + base64URL(string(signature))
}

// mint returns a token of the pool.
func mint(payload object) string {
	return sign(signingKey(), goodHeader().String(), payload.String())
}

// publicJWK returns the key as Cognito publishes it.
func publicJWK(kid string, key *rsa.PublicKey) object {
	return object{
		"kid": kid, "alg": "RS256", "kty": "RSA", "use": "sig",
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

func jwks(keys ...object) string {
	if keys == nil {
		keys = []object{}
	}
	return object{"keys": keys}.String()
}

func poolJWKS() string { return jwks(publicJWK(testKID, &signingKey().PublicKey)) }

// poolKeys is the pool's key set without the network.
func poolKeys(tb testing.TB) *tokens.KeySet {
	tb.Helper()
	set, err := tokens.ParseKeySet([]byte(poolJWKS()))
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// newVerifier returns a verifier for the pool and two app clients, after
// the configuration was changed.
func newVerifier(tb testing.TB, change ...func(*tokens.Config)) *tokens.Verifier {
	tb.Helper()
	cfg := tokens.Config{Issuer: testIssuer, ClientIDs: []string{secondClient, testClient}, Keys: poolKeys(tb)}
	for _, f := range change {
		f(&cfg)
	}
	v, err := tokens.NewVerifier(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// wantCode checks that err has the code, belongs to the right family, and
// shows none of the secrets.
func wantCode(tb testing.TB, err error, want tokens.ErrorCode, secrets ...string) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Fatalf("got error %v, want %q", err, string(want))
	}
	e, ok := errors.AsType[*tokens.Error](err)
	if !ok {
		tb.Fatalf("got %T, want *tokens.Error", err)
	}
	if e.Code != want {
		tb.Errorf("got code %q, want %q", e.Code, want)
	}
	for _, secret := range secrets {
		if len(secret) > 3 && strings.Contains(err.Error(), secret) {
			tb.Errorf("the error's text %q shows %q", err, secret)
		}
	}
}

// secretsOf returns what an error about a token must not show.
func secretsOf(token string) []string {
	secrets := append(strings.Split(token, "."), testSubject, testUsername, "planted", testOrigin)
	if len(token) > 20 {
		secrets = append(secrets, token[:20])
	}
	return secrets
}

// roundTripper is an [http.RoundTripper] made of a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// keySource is a [tokens.KeySource] made of a function.
type keySource func(ctx context.Context, kid string) (*rsa.PublicKey, error)

func (f keySource) Key(ctx context.Context, kid string) (*rsa.PublicKey, error) { return f(ctx, kid) }

func isCode(err error, code tokens.ErrorCode) bool { return errors.Is(err, code) }

// fixedKey is a key source that answers every key id with one key.
func fixedKey(key *rsa.PublicKey) tokens.KeySource {
	return keySource(func(context.Context, string) (*rsa.PublicKey, error) { return key, nil })
}
