package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cognitokit/auth/internal/cognito"
	"github.com/cognitokit/auth/internal/refresh"
	"github.com/cognitokit/auth/tokens"
)

// An AuthFlow is the way a sign-in begins, as Amplify names it.
type AuthFlow string

// The flows.
const (
	AuthFlowUserSRP          AuthFlow = "USER_SRP_AUTH"      // a proof of the password, which never leaves this process; the default
	AuthFlowUserPassword     AuthFlow = "USER_PASSWORD_AUTH" // the password itself, over TLS; lets a UserMigration trigger see it
	AuthFlowUser             AuthFlow = "USER_AUTH"          // the person chooses a first factor: password, code, passkey
	AuthFlowCustomWithSRP    AuthFlow = "CUSTOM_WITH_SRP"    // a proof of the password, then what the pool's triggers ask (CUSTOM_AUTH)
	AuthFlowCustomWithoutSRP AuthFlow = "CUSTOM_WITHOUT_SRP" // what the pool's triggers ask (CUSTOM_AUTH)
)

// Config configures a [Client]. The zero value of every optional field is the
// strict and safe choice. NewClient copies the struct; what its fields point to
// must not be changed afterwards.
type Config struct {
	_ [0]func()

	UserPoolID   string // required, as "eu-west-1_AbC123def"; its first part is the region
	ClientID     string // required: the app client
	ClientSecret string // of an app client that has one, else empty

	AuthFlow AuthFlow // of a SignIn that names none; default AuthFlowUserSRP

	// PreferredChallenge is the first factor that a SignIn with AuthFlowUser
	// tries when it names none; default none, so that the person chooses.
	PreferredChallenge string

	Leeway time.Duration // accepted difference between clocks when tokens are verified; default, bounds and "none" as in tokens.Config.Leeway

	// RefreshTokenValidity is the app client's. The store may drop a session that
	// was not used for so long; default 30 days, as in Cognito.
	RefreshTokenValidity time.Duration

	Store  tokens.Store // where sessions live; default a bounded memory store of this Client
	Logger *slog.Logger // nil is silent. No password, code, token or username is ever logged

	HTTPClient *http.Client // for Cognito and its signing keys; nil is a private client with time-outs
	AWS        *aws.Config  // nil loads the shared AWS configuration: environment, ~/.aws/config. Credentials are never needed nor looked up
	Issuer     string       // default the pool's own; for pools with an issuer configuration, and emulators
	JWKSURL    string       // default the issuer's; with a custom endpoint (AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER) the endpoint's
}

// String and GoString keep the client secret out of logs.
func (c Config) String() string { return "auth.Config{" + c.UserPoolID + "}" }

// GoString returns what String returns.
func (c Config) GoString() string { return c.String() }

// LogValue implements [slog.LogValuer].
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("userPoolId", c.UserPoolID), slog.String("clientId", c.ClientID))
}

var (
	clientIDPattern = regexp.MustCompile(`^[\w+]{1,128}$`)     // ClientIdType
	secretPattern   = regexp.MustCompile(`^[\w+]{1,64}$`)      // ClientSecretType; its minimum of 24 is not enforced, emulators are laxer
	usernamePattern = regexp.MustCompile(`^[^\s\p{Z}\p{C}]+$`) // UsernameType: letters, marks, symbols, numbers, punctuation
)

// validate reports all problems at once.
func (c Config) validate() error {
	var errs []error
	bad := func(field, reason string) {
		errs = append(errs, &Error{Op: opNewClient, Code: ErrInvalidConfig, Field: field, Message: reason})
	}
	if c.UserPoolID == "" {
		bad("UserPoolID", "required")
	} else if _, err := tokens.PoolIssuer(c.UserPoolID); err != nil {
		bad("UserPoolID", `not of the form "region_id"`)
	}
	if c.ClientID == "" {
		bad("ClientID", "required")
	} else if !clientIDPattern.MatchString(c.ClientID) {
		bad("ClientID", "not an app client id")
	}
	if c.ClientSecret != "" && !secretPattern.MatchString(c.ClientSecret) {
		bad("ClientSecret", "not an app client secret")
	}
	if f := authFlowField(c.AuthFlow); f.problem != "" {
		bad(f.name, f.problem)
	}
	if f := preferredField(c.AuthFlow, c.PreferredChallenge); f.problem != "" {
		bad(f.name, f.problem)
	}
	if c.RefreshTokenValidity < 0 {
		bad("RefreshTokenValidity", "negative")
	}
	if c.Leeway > maxLeeway {
		bad("Leeway", "longer than 10 minutes")
	}
	if c.Issuer != "" && !isWebAddress(c.Issuer) || strings.HasSuffix(c.Issuer, "/") || strings.ContainsAny(c.Issuer, "?#") {
		bad("Issuer", "not an absolute http(s) URL with neither user, query, fragment nor final slash")
	}
	if c.JWKSURL != "" && !isWebAddress(c.JWKSURL) {
		bad("JWKSURL", "not an absolute http(s) URL without user")
	}
	return errors.Join(errs...)
}

