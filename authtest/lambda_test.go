package authtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A lambdaServer is what serves Lambda's Invoke API on a loopback address, and
// the functions behind it. Functions get the event and change it.
type lambdaServer struct {
	*httptest.Server

	mu       sync.Mutex
	requests []string // method, path, and source of the event
	act      func(source string, event m)
}

func newLambdaServer(t testing.TB, act func(source string, event m)) *lambdaServer {
	t.Helper()
	l := &lambdaServer{act: act}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *lambdaServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var event m
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	source, _ := event["triggerSource"].(string)
	l.mu.Lock()
	l.requests = append(l.requests, r.Method+" "+r.URL.RequestURI()+" "+source)
	l.mu.Unlock()
	if l.act != nil {
		l.act(source, event)
	}
	if strings.Contains(source, "Sender_") {
		io.WriteString(w, "null")
		return
	}
	json.NewEncoder(w).Encode(event)
}

func (l *lambdaServer) seen() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests
}

func lambdaTriggers(t testing.TB, cfg LambdaConfig) Triggers {
	t.Helper()
	triggers, err := LambdaTriggers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return triggers
}

// TestLambdaTriggers walks from migration to refresh with every trigger in
// another process, some at the Invoke API and some at URLs.
func TestLambdaTriggers(t *testing.T) {
	t.Parallel()
	var p *Pool
	var mu sync.Mutex
	var code string
	l := newLambdaServer(t, func(source string, event m) {
		p.User("ana") // nothing is locked
		request, response := event["request"].(m), m{}
		event["response"] = response
		switch source {
		case "UserMigration_Authentication":
			response["userAttributes"] = m{"email": "ana@example.com", "email_verified": "true", "phone_number": "+15555550123"}
			response["messageAction"] = "SUPPRESS"
			if request["password"] != testPassword {
				t.Error("the password is another")
			}
		case "PreSignUp_SignUp":
			response["autoConfirmUser"] = true
		case "DefineAuthChallenge_Authentication":
			session := request["session"].([]any)
			response["issueTokens"] = len(session) > 0 && session[0].(m)["challengeResult"] == true
			response["challengeName"] = "CUSTOM_CHALLENGE"
		case "CreateAuthChallenge_Authentication":
			response["publicChallengeParameters"] = m{"question": "?"}
			response["privateChallengeParameters"] = m{"answer": "yes"}
		case "VerifyAuthChallengeResponse_Authentication":
			response["answerCorrect"] = request["challengeAnswer"] == request["privateChallengeParameters"].(m)["answer"]
		case "CustomMessage_ForgotPassword":
			response["smsMessage"] = "Reset by " + request["codeParameter"].(string)
		case "CustomEmailSender_VerifyUserAttribute":
			mu.Lock()
			code = request["code"].(string)
			mu.Unlock()
		case "TokenGeneration_Authentication", "TokenGeneration_RefreshTokens":
			response["claimsAndScopeOverrideDetails"] = m{"accessTokenGeneration": m{"claimsToAddOrOverride": m{"v": event["version"]}}}
		}
	})
	const arn = "arn:aws:lambda:eu-west-1:123456789012:function:"
	url := l.URL + "/triggers?x=1"
	p = newPool(t, Config{
		ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowCustom, AllowRefreshToken},
		Triggers: lambdaTriggers(t, LambdaConfig{
			Endpoint:  l.URL + "/",
			PreSignUp: arn + "pre-sign_up", PostConfirmation: "PostConfirmation", PreAuthentication: url, PostAuthentication: arn + "post:live",
			UserMigration: arn + "migrate:$LATEST", DefineAuthChallenge: url, CreateAuthChallenge: "create", VerifyAuthChallengeResponse: "verify",
			PreTokenGeneration: "tokens", PreTokenGenerationVersion: "V3_0", CustomMessage: url, CustomEmailSender: "mail", CustomSMSSender: "",
		}),
	})
	a := ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
	_, claims := parseToken(t, p, result(t, a, "AccessToken"))
	if claims["v"] != "3" {
		t.Errorf("claims: got %v", claims)
	}
	ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", result(t, a, "RefreshToken")))
	access := result(t, a, "AccessToken")
	ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": "email"})
	ok(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": code})
	admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"phone_number_verified","Value":"true"}]}`)
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	if inbox := p.Inbox("ana"); len(inbox) != 1 || inbox[0].Body != "Reset by "+inbox[0].Code {
		t.Errorf("inbox: got %v", inbox)
	}
	session := startRiddle(t, p).str("Session")
	result(t, ok(t, p, "RespondToAuthChallenge", respond("CUSTOM_CHALLENGE", session, m{"USERNAME": "ana", "ANSWER": "yes"})), "AccessToken")
	if a := ok(t, p, "SignUp", signUpBody("bob", "bob@example.com")); a.body["UserConfirmed"] != true {
		t.Errorf("SignUp: got %s", a.raw)
	}
	invoke := func(name, source string) string { return "POST /2015-03-31/functions/" + name + " " + source }
	plain := func(source string) string { return "POST /triggers?x=1 " + source }
	want := []string{
		invoke("migrate/invocations?Qualifier=%24LATEST", "UserMigration_Authentication"),
		invoke("pre-sign_up/invocations", "PreSignUp_AdminCreateUser"),
		plain("PreAuthentication_Authentication"),
		invoke("post/invocations?Qualifier=live", "PostAuthentication_Authentication"),
		invoke("tokens/invocations", "TokenGeneration_Authentication"),
		invoke("tokens/invocations", "TokenGeneration_RefreshTokens"),
		invoke("mail/invocations", "CustomEmailSender_VerifyUserAttribute"),
		plain("CustomMessage_ForgotPassword"),
		plain("DefineAuthChallenge_Authentication"),
		invoke("create/invocations", "CreateAuthChallenge_Authentication"),
		invoke("verify/invocations", "VerifyAuthChallengeResponse_Authentication"),
		plain("DefineAuthChallenge_Authentication"),
		invoke("post/invocations?Qualifier=live", "PostAuthentication_Authentication"),
		invoke("tokens/invocations", "TokenGeneration_Authentication"),
		invoke("pre-sign_up/invocations", "PreSignUp_SignUp"),
		invoke("PostConfirmation/invocations", "PostConfirmation_ConfirmSignUp"),
	}
	if diff := cmp.Diff(want, l.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestLambdaFailures lets a function answer in every way that it should not.
func TestLambdaFailures(t *testing.T) {
	t.Parallel()
	event := `{"version":"1","request":{},"response":{"autoConfirmUser":true}}`
	refused := func(text string) string { return "PreSignUp failed with error " + text + "." }
	unexpected := func(text string) string { return "PreSignUp invocation failed due to error " + text + "." }
	answering := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	const functionError = "X-Amz-Function-Error"
	tests := []struct {
		name    string
		serve   http.HandlerFunc
		code    string
		message string
	}{
		{"event", answering(200, event), "", ""},
		{"event with white space", answering(201, "\n "+strings.ReplaceAll(event, ":", " : ")+"\n"), "", ""},
		{"nulls", answering(200, `{"response":{"autoConfirmUser":null,"unknown":1}}`), "", ""},
		{"exception", answering(200, `{"errorMessage":"Bad day","errorType":"Error","stackTrace":[]}`, functionError, "Unhandled"),
			lambdaValidation, refused("Bad day")},
		{"exception that is not marked", answering(200, `{"errorMessage":"Bad day","errorType":"Error"}`), lambdaValidation, refused("Bad day")},
		{"exception at a URL", answering(500, `{"errorMessage":"Bad day"}`), lambdaValidation, refused("Bad day")},
		{"exception without words", answering(200, `{"errorMessage":"","errorType":"Error"}`, functionError, "Handled"), lambdaValidation, refused("")},
		{"exception without a message", answering(200, `{"errorType":"Runtime.ExitError"}`, functionError, "Unhandled"),
			lambdaValidation, refused("Runtime.ExitError")},
		{"exception that is no JSON", answering(200, `oops`, functionError, "Unhandled"), lambdaValidation, refused("Unhandled")},
		{"event that mentions an error", answering(200, `{"errorMessage":"old","response":{}}`), "", ""},
		{"nothing", answering(200, ""), invalidLambda, unrecognizable},
		{"null", answering(200, "null"), invalidLambda, unrecognizable},
		{"text", answering(200, `"done"`), invalidLambda, unrecognizable},
		{"list", answering(200, `[]`), invalidLambda, unrecognizable},
		{"no JSON", answering(200, `{"response":{}`), invalidLambda, unrecognizable},
		{"two values", answering(200, event+event), invalidLambda, unrecognizable},
		{"no response", answering(200, `{"request":{}}`), invalidLambda, unrecognizable},
		{"null response", answering(200, `{"response":null}`), invalidLambda, unrecognizable},
		{"response of another type", answering(200, `{"response":[]}`), invalidLambda, unrecognizable},
		{"member of another type", answering(200, `{"response":{"autoConfirmUser":"yes"}}`), invalidLambda, unrecognizable},
		{"too large", answering(200, event+strings.Repeat(" ", 6<<20)), invalidLambda, unrecognizable},
		{"unknown function", answering(404, `{"Type":"User","Message":"Function not found"}`, "X-Amzn-Errortype", "ResourceNotFoundException:http://x"),
			unexpectedLambda, unexpected("ResourceNotFoundException")},
		{"unavailable", answering(503, "try later"), unexpectedLambda, unexpected("HTTP status 503")},
		{"elsewhere", answering(302, event, "Location", "/elsewhere"), unexpectedLambda, unexpected("HTTP status 302")},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "{")
		}, unexpectedLambda, unexpected("unexpected EOF")},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, unexpectedLambda, unexpected("EOF")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				io.Copy(io.Discard, r.Body)
				tt.serve(w, r)
			}))
			t.Cleanup(server.Close)
			p := newPool(t, Config{Triggers: lambdaTriggers(t, LambdaConfig{PreSignUp: server.URL})})
			a := post(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
			if a.code() != tt.code || a.message() != tt.message || calls.Load() != 1 {
				t.Errorf("got %s: %q after %d calls, want %s: %q", a.code(), a.message(), calls.Load(), tt.code, tt.message)
			}
		})
	}
}

func TestLambdaThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	p := newPool(t, Config{Triggers: lambdaTriggers(t, LambdaConfig{Endpoint: server.URL, PreSignUp: "f"})})
	a := post(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	if a.code() != unexpectedLambda || !strings.HasPrefix(a.message(), "PreSignUp invocation failed due to error dial tcp ") {
		t.Errorf("got %s: %q", a.code(), a.message())
	}
}

// roundTrip is a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// slowBody is a body that never ends.
type slowBody struct{ done <-chan struct{} }

func (b slowBody) Read([]byte) (int, error) { <-b.done; return 0, io.ErrUnexpectedEOF }
func (b slowBody) Close() error             { return nil }

// TestLambdaTimeout lets a function be slow: with its answer, or within it.
// Each request is given up after five seconds, and there are three.
func TestLambdaTimeout(t *testing.T) {
	t.Parallel()
	for name, slow := range map[string]roundTrip{
		"no answer": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"half an answer": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: slowBody{r.Context().Done()}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var under, calls atomic.Int32
				client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					calls.Add(1)
					under.Add(1)
					defer under.Add(-1)
					return slow(r)
				})}
				p := newPool(t, Config{Triggers: lambdaTriggers(t, LambdaConfig{PreSignUp: "http://lambda.test", HTTPClient: client})})
				start := time.Now()
				fails(t, p, "SignUp", signUpBody("ana", "ana@example.com"), unexpectedLambda,
					"PreSignUp invocation failed due to error Socket timeout while invoking Lambda function.")
				if took := time.Since(start); took != 15*time.Second || calls.Load() != 3 {
					t.Errorf("%d calls in %v, want 3 in 15s", calls.Load(), took)
				}
				synctest.Wait()
				if n := under.Load(); n != 0 {
					t.Errorf("%d requests are still under way", n)
				}
			})
		})
	}
}

// A slow function may be in time the second time.
func TestLambdaRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if calls.Add(1) == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusOK, Body: r.Body}, nil
		})}
		p := newPool(t, Config{Triggers: lambdaTriggers(t, LambdaConfig{PreSignUp: "http://lambda.test", HTTPClient: client})})
		start := time.Now()
		ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		if took := time.Since(start); took != 5*time.Second || calls.Load() != 2 {
			t.Errorf("%d calls in %v, want 2 in 5s", calls.Load(), took)
		}
	})
}

func TestLambdaConfigProblems(t *testing.T) {
	t.Parallel()
	const endpoint = "http://127.0.0.1:3001"
	tests := []struct {
		name   string
		config LambdaConfig
		want   string
	}{
		{"nothing", LambdaConfig{}, ""},
		{"every kind of target", LambdaConfig{
			Endpoint: endpoint, PreSignUp: "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:1", CustomMessage: "f", UserMigration: "https://x.test/y",
		}, ""},
		{"function without an endpoint", LambdaConfig{PreSignUp: "f"}, "authtest: lambda: PreSignUp: a function is named, but Endpoint is not a URL"},
		{"endpoint that is no URL", LambdaConfig{Endpoint: "127.0.0.1:3001", PreSignUp: "f"},
			"authtest: lambda: PreSignUp: a function is named, but Endpoint is not a URL"},
		{"endpoint of another scheme", LambdaConfig{Endpoint: "ftp://x.test", PreSignUp: "f"},
			"authtest: lambda: PreSignUp: a function is named, but Endpoint is not a URL"},
		{"no host", LambdaConfig{PreSignUp: "http:///x"}, "authtest: lambda: PreSignUp: not a URL"},
		{"no URL", LambdaConfig{PreSignUp: "http://x.test:port"}, "authtest: lambda: PreSignUp: not a URL"},
		{"path", LambdaConfig{Endpoint: endpoint, PreSignUp: "../f"}, "authtest: lambda: PreSignUp: neither an ARN, a name nor a URL"},
		{"ARN of something else", LambdaConfig{Endpoint: endpoint, PreSignUp: "arn:aws:sqs:eu-west-1:123456789012:f"},
			"authtest: lambda: PreSignUp: neither an ARN, a name nor a URL"},
		{"all at once", LambdaConfig{PreSignUp: "f", VerifyAuthChallengeResponse: "a b", PreTokenGenerationVersion: "V4_0"},
			"authtest: lambda: unknown PreTokenGenerationVersion \"V4_0\"\n" +
				"authtest: lambda: PreSignUp: a function is named, but Endpoint is not a URL\n" +
				"authtest: lambda: VerifyAuthChallengeResponse: neither an ARN, a name nor a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := LambdaTriggers(tt.config)
			if got := fmt.Sprint(err); err == nil && tt.want != "" || err != nil && got != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestLambdaTokenVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"": "1", "V1_0": "1", "V2_0": "2", "V3_0": "3"} {
		t.Run("version "+version, func(t *testing.T) {
			t.Parallel()
			var got atomic.Value
			l := newLambdaServer(t, func(_ string, event m) { got.Store(event["version"]) })
			p := newPool(t, Config{
				ExplicitAuthFlows: passwordFlow,
				Triggers:          lambdaTriggers(t, LambdaConfig{Endpoint: l.URL, PreTokenGeneration: "f", PreTokenGenerationVersion: version}),
			})
			p.AddUser(User{Name: "ana", Password: testPassword})
			signIn(t, p)
			if got.Load() != want {
				t.Errorf("got version %v, want %s", got.Load(), want)
			}
		})
	}
	if triggers := lambdaTriggers(t, LambdaConfig{PreTokenGenerationVersion: "V2_0"}); triggers.PreTokenGenerationV2 != nil {
		t.Error("no function is a trigger")
	}
}

// FuzzLambdaAnswer answers anything to every event. Whatever it is, the event's
// request stays, an answer that is taken can be sent again, and one that is not
// fails in one of the ways that the service knows.
func FuzzLambdaAnswer(f *testing.F) {
	golden := readGoldenEvents(f)
	for source, event := range golden {
		f.Add(source, string(event), 200, "")
	}
	f.Add("PreSignUp_SignUp", `{"response":{"autoConfirmUser":true}}`, 200, "")
	f.Add("PreSignUp_SignUp", `{"errorMessage":"no","errorType":"Error"}`, 200, "Unhandled")
	f.Add("TokenGeneration_Authentication", `{"response":{"claimsOverrideDetails":{"groupOverrideDetails":null}}}`, 500, "")
	f.Add("TokenGeneration_Authentication 2",
		`{"response":{"claimsAndScopeOverrideDetails":{"idTokenGeneration":{"claimsToAddOrOverride":{"a":[1e99]}}}}}`, 200, "")
	f.Fuzz(func(t *testing.T, source, body string, status int, marked string) {
		text, known := golden[source]
		if !known {
			return
		}
		event := newEvent(source)
		if err := json.Unmarshal(text, event); err != nil {
			t.Fatal(err)
		}
		before := decodeJSON(t, jsonText(event))
		res := &http.Response{StatusCode: status, Header: http.Header{"X-Amz-Function-Error": {marked}}}
		if err := functionError(res, []byte(body)); err != nil {
			if e := triggerFailure("T", err); e.code != lambdaValidation && e.code != unexpectedLambda {
				t.Errorf("got %s: %s", e.code, e.message)
			}
			return
		}
		if err := takeResponse([]byte(body), event); err != nil {
			if e := triggerFailure("T", err); e.code != invalidLambda {
				t.Errorf("got %s: %s", e.code, e.message)
			}
			return
		}
		after := decodeJSON(t, jsonText(event))
		delete(before, "response")
		delete(after, "response")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the event changed (-before +after):\n%s", diff)
		}
	})
}
