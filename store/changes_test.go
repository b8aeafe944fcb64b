package store

import (
	"strings"
	"testing"
	"time"
)

func TestChanges(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna := aPerson(t, s, "Anna", RoleOwner)
	for _, c := range []Change{
		{Household: "home", At: now, Person: anna.ID, By: "Anna", What: "contact-added", Text: "Joan always rings."},
		{Household: "other", At: now, By: ByCommand, What: "mode", Text: "The mode is known-only."},
		{At: now, By: ByCommand, What: "person-added", Text: "Ben has an account."},
		{Household: "home", At: now, By: ByTelephone, What: "block-added", Text: strings.Repeat("long ", 1000)},
	} {
		must(t, s.AddChange(ctx, c))
	}
	all, err := s.Changes(ctx, "home", 0, 10)
	want := Change{1, "home", now, anna.ID, "Anna", "contact-added", "Joan always rings."}
	if err != nil || len(all) != 2 || all[1] != want || all[0].By != ByTelephone || all[0].Person != 0 || len(all[0].Text) > 1000 {
		t.Errorf("%+v %v", all, err)
	}
	if older, err := s.Changes(ctx, "home", all[0].ID, 10); err != nil || len(older) != 1 || older[0] != want {
		t.Errorf("%+v %v", older, err)
	}
	if one, err := s.Changes(ctx, "home", 0, 1); err != nil || len(one) != 1 || one[0].ID != all[0].ID {
		t.Errorf("%+v %v", one, err)
	}
	if machine, err := s.Changes(ctx, "", 0, 10); err != nil || len(machine) != 1 || machine[0].What != "person-added" {
		t.Errorf("%+v %v", machine, err)
	}
	if nothing, err := s.Changes(ctx, "nowhere", 0, 10); err != nil || len(nothing) != 0 {
		t.Errorf("%+v %v", nothing, err)
	}
	for _, bad := range []Change{{Household: "home"}, {Household: "nowhere", By: "Anna", What: "x", Text: "x"}} {
		if err := s.AddChange(ctx, bad); err == nil {
			t.Errorf("%+v", bad)
		}
	}
	// Who is gone stands there as they were called.
	must(t, s.SetMembership(ctx, "home", aPerson(t, s, "Ben", "").ID, RoleOwner, true))
	must(t, s.RemovePerson(ctx, anna.ID))
	if all, err := s.Changes(ctx, "home", 0, 10); err != nil || len(all) != 2 || all[1] != want {
		t.Errorf("%+v %v", all, err)
	}
}

// Nothing that the database can be told edits the log; it goes with its household alone.
func TestTheLogOfChangesCannotBeEdited(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for _, household := range []string{"home", "other", ""} {
		must(t, s.AddChange(ctx, Change{Household: household, At: time.Now(), By: "Anna", What: "mode", Text: "as it was"}))
	}
	for _, statement := range []string{
		"UPDATE changes SET text = 'never was'",
		"UPDATE changes SET household_id = NULL WHERE id = 1",
		"UPDATE OR REPLACE changes SET id = 2 WHERE id = 1",
		"DELETE FROM changes",
		"DELETE FROM changes WHERE household_id IS NULL",
		"REPLACE INTO changes SELECT id, household_id, at, person_id, person, what, 'never was' FROM changes",
		"INSERT INTO changes SELECT id, household_id, at, person_id, person, what, 'x' FROM changes WHERE true ON CONFLICT DO UPDATE SET text = 'never was'",
	} {
		if _, err := s.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	var same int
	must(t, s.read.QueryRow("SELECT count(*) FROM changes WHERE text = 'as it was'").Scan(&same))
	if same != 3 {
		t.Errorf("%d of 3 are as they were", same)
	}
	_, err := s.write.ExecContext(ctx, "DELETE FROM households WHERE name = 'other'")
	must(t, err)
	must(t, s.read.QueryRow("SELECT count(*) FROM changes").Scan(&same))
	if same != 2 {
		t.Errorf("%d are left without one household", same)
	}
}
