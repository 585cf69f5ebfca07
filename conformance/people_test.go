package conformance

import (
	"fmt"
	"strings"
)

// A person is a user of the run.
type person struct {
	name, email, phone string
	password, wrong    string // wrong is a password that nobody has
}

// person returns the person with a label, the same for the same label.
func (r *run) person(label string) *person {
	if p := r.people[label]; p != nil {
		return p
	}
	name := r.target.prefix + r.journey.name + "-" + label
	p := &person{
		name: name,
		// An address that AWS provides for tests: what is sent there arrives
		// and is thrown away.
		email:    "success+" + name + "@simulator.amazonses.com",
		phone:    "+12065550100", // of those that belong to nobody
		password: newPassword(), wrong: newPassword(),
	}
	if local, _, _ := strings.Cut(p.email, "@"); len(local) > 64 { // RFC 5321
		panic("no address can be as long as " + p.email)
	}
	r.people[label] = p
	r.scrub.know(p.name, "user "+label)
	r.scrub.know(p.email, "email "+label)
	r.scrub.know(p.phone, "phone")
	r.scrub.know(p.password, "password "+label)
	r.scrub.know(p.wrong, "wrong password "+label)
	return p
}

// password returns a further password that the policies take.
func (r *run) password(label string) string {
	p := newPassword()
	r.scrub.know(p, label)
	return p
}

func newPassword() string { return "Aa1!" + newUUID() }

// confirmed returns a person with a confirmed account and a verified address.
func (r *run) confirmed(label string) *person {
	p := r.person(label)
	r.create(p)
	r.prepare("AdminSetUserPassword", r.onUser(p, m{"Password": p.password, "Permanent": true}))
	return p
}

// create makes an account whose password is temporary. No message is sent.
func (r *run) create(p *person) {
	r.prepare("AdminCreateUser", r.onUser(p, m{
		"TemporaryPassword": p.password, "MessageAction": "SUPPRESS",
		"UserAttributes": attributes("email", p.email, "email_verified", "true"),
	}))
}

// code returns the code that was last sent to a person.
func (r *run) code(p *person) string {
	r.codes++
	code := fmt.Sprintf("%06d", r.codes)
	if !r.replays {
		code = r.target.code(r.client.pool, p.name)
	}
	r.scrub.know(code, "code")
	return code
}
