package authtest

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
)

// sendsLink reports whether a message has a link instead of a code. A function
// that sends e-mails itself gets the code.
func (p *Pool) sendsLink(kind MessageKind, medium Medium) bool {
	return medium == MediumEmail && (kind == MessageSignUp || kind == MessageResendCode) &&
		p.settings.VerificationMessageTemplate.DefaultEmailOption == ConfirmWithLink && p.cfg.Triggers.CustomEmailSender == nil
}

// checkLinkDomain refuses to confirm a contact by a link where there is no
// domain for it to lead to (observed). Nobody has signed up then (inferred).
func (c *call) checkLinkDomain(kind MessageKind, attribute string) *apiError {
	if attribute != "" && c.pool.sendsLink(kind, medium(attribute)) && c.pool.domainHost() == "" {
		return invalidParameter(msgNoUserPoolDomain)
	}
	return nil
}

// Parameters of links.
const (
	linkClient = "client_id"
	linkUser   = "user_name"
	linkCode   = "confirmation_code"
)

// confirmationLink is the link that confirms a user, at the domain where
// whoever has signed the user up finds it.
func (c *call) confirmationLink(u *user, code string) string {
	return c.domainURL() + pathConfirmUser + "?" + linkClient + "=" + url.QueryEscape(c.app.id) +
		"&" + linkUser + "=" + url.QueryEscape(u.username) + "&" + linkCode + "=" + url.QueryEscape(code)
}

// domainURL is where whoever has sent the request finds the pool's domain.
func (c *call) domainURL() string {
	if c.request != nil && isLoopback(c.request.Host) {
		return c.pool.localDomainURL(c.request)
	}
	return c.pool.domainURL()
}

// linkPattern is where a link goes, with the words that are the link.
var linkPattern = regexp.MustCompile(`\{##([^{}]+)##\}`)

// linked writes a link into a text, which is HTML.
func linked(text, link string) string {
	href := html.EscapeString(link)
	return linkPattern.ReplaceAllStringFunc(text, func(placeholder string) string {
		return `<a href="` + href + `">` + linkPattern.FindStringSubmatch(placeholder)[1] + `</a>`
	})
}

// confirmUser confirms whoever has opened the link in an e-mail. The code is
// the one that ConfirmSignUp takes (inferred).
func confirmUser(x *exchange) *reply {
	x.locked(func(c *call) { x.client = c.pool.clients[x.query.Get(linkClient)] })
	if x.client == nil {
		return x.malformed(http.StatusBadRequest)
	}
	username := x.query.Get(linkUser)
	request := map[string]any{"ClientId": x.client.id, "Username": username, "ConfirmationCode": x.query.Get(linkCode)}
	x.signHash(x.client, username, func(hash string) { request["SecretHash"] = hash })
	if _, err := operate[confirmSignUpResponse](x, "ConfirmSignUp", request); err != nil {
		return &reply{status: http.StatusBadRequest, page: x.failed(err.message), code: err.code}
	}
	return shown(&page{
		template: "form", Title: "Your account is confirmed", PoolID: x.pool.cfg.PoolID,
		Text: "You can close this page and sign in.",
	})
}
