package authtest

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cognitokit/auth/srp"
)

// setRisk sets the risk configuration of a pool, or of a client.
func setRisk(t testing.TB, p *Pool, in cip.SetRiskConfigurationInput) *types.RiskConfigurationType {
	t.Helper()
	in.UserPoolId = aws.String(p.PoolID())
	return must[cip.SetRiskConfigurationOutput](t)(sdk(p.Transport()).SetRiskConfiguration(t.Context(), &in)).RiskConfiguration
}

func takeover(action types.AccountTakeoverEventActionType, notify bool) *types.AccountTakeoverRiskConfigurationType {
	return &types.AccountTakeoverRiskConfigurationType{Actions: &types.AccountTakeoverActionsType{
		HighAction: &types.AccountTakeoverActionType{EventAction: action, Notify: notify},
	}}
}

// TestRisk signs people in who are a risk.
func TestRisk(t *testing.T) {
	t.Parallel()
	const refusal = "Unable to login because of security reasons."
	tests := []struct {
		name, user string
		mfa        MFAMode
		mode       AdvancedSecurityMode
		action     types.AccountTakeoverEventActionType
		level      RiskLevel
		challenge  string // empty for tokens
		refusal    string
		decision   types.RiskDecisionType
	}{
		{"block", "ana", MFAOptional, AdvancedSecurityEnforced, "BLOCK", RiskHigh, "", refusal, "Block"},
		{"no action", "ana", MFAOptional, AdvancedSecurityEnforced, "NO_ACTION", RiskHigh, "", "", "NoRisk"},
		{"no action for the level", "ana", MFAOptional, AdvancedSecurityEnforced, "BLOCK", RiskMedium, "", "", "NoRisk"},
		{"no risk", "ana", MFAOptional, AdvancedSecurityEnforced, "BLOCK", RiskNone, "", "", "NoRisk"},
		{"audit", "ana", MFAOptional, AdvancedSecurityAudit, "BLOCK", RiskHigh, "", "", "NoRisk"},
		{"MFA, a contact serves", "ana", MFAOptional, AdvancedSecurityEnforced, "MFA_IF_CONFIGURED", RiskHigh, "EMAIL_OTP", "", "AccountTakeover"},
		{"MFA required, a contact serves", "ana", MFAOptional, AdvancedSecurityEnforced, "MFA_REQUIRED", RiskHigh, "EMAIL_OTP", "", "AccountTakeover"},
		{"MFA, an app is registered", "tom", MFAOptional, AdvancedSecurityEnforced, "MFA_IF_CONFIGURED", RiskHigh, "SOFTWARE_TOKEN_MFA", "", "AccountTakeover"},
		{"MFA, nothing is registered", "bob", MFAOptional, AdvancedSecurityEnforced, "MFA_IF_CONFIGURED", RiskHigh, "", "", "NoRisk"},
		{"MFA required, nothing is registered", "bob", MFAOptional, AdvancedSecurityEnforced, "MFA_REQUIRED", RiskHigh, "", refusal, "Block"},
		{"MFA, the pool has none", "ana", MFAOff, AdvancedSecurityEnforced, "MFA_IF_CONFIGURED", RiskHigh, "", "", "NoRisk"},
		{"MFA required, the pool has none", "ana", MFAOff, AdvancedSecurityEnforced, "MFA_REQUIRED", RiskHigh, "", refusal, "Block"},
	}
	for _, tt := range tests {
		for _, flow := range []string{"USER_PASSWORD_AUTH", "USER_SRP_AUTH"} {
			t.Run(tt.name+"/"+flow, func(t *testing.T) {
				t.Parallel()
				p := newPool(t, Config{
					AdvancedSecurityMode: tt.mode, ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUserSRP},
					MFA: tt.mfa, MFAFactors: []MFAFactor{MFAFactorTOTP, MFAFactorEmail},
				})
				p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
				p.AddUser(User{Name: "tom", Password: testPassword, Email: "tom@example.com", TOTP: tt.mfa != MFAOff})
				p.AddUser(User{Name: "bob", Password: testPassword})
				setRisk(t, p, cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover(tt.action, false)})
				if err := p.SetUserRisk(tt.user, tt.level); err != nil {
					t.Fatal(err)
				}
				var a answer
				if flow == "USER_SRP_AUTH" {
					a = signInSRP(t, p, tt.user, testPassword, nil)
				} else {
					a = post(t, p, "InitiateAuth", withPassword(tt.user, testPassword))
				}
				response := types.EventResponseTypePass
				switch {
				case tt.refusal != "":
					response = types.EventResponseTypeFail
					if a.code() != notAuthorizedCode || a.message() != tt.refusal {
						t.Errorf("got %s", a.raw)
					}
				case tt.challenge != "":
					response = types.EventResponseTypeInProgress
					wantChallenge(t, a, tt.challenge)
				default:
					result(t, a, "AccessToken")
				}
				event := authEvents(t, p, tt.user)[0]
				want := &types.EventRiskType{RiskDecision: tt.decision, RiskLevel: types.RiskLevelType(tt.level), CompromisedCredentialsDetected: aws.Bool(false)}
				if diff := cmp.Diff(want, event.EventRisk, ignoreEvents()); diff != "" || event.EventResponse != response {
					t.Errorf("%s, risk (-want +got):\n%s", event.EventResponse, diff)
				}
			})
		}
	}
}

