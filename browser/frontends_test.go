package browser

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// javaScript is where the clients in JavaScript are installed, and pages that
// use them.
const javaScript = "../interop/js"

// TestFrontEnds signs in at the sandbox with front ends that are bundled from
// unmodified clients, as people bundle them.
func TestFrontEnds(t *testing.T) {
	dir := bundle(t)
	t.Run("aws-amplify, managed login", func(t *testing.T) { testRedirect(t, newFrontEnd(t, dir, "redirect.html")) })
	t.Run("oidc-client-ts", func(t *testing.T) { testOIDCClient(t, newFrontEnd(t, dir, "oidc.html")) })
	t.Run("the page of docs/emulator.md", func(t *testing.T) { testDocumented(t, newFrontEnd(t, dir, "documented.html")) })
}

// bundle bundles the pages and that of docs/emulator.md with vite, and returns
// where they are.
func bundle(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(javaScript, "node_modules/.package-lock.json")); err != nil {
		t.Fatalf("the JavaScript clients are not installed: run npm ci in interop/js (%v)", err)
	}
	root, pages := t.TempDir(), filepath.Join(javaScript, "pages")
	if err := os.CopyFS(filepath.Join(root, "pages"), os.DirFS(pages)); err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs(filepath.Join(javaScript, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(modules, filepath.Join(root, "node_modules")); err != nil {
		t.Fatal(err)
	}
	html, script := documented(t)
	html = strings.Replace(html, `src="main.js"`, `src="documented.js"`, 1)
	for name, text := range map[string]string{"package.json": `{"type": "module"}`, "pages/documented.html": html, "pages/documented.js": script} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	vite := exec.CommandContext(t.Context(), "node", "node_modules/vite/bin/vite.js", "build", "pages", "--outDir", "../bundled")
	vite.Dir = root
	if out, err := vite.CombinedOutput(); err != nil {
		t.Fatalf("vite: %v\n%s", err, out)
	}
	return filepath.Join(root, "bundled")
}

// documented is the sign-in page of docs/emulator.md.
func documented(t *testing.T) (html, script string) {
	t.Helper()
	text, err := os.ReadFile("../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(lang string) string {
		_, rest, _ := strings.Cut(string(text), "```"+lang+"\n")
		code, _, ended := strings.Cut(rest, "```\n")
		if !ended {
			t.Fatalf("docs/emulator.md has no page in %s", lang)
		}
		return code
	}
	return block("html"), block("js")
}

// A frontEnd is a page at an origin of its own, with a pool at a sandbox.
type frontEnd struct {
	sandbox

	url string
}

// newFrontEnd serves a page. Its app client may be sent back there from managed
// login, where people can also sign in with Google.
func newFrontEnd(t *testing.T, dir, page string) *frontEnd {
	t.Helper()
	f := &frontEnd{sandbox: start(t)}
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/config.json":
			json.NewEncoder(w).Encode(map[string]string{
				"endpoint": f.endpoint, "domain": "localhost" + f.endpoint[strings.LastIndex(f.endpoint, ":"):],
				"poolId": f.poolID, "clientId": f.clientID, "callback": f.url,
			})
		case strings.HasSuffix(r.URL.Path, ".js"):
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(r.URL.Path)))
			if err != nil {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(bytes.ReplaceAll(text, []byte("http://127.0.0.1:9229"), []byte(f.endpoint)))
		case r.URL.Path == "/favicon.ico":
			w.WriteHeader(http.StatusNoContent)
		default:
			files.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	f.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/" + page
	f.operate(t, "CreateIdentityProvider", map[string]any{
		"UserPoolId": f.poolID, "ProviderName": "Google", "ProviderType": "Google",
		"ProviderDetails":  map[string]string{"client_id": "x", "client_secret": "x", "authorize_scopes": "openid email"},
		"AttributeMapping": map[string]string{"email": "email"},
	})
	f.operate(t, "UpdateUserPoolClient", map[string]any{
		"UserPoolId": f.poolID, "ClientId": f.clientID, "ExplicitAuthFlows": []string{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		"AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": []string{"code"}, "SupportedIdentityProviders": []string{"COGNITO", "Google"},
		"AllowedOAuthScopes": []string{"openid", "email", "aws.cognito.signin.user.admin"}, "CallbackURLs": []string{f.url}, "LogoutURLs": []string{f.url},
	})
	f.create(t, map[string]any{"username": "ana@example.com", "email": "ana@example.com", "password": "Correct-horse-1"})
	return f
}

// fill types into the fields of the page, and sends its form.
func (b *tab) fill(fields ...string) {
	b.t.Helper()
	for i := 0; i < len(fields); i += 2 {
		b.eventually("there is no field "+fields[i], `document.querySelector("[name='`+fields[i]+`']") !== null`)
		eval[bool](b, `(document.querySelector("[name='`+fields[i]+`']").focus(), true)`)
		b.do(chromedp.KeyEvent(fields[i+1]))
	}
	b.do(chromedp.KeyEvent(kb.Enter))
}

// settled returns what a promise comes to; text that begins with "failed: " if
// it is rejected.
func settled(b *tab, promise string) string {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
		`(async () => { try { return String(await (`+promise+`)) } catch (error) { return "failed: " + error.name + ": " + error.message } })()`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", promise, err)
	}
	return value
}

