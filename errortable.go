package auth

import (
	"errors"
	"net/http"
)

// A remedy is what a code comes to at the edge of a web application.
type remedy struct {
	code   ErrorCode
	status int    // of the HTTP answer
	advice string // for the person; "" where there is nothing that they can do
}

// What several codes come to is said in the same words: a page must not tell a
// wrong password from an unknown user by them.
const (
	checkCredentials = "Check your user name and password and try again."
	checkInput       = "Check what you entered and try again."
	chooseOffered    = "Choose one of the methods on offer."
	signInAgain      = "Sign in again."
	addPasskeyAgain  = "Start adding the passkey again."
	waitAWhile       = "Wait a while and try again."
	tryAgain         = "Try again in a moment."
	askSupport       = "Contact support."
	supportResets    = "Contact support to reset your password."
)

// remedies has a row for every code, in the order of their declarations, whose
// comments say when each comes. docs/errors.md is made of both.
var remedies = [...]remedy{
	{ErrAliasExists, http.StatusConflict, "Sign in with the account that has this e-mail address or phone number, or use another one."},
	{ErrCodeDeliveryFailure, http.StatusBadGateway, "Check your e-mail address or phone number and request another code."},
	{ErrCodeMismatch, http.StatusBadRequest, "Check the code and try again."},
	{ErrConcurrentModification, http.StatusConflict, tryAgain},
	{ErrDeviceKeyExists, http.StatusConflict, ""},
	{ErrEnableSoftwareTokenMFA, http.StatusBadRequest, "Enter the code that your authenticator app shows now."},
	{ErrExpiredCode, http.StatusBadRequest, "Request another code."},
	{ErrFeatureUnavailableInTier, http.StatusInternalServerError, ""},
	{ErrForbidden, http.StatusForbidden, ""},
	{ErrInternalError, http.StatusServiceUnavailable, tryAgain},
	{ErrInvalidEmailRoleAccessPolicy, http.StatusInternalServerError, ""},
	{ErrInvalidLambdaResponse, http.StatusBadGateway, ""},
	{ErrInvalidParameter, http.StatusBadRequest, checkInput},
	{ErrInvalidPassword, http.StatusBadRequest, "Choose a password that meets the requirements."},
	{ErrInvalidSMSRoleAccessPolicy, http.StatusInternalServerError, ""},
	{ErrInvalidSMSRoleTrustRelationship, http.StatusInternalServerError, ""},
	{ErrInvalidUserPoolConfiguration, http.StatusInternalServerError, ""},
	{ErrLimitExceeded, http.StatusTooManyRequests, waitAWhile},
	{ErrMFAMethodNotFound, http.StatusConflict, askSupport},
	{ErrNotAuthorized, http.StatusUnauthorized, checkCredentials},
	{ErrOperationNotEnabled, http.StatusServiceUnavailable, ""},
	{ErrPasswordHistoryPolicyViolation, http.StatusBadRequest, "Choose a password that you have not used before."},
	{ErrPasswordResetRequired, http.StatusForbidden, "Reset your password."},
	{ErrRefreshTokenReuse, http.StatusUnauthorized, signInAgain},
	{ErrResourceNotFound, http.StatusNotFound, ""},
	{ErrSoftwareTokenMFANotFound, http.StatusConflict, "Set up an authenticator app first."},
	{ErrTooManyFailedAttempts, http.StatusTooManyRequests, waitAWhile},
	{ErrTooManyRequests, http.StatusTooManyRequests, tryAgain},
	{ErrUnauthorized, http.StatusInternalServerError, ""},
	{ErrUnexpectedLambda, http.StatusBadGateway, tryAgain},
	{ErrUnsupportedOperation, http.StatusInternalServerError, ""},
	{ErrUnsupportedTokenType, http.StatusInternalServerError, ""},
	{ErrUnsupportedUserState, http.StatusConflict, askSupport},
	{ErrUserLambdaValidation, http.StatusForbidden, ""},
	{ErrUserNotConfirmed, http.StatusForbidden, "Confirm your account with the code that was sent to you."},
	{ErrUserNotFound, http.StatusUnauthorized, checkCredentials},
	{ErrUserPoolAddOnNotEnabled, http.StatusInternalServerError, ""},
	{ErrUsernameExists, http.StatusConflict, "Choose another user name, or sign in."},
	{ErrWebAuthnChallengeNotFound, http.StatusConflict, addPasskeyAgain},
	{ErrWebAuthnClientMismatch, http.StatusConflict, addPasskeyAgain},
	{ErrWebAuthnConfigurationMissing, http.StatusInternalServerError, ""},
	{ErrWebAuthnCredentialNotSupported, http.StatusBadRequest, "Use another kind of passkey."},
	{ErrWebAuthnNotEnabled, http.StatusInternalServerError, ""},
	{ErrWebAuthnOriginNotAllowed, http.StatusForbidden, ""},
	{ErrWebAuthnRelyingPartyMismatch, http.StatusForbidden, ""},

	{ErrAccessDenied, http.StatusInternalServerError, ""},
	{ErrDuplicateProvider, http.StatusConflict, ""},
	{ErrGroupExists, http.StatusConflict, ""},
	{ErrInternalServer, http.StatusServiceUnavailable, tryAgain},
	{ErrInvalidOAuthFlow, http.StatusBadRequest, ""},
	{ErrManagedLoginBrandingExists, http.StatusConflict, ""},
	{ErrPreconditionNotMet, http.StatusConflict, ""},
	{ErrScopeDoesNotExist, http.StatusBadRequest, ""},
	{ErrServiceQuotaExceeded, http.StatusConflict, ""},
	{ErrTermsExists, http.StatusConflict, ""},
	{ErrTierChangeNotAllowed, http.StatusForbidden, ""},
	{ErrUnsupportedIdentityProvider, http.StatusBadRequest, ""},
	{ErrUserImportInProgress, http.StatusConflict, ""},
	{ErrUserPoolTagging, http.StatusBadRequest, ""},

	{ErrSessionExpired, http.StatusUnauthorized, signInAgain},
	{ErrSignInExpired, http.StatusUnauthorized, signInAgain},
	{ErrPasswordAttemptsExceeded, http.StatusTooManyRequests, waitAWhile},
	{ErrUserDisabled, http.StatusForbidden, askSupport},
	{ErrTemporaryPasswordExpired, http.StatusForbidden, "Ask for a new temporary password."},
	{ErrPasswordNotResettable, http.StatusConflict, "Sign in with the temporary password that you were given, or ask for a new one."},
	{ErrAdminRecoveryOnly, http.StatusForbidden, supportResets},
	{ErrAccessTokenRefused, http.StatusUnauthorized, signInAgain},
	{ErrMissingScope, http.StatusForbidden, ""},
	{ErrAttributeNotWritable, http.StatusForbidden, ""},
	{ErrClientSecret, http.StatusInternalServerError, ""},
	{ErrSignUpNotPermitted, http.StatusForbidden, "Contact support to get an account."},
	{ErrAlreadyConfirmed, http.StatusConflict, "Sign in: your account is confirmed already."},

	{ErrNoVerifiedContact, http.StatusConflict, supportResets},
	{ErrMFANotSetUp, http.StatusConflict, "Set up the second factor first."},
	{ErrInvalidUsername, http.StatusBadRequest, "Check your user name and try again."},
	{ErrInvalidAttribute, http.StatusBadRequest, checkInput},
	{ErrAttributeRequired, http.StatusBadRequest, "Enter another value instead of removing this one."},
	{ErrAttributeImmutable, http.StatusForbidden, ""},
	{ErrWebAuthnCredentialInvalid, http.StatusBadRequest, addPasskeyAgain},
	{ErrAuthFlowNotEnabled, http.StatusInternalServerError, ""},
	{ErrPoolNotFound, http.StatusInternalServerError, ""},
	{ErrPasswordCompromised, http.StatusBadRequest, "Choose another password: this one is known to others."},
	{ErrTOTPCodeUsed, http.StatusBadRequest, "Wait until your authenticator app shows another code and enter that."},

	{ErrInvalidInput, http.StatusBadRequest, checkInput},
	{ErrInvalidConfig, http.StatusInternalServerError, ""},
	{ErrNoSession, http.StatusInternalServerError, ""},
	{ErrNotSignedIn, http.StatusUnauthorized, "Sign in."},
	{ErrAlreadySignedIn, http.StatusConflict, "Sign out first."},
	{ErrNoSignIn, http.StatusUnauthorized, signInAgain},
	{ErrInvalidTokens, http.StatusUnauthorized, signInAgain},
	{ErrKeysUnavailable, http.StatusServiceUnavailable, tryAgain},
	{ErrUnexpectedResponse, http.StatusBadGateway, tryAgain},
	{ErrNetwork, http.StatusBadGateway, tryAgain},
	{ErrHTTP, http.StatusBadGateway, tryAgain},
	{ErrCanceled, http.StatusGatewayTimeout, tryAgain},
	{ErrResponseTooLarge, http.StatusBadGateway, ""},
	{ErrRequestNotSent, http.StatusInternalServerError, ""},
	{ErrInternal, http.StatusInternalServerError, tryAgain},
	{ErrCannotResend, http.StatusConflict, "Sign in again to get another code."},
	{ErrDeviceUnknown, http.StatusNotFound, ""},
	{ErrAutoSignInUnavailable, http.StatusConflict, "Sign in."},
	{ErrIncorrectMFAMethod, http.StatusBadRequest, chooseOffered},
	{ErrInvalidPreferredChallenge, http.StatusBadRequest, chooseOffered},
	{ErrCustomAuthSignInPassword, http.StatusBadRequest, ""},
	{ErrNoUsableMFASetup, http.StatusForbidden, askSupport},
	{ErrEmptyUserIDForSRP, http.StatusBadGateway, ""},
}

