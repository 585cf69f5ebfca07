package authtest

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A CustomMessageEvent is the event of the custom message trigger. The kind of
// the message is the part of TriggerSource after "CustomMessage_".
type CustomMessageEvent struct {
	TriggerEvent

	// Request is what the service tells the function: the attributes, and what
	// it has to write where the code, a link and the username go.
	Request struct {
		UserAttributes    map[string]string `json:"userAttributes"`
		CodeParameter     string            `json:"codeParameter"`
		LinkParameter     string            `json:"linkParameter"`
		UsernameParameter string            `json:"usernameParameter"` // of invitations only
		ClientMetadata    map[string]string `json:"clientMetadata,omitempty"`
	} `json:"request"`

	// Response is what the function decides. What stays empty has the default
	// text.
	Response struct {
		SMSMessage   string `json:"smsMessage"`   // at most 140 characters
		EmailMessage string `json:"emailMessage"` // at most 20,000 characters
		EmailSubject string `json:"emailSubject"` // at most 140 characters
	} `json:"response"`
}

// MarshalJSON marshals the event as the service sends it.
func (e CustomMessageEvent) MarshalJSON() ([]byte, error) {
	return marshalEvent(e.TriggerEvent, struct {
		UserAttributes    map[string]string `json:"userAttributes"`
		CodeParameter     string            `json:"codeParameter"`
		LinkParameter     string            `json:"linkParameter"`
		UsernameParameter *string           `json:"usernameParameter"`
		ClientMetadata    map[string]string `json:"clientMetadata,omitempty"`
	}{
		e.Request.UserAttributes, e.Request.CodeParameter, e.Request.LinkParameter, null(e.Request.UsernameParameter),
		e.Request.ClientMetadata,
	}, e.Response)
}

// A CustomSenderEvent is the event of the custom e-mail and SMS sender
// triggers. The kind of the message is the part of TriggerSource after
// "CustomEmailSender_" or "CustomSMSSender_".
//
// Code is the code or temporary password itself. The service encrypts it with
// the AWS Encryption SDK under a key of KMS, and sends the ciphertext in
// base64: a function that runs against both has to leave the decryption out
// here.
type CustomSenderEvent struct {
	TriggerEvent

	// Request is what the service tells the function, which answers nothing.
	Request struct {
		Type           string            `json:"type"` // "customEmailSenderRequestV1" or "customSMSSenderRequestV1"
		Code           string            `json:"code"`
		ClientMetadata map[string]string `json:"clientMetadata"`
		UserAttributes map[string]string `json:"userAttributes"`
	} `json:"request"`
}

// Placeholders of messages.
const (
	codePlaceholder     = "{####}"
	linkPlaceholder     = "{##Click Here##}" // with any words
	usernamePlaceholder = "{username}"
)

// defaultMessage returns what a message says if nobody has written another:
// the service's own texts. An invitation without a code is the welcome of a
// user who brought a password along.
func defaultMessage(m Message) (subject, body string) {
	switch {
	case m.Link != "":
		subject, body = "Your verification link", "Please click the link below to verify your email address. {##Verify Email##}"
	case m.Kind == MessageInvitation && m.Code == "":
		subject, body = "Welcome", "Your username is {username}."
	case m.Kind == MessageInvitation:
		subject, body = "Your temporary password", "Your username is {username} and temporary password is {####}."
	case m.Kind == MessageAuthentication && m.Medium == MediumSMS:
		body = "Your authentication code is {####}."
	case m.Medium == MediumSMS:
		body = "Your verification code is {####}."
	default:
		subject, body = "Your verification code", "Your confirmation code is {####}."
	}
	if m.Medium == MediumSMS {
		subject = ""
	}
	return subject, body
}

// send hands a message to the trigger that sends it, or writes it and puts it
// into the inbox.
func (c *call) send(u *user, m Message) *apiError {
	sender, name, requestType := c.pool.cfg.Triggers.CustomEmailSender, "CustomEmailSender", "customEmailSenderRequestV1"
	if m.Medium == MediumSMS {
		sender, name, requestType = c.pool.cfg.Triggers.CustomSMSSender, "CustomSMSSender", "customSMSSenderRequestV1"
	}
	if sender == nil {
		if c.pool.sendsLink(m.Kind, m.Medium) {
			m.Link = c.confirmationLink(u, m.Code)
		}
		if err := c.write(u, &m); err != nil {
			return err
		}
		m.Time = c.now
		c.pool.receive(u, m)
		return nil
	}
	event := &CustomSenderEvent{TriggerEvent: c.triggerEvent(name+"_"+string(m.Kind), u.username)}
	event.Request.Type = requestType
	event.Request.Code = m.Code
	event.Request.ClientMetadata = maps.Clone(c.metadata)
	event.Request.UserAttributes = c.messageAttributes(u, m)
	c.unlocked(func() {
		_ = invoke(c.pool, sender, event) // the service would not know
	})
	c.now = c.pool.now()
	return nil
}

