package auth

import "github.com/cognitokit/auth/internal/cognito"

// An ErrorCode says what went wrong. Codes are errors, so that
// errors.Is(err, auth.ErrCodeMismatch) works on whatever this package returns.
//
// Codes of the service are the exception names of the user pool API; a name
// this version does not list passes through unchanged.
type ErrorCode string

// Error returns the code after "auth: ".
func (c ErrorCode) Error() string { return "auth: " + string(c) }

// Codes of the service: the exceptions of the user pool API.
const (
	ErrAliasExists                     ErrorCode = "AliasExistsException"                     // the e-mail address or phone number signs in another account (ConfirmSignUp, see ForceAliasCreation)
	ErrCodeDeliveryFailure             ErrorCode = "CodeDeliveryFailureException"             // the service could not deliver a code to the person
	ErrCodeMismatch                    ErrorCode = "CodeMismatchException"                    // the code is wrong; the attempt or the code stays usable
	ErrConcurrentModification          ErrorCode = "ConcurrentModificationException"          // somebody else changed the same thing at the same time
	ErrDeviceKeyExists                 ErrorCode = "DeviceKeyExistsException"                 // the device is confirmed already
	ErrEnableSoftwareTokenMFA          ErrorCode = "EnableSoftwareTokenMFAException"          // the code of the authenticator app being set up is wrong; try the next one
	ErrExpiredCode                     ErrorCode = "ExpiredCodeException"                     // the code has expired, was used, or was never issued: request another
	ErrFeatureUnavailableInTier        ErrorCode = "FeatureUnavailableInTierException"        // the pool's feature plan lacks the feature
	ErrForbidden                       ErrorCode = "ForbiddenException"                       // AWS WAF refused the request
	ErrInternalError                   ErrorCode = "InternalErrorException"                   // the service failed; trying again may help
	ErrInvalidEmailRoleAccessPolicy    ErrorCode = "InvalidEmailRoleAccessPolicyException"    // the pool may not send e-mail
	ErrInvalidLambdaResponse           ErrorCode = "InvalidLambdaResponseException"           // a Lambda trigger of the pool answered something the service cannot read
	ErrInvalidParameter                ErrorCode = "InvalidParameterException"                // the service refused a parameter; finer codes below tell what can be told
	ErrInvalidPassword                 ErrorCode = "InvalidPasswordException"                 // the password does not satisfy the pool's policy; Message says which rule
	ErrInvalidSMSRoleAccessPolicy      ErrorCode = "InvalidSmsRoleAccessPolicyException"      // the pool may not send SMS
	ErrInvalidSMSRoleTrustRelationship ErrorCode = "InvalidSmsRoleTrustRelationshipException" // the pool's role for SMS is not trusted
	ErrInvalidUserPoolConfiguration    ErrorCode = "InvalidUserPoolConfigurationException"    // the pool's configuration does not allow the operation
	ErrLimitExceeded                   ErrorCode = "LimitExceededException"                   // a limit per user, or of messages, is reached; wait. SignUp may have created the user all the same
	ErrMFAMethodNotFound               ErrorCode = "MFAMethodNotFoundException"               // the service cannot find a second factor for the person
	ErrNotAuthorized                   ErrorCode = "NotAuthorizedException"                   // credentials are wrong, or one of the finer codes below could not be told from the answer
	ErrOperationNotEnabled             ErrorCode = "OperationNotEnabledException"             // the operation is not available in a secondary region
	ErrPasswordHistoryPolicyViolation  ErrorCode = "PasswordHistoryPolicyViolationException"  // the password was used before
	ErrPasswordResetRequired           ErrorCode = "PasswordResetRequiredException"           // the password must be reset first; SignIn returns SignInStepResetPassword instead
	ErrRefreshTokenReuse               ErrorCode = "RefreshTokenReuseException"               // a rotated refresh token was used again after its grace period
	ErrResourceNotFound                ErrorCode = "ResourceNotFoundException"                // the device, passkey or group does not exist, or the pool itself
	ErrSoftwareTokenMFANotFound        ErrorCode = "SoftwareTokenMFANotFoundException"        // the pool or the person lacks an authenticator app
	ErrTooManyFailedAttempts           ErrorCode = "TooManyFailedAttemptsException"           // too many wrong codes; wait
	ErrTooManyRequests                 ErrorCode = "TooManyRequestsException"                 // the AWS account's request rate is exceeded; wait
	ErrUnauthorized                    ErrorCode = "UnauthorizedException"                    // RevokeToken was refused
	ErrUnexpectedLambda                ErrorCode = "UnexpectedLambdaException"                // a Lambda trigger of the pool could not be invoked or timed out
	ErrUnsupportedOperation            ErrorCode = "UnsupportedOperationException"            // the operation is switched off, as token revocation can be
	ErrUnsupportedTokenType            ErrorCode = "UnsupportedTokenTypeException"            // the token cannot be revoked
	ErrUnsupportedUserState            ErrorCode = "UnsupportedUserStateException"            // the operation does not apply to the user's state
	ErrUserLambdaValidation            ErrorCode = "UserLambdaValidationException"            // a Lambda trigger of the pool refused; see Error.Trigger
	ErrUserNotConfirmed                ErrorCode = "UserNotConfirmedException"                // the account is not confirmed; SignIn returns SignInStepConfirmSignUp instead
	ErrUserNotFound                    ErrorCode = "UserNotFoundException"                    // there is no such user, and the app client says so
	ErrUserPoolAddOnNotEnabled         ErrorCode = "UserPoolAddOnNotEnabledException"         // threat protection is not enabled
	ErrUsernameExists                  ErrorCode = "UsernameExistsException"                  // the username is taken, even by an account never confirmed
	ErrWebAuthnChallengeNotFound       ErrorCode = "WebAuthnChallengeNotFoundException"       // no passkey registration is in progress
	ErrWebAuthnClientMismatch          ErrorCode = "WebAuthnClientMismatchException"          // another app client began the passkey registration
	ErrWebAuthnConfigurationMissing    ErrorCode = "WebAuthnConfigurationMissingException"    // the pool has no relying party
	ErrWebAuthnCredentialNotSupported  ErrorCode = "WebAuthnCredentialNotSupportedException"  // the service does not support the passkey
	ErrWebAuthnNotEnabled              ErrorCode = "WebAuthnNotEnabledException"              // the pool has no passkeys
	ErrWebAuthnOriginNotAllowed        ErrorCode = "WebAuthnOriginNotAllowedException"        // the passkey was made on a page the relying party does not allow
	ErrWebAuthnRelyingPartyMismatch    ErrorCode = "WebAuthnRelyingPartyMismatchException"    // the passkey belongs to another relying party
)

