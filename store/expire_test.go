package store

import (
	"fmt"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/storetest"
)

// Households that have nothing old are asked about together, whatever they keep their calls for.
func TestExpireAsksOnceAboutHouseholdsWithNothingOld(t *testing.T) {
	begun, err := storetest.CountStatements()
	must(t, err)
	s, _ := open(t)
	ctx, now := t.Context(), time.Now()
	call := func(household string, at time.Time) {
		t.Helper()
		aCall(t, s, household, at, screening.Number("+442079460001"), "talked")
	}
	expire := func() int {
		t.Helper()
		before := begun()
		must(t, s.expire(ctx, now.AddDate(0, 0, -90), now))
		return begun() - before
	}
	call("home", now)
	one := expire()
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprint("home", i))
	}
	must(t, s.EnsureHouseholds(ctx, many))
	for _, h := range many {
		call(h, now.AddDate(0, 0, -80))
		must(t, s.AddNotices(ctx, []string{h}, now, NoticeDiskFull, "new"))
	}
	if all := expire(); all != one {
		t.Errorf("%d statements for one household, %d for many", one, all)
	}
	must(t, s.SetOption(ctx, "home7", "keep_days", 30))
	must(t, s.AddNotices(ctx, []string{"home8"}, now.AddDate(0, 0, -91), NoticeDiskFull, "old"))
	if some := expire(); some > one+30 {
		t.Errorf("%d statements for two households with something old, %d with none", some, one)
	}
	for _, h := range []string{"home6", "home7", "home8"} {
		calls, err := s.Calls(ctx, h, 10)
		must(t, err)
		notices, err := s.Notices(ctx, h, 10)
		must(t, err)
		if kept := map[bool]int{true: 0, false: 1}[h == "home7"]; len(calls) != kept || len(notices) != 1 || notices[0].Text != "new" {
			t.Errorf("%s has %d calls and the notices %+v", h, len(calls), notices)
		}
	}
}

// Households that are there stay as they are, and the others are made as one is by itself.
func TestHouseholdsAreMadeTogether(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.SetOption(ctx, "home", "title", "Mum’s"))
	must(t, s.EnsureHousehold(ctx, "alone"))
	must(t, s.EnsureHouseholds(ctx, []string{"home", "together"}))
	must(t, s.EnsureHouseholds(ctx, []string{"together", "home"}))
	home, err := s.About(ctx, "home")
	must(t, err)
	alone, err := s.Household(ctx, "alone")
	must(t, err)
	together, err := s.Household(ctx, "together")
	must(t, err)
	if home.Title != "Mum’s" || fmt.Sprint(alone) != fmt.Sprint(together) {
		t.Errorf("%+v %+v %+v", home, alone, together)
	}
}
