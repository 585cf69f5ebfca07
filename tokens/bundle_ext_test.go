package tokens_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/tokens"
)

func goodBundle(now time.Time) tokens.Bundle {
	return tokens.Bundle{
		AccessToken: mint(goodAccess(now)), IDToken: mint(goodID(now)), RefreshToken: "planted-refresh-token",
		Subject: testSubject, Username: testUsername,
		Device:        &tokens.Device{Key: "eu-west-1_planted-device", GroupKey: "planted-group"},
		ClockOffset:   -1234 * time.Millisecond,
		SignInDetails: tokens.SignInDetails{LoginID: "planted@example.com", AuthFlow: "USER_SRP_AUTH"},
	}
}

func TestVerifyBundle(t *testing.T) {
	t.Parallel()
	now := time.Now()
	good := goodBundle(now)
	access, id := goodAccess(now), goodID(now)
	tamper := func(token string) string {
		parts := strings.Split(token, ".")
		parts[1] = base64URL(access.edit(object{"cognito:groups": []string{"root"}}).String())
		return strings.Join(parts, ".")
	}
	other := object{"sub": "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee", "username": "other", "cognito:username": "other"}
	expired := object{"exp": now.Add(-time.Hour).Unix(), "iat": now.Add(-2 * time.Hour).Unix()}
	future := object{"exp": now.Add(2 * time.Hour).Unix(), "iat": now.Add(time.Hour).Unix()}
	for _, tt := range []struct {
		name   string
		change func(*tokens.Bundle)
		want   tokens.ErrorCode
	}{
		{name: "good", change: func(*tokens.Bundle) {}},
		{name: "without ID token", change: func(b *tokens.Bundle) { b.IDToken = "" }},
		{name: "without refresh token", change: func(b *tokens.Bundle) { b.RefreshToken = "" }},
		{name: "without names", change: func(b *tokens.Bundle) { b.Subject, b.Username = "", "" }},
		{name: "without origin_jti in one token", change: func(b *tokens.Bundle) { b.AccessToken = mint(access.edit(object{"origin_jti": nil})) }},
		// Behavior 65: well signed and expired is accepted, as a reason to refresh.
		{name: "both expired", change: func(b *tokens.Bundle) {
			b.AccessToken, b.IDToken = mint(access.edit(expired)), mint(id.edit(expired))
		}},
		// Behavior 68: a clock that is behind does not spoil the tokens.
		{name: "our clock an hour behind", change: func(b *tokens.Bundle) {
			b.AccessToken, b.IDToken = mint(access.edit(future)), mint(id.edit(future))
		}},

		{name: "no access token", change: func(b *tokens.Bundle) { b.AccessToken = "" }, want: tokens.ErrBundle},
		// Behavior 64: a tampered access token is rejected by the signature check.
		{name: "tampered access token", change: func(b *tokens.Bundle) { b.AccessToken = tamper(b.AccessToken) }, want: tokens.ErrSignature},
		{name: "tampered ID token", change: func(b *tokens.Bundle) { b.IDToken = tamper(b.IDToken) }, want: tokens.ErrSignature},
		{name: "tampered and expired", change: func(b *tokens.Bundle) { b.AccessToken = tamper(mint(access.edit(expired))) }, want: tokens.ErrSignature},
		{name: "tokens swapped", change: func(b *tokens.Bundle) { b.AccessToken, b.IDToken = b.IDToken, b.AccessToken }, want: tokens.ErrTokenUse},
		{name: "access token twice", change: func(b *tokens.Bundle) { b.IDToken = b.AccessToken }, want: tokens.ErrTokenUse},
		{name: "other pool", change: func(b *tokens.Bundle) { b.AccessToken = mint(access.edit(object{"iss": testIssuer + "x"})) }, want: tokens.ErrIssuer},
		// Behavior 66: another client's tokens, by aud and by client_id.
		{name: "ID token of another client", change: func(b *tokens.Bundle) { b.IDToken = mint(id.edit(object{"aud": foreignClient})) }, want: tokens.ErrClient},
		{name: "access token of another client", change: func(b *tokens.Bundle) { b.AccessToken = mint(access.edit(object{"client_id": foreignClient})) }, want: tokens.ErrClient},
		{name: "garbage", change: func(b *tokens.Bundle) { b.IDToken = "garbage" }, want: tokens.ErrMalformed},

		// Behavior 67: no mixture of two sessions is ever taken for one.
		{name: "ID token of another user", change: func(b *tokens.Bundle) { b.IDToken = mint(id.edit(other)) }, want: tokens.ErrMixed},
		{name: "access token of another user", change: func(b *tokens.Bundle) { b.AccessToken = mint(access.edit(other)) }, want: tokens.ErrMixed},
		{name: "access token of another user, no ID token", change: func(b *tokens.Bundle) {
			b.AccessToken, b.IDToken = mint(access.edit(other)), ""
		}, want: tokens.ErrMixed},
		{name: "other user's name only", change: func(b *tokens.Bundle) {
			b.Username, b.IDToken = "", mint(id.edit(object{"cognito:username": "other"}))
		}, want: tokens.ErrMixed},
		{name: "two configured clients", change: func(b *tokens.Bundle) { b.IDToken = mint(id.edit(object{"aud": secondClient})) }, want: tokens.ErrMixed},
		{name: "two sign-ins of one user", change: func(b *tokens.Bundle) {
			b.IDToken = mint(id.edit(object{"origin_jti": "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee"}))
		}, want: tokens.ErrMixed},
		{name: "subject not the tokens'", change: func(b *tokens.Bundle) { b.Subject = "99999999-bbbb-4ccc-8ddd-eeeeeeeeeeee" }, want: tokens.ErrMixed},
		{name: "username not the tokens'", change: func(b *tokens.Bundle) { b.Username = "planted-other" }, want: tokens.ErrMixed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newVerifier(t)
			b := good
			tt.change(&b)
			verified, err := v.VerifyBundle(t.Context(), b)
			if tt.want != "" {
				wantCode(t, err, tt.want, append(secretsOf(b.AccessToken), secretsOf(b.IDToken)...)...)
				wantFamily(t, err)
				if verified != nil {
					t.Error("claims came with the error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if verified.Access.Subject() != testSubject || verified.ID.IsZero() != (b.IDToken == "") {
				t.Error("the claims are not the tokens'")
			}
		})
	}
}

// TestExpiredBundleIsNotAccess makes sure that a token which a bundle was
// verified with is still refused where times count.
func TestExpiredBundleIsNotAccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, b := newVerifier(t), goodBundle(time.Now())
		time.Sleep(2 * time.Hour)
		for range 2 {
			// Behavior 65: accepted only as a reason to refresh.
			verified, err := v.VerifyBundle(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			if !time.Now().After(verified.Expires()) {
				t.Error("the bundle does not look expired")
			}
			_, err = v.VerifyAccess(t.Context(), b.AccessToken)
			wantCode(t, err, tokens.ErrExpired)
			_, err = v.VerifyID(t.Context(), b.IDToken)
			wantCode(t, err, tokens.ErrExpired)
		}
	})
}

