package tokens_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// The examples use a pool that lives in this file: a key set, and tokens
// signed with its key.
var (
	exampleConfig = func() tokens.Config {
		keys, _ := tokens.ParseKeySet([]byte(poolJWKS()))
		return tokens.Config{Issuer: testIssuer, ClientIDs: []string{testClient}, Keys: keys}
	}
	exampleAccessToken = func() string {
		return mint(goodAccess(time.Now()).edit(object{"username": "ana", "sub": "1b9d6bcd", "tier": "gold", "client_id": testClient}))
	}
	exampleIDToken = func() string {
		return mint(goodID(time.Now()).edit(object{
			"cognito:username": "ana", "sub": "1b9d6bcd", "email": "ana@example.com", "nonce": "n-0S6_WzA2Mj", "custom:tenant": "acme",
		}))
	}
)

// An API checks the bearer token of a request.
func Example() {
	verifier, err := tokens.NewVerifier(exampleConfig())
	if err != nil {
		fmt.Println(err)
		return
	}
	orders := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		claims, err := verifier.VerifyAccess(r.Context(), bearer)
		switch {
		case errors.Is(err, tokens.ErrInvalid):
			w.WriteHeader(http.StatusUnauthorized)
		case err != nil: // the keys cannot be fetched just now
			w.WriteHeader(http.StatusServiceUnavailable)
		case claims.RequireGroups("editors") != nil:
			w.WriteHeader(http.StatusForbidden)
		default:
			fmt.Println("hello", claims.Username())
		}
	})

	r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "/orders", nil)
	r.Header.Set("Authorization", "Bearer "+exampleAccessToken())
	orders.ServeHTTP(nil, r)
	// Output: hello ana
}

func ExamplePoolIssuer() {
	fmt.Println(tokens.PoolIssuer("eu-west-1_AbC123def"))
	fmt.Println(tokens.PoolIssuer("cn-north-1_AbC123def"))
	// Output:
	// https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def <nil>
	// https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC123def <nil>
}

func ExampleNewVerifier() {
	issuer, err := tokens.PoolIssuer("eu-west-1_AbC123def")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = tokens.NewVerifier(tokens.Config{Issuer: issuer, ClientIDs: []string{"1example23456789"}})
	fmt.Println(err)

	_, err = tokens.NewVerifier(tokens.Config{Leeway: time.Hour})
	fmt.Println(err)
	// Output:
	// <nil>
	// tokens: config: Issuer: must be set
	// tokens: config: ClientIDs: must name at least one app client
	// tokens: config: Leeway: must not exceed 10m0s
}

func ExampleVerifier_VerifyAccess() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, err := verifier.VerifyAccess(context.Background(), exampleAccessToken())
	fmt.Println(claims.Username(), claims.Groups(), err)

	// An ID token is no substitute.
	_, err = verifier.VerifyAccess(context.Background(), exampleIDToken())
	fmt.Println(err)
	// Output:
	// ana [admin editors] <nil>
	// tokens: access token: token_use does not fit
}

func ExampleVerifier_VerifyID() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, err := verifier.VerifyID(context.Background(), exampleIDToken())
	fmt.Println(claims.Email(), claims.EmailVerified(), err)
	// Output: ana@example.com true <nil>
}

func ExampleIDClaims_CheckNonce() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, _ := verifier.VerifyID(context.Background(), exampleIDToken())
	fmt.Println(claims.CheckNonce("n-0S6_WzA2Mj"))
	fmt.Println(claims.CheckNonce("another"))
	// Output:
	// <nil>
	// tokens: id token: nonce does not match
}

func ExampleIDClaims_Decode() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, _ := verifier.VerifyID(context.Background(), exampleIDToken())
	var custom struct {
		Tenant string `json:"custom:tenant"`
	}
	err := claims.Decode(&custom)
	fmt.Println(custom.Tenant, err)
	// Output: acme <nil>
}

func ExampleAccessClaims_Decode() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, _ := verifier.VerifyAccess(context.Background(), exampleAccessToken())
	var custom struct { // added by a pre token generation trigger
		Tier string `json:"tier"`
	}
	err := claims.Decode(&custom)
	fmt.Println(custom.Tier, err)
	// Output: gold <nil>
}

func ExampleAccessClaims_RequireScopes() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, _ := verifier.VerifyAccess(context.Background(), exampleAccessToken())
	fmt.Println(claims.RequireScopes("openid"))
	err := claims.RequireScopes("openid", "orders/write")
	fmt.Println(err, errors.Is(err, tokens.ErrScope))
	// Output:
	// <nil>
	// tokens: access token: missing scope: "orders/write" true
}

func ExampleAccessClaims_RequireGroups() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	claims, _ := verifier.VerifyAccess(context.Background(), exampleAccessToken())
	fmt.Println(claims.RequireGroups("admin", "editors"))
	fmt.Println(claims.RequireGroups("owners"))
	// Output:
	// <nil>
	// tokens: access token: missing group: "owners"
}

