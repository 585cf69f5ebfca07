package auth_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// modeled are the exceptions of each operation, as the service's model lists
// them, without their common ending.
var modeled = map[string]string{
	"SignUp": "CodeDeliveryFailure Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse InvalidParameter InvalidPassword " +
		"InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship LimitExceeded NotAuthorized OperationNotEnabled ResourceNotFound " +
		"TooManyRequests UnexpectedLambda UserLambdaValidation UsernameExists",
	"ConfirmSignUp": "AliasExists CodeMismatch ExpiredCode Forbidden InternalError InvalidLambdaResponse InvalidParameter LimitExceeded " +
		"NotAuthorized OperationNotEnabled ResourceNotFound TooManyFailedAttempts TooManyRequests UnexpectedLambda UserLambdaValidation UserNotFound",
	"ResendConfirmationCode": "CodeDeliveryFailure Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse InvalidParameter " +
		"InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship LimitExceeded NotAuthorized OperationNotEnabled ResourceNotFound " +
		"TooManyRequests UnexpectedLambda UserLambdaValidation UserNotFound",
	"InitiateAuth": "Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse InvalidParameter InvalidSmsRoleAccessPolicy " +
		"InvalidSmsRoleTrustRelationship InvalidUserPoolConfiguration NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"TooManyRequests UnexpectedLambda UnsupportedOperation UserLambdaValidation UserNotConfirmed UserNotFound",
	"RespondToAuthChallenge": "AliasExists CodeMismatch ExpiredCode Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse " +
		"InvalidParameter InvalidPassword InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship InvalidUserPoolConfiguration MFAMethodNotFound " +
		"NotAuthorized OperationNotEnabled PasswordHistoryPolicyViolation PasswordResetRequired ResourceNotFound SoftwareTokenMFANotFound " +
		"TooManyRequests UnexpectedLambda UserLambdaValidation UserNotConfirmed UserNotFound",
	"AssociateSoftwareToken": "ConcurrentModification Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled ResourceNotFound SoftwareTokenMFANotFound",
	"VerifySoftwareToken": "CodeMismatch EnableSoftwareTokenMFA Forbidden InternalError InvalidParameter InvalidUserPoolConfiguration NotAuthorized " +
		"OperationNotEnabled PasswordResetRequired ResourceNotFound SoftwareTokenMFANotFound TooManyRequests UserNotConfirmed UserNotFound",
	"GetTokensFromRefreshToken": "Forbidden InternalError InvalidLambdaResponse InvalidParameter NotAuthorized OperationNotEnabled RefreshTokenReuse " +
		"ResourceNotFound TooManyRequests UnexpectedLambda UserLambdaValidation UserNotFound",
	"RevokeToken": "Forbidden InternalError InvalidParameter OperationNotEnabled TooManyRequests Unauthorized UnsupportedOperation UnsupportedTokenType",
	"ForgotPassword": "CodeDeliveryFailure Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse InvalidParameter " +
		"InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship LimitExceeded NotAuthorized OperationNotEnabled ResourceNotFound " +
		"TooManyRequests UnexpectedLambda UserLambdaValidation UserNotFound",
	"ConfirmForgotPassword": "CodeMismatch ExpiredCode Forbidden InternalError InvalidLambdaResponse InvalidParameter InvalidPassword LimitExceeded " +
		"NotAuthorized OperationNotEnabled PasswordHistoryPolicyViolation ResourceNotFound TooManyFailedAttempts TooManyRequests UnexpectedLambda " +
		"UserLambdaValidation UserNotConfirmed UserNotFound",
	"ChangePassword": "Forbidden InternalError InvalidParameter InvalidPassword LimitExceeded NotAuthorized OperationNotEnabled " +
		"PasswordHistoryPolicyViolation PasswordResetRequired ResourceNotFound TooManyRequests UserNotConfirmed UserNotFound",
	"GetUser": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"TooManyRequests UserNotConfirmed UserNotFound",
	"UpdateUserAttributes": "AliasExists CodeDeliveryFailure CodeMismatch ExpiredCode Forbidden InternalError InvalidEmailRoleAccessPolicy " +
		"InvalidLambdaResponse InvalidParameter InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship NotAuthorized OperationNotEnabled " +
		"PasswordResetRequired ResourceNotFound TooManyRequests UnexpectedLambda UserLambdaValidation UserNotConfirmed UserNotFound",
	"DeleteUserAttributes": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"TooManyRequests UserNotConfirmed UserNotFound",
	"GetUserAttributeVerificationCode": "CodeDeliveryFailure Forbidden InternalError InvalidEmailRoleAccessPolicy InvalidLambdaResponse " +
		"InvalidParameter InvalidSmsRoleAccessPolicy InvalidSmsRoleTrustRelationship LimitExceeded NotAuthorized OperationNotEnabled " +
		"PasswordResetRequired ResourceNotFound TooManyRequests UnexpectedLambda UserLambdaValidation UserNotConfirmed UserNotFound",
	"VerifyUserAttribute": "AliasExists CodeMismatch ExpiredCode Forbidden InternalError InvalidParameter LimitExceeded NotAuthorized " +
		"OperationNotEnabled PasswordResetRequired ResourceNotFound TooManyRequests UserNotConfirmed UserNotFound",
	"DeleteUser": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"TooManyRequests UserNotConfirmed UserNotFound",
	"SetUserMFAPreference": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"UserNotConfirmed UserNotFound",
	"GetUserAuthFactors": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound " +
		"TooManyRequests UserNotConfirmed UserNotFound",
	"ListDevices":        deviceExceptions,
	"GetDevice":          deviceExceptions,
	"UpdateDeviceStatus": deviceExceptions,
	"ForgetDevice":       deviceExceptions,
	"StartWebAuthnRegistration": "Forbidden InternalError InvalidParameter LimitExceeded NotAuthorized OperationNotEnabled PasswordResetRequired " +
		"TooManyRequests WebAuthnConfigurationMissing WebAuthnNotEnabled",
	"CompleteWebAuthnRegistration": "Forbidden InternalError InvalidParameter LimitExceeded NotAuthorized OperationNotEnabled " +
		"PasswordResetRequired TooManyRequests WebAuthnChallengeNotFound WebAuthnClientMismatch WebAuthnCredentialNotSupported WebAuthnNotEnabled " +
		"WebAuthnOriginNotAllowed WebAuthnRelyingPartyMismatch",
	"ListWebAuthnCredentials": "Forbidden InternalError InvalidParameter LimitExceeded NotAuthorized OperationNotEnabled PasswordResetRequired " +
		"TooManyRequests",
	"DeleteWebAuthnCredential": "Forbidden InternalError InvalidParameter LimitExceeded NotAuthorized OperationNotEnabled " +
		"PasswordResetRequired ResourceNotFound TooManyRequests",
	"GlobalSignOut": "Forbidden InternalError InvalidParameter NotAuthorized OperationNotEnabled PasswordResetRequired ResourceNotFound TooManyRequests UserNotConfirmed",
}

