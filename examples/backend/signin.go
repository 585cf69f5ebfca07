package main

import (
	"net/http"

	"github.com/cognitokit/auth"
)

type credentials struct{ Username, Password string }

// signIn begins with the password, or without one with a passkey.
func signIn(x exchange, in credentials) error {
	request := auth.SignInInput{Username: in.Username, Password: in.Password, ClientContext: clientContext(x.r)}
	if in.Password == "" {
		request.AuthFlow, request.PreferredChallenge = auth.AuthFlowUser, "WEB_AUTHN"
	}
	out, err := auth.SignIn(x.r.Context(), x.s, request)
	return step(x, out, err)
}

type stepAnswer struct {
	Response   string            // a code, a new password, a choice, a passkey's credential
	Attributes map[string]string // with a new password, where the pool wants some
}

func confirmSignIn(x exchange, in stepAnswer) error {
	out, err := auth.ConfirmSignIn(x.r.Context(), x.s, auth.ConfirmSignInInput{
		ChallengeResponse: in.Response, UserAttributes: in.Attributes, ClientContext: clientContext(x.r),
	})
	return step(x, out, err)
}

// step answers with the next step. Whoever has taken the last one gets another
// session id.
func step(x exchange, out *auth.SignInOutput, err error) error {
	if err == nil && out.IsSignedIn {
		err = renew(x)
	}
	return answer(x, out, err)
}

type leaving struct{ Everywhere bool }

func signOut(x exchange, in leaving) error {
	out, err := auth.SignOut(x.r.Context(), x.s, auth.SignOutInput{Global: in.Everywhere})
	if err != nil {
		return err
	}
	leave(x)
	write(x.w, http.StatusOK, map[string]bool{"everywhere": out.SignedOutEverywhere})
	return nil
}
