package authtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestAdminCreateUserWithoutPassword creates users without saying a password,
// in pools where codes are the only factor and in others.
func TestAdminCreateUserWithoutPassword(t *testing.T) {
	t.Parallel()
	const confirmed, forced = types.UserStatusTypeConfirmed, types.UserStatusTypeForceChangePassword
	codes := []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP, FirstFactorSMSOTP}
	email := []types.AttributeType{{Name: aws.String("email"), Value: aws.String("ana@example.com")}, {Name: aws.String("email_verified"), Value: aws.String("true")}}
	phone := []types.AttributeType{{Name: aws.String("phone_number"), Value: aws.String("+15555550123")}}
	tests := []struct {
		name       string
		config     Config
		attributes []types.AttributeType
		password   *string
		want       types.UserStatusType // empty for a refusal
	}{
		{"code by e-mail", Config{FirstFactors: codes}, email, nil, confirmed},
		{"code by SMS, not verified", Config{FirstFactors: codes}, phone, nil, confirmed},
		{"blank password", Config{FirstFactors: codes}, email, aws.String(""), confirmed},
		{"password all the same", Config{FirstFactors: codes}, email, aws.String(testPassword), forced},
		{"nowhere to send a code", Config{FirstFactors: codes}, nil, nil, ""},
		{"code to the other contact", Config{FirstFactors: codes[:2]}, phone, nil, ""},
		{"nowhere, with a password", Config{FirstFactors: codes}, nil, aws.String(testPassword), forced},
		{"passkeys", Config{FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn}}, email, nil, forced},
		{"passwords", Config{}, email, nil, forced},
		{"passwords, blank", Config{}, email, aws.String(""), forced},
		{"MFA required", Config{FirstFactors: codes, MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorTOTP}}, email, nil, forced},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tt.config)
			out, err := sdk(p.Transport()).AdminCreateUser(t.Context(), &cip.AdminCreateUserInput{
				UserPoolId: aws.String(p.PoolID()), Username: aws.String("ana"), UserAttributes: tt.attributes, TemporaryPassword: tt.password,
				DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail, types.DeliveryMediumTypeSms},
			})
			if tt.want == "" {
				refused(t, err, invalid, "A user without a password needs an email or phone_number that codes can be sent to.")
				if _, found := p.User("ana"); found {
					t.Error("the user exists all the same")
				}
				return
			}
			must[cip.AdminCreateUserOutput](t)(out, err)
			ana, _ := p.Account("ana")
			if out.User.UserStatus != tt.want || ana.HasPassword != (tt.want == forced) {
				t.Errorf("got %s, password: %t, want %s", out.User.UserStatus, ana.HasPassword, tt.want)
			}
			for _, message := range p.Inbox("ana") {
				if message.Kind != MessageInvitation || (message.Code == "") != (tt.want == confirmed) {
					t.Errorf("got the message %q", message.Body)
				}
			}
			if len(p.Inbox("ana")) != min(len(tt.attributes), 1) {
				t.Errorf("got %d messages", len(p.Inbox("ana")))
			}
		})
	}
}

// TestCreatedWithoutPassword lets somebody sign in who was created without a
// password, and then choose one.
func TestCreatedWithoutPassword(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword}, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP}, UsernameAttributes: []string{"email"},
	})
	admin(t, p, "AdminCreateUser", `"Username":"ana@example.com"}`)
	fails(t, p, "InitiateAuth", withPassword("ana@example.com", testPassword), notAuthorizedCode, textIncorrect)
	session := wantChallenge(t, ok(t, p, "InitiateAuth", m{
		"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana@example.com", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
	}), "EMAIL_OTP")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana@example.com", "EMAIL_OTP_CODE": p.Code("ana@example.com")}))
	ok(t, p, "ChangePassword", m{"AccessToken": a.str("AuthenticationResult", "AccessToken"), "ProposedPassword": testPassword})
	ok(t, p, "InitiateAuth", withPassword("ana@example.com", testPassword))
	if a := postSigned(t, p, "AdminCreateUser", `"Username":"ana@example.com","MessageAction":"RESEND"}`); a.code() != "UnsupportedUserStateException" {
		t.Errorf("RESEND to a confirmed user: got %q", a.code())
	}
}
