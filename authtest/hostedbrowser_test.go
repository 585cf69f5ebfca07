package authtest

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// A browser goes to the pages of a domain and stops where it leaves them.
type browser struct {
	t      testing.TB
	client *http.Client
	base   string

	status int
	header http.Header
	at     *url.URL // of the page
	page   string
	left   *url.URL // where the domain sent the browser last; nil while it is on a page
}

// newBrowser returns a browser without cookies.
func newBrowser(t testing.TB, client *http.Client, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	home, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	c := *client
	c.Jar = jar
	c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != home.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &browser{t: t, client: &c, base: base}
}

// open goes to an address at the domain.
func (b *browser) open(path string, query url.Values) *browser {
	b.t.Helper()
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(r)
}

// location returns where an address at the domain redirects to, without going
// there.
func (b *browser) location(path string, query url.Values) string {
	b.t.Helper()
	c := *b.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	stay := *b
	stay.client = &c
	return stay.open(path, query).header.Get("Location")
}

func (b *browser) send(r *http.Request) *browser {
	b.t.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.status, b.header, b.at, b.page, b.left = res.StatusCode, res.Header, res.Request.URL, string(body), nil
	if location := res.Header.Get("Location"); location != "" {
		if b.left, err = res.Request.URL.Parse(location); err != nil {
			b.t.Fatal(err)
		}
	}
	return b
}

var (
	formPattern   = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)"(.*?)</form>`)
	inputPattern  = regexp.MustCompile(`<input[^>]*\bname="([^"]*)"[^>]*\bvalue="([^"]*)"|<input[^>]*\bname="([^"]*)"`)
	alertPattern  = regexp.MustCompile(`role="alert">([^<]*)<`)
	noticePattern = regexp.MustCompile(`role="status">([^<]*)<`)
	titlePattern  = regexp.MustCompile(`<title>([^<]*)</title>`)
)

// submit fills in the first form of the page that goes to a path and sends it.
func (b *browser) submit(path string, pairs ...string) *browser {
	b.t.Helper()
	for _, form := range formPattern.FindAllStringSubmatch(b.page, -1) {
		action := html.UnescapeString(form[1])
		if got, _, _ := strings.Cut(action, "?"); got != path {
			continue
		}
		values := url.Values{}
		for _, input := range inputPattern.FindAllStringSubmatch(form[2], -1) {
			values.Set(input[1]+input[3], html.UnescapeString(input[2]))
		}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return b.post(action, values)
	}
	b.t.Fatalf("the page %q has no form for %s:\n%s", b.title(), path, b.page)
	return b
}

// post sends a form.
func (b *browser) post(action string, values url.Values) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+action, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func firstMatch(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

func (b *browser) title() string  { return firstMatch(titlePattern, b.page) }
func (b *browser) alert() string  { return firstMatch(alertPattern, b.page) }
func (b *browser) notice() string { return firstMatch(noticePattern, b.page) }

// on checks which page the browser is on, and what it says went wrong.
func (b *browser) on(title, alert string) *browser {
	b.t.Helper()
	if b.left != nil {
		b.t.Fatalf("the browser has left for %v, want the page %q", b.left, title)
	}
	if b.title() != title || b.alert() != alert {
		b.t.Fatalf("got page %q with alert %q, want %q with %q", b.title(), b.alert(), title, alert)
	}
	return b
}

// goneTo checks that the browser has been sent to an application and returns the
// parameters, of the query or the fragment.
func (b *browser) goneTo(uri string) url.Values {
	b.t.Helper()
	if b.left == nil {
		b.t.Fatalf("the browser is on the page %q with alert %q, want it to leave", b.title(), b.alert())
	}
	got := *b.left
	text := got.RawQuery
	if got.Fragment != "" {
		text = got.EscapedFragment()
	}
	got.RawQuery, got.Fragment, got.RawFragment = "", "", ""
	if got.String() != uri {
		b.t.Fatalf("the browser was sent to %v, want %s", b.left, uri)
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return values
}
