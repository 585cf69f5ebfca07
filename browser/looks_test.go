package browser

import (
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// nameOf is the accessible name of the focused element, as far as the page's
// elements need it.
const nameOf = `(e => (e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent).replace(/\s+/g, " ").trim())(document.activeElement)`

// tabTo presses Tab, once around the page at most, until the element with a name has the focus, and sees that
// the focus can be seen.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	var met []string
	for ends := 0; ends < 2; {
		b.do(chromedp.KeyEvent(kb.Tab))
		if eval[bool](b, "document.activeElement === document.body") {
			ends++ // of the page, where the browser's own controls would follow
			continue
		}
		got := eval[string](b, nameOf)
		if got == name {
			if !eval[bool](b, `parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2 && getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
				b.t.Errorf("the focus on %q cannot be seen", name)
			}
			return
		}
		met = append(met, got)
	}
	b.t.Fatalf("no way by keyboard to %q; there are %q", name, met)
}

// looksRight checks what a glance would: nothing sticks out, the colors are
// those of the scheme, and texts can be read (WCAG 2.2, 1.4.3).
func (b *tab) looksRight() {
	t, s := b.t, b.screen
	t.Helper()
	if got := eval[int64](b, "document.documentElement.scrollWidth"); got > s.width {
		t.Errorf("the page is %d wide on a screen of %d", got, s.width)
	}
	if dark := eval[bool](b, contrastScript+`; luminance(backgroundOf(document.body)) < 0.2`); dark != (s.scheme == "dark") {
		t.Errorf("the page is dark: %t", dark)
	}
	for _, text := range eval[[]string](b, contrastScript+"; faint()") {
		t.Errorf("hard to read: %s", text)
	}
	for _, element := range eval[[]string](b, unnamedScript) {
		t.Errorf("an element without a name: %s", element)
	}
	if s.width < 600 {
		for _, target := range eval[[]string](b, smallScript) {
			t.Errorf("too small for a finger: %s", target)
		}
	}
	for _, landmark := range []string{"header", "nav[aria-label]", "main", "[role=search]", "[role=status]", "section[aria-labelledby]", "h1"} {
		if !eval[bool](b, `document.querySelector("`+landmark+`") !== null`) {
			t.Errorf("the page has no %s", landmark)
		}
	}
}

// contrastScript finds texts whose contrast with what is behind them is too
// low. The browser's own placeholder color is not asked for.
const contrastScript = `
var parse = color => color.match(/[\d.]+/g).map(Number);
var luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
	.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
var backgroundOf = e => {
	for (; e; e = e.parentElement) {
		const color = parse(getComputedStyle(e).backgroundColor);
		if (color.length < 4 || color[3] > 0) return color;
	}
	return [255, 255, 255];
};
var faint = () => {
	const found = [];
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || !e.checkVisibility()) continue;
		const [high, low] = [luminance(parse(getComputedStyle(e).color)), luminance(backgroundOf(e))].sort((a, b) => b - a);
		const ratio = (high + 0.05) / (low + 0.05);
		if (ratio < 4.5) found.push(texts.currentNode.data.trim() + " (" + ratio.toFixed(2) + ")");
	}
	return found;
}`

// unnamedScript finds controls that a screen reader could not name.
const unnamedScript = `[...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
	.filter(e => !(e.getAttribute("aria-label") || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
	.map(e => e.outerHTML)`

// smallScript finds controls that are smaller than WCAG 2.2, 2.5.8, asks for,
// leaving out links in sentences and what is out of sight.
const smallScript = `[...document.querySelectorAll("button, input:not([type=hidden]), summary, nav a")]
	.filter(e => e.checkVisibility()).filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24 })
	.map(e => e.outerHTML)`
