package authtest

// The structures of pool settings as they are on the wire, in requests (aws
// tags) and in answers (json tags). [Config] has what the pool behaves by.

type passwordPolicyType struct {
	MinimumLength                 int  `aws:"MinimumLength,MinimumLength"`
	RequireUppercase              bool `aws:"RequireUppercase"`
	RequireLowercase              bool `aws:"RequireLowercase"`
	RequireNumbers                bool `aws:"RequireNumbers"`
	RequireSymbols                bool `aws:"RequireSymbols"`
	PasswordHistorySize           int  `aws:"PasswordHistorySize,PasswordHistorySize" json:",omitempty"`
	TemporaryPasswordValidityDays int  `aws:"TemporaryPasswordValidityDays,Days"`
}

type signInPolicyType struct {
	AllowedFirstAuthFactors []FirstFactor `aws:"AllowedFirstAuthFactors,FirstFactors"`
}

type policiesType struct {
	PasswordPolicy *passwordPolicyType `aws:"PasswordPolicy" json:",omitempty"`
	SignInPolicy   *signInPolicyType   `aws:"SignInPolicy" json:",omitempty"`
}

// lambdaConfig names the functions of a pool's triggers.
type lambdaConfig struct {
	PreSignUp                   string        `aws:"PreSignUp,Arn" json:",omitempty"`
	CustomMessage               string        `aws:"CustomMessage,Arn" json:",omitempty"`
	PostConfirmation            string        `aws:"PostConfirmation,Arn" json:",omitempty"`
	PreAuthentication           string        `aws:"PreAuthentication,Arn" json:",omitempty"`
	PostAuthentication          string        `aws:"PostAuthentication,Arn" json:",omitempty"`
	DefineAuthChallenge         string        `aws:"DefineAuthChallenge,Arn" json:",omitempty"`
	CreateAuthChallenge         string        `aws:"CreateAuthChallenge,Arn" json:",omitempty"`
	VerifyAuthChallengeResponse string        `aws:"VerifyAuthChallengeResponse,Arn" json:",omitempty"`
	PreTokenGeneration          string        `aws:"PreTokenGeneration,Arn" json:",omitempty"`
	UserMigration               string        `aws:"UserMigration,Arn" json:",omitempty"`
	PreTokenGenerationConfig    *tokenLambda  `aws:"PreTokenGenerationConfig" json:",omitempty"`
	CustomSMSSender             *versionedArn `aws:"CustomSMSSender" json:",omitempty"`
	CustomEmailSender           *versionedArn `aws:"CustomEmailSender" json:",omitempty"`
	KMSKeyID                    string        `aws:"KMSKeyID,Arn" json:",omitempty"`
	InboundFederation           *versionedArn `aws:"InboundFederation" json:",omitempty"`
}

type versionedArn struct {
	LambdaVersion string `aws:"LambdaVersion,LambdaVersion,required"`
	LambdaArn     string `aws:"LambdaArn,Arn,required"`
}

type tokenLambda struct {
	LambdaVersion string `aws:"LambdaVersion,TokenLambdaVersion,required"`
	LambdaArn     string `aws:"LambdaArn,Arn,required"`
}

type messageTemplate struct {
	SmsMessage         string      `aws:"SmsMessage,SmsMessage" json:",omitempty"`
	EmailMessage       string      `aws:"EmailMessage,EmailMessage" json:",omitempty"`
	EmailSubject       string      `aws:"EmailSubject,EmailSubject" json:",omitempty"`
	EmailMessageByLink string      `aws:"EmailMessageByLink,EmailMessageByLink" json:",omitempty"`
	EmailSubjectByLink string      `aws:"EmailSubjectByLink,EmailSubject" json:",omitempty"`
	DefaultEmailOption EmailOption `aws:"DefaultEmailOption,DefaultEmailOption" json:",omitempty"`
}

type inviteTemplate struct {
	SMSMessage   string `aws:"SMSMessage,InviteSms" json:",omitempty"`
	EmailMessage string `aws:"EmailMessage,InviteEmail" json:",omitempty"`
	EmailSubject string `aws:"EmailSubject,EmailSubject" json:",omitempty"`
}

type adminCreateUserConfigType struct {
	AllowAdminCreateUserOnly  bool            `aws:"AllowAdminCreateUserOnly"`
	UnusedAccountValidityDays *int            `aws:"UnusedAccountValidityDays,Days" json:",omitempty"`
	InviteMessageTemplate     *inviteTemplate `aws:"InviteMessageTemplate" json:",omitempty"`
}

type updateSettings struct {
	AttributesRequireVerificationBeforeUpdate []string `aws:"AttributesRequireVerificationBeforeUpdate,VerifiedAttribute"`
}

type deviceConfiguration struct {
	ChallengeRequiredOnNewDevice     bool `aws:"ChallengeRequiredOnNewDevice"`
	DeviceOnlyRememberedOnUserPrompt bool `aws:"DeviceOnlyRememberedOnUserPrompt"`
}

type emailConfiguration struct {
	SourceArn           string `aws:"SourceArn,Arn" json:",omitempty"`
	ReplyToEmailAddress string `aws:"ReplyToEmailAddress,EmailAddress" json:",omitempty"`
	EmailSendingAccount string `aws:"EmailSendingAccount,EmailSendingAccount" json:",omitempty"`
	From                string `aws:"From" json:",omitempty"`
	ConfigurationSet    string `aws:"ConfigurationSet,ConfigurationSet" json:",omitempty"`
}

