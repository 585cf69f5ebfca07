package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A report is what came of a look at a service.
type report struct {
	service     string
	differences []difference
	unknown     int      // how many of them are not known
	notes       []string // what was not looked at, and why
	transcripts []*transcript
	requests    int
	mails       int // messages that the service said it had sent
}

func (r *report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d journeys, %d requests, %d messages; %d differences, %d of them known\n",
		len(r.transcripts), r.requests, r.mails, len(r.differences), len(r.differences)-r.unknown)
	if len(r.differences) > 0 {
		b.WriteString("\n" + table(r.differences, r.service))
	}
	if len(r.notes) > 0 {
		b.WriteString("\n" + strings.Join(r.notes, "\n") + "\n")
	}
	return b.String()
}

// An examination is what to look at in a service.
type examination struct {
	lockout bool           // also what locks accounts
	wanted  *regexp.Regexp // the names of journeys; nil for all
}

// examine takes the journeys to a service, as far as they can be taken there.
// Whatever happens, the users are deleted when the test ends.
func examine(t *testing.T, target *target, like *template, what examination) *report {
	t.Helper()
	g := newGuard(target.api.transport, target)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Minute)
		defer cancel()
		if err := g.cleanUp(ctx, &target.api); err != nil {
			t.Error(err)
		}
	})
	guarded := *target
	guarded.api.transport = g
	if err := guarded.look(t.Context(), like); err != nil {
		t.Fatal(err)
	}
	known := readKnown(t)
	r := &report{service: target.name}
	for _, v := range roleTable() {
		if c := target.clients[v.role]; c != nil && len(c.unlike) > 0 {
			r.notes = append(r.notes, fmt.Sprintf("the pool or the app client of %s is not as in %s: %s", v.client, templateFile, strings.Join(c.unlike, ", ")))
		}
	}
	for _, j := range journeys() {
		if what.wanted != nil && !what.wanted.MatchString(j.name) {
			continue
		}
		if why := j.impossible(target, what.lockout); why != "" {
			r.notes = append(r.notes, fmt.Sprintf("%s: not on this pool: %s", j.name, why))
			continue
		}
		want, err := readTranscript(dirAuthtest, j.name)
		if err != nil || want == nil {
			t.Fatalf("%s: no transcript of authtest: %v", j.name, err)
		}
		got := take(t.Context(), target, j, g, nil)
		r.transcripts = append(r.transcripts, &got)
		r.differences = append(r.differences, compare(want, &got, false)...)
	}
	r.unknown = explain(r.differences, known)
	r.notes = append(r.notes, unseen(known, r.differences, r.transcripts)...)
	r.requests, r.mails = g.sent, g.mails
	return r
}

// impossible says why a journey cannot be taken to a target.
func (j *journey) impossible(t *target, lock bool) string {
	client := t.clients[j.client]
	switch {
	case client == nil:
		for _, v := range roleTable() {
			if v.role == j.client {
				return "set " + v.pool + " and " + v.client
			}
		}
		return "no app client"
	case j.inbox && t.code == nil:
		return "it needs the codes that people get"
	case j.locks && !lock:
		return "it locks an account; -lockout allows it"
	}
	for _, setting := range j.needs {
		if slices.Contains(client.unlike, setting) {
			return "the pool is not as in the template: " + setting
		}
	}
	return ""
}
