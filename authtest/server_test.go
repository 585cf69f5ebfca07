package authtest

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitokit/auth"
)

// twoPools returns a server with two pools that have a user of the same name.
func twoPools(t testing.TB, cfg Config) (*Server, [2]*Pool) {
	t.Helper()
	s := newServer(t, ServerConfig{})
	var pools [2]*Pool
	for i := range pools {
		cfg.ExplicitAuthFlows = []AuthFlow{AllowUserSRP, AllowUserPassword, AllowRefreshToken}
		pools[i] = s.NewPool(cfg)
		pools[i].AddUser(User{Name: "ana", Password: testPassword})
	}
	return s, pools
}

func passwordSignIn(p *Pool) *cip.InitiateAuthInput {
	return &cip.InitiateAuthInput{
		ClientId: aws.String(p.ClientID()), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": "ana", "PASSWORD": testPassword},
	}
}

// TestServerRoutes sends each kind of request to a server of two pools, and
// looks which of them answered.
func TestServerRoutes(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{MFA: MFARequired})
	client := sdk(s.Transport())
	for i, p := range pools {
		a := must[cip.InitiateAuthOutput](t)(client.InitiateAuth(t.Context(), passwordSignIn(p)))
		if a.ChallengeName != types.ChallengeNameTypeMfaSetup {
			t.Fatalf("pool %d: got challenge %s", i, a.ChallengeName)
		}
		setUp := must[cip.AssociateSoftwareTokenOutput](t)(client.AssociateSoftwareToken(t.Context(), &cip.AssociateSoftwareTokenInput{Session: a.Session}))
		verified := must[cip.VerifySoftwareTokenOutput](t)(client.VerifySoftwareToken(t.Context(), &cip.VerifySoftwareTokenInput{
			Session: setUp.Session, UserCode: aws.String(p.TOTP("ana")),
		}))
		done := must[cip.RespondToAuthChallengeOutput](t)(client.RespondToAuthChallenge(t.Context(), &cip.RespondToAuthChallengeInput{
			ClientId: aws.String(p.ClientID()), ChallengeName: a.ChallengeName, Session: verified.Session,
			ChallengeResponses: map[string]string{"USERNAME": "ana"},
		}))
		tokens := done.AuthenticationResult
		if _, claims := parseToken(t, p, *tokens.AccessToken); claims["iss"] != p.Issuer() {
			t.Errorf("pool %d: got iss %v", i, claims["iss"])
		}
		sub := func(attributes []types.AttributeType) string { return aws.ToString(attributes[0].Value) }
		u, _ := p.User("ana")
		me := must[cip.GetUserOutput](t)(client.GetUser(t.Context(), &cip.GetUserInput{AccessToken: tokens.AccessToken}))
		same := must[cip.AdminGetUserOutput](t)(client.AdminGetUser(t.Context(), &cip.AdminGetUserInput{UserPoolId: aws.String(p.PoolID()), Username: aws.String("ana")}))
		if sub(me.UserAttributes) != u.Sub || sub(same.UserAttributes) != u.Sub {
			t.Errorf("pool %d: another pool answered", i)
		}
		must[cip.RevokeTokenOutput](t)(client.RevokeToken(t.Context(), &cip.RevokeTokenInput{ClientId: aws.String(p.ClientID()), Token: tokens.RefreshToken}))
		_, err := client.GetUser(t.Context(), &cip.GetUserInput{AccessToken: tokens.AccessToken})
		refused(t, err, "NotAuthorizedException", "Access Token has been revoked")
		_, err = client.AdminInitiateAuth(t.Context(), &cip.AdminInitiateAuthInput{
			UserPoolId: aws.String(p.PoolID()), ClientId: aws.String(pools[1-i].ClientID()), AuthFlow: types.AuthFlowTypeUserSrpAuth,
		})
		refused(t, err, "ResourceNotFoundException", "User pool client "+pools[1-i].ClientID()+" does not exist.")
	}
}

