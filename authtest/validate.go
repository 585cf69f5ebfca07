package authtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
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
	blank     bool // the empty string is taken, whatever the rest says
	matcher   func() matcher

	// collection marks the shape of a list or a map: min and max are its
	// length, of and key the shapes of what is in it, empty for plain values.
	collection bool
	of, key    string
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
		"TemporaryPassword":      {min: 6, max: 256, pattern: `^[\S]+.*[\S]+$`, sensitive: true, blank: true},
		"UserCode":               {min: 6, max: 6, pattern: `[0-9]+`, sensitive: true},
		"UserPoolId":             {min: 1, max: 55, pattern: `[\w-]+_[0-9a-zA-Z]+`},
		"SensitiveString":        {sensitive: true},
	}
	maps.Copy(table, adminShapes())
	maps.Copy(table, lookShapes())
	for _, s := range table {
		if s.pattern != "" {
			// Compiled when it is first met: most programs meet few of them.
			s.matcher = sync.OnceValue(func() matcher { return compilePattern(s.pattern) })
		}
	}
	return table
})

// violations returns what is wrong with value, the pattern first: that is the
// order in which the service has been seen to list them.
func (s *shape) violations(path, value string) []string {
	if s.blank && value == "" {
		return nil
	}
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
	if s.matcher != nil && !s.matcher()(value) {
		add("Member must satisfy regular expression pattern: %s", s.pattern)
	}
	length := utf8.RuneCountInString(value)
	if length < s.min {
		add("Member must have length greater than or equal to %d", s.min)
	}
	if length > s.limit() {
		add("Member must have length less than or equal to %d", s.limit())
	}
	return found
}

// limit is the most that the shape allows.
func (s *shape) limit() int {
	if s.max == 0 {
		return maxGeneralString
	}
	return s.max
}

// constraints are all that the shape demands, as the service lists them for
// what is in a list or map.
func (s *shape) constraints() string {
	if s.enum != nil {
		return "[Member must satisfy enum value set: [" + strings.Join(s.enum, ", ") + "]]"
	}
	all := []string{
		"Member must have length less than or equal to " + strconv.Itoa(s.limit()),
		"Member must have length greater than or equal to " + strconv.Itoa(s.min),
	}
	if s.pattern != "" {
		all = append(all, "Member must satisfy regular expression pattern: "+s.pattern)
	}
	return "[" + strings.Join(all, ", ") + "]"
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
// plain value. Numbers have a shape. The shape of a list or map is its own or
// that of its elements. A [json.RawMessage] is a document, any value at all. Bytes have a
// shape, as numbers do.
// Embedded structures lend their members.
type member struct {
	index    []int
	name     string
	shape    *shape
	required bool
}

// membersOf reads the aws tags of a request structure. It panics on a tag that
// names no shape, which only a mistake in this package can cause.
func membersOf(t reflect.Type) []member {
	members := make([]member, 0, t.NumField())
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			for _, m := range membersOf(f.Type) {
				m.index = append([]int{i}, m.index...)
				members = append(members, m)
			}
			continue
		}
		parts := strings.Split(t.Field(i).Tag.Get("aws"), ",")
		m := member{index: []int{i}, name: parts[0]}
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
		if err := d.value(value, v.FieldByIndex(m.index), m.shape, memberPath); err != nil {
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
	if v.Type() == reflect.TypeFor[[]byte]() {
		return d.blob(raw, v, s, path)
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
		return d.stringMap(raw, v, s, path)
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
		text, err := decodeString(raw)
		if err != nil {
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

// decodeString reads a JSON string that is known to be valid. Most have no
// escapes, and are what they say.
func decodeString(raw json.RawMessage) (text string, err error) {
	if plain := bytes.Trim(bytes.TrimSpace(raw), `"`); bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain), nil
	}
	err = json.Unmarshal(raw, &text)
	return text, err
}

// blob reads bytes, which are base64 on the wire. A shape counts the bytes.
func (d *decoder) blob(raw json.RawMessage, v reflect.Value, s *shape, path string) *apiError {
	if raw[firstByte(raw)] != '"' {
		return mismatch(raw, "Blob")
	}
	var value []byte
	if err := json.Unmarshal(raw, &value); err != nil {
		return serialization("")
	}
	if len(value) > s.limit() {
		d.violations = append(d.violations, "Value at '"+path+"'"+failedToSatisfy+"Member must have length less than or equal to "+strconv.Itoa(s.limit()))
	}
	v.SetBytes(value)
	return nil
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
	if s != nil && s.collection {
		d.count(len(items), s, path)
		s = shapes()[s.of]
	}
	if v.Type().Elem().Kind() == reflect.String {
		return d.texts(items, v, s, path)
	}
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

// count checks the length of a list or map.
func (d *decoder) count(n int, s *shape, path string) {
	const format = "Value at '%s'" + failedToSatisfy + "Member must have length %s than or equal to %d"
	if n < s.min {
		d.violations = append(d.violations, fmt.Sprintf(format, path, "greater", s.min))
	}
	if s.max > 0 && n > s.max {
		d.violations = append(d.violations, fmt.Sprintf(format, path, "less", s.max))
	}
}

// texts reads the elements of a list of strings. However many of them are
// wrong, the service complains once, of the list.
func (d *decoder) texts(items []json.RawMessage, v reflect.Value, s *shape, path string) *apiError {
	var element decoder
	for i, item := range items {
		if isNull(item) {
			d.violations = append(d.violations, nullViolation(path+"."+strconv.Itoa(i+1)+".member", nil))
			continue
		}
		if err := element.value(item, v.Index(i), s, path); err != nil {
			return err
		}
	}
	if len(element.violations) == 0 {
		return nil
	}
	if s == nil {
		s = &shape{}
	}
	subject := "Value at '" + path + "'"
	if !s.sensitive {
		subject = fmt.Sprintf("Value '[%s]' at '%s'", strings.Join(stringsOf(v), ", "), path)
	}
	d.violations = append(d.violations, subject+failedToSatisfy+"Member must satisfy constraint: "+s.constraints())
	return nil
}

func stringsOf(v reflect.Value) []string {
	list := make([]string, v.Len())
	for i := range list {
		list[i] = v.Index(i).String()
	}
	return list
}

func (d *decoder) stringMap(raw json.RawMessage, v reflect.Value, s *shape, path string) *apiError {
	if raw[firstByte(raw)] != '{' {
		return unexpected(raw)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return serialization("")
	}
	key, element := &shape{}, shapes()["SensitiveString"]
	if s != nil {
		d.count(len(object), s, path)
		key, element = shapes()[s.key], shapes()[s.of]
	}
	values := make(map[string]string, len(object))
	var keys, elements decoder
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if isNull(object[name]) {
			continue
		}
		var text string
		if err := elements.value(object[name], reflect.ValueOf(&text).Elem(), element, path); err != nil {
			return err
		}
		keys.violations = append(keys.violations, key.violations("", name)...)
		values[name] = text
	}
	subject := "Value at '" + path + "'" + failedToSatisfy
	if len(keys.violations) > 0 {
		d.violations = append(d.violations, subject+"Map keys must satisfy constraint: "+key.constraints())
	}
	if len(elements.violations) > 0 {
		d.violations = append(d.violations, subject+"Map value must satisfy constraint: "+element.constraints())
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
