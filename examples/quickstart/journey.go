package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/cognitokit/auth"
)

// A journey is one person's way through the functions of package auth.
type journey struct {
	client *auth.Client
	s      *auth.Session
	person person
}

func (j journey) signUp(ctx context.Context) error {
	account := j.person.account()
	out, err := auth.SignUp(ctx, j.s, auth.SignUpInput{
		Username: account.username, Password: account.password,
		UserAttributes: map[string]string{"email": account.email},
	})
	if errors.Is(err, auth.ErrUsernameExists) {
		say("%s has an account already", account.username)
		return nil
	}
	if err != nil {
		return err
	}
	say("%s asks for an account; next step %s", account.username, out.NextStep.Step)
	if out.NextStep.Step == auth.SignUpStepDone {
		return nil
	}
	if d := out.NextStep.CodeDeliveryDetails; d != nil {
		say("the pool sends a code by %s to %s", d.DeliveryMedium, d.Destination)
	}
	for {
		code, err := j.person.confirmationCode()
		if err != nil {
			return err
		}
		confirmed, err := auth.ConfirmSignUp(ctx, j.s, auth.ConfirmSignUpInput{Username: account.username, ConfirmationCode: code})
		if errors.Is(err, auth.ErrCodeMismatch) {
			say("that code is wrong; the next one may be right")
			continue
		}
		if err != nil {
			return err
		}
		say("%s types the code; next step %s", account.username, confirmed.NextStep.Step)
		return nil
	}
}

func (j journey) signIn(ctx context.Context) error {
	account := j.person.account()
	out, err := auth.SignIn(ctx, j.s, auth.SignInInput{Username: account.username, Password: account.password})
	if err != nil {
		return err
	}
	for {
		say("next step %s", out.NextStep.Step)
		if out.IsSignedIn {
			return j.introduce(ctx)
		}
		answer, err := j.person.answer(out.NextStep)
		if err != nil {
			return err
		}
		next, err := auth.ConfirmSignIn(ctx, j.s, auth.ConfirmSignInInput{ChallengeResponse: answer})
		switch {
		case errors.Is(err, auth.ErrCodeMismatch), errors.Is(err, auth.ErrEnableSoftwareTokenMFA):
			say("that code is wrong; the attempt is still open")
		case err != nil:
			return err
		default:
			out = next
		}
	}
}

// introduce prints what the verified tokens say.
func (j journey) introduce(ctx context.Context) error {
	user, err := auth.GetCurrentUser(ctx, j.s)
	if err != nil {
		return err
	}
	session, err := auth.FetchAuthSession(ctx, j.s, auth.FetchAuthSessionInput{})
	if err != nil {
		return err
	}
	access, id := session.Tokens.AccessClaims, session.Tokens.IDClaims
	say("signed in as %s", user.Username)
	say("  sub      %s", user.UserID)
	say("  issuer   %s", access.Issuer())
	say("  scopes   %s", strings.Join(access.Scopes(), " "))
	say("  e-mail   %s (verified: %t)", id.Email(), id.EmailVerified())
	say("  expires  %s", until(session.ExpiresAt))
	return nil
}

// callAPI starts an API that accepts the client's access tokens and calls it.
// An API in a program of its own makes its verifier with tokens.NewVerifier: all
// it needs are the pool's id and public keys.
func (j journey) callAPI(ctx context.Context) error {
	verifier := j.client.Verifier()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		claims, err := verifier.VerifyAccess(r.Context(), token)
		if !ok || err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "hello, %s", claims.Username())
	}))
	defer api.Close()

	session, err := auth.FetchAuthSession(ctx, j.s, auth.FetchAuthSessionInput{})
	if err != nil {
		return err
	}
	for _, token := range []string{"", string(session.Tokens.AccessToken)} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL, nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := api.Client().Do(request)
		if err != nil {
			return err
		}
		text, err := readText(response)
		if err != nil {
			return err
		}
		who := "without a token"
		if token != "" {
			who = "with the token"
		}
		say("%s: %s: %s", who, response.Status, text)
	}
	return nil
}

func (j journey) refresh(ctx context.Context) error {
	before, err := auth.FetchAuthSession(ctx, j.s, auth.FetchAuthSessionInput{})
	if err != nil {
		return err
	}
	after, err := auth.FetchAuthSession(ctx, j.s, auth.FetchAuthSessionInput{ForceRefresh: true})
	if err != nil {
		return err
	}
	say("new access token: %t", before.Tokens.AccessToken != after.Tokens.AccessToken)
	say("same person: %t", before.UserSub == after.UserSub)
	say("signed in at %s, tokens expire %s", after.Tokens.AccessClaims.AuthTime().Format(time.TimeOnly), until(after.ExpiresAt))
	return nil
}

func (j journey) signOut(ctx context.Context) error { return j.leave(ctx, auth.SignOutInput{}) }

func (j journey) signOutEverywhere(ctx context.Context) error {
	return j.leave(ctx, auth.SignOutInput{Global: true})
}

func (j journey) leave(ctx context.Context, in auth.SignOutInput) error {
	out, err := auth.SignOut(ctx, j.s, in)
	if err != nil {
		return err
	}
	say("was signed in: %t, revoked: %t", out.WasSignedIn, out.Revoked)
	if _, err := auth.GetCurrentUser(ctx, j.s); !errors.Is(err, auth.ErrNotSignedIn) {
		return fmt.Errorf("still signed in: %w", err)
	}
	say("nobody is signed in now")
	return nil
}