// TestServerWithoutPool asks for what belongs to no pool. Requests that are
// malformed are told so first, as by a pool.
func TestServerWithoutPool(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{})
	foreign, err := New(Config{ExplicitAuthFlows: passwordFlow, ClientID: "client1"})
	if err != nil {
		t.Fatal(err)
	}
	foreign.AddUser(User{Name: "ana", Password: testPassword})
	access, id, _ := signIn(t, foreign)
	tokens := must[cip.InitiateAuthOutput](t)(sdk(s.Transport()).InitiateAuth(t.Context(), passwordSignIn(pools[0]))).AuthenticationResult
	const session = "12345678901234567890"
	tests := []struct {
		name, operation string
		body            any
		code, message   string
	}{
		{"client", "InitiateAuth", m{"ClientId": "nobody", "AuthFlow": "USER_SRP_AUTH"}, "ResourceNotFoundException", "User pool client nobody does not exist."},
		{"pool", "AdminGetUser", m{"UserPoolId": "eu-west-1_nobody", "Username": "ana"}, "ResourceNotFoundException", "User pool eu-west-1_nobody does not exist."},
		{"session", "AssociateSoftwareToken", m{"Session": session}, "NotAuthorizedException", "Invalid session for the user."},
		{"token of another server", "GetUser", m{"AccessToken": access}, "NotAuthorizedException", "Invalid Access Token"},
		{"ID token of another server", "GetUser", m{"AccessToken": id}, "NotAuthorizedException", "Invalid Access Token"},
		{"ID token", "GetUser", m{"AccessToken": *tokens.IdToken}, "NotAuthorizedException", "Invalid Access Token"},
		{"no token", "GetUser", m{"AccessToken": "x"}, "NotAuthorizedException", "Invalid Access Token"},
		{"tampered token", "GetUser", m{"AccessToken": *tokens.AccessToken + "AAAA"}, "NotAuthorizedException", "Could not verify signature for Access Token"},
		{"nothing", "GetUser", m{}, "InvalidParameterException", "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must not be null"},
		{"no object", "GetUser", "[]", "SerializationException", "Start of list found where not expected"},
		{"number for text", "GetUser", m{"AccessToken": 1}, "SerializationException", "NUMBER_VALUE can not be converted to String"},
		{"no JSON", "GetUser", "{", "SerializationException", ""},
	}
	for _, tt := range tests {
		a := postTo(t, &http.Client{Transport: withSignature{s.Transport()}}, tt.operation, tt.body)
		if a.code() != tt.code || a.message() != tt.message {
			t.Errorf("%s: got %s: %q\nwant %s: %q", tt.name, a.code(), a.message(), tt.code, tt.message)
		}
	}
}

// TestServerTokens sends tokens that only their client, or only their issuer,
// can tell the pool of.
func TestServerTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	pools := []*Pool{s.NewPool(Config{ExplicitAuthFlows: passwordFlow})}
	for range 2 {
		pools = append(pools, s.NewPool(Config{ExplicitAuthFlows: passwordFlow, Issuer: "https://login.example/people"}))
	}
	for i, p := range pools {
		p.AddUser(User{Name: "ana", Password: testPassword})
		tokens := must[cip.InitiateAuthOutput](t)(client.InitiateAuth(t.Context(), passwordSignIn(p))).AuthenticationResult
		if _, err := client.GetUser(t.Context(), &cip.GetUserInput{AccessToken: tokens.AccessToken}); err != nil {
			t.Errorf("pool %d: %v", i, err)
		}
		if i > 0 {
			continue
		}
		must[cip.DeleteUserPoolClientOutput](t)(client.DeleteUserPoolClient(t.Context(), &cip.DeleteUserPoolClientInput{UserPoolId: aws.String(p.PoolID()), ClientId: aws.String(p.ClientID())}))
		_, err := client.GetUser(t.Context(), &cip.GetUserInput{AccessToken: tokens.AccessToken})
		refused(t, err, "NotAuthorizedException", "Access Token has been revoked")
	}
}

