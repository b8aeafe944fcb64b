package hub

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
)

func TestWhatHouseholdsSayMakesTheList(t *testing.T) {
	w := newWorld(t, 6)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.says(For, another, noon, 0)
	w.says(For, surgery, noon, 0, 1)
	w.ok(w.Take(t.Context(), w.keys[4], Report{Number: scammer, Kind: For, Category: "tech-support", Day: list.DayOf(noon) - 3}, elsewhere, noon))
	protected, err := list.ReadProtected(strings.NewReader("01371 872121, Angel Lane Surgery\n"), "GB")
	w.ok(err)
	if got := shown(w.published(protected, noon)); !slices.Equal(got, []string{"+442079460123 0.56 5-9 tech-support"}) {
		t.Errorf("%q", got)
	}
	if s, err := w.Standing(t.Context(), subject(surgery), protected, noon); err != nil || s.Listed || !strings.Contains(s.Why, "Angel Lane Surgery") {
		t.Errorf("%+v %v", s, err)
	}
	// Four months later it has faded; others have another opinion, and the number recovers.
	later := noon.AddDate(0, 0, 120)
	if s := w.stands(subject(scammer), later); !s.Listed || s.Confidence > 0.40 {
		t.Errorf("%+v", s)
	}
	w.says(Against, scammer, later, 0, 1, 2, 5)
	if s := w.stands(subject(scammer), later); s.Listed || s.For != 2 || s.Against != 4 {
		t.Errorf("%+v", s)
	}
	if got := w.published(protected, later); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// A confidence is published anew only when it has moved, or what households do by it changes.
func TestSmallChangesAreNotPublished(t *testing.T) {
	w := newWorld(t, 6)
	w.says(For, scammer, noon, 0, 1, 2, 3)
	w.says(For, another, noon, 0, 1, 2, 3, 4, 5)
	for _, test := range []struct {
		days int
		want []string
	}{
		{0, []string{"+442079460123 0.51 2-4 other", "+442079460124 0.60 5-9 other"}},
		{1, []string{"+442079460123 0.51 2-4 other", "+442079460124 0.60 5-9 other"}},
		{30, []string{"+442079460123 0.46 2-4 other", "+442079460124 0.60 5-9 other"}}, // 0.57 is near 0.60; 0.46 no longer turns away
		{60, []string{"+442079460123 0.46 2-4 other", "+442079460124 0.52 5-9 other"}},
	} {
		if got := shown(w.published(nil, noon.AddDate(0, 0, test.days))); !slices.Equal(got, test.want) {
			t.Errorf("after %d days: %q", test.days, got)
		}
	}
}

func TestAHouseholdCountsOnce(t *testing.T) {
	w := newWorld(t, 3)
	for range 5 {
		w.says(For, scammer, noon, 0)
	}
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Listed {
		t.Errorf("%+v", s)
	}
	w.says(For, scammer, noon, 1)
	w.says(Against, scammer, noon, 1)
	if s := w.stands(subject(scammer), noon); s.For != 1 || s.Against != 1 {
		t.Errorf("%+v", s)
	}
	w.says(Withdraw, scammer, noon, 0, 1, 2)
	if s := w.stands(subject(scammer), noon); s.For != 0 || s.Against != 0 || s.Confidence != 0 {
		t.Errorf("%+v", s)
	}
	var rows int
	w.ok(w.read.QueryRow("SELECT count(*) FROM reports").Scan(&rows))
	if rows != 5 { // for, for, against, and two withdrawals: what says nothing new is not added
		t.Errorf("%d rows", rows)
	}
	// A day that is not yet there is taken for today: clocks differ, and nobody's report lasts longer for it.
	w.ok(w.Take(t.Context(), w.keys[2], Report{Number: "+442079460777", Kind: For, Day: list.DayOf(noon) + 1}, elsewhere, noon))
	if s := w.stands(subject("+442079460777"), noon); s.Last != list.DayOf(noon) {
		t.Errorf("%+v", s)
	}
	// A number that rings again keeps from fading, and a key that is pressed takes no category away.
	w.ok(w.Take(t.Context(), w.keys[0], Report{Number: another, Kind: For, Category: "bank"}, elsewhere, noon))
	later := noon.AddDate(0, 0, 200)
	w.says(For, another, later, 0)
	if s := w.stands(subject(another), later); s.Last != list.DayOf(later) || s.Categories["bank"] != 1 || list.Rounded(s.Confidence) != 0.20 {
		t.Errorf("%+v", s)
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	w := newWorld(t, 1)
	for says, r := range map[string]Report{
		"international":              {Number: "02079460123", Kind: For},
		"never be turned away":       {Number: "+44800111999", Kind: For}, // see the loop
		"one of tech-support":        {Number: scammer, Kind: For, Category: "fraud"},
		"for, against or withdraw":   {Number: scammer, Kind: "maybe"},
		"one of the last 60":         {Number: scammer, Kind: For, Day: list.DayOf(noon) + 2},
		"has to be one of the last ": {Number: scammer, Kind: For, Day: list.DayOf(noon) - 61},
	} {
		if says == "never be turned away" {
			r.Number = "+448001111" // Childline
		}
		var refused *Refused
		if err := w.Take(t.Context(), w.keys[0], r, elsewhere, noon); !errors.As(err, &refused) || !strings.Contains(refused.Sentence, says) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for i := range parish.PerDay {
		w.says(For, screening.Number(fmt.Sprintf("+4420794%05d", i)), noon, 0)
	}
	err := w.Take(t.Context(), w.keys[0], Report{Number: scammer, Kind: For}, elsewhere, noon)
	if !errors.Is(err, ErrMany) {
		t.Error(err)
	}
	w.says(For, "+442079400001", noon, 0) // which is there already
	w.says(For, scammer, noon.AddDate(0, 0, 1), 0)
	if err := w.Take(t.Context(), 999, Report{Number: scammer, Kind: For}, elsewhere, noon); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
}

// A hub that starts without knowing the time refuses no report for good: not before it has any reports, nor after.
func TestAClockThatIsBehind(t *testing.T) {
	w := newWorld(t, 1)
	putOff := func(boots time.Time) {
		t.Helper()
		if err := w.Take(t.Context(), w.keys[0], Report{Number: scammer, Kind: For, Day: list.DayOf(noon)}, elsewhere, boots); !errors.Is(err, ErrClock) {
			t.Errorf("at %s: %v", boots, err)
		}
	}
	putOff(time.Unix(60, 0))
	w.says(For, another, noon, 0)
	putOff(noon.AddDate(0, 0, -3))
	w.says(For, another, noon.AddDate(0, 0, -1), 0) // clocks differ
}
