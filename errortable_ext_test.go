package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, http.StatusOK},
		{"an operation's", &auth.Error{Code: auth.ErrCodeMismatch}, http.StatusBadRequest},
		{"wrapped", fmt.Errorf("handler: %w", &auth.Error{Code: auth.ErrUserDisabled}), http.StatusForbidden},
		{"several inputs", errors.Join(&auth.Error{Code: auth.ErrInvalidInput}, &auth.Error{Code: auth.ErrCustomAuthSignInPassword}), http.StatusBadRequest},
		{"a bare code", fmt.Errorf("handler: %w", auth.ErrNotSignedIn), http.StatusUnauthorized},
		{"what ended an operation, not what it wraps", &auth.Error{Code: auth.ErrInternal, Err: auth.ErrNotSignedIn}, http.StatusInternalServerError},
		{"a bare code without a row", auth.ErrorCode("QuantumFluxException"), http.StatusInternalServerError},
		{"a code without a row", &auth.Error{Code: "QuantumFluxException"}, http.StatusInternalServerError},
		{"a refused token", fmt.Errorf("handler: %w", &tokens.Error{Code: tokens.ErrExpired}), http.StatusUnauthorized},
		{"no token", tokens.ErrNotFound, http.StatusUnauthorized},
		{"no keys", tokens.ErrKeysUnavailable, http.StatusServiceUnavailable},
		{"a deadline", fmt.Errorf("handler: %w", context.DeadlineExceeded), http.StatusGatewayTimeout},
		{"a client that went away", context.Canceled, http.StatusGatewayTimeout},
		{"of other origin", io.EOF, http.StatusInternalServerError},
	}
	for _, tt := range tests {
		if got := auth.HTTPStatus(tt.err); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// Whether the user exists is in neither the status nor the suggestion, even
// where the pool says it.
func TestWrongPasswordAndUnknownUserLookAlike(t *testing.T) {
	t.Parallel()
	for _, hidden := range []bool{false, true} {
		for _, flow := range []auth.AuthFlow{auth.AuthFlowUserPassword, auth.AuthFlowUserSRP} {
			t.Run(fmt.Sprintf("%s/hidden %t", flow, hidden), func(t *testing.T) {
				t.Parallel()
				pool := newPool(t, authtest.Config{PreventUserExistenceErrors: hidden})
				addUser(t, pool, "ana")
				s := newSession(t, pool, "s")
				_, wrong := begin(t, s, "ana", "Wrong-horse-1", flow)
				_, unknown := begin(t, s, "bob", thePassword, flow)
				wantCode(t, wrong, auth.ErrNotAuthorized)
				if is := auth.CodeOf(unknown) == auth.ErrUserNotFound; is == hidden {
					t.Fatalf("an unknown user: got error %v", unknown)
				}
				for _, err := range []error{wrong, unknown} {
					status, advice := auth.HTTPStatus(err), auth.CodeOf(err).RecoverySuggestion()
					if status != http.StatusUnauthorized || advice != auth.ErrNotAuthorized.RecoverySuggestion() {
						t.Errorf("%v: got %d %q", err, status, advice)
					}
				}
			})
		}
	}
}

// Statuses of errors that a pool, or the way to it, brings about.
func TestHTTPStatusOfOperations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault authtest.Fault
		want  int
	}{
		{"throttled", authtest.Fault{Code: string(auth.ErrTooManyRequests), Times: 3}, http.StatusTooManyRequests},
		{"failed", authtest.Fault{Code: string(auth.ErrInternalError), Times: 3}, http.StatusServiceUnavailable},
		{"not reached", authtest.Fault{DropRequest: true, Times: 3}, http.StatusBadGateway},
		{"a proxy's page", authtest.Fault{HTML: true, Times: 3}, http.StatusBadGateway},
		{"a firewall's page", authtest.Fault{HTML: true, Status: http.StatusForbidden}, http.StatusBadGateway},
		{"a new exception", authtest.Fault{Code: "QuantumFluxException"}, http.StatusBadGateway},
		{"a trigger refused", authtest.Fault{Code: string(auth.ErrUserLambdaValidation)}, http.StatusForbidden},
		{"a trigger failed", authtest.Fault{Code: string(auth.ErrUnexpectedLambda)}, http.StatusBadGateway},
		{"no such pool", authtest.Fault{Code: string(auth.ErrResourceNotFound), Message: "User pool eu-west-1_abc does not exist."}, http.StatusInternalServerError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			theCaller("SignIn", "InitiateAuth").meet(t, tt.fault, func(t *testing.T, err error, _ *recorder) {
				if got := auth.HTTPStatus(err); err == nil || got != tt.want {
					t.Errorf("%v: got %d, want %d", err, got, tt.want)
				}
			})
		})
	}
	t.Run("locked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			pool := newPool(t, authtest.Config{})
			addUser(t, pool, "ana")
			s := newSession(t, pool, "s")
			for range 5 {
				_, err := begin(t, s, "ana", "Wrong-horse-1", auth.AuthFlowUserPassword)
				wantCode(t, err, auth.ErrNotAuthorized)
			}
			_, err := begin(t, s, "ana", thePassword, auth.AuthFlowUserPassword)
			wantCode(t, err, auth.ErrPasswordAttemptsExceeded)
			if got := auth.HTTPStatus(err); got != http.StatusTooManyRequests {
				t.Errorf("locked: got %d", got)
			}
		})
	})
}
