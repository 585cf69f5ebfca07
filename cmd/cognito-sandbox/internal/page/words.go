package page

import (
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cognitokit/auth/authtest"
)

// words are the functions of the template.
func words() template.FuncMap {
	return template.FuncMap{
		"count": count, "kind": kind, "medium": medium, "tone": tone,
		"machine": machine, "moment": moment, "ahead": ahead, "breakable": breakable,
	}
}

// kindNames are the kinds of messages in people's words.
var kindNames = map[authtest.MessageKind]string{
	authtest.MessageSignUp:              "Sign-up code",
	authtest.MessageResendCode:          "Sign-up code, sent again",
	authtest.MessageForgotPassword:      "Password reset code",
	authtest.MessageAuthentication:      "Sign-in code",
	authtest.MessageInvitation:          "Temporary password",
	authtest.MessageUpdateUserAttribute: "Verification code",
	authtest.MessageVerifyUserAttribute: "Verification code",
	authtest.MessageAccountTakeOver:     "Notice of a risk",
}

func kind(k authtest.MessageKind) string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return string(k)
}

func medium(m authtest.Medium) string {
	if m == authtest.MediumEmail {
		return "E-mail"
	}
	return string(m)
}

// tone is the class of a status.
func tone(s authtest.UserStatus) string {
	if s == authtest.StatusConfirmed {
		return "good"
	}
	return "warn"
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// moment is a time as short as it can be understood now.
func moment(t, now time.Time) string {
	t, now = t.Local(), now.Local() //nolint:gosmopolitan // the sandbox is where its user is
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format("2006-01-02 15:04")
}

// ahead says how far the clock was advanced.
func ahead(d time.Duration) string {
	var parts []string
	if days := int(d / day); days > 0 {
		parts = append(parts, count(days, "day"))
	}
	for _, unit := range []struct {
		n    time.Duration
		name string
	}{{d % day / time.Hour, "h"}, {d % time.Hour / time.Minute, "min"}, {d % time.Minute / time.Second, "s"}} {
		if unit.n > 0 {
			parts = append(parts, strconv.Itoa(int(unit.n))+" "+unit.name)
		}
	}
	return strings.Join(parts, " ") + " ahead"
}

const day = 24 * time.Hour

// breakable lets a line break before the capitals of a long name.
func breakable(name string) template.HTML {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteString("<wbr>")
		}
		b.WriteString(template.HTMLEscapeString(string(r)))
	}
	return template.HTML(b.String()) //nolint:gosec // every character was escaped
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
