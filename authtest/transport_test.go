package authtest

import (
	"io"
	"net/http"
	"testing"
)

// TestRedirectInProcess follows a redirect to another host, whose request names
// no Host of its own.
func TestRedirectInProcess(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: transport{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "https://two.example.com/page", http.StatusFound)
			return
		}
		io.WriteString(w, r.Host)
	})}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://one.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if host, err := io.ReadAll(res.Body); string(host) != "two.example.com" || err != nil {
		t.Errorf("got host %q and error %v", host, err)
	}
}
