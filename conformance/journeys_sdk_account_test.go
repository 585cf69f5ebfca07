package conformance

import (
	"encoding/json"

	"github.com/cognitokit/auth"
	"github.com/cognitokit/auth/authtest"
)

func sdkAccountJourneys() []*journey {
	return []*journey{
		{name: "sdk-sign-up", client: rolePlain, play: sdkSignUp},
		{name: "sdk-sign-up-with-code", client: rolePlain, inbox: true, play: sdkSignUpWithCode},
		{name: "sdk-account", client: rolePlain, needs: []string{"Policies"}, play: sdkAccount},
		{name: "sdk-forgotten-password", client: rolePlain, needs: []string{"AccountRecoverySetting"}, play: sdkForgottenPassword},
		{name: "sdk-passkeys", client: rolePlain, needs: []string{"Policies", "WebAuthnRelyingPartyID"}, play: sdkPasskeys},
	}
}

func sdkSignUp(r *run) {
	ana := r.person("ana")
	s := r.sdk("browser")
	up := auth.SignUpInput{Username: ana.name, Password: ana.password, UserAttributes: map[string]string{"email": ana.email}}
	r.act("sign up", documented, func() (any, error) { return auth.SignUp(r.ctx, s, up) })
	r.act("the name is taken", observed, func() (any, error) { return auth.SignUp(r.ctx, s, up) })
	r.signInAs("sign in before confirmation", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password, AuthFlow: auth.AuthFlowUserPassword})
	r.act("wrong code", observed, func() (any, error) {
		return auth.ConfirmSignUp(r.ctx, s, auth.ConfirmSignUpInput{Username: ana.name, ConfirmationCode: "000000"})
	})
	r.act("another code", documented, func() (any, error) {
		return auth.ResendSignUpCode(r.ctx, s, auth.ResendSignUpCodeInput{Username: ana.name})
	})
	r.prepare("AdminConfirmSignUp", r.onUser(ana, m{}))
	r.act("confirm a confirmed account", observed, func() (any, error) {
		return auth.ConfirmSignUp(r.ctx, s, auth.ConfirmSignUpInput{Username: ana.name, ConfirmationCode: "000000"})
	})
	r.signInAs("sign in", documented, s, auth.SignInInput{Username: ana.name, Password: ana.password})
}

func sdkSignUpWithCode(r *run) {
	ana := r.person("ana")
	s := r.sdk("browser")
	r.act("sign up", documented, func() (any, error) {
		return auth.SignUp(r.ctx, s, auth.SignUpInput{
			Username: ana.name, Password: ana.password, UserAttributes: map[string]string{"email": ana.email}, AutoSignIn: true,
		})
	})
	r.act("confirm", documented, func() (any, error) {
		return auth.ConfirmSignUp(r.ctx, s, auth.ConfirmSignUpInput{Username: ana.name, ConfirmationCode: r.code(ana)})
	})
	r.act("go on to sign in", documented, func() (any, error) { return auth.AutoSignIn(r.ctx, s, auth.AutoSignInInput{}) })
	r.fetchSession("tokens", documented, s, false)
}

func sdkAccount(r *run) {
	ana, changed := r.confirmed("ana"), r.person("changed")
	s := r.sdk("browser")
	r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	update := func(what string, c certainty, attributes map[string]string) {
		r.act(what, c, func() (any, error) {
			return auth.UpdateUserAttributes(r.ctx, s, auth.UpdateUserAttributesInput{UserAttributes: attributes})
		})
	}
	update("a name", documented, map[string]string{"name": ana.name})
	update("another address", documented, map[string]string{"email": changed.email})
	update("an attribute that the pool has not", inferred, map[string]string{"custom:x": "1"})
	r.act("wrong code", observed, func() (any, error) {
		return auth.ConfirmUserAttribute(r.ctx, s, auth.ConfirmUserAttributeInput{UserAttributeKey: "email", ConfirmationCode: "000000"})
	})
	r.act("no name", documented, func() (any, error) {
		return auth.DeleteUserAttributes(r.ctx, s, auth.DeleteUserAttributesInput{UserAttributeKeys: []string{"name"}})
	})
	r.act("look", documented, func() (any, error) { return auth.FetchUserAttributes(r.ctx, s) })
	next := r.password("new password")
	change := func(what string, c certainty, before, after string) {
		r.act(what, c, func() (any, error) {
			return auth.UpdatePassword(r.ctx, s, auth.UpdatePasswordInput{OldPassword: before, NewPassword: after})
		})
	}
	change("wrong password", observed, ana.wrong, next)
	change("a weak password", observed, ana.password, "Aa1!wxy")
	change("a new password", documented, ana.password, next)
	r.act("delete", documented, func() (any, error) { return auth.DeleteUser(r.ctx, s) })
	r.fetchSession("nobody is signed in", documented, s, false)
	r.signInAs("sign in to what is deleted", observed, s, auth.SignInInput{Username: ana.name, Password: next})
}

func sdkForgottenPassword(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	s := r.sdk("browser")
	reset := func(what string, c certainty, p *person) {
		r.act(what, c, func() (any, error) { return auth.ResetPassword(r.ctx, s, auth.ResetPasswordInput{Username: p.name}) })
	}
	reset("forgotten", documented, ana)
	r.act("wrong code", observed, func() (any, error) {
		return auth.ConfirmResetPassword(r.ctx, s, auth.ConfirmResetPasswordInput{Username: ana.name, ConfirmationCode: "000000", NewPassword: ana.wrong})
	})
	reset("forgotten by nobody", observed, nobody)
	bob := r.person("bob")
	r.create(bob)
	reset("forgotten with a temporary password", observed, bob)
}

func sdkPasskeys(r *run) {
	r.scrub.know(relyingParty, "relying party")
	ana := r.confirmed("ana")
	browser := authtest.NewAuthenticator("https://" + relyingParty)
	s := r.sdk("browser")
	r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	var credential json.RawMessage
	r.act("start", documented, func() (any, error) {
		out, err := auth.BeginWebAuthnRegistration(r.ctx, s)
		if err != nil {
			return nil, err
		}
		credential, err = browser.Create(out.Options)
		return out, err
	})
	r.act("register", documented, func() (any, error) {
		return auth.FinishWebAuthnRegistration(r.ctx, s, auth.FinishWebAuthnRegistrationInput{Credential: credential})
	})
	r.act("list", documented, func() (any, error) {
		return auth.ListWebAuthnCredentials(r.ctx, s, auth.ListWebAuthnCredentialsInput{})
	})
	again := r.sdk("another browser")
	out := r.signInAs("sign in with it", documented, again, auth.SignInInput{Username: ana.name, AuthFlow: auth.AuthFlowUser, PreferredChallenge: "WEB_AUTHN"})
	if out == nil {
		r.stop("there is no challenge")
	}
	assertion, err := browser.Get(out.NextStep.WebAuthnOptions)
	if err != nil {
		r.stop("%v", err)
	}
	r.confirmSignIn("sign in with it, assertion", documented, again, string(assertion))
	r.fetchSession("tokens", documented, again, false)
}
