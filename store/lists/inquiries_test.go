package lists_test

import (
	"errors"
	"testing"
	"time"

	"ringfence/store/lists"
)

func TestWhoIsAsked(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	aSubscription(t, s, nil)
	aBlocklist(t, s)
	if who, err := s.Lists.WhoIsAsked(ctx, "home"); !errors.Is(err, lists.ErrNoSubscription) {
		t.Errorf("it is asked although nobody has chosen so: %+v %v", who, err)
	}
	must(t, s.Lists.AskOfCallers(ctx, "home", "PhoneBlock", true))
	if who, err := s.Lists.WhoIsAsked(ctx, "home"); err != nil || who != (lists.Inquired{"https://phoneblock.example/", "the key"}) {
		t.Errorf("%+v %v", who, err)
	}
	if sub, err := s.Lists.Subscription(ctx, "home", "PhoneBlock"); err != nil || !sub.Asks {
		t.Errorf("%+v %v", sub, err)
	}
	must(t, s.EnsureHousehold(ctx, "other"))
	if _, err := s.Lists.WhoIsAsked(ctx, "other"); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
	for _, list := range []string{"parish", "no such"} {
		if err := s.Lists.AskOfCallers(ctx, "home", list, true); !errors.Is(err, lists.ErrNoSubscription) {
			t.Errorf("%s: %v", list, err)
		}
	}
	if _, err := s.Lists.WhoIsAsked(ctx, "home"); err != nil {
		t.Errorf("what has failed has changed something: %v", err)
	}
	// There is one at most.
	must(t, s.Lists.SubscribeBlocklist(ctx, lists.Subscription{Household: "home", List: "second", URL: "https://second.example/", Period: time.Hour, Begun: newYear, Next: newYear}, "x"))
	must(t, s.Lists.AskOfCallers(ctx, "home", "second", true))
	if who, err := s.Lists.WhoIsAsked(ctx, "home"); err != nil || who.Server != "https://second.example/" {
		t.Errorf("%+v %v", who, err)
	}
	must(t, s.Lists.AskOfCallers(ctx, "home", "second", false))
	if _, err := s.Lists.WhoIsAsked(ctx, "home"); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
}

// A number is asked of once a day, and of so many numbers a day; a restart forgets neither, and a day both.
func TestInquiries(t *testing.T) {
	s, path := open(t)
	ctx, now := t.Context(), time.Now().Truncate(time.Second)
	begin := func(mark string, at time.Time) (lists.Inquiry, bool) {
		t.Helper()
		before, isNew, err := s.Lists.BeginInquiry(ctx, "home", []byte(mark), at, 2)
		must(t, err)
		return before, isNew
	}
	if _, isNew := begin("one", now); !isNew {
		t.Error("it was asked")
	}
	if before, isNew := begin("one", now); isNew || before != (lists.Inquiry{}) {
		t.Errorf("%+v %v", before, isNew)
	}
	must(t, s.Lists.EndInquiry(ctx, "home", []byte("one"), lists.Inquiry{"4 votes", true}))
	must(t, s.Close())
	s.Store = openStore(t, path)
	if before, isNew := begin("one", now.Add(23*time.Hour)); isNew || before != (lists.Inquiry{"4 votes", true}) {
		t.Errorf("%+v %v", before, isNew)
	}
	begin("two", now.Add(time.Hour))
	if _, isNew, err := s.Lists.BeginInquiry(ctx, "home", []byte("three"), now.Add(2*time.Hour), 2); isNew || !errors.Is(err, lists.ErrAskedEnough) {
		t.Errorf("%v %v", isNew, err)
	}
	must(t, s.EnsureHousehold(ctx, "other"))
	if _, isNew, err := s.Lists.BeginInquiry(ctx, "other", []byte("one"), now.Add(2*time.Hour), 2); !isNew || err != nil {
		t.Errorf("another household's: %v %v", isNew, err)
	}
	if _, isNew := begin("three", now.Add(24*time.Hour)); !isNew {
		t.Error("after a day there is no room")
	}
	if _, isNew := begin("one", now.Add(25*time.Hour)); !isNew {
		t.Error("after a day it is still known")
	}
	if _, isNew := begin("one", now); !isNew {
		t.Error("a clock that was wrong")
	}
	must(t, s.Lists.ForgetInquiries(ctx, now.Add(25*time.Hour)))
	var left int
	must(t, s.raw.QueryRow("SELECT count(*) FROM inquiries").Scan(&left))
	if left != 0 {
		t.Errorf("%d are left", left)
	}
}
