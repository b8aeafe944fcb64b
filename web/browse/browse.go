// Package browse is for tests of pages. It opens them in a real Chromium, presses and fills in things as people would, and checks the pages with axe-core.
package browse

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// One Chromium serves all tests; each has a window of its own, with its own cookies. That without a user interface asks half as much of the processor as
// the whole one.
var shell, whole = begin(Shell), begin(Chromium)

var running struct {
	sync.Mutex
	ends []func()
}

// begin starts a program once it is asked for.
func begin(found func() string) program {
	return sync.OnceValues(func() (context.Context, error) {
		path := found()
		if path == "" {
			return nil, fmt.Errorf("there is no Chromium on this machine: `make test` installs it")
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
			chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
			chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WSURLReadTimeout(time.Minute))
		allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
		begun, closeIt := chromedp.NewContext(allocator)
		running.Lock()
		running.ends = append(running.ends, func() { closeIt(); end() })
		running.Unlock()
		return begun, chromedp.Do(begun)
	})
}

// Shell is the Chromium without a user interface, where this machine has one, and else the whole; "" if there is none.
func Shell() string {
	if path, err := exec.LookPath("chromium-headless-shell"); err == nil {
		return path
	}
	return Chromium()
}

// Chromium is the program on this machine; "" if there is none.
func Chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Close ends what runs; TestMain calls it at the end.
func Close() {
	running.Lock()
	defer running.Unlock()
	for _, end := range running.ends {
		end()
	}
}

// Tab is a window of a real browser.
type Tab struct {
	t      *testing.T
	base   string
	window context.Context //nolint:containedctx // lives as long as the test that opened it
	ctx    context.Context //nolint:containedctx // of the test that uses it
}

// Open opens a page in a real browser, with cookies. The window is 390 pixels wide, like a phone. base is the address of the pages under test, without a
// slash at its end. The name of the test has to contain "InABrowser".
func Open(t *testing.T, base, path string, cookies ...*http.Cookie) *Tab {
	t.Helper()
	return open(t, shell, base, path, cookies)
}

// OpenWhole is Open in a browser that has everything, for what the one without a user interface lacks: push services.
func OpenWhole(t *testing.T, base, path string, cookies ...*http.Cookie) *Tab {
	t.Helper()
	return open(t, whole, base, path, cookies)
}

type program func() (context.Context, error)

func open(t *testing.T, in program, base, path string, cookies []*http.Cookie) *Tab {
	t.Helper()
	if !strings.Contains(t.Name(), "InABrowser") {
		t.Fatal("the Makefile tells the tests that need a browser by their names: this one's wants InABrowser in it")
	}
	if testing.Short() {
		t.Skip("with -short, which looks for races, there is no browser")
	}
	ctx := in.window(t)
	b := (&Tab{t, base, ctx, ctx}).For(t)
	for _, cookie := range cookies {
		here := true
		Call(b, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: base, HTTPOnly: &here})
	}
	b.Open(path)
	return b
}

// Window is an empty window of the browser, for chromedp's actions. It closes with the test.
func Window(t *testing.T) context.Context {
	t.Helper()
	return shell.window(t)
}

func (p program) window(t *testing.T) context.Context {
	t.Helper()
	running, err := p()
	if err != nil {
		t.Fatal(err)
	}
	ctx, closeIt := chromedp.NewContext(running, chromedp.WithNewBrowserContext())
	t.Cleanup(closeIt)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(phone, 844)); err != nil { // the first command opens it, which must not get a time limit
		t.Fatal(err)
	}
	return ctx
}

// phone is how many pixels wide one is.
const phone = 390

// For is the same window for another test, such as a part of the one that opened it.
func (b *Tab) For(t *testing.T) *Tab {
	ctx, cancel := context.WithTimeout(b.window, 10*time.Minute) // a browser that hangs must not hang the tests
	t.Cleanup(cancel)
	return &Tab{t, b.base, b.window, ctx}
}

// Call sends a DevTools command to the window.
func Call[P, R any](b *Tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// Eval runs a script in the page and returns its value, or the value of its promise.
func Eval[T any](b *Tab, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%v, in %.200s", err, script)
	}
	return value
}

// Look is Eval for a script that only looks. If the window goes to another page meanwhile, it is run again there.
func Look[T any](b *Tab, script string) T {
	b.t.Helper()
	for {
		value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
		switch {
		case err == nil:
			return value
		case !strings.Contains(err.Error(), "Inspected target navigated or closed"):
			b.t.Fatalf("%v, in %.200s", err, script)
		}
	}
}

// Do runs chromedp's actions in the window.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Wide makes the window so many pixels wide.
func (b *Tab) Wide(pixels int64) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(pixels, 844))
}

// Open opens another page of the same site.
func (b *Tab) Open(path string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(b.base + path))
}

// patience is for a page that never shows what is waited for. No machine is so slow, whatever else it has to do.
const patience = 5 * time.Minute

