package web

import (
	"strings"
	"testing"
	"time"

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
	b.sees("A machine heard, and isn’t sure: " + saidWords)
	b.until("the player beside the words", `document.querySelector(".player .words") !== null && document.querySelector(".player audio") !== null`)
	b.axe()
	b.fits()
	b.shot("call-words")
	b.open("/h/mum/")
	b.sees("Heard: Hello, this is Steve from Microsoft Windows <b>about</b> …")
	b.press("More about 020 7946 0555, today at 08:00")
	b.sees("A machine heard, and isn’t sure: " + saidWords)
	b.sees("A machine heard: " + messageWords)
	b.axe()
	b.fits()
	b.shot("today-words")
	b.open("/h/mum/calls")
	b.fill("Number, name or words", "BOILER microsoft")
	b.press("Search")
	b.until("nothing but that call", `document.querySelectorAll(".cards h3").length === 1 && document.body.innerText.includes("Steve from Microsoft")`)
	b.shot("calls-words")
}

// Who may not hear a recording sees none of its words, and finds nothing by them; for programs it is the same.
func TestWordsAreForWhoMayHear(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	s.sounds()
	s.board.says(s.ringing(), store.Words{Text: "Hello, Steve from Microsoft"})
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
			if why := strings.Contains(pages, "Microsoft never rings"); why && !hears || address == "a call" && why != hears {
				t.Errorf("%s on %s: why they sound like a scam is there: %v", who, address, why)
			}
		}
		if strings.Contains(c.get("/h/mum/").body, "Hello, Steve from Microsoft …") != hears {
			t.Errorf("%s: what a caller is saying is there: %v", who, !hears)
		}
		if got := p.json("GET", "households/mum/messages", "").body; strings.Contains(got, `"words":"`+messageWords) != hears {
			t.Errorf("programs of %s get the messages %s", who, got)
		}
	}
}

// A language model's opinion stands beside the words as its own, escaped as everything that a caller may have dictated is, and is for people alone who
// may hear what it is of.
func TestOpinionInABrowser(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	opinion := store.Opinion{Level: calllog.ScriptStrong, Sentence: "I am the doctor" + hostileName}
	call := "/h/mum/calls/" + itoa(s.calls["screened"])
	s.ok(s.db.KeepOpinion(t.Context(), s.calls["screened"], calllog.RecordedName, opinion))
	s.ok(s.db.KeepOpinion(t.Context(), s.calls["message"], calllog.RecordedMessage, store.Opinion{Level: calllog.ScriptSales}))
	s.ok(s.db.CallStep(t.Context(), s.calls["screened"], siteNow.Add(-3*time.Hour+8*time.Second), calllog.Opinion{Level: calllog.ScriptStrong}))
	const says = "A language model, which can be wrong, says: "
	b := s.browse("carer", call)
	b.sees(says + "Sounds like a scam. " + opinion.Sentence)
	b.axe()
	b.fits()
	b.shot("call-opinion")
	b.open("/h/mum/")
	b.press("More about 020 7946 0555, today at 08:00")
	b.sees(says + "Sounds like a scam. " + opinion.Sentence)
	b.sees(says + "Sounds like a sales call.")
	b.axe()
	b.fits()
	b.shot("today-opinion")
	for _, who := range []string{"viewer", "unhearing"} {
		c, p := s.as(who), s.program(who, store.ScopeRead, "")
		for _, address := range []string{"/h/mum/", "/h/mum/calls", call} {
			if strings.Contains(c.get(address).body, "I am the doctor") != (who != "unhearing") {
				t.Errorf("%s on %s: the sentence is or is not there", who, address)
			}
		}
		json := p.json("GET", "households/mum/calls/"+itoa(s.calls["screened"]), "").body
		if strings.Contains(json, `"opinion":{"level":"strong","sentence":"I am the doctor`) != (who != "unhearing") || !strings.Contains(json, `"step":"opinion","detail":"strong"`) {
			t.Errorf("programs of %s get %s", who, json)
		}
		if got := p.json("GET", "households/mum/messages", "").body; strings.Contains(got, `"opinion":{"level":"sales","sentence":""}`) != (who != "unhearing") {
			t.Errorf("programs of %s get the messages %s", who, got)
		}
	}
}

// sounds says that what mum's screened caller said sounds like a scam.
func (s *site) sounds() {
	s.t.Helper()
	at := siteNow.Add(-3 * time.Hour)
	s.ok(s.db.CallStep(s.t.Context(), s.calls["screened"], at.Add(7*time.Second), calllog.Script{Level: calllog.ScriptStrong, Reasons: "Says it's Microsoft. Microsoft never rings."}))
	s.ok(s.db.CallStep(s.t.Context(), s.calls["screened"], at.Add(15*time.Second), calllog.ScriptResult{Result: calllog.ScriptWarned}))
}

// A warning is on every page of the call, with its reasons, as a machine's opinion; the month says how often it was right.
func TestScamWordsInABrowser(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	s.sounds()
	const opinion = "A machine’s opinion: Sounds like a scam. Says it's Microsoft. Microsoft never rings."
	b := s.browse("owner", "/h/mum/")
	b.sees("Sent away as a scam.")
	b.press("More about 020 7946 0555, today at 08:00")
	b.sees(opinion)
	b.axe()
	b.fits()
	b.shot("today-scam")
	b.open("/h/mum/calls/" + itoa(s.calls["screened"]))
	b.sees("Sounds like a scam. Says it's Microsoft. Microsoft never rings.")
	b.sees("The household heard a warning before the caller's voice.")
	b.shot("call-scam")
	b.open("/h/mum/calls?kind=scam-words")
	b.press("More about 020 7946 0555, today at 08:00")
	b.sees(opinion)
	b.open("/h/mum/month/2026-11")
	b.sees("1 call sounded like a scam, from what the caller said. The household decided: 1 sent away as a scam.")
	b.axe()
	b.shot("month-scam")
	b.open("/h/mum/settings/checks")
	b.sees("When a caller’s words sound like a scam")
	b.axe()
	b.shot("settings-words")
}

// The month's report has what scam callers said if an owner has chosen that, for people who may hear it, and numbers only where they are wanted.
func TestReportHasWordsIfAnOwnerWants(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	s.sounds()
	s.ok(s.db.KeepWords(t.Context(), s.calls["screened"], calllog.RecordedName, "Ring me on 020 7946 0321 about Windows.", false))
	report := func(who, query string) string { return s.as(who).get("/h/mum/month/2026-11/report" + query).body }
	if strings.Contains(report("owner", ""), "about Windows") {
		t.Error("the report has words that nobody has asked for")
	}
	if checks := s.as("carer").get("/h/mum/settings/checks").body; strings.Contains(checks, `name="report-words"`) {
		t.Error("a carer is offered what only an owner may choose")
	}
	s.ok(s.db.SetOption(t.Context(), "mum", "report_words", true))
	if got := report("owner", ""); !strings.Contains(got, "Ring me on 020 7946 0321 about Windows.") || !strings.Contains(got, "A machine has written down and judged these words") {
		t.Error("the report lacks the words")
	}
	if got := report("owner", "?numbers=no"); strings.Contains(got, "about Windows") || strings.Contains(got, "0321") {
		t.Error("there are words, in which numbers may be")
	}
	if strings.Contains(report("unhearing", ""), "about Windows") {
		t.Error("somebody who may not hear it reads it")
	}
}
