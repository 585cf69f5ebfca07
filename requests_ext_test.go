package auth_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// object is a JSON object.
type object = map[string]any

// An exchange is a request of a client and its answer.
type exchange struct {
	op        string
	header    http.Header
	sent, got object
	status    int
	requestID string
}

// A recorder lies between a client and a pool. It keeps what goes over the wire, and
// can put words into the service's mouth.
type recorder struct {
	pool http.RoundTripper

	// answer, if not nil, may answer in the pool's place: with a body and true.
	// A body with "__type" is an error.
	answer func(op string, sent object) (object, bool)

	// edit, if not nil, may change an answer of the pool.
	edit func(op string, sent, got object)

	mu   sync.Mutex
	seen []exchange
}

// recorded returns a session whose requests go through the recorder that comes with
// it.
func recorded(t testing.TB, pool *authtest.Pool, changes ...func(*auth.Config)) (*auth.Session, *recorder) {
	t.Helper()
	w := &recorder{pool: pool.Transport()}
	c := newClient(t, pool, append(changes, func(cfg *auth.Config) { cfg.HTTPClient = &http.Client{Transport: w} })...)
	return sessionOf(t, c, "ana's browser"), w
}

func (w *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	_, op, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		return w.pool.RoundTrip(r) // for keys
	}
	sent, body, err := readObject(r.Body)
	if err != nil {
		return nil, err
	}
	if w.answer != nil {
		if got, ok := w.answer(op, sent); ok {
			res := scripted(got)
			w.keep(exchange{op: op, header: r.Header.Clone(), sent: sent, got: got, status: res.StatusCode})
			return res, nil
		}
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	res, err := w.pool.RoundTrip(r)
	if err != nil {
		w.keep(exchange{op: op, header: r.Header.Clone(), sent: sent})
		return nil, err
	}
	got, body, err := readObject(res.Body)
	if err != nil {
		return nil, err
	}
	if w.edit != nil {
		w.edit(op, sent, got)
		if body, err = json.Marshal(got); err != nil {
			return nil, err
		}
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	w.keep(exchange{op, r.Header.Clone(), sent, got, res.StatusCode, res.Header.Get("X-Amzn-Requestid")})
	return res, nil
}

func (w *recorder) keep(x exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, x)
}

func (w *recorder) exchanges() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]exchange(nil), w.seen...)
}

// last returns the newest exchange of an operation.
func (w *recorder) last(op string) (last exchange) {
	for _, x := range w.exchanges() {
		if x.op == op {
			last = x
		}
	}
	return last
}

func readObject(body io.ReadCloser) (object, []byte, error) {
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, nil, err
	}
	var o object
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			return nil, text, nil // a page of HTML is an answer too
		}
	}
	return o, text, nil
}

// scripted is an answer that no pool gave.
func scripted(body object) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	status := http.StatusOK
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
	if code, ok := body["__type"].(string); ok {
		status = http.StatusBadRequest
		header.Set("X-Amzn-Errortype", code)
	}
	return &http.Response{
		StatusCode: status, Header: header, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}
}

// A request is what a test expects on the wire.
type request struct {
	Op   string
	Body object
}

// A script says what a journey must have sent. Session strings are those of
// the answers that were seen; everything else is written out.
type script struct {
	t        *testing.T
	pool     *authtest.Pool
	optional bool // the caller gave ClientMetadata and ClientContext
	seen     []exchange
}

var (
	someMetadata = map[string]string{"tenant": "acme"}
	someContext  = auth.ClientContext{IPAddress: "203.0.113.7", EncodedData: "fingerprint", DeviceName: "Ana's browser"}
)

