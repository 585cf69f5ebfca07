package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

func ExampleError() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Disabled: true})
	s := pool.NewSession("a random cookie value")

	_, err = auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if e, ok := errors.AsType[*auth.Error](err); ok {
		fmt.Println("text:", e)
		fmt.Println("code:", e.Code == auth.ErrUserDisabled)
		fmt.Println("status:", e.Status)
		fmt.Println("the service's words:", e.Message)
	}

	// The finer code is also the coarser one, and the AWS SDK's error is there.
	_, ok := errors.AsType[*types.NotAuthorizedException](err)
	fmt.Println(errors.Is(err, auth.ErrNotAuthorized), ok)
	// Output:
	// text: auth: sign in: UserDisabled
	// code: true
	// status: 400
	// the service's words: User is disabled.
	// true true
}

// Input that cannot be right is refused before anything is sent. Several
// problems are reported together.
func ExampleError_field() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	_, err = auth.SignIn(ctx, s, auth.SignInInput{})
	fmt.Println(err)
	// Output:
	// auth: sign in: InvalidInput: Username: required
	// auth: sign in: InvalidInput: Password: required
}

// A Lambda trigger's own words are meant for the person.
func ExampleError_Trigger() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{Triggers: authtest.Triggers{
		PreSignUp: func(*authtest.PreSignUpEvent) error { return errors.New("Registration closed in May") },
	}})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	_, err = auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana", Password: "Correct-horse-1"})
	if e, ok := errors.AsType[*auth.Error](err); ok {
		if trigger, words, ok := e.Trigger(); ok {
			fmt.Println(trigger+":", words)
		}
	}
	fmt.Println(err) // a trigger may say anything, so it is not in the text
	// Output:
	// PreSignUp: Registration closed in May
	// auth: sign up: UserLambdaValidationException
}

// A trigger that cannot be run is named too. What went wrong with it is for the
// log, not for the person.
func ExampleError_Trigger_notRun() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")
	pool.Inject(authtest.Fault{
		Operation: "SignUp", Code: string(auth.ErrUnexpectedLambda),
		Message: "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.",
	})

	_, err = auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana", Password: "Correct-horse-1"})
	if e, ok := errors.AsType[*auth.Error](err); ok {
		trigger, reason, _ := e.Trigger()
		fmt.Printf("%s: %s\n", trigger, reason)
	}
	// Output: PostConfirmation: Socket timeout while invoking Lambda function
}

// The pool's policy says which of its rules a password breaks.
func ExampleError_PasswordPolicy() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{PasswordPolicy: &authtest.PasswordPolicy{MinimumLength: 12, RequireNumbers: true}})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	for _, password := range []string{"correct", "correct-horse", "correct-horse-1"} {
		_, err = auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana", Password: password})
		if e, ok := errors.AsType[*auth.Error](err); ok {
			rule, _ := e.PasswordPolicy()
			fmt.Println(rule)
		}
	}
	// Output:
	// Password not long enough
	// Password must have numeric characters
}

// Codes are errors, for errors.Is. Those of the service are the names of its
// exceptions; one that is not listed passes through.
func ExampleErrorCode() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")
	pool.FailNext("SignUp", "QuantumFluxException")

	_, err = auth.SignUp(ctx, s, auth.SignUpInput{Username: "ana", Password: "Correct-horse-1"})
	fmt.Println(errors.Is(err, auth.ErrorCode("QuantumFluxException")))
	// Output: true
}

// A switch over the code suits a function that maps errors to answers.
func ExampleCodeOf() {
	answer := func(err error) string {
		switch auth.CodeOf(err) {
		case "":
			return "that is no error of this package"
		case auth.ErrCodeMismatch, auth.ErrEnableSoftwareTokenMFA:
			return "this code is wrong"
		case auth.ErrExpiredCode:
			return "this code has expired"
		case auth.ErrTooManyRequests, auth.ErrLimitExceeded, auth.ErrPasswordAttemptsExceeded:
			return "wait a while"
		}
		return "try again later"
	}

	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{
		Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", Status: authtest.StatusUnconfirmed,
	})
	s := pool.NewSession("a random cookie value")
	_, err = auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: "123456"})
	fmt.Println(answer(err)) // no code was sent yet
	// Output: this code has expired
}

// What a handler of a web application answers with. A wrong password and an
// unknown user look alike.
func ExampleHTTPStatus() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := auth.SignIn(r.Context(), s, auth.SignInInput{Username: r.FormValue("name"), Password: r.FormValue("password")})
		if err != nil {
			http.Error(w, auth.CodeOf(err).RecoverySuggestion(), auth.HTTPStatus(err))
		}
	})

	for _, form := range []string{"name=ana&password=wrong", "name=bob&password=wrong", "name=ana", "name=ana&password=Correct-horse-1"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, "/?"+form, nil))
		fmt.Println(strings.TrimSpace(fmt.Sprintln(answer.Code, answer.Body)))
	}
	// Output:
	// 401 Check your user name and password and try again.
	// 401 Check your user name and password and try again.
	// 400 Check what you entered and try again.
	// 200
}

// Suggestions are fixed sentences, safe to show. Without one, the person can do
// nothing.
func ExampleErrorCode_RecoverySuggestion() {
	for _, code := range []auth.ErrorCode{auth.ErrExpiredCode, auth.ErrNoVerifiedContact, auth.ErrClientSecret} {
		fmt.Printf("%s: %q\n", string(code), code.RecoverySuggestion())
	}
	// Output:
	// ExpiredCodeException: "Request another code."
	// NoVerifiedContact: "Contact support to reset your password."
	// ClientSecret: ""
}

// An outage is told from a refusal: only a refusal is an answer of the service.
func ExampleIsRemote() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	_, err = auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "nobody"})
	fmt.Println(auth.IsRemote(err), err)

	pool.Inject(authtest.Fault{Operation: "ResendConfirmationCode", DropRequest: true})
	_, err = auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "nobody"})
	fmt.Println(auth.IsRemote(err), err)
	// Output:
	// true auth: resend sign up code: UserNotFoundException
	// false auth: resend sign up code: NetworkError
}
