package tokens_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/tokens"
)

func TestVerifyAccess(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	v := newVerifier(t)
	token := mint(goodAccess(now))
	for _, pass := range []string{"new", "remembered"} {
		c, err := v.VerifyAccess(t.Context(), token)
		if err != nil {
			t.Fatalf("%s: %v", pass, err)
		}
		got := map[string]any{
			"Subject": c.Subject(), "Username": c.Username(), "ClientID": c.ClientID(), "Issuer": c.Issuer(),
			"Audience": c.Audience(), "Groups": c.Groups(), "Scopes": c.Scopes(),
			"IssuedAt": c.IssuedAt(), "ExpiresAt": c.ExpiresAt(), "NotBefore": c.NotBefore(), "AuthTime": c.AuthTime(),
			"JWTID": c.JWTID(), "OriginJTI": c.OriginJTI(), "EventID": c.EventID(), "DeviceKey": c.DeviceKey(),
			"HasGroup": c.HasGroup("editors"), "HasGroup not": c.HasGroup("edit"),
			"HasScope": c.HasScope("openid"), "HasScope not": c.HasScope("open"), "IsZero": c.IsZero(),
		}
		want := map[string]any{
			"Subject": testSubject, "Username": testUsername, "ClientID": testClient, "Issuer": testIssuer,
			"Audience": []string(nil), "Groups": []string{"admin", "editors"},
			"Scopes":   []string{"aws.cognito.signin.user.admin", "openid"},
			"IssuedAt": now.UTC(), "ExpiresAt": now.Add(time.Hour).UTC(), "NotBefore": time.Time{}, "AuthTime": now.Add(-time.Minute).UTC(),
			"JWTID": "44444444-bbbb-4ccc-8ddd-eeeeeeeeeeee", "OriginJTI": testOrigin,
			"EventID": "22222222-bbbb-4ccc-8ddd-eeeeeeeeeeee", "DeviceKey": "eu-west-1_33333333-bbbb-4ccc-8ddd-eeeeeeeeeeee",
			"HasGroup": true, "HasGroup not": false, "HasScope": true, "HasScope not": false, "IsZero": false,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pass, diff)
		}
	}
}

func TestVerifyID(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	v := newVerifier(t)
	token := mint(goodID(now))
	for _, pass := range []string{"new", "remembered"} {
		c, err := v.VerifyID(t.Context(), token)
		if err != nil {
			t.Fatalf("%s: %v", pass, err)
		}
		got := map[string]any{
			"Subject": c.Subject(), "Username": c.Username(), "ClientID": c.ClientID(), "Issuer": c.Issuer(),
			"Audience": c.Audience(), "Groups": c.Groups(), "Roles": c.Roles(), "PreferredRole": c.PreferredRole(),
			"Email": c.Email(), "EmailVerified": c.EmailVerified(),
			"PhoneNumber": c.PhoneNumber(), "PhoneNumberVerified": c.PhoneNumberVerified(), "Nonce": c.Nonce(),
			"IssuedAt": c.IssuedAt(), "ExpiresAt": c.ExpiresAt(), "NotBefore": c.NotBefore(), "AuthTime": c.AuthTime(),
			"JWTID": c.JWTID(), "OriginJTI": c.OriginJTI(), "EventID": c.EventID(),
			"HasGroup": c.HasGroup("admin"), "HasGroup not": c.HasGroup(""), "IsZero": c.IsZero(),
		}
		want := map[string]any{
			"Subject": testSubject, "Username": testUsername, "ClientID": testClient, "Issuer": testIssuer,
			"Audience": []string{testClient}, "Groups": []string{"admin", "editors"},
			"Roles": []string{"arn:aws:iam::123456789012:role/admin"}, "PreferredRole": "arn:aws:iam::123456789012:role/admin",
			"Email": "planted@example.com", "EmailVerified": true,
			"PhoneNumber": "+15555550100", "PhoneNumberVerified": false, "Nonce": "planted-nonce",
			"IssuedAt": now.UTC(), "ExpiresAt": now.Add(time.Hour).UTC(), "NotBefore": time.Time{}, "AuthTime": now.Add(-time.Minute).UTC(),
			"JWTID": "55555555-bbbb-4ccc-8ddd-eeeeeeeeeeee", "OriginJTI": testOrigin, "EventID": "22222222-bbbb-4ccc-8ddd-eeeeeeeeeeee",
			"HasGroup": true, "HasGroup not": false, "IsZero": false,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", pass, diff)
		}
	}
}

