package authtest

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changedClaims signs in with a trigger and returns how the claims of both
// tokens differ from those that the pool makes: new values, nil for those that
// are gone.
func changedClaims(t *testing.T, triggers Triggers, wantError string) (id, access map[string]any) {
	t.Helper()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, CustomAttributes: []string{"dev"}, Triggers: triggers, Devices: &DeviceTracking{}})
	p.AddUser(User{
		Name: "ana", Password: testPassword, Email: "ana@example.com", Sub: "5c5d8d8c-a4ae-4bfc-b4a9-aa6d0cb44e0d",
		Attributes: map[string]string{"name": "Ana", "custom:dev": "x"},
	})
	a := post(t, p, "InitiateAuth", withPassword("ana", testPassword))
	if a.message() != wantError {
		t.Fatalf("got %s: %q, want %q", a.code(), a.message(), wantError)
	}
	if wantError != "" {
		return nil, nil
	}
	_, idClaims := parseToken(t, p, result(t, a, "IdToken"))
	_, accessClaims := parseToken(t, p, result(t, a, "AccessToken"))
	number := func(claims map[string]any, name string) bool { n, ok := claims[name].(float64); return ok && n > 1e9 }
	text := func(claims map[string]any, name string) bool { s, _ := claims[name].(string); return len(s) == 36 }
	usual := map[string]any{
		"sub": "5c5d8d8c-a4ae-4bfc-b4a9-aa6d0cb44e0d", "aud": "client1", "iss": p.Issuer(), "token_use": "id", "cognito:username": "ana",
		"email": "ana@example.com", "email_verified": true, "name": "Ana", "custom:dev": "x",
	}
	usualAccess := map[string]any{
		"sub": "5c5d8d8c-a4ae-4bfc-b4a9-aa6d0cb44e0d", "client_id": "client1", "iss": p.Issuer(), "token_use": "access", "username": "ana",
		"scope": "aws.cognito.signin.user.admin",
	}
	changes := func(claims, usual map[string]any) map[string]any {
		changed := make(map[string]any)
		for _, name := range []string{"auth_time", "exp", "iat"} {
			if !number(claims, name) {
				changed[name] = claims[name]
			}
			delete(claims, name)
		}
		for _, name := range []string{"event_id", "jti", "origin_jti"} {
			if !text(claims, name) {
				changed[name] = claims[name]
			}
			delete(claims, name)
		}
		for name := range usual {
			if _, ok := claims[name]; !ok {
				changed[name] = nil
			}
		}
		for name, value := range claims {
			if !cmp.Equal(value, usual[name]) {
				changed[name] = value
			}
		}
		return changed
	}
	return changes(idClaims, usual), changes(accessClaims, usualAccess)
}

// protectedClaims are claims that no trigger may change.
var protectedClaims = []string{
	"acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "cognito:groups", "cognito:new", "cognito:preferred_role",
	"cognito:roles", "cognito:username", "dev:x", "device_key", "event_id", "exp", "iat", "identities", "iss", "jti", "nbf", "nonce",
	"origin_jti", "scope", "sub", "token_use", "username", "version",
}