func TestVerifiedExpires(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	soon, late := object{"exp": now.Add(time.Minute).Unix()}, object{"exp": now.Add(time.Hour).Unix()}
	access, id := goodAccess(now), goodID(now)
	v := newVerifier(t)
	// Behavior 57: access or ID token, the first to expire decides.
	for name, b := range map[string]tokens.Bundle{
		"access first": {AccessToken: mint(access.edit(soon)), IDToken: mint(id.edit(late))},
		"ID first":     {AccessToken: mint(access.edit(late)), IDToken: mint(id.edit(soon))},
		"access only":  {AccessToken: mint(access.edit(soon))},
	} {
		verified, err := v.VerifyBundle(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := verified.Expires(), now.Add(time.Minute); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestBundleRoundTrip(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]tokens.Bundle{
		"full":       goodBundle(time.Now()),
		"least":      {AccessToken: "a"},
		"characters": {AccessToken: "a", Username: "zoë <&> \u2028 \"", Device: &tokens.Device{}},
	} {
		data, err := b.Encode()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := tokens.ParseBundle(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestBundleForm pins the stored form, which other versions of this package
// have to read.
func TestBundleForm(t *testing.T) {
	t.Parallel()
	b := tokens.Bundle{
		AccessToken: "a", IDToken: "i", RefreshToken: "r", Subject: "s", Username: "u",
		Device: &tokens.Device{Key: "k", GroupKey: "g"}, ClockOffset: 90 * time.Second,
		SignInDetails: tokens.SignInDetails{LoginID: "l", AuthFlow: "f"},
	}
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"access_token":"a","clock_offset_ms":90000,"device":{"group_key":"g","key":"k"},"id_token":"i",` +
		`"refresh_token":"r","sign_in":{"auth_flow":"f","login_id":"l"},"subject":"s","username":"u","version":1}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBundleKeepsWhatItDoesNotKnow has an older program rewrite what a newer
// one stored.
func TestBundleKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	const newer = `{"version":1,"access_token":"old","future":{"a":[1,2.50,null]},"device":{"key":"k","group_key":"g","trust":7},` +
		`"sign_in":{"login_id":"l","factor":"passkey"},"big":12345678901234567890}`
	b, err := tokens.ParseBundle([]byte(newer))
	if err != nil {
		t.Fatal(err)
	}
	copied := b
	b.AccessToken = "new"
	b.Username = "u"
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"access_token":"new","big":12345678901234567890,"device":{"group_key":"g","key":"k","trust":7},` +
		`"future":{"a":[1,2.50,null]},"sign_in":{"factor":"passkey","login_id":"l"},"username":"u","version":1}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if copied.Equal(b) || copied.AccessToken != "old" {
		t.Error("the copy has changed too")
	}
}

func TestParseBundleErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       tokens.ErrorCode
	}{
		{"nothing", "", tokens.ErrBundle},
		{"null", "null", tokens.ErrBundle},
		{"a list", "[]", tokens.ErrBundle},
		{"no version", `{"access_token":"a"}`, tokens.ErrBundle},
		{"later version", `{"version":2,"access_token":"a"}`, tokens.ErrBundle},
		{"version a string", `{"version":"1","access_token":"a"}`, tokens.ErrBundle},
		{"no access token", `{"version":1}`, tokens.ErrBundle},
		{"access token null", `{"version":1,"access_token":null}`, tokens.ErrBundle},
		{"access token twice", `{"version":1,"access_token":"planted","access_token":"b"}`, tokens.ErrBundle},
		{"access token a number", `{"version":1,"access_token":190283}`, tokens.ErrBundle},
		{"device a string", `{"version":1,"access_token":"a","device":"planted"}`, tokens.ErrBundle},
		{"device key a number", `{"version":1,"access_token":"a","device":{"key":190283}}`, tokens.ErrBundle},
		{"sign-in a list", `{"version":1,"access_token":"a","sign_in":[]}`, tokens.ErrBundle},
		{"login a list", `{"version":1,"access_token":"a","sign_in":{"login_id":[]}}`, tokens.ErrBundle},
		{"offset a fraction", `{"version":1,"access_token":"a","clock_offset_ms":0.5}`, tokens.ErrBundle},
		{"offset out of range", `{"version":1,"access_token":"a","clock_offset_ms":9223372036855}`, tokens.ErrBundle},
		{"offset far out of range", `{"version":1,"access_token":"a","clock_offset_ms":1e99}`, tokens.ErrBundle},
		{"cut short", `{"version":1,"access_token":"planted`, tokens.ErrBundle},
		{"more after it", `{"version":1,"access_token":"a"}{}`, tokens.ErrBundle},
		{"not UTF-8", "{\"version\":1,\"access_token\":\"\xff\"}", tokens.ErrBundle},
		{"too large", `{"version":1,"access_token":"` + strings.Repeat("a", 64<<10) + `"}`, tokens.ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := tokens.ParseBundle([]byte(tt.text))
			wantCode(t, err, tt.want, "planted", "190283")
			wantFamily(t, err)
			if !b.Equal(tokens.Bundle{}) {
				t.Error("a bundle came with the error")
			}
		})
	}
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		bundle tokens.Bundle
		want   tokens.ErrorCode
	}{
		{"nothing", tokens.Bundle{}, tokens.ErrBundle},
		{"not UTF-8", tokens.Bundle{AccessToken: "a", Username: "\xff"}, tokens.ErrBundle},
		{"not UTF-8 inside", tokens.Bundle{AccessToken: "a", Device: &tokens.Device{Key: "\xff"}}, tokens.ErrBundle},
		{"too large", tokens.Bundle{AccessToken: strings.Repeat("a", 64<<10)}, tokens.ErrTooLarge},
	} {
		data, err := tt.bundle.Encode()
		if data != nil {
			t.Errorf("%s: data came with the error", tt.name)
		}
		wantCode(t, err, tt.want)
	}
}

