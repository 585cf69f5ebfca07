package authtest

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// get fetches a document from the pool.
func get(t testing.TB, p *Pool, url string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, res)
}

// parseToken verifies a token with the published keys, and returns its parts.
func parseToken(t testing.TB, p *Pool, token string) (header, claims map[string]any) {
	t.Helper()
	var set struct {
		Keys []struct{ Kid, Alg, Kty, Use, E, N string }
	}
	if err := json.Unmarshal([]byte(get(t, p, p.Issuer()+"/.well-known/jwks.json").raw), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 2 {
		t.Fatalf("key set: got %d keys, want 2", len(set.Keys))
	}
	parsed, err := jwt.Parse(token, func(token *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.Kid != token.Header["kid"] {
				continue
			}
			if k.Alg != "RS256" || k.Kty != "RSA" || k.Use != "sig" {
				t.Errorf("key: got %+v", k)
			}
			n, err := base64.RawURLEncoding.DecodeString(k.N)
			if err != nil {
				return nil, err
			}
			e, err := base64.RawURLEncoding.DecodeString(k.E)
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, err
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, parsed.Claims.(jwt.MapClaims)
}

func TestTokenClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{
			PoolID: "eu-west-1_AbC123def", ExplicitAuthFlows: passwordFlow,
			AccessTokenValidity: 5 * time.Minute, IDTokenValidity: 10 * time.Minute,
			CustomAttributes: []string{"plan"}, ReadAttributes: []string{"email", "email_verified", "custom:plan", "address"},
		})
		sub := p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123",
			Attributes: map[string]string{"custom:plan": "7", "address": "Main Street"}})
		access, id, _ := signIn(t, p)
		now := float64(time.Now().Unix())

		accessHeader, accessClaims := parseToken(t, p, access)
		idHeader, idClaims := parseToken(t, p, id)
		if len(accessHeader) != 2 || len(idHeader) != 2 || accessHeader["kid"] == idHeader["kid"] {
			t.Errorf("headers: got %v and %v, want kid and alg, the kids different", accessHeader, idHeader)
		}
		random := func(claims map[string]any, names ...string) {
			for _, name := range names {
				if s, _ := claims[name].(string); len(s) != 36 {
					t.Errorf("%s: got %v", name, claims[name])
				}
				delete(claims, name)
			}
		}
		if accessClaims["origin_jti"] != idClaims["origin_jti"] || accessClaims["jti"] == idClaims["jti"] {
			t.Error("origin_jti must be the same in both tokens, jti must not")
		}
		random(accessClaims, "jti", "origin_jti", "event_id")
		random(idClaims, "jti", "origin_jti", "event_id")
		wantAccess := map[string]any{
			"sub": sub, "username": "ana", "client_id": "client1", "token_use": "access", "scope": "aws.cognito.signin.user.admin",
			"iss":       "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def",
			"auth_time": now, "iat": now, "exp": now + 300,
		}
		if diff := cmp.Diff(wantAccess, accessClaims); diff != "" {
			t.Errorf("access token (-want +got):\n%s", diff)
		}
		wantID := map[string]any{
			"sub": sub, "cognito:username": "ana", "aud": "client1", "token_use": "id",
			"iss":       "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123def",
			"auth_time": now, "iat": now, "exp": now + 600,
			"email": "ana@example.com", "email_verified": true, "custom:plan": "7", "address": map[string]any{"formatted": "Main Street"},
		}
		if diff := cmp.Diff(wantID, idClaims); diff != "" {
			t.Errorf("ID token (-want +got):\n%s", diff)
		}
	})
}

