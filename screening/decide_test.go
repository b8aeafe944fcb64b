package screening_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

var morning = time.Date(2026, time.March, 2, 10, 30, 0, 0, time.UTC)

// situation is everything that a verdict depends on.
type situation struct {
	call  screening.Call
	house screening.Household
	known screening.Knowledge
}

// stranger is a call from somebody of whom nothing is known, to a household that has chosen nothing.
func stranger() situation {
	return situation{
		call:  screening.Call{At: morning, Caller: screening.Caller{Number: london, Presentation: screening.Allowed}},
		house: screening.Household{Region: "GB", Number: nowhere},
	}
}

func (s situation) decide() screening.Verdict {
	return screening.Decide(s.call, s.house, s.known)
}

func entry(confidence float64) screening.Entry {
	return screening.Entry{List: "Great Dunmow", Confidence: confidence, Category: "tech-support"}
}

// rule is a rule of docs/rules.md: what makes it apply, and what it then says.
type rule struct {
	name    string
	apply   func(*situation)
	code    screening.Code
	action  screening.Action
	warning screening.Warning
	least   bool // the action is a minimum
	policy  bool // what it is a minimum for
}

// rules are in their order: of two that apply, the earlier decides. None of these rules out another, so that every pair can be tried; forgery, which
// does, has tests of its own.
var rules = []rule{
	{"the household rang for help", func(s *situation) { s.known.Emergency = morning.Add(-time.Hour) },
		screening.CodeEmergency, screening.Ring, "", false, false},
	{"a number that is never blocked", func(s *situation) { s.call.Caller.Number = "101" },
		screening.CodeNeverBlocked, screening.Screen, screening.WarnOfficial, false, false},
	{"a contact", func(s *situation) { s.known.Contact = &screening.Contact{ID: 1, Name: "Ann Price"} },
		screening.CodeContact, screening.Ring, "", false, false},
	{"the household's own block", func(s *situation) { s.known.Block = &screening.Block{ID: 1, Digits: "442079460123"} },
		screening.CodeBlock, screening.TurnAway, "", false, false},
	{"the household's own number", func(s *situation) { s.house.Number = s.call.Caller.Number },
		screening.CodeOwnNumber, screening.Screen, screening.WarnForged, true, false},
	{"an impossible number", func(s *situation) { s.call.Caller.Impossible = true },
		screening.CodeImpossible, screening.Screen, screening.WarnForged, true, false},
	{"a list that is sure", func(s *situation) { s.known.Entries = append(s.known.Entries, entry(0.9)) },
		screening.CodeList, screening.TurnAway, screening.WarnReported, false, false},
	{"a list that is not sure", func(s *situation) { s.known.Entries = append(s.known.Entries, entry(0.1)) },
		screening.CodeReported, screening.Screen, screening.WarnReported, true, false},
	{"withheld", func(s *situation) {
		s.call.Caller.Presentation, s.house.Policy.Withheld = screening.Withheld, screening.Message
	}, screening.CodeWithheld, screening.Message, screening.WarnWithheld, false, true},
	{"international", func(s *situation) {
		s.call.Caller.International, s.house.Policy.International = true, screening.TurnAway
	}, screening.CodeInternational, screening.TurnAway, "", false, true},
	{"premium rate", func(s *situation) { s.call.Caller.PremiumRate, s.house.Policy.PremiumRate = true, screening.Ring },
		screening.CodePremiumRate, screening.Ring, "", false, true},
}

func TestEachRuleAlone(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			s := stranger()
			rule.apply(&s)
			verdict := s.decide()
			checkVerdict(t, verdict)
			if verdict.Action != rule.action || verdict.Would != rule.action || verdict.Reasons[0].Code != rule.code {
				t.Errorf("got %+v", verdict)
			}
			if len(verdict.Reasons) != 1 {
				t.Errorf("%d reasons, want one: %+v", len(verdict.Reasons), verdict.Reasons)
			}
			hasNoJargon(t, verdict.Reasons[0].Text)
			var want []screening.Warning
			if rule.warning != "" {
				want = []screening.Warning{rule.warning}
			}
			if !slices.Equal(verdict.Warnings, want) {
				t.Errorf("warnings %q, want %q", verdict.Warnings, want)
			}
		})
	}
}

