package authtest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// A call is one request on its way through the pool. Handlers run with the
// pool locked.
type call struct {
	pool       *Pool
	request    *http.Request     // that it came with; nil for what no request asked for
	now        time.Time         // on the pool's clock; one instant for the whole call, as far as no trigger takes its time
	app        *appClient        // that the request names, or its token is for; nil if it has neither
	metadata   map[string]string // ClientMetadata, for triggers
	validation map[string]string // ClientMetadata of operations that begin a sign-in, for the triggers that get it
	managed    bool              // of managed login, and not of an application
	origin     eventContext      // where the request says it comes from
	observed   *observation      // the authentication event that the call is part of; nil for none
	deferred   []func()

	trail
}

// afterUnlock runs f after the handler, without the lock: for signatures and
// other slow work on what the handler has decided.
func (c *call) afterUnlock(f func()) { c.deferred = append(c.deferred, f) }

// unlocked runs f without the lock, in the middle of a handler. Whatever the
// handler knew about users and sessions may have changed when it returns.
//
// If the state of the pool has been replaced, what the handler knew is of no
// more use, and it does not get to go on.
func (c *call) unlocked(f func()) {
	c.save()
	c.pool.mu.Unlock()
	defer func() {
		c.pool.mu.Lock()
		if c.begun && c.epoch != c.pool.epoch {
			panic(errReplaced)
		}
	}()
	f()
}

var errReplaced = errors.New("authtest: the state of the pool was replaced")

// empty is the answer of operations that say nothing: "{}".
type empty struct{}

// noBody is the answer of operations that have no output shape at all.
type noBody struct{}

// An operation is one of the service's.
type operation struct {
	handle  func(c *call, body []byte) (any, *apiError)
	signed  bool // needs AWS credentials
	largest int  // bounds the request; 0 means maxBody
}

// public makes an operation that anybody may call.
func public[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) operation {
	return operation{handle: serve(handle)}
}

// signed makes an operation for administrators.
func signed[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) operation {
	return operation{signed: true, handle: serve(func(c *call, r *Request) (*Response, *apiError) {
		c.pool.watch.touch(c.pool)
		return handle(c, r)
	})}
}

// withImages makes an operation whose requests can have images in them.
func withImages(o operation) operation {
	o.largest = maxBranding
	return o
}