const deviceExceptions = "Forbidden InternalError InvalidParameter InvalidUserPoolConfiguration NotAuthorized OperationNotEnabled " +
	"PasswordResetRequired ResourceNotFound TooManyRequests UserNotConfirmed UserNotFound"

func exceptionsOf(op string) []auth.ErrorCode {
	var codes []auth.ErrorCode
	for name := range strings.FieldsSeq(modeled[op]) {
		codes = append(codes, auth.ErrorCode(name+"Exception"))
	}
	return codes
}

// typed tells whether an error has the AWS SDK's own type of an exception in
// its chain.
var typed = map[auth.ErrorCode]func(error) bool{
	auth.ErrAliasExists:                     has[*types.AliasExistsException],
	auth.ErrCodeDeliveryFailure:             has[*types.CodeDeliveryFailureException],
	auth.ErrCodeMismatch:                    has[*types.CodeMismatchException],
	auth.ErrConcurrentModification:          has[*types.ConcurrentModificationException],
	auth.ErrEnableSoftwareTokenMFA:          has[*types.EnableSoftwareTokenMFAException],
	auth.ErrExpiredCode:                     has[*types.ExpiredCodeException],
	auth.ErrForbidden:                       has[*types.ForbiddenException],
	auth.ErrInternalError:                   has[*types.InternalErrorException],
	auth.ErrInvalidEmailRoleAccessPolicy:    has[*types.InvalidEmailRoleAccessPolicyException],
	auth.ErrInvalidLambdaResponse:           has[*types.InvalidLambdaResponseException],
	auth.ErrInvalidParameter:                has[*types.InvalidParameterException],
	auth.ErrInvalidPassword:                 has[*types.InvalidPasswordException],
	auth.ErrInvalidSMSRoleAccessPolicy:      has[*types.InvalidSmsRoleAccessPolicyException],
	auth.ErrInvalidSMSRoleTrustRelationship: has[*types.InvalidSmsRoleTrustRelationshipException],
	auth.ErrInvalidUserPoolConfiguration:    has[*types.InvalidUserPoolConfigurationException],
	auth.ErrLimitExceeded:                   has[*types.LimitExceededException],
	auth.ErrMFAMethodNotFound:               has[*types.MFAMethodNotFoundException],
	auth.ErrNotAuthorized:                   has[*types.NotAuthorizedException],
	auth.ErrOperationNotEnabled:             has[*types.OperationNotEnabledException],
	auth.ErrPasswordHistoryPolicyViolation:  has[*types.PasswordHistoryPolicyViolationException],
	auth.ErrPasswordResetRequired:           has[*types.PasswordResetRequiredException],
	auth.ErrRefreshTokenReuse:               has[*types.RefreshTokenReuseException],
	auth.ErrResourceNotFound:                has[*types.ResourceNotFoundException],
	auth.ErrSoftwareTokenMFANotFound:        has[*types.SoftwareTokenMFANotFoundException],
	auth.ErrTooManyFailedAttempts:           has[*types.TooManyFailedAttemptsException],
	auth.ErrTooManyRequests:                 has[*types.TooManyRequestsException],
	auth.ErrUnauthorized:                    has[*types.UnauthorizedException],
	auth.ErrUnexpectedLambda:                has[*types.UnexpectedLambdaException],
	auth.ErrUnsupportedOperation:            has[*types.UnsupportedOperationException],
	auth.ErrUnsupportedTokenType:            has[*types.UnsupportedTokenTypeException],
	auth.ErrUserLambdaValidation:            has[*types.UserLambdaValidationException],
	auth.ErrUserNotConfirmed:                has[*types.UserNotConfirmedException],
	auth.ErrUserNotFound:                    has[*types.UserNotFoundException],
	auth.ErrUsernameExists:                  has[*types.UsernameExistsException],
	auth.ErrWebAuthnChallengeNotFound:       has[*types.WebAuthnChallengeNotFoundException],
	auth.ErrWebAuthnClientMismatch:          has[*types.WebAuthnClientMismatchException],
	auth.ErrWebAuthnConfigurationMissing:    has[*types.WebAuthnConfigurationMissingException],
	auth.ErrWebAuthnCredentialNotSupported:  has[*types.WebAuthnCredentialNotSupportedException],
	auth.ErrWebAuthnNotEnabled:              has[*types.WebAuthnNotEnabledException],
	auth.ErrWebAuthnOriginNotAllowed:        has[*types.WebAuthnOriginNotAllowedException],
	auth.ErrWebAuthnRelyingPartyMismatch:    has[*types.WebAuthnRelyingPartyMismatchException],
}

