package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// A program is a sandbox that runs in this process, as main runs it.
type program struct {
	endpoint string
	stop     func() error // and wait for its end
}

func launch(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-log", "error"}, args...), writer, io.Discard)
		writer.Close()
	}()
	p := &program{stop: func() error {
		cancel()
		return <-ended
	}}
	if p.endpoint = endpointIn(t, stdout); p.endpoint == "" {
		t.Fatalf("the sandbox did not start: %v", p.stop())
	}
	return p
}

// endpointIn reads the endpoint from what a sandbox prints, and reads on, so
// that it is not held up.
func endpointIn(t *testing.T, stdout io.Reader) (endpoint string) {
	t.Helper()
	lines := bufio.NewScanner(stdout)
	for endpoint == "" && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "  Endpoint"); ok {
			endpoint = strings.TrimSpace(text)
		}
	}
	go io.Copy(io.Discard, stdout)
	return endpoint
}

type anyCredentials struct{}

func (anyCredentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "sandbox", SecretAccessKey: "sandbox"}, nil
}

func (p *program) sdk() *cip.Client {
	return cip.New(cip.Options{Region: "eu-west-1", Credentials: anyCredentials{}, BaseEndpoint: &p.endpoint, RetryMaxAttempts: 1})
}

// TestSignUpWithSDK is a test in another language: it signs somebody up, waits
// for the code, and signs in with the AWS SDK.
func TestSignUpWithSDK(t *testing.T) {
	t.Parallel()
	p := launch(t, "-memory")
	client, ctx := p.sdk(), t.Context()
	code := make(chan string, 1)
	go func() {
		res, err := http.Get(p.endpoint + "/_sandbox/messages?user=ana@example.com&kind=SignUp&wait=30s")
		if err != nil {
			t.Error(err)
			close(code)
			return
		}
		defer res.Body.Close()
		var inbox struct{ Messages []struct{ Code string } }
		if err := json.NewDecoder(res.Body).Decode(&inbox); err != nil || len(inbox.Messages) != 1 {
			t.Errorf("got messages %v, error %v", inbox, err)
			close(code)
			return
		}
		code <- inbox.Messages[0].Code
	}()
	id := aws.String(defaultClientID)
	if _, err := client.SignUp(ctx, &cip.SignUpInput{ClientId: id, Username: aws.String("ana@example.com"), Password: aws.String("Correct-horse-1")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ConfirmSignUp(ctx, &cip.ConfirmSignUpInput{ClientId: id, Username: aws.String("ana@example.com"), ConfirmationCode: aws.String(<-code)}); err != nil {
		t.Fatal(err)
	}
	out, err := client.InitiateAuth(ctx, &cip.InitiateAuthInput{
		ClientId: id, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "ana@example.com", "PASSWORD": "Correct-horse-1"},
	})
	if err != nil || out.AuthenticationResult == nil {
		t.Fatalf("got %+v, error %v", out, err)
	}
	pools, err := client.ListUserPools(ctx, &cip.ListUserPoolsInput{MaxResults: aws.Int32(10)})
	if err != nil || len(pools.UserPools) != 1 || *pools.UserPools[0].Id != "eu-west-1_sandbox01" {
		t.Errorf("got pools %+v, error %v", pools, err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

// TestStopLetsGo stops a sandbox that a browser watches.
func TestStopLetsGo(t *testing.T) {
	t.Parallel()
	p := launch(t, "-memory")
	events, err := http.Get(p.endpoint + "/_sandbox/page/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if text, err := io.ReadAll(events.Body); err != nil || !strings.HasPrefix(string(text), "retry: 1000\n") {
		t.Errorf("the stream was %q, error %v", text, err)
	}
}

// TestDrain stops a server with a request that takes its time, and with one
// that takes too much.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		drain time.Duration
		ends  bool // whether the request ends by itself when the server stops
	}{{"in time", time.Minute, true}, {"too late", time.Millisecond, false}} {
		ctx, stop := context.WithCancel(t.Context())
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		begun, stopped := make(chan struct{}), make(chan struct{})
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(begun)
			if tt.ends {
				<-stopped
				w.WriteHeader(http.StatusTeapot)
				return
			}
			<-r.Context().Done()
		})}
		server.RegisterOnShutdown(func() { close(stopped) })
		ended := make(chan error, 1)
		go func() { ended <- serveUntil(ctx, server, listener, tt.drain, slog.New(slog.DiscardHandler)) }()
		answered := make(chan int, 1)
		go func() {
			res, err := http.Get("http://" + listener.Addr().String())
			if err != nil {
				answered <- 0
				return
			}
			res.Body.Close()
			answered <- res.StatusCode
		}()
		<-begun
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%s: got error %v", tt.name, err)
		}
		if got := <-answered; (got == http.StatusTeapot) != tt.ends {
			t.Errorf("%s: the request was answered with %d", tt.name, got)
		}
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string // on standard error
	}{
		{"help", []string{"-help"}, 0, "not for production"},
		{"an unknown flag", []string{"-x"}, 2, "flag provided but not defined"},
		{"a certificate without its key", []string{"-cert", "x.pem"}, 1, "-cert and -key go together"},
		{"no such certificate", []string{"-addr", "127.0.0.1:0", "-memory", "-cert", "x.pem", "-key", "y.pem"}, 1, "x.pem"},
		{"an argument", []string{"x"}, 1, `the argument "x"`},
		{"a host with a port", []string{"-host", "sandbox:80"}, 2, "without scheme and port"},
		{"no host", []string{"-host", ""}, 2, "without scheme and port"},
		{"an unknown level", []string{"-log", "loud"}, 2, "loud"},
		{"an address in use", []string{"-addr", taken.Addr().String()}, 1, "address already in use"},
		{"a bad issuer", []string{"-addr", "127.0.0.1:0", "-memory", "-issuer", "x"}, 1, "IssuerBase must be an absolute URL"},
		{"a bad region", []string{"-addr", "127.0.0.1:0", "-memory", "-region", "Europe"}, 1, "Region must look like eu-west-1"},
		{"a bad Lambda endpoint", []string{"-addr", "127.0.0.1:0", "-memory", "-lambda", "x"}, 1, "LambdaEndpoint must be an absolute URL"},
	} {
		var stderr strings.Builder
		err := run(t.Context(), tt.args, io.Discard, &stderr)
		code := exitCode(err, &stderr)
		if code != tt.code || !strings.Contains(stderr.String(), tt.want) || strings.Count(stderr.String(), "cognito-sandbox:") > 1 {
			t.Errorf("%s: got code %d, %s", tt.name, code, stderr.String())
		}
		if (code == 0) != errors.Is(err, flag.ErrHelp) {
			t.Errorf("%s: got error %v", tt.name, err)
		}
	}
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		args []string
		want func(endpoint string) string
	}{
		{"the service's", nil, func(string) string { return "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_sandbox01" }},
		{"the sandbox's", []string{"-issuer", "self"}, func(endpoint string) string { return endpoint + "/eu-west-1_sandbox01" }},
		{"another one", []string{"-issuer", "https://id.example.com/pools/"}, func(string) string { return "https://id.example.com/pools/eu-west-1_sandbox01" }},
	} {
		p := launch(t, append(tt.args, "-memory")...)
		res, err := http.Get(p.endpoint + "/eu-west-1_sandbox01/.well-known/openid-configuration")
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Issuer string }
		err = json.NewDecoder(res.Body).Decode(&got)
		res.Body.Close()
		if want := tt.want(p.endpoint); err != nil || got.Issuer != want {
			t.Errorf("%s: got issuer %q, want %q, error %v", tt.name, got.Issuer, want, err)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr string
		want about
	}{
		{"127.0.0.1:1234", about{endpoint: "http://127.0.0.1:1234", address: "127.0.0.1"}},
		{"[::1]:1234", about{endpoint: "http://[::1]:1234", address: "::1"}},
		{"0.0.0.0:1234", about{endpoint: "http://localhost:1234", open: true}},
		{"[::]:1234", about{endpoint: "http://localhost:1234", open: true}},
		{"192.0.2.7:1234", about{endpoint: "http://192.0.2.7:1234", address: "192.0.2.7", open: true}},
	} {
		addr, err := net.ResolveTCPAddr("tcp", tt.addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := describe(addr); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.addr, got, tt.want)
		}
	}
	if got := describe(&net.UnixAddr{Name: "/socket"}); !got.open {
		t.Errorf("got %+v", got)
	}
}