// maxLeeway is what package tokens allows.
const maxLeeway = 10 * time.Minute

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// A Client speaks to one app client of one user pool. It is immutable, safe for
// concurrent use by any number of sessions, and meant to be made once per
// process.
type Client struct {
	cfg      Config
	api      *cognito.Client
	verifier *tokens.Verifier
	sessions *tokens.BundleStore
	flights  refresh.Group[*signedIn]
	log      *slog.Logger
}

// NewClient checks cfg and returns a client for it. All problems of cfg are
// reported at once, each an [Error] with the code [ErrInvalidConfig] and the
// field. No request is sent. ctx governs loading the shared AWS configuration
// only.
func NewClient(ctx context.Context, cfg Config) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.AuthFlow == "" {
		cfg.AuthFlow = AuthFlowUserSRP
	}
	if cfg.RefreshTokenValidity == 0 {
		cfg.RefreshTokenValidity = 30 * 24 * time.Hour
	}
	if cfg.Store == nil {
		cfg.Store = tokens.NewMemoryStore(0)
	}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	api, err := cognito.New(ctx, cognito.Config{
		UserPoolID: cfg.UserPoolID, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret,
		AWS: cfg.AWS, HTTPClient: cfg.HTTPClient, Logger: log,
	})
	if err != nil {
		return nil, opError(opNewClient, err)
	}
	if cfg.Issuer == "" {
		cfg.Issuer, _ = tokens.PoolIssuer(cfg.UserPoolID) // validate has checked the id
	}
	if endpoint, custom := api.Endpoint(); cfg.JWKSURL == "" && custom {
		cfg.JWKSURL = strings.TrimSuffix(endpoint, "/") + "/" + cfg.UserPoolID + "/.well-known/jwks.json"
	}
	verifier, err := tokens.NewVerifier(tokens.Config{
		Issuer: cfg.Issuer, ClientIDs: []string{cfg.ClientID}, JWKSURL: cfg.JWKSURL,
		HTTPClient: api.HTTPClient(), Leeway: cfg.Leeway,
	})
	if err != nil {
		return nil, &Error{Op: opNewClient, Code: ErrInvalidConfig, Message: err.Error(), Err: err}
	}
	return &Client{
		cfg: cfg, api: api, verifier: verifier, log: log,
		sessions: tokens.NewBundleStore(cfg.Store, verifier),
	}, nil
}

// Verifier returns the verifier of the client's tokens, for APIs that check
// bearer tokens of the same app client. It shares the client's keys and cache.
func (c *Client) Verifier() *tokens.Verifier { return c.verifier }

// Format implements [fmt.Formatter]; a client prints without its secret.
func (c *Client) Format(f fmt.State, _ rune) { io.WriteString(f, "auth.Client{"+c.cfg.UserPoolID+"}") }

// A Session is the handle of one end user: a client and a key. All state is in
// the client's store, so sessions with the same id on hosts that share a store
// are the same session.
//
// A Session is immutable and safe for concurrent use. Making one costs a hash
// and no I/O; make one for each request.
type Session struct {
	_      noCopy
	client *Client
	id     string
	device string // the device's own id; "" stands for the session's
}

