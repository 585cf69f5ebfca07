package cognito

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/internal/wire"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	repeatable := []string{
		"DeleteUserAttributes", "GetDevice", "GetUser", "GetUserAuthFactors", "ListDevices", "ListWebAuthnCredentials",
		"RevokeToken", "SetUserMFAPreference", "StartWebAuthnRegistration", "UpdateDeviceStatus",
	}
	all := slices.Collect(maps.Keys(calls()))
	tests := []struct {
		name    string
		failure answerFunc
		retried []string // the operations that are sent again
	}{
		{"connection refused", fail(refused()), all},
		{"throttled", exception("TooManyRequestsException", "Rate exceeded"), all},
		{"throttled, status of the model", reply(429, `{"__type":"TooManyRequestsException"}`), all},
		{"throttled by the front end", exception("ThrottlingException", "Rate exceeded"), all},
		{"throttled by a proxy", reply(429, `<h1>Too Many Requests</h1>`), all},
		{"limit exceeded", exception("LimitExceededException", "Attempt limit exceeded, please try after some time."), nil},
		{"limit exceeded, status of throttling", reply(429, `{"__type":"LimitExceededException"}`), nil},
		// Behavior 6: a server fault is retried for GetUser, and never for an
		// answer to a challenge.
		{"server fault", reply(500, `{"__type":"InternalErrorException"}`), repeatable},
		{"server fault, page", reply(502, `<h1>Bad Gateway</h1>`), repeatable},
		{"service unavailable", reply(503, ``), repeatable},
		{"gateway timeout", reply(504, ``), repeatable},
		{"version of HTTP", reply(505, ``), nil},
		{"answer lost", fail(io.ErrUnexpectedEOF), repeatable},
		{"half an answer", halfAnswer, repeatable},
		{"answer too long", endless(http.StatusOK), nil},
		{"page as a success", reply(200, `<h1>Log in</h1>`), nil},
		{"refused by the service", exception("NotAuthorizedException", "m"), nil},
		{"refused by a firewall", reply(403, `<h1>Blocked</h1>`), nil},
		{"untrusted certificate", fail(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), nil},
	}
	for _, tt := range tests {
		for op, call := range calls() {
			t.Run(tt.name+", "+op, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, s := newTestClient(t, "", tt.failure, reply(http.StatusOK, fullAnswer))
					err := call(t.Context(), c)
					want := []string{op}
					if slices.Contains(tt.retried, op) {
						want = []string{op, op}
					}
					if diff := cmp.Diff(want, s.ops()); diff != "" {
						t.Errorf("requests (-want +got):\n%s", diff)
					}
					if got := err == nil; got != (len(want) == 2) {
						t.Errorf("error = %v after %d requests", err, len(want))
					}
					for _, again := range s.requests[1:] {
						if diff := cmp.Diff(s.requests[0].raw, again.raw); diff != "" {
							t.Errorf("body of the second attempt (-first +second):\n%s", diff)
						}
					}
				})
			})
		}
	}
}

// A failure that stays is reported after three attempts and two growing pauses.
func TestRetryPauses(t *testing.T) {
	t.Parallel()
	for range 20 { // the pauses are random
		synctest.Test(t, func(t *testing.T) {
			var at []time.Duration
			start := time.Now()
			c, s := newTestClient(t, "", func(r *http.Request) (*http.Response, error) {
				at = append(at, time.Since(start))
				return exception("TooManyRequestsException", "Rate exceeded")(r)
			})
			_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana", Password: "pw"})
			e := serviceError(t, err)
			if e.Code != wire.ExceptionTooManyRequests || e.Message != "Rate exceeded" || e.Status != 400 || e.RequestID == "" {
				t.Errorf("error = %v, message %q, status %d, request %q", e, e.Message, e.Status, e.RequestID)
			}
			if e.MaybeProcessed {
				t.Error("MaybeProcessed after nothing but throttling")
			}
			if _, ok := errors.AsType[*retry.MaxAttemptsError](err); !ok {
				t.Errorf("no *retry.MaxAttemptsError in %v", e.Err)
			}
			if len(s.requests) != 3 {
				t.Fatalf("%d requests, want 3", len(s.requests))
			}
			if first := at[1] - at[0]; first < 100*time.Millisecond || first >= 200*time.Millisecond {
				t.Errorf("first pause = %v, want 100 to 200 ms", first)
			}
			if second := at[2] - at[1]; second < 200*time.Millisecond || second >= 400*time.Millisecond {
				t.Errorf("second pause = %v, want 200 to 400 ms", second)
			}
			for i, want := range []string{"attempt=1; max=3", "attempt=2; max=3", "attempt=3; max=3"} {
				if got := s.requests[i].header.Get("Amz-Sdk-Request"); got != want {
					t.Errorf("Amz-Sdk-Request = %q, want %q", got, want)
				}
			}
		})
	}
}

// Behavior 7: a context that ends during the pause ends the call at once, with
// its error.
func TestRetryPauseEndsWithContext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		limit func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		{"canceled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		{"canceled with a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(50*time.Millisecond, func() { cancel(errors.New("shutting down")) })
			return ctx, func() { cancel(nil) }
		}, context.Canceled},
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		}, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := newTestClient(t, "", exception("TooManyRequestsException", "Rate exceeded"))
				ctx, cancel := tt.limit(t.Context())
				defer cancel()
				start := time.Now()
				_, err := c.GetUser(ctx, "at")
				if got := time.Since(start); got != 50*time.Millisecond {
					t.Errorf("returned after %v, want 50ms", got)
				}
				if e := serviceError(t, err); e.Code != CodeCanceled || e.Op != "GetUser" || e.MaybeProcessed || e.Status != 0 {
					t.Errorf("error = %v, maybe processed %t, status %d, want %s", e, e.MaybeProcessed, e.Status, CodeCanceled)
				}
				if !errors.Is(err, tt.want) {
					t.Errorf("error = %v, want one that is %v", errors.Unwrap(err), tt.want)
				}
				if n := len(s.requests); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}

