package store

import (
	"errors"
	"testing"
	"time"
)

func TestBook(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Unix(1_800_000_000, 0)
	if _, err := s.BookOf(ctx, "home"); !errors.Is(err, ErrNoBook) {
		t.Error(err)
	}
	first, err := s.MakeBook(ctx, Book{Household: "home", Most: UsualBook, Made: now, By: "Anna"})
	must(t, err)
	second, err := s.MakeBook(ctx, Book{Household: "home", Most: 5, Made: now, By: "Anna"})
	must(t, err)
	for _, wrong := range []struct{ household, password string }{{"home", first}, {"other", second}, {"home", ""}, {"", second}, {"nobody", second}} {
		if _, err := s.OpenBook(ctx, wrong.household, wrong.password, now); !errors.Is(err, ErrNoBook) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	b, err := s.OpenBook(ctx, "home", second, now)
	if err != nil || b.Most != 5 || b.By != "Anna" || !b.Made.Equal(now) || !b.Used.IsZero() {
		t.Errorf("%+v %v", b, err)
	}
	if b, err := s.BookOf(ctx, "home"); err != nil || !b.Used.Equal(now) {
		t.Errorf("%+v %v", b, err)
	}
	for _, most := range []int{0, -1, MostBook + 1} {
		if _, err := s.MakeBook(ctx, Book{Household: "home", Most: most}); err == nil {
			t.Errorf("a book of %d is made", most)
		}
	}
	if _, err := s.MakeBook(ctx, Book{Household: "nobody", Most: 1}); !errors.Is(err, ErrNoHousehold) {
		t.Error(err)
	}
	for _, there := range []bool{true, false} {
		if was, err := s.WithdrawBook(ctx, "home"); err != nil || was != there {
			t.Error(was, err)
		}
	}
	if _, err := s.OpenBook(ctx, "home", second, now); !errors.Is(err, ErrNoBook) {
		t.Error(err)
	}
}

// Only what is turned away is among the surest numbers, once, as the list says that is surest; and no contact.
func TestSurestNumbers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Unix(1_800_000_000, 0)
	today := int32(now.Unix() / day)
	put := func(household, list string, all ...Entry) {
		t.Helper()
		_, err := s.ReplaceList(ctx, household, list, "", func(yield func(Entry, error) bool) {
			for _, e := range all {
				if !yield(e, nil) {
					return
				}
			}
		})
		must(t, err)
	}
	mark := func() string {
		t.Helper()
		m, err := s.ListsMark(ctx, "home")
		must(t, err)
		return m
	}
	before := mark()
	put("home", "parish", Entry{Digits: "442079460011", Confidence: 0.6, Note: "parish"}, Entry{Digits: "442079460002", Confidence: 0.49},
		Entry{Digits: "442079460003", Confidence: 0.8, Expires: today}, Entry{Digits: "442079460004", Confidence: 0.8, Expires: today + 1},
		Entry{Digits: "44207946", Prefix: true, Confidence: 1}, Entry{Digits: string(joan)[1:], Confidence: 1}, Entry{Digits: "442079460005", Confidence: 0.8, Last: today})
	if mark() == before {
		t.Error("the mark stays, though a list has come")
	}
	put("home", "county", Entry{Digits: "442079460011", Confidence: 0.9, Note: "county"})
	put("other", "theirs", Entry{Digits: "442079460009", Confidence: 1})
	before = mark()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	if mark() == before {
		t.Error("the mark stays, though a contact has come")
	}
	// One that may only warn, and one that is past its time.
	for name, sub := range map[string]Subscription{"unsigned": {OnlyWarns: true}, "past": {Key: "RW"}} {
		sub.Household, sub.List, sub.URL, sub.Period, sub.Begun, sub.Next = "home", name, "https://example.org/"+name, time.Hour, now, now
		must(t, s.Subscribe(ctx, sub))
		sub, err := s.Subscription(ctx, "home", name)
		must(t, err)
		_, err = s.TakeUpList(ctx, ListUpdate{Sub: sub, State: ListState{Serial: 1, Made: now, ValidUntil: now}, At: now, Next: now}, entries("442079460077"))
		must(t, err)
	}
	all, err := s.SurestNumbers(ctx, "home", 0.5, now, 10)
	if err != nil || digitsAll(all) != "442079460011 442079460005 442079460004" || all[0].Note != "county" {
		t.Errorf("%+v %v", all, err)
	}
	if all, err := s.SurestNumbers(ctx, "home", 0.5, now, 2); err != nil || digitsAll(all) != "442079460011 442079460005" {
		t.Errorf("%+v %v", all, err)
	}
}