func has[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// A caller is a function of the package that asks the service for op, and how
// to get to where it can.
type caller struct {
	function, op string
	errorOp      string // the operation that its errors name
	config       authtest.Config
	before       func(testing.TB, *authtest.Pool, *auth.Session)
	call         func(context.Context, *auth.Session) error

	// steps are exceptions that are no errors of the function.
	steps []auth.ErrorCode
	// means are exceptions that mean something else here.
	means map[auth.ErrorCode]auth.ErrorCode
}

var diversions = []auth.ErrorCode{auth.ErrUserNotConfirmed, auth.ErrPasswordResetRequired}

func withApp(t testing.TB, pool *authtest.Pool, _ *auth.Session) {
	t.Helper()
	pool.AddUser(authtest.User{Name: "ana", Password: thePassword})
}

func signedIn(t testing.TB, pool *authtest.Pool, s *auth.Session) {
	t.Helper()
	addUser(t, pool, "ana")
	signIn(t, s, "ana")
}

func byPassword(flow auth.AuthFlow) func(context.Context, *auth.Session) error {
	return func(ctx context.Context, s *auth.Session) error {
		_, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: thePassword, AuthFlow: flow})
		return err
	}
}

func withCode(ctx context.Context, s *auth.Session) error {
	_, err := auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{ChallengeResponse: "123456"})
	return err
}

func revokeError(in auth.SignOutInput) func(context.Context, *auth.Session) error {
	return func(ctx context.Context, s *auth.Session) error {
		out, err := auth.SignOut(ctx, s, in)
		if err != nil {
			return fmt.Errorf("SignOut failed: %w", err)
		}
		if in.Global {
			return out.GlobalError
		}
		return out.RevokeError
	}
}

var callers = []caller{
	{
		function: "SignUp", op: "SignUp", errorOp: "sign up",
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana", Password: thePassword})
			return err
		},
	},
	{
		function: "ConfirmSignUp", op: "ConfirmSignUp", errorOp: "confirm sign up",
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "123456"})
			return err
		},
	},
	{
		function: "ResendSignUpCode", op: "ResendConfirmationCode", errorOp: "resend sign up code",
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "ana"})
			return err
		},
	},
	{function: "SignIn", op: "InitiateAuth", errorOp: "sign in", call: byPassword(auth.AuthFlowUserPassword), steps: diversions},
	{
		function: "SignIn", op: "AssociateSoftwareToken", errorOp: "sign in", config: authtest.Config{MFA: authtest.MFARequired},
		before: withApp, call: byPassword(auth.AuthFlowUserPassword),
	},
	{
		function: "AutoSignIn", op: "InitiateAuth", errorOp: "auto sign in",
		before: func(t testing.TB, pool *authtest.Pool, s *auth.Session) {
			t.Helper()
			signUp(t, s, "ana", andAutoSignIn)
			confirmSignUp(t, s, pool, "ana")
		},
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{Password: thePassword})
			return err
		},
		steps: diversions,
	},
	{
		function: "ConfirmSignIn", op: "RespondToAuthChallenge", errorOp: "confirm sign in",
		config: authtest.Config{MFA: authtest.MFAOptional, MFAFactors: everyFactor},
		before: func(t testing.TB, pool *authtest.Pool, s *auth.Session) {
			t.Helper()
			pool.AddUser(authtest.User{Name: "ana", Password: thePassword, Phone: thePhone, SMSMFA: true})
			if _, err := begin(t, s, "ana", thePassword, ""); err != nil {
				t.Fatal(err)
			}
		},
		call: withCode, steps: diversions,
	},
	{
		function: "ConfirmSignIn", op: "VerifySoftwareToken", errorOp: "confirm sign in", config: authtest.Config{MFA: authtest.MFARequired},
		before: func(t testing.TB, pool *authtest.Pool, s *auth.Session) {
			t.Helper()
			withApp(t, pool, s)
			if _, err := begin(t, s, "ana", thePassword, ""); err != nil {
				t.Fatal(err)
			}
		},
		call: withCode, steps: diversions,
	},
	{
		function: "FetchAuthSession", op: opRefresh, errorOp: "refresh",
		before: signedIn,
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{ForceRefresh: true})
			return err
		},
		means: map[auth.ErrorCode]auth.ErrorCode{
			auth.ErrNotAuthorized: auth.ErrSessionExpired, auth.ErrRefreshTokenReuse: auth.ErrSessionExpired, auth.ErrUserNotFound: auth.ErrSessionExpired,
		},
	},
	{
		function: "ResetPassword", op: "ForgotPassword", errorOp: "reset password",
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.ResetPassword(ctx, s, auth.ResetPasswordInput{Username: "ana"})
			return err
		},
	},
	{
		function: "ConfirmResetPassword", op: "ConfirmForgotPassword", errorOp: "confirm reset password",
		call: func(ctx context.Context, s *auth.Session) error {
			_, err := auth.ConfirmResetPassword(ctx, s, auth.ConfirmResetPasswordInput{Username: "ana", ConfirmationCode: "123456", NewPassword: thePassword})
			return err
		},
	},
	onBehalf("UpdatePassword", "ChangePassword", "update password", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.UpdatePassword(ctx, s, auth.UpdatePasswordInput{OldPassword: thePassword, NewPassword: "Another-horse-2"})
		return err
	}),
	onBehalf("FetchUser", "GetUser", "fetch user", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchUser(ctx, s)
		return err
	}),
	onBehalf("FetchUserAttributes", "GetUser", "fetch user attributes", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchUserAttributes(ctx, s)
		return err
	}),
	onBehalf("UpdateUserAttributes", "UpdateUserAttributes", "update user attributes", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.UpdateUserAttributes(ctx, s, auth.UpdateUserAttributesInput{UserAttributes: map[string]string{"name": "Ana"}})
		return err
	}),
	onBehalf("DeleteUserAttributes", "DeleteUserAttributes", "delete user attributes", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.DeleteUserAttributes(ctx, s, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name"}})
		return err
	}),
	onBehalf("SendUserAttributeVerificationCode", "GetUserAttributeVerificationCode", "send user attribute verification code",
		func(ctx context.Context, s *auth.Session) error {
			_, err := auth.SendUserAttributeVerificationCode(ctx, s, auth.SendUserAttributeVerificationCodeInput{UserAttributeKey: "email"})
			return err
		}),
	onBehalf("ConfirmUserAttribute", "VerifyUserAttribute", "confirm user attribute", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.ConfirmUserAttribute(ctx, s, auth.ConfirmUserAttributeInput{UserAttributeKey: "email", ConfirmationCode: "123456"})
		return err
	}),
	func() caller {
		c := onBehalf("DeleteUser", "DeleteUser", "delete user", func(ctx context.Context, s *auth.Session) error {
			_, err := auth.DeleteUser(ctx, s)
			return err
		})
		c.steps = []auth.ErrorCode{auth.ErrUserNotFound} // as it should be
		return c
	}(),
	onBehalf("SetUpTOTP", "AssociateSoftwareToken", "set up totp", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.SetUpTOTP(ctx, s)
		return err
	}),
	onBehalf("VerifyTOTPSetup", "VerifySoftwareToken", "verify totp setup", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.VerifyTOTPSetup(ctx, s, auth.VerifyTOTPSetupInput{Code: "123456"})
		return err
	}),
	onBehalf("UpdateMFAPreference", "SetUserMFAPreference", "update mfa preference", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.UpdateMFAPreference(ctx, s, auth.UpdateMFAPreferenceInput{TOTP: auth.MFAPreferenceDisabled})
		return err
	}),
	onBehalf("FetchMFAPreference", "GetUser", "fetch mfa preference", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchMFAPreference(ctx, s)
		return err
	}),
	onBehalf("FetchAuthFactors", "GetUserAuthFactors", "fetch auth factors", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchAuthFactors(ctx, s)
		return err
	}),
	onBehalf("FetchDevices", "ListDevices", "fetch devices", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchDevices(ctx, s)
		return err
	}),
	onBehalf("FetchDevice", "GetDevice", "fetch device", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FetchDevice(ctx, s, auth.FetchDeviceInput{DeviceID: aDevice})
		return err
	}),
	onBehalf("RememberDevice", "UpdateDeviceStatus", "remember device", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.RememberDevice(ctx, s, auth.RememberDeviceInput{DeviceID: aDevice})
		return err
	}),
	onBehalf("ForgetDevice", "ForgetDevice", "forget device", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.ForgetDevice(ctx, s, auth.ForgetDeviceInput{DeviceID: aDevice})
		return err
	}),
	onBehalf("BeginWebAuthnRegistration", "StartWebAuthnRegistration", "begin web authn registration", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.BeginWebAuthnRegistration(ctx, s)
		return err
	}),
	onBehalf("FinishWebAuthnRegistration", "CompleteWebAuthnRegistration", "finish web authn registration", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.FinishWebAuthnRegistration(ctx, s, auth.FinishWebAuthnRegistrationInput{Credential: json.RawMessage(aCredential)})
		return err
	}),
	onBehalf("ListWebAuthnCredentials", "ListWebAuthnCredentials", "list web authn credentials", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.ListWebAuthnCredentials(ctx, s, auth.ListWebAuthnCredentialsInput{})
		return err
	}),
	onBehalf("DeleteWebAuthnCredential", "DeleteWebAuthnCredential", "delete web authn credential", func(ctx context.Context, s *auth.Session) error {
		_, err := auth.DeleteWebAuthnCredential(ctx, s, auth.DeleteWebAuthnCredentialInput{CredentialID: "id"})
		return err
	}),
	{function: "SignOut", op: "RevokeToken", errorOp: "sign out", before: signedIn, call: revokeError(auth.SignOutInput{})},
	{function: "SignOut", op: "GlobalSignOut", errorOp: "sign out", before: signedIn, call: revokeError(auth.SignOutInput{Global: true})},
}

