package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

// A person who forgot the password asks for a code, and chooses a new password
// with it. Nobody is signed in meanwhile.
func ExampleResetPassword() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	out, err := auth.ResetPassword(ctx, s, auth.ResetPasswordInput{Username: "ana"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.NextStep.Step)
	fmt.Println("a code went to", out.NextStep.CodeDeliveryDetails.Destination)
	// Output:
	// CONFIRM_RESET_PASSWORD_WITH_CODE
	// a code went to a***@e***
}

// Who cannot be helped by a code is told what does.
func ExampleResetPassword_deadEnds() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	pool.AddUser(authtest.User{Name: "new", Password: "Temporary-1", Email: "new@example.com", Status: authtest.StatusForceChangePassword})
	pool.AddUser(authtest.User{Name: "mute", Password: "Correct-horse-1"})
	for _, name := range []string{"new", "mute"} {
		_, err := auth.ResetPassword(ctx, s, auth.ResetPasswordInput{Username: name})
		switch {
		case errors.Is(err, auth.ErrPasswordNotResettable):
			fmt.Println(name + ": sign in with the temporary password")
		case errors.Is(err, auth.ErrNoVerifiedContact):
			fmt.Println(name + ": ask the help desk")
		}
	}
	// Output:
	// new: sign in with the temporary password
	// mute: ask the help desk
}

// A password that the pool does not accept leaves the code usable.
func ExampleConfirmResetPassword() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")

	if _, err := auth.ResetPassword(ctx, s, auth.ResetPasswordInput{Username: "ana"}); err != nil {
		log.Fatal(err)
	}
	for _, password := range []string{"horse-1", "Better-horse-2"} {
		_, err := auth.ConfirmResetPassword(ctx, s, auth.ConfirmResetPasswordInput{
			Username: "ana", ConfirmationCode: pool.Code("ana"), NewPassword: password,
		})
		if e, ok := errors.AsType[*auth.Error](err); ok {
			rule, _ := e.PasswordPolicy()
			fmt.Println("choose another:", rule)
		}
	}
	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Better-horse-2"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in:", out.IsSignedIn)
	// Output:
	// choose another: Password not long enough
	// signed in: true
}

// A page for it asks for the old password too.
func ExampleUpdatePassword() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", Email: "ana@example.com"})
	s := pool.NewSession("a random cookie value")
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}

	for _, old := range []string{"not the password", "Correct-horse-1"} {
		_, err := auth.UpdatePassword(ctx, s, auth.UpdatePasswordInput{OldPassword: old, NewPassword: "Better-horse-2"})
		fmt.Println("changed:", err == nil, string(auth.CodeOf(err)))
	}
	// Output:
	// changed: false NotAuthorizedException
	// changed: true
}
