package authtest

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	roleARN   = "arn:aws:iam::123456789012:role/example"
	lambdaARN = "arn:aws:lambda:eu-west-1:123456789012:function:example"
)

// ignoreSDK leaves out what the AWS client keeps in its structures for itself.
func ignoreSDK() cmp.Option {
	return cmpopts.IgnoreUnexported(types.UserPoolType{}, types.UserPoolPolicyType{}, types.PasswordPolicyType{}, types.SignInPolicyType{},
		types.LambdaConfigType{}, types.AdminCreateUserConfigType{}, types.EmailConfigurationType{}, types.VerificationMessageTemplateType{},
		types.UsernameConfigurationType{}, types.SmsConfigurationType{}, types.DeviceConfigurationType{}, types.AccountRecoverySettingType{},
		types.RecoveryOptionType{}, types.MessageTemplateType{}, types.UserPoolAddOnsType{}, types.PreTokenGenerationVersionConfigType{},
		types.SchemaAttributeType{}, types.StringAttributeConstraintsType{}, types.NumberAttributeConstraintsType{},
		types.UserAttributeUpdateSettingsType{}, types.UserPoolClientType{}, types.TokenValidityUnitsType{}, types.RefreshTokenRotationType{},
		types.AnalyticsConfigurationType{}, types.SmsMfaConfigType{}, types.SoftwareTokenMfaConfigType{}, types.EmailMfaConfigType{},
		types.WebAuthnConfigurationType{}, types.GroupType{}, types.ResourceServerType{}, types.ResourceServerScopeType{},
		types.DomainDescriptionType{}, types.CustomDomainConfigType{}, types.IdentityProviderType{}, types.ProviderDescription{},
		types.UserPoolClientDescription{}, types.ClientSecretDescriptorType{}, types.AttributeType{})
}

func createPool(t testing.TB, client *cip.Client, in *cip.CreateUserPoolInput) *types.UserPoolType {
	t.Helper()
	if in.PoolName == nil {
		in.PoolName = aws.String("people")
	}
	return must[cip.CreateUserPoolOutput](t)(client.CreateUserPool(t.Context(), in)).UserPool
}

func described(t testing.TB, client *cip.Client, id *string) *types.UserPoolType {
	t.Helper()
	return must[cip.DescribeUserPoolOutput](t)(client.DescribeUserPool(t.Context(), &cip.DescribeUserPoolInput{UserPoolId: id})).UserPool
}

func TestCreateUserPoolDefaults(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	pool := createPool(t, client, &cip.CreateUserPoolInput{})
	if pool.CreationDate == nil || time.Since(*pool.CreationDate) > time.Hour || len(pool.SchemaAttributes) != 21 {
		t.Errorf("created %v, %d attributes", pool.CreationDate, len(pool.SchemaAttributes))
	}
	if diff := cmp.Diff(pool, described(t, client, pool.Id), ignoreSDK()); diff != "" {
		t.Errorf("described another pool (-created +described):\n%s", diff)
	}
	want := &types.UserPoolType{
		Name: aws.String("people"), Arn: aws.String("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/" + *pool.Id),
		Policies: &types.UserPoolPolicyType{
			PasswordPolicy: &types.PasswordPolicyType{
				MinimumLength: aws.Int32(8), RequireUppercase: true, RequireLowercase: true, RequireNumbers: true, RequireSymbols: true,
				TemporaryPasswordValidityDays: 7,
			},
			SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{types.AuthFactorTypePassword}},
		},
		DeletionProtection: types.DeletionProtectionTypeInactive, MfaConfiguration: types.UserPoolMfaTypeOff,
		LambdaConfig: &types.LambdaConfigType{}, UserPoolTier: types.UserPoolTierTypeEssentials,
		AdminCreateUserConfig:       &types.AdminCreateUserConfigType{UnusedAccountValidityDays: 7},
		EmailConfiguration:          &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeCognitoDefault},
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithCode},
		UsernameConfiguration:       &types.UsernameConfigurationType{CaseSensitive: aws.Bool(true)},
		UserPoolTags:                map[string]string{},
	}
	ignored := cmpopts.IgnoreFields(types.UserPoolType{}, "Id", "CreationDate", "LastModifiedDate", "SchemaAttributes")
	if diff := cmp.Diff(want, pool, ignoreSDK(), ignored); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
	p, ok := s.Pool(*pool.Id)
	if !ok || p.ClientID() != "" || p.ClientSecret() != "" {
		t.Errorf("found %t, with client %q", ok, p.ClientID())
	}
}

