package group

import (
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/outbox"
)

const steve = screening.Number("+442079460999")

var house = screening.Household{Region: "GB", Number: "+442079460100", CarerNumber: "+447700900456", Telecare: []screening.Number{"+441632960111"}}

// What becomes of a report, at every point of its way.
func TestStateOf(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	g := outbox.Group{Joined: ago(30 * 24 * time.Hour), From: ago(30 * 24 * time.Hour)}
	with := func(change func(*outbox.Group)) outbox.Group { c := g; change(&c); return c }
	report := func(age time.Duration) *outbox.Report {
		return &outbox.Report{Category: "bank", At: ago(age)}
	}
	sent := func(kind, category, refused string, age time.Duration) *outbox.SentReport {
		return &outbox.SentReport{Number: steve, Kind: kind, Category: category, Refused: refused, At: ago(age)}
	}
	told := sent(outbox.SaysFor, "bank", "", time.Hour)
	for name, c := range map[string]struct {
		r     outbox.GroupReport
		g     outbox.Group
		stage Stage
		say   string
		why   string
	}{
		"just made":              {outbox.GroupReport{Report: report(0), Changed: now}, g, Held, "", ""},
		"a minute to go":         {outbox.GroupReport{Report: report(59 * time.Minute), Changed: ago(59 * time.Minute)}, g, Held, "", ""},
		"its hour is over":       {outbox.GroupReport{Report: report(time.Hour), Changed: ago(time.Hour)}, g, Waits, outbox.SaysFor, ""},
		"changed within it":      {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(time.Minute)}, g, Held, "", ""},
		"paused":                 {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour)}, with(func(g *outbox.Group) { g.Paused = true }), Waits, "", "paused"},
		"not reached":            {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour)}, with(func(g *outbox.Group) { g.Next, g.Error = now.Add(time.Minute), "No." }), Waits, "", "No."},
		"to be tried again":      {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour)}, with(func(g *outbox.Group) { g.Next, g.Error = now, "No." }), Waits, outbox.SaysFor, ""},
		"from before joining":    {outbox.GroupReport{Report: report(31 * 24 * time.Hour), Changed: ago(31 * 24 * time.Hour)}, g, Stays, "", "before you joined"},
		"that the owner lets go": {outbox.GroupReport{Report: report(31 * 24 * time.Hour), Changed: ago(31 * 24 * time.Hour)}, with(func(g *outbox.Group) { g.From = time.Time{} }), Waits, outbox.SaysFor, ""},
		"of another season":      {outbox.GroupReport{Report: report(60 * 24 * time.Hour), Changed: ago(60 * 24 * time.Hour)}, with(func(g *outbox.Group) { g.From = time.Time{} }), Stays, "", "too old"},
		"of a group that was left": {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour)}, with(func(g *outbox.Group) { g.Left = now }),
			Stays, "", "left"},
		"sent":                {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour), Tried: told, Taken: told}, g, Sent, "", ""},
		"sent, long ago":      {outbox.GroupReport{Report: report(90 * 24 * time.Hour), Changed: ago(90 * 24 * time.Hour), Tried: told, Taken: told}, g, Sent, "", ""},
		"sent, reported anew": {outbox.GroupReport{Report: report(0), Changed: now, Tried: told, Taken: told}, g, Sent, "", ""},
		"another category":    {outbox.GroupReport{Report: report(3 * time.Hour), Changed: ago(time.Hour), Tried: sent(outbox.SaysFor, "other", "", 2*time.Hour), Taken: sent(outbox.SaysFor, "other", "", 2*time.Hour)}, g, Waits, outbox.SaysFor, ""},
		"refused":             {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour), Tried: sent(outbox.SaysFor, "bank", "“no”", time.Hour)}, g, Refused, "", "“no”"},
		"refused, and made anew": {outbox.GroupReport{Report: report(time.Hour), Changed: ago(time.Hour), Tried: sent(outbox.SaysFor, "bank", "“no”", 2*time.Hour)}, g,
			Waits, outbox.SaysFor, ""},
		"withdrawn in time":             {outbox.GroupReport{}, g, Stays, "", ""},
		"withdrawn later":               {outbox.GroupReport{Tried: told, Taken: told}, g, Retracts, outbox.SaysWithdraw, ""},
		"and paused":                    {outbox.GroupReport{Tried: told, Taken: told}, with(func(g *outbox.Group) { g.Paused = true }), Retracts, "", "paused"},
		"and left":                      {outbox.GroupReport{Tried: told, Taken: told}, with(func(g *outbox.Group) { g.Left = now }), Sent, "", ""},
		"and told so":                   {outbox.GroupReport{Tried: sent(outbox.SaysWithdraw, "", "", 0), Taken: sent(outbox.SaysWithdraw, "", "", 0)}, g, Withdrawn, "", ""},
		"and made anew":                 {outbox.GroupReport{Report: report(time.Hour), Changed: ago(time.Hour), Tried: sent(outbox.SaysWithdraw, "", "", 0), Taken: sent(outbox.SaysWithdraw, "", "", 0)}, g, Waits, outbox.SaysFor, ""},
		"refused, withdrawn":            {outbox.GroupReport{Tried: sent(outbox.SaysFor, "bank", "“no”", 0)}, g, Stays, "", ""},
		"withdrawal refused":            {outbox.GroupReport{Tried: sent(outbox.SaysWithdraw, "", "“no”", 0), Taken: told}, g, Refused, "", "“no”"},
		"correction refused, withdrawn": {outbox.GroupReport{Tried: sent(outbox.SaysFor, "tax", "“no”", 0), Taken: told}, g, Retracts, outbox.SaysWithdraw, ""},
		"a contact":                     {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour), Contact: true}, g, Stays, "", "contact"},
		"a contact since":               {outbox.GroupReport{Report: report(2 * time.Hour), Changed: ago(2 * time.Hour), Contact: true, Tried: told, Taken: told}, g, Retracts, outbox.SaysWithdraw, ""},
	} {
		c.r.Number = steve
		got := stateOf(c.r, c.g, house, time.Hour, now)
		if got.Stage != c.stage || got.say != c.say || !strings.Contains(got.Why, c.why) || c.why == "" && got.Why != "" {
			t.Errorf("%s: %+v", name, got)
		}
		if got.Stage == Held && !got.Until.Equal(c.r.Changed.Add(time.Hour)) {
			t.Errorf("%s: until %s", name, got.Until)
		}
	}
}

// Numbers that are never sent, whatever has been reported.
func TestWhyNot(t *testing.T) {
	for n, want := range map[screening.Number]string{
		steve: "", "+33142685300": "", house.Number: "own number", house.CarerNumber: "own number", "+441632960111": "alarm centre",
		"999": "emergency services", "111": "the number of", "+448001111": "the number of", // Childline
		"123": "nobody", "+4420794609991234567": "nobody", "+44207": "nobody", "": "nobody", "anonymous": "nobody", "02079460999": "nobody", "+442079460999\r\nX": "nobody",
	} {
		if got := whyNot(n, false, house); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q", n, got)
		}
	}
	if got := whyNot(steve, true, house); !strings.Contains(got, "contact") {
		t.Error(got)
	}
	if got := whyNot("+442079460100", false, screening.Household{Region: "GB"}); got != "" {
		t.Errorf("the number of a household that is not known: %q", got)
	}
}
