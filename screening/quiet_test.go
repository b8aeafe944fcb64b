package screening_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
)

// Quiet hours, expected calls, numbers that the household has rung, and the human check.

// night puts the call into quiet hours.
func night(s *situation) {
	s.house.Times.Week = append(slices.Clone(s.house.Times.Week), screening.Span{Days: screening.Daily, Quiet: true})
}

func expecting(s *situation) { s.house.Times.ExpectingUntil = s.call.At.Add(time.Minute) }

func rung(s *situation) {
	s.house.RingDialled, s.known.Dialled = true, time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)
}

// expectVerdict checks a verdict with the codes of its reasons.
func expectVerdict(t *testing.T, name string, s situation, action screening.Action, want ...screening.Code) screening.Verdict {
	t.Helper()
	verdict := s.decide()
	checkVerdict(t, verdict)
	if verdict.Action != action || !slices.Equal(codes(verdict), want) {
		t.Errorf("%s: %+v, want %q by %q", name, verdict, action, want)
	}
	hasNoJargon(t, verdict.Reasons[0].Text)
	return verdict
}

// Each rule, and a stranger in each mode, in quiet hours: callers on whom rules a to c or a sure list decide are treated as ever, and nobody else reaches the
// household.
func TestQuietHours(t *testing.T) {
	for _, rule := range rules {
		s := stranger()
		rule.apply(&s)
		night(&s)
		want, action := []screening.Code{rule.code}, rule.action
		quiet := rule.least || rule.code == screening.CodePremiumRate
		if quiet {
			want, action = []screening.Code{screening.CodeQuiet, rule.code}, screening.Message
		}
		if got := expectVerdict(t, rule.name, s, action, want...); got.Quiet != quiet {
			t.Errorf("%s: %+v", rule.name, got)
		}
	}
	for mode, code := range map[screening.Mode]screening.Code{
		screening.Ask: screening.CodeQuiet, screening.BlockOnly: screening.CodeQuiet, screening.KnownOnly: screening.CodeUnknown,
	} {
		s := stranger()
		s.house.Mode = mode
		night(&s)
		expectVerdict(t, string(mode), s, screening.Message, code)
	}
	for mode, code := range map[screening.Mode]screening.Code{screening.Watch: screening.CodeWatch, screening.Off: screening.CodeOff} {
		s := stranger()
		s.house.Mode = mode
		night(&s)
		if v := expectVerdict(t, string(mode), s, screening.Ring, code, screening.CodeQuiet); v.Would != screening.Message {
			t.Errorf("%+v", v)
		}
	}
}

func TestContactsInQuietHours(t *testing.T) {
	const contact, quiet, second = screening.CodeContact, screening.CodeQuiet, screening.CodeSecondCall
	tests := []struct {
		name   string
		choice screening.Action
		day    bool
		before time.Duration // 0 for never
		action screening.Action
		want   []screening.Code
	}{
		{"nothing chosen", "", false, 0, screening.Ring, []screening.Code{contact}},
		{"ring", screening.Ring, false, 0, screening.Ring, []screening.Code{contact}},
		{"of a version to come", "sing", false, 0, screening.Ring, []screening.Code{contact}},
		{"no such choice", screening.TurnAway, false, 0, screening.Ring, []screening.Code{contact}},
		{"message", screening.Message, false, 0, screening.Message, []screening.Code{quiet, contact}},
		{"message, by day", screening.Message, true, time.Minute, screening.Ring, []screening.Code{contact}},
		{"the second call", screening.Message, false, 3 * time.Minute, screening.Ring, []screening.Code{second, contact}},
		{"the second call, at the same moment", screening.Message, false, 1, screening.Ring, []screening.Code{second, contact}},
		{"the second call, the clock set back", screening.Message, false, -time.Minute, screening.Ring, []screening.Code{second, contact}},
		{"too late", screening.Message, false, 3*time.Minute + 1, screening.Message, []screening.Code{quiet, contact}},
	}
	for _, test := range tests {
		s := stranger()
		s.known.Contact = &screening.Contact{Name: "Ann Price"}
		s.house.Times.QuietContacts = test.choice
		if !test.day {
			night(&s)
		}
		if test.before != 0 {
			s.known.Before = s.call.At.Add(-test.before)
		}
		v := expectVerdict(t, test.name, s, test.action, test.want...)
		if v.Quiet != (test.action == screening.Message) {
			t.Errorf("%s: %+v", test.name, v)
		}
		s.known.Emergency = s.call.At.Add(-time.Hour)
		expectVerdict(t, test.name+", after an emergency call", s, screening.Ring, slices.Concat([]screening.Code{screening.CodeEmergency}, test.want)...)
		// Ringing twice does not help somebody who fakes a contact's number.
		s.known.Emergency = time.Time{}
		s.call.Caller.Forged = true
		if v := s.decide(); v.Action == screening.Ring || hasCode(v, second) {
			t.Errorf("%s, forged: %+v", test.name, v)
		}
	}
}

