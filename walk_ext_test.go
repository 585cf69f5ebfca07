package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/flow"
	"github.com/cognitokit/auth/tokens"
)

var (
	walks    = flag.Int("walks", 2000, "random walks of TestWalks; a twentieth of it with -short and under the race detector")
	walkSeed = flag.Uint64("walkseed", 1, "where TestWalks begins")
)

// TestWalks is the model-based test of sign-in: random pools, people and
// actions, right, wrong, empty, late, repeated and out of order, each on one of
// several hosts that share nothing but the store. The model predicts the step
// or the error of every action. A walk that goes another way is shortened until
// nothing can be left out, and printed.
func TestWalks(t *testing.T) {
	t.Parallel()
	n := *walks
	few := testing.Short() || raceDetector
	if few {
		n /= 20
	}
	seen := make(map[string]int)
	for i := range n {
		w := newWalk(*walkSeed + uint64(i))
		if problem := w.run(t, seen); problem != "" {
			w, problem = shorten(t, w, problem)
			t.Fatalf("seed %d: %s\n%s", *walkSeed+uint64(i), problem, w)
		}
	}
	t.Logf("%d walks, %d transitions", n, len(seen))
	if few {
		return
	}
	for _, want := range reachable() {
		if seen[want] == 0 {
			t.Errorf("no walk went %s", want)
		}
	}
	if testing.Verbose() {
		for _, name := range slices.Sorted(maps.Keys(seen)) {
			t.Logf("%6d  %s", seen[name], name)
		}
	}
}

// reachable lists transitions that the walks must not miss: every step is
// reached, and answered rightly, wrongly and late.
func reachable() []string {
	var list []string
	for _, s := range []auth.SignInStep{
		auth.SignInStepConfirmWithSMSCode, auth.SignInStepConfirmWithEmailCode, auth.SignInStepConfirmWithTOTPCode,
		auth.SignInStepConfirmWithNewPassword, auth.SignInStepConfirmWithPassword, auth.SignInStepConfirmWithCustomChallenge,
		auth.SignInStepContinueWithTOTPSetup,
	} {
		list = append(list, fmt.Sprintf("%s -> %s", s, auth.SignInStepDone), fmt.Sprintf("%s -> %s", s, string(auth.ErrSignInExpired)))
	}
	for from, to := range map[auth.SignInStep]auth.ErrorCode{
		auth.SignInStepConfirmWithSMSCode:         auth.ErrCodeMismatch,
		auth.SignInStepConfirmWithEmailCode:       auth.ErrCodeMismatch,
		auth.SignInStepConfirmWithTOTPCode:        auth.ErrCodeMismatch,
		auth.SignInStepConfirmWithNewPassword:     auth.ErrInvalidPassword,
		auth.SignInStepConfirmWithPassword:        auth.ErrNotAuthorized,
		auth.SignInStepConfirmWithCustomChallenge: auth.ErrNotAuthorized,
		auth.SignInStepContinueWithTOTPSetup:      auth.ErrEnableSoftwareTokenMFA,
		auth.SignInStepContinueWithEmailSetup:     auth.ErrInvalidInput,
		auth.SignInStepContinueWithMFASelection:   auth.ErrIncorrectMFAMethod,
		auth.SignInStepContinueWithMFASetupChoice: auth.ErrIncorrectMFAMethod,
		auth.SignInStepContinueWithFirstFactor:    auth.ErrInvalidPreferredChallenge,
	} {
		list = append(list, fmt.Sprintf("%s -> %s", from, string(to)))
	}
	return list
}

// A walk is a world and what happens in it.
type walk struct {
	world   world
	actions []action
}

// An action is one call, or time passing.
type action struct {
	op        string // "signIn", "confirm", "resend", "signOut", "wait"
	host      int
	flow      auth.AuthFlow
	preferred string
	kind      answerKind
	pick      int // which of the choices
	wait      time.Duration
}

func (a action) String() string {
	switch a.op {
	case "signIn":
		return fmt.Sprintf("host %d: SignIn %s %q, password right: %t", a.host, a.flow, a.preferred, a.kind == rightAnswer)
	case "confirm":
		return fmt.Sprintf("host %d: ConfirmSignIn %s, choice %d", a.host, [...]string{"right", "wrong", "empty"}[a.kind], a.pick)
	case "wait":
		return "wait " + a.wait.String()
	}
	return fmt.Sprintf("host %d: %s", a.host, a.op)
}

func (w walk) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "world: %s\n", w.world)
	for i, a := range w.actions {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, a)
	}
	return b.String()
}

const hosts = 3

