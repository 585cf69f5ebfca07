package auth

import (
	"context"
	"encoding/json"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/cognitokit/auth/internal/cognito"
)

// BeginWebAuthnRegistrationOutput is the output of [BeginWebAuthnRegistration].
type BeginWebAuthnRegistrationOutput struct {
	_ [0]func()

	// Options are PublicKeyCredentialCreationOptionsJSON (WebAuthn Level 3,
	// section 5.1.9): what PublicKeyCredential.parseCreationOptionsFromJSON takes
	// in the browser.
	Options json.RawMessage `json:"credentialCreationOptions"`
}

// BeginWebAuthnRegistration begins to register a passkey for the person who is
// signed in (Cognito operation StartWebAuthnRegistration). Hand Options to
// navigator.credentials.create in the browser, and its result to
// [FinishWebAuthnRegistration]. Amplify does both, with the ceremony between
// them, in associateWebAuthnCredential.
//
// A registration that had begun before ends.
//
// Errors: those of [FetchAuthSession]; [ErrWebAuthnNotEnabled],
// [ErrWebAuthnConfigurationMissing], [ErrLimitExceeded] (20 passkeys),
// [ErrMissingScope], [ErrPasswordResetRequired], [ErrTooManyRequests],
// [ErrUnexpectedResponse] for options that no browser takes.
func BeginWebAuthnRegistration(ctx context.Context, s *Session) (*BeginWebAuthnRegistrationOutput, error) {
	if err := begin(s, opBeginPasskey); err != nil {
		return nil, err
	}
	options, _, err := authorized(ctx, s, opBeginPasskey, func(ctx context.Context, cur *signedIn) (json.RawMessage, error) {
		return s.client.api.StartWebAuthnRegistration(ctx, cur.bundle.AccessToken)
	})
	if err != nil {
		return nil, err
	}
	if !areCreationOptions(options) {
		return nil, &Error{Op: opBeginPasskey, Code: ErrUnexpectedResponse, Message: "not the options of a registration"}
	}
	return &BeginWebAuthnRegistrationOutput{Options: options}, nil
}

// areCreationOptions reports whether options have what browsers require of them.
func areCreationOptions(options json.RawMessage) bool {
	var o struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
		RP     *struct{}  `json:"rp"`
		Params []struct{} `json:"pubKeyCredParams"`
	}
	err := json.Unmarshal(options, &o)
	return err == nil && o.Challenge != "" && o.User.ID != "" && o.RP != nil && o.Params != nil
}

// FinishWebAuthnRegistrationInput is the input of [FinishWebAuthnRegistration].
type FinishWebAuthnRegistrationInput struct {
	_ [0]func()

	// Credential is the browser's credential as RegistrationResponseJSON
	// (WebAuthn Level 3, section 5.1.8): what its toJSON method returns.
	// Required; the service gets it as it is.
	Credential json.RawMessage
}

// FinishWebAuthnRegistrationOutput is the output of
// [FinishWebAuthnRegistration].
type FinishWebAuthnRegistrationOutput struct {
	_ [0]func()

	CredentialID string `json:"credentialId"` // of the new passkey, as ListWebAuthnCredentials returns it
}

// FinishWebAuthnRegistration registers the passkey that the browser made
// (Cognito operation CompleteWebAuthnRegistration).
//
// Errors: [ErrInvalidInput] for what is no credential, before any request; those
// of [FetchAuthSession]; [ErrWebAuthnChallengeNotFound] where no registration is
// in progress, or one was begun too long ago; [ErrWebAuthnClientMismatch],
// [ErrWebAuthnOriginNotAllowed], [ErrWebAuthnRelyingPartyMismatch],
// [ErrWebAuthnCredentialNotSupported], [ErrWebAuthnNotEnabled],
// [ErrWebAuthnCredentialInvalid] for a credential that does not verify,
// [ErrLimitExceeded], [ErrMissingScope], [ErrPasswordResetRequired],
// [ErrTooManyRequests].
func FinishWebAuthnRegistration(ctx context.Context, s *Session, in FinishWebAuthnRegistrationInput) (*FinishWebAuthnRegistrationOutput, error) {
	id, credential := credentialField(in.Credential)
	if err := begin(s, opFinishPasskey, credential); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opFinishPasskey, func(ctx context.Context, cur *signedIn) error {
		return s.client.api.CompleteWebAuthnRegistration(ctx, cognito.CompleteWebAuthnRegistrationInput{
			AccessToken: cur.bundle.AccessToken, Credential: in.Credential,
		})
	}); err != nil {
		return nil, err
	}
	return &FinishWebAuthnRegistrationOutput{CredentialID: id}, nil
}