// TestVerifyAccepts holds unusual tokens that are nevertheless right.
func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	access, id := goodAccess(now), goodID(now)
	for _, tt := range []struct {
		name          string
		header        string
		access, idTok object
	}{
		{name: "second client", access: access.edit(object{"client_id": secondClient})},
		{name: "typ", header: `{"typ":"at+jwt","kid":"` + testKID + `","alg":"RS256"}`, access: access},
		{name: "typ of a strange type", header: `{"typ":7,"kid":"` + testKID + `","alg":"RS256"}`, access: access},
		{name: "white space", header: " {\n\"kid\" : \"" + testKID + "\",\t\"alg\":\"RS256\" }\r\n", access: access},
		{name: "keys offered beside the right one", header: object{"kid": testKID, "alg": "RS256", "jku": "https://x.example", "jwk": object{"kty": "RSA"}}.String(), access: access},
		{name: "client credentials", access: access.edit(object{"sub": testClient, "username": nil, "origin_jti": nil, "cognito:groups": nil})},
		{name: "audience by resource binding", access: access.edit(object{"aud": []string{"https://api.example"}})},
		{name: "custom claims of the other kind's names", access: access.edit(object{"email": 1, "cognito:roles": object{}, "nonce": nil})},
		{name: "empty groups", access: access.edit(object{"cognito:groups": []string{}})},
		{name: "audience a list of ours", idTok: id.edit(object{"aud": []string{testClient, secondClient}})},
		{name: "flags as text", idTok: id.edit(object{"email_verified": "true", "phone_number_verified": "false"})},
		{name: "scope of an odd type in an ID token", idTok: id.edit(object{"scope": 1, "username": []int{}})},
		{name: "many claims", idTok: manyClaims(id, 400)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newVerifier(t)
			header := tt.header
			if header == "" {
				header = goodHeader().String()
			}
			if tt.access != nil {
				if _, err := v.VerifyAccess(t.Context(), sign(signingKey(), header, tt.access.String())); err != nil {
					t.Error(err)
				}
				return
			}
			if _, err := v.VerifyID(t.Context(), sign(signingKey(), header, tt.idTok.String())); err != nil {
				t.Error(err)
			}
		})
	}
}

func manyClaims(base object, n int) object {
	changes := make(object)
	for i := range n {
		changes[fmt.Sprintf("custom:%d", i)] = "x"
	}
	return base.edit(changes)
}

// TestVerifyTimes checks the exact second at which each time claim takes
// effect, for new tokens and for remembered ones.
func TestVerifyTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		leeway   time.Duration
		claims   object // seconds from now
		accepted time.Duration
		refused  time.Duration
		want     tokens.ErrorCode
	}{
		{"expiry", -1, object{"exp": 100}, 100*time.Second - 1, 100 * time.Second, tokens.ErrExpired},
		{"expiry with the default leeway", 0, object{"exp": 100}, 110*time.Second - 1, 110 * time.Second, tokens.ErrExpired},
		{"expiry with a leeway", time.Minute, object{"exp": 100}, 160*time.Second - 1, 160 * time.Second, tokens.ErrExpired},
		{"not before", -1, object{"nbf": 100}, 100 * time.Second, 100*time.Second - 1, tokens.ErrNotYetValid},
		{"not before with the default leeway", 0, object{"nbf": 100}, 90 * time.Second, 90*time.Second - 1, tokens.ErrNotYetValid},
		{"issued", -1, object{"iat": 100}, 100 * time.Second, 100*time.Second - 1, tokens.ErrNotYetValid},
		{"issued with the default leeway", 0, object{"iat": 100}, 90 * time.Second, 90*time.Second - 1, tokens.ErrNotYetValid},
	} {
		for _, remembered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, remembered %t", tt.name, remembered), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					v := newVerifier(t, func(c *tokens.Config) { c.Leeway = tt.leeway })
					start := time.Now()
					claims := goodAccess(start)
					for name, after := range tt.claims {
						claims[name] = start.Unix() + int64(after.(int))
					}
					token := mint(claims)
					if remembered { // a bundle's tokens are, whatever their times
						if _, err := v.VerifyBundle(t.Context(), tokens.Bundle{AccessToken: token}); err != nil {
							t.Fatal(err)
						}
					}
					check := func(at time.Duration, want tokens.ErrorCode) {
						time.Sleep(at - time.Since(start))
						_, err := v.VerifyAccess(t.Context(), token)
						if want == "" && err != nil {
							t.Errorf("after %v: %v", at, err)
						}
						if want != "" {
							wantCode(t, err, want, secretsOf(token)...)
						}
					}
					if tt.accepted < tt.refused {
						check(tt.accepted, "")
						check(tt.refused, tt.want)
					} else {
						check(tt.refused, tt.want)
						check(tt.accepted, "")
					}
				})
			})
		}
	}
}