// TestRiskAnswered gives the second factor that a risk asked for: it is the same
// event, and a remembered device does not stand for it.
func TestRiskAnswered(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: []AuthFlow{AllowUserSRP}, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail},
		Devices: &DeviceTracking{ChallengeRequiredOnNewDevice: true},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	_, _, confirm := signInOnDevice(t, p)
	ok(t, p, "ConfirmDevice", confirm)
	onDevice := func(responses m) { responses["DEVICE_KEY"] = confirm["DeviceKey"] }
	wantChallenge(t, signInSRP(t, p, "ana", testPassword, onDevice), "DEVICE_SRP_AUTH")
	setRisk(t, p, cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover("MFA_REQUIRED", false)})
	if err := p.SetUserRisk("ana", RiskHigh); err != nil {
		t.Fatal(err)
	}
	session := wantChallenge(t, signInSRP(t, p, "ana", testPassword, nil), "EMAIL_OTP")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
	events := authEvents(t, p, "ana")
	if diff := cmp.Diff("SignIn Pass Password:Success Mfa:Success", story(events[:1])[0]); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if id := claims(t, result(t, a, "AccessToken"))["event_id"]; id != *events[0].EventId {
		t.Errorf("the tokens are of the event %v and not %s", id, *events[0].EventId)
	}
	wantChallenge(t, signInSRP(t, p, "ana", testPassword, onDevice), "EMAIL_OTP")
}

// TestRiskOfCustomSignIn judges custom sign-ins by a mode of their own.
func TestRiskOfCustomSignIn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		mode types.AdvancedSecurityEnabledModeType
		want string
	}{
		{"nothing said", "", ""},
		{"audit", types.AdvancedSecurityEnabledModeTypeAudit, ""},
		{"enforced", types.AdvancedSecurityEnabledModeTypeEnforced, notAuthorizedCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, ServerConfig{})
			p := s.NewPool(Config{ClientID: "client1", AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: []AuthFlow{AllowCustom}, Triggers: Triggers{
				DefineAuthChallenge: func(e *DefineAuthChallengeEvent) error {
					if len(e.Request.Session) == 1 {
						e.Response.ChallengeName = "PASSWORD_VERIFIER"
					} else {
						e.Response.IssueTokens = true
					}
					return nil
				},
				CreateAuthChallenge: func(*CreateAuthChallengeEvent) error { return nil },
				VerifyAuthChallenge: func(*VerifyAuthChallengeEvent) error { return nil },
			}})
			p.AddUser(User{Name: "ana", Password: testPassword})
			addOns := &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeEnforced}
			if tt.mode != "" {
				addOns.AdvancedSecurityAdditionalFlows = &types.AdvancedSecurityAdditionalFlowsType{CustomAuthMode: tt.mode}
			}
			must[cip.UpdateUserPoolOutput](t)(sdk(s.Transport()).UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: aws.String(p.PoolID()), UserPoolAddOns: addOns}))
			setRisk(t, p, cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover("BLOCK", false)})
			if err := p.SetUserRisk("ana", RiskHigh); err != nil {
				t.Fatal(err)
			}
			client := srp.NewClient()
			challenge := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": m{"USERNAME": "ana", "CHALLENGE_NAME": "SRP_A", "SRP_A": client.A()}})
			proof := prove(t, client, p, challenge, testPassword, nil)
			proof["Session"] = wantChallenge(t, challenge, "PASSWORD_VERIFIER")
			got := post(t, p, "RespondToAuthChallenge", proof)
			if got.code() != tt.want {
				t.Errorf("got %s", got.raw)
			}
		})
	}
}

