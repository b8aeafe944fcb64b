package web

import (
	"strings"
	"testing"

	"ringfence/calllog"
	"ringfence/store"
)

const (
	saidWords    = "Hello, this is Steve from Microsoft Windows <b>about</b> your boiler."
	messageWords = "It's the surgery. Please ring us back about your prescription."
)

// withWords has recordings that a machine has read.
func withWords(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.ok(s.db.KeepWords(t.Context(), s.calls["screened"], calllog.RecordedName, saidWords, true))
	s.ok(s.db.KeepWords(t.Context(), s.calls["message"], calllog.RecordedMessage, messageWords, false))
	return s
}

// The words stand beside the player, marked as a machine's, on every page that has the recording, and they find the call.
func TestWordsInABrowser(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	b := s.browse("carer", "/h/mum/calls/"+itoa(s.calls["screened"]))
	b.sees("Read by a machine, which isn’t sure: " + saidWords)
	b.until("the player beside the words", `document.querySelector(".player .words") !== null && document.querySelector(".player audio") !== null`)
	b.axe()
	b.fits()
	b.shot("call-words")
	b.open("/h/mum/")
	b.sees("Read by a machine, which isn’t sure: " + saidWords)
	b.sees("Read by a machine: " + messageWords)
	b.axe()
	b.fits()
	b.shot("today-words")
	b.open("/h/mum/calls")
	b.fill("Number, name or words they said", "BOILER microsoft")
	b.press("Search")
	b.until("nothing but that call", `document.querySelectorAll(".cards h3").length === 1 && document.body.innerText.includes("Steve from Microsoft")`)
	b.shot("calls-words")
}

// Who may not hear a recording sees none of its words, and finds nothing by them; for programs it is the same.
func TestWordsAreForWhoMayHear(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	for _, who := range []string{"carer", "viewer", "unhearing"} {
		hears := who != "unhearing"
		c, p := s.as(who), s.program(who, store.ScopeRead, "")
		for address, pages := range map[string]string{
			"/h/mum/": c.get("/h/mum/").body, "/h/mum/calls": c.get("/h/mum/calls").body, "a call": c.get("/h/mum/calls/" + itoa(s.calls["screened"])).body,
			"the search":      c.get("/h/mum/calls?who=boiler").body,
			"programs' calls": p.json("GET", "households/mum/calls", "").body, "programs' search": p.json("GET", "households/mum/calls?who=boiler", "").body,
			"programs' call": p.json("GET", "households/mum/calls/"+itoa(s.calls["screened"]), "").body,
		} {
			if strings.Contains(pages, "Steve from Microsoft") != hears {
				t.Errorf("%s on %s: the words are there: %v", who, address, !hears)
			}
		}
		if got := p.json("GET", "households/mum/messages", "").body; strings.Contains(got, `"words":"`+messageWords) != hears {
			t.Errorf("programs of %s get the messages %s", who, got)
		}
	}
}