// Codes of the service that only operations outside this package's journeys
// return. They are listed so that a log or a switch can name them.
const (
	ErrAccessDenied                ErrorCode = "AccessDeniedException"                // the credentials for an administrator's operation do not allow it
	ErrDuplicateProvider           ErrorCode = "DuplicateProviderException"           // the pool has an identity provider of this name
	ErrGroupExists                 ErrorCode = "GroupExistsException"                 // the pool has a group of this name
	ErrInternalServer              ErrorCode = "InternalServerException"              // the service failed to rotate a secret
	ErrInvalidOAuthFlow            ErrorCode = "InvalidOAuthFlowException"            // the app client's OAuth flows do not go together
	ErrManagedLoginBrandingExists  ErrorCode = "ManagedLoginBrandingExistsException"  // the app client has a branding style
	ErrPreconditionNotMet          ErrorCode = "PreconditionNotMetException"          // something has to be done before the operation
	ErrScopeDoesNotExist           ErrorCode = "ScopeDoesNotExistException"           // no resource server has the scope
	ErrServiceQuotaExceeded        ErrorCode = "ServiceQuotaExceededException"        // a quota of the AWS account is used up
	ErrTermsExists                 ErrorCode = "TermsExistsException"                 // the app client has terms of this name
	ErrTierChangeNotAllowed        ErrorCode = "TierChangeNotAllowedException"        // the pool cannot change to the feature plan
	ErrUnsupportedIdentityProvider ErrorCode = "UnsupportedIdentityProviderException" // the identity provider is not supported
	ErrUserImportInProgress        ErrorCode = "UserImportInProgressException"        // an import of users is under way
	ErrUserPoolTagging             ErrorCode = "UserPoolTaggingException"             // the tags of the pool cannot be set
)

