package authtest

import (
	"fmt"
	"time"
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
