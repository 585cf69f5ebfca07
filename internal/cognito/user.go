package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// User is what [Client.GetUser] returns.
type User struct {
	// Username is the user's own name in the pool.
	Username string

	// Attributes are those that the app client may read, sub among them.
	Attributes map[string]string

	// MFA lists the factors that are set up, such as "SOFTWARE_TOKEN_MFA".
	MFA []string

	// PreferredMFA is the one that sign-in asks for, empty if none is preferred.
	PreferredMFA string

	// MFAOptions is how codes were delivered before MFA lists existed: SMS
	// alone.
	MFAOptions []MFAOption
}

// MFAOption is a way to deliver codes of the legacy kind.
type MFAOption struct {
	Medium    string // "SMS"
	Attribute string // "phone_number"
}

// GetUser returns the user whom an access token belongs to (operation GetUser).
func (c *Client) GetUser(ctx context.Context, accessToken string) (User, error) {
	const name = "GetUser"
	out, err := call(ctx, c, operation{name: name, repeatable: true}, &idp.GetUserInput{
		AccessToken: &accessToken,
	}, c.api.GetUser)
	switch {
	case err != nil:
		return User{}, err
	case deref(out.Username) == "":
		return User{}, malformed(name, out.ResultMetadata)
	}
	user := User{
		Username:     *out.Username,
		Attributes:   attributeMap(out.UserAttributes),
		MFA:          out.UserMFASettingList,
		PreferredMFA: deref(out.PreferredMfaSetting),
	}
	for _, o := range out.MFAOptions {
		user.MFAOptions = append(user.MFAOptions, MFAOption{Medium: string(o.DeliveryMedium), Attribute: deref(o.AttributeName)})
	}
	return user, nil
}

// attributeMap is the counterpart of attributes.
func attributeMap(list []types.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[deref(a.Name)] = deref(a.Value)
	}
	return m
}

// DeleteUser deletes the account of a signed-in user (operation DeleteUser).
func (c *Client) DeleteUser(ctx context.Context, accessToken string) error {
	_, err := call(ctx, c, operation{name: "DeleteUser"}, &idp.DeleteUserInput{
		AccessToken: &accessToken,
	}, c.api.DeleteUser)
	return err
}