// TestCreateUserPool makes a pool with everything that can be said, and looks
// whether it behaves so.
func TestCreateUserPool(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	in := &cip.CreateUserPoolInput{
		PoolName:               aws.String("people"),
		Policies:               &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(6), TemporaryPasswordValidityDays: 1}},
		DeletionProtection:     types.DeletionProtectionTypeActive,
		LambdaConfig:           &types.LambdaConfigType{PreSignUp: aws.String(lambdaARN), PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(lambdaARN), LambdaVersion: types.PreTokenGenerationLambdaVersionTypeV20}},
		AutoVerifiedAttributes: []types.VerifiedAttributeType{"email", "phone_number"},
		UsernameAttributes:     []types.UsernameAttributeType{"email"},
		MfaConfiguration:       types.UserPoolMfaTypeOptional,
		SmsConfiguration:       &types.SmsConfigurationType{SnsCallerArn: aws.String(roleARN), ExternalId: aws.String("x"), SnsRegion: aws.String("eu-west-1")},
		DeviceConfiguration:    &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true},
		EmailConfiguration:     &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeDeveloper, From: aws.String("x@example.com")},
		UserPoolTags:           map[string]string{"stage": "test"},
		AdminCreateUserConfig:  &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true, InviteMessageTemplate: &types.MessageTemplateType{EmailSubject: aws.String("Welcome")}},
		Schema: []types.SchemaAttributeType{
			{Name: aws.String("name"), Required: aws.Bool(true), Mutable: aws.Bool(true)},
			{Name: aws.String("age"), AttributeDataType: types.AttributeDataTypeNumber, NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MinValue: aws.String("1"), MaxValue: aws.String("9")}},
			{Name: aws.String("plan"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true), StringAttributeConstraints: &types.StringAttributeConstraintsType{MaxLength: aws.String("3")}},
		},
		UserPoolAddOns:        &types.UserPoolAddOnsType{AdvancedSecurityMode: types.AdvancedSecurityModeTypeAudit},
		UsernameConfiguration: &types.UsernameConfigurationType{CaseSensitive: aws.Bool(false)},
		AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: []types.RecoveryOptionType{
			{Name: types.RecoveryOptionNameTypeVerifiedPhoneNumber, Priority: aws.Int32(2)}, {Name: types.RecoveryOptionNameTypeVerifiedEmail, Priority: aws.Int32(1)},
		}},
		VerificationMessageTemplate: &types.VerificationMessageTemplateType{EmailSubject: aws.String("Code"), DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink},
		UserPoolTier:                types.UserPoolTierTypePlus,
	}
	pool := createPool(t, client, in)
	if diff := cmp.Diff(pool, described(t, client, pool.Id), ignoreSDK()); diff != "" {
		t.Errorf("described another pool (-created +described):\n%s", diff)
	}
	for name, diff := range map[string]string{
		"lambdas":   cmp.Diff(in.LambdaConfig, pool.LambdaConfig, ignoreSDK()),
		"SMS":       cmp.Diff(in.SmsConfiguration, pool.SmsConfiguration, ignoreSDK()),
		"e-mail":    cmp.Diff(in.EmailConfiguration, pool.EmailConfiguration, ignoreSDK()),
		"devices":   cmp.Diff(in.DeviceConfiguration, pool.DeviceConfiguration, ignoreSDK()),
		"tags":      cmp.Diff(in.UserPoolTags, pool.UserPoolTags),
		"add-ons":   cmp.Diff(in.UserPoolAddOns, pool.UserPoolAddOns, ignoreSDK()),
		"names":     cmp.Diff(in.UsernameConfiguration, pool.UsernameConfiguration, ignoreSDK()),
		"template":  cmp.Diff(in.VerificationMessageTemplate, pool.VerificationMessageTemplate, ignoreSDK()),
		"invite":    cmp.Diff(in.AdminCreateUserConfig.InviteMessageTemplate, pool.AdminCreateUserConfig.InviteMessageTemplate, ignoreSDK()),
		"recovery":  cmp.Diff([]types.RecoveryOptionNameType{"verified_email", "verified_phone_number"}, []types.RecoveryOptionNameType{pool.AccountRecoverySetting.RecoveryMechanisms[0].Name, pool.AccountRecoverySetting.RecoveryMechanisms[1].Name}),
		"attribute": cmp.Diff("custom:plan", aws.ToString(pool.SchemaAttributes[22].Name)),
		"tier":      cmp.Diff(in.UserPoolTier, pool.UserPoolTier),
		"protected": cmp.Diff(in.DeletionProtection, pool.DeletionProtection),
	} {
		if diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	app := must[cip.CreateUserPoolClientOutput](t)(client.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{
		UserPoolId: pool.Id, ClientName: aws.String("web"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	})).UserPoolClient
	_, err := client.SignUp(t.Context(), &cip.SignUpInput{ClientId: app.ClientId, Username: aws.String("ana@example.com"), Password: aws.String("secret")})
	refused(t, err, "NotAuthorizedException", "SignUp is not permitted for this user pool")
	attributes := func(pairs ...string) (list []types.AttributeType) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, types.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
		}
		return list
	}
	newUser := func(pairs ...string) error {
		_, err := client.AdminCreateUser(t.Context(), &cip.AdminCreateUserInput{
			UserPoolId: pool.Id, Username: aws.String("ana@example.com"), TemporaryPassword: aws.String("secret"), UserAttributes: attributes(pairs...),
		})
		return err
	}
	refused(t, newUser("custom:age", "10"), "InvalidParameterException",
		"Attributes did not conform to the schema: custom:age: The attribute's value does not satisfy its Number constraints")
	refused(t, newUser("custom:plan", "long"), "InvalidParameterException",
		"Attributes did not conform to the schema: custom:plan: The attribute's value does not satisfy its String constraints")
	if err := newUser("custom:age", "9", "custom:plan", "pro"); err != nil {
		t.Fatal(err)
	}
	a := must[cip.InitiateAuthOutput](t)(client.InitiateAuth(t.Context(), &cip.InitiateAuthInput{
		ClientId: app.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": "ANA@example.com", "PASSWORD": "secret"},
	}))
	if a.ChallengeName != types.ChallengeNameTypeNewPasswordRequired || a.ChallengeParameters["requiredAttributes"] != `["userAttributes.name"]` {
		t.Errorf("got challenge %s, %s", a.ChallengeName, a.ChallengeParameters["requiredAttributes"])
	}

	_, err = client.DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: pool.Id})
	refused(t, err, "InvalidParameterException",
		"The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	must[cip.UpdateUserPoolOutput](t)(client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: pool.Id}))
	must[cip.DeleteUserPoolOutput](t)(client.DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: pool.Id}))
	_, err = client.DescribeUserPool(t.Context(), &cip.DescribeUserPoolInput{UserPoolId: pool.Id})
	refused(t, err, "ResourceNotFoundException", "User pool "+*pool.Id+" does not exist.")
	_, err = client.InitiateAuth(t.Context(), &cip.InitiateAuthInput{ClientId: app.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth})
	refused(t, err, "ResourceNotFoundException", "User pool client "+*app.ClientId+" does not exist.")
	if n := len(s.Pools()) + len(s.index.byID) + len(s.index.byClient) + len(s.index.byTag); n != 0 {
		t.Error("the server has the pool")
	}
}

func TestCreateUserPoolErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	const invalid = "InvalidParameterException"
	schema := func(attributes ...types.SchemaAttributeType) *cip.CreateUserPoolInput {
		return &cip.CreateUserPoolInput{PoolName: aws.String("x"), Schema: attributes}
	}
	recovery := func(options ...types.RecoveryOptionType) *cip.CreateUserPoolInput {
		return &cip.CreateUserPoolInput{PoolName: aws.String("x"), AccountRecoverySetting: &types.AccountRecoverySettingType{RecoveryMechanisms: options}}
	}
	firstFactors := func(tier types.UserPoolTierType, factors ...types.AuthFactorType) *cip.CreateUserPoolInput {
		return &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserPoolTier: tier, Policies: &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: factors}}}
	}
	option := func(name types.RecoveryOptionNameType, priority int32) types.RecoveryOptionType {
		return types.RecoveryOptionType{Name: name, Priority: &priority}
	}
	text := types.AttributeDataTypeString
	tests := []struct {
		name          string
		in            *cip.CreateUserPoolInput
		code, message string
	}{
		{"name", &cip.CreateUserPoolInput{PoolName: aws.String("a/b")}, invalid,
			`1 validation error detected: Value 'a/b' at 'poolName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w\s+=,.@-]+`},
		{"list", &cip.CreateUserPoolInput{PoolName: aws.String("x"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email", "name"}}, invalid,
			"1 validation error detected: Value '[email, name]' at 'autoVerifiedAttributes' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [phone_number, email]]"},
		{"tag", &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserPoolTags: map[string]string{"": "x"}}, invalid,
			"1 validation error detected: Value at 'userPoolTags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]"},
		{"reserved tag", &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserPoolTags: map[string]string{"aws:x": "x"}}, "UserPoolTaggingException", "Tag keys cannot begin with aws:"},
		{"length", &cip.CreateUserPoolInput{PoolName: aws.String("x"), Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(5)}}}, invalid,
			"1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6"},
		{"kinds of names", &cip.CreateUserPoolInput{PoolName: aws.String("x"), AliasAttributes: []types.AliasAttributeType{"email"}, UsernameAttributes: []types.UsernameAttributeType{"email"}}, invalid,
			"Only one of the aliasAttributes or usernameAttributes can be set in a user pool."},
		{"MFA", &cip.CreateUserPoolInput{PoolName: aws.String("x"), MfaConfiguration: types.UserPoolMfaTypeOn}, invalid,
			"SMS configuration and Auto verification for phone_number are required when MFA is required/optional"},
		{"phone", &cip.CreateUserPoolInput{PoolName: aws.String("x"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"phone_number"}}, invalid,
			"SMS configuration is required when phone_number is selected for auto verification"},
		{"verification of what is not verified", &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{"email"}}}, invalid,
			"email must be auto-verified to be verified before an update."},
		{"history in the least tier", &cip.CreateUserPoolInput{PoolName: aws.String("x"), UserPoolTier: "LITE", Policies: &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{PasswordHistorySize: aws.Int32(1)}}}, "FeatureUnavailableInTierException", "Password history is not available in the tier of the user pool"},
		{"same priority", recovery(option("verified_email", 1), option("verified_phone_number", 1)), invalid, "Recovery mechanisms must have different priorities."},
		{"administrator and e-mail", recovery(option("verified_email", 1), option("admin_only", 2)), invalid, "admin_only cannot be combined with other recovery mechanisms."},
		{"passkeys alone", firstFactors("ESSENTIALS", "WEB_AUTHN"), invalid, "WEB_AUTHN needs another first factor beside it."},
		{"passwordless in the least tier", firstFactors("LITE", "PASSWORD", "EMAIL_OTP"), "FeatureUnavailableInTierException", "Choice-based sign-in is not available in the tier of the user pool"},
		{"type of a standard attribute", schema(types.SchemaAttributeType{Name: aws.String("email"), AttributeDataType: "Number"}), invalid,
			"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email"},
		{"required", schema(types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: text, Required: aws.Bool(true)}), invalid, "Required custom attributes are not supported currently."},
		{"no type", schema(types.SchemaAttributeType{Name: aws.String("x")}), invalid, "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."},
		{"twice", schema(types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: text}, types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: text}), invalid,
			"custom:x: Existing attribute already has name."},
		{"too long", schema(types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: text, StringAttributeConstraints: &types.StringAttributeConstraintsType{MaxLength: aws.String("2049")}}), invalid,
			"user.custom:x: String attributes cannot have a length of more than 2048"},
		{"bounds", schema(types.SchemaAttributeType{Name: aws.String("x"), AttributeDataType: "Number", NumberAttributeConstraints: &types.NumberAttributeConstraintsType{MinValue: aws.String("2"), MaxValue: aws.String("1")}}), invalid,
			"custom:x: Invalid attribute constraints"},
		{"bound", schema(types.SchemaAttributeType{Name: aws.String("name"), StringAttributeConstraints: &types.StringAttributeConstraintsType{MinLength: aws.String("x")}}), invalid, "name: Invalid attribute constraints"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := client.CreateUserPool(t.Context(), tt.in)
			refused(t, err, tt.code, tt.message)
			if n := len(s.Pools()); n != 0 {
				t.Errorf("the server has %d pools", n)
			}
		})
	}
}

