package lists_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/lists"
)

// shared has each of these households subscribe to the same list.
func shared(t testing.TB, s *house, change func(*lists.Subscription), homes ...string) (all []lists.Subscription) {
	t.Helper()
	for _, home := range homes {
		must(t, s.EnsureHousehold(t.Context(), home))
		all = append(all, aSubscription(t, s, func(n *lists.Subscription) {
			if n.Household = home; change != nil {
				change(n)
			}
		}))
	}
	return all
}

// on says what a household's lists have on Steve.
func (h *house) on(t testing.TB, home string, number screening.Number) []screening.Entry {
	t.Helper()
	_, known, err := h.Situation(t.Context(), home, number)
	must(t, err)
	return known.Entries
}

func (h *house) subscription(t testing.TB, home, list string) lists.Subscription {
	t.Helper()
	sub, err := h.Lists.Subscription(t.Context(), home, list)
	must(t, err)
	return sub
}

// A list is stored once, whoever subscribes to it and when; each household has its own name for it, and says itself whether it may turn callers away.
func TestAListIsStoredOnce(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	first := shared(t, s, func(n *lists.Subscription) {
		n.Key, n.OnlyWarns, n.List = "", true, "parish of "+n.Household
	}, "home", "other")
	filled(t, s, first[1], "442079460666", "44207946*")
	later := shared(t, s, func(n *lists.Subscription) { n.Key, n.List, n.Period = "", "scams", time.Hour }, "third")[0]
	if later.Entries != 2 || later.Serial != 1 || !later.ValidUntil.Equal(newYear.AddDate(0, 1, 0)) {
		t.Errorf("who comes later has not got it at once: %+v", later)
	}
	if sub := s.subscription(t, "home", "parish of home"); sub.Source != later.Source || sub.Period != time.Hour {
		t.Errorf("%+v does not share %+v", sub, later)
	}
	must(t, s.Lists.AllowUnsigned(ctx, "other", "parish of other", true))
	for home, want := range map[string]screening.Entry{"home": {List: "parish of home", Unsigned: true}, "other": {List: "parish of other"}, "third": {List: "scams"}} {
		got := s.on(t, home, steve)
		if len(got) != 1 || got[0].List != want.List || got[0].Unsigned != want.Unsigned || got[0].Prefix {
			t.Errorf("%s: %+v", home, got)
		}
		if got := s.on(t, home, "+442079460999"); len(got) != 1 || !got[0].Prefix {
			t.Errorf("%s: %+v", home, got)
		}
	}
	_, err := s.Lists.Overrule(ctx, updateOf(s.subscription(t, "home", "parish of home"), 2), changes("-442079460666", "+442079460667"))
	must(t, err)
	for range 2 {
		for _, home := range []string{"home", "other", "third"} {
			if a, b := s.on(t, home, steve), s.on(t, home, "+442079460667"); len(a) != 1 || !a[0].Prefix || len(b) != 1 || b[0].Prefix {
				t.Errorf("%s: %+v %+v", home, a, b)
			}
		}
		must(t, s.Lists.FinishUpdates(ctx))
	}
	if n := s.rows(t); n != 2 {
		t.Errorf("there are %d rows", n)
	}
}

// A list that differs in anything that makes its rows different is another one.
func TestWhatMakesASourceAnother(t *testing.T) {
	s, _ := open(t)
	sources := map[int64]bool{}
	for i, change := range []func(*lists.Subscription){
		nil,
		func(n *lists.Subscription) { n.URL += "x/" },
		func(n *lists.Subscription) { n.Key = "RWy" },
		func(n *lists.Subscription) { n.Kind, n.Key = lists.File, "" },
		func(n *lists.Subscription) { n.Kind, n.Key, n.Column = lists.File, "", "Phone" },
		func(n *lists.Subscription) { n.Region = "DE" },
	} {
		sources[shared(t, s, change, fmt.Sprint("home", i))[0].Source] = true
	}
	if len(sources) != 6 {
		t.Errorf("%v", sources)
	}
}

