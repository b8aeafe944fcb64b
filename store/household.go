package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// About is what a household is called, where its line is, and how long its calls are kept.
type About struct {
	Household string    // its name in ringfence.toml
	Title     string    // what people call it: "Mum's house"; "" for none
	Region    string    // of its line, as chosen by people; "" is that of ringfence.toml
	KeepDays  int       // for how many days calls and recordings are kept; 0 is keep_days of ringfence.toml
	Finished  time.Time // when it was set up in the browser; zero: not yet
	// AlertsAtHome allows alerts to addresses in a home network. Only an owner may choose that.
	AlertsAtHome bool
	// ReportWords puts into the month's report what scam callers said.
	ReportWords bool
	// SmartHome is what the smart home is shown of the household, and SmartHomeKeys lets it change the mode and press keys. Only an owner may choose that.
	SmartHome     SmartHome
	SmartHomeKeys bool
}

// SmartHome is what a smart home is shown. An unknown one, of a newer version, is nothing.
type SmartHome string

// What a smart home is shown.
const (
	SmartHomeOff   SmartHome = "off"
	SmartHomeCalls SmartHome = "calls" // the line, the mode and who rings
	SmartHomeWords SmartHome = "words" // what callers say too
)

// SmartHomeOn says whether a smart home is shown anything.
func (a About) SmartHomeOn() bool {
	return a.SmartHome == SmartHomeCalls || a.SmartHome == SmartHomeWords
}

// Called is what pages call the household.
func (a About) Called() string {
	if a.Title != "" {
		return a.Title
	}
	return a.Household
}

// About returns what a household is called, where its line is, and how long its calls are kept.
func (s *Store) About(ctx context.Context, household string) (About, error) {
	return sqlite.One(ctx, s.read, columns.NoHousehold(household), func(a *About) []any {
		return []any{&a.Household, &a.Title, &a.Region, &a.KeepDays, columns.ScanTime(&a.Finished), &a.AlertsAtHome, &a.ReportWords, &a.SmartHome, &a.SmartHomeKeys}
	}, "SELECT name, title, region, keep_days, finished_at, alerts_at_home, report_words, smart_home, smart_home_keys FROM households WHERE name = ?", household)
}

// SetAlertsAtHome says whether new alerts may go to addresses in a home network. Those that could go there before still can.
func (s *Store) SetAlertsAtHome(ctx context.Context, household string, allowed bool) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		if !allowed {
			err := sqlite.Exec(ctx, tx, `UPDATE notify_channels SET at_home = 1
				WHERE household_id = (SELECT id FROM households WHERE name = ? AND alerts_at_home)`, household)
			if err != nil {
				return err
			}
		}
		return sqlite.Change(ctx, tx, columns.NoHousehold(household), "UPDATE households SET alerts_at_home = ? WHERE name = ?", allowed, household)
	})
}

// FinishSetUp notes that a household has been set up in the browser. The first time counts.
func (s *Store) FinishSetUp(ctx context.Context, household string, at time.Time) error {
	return s.change(ctx, household, "UPDATE households SET finished_at = iif(finished_at = 0, ?, finished_at) WHERE name = ?", at.Unix())
}

// Household returns what a household has chosen, without Region, Number and the zone, which are in ringfence.toml.
func (s *Store) Household(ctx context.Context, household string) (screening.Household, error) {
	house, _, err := s.Situation(ctx, household, "")
	return house, err
}

// DialGuards are the households that want to be warned of numbers that they dial.
func (s *Store) DialGuards(ctx context.Context) ([]string, error) {
	return s.looked.guards.Look(ctx, s, func(ctx context.Context) ([]string, error) {
		return sqlite.Values[string](ctx, s.read, "SELECT name FROM households WHERE dial_guard")
	})
}

// SmartHomes are the households of which a smart home is shown something.
func (s *Store) SmartHomes(ctx context.Context) ([]string, error) {
	return s.looked.smartHomes.Look(ctx, s, func(ctx context.Context) ([]string, error) {
		return sqlite.Values[string](ctx, s.read, "SELECT name FROM households WHERE smart_home IN (?, ?)", SmartHomeCalls, SmartHomeWords)
	})
}

// SetOption stores the value of one option, and leaves the others alone, so that nobody undoes what somebody else changes at the same time. Package
// household knows which values there are.
func (s *Store) SetOption(ctx context.Context, household string, column Column, value any) error {
	return s.change(ctx, household, `UPDATE households SET "`+strings.ReplaceAll(string(column), `"`, `""`)+`" = ? WHERE name = ?`, value)
}

// change runs a statement that changes a household, whose name is its last parameter.
func (s *Store) change(ctx context.Context, household, statement string, values ...any) error {
	return sqlite.Change(ctx, s.write, columns.NoHousehold(household), statement, append(values, household)...)
}

// Regions are the regions that people have chosen, by household; households without a choice are not in it.
func (s *Store) Regions(ctx context.Context) (map[string]string, error) {
	return s.looked.regions.Look(ctx, s, func(ctx context.Context) (map[string]string, error) { return regions(ctx, s.read) })
}

// RegionsIn is Regions of a database that the program has not opened. It changes nothing there. Without a database, or with one from before
// regions could be chosen, there are none.
func RegionsIn(ctx context.Context, path string) (chosen map[string]string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	db, err := sqlite.Readers(path, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	known, err := sqlite.Value[bool](ctx, db, "SELECT count(*) FROM pragma_table_info('households') WHERE name = 'region'")
	if err == nil && known {
		chosen, err = regions(ctx, db)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	return chosen, nil
}

func regions(ctx context.Context, from sqlite.Querier) (chosen map[string]string, err error) {
	chosen = map[string]string{}
	err = sqlite.Each(ctx, from, func(scan func(...any) error) error {
		var name, region string
		if err := scan(&name, &region); err != nil {
			return err
		}
		chosen[name] = region
		return nil
	}, "SELECT name, region FROM households WHERE region <> ''")
	return chosen, err
}
