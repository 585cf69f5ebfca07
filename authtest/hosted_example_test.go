package authtest_test

import (
	"fmt"
	"log"

	"golang.org/x/oauth2"

	"github.com/cognitokit/auth/authtest"
)

// An application sends the browser to the domain's authorization endpoint, from
// where it goes to the login page.
func ExamplePool_DomainURL() {
	pool, err := authtest.New(authtest.Config{
		Domain: "shop",
		OAuth:  &authtest.OAuth{CallbackURLs: []string{"https://shop.example.com/callback"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:    pool.ClientID(),
		RedirectURL: "https://shop.example.com/callback",
		Scopes:      []string{"openid", "email"},
		Endpoint: oauth2.Endpoint{
			AuthURL:  pool.DomainURL() + "/oauth2/authorize",
			TokenURL: pool.DomainURL() + "/oauth2/token",
		},
	}
	verifier := oauth2.GenerateVerifier()
	browser := pool.HTTPClient()
	res, err := browser.Get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	fmt.Println(res.StatusCode, res.Request.URL.Host, res.Request.URL.Path)
	// Output: 200 shop.auth.eu-west-1.amazoncognito.com /login
}