type smsConfiguration struct {
	SnsCallerArn string `aws:"SnsCallerArn,Arn,required"`
	ExternalID   string `aws:"ExternalId" json:"ExternalId,omitempty"`
	SnsRegion    string `aws:"SnsRegion,Region" json:",omitempty"`
}

type userPoolAddOns struct {
	AdvancedSecurityMode            string `aws:"AdvancedSecurityMode,AdvancedSecurityMode,required"`
	AdvancedSecurityAdditionalFlows *struct {
		CustomAuthMode string `aws:"CustomAuthMode,AdvancedSecurityEnabled" json:",omitempty"`
	} `aws:"AdvancedSecurityAdditionalFlows" json:",omitempty"`
}

type usernameConfiguration struct {
	CaseSensitive bool `aws:"CaseSensitive,,required"`
}

type accountRecoverySetting struct {
	RecoveryMechanisms []recoveryMechanism `aws:"RecoveryMechanisms,RecoveryMechanisms"`
}

type recoveryMechanism struct {
	Priority int            `aws:"Priority,Priority,required"`
	Name     RecoveryOption `aws:"Name,RecoveryOption,required"`
}

// keyConfiguration says what key encrypts the data of a pool. It has nothing to
// do with the keys that sign tokens.
type keyConfiguration struct {
	KeyType   string `aws:"KeyType,EncryptionKeyType" json:",omitempty"`
	KmsKeyArn string `aws:"KmsKeyArn,Arn" json:",omitempty"`
}

type issuerConfiguration struct {
	Type string `aws:"Type,IssuerType" json:",omitempty"`
}

const issuerUpdated = "UPDATED"

const (
	protectionActive   = "ACTIVE"
	protectionInactive = "INACTIVE"
	tierLite           = "LITE"
	tierEssentials     = "ESSENTIALS"
	tierPlus           = "PLUS"
)

// poolSettings are the settings of a pool that are described and do nothing
// here, as far as it behaves by [Config] and not by them. Requests to create
// and to update a pool have them all.
type poolSettings struct {
	DeletionProtection          string              `aws:"DeletionProtection,DeletionProtection"`
	LambdaConfig                *lambdaConfig       `aws:"LambdaConfig"`
	SmsVerificationMessage      string              `aws:"SmsVerificationMessage,SmsMessage" json:",omitempty"`
	EmailVerificationMessage    string              `aws:"EmailVerificationMessage,EmailMessage" json:",omitempty"`
	EmailVerificationSubject    string              `aws:"EmailVerificationSubject,EmailSubject" json:",omitempty"`
	VerificationMessageTemplate *messageTemplate    `aws:"VerificationMessageTemplate"`
	SmsAuthenticationMessage    string              `aws:"SmsAuthenticationMessage,SmsMessage" json:",omitempty"`
	EmailConfiguration          *emailConfiguration `aws:"EmailConfiguration"`
	SmsConfiguration            *smsConfiguration   `aws:"SmsConfiguration" json:",omitempty"`
	UserPoolTags                map[string]string   `aws:"UserPoolTags,Tags"`
	UserPoolAddOns              *userPoolAddOns     `aws:"UserPoolAddOns" json:",omitempty"`
	UserPoolTier                string              `aws:"UserPoolTier,UserPoolTier"`
	KeyConfiguration            *keyConfiguration   `aws:"KeyConfiguration" json:",omitempty"`

	// IssuerConfiguration does something: see [Pool.chooseIssuer].
	IssuerConfiguration *issuerConfiguration `aws:"IssuerConfiguration" json:",omitempty"`
}

// withDefaults returns the settings with what the service says where nothing
// was said.
func (s poolSettings) withDefaults() poolSettings {
	setDefault(&s.DeletionProtection, protectionInactive)
	setDefault(&s.UserPoolTier, tierEssentials)
	if s.LambdaConfig == nil {
		s.LambdaConfig = &lambdaConfig{}
	}
	if s.EmailConfiguration == nil {
		s.EmailConfiguration = &emailConfiguration{}
	}
	setDefault(&s.EmailConfiguration.EmailSendingAccount, "COGNITO_DEFAULT")
	if s.VerificationMessageTemplate == nil {
		s.VerificationMessageTemplate = &messageTemplate{}
	}
	setDefault(&s.VerificationMessageTemplate.DefaultEmailOption, ConfirmWithCode)
	if s.UserPoolTags == nil {
		s.UserPoolTags = map[string]string{}
	}
	return s
}

// securityMode is what the settings say of threat protection.
func (s *poolSettings) securityMode() AdvancedSecurityMode {
	if s.UserPoolAddOns == nil {
		return AdvancedSecurityOff
	}
	return AdvancedSecurityMode(s.UserPoolAddOns.AdvancedSecurityMode)
}

// poolMembers are what requests to create and to update a pool have in common
// besides the settings.
type poolMembers struct {
	PoolName                    string                     `aws:"PoolName,PoolName"`
	Policies                    *policiesType              `aws:"Policies"`
	AutoVerifiedAttributes      []string                   `aws:"AutoVerifiedAttributes,VerifiedAttribute"`
	MfaConfiguration            MFAMode                    `aws:"MfaConfiguration,UserPoolMfa"`
	UserAttributeUpdateSettings *updateSettings            `aws:"UserAttributeUpdateSettings"`
	DeviceConfiguration         *deviceConfiguration       `aws:"DeviceConfiguration"`
	AdminCreateUserConfig       *adminCreateUserConfigType `aws:"AdminCreateUserConfig"`
	AccountRecoverySetting      *accountRecoverySetting    `aws:"AccountRecoverySetting"`
}