// TestRiskNotification tells people of risks, with the token of their feedback.
func TestRiskNotification(t *testing.T) {
	t.Parallel()
	email := func(subject string) *types.NotifyEmailType {
		return &types.NotifyEmailType{Subject: &subject, TextBody: aws.String("{username} {ip-address} {event-id} {feedback-token} {city}"), HtmlBody: aws.String("<p>not this</p>")}
	}
	words := &types.NotifyConfigurationType{SourceArn: aws.String(roleARN), BlockEmail: email("blocked"), MfaEmail: email("asked"), NoActionEmail: email("noticed")}
	tests := []struct {
		name   string
		action types.AccountTakeoverEventActionType
		notify bool
		words  *types.NotifyConfigurationType
		want   []string // subjects, MFA codes among them
	}{
		{"blocked", "BLOCK", true, words, []string{"blocked"}},
		{"asked for a code", "MFA_REQUIRED", true, words, []string{"asked", "Your verification code"}},
		{"noticed", "NO_ACTION", true, words, []string{"noticed"}},
		{"no words", "BLOCK", true, nil, []string{"Sign-in to your account"}},
		{"not to be told", "BLOCK", false, words, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{
				AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail},
				Triggers: Triggers{CustomMessage: func(*CustomMessageEvent) error { return nil }}, // is not for notifications
			})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			in := cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover(tt.action, tt.notify)}
			in.AccountTakeoverRiskConfiguration.NotifyConfiguration = tt.words
			setRisk(t, p, in)
			if err := p.SetUserRisk("ana", RiskHigh); err != nil {
				t.Fatal(err)
			}
			body := withPassword("ana", testPassword)
			body["UserContextData"] = m{"IpAddress": "192.0.2.1"}
			post(t, p, "InitiateAuth", body)
			var subjects []string
			for _, sent := range p.Inbox("ana") {
				subjects = append(subjects, sent.Subject)
			}
			if diff := cmp.Diff(tt.want, subjects); diff != "" {
				t.Fatalf("messages (-want +got):\n%s", diff)
			}
			if !tt.notify {
				return
			}
			id, sent := *authEvents(t, p, "ana")[0].EventId, p.Inbox("ana")[0]
			token := p.FeedbackToken("ana", id)
			want := strings.Join([]string{"ana", "192.0.2.1", id, token, "{city}"}, " ")
			if sent.Kind != MessageAccountTakeOver || sent.Code != token || tt.words != nil && sent.Body != want {
				t.Errorf("got %s, %q, want %q", sent.Kind, sent.Body, want)
			}
			ok(t, p, "UpdateAuthEventFeedback", m{"UserPoolId": p.PoolID(), "Username": "ana", "EventId": id, "FeedbackToken": sent.Code, "FeedbackValue": "Invalid"})
		})
	}
}

