package authtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// settingsOf are the settings of a style, as JSON with sorted members.
func settingsOf(t testing.TB, b *types.ManagedLoginBrandingType) string {
	t.Helper()
	if b.Settings == nil {
		return ""
	}
	text, err := b.Settings.MarshalSmithyDocument()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestManagedLoginBranding(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{Clients: []AppClient{{ClientID: "client2"}}})
		client := sdk(p.Transport())
		pool, first, second := aws.String(p.PoolID()), aws.String("client1"), aws.String("client2")
		asset := func(mode types.ColorSchemeModeType, text string) types.AssetType {
			return types.AssetType{Category: types.AssetCategoryTypeFormLogo, ColorMode: mode, Extension: types.AssetExtensionTypePng, Bytes: []byte(text)}
		}
		icon := types.AssetType{
			Category: types.AssetCategoryTypeIdpButtonIcon, ColorMode: types.ColorSchemeModeTypeDynamic, Extension: types.AssetExtensionTypeSvg,
			Bytes: bytes.Repeat([]byte("x"), 1_000_000), ResourceId: aws.String("Okta icon-1"),
		}
		in := &cip.CreateManagedLoginBrandingInput{
			UserPoolId: pool, ClientId: first, Assets: []types.AssetType{asset("LIGHT", "light"), icon},
			Settings: document.NewLazyDocument(map[string]any{
				"categories": map[string]any{"form": map[string]any{"displayGraphics": true}}, "components": map[string]any{"radius": 1.25, "list": []any{1, "<b>"}},
			}),
		}
		created := must[cip.CreateManagedLoginBrandingOutput](t)(client.CreateManagedLoginBranding(t.Context(), in)).ManagedLoginBranding
		begin := time.Now().UTC()
		want := &types.ManagedLoginBrandingType{
			ManagedLoginBrandingId: created.ManagedLoginBrandingId, UserPoolId: pool, Assets: in.Assets, CreationDate: &begin, LastModifiedDate: &begin,
		}
		same := func(name string, got *types.ManagedLoginBrandingType, settings string) {
			t.Helper()
			if text := settingsOf(t, got); text != settings {
				t.Errorf("%s: got settings %s, want %s", name, text, settings)
			}
			plain := *got
			plain.Settings = nil
			if diff := cmp.Diff(want, &plain, ignoreMarkers(), cmp.Comparer(bytes.Equal)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		describe := func() *types.ManagedLoginBrandingType {
			t.Helper()
			return must[cip.DescribeManagedLoginBrandingOutput](t)(client.DescribeManagedLoginBranding(t.Context(), &cip.DescribeManagedLoginBrandingInput{
				UserPoolId: pool, ManagedLoginBrandingId: created.ManagedLoginBrandingId, ReturnMergedResources: true,
			})).ManagedLoginBranding
		}
		update := func(in cip.UpdateManagedLoginBrandingInput) *types.ManagedLoginBrandingType {
			t.Helper()
			in.UserPoolId, in.ManagedLoginBrandingId = pool, created.ManagedLoginBrandingId
			return must[cip.UpdateManagedLoginBrandingOutput](t)(client.UpdateManagedLoginBranding(t.Context(), &in)).ManagedLoginBranding
		}
		const settings = `{"categories":{"form":{"displayGraphics":true}},"components":{"list":[1,"\u003cb\u003e"],"radius":1.25}}`
		same("created", created, settings)
		same("described", describe(), settings)
		byClient := &cip.DescribeManagedLoginBrandingByClientInput{UserPoolId: pool, ClientId: first}
		same("by client", must[cip.DescribeManagedLoginBrandingByClientOutput](t)(client.DescribeManagedLoginBrandingByClient(t.Context(), byClient)).ManagedLoginBranding, settings)
		_, err := client.CreateManagedLoginBranding(t.Context(), in)
		refused(t, err, "ManagedLoginBrandingExistsException", msgBrandingExists)

		time.Sleep(time.Minute)
		later := time.Now().UTC()
		want.LastModifiedDate = &later
		smaller := icon
		smaller.Bytes, smaller.Extension = nil, types.AssetExtensionTypeIco
		kept := smaller
		kept.Bytes = icon.Bytes
		want.Assets = []types.AssetType{asset("LIGHT", "lighter"), kept, asset("DARK", "dark")}
		got := update(cip.UpdateManagedLoginBrandingInput{
			Assets:   []types.AssetType{asset("LIGHT", "lighter"), smaller, asset("DARK", "dark")},
			Settings: document.NewLazyDocument(map[string]any{"components": map[string]any{"radius": 2, "more": nil}}),
		})
		const merged = `{"categories":{"form":{"displayGraphics":true}},"components":{"list":[1,"\u003cb\u003e"],"more":null,"radius":2}}`
		same("updated", got, merged)
		same("described after an update", describe(), merged)
		must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: pool, ClientId: first, ClientName: aws.String("renamed")}))
		same("after an update of the client", describe(), merged)
		want.UseCognitoProvidedValues, want.Assets = true, nil
		same("reset", update(cip.UpdateManagedLoginBrandingInput{UseCognitoProvidedValues: true}), "")
		want.UseCognitoProvidedValues = false
		same("set again", update(cip.UpdateManagedLoginBrandingInput{Settings: document.NewLazyDocument(map[string]any{})}), "{}")

		other := must[cip.CreateManagedLoginBrandingOutput](t)(client.CreateManagedLoginBranding(t.Context(), &cip.CreateManagedLoginBrandingInput{
			UserPoolId: pool, ClientId: second, UseCognitoProvidedValues: true,
		})).ManagedLoginBranding
		must[cip.DeleteUserPoolClientOutput](t)(client.DeleteUserPoolClient(t.Context(), &cip.DeleteUserPoolClientInput{UserPoolId: pool, ClientId: second}))
		must[cip.DeleteManagedLoginBrandingOutput](t)(client.DeleteManagedLoginBranding(t.Context(), &cip.DeleteManagedLoginBrandingInput{
			UserPoolId: pool, ManagedLoginBrandingId: created.ManagedLoginBrandingId,
		}))
		for _, id := range []*string{created.ManagedLoginBrandingId, other.ManagedLoginBrandingId} {
			missing := "Managed login branding style " + *id + " does not exist."
			_, err = client.DescribeManagedLoginBranding(t.Context(), &cip.DescribeManagedLoginBrandingInput{UserPoolId: pool, ManagedLoginBrandingId: id})
			refused(t, err, notFound, missing)
			_, err = client.UpdateManagedLoginBranding(t.Context(), &cip.UpdateManagedLoginBrandingInput{UserPoolId: pool, ManagedLoginBrandingId: id})
			refused(t, err, notFound, missing)
			_, err = client.DeleteManagedLoginBranding(t.Context(), &cip.DeleteManagedLoginBrandingInput{UserPoolId: pool, ManagedLoginBrandingId: id})
			refused(t, err, notFound, missing)
		}
		_, err = client.DescribeManagedLoginBrandingByClient(t.Context(), byClient)
		refused(t, err, notFound, msgBrandingOfClient)
	})
}

