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
	b.sees("No times set yet: every hour is the same.")
	eval[chromedp.Void](b, `document.querySelector("#week td").focus()`)
	// From Monday 00:00 to Tuesday 10:00, which the arrow keys reach; then with Shift quiet hours from there to Thursday noon: all hours between on all
	// days between. What is left again is as it was.
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	for range 20 {
		b.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	b.do(chromedp.KeyEvent(" "))
	b.until("what was painted is told", `document.getElementById("paint-said").textContent === "Tuesday, 10:00: as usual, quiet"`)
	for _, key := range []string{kb.ArrowDown, kb.ArrowDown, kb.ArrowDown, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowLeft} {
		b.do(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierShift)))
	}
	b.until("what was painted is told", `document.getElementById("paint-said").textContent === "Painted from Tuesday, 10:00 to Thursday, 11:30."`)
	b.shot("settings-week-painting")
	b.axe()
	b.press("Save this week")
	b.sees("The week is as you painted it.")
	b.sees("Tuesday to Thursday, 10:00 to 12:00: quiet hours")
	b.shot("settings-week-painted")
	want := screening.Span{Days: screening.DaysOf(time.Tuesday, time.Wednesday, time.Thursday), From: 10 * 60, To: 12 * 60, Quiet: true}
	if spans, err := s.db.Spans(t.Context(), "mum"); err != nil || len(spans) != 1 || spans[0] != want {
		t.Errorf("%v %v", spans, err)
	}
	b.press("Undo")
	b.sees("Undone: the week is as before.")
	if spans, err := s.db.Spans(t.Context(), "mum"); err != nil || len(spans) != 0 {
		t.Errorf("%v %v", spans, err)
	}
}

