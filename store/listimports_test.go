package store

import (
	"errors"
	"slices"
	"testing"
)

// Contents that are prepared change nothing until they are taken up; then they are in force all at once, and only once.
func TestPreparedList(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	_, err := s.ReplaceList(ctx, "home", "parish", "old.csv", entries("442079460111"))
	must(t, err)
	knows := func(want bool) {
		t.Helper()
		known, err := s.Know(ctx, "home", steve)
		if err != nil || (len(known.Entries) == 1) != want {
			t.Errorf("%+v %v", known.Entries, err)
		}
	}
	id, err := s.PrepareList(ctx, "home", "parish", "new.csv", entries("442079460666", "44207946000*"))
	must(t, err)
	knows(false)
	p, err := s.PreparedList(ctx, "home", id)
	if err != nil || p.Name != "parish" || p.Entries != 2 || !slices.Equal(p.Contacts, []string{"Joan"}) || p.Replaces == nil || p.Replaces.Entries != 1 {
		t.Errorf("%+v %v", p, err)
	}
	for name, another := range map[string]func() error{
		"another household looks":    func() error { _, err := s.PreparedList(ctx, "other", id); return err },
		"another household takes it": func() error { return s.AcceptList(ctx, "other", id, "") },
		"another household drops it": func() error { return s.DropList(ctx, "other", id) },
		"one that is none":           func() error { return s.AcceptList(ctx, "home", 4711, "") },
	} {
		if err := another(); !errors.Is(err, ErrNoPrepared) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, s.AcceptList(ctx, "home", id, "new.csv"))
	knows(true)
	if err := s.AcceptList(ctx, "home", id, ""); !errors.Is(err, ErrNoPrepared) {
		t.Errorf("twice: %v", err)
	}
	if err := s.DropList(ctx, "home", id); !errors.Is(err, ErrNoPrepared) {
		t.Errorf("dropped though it is in force: %v", err)
	}
	knows(true)
	if lists, err := s.Lists(ctx, "home"); err != nil || len(lists) != 1 || lists[0].Entries != 2 || lists[0].Source != "new.csv" {
		t.Errorf("%+v %v", lists, err)
	}
	// A new list that is not taken up leaves nothing.
	id, err = s.PrepareList(ctx, "home", "county", "county.csv", entries("442079460222"))
	must(t, err)
	if p, err := s.PreparedList(ctx, "home", id); err != nil || p.Replaces != nil || p.Contacts != nil {
		t.Errorf("%+v %v", p, err)
	}
	must(t, s.DropList(ctx, "home", id))
	boom := errors.New("the file ends in the middle")
	if _, err := s.PrepareList(ctx, "home", "county", "", func(yield func(Entry, error) bool) { yield(Entry{}, boom) }); !errors.Is(err, boom) {
		t.Error(err)
	}
	var left int
	must(t, s.read.QueryRow("SELECT (SELECT count(*) FROM lists) + (SELECT count(*) FROM list_versions) + (SELECT count(*) FROM list_entries)").Scan(&left))
	if left != 4 { // the parish's: itself, its version and two entries
		t.Errorf("%d rows are left", left)
	}
}
