package browser

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestSignUpAppears is what a front-end developer does with the page: someone
// signs up, the code is there, the account is confirmed, all by keyboard.
func TestSignUpAppears(t *testing.T) {
	for _, s := range screens {
		t.Run(s.String(), func(t *testing.T) {
			sandbox := start(t)
			b := open(t, s)
			b.do(chromedp.Navigate(sandbox.endpoint + "/"))
			b.eventually("the page does not follow", `document.querySelector("#live").textContent === "live"`)
			b.picture("empty")

			sandbox.signUp(t, "ana@example.com")
			code := sandbox.code(t, "ana@example.com")
			b.eventually("the code does not appear", `document.querySelector("#messages .code").textContent === "`+code+`"`)
			b.eventually("the code is not announced", `document.querySelector("[role=status]").textContent.includes("`+code+`")`)
			b.eventually("the user does not appear", `document.querySelector("#accounts .badge").textContent === "UNCONFIRMED"`)
			b.eventually("the request does not appear", `document.querySelector("#requests-rows").innerText.includes("SignUp")`)
			b.picture("signed up")

			b.tabTo("Confirm ana@example.com")
			b.picture("focus")
			b.do(chromedp.KeyEvent(kb.Enter))
			b.eventually("the user is not confirmed", `document.querySelector("#accounts .badge").textContent === "CONFIRMED"`)
			b.eventually("nobody is told", `document.querySelector("[role=status]").textContent === "The user is confirmed."`)
			if !eval[bool](b, `document.querySelector("#accounts .card").contains(document.activeElement)`) {
				t.Error("the focus is lost")
			}
			b.looksRight()
		})
	}
}

// TestKeyboardOnly presses every button of the page.
func TestKeyboardOnly(t *testing.T) {
	sandbox := start(t)
	b := open(t, screens[0])
	b.do(chromedp.Navigate(sandbox.endpoint + "/"))
	sandbox.signUp(t, "ana@example.com")
	sandbox.signUp(t, "ben@example.com")
	press := func(name string) {
		t.Helper()
		b.tabTo(name)
		b.do(chromedp.KeyEvent(kb.Enter))
	}
	badges := func(i int, want string) {
		t.Helper()
		b.eventually("no "+want, `document.querySelectorAll("#accounts .badges")[`+strconv.Itoa(i)+`].textContent.trim() === "`+want+`"`)
	}
	b.eventually("the users do not appear", `document.querySelectorAll("#accounts .card").length === 2`)
	press("Confirm ana@example.com")
	badges(1, "CONFIRMED")
	press("Disable ana@example.com")
	badges(1, "CONFIRMED DISABLED")
	press("Reset password of ana@example.com")
	b.eventually("the refusal is not told", `document.querySelector("[role=alert]").textContent === "User is disabled"`)
	b.looksRight()
	b.picture("refused")
	press("Enable ana@example.com")
	badges(1, "CONFIRMED")
	b.eventually("the refusal stays", `document.querySelector("[role=alert]").textContent === ""`)
	press("Sign out ana@example.com")
	b.eventually("the sign-out is not told", `document.querySelector("[role=status]").textContent === "The user is signed out everywhere."`)
	press("+1 h on the clock")
	b.eventually("the clock stands", `document.querySelector("#clock .badge").textContent === "1 h ahead"`)
	b.tabTo("Advance by")
	b.do(chromedp.KeyEvent("23h"), chromedp.KeyEvent(kb.Enter))
	b.eventually("the clock stands", `document.querySelector("#clock .badge").textContent === "1 day ahead"`)
	press("Delete ben@example.com …")
	press("Delete ben@example.com for good")
	b.eventually("the user is still there", `document.querySelectorAll("#accounts .card").length === 1`)
	if got := eval[string](b, "document.activeElement.textContent"); got != "Users" {
		t.Errorf("the focus is on %q", got)
	}
	b.tabTo("Search users")
	b.do(chromedp.KeyEvent("nobody"), chromedp.KeyEvent(kb.Enter))
	b.eventually("the search finds somebody", `document.querySelector("#accounts .empty")?.textContent.startsWith("No user is found.")`)
}

