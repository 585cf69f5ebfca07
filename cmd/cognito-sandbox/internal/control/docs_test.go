package control

import (
	"os"
	"strings"
	"testing"
)

// TestDocumented compares the document with the routes.
func TestDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../docs/control-api.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if request, ok := strings.CutPrefix(line, "| `"); ok {
			request, _, _ = strings.Cut(request, "`")
			rows[request] = true
		}
	}
	for _, r := range allRoutes() {
		if r.Path == "{$}" {
			continue // it is what the table is introduced by
		}
		request := r.Method + " " + Prefix + r.Path
		if !rows[request] {
			t.Errorf("docs/control-api.md does not list %s", request)
		}
		delete(rows, request)
	}
	for request := range rows {
		t.Errorf("docs/control-api.md lists %s, which is not there", request)
	}
}
