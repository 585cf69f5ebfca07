package cognito

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitokit/auth/internal/wire"
)

// serveVariable makes the test binary a server, for the benchmark below: an
// answer must come from another process to come as early as it can.
const serveVariable = "COGNITO_BENCH_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		serve()
		return
	}
	os.Exit(m.Run())
}

// benchAnswer has the size of a sign-in's: three tokens, 4.5 kB.
var benchAnswer = []byte(`{"AuthenticationResult":{"AccessToken":"` + strings.Repeat("a", 1200) + `","IdToken":"` +
	strings.Repeat("i", 1300) + `","RefreshToken":"` + strings.Repeat("r", 1900) + `","ExpiresIn":3600,"TokenType":"Bearer"},"ChallengeParameters":{}}`)

// serve answers at once until its standard input ends.
func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, "http://"+listener.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	err = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ContentType)
		_, _ = w.Write(benchAnswer)
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// startServer runs serve in a process of its own.
func startServer(b *testing.B) (url string) {
	b.Helper()
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), program)
	cmd.Env = append(os.Environ(), serveVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// BenchmarkLoopback measures single calls over loopback, each in turn with a
// bare POST, and reports the percentiles side by side. Run it with
// -benchtime=3000x or more: the tail is the point. The goal is a p99-ratio of
// at most 2; the AWS client as it comes is there for comparison.
func BenchmarkLoopback(b *testing.B) {
	url := startServer(b)
	shared := aws.Config{Region: "eu-west-1", BaseEndpoint: &url}
	params := map[string]string{"USERNAME": "ana@example.com", "PASSWORD": "Pa55w0rd!"}

	ours := mustNew(b, Config{AWS: &shared})
	defer ours.HTTPClient().CloseIdleConnections()
	b.Run("ours", func(b *testing.B) {
		compare(b, url, func(ctx context.Context) error {
			_, err := ours.InitiateAuth(ctx, AuthRequest{Flow: wire.FlowUserPassword, Params: params})
			return err
		})
	})
	stock := idp.NewFromConfig(shared)
	b.Run("aws", func(b *testing.B) {
		compare(b, url, func(ctx context.Context) error {
			_, err := stock.InitiateAuth(ctx, &idp.InitiateAuthInput{
				ClientId: aws.String(testClient), AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: params,
			})
			return err
		})
	})
}

// compare times call and a bare POST of the same size, each going first in
// every other round.
func compare(b *testing.B, url string, call func(context.Context) error) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	body := []byte(`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":"` + testClient +
		`","AuthParameters":{"USERNAME":"ana@example.com","PASSWORD":"Pa55w0rd!"}}`)
	bare := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		_, err = io.ReadAll(res.Body)
		return err
	}
	var took, bareTook []time.Duration
	timed := func(call func(context.Context) error, took *[]time.Duration) {
		start := time.Now()
		if err := call(b.Context()); err != nil {
			b.Fatal(err)
		}
		*took = append(*took, time.Since(start))
	}
	for b.Loop() {
		if len(took)%2 == 0 {
			timed(bare, &bareTook)
			timed(call, &took)
		} else {
			timed(call, &took)
			timed(bare, &bareTook)
		}
	}
	slices.Sort(took)
	slices.Sort(bareTook)
	for _, p := range []float64{50, 99, 99.9} {
		of, bareOf := percentile(took, p), percentile(bareTook, p)
		b.ReportMetric(of.Seconds()*1e3, fmt.Sprintf("p%v-ms", p))
		b.ReportMetric(of.Seconds()/bareOf.Seconds(), fmt.Sprintf("p%v-ratio", p))
	}
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
}

func percentile(sorted []time.Duration, p float64) time.Duration {
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}

// BenchmarkInMemory measures a call without a network.
func BenchmarkInMemory(b *testing.B) {
	answer := reply(http.StatusOK, string(benchAnswer))
	c := mustNew(b, Config{HTTPClient: &http.Client{Transport: roundTripFunc(answer)}})
	params := map[string]string{"USERNAME": "ana@example.com", "PASSWORD": "Pa55w0rd!"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.InitiateAuth(b.Context(), AuthRequest{Flow: wire.FlowUserPassword, Params: params}); err != nil {
			b.Fatal(err)
		}
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
