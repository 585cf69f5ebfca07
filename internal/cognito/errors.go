package cognito

import (
	"context"
	"errors"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Codes of failures that are not exceptions of Cognito.
const (
	// CodeHTTP is an answer that is not Cognito's: the HTML page of a firewall
	// or proxy, a redirect, JSON without an exception. Status and Body tell more.
	CodeHTTP = "HTTPError"

	// CodeNetwork is a request without an answer, or with half of one. The
	// timeout of the HTTP client is among these, and looks to [errors.Is] like
	// [context.DeadlineExceeded].
	CodeNetwork = "NetworkError"

	// CodeCanceled is a call that its context ended. [errors.Is] tells
	// [context.Canceled] from [context.DeadlineExceeded].
	CodeCanceled = "Canceled"

	// CodeMalformed is a success that does not hold what it should.
	CodeMalformed = "MalformedResponse"

	// CodeTooLarge is an answer longer than 1 MiB.
	CodeTooLarge = "ResponseTooLarge"

	// CodeNotSent is a request that could not be made, a fault of this side.
	CodeNotSent = "RequestNotSent"
)

// ServiceError is a failed call. Its text, in every format, is the operation
// and the code: the service's own words can quote what a person typed.
type ServiceError struct {
	// Op is the operation, such as "SignUp".
	Op string

	// Code is the name of the exception, such as "UsernameExistsException", or
	// one of the Code constants of this package. Unknown names pass through.
	Code string

	// Message is the service's text, empty if it gave none. It can quote a
	// person's input and the words of a Lambda trigger.
	Message string `json:"-"`

	// RequestID is the service's id of the request, empty if it did not answer.
	RequestID string

	// Status is the HTTP status of the answer, 0 if there was none.
	Status int

	// Body is the beginning of an answer that was not Cognito's: its text
	// without markup, without the values of the request, at most 256 characters.
	Body string `json:"-"`

	// MaybeProcessed is true if the service may have acted on the request
	// although an error came back: the answer was lost, incomplete or a failure
	// of the server. It is false if no request left this host or the service
	// refused it.
	MaybeProcessed bool

	// Err is the cause, as a rule the AWS client's error with its exception type.
	// Its text is not free of secrets.
	Err error `json:"-"`
}

func (e *ServiceError) Error() string { return "cognito: " + e.Op + ": " + e.Code }

// Unwrap returns the cause.
func (e *ServiceError) Unwrap() error { return e.Err }

// newServiceError makes the error of a failed call from what the transport saw
// of its attempts, with err as the cause.
func newServiceError(ctx context.Context, op string, x *exchange, err error) *ServiceError {
	e := &ServiceError{Op: op, MaybeProcessed: x.maybeProcessed, Err: err}
	if d, ok := errors.AsType[*smithy.DeserializationError](err); ok {
		d.Snapshot = nil // the beginning of the answer, which may hold tokens
	}
	if ended := ctx.Err(); ended != nil && errors.Is(err, ended) {
		e.Code = CodeCanceled
		return e
	}
	a := x.last
	e.Status, e.RequestID, e.Message, e.Body = a.status, a.requestID, a.message, a.snippet
	switch {
	case a == (answer{}): // the last attempt did not get as far as the transport
		e.Code = CodeNotSent
	case a.failure != "":
		e.Code = a.failure
	case isSuccess(a.status):
		e.Code = CodeMalformed // the AWS client could not read it
		e.MaybeProcessed = true
	default:
		e.Code = a.code
	}
	return e
}

// malformed is the error for an answer that lacks what op is for.
func malformed(op string, m middleware.Metadata) *ServiceError {
	e := answered(op, CodeMalformed, m)
	e.MaybeProcessed = true
	return e
}

// answered is an error that is made of a success with the metadata m.
func answered(op, code string, m middleware.Metadata) *ServiceError {
	e := &ServiceError{Op: op, Code: code}
	if res, ok := awsmiddleware.GetRawResponse(m).(*smithyhttp.Response); ok {
		e.Status, e.RequestID = res.StatusCode, requestID(res.Header)
	}
	return e
}
