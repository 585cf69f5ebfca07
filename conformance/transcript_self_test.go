package conformance

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

func TestParseTranscript(t *testing.T) {
	t.Parallel()
	const good = `{"journey":"x","client":"plain","steps":[{"what":"a","certainty":"D","operation":"GetUser","status":200,"body":{}}]}`
	tests := []struct{ name, text, problem string }{
		{"good", good, ""},
		{"an outcome", `{"journey":"x","client":"plain","steps":[{"what":"a","certainty":"D","outcome":{}}]}`, ""},
		{"no JSON", "x", "invalid character"},
		{"more", good + "{}", "more than a transcript"},
		{"an unknown member", `{"journey":"x","color":"blue"}`, "unknown field"},
		{"no journey", `{"steps":[]}`, "no journey"},
		{"a step without a name", strings.Replace(good, `"what":"a",`, "", 1), "no name of its own"},
		{"a name twice", `{"journey":"x","steps":[{"what":"a","outcome":1},{"what":"a","outcome":1}]}`, "step 2 has no name of its own"},
		{"a step that is nothing", `{"journey":"x","steps":[{"what":"a"}]}`, "neither a request nor an outcome"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseTranscript([]byte(tt.text))
			if tt.problem == "" && err != nil || tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem) || got != nil) {
				t.Errorf("got %v, want %q", err, tt.problem)
			}
		})
	}
}

