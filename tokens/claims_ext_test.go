package tokens_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/tokens"
)

func verifiedAccess(t *testing.T, changes object) tokens.AccessClaims {
	t.Helper()
	c, err := newVerifier(t).VerifyAccess(t.Context(), mint(goodAccess(time.Now()).edit(changes)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func verifiedID(t *testing.T, changes object) tokens.IDClaims {
	t.Helper()
	c, err := newVerifier(t).VerifyID(t.Context(), mint(goodID(time.Now()).edit(changes)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRequire(t *testing.T) {
	t.Parallel()
	access, id := verifiedAccess(t, nil), verifiedID(t, nil)
	for _, tt := range []struct {
		name string
		err  error
		want tokens.ErrorCode
		text string
	}{
		{name: "no scopes", err: access.RequireScopes()},
		{name: "one scope", err: access.RequireScopes("openid")},
		{name: "all scopes", err: access.RequireScopes("openid", "aws.cognito.signin.user.admin")},
		{name: "missing scope", err: access.RequireScopes("openid", "orders/read"), want: tokens.ErrScope, text: `tokens: access token: missing scope: "orders/read"`},
		{name: "part of a scope", err: access.RequireScopes("aws.cognito"), want: tokens.ErrScope, text: `tokens: access token: missing scope: "aws.cognito"`},
		{name: "two scopes in one", err: access.RequireScopes("aws.cognito.signin.user.admin openid"), want: tokens.ErrScope, text: `tokens: access token: missing scope: "aws.cognito.signin.user.admin openid"`},
		{name: "empty scope", err: access.RequireScopes(""), want: tokens.ErrScope, text: `tokens: access token: missing scope: ""`},
		{name: "no groups", err: access.RequireGroups()},
		{name: "groups", err: access.RequireGroups("editors", "admin")},
		{name: "missing group", err: access.RequireGroups("admin", "owners"), want: tokens.ErrGroup, text: `tokens: access token: missing group: "owners"`},
		{name: "groups of an ID token", err: id.RequireGroups("editors", "admin")},
		{name: "missing group of an ID token", err: id.RequireGroups("Admin"), want: tokens.ErrGroup, text: `tokens: id token: missing group: "Admin"`},
		{name: "zero claims, scope", err: tokens.AccessClaims{}.RequireScopes("openid"), want: tokens.ErrScope, text: `tokens: access token: missing scope: "openid"`},
		{name: "zero claims, group", err: tokens.IDClaims{}.RequireGroups("admin"), want: tokens.ErrGroup, text: `tokens: id token: missing group: "admin"`},
		{name: "nonce", err: id.CheckNonce("planted-nonce")},
		{name: "other nonce", err: id.CheckNonce("other-nonce"), want: tokens.ErrNonce, text: "tokens: id token: nonce does not match"}, // Behavior 81: another nonce
		{name: "nonce expected, none there", err: verifiedID(t, object{"nonce": nil}).CheckNonce("planted-nonce"), want: tokens.ErrNonce, text: "tokens: id token: nonce does not match"},
		{name: "no nonce sent, none there", err: verifiedID(t, object{"nonce": nil}).CheckNonce(""), want: tokens.ErrNonce, text: "tokens: id token: nonce does not match"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.want == "" {
				if tt.err != nil {
					t.Error(tt.err)
				}
				return
			}
			wantCode(t, tt.err, tt.want)
			if got := tt.err.Error(); got != tt.text {
				t.Errorf("got %q, want %q", got, tt.text)
			}
			if rights := tt.want != tokens.ErrNonce; isCode(tt.err, tokens.ErrInvalid) == rights {
				t.Errorf("%v matches ErrInvalid: %t", tt.err, !rights)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type custom struct {
		Subject  string `json:"sub"`
		Tenant   string `json:"custom:tenant"`
		Verified bool   `json:"email_verified"`
		Plan     struct {
			Seats int `json:"seats"`
		} `json:"plan"`
	}
	claims := verifiedID(t, object{"plan": object{"seats": 12}})
	var got custom
	if err := claims.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := custom{Subject: testSubject, Tenant: "planted-tenant", Verified: true}
	want.Plan.Seats = 12
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	var access struct {
		Tier string `json:"tier"`
	}
	if err := verifiedAccess(t, object{"tier": "gold"}).Decode(&access); err != nil || access.Tier != "gold" {
		t.Errorf("got %q, %v", access.Tier, err)
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	var wrong struct {
		Tenant int  `json:"custom:tenant"`
		Secret bool `json:"pin"`
	}
	for name, err := range map[string]error{
		"wrong type":   verifiedID(t, nil).Decode(&wrong),
		"number":       verifiedID(t, object{"pin": 190283, "custom:tenant": nil}).Decode(&wrong),
		"no pointer":   verifiedAccess(t, nil).Decode(wrong),
		"zero access":  tokens.AccessClaims{}.Decode(&wrong),
		"zero ID":      tokens.IDClaims{}.Decode(&wrong),
		"fold":         verifiedID(t, object{"custom:Tenant": "other"}).Decode(new(map[string]any)),
		"fold special": verifiedAccess(t, object{"\u017Fize": "1", "size": "2"}).Decode(new(map[string]any)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if strings.HasPrefix(name, "fold") != isCode(err, tokens.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
		for _, secret := range []string{"planted-tenant", "190283", testSubject, testUsername} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error's text %q shows %q", name, err, secret)
			}
		}
	}
}

// TestClaimsCannotBeChanged tries to reach the claims of other callers by
// overwriting the value that was returned and all that it returns.
func TestClaimsCannotBeChanged(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	mine := mint(goodAccess(time.Now()).edit(object{"aud": []string{"https://api.example"}}))
	theirs := mint(goodAccess(time.Now()).edit(object{"sub": "somebody-else"}))
	first, err := v.VerifyAccess(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	other, err := v.VerifyAccess(t.Context(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	clobber(first.Groups(), first.Scopes(), first.Audience())
	held := &first
	*held = other
	if held.Subject() != "somebody-else" {
		t.Error("nothing was overwritten")
	}
	again, err := v.VerifyAccess(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Subject(); got != testSubject {
		t.Errorf("got subject %q", got)
	}
	if diff := cmp.Diff([]string{"admin", "editors"}, again.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"https://api.example"}, again.Audience()); diff != "" {
		t.Errorf("audience (-want +got):\n%s", diff)
	}

	id := verifiedID(t, nil)
	clobber(id.Groups(), id.Audience(), id.Roles())
	if diff := cmp.Diff([]string{"admin", "editors"}, id.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{testClient}, id.Audience()); diff != "" {
		t.Errorf("audience (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"arn:aws:iam::123456789012:role/admin"}, id.Roles()); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

// TestPrintingShowsNothing prints every type that holds tokens or claims in
// every way there is.
func TestPrintingShowsNothing(t *testing.T) {
	t.Parallel()
	token := mint(goodAccess(time.Now()))
	bundle := tokens.Bundle{
		AccessToken: token, IDToken: mint(goodID(time.Now())), RefreshToken: "planted-refresh-token", Subject: testSubject, Username: testUsername,
		Device:        &tokens.Device{Key: "planted-device", GroupKey: "planted-group"},
		SignInDetails: tokens.SignInDetails{LoginID: "planted-login"},
	}
	verified, err := newVerifier(t).VerifyBundle(t.Context(), bundle)
	if err != nil {
		t.Fatal(err)
	}
	record := tokens.Record{Data: []byte("planted-data"), Expires: time.Now()}
	type wrapper struct{ Value any }
	for _, value := range []any{
		verified, *verified, verified.Access, &verified.Access, verified.ID, &verified.ID,
		bundle, &bundle, *bundle.Device, bundle.Device, bundle.SignInDetails, &bundle.SignInDetails, record, &record,
		[]tokens.Bundle{bundle}, map[string]tokens.Bundle{"k": bundle}, wrapper{bundle}, &wrapper{verified},
	} {
		var texts []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "value", value, "bundle", wrapper{bundle}, "verified", wrapper{verified})
		texts = append(texts, log.String())
		for _, text := range texts {
			for _, secret := range []string{"planted", testSubject, testUsername, token[:40], fmt.Sprintf("%x", "planted"), "cGxhbnRl"} {
				if strings.Contains(text, secret) {
					t.Errorf("%T printed as %.80q shows %.20q", value, text, secret)
				}
			}
		}
	}

	// Data of a record is the caller's to encode; a bundle refuses.
	if text, err := json.Marshal(bundle); err == nil {
		t.Errorf("encoding/json made %q of a bundle", text)
	}
	if err := json.Unmarshal([]byte(`{}`), &bundle); err == nil {
		t.Error("encoding/json changed a bundle")
	}
}