// maxCredential bounds what a browser may send. Attestations with long chains of
// certificates take some kilobytes.
const maxCredential = 64 << 10

// credentialField checks the form of a new credential, so that a page's mistake
// gets a clearer answer than the service's "Credential data is not valid". It
// also returns the credential's id.
func credentialField(credential json.RawMessage) (id string, f field) {
	f = field{name: "Credential"}
	var c struct {
		ID       string `json:"id"`
		RawID    string `json:"rawId"`
		Type     string `json:"type"`
		Response struct {
			ClientDataJSON    string `json:"clientDataJSON"`
			AttestationObject string `json:"attestationObject"`
		} `json:"response"`
	}
	switch {
	case len(credential) == 0:
		f.problem = "required"
	case len(credential) > maxCredential:
		f.problem = "longer than 64 KiB"
	case !utf8.Valid(credential):
		f.problem = notUTF8
	case json.Unmarshal(credential, &c) != nil:
		f.problem = "not a JSON object as RegistrationResponseJSON"
	case c.ID == "" || c.RawID == "" || c.Type == "":
		f.problem = "lacks id, rawId or type"
	case c.Response.ClientDataJSON == "" || c.Response.AttestationObject == "":
		f.problem = "lacks response.clientDataJSON or response.attestationObject"
	}
	return c.ID, f
}

// A WebAuthnCredential is a passkey that a person has registered. Its JSON is
// Amplify's.
type WebAuthnCredential struct {
	_ [0]func()

	CredentialID            string    `json:"credentialId"`                      // base64url, as the browser knows it
	FriendlyCredentialName  string    `json:"friendlyCredentialName"`            // made up by the service from what made the passkey
	RelyingPartyID          string    `json:"relyingPartyId"`                    // the domain that it is for
	AuthenticatorAttachment string    `json:"authenticatorAttachment,omitempty"` // "platform" or "cross-platform"
	AuthenticatorTransports []string  `json:"authenticatorTransports,omitzero"`  // as "internal", "usb"
	CreatedAt               time.Time `json:"createdAt,omitzero"`                // when it was registered
}

// ListWebAuthnCredentialsInput is the input of [ListWebAuthnCredentials].
type ListWebAuthnCredentialsInput struct {
	_ [0]func()

	PageSize  int    // at the most, 1 to 20; default what the service thinks fit
	NextToken string // of the output before; default the first page
}

// ListWebAuthnCredentialsOutput is the output of [ListWebAuthnCredentials]. Its
// JSON is Amplify's.
type ListWebAuthnCredentialsOutput struct {
	_ [0]func()

	Credentials []WebAuthnCredential `json:"credentials"`
	NextToken   string               `json:"nextToken,omitempty"` // "" after the last page
}

// maxPasskeyPage is the most that the service lists at once.
const maxPasskeyPage = 20

// ListWebAuthnCredentials returns a page of the passkeys of the person who is
// signed in (Cognito operation ListWebAuthnCredentials).
// [AllWebAuthnCredentials] goes through all pages.
//
// Errors: [ErrInvalidInput] for a PageSize that the service does not take, before
// any request; those of [FetchAuthSession]; [ErrInvalidParameter] for a foreign
// NextToken, [ErrLimitExceeded], [ErrMissingScope],
// [ErrPasswordResetRequired], [ErrTooManyRequests].
func ListWebAuthnCredentials(ctx context.Context, s *Session, in ListWebAuthnCredentialsInput) (*ListWebAuthnCredentialsOutput, error) {
	size := field{name: "PageSize"}
	if in.PageSize < 0 || in.PageSize > maxPasskeyPage {
		size.problem = "not between 1 and 20"
	}
	if err := begin(s, opListPasskeys, size, textField("NextToken", in.NextToken)); err != nil {
		return nil, err
	}
	out, _, err := s.listPasskeys(ctx, in)
	return out, err
}