// TestRiskNotificationSender deletes the user while the notification is being
// sent.
func TestRiskNotificationSender(t *testing.T) {
	t.Parallel()
	var p *Pool
	var source string
	p = newPool(t, Config{
		AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: passwordFlow, MFA: MFAOptional,
		Triggers: Triggers{CustomEmailSender: func(e *CustomSenderEvent) error {
			source = e.TriggerSource
			return p.DeleteUser("ana")
		}},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", TOTP: true})
	setRisk(t, p, cip.SetRiskConfigurationInput{AccountTakeoverRiskConfiguration: takeover("MFA_REQUIRED", true)})
	if err := p.SetUserRisk("ana", RiskHigh); err != nil {
		t.Fatal(err)
	}
	fails(t, p, "InitiateAuth", withPassword("ana", testPassword), userMissing, textNoUser)
	if source != "CustomEmailSender_AccountTakeOverNotification" {
		t.Errorf("got trigger source %q", source)
	}
}

// TestRiskExceptions signs in from addresses that are known.
func TestRiskExceptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address string
		level         RiskLevel
		want          string // the text of the refusal
	}{
		{"skipped, at risk", "192.0.2.7", RiskHigh, ""},
		{"blocked, no risk", "198.51.100.1", RiskNone, "Request not allowed due to security reasons."},
		{"blocked, IPv6", "2001:db8::1", RiskNone, "Request not allowed due to security reasons."},
		{"neither, no risk", "203.0.113.1", RiskNone, ""},
		{"neither, at risk", "203.0.113.1", RiskHigh, "Unable to login because of security reasons."},
		{"unknown, no risk", "", RiskNone, ""},
	}
	p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword})
	setRisk(t, p, cip.SetRiskConfigurationInput{
		AccountTakeoverRiskConfiguration: takeover("BLOCK", false),
		RiskExceptionConfiguration: &types.RiskExceptionConfigurationType{
			BlockedIPRangeList: []string{"198.51.100.0/24", "2001:db8::/32"}, SkippedIPRangeList: []string{"192.0.2.0/24"},
		},
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := p.SetUserRisk("ana", tt.level); err != nil {
				t.Fatal(err)
			}
			body := withPassword("ana", testPassword)
			body["UserContextData"] = m{"IpAddress": tt.address}
			if a := post(t, p, "InitiateAuth", body); a.message() != tt.want {
				t.Errorf("got %s", a.raw)
			}
			event := authEvents(t, p, "ana")[0]
			if level := string(event.EventRisk.RiskLevel); tt.want == "" && level != "" {
				t.Errorf("risk level %s", level)
			}
		})
	}
}

