package authtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// The kinds of terms documents; an app client has at most one of each.
const (
	termsOfUse    = "terms-of-use"
	privacyPolicy = "privacy-policy"
)

// Terms are a document that people who sign up with an app client accept: its
// addresses by language. They are replaced, never changed.
type terms struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Source      string            `json:"source"`
	Enforcement string            `json:"enforcement"`
	Links       map[string]string `json:"links"`
	Created     time.Time         `json:"created"`
	Modified    time.Time         `json:"modified"`
}

type termsResponse struct {
	Terms termsDescription
}

type termsDescription struct {
	listedTerms
	UserPoolID  string `json:"UserPoolId"`
	ClientID    string `json:"ClientId"`
	TermsSource string
	Links       map[string]string
}

// A listedTerms describes a document as lists do.
type listedTerms struct {
	TermsID          string `json:"TermsId"`
	TermsName        string
	Enforcement      string
	CreationDate     epoch
	LastModifiedDate epoch
}

func (t *terms) listed() listedTerms {
	return listedTerms{t.ID, t.Name, t.Enforcement, epoch(t.Created), epoch(t.Modified)}
}

func (p *Pool) describeTerms(client *appClient, t *terms) *termsResponse {
	return &termsResponse{termsDescription{
		listedTerms: t.listed(), UserPoolID: p.cfg.PoolID, ClientID: client.id, TermsSource: t.Source, Links: t.Links,
	}}
}

// termsNamed returns the client's document of a kind, nil if it has none.
func (c *appClient) termsNamed(name string) *terms {
	for _, t := range c.terms {
		if t.Name == name {
			return t
		}
	}
	return nil
}

type createTermsRequest struct {
	UserPoolID  string            `aws:"UserPoolId,UserPoolId,required"`
	ClientID    string            `aws:"ClientId,ClientId,required"`
	TermsName   string            `aws:"TermsName,TermsName,required"`
	TermsSource string            `aws:"TermsSource,TermsSource,required"`
	Enforcement string            `aws:"Enforcement,TermsEnforcement,required"`
	Links       map[string]string `aws:"Links,TermsLinks"`
}

func createTerms(c *call, r *createTermsRequest) (*termsResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if client.termsNamed(r.TermsName) != nil {
		return nil, fail(wire.ExceptionTermsExists, fmt.Sprintf(msgTermsExist, r.TermsName))
	}
	if err := checkLinks(r.Links); err != nil {
		return nil, err
	}
	t := &terms{
		ID: randomUUID(), Name: r.TermsName, Source: r.TermsSource, Enforcement: r.Enforcement, Links: r.Links, Created: c.now, Modified: c.now,
	}
	if t.Links == nil {
		t.Links = map[string]string{}
	}
	client.terms = append(slices.Clone(client.terms), t)
	return c.pool.describeTerms(client, t), nil
}

// checkLinks refuses what no browser should go to.
func checkLinks(links map[string]string) *apiError {
	for _, language := range slices.Sorted(maps.Keys(links)) {
		u, err := url.Parse(links[language])
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return invalidParameter(fmt.Sprintf(msgTermsLink, language))
		}
	}
	return nil
}

// documented returns a terms document and its app client.
func (c *call) documented(poolID, id string) (*appClient, *terms, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, nil, err
	}
	for _, client := range c.pool.clients {
		for _, t := range client.terms {
			if t.ID == id {
				c.pool.watch.touch(client)
				return client, t, nil
			}
		}
	}
	return nil, nil, resourceNotFound(fmt.Sprintf(msgTermsNotFound, id))
}

type termsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	TermsID    string `aws:"TermsId,UUID,required"`
}

func describeTerms(c *call, r *termsRequest) (*termsResponse, *apiError) {
	client, t, err := c.documented(r.UserPoolID, r.TermsID)
	if err != nil {
		return nil, err
	}
	return c.pool.describeTerms(client, t), nil
}