func (b *tab) settles(promise, want string) {
	b.t.Helper()
	if got := settled(b, promise); got != want {
		b.t.Errorf("%s: got %q, want %q", promise, got, want)
	}
}

// accept does what people do where a browser warns of a certificate that signs
// itself: they go on, to a page that has an element.
func (b *tab) accept(element string) {
	b.t.Helper()
	b.eventually("the browser does not warn", `document.querySelector("#proceed-link") !== null`)
	b.eventually("the browser does not go on", `document.querySelector("`+element+`") !== null || (document.querySelector("#proceed-link")?.click(), false)`)
}

// testRedirect is signInWithRedirect, as those who have no sign-in pages of
// their own use it.
func testRedirect(t *testing.T, f *frontEnd) {
	b := open(t, screens[0])
	arrived := func(what, events string) {
		t.Helper()
		b.eventually(what, `location.href === "`+f.url+`" && `+events)
	}
	b.do(chromedp.Navigate(f.url))
	arrived("the page does not begin", "window.auth !== undefined")

	eval[bool](b, `void auth.signInWithRedirect({ customState: "to the basket?a=1&b=2" }), true`)
	b.accept("[name=username]")
	b.picture("managed login")
	b.fill("username", "ana@example.com", "password", "Correct-horse-1")
	arrived("nobody is signed in", `events.includes("signedIn") && events.includes("to the basket?a=1&b=2")`)
	b.settles(`auth.fetchUserAttributes().then(a => a.email)`, "ana@example.com")
	b.settles(`auth.fetchAuthSession({ forceRefresh: true }).then(s => s.tokens.idToken.payload.email)`, "ana@example.com")

	eval[bool](b, `void auth.signOut(), true`)
	arrived("the browser does not come back", `events.length === 0 && window.auth !== undefined`)
	b.settles(`auth.getCurrentUser()`, "failed: UserUnAuthenticatedException: User needs to be authenticated to call this API.")
	eval[bool](b, `void auth.signInWithRedirect({ options: { prompt: "NONE" } }), true`)
	b.eventually("a silent sign-in without a login does not fail", `events.includes("signInWithRedirect_failure")`)

	eval[bool](b, `void auth.signInWithRedirect({ provider: "Google" }), true`)
	b.fill("subject", "1234567890", "claim.email", "ben@example.com")
	arrived("nobody is signed in", `events.includes("signedIn")`)
	b.settles(`auth.fetchUserAttributes().then(a => a.email)`, "ben@example.com")
	b.settles(`auth.getCurrentUser().then(u => u.username)`, "Google_1234567890")
}

// testOIDCClient is a front end that finds everything by the pool's discovery
// document.
func testOIDCClient(t *testing.T, f *frontEnd) {
	b := open(t, screens[2])
	ready := func(what, is string) {
		t.Helper()
		b.eventually(what, `location.href === "`+f.url+`" && window.ready && `+is)
	}
	leave := func(by string) {
		t.Helper()
		eval[bool](b, "window.ready = false, "+by+", true") // the next page will be
	}
	b.do(chromedp.Navigate(f.url))
	ready("the page does not begin", "window.user === null")
	leave(`void manager.signinRedirect()`)
	b.fill("username", "ana@example.com", "password", "Correct-horse-1")
	ready("nobody is signed in", `window.user?.profile.email === "ana@example.com" && window.user.profile.username !== undefined`)
	b.settles(`manager.signinSilent().then(u => u.profile.email)`, "ana@example.com")
	b.settles(`manager.metadataService.getSigningKeys().then(keys => keys.length)`, "2")
	b.settles(`manager.revokeTokens(["refresh_token"])`, "undefined")
	leave(`void manager.removeUser().then(() => manager.signinRedirect({ prompt: "none" }))`)
	ready("a silent sign-in with a login fails", `window.user?.profile.email === "ana@example.com"`)
	leave(`void manager.signoutRedirect({ extraQueryParams: { client_id: "` + f.clientID + `", logout_uri: "` + f.url + `" } })`)
	ready("nobody is signed out", "window.user === null")
	leave(`void manager.signinRedirect({ prompt: "none" })`)
	ready("a silent sign-in without a login does not fail", `window.failure?.includes("login_required")`)
}

// testDocumented is what docs/emulator.md tells a newcomer to do.
func testDocumented(t *testing.T, f *frontEnd) {
	b := open(t, screens[2])
	press := func(action string) {
		t.Helper()
		eval[bool](b, `document.querySelector("[value='`+action+`']").click(), true`)
	}
	b.do(chromedp.Navigate(f.url))
	b.fill("email", "cleo@example.com", "password", "Correct-horse-1")
	b.eventually("nobody has signed up", `document.querySelector("#status").textContent.includes("CONFIRM_SIGN_UP")`)
	eval[bool](b, `document.querySelector("[name=code]").focus(), true`)
	b.do(chromedp.KeyEvent(f.code(t, "cleo@example.com")))
	press("confirm")
	b.eventually("nobody is confirmed", `document.querySelector("#status").textContent.includes("DONE")`)
	press("signIn")
	b.eventually("nobody is signed in", `document.querySelector("#status").textContent === "Hello, cleo@example.com"`)
	b.picture("the documented page")
}
