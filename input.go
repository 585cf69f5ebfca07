package auth

import (
	"cmp"
	"errors"
	"maps"
	"net/netip"
	"regexp"
	"slices"
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
	maxText     = 131072

	maxDeviceKey = 55

	maxAttributeName  = 32
	maxAttributeValue = 2048
)

var (
	totpPattern      = regexp.MustCompile(`^[0-9]{6}$`)
	attributePattern = regexp.MustCompile(`^[\w:.-]{1,32}$`)
	deviceKeyPattern = regexp.MustCompile(`^[\w-]+_[0-9a-f-]+$`) // DeviceKeyType
	tokenPattern     = regexp.MustCompile(`^[A-Za-z0-9_=.-]+$`)  // TokenModelType
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
	case !utf8.ValidString(code):
		f.problem = notUTF8
	case len([]rune(code)) > maxCode:
		f.problem = "longer than 2048 characters"
	case strings.ContainsFunc(code, unicode.IsSpace):
		f.problem = "contains white space"
	}
	return f
}

// requiredField checks what has no form that this side knows.
func requiredField(name, text string) field {
	f := textField(name, text)
	if text == "" {
		f.problem = "required"
	}
	return f
}

// textField is for texts that may be left out.
func textField(name, text string) field {
	f := field{name: name}
	switch {
	case !utf8.ValidString(text):
		f.problem = notUTF8
	case len(text) > maxText:
		f.problem = "longer than 131072 bytes"
	}
	return f
}

// totpField checks a code of an authenticator app (UserCode of
// VerifySoftwareToken).
func totpField(name, code string) field {
	f := field{name: name}
	switch {
	case code == "":
		f.problem = "required"
	case !totpPattern.MatchString(code):
		f.problem = "not six digits"
	}
	return f
}

// contactField checks the name of an attribute that can be verified.
func contactField(name string) field {
	f := field{name: "UserAttributeKey"}
	switch name {
	case "":
		f.problem = "required"
	case "email", "phone_number":
	default:
		f.problem = "only email and phone_number can be verified"
	}
	return f
}

// attributeFields checks attributes, one field for each that is wrong. Names are
// shown where they are fit to be seen.
func attributeFields(name string, attributes map[string]string, required bool) []field {
	if len(attributes) == 0 && required {
		return []field{{name: name, problem: "required"}}
	}
	var fields []field
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		value := attributes[key]
		f := field{name: name}
		if attributePattern.MatchString(key) {
			f.name += "[" + key + "]"
		}
		switch {
		case key == "":
			f.problem = "an attribute without a name"
		case !utf8.ValidString(key) || len([]rune(key)) > maxAttributeName:
			f.problem = "an attribute's name is longer than 32 characters or not valid UTF-8"
		case !utf8.ValidString(value):
			f.problem = notUTF8
		case len([]rune(value)) > maxAttributeValue:
			f.problem = "longer than 2048 characters"
		}
		fields = append(fields, f)
	}
	return fields
}

// deviceIDField checks a device key; an empty one stands for a default.
func deviceIDField(id string) field {
	f := field{name: "DeviceID"}
	if id != "" && (len(id) > maxDeviceKey || !deviceKeyPattern.MatchString(id)) {
		f.problem = `not a device key, as "eu-west-1_" and a UUID`
	}
	return f
}

// tokenField checks the form of a token that only the service can read.
func tokenField(f field, token string) field {
	if token != "" && !tokenPattern.MatchString(token) {
		f.problem = "not a token"
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
