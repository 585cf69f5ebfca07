package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
)

// A collector keeps everything that a program may print, in every way it can.
type collector struct{ text strings.Builder }

func (c *collector) print(values ...any) {
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&c.text, verb+"\n", v)
		}
		// Nested, a value is printed by other rules.
		fmt.Fprintf(&c.text, "%+v %#v\n", []any{v}, struct{ V any }{v})
		for _, h := range []slog.Handler{
			slog.NewTextHandler(&c.text, &slog.HandlerOptions{Level: slog.LevelDebug}),
			slog.NewJSONHandler(&c.text, &slog.HandlerOptions{Level: slog.LevelDebug}),
		} {
			slog.New(h).Error("x", "v", v, slog.Group("g", "v", v))
		}
	}
}

// error prints the error and everything it is made of.
func (c *collector) error(err error) {
	if err == nil {
		return
	}
	c.print(err)
	fmt.Fprintln(&c.text, err.Error())
	if e, ok := errors.AsType[*auth.Error](err); ok {
		fmt.Fprintf(&c.text, "%s %s %s\n", e.Op, e.Code, e.RequestID)
		c.print(*e)
	}
}

// codes are short, so they are looked for as words.
var sixDigits = regexp.MustCompile(`\b\d{6,8}\b`)

// find returns the secrets that were printed, also in encoded form.
func find(text string, secrets map[string]string) []string {
	var found []string
	words := sixDigits.FindAllString(text, -1)
	for what, secret := range secrets {
		if sixDigits.FindString(secret) == secret {
			if slices.Contains(words, secret) {
				found = append(found, what)
			}
			continue
		}
		for _, form := range []string{
			secret, url.QueryEscape(secret), strings.Trim(fmt.Sprintf("%q", secret), `"`),
			hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)),
			base64.RawURLEncoding.EncodeToString([]byte(secret)), strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
		} {
			if i := strings.Index(text, form); i >= 0 {
				found = append(found, fmt.Sprintf("%s in %q", what, text[max(0, i-80):min(len(text), i+80)]))
				break
			}
		}
	}
	return found
}

// parts are a token and those parts of it that are worth something alone.
func parts(token string) []string {
	list := []string{token}
	if fields := strings.Split(token, "."); len(fields) >= 3 {
		list = append(list, fields[len(fields)-1], fields[1])
	}
	return list
}

// secretsOf are all that must not be printed.
func (st *stage) secretsOf() map[string]string {
	secrets := map[string]string{
		"username": secretName, "e-mail address": secretEmail, "password": secretPassword, "new password": secretNewPass,
		"session id": secretSession, "device id": secretDevice, "new e-mail address": secretNewEmail, "device name": secretDevName, "new session id": secretNewID, "client secret": secretClient,
	}
	for i, issued := range st.wire.secrets() {
		for j, part := range parts(issued) {
			secrets[fmt.Sprintf("token or session %d, part %d", i, j)] = part
		}
	}
	for i, r := range st.pool.Requests() {
		for _, member := range []string{"AuthParameters", "ChallengeResponses"} {
			params, _ := r.Body[member].(map[string]any)
			for name, value := range params {
				if text, ok := value.(string); ok && len(text) >= 6 && name != wire.ParamPreferredChallenge && name != wire.ParamAnswer && name != wire.ParamTimestamp {
					secrets[fmt.Sprintf("%s of request %d", name, i)] = text
				}
			}
		}
		for _, member := range []string{"ConfirmationCode", "Code", "UserCode", "SecretHash"} {
			if text, ok := r.Body[member].(string); ok {
				secrets[fmt.Sprintf("%s of request %d", member, i)] = text
			}
		}
	}
	if _, ok := st.pool.User(secretName); ok {
		for i, m := range st.pool.Inbox(secretName) {
			secrets[fmt.Sprintf("code %d", i)] = m.Code
		}
	}
	return secrets
}

// quoting is what a trigger, a proxy or a clumsy service may answer: the
// person's own input.
const quoting = secretName + " " + secretPassword + " " + secretEmail

