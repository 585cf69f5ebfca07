package authtest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUserPoolMFAConfig(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{UserPoolTier: types.UserPoolTierTypeLite})
	sms := &types.SmsConfigurationType{SnsCallerArn: aws.String(roleARN)}
	const invalid = "InvalidParameterException"
	tests := []struct {
		name          string
		in            cip.SetUserPoolMfaConfigInput
		factors       []MFAFactor
		code, message string
	}{
		{name: "nothing", factors: []MFAFactor{}},
		{name: "factor without a mode", in: cip.SetUserPoolMfaConfigInput{SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true}},
			code: invalid, message: "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."},
		{name: "mode without a factor", in: cip.SetUserPoolMfaConfigInput{MfaConfiguration: types.UserPoolMfaTypeOn, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{}},
			code: invalid, message: "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."},
		{name: "e-mail in the least tier", in: cip.SetUserPoolMfaConfigInput{MfaConfiguration: types.UserPoolMfaTypeOn, EmailMfaConfiguration: &types.EmailMfaConfigType{}},
			code: "FeatureUnavailableInTierException", message: "The factor is not available in the tier of the user pool"},
		{name: "SMS without a configuration", in: cip.SetUserPoolMfaConfigInput{MfaConfiguration: types.UserPoolMfaTypeOn, SmsMfaConfiguration: &types.SmsMfaConfigType{}},
			code: invalid, message: "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"},
		{name: "relying party", in: cip.SetUserPoolMfaConfigInput{WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: aws.String("https://x")}},
			code: invalid, message: "Relying party ID must be a domain"},
		{name: "app", in: cip.SetUserPoolMfaConfigInput{MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true}},
			factors: []MFAFactor{MFAFactorTOTP}},
		{name: "app and SMS", in: cip.SetUserPoolMfaConfigInput{
			MfaConfiguration: types.UserPoolMfaTypeOn, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
			SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: sms, SmsAuthenticationMessage: aws.String("{####}")},
		}, factors: []MFAFactor{MFAFactorSMS, MFAFactorTOTP}},
		{name: "SMS off again", in: cip.SetUserPoolMfaConfigInput{MfaConfiguration: types.UserPoolMfaTypeOn, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true}},
			code: invalid, message: "Can't turn off SMS_MFA when SMS configuration is set for the user pool"},
		{name: "nothing again", factors: []MFAFactor{}},
	}
	for _, tt := range tests {
		tt.in.UserPoolId = pool.Id
		out, err := client.SetUserPoolMfaConfig(t.Context(), &tt.in)
		if tt.code != "" {
			refused(t, err, tt.code, tt.message)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		got := must[cip.GetUserPoolMfaConfigOutput](t)(client.GetUserPoolMfaConfig(t.Context(), &cip.GetUserPoolMfaConfigInput{UserPoolId: pool.Id}))
		if diff := cmp.Diff((*cip.GetUserPoolMfaConfigOutput)(out), got, ignoreSDK(), cmpopts.IgnoreFields(cip.GetUserPoolMfaConfigOutput{}, "ResultMetadata"), cmpopts.IgnoreUnexported(cip.GetUserPoolMfaConfigOutput{})); diff != "" {
			t.Errorf("%s: set and got differ:\n%s", tt.name, diff)
		}
		mode := tt.in.MfaConfiguration
		if mode == "" {
			mode = types.UserPoolMfaTypeOff
		}
		if got.MfaConfiguration != mode || (got.SoftwareTokenMfaConfiguration != nil) != (tt.in.SoftwareTokenMfaConfiguration != nil) {
			t.Errorf("%s: got mode %s, app %v", tt.name, got.MfaConfiguration, got.SoftwareTokenMfaConfiguration)
		}
		p, _ := s.Pool(*pool.Id)
		if diff := cmp.Diff(tt.factors, p.cfg.MFAFactors); diff != "" {
			t.Errorf("%s: factors (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestRelyingParty follows the relying party of passkeys from the pool's
// domain to the one that is set.
func TestRelyingParty(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{})
	p, _ := s.Pool(*pool.Id)
	set := func(w *types.WebAuthnConfigurationType) {
		t.Helper()
		must[cip.SetUserPoolMfaConfigOutput](t)(client.SetUserPoolMfaConfig(t.Context(), &cip.SetUserPoolMfaConfigInput{UserPoolId: pool.Id, WebAuthnConfiguration: w}))
	}
	want := func(step string, passkeys *Passkeys) {
		t.Helper()
		if diff := cmp.Diff(passkeys, p.cfg.Passkeys); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	required := &types.WebAuthnConfigurationType{UserVerification: types.UserVerificationTypeRequired, FactorConfiguration: types.WebAuthnFactorConfigurationTypeMultiFactorWithUserVerification}
	set(required)
	want("without a domain", nil)
	must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool.Id, Domain: aws.String("people")}))
	byDomain := &Passkeys{RelyingPartyID: "people.auth.eu-west-1.amazoncognito.com", UserVerification: UserVerificationRequired, MultiFactor: true}
	want("by the domain", byDomain)
	set(nil)
	want("not mentioned", byDomain)
	config := must[cip.GetUserPoolMfaConfigOutput](t)(client.GetUserPoolMfaConfig(t.Context(), &cip.GetUserPoolMfaConfigInput{UserPoolId: pool.Id})).WebAuthnConfiguration
	if aws.ToString(config.RelyingPartyId) != byDomain.RelyingPartyID || config.FactorConfiguration != required.FactorConfiguration {
		t.Errorf("described as %s, %s", aws.ToString(config.RelyingPartyId), config.FactorConfiguration)
	}
	must[cip.DeleteUserPoolDomainOutput](t)(client.DeleteUserPoolDomain(t.Context(), &cip.DeleteUserPoolDomainInput{UserPoolId: pool.Id, Domain: aws.String("people")}))
	want("domain deleted", nil)
	set(&types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com")})
	want("set", &Passkeys{RelyingPartyID: "example.com", UserVerification: UserVerificationPreferred})
}

// TestRelyingPartyChanges takes passkeys away from a pool whose users have
// some, in the middle of a sign-in with one.
func TestRelyingPartyChanges(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{
		ExplicitAuthFlows: []AuthFlow{AllowUser, AllowUserPassword}, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorWebAuthn},
		Passkeys: &Passkeys{RelyingPartyID: "example.com"},
	})
	p.AddUser(User{Name: "ana", Password: testPassword})
	a := NewAuthenticator("https://example.com")
	p.AddPasskey("ana", a)
	access, _, _ := signIn(t, p)
	challenge := ok(t, p, "InitiateAuth", m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana", "PREFERRED_CHALLENGE": "WEB_AUTHN"}})
	credential, err := a.Get([]byte(challenge.str("ChallengeParameters", "CREDENTIAL_REQUEST_OPTIONS")))
	if err != nil {
		t.Fatal(err)
	}
	client := sdk(p.Transport())
	set := func(w *types.WebAuthnConfigurationType) {
		t.Helper()
		must[cip.SetUserPoolMfaConfigOutput](t)(client.SetUserPoolMfaConfig(t.Context(), &cip.SetUserPoolMfaConfigInput{UserPoolId: aws.String(p.PoolID()), WebAuthnConfiguration: w}))
	}
	set(&types.WebAuthnConfigurationType{UserVerification: types.UserVerificationTypePreferred}) // no relying party, and no domain to be it
	answer := respond("WEB_AUTHN", challenge.str("Session"), m{"USERNAME": "ana", "CREDENTIAL": string(credential)})
	fails(t, p, "RespondToAuthChallenge", answer, "NotAuthorizedException", "Incorrect username or password.")
	list := ok(t, p, "ListWebAuthnCredentials", m{"AccessToken": access}).body["Credentials"].([]any)
	if got := list[0].(m)["RelyingPartyId"]; got != "example.com" {
		t.Errorf("the passkey is of %v", got)
	}
	fails(t, p, "StartWebAuthnRegistration", m{"AccessToken": access}, "WebAuthnConfigurationMissingException", msgNoRelyingParty)
	set(&types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com")})
	ok(t, p, "RespondToAuthChallenge", answer)
}