func TestIssuer(t *testing.T) {
	t.Parallel()
	if got, want := newPool(t, Config{PoolID: "cn-north-1_AbC123def"}).Issuer(), "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_AbC123def"; got != want {
		t.Errorf("issuer: got %s, want %s", got, want)
	}
	p := newPool(t, Config{Issuer: "http://127.0.0.1:9000/realm/"})
	for _, base := range []string{"http://127.0.0.1:9000/realm", "https://any.host/" + p.PoolID()} {
		a := get(t, p, base+"/.well-known/openid-configuration")
		if a.str("issuer") != "http://127.0.0.1:9000/realm" || a.str("jwks_uri") != "http://127.0.0.1:9000/realm/.well-known/jwks.json" {
			t.Errorf("%s: got %s", base, a.raw)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:9000/other/.well-known/jwks.json", http.NoBody)
	res, err := p.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("another pool's key set: got %d", res.StatusCode)
	}
}

func refreshBy(operation, token string) m {
	if operation == "InitiateAuth" {
		return m{"ClientId": "client1", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": m{"REFRESH_TOKEN": token}}
	}
	return m{"ClientId": "client1", "RefreshToken": token}
}

var refreshOperations = []string{"InitiateAuth", "GetTokensFromRefreshToken"}

func TestRefresh(t *testing.T) {
	t.Parallel()
	for _, operation := range refreshOperations {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, RefreshTokenValidity: 2 * time.Hour})
				p.AddUser(User{Name: "ana", Password: testPassword})
				access, _, refresh := signIn(t, p)
				if !strings.HasPrefix(refresh, "eyJjdHkiOiJKV1Qi") || strings.Count(refresh, ".") != 4 || len(refresh) < 1600 || len(refresh) > 1900 {
					t.Errorf("refresh token: got %d characters", len(refresh))
				}
				_, before := parseToken(t, p, access)
				time.Sleep(2*time.Hour - time.Second)
				a := ok(t, p, operation, refreshBy(operation, refresh))
				if a.str("AuthenticationResult", "RefreshToken") != "" {
					t.Error("a refresh token without rotation")
				}
				_, after := parseToken(t, p, result(t, a, "AccessToken"))
				for _, kept := range []string{"auth_time", "origin_jti", "event_id", "sub"} {
					if before[kept] != after[kept] {
						t.Errorf("%s: got %v, want %v", kept, after[kept], before[kept])
					}
				}
				for _, renewed := range []string{"jti", "iat", "exp"} {
					if before[renewed] == after[renewed] {
						t.Errorf("%s has not changed", renewed)
					}
				}
				fails(t, p, operation, refreshBy(operation, refresh+"A"), "NotAuthorizedException", "Invalid Refresh Token")
				fails(t, p, operation, refreshBy(operation, access), "NotAuthorizedException", "Invalid Refresh Token")
				time.Sleep(time.Second)
				fails(t, p, operation, refreshBy(operation, refresh), "NotAuthorizedException", "Refresh Token has expired")
			})
		})
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	const operation, reuse = "GetTokensFromRefreshToken", "Refresh token has been invalidated by rotation"
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{
			ExplicitAuthFlows: []AuthFlow{AllowUserPassword}, RotateRefreshTokens: true,
			RefreshGracePeriod: 10 * time.Second, RefreshTokenValidity: 2 * time.Hour,
		})
		p.AddUser(User{Name: "ana", Password: testPassword})
		_, _, first := signIn(t, p)
		fails(t, p, "InitiateAuth", refreshBy("InitiateAuth", first), "InvalidParameterException", "Auth flow not enabled for this client")
		second := result(t, ok(t, p, operation, refreshBy(operation, first)), "RefreshToken")
		if second == first {
			t.Error("the token has not been rotated")
		}
		time.Sleep(10*time.Second - time.Millisecond)
		third := result(t, ok(t, p, operation, refreshBy(operation, first)), "RefreshToken")
		time.Sleep(time.Millisecond)
		// The grace period runs from the first rotation.
		fails(t, p, operation, refreshBy(operation, first), "RefreshTokenReuseException", reuse)
		for _, token := range []string{second, third} {
			result(t, ok(t, p, operation, refreshBy(operation, token)), "RefreshToken")
		}
		latest := result(t, ok(t, p, operation, refreshBy(operation, second)), "RefreshToken")
		time.Sleep(2*time.Hour - 10*time.Second)
		fails(t, p, operation, refreshBy(operation, latest), "NotAuthorizedException", "Refresh Token has expired")
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUserPassword}, RotateRefreshTokens: true})
		p.AddUser(User{Name: "ana", Password: testPassword})
		_, _, first := signIn(t, p)
		ok(t, p, operation, refreshBy(operation, first))
		fails(t, p, operation, refreshBy(operation, first), "RefreshTokenReuseException", reuse)
	})
}