const (
	aDevice     = "eu-west-1_0b0ee9a5-6a5c-4b0e-9a3e-3c1a7a0a9d3b"
	aCredential = `{"id":"aQ","rawId":"aQ","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA"}}`
)

// onBehalf is the caller of an operation that takes an access token.
func onBehalf(function, op, errorOp string, call func(context.Context, *auth.Session) error) caller {
	return caller{function: function, op: op, errorOp: errorOp, before: signedIn, call: call}
}

// theCaller returns the caller of an operation.
func theCaller(function, op string) caller {
	return callers[slices.IndexFunc(callers, func(c caller) bool { return c.function == function && c.op == op })]
}

// meet lets a fault hit the function, in a bubble because some faults make it
// wait.
func (c caller) meet(t *testing.T, fault authtest.Fault, check func(*testing.T, error, *recorder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, c.config)
		s, wire := recorded(t, pool)
		if c.before != nil {
			c.before(t, pool, s)
		}
		fault.Operation = c.op
		pool.Inject(fault)
		check(t, c.call(t.Context(), s), wire)
	})
}

// saysOnly fails the test if an error shows more than this package's own words.
func saysOnly(t *testing.T, err error, secret string) {
	t.Helper()
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", err)
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v %q", err, err, err, err), log.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the error shows the service's words: %s", text)
		}
	}
}

