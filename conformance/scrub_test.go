package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// m is a JSON object.
type m = map[string]any

// Markers of values that are not written down as they are on the wire. Their
// names, like all placeholders, are in angle brackets.
const (
	markAttributes = "<attributes>" // a list of Name and Value, as an object
	markJSON       = "<json>"       // a string that holds JSON
	markJWT        = "<jwt>"        // a token that can be read

	placeString = "<string>"
	placeNumber = "<number>"
	placeDate   = "<date>"
	placeTime   = "<time>"
	placeKept   = "<as before>"
	placeIssued = "<iat>"
)

// A scrubber turns what is on the wire into what a transcript may hold. What is
// different every time becomes a placeholder, the same for the same value, so
// that a transcript shows which values are equal. What is not known to be a
// name or a text of the service becomes "<string>": nothing is let through
// because nobody thought of it.
type scrubber struct {
	known  map[string]string  // placeholders of what the run has chosen or was given, by value
	seen   map[string]string  // placeholders of what the service has made up, by value
	values map[string]string  // values by placeholder
	count  map[string]int     // how many values of a kind have been seen
	logins map[string]float64 // auth_time by origin_jti

	// made is set where the service makes up the addresses that it says it
	// sent messages to.
	made bool
}

func newScrubber() *scrubber {
	return &scrubber{
		known: make(map[string]string), seen: make(map[string]string), values: make(map[string]string),
		count: make(map[string]int), logins: make(map[string]float64),
	}
}

// know registers a value that the run has chosen or was given.
func (s *scrubber) know(value, name string) {
	if value == "" {
		return
	}
	placeholder := "<" + name + ">"
	s.known[value], s.values[placeholder] = placeholder, value
}

// A direction is where a value was found: the two sides of the wire, and what
// package auth returns.
type direction int

const (
	inRequest direction = iota
	inAnswer
	inOutcome
)

// value scrubs a decoded JSON value that is the member of an object.
func (s *scrubber) value(d direction, member string, value any) any {
	switch v := value.(type) {
	case m:
		if member == "Credential" && d == inRequest { // a document of the browser
			return m{"id": s.value(d, "id", v["id"])}
		}
		return s.object(d, v)
	case []any:
		return s.list(d, member, v)
	case string:
		return s.str(d, member, v)
	case float64:
		switch {
		case publishedNumbers[member] || d == inRequest:
			return v
		case strings.HasSuffix(member, "Date") || member == "CreatedAt":
			return placeDate
		default:
			return placeNumber
		}
	default:
		return v // true, false, null
	}
}

func (s *scrubber) object(d direction, object m) m {
	scrubbed := make(m, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		scrubbed[s.memberName(name)] = s.value(d, name, object[name])
	}
	return scrubbed
}

// memberName scrubs the name of a member: the service's are words, but there
// are maps too.
func (s *scrubber) memberName(name string) string {
	if memberPattern.MatchString(name) {
		return name
	}
	return placeString
}

var memberPattern = regexp.MustCompile(`^[A-Za-z_][\w:.-]{0,37}$`)

func (s *scrubber) list(d direction, member string, list []any) any {
	if attributes := attributeList(list); attributes != nil {
		return m{markAttributes: s.object(d, attributes)}
	}
	scrubbed := make([]any, len(list))
	for i, item := range list {
		scrubbed[i] = s.value(d, member, item)
	}
	return scrubbed
}

// attributeList returns a list of user or device attributes as an object: in
// which order the service lists them it does not promise.
func attributeList(list []any) m {
	attributes := make(m, len(list))
	for _, item := range list {
		object, _ := item.(m)
		name, named := object["Name"].(string)
		value, valued := object["Value"].(string)
		if !named || !valued || len(object) != 2 {
			return nil
		}
		attributes[name] = value
	}
	if len(attributes) != len(list) || len(list) == 0 {
		return nil
	}
	return attributes
}