// TestUpdateUserPool checks what returns to its default when it is left out.
func TestUpdateUserPool(t *testing.T) {
	t.Parallel()
	client := sdk(newServer(t, ServerConfig{}).Transport())
	sms := &types.SmsConfigurationType{SnsCallerArn: aws.String(roleARN)}
	pool := createPool(t, client, &cip.CreateUserPoolInput{
		MfaConfiguration: types.UserPoolMfaTypeOptional, SmsConfiguration: sms, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
		UserPoolTier: types.UserPoolTierTypePlus, DeletionProtection: types.DeletionProtectionTypeActive, UserPoolTags: map[string]string{"a": "b"},
		LambdaConfig: &types.LambdaConfigType{PreSignUp: aws.String(lambdaARN)},
		Policies: &types.UserPoolPolicyType{
			PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(10), TemporaryPasswordValidityDays: 3, PasswordHistorySize: aws.Int32(2)},
			SignInPolicy:   &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}},
		},
		AdminCreateUserConfig:       &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
		DeviceConfiguration:         &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true},
		UserAttributeUpdateSettings: &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{"email"}},
	})
	if pool.UserAttributeUpdateSettings == nil || *pool.Policies.PasswordPolicy.PasswordHistorySize != 2 {
		t.Errorf("got %v, history %v", pool.UserAttributeUpdateSettings, pool.Policies.PasswordPolicy.PasswordHistorySize)
	}
	update := func(in *cip.UpdateUserPoolInput) error {
		in.UserPoolId = pool.Id
		_, err := client.UpdateUserPool(t.Context(), in)
		return err
	}
	if err := update(&cip.UpdateUserPoolInput{}); err != nil {
		t.Fatal(err)
	}
	want := *pool
	want.AutoVerifiedAttributes, want.DeletionProtection, want.UserPoolTags = nil, types.DeletionProtectionTypeInactive, map[string]string{}
	want.UserAttributeUpdateSettings = nil
	want.LambdaConfig, want.DeviceConfiguration = &types.LambdaConfigType{}, nil
	want.AdminCreateUserConfig = &types.AdminCreateUserConfigType{UnusedAccountValidityDays: 3}
	got := described(t, client, pool.Id)
	if diff := cmp.Diff(&want, got, ignoreSDK(), cmpopts.IgnoreFields(types.UserPoolType{}, "LastModifiedDate")); diff != "" {
		t.Errorf("after an empty update (-want +got):\n%s", diff)
	}

	policies := func(p types.UserPoolPolicyType) *types.UserPoolPolicyType {
		if err := update(&cip.UpdateUserPoolInput{Policies: &p, PoolName: aws.String("renamed")}); err != nil {
			t.Fatal(err)
		}
		return described(t, client, pool.Id).Policies
	}
	only := policies(types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD"}}})
	if *only.PasswordPolicy.MinimumLength != 10 || len(only.SignInPolicy.AllowedFirstAuthFactors) != 1 {
		t.Errorf("SignInPolicy alone: got %d, %v", *only.PasswordPolicy.MinimumLength, only.SignInPolicy.AllowedFirstAuthFactors)
	}
	only = policies(types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(12)}})
	if *only.PasswordPolicy.MinimumLength != 12 || only.PasswordPolicy.TemporaryPasswordValidityDays != 7 || len(only.SignInPolicy.AllowedFirstAuthFactors) != 1 {
		t.Errorf("PasswordPolicy alone: got %d, %v", *only.PasswordPolicy.MinimumLength, only.SignInPolicy.AllowedFirstAuthFactors)
	}
	if name := aws.ToString(described(t, client, pool.Id).Name); name != "renamed" {
		t.Errorf("got name %q", name)
	}

	const invalid, needsSMS = "InvalidParameterException", "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
	if err := update(&cip.UpdateUserPoolInput{MfaConfiguration: types.UserPoolMfaTypeOff}); err != nil {
		t.Fatal(err)
	}
	refused(t, update(&cip.UpdateUserPoolInput{MfaConfiguration: types.UserPoolMfaTypeOn, SmsConfiguration: sms}), invalid, "Cannot turn MFA functionality ON, once the user pool has been created.")
	refused(t, update(&cip.UpdateUserPoolInput{MfaConfiguration: types.UserPoolMfaTypeOptional}), invalid, needsSMS)
	if err := update(&cip.UpdateUserPoolInput{MfaConfiguration: types.UserPoolMfaTypeOptional, SmsConfiguration: sms}); err != nil {
		t.Error(err)
	}
	if got := described(t, client, pool.Id); got.MfaConfiguration != types.UserPoolMfaTypeOptional || got.SmsConfiguration == nil {
		t.Errorf("got MFA %s, SMS %v", got.MfaConfiguration, got.SmsConfiguration)
	}
	_, err := client.UpdateUserPool(t.Context(), &cip.UpdateUserPoolInput{UserPoolId: aws.String("eu-west-1_other")})
	refused(t, err, "ResourceNotFoundException", "User pool eu-west-1_other does not exist.")
	refused(t, update(&cip.UpdateUserPoolInput{UserPoolTags: map[string]string{"AWS:x": ""}}), "UserPoolTaggingException", "Tag keys cannot begin with aws:")
}