// strictness is how far an action keeps a caller from the household.
func strictness(action screening.Action) int {
	return slices.Index([]screening.Action{screening.Ring, screening.Screen, screening.Message, screening.TurnAway}, action)
}

// A caller with a false or reported number is screened at least: a stricter policy decides, or such a caller would be better off than an honest one.
func TestEarlierRuleDecides(t *testing.T) {
	for i, earlier := range rules {
		for _, later := range rules[i+1:] {
			t.Run(earlier.name+" before "+later.name, func(t *testing.T) {
				s := stranger()
				earlier.apply(&s)
				later.apply(&s)
				decides := earlier
				if earlier.least && later.policy && strictness(later.action) > strictness(earlier.action) {
					decides = later
				}
				verdict := s.decide()
				checkVerdict(t, verdict)
				if verdict.Action != decides.action || verdict.Reasons[0].Code != decides.code {
					t.Errorf("decided by %q with %q, want %q with %q",
						verdict.Reasons[0].Code, verdict.Action, decides.code, decides.action)
				}
				if len(verdict.Reasons) != 2 || !hasCode(verdict, earlier.code) || !hasCode(verdict, later.code) {
					t.Errorf("a reason is lost or added: %+v", verdict.Reasons)
				}
				for _, warning := range []screening.Warning{earlier.warning, later.warning} {
					if warning != "" && !slices.Contains(verdict.Warnings, warning) {
						t.Errorf("the warning %q is lost: %q", warning, verdict.Warnings)
					}
				}
			})
		}
	}
}

