package authtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A LambdaConfig says where the functions of a pool's triggers are. Each is
// the ARN or the name of a function, which is invoked with Lambda's Invoke API
// at Endpoint, or a URL beginning with "http://" or "https://", which gets the
// event by POST and answers with the event. Empty is no trigger.
//
// The fields are named as in LambdaConfig of CreateUserPool.
type LambdaConfig struct {
	// Endpoint is the base URL of Lambda's Invoke API, as in
	// "http://127.0.0.1:3001" for what "sam local start-lambda" serves.
	// Requests are not signed.
	Endpoint string

	PreSignUp                   string // see [Triggers] for when each runs
	PostConfirmation            string // after an account has been confirmed
	PreAuthentication           string // before a sign-in
	PostAuthentication          string // after a sign-in
	UserMigration               string // finds users elsewhere
	DefineAuthChallenge         string // says what comes next in CUSTOM_AUTH
	CreateAuthChallenge         string // makes a challenge of CUSTOM_AUTH
	VerifyAuthChallengeResponse string // judges an answer of CUSTOM_AUTH
	PreTokenGeneration          string // changes tokens
	CustomMessage               string // writes messages
	CustomEmailSender           string // sends e-mails
	CustomSMSSender             string // sends SMS

	// PreTokenGenerationVersion is the version of the event that
	// PreTokenGeneration gets: "V1_0", "V2_0" or "V3_0". Empty means V1_0.
	PreTokenGenerationVersion string

	// HTTPClient makes the requests. Nil is a client that uses no proxy and
	// keeps no connections. Redirects are not followed in either case.
	HTTPClient *http.Client
}

// Versions of the event of the pre token generation trigger.
const (
	lambdaV1 = "V1_0"
	lambdaV2 = "V2_0"
	lambdaV3 = "V3_0"
)

// LambdaTriggers returns triggers that are functions in other processes. It
// returns all problems of cfg at once.
//
// A function gets the event as JSON and has five seconds to answer with the
// whole event, of which the pool takes the response. Where a function fails,
// its errorMessage is the text of a trigger that refused; a function that
// cannot be reached, does not answer in time or answers with something else
// makes the operation fail as the service does: see [Triggers]. Custom senders
// get codes in the clear: see [CustomSenderEvent].
func LambdaTriggers(cfg LambdaConfig) (Triggers, error) {
	l := &lambdaClient{endpoint: strings.TrimSuffix(cfg.Endpoint, "/"), http: lambdaHTTP(cfg.HTTPClient)}
	var errs []error
	version := "2"
	switch cfg.PreTokenGenerationVersion {
	case "", lambdaV1, lambdaV2:
	case lambdaV3:
		version = "3"
	default:
		errs = append(errs, fmt.Errorf("authtest: lambda: unknown PreTokenGenerationVersion %q", cfg.PreTokenGenerationVersion))
	}
	triggers := Triggers{
		PreSignUp:           remote[PreSignUpEvent](l, &errs, "PreSignUp", cfg.PreSignUp),
		PostConfirmation:    remote[PostConfirmationEvent](l, &errs, "PostConfirmation", cfg.PostConfirmation),
		PreAuthentication:   remote[PreAuthenticationEvent](l, &errs, "PreAuthentication", cfg.PreAuthentication),
		PostAuthentication:  remote[PostAuthenticationEvent](l, &errs, "PostAuthentication", cfg.PostAuthentication),
		UserMigration:       remote[UserMigrationEvent](l, &errs, "UserMigration", cfg.UserMigration),
		DefineAuthChallenge: remote[DefineAuthChallengeEvent](l, &errs, "DefineAuthChallenge", cfg.DefineAuthChallenge),
		CreateAuthChallenge: remote[CreateAuthChallengeEvent](l, &errs, "CreateAuthChallenge", cfg.CreateAuthChallenge),
		VerifyAuthChallenge: remote[VerifyAuthChallengeEvent](l, &errs, "VerifyAuthChallengeResponse", cfg.VerifyAuthChallengeResponse),
		CustomMessage:       remote[CustomMessageEvent](l, &errs, "CustomMessage", cfg.CustomMessage),
		CustomEmailSender:   remote[CustomSenderEvent](l, &errs, "CustomEmailSender", cfg.CustomEmailSender),
		CustomSMSSender:     remote[CustomSenderEvent](l, &errs, "CustomSMSSender", cfg.CustomSMSSender),
	}
	if v := cfg.PreTokenGenerationVersion; v == "" || v == lambdaV1 {
		triggers.PreTokenGeneration = remote[PreTokenGenerationEvent](l, &errs, "PreTokenGeneration", cfg.PreTokenGeneration)
	} else if trigger := remote[PreTokenGenerationV2Event](l, &errs, "PreTokenGeneration", cfg.PreTokenGeneration); trigger != nil {
		triggers.PreTokenGenerationV2 = asVersion(version, trigger)
	}
	if err := errors.Join(errs...); err != nil {
		return Triggers{}, err
	}
	return triggers, nil
}

