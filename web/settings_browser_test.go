package web

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// The week is painted with the keyboard alone, and what was painted is what holds for calls; Undo takes it back.
func TestPaintingTheWeekByKeyboardInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/settings/week")
	b.sees("There are none yet: every hour is the same.")
	eval[chromedp.Void](b, `document.querySelector("#week td").focus()`)
	// From Monday 00:00 to Tuesday 10:00, which the arrow keys reach; then quiet hours from there to noon.
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	for range 20 {
		b.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	b.do(chromedp.KeyEvent(" "))
	b.until("what was painted is told", `document.getElementById("paint-said").textContent === "Tuesday, 10:00: as usual, quiet"`)
	for range 3 {
		b.do(chromedp.KeyEvent(kb.ArrowDown, chromedp.KeyModifiers(chromedp.ModifierShift)))
	}
	b.shot("settings-week-painting")
	b.axe()
	b.press("Save this week")
	b.sees("The week is as you painted it.")
	b.sees("Tuesday, 10:00 to 12:00: quiet hours")
	b.shot("settings-week-painted")
	want := screening.Span{Days: screening.DaysOf(time.Tuesday), From: 10 * 60, To: 12 * 60, Quiet: true}
	if spans, err := s.db.Spans(t.Context(), "mum"); err != nil || len(spans) != 1 || spans[0] != want {
		t.Errorf("%v %v", spans, err)
	}
	b.press("Undo")
	b.sees("Undone: the week is as before.")
	if spans, err := s.db.Spans(t.Context(), "mum"); err != nil || len(spans) != 0 {
		t.Errorf("%v %v", spans, err)
	}
}

