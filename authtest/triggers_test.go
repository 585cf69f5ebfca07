package authtest

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cognitokit/auth/srp"
)

const (
	unexpectedLambda = "UnexpectedLambdaException"
	lambdaValidation = "UserLambdaValidationException"
	unrecognizable   = "Unrecognizable lambda output"
)

// TestTriggersFire walks through every operation that runs triggers, and
// compares which run, in which order, with which metadata.
func TestTriggersFire(t *testing.T) {
	t.Parallel()
	ana := User{Name: "ana", Password: testPassword, Email: "ana@example.com"}
	unconfirmed := ana
	unconfirmed.Status = StatusUnconfirmed
	named := m{"ClientId": "client1", "Username": "ana"}
	const signIn = "PreAuthentication_Authentication=in"
	const tokens = " PostAuthentication_Authentication TokenGeneration_Authentication"
	emailMFA := Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorEmail, MFAFactorTOTP}}
	migration := Triggers{UserMigration: func(e *UserMigrationEvent) error {
		e.Response.UserAttributes = map[string]string{"email": "ana@example.com", "email_verified": "true"}
		e.Response.DesiredDeliveryMediums = []string{"EMAIL"}
		return nil
	}}
	withEmailMFA := ana
	withEmailMFA.EmailMFA = true
	tests := []struct {
		name   string
		config Config
		user   User // not added if it has no name
		run    func(t *testing.T, p *Pool)
		want   string
	}{
		{
			name: "SignUp",
			run: func(t *testing.T, p *Pool) {
				body := withMetadata(signUpBody("ana", "ana@example.com"), "up")
				body["ValidationData"] = []m{{"Name": "from", "Value": "form"}}
				ok(t, p, "SignUp", body)
			},
			want: "PreSignUp_SignUp/up=form CustomMessage_SignUp/up",
		},
		{
			name: "SignUp, confirmed by the trigger",
			config: Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
				e.Response.AutoConfirmUser, e.Response.AutoVerifyEmail = true, true
				return nil
			}}},
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "SignUp", withMetadata(signUpBody("ana", "ana@example.com"), "up"))
				if u, _ := p.User("ana"); u.Status != StatusConfirmed || u.Attributes["email_verified"] != "true" {
					t.Errorf("got %v", u)
				}
			},
			want: "PreSignUp_SignUp/up PostConfirmation_ConfirmSignUp/up",
		},
		{
			name: "ResendConfirmationCode", user: unconfirmed,
			run:  func(t *testing.T, p *Pool) { ok(t, p, "ResendConfirmationCode", withMetadata(named, "again")) },
			want: "CustomMessage_ResendCode/again",
		},
		{
			name: "ConfirmSignUp", user: unconfirmed,
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "ResendConfirmationCode", named)
				ok(t, p, "ConfirmSignUp", withMetadata(m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana")}, "code"))
			},
			want: "CustomMessage_ResendCode PostConfirmation_ConfirmSignUp/code",
		},
		{
			name: "AdminConfirmSignUp", user: unconfirmed,
			run: func(t *testing.T, p *Pool) {
				admin(t, p, "AdminConfirmSignUp", `"Username":"ana","ClientMetadata":{"from":"admin"}}`)
			},
			want: "PostConfirmation_ConfirmSignUp/admin",
		},
		{
			name: "ForgotPassword and ConfirmForgotPassword", user: ana,
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "ForgotPassword", withMetadata(named, "forgot"))
				ok(t, p, "ConfirmForgotPassword", withMetadata(m{
					"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": "An0ther one",
				}, "new"))
			},
			want: "CustomMessage_ForgotPassword/forgot PostConfirmation_ConfirmForgotPassword/new",
		},
		{
			name: "AdminResetUserPassword", user: ana,
			run: func(t *testing.T, p *Pool) {
				admin(t, p, "AdminResetUserPassword", `"Username":"ana","ClientMetadata":{"from":"admin"}}`)
			},
			want: "CustomMessage_ForgotPassword/admin",
		},
		{
			name: "AdminCreateUser and the new password",
			run: func(t *testing.T, p *Pool) {
				admin(t, p, "AdminCreateUser", `"Username":"ana","DesiredDeliveryMediums":["EMAIL"],"ClientMetadata":{"from":"admin"},
					"UserAttributes":[{"Name":"email","Value":"ana@example.com"}],"ValidationData":[{"Name":"from","Value":"hr"}]}`)
				session := wantChallenge(t, ok(t, p, "InitiateAuth", withMetadata(withPassword("ana", p.Code("ana")), "in")), "NEW_PASSWORD_REQUIRED")
				ok(t, p, "RespondToAuthChallenge",
					withMetadata(respond("NEW_PASSWORD_REQUIRED", session, m{"USERNAME": "ana", "NEW_PASSWORD": testPassword}), "new"))
			},
			want: "PreSignUp_AdminCreateUser/admin=hr CustomMessage_AdminCreateUser/admin " + signIn +
				" PostAuthentication_Authentication/new TokenGeneration_NewPasswordChallenge/new",
		},
		{
			name: "AdminCreateUser, suppressed and resent",
			run: func(t *testing.T, p *Pool) {
				admin(t, p, "AdminCreateUser", `"Username":"ana","MessageAction":"SUPPRESS","UserAttributes":[{"Name":"email","Value":"ana@example.com"}]}`)
				admin(t, p, "AdminCreateUser", `"Username":"ana","MessageAction":"RESEND","DesiredDeliveryMediums":["EMAIL"],"ClientMetadata":{"from":"again"}}`)
			},
			want: "PreSignUp_AdminCreateUser CustomMessage_AdminCreateUser/again",
		},
		{
			name: "USER_PASSWORD_AUTH", user: ana,
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "InitiateAuth", withMetadata(withPassword("ana", testPassword), "in"))
			},
			want: signIn + tokens,
		},
		{
			name: "USER_PASSWORD_AUTH, wrong", user: ana,
			run: func(t *testing.T, p *Pool) {
				fails(t, p, "InitiateAuth", withMetadata(withPassword("ana", "wrong"), "in"), "NotAuthorizedException", "Incorrect username or password.")
			},
			want: signIn,
		},
		{
			name: "USER_PASSWORD_AUTH, nobody, not hidden",
			run: func(t *testing.T, p *Pool) {
				fails(t, p, "InitiateAuth", withPassword("ana", "wrong"), "UserNotFoundException", "User does not exist.")
			},
		},
		{
			name: "USER_PASSWORD_AUTH, nobody, hidden", config: Config{PreventUserExistenceErrors: true},
			run: func(t *testing.T, p *Pool) {
				fails(t, p, "InitiateAuth", withMetadata(withPassword("ana", "wrong"), "in"), "NotAuthorizedException", "Incorrect username or password.")
			},
			want: signIn,
		},
		{
			name: "USER_PASSWORD_AUTH, locked out", user: ana,
			run: func(t *testing.T, p *Pool) {
				for range 5 {
					post(t, p, "InitiateAuth", withPassword("ana", "wrong"))
				}
				fails(t, p, "InitiateAuth", withMetadata(withPassword("ana", "wrong"), "in"), "NotAuthorizedException", "Password attempts exceeded")
			},
			want: strings.TrimSpace(strings.Repeat(" PreAuthentication_Authentication", 5)),
		},
		{
			name: "AdminInitiateAuth and AdminRespondToAuthChallenge", user: withEmailMFA, config: emailMFA,
			run: func(t *testing.T, p *Pool) {
				a := admin(t, p, "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"ADMIN_USER_PASSWORD_AUTH","ClientMetadata":{"from":"in"},
					"AuthParameters":{"USERNAME":"ana","PASSWORD":"`+testPassword+`"}}`)
				admin(t, p, "AdminRespondToAuthChallenge", `"ClientId":"client1","ChallengeName":"EMAIL_OTP","ClientMetadata":{"from":"answer"},
					"Session":"`+wantChallenge(t, a, "EMAIL_OTP")+`","ChallengeResponses":{"USERNAME":"ana","EMAIL_OTP_CODE":"`+p.Code("ana")+`"}}`)
			},
			want: signIn + " CustomMessage_Authentication PostAuthentication_Authentication/answer TokenGeneration_Authentication/answer",
		},
		{
			name: "USER_SRP_AUTH", user: ana,
			run: func(t *testing.T, p *Pool) {
				client := srp.NewClient()
				challenge := ok(t, p, "InitiateAuth", withMetadata(startWithSRP("ana", client.A()), "in"))
				ok(t, p, "RespondToAuthChallenge", withMetadata(prove(t, client, p, challenge, testPassword, nil), "proof"))
			},
			want: signIn + " PostAuthentication_Authentication/proof TokenGeneration_Authentication/proof",
		},
		{
			name: "USER_AUTH with a choice", user: ana, config: Config{FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP}},
			run: func(t *testing.T, p *Pool) {
				session := wantChallenge(t, ok(t, p, "InitiateAuth", withMetadata(withUserAuth(), "in")), "SELECT_CHALLENGE")
				a := ok(t, p, "RespondToAuthChallenge", withMetadata(respond("SELECT_CHALLENGE", session, m{"USERNAME": "ana", "ANSWER": "EMAIL_OTP"}), "choice"))
				session = wantChallenge(t, a, "EMAIL_OTP")
				ok(t, p, "RespondToAuthChallenge", withMetadata(respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}), "code"))
			},
			want: signIn + " CustomMessage_Authentication/choice PostAuthentication_Authentication/code TokenGeneration_Authentication/code",
		},
		{
			name: "USER_AUTH with the session of a sign-up",
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
				a := ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana")})
				body := withMetadata(withUserAuth(), "in")
				body["Session"] = a.str("Session")
				ok(t, p, "InitiateAuth", body)
			},
			want: "PreSignUp_SignUp CustomMessage_SignUp PostConfirmation_ConfirmSignUp " + signIn + tokens,
		},
		{
			name: "CUSTOM_AUTH", user: ana, config: Config{Triggers: riddle()},
			run: func(t *testing.T, p *Pool) {
				a := ok(t, p, "InitiateAuth", withMetadata(m{"ClientId": "client1", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": m{"USERNAME": "ana"}}, "in"))
				ok(t, p, "RespondToAuthChallenge",
					withMetadata(respond("CUSTOM_CHALLENGE", wantChallenge(t, a, "CUSTOM_CHALLENGE"), m{"USERNAME": "ana", "ANSWER": "yes"}), "answer"))
			},
			want: "DefineAuthChallenge_Authentication CreateAuthChallenge_Authentication VerifyAuthChallengeResponse_Authentication/answer " +
				"DefineAuthChallenge_Authentication/answer PostAuthentication_Authentication/answer TokenGeneration_Authentication/answer",
		},
		{
			name: "a remembered device", user: ana, config: Config{Devices: &DeviceTracking{}},
			run: func(t *testing.T, p *Pool) { signInByDevice(t, p) },
			want: "PreAuthentication_Authentication" + tokens +
				" PreAuthentication_Authentication PostAuthentication_Authentication TokenGeneration_AuthenticateDevice",
		},
		{
			name: "refresh", user: ana,
			run: func(t *testing.T, p *Pool) {
				a := ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
				for _, operation := range refreshOperations {
					ok(t, p, operation, withMetadata(refreshBy(operation, result(t, a, "RefreshToken")), "again"))
				}
			},
			want: "PreAuthentication_Authentication" + tokens + " TokenGeneration_RefreshTokens TokenGeneration_RefreshTokens/again",
		},
		{
			name: "attributes", user: ana, config: Config{AutoVerifiedAttributes: []string{"email", "phone_number"}},
			run: func(t *testing.T, p *Pool) {
				access := result(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "AccessToken")
				ok(t, p, "UpdateUserAttributes", withMetadata(m{"AccessToken": access, "UserAttributes": []m{
					{"Name": "email", "Value": "ana@example.org"}, {"Name": "phone_number", "Value": "+15555550123"}, {"Name": "name", "Value": "Ana"},
				}}, "update"))
				ok(t, p, "GetUserAttributeVerificationCode", withMetadata(m{"AccessToken": access, "AttributeName": "email"}, "verify"))
				ok(t, p, "VerifyUserAttribute", m{"AccessToken": access, "AttributeName": "email", "Code": p.Code("ana")})
			},
			want: "PreAuthentication_Authentication" + tokens +
				" CustomMessage_UpdateUserAttribute/update CustomMessage_UpdateUserAttribute/update CustomMessage_VerifyUserAttribute/verify",
		},
		{
			name: "AdminUpdateUserAttributes", user: ana,
			run: func(t *testing.T, p *Pool) {
				admin(t, p, "AdminUpdateUserAttributes",
					`"Username":"ana","UserAttributes":[{"Name":"email","Value":"ana@example.org"}],"ClientMetadata":{"from":"admin"}}`)
			},
			want: "CustomMessage_UpdateUserAttribute/admin",
		},
		{
			name: "migration by USER_PASSWORD_AUTH", config: Config{Triggers: migration},
			run: func(t *testing.T, p *Pool) {
				ok(t, p, "InitiateAuth", withMetadata(withPassword("ana", testPassword), "in"))
			},
			want: "UserMigration_Authentication=in PreSignUp_AdminCreateUser CustomMessage_AdminCreateUser " + signIn + tokens,
		},
		{
			name: "migration by ForgotPassword", config: Config{Triggers: migration},
			run:  func(t *testing.T, p *Pool) { ok(t, p, "ForgotPassword", withMetadata(named, "forgot")) },
			want: "UserMigration_ForgotPassword/forgot PreSignUp_AdminCreateUser/forgot CustomMessage_AdminCreateUser/forgot CustomMessage_ForgotPassword/forgot",
		},
		{
			name: "no migration by SRP", config: Config{Triggers: migration},
			run: func(t *testing.T, p *Pool) {
				fails(t, p, "InitiateAuth", startWithSRP("ana", srp.NewClient().A()), "UserNotFoundException", "User does not exist.")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, tr := tracedPool(t, tt.config)
			if tt.user.Name != "" {
				p.AddUser(tt.user)
			}
			tt.run(t, p)
			if diff := cmp.Diff(strings.Fields(tt.want), strings.Fields(tr.sources())); diff != "" {
				t.Errorf("triggers (-want +got):\n%s", diff)
			}
		})
	}
}

// everywhere are operations that run one trigger each, with what the service
// calls it, for a pool where ana can sign in and bob has not been confirmed.
var everywhere = []struct {
	name     string
	triggers func(fail func() error) Triggers
	run      func(t *testing.T, p *Pool) answer
}{
	{"PreSignUp", func(fail func() error) Triggers { return Triggers{PreSignUp: failing[PreSignUpEvent](fail)} },
		func(t *testing.T, p *Pool) answer { return post(t, p, "SignUp", signUpBody("new", "new@example.com")) }},
	{"PostConfirmation", func(fail func() error) Triggers {
		return Triggers{PostConfirmation: failing[PostConfirmationEvent](fail)}
	}, func(t *testing.T, p *Pool) answer { return postSigned(t, p, "AdminConfirmSignUp", `"Username":"bob"}`) }},
	{"PreAuthentication", func(fail func() error) Triggers {
		return Triggers{PreAuthentication: failing[PreAuthenticationEvent](fail)}
	}, signInAnswer},
	{"PostAuthentication", func(fail func() error) Triggers {
		return Triggers{PostAuthentication: failing[PostAuthenticationEvent](fail)}
	}, signInAnswer},
	{"PreTokenGeneration", func(fail func() error) Triggers {
		return Triggers{PreTokenGeneration: failing[PreTokenGenerationEvent](fail)}
	}, signInAnswer},
	{"PreTokenGeneration", func(fail func() error) Triggers {
		return Triggers{PreTokenGenerationV2: failing[PreTokenGenerationV2Event](fail)}
	}, signInAnswer},
	{"UserMigration", func(fail func() error) Triggers { return Triggers{UserMigration: failing[UserMigrationEvent](fail)} },
		func(t *testing.T, p *Pool) answer {
			return post(t, p, "InitiateAuth", withPassword("eve", testPassword))
		}},
	{"UserMigration", func(fail func() error) Triggers { return Triggers{UserMigration: failing[UserMigrationEvent](fail)} },
		func(t *testing.T, p *Pool) answer {
			return post(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "eve"})
		}},
	{"CustomMessage", func(fail func() error) Triggers { return Triggers{CustomMessage: failing[CustomMessageEvent](fail)} },
		func(t *testing.T, p *Pool) answer {
			return post(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
		}},
	{"DefineAuthChallenge", func(fail func() error) Triggers {
		triggers := riddle()
		triggers.DefineAuthChallenge = failing[DefineAuthChallengeEvent](fail)
		return triggers
	}, startRiddle},
	{"CreateAuthChallenge", func(fail func() error) Triggers {
		triggers := riddle()
		triggers.CreateAuthChallenge = failing[CreateAuthChallengeEvent](fail)
		return triggers
	}, startRiddle},
	{"VerifyAuthChallengeResponse", func(fail func() error) Triggers {
		triggers := riddle()
		triggers.VerifyAuthChallenge = failing[VerifyAuthChallengeEvent](fail)
		return triggers
	}, func(t *testing.T, p *Pool) answer {
		return post(t, p, "RespondToAuthChallenge",
			respond("CUSTOM_CHALLENGE", startRiddle(t, p).str("Session"), m{"USERNAME": "ana", "ANSWER": "yes"}))
	}},
}

func failing[Event any](fail func() error) func(*Event) error {
	return func(*Event) error { return fail() }
}

func signInAnswer(t *testing.T, p *Pool) answer {
	t.Helper()
	return post(t, p, "InitiateAuth", withPassword("ana", testPassword))
}

func startRiddle(t *testing.T, p *Pool) answer {
	t.Helper()
	return post(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "CUSTOM_AUTH", "AuthParameters": m{"USERNAME": "ana"}})
}

// TestTriggersFail lets every trigger fail in every way.
func TestTriggersFail(t *testing.T) {
	t.Parallel()
	kinds := []struct {
		name     string
		fail     func() error
		code     string
		message  string // after the trigger's name
		attempts int32
		takes    time.Duration
	}{
		{"refuses", func() error { return errors.New("not on Sundays") }, lambdaValidation, " failed with error not on Sundays.", 1, 0},
		{"panics", func() error { panic("out of ideas") }, unexpectedLambda, " invocation failed due to error out of ideas.", 1, 0},
		{"ends its goroutine", func() error { runtime.Goexit(); return nil }, unexpectedLambda,
			" invocation failed due to error the function ended its goroutine.", 1, 0},
		{"answers nonsense", func() error { return ErrTriggerOutput }, invalidLambda, unrecognizable, 1, 0},
		{"says that it timed out", func() error { return ErrTriggerTimeout }, unexpectedLambda,
			" invocation failed due to error Socket timeout while invoking Lambda function.", 3, 0},
		{"times out", func() error { time.Sleep(5*time.Second + time.Millisecond); return nil }, unexpectedLambda,
			" invocation failed due to error Socket timeout while invoking Lambda function.", 3, 15 * time.Second},
	}
	for _, place := range everywhere {
		for _, kind := range kinds {
			t.Run(place.name+" "+kind.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var attempts atomic.Int32
					p := newPool(t, Config{
						ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowCustom},
						Triggers:          place.triggers(func() error { attempts.Add(1); return kind.fail() }),
					})
					p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
					p.AddUser(User{Name: "bob", Password: testPassword, Status: StatusUnconfirmed})
					start := time.Now()
					a := place.run(t, p)
					took := time.Since(start)
					want := place.name + kind.message
					if kind.code == invalidLambda {
						want = kind.message
					}
					if a.status != 400 || a.code() != kind.code || a.message() != want {
						t.Errorf("got %d %s: %q\nwant %s: %q", a.status, a.code(), a.message(), kind.code, want)
					}
					if attempts.Load() != kind.attempts || took != kind.takes {
						t.Errorf("ran %d times in %v, want %d in %v", attempts.Load(), took, kind.attempts, kind.takes)
					}
					time.Sleep(time.Minute) // for those that are still asleep
				})
			})
		}
	}
}

// TestTriggerGetsASecondChance lets a trigger be slow once. Its late answer
// does not count, and its second event knows nothing of the first.
func TestTriggerGetsASecondChance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		p := newPool(t, Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
			if attempts.Add(1) == 1 {
				e.Request.UserAttributes["email"] = "changed"
				time.Sleep(6 * time.Second)
				e.Response.AutoConfirmUser = true
				return errors.New("too late")
			}
			e.Response.AutoVerifyEmail = e.Request.UserAttributes["email"] == "ana@example.com"
			return nil
		}}})
		a := ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		time.Sleep(time.Minute)
		u, _ := p.User("ana")
		if a.body["UserConfirmed"] != false || u.Attributes["email_verified"] != "true" || u.Email != "ana@example.com" {
			t.Errorf("got %s, %v", a.raw, u.Attributes)
		}
		if attempts.Load() != 2 {
			t.Errorf("ran %d times, want 2", attempts.Load())
		}
	})
}

// TestTriggersMayUseThePool lets every trigger call methods and operations of
// the pool that runs it.
func TestTriggersMayUseThePool(t *testing.T) {
	t.Parallel()
	for _, place := range everywhere {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			var p *Pool
			ran := false
			p = newPool(t, Config{
				ExplicitAuthFlows: []AuthFlow{AllowUserPassword, AllowCustom},
				Triggers: place.triggers(func() error {
					ran = true
					p.User("ana")
					p.AddUser(User{Name: randomUUID(), Password: testPassword})
					admin(t, p, "AdminGetUser", `"Username":"ana"}`)
					return errors.New("enough")
				}),
			})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
			p.AddUser(User{Name: "bob", Password: testPassword, Status: StatusUnconfirmed})
			if a := place.run(t, p); a.code() != lambdaValidation || !ran {
				t.Errorf("got %s: %s", a.code(), a.message())
			}
		})
	}
}

// A pre sign-up trigger cannot verify what the user does not have, and has no
// say in what an administrator's user is.
func TestPreSignUpVerifies(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Triggers: Triggers{PreSignUp: func(e *PreSignUpEvent) error {
		e.Response.AutoConfirmUser, e.Response.AutoVerifyPhone = true, true
		return nil
	}}})
	fails(t, p, "SignUp", signUpBody("ana", "ana@example.com"), invalidLambda, unrecognizable)
	if _, found := p.User("ana"); found {
		t.Error("the user is there")
	}
	ok(t, p, "SignUp", signUpWith("bob", m{"Name": "phone_number", "Value": "+15555550123"}))
	admin(t, p, "AdminCreateUser", `"Username":"carla","UserAttributes":[{"Name":"phone_number","Value":"+15555550123"}]}`)
	got := make(map[string]string)
	for _, name := range []string{"bob", "carla"} {
		u, _ := p.User(name)
		got[name] = string(u.Status) + " " + u.Attributes["phone_number_verified"]
	}
	if diff := cmp.Diff(map[string]string{"bob": "CONFIRMED true", "carla": "FORCE_CHANGE_PASSWORD false"}, got); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
}

func TestPreTokenGenerationHasOneVersion(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Triggers: Triggers{
		PreTokenGeneration:   func(*PreTokenGenerationEvent) error { return nil },
		PreTokenGenerationV2: func(*PreTokenGenerationV2Event) error { return nil },
	}})
	if want := "authtest: config: Triggers: PreTokenGeneration and PreTokenGenerationV2 exclude each other"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
