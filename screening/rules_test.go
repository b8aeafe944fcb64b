package screening_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
)

// Single rules of Decide, and what their reasons say. Their order is tested in decide_test.go.

func TestBlockFarewell(t *testing.T) {
	for chosen, want := range map[screening.Farewell]screening.Farewell{
		"": screening.Inspection, screening.Inspection: screening.Inspection, screening.NotWanted: screening.NotWanted,
		screening.Busy: screening.Busy, screening.NotInService: screening.NotInService, "song": screening.Inspection,
	} {
		s := stranger()
		s.known.Block = &screening.Block{Digits: "442079460123", Farewell: chosen}
		if got := s.decide().Farewell; got != want {
			t.Errorf("farewell %q: got %q, want %q", chosen, got, want)
		}
	}
}

func TestBlockReason(t *testing.T) {
	tests := []struct {
		block screening.Block
		want  string
	}{
		{screening.Block{Digits: "442079460123"}, "The household has blocked this number."},
		{screening.Block{Digits: "442079460123", Note: "rude\n man"}, `The household has blocked this number, with the note "rude man".`},
		{screening.Block{Digits: "44909", Prefix: true}, "The household has blocked all numbers that begin with 0909."},
		{screening.Block{Digits: "1201", Prefix: true}, "The household has blocked all numbers that begin with +1201."},
	}
	for _, test := range tests {
		s := stranger()
		s.known.Block = &test.block
		if got := s.decide().Reasons[0].Text; got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}

func TestListThreshold(t *testing.T) {
	tests := []struct {
		threshold, confidence float64
		want                  screening.Action
	}{
		{0, screening.DefaultThreshold, screening.TurnAway},
		{0, 0.49, screening.Screen},
		{-1, screening.DefaultThreshold, screening.TurnAway},
		{math.NaN(), screening.DefaultThreshold, screening.TurnAway},
		{math.NaN(), 0.49, screening.Screen},
		{0.8, 0.8, screening.TurnAway},
		{0.8, 0.7999, screening.Screen},
		{0.1, 0.1, screening.TurnAway},
		{1, 1, screening.TurnAway},
		{1, 0.999, screening.Screen},
		{2, 1, screening.Screen}, // a threshold that no list reaches
		{0.5, math.NaN(), screening.Screen},
		{0.5, math.Inf(1), screening.TurnAway},
		{0.5, -1, screening.Screen},
	}
	for _, test := range tests {
		s := stranger()
		s.house.Threshold = test.threshold
		s.house.Mode = screening.BlockOnly
		s.known.Entries = []screening.Entry{entry(test.confidence)}
		verdict := s.decide()
		checkVerdict(t, verdict)
		hasNoJargon(t, verdict.Reasons[0].Text)
		if verdict.Action != test.want || !slices.Equal(verdict.Warnings, []screening.Warning{screening.WarnReported}) {
			t.Errorf("threshold %v, confidence %v: %+v, want %q", test.threshold, test.confidence, verdict, test.want)
		}
		if test.want == screening.TurnAway && verdict.Farewell != screening.Inspection {
			t.Errorf("threshold %v, confidence %v: farewell %q", test.threshold, test.confidence, verdict.Farewell)
		}
	}
}

func TestConfidenceInWords(t *testing.T) {
	for confidence, words := range map[float64]string{
		-1: " 0%", 0: " 0%", 0.29: " 29%", 0.4999: " 49%", 1: " 100%", math.Inf(1): " 100%",
		math.Inf(-1): " 0%", math.NaN(): " 0%",
	} {
		s := stranger()
		s.known.Entries = []screening.Entry{entry(confidence)}
		if text := s.decide().Reasons[0].Text; !strings.Contains(text, words+" sure") {
			t.Errorf("%v: %q, want one that says %q", confidence, text, words)
		}
	}
}

// The surest list decides, and its reason comes first, whatever the order in which the store finds them.
func TestSeveralLists(t *testing.T) {
	borough := screening.Entry{List: "Borough", Confidence: 0.29}
	county := screening.Entry{List: "County", Confidence: 0.92, Category: "tech-support"}
	charity := screening.Entry{List: "Charity", Confidence: 0.92, Prefix: true}
	want := []string{
		`The list "Charity" reports numbers that begin like this one as a scam. It is 92% sure, and callers are turned away at 50% or more.`,
		`The list "County" reports this number as a scam (tech support). It is 92% sure, and callers are turned away at 50% or more.`,
		`The list "Borough" reports this number as a scam. It is only 29% sure; callers are turned away at 50% or more.`,
	}
	for _, entries := range [][]screening.Entry{{borough, county, charity}, {charity, borough, county}, {county, charity, borough}} {
		s := stranger()
		s.known.Entries = entries
		before := slices.Clone(entries)
		verdict := s.decide()
		var got []string
		for _, reason := range verdict.Reasons {
			got = append(got, reason.Text)
		}
		if verdict.Action != screening.TurnAway || !slices.Equal(got, want) {
			t.Errorf("%+v\ngot  %q\nwant %q", verdict, got, want)
		}
		if named := []string{verdict.Reasons[0].List, verdict.Reasons[1].List, verdict.Reasons[2].List}; !slices.Equal(named, []string{"Charity", "County", "Borough"}) {
			t.Errorf("the reasons name the lists %q", named)
		}
		if !slices.Equal(verdict.Warnings, []screening.Warning{screening.WarnReported}) {
			t.Errorf("warnings %q, want the one once", verdict.Warnings)
		}
		if !slices.Equal(entries, before) {
			t.Error("Decide has changed the order of what it was given")
		}
	}
}

func TestPolicy(t *testing.T) {
	kinds := []struct {
		code   screening.Code
		caller screening.Caller
		choose func(*screening.Policy, screening.Action)
	}{
		{screening.CodeWithheld, screening.Caller{Presentation: screening.Withheld},
			func(p *screening.Policy, a screening.Action) { p.Withheld = a }},
		{screening.CodeUnavailable, screening.Caller{Presentation: screening.Unavailable},
			func(p *screening.Policy, a screening.Action) { p.Unavailable = a }},
		{screening.CodeInternational, screening.Identify(shown(newJersey), "GB"),
			func(p *screening.Policy, a screening.Action) { p.International = a }},
		{screening.CodePremiumRate, screening.Identify(shown(premium), "GB"),
			func(p *screening.Policy, a screening.Action) { p.PremiumRate = a }},
	}
	for _, kind := range kinds {
		for _, action := range []screening.Action{screening.Ring, screening.Screen, screening.Message, screening.TurnAway} {
			s := stranger()
			s.call.Caller = kind.caller
			kind.choose(&s.house.Policy, action)
			verdict := s.decide()
			checkVerdict(t, verdict)
			if verdict.Action != action || !slices.Equal(codes(verdict), []screening.Code{kind.code}) {
				t.Errorf("%s: %+v, want %q", kind.code, verdict, action)
			}
			if action == screening.TurnAway && verdict.Farewell != screening.NotWanted {
				t.Errorf("%s: farewell %q, want that the call is not wanted", kind.code, verdict.Farewell)
			}
		}
		for action, farewell := range map[screening.Action]screening.Farewell{
			screening.TurnAwayBusy: screening.Busy, screening.TurnAwayNotInService: screening.NotInService,
		} {
			s := stranger()
			s.call.Caller = kind.caller
			kind.choose(&s.house.Policy, action)
			verdict := s.decide()
			checkVerdict(t, verdict)
			if verdict.Action != screening.TurnAway || verdict.Farewell != farewell {
				t.Errorf("%s with action %q: %+v", kind.code, action, verdict)
			}
		}
		// If nothing known was chosen, the kind is noted and the mode decides.
		for _, action := range []screening.Action{"", "explode"} {
			s := stranger()
			s.call.Caller = kind.caller
			s.house.Mode = screening.KnownOnly
			kind.choose(&s.house.Policy, action)
			verdict := s.decide()
			checkVerdict(t, verdict)
			want := []screening.Code{screening.CodeUnknown, kind.code}
			if verdict.Action != screening.Message || !slices.Equal(codes(verdict), want) {
				t.Errorf("%s with action %q: %+v, want a message by the mode", kind.code, action, verdict)
			}
		}
	}
}

// Of several kinds, the first for which the household has chosen an action decides.
func TestPolicyOfSeveralKinds(t *testing.T) {
	s := stranger()
	s.call.Caller = screening.Caller{Presentation: screening.Unavailable, International: true}
	s.house.Policy.International = screening.TurnAway
	if verdict := s.decide(); verdict.Action != screening.TurnAway || verdict.Reasons[0].Code != screening.CodeInternational {
		t.Errorf("%+v, want turned away as international", verdict)
	}
	s.house.Policy.Unavailable = screening.Screen
	if verdict := s.decide(); verdict.Action != screening.Screen || verdict.Reasons[0].Code != screening.CodeUnavailable {
		t.Errorf("%+v, want screened as unavailable", verdict)
	}
}

func TestWithheldIsAlwaysAWarning(t *testing.T) {
	for _, action := range []screening.Action{"", screening.Screen, screening.Ring} {
		s := stranger()
		s.call.Caller = screening.Caller{Presentation: screening.Withheld}
		s.house.Policy.Withheld = action
		if got := s.decide().Warnings; !slices.Equal(got, []screening.Warning{screening.WarnWithheld}) {
			t.Errorf("policy %q: warnings %q", action, got)
		}
	}
}

// A caller without a number does not show the household's own number if that is not known either.
func TestNoNumberIsNotTheOwnNumber(t *testing.T) {
	s := stranger()
	s.house.Number = ""
	s.call.Caller = screening.Caller{Presentation: screening.Withheld}
	if verdict := s.decide(); hasCode(verdict, screening.CodeOwnNumber) {
		t.Errorf("%+v", verdict)
	}
}

// Names, notes and lists come from strangers. What people read is one clean line all the same.
func TestTextsAreCleaned(t *testing.T) {
	junk := "x\x00\x1b[2J\u202e\n" + strings.Repeat("y", 5000) + "\xff"
	s := stranger()
	s.known.Contact = &screening.Contact{Name: junk}
	s.known.Block = &screening.Block{Digits: junk, Prefix: true, Note: junk}
	s.known.Entries = []screening.Entry{{List: junk, Category: junk, Note: junk, Confidence: 1}}
	checkVerdict(t, s.decide())
	s.call.Caller.Forged = true
	checkVerdict(t, s.decide())
}

func TestNamelessKnowledge(t *testing.T) {
	s := stranger()
	s.known.Contact = &screening.Contact{Name: " \x00"}
	if text := s.decide().Reasons[0].Text; text != "The caller is one of the household's contacts." {
		t.Errorf("contact without a name: %q", text)
	}
	s = stranger()
	s.known.Entries = []screening.Entry{{Confidence: 1}}
	if text := s.decide().Reasons[0].Text; !strings.HasPrefix(text, "A shared list reports this number as a scam.") {
		t.Errorf("list without a name: %q", text)
	}
}

// The household's own report is mentioned, and decides nothing; for a contact it is not even mentioned.
func TestOwnReportOnlyInforms(t *testing.T) {
	for _, rule := range append(slices.Clone(rules), rule{name: "a stranger", apply: func(*situation) {}}) {
		s := stranger()
		rule.apply(&s)
		before := s.decide()
		s.known.Reported = morning.AddDate(0, 0, -3)
		got := s.decide()
		told := slices.Contains(codes(got), screening.CodeOwnReport)
		got.Reasons = slices.DeleteFunc(slices.Clone(got.Reasons), func(r screening.Reason) bool { return r.Code == screening.CodeOwnReport })
		if !reflect.DeepEqual(got, before) || told == (rule.code == screening.CodeContact) {
			t.Errorf("%s: told %v\ngot  %+v\nwant %+v", rule.name, told, got, before)
		}
	}
}

// The names of a reason's fields are a contract, and an empty list is left out.
func TestReasonAsJSON(t *testing.T) {
	for want, r := range map[string]screening.Reason{
		`{"code":"block","text":"x"}`:                {Code: screening.CodeBlock, Text: "x"},
		`{"code":"list","text":"x","list":"parish"}`: {Code: screening.CodeList, Text: "x", List: "parish"},
	} {
		if got, err := json.Marshal(r); err != nil || string(got) != want {
			t.Errorf("%s %v", got, err)
		}
	}
}
