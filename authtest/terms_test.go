package authtest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func TestTerms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{Clients: []AppClient{{ClientID: "client2"}}})
		client := sdk(p.Transport())
		pool, first := aws.String(p.PoolID()), aws.String("client1")
		create := func(clientID, name string) (*cip.CreateTermsOutput, error) {
			return client.CreateTerms(t.Context(), &cip.CreateTermsInput{
				UserPoolId: pool, ClientId: &clientID, TermsName: &name, TermsSource: types.TermsSourceTypeLink, Enforcement: types.TermsEnforcementTypeNone,
				Links: map[string]string{"cognito:default": "https://example.com/" + name, "cognito:chinese-traditional": "https://example.com/條款"},
			})
		}
		created := must[cip.CreateTermsOutput](t)(create("client1", "terms-of-use")).Terms
		begin := time.Now().UTC()
		want := &types.TermsType{
			TermsId: created.TermsId, UserPoolId: pool, ClientId: first, TermsName: aws.String("terms-of-use"), TermsSource: "LINK", Enforcement: "NONE",
			Links:        map[string]string{"cognito:default": "https://example.com/terms-of-use", "cognito:chinese-traditional": "https://example.com/條款"},
			CreationDate: &begin, LastModifiedDate: &begin,
		}
		same := func(name string, got *types.TermsType) {
			t.Helper()
			if diff := cmp.Diff(want, got, ignoreMarkers()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		describe := func() *types.TermsType {
			t.Helper()
			return must[cip.DescribeTermsOutput](t)(client.DescribeTerms(t.Context(), &cip.DescribeTermsInput{UserPoolId: pool, TermsId: created.TermsId})).Terms
		}
		same("created", created)
		same("described", describe())
		_, err := create("client1", "terms-of-use")
		refused(t, err, "TermsExistsException", "The app client has a terms document with the name terms-of-use already.")
		policy := must[cip.CreateTermsOutput](t)(create("client1", "privacy-policy")).Terms
		other := must[cip.CreateTermsOutput](t)(create("client2", "terms-of-use")).Terms

		var listed []types.TermsDescriptionType
		for next := (*string)(nil); len(listed) == 0 || next != nil; {
			page := must[cip.ListTermsOutput](t)(client.ListTerms(t.Context(), &cip.ListTermsInput{UserPoolId: pool, MaxResults: aws.Int32(1), NextToken: next}))
			listed, next = append(listed, page.Terms...), page.NextToken
		}
		var all []types.TermsDescriptionType
		for _, d := range []*types.TermsType{created, policy, other} {
			all = append(all, types.TermsDescriptionType{
				TermsId: d.TermsId, TermsName: d.TermsName, Enforcement: d.Enforcement, CreationDate: d.CreationDate, LastModifiedDate: d.LastModifiedDate,
			})
		}
		slices.SortFunc(all, func(a, b types.TermsDescriptionType) int { return strings.Compare(*a.TermsId, *b.TermsId) })
		if diff := cmp.Diff(all, listed, ignoreMarkers()); diff != "" {
			t.Errorf("listed (-want +got):\n%s", diff)
		}

		time.Sleep(time.Minute)
		later := time.Now().UTC()
		update := func(in cip.UpdateTermsInput) (*cip.UpdateTermsOutput, error) {
			in.UserPoolId, in.TermsId = pool, created.TermsId
			return client.UpdateTerms(t.Context(), &in)
		}
		want.LastModifiedDate, want.Links = &later, map[string]string{"cognito:french": "http://localhost:3000/fr"}
		same("updated", must[cip.UpdateTermsOutput](t)(update(cip.UpdateTermsInput{Links: want.Links})).Terms)
		same("updated with the same name", must[cip.UpdateTermsOutput](t)(update(cip.UpdateTermsInput{TermsName: want.TermsName})).Terms)
		_, err = update(cip.UpdateTermsInput{TermsName: aws.String("privacy-policy")})
		refused(t, err, "TermsExistsException", "The app client has a terms document with the name privacy-policy already.")
		must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: pool, ClientId: first, ClientName: aws.String("renamed")}))
		same("after an update of the client", describe())

		must[cip.DeleteTermsOutput](t)(client.DeleteTerms(t.Context(), &cip.DeleteTermsInput{UserPoolId: pool, TermsId: policy.TermsId}))
		want.TermsName = aws.String("privacy-policy")
		same("renamed", must[cip.UpdateTermsOutput](t)(update(cip.UpdateTermsInput{TermsName: want.TermsName})).Terms)
		must[cip.DeleteUserPoolClientOutput](t)(client.DeleteUserPoolClient(t.Context(), &cip.DeleteUserPoolClientInput{UserPoolId: pool, ClientId: aws.String("client2")}))
		for _, id := range []*string{policy.TermsId, other.TermsId} {
			missing := "Terms document " + *id + " does not exist."
			_, err = client.DescribeTerms(t.Context(), &cip.DescribeTermsInput{UserPoolId: pool, TermsId: id})
			refused(t, err, notFound, missing)
			_, err = client.UpdateTerms(t.Context(), &cip.UpdateTermsInput{UserPoolId: pool, TermsId: id})
			refused(t, err, notFound, missing)
			_, err = client.DeleteTerms(t.Context(), &cip.DeleteTermsInput{UserPoolId: pool, TermsId: id})
			refused(t, err, notFound, missing)
		}
	})
}