// The same with a mouse and with a finger: what is dragged from one cell to another paints all hours between on all days between. A finger that moves
// down scrolls the page, unless it rests first; and two taps do, too.
// Long: one story, each step of which rests on those before it.
func TestPaintingTheWeekByMouseAndFingerInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ok(s.db.SetWeek(t.Context(), "mum", []screening.Span{{Days: screening.DaysOf(time.Sunday), From: 9*60 + 10, To: 9*60 + 20, Mode: screening.Off}}))
	b := s.browse("carer", "/h/mum/settings/week")
	b.press("Only people you know")
	b.sees("Save this week")
	point := func(half, day int) (x, y float64) {
		b.t.Helper()
		at := eval[[]float64](b, `(() => { const c = document.getElementById("week").tBodies[0].rows[`+itoa(int64(half))+`].cells[`+itoa(int64(day+1))+`];
			const r = c.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
		return at[0], at[1]
	}
	scrollTo := func(half int) {
		b.t.Helper()
		eval[chromedp.Void](b, `document.getElementById("week").tBodies[0].rows[`+itoa(int64(half))+`].scrollIntoView({block: "center"})`)
	}
	said := func(text string) {
		b.t.Helper()
		b.until(text, `document.getElementById("paint-said").textContent === `+quoted(text))
	}
	mouse := func(kind input.DispatchMouseEventType, half, day int) {
		b.t.Helper()
		x, y := point(half, day)
		b.do(chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft))
	}
	touch := func(kind input.DispatchTouchEventType, half, day int) {
		b.t.Helper()
		x, y := point(half, day)
		points := []*input.TouchPoint{{X: x, Y: y}}
		if kind == input.DispatchTouchEventTypeTouchEnd {
			points = nil
		}
		call(b, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
	}

	scrollTo(0) // in one move, to the cell that the keyboard begins at
	touch(input.DispatchTouchEventTypeTouchStart, 0, 1)
	touch(input.DispatchTouchEventTypeTouchMove, 0, 0)
	touch(input.DispatchTouchEventTypeTouchEnd, 0, 0)
	said("Painted from Monday, 00:00 to Tuesday, 00:00.")

	for _, wide := range []int64{390, 1280} { // the days' names stay in view, wherever in the week somebody paints
		b.Wide(wide)
		scrollTo(47)
		b.until("the days in view", `[...document.querySelectorAll("#week thead th")].every((th) => { const r = th.getBoundingClientRect();
			return r.top >= 0 && r.bottom < innerHeight && (!th.textContent.trim() || th.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2))); })`)
	}
	b.Wide(390)
	scrollTo(20) // from Monday 09:00 to Wednesday 10:30, by way of Friday noon
	mouse(input.DispatchMouseEventTypeMousePressed, 18, 0)
	mouse(input.DispatchMouseEventTypeMouseMoved, 24, 4)
	mouse(input.DispatchMouseEventTypeMouseMoved, 20, 2)
	mouse(input.DispatchMouseEventTypeMouseReleased, 20, 2)
	said("Painted from Monday, 09:00 to Wednesday, 10:00.")

	scrollTo(42) // sideways, and then down
	touch(input.DispatchTouchEventTypeTouchStart, 40, 4)
	touch(input.DispatchTouchEventTypeTouchMove, 40, 5)
	touch(input.DispatchTouchEventTypeTouchMove, 43, 5)
	touch(input.DispatchTouchEventTypeTouchEnd, 43, 5)
	said("Painted from Friday, 20:00 to Saturday, 21:30.")

	touch(input.DispatchTouchEventTypeTouchStart, 44, 0) // at rest, and then down
	b.until("the finger has rested", `document.getElementById("week").classList.contains("painting")`)
	touch(input.DispatchTouchEventTypeTouchMove, 45, 0)
	touch(input.DispatchTouchEventTypeTouchEnd, 45, 0)
	said("Painted from Monday, 22:00 to Monday, 22:30.")

	was := eval[string](b, `document.querySelectorAll("#week .touched").length + ""`)
	touch(input.DispatchTouchEventTypeTouchStart, 40, 1) // down at once: the page is scrolled, and nothing is painted
	touch(input.DispatchTouchEventTypeTouchMove, 41, 1)
	touch(input.DispatchTouchEventTypeTouchMove, 43, 1)
	touch(input.DispatchTouchEventTypeTouchEnd, 43, 1)
	if now := eval[string](b, `document.querySelectorAll("#week .touched").length + ""`); now != was {
		t.Errorf("a finger that scrolls has painted: %s cells instead of %s", now, was)
	}
	for _, at := range [][2]int{{2, 6}, {5, 6}} {
		eval[chromedp.Void](b, `document.getElementById("week").tBodies[0].rows[`+itoa(int64(at[0]))+`].cells[`+itoa(int64(at[1]+1))+`]
			.dispatchEvent(new PointerEvent("click", {bubbles: true, pointerType: "touch"}))`)
	}
	said("Painted from Sunday, 01:00 to Sunday, 02:30.")
	b.shot("settings-week-several-painted")
	b.press("Save this week")
	b.sees("The week is as you painted it.")
	b.sees("Monday and Tuesday, 00:00 to 00:30: “Only people you know”")
	b.sees("Monday to Wednesday, 09:00 to 10:30: “Only people you know”")
	b.sees("Friday and Saturday, 20:00 to 22:00: “Only people you know”")
	b.sees("Monday, 22:00 to 23:00: “Only people you know”")
	b.sees("Sunday, 01:00 to 03:00: “Only people you know”")
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
	b.press("Record it: The question to unknown callers")
	b.press("Record: The question to unknown callers")
	b.sees("Recording. Speak now")
	b.until("two seconds are recorded", `document.querySelector("[data-level]").value > 0.01 && (window.since ??= Date.now()) + 2500 < Date.now()`)
	b.shot("settings-phrases-recording")
	b.press("Stop")
	b.sees("if it is good, press “Use this recording”")
	b.until("it can be played", `document.querySelector("[data-preview]").duration > 1.5`)
	b.shot("settings-phrases-recorded")
	b.axe()
	b.press("Use this recording: The question to unknown callers")
	b.sees("Callers hear your own recording of the question to unknown callers from now on")
	if _, length, own, err := s.db.Phrase(t.Context(), "mum", store.PhraseAskName); !own || err != nil || length < 1500*time.Millisecond {
		t.Fatal(own, length, err)
	}
	b.until("it plays", `(() => { const a = document.querySelector("audio[aria-label^='Your recording']"); a.play().catch(() => {}); return a.currentTime > 0.1; })()`)
	b.shot("settings-phrases-own")
	b.axe()
	b.fits()
	b.press("Use the standard words: The question to unknown callers")
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
	b.clickNode(`details.card > summary`)
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
	b.press("Calls to your own phone")
	b.press("Calls that nobody answers")
	b.fill("The carer’s phone number", "999")
	b.press("Save")
	b.sees("choose the carer's own number, in full")
	b.shot("settings-carer-wrong")
	b.axe()
	b.fill("The carer’s phone number", "07700 900123")
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