// TestRememberedTokenNeedsItsKey withdraws and replaces the key of a token
// that was checked before.
func TestRememberedTokenNeedsItsKey(t *testing.T) {
	t.Parallel()
	token := mint(goodAccess(time.Now()))
	good := &signingKey().PublicKey
	again := *good
	for _, tt := range []struct {
		name string
		key  *rsa.PublicKey
		err  error
		want tokens.ErrorCode
	}{
		{name: "the same key at another address", key: &again},
		{name: "withdrawn", err: tokens.ErrUnknownKey, want: tokens.ErrUnknownKey},
		{name: "withdrawn, yet handed out", key: good, err: tokens.ErrUnknownKey, want: tokens.ErrUnknownKey},
		{name: "replaced", key: &foreignKey().PublicKey, want: tokens.ErrSignature},
		{name: "source broken", want: tokens.ErrUnknownKey},
		{name: "source half broken", key: new(rsa.PublicKey), want: tokens.ErrUnknownKey},
		{name: "source away", err: &tokens.Error{Op: "key set", Code: tokens.ErrKeysUnavailable}, want: tokens.ErrKeysUnavailable},
		{name: "source away, error of its own", err: errors.New("no route"), want: tokens.ErrKeysUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key, failure := good, error(nil)
			v := newVerifier(t, func(c *tokens.Config) {
				c.Keys = keySource(func(context.Context, string) (*rsa.PublicKey, error) { return key, failure })
			})
			first, err := v.VerifyAccess(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			key, failure = tt.key, tt.err
			again, err := v.VerifyAccess(t.Context(), token)
			if tt.want == "" {
				if err != nil || again != first {
					t.Errorf("not remembered: %v", err)
				}
				return
			}
			wantCode(t, err, tt.want, secretsOf(token)...)

			// What has become good again is accepted again.
			key, failure = good, nil
			if _, err := v.VerifyAccess(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRememberedTokensAreNotReadAgain proves that the cache is in use at all,
// and that it is off when it is to be.
func TestRememberedTokensAreNotReadAgain(t *testing.T) {
	t.Parallel()
	token := mint(goodAccess(time.Now()))
	for size, want := range map[int]bool{0: true, 1: true, 100: true, -1: false} {
		v := newVerifier(t, func(c *tokens.Config) { c.CacheSize = size })
		first, err := v.VerifyAccess(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		second, err := v.VerifyAccess(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if got := first == second; got != want {
			t.Errorf("size %d: the same claims came back: %t, want %t", size, got, want)
		}
	}
}

// TestVerifyConcurrentSafe has handlers that change all they get hold of. It
// is for the race detector as well.
func TestVerifyConcurrentSafe(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, func(c *tokens.Config) { c.CacheSize = 4 })
	now := time.Now()
	var accessTokens, idTokens [8]string
	for i := range accessTokens {
		user := object{"sub": fmt.Sprintf("user-%d", i), "cognito:groups": []string{fmt.Sprintf("group-%d", i), "all"}}
		accessTokens[i], idTokens[i] = mint(goodAccess(now).edit(user)), mint(goodID(now).edit(user))
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := range 100 {
				i := (worker + n) % len(accessTokens)
				access, err := v.VerifyAccess(t.Context(), accessTokens[i])
				if err != nil {
					t.Error(err)
					return
				}
				id, err := v.VerifyID(t.Context(), idTokens[i])
				if err != nil {
					t.Error(err)
					return
				}
				want := []string{fmt.Sprintf("group-%d", i), "all"}
				for _, groups := range [][]string{access.Groups(), id.Groups()} {
					if diff := cmp.Diff(want, groups); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
						return
					}
					groups[0] = "admin"
					_ = append(groups[:1], "root")
				}
				clobber(access.Scopes(), access.Audience(), id.Audience(), id.Roles())
				all := make(map[string]any)
				if err := access.Decode(&all); err != nil {
					t.Error(err)
					return
				}
				clear(all)
			}
		})
	}
	wg.Wait()
}

func clobber(lists ...[]string) {
	for _, list := range lists {
		for i := range list {
			list[i] = "clobbered"
		}
	}
}

// TestVerifyAllocations pins what design and documentation promise.
func TestVerifyAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	token := mint(goodAccess(time.Now()))
	for _, tt := range []struct {
		name  string
		cache int
		most  float64
	}{
		{"new", -1, 40},
		{"remembered", 0, 0},
	} {
		v := newVerifier(t, func(c *tokens.Config) { c.CacheSize = tt.cache })
		got := testing.AllocsPerRun(100, func() {
			if _, err := v.VerifyAccess(t.Context(), token); err != nil {
				t.Error(err)
			}
		})
		if got > tt.most {
			t.Errorf("%s: got %v allocations, want %v at most", tt.name, got, tt.most)
		}
	}
}

func TestNewVerifierErrors(t *testing.T) {
	t.Parallel()
	keys := poolKeys(t)
	good := tokens.Config{Issuer: testIssuer, ClientIDs: []string{testClient}}
	for _, tt := range []struct {
		name   string
		change func(*tokens.Config)
		fields []string // named by the error; none if there is to be none
	}{
		{name: "good", change: func(*tokens.Config) {}},
		{name: "own keys", change: func(c *tokens.Config) { c.Keys = keys }},
		{name: "issuer on loopback", change: func(c *tokens.Config) { c.Issuer = "http://localhost:9229/eu-west-1_AbC123def" }},
		{name: "nothing", change: func(c *tokens.Config) { *c = tokens.Config{} }, fields: []string{"Issuer", "ClientIDs"}},
		{name: "issuer a pool id", change: func(c *tokens.Config) { c.Issuer = testPool }, fields: []string{"Issuer"}},
		{name: "issuer with a slash", change: func(c *tokens.Config) { c.Issuer += "/" }, fields: []string{"Issuer"}},
		{name: "issuer with a query", change: func(c *tokens.Config) { c.Issuer += "?x=y" }, fields: []string{"Issuer"}},
		{name: "issuer in the clear", change: func(c *tokens.Config) { c.Issuer = "http://example.com/p" }, fields: []string{"JWKS URL"}},
		{name: "issuer in the clear, no client", change: func(c *tokens.Config) { c.Issuer, c.ClientIDs = "http://example.com/p", nil }, fields: []string{"JWKS URL", "ClientIDs"}},
		{name: "empty client", change: func(c *tokens.Config) { c.ClientIDs = []string{testClient, ""} }, fields: []string{"ClientIDs"}},
		{name: "keys in the clear", change: func(c *tokens.Config) { c.JWKSURL = "http://example.com/jwks" }, fields: []string{"JWKS URL"}},
		{name: "two sources", change: func(c *tokens.Config) { c.Keys, c.JWKSURL = keys, "https://example.com/jwks" }, fields: []string{"Keys"}},
		{name: "all at once", change: func(c *tokens.Config) {
			*c = tokens.Config{JWKSURL: "x", Leeway: time.Hour, CacheSize: 1 << 30, MaxTokenBytes: -1}
		}, fields: []string{"Issuer", "ClientIDs", "JWKS URL", "Leeway", "CacheSize", "MaxTokenBytes"}},
		{name: "tokens without bound", change: func(c *tokens.Config) { c.MaxTokenBytes = 1 << 30 }, fields: []string{"MaxTokenBytes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := good
			tt.change(&cfg)
			v, err := tokens.NewVerifier(cfg)
			if (err == nil) != (len(tt.fields) == 0) || (v == nil) != (err != nil) {
				t.Fatalf("got verifier %t, error %v", v != nil, err)
			}
			for _, field := range tt.fields {
				if !strings.Contains(err.Error(), field) {
					t.Errorf("%v does not name %s", err, field)
				}
			}
		})
	}
}

// TestConfigIsCopied changes the caller's slice after the verifier was made.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	clients := []string{testClient}
	v := newVerifier(t, func(c *tokens.Config) { c.ClientIDs = clients })
	clients[0] = foreignClient
	if _, err := v.VerifyAccess(t.Context(), mint(goodAccess(time.Now()))); err != nil {
		t.Error(err)
	}
	_, err := v.VerifyAccess(t.Context(), mint(goodAccess(time.Now()).edit(object{"client_id": foreignClient})))
	wantCode(t, err, tokens.ErrClient)
}

func TestMaxTokenBytes(t *testing.T) {
	t.Parallel()
	token := mint(goodAccess(time.Now()))
	v := newVerifier(t, func(c *tokens.Config) { c.MaxTokenBytes = len(token) })
	if _, err := v.VerifyAccess(t.Context(), token); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	_, err := v.VerifyAccess(t.Context(), token+"A")
	wantCode(t, err, tokens.ErrTooLarge)
}

func TestPoolIssuer(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		testPool:                               testIssuer,
		"cn-north-1_AbC123def":                 "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC123def",
		"us-gov-west-1_AbC123def":              "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbC123def",
		"":                                     "",
		"eu-west-1":                            "",
		"eu-west-1_":                           "",
		"_AbC123def":                           "",
		"eu-west-1_a_b":                        "",
		"eu-west-1_a/../b":                     "",
		"eu.example/_AbC":                      "",
		"EU-WEST-1_AbC123def":                  "",
		"eu-west-1_AbC\n":                      "",
		"eu-west-1_" + strings.Repeat("a", 46): "",
		"eu-west-1_" + strings.Repeat("a", 45): "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_" + strings.Repeat("a", 45),
	} {
		got, err := tokens.PoolIssuer(id)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", id, got, err, want)
		}
	}
}
