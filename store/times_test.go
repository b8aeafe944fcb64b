package store

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
	"ringfence/store/columns"
)

var (
	night   = screening.Span{Days: screening.Daily, From: 22 * 60, To: 7 * 60, Quiet: true}
	weekend = screening.Span{Days: screening.DaysOf(time.Saturday, time.Sunday), From: 9 * 60, To: 18 * 60, Mode: screening.BlockOnly}
	soon    = time.Unix(time.Now().Unix()+3600, 0)
)

// allChosen is a household that has chosen everything.
func allChosen() screening.Household {
	return screening.Household{
		Mode: screening.KnownOnly, Threshold: 0.7, Emergency: time.Hour, Policy: screening.Policy{Withheld: screening.Message},
		Times:      screening.Times{QuietContacts: screening.Message},
		HumanCheck: screening.CheckHidden, RingDialled: true, DialGuard: true, CarerNumber: joan, CarerWhen: screening.CarerNoAnswer,
	}
}

func TestOptionsAreKept(t *testing.T) {
	s, _ := open(t)
	want := allChosen()
	must(t, s.SaveHousehold(t.Context(), "home", want))
	if got, err := s.Household(t.Context(), "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := s.Household(t.Context(), "other"); err != nil || !reflect.DeepEqual(got, screening.Household{Mode: screening.Ask}) {
		t.Errorf("the other household has %+v (%v)", got, err)
	}
	for words, change := range map[string]func(*screening.Household){
		"ring or message":          func(h *screening.Household) { h.Times.QuietContacts = screening.TurnAway },
		"off, always or hidden":    func(h *screening.Household) { h.HumanCheck = "sometimes" },
		"does not say which calls": func(h *screening.Household) { h.CarerWhen = "never" },
		"set carer-number first":   func(h *screening.Household) { h.CarerNumber = "" },
	} {
		bad := want
		change(&bad)
		if err := s.SaveHousehold(t.Context(), "home", bad); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// What has methods of its own is left alone by SaveHousehold, and the other way round.
func TestTimesAreKeptApart(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	want := allChosen()
	before, err := s.Household(ctx, "home")
	must(t, err)
	must(t, s.SetTemporary(ctx, "home", screening.Off, soon))
	must(t, s.SetExpecting(ctx, "home", soon.Add(time.Minute)))
	must(t, s.AddSpan(ctx, "home", night))
	must(t, s.SaveHousehold(ctx, "home", want))
	want.Times.Temporary, want.Times.TemporaryUntil, want.Times.ExpectingUntil = screening.Off, soon, soon.Add(time.Minute)
	want.Times.Week = []screening.Span{night}
	if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := s.Household(ctx, "other"); err != nil || !reflect.DeepEqual(got, before) {
		t.Errorf("the other household has %+v (%v)", got, err)
	}
	must(t, s.ClearTemporary(ctx, "home"))
	must(t, s.SetExpecting(ctx, "home", time.Time{}))
	want.Times.Temporary, want.Times.TemporaryUntil, want.Times.ExpectingUntil = "", time.Time{}, time.Time{}
	if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if err := s.SetTemporary(ctx, "home", "fortress", soon); err == nil || !strings.Contains(err.Error(), "there is no mode") {
		t.Error(err)
	}
	for method, call := range map[string]func() error{
		"SetTemporary":   func() error { return s.SetTemporary(ctx, "nobody", screening.Off, soon) },
		"ClearTemporary": func() error { return s.ClearTemporary(ctx, "nobody") },
		"SetExpecting":   func() error { return s.SetExpecting(ctx, "nobody", soon) },
		"AddSpan":        func() error { return s.AddSpan(ctx, "nobody", night) },
	} {
		if err := call(); !errors.Is(err, columns.ErrNoHousehold) {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// Of calls that arrive together one gets the expectation, of however many programs.
func TestOnlyOneCallIsExpected(t *testing.T) {
	s, path := open(t)
	two, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, two.Close()) }()
	if used, err := s.UseExpected(t.Context(), "home"); used || err != nil {
		t.Errorf("none was expected: %t %v", used, err)
	}
	must(t, s.SetExpecting(t.Context(), "home", soon))
	if used, err := s.UseExpected(t.Context(), "other"); used || err != nil {
		t.Errorf("another household's: %t %v", used, err)
	}
	var got atomic.Int32
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			used, err := []*Store{s, two}[i%2].UseExpected(t.Context(), "home")
			if err != nil {
				t.Error(err)
			}
			if used {
				got.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d calls were the expected one", got.Load())
	}
	if h, err := s.Household(t.Context(), "home"); err != nil || !h.Times.ExpectingUntil.IsZero() {
		t.Errorf("%+v %v", h, err)
	}
}

func TestSpans(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	expect := func(want ...screening.Span) {
		t.Helper()
		if got, err := s.Spans(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v %v, not %v", got, err, want)
		}
	}
	expect()
	must(t, s.AddSpan(ctx, "home", night))
	must(t, s.AddSpan(ctx, "home", weekend))
	must(t, s.AddSpan(ctx, "other", weekend))
	expect(night, weekend)
	must(t, s.AddSpan(ctx, "home", night)) // again: now it is the last
	expect(weekend, night)
	if err := s.AddSpan(ctx, "home", screening.Span{Days: screening.Daily, Mode: "fortress"}); err == nil {
		t.Error("a span of no mode was added")
	}
	less := night
	less.Days = screening.DaysOf(time.Sunday)
	if removed, err := s.RemoveSpan(ctx, "home", less); removed || err != nil {
		t.Errorf("a part of one was removed: %t %v", removed, err)
	}
	for _, want := range []bool{true, false} {
		if removed, err := s.RemoveSpan(ctx, "home", weekend); removed != want || err != nil {
			t.Errorf("%t %v", removed, err)
		}
	}
	if removed, err := s.RemoveSpan(ctx, "nobody", weekend); removed || err != nil {
		t.Errorf("%t %v", removed, err)
	}
	expect(night)
	if other, err := s.Spans(ctx, "other"); err != nil || len(other) != 1 {
		t.Errorf("%v %v", other, err)
	}
	for i := range maxSpans - 1 {
		must(t, s.AddSpan(ctx, "home", screening.Span{Days: 1, From: screening.Clock(i), To: 1, Quiet: true}))
	}
	if err := s.AddSpan(ctx, "home", weekend); err == nil || !strings.Contains(err.Error(), "remove some first") {
		t.Error(err)
	}
	must(t, s.AddSpan(ctx, "home", night)) // one that is there can still be made the last
}

// A schedule behaves like a list without doubles, of which the last added stands last.
func TestScheduleIsAList(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		old, err := s.Spans(ctx, "home")
		must(t, err)
		for _, span := range old {
			_, err := s.RemoveSpan(ctx, "home", span)
			must(t, err)
		}
		var want []screening.Span
		for range rapid.IntRange(0, 8).Draw(rt, "steps") {
			span := screening.Span{Days: screening.Daily, From: screening.Clock(rapid.IntRange(0, 3).Draw(rt, "from")), Quiet: true}
			var rest []screening.Span
			for _, w := range want {
				if w != span {
					rest = append(rest, w)
				}
			}
			if rapid.Bool().Draw(rt, "add") {
				must(t, s.AddSpan(ctx, "home", span))
				rest = append(rest, span)
			} else if removed, err := s.RemoveSpan(ctx, "home", span); err != nil || removed != (len(rest) < len(want)) {
				rt.Fatalf("%t %v", removed, err)
			}
			want = rest
		}
		if got, err := s.Spans(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
			rt.Errorf("%v %v, not %v", got, err, want)
		}
	})
}

func TestWhenAContactLastRang(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	rang := func(household string, n screening.Number, at time.Time) {
		t.Helper()
		_, err := s.CallArrived(ctx, household, at.String(), at, screening.Identity{}, screening.Caller{Number: n}, screening.Verdict{}, "")
		must(t, err)
	}
	before := func(n screening.Number) time.Time {
		t.Helper()
		known, err := s.Know(ctx, "home", n)
		must(t, err)
		return known.Before
	}
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	rang("other", joan, soon)
	rang("home", steve, soon)
	rang("home", "", soon)
	if got := before(joan); !got.IsZero() {
		t.Errorf("who has never rung did so at %s", got)
	}
	last := time.UnixMilli(1_700_000_123_456)
	rang("home", joan, last)
	rang("home", joan, last.Add(-time.Hour))
	if got := before(joan); !got.Equal(last) {
		t.Errorf("%s, not %s", got, last)
	}
	if got := before(steve); !got.IsZero() {
		t.Errorf("of somebody who is no contact: %s", got)
	}
}

// A call waits for this: it must be found by key, however long the log is.
func TestWhenAContactLastRangIsFoundByIndex(t *testing.T) {
	s, _ := open(t)
	rows, err := s.read.Query("EXPLAIN QUERY PLAN "+situationQuery, "home", joan.Key())
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		must(t, rows.Scan(&id, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	must(t, rows.Err())
	if !strings.Contains(strings.Join(plan, "\n"), "SEARCH calls USING COVERING INDEX calls_by_number (household_id=? AND number=?)") {
		t.Errorf("the plan is\n%s", strings.Join(plan, "\n"))
	}
}

// A mode ends a temporary one or is one itself, and leaves all else as it is.
func TestSetMode(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.SaveHousehold(ctx, "home", allChosen()))
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	must(t, s.SetTemporary(ctx, "home", screening.Off, until))
	want, err := s.Household(ctx, "home")
	must(t, err)
	for _, end := range []time.Time{{}, until} {
		must(t, s.SetMode(ctx, "home", screening.BlockOnly, end))
		want.Mode, want.Times.Temporary, want.Times.TemporaryUntil = screening.BlockOnly, "", end
		if !end.IsZero() {
			want.Times.Temporary = screening.BlockOnly
		}
		if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("until %s: %+v, not %+v; %v", end, got, want, err)
		}
	}
	if s.SetMode(ctx, "home", "strict", time.Time{}) == nil {
		t.Error("a mode that is none was kept")
	}
	if err := s.SetMode(ctx, "nobody", screening.Ask, time.Time{}); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
}
