package authtest

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// found answers a migration with an address that is verified.
func found(change func(*UserMigrationEvent)) Triggers {
	return Triggers{UserMigration: func(e *UserMigrationEvent) error {
		e.Response.UserAttributes = map[string]string{"email": "ana@example.com", "email_verified": "true"}
		e.Response.MessageAction = "SUPPRESS"
		if change != nil {
			change(e)
		}
		return nil
	}}
}

func TestUserMigration(t *testing.T) {
	t.Parallel()
	const name = "Ana"
	signIn := withPassword(name, "weak")
	tests := []struct {
		name   string
		config Config
		change func(*UserMigrationEvent)
		code   string
		text   string
		want   UserStatus // of the user; empty for no user
		inbox  string
	}{
		{name: "status not said", want: StatusConfirmed},
		{name: "confirmed", want: StatusConfirmed, change: func(e *UserMigrationEvent) { e.Response.FinalUserStatus = StatusConfirmed }},
		{name: "to be reset", want: StatusResetRequired, code: "PasswordResetRequiredException", text: "Password reset required for the user",
			change: func(e *UserMigrationEvent) { e.Response.FinalUserStatus = StatusResetRequired }},
		{name: "another status", code: invalidLambda, text: unrecognizable,
			change: func(e *UserMigrationEvent) { e.Response.FinalUserStatus = StatusUnconfirmed }},
		{name: "another action", code: invalidLambda, text: unrecognizable,
			change: func(e *UserMigrationEvent) { e.Response.MessageAction = "SHOUT" }},
		{name: "welcome", want: StatusConfirmed, inbox: "AdminCreateUser", change: func(e *UserMigrationEvent) {
			e.Response.MessageAction, e.Response.DesiredDeliveryMediums = "", []string{"EMAIL"}
		}},
		{name: "welcome by SMS to nobody", want: StatusConfirmed, change: func(e *UserMigrationEvent) { e.Response.MessageAction = "" }},
		{name: "no attributes", code: "UserNotFoundException", text: "Exception migrating user in app client client1",
			change: func(e *UserMigrationEvent) { e.Response.UserAttributes = nil }},
		{name: "a sub", code: "UserNotFoundException", text: "Exception migrating user in app client client1",
			change: func(e *UserMigrationEvent) { e.Response.UserAttributes["sub"] = "1" }},
		{name: "no attributes, hidden", config: Config{PreventUserExistenceErrors: true},
			code: "NotAuthorizedException", text: "Incorrect username or password.",
			change: func(e *UserMigrationEvent) { e.Response.UserAttributes = nil }},
		{name: "unknown attribute", code: "InvalidParameterException",
			text:   "Attributes did not conform to the schema: shoe: Attribute does not exist in the schema.",
			change: func(e *UserMigrationEvent) { e.Response.UserAttributes["shoe"] = "37" }},
		{name: "another name in an alias pool", config: Config{AliasAttributes: []string{"email"}}, want: StatusConfirmed,
			change: func(e *UserMigrationEvent) { e.Response.UserAttributes["username"] = "Ana" }},
		{name: "case", config: Config{CaseInsensitiveUsernames: true}, want: StatusConfirmed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.ExplicitAuthFlows = passwordFlow
			var calls int
			tt.config.Triggers = found(func(e *UserMigrationEvent) {
				calls++
				if e.UserName != name || e.Request.Password != "weak" || e.TriggerSource != "UserMigration_Authentication" {
					t.Errorf("event: got %s, %s", e.UserName, e.TriggerSource)
				}
				if tt.change != nil {
					tt.change(e)
				}
			})
			p := newPool(t, tt.config)
			a := post(t, p, "InitiateAuth", signIn)
			if a.code() != tt.code || a.message() != tt.text {
				t.Errorf("got %s: %q, want %s: %q", a.code(), a.message(), tt.code, tt.text)
			}
			u, exists := p.User(name)
			if exists != (tt.want != "") || u.Status != tt.want {
				t.Fatalf("user: got %t, %v, want %q", exists, u, tt.want)
			}
			if tt.want != "" && (u.Attributes["email_verified"] != "true" || u.Email != "ana@example.com") {
				t.Errorf("attributes: got %v", u.Attributes)
			}
			if exists {
				if kinds := inboxKinds(p, name); kinds != tt.inbox {
					t.Errorf("inbox: got %s, want %s", kinds, tt.inbox)
				}
				post(t, p, "InitiateAuth", signIn)
			}
			if exists && calls != 1 {
				t.Errorf("asked %d times about a user who is there", calls)
			}
		})
	}
}