// call is a request with the fields that every app client's requests have.
// What kinds of fields the operation takes besides is in the flags.
func (c script) call(op string, takes flags, body object) request {
	full := maps.Clone(body)
	if takes&clientID != 0 {
		full["ClientId"] = c.pool.ClientID()
	}
	if takes&secretHash != 0 && c.pool.ClientSecret() != "" {
		full["SecretHash"] = c.hash(body["Username"].(string))
	}
	if takes&clientSecret != 0 && c.pool.ClientSecret() != "" {
		full["ClientSecret"] = c.pool.ClientSecret()
	}
	if takes&metadata != 0 && c.optional {
		full["ClientMetadata"] = object{"tenant": "acme"}
	}
	if takes&userContext != 0 && c.optional {
		full["UserContextData"] = object{"IpAddress": "203.0.113.7", "EncodedData": "fingerprint"}
	}
	return request{op, full}
}

type flags int

const (
	clientID flags = 1 << iota
	secretHash
	clientSecret
	metadata
	userContext
)

// named are the fields of operations that name a user.
const named = clientID | secretHash | metadata | userContext

func (c script) initiate(flow string, params object, more ...object) request {
	body := object{"AuthFlow": flow, "AuthParameters": c.params(params)}
	for _, m := range more {
		maps.Copy(body, m)
	}
	return c.call("InitiateAuth", clientID|metadata|userContext, body)
}

// respond is an answer to a challenge; session is the exchange whose answer
// had the session, counted from 0, and -1 for none.
func (c script) respond(challenge string, session int, params object) request {
	body := object{"ChallengeName": challenge, "ChallengeResponses": c.params(params)}
	if session >= 0 {
		body["Session"] = c.session(session)
	}
	return c.call("RespondToAuthChallenge", clientID|metadata|userContext, body)
}

// params adds the hash over the name in the parameters.
func (c script) params(params object) object {
	params = maps.Clone(params)
	if c.pool.ClientSecret() != "" {
		params["SECRET_HASH"] = c.hash(params["USERNAME"].(string))
	}
	return params
}

// hash is the secret hash of the service's documentation.
func (c script) hash(username string) string {
	mac := hmac.New(sha256.New, []byte(c.pool.ClientSecret()))
	io.WriteString(mac, username+c.pool.ClientID())
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (c script) session(of int) any {
	c.t.Helper()
	if of >= len(c.seen) || c.seen[of].got["Session"] == nil {
		c.t.Fatalf("exchange %d has no Session in its answer", of)
	}
	return c.seen[of].got["Session"]
}

// result is a token that the answer of an exchange had.
func (c script) result(of int, token string) any {
	return c.seen[of].got["AuthenticationResult"].(object)[token]
}

// sent is a value that cannot be foretold: what was sent if it has the right
// form, else the form.
func (c script) sent(of int, member, key, pattern string) any {
	text, _ := c.seen[of].sent[member].(object)[key].(string)
	if !regexp.MustCompile(pattern).MatchString(text) {
		return pattern
	}
	return text
}

// hexNumber is SRP_A: lower-case hex without padding.
const hexNumber = `^[1-9a-f][0-9a-f]{700,767}$`

func (c script) srpA(of int) any { return c.sent(of, "AuthParameters", "SRP_A", hexNumber) }

// proof is the answer to the password challenge of the exchange before, under
// the name that the challenge gave. There is no session.
func (c script) proof(of int, name string) request {
	return c.proofIn(of, -1, object{"USERNAME": name})
}

// proofIn is a proof in a session, with more than a name.
func (c script) proofIn(of, session int, params object) request {
	challenge := c.seen[of-1].got["ChallengeParameters"].(object)
	params["PASSWORD_CLAIM_SECRET_BLOCK"] = challenge["SECRET_BLOCK"]
	params["PASSWORD_CLAIM_SIGNATURE"] = c.sent(of, "ChallengeResponses", "PASSWORD_CLAIM_SIGNATURE", `^[A-Za-z0-9+/]{43}=$`)
	params["TIMESTAMP"] = c.sent(of, "ChallengeResponses", "TIMESTAMP", `^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [1-9][0-9]? \d\d:\d\d:\d\d UTC \d{4}$`)
	return c.respond(c.seen[of-1].got["ChallengeName"].(string), session, params)
}

// A journey is what a person does and what has to be sent for it.
type journey struct {
	name   string
	config authtest.Config
	user   authtest.User // unless empty
	run    func(*testing.T, *authtest.Pool, host, options)
	want   func(script) []request
	fails  string // the code that answers may have, for journeys that go on all the same
}

// A host returns the person's session on whichever host serves the next
// request.
type host func() *auth.Session

// options are what every function of a journey is given.
type options struct {
	metadata map[string]string
	context  auth.ClientContext
}

func (o options) signIn(t *testing.T, s *auth.Session, name, password string) {
	t.Helper()
	o.signInBy(t, s, name, password, "")
}

func (o options) signInBy(t *testing.T, s *auth.Session, name, password string, f auth.AuthFlow) {
	t.Helper()
	if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{
		Username: name, Password: password, AuthFlow: f, ClientMetadata: o.metadata, ClientContext: o.context,
	}); err != nil {
		t.Fatal(err)
	}
}