func newWalk(seed uint64) walk {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	maybe := func() bool { return r.IntN(2) == 0 }
	w := world{
		mfa:     []authtest.MFAMode{authtest.MFAOff, authtest.MFAOptional, authtest.MFARequired}[r.IntN(3)],
		factors: subset(r, []authtest.MFAFactor{authtest.MFAFactorTOTP, authtest.MFAFactorSMS, authtest.MFAFactorEmail}),
		first:   subset(r, []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorEmailOTP, authtest.FirstFactorSMSOTP}),
		hide:    maybe(), secret: maybe(), rounds: 1 + r.IntN(2), exists: r.IntN(10) > 0,
		sessions: []time.Duration{3 * time.Minute, 10 * time.Minute}[r.IntN(2)],
	}
	if maybe() {
		w.devices = &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: maybe(), RememberOnRequest: r.IntN(4) == 0}
	}
	u := authtest.User{Name: "ana", Password: thePassword, Disabled: r.IntN(12) == 0}
	u.Status = []authtest.UserStatus{
		authtest.StatusConfirmed, authtest.StatusConfirmed, authtest.StatusConfirmed, authtest.StatusForceChangePassword,
		authtest.StatusUnconfirmed, authtest.StatusResetRequired,
	}[r.IntN(6)]
	if maybe() {
		u.Email = "ana@example.com"
	}
	if maybe() {
		u.Phone = "+15555550123"
	}
	offered := func(f authtest.MFAFactor) bool {
		return w.mfa != authtest.MFAOff && slices.Contains(w.factors, f) && maybe()
	}
	u.TOTP = offered(authtest.MFAFactorTOTP)
	u.SMSMFA = u.Phone != "" && offered(authtest.MFAFactorSMS)
	u.EmailMFA = u.Email != "" && offered(authtest.MFAFactorEmail)
	if u.TOTP && maybe() {
		u.PreferredMFA = authtest.MFAFactorTOTP
	}
	w.user = u

	flows := []auth.AuthFlow{
		auth.AuthFlowUserPassword, auth.AuthFlowUserPassword, auth.AuthFlowUserPassword, auth.AuthFlowUserSRP,
		auth.AuthFlowUser, auth.AuthFlowUser, auth.AuthFlowUser, auth.AuthFlowCustomWithoutSRP, auth.AuthFlowCustomWithSRP,
	}
	preferences := []string{"", "", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP"}
	kinds := []answerKind{rightAnswer, rightAnswer, rightAnswer, rightAnswer, wrongAnswer, wrongAnswer, emptyAnswer}
	actions := make([]action, 4+r.IntN(10))
	for i := range actions {
		a := action{op: "confirm", host: r.IntN(hosts + 1), kind: kinds[r.IntN(len(kinds))], pick: r.IntN(4)}
		switch p := r.IntN(20); {
		case i == 0 || p < 6:
			a.op, a.flow = "signIn", flows[r.IntN(len(flows))]
			if !w.exists && a.flow == auth.AuthFlowUser {
				a.flow = auth.AuthFlowUserSRP // what people who do not exist are asked is anybody's guess
			}
			if a.flow == auth.AuthFlowUser {
				a.preferred = preferences[r.IntN(len(preferences))]
			}
			if r.IntN(5) > 0 {
				a.kind = rightAnswer
			}
		case p == 6:
			a.op = "signOut"
		case p == 7:
			a.op = "resend"
		case p < 10:
			a.op, a.wait = "wait", []time.Duration{40 * time.Second, 4 * time.Minute, 4 * time.Minute, 16 * time.Minute, 90 * time.Minute}[r.IntN(5)]
		}
		actions[i] = a
	}
	return walk{world: w, actions: actions}
}

// subset returns some of all, at least one.
func subset[T any](r *rand.Rand, all []T) []T {
	var some []T
	for _, v := range all {
		if r.IntN(2) == 0 {
			some = append(some, v)
		}
	}
	if some == nil {
		some = []T{all[r.IntN(len(all))]}
	}
	return some
}

// shorten leaves out actions as long as the walk still goes wrong.
func shorten(t *testing.T, w walk, problem string) (walk, string) {
	for i := range slices.Backward(w.actions) {
		shorter := walk{world: w.world, actions: slices.Delete(slices.Clone(w.actions), i, i+1)}
		if p := shorter.run(t, map[string]int{}); p != "" {
			w, problem = shorter, p
		}
	}
	return w, problem
}

// run walks, and returns what went another way than the model, "" for nothing.
func (w walk) run(t *testing.T, seen map[string]int) (problem string) {
	synctest.Test(t, func(t *testing.T) {
		problem = newWalker(t, w.world).walk(w.actions, seen)
	})
	return problem
}