// Finer codes for [ErrNotAuthorized], which the service overloads. For each of
// them errors.Is(err, ErrNotAuthorized) also holds. They are told from the
// operation and from texts that were observed, not documented.
const (
	ErrSessionExpired           ErrorCode = "SessionExpired"           // the refresh token is spent, expired or revoked: sign in again
	ErrSignInExpired            ErrorCode = "SignInExpired"            // the sign-in attempt is expired, spent or foreign: start over
	ErrPasswordAttemptsExceeded ErrorCode = "PasswordAttemptsExceeded" // locked for a while after wrong passwords or codes
	ErrUserDisabled             ErrorCode = "UserDisabled"             // an administrator disabled the account
	ErrTemporaryPasswordExpired ErrorCode = "TemporaryPasswordExpired" // an administrator must issue another temporary password
	ErrPasswordNotResettable    ErrorCode = "PasswordNotResettable"    // the account still has its temporary password: sign in with that, or have an administrator issue another
	ErrAdminRecoveryOnly        ErrorCode = "AdminRecoveryOnly"        // only administrators reset passwords in this pool
	ErrAccessTokenRefused       ErrorCode = "AccessTokenRefused"       // the service takes the access token for expired or invalid: refresh it (FetchAuthSession with ForceRefresh)
	ErrMissingScope             ErrorCode = "MissingScope"             // the access token lacks the scope aws.cognito.signin.user.admin
	ErrAttributeNotWritable     ErrorCode = "AttributeNotWritable"     // the app client, or this step, may not write an attribute
	ErrClientSecret             ErrorCode = "ClientSecret"             // the app client's secret is missing or wrong in Config
	ErrSignUpNotPermitted       ErrorCode = "SignUpNotPermitted"       // only administrators create users of this pool
	ErrAlreadyConfirmed         ErrorCode = "AlreadyConfirmed"         // the account is confirmed already: sign in
)

// Finer codes for other exceptions that mean several things, told from their
// texts in the same way. The first group refines [ErrInvalidParameter].
const (
	ErrNoVerifiedContact         ErrorCode = "NoVerifiedContact"         // the account has no verified e-mail address or phone number that a code could go to: an administrator must help
	ErrMFANotSetUp               ErrorCode = "MFANotSetUp"               // the second factor is not set up: verify an authenticator app, a phone number, an address or a passkey first
	ErrInvalidUsername           ErrorCode = "InvalidUsername"           // the pool wants an e-mail address or phone number as username, or anything but one
	ErrInvalidAttribute          ErrorCode = "InvalidAttribute"          // an attribute is missing, unknown or malformed; Message says which
	ErrAttributeRequired         ErrorCode = "AttributeRequired"         // the pool requires the attribute, so it cannot be deleted
	ErrAttributeImmutable        ErrorCode = "AttributeImmutable"        // the attribute cannot be changed once it has a value
	ErrWebAuthnCredentialInvalid ErrorCode = "WebAuthnCredentialInvalid" // what the browser made is not the credential of a passkey
	ErrAuthFlowNotEnabled        ErrorCode = "AuthFlowNotEnabled"        // the app client or the pool does not allow the flow of the sign-in

	ErrPoolNotFound        ErrorCode = "PoolNotFound"        // the pool or the app client does not exist in the region; refines ErrResourceNotFound
	ErrPasswordCompromised ErrorCode = "PasswordCompromised" // the password is known from a breach; refines ErrInvalidPassword
	ErrTOTPCodeUsed        ErrorCode = "TOTPCodeUsed"        // the authenticator app's code was used before: wait for the next one; refines ErrExpiredCode
)

