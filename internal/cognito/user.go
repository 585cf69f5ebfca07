package cognito

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
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
	attributes := make(map[string]string, len(out.UserAttributes))
	for _, a := range out.UserAttributes {
		attributes[deref(a.Name)] = deref(a.Value)
	}
	return User{
		Username:     *out.Username,
		Attributes:   attributes,
		MFA:          out.UserMFASettingList,
		PreferredMFA: deref(out.PreferredMfaSetting),
	}, nil
}