func TestClaimsOverride(t *testing.T) {
	t.Parallel()
	all := make(map[string]string)
	for _, name := range protectedClaims {
		all[name] = "mine"
	}
	tests := []struct {
		name       string
		override   *ClaimsOverrideDetails
		id, access map[string]any
	}{
		{name: "nothing"},
		{name: "nothing in it", override: &ClaimsOverrideDetails{}},
		{
			name: "added, overridden, suppressed",
			override: &ClaimsOverrideDetails{
				ClaimsToAddOrOverride: map[string]string{"role": "admin", "name": "Bob", "both": "x", "email_verified": "no"},
				ClaimsToSuppress:      []string{"email", "both", "absent"},
			},
			id: map[string]any{"role": "admin", "name": "Bob", "email": nil, "email_verified": "no"},
		},
		{name: "protected, overridden", override: &ClaimsOverrideDetails{ClaimsToAddOrOverride: all}},
		{name: "protected, suppressed", override: &ClaimsOverrideDetails{ClaimsToSuppress: protectedClaims}},
		{
			name: "groups",
			override: &ClaimsOverrideDetails{GroupOverrideDetails: &GroupConfiguration{
				GroupsToOverride: []string{"a", "b"}, IAMRolesToOverride: []string{"arn:a"}, PreferredRole: "arn:a",
			}},
			id:     map[string]any{"cognito:groups": []any{"a", "b"}, "cognito:roles": []any{"arn:a"}, "cognito:preferred_role": "arn:a"},
			access: map[string]any{"cognito:groups": []any{"a", "b"}},
		},
		{
			name: "groups without roles", override: &ClaimsOverrideDetails{GroupOverrideDetails: &GroupConfiguration{GroupsToOverride: []string{"a"}}},
			id: map[string]any{"cognito:groups": []any{"a"}}, access: map[string]any{"cognito:groups": []any{"a"}},
		},
		{
			name:     "roles without groups",
			override: &ClaimsOverrideDetails{GroupOverrideDetails: &GroupConfiguration{IAMRolesToOverride: []string{"arn:a"}, PreferredRole: "arn:a"}},
		},
		{
			name: "groups, then suppressed",
			override: &ClaimsOverrideDetails{
				ClaimsToSuppress: []string{"cognito:groups"},
				GroupOverrideDetails: &GroupConfiguration{
					GroupsToOverride: []string{"a"}, IAMRolesToOverride: []string{"arn:a"}, PreferredRole: "arn:a",
				},
			},
			access: map[string]any{"cognito:groups": []any{"a"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, access := changedClaims(t, Triggers{PreTokenGeneration: func(e *PreTokenGenerationEvent) error {
				e.Response.ClaimsOverrideDetails = tt.override
				return nil
			}}, "")
			if diff := cmp.Diff([]map[string]any{orEmpty(tt.id), orEmpty(tt.access)}, []map[string]any{id, access}); diff != "" {
				t.Errorf("claims of ID and access token (-want +got):\n%s", diff)
			}
		})
	}
}

func orEmpty(claims map[string]any) map[string]any {
	if claims == nil {
		return map[string]any{}
	}
	return claims
}

func TestClaimsAndScopeOverride(t *testing.T) {
	t.Parallel()
	mine := make(map[string]any)
	for _, name := range protectedClaims {
		mine[name] = "mine"
	}
	const scope = "aws.cognito.signin.user.admin"
	tests := []struct {
		name       string
		override   *ClaimsAndScopeOverrideDetails
		id, access map[string]any
		err        string
	}{
		{name: "nothing"},
		{
			name: "values of every type",
			override: &ClaimsAndScopeOverrideDetails{
				IDTokenGeneration: IDTokenGeneration{
					ClaimsToAddOrOverride: map[string]any{"n": 7, "list": []string{"a"}, "object": map[string]any{"x": true}, "name": 1.5},
					ClaimsToSuppress:      []string{"email"},
				},
				AccessTokenGeneration: AccessTokenGeneration{
					ClaimsToAddOrOverride: map[string]any{"tenant": json.RawMessage(`{"id":[1,2]}`), "flag": false},
					ClaimsToSuppress:      []string{"flag"},
				},
			},
			id:     map[string]any{"n": 7.0, "list": []any{"a"}, "object": map[string]any{"x": true}, "name": 1.5, "email": nil},
			access: map[string]any{"tenant": map[string]any{"id": []any{1.0, 2.0}}},
		},
		{
			name: "scopes",
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{
				ScopesToAdd: []string{"read", "write", "read", scope}, ScopesToSuppress: []string{"write", "absent"},
			}},
			access: map[string]any{"scope": scope + " read"},
		},
		{
			name:     "no scope left",
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{ScopesToSuppress: []string{scope}}},
			access:   map[string]any{"scope": nil},
		},
		{
			name: "scope with a blank", err: unrecognizable,
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{ScopesToAdd: []string{"read write"}}},
		},
		{
			name: "a value that JSON does not have", err: unrecognizable,
			override: &ClaimsAndScopeOverrideDetails{IDTokenGeneration: IDTokenGeneration{ClaimsToAddOrOverride: map[string]any{"f": func() {}}}},
		},
		{
			name: "a value that JSON does not have, in the access token", err: unrecognizable,
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{ClaimsToAddOrOverride: map[string]any{"f": func() {}}}},
		},
		{
			name: "protected",
			override: &ClaimsAndScopeOverrideDetails{
				IDTokenGeneration:     IDTokenGeneration{ClaimsToAddOrOverride: mine, ClaimsToSuppress: protectedClaims},
				AccessTokenGeneration: AccessTokenGeneration{ClaimsToAddOrOverride: mine, ClaimsToSuppress: protectedClaims},
			},
		},
		{
			name: "aud of its own client",
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{
				ClaimsToAddOrOverride: map[string]any{"aud": "client1"},
			}},
			access: map[string]any{"aud": "client1"},
		},
		{
			name: "aud of its own client, suppressed",
			override: &ClaimsAndScopeOverrideDetails{AccessTokenGeneration: AccessTokenGeneration{
				ClaimsToAddOrOverride: map[string]any{"aud": "client1"}, ClaimsToSuppress: []string{"aud"},
			}},
		},
		{
			name:     "groups",
			override: &ClaimsAndScopeOverrideDetails{GroupOverrideDetails: &GroupConfiguration{GroupsToOverride: []string{"a"}}},
			id:       map[string]any{"cognito:groups": []any{"a"}}, access: map[string]any{"cognito:groups": []any{"a"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			id, access := changedClaims(t, Triggers{PreTokenGenerationV2: func(e *PreTokenGenerationV2Event) error {
				if diff := cmp.Diff([]string{scope}, e.Request.Scopes); diff != "" || e.Version != "2" {
					t.Errorf("version %s, scopes (-want +got):\n%s", e.Version, diff)
				}
				e.Response.ClaimsAndScopeOverrideDetails = tt.override
				return nil
			}}, tt.err)
			if tt.err != "" {
				return
			}
			if diff := cmp.Diff([]map[string]any{orEmpty(tt.id), orEmpty(tt.access)}, []map[string]any{id, access}); diff != "" {
				t.Errorf("claims of ID and access token (-want +got):\n%s", diff)
			}
		})
	}
}

