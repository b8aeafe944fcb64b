package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
)

// At a machine's first start the service and a command may open the new database at the same moment.
func TestSeveralMakeTheDatabaseAtTheSameTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringfence.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.EnsureHousehold(t.Context(), "home"), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	var homes int
	must(t, s.read.QueryRow("SELECT count(*) FROM households").Scan(&homes))
	if homes != 1 {
		t.Errorf("the household was made %d times", homes)
	}
}

// Two programs see each other's changes, whichever of them has written.
func TestBothOfTwoProgramsWrite(t *testing.T) {
	one, path := open(t)
	two, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, two.Close()) }()
	for i, s := range []*Store{one, two, one, two} {
		number := screening.Number("+44207946000" + string(rune('0'+i)))
		must(t, s.AddContact(t.Context(), "home", string(number), number))
		for name, other := range map[string]*Store{"one": one, "two": two} {
			if _, known, err := other.Situation(t.Context(), "home", number); err != nil || known.Contact == nil {
				t.Errorf("%s does not see %s: %v", name, number, err)
			}
		}
	}
}

func TestADatabaseThatIsRefusedStaysAsItIs(t *testing.T) {
	rubbish := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.WriteFile(rubbish, []byte(strings.Repeat("this is no database. ", 500)), 0o600))

	newer := filepath.Join(t.TempDir(), "ringfence.db")
	s, err := Open(t.Context(), newer)
	must(t, err)
	_, err = s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	must(t, err)
	must(t, s.Close()) // and so all of it is in the one file

	for what, path := range map[string]string{"damaged": rubbish, "newer": newer} {
		before, err := os.ReadFile(path)
		must(t, err)
		_, fault := Open(t.Context(), path)
		if fault == nil || !strings.Contains(fault.Error(), what) || strings.Contains(fault.Error(), "\n") || !strings.Contains(fault.Error(), ": ") {
			t.Errorf("the one that is %s is refused with %q", what, fault)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("the one that is %s was changed (%v)", what, err)
		}
	}
}

func TestAFolderMayHaveAnyName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Mum's data? 100% #1;&=", "ringfence.db")
	s, err := Open(t.Context(), path)
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	must(t, s.Close())
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("the database is not at %s: %v", path, err)
	}
}

func TestAPlaceWhereNoDatabaseCanBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(file, "ringfence.db"), t.TempDir()} {
		if _, err := Open(t.Context(), path); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A household that is made again keeps what it has chosen.
func TestEnsureHouseholdChangesNothing(t *testing.T) {
	s, _ := open(t)
	want := screening.Household{Mode: screening.KnownOnly, Threshold: 0.5, Emergency: time.Hour}
	choose(t, s, want)
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	must(t, s.EnsureHousehold(t.Context(), "home"))
	if got, err := s.Household(t.Context(), "home"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 1 {
		t.Errorf("%+v %v", contacts, err)
	}
}

// Every method that takes a household either says that there is none of that name, or finds nothing of it.
func TestAHouseholdThatIsNotThere(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for method, call := range map[string]func() error{
		"Household":           func() error { _, err := s.Household(ctx, "nobody"); return err },
		"SetOption":           func() error { return s.SetOption(ctx, "nobody", "threshold", 0.5) },
		"Situation":           func() error { _, _, err := s.Situation(ctx, "nobody", joan); return err },
		"Situation of nobody": func() error { _, _, err := s.Situation(ctx, "nobody", ""); return err },
		"AddContact":          func() error { return s.AddContact(ctx, "nobody", "Joan", joan) },
		"RemoveContactNumber": func() error {
			_, err := s.RemoveContactNumber(ctx, "nobody", joan)
			return err
		},
		"AddBlock": func() error { return s.AddBlock(ctx, "nobody", blockOn(steve), "") },
		"ReplaceList": func() error {
			_, err := s.Lists.Replace(ctx, "nobody", "parish", "", entries("442079460666"))
			return err
		},
		"CallArrived": func() error {
			_, err := s.CallArrived(ctx, "nobody", "1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
			return err
		},
		"RestoreBlock": func() error {
			return s.RestoreBlock(ctx, "nobody", Block{Block: screening.Block{Digits: "442079460666"}})
		},
		"ReportNumber":     func() error { return s.ReportNumber(ctx, "nobody", steve, CategoryOther, "") },
		"WithdrawReport":   func() error { _, err := s.WithdrawReport(ctx, "nobody", steve); return err },
		"Kinds":            func() error { _, err := s.Kinds(ctx, "nobody"); return err },
		"EmergencyDialled": func() error { return s.EmergencyDialled(ctx, "nobody", time.Now(), "999") },
	} {
		if err := call(); !errors.Is(err, columns.ErrNoHousehold) || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("%s: %v", method, err)
		}
	}
	var rows int
	must(t, s.read.QueryRow(`SELECT (SELECT count(*) FROM contacts) + (SELECT count(*) FROM blocks) + (SELECT count(*) FROM reports) + (SELECT count(*) FROM lists) +
		(SELECT count(*) FROM list_entries) + (SELECT count(*) FROM calls) + (SELECT count(*) FROM emergencies)`).Scan(&rows))
	if rows != 0 {
		t.Errorf("%d rows were written for nobody", rows)
	}
	if removed, err := s.Lists.Remove(ctx, "nobody", "parish"); removed || err != nil {
		t.Error(removed, err)
	}
}
