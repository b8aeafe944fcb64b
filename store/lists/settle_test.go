package lists_test

import (
	"errors"
	"testing"

	"ringfence/store/lists"
)

// Carers who know that a list is out of date don't hear it again because the household gets another copy of the same; nor that its server can't be reached.
func TestAnotherCopyAlertsNobody(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	all := shared(t, s, func(n *lists.Subscription) {
		n.Region = map[string]string{"home": "GB", "other": "IM", "third": "JE"}[n.Household]
	}, "home", "other", "third")
	for i, months := range []int{1, 1, 2} { // each has its own, as before an upgrade
		u := updateOf(all[i], 1)
		u.State.ValidUntil = newYear.AddDate(0, months, 0)
		_, err := s.Lists.ApplyFull(ctx, u, entries("442079460666"))
		must(t, err)
	}
	for how, want := range map[lists.StaleNotice][]lists.StaleNotice{
		lists.StaleUnreachable: {lists.StaleUnreachable, lists.StaleUnreachable, lists.StaleUnreachable}, lists.StalePast: {lists.StalePast, lists.StalePast, lists.StaleNothing},
	} {
		for i, sub := range all {
			_, err := s.raw.ExecContext(ctx, "UPDATE lists SET version_id = (SELECT version_id FROM list_sources WHERE id = ?) WHERE id = ?", sub.Source, sub.ID)
			must(t, err)
			_, err = s.raw.ExecContext(ctx, "UPDATE subscriptions SET told = ?, source_id = ? WHERE list_id = ?", how, all[0].Source, sub.ID)
			must(t, err)
			must(t, s.Lists.Settle(ctx, all[0].Source, newYear, lists.Hold{}))
			if got := s.subscription(t, sub.Household, "parish"); got.Alerted != want[i] {
				t.Errorf("%s was alerted to %d, and is to %d, not %d", sub.Household, how, got.Alerted, want[i])
			}
		}
	}
}

// Another program brings later contents, which wait, while this one looks at what the latest would change: these come into force nowhere, for they are being deleted.
func TestWhatIsReplacedMeanwhileComesIntoForceNowhere(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	filled(t, s, shared(t, s, nil, "home", "other")[0], "442079460001")
	u := updateOf(s.subscription(t, "home", "parish"), 2)
	asked := 0
	u.Hold.Needed = func(lists.Counts) bool {
		if asked++; asked == 1 {
			later := updateOf(s.subscription(t, "other", "parish"), 3)
			later.Hold.Needed = func(lists.Counts) bool { return true }
			if _, err := s.Lists.ApplyFull(ctx, later, entries("442079460777")); !errors.Is(err, lists.ErrHeld) {
				t.Error(err)
			}
		}
		return false
	}
	_, err := s.Lists.ApplyFull(ctx, u, entries("442079460666"))
	must(t, err)
	for _, home := range []string{"home", "other"} {
		if before, between := s.on(t, home, joan), s.on(t, home, steve); len(before) != 1 || len(between) != 0 || s.subscription(t, home, "parish").Held.Version == 0 {
			t.Errorf("%s: %+v %+v", home, before, between)
		}
	}
	if n := s.rows(t); n != 2 {
		t.Errorf("there are %d rows", n)
	}
}
