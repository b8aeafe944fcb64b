package store

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
)

var (
	night = screening.Span{Days: screening.Daily, From: 22 * 60, To: 7 * 60, Quiet: true}
	soon  = time.Unix(time.Now().Unix()+3600, 0)
)

// allChosen is a household that has chosen everything.
func allChosen() screening.Household {
	return screening.Household{
		Mode: screening.KnownOnly, Threshold: 0.7, Emergency: time.Hour, Policy: screening.Policy{Withheld: screening.Message},
		Times:      screening.Times{QuietContacts: screening.Message},
		HumanCheck: screening.CheckHidden, RingDialled: true, DialGuard: true, CarerNumber: joan, CarerWhen: screening.CarerNoAnswer,
		ScamWords: screening.ScamWatch, DisplayWords: true,
	}
}

// The mode, an expected call and the schedule leave the options alone, and the other way round.
func TestTimesAreKeptApart(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	want := allChosen()
	before, err := s.Household(ctx, "home")
	must(t, err)
	must(t, s.SetMode(ctx, "home", screening.KnownOnly, screening.Off, soon))
	must(t, s.SetExpecting(ctx, "home", soon.Add(time.Minute)))
	must(t, s.SetWeek(ctx, "home", []screening.Span{night}))
	want.Times.Temporary, want.Times.TemporaryUntil = screening.Off, soon
	choose(t, s, want)
	want.Times.ExpectingUntil = soon.Add(time.Minute)
	want.Times.Week = []screening.Span{night}
	if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if guards, err := s.DialGuards(ctx); err != nil || !slices.Equal(guards, []string{"home"}) {
		t.Errorf("the households that check calls out are %q: %v", guards, err)
	}
	if got, err := s.Household(ctx, "other"); err != nil || !reflect.DeepEqual(got, before) {
		t.Errorf("the other household has %+v (%v)", got, err)
	}
	must(t, s.SetMode(ctx, "home", screening.KnownOnly, "", time.Time{}))
	must(t, s.SetExpecting(ctx, "home", time.Time{}))
	want.Times.Temporary, want.Times.TemporaryUntil, want.Times.ExpectingUntil = "", time.Time{}, time.Time{}
	if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	for method, call := range map[string]func() error{
		"SetMode":      func() error { return s.SetMode(ctx, "nobody", screening.Ask, screening.Off, soon) },
		"SetExpecting": func() error { return s.SetExpecting(ctx, "nobody", soon) },
		"SetWeek":      func() error { return s.SetWeek(ctx, "nobody", []screening.Span{night}) },
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
		_, known, err := s.Situation(ctx, "home", n)
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

// The mode leaves all else as it is.
func TestSetMode(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	choose(t, s, allChosen())
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	want, err := s.Household(ctx, "home")
	must(t, err)
	for _, temporary := range []screening.Mode{"", screening.Off} {
		must(t, s.SetMode(ctx, "home", screening.BlockOnly, temporary, until))
		want.Mode, want.Times.Temporary, want.Times.TemporaryUntil = screening.BlockOnly, temporary, until
		if temporary == "" {
			want.Times.TemporaryUntil = time.Time{}
		}
		if got, err := s.Household(ctx, "home"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, not %+v; %v", temporary, got, want, err)
		}
	}
}