// The door bell rings at night, and so it does if somebody has made it a contact.
func TestARoutersPhonesInQuietHours(t *testing.T) {
	for _, known := range []*screening.Contact{nil, {Name: "Front door"}} {
		s := stranger()
		s.call.Caller = screening.Caller{Number: "**91", Presentation: screening.Allowed, Internal: true}
		s.known.Contact, s.house.Times.QuietContacts = known, screening.Message
		night(&s)
		if v := s.decide(); v.Action != screening.Ring || v.Quiet {
			t.Errorf("contact %v: %+v", known, v)
		}
	}
}

func TestExpectingACall(t *testing.T) {
	for _, rule := range rules {
		s := stranger()
		rule.apply(&s)
		expecting(&s)
		want, action := []screening.Code{rule.code}, rule.action
		if rule.code == screening.CodeWithheld { // the policy is a message
			want, action = []screening.Code{screening.CodeExpected, rule.code}, screening.Ring
		}
		if got := expectVerdict(t, rule.name, s, action, want...); got.Expected != (len(want) == 2) {
			t.Errorf("%s: %+v", rule.name, got)
		}
	}
	for _, mode := range []screening.Mode{screening.Ask, screening.KnownOnly} {
		s := stranger()
		s.house.Mode = mode
		expecting(&s)
		if v := expectVerdict(t, string(mode), s, screening.Ring, screening.CodeExpected); !v.Expected {
			t.Errorf("%+v", v)
		}
		s.call.At = s.house.Times.ExpectingUntil
		if v := s.decide(); v.Expected || v.Action == screening.Ring {
			t.Errorf("%s, too late: %+v", mode, v)
		}
	}
	s := stranger()
	s.house.Mode = screening.BlockOnly
	expecting(&s)
	expectVerdict(t, "who rings in any case", s, screening.Ring, screening.CodeUnknown)
	night(&s)
	expectVerdict(t, "at night", s, screening.Ring, screening.CodeExpected)
	s.house.Mode = screening.Off
	if v := expectVerdict(t, "off", s, screening.Ring, screening.CodeOff, screening.CodeExpected); v.Expected {
		t.Errorf("off: the expectation is used up: %+v", v)
	}
	s = stranger()
	s.call.Caller.Forged = true
	expecting(&s)
	expectVerdict(t, "forged", s, screening.Screen, screening.CodeForged)
	s = stranger()
	s.call.Caller.International, s.house.Policy.International = true, screening.Screen
	expecting(&s)
	expectVerdict(t, "screened by the policy", s, screening.Ring, screening.CodeExpected, screening.CodeInternational)
}

