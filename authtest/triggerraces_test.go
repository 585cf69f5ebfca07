package authtest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth"
)

// TestStateAfterTriggers lets triggers change what the operation that runs
// them is about. Each change is the one of an administrator who is at work at
// the same time.
func TestStateAfterTriggers(t *testing.T) {
	t.Parallel()
	const (
		unknown, notAuthorized = "UserNotFoundException", "NotAuthorizedException"
		nobody                 = "User does not exist."
		disabled               = "User is disabled."
		incorrect              = "Incorrect username or password."
	)
	signIn := func(t *testing.T, p *Pool) answer {
		return post(t, p, "InitiateAuth", withPassword("ana", testPassword))
	}
	forgot := func(t *testing.T, p *Pool) answer {
		return post(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	}
	const deletes, disables = "AdminDeleteUser", "AdminDisableUser"
	tests := []struct {
		name     string
		config   Config
		triggers func(change func() error) Triggers
		change   string
		run      func(t *testing.T, p *Pool) answer
		code     string
		message  string
	}{
		{name: "deleted by PreAuthentication", change: deletes, run: signIn, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				return Triggers{PreAuthentication: failing[PreAuthenticationEvent](change)}
			}},
		{name: "deleted by PreAuthentication, hidden", change: deletes, run: signIn, code: notAuthorized, message: incorrect,
			config: Config{PreventUserExistenceErrors: true},
			triggers: func(change func() error) Triggers {
				return Triggers{PreAuthentication: failing[PreAuthenticationEvent](change)}
			}},
		{name: "disabled by PreAuthentication", change: disables, run: signIn, code: notAuthorized, message: disabled,
			triggers: func(change func() error) Triggers {
				return Triggers{PreAuthentication: failing[PreAuthenticationEvent](change)}
			}},
		{name: "deleted by PostAuthentication", change: deletes, run: signIn, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				return Triggers{PostAuthentication: failing[PostAuthenticationEvent](change)}
			}},
		{name: "disabled by PostAuthentication", change: disables, run: signIn, code: notAuthorized, message: disabled,
			triggers: func(change func() error) Triggers {
				return Triggers{PostAuthentication: failing[PostAuthenticationEvent](change)}
			}},
		{name: "deleted by PreTokenGeneration", change: deletes, run: signIn, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				return Triggers{PreTokenGeneration: failing[PreTokenGenerationEvent](change)}
			}},
		{name: "disabled by PreTokenGeneration", change: disables, run: signIn, code: notAuthorized, message: disabled,
			triggers: func(change func() error) Triggers {
				return Triggers{PreTokenGenerationV2: failing[PreTokenGenerationV2Event](change)}
			}},
		{name: "deleted by DefineAuthChallenge", change: deletes, run: startRiddle, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				triggers := riddle()
				triggers.DefineAuthChallenge = func(e *DefineAuthChallengeEvent) error {
					e.Response.IssueTokens = true
					return change()
				}
				return triggers
			}},
		{name: "deleted by CustomMessage", change: deletes, run: forgot, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				return Triggers{CustomMessage: failing[CustomMessageEvent](change)}
			}},
		{name: "deleted by CustomMessage of a second factor", change: deletes, run: signIn, code: unknown, message: nobody,
			config: Config{MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorEmail}},
			triggers: func(change func() error) Triggers {
				return Triggers{CustomMessage: failing[CustomMessageEvent](change)}
			}},
		{name: "deleted by CustomEmailSender", change: deletes, run: forgot, code: unknown, message: nobody,
			triggers: func(change func() error) Triggers {
				return Triggers{CustomEmailSender: failing[CustomSenderEvent](change)}
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var p *Pool
			tt.config.ExplicitAuthFlows = []AuthFlow{AllowUserPassword, AllowCustom}
			tt.config.Triggers = tt.triggers(func() error {
				admin(t, p, tt.change, `"Username":"ana"}`)
				return nil
			})
			p = newPool(t, tt.config)
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			a := tt.run(t, p)
			if a.code() != tt.code || a.message() != tt.message {
				t.Errorf("got %s: %q, want %s: %q", a.code(), a.message(), tt.code, tt.message)
			}
			if n := len(p.grants.events); n != 0 {
				t.Errorf("%d grants, want none", n)
			}
		})
	}
}