// TestRevocation is the matrix of what ends which tokens.
func TestRevocation(t *testing.T) {
	t.Parallel()
	const user = `"Username":"ana"}`
	tests := []struct {
		name string
		// revoke ends tokens of the first of two sign-ins.
		revoke func(t *testing.T, p *Pool, access, refresh string)
		others bool // whether the second sign-in survives
		access string
		// refresh is the message for refresh tokens.
		refresh string
	}{
		{"RevokeToken", func(t *testing.T, p *Pool, _, refresh string) {
			t.Helper()
			ok(t, p, "RevokeToken", m{"ClientId": "client1", "Token": refresh})
		}, true, "Access Token has been revoked", "Refresh Token has been revoked"},
		{"GlobalSignOut", func(t *testing.T, p *Pool, access, _ string) {
			t.Helper()
			ok(t, p, "GlobalSignOut", m{"AccessToken": access})
		}, false, "Access Token has been revoked", "Refresh Token has been revoked"},
		{"AdminUserGlobalSignOut", func(t *testing.T, p *Pool, _, _ string) {
			t.Helper()
			admin(t, p, "AdminUserGlobalSignOut", user)
		}, false, "Access Token has been revoked", "Refresh Token has been revoked"},
		{"AdminDisableUser", func(t *testing.T, p *Pool, _, _ string) {
			t.Helper()
			admin(t, p, "AdminDisableUser", user)
			admin(t, p, "AdminEnableUser", user)
		}, false, "Access Token has been revoked", "Refresh Token has been revoked"},
		{"AdminDeleteUser", func(t *testing.T, p *Pool, _, _ string) {
			t.Helper()
			if a := admin(t, p, "AdminDeleteUser", user); a.raw != "" {
				t.Errorf("body: got %q", a.raw)
			}
		}, false, "Access Token has been revoked", "Refresh Token has been revoked"},
		{"DeleteUser", func(t *testing.T, p *Pool, access, _ string) {
			t.Helper()
			if a := ok(t, p, "DeleteUser", m{"AccessToken": access}); a.raw != "" {
				t.Errorf("body: got %q", a.raw)
			}
		}, false, "Access Token has been revoked", "Refresh Token has been revoked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
			p.AddUser(User{Name: "ana", Password: testPassword})
			access, _, refresh := signIn(t, p)
			refreshed := result(t, ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh)), "AccessToken")
			otherAccess, _, otherRefresh := signIn(t, p)
			tt.revoke(t, p, access, refresh)
			for _, token := range []string{access, refreshed} {
				fails(t, p, "GetUser", m{"AccessToken": token}, "NotAuthorizedException", tt.access)
				parseToken(t, p, token) // still passes where nobody asks the pool
			}
			for _, operation := range refreshOperations {
				fails(t, p, operation, refreshBy(operation, refresh), "NotAuthorizedException", tt.refresh)
			}
			if a := post(t, p, "GetUser", m{"AccessToken": otherAccess}); (a.code() == "") != tt.others {
				t.Errorf("other sign-in, access token: got %q", a.code())
			}
			if a := post(t, p, "InitiateAuth", refreshBy("InitiateAuth", otherRefresh)); (a.code() == "") != tt.others {
				t.Errorf("other sign-in, refresh token: got %q", a.code())
			}
		})
	}
}

// admin sends a signed operation that must succeed. members are JSON members
// besides UserPoolId, with the closing brace.
func admin(t testing.TB, p *Pool, operation, members string) answer {
	t.Helper()
	a := postSigned(t, p, operation, members)
	if a.status != http.StatusOK {
		t.Fatalf("%s: got %d %s: %s", operation, a.status, a.code(), a.message())
	}
	return a
}

func postSigned(t testing.TB, p *Pool, operation, members string) answer {
	t.Helper()
	body := `{"UserPoolId":"` + p.PoolID() + `",` + members
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://pool.test/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0")
	res, err := used(p.HTTPClient()).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, res)
}

