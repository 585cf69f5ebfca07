package authtest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/cognitokit/auth/internal/wire"
)

// An apiError is an error answer of the service.
type apiError struct {
	code    string
	message string
	status  int    // HTTP status; 0 means 400, as for every client error of the service
	fault   string // what was wrong with the client, for [testing.TB]; empty for answers any client may get
}

func (e *apiError) httpStatus() int {
	if e.status != 0 {
		return e.status
	}
	return http.StatusBadRequest
}

func fail(code, message string) *apiError {
	return &apiError{code: code, message: message}
}

func notAuthorized(message string) *apiError { return fail(wire.ExceptionNotAuthorized, message) }
func invalidParameter(message string) *apiError {
	return fail(wire.ExceptionInvalidParameter, message)
}
func userNotFound(message string) *apiError { return fail(wire.ExceptionUserNotFound, message) }
func limitExceeded() *apiError              { return fail(wire.ExceptionLimitExceeded, msgAttemptLimit) }
func expiredCode() *apiError                { return fail(wire.ExceptionExpiredCode, msgExpiredCode) }
func codeMismatch(message string) *apiError { return fail(wire.ExceptionCodeMismatch, message) }
func invalidPassword(message string) *apiError {
	return fail(wire.ExceptionInvalidPassword, message)
}