// TestCompromisedPasswords uses passwords that others know.
func TestCompromisedPasswords(t *testing.T) {
	t.Parallel()
	const leakedPassword = "An0ther one"
	const refusal = "Provided password cannot be used for security reasons."
	signInAs := func(name string) func(t *testing.T, p *Pool) answer {
		return func(t *testing.T, p *Pool) answer {
			t.Helper()
			return post(t, p, "InitiateAuth", withPassword(name, leakedPassword))
		}
	}
	signUp := func(t *testing.T, p *Pool) answer {
		t.Helper()
		return post(t, p, "SignUp", m{"ClientId": "client1", "Username": "new", "Password": leakedPassword, "UserAttributes": []m{{"Name": "email", "Value": "new@example.com"}}})
	}
	change := func(t *testing.T, p *Pool) answer {
		t.Helper()
		access, _, _ := signIn(t, p)
		return post(t, p, "ChangePassword", m{"AccessToken": access, "PreviousPassword": testPassword, "ProposedPassword": leakedPassword})
	}
	reset := func(t *testing.T, p *Pool) answer {
		t.Helper()
		ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
		return post(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": leakedPassword})
	}
	replace := func(t *testing.T, p *Pool) answer {
		t.Helper()
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("temp", testPassword)), "NEW_PASSWORD_REQUIRED")
		return post(t, p, "RespondToAuthChallenge", respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "temp", "NEW_PASSWORD": leakedPassword}))
	}
	all := []AdvancedSecurityMode{AdvancedSecurityEnforced}
	tests := []struct {
		name, user string
		act        func(t *testing.T, p *Pool) answer
		modes      []AdvancedSecurityMode
		filter     []types.EventFilterType
		action     types.CompromisedCredentialsEventActionType
		code, text string
		story      string // of the newest event
	}{
		{"sign-in", "leo", signInAs("leo"), all, nil, "BLOCK", resetRequired, "Password reset required for the user due to security reasons", "SignIn Fail Password:Success"},
		{"sign-in by SRP", "leo", func(t *testing.T, p *Pool) answer { t.Helper(); return signInSRP(t, p, "leo", leakedPassword, nil) }, all, nil, "BLOCK", "", "", "SignIn Pass Password:Success"},
		{"sign-in, not looked at", "leo", signInAs("leo"), all, []types.EventFilterType{"SIGN_UP"}, "BLOCK", "", "", "SignIn Pass Password:Success"},
		{"sign-in, no action", "leo", signInAs("leo"), all, nil, "NO_ACTION", "", "", "SignIn Pass Password:Success"},
		{"sign-in, audit", "leo", signInAs("leo"), []AdvancedSecurityMode{AdvancedSecurityAudit}, nil, "BLOCK", "", "", "SignIn Pass Password:Success"},
		{"sign-up", "", signUp, all, []types.EventFilterType{"SIGN_UP"}, "BLOCK", passwordInvalid, refusal, ""},
		{"sign-up, not looked at", "new", signUp, all, []types.EventFilterType{"SIGN_IN"}, "BLOCK", "", "", "SignUp Pass"},
		{"change", "ana", change, all, []types.EventFilterType{"PASSWORD_CHANGE"}, "BLOCK", passwordInvalid, refusal, "PasswordChange Fail"},
		{"reset", "ana", reset, all, nil, "BLOCK", passwordInvalid, refusal, "PasswordChange Fail"},
		{"reset, no action", "ana", reset, all, nil, "NO_ACTION", "", "", "PasswordChange Pass"},
		{"instead of a temporary one", "temp", replace, all, nil, "BLOCK", passwordInvalid, refusal, "SignIn InProgress Password:Success"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{AdvancedSecurityMode: tt.modes[0], ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowUserSRP}})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			p.AddUser(User{Name: "leo", Password: leakedPassword})
			p.AddUser(User{Name: "temp", Password: testPassword, Status: StatusForceChangePassword})
			if err := p.AddCompromisedPasswords("x", leakedPassword); err != nil {
				t.Fatal(err)
			}
			setRisk(t, p, cip.SetRiskConfigurationInput{CompromisedCredentialsRiskConfiguration: &types.CompromisedCredentialsRiskConfigurationType{
				EventFilter: tt.filter, Actions: &types.CompromisedCredentialsActionsType{EventAction: tt.action},
			}})
			a := tt.act(t, p)
			if a.code() != tt.code || a.message() != tt.text {
				t.Errorf("got %s", a.raw)
			}
			if u, found := p.User("leo"); tt.code == resetRequired && (!found || u.Status != StatusResetRequired) {
				t.Errorf("got status %s", u.Status)
			}
			if tt.user == "" {
				if _, found := p.User("new"); found {
					t.Error("the user has signed up")
				}
				return
			}
			event := authEvents(t, p, tt.user)[0]
			wantDecision := types.RiskDecisionTypeNoRisk
			if tt.code != "" && tt.user != "temp" {
				wantDecision = types.RiskDecisionTypeBlock
			}
			if got := event.EventRisk.RiskDecision; got != wantDecision {
				t.Errorf("got decision %s, want %s", got, wantDecision)
			}
			detected := aws.ToBool(event.EventRisk.CompromisedCredentialsDetected)
			if want := !strings.Contains(tt.name, "SRP"); story([]types.AuthEventType{event})[0] != tt.story || detected != want {
				t.Errorf("got %v, detected: %t", story([]types.AuthEventType{event}), detected)
			}
		})
	}
}

