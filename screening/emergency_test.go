package screening_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

func TestEmergencyWindow(t *testing.T) {
	tests := []struct {
		name  string
		hours time.Duration // the household's choice
		since time.Duration // from the emergency call to this one
		rings bool
	}{
		{"at once", 0, 0, true},
		{"an hour ago", 0, time.Hour, true},
		{"at the end of the usual time", 0, screening.DefaultEmergency, true},
		{"after it", 0, screening.DefaultEmergency + time.Second, false},
		{"at the end of the chosen time", 2 * time.Hour, 2 * time.Hour, true},
		{"after the chosen time", 2 * time.Hour, 2*time.Hour + time.Second, false},
		{"a negative choice is none", -time.Hour, time.Hour, true},
		{"a clock that is slow by minutes", time.Hour, -5 * time.Minute, true},
		{"a date in the future", time.Hour, -6 * time.Minute, false},
		{"a date years in the future", time.Hour, -20 * 365 * 24 * time.Hour, false},
		{"years ago", time.Hour, 200 * 365 * 24 * time.Hour, false},
	}
	for _, test := range tests {
		s := stranger()
		s.house.Emergency = test.hours
		s.known.Emergency = morning.Add(-test.since)
		s.known.Block = &screening.Block{Digits: "442079460123"}
		verdict := s.decide()
		checkVerdict(t, verdict)
		if rings := verdict.Action == screening.Ring; rings != test.rings || hasCode(verdict, screening.CodeEmergency) != test.rings {
			t.Errorf("%s: %+v, want ringing %t", test.name, verdict, test.rings)
		}
	}
}

func TestEmergencyReasonTellsTheTime(t *testing.T) {
	for since, words := range map[time.Duration]string{
		-time.Minute:       "a moment ago",
		30 * time.Second:   "a moment ago",
		20 * time.Minute:   "20 minutes ago",
		119 * time.Minute:  "119 minutes ago",
		150 * time.Minute:  "about 3 hours ago",
		6*time.Hour + 1000: "about 6 hours ago",
	} {
		s := stranger()
		s.known.Emergency = morning.Add(-since)
		if text := s.decide().Reasons[0].Text; !strings.Contains(text, words) {
			t.Errorf("%s: %q, want one that says %q", since, text, words)
		}
	}
}

// Nobody knows what the ambulance's call will look like: in the window even a forged one rings, and one that shows the household's own number.
func TestEmergencyWindowLetsEverythingRing(t *testing.T) {
	s := stranger()
	s.known.Emergency = morning.Add(-time.Minute)
	s.house.Mode = screening.KnownOnly
	for _, caller := range []screening.Caller{
		{Presentation: screening.Withheld},
		{Presentation: screening.Unavailable, International: true},
		{Presentation: screening.Allowed, Number: london, Forged: true},
		{Presentation: screening.Allowed, Impossible: true},
		{Presentation: screening.Allowed, Number: s.house.Number},
	} {
		s.call.Caller = caller
		if verdict := s.decide(); verdict.Action != screening.Ring {
			t.Errorf("%+v: %+v", caller, verdict)
		}
	}
}

// A courier fraudster who shows 101 is the police to whoever believes it; but a call from there must not be lost either.
func TestNeverBlockedIsAnnounced(t *testing.T) {
	for _, mode := range []screening.Mode{screening.Ask, screening.KnownOnly, screening.BlockOnly} {
		s := stranger()
		s.call.Caller.Number = "101"
		s.known.Block = &screening.Block{Digits: "101"}
		s.known.Entries = []screening.Entry{entry(1)}
		s.known.Contact = &screening.Contact{Name: "Police"}
		s.house.Mode, s.house.HumanCheck = mode, screening.CheckAlways
		night(&s)
		expecting(&s)
		verdict := s.decide()
		checkVerdict(t, verdict)
		s.house.HumanCheck = screening.CheckSuspicious
		suspicious := s.decide()
		if verdict.Action != screening.Screen || verdict.Reasons[0].Code != screening.CodeNeverBlocked || !verdict.Official || verdict.Check ||
			suspicious.CheckIf ||
			verdict.Help() || !slices.Contains(verdict.Warnings, screening.WarnOfficial) {
			t.Errorf("%s: %+v", mode, verdict)
		}
		if !strings.Contains(verdict.Reasons[0].Text, "the police") {
			t.Errorf("%q does not say whose number it is", verdict.Reasons[0].Text)
		}
	}
}

// Those whom the household has just rung may ring back, and its alarm centre may ring at any time.
func TestHelpThatWasAskedForRings(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*situation)
		code   screening.Code
		rings  bool
	}{
		{"rung an hour ago", func(s *situation) { s.known.Dialled = s.call.At.Add(-time.Hour) }, screening.CodeCallBack, true},
		{"rung a day ago", func(s *situation) { s.known.Dialled = s.call.At.Add(-24 * time.Hour) }, screening.CodeCallBack, true},
		{"rung before that", func(s *situation) { s.known.Dialled = s.call.At.Add(-24*time.Hour - time.Second) }, screening.CodeNeverBlocked, false},
		{"rung before that, and numbers that were rung ring", func(s *situation) {
			s.known.Dialled, s.house.RingDialled = s.call.At.Add(-25*time.Hour), true
		}, screening.CodeNeverBlocked, false},
		{"the alarm centre", func(s *situation) {
			s.call.Caller.Number, s.house.Telecare = london, []screening.Number{mobile, london}
		}, screening.CodeTelecare, true},
		{"rung, but forged", func(s *situation) { s.known.Dialled, s.call.Caller.Forged = s.call.At, true }, screening.CodeForged, false},
	} {
		s := stranger()
		s.call.Caller.Number = "111"
		test.change(&s)
		verdict := s.decide()
		checkVerdict(t, verdict)
		if (verdict.Action == screening.Ring) != test.rings || verdict.Reasons[0].Code != test.code || verdict.Help() != test.rings {
			t.Errorf("%s: %+v", test.name, verdict)
		}
	}
}
