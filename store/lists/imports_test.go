package lists_test

import (
	"errors"
	"slices"
	"testing"

	"ringfence/store/lists"
)

// Contents that are prepared change nothing until they are taken up; then they are in force all at once, and only once.
func TestPreparedList(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	_, err := s.Lists.Replace(ctx, "home", "parish", "old.csv", entries("442079460111"))
	must(t, err)
	knows := func(want bool) {
		t.Helper()
		_, known, err := s.Situation(ctx, "home", steve)
		if err != nil || (len(known.Entries) == 1) != want {
			t.Errorf("%+v %v", known.Entries, err)
		}
	}
	id, err := s.Lists.Prepare(ctx, "home", "parish", "new.csv", entries("442079460666", "44207946000*"))
	must(t, err)
	knows(false)
	p, err := s.Lists.Prepared(ctx, "home", id)
	if err != nil || p.Name != "parish" || p.Entries != 2 || !slices.Equal(p.Contacts, []string{"Joan"}) || p.Replaces == nil || p.Replaces.Entries != 1 {
		t.Errorf("%+v %v", p, err)
	}
	for name, another := range map[string]func() error{
		"another household looks":    func() error { _, err := s.Lists.Prepared(ctx, "other", id); return err },
		"another household takes it": func() error { return s.Lists.Accept(ctx, "other", id, "") },
		"another household drops it": func() error { return s.Lists.Drop(ctx, "other", id) },
		"one that is none":           func() error { return s.Lists.Accept(ctx, "home", 4711, "") },
	} {
		if err := another(); !errors.Is(err, lists.ErrNoPrepared) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.Lists.Accept(ctx, "home", id, "new.csv"))
	knows(true)
	if err := s.Lists.Accept(ctx, "home", id, ""); !errors.Is(err, lists.ErrNoPrepared) {
		t.Errorf("twice: %v", err)
	}
	if err := s.Lists.Drop(ctx, "home", id); !errors.Is(err, lists.ErrNoPrepared) {
		t.Errorf("dropped though it is in force: %v", err)
	}
	knows(true)
	if all, err := s.Lists.All(ctx, "home"); err != nil || len(all) != 1 || all[0].Entries != 2 || all[0].Source != "new.csv" {
		t.Errorf("%+v %v", all, err)
	}
	// A new list that is not taken up leaves nothing.
	id, err = s.Lists.Prepare(ctx, "home", "county", "county.csv", entries("442079460222"))
	must(t, err)
	if p, err := s.Lists.Prepared(ctx, "home", id); err != nil || p.Replaces != nil || p.Contacts != nil {
		t.Errorf("%+v %v", p, err)
	}
	must(t, s.Lists.Drop(ctx, "home", id))
	boom := errors.New("the file ends in the middle")
	if _, err := s.Lists.Prepare(ctx, "home", "county", "", func(yield func(lists.Entry, error) bool) { yield(lists.Entry{}, boom) }); !errors.Is(err, boom) {
		t.Error(err)
	}
	var left int
	must(t, s.raw.QueryRow("SELECT (SELECT count(*) FROM lists) + (SELECT count(*) FROM list_versions) + (SELECT count(*) FROM list_entries)").Scan(&left))
	if left != 4 { // the parish's: itself, its version and two entries
		t.Errorf("%d rows are left", left)
	}
}
