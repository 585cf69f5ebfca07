package authtest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
)

// sdk returns the AWS client of what a transport leads to.
func sdk(transport http.RoundTripper) *cip.Client {
	return cip.New(cip.Options{
		Region: "eu-west-1", HTTPClient: used(&http.Client{Transport: transport}), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil // the pool looks at no more than the form
		}),
	})
}

// must returns the answer to an operation that must succeed.
func must[Output any](t testing.TB) func(*Output, error) *Output {
	return func(out *Output, err error) *Output {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// refused reports an error that is not the one of the service.
func refused(t testing.TB, err error, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code || e.ErrorMessage() != message {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

// withSignature signs every request, in form.
type withSignature struct{ http.RoundTripper }

func (t withSignature) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x")
	return t.RoundTripper.RoundTrip(r)
}
