// Package wire holds the names that Amazon Cognito user pools use on the wire:
// operations, authentication flows, challenges, parameter keys and exceptions.
//
// It is the only vocabulary that the SDK and the fake pool of package authtest
// share. Behavior never belongs here: each side derives it on its own, so that
// a mistake in one cannot be hidden by the same mistake in the other.
package wire

// TargetPrefix precedes the operation name in the X-Amz-Target header.
const TargetPrefix = "AWSCognitoIdentityProviderService."

// ContentType is the media type of requests and responses (AWS JSON 1.1).
const ContentType = "application/x-amz-json-1.1"

// Authentication flows (AuthFlow of InitiateAuth).
const (
	FlowUserSRP           = "USER_SRP_AUTH"
	FlowUserPassword      = "USER_PASSWORD_AUTH"
	FlowUser              = "USER_AUTH"
	FlowCustom            = "CUSTOM_AUTH"
	FlowRefreshToken      = "REFRESH_TOKEN_AUTH"
	FlowRefreshTokenOld   = "REFRESH_TOKEN"
	FlowAdminUserPassword = "ADMIN_USER_PASSWORD_AUTH"
	FlowAdminNoSRP        = "ADMIN_NO_SRP_AUTH"
)

// Challenges (ChallengeName).
const (
	ChallengePasswordVerifier       = "PASSWORD_VERIFIER"
	ChallengeSMSMFA                 = "SMS_MFA"
	ChallengeEmailOTP               = "EMAIL_OTP"
	ChallengeSMSOTP                 = "SMS_OTP"
	ChallengeSoftwareTokenMFA       = "SOFTWARE_TOKEN_MFA"
	ChallengeSelectMFAType          = "SELECT_MFA_TYPE"
	ChallengeMFASetup               = "MFA_SETUP"
	ChallengeNewPasswordRequired    = "NEW_PASSWORD_REQUIRED"
	ChallengeSelectChallenge        = "SELECT_CHALLENGE"
	ChallengePassword               = "PASSWORD"
	ChallengePasswordSRP            = "PASSWORD_SRP"
	ChallengeWebAuthn               = "WEB_AUTHN"
	ChallengeCustom                 = "CUSTOM_CHALLENGE"
	ChallengeDeviceSRPAuth          = "DEVICE_SRP_AUTH"
	ChallengeDevicePasswordVerifier = "DEVICE_PASSWORD_VERIFIER"
)

// Keys of AuthParameters and ChallengeResponses.
const (
	ParamUsername             = "USERNAME"
	ParamPassword             = "PASSWORD"
	ParamSRPA                 = "SRP_A"
	ParamSecretHash           = "SECRET_HASH"
	ParamDeviceKey            = "DEVICE_KEY"
	ParamRefreshToken         = "REFRESH_TOKEN"
	ParamPreferredChallenge   = "PREFERRED_CHALLENGE"
	ParamChallengeName        = "CHALLENGE_NAME"
	ParamAnswer               = "ANSWER"
	ParamCredential           = "CREDENTIAL"
	ParamNewPassword          = "NEW_PASSWORD"
	ParamUserAttributePrefix  = "userAttributes."
	ParamEmail                = "EMAIL"
	ParamSMSMFACode           = "SMS_MFA_CODE"
	ParamSMSOTPCode           = "SMS_OTP_CODE"
	ParamEmailOTPCode         = "EMAIL_OTP_CODE"
	ParamSoftwareTokenMFACode = "SOFTWARE_TOKEN_MFA_CODE"
	ParamClaimSignature       = "PASSWORD_CLAIM_SIGNATURE"
	ParamClaimSecretBlock     = "PASSWORD_CLAIM_SECRET_BLOCK"
	ParamTimestamp            = "TIMESTAMP"
)

// SRPAChallengeName is the value of CHALLENGE_NAME that starts CUSTOM_AUTH
// with SRP.
const SRPAChallengeName = "SRP_A"

// Keys of ChallengeParameters.
const (
	ChallengeParamSalt                     = "SALT"
	ChallengeParamSRPB                     = "SRP_B"
	ChallengeParamSecretBlock              = "SECRET_BLOCK"
	ChallengeParamUserIDForSRP             = "USER_ID_FOR_SRP"
	ChallengeParamUsername                 = "USERNAME"
	ChallengeParamDeviceKey                = "DEVICE_KEY"
	ChallengeParamDeliveryMedium           = "CODE_DELIVERY_DELIVERY_MEDIUM"
	ChallengeParamDeliveryDestination      = "CODE_DELIVERY_DESTINATION"
	ChallengeParamMFAsCanChoose            = "MFAS_CAN_CHOOSE"
	ChallengeParamMFAsCanSetup             = "MFAS_CAN_SETUP"
	ChallengeParamRequiredAttributes       = "requiredAttributes"
	ChallengeParamUserAttributes           = "userAttributes"
	ChallengeParamCredentialRequestOptions = "CREDENTIAL_REQUEST_OPTIONS"
	ChallengeParamFriendlyDeviceName       = "FRIENDLY_DEVICE_NAME"
)