// A walker carries out actions and compares them with the model.
type walker struct {
	t     *testing.T
	pool  *authtest.Pool
	model *model
	store *watchedStore
	hosts []*auth.Client
	used  []time.Time // when codes of the authenticator app were used
	sums  string      // the question asked last
}

func newWalker(t *testing.T, w world) *walker {
	cfg := authtest.Config{
		MFA: w.mfa, MFAFactors: w.factors, FirstFactors: w.first, Devices: w.devices, Triggers: quiz(w.rounds),
		PreventUserExistenceErrors: w.hide, AuthSessionValidity: w.sessions,
		ExplicitAuthFlows: []authtest.AuthFlow{
			authtest.AllowUserSRP, authtest.AllowUserPassword, authtest.AllowUser, authtest.AllowCustom, authtest.AllowRefreshToken,
		},
	}
	if w.secret {
		cfg.ClientSecret = "0123456789abcdefghijklmnopqrstuvwxyz"
	}
	k := &walker{t: t, pool: authtest.NewPool(t, cfg), model: newModel(w, time.Now()), store: &watchedStore{Store: tokens.NewMemoryStore(0)}}
	if w.exists {
		k.pool.AddUser(w.user)
	}
	for range hosts {
		k.hosts = append(k.hosts, k.newHost())
	}
	return k
}