func (s *scrubber) str(d direction, member, value string) any {
	if value == "" {
		return value
	}
	if placeholder, ok := s.known[value]; ok {
		return placeholder
	}
	if placeholder, ok := s.seen[value]; ok {
		return placeholder
	}
	if kind, ok := tokenKinds[member]; ok && d != inRequest {
		if token := s.token(kind, value); token != nil {
			return token
		}
	}
	if kind, ok := kindOf(member); ok {
		return s.number(kind, value)
	}
	if embeddedJSON[member] {
		var v any
		if json.Unmarshal([]byte(value), &v) == nil {
			return m{markJSON: s.value(d, member, v)}
		}
	}
	if destinations[member] && s.made {
		return maskedPattern.ReplaceAllString(s.text(value), "?$1")
	}
	switch {
	case d == inRequest && !secrets[member]:
		return s.text(value)
	case publishedTexts[member] || value == "true" || value == "false":
		return s.text(value)
	default:
		return placeString
	}
}

// destinations are the members that hold masked addresses.
var destinations = map[string]bool{"Destination": true, "CODE_DELIVERY_DESTINATION": true, "destination": true}

var maskedPattern = regexp.MustCompile(`\w(\*+)`)

// number gives a value the next placeholder of its kind.
func (s *scrubber) number(kind, value string) string {
	if kinds()[kind].same {
		return "<" + kind + ">"
	}
	s.count[kind]++
	placeholder := fmt.Sprintf("<%s %d>", kind, s.count[kind])
	if !kinds()[kind].form.MatchString(value) {
		placeholder = fmt.Sprintf("<%s %d, unusual>", kind, s.count[kind])
	}
	s.seen[value], s.values[placeholder] = placeholder, value
	return placeholder
}

// token returns what is in a JSON web token, nil if the value is none.
func (s *scrubber) token(kind, value string) any {
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return nil
	}
	var header, claims m
	for i, into := range []*m{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil || *into == nil {
			return nil
		}
	}
	placeholder := s.number(kind, value)
	return m{markJWT: placeholder, "header": s.object(inAnswer, header), "claims": s.claims(claims)}
}

// claims scrubs the claims of a token. Times are told by how they relate: exp
// to iat, and auth_time to that of the sign-in that the token descends from.
func (s *scrubber) claims(claims m) m {
	scrubbed := make(m, len(claims))
	issued, _ := claims["iat"].(float64)
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		number, isNumber := claims[name].(float64)
		switch {
		case isNumber && name == "exp":
			scrubbed[name] = fmt.Sprintf("%s+%.0f", placeIssued, number-issued)
		case isNumber && name == "iat":
			scrubbed[name] = placeTime
		case isNumber && name == "auth_time":
			scrubbed[name] = s.login(claims, number)
		default:
			scrubbed[s.memberName(name)] = s.value(inAnswer, name, claims[name])
		}
	}
	return scrubbed
}

func (s *scrubber) login(claims m, at float64) string {
	origin, _ := claims["origin_jti"].(string)
	before, ok := s.logins[origin]
	if ok && origin != "" && before == at {
		return placeKept
	}
	s.logins[origin] = at
	return placeTime
}

// text scrubs a text of the service, or a value that a journey chose.
func (s *scrubber) text(text string) string {
	for _, values := range []map[string]string{s.known, s.seen} {
		for _, value := range slices.SortedFunc(maps.Keys(values), longestFirst) {
			if len(value) >= 6 {
				text = strings.ReplaceAll(text, value, values[value])
			}
		}
	}
	for before := ""; text != before; { // what is taken out may make a word of the rest
		before = text
		for _, p := range leaks() {
			text = p.form.ReplaceAllString(text, p.name)
		}
	}
	return text
}

func longestFirst(a, b string) int {
	if len(a) != len(b) {
		return len(b) - len(a)
	}
	return strings.Compare(a, b)
}