// Every exception of the model comes out as its code, with everything that the
// service said, and with the AWS SDK's own error within reach.
func TestServiceErrors(t *testing.T) {
	t.Parallel()
	const words = "the words of the service about ana"
	for _, c := range callers {
		for _, code := range append(exceptionsOf(c.op), "BrandNewException") {
			if slices.Contains(c.steps, code) {
				continue
			}
			t.Run(c.function+"/"+c.op+"/"+string(code), func(t *testing.T) {
				t.Parallel()
				// Too many requests are tried again, and so is revocation, to the same effect.
				fault := authtest.Fault{Code: string(code), Message: words, Times: 3}
				c.meet(t, fault, func(t *testing.T, err error, wire *recorder) {
					want := code
					if c.means[code] != "" {
						want = c.means[code]
					}
					wantCode(t, err, want)
					if got := auth.CodeOf(err); got != want {
						t.Errorf("CodeOf: got %s", got)
					}
					e, _ := errors.AsType[*auth.Error](err)
					if e.Op != c.errorOp || e.Message != words || e.Field != "" {
						t.Errorf("got op %q, message %q, field %q", e.Op, e.Message, e.Field)
					}
					last := wire.last(c.op)
					if e.RequestID == "" || e.RequestID != last.requestID || e.Status != last.status {
						t.Errorf("got request %q with status %d, want %q with %d", e.RequestID, e.Status, last.requestID, last.status)
					}
					if !auth.IsRemote(err) {
						t.Error("IsRemote: got false")
					}
					if e.MaybeProcessed != (e.Status >= http.StatusInternalServerError) {
						t.Errorf("MaybeProcessed: got %t with status %d", e.MaybeProcessed, e.Status)
					}
					if is, known := typed[code]; known && !is(err) {
						t.Error("the AWS SDK's error type is not reachable")
					}
					api, ok := errors.AsType[smithy.APIError](err)
					if !ok || api.ErrorCode() != string(code) || api.ErrorMessage() != words {
						t.Errorf("smithy.APIError: got %v", api)
					}
					if wantText := "auth: " + c.errorOp + ": " + string(want); err.Error() != wantText {
						t.Errorf("text: got %q, want %q", err, wantText)
					}
					saysOnly(t, err, words)
				})
			})
		}
	}
}