// All rules at once: every reason is kept, in the order of the rules.
func TestAllReasonsInOrder(t *testing.T) {
	s := stranger()
	var want []screening.Code
	for _, rule := range rules {
		rule.apply(&s)
		want = append(want, rule.code)
	}
	if got := codes(s.decide()); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDecidingReasonComesFirst(t *testing.T) {
	s := stranger()
	s.call.Caller.Doubtful = true
	s.known.Entries = []screening.Entry{entry(0.9)}
	want := []screening.Code{screening.CodeList, screening.CodeDoubtful}
	if got := codes(s.decide()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnknownCallerByMode(t *testing.T) {
	tests := []struct {
		mode screening.Mode
		want screening.Action
	}{
		{"", screening.Screen},
		{screening.Ask, screening.Screen},
		{screening.KnownOnly, screening.Message},
		{screening.BlockOnly, screening.Ring},
		{"fortress", screening.Screen}, // from a later version
	}
	for _, test := range tests {
		s := stranger()
		s.house.Mode = test.mode
		verdict := s.decide()
		checkVerdict(t, verdict)
		if verdict.Action != test.want || verdict.Would != test.want || verdict.Reasons[0].Code != screening.CodeUnknown {
			t.Errorf("mode %q: %+v, want %q", test.mode, verdict, test.want)
		}
	}
}

// The mode decides about callers on whom no rule has decided, and about those with a false or reported number if it is stricter than screening: in
// known-only they must not get further than honest strangers.
func TestModeLeavesTheRulesAlone(t *testing.T) {
	for _, mode := range []screening.Mode{screening.Ask, screening.KnownOnly, screening.BlockOnly} {
		for _, rule := range rules {
			s := stranger()
			rule.apply(&s)
			s.house.Mode = mode
			want := []screening.Code{rule.code}
			action := rule.action
			if rule.least && mode == screening.KnownOnly {
				want, action = []screening.Code{screening.CodeUnknown, rule.code}, screening.Message
			}
			if got := s.decide(); got.Action != action || !slices.Equal(codes(got), want) {
				t.Errorf("mode %q, %s: %+v, want %q", mode, rule.name, got, action)
			}
		}
	}
}

func TestWatchAndOffRing(t *testing.T) {
	for mode, code := range map[screening.Mode]screening.Code{screening.Watch: screening.CodeWatch, screening.Off: screening.CodeOff} {
		s := stranger()
		s.house.Mode = mode
		verdict := s.decide()
		checkVerdict(t, verdict)
		want := []screening.Code{code, screening.CodeUnknown}
		if verdict.Action != screening.Ring || verdict.Would != screening.Screen || !slices.Equal(codes(verdict), want) {
			t.Errorf("mode %q, unknown caller: %+v", mode, verdict)
		}
		for _, rule := range rules {
			s := stranger()
			rule.apply(&s)
			s.house.Mode = mode
			verdict := s.decide()
			checkVerdict(t, verdict)
			if verdict.Action != screening.Ring || verdict.Would != rule.action || verdict.Farewell != "" {
				t.Errorf("mode %q, %s: %+v", mode, rule.name, verdict)
			}
			if got := codes(verdict); len(got) < 2 || got[0] != code || got[1] != rule.code {
				t.Errorf("mode %q, %s: reasons %q", mode, rule.name, got)
			}
		}
	}
}

// The reason says in words what would have happened.
func TestWatchTellsWhatWouldHaveHappened(t *testing.T) {
	for action, words := range map[screening.Action]string{
		screening.Ring: "would have rung", screening.Screen: "would have asked",
		screening.Message: "left a message", screening.TurnAway: "would have been turned away",
	} {
		s := stranger()
		s.house.Mode = screening.Watch
		s.call.Caller.International, s.house.Policy.International = true, action
		if text := s.decide().Reasons[0].Text; !strings.Contains(text, words) {
			t.Errorf("%s: %q, want one that says %q", action, text, words)
		}
	}
}

// A number that must not be lost is the best one to fake, and a contact's the next best.
func TestForgedNumbersDoNotRing(t *testing.T) {
	for _, number := range []screening.Number{"999", "112", "101", london} {
		s := stranger()
		s.call.Caller.Number = number
		s.call.Caller.Forged = true
		s.known.Contact = &screening.Contact{Name: "Ann Price"}
		verdict := s.decide()
		checkVerdict(t, verdict)
		want := []screening.Code{screening.CodeForged}
		if verdict.Action != screening.Screen || !slices.Equal(codes(verdict), want) {
			t.Errorf("%s: %+v, want screened as forged", number, verdict)
		}
		if !slices.Equal(verdict.Warnings, []screening.Warning{screening.WarnForged}) {
			t.Errorf("%s: warnings %q", number, verdict.Warnings)
		}
		if !strings.Contains(verdict.Reasons[0].Text, "Ann Price") {
			t.Errorf("%q does not say whose number is shown", verdict.Reasons[0].Text)
		}
	}
	s := stranger()
	s.call.Caller.Forged = true
	s.known.Contact = &screening.Contact{Name: "Ann Price"}
	s.known.Block = &screening.Block{Digits: "442079460123"}
	if verdict := s.decide(); verdict.Action != screening.TurnAway || verdict.Reasons[0].Code != screening.CodeBlock {
		t.Errorf("forged and blocked: %+v, want turned away by the block", verdict)
	}
}

// Ofcom's drama mobiles are possible and not valid; a contact with such a number is a contact.
func TestDoubtfulNumberOnlyWarns(t *testing.T) {
	s := stranger()
	s.call.Caller = screening.Identify(shown("07700 900123"), "GB")
	for mode, want := range map[screening.Mode]screening.Action{
		screening.Ask: screening.Screen, screening.KnownOnly: screening.Message, screening.BlockOnly: screening.Ring,
	} {
		s.house.Mode = mode
		verdict := s.decide()
		checkVerdict(t, verdict)
		if verdict.Action != want || verdict.Reasons[0].Code != screening.CodeUnknown {
			t.Errorf("mode %q: %+v, want %q by the mode", mode, verdict, want)
		}
		if !hasCode(verdict, screening.CodeDoubtful) || !slices.Equal(verdict.Warnings, []screening.Warning{screening.WarnForged}) {
			t.Errorf("mode %q: no warning in %+v", mode, verdict)
		}
	}
	s.known.Contact = &screening.Contact{Name: "Ann Price"}
	if verdict := s.decide(); verdict.Action != screening.Ring || verdict.Reasons[0].Code != screening.CodeContact {
		t.Errorf("contact: %+v, want ringing", verdict)
	}
}
