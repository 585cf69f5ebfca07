package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
	"github.com/cognitokit/auth/tokens"
)

// One client serves the whole process and any number of people. Making it sends
// no request.
func ExampleNewClient() {
	client, err := auth.NewClient(context.Background(), auth.Config{
		UserPoolID: "eu-west-1_AbC123def",
		ClientID:   "1example23456789",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: auth.Client{eu-west-1_AbC123def}
}

// Everything that is wrong with a configuration is reported at once.
func ExampleNewClient_problems() {
	_, err := auth.NewClient(context.Background(), auth.Config{UserPoolID: "AbC123def"})
	fmt.Println(err)
	// Output:
	// auth: new client: InvalidConfig: UserPoolID: not of the form "region_id"
	// auth: new client: InvalidConfig: ClientID: required
}

// A store that outlives the process keeps people signed in across restarts, and
// any host that shares it can serve the next request.
func ExampleConfig() {
	dir, err := os.MkdirTemp("", "sessions")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := tokens.NewFileStore(dir)
	if err != nil {
		log.Fatal(err)
	}

	cfg := auth.Config{
		UserPoolID:           "eu-west-1_AbC123def",
		ClientID:             "1example23456789",
		ClientSecret:         "of an app client that has one",
		Store:                store,
		RefreshTokenValidity: 7 * 24 * time.Hour, // as the app client says
		Logger:               slog.Default(),
	}
	fmt.Println(cfg) // without the secret
	// Output: auth.Config{eu-west-1_AbC123def}
}

// An API checks the access tokens of its callers.
func ExampleClient_Verifier() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	client := pool.Client()

	verifier := client.Verifier()
	api := func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		claims, err := verifier.VerifyAccess(r.Context(), token)
		if err != nil {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, "hello, ", claims.Username())
	}

	// Somebody signs in and calls the API.
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1"})
	s, err := auth.NewSession(client, "a random cookie value")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"}); err != nil {
		log.Fatal(err)
	}
	session, err := auth.FetchAuthSession(ctx, s, auth.FetchAuthSessionInput{})
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+string(session.Tokens.AccessToken))
	w := httptest.NewRecorder()
	api(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 200 hello, ana
}

// A server makes a session for each request, from the value of a cookie.
func ExampleNewSession() {
	pool, err := authtest.New(authtest.Config{})
	if err != nil {
		log.Fatal(err)
	}
	client := pool.Client()

	handler := func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("__Host-session")
		if err != nil {
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
			return
		}
		s, err := auth.NewSession(client, cookie.Value)
		if err != nil {
			http.Error(w, "empty cookie", http.StatusBadRequest)
			return
		}
		user, err := auth.GetCurrentUser(r.Context(), s)
		switch {
		case errors.Is(err, auth.ErrNotSignedIn), errors.Is(err, auth.ErrSessionExpired):
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		case err != nil:
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		default:
			fmt.Fprintln(w, "hello,", user.Username)
		}
	}

	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: "3kTJ9vA0r1hQyq5m2c8d"})
	w := httptest.NewRecorder()
	handler(w, r)
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 /sign-in
}

// A web application knows the browser by a second cookie, which stays when the
// person signs out. Devices that the pool remembers are kept under it.
func ExampleSession_OnDevice() {
	ctx := context.Background()
	pool, err := authtest.New(authtest.Config{
		MFA:     authtest.MFARequired,
		Devices: &authtest.DeviceTracking{ChallengeRequiredOnNewDevice: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	pool.AddUser(authtest.User{Name: "ana", Password: "Correct-horse-1", TOTP: true})
	const browser = "value of the long-lived cookie"

	s := pool.NewSession("cookie of today").OnDevice(browser)
	out, err := auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("today:", out.NextStep.Step)
	out, err = auth.ConfirmSignIn(ctx, s, auth.ConfirmSignInInput{
		ChallengeResponse: pool.TOTP("ana"),
		ClientContext:     auth.ClientContext{DeviceName: "Firefox on Linux"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("today:", out.NextStep.Step)

	// The device takes the place of the second factor.
	s = pool.NewSession("cookie of tomorrow").OnDevice(browser)
	out, err = auth.SignIn(ctx, s, auth.SignInInput{Username: "ana", Password: "Correct-horse-1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("tomorrow:", out.NextStep.Step)
	// Output:
	// today: CONFIRM_SIGN_IN_WITH_TOTP_CODE
	// today: DONE
	// tomorrow: DONE
}