// TestWithoutJavaScript uses the page as it comes.
func TestWithoutJavaScript(t *testing.T) {
	sandbox := start(t)
	b := open(t, screens[2])
	send(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Navigate(sandbox.endpoint + "/"))
	sandbox.signUp(t, "ana@example.com")
	b.do(chromedp.Reload())
	b.eventually("the code is not there", `document.querySelector("#messages .code").textContent === "`+sandbox.code(t, "ana@example.com")+`"`)
	b.tabTo("Confirm ana@example.com")
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.eventually("nobody is told", `document.querySelector("#status").textContent === "The user is confirmed."`)
	b.eventually("the user is not confirmed", `document.querySelector("#accounts .badges").textContent === "CONFIRMED"`)
	b.tabTo("Delete ana@example.com …")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.tabTo("Delete ana@example.com for good")
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.eventually("the user is still there", `document.querySelector("#accounts .empty") !== null`)
}

// TestCrowdedPage looks at a page with much on it, and long names.
func TestCrowdedPage(t *testing.T) {
	sandbox := start(t)
	sandbox.create(t, map[string]any{
		"username": "someone.with.a.rather.long.address@a-subdomain.of-a-long-domain.example.com",
		"email":    "someone.with.a.rather.long.address@a-subdomain.of-a-long-domain.example.com", "phone": "+12065550184",
		"password": "x", "totp": true, "smsMfa": true, "preferredMfa": "SOFTWARE_TOKEN_MFA", "disabled": true,
		"groups": []string{"administrators", "people-who-may-read-everything", "x"},
	})
	for _, status := range []string{"CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"} {
		email := strings.ToLower(status) + "@example.com"
		sandbox.create(t, map[string]any{"username": email, "email": email, "status": status})
	}
	sandbox.post(t, "/", http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSCognitoIdentityProviderService.CreateUserPool"},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=x"},
	}, map[string]any{"PoolName": "another pool, with a name as long as names of user pools can be"})
	for i := range 30 {
		sandbox.signUp(t, "user"+strconv.Itoa(i)+"@example.com")
	}
	for _, s := range screens {
		t.Run(s.String(), func(t *testing.T) {
			b := open(t, s)
			b.do(chromedp.Navigate(sandbox.endpoint + "/"))
			b.eventually("the page does not follow", `document.querySelector("#live").textContent === "live"`)
			b.looksRight()
			b.picture("crowded")
			b.tabTo("Older users")
			if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
				t.Fatal(err)
			}
			b.eventually("the other users are not there", `document.querySelectorAll("#accounts .card").length === 15 && document.querySelector("nav [aria-current]") !== null`)
			b.tabTo("another pool, with a name as long as names of user pools can be 0 users")
			if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
				t.Fatal(err)
			}
			b.eventually("the other pool is not there", `document.querySelector("#accounts").textContent.includes("Nobody has signed up yet.")`)
			b.looksRight()
		})
	}
}

// TestReconnect stops the sandbox while somebody looks at its page, and starts
// it again.
func TestReconnect(t *testing.T) {
	sandbox, stop := startAt(t, "127.0.0.1:0")
	b := open(t, screens[2])
	b.do(chromedp.Navigate(sandbox.endpoint + "/"))
	b.eventually("the page does not follow", `document.querySelector("#live").textContent === "live"`)
	stop()
	b.eventually("the page does not say so", `document.querySelector("#live").textContent === "not connected"`)
	again, stop := startAt(t, strings.TrimPrefix(sandbox.endpoint, "http://"))
	defer stop()
	again.signUp(t, "ana@example.com")
	b.eventually("the page does not come back", `document.querySelector("#live").textContent === "live"`)
	b.eventually("the code does not appear", `document.querySelector("#messages .code").textContent === "`+again.code(t, "ana@example.com")+`"`)
	b.looksRight()
}
