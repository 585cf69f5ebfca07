package authtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const noAddOn = "UserPoolAddOnNotEnabledException"

// claims are those of a token.
func claims(t testing.TB, token string) jwt.MapClaims {
	t.Helper()
	found := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, found); err != nil {
		t.Fatal(err)
	}
	return found
}

// authEvents returns the events of a user, newest first.
func authEvents(t testing.TB, p *Pool, name string) []types.AuthEventType {
	t.Helper()
	in := &cip.AdminListUserAuthEventsInput{UserPoolId: aws.String(p.PoolID()), Username: &name}
	return must[cip.AdminListUserAuthEventsOutput](t)(sdk(p.Transport()).AdminListUserAuthEvents(t.Context(), in)).AuthEvents
}

// story tells what events were, oldest first: "SignIn Fail Password:Failure".
func story(events []types.AuthEventType) []string {
	var lines []string
	for _, e := range slices.Backward(events) {
		line := string(e.EventType) + " " + string(e.EventResponse)
		for _, c := range e.ChallengeResponses {
			line += " " + string(c.ChallengeName) + ":" + string(c.ChallengeResponse)
		}
		lines = append(lines, line)
	}
	return lines
}

// TestAuthEvents records what people do.
func TestAuthEvents(t *testing.T) {
	t.Parallel()
	totp := func(code func(p *Pool) string) func(t *testing.T, p *Pool) {
		return func(t *testing.T, p *Pool) {
			t.Helper()
			session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("tom", testPassword)), "SOFTWARE_TOKEN_MFA")
			post(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "tom", "SOFTWARE_TOKEN_MFA_CODE": "x"}))
			post(t, p, "RespondToAuthChallenge", respond("SOFTWARE_TOKEN_MFA", session, m{"USERNAME": "tom", "SOFTWARE_TOKEN_MFA_CODE": code(p)}))
		}
	}
	tests := []struct {
		name, user string
		act        func(t *testing.T, p *Pool)
		want       []string
	}{
		{"right password", "ana", func(t *testing.T, p *Pool) { t.Helper(); signIn(t, p) }, []string{"SignIn Pass Password:Success"}},
		{"wrong password", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			fails(t, p, "InitiateAuth", withPassword("ana", "x"), notAuthorizedCode, textIncorrect)
		}, []string{"SignIn Fail Password:Failure"}},
		{"SRP", "ana", func(t *testing.T, p *Pool) { t.Helper(); signInSRP(t, p, "ana", testPassword, nil) }, []string{"SignIn Pass Password:Success"}},
		{"SRP with a wrong password", "ana", func(t *testing.T, p *Pool) { t.Helper(); signInSRP(t, p, "ana", "x", nil) }, []string{"SignIn Fail Password:Failure"}},
		{"wrong code, then the right one", "tom", totp(func(p *Pool) string { return p.TOTP("tom") }), []string{"SignIn Pass Password:Success Mfa:Failure Mfa:Success"}},
		{"wrong codes", "tom", totp(func(*Pool) string { return "y" }), []string{"SignIn Fail Password:Success Mfa:Failure Mfa:Failure"}},
		{"second factor that is not given", "tom", func(t *testing.T, p *Pool) {
			t.Helper()
			ok(t, p, "InitiateAuth", withPassword("tom", testPassword))
		}, []string{"SignIn InProgress Password:Success"}},
		{"code as the only factor", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			a := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"}})
			ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", a.str("Session"), m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
		}, []string{"SignIn Pass"}},
		{"disabled", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			admin(t, p, "AdminDisableUser", `"Username":"ana"}`)
			fails(t, p, "InitiateAuth", withPassword("ana", testPassword), notAuthorizedCode, "User is disabled.")
		}, []string{"SignIn Fail"}},
		{"request without a password", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			fails(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana", "PREFERRED_CHALLENGE": "PASSWORD"}},
				invalid, "Missing required parameter PASSWORD")
		}, nil},
		{"sign-up", "new", func(t *testing.T, p *Pool) {
			t.Helper()
			ok(t, p, "SignUp", signUpBody("new", "new@example.com"))
			ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "new"})
			fails(t, p, "InitiateAuth", withPassword("new", testPassword), notConfirmed, "User is not confirmed.")
		}, []string{"SignUp Pass", "ResendCode Pass", "SignIn Fail"}},
		{"forgotten password", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
			reset := m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "x", "Password": "An0ther one"}
			fails(t, p, "ConfirmForgotPassword", reset, codeMismatchCode, textWrongCode)
			reset["ConfirmationCode"] = p.Code("ana")
			ok(t, p, "ConfirmForgotPassword", reset)
		}, []string{"ForgotPassword Pass", "PasswordChange Fail", "PasswordChange Pass"}},
		{"reset without a contact", "tom", func(t *testing.T, p *Pool) {
			t.Helper()
			fails(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "tom"}, invalid, textNoContact)
		}, []string{"ForgotPassword Fail"}},
		{"change of the password", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			access, _, _ := signIn(t, p)
			change := m{"AccessToken": access, "PreviousPassword": "x12345", "ProposedPassword": "An0ther one"}
			fails(t, p, "ChangePassword", change, notAuthorizedCode, textIncorrect)
			change["PreviousPassword"] = testPassword
			ok(t, p, "ChangePassword", change)
		}, []string{"SignIn Pass Password:Success", "PasswordChange Fail", "PasswordChange Pass"}},
		{"refresh", "ana", func(t *testing.T, p *Pool) {
			t.Helper()
			_, _, refresh := signIn(t, p)
			ok(t, p, "InitiateAuth", refreshBy("InitiateAuth", refresh))
		}, []string{"SignIn Pass Password:Success"}},
	}
	for _, mode := range []AdvancedSecurityMode{AdvancedSecurityOff, AdvancedSecurityAudit, AdvancedSecurityEnforced} {
		for _, tt := range tests {
			t.Run(string(mode)+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				p := newPool(t, Config{
					AdvancedSecurityMode: mode, MFA: MFAOptional, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP},
					ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUserSRP, AllowUser, AllowRefreshToken},
				})
				p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
				p.AddUser(User{Name: "tom", Password: testPassword, TOTP: true})
				tt.act(t, p)
				if mode == AdvancedSecurityOff {
					if n := len(p.users.find(tt.user).events); n > 0 {
						t.Errorf("%d events were recorded", n)
					}
					return
				}
				if diff := cmp.Diff(tt.want, story(authEvents(t, p, tt.user)), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestAuthEventOfTokens looks at all of an event: its id is the one of the tokens
// that the sign-in gave.
func TestAuthEventOfTokens(t *testing.T) {
	t.Parallel()
	const agent = "Mozilla/5.0 (X11)"
	tests := []struct {
		name    string
		signIn  func(t *testing.T, p *Pool) answer
		context types.EventContextDataType
	}{
		{"without a context", func(t *testing.T, p *Pool) answer {
			t.Helper()
			return ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
		}, types.EventContextDataType{}},
		{"of an application", func(t *testing.T, p *Pool) answer {
			t.Helper()
			body := withPassword("ana", testPassword)
			body["UserContextData"] = m{"IpAddress": "::ffff:192.0.2.1", "EncodedData": "x"}
			return ok(t, p, "InitiateAuth", body)
		}, types.EventContextDataType{IpAddress: aws.String("192.0.2.1")}},
		{"of a server", func(t *testing.T, p *Pool) answer {
			t.Helper()
			return admin(t, p, "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","AuthParameters":`+
				jsonText(m{"USERNAME": "ana", "PASSWORD": testPassword})+`,"ContextData":`+
				jsonText(m{"IpAddress": "2001:db8::1", "ServerName": "x", "ServerPath": "/", "HttpHeaders": []m{{"headerName": "user-agent", "headerValue": agent}}})+`}`)
		}, types.EventContextDataType{IpAddress: aws.String("2001:db8::1"), DeviceName: aws.String(agent)}},
		{"with no address", func(t *testing.T, p *Pool) answer {
			t.Helper()
			body := withPassword("ana", testPassword)
			body["UserContextData"] = m{"IpAddress": "not an address"}
			return ok(t, p, "InitiateAuth", body)
		}, types.EventContextDataType{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit, ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowAdminUserPassword}})
				p.AddUser(User{Name: "ana", Password: testPassword})
				a := tt.signIn(t, p)
				access, id := claims(t, result(t, a, "AccessToken")), claims(t, result(t, a, "IdToken"))
				want := []types.AuthEventType{{
					EventId: aws.String(access["event_id"].(string)), EventType: types.EventTypeSignIn, EventResponse: types.EventResponseTypePass,
					CreationDate: aws.Time(time.Now().Truncate(time.Millisecond)),
					EventRisk:    &types.EventRiskType{RiskDecision: types.RiskDecisionTypeNoRisk, CompromisedCredentialsDetected: aws.Bool(false)},
					ChallengeResponses: []types.ChallengeResponseType{
						{ChallengeName: types.ChallengeNamePassword, ChallengeResponse: types.ChallengeResponseSuccess},
					},
					EventContextData: &tt.context,
				}}
				if diff := cmp.Diff(want, authEvents(t, p, "ana"), ignoreEvents()); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if id["event_id"] != access["event_id"] {
					t.Errorf("the tokens are of the events %v and %v", access["event_id"], id["event_id"])
				}
			})
		})
	}
}

func ignoreEvents() cmp.Option {
	return cmpopts.IgnoreUnexported(types.AuthEventType{}, types.EventRiskType{}, types.ChallengeResponseType{},
		types.EventContextDataType{}, types.EventFeedbackType{})
}

// TestAuthEventsManaged records sign-ins at the pages too.
func TestAuthEventsManaged(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit})
	p.AddUser(User{Name: "ana", Password: testPassword})
	c := &call{pool: p, now: p.now(), managed: true}
	_, err := locked(c, func() (*authResponse, *apiError) {
		return initiateAuth(c, &initiateAuthRequest{ClientID: "client1", AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: map[string]string{"USERNAME": "ana", "PASSWORD": testPassword}})
	})
	if err != nil {
		t.Fatal(err.message)
	}
	if diff := cmp.Diff([]string{"SignIn Pass Password:Success"}, story(authEvents(t, p, "ana"))); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestAuthEventsAreBounded reads the last hundred events, a page at a time.
func TestAuthEventsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit, ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword})
		p.AddUser(User{Name: "bob", Password: testPassword})
		var want []string
		for range maxAuthEvents + 5 {
			a := ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
			want = append(want, claims(t, result(t, a, "AccessToken"))["event_id"].(string))
		}
		want = want[5:]
		slices.Reverse(want)
		client := sdk(p.Transport())
		in := &cip.AdminListUserAuthEventsInput{UserPoolId: aws.String(p.PoolID()), Username: aws.String("ana")}
		for limit, pages := range map[int32]int{0: 2, 1: 100, 7: 15, 60: 2} {
			in.MaxResults = aws.Int32(limit)
			var got []string
			n := 0
			for pager := cip.NewAdminListUserAuthEventsPaginator(client, in); pager.HasMorePages() && n <= pages; n++ {
				for _, e := range must[cip.AdminListUserAuthEventsOutput](t)(pager.NextPage(t.Context())).AuthEvents {
					got = append(got, *e.EventId)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || n != pages {
				t.Errorf("%d at a time, %d pages (-want +got):\n%s", limit, n, diff)
			}
		}
		in.MaxResults = aws.Int32(1)
		next := must[cip.AdminListUserAuthEventsOutput](t)(client.AdminListUserAuthEvents(t.Context(), in)).NextToken
		_, err := client.AdminListUserAuthEvents(t.Context(), &cip.AdminListUserAuthEventsInput{UserPoolId: in.UserPoolId, Username: aws.String("bob"), NextToken: next})
		refused(t, err, invalid, "Invalid pagination token given")
	})
}

// TestEventProofsAreBounded guesses a code more often than an event has room for.
func TestEventProofsAreBounded(t *testing.T) {
	t.Parallel()
	o := &observation{authEvent: &authEvent{}}
	for range maxEventProofs + 5 {
		o.note(proofMFA, false)
	}
	o.note(proofMFA, true)
	if n := len(o.challenges); n != maxEventProofs || o.challenges[n-1].ChallengeResponse != "Success" {
		t.Errorf("got %d proofs, %v", n, o.challenges)
	}
}

// TestAuthEventFeedback gives feedback as an administrator and as the user.
func TestAuthEventFeedback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit, ExplicitAuthFlows: passwordFlow})
		p.AddUser(User{Name: "ana", Password: testPassword})
		p.AddUser(User{Name: "bob", Password: testPassword})
		ok(t, p, "InitiateAuth", withPassword("bob", testPassword))
		signIn(t, p)
		signIn(t, p)
		events := authEvents(t, p, "ana")
		id, other, theirs := events[0].EventId, events[1].EventId, authEvents(t, p, "bob")[0].EventId
		client, pool, ana := sdk(p.Transport()), aws.String(p.PoolID()), aws.String("ana")
		wantFeedback := func(value types.FeedbackValueType, provider string) {
			t.Helper()
			want := &types.EventFeedbackType{FeedbackValue: value, Provider: &provider, FeedbackDate: aws.Time(time.Now().Truncate(time.Millisecond))}
			events := authEvents(t, p, "ana")
			if diff := cmp.Diff(want, events[0].EventFeedback, ignoreEvents()); diff != "" {
				t.Errorf("feedback (-want +got):\n%s", diff)
			}
			if events[1].EventFeedback != nil {
				t.Error("the other event has feedback")
			}
		}
		by := &cip.AdminUpdateAuthEventFeedbackInput{UserPoolId: pool, Username: ana, EventId: id, FeedbackValue: types.FeedbackValueTypeInvalid}
		must[cip.AdminUpdateAuthEventFeedbackOutput](t)(client.AdminUpdateAuthEventFeedback(t.Context(), by))
		wantFeedback("Invalid", "Admin")
		by.EventId = theirs
		_, err := client.AdminUpdateAuthEventFeedback(t.Context(), by)
		refused(t, err, notFound, "The authentication event does not exist.")

		time.Sleep(time.Hour)
		in := &cip.UpdateAuthEventFeedbackInput{UserPoolId: pool, Username: ana, EventId: id, FeedbackValue: types.FeedbackValueTypeValid}
		for _, token := range []string{"x", p.FeedbackToken("ana", *other), p.FeedbackToken("bob", *theirs)} {
			in.FeedbackToken = &token
			_, err := client.UpdateAuthEventFeedback(t.Context(), in)
			refused(t, err, notAuthorizedCode, "Invalid feedback token")
		}
		in.FeedbackToken = aws.String(p.FeedbackToken("ana", *id))
		must[cip.UpdateAuthEventFeedbackOutput](t)(client.UpdateAuthEventFeedback(t.Context(), in))
		wantFeedback("Valid", "User")
	})
}

// TestThreatProtectionOff sends what only a pool with threat protection can do
// to one that has none any more.
func TestThreatProtectionOff(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	p := s.NewPool(Config{ClientID: "client1", AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	signIn(t, p)
	id := *authEvents(t, p, "ana")[0].EventId
	token := p.FeedbackToken("ana", id)
	client := sdk(s.Transport())
	update := func(mode types.AdvancedSecurityModeType, tier types.UserPoolTierType) error {
		in := &cip.UpdateUserPoolInput{UserPoolId: aws.String(p.PoolID()), UserPoolTier: tier}
		if mode != "" {
			in.UserPoolAddOns = &types.UserPoolAddOnsType{AdvancedSecurityMode: mode}
		}
		_, err := client.UpdateUserPool(t.Context(), in)
		return err
	}
	if err := update("OFF", "ESSENTIALS"); err != nil {
		t.Fatal(err)
	}
	for operation, body := range map[string]string{
		"AdminListUserAuthEvents":      `"Username":"ana"}`,
		"AdminUpdateAuthEventFeedback": `"Username":"ana","FeedbackValue":"Valid","EventId":"` + id + `"}`,
		"UpdateAuthEventFeedback":      `"Username":"ana","FeedbackValue":"Valid","EventId":"` + id + `","FeedbackToken":"` + token + `"}`,
		"SetRiskConfiguration":         `"ClientId":"client1"}`,
		"DescribeRiskConfiguration":    `"ClientId":"client1"}`,
	} {
		if a := postSigned(t, p, operation, body); a.code() != noAddOn {
			t.Errorf("%s: got %s", operation, a.raw)
		}
	}
	refused(t, update("AUDIT", ""), "FeatureUnavailableInTierException",
		"The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection")
	if err := update("AUDIT", "PLUS"); err != nil {
		t.Fatal(err)
	}
	if got := authEvents(t, p, "ana"); len(got) != 1 || *got[0].EventId != id {
		t.Errorf("got %v", story(got))
	}
	if err := update("", ""); err != nil { // what is not mentioned returns to its default
		t.Fatal(err)
	}
	if a := postSigned(t, p, "DescribeRiskConfiguration", `"ClientId":"client1"}`); a.code() != noAddOn {
		t.Errorf("got %s", a.raw)
	}
}

// TestThreatProtectionDescribed makes pools with threat protection in both ways.
func TestThreatProtectionDescribed(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	p := s.NewPool(Config{AdvancedSecurityMode: AdvancedSecurityAudit})
	d := described(t, client, aws.String(p.PoolID()))
	if d.UserPoolTier != types.UserPoolTierTypePlus || d.UserPoolAddOns == nil || d.UserPoolAddOns.AdvancedSecurityMode != types.AdvancedSecurityModeTypeAudit {
		t.Errorf("got tier %s, add-ons %v", d.UserPoolTier, d.UserPoolAddOns)
	}
	in := &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserPoolAddOns: &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeEnforced}}
	_, err := client.CreateUserPool(t.Context(), in)
	refused(t, err, "FeatureUnavailableInTierException", fmt.Sprintf(msgTierThreats, "ESSENTIALS"))
	in.UserPoolTier = types.UserPoolTierTypePlus
	made, _ := s.Pool(*createPool(t, client, in).Id)
	made.AddUser(User{Name: "ana"})
	if got := authEvents(t, made, "ana"); len(got) > 0 {
		t.Errorf("got %v", story(got))
	}
	if _, err := New(Config{AdvancedSecurityMode: "enforced"}); err == nil || !strings.Contains(err.Error(), "AdvancedSecurityMode") {
		t.Errorf("got %v", err)
	}
}

// TestEventOfTwoGrants gives two grants of one event different ids: access tokens
// find their grant by it.
func TestEventOfTwoGrants(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit})
	p.AddUser(User{Name: "ana"})
	c := &call{pool: p, now: p.now()}
	a := attempt{client: p.clients["client1"], user: p.users.find("ana"), event: "x"}
	first := c.newGrant(a)
	p.grants.add(first)
	if second := c.newGrant(a); first.eventID != "x" || second.eventID == "x" {
		t.Errorf("got %q and %q", first.eventID, second.eventID)
	}
}