// What one household does with its list changes no other's; the last that leaves takes the numbers with it, whether it unsubscribes or is deleted.
func TestTheLastTakesTheNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	all := shared(t, s, nil, "home", "other", "third")
	filled(t, s, all[0], "442079460666")
	_, err := s.Lists.Replace(ctx, "other", "own", "", entries("442079460777"))
	must(t, err)
	leave := func(home string, how func() error, rows int) {
		t.Helper()
		must(t, how())
		must(t, s.Lists.Clean(ctx))
		if n := s.rows(t); n != rows {
			t.Errorf("without %s there are %d rows, not %d", home, n, rows)
		}
	}
	leave("home", func() error { _, err := s.Lists.Remove(ctx, "home", "parish"); return err }, 2)
	for _, home := range []string{"other", "third"} {
		if got := s.on(t, home, steve); len(got) != 1 || s.subscription(t, home, "parish").Entries != 1 {
			t.Errorf("%s has lost it: %+v", home, got)
		}
	}
	leave("other", func() error {
		_, err := s.raw.ExecContext(ctx, "DELETE FROM households WHERE name = 'other'")
		return err
	}, 1)
	if got := s.on(t, "third", steve); len(got) != 1 {
		t.Errorf("the third has lost it: %+v", got)
	}
	filled(t, s, s.subscription(t, "third", "parish"), "442079460666", "442079460777") // it goes on
	leave("third", func() error {
		_, err := s.raw.ExecContext(ctx, "DELETE FROM households WHERE name = 'third'")
		return err
	}, 0)
	if n := s.count(t, "SELECT (SELECT count(*) FROM list_sources) + (SELECT count(*) FROM list_versions) + (SELECT count(*) FROM lists) + (SELECT count(*) FROM subscriptions)"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

// jumpsBy has contents wait that take more than one number off, and counts who is told.
func jumpsBy(told *[]string) lists.Hold {
	return lists.Hold{Needed: func(c lists.Counts) bool { return c.Removed > 1 }, Tell: func(_ context.Context, household, list string, c lists.Counts) error {
		*told = append(*told, fmt.Sprint(household, list, c.Removed))
		return nil
	}}
}

// A jump waits in each household until somebody there has looked, and in none that has the numbers anyway.
//
// Long: one story, each step of which rests on those before it.
func TestAJumpWaitsInEachHousehold(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	var told []string
	apply := func(home string, serial int64, digits ...string) error {
		t.Helper()
		u := updateOf(s.subscription(t, home, "parish"), serial)
		u.State.ValidUntil = newYear.AddDate(0, int(serial), 0)
		u.Hold = jumpsBy(&told)
		_, err := s.Lists.ApplyFull(ctx, u, entries(digits...))
		return err
	}
	numbers := func(home string, want ...string) {
		t.Helper()
		all, err := s.Lists.Entries(ctx, home, "parish", 10)
		var got []string
		for _, e := range all {
			got = append(got, e.Digits)
		}
		slices.Sort(got) // they are in the order of short numbers
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s has %v, not %v: %v", home, got, want, err)
		}
	}
	shared(t, s, nil, "home", "other")
	must(t, apply("home", 1, "441", "442", "443", "444"))
	if err := apply("other", 2, "441", "445"); !errors.Is(err, lists.ErrHeld) || !slices.Equal(told, []string{"homeparish3", "otherparish3"}) {
		t.Errorf("%v %v", told, err)
	}
	shared(t, s, nil, "third") // who begins now has looked at them
	numbers("home", "441", "442", "443", "444")
	numbers("third", "441", "445")
	held := s.subscription(t, "home", "parish")
	if d, err := s.Lists.HeldDifferences(ctx, held, 5); err != nil || d.Removed != 3 || d.Added != 1 || len(d.Off) != 3 {
		t.Errorf("%+v %v", d, err)
	}
	// A check that finds nothing new lengthens how long the latest are valid, not those that nobody has looked at.
	state := held.State
	state.ValidUntil = newYear.AddDate(0, 9, 0)
	must(t, s.Lists.OnUnchanged(ctx, held.Source, 2, state, newYear, newYear))
	if a, b := s.subscription(t, "home", "parish"), s.subscription(t, "third", "parish"); !a.ValidUntil.Equal(newYear.AddDate(0, 1, 0)) || a.Held.Version == 0 || !b.ValidUntil.Equal(state.ValidUntil) || b.Held.Version != 0 {
		t.Errorf("%+v %+v", a, b)
	}
	must(t, s.Lists.AcceptHeld(ctx, "home", "parish", held.Held.Version))
	numbers("home", "441", "445")
	numbers("other", "441", "442", "443", "444")
	// To one they are a jump now, to the other they were one: nobody else is told, and what was seen before can't be accepted any more.
	if err := apply("other", 3, "442", "443", "444"); err != nil {
		t.Errorf("it is no jump from what they have: %v", err)
	}
	if !slices.Equal(told[2:], []string{"homeparish2", "thirdparish2"}) {
		t.Errorf("%v", told)
	}
	numbers("other", "442", "443", "444")
	numbers("home", "441", "445")
	if err := s.Lists.AcceptHeld(ctx, "home", "parish", held.Held.Version); !errors.Is(err, lists.ErrNotHeld) {
		t.Errorf("what nobody has seen is accepted: %v", err)
	}
	if n := s.count(t, "SELECT count(*) FROM list_versions"); n != 2 {
		t.Errorf("there are %d versions", n)
	}
	must(t, apply("third", 4, "441", "442", "443", "444", "445"))
	for _, home := range []string{"home", "other", "third"} {
		numbers(home, "441", "442", "443", "444", "445")
		if sub := s.subscription(t, home, "parish"); sub.Held.Version != 0 {
			t.Errorf("%+v", sub)
		}
	}
	if n := s.count(t, "SELECT count(*) FROM list_versions"); n != 1 {
		t.Errorf("there are %d versions", n)
	}
}

