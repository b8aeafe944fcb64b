package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ringfence/demo/testbed"
	"ringfence/web/browse"
)

// largest is how many bytes a picture may have: they are kept in the repository for ever.
const largest = 60_000

// page is a real Chromium at the page Today.
type page struct {
	ctx   context.Context //nolint:containedctx // the browser's, which chromedp keeps in it
	close func()
}

// openAsDaughter gives the daughter an account as its owner would, and opens Today as she does.
func openAsDaughter(ctx context.Context, home *testbed.Testbed) (*page, error) {
	const email, password = "anna@example.org", "seven wet herons on a wall" //nolint:gosec // of nobody
	for _, command := range [][]string{
		{"option", "title", "Joan's house"},
		{"user", "add", email, "--name", "Anna Taylor", "--role", "owner"},
	} {
		if _, err := home.Command(ctx, command...); err != nil {
			return nil, err
		}
	}
	said, err := home.Command(ctx, "user", "password", email, "--link")
	if err != nil {
		return nil, err
	}
	_, link, _ := strings.Cut(said, "\n")
	p, err := start(ctx)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		p.send(`input[name=new]`, password, strings.TrimSpace(link)),
		p.send(`input[name=password]`, password, "http://"+home.Web+"/h/home/", `input[name=email]`, email),
		p.until(`!!document.querySelector("#last .cards")`),
	)
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// start starts a browser without a window.
func start(ctx context.Context) (*page, error) {
	path := browse.Chromium()
	if path == "" {
		return nil, errors.New("there is no Chromium on this machine: install your distribution's")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, end := chromedp.NewExecAllocator(ctx, options...)
	browser, done := chromedp.NewContext(allocator)
	return &page{browser, func() { done(); end() }}, chromedp.Do(browser)
}

// send opens an address and sends the form there with a value in the field that field finds, and further pairs of fields and values.
func (p *page) send(field, value, address string, more ...string) error {
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address)); err != nil {
		return err
	}
	if err := p.until(`!!document.querySelector(` + browse.Quoted(field) + `)`); err != nil {
		return err
	}
	fill := ""
	for pairs := append([]string{field, value}, more...); len(pairs) > 1; pairs = pairs[2:] {
		fill += `document.querySelector(` + browse.Quoted(pairs[0]) + `).value = ` + browse.Quoted(pairs[1]) + `; `
	}
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`{`+fill+`const form = document.querySelector(`+browse.Quoted(field)+`).form; window.sent = true;
		form.querySelector("button.main").click()}`))
	if err != nil {
		return err
	}
	return p.until(`!window.sent && document.readyState === "complete"`) // on the page that comes next
}

// until waits until a script's value is true, even across pages.
func (p *page) until(script string) error {
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Minute)
	defer cancel()
	for {
		// Between two pages the script fails; it will succeed on the new one.
		if now, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && now {
			return nil
		}
		select {
		case <-ctx.Done():
			text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			return errors.Join(fmt.Errorf("waited in vain for %s; the page has:\n%s", script, text), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// shoot takes the pictures of Today with a call that can be let through, in both widths and both colour schemes. It fails if the call cannot be
// let through any more when the last is taken.
func (p *page) shoot(dir string) error {
	const button = `!!document.querySelector("#in-progress form[action$='/let-through']")`
	if err := p.until(button); err != nil {
		return err
	}
	pictures := map[string][]byte{}
	for _, window := range []struct{ width, height int64 }{{390, 844}, {1280, 800}} {
		for _, scheme := range []string{"light", "dark"} {
			picture, err := p.shot(window.width, window.height, scheme)
			if err != nil {
				return err
			}
			pictures[fmt.Sprintf("today-%d-%s.webp", window.width, scheme)] = picture
		}
	}
	if now, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](button)); err != nil || !now {
		return errors.Join(errors.New("the call was over before all pictures were taken: try again when the machine has less to do"), err)
	}
	for name, picture := range pictures {
		if len(picture) > largest {
			return fmt.Errorf("%s would have %d bytes, and may have %d", name, len(picture), largest)
		}
		if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n", filepath.Join(dir, name), len(picture))
	}
	return nil
}

// shot is a picture of a window of that size, on a screen with two dots a pixel where it is a phone's.
func (p *page) shot(width, height int64, scheme string) ([]byte, error) {
	scale := 1.0
	if width < 600 {
		scale = 2
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
		return nil, err
	}
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height, chromedp.EmulateScale(scale))); err != nil {
		return nil, err
	}
	// On a phone the call is below what is seen first.
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("#in-progress").scrollIntoView({block: innerWidth < 600 ? "start" : "nearest", behavior: "instant"})`)); err != nil {
		return nil, err
	}
	quality := int64(55)
	taken, err := chromedp.Call(p.ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Format: cdppage.CaptureScreenshotFormatWebp, Quality: &quality})
	return taken.Data, err
}
