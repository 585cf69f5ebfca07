package tokens

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of the JSON that is read here, far beyond what a user pool sends.
const (
	maxDepth   = 16
	maxMembers = 512
)

// Verdicts of the reader.
const (
	errSyntax    unreadable = "not valid JSON"
	errUTF8      unreadable = "not valid UTF-8"
	errDuplicate unreadable = "duplicate member"
	errTooDeep   unreadable = "nested too deep"
	errMembers   unreadable = "too many members"
	errType      unreadable = "member of the wrong type"
)

// jsonReader reads one JSON text as RFC 8259 has it, with the restrictions of
// RFC 7493 (I-JSON): valid UTF-8, no lone surrogates, no duplicate members at
// any depth. Strings without escapes are returned as parts of the text, so
// that reading allocates next to nothing.
//
// The first error sticks, and every method then returns zero values; callers
// look at err once, at the end.
type jsonReader struct {
	s   string
	i   int
	err error
}

func newJSONReader(text string) jsonReader {
	r := jsonReader{s: text}
	if !utf8.ValidString(text) {
		r.err = errUTF8
	}
	r.space()
	return r
}

func (r *jsonReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.i = len(r.s)
}

func (r *jsonReader) space() {
	for r.i < len(r.s) {
		switch r.s[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// peek returns the next byte that is not white space, or 0 at the end.
func (r *jsonReader) peek() byte {
	if r.i < len(r.s) && r.err == nil {
		return r.s[r.i]
	}
	return 0
}

// punct consumes c and the space after it.
func (r *jsonReader) punct(c byte) {
	if r.peek() != c {
		r.fail(errSyntax)
		return
	}
	r.i++
	r.space()
}

// end demands that nothing but space is left, and returns the verdict.
func (r *jsonReader) end() error {
	if r.err == nil && r.i != len(r.s) {
		r.fail(errSyntax)
	}
	return r.err
}

// next moves to the next element of an object or array that ends with
// closing, and reports whether there is one. The opening bracket has been
// consumed; first is true before the first element.
func (r *jsonReader) next(first bool, closing byte) bool {
	if r.peek() == closing {
		r.punct(closing)
		return false
	}
	if !first {
		r.punct(',')
	}
	return r.err == nil
}

// name reads the name of a member and the colon.
func (r *jsonReader) name() string {
	name := r.string()
	r.punct(':')
	return name
}

// string reads a string of any content.
func (r *jsonReader) string() string {
	if r.peek() != '"' {
		if r.peek() == 0 {
			r.fail(errSyntax)
		}
		r.fail(errType)
		return ""
	}
	start := r.i + 1
	for i := start; i < len(r.s); i++ {
		switch c := r.s[i]; {
		case c == '"':
			r.i = i + 1
			r.space()
			return r.s[start:i]
		case c == '\\':
			return r.escaped(start, i)
		case c < ' ':
			r.fail(errSyntax)
			return ""
		}
	}
	r.fail(errSyntax)
	return ""
}

// escaped finishes a string that begins at start and has its first escape at i.
func (r *jsonReader) escaped(start, i int) string {
	var b strings.Builder
	b.WriteString(r.s[start:i])
	for i < len(r.s) {
		c := r.s[i]
		switch {
		case c == '"':
			r.i = i + 1
			r.space()
			return b.String()
		case c < ' ':
			r.fail(errSyntax)
			return ""
		case c != '\\':
			b.WriteByte(c)
			i++
			continue
		}
		if i+1 >= len(r.s) {
			break
		}
		switch c = r.s[i+1]; c {
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			unit, ok := hex4(r.s, i+2)
			if !ok {
				r.fail(errSyntax)
				return ""
			}
			i += 6
			if utf16.IsSurrogate(unit) {
				// Half of a pair is no character; it would compare equal to
				// every other half once replaced.
				low, ok := rune(0), false
				if strings.HasPrefix(r.s[i:], `\u`) {
					low, ok = hex4(r.s, i+2)
				}
				if unit = utf16.DecodeRune(unit, low); !ok || unit == utf8.RuneError {
					r.fail(errUTF8)
					return ""
				}
				i += 6
			}
			b.WriteRune(unit)
			continue
		default:
			r.fail(errSyntax)
			return ""
		}
		i += 2
	}
	r.fail(errSyntax)
	return ""
}

func hex4(s string, i int) (rune, bool) {
	if i+4 > len(s) {
		return 0, false
	}
	var u rune
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		u = u<<4 | rune(c)
	}
	return u, true
}

// strings reads an array of strings.
func (r *jsonReader) strings() []string {
	if r.peek() != '[' {
		r.fail(errType)
		return nil
	}
	r.punct('[')
	var list []string
	for first := true; r.next(first, ']'); first = false {
		if list = append(list, r.string()); len(list) > maxMembers {
			r.fail(errMembers)
		}
	}
	return list
}

// bool reads true or false.
func (r *jsonReader) bool() bool {
	switch r.peek() {
	case 't':
		r.literal("true")
		return true
	case 'f':
		r.literal("false")
		return false
	default:
		r.fail(errType)
		return false
	}
}

func (r *jsonReader) literal(word string) {
	if !strings.HasPrefix(r.s[r.i:], word) {
		r.fail(errSyntax)
		return
	}
	r.i += len(word)
	r.space()
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253402300799

// seconds reads a time: whole seconds since 1970 and nothing else, although
// RFC 7519 section 2 would allow fractions.
func (r *jsonReader) seconds() int64 {
	if c := r.peek(); c < '0' || c > '9' {
		r.fail(errType)
		return 0
	}
	number := r.number()
	if number == "" || len(number) > len("253402300799") {
		r.fail(errType)
		return 0
	}
	var n int64
	for _, c := range []byte(number) {
		if c < '0' || c > '9' {
			r.fail(errType)
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	if n > maxSeconds {
		r.fail(errType)
		return 0
	}
	return n
}

// number reads a number and returns its text.
func (r *jsonReader) number() string {
	start, i := r.i, r.i
	digits := func() bool {
		from := i
		for i < len(r.s) && '0' <= r.s[i] && r.s[i] <= '9' {
			i++
		}
		return i > from
	}
	at := func(set string) bool { return i < len(r.s) && strings.IndexByte(set, r.s[i]) >= 0 }

	if at("-") {
		i++
	}
	ok := true
	if at("0") {
		i++
	} else {
		ok = digits()
	}
	if ok && at(".") {
		i++
		ok = digits()
	}
	if ok && at("eE") {
		i++
		if at("+-") {
			i++
		}
		ok = digits()
	}
	if !ok {
		r.fail(errSyntax)
		return ""
	}
	r.i = i
	r.space()
	return r.s[start:i]
}

// skip reads any value.
func (r *jsonReader) skip() { r.skipAt(0) }

func (r *jsonReader) skipAt(depth int) {
	if depth == maxDepth {
		r.fail(errTooDeep)
		return
	}
	switch c := r.peek(); c {
	case '{':
		r.punct('{')
		var names nameSet
		for first := true; r.next(first, '}'); first = false {
			names.add(r, r.name())
			r.skipAt(depth + 1)
		}
	case '[':
		r.punct('[')
		for first := true; r.next(first, ']'); first = false {
			r.skipAt(depth + 1)
		}
	case '"':
		r.string()
	case 't', 'f':
		r.bool()
	case 'n':
		r.literal("null")
	default:
		r.number()
	}
}

// nameSet finds duplicate names within one object. Objects are small, so that
// comparing is cheaper than hashing; maxMembers keeps hostile ones bounded.
type nameSet struct {
	few  [8]string
	n    int
	more []string
}

func (s *nameSet) add(r *jsonReader, name string) {
	if r.err != nil {
		return
	}
	if slices.Contains(s.few[:min(s.n, len(s.few))], name) || slices.Contains(s.more, name) {
		r.fail(errDuplicate)
		return
	}
	if s.n == maxMembers {
		r.fail(errMembers)
		return
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
	} else {
		s.more = append(s.more, name)
	}
	s.n++
}