// TestNameTakenMeanwhile lets the pre sign-up trigger create the user that it
// is asked about.
func TestNameTakenMeanwhile(t *testing.T) {
	t.Parallel()
	var p *Pool
	p = newPool(t, Config{AliasAttributes: []string{"email"}, Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
		name := e.UserName
		if name == "carla" {
			name = "other" // who has the same address
		}
		p.AddUser(User{Name: name, Email: e.Request.UserAttributes["email"]})
		return nil
	}}})
	fails(t, p, "SignUp", signUpBody("ana", "ana@example.com"), "UsernameExistsException", "User already exists")
	const attributes = `"UserAttributes":[{"Name":"email","Value":"x@example.com"},{"Name":"email_verified","Value":"true"}]}`
	adminFails(t, p, "AdminCreateUser", `"Username":"bob",`+attributes, "UsernameExistsException", "User account already exists")
	adminFails(t, p, "AdminCreateUser", `"Username":"carla",`+attributes, "UsernameExistsException", "An account with the email already exists.")
	if inbox := slices.Concat(p.Inbox("ana"), p.Inbox("bob")); len(inbox) != 0 {
		t.Errorf("got %v", inbox)
	}
}

// TestSessionSpentWhileTriggerRuns answers a challenge again while the trigger
// of the first answer runs.
func TestSessionSpentWhileTriggerRuns(t *testing.T) {
	t.Parallel()
	var p *Pool
	var body m
	var inner []answer
	p = newPool(t, Config{
		ExplicitAuthFlows: passwordFlow, MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorEmail},
		Triggers: Triggers{PostAuthentication: func(*PostAuthenticationEvent) error {
			inner = append(inner, post(t, p, "RespondToAuthChallenge", body))
			return nil
		}},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "EMAIL_OTP")
	body = respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")})
	result(t, ok(t, p, "RespondToAuthChallenge", body), "AccessToken")
	if len(inner) != 1 || inner[0].message() != "Invalid session for the user, session can only be used once." {
		t.Errorf("the second answer: got %v", inner)
	}
}

// TestRefreshWhileTriggerRuns uses, revokes and rotates a refresh token while
// the trigger of a refresh runs.
func TestRefreshWhileTriggerRuns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rotate bool
		change func(t *testing.T, p *Pool, token string)
		want   string
	}{
		{name: "nothing", change: func(*testing.T, *Pool, string) {}},
		{name: "signed out", want: "Refresh Token has been revoked", change: func(t *testing.T, p *Pool, _ string) {
			admin(t, p, "AdminUserGlobalSignOut", `"Username":"ana"}`)
		}},
		{name: "revoked", want: "Refresh Token has been revoked", change: func(t *testing.T, p *Pool, token string) {
			ok(t, p, "RevokeToken", m{"ClientId": "client1", "Token": token})
		}},
		{name: "deleted", want: "Refresh Token has been revoked", change: func(t *testing.T, p *Pool, _ string) {
			admin(t, p, "AdminDeleteUser", `"Username":"ana"}`)
		}},
		{name: "rotated", rotate: true, want: "Refresh token has been invalidated by rotation", change: func(t *testing.T, p *Pool, token string) {
			ok(t, p, "GetTokensFromRefreshToken", refreshBy("GetTokensFromRefreshToken", token))
		}},
	}
	for _, tt := range tests {
		for _, operation := range refreshOperations {
			if tt.rotate && operation == "InitiateAuth" {
				continue
			}
			t.Run(tt.name+" "+operation, func(t *testing.T) {
				t.Parallel()
				var p *Pool
				var token string
				changed := false
				flows := passwordFlow
				if tt.rotate {
					flows = flows[:1]
				}
				p = newPool(t, Config{
					ExplicitAuthFlows: flows, RotateRefreshTokens: tt.rotate,
					Triggers: Triggers{PreTokenGeneration: func(e *PreTokenGenerationEvent) error {
						if e.TriggerSource == "TokenGeneration_RefreshTokens" && !changed {
							changed = true
							tt.change(t, p, token)
						}
						return nil
					}},
				})
				p.AddUser(User{Name: "ana", Password: testPassword})
				_, _, token = signIn(t, p)
				a := post(t, p, operation, refreshBy(operation, token))
				if a.message() != tt.want {
					t.Errorf("got %s: %q, want %q", a.code(), a.message(), tt.want)
				}
			})
		}
	}
}

