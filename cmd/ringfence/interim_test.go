package main_test

import (
	"io"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ringfence/demo/testbed"
	"ringfence/speech/modelfiles"
)

// What an unknown caller says grows on the carer's page while they speak, in the real recording of a real call, as the real model reads it; then there are
// the words of the whole, and the log has those alone. A recorded call that waits for the tone, and has finished before its time is over, is known by "press
// one" alone: the phone never rings for it. On a machine that has much else to do nothing may be read by then: the test dials again, and gives up where the
// model takes longer than anybody speaks.
func TestWordsGrowWhileTheCallerSpeaks(t *testing.T) {
	if _, err := modelfiles.Find(); err != nil {
		t.Skip(err) // "make test" says so, and goes on
	}
	log := &syncBuffer{}
	h := openHouse(t, func(o *testbed.Options) {
		o.Log = io.MultiWriter(o.Log, log)
		o.Extra = "[speech]\nreader = \"built-in\"\n"
	})
	page := h.browse()
	page.sees("the phone is connected")
	page.script(`window.seen = []; new MutationObserver(() => { const text = document.querySelector("#saying").innerText.trim(); if (text) window.seen.push(text); })
		.observe(document.querySelector("#saying"), { childList: true, subtree: true })`)
	soon := func(what string, happens func() bool) {
		for range readTries {
			if happens() {
				return
			}
		}
		if strings.Contains(log.String(), "did not answer in time") {
			t.Skipf("the model is too slow here for %s", what)
		}
		t.Fatalf("%d calls without %s", readTries, what)
	}
	soon("words on the page while they speak", func() bool { return h.grows(page) })
	soon("a key that a recording is asked for", h.saysPressOne)
}

// grows has somebody ring, and says whether the page has shown what they said before they had finished.
func (h *house) grows(page *carersPage) bool {
	h.Helper()
	const whole = "Hello, my name is Steve from Microsoft Windows. Your computer has been downloading viruses."
	out, in := h.dialsUntilRead("microsoft")
	page.sees(whole)
	page.until("nothing that isn’t final", `!document.querySelector("#saying").innerText.trim()`)
	if log := h.run("calls", "--json", "--limit", "1"); strings.Count(log, "my name is Steve") != 1 || !strings.Contains(log, whole) {
		h.Errorf("the log has\n%s", log)
	}
	h.hangsUp(out)
	h.ended(in)
	seen, err := chromedp.Run(page.ctx, chromedp.Evaluate[[]string]("window.seen"))
	h.must(err)
	grew := false
	for _, s := range seen {
		if !strings.Contains(s, "written down so far: ") || !strings.HasSuffix(s, "…") {
			h.Errorf("while they spoke the page said %q", s)
		}
		grew = grew || strings.Contains(s, "name is") // of what is read so early the first word may be wrong
	}
	return grew
}

// saysPressOne has a recorded call ring, and says whether it was known by its words.
func (h *house) saysPressOne() bool {
	h.Helper()
	out := h.dials(neighbour)
	h.hears(out, "ask-name", "beep")
	h.says(out, "robocall")
	_, err := out.Hears(h.ctx, "prove-human", "please-hold")
	h.must(err)
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	return strings.Contains(h.run("calls", "--json", "--limit", "1"), `"step":"suspected","detail":"said what recordings say"`)
}
