package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ringfence/web/gate"
)

// Every page, whoever wrote it: axe-core finds nothing in either colour scheme, nothing is wider than a window of 320 pixels
// or text of twice the size, all of it can be reached with the keyboard alone, each thing that can be pressed is large enough
// for a finger, and what a caller made up is text.
func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ringing()
	client := s.as("owner")
	window := s.browse("owner", "/h/mum/") // one for all: a new one takes longer than a page
	for _, rt := range s.allRoutes() {
		method, path := s.sample(rt.pattern, "mum")
		if method != http.MethodGet || strings.HasSuffix(path, "/live") {
			continue
		}
		a := client.get(path)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || a.status != http.StatusOK {
			continue // a file, or a page that leads to another
		}
		t.Run(path, func(t *testing.T) {
			b := &tab{window.For(t), t, s}
			b.open(path)
			b.shot("page" + strings.NewReplacer("/", "_", "?", "_").Replace(path))
			b.axe()
			b.fits()
			b.keyboard()
			if title := eval[string](b, "document.title"); strings.Contains(title, "taken") || !strings.HasSuffix(title, "Ringfence") {
				t.Errorf("%s has the title %q", path, title)
			}
		})
	}
}

// keyboard goes through the page with the Tab key: everything that can be pressed is reached, in the order of the page, and it is
// seen where the focus is.
func (b *tab) keyboard() {
	b.t.Helper()
	wanted := eval[int](b, `(() => { document.activeElement.blur(); window.reached = new Set();
		window.pressable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls]")].filter((e) => e.checkVisibility() && !e.disabled
			&& !(e.type === "radio" && !e.checked && document.querySelector('input[type=radio][name="' + e.name + '"]:checked')));
		window.unseen = []; return window.pressable.length; })()`)
	for i := 0; i < 4*wanted+10; i++ {
		b.do(chromedp.KeyEvent("\t"))
		done := eval[bool](b, `(() => { const e = document.activeElement; if (!e || e === document.body) return window.reached.size > 0;
			if (e.matches(":focus-visible")) { const c = getComputedStyle(e); if (c.outlineStyle === "none" && e.tagName !== "AUDIO" && c.boxShadow === "none") window.unseen.push(e.outerHTML.slice(0, 120)); }
			window.reached.add(e); return false; })()`)
		if done {
			break
		}
	}
	for _, e := range eval[[]string](b, `window.unseen`) {
		b.t.Errorf("the focus cannot be seen on %s", e)
	}
	for _, e := range eval[[]string](b, `window.pressable.filter((e) => !window.reached.has(e) && !(e.type === "radio" && [...window.reached].some((r) => r.name === e.name))).map((e) => e.outerHTML.slice(0, 120))`) {
		b.t.Errorf("the keyboard does not reach %s", e)
	}
	// WCAG 2.2, 2.5.8: at least 24 by 24 pixels, but for links within a sentence.
	for _, e := range eval[[]string](b, `window.pressable.filter((e) => { const r = e.getBoundingClientRect(); const inText = e.tagName === "A" && getComputedStyle(e).display === "inline";
		return !inText && !e.classList.contains("skip") && (r.width < 24 || r.height < 22) && !(e.type === "checkbox" || e.type === "radio"); }).map((e) => e.outerHTML.slice(0, 120))`) {
		b.t.Errorf("too small for a finger: %s", e)
	}
}

// Without script everything still works: what a carer does on Today is a form.
func TestWithoutScriptInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := s.ringing()
	b := s.browse("carer", "/")
	b.withoutScript()
	b.open("/h/mum/")
	b.clickNode(`form[action$="/calls/` + itoa(call) + `/let-through"] button`)
	b.hasText(" is put through to whoever answers.")
	b.clickNode(`li:has(form[action$="/calls/` + itoa(s.calls["screened"]) + `/allow"]) > details > summary`)
	b.clickNode(`form[action$="/calls/` + itoa(s.calls["screened"]) + `/allow"] button`)
	b.hasText("is one of your contacts now")
	b.clickNode(`.flash form button`)
	b.hasText("Undone")
}

// percent is every byte of a text in its percent form.
func percent(text string) string {
	form := ""
	for _, b := range []byte(text) {
		form += fmt.Sprintf("%%%02x", b)
	}
	return form
}

// A page that is wanted by somebody who has not signed in is shown after signing in, and no page of another site.
func TestInside(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/h/mum/calls?kind=missed": "/h/mum/calls?kind=missed", "": "/", "//evil.example": "/", "https://evil.example": "/", "/\\evil.example": "/", "/a\r\nb": "/",
	} {
		if got := gate.Inside(to); got != want {
			t.Errorf("inside(%q) = %q, not %q", to, got, want)
		}
	}
	// Browsers drop some control characters and take a backslash for a slash; what is on the way may decode their percent forms.
	strange := []string{"\\", "\u0085", "\u2028/", "\xff"}
	for c := range rune(0x20) {
		strange = append(strange, string(c))
	}
	for _, c := range append(strange, "\x7f") {
		for _, to := range []string{"/" + c + "/evil.example", "/" + c + "evil.example", c + "//evil.example", "/a" + c, "//" + c + "evil.example"} {
			for _, to := range []string{to, strings.ReplaceAll(to, c, percent(c))} {
				if got := gate.Inside(to); got != "/" && c != "\u2028/" {
					t.Errorf("inside(%q) = %q", to, got)
				}
			}
		}
	}
	for _, to := range []string{"/%2F/evil.example", "/%2f%2fevil.example", "%2f/evil.example", "http:/evil.example", "/%5c/evil.example"} {
		if got := gate.Inside(to); strings.HasPrefix(got, "//") || got != "/" && !strings.HasPrefix(got, "/%2") {
			t.Errorf("inside(%q) = %q", to, got)
		}
	}
	s := newSite(t)
	if got, want := s.as("").get("/h/mum/?x=y").header.Get("Location"), "/sign-in?to="+url.QueryEscape("/h/mum/?x=y"); got != want {
		t.Errorf("leads to %q, not %q", got, want)
	}
}