func (o options) confirm(t *testing.T, s *auth.Session, answer string, changes ...func(*auth.ConfirmSignInInput)) {
	t.Helper()
	in := auth.ConfirmSignInInput{ChallengeResponse: answer, ClientMetadata: o.metadata, ClientContext: o.context}
	for _, change := range changes {
		change(&in)
	}
	if _, err := auth.ConfirmSignIn(t.Context(), s, in); err != nil {
		t.Fatal(err)
	}
}

func (o options) signUp(t *testing.T, s *auth.Session, in auth.SignUpInput) {
	t.Helper()
	in.ClientMetadata, in.ClientContext = o.metadata, o.context
	if _, err := auth.SignUp(t.Context(), s, in); err != nil {
		t.Fatal(err)
	}
}

func (o options) confirmSignUp(t *testing.T, s *auth.Session, in auth.ConfirmSignUpInput) {
	t.Helper()
	in.ClientMetadata, in.ClientContext = o.metadata, o.context
	if _, err := auth.ConfirmSignUp(t.Context(), s, in); err != nil {
		t.Fatal(err)
	}
}

func (o options) autoSignIn(t *testing.T, s *auth.Session, password string) {
	t.Helper()
	if _, err := auth.AutoSignIn(t.Context(), s, auth.AutoSignInInput{
		Password: password, ClientMetadata: o.metadata, ClientContext: o.context,
	}); err != nil {
		t.Fatal(err)
	}
}

const (
	thePhone      = "+12065550184"
	anotherSecret = "abcdefghijklmnopqrstuvwxyz0123456789"
)

var (
	everyFlow   = []authtest.AuthFlow{authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowUser, authtest.AllowRefreshToken}
	everyFactor = []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS, authtest.MFAFactorEmail}

	everyFirstFactor = []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorSMSOTP}
)

