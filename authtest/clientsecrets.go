package authtest

import (
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// maxClientSecrets is how many secrets of a client are right at a time.
const maxClientSecrets = 2

func newClientSecret() string { return randomString(52, lowerLetters+digits) }

type clientSecretDescriptor struct {
	ClientSecretID         string `json:"ClientSecretId"`
	ClientSecretValue      string `json:",omitempty"`
	ClientSecretCreateDate epoch
}

type addClientSecretRequest struct {
	UserPoolID   string `aws:"UserPoolId,UserPoolId,required"`
	ClientID     string `aws:"ClientId,ClientId,required"`
	ClientSecret string `aws:"ClientSecret,ClientSecret"`
}

type addClientSecretResponse struct {
	ClientSecretDescriptor clientSecretDescriptor
}

// addUserPoolClientSecret gives a client that has a secret a second one. Its
// value is only told if it was made up.
func addUserPoolClientSecret(c *call, r *addClientSecretRequest) (*addClientSecretResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	switch n := len(client.secrets); {
	case n == 0:
		return nil, invalidParameter(msgPublicClient)
	case n >= maxClientSecrets:
		return nil, fail(wire.ExceptionLimitExceeded, msgSecretLimit)
	}
	value := r.ClientSecret
	if value == "" {
		value = newClientSecret()
	}
	secret := client.addSecret(value, c.now)
	descriptor := secret.describe()
	if r.ClientSecret == "" {
		descriptor.ClientSecretValue = value
	}
	return &addClientSecretResponse{descriptor}, nil
}

func (s clientSecret) describe() clientSecretDescriptor {
	return clientSecretDescriptor{ClientSecretID: s.id, ClientSecretCreateDate: epoch(s.created)}
}

type listClientSecretsRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId,required"`
	NextToken  string `aws:"NextToken,PaginationKey"`
}

type listClientSecretsResponse struct {
	ClientSecrets []clientSecretDescriptor
}

// listUserPoolClientSecrets lists the secrets of a client without their
// values. They are all on the first page, so no token leads to another.
func listUserPoolClientSecrets(c *call, r *listClientSecretsRequest) (*listClientSecretsResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if r.NextToken != "" {
		return nil, invalidParameter(msgPaginationToken)
	}
	response := &listClientSecretsResponse{ClientSecrets: []clientSecretDescriptor{}}
	for _, secret := range client.secrets {
		response.ClientSecrets = append(response.ClientSecrets, secret.describe())
	}
	return response, nil
}

type deleteClientSecretRequest struct {
	UserPoolID     string `aws:"UserPoolId,UserPoolId,required"`
	ClientID       string `aws:"ClientId,ClientId,required"`
	ClientSecretID string `aws:"ClientSecretId,ClientSecretId,required"`
}

func deleteUserPoolClientSecret(c *call, r *deleteClientSecretRequest) (*empty, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(client.secrets, func(s clientSecret) bool { return s.id == r.ClientSecretID })
	switch {
	case i < 0:
		return nil, resourceNotFound(msgSecretNotFound)
	case len(client.secrets) == 1:
		return nil, invalidParameter(msgLastSecret)
	}
	client.secrets = slices.Delete(client.secrets, i, i+1)
	return &empty{}, nil
}
