package alerts

import (
	"slices"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// Only households with news are looked at: notices and calls, and calls that were not over yet the last time. A week begins without any news, once for each.
func TestOnlyHouseholdsWithNewsAreLookedAt(t *testing.T) {
	x := newFixture(t, nil, "http://127.0.0.1:1/")
	x.at = time.Date(2026, 11, 25, 12, 1, 0, 0, time.UTC)
	x.no(x.db.EnsureHousehold(t.Context(), "other"))
	x.dispatcher.Households = func() []string { return []string{"home", "other"} }
	looksAt := func(when string, want ...string) {
		t.Helper()
		due, _, err := x.dispatcher.due(t.Context())
		x.no(err)
		if !slices.Equal(due, want) {
			t.Errorf("%s it looks at %q, not %q", when, due, want)
		}
	}
	x.dispatcher.dispatch(t.Context())
	looksAt("without news")
	x.no(x.db.AddNotice(t.Context(), "other", x.at, store.NoticeMessageLeft, "A message was left.", 0))
	looksAt("after a notice", "other")
	x.dispatcher.dispatch(t.Context())
	looksAt("after that")
	call := x.call(screening.Caller{}, "")
	looksAt("when somebody calls", "home")
	x.dispatcher.dispatch(t.Context())
	looksAt("while they talk", "home")
	x.no(x.db.CallEnded(t.Context(), call, x.at, calllog.Talked))
	x.at = x.at.Add(time.Minute)
	x.dispatcher.dispatch(t.Context())
	looksAt("after the call")
	x.at = x.at.Add(15 * time.Minute)
	looksAt("a quarter of an hour later")
	x.at = time.Date(2026, 11, 30, 8, 59, 0, 0, time.UTC)
	looksAt("on Monday before nine")
	x.at = x.at.Add(time.Minute)
	looksAt("on Monday at nine", "home", "other")
	x.at = x.at.Add(15 * time.Minute)
	x.dispatcher.dispatch(t.Context())
	x.at = x.at.Add(15 * time.Minute)
	looksAt("after that")
}
