package authtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// cssSelectors are what styles of classic pages can be for, as documented.
var cssSelectors = []string{
	".background-customizable", ".banner-customizable", ".errorMessage-customizable",
	".idpButton-customizable", ".idpButton-customizable:hover", ".idpDescription-customizable",
	".inputField-customizable", ".inputField-customizable:focus", ".label-customizable", ".legalText-customizable",
	".logo-customizable", ".passwordCheck-valid-customizable", ".passwordCheck-notValid-customizable",
	".redirect-customizable", ".socialButton-customizable", ".submitButton-customizable",
	".submitButton-customizable:hover", ".textDescription-customizable",
}

// cssScripts are the ways in which browsers of former days have run scripts in
// styles.
var cssScripts = []string{"javascript:", "vbscript:", "expression(", "behavior:", "-moz-binding"}

// checkCSS refuses a style that is more than rules for [cssSelectors]: with
// statements such as @import and @media (documented), or anything else that is
// not understood here. In which words the service does so was not published.
func checkCSS(css string) *apiError {
	lower := strings.ToLower(css)
	if slices.ContainsFunc(cssScripts, func(script string) bool { return strings.Contains(lower, script) }) {
		return invalidParameter(msgCSSScript)
	}
	text, ok := cssSkeleton(css)
	switch {
	case !ok:
		return invalidParameter(msgCSSSyntax)
	case strings.ContainsRune(text, '@'):
		return invalidParameter(msgCSSStatement)
	}
	for strings.TrimSpace(text) != "" {
		selectors, rest, opened := strings.Cut(text, "{")
		declarations, rest, closed := strings.Cut(rest, "}")
		if !opened || !closed || strings.ContainsRune(declarations, '{') {
			return invalidParameter(msgCSSSyntax)
		}
		for selector := range strings.SplitSeq(selectors, ",") {
			if selector = strings.TrimSpace(selector); !slices.Contains(cssSelectors, selector) {
				return invalidParameter(fmt.Sprintf(msgCSSSelector, shortened(selector)))
			}
		}
		text = rest
	}
	return nil
}

// cssHidden is what hides text in a style: comments and strings.
var cssHidden = regexp.MustCompile(`/\*(?s:.*?)\*/|"[^"\n\r\f]*"|'[^'\n\r\f]*'`)

// cssSkeleton returns a style without its comments and with empty strings, and
// whether all of them end. Browsers have to see the same skeleton, so two things
// are not taken that CSS has: escapes, and addresses without quotes, in which
// nothing begins a string or a comment.
func cssSkeleton(css string) (skeleton string, ok bool) {
	const comment = "\x00"
	skeleton = cssHidden.ReplaceAllStringFunc(css, func(hidden string) string {
		if strings.HasPrefix(hidden, "/*") {
			return comment
		}
		return `""`
	})
	for _, address := range strings.Split(strings.ToLower(skeleton), "url(")[1:] {
		if !strings.HasPrefix(strings.TrimLeft(address, " \t\n\r\f"), `""`) {
			return "", false
		}
	}
	skeleton = strings.ReplaceAll(skeleton, `""`, "")
	ok = !strings.ContainsAny(css, comment+`\`) && !strings.ContainsAny(skeleton, `"'`) && !strings.Contains(skeleton, "/*")
	return strings.ReplaceAll(skeleton, comment, " "), ok
}
