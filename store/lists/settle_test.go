package lists_test

import (
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