func (s *Session) listPasskeys(ctx context.Context, in ListWebAuthnCredentialsInput) (*ListWebAuthnCredentialsOutput, *signedIn, error) {
	return authorized(ctx, s, opListPasskeys, func(ctx context.Context, cur *signedIn) (*ListWebAuthnCredentialsOutput, error) {
		list, next, err := s.client.api.ListWebAuthnCredentials(ctx, cognito.ListWebAuthnCredentialsInput{
			AccessToken: cur.bundle.AccessToken, Limit: in.PageSize, Next: in.NextToken,
		})
		out := &ListWebAuthnCredentialsOutput{Credentials: make([]WebAuthnCredential, len(list)), NextToken: next}
		for i, c := range list {
			out.Credentials[i] = WebAuthnCredential{
				CredentialID: c.ID, FriendlyCredentialName: c.FriendlyName, RelyingPartyID: c.RelyingPartyID,
				AuthenticatorAttachment: c.Attachment, AuthenticatorTransports: c.Transports, CreatedAt: c.Created,
			}
		}
		return out, err
	})
}

// AllWebAuthnCredentials returns the passkeys of the person who is signed in,
// asking for a page when the one before is used up (Cognito operation
// ListWebAuthnCredentials). The iterator may be used again and then asks again;
// it ends with the first error, one of those of [ListWebAuthnCredentials], or
// [ErrUnexpectedResponse] for a list that does not end.
func AllWebAuthnCredentials(ctx context.Context, s *Session) iter.Seq2[WebAuthnCredential, error] {
	return pages(s, opListPasskeys, func(next string) (page[WebAuthnCredential], error) {
		out, cur, err := s.listPasskeys(ctx, ListWebAuthnCredentialsInput{NextToken: next})
		if err != nil {
			return page[WebAuthnCredential]{}, err
		}
		return page[WebAuthnCredential]{out.Credentials, out.NextToken, cur.bundle.Subject}, nil
	})
}

// DeleteWebAuthnCredentialInput is the input of [DeleteWebAuthnCredential].
type DeleteWebAuthnCredentialInput struct {
	_ [0]func()

	CredentialID string // required: WebAuthnCredential.CredentialID
}

// DeleteWebAuthnCredentialOutput is the output of [DeleteWebAuthnCredential].
type DeleteWebAuthnCredentialOutput struct {
	_ [0]func()
}

// DeleteWebAuthnCredential deletes a passkey of the person who is signed in
// (Cognito operation DeleteWebAuthnCredential). The browser or the authenticator
// keeps its half until the person removes it there.
//
// Errors: [ErrInvalidInput] for an empty CredentialID, before any request; those
// of [FetchAuthSession]; [ErrResourceNotFound] for a passkey that the person does
// not have, [ErrLimitExceeded], [ErrMissingScope],
// [ErrPasswordResetRequired], [ErrTooManyRequests].
func DeleteWebAuthnCredential(ctx context.Context, s *Session, in DeleteWebAuthnCredentialInput) (*DeleteWebAuthnCredentialOutput, error) {
	if err := begin(s, opDeletePasskey, requiredField("CredentialID", in.CredentialID)); err != nil {
		return nil, err
	}
	if _, err := authorize(ctx, s, opDeletePasskey, func(ctx context.Context, cur *signedIn) error {
		return s.client.api.DeleteWebAuthnCredential(ctx, cognito.DeleteWebAuthnCredentialInput{
			AccessToken: cur.bundle.AccessToken, CredentialID: in.CredentialID,
		})
	}); err != nil {
		return nil, err
	}
	return &DeleteWebAuthnCredentialOutput{}, nil
}