// FuzzTranscript reads transcripts, writes them and replays them: what is read
// is written, and no transcript makes a player panic.
func FuzzTranscript(f *testing.F) {
	f.Add([]byte(`{"journey":"x","client":"plain","steps":[{"what":"a","certainty":"D","operation":"GetUser","status":200,"header":{"X-Amzn-Errortype":"<missing>"},` +
		`"body":{"AccessToken":{"<jwt>":"<access token 1>","header":{"kid":"<kid 1>"},"claims":{"exp":"<iat>+60","auth_time":"<time>"}},"a":{"<json>":[1]},` +
		`"b":{"<attributes>":{"sub":"<id 1>"}},"c":"<number>","d":"<date>","e":"<session 1, unusual>"}}]}`))
	f.Add([]byte(`{"journey":"x","steps":[{"what":"a","operation":"OPTIONS","body":"<no JSON>"}]}`))
	f.Add([]byte(`{"journey":"x","steps":[{"what":"a","operation":"GetUser","body":{"<jwt>":"x","header":1,"claims":2}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := parseTranscript(data)
		if err != nil {
			return
		}
		written, err := read.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseTranscript(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if rewritten, err := again.encode(); err != nil || !bytes.Equal(rewritten, written) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, written, rewritten)
		}
		p := newPlayer(read)
		p.scrub = newScrubber()
		for _, s := range p.steps {
			r, err := http.NewRequest(http.MethodPost, "https://pool.test/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Amz-Target", wire.TargetPrefix+s.Operation)
			res, err := p.RoundTrip(r)
			if err != nil {
				return
			}
			res.Body.Close()
		}
	})
}

// TestPlayerIsStrict breaks the connection of a client that asks for something
// else than was recorded.
func TestPlayerIsStrict(t *testing.T) {
	t.Parallel()
	p := newPlayer(&transcript{Journey: "x", Steps: []step{{What: "a", Operation: "GetUser", Status: 200, Body: m{"Username": "<user ana>"}}}})
	p.scrub = newScrubber()
	p.scrub.know("ours-ana", "user ana")
	a := &api{endpoint: "https://pool.test/", transport: p}
	if _, err := a.call(t.Context(), "DeleteUser", m{}); err == nil || !strings.Contains(err.Error(), "DeleteUser, but the transcript has GetUser here") {
		t.Errorf("got %v", err)
	}
	if got, err := a.call(t.Context(), "GetUser", m{}); err != nil || got.str("Username") != "ours-ana" {
		t.Errorf("got %s, %v", got.raw, err)
	}
	if _, err := a.call(t.Context(), "GetUser", m{}); err == nil || !strings.Contains(err.Error(), "after the end of the transcript") {
		t.Errorf("got %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	decode := func(text string) *transcript {
		t.Helper()
		read, err := parseTranscript([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	want := decode(`{"journey":"x","steps":[
		{"what":"a","certainty":"O","operation":"GetUser","request":{"X":1},"status":200,"body":{"A":"a","B":[1,2],"C":{},"D":null}},
		{"what":"b","certainty":"I","operation":"GetUser","status":400,"header":{"H":"h"}},
		{"what":"c","certainty":"D","outcome":{"error":"E"}}]}`)
	got := decode(`{"journey":"x","stopped":"no way","steps":[
		{"what":"a","certainty":"D","operation":"GetUser","request":{"X":2},"status":200,"body":{"A":"b","B":[1],"E":true}},
		{"what":"b","certainty":"I","operation":"GetUser","status":500},
		{"what":"d","certainty":"D","outcome":{}}]}`)
	answers := []difference{
		{Journey: "x", Step: "a", Certainty: observed, What: "body.A", Want: `"a"`, Got: `"b"`},
		{Journey: "x", Step: "a", Certainty: observed, What: "body.B", Want: "a list of 2", Got: "a list of 1"},
		{Journey: "x", Step: "a", Certainty: observed, What: "body.B[1]", Want: "2", Got: nothing},
		{Journey: "x", Step: "a", Certainty: observed, What: "body.C", Want: "an object", Got: nothing},
		{Journey: "x", Step: "a", Certainty: observed, What: "body.D", Want: "null", Got: nothing},
		{Journey: "x", Step: "a", Certainty: observed, What: "body.E", Want: nothing, Got: "true"},
		{Journey: "x", Step: "b", Certainty: inferred, What: "header.H", Want: `"h"`, Got: usual},
		{Journey: "x", Step: "b", Certainty: inferred, What: "status", Want: "400", Got: "500"},
		{Journey: "x", Step: "c", Certainty: documented, What: "step", Want: "taken", Got: nothing},
		{Journey: "x", Step: "d", Certainty: documented, What: "step", Want: nothing, Got: "taken"},
		{Journey: "x", Step: "end", What: "stopped", Want: nothing, Got: "no way"},
	}
	if diff := cmp.Diff(answers, compare(want, got, false)); diff != "" {
		t.Errorf("answers, -want +got:\n%s", diff)
	}
	requests := 0
	for _, d := range compare(want, got, true) {
		if d.What == "request.X" || d.What == "certainty" {
			requests++
		}
	}
	if requests != 2 {
		t.Errorf("got %d differences in requests, want 2", requests)
	}
	if list := compare(want, want, true); len(list) > 0 {
		t.Errorf("a transcript differs from itself: %v", list)
	}
	unknown := explain(answers, []difference{
		{Journey: "x", Step: "a", What: "body.A", Got: `"b"`, Why: "first"},
		{Journey: "x", Step: "b", What: "*", Got: "*", Why: "second"},
		{Journey: "y", Step: "a", What: "*", Got: "*", Why: "another journey"},
		{Journey: "x", Step: "a", What: "body.B", Got: "another value", Why: "another value"},
	})
	if unknown != len(answers)-3 || answers[0].Why != "first" || answers[1].Why != "" || answers[7].Why != "second" {
		t.Errorf("%d are unknown: %+v", unknown, answers)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60)
	text := table([]difference{
		{Journey: "one", Step: "a", What: "status", Want: "400", Got: "404", Certainty: observed},
		{Journey: "two", Step: "b", What: "status", Want: "400", Got: "404", Certainty: observed},
		{Journey: "two", Step: "c", What: "body", Want: long + " wanted" + long, Got: long + " gotten" + long, Why: "known"},
		{Journey: "two", Step: "d", What: "step", Want: "taken", Got: nothing},
		{Journey: "two", Step: "e", What: "step", Want: "taken", Got: nothing},
		{Journey: "three", Step: "a", What: "step", Want: "taken", Got: nothing},
	}, "service")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, want := range [][]string{
		{"journey", "certainty", "authtest", "service", "known"},
		{"one", "a (and 1 more)", "O", "status", "400", "404"},
		{"two", "c", "body", "…xxx", " wanted", " gotten", "known"},
		{"two", "d (and 1 more)", "step"},
		{"three", "a", "step"},
	} {
		for _, word := range want {
			if i >= len(lines) || !strings.Contains(lines[i], word) {
				t.Fatalf("line %d does not say %q:\n%s", i, word, text)
			}
		}
	}
	if len(lines) != 5 {
		t.Errorf("got %d lines, want 5:\n%s", len(lines), text)
	}
}

// TestKnownDifferences checks that the list is about steps that there are.
func TestKnownDifferences(t *testing.T) {
	t.Parallel()
	for _, d := range readKnown(t) {
		recorded, err := readTranscript(dirAuthtest, d.Journey)
		if err != nil || recorded == nil {
			t.Errorf("%s: there is no journey %s: %v", knownFile, d.Journey, err)
			continue
		}
		found := d.Step == "end"
		for _, s := range recorded.Steps {
			found = found || s.What == d.Step
		}
		if !found {
			t.Errorf("%s: the journey %s has no step %q", knownFile, d.Journey, d.Step)
		}
	}
}

// TestTranscriptsAreAsWritten keeps transcripts in the form that -record gives
// them, so that its changes are those of authtest.
func TestTranscriptsAreAsWritten(t *testing.T) {
	t.Parallel()
	for _, j := range journeys() {
		recorded, err := readTranscript(dirAuthtest, j.name)
		if err != nil || recorded == nil {
			t.Errorf("%s: %v", j.name, err)
			continue
		}
		written, err := recorded.encode()
		if err != nil {
			t.Fatal(err)
		}
		if file, err := os.ReadFile(transcriptFile(dirAuthtest, j.name)); err != nil || !bytes.Equal(file, written) {
			t.Errorf("%s: edited by hand, or %v", j.name, err)
		}
	}
}
