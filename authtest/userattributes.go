package authtest

import (
	"fmt"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// verifyPurpose is the purpose of a code that proves a contact of a user who
// is signed in.
func verifyPurpose(attribute string) codePurpose { return codePurpose("verify " + attribute) }

type updateUserAttributesRequest struct {
	UserAttributes []attribute       `aws:"UserAttributes,,required"`
	AccessToken    string            `aws:"AccessToken,AccessToken,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

type updateUserAttributesResponse struct {
	CodeDeliveryDetailsList []*codeDeliveryDetails `json:",omitempty"`
}

func updateUserAttributes(c *call, r *updateUserAttributesRequest) (*updateUserAttributesResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := c.checkChange(g.user, r.UserAttributes, g.client.checkWritable); err != nil {
		return nil, err
	}
	sent, err := c.changeAttributes(g.user, r.UserAttributes)
	if err != nil {
		return nil, err
	}
	return &updateUserAttributesResponse{sent}, nil
}

// checkChange checks that attributes can be changed: by the pool's schema, by
// whoever changes them, and as far as other users are concerned. An empty
// value removes an attribute.
func (c *call) checkChange(u *user, attributes []attribute, checkWritable func([]attribute) *apiError) *apiError {
	if err := c.pool.checkSchema(attributes); err != nil {
		return err
	}
	if err := checkWritable(attributes); err != nil {
		return err
	}
	for _, a := range attributes {
		if !c.pool.mutable(a.Name) {
			return invalidParameter(fmt.Sprintf(msgAttributeNotSettable, a.Name))
		}
		if a.Value == "" && slices.Contains(c.pool.cfg.RequiredAttributes, a.Name) {
			return invalidParameter(fmt.Sprintf(msgRequiredCannotDelete, a.Name))
		}
	}
	return c.checkNotTaken(u, attributes)
}

// checkNotTaken refuses attributes that sign another user in, unless it is by
// an alias that goes to whoever verifies it.
func (c *call) checkNotTaken(u *user, attributes []attribute) *apiError {
	for _, a := range attributes {
		switch {
		case a.Value == "" || c.pool.users.taken(u, a.Name, a.Value) == nil:
		case a.Name == attrPreferredUsername: // inferred; the text is what federated sign-ins get
			return fail(wire.ExceptionAliasExists, fmt.Sprintf(msgEntryExists, a.Value))
		default:
			return fail(wire.ExceptionAliasExists, fmt.Sprintf(msgGivenExists, a.Name))
		}
	}
	return nil
}

// changeAttributes changes attributes, the verified flags after the contacts
// that they are about. A contact that changes gets a code if the pool verifies
// it by itself and the change does not say that it is verified; in pools that
// want so, the former one stays in force until the code comes back.
func (c *call) changeAttributes(u *user, attributes []attribute) ([]*codeDeliveryDetails, *apiError) {
	var asked []string
	given := attributeMap(attributes)
	waiting := make(map[string]bool) // flags of contacts that are not in force yet
	for _, a := range flagsLast(attributes) {
		if waiting[a.Name] {
			continue
		}
		flag := a.Name + verifiedSuffix
		asks := a.Value != "" && a.Value != u.attributes[a.Name] && given[flag] != "true" &&
			slices.Contains(c.pool.cfg.AutoVerifiedAttributes, a.Name)
		if asks && slices.Contains(c.pool.cfg.RequireVerificationBeforeUpdate, a.Name) {
			waiting[flag] = true
			u.pending[a.Name] = a.Value
		} else {
			c.setAttribute(u, a.Name, a.Value)
		}
		if asks {
			asked = append(asked, a.Name)
		}
	}
	var sent []*codeDeliveryDetails
	for _, name := range asked {
		details, err := c.sendCode(u, verifyPurpose(name), MessageUpdateUserAttribute, name, attributeCodeValidity)
		if err != nil {
			return nil, err
		}
		sent = append(sent, details)
	}
	return sent, nil
}

// flagsLast returns attributes with the verified flags at the end.
func flagsLast(attributes []attribute) []attribute {
	var others, flags []attribute
	for _, a := range attributes {
		if isVerifiedFlag(a.Name) {
			flags = append(flags, a)
		} else {
			others = append(others, a)
		}
	}
	return append(others, flags...)
}

type deleteUserAttributesRequest struct {
	UserAttributeNames []string `aws:"UserAttributeNames,AttributeName,required"`
	AccessToken        string   `aws:"AccessToken,AccessToken,required"`
}

func deleteUserAttributes(c *call, r *deleteUserAttributesRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	return c.deleteAttributes(g.user, r.UserAttributeNames, g.client.checkWritable)
}

func (c *call) deleteAttributes(u *user, names []string, checkWritable func([]attribute) *apiError) (*empty, *apiError) {
	removed := make([]attribute, len(names))
	for i, name := range names {
		removed[i].Name = name
	}
	if err := c.checkChange(u, removed, checkWritable); err != nil {
		return nil, err
	}
	c.changeAttributes(u, removed)
	return &empty{}, nil
}

type getAttributeCodeRequest struct {
	AccessToken    string            `aws:"AccessToken,AccessToken,required"`
	AttributeName  string            `aws:"AttributeName,AttributeName,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// getAttributeCode sends a code to a contact, even to one that is verified
// (reported).
func getAttributeCode(c *call, r *getAttributeCodeRequest) (*codeDeliveryResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	u := g.user
	if !slices.Contains(contacts, r.AttributeName) {
		return nil, invalidParameter(msgOnlyContactsVerifiable)
	}
	if u.destination(verifyPurpose(r.AttributeName), r.AttributeName) == "" {
		return nil, invalidParameter(fmt.Sprintf(msgNoSuchContact, r.AttributeName))
	}
	if err := u.attempt(limitAttributeCode, c.now); err != nil {
		return nil, err
	}
	return deliveryResponse(
		c.sendCode(u, verifyPurpose(r.AttributeName), MessageVerifyUserAttribute, r.AttributeName, attributeCodeValidity))
}

type verifyUserAttributeRequest struct {
	AccessToken   string `aws:"AccessToken,AccessToken,required"`
	AttributeName string `aws:"AttributeName,AttributeName,required"`
	Code          string `aws:"Code,Code,required"`
}

// verifyUserAttribute proves a contact, and brings it into force if it waited
// for that. An alias that another user had verified becomes this user's.
func verifyUserAttribute(c *call, r *verifyUserAttributeRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	u := g.user
	if !slices.Contains(contacts, r.AttributeName) {
		return nil, invalidParameter(msgOnlyContactsVerifiable)
	}
	if err := u.attempt(limitVerify, c.now); err != nil {
		return nil, err
	}
	code, err := c.checkCode(u, verifyPurpose(r.AttributeName), r.Code)
	if err != nil {
		return nil, err
	}
	if code.destination == u.pending[r.AttributeName] {
		// Somebody else may have come by the contact while it waited.
		if err := c.checkNotTaken(u, []attribute{{r.AttributeName, code.destination}}); err != nil {
			return nil, err
		}
		c.setAttribute(u, r.AttributeName, code.destination)
	}
	c.useCode(u, verifyPurpose(r.AttributeName), code)
	return &empty{}, nil
}