// Who comes back has the list as it is by now; or, if something waited, as it was.
func TestComingBackToASharedList(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	all := shared(t, s, func(n *lists.Subscription) {
		if n.Household == "other" {
			n.Period = time.Hour
		}
	}, "home", "other")
	filled(t, s, all[0], "442079460666")
	r := setAside(t, s)
	if r.Sub.Period != 6*time.Hour {
		t.Errorf("the other household's %v are kept", r.Sub.Period)
	}
	filled(t, s, s.subscription(t, "other", "parish"), "442079460777")
	must(t, s.Lists.Restore(ctx, "home", r))
	if got := s.on(t, "home", steve); len(got) != 1 {
		t.Errorf("not as it was: %+v", got)
	}
	must(t, s.Lists.Settle(ctx, all[0].Source, newYear, lists.Hold{}))
	if a, b := s.on(t, "home", steve), s.on(t, "home", "+442079460777"); len(a) != 0 || len(b) != 1 {
		t.Errorf("%+v %+v", a, b)
	}
	// What was kept is gone: another that left later has let go of it.
	r = setAside(t, s)
	filled(t, s, s.subscription(t, "other", "parish"), "442079460888")
	if _, _, err := s.Lists.SetAside(ctx, "other", "parish", time.Now().AddDate(0, 0, 30)); err != nil {
		t.Fatal(err)
	}
	must(t, s.Lists.Clean(ctx))
	must(t, s.Lists.Restore(ctx, "home", r))
	if got := s.on(t, "home", "+442079460888"); len(got) != 1 || s.rows(t) != 1 {
		t.Errorf("%+v, %d rows", got, s.rows(t))
	}
}

// Who subscribes to a list that only an undo keeps begins it again, as its publisher may have. The undo has it as it was, until the new one is there.
func TestSubscribingToWhatOnlyAnUndoKeeps(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := shared(t, s, nil, "home")[0]
	filled(t, s, filled(t, s, sub, "442079460001"), "442079460666")
	r := setAside(t, s)
	must(t, s.Lists.Clean(ctx))
	other := shared(t, s, nil, "other")[0]
	if other.Source != sub.Source || other.Serial != 0 || other.Entries != 0 || !other.Next.Equal(newYear) {
		t.Errorf("it does not begin again: %+v", other)
	}
	must(t, s.Lists.Restore(ctx, "home", r))
	if got := s.on(t, "home", steve); len(got) != 1 {
		t.Errorf("not as it was: %+v", got)
	}
	filled(t, s, other, "442079460777")
	for _, home := range []string{"home", "other"} {
		if a, b := s.on(t, home, steve), s.on(t, home, "+442079460777"); len(a) != 0 || len(b) != 1 {
			t.Errorf("%s: %+v %+v", home, a, b)
		}
	}
}