// ofServer makes an operation for administrators on an endpoint as a whole. It
// runs with no pool that matters locked. A pool by itself has none.
func ofServer[Request, Response any](handle func(*Server, *call, *Request) (*Response, *apiError)) operation {
	return signed(func(c *call, r *Request) (*Response, *apiError) {
		if err := c.checkServer(); err != nil {
			return nil, err
		}
		defer func() { c.ticket = c.pool.home.journal.latest() }()
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
		c.metadata, c.origin = clientMetadata(&request), contextOf(&request)
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

// locked runs a handler, or a part of one, with the pool locked. It returns
// when all that it has changed, and all that it may have seen, is stored.
func locked[Response any](c *call, handle func() (*Response, *apiError)) (*Response, *apiError) {
	response, err := underLock(c, handle)
	if c.journal().wait(c.ticket) != nil {
		return nil, storageFailed()
	}
	return response, err
}

func underLock[Response any](c *call, handle func() (*Response, *apiError)) (response *Response, err *apiError) {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	if c.journal().failed() != nil {
		return nil, storageFailed()
	}
	if c.begun && c.epoch != c.pool.epoch {
		return nil, stateReplaced()
	}
	c.begun, c.epoch = true, c.pool.epoch
	defer func() {
		v := recover()
		if v == any(errReplaced) {
			response, err = nil, stateReplaced()
			return
		}
		c.save()
		if v != nil {
			panic(v)
		}
	}()
	return handle()
}

// change runs a change to the pool that no request asked for.
func (p *Pool) change(act func(*call) *apiError) *apiError {
	p.settle()
	c := &call{pool: p, now: p.now()}
	_, err := locked(c, func() (*empty, *apiError) {
		p.watch.touch(p)
		return nil, act(c)
	})
	return err
}

// operations are the operations that the pool serves.
var operations = map[string]operation{
	"AddCustomAttributes":              signed(addCustomAttributes),
	"AddUserPoolClientSecret":          signed(addUserPoolClientSecret),
	"AdminAddUserToGroup":              signed(adminAddUserToGroup),
	"AdminConfirmSignUp":               signed(adminConfirmSignUp),
	"AdminCreateUser":                  signed(adminCreateUser),
	"AdminDeleteUser":                  signed(onUser[noBody](adminDelete)),
	"AdminDeleteUserAttributes":        signed(adminDeleteUserAttributes),
	"AdminDisableProviderForUser":      signed(adminDisableProviderForUser),
	"AdminDisableUser":                 signed(onUser[empty](adminDisable)),
	"AdminEnableUser":                  signed(onUser[empty](adminEnable)),
	"AdminForgetDevice":                signed(adminForgetDevice),
	"AdminGetDevice":                   signed(adminGetDevice),
	"AdminGetUser":                     signed(adminGetUser),
	"AdminInitiateAuth":                signed(adminInitiateAuth),
	"AdminLinkProviderForUser":         signed(adminLinkProviderForUser),
	"AdminListDevices":                 signed(adminListDevices),
	"AdminListGroupsForUser":           signed(adminListGroupsForUser),
	"AdminListUserAuthEvents":          signed(adminListUserAuthEvents),
	"AdminRemoveUserFromGroup":         signed(adminRemoveUserFromGroup),
	"AdminResetUserPassword":           signed(adminResetUserPassword),
	"AdminRespondToAuthChallenge":      signed(adminRespondToAuthChallenge),
	"AdminSetUserMFAPreference":        signed(adminSetUserMFAPreference),
	"AdminSetUserPassword":             signed(adminSetUserPassword),
	"AdminSetUserSettings":             signed(adminSetUserSettings),
	"AdminUpdateAuthEventFeedback":     signed(adminUpdateAuthEventFeedback),
	"AdminUpdateDeviceStatus":          signed(adminUpdateDeviceStatus),
	"AdminUpdateUserAttributes":        signed(adminUpdateUserAttributes),
	"AdminUserGlobalSignOut":           signed(onUser[empty](adminGlobalSignOut)),
	"AssociateSoftwareToken":           public(associateSoftwareToken),
	"ChangePassword":                   public(changePassword),
	"CompleteWebAuthnRegistration":     public(completeWebAuthnRegistration),
	"ConfirmDevice":                    public(confirmDevice),
	"ConfirmForgotPassword":            public(confirmForgotPassword),
	"ConfirmSignUp":                    public(confirmSignUp),
	"CreateGroup":                      signed(createGroup),
	"CreateIdentityProvider":           signed(createIdentityProvider),
	"CreateResourceServer":             signed(createResourceServer),
	"CreateUserImportJob":              signed(createUserImportJob),
	"CreateUserPool":                   ofServer(createUserPool),
	"CreateUserPoolClient":             signed(createUserPoolClient),
	"CreateUserPoolDomain":             signed(createUserPoolDomain),
	"DeleteGroup":                      signed(deleteGroup),
	"DeleteIdentityProvider":           signed(deleteIdentityProvider),
	"DeleteResourceServer":             signed(deleteResourceServer),
	"DeleteUser":                       public(deleteUser),
	"DeleteUserAttributes":             public(deleteUserAttributes),
	"DeleteUserPool":                   signed(deleteUserPool),
	"DeleteUserPoolClient":             signed(deleteUserPoolClient),
	"DeleteUserPoolClientSecret":       signed(deleteUserPoolClientSecret),
	"DeleteUserPoolDomain":             signed(deleteUserPoolDomain),
	"DeleteWebAuthnCredential":         public(deleteWebAuthnCredential),
	"DescribeIdentityProvider":         signed(describeIdentityProvider),
	"DescribeResourceServer":           signed(describeResourceServer),
	"DescribeRiskConfiguration":        signed(describeRiskConfiguration),
	"DescribeUserImportJob":            signed(describeUserImportJob),
	"DescribeUserPool":                 signed(describeUserPool),
	"DescribeUserPoolClient":           signed(describeUserPoolClient),
	"DescribeUserPoolDomain":           signed(describeUserPoolDomain),
	"ForgetDevice":                     public(forgetDevice),
	"ForgotPassword":                   public(forgotPassword),
	"GetCSVHeader":                     signed(getCSVHeader),
	"GetDevice":                        public(getDevice),
	"GetGroup":                         signed(getGroup),
	"GetIdentityProviderByIdentifier":  signed(getIdentityProviderByIdentifier),
	"GetSigningCertificate":            signed(getSigningCertificate),
	"GetTokensFromRefreshToken":        public(getTokensFromRefreshToken),
	"GetUser":                          public(getUser),
	"GetUserAttributeVerificationCode": public(getAttributeCode),
	"GetUserAuthFactors":               public(getUserAuthFactors),
	"GetUserPoolMfaConfig":             signed(getUserPoolMFAConfig),
	"GlobalSignOut":                    public(globalSignOut),
	"InitiateAuth":                     public(initiateAuth),
	"ListDevices":                      public(listDevices),
	"ListGroups":                       signed(listGroups),
	"ListIdentityProviders":            signed(listIdentityProviders),
	"ListResourceServers":              signed(listResourceServers),
	"ListTagsForResource":              signed(listTagsForResource),
	"ListUserImportJobs":               signed(listUserImportJobs),
	"ListUserPoolClientSecrets":        signed(listUserPoolClientSecrets),
	"ListUserPoolClients":              signed(listUserPoolClients),
	"ListUserPools":                    ofServer(listUserPools),
	"ListUsers":                        signed(listUsers),
	"ListUsersInGroup":                 signed(listUsersInGroup),
	"ListWebAuthnCredentials":          public(listWebAuthnCredentials),
	"ResendConfirmationCode":           public(resendConfirmationCode),
	"RespondToAuthChallenge":           public(respondToAuthChallenge),
	"RevokeToken":                      public(revokeToken),
	"SetRiskConfiguration":             signed(setRiskConfiguration),
	"SetUserMFAPreference":             public(setUserMFAPreference),
	"SetUserPoolMfaConfig":             signed(setUserPoolMFAConfig),
	"SetUserSettings":                  public(setUserSettings),
	"SignUp":                           public(signUp),
	"StartUserImportJob":               signed(startUserImportJob),
	"StartWebAuthnRegistration":        public(startWebAuthnRegistration),
	operationStopImport:                signed(stopUserImportJob),
	"TagResource":                      signed(tagResource),
	"UntagResource":                    signed(untagResource),
	"UpdateAuthEventFeedback":          public(updateAuthEventFeedback),
	"UpdateDeviceStatus":               public(updateDeviceStatus),
	"UpdateGroup":                      signed(updateGroup),
	"UpdateIdentityProvider":           signed(updateIdentityProvider),
	"UpdateResourceServer":             signed(updateResourceServer),
	"UpdateUserAttributes":             public(updateUserAttributes),
	"UpdateUserPool":                   signed(updateUserPool),
	"UpdateUserPoolClient":             signed(updateUserPoolClient),
	"UpdateUserPoolDomain":             signed(updateUserPoolDomain),
	"VerifySoftwareToken":              public(verifySoftwareToken),
	"VerifyUserAttribute":              public(verifyUserAttribute),

	// What pages look like, and lead to.
	"CreateManagedLoginBranding":           withImages(signed(createManagedLoginBranding)),
	"DeleteManagedLoginBranding":           signed(deleteManagedLoginBranding),
	"DescribeManagedLoginBranding":         signed(describeManagedLoginBranding),
	"DescribeManagedLoginBrandingByClient": signed(describeManagedLoginBrandingByClient),
	"UpdateManagedLoginBranding":           withImages(signed(updateManagedLoginBranding)),
	"GetUICustomization":                   signed(getUICustomization),
	"SetUICustomization":                   signed(setUICustomization),
	"CreateTerms":                          signed(createTerms),
	"DeleteTerms":                          signed(deleteTerms),
	"DescribeTerms":                        signed(describeTerms),
	"ListTerms":                            signed(listTerms),
	"UpdateTerms":                          signed(updateTerms),

	"GetLogDeliveryConfiguration": signed(getLogDeliveryConfiguration),
	"SetLogDeliveryConfiguration": signed(setLogDeliveryConfiguration),
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
