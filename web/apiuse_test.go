package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ringfence/store"
)

// A program does what a carer does.
func TestTheInterface(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	p := s.program("carer", store.ScopeChange, "")
	p.wants(p.get("me"), 200, `"name":"Carer Taylor"`, `"scope":"change"`)
	p.wants(p.get("households"), 200, `"name":"mum"`, `"timezone":"Europe/London"`)
	p.wants(p.get("households/mum"), 200, `"role":"carer"`)
	p.wants(p.get("households/mum/line"), 200, `"level":"ok"`, `"name":"hall","up":true`)

	p.wants(p.get("households/mum/lookup?number=020+7946+0333"), 200, `"number":"+442079460333"`, `"action":"turn-away"`, `"list":"Trading Standards"`, `"confidence":0.9`)
	p.wants(p.get("households/mum/lookup?number=withheld"), 200, `"number":""`, `"action":"screen"`)
	p.wants(p.get("households/mum/lookup"), 200, `"code":"unavailable"`)

	p.useCalls()
	p.useContacts()
	p.useBlocks()
	p.useReports()
	p.useLists()
	p.useSubscriptions()
	p.useMode()

	s.ok(s.db.AddNotice(t.Context(), "mum", siteNow, store.NoticeMessageLeft, "A caller left a message.", s.calls["message"]))
	p.wants(p.get("households/mum/notices"), 200, `"kind":"message-left"`)
	p.wants(p.get("households/mum/changes?limit=5"), 200, `"by":"Carer Taylor, by the program “a test”"`, `"what":"schedule-changed"`)
}

// useCalls is about the calls of a household, and their messages.
func (p *program) useCalls() {
	s := p.site
	p.wants(p.get("households/mum/calls"), 200, `"calls":[{"at":"`, `"kind":"message","seconds":6,"href":"/api/v1/households/mum/calls/`)
	var page struct {
		Calls []struct{ ID int64 }
		Next  string
	}
	var ids []int64
	for path := "households/mum/calls?limit=3"; ; path = "households/mum/calls?limit=3&after=" + page.Next {
		page.Next = ""
		a := p.get(path)
		p.wants(a, 200)
		s.ok(json.Unmarshal([]byte(a.body), &page))
		for _, c := range page.Calls {
			if slices.Contains(ids, c.ID) {
				s.t.Errorf("the call %d comes twice", c.ID)
			}
			ids = append(ids, c.ID)
		}
		if page.Next == "" {
			break
		}
	}
	if len(ids) != 10 {
		s.t.Errorf("%d calls were found page by page", len(ids))
	}
	p.wants(p.get("households/mum/calls?kind=message&who=nobody&from=2026-11-01&to=2026-11-30"), 200, `{"calls":[]}`)
	p.wants(p.get("households/mum/calls/"+itoa(s.calls["screened"])), 200, `"outcome":"sent-away"`, `"step":"pressed","detail":"3"`)
	p.wants(p.get("households/mum/calls/"+itoa(s.calls["screened"])+"/recordings/name"), 200, "WAVE")
	live := s.ringing()
	p.wants(p.json("POST", "households/mum/calls/"+itoa(live)+"/press", `{"key":"let-through"}`), 204)
	if got := s.board.log(); got != "mum let-through Carer Taylor" {
		s.t.Errorf("pressed: %q", got)
	}
	p.wants(p.get("households/mum/messages"), 200, `"heard":false`)
	p.wants(p.send("POST", "/api/v1/households/mum/messages/"+itoa(s.calls["message"])+"/heard", "", ""), 204)
	p.wants(p.get("households/mum/messages"), 200, `"heard":true`)
	p.wants(p.send("DELETE", "/api/v1/households/mum/messages/"+itoa(s.calls["message"]), "", ""), 204)
	p.wants(p.get("households/mum/messages"), 200, "[]")
}

