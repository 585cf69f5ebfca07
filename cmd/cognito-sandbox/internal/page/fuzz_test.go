package page

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cognitokit/auth/authtest"
)

// FuzzPage sends any address and any form: the page never fails, and never says
// what others wrote as markup.
func FuzzPage(f *testing.F) {
	f.Add("/?pool=eu-west-1_people&search=a&after=1&done=confirm", "")
	f.Add(Prefix+"clock", "advance=1h&at=pool%3Deu-west-1_people")
	f.Add(Prefix+"pools/eu-west-1_people/users/ana", "action=confirm&at=search%3Da")
	f.Add(Prefix+"pools/x/users/<i>", "action=<i>&at=<i>")
	f.Fuzz(func(t *testing.T, path, form string) {
		fx := newFixture(t)
		fx.pool.AddUser(authtest.User{Name: "ana"})
		method := http.MethodGet
		if form != "" {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://sandbox.test"+path, strings.NewReader(form))
		if err != nil || strings.HasPrefix(r.URL.Path, Prefix+"events") {
			return // no client could send it, or it would not end
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		fx.page.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %q with %q: got status %d", method, path, form, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && strings.Contains(w.Body.String(), "<i>") {
			t.Errorf("%s %q with %q: the page has its markup", method, path, form)
		}
	})
}
