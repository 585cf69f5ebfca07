package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// StartWebAuthnRegistration begins the registration of a passkey (operation
// StartWebAuthnRegistration). It returns PublicKeyCredentialCreationOptionsJSON
// for the browser. A registration that had begun before ends.
func (c *Client) StartWebAuthnRegistration(ctx context.Context, accessToken string) (json.RawMessage, error) {
	const name = "StartWebAuthnRegistration"
	out, err := call(ctx, c, operation{name: name, repeatable: true}, &idp.StartWebAuthnRegistrationInput{
		AccessToken: &accessToken,
	}, c.api.StartWebAuthnRegistration)
	if err != nil {
		return nil, err
	}
	if out.CredentialCreationOptions == nil {
		return nil, malformed(name, out.ResultMetadata)
	}
	options, err := out.CredentialCreationOptions.MarshalSmithyDocument()
	if err != nil || !isObject(options) { // null among others
		return nil, malformed(name, out.ResultMetadata)
	}
	return options, nil
}

// CompleteWebAuthnRegistrationInput is what
// [Client.CompleteWebAuthnRegistration] takes.
type CompleteWebAuthnRegistrationInput struct {
	AccessToken string

	// Credential is the browser's RegistrationResponseJSON. It goes out byte by
	// byte as it is. What is not one JSON value in UTF-8 does not go out.
	Credential json.RawMessage
}

// CompleteWebAuthnRegistration ends the registration of a passkey (operation
// CompleteWebAuthnRegistration).
func (c *Client) CompleteWebAuthnRegistration(ctx context.Context, in CompleteWebAuthnRegistrationInput) error {
	_, err := call(ctx, c, operation{name: "CompleteWebAuthnRegistration"}, &idp.CompleteWebAuthnRegistrationInput{
		AccessToken: &in.AccessToken,
		Credential:  verbatim{Interface: document.NewLazyDocument(nil), text: in.Credential},
	}, c.api.CompleteWebAuthnRegistration)
	return err
}

// verbatim is a document that is JSON already. The AWS client's own documents
// turn empty values, such as the extension results of most browsers, into null.
type verbatim struct {
	document.Interface

	text json.RawMessage
}

var errNotDocument = errors.New("cognito: document is not JSON in UTF-8")

// MarshalSmithyDocument returns the text. The AWS client copies it into the
// request unread, where other text could break out of its place.
func (v verbatim) MarshalSmithyDocument() ([]byte, error) {
	if !json.Valid(v.text) || !utf8.Valid(v.text) {
		return nil, errNotDocument
	}
	return v.text, nil
}

// WebAuthnCredential is a passkey of a user.
type WebAuthnCredential struct {
	ID             string
	FriendlyName   string
	RelyingPartyID string

	// Attachment is "platform" or "cross-platform", empty if the browser did
	// not say.
	Attachment string

	Transports []string
	Created    time.Time
}

// maxPasskeyPage is as many passkeys as the service lists at once. Asked for
// more it refuses.
const maxPasskeyPage = 20

// ListWebAuthnCredentialsInput is what [Client.ListWebAuthnCredentials] takes.
type ListWebAuthnCredentialsInput struct {
	AccessToken string

	// Limit is how many to return at the most, 0 for what the service thinks
	// fit. No page holds more than 20.
	Limit int

	// Next continues a list, empty for the beginning.
	Next string
}

// ListWebAuthnCredentials returns a page of the user's passkeys and what the
// next page goes by, empty after the last (operation ListWebAuthnCredentials).
func (c *Client) ListWebAuthnCredentials(ctx context.Context, in ListWebAuthnCredentialsInput) ([]WebAuthnCredential, string, error) {
	var limit *int32
	if in.Limit > 0 {
		limit = new(int32(min(in.Limit, maxPasskeyPage)))
	}
	out, err := call(ctx, c, operation{name: "ListWebAuthnCredentials", repeatable: true}, &idp.ListWebAuthnCredentialsInput{
		AccessToken: &in.AccessToken,
		MaxResults:  limit,
		NextToken:   optional(in.Next),
	}, c.api.ListWebAuthnCredentials)
	if err != nil {
		return nil, "", err
	}
	var list []WebAuthnCredential
	for _, d := range out.Credentials {
		list = append(list, newWebAuthnCredential(d))
	}
	return list, deref(out.NextToken), nil
}

func newWebAuthnCredential(d types.WebAuthnCredentialDescription) WebAuthnCredential {
	return WebAuthnCredential{
		ID:             deref(d.CredentialId),
		FriendlyName:   deref(d.FriendlyCredentialName),
		RelyingPartyID: deref(d.RelyingPartyId),
		Attachment:     deref(d.AuthenticatorAttachment),
		Transports:     d.AuthenticatorTransports,
		Created:        moment(d.CreatedAt),
	}
}

// DeleteWebAuthnCredentialInput is what [Client.DeleteWebAuthnCredential] takes.
type DeleteWebAuthnCredentialInput struct {
	AccessToken  string
	CredentialID string
}

// DeleteWebAuthnCredential deletes a passkey of a signed-in user (operation
// DeleteWebAuthnCredential).
func (c *Client) DeleteWebAuthnCredential(ctx context.Context, in DeleteWebAuthnCredentialInput) error {
	_, err := call(ctx, c, operation{name: "DeleteWebAuthnCredential"}, &idp.DeleteWebAuthnCredentialInput{
		AccessToken:  &in.AccessToken,
		CredentialId: &in.CredentialID,
	}, c.api.DeleteWebAuthnCredential)
	return err
}

// moment returns the zero time for a date that is not given.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