func (k *walker) newHost() *auth.Client {
	c, err := auth.NewClient(k.t.Context(), auth.Config{
		UserPoolID: k.pool.PoolID(), ClientID: k.pool.ClientID(), ClientSecret: k.pool.ClientSecret(),
		HTTPClient: &http.Client{Transport: k.pool.Transport()}, AWS: &aws.Config{}, Store: k.store,
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}

// session returns the session on a host; the last number is a host that has
// just been started.
func (k *walker) session(host int) *auth.Session {
	c := k.hosts[min(host, hosts-1)]
	if host == hosts {
		c = k.newHost()
	}
	return sessionOf(k.t, c, "ana's browser")
}

func (k *walker) walk(actions []action, seen map[string]int) string {
	for i, a := range actions {
		from := "nothing"
		if k.model.attempt != nil {
			from = string(k.model.attempt.waits)
		}
		got, want := k.do(a)
		if a.op == "wait" || a.op == "signOut" {
			continue
		}
		if got != want {
			return fmt.Sprintf("action %d (%s) at %s: got %s, want %s", i+1, a, from, got, want)
		}
		if a.op == "confirm" {
			seen[from+" -> "+got.String()]++
		} else {
			seen[a.op+" -> "+got.String()]++
		}
		if problem := k.check(); problem != "" {
			return fmt.Sprintf("after action %d (%s): %s", i+1, a, problem)
		}
	}
	return ""
}

// check compares what must hold after every action.
func (k *walker) check() string {
	_, err := auth.GetCurrentUser(k.t.Context(), k.session(0))
	if signedIn := err == nil; signedIn != k.model.signedIn {
		return fmt.Sprintf("signed in: %t (%v), want %t", signedIn, err, k.model.signedIn)
	}
	return k.store.problem()
}

func (k *walker) do(a action) (got, want outcome) {
	ctx, m := k.t.Context(), k.model
	m.now = time.Now()
	switch a.op {
	case "wait":
		time.Sleep(a.wait)
	case "signOut":
		if _, err := auth.SignOut(ctx, k.session(a.host), auth.SignOutInput{}); err != nil {
			k.t.Fatal(err)
		}
		m.signOut()
	case "signIn":
		right := a.kind == rightAnswer || m.wrongSecret >= 3 // more would lock the account
		in := auth.SignInInput{Username: "ana", AuthFlow: a.flow, PreferredChallenge: a.preferred}
		if a.flow != auth.AuthFlowCustomWithoutSRP && (a.flow != auth.AuthFlowUser || strings.HasPrefix(a.preferred, "PASSWORD")) {
			in.Password = thePassword
			if !right {
				in.Password = "Wrong-horse-1"
			}
		}
		want = m.signIn(a.flow, a.preferred, right)
		got = k.outcome(auth.SignIn(ctx, k.session(a.host), in))
	case "resend":
		want = m.resend()
		got = k.outcome(auth.ResendSignInCode(ctx, k.session(a.host), auth.ResendSignInCodeInput{}))
	case "confirm":
		answer, kind, choice := k.answer(a)
		m.now = time.Now() // an app's codes may have had to be waited for
		want = m.confirm(kind, choice)
		got = k.outcome(auth.ConfirmSignIn(ctx, k.session(a.host), auth.ConfirmSignInInput{ChallengeResponse: answer}))
	}
	return got, want
}

func (k *walker) outcome(out *auth.SignInOutput, err error) outcome {
	if err != nil {
		return refusal(auth.CodeOf(err))
	}
	if out.Device != nil && out.Device.Err != nil {
		k.t.Fatal(out.Device.Err)
	}
	k.sums = out.NextStep.AdditionalInfo["question"]
	return step(out.NextStep.Step)
}

// answer makes up an answer of the kind to the step that the model waits at.
func (k *walker) answer(a action) (answer string, kind answerKind, choice string) {
	m := k.model.attempt
	if a.kind == emptyAnswer || m == nil {
		return "", emptyAnswer, ""
	}
	kind = a.kind
	if kind == wrongAnswer && (k.model.wrongCodes >= 3 || k.model.wrongSecret >= 3) {
		kind = rightAnswer // more would lock the account
	}
	pick := func(list []string) string { return list[a.pick%len(list)] }
	right := kind == rightAnswer
	switch m.waits {
	case auth.SignInStepConfirmWithSMSCode, auth.SignInStepConfirmWithEmailCode:
		if right {
			return k.pool.Code("ana"), kind, ""
		}
		return "000000000", kind, ""
	case auth.SignInStepConfirmWithTOTPCode, auth.SignInStepContinueWithTOTPSetup:
		if right {
			return k.appCode(), kind, ""
		}
		return k.wrongAppCode(), kind, ""
	case auth.SignInStepConfirmWithNewPassword:
		if right {
			return thePassword, kind, ""
		}
		return "no-capital-1", kind, ""
	case auth.SignInStepConfirmWithPassword:
		if right {
			return thePassword, kind, ""
		}
		return "Wrong-horse-1", kind, ""
	case auth.SignInStepContinueWithMFASelection, auth.SignInStepContinueWithMFASetupChoice:
		if !right {
			return "sms", kind, ""
		}
		choice = pick(m.choices)
		return map[string]string{"SMS_MFA": "SMS", "SOFTWARE_TOKEN_MFA": "TOTP", "EMAIL_OTP": "EMAIL"}[choice], kind, choice
	case auth.SignInStepContinueWithFirstFactor:
		if !right {
			return "WEB_AUTHN", kind, ""
		}
		choice = pick(m.factors)
		return choice, kind, choice
	case auth.SignInStepContinueWithEmailSetup:
		if right {
			return "ana@example.org", kind, ""
		}
		return "nowhere", kind, ""
	case auth.SignInStepConfirmWithCustomChallenge:
		if right {
			n, _, _ := strings.Cut(k.sums, "+")
			half, err := strconv.Atoi(n)
			if err != nil {
				k.t.Fatal(err)
			}
			return strconv.Itoa(2 * half), kind, ""
		}
		return "none of your business", kind, ""
	}
	panic("no answer to " + m.waits)
}

// appCode returns a code that is right. An app has three at a time, each good
// for once.
func (k *walker) appCode() string {
	now := time.Now()
	k.used = slices.DeleteFunc(k.used, func(at time.Time) bool { return now.Sub(at) > 2*time.Minute })
	if len(k.used) >= 2 {
		time.Sleep(2 * time.Minute)
		k.used = nil
	}
	k.used = append(k.used, time.Now())
	return k.pool.TOTP("ana")
}

func (k *walker) wrongAppCode() string {
	code := []byte(k.pool.TOTP("ana"))
	for i := range code { // far from all of the moment's codes
		code[i] = '0' + (code[i]-'0'+5)%10
	}
	return string(code)
}

// A watchedStore keeps an eye on what is stored: each record is whole, and of a
// kind that is known.
type watchedStore struct {
	tokens.Store

	mu  sync.Mutex
	bad string
}

func (w *watchedStore) Save(ctx context.Context, key string, rec tokens.Record, prev tokens.Revision) (tokens.Revision, error) {
	if err := wellFormed(rec.Data); err != nil {
		w.mu.Lock()
		w.bad = err.Error()
		w.mu.Unlock()
	}
	return w.Store.Save(ctx, key, rec, prev)
}

func (w *watchedStore) problem() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bad
}

func wellFormed(data []byte) error {
	if b, err := tokens.ParseBundle(data); err == nil {
		if b.Subject == "" || b.RefreshToken == "" {
			return errors.New("a bundle without subject or refresh token was stored")
		}
		return nil
	}
	var record struct {
		Attempt *flow.Attempt    `json:"attempt"`
		Devices []map[string]any `json:"devices"`
	}
	if err := json.Unmarshal(data, &record); err != nil {
		return fmt.Errorf("a record that cannot be read was stored: %w", err)
	}
	if record.Attempt == nil && record.Devices == nil {
		return errors.New("a record of no known kind was stored")
	}
	return nil
}
