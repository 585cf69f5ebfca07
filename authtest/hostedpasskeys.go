package authtest

// showAddPasskey serves the page that registers a passkey for whoever has
// signed in.
func showAddPasskey(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	login, ok := x.login(a)
	if !ok {
		return redirect(x.link(pathLogin))
	}
	p, err := x.addPasskeyPage(a, login)
	if err != nil {
		return shownAgain(x.loginPage(a, ""), err)
	}
	return shown(p)
}

// addPasskeyPage makes that page.
func (x *exchange) addPasskeyPage(a *authorization, login browserLogin) (*page, *apiError) {
	var options *creationOptions
	var err *apiError
	x.locked(func(c *call) { options, err = c.startRegistration(a.client, login.user) })
	if err != nil {
		return nil, err
	}
	p := x.newPage("passkey", "Add a passkey", pathAddPasskey)
	p.Text = "Sign in with your fingerprint, your face or a PIN, instead of a password."
	p.Submit, p.Options, p.Ceremony = "Add a passkey", jsonText(options), "create"
	p.Links = []link{{x.link(pathAuthorize), "Not now"}}
	return p, nil
}

// submitAddPasskey serves its form.
func submitAddPasskey(x *exchange, a *authorization) *reply {
	login, ok := x.login(a)
	if !ok {
		return redirect(x.link(pathLogin))
	}
	var err *apiError
	x.locked(func(c *call) { err = c.completeRegistration(a.client, login.user, []byte(x.form.Get(fieldCredential))) })
	if err == nil {
		return x.authorized(a, login)
	}
	p, again := x.addPasskeyPage(a, login)
	if again != nil {
		return shownAgain(x.loginPage(a, ""), again)
	}
	return shownAgain(p, err)
}