func TestListUserPools(t *testing.T) {
	t.Parallel()
	client := sdk(newServer(t, ServerConfig{}).Transport())
	want := make(map[string]string)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		want[*createPool(t, client, &cip.CreateUserPoolInput{PoolName: aws.String(name)}).Id] = name
	}
	for _, limit := range []int32{1, 2, 5, 60} {
		got := make(map[string]string)
		pages := cip.NewListUserPoolsPaginator(client, &cip.ListUserPoolsInput{MaxResults: aws.Int32(limit)})
		for pages.HasMorePages() {
			for _, pool := range must[cip.ListUserPoolsOutput](t)(pages.NextPage(t.Context())).UserPools {
				got[*pool.Id] = *pool.Name
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
		}
	}
	_, err := client.ListUserPools(t.Context(), &cip.ListUserPoolsInput{MaxResults: aws.Int32(1), NextToken: aws.String("AAAA")})
	refused(t, err, "InvalidParameterException", "Invalid pagination token given")
	_, err = client.ListUserPools(t.Context(), &cip.ListUserPoolsInput{MaxResults: aws.Int32(61)})
	refused(t, err, "InvalidParameterException", "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60")
}

// TestPoolByItself asks a pool that is on no server for what only a server
// has, and to describe itself.
func TestPoolByItself(t *testing.T) {
	t.Parallel()
	for _, expect := range []bool{false, true} {
		tb := &fakeTB{TB: t}
		p := NewPool(tb, Config{Name: "people", ExpectUnknown: expect, CustomAttributes: []string{"plan"}, RequiredAttributes: []string{"email"}})
		client := sdk(p.Transport())
		const message = "authtest: the operation is one on a whole endpoint; serve a Server instead of a Pool"
		_, err := client.CreateUserPool(t.Context(), &cip.CreateUserPoolInput{PoolName: aws.String("x")})
		refused(t, err, "UnsupportedOperationException", message)
		_, err = client.ListUserPools(t.Context(), &cip.ListUserPoolsInput{MaxResults: aws.Int32(1)})
		refused(t, err, "UnsupportedOperationException", message)
		_, err = client.DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: aws.String(p.PoolID())})
		refused(t, err, "UnsupportedOperationException", message)
		if want := map[bool]int{false: 3, true: 0}[expect]; len(tb.errors) != want {
			t.Errorf("expected %t: got %q", expect, tb.errors)
		}
		pool := described(t, client, aws.String(p.PoolID()))
		email, plan := pool.SchemaAttributes[10], pool.SchemaAttributes[21]
		if *pool.Name != "people" || *email.Name != "email" || !*email.Required || *plan.Name != "custom:plan" || !*plan.Mutable {
			t.Errorf("got %q with %s and %s", *pool.Name, *email.Name, *plan.Name)
		}
	}
}

