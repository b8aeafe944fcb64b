package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ringfence/screening"
)

func place(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	must(t, err)
	return zone
}

// Where clocks change at midnight a day begins when it does.
func TestDayStart(t *testing.T) {
	for _, c := range []struct {
		zone      string
		y         int
		m         time.Month
		d         int
		want, day string // and how long the day is
	}{
		{"Europe/London", 2026, 11, 24, "2026-11-24T00:00:00Z", "24h0m0s"},
		{"Europe/London", 2026, 10, 25, "2026-10-25T00:00:00+01:00", "25h0m0s"},
		{"Europe/London", 2026, 3, 29, "2026-03-29T00:00:00Z", "23h0m0s"},
		{"Europe/London", 2026, 12, 32, "2027-01-01T00:00:00Z", "24h0m0s"},
		{"America/Havana", 2026, 3, 8, "2026-03-08T01:00:00-04:00", "23h0m0s"},  // midnight is skipped
		{"America/Havana", 2026, 11, 1, "2026-11-01T00:00:00-04:00", "25h0m0s"}, // midnight is there twice
		{"Asia/Beirut", 2026, 3, 29, "2026-03-29T01:00:00+03:00", "23h0m0s"},
		{"Atlantic/Azores", 2026, 10, 25, "2026-10-25T00:00:00Z", "25h0m0s"},
	} {
		zone := place(t, c.zone)
		got := DayStart(c.y, c.m, c.d, zone)
		if got.Format(time.RFC3339) != c.want || DayStart(c.y, c.m, c.d+1, zone).Sub(got).String() != c.day {
			t.Errorf("%s %d-%d-%d: %s, %s", c.zone, c.y, c.m, c.d, got.Format(time.RFC3339), DayStart(c.y, c.m, c.d+1, zone).Sub(got))
		}
	}
}

func TestMonth(t *testing.T) {
	s, _ := open(t)
	london := place(t, "Europe/London")
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, time.UTC) }
	for _, l := range []logged{
		{at: at(1, 0, 0).Add(-time.Hour), number: joan, name: "J", action: screening.Ring, outcome: "talked"}, // midnight in London
		{at: at(1, 0, 0).Add(-time.Hour - 1), number: joan, action: screening.Ring, outcome: "talked"},        // September
		{at: at(12, 9, 0), number: joan, action: screening.Ring, outcome: "nobody-home", steps: []string{"rang"}},
		{at: at(12, 9, 1), number: steve, name: "STEVE", action: screening.Screen, outcome: "sent-away"},
		{at: at(12, 9, 2), number: steve, action: screening.TurnAway, reason: screening.CodeBlock, outcome: "turned-away"},
		// The hour that is there twice, in summer time and then in winter time: both are one o'clock.
		{at: at(25, 0, 30), number: steve, action: screening.TurnAway, reason: screening.CodeBlock, outcome: "turned-away"},
		{at: at(25, 1, 30), action: screening.TurnAway, reason: screening.CodeList, outcome: "turned-away"},
		{at: at(25, 2, 30), presentation: screening.Withheld, action: screening.TurnAway, reason: screening.CodeWithheld, outcome: "turned-away"},
		{at: at(31, 23, 59), number: "+12015550123", action: screening.Message, outcome: "message-left", message: true},
		{at: at(31, 23, 58), outcome: "message-left"},                               // deleted
		{at: at(32, 0, 0), number: joan, action: screening.Ring, outcome: "talked"}, // November
		{household: "other", at: at(12, 9, 0), number: steve, action: screening.Screen, outcome: "sent-away", message: true},
	} {
		l.log(t, s)
	}
	m, err := s.Month(t.Context(), "home", 2026, time.October, london)
	must(t, err)
	if m.CallCounts != (CallCounts{Rang: 3, Screened: 1, TurnedAway: 4, MessageOnly: 1}) || m.Calls() != 9 {
		t.Errorf("%+v", m.CallCounts)
	}
	if m.Missed != 2 || m.Left != 2 || m.Scam != 4 || m.SentAway != 1 || m.Names != 0 || m.Messages != 1 || m.Unheard != 1 {
		t.Errorf("%+v", m)
	}
	if len(m.Days) != 31 || m.Days[0] != (CallCounts{Rang: 1}) || m.Days[11] != (CallCounts{Rang: 1, Screened: 1, TurnedAway: 1}) ||
		m.Days[24] != (CallCounts{TurnedAway: 3}) || m.Days[30] != (CallCounts{Rang: 1, MessageOnly: 1}) {
		t.Errorf("%+v", m.Days)
	}
	if m.ScamByHour != [24]int{1: 2, 10: 2} { // 9:00 UTC is 10:00 in summer
		t.Errorf("%v", m.ScamByHour)
	}
	if m.ScamByWeekday != [7]int{time.Sunday: 2, time.Monday: 2} {
		t.Errorf("%v", m.ScamByWeekday)
	}
	var callers []string
	for _, c := range m.Callers {
		callers = append(callers, fmt.Sprintf("%s %q %d %d %v", c.Number, c.Name, c.Calls, c.Scam, c.Contact))
	}
	want := []string{`+442079460666 "STEVE" 3 3 false`, `+442079460001 "Joan" 2 0 true`, `+12015550123 "" 1 0 false`}
	if !slices.Equal(callers, want) {
		t.Errorf("%q", callers)
	}
	empty, err := s.Month(t.Context(), "home", 2024, time.February, london)
	if err != nil || len(empty.Days) != 29 || empty.Calls() != 0 || len(empty.Callers) != 0 {
		t.Errorf("%+v %v", empty, err)
	}
	if other, err := s.Month(t.Context(), "nobody", 2026, time.October, london); err != nil || other.Calls() != 0 {
		t.Errorf("%+v %v", other, err)
	}
}
