package authtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cognitokit/auth/internal/wire"
)

// showSignUp serves the sign-up page.
func showSignUp(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	if x.pool.adminCreateUserOnly() {
		return shownAgain(x.loginPage(a, ""), notAuthorized(msgSignUpNotPermitted))
	}
	return shown(x.signUpPage(nil))
}

func (p *Pool) adminCreateUserOnly() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cfg.AdminCreateUserOnly
}

// signUpPage makes the sign-up page, filled in with what was given before.
func (x *exchange) signUpPage(given func(name string) string) *page {
	p := x.newPage("form", "Create an account", pathSignUp)
	p.Submit = "Create account"
	p.Links = []link{{x.link(pathLogin), "I have an account"}}
	passwords := x.newPasswordFields("Password")
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	if x.client != nil && !x.pool.classicPages() {
		p.Terms = x.client.termsLinks(termsLanguage(x.query.Get("lang")))
	}
	username := x.pool.usernameField("")
	if len(x.pool.cfg.UsernameAttributes) == 0 {
		username.Label = "Username"
	}
	p.Fields = append([]field{username}, passwords...)
	for _, name := range x.pool.signUpAttributes() {
		f := attributeField(name)
		f.Optional = !slices.Contains(x.pool.cfg.RequiredAttributes, name) && !slices.Contains(x.pool.cfg.AutoVerifiedAttributes, name)
		p.Fields = append(p.Fields, f)
	}
	if given == nil {
		return p
	}
	for i, f := range p.Fields {
		if f.Type != "password" {
			p.Fields[i].Value = given(f.Name)
		}
	}
	return p
}

