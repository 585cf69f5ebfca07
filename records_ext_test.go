package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// tampered returns a token with another signature.
func tampered(token string) string {
	i := strings.LastIndex(token, ".") + 20
	other := "A"
	if token[i] == 'A' {
		other = "B"
	}
	return token[:i] + other + token[i+1:]
}

// Behaviors 64, 66 and 67: a record that was tampered with, that is another
// app client's or pool's, or that mixes two people or two sign-ins, is neither
// used nor sent nor removed.
func TestDamagedRecordIsRefused(t *testing.T) {
	t.Parallel()
	type people struct{ ana, again, ben, otherClient, otherPool tokens.Bundle }
	tests := []struct {
		name   string
		damage func(p people) tokens.Bundle
		want   error
	}{
		{"tampered access token", func(p people) tokens.Bundle {
			p.ana.AccessToken = tampered(p.ana.AccessToken)
			return p.ana
		}, tokens.ErrSignature},
		{"tampered ID token", func(p people) tokens.Bundle {
			p.ana.IDToken = tampered(p.ana.IDToken)
			return p.ana
		}, tokens.ErrSignature},
		{"tokens swapped", func(p people) tokens.Bundle {
			p.ana.AccessToken, p.ana.IDToken = p.ana.IDToken, p.ana.AccessToken
			return p.ana
		}, tokens.ErrTokenUse},
		{"no JWT", func(p people) tokens.Bundle { p.ana.AccessToken = "x"; return p.ana }, tokens.ErrMalformed},
		{"ID token of another person", func(p people) tokens.Bundle { p.ana.IDToken = p.ben.IDToken; return p.ana }, tokens.ErrMixed},
		{"access token of another person", func(p people) tokens.Bundle { p.ana.AccessToken = p.ben.AccessToken; return p.ana }, tokens.ErrMixed},
		{"tokens of another person", func(p people) tokens.Bundle {
			p.ana.AccessToken, p.ana.IDToken = p.ben.AccessToken, p.ben.IDToken
			return p.ana
		}, tokens.ErrMixed},
		{"subject of another person", func(p people) tokens.Bundle { p.ana.Subject = p.ben.Subject; return p.ana }, tokens.ErrMixed},
		{"ID token of another sign-in", func(p people) tokens.Bundle { p.ana.IDToken = p.again.IDToken; return p.ana }, tokens.ErrMixed},
		{"another app client's", func(p people) tokens.Bundle { return p.otherClient }, tokens.ErrClient},
		{"ID token of another app client", func(p people) tokens.Bundle { p.ana.IDToken = p.otherClient.IDToken; return p.ana }, tokens.ErrClient},
		{"another pool's", func(p people) tokens.Bundle { return p.otherPool }, tokens.ErrInvalid},
	}
	for _, tt := range tests {
		for _, expired := range []bool{false, true} {
			bubble(t, tt.name, func(t *testing.T) {
				const sub = "11111111-2222-4333-8444-555555555555"
				pool, store := newPool(t, authtest.Config{}), newFaultyStore()
				issuedBy := func(pool *authtest.Pool, name string) tokens.Bundle {
					t.Helper()
					own := newFaultyStore()
					signIn(t, sessionOf(t, newClient(t, pool, own.on()), "x"), name)
					_, b := own.bundle(t)
					return b
				}
				ana := authtest.User{Name: "ana", Password: thePassword, Sub: sub}
				pool.AddUser(ana)
				addUser(t, pool, "ben")
				otherClient := newPool(t, authtest.Config{PoolID: pool.PoolID()})
				otherPool := newPool(t, authtest.Config{ClientID: pool.ClientID()})
				otherClient.AddUser(ana)
				otherPool.AddUser(ana)

				s := sessionOf(t, newClient(t, pool, store.on()), "1")
				signIn(t, s, "ana")
				key, b := store.bundle(t)
				store.putBundle(t, key, tt.damage(people{
					b, issuedBy(pool, "ana"), issuedBy(pool, "ben"), issuedBy(otherClient, "ana"), issuedBy(otherPool, "ana"),
				}))
				before, rev, _ := store.store.Load(t.Context(), key)
				asked := len(operations(pool))
				if expired {
					time.Sleep(2 * time.Hour)
				}

				for name, call := range map[string]func() error{
					"fetch": func() error {
						_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
						return err
					},
					"force":   func() error { _, err := auth.FetchAuthSession(t.Context(), s, forced()); return err },
					"current": func() error { _, err := auth.GetCurrentUser(t.Context(), s); return err },
					"renew":   func() error { _, err := auth.RenewSession(t.Context(), s, "2"); return err },
				} {
					err := call()
					wantCode(t, err, auth.ErrInvalidTokens)
					if !errors.Is(err, tt.want) {
						t.Errorf("%s: got %v, want %v", name, err, tt.want)
					}
				}
				if ops := operations(pool)[asked:]; len(ops) != 0 {
					t.Errorf("requests: %v", ops)
				}
				after, now, err := store.store.Load(t.Context(), key)
				if err != nil || now != rev || string(after.Data) != string(before.Data) {
					t.Errorf("the record was touched: %v", err)
				}
				if n := len(store.records()); n != 1 {
					t.Errorf("the store holds %d records, want 1", n)
				}

				// Signing in is the way out.
				signIn(t, s, "ana")
				if got := fetch(t, s).UserSub; got != sub {
					t.Errorf("sub after signing in: got %q, want %q", got, sub)
				}
			})
		}
	}
}