// useContacts is about its contacts.
func (p *program) useContacts() {
	s := p.site
	a := p.json("POST", "households/mum/contacts", `{"name":"Dr Patel","numbers":["0116 496 0123"],"notes":"the surgery"}`)
	p.wants(a, 201, `"numbers":["+441164960123"]`)
	var made struct{ ID int64 }
	s.ok(json.Unmarshal([]byte(a.body), &made))
	contact := "households/mum/contacts/" + itoa(made.ID)
	p.wants(p.json("POST", "households/mum/contacts", `{"name":"Dr Patel","numbers":["0116 496 0124"]}`), 409, "even_so")
	p.wants(p.json("PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0123","0116 496 0124"]}`), 200, `"notes":""`)
	old := a.header.Get("ETag")
	now := p.get(contact)
	p.wants(now, 200, "Dr A. Patel")
	p.wants(p.matching(old, "PUT", contact, `{"name":"Dr Singh","numbers":["0116 496 0123"]}`), 412, "changed meanwhile")
	p.wants(p.matching(old, "DELETE", contact, ""), 412, "changed meanwhile")
	p.wants(p.matching(old+", "+now.header.Get("ETag"), "PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0123"],"notes":"kind"}`), 200, `"notes":"kind"`)
	p.wants(p.matching("*", "PUT", contact, `{"name":"Dr A. Patel","numbers":["0116 496 0124"]}`), 200, `"notes":""`)
	p.wants(p.get("households/mum/contacts"), 200, "Anna Taylor", "Dr A. Patel")
	p.wants(p.send("DELETE", "/api/v1/"+contact, "", ""), 204)
	p.wants(p.get(contact), 404)
}

// useBlocks is about its blocks.
func (p *program) useBlocks() {
	s := p.site
	p.wants(p.get("households/mum/blocks"), 200, `"hits":{"count":2,"last":"`, `"reach":"This blocks all 10,000 premium-rate numbers`)
	a := p.json("POST", "households/mum/blocks", `{"number":"020 7946 0444","note":"rude","farewell":"not-wanted"}`)
	p.wants(a, 201, `"number":"+442079460444"`, `"by":"Carer Taylor, by the program “a test”"`)
	var made struct{ ID int64 }
	s.ok(json.Unmarshal([]byte(a.body), &made))
	block := "households/mum/blocks/" + itoa(made.ID)
	if got := a.header.Get("Location"); got != "/api/v1/"+block {
		s.t.Errorf("it is at %q", got)
	}
	p.wants(p.json("PATCH", block, `{"note":"very rude"}`), 200, `"note":"very rude","farewell":"not-wanted"`)
	p.wants(p.get(block), 200, "very rude")
	p.wants(p.send("DELETE", "/api/v1/"+block, "", ""), 204)
	p.wants(p.get(block), 404)
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"0121","prefix":true}`), 409, "every number in Birmingham")
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"0121","prefix":true,"sure":true}`), 201, `"number":"+44121"`)
	p.wants(p.json("POST", "households/mum/blocks", `{"number":"020 7946 0123"}`), 422, "Anna Taylor")
}

// useReports is about its reports.
func (p *program) useReports() {
	p.wants(p.get("households/mum/reports"), 200, `"by":"telephone"`)
	p.wants(p.json("PUT", "households/mum/reports/02079460333", `{"category":"bank"}`), 204)
	p.wants(p.get("households/mum/reports"), 200, `"number":"+442079460333","category":"bank"`)
	p.wants(p.send("DELETE", "/api/v1/households/mum/reports/+442079460333", "", ""), 204)
	p.wants(p.send("DELETE", "/api/v1/households/mum/reports/+442079460333", "", ""), 404)
}