// A welcome has no password in it.
func TestMigrationWelcome(t *testing.T) {
	t.Parallel()
	triggers := found(func(e *UserMigrationEvent) {
		e.Response.MessageAction, e.Response.DesiredDeliveryMediums = "", []string{"EMAIL"}
	})
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: triggers})
	ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
	message := p.Inbox("ana")[0]
	if message.Code != "" || message.Subject != "Welcome" || message.Body != "Your username is ana." {
		t.Errorf("got %q, %q", message.Subject, message.Body)
	}
}

// TestMigrationOfForgetful migrates who has forgotten the password.
func TestMigrationOfForgetful(t *testing.T) {
	t.Parallel()
	for _, status := range []UserStatus{"", StatusConfirmed, StatusResetRequired} {
		t.Run("status "+string(status), func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: found(func(e *UserMigrationEvent) {
				if e.TriggerSource != "UserMigration_ForgotPassword" || e.Request.Password != "" || e.Request.ClientMetadata["from"] != "forgot" {
					t.Errorf("got %s with metadata %v", e.TriggerSource, e.Request.ClientMetadata)
				}
				e.Response.FinalUserStatus = status
			})})
			ok(t, p, "ForgotPassword", withMetadata(m{"ClientId": "client1", "Username": "ana"}, "forgot"))
			want := StatusResetRequired
			if status != "" {
				want = status
			}
			if u, _ := p.User("ana"); u.Status != want {
				t.Errorf("got %v, want %s", u, want)
			}
			ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana"), "Password": testPassword})
			ok(t, p, "InitiateAuth", withPassword("ana", testPassword))
		})
	}
}

// TestMigrationNames migrates into pools where names are something else.
func TestMigrationNames(t *testing.T) {
	t.Parallel()
	const email = "ana@example.com"
	t.Run("username attributes", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, UsernameAttributes: []string{"email"}, Triggers: found(nil)})
		ok(t, p, "InitiateAuth", withPassword(email, testPassword))
		if u, _ := p.User(email); u.Name != u.Sub || u.Sub == "" {
			t.Errorf("got %q, %q", u.Name, u.Sub)
		}
	})
	t.Run("alias without a name", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, AliasAttributes: []string{"email"}, Triggers: found(nil)})
		fails(t, p, "InitiateAuth", withPassword(email, testPassword), "InvalidParameterException",
			"Username cannot be of email format, since user pool is configured for email alias.")
	})
	t.Run("alias with a name", func(t *testing.T) {
		t.Parallel()
		triggers := found(func(e *UserMigrationEvent) { e.Response.UserAttributes["username"] = "ana" })
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, AliasAttributes: []string{"email"}, Triggers: triggers})
		ok(t, p, "InitiateAuth", withPassword(email, testPassword))
		if u, _ := p.User(email); u.Name != "ana" {
			t.Errorf("got %q", u.Name)
		}
	})
	for _, force := range []bool{false, true} {
		t.Run(map[bool]string{false: "alias of another", true: "alias of another, taken over"}[force], func(t *testing.T) {
			t.Parallel()
			triggers := found(func(e *UserMigrationEvent) { e.Response.ForceAliasCreation = force })
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, AliasAttributes: []string{"email"}, Triggers: triggers})
			p.AddUser(User{Name: "bob", Email: email})
			want := "An account with the email already exists."
			if force {
				want = ""
			}
			if a := post(t, p, "InitiateAuth", withPassword("ana", testPassword)); a.message() != want {
				t.Errorf("got %s: %q, want %q", a.code(), a.message(), want)
			}
			if u, _ := p.User("bob"); u.Attributes["email_verified"] != map[bool]string{false: "true", true: "false"}[force] {
				t.Errorf("bob: got %v", u.Attributes)
			}
		})
	}
}

