package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// What a verdict goes by is in a trial as it is in the household, of the numbers that were asked for.
func TestATrialKnowsWhatTheHouseholdKnows(t *testing.T) {
	s, _ := open(t)
	choose(t, s, allChosen())
	must(t, s.SetWeek(t.Context(), "home", []screening.Span{night}))
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	must(t, s.AddBlock(t.Context(), "home", screening.Block{Digits: "44909", Prefix: true, Note: "dear"}, "Anna"))
	must(t, s.ReportNumber(t.Context(), "home", steve, "tech-support", "Anna"))
	must(t, s.NumberDialled(t.Context(), "home", joan, time.Unix(1_790_000_000, 0)))
	must(t, s.EmergencyDialled(t.Context(), "home", time.Unix(1_790_000_500, 0), "999"))
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666", "442079460667", "44909*"))
	must(t, err)
	_, err = s.Lists.Replace(t.Context(), "other", "parish", "", entries("442079460123"))
	must(t, err)
	numbers := []screening.Number{joan, steve, "+449098790123", "+442079460123", "101", ""}
	must(t, s.Trial(t.Context(), "home", numbers, func(trial *Store) error {
		for _, n := range numbers {
			house, known, err := s.Situation(t.Context(), "home", n)
			must(t, err)
			there, knows, err := trial.Situation(t.Context(), "home", n)
			must(t, err)
			if !reflect.DeepEqual(house, there) || !reflect.DeepEqual(known, knows) {
				t.Errorf("%q: the trial says %+v %+v, the household %+v %+v", n, there, knows, house, known)
			}
		}
		if _, known, err := trial.Situation(t.Context(), "home", "+442079460667"); err != nil || len(known.Entries) != 0 {
			t.Errorf("a list was copied whole: %+v %v", known, err)
		}
		like, err := trial.LikeNew(t.Context())
		if err != nil || !like {
			t.Errorf("the trial has other tables than a new database: %v", err)
		}
		return nil
	}))
}

// What is changed in a trial stays there, and nothing of it is left on the disk; a household that is being written goes on.
func TestATrialLeavesNothing(t *testing.T) {
	s, _ := open(t)
	folder := ""
	failed := errors.New("as the test wants")
	err := s.Trial(t.Context(), "home", nil, func(trial *Store) error {
		folder = trial.Folder()
		must(t, trial.AddContact(t.Context(), "home", "Joan", joan))
		must(t, s.AddContact(t.Context(), "home", "Steve", steve))
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", folder, err)
	}
	if _, known, err := s.Situation(t.Context(), "home", joan); err != nil || known.Contact != nil {
		t.Errorf("the household knows what was tried: %+v %v", known, err)
	}
	if err := s.Trial(t.Context(), "nobody", nil, func(*Store) error { return nil }); err == nil {
		t.Error("a household that does not exist was tried")
	}
}

// A trial has no passwords, no log and no messages, and every other table of a household.
func TestATrialHasTheTablesOfItsHousehold(t *testing.T) {
	s, _ := open(t)
	all := columnsOf(t, s)
	for _, table := range notInTrials {
		if all[table] == nil {
			t.Errorf("there is no table %s", table)
		}
	}
	for table, names := range all {
		secret := slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "password") || strings.Contains(name, "hash") }) &&
			table != "list_sources" // whose hashes are of files of numbers
		if secret && !slices.Contains(notInTrials, table) {
			t.Errorf("the table %s has a secret: write it into notInTrials", table)
		}
	}
	must(t, s.Trial(t.Context(), "home", nil, func(trial *Store) error {
		var homes int
		must(t, trial.read.QueryRow("SELECT count(*) FROM households").Scan(&homes))
		if homes != 1 {
			t.Errorf("it has %d households", homes)
		}
		if info, err := os.Stat(filepath.Join(trial.Folder(), filepath.Base(s.path))); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others can read it: %v %v", info, err)
		}
		return sqlite.Whole(t.Context(), trial.path)
	}))
}

// BenchmarkTrial is with a list of 200,000 numbers.
func BenchmarkTrial(b *testing.B) {
	s, _ := open(b)
	var digits []string
	for n := range 200_000 {
		digits = append(digits, "44"+strconv.Itoa(2_000_000_000+n))
	}
	_, err := s.Lists.Replace(b.Context(), "home", "large", "", entries(digits...))
	must(b, err)
	for b.Loop() {
		must(b, s.Trial(b.Context(), "home", []screening.Number{joan, steve}, func(*Store) error { return nil }))
	}
}
