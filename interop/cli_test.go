package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/srp"
)

// debianCLI is where Debian's package awscli puts the AWS CLI. It goes before
// others that a machine may have.
const debianCLI = "/usr/bin/aws"

// A cli is the AWS CLI, which calls a server of user pools.
type cli struct {
	tb      testing.TB
	program string
	home    string
	server  *authtest.Server
	url     string
}

func newCLI(tb testing.TB) *cli {
	tb.Helper()
	program, err := exec.LookPath(debianCLI)
	if err != nil {
		program, err = exec.LookPath("aws")
	}
	if err != nil {
		tb.Fatalf("the AWS CLI is not installed: it is in Debian's package awscli (%v)", err)
	}
	server := authtest.NewServer(tb, authtest.ServerConfig{})
	return &cli{tb: tb, program: program, home: tb.TempDir(), server: server, url: server.Start()}
}

// run calls an operation of "aws cognito-idp" and returns what it prints,
// decoded. The error is of the service's code, or of the CLI itself.
func (c *cli) run(operation string, args ...string) (map[string]any, error) {
	c.tb.Helper()
	cmd := exec.CommandContext(c.tb.Context(), c.program, append([]string{"cognito-idp", operation, "--endpoint-url", c.url, "--output", "json"}, args...)...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + c.home, "LC_ALL=C.UTF-8", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
		"AWS_ACCESS_KEY_ID=anything", "AWS_SECRET_ACCESS_KEY=goes", "AWS_DEFAULT_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true",
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if m := serviceError.FindStringSubmatch(stderr.String()); m != nil {
			return nil, &cliError{code: m[1], message: m[2]}
		}
		return nil, fmt.Errorf("%s: %w: %s", operation, err, stderr.String())
	}
	if stdout.Len() == 0 {
		return map[string]any{}, nil
	}
	var out map[string]any
	err := json.Unmarshal(stdout.Bytes(), &out)
	return out, err
}

// serviceError is how the CLI says that the service refused something.
var serviceError = regexp.MustCompile(`An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)`)

type cliError struct{ code, message string }

func (e *cliError) Error() string { return e.code + ": " + e.message }

// do is run for what has to succeed.
func (c *cli) do(operation string, args ...string) map[string]any {
	c.tb.Helper()
	out, err := c.run(operation, args...)
	if err != nil {
		c.tb.Fatalf("%s: %v", operation, err)
	}
	return out
}

// refused is run for what has to fail.
func (c *cli) refused(code, message, operation string, args ...string) {
	c.tb.Helper()
	out, err := c.run(operation, args...)
	e, ok := errors.AsType[*cliError](err)
	if !ok || e.code != code || e.message != message {
		c.tb.Errorf("%s: got %v and error %v, want %s: %s", operation, slices.Collect(maps.Keys(out)), err, code, message)
	}
}

// at returns what is at a path of names in an answer: text, a number or a list.
func at[T any](tb testing.TB, answer map[string]any, path ...string) T {
	tb.Helper()
	var v any = answer
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	value, ok := v.(T)
	if !ok {
		tb.Fatalf("%s is a %T", strings.Join(path, "."), v)
	}
	return value
}

// each returns the texts that the members of a list have under a name.
func each(tb testing.TB, answer map[string]any, list, name string) []string {
	tb.Helper()
	var texts []string
	for _, member := range at[[]any](tb, answer, list) {
		texts = append(texts, at[string](tb, member.(map[string]any), name))
	}
	slices.Sort(texts)
	return texts
}

