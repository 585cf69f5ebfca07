package authtest

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// A matcher reports whether a whole value is as a pattern of the model says.
type matcher func(value string) bool

// compilePattern returns the matcher of a pattern. Most patterns are one class
// of characters, some of them, and values as long as tokens are met in every
// request; looking the characters up takes a tenth of what a regular
// expression does.
func compilePattern(pattern string) matcher {
	expression := regexp.MustCompile(`\A(?:` + pattern + `)\z`)
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || parsed.Op != syntax.OpPlus || parsed.Sub[0].Op != syntax.OpCharClass {
		return expression.MatchString
	}
	ranges := parsed.Sub[0].Rune // pairs of the first and the last rune, in order
	has := func(r rune) bool {
		at, found := slices.BinarySearch(ranges, r)
		return found || at%2 == 1
	}
	var plain [utf8.RuneSelf]bool
	for i := range plain {
		plain[i] = has(rune(i))
	}
	return func(value string) bool {
		for _, r := range value {
			if r < utf8.RuneSelf && plain[r] {
				continue
			}
			if r < utf8.RuneSelf || !has(r) {
				return false
			}
		}
		return value != ""
	}
}
