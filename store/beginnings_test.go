package store

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
)

// A contact by the beginning of numbers is found by every call from them, the whole number first and then the longest beginning; and its calls bear its
// name.
func TestContactsByTheBeginningOfNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddContact(ctx, "home", "Council", "+4416287*"))
	must(t, s.AddContact(ctx, "home", "Library", "+44162879*"))
	must(t, s.AddContact(ctx, "home", "Ann", "+441628790001"))
	for number, want := range map[screening.Number]string{
		"+441628712345": "Council", "+441628791234": "Library", "+441628790001": "Ann", "+441628612345": "", "+4416287": "", "999": "", "": "",
		"+44162879": "Council",
	} {
		_, known, err := s.Situation(ctx, "home", number)
		must(t, err)
		got := ""
		if known.Contact != nil {
			got = known.Contact.Name
		}
		if got != want {
			t.Errorf("%s is of %q, not %q", number, got, want)
		}
	}
	c, is, err := s.ContactByNumber(ctx, "home", "+4416287*")
	if err != nil || !is || len(c.Numbers) != 1 || c.Numbers[0] != "+4416287*" {
		t.Errorf("%+v %v", c, err)
	}
	// A block on one of the numbers is what the household means.
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "441628712345"}, "Susan"))
	if _, known, err := s.Situation(ctx, "home", "+441628712345"); err != nil || known.Contact != nil || known.Block == nil {
		t.Errorf("%+v %v", known, err)
	}
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "44162", Prefix: true}, "Susan"))
	if _, known, err := s.Situation(ctx, "home", "+441628712346"); err != nil || known.Contact == nil || known.Contact.Beginning != "4416287" {
		t.Errorf("%+v %v", known, err)
	}
}

// BenchmarkBeginnings is the look-up of a verdict in a household without beginnings and in one with some, beside the same if contacts had whole numbers
// alone.
func BenchmarkBeginnings(b *testing.B) {
	s, _ := open(b)
	look := func(b *testing.B) {
		before := processorTime(b)
		for b.Loop() {
			if _, _, err := s.Situation(b.Context(), "home", "+442079460009"); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op") // others may keep the machine busy
	}
	must(b, s.AddContact(b.Context(), "home", "Ann", "+441628790001"))
	with := s.know.situation
	whole, err := s.read.PrepareContext(b.Context(), strings.Replace(situationQuery, columns.NumberOfContact("h.id", "+?2"), "+?2", 1))
	must(b, err)
	defer func() { must(b, whole.Close()) }()
	s.know.situation = whole
	b.Run("whole numbers alone", look)
	s.know.situation = with
	b.Run("a household without beginnings", look)
	must(b, s.AddContact(b.Context(), "home", "Council", "+4416287*"))
	must(b, s.AddContact(b.Context(), "home", "Library", "+44162879*"))
	b.Run("a household with some", look)
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