// The service says NotAuthorizedException and InvalidParameterException to many
// things. Where its words tell which, there is a finer code, which is also the
// coarser one.
func TestFinerCodes(t *testing.T) {
	t.Parallel()
	signIn, confirm := theCaller("SignIn", "InitiateAuth"), theCaller("ConfirmSignIn", "RespondToAuthChallenge")
	up, confirmUp, resend := theCaller("SignUp", "SignUp"), theCaller("ConfirmSignUp", "ConfirmSignUp"), theCaller("ResendSignUpCode", "ResendConfirmationCode")
	refresh, global := theCaller("FetchAuthSession", opRefresh), theCaller("SignOut", "GlobalSignOut")
	tests := []struct {
		caller  caller
		message string
		want    auth.ErrorCode
		sent    auth.ErrorCode // the exception, default NotAuthorizedException
		coarse  auth.ErrorCode // what it also is, default the exception
	}{
		{signIn, "Incorrect username or password.", auth.ErrNotAuthorized, "", ""},
		{signIn, "Unable to login because of security reasons.", auth.ErrNotAuthorized, "", ""},
		{signIn, "", auth.ErrNotAuthorized, "", ""},
		{signIn, "User is disabled.", auth.ErrUserDisabled, "", ""},
		{signIn, "User is disabled", auth.ErrUserDisabled, "", ""},
		{signIn, "Password attempts exceeded", auth.ErrPasswordAttemptsExceeded, "", ""},
		{
			confirm, "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.",
			auth.ErrPasswordAttemptsExceeded, "", "",
		},
		{confirm, "Invalid session for the user, session is expired.", auth.ErrSignInExpired, "", ""},
		{confirm, "Invalid session for the user.", auth.ErrSignInExpired, "", ""},
		{confirm, "Invalid session for the user, session can only be used once.", auth.ErrSignInExpired, "", ""},
		{signIn, "Temporary password has expired and must be reset by an administrator.", auth.ErrTemporaryPasswordExpired, "", ""},
		{signIn, "User account has expired, it must be reset by an administrator.", auth.ErrTemporaryPasswordExpired, "", ""},
		{signIn, "Client abc is configured with secret but SECRET_HASH was not received", auth.ErrClientSecret, "", ""},
		{signIn, "Client abc is configured for secret but secret was not received", auth.ErrClientSecret, "", ""},
		{up, "Unable to verify secret hash for client abc", auth.ErrClientSecret, "", ""},
		{up, "SecretHash does not match for the client: abc", auth.ErrClientSecret, "", ""},
		{up, "SignUp is not permitted for this user pool", auth.ErrSignUpNotPermitted, "", ""},
		{confirmUp, "User cannot be confirmed. Current status is CONFIRMED", auth.ErrAlreadyConfirmed, "", ""},
		{confirmUp, "User cannot be confirm. Current status is CONFIRMED", auth.ErrAlreadyConfirmed, "", ""},
		{confirmUp, "User cannot confirm because user status is not UNCONFIRMED.", auth.ErrAlreadyConfirmed, "", ""},
		{resend, "User is already confirmed.", auth.ErrAlreadyConfirmed, auth.ErrInvalidParameter, auth.ErrNotAuthorized}, // the same state, another exception,
		{refresh, "Refresh Token has expired", auth.ErrSessionExpired, "", ""},
		{refresh, "Refresh Token has been revoked", auth.ErrSessionExpired, "", ""},
		{refresh, "Invalid Refresh Token", auth.ErrSessionExpired, "", ""},
		{refresh, "Invalid Refresh Token.", auth.ErrSessionExpired, "", ""},
		{refresh, "SecretHash does not match for the client: abc", auth.ErrClientSecret, "", ""},
		{global, "Access Token has been revoked", auth.ErrSessionExpired, "", ""},
		{global, "Access Token has expired", auth.ErrAccessTokenRefused, "", ""},
		{global, "Invalid Access Token", auth.ErrAccessTokenRefused, "", ""},
		{global, "Could not verify signature for Access Token", auth.ErrAccessTokenRefused, "", ""},
		{global, "Access Token does not have required scopes", auth.ErrMissingScope, "", ""},
		{resend, "User password cannot be reset in the current state.", auth.ErrPasswordNotResettable, "", ""},
		{resend, "Contact administrator to reset password.", auth.ErrAdminRecoveryOnly, "", ""},
		{up, "A client attempted to write unauthorized attribute", auth.ErrAttributeNotWritable, "", ""},
		{confirm, "Cannot modify an already provided email", auth.ErrAttributeNotWritable, "", ""},

		{resend, "Cannot reset password for the user as there is no registered/verified email or phone_number", auth.ErrNoVerifiedContact, auth.ErrInvalidParameter, ""},
		{confirm, "User has not set up software token mfa", auth.ErrMFANotSetUp, auth.ErrInvalidParameter, ""},
		{confirm, "User has not verified software token mfa", auth.ErrMFANotSetUp, auth.ErrInvalidParameter, ""},
		{confirm, "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA", auth.ErrMFANotSetUp, auth.ErrInvalidParameter, ""},
		{confirm, "User does not have delivery config set to turn on SMS_MFA", auth.ErrMFANotSetUp, auth.ErrInvalidParameter, ""},
		{confirm, "User does not have applicable WebAuthn credentials to enable WebAuthn MFA.", auth.ErrMFANotSetUp, auth.ErrInvalidParameter, ""},
		{up, "Username should be an email.", auth.ErrInvalidUsername, auth.ErrInvalidParameter, ""},
		{up, "Username should be either an email or a phone number.", auth.ErrInvalidUsername, auth.ErrInvalidParameter, ""},
		{up, "Username cannot be of email format, since user pool is configured for email alias.", auth.ErrInvalidUsername, auth.ErrInvalidParameter, ""},
		{up, "Attributes did not conform to the schema: email: The attribute is required", auth.ErrInvalidAttribute, auth.ErrInvalidParameter, ""},
		{up, "Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema.", auth.ErrInvalidAttribute, auth.ErrInvalidParameter, ""},
		{confirm, "Invalid attributes given, given_name is missing", auth.ErrInvalidAttribute, auth.ErrInvalidParameter, ""},
		{up, "Invalid phone number format.", auth.ErrInvalidAttribute, auth.ErrInvalidParameter, ""},
		{up, "Invalid email address format.", auth.ErrInvalidAttribute, auth.ErrInvalidParameter, ""},
		{confirm, "Invalid user attributes: phone_number: Required attribute cannot be deleted.", auth.ErrAttributeRequired, auth.ErrInvalidParameter, ""},
		{confirm, "Cannot modify the non-mutable attribute sub", auth.ErrAttributeImmutable, auth.ErrInvalidParameter, ""},
		{confirm, "Credential data is not valid", auth.ErrWebAuthnCredentialInvalid, auth.ErrInvalidParameter, ""},
		{signIn, "USER_PASSWORD_AUTH flow not enabled for this client", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "USER_SRP_AUTH is not enabled for the client.", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "Auth flow not enabled for this client", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "Only custom auth (lambda driven) is enabled for this client.", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "Initiate Auth method not supported.", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "Custom auth lambda trigger is not configured for the user pool.", auth.ErrAuthFlowNotEnabled, auth.ErrInvalidParameter, ""},
		{signIn, "Missing required parameter USERNAME", auth.ErrInvalidParameter, auth.ErrInvalidParameter, ""},
		{resend, "Cannot resend codes. Auto verification not turned on.", auth.ErrInvalidParameter, auth.ErrInvalidParameter, ""},

		{up, "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6", auth.ErrInvalidPassword, auth.ErrInvalidParameter, auth.ErrInvalidPassword},
		{confirm, "1 validation error detected: Value at 'proposedPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$", auth.ErrInvalidPassword, auth.ErrInvalidParameter, auth.ErrInvalidPassword},
		{confirm, "1 validation error detected: Value at 'previousPassword' failed to satisfy constraint: Member must have length greater than or equal to 6", auth.ErrInvalidParameter, auth.ErrInvalidParameter, ""},
		{up, "Password did not conform with policy: Password not long enough", auth.ErrInvalidPassword, auth.ErrInvalidPassword, ""},
		{up, "Provided password cannot be used for security reasons.", auth.ErrPasswordCompromised, auth.ErrInvalidPassword, ""},
		{confirm, "Your software token has already been used once.", auth.ErrTOTPCodeUsed, auth.ErrExpiredCode, ""},
		{confirmUp, "Invalid code provided, please request a code again.", auth.ErrExpiredCode, auth.ErrExpiredCode, ""},
		{signIn, "User pool client abc does not exist.", auth.ErrPoolNotFound, auth.ErrResourceNotFound, ""},
		{signIn, "User pool eu-west-1_abc does not exist.", auth.ErrPoolNotFound, auth.ErrResourceNotFound, ""},
		{refresh, "User pool client abc does not exist.", auth.ErrPoolNotFound, auth.ErrResourceNotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.caller.function+"/"+tt.message, func(t *testing.T) {
			t.Parallel()
			code := cmp.Or(tt.sent, auth.ErrNotAuthorized)
			tt.caller.meet(t, authtest.Fault{Code: string(code), Message: tt.message}, func(t *testing.T, err error, _ *recorder) {
				wantCode(t, err, tt.want)
				if coarse := cmp.Or(tt.coarse, code); !errors.Is(err, coarse) {
					t.Errorf("the finer code is not also %s", coarse)
				}
				if errors.Is(err, auth.ErrUserNotFound) || tt.want == auth.ErrNotAuthorized && errors.Is(err, auth.ErrUserDisabled) {
					t.Error("it is codes that it is not")
				}
				if !typed[code](err) {
					t.Error("the AWS SDK's error type is not reachable")
				}
			})
		})
	}
}

