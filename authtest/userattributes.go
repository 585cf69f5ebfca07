package authtest

import (
	"fmt"
	"slices"
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

// updateUserAttributes changes attributes at once. A contact that changes is
// not verified any more, and gets a code if the pool verifies it by itself.
func updateUserAttributes(c *call, r *updateUserAttributesRequest) (*updateUserAttributesResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	u := g.user
	if err := c.pool.checkSchema(r.UserAttributes); err != nil {
		return nil, err
	}
	if err := checkWritable(g.client, r.UserAttributes); err != nil {
		return nil, err
	}
	for _, a := range r.UserAttributes {
		if err := c.checkRemovable(a.Name, a.Value); err != nil {
			return nil, err
		}
	}
	if err := c.checkSignInFree(u, r.UserAttributes); err != nil {
		return nil, err
	}
	response := &updateUserAttributesResponse{}
	for _, a := range r.UserAttributes {
		changed := u.attributes[a.Name] != a.Value
		c.setAttribute(u, a.Name, a.Value)
		if changed && a.Value != "" && slices.Contains(c.pool.cfg.AutoVerifiedAttributes, a.Name) {
			details := c.sendCode(u, verifyPurpose(a.Name), MessageUpdateUserAttribute, a.Name, attributeCodeValidity)
			response.CodeDeliveryDetailsList = append(response.CodeDeliveryDetailsList, details)
		}
	}
	return response, nil
}

// checkRemovable refuses to remove an attribute that the pool requires.
func (c *call) checkRemovable(name, value string) *apiError {
	if value == "" && slices.Contains(c.pool.cfg.RequiredAttributes, name) {
		return invalidParameter(fmt.Sprintf(msgRequiredCannotDelete, name))
	}
	return nil
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
	removed := make([]attribute, len(r.UserAttributeNames))
	for i, name := range r.UserAttributeNames {
		removed[i].Name = name
	}
	if err := c.pool.checkSchema(removed); err != nil {
		return nil, err
	}
	if err := checkWritable(g.client, removed); err != nil {
		return nil, err
	}
	for _, a := range removed {
		if err := c.checkRemovable(a.Name, ""); err != nil {
			return nil, err
		}
	}
	c.setAttributes(g.user, removed)
	return &empty{}, nil
}

type getAttributeCodeRequest struct {
	AccessToken    string            `aws:"AccessToken,AccessToken,required"`
	AttributeName  string            `aws:"AttributeName,AttributeName,required"`
	ClientMetadata map[string]string `aws:"ClientMetadata"`
}

// getAttributeCode sends a code to a contact, even to one that is verified.
func getAttributeCode(c *call, r *getAttributeCodeRequest) (*codeDeliveryResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	u := g.user
	if !slices.Contains(contacts, r.AttributeName) {
		return nil, invalidParameter(msgOnlyContactsVerifiable)
	}
	if u.attributes[r.AttributeName] == "" {
		return nil, invalidParameter(fmt.Sprintf(msgNoSuchContact, r.AttributeName))
	}
	if err := u.attempt(limitAttributeCode, c.now); err != nil {
		return nil, err
	}
	return &codeDeliveryResponse{
		c.sendCode(u, verifyPurpose(r.AttributeName), MessageVerifyUserAttribute, r.AttributeName, attributeCodeValidity),
	}, nil
}

type verifyUserAttributeRequest struct {
	AccessToken   string `aws:"AccessToken,AccessToken,required"`
	AttributeName string `aws:"AttributeName,AttributeName,required"`
	Code          string `aws:"Code,Code,required"`
}

// verifyUserAttribute proves a contact. An alias that another user had
// verified becomes this user's.
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
	c.useCode(u, verifyPurpose(r.AttributeName), code)
	return &empty{}, nil
}
