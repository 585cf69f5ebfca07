package authtest

import "cmp"

// template returns the subject and the text of a message as the pool's settings
// have them, and the service's own where they have none.
func (p *Pool) template(m Message) (subject, body string) {
	subject, body = defaultMessage(m)
	var t inviteTemplate
	switch {
	case m.Link != "":
		t.EmailMessage = p.settings.VerificationMessageTemplate.EmailMessageByLink
		t.EmailSubject = p.settings.VerificationMessageTemplate.EmailSubjectByLink
	case m.Kind == MessageInvitation:
		if p.invitation != nil && m.Code != "" {
			t = *p.invitation
		}
	case m.Kind == MessageAuthentication:
		t.SMSMessage = p.settings.SmsAuthenticationMessage
		if p.emailMFA != nil {
			t.EmailMessage, t.EmailSubject = p.emailMFA.Message, p.emailMFA.Subject
		}
	default:
		v := p.settings.VerificationMessageTemplate
		t.SMSMessage = cmp.Or(v.SmsMessage, p.settings.SmsVerificationMessage)
		t.EmailMessage = cmp.Or(v.EmailMessage, p.settings.EmailVerificationMessage)
		t.EmailSubject = cmp.Or(v.EmailSubject, p.settings.EmailVerificationSubject)
	}
	if m.Medium == MediumSMS {
		return subject, cmp.Or(t.SMSMessage, body)
	}
	return cmp.Or(t.EmailSubject, subject), cmp.Or(t.EmailMessage, body)
}
