package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// serveVariable makes this program a server for the measurement of calls. An
// answer must come from another process to come as early as it can, which is
// when clients that are not ready for it break.
const serveVariable = "AUTH_BENCH_SERVE"

// script is what the server answers, by operation and to a GET.
type script struct {
	SignIn json.RawMessage `json:"signIn"`
	Resend json.RawMessage `json:"resend"`
	KeySet json.RawMessage `json:"keySet"`
}

const (
	amzJSON      = "application/x-amz-json-1.1"
	targetPrefix = "AWSCognitoIdentityProviderService."
)

// ServeHTTP answers without looking at the request's body.
func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	contentType, answer := amzJSON, s.SignIn
	switch {
	case r.Method == http.MethodGet:
		contentType, answer = "application/json", s.KeySet
	case r.Header.Get("X-Amz-Target") == targetPrefix+"ResendConfirmationCode":
		answer = s.Resend
	}
	w.Header().Set("Content-Type", contentType)
	w.Write(answer)
}

// serveCalls is the server's process: it reads a script from in, writes its
// URL to out, and answers every request at once until in ends.
func serveCalls(in io.Reader, out io.Writer) error {
	var s script
	stdin := bufio.NewReader(in)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, &s); err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: &s, ReadHeaderTimeout: 10 * time.Second}
	if _, err := fmt.Fprintln(out, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startServer runs serveCalls in a process of its own. The function returned
// ends it.
func startServer(ctx context.Context, s script) (url string, stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, program) //nolint:gosec // this very program
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	if _, err := in.Write(append(text, '\n')); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return strings.TrimSpace(url), stop, nil
}