// TestRiskConfiguration sets the configuration of a pool and of a client, which
// has the pool's unless it has one of its own.
func TestRiskConfiguration(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityEnforced, ExplicitAuthFlows: passwordFlow, Clients: []AppClient{{ClientID: "client2", ExplicitAuthFlows: passwordFlow}}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	if err := p.SetUserRisk("ana", RiskHigh); err != nil {
		t.Fatal(err)
	}
	client := sdk(p.Transport())
	describe := func(clientID *string) *types.RiskConfigurationType {
		t.Helper()
		in := &cip.DescribeRiskConfigurationInput{UserPoolId: aws.String(p.PoolID()), ClientId: clientID}
		return must[cip.DescribeRiskConfigurationOutput](t)(client.DescribeRiskConfiguration(t.Context(), in)).RiskConfiguration
	}
	ignore := cmp.Options{cmpopts.IgnoreUnexported(
		types.RiskConfigurationType{}, types.AccountTakeoverRiskConfigurationType{}, types.AccountTakeoverActionsType{}, types.AccountTakeoverActionType{},
		types.NotifyConfigurationType{}, types.NotifyEmailType{}, types.CompromisedCredentialsRiskConfigurationType{},
		types.CompromisedCredentialsActionsType{}, types.RiskExceptionConfigurationType{},
	), cmpopts.IgnoreFields(types.RiskConfigurationType{}, "LastModifiedDate")}
	wantDescribed := func(what string, want, got *types.RiskConfigurationType, dated bool) {
		t.Helper()
		if diff := cmp.Diff(want, got, ignore); diff != "" || (got.LastModifiedDate != nil) != dated {
			t.Errorf("%s, %v (-want +got):\n%s", what, got.LastModifiedDate, diff)
		}
	}
	signsIn := func(clientID string, want bool) {
		t.Helper()
		body := withPassword("ana", testPassword)
		body["ClientId"] = clientID
		if a := post(t, p, "InitiateAuth", body); (a.code() == "") != want {
			t.Errorf("%s: got %s", clientID, a.raw)
		}
	}
	nothing := &types.RiskConfigurationType{UserPoolId: aws.String(p.PoolID())}
	wantDescribed("before", nothing, describe(nil), false)
	signsIn("client1", true)

	in := cip.SetRiskConfigurationInput{
		AccountTakeoverRiskConfiguration: &types.AccountTakeoverRiskConfigurationType{
			Actions: &types.AccountTakeoverActionsType{
				LowAction:    &types.AccountTakeoverActionType{EventAction: "NO_ACTION"},
				MediumAction: &types.AccountTakeoverActionType{EventAction: "MFA_IF_CONFIGURED"},
				HighAction:   &types.AccountTakeoverActionType{EventAction: "BLOCK"},
			},
			NotifyConfiguration: &types.NotifyConfigurationType{
				SourceArn: aws.String(roleARN), From: aws.String("x@example.com"), ReplyTo: aws.String("y@example.com"),
				BlockEmail: &types.NotifyEmailType{Subject: aws.String("Blocked"), HtmlBody: aws.String("<p>x</p>"), TextBody: aws.String("blocked")},
			},
		},
		CompromisedCredentialsRiskConfiguration: &types.CompromisedCredentialsRiskConfigurationType{
			EventFilter: []types.EventFilterType{"SIGN_IN", "SIGN_UP"}, Actions: &types.CompromisedCredentialsActionsType{EventAction: "BLOCK"},
		},
		RiskExceptionConfiguration: &types.RiskExceptionConfigurationType{SkippedIPRangeList: []string{"192.0.2.0/24"}},
	}
	want := &types.RiskConfigurationType{
		UserPoolId: aws.String(p.PoolID()), AccountTakeoverRiskConfiguration: in.AccountTakeoverRiskConfiguration,
		CompromisedCredentialsRiskConfiguration: in.CompromisedCredentialsRiskConfiguration, RiskExceptionConfiguration: in.RiskExceptionConfiguration,
	}
	wantDescribed("set", want, setRisk(t, p, in), true)
	wantDescribed("described", want, describe(nil), true)
	signsIn("client1", false)
	signsIn("client2", false)

	two := aws.String("client2")
	ofClient := &types.RiskConfigurationType{UserPoolId: want.UserPoolId, ClientId: two}
	wantDescribed("of a client without", ofClient, describe(two), false)
	ofClient.AccountTakeoverRiskConfiguration = takeover("NO_ACTION", false)
	setRisk(t, p, cip.SetRiskConfigurationInput{ClientId: two, AccountTakeoverRiskConfiguration: ofClient.AccountTakeoverRiskConfiguration})
	wantDescribed("of a client", ofClient, describe(two), true)
	signsIn("client1", false)
	signsIn("client2", true)
	must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{
		UserPoolId: want.UserPoolId, ClientId: two, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	}))
	signsIn("client2", true)
	setRisk(t, p, cip.SetRiskConfigurationInput{ClientId: two})
	signsIn("client2", false)
	setRisk(t, p, cip.SetRiskConfigurationInput{})
	wantDescribed("after", nothing, describe(nil), false)
	signsIn("client2", true)
}

