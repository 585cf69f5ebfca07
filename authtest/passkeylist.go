package authtest

import (
	"slices"
)

type listWebAuthnCredentialsRequest struct {
	AccessToken string `aws:"AccessToken,AccessToken,required"`
	NextToken   string `aws:"NextToken"`
	MaxResults  int    `aws:"MaxResults,PasskeyLimit"`
}

type listWebAuthnCredentialsResponse struct {
	Credentials []passkeyDescription
	NextToken   string `json:",omitempty"`
}

type passkeyDescription struct {
	AuthenticatorAttachment string `json:",omitempty"`
	AuthenticatorTransports []string
	CreatedAt               epoch
	CredentialID            string `json:"CredentialId"`
	FriendlyCredentialName  string
	RelyingPartyID          string `json:"RelyingPartyId"`
}

// listWebAuthnCredentials lists passkeys, oldest first. The token for the next
// page is the id of the last passkey of this one.
func listWebAuthnCredentials(c *call, r *listWebAuthnCredentialsRequest) (*listWebAuthnCredentialsResponse, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	all := g.user.passkeys
	if r.NextToken != "" {
		last := slices.IndexFunc(all, func(k *passkey) bool { return k.credentialID() == r.NextToken })
		if last < 0 {
			return nil, invalidParameter(msgPaginationToken)
		}
		all = all[last+1:]
	}
	response := &listWebAuthnCredentialsResponse{Credentials: []passkeyDescription{}}
	if r.MaxResults > 0 && r.MaxResults < len(all) {
		all = all[:r.MaxResults]
		response.NextToken = all[len(all)-1].credentialID()
	}
	for _, k := range all {
		response.Credentials = append(response.Credentials, passkeyDescription{
			AuthenticatorAttachment: k.attachment, AuthenticatorTransports: k.transports, CreatedAt: epoch(k.created),
			CredentialID: k.credentialID(), FriendlyCredentialName: k.friendlyName(), RelyingPartyID: k.relyingParty,
		})
	}
	return response, nil
}

type deleteWebAuthnCredentialRequest struct {
	AccessToken  string `aws:"AccessToken,AccessToken,required"`
	CredentialID string `aws:"CredentialId,SensitiveString,required"`
}

// deleteWebAuthnCredential deletes a passkey. With the last one goes the wish
// to use passkeys as a second factor.
func deleteWebAuthnCredential(c *call, r *deleteWebAuthnCredentialRequest) (*empty, *apiError) {
	g, err := c.bearer(r.AccessToken)
	if err != nil {
		return nil, err
	}
	u := g.user
	i := slices.IndexFunc(u.passkeys, func(k *passkey) bool { return k.credentialID() == r.CredentialID })
	if i < 0 {
		return nil, resourceNotFound(msgPasskeyNotFound)
	}
	u.passkeys = slices.Delete(u.passkeys, i, i+1)
	if len(u.passkeys) == 0 {
		u.mfa.passkeys = false
	}
	return &empty{}, nil
}