// useLists is about lists that are imported.
func (p *program) useLists() {
	p.wants(p.get("households/mum/lists"), 200, `"turned_away":{"count":1,"last":"`)
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/The%20parish", "text/csv", goodList), 200, `{"entries":4,"refused":2,"columns":["number"],"refusals":[{"line":6,"why":"`)
	p.wants(p.get("households/mum/lists/The%20parish"), 200, `"entries":4`, `"source":"a test"`)
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/The%20parish", "text/csv", "<html>\n"), 422, "This is a web page (HTML)")
	p.wants(p.send("DELETE", "/api/v1/households/mum/lists/The%20parish", "", ""), 204)
	p.wants(p.get("households/mum/lists/The%20parish"), 404)
}

// useSubscriptions is about lists that others publish.
func (p *program) useSubscriptions() {
	s := p.site
	s.runLists()
	served := s.published()
	p.wants(p.json("PUT", "households/mum/lists/Dunmow/subscription", `{"address":"`+served.source.URL+`","key":"`+served.source.Key+`"}`), 200, `"publisher":"The parish council`)
	p.wants(p.json("POST", "households/mum/lists/Dunmow/update", `{}`), 200, `"entries":1`)
	p.wants(p.get("households/mum/lists"), 200, `"name":"Dunmow"`, `"subscription":{"kind":"list","url":"`+served.source.URL, `"serial":1`)
	p.wants(p.json("PUT", "households/mum/lists/Dunmow/subscription", `{"address":"`+served.source.Link()+`"}`), 409, "subscribed to already")
	p.wants(p.json("PUT", "households/mum/lists/Other/subscription", `{"address":"`+served.source.URL+`","may_turn_away":true}`), 403, "Only an owner")
	p.wants(p.json("PUT", "households/mum/lists/Other/subscription", `{"address":"x y"}`), 422, "not an address of a list")
	p.wants(p.send("PUT", "/api/v1/households/mum/lists/Dunmow", "text/csv", goodList), 422, "would delete your import")
	table := s.plainTable()
	p.wants(p.json("PUT", "households/mum/lists/plain/subscription", `{"address":"`+table+`"}`), 422, "“Y” (column 2", "Name it with column")
	p.wants(p.json("PUT", "households/mum/lists/plain/subscription", `{"address":"`+table+`","column":"2"}`), 200, `"column":"Y"`)
	p.wants(p.send("DELETE", "/api/v1/households/mum/lists/Dunmow", "", ""), 204)
	p.wants(p.json("POST", "households/mum/lists/Dunmow/update", `{}`), 404)
}

// useMode is about mode, expected calls, options and schedule.
func (p *program) useMode() {
	s := p.site
	p.wants(p.get("households/mum/mode"), 200, `"now":"ask"`, `"quiet":false`)
	p.wants(p.json("PUT", "households/mum/mode", `{"mode":"known-only","until":"2026-11-24T18:00:00Z"}`), 200, `"now":"known-only","mode":"ask"`, `"temporary_until":"2026-11-24T18:00:00Z"`)
	p.wants(p.json("PUT", "households/mum/mode", `{"mode":"block-only"}`), 200, `"now":"block-only","mode":"block-only"`)
	p.wants(p.json("PUT", "households/mum/expecting", `{}`), 200, `"expecting_until":"2026-11-24T13:00:00Z"`)
	a := p.send("DELETE", "/api/v1/households/mum/expecting", "", "")
	p.wants(a, 200)
	if strings.Contains(a.body, "expecting") {
		s.t.Error("a call is still expected")
	}
	p.wants(p.get("households/mum/options"), 200, `"threshold":0.5,"emergency_hours":24,`, `"human_check":"suspicious"`, `"quiet_contacts":"ring"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"withheld":"message","ring_dialled":true}`), 200, `"withheld":"message"`, `"ring_dialled":true`, `"threshold":0.5`)
	if house, err := s.db.Household(s.t.Context(), "mum"); err != nil || house.Threshold != 0 || house.Emergency != 0 {
		s.t.Errorf("what was not sent is chosen now: %+v %v", house, err)
	}
	p.wants(p.json("PATCH", "households/mum/options", `{"threshold":0.8,"emergency_hours":48}`), 200, `"threshold":0.8,"emergency_hours":48`, `"withheld":"message"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_when":"no-answer"}`), 422, "without a number")
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_number":"07700 900123","carer_when":"no-answer"}`), 200, `"carer_number":"+447700900123","carer_when":"no-answer"`)
	p.wants(p.json("PATCH", "households/mum/options", `{"carer_number":"","carer_when":"off"}`), 200, `"carer_number":"","carer_when":"off"`)
	p.wants(p.json("PUT", "households/mum/schedule", `{"spans":["daily 22:00-07:00 quiet","sat,sun 09:00-18:00 known-only"]}`), 200)
	p.wants(p.get("households/mum/schedule"), 200, `{"spans":["daily 22:00-07:00 quiet","sat,sun 09:00-18:00 known-only"]}`)
	p.wants(p.get("households/mum/mode"), 200, `"next_change":"2026-11-24T22:00:00Z"`)
}
