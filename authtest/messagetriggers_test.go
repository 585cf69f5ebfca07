package authtest

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// messages asks for each kind of message by e-mail and by SMS in turn, and
// returns what came: subject, "|" and body, with the code as "CODE".
func messages(t *testing.T, triggers Triggers) map[string]string {
	t.Helper()
	got := make(map[string]string)
	for medium, contact := range map[string]string{"EMAIL": "email", "SMS": "phone_number"} {
		factor := map[string]MFAFactor{"EMAIL": MFAFactorEmail, "SMS": MFAFactorSMS}[medium]
		p := newPool(t, Config{
			ExplicitAuthFlows: passwordFlow, AutoVerifiedAttributes: []string{contact}, Triggers: triggers,
			MFA: MFAOptional, MFAFactors: []MFAFactor{factor},
		})
		value := map[string]string{"EMAIL": "ana@example.com", "SMS": "+15555550123"}[medium]
		other := map[string]string{"EMAIL": "ana@example.org", "SMS": "+15555550124"}[medium]
		named := m{"ClientId": "client1", "Username": "ana"}
		look := func(name string) {
			if inbox := p.Inbox(name); len(inbox) > 0 {
				last := inbox[len(inbox)-1]
				got[string(last.Kind)+" "+medium] = strings.ReplaceAll(last.Subject+"|"+last.Body, last.Code, "CODE")
			}
		}
		ok(t, p, "SignUp", signUpWith("ana", m{"Name": contact, "Value": value}))
		look("ana")
		ok(t, p, "ResendConfirmationCode", named)
		look("ana")
		admin(t, p, "AdminConfirmSignUp", `"Username":"ana"}`)
		admin(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"`+contact+`_verified","Value":"true"}]}`)
		ok(t, p, "ForgotPassword", named)
		look("ana")
		access := accessToken(t, p, "ana")
		ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": access, "AttributeName": contact})
		look("ana")
		setting := map[string]string{"EMAIL": "EmailMfaSettings", "SMS": "SMSMfaSettings"}[medium]
		ok(t, p, "SetUserMFAPreference", m{"AccessToken": access, setting: m{"Enabled": true}})
		wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), string(factor))
		look("ana")
		ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": contact, "Value": other}}})
		look("ana")
		admin(t, p, "AdminCreateUser", `"Username":"bob","DesiredDeliveryMediums":["`+medium+`"],"UserAttributes":[{"Name":"`+contact+`","Value":"`+value+`"}]}`)
		look("bob")
	}
	return got
}

func TestDefaultMessages(t *testing.T) {
	t.Parallel()
	const email, sms = "Your verification code|Your confirmation code is CODE.", "|Your verification code is CODE."
	const invitation = "Your username is bob and temporary password is CODE."
	want := map[string]string{
		"SignUp EMAIL": email, "ResendCode EMAIL": email, "ForgotPassword EMAIL": email, "Authentication EMAIL": email,
		"VerifyUserAttribute EMAIL": email, "UpdateUserAttribute EMAIL": email, "AdminCreateUser EMAIL": "Your temporary password|" + invitation,
		"SignUp SMS": sms, "ResendCode SMS": sms, "ForgotPassword SMS": sms, "Authentication SMS": "|Your authentication code is CODE.",
		"VerifyUserAttribute SMS": sms, "UpdateUserAttribute SMS": sms, "AdminCreateUser SMS": "|" + invitation,
	}
	if diff := cmp.Diff(want, messages(t, Triggers{})); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestCustomMessages(t *testing.T) {
	t.Parallel()
	got := messages(t, Triggers{CustomMessage: func(e *CustomMessageEvent) error {
		kind := strings.TrimPrefix(e.TriggerSource, "CustomMessage_")
		text := kind + ", " + e.Request.UsernameParameter + ": " + e.Request.CodeParameter
		e.Response.SMSMessage, e.Response.EmailMessage, e.Response.EmailSubject = text, "<b>"+text+"</b>", "On "+kind
		return nil
	}})
	want := make(map[string]string)
	for _, kind := range []string{
		"SignUp", "ResendCode", "ForgotPassword", "Authentication", "VerifyUserAttribute", "UpdateUserAttribute", "AdminCreateUser",
	} {
		name := ""
		if kind == "AdminCreateUser" {
			name = "bob"
		}
		want[kind+" EMAIL"] = "On " + kind + "|<b>" + kind + ", " + name + ": CODE</b>"
		want[kind+" SMS"] = "|" + kind + ", " + name + ": CODE"
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestCustomMessageLimits(t *testing.T) {
	t.Parallel()
	const one = "1 validation error detected: Value "
	emailRule := " at 'emailBody' failed to satisfy constraint: Member must satisfy regular expression pattern: " + emailPattern
	filled := func(n int) string { return strings.Repeat("é", n-codeDigits) + "{####}" } // n characters with the code
	tests := []struct {
		name    string
		sms     bool
		invite  bool
		message string
		subject string
		code    string
		want    string // message of the error, or the body
	}{
		{name: "subject alone", subject: "Hello", want: "Your confirmation code is CODE."},
		{name: "code twice", message: "{####} {####}", want: "CODE CODE"},
		{name: "longest e-mail", message: filled(20000), want: strings.ReplaceAll(filled(20000), "{####}", "CODE")},
		{name: "e-mail too long", message: filled(20001), code: "InvalidParameterException",
			want: one + "at 'emailBody' failed to satisfy constraint: Member must have length less than or equal to 20000"},
		{name: "no code", message: "Hello", code: "InvalidParameterException", want: one + "'Hello'" + emailRule},
		{name: "no code, long", message: strings.Repeat("é", 200), code: "InvalidParameterException",
			want: one + "'" + strings.Repeat("é", 128) + "…'" + emailRule},
		{name: "code without braces", message: "####", code: "InvalidParameterException", want: one + "'####'" + emailRule},
		{name: "no-break space", message: "a\u00a0b {####}", code: "InvalidParameterException", want: one + "'a\u00a0b {####}'" + emailRule},
		{name: "control character", message: "{####}\x01", code: "InvalidParameterException", want: one + "'{####}\x01'" + emailRule},
		{name: "longest subject", subject: strings.Repeat("x", 140), want: "Your confirmation code is CODE."},
		{name: "subject too long", subject: strings.Repeat("x", 141), code: "InvalidParameterException",
			want: one + "at 'emailSubject' failed to satisfy constraint: Member must have length less than or equal to 140"},
		{name: "subject with a control character", subject: "a\x01", code: "InvalidParameterException",
			want: one + "'a\x01' at 'emailSubject' failed to satisfy constraint: Member must satisfy regular expression pattern: " + subjectPattern},
		{name: "longest SMS", sms: true, message: filled(140), want: strings.ReplaceAll(filled(140), "{####}", "CODE")},
		{name: "SMS too long", sms: true, message: filled(141), code: "InvalidParameterException",
			want: one + "at 'smsMessage' failed to satisfy constraint: Member must have length less than or equal to 140"},
		{name: "SMS without code", sms: true, message: "Hello", code: "InvalidParameterException",
			want: one + "'Hello' at 'smsMessage' failed to satisfy constraint: Member must satisfy regular expression pattern: " + smsPattern},
		{name: "invitation", invite: true, message: "{username} {####}", want: "ana CODE"},
		{name: "invitation without a name", invite: true, message: "{####}", code: invalidLambda, want: unrecognizable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{
				AutoVerifiedAttributes: []string{"email", "phone_number"},
				Triggers: Triggers{CustomMessage: func(e *CustomMessageEvent) error {
					if tt.sms {
						e.Response.SMSMessage = tt.message
						e.Response.EmailMessage = "not this one"
					} else {
						e.Response.EmailMessage, e.Response.EmailSubject = tt.message, tt.subject
						e.Response.SMSMessage = "not this one"
					}
					return nil
				}},
			})
			contact := m{"Name": "email", "Value": "ana@example.com"}
			if tt.sms {
				contact = m{"Name": "phone_number", "Value": "+15555550123"}
			}
			var a answer
			if tt.invite {
				a = postSigned(t, p, "AdminCreateUser",
					`"Username":"ana","DesiredDeliveryMediums":["EMAIL"],"UserAttributes":[{"Name":"email","Value":"ana@example.com"}]}`)
			} else {
				a = post(t, p, "SignUp", signUpWith("ana", contact))
			}
			got := a.message()
			if inbox := p.Inbox("ana"); len(inbox) == 1 {
				got = strings.ReplaceAll(inbox[0].Body, inbox[0].Code, "CODE")
				if tt.subject != "" && inbox[0].Subject != tt.subject {
					t.Errorf("subject: got %q", inbox[0].Subject)
				}
			}
			if a.code() != tt.code || got != tt.want {
				t.Errorf("got %s: %q\nwant %s: %q", a.code(), got, tt.code, tt.want)
			}
		})
	}
}

// An invitation names what its reader signs in with.
func TestInvitationNamesAlias(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{UsernameAttributes: []string{"phone_number", "email"}})
	admin(t, p, "AdminCreateUser", `"Username":"ana@example.com","DesiredDeliveryMediums":["EMAIL"]}`)
	message := p.Inbox("ana@example.com")[0]
	if want := "Your username is ana@example.com and temporary password is " + message.Code + "."; message.Body != want {
		t.Errorf("got %q, want %q", message.Body, want)
	}
}

// TestCustomSenders lets triggers send. Nothing is in the inbox, the code is
// the one that counts, and whether the trigger fails is nobody's business.
func TestCustomSenders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // one sender is still at work when its event is looked at
		var events []*CustomSenderEvent
		fail := func() error { return nil }
		send := func(e *CustomSenderEvent) error {
			mu.Lock()
			events = append(events, e)
			mu.Unlock()
			return fail()
		}
		asked := 0
		p := newPool(t, Config{
			AutoVerifiedAttributes: []string{"email", "phone_number"},
			Triggers: Triggers{
				CustomEmailSender: send, CustomSMSSender: send,
				CustomMessage: func(*CustomMessageEvent) error { asked++; return nil },
			},
		})
		for i, tt := range []struct {
			contact, value, source, kind string
			fail                         func() error
			takes                        time.Duration
		}{
			{"email", "a@example.com", "CustomEmailSender_SignUp", "customEmailSenderRequestV1", func() error { return nil }, 0},
			{"phone_number", "+15555550123", "CustomSMSSender_SignUp", "customSMSSenderRequestV1", func() error { return nil }, 0},
			{"email", "a@example.com", "CustomEmailSender_SignUp", "customEmailSenderRequestV1", func() error { return errors.New("no") }, 0},
			{"email", "a@example.com", "CustomEmailSender_SignUp", "customEmailSenderRequestV1", func() error { panic("no") }, 0},
			{"email", "a@example.com", "CustomEmailSender_SignUp", "customEmailSenderRequestV1",
				func() error { time.Sleep(time.Hour); return nil }, 5 * time.Second},
		} {
			name := string(rune('a' + i))
			fail = tt.fail
			start := time.Now()
			a := ok(t, p, "SignUp", withMetadata(signUpWith(name, m{"Name": tt.contact, "Value": tt.value}), "up"))
			if took := time.Since(start); took != tt.takes {
				t.Errorf("%d: took %v, want %v", i, took, tt.takes)
			}
			if a.str("CodeDeliveryDetails", "AttributeName") != tt.contact {
				t.Errorf("%d: got %s", i, a.raw)
			}
			mu.Lock()
			n, e := len(events), events[len(events)-1]
			mu.Unlock()
			if n != i+1 || e.TriggerSource != tt.source || e.Request.Type != tt.kind || e.Request.ClientMetadata["from"] != "up" ||
				e.Request.UserAttributes[tt.contact] != tt.value || e.Request.UserAttributes["cognito:user_status"] != "UNCONFIRMED" {
				t.Errorf("%d: got %d events, %+v", i, n, e)
			}
			if inbox := p.Inbox(name); len(inbox) != 0 {
				t.Errorf("%d: inbox: got %v", i, inbox)
			}
			ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": name, "ConfirmationCode": e.Request.Code})
		}
		if asked != 0 {
			t.Errorf("CustomMessage was asked %d times", asked)
		}
		time.Sleep(2 * time.Hour)
	})
}

// A sender may use the code before the operation that sent it is over.
func TestSenderUsesCode(t *testing.T) {
	t.Parallel()
	var p *Pool
	p = newPool(t, Config{Triggers: Triggers{CustomEmailSender: func(e *CustomSenderEvent) error {
		ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": e.UserName, "ConfirmationCode": e.Request.Code})
		return nil
	}}})
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	if u, _ := p.User("ana"); u.Status != StatusConfirmed {
		t.Errorf("got %v", u)
	}
}

// A sender of one medium leaves the other one alone.
func TestSenderOfOtherMedium(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Triggers: Triggers{CustomSMSSender: func(*CustomSenderEvent) error {
		t.Error("the sender ran")
		return nil
	}}})
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	if kinds := inboxKinds(p, "ana"); kinds != "SignUp" {
		t.Errorf("inbox: got %s", kinds)
	}
}

// A message to a contact that is not in force yet tells its triggers of that
// contact, so that a sender knows where to send.
func TestMessageToPendingContact(t *testing.T) {
	t.Parallel()
	var got []string
	p := newPool(t, Config{
		ExplicitAuthFlows: passwordFlow, RequireVerificationBeforeUpdate: []string{"email"},
		Triggers: Triggers{CustomEmailSender: func(e *CustomSenderEvent) error {
			got = append(got, e.Request.UserAttributes["email"])
			return nil
		}},
	})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	access := accessToken(t, p, "ana")
	ok(t, p, "UpdateUserAttributes", m{"AccessToken": access, "UserAttributes": []m{{"Name": "email", "Value": "ana@example.org"}}})
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	if diff := cmp.Diff([]string{"ana@example.org", "ana@example.com"}, got); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}
