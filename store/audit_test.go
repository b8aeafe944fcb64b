package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/store/sqlite"
)

func TestChanges(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna := aPerson(t, s, "Anna", RoleOwner)
	for _, c := range []AuditLine{
		{
			Household: "home", At: now, Person: anna.ID, By: "Anna", Way: WayPage, What: "contact-added", Text: "Joan always rings.",
			Before: "screened", After: "rings", Undo: `{"what":"contact-added"}`,
		},
		{Household: "other", At: now, By: ByCommand, What: "mode", Text: "The mode is known-only."},
		{At: now, By: ByCommand, What: "person-added", Text: "Ben has an account."},
		{Household: "home", At: now, By: ByTelephone, What: "block-added", Text: strings.Repeat("long ", 1000)},
	} {
		must(t, s.AddAuditLine(ctx, &c))
	}
	all, err := s.AuditLog(ctx, "home", 0, 10)
	want := AuditLine{
		ID: 1, Household: "home", At: now, Person: anna.ID, By: "Anna", Way: WayPage, What: "contact-added", Text: "Joan always rings.",
		Before: "screened", After: "rings", Undo: `{"what":"contact-added"}`,
	}
	if err != nil || len(all) != 2 || all[1] != want || all[0].By != ByTelephone || all[0].Person != 0 || len(all[0].Text) > 1000 {
		t.Errorf("%+v %v", all, err)
	}
	if older, err := s.AuditLog(ctx, "home", all[0].ID, 10); err != nil || len(older) != 1 || older[0] != want {
		t.Errorf("%+v %v", older, err)
	}
	if one, err := s.AuditLog(ctx, "home", 0, 1); err != nil || len(one) != 1 || one[0].ID != all[0].ID {
		t.Errorf("%+v %v", one, err)
	}
	if machine, err := s.AuditLog(ctx, "", 0, 10); err != nil || len(machine) != 1 || machine[0].What != "person-added" {
		t.Errorf("%+v %v", machine, err)
	}
	if nothing, err := s.AuditLog(ctx, "nowhere", 0, 10); err != nil || len(nothing) != 0 {
		t.Errorf("%+v %v", nothing, err)
	}
	for _, bad := range []AuditLine{{Household: "home"}, {Household: "nowhere", By: "Anna", What: "x", Text: "x"}} {
		if err := s.AddAuditLine(ctx, &bad); err == nil {
			t.Errorf("%+v", bad)
		}
	}
	// Who is gone stands there as they were called.
	must(t, s.SetMembership(ctx, "home", aPerson(t, s, "Ben", "").ID, RoleOwner, true))
	must(t, s.RemovePerson(ctx, anna.ID))
	if all, err := s.AuditLog(ctx, "home", 0, 10); err != nil || len(all) != 2 || all[1] != want {
		t.Errorf("%+v %v", all, err)
	}
}

