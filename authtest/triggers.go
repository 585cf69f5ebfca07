package authtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// Triggers are the pool's Lambda triggers as Go functions. Each gets an event
// as the service sends it and fills in its Response. An error is what an
// exception is in a Lambda function: the operation is refused with the error's
// text.
//
// Functions run without any lock of the pool held, so they may use its
// methods. Each runs in a goroutine of its own, because the service waits five
// seconds for it, calls it again, and gives up after the third time: a slow
// function runs more than once, and goes on running, as nothing can end it. A
// panic is a function that crashed.
//
// [LambdaTriggers] makes them of functions in other processes.
type Triggers struct {
	// PreSignUp runs before SignUp and AdminCreateUser create an account, and
	// before one that UserMigration found is created.
	PreSignUp func(*PreSignUpEvent) error

	// PostConfirmation runs after an account has been confirmed by its user or
	// an administrator, and after a forgotten password has been replaced.
	// Its error does not take that back.
	PostConfirmation func(*PostConfirmationEvent) error

	// PreAuthentication runs when a sign-in begins, before the password is
	// looked at. It does not run for CUSTOM_AUTH (observed) and refreshes.
	PreAuthentication func(*PreAuthenticationEvent) error

	// PostAuthentication runs when a sign-in has succeeded, before it gets
	// tokens. It does not run for refreshes.
	PostAuthentication func(*PostAuthenticationEvent) error

	// UserMigration finds users that the pool does not have: who signs in
	// with a password that is sent, and who has forgotten the password.
	UserMigration func(*UserMigrationEvent) error

	// DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallenge
	// make CUSTOM_AUTH: which challenge comes next, what it is, and whether an
	// answer to it is right.
	DefineAuthChallenge func(*DefineAuthChallengeEvent) error
	CreateAuthChallenge func(*CreateAuthChallengeEvent) error
	VerifyAuthChallenge func(*VerifyAuthChallengeEvent) error

	// PreTokenGeneration changes the claims of ID tokens, as version V1_0 of
	// the trigger does. PreTokenGenerationV2 changes access tokens too, as
	// versions V2_0 and V3_0 do. A pool has one of them.
	PreTokenGeneration   func(*PreTokenGenerationEvent) error
	PreTokenGenerationV2 func(*PreTokenGenerationV2Event) error

	// CustomMessage writes the messages that go to the inbox.
	CustomMessage func(*CustomMessageEvent) error

	// CustomEmailSender and CustomSMSSender send messages instead of the pool:
	// they do not go to the inbox, and CustomMessage is not asked about them.
	// The service does not wait for these functions. The pool does, so that a
	// test finds what they did, but their errors have no consequence.
	CustomEmailSender func(*CustomSenderEvent) error
	CustomSMSSender   func(*CustomSenderEvent) error
}

// Errors that stand for what a Go function cannot do by itself.
var (
	// ErrTriggerTimeout is a trigger's error that stands for an answer which
	// did not come in time, without the wait for it.
	ErrTriggerTimeout = errors.New("authtest: the trigger timed out")

	// ErrTriggerOutput is a trigger's error that stands for an answer which is
	// not an event.
	ErrTriggerOutput = errors.New("authtest: the trigger's answer is not an event")
)

// A TriggerEvent is what all events have in common. Events are marshaled into
// the JSON that the service sends to Lambda functions, and unmarshaled from
// what functions answer.
type TriggerEvent struct {
	Version       string        `json:"version"`       // "1"; "2" or "3" of later versions of PreTokenGeneration
	TriggerSource string        `json:"triggerSource"` // as in "DefineAuthChallenge_Authentication"
	Region        string        `json:"region"`        // of the pool's id
	UserPoolID    string        `json:"userPoolId"`    // the pool
	UserName      string        `json:"userName"`      // what the pool calls the user; made up for one who does not exist
	CallerContext CallerContext `json:"callerContext"`
}

// A CallerContext says whose request made the pool run a trigger.
type CallerContext struct {
	AWSSDKVersion string `json:"awsSdkVersion"` // "aws-sdk-unknown-unknown": the pool does not look
	ClientID      string `json:"clientId"`      // the app client; "CLIENT_ID_NOT_APPLICABLE" for operations that name none
}

// What the service writes where it has nothing to say (observed).
const (
	unknownSDK = "aws-sdk-unknown-unknown"
	noClientID = "CLIENT_ID_NOT_APPLICABLE"
)

func (c *call) triggerEvent(source, username string) TriggerEvent {
	clientID := noClientID
	if c.app != nil {
		clientID = c.app.id
	}
	return TriggerEvent{
		Version: "1", TriggerSource: source, Region: c.pool.region(), UserPoolID: c.pool.cfg.PoolID, UserName: username,
		CallerContext: CallerContext{AWSSDKVersion: unknownSDK, ClientID: clientID},
	}
}

