package authtest

import "strings"

// A passwordReset is a forgotten password that a page waits for the code of.
type passwordReset struct {
	browser  string
	client   *appClient
	username string
}

// showForgot serves the page for a forgotten password.
func showForgot(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	return shown(x.forgotPage(a.loginHint))
}

// forgotPage makes the page that asks whose password has been forgotten.
func (x *exchange) forgotPage(username string) *page {
	p := x.newPage("form", "Forgot your password?", pathForgot)
	p.Text = "We will send you a code to reset it."
	p.Submit = "Send a code"
	x.pool.mu.Lock()
	p.Fields = []field{x.pool.usernameField(username)}
	x.pool.mu.Unlock()
	p.Links = []link{{x.link(pathLogin), "Back to sign in"}}
	return p
}

// submitForgot serves its form.
func submitForgot(x *exchange, a *authorization) *reply {
	username := x.form.Get(fieldUsername)
	request := map[string]any{"ClientId": a.client.id, "Username": username}
	x.signHash(a.client, username, func(hash string) { request["SecretHash"] = hash })
	response, err := operate[codeDeliveryResponse](x, "ForgotPassword", request)
	if err != nil {
		return shownAgain(x.forgotPage(username), err)
	}
	text := newSecret()
	x.locked(func(c *call) { c.pool.resets.put(text, passwordReset{x.browser, a.client, username}, c.now) })
	p := x.resetPage(text, username)
	p.Text = "We sent a code to " + response.CodeDeliveryDetails.Destination + "."
	return shown(p)
}

// resetPage makes the page that asks for the code and the new password.
func (x *exchange) resetPage(reset, username string) *page {
	p := x.newPage("form", "Reset your password", pathConfirmForgot)
	p.Submit = "Reset password"
	p.Fields = append([]field{codeField("Code")}, x.newPasswordFields("New password")...)
	p.Links = []link{{x.link(pathForgot), "Send a new code"}, {x.link(pathLogin), "Back to sign in"}}
	p.Account = username
	return p.hide(fieldReset, reset)
}

// submitReset serves its form.
func submitReset(x *exchange, a *authorization) *reply {
	text := x.form.Get(fieldReset)
	var reset passwordReset
	var ok bool
	x.locked(func(c *call) { reset, ok = c.pool.resets.get(text, c.now) })
	if !ok || reset.client != a.client || reset.browser != x.browser {
		return shownAgain(x.forgotPage(""), expiredCode())
	}
	password, err := x.newPassword()
	if err != nil {
		return shownAgain(x.resetPage(text, reset.username), err)
	}
	request := map[string]any{
		"ClientId": a.client.id, "Username": reset.username, "ConfirmationCode": strings.TrimSpace(x.form.Get(fieldCode)), "Password": password,
	}
	x.signHash(a.client, reset.username, func(hash string) { request["SecretHash"] = hash })
	if _, err := operate[empty](x, "ConfirmForgotPassword", request); err != nil {
		return shownAgain(x.resetPage(text, reset.username), err)
	}
	x.locked(func(c *call) { c.pool.resets.take(text, c.now) })
	return shown(x.loginPage(a, reset.username).notice("Your password has been changed. You can sign in."))
}
