package control

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzControl sends any body to any route: the answer is JSON, or nothing, and
// no failure of the sandbox.
func FuzzControl(f *testing.F) {
	const users = "pools/" + poolID + "/users"
	for _, seed := range []struct{ method, path, body string }{
		{"POST", "clock", `{"advance":"1h"}`},
		{"POST", "faults", `{"operation":"SignUp","code":"X","times":2,"status":500}`},
		{"POST", "faults", `{"delay":"1s","dropResponse":true}`},
		{"POST", users, `{"username":"eve","password":"x","attributes":{"name":"Eve"},"groups":["a"],"totp":true,"status":"CONFIRMED"}`},
		{"POST", users + "/ana/set-risk", `{"level":"High"}`},
		{"POST", "pools/" + poolID + "/compromised-passwords", `{"passwords":["x"]}`},
		{"POST", users + "/ana/set-password", `{"password":"Another-horse-2","temporary":true}`},
		{"POST", users + "/ana/confirm", `{}`},
		{"DELETE", users + "/ana", ``},
		{"GET", users + "?search=a&limit=1&after=1", ``},
		{"GET", "messages?user=ana&kind=SignUp&after=1&limit=1", ``},
		{"GET", "requests?operation=SignUp&after=1", ``},
		{"DELETE", "faults/1", ``},
		{"POST", "seed", seedFile},
		{"POST", "import", `{"format":"authtest","version":1,"region":"eu-west-1","clock":0,"pools":[]}`},
		{"GET", "export", ``},
		{"POST", "reset", `{}`},
	} {
		f.Add(seed.method, seed.path, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if strings.Contains(path, "wait") {
			return // it would
		}
		fx := newFixture(t)
		fx.signUp("ana")
		r, err := http.NewRequestWithContext(t.Context(), method, "http://sandbox.test"+Prefix+path, strings.NewReader(body))
		if err != nil {
			return // no client could send it
		}
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		fx.api.ServeHTTP(w, r)
		text, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		switch status := w.Code; {
		case status >= http.StatusInternalServerError:
			t.Errorf("%s %q: got %d %s", method, path, status, text)
		case status == http.StatusNoContent:
			if len(text) > 0 {
				t.Errorf("%s %q: no content, but %q", method, path, text)
			}
		case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect:
			// of a path that is not clean
		case !json.Valid(text):
			t.Errorf("%s %q: got %d %q", method, path, status, text)
		}
	})
}