// Literal messages of the service, as observed in public logs. Punctuation
// differs between operations; each is kept as it is most often seen.
const (
	// NotAuthorizedException.
	msgIncorrect          = "Incorrect username or password."
	msgUserDisabled       = "User is disabled."
	msgUserDisabledReset  = "User is disabled"
	msgAttemptsExceeded   = "Password attempts exceeded"
	msgMFALocked          = "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds."
	msgSessionExpired     = "Invalid session for the user, session is expired."
	msgSessionInvalid     = "Invalid session for the user."
	msgSessionSpent       = "Invalid session for the user, session can only be used once."
	msgTemporaryExpired   = "Temporary password has expired and must be reset by an administrator."
	msgRefreshInvalid     = "Invalid Refresh Token"
	msgRefreshExpired     = "Refresh Token has expired"
	msgRefreshRevoked     = "Refresh Token has been revoked"
	msgAccessExpired      = "Access Token has expired"
	msgAccessRevoked      = "Access Token has been revoked"
	msgAccessInvalid      = "Invalid Access Token"
	msgAccessSignature    = "Could not verify signature for Access Token"
	msgAccessScopes       = "Access Token does not have required scopes"
	msgSignUpNotPermitted = "SignUp is not permitted for this user pool"
	msgCannotReset        = "User password cannot be reset in the current state."
	msgContactAdmin       = "Contact administrator to reset password."
	msgUnauthorizedAttr   = "A client attempted to write unauthorized attribute"
	msgSecretNotReceived  = "Client %s is configured with secret but SECRET_HASH was not received"
	msgSecretUnverified   = "Unable to verify secret hash for client %s"
	msgSecretRefresh      = "SecretHash does not match for the client: %s"
	msgCannotConfirm      = "User cannot be confirmed. Current status is %s"
	msgAttributeProvided  = "Cannot modify an already provided %s"

	// InvalidParameterException.
	msgPasswordFlowDisabled   = "USER_PASSWORD_AUTH flow not enabled for this client"
	msgFlowDisabled           = "%s is not enabled for the client."
	msgAuthFlowDisabled       = "Auth flow not enabled for this client"
	msgFlowNotSupported       = "Initiate Auth method not supported."
	msgMissingParameter       = "Missing required parameter %s"
	msgNoCustomTrigger        = "Custom auth lambda trigger is not configured for the user pool."
	msgUsernameEmail          = "Username should be an email."
	msgUsernamePhone          = "Username should be a phone number."
	msgUsernameEither         = "Username should be either an email or a phone number."
	msgUsernameEmailFormat    = "Username cannot be of email format, since user pool is configured for email alias."
	msgUsernamePhoneFormat    = "Username cannot be of phone number format, since user pool is configured for phone number alias."
	msgSchema                 = "Attributes did not conform to the schema: "
	msgSchemaRequired         = "%s: The attribute is required"
	msgSchemaUnknown          = "%s: Attribute does not exist in the schema."
	msgPhoneFormat            = "Invalid phone number format."
	msgEmailFormat            = "Invalid email address format."
	msgNoVerifiedContact      = "Cannot reset password for the user as there is no registered/verified email or phone_number"
	msgAlreadyConfirmed       = "User is already confirmed."
	msgCannotResend           = "Cannot resend codes. Auto verification not turned on."
	msgNoDeliveryConfig       = "User does not have delivery config set to turn on %s"
	msgTOTPNotSetUp           = "User has not set up software token mfa"
	msgTOTPNotVerified        = "User has not verified software token mfa"
	msgAttributeMissing       = "Invalid attributes given, %s is missing"
	msgRequiredCannotDelete   = "Invalid user attributes: %s: Required attribute cannot be deleted."
	msgAttributeNotSettable   = "Cannot modify the non-mutable attribute %s"
	msgNoUserPoolDomain       = "Cannot perform specific action because there does not exist a valid use pool domain associated with the user pool"
	msgOnlyContactsVerifiable = "Invalid attribute name. Only phone_number and email can be verified."

	msgDeviceVerifier  = "Invalid device secret verifier config"
	msgPaginationToken = "Invalid pagination token given"

	msgCredentialInvalid = "Credential data is not valid"
	msgPasskeyMFAAlone   = "WebAuthn MFA requires enabling an additional MFA setting."
	msgNoPasskeyForMFA   = "User does not have applicable WebAuthn credentials to enable WebAuthn MFA."

	// The rest, by exception.
	msgDeviceNotFound   = "Device does not exist."
	msgDeviceExists     = "Device is already confirmed."
	msgNoDeviceTracking = "User Pool does not have device configuration"
	msgTriggerFailed    = "%s failed with error %v."
	msgLambdaOutput     = "Unrecognizable lambda output"
	msgPolicy           = "Password did not conform with policy: "
	msgTooShort         = "Password not long enough"
	msgNoUppercase      = "Password must have uppercase characters"
	msgNoLowercase      = "Password must have lowercase characters"
	msgNoNumber         = "Password must have numeric characters"
	msgNoSymbol         = "Password must have symbol characters"
	msgPasswordUsed     = "Password has previously been used"
	msgWrongCode        = "Invalid verification code provided, please try again."
	msgWrongOTP         = "Invalid code or auth state for the user."
	msgWrongTOTP        = "Invalid code received for user"
	msgExpiredCode      = "Invalid code provided, please request a code again."
	msgTOTPUsed         = "Your software token has already been used once."
	msgTOTPSetupCode    = "Code mismatch and fail enable Software Token MFA"
	msgTOTPPoolDisabled = "Software Token MFA has not been enabled by the userPool"
	msgTOTPMissing      = "Software Token MFA does not exist for the user."
	msgUserExists       = "User already exists"
	msgIdentityExists   = "Already found an entry for username %s" // of a federated sign-in
	msgAccountExists    = "User account already exists"
	msgGivenExists      = "An account with the given %s already exists."
	msgAliasExists      = "An account with the %s already exists."
	msgEntryExists      = "Already found an entry for username %s"
	msgUserNotFound     = "User does not exist."
	msgClientCombo      = "Username/client id combination not found."
	msgNotConfirmed     = "User is not confirmed."
	msgResetRequired    = "Password reset required for the user"
	msgAttemptLimit     = "Attempt limit exceeded, please try after some time."
	msgClientNotFound   = "User pool client %s does not exist."
	msgPoolNotFound     = "User pool %s does not exist."
	msgRefreshReuse     = "Refresh token has been invalidated by rotation"
)

