package auth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/internal/wire"
	"github.com/cognitokit/auth/tokens"
)

// registrarPool returns a pool where ana has a password and may register
// passkeys.
func registrarPool(t testing.TB, changes ...func(*authtest.Config)) *authtest.Pool {
	t.Helper()
	cfg := authtest.Config{
		ExplicitAuthFlows: everyFlow,
		FirstFactors:      []authtest.FirstFactor{authtest.FirstFactorPassword, authtest.FirstFactorWebAuthn},
		Passkeys:          &authtest.Passkeys{RelyingPartyID: "example.com"},
	}
	for _, change := range changes {
		change(&cfg)
	}
	pool := authtest.NewPool(t, cfg)
	addUser(t, pool, "ana")
	return pool
}

// signedInTo returns a session of ana's.
func signedInTo(t testing.TB, pool *authtest.Pool, changes ...func(*auth.Config)) *auth.Session {
	t.Helper()
	s := sessionOf(t, newClient(t, pool, changes...), "1")
	signIn(t, s, "ana")
	return s
}

// beginRegistration returns the options for the browser.
func beginRegistration(t testing.TB, s *auth.Session) json.RawMessage {
	t.Helper()
	out, err := auth.BeginWebAuthnRegistration(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return out.Options
}

// create makes the credential that the browser would make.
func create(t testing.TB, a *authtest.Authenticator, options json.RawMessage) json.RawMessage {
	t.Helper()
	credential, err := a.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func finishRegistration(t testing.TB, s *auth.Session, credential json.RawMessage) (*auth.FinishWebAuthnRegistrationOutput, error) {
	t.Helper()
	return auth.FinishWebAuthnRegistration(t.Context(), s, auth.FinishWebAuthnRegistrationInput{Credential: credential})
}

// registerPasskey makes a passkey for whoever is signed in and returns its id.
func registerPasskey(t testing.TB, s *auth.Session, a *authtest.Authenticator) string {
	t.Helper()
	out, err := finishRegistration(t, s, create(t, a, beginRegistration(t, s)))
	if err != nil {
		t.Fatal(err)
	}
	return out.CredentialID
}

// passkeysOf returns the ids of all passkeys of whoever is signed in.
func passkeysOf(t testing.TB, s *auth.Session) []string {
	t.Helper()
	ids := []string{}
	for c, err := range auth.AllWebAuthnCredentials(t.Context(), s) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.CredentialID)
	}
	return ids
}

// A bodyTap keeps the bodies of requests as they were sent.
type bodyTap struct {
	next http.RoundTripper

	mu     sync.Mutex
	bodies map[string][]byte
}

func (b *bodyTap) RoundTrip(r *http.Request) (*http.Response, error) {
	if op, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), wire.TargetPrefix); ok {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		b.mu.Lock()
		b.bodies[op] = body
		b.mu.Unlock()
	}
	return b.next.RoundTrip(r)
}

// take returns a member of the last request for an operation, byte by byte, and
// forgets the request.
func (b *bodyTap) take(t testing.TB, operation, member string) json.RawMessage {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	body, ok := b.bodies[operation]
	delete(b.bodies, operation)
	if !ok {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%s: the request is not JSON: %v", operation, err)
	}
	return members[member]
}

func tapped(pool *authtest.Pool) (*bodyTap, func(*auth.Config)) {
	b := &bodyTap{next: pool.Transport(), bodies: make(map[string][]byte)}
	return b, func(cfg *auth.Config) { cfg.HTTPClient = &http.Client{Transport: b} }
}

// credentialWith has what every credential has, and the members given.
func credentialWith(more string) string {
	return `{"id":"AQ","rawId":"AQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}` + more + `}`
}