// NewSession returns the session with the given id. The id is a bearer secret
// of the end user: on a server a random value of at least 128 bits from a
// cookie, never a username; "default" suits a program for one person. Stores
// see only a hash of it.
//
// It returns [ErrNoSession] if client is nil or id is empty.
func NewSession(client *Client, id string) (*Session, error) {
	if client == nil {
		return nil, &Error{Op: opNewSession, Code: ErrNoSession, Field: "client", Message: "nil"}
	}
	if id == "" {
		return nil, &Error{Op: opNewSession, Code: ErrNoSession, Field: "id", Message: "empty"}
	}
	return &Session{client: client, id: id}, nil
}

// Format implements [fmt.Formatter]; a session prints without its id.
func (s *Session) Format(f fmt.State, _ rune) { io.WriteString(f, "auth.Session") }

// LogValue implements [slog.LogValuer].
func (s *Session) LogValue() slog.Value { return slog.StringValue("auth.Session") }

// OnDevice returns the session with a device id of its own. Devices that the
// pool remembers live under it; they outlive sign-out and a change of the
// session's id. A web application gives a random id from a second, long-lived
// cookie; for a program on somebody's computer the session's own id, which is
// the default, serves. An empty id stands for that default.
func (s *Session) OnDevice(id string) *Session {
	return &Session{client: s.client, id: s.id, device: id}
}

// Kinds of records a session has in the store.
const (
	recordTokens  = "tokens"
	recordAttempt = "attempt" // a sign-in in progress
	recordSignUp  = "sign-up" // what AutoSignIn continues from
	recordDevices = "devices" // the remembered devices, under the device's id
)

// key returns the store key of one of the session's records: a hash over pool,
// client and id, so that ids of two pools cannot collide and a leaked store
// holds no usable ids. Lengths keep the parts apart.
func (s *Session) key(kind string) string {
	id := s.id
	if kind == recordDevices && s.device != "" {
		id = s.device
	}
	h := sha256.New()
	for _, part := range [...]string{"cognitokit/auth", s.client.cfg.UserPoolID, s.client.cfg.ClientID, kind, id} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// check is the first thing every operation does with its session.
func (s *Session) check(op string) error {
	if s == nil || s.client == nil || s.id == "" {
		return &Error{Op: op, Code: ErrNoSession, Message: "make sessions with NewSession"}
	}
	return nil
}

// noCopy makes go vet report copies of what embeds it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// ClientContext is what a server may pass on about the person's device. The
// address and the fingerprint are for the pool's threat protection
// (UserContextData); without them the service sees the server's own address.
type ClientContext struct {
	_ [0]func()

	IPAddress   string // the person's, without port
	EncodedData string // from the AmazonCognitoAdvancedSecurityData script in the browser
	DeviceName  string // what to call the device, should the pool remember it: the browser's and the system's name
}

// Operation names as errors print them.
const (
	opNewClient   = "new client"
	opNewSession  = "new session"
	opSignUp      = "sign up"
	opConfirmUp   = "confirm sign up"
	opResend      = "resend sign up code"
	opSignIn      = "sign in"
	opConfirmIn   = "confirm sign in"
	opAutoSignIn  = "auto sign in"
	opResendIn    = "resend sign in code"
	opSignOut     = "sign out"
	opFetch       = "fetch auth session"
	opRefresh     = "refresh"
	opCurrentUser = "get current user"
	opRenew       = "renew session"
	opImport      = "import tokens"

	opResetPassword  = "reset password"
	opConfirmReset   = "confirm reset password"
	opUpdatePassword = "update password"

	opFetchUser         = "fetch user"
	opFetchAttributes   = "fetch user attributes"
	opUpdateAttributes  = "update user attributes"
	opDeleteAttributes  = "delete user attributes"
	opSendAttributeCode = "send user attribute verification code"
	opConfirmAttribute  = "confirm user attribute"
	opDeleteUser        = "delete user"

	opSetUpTOTP    = "set up totp"
	opVerifyTOTP   = "verify totp setup"
	opUpdateMFA    = "update mfa preference"
	opFetchMFA     = "fetch mfa preference"
	opFetchFactors = "fetch auth factors"

	opFetchDevices   = "fetch devices"
	opFetchDevice    = "fetch device"
	opRememberDevice = "remember device"
	opForgetDevice   = "forget device"
	opCachedDevice   = "cached device"

	opBeginPasskey  = "begin web authn registration"
	opFinishPasskey = "finish web authn registration"
	opListPasskeys  = "list web authn credentials"
	opDeletePasskey = "delete web authn credential"
)