// journeys are all that the functions of this package can do on a pool.
//
// Behavior 10: USER_SRP_AUTH sends {USERNAME, SRP_A}, and then the proof with
// USERNAME = USER_ID_FOR_SRP.
// Behavior 17: without a Session in the answer to InitiateAuth, none is sent.
// Behavior 25: SECRET_HASH is over the typed name, then over USER_ID_FOR_SRP.
// Behavior 40: the newest Session is the one that is sent.
// Behavior 41: SMS answers SELECT_MFA_TYPE with SMS_MFA.
// Behavior 43: VerifySoftwareToken, and then MFA_SETUP with the Session of it.
// Behavior 44: the address for MFA_SETUP goes out as EMAIL.
// Behavior 45: attributes get their prefix on the wire.
// Behavior 47: ClientMetadata goes with every request of a step.
// Behavior 75: ConfirmSignUp sends SignUp's Session.
var journeys = []journey{
	{
		name:   "sign-up and automatic sign-in by session",
		config: authtest.Config{ExplicitAuthFlows: everyFlow},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signUp(t, on(), auth.SignUpInput{
				Username: "ana", Password: thePassword, AutoSignIn: true,
				UserAttributes: map[string]string{"name": "Ana", "email": "ana@example.com"}, ValidationData: map[string]string{"invitation": "7"},
			})
			if _, err := auth.ResendSignUpCode(t.Context(), on(), auth.ResendSignUpCodeInput{
				Username: "ana", ClientMetadata: o.metadata, ClientContext: o.context,
			}); err != nil {
				t.Fatal(err)
			}
			o.confirmSignUp(t, on(), auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")})
			o.autoSignIn(t, on(), "")
		},
		want: func(c script) []request {
			return []request{
				c.call("SignUp", named, object{
					"Username": "ana", "Password": thePassword,
					"UserAttributes": []any{object{"Name": "email", "Value": "ana@example.com"}, object{"Name": "name", "Value": "Ana"}},
					"ValidationData": []any{object{"Name": "invitation", "Value": "7"}},
				}),
				c.call("ResendConfirmationCode", named, object{"Username": "ana"}),
				c.call("ConfirmSignUp", named, object{"Username": "ana", "ConfirmationCode": c.pool.Code("ana"), "Session": c.session(0)}),
				c.initiate("USER_AUTH", object{"USERNAME": "ana"}, object{"Session": c.session(2)}),
			}
		},
	},
	{
		name: "sign-up, alias taken over, automatic sign-in by password",
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signUp(t, on(), auth.SignUpInput{Username: "ana", Password: thePassword, AutoSignIn: true, UserAttributes: map[string]string{"email": "ana@example.com"}})
			o.confirmSignUp(t, on(), auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana"), ForceAliasCreation: true})
			o.autoSignIn(t, on(), thePassword)
		},
		want: func(c script) []request {
			return []request{
				c.call("SignUp", named, object{
					"Username": "ana", "Password": thePassword, "UserAttributes": []any{object{"Name": "email", "Value": "ana@example.com"}},
				}),
				c.call("ConfirmSignUp", named, object{"Username": "ana", "ConfirmationCode": c.pool.Code("ana"), "ForceAliasCreation": true}),
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
			}
		},
	},
	{
		name: "SRP, refresh, sign-out",
		user: authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana", thePassword, auth.AuthFlowUserSRP)
			if _, err := auth.FetchAuthSession(t.Context(), on(), auth.FetchAuthSessionInput{ForceRefresh: true, ClientMetadata: o.metadata}); err != nil {
				t.Fatal(err)
			}
			signOut(t, on(), auth.SignOutInput{})
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana", "SRP_A": c.srpA(0)}),
				c.proof(1, "ana"),
				c.call("GetTokensFromRefreshToken", clientID|clientSecret|metadata, object{"RefreshToken": c.result(1, "RefreshToken")}),
				c.call("RevokeToken", clientID|clientSecret, object{"Token": c.result(1, "RefreshToken")}),
			}
		},
	},
	{
		name:   "SRP by e-mail address, sign-out everywhere",
		config: authtest.Config{UsernameAttributes: []string{"email"}},
		user:   authtest.User{Email: "ana@example.com", Password: thePassword, Sub: anaSub},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana@example.com", thePassword, auth.AuthFlowUserSRP)
			signOut(t, on(), auth.SignOutInput{Global: true})
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana@example.com", "SRP_A": c.srpA(0)}),
				c.proof(1, anaSub),
				c.call("GlobalSignOut", 0, object{"AccessToken": c.result(1, "AccessToken")}),
			}
		},
	},
	{
		name:   "SRP by alias, then an authenticator app",
		config: authtest.Config{AliasAttributes: []string{"email"}, MFA: authtest.MFAOptional},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Password: thePassword, TOTP: true},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana@example.com", thePassword, auth.AuthFlowUserSRP)
			o.confirm(t, on(), pool.TOTP("ana"))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana@example.com", "SRP_A": c.srpA(0)}),
				c.proof(1, "ana"),
				c.respond("SOFTWARE_TOKEN_MFA", 1, object{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": c.sent(2, "ChallengeResponses", "SOFTWARE_TOKEN_MFA_CODE", `^\d{6}$`)}),
			}
		},
	},
	{
		name:   "password by alias, then a code by SMS",
		config: authtest.Config{AliasAttributes: []string{"email"}, MFA: authtest.MFAOptional, MFAFactors: everyFactor},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Phone: thePhone, Password: thePassword, SMSMFA: true},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana@example.com", thePassword)
			o.confirm(t, on(), pool.Code("ana"))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana@example.com", "PASSWORD": thePassword}),
				c.respond("SMS_MFA", 0, object{"USERNAME": "ana", "SMS_MFA_CODE": c.pool.Code("ana")}),
			}
		},
	},
	{
		name:   "a second factor of several, by e-mail",
		config: authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Phone: thePhone, Password: thePassword, TOTP: true, SMSMFA: true, EmailMFA: true},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			o.confirm(t, on(), string(auth.MFATypeEmail))
			o.confirm(t, on(), pool.Code("ana"))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
				c.respond("SELECT_MFA_TYPE", 0, object{"USERNAME": "ana", "ANSWER": "EMAIL_OTP"}),
				c.respond("EMAIL_OTP", 1, object{"USERNAME": "ana", "EMAIL_OTP_CODE": c.pool.Code("ana")}),
			}
		},
	},
	{
		name:   "a second factor of several, by SMS",
		config: authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
		user:   authtest.User{Name: "ana", Phone: thePhone, Password: thePassword, TOTP: true, SMSMFA: true},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			o.confirm(t, on(), string(auth.MFATypeSMS))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
				c.respond("SELECT_MFA_TYPE", 0, object{"USERNAME": "ana", "ANSWER": "SMS_MFA"}),
			}
		},
	},
	{
		name:   "a new password with attributes",
		config: authtest.Config{RequiredAttributes: []string{"email", "name"}},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Password: "temporary", Status: authtest.StatusForceChangePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", "temporary")
			o.confirm(t, on(), thePassword, func(in *auth.ConfirmSignInInput) {
				in.UserAttributes = map[string]string{"name": "Ana", "nickname": "A", "website": ""}
			})
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": "temporary"}),
				c.respond("NEW_PASSWORD_REQUIRED", 0, object{
					"USERNAME": "ana", "NEW_PASSWORD": thePassword, "userAttributes.name": "Ana", "userAttributes.nickname": "A",
				}),
			}
		},
	},
	{
		name:   "an authenticator app set up",
		config: authtest.Config{MFA: authtest.MFARequired},
		user:   authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			o.confirm(t, on(), pool.TOTP("ana"), func(in *auth.ConfirmSignInInput) { in.FriendlyDeviceName = "Ana's phone" })
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
				c.call("AssociateSoftwareToken", 0, object{"Session": c.session(0)}),
				c.call("VerifySoftwareToken", 0, object{
					"Session": c.session(1), "UserCode": c.seen[2].sent["UserCode"], "FriendlyDeviceName": "Ana's phone",
				}),
				c.respond("MFA_SETUP", 2, object{"USERNAME": "ana"}),
			}
		},
	},
	{
		name:   "a second factor chosen for set-up, by e-mail",
		config: authtest.Config{MFA: authtest.MFARequired, MFAFactors: everyFactor},
		user:   authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			o.confirm(t, on(), string(auth.MFATypeEmail))
			o.confirm(t, on(), "ana@example.com")
			o.confirm(t, on(), pool.Code("ana"))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
				c.respond("MFA_SETUP", 0, object{"USERNAME": "ana", "EMAIL": "ana@example.com"}),
				c.respond("EMAIL_OTP", 1, object{"USERNAME": "ana", "EMAIL_OTP_CODE": c.pool.Code("ana")}),
			}
		},
	},
	{
		name:   "a second factor chosen for set-up, by app",
		config: authtest.Config{MFA: authtest.MFARequired, MFAFactors: everyFactor},
		user:   authtest.User{Name: "ana", Password: thePassword},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signIn(t, on(), "ana", thePassword)
			o.confirm(t, on(), string(auth.MFATypeTOTP))
			o.confirm(t, on(), pool.TOTP("ana"))
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana", "PASSWORD": thePassword}),
				c.call("AssociateSoftwareToken", 0, object{"Session": c.session(0)}),
				c.call("VerifySoftwareToken", 0, object{"Session": c.session(1), "UserCode": c.seen[2].sent["UserCode"]}),
				c.respond("MFA_SETUP", 2, object{"USERNAME": "ana"}),
			}
		},
	},
	{
		name:   "a refresh where only the older way is offered",
		config: authtest.Config{AliasAttributes: []string{"email"}},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Password: thePassword},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			pool.Inject(authtest.Fault{Operation: opRefresh, Code: string(auth.ErrUnsupportedOperation), Times: -1})
			o.signIn(t, on(), "ana@example.com", thePassword)
			if _, err := auth.FetchAuthSession(t.Context(), on(), auth.FetchAuthSessionInput{ForceRefresh: true, ClientMetadata: o.metadata}); err != nil {
				t.Fatal(err)
			}
		},
		want: func(c script) []request {
			params := object{"REFRESH_TOKEN": c.result(0, "RefreshToken")}
			if c.pool.ClientSecret() != "" {
				params["SECRET_HASH"] = c.hash("ana") // the request has no name; the service knows whose token it is
			}
			return []request{
				c.initiate("USER_PASSWORD_AUTH", object{"USERNAME": "ana@example.com", "PASSWORD": thePassword}),
				c.call(opRefresh, clientID|clientSecret|metadata, object{"RefreshToken": c.result(0, "RefreshToken")}),
				c.call("InitiateAuth", clientID|metadata, object{"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": params}),
			}
		},
		fails: string(auth.ErrUnsupportedOperation),
	},
	{
		name:   "a first factor chosen by alias: the password, by proof",
		config: authtest.Config{ExplicitAuthFlows: everyFlow, AliasAttributes: []string{"email"}, FirstFactors: everyFirstFactor},
		user:   authtest.User{Name: "ana", Email: "ana@example.com", Password: thePassword},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana@example.com", "", auth.AuthFlowUser)
			o.confirm(t, on(), "PASSWORD_SRP")
			o.confirm(t, on(), thePassword)
		},
		want: func(c script) []request {
			return []request{
				c.initiate("USER_AUTH", object{"USERNAME": "ana@example.com"}),
				// The choice came with USER_ID_FOR_SRP.
				c.respond("SELECT_CHALLENGE", 0, object{
					"USERNAME": "ana", "ANSWER": "PASSWORD_SRP", "SRP_A": c.sent(1, "ChallengeResponses", "SRP_A", hexNumber),
				}),
				c.proofIn(2, 1, object{"USERNAME": "ana"}),
			}
		},
	},
	{
		name:   "a code as the first factor, sent again",
		config: authtest.Config{ExplicitAuthFlows: everyFlow, FirstFactors: everyFirstFactor},
		user:   authtest.User{Name: "ana", Email: "ana@example.com"},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			if _, err := auth.SignIn(t.Context(), on(), auth.SignInInput{
				Username: "ana", AuthFlow: auth.AuthFlowUser, PreferredChallenge: "EMAIL_OTP", ClientMetadata: o.metadata, ClientContext: o.context,
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := auth.ResendSignInCode(t.Context(), on(), auth.ResendSignInCodeInput{ClientMetadata: o.metadata, ClientContext: o.context}); err != nil {
				t.Fatal(err)
			}
			o.confirm(t, on(), pool.Code("ana"))
		},
		want: func(c script) []request {
			again := c.initiate("USER_AUTH", object{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"})
			return []request{
				again, again,
				c.respond("EMAIL_OTP", 1, object{"USERNAME": "ana", "EMAIL_OTP_CODE": c.pool.Code("ana")}),
			}
		},
	},
	{
		name: "a custom challenge after the password, by e-mail address",
		config: authtest.Config{
			ExplicitAuthFlows:  []authtest.AuthFlow{authtest.AllowCustom, authtest.AllowRefreshToken},
			UsernameAttributes: []string{"email"}, Triggers: quiz(1),
		},
		user: authtest.User{Email: "ana@example.com", Password: thePassword, Sub: anaSub},
		run: func(t *testing.T, _ *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana@example.com", thePassword, auth.AuthFlowCustomWithSRP)
			o.confirm(t, on(), "4")
		},
		want: func(c script) []request {
			return []request{
				c.initiate("CUSTOM_AUTH", object{"USERNAME": "ana@example.com", "CHALLENGE_NAME": "SRP_A", "SRP_A": c.srpA(0)}),
				c.proofIn(1, 0, object{"USERNAME": anaSub}),
				c.respond("CUSTOM_CHALLENGE", 1, object{"USERNAME": anaSub, "ANSWER": "4"}),
			}
		},
	},
	{
		name: "a device registered, and asked for in place of the app",
		config: authtest.Config{
			MFA: authtest.MFAOptional, AliasAttributes: []string{"email"}, Devices: &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true},
		},
		user: authtest.User{Name: "ana", Email: "ana@example.com", Password: thePassword, TOTP: true},
		run: func(t *testing.T, pool *authtest.Pool, on host, o options) {
			o.signInBy(t, on(), "ana@example.com", thePassword, auth.AuthFlowUserSRP)
			o.confirm(t, on(), pool.TOTP("ana"))
			signOut(t, on(), auth.SignOutInput{})
			o.signInBy(t, on(), "ana@example.com", thePassword, auth.AuthFlowUserSRP)
			if _, err := auth.FetchAuthSession(t.Context(), on(), auth.FetchAuthSessionInput{ForceRefresh: true, ClientMetadata: o.metadata}); err != nil {
				t.Fatal(err)
			}
		},
		want: func(c script) []request {
			key := c.result(2, "NewDeviceMetadata").(object)["DeviceKey"]
			confirm := object{
				"AccessToken": c.result(2, "AccessToken"), "DeviceKey": key,
				"DeviceSecretVerifierConfig": object{
					"Salt":             c.sent(3, "DeviceSecretVerifierConfig", "Salt", `^[A-Za-z0-9+/=]{20,24}$`),
					"PasswordVerifier": c.sent(3, "DeviceSecretVerifierConfig", "PasswordVerifier", `^[A-Za-z0-9+/=]{500,516}$`),
				},
			}
			if c.optional {
				confirm["DeviceName"] = someContext.DeviceName
			}
			return []request{
				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana@example.com", "SRP_A": c.srpA(0)}),
				c.proof(1, "ana"),
				c.respond("SOFTWARE_TOKEN_MFA", 1, object{"USERNAME": "ana", "SOFTWARE_TOKEN_MFA_CODE": c.sent(2, "ChallengeResponses", "SOFTWARE_TOKEN_MFA_CODE", `^\d{6}$`)}),
				c.call("ConfirmDevice", 0, confirm),
				c.call("RevokeToken", clientID|clientSecret, object{"Token": c.result(2, "RefreshToken")}),

				c.initiate("USER_SRP_AUTH", object{"USERNAME": "ana@example.com", "SRP_A": c.srpA(5), "DEVICE_KEY": key}),
				c.proofIn(6, -1, object{"USERNAME": "ana", "DEVICE_KEY": key}),
				c.respond("DEVICE_SRP_AUTH", 6, object{"USERNAME": "ana", "DEVICE_KEY": key, "SRP_A": c.sent(7, "ChallengeResponses", "SRP_A", hexNumber)}),
				c.proofIn(8, 7, object{"USERNAME": "ana", "DEVICE_KEY": key}),
				c.call("GetTokensFromRefreshToken", clientID|clientSecret|metadata, object{"RefreshToken": c.result(8, "RefreshToken"), "DeviceKey": key}),
			}
		},
	},
}

// anaSub is the sub of a user whose name in the pool is the sub.
const anaSub = "0b0ee9a5-6a5c-4b0e-9a3e-3c1a7a0a9d3b"

func signOut(t *testing.T, s *auth.Session, in auth.SignOutInput) {
	t.Helper()
	out, err := auth.SignOut(t.Context(), s, in)
	if err != nil {
		t.Fatal(err)
	}
	if out.RevokeError != nil {
		t.Fatal(out.RevokeError)
	}
}

// TestRequests pins every request of every journey to the last member, for app
// clients with and without a secret, with and without what callers can add, on
// one host and with every step on another.
//
// Behavior 48: an attempt is in the store alone, so any host can go on.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, j := range slices.Concat(journeys, accountJourneys) {
		for _, secret := range []string{"", anotherSecret} {
			for _, given := range []options{{}, {someMetadata, someContext}} {
				t.Run(fmt.Sprintf("%s/secret=%t/options=%t", j.name, secret != "", given.metadata != nil), func(t *testing.T) {
					t.Parallel()
					pool := j.pool(t, secret)
					s, wire := recorded(t, pool)
					j.run(t, pool, func() *auth.Session { return s }, given)
					j.check(t, pool, wire, given)
				})
			}
		}
		t.Run(j.name+"/hosts", func(t *testing.T) {
			t.Parallel()
			pool := j.pool(t, "")
			dir, wire := t.TempDir(), &recorder{pool: pool.Transport()}
			j.run(t, pool, func() *auth.Session {
				store, err := tokens.NewFileStore(dir)
				if err != nil {
					t.Fatal(err)
				}
				return sessionOf(t, newClient(t, pool, func(cfg *auth.Config) {
					cfg.Store, cfg.HTTPClient = store, &http.Client{Transport: wire}
				}), "ana's browser")
			}, options{})
			j.check(t, pool, wire, options{})
		})
	}
}

