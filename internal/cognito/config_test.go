package cognito

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/google/go-cmp/cmp"
)

// clearEnv takes the AWS settings of the machine away from a test.
func clearEnv(t *testing.T) (dir string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir = t.TempDir()
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	return dir
}

// called makes one call and returns the request.
func called(t *testing.T, cfg Config) request {
	t.Helper()
	s := &service{answers: []answerFunc{reply(http.StatusOK, fullAnswer)}}
	cfg.HTTPClient = &http.Client{Transport: s}
	if cfg.ClientID == "" {
		cfg.ClientID = testClient
	}
	c, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if _, err := c.GetUser(t.Context(), "at"); err != nil {
		t.Fatalf("GetUser: %v", err)
	}
	return s.requests[0]
}

// Behavior 2: China has its own domain, and a custom endpoint wins.
func TestEndpoints(t *testing.T) {
	const custom = "http://localhost:9229"
	tests := []struct {
		name string
		pool string
		env  map[string]string
		file string
		aws  *aws.Config
		want string
		own  bool // AWS's own endpoint
	}{
		{name: "default", pool: "eu-west-1_a", want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true},
		{name: "China", pool: "cn-north-1_a", want: "https://cognito-idp.cn-north-1.amazonaws.com.cn/", own: true},
		{name: "China, given", pool: "cn-north-1_a", aws: &aws.Config{Region: "eu-west-1"}, want: "https://cognito-idp.cn-north-1.amazonaws.com.cn/", own: true},
		{name: "GovCloud", pool: "us-gov-west-1_a", want: "https://cognito-idp.us-gov-west-1.amazonaws.com/", own: true},
		{name: "region of tomorrow", pool: "eu-north-9_a", want: "https://cognito-idp.eu-north-9.amazonaws.com/", own: true},
		{name: "region of the environment", pool: "eu-west-1_a", env: map[string]string{"AWS_REGION": "us-east-1"}, want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true},
		{name: "region of the file", pool: "eu-west-1_a", file: "[default]\nregion = us-east-1\n", want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true},
		{name: "FIPS", pool: "us-east-1_a", env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, want: "https://cognito-idp-fips.us-east-1.amazonaws.com/", own: true},
		{name: "dual stack", pool: "cn-north-1_a", env: map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, want: "https://cognito-idp.cn-north-1.api.amazonwebservices.com.cn/", own: true},
		{name: "service override", pool: "cn-north-1_a", env: map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": custom}, want: custom + "/"},
		{name: "general override", pool: "eu-west-1_a", env: map[string]string{"AWS_ENDPOINT_URL": custom}, want: custom + "/"},
		{name: "service over general", pool: "eu-west-1_a", env: map[string]string{"AWS_ENDPOINT_URL": "http://other.example", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": custom}, want: custom + "/"},
		{name: "overrides ignored", pool: "eu-west-1_a", env: map[string]string{"AWS_ENDPOINT_URL": custom, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true},
		{name: "override in the file", pool: "eu-west-1_a", file: "[default]\nservices = dev\n[services dev]\ncognito_identity_provider =\n  endpoint_url = " + custom + "\n", want: custom + "/"},
		{name: "given override", pool: "cn-north-1_a", aws: &aws.Config{BaseEndpoint: aws.String(custom)}, want: custom + "/"},
		{name: "given override over the environment", pool: "eu-west-1_a", env: map[string]string{"AWS_ENDPOINT_URL": "http://other.example"}, aws: &aws.Config{BaseEndpoint: aws.String(custom)}, want: custom + "/"},
		{name: "given old resolver", pool: "eu-west-1_a", aws: &aws.Config{EndpointResolverWithOptions: resolver(custom)}, want: custom + "/"},                                                             //nolint:staticcheck // what older programs use
		{name: "given old resolver of another service", pool: "eu-west-1_a", aws: &aws.Config{EndpointResolverWithOptions: resolver("")}, want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true}, //nolint:staticcheck // what older programs use
		{name: "AWS's own, spelled out", pool: "eu-west-1_a", aws: &aws.Config{BaseEndpoint: aws.String("https://cognito-idp.eu-west-1.amazonaws.com")}, want: "https://cognito-idp.eu-west-1.amazonaws.com/", own: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := clearEnv(t)
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			if err := os.WriteFile(filepath.Join(dir, "config"), []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := Config{UserPoolID: tt.pool, ClientID: testClient, AWS: tt.aws}
			if got := called(t, cfg).url; got != tt.want {
				t.Errorf("request to %s, want %s", got, tt.want)
			}
			c, err := New(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := c.Endpoint()
			want := strings.TrimSuffix(tt.want, "/")
			if tt.own {
				want = ""
			}
			if got != want || ok == tt.own {
				t.Errorf("Endpoint() = %q, %t, want %q, %t", got, ok, want, !tt.own)
			}
		})
	}
}

// resolver is how an emulator was named before BaseEndpoint.
func resolver(url string) aws.EndpointResolverWithOptions { //nolint:staticcheck // what older programs use
	return aws.EndpointResolverWithOptionsFunc(func(string, string, ...any) (aws.Endpoint, error) { //nolint:staticcheck // what older programs use
		if url == "" {
			return aws.Endpoint{}, &aws.EndpointNotFoundError{} //nolint:staticcheck // what older programs use
		}
		return aws.Endpoint{URL: url}, nil //nolint:staticcheck // what older programs use
	})
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		cfg    Config
		env    map[string]string
		fields []string // of the ConfigErrors
		text   string
	}{
		{
			name: "everything", cfg: Config{}, fields: []string{"UserPoolID", "ClientID"},
			text: "cognito: config: UserPoolID: empty\ncognito: config: ClientID: empty",
		},
		{
			name: "pool without a region", cfg: Config{UserPoolID: "AbC123def", ClientID: "c"}, fields: []string{"UserPoolID"},
			text: `cognito: config: UserPoolID: "AbC123def" is not of the form <region>_<name>`,
		},
		{name: "empty region", cfg: Config{UserPoolID: "_AbC", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{name: "empty name", cfg: Config{UserPoolID: "eu-west-1_", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{name: "region that is a host", cfg: Config{UserPoolID: "evil.example/_AbC", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{name: "region that begins with a hyphen", cfg: Config{UserPoolID: "-eu_AbC", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{name: "region too long", cfg: Config{UserPoolID: strings.Repeat("a", 64) + "_AbC", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{name: "two underscores", cfg: Config{UserPoolID: "eu-west-1_a_b", ClientID: "c"}, fields: []string{"UserPoolID"}},
		{
			name: "endpoint without a scheme", cfg: Config{UserPoolID: testPool, ClientID: "c", AWS: &aws.Config{BaseEndpoint: aws.String("localhost:9229")}},
			fields: []string{"AWS"},
		},
		{
			name: "FIPS and a custom endpoint", cfg: Config{UserPoolID: testPool, ClientID: "c"},
			env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_ENDPOINT_URL": "http://localhost:9229"},
		},
		{
			name: "profile that does not exist", cfg: Config{UserPoolID: testPool, ClientID: "c"},
			env: map[string]string{"AWS_PROFILE": "nobody"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clearEnv(t)
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			c, err := New(t.Context(), tt.cfg)
			if err == nil || c != nil {
				t.Fatalf("New = %v, %v, want an error alone", c, err)
			}
			if !strings.HasPrefix(err.Error(), "cognito: config: ") {
				t.Errorf("error = %q, want it to begin with cognito: config:", err)
			}
			if tt.text != "" && err.Error() != tt.text {
				t.Errorf("error = %q, want %q", err, tt.text)
			}
			if diff := cmp.Diff(tt.fields, fields(err)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// fields returns the fields of all ConfigErrors in err.
func fields(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var list []string
		for _, e := range joined.Unwrap() {
			list = append(list, fields(e)...)
		}
		return list
	}
	if e, ok := errors.AsType[*ConfigError](err); ok {
		return []string{e.Field}
	}
	return nil
}

// No credentials are looked up, wherever the environment says they are.
func TestNoCredentials(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		t.Errorf("%s %s was asked for", r.Method, r.URL)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer elsewhere.Close()
	ran := ""
	tests := []struct {
		name string
		env  map[string]string
		file string
	}{
		{name: "keys", env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}},
		{name: "container", env: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": elsewhere.URL, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"}},
		{name: "instance metadata", env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": elsewhere.URL}},
		{name: "automatic defaults mode", env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": elsewhere.URL, "AWS_DEFAULTS_MODE": "auto"}},
		{name: "web identity", env: map[string]string{
			"AWS_WEB_IDENTITY_TOKEN_FILE": "config", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r", "AWS_ENDPOINT_URL_STS": elsewhere.URL,
		}},
		{name: "role of a profile", env: map[string]string{"AWS_PROFILE": "p", "AWS_ENDPOINT_URL_STS": elsewhere.URL},
			file: "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = q\n[profile q]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n"},
		{name: "process of a profile", env: map[string]string{"AWS_PROFILE": "p"}, file: "[profile p]\ncredential_process = touch RAN\n"},
		{name: "SSO of a profile", env: map[string]string{"AWS_PROFILE": "p", "AWS_ENDPOINT_URL_SSO": elsewhere.URL, "AWS_ENDPOINT_URL_SSO_OIDC": elsewhere.URL},
			file: "[profile p]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = " + elsewhere.URL + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := clearEnv(t)
			ran = filepath.Join(dir, "ran")
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			if err := os.WriteFile(filepath.Join(dir, "config"), []byte(strings.ReplaceAll(tt.file, "RAN", ran)), 0o600); err != nil {
				t.Fatal(err)
			}
			r := called(t, Config{UserPoolID: testPool})
			if got := r.header.Get("Authorization"); got != "" {
				t.Errorf("Authorization = %q, want none", got)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("the credential process ran")
			}
		})
	}

	t.Run("profile that does not exist", func(t *testing.T) {
		clearEnv(t)
		t.Setenv("AWS_PROFILE", "nobody")
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", elsewhere.URL)
		if _, err := New(t.Context(), Config{UserPoolID: testPool, ClientID: testClient}); err == nil {
			t.Error("no error")
		}
	})

	t.Run("given provider", func(t *testing.T) {
		r := called(t, Config{UserPoolID: testPool, AWS: &aws.Config{
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				t.Error("the credentials were asked for")
				return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
			}),
		}})
		if got := r.header.Get("Authorization"); got != "" {
			t.Errorf("Authorization = %q, want none", got)
		}
	})
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests for credentials, want none", n)
	}
}

// The shared configuration is not changed, nor kept.
func TestAWSConfigIsCopied(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://localhost:1")}
	c := mustNew(t, Config{AWS: &cfg})
	if cfg.Region != "us-east-1" {
		t.Errorf("region = %s, want us-east-1", cfg.Region)
	}
	cfg.BaseEndpoint = aws.String("http://localhost:2")
	if got, _ := c.Endpoint(); got != "http://localhost:1" {
		t.Errorf("endpoint = %s, want http://localhost:1", got)
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestHTTPClient(t *testing.T) {
	t.Parallel()
	given := &http.Client{}
	shared := &http.Client{}

	t.Run("given", func(t *testing.T) {
		t.Parallel()
		if got := mustNew(t, Config{HTTPClient: given, AWS: &aws.Config{HTTPClient: shared}}).HTTPClient(); got != given {
			t.Error("not the given client")
		}
	})
	t.Run("of the AWS configuration", func(t *testing.T) {
		t.Parallel()
		if got := mustNew(t, Config{AWS: &aws.Config{HTTPClient: shared}}).HTTPClient(); got != shared {
			t.Error("not the client of the AWS configuration")
		}
	})
	t.Run("private", func(t *testing.T) {
		t.Parallel()
		got := mustNew(t, Config{}).HTTPClient()
		transport, ok := got.Transport.(*http.Transport)
		switch {
		case got == http.DefaultClient || !ok || transport == http.DefaultTransport:
			t.Fatal("not private")
		case got.Timeout != requestTimeout:
			t.Errorf("timeout = %v, want %v", got.Timeout, requestTimeout)
		case transport.IdleConnTimeout != idleTimeout:
			t.Errorf("idle timeout = %v, want %v", transport.IdleConnTimeout, idleTimeout)
		}
		if other := mustNew(t, Config{}).HTTPClient(); other == got || other.Transport == got.Transport {
			t.Error("shared by two clients")
		}
	})
	t.Run("built by AWS", func(t *testing.T) {
		t.Parallel()
		b := awshttp.NewBuildableClient().WithTimeout(7 * time.Second).
			WithTransportOptions(func(tr *http.Transport) { tr.MaxIdleConns = 3; tr.IdleConnTimeout = time.Second })
		got := mustNew(t, Config{AWS: &aws.Config{HTTPClient: b}}).HTTPClient()
		transport, ok := got.Transport.(*http.Transport)
		if !ok || transport.MaxIdleConns != 3 || transport.IdleConnTimeout != time.Second || got.Timeout != 7*time.Second {
			t.Errorf("client = %+v", got)
		}
	})
	t.Run("of another type", func(t *testing.T) {
		t.Parallel()
		s := &service{answers: []answerFunc{reply(http.StatusOK, fullAnswer)}}
		c := mustNew(t, Config{AWS: &aws.Config{HTTPClient: doFunc(s.RoundTrip)}})
		if _, err := c.GetUser(t.Context(), "at"); err != nil {
			t.Errorf("GetUser: %v", err)
		}
		res, err := c.HTTPClient().Post("https://example.com/jwks", "", strings.NewReader("{}"))
		if err != nil {
			t.Fatalf("Post: %v", err)
		}
		defer res.Body.Close()
		if len(s.requests) != 2 {
			t.Errorf("%d requests, want 2", len(s.requests))
		}
	})
}

// The certificates of AWS_CA_BUNDLE are trusted.
func TestCABundle(t *testing.T) {
	dir := clearEnv(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(fullAnswer))
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)

	c, err := New(t.Context(), Config{UserPoolID: testPool, ClientID: testClient})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignUp(t.Context(), SignUpInput{Username: "ana"})
	if e := serviceError(t, err); e.Code != CodeNetwork || e.MaybeProcessed {
		t.Errorf("without the bundle: error = %v, maybe processed %t", e, e.MaybeProcessed)
	}

	bundle := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(bundle, certificatePEM(server.Certificate()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if c, err = New(t.Context(), Config{UserPoolID: testPool, ClientID: testClient}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SignUp(t.Context(), SignUpInput{Username: "ana"}); err != nil {
		t.Errorf("with the bundle: %v", errors.Unwrap(err))
	}
	c.HTTPClient().CloseIdleConnections()
}

func FuzzPoolRegion(f *testing.F) {
	for _, id := range []string{"eu-west-1_AbC123def", "cn-north-1_a", "_", "eu-west-1_", "local_5abc", "a.b_c", "a_b_c", "ü_a"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		region, err := poolRegion(id)
		if err != nil {
			if region != "" {
				t.Errorf("region %q beside the error", region)
			}
			return
		}
		if !strings.HasPrefix(id, region+"_") || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("region of %q = %q", id, region)
		}
	})
}