// Passwords, codes, tokens, sessions, usernames and the client secret: none is
// in any error, output, log or value that this package hands out, whatever goes
// wrong in whichever function.
func TestNothingSecretIsPrintedAnywhere(t *testing.T) {
	t.Parallel()
	type trouble struct {
		name  string
		fault authtest.Fault
		spoil func(st *stage)
	}
	troubles := []trouble{
		{name: "none"},
		{name: "no answer", fault: authtest.Fault{DropRequest: true, Times: -1}},
		{name: "answer lost", fault: authtest.Fault{DropResponse: true, Times: -1}},
		{name: "throttled", fault: authtest.Fault{Code: wire.ExceptionTooManyRequests, Message: quoting, Times: -1}},
		{name: "not authorized", fault: authtest.Fault{Code: wire.ExceptionNotAuthorized, Message: quoting, Times: -1}},
		{name: "parameter", fault: authtest.Fault{Code: wire.ExceptionInvalidParameter, Message: quoting, Times: -1}},
		{name: "trigger", fault: authtest.Fault{Code: wire.ExceptionUserLambdaValidation, Message: "PreSignUp failed with error " + quoting + ".", Times: -1}},
		{name: "internal error", fault: authtest.Fault{Code: wire.ExceptionInternalError, Message: quoting, Times: -1}},
		{name: "code quoted", fault: authtest.Fault{Code: secretName + ".Exception", Message: quoting, Times: -1}},
		{name: "page", fault: authtest.Fault{HTML: true, Times: -1}},
		{name: "echo", spoil: func(st *stage) { st.wire.echo() }},
		{name: "store fails", spoil: func(st *stage) { st.store.script(failing()) }},
		{name: "store cannot save", spoil: func(st *stage) { st.store.script(failing("Save")) }},
		{name: "damaged record", spoil: func(st *stage) { st.damage() }},
	}
	for _, f := range functions() {
		for _, trouble := range troubles {
			bubble(t, f.name+"/"+trouble.name, func(t *testing.T) {
				st := f.stage(t)
				if trouble.name != "none" && trouble.spoil == nil {
					st.pool.Inject(trouble.fault)
				}
				if trouble.spoil != nil {
					trouble.spoil(st)
				}
				var c collector
				call := func(ctx context.Context) {
					out, err := f.call(ctx, st)
					c.error(err)
					c.error(unrevoked(out))
					if in, ok := out.(*auth.SignInOutput); ok && in.Device != nil {
						c.error(in.Device.Err)
					}
					c.print(out)
					c.printTokens(out)
				}
				call(t.Context())
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				call(ended)
				c.print(st.client, st.session, st.signInInput(), signUpInput())
				for _, rec := range st.store.records() {
					c.print(rec)
				}
				time.Sleep(time.Minute)
				text := c.text.String() + st.log.String()
				for _, what := range find(text, st.secretsOf()) {
					t.Errorf("printed: %s", what)
				}
				if len(text) < 1000 {
					t.Error("hardly anything was printed")
				}
			})
		}
	}
}

// printTokens prints what an AuthSession is made of.
func (c *collector) printTokens(out any) {
	as, ok := out.(*auth.AuthSession)
	if !ok {
		return
	}
	c.print(*as, as.Tokens, as.Tokens.AccessToken, as.Tokens.IDToken)
}

// damage puts a record into the store that is nothing but secrets.
func (st *stage) damage() {
	for key := range st.store.records() {
		rec, rev, err := st.store.store.Load(context.Background(), key)
		if err != nil {
			continue
		}
		rec.Data = []byte(`{"` + quoting + `":"` + secretSession + `"}`)
		st.store.store.Save(context.Background(), key, rec, rev)
	}
}

// The search itself sees what it is meant to see.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"password": secretPassword, "code": "123456", "token": "aaaa.bbbb.cccc"}
	for _, text := range []string{
		"x " + secretPassword + " x", fmt.Sprintf("%q", "x"+secretPassword), fmt.Sprintf("%x", "x"+secretPassword+"x"),
		fmt.Sprintf("%d", []byte("x"+secretPassword+"x")), "code=123456,", `"123456"`, "Bearer aaaa.bbbb.cccc",
		base64.StdEncoding.EncodeToString([]byte(secretPassword)),
	} {
		if len(find(text, secrets)) != 1 {
			t.Errorf("%q: nothing found", text)
		}
	}
	for _, text := range []string{"", "elapsed=91234567123", "password", "aaaa bbbb"} {
		if found := find(text, secrets); len(found) != 0 {
			t.Errorf("%q: found %v", text, found)
		}
	}
	var c collector
	c.print(struct{ Password string }{secretPassword})
	if len(find(c.text.String(), secrets)) != 1 {
		t.Error("the collector does not print")
	}
}
