package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/calllog"
)

// firstScreen is a script that lists which of some things are not seen without scrolling: out of the window, or below something else.
const firstScreen = `((...wanted) => wanted.filter((selector) => {
	const e = document.querySelector(selector), r = e && e.getBoundingClientRect();
	if (!r || r.height === 0 || r.top < 0 || r.left < 0 || r.bottom > innerHeight || r.right > innerWidth) return true;
	return [.1, .5, .9].some((part) => { const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height * part); return !e.contains(top); });
}))`

// A stranger is on the line: the call, their words, their voice and all keys are on the first screen of a phone and of a computer, on Today and on the
// page of the call. On a phone the head of the page is one row, and the keys are at the bottom.
func TestLiveCallIsOnTheFirstScreenInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := s.ringing()
	s.ok(s.db.KeepWords(t.Context(), call, calllog.RecordedName, saidWords+" Your computer has been sending us errors, and I have to ask you to switch it on.", false))
	s.ok(s.db.CallStep(t.Context(), call, siteNow.Add(-10*time.Second), calllog.Script{Level: calllog.ScriptStrong, Reasons: "Says it's Microsoft. Microsoft never rings."}))
	b := s.browse("carer", "/h/mum/")
	for _, window := range [][2]int64{{390, 844}, {1280, 900}} {
		for _, path := range []string{"/h/mum/", "/h/mum/calls/" + itoa(call)} {
			at := fmt.Sprintf("%s at %d px", path, window[0])
			b.do(chromedp.EmulateViewport(window[0], window[1]))
			b.open(path)
			for _, hidden := range eval[[]string](b, firstScreen+`(".call-now .call-step", ".call-now .words", ".call-now audio", "#let-`+itoa(call)+`", "#not-`+itoa(call)+`", "#away-`+itoa(call)+`")`) {
				t.Errorf("%s: %s is not on the first screen", at, hidden)
			}
			if got := eval[float64](b, `document.querySelector(".top").getBoundingClientRect().height`); got > 60 {
				t.Errorf("%s: the head of the page is %.0f px high, more than a row", at, got)
			}
			if low := eval[bool](b, `document.querySelector("#let-`+itoa(call)+`").getBoundingClientRect().top > innerHeight * .75`); low != (window[0] == 390) {
				t.Errorf("%s: the keys are at the bottom: %v", at, low)
			}
			if got := eval[string](b, "document.title"); !strings.HasPrefix(got, "☎ 020 7946 0444 · ") {
				t.Errorf("%s: the tab says %q", at, got)
			}
			if got := eval[string](b, `document.getElementById("icon").href`); !strings.Contains(got, "mark-call.svg") {
				t.Errorf("%s: the icon of the tab is %s", at, got)
			}
			if twice := eval[[]string](b, twiceOnThePage); len(twice) > 0 {
				t.Errorf("%s says twice: %q", at, twice)
			}
			b.axe()
		}
	}
	b.do(chromedp.EmulateViewport(390, 844))
	b.open("/h/mum/calls/" + itoa(call))
	// By keyboard alone, and back to the same page, which says what became of it by itself.
	eval[bool](b, `(() => { document.getElementById("not-`+itoa(call)+`").focus({focusVisible: true}); return true; })()`)
	b.do(chromedp.KeyEvent("\r"))
	b.until("the key is pressed", `document.querySelector(".flash[role=status]") !== null`)
	if got := s.board.log(); got != "mum not-now Carer Taylor" {
		t.Errorf("pressed: %q", got)
	}
	s.ok(s.db.CallEnded(t.Context(), call, siteNow, calllog.NotNow))
	s.board.changed()
	b.until("the call is over", `!document.querySelector(".call-now") && document.querySelector("h1").innerText === "020 7946 0444"`)
	b.until("the tab is as before", `document.title.startsWith("020 7946 0444 · ") && document.getElementById("icon").href.includes("mark.svg")`)
}

// twiceOnThePage finds sentences of five words or more that a page shows more than once.
const twiceOnThePage = `(() => {
	const seen = new Map(), all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (all.nextNode()) {
		const at = all.currentNode.parentElement;
		if (at.closest("option, script, .timeline, .calls") || !at.checkVisibility()) continue;
		for (const sentence of all.currentNode.data.split(/(?<=[.!?…])\s+/)) {
			const plain = sentence.replace(/\s+/g, " ").trim();
			if (plain.split(" ").length >= 5) seen.set(plain, (seen.get(plain) || 0) + 1);
		}
	}
	return [...seen].filter(([, times]) => times > 1).map(([sentence]) => sentence);
})()`

// Each new call has a sound, on a device on which somebody has switched it on, and after a page has been touched.
func TestSoundOfANewCallInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/")
	counts := func() {
		eval[bool](b, `(() => { window.tones = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (at) { window.tones++; return start.call(this, at); }; return true; })()`)
	}
	counts()
	b.sees("Sound: off")
	first := s.ringing()
	b.sees("On the phone now")
	if got := eval[int](b, "window.tones"); got != 0 {
		t.Errorf("%d tones that nobody has asked for", got)
	}
	s.ok(s.db.CallEnded(t.Context(), first, siteNow, calllog.CallerGone))
	s.board.changed()
	b.until("the end of the call", `!document.querySelector(".call-now")`)
	b.press("Sound: off")
	b.sees("Sound: on")
	second := s.ringing()
	b.until("the sound", "window.tones > 0")
	before := eval[int](b, "window.tones")
	s.ok(s.db.CallStep(t.Context(), second, siteNow, calllog.PickedUp{})) // the same call rings once
	s.board.changed()
	b.sees("the household hears who it is")
	if got := eval[int](b, "window.tones"); got != before {
		t.Errorf("%d tones for one call, not %d", got, before)
	}
	b.open("/h/mum/") // the choice stays
	b.sees("Sound: on")
	b.press("Sound: on")
	b.sees("Sound: off")
	b.axe()
}
