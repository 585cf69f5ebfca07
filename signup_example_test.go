package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

func ExampleSignUp() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	out, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username:       "ana",
		Password:       "Correct-horse-1",
		UserAttributes: map[string]string{"email": "ana@example.com", "name": "Ana"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	if sent := out.NextStep.CodeDeliveryDetails; sent != nil {
		fmt.Println("code sent by", sent.DeliveryMedium, "to", sent.Destination)
	}
	// Output:
	// next: CONFIRM_SIGN_UP
	// code sent by EMAIL to a***@e***
}

// What the person can do something about has a code of its own.
func ExampleSignUp_errors() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "bob", Password: "Correct-horse-1"})
	s := pool.NewSession("a random cookie value")

	for _, in := range []auth.SignUpInput{
		{Username: "bob", Password: "Correct-horse-1"},
		{Username: "ana", Password: "correct-horse-1"},
		{Username: "ana maria", Password: "Correct-horse-1"},
	} {
		_, err := auth.SignUp(ctx, s, in)
		e, _ := errors.AsType[*auth.Error](err)
		switch auth.CodeOf(err) {
		case auth.ErrUsernameExists:
			fmt.Println("this name is taken")
		case auth.ErrInvalidPassword:
			fmt.Println(e.Message)
		case auth.ErrInvalidInput:
			fmt.Println(e.Field, e.Message)
		default:
			log.Fatal(err)
		}
	}
	// Output:
	// this name is taken
	// Password did not conform with policy: Password must have uppercase characters
	// Username contains white space or control characters
}

// A wrong code leaves the right one usable.
func ExampleConfirmSignUp() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": "ana@example.com"},
	}); err != nil {
		log.Fatal(err)
	}

	for _, code := range []string{"not-the-code", pool.Code("ana")} {
		out, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: code})
		switch {
		case errors.Is(err, auth.ErrCodeMismatch):
			fmt.Println("this code is wrong, try again")
		case errors.Is(err, auth.ErrExpiredCode):
			fmt.Println("this code has expired, request another")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("next:", out.NextStep.Step)
		}
	}
	// Output:
	// this code is wrong, try again
	// next: DONE
}

// In a pool where e-mail addresses sign people in, the address can belong to an
// older account. ForceAliasCreation gives it to whoever has the code.
func ExampleConfirmSignUp_forceAliasCreation() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{AliasAttributes: []string{"email"}})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana-2019", Password: "Forgotten-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": "ana@example.com"},
	}); err != nil {
		log.Fatal(err)
	}

	in := auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")}
	_, err = auth.ConfirmSignUp(ctx, s, in)
	if errors.Is(err, auth.ErrAliasExists) {
		fmt.Println("the address signs in another account: take it over?")
		in.ForceAliasCreation = true
		_, err = auth.ConfirmSignUp(ctx, s, in)
	}
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana@example.com", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}
	user, err := auth.GetCurrentUser(ctx, s)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the address signs in", user.Username)
	// Output:
	// the address signs in another account: take it over?
	// the address signs in ana
}

func ExampleResendSignUpCode() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{
		Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com", Status: authtest.StatusUnconfirmed,
	})
	s := pool.NewSession("a random cookie value")

	out, err := auth.ResendSignUpCode(ctx, s, auth.ResendSignUpCodeInput{Username: "ana"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("another code was sent to", out.Destination)
	// Output: another code was sent to a***@e***
}

// Where the app client allows choice-based sign-in (USER_AUTH), whoever has just
// confirmed the account is signed in without typing anything again.
func ExampleAutoSignIn() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		ExplicitAuthFlows: []authtest.AuthFlow{authtest.AllowUser, authtest.AllowRefreshToken},
	})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	if _, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": "ana@example.com"},
		AutoSignIn: true,
	}); err != nil {
		log.Fatal(err)
	}
	confirmed, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", confirmed.NextStep.Step)

	out, err := auth.AutoSignIn(ctx, s, auth.AutoSignInInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output:
	// next: COMPLETE_AUTO_SIGN_IN
	// next: DONE
}

// Elsewhere the password is needed. It is never kept, so a page that still has
// it hands it in again.
func ExampleAutoSignIn_password() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	s := pool.NewSession("a random cookie value")

	if _, err := auth.SignUp(ctx, s, auth.SignUpInput{
		Username: "ana", Password: "Correct-horse-1", UserAttributes: map[string]string{"email": "ana@example.com"},
		AutoSignIn: true,
	}); err != nil {
		log.Fatal(err)
	}
	confirmed, err := auth.ConfirmSignUp(ctx, s, auth.ConfirmSignUpInput{Username: "ana", ConfirmationCode: pool.Code("ana")})
	if err != nil {
		log.Fatal(err)
	}

	var in auth.AutoSignInInput
	if confirmed.NextStep.PasswordRequired {
		in.Password = "Correct-horse-1"
	}
	out, err := auth.AutoSignIn(ctx, s, in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("next:", out.NextStep.Step)
	// Output: next: DONE
}