// A log line says why a token was refused, and shows nothing of it.
func ExampleError() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	_, err := verifier.VerifyAccess(context.Background(), exampleAccessToken()+"x")
	if e, ok := errors.AsType[*tokens.Error](err); ok {
		switch e.Code {
		case tokens.ErrExpired:
			fmt.Println("refresh and try again")
		case tokens.ErrKeysUnavailable:
			fmt.Println("try again later")
		default:
			fmt.Println("refuse")
		}
	}
	fmt.Println(err)
	// Output:
	// refuse
	// tokens: access token: malformed: signature is not base64url
}

func ExampleParseKeySet() {
	text := `{"keys":[{"kty":"EC","kid":"not RSA"},{"kty":"RSA","kid":"too small","n":"AQAB","e":"AQAB"}]}`
	keys, err := tokens.ParseKeySet([]byte(text))
	fmt.Println(keys.Len(), err)
	// Output: 0 <nil>
}

// Verifiers of several app clients can share one key set.
func ExampleNewRemoteKeys() {
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		fmt.Println("fetched", r.URL)
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(poolJWKS()))}, nil
	})}
	keys, err := tokens.NewRemoteKeys(tokens.RemoteKeysConfig{
		URL:        testIssuer + "/.well-known/jwks.json",
		HTTPClient: client,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{testClient, secondClient} {
		verifier, _ := tokens.NewVerifier(tokens.Config{Issuer: testIssuer, ClientIDs: []string{id}, Keys: keys})
		_, err := verifier.VerifyAccess(context.Background(), exampleAccessToken())
		fmt.Println(err)
	}
	// Output:
	// fetched https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def/.well-known/jwks.json
	// <nil>
	// tokens: access token: app client is not a configured one
}

func ExampleVerifier_VerifyBundle() {
	verifier, _ := tokens.NewVerifier(exampleConfig())
	verified, err := verifier.VerifyBundle(context.Background(), tokens.Bundle{
		AccessToken: exampleAccessToken(), IDToken: exampleIDToken(), RefreshToken: "opaque",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verified.Access.Username(), time.Until(verified.Expires()).Round(time.Hour))

	someoneElse := mint(goodID(time.Now()).edit(object{"sub": "someone-else"}))
	_, err = verifier.VerifyBundle(context.Background(), tokens.Bundle{AccessToken: exampleAccessToken(), IDToken: someoneElse})
	fmt.Println(err)
	// Output:
	// ana 1h0m0s
	// tokens: bundle: tokens do not belong together: two subjects
}

// A bundle shows its tokens to nobody but Encode.
func ExampleBundle_Encode() {
	b := tokens.Bundle{AccessToken: "eyJ...", RefreshToken: "eyJ...", Username: "ana"}
	fmt.Printf("%+v\n", b)
	_, err := json.Marshal(b)
	fmt.Println(err != nil)
	data, _ := b.Encode()
	fmt.Println(string(data))
	// Output:
	// tokens.Bundle(redacted)
	// true
	// {"access_token":"eyJ...","refresh_token":"eyJ...","username":"ana","version":1}
}

func ExampleParseBundle() {
	b, err := tokens.ParseBundle([]byte(`{"version":1,"access_token":"eyJ...","username":"ana"}`))
	fmt.Println(b.Username, err)
	// Output: ana <nil>
}

func ExampleNewBundleStore() {
	ctx := context.Background()
	verifier, _ := tokens.NewVerifier(exampleConfig())
	sessions := tokens.NewBundleStore(tokens.NewMemoryStore(0), verifier)

	b := tokens.Bundle{AccessToken: exampleAccessToken(), RefreshToken: "opaque"}
	_, err := sessions.Save(ctx, "session", b, time.Now().Add(30*24*time.Hour), "")
	fmt.Println(err)
	_, verified, _, err := sessions.Load(ctx, "session")
	fmt.Println(verified.Access.Username(), err)

	b.AccessToken += "x"
	_, err = sessions.Save(ctx, "another", b, time.Time{}, "")
	fmt.Println(err)
	// Output:
	// <nil>
	// ana <nil>
	// tokens: access token: malformed: signature is not base64url
}

// Of two who change the same record, the second one learns that it is late.
func ExampleNewMemoryStore() {
	ctx := context.Background()
	var store tokens.Store = tokens.NewMemoryStore(1000)
	first, err := store.Save(ctx, "k", tokens.Record{Data: []byte("one")}, "")
	fmt.Println(err)
	_, err = store.Save(ctx, "k", tokens.Record{Data: []byte("two")}, first)
	fmt.Println(err)
	_, err = store.Save(ctx, "k", tokens.Record{Data: []byte("three")}, first)
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
	// tokens: record was changed meanwhile
}

func ExampleNewFileStore() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	store, err := tokens.NewFileStore(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	rev, err := store.Save(ctx, "default", tokens.Record{Data: []byte("data"), Expires: time.Now().Add(time.Hour)}, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Delete(ctx, "default", rev))
	_, _, err = store.Load(ctx, "default")
	fmt.Println(errors.Is(err, tokens.ErrNotFound))
	// Output:
	// <nil>
	// true
}
