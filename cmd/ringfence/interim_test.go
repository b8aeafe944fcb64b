package main_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ringfence/demo/testbed"
	"ringfence/speech/modelfiles"
)

// What an unknown caller says grows on the carer's page while they speak, in the real recording of a real call, as the real model reads it; then there are
// the words of the whole, and the log has those alone. On a machine that has much else to do, no reading may be free meanwhile: the test dials again.
func TestWordsGrowOnThePageWhileTheCallerSpeaks(t *testing.T) {
	h := withModel(t)
	page := h.browse()
	page.sees("the phone is connected")
	page.script(`window.seen = []; new MutationObserver(() => { const text = document.querySelector("#saying").innerText.trim(); if (text) window.seen.push(text); })
		.observe(document.querySelector("#saying"), { childList: true, subtree: true })`)
	const whole = "Hello, my name is Steve, and I am calling from the Microsoft Windows Technical Department. Your computer has been downloading viruses."
	for i := 1; ; i++ {
		out, in := h.dialsUntilRead("microsoft")
		page.sees("Written down by a machine: " + whole)
		page.until("nothing that isn’t final", `!document.querySelector("#saying").innerText.trim()`)
		log := h.run("calls", "--json", "--limit", "1")
		if strings.Count(log, "my name is Steve") != 1 || !strings.Contains(log, whole) {
			t.Errorf("the log has\n%s", log)
		}
		h.hangsUp(out)
		h.ended(in)
		seen, err := chromedp.Run(page.ctx, chromedp.Evaluate[[]string]("window.seen"))
		h.must(err)
		for _, s := range seen {
			t.Log(s)
			if !strings.Contains(s, "Hello, my name is Steve") || !strings.HasSuffix(s, "…”") && !strings.HasSuffix(s, "…") {
				t.Errorf("while they spoke the page said %q", s)
			}
		}
		if len(seen) > 1 || t.Failed() {
			return
		}
		if i == readTries {
			t.Fatalf("nothing grew in %d calls: %q", i, seen)
		}
	}
}

// withModel is a house with the real model.
func withModel(t *testing.T) *house {
	t.Helper()
	if _, err := modelfiles.Find(); err != nil {
		t.Skip(err) // "make test" says so, and goes on
	}
	return openHouse(t, func(o *testbed.Options) { o.Extra = "[speech]\nreader = \"built-in\"\n" })
}

// A recorded call that waits for the tone, and has finished before its time is over, is known by "press one" alone: its phone never rings. Where nothing has
// been read by its end it goes on as anybody, and the test dials again.
func TestRecordingIsKnownByItsWords(t *testing.T) {
	h := withModel(t)
	for i := 1; ; i++ {
		out := h.dials(neighbour)
		h.hears(out, "ask-name", "beep")
		h.says(out, "robocall")
		heard, err := out.Hears(h.ctx, "prove-human", "please-hold")
		h.must(err)
		h.hangsUp(out)
		if heard.Name == "prove-human" {
			break
		}
		if i == readTries {
			t.Fatalf("it was taken for a person %d times", i)
		}
	}
	if log := h.run("calls", "--json", "--limit", "1"); !strings.Contains(log, `"step":"suspected","detail":"said what recordings say"`) {
		t.Errorf("the log has\n%s", log)
	}
}