// A trigger's exception is never refined: a trigger may say anything.
func TestTriggersDoNotChooseCodes(t *testing.T) {
	t.Parallel()
	fault := authtest.Fault{Code: string(auth.ErrUserLambdaValidation), Message: "PreAuthentication failed with error User is disabled.."}
	theCaller("SignIn", "InitiateAuth").meet(t, fault, func(t *testing.T, err error, _ *recorder) {
		wantCode(t, err, auth.ErrUserLambdaValidation)
		if errors.Is(err, auth.ErrNotAuthorized) {
			t.Error("a trigger's words made it another error")
		}
	})
}

func TestTrigger(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		err           *auth.Error
		trigger, text string
		ok            bool
	}{
		{
			"as observed", &auth.Error{Code: auth.ErrUserLambdaValidation, Message: "PreSignUp failed with error Registration from this domain is not allowed.."},
			"PreSignUp", "Registration from this domain is not allowed.", true,
		},
		{
			"without a dot of its own", &auth.Error{Code: auth.ErrUserLambdaValidation, Message: "PreAuthentication failed with error closed."},
			"PreAuthentication", "closed", true,
		},
		{
			"words that look like the service's", &auth.Error{Code: auth.ErrUserLambdaValidation, Message: "PreSignUp failed with error it failed with error 7."},
			"PreSignUp", "it failed with error 7", true,
		},
		{"another wording", &auth.Error{Code: auth.ErrUserLambdaValidation, Message: "no"}, "", "no", true},
		{
			"not run", &auth.Error{Code: auth.ErrUnexpectedLambda, Message: "PreTokenGeneration invocation failed due to error Socket timeout while invoking Lambda function."},
			"PreTokenGeneration", "Socket timeout while invoking Lambda function", true,
		},
		{"not run, another wording", &auth.Error{Code: auth.ErrUnexpectedLambda, Message: "timeout"}, "", "timeout", true},
		{
			"not read", &auth.Error{Code: auth.ErrInvalidLambdaResponse, Message: "Unrecognizable lambda output"},
			"", "Unrecognizable lambda output", true,
		},
		{
			"not read, with a name", &auth.Error{Code: auth.ErrInvalidLambdaResponse, Message: "CustomMessage failed due to error Invalid JSON."},
			"CustomMessage", "Invalid JSON", true,
		},
		{"no message", &auth.Error{Code: auth.ErrInvalidLambdaResponse}, "", "", true},
		{"another code", &auth.Error{Code: auth.ErrNotAuthorized, Message: "PreSignUp failed with error x."}, "", "", false},
	}
	for _, tt := range tests {
		trigger, text, ok := tt.err.Trigger()
		if trigger != tt.trigger || text != tt.text || ok != tt.ok {
			t.Errorf("%s: got %q, %q, %t", tt.name, trigger, text, ok)
		}
	}
}

func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  *auth.Error
		rule string
		ok   bool
	}{
		{
			"as observed", &auth.Error{Code: auth.ErrInvalidPassword, Message: "Password did not conform with policy: Password must have symbol characters"},
			"Password must have symbol characters", true,
		},
		{
			"too short for any pool",
			&auth.Error{Code: auth.ErrInvalidPassword, Message: "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 6"},
			"Member must have length greater than or equal to 6", true,
		},
		{"another wording", &auth.Error{Code: auth.ErrInvalidPassword, Message: "no"}, "", false},
		{"from a breach", &auth.Error{Code: auth.ErrPasswordCompromised, Message: "Provided password cannot be used for security reasons."}, "", false},
		{"another code", &auth.Error{Code: auth.ErrNotAuthorized, Message: "Password did not conform with policy: x"}, "", false},
	}
	for _, tt := range tests {
		if rule, ok := tt.err.PasswordPolicy(); rule != tt.rule || ok != tt.ok {
			t.Errorf("%s: got %q, %t", tt.name, rule, ok)
		}
	}
}

// What the network or something on the way did is told from what the service
// did.
func TestTransportErrors(t *testing.T) {
	t.Parallel()
	const words = "not available"
	tests := []struct {
		name   string
		fault  authtest.Fault
		want   auth.ErrorCode
		status int
		maybe  bool
	}{
		{"connection lost before", authtest.Fault{DropRequest: true, Times: 3}, auth.ErrNetwork, 0, true},
		{"connection lost after", authtest.Fault{DropResponse: true, Times: 3}, auth.ErrNetwork, 0, true},
		{"page of a proxy", authtest.Fault{HTML: true, Times: 3}, auth.ErrHTTP, http.StatusServiceUnavailable, true},
		{"page of a firewall", authtest.Fault{HTML: true, Status: http.StatusForbidden}, auth.ErrHTTP, http.StatusForbidden, false},
		{"page that says it went well", authtest.Fault{HTML: true, Status: http.StatusOK}, auth.ErrUnexpectedResponse, http.StatusOK, true},
	}
	for _, c := range callers {
		for _, tt := range tests {
			t.Run(c.function+"/"+c.op+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				c.meet(t, tt.fault, func(t *testing.T, err error, _ *recorder) {
					wantCode(t, err, tt.want)
					e, _ := errors.AsType[*auth.Error](err)
					if e.Status != tt.status || e.MaybeProcessed != tt.maybe || e.Op != c.errorOp {
						t.Errorf("got op %q, status %d, MaybeProcessed %t", e.Op, e.Status, e.MaybeProcessed)
					}
					if (tt.want == auth.ErrNetwork || tt.want == auth.ErrHTTP) && auth.IsRemote(err) {
						t.Error("it is said to be an answer of the service")
					}
					saysOnly(t, err, words)
				})
			})
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A service that cannot be reached at all has certainly done nothing.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool := newPool(t, authtest.Config{})
		dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		attempts := 0
		s := sessionOf(t, newClient(t, pool, func(cfg *auth.Config) {
			cfg.HTTPClient = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				attempts++
				return nil, dial
			})}
		}), "s")
		_, err := auth.SignUp(t.Context(), s, auth.SignUpInput{Username: "ana", Password: thePassword})
		wantCode(t, err, auth.ErrNetwork)
		e, _ := errors.AsType[*auth.Error](err)
		if e.MaybeProcessed || auth.IsRemote(err) || !errors.Is(err, error(dial)) {
			t.Errorf("MaybeProcessed %t, IsRemote %t, cause %v", e.MaybeProcessed, auth.IsRemote(err), e.Err)
		}
		if attempts != 3 {
			t.Errorf("%d attempts, want 3", attempts)
		}
	})
}