// remedyFor returns the row of a code, or nothing for a code that this version
// does not list.
func remedyFor(code ErrorCode) remedy {
	for _, r := range remedies {
		if r.code == code {
			return r
		}
	}
	return remedy{}
}

// HTTPStatus returns the status that a web application may answer with when an
// operation of this package, or a check of package tokens, ends in err: 200 for
// nil, and otherwise
//
//   - 400 for what the person entered, 409 for what does not fit the state of
//     things, 404 for a device or passkey that does not exist;
//   - 401 where they have to sign in, be it again or with other credentials,
//     403 for what they may not do, 429 where they have to wait;
//   - 500 for mistakes of the program and of the pool's configuration, and for
//     errors of other origin;
//   - 502 and 503 for outages, failing triggers and exceptions that this version
//     does not know, 504 for a context that ended. A client that went away reads
//     no status, so there is none of its own for context.Canceled.
//
// A wrong password and an unknown user have the same status and the same
// [ErrorCode.RecoverySuggestion]. The table is in docs/errors.md.
func HTTPStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	code := CodeOf(err)
	if bare, ok := errors.AsType[ErrorCode](err); code == "" && ok {
		code = bare
	}
	if code == "" {
		code = CodeOf(opError("", err))
	}
	if r := remedyFor(code); r.status != 0 {
		return r.status
	}
	if IsRemote(err) {
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// RecoverySuggestion returns a sentence in English that tells the person what
// to do, or "" if there is nothing that they can do. It is fixed text: nothing
// of the service's words or of what was typed is in it, and it does not say
// whether it was the user name or the password that was wrong.
func (c ErrorCode) RecoverySuggestion() string { return remedyFor(c).advice }
