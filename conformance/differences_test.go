package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
)

// A difference is something that two transcripts of a journey do not agree
// about.
type difference struct {
	Journey string `json:"journey"`
	Step    string `json:"step"`
	What    string `json:"what"` // a path, as in body.message
	Want    string `json:"-"`    // what was recorded of authtest
	Got     string `json:"got"`

	Certainty certainty `json:"-"`
	Why       string    `json:"why,omitempty"` // of a difference that is known
}

// What stands for a value that is not there: nothing, or for a header that it
// is as usual.
const (
	nothing = "(absent)"
	usual   = "(usual)"
)

// compare lists the differences of a transcript from another one, requests
// included or not. A step that was not reached is one difference.
func compare(want, got *transcript, requests bool) []difference {
	var list []difference
	add := func(s step, what, before, now string) {
		list = append(list, difference{Journey: want.Journey, Step: s.What, Certainty: s.Certainty, What: what, Want: before, Got: now})
	}
	reached := make(map[string]step)
	for _, s := range got.Steps {
		reached[s.What] = s
	}
	for _, w := range want.Steps {
		g, ok := reached[w.What]
		delete(reached, w.What)
		if !ok {
			add(w, "step", "taken", nothing)
			continue
		}
		wanted, found := w.leaves(requests), g.leaves(requests)
		for _, path := range union(wanted, found) {
			if wanted[path] != found[path] {
				instead := nothing
				if strings.HasPrefix(path, "header.") {
					instead = usual
				}
				add(w, path, cmp.Or(wanted[path], instead), cmp.Or(found[path], instead))
			}
		}
	}
	for _, s := range got.Steps {
		if _, unknown := reached[s.What]; unknown {
			add(s, "step", nothing, "taken")
		}
	}
	if want.Stopped != got.Stopped {
		add(step{What: "end"}, "stopped", cmp.Or(want.Stopped, nothing), cmp.Or(got.Stopped, nothing))
	}
	return list
}

func union(a, b map[string]string) []string {
	paths := make(map[string]bool)
	for path := range a {
		paths[path] = true
	}
	for path := range b {
		paths[path] = true
	}
	return slices.Sorted(maps.Keys(paths))
}

// leaves are the values of a step that can be compared, by path.
func (s *step) leaves(requests bool) map[string]string {
	leaves := make(map[string]string)
	if s.Status != 0 {
		leaves["status"] = fmt.Sprint(s.Status)
	}
	leaves["operation"] = s.Operation
	for name, value := range s.Header {
		addLeaves(leaves, "header."+name, value)
	}
	for name, value := range s.Headers {
		addLeaves(leaves, "headers."+name, value)
	}
	addLeaves(leaves, "body", s.Body)
	addLeaves(leaves, "outcome", s.Outcome)
	if requests {
		leaves["certainty"] = string(s.Certainty)
		addLeaves(leaves, "request", s.Request)
	}
	return leaves
}

func addLeaves(leaves map[string]string, path string, value any) {
	switch v := value.(type) {
	case nil:
	case m:
		leaves[path] = "an object" // an empty one is not none
		for name, member := range v {
			if member == nil {
				leaves[path+"."+name] = "null"
				continue
			}
			addLeaves(leaves, path+"."+name, member)
		}
	case []any:
		leaves[path] = fmt.Sprintf("a list of %d", len(v))
		for i, item := range v {
			addLeaves(leaves, fmt.Sprintf("%s[%d]", path, i), item)
		}
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		leaves[path] = string(unescape(text))
	}
}

// unescape undoes what encoding/json does for HTML.
func unescape(text []byte) []byte {
	for escaped, plain := range map[string]string{`\u003c`: "<", `\u003e`: ">", `\u0026`: "&"} {
		text = bytes.ReplaceAll(text, []byte(escaped), []byte(plain))
	}
	return text
}

// table prints differences. Those that are the same in many steps are printed
// once.
func table(differences []difference, service string) string {
	type row struct {
		difference
		more int
	}
	var rows []*row
	same := make(map[string]*row)
	for _, d := range differences {
		key := strings.Join([]string{d.What, d.Want, d.Got, d.Why}, "\x00")
		if d.What == "step" {
			key += "\x00" + d.Journey
		}
		if first := same[key]; first != nil {
			first.more++
			continue
		}
		r := &row{difference: d}
		same[key] = r
		rows = append(rows, r)
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "journey\tstep\tcertainty\twhat\tauthtest\t%s\tknown\n", service)
	for _, r := range rows {
		step := r.Step
		if r.more > 0 {
			step += fmt.Sprintf(" (and %d more)", r.more)
		}
		want, got := shorten(r.Want, r.Got)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Journey, step, r.Certainty, r.What, want, got, r.Why)
	}
	w.Flush()
	return b.String()
}

// shorten cuts what two long texts have in common out of their beginnings, and
// what is longer than a line from their ends.
func shorten(a, b string) (string, string) {
	const line, common = 100, 40
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if len(a) > line && len(b) > line && n > common {
		for n > 0 && a[n-1]&0xc0 == 0x80 { // within a character
			n--
		}
		n -= 20
		a, b = "…"+strings.ToValidUTF8(a[n:], ""), "…"+strings.ToValidUTF8(b[n:], "")
	}
	cut := func(s string) string {
		if r := []rune(s); len(r) > line {
			return string(r[:line]) + "…"
		}
		return s
	}
	return cut(a), cut(b)
}

// knownFile lists the differences between authtest and the service that are
// known, each with the reason why authtest stays as it is. A "*" stands for
// anything.
const knownFile = "testdata/known.json"

func readKnown(t testing.TB) []difference {
	t.Helper()
	data, err := os.ReadFile(knownFile)
	if err != nil {
		t.Fatal(err)
	}
	var known []difference
	if err := json.Unmarshal(data, &known); err != nil {
		t.Fatalf("%s: %v", knownFile, err)
	}
	for _, d := range known {
		if d.Journey == "" || d.Step == "" || d.What == "" || d.Got == "" || d.Why == "" {
			t.Errorf("%s: %+v says too little", knownFile, d)
		}
	}
	return known
}

// explain adds to differences why they are known, and returns how many are not.
func explain(differences, known []difference) (unknown int) {
	for i := range differences {
		d := &differences[i]
		for _, k := range known {
			if k.Journey == d.Journey && k.Step == d.Step && matches(k.What, d.What) && matches(k.Got, d.Got) {
				d.Why = k.Why
			}
		}
		if d.Why == "" {
			unknown++
		}
	}
	return unknown
}

func matches(pattern, text string) bool { return pattern == "*" || pattern == text }

// unseen says which of the known differences were looked for and are none.
func unseen(known, differences []difference, taken []*transcript) []string {
	var notes []string
	for _, k := range known {
		looked := slices.ContainsFunc(taken, func(t *transcript) bool { return t.Journey == k.Journey })
		seen := slices.ContainsFunc(differences, func(d difference) bool { return d.Journey == k.Journey && d.Step == k.Step && d.Why == k.Why })
		if looked && !seen {
			notes = append(notes, fmt.Sprintf("%s: no difference is left in %q of %s", knownFile, k.Step, k.Journey))
		}
	}
	return notes
}
