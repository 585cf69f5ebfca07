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
)

// snippet returns the beginning of the text of a page that came instead of an
// answer, for a person who wonders which proxy wrote it. Such pages can repeat
// the request, so its values are taken out.
func snippet(page, request []byte) string {
	hide := newHider(request)
	text := hide.Replace(html.UnescapeString(withoutMarkup(hide.Replace(string(page)))))
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(text) {
		if len(word) >= longWord {
			word = "…"
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
	return hide.Replace(b.String())
}

// withoutMarkup returns what is outside of tags, scripts and styles.
func withoutMarkup(page string) string {
	var b strings.Builder
	for {
		text, tag, ok := strings.Cut(page, "<")
		b.WriteString(text)
		if !ok {
			return b.String()
		}
		_, page, ok = strings.Cut(tag, ">")
		if !ok {
			return b.String()
		}
		for _, element := range []string{"script", "style"} {
			if len(tag) >= len(element) && strings.EqualFold(tag[:len(element)], element) {
				_, page, _ = cutFold(page, "</"+element)
				_, page, _ = strings.Cut(page, ">")
			}
		}
	}
}

// cutFold is [strings.Cut] without regard to the case of ASCII letters; sep is
// lower case.
func cutFold(s, sep string) (before, after string, found bool) {
	if i := strings.Index(strings.ToLower(s), sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// newHider returns a replacer of the string values of a JSON request, in the
// spellings that a page may give them.
func newHider(request []byte) *strings.Replacer {
	var values []string
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= shortValue {
				quoted, _ := json.Marshal(v)
				values = append(values, v, strings.Trim(string(quoted), `"`), url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v))
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
	// Longest first: a value can be part of another.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, "[hidden]")
	}
	return strings.NewReplacer(pairs...)
}
