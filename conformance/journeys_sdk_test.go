package conformance

import (
	"time"

	"github.com/cognitokit/auth"
)

// The journeys below are those of package auth: what it asks the service, and
// what it makes of the answers.

func sdkJourneys() []*journey {
	return []*journey{
		{name: "sdk-sign-in", client: rolePlain, play: sdkSignIn},
		{name: "sdk-sign-in-with-password", client: rolePlain, play: sdkSignInWithPassword},
		{name: "sdk-sign-in-with-secret", client: roleSecret, needs: []string{"GenerateSecret"}, play: sdkSignIn},
		{name: "sdk-sign-in-rotating", client: roleRotating, needs: []string{"RefreshTokenRotation"}, play: sdkSignIn},
		{name: "sdk-new-password", client: rolePlain, needs: []string{"Policies"}, play: sdkNewPassword},
		{name: "sdk-totp", client: rolePlain, needs: []string{"EnabledMfas", "MfaConfiguration"}, play: sdkTOTP},
		{name: "sdk-mfa-set-up", client: roleMFA, needs: []string{"EnabledMfas", "MfaConfiguration"}, play: sdkMFASetUp},
		{name: "sdk-devices", client: roleDevices, needs: []string{"DeviceConfiguration"}, play: sdkDevices},
		{name: "sdk-choice", client: rolePlain, needs: []string{"Policies"}, play: sdkChoice},
	}
}

// signInAs takes a step with auth.SignIn.
func (r *run) signInAs(what string, c certainty, s *auth.Session, in auth.SignInInput) *auth.SignInOutput {
	var out *auth.SignInOutput
	r.act(what, c, func() (_ any, err error) {
		out, err = auth.SignIn(r.ctx, s, in)
		return out, err
	})
	return out
}

// confirmSignIn takes a step with auth.ConfirmSignIn.
func (r *run) confirmSignIn(what string, c certainty, s *auth.Session, answer string) {
	r.act(what, c, func() (any, error) {
		return auth.ConfirmSignIn(r.ctx, s, auth.ConfirmSignInInput{ChallengeResponse: answer})
	})
}

// fetchSession takes a step with auth.FetchAuthSession.
func (r *run) fetchSession(what string, c certainty, s *auth.Session, force bool) {
	r.act(what, c, func() (any, error) {
		return auth.FetchAuthSession(r.ctx, s, auth.FetchAuthSessionInput{ForceRefresh: force})
	})
}

func (r *run) signOut(what string, s *auth.Session, everywhere bool) {
	r.act(what, documented, func() (any, error) {
		return auth.SignOut(r.ctx, s, auth.SignOutInput{Global: everywhere})
	})
}