// asVersion returns a trigger that gets the event of a version.
func asVersion(version string, trigger func(*PreTokenGenerationV2Event) error) func(*PreTokenGenerationV2Event) error {
	return func(e *PreTokenGenerationV2Event) error {
		if e.Version == lambdaEventV3 && version != lambdaEventV3 { // a machine
			return nil
		}
		e.Version = version
		return trigger(e)
	}
}

// A lambdaClient invokes functions.
type lambdaClient struct {
	endpoint string
	http     *http.Client
}

// lambdaHTTP returns a client that follows no redirects.
func lambdaHTTP(client *http.Client) *http.Client {
	own := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if client != nil {
		own = *client
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

var (
	functionARN  = regexp.MustCompile(`\Aarn:[\w-]+:lambda:[\w-]+:\d+:function:([\w-]+)(?::([\w$-]+))?\z`)
	functionName = regexp.MustCompile(`\A[\w-]+\z`)
)

// address returns the URL that invokes a function.
func (l *lambdaClient) address(target string) (string, error) {
	if strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
		u, err := url.Parse(target)
		if err != nil || u.Host == "" {
			return "", errors.New("not a URL")
		}
		return target, nil
	}
	name, qualifier := target, ""
	if m := functionARN.FindStringSubmatch(target); m != nil {
		name, qualifier = m[1], m[2]
	} else if !functionName.MatchString(target) {
		return "", errors.New("neither an ARN, a name nor a URL")
	}
	if u, err := url.Parse(l.endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("a function is named, but Endpoint is not a URL")
	}
	address := l.endpoint + "/2015-03-31/functions/" + name + "/invocations"
	if qualifier != "" {
		address += "?Qualifier=" + url.QueryEscape(qualifier)
	}
	return address, nil
}

// remote returns a trigger that is a function elsewhere, nil if there is none.
func remote[Event any](l *lambdaClient, errs *[]error, name, target string) func(*Event) error {
	if target == "" {
		return nil
	}
	address, err := l.address(target)
	if err != nil {
		*errs = append(*errs, fmt.Errorf("authtest: lambda: %s: %w", name, err))
		return nil
	}
	return func(event *Event) error {
		payload, err := json.Marshal(event)
		if err != nil {
			return unexpectedError("the event cannot be sent")
		}
		output, err := l.invoke(address, payload)
		if err != nil {
			return err
		}
		return takeResponse(output, event)
	}
}

// takeResponse takes the response, and nothing else, of the event that a
// function answered.
func takeResponse(output []byte, event any) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(output, &members) != nil {
		return ErrTriggerOutput
	}
	// An answer without a response is not the event (inferred).
	response := members["response"]
	if len(response) == 0 || response[0] != '{' {
		return ErrTriggerOutput
	}
	if json.Unmarshal(slices.Concat([]byte(`{"response":`), response, []byte("}")), event) != nil {
		return ErrTriggerOutput
	}
	return nil
}

// maxLambdaOutput is the largest answer that Lambda lets a function give.
const maxLambdaOutput = 6 << 20

// invoke sends an event to a function and returns what it answers.
func (l *lambdaClient) invoke(address string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), triggerTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return nil, unexpectedError("the request cannot be made")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	res, err := l.http.Do(r)
	if err != nil {
		return nil, connectionError(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxLambdaOutput+1))
	if err != nil {
		return nil, connectionError(err)
	}
	if err := functionError(res, body); err != nil {
		return nil, err
	}
	if len(body) > maxLambdaOutput {
		return nil, ErrTriggerOutput
	}
	return body, nil
}

// connectionError is what it means that a function could not be reached.
func connectionError(err error) error {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return ErrTriggerTimeout
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the address
	}
	return unexpectedError(err.Error())
}

// functionError returns the error that an answer is, nil if it is none. Lambda
// marks the answer of a function that failed with a header; emulators of its
// runtime do not, and neither need a URL.
func functionError(res *http.Response, body []byte) error {
	var payload struct {
		Message *string         `json:"errorMessage"`
		Type    string          `json:"errorType"`
		Event   json.RawMessage `json:"response"`
	}
	valid := json.Unmarshal(body, &payload) == nil
	marked := res.Header.Get("X-Amz-Function-Error")
	switch {
	case valid && payload.Message != nil && (payload.Event == nil || marked != ""):
		return errors.New(*payload.Message)
	case valid && payload.Type != "" && marked != "":
		return errors.New(payload.Type)
	case marked != "":
		return errors.New(marked)
	case res.StatusCode/100 != 2:
		name, _, _ := strings.Cut(res.Header.Get("X-Amzn-Errortype"), ":")
		if name == "" {
			name = "HTTP status " + strconv.Itoa(res.StatusCode)
		}
		return unexpectedError(name)
	default:
		return nil
	}
}
