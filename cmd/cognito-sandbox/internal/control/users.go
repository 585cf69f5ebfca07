package control

import (
	"math"
	"net/http"
	"time"

	"github.com/cognitokit/auth/authtest"
)

func userRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "pools/{pool}/users", Summary: "a pool's users, a page at a time (search, limit, after)", handle: (*API).listUsers},
		{Method: http.MethodPost, Path: "pools/{pool}/users", Summary: "puts a user into a pool", handle: (*API).createUser},
		{Method: http.MethodGet, Path: "pools/{pool}/users/{user}", Summary: "a user, by username, alias or sub", handle: (*API).getUser},
		{Method: http.MethodDelete, Path: "pools/{pool}/users/{user}", Summary: "deletes a user", handle: (*API).deleteUser},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/confirm", Summary: "confirms a user", handle: onUser((*authtest.Pool).ConfirmUser)},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/reset-password", Summary: "makes a user choose a new password by a code", handle: onUser((*authtest.Pool).ResetUserPassword)},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/set-password", Summary: "gives a user a password", handle: (*API).setPassword},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/set-risk", Summary: "sets the risk of a user's sign-ins", handle: (*API).setRisk},
		{Method: http.MethodPost, Path: "pools/{pool}/compromised-passwords", Summary: "adds passwords that are known to others", handle: (*API).addCompromised},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/disable", Summary: "disables a user", handle: onUser((*authtest.Pool).DisableUser)},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/enable", Summary: "enables a user", handle: onUser((*authtest.Pool).EnableUser)},
		{Method: http.MethodPost, Path: "pools/{pool}/users/{user}/sign-out", Summary: "revokes a user's tokens", handle: onUser((*authtest.Pool).SignOutUser)},
		{Method: http.MethodGet, Path: "pools/{pool}/users/{user}/totp", Summary: "the code that a user's authenticator app shows", handle: (*API).getTOTP},
	}
}

// A User is a user of a pool.
type User struct {
	Username   string              `json:"username"`
	Sub        string              `json:"sub"`
	Status     authtest.UserStatus `json:"status"`
	Enabled    bool                `json:"enabled"`
	Email      string              `json:"email,omitempty"`
	Phone      string              `json:"phone,omitempty"`
	Attributes map[string]string   `json:"attributes"`
	Groups     []string            `json:"groups"`
	Created    time.Time           `json:"created"`
	Modified   time.Time           `json:"modified"`
	Factors    Factors             `json:"factors"`
	Risk       authtest.RiskLevel  `json:"risk,omitempty"`
}

// Factors are what a user can prove to be the user with.
type Factors struct {
	Password      bool                 `json:"password"`
	Passkeys      int                  `json:"passkeys"`
	Devices       int                  `json:"devices"`
	SecondFactors []authtest.MFAFactor `json:"secondFactors"` // that a sign-in can ask for
	Preferred     authtest.MFAFactor   `json:"preferred,omitempty"`
}

func describeUser(u authtest.Account) User {
	attributes := u.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	return User{
		Username: u.Name, Sub: u.Sub, Status: u.Status, Enabled: !u.Disabled, Email: u.Email, Phone: u.Phone,
		Attributes: attributes, Groups: list(u.Groups), Created: u.Created, Modified: u.Modified,
		Factors: Factors{
			Password: u.HasPassword, Passkeys: u.Passkeys, Devices: u.Devices,
			SecondFactors: list(u.SecondFactors), Preferred: u.PreferredMFA,
		},
		Risk: u.Risk,
	}
}

const (
	defaultUserPage = 100
	maxUserPage     = 1000
)