// Messages whose wording was never published. They say what happened in our
// own words; nothing should depend on them.
const (
	msgBirthdate           = "birthdate: The attribute must have the form YYYY-MM-DD"
	msgUpdatedAt           = "updated_at: The attribute must be a number"
	msgAttributeType       = "%s: The attribute must be true or false"
	msgRateExceeded        = "Rate exceeded"
	msgPasswordRequired    = "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null"
	msgPreferredAtSignUp   = msgSchema + "preferred_username: The attribute cannot be set at sign-up, since user pool is configured for preferred_username alias"
	msgMalformedSRPA       = "Invalid SRP_A value"
	msgBothTokenAndSession = "Exactly one of AccessToken and Session must be given."
	msgOnlySMSOption       = "MFAOptions can only have SMS to phone_number"
	msgPreferDisabled      = "A preferred MFA method must be enabled: %s"
	msgTwoPreferred        = "Only one MFA method can be preferred."
	msgCannotDisableMFA    = "MFA cannot be disabled, the user pool requires it."
	msgMFAChoice           = "Invalid MFA method: it is not among the methods the user can choose"
	msgNoUsableFactor      = "User Pool does not have SMS/device configuration: no second factor is left for the user"
	msgNotRefreshToken     = "Unsupported token type: only refresh tokens can be revoked"
	msgRevokeSecret        = "Client secret does not match"
	msgRevocationDisabled  = "Token revocation is not enabled for this client"
	msgUserNotForceChange  = "Resend is not possible: the user is not in the FORCE_CHANGE_PASSWORD state"
	msgNoSuchContact       = "User does not have the attribute %s"
	msgMissingSignature    = "Missing Authentication Token"
	msgPasskeysDisabled    = "Passkeys are not enabled for the user pool"
	msgNoRelyingParty      = "The user pool has no relying party"
	msgPasskeyChallenge    = "No passkey registration with this challenge is in progress"
	msgPasskeyClient       = "The passkey registration was started by another client"
	msgPasskeyOrigin       = "The origin of the passkey is not allowed for the relying party"
	msgPasskeyRelyingParty = "The passkey belongs to another relying party"
	msgPasskeyNotSupported = "The authenticator or the algorithm of the passkey is not supported"
	msgPasskeyLimit        = "The user has as many passkeys as a user can have"
	msgPasskeyNotFound     = "Passkey does not exist."
	msgPasskeyMFADisabled  = "Passkeys are not a second factor in the user pool"
	msgUnreadableScope     = "The client cannot read all attributes of the scopes"
)

// Texts of threat protection. That the first two belong to passwords was
// observed; the others have been reported, and which of them belongs to which
// refusal is inferred.
const (
	msgCompromised      = "Provided password cannot be used for security reasons."
	msgResetCompromised = msgResetRequired + " due to security reasons"
	msgRisk             = "Unable to login because of security reasons."
	msgAddressBlocked   = "Request not allowed due to security reasons."
)

// Texts about triggers, as observed.
const (
	msgTriggerUnexpected = "%s invocation failed due to error %v."
	msgTriggerTimeout    = "Socket timeout while invoking Lambda function"
	msgMigrationFailed   = "Exception migrating user in app client %s"
	msgMessagePattern    = "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: %s"
	msgMessageLength     = "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d"
)

func secretNotReceived(clientID string) *apiError {
	return notAuthorized(fmt.Sprintf(msgSecretNotReceived, clientID))
}

func missingParameter(name string) *apiError {
	return invalidParameter(fmt.Sprintf(msgMissingParameter, name))
}

// serialization answers a request body that is not what the operation's shape
// says. The texts are those of the JSON front end that AWS services share.
func serialization(message string) *apiError {
	return &apiError{code: wire.ExceptionSerialization, message: message}
}

func notConvertible(kind, to string) *apiError {
	return serialization(kind + " can not be converted to " + to)
}

// unknownOperation answers an operation that the pool does not know. The
// service sends no text; the pool names the operation, because whoever meets
// this answer has to find out why.
func unknownOperation(name string) *apiError {
	what := "unknown operation " + strconv.Quote(name)
	return &apiError{code: wire.ExceptionUnknownOperation, message: "authtest: " + what, fault: what}
}

func resourceNotFound(message string) *apiError {
	return fail(wire.ExceptionResourceNotFound, message)
}

// missingSignature answers an operation of administrators that was not
// signed. Any signature will do: the pool knows no AWS credentials.
func missingSignature() *apiError {
	return fail("MissingAuthenticationTokenException", msgMissingSignature)
}

// tooLarge answers a body that no request of the model could need.
func tooLarge() *apiError {
	return &apiError{code: "RequestEntityTooLargeException", message: "Request body is too large", status: http.StatusRequestEntityTooLarge}
}