// TestScopeDecidesWhatTokensCanDo takes the scope away that operations need.
func TestScopeDecidesWhatTokensCanDo(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: Triggers{PreTokenGenerationV2: func(e *PreTokenGenerationV2Event) error {
		override := &ClaimsAndScopeOverrideDetails{}
		if e.TriggerSource == "TokenGeneration_Authentication" {
			override.AccessTokenGeneration.ScopesToSuppress = []string{"aws.cognito.signin.user.admin"}
		}
		e.Response.ClaimsAndScopeOverrideDetails = override
		return nil
	}}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	access, _, refresh := signIn(t, p)
	fails(t, p, "GetUser", m{"AccessToken": access}, "NotAuthorizedException", "Access Token does not have required scopes")
	a := ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh))
	ok(t, p, "GetUser", m{"AccessToken": result(t, a, "AccessToken")})
}

// A trigger that keeps what it answered cannot change tokens later.
func TestOverridesAreCopied(t *testing.T) {
	t.Parallel()
	groups, suppress := []string{"a"}, []string{"email"}
	overrides, err := (&ClaimsOverrideDetails{
		ClaimsToSuppress: suppress, GroupOverrideDetails: &GroupConfiguration{GroupsToOverride: groups},
	}).overrides()
	if err != nil {
		t.Fatal(err)
	}
	groups[0], suppress[0] = "changed", "changed"
	claims := overrides.idClaims(map[string]any{"email": "x", "name": "y"})
	if names := slices.Sorted(maps.Keys(claims)); !slices.Equal(names, []string{"cognito:groups", "name"}) || claims["cognito:groups"].([]string)[0] != "a" {
		t.Errorf("got %v", claims)
	}
}
