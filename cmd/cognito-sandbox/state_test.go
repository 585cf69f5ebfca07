package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cognitokit/auth/authtest"
)

// asProgram makes this test binary the command itself.
const asProgram = "COGNITO_SANDBOX_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// read returns what the control API answers with success.
func (p *program) read(t *testing.T, path string, value any) {
	t.Helper()
	res, err := http.Get(p.endpoint + "/_sandbox/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(value); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: got status %d, error %v", path, res.StatusCode, err)
	}
}

func (p *program) signUp(ctx context.Context, name string) error {
	_, err := p.sdk().SignUp(ctx, &cip.SignUpInput{ClientId: aws.String(defaultClientID), Username: &name, Password: aws.String("Correct-horse-1")})
	return err
}

type message struct {
	ID                int64
	Destination, Code string
}

// TestStateOutlives stops a sandbox and starts it again: users, codes and the
// clock are what they were.
func TestStateOutlives(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	p := launch(t, "-data", dir)
	if err := p.signUp(t.Context(), "ana@example.com"); err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(p.endpoint+"/_sandbox/clock", "application/json", strings.NewReader(`{"advance":"1h"}`))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got %v, error %v", res, err)
	}
	res.Body.Close()
	var before, after struct{ Messages []message }
	p.read(t, "messages", &before)

	var stderr strings.Builder
	if code := exitCode(run(t.Context(), []string{"-addr", "127.0.0.1:0", "-data", dir}, io.Discard, &stderr), &stderr); code != 1 || !strings.Contains(stderr.String(), "another sandbox has its state in "+dir) {
		t.Errorf("a second one: got code %d, %s", code, stderr.String())
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil || string(text) != "*\n" {
		t.Errorf("version control is told %q, error %v", text, err)
	}

	p = launch(t, "-data", dir)
	p.read(t, "messages", &after)
	if len(before.Messages) != 1 || len(after.Messages) != 1 || before.Messages[0] != after.Messages[0] {
		t.Errorf("got messages %v, before %v", after.Messages, before.Messages)
	}
	var clock struct{ Ahead string }
	if p.read(t, "clock", &clock); clock.Ahead != "1h0m0s" {
		t.Errorf("the clock is ahead by %s", clock.Ahead)
	}
	if _, err := p.sdk().ConfirmSignUp(t.Context(), &cip.ConfirmSignUpInput{
		ClientId: aws.String(defaultClientID), Username: aws.String("ana@example.com"), ConfirmationCode: &after.Messages[0].Code,
	}); err != nil {
		t.Error(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestSeedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "seed.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"pools": [{"poolId": "eu-west-1_seeded", "users": [{"name": "ana"}]}]}`)
	var list struct{ Pools []struct{ ID string } }
	for _, args := range [][]string{{"-data", filepath.Join(dir, "state")}, {"-data", filepath.Join(dir, "state")}, {"-memory"}} {
		p := launch(t, append(args, "-seed", file)...)
		if p.read(t, "pools", &list); len(list.Pools) != 1 || list.Pools[0].ID != "eu-west-1_seeded" {
			t.Errorf("%v: got pools %v", args, list.Pools)
		}
		res, err := http.Post(p.endpoint+"/_sandbox/reset", "", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		var user struct{ Username string }
		if p.read(t, "pools/eu-west-1_seeded/users/ana", &user); user.Username != "ana" {
			t.Errorf("%v: got user %v after a reset", args, user)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
	write("{\"pools\": [\n{\"poolid\": \"x\"}\n]}")
	for name, want := range map[string]string{file: `line 2: pools[0]: unknown field "poolid"`, filepath.Join(dir, "none.json"): "no such file"} {
		var stderr strings.Builder
		if code := exitCode(run(t.Context(), []string{"-addr", "127.0.0.1:0", "-memory", "-seed", name}, io.Discard, &stderr), &stderr); code != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: got code %d, %s", name, code, stderr.String())
		}
	}
}

// TestUnusedSeed starts a sandbox that has a state with another seed file,
// which users have to be told of.
func TestUnusedSeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "seed.json")
	if err := os.WriteFile(file, []byte(`{"pools": [{"poolId": "eu-west-1_seeded"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, unused := range []bool{false, true} {
		s, err := (&options{data: filepath.Join(dir, "state"), region: "eu-west-1", seed: file}).open(about{})
		if err != nil {
			t.Fatal(err)
		}
		if s.unseeded != unused {
			t.Errorf("the seed file is unused: %t, want %t", s.unseeded, unused)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDocumentedSeed reads the seed file that the document shows.
func TestDocumentedSeed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```json\n{\n  \"pools\"")
	seed, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/emulator.md shows no seed file")
	}
	if _, err := authtest.ParseSeed(strings.NewReader("{\"pools\"" + seed)); err != nil {
		t.Error(err)
	}
}

// TestKill kills a sandbox as nobody should, in the middle of sign-ups, and
// starts it again: whoever was told of the sign-up has signed up.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var acknowledged []string
	for round := range 12 {
		p := spawn(t, dir)
		for _, name := range acknowledged {
			var user struct{ Email string }
			if p.read(t, "pools/eu-west-1_sandbox01/users/"+name, &user); user.Email != name {
				t.Errorf("round %d: %s is lost", round, name)
			}
		}
		acknowledged = append(acknowledged, p.killInTheMiddle(t, round)...)
	}
	if len(acknowledged) < 12 {
		t.Errorf("only %d sign-ups were acknowledged", len(acknowledged))
	}
}

// A child is a sandbox in a process of its own.
type child struct {
	program
	cmd *exec.Cmd
}

func spawn(t *testing.T, dir string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0", "-data", dir, "-log", "error")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &child{program{endpoint: endpointIn(t, stdout)}, cmd}
}

// killInTheMiddle lets people sign up, four at a time, kills the process when
// some have, and returns the names of those who were told that they have.
func (c *child) killInTheMiddle(t *testing.T, round int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	names := make(chan string, 100)
	var people sync.WaitGroup
	for lane := range 4 {
		people.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("user-%d-%d-%d@example.com", round, lane, n)
				if c.signUp(ctx, name) != nil {
					return
				}
				names <- name
			}
		})
	}
	var acknowledged []string
	for len(acknowledged) <= round {
		acknowledged = append(acknowledged, <-names)
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); people.Wait() }()
	for {
		select {
		case name := <-names:
			acknowledged = append(acknowledged, name)
		case <-done:
			close(names)
			for name := range names {
				acknowledged = append(acknowledged, name)
			}
			// It was killed, which is the only way to end that is no surprise.
			if err := c.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Errorf("the sandbox ended with %v", err)
			}
			return acknowledged
		}
	}
}

// TestInterrupt ends a sandbox in a process of its own as a terminal does.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	c := spawn(t, t.TempDir())
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the sandbox ended with %v", err)
	}
}