// within returns the caller with a context of its own.
func (c caller) within(limit func(context.Context) (context.Context, context.CancelFunc)) caller {
	call := c.call
	c.call = func(ctx context.Context, s *auth.Session) error {
		ctx, cancel := limit(ctx)
		defer cancel()
		return call(ctx, s)
	}
	return c
}

func TestContexts(t *testing.T) {
	t.Parallel()
	const deadline, answer = time.Second, 10 * time.Second
	for _, c := range callers {
		t.Run(c.function+"/"+c.op+"/deadline", func(t *testing.T) {
			t.Parallel()
			c := c.within(func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, deadline)
			})
			c.meet(t, authtest.Fault{Delay: answer}, func(t *testing.T, err error, _ *recorder) {
				wantCode(t, err, auth.ErrCanceled)
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || auth.IsRemote(err) {
					t.Errorf("%v is not the context's deadline", err)
				}
				time.Sleep(answer) // a refresh goes on for others
			})
		})
		t.Run(c.function+"/"+c.op+"/canceled before", func(t *testing.T) {
			t.Parallel()
			sent := 0
			c := c.within(func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			})
			before := c.before
			c.before = func(t testing.TB, pool *authtest.Pool, s *auth.Session) {
				t.Helper()
				if before != nil {
					before(t, pool, s)
				}
				sent = len(operations(pool))
			}
			c.meet(t, authtest.Fault{}, func(t *testing.T, err error, wire *recorder) {
				wantCode(t, err, auth.ErrCanceled)
				if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v does not say that the context was canceled", err)
				}
				if extra := wire.exchanges()[sent:]; len(extra) != 0 {
					t.Errorf("%d requests were answered", len(extra))
				}
			})
		})
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	inner := &auth.Error{Op: "sign in", Code: auth.ErrUserDisabled}
	for _, tt := range []struct {
		err  error
		want auth.ErrorCode
	}{
		{nil, ""},
		{io.EOF, ""},
		{auth.ErrUserDisabled, ""}, // a code by itself is no operation's error
		{inner, auth.ErrUserDisabled},
		{fmt.Errorf("handler: %w", inner), auth.ErrUserDisabled},
		{errors.Join(io.EOF, &auth.Error{Code: auth.ErrCodeMismatch}, inner), auth.ErrCodeMismatch},
	} {
		if got := auth.CodeOf(tt.err); got != tt.want {
			t.Errorf("CodeOf(%v): got %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  *auth.Error
		want string
	}{
		{&auth.Error{Op: "sign in", Code: auth.ErrInvalidInput, Field: "Username", Message: "required"}, "auth: sign in: InvalidInput: Username: required"},
		{&auth.Error{Op: "sign in", Code: auth.ErrAlreadySignedIn}, "auth: sign in: UserAlreadyAuthenticatedException"},
		{&auth.Error{Code: auth.ErrInternal, Err: io.ErrUnexpectedEOF}, "auth: Internal: unexpected EOF"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if got := auth.ErrCodeMismatch.Error(); got != "auth: CodeMismatchException" {
		t.Errorf("a code says %q", got)
	}
}

// TestServiceErrorsAreDocumented holds the comments of functions to the
// service's model. What every operation can answer is in the package comment.
func TestServiceErrorsAreDocumented(t *testing.T) {
	t.Parallel()
	dirs := allSourceDirs(t)
	root := dirs[slices.IndexFunc(dirs, func(d sourceDir) bool { return d.path == "." })]
	names, docs := make(map[auth.ErrorCode]string), make(map[string]string)
	for _, f := range root.code {
		if f.Doc != nil {
			docs[""] = f.Doc.Text()
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					docs[d.Name.Name] = d.Doc.Text()
				}
			case *ast.GenDecl:
				if d.Tok == token.CONST {
					maps.Copy(names, errorCodes(d))
				}
			}
		}
	}
	reference := regexp.MustCompile(`\[(\w+)\]`)
	var mentions func(function, name string) bool
	mentions = func(function, name string) bool {
		_, list, _ := strings.Cut(docs[function], "Errors")
		for _, m := range reference.FindAllStringSubmatch(list, -1) {
			if m[1] == name || docs[m[1]] != "" && m[1] != function && mentions(m[1], name) {
				return true
			}
		}
		return false
	}
	for _, c := range callers {
		for _, code := range exceptionsOf(c.op) {
			if slices.Contains(c.steps, code) {
				continue
			}
			if c.means[code] != "" {
				code = c.means[code]
			}
			name := names[code]
			if name == "" {
				t.Errorf("%s has no constant", code)
			} else if !mentions(c.function, name) && !mentions("", name) {
				t.Errorf("%s can return %s and does not say so", c.function, name)
			}
		}
	}
}

// errorCodes returns the names of the error codes that a declaration has.
func errorCodes(d *ast.GenDecl) map[auth.ErrorCode]string {
	names := make(map[auth.ErrorCode]string)
	for _, spec := range d.Specs {
		s := spec.(*ast.ValueSpec)
		for i, value := range s.Values {
			if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.HasPrefix(s.Names[i].Name, "Err") {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					names[auth.ErrorCode(text)] = s.Names[i].Name
				}
			}
		}
	}
	return names
}
