package authtest

import (
	"crypto/subtle"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A MessageKind says why a message was sent, in the words of the service's
// custom message triggers.
type MessageKind string

// The kinds of messages.
const (
	MessageSignUp         MessageKind = "SignUp"
	MessageResendCode     MessageKind = "ResendCode"
	MessageForgotPassword MessageKind = "ForgotPassword"
	MessageAuthentication MessageKind = "Authentication"
	MessageInvitation     MessageKind = "AdminCreateUser"

	MessageUpdateUserAttribute MessageKind = "UpdateUserAttribute"
	MessageVerifyUserAttribute MessageKind = "VerifyUserAttribute"

	// MessageAccountTakeOver tells of a sign-in that was a risk.
	MessageAccountTakeOver MessageKind = "AccountTakeOverNotification"
)

// A Medium is the way a message goes, spelled as the service does.
type Medium string

// The media.
const (
	MediumEmail Medium = "EMAIL"
	MediumSMS   Medium = "SMS"
)

// A Message is what the pool sent to a person. It prints without the code, the
// link and the words.
type Message struct {
	Kind        MessageKind // why it was sent
	Medium      Medium      // the way it went
	Destination string      // the whole address or number, not masked
	Attribute   string      // whose value Destination is: "email" or "phone_number"
	Code        string      // the code, the temporary password of an invitation, or the feedback token of a notification
	Link        string      // that confirms the account, with the code in it; empty where codes are sent
	Subject     string      // of an e-mail
	Body        string      // the whole text, with the code or the link
	Time        time.Time   // on the pool's clock
	ID          int64       // grows from message to message of a pool or [Server]
}

// Format prints the message without its code.
func (m Message) Format(f fmt.State, _ rune) {
	io.WriteString(f, string(m.Kind)+" by "+string(m.Medium)+" to "+mask(m.Attribute, m.Destination))
}

const maxInbox = 100

// Inbox returns the messages that were sent to a user, oldest first: the last
// hundred, as far as they are among the last ten thousand of the pool. user is a
// username, alias or sub; a test fails if there is no such user, a program gets
// nil.
func (p *Pool) Inbox(user string) []Message {
	p.settle()
	p.mu.Lock()
	u := p.users.findAny(user)
	var inbox []Message
	if u != nil {
		inbox = slices.Clone(u.inbox)
	}
	p.mu.Unlock()
	if u == nil && p.tb != nil {
		p.tb.Helper()
		p.misuse("Inbox: no such user")
	}
	return inbox
}

// Code returns the code of the message that was last sent to a user. A test
// fails if there is none; a program gets "".
func (p *Pool) Code(user string) string {
	if p.tb != nil {
		p.tb.Helper()
	}
	inbox := p.Inbox(user)
	if len(inbox) > 0 {
		return inbox[len(inbox)-1].Code
	}
	if p.tb != nil {
		p.misuse("Code: the user has no messages")
	}
	return ""
}

// codeDeliveryDetails say where a code went, masked.
type codeDeliveryDetails struct {
	AttributeName  string
	DeliveryMedium Medium
	Destination    string
}

// deliver sends a message to a user. attribute says what kind of contact the
// destination is. Triggers may run meanwhile, without the lock.
func (c *call) deliver(u *user, kind MessageKind, attribute, destination, code string) (*codeDeliveryDetails, *apiError) {
	m := Message{Kind: kind, Medium: medium(attribute), Destination: destination, Attribute: attribute, Code: code}
	if err := c.send(u, m); err != nil {
		return nil, err
	}
	if u.deleted {
		return nil, userNotFound(msgUserNotFound)
	}
	return &codeDeliveryDetails{AttributeName: attribute, DeliveryMedium: m.Medium, Destination: mask(attribute, destination)}, nil
}

func medium(attribute string) Medium {
	if attribute == attrPhone {
		return MediumSMS
	}
	return MediumEmail
}

// mask hides most of a destination: "t***@t***", "+*******8884".
func mask(attribute, destination string) string {
	if attribute == attrPhone {
		number := []rune(strings.TrimPrefix(destination, "+"))
		hidden := max(0, len(number)-4)
		return "+" + strings.Repeat("*", hidden) + string(number[hidden:])
	}
	local, domain, _ := strings.Cut(destination, "@")
	return first(local) + "***@" + first(domain) + "***"
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// A codePurpose says what a code is good for.
type codePurpose string

const (
	codeSignUp codePurpose = "sign-up"
	codeReset  codePurpose = "reset"
)

// An issuedCode is a code that waits to be entered.
type issuedCode struct {
	value       string
	attribute   string // that the code proves
	destination string // the value of the attribute that it was sent to
	expires     time.Time
}

const (
	signUpCodeValidity    = 24 * time.Hour
	attributeCodeValidity = 24 * time.Hour
	resetCodeValidity     = time.Hour
	codeDigits            = 6
)

// sendCode issues a code in place of any older one for the same purpose. The
// older one stays if the new one cannot be sent (inferred).
func (c *call) sendCode(
	u *user, purpose codePurpose, kind MessageKind, attribute string, validity time.Duration,
) (*codeDeliveryDetails, *apiError) {
	code := &issuedCode{
		value:       randomString(codeDigits, digits),
		attribute:   attribute,
		destination: u.destination(purpose, attribute),
		expires:     c.now.Add(validity),
	}
	older := u.codes[purpose]
	u.codes[purpose] = code
	details, err := c.deliver(u, kind, attribute, code.destination, code.value)
	if err != nil && u.codes[purpose] == code {
		u.codes[purpose] = older
	}
	return details, err
}

// destination is where a code for an attribute goes: to the value that waits
// to be verified, if that is what the code is for (inferred), else to the one
// that is in force.
func (u *user) destination(purpose codePurpose, attribute string) string {
	if pending := u.pending[attribute]; pending != "" && purpose == verifyPurpose(attribute) {
		return pending
	}
	return u.attributes[attribute]
}

// checkCode compares a code with the issued one. A code that was never issued
// looks the same as one that has expired; a wrong one leaves the right one
// valid.
func (c *call) checkCode(u *user, purpose codePurpose, given string) (*issuedCode, *apiError) {
	code := u.codes[purpose]
	if code == nil || !c.now.Before(code.expires) {
		return nil, expiredCode()
	}
	if subtle.ConstantTimeCompare([]byte(code.value), []byte(given)) != 1 {
		return nil, codeMismatch(msgWrongCode)
	}
	return code, nil
}

// useCode spends a code that was right. It proves the contact that it went to,
// if the user still has it.
func (c *call) useCode(u *user, purpose codePurpose, code *issuedCode) {
	delete(u.codes, purpose)
	if u.attributes[code.attribute] == code.destination {
		u.setVerified(code.attribute)
	}
	u.modified = c.now
	c.pool.users.reindex(u)
}

// simulatedDelivery makes up where a code would have gone to a user who does
// not exist. Asked again for the same name it says the same.
func (c *call) simulatedDelivery(name string) *codeDeliveryDetails {
	attribute, destination := attrEmail, name
	switch {
	case isPhone(name):
		attribute = attrPhone
	case !isEmail(name):
		sum := c.madeUp("destination", name)
		destination = string([]byte{lowerLetters[int(sum[0])%len(lowerLetters)], '@', lowerLetters[int(sum[1])%len(lowerLetters)]})
	}
	return &codeDeliveryDetails{AttributeName: attribute, DeliveryMedium: medium(attribute), Destination: mask(attribute, destination)}
}