func TestManagedLoginBrandingRefuses(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	admin := &http.Client{Transport: withSignature{p.Transport()}}
	const asset = `{"Category":"FORM_LOGO","ColorMode":"DARK","Extension":"PNG"`
	create := func(members string) answer {
		return postTo(t, admin, "CreateManagedLoginBranding", `{"UserPoolId":"`+p.PoolID()+`","ClientId":"client1"`+members+`}`)
	}
	constraint := func(value, at, what string) string {
		return "1 validation error detected: " + value + " at '" + at + "' failed to satisfy constraint: Member must " + what
	}
	for _, tt := range []struct{ name, members, code, message string }{
		{"nothing", ``, invalid, msgBrandingSettings},
		{"neither", `,"UseCognitoProvidedValues":false,"Settings":null`, invalid, msgBrandingSettings},
		{"both", `,"UseCognitoProvidedValues":true,"Settings":{}`, invalid, msgBrandingSettings},
		{"assets of the service", `,"UseCognitoProvidedValues":true,"Assets":[` + asset + `}]`, invalid, msgBrandingAssets},
		{"settings that are a list", `,"Settings":[]`, invalid, msgBrandingDocument},
		{"settings that are a text", `,"Settings":"{}"`, invalid, msgBrandingDocument},
		{"no category", `,"Settings":{},"Assets":[{"ColorMode":"DARK","Extension":"PNG"}]`, invalid, constraint("Value null", "assets.1.member.category", "not be null")},
		{"unknown mode", `,"Settings":{},"Assets":[{"Category":"FORM_LOGO","ColorMode":"PINK","Extension":"PNG"}]`, invalid,
			constraint("Value 'PINK'", "assets.1.member.colorMode", "satisfy enum value set: [LIGHT, DARK, DYNAMIC]")},
		{"bytes that are none", `,"Settings":{},"Assets":[` + asset + `,"Bytes":"%"}]`, "SerializationException", ""},
		{"a large image", `,"Settings":{},"Assets":[` + asset + `,"Bytes":"` + strings.Repeat("AAAA", 333334) + `"}]`, invalid,
			constraint("Value", "assets.1.member.bytes", "have length less than or equal to 1000000")},
		{"many assets", `,"Settings":{},"Assets":[` + strings.Join(slices.Repeat([]string{asset + "}"}, 41), ",") + `]`, invalid,
			constraint("Value", "assets", "have length less than or equal to 40")},
		{"a resource that is not there", `,"Settings":{},"Assets":[` + asset + `,"ResourceId":"x"}]`, invalid, "Resource x does not exist, and the asset has no bytes"},
		{"a large request", `,"Settings":{"x":"` + strings.Repeat("x", maxBranding) + `"}`, "RequestEntityTooLargeException", "Request body is too large"},
	} {
		if a := create(tt.members); a.code() != tt.code || a.message() != tt.message {
			t.Errorf("%s: got %s: %s", tt.name, a.code(), a.message())
		}
	}
	if a := postTo(t, admin, "UpdateManagedLoginBranding", `{"UserPoolId":"`+p.PoolID()+`"}`); a.code() != invalid || a.message() != "Missing required parameter ManagedLoginBrandingId" {
		t.Errorf("update without an id: got %s", a.raw)
	}
	if a := postTo(t, admin, "UpdateManagedLoginBranding", `{}`); a.code() != invalid || a.message() != "Missing required parameter UserPoolId" {
		t.Errorf("update without a pool: got %s", a.raw)
	}
	if a := postTo(t, admin, "DescribeManagedLoginBrandingByClient", `{"UserPoolId":"`+p.PoolID()+`","ClientId":"client9"}`); a.code() != notFound {
		t.Errorf("another client: got %s", a.raw)
	}
	made := create(`,"Settings":{"a":1}`)
	id := made.str("ManagedLoginBranding", "ManagedLoginBrandingId")
	if a := postTo(t, admin, "UpdateManagedLoginBranding", `{"UserPoolId":"`+p.PoolID()+`","ManagedLoginBrandingId":"`+id+`","UseCognitoProvidedValues":true,"Settings":{}}`); a.code() != invalid || a.message() != msgBrandingSettings {
		t.Errorf("update to both: got %s", a.raw)
	}
}

