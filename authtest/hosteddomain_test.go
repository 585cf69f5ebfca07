package authtest

import "testing"

func TestDomainURL(t *testing.T) {
	t.Parallel()
	if got := newPool(t, Config{}).DomainURL(); got != "" {
		t.Errorf("no domain: got %q", got)
	}
	p := newPool(t, Config{Domain: "people", PoolID: "us-west-2_AbC123def"})
	if got := p.DomainURL(); got != "https://people.auth.us-west-2.amazoncognito.com" {
		t.Errorf("got %q", got)
	}
	if base := p.Start(); p.DomainURL() != base {
		t.Errorf("started: got %q, want %q", p.DomainURL(), base)
	}
	p.Close()
	if got := p.DomainURL(); got != "https://people.auth.us-west-2.amazoncognito.com" {
		t.Errorf("closed: got %q", got)
	}
	if got := newPool(t, Config{}).DomainURL(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestDomainNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"People", "-a", "a-", "a.b", "my-aws", "cognito", "amazonas"} {
		if _, err := New(Config{Domain: name}); err == nil {
			t.Errorf("%q: got no error", name)
		}
	}
	s := NewServer(t, ServerConfig{})
	s.NewPool(Config{Domain: "people"})
	if _, err := s.AddPool(Config{Domain: "people"}); err == nil {
		t.Error("a second pool has the domain")
	}
}