// The same with a mouse that is dragged, and with a finger that taps the beginning and the end.
func TestPaintingTheWeekByMouseAndFingerInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.SetWeek(t.Context(), "mum", []screening.Span{{Days: screening.DaysOf(time.Sunday), From: 9*60 + 10, To: 9*60 + 20, Mode: screening.Off}}))
	b := s.browse("carer", "/h/mum/settings/week")
	b.press("Only people you know")
	b.sees("Save this week")
	point := func(half, day int) (x, y float64) {
		b.t.Helper()
		at := eval[[]float64](b, `(() => { const c = document.getElementById("week").tBodies[0].rows[`+itoa(int64(half))+`].cells[`+itoa(int64(day+1))+`]; c.scrollIntoView({block: "center"});
			const r = c.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
		return at[0], at[1]
	}
	x, y := point(18, 0)
	x2, y2 := x, y+2*24 // two half hours further down
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, (y+y2)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x2, y2, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x2, y2, chromedp.ButtonLeft))
	tap := func(half, day int) {
		b.t.Helper()
		eval[chromedp.Void](b, `document.getElementById("week").tBodies[0].rows[`+itoa(int64(half))+`].cells[`+itoa(int64(day+1))+`]
			.dispatchEvent(new PointerEvent("click", {bubbles: true, pointerType: "touch"}))`)
	}
	tap(40, 4)
	b.until("it is told to tap again", `document.getElementById("paint-said").textContent === "From Friday, 20:00. Now tap where it ends."`)
	tap(43, 5)
	b.press("Save this week")
	b.sees("The week is as you painted it.")
	b.sees("Monday, 09:00 to 10:30: “Only people you know”")
	b.sees("Friday and Saturday, 20:00 to 22:00: “Only people you know”")
	b.sees("Sunday, 09:10 to 09:20: “Off”") // what lies within a half hour that nobody touched
	b.shot("settings-week-several")
}

// Recorded in the browser, with a microphone that plays a voice, sent, and played.
func TestRecordingAPhraseInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/settings/phrases")
	// A microphone that hears syllables: Chromium's own only clicks.
	eval[chromedp.Void](b, `navigator.mediaDevices.getUserMedia = async () => {
		const c = new AudioContext(), to = c.createMediaStreamDestination(), gain = c.createGain();
		for (const f of [310, 930, 1730]) { const o = c.createOscillator(); o.frequency.value = f; o.connect(gain); o.start(); }
		gain.gain.value = 0;
		for (let t = 0; t < 60; t += 0.5) { gain.gain.setValueAtTime(0.15, c.currentTime + t); gain.gain.linearRampToValueAtTime(0.02, c.currentTime + t + 0.4); }
		gain.connect(to);
		return to.stream;
	}; undefined`)
	b.press("Record: The question to callers you do not know")
	b.sees("Recording. Speak now")
	b.until("two seconds are recorded", `document.querySelector("[data-level]").value > 0.01 && (window.since ??= Date.now()) + 2500 < Date.now()`)
	b.shot("settings-phrases-recording")
	b.press("Stop")
	b.sees("if it is good, press “Use this recording”")
	b.until("it can be played", `document.querySelector("[data-preview]").duration > 1.5`)
	b.shot("settings-phrases-recorded")
	b.axe()
	b.press("Use this recording: The question to callers you do not know")
	b.sees("Callers hear your own recording of the question to unknown callers from now on")
	if _, length, own, err := s.db.Phrase(t.Context(), "mum", store.PhraseAskName); !own || err != nil || length < 1500*time.Millisecond {
		t.Fatal(own, length, err)
	}
	b.until("it plays", `(() => { const a = document.querySelector("audio[aria-label^='Your recording']"); a.play().catch(() => {}); return a.currentTime > 0.1; })()`)
	b.shot("settings-phrases-own")
	b.axe()
	b.fits()
	b.press("Back to the usual words, and delete the recording: The question to callers you do not know")
	b.sees("The usual words are back")
}

// A mode until a time, from the page on which a carer chooses it; without script.
func TestModeWithoutScriptInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/")
	b.withoutScript()
	b.open("/h/mum/settings/mode")
	b.clickNode(`input[name=mode][value=known-only]`)
	b.clickNode(`form.card button.main`)
	b.hasText("“Only people you know” holds from now on.")
	b.open("/h/mum/settings/week")
	b.hasText("The week at a glance")
	b.clickNode(`#day-mon`)
	b.do(chromedp.SendKeys(chromedp.CSS("#f-from"), "1000PM"), chromedp.SendKeys(chromedp.CSS("#f-to"), "0700AM"))
	b.clickNode(`form[action$="/week/add"] button`)
	b.hasText("Monday, 22:00 to 07:00 the next morning: quiet hours")
}

// What a carer comes for on the other pages, in a browser.
func TestSettingsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/settings")
	b.press("How long calls are kept")
	b.fill("For how many days", "1")
	b.press("Save")
	b.sees("2 calls will be deleted within a day.")
	b.shot("settings-keeping-asks")
	b.axe()
	b.fits()
	b.press("Yes, for one day")
	b.sees("kept for one day from now on")
	b.press("All settings")
	b.press("Calls that go on to you")
	b.press("Calls that nobody answers Your telephone rings when nobody at the house has picked up.")
	b.fill("The carer’s telephone number", "999")
	b.press("Save")
	b.sees("choose the carer's own number, in full")
	b.shot("settings-carer-wrong")
	b.axe()
	b.fill("The carer’s telephone number", "07700 900123")
	b.press("Save")
	b.sees("Calls that nobody answers go on to 07700 900123.")
	b.press("All settings")
	b.press("Name and country")
	b.fill("What you call this household", "The bungalow")
	b.press("Save")
	b.sees("This household is called “The bungalow” from now on.")
	s.board.set(backend.Line{Asterisk: backend.Part{Name: "Asterisk", Up: true, Known: true, Since: siteNow}, Trunk: backend.Part{Name: "bt", Up: false, Known: true, Address: "192.168.1.20", Since: siteNow.Add(-time.Hour)}, Phones: []backend.Part{{Name: "hall", Up: false, Known: true, Since: siteNow}, {Name: "bedroom", Up: false, Known: false, Since: time.Time{}}}})
	b.open("/h/mum/settings/telephones")
	b.sees("The line isn't working")
	b.sees("It isn't connected, since today at 11:00.")
	b.sees("mum-hall")
	b.shot("settings-telephones-down")
	b.axe()
}
