package authtest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"
)

func listed(t testing.TB, client *cip.Client, p *Pool, filter string) (names []string) {
	t.Helper()
	for _, u := range must[cip.ListUsersOutput](t)(client.ListUsers(t.Context(), &cip.ListUsersInput{UserPoolId: aws.String(p.PoolID()), Filter: &filter})).Users {
		names = append(names, *u.Username)
	}
	return names
}

func TestListUsersFilter(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{CustomAttributes: []string{"plan"}, CaseInsensitiveUsernames: true})
	p.AddUser(User{Name: "Ana", Sub: "aaaa", Email: "ana@example.com", Attributes: map[string]string{"name": `An "A" \ B`, "custom:plan": "1"}})
	p.AddUser(User{Name: "bob", Sub: "aabb", Email: "bob@example.com", Phone: "+15555550123", Status: StatusUnconfirmed})
	p.AddUser(User{Name: "carla", Sub: "cccc", Disabled: true, Status: StatusForceChangePassword, Attributes: map[string]string{"given_name": "Carla", "family_name": "", "preferred_username": "cc"}})
	client := sdk(p.Transport())
	tests := []struct {
		filter string
		want   []string
	}{
		{"", []string{"Ana", "bob", "carla"}},
		{" ", []string{"Ana", "bob", "carla"}},
		{`username = "Ana"`, []string{"Ana"}},
		{`username = "ana"`, nil},
		{`username ^= "b"`, []string{"bob"}},
		{`username ^= ""`, []string{"Ana", "bob", "carla"}},
		{`sub ^= "aa"`, []string{"Ana", "bob"}},
		{`"sub" = "cccc"`, []string{"carla"}},
		{`email="ana@example.com"`, []string{"Ana"}},
		{"  email\t^=\t\"bob\"  ", []string{"bob"}},
		{`phone_number ^= "+1555"`, []string{"bob"}},
		{`name = "An \"A\" \\ B"`, []string{"Ana"}},
		{`name ^= "An"`, []string{"Ana"}},
		{`given_name = "Carla"`, []string{"carla"}},
		{`family_name ^= ""`, nil},
		{`preferred_username = "cc"`, []string{"carla"}},
		{`cognito:user_status = "confirmed"`, []string{"Ana"}},
		{`cognito:user_status ^= "Force"`, []string{"carla"}},
		{`status = "Enabled"`, []string{"Ana", "bob"}},
		{`status = "Disabled"`, []string{"carla"}},
		{`status = "enabled"`, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, listed(t, client, p, tt.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.filter, diff)
		}
	}
	const malformed = "Error while parsing filter."
	for filter, message := range map[string]string{
		`custom:plan = "1"`:             "Invalid search attribute: custom:plan",
		`nickname = "x"`:                "Invalid search attribute: nickname",
		`email`:                         malformed,
		`email =`:                       malformed,
		`email = ana`:                   malformed,
		`email = "ana`:                  malformed,
		`email = "ana\`:                 malformed,
		`email = "a" and name = "b"`:    malformed,
		`email != "a"`:                  malformed,
		`email ^ "a"`:                   malformed,
		`= "a"`:                         malformed,
		`"email = "a"`:                  malformed,
		strings.Repeat("x", 257):        "1 validation error detected: Value '" + strings.Repeat("x", 257) + "' at 'filter' failed to satisfy constraint: Member must have length less than or equal to 256",
		`email ^= "." "@example.com"`:   malformed,
		`email ^= "\".\"@example.com"x`: malformed,
	} {
		_, err := client.ListUsers(t.Context(), &cip.ListUsersInput{UserPoolId: aws.String(p.PoolID()), Filter: &filter})
		refused(t, err, "InvalidParameterException", message)
	}
}

