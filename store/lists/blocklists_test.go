package lists_test

import (
	"errors"
	"testing"
	"time"

	"ringfence/store/lists"
)

// aBlocklist begins a subscription to PhoneBlock's.
func aBlocklist(t testing.TB, s *house) lists.Subscription {
	t.Helper()
	must(t, s.Lists.SubscribeBlocklist(t.Context(), lists.Subscription{
		Household: "home", List: "PhoneBlock", URL: "https://phoneblock.example/", OnlyWarns: true, Period: 24 * time.Hour, Begun: newYear, Next: newYear,
	}, "the key"))
	sub, err := s.Lists.Subscription(t.Context(), "home", "PhoneBlock")
	must(t, err)
	return sub
}

func TestBlocklists(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	parish, sub := aSubscription(t, s, nil), aBlocklist(t, s)
	if sub.Kind != lists.PhoneBlock || sub.Signed() || parish.Kind != lists.Published {
		t.Errorf("%+v %+v", sub, parish)
	}
	if key, err := s.Lists.BlocklistKey(ctx, sub.ID); key != "the key" || err != nil {
		t.Error(key, err)
	}
	if key, err := s.Lists.BlocklistKey(ctx, parish.ID); key != "" || !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(key, err)
	}
	must(t, s.Lists.OnFailed(ctx, sub.Source, "it is busy", newYear.Add(time.Hour)))
	must(t, s.Lists.SetBlocklistKey(ctx, "home", "PhoneBlock", "another", newYear))
	if key, err := s.Lists.BlocklistKey(ctx, sub.ID); key != "another" || err != nil {
		t.Error(key, err)
	}
	if got, err := s.Lists.Subscription(ctx, "home", "PhoneBlock"); err != nil || got.Failures != 0 || got.Error != "" || !got.Next.Equal(newYear) {
		t.Errorf("%+v %v", got, err)
	}
	for _, name := range []string{"parish", "no such"} {
		if err := s.Lists.SetBlocklistKey(ctx, "home", name, "another", newYear); !errors.Is(err, lists.ErrNoSubscription) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Lists.SubscribeBlocklist(ctx, lists.Subscription{Household: "home", List: "x", URL: "https://x.example/", Period: 1}, ""); err == nil {
		t.Error("without a key")
	}
}

// When a server was asked is known to all who ask, each once, and after the subscription has ended.
func TestClaimFetch(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := aBlocklist(t, s)
	again := func() lists.Subscription {
		t.Helper()
		got, err := s.Lists.Subscription(ctx, "home", "PhoneBlock")
		must(t, err)
		return got
	}
	later := newYear.Add(24 * time.Hour)
	must(t, s.Lists.ClaimFetch(ctx, sub, true, newYear))
	if got := again(); !got.FullAsked.Equal(newYear) || !got.Asked.Equal(newYear) {
		t.Errorf("%+v", got)
	}
	if err := s.Lists.ClaimFetch(ctx, sub, true, later); !errors.Is(err, lists.ErrUpdated) {
		t.Errorf("claimed twice: %v", err)
	}
	second := again()
	must(t, s.Lists.ClaimFetch(ctx, second, false, later))
	if got := again(); !got.FullAsked.Equal(newYear) || !got.Asked.Equal(later) {
		t.Errorf("%+v", got)
	}
	must(t, s.Lists.ReleaseFetch(ctx, second, later))
	if got := again(); !got.FullAsked.Equal(newYear) || !got.Asked.Equal(newYear) {
		t.Errorf("%+v", got)
	}
	must(t, s.Lists.ReleaseFetch(ctx, sub, later)) // of another claim: nothing
	if _, err := s.Lists.Remove(ctx, "home", "PhoneBlock"); err != nil {
		t.Fatal(err)
	}
	aBlocklist(t, s)
	if got := again(); !got.FullAsked.Equal(newYear) || !got.Asked.Equal(newYear) {
		t.Errorf("a new subscription begins anew: %+v", got)
	}
	must(t, s.Lists.SetNext(ctx, "home", "PhoneBlock", later))
	if got := again(); !got.Next.Equal(later) {
		t.Errorf("%+v", got)
	}
}

// An older Ringfence knows no such subscription: what there is of the list stays, as one that was imported.
func TestBlocklistsOnTheWayBack(t *testing.T) {
	s, path := open(t)
	filled(t, s, aBlocklist(t, s), "442079460666")
	aSubscription(t, s, nil)
	s.goBackTo(t, path, 23)
	subs, err := s.Lists.Subscriptions(t.Context(), "home")
	if err != nil || len(subs) != 1 || subs[0].List != "parish" || subs[0].Kind != lists.Published {
		t.Errorf("%+v %v", subs, err)
	}
	all, err := s.Lists.All(t.Context(), "home")
	if err != nil || len(all) != 1 || all[0].Name != "PhoneBlock" || all[0].Entries != 1 {
		t.Errorf("%+v %v", all, err)
	}
}
