package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/cognitokit/auth/bench/peers/internal/measure"
)

// A poolServer is a program that serves user pools at a port of loopback.
type poolServer struct {
	name    string
	command func(port int) []string
}

// A runningServer is a process of a poolServer.
type runningServer struct {
	cmd    *exec.Cmd
	dir    string // where it runs, and keeps what it wants to
	url    string
	client *http.Client
	ready  time.Duration // from the start of the process to its first answer
}

// errNotInstalled is returned for peers that have to be installed first.
var errNotInstalled = errors.New("not installed: npm ci in interop/peers installs it")

// benchServer measures the sandbox beside cognito-local, each in a process of
// its own.
func benchServer(ctx context.Context, s *suite) (rows []row, err error) {
	theirs, err := cognitoLocal(ctx)
	if errors.Is(err, errNotInstalled) {
		s.note("cognito-local is %v", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "auth-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ours, err := ownServer(ctx, dir)
	if err != nil {
		return nil, err
	}
	rows, err = compareServers(ctx, s, ours, theirs)
	if err != nil {
		return nil, err
	}
	forgetful, err := compareServers(ctx, s, ours.with("-memory"), theirs)
	return append(rows, forgetful...), err
}

// with returns the server with a further argument.
func (p poolServer) with(argument string) poolServer {
	return poolServer{name: p.name + " " + argument, command: func(port int) []string { return append(p.command(port), argument) }}
}

// ownServer builds the sandbox, which keeps its state on the disk.
func ownServer(ctx context.Context, dir string) (poolServer, error) {
	root, err := rootModule(ctx) // which knows what the sandbox needs; this module does not
	if err != nil {
		return poolServer{}, err
	}
	const name = "cognito-sandbox"
	file := filepath.Join(dir, name)
	if err := build(ctx, root, file, "./cmd/"+name); err != nil {
		return poolServer{}, err
	}
	return poolServer{name: name, command: func(port int) []string {
		return []string{file, "-addr", fmt.Sprintf("127.0.0.1:%d", port)}
	}}, nil
}

// rootModule returns the directory of the module that this one is nested in.
func rootModule(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/cognitokit/auth")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	dir, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	return string(bytes.TrimSpace(dir)), nil
}

// cognitoLocal finds the peer where interop has it.
func cognitoLocal(ctx context.Context) (poolServer, error) {
	root, err := rootModule(ctx)
	if err != nil {
		return poolServer{}, err
	}
	module := filepath.Join(root, "interop", "peers", "node_modules", "cognito-local")
	manifest, err := os.ReadFile(filepath.Join(module, "package.json")) //nolint:gosec // where npm puts it
	if errors.Is(err, os.ErrNotExist) {
		return poolServer{}, errNotInstalled
	}
	if err != nil {
		return poolServer{}, err
	}
	var parsed struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(manifest, &parsed); err != nil {
		return poolServer{}, err
	}
	return poolServer{name: "cognito-local " + parsed.Version, command: func(port int) []string {
		return []string{"env", "HOST=127.0.0.1", fmt.Sprintf("PORT=%d", port), "node", filepath.Join(module, "lib", "bin", "start.js")}
	}}, nil
}

// starts is how often each server is started to see how long that takes.
const starts = 7

// timesAhead is the goal of being several times as fast.
const timesAhead = 0.33

// crowd is how many people a pool has that is not empty.
const crowd = 1000

// compareServers measures two servers beside each other.
func compareServers(ctx context.Context, s *suite, ours, theirs poolServer) ([]row, error) {
	rows := make([]row, 0, 5)
	started, err := measureStarts(ctx, s, ours, theirs)
	if err != nil {
		return nil, err
	}
	started.What = ours.name + ", start to first answer"
	rows = append(rows, started)

	people := min(crowd, s.calls)
	var work [][]serverWork
	for _, server := range []poolServer{ours, theirs} {
		running, err := server.start(ctx)
		if err != nil {
			return nil, err
		}
		defer running.stop()
		prepared, err := prepareWork(ctx, running, people)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", server.name, err)
		}
		work = append(work, prepared)
	}
	for i, w := range work[0] {
		mine := measure.Candidate{Name: ours.name, Run: w.run}
		other := measure.Candidate{Name: theirs.name, Run: work[1][i].run}
		if mine.Name == other.Name {
			other.Name += " again"
		}
		r, err := s.wall(ctx, mine, other)
		if err != nil {
			return nil, err
		}
		row := r.row(mine.Name, other.Name, w.goal)
		row.What = ours.name + ", " + w.what
		rows = append(rows, row)
	}
	return rows, nil
}

// measureStarts starts the servers in turn.
func measureStarts(ctx context.Context, s *suite, ours, theirs poolServer) (row, error) {
	var mine, others []float64
	for range min(starts, s.rounds) {
		for _, turn := range []struct {
			server poolServer
			times  *[]float64
		}{{ours, &mine}, {theirs, &others}} {
			running, err := turn.server.start(ctx)
			if err != nil {
				return row{}, err
			}
			*turn.times = append(*turn.times, running.ready.Seconds())
			running.stop()
		}
	}
	return row{
		Against: theirs.name, Goal: timesAhead, Unit: "s", Ratio: measure.Describe(measure.Ratios(mine, others)),
		Ours: measure.Percentile(mine, 50), Theirs: measure.Percentile(others, 50),
	}, nil
}

// start runs the program and waits for its first answer.
func (p poolServer) start(ctx context.Context) (*runningServer, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "auth-bench-")
	if err != nil {
		return nil, err
	}
	command := p.command(port)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // only what is measured here
	cmd.Dir = dir
	s := &runningServer{cmd: cmd, dir: dir, url: fmt.Sprintf("http://127.0.0.1:%d/", port), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.awaitAnswer(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	s.ready = time.Since(began)
	return s, nil
}

// awaitAnswer asks until there is an answer, whatever it is.
func (s *runningServer) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, http.NoBody)
		if err != nil {
			return err
		}
		if res, err := s.client.Do(req); err == nil {
			return res.Body.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// stop ends the process and removes what it has written.
func (s *runningServer) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.client.CloseIdleConnections()
	_ = os.RemoveAll(s.dir)
}

func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// callers is how many clients there are where there is more than one.
const callers = 4

// serverWork is something that a server is asked for.
type serverWork struct {
	what string
	goal float64
	run  func(n int) error
}

// prepareWork makes pools with one user and with many.
func prepareWork(ctx context.Context, s *runningServer, people int) ([]serverWork, error) {
	empty, err := s.newPool(ctx, 1)
	if err != nil {
		return nil, err
	}
	full, err := s.newPool(ctx, people)
	if err != nil {
		return nil, err
	}
	token, err := s.signIn(ctx, full)
	if err != nil {
		return nil, err
	}
	signIn := func(client string) func() error {
		return func() error { _, err := s.signIn(ctx, client); return err }
	}
	// One client at a time waits for the network most of the time; what a
	// server gets done in a second shows when there are several.
	var work []serverWork
	for _, w := range []struct {
		what string
		once func() error
	}{
		{"USER_PASSWORD_AUTH, one user", signIn(empty)},
		{fmt.Sprintf("USER_PASSWORD_AUTH, %d users", people), signIn(full)},
		{"GetUser", func() error { return s.getUser(ctx, token) }},
	} {
		work = append(work,
			serverWork{w.what + ", one client", ahead, measure.Each(w.once)},
			serverWork{fmt.Sprintf("%s, %d clients", w.what, callers), timesAhead, atOnce(w.once)},
		)
	}
	return work, nil
}

// atOnce makes the Run of a candidate of a function that does the thing once
// and may be called by several clients at the same time.
func atOnce(once func() error) func(n int) error {
	return func(n int) error {
		var wg sync.WaitGroup
		errs := make([]error, callers)
		for i := range callers {
			wg.Go(func() { errs[i] = measure.Each(once)((n + i) / callers) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

const serverUser = "ana@example.com"

// newPool makes a pool with people and returns the id of its client.
func (s *runningServer) newPool(ctx context.Context, people int) (client string, err error) {
	var pool struct {
		UserPool struct {
			ID string `json:"Id"`
		}
	}
	if err := s.call(ctx, "CreateUserPool", m{"PoolName": "bench", "UsernameAttributes": []string{"email"}}, &pool); err != nil {
		return "", err
	}
	id := pool.UserPool.ID
	var made struct {
		UserPoolClient struct {
			ClientID string `json:"ClientId"`
		}
	}
	flows := []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
	if err := s.call(ctx, "CreateUserPoolClient", m{"UserPoolId": id, "ClientName": "bench", "ExplicitAuthFlows": flows}, &made); err != nil {
		return "", err
	}
	for i := range people {
		name := serverUser
		if i > 0 {
			name = fmt.Sprintf("user%d@example.com", i)
		}
		attributes := []m{{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}}
		err := errors.Join(
			s.call(ctx, "AdminCreateUser", m{"UserPoolId": id, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": attributes}, nil),
			s.call(ctx, "AdminSetUserPassword", m{"UserPoolId": id, "Username": name, "Password": srpPassword, "Permanent": true}, nil),
		)
		if err != nil {
			return "", err
		}
	}
	return made.UserPoolClient.ClientID, nil
}

// signIn returns the access token.
func (s *runningServer) signIn(ctx context.Context, client string) (string, error) {
	var out struct{ AuthenticationResult struct{ AccessToken string } }
	err := s.call(ctx, "InitiateAuth", m{
		"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": m{"USERNAME": serverUser, "PASSWORD": srpPassword},
	}, &out)
	if err == nil && out.AuthenticationResult.AccessToken == "" {
		err = errNotSignedIn
	}
	return out.AuthenticationResult.AccessToken, err
}

func (s *runningServer) getUser(ctx context.Context, token string) error {
	var out struct{ UserAttributes []m }
	err := s.call(ctx, "GetUser", m{"AccessToken": token}, &out)
	if err == nil && len(out.UserAttributes) == 0 {
		err = errNoAnswer
	}
	return err
}

// m is a request as it goes over the wire.
type m map[string]any

// call sends a request and reads its answer into out, if that is not nil.
func (s *runningServer) call(ctx context.Context, operation string, in m, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", amzJSON)
	req.Header.Set("X-Amz-Target", targetPrefix+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=bench")
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", operation, res.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
