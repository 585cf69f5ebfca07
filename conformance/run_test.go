package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// A journey is what somebody does with a pool.
type journey struct {
	name   string
	client role
	needs  []string // settings of the template that it is about
	inbox  bool     // codes have to be read that the service sends to people
	locks  bool     // it fails so often that an account is locked
	play   func(r *run)
}

// A run is one journey to one target.
type run struct {
	ctx     context.Context //nolint:containedctx // a run is a test that is under way, and ends with it
	target  *target
	journey *journey
	client  *appClient

	api   api // over the wiretap
	scrub *scrubber
	made  transcript

	what      string // the step that is being taken; empty while nothing is recorded
	certainty certainty
	exchanges int

	people  map[string]*person
	apps    map[string]*authenticatorApp
	codes   int
	replays bool
}

// stopped is the panic of a journey that cannot go on.
type stopped struct{ why string }

// take runs a journey over a transport and returns what was seen.
func take(ctx context.Context, t *target, j *journey, transport http.RoundTripper, replay *player) transcript {
	r := &run{
		ctx: ctx, target: t, journey: j, client: t.clients[j.client], scrub: newScrubber(), replays: replay != nil,
		made:   transcript{Journey: j.name, Client: j.client, Steps: []step{}},
		people: make(map[string]*person), apps: make(map[string]*authenticatorApp),
	}
	r.scrub.made = j.client == roleHiding
	r.api = t.api
	r.api.transport = wiretap{transport, r.record}
	for role, c := range t.clients {
		r.scrub.know(c.pool, "pool "+string(role))
		r.scrub.know(c.id, "client "+string(role))
		r.scrub.know(c.secret, "client secret "+string(role))
	}
	r.scrub.know(r.client.pool, "pool")
	r.scrub.know(r.client.id, "client")
	if issuer, err := tokens.PoolIssuer(r.client.pool); err == nil {
		r.scrub.know(issuer, "issuer")
	}
	if replay != nil {
		replay.scrub = r.scrub
	}
	func() {
		defer func() {
			v := recover()
			if s, ok := v.(stopped); ok {
				r.made.Stopped = s.why
			} else if v != nil {
				panic(v)
			}
		}()
		j.play(r)
	}()
	return r.made
}

// stop ends the journey.
func (r *run) stop(format string, args ...any) {
	panic(stopped{r.scrub.text(fmt.Sprintf(format, args...))})
}

// record writes down an exchange that belongs to a step.
func (r *run) record(e exchange) {
	if r.what == "" {
		return
	}
	r.exchanges++
	s := step{What: r.what, Certainty: r.certainty, Operation: e.operation, Status: e.answer.status}
	if r.exchanges > 1 {
		s.What = fmt.Sprintf("%s, request %d", r.what, r.exchanges)
	}
	var request any = "<malformed>"
	if json.Unmarshal(e.request, &request) == nil {
		request = r.scrub.value(inRequest, "", request)
	}
	s.Request = request
	s.Header = r.scrub.header(unusualHeader(e.answer))
	switch {
	case e.answer.body != nil:
		s.Body = r.scrub.value(inAnswer, "", e.answer.body)
	case len(e.answer.raw) > 0:
		s.Body = "<no JSON>"
	}
	r.made.Steps = append(r.made.Steps, s)
}

// unusualHeader returns what an answer's header says otherwise than most do:
// an id of the request, the content type of the protocol, and an error's type,
// with a colon, and its message once more.
func unusualHeader(a answer) http.Header {
	usual := map[string]string{"Content-Type": "application/x-amz-json-1.1"}
	if a.code() != "" {
		usual["X-Amzn-Errortype"] = a.code() + ":"
		usual["X-Amzn-Errormessage"] = a.str("message")
	}
	unusual := make(http.Header)
	for _, name := range []string{"Content-Type", "X-Amzn-Errortype", "X-Amzn-Errormessage"} {
		if value := a.header.Get(name); value != usual[name] {
			unusual.Set(name, value)
		}
	}
	if id := a.header.Get("X-Amzn-Requestid"); !kinds()["request id"].form.MatchString(id) {
		unusual.Set("X-Amzn-Requestid", id)
	}
	return unusual
}

// header scrubs the values of a header; nil if there are none.
func (s *scrubber) header(h http.Header) map[string]any {
	if len(h) == 0 {
		return nil
	}
	scrubbed := make(map[string]any)
	for name := range h {
		scrubbed[name] = "<missing>"
		if value := h.Get(name); value != "" {
			scrubbed[name] = s.value(inAnswer, name, value)
		}
	}
	return scrubbed
}

// call takes a step: it sends an operation and returns the answer, whatever it
// is.
func (r *run) call(what string, c certainty, operation string, body any) answer {
	defer r.begin(what, c)()
	a, err := r.api.call(r.ctx, operation, body)
	if err != nil {
		r.stop("%s: no answer: %v", what, err)
	}
	return a
}

// begin names the step that follows, and returns what ends it.
func (r *run) begin(what string, c certainty) (end func()) {
	for _, s := range r.made.Steps {
		if s.What == what {
			panic("the journey " + r.journey.name + " has two steps: " + what)
		}
	}
	r.what, r.certainty, r.exchanges = what, c, 0
	return func() { r.what = "" }
}

// prepare sends an operation that is no part of the journey and has to
// succeed. A replay has no need of it.
func (r *run) prepare(operation string, body m) answer {
	if r.replays {
		return answer{status: http.StatusOK}
	}
	a, err := r.api.call(r.ctx, operation, body)
	if err != nil || a.status != http.StatusOK {
		r.stop("preparing the journey: %s: %d %s: %s %v", operation, a.status, a.code(), a.str("message"), err)
	}
	return a
}

// need returns the string at a path of an answer, without which the journey
// cannot go on.
func (r *run) need(a answer, path ...string) string {
	text := a.str(path...)
	if text == "" {
		r.stop("there is no %s in the answer: %d %s: %s", strings.Join(path, "."), a.status, a.code(), a.str("message"))
	}
	return text
}

// sleep waits. Most targets are in a bubble, where that takes no time.
func (r *run) sleep(d time.Duration) {
	if err := pause(r.ctx, d); err != nil {
		r.stop("%v", err)
	}
}

// settle waits until what was revoked is known to be.
func (r *run) settle() { r.sleep(r.target.settle) }
