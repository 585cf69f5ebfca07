package authtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestMessageTemplates sends every kind of message in the words that the pool
// has been given for it.
func TestMessageTemplates(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{
		AutoVerifiedAttributes:   []types.VerifiedAttributeType{"email", "phone_number"},
		SmsConfiguration:         &types.SmsConfigurationType{SnsCallerArn: aws.String(roleARN)},
		EmailVerificationMessage: aws.String("former {####}"), SmsVerificationMessage: aws.String("sms {####}"), SmsAuthenticationMessage: aws.String("mfa {####}"),
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{EmailMessage: aws.String("prove {####}"), EmailSubject: aws.String("Proof")},
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{InviteMessageTemplate: &types.MessageTemplateType{
			EmailMessage: aws.String("hello {username}, {####}"), EmailSubject: aws.String("Hello"), SMSMessage: aws.String("hi {username} {####}"),
		}},
	})
	p, _ := s.Pool(*pool.Id)
	must[cip.SetUserPoolMfaConfigOutput](t)(client.SetUserPoolMfaConfig(t.Context(), &cip.SetUserPoolMfaConfigInput{
		UserPoolId: pool.Id, MfaConfiguration: types.UserPoolMfaTypeOptional, SmsMfaConfiguration: &types.SmsMfaConfigType{},
		EmailMfaConfiguration: &types.EmailMfaConfigType{Message: aws.String("factor {####}"), Subject: aws.String("Factor")},
	}))
	p.AddUser(User{Name: "ana", Email: "ana@example.com", Phone: "+15555550123"})
	c := &call{pool: p, now: p.now()}
	for _, tt := range []struct {
		kind          MessageKind
		medium        Medium
		subject, body string
	}{
		{MessageSignUp, MediumEmail, "Proof", "prove 123456"},
		{MessageForgotPassword, MediumSMS, "", "sms 123456"},
		{MessageAuthentication, MediumSMS, "", "mfa 123456"},
		{MessageAuthentication, MediumEmail, "Factor", "factor 123456"},
		{MessageInvitation, MediumEmail, "Hello", "hello ana, 123456"},
		{MessageInvitation, MediumSMS, "", "hi ana 123456"},
	} {
		m := Message{Kind: tt.kind, Medium: tt.medium, Code: "123456"}
		if err := c.write(p.users.find("ana"), &m); err != nil || m.Subject != tt.subject || m.Body != tt.body {
			t.Errorf("%s by %s: got %q, %q", tt.kind, tt.medium, m.Subject, m.Body)
		}
	}
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: pool.Id, EmailVerificationSubject: aws.String("Former")}))
	m := Message{Kind: MessageSignUp, Medium: MediumEmail, Code: "123456"}
	if err := c.write(p.users.find("ana"), &m); err != nil || m.Subject != "Former" || m.Body != "Your confirmation code is 123456." {
		t.Errorf("after an update: got %q, %q", m.Subject, m.Body)
	}
}
