package authtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

type analyticsMetadata struct {
	AnalyticsEndpointID string `aws:"AnalyticsEndpointId"`
}

type userContextData struct {
	IPAddress   string `aws:"IpAddress"`
	EncodedData string `aws:"EncodedData"`
}

type signUpRequest struct {
	ClientID          string             `aws:"ClientId,ClientId,required"`
	SecretHash        string             `aws:"SecretHash,SecretHash"`
	Username          string             `aws:"Username,Username,required"`
	Password          string             `aws:"Password,Password"`
	UserAttributes    []attribute        `aws:"UserAttributes"`
	ValidationData    []attribute        `aws:"ValidationData"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	UserContextData   *userContextData   `aws:"UserContextData"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
}

type signUpResponse struct {
	CodeDeliveryDetails *codeDeliveryDetails `json:",omitempty"`
	Session             string               `json:",omitempty"`
	UserConfirmed       bool
	UserSub             string
}

func signUp(c *call, r *signUpRequest) (*signUpResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := client.checkSecretHash(r.Username, r.SecretHash); err != nil {
		return nil, err
	}
	if c.pool.cfg.AdminCreateUserOnly {
		return nil, notAuthorized(msgSignUpNotPermitted)
	}
	if err := client.checkWritable(r.UserAttributes); err != nil {
		return nil, err
	}
	u, err := c.newUser(r.Username, r.UserAttributes)
	if err != nil {
		return nil, err
	}
	if slices.Contains(c.pool.cfg.AliasAttributes, attrPreferredUsername) && u.attributes[attrPreferredUsername] != "" {
		return nil, invalidParameter(msgPreferredAtSignUp)
	}
	if err := c.pool.checkRequired(u.attributes); err != nil {
		return nil, err
	}
	if r.Password == "" && !c.passwordless(client, u) {
		return nil, invalidParameter(msgPasswordRequired)
	}
	if r.Password != "" {
		if err := c.pool.cfg.PasswordPolicy.check(r.Password); err != nil {
			return nil, err
		}
		if err := c.checkLeaked(client, filterSignUp, r.Password); err != nil {
			return nil, err
		}
	}
	if err := c.checkNameFree(u, msgUserExists); err != nil {
		return nil, err
	}
	u.status = StatusUnconfirmed
	if err := c.runPreSignUp(u, r); err != nil {
		return nil, err
	}
	if err := c.checkNameFree(u, msgUserExists); err != nil { // the trigger ran without the lock
		return nil, err
	}
	verifies := c.autoVerified(u)
	if u.status == StatusConfirmed {
		verifies = ""
	}
	if err := c.checkLinkDomain(MessageSignUp, verifies); err != nil {
		return nil, err
	}
	if r.Password != "" {
		c.setPassword(u, r.Password)
	}
	c.pool.users.add(u)
	c.record(u, eventSignUp, r.Password, nil)

	response := &signUpResponse{UserSub: u.sub, UserConfirmed: u.status == StatusConfirmed}
	if verifies != "" {
		// The account stays if the code cannot be sent.
		if response.CodeDeliveryDetails, err = c.sendCode(u, codeSignUp, MessageSignUp, verifies, signUpCodeValidity); err != nil {
			return nil, err
		}
	}
	if response.UserConfirmed {
		if err := c.postConfirmation(sourceConfirmSignUp, u); err != nil {
			return nil, err
		}
	}
	if client.flows[AllowUser] || c.managed {
		// Of a user who is confirmed already, the session signs in at once.
		purpose := purposeSignUp
		if response.UserConfirmed {
			purpose = purposeConfirmed
		}
		response.Session = c.startSession(&session{attempt: attempt{client: client, user: u}, purpose: purpose})
	}
	return response, nil
}

// passwordless reports whether a user may sign up without a password: where a
// code to a contact that sign-up verifies can be the only factor.
func (c *call) passwordless(client *appClient, u *user) bool {
	if !client.flows[AllowUser] {
		return false
	}
	return slices.ContainsFunc(c.pool.codeContacts(), func(name string) bool {
		return u.attributes[name] != "" && slices.Contains(c.pool.cfg.AutoVerifiedAttributes, name)
	})
}

