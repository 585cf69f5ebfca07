package cognito

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/cognitokit/auth/internal/wire"
)

const (
	maxAttempts = 3

	// firstPause is the longest pause before the second attempt. It doubles for
	// the third; a person is waiting.
	firstPause = 200 * time.Millisecond
)

// newStandard returns the part of retrying that calls share: how many attempts,
// and a budget that keeps a failing service from being asked ever more. The
// shared configuration can lower the number of attempts.
func newStandard(shared aws.Config) *retry.Standard {
	attempts := maxAttempts
	if n := shared.RetryMaxAttempts; n > 0 {
		attempts = min(attempts, n)
	}
	if shared.Retryer != nil {
		if n := shared.Retryer().MaxAttempts(); n > 0 {
			attempts = min(attempts, n)
		}
	}
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
}

// retryer decides about the attempts of one call. It asks the transport's
// record rather than the AWS client's error, which does not tell whether a
// request left this host.
type retryer struct {
	*retry.Standard
	exchange   *exchange
	repeatable bool
}

// GetAttemptToken is called before each attempt.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.exchange.last = answer{}
	return r.Standard.GetAttemptToken(ctx)
}

func (r *retryer) IsErrorRetryable(err error) bool {
	if untrusted(err) {
		return false // the next look will find the same certificate
	}
	switch a := r.exchange.last; {
	case a.failure == CodeNetwork && !a.sent:
		return true
	case a.throttled():
		return true
	case !r.repeatable:
		return false
	case a.failure == CodeNetwork:
		return true
	default:
		switch a.status {
		case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
}

// RetryDelay counts attempts from the record: what the AWS client hands in
// depends on the environment.
func (r *retryer) RetryDelay(int, error) (time.Duration, error) {
	half := firstPause / 2 << max(0, r.exchange.attempts-1)
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return half + time.Duration(binary.NativeEndian.Uint64(b[:])%uint64(half)), nil
}

// throttled reports whether the service turned the request away for its rate
// and so did nothing. LimitExceededException is no such answer, with whatever
// status: it is about a person's attempts.
func (a answer) throttled() bool {
	switch a.code {
	case wire.ExceptionTooManyRequests, "ThrottlingException", "Throttling":
		return true
	case CodeHTTP:
		return a.status == http.StatusTooManyRequests
	default:
		return false
	}
}
