package cognito

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/logging"
)

// Config says which app client of which user pool to talk to, and how.
type Config struct {
	// UserPoolID is the pool's id, "<region>_<name>". Its region is the one that
	// requests go to, whatever AWS_REGION or AWS say.
	UserPoolID string

	// ClientID is the id of the app client.
	ClientID string

	// ClientSecret is the secret of the app client, empty for a public client.
	ClientSecret string

	// AWS is the shared AWS configuration. Nil means [config.LoadDefaultConfig],
	// without its search for credentials. Only settings that concern the
	// transport are honored: endpoints, FIPS, dual stack, HTTP client, attempts,
	// middleware. Credentials are ignored, and so are the logger and its mode,
	// which can print request bodies.
	AWS *aws.Config

	// HTTPClient carries the requests. Nil means the client of AWS, if it has
	// one, or else a private client whose every request is bounded by 30 seconds.
	// Its cookie jar is not used, and redirects are not followed: a redirect
	// would send a password to a place that nobody configured.
	HTTPClient *http.Client

	// Logger is told of each attempt at Debug level. Nil is silent.
	Logger *slog.Logger
}

// ConfigError is one problem of a [Config].
type ConfigError struct {
	// Field is the name of the field at fault.
	Field string

	// Reason says what is wrong with it.
	Reason string
}

func (e *ConfigError) Error() string { return "cognito: config: " + e.Field + ": " + e.Reason }

const (
	// requestTimeout bounds one attempt of the private HTTP client. A trigger
	// has 5 seconds and is tried three times by the service, so an honest answer
	// can take more than 15.
	requestTimeout = 30 * time.Second

	// idleTimeout is below the 60 seconds after which AWS load balancers close
	// an idle connection. A request that meets such a closing is lost, and most
	// requests here must not be repeated.
	idleTimeout = 50 * time.Second

	dialTimeout = 5 * time.Second
)

// New returns a client for cfg. The context bounds the loading of the shared
// AWS configuration and is not kept. The error joins one [*ConfigError] for each
// problem of cfg.
func New(ctx context.Context, cfg Config) (*Client, error) {
	region, err := poolRegion(cfg.UserPoolID)
	if cfg.ClientID == "" {
		err = errors.Join(err, &ConfigError{Field: "ClientID", Reason: "empty"})
	}
	if err != nil {
		return nil, err
	}
	shared, err := sharedConfig(ctx, cfg.AWS, region)
	if err != nil {
		return nil, err
	}
	c := &Client{
		clientID: cfg.ClientID,
		secret:   cfg.ClientSecret,
		http:     cfg.HTTPClient,
	}
	if c.http == nil {
		c.http = httpClient(shared.HTTPClient)
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c.retry = newStandard(shared)
	c.api = idp.NewFromConfig(shared, func(o *idp.Options) {
		o.Region = region
		o.Credentials = nil
		o.HTTPClient = newTransport(c.http, log)
		o.Logger = logging.Nop{}
		o.ClientLogMode = 0
		o.Retryer = aws.NopRetryer{} // each call brings its own
		o.RetryMaxAttempts = 0
	})
	if c.endpoint, err = customEndpoint(ctx, c.api.Options()); err != nil {
		return nil, err
	}
	return c, nil
}

// poolRegion returns the region of a user pool id.
func poolRegion(id string) (string, error) {
	if id == "" {
		return "", &ConfigError{Field: "UserPoolID", Reason: "empty"}
	}
	region, name, ok := strings.Cut(id, "_")
	if !ok || !isHostLabel(region) || !isAlphanumeric(name) {
		return "", &ConfigError{Field: "UserPoolID", Reason: fmt.Sprintf("%q is not of the form <region>_<name>", id)}
	}
	return region, nil
}

func isHostLabel(s string) bool {
	for _, r := range s {
		if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-'
}

func isAlphanumeric(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// sharedConfig returns a copy of given, or what the environment and the shared
// configuration files say. It reads files and never the network.
func sharedConfig(ctx context.Context, given *aws.Config, region string) (aws.Config, error) {
	if given != nil {
		return given.Copy(), nil
	}
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(region),
		// A provider of its own keeps the loader from building the credential
		// chain, and a fixed mode from asking the instance metadata service,
		// which it does for AWS_DEFAULTS_MODE=auto.
		config.WithCredentialsProvider(aws.AnonymousCredentials{}),
		config.WithDefaultsMode(aws.DefaultsModeStandard),
	)
	if err != nil {
		return aws.Config{}, fmt.Errorf("cognito: config: load AWS configuration: %w", err)
	}
	return cfg, nil
}

// httpClient makes a standard client of the one that the shared configuration
// names.
func httpClient(given aws.HTTPClient) *http.Client {
	if given == nil {
		given = awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout })
	}
	switch h := given.(type) {
	case *http.Client:
		return h
	case *awshttp.BuildableClient:
		// Ours, or one that the loader gave the certificates of AWS_CA_BUNDLE.
		t := h.GetTransport()
		t.IdleConnTimeout = min(t.IdleConnTimeout, idleTimeout)
		timeout := h.GetTimeout()
		if timeout <= 0 {
			timeout = requestTimeout
		}
		return &http.Client{Transport: t, Timeout: timeout}
	default:
		return &http.Client{Transport: doer{h}, Timeout: requestTimeout}
	}
}

// doer is a round tripper over a client of the AWS interface.
type doer struct{ client aws.HTTPClient }

func (d doer) RoundTrip(r *http.Request) (*http.Response, error) { return d.client.Do(r) }

// customEndpoint returns the address that replaces AWS's own, empty if there is
// none, and an error if no endpoint can be resolved at all.
func customEndpoint(ctx context.Context, o idp.Options) (string, error) {
	params := idp.EndpointParameters{
		Region:       &o.Region,
		UseFIPS:      new(o.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		UseDualStack: new(o.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		Endpoint:     o.BaseEndpoint,
	}
	used, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	if err != nil {
		return "", fmt.Errorf("cognito: config: endpoint: %w", err)
	}
	if r := o.EndpointResolver; r != nil { //nolint:staticcheck // how older programs name an emulator
		legacy, err := r.ResolveEndpoint(o.Region, o.EndpointOptions)
		if err == nil {
			var u *url.URL
			if u, err = url.Parse(legacy.URL); err == nil {
				used.URI = *u
			}
		}
		if _, unknown := errors.AsType[*aws.EndpointNotFoundError](err); err != nil && !unknown {
			return "", fmt.Errorf("cognito: config: endpoint: %w", err)
		}
	}
	if used.URI.Host == "" || (used.URI.Scheme != "https" && used.URI.Scheme != "http") {
		return "", &ConfigError{Field: "AWS", Reason: "the custom endpoint is not an http or https URL"}
	}
	params.Endpoint = nil
	own, err := idp.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, params)
	if err == nil && own.URI == used.URI {
		return "", nil
	}
	return used.URI.String(), nil
}