func TestServerDocuments(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	a, b, c := s.NewPool(Config{}), s.NewPool(Config{Issuer: "https://login.example/b/"}), s.NewPool(Config{Issuer: "http://127.0.0.1:8080/c"})
	tests := []struct {
		name, url, issuer, keysBelow string
	}{
		{"host of the service", "https://cognito-idp.eu-west-1.amazonaws.com/" + a.PoolID(), a.Issuer(), a.Issuer()},
		{"loopback", "http://127.0.0.1/" + b.PoolID(), "https://login.example/b", "http://127.0.0.1/" + b.PoolID()},
		{"loopback, of an issuer there", "http://127.0.0.1/" + c.PoolID(), "http://127.0.0.1:8080/c", "http://127.0.0.1:8080/c"},
		{"issuer", "https://login.example/b", "https://login.example/b", "https://login.example/b"},
		{"nobody", "https://login.example", "", ""},
	}
	for _, tt := range tests {
		res, err := s.HTTPClient().Get(tt.url + "/.well-known/openid-configuration")
		if err != nil {
			t.Fatal(err)
		}
		if tt.issuer == "" {
			res.Body.Close()
			if res.StatusCode != http.StatusNotFound {
				t.Errorf("%s: got %d", tt.name, res.StatusCode)
			}
			continue
		}
		if got := readAnswer(t, res); got.str("issuer") != tt.issuer || got.str("jwks_uri") != tt.keysBelow+"/.well-known/jwks.json" {
			t.Errorf("%s: got %s", tt.name, got.raw)
		}
	}
}

// TestServerStart signs in at two pools of a server on loopback.
func TestServerStart(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{})
	address := s.Start()
	if address != s.Start() {
		t.Error("a second Start gave another address")
	}
	for _, p := range pools {
		client := p.Client(func(c *auth.Config) {
			c.HTTPClient, c.AWS = http.DefaultClient, &aws.Config{BaseEndpoint: aws.String(address)}
		})
		session, err := auth.NewSession(client, "browser-1")
		if err != nil {
			t.Fatal(err)
		}
		// The key set is looked for at the issuer, which is not this address.
		if _, err := auth.SignIn(t.Context(), session, auth.SignInInput{Username: "ana", Password: "wrong"}); !errors.Is(err, auth.ErrNotAuthorized) {
			t.Errorf("got %v", err)
		}
	}
	s.Close()
	if res, err := http.Get(address); err == nil {
		res.Body.Close()
		t.Error("a closed server answers")
	}
}

func TestServerRequestsAndFaults(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{})
	client := sdk(s.Transport())
	pools[0].Inject(Fault{Code: "InternalErrorException"})
	s.Inject(Throttle())
	_, err := client.InitiateAuth(t.Context(), passwordSignIn(pools[0]))
	refused(t, err, "TooManyRequestsException", "Rate exceeded")
	_, err = client.InitiateAuth(t.Context(), passwordSignIn(pools[1]))
	if err != nil {
		t.Error(err)
	}
	_, err = client.InitiateAuth(t.Context(), passwordSignIn(pools[0]))
	refused(t, err, "InternalErrorException", "")
	postTo(t, s.HTTPClient(), "GetUser", m{"AccessToken": "x"})
	var got []string
	for _, r := range s.Requests() {
		got = append(got, r.Operation+" "+r.UserPoolID+" "+r.Code)
	}
	want := []string{
		"InitiateAuth " + pools[0].PoolID() + " TooManyRequestsException", "InitiateAuth " + pools[1].PoolID() + " ",
		"InitiateAuth " + pools[0].PoolID() + " InternalErrorException", "GetUser  NotAuthorizedException",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got requests\n%s", strings.Join(got, "\n"))
	}
	if n := len(pools[1].Requests()); n != 1 {
		t.Errorf("the second pool has %d requests", n)
	}
}

