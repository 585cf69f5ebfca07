package auth

import (
	"cmp"
	"errors"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cognitokit/auth/internal/cognito"
)

// A field is one input and what is wrong with it, "" for nothing.
type field struct {
	name, problem string
	code          ErrorCode // default ErrInvalidInput
}

// begin checks the session and the inputs of an operation before anything is
// sent or stored, and reports all problems at once.
func begin(s *Session, op string, fields ...field) error {
	if err := s.check(op); err != nil {
		return err
	}
	var errs []error
	for _, f := range fields {
		if f.problem != "" {
			errs = append(errs, &Error{Op: op, Code: cmp.Or(f.code, ErrInvalidInput), Field: f.name, Message: f.problem})
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// Limits of the service's own input validation (facts of its model). Checking
// them here saves a request and names the field.
const (
	maxUsername = 128
	maxPassword = 256
	maxCode     = 2048
)

// JSON would replace what is not UTF-8, and make one text of many: a password
// would be another than the one that was typed.
const notUTF8 = "not valid UTF-8"

func nameField(username string) field {
	f := field{name: "Username"}
	switch {
	case username == "":
		f.problem = "required"
	case !utf8.ValidString(username):
		f.problem = notUTF8
	case len([]rune(username)) > maxUsername:
		f.problem = "longer than 128 characters"
	case !usernamePattern.MatchString(username):
		f.problem = "contains white space or control characters"
	}
	return f
}

// passwordField does not judge the pool's policy, which only the service knows.
func passwordField(name, password string) field {
	f := field{name: name}
	switch {
	case password == "":
		f.problem = "required"
	case !utf8.ValidString(password):
		f.problem = notUTF8
	case len([]rune(password)) > maxPassword:
		f.problem = "longer than 256 characters"
	}
	return f
}

// newPasswordField is for passwords that may be left out.
func newPasswordField(name, password string) field {
	if password == "" {
		return field{name: name}
	}
	return passwordField(name, password)
}

// responseField checks what the steps' own checks do not see.
func responseField(response string) field {
	f := field{name: "ChallengeResponse"}
	if !utf8.ValidString(response) {
		f.problem = notUTF8
	}
	return f
}

func codeField(name, code string) field {
	f := field{name: name}
	switch {
	case code == "":
		f.problem = "required"
	case len(code) > maxCode:
		f.problem = "longer than 2048 characters"
	case strings.ContainsFunc(code, unicode.IsSpace):
		f.problem = "contains white space"
	}
	return f
}

func contextField(c ClientContext) field {
	f := field{name: "ClientContext.IPAddress"}
	if c.IPAddress != "" {
		if _, err := netip.ParseAddr(c.IPAddress); err != nil {
			f.problem = "not an IP address"
		}
	}
	return f
}

func callOptions(metadata map[string]string, c ClientContext) cognito.CallOptions {
	return cognito.CallOptions{
		ClientMetadata: metadata,
		UserContext:    cognito.UserContext{IPAddress: c.IPAddress, EncodedData: c.EncodedData},
	}
}

func delivery(d *cognito.Delivery) *CodeDeliveryDetails {
	if d == nil {
		return nil
	}
	return &CodeDeliveryDetails{Destination: d.Destination, DeliveryMedium: d.Medium, AttributeName: d.Attribute}
}