// newUser makes a user of a username and attributes as a request gives them,
// without putting it into the directory.
func (c *call) newUser(username string, attributes []attribute) (*user, *apiError) {
	if err := c.pool.checkSchema(attributes); err != nil {
		return nil, err
	}
	u := c.emptyUser(username)
	u.attributes = attributeMap(attributes)
	if len(c.pool.cfg.UsernameAttributes) > 0 {
		attribute, err := c.pool.usernameAttribute(username)
		if err != nil {
			return nil, err
		}
		u.username = u.sub
		if u.attributes[attribute] == "" {
			u.attributes[attribute] = username
		}
	} else if err := c.pool.checkNotAlias(username); err != nil {
		return nil, err
	}
	u.flagContacts()
	return u, nil
}

// emptyUser makes a user without attributes.
func (c *call) emptyUser(username string) *user {
	return &user{
		username:   username,
		sub:        randomUUID(),
		enabled:    true,
		created:    c.now,
		modified:   c.now,
		attributes: make(map[string]string),
		pending:    make(map[string]string),
		codes:      make(map[codePurpose]*issuedCode),
		attempts:   make(map[limitedAction][]time.Time),
	}
}

// flagContacts says of new contacts that they are not verified, as far as
// nothing has been said.
func (u *user) flagContacts() {
	for _, name := range contacts {
		if flag := name + verifiedSuffix; u.attributes[name] != "" && u.attributes[flag] == "" {
			u.attributes[flag] = "false"
		}
	}
}

// usernameAttribute returns the attribute that a username is, in a pool where
// people sign up with one.
func (p *Pool) usernameAttribute(username string) (string, *apiError) {
	email := slices.Contains(p.cfg.UsernameAttributes, attrEmail)
	phone := slices.Contains(p.cfg.UsernameAttributes, attrPhone)
	switch {
	case email && isEmail(username):
		return attrEmail, nil
	case phone && isPhone(username):
		return attrPhone, nil
	case email && phone:
		return "", invalidParameter(msgUsernameEither)
	case email:
		return "", invalidParameter(msgUsernameEmail)
	default:
		return "", invalidParameter(msgUsernamePhone)
	}
}

// checkNotAlias refuses usernames that look like an alias of the pool.
func (p *Pool) checkNotAlias(username string) *apiError {
	switch {
	case slices.Contains(p.cfg.AliasAttributes, attrEmail) && isEmail(username):
		return invalidParameter(msgUsernameEmailFormat)
	case slices.Contains(p.cfg.AliasAttributes, attrPhone) && isPhone(username):
		return invalidParameter(msgUsernamePhoneFormat)
	default:
		return nil
	}
}

// checkNameFree refuses a new user whose username, or attribute that stands in
// for it, is taken. Aliases may be shared until one user verifies them.
func (c *call) checkNameFree(u *user, message string) *apiError {
	users := &c.pool.users
	if users.find(u.username) != nil {
		return fail(wire.ExceptionUsernameExists, message)
	}
	for _, name := range c.pool.cfg.UsernameAttributes {
		if value := u.attributes[name]; value != "" && users.owner(name, value) != nil {
			return fail(wire.ExceptionUsernameExists, fmt.Sprintf(msgGivenExists, name))
		}
	}
	return nil
}

// autoVerified returns the contact of a user that gets a code at sign-up: the
// phone if there is a choice.
func (c *call) autoVerified(u *user) string {
	for _, name := range []string{attrPhone, attrEmail} {
		if slices.Contains(c.pool.cfg.AutoVerifiedAttributes, name) && u.attributes[name] != "" {
			return name
		}
	}
	return ""
}

type confirmSignUpRequest struct {
	ClientID           string             `aws:"ClientId,ClientId,required"`
	SecretHash         string             `aws:"SecretHash,SecretHash"`
	Username           string             `aws:"Username,Username,required"`
	ConfirmationCode   string             `aws:"ConfirmationCode,Code,required"`
	ForceAliasCreation bool               `aws:"ForceAliasCreation"`
	AnalyticsMetadata  *analyticsMetadata `aws:"AnalyticsMetadata"`
	UserContextData    *userContextData   `aws:"UserContextData"`
	ClientMetadata     map[string]string  `aws:"ClientMetadata"`
	Session            string             `aws:"Session,Session"`
}

type confirmSignUpResponse struct {
	Session string `json:",omitempty"`
}

