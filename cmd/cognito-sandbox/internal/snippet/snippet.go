// Package snippet writes what has to be pasted somewhere for a client to find a
// sandbox.
package snippet

import (
	"fmt"
	"net"
	"net/url"
)

// Amplify returns the call that configures Amplify.
func Amplify(endpoint, poolID, clientID string) string {
	return fmt.Sprintf(`Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: '%s',
      userPoolClientId: '%s',
      userPoolEndpoint: '%s',
    },
  },
});
`, poolID, clientID, endpoint)
}

// AWS returns the environment of the AWS SDKs and of the AWS CLI. Any
// credentials will do, but they ask for some.
func AWS(endpoint, region string) string {
	return fmt.Sprintf(`export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=%s
export AWS_REGION=%s
export AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=sandbox
`, endpoint, region)
}

// Login returns the address of the sign-in page of a domain, for a client that
// gets a code at a callback URL. Browsers resolve all names below localhost.
func Login(endpoint, domain, clientID, callback string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	port := u.Port()
	if u.Host = domain + ".localhost"; port != "" {
		u.Host = net.JoinHostPort(u.Host, port)
	}
	u.Path = "/login"
	u.RawQuery = url.Values{"client_id": {clientID}, "response_type": {"code"}, "redirect_uri": {callback}}.Encode()
	return u.String()
}
