package authtest

import "testing"

// TestMFAPreference prefers a factor and says different things about it after
// that. Enabling it without a word about the preference takes the preference away
// (observed: clients that want to keep it ask for it first).
func TestMFAPreference(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  m
		want string
	}{
		{"enabled", m{"EmailMfaSettings": m{"Enabled": true}}, ""},
		{"not preferred", m{"EmailMfaSettings": m{"Enabled": true, "PreferredMfa": false}}, ""},
		{"another preferred", m{"SMSMfaSettings": m{"Enabled": true, "PreferredMfa": true}}, "SMS_MFA"},
		{"another not preferred", m{"SMSMfaSettings": m{"Enabled": true, "PreferredMfa": false}}, "EMAIL_OTP"},
		{"disabled", m{"EmailMfaSettings": m{"Enabled": false}}, ""},
		{"nothing", m{}, "EMAIL_OTP"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, Config{ExplicitAuthFlows: passwordFlow, MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS, MFAFactorEmail}})
			p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com", Phone: "+15555550123"})
			access, _, _ := signIn(t, p)
			ok(t, p, "SetUserMFAPreference", m{"AccessToken": access, "EmailMfaSettings": m{"Enabled": true, "PreferredMfa": true}})
			tt.set["AccessToken"] = access
			ok(t, p, "SetUserMFAPreference", tt.set)
			if got := ok(t, p, "GetUser", m{"AccessToken": access}).str("PreferredMfaSetting"); got != tt.want {
				t.Errorf("preferred: got %q, want %q", got, tt.want)
			}
		})
	}
}
