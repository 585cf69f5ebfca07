package authtest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// In a test, NewPool cleans up after itself and fails the test on requests
// that no user pool would understand.
func ExampleNewPool() {
	test := func(t *testing.T) { // in your code: func TestSignIn(t *testing.T)
		pool := authtest.NewPool(t, authtest.Config{MFA: authtest.MFAOptional})
		pool.AddUser(authtest.User{Name: "ana", Password: "correct horse", TOTP: true})
		s := pool.NewSession("browser-1")

		out, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: "correct horse"})
		if err != nil || out.NextStep.Step != auth.SignInStepConfirmWithTOTPCode {
			t.Fatal(out, err)
		}
		out, err = auth.ConfirmSignIn(t.Context(), s, auth.ConfirmSignInInput{ChallengeResponse: pool.TOTP("ana")})
		if err != nil || !out.IsSignedIn {
			t.Fatal(out, err)
		}
	}
	fmt.Println(testing.RunTests(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "TestSignIn", F: test}}))
	// Output: true
}

// A program that is not a test makes its pool with New.
func ExampleNew() {
	pool, err := authtest.New(authtest.Config{PoolID: "eu-west-1_AbC123def", ClientID: "demo"})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("default")
	ctx := context.Background()
	signUp, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": "ana@example.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signUp.NextStep.Step, pool.Inbox("ana"))
	if _, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")}); err != nil {
		log.Fatal(err)
	}
	signIn, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signIn.NextStep.Step)
	// Output:
	// CONFIRM_SIGN_UP [SignUp by EMAIL to a***@e***]
	// DONE
}

// Failures can be scripted: here the service is out of order for one request,
// and in the next one the answer is lost.
func ExamplePool_Inject() {
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	client := pool.HTTPClient()
	keys := pool.Issuer() + "/.well-known/jwks.json"
	pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, HTML: true})
	pool.Inject(authtest.Fault{Operation: authtest.OperationJWKS, DropResponse: true})
	for range 3 {
		res, err := client.Get(keys)
		if err != nil {
			fmt.Println("no answer")
			continue
		}
		res.Body.Close()
		fmt.Println(res.StatusCode, res.Header.Get("Content-Type"))
	}
	// Output:
	// 503 text/html; charset=utf-8
	// no answer
	// 200 application/json
}

// A pool takes part in a testing/synctest bubble: tokens expire in no time.
func ExamplePool_Transport() {
	refreshed := false
	test := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			pool := authtest.NewPool(t, authtest.Config{})
			pool.AddUser(authtest.User{Name: "ana", Password: "correct horse"})
			s := pool.NewSession("browser-1")
			if _, err := auth.SignIn(t.Context(), s, auth.SignInInput{Username: "ana", Password: "correct horse"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if _, err := auth.FetchAuthSession(t.Context(), s, auth.FetchAuthSessionInput{}); err != nil {
				t.Fatal(err)
			}
			for _, r := range pool.Requests() {
				refreshed = refreshed || r.Operation == "GetTokensFromRefreshToken"
			}
		})
	}
	testing.RunTests(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "TestRefresh", F: test}})
	fmt.Println("refreshed:", refreshed)
	// Output: refreshed: true
}

// Other processes reach a pool at a loopback address.
func ExamplePool_Start() {
	pool, err := authtest.New(authtest.Config{PoolID: "eu-west-1_AbC123def"})
	if err != nil {
		log.Fatal(err)
	}
	res, err := http.Get(pool.Start() + "/eu-west-1_AbC123def/.well-known/openid-configuration")
	if err != nil {
		log.Fatal(err)
	}
	res.Body.Close()
	pool.Close()
	fmt.Println(res.Status)
	// Output: 200 OK
}

// FailNext makes one request fail the way the service would.
func ExamplePool_FailNext() {
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "correct horse"})
	pool.FailNext("InitiateAuth", auth.ErrForbidden)
	s := pool.NewSession("default")
	for range 2 {
		out, err := auth.SignIn(context.Background(), s, auth.SignInInput{Username: "ana", Password: "correct horse"})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(out.NextStep.Step)
	}
	// Output:
	// auth: sign in: ForbiddenException
	// DONE
}
