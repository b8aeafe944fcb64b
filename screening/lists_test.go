package screening_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
)

// A list that nobody has renewed, or that nobody has signed, warns and turns nobody away; an entry that has expired is as if it were not there.
func TestListsThatOnlyWarn(t *testing.T) {
	at := stranger().call.At
	for _, test := range []struct {
		what   string
		change func(*screening.Entry)
		want   screening.Action
		text   string
	}{
		{"as long as it is valid", func(e *screening.Entry) { e.ValidUntil = at.Add(time.Second) }, screening.TurnAway,
			`The list "Great Dunmow" reports this number as a scam (tech support). It is 90% sure, and callers are turned away at 50% or more.`},
		{"from then on", func(e *screening.Entry) { e.ValidUntil = at }, screening.Screen,
			`The list "Great Dunmow" reports this number as a scam (tech support). It is 90% sure, but the list has been out of date since ` +
				at.Format("2 January 2006") + `. So it only warns, and turns nobody away.`},
		{"unsigned", func(e *screening.Entry) { e.Unsigned = true }, screening.Screen,
			`The list "Great Dunmow" reports this number as a scam (tech support). It is 90% sure, but nobody has signed the list, so it turns nobody away and only warns.`},
		{"before it expires", func(e *screening.Entry) { e.Expires = at.Add(time.Second) }, screening.TurnAway,
			`The list "Great Dunmow" reports this number as a scam (tech support). It is 90% sure, and callers are turned away at 50% or more.`},
		{"of a kind that nobody has named", func(e *screening.Entry) { e.Category = "other" }, screening.TurnAway,
			`The list "Great Dunmow" reports this number as a scam. It is 90% sure, and callers are turned away at 50% or more.`},
		{"expired", func(e *screening.Entry) { e.Expires = at }, screening.Screen, "The household doesn't know this caller. Unknown callers are asked who they are."},
	} {
		s := stranger()
		one := entry(0.9)
		test.change(&one)
		s.known.Entries = []screening.Entry{one}
		verdict := s.decide()
		checkVerdict(t, verdict)
		hasNoJargon(t, verdict.Reasons[0].Text)
		if verdict.Action != test.want || verdict.Reasons[0].Text != test.text {
			t.Errorf("%s: %+v", test.what, verdict)
		}
		if warned := slices.Contains(verdict.Warnings, screening.WarnReported); warned != (test.what != "expired") {
			t.Errorf("%s: warned %v", test.what, warned)
		}
		if one.TurnsAway(s.house, at) != (test.want == screening.TurnAway) {
			t.Errorf("%s: the entry says otherwise", test.what)
		}
	}
}

// A list that only warns, however sure it is, does not keep another one from turning the caller away; and the other one's reason comes first.
func TestAListThatOnlyWarnsHidesNoOther(t *testing.T) {
	s := stranger()
	past, unsigned, good := entry(1), entry(0.95), entry(0.6)
	past.ValidUntil, unsigned.Unsigned, good.List = s.call.At.Add(-time.Hour), true, "County"
	s.known.Entries = []screening.Entry{past, unsigned, good}
	verdict := s.decide()
	if verdict.Action != screening.TurnAway || verdict.Reasons[0].Code != screening.CodeList || verdict.Reasons[0].List != "County" ||
		verdict.Reasons[1].Code != screening.CodeReported || len(verdict.Reasons) < 3 {
		t.Errorf("%+v", verdict)
	}
}

// Whatever else there is, a list that only warns turns no call away.
func TestAListThatOnlyWarnsNeverTurnsAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		before := s.decide()
		one := entries.Draw(t, "entry")
		switch rapid.IntRange(0, 2).Draw(t, "why") {
		case 0:
			one.Unsigned = true
		case 1:
			one.ValidUntil = s.call.At.Add(-time.Duration(rapid.IntRange(0, 1e9).Draw(t, "since")))
		default:
			one.Expires = s.call.At.Add(-time.Duration(rapid.IntRange(0, 1e9).Draw(t, "since")))
		}
		s.known.Entries = append(slices.Clone(s.known.Entries), one)
		if after := s.decide(); after.Action == screening.TurnAway && before.Action != screening.TurnAway {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

// A list is shared by households with other alarm centres, so it may have a number of this one's. Also a call that only shows it is nobody's whom a list knows.
func TestNoListHasTheAlarmCentre(t *testing.T) {
	for _, forged := range []bool{false, true} {
		s := stranger()
		s.house.Telecare = []screening.Number{s.call.Caller.Number}
		s.call.Caller.Forged = forged
		s.known.Entries = []screening.Entry{entry(1)}
		verdict := s.decide()
		checkVerdict(t, verdict)
		want := map[bool]screening.Action{false: screening.Ring, true: screening.Screen}[forged]
		if verdict.Action != want || slices.ContainsFunc(verdict.Reasons, func(r screening.Reason) bool { return r.Code == screening.CodeList }) {
			t.Errorf("forged %v: %+v", forged, verdict)
		}
	}
}
