package authtest

import (
	"fmt"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// A call is one request on its way through the pool. Handlers run with the
// pool locked.
type call struct {
	pool       *Pool
	now        time.Time         // on the pool's clock; one instant for the whole call, as far as no trigger takes its time
	app        *appClient        // that the request names, or its token is for; nil if it has neither
	metadata   map[string]string // ClientMetadata, for triggers
	validation map[string]string // ClientMetadata of operations that begin a sign-in, for the triggers that get it
	deferred   []func()
}

// afterUnlock runs f after the handler, without the lock: for signatures and
// other slow work on what the handler has decided.
func (c *call) afterUnlock(f func()) { c.deferred = append(c.deferred, f) }

// unlocked runs f without the lock, in the middle of a handler. Whatever the
// handler knew about users and sessions may have changed when it returns.
func (c *call) unlocked(f func()) {
	c.pool.mu.Unlock()
	defer c.pool.mu.Lock()
	f()
}

// empty is the answer of operations that say nothing: "{}".
type empty struct{}

// noBody is the answer of operations that have no output shape at all.
type noBody struct{}

// An operation is one of the service's.
type operation struct {
	handle func(c *call, body []byte) (any, *apiError)
	signed bool // needs AWS credentials
}

// public makes an operation that anybody may call.
func public[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) operation {
	return operation{handle: serve(handle)}
}

// signed makes an operation for administrators.
func signed[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) operation {
	return operation{handle: serve(handle), signed: true}
}

// ofServer makes an operation for administrators on an endpoint as a whole. It
// runs with no pool that matters locked. A pool by itself has none.
func ofServer[Request, Response any](handle func(*Server, *call, *Request) (*Response, *apiError)) operation {
	return signed(func(c *call, r *Request) (*Response, *apiError) {
		if err := c.checkServer(); err != nil {
			return nil, err
		}
		return handle(c.pool.home, c, r)
	})
}

// checkServer refuses what only a [Server] can do.
func (c *call) checkServer() *apiError {
	if c.pool.home == nil {
		return &apiError{code: wire.ExceptionUnsupportedOperation, message: "authtest: " + msgNeedsServer, fault: msgNeedsServer}
	}
	return nil
}

// serve decodes a request and hands it to its handler.
func serve[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) func(*call, []byte) (any, *apiError) {
	return func(c *call, body []byte) (any, *apiError) {
		var request Request
		if err := decodeRequest(body, &request); err != nil {
			return nil, err
		}
		c.metadata = clientMetadata(&request)
		response, err := locked(c, func() (*Response, *apiError) { return handle(c, &request) })
		if err != nil {
			return nil, err
		}
		for _, f := range c.deferred {
			f()
		}
		return response, nil
	}
}

func locked[Response any](c *call, handle func() (*Response, *apiError)) (*Response, *apiError) {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	return handle()
}

// operations are the operations that the pool serves.
var operations = map[string]operation{
	"AddCustomAttributes":              signed(addCustomAttributes),
	"AdminConfirmSignUp":               signed(adminConfirmSignUp),
	"AdminCreateUser":                  signed(adminCreateUser),
	"AdminDeleteUserAttributes":        signed(adminDeleteUserAttributes),
	"AdminDeleteUser":                  signed(onUser[noBody](adminDelete)),
	"AdminDisableUser":                 signed(onUser[empty](adminDisable)),
	"AdminEnableUser":                  signed(onUser[empty](adminEnable)),
	"AdminForgetDevice":                signed(adminForgetDevice),
	"AdminGetDevice":                   signed(adminGetDevice),
	"AdminGetUser":                     signed(adminGetUser),
	"AdminInitiateAuth":                signed(adminInitiateAuth),
	"AdminListDevices":                 signed(adminListDevices),
	"AdminResetUserPassword":           signed(adminResetUserPassword),
	"AdminRespondToAuthChallenge":      signed(adminRespondToAuthChallenge),
	"AdminSetUserMFAPreference":        signed(adminSetUserMFAPreference),
	"AdminSetUserPassword":             signed(adminSetUserPassword),
	"AdminSetUserSettings":             signed(adminSetUserSettings),
	"AdminUpdateDeviceStatus":          signed(adminUpdateDeviceStatus),
	"AdminUpdateUserAttributes":        signed(adminUpdateUserAttributes),
	"AdminUserGlobalSignOut":           signed(onUser[empty](adminGlobalSignOut)),
	"AssociateSoftwareToken":           public(associateSoftwareToken),
	"CompleteWebAuthnRegistration":     public(completeWebAuthnRegistration),
	"ConfirmDevice":                    public(confirmDevice),
	"AdminAddUserToGroup":              signed(adminAddUserToGroup),
	"AdminDisableProviderForUser":      signed(adminDisableProviderForUser),
	"AdminLinkProviderForUser":         signed(adminLinkProviderForUser),
	"AdminListGroupsForUser":           signed(adminListGroupsForUser),
	"AdminRemoveUserFromGroup":         signed(adminRemoveUserFromGroup),
	"CreateGroup":                      signed(createGroup),
	"CreateIdentityProvider":           signed(createIdentityProvider),
	"CreateResourceServer":             signed(createResourceServer),
	"CreateUserPoolDomain":             signed(createUserPoolDomain),
	"DeleteGroup":                      signed(deleteGroup),
	"DeleteIdentityProvider":           signed(deleteIdentityProvider),
	"DeleteResourceServer":             signed(deleteResourceServer),
	"DeleteUserPoolDomain":             signed(deleteUserPoolDomain),
	"DescribeIdentityProvider":         signed(describeIdentityProvider),
	"DescribeResourceServer":           signed(describeResourceServer),
	"DescribeUserPoolDomain":           signed(describeUserPoolDomain),
	"GetCSVHeader":                     signed(getCSVHeader),
	"GetGroup":                         signed(getGroup),
	"GetIdentityProviderByIdentifier":  signed(getIdentityProviderByIdentifier),
	"GetSigningCertificate":            signed(getSigningCertificate),
	"ListGroups":                       signed(listGroups),
	"ListIdentityProviders":            signed(listIdentityProviders),
	"ListResourceServers":              signed(listResourceServers),
	"ListUsers":                        signed(listUsers),
	"ListUsersInGroup":                 signed(listUsersInGroup),
	"UpdateGroup":                      signed(updateGroup),
	"UpdateIdentityProvider":           signed(updateIdentityProvider),
	"UpdateResourceServer":             signed(updateResourceServer),
	"UpdateUserPoolDomain":             signed(updateUserPoolDomain),
	"AddUserPoolClientSecret":          signed(addUserPoolClientSecret),
	"CreateUserPoolClient":             signed(createUserPoolClient),
	"DeleteUserPoolClient":             signed(deleteUserPoolClient),
	"DeleteUserPoolClientSecret":       signed(deleteUserPoolClientSecret),
	"DescribeUserPoolClient":           signed(describeUserPoolClient),
	"ListUserPoolClients":              signed(listUserPoolClients),
	"ListUserPoolClientSecrets":        signed(listUserPoolClientSecrets),
	"UpdateUserPoolClient":             signed(updateUserPoolClient),
	"CreateUserPool":                   ofServer(createUserPool),
	"DeleteUserPool":                   signed(deleteUserPool),
	"DescribeUserPool":                 signed(describeUserPool),
	"ListUserPools":                    ofServer(listUserPools),
	"GetUserPoolMfaConfig":             signed(getUserPoolMFAConfig),
	"ListTagsForResource":              signed(listTagsForResource),
	"SetUserPoolMfaConfig":             signed(setUserPoolMFAConfig),
	"TagResource":                      signed(tagResource),
	"UntagResource":                    signed(untagResource),
	"UpdateUserPool":                   signed(updateUserPool),
	"DeleteWebAuthnCredential":         public(deleteWebAuthnCredential),
	"GetUserAuthFactors":               public(getUserAuthFactors),
	"ListWebAuthnCredentials":          public(listWebAuthnCredentials),
	"StartWebAuthnRegistration":        public(startWebAuthnRegistration),
	"ForgetDevice":                     public(forgetDevice),
	"GetDevice":                        public(getDevice),
	"ListDevices":                      public(listDevices),
	"UpdateDeviceStatus":               public(updateDeviceStatus),
	"ChangePassword":                   public(changePassword),
	"ConfirmForgotPassword":            public(confirmForgotPassword),
	"ConfirmSignUp":                    public(confirmSignUp),
	"DeleteUser":                       public(deleteUser),
	"DeleteUserAttributes":             public(deleteUserAttributes),
	"ForgotPassword":                   public(forgotPassword),
	"GetTokensFromRefreshToken":        public(getTokensFromRefreshToken),
	"GetUser":                          public(getUser),
	"GetUserAttributeVerificationCode": public(getAttributeCode),
	"GlobalSignOut":                    public(globalSignOut),
	"InitiateAuth":                     public(initiateAuth),
	"ResendConfirmationCode":           public(resendConfirmationCode),
	"RespondToAuthChallenge":           public(respondToAuthChallenge),
	"RevokeToken":                      public(revokeToken),
	"SetUserMFAPreference":             public(setUserMFAPreference),
	"SetUserSettings":                  public(setUserSettings),
	"SignUp":                           public(signUp),
	"UpdateUserAttributes":             public(updateUserAttributes),
	"VerifySoftwareToken":              public(verifySoftwareToken),
	"VerifyUserAttribute":              public(verifyUserAttribute),
}

// client returns the app client that a request names.
func (c *call) client(id string) (*appClient, *apiError) {
	client, ok := c.pool.clients[id]
	if !ok {
		return nil, resourceNotFound(fmt.Sprintf(msgClientNotFound, id))
	}
	c.app = client
	return client, nil
}