func TestContextEndedDuringRequest(t *testing.T) {
	t.Parallel()
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return fail(context.Cause(r.Context()))(r)
	}
	tests := []struct {
		name  string
		cause error
	}{
		{"canceled", nil},
		{"canceled with a cause", errors.New("shutting down")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, s := newTestClient(t, "", hang)
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				time.AfterFunc(time.Second, func() { cancel(tt.cause) })
				_, err := c.GetUser(ctx, "at")
				e := serviceError(t, err)
				if e.Code != CodeCanceled || !errors.Is(err, context.Canceled) {
					t.Errorf("error = %v: %v, want %s", e, e.Err, CodeCanceled)
				}
				if !e.MaybeProcessed {
					t.Error("MaybeProcessed = false although the request was sent")
				}
				if n := len(s.requests); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
			})
		})
	}
}

// An answer that arrived counts, even if nobody waits for it any more.
func TestContextEndedAfterAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := newTestClient(t, "", func(r *http.Request) (*http.Response, error) {
		cancel()
		return exception("NotAuthorizedException", "m")(r)
	})
	err := c.RevokeToken(ctx, "rt")
	if e := serviceError(t, err); e.Code != wire.ExceptionNotAuthorized || e.MaybeProcessed {
		t.Errorf("error = %v, maybe processed %t", e, e.MaybeProcessed)
	}
}

func TestContextEndedBeforeRequest(t *testing.T) {
	t.Parallel()
	c, s := newTestClient(t, "", reply(http.StatusOK, fullAnswer))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for op, call := range calls() {
		err := call(ctx, c)
		if e := serviceError(t, err); e.Code != CodeCanceled || !errors.Is(err, context.Canceled) || e.MaybeProcessed || e.Op != op {
			t.Errorf("%s: error = %v: %v, maybe processed %t", op, e, e.Err, e.MaybeProcessed)
		}
	}
	if len(s.requests) != 0 {
		t.Errorf("%d requests, want none", len(s.requests))
	}
}

// The timeout of the HTTP client is the network's failure, not the caller's.
func TestTimeoutOfHTTPClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{answers: []answerFunc{func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}}
		c := mustNew(t, Config{HTTPClient: &http.Client{Transport: s, Timeout: time.Second}})
		_, err := c.SignUp(t.Context(), SignUpInput{Username: "ana"})
		if e := serviceError(t, err); e.Code != CodeNetwork || !e.MaybeProcessed {
			t.Errorf("error = %v, maybe processed %t, want %s, true", e, e.MaybeProcessed, CodeNetwork)
		}
	})
}

// MaybeProcessed speaks of all attempts: a lost answer is not undone by the
// certain failure of the next attempt.
func TestMaybeProcessedOfAllAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newTestClient(t, "", fail(io.ErrUnexpectedEOF), fail(refused()))
		err := c.RevokeToken(t.Context(), "rt")
		if e := serviceError(t, err); !e.MaybeProcessed || e.Code != CodeNetwork {
			t.Errorf("error = %v, maybe processed %t, want true", e, e.MaybeProcessed)
		}
	})
}

// The last attempt decides the code, even if it did not get as far as an
// earlier one.
func TestLastAttemptDecides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := newTestClient(t, "", reply(503, `<p>busy</p>`), fail(refused()), exception("NotAuthorizedException", "m"))
		_, err := c.GetUser(t.Context(), "at")
		if e := serviceError(t, err); e.Code != wire.ExceptionNotAuthorized || e.Body != "" || e.Status != 400 {
			t.Errorf("error = %v, body %q, status %d", e, e.Body, e.Status)
		}
	})
}

// A service that keeps failing is asked less and less.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := newTestClient(t, "", exception("TooManyRequestsException", "Rate exceeded"))
		const n = 100
		for range n {
			_, err := c.GetUser(t.Context(), "at")
			if e := serviceError(t, err); e.Code != wire.ExceptionTooManyRequests {
				t.Fatalf("error = %v", e)
			}
		}
		if got, want := len(s.requests), n+int(retry.DefaultRetryRateTokens/retry.DefaultRetryCost); got != want {
			t.Errorf("%d requests for %d calls, want %d", got, n, want)
		}
	})
}

// The AWS configuration can lower the number of attempts, not raise it.
func TestAttemptsOfAWSConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cfg  aws.Config
		want int
	}{
		{"default", aws.Config{}, 3},
		{"one", aws.Config{RetryMaxAttempts: 1}, 1},
		{"two", aws.Config{RetryMaxAttempts: 2}, 2},
		{"ten", aws.Config{RetryMaxAttempts: 10}, 3},
		{"retryer that does not retry", aws.Config{Retryer: func() aws.Retryer { return aws.NopRetryer{} }}, 1},
		{"retryer without end", aws.Config{Retryer: func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 0) }}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{answers: []answerFunc{fail(refused())}}
				c := mustNew(t, Config{AWS: &tt.cfg, HTTPClient: &http.Client{Transport: s}})
				if _, err := c.GetUser(t.Context(), "at"); err == nil {
					t.Error("no error")
				}
				if got := len(s.requests); got != tt.want {
					t.Errorf("%d attempts, want %d", got, tt.want)
				}
			})
		})
	}
}