func adminFails(t testing.TB, p *Pool, operation, members, code, message string) {
	t.Helper()
	if a := postSigned(t, p, operation, members); a.code() != code || a.message() != message {
		t.Fatalf("%s: got %s: %q\nwant %s: %q", operation, a.code(), a.message(), code, message)
	}
}

func TestRevokeTokenErrors(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	access, id, refresh := signIn(t, p)
	for token, want := range map[string]string{access: "UnsupportedTokenTypeException", id: "UnsupportedTokenTypeException", "unknown": ""} {
		if a := post(t, p, "RevokeToken", m{"ClientId": "client1", "Token": token}); a.code() != want {
			t.Errorf("got %q, want %q", a.code(), want)
		}
	}
	if a := post(t, p, "RevokeToken", m{"ClientId": "other", "Token": refresh}); a.code() != "UnauthorizedException" {
		t.Errorf("another client: got %q", a.code())
	}
	for range 2 {
		if a := ok(t, p, "RevokeToken", m{"ClientId": "client1", "Token": refresh}); a.raw != "{}" {
			t.Errorf("body: got %s", a.raw)
		}
	}

	p = newPool(t, Config{ExplicitAuthFlows: passwordFlow, DisableTokenRevocation: true})
	p.AddUser(User{Name: "ana", Password: testPassword})
	access, _, refresh = signIn(t, p)
	if _, claims := parseToken(t, p, access); claims["origin_jti"] != nil {
		t.Error("origin_jti in a token that cannot be revoked")
	}
	if a := post(t, p, "RevokeToken", m{"ClientId": "client1", "Token": refresh}); a.code() != "UnsupportedOperationException" {
		t.Errorf("revocation disabled: got %q", a.code())
	}
	ok(t, p, "GetUser", m{"AccessToken": access})
	ok(t, p, "GlobalSignOut", m{"AccessToken": access})
	fails(t, p, "GetUser", m{"AccessToken": access}, "NotAuthorizedException", "Access Token has been revoked")
}

func TestAccessTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword})
		access, id, _ := signIn(t, p)
		other := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		other.AddUser(User{Name: "ana", Password: testPassword})
		foreign, _, _ := signIn(t, other)

		parts := strings.Split(access, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		forge := func(old, changed string) string {
			text := strings.Replace(string(payload), old, changed, 1)
			if text == string(payload) {
				t.Fatalf("no %s in the payload", old)
			}
			return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + parts[2]
		}
		unscoped := accessKey().sign(jwt.MapClaims(decodeJSON(t, strings.Replace(string(payload), adminScope, "openid", 1))))
		noneHeader := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
		const signature = "Could not verify signature for Access Token"
		tests := []struct{ name, token, message string }{
			{"ID token", id, "Invalid Access Token"},
			{"no token", "nonsense", "Invalid Access Token"},
			{"another pool's", foreign, "Invalid Access Token"},
			{"changed user", forge(`"username":"ana"`, `"username":"bob"`), signature},
			{"changed expiry", forge(`"exp":`, `"exp":9`), signature},
			{"no signature", parts[0] + "." + parts[1] + ".", signature},
			{"alg none", noneHeader + "." + parts[1] + ".", signature},
			{"no scope", unscoped, "Access Token does not have required scopes"},
		}
		for _, tt := range tests {
			if a := post(t, p, "GetUser", m{"AccessToken": tt.token}); a.code() != "NotAuthorizedException" || a.message() != tt.message {
				t.Errorf("%s: got %s: %s, want %s", tt.name, a.code(), a.message(), tt.message)
			}
		}
		ok(t, p, "GetUser", m{"AccessToken": access})

		// A token is no good while the password has to be reset.
		const user = `"Username":"ana"}`
		admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"email","Value":"ana@example.com"},{"Name":"email_verified","Value":"true"}]}`)
		admin(t, p, "AdminResetUserPassword", user)
		fails(t, p, "GetUser", m{"AccessToken": access}, "PasswordResetRequiredException", "Password reset required for the user")
		ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": testPassword})
		ok(t, p, "GetUser", m{"AccessToken": access})

		time.Sleep(time.Hour)
		fails(t, p, "GetUser", m{"AccessToken": access}, "NotAuthorizedException", "Access Token has expired")
	})
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, ReadAttributes: []string{"email", "email_verified"}})
	sub := p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123"})
	access, _, _ := signIn(t, p)
	a := ok(t, p, "GetUser", m{"AccessToken": access})
	want := map[string]any{"Username": "ana", "UserAttributes": []any{
		map[string]any{"Name": "sub", "Value": sub},
		map[string]any{"Name": "email", "Value": "ana@example.com"},
		map[string]any{"Name": "email_verified", "Value": "true"},
	}}
	if diff := cmp.Diff(want, a.body); diff != "" {
		t.Errorf("GetUser (-want +got):\n%s", diff)
	}
}

func TestGrantsAreBounded(t *testing.T) {
	t.Parallel()
	const limit = 100
	table := newGrantTable(limit)
	u := &user{}
	for range limit + 10 {
		g := &grant{user: u, eventID: randomUUID()}
		table.add(g)
		g.refresh = append(g.refresh, refreshKey{})
	}
	if got := table.order.Len(); got != limit || len(table.events) != limit || len(table.byUser[u]) != limit {
		t.Errorf("got %d grants, want %d", got, limit)
	}
	g := table.order.Back().Value.(*grant)
	g.refresh = nil
	var tokens []string
	for range maxRotations + 5 {
		tokens = append(tokens, table.newRefreshToken(g))
	}
	if len(g.refresh) != maxRotations || len(table.byRefresh) != maxRotations {
		t.Errorf("got %d refresh tokens, want %d", len(table.byRefresh), maxRotations)
	}
	if table.refreshToken(tokens[0]) != nil || table.refreshToken(tokens[len(tokens)-1]) == nil {
		t.Error("the wrong tokens have been forgotten")
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	table := newSessionTable([32]byte{})
	now := time.Now()
	for range maxSessions + 10 {
		table.start(&session{issued: now, expires: now.Add(time.Minute)})
	}
	if len(table.byID) != maxSessions || table.order.Len() != maxSessions {
		t.Errorf("got %d sessions, want %d", len(table.byID), maxSessions)
	}
	table.start(&session{issued: now.Add(time.Minute), expires: now.Add(2 * time.Minute)})
	if len(table.byID) != 1 || table.order.Len() != 1 {
		t.Errorf("got %d sessions after all others expired", len(table.byID))
	}
}

// TestVerifiedTokens shows that a token which was verified speaks for itself
// alone, and only as long as it is good.
func TestVerifiedTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword})
		access, id, _ := signIn(t, p)
		for range 2 {
			ok(t, p, "GetUser", m{"AccessToken": access})
		}
		signed, signature, _ := cutLast(access, ".")
		_, foreign, _ := cutLast(id, ".")
		for _, token := range []string{signed + "." + foreign, signed + "." + signature[1:], signed + "."} {
			fails(t, p, "GetUser", m{"AccessToken": token}, "NotAuthorizedException", msgAccessSignature)
		}
		time.Sleep(time.Hour)
		fails(t, p, "GetUser", m{"AccessToken": access}, "NotAuthorizedException", msgAccessExpired)
		access, _, _ = signIn(t, p)
		ok(t, p, "GetUser", m{"AccessToken": access})
		admin(t, p, "AdminUserGlobalSignOut", `"Username":"ana"}`)
		fails(t, p, "GetUser", m{"AccessToken": access}, "NotAuthorizedException", msgAccessRevoked)
	})

	var memory tokenMemory
	for i := range maxVerified + 2 {
		memory.add(sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	_, first := memory.known[sha256.Sum256([]byte{1, 0})]
	_, second := memory.known[sha256.Sum256([]byte{2, 0})]
	if first || !second || len(memory.known) != maxVerified || len(memory.oldest) != maxVerified {
		t.Errorf("of too many tokens, %d and %d are known", len(memory.known), len(memory.oldest))
	}
}