type updateTermsRequest struct {
	UserPoolID  string            `aws:"UserPoolId,UserPoolId,required"`
	TermsID     string            `aws:"TermsId,UUID,required"`
	TermsName   string            `aws:"TermsName,TermsName"`
	TermsSource string            `aws:"TermsSource,TermsSource"`
	Enforcement string            `aws:"Enforcement,TermsEnforcement"`
	Links       map[string]string `aws:"Links,TermsLinks"`
}

// updateTerms changes what the request says of a document; the rest stays
// (inferred). Links are replaced all together.
func updateTerms(c *call, r *updateTermsRequest) (*termsResponse, *apiError) {
	client, t, err := c.documented(r.UserPoolID, r.TermsID)
	if err != nil {
		return nil, err
	}
	if other := client.termsNamed(r.TermsName); other != nil && other != t {
		return nil, fail(wire.ExceptionTermsExists, fmt.Sprintf(msgTermsExist, r.TermsName))
	}
	if err := checkLinks(r.Links); err != nil {
		return nil, err
	}
	changed := *t
	changed.Name, changed.Source = cmp.Or(r.TermsName, t.Name), cmp.Or(r.TermsSource, t.Source)
	changed.Enforcement, changed.Modified = cmp.Or(r.Enforcement, t.Enforcement), c.now
	if r.Links != nil {
		changed.Links = r.Links
	}
	client.terms = slices.Clone(client.terms)
	client.terms[slices.Index(client.terms, t)] = &changed
	return c.pool.describeTerms(client, &changed), nil
}

func deleteTerms(c *call, r *termsRequest) (*noBody, *apiError) {
	client, t, err := c.documented(r.UserPoolID, r.TermsID)
	if err != nil {
		return nil, err
	}
	client.terms = slices.DeleteFunc(slices.Clone(client.terms), func(other *terms) bool { return other == t })
	return &noBody{}, nil
}

type listTermsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	MaxResults int    `aws:"MaxResults,MaxResults"`
	NextToken  string `aws:"NextToken,AWSString"`
}

type listTermsResponse struct {
	Terms     []listedTerms
	NextToken string `json:",omitempty"`
}

func listTerms(c *call, r *listTermsRequest) (*listTermsResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	all := []listedTerms{}
	for _, client := range c.pool.clients {
		for _, t := range client.terms {
			all = append(all, t.listed())
		}
	}
	id := func(t listedTerms) string { return t.TermsID }
	slices.SortFunc(all, func(a, b listedTerms) int { return cmp.Compare(id(a), id(b)) })
	page, next, err := paginate(c, "terms", r.NextToken, r.MaxResults, all, id)
	if err != nil {
		return nil, err
	}
	return &listTermsResponse{Terms: page, NextToken: next}, nil
}

// termsLinks are the documents that people are shown when they sign up: both
// kinds, or none (documented).
func (c *appClient) termsLinks(language string) []link {
	var links []link
	for _, kind := range []struct{ name, label string }{{termsOfUse, "Terms of use"}, {privacyPolicy, "Privacy policy"}} {
		t := c.termsNamed(kind.name)
		if t == nil {
			return nil
		}
		address := cmp.Or(t.Links[language], t.Links["cognito:default"])
		if address == "" {
			return nil
		}
		links = append(links, link{address, kind.label})
	}
	return links
}

// termsLanguage is the language that documents are shown in, by the parameter
// with which applications choose that of the pages. Ours are in English
// whatever it says.
func termsLanguage(lang string) string {
	names := map[string]string{
		"de": "german", "es": "spanish", "fr": "french", "id": "bahasa-indonesia", "it": "italian", "ja": "japanese",
		"ko": "korean", "nl": "dutch", "pt-BR": "portuguese-brazil", "zh-CN": "chinese-simplified", "zh-TW": "chinese-traditional",
	}
	return "cognito:" + cmp.Or(names[lang], "english")
}
