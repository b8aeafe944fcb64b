package store

import (
	"errors"
	"testing"
	"time"
)

func TestWhoIsAsked(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	aSubscription(t, s, nil)
	aBlocklist(t, s)
	if who, err := s.WhoIsAsked(ctx, "home"); !errors.Is(err, ErrNoSubscription) {
		t.Errorf("it is asked although nobody has chosen so: %+v %v", who, err)
	}
	must(t, s.AskOfCallers(ctx, "home", "PhoneBlock", true))
	if who, err := s.WhoIsAsked(ctx, "home"); err != nil || who != (Inquired{"https://phoneblock.example/", "the key"}) {
		t.Errorf("%+v %v", who, err)
	}
	if sub, err := s.Subscription(ctx, "home", "PhoneBlock"); err != nil || !sub.Asks {
		t.Errorf("%+v %v", sub, err)
	}
	must(t, s.EnsureHousehold(ctx, "other"))
	if _, err := s.WhoIsAsked(ctx, "other"); !errors.Is(err, ErrNoSubscription) {
		t.Error(err)
	}
	for _, list := range []string{"parish", "no such"} {
		if err := s.AskOfCallers(ctx, "home", list, true); !errors.Is(err, ErrNoSubscription) {
			t.Errorf("%s: %v", list, err)
		}
	}
	if _, err := s.WhoIsAsked(ctx, "home"); err != nil {
		t.Errorf("what has failed has changed something: %v", err)
	}
	// There is one at most.
	must(t, s.SubscribeBlocklist(ctx, Subscription{Household: "home", List: "second", URL: "https://second.example/", Period: time.Hour, Begun: newYear, Next: newYear}, "x"))
	must(t, s.AskOfCallers(ctx, "home", "second", true))
	if who, err := s.WhoIsAsked(ctx, "home"); err != nil || who.Server != "https://second.example/" {
		t.Errorf("%+v %v", who, err)
	}
	must(t, s.AskOfCallers(ctx, "home", "second", false))
	if _, err := s.WhoIsAsked(ctx, "home"); !errors.Is(err, ErrNoSubscription) {
		t.Error(err)
	}
}

// A number is asked of once a day, and of so many numbers a day; a restart forgets neither, and a day both.
func TestInquiries(t *testing.T) {
	s, path := open(t)
	ctx, now := t.Context(), time.Now().Truncate(time.Second)
	begin := func(mark string, at time.Time) (Inquiry, bool) {
		t.Helper()
		before, isNew, err := s.BeginInquiry(ctx, "home", []byte(mark), at, 2)
		must(t, err)
		return before, isNew
	}
	if _, isNew := begin("one", now); !isNew {
		t.Error("it was asked")
	}
	if before, isNew := begin("one", now); isNew || before != (Inquiry{}) {
		t.Errorf("%+v %v", before, isNew)
	}
	must(t, s.EndInquiry(ctx, "home", []byte("one"), Inquiry{"4 votes", true}))
	again, err := Open(ctx, path)
	must(t, err)
	must(t, s.Close())
	*s = *again // which open closes
	if before, isNew := begin("one", now.Add(23*time.Hour)); isNew || before != (Inquiry{"4 votes", true}) {
		t.Errorf("%+v %v", before, isNew)
	}
	begin("two", now.Add(time.Hour))
	if _, isNew, err := s.BeginInquiry(ctx, "home", []byte("three"), now.Add(2*time.Hour), 2); isNew || !errors.Is(err, ErrAskedEnough) {
		t.Errorf("%v %v", isNew, err)
	}
	must(t, s.EnsureHousehold(ctx, "other"))
	if _, isNew, err := s.BeginInquiry(ctx, "other", []byte("one"), now.Add(2*time.Hour), 2); !isNew || err != nil {
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
	must(t, s.expire(ctx, now, now.Add(25*time.Hour)))
	var left int
	must(t, s.read.QueryRow("SELECT count(*) FROM inquiries").Scan(&left))
	if left != 0 {
		t.Errorf("%d are left", left)
	}
}
