package lists_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/lists"
)

// setAside removes the list parish, for a month.
func setAside(t *testing.T, s *house) lists.Removed {
	t.Helper()
	r, removed, err := s.Lists.SetAside(t.Context(), "home", "parish", time.Now().AddDate(0, 0, 30))
	if must(t, err); !removed {
		t.Fatal("there was nothing to remove")
	}
	must(t, s.Lists.Clean(t.Context()))
	return r
}

func (h *house) lists(t *testing.T, number screening.Number) int {
	t.Helper()
	_, known, err := h.Situation(t.Context(), "home", number)
	must(t, err)
	return len(known.Entries)
}

// A list that is set aside is on no list, and is as it was once it is restored: also in the middle of an update.
func TestAListIsSetAsideAndRestored(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666", "442079460667")
	_, err := s.Lists.Overrule(ctx, updateOf(sub, 2), changes("-442079460666", "+442079460668"))
	must(t, err)
	must(t, s.Lists.OnFailed(ctx, sub.Source, "There is no network.", newYear))
	sub, err = s.Lists.Subscription(ctx, "home", "parish")
	must(t, err)
	r := setAside(t, s)
	all, err := s.Lists.All(ctx, "home")
	if must(t, err); len(all) != 0 || s.lists(t, "+442079460667") != 0 {
		t.Errorf("it is still in force: %+v", all)
	}
	if _, err := s.Lists.NextSubscription(ctx); !errors.Is(err, lists.ErrNoSubscription) {
		t.Errorf("it is still subscribed to: %v", err)
	}
	must(t, s.Lists.FinishUpdates(ctx))
	must(t, s.Lists.Restore(ctx, "home", r))
	for range 2 {
		for number, want := range map[screening.Number]int{steve: 0, "+442079460667": 1, "+442079460668": 1} {
			if n := s.lists(t, number); n != want {
				t.Errorf("%s is on %d lists, not %d", number, n, want)
			}
		}
		must(t, s.Lists.FinishUpdates(ctx))
	}
	if again, err := s.Lists.Subscription(ctx, "home", "parish"); err != nil || again != sub {
		t.Errorf("it is\n%+v, not\n%+v: %v", again, sub, err)
	}
	if err := s.Lists.Restore(ctx, "home", r); !errors.Is(err, lists.ErrSubscribedTwice) {
		t.Errorf("restored twice: %v", err)
	}
}

// Of a name, one list is kept, and not for longer than was said; another list can have the name meanwhile.
func TestWhatIsSetAsideGoes(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	bring := func(digits ...string) {
		t.Helper()
		_, err := s.Lists.Replace(ctx, "home", "parish", "parish.csv", entries(digits...))
		must(t, err)
	}
	bring("442079460666")
	first := setAside(t, s)
	bring("442079460667", "442079460668")
	if err := s.Lists.Restore(ctx, "home", first); !errors.Is(err, lists.ErrNameTaken) {
		t.Errorf("two of a name: %v", err)
	}
	second := setAside(t, s)
	if n := s.rows(t); n != 2 {
		t.Errorf("%d numbers are kept", n)
	}
	if err := s.Together(ctx, func(ctx context.Context) error { return s.Lists.Restore(ctx, "home", first) }); !errors.Is(err, lists.ErrNoPrepared) {
		t.Errorf("the earlier one: %v", err)
	}
	must(t, s.Lists.Restore(ctx, "home", second))
	if all, err := s.Lists.All(ctx, "home"); err != nil || len(all) != 1 || all[0].Source != "parish.csv" || all[0].Entries != 2 || s.lists(t, "+442079460667") != 1 {
		t.Errorf("%+v %v", all, err)
	}
	second = setAside(t, s)
	_, err := s.raw.ExecContext(ctx, "UPDATE list_versions SET touched_at = touched_at - ?", int64(32*24*time.Hour/time.Second))
	must(t, err)
	must(t, s.Lists.Clean(ctx))
	if n := s.rows(t) + s.count(t, "SELECT count(*) FROM lists"); n != 0 {
		t.Errorf("%d are left after a month", n)
	}
	if err := s.Lists.Restore(ctx, "home", second); !errors.Is(err, lists.ErrNoPrepared) {
		t.Errorf("after a month: %v", err)
	}
}

// A list without a number, or that never came, can be restored, too, and keeps its name from nobody.
func TestAnEmptyListIsSetAside(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for what, digits := range map[string][]string{"never came": nil, "is empty": {}} {
		sub := aSubscription(t, s, nil)
		if digits != nil {
			sub = filled(t, s, sub)
		}
		r := setAside(t, s)
		if r.Version == 0 != (digits == nil) {
			t.Errorf("%s: %+v", what, r)
		}
		failed := errors.New("only tried")
		err := s.Together(ctx, func(ctx context.Context) error {
			other := lists.Subscription{Household: "home", List: "parish", URL: "https://county.example/list/", Period: time.Hour}
			return errors.Join(s.Lists.Subscribe(ctx, other), failed)
		})
		if !errors.Is(err, failed) || errors.Is(err, lists.ErrNameTaken) {
			t.Errorf("%s: %v", what, err)
		}
		must(t, s.Lists.Restore(ctx, "home", r))
		again, err := s.Lists.Subscription(ctx, "home", "parish")
		again.ID, again.Source = sub.ID, sub.Source
		if err != nil || again != sub {
			t.Errorf("%s: it is\n%+v, not\n%+v: %v", what, again, sub, err)
		}
		if removed, err := s.Lists.Remove(ctx, "home", "parish"); err != nil || !removed {
			t.Error(removed, err)
		}
	}
}
