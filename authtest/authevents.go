package authtest

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cognitokit/auth/internal/wire"
)

// An AdvancedSecurityMode says what a pool's threat protection does
// (UserPoolAddOns of CreateUserPool).
type AdvancedSecurityMode string

// The modes, spelled as the service spells AdvancedSecurityMode. The empty mode
// is AdvancedSecurityOff.
const (
	AdvancedSecurityOff      AdvancedSecurityMode = "OFF"
	AdvancedSecurityAudit    AdvancedSecurityMode = "AUDIT"    // authentication events are recorded
	AdvancedSecurityEnforced AdvancedSecurityMode = "ENFORCED" // and risks have consequences
)

// protected reports whether the pool has threat protection.
func (p *Pool) protected() bool {
	return p.cfg.AdvancedSecurityMode == AdvancedSecurityAudit || p.cfg.AdvancedSecurityMode == AdvancedSecurityEnforced
}

// checkProtected refuses what only a pool with threat protection can do.
func (c *call) checkProtected() *apiError {
	if !c.pool.protected() {
		return fail(wire.ExceptionUserPoolAddOnNotEnabled, msgNoThreatProtection)
	}
	return nil
}

// An authEvent is an authentication event: an attempt to sign in from its
// beginning to its end, or another operation about somebody's credentials.
type authEvent struct {
	serial     uint64 // the event's place in the order of the user's events
	id         string
	kind       eventKind
	created    time.Time
	response   eventResponse
	challenges []challengeOutcome
	context    eventContext
	risk       eventRisk
	feedback   *eventFeedback // nil as long as there is none
}

type eventKind string

// The types of events.
const (
	eventSignIn         eventKind = "SignIn"
	eventSignUp         eventKind = "SignUp"
	eventForgotPassword eventKind = "ForgotPassword"
	eventPasswordChange eventKind = "PasswordChange"
	eventResendCode     eventKind = "ResendCode"
)

// An eventResponse is what an event has come to so far.
type eventResponse string

const (
	eventPass       eventResponse = "Pass"
	eventFail       eventResponse = "Fail"
	eventInProgress eventResponse = "InProgress"
)

// A challengeOutcome is a proof that was given, right or wrong. The service has
// names for two kinds; others are not listed.
type challengeOutcome struct {
	ChallengeName     string
	ChallengeResponse string
}

const (
	proofPassword = "Password"
	proofMFA      = "Mfa"
)

// An eventContext is where a request came from, as far as it says so.
type eventContext struct {
	DeviceName string `json:",omitempty"`
	IPAddress  string `json:"IpAddress,omitempty"`
}

type eventRisk struct {
	CompromisedCredentialsDetected bool
	RiskDecision                   riskDecision
	RiskLevel                      RiskLevel `json:",omitempty"`
}

// An eventFeedback is what somebody says an event was.
type eventFeedback struct {
	value    string
	provider string
	date     time.Time
}

const (
	maxAuthEvents    = 100 // of a user; the oldest are forgotten
	maxEventProofs   = 20  // of an event
	maxDeviceName    = 256 // bytes
	feedbackByAdmin  = "Admin"
	feedbackByPerson = "User" // inferred
)

// A contextSource is a member of a request that says where it comes from.
type contextSource interface{ context() eventContext }

// contextOf returns where a request comes from.
func contextOf(request any) eventContext {
	structure := reflect.Indirect(reflect.ValueOf(request))
	for _, name := range []string{"UserContextData", "ContextData"} {
		if field := structure.FieldByName(name); field.IsValid() {
			if source, ok := reflect.TypeAssert[contextSource](field); ok {
				return source.context()
			}
		}
	}
	return eventContext{}
}

// context leaves EncodedData alone: what is in it was never published.
func (d *userContextData) context() eventContext {
	if d == nil {
		return eventContext{}
	}
	return eventContext{IPAddress: canonicalAddress(d.IPAddress)}
}

// context takes the User-Agent for the name of the device. The service makes a
// name of it in a way of its own.
func (d *contextData) context() eventContext {
	if d == nil {
		return eventContext{}
	}
	found := eventContext{IPAddress: canonicalAddress(d.IPAddress)}
	for _, h := range d.HTTPHeaders {
		if strings.EqualFold(h.Name, "User-Agent") {
			found.DeviceName = cut(h.Value, maxDeviceName)
		}
	}
	return found
}

