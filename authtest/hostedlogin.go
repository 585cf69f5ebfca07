package authtest

import (
	"net/http"
	"slices"

	"github.com/cognitokit/auth/internal/wire"
)

// showLogin serves the login page.
func showLogin(x *exchange) *reply {
	a, refusal := x.authorization()
	if refusal != nil {
		return refusal
	}
	p := x.loginPage(a, a.loginHint)
	if login, ok := x.login(a); ok {
		p.Continue, p.As = x.link(pathAuthorize), login.user.username
	}
	return shown(p)
}

// loginPage makes the login page.
func (x *exchange) loginPage(a *authorization, username string) *page {
	p := x.newPage("login", "Sign in", pathLogin)
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	for _, name := range a.client.oauth.IdentityProviders {
		if name != providerCognito && a.provider != providerCognito && x.pool.hasProvider(name) {
			p.Providers = append(p.Providers, link{x.providerLink(name), "Continue with " + name})
		}
	}
	if !slices.Contains(a.client.oauth.IdentityProviders, providerCognito) {
		return p
	}
	p.Submit = "Sign in"
	p.Fields = []field{x.pool.usernameField(username)}
	if x.pool.choosesFactor(a.client) {
		p.Submit = "Next"
	} else {
		p.Fields = append(p.Fields, passwordField("Password", fieldPassword, "current-password"))
	}
	p.Links = append(p.Links, link{x.link(pathForgot), "Forgot your password?"})
	if !x.pool.cfg.AdminCreateUserOnly {
		p.Links = append(p.Links, link{x.link(pathSignUp), "Create an account"})
	}
	return p
}

// choosesFactor reports whether people choose the factor that they begin with.
func (p *Pool) choosesFactor(client *appClient) bool {
	return client.flows[AllowUser] && !slices.Equal(p.cfg.FirstFactors, []FirstFactor{FirstFactorPassword})
}

// usernameField asks who somebody is, in the words of the pool.
func (p *Pool) usernameField(value string) field {
	f := field{Name: fieldUsername, Label: "Username", Type: "text", Autocomplete: "username", Value: value}
	email := slices.Contains(p.users.signInAttributes(), attrEmail)
	phone := slices.Contains(p.users.signInAttributes(), attrPhone)
	switch alias := len(p.cfg.UsernameAttributes) == 0; {
	case email && phone && alias:
		f.Label = "Username, e-mail address or phone number"
	case email && alias:
		f.Label = "Username or e-mail address"
	case phone && alias:
		f.Label = "Username or phone number"
	case email && phone:
		f.Label = "E-mail address or phone number"
	case email:
		f.Label, f.Type, f.InputMode = "E-mail address", "email", "email"
	case phone:
		f.Label, f.Type, f.InputMode, f.Hint = "Phone number", "tel", "tel", phoneHint
	}
	return f
}

const phoneHint = "With country code, as in +12065550100"

func passwordField(label, name, autocomplete string) field {
	return field{Name: name, Label: label, Type: "password", Autocomplete: autocomplete}
}

// submitLogin serves the form of the login page.
func submitLogin(x *exchange, a *authorization) *reply {
	username := x.form.Get(fieldUsername)
	parameters := map[string]string{wire.ParamUsername: username}
	flow := wire.FlowUserPassword
	x.locked(func(c *call) {
		if c.pool.choosesFactor(a.client) {
			flow = wire.FlowUser
		} else {
			parameters[wire.ParamPassword] = x.form.Get(fieldPassword)
		}
	})
	response, err := x.initiate(a, flow, parameters, "")
	if err != nil {
		return x.loginRefused(a, username, err)
	}
	return x.next(a, response)
}

// initiate begins a sign-in.
func (x *exchange) initiate(a *authorization, flow string, parameters map[string]string, session string) (*authResponse, *apiError) {
	x.signHash(a.client, parameters[wire.ParamUsername], func(hash string) { parameters[wire.ParamSecretHash] = hash })
	request := map[string]any{"ClientId": a.client.id, "AuthFlow": flow, "AuthParameters": parameters}
	if session != "" {
		request["Session"] = session
	}
	return operate[authResponse](x, "InitiateAuth", request)
}

// signHash calls set with a secret hash, if the client needs one.
func (x *exchange) signHash(client *appClient, username string, set func(hash string)) {
	x.locked(func(*call) {
		if secret := client.secret(); secret != "" {
			set(client.secretHash(username, secret))
		}
	})
}

// loginRefused answers a sign-in that could not begin: with the page that helps
// where there is one.
func (x *exchange) loginRefused(a *authorization, username string, err *apiError) *reply {
	switch err.code {
	case wire.ExceptionUserNotConfirmed:
		return shownAgain(x.confirmPage(username, ""), err)
	case wire.ExceptionPasswordResetRequired:
		return shownAgain(x.forgotPage(username), err)
	default:
		return shownAgain(x.loginPage(a, username), err)
	}
}

// next goes on with a sign-in: back to the application, or with a challenge.
func (x *exchange) next(a *authorization, response *authResponse) *reply {
	if response.signedIn != nil {
		return x.signIn(a, response.signedIn, providerCognito)
	}
	s := &step{
		client: a.client, challenge: response.ChallengeName, session: response.Session,
		user: response.ChallengeParameters[wire.ChallengeParamUserIDForSRP], parameters: response.ChallengeParameters,
		available: slices.DeleteFunc(slices.Clone(response.AvailableChallenges), func(name string) bool { return name == wire.ChallengePasswordSRP }),
	}
	if s.challenge == wire.ChallengeSelectChallenge && len(s.available) == 1 {
		return x.respond(a, s, map[string]string{wire.ParamAnswer: s.available[0]})
	}
	if s.challenge == wire.ChallengeMFASetup {
		return x.beginSetup(a, s)
	}
	return &reply{status: http.StatusOK, page: x.challengePage(s)}
}
