package authtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A shape is a constraint of the service's model on a member.
type shape struct {
	min, max  int // in characters, of a number its value; a max of 0 means 131072, the model's general limit
	pattern   string
	enum      []string
	sensitive bool // violations do not print the value
	matcher   *regexp.Regexp
}

const maxGeneralString = 131072

// shapes are the constrained values of the model that requests use. A
// password shorter than six characters is refused here although the current
// model states no minimum: the live service does so.
var shapes = sync.OnceValue(func() map[string]*shape {
	table := map[string]*shape{
		"AccessToken":            {pattern: `[A-Za-z0-9-_=.]+`, sensitive: true},
		"AttributeName":          {min: 1, max: 32, pattern: `[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+`},
		"AttributeValue":         {max: 2048, sensitive: true},
		"AuthFlow":               {enum: []string{"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH"}},
		"ChallengeName":          {enum: []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE", "SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP"}},
		"ClientId":               {min: 1, max: 128, pattern: `[\w+]+`, sensitive: true},
		"ClientSecret":           {min: 24, max: 64, pattern: `[\w+]+`, sensitive: true},
		"Code":                   {min: 1, max: 2048, pattern: `[\S]+`},
		"DeliveryMedium":         {enum: []string{"SMS", "EMAIL"}},
		"DeviceKey":              {min: 1, max: 55, pattern: `[\w-]+_[0-9a-f-]+`},
		"DeviceLimit":            {max: 60},
		"DeviceName":             {min: 1, max: 1024},
		"DeviceRememberedStatus": {enum: []string{"remembered", "not_remembered"}},
		"MessageAction":          {enum: []string{"RESEND", "SUPPRESS"}},
		"Password":               {min: 6, max: 256, pattern: `^[\S]+.*[\S]+$`, sensitive: true},
		"PasskeyLimit":           {max: 20},
		"SecretHash":             {min: 1, max: 128, pattern: `[\w+=/]+`, sensitive: true},
		"Session":                {min: 20, max: 2048, sensitive: true},
		"Username":               {min: 1, max: 128, pattern: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, sensitive: true},
		"UserCode":               {min: 6, max: 6, pattern: `[0-9]+`, sensitive: true},
		"UserPoolId":             {min: 1, max: 55, pattern: `[\w-]+_[0-9a-zA-Z]+`},
		"SensitiveString":        {sensitive: true},
	}
	for _, s := range table {
		if s.pattern != "" {
			s.matcher = regexp.MustCompile(`\A(?:` + s.pattern + `)\z`)
		}
	}
	return table
})

// violations returns what is wrong with value, the pattern first: that is the
// order in which the service has been seen to list them.
func (s *shape) violations(path, value string) []string {
	var found []string
	subject := "Value '" + value + "' at '" + path + "'"
	if s.sensitive {
		subject = "Value at '" + path + "'"
	}
	add := func(format string, args ...any) {
		found = append(found, subject+failedToSatisfy+fmt.Sprintf(format, args...))
	}
	if s.enum != nil {
		if !slices.Contains(s.enum, value) {
			add("Member must satisfy enum value set: [%s]", strings.Join(s.enum, ", "))
		}
		return found
	}
	if s.matcher != nil && !s.matcher.MatchString(value) {
		add("Member must satisfy regular expression pattern: %s", s.pattern)
	}
	length := utf8.RuneCountInString(value)
	if length < s.min {
		add("Member must have length greater than or equal to %d", s.min)
	}
	limit := s.max
	if limit == 0 {
		limit = maxGeneralString
	}
	if length > limit {
		add("Member must have length less than or equal to %d", limit)
	}
	return found
}

// numberViolations is violations for a number.
func (s *shape) numberViolations(path string, value int) []string {
	subject := "Value '" + strconv.Itoa(value) + "' at '" + path + "'" + failedToSatisfy
	switch {
	case value < s.min:
		return []string{subject + "Member must have value greater than or equal to " + strconv.Itoa(s.min)}
	case value > s.max:
		return []string{subject + "Member must have value less than or equal to " + strconv.Itoa(s.max)}
	default:
		return nil
	}
}

const failedToSatisfy = " failed to satisfy constraint: "

// nullViolation says that a required member is missing.
func nullViolation(path string, s *shape) string {
	if s != nil && s.sensitive {
		return "Value at '" + path + "'" + failedToSatisfy + "Member must not be null"
	}
	return "Value null at '" + path + "'" + failedToSatisfy + "Member must not be null"
}

// A member is a field of a request structure, as its aws tag describes it:
//
//	`aws:"Name,Shape,required"`
//
// Name is the member's name on the wire, Shape one of [shapes] or empty for a
// plain value. Numbers have a shape. A [json.RawMessage] is a document, any
// value at all.
type member struct {
	index    int
	name     string
	shape    *shape
	required bool
}

// membersOf reads the aws tags of a request structure. It panics on a tag that
// names no shape, which only a mistake in this package can cause.
func membersOf(t reflect.Type) []member {
	members := make([]member, 0, t.NumField())
	for i := range t.NumField() {
		parts := strings.Split(t.Field(i).Tag.Get("aws"), ",")
		m := member{index: i, name: parts[0]}
		if len(parts) > 1 && parts[1] != "" {
			if m.shape = shapes()[parts[1]]; m.shape == nil {
				panic("authtest: no shape " + parts[1] + " for " + t.String())
			}
		}
		m.required = slices.Contains(parts[1:], "required")
		members = append(members, m)
	}
	return members
}

// A decoder reads one request body. It is strict: names are matched exactly,
// and members that the operation does not have are listed in unknown.
type decoder struct {
	violations []string
	unknown    []string
}

// decodeRequest fills the structure that into points to, and checks it
// against the service's constraints.
func decodeRequest(body []byte, into any) *apiError {
	if !json.Valid(body) {
		return serialization("")
	}
	var d decoder
	if err := d.structure(body, reflect.ValueOf(into).Elem(), ""); err != nil {
		return err
	}
	if len(d.unknown) > 0 {
		what := "unknown member " + strings.Join(d.unknown, ", ")
		return &apiError{code: serialization("").code, message: "authtest: " + what, fault: what}
	}
	return d.err()
}

// err joins the violations the way the service does.
func (d *decoder) err() *apiError {
	switch n := len(d.violations); n {
	case 0:
		return nil
	case 1:
		return invalidParameter("1 validation error detected: " + d.violations[0])
	default:
		return invalidParameter(fmt.Sprintf("%d validation errors detected: %s", n, strings.Join(d.violations, "; ")))
	}
}

func (d *decoder) structure(raw json.RawMessage, v reflect.Value, path string) *apiError {
	if raw[firstByte(raw)] != '{' {
		return unexpected(raw)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return serialization("")
	}
	for _, m := range membersOf(v.Type()) {
		value, ok := object[m.name]
		delete(object, m.name)
		memberPath := path + lowerFirst(m.name)
		if !ok || isNull(value) {
			if m.required {
				d.violations = append(d.violations, nullViolation(memberPath, m.shape))
			}
			continue
		}
		if err := d.value(value, v.Field(m.index), m.shape, memberPath); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		d.unknown = append(d.unknown, strconv.Quote(path+name))
	}
	return nil
}

func (d *decoder) value(raw json.RawMessage, v reflect.Value, s *shape, path string) *apiError {
	if v.Type() == reflect.TypeFor[json.RawMessage]() { // a document, which has no shape
		v.SetBytes(slices.Clone(raw))
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(raw, v.Elem(), s, path)
	case reflect.Struct:
		return d.structure(raw, v, path+".")
	case reflect.Slice:
		return d.list(raw, v, s, path)
	case reflect.Map:
		return d.stringMap(raw, v, path)
	case reflect.Int:
		number, err := strconv.Atoi(string(bytes.TrimSpace(raw)))
		if err != nil {
			return mismatch(raw, "Integer")
		}
		d.violations = append(d.violations, s.numberViolations(path, number)...)
		v.SetInt(int64(number))
		return nil
	case reflect.Bool:
		switch string(bytes.TrimSpace(raw)) {
		case "true":
			v.SetBool(true)
		case "false":
		default:
			return mismatch(raw, "Boolean")
		}
		return nil
	default:
		if raw[firstByte(raw)] != '"' {
			return mismatch(raw, "String")
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return serialization("")
		}
		if s == nil {
			s = &shape{}
		}
		d.violations = append(d.violations, s.violations(path, text)...)
		v.SetString(text)
		return nil
	}
}

func (d *decoder) list(raw json.RawMessage, v reflect.Value, s *shape, path string) *apiError {
	if raw[firstByte(raw)] != '[' {
		return unexpected(raw)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return serialization("")
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		memberPath := path + "." + strconv.Itoa(i+1) + ".member"
		if isNull(item) {
			d.violations = append(d.violations, nullViolation(memberPath, nil))
			continue
		}
		if err := d.value(item, v.Index(i), s, memberPath); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) stringMap(raw json.RawMessage, v reflect.Value, path string) *apiError {
	if raw[firstByte(raw)] != '{' {
		return unexpected(raw)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return serialization("")
	}
	values := make(map[string]string, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if isNull(object[key]) {
			continue
		}
		var text string
		if err := d.value(object[key], reflect.ValueOf(&text).Elem(), shapes()["SensitiveString"], path+"."+key+".member"); err != nil {
			return err
		}
		values[key] = text
	}
	v.Set(reflect.ValueOf(values))
	return nil
}

// mismatch answers a JSON value of another type than the model's.
func mismatch(raw json.RawMessage, want string) *apiError {
	switch raw[firstByte(raw)] {
	case '{', '[':
		return unexpected(raw)
	case '"':
		return notConvertible("STRING_VALUE", want)
	case 't':
		return notConvertible("TRUE_VALUE", want)
	case 'f':
		return notConvertible("FALSE_VALUE", want)
	default:
		return notConvertible("NUMBER_VALUE", want)
	}
}

func unexpected(raw json.RawMessage) *apiError {
	switch raw[firstByte(raw)] {
	case '{':
		return serialization("Start of structure or map found where not expected.")
	case '[':
		return serialization("Start of list found where not expected")
	default:
		return serialization("Expected list, structure or map")
	}
}

// firstByte is the index of the first byte of a JSON value, past white space.
func firstByte(raw json.RawMessage) int {
	for i, c := range raw {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
	}
	return 0
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