func TestNumbersThatTheHouseholdHasRung(t *testing.T) {
	for _, rule := range rules {
		s := stranger()
		rule.apply(&s)
		rung(&s)
		s.call.At = time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC) // a year later
		s.known.Emergency = time.Time{}
		v := s.decide()
		switch rule.code {
		case screening.CodeEmergency, screening.CodeWithheld:
			if v.Action != screening.Ring || v.Reasons[0].Code != screening.CodeDialled {
				t.Errorf("%s: %+v", rule.name, v)
			}
		case screening.CodeOwnNumber, screening.CodeImpossible, screening.CodeInternational, screening.CodePremiumRate:
			if hasCode(v, screening.CodeDialled) {
				t.Errorf("%s: %+v", rule.name, v)
			}
		default:
			if v.Action != rule.action || v.Reasons[0].Code != rule.code || !hasCode(v, screening.CodeDialled) {
				t.Errorf("%s: %+v", rule.name, v)
			}
		}
	}
	tests := []struct {
		name   string
		change func(*situation)
		rings  bool
	}{
		{"as it is", func(*situation) {}, true},
		{"known-only", func(s *situation) { s.house.Mode = screening.KnownOnly }, true},
		{"not chosen", func(s *situation) { s.house.RingDialled = false }, false},
		{"never", func(s *situation) { s.known.Dialled = time.Time{} }, false},
		{"more than a year ago", func(s *situation) { s.call.At = time.Date(2026, time.March, 3, 9, 0, 1, 0, time.UTC) }, false},
		{"in the future", func(s *situation) { s.known.Dialled = s.call.At.Add(time.Hour) }, false},
		{"forged", func(s *situation) { s.call.Caller.Forged = true }, false},
		{"at night", night, true},
		{"at night, when contacts may leave a message", func(s *situation) { night(s); s.house.Times.QuietContacts = screening.Message }, false},
		{"and that one is expected", func(s *situation) { night(s); expecting(s); s.house.Times.QuietContacts = screening.Message }, true},
	}
	for _, test := range tests {
		s := stranger()
		rung(&s)
		test.change(&s)
		v := s.decide()
		checkVerdict(t, v)
		if rings := v.Action == screening.Ring; rings != test.rings {
			t.Errorf("%s: %+v", test.name, v)
		}
	}
}

// For a false number it is not even a reason; a reported one is screened, and only by day.
func TestFalseAndReportedNumbersThatTheHouseholdHasRung(t *testing.T) {
	s := stranger()
	rung(&s)
	s.call.Caller.Forged, s.house.Mode = true, screening.KnownOnly
	expectVerdict(t, "forged, known-only", s, screening.Message, screening.CodeUnknown, screening.CodeForged)
	s = stranger()
	rung(&s)
	s.known.Entries, s.house.Mode = []screening.Entry{entry(0.1)}, screening.KnownOnly
	expectVerdict(t, "reported, known-only", s, screening.Screen, screening.CodeReported, screening.CodeDialled)
	night(&s)
	expectVerdict(t, "reported, at night", s, screening.Message, screening.CodeQuiet, screening.CodeReported, screening.CodeDialled)
}

func TestDialledReasonTellsTheDay(t *testing.T) {
	s := stranger()
	rung(&s)
	if v := s.decide(); v.Reasons[0].Text != "The household itself rang this number on 3 March 2025." {
		t.Errorf("%q", v.Reasons[0].Text)
	}
	s.known.Dialled = time.Date(2025, time.July, 1, 23, 30, 0, 0, time.UTC)
	s.house.Times.Zone = zone(t, "Europe/London")
	if v := s.decide(); !strings.Contains(v.Reasons[0].Text, "2 July 2025") {
		t.Errorf("%q is not the day by the household's clocks", v.Reasons[0].Text)
	}
}

func TestHumanCheck(t *testing.T) {
	callers := map[string]screening.Caller{
		"plain":         {Number: london, Presentation: screening.Allowed},
		"withheld":      {Presentation: screening.Withheld},
		"unavailable":   {Presentation: screening.Unavailable},
		"international": {Number: newJersey, Presentation: screening.Allowed, International: true},
	}
	for check, want := range map[screening.HumanCheck][]string{
		"": nil, screening.CheckOff: nil, screening.CheckSuspicious: nil, "fortress": nil, screening.CheckAlways: {"plain", "withheld", "unavailable", "international"},
		screening.CheckHidden: {"withheld", "unavailable", "international"},
	} {
		for name, caller := range callers {
			s := stranger()
			s.call.Caller, s.house.HumanCheck = caller, check
			if v := s.decide(); v.Check != slices.Contains(want, name) || v.CheckIf != (check == screening.CheckSuspicious) {
				t.Errorf("%q, %s: %+v", check, name, v)
			}
			for _, mode := range []screening.Mode{screening.KnownOnly, screening.BlockOnly, screening.Watch, screening.Off} {
				s.house.Mode = mode
				if v := s.decide(); v.Check || v.CheckIf {
					t.Errorf("%q, %s, who is not screened in %s: %+v", check, name, mode, v)
				}
			}
		}
	}
}