// A line that moves to another country leaves the others' list alone, and keeps its own until that is read again.
func TestAnotherRegion(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	all := shared(t, s, nil, "home", "other")
	filled(t, s, all[0], "442079460666")
	set := func(home, region string) int64 {
		t.Helper()
		source, err := s.Lists.SetRegion(ctx, s.subscription(t, home, "parish"), region)
		must(t, err)
		must(t, s.Lists.Settle(ctx, source, newYear, lists.Hold{}))
		must(t, s.Lists.Clean(ctx))
		if got := s.on(t, home, steve); len(got) != 1 {
			t.Errorf("%s has lost it: %+v", home, got)
		}
		return source
	}
	gb := set("home", "GB") // which nobody knew
	if gb != all[0].Source || set("other", "GB") != gb {
		t.Error("they do not share it any more")
	}
	de := set("other", "DE")
	if sub := s.subscription(t, "other", "parish"); de == gb || sub.Serial != 0 || sub.Region != "DE" || sub.Entries != 1 || s.subscription(t, "home", "parish").Serial != 1 {
		t.Errorf("%+v", sub)
	}
	filled(t, s, s.subscription(t, "other", "parish"), "442079460666", "4930901820")
	if set("home", "DE") != de || s.rows(t) != 2 || len(s.on(t, "home", "+4930901820")) != 1 {
		t.Errorf("they do not share it: %d rows", s.rows(t))
	}
	if set("home", "GB") == de || set("other", "GB") != s.subscription(t, "home", "parish").Source {
		t.Error("they do not share it again")
	}
	if n := s.count(t, "SELECT count(*) FROM list_sources"); n != 1 {
		t.Errorf("there are %d sources", n)
	}
}

// Households with one key for PhoneBlock ask together; one that gets a key of its own keeps its list, and remembers when it was asked for.
func TestOneKeyForManyHouseholds(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := aBlocklist(t, s)
	must(t, s.Lists.ClaimFetch(ctx, sub, true, newYear))
	filled(t, s, sub, "442079460666")
	must(t, s.Lists.SubscribeBlocklist(ctx, lists.Subscription{
		Household: "other", List: "PhoneBlock", URL: sub.URL, OnlyWarns: true, Period: time.Hour, Begun: newYear, Next: newYear,
	}, "the key"))
	other := s.subscription(t, "other", "PhoneBlock")
	if other.Source != sub.Source || !other.FullAsked.Equal(newYear) || len(s.on(t, "other", steve)) != 1 {
		t.Errorf("%+v", other)
	}
	later := newYear.Add(48 * time.Hour)
	must(t, s.Lists.ClaimFetch(ctx, other, false, later))
	sub = s.subscription(t, "home", "PhoneBlock")
	if err := s.Lists.ClaimFetch(ctx, other, false, later); !sub.Asked.Equal(later) || !errors.Is(err, lists.ErrUpdated) {
		t.Errorf("%+v %v", sub, err)
	}
	must(t, s.Lists.ReleaseFetch(ctx, other, later))
	if sub = s.subscription(t, "home", "PhoneBlock"); !sub.Asked.Equal(newYear) {
		t.Errorf("%+v", sub)
	}
	must(t, s.Lists.SetBlocklistKey(ctx, "other", "PhoneBlock", "its own", later))
	other = s.subscription(t, "other", "PhoneBlock")
	key, err := s.Lists.BlocklistKey(ctx, sub.ID)
	if err != nil || key != "the key" || other.Source == sub.Source || !other.FullAsked.Equal(newYear) || len(s.on(t, "other", steve)) != 1 || s.subscription(t, "home", "PhoneBlock").Next.Equal(later) {
		t.Errorf("%q %v %+v", key, err, other)
	}
	must(t, s.Lists.SetBlocklistKey(ctx, "home", "PhoneBlock", "its own", later))
	if sub = s.subscription(t, "home", "PhoneBlock"); sub.Source != other.Source {
		t.Errorf("%+v", sub)
	}
}