// parameters are a map in JSON, as the CLI takes it: its shorthand cannot say
// everything that is in passwords.
func parameters(pairs ...string) string {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

const (
	cliPassword    = "Correct-h0rse, bättery!"
	cliOther       = "Another-h0rse, bättery!"
	incorrectLogin = "Incorrect username or password."
)

// newPool makes a pool and a client with the CLI, and returns what names them
// in further commands.
func (c *cli) newPool(flows ...string) (pool *authtest.Pool, userPool, client []string) {
	c.tb.Helper()
	id := at[string](c.tb, c.do("create-user-pool", "--pool-name", "people", "--auto-verified-attributes", "email"), "UserPool", "Id")
	userPool = []string{"--user-pool-id", id}
	made := c.do("create-user-pool-client", with(userPool, append([]string{"--client-name", "front", "--explicit-auth-flows"}, flows...)...)...)
	client = []string{"--client-id", at[string](c.tb, made, "UserPoolClient", "ClientId")}
	pool, ok := c.server.Pool(id)
	if !ok {
		c.tb.Fatalf("there is no pool %s", id)
	}
	return pool, userPool, client
}

func with(args []string, more ...string) []string { return append(slices.Clone(args), more...) }

func TestAWSCLIPeople(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	pool, userPool, client := c.newPool("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
	ana := with(client, "--username", "ana")
	signIn := func(password string) []string {
		return with(client, "--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", parameters("USERNAME", "ana", "PASSWORD", password))
	}

	signUp := c.do("sign-up", with(ana, "--password", cliPassword, "--user-attributes", "Name=email,Value=ana@example.com")...)
	if got := at[string](t, signUp, "CodeDeliveryDetails", "Destination"); got != "a***@e***" {
		t.Errorf("the code went to %s", got)
	}
	c.refused("UsernameExistsException", "User already exists", "sign-up", with(ana, "--password", cliPassword)...)
	c.refused("UserNotConfirmedException", "User is not confirmed.", "initiate-auth", signIn(cliPassword)...)
	c.do("resend-confirmation-code", ana...)
	c.do("confirm-sign-up", with(ana, "--confirmation-code", pool.Code("ana"))...)
	c.refused("NotAuthorizedException", incorrectLogin, "initiate-auth", signIn(cliOther)...)

	tokens := c.do("initiate-auth", signIn(cliPassword)...)
	access := []string{"--access-token", at[string](t, tokens, "AuthenticationResult", "AccessToken")}
	refresh := at[string](t, tokens, "AuthenticationResult", "RefreshToken")
	c.do("update-user-attributes", with(access, "--user-attributes", "Name=nickname,Value=Ännchen")...)
	user := c.do("get-user", access...)
	if diff := cmp.Diff([]string{"email", "email_verified", "nickname", "sub"}, each(t, user, "UserAttributes", "Name")); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	c.do("delete-user-attributes", with(access, "--user-attribute-names", "nickname")...)
	c.do("change-password", with(access, "--previous-password", cliPassword, "--proposed-password", cliOther)...)

	// Debian's version is older than GetTokensFromRefreshToken.
	renew := with(client, "--auth-flow", "REFRESH_TOKEN_AUTH", "--auth-parameters", parameters("REFRESH_TOKEN", refresh))
	if got := at[string](t, c.do("initiate-auth", renew...), "AuthenticationResult", "TokenType"); got != "Bearer" {
		t.Errorf("token type %s", got)
	}
	c.do("revoke-token", with(client, "--token", refresh)...)
	c.refused("NotAuthorizedException", "Refresh Token has been revoked", "initiate-auth", renew...)

	c.do("forgot-password", ana...)
	c.do("confirm-forgot-password", with(ana, "--confirmation-code", pool.Code("ana"), "--password", cliPassword)...)
	again := c.do("initiate-auth", signIn(cliPassword)...)
	access = []string{"--access-token", at[string](t, again, "AuthenticationResult", "AccessToken")}
	c.do("global-sign-out", access...)
	c.refused("NotAuthorizedException", "Access Token has been revoked", "get-user", access...)
	c.do("admin-delete-user", with(userPool, "--username", "ana")...)
	c.refused("UserNotFoundException", "User does not exist.", "initiate-auth", signIn(cliPassword)...)
}

func TestAWSCLIAdministration(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	pool, userPool, client := c.newPool("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
	ana := with(userPool, "--username", "ana")
	admin := with(userPool, client...)
	signIn := func(password string) []string {
		return with(admin, "--auth-flow", "ADMIN_USER_PASSWORD_AUTH", "--auth-parameters", parameters("USERNAME", "ana", "PASSWORD", password))
	}

	created := c.do("admin-create-user", with(ana, "--user-attributes", "Name=email,Value=ana@example.com", "--desired-delivery-mediums", "EMAIL")...)
	if got := at[string](t, created, "User", "UserStatus"); got != "FORCE_CHANGE_PASSWORD" {
		t.Errorf("status %s", got)
	}
	challenge := c.do("admin-initiate-auth", signIn(pool.Code("ana"))...)
	answered := c.do("admin-respond-to-auth-challenge", with(admin, "--challenge-name", at[string](t, challenge, "ChallengeName"),
		"--session", at[string](t, challenge, "Session"), "--challenge-responses", parameters("USERNAME", "ana", "NEW_PASSWORD", cliPassword))...)
	at[string](t, answered, "AuthenticationResult", "AccessToken")
	c.signInBySRP(pool, admin)

	c.do("create-group", with(userPool, "--group-name", "editors", "--precedence", "1")...)
	c.do("admin-add-user-to-group", with(ana, "--group-name", "editors")...)
	if diff := cmp.Diff([]string{"editors"}, each(t, c.do("admin-list-groups-for-user", ana...), "Groups", "GroupName")); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	for _, name := range []string{"bea", "cleo"} {
		c.do("admin-create-user", with(userPool, "--username", name, "--message-action", "SUPPRESS", "--temporary-password", cliPassword)...)
	}
	// The CLI goes through the pages by itself.
	if diff := cmp.Diff([]string{"ana", "bea", "cleo"}, each(t, c.do("list-users", with(userPool, "--page-size", "1")...), "Users", "Username")); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ana"}, each(t, c.do("list-users", with(userPool, "--filter", `email ^= "ana@"`)...), "Users", "Username")); diff != "" {
		t.Errorf("users with an address (-want +got):\n%s", diff)
	}
	c.do("admin-disable-user", ana...)
	c.refused("NotAuthorizedException", "User is disabled.", "admin-initiate-auth", signIn(cliPassword)...)
	c.do("admin-enable-user", ana...)
	c.do("admin-set-user-password", with(ana, "--password", cliOther, "--permanent")...)
	c.do("admin-initiate-auth", signIn(cliOther)...)
	c.do("admin-user-global-sign-out", ana...)
	c.do("set-user-pool-mfa-config", with(userPool, "--mfa-configuration", "OPTIONAL", "--software-token-mfa-configuration", "Enabled=true")...)
	described := c.do("describe-user-pool", userPool...)
	if got := at[string](t, described, "UserPool", "MfaConfiguration"); got != "OPTIONAL" {
		t.Errorf("MfaConfiguration is %s", got)
	}
	c.do("describe-user-pool-client", admin...)
	if diff := cmp.Diff([]string{pool.PoolID()}, each(t, c.do("list-user-pools", "--max-results", "10"), "UserPools", "Id")); diff != "" {
		t.Errorf("pools (-want +got):\n%s", diff)
	}
	c.do("delete-user-pool-client", admin...)
	c.do("delete-user-pool", userPool...)
	c.refused("ResourceNotFoundException", fmt.Sprintf("User pool %s does not exist.", pool.PoolID()), "describe-user-pool", userPool...)
}

// signInBySRP proves ana's password in the calls of an administrator.
func (c *cli) signInBySRP(pool *authtest.Pool, admin []string) {
	t := c.tb
	t.Helper()
	client := srp.NewClient()
	challenge := c.do("admin-initiate-auth", with(admin, "--auth-flow", "USER_SRP_AUTH", "--auth-parameters", parameters("USERNAME", "ana", "SRP_A", client.A()))...)
	group, err := srp.PoolName(pool.PoolID())
	if err != nil {
		t.Fatal(err)
	}
	parameter := func(name string) string { return at[string](t, challenge, "ChallengeParameters", name) }
	proof, err := client.Prove(srp.Challenge{
		Group: group, ID: parameter("USER_ID_FOR_SRP"), Salt: parameter("SALT"), B: parameter("SRP_B"), SecretBlock: parameter("SECRET_BLOCK"),
	}, cliPassword, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	responses := func(signature string) []string {
		return with(admin, "--challenge-name", at[string](t, challenge, "ChallengeName"), "--challenge-responses", parameters(
			"USERNAME", parameter("USER_ID_FOR_SRP"), "PASSWORD_CLAIM_SECRET_BLOCK", proof.SecretBlock, "TIMESTAMP", proof.Timestamp, "PASSWORD_CLAIM_SIGNATURE", signature))
	}
	at[string](t, c.do("admin-respond-to-auth-challenge", responses(proof.Signature)...), "AuthenticationResult", "AccessToken")
	c.refused("NotAuthorizedException", incorrectLogin, "admin-respond-to-auth-challenge", responses("bm8=")...)
}