// Behavior 90: what the browser made goes out unchanged, byte by byte.
func TestPasskeyCredentialIsSentAsItIs(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	tap, on := tapped(pool)
	s := signedInTo(t, pool, on)
	made := create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s))
	var indented bytes.Buffer
	if err := json.Indent(&indented, made, " ", "\t"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, credential string }{
		{"what an authenticator makes", string(made)},
		{"with space", "\r\n" + indented.String() + "\n "},
		{"empty values", credentialWith(`,"clientExtensionResults":{},"a":[],"b":"","c":false,"d":null,"e":0`)},
		{"extension results", credentialWith(`,"clientExtensionResults":{"credProps":{"rk":true},"prf":{"enabled":false,"results":{"first":"AA"}}}`)},
		{"numbers", credentialWith(`,"a":9007199254740993,"b":1e400,"c":-0.0,"d":1.50`)},
		{"characters", credentialWith(`,"<&>":"<script>&amp;\u003c\/ é 😀 \ud83d\ude00 \u2028"`)},
		{"half a surrogate", credentialWith(`,"a":"\ud83d"`)},
		{"a member twice", credentialWith(`,"a":1,"a":2`)},
		{"deep", credentialWith(`,"a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500))},
		{"as long as may be", credentialWith(`,"a":"` + strings.Repeat("x", 64<<10-len(credentialWith(`,"a":""`))) + `"`)},
	} {
		out, err := finishRegistration(t, s, json.RawMessage(tt.credential))
		if got := tap.take(t, "CompleteWebAuthnRegistration", "Credential"); string(got) != strings.TrimSpace(tt.credential) {
			t.Errorf("%s: sent %s, want %s", tt.name, got, tt.credential)
		}
		if tt.credential != string(made) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{out.CredentialID}, passkeysOf(t, s)); diff != "" {
			t.Errorf("passkeys (-registered +listed):\n%s", diff)
		}
	}
}

// The options reach the browser as the service sent them.
func TestPasskeyOptionsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	for name, more := range map[string]string{
		"as the service writes them": `"excludeCredentials":[{"type":"public-key","id":"AQ"}],"timeout":60000,"authenticatorSelection":{"residentKey":"required"}`,
		"empty values":               `"excludeCredentials":[],"hints":[],"attestation":"","extensions":{},"a":false,"b":null,"c":0`,
		"numbers":                    `"timeout":9007199254740993,"a":-0.5,"b":1e3`,
		"characters":                 `"<&>":"<script>&amp; é 😀"`,
	} {
		options := `{"challenge":"AQ","rp":{"name":"x"},"user":{"id":"AQ"},"pubKeyCredParams":[{"type":"public-key","alg":-7}],` + more + `}`
		wire.answer = func(string, object) (object, bool) {
			return object{"CredentialCreationOptions": json.RawMessage(options)}, true
		}
		out, err := auth.BeginWebAuthnRegistration(t.Context(), s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(jsonValue(t, []byte(options)), jsonValue(t, out.Options)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(jsonValue(t, []byte(`{"credentialCreationOptions":`+options+`}`)), jsonValue(t, text)); diff != "" {
			t.Errorf("%s, the output (-want +got):\n%s", name, diff)
		}
	}
}

// jsonValue reads JSON without rounding its numbers.
func jsonValue(t testing.TB, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// What no browser could use is not passed on.
func TestPasskeyOptionsThatAreNone(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	for _, options := range []string{
		"", "null", "{}", "[]", `"AQ"`, "7",
		`{"challenge":"","rp":{},"user":{"id":"AQ"},"pubKeyCredParams":[]}`,
		`{"challenge":7,"rp":{},"user":{"id":"AQ"},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","user":{"id":"AQ"},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":null,"user":{"id":"AQ"},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":"example.com","user":{"id":"AQ"},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":{},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":{},"user":null,"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":{},"user":{},"pubKeyCredParams":[]}`,
		`{"challenge":"AQ","rp":{},"user":{"id":"AQ"}}`,
		`{"challenge":"AQ","rp":{},"user":{"id":"AQ"},"pubKeyCredParams":null}`,
		`{"challenge":"AQ","rp":{},"user":{"id":"AQ"},"pubKeyCredParams":{}}`,
		`{"challenge":"AQ","rp":{},"user":{"id":"AQ"},"pubKeyCredParams":[-7]}`,
	} {
		wire.answer = func(string, object) (object, bool) {
			if options == "" {
				return object{}, true
			}
			return object{"CredentialCreationOptions": json.RawMessage(options)}, true
		}
		out, err := auth.BeginWebAuthnRegistration(t.Context(), s)
		if wantCode(t, err, auth.ErrUnexpectedResponse); out != nil {
			t.Errorf("%s: got %s besides the error", options, out.Options)
		}
	}
}

// badCredentials are what no browser makes.
func badCredentials() map[string]string {
	without := func(member string) string {
		return strings.Replace(credentialWith(""), member, `"x":"y"`, 1)
	}
	return map[string]string{
		"nothing": "", "space": " ", "null": "null", "a string": `"AQ"`, "a list": "[]", "a number": "7", "an empty object": "{}",
		"half of it": credentialWith("")[:40], "two": credentialWith("") + credentialWith(""), "not UTF-8": credentialWith(`,"a":"caf` + "\xe9" + `"`),
		"JavaScript": `{id:"AQ"}`, "byte order mark": "\ufeff" + credentialWith(""),
		"without id": without(`"id":"AQ"`), "without rawId": without(`"rawId":"AQ"`), "without type": without(`"type":"public-key"`),
		"without clientDataJSON": without(`"clientDataJSON":"e30"`), "without attestationObject": without(`"attestationObject":"oA"`),
		"without response": `{"id":"AQ","rawId":"AQ","type":"public-key"}`, "null response": `{"id":"AQ","rawId":"AQ","type":"public-key","response":null}`,
		"id that is a number": strings.Replace(credentialWith(""), `"id":"AQ"`, `"id":7`, 1),
		"an assertion":        `{"id":"AQ","rawId":"AQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}`,
		"too long":            credentialWith(`,"a":"` + strings.Repeat("x", 64<<10) + `"`),
		"too deep":            credentialWith(`,"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)),
	}
}

// A page's mistake is told apart from a passkey that does not verify, before
// anything is sent, and without quoting it.
func TestPasskeyCredentialThatIsNone(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s := signedInTo(t, pool)
	beginRegistration(t, s)
	sent := len(operations(pool))
	for name, credential := range badCredentials() {
		out, err := finishRegistration(t, s, json.RawMessage(credential))
		if out != nil {
			t.Errorf("%s: got %v besides the error", name, out)
		}
		wantInput(t, err, auth.ErrInvalidInput, "Credential")
		if len(credential) > 1 && strings.Contains(err.Error(), credential) {
			t.Errorf("%s: the error quotes it", name)
		}
	}
	if more := operations(pool)[sent:]; len(more) != 0 {
		t.Errorf("sent %v", more)
	}
	_, err := finishRegistration(t, s, json.RawMessage(credentialWith("")))
	wantCode(t, err, auth.ErrWebAuthnCredentialInvalid)
}

// What the service refuses has a code of its own.
func TestPasskeyRefusals(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, s *auth.Session) error {
		t.Helper()
		_, err := auth.BeginWebAuthnRegistration(t.Context(), s)
		return err
	}
	finish := func(t *testing.T, s *auth.Session) error {
		t.Helper()
		_, err := finishRegistration(t, s, json.RawMessage(credentialWith("")))
		return err
	}
	list := func(t *testing.T, s *auth.Session) error {
		t.Helper()
		_, err := auth.ListWebAuthnCredentials(t.Context(), s, auth.ListWebAuthnCredentialsInput{})
		return err
	}
	remove := func(t *testing.T, s *auth.Session) error {
		t.Helper()
		_, err := auth.DeleteWebAuthnCredential(t.Context(), s, auth.DeleteWebAuthnCredentialInput{CredentialID: "AQ"})
		return err
	}
	const complete = "CompleteWebAuthnRegistration"
	for _, tt := range []struct {
		operation string
		call      func(*testing.T, *auth.Session) error
		code      auth.ErrorCode
		exception string
	}{
		{"StartWebAuthnRegistration", begin, auth.ErrWebAuthnNotEnabled, "WebAuthnNotEnabledException"},
		{"StartWebAuthnRegistration", begin, auth.ErrWebAuthnConfigurationMissing, "WebAuthnConfigurationMissingException"},
		{"StartWebAuthnRegistration", begin, auth.ErrLimitExceeded, "LimitExceededException"},
		{complete, finish, auth.ErrWebAuthnChallengeNotFound, "WebAuthnChallengeNotFoundException"},
		{complete, finish, auth.ErrWebAuthnClientMismatch, "WebAuthnClientMismatchException"},
		{complete, finish, auth.ErrWebAuthnOriginNotAllowed, "WebAuthnOriginNotAllowedException"},
		{complete, finish, auth.ErrWebAuthnRelyingPartyMismatch, "WebAuthnRelyingPartyMismatchException"},
		{complete, finish, auth.ErrWebAuthnCredentialNotSupported, "WebAuthnCredentialNotSupportedException"},
		{complete, finish, auth.ErrWebAuthnNotEnabled, "WebAuthnNotEnabledException"},
		{complete, finish, auth.ErrLimitExceeded, "LimitExceededException"},
		{"ListWebAuthnCredentials", list, auth.ErrLimitExceeded, "LimitExceededException"},
		{"DeleteWebAuthnCredential", remove, auth.ErrResourceNotFound, "ResourceNotFoundException"},
		{"DeleteWebAuthnCredential", remove, auth.ErrLimitExceeded, "LimitExceededException"},
	} {
		t.Run(tt.operation+"/"+tt.exception, func(t *testing.T) {
			t.Parallel()
			pool := registrarPool(t)
			s := signedInTo(t, pool)
			sent := len(operations(pool))
			pool.Inject(authtest.Fault{Operation: tt.operation, Code: tt.exception, Message: "no", Times: -1})
			err := tt.call(t, s)
			wantCode(t, err, tt.code)
			if !auth.IsRemote(err) || len(operations(pool)) != sent+1 {
				t.Errorf("%v after %d requests", err, len(operations(pool))-sent)
			}
		})
	}
}

// The same where the pool itself has a reason.
func TestPasskeyRegistrationsThatFail(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config func(*authtest.Config)
		try    func(*testing.T, *authtest.Pool, *auth.Session) error
		want   auth.ErrorCode
	}{
		{"passkeys are off", func(cfg *authtest.Config) { cfg.FirstFactors = nil }, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			_, err := auth.BeginWebAuthnRegistration(t.Context(), s)
			return err
		}, auth.ErrWebAuthnNotEnabled},
		{"no relying party", func(cfg *authtest.Config) { cfg.Passkeys = nil }, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			_, err := auth.BeginWebAuthnRegistration(t.Context(), s)
			return err
		}, auth.ErrWebAuthnConfigurationMissing},
		{"not begun", nil, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			_, err := finishRegistration(t, s, json.RawMessage(credentialWith("")))
			return err
		}, auth.ErrWebAuthnChallengeNotFound},
		{"finished twice", nil, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			credential := create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s))
			if _, err := finishRegistration(t, s, credential); err != nil {
				t.Fatal(err)
			}
			_, err := finishRegistration(t, s, credential)
			return err
		}, auth.ErrWebAuthnChallengeNotFound},
		{"begun twice", nil, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			a := authtest.NewAuthenticator(theApp)
			old := create(t, a, beginRegistration(t, s))
			options := beginRegistration(t, s)
			_, err := finishRegistration(t, s, old)
			if _, err := finishRegistration(t, s, create(t, authtest.NewAuthenticator(theApp), options)); err != nil {
				t.Errorf("the one begun last: %v", err)
			}
			return err
		}, auth.ErrWebAuthnChallengeNotFound},
		{"begun long ago", nil, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			credential := create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s))
			time.Sleep(10 * time.Minute)
			_, err := finishRegistration(t, s, credential)
			return err
		}, auth.ErrWebAuthnChallengeNotFound},
		{"page not allowed", func(cfg *authtest.Config) { cfg.Passkeys.Origins = []string{"https://example.com"} }, func(t *testing.T, _ *authtest.Pool, s *auth.Session) error {
			t.Helper()
			_, err := finishRegistration(t, s, create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s)))
			return err
		}, auth.ErrWebAuthnOriginNotAllowed},
		{"somebody else's passkey", nil, func(t *testing.T, pool *authtest.Pool, s *auth.Session) error {
			t.Helper()
			addUser(t, pool, "ben")
			bens := sessionOf(t, newClient(t, pool), "2")
			signIn(t, bens, "ben")
			beginRegistration(t, s)
			_, err := finishRegistration(t, s, create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, bens)))
			return err
		}, auth.ErrWebAuthnChallengeNotFound},
		{"one passkey too many", nil, func(t *testing.T, pool *authtest.Pool, s *auth.Session) error {
			t.Helper()
			for range 20 {
				pool.AddPasskey("ana", authtest.NewAuthenticator(theApp))
			}
			_, err := auth.BeginWebAuthnRegistration(t.Context(), s)
			return err
		}, auth.ErrLimitExceeded},
		{"one passkey too many meanwhile", nil, func(t *testing.T, pool *authtest.Pool, s *auth.Session) error {
			t.Helper()
			for range 19 {
				pool.AddPasskey("ana", authtest.NewAuthenticator(theApp))
			}
			credential := create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s))
			pool.AddPasskey("ana", authtest.NewAuthenticator(theApp))
			_, err := finishRegistration(t, s, credential)
			return err
		}, auth.ErrWebAuthnChallengeNotFound}, // as AddPasskey is a registration itself
	}
	for _, tt := range tests {
		bubble(t, tt.name, func(t *testing.T) {
			pool := registrarPool(t, func(cfg *authtest.Config) {
				if tt.config != nil {
					tt.config(cfg)
				}
			})
			s := signedInTo(t, pool)
			err := tt.try(t, pool, s)
			wantCode(t, err, tt.want)
			if !auth.IsRemote(err) {
				t.Errorf("%v is not the service's", err)
			}
		})
	}
}

// A registration belongs to the person and the app client, not to the host that
// began it.
func TestPasskeyRegistrationOnAnyHost(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	hosts := newPeers(t, pool, 2)
	signIn(t, hosts[0].session(t, "1"), "ana")
	a := authtest.NewAuthenticator(theApp)
	options := beginRegistration(t, hosts[0].session(t, "1"))
	out, err := finishRegistration(t, hosts[1].session(t, "1"), create(t, a, options))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{out.CredentialID}, passkeysOf(t, hosts[0].session(t, "1"))); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
}

// A token that expires while the person looks for the security key is refreshed.
func TestPasskeyRegistrationOutlivesTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := registrarPool(t, func(cfg *authtest.Config) { cfg.AccessTokenValidity = 5 * time.Minute })
		s := signedInTo(t, pool)
		time.Sleep(3 * time.Minute)
		credential := create(t, authtest.NewAuthenticator(theApp), beginRegistration(t, s))
		time.Sleep(2 * time.Minute)
		if _, err := finishRegistration(t, s, credential); err != nil {
			t.Error(err)
		}
		if n := refreshes(pool); n != 1 {
			t.Errorf("got %d refreshes, want 1", n)
		}
	})
}

// The list comes in pages of the size that was asked for.
func TestPasskeyList(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s := signedInTo(t, pool)
	want := []string{}
	for range 7 {
		want = append(want, registerPasskey(t, s, authtest.NewAuthenticator(theApp)))
	}
	for size, pages := range map[int][]int{0: {7}, 1: {1, 1, 1, 1, 1, 1, 1}, 3: {3, 3, 1}, 7: {7}, 20: {7}} {
		got, sizes := []string{}, []int{}
		in := auth.ListWebAuthnCredentialsInput{PageSize: size}
		for {
			out, err := auth.ListWebAuthnCredentials(t.Context(), s, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range out.Credentials {
				got = append(got, c.CredentialID)
			}
			sizes = append(sizes, len(out.Credentials))
			if in.NextToken = out.NextToken; in.NextToken == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: passkeys (-want +got):\n%s", size, diff)
		}
		if diff := cmp.Diff(pages, sizes); diff != "" {
			t.Errorf("pages of %d: sizes (-want +got):\n%s", size, diff)
		}
	}
	if diff := cmp.Diff(want, passkeysOf(t, s)); diff != "" {
		t.Errorf("all passkeys (-want +got):\n%s", diff)
	}
	_, err := auth.ListWebAuthnCredentials(t.Context(), s, auth.ListWebAuthnCredentialsInput{NextToken: "of another list"})
	wantCode(t, err, auth.ErrInvalidParameter)
	sent := len(operations(pool))
	for _, size := range []int{-1, 21, 1 << 40} {
		_, err := auth.ListWebAuthnCredentials(t.Context(), s, auth.ListWebAuthnCredentialsInput{PageSize: size})
		wantInput(t, err, auth.ErrInvalidInput, "PageSize")
	}
	if more := operations(pool)[sent:]; len(more) != 0 {
		t.Errorf("sent %v", more)
	}
}

// The iterator asks for pages as it needs them, and notices a list that does not
// end.
func TestPasskeyPages(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	requests, tokens := 0, []string{"a", "b", ""}
	wire.answer = func(string, object) (object, bool) {
		got := object{"Credentials": []object{{"CredentialId": fmt.Sprint(requests)}}}
		if token := tokens[requests%len(tokens)]; token != "" {
			got["NextToken"] = token
		}
		requests++
		return got, true
	}
	if diff := cmp.Diff([]string{"0", "1", "2"}, passkeysOf(t, s)); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(object{"AccessToken": string(fetch(t, s).Tokens.AccessToken), "NextToken": "b"}, wire.last("ListWebAuthnCredentials").sent); diff != "" {
		t.Errorf("the last request (-want +got):\n%s", diff)
	}
	requests = 0
	for range auth.AllWebAuthnCredentials(t.Context(), s) {
		break
	}
	if requests != 1 {
		t.Errorf("one passkey took %d requests", requests)
	}
	requests, tokens = 0, []string{"a", "b"}
	var last error
	for _, err := range auth.AllWebAuthnCredentials(t.Context(), s) {
		last = err
	}
	if wantCode(t, last, auth.ErrUnexpectedResponse); requests != 3 {
		t.Errorf("got %d requests, want 3", requests)
	}
}

// The list's JSON is Amplify's.
func TestPasskeyIsDescribed(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s, wire := recorded(t, pool)
	signIn(t, s, "ana")
	wire.answer = func(string, object) (object, bool) {
		return object{"NextToken": "more", "Credentials": []object{
			{
				"CredentialId": "AQ", "FriendlyCredentialName": "Passkey", "RelyingPartyId": "example.com", "AuthenticatorAttachment": "platform",
				"AuthenticatorTransports": []string{"internal", "hybrid"}, "CreatedAt": 1700000000.123,
			},
			{"CredentialId": "Ag", "FriendlyCredentialName": "Key", "RelyingPartyId": "example.com", "AuthenticatorTransports": []string{}, "CreatedAt": 1700000001},
		}}, true
	}
	out, err := auth.ListWebAuthnCredentials(t.Context(), s, auth.ListWebAuthnCredentialsInput{})
	if err != nil {
		t.Fatal(err)
	}
	want := []auth.WebAuthnCredential{
		{
			CredentialID: "AQ", FriendlyCredentialName: "Passkey", RelyingPartyID: "example.com", AuthenticatorAttachment: "platform",
			AuthenticatorTransports: []string{"internal", "hybrid"}, CreatedAt: time.UnixMilli(1700000000123).UTC(),
		},
		{CredentialID: "Ag", FriendlyCredentialName: "Key", RelyingPartyID: "example.com", AuthenticatorTransports: []string{}, CreatedAt: time.Unix(1700000001, 0).UTC()},
	}
	if diff := cmp.Diff(want, out.Credentials, cmp.AllowUnexported(auth.WebAuthnCredential{})); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
	const text = `{"credentials":[{"credentialId":"AQ","friendlyCredentialName":"Passkey","relyingPartyId":"example.com",` +
		`"authenticatorAttachment":"platform","authenticatorTransports":["internal","hybrid"],"createdAt":"2023-11-14T22:13:20.123Z"},` +
		`{"credentialId":"Ag","friendlyCredentialName":"Key","relyingPartyId":"example.com","authenticatorTransports":[],` +
		`"createdAt":"2023-11-14T22:13:21Z"}],"nextToken":"more"}`
	got, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	wire.answer = func(string, object) (object, bool) { return object{}, true }
	if out, err = auth.ListWebAuthnCredentials(t.Context(), s, auth.ListWebAuthnCredentialsInput{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(out); string(got) != `{"credentials":[]}` {
		t.Errorf("JSON of none: got %s", got)
	}
}

func TestDeletePasskey(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	addUser(t, pool, "ben")
	s := signedInTo(t, pool)
	bens := sessionOf(t, newClient(t, pool), "2")
	signIn(t, bens, "ben")
	first, second := registerPasskey(t, s, authtest.NewAuthenticator(theApp)), registerPasskey(t, s, authtest.NewAuthenticator(theApp))
	remove := func(s *auth.Session, id string) error {
		_, err := auth.DeleteWebAuthnCredential(t.Context(), s, auth.DeleteWebAuthnCredentialInput{CredentialID: id})
		return err
	}
	wantCode(t, remove(bens, first), auth.ErrResourceNotFound)
	if err := remove(s, first); err != nil {
		t.Fatal(err)
	}
	wantCode(t, remove(s, first), auth.ErrResourceNotFound)
	wantInput(t, remove(s, ""), auth.ErrInvalidInput, "CredentialID")
	wantInput(t, remove(s, badText), auth.ErrInvalidInput, "CredentialID")
	if diff := cmp.Diff([]string{second}, passkeysOf(t, s)); diff != "" {
		t.Errorf("passkeys (-want +got):\n%s", diff)
	}
}

// Of credentials that are made for one registration, one is registered.
func TestPasskeyRegistrationsConcurrentSafe(t *testing.T) {
	t.Parallel()
	pool := registrarPool(t)
	s := signedInTo(t, pool)
	options := beginRegistration(t, s)
	var wg sync.WaitGroup
	var mu sync.Mutex
	registered := []string{}
	for range 8 {
		credential := create(t, authtest.NewAuthenticator(theApp), options)
		wg.Go(func() {
			out, err := finishRegistration(t, s, credential)
			switch {
			case err == nil:
				mu.Lock()
				registered = append(registered, out.CredentialID)
				mu.Unlock()
			case auth.CodeOf(err) != auth.ErrWebAuthnChallengeNotFound:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(registered, passkeysOf(t, s)); diff != "" || len(registered) != 1 {
		t.Errorf("%d passkeys were registered (-registered +listed):\n%s", len(registered), diff)
	}
}

// Whatever a page sends: it is refused here, or sent as it is.
func FuzzFinishWebAuthnRegistration(f *testing.F) {
	pool := registrarPool(f)
	tap, on := tapped(pool)
	s := signedInTo(f, pool, on, func(cfg *auth.Config) { cfg.Store = tokens.NewMemoryStore(0) })
	f.Add([]byte(create(f, authtest.NewAuthenticator(theApp), beginRegistration(f, s))))
	f.Add([]byte(credentialWith(`,"clientExtensionResults":{}`)))
	for _, bad := range badCredentials() {
		if len(bad) < 1000 {
			f.Add([]byte(bad))
		}
	}
	f.Fuzz(func(t *testing.T, credential []byte) {
		given := string(credential)
		out, err := finishRegistration(t, s, credential)
		sent := tap.take(t, "CompleteWebAuthnRegistration", "Credential")
		if string(credential) != given {
			t.Error("the input was changed")
		}
		if auth.CodeOf(err) == auth.ErrInvalidInput {
			if wantInput(t, err, auth.ErrInvalidInput, "Credential"); sent != nil {
				t.Errorf("what was refused was sent: %s", sent)
			}
			return
		}
		if !bytes.Equal(sent, bytes.Trim(credential, " \t\r\n")) {
			t.Errorf("sent %s, want %s", sent, credential)
		}
		if (out == nil) != (err != nil) {
			t.Errorf("got %v and error %v, want one of them", out, err)
		}
		if err != nil && !auth.IsRemote(err) {
			t.Error(err)
		}
	})
}