func (a *API) listUsers(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	q := queryOf(r)
	limit := int(max(q.number("limit", defaultUserPage, maxUserPage), 1))
	found := authtest.AccountQuery{Search: q.text("search"), After: uint64(q.number("after", 0, math.MaxInt64)), Limit: limit + 1}
	if err := q.done(); err != nil {
		return nil, err
	}
	page := struct {
		Users []User `json:"users"`
		Next  uint64 `json:"next,omitempty"` // after, for the next page
	}{Users: []User{}}
	accounts := p.Accounts(found)
	if len(accounts) > limit {
		accounts = accounts[:limit]
		page.Next = accounts[limit-1].Position
	}
	for _, account := range accounts {
		page.Users = append(page.Users, describeUser(account))
	}
	return page, nil
}

// A NewUser is a user to put into a pool; see [authtest.User].
type NewUser struct {
	Username     string              `json:"username"`
	Sub          string              `json:"sub"`
	Password     string              `json:"password"`
	Email        string              `json:"email"`
	Phone        string              `json:"phone"`
	Attributes   map[string]string   `json:"attributes"`
	Status       authtest.UserStatus `json:"status"`
	Disabled     bool                `json:"disabled"`
	Groups       []string            `json:"groups"`
	TOTP         bool                `json:"totp"`
	SMSMFA       bool                `json:"smsMfa"`
	EmailMFA     bool                `json:"emailMfa"`
	PreferredMFA authtest.MFAFactor  `json:"preferredMfa"`
}

func (a *API) createUser(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	var in NewUser
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	sub, err := p.CreateUser(authtest.User{
		Name: in.Username, Sub: in.Sub, Password: in.Password, Email: in.Email, Phone: in.Phone, Attributes: in.Attributes,
		Status: in.Status, Disabled: in.Disabled, Groups: in.Groups,
		TOTP: in.TOTP, SMSMFA: in.SMSMFA, EmailMFA: in.EmailMFA, PreferredMFA: in.PreferredMFA,
	})
	if err != nil {
		return nil, err
	}
	return userNow(p, sub)
}

// userNow describes a user who may be gone by now.
func userNow(p *authtest.Pool, name string) (any, error) {
	account, ok := p.Account(name)
	if !ok {
		return nil, notFound("user")
	}
	return describeUser(account), nil
}

func (a *API) getUser(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	return userNow(p, r.PathValue("user"))
}

// onUser makes a route that does something to a user and returns the user as
// it is then.
func onUser(act func(p *authtest.Pool, user string) error) func(*API, *http.Request) (any, error) {
	return func(a *API, r *http.Request) (any, error) {
		p, err := a.pool(r)
		if err != nil {
			return nil, err
		}
		if err := empty(r); err != nil {
			return nil, err
		}
		if err := act(p, r.PathValue("user")); err != nil {
			return nil, err
		}
		return userNow(p, r.PathValue("user"))
	}
}

func (a *API) setPassword(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	var in struct {
		Password  string `json:"password"`
		Temporary bool   `json:"temporary"` // has to be changed at the next sign-in
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := p.SetUserPassword(r.PathValue("user"), in.Password, !in.Temporary); err != nil {
		return nil, err
	}
	return userNow(p, r.PathValue("user"))
}

func (a *API) setRisk(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	var in struct {
		Level authtest.RiskLevel `json:"level"` // empty for none
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := p.SetUserRisk(r.PathValue("user"), in.Level); err != nil {
		return nil, err
	}
	return userNow(p, r.PathValue("user"))
}

func (a *API) addCompromised(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	var in struct {
		Passwords []string `json:"passwords"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return nil, p.AddCompromisedPasswords(in.Passwords...)
}

func (a *API) deleteUser(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	return nil, p.DeleteUser(r.PathValue("user"))
}

func (a *API) getTOTP(r *http.Request) (any, error) {
	p, err := a.pool(r)
	if err != nil {
		return nil, err
	}
	if _, ok := p.Account(r.PathValue("user")); !ok {
		return nil, notFound("user")
	}
	code := p.TOTP(r.PathValue("user"))
	if code == "" {
		return nil, notFound("code: the user has no authenticator app, or has used all codes of the moment")
	}
	return struct {
		Code string `json:"code"`
	}{code}, nil
}