func TestTermsRefuse(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	admin := &http.Client{Transport: withSignature{p.Transport()}}
	const languages = "[Member must have length less than or equal to 131072, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: " +
		"^cognito:(default|dutch|english|french|spanish|german|bahasa-indonesia|italian|japanese|korean|portuguese-brazil|chinese-(simplified|traditional))$]"
	for _, tt := range []struct {
		name          string
		change        m
		code, message string
	}{
		{"no such client", m{"ClientId": "client9"}, notFound, "User pool client client9 does not exist."},
		{"another name", m{"TermsName": "terms-of-use-2"}, invalid,
			"1 validation error detected: Value 'terms-of-use-2' at 'termsName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(terms-of-use|privacy-policy)$"},
		{"another source", m{"TermsSource": "FILE"}, invalid, "1 validation error detected: Value 'FILE' at 'termsSource' failed to satisfy constraint: Member must satisfy enum value set: [LINK]"},
		{"enforced", m{"Enforcement": "ALL"}, invalid, "1 validation error detected: Value 'ALL' at 'enforcement' failed to satisfy constraint: Member must satisfy enum value set: [NONE]"},
		{"no links", m{"Links": m{}}, invalid, "1 validation error detected: Value at 'links' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"another language", m{"Links": m{"cognito:latin": "https://example.com"}}, invalid,
			"1 validation error detected: Value at 'links' failed to satisfy constraint: Map keys must satisfy constraint: " + languages},
		{"a blank", m{"Links": m{"cognito:default": "https://example.com/a b"}}, invalid,
			"1 validation error detected: Value at 'links' failed to satisfy constraint: Map value must satisfy constraint: " +
				`[Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$]`},
		{"a script", m{"Links": m{"cognito:default": "javascript:alert(1)"}}, invalid, "The link for cognito:default is not an address of the web"},
		{"no address", m{"Links": m{"cognito:default": "terms.html"}}, invalid, "The link for cognito:default is not an address of the web"},
	} {
		body := m{"UserPoolId": p.PoolID(), "ClientId": "client1", "TermsName": "terms-of-use", "TermsSource": "LINK", "Enforcement": "NONE", "Links": m{"cognito:default": "https://example.com"}}
		maps.Copy(body, tt.change)
		if a := postTo(t, admin, "CreateTerms", body); a.code() != tt.code || a.message() != tt.message {
			t.Errorf("%s: got %s: %s", tt.name, a.code(), a.message())
		}
	}
	made := postTo(t, admin, "CreateTerms", m{"UserPoolId": p.PoolID(), "ClientId": "client1", "TermsName": "terms-of-use", "TermsSource": "LINK", "Enforcement": "NONE"})
	if links, ok := made.body["Terms"].(m)["Links"].(m); !ok || len(links) != 0 {
		t.Errorf("without links: got %s", made.raw)
	}
	id := made.str("Terms", "TermsId")
	if a := postTo(t, admin, "UpdateTerms", m{"UserPoolId": p.PoolID(), "TermsId": id, "Links": m{"cognito:default": "ftp://example.com"}}); a.message() != "The link for cognito:default is not an address of the web" {
		t.Errorf("update: got %s", a.raw)
	}
	if a := postTo(t, admin, "ListTerms", m{"UserPoolId": p.PoolID(), "NextToken": "x"}); a.message() != "Invalid pagination token given" {
		t.Errorf("another token: got %s", a.raw)
	}
}

// TestTermsOnPages looks for the links on sign-up pages: there are two or none.
func TestTermsOnPages(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	client := sdk(p.Transport())
	pool := aws.String(p.PoolID())
	shown := func(lang string) []string {
		t.Helper()
		b := visit(t, p).open(pathSignUp, asking("lang", lang)).on("Create an account", "")
		var links []string
		for _, found := range regexp.MustCompile(`<a href="([^"]*)" target="_blank" rel="noopener noreferrer">([^<]*)</a>`).FindAllStringSubmatch(b.page, -1) {
			links = append(links, found[2]+" "+found[1])
		}
		return links
	}
	is := func(name string, got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	create := func(name string, links map[string]string) *string {
		t.Helper()
		return must[cip.CreateTermsOutput](t)(client.CreateTerms(t.Context(), &cip.CreateTermsInput{
			UserPoolId: pool, ClientId: aws.String("client1"), TermsName: &name, TermsSource: "LINK", Enforcement: "NONE", Links: links,
		})).Terms.TermsId
	}
	is("none", shown(""))
	create("privacy-policy", map[string]string{"cognito:default": "https://example.com/privacy?a=1&b=2", "cognito:german": "https://example.com/datenschutz"})
	is("one", shown(""))
	use := create("terms-of-use", map[string]string{"cognito:german": "https://example.com/bedingungen"})
	is("one in the language", shown(""))
	is("both in German", shown("de"), "Terms of use https://example.com/bedingungen", "Privacy policy https://example.com/datenschutz")
	must[cip.UpdateTermsOutput](t)(client.UpdateTerms(t.Context(), &cip.UpdateTermsInput{UserPoolId: pool, TermsId: use, Links: map[string]string{
		"cognito:default": "https://example.com/other", "cognito:english": "https://example.com/use", "cognito:portuguese-brazil": "https://example.com/termos",
	}}))
	const privacy = "Privacy policy https://example.com/privacy?a=1&amp;b=2"
	is("both in English", shown(""), "Terms of use https://example.com/use", privacy)
	is("both in Portuguese", shown("pt-BR"), "Terms of use https://example.com/termos", privacy)
	is("both by default", shown("ja"), "Terms of use https://example.com/other", privacy)
	b := visit(t, p).signUp("username", "ana", "attribute.email", "nonsense").on("Create an account", "Invalid email address format.")
	if !strings.Contains(b.page, "https://example.com/use") {
		t.Error("the page that is shown again has no links")
	}
	must[cip.UpdateUserPoolDomainOutput](t)(client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{
		UserPoolId: pool, Domain: aws.String("people"), ManagedLoginVersion: aws.Int32(1),
	}))
	is("on classic pages", shown(""))
}