func TestServerConfig(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]ServerConfig{"Region": {Region: "eu west"}, "IssuerBase": {IssuerBase: "/here"}} {
		if _, err := NewStandaloneServer(cfg); err == nil || !strings.Contains(err.Error(), "authtest: server: "+name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s, err := NewStandaloneServer(ServerConfig{Region: "us-east-1", IssuerBase: "http://localhost:9229/", ClockSkew: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.AddPool(Config{ClientID: "client1"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Region() != "us-east-1" || !strings.HasPrefix(p.PoolID(), "us-east-1_") || p.Issuer() != "http://localhost:9229/"+p.PoolID() || p.cfg.ClockSkew != time.Hour {
		t.Errorf("got pool %s, issuer %s", p.PoolID(), p.Issuer())
	}
	for name, cfg := range map[string]Config{
		"problem": {MFA: "x"}, "region": {PoolID: "eu-west-1_a"}, "pool twice": {PoolID: p.PoolID()}, "client twice": {ClientID: "client1"},
	} {
		if _, err := s.AddPool(cfg); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if got, ok := s.Pool(p.PoolID()); !ok || got != p || len(s.Pools()) != 1 {
		t.Errorf("pools: got %v", s.Pools())
	}
	if _, ok := s.Pool("us-east-1_other"); ok {
		t.Error("a pool that is not there was found")
	}
	second, err := s.AddPool(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("two pools have the same client")
		}
	}()
	second.AddClient(AppClient{ClientID: "client1"})
}

// TestServerComplains checks that unknown operations fail the test that a
// server belongs to, whichever pool they were for.
func TestServerComplains(t *testing.T) {
	t.Parallel()
	for _, expect := range []bool{false, true} {
		tb := &fakeTB{TB: t}
		s := NewServer(tb, ServerConfig{ExpectUnknown: expect})
		p := s.NewPool(Config{})
		postTo(t, s.HTTPClient(), "SignUpp", m{"ClientId": p.ClientID()})
		postTo(t, s.HTTPClient(), "GetUser", m{"AcessToken": "x"})
		if want := map[bool]int{false: 2, true: 0}[expect]; len(tb.errors) != want {
			t.Errorf("expected %t: got %q", expect, tb.errors)
		}
		s.Close()
	}
}

// TestServerConcurrentSafe changes pools while people sign in to them. The
// race detector judges.
func TestServerConcurrentSafe(t *testing.T) {
	t.Parallel()
	s, pools := twoPools(t, Config{Passkeys: &Passkeys{RelyingPartyID: theDomain}, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}})
	client := sdk(s.Transport())
	var work sync.WaitGroup
	for _, p := range pools {
		id := aws.String(p.PoolID())
		for _, do := range []func() error{
			func() error { _, err := client.InitiateAuth(t.Context(), passwordSignIn(p)); return err },
			func() error {
				_, err := client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: id, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"}})
				return err
			},
			func() error {
				_, err := client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{
					UserPoolId: id, ClientId: aws.String(p.ClientID()), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
				})
				return err
			},
			func() error {
				_, err := client.SetUserPoolMfaConfig(t.Context(), &cip.SetUserPoolMfaConfigInput{UserPoolId: id, WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com")}})
				return err
			},
			func() error {
				_, err := client.TagResource(t.Context(), &cip.TagResourceInput{ResourceArn: aws.String(p.arn()), Tags: map[string]string{randomString(5, digits): ""}})
				return err
			},
			func() error {
				_, err := client.DescribeUserPool(t.Context(), &cip.DescribeUserPoolInput{UserPoolId: id})
				return err
			},
			func() error {
				_, err := client.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{UserPoolId: id, ClientName: aws.String("x")})
				return err
			},
			func() error {
				_, err := client.CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("x")})
				return err
			},
			func() error {
				_, err := client.ListUserPools(t.Context(), &cip.ListUserPoolsInput{MaxResults: aws.Int32(60)})
				return err
			},
			func() error { p.AddToGroups("ana", "a", "b"); return nil },
			func() error {
				_, err := client.ListUsersInGroup(t.Context(), &cip.ListUsersInGroupInput{UserPoolId: id, GroupName: aws.String("ever")})
				return err
			},
		} {
			p.AddToGroups("ana", "ever")
			work.Go(func() {
				for range 20 {
					if err := do(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	work.Wait()
}