// triggerAttributes are a user's attributes as triggers see them. Those that
// sign the user in as aliases are there twice (observed).
func (c *call) triggerAttributes(u *user) map[string]string {
	if u == nil {
		return map[string]string{}
	}
	attributes := maps.Clone(u.attributes)
	attributes[attrSub] = u.sub
	attributes["cognito:user_status"] = string(u.status)
	for _, name := range c.pool.cfg.AliasAttributes {
		if value := u.attributes[name]; value != "" && name != attrPreferredUsername {
			attributes["cognito:"+name+"_alias"] = value
		}
	}
	return attributes
}

// clientMetadata returns the ClientMetadata of a request, nil for requests
// that have none.
func clientMetadata(request any) map[string]string {
	field := reflect.Indirect(reflect.ValueOf(request)).FieldByName("ClientMetadata")
	if !field.IsValid() {
		return nil
	}
	metadata, _ := reflect.TypeAssert[map[string]string](field)
	return metadata
}

// How long the service waits for a trigger, and how often it calls it.
const (
	triggerTimeout  = 5 * time.Second
	triggerAttempts = 3
)

// run calls a trigger without the pool's lock, and returns the event with the
// trigger's answer. newEvent makes the event, anew for each attempt: one that
// timed out still has the last. Whatever the handler knew about users and
// sessions may have changed when run returns.
func run[Event any](c *call, name string, trigger func(*Event) error, newEvent func() *Event) (*Event, *apiError) {
	if trigger == nil { // an administrator took it away, in the middle of a custom sign-in
		return nil, triggerFailure(name, unexpectedError(msgTriggerGone))
	}
	var err error
	for range triggerAttempts {
		event := newEvent()
		c.unlocked(func() { err = invoke(c.pool, trigger, event) })
		c.now = c.pool.now()
		if err == nil {
			return event, nil
		}
		if !errors.Is(err, ErrTriggerTimeout) {
			break
		}
	}
	return nil, triggerFailure(name, err)
}

// triggerFailure answers for a trigger that failed. The service adds a full stop
// to whatever the function's error says.
func triggerFailure(name string, err error) *apiError {
	if errors.Is(err, ErrTriggerTimeout) {
		err = unexpectedError(msgTriggerTimeout)
	}
	if unexpected, ok := errors.AsType[unexpectedError](err); ok {
		return fail(wire.ExceptionUnexpectedLambda, fmt.Sprintf(msgTriggerUnexpected, name, unexpected))
	}
	if errors.Is(err, ErrTriggerOutput) {
		return lambdaOutput()
	}
	return fail(wire.ExceptionUserLambdaValidation, fmt.Sprintf(msgTriggerFailed, name, err))
}

// isTriggerFailure reports whether an error is the answer for a trigger that
// failed.
func isTriggerFailure(err *apiError) bool {
	switch err.code {
	case wire.ExceptionUserLambdaValidation, wire.ExceptionUnexpectedLambda, wire.ExceptionInvalidLambdaResponse:
		return true
	default:
		return false
	}
}

// lambdaOutput answers for a trigger whose answer makes no sense.
func lambdaOutput() *apiError { return fail(wire.ExceptionInvalidLambdaResponse, msgLambdaOutput) }

// An unexpectedError is why a trigger could not run, or not to its end.
type unexpectedError string

func (e unexpectedError) Error() string { return string(e) }

// invoke calls a trigger and waits for it as long as the service does.
func invoke[Event any](p *Pool, trigger func(*Event) error, event *Event) error {
	type outcome struct {
		err   error
		stack []byte // of a panic
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{err: unexpectedError("the function ended its goroutine")} // as t.FailNow does
		defer func() {
			if v := recover(); v != nil {
				o = outcome{unexpectedError(fmt.Sprint(v)), debug.Stack()}
			}
			done <- o
		}()
		o.err = trigger(event)
	}()
	timer := time.NewTimer(triggerTimeout)
	defer timer.Stop()
	select {
	case o := <-done:
		if o.stack != nil && p.tb != nil {
			p.tb.Logf("authtest: a trigger panicked: %v\n%s", o.err, o.stack)
		}
		return o.err
	case <-timer.C:
		return ErrTriggerTimeout
	}
}

// eventJSON is an event whose answer is null where the trigger has not given
// any.
type eventJSON struct {
	TriggerEvent

	Request  any `json:"request"`
	Response any `json:"response"`
}

// marshalEvent marshals an event with nulls for what its response does not say
// yet, as the service sends it (observed).
func marshalEvent(event TriggerEvent, request, response any) ([]byte, error) {
	return json.Marshal(eventJSON{event, request, orNull(response)})
}

// orNull returns the members of a struct, nil for those that are zero.
func orNull(response any) map[string]any {
	members := make(map[string]any)
	v := reflect.ValueOf(response)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		members[name] = nil
		if !v.Field(i).IsZero() {
			members[name] = v.Field(i).Interface()
		}
	}
	return members
}

// null is a string in JSON, null if it is empty.
func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