func TestBundleStore(t *testing.T) {
	t.Parallel()
	now := time.Now()
	good := goodBundle(now)
	raw := tokens.NewMemoryStore(0)
	s := tokens.NewBundleStore(raw, newVerifier(t))
	const key = "planted-key"

	if _, _, _, err := s.Load(t.Context(), key); !isCode(err, tokens.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	expires := now.Add(24 * time.Hour)
	rev, err := s.Save(t.Context(), key, good, expires, "")
	if err != nil {
		t.Fatal(err)
	}
	got, verified, gotRev, err := s.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(good, got); diff != "" || gotRev != rev || verified.Access.Subject() != testSubject {
		t.Errorf("got revision %q, want %q (-want +got):\n%s", gotRev, rev, diff)
	}
	if rec, _, err := raw.Load(t.Context(), key); err != nil || !rec.Expires.Equal(expires) {
		t.Errorf("the record expires at %v, want %v (%v)", rec.Expires, expires, err)
	}
	if _, err := s.Save(t.Context(), key, good, expires, ""); !isCode(err, tokens.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if err := s.Delete(t.Context(), key, "stale"); !isCode(err, tokens.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if err := s.Delete(t.Context(), key, rev); err != nil {
		t.Error(err)
	}
}

// TestBundleStoreRefuses presents bundles that must be neither saved nor
// loaded.
func TestBundleStoreRefuses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	other := goodID(now).edit(object{"sub": "somebody-else"})
	const key = "planted-key"
	for _, tt := range []struct {
		name   string
		change func(*tokens.Bundle)
		want   tokens.ErrorCode
	}{
		// Behavior 64: a tampered token in the store is rejected by signature.
		{"tampered", func(b *tokens.Bundle) {
			b.AccessToken = sign(foreignKey(), goodHeader().String(), goodAccess(now).String())
		}, tokens.ErrSignature},
		{"foreign pool", func(b *tokens.Bundle) { b.AccessToken = mint(goodAccess(now).edit(object{"iss": testIssuer + "x"})) }, tokens.ErrIssuer},
		{"foreign client", func(b *tokens.Bundle) { b.IDToken = mint(goodID(now).edit(object{"aud": foreignClient})) }, tokens.ErrClient},
		{"mixed users", func(b *tokens.Bundle) { b.IDToken = mint(other) }, tokens.ErrMixed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			raw := tokens.NewMemoryStore(0)
			s := tokens.NewBundleStore(raw, newVerifier(t))
			b := goodBundle(now)
			tt.change(&b)

			_, err := s.Save(t.Context(), key, b, time.Time{}, "")
			wantCode(t, err, tt.want, append(secretsOf(b.AccessToken), key)...)
			if _, _, err := raw.Load(t.Context(), key); !isCode(err, tokens.ErrNotFound) {
				t.Errorf("the bundle was saved (%v)", err)
			}

			data, err := b.Encode()
			if err != nil {
				t.Fatal(err)
			}
			rev, err := raw.Save(t.Context(), key, tokens.Record{Data: data}, "")
			if err != nil {
				t.Fatal(err)
			}
			got, verified, gotRev, err := s.Load(t.Context(), key)
			wantCode(t, err, tt.want, append(secretsOf(b.AccessToken), key)...)
			if !got.Equal(tokens.Bundle{}) || verified != nil {
				t.Error("a bundle came with the error")
			}

			// It can be got rid of.
			if gotRev != rev {
				t.Errorf("got revision %q, want %q", gotRev, rev)
			}
			if err := s.Delete(t.Context(), key, gotRev); err != nil {
				t.Error(err)
			}
		})
	}

	raw := tokens.NewMemoryStore(0)
	s := tokens.NewBundleStore(raw, newVerifier(t))
	if _, err := raw.Save(t.Context(), key, tokens.Record{Data: []byte("planted")}, ""); err != nil {
		t.Fatal(err)
	}
	_, _, rev, err := s.Load(t.Context(), key)
	wantCode(t, err, tokens.ErrBundle, "planted")
	if rev == "" {
		t.Error("no revision came with a record that is no bundle")
	}
	if _, err := s.Save(t.Context(), key, tokens.Bundle{}, time.Time{}, rev); !isCode(err, tokens.ErrBundle) {
		t.Errorf("got %v for an empty bundle, want ErrBundle", err)
	}
}

// TestBundleStoreOutage: without keys a bundle is neither good nor bad.
func TestBundleStoreOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, host := newRemoteKeys(t)
		host.fail()
		raw := tokens.NewMemoryStore(0)
		s := tokens.NewBundleStore(raw, newVerifier(t, func(c *tokens.Config) { c.Keys = keys }))
		data, err := goodBundle(time.Now()).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Save(t.Context(), "k", tokens.Record{Data: data}, ""); err != nil {
			t.Fatal(err)
		}
		_, _, _, err = s.Load(t.Context(), "k")
		wantCode(t, err, tokens.ErrKeysUnavailable)
		if isCode(err, tokens.ErrInvalid) {
			t.Errorf("%v blames the bundle", err)
		}
	})
}

// TestBundleWireIsJSON makes sure that the stored form is what other
// languages call JSON.
func TestBundleWireIsJSON(t *testing.T) {
	t.Parallel()
	data, err := goodBundle(time.Now()).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(data) {
		t.Error("not JSON")
	}
}