// TestBadRiskConfiguration sends risk configurations that are none.
func TestBadRiskConfiguration(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AdvancedSecurityMode: AdvancedSecurityAudit})
	const enum = "failed to satisfy constraint: Member must satisfy enum value set: "
	tests := []struct{ name, body, code, want string }{
		{"unknown client", `"ClientId":"other"}`, notFound, textNoClient},
		{"no range", `"RiskExceptionConfiguration":{"BlockedIPRangeList":["192.0.2.1"]}}`, invalid, "192.0.2.1 is not an IP address range in CIDR notation."},
		{"no range to skip", `"RiskExceptionConfiguration":{"SkippedIPRangeList":["x"]}}`, invalid, "x is not an IP address range in CIDR notation."},
		{
			"unknown actions", `"AccountTakeoverRiskConfiguration":{"Actions":{"LowAction":{"EventAction":"X","Notify":true}}}}`, invalid,
			"1 validation error detected: Value 'X' at 'accountTakeoverRiskConfiguration.actions.lowAction.eventAction' " + enum + "[BLOCK, MFA_IF_CONFIGURED, MFA_REQUIRED, NO_ACTION]",
		},
		{
			"no actions", `"AccountTakeoverRiskConfiguration":{},"CompromisedCredentialsRiskConfiguration":{}}`, invalid,
			"2 validation errors detected: Value null at 'compromisedCredentialsRiskConfiguration.actions' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'accountTakeoverRiskConfiguration.actions' failed to satisfy constraint: Member must not be null",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a := postSigned(t, p, "SetRiskConfiguration", tt.body); a.code() != tt.code || a.message() != tt.want {
				t.Errorf("got %s", a.raw)
			}
		})
	}
}

// TestSetUserRisk refuses what is no risk and nobody.
func TestSetUserRisk(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	p.AddUser(User{Name: "ana"})
	for _, tt := range []struct {
		user  string
		level RiskLevel
		code  string
	}{{"ana", "low", invalid}, {"bob", RiskLow, userMissing}, {"ana", RiskLow, ""}, {"ana", RiskNone, ""}} {
		err := p.SetUserRisk(tt.user, tt.level)
		refusal, isRefusal := errors.AsType[*Error](err)
		if got := isRefusal && refusal.Code == tt.code; got != (tt.code != "") || (err == nil) != (tt.code == "") {
			t.Errorf("%s %q: got %v", tt.user, tt.level, err)
		}
	}
}

// TestLeakedPasswordsAreHidden looks for a password in the state.
func TestLeakedPasswordsAreHidden(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	p := s.NewPool(Config{})
	if err := p.AddCompromisedPasswords("hunter2"); err != nil {
		t.Fatal(err)
	}
	if state := exportOf(t, s); strings.Contains(state, "hunter2") || !strings.Contains(state, `"leaked"`) {
		t.Error("the state has the password, or nothing of it")
	}
}

// TestLeakedPasswordsAreBounded adds more passwords than the pool takes.
func TestLeakedPasswordsAreBounded(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	for i := range maxLeaked {
		p.leaked[p.leakKey(strconv.Itoa(i))] = true
	}
	if err := p.AddCompromisedPasswords("0", "1"); err != nil { // that are there
		t.Error(err)
	}
	err := p.AddCompromisedPasswords("x")
	if refusal, isRefusal := errors.AsType[*Error](err); !isRefusal || refusal.Code != limit || len(p.leaked) != maxLeaked {
		t.Errorf("got %v, %d passwords", err, len(p.leaked))
	}
}