// TestMigrationFlows migrates by the other flows that send a password.
func TestMigrationFlows(t *testing.T) {
	t.Parallel()
	config := func() Config {
		return Config{
			ExplicitAuthFlows: []AuthFlow{AllowUser, AllowAdminUserPassword}, PreventUserExistenceErrors: true, Triggers: found(nil),
		}
	}
	t.Run("preferred password", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, config())
		result(t, ok(t, p, "InitiateAuth", withUserAuth("PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", testPassword)), "AccessToken")
	})
	t.Run("chosen password", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, config())
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withUserAuth()), "SELECT_CHALLENGE")
		body := respond("SELECT_CHALLENGE", session, m{"USERNAME": "ana", "ANSWER": "PASSWORD", "PASSWORD": testPassword})
		result(t, ok(t, p, "RespondToAuthChallenge", body), "AccessToken")
		fails(t, p, "RespondToAuthChallenge", body, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
	})
	t.Run("chosen password, nobody", func(t *testing.T) {
		t.Parallel()
		cfg := config()
		cfg.Triggers = Triggers{}
		p := newPool(t, cfg)
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withUserAuth()), "SELECT_CHALLENGE")
		fails(t, p, "RespondToAuthChallenge", respond("PASSWORD", session, m{"USERNAME": "ana", "PASSWORD": testPassword}),
			"NotAuthorizedException", "Incorrect username or password.")
	})
	t.Run("chosen password, to be reset", func(t *testing.T) {
		t.Parallel()
		cfg := config()
		cfg.Triggers = found(func(e *UserMigrationEvent) { e.Response.FinalUserStatus = StatusResetRequired })
		p := newPool(t, cfg)
		session := wantChallenge(t, ok(t, p, "InitiateAuth", withUserAuth()), "SELECT_CHALLENGE")
		fails(t, p, "RespondToAuthChallenge", respond("PASSWORD", session, m{"USERNAME": "ana", "PASSWORD": testPassword}),
			"NotAuthorizedException", "Incorrect username or password.")
	})
	t.Run("administrator", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, config())
		admin(t, p, "AdminInitiateAuth", `"ClientId":"client1","AuthFlow":"ADMIN_USER_PASSWORD_AUTH",
			"AuthParameters":{"USERNAME":"ana","PASSWORD":"`+testPassword+`"}}`)
	})
	t.Run("wrong secret hash", func(t *testing.T) {
		t.Parallel()
		p := newPool(t, Config{
			ExplicitAuthFlows: passwordFlow, ClientSecret: "abcdefghijklmnopqrstuvwxyz",
			Triggers: found(func(*UserMigrationEvent) { t.Error("the trigger ran") }),
		})
		fails(t, p, "InitiateAuth", withPassword("ana", testPassword), "NotAuthorizedException",
			"Client client1 is configured with secret but SECRET_HASH was not received")
	})
}

func TestMigrationWithSMSMFA(t *testing.T) {
	t.Parallel()
	for _, mode := range []MFAMode{MFAOff, MFAOptional} {
		triggers := found(func(e *UserMigrationEvent) {
			e.Response.UserAttributes["phone_number"] = "+15555550123"
			e.Response.EnableSMSMFA = true
		})
		p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: mode, MFAFactors: []MFAFactor{MFAFactorSMS}, Triggers: triggers})
		want := map[MFAMode]string{MFAOff: "", MFAOptional: "SMS_MFA"}[mode]
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), want)
	}
}

// The pre sign-up trigger has a say in migrations.
func TestMigrationRefusedByPreSignUp(t *testing.T) {
	t.Parallel()
	triggers := found(nil)
	var got map[string]string
	triggers.PreSignUp = func(e *PreSignUpEvent) error {
		got = maps.Clone(e.Request.UserAttributes)
		return errors.New("full")
	}
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: triggers})
	fails(t, p, "InitiateAuth", withPassword("ana", testPassword), lambdaValidation, "PreSignUp failed with error full.")
	if diff := cmp.Diff(map[string]string{"email": "ana@example.com", "email_verified": "true"}, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if _, exists := p.User("ana"); exists {
		t.Error("the user is there")
	}
}

// TestMigrationConcurrentSafe lets one user sign in from many sides. The pool
// gets one user, and everybody gets in.
func TestMigrationConcurrentSafe(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 8)
	together := make(chan struct{})
	triggers := found(func(*UserMigrationEvent) {
		arrived <- struct{}{}
		<-together
	})
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, Triggers: triggers})
	var wg sync.WaitGroup
	subs := make([]string, 8)
	for i := range subs {
		wg.Go(func() {
			a := post(t, p, "InitiateAuth", withPassword("ana", testPassword))
			if a.status != 200 {
				t.Errorf("got %s: %s", a.code(), a.message())
				return
			}
			_, claims := parseToken(t, p, a.str("AuthenticationResult", "AccessToken"))
			subs[i], _ = claims["sub"].(string)
		})
	}
	for range subs {
		<-arrived
	}
	close(together)
	wg.Wait()
	if slices.Sort(subs); len(slices.Compact(subs)) != 1 || subs[0] == "" {
		t.Errorf("got subs %v", subs)
	}
}
