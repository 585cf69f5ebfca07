package authtest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A trigger is a function that reads an event's Request and fills in its
// Response, or refuses.
func ExampleTriggers() {
	pool, err := authtest.New(authtest.Config{Triggers: authtest.Triggers{
		PreSignUp: func(e *authtest.PreSignUpEvent) error {
			if !strings.HasSuffix(e.Request.UserAttributes["email"], "@example.com") {
				return errors.New("Only for colleagues")
			}
			e.Response.AutoConfirmUser = true
			return nil
		},
	}})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("default")
	for _, email := range []string{"eve@example.org", "ana@example.com"} {
		out, err := auth.SignUp(context.Background(), s, auth.SignUpInput{
			Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": email},
		})
		if e, ok := errors.AsType[*auth.Error](err); ok {
			fmt.Println(e.Message)
			continue
		}
		fmt.Println(out.NextStep.Step)
	}
	// Output:
	// PreSignUp failed with error Only for colleagues.
	// DONE
}

// LambdaTriggers runs functions elsewhere: here at a URL; with an Endpoint, by
// their ARNs, for instance at what "sam local start-lambda" serves.
func ExampleLambdaTriggers() {
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"errorMessage": "Sign-in is closed", "errorType": "Error"}`)
	}))
	defer function.Close()
	triggers, err := authtest.LambdaTriggers(authtest.LambdaConfig{PreAuthentication: function.URL})
	if err != nil {
		log.Fatal(err)
	}
	pool, err := authtest.New(authtest.Config{Triggers: triggers})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "correct horse"})
	_, err = auth.SignIn(context.Background(), pool.NewSession("default"), auth.SignInInput{Username: "ana", Password: "correct horse"})
	if e, ok := errors.AsType[*auth.Error](err); ok {
		fmt.Println(e.Message)
	}
	// Output: PreAuthentication failed with error Sign-in is closed.
}