func confirmSignUp(c *call, r *confirmSignUpRequest) (*confirmSignUpResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := client.checkSecretHash(r.Username, r.SecretHash); err != nil {
		return nil, err
	}
	u := c.pool.users.find(r.Username)
	if u == nil {
		if client.hideUsers {
			return nil, expiredCode()
		}
		return nil, userNotFound(msgClientCombo)
	}
	if u.status != StatusUnconfirmed {
		return nil, notAuthorized(fmt.Sprintf(msgCannotConfirm, u.status))
	}
	if r.Session != "" {
		s, err := c.session(client, r.Session, purposeSignUp)
		if err != nil {
			return nil, err
		}
		if s.user != u {
			return nil, notAuthorized(msgSessionInvalid)
		}
	}
	if err := u.attempt(limitConfirm, c.now); err != nil {
		return nil, err
	}
	code, err := c.checkCode(u, codeSignUp, r.ConfirmationCode)
	if err != nil {
		return nil, err
	}
	if !r.ForceAliasCreation {
		if err := c.checkAliasFree(u, code.attribute); err != nil {
			return nil, err
		}
	}
	c.useCode(u, codeSignUp, code)
	c.confirm(u)
	if err := c.postConfirmation(sourceConfirmSignUp, u); err != nil {
		return nil, err
	}

	response := &confirmSignUpResponse{}
	if client.flows[AllowUser] || c.managed {
		response.Session = c.startSession(&session{attempt: attempt{client: client, user: u}, purpose: purposeConfirmed})
	}
	return response, nil
}

// confirm makes a user CONFIRMED.
func (c *call) confirm(u *user) {
	u.status = StatusConfirmed
	u.modified = c.now
	c.pool.users.reindex(u)
}

// checkAliasFree refuses to verify a contact that signs another user in.
func (c *call) checkAliasFree(u *user, attribute string) *apiError {
	if !slices.Contains(c.pool.cfg.AliasAttributes, attribute) {
		return nil
	}
	if other := c.pool.users.owner(attribute, u.attributes[attribute]); other != nil && other != u {
		return fail(wire.ExceptionAliasExists, fmt.Sprintf(msgAliasExists, attribute))
	}
	return nil
}

type resendRequest struct {
	ClientID          string             `aws:"ClientId,ClientId,required"`
	SecretHash        string             `aws:"SecretHash,SecretHash"`
	UserContextData   *userContextData   `aws:"UserContextData"`
	Username          string             `aws:"Username,Username,required"`
	AnalyticsMetadata *analyticsMetadata `aws:"AnalyticsMetadata"`
	ClientMetadata    map[string]string  `aws:"ClientMetadata"`
}

type codeDeliveryResponse struct {
	CodeDeliveryDetails *codeDeliveryDetails
}

// deliveryResponse answers an operation that sent a code.
func deliveryResponse(details *codeDeliveryDetails, err *apiError) (*codeDeliveryResponse, *apiError) {
	if err != nil {
		return nil, err
	}
	return &codeDeliveryResponse{details}, nil
}

func resendConfirmationCode(c *call, r *resendRequest) (*codeDeliveryResponse, *apiError) {
	client, err := c.client(r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := client.checkSecretHash(r.Username, r.SecretHash); err != nil {
		return nil, err
	}
	u := c.pool.users.find(r.Username)
	if client.hideUsers && (u == nil || !u.enabled || u.status != StatusUnconfirmed) {
		return &codeDeliveryResponse{c.simulatedDelivery(r.Username)}, nil
	}
	if u == nil || !u.enabled {
		return nil, userNotFound(msgClientCombo)
	}
	if u.status != StatusUnconfirmed {
		return nil, invalidParameter(msgAlreadyConfirmed)
	}
	attribute := c.autoVerified(u)
	if attribute == "" {
		return nil, invalidParameter(msgCannotResend)
	}
	if err := c.checkLinkDomain(MessageResendCode, attribute); err != nil {
		return nil, err
	}
	if err := u.attempt(limitResend, c.now); err != nil {
		c.record(u, eventResendCode, "", err)
		return nil, err
	}
	details, err := c.sendCode(u, codeSignUp, MessageResendCode, attribute, signUpCodeValidity)
	c.record(u, eventResendCode, "", err)
	return deliveryResponse(details, err)
}
