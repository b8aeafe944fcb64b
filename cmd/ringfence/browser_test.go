package main_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/web/browse"
)

// carersPage is a real Chromium on the pages of the real program.
type carersPage struct {
	*house
	ctx context.Context
}

// anna has an account in the household's database.
func (h *house) anna(password string) {
	h.Helper()
	db, err := store.Open(h.ctx, filepath.Join(h.Dir, "data", "ringfence.db"))
	h.must(err)
	hash, err := accounts.NewPasswords().Hash(h.ctx, password)
	h.must(err)
	person, err := db.People.Add(h.ctx, "Anna Taylor", "anna@example.org")
	h.must(err)
	h.must(errors.Join(db.People.SetPassword(h.ctx, person.ID, hash, 0), db.SetMembership(h.ctx, "home", person.ID, store.RoleOwner, true), db.Close()))
}

// browse opens Today as Anna, who signs in for it.
func (h *house) browse() *carersPage {
	h.Helper()
	const password = "seven wet herons on a wall" //nolint:gosec // of nobody
	h.anna(password)
	ctx, done := context.WithTimeout(browse.Window(h.T), limit)
	h.Cleanup(done)
	p := &carersPage{h, ctx}
	p.do(chromedp.Navigate("http://" + h.Web + "/h/home/"))
	p.until("the sign-in", `!!document.querySelector("input[name=password]")`)
	p.script(fmt.Sprintf(`document.querySelector("input[name=email]").value = "anna@example.org"; document.querySelector("input[name=password]").value = %q;
		document.querySelector("form[action='/sign-in'] button").click()`, password))
	return p
}

func (p *carersPage) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	p.must(chromedp.Do(p.ctx, steps...))
}

func (p *carersPage) script(text string) {
	p.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void]("{"+text+"}"))
	p.must(err)
}

// until waits until a script's value is true, also across pages.
func (p *carersPage) until(what, script string) {
	p.Helper()
	if !p.comesTrue(p.ctx, script) {
		p.Fatalf("waited in vain for %s", what)
	}
}

// comesTrue says whether a script's value is true before ctx ends.
func (p *carersPage) comesTrue(ctx context.Context, script string) bool {
	for ctx.Err() == nil {
		// Between two pages there is none to ask; the next look finds the new one.
		if now, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](script)); err == nil && now {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

// sees waits until the page shows a text; unseen until it does not.
func (p *carersPage) sees(text string) {
	p.Helper()
	p.until(text, "!!document.body && document.body.innerText.includes("+browse.Quoted(text)+")")
}

func (p *carersPage) unseen(text string) {
	p.Helper()
	p.until("no "+text, "!!document.body && !document.body.innerText.includes("+browse.Quoted(text)+")")
}

// showsUntil says whether a part of the page shows all these texts before ctx ends.
func (p *carersPage) showsUntil(ctx context.Context, part string, texts ...string) bool {
	p.Helper()
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = browse.Quoted(text)
	}
	return p.comesTrue(ctx, fmt.Sprintf("[%s].every((text) => document.querySelector(%q)?.innerText.includes(text))", strings.Join(quoted, ", "), part))
}

// A carer sees a call the moment that it comes, without touching the page, and lets it through: the telephone rings, and
// whoever picks up is connected.
func TestCarerLetsACallThroughOnThePage(t *testing.T) {
	h := openHouse(t)
	page := h.browse()
	page.sees("the phone is connected")
	page.script("window.unmoved = true") // gone if the page is loaded again
	out := h.dials(neighbour)
	page.sees("On the phone now")
	page.sees("020 7946 0009")
	page.until("the page of before", "window.unmoved === true")
	page.until("the keys at the bottom of the phone, without scrolling", `[...document.querySelectorAll(".keys button")].length === 3 &&
		[...document.querySelectorAll(".keys button")].every((e) => { const r = e.getBoundingClientRect(); return r.top > innerHeight * .7 && r.bottom <= innerHeight && e.contains(document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)); })`)
	page.until("a tab that says so", `document.title.startsWith("☎ ")`)
	h.beginsToHear(out, "ask-name")
	page.script(`document.querySelector("#in-progress form[action$='/let-through'] button").click()`)
	h.hears(out, "please-hold")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	page.until("no way to let through whom they talk with", `!!document.querySelector("#in-progress form[action$='/away']") && !document.querySelector("#in-progress form[action$='/let-through']")`)
	h.hangsUp(out)
	h.ended(in)
	page.unseen("On the phone now")
	c := h.lastCall("screen", "talked")
	noted := false
	for _, s := range c.Steps {
		noted = noted || s.Detail == "let through by Anna Taylor, on the page"
	}
	if !noted {
		t.Errorf("the time line says %+v", c.Steps)
	}
	if check := h.run("check"); !strings.Contains(check, "carers' pages") {
		t.Errorf("the doctor says:\n%s", check)
	}
}

// A scam caller is sent away in the middle of the conversation, from the page.
func TestCarerSendsACallAwayOnThePage(t *testing.T) {
	h := openLongHouse(t)
	page := h.browse()
	out, in := h.accepted()
	page.until("the button", `!!document.querySelector("#in-progress form[action$='/away'] button")`)
	page.script(`document.querySelector("#in-progress form[action$='/away'] button").click()`)
	h.hears(out, "inspection")
	h.hears(in, "sent-away")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	page.unseen("On the phone now")
}
