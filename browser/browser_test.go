// Package browser looks at the pages of the sandbox with a real browser, and at
// front ends that use it. It needs Chromium, as the package chromium of Debian
// has it, and the packages of interop/js/package-lock.json (npm ci, there).
package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestMain builds the command that the tests run.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "browser")
	if err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-C", "..", "-o", filepath.Join(dir, "cognito-sandbox"), "./cmd/cognito-sandbox")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// A sandbox is a running cognito-sandbox.
type sandbox struct {
	endpoint string
	poolID   string
	clientID string
}

// start starts the command on a free port.
func start(t *testing.T) sandbox {
	t.Helper()
	s, stop := startAt(t, "127.0.0.1:0")
	t.Cleanup(stop)
	return s
}

// startAt starts the command, and reads what it prints as a user would.
func startAt(t *testing.T, addr string) (s sandbox, stop func()) {
	t.Helper()
	cmd := exec.Command("cognito-sandbox", "-memory", "-addr", addr, "-log", "error")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), "  ")
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
		switch name {
		case "Endpoint":
			s.endpoint = value
		case "Pool id":
			s.poolID = value
		case "Client id":
			s.clientID = value
		}
		if strings.Contains(lines.Text(), "AWS_REGION") {
			break
		}
	}
	go io.Copy(io.Discard, stdout)
	if s.endpoint == "" || s.poolID == "" || s.clientID == "" {
		stop()
		t.Fatalf("the sandbox says too little about itself: %+v", s)
	}
	return s, stop
}

// post sends a request that has to be answered with success, and returns the
// answer.
func (s sandbox) post(t *testing.T, path string, header http.Header, body any) []byte {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.endpoint+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: got status %d, error %v: %s", path, res.StatusCode, err, answer)
	}
	return answer
}

// operate is an operation of an administrator.
func (s sandbox) operate(t *testing.T, operation string, body map[string]any) []byte {
	t.Helper()
	return s.post(t, "/", http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSCognitoIdentityProviderService." + operation},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=x"},
	}, body)
}

// signUp signs somebody up, as a front end does.
func (s sandbox) signUp(t *testing.T, email string) {
	t.Helper()
	s.post(t, "/", http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSCognitoIdentityProviderService.SignUp"},
	}, map[string]any{"ClientId": s.clientID, "Username": email, "Password": "Correct-horse-1"})
}

// create puts a user into the pool by the control API.
func (s sandbox) create(t *testing.T, user map[string]any) {
	t.Helper()
	s.post(t, "/_sandbox/pools/"+s.poolID+"/users", http.Header{"Content-Type": {"application/json"}}, user)
}

// code returns the code that was last sent to an address, as the control API
// knows it.
func (s sandbox) code(t *testing.T, email string) string {
	t.Helper()
	res, err := http.Get(s.endpoint + "/_sandbox/messages?user=" + email)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var inbox struct{ Messages []struct{ Code string } }
	if err := json.NewDecoder(res.Body).Decode(&inbox); err != nil || len(inbox.Messages) == 0 {
		t.Fatalf("no message to %s: %v", email, err)
	}
	return inbox.Messages[len(inbox.Messages)-1].Code
}

// A screen is how the page is looked at.
type screen struct {
	width, height int64
	scheme        string // light or dark
}

func (s screen) String() string { return fmt.Sprintf("%dx%d %s", s.width, s.height, s.scheme) }

var screens = []screen{{390, 844, "light"}, {390, 844, "dark"}, {1280, 900, "light"}, {1280, 900, "dark"}}

// A tab is a page in a browser of its own, with an empty profile.
type tab struct {
	ctx    context.Context //nolint:containedctx // what chromedp knows a page by
	t      *testing.T
	screen screen
}

// open starts a browser. What goes wrong on its pages, and what their policy
// forbids, fails the test.
func open(t *testing.T, s screen) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(int(s.width), int(s.height)),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() { cancel(); cancelAllocator() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, func(event any) { complain(t, event) }); err != nil {
		t.Fatal(err)
	}
	ctx, cancelTimeout := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancelTimeout)
	b := &tab{ctx: ctx, t: t, screen: s}
	send(b, log.Enable, cdp.Empty{})
	send(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: 1, Mobile: s.width < 600,
	})
	send(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}},
	})
	return b
}

// complain fails the test for an event that should not be. Browsers log the
// status of an answer to a form that was refused, and that a sandbox is gone.
func complain(t *testing.T, event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.Errorf("the page threw %v", e.ExceptionDetails)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "a status of 409") && !strings.Contains(e.Entry.Text, "net::ERR_") {
			t.Errorf("the page complains: %s (%s)", e.Entry.Text, e.Entry.URL)
		}
	}
}

func send[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval returns what an expression is on the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// eventually waits for an expression to be true, and to make sense.
func (b *tab) eventually(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !eval[bool](b, "(() => { try { return Boolean("+expression+") } catch { return false } })()"); {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s; the page says:\n%s", what, eval[string](b, "document.body.innerText"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// picture keeps a picture of the page in the directory that SCREENSHOTS names,
// for people to look at.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	name = strings.ReplaceAll(name+" "+b.screen.String(), " ", "-") + ".png"
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
