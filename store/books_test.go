package store

import (
	"errors"
	"testing"
	"time"

	"ringfence/store/columns"
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
	if _, err := s.MakeBook(ctx, Book{Household: "nobody", Most: 1}); !errors.Is(err, columns.ErrNoHousehold) {
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
