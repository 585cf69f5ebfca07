package authtest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzPatterns compares the matchers of all patterns of the model with regular
// expressions.
func FuzzPatterns(f *testing.F) {
	expressions := make(map[string]*regexp.Regexp)
	for _, s := range shapes() {
		if s.pattern != "" {
			expressions[s.pattern] = regexp.MustCompile(`\A(?:` + s.pattern + `)\z`)
		}
	}
	patterns := slices.Sorted(maps.Keys(expressions))
	for i := range patterns {
		for _, value := range []string{
			"", "a", "Az09", "a b", "a\nb", "a_1", "eu-west-1_a", "\x00", "\x7f", "é", "日本", "a\u0301", "\xff", "\ufffd", "\U0001f600", "a=b+c/d", " a", "a ",
			"eyJ.a-b_c=.d", strings.Repeat("a", 300), "arn:aws:lambda:eu-west-1:123456789012:function:f",
		} {
			f.Add(i, value)
		}
	}
	f.Fuzz(func(t *testing.T, i int, value string) {
		pattern := patterns[uint(i)%uint(len(patterns))]
		if got, want := compilePattern(pattern)(value), expressions[pattern].MatchString(value); got != want {
			t.Errorf("%s matches %q: %t, want %t", pattern, value, got, want)
		}
	})
}