// Nothing that the database can be told edits the log; it goes with its household alone.
func TestTheLogOfChangesCannotBeEdited(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for _, household := range []string{"home", "other", ""} {
		must(t, s.AddAuditLine(ctx, &AuditLine{Household: household, At: time.Now(), By: "Anna", What: "mode", Text: "as it was"}))
	}
	for _, statement := range []string{
		"UPDATE changes SET text = 'never was'",
		"UPDATE changes SET undo = '', text = 'never was'",
		"UPDATE changes SET undo = '', text = '" + ErasedText + "', was = 'never'",
		"UPDATE changes SET undo = '', text = '" + ErasedText + "', person = 'nobody'",
		"UPDATE changes SET undo = '', text = '" + ErasedText + "', what = 'never'",
		"UPDATE changes SET undo = '{}'",
		"UPDATE changes SET household_id = NULL WHERE id = 1",
		"UPDATE OR REPLACE changes SET id = 2 WHERE id = 1",
		"DELETE FROM changes",
		"DELETE FROM changes WHERE household_id IS NULL",
		"REPLACE INTO changes SELECT id, household_id, at, person_id, person, what, 'never was', way, was, is_now, undo, undoes FROM changes",
		"INSERT INTO changes SELECT id, household_id, at, person_id, person, what, 'x', way, was, is_now, undo, undoes FROM changes WHERE true ON CONFLICT DO UPDATE SET text = 'never was'",
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

// A line is undone by the line that says so, once, and in its own household alone.
func TestAuditLineThatIsUndone(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	line := AuditLine{Household: "home", At: time.Now(), By: ByCommand, What: "block-added", Text: "Blocked.", Undo: "{}"}
	must(t, s.AddAuditLine(ctx, &line))
	look := func(household string, wantUndone, wantOK bool) {
		t.Helper()
		l, ok, err := s.AuditLineByID(ctx, household, line.ID)
		if err != nil || l.Undone != wantUndone || ok != wantOK || ok && l.Text != "Blocked." {
			t.Errorf("%+v, there %v, %v", l, ok, err)
		}
	}
	look("home", false, true)
	look("other", false, false)
	must(t, s.AddAuditLine(ctx, &AuditLine{Household: "home", At: time.Now(), By: ByCommand, What: "undone", Text: "Undone.", Undoes: line.ID}))
	look("home", true, true)
}

// What undoes something may be a pass code that was taken away. It is forgotten, and the line stays.
func TestHowSomethingIsUndoneIsForgotten(t *testing.T) {
	s, _ := open(t)
	ctx, now := t.Context(), time.Now()
	for _, age := range []time.Duration{UndoAge - time.Hour, UndoAge + time.Hour} {
		must(t, s.AddAuditLine(ctx, &AuditLine{Household: "home", At: now.Add(-age), By: ByCommand, What: "contact-removed", Text: "Joan.", Undo: "{}"}))
	}
	must(t, s.expire(ctx, now.AddDate(-1, 0, 0), now))
	all, err := s.AuditLog(ctx, "home", 0, 10)
	if err != nil || len(all) != 2 || all[0].Undo != "" || all[1].Undo != "{}" || all[0].Text != "Joan." {
		t.Errorf("%+v %v", all, err)
	}
}

// Together writes all or nothing, and a part of it that fails takes nothing else with it.
func TestTogether(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sad := errors.New("sad")
	line := func(text string) *AuditLine {
		return &AuditLine{Household: "home", At: time.Now(), By: ByCommand, What: "x", Text: text}
	}
	err := s.Together(ctx, func(ctx context.Context) error {
		must(t, s.SetOption(ctx, "home", "title", "Nobody's"))
		must(t, s.AddAuditLine(ctx, line("first")))
		return sad
	})
	if !errors.Is(err, sad) {
		t.Error(err)
	}
	if about, err := s.About(ctx, "home"); err != nil || about.Title != "" {
		t.Errorf("a half was written: %+v %v", about, err)
	}
	must(t, s.Together(ctx, func(ctx context.Context) error {
		must(t, s.SetOption(ctx, "home", "title", "Mum's"))
		titles := 0 // by rows, too, the transaction sees what it has written
		must(t, sqlite.Each(ctx, s.write, func(func(...any) error) error {
			titles++
			return nil
		}, "SELECT title FROM households WHERE title = 'Mum''s'"))
		if titles != 1 {
			t.Errorf("%d households have the title that was just set", titles)
		}
		part := s.write.Do(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE households SET title = 'Nobody''s'")
			return errors.Join(err, sad)
		})
		if !errors.Is(part, sad) {
			t.Error(part)
		}
		return s.AddAuditLine(ctx, line("second"))
	}))
	about, err := s.About(ctx, "home")
	must(t, err)
	all, err := s.AuditLog(ctx, "home", 0, 10)
	if err != nil || about.Title != "Mum's" || len(all) != 1 || all[0].Text != "second" {
		t.Errorf("%+v %+v %v", about, all, err)
	}
}