// What is no record of this package at all is refused as well.
func TestRecordThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"", "null", "{}", "[]", "nonsense", `{"version":2,"access_token":"x"}`, "\x00\xff",
		`{"rejectedToken":"AAAA"}`, // a mark of the wrong size
		`{"movedTo":""}`,
	} {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on()), "1")
		signIn(t, s, "ana")
		key, _ := store.bundle(t)
		store.put(t, key, []byte(data))
		_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrInvalidTokens)
		if rec, _, err := store.store.Load(t.Context(), key); err != nil || string(rec.Data) != data {
			t.Errorf("%q: the record was touched: %v", data, err)
		}
	}
}

// Records of two clients, of two pools or of two sessions do not meet, though
// all are in one store under one id.
func TestRecordsOfOthersAreOutOfReach(t *testing.T) {
	t.Parallel()
	store := newFaultyStore()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	otherClient := newPool(t, authtest.Config{PoolID: pool.PoolID()})
	otherPool := newPool(t, authtest.Config{ClientID: pool.ClientID()})
	signIn(t, sessionOf(t, newClient(t, pool, store.on()), "1"), "ana")
	for name, s := range map[string]*auth.Session{
		"another session":    sessionOf(t, newClient(t, pool, store.on()), "2"),
		"another app client": sessionOf(t, newClient(t, otherClient, store.on()), "1"),
		"another pool":       sessionOf(t, newClient(t, otherPool, store.on()), "1"),
	} {
		_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		if auth.CodeOf(err) != auth.ErrNotSignedIn {
			t.Errorf("%s: got %v, want ErrNotSignedIn", name, err)
		}
	}
	key, _ := store.bundle(t)
	if strings.Contains(key, "1") && len(key) < 40 {
		t.Errorf("the key %q does not hide the id", key)
	}
}

// Behavior 64: a record that cannot be verified for lack of keys is left alone
// and is not called invalid.
func TestRecordWithoutKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		signIn(t, sessionOf(t, newClient(t, pool, store.on()), "1"), "ana")
		_, before := store.bundle(t)
		over := pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, HTML: true, Times: -1})
		s := sessionOf(t, newClient(t, pool, store.on()), "1") // a host that has just started
		asked := len(operations(pool))
		_, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrKeysUnavailable)
		_, err = auth.FetchAuthSession(t.Context(), s, forced())
		wantCode(t, err, auth.ErrKeysUnavailable)
		_, err = auth.SignIn(t.Context(), sessionOf(t, newClient(t, pool), "2"), auth.SignInInput{Username: "ana", Password: thePassword})
		wantCode(t, err, auth.ErrKeysUnavailable)
		if ops := operations(pool)[asked:]; len(ops) != 0 {
			t.Errorf("requests: %v", ops)
		}
		if _, b := store.bundle(t); !b.Equal(before) {
			t.Error("the record was changed")
		}
		over()
		time.Sleep(time.Minute)
		fetch(t, s)
	})
}

// An evicted or expired record is a session that is not signed in.
func TestRecordExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, store := newPool(t, authtest.Config{}), newFaultyStore()
		addUser(t, pool, "ana")
		s := sessionOf(t, newClient(t, pool, store.on(), func(cfg *auth.Config) { cfg.RefreshTokenValidity = 24 * time.Hour }), "1")
		signIn(t, s, "ana")
		for range 3 { // use prolongs it
			time.Sleep(23 * time.Hour)
			fetch(t, s)
		}
		time.Sleep(24 * time.Hour)
		_, err := auth.FetchAuthSession(context.Background(), s, auth.FetchAuthSessionInput{})
		wantCode(t, err, auth.ErrNotSignedIn)
	})
}
