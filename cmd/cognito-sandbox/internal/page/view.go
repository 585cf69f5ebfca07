package page

import (
	"cmp"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/cmd/cognito-sandbox/internal/snippet"
)

// How much of everything the page shows.
const (
	maxUsers    = 20
	maxMessages = 50
	maxRequests = 30
)

// A place is what the page shows: a pool, and the part of its users.
type place struct {
	Pool   string
	Search string
	After  uint64
}

// placeOf reads a place from parameters. What makes no sense is left out.
func placeOf(values url.Values) place {
	after, _ := strconv.ParseUint(values.Get("after"), 10, 64)
	return place{Pool: values.Get("pool"), Search: values.Get("search"), After: after}
}

// Query is the place as parameters.
func (at place) Query() string {
	values := url.Values{}
	if at.Pool != "" {
		values.Set("pool", at.Pool)
	}
	if at.Search != "" {
		values.Set("search", at.Search)
	}
	if at.After != 0 {
		values.Set("after", strconv.FormatUint(at.After, 10))
	}
	return values.Encode()
}

// URL is the address of the place.
func (at place) URL() template.URL {
	return template.URL("/?" + at.Query()) //nolint:gosec // Query escapes what it is made of
}

// First is where the first users are, whatever is searched for.
func (at place) First() template.URL { return place{Pool: at.Pool, Search: at.Search}.URL() }

// All is where all users are.
func (at place) All() template.URL { return place{Pool: at.Pool}.URL() }

// A view is what the page shows.
type view struct {
	Config
	At       place
	Prefix   string
	Now      time.Time
	Ahead    time.Duration
	Pools    []poolView
	Pool     *poolView
	Users    []userView
	More     template.URL // where the next users are; empty if there are none
	Messages []authtest.Delivery
	Requests []requestView
	Notice   string // what was done
	Alert    string // what was not
}

type poolView struct {
	authtest.PoolSummary
	Clients  []authtest.ClientSummary
	Snippets []snippetView
	Login    string // the page that signs people in; empty if there is none
	URL      template.URL
	Current  bool
}

type snippetView struct{ ID, Title, Text string }

type userView struct {
	authtest.Account
	Factors []string
	Action  string // where its forms go
}

// Title is what people call the user: not the sub, if there is anything else.
func (u userView) Title() string {
	if u.Name == u.Sub {
		return cmp.Or(u.Email, u.Phone, u.Name)
	}
	return u.Name
}

// CanConfirm reports whether the user waits to be confirmed.
func (u userView) CanConfirm() bool { return u.Status == authtest.StatusUnconfirmed }

// Verified reports whether a contact was verified.
func (u userView) Verified(attribute string) bool {
	return u.Attributes[attribute+"_verified"] == "true"
}

type requestView struct {
	authtest.Request
	Outcome string
	Good    bool
}

// look looks at a place, and reports whether there is its pool. Without one
// it is the oldest pool.
func (p *Page) look(at place) (v *view, ok bool) {
	now := p.server.Clock()
	v = &view{Config: p.cfg, Prefix: Prefix, Now: now, Ahead: time.Until(now).Round(time.Second)}
	pools := p.server.Pools()
	if at.Pool == "" && len(pools) > 0 {
		at.Pool = pools[0].PoolID()
	}
	v.At = at
	for _, pool := range pools {
		shown := poolView{PoolSummary: pool.Summary(), URL: place{Pool: pool.PoolID()}.URL(), Current: pool.PoolID() == at.Pool}
		if shown.Current {
			shown.Clients = pool.ClientSummaries()
			shown.Snippets = p.snippets(&shown)
			shown.Login = p.login(&shown)
			v.Pool = &shown
			v.lookInto(pool)
		}
		v.Pools = append(v.Pools, shown)
	}
	for _, r := range slices.Backward(p.server.Requests()) {
		if (r.UserPoolID == at.Pool || r.UserPoolID == "") && len(v.Requests) < maxRequests {
			v.Requests = append(v.Requests, showRequest(r))
		}
	}
	return v, v.Pool != nil || at.Pool == ""
}

func (v *view) lookInto(pool *authtest.Pool) {
	accounts := pool.Accounts(authtest.AccountQuery{Search: v.At.Search, After: v.At.After, Newest: true, Limit: maxUsers + 1})
	if len(accounts) > maxUsers {
		accounts = accounts[:maxUsers]
		v.More = place{v.At.Pool, v.At.Search, accounts[maxUsers-1].Position}.URL()
	}
	for _, a := range accounts {
		v.Users = append(v.Users, userView{a, factorsOf(a), Prefix + "pools/" + url.PathEscape(v.At.Pool) + "/users/" + url.PathEscape(a.Sub)})
	}
	sent := pool.Messages(authtest.MessageFilter{})
	v.Messages = slices.Clone(sent[max(0, len(sent)-maxMessages):])
	slices.Reverse(v.Messages)
}

// snippets are what to paste for the pool and its first app client that has no
// secret: browsers could not keep one.
func (p *Page) snippets(shown *poolView) []snippetView {
	snippets := []snippetView{{"aws", "AWS SDKs and CLI", snippet.AWS(p.cfg.Endpoint, p.server.Region())}}
	if i := slices.IndexFunc(shown.Clients, func(c authtest.ClientSummary) bool { return !c.HasSecret }); i >= 0 {
		amplify := snippetView{"amplify", "Amplify", snippet.Amplify(p.cfg.Endpoint, shown.ID, shown.Clients[i].ID)}
		snippets = slices.Insert(snippets, 0, amplify)
	}
	return snippets
}

// login is the address of the pool's sign-in page for the first app client that
// may use it.
func (p *Page) login(shown *poolView) string {
	i := slices.IndexFunc(shown.Clients, func(c authtest.ClientSummary) bool { return len(c.CallbackURLs) > 0 })
	if i < 0 || shown.Domain == "" {
		return ""
	}
	return snippet.Login(p.cfg.Endpoint, shown.Domain, shown.Clients[i].ID, shown.Clients[i].CallbackURLs[0])
}

// factorNames are the second factors in people's words.
var factorNames = map[authtest.MFAFactor]string{
	authtest.MFAFactorTOTP: "authenticator app", authtest.MFAFactorSMS: "SMS code", authtest.MFAFactorEmail: "e-mail code",
}

// factorsOf names what a user can sign in with.
func factorsOf(a authtest.Account) []string {
	var factors []string
	if a.HasPassword {
		factors = append(factors, "password")
	}
	if a.Passkeys > 0 {
		factors = append(factors, count(a.Passkeys, "passkey"))
	}
	for _, factor := range a.SecondFactors {
		name := factorNames[factor]
		if factor == a.PreferredMFA {
			name += " (preferred)"
		}
		factors = append(factors, name)
	}
	if a.Devices > 0 {
		factors = append(factors, count(a.Devices, "device"))
	}
	return factors
}

func showRequest(r authtest.Request) requestView {
	v := requestView{Request: r, Good: r.Status >= 200 && r.Status < 400}
	switch {
	case r.Status == 0:
		v.Outcome = "connection broken"
	case r.Code != "":
		v.Outcome = strconv.Itoa(r.Status) + " " + r.Code
	default:
		v.Outcome = strconv.Itoa(r.Status)
	}
	return v
}
