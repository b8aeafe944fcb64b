package store

import (
	"errors"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// Long: one story, each step of which rests on those before it.
func TestReports(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	reports := func(want ...Report) {
		t.Helper()
		got, err := s.Reports(ctx, "home")
		must(t, err)
		if len(got) != len(want) {
			t.Fatalf("%+v", got)
		}
		for i, r := range got {
			if r.Number != want[i].Number || r.Category != want[i].Category || r.By != want[i].By || time.Since(r.At) > time.Minute {
				t.Errorf("%+v, want %+v", r, want[i])
			}
		}
	}
	must(t, s.ReportNumber(ctx, "home", steve, CategoryOther, ByTelephone))
	must(t, s.ReportNumber(ctx, "home", steve, "tech-support", "Susan")) // who knows better
	reports(Report{Number: steve, Category: "tech-support", By: ByTelephone})
	must(t, s.ReportNumber(ctx, "home", steve, CategoryOther, ByTelephone)) // who does not
	reports(Report{Number: steve, Category: "tech-support", By: ByTelephone})
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || time.Since(known.Reported) > time.Minute {
		t.Errorf("%+v %v", known, err)
	}
	if _, known, err := s.Situation(ctx, "other", steve); err != nil || !known.Reported.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
	if withdrawn, err := s.WithdrawReport(ctx, "other", steve); withdrawn || err != nil {
		t.Error(withdrawn, err)
	}
	if withdrawn, err := s.WithdrawReport(ctx, "home", steve); !withdrawn || err != nil {
		t.Error(withdrawn, err)
	}
	if withdrawn, err := s.WithdrawReport(ctx, "home", steve); withdrawn || err != nil {
		t.Error("twice", withdrawn, err)
	}
	reports()
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || !known.Reported.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
	must(t, s.ReportNumber(ctx, "home", steve, "bank", "Susan"))
	reports(Report{Number: steve, Category: "bank", By: "Susan"})
	must(t, s.AddContact(ctx, "home", "Steve", steve)) // it was no scam
	reports()
	for _, n := range []screening.Number{steve, ""} {
		if err := s.ReportNumber(ctx, "home", n, "bank", "Susan"); err == nil {
			t.Errorf("%q was reported", n)
		}
	}
	if err := s.ReportNumber(ctx, "home", steve, "bank", ""); !errors.Is(err, ErrContact) {
		t.Error(err)
	}
	if err := s.ReportNumber(ctx, "home", joan, "rude", ""); err == nil {
		t.Error("there is no such category")
	}
	reports()
	must(t, s.ReportNumber(ctx, "home", joan, "bank", ""))
	_, err := s.write.Exec(`INSERT INTO contact_numbers (household_id, number, contact_id)
		SELECT household_id, ?, contact_id FROM contact_numbers WHERE number = ?`, joan.Key(), steve.Key()) // as an import does it
	must(t, err)
	reports()
}

// A database that cannot say whether a number is a contact's has not said that it is one.
func TestReportNumberFails(t *testing.T) {
	s, _ := open(t)
	must(t, sqlite.Exec(t.Context(), s.write, "DROP TABLE contact_numbers"))
	if err := s.ReportNumber(t.Context(), "home", steve, "bank", "Susan"); err == nil || errors.Is(err, ErrContact) {
		t.Error(err)
	}
}
