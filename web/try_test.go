package web

import (
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// longTalk is a call without a number in which somebody talked with mum for five minutes, and said who they were.
func (s *site) longTalk() {
	s.t.Helper()
	ctx, at := s.t.Context(), siteNow.Add(-26*time.Hour)
	id := screening.Identity{Presentation: "prohib_not_screened"}
	call, err := s.db.CallArrived(ctx, "mum", "talk", at, id, screening.Identify(id, "GB"), screening.Verdict{Action: screening.Screen, Would: screening.Screen,
		Reasons: []screening.Reason{{Code: screening.CodeWithheld, Text: "The caller withholds their number."}}}, "")
	s.ok(err)
	s.ok(s.db.CallStep(ctx, call, at, calllog.PickedUp{}))
	s.ok(s.db.CallEnded(ctx, call, at.Add(5*time.Minute), calllog.Accepted))
	s.ok(s.db.Keep(ctx, call, calllog.RecordedName, tone(time.Second), time.Second))
	s.ok(s.db.KeepWords(ctx, call, calllog.RecordedName, "the surgery with your results", false))
}

// Each form that decides about calls can be tried first, which changes nothing, and then does what was seen.
func TestFormsCanBeTriedFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	c := s.as("owner")
	for path, fields := range map[string][]string{
		"settings/checks":   {"withheld", "turn-away"},
		"settings/mode":     {"mode", "known-only"},
		"settings/week/add": {"day", "daily", "from", "00:00", "to", "23:59", "what", "quiet"},
		"blocks":            {"number", "020 7946 0555", "which", "number"},
		"blocks/countries":  {"countries", "France", "do", "turn-away"},
		"lists/threshold":   {"threshold", "0.95"},
	} {
		before := s.auditLines()
		a := c.post("/h/mum/"+path, append(fields, "try", "yes")...)
		for _, want := range []string{"Nothing has changed yet.", "calls since", `name="tried" value="yes"`, `action="/h/mum/` + path + `"`, `name="` + fields[0] + `" value="` + fields[1] + `"`} {
			if a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%s: answered %d without %q", path, a.status, want)
			}
		}
		if s.auditLines() != before {
			t.Errorf("%s: trying has changed something", path)
		}
		if a := c.post("/h/mum/"+path, append(fields, "tried", "yes")...); a.status != 303 || s.auditLines() != before+1 {
			t.Errorf("%s: done afterwards, it answered %d", path, a.status)
		}
	}
	// What is subscribed to, too.
	before := s.auditLines()
	for away, would := range map[string]string{"": "calls since", "yes": "would have been turned away instead"} {
		a := c.post("/h/mum/lists/ready", "ready", "gb-drama", "away", away, "try", "yes")
		for _, want := range []string{"Nothing has changed yet.", would, `name="ready" value="gb-drama"`, `name="away" value="` + away + `"`} {
			if a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("a ready list: answered %d without %q: %s", a.status, want, a.body)
			}
		}
	}
	if subs, err := s.db.Lists.Subscriptions(t.Context(), "mum"); err != nil || len(subs) != 0 || s.auditLines() != before {
		t.Errorf("trying has subscribed to something: %+v %v", subs, err)
	}
	if a := c.post("/h/mum/settings/mode", "mode", "sideways", "try", "yes"); a.status != 422 {
		t.Errorf("what cannot be done answered %d when it was tried", a.status)
	}
	if a := c.post("/h/mum/blocks", "number", "020 7946", "which", "prefix"); !strings.Contains(a.body, "would have been turned away instead") {
		t.Error("who blocks many numbers does not see which calls that would have been")
	}
	to := c.upload("more", "more.csv", "number\n020 7946 0555\n020 7946 0888\n").header.Get("Location")
	for strings.Contains(to, "/reading/") { // on a slow machine a page shows the progress meanwhile
		a := c.get(to)
		if a.status == 200 {
			continue
		}
		to = a.header.Get("Location")
	}
	if !strings.Contains(c.get(to).body, "What it would have done") {
		t.Error("the preview of a list does not say what it would have done")
	}
}

// What a list would have done is shown before it is subscribed to: asked for, and unasked where somebody would have been missed.
func TestAListIsTriedBeforeItIsSubscribedTo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.runLists()
	p := s.published()
	ctx, at := t.Context(), siteNow.Add(-30*time.Hour)
	id := screening.Identity{Number: "02079460666", Presentation: "allowed"}
	call, err := s.db.CallArrived(ctx, "mum", "talk", at, id, screening.Identify(id, "GB"), screening.Verdict{Action: screening.Screen, Would: screening.Screen,
		Reasons: []screening.Reason{{Code: screening.CodeUnknown, Text: "You don't know the caller."}}}, "")
	s.ok(err)
	s.ok(s.db.CallStep(ctx, call, at, calllog.PickedUp{}))
	s.ok(s.db.CallEnded(ctx, call, at.Add(5*time.Minute), calllog.Accepted))
	c := s.as("carer")
	accept := actionOf(t, c.follows("/h/mum/lists/subscribe", "address", p.source.Link()), "/h/mum/lists/subscribe/")
	before := s.auditLines()
	for _, fields := range [][]string{{"name", "Parish", "try", "yes"}, {"name", "Parish"}} {
		a := c.post(accept, fields...)
		for _, want := range []string{"Nothing has changed yet.", "would have been turned away instead of", "talked for more than a minute", `name="tried" value="yes"`, `action="` + accept + `"`} {
			if a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%v: answered %d without %q: %s", fields, a.status, want, a.body)
			}
		}
		if subs, err := s.db.Lists.Subscriptions(ctx, "mum"); err != nil || len(subs) != 0 || s.auditLines() != before || s.action("02079460666") == screening.TurnAway {
			t.Errorf("%v has subscribed: %+v %v", fields, subs, err)
		}
	}
	if a := c.post(accept, "name", strings.Repeat("x", 300), "try", "yes"); a.status != 422 || !strings.Contains(a.body, "Subscribe to this list?") {
		t.Errorf("what cannot be done answered %d", a.status)
	}
	if a := c.post(accept, "name", "Parish", "tried", "yes"); a.status != 303 || s.action("02079460666") != screening.TurnAway {
		t.Errorf("done afterwards, it answered %d: %s", a.status, s.action("02079460666"))
	}
}