// canonicalAddress returns an IP address in its usual form, and nothing for
// what is none.
func canonicalAddress(text string) string {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	return address.Unmap().WithZone("").String()
}

// cut returns the beginning of a text, at most n bytes.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// event returns the user's event with an id, nil if there is none.
func (u *user) event(id string) *authEvent {
	i := slices.IndexFunc(u.events, func(e *authEvent) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return u.events[i]
}

// keepEvent lists an event as the user's newest.
func (u *user) keepEvent(e *authEvent) {
	if n := len(u.events); n > 0 {
		e.serial = u.events[n-1].serial + 1
	} else {
		e.serial = 1
	}
	if len(u.events) >= maxAuthEvents {
		u.events = slices.Delete(u.events, 0, len(u.events)-maxAuthEvents+1)
	}
	u.events = append(u.events, e)
}

func (c *call) newEvent(id string, kind eventKind) *authEvent {
	return &authEvent{id: id, kind: kind, created: c.now, context: c.origin, risk: eventRisk{RiskDecision: riskDecisionNone}}
}

// An observation is the event that a call is part of.
type observation struct {
	*authEvent
	user  *user
	fresh bool // whether the user does not have the event yet
}

// observe makes the call part of the event of a sign-in, which it begins if
// need be: an attempt takes its event from session to session, and to the
// tokens.
func (c *call) observe(a *attempt) {
	if c.observed != nil || a.user == nil || !c.pool.protected() {
		return
	}
	if a.event == "" {
		a.event = randomUUID()
	}
	e := a.user.event(a.event)
	fresh := e == nil
	if fresh {
		e = c.newEvent(a.event, eventSignIn)
	}
	c.observed = &observation{authEvent: e, user: a.user, fresh: fresh}
}

// note takes note of a proof that was right or wrong. A nil observation notes
// nothing.
func (o *observation) note(proof string, right bool) {
	if o == nil {
		return
	}
	outcome := challengeOutcome{proof, "Failure"}
	if right {
		outcome.ChallengeResponse = "Success"
	}
	if len(o.challenges) >= maxEventProofs {
		o.challenges = slices.Delete(o.challenges, 0, 1)
	}
	o.challenges = append(o.challenges, outcome)
}

// concluded returns the answer to a part of a sign-in, after having noted what
// it came to. A refusal that lets people go on counts until they do.
func (c *call) concluded(response *authResponse, err *apiError) (*authResponse, *apiError) {
	o := c.observed
	if o == nil || err != nil && saysNothing(err) {
		return response, err
	}
	switch {
	case err != nil:
		o.response = eventFail
	case response.ChallengeName != "":
		o.response = eventInProgress
	default:
		o.response = eventPass
	}
	if o.fresh {
		o.user.keepEvent(o.authEvent)
		o.fresh = false
	}
	return response, err
}

// saysNothing reports whether an error is about the form of a request and not
// about who sent it.
func saysNothing(err *apiError) bool {
	switch err.code {
	case wire.ExceptionInvalidParameter, wire.ExceptionInvalidPassword, wire.ExceptionPasswordHistoryPolicyViolation:
		return true
	default:
		return false
	}
}

// record records an event that is over with one operation. The password is
// what the operation sets, if it does. A nil user has no events.
func (c *call) record(u *user, kind eventKind, password string, err *apiError) {
	if u == nil || !c.pool.protected() {
		return
	}
	e := c.newEvent(randomUUID(), kind)
	e.response = eventPass
	if err != nil {
		e.response = eventFail
	}
	e.risk.CompromisedCredentialsDetected = password != "" && c.pool.compromised(password)
	if err != nil && err.message == msgCompromised {
		e.risk.RiskDecision = riskDecisionBlock
	}
	u.keepEvent(e)
}

// address is where a request of an event comes from.
func (c *call) address(e *authEvent) string { return cmp.Or(c.origin.IPAddress, e.context.IPAddress) }
