package household

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
)

var (
	night   = screening.Span{Days: screening.Daily, From: 22 * 60, To: 7 * 60, Quiet: true}
	weekend = screening.Span{Days: screening.DaysOf(time.Saturday, time.Sunday), From: 9 * 60, To: 18 * 60, Mode: screening.BlockOnly}
)

func spans(t *testing.T, a Admin) []screening.Span {
	t.Helper()
	week, err := a.Store.Spans(t.Context(), a.Household)
	if err != nil {
		t.Fatal(err)
	}
	return week
}

// refusedWith fails where a deed was not refused with some words.
func refusedWith(t *testing.T, err error, words string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(strings.ToLower(refusal.Sentence), strings.ToLower(words)) {
		t.Errorf("not refused with %q: %v", words, err)
	}
}

func TestTimesOfTheWeek(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	for _, span := range []screening.Span{night, weekend, night} { // the second time it becomes the last
		if _, err := a.AddTime(ctx, "", span); err != nil {
			t.Fatal(err)
		}
	}
	if got := spans(t, a); !slices.Equal(got, []screening.Span{weekend, night}) {
		t.Errorf("%v", got)
	}
	_, err := a.AddTime(ctx, "", screening.Span{Days: screening.Daily, Mode: "fortress"})
	refusedWith(t, err, "no mode")
	_, err = a.RemoveTime(ctx, "", "sun 22:00-07:00 quiet") // a part of one
	refusedWith(t, err, "t in the week any more")
	done, err := a.RemoveTime(ctx, "", weekend.String())
	if err != nil {
		t.Fatal(err)
	}
	if l := lastLine(t, a); l.What != "schedule-changed" || l.Before != WeekInWords([]screening.Span{weekend, night}) || l.After != WeekInWords([]screening.Span{night}) {
		t.Errorf("%+v", l)
	}
	if _, err := a.Undo(ctx, done.Line); err != nil || !slices.Equal(spans(t, a), []screening.Span{weekend, night}) {
		t.Errorf("undone, it is %v: %v", spans(t, a), err)
	}
	done, err = a.ClearWeek(ctx, SeenWeek(spans(t, a)))
	if err != nil || len(spans(t, a)) != 0 {
		t.Errorf("%v %v", spans(t, a), err)
	}
	if _, err := a.AddTime(ctx, "", weekend); err != nil {
		t.Fatal(err)
	}
	_, err = a.Undo(ctx, done.Line)
	refusedWith(t, err, "can't be undone any more")
}

// A form that was made from another schedule is refused, with the one that there is.
func TestStaleWeek(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	seen := SeenWeek(nil)
	if _, err := a.AddTime(ctx, seen, night); err != nil {
		t.Fatal(err)
	}
	for name, late := range map[string]func() (Done, error){
		"add":    func() (Done, error) { return a.AddTime(ctx, seen, weekend) },
		"remove": func() (Done, error) { return a.RemoveTime(ctx, seen, night.String()) },
		"clear":  func() (Done, error) { return a.ClearWeek(ctx, seen) },
		"paint":  func() (Done, error) { return a.PaintWeek(ctx, seen, func(*screening.Grid) error { return nil }) },
		"replace": func() (Done, error) {
			return a.ReplaceWeek(ctx, seen, []screening.Span{weekend})
		},
	} {
		if _, err := late(); !strings.Contains(err.Error(), "Every day, 22:00 to 07:00 the next morning: quiet hours") || !refusedAs(err, Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := spans(t, a); !slices.Equal(got, []screening.Span{night}) {
		t.Errorf("%v", got)
	}
}

func refusedAs(err error, kind Kind) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.Kind == kind
}

func TestLimitsOfTheWeek(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	var many []screening.Span
	for i := range mostSpans {
		many = append(many, screening.Span{Days: 1, From: screening.Clock(i), To: screening.Clock(i + 1), Quiet: true})
	}
	if _, err := a.ReplaceWeek(ctx, "", many); err != nil {
		t.Fatal(err)
	}
	_, err := a.AddTime(ctx, "", weekend)
	refusedWith(t, err, "51 different times")
	if _, err := a.AddTime(ctx, "", many[0]); err != nil { // one that is there can still be made the last
		t.Error(err)
	}
	_, err = a.ReplaceWeek(ctx, "", []screening.Span{night, weekend, night})
	refusedWith(t, err, "is there twice")
	for what, span := range map[string]screening.Span{
		"no days": {From: 1, To: 2, Quiet: true}, "out of day": {Days: 1, From: 1, To: 1440, Quiet: true}, "no mode": {Days: 1, From: 1, To: 2, Mode: "fortress"},
	} {
		if _, err := a.ReplaceWeek(ctx, "", []screening.Span{span}); !refusedAs(err, Unfit) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// What a newer version has set stays, for as long as nobody takes it away.
	newer := screening.Span{Days: 1, From: 1, To: 2, Mode: "fortress"}
	if err := a.Store.SetWeek(ctx, a.Household, []screening.Span{newer}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddTime(ctx, "", night); err != nil || !slices.Equal(spans(t, a), []screening.Span{newer, night}) {
		t.Errorf("%v %v", spans(t, a), err)
	}
}

// A schedule is a list without duplicates, to which the latest time is added last.
func TestScheduleIsAList(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		if _, err := a.ClearWeek(ctx, ""); err != nil {
			rt.Fatal(err)
		}
		var want []screening.Span
		for range rapid.IntRange(0, 6).Draw(rt, "steps") {
			span := screening.Span{Days: screening.Daily, From: screening.Clock(rapid.IntRange(0, 3).Draw(rt, "from")), Quiet: true}
			rest := slices.DeleteFunc(slices.Clone(want), func(s screening.Span) bool { return s == span })
			if rapid.Bool().Draw(rt, "add") {
				if _, err := a.AddTime(ctx, "", span); err != nil {
					rt.Fatal(err)
				}
				rest = append(rest, span)
			} else if _, err := a.RemoveTime(ctx, "", span.String()); (err == nil) != (len(rest) < len(want)) {
				rt.Fatal(err)
			}
			want = rest
		}
		if got, err := a.Store.Spans(ctx, a.Household); err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			rt.Errorf("%v %v, not %v", got, err, want)
		}
	})
}
