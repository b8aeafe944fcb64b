package web

import (
	"os"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"ringfence/web/browse"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browse.Close()
	os.Exit(code)
}

// tab is a window of a real browser at a site.
type tab struct {
	*browse.Tab
	t    *testing.T
	site *site
}

// browse opens a page in a real browser, as somebody who has signed in; "" is nobody.
func (s *site) browse(who, path string) *tab {
	s.t.Helper()
	if who == "" {
		return &tab{browse.Open(s.t, s.web.URL, path), s.t, s}
	}
	return &tab{browse.Open(s.t, s.web.URL, path, s.cookie(who)), s.t, s}
}

// The short names that the tests of these pages use.

func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	return browse.Call(b.Tab, command, params)
}

func eval[T any](b *tab, script string) T {
	b.t.Helper()
	return browse.Eval[T](b.Tab, script)
}

func quoted(text string) string { return browse.Quoted(text) }

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) { b.t.Helper(); b.Do(steps...) }
func (b *tab) open(path string)                           { b.t.Helper(); b.Open(path) }
func (b *tab) until(what, script string)                  { b.t.Helper(); b.Until(what, script) }
func (b *tab) sees(text string)                           { b.t.Helper(); b.Sees(text) }
func (b *tab) text() string                               { b.t.Helper(); return b.Text() }
func (b *tab) press(name string)                          { b.t.Helper(); b.Press(name) }
func (b *tab) fill(label, text string)                    { b.t.Helper(); b.Fill(label, text) }
func (b *tab) shot(name string)                           { b.t.Helper(); b.Shot(name) }
func (b *tab) axe()                                       { b.t.Helper(); b.Axe() }
func (b *tab) scheme(name string)                         { b.t.Helper(); b.Scheme(name) }
func (b *tab) fits()                                      { b.t.Helper(); b.Fits() }
func (b *tab) withoutScript()                             { b.t.Helper(); b.WithoutScript() }
func (b *tab) clickNode(selector string)                  { b.t.Helper(); b.ClickNode(selector) }
func (b *tab) hasText(text string)                        { b.t.Helper(); b.HasText(text) }
