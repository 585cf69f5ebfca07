package authtest

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorSMS}})
	for _, u := range []User{
		{Name: "ana", Password: testPassword, Email: "ana@example.com", TOTP: true},
		{Name: "Ben", Email: "ben@example.net", Attributes: map[string]string{"given_name": "Benjamin"}},
		{Name: "eve", Phone: "+12065550184", SMSMFA: true},
		{Name: "dan", Disabled: true},
	} {
		p.AddUser(u)
	}
	position := func(name string) uint64 {
		a, _ := p.Account(name)
		return a.Position
	}
	for _, tt := range []struct {
		name  string
		query AccountQuery
		want  []string
	}{
		{"all", AccountQuery{}, []string{"ana", "Ben", "eve", "dan"}},
		{"limit", AccountQuery{Limit: 2}, []string{"ana", "Ben"}},
		{"after", AccountQuery{After: position("Ben"), Limit: 1}, []string{"eve"}},
		{"after the last", AccountQuery{After: position("dan")}, nil},
		{"newest", AccountQuery{Newest: true, Limit: 3}, []string{"dan", "eve", "Ben"}},
		{"newest, after", AccountQuery{Newest: true, After: position("eve"), Limit: 3}, []string{"Ben", "ana"}},
		{"newest, after the last", AccountQuery{Newest: true, After: position("ana")}, nil},
		{"name", AccountQuery{Search: "EN"}, []string{"Ben"}},
		{"e-mail", AccountQuery{Search: "example."}, []string{"ana", "Ben"}},
		{"e-mail, with limit", AccountQuery{Search: "example.", After: position("ana"), Limit: 1}, []string{"Ben"}},
		{"phone", AccountQuery{Search: "+1206"}, []string{"eve"}},
		{"given name", AccountQuery{Search: "jamin"}, []string{"Ben"}},
		{"nothing", AccountQuery{Search: "nobody"}, nil},
	} {
		var got []string
		for _, a := range p.Accounts(tt.query) {
			got = append(got, a.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if err := p.DeleteUser("Ben"); err != nil {
		t.Fatal(err)
	}
	if got := p.Accounts(AccountQuery{After: 2}); len(got) != 2 || got[0].Name != "eve" {
		t.Errorf("after a deleted account: got %v", got)
	}
	if got := p.Accounts(AccountQuery{After: 2, Newest: true}); len(got) != 1 || got[0].Name != "ana" {
		t.Errorf("newest after a deleted account: got %v", got)
	}
	ana, found := p.Account("ana")
	if !found || !ana.HasPassword || !cmp.Equal(ana.SecondFactors, []MFAFactor{MFAFactorTOTP}) || ana.Created.IsZero() {
		t.Errorf("got account %v, found %t", ana, found)
	}
	if _, found := p.Account("nobody"); found {
		t.Error("found nobody")
	}
}

// TestAccountActions sees each action at work and refused.
func TestAccountActions(t *testing.T) {
	t.Parallel()
	password := func(want string) func(t *testing.T, p *Pool) {
		return func(t *testing.T, p *Pool) {
			a := post(t, p, "InitiateAuth", withPassword("ana", testPassword))
			if got := a.code(); got != want {
				t.Errorf("signing in: got %q, want %q", got, want)
			}
		}
	}
	for _, tt := range []struct {
		name    string
		user    User
		act     func(*Pool, string) error
		look    func(t *testing.T, p *Pool)
		want    *Error // of a second time; nil for none
		unknown *Error
	}{
		{
			name: "confirm", user: User{Status: StatusUnconfirmed}, act: (*Pool).ConfirmUser, look: password(""),
			want: &Error{"NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"},
		},
		{name: "reset", act: (*Pool).ResetUserPassword, look: func(t *testing.T, p *Pool) {
			password("PasswordResetRequiredException")(t, p)
			if p.Code("ana") == "" {
				t.Error("no code was sent")
			}
		}},
		{name: "disable", act: (*Pool).DisableUser, look: password("NotAuthorizedException")},
		{name: "enable", user: User{Disabled: true}, act: (*Pool).EnableUser, look: password("")},
		{name: "sign out", act: (*Pool).SignOutUser, look: password("")},
		{name: "password", user: User{Password: "other"}, act: func(p *Pool, user string) error {
			return p.SetUserPassword(user, testPassword, true)
		}, look: password("")},
		{
			name: "delete", act: (*Pool).DeleteUser, look: password("UserNotFoundException"),
			want: &Error{"UserNotFoundException", "User does not exist."},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
			tt.user.Name, tt.user.Email = "ana", "ana@example.com"
			if tt.user.Password == "" {
				tt.user.Password = testPassword
			}
			p.AddUser(tt.user)
			if err := tt.act(p, "ana"); err != nil {
				t.Fatal(err)
			}
			tt.look(t, p)
			isError(t, tt.act(p, "ana"), tt.want)
			isError(t, tt.act(p, "nobody"), &Error{"UserNotFoundException", "User does not exist."})
		})
	}
}

func isError(t *testing.T, err error, want *Error) {
	t.Helper()
	got, _ := errors.AsType[*Error](err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestSignOutUserRevokes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	token := ok(t, p, "InitiateAuth", withPassword("ana", testPassword)).str("AuthenticationResult", "AccessToken")
	ok(t, p, "GetUser", m{"AccessToken": token})
	if err := p.SignOutUser("ana"); err != nil {
		t.Fatal(err)
	}
	fails(t, p, "GetUser", m{"AccessToken": token}, "NotAuthorizedException", "Access Token has been revoked")
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	sub, err := p.CreateUser(User{Name: "ana"})
	if u, _ := p.User("ana"); err != nil || u.Sub != sub {
		t.Errorf("got sub %q, want %q, error %v", sub, u.Sub, err)
	}
	_, err = p.CreateUser(User{Name: "ana"})
	isError(t, err, &Error{"UsernameExistsException", "User already exists"})
	if err := p.SetUserPassword("ana", "short", true); err == nil {
		t.Error("the policy was not asked")
	}
}

func TestSummaries(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		Name: "people", ClientID: "first", ClientSecret: "012345678901234567890123",
		OAuth:   &OAuth{CallbackURLs: []string{"https://app.example.com/"}},
		Clients: []AppClient{{ClientID: "c"}, {ClientID: "a", ClientName: "another", ExplicitAuthFlows: passwordFlow}},
		MFA:     MFAOptional,
		Domain:  "people",
	})
	for i := range 3 {
		p.AddUser(User{Name: strconv.Itoa(i)})
	}
	s := p.Summary()
	if s.ID != p.PoolID() || s.Name != "people" || s.Domain != "people" || s.Users != 3 || s.MFA != MFAOptional || s.Issuer != p.Issuer() || s.Created.IsZero() {
		t.Errorf("got %+v", s)
	}
	clients := p.ClientSummaries()
	if len(clients) != 3 || clients[0].ID != "first" || !clients[0].HasSecret || clients[1].HasSecret || clients[0].OAuthFlows[0] != OAuthFlowCode {
		t.Fatalf("got %+v", clients)
	}
	for _, c := range clients[1:] {
		if c.ID == "a" && (c.Name != "another" || !cmp.Equal(c.ExplicitAuthFlows, slices.Sorted(slices.Values(passwordFlow))) || c.CallbackURLs != nil) {
			t.Errorf("got %+v", c)
		}
	}
}
