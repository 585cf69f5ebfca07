package cognito

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Client calls one app client of one user pool. It is safe for concurrent use.
//
// # Retries
//
// A request is sent at most three times, fewer if the AWS configuration allows
// fewer attempts, with a jittered pause of 100 to 200 and then 200 to 400
// milliseconds that ends with the context. What is repeated:
//
//   - Every request that certainly did not reach the service (no connection
//     could be made) or that the service turned away for its rate
//     (TooManyRequestsException, HTTP 429).
//   - What only reads (GetUser, GetUserAuthFactors, GetDevice and the lists),
//     and RevokeToken, DeleteUserAttributes, SetUserMFAPreference,
//     UpdateDeviceStatus and StartWebAuthnRegistration, also after a lost answer
//     or HTTP 500, 502, 503 and 504: doing them twice is as good as once.
//
// Everything else counts attempts, sends messages, or spends a code, a session
// or a refresh token, and is never sent again once it may have been seen.
// LimitExceededException is never retried: it counts attempts of a person, and
// another attempt makes it worse.
//
// # Errors
//
// Every method returns a [*ServiceError] or nil.
type Client struct {
	api      *idp.Client
	http     *http.Client
	endpoint string
	clientID string
	secret   string
	retry    *retry.Standard

	// legacyRefresh remembers that the service does not know
	// GetTokensFromRefreshToken.
	legacyRefresh atomic.Bool
}

// HTTPClient returns the HTTP client under the calls, for other requests to the
// same service such as the pool's key set. It is never nil.
func (c *Client) HTTPClient() *http.Client { return c.http }

// Endpoint returns the address that requests go to instead of AWS's own, and
// whether there is one: the BaseEndpoint of the AWS configuration, or
// AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, or AWS_ENDPOINT_URL.
func (c *Client) Endpoint() (string, bool) { return c.endpoint, c.endpoint != "" }

// CallOptions are fields that several operations share.
type CallOptions struct {
	// ClientMetadata is handed to the Lambda triggers that the operation runs.
	// The service neither stores nor encrypts it.
	ClientMetadata map[string]string

	// UserContext describes the end user's device to threat protection.
	UserContext UserContext
}

// UserContext is where the end user is, for risk evaluation. Without it the
// service sees the address of this host.
type UserContext struct {
	// IPAddress is the end user's address.
	IPAddress string

	// EncodedData is the fingerprint that Cognito's script made in the browser.
	EncodedData string
}

// Delivery says where a code was sent.
type Delivery struct {
	// Destination is the masked address, such as "a***@e***".
	Destination string

	// Medium is "EMAIL" or "SMS".
	Medium string

	// Attribute is the name of the user's attribute, such as "email".
	Attribute string
}

// operation is one operation of the API.
type operation struct {
	name string

	// repeatable says that doing it twice is as good as doing it once.
	repeatable bool

	// body replaces what the AWS client makes of the input, nil to leave that as
	// it is.
	body any
}

// call sends one request and maps its failure.
func call[I, O any](
	ctx context.Context, c *Client, op operation, in *I,
	send func(context.Context, *I, ...func(*idp.Options)) (*O, error),
) (*O, error) {
	x := &exchange{}
	out, err := send(withExchange(ctx, x), in, func(o *idp.Options) {
		o.Retryer = &retryer{Standard: c.retry, exchange: x, repeatable: op.repeatable}
		if op.body != nil {
			o.APIOptions = append(o.APIOptions, replaceBody(op.body))
		}
	})
	if err != nil {
		return nil, newServiceError(ctx, op.name, x, err)
	}
	return out, nil
}

// replaceBody makes the JSON of v the body of a request. It does so right after
// the AWS client wrote its own, so that whatever comes later, middleware and
// interceptors of an application too, sees what is sent.
func replaceBody(v any) func(*middleware.Stack) error {
	replace := middleware.SerializeMiddlewareFunc("ReplaceBody", func(
		ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
	) (middleware.SerializeOutput, middleware.Metadata, error) {
		var none middleware.SerializeOutput
		request, ok := in.Request.(*smithyhttp.Request)
		if !ok {
			return none, middleware.Metadata{}, fmt.Errorf("cognito: unknown request type %T", in.Request)
		}
		body, err := json.Marshal(v)
		if err != nil {
			return none, middleware.Metadata{}, err
		}
		// A reader that can seek: a second attempt begins at its start.
		if in.Request, err = request.SetStream(bytes.NewReader(body)); err != nil {
			return none, middleware.Metadata{}, err
		}
		return next.HandleSerialize(ctx, in)
	})
	return func(stack *middleware.Stack) error {
		return stack.Serialize.Insert(replace, "OperationSerializer", middleware.After)
	}
}

// optional returns nil for the empty string, which leaves the field out.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// metadata leaves an empty map out of the request.
func (o CallOptions) metadata() map[string]string {
	if len(o.ClientMetadata) == 0 {
		return nil
	}
	return o.ClientMetadata
}

func (o CallOptions) userContext() *types.UserContextDataType {
	if o.UserContext == (UserContext{}) {
		return nil
	}
	return &types.UserContextDataType{
		IpAddress:   optional(o.UserContext.IPAddress),
		EncodedData: optional(o.UserContext.EncodedData),
	}
}

func newDelivery(d *types.CodeDeliveryDetailsType) *Delivery {
	if d == nil {
		return nil
	}
	return &Delivery{
		Destination: deref(d.Destination),
		Medium:      string(d.DeliveryMedium),
		Attribute:   deref(d.AttributeName),
	}
}