// Until waits until a script's value is true, even across pages.
func (b *Tab) Until(what, script string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		// Between two pages the script fails; it will succeed on the new one.
		if now, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && now {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %s; the page has:\n%s", what, b.Text())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Sees waits until the page shows a text.
func (b *Tab) Sees(text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf("%q", text), "!!document.body && document.body.innerText.replace(/\\s+/g, ' ').includes("+Quoted(text)+")")
}

// Text is what the page shows.
func (b *Tab) Text() string {
	b.t.Helper()
	return Eval[string](b, "document.body.innerText")
}

// find is a script that finds whatever people can press, by its accessible name.
const find = `((name) => [...document.querySelectorAll("button, a, summary, input[type=submit], input[type=checkbox], input[type=radio], label")]
	.find((e) => e.checkVisibility() && ((e.getAttribute("aria-label") || e.innerText || "").replace(/\s+/g, " ").trim() === name)))`

// Offers waits until there is something to press, by its name.
func (b *Tab) Offers(name string) {
	b.t.Helper()
	b.Until("something to press that is called "+name, "!!"+find+"("+Quoted(name)+")")
}

// Press presses a button or follows a link, by its name.
func (b *Tab) Press(name string) {
	b.t.Helper()
	b.Offers(name)
	Eval[chromedp.Void](b, find+"("+Quoted(name)+").click()")
}

// Fill types into the field with a label, in place of what is there.
func (b *Tab) Fill(label, text string) {
	b.t.Helper()
	b.Until("the field "+label, `!!`+labelled+`(`+Quoted(label)+`)`)
	Eval[chromedp.Void](b, `(() => { const e = `+labelled+`(`+Quoted(label)+`); e.focus(); e.value = `+Quoted(text)+`;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

const labelled = `((label) => [...document.querySelectorAll("label")].filter((l) => l.innerText.replace(/\s+/g, " ").trim().startsWith(label))
	.map((l) => l.control || document.getElementById(l.htmlFor)).find((e) => e && e.checkVisibility()))`

// Quoted is a text as a string of a script.
func Quoted(text string) string {
	out, _ := json.Marshal(text) // cannot fail for a string
	return string(out)
}

// Shot writes a picture of the whole page, at both widths, if RINGFENCE_SHOTS asks for pictures.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	dir := os.Getenv("RINGFENCE_SHOTS")
	if dir == "" {
		return
	}
	for _, width := range []int64{390, 1280} {
		b.Wide(width)
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)), picture, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	b.Wide(phone)
}

// Axe checks the page with axe-core against WCAG 2.2 AA, in both colour schemes.
func (b *Tab) Axe() {
	b.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		b.Scheme(scheme)
		if Eval[bool](b, `typeof axe === "undefined"`) {
			Eval[chromedp.Void](b, axeSource(b.t))
		}
		for _, f := range Eval[[]string](b, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], rules: {"label-content-name-mismatch": {enabled: true}}}).then((r) =>
			r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html.slice(0, 200) + " " + n.failureSummary)))`) {
			b.t.Errorf("%s scheme: %s", scheme, f)
		}
	}
}

// Scheme switches between light and dark.
func (b *Tab) Scheme(name string) {
	b.t.Helper()
	Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

var axeFile = sync.OnceValues(func() (string, error) {
	path := os.Getenv("RINGFENCE_AXE")
	if path == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(cache, "ringfence", "axe.min.js")
	}
	source, err := os.ReadFile(path)
	return string(source), err
})

func axeSource(t *testing.T) string {
	t.Helper()
	source, err := axeFile()
	if err != nil {
		t.Fatalf("axe-core is not there; `make axe` gets it: %v", err)
	}
	return source
}

// Fits checks that nothing is wider than the window, at 320 pixels and with text twice as large.
func (b *Tab) Fits() {
	b.t.Helper()
	check := func(what string) {
		b.t.Helper()
		wide := Eval[[]string](b, `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
			[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".scroll"))
			.map((e) => e.outerHTML.slice(0, 120))`)
		if len(wide) > 0 {
			b.t.Errorf("%s the page has to be moved sideways, because of:\n%s", what, strings.Join(wide, "\n"))
		}
	}
	b.Wide(320)
	check("At 320 pixels")
	b.Wide(1280)
	Eval[chromedp.Void](b, `document.documentElement.style.fontSize = "200%"`)
	check("With text of twice the size")
	Eval[chromedp.Void](b, `document.documentElement.style.fontSize = ""`)
	b.Wide(phone)
}

// WithoutScript switches off scripts in pages that are opened from now on.
func (b *Tab) WithoutScript() {
	b.t.Helper()
	Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// ClickNode presses what a selector finds, like a finger. It works without script.
//
// Until a page is whole, its nodes can get other ids than those by which they were found. Then nothing has been clicked, and they are looked for once more.
func (b *Tab) ClickNode(selector string) {
	b.t.Helper()
	for {
		err := chromedp.Do(b.ctx, chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "Could not find node with given id") {
			b.t.Fatal(err)
		}
	}
}

// HasText waits until the page has a text. It works without script.
func (b *Tab) HasText(text string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		html, err := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("html")))
		if err == nil && strings.Contains(html, text) {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("waited in vain for %q; the page has:\n%s", text, html)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
