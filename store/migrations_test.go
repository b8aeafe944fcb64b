package store

import (
	"io/fs"
	"reflect"
	"testing"

	"github.com/pressly/goose/v3"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// A database of the first version keeps what is in it, goes back to that version, and comes forward again.
func TestMigrationsGoBothWays(t *testing.T) {
	s, path := open(t)
	choose(t, s, allChosen())
	must(t, s.SetWeek(t.Context(), "home", []screening.Span{night}))
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666", "442079460667", "44909*"))
	must(t, err)
	must(t, s.Close())

	db, err := sqlite.Writer(path)
	must(t, err)
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.DB, files)
	must(t, err)
	_, err = provider.DownTo(t.Context(), 1)
	must(t, err)
	var left int
	must(t, db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name IN ('schedule_spans', 'calls_by_number')").Scan(&left))
	if left != 0 {
		t.Error("the way back leaves something")
	}
	must(t, db.Close())

	again, err := Open(t.Context(), path)
	must(t, err)
	*s = *again // which open closes
	want := screening.Household{Mode: screening.KnownOnly, Threshold: 0.7, Emergency: allChosen().Emergency, Policy: allChosen().Policy, ScamWords: screening.ScamWarn, DisplayWords: true}
	if got, err := s.Household(t.Context(), "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if _, known, err := s.Situation(t.Context(), "home", joan); err != nil || known.Contact == nil {
		t.Errorf("%+v %v", known, err)
	}
	for number, prefix := range map[screening.Number]bool{steve: false, "+449098790123": true} {
		if _, known, err := s.Situation(t.Context(), "home", number); err != nil || len(known.Entries) != 1 || known.Entries[0].Prefix != prefix {
			t.Errorf("%s: %+v %v", number, known.Entries, err)
		}
	}
}