// Codes of this package: found without, or despite, an answer of the service.
const (
	ErrInvalidInput       ErrorCode = "InvalidInput"                      // an input field is empty or malformed; Field names it. No request was sent (but see SignUp)
	ErrInvalidConfig      ErrorCode = "InvalidConfig"                     // a Config field is missing or malformed; Field names it
	ErrNoSession          ErrorCode = "NoSession"                         // a nil or zero Session, or one without an id
	ErrNotSignedIn        ErrorCode = "UserUnAuthenticatedException"      // nobody is signed in to the session
	ErrAlreadySignedIn    ErrorCode = "UserAlreadyAuthenticatedException" // somebody is signed in to the session: sign out first
	ErrNoSignIn           ErrorCode = "SignInException"                   // ConfirmSignIn without a sign-in in progress; refines ErrSignInExpired
	ErrInvalidTokens      ErrorCode = "InvalidTokens"                     // tokens failed verification: tampered, foreign or of several users
	ErrKeysUnavailable    ErrorCode = "KeysUnavailable"                   // the pool's signing keys could not be fetched and none are known
	ErrUnexpectedResponse ErrorCode = cognito.CodeMalformed               // the service answered what its API does not allow
	ErrNetwork            ErrorCode = cognito.CodeNetwork                 // no answer of the service was received
	ErrHTTP               ErrorCode = cognito.CodeHTTP                    // something answered that is not the service: a proxy, a firewall's page
	ErrCanceled           ErrorCode = cognito.CodeCanceled                // ctx ended; errors.Is tells context.Canceled from context.DeadlineExceeded
	ErrResponseTooLarge   ErrorCode = cognito.CodeTooLarge                // an answer longer than 1 MiB
	ErrRequestNotSent     ErrorCode = cognito.CodeNotSent                 // the request could not be made
	ErrInternal           ErrorCode = "Internal"                          // the store or the environment failed; Err says how

	ErrCannotResend              ErrorCode = "CannotResend"                    // the service has no way to send the code again: begin the sign-in again
	ErrDeviceUnknown             ErrorCode = "DeviceMetadataNotFoundException" // this side has no record of the device
	ErrAutoSignInUnavailable     ErrorCode = "AutoSignInException"             // AutoSignIn lacks what Message names
	ErrIncorrectMFAMethod        ErrorCode = "IncorrectMFAMethod"              // not one of the methods on offer; refines ErrInvalidInput
	ErrInvalidPreferredChallenge ErrorCode = "InvalidPreferredChallenge"       // not one of the factors on offer; refines ErrInvalidInput
	ErrCustomAuthSignInPassword  ErrorCode = "CustomAuthSignInPassword"        // CUSTOM_WITHOUT_SRP takes no password; refines ErrInvalidInput
	ErrNoUsableMFASetup          ErrorCode = "NoUsableMFASetup"                // the pool demands a second factor that cannot be set up while signing in
	ErrEmptyUserIDForSRP         ErrorCode = "EmptyUserIdForSRPException"      // the password challenge lacks USER_ID_FOR_SRP
)

// refines returns the coarser code that c is a case of, or "".
func (c ErrorCode) refines() ErrorCode {
	switch c {
	case ErrSessionExpired, ErrSignInExpired, ErrPasswordAttemptsExceeded, ErrUserDisabled, ErrTemporaryPasswordExpired,
		ErrPasswordNotResettable, ErrAdminRecoveryOnly, ErrAccessTokenRefused, ErrMissingScope, ErrAttributeNotWritable,
		ErrClientSecret, ErrSignUpNotPermitted, ErrAlreadyConfirmed:
		return ErrNotAuthorized
	case ErrNoVerifiedContact, ErrMFANotSetUp, ErrInvalidUsername, ErrInvalidAttribute, ErrAttributeRequired,
		ErrAttributeImmutable, ErrWebAuthnCredentialInvalid, ErrAuthFlowNotEnabled:
		return ErrInvalidParameter
	case ErrPoolNotFound:
		return ErrResourceNotFound
	case ErrPasswordCompromised:
		return ErrInvalidPassword
	case ErrTOTPCodeUsed:
		return ErrExpiredCode
	case ErrNoSignIn:
		return ErrSignInExpired
	case ErrIncorrectMFAMethod, ErrInvalidPreferredChallenge, ErrCustomAuthSignInPassword:
		return ErrInvalidInput
	}
	return ""
}