// The schedule and a temporary mode decide the mode of a call.
func TestModeOfTheMoment(t *testing.T) {
	s := stranger()
	s.house.Times.Week = []screening.Span{span(t, "mon 10:00-11:00 known-only")}
	expectVerdict(t, "schedule", s, screening.Message, screening.CodeUnknown)
	s.house.Times.Temporary, s.house.Times.TemporaryUntil = screening.Off, s.call.At.Add(time.Second)
	expectVerdict(t, "temporary", s, screening.Ring, screening.CodeOff, screening.CodeUnknown)
	s.call.At = s.call.At.Add(time.Second)
	expectVerdict(t, "temporary, over", s, screening.Message, screening.CodeUnknown)
	s.call.At = s.call.At.Add(time.Hour)
	expectVerdict(t, "none", s, screening.Screen, screening.CodeUnknown)
}

// A caller with a false or reported number never rings, and is never better off than an honest stranger, in any mode and at any time.
func TestFalseOrReportedIsNeverBetterOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		s.known.Contact, s.known.Block, s.known.Entries, s.known.Emergency = nil, nil, nil, time.Time{}
		s.call.Caller.Number, s.house.Number = london, nowhere
		s.call.Caller.Forged, s.call.Caller.Impossible = false, false
		s.house.Region = "GB"
		honest := s.decide()
		switch rapid.IntRange(0, 3).Draw(t, "what is false") {
		case 0:
			s.call.Caller.Forged = true
		case 1:
			s.call.Caller.Impossible = true
		case 2:
			s.house.Number = london
		default:
			s.known.Entries = []screening.Entry{{List: "parish", Confidence: 0.05}}
		}
		verdict := s.decide()
		if verdict.Expected || strictness(verdict.Would) < strictness(honest.Would) || strictness(verdict.Would) < strictness(screening.Screen) {
			t.Errorf("honest %+v, false %+v", honest, verdict)
		}
	})
}

// What is chosen for forged numbers is no way round what is chosen for those who show one.
func TestForgedIsNoWayRoundAnotherKind(t *testing.T) {
	s := stranger()
	s.call.Caller.Forged, s.call.Caller.PremiumRate = true, true
	s.house.Policy.Forged = screening.Message
	expectVerdict(t, "forged", s, screening.Message, screening.CodeForged, screening.CodePremiumRate)
	s.house.Policy.PremiumRate = screening.TurnAwayBusy
	expectVerdict(t, "forged and premium-rate", s, screening.TurnAway, screening.CodePremiumRate, screening.CodeForged)
	s.house.Policy.Forged = screening.TurnAway
	expectVerdict(t, "both turn away", s, screening.TurnAway, screening.CodePremiumRate, screening.CodeForged)
}

// In quiet hours only callers ring of whom the household knows something, or whom it expects.
func TestNobodyElseRingsInQuietHours(t *testing.T) {
	may := []screening.Code{screening.CodeEmergency, screening.CodeTelecare, screening.CodeCallBack, screening.CodeContact, screening.CodeSecondCall,
		screening.CodeDialled, screening.CodeExpected}
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		modeIs(&s, strict.Draw(t, "strict mode"))
		night(&s)
		v := s.decide()
		if v.Action == screening.Screen && !v.Official || v.Action == screening.Ring && !slices.Contains(may, v.Reasons[0].Code) {
			t.Errorf("%+v", v)
		}
	})
}

// Quiet hours turn nobody away who would not be turned away otherwise.
func TestQuietHoursTurnNobodyAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := situations.Draw(t, "situation")
		before := s.decide()
		night(&s)
		if after := s.decide(); after.Would == screening.TurnAway && before.Would != screening.TurnAway {
			t.Errorf("by day %+v, at night %+v", before, after)
		}
	})
}