// signUpAttributes are the attributes that people are asked for when they sign
// up: those that the pool needs, besides the one that stands for the username.
func (p *Pool) signUpAttributes() []string {
	var names []string
	for _, list := range [][]string{p.cfg.AutoVerifiedAttributes, p.cfg.AliasAttributes, p.cfg.RequiredAttributes} {
		for _, name := range list {
			standsForUsername := len(p.cfg.UsernameAttributes) == 1 && p.cfg.UsernameAttributes[0] == name
			// An alias that is a username cannot be set at sign-up.
			impossible := name == attrPreferredUsername && slices.Contains(p.cfg.AliasAttributes, name)
			// Either of two will do.
			either := len(p.cfg.UsernameAttributes) == 2 && slices.Contains(contacts, name)
			if !standsForUsername && !impossible && !either && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// attributeField asks for an attribute.
func attributeField(name string) field {
	f := field{Name: prefixAttribute + name, Label: attributeLabel(name), Type: "text"}
	switch name {
	case attrEmail:
		f.Type, f.InputMode, f.Autocomplete = "email", "email", "email"
	case attrPhone:
		f.Type, f.InputMode, f.Autocomplete, f.Hint = "tel", "tel", "tel", phoneHint
	case "birthdate":
		f.Type, f.Autocomplete = "date", "bday"
	case "website", "picture", "profile":
		f.Type, f.InputMode = "url", "url"
	case "name":
		f.Autocomplete = "name"
	case "given_name":
		f.Autocomplete = "given-name"
	case "family_name":
		f.Autocomplete = "family-name"
	case "middle_name":
		f.Autocomplete = "additional-name"
	case "nickname":
		f.Autocomplete = "nickname"
	case "address":
		f.Autocomplete = "street-address"
	case "gender":
		f.Autocomplete = "sex"
	}
	return f
}

// attributeLabel is an attribute's name for people.
func attributeLabel(name string) string {
	switch name {
	case attrEmail:
		return "E-mail address"
	case "zoneinfo":
		return "Time zone"
	}
	label := strings.ReplaceAll(strings.TrimPrefix(name, customPrefix), "_", " ")
	return strings.ToUpper(first(label)) + strings.TrimPrefix(label, first(label))
}

// hint is a policy in a sentence.
func (policy *PasswordPolicy) hint() string {
	var kinds []string
	for _, k := range []struct {
		required bool
		kind     string
	}{
		{policy.RequireUppercase, "an upper-case letter"}, {policy.RequireLowercase, "a lower-case letter"},
		{policy.RequireNumbers, "a number"}, {policy.RequireSymbols, "a special character"},
	} {
		if k.required {
			kinds = append(kinds, k.kind)
		}
	}
	hint := fmt.Sprintf("At least %d characters", policy.MinimumLength)
	if n := len(kinds); n > 1 {
		kinds = append(kinds[:n-2], kinds[n-2]+" and "+kinds[n-1])
	}
	if len(kinds) > 0 {
		hint += ", with " + strings.Join(kinds, ", ")
	}
	return hint + "."
}

// submitSignUp serves the form of the sign-up page.
func submitSignUp(x *exchange, a *authorization) *reply {
	username := x.form.Get(fieldUsername)
	password, err := x.newPassword()
	if err != nil {
		return shownAgain(x.signUpPage(x.form.Get), err)
	}
	attributes := []attribute{}
	for name := range x.form {
		if attr, ok := strings.CutPrefix(name, prefixAttribute); ok && x.form.Get(name) != "" {
			attributes = append(attributes, attribute{attr, x.form.Get(name)})
		}
	}
	request := map[string]any{"ClientId": a.client.id, "Username": username, "Password": password, "UserAttributes": attributes}
	x.signHash(a.client, username, func(hash string) { request["SecretHash"] = hash })
	response, err := operate[signUpResponse](x, "SignUp", request)
	switch {
	case err != nil:
		return shownAgain(x.signUpPage(x.form.Get), err)
	case response.UserConfirmed:
		return x.afterSignUp(a, username, response.Session)
	case response.CodeDeliveryDetails == nil:
		return shown(x.loginPage(a, username).notice("Your account has been created. An administrator has to confirm it."))
	default:
		p := x.confirmPage(username, response.Session)
		p.Text = "We sent a code to " + response.CodeDeliveryDetails.Destination + "."
		return shown(p)
	}
}

// afterSignUp signs in whoever has just signed up.
func (x *exchange) afterSignUp(a *authorization, username, session string) *reply {
	response, err := x.initiate(a, wire.FlowUser, map[string]string{wire.ParamUsername: username}, session)
	if err != nil {
		return x.loginRefused(a, username, err)
	}
	return x.next(a, response)
}

// confirmPage makes the page that asks for the code of a sign-up. The session,
// if there is one, signs in afterwards.
func (x *exchange) confirmPage(username, session string) *page {
	p := x.newPage("form", "Confirm your account", pathConfirm)
	p.Submit, p.Again = "Confirm account", x.link(pathResend)
	p.Fields = []field{codeField("Confirmation code")}
	p.Links = []link{{x.link(pathLogin), "Back to sign in"}}
	return p.hide(fieldUsername, username).hide(fieldSession, session)
}

// submitConfirmation serves the form of that page.
func submitConfirmation(x *exchange, a *authorization) *reply {
	username, session := x.form.Get(fieldUsername), x.form.Get(fieldSession)
	request := map[string]any{"ClientId": a.client.id, "Username": username, "ConfirmationCode": strings.TrimSpace(x.form.Get(fieldCode))}
	x.signHash(a.client, username, func(hash string) { request["SecretHash"] = hash })
	if session != "" {
		request["Session"] = session
	}
	response, err := operate[confirmSignUpResponse](x, "ConfirmSignUp", request)
	if err != nil && session != "" && endsSession(err) { // the account can be confirmed all the same
		session = ""
		delete(request, "Session")
		response, err = operate[confirmSignUpResponse](x, "ConfirmSignUp", request)
	}
	switch {
	case err != nil:
		return shownAgain(x.confirmPage(username, session), err)
	case session == "":
		return shown(x.loginPage(a, username).notice("Your account is confirmed. You can sign in."))
	default:
		return x.afterSignUp(a, username, response.Session)
	}
}

// submitResend sends the code of a sign-up again.
func submitResend(x *exchange, a *authorization) *reply {
	username := x.form.Get(fieldUsername)
	request := map[string]any{"ClientId": a.client.id, "Username": username}
	x.signHash(a.client, username, func(hash string) { request["SecretHash"] = hash })
	response, err := operate[codeDeliveryResponse](x, "ResendConfirmationCode", request)
	p := x.confirmPage(username, x.form.Get(fieldSession))
	if err != nil {
		return shownAgain(p, err)
	}
	return &reply{status: http.StatusOK, page: p.notice("We sent a new code to " + response.CodeDeliveryDetails.Destination + ".")}
}