// messageAttributes are a user's attributes as the triggers of a message see
// them: with the contact that it goes to, which need not be in force yet
// (inferred).
func (c *call) messageAttributes(u *user, m Message) map[string]string {
	attributes := c.triggerAttributes(u)
	attributes[m.Attribute] = m.Destination
	return attributes
}

// write gives a message its words: the custom message trigger's, or the
// default.
func (c *call) write(u *user, m *Message) *apiError {
	if m.Kind == MessageAccountTakeOver { // has its words from the risk configuration
		return checkLength(*m)
	}
	m.Subject, m.Body = c.pool.template(*m)
	if c.pool.cfg.Triggers.CustomMessage != nil {
		if err := c.customize(u, m); err != nil {
			return err
		}
	}
	if m.Link != "" {
		m.Body = linked(m.Body, m.Link)
	}
	m.Body = strings.NewReplacer(codePlaceholder, m.Code, usernamePlaceholder, c.invitedName(u)).Replace(m.Body)
	return checkLength(*m)
}

// customize asks the custom message trigger for a message's words.
func (c *call) customize(u *user, m *Message) *apiError {
	event, err := run(c, "CustomMessage", c.pool.cfg.Triggers.CustomMessage, func() *CustomMessageEvent {
		event := &CustomMessageEvent{TriggerEvent: c.triggerEvent("CustomMessage_"+string(m.Kind), u.username)}
		event.Request.UserAttributes = c.messageAttributes(u, *m)
		event.Request.CodeParameter = codePlaceholder
		event.Request.LinkParameter = linkPlaceholder
		if m.Kind == MessageInvitation {
			event.Request.UsernameParameter = usernamePlaceholder
		}
		event.Request.ClientMetadata = maps.Clone(c.metadata)
		return event
	})
	if err != nil {
		return err
	}
	body, member, pattern := event.Response.EmailMessage, memberEmail, emailPattern
	if m.Medium == MediumSMS {
		body, member, pattern = event.Response.SMSMessage, memberSMS, smsPattern
	} else if subject := event.Response.EmailSubject; subject != "" {
		if err := checkPattern(memberSubject, subject, subjectPattern); err != nil {
			return err
		}
		m.Subject = subject
	}
	if body == "" {
		return nil
	}
	if m.Link == "" || !linkPattern.MatchString(body) { // a link will do as well as a code (inferred)
		if err := checkPattern(member, body, pattern); err != nil {
			return err
		}
	}
	if m.Kind == MessageInvitation && !strings.Contains(body, usernamePlaceholder) {
		return lambdaOutput() // the service demands the username; its answer was not published
	}
	m.Body = body
	return nil
}

// invitedName is the name that an invitation gives: the one that signs in.
func (c *call) invitedName(u *user) string {
	for _, name := range c.pool.cfg.UsernameAttributes {
		if value := u.attributes[name]; value != "" {
			return value
		}
	}
	return u.username
}

// What messages must look like, in the words of the service's model. That a
// trigger's message is held against it was observed for e-mails; the names of
// the other two members are inferred.
const (
	memberEmail   = "emailBody"
	memberSMS     = "smsMessage"
	memberSubject = "emailSubject"

	emailPattern   = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`
	smsPattern     = `.*\{####\}.*`
	subjectPattern = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+`

	maxEmail   = 20000
	maxSMS     = 140
	maxSubject = 140
)

// maxShown is how much of a text an error shows: it is in a header too.
const maxShown = 256

func checkPattern(member, text, pattern string) *apiError {
	if regexp.MustCompile(`\A(?s:` + pattern + `)\z`).MatchString(text) {
		return nil
	}
	return invalidParameter(fmt.Sprintf(msgMessagePattern, shortened(text), member, pattern))
}

// shortened is as much of a text as an error shows.
func shortened(text string) string {
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// checkLength refuses a message that is too long with its code.
func checkLength(m Message) *apiError {
	member, length, most := memberEmail, utf8.RuneCountInString(m.Body), maxEmail
	if m.Medium == MediumSMS {
		member, most = memberSMS, maxSMS
	} else if n := utf8.RuneCountInString(m.Subject); n > maxSubject {
		member, length, most = memberSubject, n, maxSubject
	}
	if length > most {
		return invalidParameter(fmt.Sprintf(msgMessageLength, member, most))
	}
	return nil
}
