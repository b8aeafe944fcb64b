package main_test

import (
	"io"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ringfence/demo/testbed"
	"ringfence/speech/modelfiles"
	"ringfence/speech/script"
)

// What an unknown caller says grows on the carer's page while they speak, in the real recording of a real call, as the real model reads it. Before the phone
// has rung twice the page has the words of the whole, and the warning with its reasons; the phone's display shows who it is; and whoever picks up is warned
// before they hear the voice. The log has the words of the whole alone. A recorded call that waits for the tone, and has finished before its time is over, is known by "press
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
	grew, warned := false, false
	soon("words on the page while they speak, and a warning before the second ring", func() bool {
		g, w := h.growsAndWarns(page)
		grew, warned = grew || g, warned || w
		return grew && warned
	})
	soon("a key that a recording is asked for", h.saysPressOne)
}

// growsAndWarns has the swindler ring. It says whether the page has shown what he said before he had finished, and whether it had his words and the warning
// before the phone rang twice; then the household hears the warning, too.
func (h *house) growsAndWarns(page *carersPage) (grew, warned bool) {
	h.Helper()
	const whole = "Hello, my name is Steve from Microsoft Windows. Your computer has been downloading viruses."
	out, in, warned := h.dialsShown(page, whole, "A machine’s opinion: Sounds like a scam. "+strings.Join(script.Read(whole).Reasons, " "))
	if warned {
		page.until("nothing that isn’t final", `!document.querySelector("#saying").innerText.trim()`)
		if id := in.CallerID(); id.Name != "Steve, Microsoft Windows" {
			h.Errorf("the phone shows %s", id)
		}
		h.must(in.Answer(h.ctx))
		h.hears(in, "warn-sounds-scam", "call-from", "microsoft")
		if log := h.run("calls", "--json", "--limit", "1"); strings.Count(log, "my name is Steve") != 1 || !strings.Contains(log, whole) {
			h.Errorf("the log has\n%s", log)
		}
		h.hangsUp(out)
		h.ended(in)
	}
	seen, err := chromedp.Run(page.ctx, chromedp.Evaluate[[]string]("window.seen"))
	h.must(err)
	for _, s := range seen {
		if !strings.Contains(s, "written down so far: ") || !strings.HasSuffix(s, "…") {
			h.Errorf("while they spoke the page said %q", s)
		}
		grew = grew || strings.Contains(s, "name is") // of what is read so early the first word may be wrong
	}
	return grew, warned
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
