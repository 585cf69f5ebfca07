package authtest

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

const confirmedTitle = "Your account is confirmed"

// lastMessage is what was sent to a user last.
func lastMessage(t testing.TB, p *Pool, user string) Message {
	t.Helper()
	inbox := p.Inbox(user)
	if len(inbox) == 0 {
		t.Fatal("nothing was sent")
	}
	return inbox[len(inbox)-1]
}

// follow opens a link in a browser of its own.
func follow(t testing.TB, p *Pool, link string) *browser {
	t.Helper()
	path, ok := strings.CutPrefix(link, p.DomainURL())
	if !ok {
		t.Fatalf("the link %q does not lead to %s", link, p.DomainURL())
	}
	return visit(t, p).open(path, nil)
}

// changed is a link with other parameters.
func changed(t testing.TB, link string, pairs ...string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	values := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = values.Encode()
	return u.String()
}

func TestConfirmByLink(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, user string
		cfg        Config
		signUp     func(t *testing.T, p *Pool)
	}{
		{"username", "ana", Config{}, func(t *testing.T, p *Pool) { ok(t, p, "SignUp", signUpBody("ana", "ana@example.com")) }},
		{"strange username", "a&b=c/é", Config{}, func(t *testing.T, p *Pool) {
			ok(t, p, "SignUp", signUpBody("a&b=c/é", "ana@example.com"))
		}},
		{"with a secret", "ana", Config{ClientSecret: testSecret}, func(t *testing.T, p *Pool) {
			visit(t, p).signUp("username", "ana", "attribute.email", "ana@example.com")
		}},
		{"e-mail address", "ana@example.com", Config{UsernameAttributes: []string{"email"}}, func(t *testing.T, p *Pool) {
			ok(t, p, "SignUp", signUpWith("ana@example.com"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.DefaultEmailOption = ConfirmWithLink
			p := hostedPool(t, tt.cfg)
			tt.signUp(t, p)
			first := lastMessage(t, p, tt.user)
			if !strings.HasPrefix(first.Link, "https://people.auth.eu-west-1.amazoncognito.com/confirmUser?client_id=client1&user_name=") ||
				!strings.HasSuffix(first.Link, "&confirmation_code="+first.Code) {
				t.Errorf("got link %q", first.Link)
			}
			want := "Please click the link below to verify your email address. <a href=\"" + html.EscapeString(first.Link) + "\">Verify Email</a>"
			if first.Subject != "Your verification link" || first.Body != want {
				t.Errorf("got %q, %q", first.Subject, first.Body)
			}
			if text := fmt.Sprintf("%v %+v %#v", first, first, first); strings.Contains(text, first.Code) || strings.Contains(text, "confirmUser") {
				t.Errorf("a message prints as %s", text)
			}
			b := follow(t, p, first.Link).on(confirmedTitle, "")
			if b.header.Get("Content-Security-Policy") != pagePolicy || strings.Contains(b.page, "<form") {
				t.Errorf("got %v\n%s", b.header, b.page)
			}
			if u, _ := p.User(tt.user); u.Status != StatusConfirmed || u.Attributes["email_verified"] != "true" {
				t.Errorf("got %+v", u)
			}
			if b := follow(t, p, first.Link).on("Error", "User cannot be confirmed. Current status is CONFIRMED"); b.status != http.StatusBadRequest {
				t.Errorf("got status %d", b.status)
			}
			if got := lastRequest(t, p); got.Operation != "GET /confirmUser" || got.Code != "NotAuthorizedException" || strings.Contains(fmt.Sprint(got), first.Code) {
				t.Errorf("got request %v with %s", got, got.Code)
			}
		})
	}
}

func lastRequest(t testing.TB, p *Pool) Request {
	t.Helper()
	all := p.Requests()
	if len(all) == 0 {
		t.Fatal("there are no requests")
	}
	return all[len(all)-1]
}

func TestLinksThatConfirmNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := hostedPool(t, Config{DefaultEmailOption: ConfirmWithLink, Clients: []AppClient{{ClientID: "hiding", PreventUserExistenceErrors: true}}})
		ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
		older := lastMessage(t, p, "ana").Link
		ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"})
		link := lastMessage(t, p, "ana").Link
		const expired, wrong = "Invalid code provided, please request a code again.", "Invalid verification code provided, please try again."
		for name, tt := range map[string]struct{ link, alert string }{
			"older code":     {older, wrong},
			"wrong code":     {changed(t, link, "confirmation_code", "x"), wrong},
			"no code":        {changed(t, link, "confirmation_code", ""), "2 validation errors detected: Value '' at 'confirmationCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+; Value '' at 'confirmationCode' failed to satisfy constraint: Member must have length greater than or equal to 1"},
			"markup as code": {changed(t, link, "confirmation_code", "<script>"), wrong},
			"nobody":         {changed(t, link, "user_name", "bob"), "Username/client id combination not found."},
			"nobody, hidden": {changed(t, link, "user_name", "bob", "client_id", "hiding"), expired},
			"no client":      {changed(t, link, "client_id", "client9"), "invalid_request"},
			"nothing":        {p.DomainURL() + pathConfirmUser, "invalid_request"},
		} {
			if b := follow(t, p, tt.link); b.status != http.StatusBadRequest || b.title() != "Error" || b.alert() != tt.alert {
				t.Errorf("%s: got %d, page %q with %q", name, b.status, b.title(), b.alert())
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := p.HTTPClient().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed { // whoever looks whether a link works follows none
			t.Errorf("HEAD: got status %d", res.StatusCode)
		}
		time.Sleep(24 * time.Hour)
		follow(t, p, link).on("Error", expired)
		if u, _ := p.User("ana"); u.Status != StatusUnconfirmed {
			t.Errorf("got status %s", u.Status)
		}
		ok(t, p, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"})
		ok(t, p, "ConfirmSignUp", m{"ClientId": "client1", "Username": "ana", "ConfirmationCode": p.Code("ana")})
	})
}

// TestNoLinks has what links are not for: where there is no domain nobody can
// sign up, and codes for anything else are sent as they are.
func TestNoLinks(t *testing.T) {
	t.Parallel()
	const invalid, message = "InvalidParameterException", "Cannot perform specific action because there does not exist a valid use pool domain associated with the user pool"
	homeless := newPool(t, Config{DefaultEmailOption: ConfirmWithLink})
	fails(t, homeless, "SignUp", signUpBody("ana", "ana@example.com"), invalid, message)
	ok(t, homeless, "SignUp", signUpBody("bob", ""))
	homeless.AddUser(User{Name: "ana", Email: "ana@example.com", Status: StatusUnconfirmed})
	fails(t, homeless, "ResendConfirmationCode", m{"ClientId": "client1", "Username": "ana"}, invalid, message)

	var sent []string
	for name, p := range map[string]*Pool{
		"codes":  hostedPool(t, Config{DefaultEmailOption: ConfirmWithCode}),
		"phones": hostedPool(t, Config{DefaultEmailOption: ConfirmWithLink, AutoVerifiedAttributes: []string{"email", "phone_number"}}),
	} {
		ok(t, p, "SignUp", signUpWith("ana", m{"Name": "email", "Value": "ana@example.com"}, m{"Name": "phone_number", "Value": "+15555550123"}))
		if last := lastMessage(t, p, "ana"); last.Link != "" || !strings.Contains(last.Body, last.Code) {
			t.Errorf("%s: got link %q and body %q", name, last.Link, last.Body)
		}
	}
	p := hostedPool(t, Config{DefaultEmailOption: ConfirmWithLink, ExplicitAuthFlows: passwordFlow, Triggers: Triggers{
		CustomEmailSender: func(e *CustomSenderEvent) error { sent = append(sent, e.TriggerSource+" "+e.Request.Code); return nil },
	}})
	ok(t, p, "SignUp", signUpBody("ana", "ana@example.com"))
	sending := newPool(t, Config{DefaultEmailOption: ConfirmWithLink, Triggers: p.cfg.Triggers}) // needs no domain
	ok(t, sending, "SignUp", signUpBody("ana", "ana@example.com"))
	if len(sent) != 2 || len(sent[0]) != len("CustomEmailSender_SignUp 123456") {
		t.Errorf("got %q", sent)
	}
	p = hostedPool(t, Config{DefaultEmailOption: ConfirmWithLink, ExplicitAuthFlows: passwordFlow})
	p.AddUser(User{Name: "ana", Password: testPassword, Email: "ana@example.com"})
	ok(t, p, "GetUserAttributeVerificationCode", m{"AccessToken": accessToken(t, p, "ana"), "AttributeName": "email"})
	ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
	for _, got := range p.Inbox("ana") {
		if got.Link != "" || got.Body != "Your confirmation code is "+got.Code+"." {
			t.Errorf("%s: got link %q and body %q", got.Kind, got.Link, got.Body)
		}
	}
}

// TestLinkTemplates has the words of links from the pool's settings and from
// the trigger, of a pool that the AWS SDK makes.
func TestLinkTemplates(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	client := sdk(s.Transport())
	template := &types.VerificationMessageTemplateType{
		EmailMessage: aws.String("code {####}"), EmailSubject: aws.String("Code"), DefaultEmailOption: types.DefaultEmailOptionTypeConfirmWithLink,
		EmailMessageByLink: aws.String("Hello {username}: {##here##} or {##there##}, {####}."), EmailSubjectByLink: aws.String("Link"),
	}
	pool := createPool(t, client, &cip.CreateUserPoolInput{AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"}, VerificationMessageTemplate: template})
	must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool.Id, Domain: aws.String("people")}))
	app := must[cip.CreateUserPoolClientOutput](t)(client.CreateUserPoolClient(t.Context(), &cip.CreateUserPoolClientInput{UserPoolId: pool.Id, ClientName: aws.String("x")})).UserPoolClient
	p, _ := s.Pool(*pool.Id)
	signedUp := func(name string) Message {
		t.Helper()
		must[cip.SignUpOutput](t)(client.SignUp(t.Context(), &cip.SignUpInput{
			ClientId: app.ClientId, Username: &name, Password: aws.String(testPassword),
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}},
		}))
		return lastMessage(t, p, name)
	}
	got := signedUp("ana")
	href := `<a href="` + html.EscapeString(got.Link) + `">`
	want := "Hello ana: " + href + "here</a> or " + href + "there</a>, " + got.Code + "."
	if diff := cmp.Diff([]string{"Link", want}, []string{got.Subject, got.Body}); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	answers := map[string]string{"bob": "{##Click Here##}", "carla": "{####}"}
	p.mu.Lock()
	p.cfg.Triggers.CustomMessage = func(e *CustomMessageEvent) error {
		e.Response.EmailMessage = answers[e.UserName]
		return nil
	}
	p.mu.Unlock()
	if got := signedUp("bob"); got.Body != `<a href="`+html.EscapeString(got.Link)+`">Click Here</a>` {
		t.Errorf("got body %q", got.Body)
	}
	if got := signedUp("carla"); got.Body != got.Code {
		t.Errorf("got body %q", got.Body)
	}
	answers["dora"] = "no placeholder"
	_, err := client.SignUp(t.Context(), &cip.SignUpInput{
		ClientId: app.ClientId, Username: aws.String("dora"), Password: aws.String(testPassword),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("dora@example.com")}},
	})
	refused(t, err, "InvalidParameterException", fmt.Sprintf(msgMessagePattern, "no placeholder", memberEmail, emailPattern))
}