// FuzzSettings merges arbitrary documents. What comes out is an object that
// has the newer one's members, and merging the newer one again changes nothing.
func FuzzSettings(f *testing.F) {
	f.Add(`{"a":{"b":1}}`, `{"a":{"c":1e400},"d":[{}]}`)
	f.Add(`null`, `{"a":null,"a":{"\u0000":"<"}}`)
	f.Add(`[]`, `5`)
	f.Fuzz(func(t *testing.T, older, newer string) {
		if !json.Valid([]byte(newer)) || !json.Valid([]byte(older)) {
			return
		}
		merged, ok := mergeDocuments(json.RawMessage(older), json.RawMessage(newer))
		if isObject := strings.HasPrefix(strings.TrimLeft(newer, " \t\r\n"), "{"); ok != isObject {
			t.Fatalf("%s into %s: got %t", newer, older, ok)
		}
		if !ok {
			return
		}
		again, ok := mergeDocuments(merged, json.RawMessage(newer))
		if !ok || !bytes.Equal(merged, again) {
			t.Errorf("%s into %s: got %s, and then %s", newer, older, merged, again)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(newer), &members); err != nil {
			t.Fatal(err)
		}
		var got map[string]json.RawMessage
		if err := json.Unmarshal(merged, &got); err != nil {
			t.Fatal(err)
		}
		for name := range members {
			if _, ok := got[name]; !ok {
				t.Errorf("%s into %s: %s has no %q", newer, older, merged, name)
			}
		}
	})
}
