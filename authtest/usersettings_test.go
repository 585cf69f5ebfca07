package authtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUserSettings sets SMS as a second factor by the operation that was there
// before SetUserMFAPreference.
func TestUserSettings(t *testing.T) {
	t.Parallel()
	sms := []m{{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}}
	option := []any{map[string]any{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}}
	tests := []struct {
		name string
		set  func(t *testing.T, p *Pool, access string, options []m)
	}{
		{"SetUserSettings", func(t *testing.T, p *Pool, access string, options []m) {
			t.Helper()
			if a := ok(t, p, "SetUserSettings", m{"AccessToken": access, "MFAOptions": options}); a.raw != "{}" {
				t.Errorf("body: got %s", a.raw)
			}
		}},
		{"AdminSetUserSettings", func(t *testing.T, p *Pool, _ string, options []m) {
			t.Helper()
			admin(t, p, "AdminSetUserSettings", `"Username":"ana","MFAOptions":`+jsonText(options)+`}`)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS, MFAFactorEmail}})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123"})
			access, _, _ := signIn(t, p)
			shown := func() []any {
				t.Helper()
				a := ok(t, p, "GetUser", m{"AccessToken": access})
				b := admin(t, p, "AdminGetUser", `"Username":"ana"}`)
				if diff := cmp.Diff(a.body["MFAOptions"], b.body["MFAOptions"]); diff != "" {
					t.Errorf("GetUser and AdminGetUser differ:\n%s", diff)
				}
				options, _ := a.body["MFAOptions"].([]any)
				return append(options, a.body["UserMFASettingList"])
			}
			if diff := cmp.Diff([]any{nil}, shown()); diff != "" {
				t.Errorf("before (-want +got):\n%s", diff)
			}
			tt.set(t, p, access, sms)
			if diff := cmp.Diff(append(option[:1:1], nil), shown()); diff != "" {
				t.Errorf("on (-want +got):\n%s", diff)
			}
			wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "SMS_MFA")
			if u, _ := p.User("ana"); !u.SMSMFA {
				t.Error("User does not know about SMS")
			}
			tt.set(t, p, access, []m{})
			if diff := cmp.Diff([]any{nil}, shown()); diff != "" {
				t.Errorf("off (-want +got):\n%s", diff)
			}
			signIn(t, p)

			// SetUserMFAPreference turns it off as well.
			tt.set(t, p, access, sms)
			ok(t, p, "SetUserMFAPreference", m{"AccessToken": access, "SMSMfaSettings": m{"Enabled": false}})
			if diff := cmp.Diff([]any{nil}, shown()); diff != "" {
				t.Errorf("off by preference (-want +got):\n%s", diff)
			}
			// What the preference turned on stays.
			ok(t, p, "SetUserMFAPreference", m{"AccessToken": access, "SMSMfaSettings": m{"Enabled": true}})
			tt.set(t, p, access, []m{})
			if diff := cmp.Diff([]any{[]any{"SMS_MFA"}}, shown()); diff != "" {
				t.Errorf("on by preference (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLastFactorWhereRequired disables second factors in a pool that requires
// one.
func TestLastFactorWhereRequired(t *testing.T) {
	t.Parallel()
	const invalid, refused = "InvalidParameterException", "MFA cannot be disabled, the user pool requires it."
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorSMS, MFAFactorEmail}})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123", SMSMFA: true, EmailMFA: true, PreferredMFA: MFAFactorEmail})
	session := wantChallenge(t, ok(t, p, "InitiateAuth", withPassword("ana", testPassword)), "EMAIL_OTP")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": p.Code("ana")}))
	access := result(t, a, "AccessToken")
	off := m{"Enabled": false}
	set := func(blocks m) m {
		blocks["AccessToken"] = access
		return blocks
	}
	fails(t, p, "SetUserMFAPreference", set(m{"SMSMfaSettings": off, "EmailMfaSettings": off}), invalid, refused)
	ok(t, p, "SetUserMFAPreference", set(m{"SMSMfaSettings": off}))
	fails(t, p, "SetUserMFAPreference", set(m{"EmailMfaSettings": off}), invalid, refused)
	ok(t, p, "SetUserSettings", m{"AccessToken": access, "MFAOptions": []m{{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}}})
	ok(t, p, "SetUserMFAPreference", set(m{"EmailMfaSettings": off}))
	fails(t, p, "SetUserSettings", m{"AccessToken": access, "MFAOptions": []m{}}, invalid, refused)
}