// TestLinksOnLoopback checks that links lead to where the pool can be reached.
func TestLinksOnLoopback(t *testing.T) {
	t.Parallel()
	cfg := Config{Domain: "people", DefaultEmailOption: ConfirmWithLink}
	alone := newPool(t, cfg)
	s := newServer(t, ServerConfig{})
	first := s.NewPool(cfg)
	cfg.Domain = "others"
	second := s.NewPool(cfg)
	for name, tt := range map[string]struct {
		pool  *Pool
		start func() string
		want  string // with HOST for the address that is started
	}{
		"alone":         {pool: alone, start: alone.Start, want: "http://HOST"},
		"of a server":   {pool: first, start: s.Start, want: "http://people.localhost:PORT"},
		"of a server 2": {pool: second, start: s.Start, want: "http://others.localhost:PORT"},
	} {
		host := strings.TrimPrefix(tt.start(), "http://")
		_, port, _ := strings.Cut(host, ":")
		want := strings.NewReplacer("HOST", host, "PORT", port).Replace(tt.want)
		for user, client := range map[string]*cip.Client{
			"ana": cip.New(cip.Options{Region: "eu-west-1", BaseEndpoint: aws.String(tt.start())}),
			"bob": sdk(tt.pool.Transport()),
		} {
			must[cip.SignUpOutput](t)(client.SignUp(t.Context(), &cip.SignUpInput{
				ClientId: aws.String(tt.pool.ClientID()), Username: &user, Password: aws.String(testPassword),
				UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(user + "@example.com")}},
			}))
			if got := lastMessage(t, tt.pool, user).Link; !strings.HasPrefix(got, want+"/confirmUser?") {
				t.Errorf("%s, %s: got %q, want %s", name, user, got, want)
			}
		}
		link := lastMessage(t, tt.pool, "ana").Link
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(link, strings.TrimPrefix(want, "http://"), host, 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = strings.TrimPrefix(want, "http://") // resolvers that do not know the names of loopback
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if u, _ := tt.pool.User("ana"); res.StatusCode != http.StatusOK || u.Status != StatusConfirmed {
			t.Errorf("%s: got status %d, user %s", name, res.StatusCode, u.Status)
		}
	}
}
