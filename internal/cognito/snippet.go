package cognito

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	// snippetLen bounds a snippet, in characters.
	snippetLen = 256

	// longWord is the length from which a word is left out: tokens, sessions,
	// hashes, and the parts of them that a page cut short.
	longWord = 32

	// shortValue is the length below which a value of the request is no secret:
	// the service's own rules ask for more, and hiding every "a" would leave no
	// text.
	shortValue = 3

	// omission stands for what was left out. It is no longer than the shortest
	// value that it replaces.
	omission = "…"
)

// snippet returns the beginning of the text of a page that came instead of an
// answer, for a person who wonders which proxy wrote it. Such pages can repeat
// the request, so its values are taken out.
func snippet(page, request []byte) string {
	values := hiderOf(request)
	text := values.Replace(strings.ToValidUTF8(string(page), ""))
	text = values.Replace(html.UnescapeString(withoutMarkup(text)))
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, text)
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(text) {
		if len(word) >= longWord {
			word = omission
		}
		n += len([]rune(word)) + 1
		if n > snippetLen {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return values.Replace(b.String())
}

// withoutMarkup returns what is outside of tags, comments, scripts and styles.
// A tag ends a word, unless it is one that browsers show within a word.
func withoutMarkup(page string) string {
	lower := lowerASCII(page)
	var b strings.Builder
	for at := 0; at < len(page); {
		open := strings.IndexByte(page[at:], '<')
		if open < 0 {
			b.WriteString(page[at:])
			break
		}
		b.WriteString(page[at : at+open])
		at += open
		name := tagName(lower[at:])
		end := ">"
		switch name {
		case "script", "style":
			end = "</" + name
		case "!--":
			end = "-->"
		}
		length := strings.Index(lower[at:], end)
		if length < 0 {
			break
		}
		at += length + len(end)
		if !slices.Contains(inlineTags, name) {
			b.WriteByte(' ')
		}
		if end[:1] == "<" { // what is left of the closing tag
			if length = strings.IndexByte(page[at:], '>'); length < 0 {
				break
			}
			at += length + 1
		}
	}
	return b.String()
}

var inlineTags = []string{"a", "b", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr"}

// tagName returns the name of the tag, opening or closing, that text begins
// with.
func tagName(text string) string {
	if strings.HasPrefix(text, "<!--") {
		return "!--"
	}
	text = strings.TrimPrefix(text[1:], "/")
	i := 0
	for i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9') {
		i++
	}
	return text[:i]
}

// lowerASCII returns s with the letters A to Z in lower case and every byte in
// its place, which [strings.ToLower] does not promise.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// hiderOf returns a replacer of the string values of a JSON request, in the
// spellings that a page may give them.
func hiderOf(request []byte) *strings.Replacer {
	var values []string
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) < shortValue {
				return
			}
			values = append(values, v, url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v))
			if quoted, err := json.Marshal(v); err == nil {
				values = append(values, string(quoted[1:len(quoted)-1]))
			}
		case []any:
			for _, e := range v {
				collect(e)
			}
		case map[string]any:
			for _, e := range v {
				collect(e)
			}
		}
	}
	var body any
	if json.Unmarshal(request, &body) == nil {
		collect(body)
	}
	// Longest first: one value can begin with another.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, omission)
	}
	return strings.NewReplacer(pairs...)
}
