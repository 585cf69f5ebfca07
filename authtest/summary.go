package authtest

import (
	"cmp"
	"slices"
	"time"
)

// A PoolSummary says what a pool is like.
type PoolSummary struct {
	ID, Name, Issuer  string    // see [Config]
	Domain            string    // the prefix of its domain; empty if it has none
	Created, Modified time.Time // on the pool's clock
	Users             int       // how many there are

	// What the pool asks of people; see the fields of [Config].
	MFA                MFAMode
	MFAFactors         []MFAFactor
	FirstFactors       []FirstFactor
	UsernameAttributes []string
	AliasAttributes    []string
}

// Summary returns what the pool is like now.
func (p *Pool) Summary() PoolSummary {
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := PoolSummary{
		ID: p.cfg.PoolID, Name: p.cfg.Name, Issuer: p.Issuer(), Created: p.created, Modified: p.modified,
		Users: len(p.users.ordered),
		MFA:   p.cfg.MFA, MFAFactors: slices.Clone(p.cfg.MFAFactors), FirstFactors: slices.Clone(p.cfg.FirstFactors),
		UsernameAttributes: slices.Clone(p.cfg.UsernameAttributes), AliasAttributes: slices.Clone(p.cfg.AliasAttributes),
	}
	if p.prefixDomain != nil {
		s.Domain = p.prefixDomain.name
	}
	return s
}

// A ClientSummary says what an app client is like. It has no secret.
type ClientSummary struct {
	ID, Name          string     // see [AppClient]
	HasSecret         bool       // whether secret hashes are mandatory
	Created           time.Time  // on the pool's clock
	ExplicitAuthFlows []AuthFlow // the flows the client may use, sorted

	// What the client may do at managed login; all nil if it may not use that.
	CallbackURLs []string
	LogoutURLs   []string
	OAuthFlows   []OAuthFlow
	Scopes       []string
}

// ClientSummaries returns what the pool's app clients are like now, the first
// one first and the others in the order in which they came.
func (p *Pool) ClientSummaries() []ClientSummary {
	p.mu.Lock()
	defer p.mu.Unlock()
	summaries := make([]ClientSummary, 0, len(p.clients))
	for _, c := range p.clients {
		summaries = append(summaries, c.summary())
	}
	slices.SortFunc(summaries, func(a, b ClientSummary) int {
		return cmp.Or(p.firstness(a.ID)-p.firstness(b.ID), a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return summaries
}

func (p *Pool) firstness(clientID string) int {
	if clientID == p.cfg.ClientID {
		return 0
	}
	return 1
}

func (c *appClient) summary() ClientSummary {
	s := ClientSummary{ID: c.id, Name: c.name, HasSecret: len(c.secrets) > 0, Created: c.created}
	for flow, allowed := range c.flows {
		if allowed {
			s.ExplicitAuthFlows = append(s.ExplicitAuthFlows, flow)
		}
	}
	slices.Sort(s.ExplicitAuthFlows)
	if c.oauthAllowed {
		s.CallbackURLs, s.LogoutURLs = slices.Clone(c.oauth.CallbackURLs), slices.Clone(c.oauth.LogoutURLs)
		s.OAuthFlows, s.Scopes = slices.Clone(c.oauth.Flows), slices.Clone(c.oauth.Scopes)
	}
	return s
}