func (j journey) pool(t *testing.T, secret string) *authtest.Pool {
	t.Helper()
	cfg := j.config
	cfg.ClientSecret = secret
	pool := newPool(t, cfg)
	if j.user.Name+j.user.Email != "" {
		pool.AddUser(j.user)
	}
	return pool
}

func (j journey) check(t *testing.T, pool *authtest.Pool, wire *recorder, given options) {
	t.Helper()
	seen := wire.exchanges()
	var got []request
	for _, x := range seen {
		if x.status != http.StatusOK && x.got["__type"] != j.fails {
			t.Errorf("%s was answered with %v", x.op, x.got)
		}
		got = append(got, request{x.op, x.sent})
	}
	want := j.want(script{t: t, pool: pool, optional: given.metadata != nil, seen: seen})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Behavior 1: every request is a POST of Amazon's JSON under its target, which
// no cache may keep. Nothing is signed: end users have no AWS credentials.
func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	pool := newPool(t, authtest.Config{})
	addUser(t, pool, "ana")
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	signOut(t, s, auth.SignOutInput{Global: true})
	seen := wire.exchanges()
	if len(seen) != 2 {
		t.Fatalf("got %d requests, want 2", len(seen))
	}
	for _, x := range seen {
		got := map[string]string{}
		for _, name := range []string{"Content-Type", "X-Amz-Target", "Cache-Control", "Authorization", "X-Amz-Date", "Cookie"} {
			if v := x.header.Get(name); v != "" {
				got[name] = v
			}
		}
		want := map[string]string{
			"Content-Type":  "application/x-amz-json-1.1",
			"X-Amz-Target":  "AWSCognitoIdentityProviderService." + x.op,
			"Cache-Control": "no-store",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("headers of %s (-want +got):\n%s", x.op, diff)
		}
	}
}
