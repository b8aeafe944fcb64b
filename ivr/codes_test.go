package ivr

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

// dial lets the telephone dial a code.
func (s *scene) dial(t *testing.T, code string) (string, error) {
	err := s.screener.OnCodeDialled(t.Context(), DialledCode{Household: "home", Code: code, Telephone: s.home.phone})
	return s.did.String(), err
}

// A telephone that is put down at any step of any code: serving it ends, and nothing hangs. Keys are pressed, or not.
func TestTelephoneGoneAtEveryStepOfEveryCode(t *testing.T) {
	codes := Codes()
	codes = append(codes, Code{Name: "unknown"})
	for _, code := range codes {
		for _, key := range "0123*" {
			for at := 1; at < 100; at++ {
				s := newScene()
				s.home.phone.reply = func([]Sound) rune { return key }
				s.home.phone.says = slices.Repeat([]Recording{{Spoken: time.Second}}, 50)
				s.home.phone.gone = at
				got, err := s.dial(t, code.Name)
				if err != nil {
					t.Fatalf("%s, key %c, put down at step %d: %v\n%s", code.Name, key, at, err, got)
				}
				if !strings.Contains(got, "telephone gone") {
					break
				}
			}
		}
	}
}

// Whatever the store cannot do, the household hears that something went wrong, and the operator is told.
func TestCodesWhenTheStoreFails(t *testing.T) {
	for _, code := range Codes() {
		if code.Name == "test-call" { // needs no store
			continue
		}
		s := newScene()
		s.memory.err = errors.New("disk full")
		s.home.phone.reply = func([]Sound) rune { return '3' }
		got, err := s.dial(t, code.Name)
		if err == nil || !strings.Contains(got, "telephone hears something-wrong") || !strings.HasSuffix(got, "telephone hung up") {
			t.Errorf("%s: %v\n%s", code.Name, err, got)
		}
	}
}

// The mode that is said is the one that holds.
func TestModeThatHolds(t *testing.T) {
	// It is midnight at the beginning of 1970, a Thursday.
	night := []screening.Span{{Days: screening.Daily, From: 0, To: 7 * 60, Mode: screening.KnownOnly}}
	for name, c := range map[string]struct {
		times screening.Times
		want  string
	}{
		"as always":          {screening.Times{}, "mode-ask press-for-next\nmode: known-only"},
		"for a while":        {screening.Times{Temporary: screening.Off, TemporaryUntil: time.Unix(3600, 0)}, "mode-off press-for-next\nmode: ask"},
		"no longer":          {screening.Times{Temporary: screening.Off, TemporaryUntil: time.Unix(-1, 0)}, "mode-ask press-for-next\nmode: known-only"},
		"by the schedule":    {screening.Times{Week: night}, "mode-known-only press-for-next\nmode: block-only"},
		"not by an off hour": {screening.Times{Week: []screening.Span{{Days: screening.Daily, From: 60, To: 120, Mode: screening.Off}}}, "mode-ask press-for-next\nmode: known-only"},
		"every call rings":   {screening.Times{Temporary: screening.Watch, TemporaryUntil: time.Unix(3600, 0)}, "mode-watch press-for-next\nmode: ask"},
	} {
		s := newScene()
		s.screener.Lines = NewLines(map[string]screening.Line{"home": {Region: "GB", Language: "en-GB", Zone: time.UTC}})
		s.memory.house.Times = c.times
		s.home.phone.keys = []rune{'1'}
		if got, err := s.dial(t, "mode"); err != nil || !strings.HasPrefix(got, "telephone hears "+c.want) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

func TestCodesWithoutALastCaller(t *testing.T) {
	for _, code := range []string{"last-caller", "block-last", "allow-last"} {
		s := newScene()
		s.memory.nobody = true
		if got, err := s.dial(t, code); err != nil || got != "telephone hears nothing-to-do\ntelephone hung up" {
			t.Errorf("%s: %v\n%s", code, err, got)
		}
	}
}

func TestNothingSaidIsNoGreeting(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'2'}
	s.home.phone.says = []Recording{{Spoken: 100 * time.Millisecond}}
	if got, err := s.dial(t, "greeting"); err != nil || !strings.Contains(got, "telephone hears nothing-heard") || strings.Contains(got, "own ") {
		t.Errorf("%v\n%s", err, got)
	}
}

// Each reason that a verdict can have has words for the household.
func TestEveryReasonCanBeSpoken(t *testing.T) {
	for _, code := range screening.Codes() {
		if _, known := whyOf(code); !known {
			t.Errorf("a household cannot be told of the reason %s", code)
		}
	}
}