// sdkSignIn is a whole session, begun with SRP.
func sdkSignIn(r *run) {
	ana, nobody := r.confirmed("ana"), r.person("nobody")
	s := r.sdk("browser")
	r.fetchSession("nobody is signed in", documented, s, false)
	r.signInAs("wrong password", observed, s, auth.SignInInput{Username: ana.name, Password: ana.wrong})
	r.signInAs("nobody has the name", observed, s, auth.SignInInput{Username: nobody.name, Password: nobody.password})
	r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.fetchSession("tokens", documented, s, false)
	r.act("who it is", documented, func() (any, error) { return auth.GetCurrentUser(r.ctx, s) })
	r.act("look at the account", documented, func() (any, error) { return auth.FetchUser(r.ctx, s) })
	r.sleep(2 * time.Second)
	r.fetchSession("refresh", documented, s, true)
	r.fetchSession("refresh again", documented, s, true)
	r.signOut("sign out", s, false)
	r.settle()
	r.fetchSession("nobody is signed in any more", documented, s, false)
	here, there := s, r.sdk("another browser")
	r.signInAs("sign in here", observed, here, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.signInAs("sign in there", observed, there, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.signOut("sign out everywhere", here, true)
	r.settle()
	r.fetchSession("refresh there", observed, there, true)
}

func sdkSignInWithPassword(r *run) {
	ana := r.confirmed("ana")
	s := r.sdk("browser", func(cfg *auth.Config) { cfg.AuthFlow = auth.AuthFlowUserPassword })
	r.signInAs("wrong password", observed, s, auth.SignInInput{Username: ana.name, Password: ana.wrong})
	r.signInAs("sign in", documented, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.prepare("AdminDisableUser", r.onUser(ana, m{}))
	r.settle()
	r.act("look at the disabled account", inferred, func() (any, error) { return auth.FetchUser(r.ctx, s) })
	r.signInAs("sign in to the disabled account", observed, r.sdk("another browser", func(cfg *auth.Config) { cfg.AuthFlow = auth.AuthFlowUserPassword }),
		auth.SignInInput{Username: ana.name, Password: ana.password})
}

func sdkNewPassword(r *run) {
	ana := r.person("ana")
	r.create(ana)
	s := r.sdk("browser")
	r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.confirmSignIn("a weak password", inferred, s, "Aa1!wxy")
	r.confirmSignIn("a new password", documented, s, r.password("new password"))
	r.fetchSession("tokens", documented, s, false)
}

func sdkTOTP(r *run) {
	ana := r.confirmed("ana")
	s := r.sdk("browser")
	r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	var app *authenticatorApp
	r.act("the secret", documented, func() (any, error) {
		out, err := auth.SetUpTOTP(r.ctx, s)
		if err == nil {
			app = r.app(out.SharedSecret)
		}
		return out, err
	})
	if app == nil {
		r.stop("there is no secret")
	}
	verify := func(what string, c certainty, code string) {
		r.act(what, c, func() (any, error) { return auth.VerifyTOTPSetup(r.ctx, s, auth.VerifyTOTPSetupInput{Code: code}) })
	}
	verify("wrong first code", observed, app.wrongCode())
	verify("the first code", documented, r.totp(app))
	prefer := func(what string, p auth.MFAPreference) {
		r.act(what, documented, func() (any, error) {
			return auth.UpdateMFAPreference(r.ctx, s, auth.UpdateMFAPreferenceInput{TOTP: p})
		})
	}
	prefer("turn on", auth.MFAPreferencePreferred)
	r.act("look at the factors", documented, func() (any, error) { return auth.FetchMFAPreference(r.ctx, s) })
	again := r.sdk("another browser")
	r.signInAs("sign in with it", documented, again, auth.SignInInput{Username: ana.name, Password: ana.password})
	r.confirmSignIn("wrong code", observed, again, app.wrongCode())
	r.confirmSignIn("right code", documented, again, r.totp(app))
	r.fetchSession("tokens", documented, again, false)
	prefer("turn off", auth.MFAPreferenceDisabled)
	r.signInAs("sign in without it", documented, r.sdk("third browser"), auth.SignInInput{Username: ana.name, Password: ana.password})
}

func sdkMFASetUp(r *run) {
	ana := r.confirmed("ana")
	s := r.sdk("browser")
	out := r.signInAs("sign in", observed, s, auth.SignInInput{Username: ana.name, Password: ana.password})
	if out == nil || out.NextStep.TOTPSetupDetails == nil {
		r.stop("there is no secret")
	}
	app := r.app(out.NextStep.TOTPSetupDetails.SharedSecret)
	r.confirmSignIn("wrong first code", observed, s, app.wrongCode())
	r.confirmSignIn("the first code", observed, s, r.totp(app))
	r.fetchSession("tokens", documented, s, false)
}

func sdkDevices(r *run) {
	ana := r.confirmed("ana")
	s := r.sdk("browser")
	in := auth.SignInInput{Username: ana.name, Password: ana.password}
	r.signInAs("sign in", documented, s, in)
	r.act("list", documented, func() (any, error) { return auth.FetchDevices(r.ctx, s) })
	r.fetchSession("refresh", documented, s, true)
	r.signOut("sign out", s, false)
	r.signInAs("sign in with the device", documented, s, in)
	r.fetchSession("refresh again", documented, s, true)
	r.act("forget", documented, func() (any, error) { return auth.ForgetDevice(r.ctx, s, auth.ForgetDeviceInput{}) })
	r.act("list none", documented, func() (any, error) { return auth.FetchDevices(r.ctx, s) })
}

func sdkChoice(r *run) {
	ana := r.confirmed("ana")
	in := auth.SignInInput{Username: ana.name, AuthFlow: auth.AuthFlowUser}
	s := r.sdk("browser")
	r.signInAs("sign in", documented, s, in)
	r.confirmSignIn("choose SRP", documented, s, "PASSWORD_SRP")
	r.confirmSignIn("the password", documented, s, ana.password)
	r.fetchSession("tokens", documented, s, false)
	in.PreferredChallenge, in.Password = "PASSWORD", ana.password
	r.signInAs("prefer the password", documented, r.sdk("another browser"), in)
}