func (s *site) auditLines() int {
	s.t.Helper()
	all, err := s.db.AuditLog(s.t.Context(), "mum", 0, 1000)
	s.ok(err)
	return len(all)
}

// Where somebody would have missed a call in which they talked, the page is shown unasked, once; and the words only to those who may hear recordings.
func TestMissedCallsAreShownUnasked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.longTalk()
	for who, hears := range map[string]bool{"carer": true, "unhearing": false} {
		a := s.as(who).post("/h/mum/settings/checks", "withheld", "turn-away")
		if a.status != 200 || !strings.Contains(a.body, "you talked for more than a minute.") || !strings.Contains(a.body, "Do it anyway") {
			t.Errorf("%s: answered %d: %s", who, a.status, a.body)
		}
		if strings.Contains(a.body, "the surgery with your results") != hears {
			t.Errorf("%s, who may hear recordings: %v, sees the words or not", who, hears)
		}
	}
	if s.home(t).Policy.Withheld != "" {
		t.Error("it was done all the same")
	}
	c := s.as("carer")
	if a := c.post("/h/mum/settings/checks", "withheld", "screen"); a.status != 303 {
		t.Errorf("a change by which nobody is missed answered %d", a.status)
	}
	if a := c.post("/h/mum/settings/checks", "withheld", "turn-away", "tried", "yes"); a.status != 303 || s.home(t).Policy.Withheld != screening.TurnAway {
		t.Errorf("once it was seen, it answered %d", a.status)
	}
}

// Programs try any request that decides about calls; nothing else, and nothing that their people may not do.
func TestProgramsTryRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.longTalk()
	s.fillBlocks()
	p := s.program("owner", store.ScopeChange, "")
	before := s.auditLines()
	for request, want := range map[string]string{
		`{"method":"PATCH","path":"options","body":{"withheld":"turn-away"}}`:                       `"words":"the surgery with your results"`,
		`{"method":"POST","path":"blocks","body":{"number":"020 7946 0555"}}`:                       `"to":{"action":"turn-away"}`,
		`{"method":"PUT","path":"mode","body":{"mode":"known-only"}}`:                               `"missed":1`,
		`{"method":"PUT","path":"schedule","body":{"spans":["daily 00:00-23:59 quiet"]}}`:           `"to":{"action":"message"}`,
		`{"method":"POST","path":"contacts","body":{"name":"Surgery","numbers":["020 7946 0666"]}}`: `"to":{"action":"ring"}`,
		`{"method":"PUT","path":"lists/more","body":"number\n020 7946 0555\n"}`:                     `"list":"more"`,
		`{"method":"DELETE","path":"lists/Trading%20Standards"}`:                                    `"changed":`,
	} {
		p.wants(p.json("POST", "households/mum/preview", request), 200, want, `"sentence":"Of `)
	}
	for request, status := range map[string]int{
		`{"method":"POST","path":"export"}`:                                                  422,
		`{"method":"DELETE","path":"callers/+442079460555"}`:                                 422,
		`{"method":"PUT","path":"lists/x/subscription","body":{}}`:                           422,
		`{"method":"POST","path":"../gran/blocks","body":{"number":"020 7946 0555"}}`:        422,
		`{"method":"POST","path":"blocks","body":{"number":"101"}}`:                          422,
		`{"method":"POST","path":"preview","body":{"method":"PUT","path":"mode","body":{}}}`: 422,
		`{"method":"PATCH","path":"options","body":{"colour":"red"}}`:                        400,
	} {
		if a := p.json("POST", "households/mum/preview", request); a.status != status {
			t.Errorf("%s answered %d: %s", request, a.status, a.body)
		}
	}
	if s.auditLines() != before {
		t.Error("trying has changed something")
	}
	deaf := s.program("unhearing", store.ScopeChange, "")
	if a := deaf.json("POST", "households/mum/preview", `{"method":"PATCH","path":"options","body":{"withheld":"turn-away"}}`); a.status != 200 || strings.Contains(a.body, "results") {
		t.Errorf("who may not hear recordings is answered %d: %s", a.status, a.body)
	}
}

// A carer tries a setting, sees which calls it would have been, and saves it.
func TestTryingInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.longTalk()
	b := s.browse("carer", "/h/mum/settings/mode")
	b.press("What would this have done?")
	b.sees("would have gone the same way.")
	b.shot("tried-nothing")
	b.axe()
	b.fits()
	b.press("Don’t change anything")
	b.sees("How strict Ringfence is")
	b.clickNode(`input[name=mode][value=known-only]`)
	b.press("Save")
	b.sees("In one of these calls you talked for more than a minute.")
	b.shot("tried-missed")
	b.axe()
	b.fits()
	b.press("Do it anyway")
	b.sees("Only people you know")
	if mode := s.home(t).Mode; mode != screening.KnownOnly {
		t.Errorf("the mode is %q", mode)
	}
}