// TestListUsersPages turns pages while users come and go.
func TestListUsersPages(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	client := sdk(p.Transport())
	var names []string
	for i := range 130 {
		names = append(names, fmt.Sprintf("user%03d", 200-i))
		p.AddUser(User{Name: names[i]})
	}
	pool := aws.String(p.PoolID())
	for _, limit := range []*int32{nil, aws.Int32(0), aws.Int32(1), aws.Int32(60)} {
		var got []string
		in := &cip.ListUsersInput{UserPoolId: pool, Limit: limit}
		for {
			out := must[cip.ListUsersOutput](t)(client.ListUsers(t.Context(), in))
			for _, u := range out.Users {
				got = append(got, *u.Username)
			}
			if in.PaginationToken = out.PaginationToken; in.PaginationToken == nil {
				break
			}
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("limit %v (-want +got):\n%s", limit, diff)
		}
	}
	page := func(token *string, filter string) *cip.ListUsersOutput {
		return must[cip.ListUsersOutput](t)(client.ListUsers(t.Context(), &cip.ListUsersInput{UserPoolId: pool, Limit: aws.Int32(2), PaginationToken: token, Filter: &filter}))
	}
	first := page(nil, `username ^= "user"`)
	admin(t, p, "AdminDeleteUser", `"Username":"`+names[1]+`"}`)
	admin(t, p, "AdminDeleteUser", `"Username":"`+names[2]+`"}`)
	p.AddUser(User{Name: "user000"})
	second := page(first.PaginationToken, `username ^= "user"`)
	if got := []string{*second.Users[0].Username, *second.Users[1].Username}; got[0] != names[3] || got[1] != names[4] {
		t.Errorf("the page after users that are gone: got %v", got)
	}
	for name, token := range map[string]*string{"of another filter": first.PaginationToken, "tampered": aws.String(*first.PaginationToken + "A"), "made up": aws.String("x")} {
		_, err := client.ListUsers(t.Context(), &cip.ListUsersInput{UserPoolId: pool, PaginationToken: token})
		e := "InvalidParameterException"
		if err == nil || !strings.Contains(err.Error(), e) {
			t.Errorf("token %s: got %v", name, err)
		}
	}
}

func TestListUsersAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana", Sub: "a", Email: "ana@example.com"})
	p.AddUser(User{Name: "bob", Sub: "b"})
	client := sdk(p.Transport())
	list := func(filter string, names ...string) (string, error) {
		out, err := client.ListUsers(t.Context(), &cip.ListUsersInput{UserPoolId: aws.String(p.PoolID()), Filter: &filter, AttributesToGet: names})
		if err != nil {
			return "", err
		}
		var b strings.Builder
		for _, u := range out.Users {
			for _, a := range u.Attributes {
				b.WriteString(*a.Name + "=" + *a.Value + " ")
			}
			b.WriteString(strconv.FormatBool(u.Enabled) + " " + string(u.UserStatus) + ";")
		}
		return b.String(), nil
	}
	for _, tt := range []struct {
		filter string
		names  []string
		want   string
	}{
		{"", []string{"sub"}, "sub=a true CONFIRMED;sub=b true CONFIRMED;"},
		{`username = "ana"`, []string{"email", "email_verified"}, "email=ana@example.com email_verified=true true CONFIRMED;"},
		{`username = "ana"`, nil, "sub=a email=ana@example.com email_verified=true true CONFIRMED;"},
	} {
		if got, err := list(tt.filter, tt.names...); err != nil || got != tt.want {
			t.Errorf("%v: got %s, %v", tt.names, got, err)
		}
	}
	_, err := list("", "email")
	refused(t, err, "InvalidParameterException", "Input fails to satisfy the constraints.")
}

// FuzzUserFilter parses anything. What is a filter can be written so that it
// means the same.
func FuzzUserFilter(f *testing.F) {
	for _, seed := range []string{"", `email = "ana@example.com"`, `"name" ^= "a \"b\" \\"`, `sub="`, `status ^`, `username = "\xff\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := parseUserFilter(text)
		if err != nil {
			if filter != nil || err.code != "InvalidParameterException" {
				t.Errorf("got %v and %v", filter, err)
			}
			return
		}
		if filter == nil {
			if strings.TrimSpace(text) != "" {
				t.Errorf("%q is no filter, and no mistake", text)
			}
			return
		}
		operator := "="
		if filter.prefix {
			operator = "^="
		}
		again, err := parseUserFilter(filter.attribute + " " + operator + ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filter.value) + `"`)
		if err != nil || *again != *filter {
			t.Errorf("%q: got %v, then %v (%v)", text, filter, again, err)
		}
		u := &user{username: filter.value, sub: filter.value, attributes: map[string]string{filter.attribute: filter.value}}
		if state := filter.attribute == searchStatus || filter.attribute == searchState; !state && !filter.matches(u) {
			t.Errorf("%q does not find its own value", text)
		}
	})
}

// FuzzPageToken tampers with page tokens. Only what the pool made for a list
// is one of it.
func FuzzPageToken(f *testing.F) {
	p, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("users", "key", "")
	f.Add("groups", "", p.pageToken("users", ""))
	f.Fuzz(func(t *testing.T, what, key, token string) {
		made := p.pageToken(what, key)
		if got, ok := p.openPageToken(what, made); !ok || got != key {
			t.Errorf("got %q, %t", got, ok)
		}
		if _, ok := p.openPageToken(what, token); ok && token != made {
			t.Error("a token that was never made has been accepted")
		}
		if _, ok := p.openPageToken(what+"x", made); ok {
			t.Error("a token of another list has been accepted")
		}
	})
}
