package authtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxIdentities bounds the external identities of a user.
const maxIdentities = 5

// An identity is a user of an external provider, linked to one of the pool.
type identity struct {
	userID   string
	provider string
	kind     string // the provider's type
	linked   time.Time
	primary  bool // whether the user was made for it
}

// identityClaim is an identity in the claim and the attribute "identities".
type identityClaim struct {
	UserID       string  `json:"userId"`
	ProviderName string  `json:"providerName"`
	ProviderType string  `json:"providerType"`
	Issuer       *string `json:"issuer"`
	Primary      string  `json:"primary"`
	DateCreated  string  `json:"dateCreated"`
}

// identityClaims are the user's identities as tokens have them: flags and
// times are strings.
func (u *user) identityClaims() []identityClaim {
	claims := make([]identityClaim, 0, len(u.identities))
	for _, i := range u.identities {
		claims = append(claims, identityClaim{
			UserID: i.userID, ProviderName: i.provider, ProviderType: i.kind,
			Primary: strconv.FormatBool(i.primary), DateCreated: strconv.FormatInt(i.linked.UnixMilli(), 10),
		})
	}
	return claims
}

// identitiesAttribute is the value of the attribute "identities".
func (u *user) identitiesAttribute() string {
	text, err := json.Marshal(u.identityClaims())
	if err != nil {
		panic("authtest: encoding identities: " + err.Error())
	}
	return string(text)
}

type providerUser struct {
	ProviderName           string `aws:"ProviderName,ProviderName"`
	ProviderAttributeName  string `aws:"ProviderAttributeName"`
	ProviderAttributeValue string `aws:"ProviderAttributeValue,SensitiveString"`
}

const (
	destinationProvider = "Cognito"
	attributeSubject    = "Cognito_Subject"
)

type linkProviderRequest struct {
	UserPoolID      string       `aws:"UserPoolId,,required"`
	DestinationUser providerUser `aws:"DestinationUser,,required"`
	SourceUser      providerUser `aws:"SourceUser,,required"`
}

// adminLinkProviderForUser links an external user, who has not signed in yet,
// to a user of the pool.
func adminLinkProviderForUser(c *call, r *linkProviderRequest) (*empty, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	source := r.SourceUser
	switch {
	case r.DestinationUser.ProviderName != destinationProvider:
		return nil, invalidParameter(msgDestinationUser)
	case source.ProviderName == destinationProvider:
		return nil, invalidParameter(msgSourceUser)
	case source.ProviderAttributeName == "" || source.ProviderAttributeValue == "":
		return nil, invalidParameter(msgSourceAttribute)
	}
	provider, err := c.provider(r.UserPoolID, source.ProviderName)
	if err != nil {
		return nil, err
	}
	u := c.pool.users.findAny(r.DestinationUser.ProviderAttributeValue)
	if u == nil {
		return nil, userNotFound(msgUserNotFound)
	}
	if _, owner := c.pool.users.identity(source.ProviderName, source.ProviderAttributeValue); owner != nil {
		return nil, invalidParameter(msgSourceLinked)
	}
	if len(u.identities) >= maxIdentities {
		return nil, fail(wire.ExceptionLimitExceeded, msgIdentityLimit)
	}
	u.identities = append(u.identities, identity{
		userID: source.ProviderAttributeValue, provider: provider.name, kind: provider.kind, linked: c.now,
	})
	u.modified = c.now
	return &empty{}, nil
}

// identity returns where in a user's list an external identity is, and the
// user; nil if nobody has it.
func (d *directory) identity(provider, userID string) (int, *user) {
	for _, u := range d.ordered {
		i := slices.IndexFunc(u.identities, func(i identity) bool { return i.provider == provider && i.userID == userID })
		if i >= 0 {
			return i, d.touch(u)
		}
	}
	return 0, nil
}

type disableProviderRequest struct {
	UserPoolID string       `aws:"UserPoolId,,required"`
	User       providerUser `aws:"User,,required"`
}

// adminDisableProviderForUser takes an external identity off the user it is
// linked to. Users of the pool itself keep their password.
func adminDisableProviderForUser(c *call, r *disableProviderRequest) (*empty, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	if r.User.ProviderName == destinationProvider {
		return nil, invalidParameter(msgDisableLocal)
	}
	if _, err := c.provider(r.UserPoolID, r.User.ProviderName); err != nil {
		return nil, err
	}
	i, u := c.pool.users.identity(r.User.ProviderName, r.User.ProviderAttributeValue)
	if u == nil {
		return nil, userNotFound(msgUserNotFound)
	}
	u.identities = slices.Delete(u.identities, i, i+1)
	u.modified = c.now
	return &empty{}, nil
}