func TestAddCustomAttributes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: passwordFlow})
	client := sdk(p.Transport())
	add := func(attributes ...types.SchemaAttributeType) error {
		_, err := client.AddCustomAttributes(t.Context(), &cip.AddCustomAttributesInput{UserPoolId: aws.String(p.PoolID()), CustomAttributes: attributes})
		return err
	}
	if err := add(
		types.SchemaAttributeType{Name: aws.String("birth"), AttributeDataType: types.AttributeDataTypeDatetime},
		types.SchemaAttributeType{Name: aws.String("member"), AttributeDataType: types.AttributeDataTypeBoolean, Mutable: aws.Bool(true)},
		types.SchemaAttributeType{Name: aws.String("old"), AttributeDataType: types.AttributeDataTypeString, DeveloperOnlyAttribute: aws.Bool(true)},
	); err != nil {
		t.Fatal(err)
	}
	refused(t, add(types.SchemaAttributeType{Name: aws.String("member"), AttributeDataType: types.AttributeDataTypeString}), "InvalidParameterException", "custom:member: Existing attribute already has name.")
	var many []types.SchemaAttributeType
	for range 25 {
		many = append(many, types.SchemaAttributeType{Name: aws.String(randomString(10, lowerLetters)), AttributeDataType: types.AttributeDataTypeString})
	}
	if err := add(many...); err != nil {
		t.Fatal(err)
	}
	for i := range many {
		many[i].Name = aws.String(randomString(11, lowerLetters))
	}
	refused(t, add(many...), "LimitExceededException", "The user pool has as many custom attributes as a pool can have")
	refused(t, add(append(many, many[0])...), "InvalidParameterException",
		"1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: Member must have length less than or equal to 25")
	p.AddUser(User{Name: "ana", Attributes: map[string]string{"custom:birth": "2000-01-01T00:00:00Z", "custom:member": "true", "dev:custom:old": "x"}})
	const invalid, schema = "InvalidParameterException", "Attributes did not conform to the schema: "
	for _, tt := range []struct{ name, value, message string }{
		{"custom:member", "false", ""},
		{"custom:member", "yes", schema + "custom:member: The attribute's value does not satisfy its Boolean constraints"},
		{"custom:birth", "2000-01-01", schema + "custom:birth: The attribute's value does not satisfy its DateTime constraints"},
		{"custom:birth", "2001-01-01T00:00:00Z", "Cannot modify the non-mutable attribute custom:birth"},
		{"dev:custom:old", "y", "Cannot modify the non-mutable attribute dev:custom:old"},
		{"identities", "[]", schema + "identities: Attribute does not exist in the schema."},
	} {
		a := postSigned(t, p, "AdminUpdateUserAttributes", `"Username":"ana","UserAttributes":[{"Name":"`+tt.name+`","Value":"`+tt.value+`"}]}`)
		if a.message() != tt.message || (a.code() == invalid) != (tt.message != "") {
			t.Errorf("%s = %s: got %s: %s", tt.name, tt.value, a.code(), a.message())
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	s.NewPool(Config{})
	p := s.NewPool(Config{})
	client := sdk(s.Transport())
	arn := aws.String("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/" + p.PoolID())
	must[cip.TagResourceOutput](t)(client.TagResource(t.Context(), &cip.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
	must[cip.TagResourceOutput](t)(client.TagResource(t.Context(), &cip.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"b": "3"}}))
	must[cip.UntagResourceOutput](t)(client.UntagResource(t.Context(), &cip.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a", "z"}}))
	want := map[string]string{"b": "3"}
	if diff := cmp.Diff(want, must[cip.ListTagsForResourceOutput](t)(client.ListTagsForResource(t.Context(), &cip.ListTagsForResourceInput{ResourceArn: arn})).Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, described(t, client, aws.String(p.PoolID())).UserPoolTags); diff != "" {
		t.Errorf("described tags (-want +got):\n%s", diff)
	}
	many := make(map[string]string)
	for range 50 {
		many[randomString(10, lowerLetters)] = ""
	}
	_, err := client.TagResource(t.Context(), &cip.TagResourceInput{ResourceArn: arn, Tags: many})
	refused(t, err, "UserPoolTaggingException", "The user pool has as many tags as a pool can have")
	if diff := cmp.Diff(want, described(t, client, aws.String(p.PoolID())).UserPoolTags); diff != "" {
		t.Errorf("after a refused request (-want +got):\n%s", diff)
	}
	for _, other := range []string{"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x", "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + p.PoolID(), "arn:aws:s3:eu-west-1:123456789012:bucket/x"} {
		_, err := client.ListTagsForResource(t.Context(), &cip.ListTagsForResourceInput{ResourceArn: &other})
		refused(t, err, "ResourceNotFoundException", "The resource does not exist.")
	}
}