// TestDeviceForgottenWhileTriggerRuns forgets the device that has just proved
// itself.
func TestDeviceForgottenWhileTriggerRuns(t *testing.T) {
	t.Parallel()
	var p *Pool
	forget := false
	p = newPool(t, Config{Devices: &DeviceTracking{}, Triggers: Triggers{PostAuthentication: func(e *PostAuthenticationEvent) error {
		if e.Request.NewDeviceUsed == forget {
			t.Errorf("NewDeviceUsed: got %t", e.Request.NewDeviceUsed)
		}
		if !forget {
			forget = true
			return nil
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		clear(p.users.find("ana").devices)
		return nil
	}}})
	p.AddUser(User{Name: "ana", Password: testPassword})
	client := p.Client()
	for _, want := range []auth.ErrorCode{"", auth.ErrResourceNotFound} {
		s, err := auth.NewSession(client, "device")
		if err != nil {
			t.Fatal(err)
		}
		_, err = auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: testPassword})
		if e, _ := errors.AsType[*auth.Error](err); want == "" && err != nil || want != "" && (e == nil || e.Code != want) {
			t.Fatalf("got %v, want %q", err, want)
		}
		if want == "" {
			if _, err := auth.SignOut(t.Context(), s, auth.SignOutInput{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFailedMessageLeavesState refuses messages. What went before stays.
func TestFailedMessageLeavesState(t *testing.T) {
	t.Parallel()
	refuse := false
	p := newPool(t, Config{Triggers: Triggers{CustomMessage: func(*CustomMessageEvent) error {
		if refuse {
			return errors.New("no paper")
		}
		return nil
	}}})
	const text = "CustomMessage failed with error no paper."
	named := m{"ClientId": "client1", "Username": "ana"}
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	code := p.Code("ana")
	refuse = true
	fails(t, p, "ResendConfirmationCode", named, lambdaValidation, text)
	ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": code})
	fails(t, p, "ForgotPassword", named, lambdaValidation, text)
	fails(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": "123456", "Password": testPassword},
		"ExpiredCodeException", "Invalid code provided, please request a code again.")

	// The account that a sign-up made stays too.
	fails(t, p, "SignUp", signUpBody("bob", "bob@example.com"), lambdaValidation, text)
	if u, found := p.User("bob"); !found || u.Status != StatusUnconfirmed {
		t.Errorf("bob: got %v, %t", u, found)
	}
	adminFails(t, p, "AdminCreateUser", `"Username":"carla","DesiredDeliveryMediums":["EMAIL"],"UserAttributes":[{"Name":"email","Value":"c@example.com"}]}`,
		lambdaValidation, text)
	if _, found := p.User("carla"); !found {
		t.Error("carla is not there")
	}
	var kinds []string
	for _, name := range []string{"ana", "bob", "carla"} {
		kinds = append(kinds, inboxKinds(p, name))
	}
	if diff := cmp.Diff([]string{"SignUp", "", ""}, kinds); diff != "" {
		t.Errorf("inboxes (-want +got):\n%s", diff)
	}
}

// TestFailedConfirmationStays refuses after a confirmation, which stays.
func TestFailedConfirmationStays(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Triggers: Triggers{PostConfirmation: func(*PostConfirmationEvent) error { return errors.New("no cake") }}})
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	fails(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana")},
		lambdaValidation, "PostConfirmation failed with error no cake.")
	if u, _ := p.User("ana"); u.Status != StatusConfirmed {
		t.Errorf("got %v", u)
	}
}
